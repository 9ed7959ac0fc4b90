"""A year of quarter-hours of a hundred households through one battery: how long it takes on one core.

    python -m benchmarks.sizing.year [--households 100] [--days 365]

Writes figures.md if it is the whole year. The readings are from a formula: nothing in them is measured. What
is measured is the processor's time of this process, which runs nothing beside it, and the time that passed.
"""

import argparse
import os
import platform
import resource
import sys
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time
from typing import TypeVar

import numpy as np

from amalgam.readings.model import Readings
from amalgam.sharing.account import Battery, shared
from amalgam.sharing.keys import Dynamic
from amalgam.sizing.case import Case, Checks, base_of, run
from amalgam.sizing.tariffs import Rates, Tariff
from amalgam.units import ENERGY

FIGURES = Path(__file__).with_name("figures.md")
FIRST = 1_767_225_600  # 2026-01-01, UTC
QUARTER_S, QUARTERS = 900, 96  # of a quarter-hour; a day
LIMIT_S = 60
FLAT = Tariff("flat", Rates(Decimal("0.32"), Decimal("0.08"), Decimal("0.16"), Decimal(0)))
_T = TypeVar("_T")


def readings(households: int, days: int) -> Readings:
    """Half of the households have solar modules, which bring most in summer."""
    rng = np.random.default_rng(2026)
    quarter = np.arange(QUARTERS * days)
    season = (1 - 0.7 * np.cos(2 * np.pi * (quarter / QUARTERS + 10) / 365)) / 1.7
    sun = np.maximum(np.sin((quarter % QUARTERS - 24) * np.pi / 48), 0) * season
    sizes = rng.integers(3, 12, households) * (np.arange(households) % 2 == 0)
    shape = len(quarter), households
    return Readings(
        measure=ENERGY,
        interval=timedelta(seconds=QUARTER_S),
        members=tuple(f"house-{number:04}" for number in range(households)),
        starts=FIRST + QUARTER_S * quarter,
        offsets=np.zeros_like(quarter),
        produced=(sun[:, None] * sizes * 250 * rng.uniform(0.2, 1, (len(quarter), 1))).astype(np.int64),
        consumed=rng.integers(10, 300, shape),
        quality=np.zeros(shape, np.uint8),
    )


def measure(households: int, days: int) -> tuple[dict[str, tuple[float, float | None]], str]:
    """Of each stage the processor's seconds, and those that passed; and what it was of, in words."""
    seconds: dict[str, tuple[float, float | None]] = {}

    def timed(name: str, do: Callable[[], _T]) -> _T:
        began = process_time(), perf_counter()
        done = do()
        seconds[name] = process_time() - began[0], perf_counter() - began[1]
        return done

    year = readings(households, days)
    case = Case("dynamic", Battery(5_000 * households, 9_500, 9_700, 600 * households, 600 * households))
    unstored = timed("own use, sharing", lambda: shared(year, Dynamic()))
    base = timed("bills without a battery", lambda: base_of(unstored, Dynamic(), [FLAT]))
    found = timed("one case, with its checks", lambda: run(base, case, Checks()))
    seconds["in all"] = (
        sum(cpu for cpu, _ in seconds.values()),
        sum(passed or 0 for _, passed in seconds.values()),
    )
    parts = {
        "account": "of the case: the account",
        "program": "of the case: the program as Python",
        "chain": "of the case: a week on LiteSVM",
    }
    for name, words in parts.items():
        seconds[words] = found.checked["seconds"][name], None
    told = (
        f"{len(year):,} household-intervals; the program has done {found.checked['movements']:,} deposits "
        f"and withdrawals, the chain {found.checked['transactions']:,} of a week; the battery's "
        f"{case.battery.capacity / 1000:,.0f} kWh raise self-sufficiency from "
        f"{found.figures['self_sufficiency_shared']:.1%} to {found.figures['self_sufficiency']:.1%}"
    )
    return seconds, told


def table(seconds: dict[str, tuple[float, float | None]], told: str) -> str:
    """The figures of a run, as Markdown."""
    rows = [
        f"| {name} | {cpu:,.1f} | {'' if passed is None else f'{passed:,.1f}'} |"
        for name, (cpu, passed) in seconds.items()
    ]
    return "\n".join(
        [
            "# A year of a hundred households, one battery, one core",
            "",
            f"`python -m benchmarks.sizing.year` in one process ({platform.machine()}, {os.cpu_count()} "
            f"cores), Python {platform.python_version()}, numpy {np.__version__}: {told}.",
            "",
            "| stage | seconds of the processor | seconds passed |",
            "|---|---:|---:|",
            *rows,
            "",
            f"Most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.2f} GiB. The limit "
            f"is {LIMIT_S} s of the processor in all; what passed beyond that, others took who used the "
            f"machine (load {os.getloadavg()[0]:.1f}).",
            "",
        ]
    )


def main() -> None:
    """Measure, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=100)
    parser.add_argument("--days", type=int, default=365)
    asked = parser.parse_args()
    seconds, told = measure(asked.households, asked.days)
    text = table(seconds, told)
    print(text)
    if (asked.households, asked.days) == (100, 365):
        FIGURES.write_text(text, "utf-8")
    if seconds["in all"][0] > LIMIT_S:
        sys.exit("over the limit")


if __name__ == "__main__":
    main()
