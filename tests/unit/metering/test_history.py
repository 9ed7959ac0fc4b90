"""An issuer rebuilt from its events alone, and what is seen where one is missing or altered."""

from dataclasses import fields, replace
from typing import Any

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from amalgam.chain.events import BrokenHistoryError, fetch, gaps
from amalgam.metering.client import EnergyMeteringClient
from amalgam.metering.history import History
from amalgam.metering.program import Event, Issuer, Meter, events
from tests.support.metering import HOUR, REGISTER, RISE, Metered
from tests.support.stage import NOON, Beginnings

pytestmark = pytest.mark.embedded


@pytest.fixture
def beginnings(request: pytest.FixtureRequest) -> Beginnings:
    """Of this test alone: what was there before has a history."""
    return Beginnings(request.node.nodeid)


# Every kind of event: what is done, by name of the instruction and what differs from its defaults.
STORY: list[tuple[str, dict[str, Any]]] = [
    ("initialize", {}),
    ("register_meter", {}),
    ("register_meter", {"of": "neighbour", "rated_power": 900, "register": 3}),
    ("report", {"register": REGISTER + RISE}),
    ("report", {"of": "neighbour", "register": 3}),
    ("replace_device", {}),
    ("report", {"of": "neighbour", "register": 500, "read_at": NOON + 2 * HOUR}),
    ("retire_meter", {"of": "neighbour"}),
    ("pause", {}),
    ("resume", {}),
    ("propose_authority", {}),
    ("accept_authority", {}),
]
TOTALS = ("minted", "meter_count", "amount", "meter_minted", "sequence")


async def told(metered: Metered) -> list[Event]:
    """Tell the story on the chain: its events, each compared with the accounts right after it."""
    client = EnergyMeteringClient(metered.client, Keypair())
    found: list[Event] = []
    for instruction, changes in STORY:
        if instruction == "report":
            if len(found) == 3:
                for owner in ("owner", "neighbour"):
                    await metered.make_tokens(f"{owner}_tokens", owner)
            metered.travel_to(max(metered.chain.unix_timestamp, changes.get("read_at", NOON + HOUR)))
        await metered.run(instruction, **changes)
        found += events(next(metered.chain.landed_newest_first()).meta.logs())
        rebuilt = History.of(found)
        assert rebuilt.issuer == await client.issuer(metered["issuer"])
        meters = sorted(rebuilt.meters.values(), key=lambda meter: bytes(meter.device))
        assert meters == await client.meters(metered["issuer"])
    assert len(found) == len(STORY)
    return found


@pytest.fixture
async def story(empty_metered: Metered) -> list[Event]:
    return await told(empty_metered)


def rebuilt_or_not(story: list[Event]) -> tuple[Issuer, list[Meter]] | None:
    try:
        history = History.of(story)
    except BrokenHistoryError:
        return None
    return history.issuer, [*history.meters.values()]


async def test_events_read_from_the_chain_are_those_told(empty_metered: Metered) -> None:
    story = await told(empty_metered)
    landed = await fetch(empty_metered.client, empty_metered["issuer"])
    assert [each.event for each in landed] == story
    assert gaps(landed, 1, len(STORY)) == []
    assert gaps(landed[:4] + landed[6:], 1, len(STORY)) == [range(5, 7)]


def test_a_missing_or_repeated_event_is_seen(story: list[Event]) -> None:
    for number in range(1, len(story) - 1):
        with pytest.raises(BrokenHistoryError, match=f"event {number + 2} comes after event {number}"):
            History.of([*story[:number], *story[number + 1 :]])
        with pytest.raises(BrokenHistoryError, match=f"event {number} comes after event {number}"):
            History.of([*story[:number], story[number - 1]])
    with pytest.raises(BrokenHistoryError, match="event 2 is the first there is"):
        History.of(story[1:])


def test_an_altered_total_or_address_is_seen(story: list[Event]) -> None:
    for number, event in enumerate(story):
        for name in (field.name for field in fields(event)):
            if name in TOTALS:
                wrong = replace(event, **{name: getattr(event, name) + 1})
            elif name in ("issuer", "meter", "replacement", "mint"):
                wrong = replace(event, **{name: Pubkey([9] * 32)})
            else:
                continue
            assert rebuilt_or_not([*story[:number], wrong, *story[number + 1 :]]) is None, (event, name)
