"""A ledger by day, week, month or year: from the books, or from what the page has seen itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from solders.pubkey import Pubkey

from amalgam.books.database import Books
from amalgam.dashboard.page import Flows
from amalgam.dashboard.recent import Recent

STEP_S = 900  # that the books are asked by: each zone's offset is a multiple of it


class Span(StrEnum):
    """How long a history is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Window:
    """A span that a day is in, in a zone."""

    span: Span
    day: date
    zone: tzinfo

    @property
    def first(self) -> date:
        """Its first day."""
        match self.span:
            case Span.DAY:
                return self.day
            case Span.WEEK:
                return self.day - timedelta(days=self.day.weekday())
            case Span.MONTH:
                return self.day.replace(day=1)
            case Span.YEAR:
                return self.day.replace(month=1, day=1)

    @property
    def after(self) -> date:
        """The first day after it."""
        match self.span:
            case Span.DAY:
                return self.first + timedelta(days=1)
            case Span.WEEK:
                return self.first + timedelta(days=7)
            case Span.MONTH:
                return (self.first + timedelta(days=31)).replace(day=1)
            case Span.YEAR:
                return self.first.replace(year=self.first.year + 1)

    @property
    def before(self) -> date:
        """The last day before it."""
        return self.first - timedelta(days=1)

    def edges(self) -> Sequence[int]:
        """When its parts begin, in Unix seconds, and when the last one ends.

        A day's are hours, a week's and a month's days, and a year's months.
        """
        if self.span is Span.DAY:
            return range(self._at(self.first), self._at(self.after) + 1, 3_600)
        found: list[date] = [self.first]
        while found[-1] < self.after:
            last = found[-1]
            by_month = self.span is Span.YEAR
            found.append((last + timedelta(days=31)).replace(day=1) if by_month else last + timedelta(days=1))
        return [self._at(each) for each in found]

    def _at(self, day: date) -> int:
        return int(datetime.combine(day, time(), self.zone).timestamp())


class Part(NamedTuple):
    """A part of a span.

    Attributes:
        starts_at: Unix seconds.
        sums: By the column, in base units.
        level: At its end, in base units; None if that is not known.
    """

    starts_at: int
    sums: Mapping[str, int]
    level: int | None


def from_books(
    books: Books,
    window: Window,
    flows: Flows,
    level: Sequence[str],
    ledger: Pubkey,
    accounts: Sequence[Pubkey] | None = None,
) -> list[Part]:
    """What the books have of a ledger, or of some accounts of it alone. Raises BooksError."""
    edges = window.edges()
    names: dict[str, list[str]] = {}
    for event, field, _ in (term for terms in flows.values() for term in terms):
        names.setdefault(event, []).append(field)
    sums = books.sums(ledger, edges[0], edges[-1], STEP_S, names, accounts)
    levels = books.levels(ledger, edges[0], edges[-1], STEP_S, level) if level and accounts is None else {}
    known = levels.get(None)
    found: list[Part] = []
    for start, end in pairwise(edges):
        steps = range(start // STEP_S, -(-end // STEP_S))
        told = {
            column: sum(
                factor * sums.get((step, event, field), 0) for step in steps for event, field, factor in terms
            )
            for column, terms in flows.items()
        }
        known = next((levels[step] for step in reversed(steps) if step in levels), known)
        found.append(Part(start, told, known))
    return found


def from_recent(recent: Recent, window: Window, ledger: Pubkey, into: str, out: str) -> list[Part]:
    """What the page has seen since it began."""
    edges = window.edges()
    points = recent.points.get(ledger, ())
    found: list[Part] = []
    for start, end in pairwise(edges):
        within = [each for each in points if start <= each.unix_timestamp < end]
        earlier = [each for each in points if each.unix_timestamp < start]
        if not within:
            found.append(Part(start, {into: 0, out: 0}, None))
            continue
        first, last = (earlier or within)[-1 if earlier else 0], within[-1]
        found.append(Part(start, {into: last.into - first.into, out: last.out - first.out}, last.stored))
    return found
