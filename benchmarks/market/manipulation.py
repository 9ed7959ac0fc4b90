"""How far one more order that costs nothing moves an auction's price, by rule: 10,000 books, every order.

A book is cleared by each rule, then again with one more order, of either side, at every price and of every
size up to one more than all the rest. What that order costs its owner is exact: the Wh it trades, times how
much worse than before the price is. All rules trade the same, the most that one price allows; at the price
itself orders share, and the manipulator is settled first, where odd Wh are dropped.

`python -m benchmarks.market.manipulation` rewrites `manipulation.md`, in a minute.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from amalgam.market.program import Limit, Side
from amalgam.market.solver import solve
from benchmarks import bench

FIGURES = Path(__file__).parent / "manipulation.md"
BOOKS = 10_000
TOP = 10  # the highest price of an order
MINIMUM, ANY = 1, 10**9  # Wh that an order has at most

Ints = NDArray[np.int64]


class Clearing(NamedTuple):
    """What clears, of many books at once, a row each: the most that trades, and between which prices."""

    volume: Ints
    lowest: Ints  # of the prices at which nobody better is left out
    highest: Ints
    last_offer: Ints  # the highest that is filled, be it in part
    last_bid: Ints  # the lowest


def cleared(demand: Ints, supply: Ints) -> Clearing:
    """The clearings of books: what is bid for, and offered, at each price from 0 on."""
    wanted = demand[:, ::-1].cumsum(1)[:, ::-1]  # at a price or above
    offered = supply.cumsum(1)  # at a price or below
    volume = np.minimum(wanted, offered).max(1)
    clears = (wanted - demand <= offered) & (offered - supply <= wanted)
    return Clearing(
        volume,
        clears.argmax(1),
        clears.shape[1] - 1 - clears[:, ::-1].argmax(1),
        (offered >= volume[:, None]).argmax(1),
        wanted.shape[1] - 1 - (wanted >= volume[:, None])[:, ::-1].argmax(1),
    )


NOW = "the middle of those that clear, as it is now"
RULES: dict[str, Callable[[Clearing], Ints]] = {
    "the lowest that clears, until now": lambda found: found.lowest,
    NOW: lambda found: (found.lowest + found.highest) // 2,
    "the highest that clears": lambda found: found.highest,
    "the last filled offer's": lambda found: found.last_offer,
    "the last filled bid's": lambda found: found.last_bid,
    "the middle of these two": lambda found: (found.last_offer + found.last_bid) // 2,
    "the same, but only where several clear": lambda found: np.where(
        found.lowest == found.highest, found.lowest, (found.last_offer + found.last_bid) // 2
    ),
}


class Moves(NamedTuple):
    """How far a book's price is moved at no cost."""

    up: dict[int, int]  # by an order of at most so many Wh
    down: dict[int, int]
    earns: bool  # whether such an order is better off than at no cost
    by_two: int  # either way, by a bid and an offer of the minimum from the same owner


def books() -> Iterator[list[Limit]]:
    """Books in which something trades."""
    chance = Random(20260621)  # noqa: S311 (not a secret)
    found = 0
    while found < BOOKS:
        most = chance.choice((3, 10, 20))
        book = [
            Limit(Side(chance.randrange(2)), chance.randint(1, TOP), chance.randint(1, most))
            for _ in range(chance.randint(2, 8))
        ]
        if solve(book).volume:
            found += 1
            yield book


def curves(book: list[Limit]) -> tuple[Ints, Ints]:
    """What is bid for, and offered, at each price from 0 to one above the highest."""
    sides = {side: np.zeros(TOP + 2, np.int64) for side in Side}
    for side, price, amount in book:
        sides[side][price] += amount
    return sides[Side.BID], sides[Side.OFFER]


def traded(found: Clearing, side: Side, demand: Ints, supply: Ints, price: Ints, size: Ints) -> Ints:
    """The Wh that an order, one in each of the books, trades at least."""
    rows = np.arange(len(price))
    at = (demand if side is Side.BID else supply)[rows, price]
    if side is Side.BID:
        better = demand[:, ::-1].cumsum(1)[:, ::-1][rows, price] - at
    else:
        better = supply.cumsum(1)[rows, price] - at
    return size * np.clip(found.volume - better, 0, at) // at


