"""Compares the chain's accounts with those that the events in the books make."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Finalized
from solders.pubkey import Pubkey

from amalgam import programs
from amalgam.books.database import Books
from amalgam.chain.events import BrokenHistoryError, Landed, gaps
from amalgam.chain.ledger_history import rebuilt

_AT_ONCE = 100  # accounts that a node tells at once


class BooksAudit(NamedTuple):
    """What an audit has found.

    Attributes:
        ledgers: How many were looked at.
        accounts: How many of theirs are as the events make them.
        differences: By ledger, what does not agree.
    """

    ledgers: int
    accounts: int
    differences: dict[Pubkey, str]


async def audit(books: Books, connection: AsyncClient, ledgers: Iterable[Pubkey] | None = None) -> BooksAudit:
    """Rebuild ledgers, all of them by default, and compare each account with the chain's.

    Accounts of which no event tells are not compared: a market's clearings. Raises BooksError, NodeError.
    """
    chosen = list(books.heads() if ledgers is None else ledgers)
    same, differences = 0, dict[Pubkey, str]()
    for ledger in chosen:
        found = await _compared(books.story(ledger), connection, ledger)
        if isinstance(found, str):
            differences[ledger] = found
        else:
            same += found
    return BooksAudit(len(chosen), same, differences)


async def _compared(told: Sequence[Landed], connection: AsyncClient, ledger: Pubkey) -> int | str:
    """How many accounts agree, or what does not."""
    if not told:
        return "the books have no event of it"
    last = told[-1].event.sequence
    missing = [f"{gap[0]} to {gap[-1]}" for gap in gaps(told, 1, last)]
    if missing:
        return f"events {', '.join(missing)} are missing"
    try:
        expected = rebuilt(told).accounts
    except BrokenHistoryError as error:
        return str(error)
    addresses = [ledger, *(each for each in expected if each != ledger)]
    for start in range(0, len(addresses), _AT_ONCE - 1):
        part = [ledger, *(each for each in addresses[start : start + _AT_ONCE - 1] if each != ledger)]
        accounts = (await connection.get_multiple_accounts(part, Finalized)).value
        found = [account and programs.decoded(account) for account in accounts]
        now = getattr(found[0], "sequence", None)
        if now != last:
            return f"the chain is at event {now}, and the books at event {last}: run amalgam books sync"
        for address, record in zip(part, found, strict=True):
            if record != expected[address]:
                return _difference(address, record, expected[address])
    return len(addresses)


def _difference(address: Pubkey, record: Any, expected: Any) -> str:
    kind = type(expected).__name__
    if type(record) is not type(expected):
        return f"the chain has no {kind} at {address}, which the events make"
    names = (each.name for each in fields(expected))
    name = next(name for name in names if getattr(record, name) != getattr(expected, name))
    has, made = getattr(record, name), getattr(expected, name)
    return f"{kind} {address} has {name.replace('_', ' ')} {has}, and the events make it {made}"
