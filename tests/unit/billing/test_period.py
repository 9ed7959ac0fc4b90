"""Periods: their days, how long they are, and what is none."""

from datetime import date

import pytest

from amalgam.billing.period import Period, period


@pytest.mark.parametrize(
    ("text", "first", "end", "months", "next_end"),
    [
        ("2026-12", (2026, 12, 1), (2027, 1, 1), 1, (2027, 2, 1)),
        ("2026-Q2", (2026, 4, 1), (2026, 7, 1), 3, (2026, 10, 1)),
        ("2026-H2", (2026, 7, 1), (2027, 1, 1), 6, (2027, 7, 1)),
        ("2028", (2028, 1, 1), (2029, 1, 1), 12, (2030, 1, 1)),
    ],
)
def test_each_kind(
    text: str, first: tuple[int, ...], end: tuple[int, ...], months: int, next_end: tuple[int, ...]
) -> None:
    found = period(text)
    assert found == Period(text, date(*first), date(*end))
    assert (found.months, found.next_end) == (months, date(*next_end))


def test_the_last_day_is_in_it() -> None:
    assert period("2028-02").last == date(2028, 2, 29)


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "2026-Q5", "2026-H3", "26-01", "2026-6", "0000", "9999"]
)
def test_what_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a period") as refused:
        period(text)
    assert str(refused.value) == f"{text!r} is not a period; write it like 2026-06, 2026-Q2, 2026-H1 or 2026"
