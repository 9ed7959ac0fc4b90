"""docs/extending.md is done step by step, as it is written, in a copy of the project."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.toolchain.conftest import ROOT, require

pytestmark = pytest.mark.toolchain

GUIDE = (ROOT / "docs/extending.md").read_text("utf-8")
STEP = re.compile(
    r"""(?:<!--\ (?P<how>into|append\ to)\ (?P<file>\S+)
            (?:\ (?P<side>before|after)\ "(?P<line>[^"\n]+)")?\ -->\n)?
        ```(?P<language>\w+)\n(?P<text>.*?)```\n""",
    re.DOTALL | re.VERBOSE,
)
INSTALL = "python3 -m venv"  # done already, for this very test


def test_the_guide_works_as_written(kit: Path, tmp_path: Path) -> None:
    require("seahorse", "anchor")
    copied = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in copied.stdout.splitlines():
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / ".venv").symlink_to(sys.prefix)

    steps = list(STEP.finditer(GUIDE))
    assert len(steps) == GUIDE.count("```") / 2
    for step in steps:
        if step["language"] == "sh":
            run(step["text"], tmp_path)
        else:
            insert(step, tmp_path / step["file"])


def run(command: str, folder: Path) -> None:
    if command.startswith(INSTALL):
        return
    # The project's own folder of what dependencies compiled to: they are the same.
    environment = os.environ | {"CARGO_TARGET_DIR": str(ROOT / "target"), "PYTHONPATH": str(folder)}
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-5_000:] + done.stderr[-5_000:]


def insert(step: re.Match[str], file: Path) -> None:
    if step["how"] == "append to":
        with file.open("a", encoding="utf-8") as appended:
            appended.write(step["text"])
        return
    lines = file.read_text("utf-8").splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith(step["line"]))
    at += step["side"] == "after"
    file.write_text("".join([*lines[:at], step["text"], *lines[at:]]), "utf-8")
