"""What is printed for people, piped and on terminals of any width: numbers and addresses stay whole."""

import re
from collections import Counter
from functools import cache, partial
from string import Template

import pytest
from rich.console import Console
from solders.pubkey import Pubkey

from amalgam.chain import loader
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.loader import ProgramData
from amalgam.cli import day, output, replay
from amalgam.metering.program import mint_address
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
    *("program show", "program close-buffers --dry-run", "deploy --dry-run --url embedded"),
)
DEMOS = ("demo --all", "demo --resource waste", "replay readings.csv")


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
        assert "…" not in piped + shown
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


@pytest.mark.parametrize("command", COMMANDS)
def test_numbers_and_addresses_stay_whole(
    town: Town, names: dict[str, object], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    async def program_data(*_: object) -> ProgramData:
        return ProgramData(123_456, town["owner"], b"", 10**9)

    if command == "program show":
        monkeypatch.setattr(loader, "program_data", program_data)
    check(town, monkeypatch, Template(command), names)


@pytest.mark.parametrize("command", DEMOS)
def test_numbers_stay_whole_in_a_replay(town: Town, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    (town.home / "readings.csv").write_text(READINGS)
    monkeypatch.setattr(day, "lived", cache(day.lived))
    monkeypatch.setattr(replay, "_reported", cache(replay._reported))  # it tells how long it took
    check(town, monkeypatch, Template(command), {})
