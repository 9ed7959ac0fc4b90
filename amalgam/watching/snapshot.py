"""What all programs hold at a moment: from a cluster, or from the books."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, TypeVar, cast

from solana.rpc.async_api import AsyncClient
from solders.pubkey import Pubkey
from solders.sysvar import CLOCK

from amalgam import NotFoundError, programs
from amalgam.books.database import Books
from amalgam.chain.events import BrokenHistoryError, gaps
from amalgam.chain.ledger_history import Rebuilt, rebuilt
from amalgam.chain.program_client import AuditTimeoutError
from amalgam.programs import Program

_Record = TypeVar("_Record")
_Violations = Mapping[Pubkey, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The accounts of all programs, as of a moment.

    From a cluster, each program's accounts are of one block, of this slot or a little later. From the books,
    each ledger's are of its latest event up to this slot; a market's clearings, of which no event tells, are
    not there.

    Attributes:
        slot: Of the block.
        unix_timestamp: Of the same, in Unix seconds; 0 if the books are empty.
        accounts: Each account's record, by its address.
        violations: By ledger, what does not agree, if that was looked for.
    """

    slot: int
    unix_timestamp: int
    accounts: Mapping[Pubkey, Any]
    violations: _Violations = field(default_factory=dict[Pubkey, Sequence[str]])

    def of(self, kind: type[_Record]) -> dict[Pubkey, _Record]:
        """The accounts of a kind, like Battery or Order, by address."""
        return {address: each for address, each in self.accounts.items() if isinstance(each, kind)}

    @property
    def ledgers(self) -> dict[Pubkey, Any]:
        """The batteries, issuers, markets, plants and communities, by address."""
        return {address: each for address, each in self.accounts.items() if parent_of(each) is None}

    def ledger_of(self, address: Pubkey) -> Pubkey:
        """The ledger that an account belongs to, like a member's battery; its own address for a ledger."""
        while (record := self.accounts.get(address)) and (parent := parent_of(record)):
            address = parent
        return address

    def only(self, ledgers: Collection[Pubkey]) -> "Snapshot":
        """The same with nothing but these ledgers; all of it if none are named.

        Raises NotFoundError if one of them is not there.
        """
        if not ledgers:
            return self
        for ledger in ledgers:
            if ledger not in self.ledgers:
                raise NotFoundError(
                    f"there is no battery, issuer, market, plant or community at {ledger}; "
                    "check the address, and the cluster that --url names"
                )
        accounts = {at: each for at, each in self.accounts.items() if self.ledger_of(at) in ledgers}
        violations = {at: told for at, told in self.violations.items() if at in ledgers}
        return replace(self, accounts=accounts, violations=violations)


def parent_of(record: Any) -> Pubkey | None:
    """The account that a record belongs to, like a member's battery; None for a ledger."""
    name = _parent(cast(type[Any], type(record)))
    return getattr(record, name) if name else None


@cache
def _parent(kind: type[Any]) -> str | None:
    """The field with the address of what an account belongs to; None for a ledger.

    It is named by that account's kind, and the program has set it. Owners choose other addresses.
    """
    found = (program for program in Program if kind in program.module.ACCOUNTS)
    kinds = {each.__name__.lower() for program in found for each in program.module.ACCOUNTS}
    return next((each.name for each in fields(kind) if each.name in kinds), None)


# From a cluster


async def from_cluster(connection: AsyncClient) -> Snapshot:
    """What all programs hold now. Raises NodeError, and NotFoundError if the cluster has no clock."""
    clock = (await connection.get_account_info(CLOCK)).value
    if clock is None:
        raise NotFoundError("there is no clock on this cluster; check --url")
    found = await asyncio.gather(
        *(connection.get_program_accounts(each.program_id, encoding="base64") for each in Program)
    )
    decoded = ((each.pubkey, programs.decoded(each.account)) for answer in found for each in answer.value)
    return Snapshot(
        slot=int.from_bytes(clock.data[:8], "little"),
        unix_timestamp=int.from_bytes(clock.data[32:40], "little", signed=True),
        accounts={address: record for address, record in decoded if record is not None},
    )


async def audited(snapshot: Snapshot, connection: AsyncClient) -> Snapshot:
    """The same with what an audit of each ledger finds now.

    A ledger that changes too fast to be audited is passed over. Raises NodeError.
    """
    violations: dict[Pubkey, Sequence[str]] = {}
    for address, ledger in snapshot.ledgers.items():
        client = programs.of_record(ledger).client(connection)
        with suppress(AuditTimeoutError):
            if found := (await client.audit(address)).violations:
                violations[address] = found
    return replace(snapshot, violations=violations)


# From the books


class BooksWatch:
    """Follows books that another process fills: each snapshot reads what is new since the one before."""

    def __init__(self, books: Books) -> None:
        """Use books, which stay the caller's to close."""
        self._books = books
        self._histories: dict[Pubkey, Rebuilt] = {}
        self._broken: dict[Pubkey, str] = {}

    def snapshot(self) -> Snapshot:
        """What the books say that all programs hold, and where they say what cannot be.

        Raises BooksError.
        """
        slot, unix_timestamp = self._books.latest_block()
        missing = {ledger: told for ledger in self._books.heads() if (told := self._read(ledger))}
        return Snapshot(
            slot,
            unix_timestamp,
            {at: each for history in self._histories.values() for at, each in history.accounts.items()},
            missing,
        )

    def _read(self, ledger: Pubkey) -> Sequence[str]:
        """Take a ledger's new events, up to the first that is missing: what does not agree."""
        if ledger in self._broken:  # nothing in the books is changed
            return [self._broken[ledger]]
        history = self._histories.get(ledger)
        known = history.accounts[ledger].sequence if history else 0
        story = self._books.story(ledger, after=known)
        missing = gaps(story, known + 1, story[-1].event.sequence) if story else []
        whole = [each for each in story if not missing or each.event.sequence < missing[0].start]
        try:
            for landed in whole:
                if history is None:
                    history = self._histories[ledger] = rebuilt([landed])
                else:
                    history.apply(landed.event, landed.unix_timestamp)
        except BrokenHistoryError as error:
            self._histories.pop(ledger, None)
            self._broken[ledger] = str(error)
            return [self._broken[ledger]]
        return [f"events {gap[0]} to {gap[-1]} are missing in the books" for gap in missing]
