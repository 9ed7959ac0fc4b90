"""Durable nonces: accounts whose value stands in for a blockhash, and stays good until it is used.

What is signed with one can land weeks later, and once: landing, failed or not, gives the account another
value. So it expires not by blocks that pass, but by another transaction with the same nonce, or by the
account's end.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Commitment
from solders.account import Account
from solders.hash import Hash
from solders.instruction import Instruction
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.system_program import (
    ID as SYSTEM_PROGRAM_ID,
)
from solders.system_program import (
    AdvanceNonceAccountParams,
    WithdrawNonceAccountParams,
    advance_nonce_account,
    create_nonce_account,
    withdraw_nonce_account,
)

from amalgam import NotFoundError

NONCE_BYTES = 80

_INITIALIZED = bytes([1, 0, 0, 0, 1, 0, 0, 0])  # version 1, the only one that can be used, and state
_ADVANCE = bytes([4, 0, 0, 0])


class Nonce(NamedTuple):
    """A nonce account."""

    authority: Pubkey  # who advances it, and may take its lamports
    value: Hash  # which a transaction has in the place of a blockhash
    lamports: int


def nonce_of(account: Account | None) -> Nonce | None:
    """The nonce in an account; None if there is none that can be used."""
    if account is None or account.owner != SYSTEM_PROGRAM_ID or len(account.data) != NONCE_BYTES:
        return None
    data = account.data
    if not data.startswith(_INITIALIZED):
        return None
    return Nonce(Pubkey.from_bytes(data[8:40]), Hash.from_bytes(data[40:72]), account.lamports)


async def find_nonce(connection: AsyncClient, address: Pubkey, commitment: Commitment | None = None) -> Nonce:
    """The nonce at an address. Raises NotFoundError if there is none."""
    found = nonce_of((await connection.get_account_info(address, commitment)).value)
    if found is None:
        raise NotFoundError(
            f"there is no nonce account at {address}; check the address and --url, "
            "or make one with amalgam nonce create"
        )
    return found


def after(blockhash: Hash) -> Hash:
    """The value that a nonce gets where that is the latest blockhash."""
    return Hash.from_bytes(sha256(b"DURABLE_NONCE" + bytes(blockhash)).digest())


def advanced_by(message: Message | MessageV0) -> Pubkey | None:
    """The nonce account that a message's first instruction advances, if it does."""
    if not message.instructions:
        return None
    first, keys = message.instructions[0], message.account_keys
    is_advance = keys[first.program_id_index] == SYSTEM_PROGRAM_ID and bytes(first.data) == _ADVANCE
    return keys[first.accounts[0]] if is_advance and first.accounts else None


# Instructions


def create(payer: Pubkey, address: Pubkey, authority: Pubkey, rent: int) -> Sequence[Instruction]:
    """What makes a nonce account; payer and address sign."""
    return create_nonce_account(payer, address, authority, rent)


def advance(address: Pubkey, authority: Pubkey) -> Instruction:
    """Give a nonce another value: the first instruction of what is signed with it."""
    return advance_nonce_account(AdvanceNonceAccountParams(nonce_pubkey=address, authorized_pubkey=authority))


def withdraw(address: Pubkey, authority: Pubkey, recipient: Pubkey, lamports: int) -> Instruction:
    """Take lamports out of a nonce account; all of them close it, and end what was signed with it."""
    return withdraw_nonce_account(
        WithdrawNonceAccountParams(
            nonce_pubkey=address, authorized_pubkey=authority, to_pubkey=recipient, lamports=lamports
        )
    )
