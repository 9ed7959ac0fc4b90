"""Periods that are billed: months, quarters, half-years and years, like 2026-06, 2026-Q2, 2026-H1, 2026."""

import re
from datetime import date, timedelta
from typing import NamedTuple

_WRITTEN = re.compile(r"([0-9]{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])|H([12])))?")
_YEAR = 12  # months


class Period(NamedTuple):
    """A period as it is written, with its first day and the day after its last one."""

    name: str
    first: date
    end: date

    @property
    def last(self) -> date:
        """Its last day."""
        return self.end - timedelta(days=1)

    @property
    def months(self) -> int:
        """How many it has: none, if it is shorter; such a one has nothing that is by the month."""
        return _month_number(self.end) - _month_number(self.first)

    @property
    def next_end(self) -> date:
        """The day after the next period of the same length."""
        return _month(_month_number(self.end) + self.months)


def period(text: str) -> Period:
    """A period as it is written. Raises ValueError."""
    match = _WRITTEN.fullmatch(text)
    if match is None or not 1 <= int(match[1]) < date.max.year - 1:
        raise ValueError(f"{text!r} is not a period; write it like 2026-06, 2026-Q2, 2026-H1 or 2026")
    year, month, quarter, half = match.groups()
    if month:
        length, index = 1, int(month) - 1
    elif quarter:
        length, index = 3, int(quarter) - 1
    elif half:
        length, index = 6, int(half) - 1
    else:
        length, index = _YEAR, 0
    first = int(year) * _YEAR + index * length
    return Period(text, _month(first), _month(first + length))


def _month_number(day: date) -> int:
    return day.year * _YEAR + day.month - 1


def _month(number: int) -> date:
    """The first day of a month, that is counted from year 0 on."""
    return date(number // _YEAR, number % _YEAR + 1, 1)
