"""Readings from a table whose columns are known: the one way from cells to values, for all formats."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from reprlib import repr as shortened
from typing import Any, NamedTuple

import polars as pl

from amalgam.readings.model import MOST, PARTS, Direction, Part, Quality
from amalgam.readings.table import Table, column
from amalgam.readings.times import ZONED, BadCellError, Clock, Wall, time_parser, zone
from amalgam.units import ENERGY, Measure

_NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]{1,2})?|[-+]?\.[0-9]+")
_WITH_COMMA = re.compile(
    r"[-+]?([0-9]{1,3}(\.[0-9]{3})+|[0-9]+),[0-9]+|[-+]?[0-9]+"
)  # points between thousands
QUALITIES = {
    "": Quality.MEASURED,
    "measured": Quality.MEASURED,
    "substituted": Quality.SUBSTITUTED,
    "missing": Quality.MISSING,
}
POWERS = {"W": Decimal(1), "kW": Decimal(1000)}


class Unit(NamedTuple):
    """What a number is multiplied by, to get the parts that a frame counts in."""

    name: str
    factor: Decimal
    is_power: bool = False
    measure: Measure = ENERGY


def unit(name: str, measure: Measure = ENERGY) -> Unit:
    """A unit by its name, in any case. Raises ValueError."""
    energies = {each.lower(): (each, places) for each, places in measure.decimal_places.items()}
    powers = {each.lower(): each for each in POWERS} if measure is ENERGY else {}
    text = name.strip().lower()
    if text in energies:
        known, places = energies[text]
        return Unit(known, Decimal(PARTS).scaleb(places), measure=measure)
    if text in powers:
        return Unit(powers[text], POWERS[powers[text]] * 1000, is_power=True)
    raise ValueError(f"{name!r} is none of the units {', '.join([*energies, *powers])}")


class Value(NamedTuple):
    """A column of values.

    Attributes:
        column: Its index in the table.
        direction: What it is of.
        unit: What its numbers are in.
        member: Whose it is, if no column names members.
        quality: The index of the column that tells the values' quality, if any.
    """

    column: int
    direction: Direction
    unit: Unit
    member: str | None = None
    quality: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """What the columns of a table are.

    Attributes:
        format: The format's name.
        values: The columns of values, all of energy or all of power.
        times: Columns that make a time together: of the time alone, or of the date and the time of day.
        time_formats: How times are written, as in strptime; none for ISO 8601 and days with points.
        zone: Of times without an offset, if it is known.
        is_end: Whether a time is the interval's end.
        interval_s: Length of an interval, if it is known.
        member: The column that names members, if there is one.
        qualities: What the words mean that tell a quality.
        decimal: The mark before decimals.
        skip: Texts in the time's column of rows that are no readings, like sums.
        notes: What there is to tell.
    """

    format: str
    values: Sequence[Value]
    times: Sequence[int]
    time_formats: Sequence[str] = ()
    zone: str | None = None
    is_end: bool = False
    interval_s: int | None = None
    member: int | None = None
    qualities: Mapping[str, Quality] = field(default_factory=dict[str, Quality])
    decimal: str = "."
    skip: Callable[[str], bool] | None = None
    notes: tuple[str, ...] = ()


def read_table(table: Table, layout: Layout) -> Part:
    """The readings of a table. Raises ReadingsError at the first cell that cannot be read."""
    return _Reader(table, layout).read()


class _Reader:
    """Reads a table chunk by chunk. What repeats in a column is converted once."""

    def __init__(self, table: Table, layout: Layout) -> None:
        self._table = table
        self._layout = layout
        self._members: dict[str, int] = {}
        self._offsets: dict[int, int] = {}
        self._clock: Clock | None = None
        self._parse_time = time_parser(layout.time_formats)

    def read(self) -> Part:
        frames, rows = list[pl.DataFrame](), 0
        for chunk in self._table.chunks():
            frames += self._frames(chunk)
            rows += chunk.height
        if not any(frame.height for frame in frames):
            self._table.refuse(rows, 0, "no readings", "add rows below the header")
        layout = self._layout
        return Part(
            name=self._table.name,
            format=layout.format,
            members=tuple(self._members),
            frames=tuple(frames),
            offsets=self._offsets,
            refuse=lambda row, problem, remedy: self._table.refuse(row, layout.times[0], problem, remedy),
            measure=layout.values[0].unit.measure,
            interval_s=layout.interval_s,
            is_end=layout.is_end,
            is_power=layout.values[0].unit.is_power,
            notes=layout.notes,
        )

    def _frames(self, chunk: pl.DataFrame) -> list[pl.DataFrame]:
        layout = self._layout
        if layout.skip is not None:
            times = chunk[column(layout.times[0])]
            skipped = [text for text in times.unique() if layout.skip(text)]
            chunk = chunk.filter(~times.is_in(skipped))
        if not chunk.height:
            return []
        members = self._member_column(chunk)
        stamps = self._stamps(chunk, members)
        if stamps.null_count():  # times that are not there in spring
            keep = stamps.is_not_null()
            chunk, members, stamps = chunk.filter(keep), members and members.filter(keep), stamps.filter(keep)
        groups: dict[tuple[str | None, int | None], list[Value]] = {}
        for value in layout.values:
            groups.setdefault((value.member, value.quality), []).append(value)
        return [
            self._frame(chunk, stamps, members, name, quality, values)
            for (name, quality), values in groups.items()
        ]

    def _frame(
        self,
        chunk: pl.DataFrame,
        stamps: pl.Series,
        members: pl.Series | None,
        name: str | None,
        quality: int | None,
        values: Sequence[Value],
    ) -> pl.DataFrame:
        """Of values that are of the same members, and of the same quality."""
        amounts = [self._amounts(chunk, value).alias(value.direction) for value in values]
        if members is None:
            index = self._members.setdefault(name or "", len(self._members))
            members = pl.repeat(index, chunk.height, dtype=pl.UInt32, eager=True)
        frame = pl.DataFrame([stamps.alias("stamp"), members.alias("member"), *amounts, chunk["row"]])
        if quality is None:
            told: Any = pl.lit(int(Quality.MEASURED), pl.UInt8)
        else:
            told = self._mapped(chunk, quality, self._quality, pl.UInt8)
        frame = frame.with_columns(told.alias("quality"))
        missing = pl.col("quality") == int(Quality.MISSING)
        return frame.with_columns(
            pl.when(missing).then(None).otherwise(pl.col(value.direction)).alias(value.direction)
            for value in values
        )

    def _amounts(self, chunk: pl.DataFrame, value: Value) -> pl.Series:
        """A column of numbers: all at once if they are whole base units, or else each text of it once."""
        whole = chunk[column(value.column)].cast(pl.Int64, strict=False)
        factor = int(value.unit.factor)
        if factor == value.unit.factor and not whole.null_count():
            least, most = whole.min(), whole.max()
            if (
                isinstance(least, int)
                and isinstance(most, int)
                and least >= 0
                and most * factor <= MOST * PARTS
            ):
                return whole * factor
        return self._mapped(chunk, value.column, self._amount(value.unit), pl.Int64)

    def _mapped(self, chunk: pl.DataFrame, index: int, parse: Callable[[str], Any], kind: Any) -> pl.Series:
        """A column converted, each of its texts once; or else refused at the first cell that is wrong."""
        return _replaced(chunk[column(index)], self._parsed(chunk, index, parse), kind)

    def _parsed(self, chunk: pl.DataFrame, index: int, parse: Callable[[str], Any]) -> dict[str, Any]:
        """What each text of a column is, in the order in which they first appear."""
        cells = chunk[column(index)]
        values, problems = dict[str, Any](), dict[str, BadCellError]()
        for text in cells.unique(maintain_order=True):
            try:
                values[text] = parse(_bare(text))
            except BadCellError as error:
                problems[text] = error
        if problems:
            first = cells.is_in(list(problems)).arg_max() or 0
            error = problems[cells[first]]
            self._table.refuse(chunk["row"][first], index, error.problem, error.remedy)
        return values

    def _member_column(self, chunk: pl.DataFrame) -> pl.Series | None:
        if self._layout.member is None:
            return None

        def parse(text: str) -> int:
            if not text:
                raise BadCellError("blank member name", "name the member")
            if not text.isprintable():
                raise BadCellError(f"member name {shortened(text)} has unprintable characters", "remove them")
            return self._members.setdefault(text, len(self._members))

        return self._mapped(chunk, self._layout.member, parse, pl.UInt32)

    # Times

    def _stamps(self, chunk: pl.DataFrame, members: pl.Series | None) -> pl.Series:
        """Unix s of each row, null if the wall clock never showed it and there is nothing in the row."""
        times = self._layout.times
        index = times[0]
        if len(times) > 1:
            joined = pl.concat_str([pl.col(column(each)).str.strip_chars() for each in times], separator=" ")
            chunk = chunk.with_columns(joined.alias(column(index)))
        walls: dict[str, Wall] = self._parsed(chunk, index, self._parse_time)
        cells = chunk[column(index)]
        zoned = {text: wall for text, wall in walls.items() if wall.offset_s is not None}
        stamps = {text: wall.seconds - (wall.offset_s or 0) for text, wall in zoned.items()}
        self._offsets |= {stamps[text]: wall.offset_s or 0 for text, wall in zoned.items()}
        if len(zoned) == len(walls):
            return _replaced(cells, stamps, pl.Int64)
        return self._local_stamps(chunk, cells, walls, stamps, members)

    def _local_stamps(
        self,
        chunk: pl.DataFrame,
        cells: pl.Series,
        walls: Mapping[str, Wall],
        stamps: dict[str, int],
        members: pl.Series | None,
    ) -> pl.Series:
        """The same of times of the wall clock, some of which may be there twice, or never."""
        clock = self._the_clock(chunk, cells, walls)
        twice, never = set[str](), set[str]()
        for text, wall in walls.items():
            if wall.offset_s is not None:
                continue
            first, second = clock.folds(wall.seconds)
            stamps[text] = wall.seconds - first
            self._offsets[wall.seconds - first] = first
            if first > second:
                twice.add(text)
            elif first < second:
                never.add(text)
        result = _replaced(cells, stamps, pl.Int64)
        for row in cells.is_in(list(twice)).arg_true() if twice else ():
            seconds = walls[cells[row]].seconds
            offset = clock.offset(seconds, None if members is None else members[row])
            result[row] = seconds - offset
            self._offsets[seconds - offset] = offset
        for row in cells.is_in(list(never)).arg_true() if never else ():
            if not self._is_empty(chunk, row):
                time, zone_name = shortened(_bare(cells[row])), self._layout.zone
                problem = f"{time} is a time that the clocks of {zone_name} have skipped"
                remedy = "correct it, or name the zone that the file is in, like --zone UTC"
                self._table.refuse(chunk["row"][row], self._layout.times[0], problem, remedy)
            result[row] = None
        return result

    def _the_clock(self, chunk: pl.DataFrame, cells: pl.Series, walls: Mapping[str, Wall]) -> Clock:
        if self._clock is None:
            if self._layout.zone is None:
                unzoned = [text for text, wall in walls.items() if wall.offset_s is None]
                row = cells.is_in(unzoned).arg_max() or 0
                problem = f"{shortened(_bare(cells[row]))} has no zone"
                self._table.refuse(
                    chunk["row"][row],
                    self._layout.times[0],
                    problem,
                    f"{ZONED}, or name the zone, like --zone Europe/Vienna",
                )
            first, last = (walls[cells[row]].seconds for row in (0, -1))
            self._clock = Clock(zone(self._layout.zone), is_descending=last < first)
        return self._clock

    def _is_empty(self, chunk: pl.DataFrame, row: int) -> bool:
        """Whether nothing is in a row, or zeros, as in spreadsheets that have 24 hours on each day."""
        cells = [_bare(chunk[column(value.column)][row]) for value in self._layout.values]
        return all(not cell or not cell.strip("0.,") for cell in cells)

    # Cells

    def _amount(self, unit: Unit) -> Callable[[str], int | None]:
        other = "," if self._layout.decimal == "." else "."
        most = MOST * PARTS

        def parse(text: str) -> int | None:
            if not text:
                return None
            number = text.replace("\u00a0", "")
            if self._layout.decimal == "," and _WITH_COMMA.fullmatch(number):
                number = number.replace(".", "").replace(",", ".")
            if not _NUMBER.fullmatch(number) or (
                self._layout.decimal == "," and "." in text and "," not in text
            ):
                mark = "point" if self._layout.decimal == "." else "comma"
                remedy = f"write digits, with a {mark} before decimals"
                if other in text:
                    remedy += f", or say in a mapping that decimal = {other!r}"
                raise BadCellError(f"{shortened(text)} is not a number", remedy)
            exact = Fraction(Decimal(number)) * Fraction(unit.factor)
            if exact < 0:
                remedy = f"count {unit.measure.produced} and {unit.measure.demand} apart, from 0 up"
                raise BadCellError(f"{shortened(text)} is negative", remedy)
            if exact > most:
                what = f"more than {MOST:,} {'W' if unit.is_power else unit.measure.base_unit}"
                raise BadCellError(f"{shortened(text)} is {what}", "correct the amount or its unit")
            return round(exact)

        return parse

    def _quality(self, text: str) -> int:
        known = self._layout.qualities
        found = known.get(text, known.get(text.lower()))
        if found is None:
            raise BadCellError(
                f"{shortened(text)} is none of the qualities {', '.join(filter(None, known))}",
                "correct it, or name it in a mapping",
            )
        return int(found)


def _replaced(cells: pl.Series, values: Mapping[str, Any], kind: Any) -> pl.Series:
    return cells.replace_strict(list(values), pl.Series(list(values.values()), dtype=kind), return_dtype=kind)


def _bare(text: str) -> str:
    """Without outer spaces, and without the quotes that stand behind a space."""
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == '"' else text
