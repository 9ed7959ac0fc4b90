"""The program id of a checkout: in the program, the client, Anchor's configuration and a keypair file."""

import re
from hashlib import sha256
from pathlib import Path

from solders.keypair import Keypair
from solders.pubkey import Pubkey

from amalgam import built
from amalgam.energy_allocation import PROGRAM_ID
from amalgam.keys import read_keypair, write_keypair

# Anybody can make this keypair: whoever deploys where others do needs an id of their own.
DEVELOPMENT_KEYPAIR = Keypair.from_seed(sha256(b"amalgam energy_allocation development").digest())

SOURCE = Path("programs_py/energy_allocation.py")
KEYPAIR = Path("target/deploy/energy_allocation-keypair.json")  # where Anchor and Solana's tools have it
PLACES = (
    SOURCE,
    Path("amalgam/energy_allocation.py"),
    Path("Anchor.toml"),
    Path("benchmarks/anchor_twin/src/lib.rs"),
)
_DECLARED = re.compile(r'^declare_id\("(\w+)"\)$', re.MULTILINE)


class NoCheckoutError(LookupError):
    """There is no source of the program to change."""


def program_keypair(path: Path | None = None) -> Keypair | None:
    """The keypair of the program id, in a file or where it usually is; None where that is not known.

    Raises KeyFileError.
    """
    usual = built("energy_allocation.so").with_name(KEYPAIR.name)
    if path is not None or usual.exists():
        return read_keypair(path or usual)
    return DEVELOPMENT_KEYPAIR if DEVELOPMENT_KEYPAIR.pubkey() == PROGRAM_ID else None


def renew(checkout: Path) -> Pubkey:
    """Put the id of the checkout's keypair file, which is made if there is none, in all places.

    The Rust program and what is built have it after the next `seahorse build`.

    Raises NoCheckoutError, KeyFileError where the file cannot be used, and OSError.
    """
    contents = _contents(checkout)
    path = checkout / KEYPAIR
    if not path.exists():
        write_keypair(path, Keypair())
    program_id = read_keypair(path).pubkey()
    declared = _DECLARED.search(contents[SOURCE])
    if declared is None:
        raise NoCheckoutError(f"{checkout / SOURCE} declares no program id")
    for place, content in contents.items():
        (checkout / place).write_text(content.replace(declared[1], str(program_id)))
    return program_id


def _contents(checkout: Path) -> dict[Path, str]:
    try:
        return {place: (checkout / place).read_text() for place in PLACES}
    except FileNotFoundError as error:
        raise NoCheckoutError(
            f"{error.filename}: no such file; a program id is made in a checkout of the repository"
        ) from None
