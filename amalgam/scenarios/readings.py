"""Metered readings of a community, read from a CSV file and refused as a whole if anything in it is amiss.

The header names the columns, in any order: `timestamp` (start of the interval, ISO 8601 with the zone's
offset), `member`, and two amounts of the interval, by whose names and units the resource is known:

    energy   what the member generated and consumed, each in `_Wh` or `_kWh`
    water    their inflow and what they consumed, each in `_L` or `_m3`
    waste    what they delivered, and the treatment there was for it, each in `_kg` or `_t`

Rows come in order of time; each member has one reading for each interval, and all intervals have the
same length. Times are compared as instants, so the hour that a change of clocks skips or repeats is neither a
gap nor a duplicate.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from reprlib import repr as shortened
from typing import NamedTuple

from amalgam.csv_rows import NUMBER, Rows, instant, read_file
from amalgam.units import MEASURES, U64_MAX, Measure, counted

_TOLD_ROWS = 10_000
_TITLES = (
    "timestamp",
    "member",
    *(
        f"{name}_{unit}"
        for measure in MEASURES
        for name in (measure.produced, measure.demand)
        for unit in measure.decimal_places
    ),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One member's production and use in the interval that starts at `timestamp`, in base units."""

    timestamp: datetime
    member: str
    produced: int
    consumed: int


@dataclass(frozen=True, slots=True)
class Readings:
    """All readings of one resource in order of time, one of each member for each interval."""

    measure: Measure
    interval: timedelta
    members: frozenset[str]
    readings: tuple[Reading, ...]


def load_readings(path: Path, told: Callable[[int], object] = lambda _: None) -> Readings:
    """Read and check a whole file. Raises ReadingsError at its first fault.

    Now and then, `told` is given the number of bytes read so far.
    """
    return read_file(path, partial(_read, told))


class _Columns(NamedTuple):
    """Of what, where in a row each value stands, counted from 0, and decimal places down to the base unit."""

    measure: Measure
    timestamp: int
    member: int
    produced: int
    consumed: int
    produced_places: int
    consumed_places: int


class _Order:
    """Holds the readings to one of each member for each interval, in order of time."""

    def __init__(self, rows: Rows, columns: _Columns) -> None:
        self.interval: timedelta | None = None  # known from the second interval on
        self.members: frozenset[str] = frozenset()  # those of the first interval, known when it ends
        self._rows = rows
        self._columns = columns
        self._now: datetime | None = None
        self._seen: set[str] = set()

    def take(self, timestamp: datetime, member: str) -> None:
        if self._now is None:
            self._now = timestamp
        if timestamp < self._now:
            problem = f"out of order, {timestamp.isoformat()} after {self._now.isoformat()}"
            self._rows.refuse(problem, "sort the rows by timestamp", self._columns.timestamp)
        if timestamp > self._now:
            self._start_interval(self._now, timestamp)
        if member in self._seen:
            problem = f"duplicate reading of {shortened(member)} at {timestamp.isoformat()}"
            self._rows.refuse(problem, "keep one of them", self._columns.member)
        if self.interval and member not in self.members:
            problem = f"gap, {shortened(member)} has no reading in the first interval"
            self._rows.refuse(problem, "give each member a reading for each interval", self._columns.member)
        self._seen.add(member)

    def _start_interval(self, last: datetime, timestamp: datetime) -> None:
        self.end_interval()
        step = timestamp - last
        if self.interval is None:
            self.interval = step
        if step != self.interval:
            fault = "gap" if step > self.interval else "uneven intervals"
            problem = f"{fault}, {step} since the last readings, not {self.interval}"
            self._rows.refuse(problem, "give each interval its readings", self._columns.timestamp)
        self._now = timestamp
        self._seen = set()

    def end_interval(self) -> None:
        if self.interval is None:
            self.members = frozenset(self._seen)
        missing = self.members - self._seen
        if missing and self._now:
            problem = f"gap, no reading of {shortened(min(missing))} at {self._now.isoformat()}"
            self._rows.refuse(problem, "give each member a reading for each interval")


