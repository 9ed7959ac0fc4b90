"""Rates by time of use, and bills by hand."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from amalgam.sizing.tariffs import Flow, Rates, Tariff, Time, cost

ALL_MONTHS, ALL_DAYS, ALL_HOURS = frozenset(range(1, 13)), frozenset(range(7)), frozenset(range(24))
BASE = Rates(Decimal("0.30"), Decimal("0.10"), Decimal("0.20"), Decimal("0.05"))
EVENING = Time(ALL_MONTHS, frozenset(range(5)), frozenset(range(17, 21)), {"bought": Decimal("0.40")})
WINTER = Time(
    frozenset({12, 1, 2}), ALL_DAYS, ALL_HOURS, {"bought": Decimal("0.35"), "sold": Decimal("0.12")}
)
TARIFF = Tariff("time of use", BASE, (EVENING, WINTER))


def local(*times: datetime) -> np.ndarray:
    return np.array([int(time.replace(tzinfo=UTC).timestamp()) for time in times], np.int64)


@pytest.mark.parametrize(
    ("time", "bought", "sold"),
    [
        (datetime(2026, 6, 22, 16, 45), "0.30", "0.10"),  # a Monday
        (datetime(2026, 6, 22, 17), "0.40", "0.10"),
        (datetime(2026, 6, 22, 20, 45), "0.40", "0.10"),
        (datetime(2026, 6, 22, 21), "0.30", "0.10"),
        (datetime(2026, 6, 27, 18), "0.30", "0.10"),  # a Saturday
        (datetime(2026, 2, 28, 23, 45), "0.35", "0.12"),
        (datetime(2026, 3, 1), "0.30", "0.10"),
        (datetime(2026, 1, 5, 18), "0.40", "0.10"),  # both fit, and the first counts
        (datetime(1969, 12, 31, 18), "0.40", "0.10"),  # a Wednesday
    ],
)
def test_the_first_time_that_fits_counts(time: datetime, bought: str, sold: str) -> None:
    [(rates, rows)] = TARIFF.bands(local(time))
    assert (rates.bought, rates.sold, rows.tolist()) == (Decimal(bought), Decimal(sold), [True])


def test_each_interval_of_a_year_is_in_one_band() -> None:
    year = local(*(datetime(2026, 1, 1) + timedelta(hours=hour) for hour in range(365 * 24)))
    bands = TARIFF.bands(year)
    assert len(bands) == 3
    assert (sum(rows.astype(int) for _, rows in bands) == 1).all()
    assert int(bands[0][1].sum()) == 261 * 4  # weekdays of 2026


def test_a_bill_by_hand() -> None:
    times = local(datetime(2026, 6, 22, 16), datetime(2026, 6, 22, 17))
    bought = Flow(np.array([[1_000, 0], [1_000, 1]]), "bought")
    sold = Flow(np.array([[0, 500], [0, 0]]), "sold", -1)
    drawn = Flow(np.array([[0, 0], [100, 0]]), "drawn")
    assert cost(TARIFF, times, [bought, sold, drawn]) == [
        Fraction("0.30") + Fraction("0.40") + Fraction("0.005"),
        -Fraction("0.05") + Fraction("0.0004"),
    ]
