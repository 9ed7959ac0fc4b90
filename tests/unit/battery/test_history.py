"""A ledger rebuilt from events alone, what it sees where one is missing or altered, and how they are read."""

from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from amalgam.battery.client import EnergyAllocationClient
from amalgam.battery.history import History
from amalgam.battery.program import (
    AuthorityAccepted,
    BatteryInitialized,
    Event,
    MemberOpened,
    events,
)
from amalgam.chain import events as chain_events
from amalgam.chain.events import BrokenHistoryError, fetch, gaps, read, signatures
from amalgam.chain.follow import follow
from amalgam.chain.rpc import NodeError
from tests.support.battery import ALLOCATION_LIFETIME, World
from tests.support.stage import NOON, Beginnings

# Every kind of event: what is done, by name of the instruction and what differs from its defaults.
STORY = [
    ("initialize", {}),
    ("open_member", {"owner": "owner"}),
    ("open_member", {"owner": "neighbour"}),
    ("deposit_energy", {"amount": 2_000}),
    ("deposit_energy", {"amount": 1_001, "by": "neighbour"}),
    ("allocate", {"amount": 700}),
    ("deallocate", {"amount": 200}),
    ("consume", {"amount": 150}),
    ("withdraw_energy", {"amount": 300}),
    ("set_member_limit", {"of": "neighbour", "limit": 5}),
    ("set_policy", {"capacity": 9_000, "allocation_lifetime": 60, "efficiency_bps": 8_000}),
    ("pause", {}),
    ("resume", {}),
    ("release_expired", {}),
    ("propose_authority", {"proposed": "newcomer"}),
    ("accept_authority", {"by": "newcomer"}),
]


@pytest.fixture
def beginnings(request: pytest.FixtureRequest) -> Beginnings:
    """Of this test alone: what was there before has a history."""
    return Beginnings(request.node.nodeid)


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
        rebuilt = History.of(found)
        assert rebuilt.battery == await client.battery(world["battery"])
        members = await client.members(world["battery"])
        assert {member.owner: member for member in rebuilt.members.values()} == {
            member.owner: member for member in members
        }
    assert len(found) == len(STORY)
    return found


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
            History.of([*story[:number], *story[number + 1 :]])
        with pytest.raises(BrokenHistoryError, match=f"event {number + 1} comes after event {number + 1}"):
            History.of([*story[: number + 1], *story[number:]])


@pytest.mark.embedded
async def test_an_altered_total_is_seen(story: list[Event]) -> None:
    for number, event in enumerate(story):
        for name in ("available", "allocated", "balance", "member_allocated", "member_count", "credit"):
            if hasattr(event, name):
                altered = replace(event, **{name: getattr(event, name) + 1})
                with pytest.raises(BrokenHistoryError, match=f"event {number + 1} states "):
                    History.of([*story[:number], altered, *story[number + 1 :]])


@pytest.mark.embedded
async def test_what_follows_from_the_rest_cannot_be_altered(story: list[Event]) -> None:
    """Addresses follow from seeds, the first number is 1, and who accepts was proposed."""
    stranger = Pubkey.new_unique()
    names = {
        BatteryInitialized: ("battery", "authority", "mint"),
        MemberOpened: ("member", "owner"),
        AuthorityAccepted: ("authority",),
    }
    assert names.keys() <= {type(event) for event in story}
    for number, event in enumerate(story):
        for name in names.get(type(event), ()):
            altered = replace(event, **{name: stranger})
            with pytest.raises(BrokenHistoryError, match=f"event {number + 1} states "):
                History.of([*story[:number], altered, *story[number + 1 :]])
    with pytest.raises(BrokenHistoryError, match="event 2 states sequence 2 instead of 1"):
        History.of([replace(story[0], sequence=2), *story[1:]])


# Reading


