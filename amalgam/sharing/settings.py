"""A community's file: who its members are, how they share, and where their readings are.

name = "Sonnental"
address = "..."                    # of the community on the chain, if it settles there
readings = ["meters/*.csv"]        # beside this file; or given on the command line
mappings = ["other.toml"]          # of CSV files that explain themselves in no other way
zone = "Europe/Vienna"             # of times without an offset, and of the hours of the day
gaps = "previous-day"              # or refuse, zero, leave-out
duplicates = "first"               # or refuse, last
co2_g_kwh = 120                    # of the grid

[key]
kind = "hybrid"                    # or static, dynamic, equal, priority, full
rounds = 5

[prices]                           # a kWh
bought = "0.30"
sold = "0.08"
shared = "0.16"

[battery]
capacity = "300kWh"
efficiency = "95%"                 # of what is charged
efficiency_out = "97%"             # of what leaves a balance; 100 % unless told
charge = "60kW"                    # of all together, outside; as much as there is unless told
discharge = "60kW"

[size]                             # for `amalgam size`: see amalgam/sizing/settings.py

[[member]]                         # all that the files name, unless there is one
name = "house-01"
owner = "..."                      # their wallet's address, if the community settles on the chain
meters = ["AT0030000000000000000000000351391"]       # its name, unless told
generation_meters = ["AT0030000000000000000000030043080"]  # read as production, whatever the file says
factor = "80%"                     # takes part with; 100 % unless told
share = "12.5%"                    # of static and hybrid; or 24 of them, by hour
group = 1                          # of priority: 1 is served first
shares_of = { farm = "20%" }       # of full: of what each producer injects

[billing] and a member's `bill` are read by `amalgam.billing.settings`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar, cast

from amalgam import AmalgamError
from amalgam.readings.community import Meter
from amalgam.readings.model import Direction
from amalgam.readings.policies import Duplicates, Gaps
from amalgam.readings.times import zone
from amalgam.readings.toml_keys import check_keys, chosen, load, number, parsed, table, tables, text, texts
from amalgam.sharing.account import BPS, Battery
from amalgam.sharing.figures import Prices
from amalgam.sharing.keys import PPM, Dynamic, Equal, Full, Hybrid, Key, Priority, Shares, Static
from amalgam.units import ENERGY, power_w, ratio_bps

_KEYS = {
    *(
        "name",
        "address",
        "readings",
        "mappings",
        "zone",
        "gaps",
        "duplicates",
        "co2_g_kwh",
        "key",
        "prices",
        "battery",
        "size",
        "member",
        "billing",  # amalgam.billing reads it, and each member's bill
    ),
}
_MEMBER_KEYS = {
    *("name", "owner", "meters", "generation_meters", "factor", "share", "group", "shares_of"),
    "bill",  # likewise
}
_BATTERY_KEYS = {"capacity", "efficiency", "efficiency_out", "charge", "discharge"}
_KINDS = ("dynamic", "static", "hybrid", "equal", "priority", "full")
_HOURS = 24
_T = TypeVar("_T")
_PERCENTAGE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,4})?) ?%")


class SettingsError(AmalgamError):
    """A community's file is unusable. The message names it, the key at fault and the remedy."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a community's file says.

    Attributes:
        name: The community's.
        address: Where it is on the chain, if it is told.
        readings: Paths and patterns of files, beside the community's.
        mappings: Paths of mappings.
        zone: A time zone's name, if it is told.
        gaps: What is done about missing values.
        duplicates: What is done about second values.
        key: How it is shared.
        prices: If they are told.
        co2_g_kwh: Of the grid, if it is told.
        battery: If there is one.
        members: Who has each meter; empty if all meters are members.
        owners: The address of each member's wallet, if it is told.
        generation: Meters that are read as production, whatever their files say.
        factors_bps: What part of it each member takes part with.
    """

    name: str
    address: str | None
    readings: Sequence[str]
    mappings: Sequence[Path]
    zone: str | None
    gaps: Gaps
    duplicates: Duplicates
    key: Key
    prices: Prices | None
    co2_g_kwh: Decimal | None
    battery: Battery | None
    members: Mapping[str, str]
    owners: Mapping[str, str]
    generation: frozenset[str]
    factors_bps: Mapping[str, int]

    def assign(self, meter: Meter) -> Meter | None:
        """The member whose a meter is, and for what it counts; None of nobody's."""
        if not self.members:
            return meter
        direction = Direction.PRODUCED if meter.name in self.generation else meter.direction
        member = self.members.get(meter.name)
        return None if member is None else Meter(member, direction)


def load_settings(path: Path) -> Settings:
    """Read a community's file. Raises SettingsError."""
    return load(path, lambda content: settings_of(path, content), SettingsError)


