"""Readings: what a file may hold, and the exact refusal of everything else."""

import csv
import io
import runpy
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amalgam.csv_rows import ReadingsError
from amalgam.scenarios import readings
from amalgam.scenarios.readings import Reading, Readings, load_readings
from amalgam.units import ENERGY, WASTE, WATER, Measure

EXAMPLES = Path(__file__).parents[3] / "examples"

HEADER = "timestamp,member,generated_Wh,consumed_Wh\n"
GOOD = (
    HEADER
    + """\
2026-06-22T00:00+02:00,hut,0,120
2026-06-22T00:00+02:00,inn,30,80
2026-06-22T00:15+02:00,hut,0,110
2026-06-22T00:15+02:00,inn,40,70
"""
)
THIRD = "2026-06-22T00:30+02:00,hut,0,110\n2026-06-22T00:30+02:00,inn,40,70\n"
FOURTH = THIRD.replace("00:30", "00:45")
AT_0015 = "2026-06-22T00:15:00+02:00"
MIDNIGHT = datetime(2026, 6, 22, tzinfo=timezone(timedelta(hours=2)))
QUARTER_HOUR = timedelta(minutes=15)
EXPECTED = Readings(
    measure=ENERGY,
    interval=QUARTER_HOUR,
    members=frozenset({"hut", "inn"}),
    readings=(
        Reading(MIDNIGHT, "hut", 0, 120),
        Reading(MIDNIGHT, "inn", 30, 80),
        Reading(MIDNIGHT + QUARTER_HOUR, "hut", 0, 110),
        Reading(MIDNIGHT + QUARTER_HOUR, "inn", 40, 70),
    ),
)

COLUMNS = "timestamp, member, generated_Wh (or _kWh), consumed_Wh (or _kWh)"
WATER_COLUMNS = "timestamp, member, inflow_L (or _m3), consumed_L (or _m3)"
WASTE_COLUMNS = "timestamp, member, delivered_kg (or _t), treatment_kg (or _t)"
ANY_COLUMNS = " or ".join(
    (COLUMNS, *(each.removeprefix("timestamp, member, ") for each in (WATER_COLUMNS, WASTE_COLUMNS)))
)
NO_HEADER = f"1:1: empty file; start with the header {ANY_COLUMNS}"
NOT_A_TIME = "is not a time; write it like 2026-06-22T00:15:00+02:00"
NO_ZONE = "has no zone; append the zone's offset, like +02:00 or Z"
BAD_YEAR = "is not within the years 1970 to 9998; correct the year"
BAD_NAME = "has outer spaces or unprintable characters; remove them"
NEGATIVE = "is negative; count generated and consumed apart, from 0 up"
NEGATIVE_WASTE = "is negative; count delivered and treatment apart, from 0 up"
NOT_A_NUMBER = "is not a number; write digits, with a point before decimals"
TOO_FINE = "is finer than 1 Wh; round it to whole Wh"
TOO_MUCH = "is more than 18446744073709551615 Wh; correct the amount or its unit"
EACH_MEMBER = "give each member a reading for each interval"
EACH_INTERVAL = "give each interval its readings"
EACH_COLUMN = "give each row one field for each column"
NOT_UTF8 = "is not UTF-8; save the file as UTF-8"
QUOTES = "check quotes and line ends from this row on"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.csv"


def load(path: Path, text: str | bytes) -> Readings:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_readings(path)


def refusal(path: Path, text: str | bytes) -> str:
    """The message of the refusal, without the file's name."""
    with pytest.raises(ReadingsError) as refused:
        load(path, text)
    name, message = str(refused.value)[: len(str(path))], str(refused.value)[len(str(path)) + 1 :]
    assert name == str(path)
    return message


def without(*lines: int) -> str:
    """The good file without some of its lines, counted as in messages."""
    kept = GOOD.splitlines(keepends=True)
    return "".join(line for number, line in enumerate(kept, 1) if number not in lines)


def with_last(
    timestamp="2026-06-22T00:15+02:00", member="inn", generated="40", consumed="70", unit="Wh"
) -> str:
    """The good file with another last row, on line 5; the unit is that of the generated energy."""
    rows = without(5).replace("generated_Wh", f"generated_{unit}")
    return f"{rows}{timestamp},{member},{generated},{consumed}\n"