def moves(book: list[Limit]) -> dict[str, Moves]:
    """What can be done with a book under each rule."""
    demand, supply = curves(book)
    before = cleared(demand[None], supply[None])
    price, size = (
        grid.ravel()
        for grid in np.meshgrid(np.arange(1, TOP + 1), np.arange(1, demand.sum() + supply.sum() + 2))
    )
    rows = np.arange(len(price))
    with_bid, with_offer = np.tile(demand, (len(price), 1)), np.tile(supply, (len(price), 1))
    with_bid[rows, price] += size
    with_offer[rows, price] += size
    one_more = {
        Side.BID: (with_bid, np.broadcast_to(supply, with_bid.shape)),
        Side.OFFER: (np.broadcast_to(demand, with_offer.shape), with_offer),
    }
    after = {side: cleared(*both) for side, both in one_more.items()}
    amounts = {side: traded(after[side], side, *one_more[side], price, size) for side in Side}
    both, bought = _two(demand, supply)
    result: dict[str, Moves] = {}
    for name, rule in RULES.items():
        was = rule(before)[0]
        shifts = {side: rule(found) - was for side, found in after.items()}
        costs = {Side.BID: amounts[Side.BID] * shifts[Side.BID]}
        costs[Side.OFFER] = amounts[Side.OFFER] * -shifts[Side.OFFER]
        up, down = dict[int, int](), dict[int, int]()
        for most in (MINIMUM, ANY):
            free = np.concatenate([shifts[side][(costs[side] <= 0) & (size <= most)] for side in Side])
            up[most], down[most] = int(free.max(initial=0)), -int(free.min(initial=0))
        shift = rule(both) - was
        by_two = int(np.abs(shift[bought * shift <= 0]).max())
        result[name] = Moves(up, down, any((cost < 0).any() for cost in costs.values()), by_two)
    return result


def _two(demand: Ints, supply: Ints) -> tuple[Clearing, Ints]:
    """A bid and an offer of 1 Wh by one owner, at all prices: what clears, and what they buy in all."""
    bid, offer = (grid.ravel() for grid in np.meshgrid(np.arange(1, TOP + 1), np.arange(1, TOP + 1)))
    rows, one = np.arange(len(bid)), np.ones_like(bid)
    with_bid, with_offer = np.tile(demand, (len(bid), 1)), np.tile(supply, (len(bid), 1))
    with_bid[rows, bid] += one
    with_offer[rows, offer] += one
    found = cleared(with_bid, with_offer)
    bought = traded(found, Side.BID, with_bid, with_offer, bid, one)
    return found, bought - traded(found, Side.OFFER, with_bid, with_offer, offer, one)


def main() -> None:
    """Clear every book by every rule, and write the table."""
    found: dict[str, list[Moves]] = {name: [] for name in RULES}
    several = 0
    for book in books():
        demand, supply = curves(book)
        clearing = cleared(demand[None], supply[None])
        several += int(clearing.lowest[0] < clearing.highest[0])
        if RULES[NOW](clearing)[0] != solve(book).price:
            sys.exit(f"the rule is not the solver's: {book}")
        for name, each in moves(book).items():
            found[name].append(each)
    bench.write(
        FIGURES,
        "# How far an order that costs nothing moves an auction's price",
        "Written by `python -m benchmarks.market.manipulation`.",
        f"{BOOKS:,} random books of up to 8 orders at prices of 1 to {TOP}, in which something trades; in\n"
        f"{several / BOOKS:.1%} of them several prices clear. To each comes one more order, of either side,\n"
        "at every price and of every size up to 1 Wh more than all the others: its cost is what it trades\n"
        "times how much worse than before the price is. Where that is nothing, or less, the price is moved\n"
        "for nothing. Ways are in units of the price, means over all books.",
        bench.table(
            (
                *("price", "books moved by 1 Wh", "by any size", "mean way up", "mean way down"),
                *("farthest", "books in which it earns", "books moved by 1 Wh bid and 1 Wh offered"),
            ),
            [(name, *_figures(each)) for name, each in found.items()],
        ),
        "A price at which nobody better is left out is moved only within those that clear, by orders that\n"
        "do not trade; the ways up and down are their whole range, and from the middle none is more than\n"
        "half. Prices that only filled orders make are not moved by unfilled ones. But any seller who adds\n"
        "1 Wh just below a bid that is left out makes the price, and earns by it.",
        "No rule is free of both, if it trades the most at one price within everyone's limit, and better\n"
        "orders first. Let 10,000 Wh be bid for at 400,000 and offered at 100,000, and any price below\n"
        "400,000 be taken. A bid of 1 Wh between the two is not filled. If it leaves the price below\n"
        "itself, let an offer of 1 Wh come at the price of that bid: 10,001 Wh trade, so that none of them\n"
        "can be sold for less. The offer moves the price up to itself, and earns by it. If 400,000 is\n"
        "taken, the same holds downwards.",
    )


def _figures(found: list[Moves]) -> tuple[str, ...]:
    def moved(most: int) -> str:
        return f"{sum(max(each.up[most], each.down[most]) > 0 for each in found) / BOOKS:.1%}"

    up, down = [each.up[ANY] for each in found], [each.down[ANY] for each in found]
    return (
        *(moved(MINIMUM), moved(ANY), f"{sum(up) / BOOKS:.3f}", f"{sum(down) / BOOKS:.3f}"),
        *(str(max(up + down)), f"{sum(each.earns for each in found) / BOOKS:.1%}"),
        f"{sum(each.by_two > 0 for each in found) / BOOKS:.1%}",
    )


if __name__ == "__main__":
    main()
