"""`amalgam demo` and `amalgam replay`: metered readings through a virtual battery on the embedded chain."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.exceptions import TyperException

from amalgam import built
from amalgam.cli.options import UnusableInput, parsed
from amalgam.cli.output import progress
from amalgam.units import ENERGY, duration, percent, ratio_bps

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from amalgam.readings import Readings
    from amalgam.replay import Report

_BATTERY_COLUMNS = (
    ("Deposited", "deposited_wh"),
    ("Drawn", "drawn_wh"),
    ("Not\ntaken", "not_taken_wh"),
    ("Not\ngiven", "not_given_wh"),
)
_COLUMNS = (
    ("Generated", "generated_wh"),
    ("Consumed", "consumed_wh"),
    ("Own\nuse", "used_directly_wh"),
    *_BATTERY_COLUMNS,
)
_EXIT_CODES = """Exit codes
  0    all went well
  1    the ledger and the chain disagree, or the chain refused a transaction
  2    unusable input: options, readings, or where the picture is to go
  130  interrupted
"""

app = typer.Typer()

_Capacity = Annotated[
    int,
    typer.Option(
        metavar="ENERGY",
        parser=parsed(ENERGY.parse, "--capacity"),
        show_default="300kWh",
        help="Of the battery, in Wh or kWh.",
    ),
]
_Efficiency = Annotated[
    int,
    typer.Option(
        metavar="PERCENT", parser=parsed(ratio_bps, "--efficiency"), show_default="95%", help="Of charging."
    ),
]
_Json = Annotated[bool, typer.Option("--json", help="Print the whole report as JSON, in Wh.")]
_PICTURE_HELP = "Draw the state of charge and the power in and out, as PNG."


@app.command(epilog=_EXIT_CODES, rich_help_panel="See it run")
def replay(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Metered readings, as CSV.", show_default=False)
    ],
    capacity: _Capacity = 300_000,
    efficiency: _Efficiency = 9_500,
    picture: Annotated[
        Path | None, typer.Option(metavar="PATH", help=_PICTURE_HELP, show_default=False)
    ] = None,
    as_json: _Json = False,
) -> None:
    """Replay a community's metered readings through a virtual battery.

    The battery is on a chain inside this process: nothing needs to run or to
    be installed for it. Each surplus is deposited and each deficit drawn by
    transactions to the energy_allocation program, signed and confirmed. In
    the end, the ledger of what was done is compared with the chain.

    FILE has one row for each member and interval, in order of time:
      timestamp,member,generated_Wh,consumed_Wh
      2026-06-22T12:00:00+02:00,house-01,850,120
      2026-06-22T12:00:00+02:00,house-02,0,310
      2026-06-22T12:15:00+02:00,house-01,910,95
      ...

    Examples
      amalgam replay readings.csv
      amalgam replay readings.csv --capacity 13500Wh --efficiency 92.5%
      amalgam replay readings.csv --picture battery.png
      amalgam replay readings.csv --json | jq .total
    """
    _run(file, capacity, efficiency, picture, as_json)


@app.command(epilog=_EXIT_CODES, rich_help_panel="See it run")
def demo(
    picture: Annotated[Path, typer.Option(metavar="PATH", help=_PICTURE_HELP)] = Path("amalgam-demo.png"),
    as_json: _Json = False,
) -> None:
    """Replay a week of a village's readings, which come with this package.

    Twelve members, nine of them with solar modules, share a battery of
    300 kWh that charges at 95 %.
    """
    _run(built("community.csv"), 300_000, 9_500, picture, as_json)


def _run(file: Path, capacity_wh: int, efficiency_bps: int, picture: Path | None, as_json: bool) -> None:
    from amalgam.readings import ReadingsError, load_readings

    if picture:
        _check_picture(picture)
    try:
        readings = load_readings(file)
    except ReadingsError as error:
        raise UnusableInput(str(error)) from None
    report = _replayed(readings, capacity_wh, efficiency_bps)
    if as_json:
        typer.echo(json.dumps(asdict(report), default=datetime.isoformat))
    else:
        _print(report)
    if picture:
        _draw(report, picture)
        typer.echo(f"Picture written to {picture}", err=as_json)


@contextmanager
def _writing(path: Path) -> Generator[None]:
    """Say in one line why the picture cannot be written."""
    try:
        yield
    except OSError as error:  # a name too long, a full disk
        raise UnusableInput(f"{path}: {error.strerror}; choose another path with --picture") from None


def _check_picture(path: Path) -> None:
    """Refuse now what could not be written at the end."""
    with _writing(path):
        if path.suffix.lower() != ".png":
            raise UnusableInput(f"{path}: not a PNG by its name; let it end in .png")
        if not path.parent.is_dir():
            raise UnusableInput(f"{path}: there is no folder {path.parent}; create it or choose another")
        if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise UnusableInput(f"{path}: cannot be written; choose another path with --picture")


def _draw(report: Report, path: Path) -> None:
    from amalgam import chart

    image = chart.png(report)
    with _writing(path):
        path.write_bytes(image)


def _replayed(readings: Readings, capacity_wh: int, efficiency_bps: int) -> Report:
    from solana.rpc.core import RPCException

    from amalgam.embedded import EmbeddedChain
    from amalgam.energy_allocation import PROGRAM_ID
    from amalgam.errors import Refused, from_preflight
    from amalgam.replay import LedgerMismatchError, replay

    chain = EmbeddedChain()
    chain.add_program(PROGRAM_ID, built("energy_allocation.so"))
    with progress("Replaying") as begin:
        show = begin(len(readings.readings) // len(readings.members))

        def begin_interval(start: datetime) -> None:
            chain.unix_timestamp = int(start.timestamp())
            show(f"{start:%a %d %b}")

        try:
            return asyncio.run(
                replay(
                    readings,
                    chain.client(),
                    capacity_wh=capacity_wh,
                    efficiency_bps=efficiency_bps,
                    begin_interval=begin_interval,
                )
            )
        except RPCException as error:  # of spl.token's client, which leaves it to others to read
            raise TyperException(str(from_preflight(error) or error)) from None
        except (Refused, LedgerMismatchError) as error:
            raise TyperException(str(error)) from None


# What is printed. Names are Text: rich would take brackets in a plain string for its markup.


def _print(report: Report) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print()
    table = _members_table(report, _COLUMNS)
    if _least_width(console, table) > console.width:
        table = _members_table(report, _BATTERY_COLUMNS)
    console.print(table)
    console.print()
    console.print(_summary(report))
    console.print()


def _least_width(console: Console, table: Table) -> int:
    """Where no number is cut, and names fold to a few characters."""
    table.columns[0].max_width = 8
    width = console.measure(table, options=console.options.update(max_width=1_000)).minimum
    table.columns[0].max_width = None
    return width


def _members_table(report: Report, columns: Sequence[tuple[str, str]]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title="Members, in kWh",
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_footer=True,
    )
    table.add_column("Member", "All", overflow="fold", min_width=8, vertical="bottom", footer_style="bold")
    for title, name in columns:
        total = ENERGY.number(getattr(report.total, name), 1)
        table.add_column(title, total, justify="right", no_wrap=True, vertical="bottom", footer_style="bold")
    table.add_column(
        "Balance",
        ENERGY.number(report.stored_wh, 1),
        justify="right",
        no_wrap=True,
        vertical="bottom",
        footer_style="bold",
    )
    for member in report.members:
        cells = [ENERGY.number(getattr(member.energy, name), 1) for _, name in columns]
        table.add_row(Text(member.name), *cells, ENERGY.number(member.balance_wh, 1))
    return table


def _summary(report: Report) -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for label, text in _summary_lines(report).items():
        table.add_row(label, text, style="green" if label == "Audit" else None)
    return table


def _summary_lines(report: Report) -> dict[str, str]:
    total, number, text = report.total, ENERGY.number, ENERGY.text
    supplied = total.used_directly_wh + total.drawn_wh
    limit, lifetime = text(report.allocation_limit_wh), duration(report.allocation_lifetime_s)
    counts = ", ".join(f"{count:,} {name}" for name, count in report.instructions.items())
    return {
        "Battery": f"{text(report.capacity_wh)}, charging at {percent(report.efficiency_bps)}; "
        f"each member may allocate {limit} for {lifetime}",
        "Charged": f"{text(total.deposited_wh, 1)}, of which {text(total.lost_wh, 1)} were lost",
        "Discharged": text(total.drawn_wh, 1),
        "Not taken": f"{text(total.not_taken_wh, 1)} of surplus that the battery could not take",
        "Not given": f"{text(total.not_given_wh, 1)} of deficit found a balance empty",
        "Stored now": f"{text(report.stored_wh)} ({_share(report.stored_wh, report.capacity_wh)}): "
        f"{number(report.available_wh)} available, {number(report.allocated_wh)} allocated",
        "Self-supply": f"{_share(supplied, total.consumed_wh)} of consumption; "
        f"{_share(total.used_directly_wh, total.consumed_wh)} without the battery",
        "Transactions": f"{report.transactions:,} in {report.seconds:.1f} s, "
        f"{report.transactions / report.seconds:,.0f} a second",
        "Instructions": counts,
        "Audit": "ledger and vault agree: the balances of "
        f"{len(report.members)} members are {text(report.stored_wh)}, the vault holds "
        f"{text(report.vault_wh)}; of {text(total.deposited_wh)} minted, {number(total.lost_wh)} "
        f"were lost and {number(total.drawn_wh)} consumed, leaving {number(report.supply_wh)}",
    }


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}".replace("%", " %") if whole else "-"
