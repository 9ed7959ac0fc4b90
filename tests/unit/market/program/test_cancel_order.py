import pytest
from anchorpy import Event

from tests.support.market import (
    BID,
    CLOSES_AT,
    ENERGY,
    INTERVAL,
    LAPSES_AT,
    OFFER,
    PAYMENT,
    PRICE,
    Trading,
    auction_address,
)
from tests.support.stage import I64_MAX, changed


@pytest.fixture
async def trading(trading: Trading) -> Trading:
    """The owner offers 2,000 Wh and the neighbour bids for them, rounded up to 500,001."""
    await trading.run("place_order", side=OFFER)
    await trading.run("place_order", by="neighbour", side=BID, price=250_001, amount=1_999)
    return trading


async def test_takes_an_offer_back(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("cancel_order")

    assert await trading.state() == changed(
        before,
        owner_order={"amount": 0},  # and active: it keeps its place in the book
        market={"energy_held": 0, "sequence": 12},
        energy_vault={"amount": 0},
        owner_energy={"amount": ENERGY},
    )
    accounts = {"market": trading["market"], "auction": trading["auction"], "order": trading["owner_order"]}
    totals = {"energy_held": 0, "payment_held": 499_752, "sequence": 12}
    assert events == [Event("OrderCancelled", {**accounts, "escrow": 2_000, **totals})]


async def test_takes_a_bid_back(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("cancel_order", by="neighbour")

    assert await trading.state() == changed(
        before,
        neighbour_order={"amount": 0},
        market={"payment_held": 0, "sequence": 12},
        payment_vault={"amount": 0},
        neighbour_payment={"amount": PAYMENT},
    )
    assert events[0].data["escrow"] == 499_752


async def test_takes_back_a_single_watt_hour(empty_trading: Trading) -> None:
    await empty_trading.start(minimum_order=1)
    await empty_trading.run("place_order", side=OFFER, amount=1)

    (event,) = await empty_trading.run("cancel_order")

    assert event.data["escrow"] == 1


async def test_sends_it_wherever_the_owner_says(trading: Trading) -> None:
    await trading.run("cancel_order", destination=trading["newcomer_energy"])
    await trading.run("cancel_order", by="neighbour", destination=trading["newcomer_payment"])

    state = await trading.state()
    assert state["newcomer_energy"]["amount"] == ENERGY + 2_000
    assert state["newcomer_payment"]["amount"] == PAYMENT + 499_752


async def test_cancels_once(trading: Trading) -> None:
    await trading.run("cancel_order")
    async with trading.refused("order is cancelled already"):
        await trading.run("cancel_order")

    await trading.run("cancel_order", by="neighbour")


async def test_cancels_what_is_placed(trading: Trading) -> None:
    async with trading.refused("order is not active"):
        await trading.run("cancel_order", by="thief")

    await trading.run("place_order", by="thief")
    await trading.run("cancel_order", by="thief")


@pytest.mark.embedded
async def test_is_bound_from_the_gate_until_the_auction_lapses(trading: Trading) -> None:
    for moment in (CLOSES_AT, LAPSES_AT - 1):
        trading.travel_to(moment)
        for owner in ("owner", "neighbour"):
            async with trading.refused("gate has closed"):
                await trading.run("cancel_order", by=owner)

    trading.travel_to(CLOSES_AT - 1)
    await trading.run("cancel_order")


@pytest.mark.embedded
async def test_takes_back_an_order_of_a_lapsed_auction_and_frees_it(trading: Trading) -> None:
    await trading.run("place_order", by="thief", side=BID)
    await trading.run("cancel_order", by="thief")
    trading.travel_to(LAPSES_AT)
    before = await trading.state()

    for owner in ("owner", "neighbour", "thief"):
        await trading.run("cancel_order", by=owner)
        assert trading.calls("Transfer") == (owner != "thief")  # who has cancelled already

    assert await trading.state() == changed(
        before,
        **{f"{owner}_order": {"amount": 0, "active": False} for owner in ("owner", "neighbour", "thief")},
        market={"energy_held": 0, "payment_held": 0, "sequence": 16},
        energy_vault={"amount": 0},
        payment_vault={"amount": 0},
        owner_energy={"amount": ENERGY},
        neighbour_payment={"amount": PAYMENT},
    )
    async with trading.refused("order is not active"):
        await trading.run("cancel_order")


@pytest.mark.embedded
async def test_takes_back_an_order_of_the_last_interval_there_is(trading: Trading) -> None:
    last = I64_MAX // INTERVAL * INTERVAL  # a day after its gate closes there is no time any more
    trading.travel_to(last - 86_400)
    trading.accounts["last_auction"] = auction = auction_address(trading["market"], last)
    await trading.run("open_auction", starts_at=last)
    before = await trading.state()

    await trading.run("place_order", by="thief", auction=auction)
    await trading.run("cancel_order", by="thief", auction=auction)

    assert await trading.state() == changed(
        before,
        market={"sequence": 14},
        last_auction={"order_count": 1},
        thief_order={"auction": auction, "price": PRICE, "side": "OFFER", "active": True},
    )


async def test_a_cleared_auction_never_lapses(trading: Trading) -> None:
    await trading.clear(250_000, ["owner", "neighbour"])
    for moment in (CLOSES_AT, LAPSES_AT, LAPSES_AT * 2):
        trading.travel_to(moment)
        async with trading.refused("gate has closed"):
            await trading.run("cancel_order")

    await trading.run("settle_order")


@pytest.mark.parametrize(
    ("owner", "slot", "wrong", "message"),
    [
        ("owner", "vault", "payment_vault", "energy vault is not of this market"),
        ("neighbour", "vault", "energy_vault", "payment vault is not of this market"),
        ("owner", "destination", "energy_vault", "destination is the vault"),
        ("neighbour", "destination", "payment_vault", "destination is the vault"),
        ("owner", "destination", "owner_payment", "destination holds another mint"),
        ("neighbour", "destination", "neighbour_energy", "destination holds another mint"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    trading: Trading, owner: str, slot: str, wrong: str, message: str
) -> None:
    async with trading.refused(message):
        await trading.run("cancel_order", by=owner, **{slot: trading[wrong]})

    await trading.run("cancel_order", by=owner)
