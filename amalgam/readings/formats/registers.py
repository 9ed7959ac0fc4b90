"""Registers that only rise, made into intervals: DSMR's P1 telegrams, and Home Assistant's history.

What a register shows at an interval's edge is what it has shown last. Where that is not known, since nothing
was logged or a sensor was not there, what it has risen by is spread over the intervals until it is known
again, and they count as substituted. The intervals are quarter-hours, or half-hours or hours if it was logged
less often.
"""

import binascii
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from amalgam.csv_rows import ReadingsError
from amalgam.readings.formats.protocol import Asked
from amalgam.readings.layout import QUALITIES, Layout, Value, read_table, unit
from amalgam.readings.model import Direction, Part
from amalgam.readings.source import Source
from amalgam.readings.table import ListedTable, column, with_header
from amalgam.readings.times import BadCellError, time_parser

_INTERVALS_S = (900, 1_800, 3_600)
_GAP = 1.5  # intervals without anything logged, after which a register is not known


class Point(NamedTuple):
    """A register at a time: Wh, or None from when on it is not known."""

    stamp: int
    register: Decimal | None


class _Meter(NamedTuple):
    """Whose a register is."""

    member: str
    direction: Direction


def _part(source: Source, format: str, meter: _Meter, points: list[Point], notes: Iterable[str]) -> Part:
    points.sort(key=lambda point: point.stamp)
    length = _length(points)
    rows = [
        [datetime.fromtimestamp(start, UTC).isoformat(), f"{amount:f}", quality]
        for start, amount, quality in _intervals(source, meter, points, length)
    ]
    if not rows:
        problem = f"{meter.member} is not there for an interval of {length} s; give a longer file"
        raise ReadingsError(f"{source.name}: {problem}")
    places = [f"{meter.member} at {row[0]}" for row in rows]
    value = Value(1, meter.direction, unit("Wh"), meter.member, 2)
    layout = Layout(format, [value], [0], interval_s=length, qualities=QUALITIES, notes=tuple(notes))
    return read_table(ListedTable(source.name, ["start", "amount", "quality"], rows, places), layout)


def _length(points: Sequence[Point]) -> int:
    """The shortest interval that is not shorter than what usually is between two points."""
    steps = [
        later.stamp - earlier.stamp for earlier, later in pairwise(points) if later.stamp > earlier.stamp
    ]
    usual = median(steps) if steps else 0
    return next((each for each in _INTERVALS_S if each >= usual), _INTERVALS_S[-1])


