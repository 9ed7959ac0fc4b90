"""A program's IDL on the chain, as Anchor 0.29 keeps it: its upgrade authority publishes, anyone fetches it.

The first to create the IDL's account owns it, whoever that is: an IDL is to be trusted only if its
authority is the program's upgrade authority, which `fetch_idl` checks.
"""

import json
import zlib
from hashlib import sha256
from typing import NamedTuple

from anchorpy import Idl
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed
from solders.account import Account
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM_ID

from amalgam import NotFoundError
from amalgam.chain.loader import program_data, readonly, signer, writable

IDL_HEAD_BYTES = 44
MAX_IDL_BYTES = 10_000 - IDL_HEAD_BYTES  # what Anchor creates at once; ours is a tenth of it
NOBODY = Pubkey.default()  # the authority of an IDL that nobody can change

_INSTRUCTION = bytes.fromhex("40f4bc78a7e9690a")
_DISCRIMINATOR = sha256(b"internal:IdlAccount").digest()[:8]
_CREATE, _CREATE_BUFFER, _WRITE, _SET_BUFFER, _SET_AUTHORITY, _CLOSE = range(6)


class IdlAccount(NamedTuple):
    """A published IDL, or a buffer for one."""

    authority: Pubkey
    content: bytes  # compressed JSON
    room: int  # bytes that the content may have

    @classmethod
    def of(cls, account: Account | None, program_id: Pubkey) -> "IdlAccount | None":
        """The IDL in an account; None if it is no IDL's of the program."""
        if account is None or account.owner != program_id or not account.data.startswith(_DISCRIMINATOR):
            return None
        data = account.data
        length = int.from_bytes(data[40:44], "little")
        content = data[IDL_HEAD_BYTES : IDL_HEAD_BYTES + length]
        return cls(Pubkey.from_bytes(data[8:40]), content, len(data) - IDL_HEAD_BYTES)


class UntrustedIdlError(NotFoundError):
    """A program's IDL was published by somebody else than its upgrade authority."""


def compressed(idl: str) -> bytes:
    """An IDL's JSON as it is published."""
    return zlib.compress(json.dumps(json.loads(idl), separators=(",", ":")).encode())


def idl_address(program_id: Pubkey) -> Pubkey:
    """Where a program's IDL is."""
    base, _ = Pubkey.find_program_address([], program_id)
    return Pubkey.create_with_seed(base, "anchor:idl", program_id)


async def fetch_idl(connection: AsyncClient, program_id: Pubkey) -> Idl:
    """The IDL that a program's upgrade authority has published.

    Raises LookupError if there is no program or no IDL, and UntrustedIdlError if it is somebody else's.
    """
    program = await program_data(connection, program_id)
    if program is None:
        raise NotFoundError(f"there is no program {program_id} on this cluster; deploy it, or check --url")
    account = (await connection.get_account_info(idl_address(program_id), Confirmed)).value
    published = IdlAccount.of(account, program_id)
    if published is None:
        raise NotFoundError(f"no IDL of program {program_id} has been published")
    if published.authority != (program.authority or NOBODY):
        raise UntrustedIdlError(
            f"the IDL of program {program_id} belongs to {published.authority}, "
            f"who is not the program's upgrade authority; do not rely on it"
        )
    return Idl.from_json(zlib.decompress(published.content).decode())


# Instructions: of Anchor's own, in every program


def create_idl(program_id: Pubkey, payer: Pubkey, room: int) -> Instruction:
    """Create the account of a program's IDL, with room for so many bytes; the payer is its authority."""
    base, _ = Pubkey.find_program_address([], program_id)
    metas = [
        AccountMeta(payer, is_signer=True, is_writable=True),
        writable(idl_address(program_id)),
        readonly(base),
        readonly(SYSTEM_PROGRAM_ID),
        readonly(program_id),
    ]
    return _instruction(program_id, _CREATE, room.to_bytes(8, "little"), metas)


def create_idl_buffer(program_id: Pubkey, buffer: Pubkey, authority: Pubkey) -> Instruction:
    """Make a buffer of an account that is the program's."""
    return _instruction(program_id, _CREATE_BUFFER, b"", [writable(buffer), signer(authority)])


def write_idl(program_id: Pubkey, account: Pubkey, authority: Pubkey, content: bytes) -> Instruction:
    """Append to an IDL, or to a buffer: unlike a program's code, doing it again does matter."""
    arguments = len(content).to_bytes(4, "little") + content
    return _instruction(program_id, _WRITE, arguments, [writable(account), signer(authority)])


def set_idl_buffer(program_id: Pubkey, buffer: Pubkey, authority: Pubkey) -> Instruction:
    """Put a buffer's content in the place of a program's IDL."""
    metas = [writable(buffer), writable(idl_address(program_id)), signer(authority)]
    return _instruction(program_id, _SET_BUFFER, b"", metas)


def set_idl_authority(program_id: Pubkey, authority: Pubkey, new: Pubkey) -> Instruction:
    """Hand a program's IDL to another key."""
    metas = [writable(idl_address(program_id)), signer(authority)]
    return _instruction(program_id, _SET_AUTHORITY, bytes(new), metas)


def close_idl(program_id: Pubkey, account: Pubkey, authority: Pubkey, recipient: Pubkey) -> Instruction:
    """Close an IDL, or a buffer. The recipient gets its lamports."""
    metas = [writable(account), signer(authority), writable(recipient)]
    return _instruction(program_id, _CLOSE, b"", metas)


def _instruction(program_id: Pubkey, kind: int, arguments: bytes, metas: list[AccountMeta]) -> Instruction:
    return Instruction(program_id, _INSTRUCTION + bytes([kind]) + arguments, metas)
