"""Sweeps: what is done is kept and not done again, whoever breaks them off."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from amalgam.sharing.account import Battery
from amalgam.sharing.keys import Equal
from amalgam.sizing.case import Base, Case, Checks, Result
from amalgam.sizing.settings import Investment
from amalgam.sizing.sweep import case_rows, member_rows, sweep
from tests.unit.sizing.village import DAY, FLAT, base

CHECKS = Checks(whole=True, on_chain=False)
CASES = [Case(key, Battery(size, 9_000)) for key in ("dynamic", "equal") for size in (200, 600, 1_000)]


@pytest.fixture
def bases() -> dict[str, Base]:
    return {"dynamic": base(), "equal": base(DAY, Equal())}


def swept(bases: dict[str, Base], folder: Path, cases: list[Case] = CASES, workers: int = 1) -> list[Result]:
    found = {each.case: each for each in sweep(bases, cases, CHECKS, folder, workers)}
    return [found[case] for case in cases]


def files(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in (folder / "cases").iterdir()}


def same(one: list[Result], other: list[Result]) -> bool:
    """Whether all is the same but the seconds that it took."""
    for mine, its in zip(one, other, strict=True):
        assert_frame_equal(mine.intervals, its.intervals)
        both = ({**each.checked, "seconds": None} for each in (mine, its))
        assert next(both) == next(both)
    return [(each.case, each.figures, each.money, each.members) for each in one] == [
        (each.case, each.figures, each.money, each.members) for each in other
    ]


def test_what_is_done_is_kept(bases: dict[str, Base], tmp_path: Path) -> None:
    first = swept(bases, tmp_path)
    before = files(tmp_path)
    assert len(before) == len(CASES)
    assert same(swept(bases, tmp_path), first)
    assert files(tmp_path) == before


@pytest.mark.slow
def test_several_processes_find_the_same(bases: dict[str, Base], tmp_path: Path) -> None:
    assert same(swept(bases, tmp_path / "two", workers=2), swept(bases, tmp_path / "one"))


def test_a_sweep_that_is_broken_off_goes_on(bases: dict[str, Base], tmp_path: Path) -> None:
    running = sweep(bases, CASES, CHECKS, tmp_path, 1)
    next(running)
    running.close()
    before = files(tmp_path)
    assert len(before) == 1
    found = swept(bases, tmp_path)
    assert files(tmp_path).items() > before.items()
    assert same(found, swept(bases, tmp_path / "another"))


def test_other_prices_are_other_cases(bases: dict[str, Base], tmp_path: Path) -> None:
    swept(bases, tmp_path)
    dear = {"dynamic": base(DAY, None, replace(FLAT, fee_month=Decimal(3))), "equal": bases["equal"]}
    swept(dear, tmp_path)
    assert len(files(tmp_path)) == len(CASES) + 3


def test_a_file_that_cannot_be_read_is_made_anew(bases: dict[str, Base], tmp_path: Path) -> None:
    first = swept(bases, tmp_path, CASES[:3])
    for path, text in zip((tmp_path / "cases").iterdir(), (b"", b"PAR1 and nothing more"), strict=False):
        path.write_bytes(text)
    another = next(iter((tmp_path / "cases").glob("*")))
    pl.DataFrame({"a": [1]}).write_parquet(another)  # without what we write
    assert same(swept(bases, tmp_path, CASES[:3]), first)


@pytest.mark.slow
def test_nothing_half_written_is_left(bases: dict[str, Base], tmp_path: Path) -> None:
    swept(bases, tmp_path, workers=2)
    assert {path.suffix for path in (tmp_path / "cases").iterdir()} == {".parquet"}


def test_tables(bases: dict[str, Base], tmp_path: Path) -> None:
    found = swept(bases, tmp_path)
    cases = case_rows(found, Investment(Decimal(10), Decimal(5), 10), 1.0)
    assert cases.height == len(CASES)
    one = cases.row(1, named=True)
    assert (one["key"], one["capacity_wh"], one["charge_w"], one["efficiency_in"]) == (
        "dynamic",
        600,
        None,
        0.9,
    )
    assert (one["charged_wh"], one["tariff"], one["investment"]) == (778, "flat", 13.0)
    assert one["payback_years"] is None  # it saves less than it forgoes
    assert one["benefit_year"] == pytest.approx(one["saving_year"] - 1.3)
    members = member_rows(found)
    assert members.height == 2 * len(CASES)
    of_one = members.filter(key="dynamic", capacity_wh=600)
    assert of_one["member"].to_list() == ["farm", "hut"]
    assert of_one["saving"].sum() == pytest.approx(one["saving"], abs=2e-6)
    assert of_one["charged_wh"].sum() == 778
