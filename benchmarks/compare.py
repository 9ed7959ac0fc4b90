"""Compare the built programs with those of an earlier commit, and rewrite compare.md.

    python -m benchmarks.compare REVISION

Bytes and compute units, each program in its own scene. What was not there then has no figures of then.
"""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from amalgam.programs import Program
from benchmarks import bench

FILE = Path(__file__).with_name("compare.md")


class Version(NamedTuple):
    """A program as it was built at some commit."""

    code: bytes
    idl: bench.Idl


def main() -> None:
    """Write the table."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.compare REVISION")
    revision = _git("rev-parse", "--short", sys.argv[1]).decode().strip()
    there = _git("ls-tree", "-r", "--name-only", "--full-tree", revision, "target/deploy").decode().split()
    before = {
        program: Version(
            _git("show", f"{revision}:target/deploy/{program}.so"),
            json.loads(_git("show", f"{revision}:target/idl/{program}.json")),
        )
        for program in Program
        if f"target/deploy/{program}.so" in there
    }
    bench.write(
        FILE,
        f"# Since {revision}",
        f"Written by `python -m benchmarks.compare {revision}`: the programs that were built then, and\n"
        "those that are built now. `figures.md` of each program says what is measured.",
        _bytes(before),
        *(_units(program, version) for program, version in before.items()),
    )


def _git(*words: str) -> bytes:
    done = subprocess.run(["git", *words], capture_output=True, check=False)  # noqa: S603, S607
    if done.returncode:
        sys.exit(done.stderr.decode().strip())
    return done.stdout


def _bytes(before: dict[Program, Version]) -> str:
    sizes = {
        str(program): (len(version.code), program.code.stat().st_size, program.code_of_v3.stat().st_size)
        for program, version in before.items()
    }
    sizes["all"] = tuple(map(sum, zip(*sizes.values(), strict=True)))
    rows = [
        (name, f"{then:,}", f"{now:,}", f"{now / then:.3f}", f"{of_v3:,}")
        for name, (then, now, of_v3) in sizes.items()
    ]
    return "## Bytes\n\n" + bench.table(("", "then", "now", "ratio", "now, of SBF v3"), rows)


def _units(program: Program, before: Version) -> str:
    measure = import_module(f"benchmarks.{program.package}.measure").units
    now = Version(program.code.read_bytes(), json.loads(program.idl.read_bytes()))
    then = measure(*before)
    rows = [
        (name, f"{then[name]:,}", f"{units:,}", f"{units / then[name]:.3f}")
        if name in then
        else (name, "", f"{units:,}", "")
        for name, units in measure(*now).items()
    ]
    return f"## Compute units of {program}\n\n" + bench.table(("", "then", "now", "ratio"), rows)


if __name__ == "__main__":
    main()
