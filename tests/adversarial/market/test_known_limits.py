"""What the program allows, as its head says: none of it locks or takes what was deposited."""

import pytest
from solders.pubkey import Pubkey
from spl.token.instructions import ApproveParams, TransferParams, approve, transfer

from tests.support.market import (
    BID,
    CLOSES_AT,
    FEE_BPS,
    INTERVAL,
    LAPSES_AT,
    NUMBERS,
    OFFER,
    STARTS_AT,
    Trading,
    auction_address,
    pda,
)
from tests.support.stage import TOKEN_PROGRAM

pytestmark = pytest.mark.embedded


async def test_a_fee_raised_between_signing_and_landing(trading: Trading) -> None:
    await trading.run("set_policy", fee_bps=0)
    signed = trading.instruction("place_offer")
    await trading.run("set_policy", fee_bps=500)
    (event,) = await trading.send(signed, signers=["owner"])
    assert event.data["fee_bps"] == 500  # nothing in place_offer says what the owner expects


@pytest.mark.parametrize(("parts", "fees"), [(1, 49), (20, 40), (100, 0)])
async def test_small_fills_pay_no_fee(trading: Trading, parts: int, fees: int) -> None:
    """1 % of 4,950 base units; in parts of less than 100 each, nothing."""
    await trading.run("place_offer", price=2_475, amount=2_000, minimum_fill=1)
    for _ in range(parts):
        await trading.run("fill_offer", amount=2_000 // parts, maximum_cost=10_000)
        trading.chain.unix_timestamp += 1
    assert (await trading.state())["market"]["fees"] == fees


async def test_a_flood_needs_one_minimum_order_and_no_new_rent(trading: Trading) -> None:
    """Placed and cancelled in one transaction, with the same 100 Wh; free again for the next auction."""
    names = [f"flood_{n}" for n in range(8)]
    for n, name in enumerate(names):
        trading.accounts[name] = pda(b"order", trading["market"], trading["thief"], bytes([100 + n]))
        await trading.run("open_order", owner="thief", number=100 + n, order=trading[name])
    await trading.run("open_auction", starts_at=STARTS_AT + 2 * 86_400 // INTERVAL * INTERVAL)
    later = auction_address(trading["market"], STARTS_AT + 2 * 86_400 // INTERVAL * INTERVAL)
    poor = TransferParams(
        TOKEN_PROGRAM, trading["thief_energy"], trading["owner_energy"], trading["thief"], 100_000 - 100
    )
    await trading.send(transfer(poor), signers=["thief"])
    for auction in (trading["auction"], later):
        for half in (names[:4], names[4:]):
            await trading.send(
                *(
                    trading.instruction(ix, by="thief", order=trading[name], auction=auction, **extra)
                    for name in half
                    for ix, extra in (("place_order", {"amount": 100}), ("cancel_order", {}))
                ),
                signers=["thief"],
            )
        if auction == trading["auction"]:
            trading.travel_to(LAPSES_AT)
            for name in names:
                await trading.run("cancel_order", by="thief", order=trading[name])
    state = await trading.state()
    assert state["thief_energy"]["amount"] == 100


async def test_a_delegate_takes_what_somebody_settles_there(trading: Trading) -> None:
    """The thief, who may spend from the neighbour's old account, settles the neighbour's order to it."""
    await trading.make_tokens("neighbour_old", "neighbour", mint="energy")
    allow = ApproveParams(
        TOKEN_PROGRAM, trading["neighbour_old"], trading["thief"], trading["neighbour"], 10**9
    )
    await trading.send(approve(allow), signers=["neighbour"])
    await trading.run("place_order")
    await trading.run("place_order", by="neighbour", side=BID)
    await trading.clear(250_000, ["owner", "neighbour"])
    await trading.run("settle_order", of="neighbour", energy_destination=trading["neighbour_old"])
    take = TransferParams(
        TOKEN_PROGRAM, trading["neighbour_old"], trading["thief_energy"], trading["thief"], 2_000
    )
    await trading.send(transfer(take), signers=["thief"])


async def test_many_small_orders_take_all_the_odd_watt_hours(empty_trading: Trading) -> None:
    """Orders of 1 Wh: who chooses the order of settling has all of theirs filled, and the others none."""
    trading = empty_trading
    await trading.start(minimum_order=1)
    orders: list[tuple[str, Pubkey]] = []
    for n in range(4):
        for owner in ("owner", "thief"):
            address = pda(b"order", trading["market"], trading[owner], bytes([50 + n]))
            trading.accounts[f"{owner}_{50 + n}_order"] = address
            await trading.run("open_order", owner=owner, number=50 + n, order=address)
            await trading.run("place_order", by=owner, order=address, amount=1)
            orders.append((owner, address))
    await trading.run("place_order", by="neighbour", side=BID, amount=4)
    trading.travel_to(CLOSES_AT)
    await trading.run("propose_price")
    for _, address in orders:
        await trading.run("count_order", order=address)
    await trading.run("count_order", of="neighbour", clearing=trading["owner_clearing"])
    await trading.run("clear_auction")
    filled = {"owner": 0, "thief": 0}
    for owner, address in orders:
        (event,) = await trading.run("settle_order", of=owner, order=address)
        filled[owner] += event.data["filled"]
    assert filled == {"owner": 0, "thief": 4}


async def test_a_seller_gets_nothing_for_what_a_buyer_pays(empty_trading: Trading) -> None:
    """Less than a base unit: of a mint without decimals that is a whole token."""
    await empty_trading.start(minimum_order=1)
    await empty_trading.run("place_order", price=999, amount=1)
    await empty_trading.run("place_order", by="neighbour", side=BID, price=999, amount=1)
    await empty_trading.clear(999, ["owner", "neighbour"])
    (sold,) = await empty_trading.run("settle_order")
    await empty_trading.run("settle_order", of="neighbour")
    assert (sold.data["filled"], sold.data["payment"]) == (1, 0)
    assert (await empty_trading.state())["market"]["fees"] == 1


@pytest.mark.parametrize(
    ("washes", "price", "traded"),
    [
        ([], 250_000, 0),
        ([(BID, 399_998)], 399_999, 0),
        ([(OFFER, 100_001)], 100_000, 0),
        ([(BID, 250_000)], 325_000, 0),  # by no more than half of the way from the bid to the highest
        ([(BID, 399_999), (OFFER, 100_001)], 250_000, 1),  # of both sides: back where it was, and not free
    ],
)
async def test_an_order_of_1_wh_moves_the_price_by_half_its_range_and_pays_nothing(
    empty_trading: Trading, washes: list[tuple[str, int]], price: int, traded: int
) -> None:
    """The neighbour bids 400,000 for 10,000 Wh, the owner offers them at 100,000: 250,000 clears."""
    trading = empty_trading
    await trading.start(minimum_order=1)
    await trading.run("open_order", owner="thief", nth="second_")
    await trading.run("place_order", price=100_000, amount=10_000)
    await trading.run("place_order", by="neighbour", side=BID, price=400_000, amount=10_000)
    before = await trading.state()
    for nth, (side, limit) in zip(NUMBERS, washes, strict=False):
        await trading.run("place_order", by="thief", nth=nth, side=side, price=limit, amount=1)
    trading.travel_to(CLOSES_AT)
    await trading.run("propose_price", price=price)
    placed = [("owner", ""), ("neighbour", ""), *(("thief", nth) for nth in NUMBERS[: len(washes)])]
    for owner, nth in placed:
        await trading.run("count_order", of=owner, nth=nth, clearing=trading["owner_clearing"])
    await trading.run("clear_auction")

    events = [(await trading.run("settle_order", of=owner, nth=nth))[0] for owner, nth in placed]

    assert [event.data["filled"] for event in events] == [10_000, 10_000, *[traded] * len(washes)]
    after = await trading.state()
    paid = before["neighbour_payment"]["amount"] - after["neighbour_payment"]["amount"]
    assert paid == price * 10 - 400_000 * 10  # the bid's escrow was in the vault before
    assert after["thief_energy"] == before["thief_energy"]
    fee = price // 1_000 * FEE_BPS // 10_000
    assert before["thief_payment"]["amount"] - after["thief_payment"]["amount"] == traded * fee


async def test_the_authority_pauses_right_after_its_own_order(trading: Trading) -> None:
    await trading.run("place_order", price=250_000)
    await trading.run("pause")
    async with trading.refused("market is paused"):
        await trading.run("place_order", by="neighbour", side=BID)
    await trading.run("cancel_order")
