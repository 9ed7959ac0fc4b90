"""The suite itself: it runs in the background of a shell, and what hangs in it is ended."""

import subprocess
import sys
from pathlib import Path

from tests.support.stage import ROOT

IGNORING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.execv(sys.executable, [sys.executable, "-m", "pytest", "-q", "-pno:cacheprovider", *sys.argv[1:]])
"""
HANGING = """
import asyncio, subprocess, time

def test_that_sleeps():
    time.sleep(600)

async def test_that_waits():
    await asyncio.Event().wait()

def test_that_waits_for_a_process():
    with subprocess.Popen(["sleep", "600"]) as process:
        try:
            process.wait()
        finally:
            process.kill()

def test_after_them():
    pass
"""


def run(*arguments: str | Path) -> str:
    """What pytest prints, with SIGINT ignored by who starts it."""
    command = [sys.executable, "-c", IGNORING, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT).stdout


def test_it_passes_with_sigint_ignored() -> None:
    told = run("tests/unit/cli/test_interrupted.py", "-k", "ctrl_c")
    assert "4 passed" in told, told


def test_what_hangs_is_ended_alone(tmp_path: Path) -> None:
    file = tmp_path / "test_hanging.py"
    file.write_text(HANGING)
    told = run(file, "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, "-o", "timeout=1")
    assert "3 failed, 1 passed" in told, told
    assert told.count("Failed: Timeout (>1.0s) from pytest-timeout.") >= 3
