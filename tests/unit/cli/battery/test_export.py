"""Members, events and statements as files that add up."""

import csv
import json
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from solders.signature import Signature

from amalgam.units import Resource
from tests.support.battery import ALLOCATION_LIFETIME
from tests.support.node import NOON
from tests.unit.cli.conftest import Town

HOUR = 3_600
FLOWS = ("opening", "deposited", "lost", "consumed", "withdrawn", "closing")
FILES = {f"{name}.{kind}" for name in ("members", "events", "statements") for kind in ("csv", "json")}


@pytest.fixture
def busy(town: Town) -> Town:
    """An event every hour from 13:00 on, the second day's being the last four."""
    town.chain.unix_timestamp = NOON + HOUR
    town.deposit("owner", 5_001)
    town.chain.unix_timestamp += HOUR
    town.deposit("neighbour", 1_000)
    town.chain.unix_timestamp += HOUR
    town.allocate("owner", 1_500)
    town.chain.unix_timestamp += HOUR
    town.lines("consume", town.battery, "400Wh", by="owner")
    town.chain.unix_timestamp = NOON + 24 * HOUR
    town.lines("withdraw", town.battery, "1kWh", by="owner")
    town.chain.unix_timestamp += HOUR
    town.deposit("neighbour", 10)
    town.chain.unix_timestamp += HOUR
    town.lines("member", "open", town.battery, town["newcomer"])
    town.chain.unix_timestamp += HOUR
    town.lines("release", town.battery, town["owner"])
    return town


def exported(town: Town, *options: object) -> dict[str, Any]:
    """What the JSON files hold, by name, once the CSV files hold the same."""
    folder = Path(mkdtemp(dir=town.home)) / "books"
    town.lines("battery", "export", town.battery, folder, *options)
    assert {path.name for path in folder.iterdir()} == FILES
    found = {}
    for name in ("members", "events", "statements"):
        found[name] = json.loads((folder / f"{name}.json").read_text())
        with (folder / f"{name}.csv").open(newline="") as file:
            rows = [{key: value for key, value in row.items() if value != ""} for row in csv.DictReader(file)]
        assert rows == [
            {key: str(value) for key, value in row.items() if value is not None} for row in found[name][name]
        ]
    return found


