"""What of a community's file is for sizing: the sizes to try, and what they cost.

[size]
capacities = ["50kWh", "100kWh", "200kWh"]
charge = ["30kW", "60kW"]          # power to try; the battery's own unless told
discharge = ["30kW"]
keys = ["dynamic", "equal"]        # sharing keys to try; the community's own unless told
cost = "2000"                      # of a battery of any size
cost_kwh = "450"                   # and of each kWh of it
years = 15                         # that it lasts
fee_month = "4.90"                 # that each member pays for it, as for a supplier's virtual battery

[[size.tariff]]                    # [prices] at all times unless told
name = "evening"
bought = "0.32"                    # a kWh
sold = "0.08"
shared = "0.16"
drawn = "0.10"                     # from the battery; nothing unless told

[[size.tariff.time]]               # the first that fits counts; else the above
months = "10-3"                    # all, unless told
days = "mon-fri"
hours = "17-21"                    # from 17:00 to 21:00, local time
bought = "0.41"
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from amalgam.readings.toml_keys import check_keys, load, number, parsed, table, tables, text, texts
from amalgam.sharing.account import Battery
from amalgam.sharing.keys import Key
from amalgam.sharing.settings import Settings, SettingsError, settings_of
from amalgam.sizing.tariffs import Rates, Tariff, Time
from amalgam.units import ENERGY, power_w

_KEYS = {
    *("capacities", "charge", "discharge", "keys"),
    *("cost", "cost_kwh", "years", "fee_month", "tariff"),
}
_TIME_KEYS = {"months", "days", "hours", *Rates._fields}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE = re.compile(r"(\w+)(?:-(\w+))?")


class Investment(NamedTuple):
    """What a battery costs to buy."""

    cost: Decimal  # of any size
    cost_kwh: Decimal  # and of each kWh
    years: int  # that it lasts

    def of(self, capacity: int) -> Decimal:
        """What one of so many Wh costs."""
        return self.cost + self.cost_kwh * capacity / 1000


@dataclass(frozen=True, slots=True)
class Sizing:
    """What is to be tried.

    Attributes:
        community: Who shares how.
        keys: To try, by kind.
        batteries: To try, with each key.
        tariffs: What they are to be judged by; one at least.
        investment: If a battery is bought.
    """

    community: Settings
    keys: Mapping[str, Key]
    batteries: tuple[Battery, ...]
    tariffs: tuple[Tariff, ...]
    investment: Investment | None


def load_sizing(path: Path) -> Sizing:
    """Read a community's file, with what is for sizing. Raises SettingsError."""
    return load(path, lambda content: _sizing(path, content), SettingsError)


def _sizing(path: Path, content: dict[str, Any]) -> Sizing:
    community = settings_of(path, content)
    if "size" not in content:
        raise ValueError('[size] is missing; add it, with capacities = ["50kWh", "100kWh"]')
    size = table(content, "size")
    check_keys(size, _KEYS, {"capacities"})
    own = type(community.key).__name__.lower()
    kinds = texts(size, "keys") or [own]
    keys = {
        kind: community.key if kind == own else settings_of(path, content | {"key": {"kind": kind}}).key
        for kind in kinds
    }
    return Sizing(
        community,
        keys,
        tuple(_batteries(size, community)),
        tuple(_tariffs(size, community)),
        _investment(size),
    )


def _batteries(size: dict[str, Any], community: Settings) -> Sequence[Battery]:
    own = community.battery or Battery(1, 10_000)
    capacities = [_each("capacities", one, ENERGY.parse) for one in texts(size, "capacities")]
    if not capacities:
        raise ValueError('capacities is empty; write it like ["50kWh", "100kWh"]')
    charges, discharges = (
        [_each(name, one, power_w) for one in texts(size, name)] or [otherwise]
        for name, otherwise in (("charge", own.charge_w), ("discharge", own.discharge_w))
    )
    return [
        own._replace(capacity=capacity, charge_w=charge, discharge_w=discharge)
        for charge, discharge, capacity in dict.fromkeys(product(charges, discharges, sorted(capacities)))
    ]


