"""Cents: a half is rounded away from zero, and what is split adds up."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amalgam.billing.money import cents, cross, money, split, vat

AMOUNTS = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("amount", "found"),
    [("0.005", 1), ("0.0049", 0), ("-0.005", -1), ("-0.0049", 0), ("1.115", 112), ("-1.125", -113), ("0", 0)],
)
def test_a_half_is_rounded_away_from_zero(amount: str, found: int) -> None:
    assert cents(Fraction(amount)) == found


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=5))
def test_rounding_is_that_of_decimals(amount: Decimal) -> None:
    assert money(cents(Fraction(amount))) == amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@given(AMOUNTS, st.integers(0, 10_000))
def test_vat_is_rounded_once(net: int, rate_bps: int) -> None:
    exact = Decimal(net) * rate_bps / 10_000
    assert vat(net, rate_bps) == exact.quantize(Decimal(1), rounding=ROUND_HALF_UP)


@given(AMOUNTS, st.lists(AMOUNTS, min_size=1).filter(any))
def test_a_split_adds_up_and_no_part_is_a_whole_unit_off(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


def test_the_largest_remainders_get_what_is_left_and_of_equal_ones_the_first() -> None:
    assert split(10, [1, 1, 1]) == [4, 3, 3]
    assert split(5, [10, 26, 14]) == [1, 3, 1]
    assert split(0, [0, 0]) == [0, 0]
    with pytest.raises(ValueError, match="1 cannot be split by weights of zero"):
        split(1, [0])


@given(st.lists(AMOUNTS, min_size=1, max_size=5), st.lists(AMOUNTS, min_size=1, max_size=5))
def test_a_table_adds_up_in_both_directions(rows: list[int], weights: list[int]) -> None:
    columns = split(sum(rows), weights) if any(weights) else [sum(rows), *([0] * (len(weights) - 1))]
    cells = cross(rows, columns)
    assert [sum(row) for row in cells] == rows
    assert [sum(column) for column in zip(*cells, strict=True)] == columns
    for row, amounts in zip(rows, cells, strict=True):
        for column, amount in zip(columns, amounts, strict=True):
            assert amount >= 0
            exact = Fraction(row * column, sum(rows) or 1)
            assert -1 < amount - exact < max(len(rows), len(columns))


def test_a_table_of_two_different_sums_is_refused() -> None:
    with pytest.raises(ValueError, match="rows of 3 are not columns of 4"):
        cross([1, 2], [4])
