"""The upgradeable loader, which keeps programs: its accounts and its instructions.

A program's address holds no code but where the code is: in an account of program data, beside the key that
may change it. Code is written into a buffer first, which a deployment or an upgrade empties.
"""

import struct
from hashlib import sha256
from typing import NamedTuple

from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed
from solders.account import Account
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM_ID
from solders.sysvar import CLOCK, RENT

from amalgam import NotFoundError

LOADER_ID = Pubkey.from_string("BPFLoaderUpgradeab1e11111111111111111111111")

PROGRAM_BYTES = 36
BUFFER_HEAD_BYTES = 37
PROGRAM_DATA_HEAD_BYTES = 45
MINIMUM_EXTENSION_BYTES = 10_240

_BUFFER, _PROGRAM, _PROGRAM_DATA = 1, 2, 3


class ProgramData(NamedTuple):
    """A program's code on a cluster."""

    slot: int  # of the last deployment
    authority: Pubkey | None  # who may upgrade it; None: nobody
    code: bytes  # followed by zeros, if it has more room
    lamports: int

    def holds(self, code: bytes) -> bool:
        """Whether exactly this code is deployed."""
        return self.code.startswith(code) and not any(self.code[len(code) :])


def code_hash(code: bytes) -> str:
    """The SHA-256 of code without trailing zeros, as solana-verify prints it."""
    return sha256(code.rstrip(b"\0")).hexdigest()


class Buffer(NamedTuple):
    """Code on its way."""

    authority: Pubkey | None
    code: bytes
    lamports: int


class ClosedError(NotFoundError):
    """A program has been closed: nothing can ever be deployed at its address again."""


def program_data_address(program_id: Pubkey) -> Pubkey:
    """Where a program's code is."""
    return Pubkey.find_program_address([bytes(program_id)], LOADER_ID)[0]


async def program_data(connection: AsyncClient, program_id: Pubkey) -> ProgramData | None:
    """A program's code, or None if none was deployed.

    Raises ClosedError, and NotFoundError if something else is at the address.
    """
    addresses = [program_id, program_data_address(program_id)]
    program, data = (await connection.get_multiple_accounts(addresses, Confirmed)).value
    if program is None or (program.owner == SYSTEM_PROGRAM_ID and not program.data):
        return None  # lamports that somebody sent there are no obstacle
    if program.owner != LOADER_ID or _tag(program) != _PROGRAM:
        raise NotFoundError(f"there is no upgradeable program at {program_id}, but something else")
    if data is None or _tag(data) != _PROGRAM_DATA:
        raise ClosedError(f"program {program_id} was closed")
    slot = int.from_bytes(data.data[4:12], "little")
    return ProgramData(slot, _authority(data, 12), data.data[PROGRAM_DATA_HEAD_BYTES:], data.lamports)


def buffer_of(account: Account | None) -> Buffer | None:
    """The buffer in an account; None if there is none."""
    if account is None or account.owner != LOADER_ID or _tag(account) != _BUFFER:
        return None
    return Buffer(_authority(account, 4), account.data[BUFFER_HEAD_BYTES:], account.lamports)


def buffer_head(authority: Pubkey) -> bytes:
    """The head of a buffer of an authority's, before its code."""
    return struct.pack("<IB", _BUFFER, 1) + bytes(authority)


def _tag(account: Account) -> int:
    return int.from_bytes(account.data[:4], "little")


def _authority(account: Account, offset: int) -> Pubkey | None:
    return Pubkey.from_bytes(account.data[offset + 1 : offset + 33]) if account.data[offset] else None


# Instructions: a number, then arguments, all little-endian


def initialize_buffer(buffer: Pubkey, authority: Pubkey) -> Instruction:
    """Make a buffer of an account that is the loader's."""
    return _instruction(struct.pack("<I", 0), writable(buffer), readonly(authority))


