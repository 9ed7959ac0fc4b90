"""The command: what it prints, where, and how it ends."""

import json
import os
import re
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import typer
from pypdf import PdfReader
from typer.testing import CliRunner, Result

import amalgam as package
from amalgam import built
from amalgam.chain.embedded import EmbeddedChain
from amalgam.cli import app, replay
from amalgam.programs import Program
from amalgam.readings.community import community
from amalgam.readings.read import read_files

AMALGAM = Path(sys.executable).with_name("amalgam")
READINGS = """\
timestamp,member,generated_Wh,consumed_Wh
2026-06-22T12:00+02:00,[bold]ann[/],2000,500
2026-06-22T12:00+02:00,:smile: Bö,0,250
2026-06-22T13:00+02:00,[bold]ann[/],0,700
2026-06-22T13:00+02:00,:smile: Bö,300,0
"""
# Ann stores 1,425 of 1,500 Wh and draws 700. Bö lacks 250, then stores 285 of 300.

RATES = r"in \d+\.\d s, [\d,]+ a second, of {} readings, [\d,]+ a second"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    path = Path("readings.csv")
    path.write_text(READINGS, "utf-8")
    return path


def amalgam(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


def png_size(path: Path) -> tuple[int, int]:
    header = path.read_bytes()[:24]
    assert header.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", header[16:24])


def test_a_replay_of_a_source_says_if_another_was_built(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(package._IN_CHECKOUT, ".so", str(tmp_path))
    program = Program.ENERGY_ALLOCATION
    (tmp_path / f"{program}.py.sha256").write_text(f"{64 * '0'}  {program}.py\n")
    result = amalgam("replay", file, "--engine", "python")
    assert (result.exit_code, result.stderr) == (
        0,
        f"amalgam: {tmp_path}/{program}.so was built from another {program}.py than {program.source} is now; "
        "run: seahorse build\n",
    )
    (tmp_path / f"{program}.py.sha256").unlink()
    assert amalgam("replay", file, "--engine", "python").stderr == ""


def test_a_replay_ends_with_a_table_and_an_audit(file: Path) -> None:
    result = amalgam("replay", file, "--capacity", "1.6kWh")
    assert (result.exit_code, result.stderr) == (0, "")
    table, _, below = result.stdout.partition("\nBattery")
    assert [line.rstrip() for line in table.splitlines()] == [
        "",
        "Members, in kWh",
        "                                   Own                      Not    Not",
        "Member        Generated  Consumed  use  Deposited  Drawn  taken  given  Balance",
        "───────────────────────────────────────────────────────────────────────────────",
        "[bold]ann[/]        2.0       1.2  0.5        1.5    0.7    0.0    0.0      0.7",
        ":smile: Bö          0.3       0.2  0.0        0.3    0.0    0.0    0.2      0.3",
        "",
        "All                 2.3       1.4  0.5        1.8    0.7    0.0    0.2      1.0",
    ]
    lines = dict(
        re.split(r" {2,}", line.rstrip(), maxsplit=1) for line in f"Battery{below}".strip().splitlines()
    )
    assert re.fullmatch(rf"9 {RATES.format(4)}", lines.pop("Transactions"))
    assert lines == {
        "Battery": "1.600 kWh, charging at 95 %; each member may allocate 0.800 kWh for 24 h",
        "Charged": "1.8 kWh, 0.1 kWh of it lost",
        "Discharged": "0.7 kWh",
        "Not taken": "0.0 kWh of surplus that the battery could not take",
        "Not given": "0.2 kWh of deficit found a balance empty",
        "Stored now": "1.010 kWh (63 %): 1.010 available, 0.000 allocated",
        "Self-supply": "83 % of consumption; 34 % without the battery",
        "Instructions": "1 initialize_mint, 1 initialize, 2 open_member, 2 create_token_account, 2 mint_to, "
        "2 deposit_energy, 1 withdraw_energy, 1 burn",
        "Audit": "ledger and vault agree: the balances of 2 members are 1.010 kWh, the vault holds "
        "1.010 kWh; minted were 1.800 kWh, lost 0.090, consumed 0.700, leaving 1.010",
    }


def test_how_many_transactions_are_to_come_is_told_if_they_are_many(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "_MANY", 3)
    assert amalgam("replay", file).stderr == "3 transactions to come\n"


def test_json_is_the_whole_report_and_nothing_else(file: Path) -> None:
    result = amalgam("replay", file, "--capacity", "1.6kWh", "--json", "--picture", "battery.png")
    assert (result.exit_code, result.stderr) == (0, "Picture written to battery.png\n")
    report = json.loads(result.stdout)
    assert report.pop("seconds") > 0
    flows = (
        *("generated_wh", "consumed_wh", "used_directly_wh", "deposited_wh", "lost_wh"),
        *("drawn_wh", "not_taken_wh", "not_given_wh"),
    )

    def energy(*wh: int) -> dict[str, int]:
        return dict(zip(flows, wh, strict=True))

    assert report == {
        "resource": "ENERGY",
        "capacity_wh": 1_600,
        "efficiency_bps": 9_500,
        "allocation_limit_wh": 800,
        "allocation_lifetime_s": 86_400,
        "interval_s": 3_600,
        "members": [
            {
                "name": "[bold]ann[/]",
                "energy": energy(2_000, 1_200, 500, 1_500, 75, 700, 0, 0),
                "balance_wh": 725,
                "allocated_wh": 0,
            },
            {
                "name": ":smile: Bö",
                "energy": energy(300, 250, 0, 300, 15, 0, 0, 250),
                "balance_wh": 285,
                "allocated_wh": 0,
            },
        ],
        "intervals": [
            {
                "start": "2026-06-22T12:00:00+02:00",
                "energy": energy(2_000, 750, 500, 1_500, 75, 0, 0, 250),
                "available_wh": 1_425,
                "allocated_wh": 0,
            },
            {
                "start": "2026-06-22T13:00:00+02:00",
                "energy": energy(300, 700, 0, 300, 15, 700, 0, 0),
                "available_wh": 1_010,
                "allocated_wh": 0,
            },
        ],
        "total": energy(2_300, 1_450, 500, 1_800, 90, 700, 0, 250),
        "available_wh": 1_010,
        "allocated_wh": 0,
        "vault_wh": 1_010,
        "supply_wh": 1_010,
        "instructions": {
            "initialize_mint": 1,
            "initialize": 1,
            "open_member": 2,
            "create_token_account": 2,
            "mint_to": 2,
            "deposit_energy": 2,
            "withdraw_energy": 1,
            "burn": 1,
        },
        "transactions": 9,
        "readings": 4,
    }
    assert png_size(Path("battery.png")) == (1_440, 900)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        pytest.param([], "Missing command; see amalgam --help", id="no command"),
        pytest.param(
            ["demoo"],
            "No such command 'demoo'. Did you mean 'demo'?; see amalgam --help",
            id="unknown command",
        ),
        pytest.param(["replay"], "Missing argument 'FILE'; see amalgam replay --help", id="no file"),
        pytest.param(
            ["demo", "--fast"], "No such option: --fast; see amalgam demo --help", id="unknown option"
        ),
        pytest.param(
            ["replay", "readings.csv", "--capacity", "300"],
            "Invalid value for --capacity: '300' is not an amount; write it like 3.5kWh, 0.2m3 or 40kg",
            id="capacity without a unit",
        ),
        pytest.param(
            ["replay", "readings.csv", "--efficiency", "950%"],
            "Invalid value for --efficiency: '950%' is not within 0.01% to 100%; correct it",
            id="efficiency above 100 %",
        ),
        pytest.param(
            ["replay", "readings.csv", "--capacity", "50m3"],
            "Invalid value for --capacity: '50m3' is water, and this battery holds energy; "
            "write it like 300kWh or 3500Wh",
            id="capacity of another resource",
        ),
        pytest.param(
            ["replay", "rain.csv"],
            "rain.csv:1:18: unknown unit 'kWh' of inflow; use _L or _m3",
            id="readings of water in units of energy",
        ),
        pytest.param(
            ["demo", "--resource", "gas"],
            "Invalid value for '--resource': 'gas' is not one of 'energy', 'water', 'waste'.",
            id="demo of another resource",
        ),
        pytest.param(
            ["replay", "other.csv"],
            "other.csv: No such file or directory; give the path of a readable file",
            id="no such file",
        ),
        pytest.param(
            ["replay", "negative.csv"],
            "negative.csv:3:28: '-1' is negative; count generated and consumed apart, from 0 up",
            id="bad readings",
        ),
        pytest.param(
            ["replay", "readings.csv", "--picture", "battery.pdf"],
            "battery.pdf: not a PNG by its name; let it end in .png",
            id="picture of another kind",
        ),
        pytest.param(
            ["replay", "readings.csv", "--picture", "nowhere/battery.png"],
            "nowhere/battery.png: there is no folder nowhere; create it or choose another",
            id="picture in no folder",
        ),
        pytest.param(
            ["replay", "readings.csv", "--picture", "folder.png"],
            "folder.png: cannot be written; choose another path with --picture",
            id="picture over a folder",
        ),
        pytest.param(
            ["replay", "readings.csv", "--picture", f"{'b' * 300}.png"],
            f"{'b' * 300}.png: File name too long; choose another path with --picture",
            id="picture with too long a name",
        ),
        pytest.param(
            ["demo", "--picture", "nowhere/battery.png"],
            "nowhere/battery.png: there is no folder nowhere; create it or choose another",
            id="demo's picture in no folder",
        ),
        pytest.param(
            ["demo", "--picture", "week.png"],
            "week-bill.pdf: cannot be written; choose another path with --picture",
            id="demo's bill over a folder",
        ),
        pytest.param(
            ["demo", "--all", "--resource", "energy"],
            "--all shows every resource; give it without --resource",
            id="demo of all and of one",
        ),
    ],
)
def test_unusable_input_is_one_line_and_nothing_happens(
    file: Path, arguments: list[str], complaint: str
) -> None:
    Path("folder.png").mkdir()
    Path("week-bill.pdf").mkdir()
    Path("negative.csv").write_text(
        "timestamp,member,generated_Wh,consumed_Wh\n2026-06-22T12:00+02:00,ann,1,1\n2026-06-22T13:00+02:00,ann,-1,1\n"
    )
    Path("rain.csv").write_text("timestamp,member,inflow_kWh,consumed_L\n")
    before = sorted(Path().iterdir())
    result = amalgam(*arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"amalgam: {complaint}\n")
    assert sorted(Path().iterdir()) == before


