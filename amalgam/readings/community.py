"""A community's readings from its files: one value for each meter and interval, in whole base units.

Intervals are as long as the longest of the files; shorter ones are added up, and are missing if one of them
is. What is missing, and what is told twice, is treated by a policy that somebody has chosen, and counted.

A meter's values become whole base units by counting up: at the end of each interval it shows all that has
come so far, rounded down, and an interval has what that has risen by. So nothing is lost but a part of one
base unit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amalgam.csv_rows import ReadingsError
from amalgam.readings.model import (
    MOST,
    PARTS,
    Counts,
    Direction,
    Integers,
    Part,
    Qualities,
    Quality,
    Readings,
    zone_offsets,
)
from amalgam.readings.policies import Duplicates, Gaps
from amalgam.readings.times import zone as time_zone
from amalgam.units import counted, duration

Mask = NDArray[np.bool_]
_NONE = -1  # a value that is missing
_DAY_S = 86_400
_MOST_CELLS = 2**31  # of values, 16 GiB


@dataclass(frozen=True, slots=True)
class Meter:
    """One direction of what a file calls a member."""

    name: str
    direction: Direction


Assign = Callable[[Meter], Meter | None]  # the member and direction that a meter counts for, None for nobody


@dataclass(frozen=True, slots=True)
class Gap:
    """Intervals in a row in which a meter has no value."""

    meter: Meter
    start: int  # Unix s
    intervals: int


@dataclass(slots=True, eq=False)
class Grid:
    """The values of meters, a row for each interval and a column for each meter.

    Attributes:
        meters: In the order in which they first appear.
        interval_s: Length of an interval.
        first: Unix s of the first interval's start.
        amounts: 3,600,000ths of a base unit, or -1 if there is no value.
        qualities: As `Quality`.
        duplicates: How many values a meter had beside those.
    """

    meters: list[Meter]
    interval_s: int
    first: int
    amounts: Integers
    qualities: Qualities
    duplicates: Integers

    @property
    def starts(self) -> Integers:
        """Unix s of each interval's start."""
        return self.first + self.interval_s * np.arange(len(self.amounts), dtype=np.int64)

    def gaps(self) -> list[Gap]:
        """What is missing, meter by meter."""
        return [gap for column in range(len(self.meters)) for gap in self._gaps_of(column)]

    def _gaps_of(self, column: int) -> list[Gap]:
        missing = np.flatnonzero(self.amounts[:, column] == _NONE)
        runs = np.split(missing, np.flatnonzero(np.diff(missing) > 1) + 1)
        starts = self.starts
        return [Gap(self.meters[column], int(starts[run[0]]), len(run)) for run in runs if len(run)]


def interval_s(part: Part) -> int:
    """Length of a part's intervals: as its file tells, or the most frequent step. Raises ReadingsError."""
    if part.interval_s is not None:
        return part.interval_s
    stamps = pl.concat([frame["stamp"] for frame in part.frames]).unique().sort()
    steps = stamps.diff().drop_nulls()
    if not len(steps):
        part.refuse(10**9, "a single interval, so its length is unknown", "give at least two intervals")
    counts = steps.value_counts().sort(["count", "stamp"], descending=[True, False])
    return int(counts["stamp"][0])


def community(
    parts: Sequence[Part],
    *,
    gaps: Gaps = Gaps.REFUSE,
    duplicates: Duplicates = Duplicates.REFUSE,
    assign: Assign = lambda meter: meter,
    zone: str | None = None,
) -> Readings:
    """The readings of a community.

    Args:
        parts: Of its files, as `read_files` returns them.
        gaps: What is done about missing values.
        duplicates: What is done about second values of a meter for an interval.
        assign: Whose a meter is: the values of several meters of one member are added up.
        zone: Whose local time the starts are told in; or else as the files tell them.

    Raises:
        ReadingsError: The files do not fit together, or a policy refuses what is in them.
    """
    grid = gathered(parts, duplicates=duplicates, assign=assign)
    filled, keep = _filled(grid, gaps)
    starts, amounts, qualities = grid.starts, grid.amounts, grid.qualities
    if not keep.all():
        starts, amounts, qualities = starts[keep], amounts[keep], qualities[keep]
    offsets = _offsets(parts, starts, grid.interval_s, zone)
    kept = replace(grid, amounts=amounts, qualities=qualities)
    _to_whole_units(kept, parts[0].measure.base_unit)
    return _by_member(kept, starts, parts, assign, offsets, filled, int((~keep).sum()))


