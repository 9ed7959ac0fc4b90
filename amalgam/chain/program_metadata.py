"""What a program's upgrade authority publishes through Solana's Program Metadata: IDL, security contacts.

The canonical account of a program and a seed belongs to whoever may upgrade the program, so that nobody else
can take its place. Content is first written into a buffer, which is that authority's own, and whose address
follows from the program and the seed; one transaction then puts it in its place. So what was broken off goes
on, and readers see the old content or the new.

Source: program and client at https://github.com/solana-program/program-metadata
"""

import struct
import zlib
from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed
from solders.account import Account
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM_ID
from solders.system_program import TransferParams, transfer
from solders.sysvar import RENT

from amalgam import NotFoundError
from amalgam.chain.loader import program_data, program_data_address, readonly, signer, writable

METADATA_ID = Pubkey.from_string("ProgM6JCCvbYkfKqJYHePx4xxSUSqJp7rh8Lyv7nk7S")
HEAD_BYTES = 96
MAX_TEXT_BYTES = 10_000_000  # that a content may have, decompressed

_SEED_BYTES = 16
_WRITE, _INITIALIZE, _SET_AUTHORITY, _SET_DATA, _, _TRIM, _CLOSE, _ALLOCATE, _EXTEND = range(9)
_BUFFER, _METADATA = 1, 2  # an account's first byte
_UTF8, _JSON, _DIRECT = 1, 1, 0
_UNCOMPRESSED, _ZLIB = 0, 2
_FORM = bytes([_UTF8, _ZLIB, _JSON, _DIRECT])
_HEAD = struct.Struct("<B32s32s??16s4BI5x")
_BUFFER_HEAD = struct.Struct("<B32s32s?16s14x")
_GROWTH_BYTES = 10_240  # of an account, in one instruction
_CHUNK_BYTES = 800  # beside all that a Sender adds
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


class Seed(StrEnum):
    """What is published, by the seed of its account."""

    IDL = "idl"
    SECURITY = "security"


class UntrustedMetadataError(NotFoundError):
    """Somebody else than the program's upgrade authority can change what is published."""


class UnreadableMetadataError(NotFoundError):
    """What is published has a form that is not read here."""


class Metadata(NamedTuple):
    """What is published, as its account has it."""

    authority: Pubkey | None  # who can change it, beside the program's upgrade authority
    mutable: bool
    encoding: int
    compression: int
    source: int
    content: bytes

    @classmethod
    def of(cls, account: Account | None, program_id: Pubkey, seed: Seed) -> "Metadata | None":
        """What is published of a program; None if the account has none of it."""
        if account is None or account.owner != METADATA_ID or len(account.data) < HEAD_BYTES:
            return None
        kind, program, authority, mutable, canonical, *rest = _HEAD.unpack_from(account.data)
        padded, encoding, compression, _format, source, length = rest
        if (kind, program, padded, canonical) != (_METADATA, bytes(program_id), _padded(seed), True):
            return None
        content = account.data[HEAD_BYTES : HEAD_BYTES + length]
        return cls(_key(authority), mutable, encoding, compression, source, content)

    def text(self) -> str:
        """The content. Raises UnreadableMetadataError."""
        if self.source != _DIRECT or self.encoding != _UTF8:
            raise UnreadableMetadataError(
                "it is not in its account as text; read it with: npx @solana-program/program-metadata fetch"
            )
        if self.compression == _UNCOMPRESSED:
            return self._decoded(self.content)
        stream = zlib.decompressobj(_GZIP_OR_ZLIB)
        try:
            text = stream.decompress(self.content, MAX_TEXT_BYTES)
        except zlib.error:
            raise UnreadableMetadataError("it is damaged; publish it again: amalgam deploy") from None
        if stream.unconsumed_tail:
            raise UnreadableMetadataError(f"it has more than {MAX_TEXT_BYTES:,} bytes; do not rely on it")
        return self._decoded(text)

    def _decoded(self, text: bytes) -> str:
        try:
            return text.decode()
        except UnicodeDecodeError:
            raise UnreadableMetadataError("it is damaged; publish it again: amalgam deploy") from None

    def tells(self, text: str) -> bool:
        """Whether it is this."""
        try:
            return self.text() == text
        except UnreadableMetadataError:
            return False


