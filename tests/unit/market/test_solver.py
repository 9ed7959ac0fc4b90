"""The price of an auction, beside another solver's volume and the definition itself."""

import os
from collections.abc import Iterator, Sequence
from itertools import product
from random import Random

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import block_diag

from amalgam.market.program import Limit, Side
from amalgam.market.solver import Outcome, solve

BOOKS = 10_000 if "CI" in os.environ else 1_000
TOGETHER = 50  # books that the other solver is given at once: each call has its cost
BID, OFFER = Side.BID, Side.OFFER


def bids(*orders: tuple[int, int]) -> list[Limit]:
    return [Limit(BID, price, amount) for price, amount in orders]


def offers(*orders: tuple[int, int]) -> list[Limit]:
    return [Limit(OFFER, price, amount) for price, amount in orders]


# What it is to be


@pytest.mark.parametrize(
    ("book", "price", "volume", "fills"),
    [
        ([], 0, 0, ()),
        (offers((300, 5)), 150, 0, (0,)),
        (bids((300, 5)), 300, 0, (0,)),
        (bids((200, 5)) + offers((300, 5)), 250, 0, (0, 0)),
        (bids((300, 5)) + offers((200, 5)), 250, 5, (5, 5)),  # of 200 to 300, the middle
        (bids((301, 5)) + offers((200, 5)), 250, 5, (5, 5)),  # rounded down
        (bids((201, 5)) + offers((200, 5)), 200, 5, (5, 5)),
        (bids((300, 5)) + offers((300, 7)), 300, 5, (5, 5)),
        (bids((300, 7)) + offers((200, 5)), 300, 5, (5, 5)),  # buyers compete
        (bids((400, 5), (300, 5)) + offers((100, 5)), 350, 5, (5, 0, 5)),  # and the bid at 300 is not better
        (bids((400, 5)) + offers((100, 5), (200, 5)), 150, 5, (5, 5, 0)),
        (bids((300, 10)) + offers((100, 4), (200, 8)), 200, 10, (10, 4, 6)),
        # In proportion, to the Wh: 5 of 3 + 3 + 3 are 1, 2 and 2.
        (bids((300, 5)) + offers((300, 3), (300, 3), (300, 3)), 300, 5, (5, 1, 2, 2)),
        (bids((300, 3), (300, 3), (300, 3)) + offers((300, 5)), 300, 5, (1, 2, 2, 5)),
        (bids((300, 5), (260, 0)) + offers((250, 5), (270, 0)), 275, 5, (5, 0, 5, 0)),  # two are cancelled
        (bids((2**64 - 1, 10**12)) + offers((1, 10**12)), 2**63, 10**12, (10**12, 10**12)),
    ],
)
def test_the_middle_price_clears(book: list[Limit], price: int, volume: int, fills: tuple[int, ...]) -> None:
    outcome = solve(book)
    assert (outcome.price, outcome.volume, outcome.fills) == (price, volume, fills)


def test_an_outcome_says_what_is_at_the_price() -> None:
    book = bids((400, 4), (300, 6), (300, 2)) + offers((300, 5), (200, 2))
    assert solve(book) == Outcome(300, 7, 8, 3, 5, 5, (4, 2, 1, 5, 2))


# Beside others


def books(count: int) -> Iterator[list[Limit]]:
    """Books of up to twelve orders at few prices, so that many have several of the best."""
    chance = Random(20260621)  # noqa: S311 (not a secret)
    for _ in range(count):
        most = chance.choice((2, 9, 60))
        yield [
            Limit(Side(chance.randrange(2)), chance.randint(1, most), chance.randint(0, 50))
            for _ in range(chance.randint(1, 12))
        ]


def most_traded(books: Sequence[list[Limit]]) -> list[int]:
    """The most that can be traded at one price in each book: a mixed-integer program, which HiGHS solves.

    A variable for each order, what trades of it, and one for each price, whether it is the one. An order
    trades only at a price it admits; as much is bought as sold.
    """
    programs = []
    for book in books:
        prices = sorted({order.price for order in book})
        signs = np.array([1.0 if order.side is BID else -1.0 for order in book])
        admits = [
            [
                -order.amount * (price <= order.price if order.side is BID else price >= order.price)
                for price in prices
            ]
            for order in book
        ]
        rows = np.block(
            [
                [np.eye(len(book)), np.array(admits)],
                [signs, np.zeros(len(prices))],
                [np.zeros(len(book)), np.ones(len(prices))],
            ]
        )
        low = np.concatenate([np.full(len(book), -np.inf), [0, 1]])
        high = np.concatenate([np.zeros(len(book)), [0, 1]])
        cost = np.concatenate([-(signs > 0).astype(float), np.zeros(len(prices))])
        choices = np.concatenate([np.zeros(len(book)), np.ones(len(prices))])
        most = np.concatenate([np.full(len(book), np.inf), np.ones(len(prices))])
        programs.append((rows, low, high, cost, choices, most))
    rows, low, high, cost, choices, most = zip(*programs, strict=True)
    found = milp(
        np.concatenate(cost),
        constraints=LinearConstraint(
            block_diag(rows, format="csc"), np.concatenate(low), np.concatenate(high)
        ),
        integrality=np.concatenate(choices),
        bounds=Bounds(0, np.concatenate(most)),
        options={"mip_rel_gap": 0},
    )
    assert found.success
    parts = np.split(found.x, np.cumsum([len(each) for each in cost])[:-1])
    return [round(-each @ part) for each, part in zip(cost, parts, strict=True)]


