"""All cases of a sizing on all cores: each that is done is a file, so that a sweep broken off goes on.

A folder has

    cases/*.parquet     each case that is done: its intervals, and in the metadata all else
    cases.parquet       a row for each case and tariff
    members.parquet     a row for each case, tariff and member
"""

import json
import multiprocessing
import os
from collections.abc import Generator, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from amalgam import AmalgamError
from amalgam.sharing.account import Battery
from amalgam.sizing.case import Base, Case, Checks, Result, identity, run
from amalgam.sizing.chain import uninterrupted
from amalgam.sizing.settings import Investment

_CASES = "cases"
_METADATA = "amalgam size"


class SweepError(AmalgamError):
    """A sweep could not go on. The message says why; what is done is kept."""


def sweep(
    bases: Mapping[str, Base], cases: Sequence[Case], checks: Checks, folder: Path, workers: int
) -> Generator[Result]:
    """Try all cases, and yield each result as it is there: those first that an earlier sweep has left.

    Args:
        bases: The community by each key.
        cases: What is to be tried.
        checks: How each is checked.
        folder: What results are written to.
        workers: How many processes are used.

    Raises:
        SweepError: A process has died, or its memory was not enough.
        LedgerMismatchError: The program does not hold what the account says.
        OSError: The folder cannot be written.
    """
    (folder / _CASES).mkdir(parents=True, exist_ok=True)
    paths = {case: folder / _CASES / f"{identity(bases[case.key], case, checks)}.parquet" for case in cases}
    left = list[Case]()
    for case, path in paths.items():
        found = _read(path)
        if found is None:
            left.append(case)
        else:
            yield found
    if min(workers, len(left)) <= 1:
        for case in left:
            yield _written(run(bases[case.key], case, checks), paths[case])
        return
    with _lent(bases) as lent, _pool(lent, min(workers, len(left)), folder / _CASES) as pool:
        with uninterrupted():  # which the processes, which begin now, inherit: this one ends them
            running = [pool.submit(_run_in_process, case, checks, paths[case]) for case in left]
        try:
            for each in as_completed(running):
                yield each.result()
        except BrokenProcessPool:
            remedy = "what is done is kept: run the same again, with fewer --workers if memory was short"
            raise SweepError(f"a process of the sweep has died; {remedy}") from None


# In processes of their own


_here: dict[str, Base] = {}


@contextmanager
def _lent(bases: Mapping[str, Base]) -> Generator[dict[str, tuple[Base, Path, Path]]]:
    """Bases without their large arrays, and files that all processes map into their memory."""
    with TemporaryDirectory(prefix="amalgam-size-") as name:
        lent: dict[str, tuple[Base, Path, Path]] = {}
        nothing = np.zeros((0, 0), np.int64)
        for key, base in bases.items():
            paths = Path(name) / f"{key}-left.npy", Path(name) / f"{key}-lacking.npy"
            for path, array in zip(paths, (base.left, base.lacking), strict=True):
                np.save(path, array)
            lent[key] = replace(base, left=nothing, lacking=nothing), *paths
        yield lent


@contextmanager
def _pool(
    lent: dict[str, tuple[Base, Path, Path]], workers: int, folder: Path
) -> Generator[ProcessPoolExecutor]:
    """Processes that end at once if this one is interrupted, and leave nothing half written in a folder."""
    # What polars has started in this process does not survive a fork.
    context = get_context("spawn")
    pool = ProcessPoolExecutor(workers, context, _begin, (lent,))
    try:
        yield pool
    except BaseException:
        for process in active_children():
            process.terminate()
            process.join()
            for part in folder.glob(f"*.{process.pid}.part"):
                part.unlink()
        raise
    finally:
        pool.shutdown(cancel_futures=True)  # waits for its thread too, which would complain in the end


def _begin(lent: dict[str, tuple[Base, Path, Path]]) -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    for key, (base, left, lacking) in lent.items():
        _here[key] = replace(base, left=np.load(left, "r"), lacking=np.load(lacking, "r"))


def _end_with_parent() -> None:
    """A parent that is killed ends nobody."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _run_in_process(case: Case, checks: Checks, path: Path) -> Result:
    return _written(run(_here[case.key], case, checks), path)


# Files


def _written(result: Result, path: Path) -> Result:
    told = {
        "case": [result.case.key, *result.case.battery],
        "figures": result.figures,
        "money": result.money,
        "members": result.members,
        "checked": result.checked,
    }
    write(result.intervals, path, {_METADATA: json.dumps(told)})
    return result


def write(frame: pl.DataFrame, path: Path, metadata: dict[str, str] | None = None) -> None:
    """Write the whole file, or nothing. Raises OSError."""
    part = path.with_name(f"{path.name}.{multiprocessing.current_process().pid}.part")
    try:
        frame.write_parquet(part, metadata=metadata)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _read(path: Path) -> Result | None:
    """The result that a file has; None if there is no such file, or it cannot be read."""
    if not path.exists():
        return None
    try:
        told: dict[str, Any] = json.loads(pl.read_parquet_metadata(path)[_METADATA])
        intervals = pl.read_parquet(path)
    except (PolarsError, KeyError, ValueError):
        return None
    key, *battery = told.pop("case")
    return Result(case=Case(key, Battery(*battery)), intervals=intervals, **told)


# Tables


def case_rows(results: Iterable[Result], investment: Investment | None, years: float) -> pl.DataFrame:
    """A row for each case and tariff. Amounts are Wh, money is in the currency of the prices."""
    rows = [
        {
            **case_columns(result.case),
            **{_with_unit(name): value for name, value in result.figures.items()},
            **money,
            **bought(result.case.battery, investment, money["saving_year"]),
            "readings_years": years,
        }
        for result in results
        for money in result.money
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def member_rows(results: Iterable[Result]) -> pl.DataFrame:
    """A row for each case, tariff and member."""
    rows = [
        {
            **case_columns(result.case),
            **{_with_unit(name): value for name, value in member.items() if name != "money"},
            **money,
        }
        for result in results
        for member in result.members
        for money in member["money"]
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def case_columns(case: Case) -> dict[str, Any]:
    """What says which case it is."""
    battery = case.battery
    return {
        "key": case.key,
        "capacity_wh": battery.capacity,
        "charge_w": battery.charge_w,
        "discharge_w": battery.discharge_w,
        "efficiency_in": battery.efficiency_bps / 10_000,
        "efficiency_out": battery.efficiency_out_bps / 10_000,
    }


def bought(battery: Battery, investment: Investment | None, saving_year: float) -> dict[str, float | None]:
    """What a battery costs to buy, in how many years that is saved, and what a year is worth after it."""
    if investment is None:
        return {"investment": None, "payback_years": None, "benefit_year": saving_year}
    price = float(investment.of(battery.capacity))
    return {
        "investment": price,
        "payback_years": price / saving_year if saving_year > 0 else None,
        "benefit_year": saving_year - price / investment.years,
    }


_AMOUNTS = {
    *("produced", "consumed", "own_use", "shared_out", "shared_in", "charged", "discharged"),
    *("sold", "bought", "balance", "lost"),
}


def _with_unit(name: str) -> str:
    return f"{name}_wh" if name in _AMOUNTS else name
