"""`amalgam share` and `amalgam readings check`: what people and programs are told, and the refusals."""

import json
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner, Result

from amalgam.cli import app

ROWS = """\
timestamp,member,generated_Wh,consumed_Wh
2026-06-22T12:00+02:00,farm,1000,200
2026-06-22T12:00+02:00,hut,0,300
2026-06-22T13:00+02:00,farm,0,100
2026-06-22T13:00+02:00,hut,0,50
"""
COMMUNITY = """\
name = "Two"
readings = ["readings.csv"]
[key]
kind = "dynamic"
[prices]
bought = "0.30"
sold = "0.10"
shared = "0.20"
[battery]
capacity = "600Wh"
efficiency = "90%"
"""
GAP = (
    "gap: no value of 'hut' (produced) at 2026-06-22 11:00 UTC, 2 values missing in all; "
    "choose --gaps zero, previous-day or leave-out, or give the values"
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("readings.csv").write_text(ROWS)
    Path("gappy.csv").write_text(ROWS.replace("2026-06-22T13:00+02:00,hut,0,50\n", ""))
    Path("two.toml").write_text(COMMUNITY)
    return tmp_path


def amalgam(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_people_are_shown_a_table_a_member() -> None:
    result = amalgam("share", "two.toml")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "Member Produced Consumed use out in Charged charged Sold Bought supply Saved" in lines
    assert "farm 1.0 0.3 0.2 0.3 0.0 0.5 0.1 0.0 0.0 100.0 % 0.01" in lines
    assert "hut 0.0 0.4 0.0 0.0 0.3 0.0 0.0 0.0 0.0 85.7 % 0.03" in lines
    assert "All 1.0 0.6 0.2 0.3 0.3 0.5 0.1 0.0 0.0 92.3 % 0.04" in lines
    assert "Values all measured" in lines
    assert "Peak 0.05 kW bought; 0.30 kW with the grid alone" in lines
    assert "Audit shared in 0.300 kWh = shared out 0.300 kWh" in lines


def test_programs_get_whole_wh() -> None:
    found = json.loads(amalgam("share", "two.toml", "--json").stdout)
    assert {name: found[name] for name in ("name", "key", "start", "intervals", "interval_s")} == {
        "name": "Two",
        "key": "dynamic",
        "start": "2026-06-22T12:00:00+02:00",
        "intervals": 2,
        "interval_s": 3600,
    }
    assert found["all"] == {
        "name": "All",
        "produced_wh": 1000,
        "consumed_wh": 650,
        "own_use_wh": 200,
        "shared_out_wh": 300,
        "shared_in_wh": 300,
        "charged_wh": 500,
        "discharged_wh": 100,
        "sold_wh": 0,
        "bought_wh": 50,
        "self_consumption": 1.0,
        "self_sufficiency": 0.923077,
        "peak_w": 50.0,
        "baseline_peak_w": 300.0,
        "balance_wh": 350,
        "savings": 0.04,
        "co2_g": None,
    }
    assert found["members"][1]["counts"] == {
        "measured": 4,
        "substituted": 0,
        "filled": 0,
        "duplicates": 0,
        "left_out": 0,
    }


def test_flows_are_written_as_csv_and_parquet_and_the_result_as_json() -> None:
    written = ("flows.csv", "flows.parquet", "result.json")
    result = amalgam("share", "two.toml", *(f"--output={each}" for each in written))
    assert result.stdout.endswith("".join(f"Written to {each}\n" for each in written))
    assert pl.read_parquet("flows.parquet")["shared_in_wh"].to_list() == [0, 300, 0, 0]
    assert Path("flows.csv").read_text().splitlines()[2] == (
        "2026-06-22T10:00:00Z,hut,0,300,0,0,300,0,0,0,0,measured"
    )
    printed = amalgam("share", "two.toml", "--json").stdout
    assert json.loads(Path("result.json").read_text()) == json.loads(printed)
    assert not list(Path.cwd().glob("*.part"))


def test_options_come_before_the_communitys_file() -> None:
    result = amalgam("share", "two.toml", "gappy.csv", "--gaps", "zero", "--json")
    assert result.stderr == "Of the values, 2 are missing and filled\n"
    found = json.loads(result.stdout)
    assert (found["gaps"], found["members"][1]["counts"]["filled"], found["all"]["bought_wh"]) == (
        "zero",
        2,
        0,
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.toml"], "none.toml: No such file or directory; give the path of a readable TOML file"),
        (["two.toml", "none.csv"], "none.csv: No such file or directory; give the path of a readable file"),
        (["two.toml", "gappy.csv"], GAP),
        (
            ["two.toml", "--output", "flows.xlsx"],
            "flows.xlsx: not one of .csv, .parquet, .json by its name; let it end in one",
        ),
        (
            ["two.toml", "--output", "none/flows.csv"],
            "none/flows.csv: there is no folder none; create it or choose another",
        ),
        (["water.toml"], "water.csv: it is of water; only energy is shared"),
        (["empty.toml"], "empty.toml: no readings; name files in it, or on the command line"),
        (["lost.toml"], "lost.toml: readings 'x*.csv' are no file; correct it"),
        (["eve.toml"], "eve.toml: shares name eve, who is no consumer; remove or correct the name"),
    ],
)
def test_unusable_input_is_one_line_and_nothing_is_written(arguments: list[str], message: str) -> None:
    Path("water.csv").write_text(ROWS.replace("generated_Wh,consumed_Wh", "inflow_L,consumed_L"))
    Path("water.toml").write_text(COMMUNITY.replace("readings.csv", "water.csv"))
    Path("empty.toml").write_text('[key]\nkind = "equal"\n')
    Path("lost.toml").write_text(COMMUNITY.replace("readings.csv", "x*.csv"))
    members = '[[member]]\nname = "hut"\n[[member]]\nname = "eve"\nshare = "5%"\n'
    Path("eve.toml").write_text(COMMUNITY.replace('"dynamic"', '"static"') + members)
    before = set(Path.cwd().iterdir())
    written = () if "--output" in arguments else ("--output", "flows.csv")
    result = amalgam("share", *arguments, *written)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"amalgam: {message}\n")
    assert set(Path.cwd().iterdir()) == before


