"""The price of an auction, beside another solver's volume and the definition itself."""

import os
import random
from collections.abc import Iterator, Sequence

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
        (offers((300, 5)), 0, 0, (0,)),
        (bids((300, 5)), 300, 0, (0,)),
        (bids((200, 5)) + offers((300, 5)), 200, 0, (0, 0)),
        (bids((300, 5)) + offers((200, 5)), 200, 5, (5, 5)),  # of 200 to 300, the lowest
        (bids((300, 5)) + offers((300, 7)), 300, 5, (5, 5)),
        (bids((300, 7)) + offers((200, 5)), 300, 5, (5, 5)),  # buyers compete
        (bids((400, 5), (300, 5)) + offers((100, 5)), 300, 5, (5, 0, 5)),
        (bids((300, 10)) + offers((100, 4), (200, 8)), 200, 10, (10, 4, 6)),
        # In proportion, to the Wh: 5 of 3 + 3 + 3 are 1, 2 and 2.
        (bids((300, 5)) + offers((300, 3), (300, 3), (300, 3)), 300, 5, (5, 1, 2, 2)),
        (bids((300, 3), (300, 3), (300, 3)) + offers((300, 5)), 300, 5, (1, 2, 2, 5)),
        (bids((300, 0), (300, 5)) + offers((200, 0), (250, 5)), 250, 5, (0, 5, 0, 5)),  # two are cancelled
        (bids((2**64 - 1, 10**12)) + offers((1, 10**12)), 1, 10**12, (10**12, 10**12)),
    ],
)
def test_the_lowest_price_clears(book: list[Limit], price: int, volume: int, fills: tuple[int, ...]) -> None:
    outcome = solve(book)
    assert (outcome.price, outcome.volume, outcome.fills) == (price, volume, fills)


def test_an_outcome_says_what_is_at_the_price() -> None:
    book = bids((400, 4), (300, 6), (300, 2)) + offers((300, 5), (200, 2))
    assert solve(book) == Outcome(300, 7, 8, 3, 5, 5, (4, 2, 1, 5, 2))


# Beside others


def books(count: int) -> Iterator[list[Limit]]:
    """Books of up to twelve orders at few prices, so that many have several of the best."""
    chance = random.Random(20260621)  # noqa: S311 (not a secret)
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


def test_no_other_solver_trades_more_at_one_price() -> None:
    tried = list(books(BOOKS))
    for start in range(0, BOOKS, TOGETHER):
        together = tried[start : start + TOGETHER]
        assert [solve(book).volume for book in together] == most_traded(together)


def traded(book: list[Limit], price: int) -> tuple[int, int, int, int]:
    """The demand above a price and at it, the supply below it and at it."""
    return (
        sum(each.amount for each in book if each.side is BID and each.price > price),
        sum(each.amount for each in book if each.side is BID and each.price == price),
        sum(each.amount for each in book if each.side is OFFER and each.price < price),
        sum(each.amount for each in book if each.side is OFFER and each.price == price),
    )


def test_no_lower_price_fills_all_that_are_better() -> None:
    """Of all prices, also those that no order has."""
    for book in books(BOOKS):
        outcome = solve(book)
        admissible, volumes = [], []
        for price in range(max(order.price for order in book) + 2):
            above, bid, below, offered = traded(book, price)
            volumes.append(min(above + bid, below + offered))
            if above <= below + offered and below <= above + bid:
                admissible.append(price)
        assert (outcome.price, outcome.volume) == (admissible[0], max(volumes))
        assert {volumes[price] for price in admissible} == {outcome.volume}
        # The program's own test of the lowest one.
        assert [
            p for p in admissible if p == 0 or sum(traded(book, p)[:2]) > traded(book, p)[2]
        ] == admissible[:1]


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
