"""Mappings of files that explain themselves in no other way, and what is refused in one."""

from pathlib import Path

import pytest

from amalgam.csv_rows import ReadingsError
from amalgam.readings.community import community
from amalgam.readings.read import read_files

GOOD = """\
time = "Datum"
zone = "Europe/Vienna"
name = "hut"

[[value]]
column = "Bezug"
direction = "consumed"
unit = "W"
"""
FILE = "Datum;Bezug;Bemerkung\n22.6.2026 00:00;400;\n22.6.2026 00:15;80;x\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "other.csv"
    path.write_text(FILE)
    return path


def mapping(file: Path, text: str) -> Path:
    path = file.with_name("other.toml")
    path.write_text(text)
    return path


def test_a_mapping_explains_a_file(file: Path) -> None:
    """Mean powers of quarter-hours."""
    (part,) = read_files([file], mappings=[mapping(file, GOOD)])
    assert (part.format, part.members, part.is_power) == ("mapping other.toml", ("hut",), True)
    assert community([part]).consumed.tolist() == [[100], [20]]


def test_a_mapping_is_for_files_that_have_its_columns(file: Path, tmp_path: Path) -> None:
    ours = tmp_path / "ours.csv"
    ours.write_text(
        "timestamp,member,generated_Wh,consumed_Wh\n2026-06-22T00:00Z,inn,1,2\n2026-06-22T00:15Z,inn,1,2\n"
    )
    parts = read_files([ours, file], mappings=[mapping(file, GOOD)])
    assert [part.format for part in parts] == ["CSV", "mapping other.toml"]


def test_values_may_be_of_several_members_in_columns(file: Path) -> None:
    text = GOOD.replace('name = "hut"\n', "").replace('unit = "W"', 'unit = "W"\nmember = "inn"')
    text += '\n[[value]]\ncolumn = "Einspeisung"\ndirection = "produced"\nunit = "kW"\nmember = "hut"\n'
    file.write_text(FILE.replace("Bemerkung", "Einspeisung").replace("400;", "400;0.4").replace(";x", ";0"))
    readings = community(read_files([file], mappings=[mapping(file, text)]))
    assert (readings.members, readings.produced.tolist(), readings.consumed.tolist()) == (
        ("inn", "hut"),
        [[0, 100], [0, 0]],
        [[100, 0], [20, 0]],
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"W"', '"MW"', "'MW' is none of the units wh, kwh, w, kw"),
        ('"consumed"', '"used"', "direction = 'used' is none of 'produced', 'consumed'; correct it"),
        ("column =", "title =", "title is not one of column, direction, member, unit; remove or correct it"),
        ('column = "Bezug"\n', "", "column is missing; add it"),
        ('time = "Datum"\n', "", "time is missing; add it"),
        ('time = "Datum"', "time = 1", "time is not a text; put it in quotes"),
        ("[[value]]", "[value]", "value is not a list of tables; begin each with [[value]]"),
        ('"Europe/Vienna"', '"Vienna"', "'Vienna' is not a time zone; write it like Europe/Vienna"),
        ('name = "hut"', 'interval = "15"', "'15' is not a duration; write it like 90m, 24h or 7d"),
        ('name = "hut"', 'decimal = "x"', "decimal = 'x' is none of '.', ','; correct it"),
        (
            'name = "hut"',
            'name = "hut"\nmember = "Wer"',
            "member and name: give the column that names members, or the one member's name",
        ),
        (
            "[[value]]",
            "[[value",
            "not TOML: Expected ']]' at the end of an array declaration (at line 5, column 8); correct it",
        ),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(file: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    path = mapping(file, GOOD.replace(old, new))
    with pytest.raises(ReadingsError) as refused:
        read_files([file], mappings=[path])
    assert str(refused.value) == f"{path}: {message}"


def test_a_mapping_that_is_not_there_is_refused(file: Path) -> None:
    path = file.with_name("none.toml")
    with pytest.raises(ReadingsError) as refused:
        read_files([file], mappings=[path])
    assert str(refused.value) == f"{path}: No such file or directory; give the path of a readable TOML file"