def test_a_check_tells_what_is_there_and_that_it_would_be_read() -> None:
    result = amalgam("readings", "check", "readings.csv")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "readings.csv: CSV, times in UTC" in result.stdout
    assert result.stdout.endswith("Would be read: 2 members, 2 intervals of 1 h; every value is measured\n")


def test_a_check_tells_what_is_missing_and_what_would_be_done() -> None:
    refused = amalgam("readings", "check", "gappy.csv")
    assert (refused.exit_code, refused.stderr) == (1, "amalgam: the policies refuse these files\n")
    assert refused.stdout.endswith(f"Would be refused: {GAP}\n")
    assert "Gap: hut (consumed) from 2026-06-22 11:00:00 UTC on, 1 h.\n" in refused.stdout
    filled = amalgam("readings", "check", "gappy.csv", "--gaps", "zero")
    assert filled.exit_code == 0
    assert filled.stdout.endswith(
        "Would be read: 2 members, 2 intervals of 1 h; of the values, 2 are missing and filled\n"
    )


def test_a_check_is_there_for_programs_too() -> None:
    result = amalgam("readings", "check", "gappy.csv", "--output", "json", "--gaps", "leave-out")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert found["found"][0] == {
        "file": "gappy.csv",
        "format": "CSV",
        "meter": "farm",
        "direction": "produced",
        "interval_s": 3600,
        "start": 1782122400,
        "end": 1782129600,
        "measured": 2,
        "substituted": 0,
        "missing": 0,
        "duplicates": 0,
        "base_units": 1000,
        "unit": "Wh",
    }
    assert [gap["meter"] for gap in found["gaps"]] == ["hut", "hut"]
    assert found["would"] == {
        "gaps": "leave-out",
        "duplicates": "refuse",
        "refused": False,
        "text": "Would be read: 2 members, 1 interval of 1 h; "
        "of the values, those of 1 interval are left out",
    }


def test_a_replay_reads_every_format_and_tells_what_was_filled() -> None:
    Path("octopus.csv").write_text(
        "Consumption (kwh), Start, End\n"
        "0.25, 2026-06-22T13:00:00+01:00, 2026-06-22T13:30:00+01:00\n"
        "0.1234567, 2026-06-22T12:00:00+01:00, 2026-06-22T12:30:00+01:00\n"
    )
    result = amalgam("replay", "octopus.csv", "--gaps", "zero", "--json")
    assert result.stderr == "Of the values, 1 is missing and filled\n"
    assert json.loads(result.stdout)["total"]["consumed_wh"] == 373
