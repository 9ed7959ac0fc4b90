"""A community rebuilt from its events alone, and what is seen where one is missing or altered."""

from dataclasses import fields, replace
from typing import Any, get_args

import pytest
from solders.pubkey import Pubkey

from amalgam import programs
from amalgam.chain.events import BrokenHistoryError, Landed, fetch
from amalgam.chain.ledger_history import rebuilt
from amalgam.sharing.history import History
from amalgam.sharing.program import Event, LinePosted
from tests.support.sharing import LINES, OBJECTION_TIME, SETTLES, Sharing
from tests.support.stage import NOON, Beginnings

pytestmark = pytest.mark.embedded


@pytest.fixture
def beginnings(request: pytest.FixtureRequest) -> Beginnings:
    """Of this test alone: what was there before has a history."""
    return Beginnings(request.node.nodeid)


# Every kind of event: when, what is done, by name of the instruction and what differs from its defaults. The
# owner has prepaid less than the charge, and owes the rest. A period is withdrawn, and posted anew.
STORY: list[tuple[int, str, dict[str, Any]]] = [
    (NOON, "initialize", {}),
    (NOON, "set_policy", {"objection_time": OBJECTION_TIME, "fee_bps": 600}),
    (NOON, "deposit_reserve", {}),
    (NOON, "withdraw_reserve", {"amount": 1}),
    (NOON, "open_participant", {}),
    (NOON, "admit", {}),
    (NOON, "set_credit_limit", {"credit_limit": 700}),
    (NOON, "deposit", {"amount": 501}),
    (NOON, "withdraw", {"amount": 1}),
    (NOON, "open_participant", {"of": "neighbour"}),
    (NOON, "admit", {"of": "neighbour"}),
    (NOON, "open_period", {}),
    (NOON + 1, "begin_period", {}),
    (NOON + 2, "open_line", {}),
    (NOON + 2, "open_line", {"of": "neighbour"}),
    (NOON + 2, "post_line", LINES["owner"]),
    (NOON + 3, "withdraw_period", {}),
    (NOON + 4, "begin_period", {}),
    (NOON + 4, "post_line", LINES["owner"]),
    (NOON + 4, "post_line", {"of": "neighbour", "shared_in": 0, "shared_out": 4_000, "credit": 1_140}),
    (NOON + 5, "raise_objection", {}),
    (NOON + 6, "close_period", {}),
    (NOON + 7, "leave", {}),
    (NOON + 8, "pause", {}),
    (SETTLES + 9, "settle_line", {}),
    (SETTLES + 9, "settle_line", {"of": "neighbour"}),
    (SETTLES + 9, "resume", {}),
    (SETTLES + 9, "deposit", {"amount": 701}),
    (SETTLES + 9, "propose_authority", {}),
    (SETTLES + 9, "accept_authority", {}),
]
# What people choose: it is seen later, or never, as no event follows from it.
CHOSEN = {
    "credit_limit",
    "proposed",
    "starts_at",
    "ends_at",
    "digest",
    "shared_in",
    "shared_out",
    "settles_at",
}


async def told(sharing: Sharing) -> list[Landed]:
    """Tell the story on the chain: its events; after each one they make all of the accounts."""
    found: list[Landed] = []
    for moment, instruction, changes in STORY:
        sharing.travel_to(moment)
        await sharing.run(instruction, **changes)
        found = await fetch(sharing.client, sharing["community"])
        accounts = rebuilt(found).accounts
        answer = await sharing.client.get_multiple_accounts(list(accounts))
        assert accounts == {
            address: account and programs.decoded(account)
            for address, account in zip(accounts, answer.value, strict=True)
        }
    assert len(found) == len(STORY)
    assert {type(each.event) for each in found} == set(get_args(Event))
    return found


@pytest.fixture
async def story(empty_sharing: Sharing) -> list[Landed]:
    return await told(empty_sharing)


def altered(event: Event, name: str) -> Event:
    stated = getattr(event, name)
    return replace(event, **{name: Pubkey([9] * 32) if isinstance(stated, Pubkey) else stated + 1})


async def test_a_debt_is_lent_and_paid_back(empty_sharing: Sharing) -> None:
    story = await told(empty_sharing)
    address, owner = empty_sharing["community"], empty_sharing["owner_participant"]
    lent = rebuilt(story[:27]).accounts
    assert (lent[owner].funds, lent[owner].owed) == (0, 700)
    assert (lent[address].prepaid, lent[address].reserve, lent[address].reserve_pledged) == (1_140, 359, 0)
    paid = rebuilt(story).accounts
    assert (paid[owner].funds, paid[owner].owed) == (1, 0)
    assert (paid[address].prepaid, paid[address].reserve) == (1_141, 1_059)


def test_a_missing_or_repeated_event_is_seen(story: list[Landed]) -> None:
    for number in range(1, len(story) - 1):
        with pytest.raises(BrokenHistoryError, match=f"^event {number + 2} comes after event {number}$"):
            rebuilt([*story[:number], *story[number + 1 :]])
        with pytest.raises(BrokenHistoryError, match=f"^event {number} comes after event {number}$"):
            rebuilt([*story[:number], story[number - 1]])


def test_what_is_altered_is_seen(story: list[Landed]) -> None:
    seen = 0
    for number, landed in enumerate(story):
        event = landed.event
        chosen = CHOSEN | {"objection_time", "fee_bps"} if number < 2 else CHOSEN
        if isinstance(event, LinePosted) and event.credit:
            chosen = chosen | {"charge", "credit"}  # this takes nothing, and so pledges nothing
        for name in {field.name for field in fields(event)} - chosen:
            with pytest.raises(BrokenHistoryError):
                rebuilt([*story[:number], landed._replace(event=altered(event, name))])
            seen += 1
    assert seen > 5 * len(story)


def test_the_beginning_of_a_period_needs_its_time(story: list[Landed]) -> None:
    """From then on its posting lapses; the event does not say it."""
    events = [landed.event for landed in story]
    with pytest.raises(
        BrokenHistoryError, match=r"^the time of event 13 is not known, and it depends on that$"
    ):
        History.of(events)
