"""Amounts, ratios and times as people write them, and back. Everything is exact: no float on the way."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any, NamedTuple

U64_MAX = 2**64 - 1  # what the chain can count
_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(\D\S*)")
_ALMOST_AMOUNT = re.compile(r"([0-9][0-9.,]*) ?([^\W\d_]\S*)")
_TOKENS = re.compile(r"[0-9]{1,20}(?:\.[0-9]{1,20})?")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(s|m|min|h|d)")
_CENTURY_S = 36_525 * 86_400  # added to any time of now, it has a date, and fits in 64 bits
_POWERS = {"W": 0, "kW": 3, "MW": 6}  # decimal places that make 1 W
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}


# Amounts


class Resource(IntEnum):
    """A resource, which sets the base unit. The numbers are the programs' own."""

    ENERGY = 0  # Wh
    WATER = 1  # L
    WASTE = 2  # kg


@dataclass(frozen=True, slots=True)
class Measure:
    """A resource in its own words and units: the one place for them.

    Attributes:
        noun: What it is.
        quantity: What an amount of it is.
        pool: What holds it. The program, which serves all of them, calls it a battery.
        command: Its operators' `amalgam` command.
        base_unit: What the chain counts.
        unit: A thousand of these, in which people read it: a token.
        typed_unit: The same on every keyboard.
        decimal_places: Of each unit that may be written, those that make one base unit.
        examples: Of an amount.
        produced: What members bring of it, as a column of readings says.
        demand: What they can use of it, likewise.
        consumed: What becomes of it in the end.
        lost: What becomes of the rest if a deposit is not credited in full.
        level: What a pool holds, as a title.
        dimension: What `unit` measures, as a title.
        flow: The dimension of what comes and goes, as a title.
        flow_unit: Of `flow`: `unit` in `flow_s` seconds.
        flow_s: See `flow_unit`.
    """

    noun: str
    quantity: str
    pool: str
    command: str
    base_unit: str
    unit: str
    typed_unit: str
    decimal_places: Mapping[str, int]
    examples: str
    produced: str
    demand: str
    consumed: str
    lost: str
    level: str
    dimension: str
    flow: str
    flow_unit: str
    flow_s: int

    def parse(self, text: str, *, least: int = 1) -> int:
        """Base units of an amount like `300kWh` or `3500 Wh`.

        Raises ValueError, also for parts of a base unit, and for what is less than `least`.
        """
        match = _AMOUNT.fullmatch(text)
        if match is None or match[2] not in self.decimal_places:
            raise _not_an_amount(text, self.quantity, self.examples, self.decimal_places)
        base_units = Decimal(f"{match[1]}e{self.decimal_places[match[2]]}")
        unit = self.base_unit
        if base_units != int(base_units):
            raise ValueError(f"{text!r} is finer than 1 {unit}; round it to whole {unit}")
        if not base_units and least:
            raise ValueError(f"{text!r} is nothing; give at least {least} {unit}")
        if not least <= base_units <= U64_MAX:
            raise ValueError(
                f"{text!r} is not within {least} to {U64_MAX} {unit}; correct the amount or its unit"
            )
        return int(base_units)

    def number(self, base_units: int, places: int = 3) -> str:
        """An amount in `unit`, like `1,234.5`; three places show every base unit."""
        return f"{Decimal(base_units).scaleb(-3):,.{places}f}"

    def text(self, base_units: int, places: int = 3) -> str:
        """The same with its unit, like `1,234.500 kWh`."""
        return f"{self.number(base_units, places)} {self.unit}"

    def in_resource_words(self, text: str) -> str:
        """The text with this resource's words in place of the battery's: its pool, commands and units."""
        if self is ENERGY:
            return text
        for pattern, replacement in (
            (r"\bamalgam battery\b", f"amalgam {self.command}"),
            (r"\$BATTERY\b", f"${self.command.upper().replace('-', '_')}"),
            (r"(?<=[0-9])kWh\b", self.typed_unit),
            (r"\bbattery\b", self.pool),
            (r"\bBattery\b", self.pool.capitalize()),
        ):
            text = re.sub(pattern, replacement, text)
        return text


ENERGY = Measure(
    noun="energy",
    quantity="an energy",
    pool="battery",
    command="battery",
    base_unit="Wh",
    unit="kWh",
    typed_unit="kWh",
    decimal_places={"Wh": 0, "kWh": 3},
    examples="300kWh or 3500Wh",
    produced="generated",
    demand="consumed",
    consumed="consumed",
    lost="lost",
    level="State of charge",
    dimension="Energy",
    flow="Mean power",
    flow_unit="kW",
    flow_s=3_600,
)
WATER = Measure(
    noun="water",
    quantity="a volume of water",
    pool="reservoir",
    command="reservoir",
    base_unit="L",
    unit="m³",
    typed_unit="m3",
    decimal_places={"L": 0, "l": 0, "m3": 3, "m³": 3},
    examples="0.2m3 or 150L",
    produced="inflow",
    demand="consumed",
    consumed="consumed",
    lost="evaporated",
    level="Water stored",
    dimension="Volume",
    flow="Mean flow",
    flow_unit="m³/h",
    flow_s=3_600,
)
WASTE = Measure(
    noun="waste",
    quantity="a mass of waste",
    pool="treatment plant",
    command="treatment-plant",
    base_unit="kg",
    unit="t",
    typed_unit="t",
    decimal_places={"kg": 0, "t": 3},
    examples="1.2t or 40kg",
    produced="delivered",
    demand="treatment",
    consumed="treated",
    lost="sorted out",
    level="Waste awaiting treatment",
    dimension="Mass",
    flow="Mean throughput",
    flow_unit="t/d",
    flow_s=86_400,
)
MEASURES = (ENERGY, WATER, WASTE)  # by Resource
ANY_POOL = "battery, reservoir or treatment plant"


