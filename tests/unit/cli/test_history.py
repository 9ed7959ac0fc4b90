"""What has happened to a battery, a market or a plant, as the command lists it."""

import asyncio
import json
from collections.abc import Sequence

import pytest
from solders.pubkey import Pubkey

from amalgam.chain.embedded import EmbeddedChain
from amalgam.market.program import offer_address, order_address
from amalgam.vpp.program import (
    commitment_address,
    dispatch_address,
    payment_vault_address,
    plant_address,
)
from tests.support.marketplace import CLOSES_AT, Marketplace
from tests.support.node import NOON
from tests.unit.cli.conftest import NOBODY, Town, Traders

HOUR = 3_600


@pytest.fixture
def busy(town: Town) -> Town:
    """Three events at noon, which made the town, and one in each of the next three hours."""
    story = [
        (town.deposit, "owner", 5_000),
        (town.deposit, "neighbour", 1_000),
        (town.allocate, "owner", 1_500),
    ]
    for hours, (do, owner, amount) in enumerate(story, start=1):
        town.chain.unix_timestamp = NOON + hours * HOUR
        do(owner, amount)
    return town


def listed(town: Town, *options: object) -> list[int]:
    """The numbers of the events listed."""
    return [event["sequence"] for event in town.json("history", town.battery, *options)["events"]]


def test_history(busy: Town) -> None:
    owner, neighbour = busy["owner"], busy["neighbour"]
    titles, rule, *rows = busy.lines("history", busy.battery)
    assert titles.split() == ["Event", "Time", "Member", "What"]
    assert set(rule) == {"─"}
    policy = "capacity 20.000 kWh, crediting 90 % of deposits; each member may allocate 4.000 kWh for 24 h"
    assert [" ".join(row.split()) for row in rows] == [
        f"1 2026-06-21 12:00:00 UTC created battery {busy.battery}: {policy}",
        f"2 2026-06-21 12:00:00 UTC {owner} opened member 1, {owner}",
        f"3 2026-06-21 12:00:00 UTC {neighbour} opened member 2, {neighbour}",
        f"4 2026-06-21 13:00:00 UTC {owner} deposited 5.000 kWh: 4.500 kWh credited, 0.500 kWh lost; "
        "balance 4.500 kWh",
        f"5 2026-06-21 14:00:00 UTC {neighbour} deposited 1.000 kWh: 0.900 kWh credited, 0.100 kWh lost; "
        "balance 0.900 kWh",
        f"6 2026-06-21 15:00:00 UTC {owner} allocated 1.500 kWh; 1.500 kWh allocated "
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
        "owner": str(busy["owner"]),
        "battery": str(busy.battery),
        "member": str(busy.member("owner")),
        "amount": 1_500,
        "member_allocated": 1_500,
        "expiry": NOON + 27 * HOUR,
        "available": 3_900,
        "allocated": 1_500,
    }


def test_a_part_of_it(busy: Town) -> None:
    assert listed(busy, "--member", busy["owner"]) == [2, 4, 6]
    assert listed(busy, "--member", busy["newcomer"]) == []
    assert listed(busy, "--limit", 2) == [5, 6]
    assert listed(busy, "--since", "2026-06-21T15:00+01:00") == [5, 6]
    assert listed(busy, "--until", "2026-06-21T14:00Z") == [1, 2, 3, 4]
    assert listed(busy, "--since", "2026-06-21T13:00Z", "--until", "2026-06-21T14:00Z") == [4]
    assert listed(busy, "--since", "2026-06-22T00:00Z") == []
    busy.chain.unix_timestamp = NOON + 4 * HOUR
    assert listed(busy, "--since", "1s") == []  # before now, which is not that chain's time


def test_events_of_another_battery_of_the_mint_are_not_listed(busy: Town) -> None:
    another = busy.begin(busy.state()["battery"].resource)
    busy.lines("deposit", another, "1kWh", by="owner")
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


def told(town: Town, address: Pubkey, *options: object) -> list[str]:
    """What a history says after its titles, line by line."""
    return [" ".join(row.split()) for row in town.lines("history", address, *options)[2:]]


