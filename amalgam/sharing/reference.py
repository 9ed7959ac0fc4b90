"""Sharing of one interval as obviously as it can be said: what `amalgam.sharing.shares` has to equal.

Amounts are Wh, by name. Fractions are exact.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TypeVar

from amalgam.sharing.keys import PPM, Dynamic, Equal, Full, Hybrid, Key, Priority, Shares, Static

Amounts = Mapping[str, int]
_Name = TypeVar("_Name", str, int)  # whose order decides between equal remainders


def share(
    key: Key, injected: Amounts, drawn: Amounts, hour: int = 0
) -> tuple[dict[str, int], dict[str, int]]:
    """What each producer gives, and what each consumer gets.

    Args:
        key: The sharing key.
        injected: By producer.
        drawn: By consumer.
        hour: Of the local day, by which shares may differ.
    """
    if isinstance(key, Full):
        return _full(key, injected, drawn)
    got = _got(key, sum(injected.values()), drawn, hour)
    return split(sum(got.values()), injected), got


def split(total: int, weights: Mapping[_Name, int]) -> dict[_Name, int]:
    """A total in proportion to weights, in whole Wh: largest remainders, of equal ones the first name's."""
    whole = sum(weights.values())
    if not whole:
        return dict.fromkeys(weights, 0)
    exact = {name: Fraction(total * weight, whole) for name, weight in weights.items()}
    return _rounded(exact, total)


def _rounded(exact: Mapping[_Name, Fraction], total: int) -> dict[_Name, int]:
    floors = {name: int(each) for name, each in exact.items()}
    left = total - sum(floors.values())
    by_remainder = sorted(exact, key=lambda name: (floors[name] - exact[name], name))
    return {name: floors[name] + (name in by_remainder[:left]) for name in exact}


def _got(key: Key, total: int, drawn: Amounts, hour: int) -> dict[str, int]:
    match key:
        case Static(hours):
            return _rounds(total, drawn, hours[hour % len(hours)], 1)
        case Hybrid(hours, rounds):
            return _rounds(total, drawn, hours[hour % len(hours)], rounds)
        case Dynamic():
            return split(min(total, sum(drawn.values())), drawn)
        case Equal():
            return _equal(total, drawn)
        case Priority(groups):
            return _priority(groups, total, drawn, hour)
        case Full():
            raise TypeError("full is of pairs")


def _rounds(total: int, drawn: Amounts, shares: Shares, rounds: int) -> dict[str, int]:
    """The first round is static: of G a share each. In later ones those in need share all that is left."""
    got = dict.fromkeys(drawn, 0)
    for number in range(rounds):
        left = total - sum(got.values())
        needs = {name: drawn[name] - got[name] for name in drawn}
        if number == 0:
            told = {name: Fraction(left * shares.get(name, 0), PPM) for name in drawn}
            offered = _rounded(told, int(sum(told.values())))
        else:
            offered = split(left, {name: shares.get(name, 0) * bool(needs[name]) for name in drawn})
        for name in drawn:
            got[name] += min(offered[name], needs[name])
    return got


def _equal(total: int, drawn: Amounts) -> dict[str, int]:
    """Wh by Wh to who has least and still needs one, of equals to the first name."""
    got = dict.fromkeys(drawn, 0)
    for _ in range(min(total, sum(drawn.values()))):
        needing = [name for name in drawn if got[name] < drawn[name]]
        got[min(needing, key=lambda name: (got[name], name))] += 1
    return got


def _priority(
    groups: Sequence[tuple[Sequence[str], Key]], total: int, drawn: Amounts, hour: int
) -> dict[str, int]:
    got = dict.fromkeys(drawn, 0)
    for names, key in groups:
        left = total - sum(got.values())
        got |= _got(key, left, {name: drawn[name] for name in names}, hour)
    return got


def _full(key: Full, injected: Amounts, drawn: Amounts) -> tuple[dict[str, int], dict[str, int]]:
    """Of each producer what its shares offer; of what a consumer is offered in all, no more than is drawn."""
    offered = {
        producer: _rounded(
            told := {
                name: Fraction(amount * key.pairs.get(producer, {}).get(name, 0), PPM) for name in drawn
            },
            int(sum(told.values())),
        )
        for producer, amount in injected.items()
    }
    given = dict.fromkeys(injected, 0)
    got = dict.fromkeys(drawn, 0)
    for name, need in drawn.items():
        offers = {producer: offered[producer][name] for producer in injected}
        taken = split(min(need, sum(offers.values())), offers)
        got[name] = sum(taken.values())
        for producer in injected:
            given[producer] += taken[producer]
    return given, got
