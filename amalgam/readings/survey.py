"""What is in files of readings, before anything is done with them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from amalgam.readings.community import Gap, Grid, gathered
from amalgam.readings.model import PARTS, Part, Quality
from amalgam.readings.policies import Duplicates


@dataclass(frozen=True, slots=True)
class Found:
    """What a file has of a meter.

    Attributes:
        file: Its name.
        format: What its format is called.
        meter: What the file calls the meter, or the member.
        direction: `produced` or `consumed`.
        interval_s: Length of an interval.
        start: Of the file's first interval, Unix s.
        end: Of its last, likewise.
        measured: Values.
        substituted: Values that the file says are calculated or estimated.
        missing: Values, between start and end.
        duplicates: Values that are there beside another one.
        base_units: The sum of the values, rounded down.
        unit: The base unit.
    """

    file: str
    format: str
    meter: str
    direction: str
    interval_s: int
    start: int
    end: int
    measured: int
    substituted: int
    missing: int
    duplicates: int
    base_units: int
    unit: str


@dataclass(frozen=True, slots=True)
class Survey:
    """What files have, where values are missing, and what their readers have to tell."""

    found: tuple[Found, ...]
    gaps: tuple[tuple[str, int, Gap], ...]  # file, length of an interval in s
    notes: tuple[tuple[str, str], ...]  # file, note


def survey(parts: Sequence[Part]) -> Survey:
    """Look at each file for itself. Raises ReadingsError if its intervals do not fit together."""
    files = dict.fromkeys(part.name for part in parts)
    found, gaps = list[Found](), list[tuple[str, int, Gap]]()
    for name in files:
        of_file = [part for part in parts if part.name == name]
        grid = gathered(of_file, duplicates=Duplicates.FIRST)
        found += _found(of_file[0], grid)
        gaps += [(name, grid.interval_s, gap) for gap in grid.gaps()]
    notes = dict.fromkeys((part.name, note) for part in parts for note in part.notes)
    return Survey(tuple(found), tuple(gaps), tuple(notes))


def _found(part: Part, grid: Grid) -> Iterator[Found]:
    for column, meter in enumerate(grid.meters):
        amounts, qualities = grid.amounts[:, column], grid.qualities[:, column]
        is_told = amounts >= 0
        yield Found(
            file=part.name,
            format=part.format,
            meter=meter.name,
            direction=meter.direction,
            interval_s=grid.interval_s,
            start=grid.first,
            end=grid.first + grid.interval_s * len(amounts),
            measured=int(np.sum(is_told & (qualities == Quality.MEASURED))),
            substituted=int(np.sum(is_told & (qualities == Quality.SUBSTITUTED))),
            missing=int(np.sum(~is_told)),
            duplicates=int(grid.duplicates[column]),
            base_units=int(amounts[is_told].sum()) // PARTS,
            unit=part.measure.base_unit,
        )