def settings_of(path: Path, content: dict[str, Any]) -> Settings:
    """What a community's file says, whose content is read already. Raises ValueError."""
    check_keys(content, _KEYS, {"key"})
    members = tables(content, "member")
    for member in members:
        check_keys(member, _MEMBER_KEYS, {"name"})
    names = [text(member, "name") for member in members]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"member {name} is there twice; keep one")
    return Settings(
        name=text(content, "name") if "name" in content else path.stem,
        address=text(content, "address") if "address" in content else None,
        readings=texts(content, "readings"),
        mappings=[path.parent / each for each in texts(content, "mappings")],
        zone=zone(text(content, "zone")).key if "zone" in content else None,
        gaps=Gaps(chosen(content, "gaps", tuple(Gaps))),
        duplicates=Duplicates(chosen(content, "duplicates", tuple(Duplicates))),
        key=_key(table(content, "key"), members),
        prices=_prices(table(content, "prices")) if "prices" in content else None,
        co2_g_kwh=number(content, "co2_g_kwh") if "co2_g_kwh" in content else None,
        battery=_battery(table(content, "battery")) if "battery" in content else None,
        members=_meters(members),
        owners={text(each, "name"): text(each, "owner") for each in members if "owner" in each},
        generation=frozenset(each for member in members for each in texts(member, "generation_meters")),
        factors_bps={
            text(member, "name"): parsed(member, "factor", ratio_bps)
            for member in members
            if "factor" in member
        },
    )


def _meters(members: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The member by each meter."""
    found = dict[str, str]()
    for member in members:
        name = text(member, "name")
        generation = texts(member, "generation_meters")
        for meter in [*(texts(member, "meters") or ([] if generation else [name])), *generation]:
            if found.setdefault(meter, name) != name:
                raise ValueError(f"meter {meter} is {found[meter]}'s and {name}'s; keep one")
    return found


def _key(content: dict[str, Any], members: Sequence[dict[str, Any]]) -> Key:
    check_keys(content, {"kind", "rounds", "within"}, {"kind"})
    kind = chosen(content, "kind", _KINDS)
    for key, kinds in (("rounds", ("hybrid",)), ("within", ("priority",))):
        if key in content and kind not in kinds:
            raise ValueError(f"key.{key} is of {kinds[0]}, and this is {kind}; remove it")
    match kind:
        case "static":
            return Static(_hours(members))
        case "hybrid":
            rounds = content.get("rounds", 5)
            if not isinstance(rounds, int):
                raise ValueError("key.rounds is not a number; write it like 5")
            return Hybrid(_hours(members), rounds)
        case "equal":
            return Equal()
        case "priority":
            return _priority(chosen(content, "within", ("dynamic", "equal")), members)
        case "full":
            return _full(members)
        case _:
            return Dynamic()


def _hours(members: Sequence[dict[str, Any]]) -> list[Shares]:
    """The shares of each hour, or of all hours alike."""
    told = {text(member, "name"): _share(member) for member in members if "share" in member}
    if not told:
        raise ValueError('no [[member]] has a share; add share = "12.5%", or take another key')
    if all(len(shares) == 1 for shares in told.values()):
        return [{name: shares[0] for name, shares in told.items()}]
    return [{name: shares[hour % len(shares)] for name, shares in told.items()} for hour in range(_HOURS)]


def _share(member: dict[str, Any]) -> list[int]:
    """One share, or one an hour, in millionths."""
    value: Any = member["share"]
    shares = cast(list[Any], value) if isinstance(value, list) else [value]
    if len(shares) not in (1, _HOURS):
        raise ValueError(f"{member['name']} has {len(shares)} shares; give one, or 24 of them")
    return [_ppm(each, member["name"]) for each in shares]


def _ppm(value: object, name: object) -> int:
    """Millionths of a percentage with up to four decimals."""
    match = _PERCENTAGE.fullmatch(value) if isinstance(value, str) else None
    if match is None or Decimal(match[1]) > 100:
        raise ValueError(
            f'{name}\'s share {value!r} is not a percentage; write it like "12.5%", with up to 4 decimals'
        )
    return int(Decimal(match[1]) * (PPM // 100))


def _priority(within: str, members: Sequence[dict[str, Any]]) -> Priority:
    groups = dict[int, list[str]]()
    for member in members:
        group = member.get("group")
        if not isinstance(group, int):
            raise ValueError(f"{member['name']} has no group; add group = 1 for who is served first")
        groups.setdefault(group, []).append(member["name"])
    inner = Equal() if within == "equal" else Dynamic()
    return Priority([(groups[group], inner) for group in sorted(groups)])


def _full(members: Sequence[dict[str, Any]]) -> Full:
    pairs = dict[str, dict[str, int]]()
    for member in members:
        if "shares_of" in member:
            for producer, share in table(member, "shares_of").items():
                pairs.setdefault(producer, {})[member["name"]] = _ppm(share, member["name"])
    if not pairs:
        raise ValueError('no [[member]] has shares_of; add shares_of = { farm = "20%" }, or take another key')
    return Full(pairs)


def _prices(content: dict[str, Any]) -> Prices:
    check_keys(content, {*Prices._fields}, {*Prices._fields})
    return Prices(*(number(content, each) for each in Prices._fields))


def _battery(content: dict[str, Any]) -> Battery:
    check_keys(content, _BATTERY_KEYS, {"capacity"})

    def of(key: str, parse: Callable[[str], int], otherwise: _T) -> int | _T:
        return parsed(content, key, parse) if key in content else otherwise

    return Battery(
        capacity=parsed(content, "capacity", ENERGY.parse),
        efficiency_bps=of("efficiency", ratio_bps, BPS),
        efficiency_out_bps=of("efficiency_out", ratio_bps, BPS),
        charge_w=of("charge", power_w, None),
        discharge_w=of("discharge", power_w, None),
    )
