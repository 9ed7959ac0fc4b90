"""Guides are done on a validator, word for word, in a shell that begins with an empty home."""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.stage import ROOT

BLOCK = re.compile(r"^```sh( terminal)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATIENCE_S = 2_400  # on a loaded machine
READY = "Ctrl-C"


@pytest.fixture
def usual_port() -> Generator[None]:
    """Of a cluster, which one guide at a time has."""
    with (ROOT / "target/guide.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.timeout(PATIENCE_S + 120)
@pytest.mark.parametrize(
    ("guide", "needed", "last", "told"),
    [
        ("operating", ("jq", "npm"), "dispatch settle", "settled"),
        ("signing", ("jq", "npm"), "program verify", "Commit"),
        ("new-program", ("seahorse", "npm"), "client.py 5", ": 5 in 1"),
    ],
)
def test_the_guide_works_as_written(
    usual_port: None, tmp_path: Path, guide: str, needed: tuple[str, ...], last: str, told: str
) -> None:
    missing = [command for command in needed if shutil.which(command) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not on PATH: see CONTRIBUTING.md")
    checkout, home = tmp_path / "checkout", tmp_path / "home"
    home.mkdir()
    checkout.mkdir()
    (checkout / ".venv").symlink_to(sys.prefix)
    keep = ("PATH", "LANG", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
    environment = {name: os.environ[name] for name in keep if name in os.environ}
    # What was downloaded and compiled for the programs here is the same for others.
    rust = {"CARGO_HOME": "~/.cargo", "RUSTUP_HOME": "~/.rustup", "CARGO_TARGET_DIR": str(ROOT / "target")}
    environment |= {name: os.environ.get(name, str(Path(path).expanduser())) for name, path in rust.items()}
    environment |= {"HOME": str(home), "npm_config_userconfig": str(Path("~/.npmrc").expanduser())}
    blocks = BLOCK.findall((ROOT / f"docs/{guide}.md").read_text("utf-8"))
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
    assert told in done.stdout.rpartition(last)[2]