def test_what_the_chain_refuses_is_one_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy by which allocations would expire at once."""
    monkeypatch.setattr("amalgam.scenarios.replay.ALLOCATION_LIFETIME_S", 0)
    result = amalgam("replay", file, "--picture", "b.png")
    complaint = (
        "allocation lifetime must be positive: An allocation would have expired when it is made. "
        "Give an allocation lifetime of at least 1 s."
    )
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"amalgam: {complaint}\n")
    assert not Path("b.png").exists()


def test_a_ledger_that_disagrees_is_one_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a chain whose clock does not follow the readings, allocations expire at another time."""
    file.write_text(
        "timestamp,member,generated_Wh,consumed_Wh\n"
        "2026-06-22T06:00Z,ann,500,0\n2026-06-22T18:00Z,ann,0,100\n"
        "2026-06-23T06:00Z,ann,0,0\n2026-06-23T18:00Z,ann,0,0\n"
    )
    clock = EmbeddedChain.unix_timestamp
    standing = property(clock.fget, lambda chain, _: clock.fset(chain, 0))
    monkeypatch.setattr(EmbeddedChain, "unix_timestamp", standing)
    result = amalgam("replay", file, "--picture", "battery.png")
    complaint = "member ann's allocation_expiry is 86400 on the chain, 1782324000 in the ledger"
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"amalgam: {complaint}\n")
    assert not Path("battery.png").exists()


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_a_question_that_is_not_answered_with_yes(answer: str) -> None:
    asking = typer.Typer(cls=app.info.cls)
    asking.callback()(lambda: None)
    asking.command("ask")(lambda: typer.confirm("Go on?", abort=True, err=True) and None)
    result = CliRunner().invoke(asking, ["ask"], input=answer)
    assert result.exit_code == 2
    assert result.stderr.endswith("amalgam: not confirmed; nothing was sent\n")


