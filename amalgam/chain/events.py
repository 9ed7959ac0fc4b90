"""Events of all programs, as a chain's nodes tell them."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields
from itertools import pairwise
from typing import Any, NamedTuple

from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed, Processed
from solana.rpc.core import RPCException
from solders.pubkey import Pubkey
from solders.signature import Signature

from amalgam import AmalgamError, programs
from amalgam.chain.layout import TruncatedLogError

_FIRST_BLOCK_TIME = 1_584_368_940  # of Solana's mainnet, in Unix seconds
_PAGE_SIGNATURES = 1_000
_REQUESTS_AT_ONCE = 8


class Landed(NamedTuple):
    """An event, and where on the chain it is."""

    event: Any  # of one of the programs
    signature: Signature
    slot: int
    unix_timestamp: int | None  # of the block; None if the node has forgotten it


async def fetch(connection: AsyncClient, ledger: Pubkey) -> list[Landed]:
    """A ledger's events, oldest first, as far as the node still has them: see `gaps`."""
    return await read(connection, ledger, await signatures(connection, ledger))


async def signatures(
    connection: AsyncClient,
    account: Pubkey,
    *,
    after: Signature | None = None,
    since: float | None = None,
    limit: int | None = None,
) -> list[Signature]:
    """Of the transactions with an account that have landed and succeeded, newest first.

    Args:
        after: Only of later transactions than this one.
        since: Only of blocks from this time on, in Unix seconds.
        limit: Only of so many of the latest transactions.
    """
    found: list[Signature] = []
    before = None
    while True:
        page = (
            await connection.get_signatures_for_address(
                account, before, after, _PAGE_SIGNATURES, history_commitment(connection)
            )
        ).value
        for each in page:
            if since is not None and each.block_time is not None and each.block_time < since:
                return found
            if each.err is None:
                found.append(each.signature)
            if len(found) == limit:
                return found
        if len(page) < _PAGE_SIGNATURES:
            return found
        before = page[-1].signature


async def read(
    connection: AsyncClient,
    ledger: Pubkey,
    signatures: Sequence[Signature],
    step: Callable[[], object] = lambda: None,
) -> list[Landed]:
    """A ledger's events in transactions, oldest first; `step` is called after each."""
    gate = asyncio.Semaphore(_REQUESTS_AT_ONCE)

    async def one(signature: Signature) -> list[Landed]:
        async with gate:
            landed = await landed_events(connection, signature)
        step()
        return landed or []

    found = await asyncio.gather(*map(one, signatures))
    mine = (landed for each in found for landed in each if ledger_of(landed.event) == ledger)
    return sorted(mine, key=lambda landed: landed.event.sequence)


async def landed_events(connection: AsyncClient, signature: Signature) -> list[Landed] | None:
    """Our programs' events in a transaction, none if its log was cut off; None if the node lacks it."""
    answer = await connection.get_transaction(
        signature, "base64", history_commitment(connection), max_supported_transaction_version=0
    )
    found = answer.value
    if found is None or found.transaction.meta is None:
        return None
    logs = found.transaction.meta.log_messages or []
    try:
        found_events = programs.events(logs)
    except TruncatedLogError:
        return []
    time = await block_time(connection, found.slot, found.block_time) if found_events else None
    return [Landed(event, signature, found.slot, time) for event in found_events]


async def block_time(connection: AsyncClient, slot: int, told: int | None) -> int | None:
    """A block's time in Unix seconds, asked for by itself if what was told with a transaction cannot be.

    Surfpool's validator tells a thousandth of it, which is from before there were any blocks.
    """
    if told is None or told >= _FIRST_BLOCK_TIME:
        return told
    with suppress(RPCException):  # the node has it no more
        return (await connection.get_block_time(slot)).value
    return told


def ledger_of(event: Any) -> Pubkey:
    """The ledger that numbers an event, like a battery or a community: its first field."""
    return getattr(event, fields(event)[0].name)


def gaps(story: Sequence[Landed], first: int, last: int) -> list[range]:
    """The sequence numbers that are missing, of those from `first` to `last`."""
    numbers = [first - 1, *(landed.event.sequence for landed in story), last + 1]
    return [range(before + 1, after) for before, after in pairwise(numbers) if after > before + 1]


def history_commitment(connection: AsyncClient) -> Any:
    """The connection's commitment, or the lowest at which nodes tell of transactions."""
    return Confirmed if connection.commitment == Processed else connection.commitment


class BrokenHistoryError(AmalgamError, ValueError):
    """An event does not follow from those before it. The message says which, and what was expected."""