@pytest.mark.slow
def test_no_other_solver_trades_more_at_one_price() -> None:
    tried = list(books(BOOKS))
    for start in range(0, BOOKS, TOGETHER):
        together = tried[start : start + TOGETHER]
        assert [solve(book).volume for book in together] == most_traded(together)


def cleared_by(book: list[Limit]) -> list[int]:
    """All prices, up to the highest order's, that leave out nobody better than themselves."""
    prices = range(max((order.price for order in book if order.amount), default=0) + 1)
    sums = ((price, *traded(book, price)) for price in prices)
    return [
        price
        for price, above, bid, below, offered in sums
        if above <= below + offered and below <= above + bid
    ]


def traded(book: list[Limit], price: int) -> tuple[int, int, int, int]:
    """The demand above a price and at it, the supply below it and at it."""
    return (
        sum(each.amount for each in book if each.side is BID and each.price > price),
        sum(each.amount for each in book if each.side is BID and each.price == price),
        sum(each.amount for each in book if each.side is OFFER and each.price < price),
        sum(each.amount for each in book if each.side is OFFER and each.price == price),
    )


def test_the_price_is_the_middle_of_all_that_fill_what_is_better() -> None:
    """Of all prices, also those that no order has."""
    for book in books(BOOKS):
        outcome, clears = solve(book), cleared_by(book)
        volumes = []
        for price in range(max(order.price for order in book) + 1):
            above, bid, below, offered = traded(book, price)
            volumes.append(min(above + bid, below + offered))
        assert (outcome.price, outcome.volume) == ((clears[0] + clears[-1]) // 2, max(volumes))
        assert {volumes[price] for price in clears} == {outcome.volume}


def test_fills_keep_to_the_limits_and_sum_to_the_volume() -> None:
    for book in books(BOOKS):
        outcome = solve(book)
        bought = sum(fill for order, fill in zip(book, outcome.fills, strict=True) if order.side is BID)
        sold = sum(fill for order, fill in zip(book, outcome.fills, strict=True) if order.side is OFFER)
        assert bought == sold == outcome.volume
        for order, fill in zip(book, outcome.fills, strict=True):
            gain = order.price - outcome.price if order.side is BID else outcome.price - order.price
            if gain > 0:
                assert fill == order.amount
            elif gain < 0:
                assert fill == 0
            else:
                filled, total = (
                    (outcome.bids_at_price_filled, outcome.bids_at_price)
                    if order.side is BID
                    else (outcome.offers_at_price_filled, outcome.offers_at_price)
                )
                assert 0 <= fill <= order.amount
                assert abs(fill * total - order.amount * filled) < total or total == fill == 0


# What one more order can do


@pytest.mark.slow
def test_an_order_that_costs_nothing_moves_the_price_by_half_its_range_at_most() -> None:
    """One more order of either side, at every price and of every size, settled before all others.

    What it trades times how much worse the price has become is its cost. It never earns by moving the price:
    a bid moves it up, and an offer down. If it costs nothing, it is not filled, and several prices cleared.
    """
    chance = Random(15)  # noqa: S311 (not a secret)
    free_ways: set[int] = set()
    done = 0
    while done < BOOKS:
        book = [
            Limit(Side(chance.randrange(2)), chance.randint(1, 6), chance.randint(1, 4))
            for _ in range(chance.randint(2, 6))
        ]
        before = solve(book)
        if not before.volume:
            continue
        done += 1
        clears = cleared_by(book)
        for side, limit, amount in product(
            Side, range(1, 8), range(1, sum(each.amount for each in book) + 2)
        ):
            after = solve([Limit(side, limit, amount), *book])
            way = after.price - before.price
            assert way >= 0 if side is BID else way <= 0
            if way and after.fills[0] == 0:
                assert clears[0] <= after.price <= clears[-1]
                free_ways.add(way)
        highest_bid = solve([Limit(BID, clears[-1], 1), *book])
        lowest_offer = solve([Limit(OFFER, clears[0], 1), *book])
        if len(clears) > 1:  # all of the range is to be had, in two ways of which none is over half
            assert (lowest_offer.price, highest_bid.price) == (clears[0], clears[-1])
            ways = (before.price - clears[0], clears[-1] - before.price)
            assert max(ways) - min(ways) <= 1
    assert {-2, -1, 1, 2} <= free_ways
