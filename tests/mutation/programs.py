"""The programs that are mutated, and each with all of its errors, built."""

import fcntl
import os
import re
import shutil
import subprocess
from typing import NamedTuple

from tests.mutation.mutants import Mutant, planted
from tests.mutation.table import ROOT

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


class Program(NamedTuple):
    """What is mutated, and what drives it: tests that read its source would see each mutant."""

    name: str
    table: str  # of outcomes, in `tables`
    stage: str  # the module whose PROGRAM_BYTES the tests load
    tests: str  # one file for each instruction
    others: tuple[str, ...]  # globs

    @property
    def source(self) -> str:
        return (ROOT / f"programs_py/{self.name}.py").read_text()

    def test_files(self, instructions: list[str]) -> tuple[list[str], list[str]]:
        """Those of these instructions, and all others."""
        own = [f"{self.tests}/test_{instruction}.py" for instruction in instructions]
        globs = (f"{self.tests}/test_*.py", *self.others)
        found = [str(path.relative_to(ROOT)) for glob in globs for path in sorted(ROOT.glob(glob))]
        return [file for file in found if file in own], [file for file in found if file not in own]


PROGRAMS = {
    program.name: program
    for program in (
        Program(
            "energy_allocation",
            "battery.md",
            "tests.support.battery",
            "tests/unit/battery/program",
            (
                "tests/adversarial/battery/test_*.py",
                "tests/stateful/battery/test_machine.py",
                "tests/stateful/battery/test_small*.py",
            ),
        ),
        Program(
            "energy_metering",
            "metering.md",
            "tests.support.metering",
            "tests/unit/metering/program",
            ("tests/adversarial/metering/test_*.py", "tests/stateful/metering/test_machine.py"),
        ),
        Program(
            "energy_market",
            "market.md",
            "tests.support.market",
            "tests/unit/market/program",
            ("tests/adversarial/market/test_*.py", "tests/stateful/market/test_machine.py"),
        ),
        Program(
            "virtual_power_plant",
            "vpp.md",
            "tests.support.vpp",
            "tests/unit/vpp/program",
            ("tests/adversarial/vpp/test_*.py", "tests/stateful/vpp/test_machine.py"),
        ),
    )
}


class Mutants:
    """A program that makes the error that it is told to."""

    def __init__(self, program: Program) -> None:
        self.all, self._source = planted(program.source)
        self._name = program.name

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
        number = self.all.index(mutant) + 1 if mutant else 0
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
        env=os.environ | {"SBF_QUICK": "1"},  # such programs do the same
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise Unfit(f"{command[0]} cannot build the mutants:\n{done.stdout[-2_000:]}")