class Amount(NamedTuple):
    """An amount as it was written, of whatever its unit says."""

    text: str
    measure: Measure
    base_units: int

    def of(self, measure: Measure) -> int:
        """Base units, if it is an amount of that resource. Raises ValueError."""
        if self.measure is not measure:
            raise ValueError(
                f"{self.text!r} is {self.measure.noun}, and this {measure.pool} holds {measure.noun}; "
                f"write it like {measure.examples}"
            )
        return self.base_units


def amount(text: str, *, least: int = 1) -> Amount:
    """An amount of any resource, like `3.5kWh`, `0.2m3` or `40kg`. Raises ValueError, as `Measure.parse`."""
    match = _AMOUNT.fullmatch(text)
    for measure in MEASURES:
        if match is not None and match[2] in measure.decimal_places:
            return Amount(text, measure, measure.parse(text, least=least))
    known = [unit for measure in MEASURES for unit in measure.decimal_places]
    raise _not_an_amount(text, "an amount", "3.5kWh, 0.2m3 or 40kg", known)


def _not_an_amount(text: str, what: str, examples: str, units: Iterable[str]) -> ValueError:
    """Why a text is no amount, as precisely as it can be said."""
    match = _ALMOST_AMOUNT.fullmatch(text)
    if match is None:
        return ValueError(f"{text!r} is not {what}; write it like {examples}")
    if "," in match[1]:
        return ValueError(
            f"{text!r} has a comma; write a point before decimals and no mark between thousands"
        )
    if match[2] in ("W", "kW", "MW", "GW"):
        return ValueError(f"{text!r} is a power; write an energy, like {ENERGY.examples}")
    return ValueError(f"{text!r} has a unit that is none of {', '.join(units)}; write it like {examples}")


# Counts