def numbered(first: int, time: str, lines: Sequence[str]) -> list[str]:
    """Lines of events in a row, which happened at that time of the day."""
    return [f"{number} 2026-06-21 {time} UTC {line}" for number, line in enumerate(lines, first)]


@pytest.fixture
def traders(town: Town, chain: EmbeddedChain, request: pytest.FixtureRequest) -> Traders:
    """A market with an open auction, and payments for all."""
    traders = Traders(town, Marketplace(chain, request.node.nodeid, town.keys))
    asyncio.run(traders.trade.start())
    for name in ("operator", "owner", "neighbour"):
        traders.trade.give(name, "payment", 10**9)
    return traders


def test_history_of_a_market_and_of_an_auction(traders: Traders) -> None:
    town, trade = traders.town, traders.trade
    market, auction = trade.market, trade.auction
    owner, neighbour = trade["owner"], trade["neighbour"]
    offer, bid = offer_address(market, owner, 0), order_address(market, neighbour, 0)
    ask = order_address(market, owner, 0)
    traders.done("offer", "place", market, "5kWh", "--price", "0.25/kWh", by="owner")
    traders.done("offer", "fill", offer, "2kWh", by="neighbour")
    traders.done("order", "place", auction, "bid", "3kWh", "--price", "0.3/kWh", by="neighbour")
    traders.done("order", "place", auction, "offer", "4kWh", "--price", "0.2/kWh", by="owner")
    town.chain.unix_timestamp = CLOSES_AT
    town.lines("auction", "clear", auction)

    begun = numbered(
        1,
        "12:00:00",
        [
            f"created market {market}: a fee of 1 % for sellers, orders of at least 0.100 kWh; "
            "delivery in 15 min, traded until 5 min before",
            f"opened its payment vault {asyncio.run(trade.client.market(market)).payment_vault}",
            f"opened auction {auction} of the delivery from 2026-06-21 12:15:00 UTC; "
            "its gate closes at 2026-06-21 12:10:00 UTC",
            f"{owner} opened offer account {offer} of {owner}",
            f"{owner} offered 5.000 kWh at 0.25/kWh until 2026-06-22 12:00:00 UTC: offer {offer}",
            f"{neighbour} bought 2.000 kWh for 0.5, 0.005 of it the fee; 3.000 kWh left",
            f"{neighbour} opened order account {bid} of {neighbour}",
            f"{neighbour} bid for 3.000 kWh at 0.3/kWh, 0.9 in escrow: order {bid}",
            f"{owner} opened order account {ask} of {owner}",
            f"{owner} offered 4.000 kWh at 0.2/kWh, 4.000 kWh in escrow: order {ask}",
        ],
    )
    ended = numbered(
        11,
        "12:10:00",
        [
            "cleared at 0.2/kWh: 3.000 kWh traded",
            f"{neighbour} settled order {bid}: 3.000 kWh traded; "
            "its owner got 3.000 kWh and 0.3, the market a fee of 0",
            f"{owner} settled order {ask}: 3.000 kWh traded; "
            "its owner got 1.000 kWh and 0.594, the market a fee of 0.006",
        ],
    )
    assert told(town, market) == [*begun, *ended]
    assert told(town, auction) == [begun[2], begun[7], begun[9], *ended]
    assert told(town, auction, "--member", owner) == [begun[9], ended[2]]
    # What the owner's offer came to is the owner's too, although the neighbour did it.
    assert told(town, market, "--member", owner)[:3] == begun[3:6]
    assert told(town, market, "--member", neighbour)[:2] == begun[5:7]

    answer = town.json("history", market)
    assert (answer["market"], answer["unit"], answer["missing"]) == (str(market), "Wh", [])
    filled = answer["events"][5]
    assert (filled["event"], filled["owner"], filled["taker"]) == ("OfferFilled", str(owner), str(neighbour))
    answer = town.json("history", auction)
    assert (answer["auction"], answer["missing"]) == (str(auction), None)


