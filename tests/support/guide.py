"""Guides in docs/ that work as written, without a cluster: their commands and their Python."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.stage import ROOT

_BLOCK = re.compile(r"^```(sh|python|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Guide:
    """A guide, and a folder that has the examples, in which it is followed."""

    def __init__(self, name: str, folder: Path) -> None:
        self.text = (ROOT / f"docs/{name}.md").read_text("utf-8")
        self.folder = folder
        self._blocks = _BLOCK.findall(self.text)
        (folder / "examples").symlink_to(ROOT / "examples")

    def told(self) -> str:
        """What all of its commands print, in which there has to be what it shows."""
        told = self._run("bash", "-euo", "pipefail", "-c", "".join(self._of("sh")))
        shown = [line.rstrip() for text in self._of("text") for line in text.splitlines()]
        assert [line for line in shown if line != "..." and line not in told.splitlines()] == []
        return told

    def python_told(self) -> str:
        """What its Python prints."""
        (program,) = self._of("python")
        return self._run(sys.executable, "-c", program)

    def _of(self, kind: str) -> list[str]:
        return [text for each, text in self._blocks if each == kind]

    def _run(self, *command: str) -> str:
        environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        done = subprocess.run(
            command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