def _each(name: str, one: str, parse: Any) -> int:
    return parsed({name: one}, name, parse)


def _investment(size: dict[str, Any]) -> Investment | None:
    if "cost" not in size and "cost_kwh" not in size:
        if "years" in size:
            raise ValueError("years is of what is bought; add cost_kwh, or remove it")
        return None
    years: Any = size.get("years", 15)
    if not isinstance(years, int) or isinstance(years, bool) or years < 1:
        raise ValueError(f"years = {years!r} is not a whole number from 1 up; write it like 15")
    cost, cost_kwh = (number({name: size.get(name, 0)}, name) for name in ("cost", "cost_kwh"))
    return Investment(cost, cost_kwh, years)


def _tariffs(size: dict[str, Any], community: Settings) -> Sequence[Tariff]:
    fee = number(size, "fee_month") if "fee_month" in size else Decimal(0)
    told = tables(size, "tariff")
    if not told:
        if community.prices is None:
            raise ValueError("there are no prices; add [prices], or [[size.tariff]]")
        return [Tariff("prices", Rates(*community.prices, drawn=Decimal(0)), fee_month=fee)]
    found = [_tariff(each, fee) for each in told]
    names = [each.name for each in found]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"tariff {name} is there twice; keep one")
    return found


def _tariff(content: dict[str, Any], fee: Decimal) -> Tariff:
    needed = {"name", *Rates._fields} - {"drawn"}
    check_keys(content, {*needed, "drawn", "time"}, needed)
    rates = Rates(*(number({"drawn": 0} | content, each) for each in Rates._fields))
    times = tuple(_time(each) for each in tables(content, "time"))
    return Tariff(text(content, "name"), rates, times, fee)


def _time(content: dict[str, Any]) -> Time:
    check_keys(content, _TIME_KEYS, set())
    rates = {each: number(content, each) for each in Rates._fields if each in content}
    if not rates:
        raise ValueError(f"a time of a tariff has no rate; add one of {', '.join(Rates._fields)}")
    return Time(
        _range(content, "months", [str(month) for month in range(1, 13)], "10-3", first=1),
        _range(content, "days", _DAYS, "mon-fri"),
        _hours(content),
        rates,
    )


def _range(
    content: dict[str, Any], key: str, names: Sequence[str], example: str, *, first: int = 0
) -> frozenset[int]:
    """Of `a-b` those from a to b, which may go round the end; of `a` that one."""
    every = range(len(names))
    if key not in content:
        return frozenset(each + first for each in every)
    match = _RANGE.fullmatch(text(content, key).lower())
    ends = [each for each in match.groups() if each is not None] if match else []
    if not ends or any(each not in names for each in ends):
        told = f"{names[0]} to {names[-1]}"
        raise ValueError(f'{key} = {content[key]!r} is not within {told}; write it like "{example}"')
    low, high = names.index(ends[0]), names.index(ends[-1])
    return frozenset((low + step) % len(names) + first for step in range((high - low) % len(names) + 1))


def _hours(content: dict[str, Any]) -> frozenset[int]:
    """Of `17-21` those that begin from 17:00 to before 21:00; `22-6` goes through midnight."""
    if "hours" not in content:
        return frozenset(range(24))
    match = _RANGE.fullmatch(text(content, "hours"))
    ends = [int(each) for each in match.groups() if each and each.isdecimal()] if match else []
    if len(ends) != 2 or ends[0] > 23 or ends[1] > 24 or ends[0] == ends[1]:
        raise ValueError(
            f'hours = {content["hours"]!r} is not from one hour to another; write it like "17-21"'
        )
    return frozenset((ends[0] + step) % 24 for step in range((ends[1] - ends[0]) % 24 or 24))
