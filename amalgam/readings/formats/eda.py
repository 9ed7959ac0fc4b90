"""EDA: Austria's energy communities, as the market's portal and eegfaktura export them, an XLSX.

Sheet `Energiedaten` has a column for each meter and metercode, below rows that name both, and behind each
such column there may be another one with the quality of its values: L1 measured, L2 and L3 substituted. Of
the codes, measured are a consumer's `1-1:1.9.0 G.01` and a producer's `1-1:2.9.0 G.01`; with T behind them
they are what takes part. Others are results of the operator's own allocation, and are not read.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from amalgam.readings.formats.protocol import Asked
from amalgam.readings.layout import Layout, Value, read_table, unit
from amalgam.readings.model import Direction, Part, Quality
from amalgam.readings.source import Source
from amalgam.readings.table import SheetTable, sheets

_ZONE = "Europe/Vienna"
_METER, _DIRECTION, _CODE = "meteringpointid", "energy direction", "metercode"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}.*|\d{1,2}\.\d{1,2}\.\d{4}.*")
_DIRECTIONS = {"CONSUMPTION": Direction.CONSUMED, "GENERATION": Direction.PRODUCED}
_MEASURED = {
    Direction.CONSUMED: re.compile(r"1-1:1\.9\.0 G\.01(?P<part>T?)|Gesamtverbrauch lt\. Messung .*"),
    Direction.PRODUCED: re.compile(  # eegfaktura once called what a producer measures as a consumer's
        r"1-1:2\.9\.0 G\.01(?P<part>T?)|Gesamte gemeinschaftliche Erzeugung.*|Gesamtverbrauch lt\. Messung .*"
    ),
}
_QUALITIES = {
    "L1": Quality.MEASURED,
    "L2": Quality.SUBSTITUTED,
    "L3": Quality.SUBSTITUTED,
    "": Quality.MISSING,  # L0, and what has not arrived: its zero is none
    "L0": Quality.MISSING,
}


class _Head(NamedTuple):
    """The rows above the values, by what their first cell says, and the index of the last of them."""

    rows: dict[str, Sequence[str]]
    last: int


def read_eda(source: Source, asked: Asked) -> Sequence[Part] | None:
    """The sheet of a workbook that has metering points and their codes."""
    if not source.is_zip:
        return None
    for sheet, rows in sheets(source).items():
        head = _head(rows)
        if head is not None:
            return [_read(source, asked, sheet, rows, head)]
    return None


def _head(rows: Sequence[Sequence[str]]) -> _Head | None:
    found = dict[str, Sequence[str]]()
    for number, row in enumerate(rows[:20]):
        name = row[0].strip().lower() if row else ""
        if name in (_METER, _DIRECTION, _CODE):
            found[name] = row
        if name == _CODE:
            return _Head(found, number) if len(found) == 3 else None
    return None


def _read(source: Source, asked: Asked, sheet: str, rows: list[list[str]], head: _Head) -> Part:
    table = SheetTable(source.name, sheet, rows, head.last)
    meters, directions, codes = (head.rows[name] for name in (_METER, _DIRECTION, _CODE))
    values = dict[tuple[str, Direction], Value]()
    notes = list[str]()
    for index in range(1, len(codes)):
        direction = _DIRECTIONS.get(directions[index].strip().upper())
        match = _MEASURED[direction].fullmatch(codes[index].strip()) if direction else None
        if direction is None or match is None:
            continue
        meter = meters[index].strip()
        key = meter, direction
        if match["part"] and key not in values:
            notes.append(f"{meter} has only what takes part ({codes[index]}): give it no factor again")
        if key not in values or not match["part"]:
            values[key] = Value(index, direction, unit("kWh"), meter, _quality_column(table, meters, index))
    if not values:
        table.refuse(
            -1, 0, "no column of measured energy", "export it with 'Gesamtverbrauch' and 'Erzeugung'"
        )
    layout = Layout(
        "EDA XLSX",
        list(values.values()),
        [0],
        zone=asked.zone or _ZONE,
        qualities=_QUALITIES,
        skip=lambda text: not _DAY.fullmatch(text),
        notes=tuple(notes),
    )
    return read_table(table, layout)


def _quality_column(table: SheetTable, meters: Sequence[str], index: int) -> int | None:
    """The column behind it, if no meter is named there."""
    behind = index + 1
    is_quality = (
        behind < len(table.titles) and meters[behind].strip() in ("", "MM") and not table.titles[behind]
    )
    return behind if is_quality else None
