"""What is printed for people, piped and on terminals of any width: numbers and addresses stay whole."""

import dataclasses
import json
import re
from collections import Counter
from functools import cache, partial
from pathlib import Path
from string import Template
from typing import Any

import pytest
from rich.console import Console
from solders.pubkey import Pubkey

from amalgam.chain import loader
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.loader import ProgramData
from amalgam.cli import day, output, replay, village
from amalgam.metering.program import mint_address
from amalgam.readings.model import Readings
from amalgam.scenarios.replay import Report
from amalgam.units import ENERGY
from tests.support.marketplace import Marketplace
from tests.unit.cli.conftest import Town

WIDTHS = (60, 80, 200)
READINGS = """\
timestamp,member,generated_kWh,consumed_kWh
2026-06-22T12:00Z,a-person-with-a-name-that-is-longer-than-a-base58-address,12345678.901,0
2026-06-22T12:00Z,ann,0,1
2026-06-22T13:00Z,a-person-with-a-name-that-is-longer-than-a-base58-address,0,1234567.89
2026-06-22T13:00Z,ann,0,1
"""
CREATED = {  # where accounts come from, and who brings them about
    "ISSUER": ("issuer create", "operator"),
    "MARKET": ("market create $ENERGY $PAYMENT --fee 1%", "operator"),
    "OFFER": ("offer place $MARKET 12.345kWh --price 0.123456/kWh", "owner"),
    "AUCTION": ("auction open $MARKET 20m", "owner"),
    "ORDER": ("order place $AUCTION bid 12.345kWh --price 0.123456/kWh", "owner"),
    "VPP": ("vpp create $ENERGY $PAYMENT", "operator"),
    "DISPATCH": (
        "dispatch announce $VPP 10kWh --start 1h --duration 2h --price 0.3/kWh --bond 0.1/kWh",
        "operator",
    ),
    "COMMITMENT": ("dispatch commit $DISPATCH 4.567kWh", "owner"),
}
REGISTERED = "meter register $ISSUER $NEIGHBOUR $OWNER --rated 5kW --register 1234567.891kWh"
COMMANDS = (
    *("battery show $BATTERY", "battery audit $BATTERY", "history $BATTERY"),
    *("member show $BATTERY $OWNER", "member list $BATTERY", "battery export $BATTERY $FOLDER"),
    *("wallet show", "mint issue $MINT 12345kWh $OWNER", "mint issue $MINT 12345kWh $OWNER --dry-run"),
    *("issuer show $ISSUER", "issuer audit $ISSUER", "history $ISSUER"),
    *("meter list $ISSUER", "meter show $ISSUER $NEIGHBOUR", "meter retire $ISSUER $NEIGHBOUR --dry-run"),
    *("market show $MARKET", "market audit $MARKET", "history $MARKET", "offer list $MARKET"),
    *("auction show $AUCTION", "order list $AUCTION", "history $AUCTION"),
    *("vpp show $VPP", "vpp audit $VPP", "history $VPP", "dispatch list $VPP"),
    *("dispatch show $DISPATCH", "dispatch commitments $DISPATCH", "history $DISPATCH"),
    *("program close-buffers --dry-run", "deploy --dry-run --url embedded"),
)


def figures(printed: str) -> Counter[str]:
    """The numbers and addresses in it, and how often each is there."""
    words = (word.strip(",;:.()'") for word in printed.split())
    return Counter(
        word for word in words if re.fullmatch(r"[-+]?[0-9][0-9.,]*|[1-9A-HJ-NP-Za-km-z]{43,44}", word)
    )


def check(town: Town, monkeypatch: pytest.MonkeyPatch, command: Template, names: dict[str, object]) -> None:
    """What is piped, in lines of any length, is all there on terminals, in lines that fit."""

    def printed(folder: str) -> str:
        arguments = command.substitute(names, FOLDER=folder).split()
        result = town.run(*arguments, COLUMNS="50")  # which is a terminal's, and none is here
        assert result.exit_code == 0, result.output
        return result.stdout

    piped = printed("piped")
    assert figures(piped)
    for width in WIDTHS:
        terminal = partial(Console, force_terminal=True, width=width, height=50, markup=False, emoji=False)
        with monkeypatch.context() as patch:
            patch.setattr(output, "console", partial(terminal, highlight=False))
            shown = printed(str(width))
        assert "…" not in piped + shown, shown
        missing = figures(piped) - figures(shown)
        if "shows addresses too" in shown:
            missing = Counter({each: count for each, count in missing.items() if len(each) < 43})
        assert not missing, shown
        for line in shown.splitlines():
            assert len(line) <= width or len(line.split()) == 1, shown


@pytest.fixture
def names(town: Town, chain: EmbeddedChain, request: pytest.FixtureRequest) -> dict[str, object]:
    """A town with an account of each kind; addresses by the names that examples give them."""
    trade = Marketplace(chain, request.node.nodeid, town.keys)
    for name in ("operator", "owner"):
        trade.give(name, "payment", 10**12)
    town.deposit("owner", 5_000)
    town.allocate("owner", 1_500)
    found: dict[str, object] = {
        **{"BATTERY": town.battery, "MINT": town.mint, "OWNER": town["owner"]},
        **{"NEIGHBOUR": town["neighbour"], "ENERGY": trade.mints["energy"]},
        "PAYMENT": trade.mints["payment"],
    }
    for name, (command, by) in CREATED.items():
        answer = town.json(*Template(command).substitute(found).split(), by=by)
        events = {key: value for event in answer["events"] for key, value in event.items()}
        found[name] = (answer | events)["plant" if name == "VPP" else name.lower()]
    town.lines("wallet", "open", mint_address(Pubkey.from_string(str(found["ISSUER"]))), by="owner")
    town.lines(*Template(REGISTERED).substitute(found).split())
    return found


