"""MSCONS: load profiles in UN/EDIFACT, as metering operators of Germany and Switzerland send them."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from amalgam.csv_rows import ReadingsError
from amalgam.readings.formats.protocol import Asked
from amalgam.readings.layout import Layout, Value, read_table, unit
from amalgam.readings.model import Direction, Part, Quality
from amalgam.readings.source import Source
from amalgam.readings.table import ListedTable

_OBIS = re.compile(r"1-\d+:(?P<kind>[12])\.(?:29|9)\.\d+(?:\*\d+)?")
_DIRECTIONS = {"1": Direction.CONSUMED, "2": Direction.PRODUCED}
_TIME = re.compile(r"(\d{12})(?:([+-])(\d{2}))?")
_QUALITIES = {  # by the qualifier of QTY
    "220": Quality.MEASURED,
    **dict.fromkeys(("67", "187", "201", "Z18"), Quality.SUBSTITUTED),  # in its stead, forecast, proposed
    "20": Quality.MISSING,  # not usable
}


class _Marks(NamedTuple):
    """What separates components, elements and segments, and what takes that meaning away, as UNA tells."""

    component: str = ":"
    element: str = "+"
    release: str = "?"
    segment: str = "'"


Segment = list[list[str]]  # of elements, each of components


def read_mscons(source: Source, asked: Asked) -> Sequence[Part] | None:  # noqa: ARG001 (times have an offset)
    """Every quantity of active energy in an interval."""
    if not source.beginning.lstrip().startswith(("UNA", "UNB")) or "MSCONS" not in source.beginning:
        return None
    return _Message(source).parts()


class _Message:
    """What has been told up to a segment."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._meter = source.member
        self._direction: Direction | None = None
        self._quantity: tuple[str, str, str] | None = None  # qualifier, value, unit
        self._start: datetime | None = None
        self._rows = defaultdict[tuple[str, Direction, str, int], list[list[str]]](list)
        self._places = defaultdict[tuple[str, Direction, str, int], list[str]](list)

    def parts(self) -> list[Part]:
        in_message, number = 0, 0
        last = ""
        for number, segment in enumerate(_segments(self._source.text()), 1):
            last = segment[0][0]
            in_message = 1 if last == "UNH" else in_message + 1
            if last == "UNT" and segment[1][0] != str(in_message):
                problem = f"the message has {in_message} segments and says {segment[1][0]}"
                raise self._error(number, f"{problem}; have it sent again")
            self._take(number, segment)
        if last != "UNZ":
            raise self._error(number, "the file ends without UNZ; have it sent again")
        if not self._rows:
            raise ReadingsError(f"{self._source.name}: no load profile (1-1:1.29.0, 1-1:2.29.0); ask for one")
        return [self._part(key) for key in self._rows]

    def _take(self, number: int, segment: Segment) -> None:
        tag = segment[0][0]
        if tag == "LOC" and segment[1][0] == "172":
            self._meter, self._direction = segment[2][0], None
        elif tag == "LIN":
            self._direction, self._quantity = None, None
        elif tag == "PIA":
            match = _OBIS.fullmatch(segment[2][0])
            self._direction = _DIRECTIONS[match["kind"]] if match else None
        elif tag == "QTY":
            qualifier, value, *told = segment[1]
            self._quantity, self._start = (qualifier, value, told[0] if told else "KWH"), None
        elif tag == "DTM" and self._quantity is not None and self._direction is not None:
            self._take_time(number, segment[1])

    def _take_time(self, number: int, element: list[str]) -> None:
        kind, text, *_ = element
        if kind == "163":
            self._start = self._time(number, text)
        elif kind == "164" and self._start is not None and self._quantity and self._direction:
            qualifier, value, name = self._quantity
            length = int((self._time(number, text) - self._start).total_seconds())
            key = self._meter, self._direction, name, length
            self._rows[key].append([self._start.isoformat(), value, qualifier])
            self._places[key].append(f"segment {number}")

    def _time(self, number: int, text: str) -> datetime:
        match = _TIME.fullmatch(text)
        if match is None:
            raise self._error(number, f"{text!r} is not a time like 202606220015+00; have it sent again")
        sign = -1 if match[2] == "-" else 1
        zone = timezone(sign * timedelta(hours=int(match[3] or 0)))
        try:
            return datetime.strptime(match[1], "%Y%m%d%H%M").replace(tzinfo=zone)
        except ValueError:
            raise self._error(number, f"{text!r} is not a time; have it sent again") from None

    def _part(self, key: tuple[str, Direction, str, int]) -> Part:
        meter, direction, name, length = key
        if length <= 0:
            raise ReadingsError(
                f"{self._source.name}: an interval of {meter} ends before it starts; have it sent again"
            )
        try:
            value = Value(1, direction, unit(name), meter, 2)
        except ValueError as error:
            raise ReadingsError(f"{self._source.name}: {error}; ask for kWh") from None
        table = ListedTable(
            self._source.name, ["DTM", "QTY", "qualifier"], self._rows[key], self._places[key]
        )
        return read_table(table, Layout("MSCONS", [value], [0], interval_s=length, qualities=_QUALITIES))

    def _error(self, number: int, problem: str) -> ReadingsError:
        return ReadingsError(f"{self._source.name}: segment {number}: {problem}")


def _segments(text: str) -> Iterator[Segment]:
    text = text.lstrip()
    marks = _Marks()
    if text.startswith("UNA"):
        component, element, _, release, _, segment = text[3:9]
        marks, text = _Marks(component, element, release, segment), text[9:]
    for raw in _split(text, marks.segment, marks.release):
        if raw.strip():
            yield [
                [_released(each, marks.release) for each in _split(element, marks.component, marks.release)]
                for element in _split(raw.strip(), marks.element, marks.release)
            ]


def _split(text: str, mark: str, release: str) -> list[str]:
    """Parts of a text between marks, with what is released left as it is."""
    escape, end = re.escape(release), re.escape(mark)
    return (
        re.split(rf"(?<!{escape}){end}", text) if release * 2 not in text else _scanned(text, mark, release)
    )


def _scanned(text: str, mark: str, release: str) -> list[str]:
    """The same if the mark of release is released itself."""
    parts, start, index = list[str](), 0, 0
    while index < len(text):
        if text[index] == release:
            index += 1
        elif text[index] == mark:
            parts.append(text[start:index])
            start = index + 1
        index += 1
    return [*parts, text[start:]]


def _released(text: str, release: str) -> str:
    return re.sub(rf"{re.escape(release)}(.)", r"\1", text, flags=re.DOTALL)
