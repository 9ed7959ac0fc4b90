"""Issuers and meters on the command line: each command's success, with all that changed, beside refusals."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from solders.account import Account
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.token.state import Mint, TokenAccount
from spl.token.instructions import get_associated_token_address
from typer.testing import Result

from amalgam.cli.metering.meter_run import spans
from amalgam.metering.client import EnergyMeteringClient
from amalgam.metering.program import Issuer, Meter, issuer_address, meter_address, mint_address
from amalgam.programs import Program
from amalgam.units import Resource
from tests.faults.faulty import Fault
from tests.support.inverter import inverter, served, sunspec
from tests.support.node import NOON
from tests.unit.cli.conftest import NOBODY, Town

REFUSALS = {
    refusal.message: f"{refusal.message}: {refusal.cause} {refusal.remedy}"
    for refusal in Program.ENERGY_METERING.refusals
}
HOUR = 3_600


@dataclass
class Metered:
    """A town whose operator has an issuer; the newcomer's key is in the device of the owner's meter."""

    town: Town
    issuer: Pubkey

    @property
    def device(self) -> Pubkey:
        return self.town["newcomer"]

    def state(self) -> tuple[Issuer, list[Meter], int | None, int]:
        """The issuer, its meters, what the owner has of its tokens, and what there are."""
        client = EnergyMeteringClient(self.town.chain.client(), self.town.keys["operator"])
        mint, chain = mint_address(self.issuer), self.town.chain
        tokens, supply = (
            chain.account(get_associated_token_address(self.town["owner"], mint)),
            chain.account(mint),
        )
        return (
            asyncio.run(client.issuer(self.issuer)),
            asyncio.run(client.meters(self.issuer)),
            tokens and TokenAccount.from_bytes(tokens.data).amount,
            Mint.from_bytes(supply.data).supply,
        )

    def refused(self, *arguments: object, by: str = "operator") -> tuple[int, str]:
        before = self.state()
        refusal = self.town.refusal(*arguments, by=by)
        assert self.state() == before
        return refusal

    def registers(self, *readings: tuple[int, str]) -> str:
        """A file of what the register showed, so many hours after noon."""
        lines = ["read_at,register_kWh", *(f"{NOON + hours * HOUR},{kwh}" for hours, kwh in readings)]
        path = self.town.home / "registers.csv"
        path.write_text("\n".join(lines) + "\n")
        return str(path)

    def reporting(self, *options: object, by: str = "newcomer") -> Result:
        return self.town.run("meter", "run", self.issuer, *options, "--once", by=by)


@pytest.fixture
def metered(town: Town) -> Metered:
    town.lines("issuer", "create")
    found = Metered(town, issuer_address(town["operator"], 0))
    reading = ("--rated", "5kW", "--register", "1000kWh")
    town.lines("meter", "register", found.issuer, found.device, town["owner"], *reading)
    town.lines("wallet", "open", mint_address(found.issuer), by="owner")
    return found


# Issuers


@pytest.mark.parametrize(
    ("options", "number", "resource", "noun"),
    [
        ([], 0, Resource.ENERGY, "energy"),
        (["--resource", "water", "--number", "7"], 7, Resource.WATER, "water"),
        (["--resource", "waste", "--number", "255"], 255, Resource.WASTE, "waste"),
    ],
)
def test_create(town: Town, options: list[str], number: int, resource: Resource, noun: str) -> None:
    address = issuer_address(town["owner"], number)
    mint = mint_address(address)
    done = town.done("issuer", "create", *options, by="owner")
    assert done == f"Created issuer {address} of {noun}, with mint {mint}"
    issuer, meters, tokens, supply = Metered(town, address).state()
    owner = town["owner"]
    assert issuer == Issuer(owner, owner, owner, mint, 0, 0, 1, number, resource, False, issuer.bump)
    assert (meters, tokens, supply) == ([], None, 0)
    assert town.refusal("issuer", "create", *options, by="owner") == (
        1,
        "AccountAlreadyInUse: There is an account at that address already. Use it, or another address.",
    )


def test_what_is_created_for_programs(town: Town) -> None:
    answer = town.json("issuer", "create", "--resource", "water")
    issuer = issuer_address(town["operator"], 0)
    assert (answer["issuer"], answer["mint"]) == (str(issuer), str(mint_address(issuer)))
    assert (answer["unit"], [event["event"] for event in answer["events"]]) == ("L", ["IssuerInitialized"])


def test_show_an_issuer(metered: Metered) -> None:
    town = metered.town
    assert town.lines("issuer", "show", metered.issuer) == [
        f"Issuer     {metered.issuer}",
        "Resource   energy",
        "Minted     0.000 kWh",
        "State      takes reports",
        "Meters     1",
        f"Authority  {town['operator']}",
        f"Mint       {mint_address(metered.issuer)}",
        "Events     2",
    ]
    shown = town.json("issuer", "show", metered.issuer)
    assert (shown["minted"], shown["meter_count"], shown["paused"], shown["unit"]) == (0, 1, False, "Wh")
    for address in (NOBODY, town.battery):
        assert metered.refused("issuer", "show", address) == (
            3,
            f"there is no issuer at {address} on {town.cluster}; check the address and --url",
        )


def test_pause_and_resume(metered: Metered) -> None:
    before, *rest = metered.state()
    assert metered.refused("issuer", "resume", metered.issuer) == (1, REFUSALS["issuer is not paused"])
    assert metered.town.done("issuer", "pause", metered.issuer) == "Paused: no reports"
    assert metered.state() == (replace(before, paused=True, sequence=3), *rest)
    assert metered.refused("issuer", "pause", metered.issuer) == (1, REFUSALS["issuer is paused"])
    assert metered.town.done("issuer", "resume", metered.issuer) == "Resumed: reports again"
    assert metered.state() == (replace(before, sequence=4), *rest)


def test_hand_over(metered: Metered) -> None:
    town, (before, *rest) = metered.town, metered.state()
    owner = town["owner"]
    assert metered.refused("issuer", "accept", metered.issuer, by="owner") == (
        1,
        REFUSALS["no new authority is proposed"],
    )
    done = town.done("issuer", "handover", metered.issuer, owner)
    assert done == f"Proposed {owner} as the authority"
    assert f"Proposed   {owner}, who has to accept" in town.lines("issuer", "show", metered.issuer)
    done = town.done("issuer", "accept", metered.issuer, by="owner")
    assert done == f"Handed over to {owner}, the authority now"
    after = replace(before, authority=owner, pending_authority=owner, sequence=4)
    assert metered.state() == (after, *rest)
    assert metered.refused("issuer", "pause", metered.issuer) == (1, REFUSALS["signer is not the authority"])


def test_audit(metered: Metered) -> None:
    metered.town.chain.unix_timestamp = NOON + HOUR
    metered.reporting("--csv", metered.registers((1, "1004.5")))
    assert metered.town.lines("issuer", "audit", metered.issuer) == [
        "Minted              4.500 kWh",
        "Brought by 1 meter  4.500 kWh",
        "Tokens              4.500 kWh",
        "Burned              0.000 kWh",
        "Audit               all adds up, as of event 3",
    ]


# Meters


def test_register(metered: Metered) -> None:
    town, (issuer, meters, *tokens) = metered.town, metered.state()
    options = ("--rated", "800W", "--register", "0kWh")
    done = town.done("meter", "register", metered.issuer, NOBODY, town["neighbour"], *options)
    assert done == f"Registered device {NOBODY} of {town['neighbour']}, rated 0.800 kW, from 0.000 kWh on"
    added = Meter(metered.issuer, NOBODY, town["neighbour"], 800, 0, NOON, 0, retired=False)
    after = sorted([*meters, added], key=lambda meter: bytes(meter.device))
    assert metered.state() == (replace(issuer, meter_count=2, sequence=3), after, *tokens)


@pytest.mark.parametrize(
    ("rated", "register", "complaint"),
    [
        (
            "5kWh",
            "0kWh",
            "Invalid value for --rated: '5kWh' is not a rating; write it like 5kW, 800W, 0.2m3/h or 40kg/h",
        ),
        (
            "0.2m3/h",
            "0m3",
            "Invalid value for --rated: '0.2m3/h' is water, and this issuer's meters measure energy",
        ),
        (
            "5kW",
            "1t",
            "Invalid value for --register: '1t' is waste, and this issuer's meters measure energy",
        ),
        (
            "5kW",
            "-1kWh",
            "Invalid value for --register: '-1kWh' is not an amount; write it like 3.5kWh, 0.2m3 or 40kg",
        ),
    ],
)
def test_what_cannot_be_registered(metered: Metered, rated: str, register: str, complaint: str) -> None:
    options = ("--rated", rated, "--register", register)
    command = ("meter", "register", metered.issuer, NOBODY, NOBODY, *options)
    assert metered.refused(*command) == (2, complaint)


def test_who_cannot_register_what(metered: Metered) -> None:
    def refused(device: Pubkey, rated: str, by: str = "operator") -> tuple[int, str]:
        options = ("--rated", rated, "--register", "0kWh")
        return metered.refused("meter", "register", metered.issuer, device, NOBODY, *options, by=by)

    assert refused(NOBODY, "5kW", by="owner") == (1, REFUSALS["signer is not the authority"])
    assert refused(NOBODY, "1000001kW") == (1, REFUSALS["rated power exceeds a gigawatt"])
    assert refused(metered.device, "5kW") == (
        1,
        "AccountAlreadyInUse: There is an account at that address already. Use it, or another address.",
    )


def test_show_and_list_meters(metered: Metered) -> None:
    town = metered.town
    assert town.lines("meter", "show", metered.issuer, metered.device) == [
        f"Meter     {meter_address(metered.issuer, metered.device)}",
        f"Device    {metered.device}",
        f"Owner     {town['owner']}",
        "Rated     5.000 kW",
        "Register  1,000.000 kWh at 2026-06-21 12:00:00 UTC",
        "Minted    0.000 kWh",
        "State     in service",
    ]
    assert town.json("meter", "show", metered.issuer, metered.device)["rated_power"] == 5_000
    row = town.lines("meter", "list", metered.issuer)[2]
    assert row.split() == [
        *(str(metered.device), str(town["owner"]), "5.000", "kW", "1,000.000"),
        *("2026-06-21", "12:00:00", "UTC", "0.000", "in", "service"),
    ]
    [listed] = town.json("meter", "list", metered.issuer)["meters"]
    assert (listed["device"], listed["retired"]) == (str(metered.device), False)
    assert metered.refused("meter", "show", metered.issuer, NOBODY) == (
        3,
        f"there is no meter of device {NOBODY} with issuer {metered.issuer} on {town.cluster}; "
        f"have its authority run: amalgam meter register {metered.issuer} {NOBODY} OWNER",
    )


def test_water_is_not_told_in_kwh(town: Town) -> None:
    issuer = town.json("issuer", "create", "--resource", "water")["issuer"]
    options = ("--rated", "0.2m3/h", "--register", "12m3")
    done = town.done("meter", "register", issuer, NOBODY, town["neighbour"], *options)
    assert done == f"Registered device {NOBODY} of {town['neighbour']}, rated 0.200 m³/h, from 12.000 m³ on"
    assert "Register  12.000 m³ at 2026-06-21 12:00:00 UTC" in town.lines("meter", "show", issuer, NOBODY)


def test_replace_and_retire(metered: Metered) -> None:
    town, (issuer, [meter], *tokens) = metered.town, metered.state()
    command = ("meter", "replace", metered.issuer, metered.device, NOBODY, "--register", "7kWh")
    assert metered.refused(*command, by="owner") == (1, REFUSALS["signer is not the authority"])
    assert town.done(*command) == f"Replaced by device {NOBODY}, from 7.000 kWh on"
    retired, added = replace(meter, retired=True), replace(meter, device=NOBODY, register=7_000)
    after = sorted([retired, added], key=lambda each: bytes(each.device))
    assert metered.state() == (replace(issuer, meter_count=2, sequence=3), after, *tokens)
    assert metered.refused("meter", "retire", metered.issuer, metered.device) == (
        1,
        REFUSALS["meter is retired"],
    )
    assert town.done("meter", "retire", metered.issuer, NOBODY) == "Retired: its device is believed no more"
    assert all(each.retired for each in metered.state()[1])
    town.return_rent(meter_address(metered.issuer, NOBODY), by="operator")


def test_a_dry_run(metered: Metered) -> None:
    town, before, landed = metered.town, metered.state(), metered.town.latest()
    lines = town.lines("meter", "retire", metered.issuer, metered.device, "--dry-run")
    assert lines[:2] == [
        "Dry run: nothing was sent. It would be so:",
        "Retired: its device is believed no more",
    ]
    assert ["meter", "retired", "False", "True"] in [line.split()[:4] for line in lines]
    assert (metered.state(), town.latest()) == (before, landed)


# The agent


def test_run(metered: Metered) -> None:
    town, (issuer, [meter], *_) = metered.town, metered.state()
    town.chain.unix_timestamp = NOON + 2 * HOUR
    file = metered.registers((0, "1000"), (1, "1004.5"), (2, "1006.25"))
    done = metered.reporting("--csv", file)
    assert (done.exit_code, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert re.fullmatch(r"2026-06-21 13:00:00 UTC  1,004.500 kWh  \+4.500 kWh  \w+", first)
    assert second == f"2026-06-21 14:00:00 UTC  1,006.250 kWh  +1.750 kWh  {town.latest()}"
    reported = replace(meter, register=1_006_250, read_at=NOON + 2 * HOUR, minted=6_250)
    after = (replace(issuer, minted=6_250, sequence=4), [reported], 6_250, 6_250)
    assert metered.state() == after

    again = metered.reporting("--csv", file)
    assert (again.exit_code, again.stdout) == (0, "")
    assert again.stderr == "amalgam: 1 row skipped, line 2, from before the meter was registered\n"
    assert metered.state() == after


def test_run_for_programs(metered: Metered) -> None:
    metered.town.chain.unix_timestamp = NOON + HOUR
    result = metered.reporting("--csv", metered.registers((1, "1004.5")), "--output", "json")
    assert json.loads(result.stdout) == {
        "read_at": NOON + HOUR,
        "register": 1_004_500,
        "amount": 4_500,
        "unit": "Wh",
        "signature": str(metered.town.latest()),
    }


def test_a_dry_run_reports_nothing(metered: Metered) -> None:
    town, before, landed = metered.town, metered.state(), metered.town.latest()
    town.chain.unix_timestamp = NOON + HOUR
    command = ("meter", "run", metered.issuer, "--csv")
    lines = town.lines(*command, metered.registers((1, "1004.5")), "--dry-run", by="newcomer")
    assert lines[1] == (
        "Reported 1,004.500 kWh at 2026-06-21 13:00:00 UTC: 4.500 kWh minted, 4.500 kWh in all"
    )
    assert (metered.state(), town.latest()) == (before, landed)
    nothing = town.run(*command, metered.registers((0, "1000")), "--dry-run", by="newcomer")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert nothing.stderr == (
        "amalgam: nothing is newer than the latest report, of 2026-06-21 12:00:00 UTC\n"
    )


@pytest.mark.parametrize(
    ("readings", "message", "reported"),
    [
        ([(1, "999"), (2, "1001")], "register has fallen", 1_000),
        ([(1, "1006"), (2, "1007")], "register has risen faster than the rated power", 7_000),
        ([(1, "1001"), (3, "1002")], "reading is in the future", 1_000),
    ],
)
def test_what_is_refused_is_said_and_the_rest_is_reported(
    metered: Metered, readings: list[tuple[int, str]], message: str, reported: int
) -> None:
    metered.town.chain.unix_timestamp = NOON + 2 * HOUR
    result = metered.reporting("--csv", metered.registers(*readings))
    refusal, end = result.stderr.splitlines()
    assert refusal.endswith(f" kWh: {REFUSALS[message]}")
    assert (result.exit_code, end) == (1, "amalgam: not all was reported: 1 reading refused")
    assert len(result.stdout.splitlines()) == 1
    assert metered.state()[2:] == (reported, reported)


@pytest.mark.parametrize(
    ("prepare", "message"),
    [
        (lambda town, m: town.lines("meter", "retire", m.issuer, m.device), "meter is retired"),
        (lambda town, m: town.lines("issuer", "pause", m.issuer), "issuer is paused"),
    ],
)
def test_what_no_report_can_pass(metered: Metered, prepare: Callable[..., Any], message: str) -> None:
    prepare(metered.town, metered)
    metered.town.chain.unix_timestamp = NOON + 2 * HOUR
    result = metered.reporting("--csv", metered.registers((1, "1001"), (2, "1002")))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.count(REFUSALS[message]) == 1  # and not once for each reading


def test_a_row_that_cannot_be_read_is_told_and_the_others_are_reported(metered: Metered) -> None:
    metered.town.chain.unix_timestamp = NOON + 5 * HOUR
    file = metered.registers((1, "1001"), (2, "unavailable"), (3, "1002"), (4, "unknown"), (5, "unavailable"))
    result = metered.reporting("--csv", file)
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 2)
    assert result.stderr.splitlines() == [
        "amalgam: 3 unreadable rows skipped, lines 3, 5 to 6; the first is "
        f"{file}:3:12: 'unavailable' is not "
        "what a register shows; write digits, with a point before decimals",
        "amalgam: not all was reported: 3 rows unreadable",
    ]
    assert metered.state()[2:] == (2_000, 2_000)


def test_rows_that_come_too_late_are_told(metered: Metered) -> None:
    metered.town.chain.unix_timestamp = NOON + 5 * HOUR
    metered.reporting("--csv", metered.registers((1, "1001"), (4, "1004")))
    file = metered.registers((1, "1001"), (2, "1002"), (3, "1003"), (4, "1004"), (5, "1005"), (1, "1001.5"))
    result = metered.reporting("--csv", file)
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 1)
    assert result.stderr.splitlines() == [
        "amalgam: 3 rows skipped, lines 3 to 4, 7, older than the latest report, of 2026-06-21 16:00:00 UTC",
        "amalgam: not all was reported: 3 rows older than the latest report",
    ]
    assert metered.state()[2:] == (5_000, 5_000)


def test_many_lines_are_not_all_listed() -> None:
    assert spans([3]) == "line 3"
    assert spans([3, 4]) == "lines 3 to 4"
    twenty = ", ".join(str(line) for line in range(1, 40, 2))
    assert spans(list(range(1, 80, 2))) == f"lines {twenty}, and 20 more"


def test_nobody_opens_the_owners_token_account_for_them(metered: Metered) -> None:
    town, mint = metered.town, mint_address(metered.issuer)
    town.close(get_associated_token_address(town["owner"], mint))
    town.chain.unix_timestamp = NOON + HOUR
    command = ("meter", "run", metered.issuer, "--csv", metered.registers((1, "1001")))
    for options in (["--once"], ["--dry-run"]):
        assert metered.refused(*command, *options, by="newcomer") == (
            3,
            f"{town['owner']} has no token account for mint {mint}; "
            f"its owner runs: amalgam wallet open {mint}",
        )
    town.lines("wallet", "open", mint, by="owner")
    town.lines(*command, "--once", by="newcomer")
    assert metered.state()[2:] == (1_000, 1_000)


def test_another_pays_the_devices_fees(metered: Metered) -> None:
    town = metered.town
    town.chain.unix_timestamp = NOON + HOUR
    town.chain.set_account(metered.device, Account(0, b"", SYSTEM_PROGRAM))
    file = metered.registers((1, "1001"))
    alone = metered.reporting("--csv", file)
    assert (alone.exit_code, alone.stdout) == (1, "")
    town.lines(
        *("meter", "run", metered.issuer, "--csv", file, "--once"),
        *("--fee-payer", town.keypair("neighbour")),
        by="newcomer",
    )
    assert metered.state()[2:] == (1_000, 1_000)


def test_a_model_is_chosen_once_and_kept(metered: Metered) -> None:
    town = metered.town
    town.chain.unix_timestamp = int(time.time()) + HOUR
    twice = sunspec((1, 66, 0, 0, 0), (203, 105, 1_001_000, 0, 38), (203, 105, 1_500_000, 0, 38))
    known = town.home / f".local/state/amalgam/meter-{metered.device}.json"
    with served(twice) as port:
        command = ("meter", "run", metered.issuer, "--sunspec", f"127.0.0.1:{port}")
        assert metered.refused(*command, "--once", by="newcomer") == (
            4,
            f"127.0.0.1:{port}, unit 1: several models, 203@40070 (meter, exported), "
            "203@40177 (meter, exported); choose one, like --model 203@40070",
        )
        chosen = (*command, "--model", "203@40070")
        town.lines(*chosen, "--dry-run", by="newcomer")
        assert not known.exists()
        town.lines(*chosen, "--once", by="newcomer")
        assert known.exists()
    _, [meter], *tokens = metered.state()
    assert tokens == [1_000, 1_000]
    while int(time.time()) == meter.read_at:  # a second is the least between two readings
        time.sleep(0.05)
    with served(inverter(1_500_000)) as port:
        command = ("meter", "run", metered.issuer, "--sunspec", f"127.0.0.1:{port}")
        code, said = metered.refused(*command, "--once", by="newcomer")
        assert (code, said.partition(": ")[2].partition(":")[0]) == (
            4,
            "not as it was when model 203@40070 was chosen",
        )
        known.unlink()
        known.write_text("[]")
        assert metered.refused(*command, "--once", by="newcomer") == (
            4,
            f"127.0.0.1:{port}, unit 1: {known} does not tell the model that was chosen; "
            "remove it to choose anew",
        )


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            ["--sunspec", "inverter", "--model", "x"],
            "Invalid value for --model: 'x' is not a model; write it like 203, or 203@40070 with its address",
        ),
        (["--csv", "file", "--model", "203"], "--model is of --sunspec, and has no meaning with --csv"),
    ],
)
def test_a_model_that_cannot_be_chosen(metered: Metered, options: list[str], complaint: str) -> None:
    assert metered.refused("meter", "run", metered.issuer, *options, by="newcomer") == (2, complaint)


def test_what_cannot_be_run(metered: Metered) -> None:
    town, file = metered.town, metered.registers((1, "1001"))
    command = ("meter", "run", metered.issuer)
    neither = (2, "give either --csv or --sunspec, from which the register is read")
    assert metered.refused(*command, by="newcomer") == neither
    assert metered.refused(*command, "--csv", file, "--sunspec", "inverter", by="newcomer") == neither
    for endpoint in ("", ":502", "host:port", "host:0", "http://host", "[::1"):
        assert metered.refused(*command, "--sunspec", endpoint, by="newcomer") == (
            2,
            f"Invalid value for --sunspec: '{endpoint}' is not a host, with or without a port; "
            "write it like 192.168.1.20:502",
        )
    assert metered.refused(*command, "--csv", "missing.csv", by="newcomer") == (
        2,
        "missing.csv: No such file or directory; give the path of a readable CSV file",
    )
    assert metered.refused(*command, "--csv", file, by="neighbour") == (
        3,
        f"there is no meter of device {town['neighbour']} with issuer {metered.issuer} on {town.cluster}; "
        f"have its authority run: amalgam meter register {metered.issuer} {town['neighbour']} OWNER",
    )
    town.keypair("newcomer").chmod(0o640)
    path = town.keypair("newcomer")
    assert metered.refused(*command, "--csv", file, by="newcomer") == (
        2,
        f"{path}: others may read this keypair; run: chmod 600 {path}",
    )


def test_water_is_not_read_from_an_inverter(town: Town) -> None:
    issuer = town.json("issuer", "create", "--resource", "water")["issuer"]
    reading = ("--rated", "0.2m3/h", "--register", "12m3")
    town.lines("meter", "register", issuer, town["newcomer"], town["neighbour"], *reading)
    assert town.refusal("meter", "run", issuer, "--sunspec", "inverter", by="newcomer") == (
        2,
        "--sunspec is for energy, and this issuer's is water; give --csv",
    )


def test_an_inverter_that_does_not_answer(metered: Metered) -> None:
    assert metered.refused(
        "meter", "run", metered.issuer, "--sunspec", "127.0.0.1:1", "--once", by="newcomer"
    ) == (
        4,
        "127.0.0.1:1, unit 1: no answer; check the address and the network",
    )


def test_no_node_answers(metered: Metered) -> None:
    metered.town.node.choose = lambda _: Fault.CUT
    result = metered.reporting("--csv", metered.registers((1, "1001")))
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.startswith("amalgam: no usable answer from ")


@pytest.mark.parametrize("fee", [-1, "x", None])
def test_a_nodes_malformed_number_is_no_usable_answer(metered: Metered, fee: Any) -> None:
    metered.town.chain.unix_timestamp = NOON + HOUR
    metered.town.node.fees = [fee]
    result = metered.reporting("--csv", metered.registers((1, "1001")))
    metered.town.node.fees = []
    assert (result.exit_code, result.stdout) == (4, "")
    assert result.stderr.startswith("amalgam: no usable answer from ")


# History


def test_history(metered: Metered) -> None:
    town = metered.town
    town.chain.unix_timestamp = NOON + HOUR
    metered.reporting("--csv", metered.registers((1, "1004.5")))
    rows = [" ".join(row.split()) for row in town.lines("history", metered.issuer)[2:]]
    mint, device = mint_address(metered.issuer), metered.device
    assert rows == [
        f"1 2026-06-21 12:00:00 UTC created issuer {metered.issuer} of energy, with mint {mint}",
        f"2 2026-06-21 12:00:00 UTC {device} registered device {device} of {town['owner']}, rated 5.000 kW, "
        "from 1,000.000 kWh on",
        f"3 2026-06-21 13:00:00 UTC {device} reported 1,004.500 kWh at 2026-06-21 13:00:00 UTC: "
        "4.500 kWh minted, 4.500 kWh in all",
    ]
    answer = town.json("history", metered.issuer, "--member", device)
    assert (answer["issuer"], answer["unit"], answer["missing"]) == (str(metered.issuer), "Wh", [])
    assert [(event["sequence"], event["device"]) for event in answer["events"]] == [
        (2, str(device)),
        (3, str(device)),
    ]
    town.node.forgotten.add(answer["events"][0]["signature"])
    result = town.run("history", metered.issuer, "--output", "json")
    assert json.loads(result.stdout)["missing"] == [[2, 2]]
