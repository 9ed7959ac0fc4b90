"""Guides in docs/ that work as written, without a cluster: their commands and their Python."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.stage import ROOT


def text_of(guide: str) -> str:
    return (ROOT / f"docs/{guide}.md").read_text("utf-8")


def blocks(guide: str, kind: str) -> list[str]:
    """What stands in a guide's blocks of a kind, like sh, python or text."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", text_of(guide), re.MULTILINE | re.DOTALL)


class Guide:
    """A guide, and a folder that has the examples, in which it is followed."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.text, self.folder = name, text_of(name), folder
        (folder / "examples").symlink_to(ROOT / "examples")

    def told(self) -> str:
        """What all of its commands print, in which there has to be what it shows."""
        told = self._run("bash", "-euo", "pipefail", "-c", "".join(blocks(self.name, "sh")))
        shown = [line.rstrip() for text in blocks(self.name, "text") for line in text.splitlines()]
        assert [line for line in shown if line != "..." and line not in told.splitlines()] == []
        return told

    def python_told(self) -> str:
        """What its Python prints."""
        (program,) = blocks(self.name, "python")
        return self._run(sys.executable, "-c", program)

    def _run(self, *command: str) -> str:
        environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
