"""docs/operating.md is done on a validator, word for word, in a shell that begins with an empty home."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.stage import ROOT

GUIDE = (ROOT / "docs/operating.md").read_text("utf-8")
BLOCK = re.compile(r"^```sh( terminal)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATIENCE_S = 2_400  # on a loaded machine
READY = "Ctrl-C"


@pytest.mark.timeout(PATIENCE_S + 120)
def test_the_guide_works_as_written(tmp_path: Path) -> None:
    if shutil.which("jq") is None or shutil.which("npm") is None:
        pytest.skip("jq, node and npm are not on PATH: apt-get install jq nodejs npm")
    checkout, home = tmp_path / "checkout", tmp_path / "home"
    home.mkdir()
    checkout.mkdir()
    (checkout / ".venv").symlink_to(sys.prefix)
    keep = ("PATH", "LANG", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    environment |= {"HOME": str(home), "npm_config_userconfig": str(Path("~/.npmrc").expanduser())}
    blocks = BLOCK.findall(GUIDE)
    (terminal,) = [text for is_terminal, text in blocks if is_terminal]
    script = "".join(text for is_terminal, text in blocks if not is_terminal)
    with subprocess.Popen(
        ["bash", "-c", f"exec {terminal}"],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as localnet:
        try:
            assert localnet.stdout is not None
            assert any(READY in line for line in localnet.stdout), "the localnet has ended"
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-x", "-c", script],
                cwd=checkout,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=PATIENCE_S,
                check=False,
            )
        finally:
            os.killpg(localnet.pid, signal.SIGTERM)
    assert done.returncode == 0, done.stdout[-5_000:]
    assert "settled" in done.stdout.rpartition("dispatch settle")[2]
