"""Public keys, program addresses, and the seeds they are derived from."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from solders.pubkey import Pubkey as Address

from seahorse.integers import Integer, i32, u8
from seahorse.rust import panic, unsupported

KEY_BYTES = 32
MAX_SEEDS, MAX_SEED_BYTES = 16, 32


class Pubkey(bytes):
    """A public key of 32 bytes. Made from bytes, from a solders Pubkey or from base 58."""

    __slots__ = ()

    def __new__(cls, value: Any = bytes(KEY_BYTES)) -> Pubkey:
        """Raises ValueError for what is no key."""
        raw = bytes(Address.from_string(value)) if isinstance(value, str) else bytes(value)
        if len(raw) != KEY_BYTES:
            raise ValueError(f"a public key has {KEY_BYTES} bytes, not {len(raw)}")
        return bytes.__new__(cls, raw)

    def __str__(self) -> str:
        return str(Address(bytes(self)))

    def __repr__(self) -> str:
        return f"Pubkey({str(self)!r})"

    def __rust_debug__(self) -> str:
        return str(self)

    def __seed__(self) -> bytes:
        return bytes(self)

    @staticmethod
    def find_program_address(seeds: Sequence[Any], program_id: Any = None) -> tuple[Pubkey, int]:
        """The address derived from the seeds, and its bump. Without a program it is of the one that runs."""
        from seahorse.context import current

        program = current().program_id if program_id is None else Pubkey(program_id)
        raw = [seed_bytes(seed) for seed in seeds]
        if len(raw) >= MAX_SEEDS or any(len(seed) > MAX_SEED_BYTES for seed in raw):
            panic("Unable to find a viable program address bump seed")
        address, bump = find(tuple(raw), program)
        return address, u8(bump)


_found: dict[tuple[tuple[bytes, ...], bytes], tuple[Pubkey, int]] = {}
_FOUND_LIMIT = 100_000


def find(seeds: tuple[bytes, ...], program: bytes) -> tuple[Pubkey, int]:
    """The canonical program address of the seeds, remembered: to find one takes as long as an instruction."""
    known = _found.get((seeds, program))
    if known is None:
        if len(_found) >= _FOUND_LIMIT:
            _found.clear()
        address, bump = Address.find_program_address(list(seeds), Address(bytes(program)))
        known = _found[seeds, program] = Pubkey(bytes(address)), bump
    return known


def signer_of(seeds: Sequence[bytes], program: bytes) -> Pubkey | None:
    """The address that the seeds, bump included, sign for; None if they have none."""
    if seeds and len(seeds[-1]) == 1:
        known = _found.get((tuple(seeds[:-1]), program))
        if known is not None and known[1] == seeds[-1][0]:
            return known[0]
    try:
        return Pubkey(bytes(Address.create_program_address(list(seeds), Address(bytes(program)))))
    except ValueError:
        return None


def seed_bytes(seed: Any) -> bytes:
    """What stands for a seed: a text's UTF-8, a number's bytes, an account's key, a list of bytes as it is.

    Raises UnsupportedError for what is no seed in Seahorse, as one of the program's own accounts.
    """
    own = getattr(seed, "__seed__", None)
    if own is not None:
        return own()
    if isinstance(seed, str):
        return seed.encode()
    if isinstance(seed, Integer):
        return int(seed).to_bytes(seed.BYTES, "little", signed=seed.SIGNED)
    if seed.__class__ is int:
        return int(i32(seed)).to_bytes(4, "little", signed=True)
    if isinstance(seed, list | tuple):
        elements: Iterable[Any] = seed
        return bytes(map(int, elements))
    return unsupported(
        f"{type(seed).__name__} as a seed: a text, a number, a key, a list of bytes or a Signer is"
    )