def _key(key: bytes) -> Pubkey | None:
    return Pubkey.from_bytes(key) if any(key) else None


def _padded(seed: str) -> bytes:
    return seed.encode().ljust(_SEED_BYTES, b"\0")


def canonical_address(program_id: Pubkey, seed: Seed) -> Pubkey:
    """Where the program's upgrade authority publishes."""
    return Pubkey.find_program_address([bytes(program_id), _padded(seed)], METADATA_ID)[0]


def buffer_address(program_id: Pubkey, authority: Pubkey, seed: Seed) -> Pubkey:
    """Where an authority's content is on its way."""
    seeds = [bytes(program_id), bytes(authority), _padded(_buffer_seed(seed))]
    return Pubkey.find_program_address(seeds, METADATA_ID)[0]


def _buffer_seed(seed: Seed) -> str:
    return f"{seed}-buffer"


async def fetch(connection: AsyncClient, program_id: Pubkey, seed: Seed) -> str:
    """What a program's upgrade authority has published: JSON, as a rule.

    Raises NotFoundError if there is no program or nothing published, UnreadableMetadataError, and
    UntrustedMetadataError if somebody else can change it.
    """
    program = await program_data(connection, program_id)
    if program is None:
        raise NotFoundError(f"there is no program {program_id} on this cluster; deploy it, or check --url")
    account = (await connection.get_account_info(canonical_address(program_id, seed), Confirmed)).value
    published = Metadata.of(account, program_id, seed)
    if published is None:
        raise NotFoundError(f"no {seed} of program {program_id} has been published")
    if published.authority not in (None, program.authority):
        raise UntrustedMetadataError(
            f"{published.authority}, who is not the upgrade authority of program {program_id}, "
            f"can change its {seed}; do not rely on it"
        )
    try:
        return published.text()
    except UnreadableMetadataError as error:
        raise UnreadableMetadataError(f"the {seed} of program {program_id} cannot be read: {error}") from None


# Publishing


class Publication(NamedTuple):
    """The work that publishes, as of one moment: transactions one after the other."""

    steps: list[list[Instruction]]
    deposit: int = 0  # lamports of rent, which stay in the accounts
    lent: int = 0  # lamports in buffers, which come back in the end
    obstacles: tuple[str, ...] = ()  # why something cannot be published, each a line


async def publication(
    connection: AsyncClient,
    payer: Pubkey,
    program_id: Pubkey,
    authority: Pubkey,
    contents: Mapping[Seed, str],
) -> Publication:
    """The work that makes the cluster have these contents: none, if it has them.

    Args:
        connection: Stays the caller's to close.
        payer: Pays the rent, and gets back what is too much. Signs, as the authority does.
        program_id: The program, which is deployed before any of it is sent.
        authority: May upgrade it.
        contents: JSON, by seed.
    """
    if not contents:
        return Publication([])
    seeds = list(contents)
    canonical = [canonical_address(program_id, seed) for seed in seeds]
    own = [buffer_address(program_id, authority, seed) for seed in seeds]
    found = (await connection.get_multiple_accounts([METADATA_ID, *canonical, *own], Confirmed)).value
    program, accounts, buffers = found[0], found[1 : len(seeds) + 1], found[len(seeds) + 1 :]
    if program is None or not program.executable:
        missing = f"this cluster has no Program Metadata ({METADATA_ID}), so nothing is published there"
        return Publication([], obstacles=(missing,))
    parts: list[Publication] = []
    for seed, address, own_buffer, account, buffer in zip(
        seeds, canonical, own, accounts, buffers, strict=True
    ):
        content = zlib.compress(contents[seed].encode())
        size = HEAD_BYTES + len(content)
        rent = (await connection.get_minimum_balance_for_rent_exemption(size)).value
        work = _Work(payer, program_id, authority, seed, address, own_buffer, content, rent)
        parts.append(work.publication(account, buffer, contents[seed]))
    return Publication(
        [step for part in parts for step in part.steps],
        sum(part.deposit for part in parts),
        sum(part.lent for part in parts),
        tuple(obstacle for part in parts for obstacle in part.obstacles),
    )


