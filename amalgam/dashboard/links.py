"""Links to members' own pages, which nobody can guess: an HMAC of the owner's address, with a secret key.

The key is 32 random bytes in a file that its owner alone can read. Whoever has another key has other links:
remove the file, and all links given so far lead nowhere.
"""

import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from solders.pubkey import Pubkey

from amalgam import AmalgamError

_KEY_BYTES = 32
_TOKEN_BYTES = 24  # of the HMAC: 192 bits


class LinkKeyError(AmalgamError, ValueError):
    """The file of the links' key cannot be used."""


class Links:
    """Makes and checks what leads to members' pages."""

    def __init__(self, key: bytes) -> None:
        """Use a key of 32 random bytes."""
        self._key = key

    def token(self, owner: Pubkey) -> str:
        """What has to stand in the link to an owner's page, beside the address."""
        digest = hmac.digest(self._key, b"amalgam dashboard member " + bytes(owner), sha256)
        return urlsafe_b64encode(digest[:_TOKEN_BYTES]).decode()

    def path(self, owner: Pubkey) -> str:
        """Of an owner's page, in the language that their browser prefers."""
        return f"member/{owner}/{self.token(owner)}"

    def opens(self, owner: Pubkey, token: str) -> bool:
        """Whether a token is the owner's; it takes as long whatever is wrong in it."""
        return hmac.compare_digest(self.token(owner).encode(), token.encode())


def links_at(path: Path) -> Links:
    """The links with the key in a file, which is made if there is none. Raises LinkKeyError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            _make(path)
        key, mode = path.read_bytes(), path.stat().st_mode
    except OSError as error:
        raise LinkKeyError(f"{path}: {error.strerror}; name another file with --link-key") from None
    if len(key) != _KEY_BYTES:
        raise LinkKeyError(
            f"{path} has no key of {_KEY_BYTES} bytes; name another file with --link-key, and one is made "
            "there"
        )
    if mode & 0o077:
        raise LinkKeyError(f"{path} can be read by others, who could make links; run: chmod 600 {path}")
    return Links(key)


def _make(path: Path) -> None:
    """Make the key beside its place first, so that nobody finds half of one."""
    if path.exists():
        return
    new = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
        os.link(new, path)  # which is refused if another process was first
    finally:
        new.unlink(missing_ok=True)
