"""CSV files and spreadsheets with columns that their titles explain: our own, a column a member, Octopus."""

import re
from collections.abc import Sequence
from datetime import datetime

from amalgam.readings.formats.protocol import Asked
from amalgam.readings.layout import QUALITIES, Layout, Unit, Value, read_table, unit
from amalgam.readings.model import Direction, Part
from amalgam.readings.source import Source
from amalgam.readings.table import Table, with_header
from amalgam.units import MEASURES, Measure

TIME_TITLES = {
    *("timestamp", "time", "date", "datetime", "date/time", "date and time", "start"),
    *("datum", "zeit", "zeitpunkt", "zeitstempel", "datum und uhrzeit", "datum/zeit"),
    *("horodate", "date et heure", "fecha", "data", "data/ora"),
}
_PRODUCED = (
    "generated|produced|generation|production|injection|feed-in|erzeugung|einspeisung|erzeugt|injected"
)
_CONSUMED = "consumed|consumption|demand|verbrauch|bezug|consommation|soutirage|verbraucht"
_UNIT = r"[ _]*[\[(]?(?P<unit>k?wh?)[\])]?"
_WIDE = re.compile(
    rf"(?P<member>.+?)[ _:-]+((?P<produced>{_PRODUCED})|(?P<consumed>{_CONSUMED})){_UNIT}", re.IGNORECASE
)
_UNDIRECTED = re.compile(rf"(?P<member>.+?){_UNIT}", re.IGNORECASE)
_COMMA = re.compile(r"[0-9],[0-9]")
_OCTOPUS = ("consumption (kwh)", "start", "end")


def decimal_mark(table: Table, columns: Sequence[int]) -> str:
    """The mark before decimals in columns of a table, by its first rows."""
    return "," if any(_COMMA.search(row[each]) for row in table.sample() for each in columns) else "."


# A row a member and interval


def read_long(source: Source, asked: Asked) -> Sequence[Part] | None:
    """Our own format: `timestamp`, `member`, two amounts like `generated_Wh` and `consumed_kWh`, `quality`.

    Without a column of members the file's name is the member's.
    """
    table = with_header(source, _is_long)
    if table is None:
        return None
    titles = [title.lower() for title in table.titles]
    measure = _measure(titles)
    if measure is None:
        table.refuse(-1, 0, "no column of amounts", f"use the columns {_header(*MEASURES)}")
    use_columns = f"use the columns {_header(measure)}"
    found = dict[str, int]()
    units = dict[str, Unit]()
    for index, title in enumerate(titles):
        name, _, suffix = title.partition("_")
        if name not in ("timestamp", "member", "quality", measure.produced, measure.demand):
            continue
        if name in found:
            table.refuse(-1, index, f"second column for {name}", "keep one of them")
        found[name] = index
        if name in (measure.produced, measure.demand):
            try:
                units[name] = _energy(suffix, measure)
            except ValueError:
                told = f"use _{measure.base_unit} or _{measure.typed_unit}"
                table.refuse(
                    -1, index, f"unknown unit {table.titles[index].partition('_')[2]!r} of {name}", told
                )
    for name in ("timestamp", measure.produced, measure.demand):
        if name not in found:
            table.refuse(-1, 0, f"missing column for {name}", use_columns)
    amounts = ((measure.produced, Direction.PRODUCED), (measure.demand, Direction.CONSUMED))
    member = found.get("member")
    values = [
        Value(
            found[name],
            direction,
            units[name],
            member=source.member if member is None else None,
            quality=found.get("quality"),
        )
        for name, direction in amounts
    ]
    layout = Layout(
        "CSV",
        values,
        [found["timestamp"]],
        zone=asked.zone,
        member=member,
        qualities=QUALITIES,
        decimal=decimal_mark(table, [each.column for each in values]),
    )
    return [read_table(table, layout)]


