"""The interface of a source: a place where a meter's register is read.

Registers are cumulative and in base units, for energy Wh. A part of a base unit is left until it is a whole
one: nothing is lost by that. Times are Unix seconds.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from amalgam import AmalgamError
from amalgam.csv_rows import ReadingsError
from amalgam.metering.program import Meter


class RegisterReading(NamedTuple):
    """A value of a register, and its time."""

    register: int
    read_at: int


class OlderRow(NamedTuple):
    """A row of a file that is not newer than the meter's latest report."""

    line: int
    reading: RegisterReading


class Found(NamedTuple):
    """The readings of a meter that a source has."""

    readings: Sequence[RegisterReading]  # newer than the latest report, oldest first
    older: Sequence[OlderRow] = ()  # in order of the file
    unreadable: Sequence[ReadingsError] = ()  # rows of a file, in its order


class UnreadableError(AmalgamError):
    """A meter does not tell its register now. The message says which, why, and what to do."""


class RegisterSource(Protocol):
    """Where registers are read."""

    async def read(self, meter: Meter) -> Found:
        """Read what there is. Raises UnreadableError, or ReadingsError if a file as a whole is unusable."""
        ...
