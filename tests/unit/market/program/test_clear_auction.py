import pytest
from anchorpy import Event

from tests.support.market import BID, CLOSES_AT, LAPSES_AT, Trading
from tests.support.stage import changed

BOOK = ["owner", "neighbour", "thief"]
TOO_LOW = "price is too low to maximise the volume"
TOO_HIGH = "price is too high to maximise the volume"
NOT_MIDDLE = "price is not the middle of those that maximise the volume"


@pytest.fixture
async def trading(trading: Trading) -> Trading:
    """The owner offers 2,000 Wh at 200,000; neighbour and thief bid for 900 at 300,000 and 800 at 250,000."""
    await trading.run("place_order", price=200_000)
    await trading.run("place_order", by="neighbour", side=BID, price=300_000, amount=900)
    await trading.run("place_order", by="thief", side=BID, price=250_000, amount=800)
    trading.travel_to(CLOSES_AT)
    return trading


async def count(trading: Trading, price: int, book: list[str] = BOOK) -> None:
    await trading.run("propose_price", price=price)
    for owner in book:
        await trading.run("count_order", of=owner, clearing=trading["owner_clearing"])


async def test_clears_at_a_price_from_which_the_book_was_counted(trading: Trading) -> None:
    await count(trading, 200_000)
    before = await trading.state()

    events = await trading.run("clear_auction")

    outcome = {
        **{"price": 200_000, "volume": 1_700, "bids_at_price": 0, "bids_at_price_filled": 0},
        **{"offers_at_price": 2_000, "offers_at_price_filled": 1_700},
    }
    assert await trading.state() == changed(
        before, auction={**outcome, "cleared": True}, market={"sequence": 13}
    )
    accounts = {"market": trading["market"], "auction": trading["auction"]}
    totals = {"energy_held": 2_000, "payment_held": 470_000, "sequence": 13}
    assert events == [Event("AuctionCleared", {**accounts, **outcome, **totals})]


@pytest.mark.parametrize(
    ("price", "message"),
    [
        (0, TOO_LOW),
        (199_999, TOO_LOW),
        (200_001, TOO_HIGH),
        (250_000, TOO_HIGH),
        (300_000, TOO_HIGH),
        (300_001, TOO_HIGH),
    ],
)
async def test_refuses_any_other_price(trading: Trading, price: int, message: str) -> None:
    await count(trading, price)
    async with trading.refused(message):
        await trading.run("clear_auction")

    await count(trading, 200_000)
    await trading.run("clear_auction")


@pytest.mark.parametrize(
    ("offered", "bid", "price", "message", "better"),
    [
        (1_000, 1_001, 250_000, TOO_LOW, 251_000),
        (1_001, 1_000, 251_000, TOO_HIGH, 250_000),
    ],
)
async def test_a_single_watt_hour_decides(
    empty_trading: Trading, offered: int, bid: int, price: int, message: str, better: int
) -> None:
    """One too much is bid for at the one price, or offered below the other."""
    await empty_trading.start()
    await empty_trading.run("place_order", price=250_000, amount=offered)
    await empty_trading.run("place_order", by="neighbour", side=BID, price=251_000, amount=bid)
    empty_trading.travel_to(CLOSES_AT)
    await count(empty_trading, price, ["owner", "neighbour"])
    async with empty_trading.refused(message):
        await empty_trading.run("clear_auction")

    await count(empty_trading, better, ["owner", "neighbour"])
    await empty_trading.run("clear_auction")


