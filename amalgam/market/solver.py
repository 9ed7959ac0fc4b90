"""The price at which most energy trades in a call auction, and what each order gets, as the program has it.

Everything is exact: integers of base units, as in `energy_market`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from amalgam.market.program import Limit, Side


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of an auction. Amounts are Wh."""

    price: int
    volume: int
    bids_at_price: int
    bids_at_price_filled: int  # of these
    offers_at_price: int
    offers_at_price_filled: int
    fills: tuple[int, ...]  # of each order, if they are settled in their order


def solve(book: Sequence[Limit]) -> Outcome:
    """The middle of the prices that let the most energy trade and fill in full what is better than them.

    Above the lowest of them, no more demand is left than there is supply at or below; at every lower price
    more is. It is 0, or the price of an order. If then as much is offered as is bid for above, all prices up
    to that of the next order do the same; else it is the only one.
    """
    demand = Counter[int]()
    supply = Counter[int]()
    for side, price, amount in book:
        (demand if side is Side.BID else supply)[price] += amount
    prices = sorted({0, *(price for _, price, amount in book if amount)})
    left = sum(demand.values())  # above the price that is looked at
    offered = 0  # at it and below
    for price in prices:
        left -= demand[price]
        offered += supply[price]
        if left <= offered:
            break
    else:
        raise AssertionError("unreachable: above the highest price nothing is left")
    above = [each for each in prices if each > price]
    if left == offered and above:
        price = (price + above[0]) // 2
    bids, offers = demand[price], supply[price]
    volume = min(left + bids, offered)
    bids_filled, offers_filled = volume - left, volume - (offered - offers)
    fills = _fills(book, price, (bids_filled, bids), (offers_filled, offers))
    return Outcome(price, volume, bids, bids_filled, offers, offers_filled, fills)


def _fills(
    book: Sequence[Limit], price: int, bids: tuple[int, int], offers: tuple[int, int]
) -> tuple[int, ...]:
    """Of each order; at the price in proportion, each part beginning where the one before it ended."""
    shares = {Side.BID: bids, Side.OFFER: offers}
    settled = dict.fromkeys(Side, 0)
    fills: list[int] = []
    for side, limit, amount in book:
        if limit == price and amount:
            filled, total = shares[side]
            before = settled[side]
            settled[side] += amount
            fills.append(settled[side] * filled // total - before * filled // total)
        else:
            better = limit > price if side is Side.BID else limit < price
            fills.append(amount if better else 0)
    return tuple(fills)
