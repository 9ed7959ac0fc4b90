"""A community that settles what it has shared, on the command line: each success beside its refusals."""

import json
from pathlib import Path
from typing import Any

import pytest

from amalgam.chain.embedded import EmbeddedChain
from amalgam.sharing.program import (
    Community,
    Line,
    Participant,
    community_address,
    line_address,
    participant_address,
    period_address,
)
from tests.support.marketplace import Marketplace
from tests.support.node import NOON
from tests.unit.billing.conftest import written
from tests.unit.cli.conftest import NOBODY, Town, Traders

COINS = 10**9  # of payment, everybody's: 1,000 tokens
WEEK = 7 * 86_400
MEMBERS = {"farm": "newcomer", "house-1": "owner", "house-2": "neighbour"}
READINGS = """\
timestamp,member,generated_Wh,consumed_Wh
2026-06-20T10:00:00Z,farm,1001,0
2026-06-20T10:00:00Z,house-1,0,700
2026-06-20T10:00:00Z,house-2,0,400
2026-06-20T10:15:00Z,farm,500,0
2026-06-20T10:15:00Z,house-1,100,0
2026-06-20T10:15:00Z,house-2,0,300
"""
FILE = """\
name = "Sonnental"
{address}readings = ["june.csv"]

[key]
kind = "dynamic"

[prices]
bought = "0.30"
sold = "0.08"
shared = "0.299"
"""
CHARGES = {"farm": 0, "house-1": 190_463, "house-2": 198_536}
CREDITS = {"farm": 355_346, "house-1": 14_202, "house-2": 0}


class Village(Traders):
    """A town's command beside a community, and the file of its members and readings."""

    def __init__(self, town: Town, trade: Marketplace) -> None:
        super().__init__(town, trade)
        self.mint = trade.mints["payment"]
        self.community = community_address(trade["operator"], self.mint)
        for name in ("operator", "owner", "neighbour", "newcomer"):
            trade.give(name, "payment", COINS)
        self.file = town.home / "sonnental.toml"
        (town.home / "june.csv").write_text(READINGS)
        self.write_file(f'address = "{self.community}"\n')

    def write_file(self, address: str, **owners: str) -> None:
        found = {name: str(self.trade[wallet]) for name, wallet in MEMBERS.items()} | owners
        members = (f'\n[[member]]\nname = "{name}"\nowner = "{owner}"\n' for name, owner in found.items())
        self.file.write_text(FILE.format(address=address) + "".join(members))

    def now(self) -> Community:
        return Community.from_bytes(self.trade.chain.account(self.community).data)

    def participant(self, name: str) -> Participant:
        address = participant_address(self.community, self.trade[name])
        return Participant.from_bytes(self.trade.chain.account(address).data)

    def line(self, name: str) -> Line:
        participant = participant_address(self.community, self.trade[name])
        address = line_address(period_address(self.community, 0), participant)
        return Line.from_bytes(self.trade.chain.account(address).data)

    def join(self, prepaid: str = "0.25") -> None:
        """Everybody has joined, been admitted and prepaid so many tokens."""
        for name in MEMBERS.values():
            self.done("sharing", "admit", self.community, self.trade[name])
            self.done("sharing", "fund", self.community, prepaid, by=name)

    def verify(self, *files: object) -> tuple[int, Any, str]:
        found = self.town.run("statement", "verify", self.file, *files, "--output", "json")
        return found.exit_code, json.loads(found.stdout), found.stderr

    def travel_to(self, moment: int) -> None:
        self.trade.chain.unix_timestamp = moment


@pytest.fixture
def empty_village(town: Town, chain: EmbeddedChain, request: pytest.FixtureRequest) -> Village:
    """No community yet."""
    return Village(town, Marketplace(chain, request.node.nodeid, town.keys))


@pytest.fixture
def village(empty_village: Village) -> Village:
    """The operator's community."""
    empty_village.done("sharing", "create", empty_village.mint, "--objection-time", "7d", "--fee", "5%")
    return empty_village


# Creating, joining and paying in


def test_create_and_show(village: Village) -> None:
    community = village.now()
    assert (community.authority, community.objection_time, community.fee_bps) == (
        village.trade["operator"],
        WEEK,
        500,
    )
    shown = village.town.lines("sharing", "show", village.community)
    assert any("7 d for objections, at most 5 % of the charges are kept" in line for line in shown)
    assert village.town.run("sharing", "show", NOBODY).exit_code == 3
    told = village.town.json("sharing", "show", village.community)
    assert (told["prepaid"], told["periods"], told["fee_bps"]) == (0, [], 500)


def test_create_refuses_a_fee_and_a_time(empty_village: Village) -> None:
    create = ("sharing", "create", empty_village.mint, "--objection-time")
    assert empty_village.refused(*create, "7d", "--fee", "20.01%") == "fee exceeds 2000 basis points"
    assert empty_village.refused(*create, "31d") == "objection time exceeds 30 days"
    assert empty_village.refusal(*create, "soon")[0] == 2


