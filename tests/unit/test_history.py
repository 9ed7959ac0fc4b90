"""A ledger rebuilt from events alone, and what it sees where one is missing or altered."""

from dataclasses import replace

import pytest
from solders.keypair import Keypair

from amalgam.client import EnergyAllocationClient
from amalgam.energy_allocation import (
    BatteryInitialized,
    Event,
    events,
)
from amalgam.history import BrokenHistoryError, History
from tests.stage import NOON
from tests.world import ALLOCATION_LIFETIME, World

# Every kind of event: what is done, by name of the instruction and what differs from its defaults.
STORY = [
    ("initialize", {}),
    ("open_member", {"owner": "alice"}),
    ("open_member", {"owner": "bob"}),
    ("deposit_energy", {"amount": 2_000}),
    ("deposit_energy", {"amount": 1_001, "by": "bob"}),
    ("allocate", {"amount": 700}),
    ("deallocate", {"amount": 200}),
    ("consume", {"amount": 150}),
    ("withdraw_energy", {"amount": 300}),
    ("set_member_limit", {"of": "bob", "limit": 5}),
    ("set_policy", {"capacity": 9_000, "allocation_lifetime": 60, "efficiency_bps": 8_000}),
    ("pause", {}),
    ("resume", {}),
    ("release_expired", {}),
    ("propose_authority", {"proposed": "carol"}),
    ("accept_authority", {"by": "carol"}),
]


async def told(world: World) -> list[Event]:
    """Tell the story on the chain: its events, each compared with the accounts right after it."""
    client = EnergyAllocationClient(world.client, Keypair())
    found: list[Event] = []
    for instruction, changes in STORY:
        if instruction == "release_expired":
            world.travel_to(NOON + ALLOCATION_LIFETIME)
        await world.run(instruction, **changes)
        landed = next(world.chain.landed_newest_first())
        found += events(landed.meta.logs())
        history = rebuilt(found)
        assert history.battery == await client.battery(world["battery"])
        members = await client.members(world["battery"])
        assert {member.owner: member for member in history.members.values()} == {
            member.owner: member for member in members
        }
    assert len(found) == len(STORY)
    return found


def rebuilt(story: list[Event]) -> History:
    first, *rest = story
    assert isinstance(first, BatteryInitialized)
    history = History(first)
    for event in rest:
        history.apply(event)
    return history


@pytest.fixture
async def story(empty_world: World) -> list[Event]:
    return await told(empty_world)


@pytest.mark.embedded
async def test_events_rebuild_every_account_at_every_step(empty_world: World) -> None:
    await told(empty_world)


@pytest.mark.embedded
async def test_a_missing_or_repeated_event_is_seen(story: list[Event]) -> None:
    for number in range(1, len(story) - 1):
        with pytest.raises(BrokenHistoryError, match=f"event {number + 2} comes after event {number}"):
            rebuilt([*story[:number], *story[number + 1 :]])
        with pytest.raises(BrokenHistoryError, match=f"event {number + 1} comes after event {number + 1}"):
            rebuilt([*story[: number + 1], *story[number:]])


@pytest.mark.embedded
async def test_an_altered_total_is_seen(story: list[Event]) -> None:
    for number, event in enumerate(story):
        for name in ("available", "allocated", "balance", "member_allocated", "member_count"):
            if hasattr(event, name):
                altered = replace(event, **{name: getattr(event, name) + 1})
                with pytest.raises(BrokenHistoryError, match=f"event {number + 1} states {name}"):
                    rebuilt([*story[:number], altered, *story[number + 1 :]])
