"""Sharing of many intervals at once: to the Wh what `amalgam.sharing.reference` computes.

Columns are consumers or producers, in the order of their names: of equal remainders the first column's is
larger.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from amalgam.readings.model import Integers
from amalgam.sharing import reference
from amalgam.sharing.keys import PPM, Dynamic, Equal, Full, Hybrid, Key, Priority, Shares, Static, checked

_BLOCK = 2**21  # cells that are computed at a time: 16 MiB an array
_SAFE = 2**62  # of a product


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What is shared, a row for each interval: Σ given = Σ got in each.

    Attributes:
        given: Wh of each producer.
        got: Wh of each consumer.
    """

    given: Integers
    got: Integers


def share(
    key: Key,
    producers: Sequence[str],
    consumers: Sequence[str],
    injected: Integers,
    drawn: Integers,
    hours: Integers,
) -> Shared:
    """Share each interval by a key.

    Args:
        key: The sharing key.
        producers: Names of the columns of `injected`, which are unique.
        consumers: Names of the columns of `drawn`, likewise.
        injected: Wh, a row for each interval.
        drawn: Wh, likewise.
        hours: Of the local day at each interval's start, by which shares may differ.

    Raises:
        ValueError: The key is not one of this community, or an amount is negative.
    """
    checked(key, producers, consumers)
    if (injected < 0).any() or (drawn < 0).any():
        raise ValueError("an amount is negative; count what is injected and what is drawn apart, from 0 up")
    by_producer, by_consumer = _by_name(producers), _by_name(consumers)
    given, got = np.zeros_like(injected), np.zeros_like(drawn)
    giving, getting = [producers[each] for each in by_producer], [consumers[each] for each in by_consumer]
    step = max(_BLOCK // max(len(producers), len(consumers), 1), 1)
    for start in range(0, len(hours), step):
        rows = slice(start, start + step)
        block = injected[rows][:, by_producer], drawn[rows][:, by_consumer]
        found = _share(key, giving, getting, *block, hours[rows])
        given[rows, by_producer] = found.given
        got[rows, by_consumer] = found.got
    return Shared(given, got)


def _by_name(names: Sequence[str]) -> list[int]:
    return sorted(range(len(names)), key=lambda index: names[index])


def _share(
    key: Key,
    producers: Sequence[str],
    consumers: Sequence[str],
    injected: Integers,
    drawn: Integers,
    hours: Integers,
) -> Shared:
    """The same with columns in the order of their names."""
    largest = max(_total(injected), _total(drawn))
    if largest * max(largest, PPM) >= _SAFE:
        return _by_reference(key, producers, consumers, injected, drawn, hours)
    if isinstance(key, Full):
        return _full(key, producers, consumers, injected, drawn)
    total = injected.sum(axis=1)
    got = _got(key, consumers, total, drawn, hours)
    return Shared(split(got.sum(axis=1), injected), got)


def _total(amounts: Integers) -> int:
    """At least the largest sum of a row."""
    return int(amounts.max(initial=0)) * max(amounts.shape[1], 1)


def _by_reference(
    key: Key,
    producers: Sequence[str],
    consumers: Sequence[str],
    injected: Integers,
    drawn: Integers,
    hours: Integers,
) -> Shared:
    """Of amounts so large that products do not fit into 64 bits."""
    given, got = np.zeros_like(injected), np.zeros_like(drawn)
    for row in range(len(hours)):
        amounts = (
            dict(zip(names, cells[row].tolist(), strict=True))
            for names, cells in ((producers, injected), (consumers, drawn))
        )
        out, into = reference.share(key, *amounts, hour=int(hours[row]))
        given[row] = [out[name] for name in producers]
        got[row] = [into[name] for name in consumers]
    return Shared(given, got)


def split(total: Integers, weights: Integers) -> Integers:
    """Totals in proportion to weights, a row each: largest remainders, of equal ones the first column's."""
    whole = weights.sum(axis=1)
    exact = total[:, None] * weights
    return _rounded(exact, np.maximum(whole, 1), np.where(whole > 0, total, 0))


def _rounded(exact: Integers, divisor: Integers, total: Integers) -> Integers:
    """Quotients in whole Wh, which have a total."""
    quotients, remainders = np.divmod(exact, divisor[:, None])
    left = total - quotients.sum(axis=1)
    rows = np.flatnonzero(left)
    if rows.size:
        order = np.argsort(-remainders[rows], axis=1, kind="stable")
        places = np.arange(exact.shape[1], dtype=np.int64)
        ups = np.zeros((rows.size, exact.shape[1]), np.int64)
        np.put_along_axis(ups, order, (places < left[rows][:, None]).astype(np.int64), axis=1)
        quotients[rows] += ups
    return quotients


def _got(key: Key, consumers: Sequence[str], total: Integers, drawn: Integers, hours: Integers) -> Integers:
    match key:
        case Static(told):
            return _rounds(total, drawn, _table(told, consumers)[hours % len(told)], 1)
        case Hybrid(told, rounds):
            return _rounds(total, drawn, _table(told, consumers)[hours % len(told)], rounds)
        case Dynamic():
            return split(np.minimum(total, drawn.sum(axis=1)), drawn)
        case Equal():
            return _equal(total, drawn)
        case Priority(groups):
            got = np.zeros_like(drawn)
            for names, inner in groups:
                members = [index for index, name in enumerate(consumers) if name in names]
                left = total - got.sum(axis=1)
                own = [consumers[index] for index in members]
                got[:, members] = _got(inner, own, left, drawn[:, members], hours)
            return got
        case Full():
            raise TypeError("full is of pairs")


def _table(hours: Sequence[Shares], consumers: Sequence[str]) -> Integers:
    return np.array([[shares.get(name, 0) for name in consumers] for shares in hours], np.int64)


def _rounds(total: Integers, drawn: Integers, shares: Integers, rounds: int) -> Integers:
    offered = total[:, None] * shares
    everything = np.full(len(total), PPM)
    got = np.minimum(_rounded(offered, everything, offered.sum(axis=1) // PPM), drawn)
    for _ in range(rounds - 1):
        left = total - got.sum(axis=1)
        weights = np.where(got < drawn, shares, 0)
        if not (left * weights.sum(axis=1)).any():
            break
        got += np.minimum(split(left, weights), drawn - got)
    return got


def _equal(total: Integers, drawn: Integers) -> Integers:
    """The level to which the total fills what all draw; what is left goes to the first who draw more."""
    count = drawn.shape[1]
    if not count:
        return np.zeros_like(drawn)
    total = np.minimum(total, drawn.sum(axis=1))
    ascending = np.sort(drawn, axis=1)
    before = np.cumsum(ascending, axis=1) - ascending  # what those take who draw less
    levels = (total[:, None] - before) // np.arange(count, 0, -1, dtype=np.int64)
    is_level = levels < ascending  # the first such one: those before it get all they draw
    first = is_level.argmax(axis=1)
    level = np.where(
        is_level.any(axis=1), np.take_along_axis(levels, first[:, None], axis=1)[:, 0], ascending[:, -1]
    )
    got = np.minimum(drawn, level[:, None])
    left = total - got.sum(axis=1)
    needing = drawn > got
    return got + (needing & (np.cumsum(needing, axis=1) <= left[:, None]))


def _full(
    key: Full, producers: Sequence[str], consumers: Sequence[str], injected: Integers, drawn: Integers
) -> Shared:
    offered = np.zeros((len(producers), *drawn.shape), np.int64)
    everything = np.full(len(drawn), PPM)
    for index, producer in enumerate(producers):
        exact = injected[:, [index]] * _table([key.pairs.get(producer, {})], consumers)
        offered[index] = _rounded(exact, everything, exact.sum(axis=1) // PPM)
    given, got = np.zeros_like(injected), np.zeros_like(drawn)
    for consumer in range(len(consumers)):
        offers = offered[:, :, consumer].T
        taken = split(np.minimum(drawn[:, consumer], offers.sum(axis=1)), offers)
        got[:, consumer] = taken.sum(axis=1)
        given += taken
    return Shared(given, got)