def of_ann(*timestamps: str) -> str:
    """A file with one member, hut."""
    return HEADER + "".join(f"{timestamp},hut,1,2\n" for timestamp in timestamps)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GOOD, id="plain"),
        pytest.param(GOOD.rstrip("\n"), id="no last line end"),
        pytest.param(GOOD.replace("\n", "\r\n"), id="CRLF"),
        pytest.param("\ufeff" + GOOD, id="byte order mark"),
        pytest.param(GOOD.replace("hut", '"hut"'), id="quoted"),
        pytest.param(with_last(timestamp="2026-06-21T22:15Z"), id="zones mixed"),
        pytest.param(with_last(generated="40.000"), id="decimals of zero"),
        pytest.param("\n" + GOOD.replace("2026", "\n2026", 1) + "\n  \n", id="blank lines"),
        pytest.param(GOOD.replace(",", ", "), id="spaces after commas"),
        pytest.param(GOOD.replace(HEADER, "Timestamp,MEMBER,Generated_wh,consumed_WH\n"), id="header case"),
    ],
)
def test_a_good_file_gives_its_readings(path: Path, text: str) -> None:
    assert load(path, text) == EXPECTED


def test_columns_stand_in_any_order_and_unit(path: Path) -> None:
    rows = [line.split(",") for line in GOOD.splitlines()[1:]]
    text = "consumed_kWh,member,generated_Wh,timestamp\n"
    text += "".join(f"0.{consumed:0>3},{member},{made},{time}\n" for time, member, made, consumed in rows)
    assert load(path, text) == EXPECTED


@pytest.mark.parametrize(
    ("kwh", "wh"),
    [
        ("0", 0),
        ("-0.000", 0),
        ("0.001", 1),
        ("1.5", 1500),
        ("0.2500", 250),
        ("0007", 7000),
        ("18446744073709551.615", 2**64 - 1),
    ],
)
def test_kwh_become_wh_exactly(path: Path, kwh: str, wh: int) -> None:
    assert load(path, with_last(generated=kwh, unit="kWh")).readings[-1].produced == wh


