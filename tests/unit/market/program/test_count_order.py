import pytest

from tests.support.market import BID, CLOSES_AT, INTERVAL, OFFER, STARTS_AT, Trading
from tests.support.stage import changed

SUMS = ("counted", "demand_above", "demand_at", "supply_below", "supply_at", "price_below", "price_above")


@pytest.fixture
async def trading(trading: Trading) -> Trading:
    """The owner offers and the neighbour bids at 250,000; the thief has cancelled."""
    await trading.run("place_order", amount=700)
    await trading.run("place_order", by="neighbour", side=BID, amount=900)
    await trading.run("place_order", by="thief", side=BID, amount=500)
    await trading.run("cancel_order", by="thief")
    trading.travel_to(CLOSES_AT)
    return trading


@pytest.mark.parametrize(
    ("price", "sums"),
    [
        (249_999, [3, 900, 0, 0, 0, 0, 250_000]),
        (250_000, [3, 0, 900, 0, 700, 0, 0]),
        (250_001, [3, 0, 0, 700, 0, 250_000, 0]),
    ],
)
async def test_counts_the_book_from_a_price(trading: Trading, price: int, sums: list[int]) -> None:
    await trading.run("propose_price", price=price)
    before = await trading.state()

    for owner in ("owner", "neighbour", "thief"):
        events = await trading.run("count_order", of=owner, clearing=trading["owner_clearing"])
        assert events == []

    counted = dict(zip(SUMS, sums, strict=True))
    assert await trading.state() == changed(before, owner_clearing=counted)


@pytest.mark.parametrize(
    ("prices", "below", "above"),
    [
        ([260_000, 270_000, 240_000, 230_000], 240_000, 260_000),
        ([270_000, 260_000, 230_000, 240_000], 240_000, 260_000),
        ([1, 10**12, 2, 250_001], 2, 250_001),
        ([249_999, 249_999, 250_000, 3], 249_999, 0),
    ],
)
@pytest.mark.parametrize("side", [BID, OFFER])
async def test_finds_the_nearest_orders_of_either_side(
    empty_trading: Trading, side: str, prices: list[int], below: int, above: int
) -> None:
    trading = empty_trading
    await trading.start(minimum_order=1)
    await trading.run("open_order", nth="second_")
    await trading.run("open_order", nth="third_")
    orders = [("owner", ""), ("neighbour", ""), ("owner", "second_"), ("thief", ""), ("owner", "third_")]
    for (owner, nth), price in zip(orders, [*prices, 250_001], strict=True):
        await trading.run("place_order", by=owner, nth=nth, side=side, price=price, amount=1)
    await trading.run("cancel_order", nth="third_")  # it was as near, and holds nothing any more
    trading.travel_to(CLOSES_AT)

    await trading.run("propose_price")
    for owner, nth in orders:
        await trading.run("count_order", of=owner, nth=nth, clearing=trading["owner_clearing"])

    clearing = (await trading.state())["owner_clearing"]
    assert (clearing["price_below"], clearing["price_above"]) == (below, above)


async def test_counts_each_once_and_in_order(trading: Trading) -> None:
    clearing = {"clearing": trading["owner_clearing"]}
    await trading.run("propose_price")
    for owner in ("neighbour", "thief"):
        async with trading.refused("order is not the next one"):
            await trading.run("count_order", of=owner, **clearing)
    await trading.run("count_order", of="owner", **clearing)
    for owner in ("owner", "thief"):
        async with trading.refused("order is not the next one"):
            await trading.run("count_order", of=owner, **clearing)

    await trading.run("count_order", of="neighbour", **clearing)
    await trading.run("count_order", of="thief", **clearing)
    for owner in ("owner", "neighbour", "thief"):
        async with trading.refused("order is not the next one"):
            await trading.run("count_order", of=owner, **clearing)


async def test_counts_what_has_begun(trading: Trading) -> None:
    async with trading.refused("clearing belongs to another auction"):
        await trading.run("count_order")

    await trading.run("propose_price")
    await trading.run("count_order")


@pytest.mark.embedded
async def test_counts_no_order_of_another_auction(trading: Trading) -> None:
    trading.travel_to(CLOSES_AT - 1)
    await trading.run("open_auction", starts_at=STARTS_AT + INTERVAL, auction=trading["second_auction"])
    await trading.run("open_order", nth="second_")
    await trading.run("place_order", nth="second_", side=OFFER, auction=trading["second_auction"])
    trading.travel_to(CLOSES_AT)
    await trading.run("propose_price")
    async with trading.refused("order belongs to another auction"):
        await trading.run("count_order", nth="second_")
    async with trading.refused("clearing belongs to another auction"):
        await trading.run("count_order", nth="second_", auction=trading["second_auction"])

    await trading.run("count_order")
