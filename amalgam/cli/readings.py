"""`amalgam readings`: files of readings, whatever their format."""

from __future__ import annotations

import json
import signal
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amalgam.cli import output
from amalgam.cli.failures import Failure
from amalgam.cli.options import Output, UnusableInput, parsed
from amalgam.readings.policies import Duplicates, Gaps
from amalgam.units import MEASURES, counted, duration, utc

if TYPE_CHECKING:
    from amalgam.readings.community import Assign
    from amalgam.readings.model import Counts, Part, Readings
    from amalgam.readings.survey import Survey

_MOST_GAPS = 20  # that are shown to people
_EXIT_CODES = """Exit codes
  0    all went well
  1    the policies refuse what is in the files: the last line says what
  2    unusable input: options, files that cannot be read
  130  interrupted
"""
app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Files of readings: what is in them, and what is missing."""


def _zone(text: str) -> str:
    from amalgam.readings.times import zone

    return zone(text).key


Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Files of readings.", show_default=False)]
GapsOption = Annotated[
    Gaps | None,
    typer.Option("--gaps", help="What to do if a value is missing.", show_default=Gaps.REFUSE.value),
]
DuplicatesOption = Annotated[
    Duplicates | None,
    typer.Option(
        "--duplicates",
        help="Which value to take if there are two of a meter and interval.",
        show_default=Duplicates.REFUSE.value,
    ),
]
ZoneOption = Annotated[
    str | None,
    typer.Option(
        "--zone",
        metavar="ZONE",
        parser=parsed(_zone, "--zone"),
        help="Of times without an offset, like Europe/Vienna.",
        show_default=False,
    ),
]
MappingOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--mapping", metavar="FILE", help="What the columns of another CSV are, as TOML.", show_default=False
    ),
]


def read(files: Sequence[Path], mappings: Sequence[Path] | None, zone: str | None) -> list[Part]:
    """The readings of files. Raises UnusableInput."""
    from amalgam.csv_rows import ReadingsError
    from amalgam.readings.read import read_files

    signal.siginterrupt(signal.SIGINT, True)  # polars has a handler that would let a blocked read go on
    try:
        with output.progress("Reading") as begin:
            return read_files(files, mappings=mappings or (), zone=zone, told=begin(len(files)))
    except ReadingsError as error:
        raise UnusableInput(str(error)) from None


def community_of(
    parts: Sequence[Part],
    gaps: Gaps | None,
    duplicates: Duplicates | None,
    zone: str | None,
    assign: Assign = lambda meter: meter,
) -> Readings:
    """The community's readings of files. Raises UnusableInput; tells on stderr what policies have done."""
    from amalgam.csv_rows import ReadingsError
    from amalgam.readings.community import community

    try:
        readings = community(
            parts,
            gaps=gaps or Gaps.REFUSE,
            duplicates=duplicates or Duplicates.REFUSE,
            zone=zone,
            assign=assign,
        )
    except ReadingsError as error:
        raise UnusableInput(str(error)) from None
    told = what_was_done(readings.counts)
    if told:
        typer.echo(f"Of the values, {told}", err=True)
    return readings


def what_was_done(counts: Sequence[Counts]) -> str:
    """What is not as measured, for people; empty if all is."""
    from amalgam.readings.model import Counts

    total = sum(counts, Counts())
    told = {
        "substituted by who measures": total.substituted,
        "missing and filled": total.filled,
        "told twice": total.duplicates,
    }
    parts = [f"{count:,} {'is' if count == 1 else 'are'} {what}" for what, count in told.items() if count]
    if total.left_out:
        parts.append(f"those of {counted(total.left_out, 'interval')} are left out")
    return ", ".join(parts)


