"""Keypair files as Solana's tools have them: a JSON list of 64 numbers, for its owner's eyes alone."""

import json
import os
import stat
from pathlib import Path
from typing import cast

from solders.keypair import Keypair
from solders.null_signer import NullSigner
from solders.pubkey import Pubkey

from amalgam import AmalgamError

Key = Keypair | NullSigner  # which is that of somebody who signs elsewhere
_DEVICE = "usb:"
_LARGEST_BYTES = 4_096  # of a file that can be one


class KeyFileError(AmalgamError, ValueError):
    """A keypair file cannot be used. The message names it and says what to do, and never what is in it."""


def read_keypair(path: Path) -> Keypair:
    """The keypair in a file. Raises KeyFileError, also if others than its owner may read it."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_LARGEST_BYTES)
    except FileNotFoundError:
        raise KeyFileError(
            f"{path}: there is no such keypair file; name another, or make it with amalgam wallet new"
        ) from None
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}; name another keypair file with --keypair") from None
    if stat.S_IMODE(mode) & 0o077:
        raise KeyFileError(f"{path}: others may read this keypair; run: chmod 600 {path}")
    try:
        numbers = json.loads(content)
        if not isinstance(numbers, list):
            raise TypeError("no list")
        return Keypair.from_bytes(bytes(cast(list[int], numbers)))
    except (ValueError, TypeError, RecursionError):
        raise KeyFileError(f"{path}: not a keypair file; it holds a JSON list of 64 numbers") from None


def read_key(path: Path) -> Key:
    """The keypair in a file, or, of an address in its place, the key of who signs elsewhere.

    Raises KeyFileError, also for a device, to which Solana's tools have a URL.
    """
    text = str(path)
    if text.startswith(_DEVICE):
        raise KeyFileError(
            f"usb://{text.removeprefix(_DEVICE).lstrip('/')}: amalgam talks to no hardware wallet; give the "
            "key's address in its place, and --dump-transaction-message, have the wallet's own software sign "
            "the message, and send it: amalgam submit MESSAGE --signer ADDRESS=SIGNATURE"
        )
    try:
        return NullSigner(Pubkey.from_string(text))
    except ValueError:
        return read_keypair(path)


def write_keypair(path: Path, keypair: Keypair) -> None:
    """Write a new keypair file for its owner alone. Raises KeyFileError, also if there is one."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(json.dumps(list(bytes(keypair))))
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise KeyFileError(f"{path}: there is a file already; move it away, or name another") from None
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}; name another place for the keypair") from None
