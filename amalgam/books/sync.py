"""Fills the books from a cluster: what its nodes list, back to what is known, and then each transaction.

Every node lists for itself, newest first, page by page, and each page has to tell again the last one of the
page before: so a node that is behind, or has forgotten, is seen, and no list ends before its end. What any of
them lists is read, from whichever node has it. Only finalized blocks are asked for.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from solana.exceptions import SolanaRpcException
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Finalized
from solana.rpc.core import RPCException
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import VersionedTransaction

from amalgam import AmalgamError
from amalgam.books.database import Books, ContradictionError, Gap, Listed, Listing, Read
from amalgam.chain.errors import from_status
from amalgam.chain.events import block_time, ledger_of
from amalgam.chain.layout import TruncatedLogError
from amalgam.chain.rpc import WrongClusterError, cleaned, each_node, node_name
from amalgam.programs import Program, events

_PAGE = 1_000  # signatures
_AT_ONCE = 8  # requests
_BATCH = 256  # transactions that are added at once


class ForgetfulNodeError(AmalgamError):
    """A node does not tell what it, or another, has told before."""


class UnreadableError(AmalgamError):
    """No node has told a transaction as it was listed."""


@dataclass
class Synced:
    """What has come of a round.

    Attributes:
        added: Transactions.
        events: Of these.
        failed: Of these, those that failed.
        complete: Whether every node has listed everything, and all of it was read.
        nodes: Which nodes have not listed everything, each with the reason.
        unread: Transactions that no node tells, each with the reason.
        gaps: Events that are missing, of all ledgers or of those of the round.
    """

    added: int = 0
    events: int = 0
    failed: int = 0
    complete: bool = False
    nodes: dict[str, str] = field(default_factory=dict[str, str])
    unread: dict[Signature, str] = field(default_factory=dict[Signature, str])
    gaps: Sequence[Gap] = ()


class Sync:
    """Fills books from the nodes of a connection."""

    def __init__(
        self, books: Books, connection: AsyncClient, begin: Callable[[int], Callable[[], object]]
    ) -> None:
        """Tell `begin` how many transactions a round has to read, and call what it returns for each."""
        self._books, self._begin = books, begin
        self._nodes = each_node(connection)
        self._known_gaps: set[tuple[Pubkey, range]] = set()  # that were not mended before
        self._lowest: dict[Pubkey, int] | None = None  # the new events of a round; None for all there are

    async def round(self) -> Synced:
        """Read all that is finalized and not yet in the books. Raises BooksError, and WrongClusterError."""
        done = Synced(complete=True)
        for program in Program:
            listed = [await self._listed(program.program_id, node, done) for node in self._nodes]
            done.complete = done.complete and all(listed)
        await self._read_queue(done)
        gaps = self._books.gaps(self._lowest)
        if any((gap.ledger, gap.missing) not in self._known_gaps for gap in gaps):
            await self._mend(gaps, done)
            gaps = self._books.gaps(self._lowest)
        self._known_gaps |= {(gap.ledger, gap.missing) for gap in gaps}
        self._lowest = {}
        done.gaps = tuple(gaps)
        done.complete = done.complete and not done.unread
        return done

    # Listing

    async def _listed(self, program: Pubkey, node: AsyncClient, done: Synced) -> bool:
        """Whether a node has listed all of a program's transactions; if not, note why."""
        try:
            await self._list(program, node)
        except (SolanaRpcException, RPCException, ForgetfulNodeError) as error:
            if isinstance(error, WrongClusterError):
                raise
            done.nodes[node_name(node)] = _said(error)
            return False
        return True

    async def _list(self, program: Pubkey, node: AsyncClient) -> None:
        name = node_name(node)
        at, seen = self._books.listing(program, name), set[Signature]()
        while True:
            count, page = await _page(node, program, before=at.above or at.bottom, until=at.below)
            signatures = {each.signature for each in page}
            lie = _lie(at, signatures)
            new, before = signatures - seen, at
            seen |= signatures
            at = _onward(at, page)
            is_known = at.head is None or at.head in seen
            if lie is None and new and not (at.head and is_known and count < _PAGE):
                self._books.note(program, name, page, at)
                continue
            if lie is None and is_known:
                head, below = at.top or at.head, at.top_below or at.below
                self._books.note(program, name, page, Listing(head, below))
                return
            self._books.note(program, name, page, Listing(before.head, before.below))
            raise ForgetfulNodeError(lie or _forgotten(at.head))

    # Reading

    async def _read_queue(self, done: Synced) -> None:
        step, last = self._begin(self._books.unread()), None
        while batch := self._books.queued(last, _BATCH):
            last = batch[-1]
            await self._read_batch(batch, self._nodes, done)
            for _ in batch:
                step()

    async def _read_batch(self, batch: Sequence[Listed], nodes: Sequence[AsyncClient], done: Synced) -> None:
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(listed: Listed) -> Read | None:
            async with gate:
                try:
                    return await _read(listed, nodes)
                except UnreadableError as error:
                    done.unread[listed.signature] = str(error)
                    return None

        found = [each for each in await asyncio.gather(*map(one, batch)) if each]
        try:
            self._add(found, done)
        except ContradictionError:
            for each in found:
                try:
                    self._add([each], done)
                except ContradictionError as error:
                    done.unread[each.signature] = str(error)

    def _add(self, found: Sequence[Read], done: Synced) -> None:
        self._books.add(found)
        done.added += len(found)
        done.events += sum(len(each.events) for each in found)
        done.failed += sum(each.error is not None for each in found)
        for each in found:
            done.unread.pop(each.signature, None)
            self._note_lowest(each.events)

    def _note_lowest(self, told: Sequence[Any]) -> None:
        if self._lowest is None:
            return
        for each in told:
            ledger = ledger_of(each)
            self._lowest[ledger] = min(self._lowest.get(ledger, each.sequence), each.sequence)

    # Gaps

    async def _mend(self, gaps: Iterable[Gap], done: Synced) -> None:
        """Ask each node what the ledgers of gaps did meanwhile: another may know more, or have whole logs."""
        for gap in gaps:
            for node in self._nodes:
                try:
                    page = await _between(node, gap)
                except (SolanaRpcException, RPCException):
                    continue
                wanted = {each.signature for each in page}
                wanted = self._books.unknown(wanted) | self._books.cut_off(wanted)
                await self._read_batch([each for each in page if each.signature in wanted], [node], done)


