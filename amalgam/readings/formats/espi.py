"""Green Button: NAESB's ESPI (REQ.21), an Atom feed of usage points and their interval blocks."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from amalgam.csv_rows import ReadingsError
from amalgam.readings.formats.protocol import Asked
from amalgam.readings.layout import Layout, Value, read_table, unit
from amalgam.readings.model import Direction, Part, Quality
from amalgam.readings.source import Source
from amalgam.readings.table import ListedTable

_ESPI, _ATOM = "{http://naesb.org/espi}", "{http://www.w3.org/2005/Atom}"
_UNITS = {"72": "Wh", "38": "W"}  # by ESPI's uom
_DIRECTIONS = {"1": Direction.CONSUMED, "19": Direction.PRODUCED}  # by its flowDirection
_CUMULATIVE = {"1", "3"}  # its accumulationBehaviour: a register's
_QUALITIES = {  # its QualityOfReading
    **dict.fromkeys(("", "0", "14", "17", "18", "19"), Quality.MEASURED),
    **dict.fromkeys(("7", "8", "9", "10", "11", "12", "13", "15", "16"), Quality.SUBSTITUTED),
}


class _Series(NamedTuple):
    """What readings have in common that make one part."""

    member: str
    direction: Direction
    uom: str
    power_of_ten: int
    interval_s: int


def read_espi(source: Source, asked: Asked) -> Sequence[Part] | None:  # noqa: ARG001 (times are UTC)
    """Every interval block of electricity."""
    if "http://naesb.org/espi" not in source.beginning:
        return None
    try:
        feed: Element = fromstring(source.data)
    except (ParseError, DefusedXmlException) as error:
        line, column = getattr(error, "position", (1, 0))
        place = f"{source.name}:{line}:{column + 1}"
        raise ReadingsError(f"{place}: not XML that can be read ({error}); download it anew", line) from None
    return _Feed(source, feed).parts()


class _Feed:
    """The entries of a feed, by the address that each says is its own."""

    def __init__(self, source: Source, feed: Element) -> None:
        self._source = source
        self._entries = list(feed.iter(f"{_ATOM}entry"))
        self._by_self: Mapping[str, Element] = {
            link: entry for entry in self._entries for link in _links(entry, "self")
        }
        offset = feed.find(f".//{_ESPI}LocalTimeParameters/{_ESPI}tzOffset")
        self._zone = timezone(timedelta(seconds=int(offset.text or 0))) if offset is not None else UTC

    def parts(self) -> list[Part]:
        rows = defaultdict[_Series, list[list[str]]](list)
        places = defaultdict[_Series, list[str]](list)
        number = 0
        for entry in self._entries:
            for block in entry.iter(f"{_ESPI}IntervalBlock"):
                kind, member = self._kind(entry), self._member(entry)
                for reading in block.iter(f"{_ESPI}IntervalReading"):
                    number += 1
                    series = self._series(kind, member, reading, number)
                    rows[series].append(self._row(reading, number))
                    places[series].append(f"IntervalReading {number}")
        if not rows:
            raise self._error("no IntervalReading; download the readings of intervals")
        return [self._part(series, rows[series], places[series]) for series in rows]

    def _part(self, series: _Series, rows: list[list[str]], places: list[str]) -> Part:
        table = ListedTable(self._source.name, ["start", "value", "quality"], rows, places)
        base = unit(_UNITS[series.uom])
        scaled = base._replace(factor=base.factor.scaleb(series.power_of_ten))
        value = Value(1, series.direction, scaled, series.member, 2)
        return read_table(
            table,
            Layout("Green Button", [value], [0], interval_s=series.interval_s, qualities=_QUALITIES),
        )

    def _row(self, reading: Element, number: int) -> list[str]:
        start = self._number(reading, f"{_ESPI}timePeriod/{_ESPI}start", number)
        qualities = [each.text or "" for each in reading.findall(f"{_ESPI}ReadingQuality/{_ESPI}quality")]
        worst = max(qualities, key=lambda each: _QUALITIES.get(each, Quality.MISSING), default="")
        return [datetime.fromtimestamp(start, self._zone).isoformat(), _text(reading, "value"), worst]

    def _series(self, kind: Element, member: str, reading: Element, number: int) -> _Series:
        uom, direction = _text(kind, "uom"), _text(kind, "flowDirection") or "1"
        if uom not in _UNITS:
            raise self._error(
                f"its unit (uom) is {uom or 'none'}, and not 72, Wh, or 38, W; download electricity"
            )
        if direction not in _DIRECTIONS:
            remedy = "download what is delivered (1) and received (19) apart"
            raise self._error(f"its flowDirection is {direction}, which nets both ways; {remedy}")
        if _text(kind, "accumulationBehaviour") in _CUMULATIVE:
            raise self._error("its readings are a register's; download the readings of intervals")
        power = int(_text(kind, "powerOfTenMultiplier") or 0)
        length = self._number(reading, f"{_ESPI}timePeriod/{_ESPI}duration", number)
        return _Series(member, _DIRECTIONS[direction], uom, power, length)

    def _number(self, reading: Element, path: str, number: int) -> int:
        text = reading.findtext(path, "").strip()
        if not text.isdecimal():
            name = path.rpartition("}")[2]
            raise self._error(f"IntervalReading {number}: {name} {text!r} is not a number; download it anew")
        return int(text)

    def _kind(self, entry: Element) -> Element:
        """The reading type of a block."""
        meter = self._above(entry, "/IntervalBlock")
        related = _links(meter, "related") if meter is not None else []
        found = [self._by_self[link] for link in related if link in self._by_self]
        kinds = [kind for each in found for kind in each.iter(f"{_ESPI}ReadingType")]
        kinds = kinds or [kind for each in self._entries for kind in each.iter(f"{_ESPI}ReadingType")]
        if len(kinds) != 1:
            raise self._error(f"{len(kinds)} reading types for a block; download the whole feed")
        return kinds[0]

    def _member(self, entry: Element) -> str:
        """What the usage point of a block is called, or else the file."""
        meter = self._above(entry, "/IntervalBlock")
        point = self._above(meter, "/MeterReading") if meter is not None else None
        title = point.findtext(f"{_ATOM}title", "").strip() if point is not None else ""
        return title or self._source.member

    def _above(self, entry: Element, kind: str) -> Element | None:
        return next(
            (
                self._by_self[above]
                for link in _links(entry, "up")
                if (above := link.removesuffix(kind)) in self._by_self
            ),
            None,
        )

    def _error(self, problem: str) -> ReadingsError:
        return ReadingsError(f"{self._source.name}: {problem}")


def _links(entry: Element, kind: str) -> list[str]:
    return [link.get("href", "") for link in entry.findall(f"{_ATOM}link") if link.get("rel") == kind]


def _text(element: Element, name: str) -> str:
    return element.findtext(f"{_ESPI}{name}", "").strip()