class _Work(NamedTuple):
    """What publishes one content."""

    payer: Pubkey
    program_id: Pubkey
    authority: Pubkey
    seed: Seed
    address: Pubkey  # canonical
    buffer: Pubkey  # of the authority's own
    content: bytes  # compressed
    rent: int  # lamports, of an account with it

    def publication(self, account: Account | None, buffer: Account | None, text: str) -> Publication:
        published = Metadata.of(account, self.program_id, self.seed)
        if published and published.tells(text) and published.authority in (None, self.authority):
            return Publication([])
        if published and not published.mutable:
            obstacle = f"the {self.seed} of program {self.program_id} was made final and stays as it is"
            return Publication([], obstacles=(obstacle,))
        begun, written = self._begun(buffer)
        starts = range(0, len(self.content), _CHUNK_BYTES)
        chunks = [(start, self.content[start : start + _CHUNK_BYTES]) for start in starts]
        writes = [
            [write(self.buffer, self.authority, start, chunk)]
            for start, chunk in chunks
            if written[start : start + len(chunk)] != chunk
        ]
        steps = [begun] if begun else []
        steps += [*writes, self._placing(account, published)]
        return Publication(steps, deposit=self._missing(account), lent=self._missing(buffer))

    def _begun(self, buffer: Account | None) -> tuple[list[Instruction], bytes]:
        """Instructions that make the buffer fit, and what it has already."""
        address = self.buffer
        allocation = allocate(
            address, self.authority, self.program_id, _buffer_seed(self.seed), canonical=False
        )
        if buffer is None or buffer.owner != METADATA_ID:
            return [*self._funded(address, buffer), allocation], b""
        if len(buffer.data) <= HEAD_BYTES + len(self.content):
            return self._funded(address, buffer), buffer.data[HEAD_BYTES:]
        closing = close(address, self.authority, self.payer)  # it has room for more, which would stay
        return [closing, *self._funded(address, None), allocation], b""

    def _placing(self, account: Account | None, published: Metadata | None) -> list[Instruction]:
        """Instructions of one transaction that put the buffer's content in its place."""
        program_id, authority = self.program_id, self.authority
        address, buffer = self.address, self.buffer
        closing = close(buffer, authority, self.payer)
        if account is not None and published is not None:
            disowned = published.authority not in (None, authority)
            return [
                *self._funded(address, account),
                *([remove_authority(address, authority, program_id)] if disowned else []),
                *self._grown(address, len(account.data) - HEAD_BYTES),
                set_data(address, authority, buffer, program_id),
                closing,
                *([trim(address, authority, program_id, self.payer)] if account.lamports > self.rent else []),
            ]
        half_made = account is not None and account.owner == METADATA_ID  # by other tools
        return [
            *([close(address, authority, self.payer, program_id)] if half_made else []),
            *self._funded(address, None if half_made else account),
            allocate(address, authority, program_id, self.seed, canonical=True),
            *self._grown(address, 0),
            copy(address, authority, buffer),
            initialize(address, authority, program_id, self.seed),
            closing,
        ]

    def _grown(self, address: Pubkey, content_bytes: int) -> list[Instruction]:
        """Instructions that give an account room, but for what the one that fills it gives."""
        missing = len(self.content) - content_bytes - _GROWTH_BYTES
        steps = range(0, max(0, missing), _GROWTH_BYTES)
        return [
            extend(address, self.authority, self.program_id, min(_GROWTH_BYTES, missing - done))
            for done in steps
        ]

    def _missing(self, account: Account | None) -> int:
        return max(0, self.rent - (account.lamports if account else 0))

    def _funded(self, address: Pubkey, account: Account | None) -> list[Instruction]:
        lamports = self._missing(account)
        params = TransferParams(from_pubkey=self.payer, to_pubkey=address, lamports=lamports)
        return [transfer(params)] if lamports else []


