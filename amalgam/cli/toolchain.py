"""`amalgam toolchain`: what builds programs, from Debian's, crates.io's and npm's packages."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from amalgam.cli.failures import Failure
from amalgam.cli.options import EXIT_CODES, UnusableInput

app = typer.Typer(help="What builds programs.", epilog=EXIT_CODES)
_HERE = Path(__file__).parents[1]
_PLAN = """\
Installs seahorse, anchor and cargo-build-sbf, which build programs without Solana's installer:
  Debian packages, among them Rust and LLVM, by apt-get, which needs root where one is missing
  what is made from crates.io's and npm's packages, in {home}
  links to the commands in {links}
The first time takes some 12 minutes; what is there already is left as it is.
"""


@app.command(epilog=EXIT_CODES)
def install(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what it does, and do nothing.")] = False,
) -> None:
    """Install what builds programs, once for all projects on this machine.

    It is made for Debian 12 on amd64, and refuses elsewhere.

    Example
      amalgam toolchain install && seahorse build
    """
    script = _script()
    kit = runpy.run_path(str(script))
    try:
        kit["check_system"]()
    except SystemExit as refused:
        raise UnusableInput(" ".join(str(refused).split())) from None
    except OSError:  # there is no /etc/os-release
        raise UnusableInput("this toolchain is for Debian 12 on amd64, and here is another system") from None
    links = kit["folder_on_path"]() or kit["HOME"] / "bin"
    typer.echo(_PLAN.format(home=kit["HOME"], links=links), nl=False)
    if not dry_run and subprocess.run([sys.executable, script]).returncode:  # noqa: S603
        raise Failure("the toolchain is not installed; the lines above say why", 1)


def _script() -> Path:
    in_wheel = _HERE / "toolchain/install"
    return in_wheel if in_wheel.exists() else _HERE.parent / "toolchain/install"


@app.command(epilog=EXIT_CODES)
def idl() -> None:
    """Write the IDL in Anchor's form of today, and its TypeScript types.

    Of each IDL in target/idl, which Seahorse's Anchor has written in the
    form of 0.29, it makes target/idl/0.1.0/NAME.json and target/types/NAME.ts.
    `seahorse build` does it in the end.

    Example
      amalgam toolchain idl
    """
    from amalgam.chain.anchor_idl import IdlError, write

    try:
        written = write(Path())
    except IdlError as error:
        raise UnusableInput(str(error)) from None
    except OSError as error:
        raise UnusableInput(f"{error.filename}: {error.strerror}; make it writable") from None
    if not written:
        raise UnusableInput("target/idl: there is no IDL in it; build a program: seahorse build")
    for path in written:
        typer.echo(path)
