"""The pictures of a sizing: what each size brings, what it is worth, and how one of them is used."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from amalgam import drawing
from amalgam.drawing import AMBER, BLUE, GREEN, INK, LEGEND, PALE_GREEN, RED
from amalgam.sizing.case import Base, Result
from amalgam.sizing.choice import curves, knee
from amalgam.sizing.settings import Investment
from amalgam.sizing.sweep import bought
from amalgam.units import ENERGY

_LINES = (GREEN, BLUE, AMBER, RED, "#7A5FA0", "#5B6B73")
_MOST_MEMBERS = 40  # that are named in a picture; more are drawn by rank


def pictures(
    results: Sequence[Result], chosen: Result, base: Base, investment: Investment | None
) -> dict[str, bytes]:
    """PNG images by name: capacity, payback (if a battery is bought), charge, duration, members."""
    found: dict[str, Callable[[Any], None]] = {
        "capacity": lambda axes: _capacity(axes, results),
        "charge": lambda axes: _charge(axes, chosen, base),
        "duration": lambda axes: _duration(axes, chosen, base),
        "members": lambda axes: _members(axes, chosen),
    }
    if investment is not None:
        found["payback"] = lambda axes: _payback(axes, results, investment)
    return {name: _image(draw) for name, draw in found.items()}


def _image(draw: Callable[[Any], None]) -> bytes:
    drawn = drawing.figure(5.2)
    draw(drawn.subplots())
    return drawing.png(drawn)


def _capacity(axes: Any, results: Sequence[Result]) -> None:
    """Self-sufficiency by capacity, from none on, and the knee."""
    for color, line in zip(_LINES * len(results), curves(results), strict=False):
        without = line[0].figures["self_sufficiency_shared"] or 0.0
        sizes = [0, *(each.case.battery.capacity / 1000 for each in line)]
        parts = [without, *(each.figures["self_sufficiency"] or 0.0 for each in line)]
        axes.plot(
            sizes, [100 * part for part in parts], "o-", color=color, linewidth=2, label=_line_name(line[0])
        )
    best = knee(results)
    size, part = best.case.battery.capacity / 1000, 100 * (best.figures["self_sufficiency"] or 0.0)
    axes.axvline(size, color=RED, linewidth=1.5, linestyle=(0, (5, 3)), label=f"knee, {size:,.10g} kWh")
    axes.plot([size], [part], "o", color=RED, markersize=9, zorder=3)
    axes.set_xlim(left=0)
    axes.set_xlabel("Capacity (kWh)", color=INK)
    _label(axes, "What more capacity brings", "Consumption not bought from the grid (%)")


def _payback(axes: Any, results: Sequence[Result], investment: Investment) -> None:
    """What each size is worth a year, before and after its price, and in how many years it is paid back."""
    line = curves(results)[0]
    places = np.arange(len(line))
    tariffs = [money["tariff"] for money in line[0].money]
    width = 0.8 / len(tariffs)
    highest, lowest = 0.0, 0.0
    for number, (tariff, color) in enumerate(zip(tariffs, _LINES * len(tariffs), strict=False)):
        told = [bought(each.case.battery, investment, each.money[number]["saving_year"]) for each in line]
        benefits = [each["benefit_year"] or 0.0 for each in told]
        at = places - 0.4 + width * (number + 0.5)
        axes.bar(at, benefits, width * 0.92, color=color, label=tariff)
        for place, benefit, each in zip(at, benefits, told, strict=True):
            years = each["payback_years"]
            text = "never" if years is None else f"{years:,.1f} a" if years < 100 else "> 100 a"
            axes.annotate(
                text,
                (place, benefit),
                (0, 4 if benefit >= 0 else -4),
                textcoords="offset points",
                ha="center",
                va="bottom" if benefit >= 0 else "top",
                color=INK,
                fontsize=9,
            )
        highest, lowest = max([highest, *benefits]), min([lowest, *benefits])
    margin = 0.1 * ((highest - lowest) or 1)
    axes.set_ylim(lowest - margin * (lowest < 0), highest + margin)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_xticks(places, [f"{each.case.battery.capacity / 1000:,.10g}" for each in line])
    axes.set_xlabel(
        f"Capacity (kWh). At each bar: in how many years (a) its price is saved; "
        f"it lasts {investment.years} years",
        color=INK,
    )
    _label(
        axes, "Worth a year, price deducted", "Saving less price by year (currency of the prices)", grid="y"
    )


def _charge(axes: Any, result: Result, base: Base) -> None:
    """State of charge: each day's lowest and highest, and its mean."""
    stored = result.intervals["stored"].to_numpy() / 1000
    days = base.local // 86_400
    _, firsts = np.unique(days, return_index=True)
    counts = np.diff([*firsts, len(days)])
    low, high = np.minimum.reduceat(stored, firsts), np.maximum.reduceat(stored, firsts)
    mean = np.add.reduceat(stored, firsts) / counts
    if len(firsts) > 21:
        times = [_time(base, int(first)) for first in firsts]
        axes.fill_between(times, low, high, color=PALE_GREEN, label="from the day's lowest to its highest")
        axes.plot(times, mean, color=GREEN, linewidth=1.8, label="mean of the day")
    else:
        times = [_time(base, row) for row in range(len(stored))]
        axes.fill_between(times, 0, stored, color=GREEN, label="stored", linewidth=0)
    capacity = result.case.battery.capacity / 1000
    dashes = (0, (5, 3))
    axes.axhline(
        capacity, color=RED, linewidth=1.5, linestyle=dashes, label=f"capacity, {capacity:,.10g} kWh"
    )
    axes.set_ylim(0, capacity * 1.05)
    locator = AutoDateLocator(tz=times[0].tzinfo, minticks=4, maxticks=13)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=times[0].tzinfo, show_offset=False))
    axes.set_xlim(times[0], times[-1])
    axes.set_xlabel(f"{times[0]:%d %b %Y} to {_time(base, len(stored) - 1):%d %b %Y}, local time", color=INK)
    _label(axes, f"State of charge, {_name(result)}", "Energy (kWh)")


