"""Our own CSV: what a file may hold, and the exact refusal of everything else."""

import csv
import io
import runpy
from datetime import UTC, datetime, timedelta, timezone
from operator import attrgetter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amalgam.csv_rows import ReadingsError
from amalgam.readings import source
from amalgam.readings.community import community
from amalgam.readings.model import MOST, Counts, Reading, Readings
from amalgam.readings.read import NAMES, read_files
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
EXPECTED = [
    Reading(MIDNIGHT, "hut", 0, 120),
    Reading(MIDNIGHT, "inn", 30, 80),
    Reading(MIDNIGHT + QUARTER_HOUR, "hut", 0, 110),
    Reading(MIDNIGHT + QUARTER_HOUR, "inn", 40, 70),
]

COLUMNS = "timestamp, member, generated_Wh (or _kWh), consumed_Wh (or _kWh)"
WATER_COLUMNS = "timestamp, member, inflow_L (or _m3), consumed_L (or _m3)"
WASTE_COLUMNS = "timestamp, member, delivered_kg (or _t), treatment_kg (or _t)"
ANY_COLUMNS = " or ".join(
    (COLUMNS, *(each.removeprefix("timestamp, member, ") for each in (WATER_COLUMNS, WASTE_COLUMNS)))
)
NO_HEADER = "1:1: empty file; give one with readings"
NOT_A_TIME = "is not a time; write it like 2026-06-22T00:15:00+02:00"
NO_ZONE = (
    "has no zone; append the zone's offset, like +02:00 or Z, or name the zone, like --zone Europe/Vienna"
)
BAD_YEAR = "is not within the years 1970 to 9998; correct the year"
BAD_NAME = "has unprintable characters; remove them"
NEGATIVE = "is negative; count generated and consumed apart, from 0 up"
NEGATIVE_WASTE = "is negative; count delivered and treatment apart, from 0 up"
NOT_A_NUMBER = "is not a number; write digits, with a point before decimals"
TOO_MUCH = "is more than 1,000,000,000,000 Wh; correct the amount or its unit"
GAP = "choose --gaps zero, previous-day or leave-out, or give the values"
TWICE = "keep one of them, or choose --duplicates first or last"
UNEVEN = "give intervals of one length, each starting where another ends"
EACH_COLUMN = "give each row one field for each column"
NOT_UTF8 = "is not UTF-8; save the file as UTF-8"
QUOTES = "check quotes and line ends from this row on"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.csv"


def load(path: Path, text: str | bytes) -> Readings:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return community(read_files([path]))


def listed(readings: Readings) -> list[Reading]:
    return [reading for _, interval in readings.intervals() for reading in interval]


def refusal(path: Path, text: str | bytes) -> str:
    """The message of the refusal, without the file's name."""
    with pytest.raises(ReadingsError) as refused:
        load(path, text)
    return str(refused.value).removeprefix(f"{path}:")


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
        pytest.param(GOOD.encode("utf-16"), id="UTF-16"),
        pytest.param(GOOD.replace("hut", '"hut"'), id="quoted"),
        pytest.param(with_last(timestamp="2026-06-21T22:15Z"), id="zones mixed"),
        pytest.param(with_last(generated="40.000"), id="decimals of zero"),
        pytest.param("\n" + GOOD.replace("2026", "\n2026", 1) + "\n  \n,,,\n", id="blank lines"),
        pytest.param(GOOD.replace(",", ", "), id="spaces after commas"),
        pytest.param(GOOD.replace(",inn,", ", inn ,"), id="spaces around a name"),
        pytest.param(GOOD.replace(HEADER, "Timestamp,MEMBER,Generated_wh,consumed_WH\n"), id="header case"),
        pytest.param(GOOD.replace(",", ";"), id="semicolons"),
        pytest.param(GOOD.replace(",", "\t"), id="tabs"),
        pytest.param("Export of 22 June\n" + GOOD, id="a line above the header"),
        pytest.param(GOOD.replace("\n", ",x\n"), id="a column more"),
    ],
)
def test_a_good_file_gives_its_readings(path: Path, text: str | bytes) -> None:
    readings = load(path, text)
    assert (readings.measure, readings.interval, readings.members) == (ENERGY, QUARTER_HOUR, ("hut", "inn"))
    assert listed(readings) == EXPECTED
    assert sum(readings.counts, Counts()) == Counts(measured=8)