@pytest.mark.parametrize(
    "times",
    [
        pytest.param(["2026-03-29T01:45+01:00", "2026-03-29T03:00+02:00"], id="the clocks skip an hour"),
        pytest.param(["2026-10-25T02:45+02:00", "2026-10-25T02:00+01:00"], id="the clocks repeat an hour"),
    ],
)
def test_a_change_of_clocks_is_neither_gap_nor_disorder(path: Path, times: list[str]) -> None:
    loaded = load(path, of_ann(*times))
    assert loaded.interval == QUARTER_HOUR
    assert [reading.timestamp.isoformat(timespec="minutes") for reading in loaded.readings] == times


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", NO_HEADER, id="empty"),
        pytest.param("\ufeff", NO_HEADER, id="byte order mark alone"),
        pytest.param(HEADER, "2:1: no readings; add rows below the header", id="header alone"),
        pytest.param(
            without(4, 5),
            "4:1: a single interval, so its length is unknown; give at least two intervals",
            id="single interval",
        ),
    ],
)
def test_a_file_of_less_than_two_intervals_is_refused(path: Path, text: str, message: str) -> None:
    assert refusal(path, text) == message


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("member,generated_Wh,consumed_Wh", f"1:1: missing column for timestamp; use the columns {COLUMNS}"),
        ("timestamp,generated_Wh,consumed_Wh", f"1:1: missing column for member; use the columns {COLUMNS}"),
        ("timestamp,member,consumed_Wh", f"1:1: missing column for generated; use the columns {COLUMNS}"),
        ("timestamp,member,generated_Wh", f"1:1: missing column for consumed; use the columns {COLUMNS}"),
        ("timestamp,generated_MWh,consumed_Wh", "1:11: unknown unit 'MWh' of generated; use _Wh or _kWh"),
        ("timestamp,member,generated_Wh,consumed", "1:31: unknown unit '' of consumed; use _Wh or _kWh"),
        ("\ufefftimestamp,who,generated_Wh", f"1:11: unknown column 'who'; use the columns {COLUMNS}"),
        (
            "timestamp;member",
            "1:1: semicolons between fields; "
            "save the file with commas between fields and points before decimals",
        ),
        ("timestamp,generated_Wh,generated_kWh", "1:24: second column for generated; keep one of them"),
        ("member,timestamp,member", "1:18: second column for member; keep one of them"),
        ("timestamp,member", f"1:1: no column of amounts; use the columns {ANY_COLUMNS}"),
        ("timestamp,member,inflow_Wh,consumed_L", "1:18: unknown unit 'Wh' of inflow; use _L or _m3"),
        ("timestamp,member,generated_Wh,consumed_L", "1:31: unknown unit 'L' of consumed; use _Wh or _kWh"),
        ("timestamp,member,consumed_m3", f"1:1: missing column for inflow; use the columns {WATER_COLUMNS}"),
        ("delivered_t,consumed_kg", f"1:13: unknown column 'consumed_kg'; use the columns {WASTE_COLUMNS}"),
        ("member,timestamp,treatment_L", "1:18: unknown unit 'L' of treatment; use _kg or _t"),
        ("generated_Wh,inflow_L", f"1:14: unknown column 'inflow_L'; use the columns {COLUMNS}"),
    ],
)
def test_an_unknown_header_is_refused(path: Path, header: str, message: str) -> None:
    assert refusal(path, GOOD.replace(HEADER, f"{header}\n")) == message


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"timestamp": "22.06.2026 00:15"}, f"5:1: '22.06.2026 00:15' {NOT_A_TIME}"),
        ({"timestamp": ""}, f"5:1: '' {NOT_A_TIME}"),
        ({"timestamp": "2026-06-31T00:15Z"}, f"5:1: '2026-06-31T00:15Z' {NOT_A_TIME}"),
        ({"timestamp": "2026-06-22T00:15"}, f"5:1: '2026-06-22T00:15' {NO_ZONE}"),
        ({"timestamp": "2026-06-22"}, f"5:1: '2026-06-22' {NO_ZONE}"),
        ({"timestamp": "1969-12-31T23:45Z"}, f"5:1: '1969-12-31T23:45Z' {BAD_YEAR}"),
        ({"timestamp": "9999-01-01T00:15Z"}, f"5:1: '9999-01-01T00:15Z' {BAD_YEAR}"),
        ({"member": ""}, "5:24: blank member name; name the member"),
        ({"member": " \u00a0"}, "5:25: blank member name; name the member"),
        ({"member": "inn "}, f"5:24: member name 'inn ' {BAD_NAME}"),
        ({"member": "\x1b[1minn"}, f"5:24: member name '\\x1b[1minn' {BAD_NAME}"),
        ({"generated": "-1"}, f"5:28: '-1' {NEGATIVE}"),
        ({"consumed": "-0.5"}, f"5:31: '-0.5' {NEGATIVE}"),
        ({"generated": "NaN"}, f"5:28: 'NaN' {NOT_A_NUMBER}"),
        ({"generated": "-inf"}, f"5:28: '-inf' {NOT_A_NUMBER}"),
        ({"consumed": ""}, f"5:31: '' {NOT_A_NUMBER}"),
        ({"consumed": "n/a"}, f"5:31: 'n/a' {NOT_A_NUMBER}"),
        ({"consumed": ' "n/a"'}, f"5:32: 'n/a' {NOT_A_NUMBER}"),
        ({"consumed": "7e1"}, f"5:31: '7e1' {NOT_A_NUMBER}"),
        ({"consumed": "1_000"}, f"5:31: '1_000' {NOT_A_NUMBER}"),
        ({"consumed": "\u0667\u0660"}, f"5:31: '\u0667\u0660' {NOT_A_NUMBER}"),
        ({"consumed": '"0,07"'}, f"5:31: '0,07' {NOT_A_NUMBER}"),
        ({"generated": "40.5"}, f"5:28: '40.5' {TOO_FINE}"),
        ({"generated": "0.0405", "unit": "kWh"}, f"5:28: '0.0405' {TOO_FINE}"),
        ({"generated": f"0.{'0' * 60}1", "unit": "kWh"}, f"5:28: '0.0000000000...0000000000001' {TOO_FINE}"),
        ({"consumed": "18446744073709551616"}, f"5:31: '18446744073709551616' {TOO_MUCH}"),
        ({"generated": "18446744073709551.616", "unit": "kWh"}, f"5:28: '18446744073709551.616' {TOO_MUCH}"),
        ({"consumed": "9" * 5000}, f"5:31: '999999999999...9999999999999' {TOO_MUCH}"),
        ({"consumed": "70,0"}, f"5:1: 5 fields in place of 4; {EACH_COLUMN}"),
        ({"member": "inn,40"}, f"5:1: 5 fields in place of 4; {EACH_COLUMN}"),
    ],
)
def test_a_bad_field_is_refused_where_it_stands(path: Path, fields: dict[str, str], message: str) -> None:
    assert refusal(path, with_last(**fields)) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (without(2), f"3:24: gap, 'hut' has no reading in the first interval; {EACH_MEMBER}"),
        (
            without(4) + THIRD,
            f"5:1: gap, no reading of 'hut' at {AT_0015}; {EACH_MEMBER}",
        ),
        (without(5), f"5:1: gap, no reading of 'inn' at {AT_0015}; {EACH_MEMBER}"),
        (GOOD + FOURTH, f"6:1: gap, 0:30:00 since the last readings, not 0:15:00; {EACH_INTERVAL}"),
        (
            without(4, 5) + THIRD + FOURTH,
            f"6:1: uneven intervals, 0:15:00 since the last readings, not 0:30:00; {EACH_INTERVAL}",
        ),
        (
            of_ann("2026-03-29T01:45+01:00", "2026-03-29T03:00+02:00", "2026-03-29T03:30+02:00"),
            f"4:1: gap, 0:30:00 since the last readings, not 0:15:00; {EACH_INTERVAL}",
        ),
    ],
)
def test_a_gap_is_refused(path: Path, text: str, message: str) -> None:
    assert refusal(path, text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            with_last(member="hut"),
            "5:24: duplicate reading of 'hut' at 2026-06-22T00:15:00+02:00; keep one of them",
        ),
        (
            of_ann("2026-10-25T02:00+02:00", "2026-10-25T01:00+01:00"),
            "3:24: duplicate reading of 'hut' at 2026-10-25T01:00:00+01:00; keep one of them",
        ),
        (
            with_last(timestamp="2026-06-22T00:00+02:00"),
            "5:1: out of order, 2026-06-22T00:00:00+02:00 after 2026-06-22T00:15:00+02:00; "
            "sort the rows by timestamp",
        ),
    ],
)
def test_a_duplicate_or_a_step_back_in_time_is_refused(path: Path, text: str, message: str) -> None:
    assert refusal(path, text) == message


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("2026-06-22T00:30+02:00,hut,0\n", f"6:1: 3 fields in place of 4; {EACH_COLUMN}"),
        ('2026-06-22T00:30+02:00,"hut,0,1\n\n', f"6:1: malformed CSV (unexpected end of data); {QUOTES}"),
        ('"' + "a\n" * 70_000, f"6:1: malformed CSV (field larger than field limit (131072)); {QUOTES}"),
    ],
    ids=["too few fields", "open quote", "open quote before a long rest"],
)
def test_a_misshapen_row_is_refused(path: Path, rest: str, message: str) -> None:
    assert refusal(path, GOOD + rest) == message


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('"a\nb",2026-06-22T00:15Z,1,2\n', f"2:1: member name 'a\\nb' {BAD_NAME}"),
        ('"a\n""b",2026-06-22,1,2\n', f"3:6: '2026-06-22' {NO_ZONE}"),
        ('"a, b",2026-06-22,1,2\n', f"2:8: '2026-06-22' {NO_ZONE}"),
    ],
)
def test_lines_and_columns_are_those_of_the_file_behind_quotes_too(
    path: Path, row: str, message: str
) -> None:
    assert refusal(path, "member,timestamp,generated_Wh,consumed_Wh\n" + row) == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            GOOD.encode().replace(b"inn", b"b\xc3\xb6b\xf6", 1),
            f"3:27: byte 0xf6 {NOT_UTF8}",
        ),
        (b"\xef\xbb\xbftime\xff", f"1:5: byte 0xff {NOT_UTF8}"),
        (GOOD.encode("utf-16"), f"1:1: byte 0xff {NOT_UTF8}"),
        (GOOD.encode() + b"\xc3", f"6:1: byte 0xc3 {NOT_UTF8}"),
    ],
    ids=["Latin-1", "behind a byte order mark", "UTF-16", "cut off"],
)
def test_a_byte_that_is_not_utf8_is_refused_where_it_stands(path: Path, data: bytes, message: str) -> None:
    assert refusal(path, data) == message


