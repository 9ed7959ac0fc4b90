"""`amalgam program verify`: whether a cluster has what this source makes."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from amalgam.cli.failures import Failure
from amalgam.cli.options import Pubkey, UnusableInput, address_option
from amalgam.cli.output import facts
from amalgam.cli.program import ProgramFile, ProgramOption, own_keypair
from amalgam.cli.session import Session, reading
from amalgam.programs import V3, Program, for_v3

_EXIT_CODES = """Exit codes
  0    the cluster has exactly these bytes
  1    it has others
  2    unusable input: the file, or nothing to build it with
  3    there is no such program or buffer on this cluster
  4    no node answered
  130  interrupted
"""
_CHANGES = ("status", "--porcelain", "--untracked-files=no")
_Buffer = Annotated[
    Pubkey | None, address_option("--buffer", "A buffer to look at, before a program is upgraded with it.")
]
_Rebuild = Annotated[
    bool, typer.Option("--rebuild", help="Build the commit anew, in a folder of its own; takes minutes.")
]


class _Local(NamedTuple):
    """What is here.

    Attributes:
        where: The file, or what it was built from.
        code: Its bytes.
        commit: Of the checkout that it is in; None if it is in none.
        is_committed: Whether that commit has exactly this file, and nothing in the checkout differs from it.
    """

    where: str
    code: bytes
    commit: str | None
    is_committed: bool


def add_to(app: typer.Typer) -> None:
    """Give a group the command."""
    app.command(epilog=_EXIT_CODES)(reading(verify))


async def verify(
    session: Session,
    file: ProgramFile = None,
    buffer: _Buffer = None,
    rebuild: _Rebuild = False,
    program: ProgramOption = Program.ENERGY_ALLOCATION,
) -> None:
    """Compare a program on a cluster with the one that was built here, byte for byte.

    Prints the hashes that solana-verify prints, the SHA-256 without trailing
    zeros, and the commit of git that has the file, or that --rebuild builds.

    Examples
      amalgam program verify --url devnet
      amalgam program verify --rebuild --program energy_market --url devnet
      amalgam program verify --buffer $BUFFER && echo this is what we reviewed
    """
    from amalgam.chain.deployment import sbf_version
    from amalgam.chain.loader import code_hash

    path, own = file or program.code, file and own_keypair(file)
    program_id = own.pubkey() if own else program.program_id
    deployed = await _deployed(session, program_id, buffer)
    if sbf_version(deployed) == 3 and path.parent.name != V3:  # a build makes the file for that, too
        path = for_v3(path)
    local = _built_anew(session, path) if rebuild else _as_it_is(path)
    on_cluster, here = code_hash(deployed), code_hash(local.code)
    value = {
        "buffer" if buffer else "program_id": str(buffer or program_id),
        "on_chain_hash": on_cluster,
        "hash": here,
        "commit": local.commit,
        "is_committed": local.is_committed,
        "same": on_cluster == here,
    }
    commit = local.commit or "none: it is in no checkout of git"
    changed = "" if local.is_committed or not local.commit else ", but with changes that are not committed"
    lines = [
        ("Buffer" if buffer else "Program", str(buffer or program_id)),
        (f"On {session.cluster}", f"SHA-256 {on_cluster}"),
        ("Here", f"SHA-256 {here}, {local.where}"),
        ("Commit", commit + changed),
    ]
    session.answer(value, facts(lines))
    if on_cluster != here:
        raise Failure(f"{session.cluster} has another program than {local.where}", 1)


async def _deployed(session: Session, program_id: Pubkey, buffer: Pubkey | None) -> bytes:
    from amalgam.chain.loader import buffer_of, program_data

    if buffer is not None:
        found = buffer_of((await session.connection.get_account_info(buffer)).value)
        if found is None:
            raise session.not_found(f"no buffer {buffer}", "check the address and --url")
        return found.code
    data = await program_data(session.connection, program_id)
    if data is None:
        raise session.not_found(f"no program {program_id}", "check --url")
    return data.code


def _as_it_is(path: Path) -> _Local:
    try:
        code = path.read_bytes()
    except OSError as error:
        raise UnusableInput(f"{path}: {error.strerror}; name another file, or run: seahorse build") from None
    commit = _git(path.parent, "rev-parse", "HEAD")
    is_known = _git(path.parent, "ls-files", "--", path.name) is not None
    is_committed = commit is not None and is_known and _git(path.parent, *_CHANGES) is None
    return _Local(str(path), code, commit, is_committed)


def _built_anew(session: Session, path: Path) -> _Local:
    """The file, as its checkout's commit makes it, whatever else is in the checkout."""
    path = path.resolve()
    root, commit = (_git(path.parent, "rev-parse", name) for name in ("--show-toplevel", "HEAD"))
    if root is None or commit is None:
        raise UnusableInput(f"{path} is in no checkout of git, whose commit could be built")
    if shutil.which("seahorse") is None:
        raise UnusableInput("there is nothing to build with; first: amalgam toolchain install")
    session.say(f"building {path.stem} from commit {commit}; that takes minutes")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / "commit.tar"
        _git(Path(root), "archive", "--output", str(archive), commit)
        shutil.unpack_archive(archive, folder)
        built = Path(folder) / path.relative_to(root)
        built.unlink(missing_ok=True)
        command = ["seahorse", "build", "--program", path.stem]
        workspace = built.parents[3 if path.parent.name == V3 else 2]
        done = subprocess.run(command, cwd=workspace, capture_output=True, check=False)  # noqa: S603
        if done.returncode or not built.exists():
            raise UnusableInput(
                f"commit {commit} could not be built; in a checkout of it see: {' '.join(command)}"
            )
        return _Local(f"built anew from commit {commit}", built.read_bytes(), commit, is_committed=True)


def _git(folder: Path, *arguments: str) -> str | None:
    """What git says; None if it says nothing, or there is no git or no checkout."""
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", folder, *arguments],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return done.stdout.strip() or None if done.returncode == 0 else None
