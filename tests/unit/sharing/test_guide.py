"""docs/sharing.md works as written: its commands and its Python run, and show what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.stage import ROOT

GUIDE = (ROOT / "docs/sharing.md").read_text("utf-8")
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


def test_its_commands_show_what_it_shows(folder: Path) -> None:
    script = "".join(text for kind, text in BLOCKS if kind == "sh")
    shown = [line.rstrip() for kind, text in BLOCKS if kind == "text" for line in text.splitlines()]
    told = run(folder, "bash", "-euo", "pipefail", "-c", script)
    assert [line for line in shown if line != "..." and line not in told.splitlines()] == []
    assert "EDA XLSX" in told
    assert "mapping other.toml" in told
    assert told.endswith(
        "start,member,produced_wh,consumed_wh,own_use_wh,shared_out_wh,shared_in_wh,charged_wh,discharged_wh,"
        "sold_wh,bought_wh,quality\n2026-10-23T22:00:00Z,village,0,141,0,0,0,0,0,0,141,measured\n"
    )


def test_its_python_runs(folder: Path) -> None:
    (program,) = (text for kind, text in BLOCKS if kind == "python")
    assert "'house-01': 17479" in run(folder, sys.executable, "-c", program)