def test_rows_stand_in_any_order(path: Path) -> None:
    rows = GOOD.splitlines(keepends=True)
    assert listed(load(path, HEADER + rows[1] + rows[4] + rows[3] + rows[2])) == EXPECTED


def test_decimal_commas_are_read_between_semicolons(path: Path) -> None:
    text = GOOD.replace(",", ";").replace("generated_Wh", "generated_kWh").replace(";30;", ";0,030;")
    assert listed(load(path, text.replace(";40;", ";0,04;"))) == EXPECTED


def test_columns_stand_in_any_order_and_unit(path: Path) -> None:
    rows = [line.split(",") for line in GOOD.splitlines()[1:]]
    text = "consumed_kWh,member,generated_Wh,timestamp\n"
    text += "".join(f"0.{consumed:0>3},{member},{made},{time}\n" for time, member, made, consumed in rows)
    assert listed(load(path, text)) == EXPECTED


def test_without_members_the_file_is_the_member(path: Path) -> None:
    readings = load(
        path, "timestamp,generated_Wh,consumed_Wh\n2026-06-22T00:00Z,1,2\n2026-06-22T01:00Z,3,4\n"
    )
    assert (readings.members, readings.produced.tolist(), readings.consumed.tolist()) == (
        ("readings",),
        [[1], [3]],
        [[2], [4]],
    )


@pytest.mark.parametrize(
    ("kwh", "wh"),
    [("0", 0), ("-0.000", 0), ("0.001", 1), ("1.5", 1500), (".5", 500), ("0007", 7000), ("1e-3", 1)],
)
def test_kwh_become_wh_exactly(path: Path, kwh: str, wh: int) -> None:
    assert listed(load(path, with_last(generated=kwh, unit="kWh").replace(",30,", ",0,")))[-1].produced == wh