@pytest.mark.slow
def test_numbers_and_addresses_stay_whole(
    town: Town, names: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for command in COMMANDS:
        check(town, monkeypatch, Template(command), names)


def test_numbers_and_addresses_of_a_program_stay_whole(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    async def program_data(*_: object) -> ProgramData:
        return ProgramData(123_456, town["owner"], b"", 10**9)

    monkeypatch.setattr(loader, "program_data", program_data)
    check(town, monkeypatch, Template("program show"), {})


def report_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replay what is of one resource once: it tells how long it took."""
    reports: dict[str, Report] = {}
    run = replay._reported

    def reported(readings: Readings, *rest: Any) -> Report:
        resource = readings.measure.unit
        if resource not in reports:
            reports[resource] = run(readings, *rest)
        return reports[resource]

    monkeypatch.setattr(replay, "_reported", reported)


def test_numbers_stay_whole_in_a_replay(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    (town.home / "readings.csv").write_text(READINGS)
    report_once(monkeypatch)
    check(town, monkeypatch, Template("replay readings.csv"), {})


@pytest.mark.slow
def test_the_village(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """`demo`, at each width, of the village's first day, which is lived once."""
    readings_of = replay._readings_of

    def first_day(resource: Any) -> Readings:
        found = readings_of(resource)
        names = ("starts", "offsets", "produced", "consumed", "quality")
        return dataclasses.replace(found, **{name: getattr(found, name)[:96] for name in names})

    lives: list[village.Lived] = []
    live = village.lived

    def lived(*arguments: Any) -> village.Lived:
        if not lives:
            lives.append(live(*arguments))
        return lives[0]

    monkeypatch.setattr(replay, "_readings_of", first_day)
    monkeypatch.setattr(village, "lived", lived)
    check(town, monkeypatch, Template("demo --picture $FOLDER.png"), {})
    week, bill = lives[0]
    houses, all_ = week.figures()
    printed = town.run("demo", "--picture", "again.png").stdout
    rows = {line.split()[0]: line.split()[1:] for line in printed.splitlines() if line.startswith("house-")}
    assert rows == {
        each.name: [
            *(ENERGY.number(amount, 1) for amount in (each.consumed, each.own_use, each.shared_in)),
            *(ENERGY.number(amount, 1) for amount in (each.discharged - traded, traded, each.bought)),
            f"{float(each.savings or 0):z,.2f}",
        ]
        for each, traded in zip(houses, week.from_market.sum(axis=0).tolist(), strict=True)
        if each.name.startswith("house-")
    }
    words = " ".join(printed.split())
    assert "Sonnental, Mon 22 Jun to Mon 22 Jun 2026" in words
    assert "12 houses, 9 of them with solar modules, share what they produce" in words
    assert "Market 1 auction of what is stored" in words
    assert f"Saved {float(all_.savings or 0):,.2f} EUR against the grid alone" in words
    assert "No modules house-01, house-03, house-06: " in words
    assert f"Bill of house-06: {bill.line.shared_in / 1_000:.3f} kWh" in words
    assert "Bill written to again-bill.pdf" in words
    assert Path("again-bill.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.slow
def test_the_whole_day(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """`demo --all`, for people at each width and for programs, of one day that is lived once."""
    monkeypatch.setattr(day, "lived", cache(day.lived))
    report_once(monkeypatch)
    check(town, monkeypatch, Template("demo --all --picture $FOLDER.png"), {})
    assert Path("piped.png").read_bytes().startswith(b"\x89PNG")

    words = " ".join(town.run("demo", "--all", "--picture", "again.png").stdout.split())
    assert "minted 259.068 kWh = held 226.093 kWh + consumed 28.025 kWh + lost in charging 4.950 kWh" in words
    assert "payments sum to zero" in words
    assert "Reservoir" in words
    assert "Treatment plant" in words

    done = town.run("demo", "--all", "--json", "--picture", "plain.png")
    assert (done.exit_code, done.stderr) == (0, "Picture written to plain.png\n")
    told = json.loads(done.stdout)
    assert list(told) == ["energy", "water", "waste"]
    assert (told["water"]["resource"], told["waste"]["resource"]) == ("WATER", "WASTE")
    energy = told["energy"]
    found = [energy[name] for name in ("minted_wh", "held_wh", "consumed_wh", "lost_wh")]
    assert found == [259_068, 226_093, 28_025, 4_950]
    households, hours = energy["households"], energy["hours"]
    assert energy["minted_wh"] == sum(each["metered_wh"] for each in households) == hours[-1]["minted_wh"]
    paid = sum(each["paid_microcoins"] for each in households)
    assert paid + energy["operator_paid_microcoins"] + energy["fees_microcoins"] == 0
    assert energy["volume_wh"] == sum(each["sold_wh"] for each in households)
    asks = [each["price_microcoins_per_kwh"] for each in energy["orders"] if each["side"] == "OFFER"]
    assert energy["price_microcoins_per_kwh"] == min(asks)
    assert energy["violations"] == []