def _time(base: Base, row: int) -> datetime:
    """Local time as one without changes of the clock, so that an axis has no jumps."""
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=int(base.local[row]))


def _duration(axes: Any, result: Result, base: Base) -> None:
    """For how much of the time how much power goes to and from the grid, with and without the battery."""
    kilowatts = 3600 / base.interval_s / 1000
    share = np.linspace(0, 100, len(base.starts))
    lines = (
        ("sharing alone", base.need - base.surplus, AMBER),
        ("with the battery", (result.intervals["bought"] - result.intervals["sold"]).to_numpy(), GREEN),
    )
    for label, amounts, color in lines:
        axes.plot(share, np.sort(amounts)[::-1] * kilowatts, color=color, linewidth=2, label=label)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.set_xlim(0, 100)
    axes.set_xlabel(
        "Share of the time in which at least so much is bought (%); below 0 it is sold", color=INK
    )
    _label(axes, f"Power from the grid by duration, {_name(result)}", "Mean power (kW)")


def _members(axes: Any, result: Result) -> None:
    """What the battery saves each member a year, by the first tariff."""
    tariff = result.money[0]["tariff"]
    savings = sorted(
        ((each["money"][0]["saving_year"], each["member"]) for each in result.members), reverse=True
    )
    amounts = [amount for amount, _ in savings]
    colors = [GREEN if amount >= 0 else RED for amount in amounts]
    axes.bar(range(len(amounts)), amounts, color=colors, width=0.8 if len(amounts) <= _MOST_MEMBERS else 1)
    if len(amounts) <= _MOST_MEMBERS:
        names = [name for _, name in savings]
        axes.set_xticks(range(len(names)), names, rotation=0 if len(names) <= 14 else 90)
    else:
        axes.set_xlabel(f"{len(amounts):,} members, who saves most first", color=INK)
    axes.axhline(0, color=INK, linewidth=0.8)
    title = f"What the battery saves each member, {_name(result)}, tariff {tariff}"
    _label(axes, title, "Saving a year (currency of the prices)", grid="y")


def _name(result: Result) -> str:
    return ENERGY.text(result.case.battery.capacity, 0 if result.case.battery.capacity % 1000 == 0 else 3)


def _line_name(result: Result) -> str:
    battery = result.case.battery
    powers = [
        f"{verb} {power / 1000:,.10g} kW"
        for verb, power in (("charge", battery.charge_w), ("discharge", battery.discharge_w))
        if power is not None
    ]
    return ", ".join([result.case.key, *powers])


def _label(axes: Any, title: str, unit: str, *, grid: str = "both") -> None:
    has_legend = bool(axes.get_legend_handles_labels()[0])
    drawing.label(axes, title, unit, pad=30 if has_legend else 10, grid=grid)
    if has_legend:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=4, **LEGEND)
