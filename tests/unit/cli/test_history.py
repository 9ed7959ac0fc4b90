"""What has happened to a battery, as the command lists it."""

import json

import pytest
from solders.pubkey import Pubkey

from tests.stage import NOON
from tests.unit.cli.conftest import NOBODY, Town

HOUR = 3_600


@pytest.fixture
def busy(town: Town) -> Town:
    """Three events at noon, which made the town, and one in each of the next three hours."""
    story = [(town.deposit, "alice", 5_000), (town.deposit, "bob", 1_000), (town.allocate, "alice", 1_500)]
    for hours, (do, owner, amount) in enumerate(story, start=1):
        town.chain.unix_timestamp = NOON + hours * HOUR
        do(owner, amount)
    return town


def listed(town: Town, *options: object) -> list[int]:
    """The numbers of the events listed."""
    return [event["sequence"] for event in town.json("history", town.battery, *options)["events"]]


def test_history(busy: Town) -> None:
    alice, bob = busy["alice"], busy["bob"]
    titles, rule, *rows = busy.lines("history", busy.battery)
    assert titles.split() == ["Event", "Time", "Member", "What"]
    assert set(rule) == {"─"}
    policy = "capacity 20.000 kWh, crediting 90 % of deposits; each member may allocate 4.000 kWh for 24 h"
    assert [" ".join(row.split()) for row in rows] == [
        f"1 2026-06-21 12:00:00 UTC created battery {busy.battery}: {policy}",
        f"2 2026-06-21 12:00:00 UTC {alice} opened member 1, {alice}",
        f"3 2026-06-21 12:00:00 UTC {bob} opened member 2, {bob}",
        f"4 2026-06-21 13:00:00 UTC {alice} deposited 5.000 kWh: 4.500 kWh credited, 0.500 kWh lost; "
        "balance 4.500 kWh",
        f"5 2026-06-21 14:00:00 UTC {bob} deposited 1.000 kWh: 0.900 kWh credited, 0.100 kWh lost; "
        "balance 0.900 kWh",
        f"6 2026-06-21 15:00:00 UTC {alice} allocated 1.500 kWh; 1.500 kWh allocated "
        "until 2026-06-22 15:00:00 UTC",
    ]


def test_history_for_programs(busy: Town) -> None:
    answer = busy.json("history", busy.battery)
    assert (answer["battery"], answer["unit"], answer["missing"]) == (str(busy.battery), "Wh", [])
    assert [event["sequence"] for event in answer["events"]] == [1, 2, 3, 4, 5, 6]
    assert answer["events"][5] == {
        "sequence": 6,
        "event": "Allocated",
        "unix_timestamp": NOON + 3 * HOUR,
        "slot": busy.chain.landed(busy.latest()).slot,
        "signature": str(busy.latest()),
        "owner": str(busy["alice"]),
        "battery": str(busy.battery),
        "member": str(busy.member("alice")),
        "amount": 1_500,
        "member_allocated": 1_500,
        "expiry": NOON + 27 * HOUR,
        "available": 3_900,
        "allocated": 1_500,
    }


def test_a_part_of_it(busy: Town) -> None:
    assert listed(busy, "--member", busy["alice"]) == [2, 4, 6]
    assert listed(busy, "--member", busy["carol"]) == []
    assert listed(busy, "--limit", 2) == [5, 6]
    assert listed(busy, "--since", "2026-06-21T15:00+01:00") == [5, 6]
    assert listed(busy, "--until", "2026-06-21T14:00Z") == [1, 2, 3, 4]
    assert listed(busy, "--since", "2026-06-21T13:00Z", "--until", "2026-06-21T14:00Z") == [4]
    assert listed(busy, "--since", "2026-06-22T00:00Z") == []
    busy.chain.unix_timestamp = NOON + 4 * HOUR
    assert listed(busy, "--since", "1s") == []  # before now, which is not that chain's time


def test_events_of_another_battery_of_the_mint_are_not_listed(busy: Town) -> None:
    another = busy.begin(busy.state()["battery"].resource)
    busy.lines("deposit", another, "1kWh", by="alice")
    assert listed(busy) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([6], ["event 6 is"]),
        ([1, 2], ["events 1 to 2 are"]),
        ([1, 4, 5], ["event 1 is", "events 4 to 5 are"]),
        ([1, 2, 3, 4, 5, 6], ["events 1 to 6 are"]),
    ],
)
def test_what_the_node_has_forgotten_is_said(busy: Town, numbers: list[int], said: list[str]) -> None:
    busy.forget(*numbers)
    result = busy.run("history", busy.battery, "--output", "json")
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        f"amalgam: {which} missing: the node lacks that part of the history, or its log was cut off"
        for which in said
    ]
    answer = json.loads(result.stdout)
    missing = {number for first, last in answer["missing"] for number in range(first, last + 1)}
    assert missing == set(numbers)
    assert {event["sequence"] for event in answer["events"]} == set(range(1, 7)) - missing


def test_a_part_that_was_not_asked_for_is_not_missing(busy: Town) -> None:
    busy.forget(1, 2)
    assert listed(busy, "--limit", 4) == [3, 4, 5, 6]
    assert listed(busy, "--since", "2026-06-21T14:00Z") == [5, 6]


def test_what_is_not_a_time(town: Town) -> None:
    assert town.refusal("history", town.battery, "--since", "noon") == (
        2,
        "Invalid value for --since: 'noon' is not a time; "
        "write it like 2026-06-22T12:00+02:00, or 24h for so long ago",
    )
    assert town.refusal("history", town.battery, "--until", "2026-06-22T12:00") == (
        2,
        "Invalid value for --until: '2026-06-22T12:00' has no zone; "
        "add its offset, like 2026-06-22T12:00:00+02:00, or Z for UTC",
    )
    assert town.refusal("history", town.battery, "--limit", "0") == (
        2,
        "Invalid value for '--limit': Input should be greater than or equal to 1",
    )


def test_no_battery(town: Town) -> None:
    for address in (NOBODY, town.mint):
        assert town.refusal("history", address) == (
            3,
            "there is no battery, reservoir, treatment plant, issuer, market, auction, virtual power plant "
            f"or dispatch at {address} on {town.cluster}; check the address and --url",
        )


def test_addresses_are_whole_where_no_terminal_sets_a_width(busy: Town) -> None:
    assert Pubkey.from_string(busy.lines("history", busy.battery)[3].split()[4]) == busy["alice"]
