"""Any other CSV file or spreadsheet, explained by a mapping: a TOML file that says what its columns are.

time = "Datum"                     # or ["Datum", "Uhrzeit"]
time_format = "%d.%m.%Y %H:%M"     # unless it is ISO 8601 or like 22.6.2026 00:15
zone = "Europe/Vienna"             # unless times have an offset
time_is = "end"                    # of the interval; "start" unless told
interval = "15m"                   # unless it shows
decimal = ","                      # unless it is a point
member = "Zählpunkt"               # the column that names members; or
name = "house-01"                  # the one member that the file is of
quality = "Status"                 # the column of qualities, and what its words mean
measured = ["W"]
substituted = ["E", "V"]
missing = ["F"]

[[value]]                          # a column of values, as many as there are
column = "Verbrauch"
direction = "consumed"             # or "produced"
unit = "kWh"                       # Wh, kWh, W or kW
member = "house-02"                # if no column names members, and the file is of several
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from amalgam.csv_rows import ReadingsError
from amalgam.readings.formats.protocol import Asked, Reader
from amalgam.readings.layout import Layout, Unit, Value, read_table, unit
from amalgam.readings.model import Direction, Part, Quality
from amalgam.readings.source import Source
from amalgam.readings.table import Table, with_header
from amalgam.readings.times import zone
from amalgam.readings.toml_keys import check_keys, chosen, load, tables, text
from amalgam.units import duration_s

_KEYS = {
    *("time", "time_format", "zone", "time_is", "interval", "decimal", "member", "name", "quality"),
    *("measured", "substituted", "missing", "value"),
}
_VALUE_KEYS = {"column", "direction", "unit", "member"}


@dataclass(frozen=True, slots=True)
class _Column:
    """A `[[value]]`."""

    title: str
    direction: Direction
    unit: Unit
    member: str | None


@dataclass(frozen=True, slots=True)
class _Mapping:
    """A mapping that is checked."""

    name: str
    times: Sequence[str]
    time_formats: Sequence[str]
    zone: str | None
    is_end: bool
    interval_s: int | None
    decimal: str
    member: str | None
    member_name: str | None
    quality: str | None
    qualities: dict[str, Quality]
    values: Sequence[_Column]

    @property
    def titles(self) -> set[str]:
        """The columns that a file must have to be one that it explains."""
        told = [*self.times, *(each.title for each in self.values), self.member, self.quality]
        return {title.lower() for title in told if title}

    def read(self, source: Source, asked: Asked) -> Sequence[Part] | None:
        """A file that has all of the columns; None of another one."""
        table = with_header(source, lambda row: self.titles <= {title.lower() for title in row})
        return None if table is None else [read_table(table, self._layout(table, source, asked))]

    def _layout(self, table: Table, source: Source, asked: Asked) -> Layout:
        indices = {title.lower(): index for index, title in reversed(list(enumerate(table.titles)))}
        quality = indices[self.quality.lower()] if self.quality else None
        name = None if self.member else self.member_name or source.member
        return Layout(
            f"mapping {self.name}",
            [
                Value(indices[each.title.lower()], each.direction, each.unit, each.member or name, quality)
                for each in self.values
            ],
            [indices[each.lower()] for each in self.times],
            time_formats=self.time_formats,
            zone=self.zone or asked.zone,
            is_end=self.is_end,
            interval_s=self.interval_s,
            member=indices[self.member.lower()] if self.member else None,
            qualities=self.qualities,
            decimal=self.decimal,
        )


def load_mapping(path: Path) -> Reader:
    """The reader that a mapping makes. Raises ReadingsError, which names the key at fault."""
    return load(path, lambda content: _mapping(path.name, content).read, ReadingsError)


def _mapping(name: str, content: dict[str, Any]) -> _Mapping:
    check_keys(content, _KEYS, {"time", "value"})
    columns = [_column(each) for each in tables(content, "value")]
    if not columns:
        raise ValueError("value is not a list of tables; begin each with [[value]]")
    if len({each.unit.is_power for each in columns}) > 1:
        raise ValueError("some values are powers and some are energies; make two mappings")
    if "member" in content and "name" in content:
        raise ValueError("member and name: give the column that names members, or the one member's name")
    time: Any = content["time"]
    return _Mapping(
        name=name,
        times=cast(list[str], time) if isinstance(time, list) else [text(content, "time")],
        time_formats=[text(content, "time_format")] if "time_format" in content else [],
        zone=zone(text(content, "zone")).key if "zone" in content else None,
        is_end=chosen(content, "time_is", ("start", "end")) == "end",
        interval_s=duration_s(text(content, "interval")) if "interval" in content else None,
        decimal=chosen(content, "decimal", (".", ",")),
        member=text(content, "member") if "member" in content else None,
        member_name=text(content, "name") if "name" in content else None,
        quality=text(content, "quality") if "quality" in content else None,
        qualities={
            word: quality
            for quality in Quality
            for word in content.get(quality.name.lower(), [""] if quality is Quality.MEASURED else [])
        },
        values=columns,
    )


def _column(content: dict[str, Any]) -> _Column:
    check_keys(content, _VALUE_KEYS, {"column", "direction", "unit"})
    return _Column(
        title=text(content, "column"),
        direction=Direction(chosen(content, "direction", tuple(Direction))),
        unit=unit(text(content, "unit")),
        member=text(content, "member") if "member" in content else None,
    )
