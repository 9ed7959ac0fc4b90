"""What the portals of solar inverters export: Fronius's Solar.web, and SolarEdge's monitoring and its API."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from amalgam.csv_rows import ReadingsError
from amalgam.readings.formats.columns import decimal_mark
from amalgam.readings.formats.protocol import Asked
from amalgam.readings.layout import Layout, Value, read_table, unit
from amalgam.readings.model import Direction, Part
from amalgam.readings.source import Source
from amalgam.readings.table import ListedTable, Table, column, with_header

# Fronius

_FRONIUS_TIMES = ("datum und uhrzeit", "date and time", "date et heure", "fecha y hora", "data e ora")
_UNIT = re.compile(r"\[(k?Wh?)\]")
_PLANT = re.compile(r"gesamt erzeugung|total (production|generation)|pv[ -]produ[ck]tion", re.IGNORECASE)
_INVERTER = re.compile(r"(energie|energy) \| (?P<name>.+)", re.IGNORECASE)
_USE = re.compile(r"(gesamt )?verbrauch|(total )?consumption", re.IGNORECASE)


def read_fronius(source: Source, asked: Asked) -> Sequence[Part] | None:
    """CSV or XLSX of Solar.web: titles, a row of units like `[dd.MM.yyyy HH:mm]` and `[Wh]`, and then values.

    Of a plant's production and those of its inverters the plant's is read.
    """
    table = with_header(source, lambda row: bool(row) and row[0].lower() in _FRONIUS_TIMES)
    if table is None:
        return None
    units = next(iter(table.sample()), [""])
    if not units[0].startswith("["):
        return None
    values = [
        Value(index, Direction.CONSUMED, unit(match[1]), source.member)
        for index, title in enumerate(table.titles)
        if _USE.fullmatch(title) and (match := _UNIT.fullmatch(units[index].strip()))
    ]
    values += _production(table, units, source.member)
    if not values:
        table.refuse(
            -1, 0, "no column of production or consumption", "export 'Gesamt Erzeugung' or 'PV Produktion'"
        )
    layout = Layout(
        "Fronius Solar.web",
        values,
        [0],
        zone=asked.zone,
        decimal=decimal_mark(table, [value.column for value in values]),
        skip=lambda text: text.strip().startswith("["),
        notes=(f"the file does not say whose it is: {source.member!r} is its name",),
    )
    return [read_table(table, layout)]


def _production(table: Table, units: Sequence[str], member: str) -> list[Value]:
    told = [(index, title, _UNIT.fullmatch(units[index].strip())) for index, title in enumerate(table.titles)]
    plants = [(index, match[1]) for index, title, match in told if match and _PLANT.fullmatch(title)]
    if plants:
        index, name = plants[0]
        return [Value(index, Direction.PRODUCED, unit(name), member)]
    inverters = [
        (index, name["name"], match[1])
        for index, title, match in told
        if match and (name := _INVERTER.fullmatch(title))
    ]
    if len(inverters) == 1:
        return [Value(inverters[0][0], Direction.PRODUCED, unit(inverters[0][2]), member)]
    return [Value(index, Direction.PRODUCED, unit(of), f"{member} {name}") for index, name, of in inverters]


# SolarEdge

_SOLAREDGE = re.compile(
    r"((?P<produced>(system|solar) production)|(?P<consumed>consumption)) \((?P<unit>k?wh?)\)", re.IGNORECASE
)
_AMERICAN, _EUROPEAN = ("%m/%d/%Y %H:%M", "%m/%d/%Y"), ("%d/%m/%Y %H:%M", "%d/%m/%Y")
_METERS = {"production": Direction.PRODUCED, "consumption": Direction.CONSUMED}


def read_solaredge(source: Source, asked: Asked) -> Sequence[Part] | None:
    """The chart's CSV: `Time,System Production (W),Consumption (W),...`, mean powers or energies."""
    table = with_header(source, lambda row: row[:1] == ["Time"] and any(map(_SOLAREDGE.fullmatch, row[1:])))
    if table is None:
        return None
    values = dict[Direction, Value]()
    for index, title in enumerate(table.titles):
        match = _SOLAREDGE.fullmatch(title)
        if match:
            direction = Direction.PRODUCED if match["produced"] else Direction.CONSUMED
            values.setdefault(direction, Value(index, direction, unit(match["unit"]), source.member))
    layout = Layout(
        "SolarEdge CSV",
        list(values.values()),
        [0],
        time_formats=_formats(table),
        zone=asked.zone,
        notes=(f"the file does not say whose it is: {source.member!r} is its name",),
    )
    return [read_table(table, layout)]


def _formats(table: Table) -> Sequence[str]:
    """How its times are written: the account's language decides whether the day or the month is first."""
    texts = [text.strip() for chunk in table.chunks() for text in chunk[column(0)].unique()]
    fitting = [each for each in (_AMERICAN, _EUROPEAN) if all(_fits(text, each) for text in texts)]
    if len(fitting) == 2 and any("/" in text for text in texts):
        remedy = "export more days, up to one after the 12th, or give a mapping with time_format"
        table.refuse(0, 0, "it does not show whether the day or the month is first", remedy)
    if fitting or not any("/" in text for text in texts):
        return fitting[0] if fitting else ()
    return _AMERICAN  # which will refuse the one that does not fit


def _fits(text: str, formats: Sequence[str]) -> bool:
    for each in formats:
        try:
            datetime.strptime(text, each)
        except ValueError:
            continue
        return True
    return False


def read_solaredge_json(source: Source, asked: Asked) -> Sequence[Part] | None:
    """What the monitoring API answers: `energy` of a site, or `energyDetails` with a list a meter."""
    if not re.match(r'\s*\{\s*"energy(Details)?"', source.beginning):
        return None
    content = source.json()
    try:
        found = content.get("energyDetails") or content["energy"]
        meters = found.get("meters") or [{"type": "Production", "values": found["values"]}]
        return [
            _listed(source, asked, found["unit"], each) for each in meters if each["type"].lower() in _METERS
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ReadingsError(f"{source.name}: not as the API answers ({error!r}); download it anew") from None


def _listed(source: Source, asked: Asked, name: str, meter: Any) -> Part:
    values: list[Any] = meter["values"]
    rows = [[each["date"], "" if each.get("value") is None else str(each["value"])] for each in values]
    places = [f"{meter['type']} values[{index}]" for index in range(len(rows))]
    value = Value(1, _METERS[meter["type"].lower()], unit(name), source.member)
    notes = (f"the file does not say whose it is: {source.member!r} is its name",)
    return read_table(
        ListedTable(source.name, ["date", "value"], rows, places),
        Layout("SolarEdge JSON", [value], [0], zone=asked.zone, notes=notes),
    )
