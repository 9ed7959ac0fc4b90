"""Sharing keys: who gets how much of what a community's producers inject, interval by interval.

In an interval producers inject G in all, and consumer i draws C_i. Nobody gets more than C_i, all together no
more than G, and what is shared in is what is shared out, to the Wh.

    static    of G a percentage f_i each, at most C_i; the rest is not passed on
    dynamic   of G in proportion to what each draws: G C_i / ΣC, at most C_i
    hybrid    static, and what is left again, by the percentages of those still in need, in so many rounds
    equal     the same for all, up to what each draws
    priority  groups one after the other, a key within each
    full      of what each producer injects a percentage for each consumer, at most C_i

Where a share is not a whole Wh, it is rounded down, and what is left goes to the largest remainders by one Wh
each; of equal remainders the first consumer's, in the order of their names. `full` reduces what a consumer
gets from each of several producers in the same proportion if together it is more than C_i.

Producers are credited with what they inject in proportion; of `full` with what each of them has given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Union

PPM = 1_000_000  # of all: shares are counted in millionths
Shares = Mapping[str, int]  # millionths, by consumer


@dataclass(frozen=True, slots=True)
class Static:
    """A share each, in millionths, together at most all: of each hour of the local day, or of all alike."""

    hours: Sequence[Shares]  # one, or 24


@dataclass(frozen=True, slots=True)
class Dynamic:
    """In proportion to what each draws."""


@dataclass(frozen=True, slots=True)
class Hybrid:
    """Static, then what is left in further rounds: each by the shares of those who are still in need."""

    hours: Sequence[Shares]
    rounds: int = 5


@dataclass(frozen=True, slots=True)
class Equal:
    """The same for all, up to what each draws."""


@dataclass(frozen=True, slots=True)
class Priority:
    """Groups of consumers, one after the other, each with the key among its own."""

    groups: Sequence[tuple[Sequence[str], Union["Dynamic", "Equal", "Static", "Hybrid"]]]


@dataclass(frozen=True, slots=True)
class Full:
    """A share for each pair, in millionths, by producer and then by consumer; a producer's at most all."""

    pairs: Mapping[str, Shares]


Key = Static | Dynamic | Hybrid | Equal | Priority | Full


def checked(key: Key, producers: Sequence[str], consumers: Sequence[str]) -> Key:
    """The key, if it is one of this community. Raises ValueError."""
    match key:
        case Static(hours) | Hybrid(hours):
            if len(hours) not in (1, 24):
                raise ValueError(f"shares for {len(hours)} hours; give 24, or the same ones for all")
            for shares in hours:
                _check(shares, consumers, "shares")
            if isinstance(key, Hybrid) and not 1 <= key.rounds <= 100:
                raise ValueError(f"{key.rounds} rounds; give 1 to 100")
        case Priority(groups):
            named = [name for names, _ in groups for name in names]
            for name in named:
                if named.count(name) > 1:
                    raise ValueError(f"{name} is in two groups; keep one")
            _check(dict.fromkeys(named, 0), consumers, "groups")
            for names, inner in groups:
                checked(inner, producers, names)
        case Full(pairs):
            for producer, shares in pairs.items():
                if producer not in producers:
                    raise ValueError(f"{producer} produces nothing; remove it, or name a producer")
                _check(shares, consumers, f"{producer}'s shares")
        case Dynamic() | Equal():
            pass
    return key


def _check(shares: Shares, consumers: Sequence[str], what: str) -> None:
    for name, share in shares.items():
        if name not in consumers:
            raise ValueError(f"{what} name {name}, who is no consumer; remove or correct the name")
        if share < 0:
            raise ValueError(f"{what}: {name} has less than nothing; correct it")
    if sum(shares.values()) > PPM:
        total = float(Fraction(sum(shares.values()) * 100, PPM))
        raise ValueError(f"{what} are {total:g} % together; give at most 100 %")