def test_history_of_a_plant_and_of_a_dispatch(traders: Traders) -> None:
    town, trade = traders.town, traders.trade
    owner, neighbour = trade["owner"], trade["neighbour"]
    plant = plant_address(trade["operator"], trade.mints["energy"], trade.mints["payment"])
    first, second = dispatch_address(plant, 0), dispatch_address(plant, 1)
    owners, neighbours = commitment_address(plant, owner, 0), commitment_address(plant, neighbour, 0)
    terms = ("--duration", "1h", "--price", "0.3/kWh", "--bond", "0.1/kWh", "--tolerance", "10%")
    announce = ("dispatch", "announce", plant, "10kWh", "--start", "1h", *terms)
    traders.done("vpp", "create", trade.mints["energy"], trade.mints["payment"])
    traders.done(*announce)
    traders.done("dispatch", "commit", first, "4kWh", by="owner")
    traders.done("dispatch", "commit", first, "2kWh", by="neighbour")
    traders.done(*announce)
    traders.done("dispatch", "cancel", second)
    town.chain.unix_timestamp = NOON + HOUR
    traders.done("dispatch", "deliver", owners, "4.4kWh", by="owner")
    town.chain.unix_timestamp = NOON + 2 * HOUR
    for each in (neighbours, owners):
        traders.done("dispatch", "settle", first, "--only", each)
    town.lines("dispatch", "settle", first)

    announced = (
        "announced 10.000 kWh from 2026-06-21 13:00:00 UTC to 2026-06-21 14:00:00 UTC at 0.3/kWh, "
        "3 in escrow; bonds of 0.1/kWh, and 10 % more than committed may be delivered: dispatch"
    )
    begun = numbered(
        1,
        "12:00:00",
        [
            f"created virtual power plant {plant}",
            f"opened its payment vault {payment_vault_address(plant)}",
            f"opened dispatch account {first}",
            f"{announced} {first}",
            f"{owner} opened commitment account {owners} of {owner}",
            f"{owner} committed to 4.000 kWh with a bond of 0.4, 4.000 kWh by all: commitment {owners}",
            f"{neighbour} opened commitment account {neighbours} of {neighbour}",
            f"{neighbour} committed to 2.000 kWh with a bond of 0.2, 6.000 kWh by all: "
            f"commitment {neighbours}",
            f"opened dispatch account {second}",
            f"{announced} {second}",
            f"cancelled dispatch {second}: the reward of 3 came back",
        ],
    )
    delivered = numbered(
        12,
        "13:00:00",
        [
            f"{owner} delivered 4.400 kWh, 4.400 kWh so far; by all 4.000 kWh as committed, "
            "and 0.400 kWh beyond"
        ],
    )
    ended = numbered(
        13,
        "14:00:00",
        [
            f"{neighbour} settled commitment {neighbours}: "
            "its owner got a reward of 0, 0 of the bond and 0 for surplus",
            f"{owner} settled commitment {owners}: "
            "its owner got a reward of 1.2, 0.4 of the bond and 0.16 for surplus",
            f"settled dispatch {first}: the operator got 4.400 kWh and 1.84; 0.16 for surplus",
        ],
    )
    assert told(town, plant) == [*begun, *delivered, *ended]
    assert told(town, first) == [*begun[2:4], begun[5], begun[7], *delivered, *ended]
    assert told(town, second) == begun[8:]
    assert told(town, plant, "--member", neighbour) == [*begun[6:8], ended[0]]
    assert told(town, first, "--since", "2026-06-21T13:00Z", "--until", "2026-06-21T14:00Z") == delivered

    town.node.forgotten.add(town.json("history", second)["events"][2]["signature"])
    result = town.run("history", plant, "--output", "json")
    assert result.stderr == (
        "amalgam: event 11 is missing: the node lacks that part of the history, or its log was cut off\n"
    )
    assert json.loads(result.stdout)["missing"] == [[11, 11]]
    answer = town.json("history", second)
    assert (answer["dispatch"], answer["missing"]) == (str(second), None)
    assert [event["event"] for event in answer["events"]] == ["DispatchOpened", "DispatchAnnounced"]


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
            "there is no battery, reservoir, treatment plant, issuer, market, auction, virtual power plant, "
            f"dispatch or community at {address} on {town.cluster}; check the address and --url",
        )


def test_addresses_are_whole_where_no_terminal_sets_a_width(busy: Town) -> None:
    assert Pubkey.from_string(busy.lines("history", busy.battery)[3].split()[4]) == busy["owner"]
