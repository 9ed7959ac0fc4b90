"""Keeps looking at what all programs hold, and tells who listens what has changed."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic, time
from typing import Any, NamedTuple

from solana.rpc.async_api import AsyncClient
from solana.rpc.core import RPCException
from solders.pubkey import Pubkey

from amalgam import AmalgamError, NotFoundError
from amalgam.books.database import Books, BooksError
from amalgam.chain.rpc import cleaned
from amalgam.chain.tokens import decimals
from amalgam.dashboard.page import Cell, Moment, Number, Section, Table, Who, text
from amalgam.dashboard.recent import Recent
from amalgam.dashboard.words import Words
from amalgam.watching.alarms import Alarm, Limits, alarms
from amalgam.watching.snapshot import BooksWatch, Snapshot, from_cluster, violations

_LOG = logging.getLogger(__name__)
HEARTBEAT_S = 10  # after which a stream tells that it is there
_AUDIT_S = 60  # between two audits of a ledger, at least
_AUDITS_S = 1  # of a look, for audits


class Seen(NamedTuple):
    """A snapshot, and the decimals of the mints in it that are known."""

    snapshot: Snapshot
    decimals: Mapping[Pubkey, int]


Source = Callable[[], Awaitable[Seen]]


class Lost(NamedTuple):
    """Nobody answers: since when, in Unix seconds of this machine, and what was said."""

    since: int
    reason: str


# Sources


def from_connection(connection: AsyncClient, ledgers: Collection[Pubkey] = ()) -> Source:
    """A cluster: all that is there, or some ledgers.

    Each is audited once a minute. If there are many they take turns, so that nobody waits for audits.
    """
    known: dict[Pubkey, int] = {}
    found: dict[Pubkey, Sequence[str]] = {}
    due: dict[Pubkey, float] = {}  # when it is audited next, by a clock of this machine

    async def audit(snapshot: Snapshot) -> None:
        began = monotonic()
        for ledger in sorted(snapshot.ledgers, key=due.__getitem__):
            if due[ledger] > began or monotonic() > began + _AUDITS_S:
                return
            found[ledger] = await violations(snapshot, ledger, connection)
            due[ledger] = began + _AUDIT_S

    async def look() -> Seen:
        snapshot = (await from_cluster(connection)).only(ledgers)
        is_first = not due  # which somebody waits for
        for ledger in snapshot.ledgers:
            due.setdefault(ledger, 0)
        if not is_first:
            await audit(snapshot)
        for ledger in snapshot.ledgers.values():
            mint = getattr(ledger, "payment_mint", None)
            if mint is not None and mint not in known:
                known[mint] = await decimals(connection, mint)
        told = {ledger: found[ledger] for ledger in snapshot.ledgers if found.get(ledger)}
        return Seen(replace(snapshot, violations=told), dict(known))

    return look


def from_books(watch: BooksWatch, ledgers: Collection[Pubkey] = ()) -> Source:
    """Books alone, which know no mint's decimals."""

    async def look() -> Seen:
        return Seen((await asyncio.to_thread(watch.snapshot)).only(ledgers), {})

    return look


# What is seen


@dataclass(slots=True)
class Live:
    """The latest that was seen.

    Attributes:
        seen: None before the first answer.
        lost: While nobody answers.
        recent: What has changed lately.
        books: That know what was before, if there are any.
        version: Rises with each change.
        limits: Of alarms, and the names of what they are about.
        alarms: Of the latest that was seen.
        has_ended: Whether nobody is told anything any more.
    """

    seen: Seen | None = None
    lost: Lost | None = None
    recent: Recent = field(default_factory=Recent)
    books: Books | None = None
    version: int = 0
    limits: Limits = field(default_factory=Limits)
    alarms: Sequence[Alarm] = ()
    has_ended: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, look: Source, interval_s: float) -> None:
        """Look again and again, for ever: whoever does not answer is asked again."""
        while True:
            await self.look(look)
            await asyncio.sleep(interval_s)

    async def look(self, look: Source) -> None:
        """Look once."""
        try:
            seen = await look()
        except AmalgamError as error:
            if isinstance(error, ValueError) and not isinstance(error, NotFoundError):
                raise  # another cluster: no later answer mends that
            self._lose(str(error))
        except RPCException as error:  # a node that does not do what is asked, like listing accounts
            self._lose(cleaned(str(getattr(error.args[0], "message", error))))
        else:
            if self.lost is None and seen == self.seen:
                return
            if self.seen is None and self.books:
                await self._begin(seen.snapshot, self.books)
            self.recent.add(seen.snapshot)
            self.seen, self.lost = seen, None
            now = seen.snapshot.unix_timestamp
            self.alarms = alarms(seen.snapshot, self.limits, now, self.alarms)
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def _begin(self, snapshot: Snapshot, books: Books) -> None:
        """Fill the charts with what the books know; without them they begin empty."""
        try:
            await asyncio.to_thread(self.recent.begin, snapshot, books)
        except BooksError as error:
            _LOG.warning("charts begin empty: %s", error)

    def _lose(self, reason: str) -> None:
        self.lost = Lost(self.lost.since if self.lost else int(time()), reason)

    def end(self) -> None:
        """Let all streams end."""
        self.has_ended = True
        self._changed.set()

    async def newer(self, version: int) -> bool:
        """Wait for a change after a version: whether there was one before the next heartbeat."""
        if self.version > version:
            return True
        try:
            await asyncio.wait_for(self._changed.wait(), HEARTBEAT_S)
        except TimeoutError:
            return False
        return True