def statements(town: Town, found: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """The statements' figures by member, each of which adds up."""
    owners = {str(town[name]): name for name in ("owner", "neighbour", "newcomer")}
    lines = {
        owners[row["owner"]]: tuple(row[f"{flow}_Wh"] for flow in FLOWS)
        for row in found["statements"]["statements"]
    }
    for opening, deposited, lost, consumed, withdrawn, closing in lines.values():
        assert opening + deposited - lost - consumed - withdrawn == closing
    return lines


def test_everything(busy: Town) -> None:
    found = exported(busy)
    head = {
        "battery": str(busy.battery),
        "resource": "ENERGY",
        "unit": "Wh",
        "since": None,
        "until": None,
    }
    assert {key: value for key, value in found["members"].items() if key != "members"} == head
    lines = statements(busy, found)
    assert lines == {
        "owner": (0, 5_001, 501, 400, 1_000, 3_100),
        "neighbour": (0, 1_010, 101, 0, 0, 909),
        "newcomer": (0, 0, 0, 0, 0, 0),
    }
    state = busy.state()
    assert sum(line[-1] for line in lines.values()) == state["battery"].stored == state["vault"]
    owners = [str(busy[name]) for name in ("owner", "neighbour", "newcomer")]
    members = {row["owner"]: row for row in found["members"]["members"]}
    assert sorted(members) == sorted(owners)
    assert members[str(busy["owner"])] == {
        "owner": str(busy["owner"]),
        "balance_Wh": 3_100,
        "allocated_Wh": 0,
        "allocation_limit_Wh": None,
        "allocation_expiry": "2026-06-22T15:00:00+00:00",
    }
    assert members[str(busy["newcomer"])]["allocation_expiry"] is None
    events = found["events"]["events"]
    assert [event["sequence"] for event in events] == list(range(1, 12))
    assert events[3] == {
        "sequence": 4,
        "event": "Deposited",
        "timestamp": "2026-06-21T13:00:00+00:00",
        "slot": events[3]["slot"],
        "signature": events[3]["signature"],
        "owner": str(busy["owner"]),
        "member": str(busy.member("owner")),
        "amount_Wh": 5_001,
        "credit_Wh": 4_500,
        "balance_Wh": 4_500,
        "available_Wh": 4_500,
        "allocated_Wh": 0,
    }
    assert events[0]["allocation_lifetime_s"] == ALLOCATION_LIFETIME
    signature = Signature.from_string(events[3]["signature"])
    assert busy.chain.landed(signature).slot == events[3]["slot"]


def test_what_is_printed(busy: Town) -> None:
    name = "[red]:smile:"  # which no library is to make anything of
    titles, rule, *rows, _, total, written = busy.lines("battery", "export", busy.battery, name)
    assert titles.split() == ["Member", *(flow.capitalize() for flow in FLOWS)]
    assert set(rule) == {"─"}
    assert sorted(map(str.split, rows)) == sorted(
        [
            [str(busy["owner"]), "0.000", "5.001", "0.501", "0.400", "1.000", "3.100"],
            [str(busy["neighbour"]), "0.000", "1.010", "0.101", "0.000", "0.000", "0.909"],
            [str(busy["newcomer"]), *["0.000"] * 6],
        ]
    )
    assert total.split() == ["All", "3,", "in", "kWh", "0.000", "6.011", "0.602", "0.400", "1.000", "4.009"]
    assert written == f"Written to {name}: members, events and statements, as CSV and JSON"
    assert busy.json("battery", "export", busy.battery, "again") == {
        "battery": str(busy.battery),
        "resource": "ENERGY",
        "unit": "Wh",
        "since": None,
        "until": None,
        "folder": "again",
        "events": 11,
        "members": 3,
        "total": {
            "opening_Wh": 0,
            "deposited_Wh": 6_011,
            "lost_Wh": 602,
            "consumed_Wh": 400,
            "withdrawn_Wh": 1_000,
            "closing_Wh": 4_009,
        },
    }


def test_a_period(busy: Town) -> None:
    """It includes its first second, and not its last; the members are as they were then."""
    period = ("--since", "2026-06-21T14:00Z", "--until", "2026-06-22T13:00Z")
    found = exported(busy, *period)
    assert found["events"]["since"] == "2026-06-21T14:00:00+00:00"
    assert [event["sequence"] for event in found["events"]["events"]] == [5, 6, 7, 8]
    assert statements(busy, found) == {
        "owner": (4_500, 0, 0, 400, 1_000, 3_100),
        "neighbour": (0, 1_000, 100, 0, 0, 900),
    }
    members = {row["owner"]: row for row in found["members"]["members"]}
    assert members[str(busy["owner"])]["allocated_Wh"] == 1_100


def test_periods_join_without_a_gap(busy: Town) -> None:
    """One's closing is the next one's opening, wherever they are cut."""
    hours = [f"2026-06-{21 + hour // 24}T{hour % 24:02}:00Z" for hour in (14, 16, 36, 38)]
    whole = statements(busy, exported(busy))
    parts = []
    for since, until in pairwise([None, *hours, None]):
        options = [*(["--since", since] if since else []), *(["--until", until] if until else [])]
        parts.append(statements(busy, exported(busy, *options)))
    for before, after in pairwise(parts):
        for name, line in after.items():
            assert line[0] == before.get(name, (0,))[-1]
    for name, line in whole.items():
        flows = zip(*(part[name][1:-1] for part in parts if name in part), strict=True)
        assert tuple(map(sum, flows)) == line[1:-1]


def test_a_reservoir_is_in_its_own_units(town: Town) -> None:
    reservoir = town.begin(Resource.WATER)
    town.lines("deposit", reservoir, "150L", by="owner")
    *_, total, _ = town.lines("battery", "export", reservoir, "books")
    assert total.split() == ["All", "1,", "in", "m³", "0.000", "0.150", "0.015", "0.000", "0.000", "0.135"]
    [row] = json.loads(Path("books/statements.json").read_text())["statements"]
    amounts = {name: value for name, value in row.items() if name != "owner"}
    assert amounts == {
        "opening_L": 0,
        "deposited_L": 150,
        "evaporated_L": 15,
        "consumed_L": 0,
        "withdrawn_L": 0,
        "closing_L": 135,
    }


def test_a_battery_without_members(town: Town) -> None:
    battery = town.json("battery", "create", town.mint, "--capacity", "1kWh", by="neighbour")["battery"]
    total = town.json("battery", "export", battery, "books")["total"]
    assert total == {f"{flow}_Wh": 0 for flow in FLOWS}
    assert Path("books/statements.csv").read_text() == (
        "owner,opening_Wh,deposited_Wh,lost_Wh,consumed_Wh,withdrawn_Wh,closing_Wh\n"
    )


def test_where_it_cannot_be_written(busy: Town) -> None:
    Path("there").mkdir()
    assert busy.refusal("battery", "export", busy.battery, "there") == (
        2,
        "there: is there already; name another folder, or move it away",
    )
    assert busy.refusal("battery", "export", busy.battery, "nowhere/books") == (
        2,
        "nowhere/books: there is no folder nowhere; create it or choose another",
    )
    name = "b" * 300
    assert busy.refusal("battery", "export", busy.battery, name) == (
        2,
        f"{name}: File name too long; choose another folder",
    )
    assert busy.refusal(
        "battery",
        "export",
        busy.battery,
        "books",
        "--since",
        "2026-06-22T00:00Z",
        "--until",
        "2026-06-21T00:00Z",
    ) == (2, "--since is not before --until; correct one")
    assert busy.refusal("battery", "export", busy.battery, "books", "--until", "2026-06-21T12:00Z") == (
        3,
        "the battery was created after that period; choose a later end",
    )
    assert not list(Path("there").iterdir())


def test_whole_or_nothing(busy: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full before the last file: none is there, nor anything else that was not before."""
    before = sorted(Path().iterdir())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(csv.DictWriter, "writerows", full)
    assert busy.refusal("battery", "export", busy.battery, "books") == (
        2,
        "books: No space left on device; choose another folder",
    )
    assert sorted(Path().iterdir()) == before


def test_a_node_that_has_forgotten(busy: Town) -> None:
    busy.forget(1, 2, 3)
    assert busy.refusal("battery", "export", busy.battery, "books") == (
        4,
        "events 1 to 3 are missing: the node lacks that part of the history, or its log was cut off; "
        "name one that has all of it with --url",
    )
    assert not Path("books").exists()


def test_a_chain_that_does_not_hold_what_its_events_tell(busy: Town) -> None:
    busy.forge_available(busy.state()["battery"].available - 1)
    assert busy.refusal("battery", "export", busy.battery, "books") == (
        1,
        "the events do not add up to what the chain holds; run: amalgam battery audit",
    )
    assert not Path("books").exists()
