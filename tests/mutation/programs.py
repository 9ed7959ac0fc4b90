"""What drives a program that is mutated, and the program with all of its errors, built."""

import fcntl
import re
import shutil
import subprocess
from pathlib import Path

from amalgam.programs import Program
from tests.mutation.mutants import Mutant, planted
from tests.mutation.table import ROOT
from tests.support.unchecked import unchecked

WORKSPACE = ROOT / "target/mutation"  # keeps what the dependencies compiled to for the next time
COPIED = ("Anchor.toml", "Cargo.lock", "Cargo.toml", "pyproject.toml", "programs", "programs_py")

# What `mutant()` returns stands in the built program, where it can be chosen without building anew.
MARK = 0xA4A1_6A3D_5EED_C0DE
READ = f"""pub fn mutant() -> u64 {{
    static MUTANT: u64 = {MARK};
    unsafe {{ core::ptr::read_volatile(&MUTANT) }}
}}"""


class Unfit(Exception):  # noqa: N818 (no fault of a mutant)
    """Why nothing can be said of any mutant."""


def source(program: Program) -> str:
    return (ROOT / f"programs_py/{program}.py").read_text()


def test_files(program: Program, instructions: list[str]) -> tuple[list[str], list[str]]:
    """Those of these instructions, and all others that drive it: what reads its source sees each mutant."""
    package = program.package
    own = [f"tests/unit/{package}/program/test_{instruction}.py" for instruction in instructions]
    folders = (f"unit/{package}/program", f"adversarial/{package}", f"stateful/{package}")
    paths = [path for folder in folders for path in sorted((ROOT / "tests" / folder).glob("test_*.py"))]
    found = [str(path.relative_to(ROOT)) for path in paths]
    return [file for file in found if file in own], [file for file in found if file not in own]


class Mutants:
    """A program that makes the error that it is told to."""

    def __init__(self, program: Program) -> None:
        self.all, self._source = planted(source(program))
        self._name = program

    def number(self, mutant: Mutant) -> int:
        """What `mutant()` returns if the program is to make this error."""
        return self.all.index(mutant) + 1

    def python(self) -> Path:
        """The program with all errors, as Python."""
        path = WORKSPACE / f"python/{self._name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._source)
        return path

    def build(self) -> None:
        """Before any is asked for. Raises Unfit."""
        if not shutil.which("seahorse"):
            raise Unfit("seahorse is not on PATH: run toolchain/install")
        WORKSPACE.mkdir(parents=True, exist_ok=True)
        with (WORKSPACE / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Unfit(f"{WORKSPACE} is in use") from None
            self._code = _built(self._name, self._source)
        mark = MARK.to_bytes(8, "little")
        if self._code.count(mark) != 1:
            raise Unfit("the built program does not have the place of its mutant's number once")
        self._place = self._code.index(mark)

    def code(self, mutant: Mutant | None) -> bytes:
        """The built program with this error, or with none."""
        number = self.number(mutant) if mutant else 0
        return self._code[: self._place] + number.to_bytes(8, "little") + self._code[self._place + 8 :]


def _built(name: str, source: str) -> bytes:
    for each in COPIED:
        if (ROOT / each).is_dir():
            shutil.copytree(ROOT / each, WORKSPACE / each, dirs_exist_ok=True)
        else:
            shutil.copy2(ROOT / each, WORKSPACE / each)
    (WORKSPACE / f"programs_py/{name}.py").write_text(source)
    _run("seahorse", "build", "-p", name)
    for path in (WORKSPACE / f"programs/{name}/src").rglob("*.rs"):
        path.write_text(
            re.sub(r"pub fn mutant\(\) -> u64 \{.*?\n\}", READ, path.read_text(), flags=re.DOTALL)
        )
    _run("cargo-build-sbf", folder=f"programs/{name}")
    return (WORKSPACE / f"target/deploy/{name}.so").read_bytes()


def _run(*command: str, folder: str = ".") -> None:
    done = subprocess.run(
        command,
        cwd=WORKSPACE / folder,
        env=unchecked() | {"SBF_QUICK": "1"},  # such programs do the same
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise Unfit(f"{command[0]} cannot build the mutants:\n{done.stdout[-2_000:]}")
