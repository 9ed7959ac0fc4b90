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
    STARTS_AT,
    Trading,
    auction_address,
)
from tests.support.stage import TOKEN_PROGRAM, U64_MAX, Token, changed

TERAWATT_HOUR = 10**12


async def test_an_offer_moves_its_energy_to_the_vault(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("place_order", side=OFFER)

    order = {"index": 0, "price": 250_000, "amount": 2_000}
    assert await trading.state() == changed(
        before,
        owner_order={"auction": trading["auction"], **order, "side": OFFER, "active": True},
        auction={"order_count": 1},
        market={"energy_held": 2_000, "sequence": 10},
        owner_energy={"amount": ENERGY - 2_000},
        energy_vault={"amount": 2_000},
    )
    accounts = {"market": trading["market"], "auction": trading["auction"], "order": trading["owner_order"]}
    totals = {"energy_held": 2_000, "payment_held": 0, "sequence": 10}
    assert events == [Event("OrderPlaced", {**accounts, **order, "side": 1, "escrow": 2_000, **totals})]


async def test_a_bid_moves_what_it_can_cost_to_the_vault(trading: Trading) -> None:
    await trading.run("place_order")
    before = await trading.state()

    events = await trading.run("place_order", by="neighbour", side=BID, price=250_001, amount=1_999)

    order = {"index": 1, "price": 250_001, "amount": 1_999}
    escrow = 499_752  # 499,751.999, rounded up
    assert await trading.state() == changed(
        before,
        neighbour_order={"auction": trading["auction"], **order, "side": BID, "active": True},
        auction={"order_count": 2},
        market={"payment_held": escrow, "sequence": 11},
        neighbour_payment={"amount": PAYMENT - escrow},
        payment_vault={"amount": escrow},
    )
    accounts = {
        "market": trading["market"],
        "auction": trading["auction"],
        "order": trading["neighbour_order"],
    }
    totals = {"energy_held": 2_000, "payment_held": escrow, "sequence": 11}
    assert events == [Event("OrderPlaced", {**accounts, **order, "side": 0, "escrow": escrow, **totals})]


@pytest.mark.parametrize(
    ("price", "amount", "escrow"),
    [(1, 100, 1), (10, 100, 1), (10, 101, 2), (999, 1_001, 1_000), (1_000, 1_001, 1_001)],
)
async def test_rounds_what_a_bid_can_cost_up(trading: Trading, price: int, amount: int, escrow: int) -> None:
    (event,) = await trading.run("place_order", side=BID, price=price, amount=amount)

    assert event.data["escrow"] == (await trading.state())["payment_vault"]["amount"] == escrow


async def test_an_order_is_in_one_auction_at_a_time(trading: Trading) -> None:
    await trading.run("open_auction", starts_at=STARTS_AT + INTERVAL, auction=trading["second_auction"])
    await trading.run("place_order")
    for auction in ("auction", "second_auction"):
        async with trading.refused("order is active already"):
            await trading.run("place_order", auction=trading[auction])
    await trading.run("cancel_order")
    async with trading.refused("order is active already"):  # it keeps its place
        await trading.run("place_order", auction=trading["second_auction"])

    await trading.clear(0, ["owner"])
    await trading.run("settle_order")
    await trading.run("place_order", auction=trading["second_auction"])


async def test_an_order_of_a_lapsed_auction_is_used_again(trading: Trading) -> None:
    later = {"starts_at": STARTS_AT + 100 * INTERVAL}
    later["auction"] = trading.accounts["later_auction"] = auction_address(
        trading["market"], later["starts_at"]
    )
    await trading.run("open_auction", **later)
    await trading.run("place_order")
    trading.travel_to(LAPSES_AT)
    async with trading.refused("order is active already"):
        await trading.run("place_order", auction=trading["later_auction"])

    await trading.run("cancel_order")
    await trading.run("place_order", side=BID, auction=trading["later_auction"])


@pytest.mark.embedded
async def test_takes_orders_until_the_second_before_the_gate_closes(trading: Trading) -> None:
    trading.travel_to(CLOSES_AT)
    for side in (BID, OFFER):
        async with trading.refused("gate has closed"):
            await trading.run("place_order", side=side)

    trading.travel_to(CLOSES_AT - 1)
    await trading.run("place_order")
    await trading.run("place_order", by="neighbour", side=BID)


@pytest.mark.parametrize("side", [BID, OFFER])
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"price": 0}, "price must be positive"),
        ({"amount": 0}, "amount must be positive"),
        ({"amount": TERAWATT_HOUR + 1}, "amount exceeds a terawatt-hour"),
        ({"amount": 99}, "amount is below the minimum order"),
    ],
)
async def test_refuses_an_order_that_makes_no_sense(
    trading: Trading, side: str, changes: dict[str, int], message: str
) -> None:
    async with trading.refused(message):
        await trading.run("place_order", side=side, **changes)

    await trading.run("place_order", side=side)


async def test_accepts_the_ends_of_each_range(trading: Trading) -> None:
    await trading.make_tokens("plant_energy", "owner", U64_MAX - 10 * ENERGY, mint="energy")
    await trading.run("place_order", price=U64_MAX, amount=TERAWATT_HOUR, source=trading["plant_energy"])
    await trading.run("place_order", by="neighbour", side=BID, price=1, amount=TERAWATT_HOUR)

    market = (await trading.state())["market"]
    assert (market["energy_held"], market["payment_held"]) == (TERAWATT_HOUR, PAYMENT)


async def test_offers_and_pays_what_there_is(trading: Trading) -> None:
    for side, changes in ((OFFER, {"amount": ENERGY}), (BID, {"price": PAYMENT // 2, "amount": 2_000})):
        more = {name: value + 1 for name, value in changes.items()}
        async with trading.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
            await trading.run("place_order", by="neighbour", side=side, **more)

    await trading.run("place_order", by="neighbour", side=BID, price=PAYMENT // 2, amount=2_000)


async def test_a_bid_too_high_to_count_is_refused(trading: Trading) -> None:
    overflow = "called `Result::unwrap()` on an `Err` value: TryFromIntError(())"
    async with trading.refused(overflow):
        await trading.run("place_order", side=BID, price=U64_MAX, amount=1_001)

    await trading.run("place_order", side=OFFER, price=U64_MAX, amount=1_001)


@pytest.mark.parametrize(
    ("side", "slot", "wrong", "message"),
    [
        (BID, "vault", "energy_vault", "payment vault is not of this market"),
        (OFFER, "vault", "payment_vault", "energy vault is not of this market"),
        (BID, "source", "payment_vault", "source is the vault"),
        (OFFER, "source", "energy_vault", "source is the vault"),
        (BID, "source", "owner_energy", "source holds another mint"),
        (OFFER, "source", "owner_payment", "source holds another mint"),
        (BID, "source", "neighbour_payment", "source belongs to another owner"),
        (OFFER, "source", "neighbour_energy", "source belongs to another owner"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    trading: Trading, side: str, slot: str, wrong: str, message: str
) -> None:
    async with trading.refused(message):
        await trading.run("place_order", side=side, **{slot: trading[wrong]})

    await trading.run("place_order", side=side)
