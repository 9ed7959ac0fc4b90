import pytest
from anchorpy import Event

from tests.support.market import INTERVAL, STARTS_AT, Trading
from tests.support.stage import changed


async def test_sets_the_fee_and_the_minimum(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("set_policy", fee_bps=250, minimum_order=1_000)

    policy = {"fee_bps": 250, "minimum_order": 1_000}
    assert await trading.state() == changed(before, market={**policy, "sequence": 10})
    totals = {"energy_held": 0, "payment_held": 0, "sequence": 10}
    assert events == [Event("PolicySet", {"market": trading["market"], **policy, **totals})]


@pytest.mark.parametrize(("fee_bps", "minimum_order"), [(0, 1), (500, 10**12)])
async def test_accepts_the_ends_of_each_range(trading: Trading, fee_bps: int, minimum_order: int) -> None:
    await trading.run("set_policy", fee_bps=fee_bps, minimum_order=minimum_order)

    market = (await trading.state())["market"]
    assert (market["fee_bps"], market["minimum_order"]) == (fee_bps, minimum_order)


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("fee_bps", 501, "fee exceeds 500 basis points"),
        ("minimum_order", 0, "minimum order must be positive"),
        ("minimum_order", 10**12 + 1, "minimum order exceeds a terawatt-hour"),
    ],
)
async def test_refuses_what_no_market_begins_with(
    trading: Trading, argument: str, value: int, message: str
) -> None:
    async with trading.refused(message):
        await trading.run("set_policy", **{argument: value})

    await trading.run("set_policy")


async def test_what_is_placed_and_opened_keeps_its_fee(trading: Trading) -> None:
    await trading.run("place_offer")
    await trading.run("set_policy", fee_bps=500)
    await trading.run("place_offer", by="thief")
    await trading.run("open_auction", starts_at=STARTS_AT + INTERVAL, auction=trading["second_auction"])

    events = [(await trading.run("fill_offer", of=owner))[0] for owner in ("owner", "thief")]

    assert [event.data["fee"] for event in events] == [2_500, 12_500]
    state = await trading.state()
    assert (state["auction"]["fee_bps"], state["second_auction"]["fee_bps"]) == (100, 500)


async def test_orders_from_then_on_have_the_minimum(trading: Trading) -> None:
    await trading.run("place_order", amount=100)
    await trading.run("set_policy", minimum_order=101)
    async with trading.refused("amount is below the minimum order"):
        await trading.run("place_order", by="neighbour", amount=100)

    await trading.run("place_order", by="neighbour", amount=101)
    await trading.run("cancel_order")