def test_join_is_admitted_and_leaves(village: Village) -> None:
    village.done("sharing", "join", village.community, by="owner")
    assert not village.participant("owner").is_admitted
    owner = village.trade["owner"]
    assert village.refused("sharing", "admit", village.community, owner, by="owner") == (
        "signer is not the authority"
    )
    village.done("sharing", "admit", village.community, owner, "--limit", "2.5")
    assert (village.participant("owner").credit_limit, village.now().participant_count) == (2_500_000, 1)
    village.done("sharing", "limit", village.community, owner)
    assert village.participant("owner").credit_limit == 0
    village.done("sharing", "leave", village.community, by="owner")
    assert not village.participant("owner").is_admitted
    assert village.refused("sharing", "leave", village.community, owner) == "participant is not admitted"
    assert village.refusal("sharing", "leave", village.community, by="neighbour")[0] == 3


def test_fund_and_withdraw(village: Village) -> None:
    village.join()
    assert village.now().prepaid == 750_000
    listed = village.town.json("sharing", "list", village.community)["participants"]
    assert [each["funds"] for each in listed] == [250_000] * 3
    assert village.refused("sharing", "withdraw", village.community, "0.250001", by="owner") == (
        "amount exceeds the free balance"
    )
    village.done("sharing", "withdraw", village.community, "0.25", by="owner")
    assert village.participant("owner").funds == 0
    village.done("sharing", "fund-reserve", village.community, "3")
    assert village.refused("sharing", "withdraw-reserve", village.community, "3.1") == (
        "amount exceeds the free reserve"
    )
    village.done("sharing", "withdraw-reserve", village.community, "1")
    assert village.now().reserve == 2_000_000
    assert village.refusal("sharing", "fund", village.community, "0.0000001", by="owner")[0] == 2
    assert village.town.run("sharing", "audit", village.community).exit_code == 0


# Settling


def test_settle_verify_object_and_settle_again(village: Village) -> None:
    village.join()
    preview = village.town.json("sharing", "settle", village.file, "--dry-run")
    assert {each["member"]: each["charge"] for each in preview["lines"]} == CHARGES
    assert village.town.run("statement", "verify", village.file).exit_code == 3

    settled = village.town.json("sharing", "settle", village.file)
    assert (settled["state"], settled["digest"]) == ("CLOSED", preview["digest"])
    for member, name in MEMBERS.items():
        assert (village.line(name).charge, village.line(name).credit) == (CHARGES[member], CREDITS[member])
    code, told, _ = village.verify()
    assert (code, told["lines"], told["differences"]) == (0, 3, [])
    village.done("sharing", "object", village.community, by="owner")
    assert village.line("owner").objected
    assert village.refused("sharing", "withdraw", village.community, "0.25", by="owner") == (
        "amount exceeds the free balance"
    )

    village.travel_to(NOON + WEEK)
    assert village.town.json("sharing", "settle", village.file)["state"] == "SETTLED"
    for member, name in MEMBERS.items():
        assert village.participant(name).funds == 250_000 - CHARGES[member] + CREDITS[member]
    assert village.now().reserve == sum(CHARGES.values()) - sum(CREDITS.values()) == 19_451
    assert village.verify()[0] == 0
    assert village.town.run("sharing", "audit", village.community).exit_code == 0
    history = village.town.json("history", village.community)["events"]
    assert [each["event"] for each in history].count("LineSettled") == 3
    assert village.refusal("sharing", "object", village.community, by="owner")[0] == 3


def test_bills_add_up_to_what_was_settled(village: Village) -> None:
    """A month of readings is settled with the community's fee of 5 %, and billed from the chain's lines."""
    village.join(prepaid="400")
    town, file = village.town, written(village.town.home) / "three.toml"
    owners = dict(zip(("hut", "house", "mill"), MEMBERS.values(), strict=True))
    text = f'address = "{village.community}"\n{file.read_text()}'
    for name, wallet in owners.items():
        line = f'name = "{name}"\n'
        text = text.replace(line, f'{line}owner = "{village.trade[wallet]}"\n')
    file.write_text(text)
    code, complaint = town.refusal("statement", "lines", file, "2026-02")
    assert (code, complaint.partition(" from ")[0]) == (
        3,
        f"there is no settled period of {village.community}",
    )
    town.json("sharing", "settle", file)
    assert town.run("statement", "lines", file, "2026-02").exit_code == 3  # the time for objections
    village.travel_to(NOON + WEEK)
    assert town.json("sharing", "settle", file)["state"] == "SETTLED"

    lines = town.run("statement", "lines", file, "2026-02", "--output", "json").stdout
    told = json.loads(lines)
    assert (told["period"], told["decimals"], told["fee_bps"]) == ("2026-02", 6, 500)
    assert {each["member"]: (each["charge"], each["credit"]) for each in told["lines"]} == {
        name: (village.line(wallet).charge, village.line(wallet).credit) for name, wallet in owners.items()
    }
    posted = town.home / "lines.json"
    posted.write_text(lines)
    result = town.run("bill", "final", file, "2026-02", "--posted", posted)
    assert (result.exit_code, result.stderr) == (0, "")
    run = json.loads((town.home / "bills" / "2026-02" / "run.json").read_text())
    assert (run["is_posted"], by_member(run["lines"]), run["lines"]["fee_bps"]) == (
        True,
        by_member(told),
        500,
    )

    told["fee_bps"] = 0
    posted.write_text(json.dumps(told))
    code, complaint = town.refusal("bill", "preview", file, "2026-02", "--posted", posted)
    assert (code, ": credit is posted as " in complaint) == (1, True)
    file.write_text(text.replace('zone = "Europe/Vienna"\n', ""))
    assert town.refusal("statement", "lines", file, "2026-02") == (
        2,
        f'{file}: it has no zone; add zone = "Europe/Vienna", or where it is',
    )


