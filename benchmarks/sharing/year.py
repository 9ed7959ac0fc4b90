"""A year of quarter-hours of a thousand households: how long reading and sharing take, and how much memory.

    python -m benchmarks.sharing.year [--households 1000] [--days 365]

Writes figures.md if it is the whole year. The file of readings, some 1.5 GB, is made in a temporary folder
from a formula: nothing in it is measured.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import TypeVar

import numpy as np
import polars as pl

from amalgam.readings.community import community
from amalgam.readings.read import read_files
from amalgam.sharing.account import Battery, account
from amalgam.sharing.keys import PPM, Dynamic, Equal, Hybrid, Key, Static
from amalgam.sharing.shares import share

FIGURES = Path(__file__).with_name("figures.md")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
QUARTERS = 96  # a day
LIMIT_S, LIMIT_GIB = 300, 4
_T = TypeVar("_T")


def write_readings(path: Path, households: int, days: int) -> None:
    """A row a household and quarter-hour, half of them with solar modules, day by day."""
    rng = np.random.default_rng(2026)
    names = pl.Series([f"house-{number:04}" for number in range(households)])
    has_sun = np.arange(households) % 2 == 0
    size = rng.integers(1, 8, households)
    with path.open("wb") as file:
        for day in range(days):
            start = FIRST + timedelta(days=day)
            times = [(start + timedelta(minutes=15 * each)).isoformat() for each in range(QUARTERS)]
            sun = np.maximum(np.sin((np.arange(QUARTERS) - 24) * np.pi / 48), 0)[:, None]
            made = (sun * size * has_sun * 250 * rng.uniform(0.2, 1, (QUARTERS, 1))).astype(np.int64)
            used = rng.integers(10, 400, (QUARTERS, households))
            frame = pl.DataFrame(
                {
                    "timestamp": pl.Series(times).gather(np.repeat(np.arange(QUARTERS), households)),
                    "member": names.gather(np.tile(np.arange(households), QUARTERS)),
                    "generated_Wh": made.reshape(-1),
                    "consumed_Wh": used.reshape(-1),
                }
            )
            frame.write_csv(file, include_header=day == 0)


def measure(path: Path) -> dict[str, float]:
    """Seconds of each stage, and the most memory of this process, in GiB."""
    seconds: dict[str, float] = {}

    def timed(name: str, do: Callable[[], _T]) -> _T:
        began = perf_counter()
        done = do()
        seconds[name] = perf_counter() - began
        return done

    started = process_time()
    parts = timed("reading the file", lambda: read_files([path]))
    readings = timed("one value a meter and interval", lambda: community(parts))
    parts.clear()
    battery = Battery(5_000_000, 9_500)
    found = timed(
        "own use, dynamic sharing, battery, grid", lambda: account(readings, Dynamic(), battery=battery)
    )
    flows = found.flows
    if (flows.shared_in.sum(axis=1) != flows.shared_out.sum(axis=1)).any():
        raise AssertionError("what is shared in is not what is shared out")
    seconds["in all"] = sum(seconds.values())
    seconds["of these, of a processor"] = process_time() - started
    seconds["GiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    seconds["readings"] = len(readings)
    seconds["shared GWh"] = int(flows.shared_in.sum()) / 10**9
    surplus, need = flows.produced - flows.own_use, flows.consumed - flows.own_use
    names, hours = list(readings.members), readings.starts // 3600 % 24
    del found, flows
    shares = [dict.fromkeys(names, PPM // len(names))]
    keys: dict[str, Key] = {
        "sharing alone: static": Static(shares),
        "sharing alone: hybrid, 5 rounds": Hybrid(shares),
        "sharing alone: equal": Equal(),
    }
    for name, key in keys.items():
        timed(name, lambda key=key: share(key, names, names, surplus, need, hours))
    return seconds


def table(figures: dict[str, float], size: int) -> str:
    """The figures of a run, as Markdown."""
    stages = {name: each for name, each in figures.items() if name not in ("GiB", "readings", "shared GWh")}
    rows = [f"| {name} | {each:,.1f} |" for name, each in stages.items()]
    return "\n".join(
        [
            "# A year of a thousand households",
            "",
            f"`python -m benchmarks.sharing.year` on {os.cpu_count()} cores ({platform.machine()}), Python "
            f"{platform.python_version()}, polars {pl.__version__}, numpy {np.__version__}: "
            f"{figures['readings']:,} readings in a CSV file of {size / 10**9:.2f} GB, "
            "a row a household and quarter-hour; "
            f"{figures['shared GWh']:.3f} GWh are shared.",
            "",
            "| stage | seconds |",
            "|---|---:|",
            *rows,
            "",
            f"Most memory up to the grid: {figures['GiB']:.2f} GiB. "
            f"The limits are {LIMIT_S} s in all and {LIMIT_GIB} GiB.",
            "",
        ]
    )


def main() -> None:
    """Make the file, measure in a process of its own, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=1_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked.measure)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "year.csv"
        write_readings(path, asked.households, asked.days)
        command = [sys.executable, "-m", "benchmarks.sharing.year", "--measure", str(path)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
        figures = json.loads(told)
        text = table(figures, path.stat().st_size)
    print(text)
    if (asked.households, asked.days) == (1_000, 365):
        FIGURES.write_text(text, "utf-8")
    if figures["in all"] > LIMIT_S or figures["GiB"] > LIMIT_GIB:
        sys.exit("over the limits")


if __name__ == "__main__":
    main()
