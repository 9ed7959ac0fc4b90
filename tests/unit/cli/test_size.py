"""`amalgam size`: what people and programs are told, refusals, and Ctrl-C."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
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
[battery]
capacity = "1kWh"
efficiency = "90%"
[size]
capacities = ["200Wh", "1kWh"]
cost_kwh = "8"
[[size.tariff]]
name = "flat"
bought = "0.30"
sold = "0.01"
shared = "0.20"
"""
EXPLAINED = (
    "Mind the readings are of 0.1 days: a year of such days is no year of seasons",
    "Audit 4 deposits and withdrawals are what the battery's program holds, to the Wh; "
    "so are 4 transactions of random weeks on a chain",
)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("readings.csv").write_text(ROWS)
    Path("two.toml").write_text(COMMUNITY)
    return tmp_path


def amalgam(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_people_are_shown_a_row_a_case() -> None:
    result = amalgam("size", "two.toml", "--workers", "1")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "Two: what a battery would have done" in lines
    # 223 Wh fill the smaller one, and 100 of the 150 Wh needed then are the farm's own: 3 cents less 0.223.
    assert "0.200 0 0 0 92.3 % 0.1 121.63 0.0 121.53" in lines
    assert "1 0 0 0 92.3 % 0.1 109.50 0.1 108.97" in lines
    assert "Without a battery 76.9 % self-supply, peak 0.1 kW" in lines
    assert "Shown dynamic, 0.2 kWh: worth most a year" in lines
    assert all(each in lines for each in EXPLAINED)
    written = (
        "cases.parquet, members.parquet, capacity.png, charge.png, duration.png, members.png, payback.png"
    )
    assert lines[-1] == f"Written to amalgam-size: {written}"
    assert {path.name for path in Path("amalgam-size").iterdir()} == {"cases", *written.split(", ")}


def test_programs_get_a_record_a_case_and_tariff() -> None:
    result = amalgam(
        "size", "two.toml", "--json", "--quick", "--no-chain", "--output", "sizes", "--workers", "1"
    )
    assert (result.exit_code, result.stderr) == (0, "")
    found = json.loads(result.stdout)
    assert [(each["capacity_wh"], each["charged_wh"], each["discharged_wh"]) for each in found] == [
        (200, 223, 100),
        (1_000, 500, 100),
    ]
    assert found == pl.read_parquet("sizes/cases.parquet").to_dicts()
    assert pl.read_parquet("sizes/members.parquet")["member"].to_list() == ["farm", "hut"] * 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.toml"], "none.toml: No such file or directory; give the path of a readable TOML file"),
        (["plain.toml"], 'plain.toml: [size] is missing; add it, with capacities = ["50kWh", "100kWh"]'),
        (["two.toml", "none.csv"], "none.csv: No such file or directory; give the path of a readable file"),
        (["eve.toml"], "eve.toml: shares name eve, who is no consumer; remove or correct the name"),
        (
            ["two.toml", "--output", "readings.csv"],
            "readings.csv: File exists; choose another folder with --output",
        ),
        (
            ["two.toml", "--output", "none/sizes"],
            "none/sizes: No such file or directory; choose another folder with --output",
        ),
        (["water.toml"], "water.csv: it is of water; only energy is shared"),
    ],
)
def test_unusable_input_is_one_line_and_nothing_is_written(arguments: list[str], message: str) -> None:
    Path("plain.toml").write_text(COMMUNITY.partition("[size]")[0])
    Path("water.csv").write_text(ROWS.replace("generated_Wh,consumed_Wh", "inflow_L,consumed_L"))
    Path("water.toml").write_text(COMMUNITY.replace("readings.csv", "water.csv"))
    member = '[[member]]\nname = "eve"\nmeters = ["farm", "hut"]\nshare = "5%"\n'
    Path("eve.toml").write_text(
        COMMUNITY.replace('"dynamic"', '"static"')
        + member.replace('"farm", "hut"', '"nobody"')
        + '[[member]]\nname = "farm"\n[[member]]\nname = "hut"\n'
    )
    result = amalgam("size", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"amalgam: {message}\n"
    assert not list(Path.cwd().glob("**/*.parquet"))


def month(hours: int) -> str:
    rows = [
        f"2026-01-{1 + n // 24:02}T{n % 24:02}:00Z,{name},{900 * (n % 24 == 12)},{100 + n % 7}"
        for n in range(hours)
        for name in ("farm", "hut")
    ]
    return "\n".join(["timestamp,member,generated_Wh,consumed_Wh", *rows, ""])


def ends(group: int) -> bool:
    """Whether no process is left: multiprocessing's own helper takes a moment to notice that it is alone."""
    for _ in range(500):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def interrupted(workers: str, by: Callable[[int], None]) -> tuple[int, str, str]:
    """A sweep of six that is interrupted once the first is done: its exit code and what it printed."""
    Path("readings.csv").write_text(month(28 * 24))
    sizes = ", ".join(f'"{size}Wh"' for size in range(500, 3_500, 500))
    Path("two.toml").write_text(COMMUNITY.replace('"200Wh", "1kWh"', sizes))
    command = [sys.executable, "-m", "amalgam", "size", "two.toml", "--workers", workers]
    running = subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    cases = Path("amalgam-size/cases")
    while not (cases.exists() and list(cases.glob("*.parquet"))):
        assert running.poll() is None, running.communicate()
        time.sleep(0.02)
    by(running.pid)
    out, err = running.communicate(timeout=60)
    assert ends(running.pid)
    return running.returncode, out, err


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_loses_nothing(workers: str) -> None:
    """The first cases are kept, no process is left, and the same command goes on."""
    code, out, err = interrupted(workers, lambda pid: os.killpg(pid, signal.SIGINT))  # as a terminal does
    cases = Path("amalgam-size/cases")
    done = {path.name: path.stat().st_mtime_ns for path in cases.glob("*.parquet")}
    assert (code, out) == (130, "")
    assert "Traceback" not in err
    assert err.endswith("6 cases are in amalgam-size: the same command goes on from there\n")
    assert 1 <= len(done) < 6
    assert not list(cases.glob("*.part"))
    assert amalgam("size", "two.toml", "--workers", "1").exit_code == 0
    after = {path.name: path.stat().st_mtime_ns for path in cases.glob("*.parquet")}
    assert len(after) == 6
    assert after.items() > done.items()


def test_a_sweep_that_is_killed_leaves_no_process() -> None:
    code, out, _ = interrupted("2", lambda pid: os.kill(pid, signal.SIGKILL))
    assert (code, out) == (-signal.SIGKILL, "")
