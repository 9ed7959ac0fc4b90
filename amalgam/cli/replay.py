"""`amalgam replay`, metered readings through a pool on the embedded chain; and `amalgam demo`."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer
from typer.exceptions import TyperException

from amalgam import AmalgamError, built
from amalgam.cli import output
from amalgam.cli.failures import Failure
from amalgam.cli.options import UnusableInput, parsed
from amalgam.cli.readings import (
    DuplicatesOption,
    Files,
    GapsOption,
    MappingOption,
    ZoneOption,
    community_of,
    read,
)
from amalgam.cli.session import amount_of
from amalgam.programs import Engine, Program, outdated
from amalgam.units import MEASURES, Amount, amount, counted, duration, percent, ratio_bps

if TYPE_CHECKING:
    from amalgam.readings.model import Readings
    from amalgam.scenarios.replay import Flows, Report


class _Example(NamedTuple):
    """Readings that come with this package, and what they are replayed through unless told otherwise."""

    readings: str
    capacity: int  # base units
    efficiency_bps: int


_EXAMPLES = (  # by the program's Resource, like MEASURES
    _Example("community.csv", 300_000, 9_500),
    _Example("reservoir.csv", 12_000, 9_770),
    _Example("treatment_plant.csv", 20_000, 9_700),
)


class _Story(NamedTuple):
    """The lines that sum up a replay: titles, in which `{}` stands for the resource."""

    efficiency: str
    taken_in: str
    given: str
    not_taken: str
    not_given: str
    served: str
    share: str
    at_once: str


_STORIES = (  # by the program's Resource, like MEASURES
    _Story(
        efficiency="charging at {}",
        taken_in="Charged",
        given="Discharged",
        not_taken="{} of surplus that the battery could not take",
        not_given="{} of deficit found a balance empty",
        served="Self-supply",
        share="{} of consumption; {} without the battery",
        at_once="Own\nuse",
    ),
    _Story(
        efficiency="keeping {} of the inflow, the rest evaporates",
        taken_in="Filled",
        given="Drawn",
        not_taken="{} of inflow that the reservoir could not take",
        not_given="{} of need found a balance empty",
        served="Self-supply",
        share="{} of consumption; {} without the reservoir",
        at_once="Own\nuse",
    ),
    _Story(
        efficiency="keeping {} of the deliveries, the rest is sorted out",
        taken_in="Taken in",
        given="Treated later",
        not_taken="{} of deliveries that the treatment plant could not take",
        not_given="{} of treatment found nothing to treat",
        served="Utilization",
        share="{} of the treatment there was; {} if nothing could wait",
        at_once="Treated\nat once",
    ),
)
_MANY = 1_000  # transactions, which take a second or two
_EXIT_CODES = """Exit codes
  0    all went well
  1    the ledger and the chain disagree, or the chain refused a transaction
  2    unusable input: options, readings, or where the picture is to go
  130  interrupted