def counted(count: int, noun: str) -> str:
    """How many of something, like `1 row` or `2,000 rows`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


# Payments


def _fields_of_energy() -> dict[str, Any]:
    return {each.name: getattr(ENERGY, each.name) for each in fields(ENERGY)}


@dataclass(frozen=True, slots=True)
class Traded(Measure):
    """Energy, and what it is paid with: whole tokens of some mint, like `12.5`, at prices like `0.25/kWh`."""

    payment_decimals: int = 0

    @classmethod
    def with_decimals(cls, payment_decimals: int) -> "Traded":
        """Energy that is paid with tokens of so many decimals."""
        return cls(**_fields_of_energy(), payment_decimals=payment_decimals)

    def payment(self, base_units: int) -> str:
        """A payment for people, like `1,234.5`."""
        value = Decimal(base_units).scaleb(-self.payment_decimals)
        return f"{value.normalize():,f}" if value else "0"

    def price(self, base_units: int) -> str:
        """A price for people, like `0.25/kWh`."""
        return f"{self.payment(base_units)}/{self.unit}"

    def payment_units(self, tokens: Decimal) -> int:
        """Base units of a payment, or of what a kWh costs. Raises ValueError for what there is not."""
        base_units = Fraction(tokens) * 10**self.payment_decimals
        if base_units.denominator != 1:
            raise ValueError(
                f"{tokens:f} is finer than the tokens paid with; "
                f"round it to {counted(self.payment_decimals, 'decimal')}"
            )
        if not 0 < base_units <= U64_MAX:
            least, most = self.payment(1), self.payment(U64_MAX)
            raise ValueError(f"{tokens:f} is not within {least} to {most}; correct it")
        return int(base_units)


@dataclass(frozen=True, slots=True)
class Tokens(Measure):
    """Whole tokens of some mint, whatever they stand for."""

    decimals: int = 3

    @classmethod
    def with_decimals(cls, decimals: int) -> "Tokens":
        """Tokens of so many decimals."""
        base_unit = "thousandths of a token" if decimals == 3 else f"1/{10**decimals:,} of a token"
        energy = cls(**_fields_of_energy(), decimals=decimals)
        return replace(energy, noun="tokens", base_unit=base_unit, unit="tokens")

    def number(self, base_units: int, places: int = 3) -> str:  # noqa: ARG002 (as its parent)
        """An amount in whole tokens, with all of its decimals."""
        return f"{Decimal(base_units).scaleb(-self.decimals):,f}"


def amount_or_tokens(text: str) -> Amount | Decimal:
    """An amount of a resource, or whole tokens if it has no unit. Raises ValueError."""
    return Decimal(text) if _TOKENS.fullmatch(text) else amount(text)


def tokens(text: str) -> Decimal:
    """Tokens paid, like `12.5`. Raises ValueError."""
    if not _TOKENS.fullmatch(text):
        raise ValueError(f"{text!r} is not a payment; write it like 12.5, in whole tokens")
    return Decimal(text)


def price(text: str) -> Decimal:
    """Tokens a kWh, of a price like `0.25/kWh`. Raises ValueError."""
    number, slash, unit = text.partition("/")
    if not (slash and unit.strip() == ENERGY.unit and _TOKENS.fullmatch(number.strip())):
        raise ValueError(f"{text!r} is not a price; write it like 0.25/kWh, in tokens of the payment mint")
    return Decimal(number.strip())


# Ratios


def ratio_bps(text: str) -> int:
    """Basis points of a ratio like `95%` or `92.5%`. Raises ValueError outside 0.01 % to 100 %."""
    match = _PERCENT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a percentage; write it like 95%")
    bps = Decimal(f"{match[1]}e2")
    if bps != int(bps):
        raise ValueError(f"{text!r} is finer than 0.01%; round it to two decimals")
    if not 0 < bps <= 10_000:
        raise ValueError(f"{text!r} is not within 0.01% to 100%; correct it")
    return int(bps)


def fee_bps(text: str) -> int:
    """Basis points of a fee like `1%`, which may be `0%`. Raises ValueError, as `ratio_bps`."""
    return 0 if text in ("0%", "0 %") else ratio_bps(text)


def percent(bps: int) -> str:
    """A ratio for people, like `92.5 %`."""
    return f"{Decimal(bps).scaleb(-2).normalize():f} %"


# Power


def power_w(text: str) -> int:
    """W of a power like `11kW` or `3500W`. Raises ValueError, also for parts of a W."""
    match = _AMOUNT.fullmatch(text)
    if match is None or match[2] not in _POWERS:
        raise ValueError(f"{text!r} is not a power; write it like 11kW or 3500W")
    watts = Decimal(f"{match[1]}e{_POWERS[match[2]]}")
    if watts != int(watts) or not 0 < watts <= U64_MAX:
        raise ValueError(f"{text!r} is not whole W from 1 W up; correct it")
    return int(watts)


# Times


def duration_s(text: str) -> int:
    """Seconds of a duration like `90m`, `24h` or `7d`, up to a century.

    Raises ValueError, also for parts of a second.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write it like 90m, 24h or 7d")
    seconds = Decimal(match[1]) * _SECONDS[match[2]]
    if seconds != int(seconds) or not seconds:
        raise ValueError(f"{text!r} is not at least 1 s, in whole seconds; round it")
    if seconds > _CENTURY_S:
        raise ValueError(f"{text!r} is longer than a century; give a shorter time")
    return int(seconds)


def duration(seconds: int) -> str:
    """A duration for people, like `24 h`, in the largest unit that makes it a whole number."""
    for unit, least in (("d", 2), ("h", 1), ("min", 1)):
        number, rest = divmod(seconds, _SECONDS[unit])
        if not rest and number >= least:
            return f"{number:,} {unit}"
    return f"{seconds:,} s"


def instant(text: str, otherwise: str = "") -> datetime:
    """A time like `2026-06-22T12:00+02:00`. Raises ValueError, which tells what else can be written."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a time; write it like 2026-06-22T12:00+02:00{otherwise}") from None
    return _zoned(found, text)


def moment(text: str, now: datetime) -> datetime:
    """The same, or `24h` for so long before now. Raises ValueError."""
    if _DURATION.fullmatch(text):
        return now - timedelta(seconds=duration_s(text))
    return instant(text, ", or 24h for so long ago")


class Start(NamedTuple):
    """A time to come, as it was written."""

    text: str
    seconds: int  # of Unix, or from now
    is_from_now: bool

    def unix_s(self, now: int) -> int:
        """When that is, in Unix seconds, as is `now`."""
        return self.seconds + now if self.is_from_now else self.seconds


def start(text: str) -> Start:
    """The same, or `90m` for so long from now. Raises ValueError."""
    if _DURATION.fullmatch(text):
        return Start(text, duration_s(text), is_from_now=True)
    found = instant(text, ", or 90m for so long from now")
    return Start(text, int(found.timestamp()), is_from_now=False)


def _zoned(found: datetime, text: str) -> datetime:
    if found.tzinfo is None:
        raise ValueError(
            f"{text!r} has no zone; add its offset, like {found.isoformat()}+02:00, or Z for UTC"
        )
    return found


def utc(unix_s: int) -> str:
    """A time for people, like `2026-06-22 12:00:00 UTC`."""
    return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%d %H:%M:%S} UTC"