def _said(error: Exception) -> str:
    if isinstance(error, RPCException):
        return f"it refused: {cleaned(str(getattr(error.args[0], 'message', error)))}"
    return str(error)


def _onward(at: Listing, page: Sequence[Listed]) -> Listing:
    """A listing with a page more, newest first."""
    if not page:
        return at
    if at.top is None:
        at = at._replace(top=page[0].signature)
    if at.top_below is None:
        earlier = next((each.signature for each in page if each.slot < page[0].slot), None)
        at = at._replace(top_below=earlier)
    bottom = page[-1]
    above = next((each.signature for each in reversed(page) if each.slot > bottom.slot), None)
    return at._replace(above=above, bottom=bottom.signature)


def _lie(at: Listing, told: Set[Signature]) -> str | None:
    """What is wrong with a page that was asked for after `above`; None if nothing is."""
    if at.above is None:
        return None
    if at.above in told:
        return f"it tells {at.above} again, after which it was asked to go on"
    return None if at.bottom in told else _forgotten(at.bottom)


def _forgotten(signature: Signature | None) -> str:
    return f"it does not tell {signature} again: it is behind, or has forgotten"


async def _page(
    node: AsyncClient, account: Pubkey, *, before: Signature | None, until: Signature | None
) -> tuple[int, list[Listed]]:
    """How many transactions a node lists, and which, newest first whatever order it tells them in."""
    answer = await node.get_signatures_for_address(account, before, until, _PAGE, Finalized)
    listed = {
        each.signature: Listed(each.signature, each.slot, each.err is not None) for each in answer.value
    }
    return len(answer.value), sorted(listed.values(), key=lambda each: -each.slot)


async def _between(node: AsyncClient, gap: Gap) -> list[Listed]:
    """What a ledger took part in, from the event before a gap to the one after it, with both."""
    found: dict[Signature, Listed] = {}
    before: Signature | None = gap.before
    while True:
        count, page = await _page(node, gap.ledger, before=before, until=gap.after)
        new = [each for each in page if each.signature not in found]
        found |= {each.signature: each for each in new}
        if count < _PAGE or not new:
            return list(found.values())
        before = page[-1].signature


async def _read(listed: Listed, nodes: Sequence[AsyncClient]) -> Read:
    """A transaction, from the first node that tells it as it was listed, with its whole log if one has it.

    Raises UnreadableError with what the last node has said.
    """
    reason, cut, is_silent = "", None, False
    for node in nodes:
        try:
            read = await _told(listed, node)
        except (SolanaRpcException, RPCException, UnreadableError) as error:
            reason = f"{node_name(node)}: {_said(error)}"
            is_silent = is_silent or not isinstance(error, UnreadableError)
            continue
        if read.log_is_whole:
            return read
        cut = read
    if cut is None or is_silent:  # who does not answer now may have the whole log
        raise UnreadableError(reason)
    return cut


async def _told(listed: Listed, node: AsyncClient) -> Read:
    """A transaction as a node tells it. Raises UnreadableError if that cannot be the one that was listed."""
    answer = await node.get_transaction(
        listed.signature, "base64", Finalized, max_supported_transaction_version=0
    )
    found = answer.value
    if found is None or found.transaction.meta is None:
        raise UnreadableError("it does not have the transaction that was listed")
    transaction, meta = found.transaction.transaction, found.transaction.meta
    if not isinstance(transaction, VersionedTransaction) or transaction.signatures[0] != listed.signature:
        raise UnreadableError("it tells another transaction than the one asked for")
    if not all(transaction.verify_with_results()):
        raise UnreadableError("it tells a transaction that was not signed so")
    if (found.slot, meta.err is not None) != (listed.slot, listed.failed):
        raise UnreadableError("it tells another block, or another outcome, than was listed")
    logs = meta.log_messages
    told: Sequence[Any] = ()
    error, is_whole = None, True
    if meta.err is not None:
        error = from_status(meta.err, logs or (), listed.signature).message
    else:
        try:
            told, is_whole = events(logs or ()), logs is not None
        except TruncatedLogError:
            is_whole = False
        except (ValueError, LookupError):  # no log that a validator writes
            raise UnreadableError("it tells a log that cannot be read") from None
    time = await block_time(node, found.slot, found.block_time)
    return Read(listed.signature, found.slot, time, error, is_whole, told, bytes(transaction))