def test_the_version() -> None:
    result = amalgam("--version")
    assert (result.exit_code, result.output) == (0, f"amalgam {version('amalgam-energy')}\n")


@pytest.mark.parametrize(
    ("command", "codes"),
    [
        ([], [0, 1, 2, 3, 4, 5, 130]),
        (["battery"], [0, 1, 2, 3, 4, 5, 130]),
        (["deposit"], [0, 1, 2, 3, 4, 5, 130]),
        (["replay"], [0, 1, 2, 130]),
        (["demo"], [0, 1, 2, 130]),
    ],
)
def test_help_documents_the_exit_codes(command: list[str], codes: list[int]) -> None:
    result = amalgam(*command, "--help")
    assert result.exit_code == 0
    listed = result.stdout.partition("Exit codes")[2]
    assert [int(code) for code in re.findall(r"^ (\d+) ", listed, re.MULTILINE)] == codes


def commands(group: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """The words of each command, those of groups included."""
    yield path
    for name, each in getattr(group, "commands", {}).items():
        yield from commands(each, *path, name)


@pytest.mark.parametrize("command", [*commands(typer.main.get_command(app))], ids=" ".join)
def test_help_names_values_as_people_do(command: tuple[str, ...]) -> None:
    told = amalgam(*command, "--help").stdout
    assert "--help" in told
    assert not re.findall(r"<\w[^|>\n]*[>\n]", told)  # Python's types, or choices that are cut


def test_help_lists_the_programs() -> None:
    told = " ".join(amalgam("deploy", "--help").stdout.replace("│", " ").split())
    assert f"--program NAME Which of the programs: {', '.join(Program)}." in told


def test_help_loads_neither_the_chain_nor_the_plots() -> None:
    """They take seconds to load on a small machine."""
    code = (
        "import atexit, sys; from amalgam.cli import app;"
        "atexit.register(lambda: print({'solders', 'anchorpy', 'matplotlib'} & set(sys.modules)));"
        "app(['--help'])"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.endswith("\nset()\n"), process.stdout


def test_the_installed_command(file: Path) -> None:
    process = subprocess.run([AMALGAM, "replay", file, "--json"], capture_output=True, text=True, check=False)
    assert (process.returncode, process.stderr) == (0, "")
    assert json.loads(process.stdout)["vault_wh"] == 1_010


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_behind_stdout_is_one_line(monkeypatch: pytest.MonkeyPatch, unbuffered: str) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(
            [AMALGAM, "--version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert process.stderr == "amalgam: cannot print: [Errno 28] No space left on device\n"
    assert process.returncode == 1


def test_the_quickstart_runs() -> None:
    program = Path(__file__).parents[2] / "examples/quickstart.py"
    process = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert process.stdout == "balance 4,750 Wh, of which 1,500 Wh are allocated\n"


def test_the_installed_command_refuses(file: Path) -> None:
    process = subprocess.run([AMALGAM, "replay"], capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr == "amalgam: Missing argument 'FILE'; see amalgam replay --help\n"


def test_an_interrupt_while_reading_is_one_line(file: Path) -> None:
    """The readings come from a pipe, which can only be opened once the command has begun to read it."""
    file.unlink()
    os.mkfifo(file)
    command = [AMALGAM, "replay", file]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process, file.open("w"):
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=60)
    assert (process.returncode, *output) == (130, "", "amalgam: interrupted\n")


def test_an_interrupt_while_replaying_is_one_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = EmbeddedChain.unix_timestamp
    first = int(datetime.fromisoformat("2026-06-22T12:00+02:00").timestamp())

    def set_clock(chain: EmbeddedChain, seconds: int) -> None:
        clock.fset(chain, seconds)
        if seconds == first:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(EmbeddedChain, "unix_timestamp", property(clock.fget, set_clock))
    result = amalgam("replay", file, "--picture", "battery.png")
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "amalgam: interrupted\n")
    assert not Path("battery.png").exists()


def test_an_interrupt_of_the_demo_is_one_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And it comes soon: within an interval, of which a week has hundreds."""
    clock = EmbeddedChain.unix_timestamp
    second = int(datetime.fromisoformat("2026-06-22T00:15+02:00").timestamp())
    later: list[int] = []

    def set_clock(chain: EmbeddedChain, seconds: int) -> None:
        clock.fset(chain, seconds)
        later.append(seconds)
        if seconds == second:
            later.clear()
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(EmbeddedChain, "unix_timestamp", property(clock.fget, set_clock))
    result = amalgam("demo")
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "amalgam: interrupted\n")
    assert [*Path().iterdir()] == [file]
    assert len(later) <= 1


@pytest.mark.slow
def test_the_demo(file: Path) -> None:
    """A whole week: its table adds up, to what the chain has, and the bill to its line."""
    result = amalgam("demo", "--json")
    told = json.loads(result.stdout)
    written = ["amalgam-demo.png", "amalgam-demo-houses.png", "amalgam-demo-bill.pdf"]
    messages = [
        f"{what} written to {name}"
        for what, name in zip(("Picture", "Picture", "Bill"), written, strict=True)
    ]
    assert (result.exit_code, result.stderr.splitlines()) == (0, messages)
    assert [png_size(Path(name)) for name in written[:2]] == [(1_440, 900)] * 2

    houses, all_, intervals = told["houses"], told["all"], told["intervals"]
    assert (len(houses), len(intervals)) == (12, 7 * 96)
    for name, total in all_.items():
        if name != "saved_microcoins":  # the market keeps parts of a base unit
            assert total == sum(each[name] for each in houses), name
    for each in (*houses, *intervals):
        source = ("own_use_wh", "shared_in_wh", "discharged_wh", "bought_wh")
        assert each["consumed_wh"] == sum(each[name] for name in source)
        target = ("own_use_wh", "shared_out_wh", "charged_wh", "sold_wh")
        assert each["produced_wh"] == sum(each[name] for name in target)
    readings = community(read_files([built("community.csv")]))
    assert all_["produced_wh"] == readings.produced.sum()
    assert all_["consumed_wh"] == readings.consumed.sum()
    assert all_["charged_wh"] == all_["discharged_wh"] + told["lost_wh"] + all_["balance_wh"]
    assert intervals[-1]["stored_wh"] == all_["balance_wh"]
    assert max(each["stored_wh"] for each in intervals) == told["capacity_wh"] == 100_000

    without = [each for each in houses if not each["produced_wh"]]
    assert [each["name"] for each in without] == ["house-01", "house-03", "house-06"]
    for each in without:
        assert min(each["shared_in_wh"], each["from_market_wh"], each["saved_microcoins"]) > 0
    assert all_["shared_in_wh"] == all_["shared_out_wh"] > 0
    for each in houses:
        assert each["charge_microcoins"] == each["shared_in_wh"] * 160
        assert each["credit_microcoins"] == each["shared_out_wh"] * 160
    volume = sum(each["volume_wh"] for each in told["auctions"])
    assert len(told["auctions"]) == 7
    assert volume == sum(each["sold_in_auctions_wh"] for each in houses) >= all_["from_market_wh"] > 0

    bill = told["bill"]
    house = next(each for each in houses if each["name"] == bill["house"])
    assert bill["line"]["charge"] == house["charge_microcoins"]
    assert bill["settled_cents"] == round(house["charge_microcoins"] / 10_000)
    page = PdfReader(written[2]).pages[0].extract_text()
    assert bill["number"] in page
    assert f"{bill['settled_cents'] / 100:.2f}" in page
    assert told["transactions"] == 5_253  # as README says


FLOWS = {
    "water": ("inflow", "consumed"),
    "waste": ("delivered", "treatment"),
}


@pytest.mark.parametrize(
    ("resource", "example", "unit", "policy", "size", "picture", "least_transactions"),
    [
        ("water", "reservoir.csv", "l", (12_000, 9_770), (8, 7 * 24), "amalgam-demo-water.png", 1_000),
        ("waste", "treatment_plant.csv", "kg", (20_000, 9_700), (6, 28), "amalgam-demo-waste.png", 250),
    ],
)
@pytest.mark.slow
def test_the_demo_of_water_and_of_waste(
    file: Path,
    resource: str,
    example: str,
    unit: str,
    policy: tuple[int, int],
    size: tuple[int, int],
    picture: str,
    least_transactions: int,
) -> None:
    """Every balance closes, against the readings and against the chain."""
    result = amalgam("demo", "--resource", resource, "--json")
    assert (result.exit_code, result.stderr) == (0, f"Picture written to {picture}\n")
    assert png_size(Path(picture)) == (1_440, 900)
    report = in_common_words(json.loads(result.stdout), resource, unit)
    assert (report["resource"], report["capacity"], report["efficiency_bps"]) == (resource.upper(), *policy)
    assert (len(report["members"]), len(report["intervals"])) == size

    total = report["total"]
    for parts in (report["members"], report["intervals"]):
        for part in parts:
            assert_closes(part["flows"])
        assert total == {name: sum(part["flows"][name] for part in parts) for name in total}
    assert_closes(total)
    for member in report["members"]:
        flows = member["flows"]
        assert member["balance"] == flows["deposited"] - flows["lost"] - flows["drawn"]
    readings = community(read_files([built(example)]))
    assert total["produced"] == readings.produced.sum()
    assert total["consumed"] == readings.consumed.sum()

    stored = report["available"] + report["allocated"]
    assert stored == report["vault"] == report["supply"]
    assert stored == sum(member["balance"] for member in report["members"])
    assert total["produced"] + total["not_given"] == (
        total["consumed"] + total["not_taken"] + total["lost"] + stored
    )
    states = [interval["available"] + interval["allocated"] for interval in report["intervals"]]
    full = report["capacity"]
    assert full * 99 // 100 <= max(states) <= full
    assert min(total.values()) > 0
    assert min(report["instructions"].values()) > 0
    assert sum(report["instructions"].values()) > least_transactions


def in_common_words(value: Any, resource: str, unit: str) -> Any:
    """A report without the unit in the names of amounts, and with the same names for all resources."""
    if isinstance(value, list):
        return [in_common_words(each, resource, unit) for each in value]
    if not isinstance(value, dict):
        return value
    produced, consumed = FLOWS[resource]
    names = {resource: "flows", produced: "produced", consumed: "consumed"}
    return {
        names.get(name.removesuffix(f"_{unit}"), name.removesuffix(f"_{unit}")): in_common_words(
            each, resource, unit
        )
        for name, each in value.items()
    }


def assert_closes(flows: dict[str, int]) -> None:
    assert flows["produced"] == flows["used_directly"] + flows["deposited"] + flows["not_taken"]
    assert flows["consumed"] == flows["used_directly"] + flows["drawn"] + flows["not_given"]


@pytest.mark.parametrize(
    ("name", "title", "footer", "summary"),
    [
        pytest.param(
            "reservoir",
            ["Members, in m³", "Member", "Inflow", "Consumed", "use"],
            "All 25.5 10.6 1.1 18.5 7.7 5.9 1.8 10.4",
            {
                "Reservoir": "12.000 m³, keeping 97.7 % of the inflow, the rest evaporates; "
                "each member may allocate 1.500 m³ for 24 h",
                "Filled": "18.5 m³, 0.5 m³ of it evaporated",
                "Drawn": "7.7 m³",
                "Not taken": "5.9 m³ of inflow that the reservoir could not take",
                "Not given": "1.8 m³ of need found a balance empty",
                "Stored now": "10.359 m³ (86 %): 10.359 available, 0.000 allocated",
                "Self-supply": "83 % of consumption; 10 % without the reservoir",
                "Instructions": "1 initialize_mint, 1 initialize, 8 open_member, 8 create_token_account, "
                "82 mint_to, 82 deposit_energy, 212 withdraw_energy, 212 burn, 39 allocate, 451 consume, "
                "13 deallocate",
                "Audit": "ledger and vault agree: the balances of 8 members are 10.359 m³, the vault holds "
                "10.359 m³; minted were 18.545 m³, evaporated 0.470, consumed 7.716, leaving 10.359",
            },
            id="water",
        ),
        pytest.param(
            "treatment_plant",
            ["Members, in t", "Member", "Delivered", "Treatment", "at once"],
            "All 95.2 96.8 9.7 85.4 64.4 0.1 22.8 18.4",
            {
                "Treatment plant": "20.000 t, keeping 97 % of the deliveries, the rest is sorted out; "
                "each member may allocate 3.333 t for 24 h",
                "Taken in": "85.4 t, 2.6 t of it sorted out",
                "Treated later": "64.4 t",
                "Not taken": "0.1 t of deliveries that the treatment plant could not take",
                "Not given": "22.8 t of treatment found nothing to treat",
                "Stored now": "18.424 t (92 %): 18.424 available, 0.000 allocated",
                "Utilization": "76 % of the treatment there was; 10 % if nothing could wait",
                "Instructions": "1 initialize_mint, 1 initialize, 6 open_member, 6 create_token_account, "
                "36 mint_to, 36 deposit_energy, 25 withdraw_energy, 25 burn, 72 allocate, 58 consume, "
                "14 deallocate",
                "Audit": "ledger and vault agree: the balances of 6 members are 18.424 t, the vault holds "
                "18.424 t; minted were 85.360 t, sorted out 2.576, treated 64.360, leaving 18.424",
            },
            id="waste",
        ),
    ],
)
def test_a_replay_of_water_and_of_waste(
    file: Path, name: str, title: list[str], footer: str, summary: dict[str, str]
) -> None:
    """The file alone says what it is of; every total is exact."""
    result = amalgam("replay", built(f"{name}.csv"))
    assert (result.exit_code, result.stderr) == (0, "")
    table, label, below = result.stdout.partition(f"\n{next(iter(summary))}  ")
    for word in title:
        assert word in table
    assert footer.split() in map(str.split, table.splitlines())
    lines = dict(
        re.split(r" {2,}", line.rstrip(), maxsplit=1) for line in (label + below).strip().splitlines()
    )
    assert re.fullmatch(
        r"[\d,]+ in \d+\.\d s, [\d,]+ a second, of [\d,]+ readings, [\d,]+ a second",
        lines.pop("Transactions"),
    )
    assert lines == summary
