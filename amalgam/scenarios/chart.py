"""The pictures of a replay, of a day and of a week: what is held, and what flows into and out of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, DateFormatter

from amalgam import drawing
from amalgam.drawing import AMBER, BLUE, GREEN, INK, LEGEND, PALE_GREEN, RED
from amalgam.market.program import Side
from amalgam.readings.model import Integers
from amalgam.scenarios.day import COIN, Day
from amalgam.scenarios.replay import Report
from amalgam.scenarios.village import Week

_AROUND = 4  # times the volume of an auction its book is shown
_PALE_BLUE, _PALE_RED, _VIOLET, _GREY, _PALE_GREY = "#A9C6DC", "#E8B4AC", "#8A6BB1", "#9AA5AB", "#D3DADE"
_SOURCES = {  # of what a house consumes
    "own roof": AMBER,
    "shared by neighbours": GREEN,
    "own in the battery": BLUE,
    "bought in the market": _VIOLET,
    "grid": _GREY,
}
_INKS: dict[str, str] = dict.fromkeys((GREEN, BLUE, _VIOLET), "white")  # on what is dark
_LEAST_LABELLED = 5  # %, of a bar's part
_LEGEND: dict[str, Any] = {**LEGEND, "handlelength": 1.2, "alignment": "left", "fontsize": 13}


def png(report: Report) -> bytes:
    """A report as a PNG image, its time axis in the zone of the first reading."""
    figure = _figure()
    level, flow = figure.subplots(2, sharex=True, height_ratios=(3, 2))
    starts = [interval.start for interval in report.intervals]
    edges = [*starts, starts[-1] + timedelta(seconds=report.interval_s)]
    _draw_level(level, edges, report)
    _draw_flow(flow, edges, report)
    _label_time(flow, edges)
    return drawing.png(figure)


def day_png(day: Day) -> bytes:
    """A day's tokens by where they are, hour by hour, and the auction's book, as a PNG image."""
    return drawing.png(day_figure(day))


def day_figure(day: Day) -> Any:
    """The same, before it is drawn."""
    figure = _figure()
    tokens, book = figure.subplots(2, height_ratios=(3, 2))
    places = ("stored", "in_wallets", "in_market", "delivered", "consumed", "lost")
    amounts = [[getattr(hour, place) / 1000 for hour in day.hours] for place in places]
    labels = [place.replace("_", " ") for place in places]
    colors = (GREEN, AMBER, BLUE, PALE_GREEN, _PALE_RED, RED)
    ends = [hour.end for hour in day.hours]
    date, zone = f"{ends[0]:%a %d %b %Y}", ends[0].tzinfo
    tokens.stackplot(ends, *amounts, labels=labels, colors=colors)
    tokens.set_xlim(ends[0], ends[-1])
    tokens.xaxis.set_major_formatter(DateFormatter("%H:%M", tz=zone))
    tokens.set_xlabel(f"{date}, {zone}", color=INK)
    _label(tokens, f"Tokens, {date}", "Energy (kWh)")
    _draw_book(book, day)
    _label(book, f"Evening auction, {date}", "Price (coins/kWh)")
    return figure


def _figure() -> Any:
    found = drawing.figure(7.5)
    found.get_layout_engine().set(hspace=0.05)
    return found


def _draw_book(axes: Any, day: Day) -> None:
    """Demand falls with the price and supply rises: where they meet, the auction clears."""
    price, volume = day.price / COIN, day.volume / 1000
    highest = max([price, *(limit / COIN for _, limit, _ in day.book)])
    most = 0.0
    for side, color, label in ((Side.BID, BLUE, "demand"), (Side.OFFER, AMBER, "supply")):
        orders = sorted(
            ((limit, amount) for each, limit, amount in day.book if each is side), reverse=side is Side.BID
        )
        ends = [0.0, *accumulate(amount / 1000 for _, amount in orders)]
        limits = [limit / COIN for limit, _ in orders]
        first, last = (highest, 0.0) if side is Side.BID else (0.0, highest)
        axes.step([*ends, ends[-1]], [first, *limits, last], color=color, label=label, linewidth=2)
        most = max(most, min(ends[-1], _AROUND * volume) if volume else ends[-1])
    dashed = {"color": RED, "linewidth": 1.5, "linestyle": (0, (5, 3))}
    axes.axhline(price, **dashed)
    axes.axvline(volume, **dashed)
    clearing = f"cleared, {volume:,.3f} kWh at {price:.3f} coins/kWh"
    axes.plot([volume], [price], "o", color=RED, label=clearing, markersize=8, zorder=3)
    axes.set_xlim(0, most * 1.05 or 1)
    axes.set_ylim(0, highest * 1.05 or 1)
    axes.set_xlabel("Energy (kWh)", color=INK)


def _draw_level(axes: Any, edges: list[datetime], report: Report) -> None:
    measure = report.measure
    allocated = [0, *(interval.allocated / 1000 for interval in report.intervals)]
    available = [0, *(interval.available / 1000 for interval in report.intervals)]
    capacity = report.capacity / 1000
    label = f"capacity, {capacity:,.10g} {measure.unit}"
    axes.axhline(capacity, label=label, color=RED, linewidth=1.5, linestyle=(0, (5, 3)))
    axes.stackplot(edges, allocated, available, labels=("allocated", "available"), colors=(AMBER, GREEN))
    axes.set_ylim(0, capacity * 1.05)
    _label(axes, measure.level, f"{measure.dimension} ({measure.unit})")


def _draw_flow(axes: Any, edges: list[datetime], report: Report) -> None:
    """Into the pool upwards, out of it downwards, and beyond each what the pool could not do."""
    measure = report.measure
    per_base_unit = measure.flow_s / report.interval_s / 1000

    def band(color: str, of: str, sign: int, beyond: str | None = None) -> None:
        def flow(name: str) -> list[float]:
            values = [sign * getattr(each.flows, name) * per_base_unit for each in report.intervals]
            return [*values, values[-1]]  # a step lasts until the next edge

        base = flow(beyond) if beyond else [0.0] * len(edges)
        top = [low + high for low, high in zip(base, flow(of), strict=True)]
        axes.fill_between(edges, base, top, step="post", color=color, label=of.replace("_", " "), linewidth=0)

    band(GREEN, "deposited", 1)
    band(PALE_GREEN, "not_taken", 1, beyond="deposited")
    band(BLUE, "drawn", -1)
    band(_PALE_RED, "not_given", -1, beyond="drawn")
    axes.axhline(0, color=INK, linewidth=0.8)
    _label(axes, "Surplus and deficit", f"{measure.flow} ({measure.flow_unit})")


def _label(axes: Any, title: str, unit: str) -> None:
    drawing.label(axes, title, unit)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=6, **LEGEND)


def _label_time(axes: Any, edges: list[datetime]) -> None:
    zone = edges[0].tzinfo
    locator = AutoDateLocator(tz=zone, minticks=4, maxticks=10)
    days = ["%Y", "%b %Y", "%a %d %b", "%H:%M", "%H:%M", "%S.%f"]
    midnights = ["", "%Y", "%a %d %b", "%a %d %b", "%H:%M", "%H:%M"]
    formatter = ConciseDateFormatter(
        locator, tz=zone, formats=days, zero_formats=midnights, show_offset=False
    )
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(formatter)
    axes.set_xlim(edges[0], edges[-1])
    first, last = (f"{edge.astimezone(zone):%a %d %b %Y}" for edge in (edges[0], edges[-2]))
    axes.set_xlabel(f"{first} to {last}, {zone}", color=INK)


# A week of a village


def week_png(week: Week) -> bytes:
    """A village's power by where it comes from and goes to, and its battery's state of charge, as PNG."""
    return drawing.png(week_figure(week))


def week_figure(week: Week) -> Any:
    """The same, before it is drawn."""
    figure = _figure()
    flow, level = figure.subplots(2, sharex=True, height_ratios=(5, 3))
    _head(figure, week)
    readings = week.readings
    starts = [readings.start(row) for row in range(len(readings.starts))]
    edges = [*starts, starts[-1] + readings.interval]
    _draw_week(flow, week, edges)
    capacity = week.capacity / 1000
    level.fill_between(edges, [0.0, *(week.account.stored / 1000)], color=BLUE, linewidth=0)
    level.axhline(capacity, label=f"capacity, {capacity:,.10g} kWh", color=RED, linewidth=2, dashes=(5, 3))
    level.set_ylim(0, capacity * 1.08)
    _label(level, "State of charge of the battery", "Energy (kWh)")
    _label_time(level, edges)
    _enlarge(flow, level)
    return figure


def _draw_week(axes: Any, week: Week, edges: list[datetime]) -> None:
    """What is consumed upwards, by where it comes from, and what is over downwards: means of each hour."""
    interval_s = week.readings.interval.total_seconds()
    firsts = [*range(0, len(edges) - 1, max(round(3_600 / interval_s), 1))]
    kilo = np.diff([*firsts, len(edges) - 1]) * interval_s / 3.6  # Wh of each step at 1 kW
    steps = [*(edges[first] for first in firsts), edges[-1]]

    def stack(bands: Mapping[str, tuple[Integers, str]], sign: int) -> list[Any]:
        base, drawn = [0.0] * len(steps), list[Any]()
        for label, (amounts, color) in bands.items():
            power = sign * np.add.reduceat(amounts.sum(axis=1), firsts) / kilo
            top = [low + high for low, high in zip(base, [*power, power[-1]], strict=True)]
            drawn.append(
                axes.fill_between(steps, base, top, step="post", color=color, label=label, linewidth=0)
            )
            base = top
        return drawn

    flows = week.account.flows
    above = stack(_sources(week), 1)
    surplus = {"into the battery": (flows.charged, _PALE_BLUE), "to the grid": (flows.sold, _PALE_GREY)}
    below = stack(surplus, -1)
    axes.axhline(0, color=INK, linewidth=1)
    axes.yaxis.set_major_formatter(_unsigned)
    _label(axes, "What is consumed, and from where", "Mean power (kW)")
    _legend_below_title(axes, above)
    told = axes.legend(
        handles=below, loc="lower left", bbox_to_anchor=(0.36, 0.03), title="What is over", **_LEGEND
    )
    told.get_title().set(color=INK, fontsize=14, fontweight="bold")


def _unsigned(value: float, _: object) -> str:
    """A tick's label: what is over is as much below zero."""
    return f"{abs(value):,.0f}"


