"""The picture of a replay: the battery's state of charge, and the power into and out of it."""

from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure

from amalgam.replay import Report

_INK, _FAINT = "#26323A", "#DDE3E6"
_GREEN, _PALE_GREEN, _AMBER, _BLUE, _PALE_RED, _RED = (
    *("#3A8F6B", "#BBD8CA", "#F0B23E", "#2C6C9C", "#E8B4AC", "#B5394A"),
)


def png(report: Report) -> bytes:
    """A report as a PNG image, its time axis in the zone of the first reading."""
    figure: Any = Figure(figsize=(12, 7.5), dpi=120, layout="constrained")
    figure.get_layout_engine().set(h_pad=0.15, w_pad=0.15, hspace=0.05)
    charge, power = figure.subplots(2, sharex=True, height_ratios=(3, 2))
    starts = [interval.start for interval in report.intervals]
    edges = [*starts, starts[-1] + timedelta(seconds=report.interval_s)]
    _draw_charge(charge, edges, report)
    _draw_power(power, edges, report)
    _label_time(power, edges)
    image = BytesIO()
    figure.savefig(image, format="png")
    return image.getvalue()


def _draw_charge(axes: Any, edges: list[datetime], report: Report) -> None:
    allocated = [0, *(interval.allocated_wh / 1000 for interval in report.intervals)]
    available = [0, *(interval.available_wh / 1000 for interval in report.intervals)]
    capacity = report.capacity_wh / 1000
    label = f"capacity, {capacity:,.10g} kWh"
    axes.axhline(capacity, label=label, color=_RED, linewidth=1.5, linestyle=(0, (5, 3)))
    axes.stackplot(edges, allocated, available, labels=("allocated", "available"), colors=(_AMBER, _GREEN))
    axes.set_ylim(0, capacity * 1.05)
    _label(axes, "State of charge", "Energy (kWh)")


def _draw_power(axes: Any, edges: list[datetime], report: Report) -> None:
    """Into the battery upwards, out of it downwards, and beyond each what the battery could not do."""

    def band(color: str, label: str, of: str, sign: int, beyond: str | None = None) -> None:
        def power_kw(name: str) -> list[float]:
            kw_per_wh = sign * 3.6 / report.interval_s
            values = [getattr(interval.energy, name) * kw_per_wh for interval in report.intervals]
            return [*values, values[-1]]  # a step lasts until the next edge

        base = power_kw(beyond) if beyond else [0.0] * len(edges)
        top = [low + high for low, high in zip(base, power_kw(of), strict=True)]
        axes.fill_between(edges, base, top, step="post", color=color, label=label, linewidth=0)

    band(_GREEN, "deposited", "deposited_wh", 1)
    band(_PALE_GREEN, "not taken", "not_taken_wh", 1, beyond="deposited_wh")
    band(_BLUE, "drawn", "drawn_wh", -1)
    band(_PALE_RED, "not given", "not_given_wh", -1, beyond="drawn_wh")
    axes.axhline(0, color=_INK, linewidth=0.8)
    _label(axes, "Surplus and deficit", "Mean power (kW)")


def _label(axes: Any, title: str, unit: str) -> None:
    axes.set_title(title, loc="left", color=_INK, fontsize=14, fontweight="bold", pad=10)
    axes.set_ylabel(unit, color=_INK)
    axes.grid(color=_FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=_INK, length=0)
    axes.spines[:].set_visible(False)
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=4,
        frameon=False,
        labelcolor=_INK,
        borderaxespad=0.2,
        columnspacing=1.4,
        handlelength=1.6,
    )


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
    axes.set_xlabel(f"{first} to {last}, {zone}", color=_INK)
