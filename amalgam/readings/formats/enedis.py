"""Enedis: load curves of French meters, as its customers' CSV and as its Data Connect's JSON.

Values are mean powers in W of the interval that ends at their time.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, cast

from amalgam.csv_rows import ReadingsError
from amalgam.readings.formats.protocol import Asked
from amalgam.readings.layout import Layout, Value, read_table, unit
from amalgam.readings.model import Direction, Part, Quality
from amalgam.readings.source import Source
from amalgam.readings.table import ListedTable, Table, with_header

_ZONE = "Europe/Paris"
_LENGTH = re.compile(r"PT(\d+)M(?:in)?", re.IGNORECASE)
_QUALITIES = {
    **dict.fromkeys(("", "B", "R", "S", "T", "F", "G", "J"), Quality.MEASURED),  # raw, real, cuts, clock
    **dict.fromkeys(("C", "H", "P", "E", "D", "K"), Quality.SUBSTITUTED),  # corrected, rebuilt, estimated
}


def read_csv(source: Source, asked: Asked) -> Sequence[Part] | None:
    """The file that comes by mail: `Identifiant PRM;...`, its values, and then `Horodate;Valeur`."""
    table = with_header(source, lambda row: [title.lower() for title in row[:2]] == ["horodate", "valeur"])
    if table is None:
        return None
    about = _about(table)
    titles = [title.lower() for title in table.titles]
    kind = about.get("type de donnees", "")
    if kind and "courbe" not in kind.lower():
        table.refuse(-1, 0, f"it has {kind!r}, not the load curve", "download 'Courbe de charge'")
    is_production = about.get("grandeur metier", "").lower().startswith("prod")
    minutes = about.get("pas en minutes", "")
    value = Value(
        1,
        Direction.PRODUCED if is_production else Direction.CONSUMED,
        unit(about.get("unite") or "W"),
        about.get("identifiant prm") or source.member,
        titles.index("nature") if "nature" in titles else None,
    )
    layout = Layout(
        "Enedis CSV",
        [value],
        [0],
        zone=asked.zone or _ZONE,
        is_end=True,
        interval_s=int(minutes) * 60 if minutes.isdecimal() else None,
        qualities=_QUALITIES,
    )
    return [read_table(table, layout)]


def _about(table: Table) -> dict[str, str]:
    """What the two rows above the values tell."""
    for names, values in zip(table.above, table.above[1:], strict=False):
        if names[0].lower() == "identifiant prm":
            return dict(zip((name.lower() for name in names), values, strict=False))
    return {}


def read_json(source: Source, asked: Asked) -> Sequence[Part] | None:
    """What Data Connect answers: `meter_reading.interval_reading`, of one meter or a list of several."""
    if '"interval_reading"' not in source.beginning:
        return None
    content = source.json()
    try:
        found = cast(list[Any], content) if isinstance(content, list) else [content]
        readings: list[Any] = [each.get("meter_reading", each) for each in found]
        return [part for reading in readings for part in _parts(source, asked, reading)]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        problem = f"not as Data Connect answers ({error!r}); download it anew"
        raise ReadingsError(f"{source.name}: {problem}") from None


def _parts(source: Source, asked: Asked, reading: Any) -> list[Part]:
    kind = reading["reading_type"]
    by_length = defaultdict[int, list[tuple[int, Any]]](list)
    for number, each in enumerate(reading["interval_reading"]):
        match = _LENGTH.fullmatch(each.get("interval_length") or kind.get("interval_length") or "PT30M")
        if match is None:
            raise ValueError(f"interval_length of interval_reading[{number}]")
        by_length[60 * int(match[1])].append((number, each))
    is_production = str(kind.get("flow_direction", "")).lower() in ("production", "reverse", "injection")
    direction = Direction.PRODUCED if is_production else Direction.CONSUMED
    value = Value(1, direction, unit(kind["unit"]), str(reading["usage_point_id"]), 2)
    notes = (
        ()
        if "flow_direction" in kind
        else ("the file does not say whether it is production: it is read as consumption",)
    )
    return [
        read_table(
            ListedTable(
                source.name,
                ["date", "value", "measure_type"],
                [
                    [str(each["date"]), _text(each["value"]), str(each.get("measure_type") or "")]
                    for _, each in rows
                ],
                [f"interval_reading[{number}]" for number, _ in rows],
            ),
            Layout(
                "Enedis JSON",
                [value],
                [0],
                zone=asked.zone or _ZONE,
                is_end=True,
                interval_s=length,
                qualities=_QUALITIES,
                notes=notes,
            ),
        )
        for length, rows in by_length.items()
    ]


def _text(value: object) -> str:
    return "" if value is None else str(value)