def test_parts_of_a_wh_are_kept_until_they_are_whole(path: Path) -> None:
    rows = "".join(f"2026-06-22T{hour:02}:00Z,hut,0.0004,0\n" for hour in range(6))
    readings = load(path, HEADER.replace("generated_Wh", "generated_kWh") + rows)
    assert readings.produced[:, 0].tolist() == [0, 0, 1, 0, 1, 0]


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
    assert [start.isoformat(timespec="minutes") for start, _ in loaded.intervals()] == times


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", NO_HEADER, id="empty"),
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
        ("member,generated_Wh,consumed_Wh", None),
        ("timestamp,member,consumed_Wh", f"1:1: missing column for generated; use the columns {COLUMNS}"),
        ("timestamp,member,generated_Wh", f"1:1: missing column for consumed; use the columns {COLUMNS}"),
        ("timestamp,generated_MWh,consumed_Wh", "1:11: unknown unit 'MWh' of generated; use _Wh or _kWh"),
        ("timestamp,member,generated_W,consumed_Wh", "1:18: unknown unit 'W' of generated; use _Wh or _kWh"),
        ("timestamp,member,generated_Wh,consumed", "1:31: unknown unit '' of consumed; use _Wh or _kWh"),
        ("timestamp,generated_Wh,generated_kWh", "1:24: second column for generated; keep one of them"),
        ("member,timestamp,member", "1:18: second column for member; keep one of them"),
        ("timestamp,member", f"1:1: no column of amounts; use the columns {ANY_COLUMNS}"),
        ("timestamp,member,inflow_Wh,consumed_L", "1:18: unknown unit 'Wh' of inflow; use _L or _m3"),
        ("timestamp,member,generated_Wh,consumed_L", "1:31: unknown unit 'L' of consumed; use _Wh or _kWh"),
        ("timestamp,member,consumed_m3", f"1:1: missing column for inflow; use the columns {WATER_COLUMNS}"),
        ("timestamp,delivered_t", f"1:1: missing column for treatment; use the columns {WASTE_COLUMNS}"),
    ],
)
def test_an_unknown_header_is_refused(path: Path, header: str, message: str | None) -> None:
    unknown = f" of no format that is known; give {NAMES}, or explain it by a mapping"
    text = GOOD.replace(HEADER, f"{header}\n")
    if header == "member,timestamp,member":
        text = text.replace("member\n", "member,generated_Wh,consumed_Wh\n")
    assert refusal(path, text) == (message or unknown)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"timestamp": "June 22"}, f"5:1: 'June 22' {NOT_A_TIME}"),
        ({"timestamp": ""}, f"5:1: '' {NOT_A_TIME}"),
        ({"timestamp": "2026-06-31T00:15Z"}, f"5:1: '2026-06-31T00:15Z' {NOT_A_TIME}"),
        ({"timestamp": "31.06.2026 00:15"}, f"5:1: '31.06.2026 00:15' {NOT_A_TIME}"),
        ({"timestamp": "2026-06-22T00:15"}, f"5:1: '2026-06-22T00:15' {NO_ZONE}"),
        ({"timestamp": "22.06.2026 00:15"}, f"5:1: '22.06.2026 00:15' {NO_ZONE}"),
        ({"timestamp": "1969-12-31T23:45Z"}, f"5:1: '1969-12-31T23:45Z' {BAD_YEAR}"),
        ({"timestamp": "9999-01-01T00:15Z"}, f"5:1: '9999-01-01T00:15Z' {BAD_YEAR}"),
        ({"member": ""}, "5:24: blank member name; name the member"),
        ({"member": " \u00a0"}, "5:25: blank member name; name the member"),
        ({"member": "\x1b[1minn"}, f"5:24: member name '\\x1b[1minn' {BAD_NAME}"),
        ({"generated": "-1"}, f"5:28: '-1' {NEGATIVE}"),
        ({"consumed": "-0.5"}, f"5:31: '-0.5' {NEGATIVE}"),
        ({"generated": "NaN"}, f"5:28: 'NaN' {NOT_A_NUMBER}"),
        ({"generated": "-inf"}, f"5:28: '-inf' {NOT_A_NUMBER}"),
        ({"consumed": "n/a"}, f"5:31: 'n/a' {NOT_A_NUMBER}"),
        ({"consumed": ' "n/a"'}, f"5:32: 'n/a' {NOT_A_NUMBER}"),
        ({"consumed": "7e1000"}, f"5:31: '7e1000' {NOT_A_NUMBER}"),
        ({"consumed": "1_000"}, f"5:31: '1_000' {NOT_A_NUMBER}"),
        ({"consumed": "\u0667\u0660"}, f"5:31: '\u0667\u0660' {NOT_A_NUMBER}"),
        ({"generated": "1000000000001"}, f"5:28: '1000000000001' {TOO_MUCH}"),
        ({"generated": "1000000000.001", "unit": "kWh"}, f"5:28: '1000000000.001' {TOO_MUCH}"),
        ({"consumed": "9" * 5000}, f"5:31: '999999999999...9999999999999' {TOO_MUCH}"),
        ({"consumed": "70,0"}, f"5:1: 5 fields in place of 4; {EACH_COLUMN}"),
        ({"member": "inn,40"}, f"5:1: 5 fields in place of 4; {EACH_COLUMN}"),
    ],
)
def test_a_bad_field_is_refused_where_it_stands(path: Path, fields: dict[str, str], message: str) -> None:
    assert refusal(path, with_last(**fields)) == message


