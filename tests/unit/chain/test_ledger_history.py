"""Histories of ledgers: what is missing, repeated, altered or of another ledger is seen."""

from dataclasses import replace
from typing import Any

import pytest
from solders.pubkey import Pubkey
from solders.signature import Signature

from amalgam.chain.events import BrokenHistoryError, Landed
from amalgam.chain.ledger_history import rebuilt
from amalgam.market import history as market_history
from amalgam.market import program as market
from amalgam.vpp import program as vpp
from amalgam.vpp.history import History

OPERATOR, OWNER, ENERGY, PAYMENT = (Pubkey([number] * 32) for number in range(1, 5))
PLANT = vpp.plant_address(OPERATOR, ENERGY, PAYMENT)
DISPATCH = vpp.dispatch_address(PLANT, 0)
COMMITMENT = vpp.commitment_address(PLANT, OWNER, 0)
HELD = {"energy_held": 0, "payment_held": 0}
STORY: list[Any] = [
    vpp.PlantInitialized(PLANT, OPERATOR, ENERGY, PAYMENT, **HELD, sequence=1),
    vpp.PaymentVaultOpened(PLANT, vpp.payment_vault_address(PLANT), **HELD, sequence=2),
    vpp.DispatchOpened(PLANT, DISPATCH, 0, **HELD, sequence=3),
    vpp.CommitmentOpened(PLANT, COMMITMENT, OWNER, 0, **HELD, sequence=4),
    vpp.DispatchAnnounced(PLANT, DISPATCH, 10, 20, 1_000, 300, 100, 0, 300, 0, 300, 5),
    vpp.EnergyCommitted(PLANT, DISPATCH, COMMITMENT, 1_000, 100, 1_000, 0, 400, 6),
    vpp.EnergyDelivered(PLANT, DISPATCH, COMMITMENT, 400, 400, 400, 0, 400, 400, 7),
    vpp.DispatchSettled(PLANT, DISPATCH, 400, 240, 0, 0, 160, 8),
    vpp.CommitmentSettled(PLANT, DISPATCH, COMMITMENT, 120, 40, 0, 0, 0, 9),
]


def test_a_plant_is_rebuilt() -> None:
    found = rebuilt([Landed(event, Signature.default(), 1, None) for event in STORY]).accounts
    assert found.keys() == {PLANT, DISPATCH, COMMITMENT}
    plant, dispatch, commitment = found[PLANT], found[DISPATCH], found[COMMITMENT]
    assert (plant.energy_held, plant.payment_held, plant.sequence) == (0, 0, 9)
    assert (dispatch.credited, dispatch.rewards_due, dispatch.bonds_due) == (400, 120, 40)
    assert commitment == vpp.Commitment(PLANT, OWNER, DISPATCH, 1_000, 400, 100, 0, active=False)


@pytest.mark.parametrize("number", range(1, len(STORY) - 1))
def test_a_missing_or_repeated_event_is_seen(number: int) -> None:
    with pytest.raises(BrokenHistoryError, match=f"^event {number + 2} comes after event {number}$"):
        History.of([*STORY[:number], *STORY[number + 1 :]])
    with pytest.raises(BrokenHistoryError, match=f"^event {number + 1} comes after event {number + 1}$"):
        History.of([*STORY[: number + 1], *STORY[number:]])


@pytest.mark.parametrize("number", range(len(STORY)))
def test_an_altered_total_is_seen(number: int) -> None:
    totals = {
        "energy_held",
        "payment_held",
        "bond",
        "committed",
        "delivered",
        "credited",
        "surplus",
        "reward",
    }
    for name in totals | {"energy", "payment", "pool", "share"}:
        if hasattr(STORY[number], name):
            stated = getattr(STORY[number], name) + 1
            altered = replace(STORY[number], **{name: stated})
            told = rf"^event {number + 1} states {name} {stated} instead of {stated - 1}$"
            with pytest.raises(BrokenHistoryError, match=told):
                History.of([*STORY[:number], altered])


def test_what_does_not_belong_there() -> None:
    other = Pubkey([9] * 32)
    refused = {
        f"event 2 is the first there is, and not the first of {PLANT}": STORY[1:],
        f"event 2 is of {other}": [STORY[0], replace(STORY[1], plant=other)],
        f"event 2 begins {PLANT} again": [STORY[0], replace(STORY[0], sequence=2)],
        f"event 3 is of {DISPATCH}, never opened": [*STORY[:2], replace(STORY[4], sequence=3)],
        f"event 4 opens {DISPATCH} again": [*STORY[:3], replace(STORY[2], sequence=4)],
    }
    for told, story in refused.items():
        with pytest.raises(BrokenHistoryError) as broken:
            History.of(story)
        assert str(broken.value) == told


def test_an_order_taken_back_needs_the_time() -> None:
    """Whether the auction had lapsed, which frees the order, is not in the event."""
    address = market.market_address(OPERATOR, ENERGY, PAYMENT)
    auction, order = market.auction_address(address, 7_200), market.order_address(address, OWNER, 0)
    story: list[Any] = [
        market.MarketInitialized(
            address, OPERATOR, ENERGY, PAYMENT, 100, 100, 3_600, 3_600, **HELD, sequence=1
        ),
        market.AuctionOpened(address, auction, 7_200, 3_600, 100, **HELD, sequence=2),
        market.OrderOpened(address, order, OWNER, **HELD, sequence=3),
        market.OrderPlaced(address, auction, order, 0, market.Side.OFFER, 300, 500, 500, 500, 0, 4),
    ]
    taken_back = market.OrderCancelled(address, auction, order, 500, **HELD, sequence=5)
    begun = market_history.History.of(story)
    for unix_timestamp, is_active in ((3_599, True), (3_600 + market.CLEARING_PERIOD, False)):
        history = begun.copy()
        history.apply(taken_back, unix_timestamp)
        assert history.accounts[order].active is is_active
    with pytest.raises(
        BrokenHistoryError, match=r"^the time of event 5 is not known, and it depends on that$"
    ):
        begun.apply(taken_back)
