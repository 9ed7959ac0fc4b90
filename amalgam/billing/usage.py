"""What each member has used and produced in a period: the account of all readings, cut to it.

The account begins with the first reading that is given, so that the battery has what was stored before the
period. A meter's part of its member's flows is in proportion to what it has counted in the period, to the Wh.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from amalgam import AmalgamError
from amalgam.billing.document import PARTS, MeterUse, Statement
from amalgam.billing.money import cents, cross
from amalgam.billing.period import Period
from amalgam.readings.community import Meter, community
from amalgam.readings.model import Part, Quality, Readings
from amalgam.readings.policies import Duplicates, Gaps
from amalgam.sharing.account import Account, Flows, account
from amalgam.sharing.figures import Figures, of_members
from amalgam.sharing.settings import Settings
from amalgam.units import ENERGY

Mask = NDArray[np.bool_]
_DAY_S = 86_400


class UsageError(AmalgamError):
    """The readings cannot be billed for the period. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What members have used in a period.

    Attributes:
        period: Which one.
        statements: Of each member, by name, in the readings' order.
        missing: Of what the readings are, if that is not the whole period; or else empty.
    """

    period: Period
    statements: Mapping[str, Statement]
    missing: str


def usage(
    parts: Sequence[Part],
    settings: Settings,
    period: Period,
    *,
    gaps: Gaps = Gaps.REFUSE,
    duplicates: Duplicates = Duplicates.REFUSE,
    zone: str | None = None,
) -> Usage:
    """What members have used in a period.

    Args:
        parts: Of files, as `read_files` returns them.
        settings: The community's.
        period: Its days are local ones.
        gaps: What is done about missing values.
        duplicates: What is done about second values.
        zone: Of local time; or else as the files tell it.

    Raises:
        ReadingsError: The files do not fit together, or a policy refuses what is in them.
        UsageError: They are of another time, or not of energy; or the key is not one of these members.
    """
    owners, seen = dict[str, str](), set[str]()

    def meter_alone(meter: Meter) -> Meter | None:
        owner = settings.assign(meter)
        if owner is None:
            return None
        seen.add(meter.name)
        name = f"{owner.direction}:{meter.name}"
        owners[name] = owner.name
        return Meter(name, owner.direction)

    found = community(parts, gaps=gaps, duplicates=duplicates, assign=meter_alone, zone=zone)
    by_meter = _rows(found, _local_days(found) < _day(period.end))  # without what is later
    by_member = _by_owner(by_meter, owners)
    if by_member.measure is not ENERGY:
        raise UsageError(f"{parts[0].name}: it is of {by_member.measure.noun}; only energy is billed")
    absent = next((meter for meter in settings.members if meter not in seen), None)
    if absent is not None:
        raise UsageError(
            f"meter {absent} of {settings.members[absent]} has no readings; give them, or remove it"
        )
    within = _local_days(by_member) >= _day(period.first)
    if not within.any():
        raise UsageError(f"no readings of {period.name}; give files of it, or choose another period")
    try:
        whole = account(by_member, settings.key, factors_bps=settings.factors_bps, battery=settings.battery)
    except ValueError as error:
        raise UsageError(str(error)) from None
    billed = _cut(whole, within)
    left_out, missing = _absent(billed.readings, period, gaps)
    meters = _meters(by_meter, within, owners, billed)
    values = _values(by_meter, within, owners)
    statements = {
        figures.name: statement_of(figures, meters[figures.name], values[figures.name], left_out)
        for figures in of_members(billed, settings.prices, settings.co2_g_kwh)
    }
    return Usage(period, statements, missing)


def _day(day: date) -> int:
    """Days from 1970 on."""
    return (day - date(1970, 1, 1)).days


def _local_days(readings: Readings) -> NDArray[np.int64]:
    return (readings.starts + readings.offsets) // _DAY_S


def _rows(readings: Readings, rows: Mask) -> Readings:
    names = ("starts", "offsets", "produced", "consumed", "quality")
    return replace(readings, **{name: getattr(readings, name)[rows] for name in names})


def _by_owner(by_meter: Readings, owners: Mapping[str, str]) -> Readings:
    """What the meters of each member have counted together."""
    members = tuple(dict.fromkeys(owners[name] for name in by_meter.members))
    columns = [members.index(owners[name]) for name in by_meter.members]
    shape = len(by_meter.starts), len(members)
    produced, consumed = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    quality = np.zeros(shape, np.uint8)
    for meter, member in enumerate(columns):
        produced[:, member] += by_meter.produced[:, meter]
        consumed[:, member] += by_meter.consumed[:, meter]
        np.maximum(quality[:, member], by_meter.quality[:, meter], out=quality[:, member])
    return replace(
        by_meter, members=members, produced=produced, consumed=consumed, quality=quality, counts=()
    )


def _cut(whole: Account, rows: Mask) -> Account:
    flows = Flows(*(getattr(whole.flows, each.name)[rows] for each in fields(Flows)))
    return Account(_rows(whole.readings, rows), flows, whole.stored[rows], whole.balances)


def _absent(readings: Readings, period: Period, gaps: Gaps) -> tuple[int, str]:
    """How many intervals of the period are left out, and of what the readings are if it is not all of it."""
    length = int(readings.interval.total_seconds())
    longer = int(readings.offsets[0] - readings.offsets[-1])  # when clocks go back within it
    absent = ((_day(period.end) - _day(period.first)) * _DAY_S + longer) // length - len(readings.starts)
    days = _local_days(readings)[[0, -1]].tolist()
    is_covered = days == [_day(period.first), _day(period.last)]
    if not absent or (gaps is Gaps.LEAVE_OUT and is_covered):
        return absent, ""
    end = readings.starts[-1] + readings.offsets[-1] + length
    first, last = (
        f"{datetime.fromtimestamp(int(each), UTC):%Y-%m-%d %H:%M}"
        for each in (readings.starts[0] + readings.offsets[0], end)
    )
    return 0, f"from {first} to {last}"


def _meters(
    by_meter: Readings, within: Mask, owners: Mapping[str, str], found: Account
) -> dict[str, list[MeterUse]]:
    """Each member's meters, and what part of the member's flows is theirs."""
    uses: dict[str, list[MeterUse]] = {name: [] for name in found.readings.members}
    for index, member in enumerate(found.readings.members):
        for direction, names in PARTS.items():
            columns = [
                (column, name)
                for column, name in enumerate(by_meter.members)
                if owners[name] == member and name.startswith(direction)
            ]
            totals = [int(getattr(by_meter, direction)[within, column].sum()) for column, _ in columns]
            flows = [int(getattr(found.flows, name)[:, index].sum()) for name in names]
            if not columns:
                continue
            for (_, name), total, cells in zip(columns, totals, cross(totals, flows), strict=True):
                uses[member].append(MeterUse(name.partition(":")[2], direction.value, total, *cells))
    return uses


def _values(by_meter: Readings, within: Mask, owners: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    """How many values of each member are measured, and how many substituted."""
    counts = dict[str, tuple[int, int]]()
    for column, name in enumerate(by_meter.members):
        quality = by_meter.quality[within, column]
        measured, substituted = counts.get(owners[name], (0, 0))
        counts[owners[name]] = (
            measured + int((quality == Quality.MEASURED).sum()),
            substituted + int((quality == Quality.SUBSTITUTED).sum()),
        )
    return counts


def statement_of(
    figures: Figures, meters: Sequence[MeterUse], values: tuple[int, int], left_out: int
) -> Statement:
    """A member's statement.

    Args:
        figures: Of the period.
        meters: The same by meter.
        values: How many are measured, and how many substituted.
        left_out: Intervals without somebody's value.
    """
    return Statement(
        flows={each.name: getattr(figures, each.name) for each in fields(Flows)},
        meters=tuple(meters),
        balance=figures.balance,
        self_consumption=_part(figures.self_consumption),
        self_sufficiency=_part(figures.self_sufficiency),
        peak_w=_rounded(figures.peak_w),
        baseline_peak_w=_rounded(figures.baseline_peak_w),
        savings=None if figures.savings is None else cents(figures.savings),
        co2_g=None if figures.co2_g is None else _rounded(figures.co2_g),
        measured=values[0],
        substituted=values[1],
        left_out=left_out,
    )


def _rounded(value: Fraction) -> int:
    """The nearest whole number, from 0 up."""
    return int(value + Fraction(1, 2))


def _part(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(_rounded(value * 10_000)).scaleb(-4)
