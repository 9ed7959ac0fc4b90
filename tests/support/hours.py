"""Readings of a few hours, as tests of sharing and sizing write them."""

from datetime import UTC, datetime, timedelta

from amalgam.readings.model import Reading, Readings
from amalgam.units import ENERGY

HOUR = timedelta(hours=1)
MIDNIGHT = datetime(2026, 6, 22, tzinfo=UTC)  # a Monday


def readings(*intervals: dict[str, tuple[int, int]]) -> Readings:
    """Of hours from midnight on: produced and consumed, by member."""
    return Readings.of(
        ENERGY,
        HOUR,
        [
            Reading(MIDNIGHT + number * HOUR, name, *both)
            for number, interval in enumerate(intervals)
            for name, both in interval.items()
        ],
    )