def by_member(lines: dict[str, Any]) -> dict[str, Any]:
    return {each["member"]: each for each in lines["lines"]}


def test_verify_finds_an_authority_that_posts_against_the_digest(village: Village) -> None:
    """The operator posts lines of other readings, by which house-2 has got more; then of another price."""
    village.join()
    other = village.town.home / "other.csv"
    other.write_text(READINGS.replace("house-2,0,400", "house-2,0,401"))
    village.done("sharing", "fund-reserve", village.community, "1")
    village.town.json("sharing", "settle", village.file, other)

    code, told, said = village.verify()
    assert code == 1
    assert told["digest"]["computed"] != told["digest"]["posted"]
    assert {each["member"] for each in told["differences"]} == {"house-1", "house-2"}
    assert "if it is your line, object" in said
    assert village.verify(other)[0] == 0
    shown = village.town.run("statement", "verify", village.file)
    assert (shown.exit_code, "shared in" in shown.stdout) == (1, True)

    village.done("sharing", "call-off", village.community)
    assert village.town.run("statement", "verify", village.file).exit_code == 3
    village.town.json("sharing", "settle", village.file)
    assert village.verify()[0] == 0
    assert village.verify(other)[0] == 1


def test_settle_says_who_cannot_pay(village: Village) -> None:
    village.join()
    village.done("sharing", "withdraw", village.community, "0.1", by="neighbour")
    code, said = village.refusal("sharing", "settle", village.file)
    assert code == 1
    assert said.startswith(
        f"house-2 ({village.trade['neighbour']}) lacks 48536 base units; have them deposit"
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("address", None, "it has no address; add address"),
        ('owner = "', 'owner = "x', "is not an address; correct it"),
        ("[prices]", None, "it has no prices; add [prices]"),
        ('kind = "dynamic"', 'kind = "dinamic"', "dinamic"),
        ('shared = "0.299"', 'shared = "0.2999999"', "is finer than the tokens paid with"),
    ],
)
def test_settle_refuses_a_file(village: Village, old: str, new: str | None, said: str) -> None:
    text = village.file.read_text()
    if old == "address":
        village.write_file("")
    elif new is None:
        village.file.write_text(text.replace(text[text.index(old) : text.index("[[member]]")], ""))
    else:
        village.file.write_text(text.replace(old, new, 1))
    found = village.town.run("sharing", "settle", village.file)
    assert (found.exit_code, said in found.stderr) == (2, True), found.output


def test_settle_wants_an_owner_for_each_member(village: Village) -> None:
    village.write_file(f'address = "{village.community}"\n', farm=str(village.trade["owner"]))
    code, said = village.refusal("sharing", "settle", village.file)
    assert (code, said.partition(": ")[2]) == (
        2,
        "house-1 has the owner of another member; give each their own",
    )
    text = village.file.read_text()
    village.file.write_text(text.replace(f'owner = "{village.trade["owner"]}"\n', "", 1))
    code, said = village.refusal("sharing", "settle", village.file)
    assert (code, "farm has no owner; add owner" in said) == (2, True)


def test_what_is_found_nowhere(village: Village, tmp_path: Path) -> None:
    for command in (("show",), ("list",), ("audit",), ("join",), ("call-off",)):
        assert village.town.run("sharing", *command, NOBODY).exit_code == 3
    assert village.refusal("sharing", "settle", tmp_path / "nothing.toml")[0] == 2


def test_pause_and_handover(village: Village) -> None:
    village.done("sharing", "join", village.community, by="owner")
    village.done("sharing", "pause", village.community)
    assert village.refused("sharing", "fund", village.community, "1", by="owner") == "community is paused"
    village.done("sharing", "resume", village.community)
    village.done("sharing", "handover", village.community, village.trade["newcomer"])
    village.done("sharing", "accept", village.community, by="newcomer")
    assert village.now().authority == village.trade["newcomer"]