# Instructions: a number, then arguments, all little-endian. The program's id stands for what is left out.


def write(buffer: Pubkey, authority: Pubkey, offset: int, chunk: bytes) -> Instruction:
    """Write a part of the content; doing it again does not matter."""
    data = struct.pack("<BI", _WRITE, offset) + chunk
    return _instruction(data, writable(buffer), signer(authority), readonly(METADATA_ID))


def copy(buffer: Pubkey, authority: Pubkey, source: Pubkey) -> Instruction:
    """Write all that another buffer has."""
    data = struct.pack("<BI", _WRITE, 0)
    return _instruction(data, writable(buffer), signer(authority), readonly(source))


def initialize(address: Pubkey, authority: Pubkey, program_id: Pubkey, seed: Seed) -> Instruction:
    """Make a canonical buffer what is published: compressed JSON."""
    data = bytes([_INITIALIZE]) + _padded(seed) + _FORM
    return _instruction(data, writable(address), *_owner(authority, program_id), readonly(METADATA_ID))


def remove_authority(address: Pubkey, authority: Pubkey, program_id: Pubkey) -> Instruction:
    """Leave what is published to the program's upgrade authority alone."""
    return _instruction(bytes([_SET_AUTHORITY, 0]), writable(address), *_owner(authority, program_id))


def set_data(address: Pubkey, authority: Pubkey, buffer: Pubkey, program_id: Pubkey) -> Instruction:
    """Put a buffer's content, compressed JSON, in the place of what is published."""
    owner, *program = _owner(authority, program_id)
    return _instruction(bytes([_SET_DATA]) + _FORM, writable(address), owner, writable(buffer), *program)


def trim(address: Pubkey, authority: Pubkey, program_id: Pubkey, recipient: Pubkey) -> Instruction:
    """Give the recipient what an account has beyond its rent."""
    metas = [writable(address), *_owner(authority, program_id), writable(recipient), readonly(RENT)]
    return _instruction(bytes([_TRIM]), *metas)


def close(
    address: Pubkey, authority: Pubkey, recipient: Pubkey, program_id: Pubkey | None = None
) -> Instruction:
    """Close an account, whose lamports the recipient gets; the program is needed if it is canonical."""
    metas = [writable(address), *_owner(authority, program_id), writable(recipient)]
    return _instruction(bytes([_CLOSE]), *metas)


def allocate(
    address: Pubkey, authority: Pubkey, program_id: Pubkey, seed: str, *, canonical: bool
) -> Instruction:
    """Make a buffer of an account that has lamports: the canonical one, or one of the authority's own."""
    owner, program, data_account = _owner(authority, program_id)
    metas = [owner, program, data_account if canonical else readonly(METADATA_ID)]
    data = bytes([_ALLOCATE]) + _padded(seed)
    return _instruction(data, writable(address), *metas, readonly(SYSTEM_PROGRAM_ID))


def extend(address: Pubkey, authority: Pubkey, program_id: Pubkey, content_bytes: int) -> Instruction:
    """Give an account room for so many more bytes, at most 10,240."""
    data = struct.pack("<BH", _EXTEND, content_bytes)
    return _instruction(data, writable(address), *_owner(authority, program_id))


def _owner(authority: Pubkey, program_id: Pubkey | None) -> tuple[AccountMeta, AccountMeta, AccountMeta]:
    """The authority, and what tells whether it may upgrade the program."""
    if program_id is None:
        return signer(authority), readonly(METADATA_ID), readonly(METADATA_ID)
    return signer(authority), readonly(program_id), readonly(program_data_address(program_id))


def _instruction(data: bytes, *metas: AccountMeta) -> Instruction:
    return Instruction(METADATA_ID, data, list(metas))