@pytest.mark.embedded
async def test_of_several_prices_the_middle_clears(trading: Trading) -> None:
    """With 300 Wh more offered at 100,000 and as much bid for, 1,700 trade at any price between."""
    trading.travel_to(CLOSES_AT - 1)
    await trading.run("cancel_order")
    await trading.run("open_order", nth="second_")
    await trading.run("place_order", nth="second_", price=100_000, amount=1_700)
    trading.travel_to(CLOSES_AT)
    for price, message in (
        (99_999, TOO_LOW),
        (100_000, NOT_MIDDLE),
        (100_001, NOT_MIDDLE),
        (174_999, NOT_MIDDLE),
        (175_001, NOT_MIDDLE),
        (249_999, NOT_MIDDLE),
        (250_000, NOT_MIDDLE),
        (250_001, TOO_HIGH),
    ):
        await count(trading, price)
        await trading.run("count_order", nth="second_")
        async with trading.refused(message):
            await trading.run("clear_auction")

    await count(trading, 175_000)
    await trading.run("count_order", nth="second_")
    await trading.run("clear_auction")
    auction = (await trading.state())["auction"]
    assert auction["volume"] == 1_700
    for nobody in ("bids_at_price", "bids_at_price_filled", "offers_at_price", "offers_at_price_filled"):
        assert auction[nobody] == 0
    for owner, nth, filled in (
        *(("owner", "", 0), ("owner", "second_", 1_700)),
        *(("neighbour", "", 900), ("thief", "", 800)),
    ):
        (event,) = await trading.run("settle_order", of=owner, nth=nth)
        assert event.data["filled"] == filled


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("ask", "bid", "middle"),
    [
        (250_000, 250_000, 250_000),
        (250_000, 250_001, 250_000),
        (250_000, 250_002, 250_001),
        (250_000, 250_003, 250_001),
        (1, 10**12, (10**12 + 1) // 2),
    ],
)
async def test_the_middle_is_rounded_down(empty_trading: Trading, ask: int, bid: int, middle: int) -> None:
    trading = empty_trading
    await trading.start(minimum_order=1)
    await trading.run("place_order", price=ask, amount=1)
    await trading.run("place_order", by="neighbour", side=BID, price=bid, amount=1)
    trading.travel_to(CLOSES_AT)
    for wrong in sorted({ask, middle - 1, middle + 1, bid} - {middle}):
        await count(trading, wrong, ["owner", "neighbour"])
        message = TOO_LOW if wrong < ask else TOO_HIGH if wrong > bid else NOT_MIDDLE
        async with trading.refused(message):
            await trading.run("clear_auction")

    await count(trading, middle, ["owner", "neighbour"])
    await trading.run("clear_auction")


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("orders", "price"),
    [
        ([], 0),
        ([("owner", "OFFER", 200_000)], 100_000),
        ([("owner", BID, 200_000)], 200_000),
        ([("owner", "OFFER", 200_000), ("neighbour", BID, 100_000)], 150_000),
    ],
)
async def test_where_nothing_can_trade(
    trading: Trading, orders: list[tuple[str, str, int]], price: int
) -> None:
    trading.travel_to(CLOSES_AT - 1)
    await trading.start(at="rival")
    for owner, side, limit in orders:
        await trading.run("place_order", by=owner, at="rival", side=side, price=limit)

    await trading.clear(price, [owner for owner, *_ in orders], at="rival")

    auction = (await trading.state())["rival_auction"]
    assert (auction["cleared"], auction["volume"], auction["price"]) == (True, 0, price)
    for owner, *_ in orders:
        await trading.run("settle_order", of=owner, at="rival")
    market = (await trading.state())["rival_market"]
    assert (market["energy_held"], market["payment_held"]) == (0, 0)


async def test_refuses_a_book_that_is_not_counted_to_its_end(trading: Trading) -> None:
    for counted in ([], ["owner"], ["owner", "neighbour"]):
        await count(trading, 200_000, counted)
        async with trading.refused("orders are not all counted"):
            await trading.run("clear_auction")

    await trading.run("count_order", of="thief", clearing=trading["owner_clearing"])
    await trading.run("clear_auction")


async def test_clears_once(trading: Trading) -> None:
    await count(trading, 200_000)
    await trading.run("clear_auction")
    async with trading.refused("auction is cleared already"):
        await trading.run("clear_auction")

    await trading.run("settle_order")


@pytest.mark.embedded
async def test_clears_until_the_second_before_it_lapses(trading: Trading) -> None:
    await count(trading, 200_000)
    trading.travel_to(LAPSES_AT)
    async with trading.refused("auction has lapsed"):
        await trading.run("clear_auction")

    trading.travel_to(LAPSES_AT - 1)
    await trading.run("clear_auction")


async def test_clears_by_the_count_of_this_auction(trading: Trading) -> None:
    await count(trading, 200_000)
    async with trading.refused("clearing belongs to another auction"):
        await trading.run("clear_auction", of="neighbour")

    await trading.run("clear_auction")
