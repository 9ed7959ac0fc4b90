"""The command `amalgam`: metered readings through a virtual battery on the embedded chain.

What runs a replay is imported when one runs, so that `--help` and a mistyped option answer at once.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from amalgam import built
from amalgam.units import energy_wh, kwh, ratio_bps

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from amalgam.readings import Readings
    from amalgam.replay import Report

_INTERRUPTED = 130  # as shells have it: 128 + SIGINT
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


class _UnusableInput(TyperException):
    exit_code = 2


class _OneLineErrors(TyperGroup):
    """Says what is wrong in one line on stderr, whoever found it."""

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:  # noqa: ARG002
        """Run a command and exit."""
        try:
            code = super().main(*args, standalone_mode=False, **extra)
        except TyperException as error:
            typer.echo(f"amalgam: {error.format_message()}", err=True)
            code = error.exit_code
        except (OSError, UnicodeEncodeError) as error:  # of stdout
            typer.echo(f"amalgam: cannot print: {error}", err=True)
            code = 1
        if code == _INTERRUPTED:
            typer.echo("amalgam: interrupted", err=True)
        sys.exit(code or 0)


_EXIT_CODES = """Exit codes
  0    all went well
  1    the ledger and the chain disagree, or the chain refused a transaction
  2    unusable input: options, readings, or where the picture is to go
  130  interrupted
"""

app = typer.Typer(
    cls=_OneLineErrors, add_completion=False, pretty_exceptions_enable=False, epilog=_EXIT_CODES
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"amalgam {version('amalgam-energy')}")
        raise typer.Exit


@app.callback()
def amalgam(
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """A community's virtual battery on Solana.

    See it run, on a week of a village's readings:
      amalgam demo
    Replay readings of your own:
      amalgam replay readings.csv --capacity 50kWh --picture battery.png
    """


_Json = Annotated[bool, typer.Option("--json", help="Print the whole report as JSON, in Wh.")]
_PICTURE_HELP = "Draw the state of charge and the power in and out, as PNG."


@app.command(epilog=_EXIT_CODES)
def replay(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Metered readings, as CSV.", show_default=False)
    ],
    capacity: Annotated[str, typer.Option(metavar="ENERGY", help="Of the battery, in Wh or kWh.")] = "300kWh",
    efficiency: Annotated[str, typer.Option(metavar="PERCENT", help="Of charging.")] = "95%",
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
    capacity_wh = _parsed(energy_wh, capacity, "--capacity")
    efficiency_bps = _parsed(ratio_bps, efficiency, "--efficiency")
    _run(file, capacity_wh, efficiency_bps, picture, as_json)


@app.command(epilog=_EXIT_CODES)
def demo(
    picture: Annotated[Path, typer.Option(metavar="PATH", help=_PICTURE_HELP)] = Path("amalgam-demo.png"),
    as_json: _Json = False,
) -> None:
    """Replay a week of a village's readings, which come with this package.

    Twelve members, nine of them with solar modules, share a battery of
    300 kWh that charges at 95 %.
    """
    _run(built("community.csv"), 300_000, 9_500, picture, as_json)


def _parsed(parse: Callable[[str], int], text: str, option: str) -> int:
    try:
        return parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def _run(file: Path, capacity_wh: int, efficiency_bps: int, picture: Path | None, as_json: bool) -> None:
    from amalgam.readings import ReadingsError, load_readings

    if picture:
        _check_picture(picture)
    try:
        readings = load_readings(file)
    except ReadingsError as error:
        raise _UnusableInput(str(error)) from None
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
        raise _UnusableInput(f"{path}: {error.strerror}; choose another path with --picture") from None


def _check_picture(path: Path) -> None:
    """Refuse now what could not be written at the end."""
    with _writing(path):
        if path.suffix.lower() != ".png":
            raise _UnusableInput(f"{path}: not a PNG by its name; let it end in .png")
        if not path.parent.is_dir():
            raise _UnusableInput(f"{path}: there is no folder {path.parent}; create it or choose another")
        if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise _UnusableInput(f"{path}: cannot be written; choose another path with --picture")


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
    with _progress(len(readings.readings) // len(readings.members)) as show:

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


@contextmanager
def _progress(intervals: int) -> Generator[Callable[[str], None]]:
    """A bar on a terminal's stderr, gone in the end. What it yields is called as each interval begins."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("Replaying {task.description}"),
        BarColumn(None),
        TextColumn("{task.percentage:3.0f} %"),
        TimeRemainingColumn(),
    )
    progress = Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        refresh_per_second=5,
        disable=not sys.stderr.isatty(),  # rich's own answer would heed FORCE_COLOR
    )
    with progress:
        task = progress.add_task("", total=intervals)
        yield lambda day: progress.update(task, advance=1, description=day)


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
        total = kwh(getattr(report.total, name))
        table.add_column(title, total, justify="right", no_wrap=True, vertical="bottom", footer_style="bold")
    table.add_column(
        "Balance",
        kwh(report.stored_wh),
        justify="right",
        no_wrap=True,
        vertical="bottom",
        footer_style="bold",
    )
    for member in report.members:
        cells = [kwh(getattr(member.energy, name)) for _, name in columns]
        table.add_row(Text(member.name), *cells, kwh(member.balance_wh))
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
    total = report.total
    supplied = total.used_directly_wh + total.drawn_wh
    limit, hours = kwh(report.allocation_limit_wh, 3), report.allocation_lifetime_s // 3600
    counts = ", ".join(f"{count:,} {name}" for name, count in report.instructions.items())
    return {
        "Battery": f"{kwh(report.capacity_wh, 3)} kWh, charging at {report.efficiency_bps / 100:g} %; "
        f"each member may allocate {limit} kWh for {hours} h",
        "Charged": f"{kwh(total.deposited_wh)} kWh, of which {kwh(total.lost_wh)} kWh were lost",
        "Discharged": f"{kwh(total.drawn_wh)} kWh",
        "Not taken": f"{kwh(total.not_taken_wh)} kWh of surplus that the battery could not take",
        "Not given": f"{kwh(total.not_given_wh)} kWh of deficit found a balance empty",
        "Stored now": f"{kwh(report.stored_wh, 3)} kWh ({_share(report.stored_wh, report.capacity_wh)}): "
        f"{kwh(report.available_wh, 3)} available, {kwh(report.allocated_wh, 3)} allocated",
        "Self-supply": f"{_share(supplied, total.consumed_wh)} of consumption; "
        f"{_share(total.used_directly_wh, total.consumed_wh)} without the battery",
        "Transactions": f"{report.transactions:,} in {report.seconds:.1f} s, "
        f"{report.transactions / report.seconds:,.0f} a second",
        "Instructions": counts,
        "Audit": "ledger and vault agree: the balances of "
        f"{len(report.members)} members are {kwh(report.stored_wh, 3)} kWh, the vault holds "
        f"{kwh(report.vault_wh, 3)} kWh; of {kwh(total.deposited_wh, 3)} kWh minted, {kwh(total.lost_wh, 3)} "
        f"were lost and {kwh(total.drawn_wh, 3)} consumed, leaving {kwh(report.supply_wh, 3)}",
    }


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}".replace("%", " %") if whole else "-"