@pytest.mark.embedded
async def test_fetch(empty_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each event with its place on the chain, however many pages it takes; only those of this battery."""
    world = empty_world
    story = await told(world)
    await world.run("initialize", by="rival")
    await world.run("open_member", by="rival", at="rival", owner="owner")
    for page in (1, 3, 16, 1_000):
        monkeypatch.setattr(chain_events, "_PAGE_SIGNATURES", page)
        found = await fetch(world.client, world["battery"])
        assert [landed.event for landed in found] == story
        for landed in found:
            on_chain = world.chain.landed(landed.signature)
            assert (landed.slot, landed.unix_timestamp) == (on_chain.slot, on_chain.block_time)
            assert landed.event in events(on_chain.meta.logs())


@pytest.mark.embedded
async def test_what_failed_is_not_read(world: World) -> None:
    battery = world["battery"]
    before = await signatures(world.client, battery)
    async with world.refused("battery is not paused"):
        await world.run("resume")
    assert next(world.chain.landed_newest_first()).err is not None
    assert await signatures(world.client, battery) == before


@pytest.mark.embedded
async def test_a_part_of_the_signatures(world: World) -> None:
    client, battery = world.client, world["battery"]
    newest_first = await signatures(client, battery)
    assert len(newest_first) == 4
    assert await signatures(client, battery, limit=2) == newest_first[:2]
    assert await signatures(client, battery, after=newest_first[2]) == newest_first[:2]
    assert await signatures(client, battery, after=newest_first[0]) == []
    world.travel_to(NOON + 10)
    await world.run("pause")
    [latest] = await signatures(client, battery, since=NOON + 10)
    assert [latest] == await signatures(client, battery, since=NOON + 0.5)
    assert [latest, *newest_first] == await signatures(client, battery, since=NOON)
    assert await signatures(client, battery, since=NOON + 10.5) == []


@pytest.mark.embedded
async def test_a_log_that_was_cut_off_leaves_a_gap(world: World) -> None:
    """Nodes keep 10,000 bytes of a transaction's log: so many instructions log more."""
    battery = world["battery"]
    noise = [world.instruction("pause"), world.instruction("resume")] * 16
    await world.send(*noise, signers=["operator"])
    await world.run("pause")
    story = await fetch(world.client, battery)
    assert gaps(story, 1, 37) == [range(5, 37)]


@pytest.mark.embedded
async def test_several_events_in_one_transaction(world: World) -> None:
    await world.send(world.instruction("pause"), world.instruction("resume"), signers=["operator"])
    *_, paused, resumed = await fetch(world.client, world["battery"])
    assert (paused.event.sequence, resumed.event.sequence) == (5, 6)
    assert paused.signature == resumed.signature


async def test_every_transaction_is_counted(world: World) -> None:
    newest_first = await signatures(world.client, world["battery"])
    steps = count()
    await read(world.client, world["battery"], newest_first, lambda: next(steps))
    assert next(steps) == len(newest_first)


async def test_gaps(world: World) -> None:
    story = await fetch(world.client, world["battery"])
    assert gaps(story, 1, 4) == []
    assert gaps(story[1:], 1, 4) == [range(1, 2)]
    assert gaps(story[1:], 2, 4) == []
    assert gaps([story[0], story[3]], 1, 4) == [range(2, 4)]
    assert gaps(story, 1, 6) == [range(5, 7)]
    assert gaps([], 1, 4) == [range(1, 5)]


def refuse(error: NodeError) -> None:
    raise error


@pytest.mark.embedded
async def test_follow(world: World) -> None:
    last = (await fetch(world.client, world["battery"]))[-1]
    story = follow(world.client, last, interval_s=0, on_silence=refuse)
    for amount in (1_000, 2_000):
        await world.run("deposit_energy", amount=amount)
        landed = await anext(story)
        assert (landed.event.amount, landed.event.sequence) == (amount, last.event.sequence + amount // 1_000)
    await world.run("pause")
    await world.run("resume")
    assert [type((await anext(story)).event).__name__ for _ in range(2)] == [
        "BatteryPaused",
        "BatteryResumed",
    ]


@pytest.mark.embedded
async def test_follow_tells_that_no_node_answers_and_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = (await fetch(world.client, world["battery"]))[-1]
    answers = world.client.get_signatures_for_address
    silences = [NodeError("nobody"), NodeError("still nobody")]

    async def silent_at_first(*arguments: Any) -> Any:
        if len(heard) < len(silences):
            raise silences[len(heard)]
        return await answers(*arguments)

    monkeypatch.setattr(world.client, "get_signatures_for_address", silent_at_first)
    heard: list[NodeError] = []
    await world.run("pause")
    story = follow(world.client, last, interval_s=0, on_silence=heard.append)
    assert (await anext(story)).event.sequence == 5
    assert heard == silences


@pytest.mark.embedded
async def test_follow_waits_for_an_event_that_is_told_late_but_not_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One node may know a transaction before another knows that before it."""
    last = (await fetch(world.client, world["battery"]))[-1]
    for instruction in ("pause", "resume", "pause", "resume"):
        await world.run(instruction)
    newest_first = await signatures(world.client, world["battery"])
    answers, hidden = world.client.get_transaction, {newest_first[3]: 3, newest_first[1]: 10**9}

    async def forgetful(signature: Any, *arguments: Any, **options: Any) -> Any:
        hidden[signature] = hidden.get(signature, 0) - 1
        found = await answers(signature, *arguments, **options)
        return type(found)(None) if hidden[signature] >= 0 else found

    monkeypatch.setattr(world.client, "get_transaction", forgetful)
    story = follow(world.client, last, interval_s=0, on_silence=refuse)
    assert [(await anext(story)).event.sequence for _ in range(3)] == [5, 6, 8]
