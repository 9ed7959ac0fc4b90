"""A private copy of the project, in which mutants are built and tested."""

import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import NamedTuple

from tests.mutation.table import ROOT, SAME, SURVIVED

COPIED = (
    *("Anchor.toml", "Cargo.lock", "Cargo.toml", "pyproject.toml"),
    *("amalgam", "examples", "programs", "programs_py", "target/deploy", "target/idl", "tests"),
)


class Program(NamedTuple):
    """What is mutated, and what drives it: tests that read its source would see each mutant."""

    name: str
    table: str  # of outcomes, in this folder
    tests: str  # one file for each instruction
    others: tuple[str, ...]  # globs

    @property
    def source(self) -> Path:
        return Path(f"programs_py/{self.name}.py")

    @property
    def built(self) -> Path:
        return Path(f"target/deploy/{self.name}.so")


PROGRAMS = {
    program.name: program
    for program in (
        Program(
            "energy_allocation",
            "table.md",
            "tests/unit/program",
            (
                "tests/adversarial/test_*.py",
                "tests/stateful/test_machine.py",
                "tests/stateful/test_small*.py",
            ),
        ),
        Program(
            "energy_metering",
            "table_metering.md",
            "tests/unit/metering",
            ("tests/adversarial/metering/test_*.py", "tests/stateful/test_metering.py"),
        ),
    )
}


class Outcome(NamedTuple):
    what: str  # as in the table
    build_s: float
    test_s: float


class Unfit(Exception):  # noqa: N818 (no fault of a mutant)
    """Why nothing can be said of any mutant."""


class Workspace:
    """Holds what its dependencies compiled to for the next time; one process may have it at once."""

    def __init__(self, folder: Path, program: Program) -> None:
        self._folder, self._program = folder, program
        self._child: subprocess.Popen[str] | None = None
        self._interrupted = Event()
        self._original = b""
        if not shutil.which("seahorse"):
            raise Unfit("seahorse is not on PATH: run toolchain/install")
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unfit(f"{folder} is in use") from None

    def prepare(self) -> None:
        """Copy the project as it is now, and build it."""
        for name in COPIED:
            source, copy = ROOT / name, self._folder / name
            if source.is_dir():
                shutil.rmtree(copy, ignore_errors=True)
                shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
            else:
                shutil.copy2(source, copy)
        refused = self._build((ROOT / self._program.source).read_text())
        if refused:
            raise Unfit(f"the program itself: {refused}")
        self._original = (self._folder / self._program.built).read_bytes()

    def outcome(self, source: str, first: Sequence[str]) -> Outcome:
        """What becomes of a mutant, whose instructions' tests come first."""
        start = time.monotonic()
        what = self._build(source)
        built = time.monotonic()
        if not what:
            same = (self._folder / self._program.built).read_bytes() == self._original
            what = SAME if same else self._test(first) or SURVIVED
        return Outcome(what, built - start, time.monotonic() - built)

    def require_passing(self) -> None:
        if failed := self._test(()):
            raise Unfit(f"{failed} fails with the program as it is")

    def _test(self, first: Sequence[str]) -> str | None:
        """The first test that fails with the program last built."""
        own = [f"{self._program.tests}/test_{instruction}.py" for instruction in first]
        files = [
            str(path.relative_to(self._folder))
            for glob in (f"{self._program.tests}/test_*.py", *self._program.others)
            for path in sorted(self._folder.glob(glob))
        ]
        ordered = sorted(files, key=lambda file: file not in own)
        done = self._run(sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-rfE", *ordered)
        if done.returncode == 0:
            return None
        failed = re.search(r"^(?:FAILED|ERROR) (\S+::.+?)(?: - .*)?$", done.stdout, re.MULTILINE)
        if done.returncode != 1 or not failed:
            raise Unfit(f"pytest ended with {done.returncode}\n{done.stdout}")
        return failed[1]

    def interrupt(self) -> None:
        """Ends what runs here, and lets nothing start any more."""
        self._interrupted.set()
        if self._child and self._child.poll() is None:
            os.killpg(self._child.pid, signal.SIGTERM)

    def _build(self, source: str) -> str | None:
        """Who refuses to compile this."""
        (self._folder / self._program.source).write_text(source)
        done = self._run("seahorse", "build", "-p", self._program.name)
        if done.returncode == 0:
            return None
        # Seahorse blames itself for what rustc or the linker refuses.
        return "rustc refuses it" if "bug in the Seahorse compiler" in done.stdout else "Seahorse refuses it"

    def _run(self, *command: str) -> subprocess.CompletedProcess[str]:
        if self._interrupted.is_set():
            raise Unfit("interrupted")
        # One folder for both workspaces would let one test what the other built.
        environment = os.environ | {"CARGO_TARGET_DIR": str(self._folder / "target")}
        # Its own session: the terminal's interrupt is for us alone, or its failure would pass for an outcome.
        with subprocess.Popen(
            command,
            cwd=self._folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as self._child:
            output, _ = self._child.communicate()
        if self._child.returncode < 0:
            raise Unfit(f"{command[0]} was ended by signal {-self._child.returncode}")
        return subprocess.CompletedProcess(command, self._child.returncode, output)
