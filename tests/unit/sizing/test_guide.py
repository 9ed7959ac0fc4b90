"""docs/sizing.md works as written: its commands and its Python run, and show what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.stage import ROOT

GUIDE = (ROOT / "docs/sizing.md").read_text("utf-8")
BLOCK = re.compile(r"^```(sh|python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall(GUIDE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return tmp_path


def run(folder: Path, *command: str) -> str:
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.timeout(900)  # a year through six batteries
def test_its_commands_show_what_it_shows(folder: Path) -> None:
    script = "".join(text for kind, text in BLOCKS if kind == "sh")
    shown = [line.rstrip() for kind, text in BLOCKS if kind == "text" for line in text.splitlines()]
    told = run(folder, "bash", "-euo", "pipefail", "-c", script)
    assert [line for line in shown if line != "..." and line not in told.splitlines()] == []
    assert "Mind" in told
    assert '"saving_year": ' in told.splitlines()[-1]
    pictures = {f"{name}.png" for name in ("capacity", "charge", "duration", "members", "payback")}
    assert {path.name for path in (folder / "amalgam-size").iterdir()} == {
        "cases",
        "cases.parquet",
        "members.parquet",
        *pictures,
    }


def test_its_python_runs(folder: Path) -> None:
    (program,) = (text for kind, text in BLOCKS if kind == "python")
    sufficiency, saving = run(folder, sys.executable, "-c", program).split()
    assert 0 < float(sufficiency) < 1
    assert float(saving) > 0
