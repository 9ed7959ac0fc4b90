"""Readings: a part of a file as a reader finds it, and a community's for each interval, with no gap.

A part counts in 3,600,000ths of a base unit, which of 1 Wh are millijoules: no power and no number of
decimals has to be rounded before all is added up. A community's readings are whole base units,
`amalgam.readings.community` says how.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from enum import IntEnum, StrEnum
from typing import NoReturn

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amalgam.units import ENERGY, Measure

PARTS = 3_600_000  # of a base unit: of 1 Wh they are millijoules
MOST = 10**12  # base units in an interval, or of a meter in all

Integers = NDArray[np.int64]
Qualities = NDArray[np.uint8]


class Quality(IntEnum):
    """How a value came about."""

    MEASURED = 0
    SUBSTITUTED = 1  # calculated or estimated: by the grid operator, or here by a policy
    MISSING = 2


class Direction(StrEnum):
    """What a value is of, as the columns of a part are called."""

    PRODUCED = "produced"
    CONSUMED = "consumed"


def refusing(place: str) -> Callable[[int, str, str], NoReturn]:
    """What refuses a row of a file that has no lines: at the file as a whole."""
    from amalgam.csv_rows import ReadingsError

    def refuse(row: int, problem: str, remedy: str) -> NoReturn:  # noqa: ARG001 (as a table's)
        raise ReadingsError(f"{place}: {problem}; {remedy}")

    return refuse


@dataclass(frozen=True, slots=True)
class Part:
    """Readings of one file that have one length of interval.

    Attributes:
        name: The file's.
        format: What its format is called.
        members: Names, in the order in which they first appear.
        frames: Each has `stamp` (Unix s), `member` (of `members`), `quality`, `row` (of the table), and
            `produced`, `consumed` or both: 3,600,000ths of a base unit, or, if `is_power`, of W thousandths.
            Null is a value that is missing; a column that is not there is of nobody.
        offsets: Of local time from UTC, in s, by stamp.
        measure: What it is of.
        interval_s: Length of an interval, if the file tells it; or else it is known by the stamps.
        is_end: Whether stamps are the ends of intervals, or else their starts.
        is_power: See `frames`.
        refuse: Raises ReadingsError at a row of the table, with the problem and the remedy.
        notes: What a reader has to tell of the file, for people.
    """

    name: str
    format: str
    members: tuple[str, ...]
    frames: tuple[pl.DataFrame, ...]
    offsets: Mapping[int, int]
    refuse: Callable[[int, str, str], NoReturn]
    measure: Measure = ENERGY
    interval_s: int | None = None
    is_end: bool = False
    is_power: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """One member's production and use in the interval that starts at `timestamp`, in base units."""

    timestamp: datetime
    member: str
    produced: int
    consumed: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Values by how they came about, of all members or one, and what a policy did about them."""

    measured: int = 0
    substituted: int = 0  # as the files say
    filled: int = 0  # missing, and filled by the policy for gaps
    duplicates: int = 0  # left away by the policy for duplicates
    left_out: int = 0  # intervals, of all members, in which a value was missing

    def __add__(self, other: "Counts") -> "Counts":
        """Both together; an interval that is left out is the same one for all."""
        return Counts(
            self.measured + other.measured,
            self.substituted + other.substituted,
            self.filled + other.filled,
            self.duplicates + other.duplicates,
            max(self.left_out, other.left_out),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """All readings of one resource: a row for each interval in order of time, a column for each member.

    Attributes:
        measure: The resource.
        interval: Length of each interval. Between two there may be others, that are left out.
        members: Their names, in the order in which they first appear.
        starts: Unix s of each interval's start.
        offsets: Of local time from UTC, in s, at each start.
        produced: Base units.
        consumed: Base units.
        quality: The worse one of both values.
        counts: Of each member, as `members`.
    """

    measure: Measure
    interval: timedelta
    members: tuple[str, ...]
    starts: Integers
    offsets: Integers
    produced: Integers
    consumed: Integers
    quality: Qualities
    counts: tuple[Counts, ...] = field(default=())

    @classmethod
    def of(cls, measure: Measure, interval: timedelta, readings: Iterable[Reading]) -> "Readings":
        """Readings from Python: one of each member for each interval. Raises ValueError for a missing one."""
        found = {(each.timestamp, each.member): each for each in readings}
        times = sorted(dict.fromkeys(time for time, _ in found))
        members = tuple(dict.fromkeys(member for _, member in found))
        try:
            rows = [[found[time, member] for member in members] for time in times]
        except KeyError as error:
            raise ValueError(f"no reading of {error.args[0][1]!r} at {error.args[0][0]}") from None
        produced = [[each.produced for each in row] for row in rows]
        consumed = [[each.consumed for each in row] for row in rows]
        shape = (len(times), len(members))
        return cls(
            measure,
            interval,
            members,
            np.array([int(time.timestamp()) for time in times], np.int64),
            np.array([_offset_s(time) for time in times], np.int64),
            np.array(produced, np.int64).reshape(shape),
            np.array(consumed, np.int64).reshape(shape),
            np.zeros(shape, np.uint8),
            (Counts(measured=2 * len(times)),) * len(members),
        )

    def __len__(self) -> int:
        """How many readings there are: of each member one for each interval."""
        return self.produced.size

    def start(self, index: int) -> datetime:
        """An interval's start, in local time."""
        zone = timezone(timedelta(seconds=int(self.offsets[index])))
        return datetime.fromtimestamp(int(self.starts[index]), zone)

    def intervals(self) -> Iterator[tuple[datetime, list[Reading]]]:
        """Each interval's start, and the readings in it, in the members' order."""
        for index in range(len(self.starts)):
            start = self.start(index)
            produced, consumed = self.produced[index].tolist(), self.consumed[index].tolist()
            yield (
                start,
                [Reading(start, *each) for each in zip(self.members, produced, consumed, strict=True)],
            )


def _offset_s(time: datetime) -> int:
    offset = time.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def zone_offsets(stamps: Iterable[int], zone: tzinfo) -> dict[int, int]:
    """Of local time in a zone from UTC, in s, by stamp."""
    return {stamp: _offset_s(datetime.fromtimestamp(stamp, zone)) for stamp in stamps}