def write(buffer: Pubkey, authority: Pubkey, offset: int, code: bytes) -> Instruction:
    """Write a part of the code; doing it again does not matter."""
    data = struct.pack("<IIQ", 1, offset, len(code)) + code
    return _instruction(data, writable(buffer), signer(authority))


def deploy(
    payer: Pubkey, program_id: Pubkey, buffer: Pubkey, authority: Pubkey, code_bytes: int
) -> Instruction:
    """Deploy a buffer's code at an account that is the loader's. The payer gets the buffer's lamports."""
    return _instruction(
        struct.pack("<IQ", 2, code_bytes),
        AccountMeta(payer, is_signer=True, is_writable=True),
        writable(program_data_address(program_id)),
        writable(program_id),
        writable(buffer),
        readonly(RENT),
        readonly(CLOCK),
        readonly(SYSTEM_PROGRAM_ID),
        signer(authority),
    )


def upgrade(program_id: Pubkey, buffer: Pubkey, recipient: Pubkey, authority: Pubkey) -> Instruction:
    """Put a buffer's code in the place of a program's. The recipient gets the buffer's lamports."""
    return _instruction(
        struct.pack("<I", 3),
        writable(program_data_address(program_id)),
        writable(program_id),
        writable(buffer),
        writable(recipient),
        readonly(RENT),
        readonly(CLOCK),
        signer(authority),
    )


def extend(program_id: Pubkey, payer: Pubkey, code_bytes: int) -> Instruction:
    """Give a program room for so many more bytes of code, at least MINIMUM_EXTENSION_BYTES."""
    return _instruction(
        struct.pack("<II", 6, code_bytes),
        writable(program_data_address(program_id)),
        writable(program_id),
        readonly(SYSTEM_PROGRAM_ID),
        AccountMeta(payer, is_signer=True, is_writable=True),
    )


def extend_checked(program_id: Pubkey, payer: Pubkey, authority: Pubkey, code_bytes: int) -> Instruction:
    """The same, for a cluster that wants the upgrade authority to sign for it."""
    return _instruction(
        struct.pack("<II", 9, code_bytes),
        writable(program_data_address(program_id)),
        writable(program_id),
        signer(authority),
        readonly(SYSTEM_PROGRAM_ID),
        AccountMeta(payer, is_signer=True, is_writable=True),
    )


def set_authority(program_id: Pubkey, authority: Pubkey, new: Pubkey | None) -> Instruction:
    """Hand a program to a key that need not sign, or to nobody for ever."""
    metas = [writable(program_data_address(program_id)), signer(authority)]
    return _instruction(struct.pack("<I", 4), *metas, *([] if new is None else [readonly(new)]))


def set_authority_checked(program_id: Pubkey, authority: Pubkey, new: Pubkey) -> Instruction:
    """Hand a program to a key that signs too, and so exists."""
    metas = [writable(program_data_address(program_id)), signer(authority), signer(new)]
    return _instruction(struct.pack("<I", 7), *metas)


def set_buffer_authority(buffer: Pubkey, authority: Pubkey, new: Pubkey) -> Instruction:
    """Hand a buffer to a key that need not sign."""
    return _instruction(struct.pack("<I", 4), writable(buffer), signer(authority), readonly(new))


def close_buffer(buffer: Pubkey, recipient: Pubkey, authority: Pubkey) -> Instruction:
    """Give up a buffer. The recipient gets its lamports."""
    return _instruction(struct.pack("<I", 5), writable(buffer), writable(recipient), signer(authority))


def _instruction(data: bytes, *metas: AccountMeta) -> Instruction:
    return Instruction(LOADER_ID, data, list(metas))


def signer(key: Pubkey) -> AccountMeta:
    """An account that signs."""
    return AccountMeta(key, is_signer=True, is_writable=False)


def writable(key: Pubkey) -> AccountMeta:
    """An account that is written."""
    return AccountMeta(key, is_signer=False, is_writable=True)


def readonly(key: Pubkey) -> AccountMeta:
    """An account that is read."""
    return AccountMeta(key, is_signer=False, is_writable=False)
