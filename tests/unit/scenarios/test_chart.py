"""The picture of a day: what its axes show, without a look at pixels."""

from datetime import datetime, timedelta, timezone

import pytest

from amalgam.market.program import Side
from amalgam.scenarios.chart import day_figure, day_png
from amalgam.scenarios.day import COIN, Day, Hour

MORNING = datetime(2026, 6, 22, tzinfo=timezone(timedelta(hours=2)))
BOOK = [
    *((Side.BID, 280_000, 1_500), (Side.BID, 200_000, 2_500)),
    *((Side.OFFER, 285_000, 20_000), (Side.OFFER, 135_000, 5_000), (Side.OFFER, 165_000, 90_000)),
]


@pytest.fixture
def day() -> Day:
    hours = [Hour(MORNING + timedelta(hours=hour), hour, hour, 0, 0, 0, 0, 0) for hour in range(1, 25)]
    return Day([], hours, BOOK, price=135_000, volume=4_000)


def test_the_curves_of_the_auction_cross_where_it_clears(day: Day) -> None:
    _, book = day_figure(day).axes
    lines = {line.get_label(): line for line in book.lines}
    demand, supply = ([*zip(*lines[name].get_data(), strict=True)] for name in ("demand", "supply"))
    assert demand == [(0, 0.285), (1.5, 0.28), (4, 0.2), (4, 0)]
    assert supply == [(0, 0), (5, 0.135), (95, 0.165), (115, 0.285), (115, 0.285)]
    point = lines["cleared, 4.000 kWh at 0.135 coins/kWh"].get_data()
    assert [list(each) for each in point] == [[day.volume / 1000], [day.price / COIN]]


def test_the_axes_show_the_crossing_and_what_is_around_it(day: Day) -> None:
    _, book = day_figure(day).axes
    (left, right), (low, high) = book.get_xlim(), book.get_ylim()
    assert (left, low) == (0, 0)
    assert 2 * 4 < right < 5 * 4
    assert 0.285 < high < 2 * 0.285


def test_titles_tell_the_date_and_labels_the_units(day: Day) -> None:
    tokens, book = day_figure(day).axes
    assert tokens.get_title(loc="left") == "Tokens, Mon 22 Jun 2026"
    assert book.get_title(loc="left") == "Evening auction, Mon 22 Jun 2026"
    assert (tokens.get_xlabel(), tokens.get_ylabel()) == ("Mon 22 Jun 2026, UTC+02:00", "Energy (kWh)")
    assert (book.get_xlabel(), book.get_ylabel()) == ("Energy (kWh)", "Price (coins/kWh)")


@pytest.mark.parametrize("book", [[], BOOK[:2], BOOK[2:]])
def test_an_auction_in_which_nothing_is_traded_is_drawn_too(
    day: Day, book: list[tuple[Side, int, int]]
) -> None:
    day.book, day.price, day.volume = book, 0, 0
    assert day_png(day).startswith(b"\x89PNG")