def _read(told: Callable[[int], object], rows: Rows) -> Readings:
    columns = _columns(rows, rows.header(_TITLES))
    order = _Order(rows, columns)
    readings: list[Reading] = []
    for row in rows:
        reading = _reading(rows, columns, row)
        order.take(reading.timestamp, reading.member)
        readings.append(reading)
        if len(readings) % _TOLD_ROWS == 0:
            told(rows.bytes_read)
    if not readings:
        rows.refuse("no readings", "add rows below the header")
    order.end_interval()
    if order.interval is None:
        rows.refuse("a single interval, so its length is unknown", "give at least two intervals")
    return Readings(columns.measure, order.interval, order.members, tuple(readings))


def _columns(rows: Rows, header: list[str]) -> _Columns:
    if not header:
        rows.refuse("empty file", f"start with the header {_header(*MEASURES)}")
    measure = _measure(header)
    use_columns = f"use the columns {_header(*([measure] if measure else MEASURES))}"
    amounts = (measure.produced, measure.demand) if measure else ()
    found: dict[str, tuple[int, int]] = {}
    for field, title in enumerate(header):
        name, _, unit = title.partition("_")
        places = 0
        if measure and name in amounts:
            if unit not in measure.decimal_places:
                problem = f"unknown unit {shortened(unit)} of {name}"
                rows.refuse(problem, f"use _{measure.base_unit} or _{measure.typed_unit}", field)
            places = measure.decimal_places[unit]
        elif title not in ("timestamp", "member"):
            rows.refuse(f"unknown column {shortened(title)}", use_columns, field)
        if name in found:
            rows.refuse(f"second column for {name}", "keep one of them", field)
        found[name] = (field, places)
    for name in ("timestamp", "member", *amounts):
        if name not in found:
            rows.refuse(f"missing column for {name}", use_columns)
    if measure is None:
        rows.refuse("no column of amounts", use_columns)
    timestamp, member, produced, consumed = (found[name] for name in ("timestamp", "member", *amounts))
    return _Columns(measure, timestamp[0], member[0], produced[0], consumed[0], produced[1], consumed[1])


def _measure(header: list[str]) -> Measure | None:
    """The resource of what a header names: by a column of its alone, or else by a unit."""
    titles = [title.partition("_") for title in header]
    for measure in MEASURES:
        others = [each for each in MEASURES if each is not measure]
        own = {measure.produced, measure.demand} - {each.demand for each in others}
        if any(name in own for name, _, _ in titles):
            return measure
    for measure in MEASURES:
        if any(name == measure.demand and unit in measure.decimal_places for name, _, unit in titles):
            return measure
    return None


def _header(*measures: Measure) -> str:
    """The columns that a first line may name."""
    return "timestamp, member, " + " or ".join(
        f"{each.produced}_{each.base_unit} (or _{each.typed_unit}), "
        f"{each.demand}_{each.base_unit} (or _{each.typed_unit})"
        for each in measures
    )


def _reading(rows: Rows, columns: _Columns, row: list[str]) -> Reading:
    if len(row) != 4:
        rows.refuse(f"{counted(len(row), 'field')} in place of 4", "give each row one field for each column")
    return Reading(
        instant(rows, row[columns.timestamp], columns.timestamp),
        _member(rows, row[columns.member], columns.member),
        _amount(rows, row[columns.produced], columns.produced, columns.produced_places, columns.measure),
        _amount(rows, row[columns.consumed], columns.consumed, columns.consumed_places, columns.measure),
    )


def _member(rows: Rows, text: str, field: int) -> str:
    if not text.strip():
        rows.refuse("blank member name", "name the member", field)
    if text != text.strip() or not text.isprintable():
        problem = f"member name {shortened(text)} has outer spaces or unprintable characters"
        rows.refuse(problem, "remove them", field)
    return text


def _amount(rows: Rows, text: str, field: int, places: int, measure: Measure) -> int:
    unit = measure.base_unit
    if not NUMBER.fullmatch(text):
        rows.refuse(f"{shortened(text)} is not a number", "write digits, with a point before decimals", field)
    base_units = Decimal(f"{text}e{places}")  # exact, whatever the number of digits
    if base_units < 0:
        remedy = f"count {measure.produced} and {measure.demand} apart, from 0 up"
        rows.refuse(f"{shortened(text)} is negative", remedy, field)
    if base_units > U64_MAX:
        rows.refuse(
            f"{shortened(text)} is more than {U64_MAX} {unit}", "correct the amount or its unit", field
        )
    if base_units != int(base_units):
        rows.refuse(f"{shortened(text)} is finer than 1 {unit}", f"round it to whole {unit}", field)
    return int(base_units)