def test_a_comma_that_comes_late_is_refused_with_both_remedies(path: Path) -> None:
    """By its first thousand rows, the file has points before decimals."""
    times = [(MIDNIGHT + number * QUARTER_HOUR).isoformat() for number in range(1_100)]
    rows = [f"{time};hut;0.5;7\n" for time in times]
    rows[-1] = rows[-1].replace(".", ",")
    assert refusal(path, HEADER.replace(",", ";") + "".join(rows)) == (
        "1101:31: '0,5' is not a number; write digits, with a point before decimals, "
        "or say in a mapping that decimal = ','"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            without(2),
            f"gap: no value of 'hut' (produced) at 2026-06-21 22:00 UTC, 2 values missing in all; {GAP}",
        ),
        (
            with_last(generated=""),
            f"gap: no value of 'inn' (produced) at 2026-06-21 22:15 UTC; {GAP}",
        ),
        (
            GOOD + FOURTH,
            f"gap: no value of 'hut' (produced) at 2026-06-21 22:30 UTC, 4 values missing in all; {GAP}",
        ),
        (
            of_ann("2026-06-22T00:00Z", "2026-06-22T00:15Z", "2026-06-22T00:30Z", "2026-06-22T00:40Z"),
            f"5:1: 2026-06-22 00:40 UTC is not the start of an interval of 15 min; {UNEVEN}",
        ),
    ],
)
def test_a_gap_is_refused(path: Path, text: str, message: str) -> None:
    assert refusal(path, text) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (with_last(member="hut"), f"5:1: a second value of 'hut' at 2026-06-21 22:15 UTC; {TWICE}"),
        (
            of_ann("2026-10-25T02:00+02:00", "2026-10-25T02:15+02:00", "2026-10-25T01:00+01:00"),
            f"4:1: a second value of 'hut' at 2026-10-25 00:00 UTC; {TWICE}",
        ),
    ],
)
def test_a_duplicate_is_refused(path: Path, text: str, message: str) -> None:
    assert refusal(path, text) == message


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("2026-06-22T00:30+02:00,hut,0\n", f"6:1: 3 fields in place of 4; {EACH_COLUMN}"),
        ('2026-06-22T00:30+02:00,"hut,0,1\n\n', f"6:1: malformed CSV (unexpected end of data); {QUOTES}"),
    ],
    ids=["too few fields", "open quote"],
)
def test_a_misshapen_row_is_refused(path: Path, rest: str, message: str) -> None:
    assert refusal(path, GOOD + rest) == message


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('"a\nb",2026-06-22T00:15Z,1,2\n', f"2:1: member name 'a\\nb' {BAD_NAME}"),
        ('"a, b",2026-06,1,2\n', f"2:8: '2026-06' {NOT_A_TIME}"),
    ],
)
def test_lines_and_columns_are_those_of_the_file_behind_quotes_too(
    path: Path, row: str, message: str
) -> None:
    assert refusal(path, "member,timestamp,generated_Wh,consumed_Wh\n" + row) == message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (GOOD.encode().replace(b"inn", b"b\xc3\xb6b\xf6", 1), f"3:27: byte 0xf6 {NOT_UTF8}"),
        (GOOD.encode() + b"\xc3", f"6:1: byte 0xc3 {NOT_UTF8}"),
    ],
    ids=["Latin-1", "cut off"],
)
def test_a_byte_that_is_not_utf8_is_refused_where_it_stands(path: Path, data: bytes, message: str) -> None:
    assert refusal(path, data) == message


def test_a_file_that_cannot_be_read_is_refused(path: Path) -> None:
    with pytest.raises(ReadingsError) as missing:
        read_files([path])
    assert str(missing.value) == f"{path}: No such file or directory; give the path of a readable file"
    with pytest.raises(ReadingsError) as folder:
        read_files([path.parent])
    assert str(folder.value) == f"{path.parent}: Is a directory; give the path of a readable file"


def test_a_big_file_is_read_in_blocks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_BLOCK", 50)
    assert listed(load(path, GOOD.replace("hut", '"hut"'))) == EXPECTED
    assert refusal(path, with_last(generated="x")) == f"5:28: 'x' {NOT_A_NUMBER}"
    assert refusal(path, with_last(member="hut")).startswith("5:1: a second value of 'hut'")