def _is_long(row: Sequence[str]) -> bool:
    titles = {title.lower() for title in row}
    return {"timestamp", "member"} <= titles or ("timestamp" in titles and _measure(list(titles)) is not None)


def _energy(name: str, measure: Measure) -> Unit:
    found = unit(name, measure)
    if found.is_power:
        raise ValueError(f"{name} is a power")
    return found


def _measure(titles: Sequence[str]) -> Measure | None:
    """The resource of what a header names: by a column of its alone, or else by a unit."""
    parts = [title.partition("_") for title in titles]
    for measure in MEASURES:
        others = [each for each in MEASURES if each is not measure]
        own = {measure.produced, measure.demand} - {each.demand for each in others}
        if any(name in own and mark for name, mark, _ in parts):
            return measure
    for measure in MEASURES:
        units = {each.lower() for each in measure.decimal_places}
        if any(name == measure.demand and told in units for name, _, told in parts):
            return measure
    return None


def _header(*measures: Measure) -> str:
    """The columns that a first line may name."""
    return "timestamp, member, " + " or ".join(
        f"{each.produced}_{each.base_unit} (or _{each.typed_unit}), "
        f"{each.demand}_{each.base_unit} (or _{each.typed_unit})"
        for each in measures
    )


# A column a member


def read_wide(source: Source, asked: Asked) -> Sequence[Part] | None:
    """A spreadsheet with a column for each member and direction, like `house-01 consumed [kWh]`."""
    table = with_header(source, _is_wide)
    if table is None:
        return None
    values = list[Value]()
    for index, title in enumerate(table.titles[1:], 1):
        match = _WIDE.fullmatch(title)
        if match:
            direction = Direction.PRODUCED if match["produced"] else Direction.CONSUMED
            values.append(Value(index, direction, unit(match["unit"]), match["member"]))
        elif match := _UNDIRECTED.fullmatch(title):
            name = match["member"]
            remedy = f"title it like '{name} consumed_kWh' or '{name} generated_kWh', or give a mapping"
            table.refuse(-1, index, f"{title!r} does not say whether it is consumed or generated", remedy)
    if len({value.unit.is_power for value in values}) > 1:
        table.refuse(-1, 0, "some columns are powers and some are energies", "split them into two files")
    decimal = decimal_mark(table, [value.column for value in values])
    return [read_table(table, Layout("a column a member", values, [0], zone=asked.zone, decimal=decimal))]


def _is_wide(row: Sequence[str]) -> bool:
    return len(row) > 1 and row[0].lower() in TIME_TITLES and any(map(_UNDIRECTED.fullmatch, row[1:]))


# Octopus


def read_octopus(source: Source, asked: Asked) -> Sequence[Part] | None:
    """What Octopus Energy's customers download: kWh of half-hours, newest first, without the meter's name.

    Half-hours in which nothing was consumed are left away: they are gaps.
    """
    table = with_header(source, _is_octopus)
    if table is None:
        return None
    amount, start, end = ([title.lower() for title in table.titles].index(each) for each in _OCTOPUS)
    values = [Value(amount, Direction.CONSUMED, unit("kWh"), source.member)]
    length = _length(table, start, end)
    notes = (
        f"the file does not say whose it is: {source.member!r} is its name",
        "it has no rows for half-hours of zero: --gaps zero makes them so",
    )
    layout = Layout("Octopus CSV", values, [start], zone=asked.zone, interval_s=length, notes=notes)
    return [read_table(table, layout)]


def _is_octopus(row: Sequence[str]) -> bool:
    return set(_OCTOPUS) <= {title.lower() for title in row}


def _length(table: Table, start: int, end: int) -> int | None:
    """Length of the first row's interval, in s."""
    try:
        begin, until = (datetime.fromisoformat(table.sample()[0][each]) for each in (start, end))
        return int((until - begin).total_seconds())
    except (ValueError, TypeError, IndexError):
        return None  # reading the row will tell
