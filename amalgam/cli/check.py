"""`amalgam check`: programs in Seahorse's Python, before they are compiled."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amalgam.cli.options import Output, UnusableInput
from amalgam.cli.program import DEVELOPERS
from amalgam.units import counted

if TYPE_CHECKING:
    from amalgam.check import Finding

_PROGRAMS = Path("programs_py")
_EXIT_CODES = """Exit codes
  0    nothing was found
  1    something was found: each line says where, what, and what to do
  2    unusable input: no such file, or one that is not Python
  130  interrupted
"""

app = typer.Typer()


@app.command(epilog=_EXIT_CODES, rich_help_panel=DEVELOPERS)
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help=f"Programs, or folders of them. Default: those in {_PROGRAMS}.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[Output, typer.Option(help="For people, or for programs.")] = Output.DISPLAY,
) -> None:
    """Check programs in Seahorse's Python, in a moment and without Rust.

    Finds what Seahorse cannot compile, what it compiles wrongly, and what
    it compiles and loses money with. `seahorse build` does it first.

    Examples
      amalgam check
      amalgam check programs_py/energy_allocation.py --output json

    A line of what it prints
      programs_py/pot.py:31:5: `n` signs, and may be anybody; compare it ...
    """
    files = _files(paths or [_PROGRAMS])
    found = [finding for file in files for finding in _check(file)]
    if output == Output.JSON:
        typer.echo(json.dumps([each.as_dict() for each in found], indent=2))
    else:
        nothing = f"Nothing found in {counted(len(files), 'program')}."
        typer.echo("\n".join(map(str, found)) or nothing)
    if found:
        raise typer.Exit(1)


def _files(paths: list[Path]) -> list[Path]:
    files = [file for path in paths for file in (sorted(path.glob("*.py")) if path.is_dir() else [path])]
    if not files:
        raise UnusableInput(f"{paths[0]}: there is no program in it; name a file")
    return files


def _check(file: Path) -> list[Finding]:
    from amalgam.check import check

    try:
        return check(file.read_text("utf-8"), str(file))
    except OSError as error:
        remedy = "name another, or run it in a folder with programs_py"
        raise UnusableInput(f"{file}: {error.strerror}; {remedy}") from None
    except UnicodeDecodeError:
        raise UnusableInput(f"{file}: not UTF-8; save it as such") from None
    except SyntaxError as error:
        place = f"{file}:{error.lineno}:{error.offset}" if error.lineno else file
        raise UnusableInput(f"{place}: not Python: {error.msg}; correct it") from None