def _intervals(
    source: Source, meter: _Meter, points: Sequence[Point], length: int
) -> Iterable[tuple[int, Decimal, str]]:
    """Start, energy and quality of each interval between the first known edge and the last."""
    known: tuple[int, Decimal] | None = None
    latest: Point | None = None
    index = 0
    first = -(-points[0].stamp // length) * length if points else 0
    for edge in range(first, points[-1].stamp + 1 if points else 0, length):
        while index < len(points) and points[index].stamp <= edge:
            latest = _later(source, meter, latest, points[index])
            index += 1
        if latest is None or latest.register is None:
            continue
        if known is not None:
            count = (edge - known[0]) // length
            quality = "measured" if count == 1 else "substituted"
            rise = (latest.register - known[1]) / count
            yield from ((known[0] + number * length, rise, quality) for number in range(count))
        known = edge, latest.register


def _later(source: Source, meter: _Meter, earlier: Point | None, later: Point) -> Point:
    if (
        earlier
        and earlier.register is not None
        and later.register is not None
        and later.register < earlier.register
    ):
        time = datetime.fromtimestamp(later.stamp, UTC).isoformat()
        fall = f"from {earlier.register.normalize():f} to {later.register.normalize():f} Wh at {time}"
        problem = f"the register of {meter.member} falls {fall}; was the meter changed? split the file there"
        raise ReadingsError(f"{source.name}: {problem}")
    return later


# DSMR

_TELEGRAM = re.compile(r"^/(?P<body>[^!]*)!(?P<crc>[0-9A-Fa-f]{4})?", re.MULTILINE)
_STAMP = re.compile(r"^0-0:1\.0\.0\((\d{12})([SW])\)", re.MULTILINE)
_NAME = re.compile(r"^0-0:96\.1\.1\(([0-9A-Fa-f]*)\)", re.MULTILINE)
_REGISTER = re.compile(r"^1-0:(?P<kind>[12])\.8\.(?P<tariff>[0-4])\((?P<kwh>\d+\.\d+)\*kWh\)", re.MULTILINE)
_OFFSETS = {"S": timezone(timedelta(hours=2)), "W": timezone(timedelta(hours=1))}
_KINDS = {"1": Direction.CONSUMED, "2": Direction.PRODUCED}


def read_dsmr(source: Source, asked: Asked) -> Sequence[Part] | None:  # noqa: ARG001 (times say summer or winter)
    """P1 telegrams of a meter in the Netherlands or Belgium, one after another; tariffs are added up."""
    if not source.beginning.lstrip().startswith("/") or not _REGISTER.search(source.beginning):
        return None
    found = defaultdict[_Meter, list[Point]](list)
    broken = 0
    text = source.text().replace("\r\n", "\n")
    for telegram in _TELEGRAM.finditer(text):
        if not _is_whole(telegram):
            broken += 1
            continue
        for meter, point in _registers(source, telegram["body"]):
            found[meter].append(point)
    if not found:
        problem = "no telegram with a time, 0-0:1.0.0, and a right CRC; log whole telegrams"
        raise ReadingsError(f"{source.name}: {problem}")
    notes = [f"{broken:,} telegrams are damaged (CRC) and passed over"] if broken else []
    return [_part(source, "DSMR P1", meter, _with_gaps(points), notes) for meter, points in found.items()]


def _is_whole(telegram: re.Match[str]) -> bool:
    """Whether the CRC16 is right, if there is one; lines end in CR and LF as a meter sends them."""
    if telegram["crc"] is None:
        return True
    data = f"/{telegram['body']}!".replace("\n", "\r\n").encode()
    return _crc16(data) == int(telegram["crc"], 16)


def _crc16(data: bytes) -> int:
    """CRC-16/ARC: DSMR 5.0.2, 6.2."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def _registers(source: Source, body: str) -> Iterable[tuple[_Meter, Point]]:
    stamp, name = _STAMP.search(body), _NAME.search(body)
    if stamp is None:
        return
    try:
        time = datetime.strptime(stamp[1], "%y%m%d%H%M%S").replace(tzinfo=_OFFSETS[stamp[2]])
    except ValueError:
        return
    member = (
        binascii.unhexlify(name[1]).decode("ascii", "replace").strip() if name and name[1] else source.member
    )
    sums = defaultdict[Direction, Decimal](Decimal)
    totals = dict[Direction, Decimal]()
    for match in _REGISTER.finditer(body):
        wh = Decimal(match["kwh"]).scaleb(3)
        if match["tariff"] == "0":
            totals[_KINDS[match["kind"]]] = wh
        else:
            sums[_KINDS[match["kind"]]] += wh
    for direction, wh in (sums | totals).items():
        yield _Meter(member, direction), Point(int(time.timestamp()), wh)


def _with_gaps(points: list[Point]) -> list[Point]:
    """The same, with where nothing was logged for longer than an interval."""
    points.sort(key=lambda point: point.stamp)
    longest = int(_length(points) * _GAP)
    gaps = [
        Point(earlier.stamp + 1, None)
        for earlier, later in pairwise(points)
        if later.stamp - earlier.stamp > longest
    ]
    return [*points, *gaps]


# Home Assistant

_TITLES = ("entity_id", "state", "last_changed")
_NOT_KNOWN = ("unavailable", "unknown", "")
_TARIFF = re.compile(r"_tariff?_?\d+$")
_ENTITY = re.compile(
    r"(?P<produced>produc|return|export|inject|feed|delivered_to_grid|solar|generat)"
    r"|(?P<consumed>consum|import|usage|purchas|from_grid)"
)


def read_home_assistant(source: Source, asked: Asked) -> Sequence[Part] | None:  # noqa: ARG001 (times are UTC)
    """The history that is downloaded of energy sensors in kWh: `entity_id,state,last_changed`.

    An entity's name has to say what it counts. Those that differ in their tariff are added up.
    """
    table = with_header(source, lambda row: set(_TITLES) <= {title.lower() for title in row})
    if table is None:
        return None
    indices = [[title.lower() for title in table.titles].index(each) for each in _TITLES]
    parse = time_parser()
    found = defaultdict[str, list[Point]](list)
    row = 0
    for chunk in table.chunks():
        for cells in chunk.select(column(each) for each in indices).iter_rows():
            entity, state, time = (cell.strip() for cell in cells)
            try:
                wall = parse(time)
                register = _state(state)
            except BadCellError as error:
                index = indices[1 if "number" in error.problem else 2]
                table.refuse(row, index, error.problem, error.remedy)
            if not _ENTITY.search(entity):
                remedy = "download energy sensors that name consumption or production, or rename it"
                table.refuse(
                    row, indices[0], f"{entity} does not say whether it is consumed or generated", remedy
                )
            stamp = wall.seconds - (wall.offset_s or 0)
            found[entity].append(Point(stamp + (register is None), register))  # states are of milliseconds
            row += 1
    if not found:
        table.refuse(0, 0, "no readings", "download a longer time")
    return [
        _part(source, "Home Assistant", meter, points, ["states are read as kWh: the file has no unit"])
        for meter, points in _added_up(found).items()
    ]


def _state(text: str) -> Decimal | None:
    if text.lower() in _NOT_KNOWN:
        return None
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        raise BadCellError(f"{text[:40]!r} is not a number", "download sensors of energy, which only rise")
    return Decimal(text).scaleb(3)


def _added_up(found: dict[str, list[Point]]) -> dict[_Meter, list[Point]]:
    """Registers by meter: those of its tariffs are one."""
    by_meter = defaultdict[_Meter, list[list[Point]]](list)
    for entity, points in found.items():
        match = _ENTITY.search(entity)
        direction = Direction.PRODUCED if match and match["produced"] else Direction.CONSUMED
        by_meter[_Meter(_TARIFF.sub("", entity), direction)].append(
            sorted(points, key=lambda each: each.stamp)
        )
    return {meter: _sum(tariffs) for meter, tariffs in by_meter.items()}


def _sum(tariffs: list[list[Point]]) -> list[Point]:
    """One register of several: not known as long as one of them is not."""
    if len(tariffs) == 1:
        return tariffs[0]
    changes = sorted(
        (point.stamp, index, point.register) for index, each in enumerate(tariffs) for point in each
    )
    latest: list[Decimal | None] = [None] * len(tariffs)
    total = list[Point]()
    for stamp, index, register in changes:
        latest[index] = register
        known = [each for each in latest if each is not None]
        if len(known) == len(latest):
            total.append(Point(stamp, sum(known, Decimal(0))))
        elif total:
            total.append(Point(stamp, None))
    return total
