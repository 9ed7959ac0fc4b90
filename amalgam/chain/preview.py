"""The changes that a transaction would make, as a node simulates it: nothing is signed or sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed
from solders.account import Account
from solders.compute_budget import set_compute_unit_limit
from solders.hash import Hash
from solders.instruction import Instruction
from solders.message import Message
from solders.pubkey import Pubkey
from solders.token.state import Mint, TokenAccount
from spl.token.constants import ACCOUNT_LEN, MINT_LEN, TOKEN_PROGRAM_ID

from amalgam import programs
from amalgam.chain.transactions import MAX_COMPUTE_UNITS, simulate

_Fields = dict[str, Any]


class Change(NamedTuple):
    """An account before and after, as far as it differs. None stands for what is not there."""

    kind: str  # as the account's, like battery or meter, or vault, tokens, mint or wallet
    address: Pubkey
    before: _Fields
    after: _Fields


class Preview(NamedTuple):
    """The events and changes of a transaction that is not sent."""

    events: list[Any]  # of the programs
    changes: list[Change]


async def preview(connection: AsyncClient, payer: Pubkey, instructions: Sequence[Instruction]) -> Preview:
    """Simulate a transaction. Raises errors.Refused if the chain would refuse it."""
    budget = set_compute_unit_limit(MAX_COMPUTE_UNITS)
    message = Message.new_with_blockhash([budget, *instructions], payer, Hash.default())
    metas = (meta for each in instructions for meta in each.accounts if meta.is_writable)
    written = list(dict.fromkeys([payer, *(meta.pubkey for meta in metas)]))
    before = (await connection.get_multiple_accounts(written, Confirmed)).value
    result = await simulate(connection, message, written)
    after = cast(list[Account | None], result.accounts)
    records = [programs.decoded(account) for account in after if account]
    payment_mints = _named(records, "payment_mint")
    changes = [_change(*each, payment_mints) for each in zip(written, before, after, strict=True)]
    vaults = _named(records, "vault", "energy_vault", "payment_vault")
    changes = [each._replace(kind="vault") if each.address in vaults else each for each in changes]
    logs = result.logs or ()
    return Preview(programs.events(logs), [each for each in changes if each.before != each.after])


def _named(records: Sequence[Any], *names: str) -> set[Pubkey]:
    """The addresses that batteries, markets and plants have under these names."""
    return {getattr(record, name) for record in records for name in names if hasattr(record, name)}


def _change(
    address: Pubkey, before: Account | None, after: Account | None, payment_mints: set[Pubkey]
) -> Change:
    was_kind, was = _fields(before, payment_mints)
    kind, is_ = _fields(after, payment_mints)
    same = [name for name in is_ if name in was and was[name] == is_[name]]
    for name in same:
        del was[name], is_[name]
    return Change(kind or was_kind, address, was, is_)


def _fields(account: Account | None, payment_mints: set[Pubkey]) -> tuple[str, _Fields]:
    if account is None or not account.lamports:  # which a node may tell of one that is not there
        return "", {}
    record = programs.decoded(account)
    if record is not None:
        return programs.kind_of(record), programs.plain(record)
    if account.owner == TOKEN_PROGRAM_ID and len(account.data) == ACCOUNT_LEN:
        tokens = TokenAccount.from_bytes(account.data)
        return "tokens", {"payment" if tokens.mint in payment_mints else "amount": tokens.amount}
    if account.owner == TOKEN_PROGRAM_ID and len(account.data) == MINT_LEN:
        return "mint", {"supply": Mint.from_bytes(account.data).supply}
    return "wallet", {"lamports": account.lamports}
