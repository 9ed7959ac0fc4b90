"""Times as files write them: with an offset, or as the clock on the wall of some zone shows it."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from reprlib import repr as shortened
from typing import NamedTuple
from zoneinfo import ZoneInfo

from amalgam import AmalgamError

_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?: +(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
HOW = "write it like 2026-06-22T00:15:00+02:00"
ZONED = "append the zone's offset, like +02:00 or Z"


class BadCellError(AmalgamError, ValueError):
    """A cell that cannot be read: the problem and the remedy. It never leaves this package."""

    def __init__(self, problem: str, remedy: str) -> None:
        """Keep both."""
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy


class Wall(NamedTuple):
    """A time as written: of the wall clock, in s as if that were UTC, and its offset from UTC if told."""

    seconds: int
    offset_s: int | None


def zone(name: str) -> ZoneInfo:
    """A time zone by its name. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is not a time zone; write it like Europe/Vienna") from None


def time_parser(formats: Sequence[str] = ()) -> Callable[[str], Wall]:
    """What reads ISO 8601, or days with points between like 22.6.2026 00:15, or else these formats alone."""

    def parse(text: str) -> Wall:
        found = _formatted(text, formats) if formats else _known(text)
        if not 1970 <= found.year < 9999:
            raise BadCellError(f"{shortened(text)} is not within the years 1970 to 9998", "correct the year")
        offset = found.utcoffset()
        naive = found.replace(tzinfo=UTC, microsecond=0) + timedelta(seconds=found.microsecond >= 500_000)
        return Wall(int(naive.timestamp()), None if offset is None else int(offset.total_seconds()))

    return parse


def _known(text: str) -> datetime:
    match = _DOTTED.fullmatch(text)
    try:
        if match:
            day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
            return datetime(year, month, day, hour, minute, second)
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadCellError(f"{shortened(text)} is not a time", HOW) from None


def _formatted(text: str, formats: Sequence[str]) -> datetime:
    for each in formats:
        try:
            return datetime.strptime(text, each)
        except ValueError:
            continue
    example = datetime(2026, 6, 22, 0, 15).strftime(formats[0])
    raise BadCellError(f"{shortened(text)} is not a time like {example}", "correct it, or the time's format")


class Clock:
    """Converts wall-clock times of a zone to UTC, in a file's order.

    In autumn an hour is there twice. What comes first in time is the summer's: of each member the first one,
    or the last one of a file that has its newest rows first. In spring an hour is not there at all.
    """

    def __init__(self, zone: tzinfo, *, is_descending: bool = False) -> None:
        """Begin with a file's first row."""
        self._zone = zone
        self._is_descending = is_descending
        self._seen = Counter[tuple[Hashable, int]]()

    def folds(self, seconds: int) -> tuple[int, int]:
        """Offsets that a wall-clock time may have, in s: the same one twice, or the earlier time's first.

        The first is less than the second if that time is not there at all.
        """
        naive = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=self._zone)
        first, second = naive.utcoffset(), naive.replace(fold=1).utcoffset()
        if first is None or second is None:
            raise ValueError(f"{self._zone} has no offsets")
        return int(first.total_seconds()), int(second.total_seconds())

    def offset(self, seconds: int, of: Hashable) -> int:
        """The offset of the next row of somebody that has a time which is there twice."""
        first, second = self.folds(seconds)
        self._seen[of, seconds] += 1
        is_first = (self._seen[of, seconds] == 1) != self._is_descending
        return first if is_first else second