def houses_png(week: Week, currency: str) -> bytes:
    """Where the energy of each of a village's houses has come from, as PNG."""
    return drawing.png(houses_figure(week, currency))


def houses_figure(week: Week, currency: str) -> Any:
    """The same, before it is drawn."""
    figure = _figure()
    axes = figure.subplots()
    _head(figure, week)
    houses, _ = week.figures()
    rows = range(len(houses))
    left, drawn = [0.0] * len(houses), list[Any]()
    for label, (amounts, color) in _sources(week).items():
        parts = [
            100 * part / (house.consumed or 1)
            for part, house in zip(amounts.sum(axis=0).tolist(), houses, strict=True)
        ]
        bars = axes.barh(rows, parts, left=left, color=color, label=label, height=0.78)
        drawn.append(bars)
        texts = [f"{part:.0f} %" if part >= _LEAST_LABELLED else "" for part in parts]
        axes.bar_label(bars, texts, label_type="center", color=_INKS.get(color, INK), fontsize=14)
        left = [start + part for start, part in zip(left, parts, strict=True)]
    for row, house in enumerate(houses):
        told = f"{house.consumed / 1000:,.1f} kWh, saves {float(house.savings or 0):z,.2f} {currency}"
        axes.text(101, row, told, va="center", color=INK, fontsize=12.5)
    axes.set_yticks(rows, [f"{each.name}{'' if each.produced else ', no modules'}" for each in houses])
    axes.invert_yaxis()
    axes.set_xlim(0, 133)
    axes.set_xticks(range(0, 101, 20))
    _label(axes, "Where each house's energy has come from", "")
    _legend_below_title(axes, drawn)
    axes.set_xlabel("Part of what the house has consumed (%)", color=INK, loc="left")
    axes.grid(visible=False, axis="y")
    _enlarge(axes)
    return figure