def gathered(parts: Sequence[Part], *, duplicates: Duplicates, assign: Assign = lambda meter: meter) -> Grid:
    """The values of all parts on one grid, with what is missing. Raises ReadingsError."""
    if not parts:
        raise ReadingsError("no files of readings; give at least one")
    other = next((part for part in parts if part.measure is not parts[0].measure), None)
    if other is not None:
        problem = f"it is of {other.measure.noun}, and {parts[0].name} of {parts[0].measure.noun}"
        raise ReadingsError(f"{other.name}: {problem}; replay them apart")
    lengths = [interval_s(part) for part in parts]
    meters = _meters(parts, assign)
    if not meters:
        raise ReadingsError(f"{parts[0].name}: none of its meters is a member's; name them")
    longest = max(lengths)
    first, last = _span(parts, lengths)
    count = -(-(last - first) // longest)
    if count * longest // min(lengths) * len(meters) > _MOST_CELLS:
        raise ReadingsError(
            f"{parts[0].name}: from {_time(first)} to {_time(last)} is too long; correct its times"
        )
    grid: Grid | None = None
    for length in sorted(set(lengths)):
        group = [part for each, part in zip(lengths, parts, strict=True) if each == length]
        if longest % length:
            problem = f"intervals of {duration(length)} do not divide those of {duration(longest)}"
            raise ReadingsError(
                f"{group[0].name}: {problem}; give files whose intervals divide the longest one"
            )
        fine = _empty(meters, length, first, count * (longest // length))
        for part in group:
            _place(fine, part, length, duplicates)
        coarse = _added_up(fine, longest)
        grid = coarse if grid is None else _joined(grid, coarse, duplicates)
    assert grid is not None  # noqa: S101 (there is a part)
    return grid


def _meters(parts: Sequence[Part], assign: Assign) -> list[Meter]:
    """Those that are somebody's, once each."""
    found = dict[Meter, None]()
    for part in parts:
        told = {
            (index, direction)
            for frame in part.frames
            for direction in Direction
            if direction in frame.columns
            for index in frame["member"].unique()
        }
        for index, name in enumerate(part.members):
            for direction in Direction:
                meter = Meter(name, direction)
                if (index, direction) in told and assign(meter) is not None:
                    found[meter] = None
    return list(found)


def _span(parts: Sequence[Part], lengths: Sequence[int]) -> tuple[int, int]:
    """The first interval's start and the last one's end."""
    edges = list[int]()
    for part, length in zip(parts, lengths, strict=True):
        for frame in part.frames:
            if frame.height:
                low, high = frame["stamp"].min(), frame["stamp"].max()
                edges += [int(low) - length * part.is_end, int(high) + length * (not part.is_end)]  # type: ignore[arg-type]
    return min(edges), max(edges)


def _empty(meters: list[Meter], length: int, first: int, count: int) -> Grid:
    shape = count, len(meters)
    return Grid(
        meters,
        length,
        first,
        np.full(shape, _NONE, np.int64),
        np.full(shape, Quality.MISSING, np.uint8),
        np.zeros(len(meters), np.int64),
    )


def _place(grid: Grid, part: Part, length: int, duplicates: Duplicates) -> None:
    """Put a part's values where they belong."""
    places = {meter: column for column, meter in enumerate(grid.meters)}
    for frame in part.frames:
        starts = frame["stamp"].to_numpy() - (length if part.is_end else 0)
        uneven = np.flatnonzero((starts - grid.first) % length)
        if uneven.size:
            _refuse_uneven(part, frame, starts, int(uneven[0]), length)
        rows = (starts - grid.first) // length
        for direction in Direction:
            if direction not in frame.columns:
                continue
            columns = np.array([places.get(Meter(name, direction), -1) for name in part.members], np.int64)
            amounts = frame[direction]
            is_told = amounts.is_not_null().to_numpy() & (columns[frame["member"].to_numpy()] >= 0)
            cells = rows * len(grid.meters) + columns[frame["member"].to_numpy()]
            values = amounts.fill_null(0).to_numpy() * (length if part.is_power else 1)
            _put(grid, part, frame, (cells[is_told], values[is_told], np.flatnonzero(is_told)), duplicates)


def _put(
    grid: Grid,
    part: Part,
    frame: pl.DataFrame,
    told: tuple[Integers, Integers, Integers],
    duplicates: Duplicates,
) -> None:
    """Put values into cells; `told` has cells, values and rows of the frame."""
    cells, values, rows = told
    amounts, qualities = grid.amounts.reshape(-1), grid.qualities.reshape(-1)
    is_again = amounts[cells] != _NONE
    if not (np.diff(cells) > 0).all() and np.unique(cells).size < cells.size:
        _, first = np.unique(cells, return_index=True)
        is_first = np.zeros(cells.size, bool)
        is_first[first] = True
        is_again |= ~is_first
    if is_again.any():
        again = int(np.flatnonzero(is_again)[0])
        if duplicates is Duplicates.REFUSE:
            row, cell = int(rows[again]), int(cells[again])
            name = grid.meters[cell % len(grid.meters)].name
            time = _time(grid.first + cell // len(grid.meters) * grid.interval_s)
            problem = f"a second value of {name!r} at {time}"
            part.refuse(frame["row"][row], problem, "keep one of them, or choose --duplicates first or last")
        np.add.at(grid.duplicates, cells[is_again] % len(grid.meters), 1)
        if duplicates is Duplicates.FIRST:
            cells, values, rows = cells[~is_again], values[~is_again], rows[~is_again]
    amounts[cells] = values  # of equal cells the last one stays
    qualities[cells] = frame["quality"].to_numpy()[rows]


def _refuse_uneven(part: Part, frame: pl.DataFrame, starts: Integers, row: int, length: int) -> None:
    time = _time(int(starts[row]))
    remedy = "give intervals of one length, each starting where another ends"
    part.refuse(frame["row"][row], f"{time} is not the start of an interval of {duration(length)}", remedy)


def _added_up(fine: Grid, length: int) -> Grid:
    """The same in longer intervals: what is missing in one is missing in the sum."""
    ratio = length // fine.interval_s
    if ratio == 1:
        return fine
    shape = len(fine.amounts) // ratio, ratio, len(fine.meters)
    amounts, qualities = fine.amounts.reshape(shape), fine.qualities.reshape(shape).max(axis=1)
    amounts = np.where((amounts == _NONE).any(axis=1), _NONE, amounts.sum(axis=1))
    return replace(fine, interval_s=length, amounts=amounts, qualities=qualities)


def _joined(grid: Grid, other: Grid, duplicates: Duplicates) -> Grid:
    """Values of files with intervals of different lengths."""
    is_told = other.amounts != _NONE
    both = is_told & (grid.amounts != _NONE)
    if both.any() and duplicates is Duplicates.REFUSE:
        row, column = map(int, np.argwhere(both)[0])
        problem = f"a second value of {grid.meters[column].name!r} at {_time(int(grid.starts[row]))}"
        remedy = "keep one of them, or choose --duplicates first or last"
        raise ReadingsError(f"{problem}, in files of different intervals; {remedy}")
    if duplicates is Duplicates.FIRST:
        is_told &= ~both
    return replace(
        grid,
        amounts=np.where(is_told, other.amounts, grid.amounts),
        qualities=np.where(is_told, other.qualities, grid.qualities),
        duplicates=grid.duplicates + other.duplicates + both.sum(axis=0),
    )


def _filled(grid: Grid, gaps: Gaps) -> tuple[Integers, Mask]:
    """Fill what is missing: how many values of each meter, and which intervals stay."""
    keep = np.ones(len(grid.amounts), bool)
    missing = grid.amounts == _NONE
    filled = missing.sum(axis=0)
    if not filled.any():
        return filled, keep
    if gaps is Gaps.REFUSE:
        _refuse_gap(grid, "")
    if gaps is Gaps.LEAVE_OUT:
        keep = ~missing.any(axis=1)
        if not keep.any():
            _refuse_gap(grid, "each interval has one; ")
        return np.zeros_like(filled), keep
    if gaps is Gaps.ZERO:
        grid.amounts[missing] = 0
    else:
        _take_from_previous_day(grid, missing)
    grid.qualities[missing] = Quality.SUBSTITUTED
    return filled, keep


def _take_from_previous_day(grid: Grid, missing: Mask) -> None:
    """Fill what is missing with the value 24 hours before, which may be filled itself."""
    back = _DAY_S // grid.interval_s
    for row in np.flatnonzero(missing.any(axis=1)):
        if row < back or _DAY_S % grid.interval_s:
            _refuse_gap(grid, "there is no day before it; ")
        columns = missing[row]
        grid.amounts[row, columns] = grid.amounts[row - back, columns]


def _refuse_gap(grid: Grid, more: str) -> None:
    gaps = sorted(grid.gaps(), key=lambda gap: gap.start)
    first, values = gaps[0], sum(gap.intervals for gap in gaps)
    name = f"{first.meter.name!r} ({first.meter.direction})"
    others = f", {counted(values, 'value')} missing in all" if values > 1 else ""
    remedy = f"{more}choose --gaps zero, previous-day or leave-out, or give the values"
    raise ReadingsError(f"gap: no value of {name} at {_time(first.start)}{others}; {remedy}")


def _to_whole_units(grid: Grid, base_unit: str) -> None:
    """Count up, and round down what each interval ends with."""
    for column, meter in enumerate(grid.meters):
        amounts = grid.amounts[:, column]
        if float(amounts.astype(np.float64).sum()) > float(MOST) * PARTS:
            raise ReadingsError(f"{meter.name!r} has more than {MOST:,} {base_unit}; correct the unit")
        whole = np.cumsum(amounts) // PARTS
        grid.amounts[:, column] = np.diff(whole, prepend=0)


def _by_member(
    grid: Grid,
    starts: Integers,
    parts: Sequence[Part],
    assign: Assign,
    offsets: Integers,
    filled: Integers,
    left_out: int,
) -> Readings:
    """Add up the meters of each member."""
    assigned = [assign(meter) or meter for meter in grid.meters]
    members = tuple(dict.fromkeys(meter.name for meter in assigned))
    shape = len(grid.amounts), len(members)
    amounts = {direction: np.zeros(shape, np.int64) for direction in Direction}
    quality = np.zeros(shape, np.uint8)
    counts = dict.fromkeys(members, Counts(left_out=left_out))
    for column, (name, direction) in enumerate((meter.name, meter.direction) for meter in assigned):
        member = members.index(name)
        amounts[direction][:, member] += grid.amounts[:, column]
        told = grid.qualities[:, column]
        np.maximum(quality[:, member], told, out=quality[:, member])
        substituted = int((told == Quality.SUBSTITUTED).sum()) - int(filled[column])
        counts[name] += Counts(
            measured=int((told == Quality.MEASURED).sum()),
            substituted=substituted,
            filled=int(filled[column]),
            duplicates=int(grid.duplicates[column]),
        )
    return Readings(
        measure=parts[0].measure,
        interval=timedelta(seconds=grid.interval_s),
        members=members,
        starts=starts,
        offsets=offsets,
        produced=amounts[Direction.PRODUCED],
        consumed=amounts[Direction.CONSUMED],
        quality=quality,
        counts=tuple(counts.values()),
    )


def _offsets(parts: Sequence[Part], starts: Integers, interval_s: int, zone: str | None) -> Integers:
    """Of local time from UTC at each start: in a zone, or as the files tell, who may leave some out."""
    if zone is not None:
        told = zone_offsets(map(int, starts), time_zone(zone))
    else:
        told = dict[int, int]()
        for part in reversed(parts):
            told |= (
                {stamp - interval_s: offset for stamp, offset in part.offsets.items()} if part.is_end else {}
            )
        for part in reversed(parts):
            told |= part.offsets
    found, latest = list[int](), told[min(told)]
    for start in map(int, starts):
        latest = told.get(start, latest)
        found.append(latest)
    return np.array(found, np.int64)


def _time(unix_s: int) -> str:
    return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%d %H:%M} UTC"
