"""docs/billing.md works as written: its commands and its Python run, and show what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.stage import ROOT

GUIDE = (ROOT / "docs/billing.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(sh|python|text)\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("guide")
    (folder / "examples").symlink_to(ROOT / "examples")
    return folder


def run(folder: Path, *command: str) -> str:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_shows_what_its_commands_show_and_its_python_runs(folder: Path) -> None:
    script = "".join(text for kind, text in BLOCKS if kind == "sh")
    shown = [line.rstrip() for kind, text in BLOCKS if kind == "text" for line in text.splitlines()]
    told = run(folder, "bash", "-euo", "pipefail", "-c", script)
    assert [line for line in shown if line != "..." and line not in told.splitlines()] == []
    named = set(re.findall(r"`([a-z]+\.(?:xlsx|csv|json)|SHA256SUMS|R2026-00001\.pdf)`", GUIDE))
    assert {path.name for path in (folder / "bills/2026-06").iterdir()} >= named
    assert sorted(path.name for path in (folder / "bills").iterdir()) == [
        "2026-06",
        "2026-06-correction-1",
        "2026-07",
        "preview-2026-06",
        "preview-2026-07",
    ]
    (program,) = (text for kind, text in BLOCKS if kind == "python")
    assert run(folder, sys.executable, "-c", program) == "house-01 1644\n"
