"""Compare the built programs with those of an earlier commit, and rewrite compare.md.

    python -m benchmarks.compare REVISION

Bytes and compute units, each program in its own scene. What was not there then has no figures of then.
"""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from amalgam.chain.layout import snake
from amalgam.programs import Program
from benchmarks import bench

FILE = Path(__file__).with_name("compare.md")


def main() -> None:
    """Write the table."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m benchmarks.compare REVISION")
    revision = _git("rev-parse", "--short", sys.argv[1]).decode().strip()
    before = {program: _git("show", f"{revision}:target/deploy/{program}.so") for program in Program}
    bench.write(
        FILE,
        f"# Since {revision}",
        f"Written by `python -m benchmarks.compare {revision}`: the programs that were built then, and\n"
        "those that are built now. `figures.md` of each program says what is measured.",
        _bytes(before),
        *(_units(program, code, _instructions(revision, program)) for program, code in before.items()),
    )


def _git(*words: str) -> bytes:
    done = subprocess.run(["git", *words], capture_output=True, check=False)  # noqa: S603, S607
    if done.returncode:
        sys.exit(done.stderr.decode().strip())
    return done.stdout


def _bytes(before: dict[Program, bytes]) -> str:
    sizes = {
        str(program): (len(code), program.code.stat().st_size, program.code_of_v3.stat().st_size)
        for program, code in before.items()
    }
    sizes["all"] = tuple(map(sum, zip(*sizes.values(), strict=True)))
    rows = [
        (name, f"{then:,}", f"{now:,}", f"{now / then:.3f}", f"{of_v3:,}")
        for name, (then, now, of_v3) in sizes.items()
    ]
    return "## Bytes\n\n" + bench.table(("", "then", "now", "ratio", "now, of SBF v3"), rows)


def _instructions(revision: str, program: Program) -> set[str]:
    """What a program had then."""
    idl = json.loads(_git("show", f"{revision}:target/idl/{program}.json"))
    return {snake(each["name"]) for each in idl["instructions"]}


def _units(program: Program, before: bytes, known: set[str]) -> str:
    measure = import_module(f"benchmarks.{program.package}.measure").units
    code = program.code.read_bytes()
    then, now = measure(code, before, known), measure(code)
    rows = [
        (name, f"{then[name]:,}", f"{units:,}", f"{units / then[name]:.3f}")
        if name.split(",")[0] in known
        else (name, "", f"{units:,}", "")
        for name, units in now.items()
    ]
    return f"## Compute units of {program}\n\n" + bench.table(("", "then", "now", "ratio"), rows)


if __name__ == "__main__":
    main()
