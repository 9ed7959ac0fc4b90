import pytest
from anchorpy import Event
from anchorpy.error import _LangErrorCode as Anchor

from tests.support.market import CLOSES_AT, INTERVAL, PROGRAM, STARTS_AT, Trading, auction_address
from tests.support.stage import I64_MAX, NOON, SYSTEM_PROGRAM, System, changed

AUCTION_BYTES = 160
YEAR = 31_536_000  # s


def second(trading: Trading) -> dict[str, object]:
    """The auction of the next interval."""
    return {"starts_at": STARTS_AT + INTERVAL, "auction": trading["second_auction"]}


async def test_opens_the_auction_of_an_interval_at_anyones_expense(trading: Trading) -> None:
    before = await trading.state()
    assert before["second_auction"] is None

    events = await trading.run("open_auction", by="newcomer", **second(trading))

    rent = await trading.rent(AUCTION_BYTES)
    times = {"starts_at": STARTS_AT + INTERVAL, "closes_at": CLOSES_AT + INTERVAL}
    counts = ("order_count", "settled_count", "price", "volume", "received", "paid")
    at_price = [
        f"{side}_at_price{part}" for side in ("bids", "offers") for part in ("", "_filled", "_settled")
    ]
    assert await trading.state() == changed(
        before,
        newcomer={"lamports": before["newcomer"]["lamports"] - rent},
        market={"sequence": 10},
        second_auction={
            **{"lamports": rent, "program": PROGRAM, "size": AUCTION_BYTES, "kind": "Auction"},
            **{"market": trading["market"], **times, "fee_bps": 100, "cleared": False},
            **dict.fromkeys((*counts, *at_price), 0),
        },
    )
    accounts = {"market": trading["market"], "auction": trading["second_auction"]}
    totals = {"energy_held": 0, "payment_held": 0, "sequence": 10}
    assert events == [Event("AuctionOpened", {**accounts, **times, "fee_bps": 100, **totals})]


async def test_an_interval_has_one_auction(trading: Trading) -> None:
    for payer in ("operator", "thief"):
        async with trading.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
            await trading.run("open_auction", by=payer)

    await trading.run("open_auction", **second(trading))


@pytest.mark.parametrize("off", [-1, 1, 450])
async def test_intervals_start_at_the_multiples_of_their_length(trading: Trading, off: int) -> None:
    async with trading.refused("no interval starts then", by=PROGRAM):
        await trading.run("open_auction", starts_at=STARTS_AT + INTERVAL + off)

    await trading.run("open_auction", **second(trading))


async def test_refuses_the_address_of_another_interval(trading: Trading) -> None:
    async with trading.refused(Anchor.ConstraintSeeds):
        await trading.run("open_auction", starts_at=STARTS_AT, auction=trading["second_auction"])

    await trading.run("open_auction", **second(trading))


@pytest.mark.embedded
async def test_opens_until_the_second_before_the_gate_closes(trading: Trading) -> None:
    trading.travel_to(CLOSES_AT + INTERVAL)
    async with trading.refused("gate has closed"):
        await trading.run("open_auction", **second(trading))

    trading.travel_to(CLOSES_AT + INTERVAL - 1)
    await trading.run("open_auction", **second(trading))


@pytest.mark.parametrize("starts_at", [0, -INTERVAL, NOON])
async def test_refuses_what_is_past(trading: Trading, starts_at: int) -> None:
    async with trading.refused("gate has closed"):
        await trading.run("open_auction", starts_at=starts_at)

    await trading.run("open_auction", **second(trading))


async def test_opens_at_most_a_year_ahead(trading: Trading) -> None:
    trading.travel_to(CLOSES_AT - 1)
    for starts_at in (STARTS_AT + YEAR, I64_MAX - I64_MAX % INTERVAL):
        async with trading.refused("gate closes more than a year ahead"):
            await trading.run("open_auction", starts_at=starts_at)

    trading.travel_to(CLOSES_AT)
    await trading.run("open_auction", starts_at=STARTS_AT + YEAR)


@pytest.mark.embedded
async def test_opens_the_last_interval_there_is(trading: Trading) -> None:
    last = I64_MAX - I64_MAX % INTERVAL
    trading.travel_to(last - YEAR)
    trading.accounts["last_auction"] = auction_address(trading["market"], last)

    await trading.run("open_auction", starts_at=last, auction=trading["last_auction"])

    assert (await trading.state())["last_auction"]["closes_at"] == last - 3_600