"""

app = typer.Typer()

_Capacity = Annotated[
    Amount | None,
    typer.Option(
        metavar="AMOUNT",
        parser=parsed(amount, "--capacity"),
        show_default=", ".join(
            measure.text(example.capacity, 0) for measure, example in zip(MEASURES, _EXAMPLES, strict=True)
        ),
        help="Of the pool, in units of what the readings are of.",
    ),
]
_Efficiency = Annotated[
    int | None,
    typer.Option(
        metavar="PERCENT",
        parser=parsed(ratio_bps, "--efficiency"),
        show_default=", ".join(percent(example.efficiency_bps) for example in _EXAMPLES),
        help="What of a deposit is credited; the rest is lost in charging, evaporated, or sorted out.",
    ),
]
_Engine = Annotated[
    Engine, typer.Option(help="Of the chain: the built program, or its Python source, which is faster.")
]
_Json = Annotated[bool, typer.Option("--json", help="Print the whole report as JSON, in base units.")]
_PICTURE_HELP = "Draw what the pool holds and what flows in and out, as PNG."


class _Resource(StrEnum):
    """The subject of a demo."""

    ENERGY = "energy"
    WATER = "water"
    WASTE = "waste"


@app.command(epilog=_EXIT_CODES, rich_help_panel="See it run")
def replay(
    files: Files,
    capacity: _Capacity = None,
    efficiency: _Efficiency = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="PATH", help=_PICTURE_HELP, show_default=False)
    ] = None,
    engine: _Engine = Engine.LITESVM,
    gaps: GapsOption = None,
    duplicates: DuplicatesOption = None,
    zone: ZoneOption = None,
    mapping: MappingOption = None,
    as_json: _Json = False,
) -> None:
    """Replay a community's metered readings through what it shares.

    That is a virtual battery, a reservoir of water, or a treatment plant of
    waste, on a chain inside this process: nothing needs to run or to be
    installed for it. Each surplus is deposited and each deficit drawn by
    transactions to the energy_allocation program, signed and confirmed. In
    the end, the ledger of what was done is compared with the chain.

    Files are of any format that `amalgam readings check` knows, as meters,
    portals and grid operators give them. Ours has one row for each member
    and interval:
      timestamp,member,generated_Wh,consumed_Wh
      2026-06-22T12:00:00+02:00,house-01,850,120
      2026-06-22T12:00:00+02:00,house-02,0,310
      2026-06-22T12:15:00+02:00,house-01,910,95
      ...
    Its header says what it is of: of water the amounts are inflow_L and
    consumed_L, of waste delivered_kg and treatment_kg.

    Examples
      amalgam replay readings.csv
      amalgam replay readings.csv --capacity 13500Wh --efficiency 92.5%
      amalgam replay rain.csv --capacity 8m3 --picture reservoir.png
      amalgam replay readings.csv --json | jq .total
    """
    readings = community_of(read(files, mapping, zone), gaps, duplicates, zone)
    _run(readings, capacity, efficiency, picture, engine, as_json)


@app.command(epilog=_EXIT_CODES, rich_help_panel="See it run")
def demo(
    resource: Annotated[
        _Resource | None, typer.Option(help="What the readings are of.", show_default="energy")
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH",
            help="Draw what happens, as PNG; of energy, the houses and the bill are written beside it.",
            show_default="amalgam-demo.png, -water, -waste, -all",
        ),
    ] = None,
    engine: _Engine = Engine.LITESVM,
    as_json: _Json = False,
    all_: Annotated[
        bool, typer.Option("--all", help="A day of all programs: meters, battery, market, power plant.")
    ] = False,
) -> None:
    """See a village live with readings that come with this package.

    Of energy, a week of twelve houses, nine of them with solar modules:
    they share what they produce, store it in a battery of 100 kWh, and sell
    each other what is stored in an auction each evening. After the week
    what was shared is settled, and the bill of one house is written.

    Of water, a week of a hamlet: what rains on eight members' roofs fills a
    pond of 12 m³, of which 2.3 % evaporate, for toilets, laundry and gardens.

    Of waste, four weeks of a valley: six villages deliver biowaste to a
    composting plant, which can hold 20 t and sorts 3 % out.

    Examples
      amalgam demo
      amalgam demo --resource water
      amalgam demo --engine python
      amalgam demo --all
    """
    if all_:
        if resource:
            raise UnusableInput("--all shows every resource; give it without --resource")
        _demo_all(picture or Path("amalgam-demo-all.png"), engine, as_json)
    elif resource in (None, _Resource.ENERGY):
        _demo_village(picture or Path("amalgam-demo.png"), engine, as_json)
    else:
        picture = picture or Path(f"amalgam-demo-{resource}.png")
        _run(_readings_of(resource), None, None, picture, engine, as_json)


def _readings_of(resource: _Resource) -> Readings:
    file = built(_EXAMPLES[list(_Resource).index(resource)].readings)
    return community_of(read([file], None, None), None, None, None)


def _demo_village(picture: Path, engine: Engine, as_json: bool) -> None:
    """A week of energy, with two pictures and a bill."""
    from amalgam.billing.pdf import Setter
    from amalgam.cli import village
    from amalgam.scenarios import chart
    from amalgam.scenarios.village import PROGRAMS

    houses, bill = picture.with_stem(f"{picture.stem}-houses"), picture.with_name(f"{picture.stem}-bill.pdf")
    _check_picture(picture)
    for path in (houses, bill):
        _check_place(path)
    _tell_outdated(engine, PROGRAMS)
    lived = village.lived(_readings_of(_Resource.ENERGY), engine)
    if as_json:
        typer.echo(json.dumps(village.plain(lived)))
    else:
        village.show(lived)
    week, document = lived.week, lived.bill.document
    images = chart.week_png(week), chart.houses_png(week, document.currency)
    pdf = Setter().pdf(document)
    for image, path in zip(images, (picture, houses), strict=True):
        _write(image, path, as_json)
    _write(pdf, bill, as_json, "Bill")


def _demo_all(picture: Path, engine: Engine, as_json: bool) -> None:
    """A day of energy, and beside it what happens to water and waste."""
    from amalgam.cli import day
    from amalgam.scenarios import chart

    _check_picture(picture)
    _tell_outdated(engine, Program)
    lived = day.lived(engine)
    if not as_json:
        day.show(lived)
    _write(chart.day_png(lived), picture, as_json)
    reports: dict[str, Report] = {}
    for resource in (_Resource.WATER, _Resource.WASTE):
        reports[resource] = _reported(_readings_of(resource), None, None, engine)
        if not as_json:
            _print(reports[resource])
    if as_json:
        plain = {resource: _plain(report) for resource, report in reports.items()}
        typer.echo(json.dumps({_Resource.ENERGY: day.plain(lived), **plain}))
    if lived.violations:
        raise Failure("; ".join(lived.violations), 1)


def _run(
    readings: Readings,
    capacity: Amount | None,
    efficiency_bps: int | None,
    picture: Path | None,
    engine: Engine,
    as_json: bool,
) -> None:
    if picture:
        _check_picture(picture)
    _tell_outdated(engine, [Program.ENERGY_ALLOCATION])
    report = _reported(readings, capacity, efficiency_bps, engine)
    if as_json:
        typer.echo(json.dumps(_plain(report)))
    else:
        _print(report)
    if picture:
        from amalgam.scenarios import chart

        _write(chart.png(report), picture, as_json)


def _tell_outdated(engine: Engine, programs: Iterable[Program]) -> None:
    """Say of which programs the source that is going to run is not what was built."""
    for program in programs if engine is Engine.PYTHON else ():
        if told := outdated(program.code, program.source):
            typer.echo(f"amalgam: {told}", err=True)


def _reported(
    readings: Readings, capacity: Amount | None, efficiency_bps: int | None, engine: Engine
) -> Report:
    """The result of a replay."""
    measure = readings.measure
    example = _EXAMPLES[MEASURES.index(measure)]
    base_units = amount_of(capacity, measure, "--capacity") if capacity else example.capacity
    return _replayed(readings, base_units, efficiency_bps or example.efficiency_bps, engine)


@contextmanager
def _writing(path: Path) -> Generator[None]:
    """Say in one line why the picture cannot be written."""
    try:
        yield
    except OSError as error:  # a name too long, a full disk
        raise UnusableInput(f"{path}: {error.strerror}; choose another path with --picture") from None


def _check_picture(path: Path) -> None:
    """Refuse now what could not be written at the end."""
    if path.suffix.lower() != ".png":
        raise UnusableInput(f"{path}: not a PNG by its name; let it end in .png")
    _check_place(path)


def _check_place(path: Path) -> None:
    with _writing(path):
        if not path.parent.is_dir():
            raise UnusableInput(f"{path}: there is no folder {path.parent}; create it or choose another")
        if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
            raise UnusableInput(f"{path}: cannot be written; choose another path with --picture")


def _write(content: bytes, path: Path, as_json: bool, what: str = "Picture") -> None:
    with _writing(path):
        path.write_bytes(content)
    typer.echo(f"{what} written to {path}", err=as_json)


def _replayed(readings: Readings, capacity: int, efficiency_bps: int, engine: Engine) -> Report:
    from amalgam.chain.embedded import EmbeddedChain
    from amalgam.scenarios.replay import replay

    told = readings.measure.in_resource_words
    chain = EmbeddedChain()
    program = Program.ENERGY_ALLOCATION
    chain.add_program(program.program_id, program.runs_from(engine))
    steps = len(readings.starts)
    with output.progress("Replaying") as begin:
        plan, show = partial(begin(steps), "counted ahead"), begin(steps)

        def announce(transactions: int) -> None:
            if transactions >= _MANY:
                print(f"{transactions:,} transactions to come", file=sys.stderr)  # above the bar

        def begin_interval(start: datetime) -> None:
            chain.unix_timestamp = int(start.timestamp())
            show(f"{start:%a %d %b}")

        try:
            return asyncio.run(
                replay(
                    readings,
                    chain.client(),
                    capacity=capacity,
                    efficiency_bps=efficiency_bps,
                    begin_interval=begin_interval,
                    plan_interval=plan,
                    begin=announce,
                )
            )
        except AmalgamError as error:
            raise TyperException(told(str(error))) from None


# For programs: each amount's name ends in its unit


def _plain(report: Report) -> dict[str, Any]:
    measure = report.measure

    def amounts(record: Any, *names: str) -> dict[str, int]:
        own = {"produced": measure.produced, "consumed": measure.demand}
        unit = measure.base_unit.lower()
        return {f"{own.get(name, name)}_{unit}": getattr(record, name) for name in names}

    def flows(found: Flows) -> dict[str, int]:
        return amounts(found, *(field.name for field in fields(found)))

    return {
        "resource": measure.noun.upper(),
        **amounts(report, "capacity", "allocation_limit"),
        "efficiency_bps": report.efficiency_bps,
        "allocation_lifetime_s": report.allocation_lifetime_s,
        "interval_s": report.interval_s,
        "members": [
            {"name": each.name, measure.noun: flows(each.flows), **amounts(each, "balance", "allocated")}
            for each in report.members
        ],
        "intervals": [
            {
                "start": each.start.isoformat(),
                measure.noun: flows(each.flows),
                **amounts(each, "available", "allocated"),
            }
            for each in report.intervals
        ],
        "total": flows(report.total),
        **amounts(report, "available", "allocated", "vault", "supply"),
        "instructions": report.instructions,
        "transactions": report.transactions,
        "readings": report.readings,
        "seconds": report.seconds,
    }


# For people


def _print(report: Report) -> None:
    from rich.text import Text

    measure, story = report.measure, _STORIES[MEASURES.index(report.measure)]
    lines = _summary_lines(report, story)
    audit = ("Audit", Text(lines.pop("Audit"), style="green"))
    output.show(
        "",
        output.title(f"Members, in {measure.unit}"),
        _members_table(report, story),
        "",
        output.facts([*lines.items(), audit]),
        "",
    )


def _members_table(report: Report, story: _Story) -> output.Columns:
    measure = report.measure
    flows = {
        measure.produced.capitalize(): "produced",
        measure.demand.capitalize(): "consumed",
        story.at_once: "used_directly",
        "Deposited": "deposited",
        "Drawn": "drawn",
        "Not\ntaken": "not_taken",
        "Not\ngiven": "not_given",
    }

    def row(name: str, found: Flows, balance: int) -> list[str]:
        amounts = (*(getattr(found, flow) for flow in flows.values()), balance)
        return [name, *(measure.number(each, 1) for each in amounts)]

    titles = ("Member", *flows, "Balance")
    rows = [row(each.name, each.flows, each.balance) for each in report.members]
    footer = row("All", report.total, report.stored)
    return output.columns(titles, rows, numbers=titles[1:], footer=footer)


def _summary_lines(report: Report, story: _Story) -> dict[str, str]:
    total, measure = report.total, report.measure
    number, text = measure.number, measure.text
    supplied = total.used_directly + total.drawn
    limit, lifetime = text(report.allocation_limit), duration(report.allocation_lifetime_s)
    counts = ", ".join(f"{count:,} {name}" for name, count in report.instructions.items())
    return {
        measure.pool.capitalize(): f"{text(report.capacity)}, "
        f"{story.efficiency.format(percent(report.efficiency_bps))}; "
        f"each member may allocate {limit} for {lifetime}",
        story.taken_in: f"{text(total.deposited, 1)}, {text(total.lost, 1)} of it {measure.lost}",
        story.given: text(total.drawn, 1),
        "Not taken": story.not_taken.format(text(total.not_taken, 1)),
        "Not given": story.not_given.format(text(total.not_given, 1)),
        "Stored now": f"{text(report.stored)} ({_share(report.stored, report.capacity)}): "
        f"{number(report.available)} available, {number(report.allocated)} allocated",
        story.served: story.share.format(
            _share(supplied, total.consumed), _share(total.used_directly, total.consumed)
        ),
        "Transactions": f"{report.transactions:,} in {report.seconds:.1f} s, "
        f"{report.transactions / report.seconds:,.0f} a second, of {counted(report.readings, 'reading')}, "
        f"{report.readings / report.seconds:,.0f} a second",
        "Instructions": counts,
        "Audit": "ledger and vault agree: the balances of "
        f"{counted(len(report.members), 'member')} are {text(report.stored)}, the vault holds "
        f"{text(report.vault)}; minted were {text(total.deposited)}, "
        f"{measure.lost} {number(total.lost)}, {measure.consumed} {number(total.drawn)}, "
        f"leaving {number(report.supply)}",
    }


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}".replace("%", " %") if whole else "-"
