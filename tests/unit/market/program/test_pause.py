from anchorpy import Event

from tests.support.market import BID, CLOSES_AT, EXPIRES_AT, INTERVAL, STARTS_AT, Trading
from tests.support.stage import changed


async def test_pauses_the_market(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("pause")

    assert await trading.state() == changed(before, market={"paused": True, "sequence": 10})
    totals = {"energy_held": 0, "payment_held": 0, "sequence": 10}
    assert events == [Event("MarketPaused", {"market": trading["market"], **totals})]


async def test_pauses_once_until_resumed(trading: Trading) -> None:
    await trading.run("pause")
    async with trading.refused("market is paused"):
        await trading.run("pause")

    await trading.run("resume")
    await trading.run("pause")


async def test_stops_offers_fills_auctions_and_orders(trading: Trading) -> None:
    await trading.run("place_offer")
    await trading.run("pause")
    second = {"starts_at": STARTS_AT + INTERVAL, "auction": trading["second_auction"]}
    stopped = [
        ("place_offer", {"by": "neighbour"}),
        ("fill_offer", {}),
        ("open_auction", second),
        ("place_order", {}),
    ]
    for instruction, changes in stopped:
        async with trading.refused("market is paused"):
            await trading.run(instruction, **changes)

    await trading.run("resume")
    for instruction, changes in stopped:
        await trading.run(instruction, **changes)


async def test_stops_nothing_that_gives_back(trading: Trading) -> None:
    await trading.run("place_offer")
    await trading.run("place_offer", by="neighbour")
    await trading.run("place_order")
    await trading.run("place_order", by="neighbour", side=BID)
    await trading.run("place_order", by="thief", side=BID)
    await trading.run("pause")

    await trading.run("cancel_offer")
    await trading.run("cancel_order", by="thief")
    trading.travel_to(max(EXPIRES_AT, CLOSES_AT))
    await trading.run("release_expired", of="neighbour")
    await trading.clear(250_000, ["owner", "neighbour", "thief"])
    for owner in ("owner", "neighbour", "thief"):
        await trading.run("settle_order", of=owner)
    await trading.run("collect_fees")

    market = (await trading.state())["market"]
    assert (market["energy_held"], market["payment_held"], market["fees"]) == (0, 0, 0)


async def test_pauses_one_market(trading: Trading) -> None:
    await trading.start(at="rival")
    await trading.run("pause", at="rival", by="rival")

    async with trading.refused("market is paused"):
        await trading.run("place_offer", at="rival")
    await trading.run("place_offer")