@app.command(epilog=_EXIT_CODES)
def check(
    files: Files,
    gaps: GapsOption = None,
    duplicates: DuplicatesOption = None,
    zone: ZoneOption = None,
    mapping: MappingOption = None,
    output_: Annotated[
        Output, typer.Option("--output", help="For people, or for programs.")
    ] = Output.DISPLAY,
) -> None:
    """Tell what is in files of readings, what is missing, and what would be done.

    They are recognised by what is in them: our own CSV, Green Button XML,
    Enedis CSV and JSON, Octopus CSV, EDA XLSX, MSCONS, DSMR P1 telegrams,
    Home Assistant history, Fronius Solar.web, SolarEdge, and spreadsheets
    with a column a member. A mapping explains any other CSV.

    Examples
      amalgam readings check meters/*.csv
      amalgam readings check eda.xlsx --gaps previous-day
      amalgam readings check other.csv --mapping other.toml --output json
    """
    from amalgam.csv_rows import ReadingsError
    from amalgam.readings.survey import survey

    parts = read(files, mapping, zone)
    try:
        found = survey(parts)
    except ReadingsError as error:
        raise UnusableInput(str(error)) from None
    if output_ == Output.DISPLAY:
        _show(found)
    would = _would(parts, gaps, duplicates, zone)
    if output_ == Output.JSON:
        typer.echo(json.dumps(_plain(found) | {"would": would}, indent=2))
    else:
        output.show("", would["text"])
    if would["refused"]:
        raise Failure("the policies refuse these files", 1)


def _would(
    parts: Sequence[Part], gaps: Gaps | None, duplicates: Duplicates | None, zone: str | None
) -> dict[str, Any]:
    """What the policies would make of the files."""
    from amalgam.csv_rows import ReadingsError
    from amalgam.readings.community import community

    chosen = gaps or Gaps.REFUSE, duplicates or Duplicates.REFUSE
    policies = {"gaps": chosen[0].value, "duplicates": chosen[1].value}
    try:
        readings = community(parts, gaps=chosen[0], duplicates=chosen[1], zone=zone)
    except ReadingsError as error:
        return {**policies, "refused": True, "text": f"Would be refused: {error}"}
    done = what_was_done(readings.counts)
    text = (
        f"Would be read: {counted(len(readings.members), 'member')}, "
        f"{counted(len(readings.starts), 'interval')} of {duration(int(readings.interval.total_seconds()))}"
        + (f"; of the values, {done}" if done else "; every value is measured")
    )
    return {**policies, "refused": False, "text": text}


def _plain(found: Survey) -> dict[str, Any]:
    return {
        "found": [asdict(each) for each in found.found],
        "gaps": [
            {
                "file": file,
                "meter": gap.meter.name,
                "direction": gap.meter.direction.value,
                "start": gap.start,
                "intervals": gap.intervals,
                "interval_s": length,
            }
            for file, length, gap in found.gaps
        ],
        "notes": [{"file": file, "note": note} for file, note in found.notes],
    }


def _show(found: Survey) -> None:
    measures = {measure.base_unit: measure for measure in MEASURES}
    titles = (
        "Meter",
        "Direction",
        "Interval",
        "From",
        "To",
        "Measured",
        "Substituted",
        "Missing",
        "Twice",
        "Sum",
    )
    files = dict.fromkeys((each.file, each.format) for each in found.found)
    for file, format in files:
        rows = [
            (
                each.meter,
                each.direction,
                duration(each.interval_s),
                utc(each.start).removesuffix(":00 UTC"),
                utc(each.end).removesuffix(":00 UTC"),
                *(f"{count:,}" for count in (each.measured, each.substituted, each.missing, each.duplicates)),
                measures[each.unit].text(each.base_units, 1),
            )
            for each in found.found
            if each.file == file
        ]
        output.show(
            "",
            output.title(f"{file}: {format}, times in UTC"),
            output.columns(titles, rows, numbers=titles[5:]),
        )
        for each, note in found.notes:
            if each == file:
                output.show(f"Note: {note}.")
        gaps = [(length, gap) for each, length, gap in found.gaps if each == file]
        for length, gap in gaps[:_MOST_GAPS]:
            lasting = duration(length * gap.intervals)
            output.show(f"Gap: {gap.meter.name} ({gap.meter.direction}) from {utc(gap.start)} on, {lasting}.")
        if len(gaps) > _MOST_GAPS:
            output.show(f"And {counted(len(gaps) - _MOST_GAPS, 'gap')} more: see --output json.")
