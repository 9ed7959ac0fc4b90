"""Each format, from a file in its real shape to the Wh that was put into it; and what a reader refuses."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from amalgam.csv_rows import ReadingsError
from amalgam.readings.community import Meter, community, gathered
from amalgam.readings.formats.protocol import Asked
from amalgam.readings.model import PARTS, Direction, Quality
from amalgam.readings.policies import Duplicates, Gaps
from amalgam.readings.read import NAMES, READERS, read_files
from amalgam.readings.source import Source

Truth = tuple[str, str]  # what of: `consumed_wh` or `produced_wh`, and the house
BOTH = {
    ("village", "consumed"): ("consumed_wh", "village"),
    ("sun", "consumed"): ("consumed_wh", "sun"),
    ("sun", "produced"): ("produced_wh", "sun"),
}
LONG = BOTH | {("village", "produced"): ("produced_wh", "village")}
VILLAGE = ("consumed_wh", "village")
SUN = ("consumed_wh", "sun")
MADE = ("produced_wh", "sun")
FORMATS: dict[str, tuple[str, dict[tuple[str, str], Truth]]] = {
    "readings.csv": ("CSV", LONG),
    "readings-excel.csv": ("CSV", LONG),
    "wide.csv": ("a column a member", BOTH),
    "wide.xlsx": ("a column a member", BOTH),
    "green-button.xml": ("Green Button", BOTH),
    "enedis.csv": ("Enedis CSV", {("12345678901234", "consumed"): VILLAGE}),
    "enedis.json": ("Enedis JSON", {("12345678901234", "consumed"): VILLAGE}),
    "octopus.csv": ("Octopus CSV", {("octopus", "consumed"): MADE}),
    "eda.xlsx": (
        "EDA XLSX",
        {
            ("AT0030000000000000000000000351391", "consumed"): VILLAGE,
            ("AT0030000000000000000000000379812", "consumed"): SUN,
            ("AT0030000000000000000000030043080", "produced"): MADE,
        },
    ),
    "mscons.edi": ("MSCONS", {("DE0001234567890000000000000000001", "consumed"): VILLAGE}),
    "p1.txt": (
        "DSMR P1",
        {("E0044007131550618", "consumed"): SUN, ("E0044007131550618", "produced"): MADE},
    ),
    "home-assistant.csv": (
        "Home Assistant",
        {("sensor.village_energy_consumption", "consumed"): VILLAGE},
    ),
    "fronius.csv": ("Fronius Solar.web", {("fronius", "consumed"): SUN, ("fronius", "produced"): MADE}),
    "fronius.xlsx": ("Fronius Solar.web", {("fronius", "consumed"): SUN, ("fronius", "produced"): MADE}),
    "solaredge.csv": (
        "SolarEdge CSV",
        {("solaredge", "consumed"): SUN, ("solaredge", "produced"): MADE},
    ),
    "solaredge.json": ("SolarEdge JSON", {("solaredge", "produced"): MADE}),
    "other.csv": ("mapping other.toml", {("Z-1", "consumed"): VILLAGE}),
}
MISSING = {  # intervals without a value, by file and meter
    ("octopus.csv", "octopus"): lambda start: not 7 <= start.hour < 16,
    ("eda.xlsx", "AT0030000000000000000000000379812"): lambda start: (
        start < datetime(2026, 10, 24, 22, tzinfo=UTC)
    ),
    ("mscons.edi", "DE0001234567890000000000000000001"): lambda start: (
        start == datetime(2026, 10, 26, 22, 45, tzinfo=UTC)
    ),
    ("solaredge.json", "solaredge"): lambda start: not 7 <= start.hour < 16 or start.minute % 1,
}
UNZONED = ("wide", "fronius", "solaredge")


def read(samples: Path, name: str):
    zone = "Europe/Vienna" if name.startswith(UNZONED) else None
    mappings = [samples / "other.toml"] if name.startswith("other") else []
    return read_files([samples / name], zone=zone, mappings=mappings)


def expected(maker: SimpleNamespace, truth: Truth, interval_s: int, starts: list[datetime]) -> list[int]:
    wh: Callable[[str, datetime], int] = getattr(maker, truth[0])
    quarters = [
        start + number * timedelta(minutes=15) for start in starts for number in range(interval_s // 900)
    ]
    values = np.array([wh(truth[1], quarter) for quarter in quarters])
    return values.reshape(len(starts), -1).sum(axis=1).tolist()


@pytest.mark.parametrize("name", FORMATS)
def test_what_was_put_into_a_file_is_read_to_the_wh(samples: Path, maker: SimpleNamespace, name: str) -> None:
    format, meters = FORMATS[name]
    parts = read(samples, name)
    assert {part.format for part in parts} == {format}
    grid = gathered(parts, duplicates=Duplicates.REFUSE)
    assert set(grid.meters) == {Meter(meter, Direction(direction)) for meter, direction in meters}
    starts = [datetime.fromtimestamp(start, UTC) for start in grid.starts.tolist()]
    if name not in ("octopus.csv",):
        assert (starts[0], starts[-1] + timedelta(seconds=grid.interval_s)) == (maker.FIRST, maker.LAST)
    for column, meter in enumerate(grid.meters):
        values = expected(maker, meters[meter.name, meter.direction], grid.interval_s, starts)
        is_missing = np.array([value == 0 for value in values]) if name.startswith("solaredge.j") else None
        told = MISSING.get((name, meter.name))
        if is_missing is None:
            is_missing = np.array([told is not None and bool(told(start)) for start in starts])
        found = grid.amounts[:, column]
        assert (found == -1).tolist() == is_missing.tolist()
        is_even = grid.qualities[:, column] != Quality.SUBSTITUTED if name == "home-assistant.csv" else True
        compared = ~is_missing & is_even
        assert found[compared].tolist() == (np.array(values)[compared] * PARTS).tolist()


@pytest.mark.parametrize(
    ("name", "substituted"),
    [
        ("green-button.xml", [datetime(2026, 10, 23, 22, tzinfo=UTC)]),
        ("enedis.json", [datetime(2026, 10, 23, 22, tzinfo=UTC)]),
        ("eda.xlsx", [datetime(2026, 10, 23, 22, tzinfo=UTC)]),
        ("mscons.edi", [datetime(2026, 10, 23, 22, tzinfo=UTC)]),
        ("other.csv", [datetime(2026, 10, 23, 22, tzinfo=UTC)]),
        ("home-assistant.csv", [datetime(2026, 10, 24, 12, 15 * each, tzinfo=UTC) for each in range(4)]),
        ("readings.csv", []),
    ],
)
def test_the_quality_is_kept(samples: Path, name: str, substituted: list[datetime]) -> None:
    grid = gathered(read(samples, name), duplicates=Duplicates.REFUSE)
    is_substituted = ((grid.qualities == Quality.SUBSTITUTED) & (grid.amounts >= 0)).any(axis=1)
    times = [datetime.fromtimestamp(start, UTC) for start in grid.starts[is_substituted].tolist()]
    assert times == substituted


def test_what_rose_while_a_sensor_was_away_is_spread_evenly(samples: Path, maker: SimpleNamespace) -> None:
    grid = gathered(read(samples, "home-assistant.csv"), duplicates=Duplicates.REFUSE)
    away = grid.qualities[:, 0] == Quality.SUBSTITUTED
    starts = [datetime.fromtimestamp(start, UTC) for start in grid.starts[away].tolist()]
    hour = sum(maker.consumed_wh("village", start) for start in starts)
    assert (grid.amounts[away, 0] == hour * PARTS // 4).all()


def test_intervals_of_files_of_different_lengths_are_added_up(samples: Path, maker: SimpleNamespace) -> None:
    """Half-hours of Enedis beside quarter-hours of MSCONS."""
    parts = read(samples, "enedis.csv") + read(samples, "mscons.edi")
    readings = community(parts, gaps=Gaps.ZERO)
    assert readings.interval == timedelta(minutes=30)
    assert readings.members == ("12345678901234", "DE0001234567890000000000000000001")
    whole = readings.consumed[:-1]
    assert whole[:, 0].tolist() == whole[:, 1].tolist()
    assert readings.consumed[-1, 1] == 0  # of which a quarter-hour is missing
    assert [each.filled for each in readings.counts] == [0, 1]


def test_local_hours_are_those_of_the_files_or_of_a_zone(samples: Path) -> None:
    parts = read(samples, "readings.csv")
    told = community(parts)
    in_zone = community(parts, zone="Europe/Vienna")
    assert told.offsets.tolist() == in_zone.offsets.tolist()
    assert told.start(0).isoformat() == "2026-10-24T00:00:00+02:00"
    assert told.start(len(told.starts) - 1).isoformat() == "2026-10-26T23:45:00+01:00"
    assert community(parts, zone="UTC").start(0).isoformat() == "2026-10-23T22:00:00+00:00"


def test_a_pipe_is_read(samples: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    if not os.fork():
        pipe.write_bytes((samples / "readings.csv").read_bytes())
        os._exit(0)
    assert read_files([pipe])[0].members == ("village", "sun")


# Refusals


def refusal(path: Path, content: str | bytes, **asked) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ReadingsError) as refused:
        community(read_files([path], **asked))
    return str(refused.value).removeprefix(str(path))


def changed(samples: Path, name: str, old: str, new: str, count: int = 1) -> str:
    text = (samples / name).read_text("utf-8")
    assert old in text
    return text.replace(old, new, count)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "green-button.xml",
            "<uom>72</uom>",
            "<uom>119</uom>",
            ": its unit (uom) is 119, and not 72, Wh, or 38, W; download electricity",
        ),
        (
            "green-button.xml",
            "<flowDirection>1<",
            "<flowDirection>4<",
            ": its flowDirection is 4, which nets both ways; "
            "download what is delivered (1) and received (19) apart",
        ),
        (
            "green-button.xml",
            "<accumulationBehaviour>4<",
            "<accumulationBehaviour>3<",
            ": its readings are a register's; download the readings of intervals",
        ),
        (
            "green-button.xml",
            "<value>",
            "<value>x",
            ": IntervalReading 1: value 'x1410' is not a number; write digits, with a point before decimals",
        ),
        (
            "green-button.xml",
            "<quality>8<",
            "<quality>99<",
            ": IntervalReading 1: quality '99' is none of the qualities 0, 14, 17, 18, 19, 7, 8, 9, 10, 11, "
            "12, 13, 15, 16; correct it, or name it in a mapping",
        ),
        (
            "green-button.xml",
            "<feed ",
            "<!DOCTYPE feed [<!ENTITY a 'b'>]><feed ",
            ":1:1: not XML that can be read (EntitiesForbidden(name='a', system_id=None, public_id=None)); "
            "download it anew",
        ),
        (
            "enedis.csv",
            "Courbe de charge",
            "Index",
            ":4:1: it has 'Index', not the load curve; download 'Courbe de charge'",
        ),
        (
            "enedis.json",
            '"interval_length": "PT30M"',
            '"interval_length": "P1D"',
            ": not as Data Connect answers (ValueError('interval_length of interval_reading[0]')); "
            "download it anew",
        ),
        (
            "mscons.edi",
            "QTY+67:",
            "QTY+999:",
            ": segment 22: qualifier '999' is none of the qualities 220, 67, 187, 201, Z18, 20; "
            "correct it, or name it in a mapping",
        ),
        (
            "mscons.edi",
            "UNZ+1+R1'",
            "",
            ": segment 897: the file ends without UNZ; have it sent again",
        ),
        (
            "mscons.edi",
            "UNT+",
            "UNT+9",
            ": segment 897: the message has 896 segments and says 9896; have it sent again",
        ),
        (
            "solaredge.csv",
            "10/24/2026 00:15",
            "24.10. 00:15",
            ":3:1: '24.10. 00:15' is not a time like 06/22/2026 00:15; correct it, or the time's format",
        ),
        (
            "wide.csv",
            "24.10.2026 00:15",
            "29.03.2026 02:15",
            ":3:1: '29.03.2026 02:15' is a time that the clocks of Europe/Vienna have skipped; "
            "correct it, or name the zone that the file is in, like --zone UTC",
        ),
        (
            "home-assistant.csv",
            "sensor.village_energy_consumption,4000.047",
            "sensor.village_energy,4000.047",
            ":3:1: sensor.village_energy does not say whether it is consumed or generated; "
            "download energy sensors that name consumption or production, or rename it",
        ),
        (
            "home-assistant.csv",
            ",4000.047,",
            ",on,",
            ":3:35: 'on' is not a number; download sensors of energy, which only rise",
        ),
        (
            "home-assistant.csv",
            ",4000.047,",
            ",3999,",
            ": the register of sensor.village_energy_consumption falls from 4000000 to 3999000 Wh at "
            "2026-10-23T22:05:00+00:00; was the meter changed? split the file there",
        ),
        (
            "fronius.csv",
            "[dd.MM.yyyy HH:mm],[Wh],[Wh],[Wh]",
            "[dd.MM.yyyy HH:mm],[A],[%],[%]",
            ":1:1: no column of production or consumption; export 'Gesamt Erzeugung' or 'PV Produktion'",
        ),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused(
    samples: Path, tmp_path: Path, name: str, old: str, new: str, message: str
) -> None:
    zone = "Europe/Vienna" if name.startswith(UNZONED) else None
    assert refusal(tmp_path / name, changed(samples, name, old, new), zone=zone) == message


def test_a_date_that_may_be_read_in_two_ways_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"06/05/2026 {hour:02}:00,1\n" for hour in range(24))
    assert refusal(tmp_path / "day.csv", "Time,System Production (W)\n" + rows, zone="Europe/Vienna") == (
        ":2:1: it does not show whether the day or the month is first; "
        "export more days, up to one after the 12th, or give a mapping with time_format"
    )


def test_a_time_without_a_zone_is_refused(samples: Path, tmp_path: Path) -> None:
    assert refusal(tmp_path / "wide.csv", (samples / "wide.csv").read_bytes()) == (
        ":2:1: '24.10.2026 00:00' has no zone; append the zone's offset, like +02:00 or Z, "
        "or name the zone, like --zone Europe/Vienna"
    )


def test_a_cell_of_a_spreadsheet_is_named(samples: Path, tmp_path: Path, maker: SimpleNamespace) -> None:
    rows = [["Zeit", "hut consumed_Wh"], ["2026-06-22T00:00Z", 5], [], ["2026-06-22T00:15Z", "viel"]]
    content = maker._workbook({"Daten": rows})
    assert refusal(tmp_path / "wide.xlsx", content) == (
        ":Daten!B4: 'viel' is not a number; write digits, with a point before decimals"
    )


def test_a_spreadsheet_that_is_none_is_refused(tmp_path: Path) -> None:
    told = refusal(tmp_path / "wide.xlsx", b"PK\x03\x04 no archive")
    assert told.startswith(": not a spreadsheet that can be read (")
    assert told.endswith("); save it as XLSX")


@pytest.mark.parametrize(
    ("codes", "notes"),
    [
        (("1-1:1.9.0 G.01", "1-1:2.9.0 G.01"), ()),
        (("Gesamtverbrauch lt. Messung (bei Teilnahme gem. Erzeugung) [KWH]",) * 2, ()),
        (
            ("1-1:1.9.0 G.01T", "1-1:2.9.0 G.01"),
            ("AT-1 has only what takes part (1-1:1.9.0 G.01T): give it no factor again",),
        ),
    ],
)
def test_metercodes_of_other_exports(
    tmp_path: Path, maker: SimpleNamespace, codes: tuple[str, str], notes: tuple[str, ...]
) -> None:
    file = tmp_path / "eda.xlsx"
    rows = [
        ["MeteringpointID", "AT-1", "AT-1", "AT-2"],
        ["Energy direction", "CONSUMPTION", "CONSUMPTION", "GENERATION"],
        ["Metercode", codes[0], "1-1:2.9.0 G.03", codes[1]],
        ["Summe", 0.3, 0.1, 0.5],
        ["22.06.2026 00:00:00", 0.1, 0.05, 0.2],
        ["22.06.2026 00:15:00", 0.2, 0.05, 0.3],
    ]
    file.write_bytes(maker._workbook({"Energiedaten": rows}))
    (part,) = read_files([file])
    readings = community([part])
    assert (part.notes, readings.members) == (notes, ("AT-1", "AT-2"))
    assert (readings.consumed.tolist(), readings.produced.tolist()) == (
        [[100, 0], [200, 0]],
        [[0, 200], [0, 300]],
    )


def test_damaged_telegrams_are_passed_over_and_told(samples: Path, tmp_path: Path) -> None:
    file = tmp_path / "p1.txt"
    data = (samples / "p1.txt").read_bytes()
    file.write_bytes(data.replace(b"(00.193*kW)", b"(00.194*kW)", 1))
    (part, _) = read_files([file])
    assert part.notes == ("1 telegrams are damaged (CRC) and passed over",)


def test_a_title_that_does_not_say_its_direction_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "wide.csv", "Zeit,hut [kWh]\n2026-06-22T00:00Z,1\n") == (
        ":1:6: 'hut [kWh]' does not say whether it is consumed or generated; "
        "title it like 'hut consumed_kWh' or 'hut generated_kWh', or give a mapping"
    )


def test_several_inverters_are_several_meters(tmp_path: Path) -> None:
    file = tmp_path / "roof.csv"
    rows = "".join(f"22.06.2026 {hour:02}:00,{hour},{2 * hour}\n" for hour in range(3))
    titles = "Datum und Uhrzeit,Energie | Symo (1),Energie | Symo (2)\n[dd.MM.yyyy HH:mm],[Wh],[Wh]\n"
    file.write_text(titles + rows)
    readings = community(read_files([file], zone="Europe/Vienna"))
    assert (readings.members, readings.produced.tolist()) == (
        ("roof Symo (1)", "roof Symo (2)"),
        [[0, 0], [1, 2], [2, 4]],
    )


def test_a_file_of_no_known_format_is_refused(tmp_path: Path) -> None:
    unknown = f": of no format that is known; give {NAMES}, or explain it by a mapping"
    assert refusal(tmp_path / "letter.txt", "Dear neighbours,\nthe sun shines.\n") == unknown


def test_each_reader_leaves_files_of_other_formats_alone(samples: Path) -> None:
    """In whatever order they are asked; but for the last, which takes what has a column a member."""
    asked = Asked("Europe/Vienna")
    for name in FORMATS:
        if name.startswith("other"):
            continue
        *readers, last = READERS
        takers = [reader.__name__ for reader in readers if reader(Source(samples / name), asked) is not None]
        assert len(takers) == (not name.startswith("wide")), (name, takers)
        assert takers or last(Source(samples / name), asked) is not None


def test_the_samples_are_the_same_bytes_each_time(samples: Path, maker: SimpleNamespace) -> None:
    assert {name: made() for name, made in maker.FILES.items()} == {
        path.name: path.read_bytes() for path in samples.iterdir()
    }
