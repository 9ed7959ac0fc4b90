"""Whole auctions: random books, cleared and settled in random order on the real program."""

from dataclasses import dataclass
from random import Random

import pytest

from tests.support.market import BID, CLOSES_AT, MAKERS, NUMBERS, OFFER, Trading
from tests.support.stage import Snapshot

FEE_BPS = 137
ACCOUNTS = [(owner, nth) for owner in (*MAKERS, "newcomer") for nth in NUMBERS]


@dataclass
class Order:
    """An order, and whose account it is."""

    owner: str
    nth: str
    side: str
    price: int
    amount: int  # 0 if it was cancelled


def demand(book: list[Order], price: int) -> int:
    """Wh that buyers want at a price."""
    return sum(order.amount for order in book if order.side == BID and order.price >= price)


def supply(book: list[Order], price: int) -> int:
    """Wh that sellers give at a price."""
    return sum(order.amount for order in book if order.side == OFFER and order.price <= price)


def optimum(book: list[Order]) -> tuple[int, int]:
    """The middle of the prices at which the most energy trades, fit to both sides, and how much that is.

    By trying every price: at one that clears nobody better than it is left out, since as much as the
    scarcer side has trades.
    """
    prices = range(max((order.price for order in book if order.amount), default=0) + 1)
    volumes = [min(demand(book, price), supply(book, price)) for price in prices]
    most = max(volumes)
    clear = [
        price
        for price in prices
        if volumes[price] == most and demand(book, price + 1) <= most and supply(book, price - 1) <= most
    ]
    return (clear[0] + clear[-1]) // 2, most


def random_book(random: Random) -> list[Order]:
    """Up to 12 orders, at few prices, so that many are equal."""
    top = random.choice((3, 12, 40))
    accounts = random.sample(ACCOUNTS, random.randint(0, len(ACCOUNTS)))
    return [
        Order(
            *account,
            random.choice((BID, OFFER)),
            random.randint(1, top),
            random.choice((100, 200, 333, 1_000, random.randint(100, 5_000))),
        )
        for account in accounts
    ]


@pytest.fixture
async def trading(empty_trading: Trading) -> Trading:
    """A market that takes a fee of 1.37 %, where each of four has three order accounts."""
    trading = empty_trading
    await trading.start(fee_bps=FEE_BPS)
    for owner, nth in ACCOUNTS:
        if owner == "newcomer" or nth:
            await trading.run("open_order", owner=owner, nth=nth)
    return trading


async def count(trading: Trading, book: list[Order], price: int) -> None:
    """Count a book from a price, by whoever."""
    await trading.run("propose_price", price=price)
    for order in book:
        await trading.run("count_order", of=order.owner, nth=order.nth, clearing=trading["owner_clearing"])


def refusal(book: list[Order], price: int) -> str:
    """Why a price that is not the optimum is refused."""
    if demand(book, price + 1) > supply(book, price):
        return "price is too low to maximise the volume"
    if supply(book, price - 1) > demand(book, price):
        return "price is too high to maximise the volume"
    return "price is not the middle of those that maximise the volume"


def moved(before: Snapshot, after: Snapshot, owner: str, kind: str) -> int:
    """By how much somebody's tokens have become more."""
    return after[f"{owner}_{kind}"]["amount"] - before[f"{owner}_{kind}"]["amount"]


@pytest.mark.parametrize("seed", range(50))
async def test_clears_at_the_optimum_and_everything_adds_up(trading: Trading, seed: int) -> None:
    random = Random(seed)  # noqa: S311 (a book, no secret)
    book = random_book(random)
    before = await trading.state()
    for order in book:
        terms = {"side": order.side, "price": order.price, "amount": order.amount}
        await trading.run("place_order", by=order.owner, nth=order.nth, **terms)
    for order in book:
        if random.random() < 0.2:
            await trading.run("cancel_order", by=order.owner, nth=order.nth)
            order.amount = 0
    price, volume = optimum(book)
    trading.travel_to(CLOSES_AT)

    for wrong in random.sample(range(45), 3):
        if wrong != price:
            await count(trading, book, wrong)
            async with trading.refused(refusal(book, wrong)):
                await trading.run("clear_auction")
    await count(trading, book, price)
    await trading.run("clear_auction")
    events = [
        (order, (await trading.run("settle_order", of=order.owner, nth=order.nth))[0].data)
        for order in random.sample(book, len(book))
    ]

    after = await trading.state()
    auction, market = after["auction"], after["market"]
    assert (auction["price"], auction["volume"]) == (price, volume)
    for side in (BID, OFFER):
        assert sum(event["filled"] for order, event in events if order.side == side) == volume
    for order, event in events:
        better = order.price > price if order.side == BID else order.price < price
        worse = not better and order.price != price
        assert event["filled"] == order.amount if better else 0 <= event["filled"] <= order.amount
        assert event["filled"] == 0 or not worse
    for side, at_price in ((BID, "bids_at_price"), (OFFER, "offers_at_price")):
        total, filled = auction[at_price], auction[f"{at_price}_filled"]
        for order, event in events:
            if order.side == side and order.price == price and order.amount:
                assert abs(event["filled"] * total - order.amount * filled) < total  # less than a Wh

    costs: dict[str, int] = dict.fromkeys((*MAKERS, "newcomer"), 0)
    energy = dict(costs)
    for order, event in events:
        value = event["filled"] * price
        if order.side == BID:
            energy[order.owner] += event["filled"]
            costs[order.owner] += -(-value // 1_000)
        else:
            proceeds = value // 1_000
            energy[order.owner] -= event["filled"]
            costs[order.owner] -= proceeds - proceeds * FEE_BPS // 10_000
    for owner, cost in costs.items():
        assert moved(before, after, owner, "energy") == energy[owner]
        assert moved(before, after, owner, "payment") == -cost
    fees = sum(costs.values())
    assert market["fees"] == market["payment_held"] == after["payment_vault"]["amount"] == fees
    assert market["energy_held"] == after["energy_vault"]["amount"] == 0
    proper = sum(event["fee"] for _, event in events)
    assert proper <= fees <= proper + max(len(book), 1) - 1


def test_the_books_are_of_every_kind() -> None:
    """Else the test above would show less than it says."""
    books = [random_book(Random(seed)) for seed in range(50)]  # noqa: S311 (as above)
    outcomes = [(*optimum(book), book) for book in books]
    assert {len(book) for book in books} == set(range(13))
    assert sum(volume > 0 for _, volume, _ in outcomes) > 30
    assert sum(volume == 0 for _, volume, _ in outcomes) > 2
    refusals = {refusal(book, price) for best, _, book in outcomes for price in range(45) if price != best}
    assert len(refusals) == 3
