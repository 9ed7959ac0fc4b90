"""The sections of a page: of all that there is, or of one member."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from solders.pubkey import Pubkey

from amalgam.dashboard import history
from amalgam.dashboard.areas import area
from amalgam.dashboard.history import Part, Window
from amalgam.dashboard.live import Live
from amalgam.dashboard.page import Cell, Figure, Look, Moment, Number, Section, Table
from amalgam.dashboard.words import RESOURCE_WORDS, Words
from amalgam.dashboard.words import words as all_words
from amalgam.programs import Program, of_record
from amalgam.units import MEASURES, Resource
from amalgam.watching.alarms import Alarm, Kind
from amalgam.watching.snapshot import Snapshot
from amalgam.watching.words import line

_KINDS = tuple(Kind)


def look_of(live: Live, words: Words) -> Look | None:
    """What areas look at; None before the first answer."""
    if live.seen is None:
        return None
    return Look(live.seen.snapshot, live.recent, words, live.limits.names, live.seen.decimals)


def sections_of(live: Live, words: Words, owner: Pubkey | None = None) -> list[Section]:
    """All that there is, or an owner's part of it."""
    look = look_of(live, words)
    if look is None:
        return []
    found = live.alarms
    if owner is not None:
        own = set(accounts_of(look.snapshot, owner))
        found = [each for each in found if each.address in own]
    sections = [_alarms(words, found)]
    for program in Program:
        shown = area(program).sections(look) if owner is None else area(program).of_member(look, owner)
        sections += shown
    return sections


def accounts_of(snapshot: Snapshot, owner: Pubkey) -> list[Pubkey]:
    """All accounts of an owner."""
    return [at for at, each in snapshot.accounts.items() if getattr(each, "owner", None) == owner]


def _alarms(words: Words, found: Sequence[Alarm]) -> Section:
    return Section(
        key="alarms",
        title=words("alarms"),
        figures=[Figure("count", words("now"), Number(len(found)), is_main=True)],
        tables=[
            Table(
                "alarms",
                words("alarms"),
                [words("alarm"), words("since")],
                {
                    f"{_KINDS.index(each.kind):02}-{each.since:020}-{each.address}": (
                        line(each, words.language, words.time),
                        Moment(each.since),
                    )
                    for each in found
                },
                words("no_alarms"),
            )
        ],
    )


# History


def ledgers(snapshot: Snapshot, owner: Pubkey | None = None) -> dict[Pubkey, Any]:
    """The ledgers that there is a history of, or that an owner has accounts of."""
    known = snapshot.ledgers
    if owner is None:
        return known
    own = {snapshot.ledger_of(each) for each in accounts_of(snapshot, owner)}
    return {address: each for address, each in known.items() if address in own}


def title_of(words: Words, ledger: Any) -> str:
    """What a ledger is."""
    package = of_record(ledger).package
    return words(package) if package in all_words() else words.of(ledger.resource, "pool")


class History(NamedTuple):
    """A ledger in a window: its key figures, and its parts."""

    figures: Sequence[Figure]
    table: Table


def history_of(live: Live, words: Words, window: Window, ledger: Pubkey, owner: Pubkey | None) -> History:
    """A ledger by the parts of a window. Raises BooksError, and KeyError if there is no such ledger.

    An owner's part of it needs books.
    """
    if live.seen is None:
        raise KeyError(ledger)
    snapshot = live.seen.snapshot
    record = ledgers(snapshot, owner)[ledger]
    shown = area(of_record(record))
    resource = getattr(record, "resource", Resource.ENERGY)
    accounts = None
    if owner is not None:
        accounts = [each for each in accounts_of(snapshot, owner) if snapshot.ledger_of(each) == ledger]
    if live.books:
        parts = history.from_books(live.books, window, shown.FLOWS, shown.LEVEL, ledger, accounts)
        columns = {each: _column(words, resource, each) for each in shown.FLOWS}
    else:
        parts = history.from_recent(live.recent, window, ledger, "into", "out")
        columns = {"into": words("flow_in"), "out": words("flow_out")}
    has_level = bool(shown.LEVEL) and owner is None
    heads = [words("begins"), *columns.values(), *([words("level_end")] if has_level else [])]
    rows = {f"{part.starts_at:020}": _row(resource, part, has_level) for part in parts}
    sums = {each: sum(part.sums[each] for part in parts) for each in columns}
    total = [Number(each, 3, MEASURES[resource].unit, 3) for each in sums.values()]
    rows["total"] = (words("total"), *total, *([""] if has_level else []))
    figures = shown.key_figures(words, record, sums) if live.books and owner is None else ()
    return History(figures, Table("history", words("history"), heads, rows))


def _row(resource: Resource, part: Part, has_level: bool) -> tuple[Cell, ...]:
    unit = MEASURES[resource].unit
    sums = (Number(each, 3, unit, 3) for each in part.sums.values())
    level: Cell = "–" if part.level is None else Number(part.level, 3, unit, 3)
    return (Moment(part.starts_at), *sums, *([level] if has_level else []))


def _column(words: Words, resource: Resource, name: str) -> str:
    return words.of(resource, name) if name in RESOURCE_WORDS else words(name)
