"""What members pay each other for what they have shared in a period, and the digest that stands for it.

    charge = shared in × price / 1,000, rounded up
    credit = shared out × price × (1 - fee) / 1,000, rounded down

in base units of the payment token, with a price in base units a kWh. What is shared in is what is shared out;
the charges exceed the credits by the fee, and by less than a base unit for each charge and each credit.

Of a period on the chain the digest is the SHA-256 of these bytes, one after the other:

    1. `amalgam sharing 1` and a line feed, in ASCII
    2. the rule as JSON in UTF-8: keys in the order of their names, no spaces, nothing escaped that need
       not be; and a line feed
    3. of each interval, in order of time: its start in Unix seconds
    4. likewise: the offset of local time from UTC in seconds
    5. of each interval, of each member in the order of their names: Wh that were produced
    6. likewise: Wh that were consumed

Numbers from 3. on are signed and have 64 bits, the lowest byte first. The rule has `battery` (all that
`amalgam.sharing.account.Battery` has, or null), `factors_bps` by member (only of those who take part with a
part), `fee_bps`, `interval_s`, `key` (its `kind`, and what `amalgam.sharing.keys` has of it), `members` and
`price`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from fractions import Fraction
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np

from amalgam.readings.model import Integers, Readings
from amalgam.sharing.account import BPS, Account, Battery, account
from amalgam.sharing.keys import Key, Priority

_VERSION = b"amalgam sharing 1\n"
WH_PER_PRICE = 1_000  # Wh that a price is for


class Line(NamedTuple):
    """A member's part of a period. Energy is Wh, payments are base units of the payment token."""

    member: str
    shared_in: int
    shared_out: int
    charge: int
    credit: int


@dataclass(frozen=True, slots=True)
class Rule:
    """How a community shares, and what that costs.

    Attributes:
        key: The sharing key.
        factors_bps: What part of it each member takes part with; all of it unless told.
        battery: If there is one.
        price: Base units of the payment token a kWh that is shared.
        fee_bps: Of the charges, what the community keeps.
    """

    key: Key
    factors_bps: Mapping[str, int]
    battery: Battery | None
    price: int
    fee_bps: int


def charge_of(shared_in: int, price: int | Fraction) -> int:
    """Base units for Wh that were passed on to somebody, rounded up."""
    return -(-shared_in * price // WH_PER_PRICE)


def credit_of(shared_out: int, price: int | Fraction, fee_bps: int = 0) -> int:
    """Base units for Wh that somebody passed on, less the fee, rounded down."""
    return shared_out * price * (BPS - fee_bps) // (WH_PER_PRICE * BPS)


def lines_of(found: Account, price: int, fee_bps: int = 0) -> list[Line]:
    """The line of each member, in the order of their names. Units: `Rule`."""
    sums = found.flows.sums()
    lines = (
        Line(
            name,
            int(shared_in),
            int(shared_out),
            charge_of(int(shared_in), price),
            credit_of(int(shared_out), price, fee_bps),
        )
        for name, shared_in, shared_out in zip(
            found.readings.members, sums.shared_in, sums.shared_out, strict=True
        )
    )
    return sorted(lines)


def computed(readings: Readings, rule: Rule) -> list[Line]:
    """The lines of a period's readings by a rule. Raises ValueError if the key is not of these members."""
    found = account(readings, rule.key, factors_bps=rule.factors_bps, battery=rule.battery)
    return lines_of(found, rule.price, rule.fee_bps)


def digest(readings: Readings, rule: Rule) -> bytes:
    """The digest of a period's readings and rule: 32 bytes."""
    order = sorted(range(len(readings.members)), key=lambda index: readings.members[index])
    told = {
        "battery": None if rule.battery is None else rule.battery._asdict(),
        "factors_bps": {name: bps for name, bps in rule.factors_bps.items() if bps != BPS},
        "fee_bps": rule.fee_bps,
        "interval_s": int(readings.interval.total_seconds()),
        "key": _plain(rule.key),
        "members": [readings.members[index] for index in order],
        "price": rule.price,
    }
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    hashed = sha256(_VERSION + text.encode() + b"\n")
    for numbers in (
        readings.starts,
        readings.offsets,
        readings.produced[:, order],
        readings.consumed[:, order],
    ):
        hashed.update(_bytes(numbers))
    return hashed.digest()


def _bytes(numbers: Integers) -> bytes:
    return np.ascontiguousarray(numbers, dtype="<i8").tobytes()


def _plain(key: Key) -> dict[str, Any]:
    kind = {"kind": type(key).__name__.lower()}
    if isinstance(key, Priority):
        return {**kind, "groups": [[list(names), _plain(inner)] for names, inner in key.groups]}
    return {**kind, **{each.name: getattr(key, each.name) for each in fields(key)}}


class Difference(NamedTuple):
    """Something that a line on the chain has otherwise than it is computed."""

    member: str
    what: str  # a field of `Line`, or "line"
    computed: int
    posted: int


def differences(computed: Iterable[Line], posted: Iterable[Line]) -> list[Difference]:
    """Where the lines on the chain are not those that were computed, in the order of members.

    Of a member who has a line on one side alone, `what` is "line", and that side has 1.
    """
    ours, theirs = ({each.member: each for each in lines} for lines in (computed, posted))
    found: list[Difference] = []
    for member in sorted(ours.keys() | theirs.keys()):
        mine, its = ours.get(member), theirs.get(member)
        if mine is None or its is None:
            found.append(Difference(member, "line", int(mine is not None), int(its is not None)))
            continue
        pairs = zip(Line._fields[1:], mine[1:], its[1:], strict=True)
        found += [Difference(member, what, one, other) for what, one, other in pairs if one != other]
    return found
