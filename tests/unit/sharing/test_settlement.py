"""What members pay for what they have shared, and the digest that stands for it."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from random import Random
from struct import pack

import numpy as np
import pytest

from amalgam.readings.model import Counts, Quality, Readings
from amalgam.sharing.account import BPS, Battery, account
from amalgam.sharing.keys import Dynamic, Equal, Full, Priority, Static
from amalgam.sharing.settlement import (
    Difference,
    Line,
    Rule,
    charge_of,
    computed,
    credit_of,
    differences,
    digest,
    lines_of,
)
from amalgam.units import ENERGY

START = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())
RULE = Rule(Dynamic(), {}, None, price=299, fee_bps=500)


def readings_of(produced: dict[str, list[int]], consumed: dict[str, list[int]]) -> Readings:
    """Of quarter-hours in UTC+2."""
    count = len(next(iter(produced.values())))
    shape = count, len(produced)
    return Readings(
        members=tuple(produced),
        starts=START + 900 * np.arange(count, dtype=np.int64),
        offsets=np.full(count, 7_200, np.int64),
        produced=np.array(list(produced.values()), np.int64).T.reshape(shape),
        consumed=np.array(list(consumed.values()), np.int64).T.reshape(shape),
        quality=np.full(shape, Quality.MEASURED, np.uint8),
        interval=timedelta(seconds=900),
        counts=tuple(Counts() for _ in produced),
        measure=ENERGY,
    )


VILLAGE = readings_of(
    {"house-2": [0, 0], "farm": [1_001, 500], "house-1": [0, 100]},
    {"house-2": [400, 300], "farm": [0, 0], "house-1": [700, 0]},
)


def test_lines_of_a_village() -> None:
    """Of 1,001 Wh 364 and 637 are passed on, then 300 of 600, at 299 units a kWh, 5 % of which are kept."""
    assert computed(VILLAGE, RULE) == [
        Line("farm", 0, 1_251, 0, 355),  # 355.3
        Line("house-1", 637, 50, 191, 14),  # 190.5 and 14.2
        Line("house-2", 664, 0, 199, 0),  # 198.5
    ]


@pytest.mark.parametrize("seed", range(20))
def test_sums_are_equal_but_for_the_fee_and_roundings(seed: int) -> None:
    random = Random(seed)  # noqa: S311 (no secret)
    names = [f"member {number}" for number in range(random.randint(1, 9))]
    most = 10 ** random.randint(1, 6)
    amounts = [{name: [random.randint(0, most) for _ in range(5)] for name in names} for _ in range(2)]
    price, fee = random.choice((1, 299, 10**6)), random.choice((0, 1, 500, 2_000))
    found = account(readings_of(*amounts), Equal())
    lines = lines_of(found, price, fee)

    assert sum(each.shared_in for each in lines) == sum(each.shared_out for each in lines)
    charges, credits = sum(each.charge for each in lines), sum(each.credit for each in lines)
    assert 0 <= charges - credits <= charges * fee // BPS + 2 * len(lines)
    for each in lines:
        assert 0 <= each.charge - Fraction(each.shared_in * price, 1_000) < 1
        assert 0 <= Fraction(each.shared_out * price * (BPS - fee), 1_000 * BPS) - each.credit < 1


@pytest.mark.parametrize(
    ("energy", "charge", "credit"), [(0, 0, 0), (1, 1, 0), (1_000, 3, 2), (10**12, 3 * 10**9, 2_850 * 10**6)]
)
def test_charges_are_rounded_up_and_credits_down(energy: int, charge: int, credit: int) -> None:
    assert (charge_of(energy, 3), credit_of(energy, 3, 500)) == (charge, credit)


def test_a_digest_is_of_these_bytes() -> None:
    rule = (
        '{"battery":null,"factors_bps":{},"fee_bps":500,"interval_s":900,"key":{"kind":"dynamic"},'
        '"members":["farm","house-1","house-2"],"price":299}\n'
    )
    numbers = [START, START + 900, 7_200, 7_200]
    numbers += [1_001, 0, 0, 500, 100, 0]  # produced, by farm, house-1 and house-2
    numbers += [0, 700, 400, 0, 0, 300]
    expected = sha256(b"amalgam sharing 1\n" + rule.encode() + pack("<16q", *numbers))
    assert digest(VILLAGE, RULE) == expected.digest()


def test_the_order_of_members_makes_no_difference() -> None:
    other = readings_of(
        {"farm": [1_001, 500], "house-1": [0, 100], "house-2": [0, 0]},
        {"farm": [0, 0], "house-1": [700, 0], "house-2": [400, 300]},
    )
    assert digest(other, RULE) == digest(VILLAGE, RULE)
    assert digest(VILLAGE, Rule(Dynamic(), {"farm": BPS}, None, 299, 500)) == digest(VILLAGE, RULE)


RULES = [
    RULE,
    Rule(Equal(), {}, None, 299, 500),
    Rule(Static([{"farm": 1, "hütte": 2}]), {}, None, 299, 500),
    Rule(Static([{"farm": 2, "hütte": 1}]), {}, None, 299, 500),
    Rule(Priority([(["farm"], Dynamic()), (["house-1"], Equal())]), {}, None, 299, 500),
    Rule(Priority([(["farm"], Equal()), (["house-1"], Equal())]), {}, None, 299, 500),
    Rule(Full({"farm": {"house-1": 9}}), {}, None, 299, 500),
    Rule(Dynamic(), {"farm": 9_999}, None, 299, 500),
    Rule(Dynamic(), {}, Battery(1, 9_000), 299, 500),
    Rule(Dynamic(), {}, Battery(2, 9_000), 299, 500),
    Rule(Dynamic(), {}, None, 300, 500),
    Rule(Dynamic(), {}, None, 299, 501),
]


def test_another_rule_has_another_digest() -> None:
    assert len({digest(VILLAGE, rule) for rule in RULES}) == len(RULES)


def test_another_reading_has_another_digest() -> None:
    for name in ("starts", "offsets", "produced", "consumed"):
        found = getattr(VILLAGE, name).copy()
        found.reshape(-1)[0] += 1
        parts = {each: getattr(VILLAGE, each) for each in Readings.__slots__}
        assert digest(Readings(**{**parts, name: found}), RULE) != digest(VILLAGE, RULE)


def test_differences_are_told_by_member() -> None:
    lines = [Line("a", 1, 2, 3, 4), Line("b", 5, 6, 7, 8), Line("c", 0, 0, 0, 0)]
    assert differences(lines, reversed(lines)) == []
    posted = [Line("a", 1, 2, 30, 4), Line("b", 5, 60, 7, 80), Line("d", 0, 0, 0, 0)]
    assert differences(lines, posted) == [
        Difference("a", "charge", 3, 30),
        Difference("b", "shared_out", 6, 60),
        Difference("b", "credit", 8, 80),
        Difference("c", "line", 1, 0),
        Difference("d", "line", 0, 1),
    ]