def test_a_file_that_cannot_be_read_is_refused(path: Path) -> None:
    with pytest.raises(ReadingsError) as missing:
        load_readings(path)
    assert str(missing.value) == f"{path}: No such file or directory; give the path of a readable CSV file"
    with pytest.raises(ReadingsError) as folder:
        load_readings(path.parent)
    assert str(folder.value) == f"{path.parent}: Is a directory; give the path of a readable CSV file"


@st.composite
def communities(draw: st.DrawFn) -> Readings:
    names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
    members = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    start = draw(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)))
    interval = draw(st.timedeltas(timedelta(seconds=1), timedelta(days=1)))
    zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
    amounts = st.integers(0, 2**64 - 1)
    readings = tuple(
        Reading((start + n * interval).astimezone(draw(zones)), member, draw(amounts), draw(amounts))
        for n in range(draw(st.integers(2, 4)))
        for member in draw(st.permutations(members))
    )
    return Readings(ENERGY, interval, frozenset(members), readings)


def in_kwh(wh: int) -> str:
    return f"{wh // 1000}.{wh % 1000:03}"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a loaded machine is slow
@given(
    community=communities(),
    unit=st.sampled_from([("Wh", str), ("kWh", in_kwh)]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_is_read_back(tmp_path_factory, community: Readings, unit, line_end: str) -> None:
    suffix, amount = unit
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerow(["timestamp", "member", f"generated_{suffix}", f"consumed_{suffix}"])
    for reading in community.readings:
        energies = (amount(reading.produced), amount(reading.consumed))
        writer.writerow([reading.timestamp.isoformat(), reading.member, *energies])
    assert load(tmp_path_factory.getbasetemp() / "round-trip.csv", text.getvalue()) == community


@pytest.mark.parametrize(
    ("header", "measure", "amounts"),
    [
        ("inflow_L,consumed_L", WATER, (40, 70)),
        ("inflow_m3,consumed_l", WATER, (40_000, 70)),
        ("inflow_L,consumed_m³", WATER, (40, 70_000)),
        ("delivered_kg,treatment_t", WASTE, (40, 70_000)),
        ("delivered_t,treatment_kg", WASTE, (40_000, 70)),
    ],
)
def test_the_header_says_what_the_readings_are_of(
    path: Path, header: str, measure: Measure, amounts: tuple[int, int]
) -> None:
    readings = load(path, GOOD.replace("generated_Wh,consumed_Wh", header))
    assert (readings.measure, readings.interval) == (measure, QUARTER_HOUR)
    assert readings.readings[-1] == Reading(MIDNIGHT + QUARTER_HOUR, "inn", *amounts)


@pytest.mark.parametrize(
    ("header", "amount", "message"),
    [
        ("inflow_L,consumed_L", "-1", "'-1' is negative; count inflow and consumed apart, from 0 up"),
        ("inflow_L,consumed_L", "0.5", "'0.5' is finer than 1 L; round it to whole L"),
        ("delivered_t,treatment_kg", "-1", f"'-1' {NEGATIVE_WASTE}"),
        ("delivered_t,treatment_kg", "0.0005", "'0.0005' is finer than 1 kg; round it to whole kg"),
        ("delivered_kg,treatment_kg", "9" * 20, f"'{'9' * 20}' {TOO_MUCH.replace('Wh', 'kg')}"),
    ],
)
def test_a_bad_amount_is_refused_in_its_own_units(path: Path, header: str, amount: str, message: str) -> None:
    rows = without(5).replace("generated_Wh,consumed_Wh", header)
    assert refusal(path, f"{rows}2026-06-22T00:15+02:00,inn,{amount},0\n") == f"5:28: {message}"


def test_the_example_is_a_week_of_a_dozen_members() -> None:
    community = load_readings(EXAMPLES / "community.csv")
    assert community.interval == QUARTER_HOUR
    assert len(community.members) == 12
    assert len(community.readings) == 12 * 7 * 96
    assert community.readings[0].timestamp == MIDNIGHT


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # demandlib and pvlib under pandas 3
def test_the_example_is_what_its_generator_writes() -> None:
    pytest.importorskip("demandlib", reason="the extra 'data' is not installed")
    pytest.importorskip("pvlib", reason="the extra 'data' is not installed")
    generator = runpy.run_path(str(EXAMPLES / "make_community.py"))
    assert (EXAMPLES / "community.csv").read_bytes() == generator["community_csv"]().encode()


@pytest.mark.parametrize(
    ("name", "measure", "members", "intervals", "interval"),
    [
        ("reservoir", WATER, 8, 7 * 24, timedelta(hours=1)),
        ("treatment_plant", WASTE, 6, 28, timedelta(days=1)),
    ],
)
def test_the_examples_of_water_and_waste_are_what_their_generators_write(
    name: str, measure: Measure, members: int, intervals: int, interval: timedelta
) -> None:
    readings = load_readings(EXAMPLES / f"{name}.csv")
    assert (readings.measure, readings.interval, len(readings.members)) == (measure, interval, members)
    assert len(readings.readings) == members * intervals
    generator = runpy.run_path(str(EXAMPLES / f"make_{name}.py"))
    assert (EXAMPLES / f"{name}.csv").read_bytes() == generator[f"{name}_csv"]().encode()


def test_how_much_is_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readings, "_TOLD_ROWS", 2)
    file, told = tmp_path / "readings.csv", list[int]()
    rows = [f"2026-06-22T{hour:02}:00Z,hut,0,0\n" for hour in range(5)]
    head = "timestamp,member,generated_Wh,consumed_Wh\n"
    file.write_text(head + "".join(rows))
    load_readings(file, told.append)
    assert told == [len(head) + count * len(rows[0]) for count in (2, 4)]
