"""The interface of a reader."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from amalgam.readings.model import Part
from amalgam.readings.source import Source


class Asked(NamedTuple):
    """What a reader is told beside the file.

    Attributes:
        zone: The time zone of times without an offset, like `Europe/Vienna`, if it is told.
    """

    zone: str | None = None


Reader = Callable[[Source, Asked], Sequence[Part] | None]  # None of another format. Raises ReadingsError
