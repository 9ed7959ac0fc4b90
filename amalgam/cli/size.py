"""`amalgam size`: a year of a community's readings through batteries of several sizes."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amalgam.cli import output
from amalgam.cli.failures import Failure
from amalgam.cli.options import UnusableInput
from amalgam.cli.readings import DuplicatesOption, GapsOption, MappingOption, ZoneOption
from amalgam.cli.session import INTERRUPTED
from amalgam.cli.share import CommunityFile, Files, readings_of
from amalgam.units import ENERGY, counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amalgam.sizing.case import Base, Case, Checks, Result
    from amalgam.sizing.settings import Investment, Sizing

_EXIT_CODES = """Exit codes
  0    all went well
  1    the battery's program holds something else than was computed, or a process died
  2    unusable input: options, the community's file, readings, or where results are to go
  130  interrupted: the same command goes on
"""
_LEAST_YEARS = 0.99  # of readings, for a year that nobody has to be told of

app = typer.Typer()


@app.command(epilog=_EXIT_CODES, rich_help_panel="See it run")
def size(
    community: CommunityFile,
    files: Files = None,
    folder: Annotated[
        Path, typer.Option("--output", metavar="FOLDER", help="Where tables and pictures are written.")
    ] = Path("amalgam-size"),
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes at once.", show_default="one a core")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Check a random week of each case instead of all of it.")
    ] = False,
    no_chain: Annotated[
        bool, typer.Option("--no-chain", help="Leave out the replay of a random week on a chain.")
    ] = False,
    gaps: GapsOption = None,
    duplicates: DuplicatesOption = None,
    zone: ZoneOption = None,
    mapping: MappingOption = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a record a case and tariff as JSON, amounts in Wh.")
    ] = False,
) -> None:
    """Tell what batteries of several sizes would have done with a community's readings.

    Each size, with each sharing key and power in the [size] of the
    community's file, is a case: all intervals go through own use, sharing,
    the battery and the grid, as `amalgam share` has it, and are paid for by
    each tariff. The battery's program itself, run as Python, keeps the
    ledger of every Wh, and a random week is replayed on a chain.

    A case that is done is kept in FOLDER: what was interrupted goes on, and
    what was tried before with the same readings and prices is not done
    again. See docs/sizing.md.

    Examples
      amalgam size village.toml year.csv
      amalgam size village.toml year.csv --output sizes --quick --no-chain
      amalgam size village.toml year.csv --json | jq .[0].payback_years
    """
    from amalgam.sharing.settings import SettingsError
    from amalgam.sizing.case import Case, Checks
    from amalgam.sizing.settings import load_sizing

    try:
        sizing = load_sizing(community)
    except SettingsError as error:
        raise UnusableInput(str(error)) from None
    _check_folder(folder)
    bases = _bases(community, sizing, files, gaps, duplicates, zone, mapping)
    cases = [Case(key, battery) for key in sizing.keys for battery in sizing.batteries]
    checks = Checks(whole=not quick, on_chain=not no_chain)
    results = _swept(bases, cases, checks, folder, workers or len(os.sched_getaffinity(0)))
    _finish(sizing, bases, results, folder, as_json)


def _check_folder(folder: Path) -> None:
    """Refuse now what could not be written at the end."""
    try:
        folder.mkdir(exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise UnusableInput(f"{folder}: cannot be written; choose another folder with --output")
    except OSError as error:
        raise UnusableInput(f"{folder}: {error.strerror}; choose another folder with --output") from None


def _bases(
    community: Path,
    sizing: Sizing,
    files: list[Path] | None,
    gaps: GapsOption,
    duplicates: DuplicatesOption,
    zone: str | None,
    mapping: list[Path] | None,
) -> dict[str, Base]:
    """The community that has shared by each key."""
    from amalgam.sharing.account import shared
    from amalgam.sizing.case import base_of

    settings = sizing.community
    policies = gaps or settings.gaps, duplicates or settings.duplicates
    readings = readings_of(community, settings, files, *policies, zone, mapping)
    bases: dict[str, Base] = {}
    try:
        for name, key in sizing.keys.items():
            bases[name] = base_of(
                shared(readings, key, factors_bps=settings.factors_bps), key, sizing.tariffs
            )
    except ValueError as error:
        raise UnusableInput(f"{community}: {error}") from None
    return bases


def _swept(
    bases: Mapping[str, Base], cases: Sequence[Case], checks: Checks, folder: Path, workers: int
) -> list[Result]:
    """All results, in the order of the cases."""
    from amalgam import AmalgamError
    from amalgam.sizing.sweep import sweep

    found: dict[Case, Result] = {}
    try:
        with output.progress("Sizing") as begin:
            step = begin(len(cases))
            for result in sweep(bases, cases, checks, folder, workers):
                found[result.case] = result
                step(_words(result.case))
    except KeyboardInterrupt:
        done = f"{len(found)} of {counted(len(cases), 'case')} are in {folder}"
        raise Failure(f"interrupted; {done}: the same command goes on from there", INTERRUPTED) from None
    except AmalgamError as error:
        raise Failure(str(error), 1) from None
    except OSError as error:
        raise UnusableInput(f"{folder}: {error.strerror or error}; choose another with --output") from None
    return [found[case] for case in cases]


def _words(case: Case) -> str:
    return f"{case.key}, {ENERGY.text(case.battery.capacity, 1)}"


def _finish(
    sizing: Sizing, bases: Mapping[str, Base], results: list[Result], folder: Path, as_json: bool
) -> None:
    """Write tables and pictures, and show what is in them."""
    from amalgam.sizing.charts import pictures
    from amalgam.sizing.choice import chosen
    from amalgam.sizing.sweep import case_rows, member_rows, write

    base = next(iter(bases.values()))
    best = chosen(results, sizing.investment)
    table = case_rows(results, sizing.investment, float(base.years))
    images = pictures(results, best, bases[best.case.key], sizing.investment)
    try:
        write(table, folder / "cases.parquet")
        write(member_rows(results), folder / "members.parquet")
        for name, image in images.items():
            (folder / f"{name}.png").write_bytes(image)
    except OSError as error:
        raise UnusableInput(f"{folder}: {error.strerror or error}; choose another with --output") from None
    if as_json:
        typer.echo(json.dumps(table.to_dicts(), indent=2))
        return
    _show(sizing, base, results, best)
    typer.echo(
        f"Written to {folder}: cases.parquet, members.parquet, {', '.join(f'{n}.png' for n in images)}"
    )


# For people


def _show(sizing: Sizing, base: Base, results: list[Result], best: Result) -> None:
    titles = ["Capacity\nkWh", "Key", "Tariff", "Charge\nkW", "Discharge\nkW", "Charged\nkWh", "Drawn\nkWh"]
    titles += ["Cycles", "Self-\nsupply", "Peak\nkW", "Saved\na year"]
    titles += ["Paid back\nyears", "Worth\na year"] * (sizing.investment is not None)
    rows = [_row(each, money, sizing.investment) for each in results for money in each.money]
    kept = [
        index
        for index, title in enumerate(titles)
        if title not in ("Key", "Tariff", "Charge\nkW", "Discharge\nkW")
        or len({row[index] for row in rows}) > 1
    ]
    titles, rows = [titles[each] for each in kept], [[row[each] for each in kept] for row in rows]
    numbers = [title for title in titles if title not in ("Key", "Tariff")]
    table = output.columns(titles, rows, numbers=numbers)
    output.show("", output.title(f"{sizing.community.name}: what a battery would have done"), table, "")
    output.show(output.facts(_facts(sizing, base, results, best)), "")


def _row(result: Result, money: Mapping[str, Any], investment: Investment | None) -> list[str]:
    from amalgam.sizing.sweep import bought

    battery, figures = result.case.battery, result.figures
    row = [
        ENERGY.number(battery.capacity, 0 if battery.capacity % 1000 == 0 else 3),
        result.case.key,
        money["tariff"],
        *(
            "" if power is None else f"{power / 1000:,.10g}"
            for power in (battery.charge_w, battery.discharge_w)
        ),
        ENERGY.number(figures["charged"], 0),
        ENERGY.number(figures["discharged"], 0),
        f"{figures['cycles']:,.0f}",
        _percent(figures["self_sufficiency"]),
        f"{figures['peak_w'] / 1000:,.1f}",
        f"{money['saving_year']:,.2f}",
    ]
    if investment is None:
        return row
    told = bought(battery, investment, money["saving_year"])
    years = told["payback_years"]
    return [*row, "never" if years is None else f"{years:,.1f}", f"{told['benefit_year']:,.2f}"]


def _percent(part: float | None) -> str:
    return "" if part is None else f"{100 * part:.1f} %"


def _facts(sizing: Sizing, base: Base, results: list[Result], best: Result) -> list[tuple[str, str]]:
    years, figures = float(base.years), results[0].figures
    lines = [
        (
            "Without",
            f"a battery {_percent(figures['self_sufficiency_shared'])} self-supply, "
            f"peak {figures['peak_shared_w'] / 1000:,.1f} kW",
        ),
        (
            "Shown",
            f"{_words(best.case)}: "
            + ("worth most a year" if sizing.investment else "the knee, beyond which more brings little"),
        ),
    ]
    if years < _LEAST_YEARS:
        lines.append(
            (
                "Mind",
                f"the readings are of {years * 365:,.1f} days: a year of such days is no year of seasons",
            )
        )
    moved = sum(each.checked["movements"] for each in results)
    audit = f"{moved:,} deposits and withdrawals are what the battery's program holds, to the Wh"
    landed = sum(each.checked.get("transactions", 0) for each in results)
    if landed:
        audit += f"; so are {landed:,} transactions of random weeks on a chain"
    return [*lines, ("Audit", audit)]
