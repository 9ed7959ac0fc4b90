"""`amalgam new`: a project for a program of one's own.

The template is a project that runs where it is, and two words in it are replaced. An engine like copier, with
ten packages more, would make files of it that neither run nor can be linted; what it has beside, to bring a
project up to date later, it does from a Git repository alone.
"""

from __future__ import annotations

import re
from keyword import iskeyword, issoftkeyword
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from amalgam import built
from amalgam.cli.options import EXIT_CODES, UnusableInput
from amalgam.cli.program import DEVELOPERS

if TYPE_CHECKING:
    from solders.pubkey import Pubkey

app = typer.Typer()
_TEMPLATE = Path(__file__).parents[1] / "template"
_NAME, _ID = "my_program", "Fg6PaFpoGXkYsidMpWTK6W2BeZ7FEfcYkg476zPFsLnS"  # which stand for those to be
_LIKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 32  # characters
_RUST = re.compile(
    "abstract|alloc|anchor_lang|anchor_spl|become|box|const|core|crate|do|dot|dyn|enum|extern|false|final|fn|gen|"
    "impl|let|loop|macro|mod|move|mut|override|priv|proc_macro|program|pub|ref|self|solana_program|static|std|"
    "struct|super|test|trait|true|typeof|union|unsafe|unsized|use|virtual|where"
)
_NEXT = """\
{name} is in {folder}; its program id is {id}.

  cd {folder}
  pip install -r requirements.txt   # what its tests need
  pytest                            # seconds, in Python alone
  amalgam check                     # what does not compile, and what loses money
  amalgam toolchain install         # once, some 12 minutes, on Debian 12
  seahorse build                    # then pytest runs the built program too
  amalgam deploy target/deploy/{name}.so --url localnet   # with amalgam localnet running
"""


@app.command(epilog=EXIT_CODES, rich_help_panel=DEVELOPERS)
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the program, like water_meter.")],
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="FOLDER", help="New, or empty. Default: the name.", show_default=False),
    ] = None,
) -> None:
    """Begin a project for a Solana program of your own, in Python.

    It has a small program, its client and its tests, which pass at once and
    need nothing but Python; Rust comes in when the program is built.

    Example
      amalgam new water_meter && cd water_meter && pytest
    """
    _check_name(name)
    project = folder or Path(name)
    try:
        if project.exists() and any(project.iterdir()):
            raise UnusableInput(f"{project}: there is something in it; name a folder that is new or empty")
        program_id = _make(name, project)
    except OSError as error:
        raise UnusableInput(f"{project}: {error.strerror}; name another folder") from None
    typer.echo(_NEXT.format(name=name, folder=project, id=program_id), nl=False)


def _check_name(name: str) -> None:
    if not _LIKE.fullmatch(name) or len(name) > _LONGEST:
        raise UnusableInput(
            f"{name!r} is no name for a program; one is like water_meter, of small letters, digits and "
            f"underscores, {_LONGEST} at most"
        )
    if iskeyword(name) or issoftkeyword(name) or _RUST.fullmatch(name):
        raise UnusableInput(f"{name!r} has a meaning in Python or Rust; choose another name")


def _make(name: str, folder: Path) -> Pubkey:
    """Make the project beside the folder, and move it in when it is complete; the program's id."""
    from solders.keypair import Keypair

    from amalgam.chain.keys import write_keypair

    keypair = Keypair()
    words = {_NAME: name, _ID: str(keypair.pubkey())}
    with TemporaryDirectory(prefix=f".{name}-", dir=folder.absolute().parent) as made:
        project = Path(made) / name
        copytree(_TEMPLATE, project, ignore=ignore_patterns("__pycache__", ".*_cache"))
        for path in sorted(project.rglob("*"), reverse=True):  # a folder's files before it
            _replace(path, words)
        (project / "Cargo.lock").write_text(_lock())
        write_keypair(project / f"target/deploy/{name}-keypair.json", keypair)
        folder.mkdir(exist_ok=True)
        for path in project.iterdir():
            path.rename(folder / path.name)
    return keypair.pubkey()


def _replace(path: Path, words: dict[str, str]) -> None:
    if path.is_file():
        text = path.read_text("utf-8")
        for old, new in words.items():
            text = text.replace(old, new)
        path.write_text(text, "utf-8")
    path.rename(path.with_name(path.name.replace(_NAME, words[_NAME])))


def _lock() -> str:
    """The versions of Rust's packages that the programs here are built with, without the programs."""
    packages = built("Cargo.lock").read_text("utf-8").split("\n[[package]]\n")
    return "\n[[package]]\n".join([packages[0], *(each for each in packages[1:] if "\nsource = " in each)])
