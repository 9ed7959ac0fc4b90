"""What energy costs by time of use, and what a member pays for a period.

Money is exact: Wh are counted by price, and each count is multiplied once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from amalgam.readings.model import Integers

Mask = NDArray[np.bool_]
_DAY_S = 86_400
_EPOCH_WEEKDAY = 3  # 1970 began on a Thursday


class Rates(NamedTuple):
    """What a kWh costs, in some currency."""

    bought: Decimal
    sold: Decimal
    shared: Decimal  # paid by who gets it to who gives it
    drawn: Decimal  # from the battery: grid fees, taxes, a supplier's charge


@dataclass(frozen=True, slots=True)
class Time:
    """Other rates in certain months, on certain days, in certain hours of local time.

    Attributes:
        months: 1 is January.
        days: 0 is Monday.
        hours: 0 is from midnight to 01:00.
        rates: By the names in `Rates`, those that differ.
    """

    months: frozenset[int]
    days: frozenset[int]
    hours: frozenset[int]
    rates: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Tariff:
    """Rates, and times with others: the first that an interval's start is in counts."""

    name: str
    rates: Rates
    times: tuple[Time, ...] = ()
    fee_month: Decimal = Decimal(0)  # of each member, for the battery

    def bands(self, local: Integers) -> list[tuple[Rates, Mask]]:
        """The rates that there are, each with the intervals in which they hold.

        `local` has each interval's start, in s of local time since 1970.
        """
        hours, days = local // 3600 % 24, (local // _DAY_S + _EPOCH_WEEKDAY) % 7
        months = local.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12 + 1
        free = np.ones(len(local), bool)
        found = list[tuple[Rates, NDArray[np.bool_]]]()
        for time in self.times:
            fits = free & _among(months, time.months) & _among(days, time.days) & _among(hours, time.hours)
            found.append((self.rates._replace(**time.rates), fits))
            free &= ~fits
        return [(rates, rows) for rates, rows in [*found, (self.rates, free)] if rows.any()]


class Flow(NamedTuple):
    """Wh, a row for each interval and a column for each member, and which rate each is paid at."""

    amounts: Integers
    rate: str  # of `Rates`
    sign: int = 1  # -1 if it is paid to the member


def cost(tariff: Tariff, local: Integers, flows: Sequence[Flow]) -> list[Fraction]:
    """What flows cost each member; negative if they are paid. `local` is as in `Tariff.bands`."""
    totals = [Fraction(0)] * flows[0].amounts.shape[1]
    for rates, rows in tariff.bands(local):
        for flow in flows:
            price = Fraction(getattr(rates, flow.rate)) * flow.sign / 1000
            if price:
                sums = flow.amounts[rows].sum(axis=0).tolist()
                totals = [total + wh * price for total, wh in zip(totals, sums, strict=True)]
    return totals


def _among(values: Integers, wanted: frozenset[int]) -> Mask:
    return np.isin(values, list(wanted))