# What is told


class State(NamedTuple):
    """A page as text.

    Attributes:
        shape: What its HTML was made for: another one has to be loaded.
        status: Its kind, and a line.
        as_of: When that was.
        values: By the figure.
        bars: Percents of what is available and reserved, by the section.
        kinds: Of a table's columns: n for numbers, t for times, w for who, s for text.
        rows: By the table, and their keys.
    """

    shape: str
    status: tuple[str, str]
    as_of: str
    values: dict[str, str]
    bars: dict[str, tuple[float, float]]
    kinds: dict[str, str]
    rows: dict[str, dict[str, tuple[str, ...]]]


def state_of(live: Live, words: Words, sections: Sequence[Section]) -> State:
    """What a page of these sections says."""
    values: dict[str, str] = {}
    bars: dict[str, tuple[float, float]] = {}
    kinds: dict[str, str] = {}
    rows: dict[str, dict[str, tuple[str, ...]]] = {}
    shape: list[str] = []
    for section in sections:
        shape.append(section.key)
        for figure in section.figures:
            values[f"{section.key}.{figure.key}"] = text(figure.cell, words)
        if section.level:
            bars[section.key] = section.level.available / 100, section.level.reserved / 100
        for table in section.tables:
            key = f"{section.key}.{table.key}"
            shape.append(key)
            kinds[key], rows[key] = rows_of(table, words)
    return State(" ".join(shape), _status(live, words), _as_of(live, words), values, bars, kinds, rows)


def rows_of(table: Table, words: Words) -> tuple[str, dict[str, tuple[str, ...]]]:
    """The kinds of a table's columns, and its rows, in the order of their keys."""
    rows = {row: tuple(text(cell, words) for cell in cells) for row, cells in sorted(table.rows.items())}
    columns = (set(map(_kind, cells)) for cells in zip(*table.rows.values(), strict=True))
    return "".join(min(kinds, key="ntws".index) for kinds in columns), rows


def _kind(cell: Cell) -> str:
    match cell:
        case Number():
            return "n"
        case Moment():
            return "t"
        case Who():
            return "w"
        case str():
            return "s"


def _status(live: Live, words: Words) -> tuple[str, str]:
    if live.seen is None:
        reason = live.lost.reason if live.lost else words("connecting")
        return "lost", words("never", reason=reason)
    if live.lost:
        return "lost", words("lost", time=words.time(live.lost.since), reason=live.lost.reason)
    return "fresh", words("fresh")


def _as_of(live: Live, words: Words) -> str:
    if live.seen is None:
        return ""
    snapshot = live.seen.snapshot
    return words("as_of", time=words.time(snapshot.unix_timestamp), slot=f"{snapshot.slot}")


def difference(before: State | None, after: State) -> dict[str, Any]:
    """What a browser has to change; all of it if it has nothing yet."""
    if before is None:
        rows = {key: {"kinds": after.kinds[key], "set": found} for key, found in after.rows.items()}
        return {**after._asdict(), "kinds": None, "rows": rows, "full": True}
    told: dict[str, Any] = {}
    for name in ("shape", "status", "as_of"):
        if getattr(before, name) != getattr(after, name):
            told[name] = getattr(after, name)
    for name in ("values", "bars"):
        known = getattr(before, name)
        if new := {key: each for key, each in getattr(after, name).items() if known.get(key) != each}:
            told[name] = new
    rows: dict[str, Any] = {}
    for key, found in after.rows.items():
        known = before.rows.get(key, {})
        new = {row: cells for row, cells in found.items() if known.get(row) != cells}
        gone = [row for row in known if row not in found]
        if new or gone:
            rows[key] = {"kinds": after.kinds[key], "set": new, "gone": gone}
    return told | ({"rows": rows} if rows else {})


async def stream(live: Live, view: Callable[[], tuple[Sequence[Section], State]]) -> AsyncIterator[str]:
    """JSON for a browser: all of a page, and then whatever changes, as fast as it is taken."""
    before: State | None = None
    charted: dict[str, int] = {}
    while not live.has_ended:
        version = live.version
        sections, after = view()
        told = difference(before, after)
        if points := _points(live, sections, charted):
            told["points"] = points
        if told:
            yield json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        before = after
        while not await live.newer(version):
            yield "{}"  # that the stream is there


def _points(live: Live, sections: Sequence[Section], charted: dict[str, int]) -> dict[str, Any]:
    """Of each chart the points that are new since the last time, which is noted."""
    told: dict[str, Any] = {}
    for section in sections:
        if section.chart is None:
            continue
        since = charted.get(section.key, 0)
        new = live.recent.after(section.chart.ledger, since)
        if not new or (since and len(new) == 1 and charted.get(f"{section.key} last") == hash(new[0])):
            continue
        charted[section.key] = new[-1].unix_timestamp
        charted[f"{section.key} last"] = hash(new[-1])
        told[section.key] = [
            [each.unix_timestamp for each in new],
            [each.stored / 1_000 for each in new],
            [each.reserved / 1_000 for each in new],
        ]
    return told
