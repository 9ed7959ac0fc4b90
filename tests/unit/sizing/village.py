"""A small community of two, and what sizing makes of it."""

from decimal import Decimal

from amalgam.readings.model import Readings
from amalgam.sharing.account import shared
from amalgam.sharing.keys import Dynamic, Key
from amalgam.sizing.case import Base, base_of
from amalgam.sizing.tariffs import Rates, Tariff
from tests.support.hours import readings

FLAT = Tariff("flat", Rates(Decimal("0.30"), Decimal("0.10"), Decimal("0.20"), Decimal(0)))


DAY = readings(
    # The farm uses 200 of its 1,000 and shares 300 of it; 500 are left.
    {"farm": (1_000, 200), "hut": (0, 300)},
    {"farm": (0, 100), "hut": (0, 50)},
    {"farm": (1_000, 100), "hut": (0, 0)},
)


def base(day: Readings = DAY, key: Key | None = None, *tariffs: Tariff) -> Base:
    """What cases have in common."""
    key = key or Dynamic()
    return base_of(shared(day, key), key, tariffs or (FLAT,))
