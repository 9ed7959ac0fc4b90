"""Which size is looked at more closely, and the pictures of it."""

from decimal import Decimal

import polars as pl
import pytest

from amalgam.sharing.account import Battery
from amalgam.sizing.case import Case, Checks, Result, run
from amalgam.sizing.charts import pictures
from amalgam.sizing.choice import chosen, curve, curves, knee
from amalgam.sizing.settings import Investment
from tests.support.hours import readings
from tests.unit.sizing.village import base


def result(size: int, part: float, saving: float = 0, key: str = "dynamic") -> Result:
    figures = {"self_sufficiency": part, "self_sufficiency_shared": 0.2}
    return Result(Case(key, Battery(size, 9_000)), figures, [{"saving_year": saving}], [], pl.DataFrame(), {})


LINE = [
    result(100_000, 0.59, 90),
    result(10_000, 0.3, 40),
    result(40_000, 0.55, 80),
    result(200_000, 0.6, 95),
]
OTHER = result(40_000, 0.9, 70, key="equal")


def test_lines_differ_by_capacity_alone() -> None:
    assert [each.case.battery.capacity for each in curve([*LINE, OTHER])] == [
        10_000,
        40_000,
        100_000,
        200_000,
    ]
    assert [len(each) for each in curves([*LINE, OTHER])] == [4, 1]


def test_the_knee_is_farthest_above_the_line_from_none_to_the_largest() -> None:
    # Of the rise from 20 to 60 % they have 25, 87.5, 97.5 and 100 %, at 5, 20, 50 and 100 % of the capacity.
    assert knee([*LINE, OTHER]).case.battery.capacity == 40_000


@pytest.mark.parametrize(
    ("cost_kwh", "size"),
    [
        ("0.1", 200_000),  # 1, 4, 10 and 20 for each: 95 less 20 / 10 years
        ("5", 40_000),  # 50, 200, 500 and 1,000: 35, 60, 40, -5 a year
        ("50", 10_000),
    ],
)
def test_with_costs_it_is_the_one_worth_most(cost_kwh: str, size: int) -> None:
    investment = Investment(Decimal(0), Decimal(cost_kwh), 10)
    assert chosen([*LINE, OTHER], investment).case == Case("dynamic", Battery(size, 9_000))


def test_without_costs_it_is_the_knee() -> None:
    assert chosen(LINE, None) is knee(LINE)


@pytest.mark.parametrize("investment", [None, Investment(Decimal(1), Decimal(1), 10)])
@pytest.mark.parametrize("days", [1, 30])
@pytest.mark.parametrize("with_sun", [True, False])
def test_pictures_are_drawn_of_any_readings(investment: Investment | None, days: int, with_sun: bool) -> None:
    """Also of so few that there is nothing to see, and of a battery that never holds anything."""
    hours = ({"hut": (900 * with_sun * (n % 24 == 12), 100)} for n in range(days * 24))
    common = base(readings(*hours))
    cases = [Case("dynamic", Battery(size, 9_000)) for size in (100, 500)]
    results = [run(common, case, Checks(whole=False, on_chain=False)) for case in cases]
    found = pictures(results, chosen(results, investment), common, investment)
    assert set(found) == {"capacity", "charge", "duration", "members"} | (
        {"payback"} if investment else set()
    )
    assert all(image.startswith(b"\x89PNG") for image in found.values())