@st.composite
def communities(draw: st.DrawFn) -> tuple[timedelta, list[Reading]]:
    names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=8)
    bare = names.filter(lambda name: not (name[0] == name[-1] == '"'))  # quotes around a name are CSV's
    members = draw(st.lists(bare, min_size=1, max_size=4, unique=True))
    start = draw(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC)))
    start = start.replace(microsecond=0)
    interval = timedelta(seconds=draw(st.integers(1, 86_400)))
    amounts = st.integers(0, MOST // 4)
    return interval, [
        Reading(start + n * interval, member, draw(amounts), draw(amounts))
        for n in range(draw(st.integers(2, 4)))
        for member in members
    ]


def in_kwh(wh: int) -> str:
    return f"{wh // 1000}.{wh % 1000:03}"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a loaded machine is slow
@given(
    written=communities(),
    unit=st.sampled_from([("Wh", str), ("kWh", in_kwh)]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    data=st.data(),
)
def test_what_is_written_is_read_back(tmp_path_factory, written, unit, line_end: str, data) -> None:
    (interval, readings), (suffix, amount) = written, unit
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerow(["timestamp", "member", f"generated_{suffix}", f"consumed_{suffix}"])
    zones = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
    for reading in data.draw(st.permutations(readings)):
        energies = (amount(reading.produced), amount(reading.consumed))
        time = reading.timestamp.astimezone(data.draw(zones))
        writer.writerow([time.isoformat(), reading.member, *energies])
    loaded = load(tmp_path_factory.getbasetemp() / "round-trip.csv", text.getvalue())
    assert loaded.interval == interval
    by_time = attrgetter("timestamp", "member")
    assert sorted(listed(loaded), key=by_time) == sorted(readings, key=by_time)


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
    assert listed(readings)[-1] == Reading(MIDNIGHT + QUARTER_HOUR, "inn", *amounts)


@pytest.mark.parametrize(
    ("header", "amount", "message"),
    [
        ("inflow_L,consumed_L", "-1", "'-1' is negative; count inflow and consumed apart, from 0 up"),
        ("delivered_t,treatment_kg", "-1", f"'-1' {NEGATIVE_WASTE}"),
        ("delivered_kg,treatment_kg", "9" * 20, f"'{'9' * 20}' {TOO_MUCH.replace('Wh', 'kg')}"),
    ],
)
def test_a_bad_amount_is_refused_in_its_own_units(path: Path, header: str, amount: str, message: str) -> None:
    rows = without(5).replace("generated_Wh,consumed_Wh", header)
    assert refusal(path, f"{rows}2026-06-22T00:15+02:00,inn,{amount},0\n") == f"5:28: {message}"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # demandlib and pvlib under pandas 3
@pytest.mark.slow
def test_the_example_is_what_its_generator_writes() -> None:
    pytest.importorskip("demandlib", reason="the extra 'data' is not installed")
    pytest.importorskip("pvlib", reason="the extra 'data' is not installed")
    generator = runpy.run_path(str(EXAMPLES / "make_community.py"))
    assert (EXAMPLES / "community.csv").read_bytes() == generator["community_csv"]().encode()


@pytest.mark.parametrize(
    ("name", "measure", "members", "intervals", "interval"),
    [
        ("community", ENERGY, 12, 7 * 96, QUARTER_HOUR),
        ("reservoir", WATER, 8, 7 * 24, timedelta(hours=1)),
        ("treatment_plant", WASTE, 6, 28, timedelta(days=1)),
    ],
)
def test_the_examples_have_so_many_members_and_intervals(
    name: str, measure: Measure, members: int, intervals: int, interval: timedelta
) -> None:
    readings = community(read_files([EXAMPLES / f"{name}.csv"]))
    assert (readings.measure, readings.interval) == (measure, interval)
    assert readings.produced.shape == readings.consumed.shape == (intervals, members)


@pytest.mark.parametrize("name", ["reservoir", "treatment_plant"])
def test_the_examples_of_water_and_waste_are_what_their_generators_write(name: str) -> None:
    generator = runpy.run_path(str(EXAMPLES / f"make_{name}.py"))
    assert (EXAMPLES / f"{name}.csv").read_bytes() == generator[f"{name}_csv"]().encode()
