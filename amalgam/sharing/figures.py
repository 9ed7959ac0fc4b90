"""What sharing is worth: self-consumption and self-sufficiency, peaks, money and CO2.

Self-consumption is the part of what is produced that is not sold, and self-sufficiency the part of what is
consumed that is not bought (Luthander, Widén, Nilsson, Palm: Photovoltaic self-consumption in buildings,
Applied Energy 142, 2015). A community's are of all its members together. The baseline is the grid alone: each
member uses at once what they can of their own, sells the rest and buys what is lacking.

Money is a member's saving against that baseline, with prices for what is bought, sold and shared. CO2 is what
a kWh that is not bought would have caused, by a factor of the grid.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from amalgam.readings.model import Integers
from amalgam.sharing.account import Account, Flows


class Prices(NamedTuple):
    """What a kWh costs, in some currency."""

    bought: Decimal
    sold: Decimal
    shared: Decimal  # paid by who gets it to who gives it


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a member or of a community. Amounts are Wh.

    Attributes:
        name: Of whom.
        produced: And so on: as `Flows`.
        self_consumption: Without a value if nothing is produced.
        self_sufficiency: Without a value if nothing is consumed.
        peak_w: The highest mean power bought in an interval.
        baseline_peak_w: The same with the grid alone.
        balance: In the battery in the end.
        savings: In the currency of the prices, if they are given.
        co2_g: Avoided, if the grid's factor is given.
    """

    name: str
    produced: int
    consumed: int
    own_use: int
    shared_out: int
    shared_in: int
    charged: int
    discharged: int
    sold: int
    bought: int
    self_consumption: Fraction | None
    self_sufficiency: Fraction | None
    peak_w: Fraction
    baseline_peak_w: Fraction
    balance: int
    savings: Fraction | None
    co2_g: Fraction | None


def of_members(
    account: Account, prices: Prices | None = None, co2_g_kwh: Decimal | None = None
) -> Iterator[Figures]:
    """Of each member, in the readings' order."""
    for index, name in enumerate(account.readings.members):
        yield _figures(account, name, [index], prices, co2_g_kwh)


def of_community(account: Account, prices: Prices | None = None, co2_g_kwh: Decimal | None = None) -> Figures:
    """Of all members together."""
    return _figures(account, "All", list(range(len(account.readings.members))), prices, co2_g_kwh)


def _figures(
    account: Account, name: str, members: list[int], prices: Prices | None, co2_g_kwh: Decimal | None
) -> Figures:
    flows = account.flows
    total = {each: int(getattr(flows, each)[:, members].sum()) for each in Flows.__slots__}
    need = flows.consumed[:, members] - flows.own_use[:, members]
    alone_bought, alone_sold = int(need.sum()), total["produced"] - total["own_use"]
    return Figures(
        name=name,
        **total,
        self_consumption=_part_without(total["sold"], total["produced"]),
        self_sufficiency=_part_without(total["bought"], total["consumed"]),
        peak_w=_peak_w(account, flows.bought[:, members].sum(axis=1)),
        baseline_peak_w=_peak_w(account, need.sum(axis=1)),
        balance=int(account.balances[members].sum()),
        savings=None if prices is None else _savings(total, alone_bought, alone_sold, prices),
        co2_g=None
        if co2_g_kwh is None
        else Fraction(alone_bought - total["bought"], 1000) * Fraction(co2_g_kwh),
    )


def _part_without(part: int, whole: int) -> Fraction | None:
    return 1 - Fraction(part, whole) if whole else None


def _peak_w(account: Account, amounts: Integers) -> Fraction:
    return Fraction(int(amounts.max(initial=0)) * 3600, int(account.readings.interval.total_seconds()))


def _savings(total: dict[str, int], alone_bought: int, alone_sold: int, prices: Prices) -> Fraction:
    bought, sold, shared = map(Fraction, prices)
    alone = alone_bought * bought - alone_sold * sold
    now = (
        total["bought"] * bought - total["sold"] * sold + (total["shared_in"] - total["shared_out"]) * shared
    )
    return (alone - now) / 1000