def _head(figure: Any, week: Week) -> None:
    """Say in large letters what it comes to."""
    _, village = week.figures()
    part = village.self_sufficiency
    told = "" if part is None else f": {float(100 * part):.0f} % of what it consumes is its own"
    figure.suptitle(f"{week.settings.name}{told}", color=INK, fontsize=22, fontweight="bold")


def _enlarge(*all_axes: Any) -> None:
    """Have what is on axes be read from some metres."""
    for axes in all_axes:
        axes.tick_params(labelsize=13)
        for label in (axes.xaxis.label, axes.yaxis.label, *axes.get_legend().get_texts()):
            label.set_fontsize(13)


def _sources(week: Week) -> dict[str, tuple[Integers, str]]:
    """Where what is consumed comes from: Wh, a row for each interval and a column for each house."""
    flows = week.account.flows
    own = flows.discharged - week.from_market
    amounts = (flows.own_use, flows.shared_in, own, week.from_market, flows.bought)
    colors = zip(amounts, _SOURCES.values(), strict=True)
    return dict(zip(_SOURCES, colors, strict=True))


def _legend_below_title(axes: Any, handles: list[Any]) -> None:
    """For more labels than there is room for beside the title; it stays if there is another one."""
    axes.set_title(axes.get_title(loc="left"), loc="left", color=INK, fontsize=14, fontweight="bold", pad=36)
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": len(handles)}
    axes.add_artist(axes.legend(handles=handles, **place, **_LEGEND))
