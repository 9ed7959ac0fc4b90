"""`amalgam bill`: what a community's members pay and get for a period."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from amalgam import AmalgamError
from amalgam.billing.period import Period
from amalgam.billing.period import period as parsed_period
from amalgam.cli import output
from amalgam.cli.failures import Failure
from amalgam.cli.options import UnusableInput, parsed
from amalgam.cli.readings import DuplicatesOption, GapsOption, MappingOption, ZoneOption, read
from amalgam.cli.share import Files, files_of
from amalgam.readings.policies import Duplicates, Gaps
from amalgam.units import ENERGY, counted

if TYPE_CHECKING:
    from amalgam.billing.bills import Document
    from amalgam.billing.books import Books
    from amalgam.billing.run import Run, State
    from amalgam.billing.settings import Billing

_EXIT_CODES = """Exit codes
  0    all went well
  1    refused: posted lines are others, the period is final already, or not whole
  2    unusable input: options, the community's file, readings, posted lines
  130  interrupted
"""
_TABLES = 5  # files of a run, beside those of each document

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Bills of a community: preview, final, corrected."""


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date; write it like 2026-07-01") from None


Community = Annotated[
    Path,
    typer.Argument(
        metavar="COMMUNITY", help="The community's file, as TOML, with [billing].", show_default=False
    ),
]
PeriodArgument = Annotated[
    Period,
    typer.Argument(
        metavar="PERIOD",
        parser=parsed(parsed_period, "PERIOD"),
        help="Like 2026-06, 2026-Q2, 2026-H1 or 2026.",
        show_default=False,
    ),
]
BooksOption = Annotated[
    Path | None,
    typer.Option(
        "--books",
        metavar="FOLDER",
        help="Where all runs are. Default: bills, beside the community's file.",
        show_default=False,
    ),
]
PostedOption = Annotated[
    Path | None,
    typer.Option(
        "--posted",
        metavar="FILE",
        help="The lines on the chain, as amalgam statement lines has them in JSON.",
        show_default=False,
    ),
]
DateOption = Annotated[
    date | None,
    typer.Option(
        "--date",
        metavar="DATE",
        parser=parsed(_day, "--date"),
        help="On the documents. Default: the day after the period; of a correction, after the next one.",
        show_default=False,
    ),
]


class _Input(NamedTuple):
    """What commands are told."""

    community: Path
    period: Period
    files: list[Path] | None
    books: Path | None
    posted: Path | None
    issued: date | None
    gaps: Gaps | None
    duplicates: Duplicates | None
    zone: str | None
    mapping: list[Path] | None


Do = Callable[[_Input, "Books"], "Run | None"]


def _command(do: Do) -> Do:
    """Make a command of what a run is computed by: its documentation is the command's help."""

    def command(
        community: Community,
        period: PeriodArgument,
        files: Files = None,
        books: BooksOption = None,
        posted: PostedOption = None,
        issued: DateOption = None,
        gaps: GapsOption = None,
        duplicates: DuplicatesOption = None,
        zone: ZoneOption = None,
        mapping: MappingOption = None,
    ) -> None:
        _run(_Input(community, period, files, books, posted, issued, gaps, duplicates, zone, mapping), do)

    app.command(do.__name__, help=do.__doc__, epilog=_EXIT_CODES)(command)
    return do


@_command
def preview(told: _Input, _: Books) -> Run:
    """Write a period's bills without numbers, as often as you like.

    Each takes the place of the preview before. A period that is not over
    yet is billed as far as there are readings.

    Examples
      amalgam bill preview sonnental.toml 2026-06
      amalgam bill preview sonnental.toml 2026-Q2 meters/*.csv --gaps zero
    """
    from amalgam.billing.run import State

    return _computed(told, State.PREVIEW, told.issued or told.period.end)[1]


@_command
def final(told: _Input, books: Books) -> Run:
    """Write a period's bills with their numbers; they stay as they are.

    Numbers follow the last ones in the folder of all runs. A run that is
    broken off leaves nothing, and uses none. The readings have to be of the
    whole period. With --posted the bills have to add up to the lines on
    the chain, to the unit, and what was settled there is no longer due;
    credits are less the community's fee there.

    Examples
      amalgam bill final sonnental.toml 2026-06
      amalgam statement lines sonnental.toml 2026-06 --output json > lines.json
      amalgam bill final sonnental.toml 2026-06 --posted lines.json
    """
    from amalgam.billing.bills import numbered
    from amalgam.billing.run import State

    books.check_new(told.period.name)
    billing, run = _computed(told, State.FINAL, told.issued or told.period.end)
    if run.missing:
        raise UnusableInput(
            f"the readings are {run.missing}, not of all of {told.period.name}; give the rest, or preview it"
        )
    return replace(run, documents=numbered(run.documents, billing, books.taken()))


@_command
def correct(told: _Input, books: Books) -> Run | None:
    """Correct a final period, after late or corrected readings.

    Of each document that is another one by now, a credit note takes it back
    and a new one takes its place; both refer to its number, and have the
    date on which the next period is billed. Key and prices have to be as
    they were.

    Examples
      amalgam bill correct sonnental.toml 2026-06 meters/*.csv
    """
    from amalgam.billing.bills import corrections, in_force, numbered
    from amalgam.billing.run import State

    before = books.run(told.period.name)
    like = {name: before["lines"][name] for name in ("decimals", "fee_bps")}
    billing, run = _computed(told, State.CORRECTION, told.issued or told.period.next_end, like)
    if run.missing:
        raise UnusableInput(
            f"the readings are {run.missing}, not of all of {told.period.name}; give the rest"
        )
    if run.terms != before["terms"]:
        raise Failure(
            f"{told.community}: key, prices, fees or VAT are others than in the final run of "
            f"{told.period.name}; give the file as it was then",
            1,
        )
    due = run.issued + timedelta(days=billing.due_days)
    old = in_force(books.documents(told.period.name))
    made = corrections(old, run.documents, run.issued, due, is_posted=run.is_posted)
    return replace(run, documents=numbered(made, billing, books.taken())) if made else None


def _run(told: _Input, do: Do) -> None:
    """Open the books, do it, and tell what was done. Errors become lines with their exit codes."""
    from amalgam.billing.books import open_books
    from amalgam.billing.posted import PostedError
    from amalgam.billing.run import State
    from amalgam.billing.usage import UsageError
    from amalgam.csv_rows import ReadingsError
    from amalgam.sharing.settings import SettingsError

    try:
        with open_books(told.books or told.community.parent / "bills") as books:
            run = do(told, books)
            if run is None:
                output.show(
                    f"Nothing to correct: the documents of {told.period.name} are as the readings are."
                )
                return
            with output.progress("Writing") as begin:
                folder = books.write(
                    run, begin(_TABLES + len(run.documents) * (1 if run.state is State.PREVIEW else 2))
                )
    except (SettingsError, ReadingsError, UsageError, PostedError) as error:
        raise UnusableInput(str(error)) from None
    except AmalgamError as error:
        raise Failure(str(error), 1) from None
    _show(run, folder)


def _computed(
    told: _Input, state: State, issued: date, like: Mapping[str, int] | None = None
) -> tuple[Billing, Run]:
    """The run, whose documents have no numbers yet, with decimals and fee of posted lines, or like those."""
    from amalgam.billing.bills import bills
    from amalgam.billing.posted import check_posted, lines_of, load_posted
    from amalgam.billing.run import Run, terms_of
    from amalgam.billing.settings import load_billing
    from amalgam.billing.usage import usage
    from amalgam.sharing.settings import load_settings

    settings, billing = load_settings(told.community), load_billing(told.community)
    posted = load_posted(told.posted) if told.posted else None
    zone = told.zone or settings.zone
    gaps, duplicates = told.gaps or settings.gaps, told.duplicates or settings.duplicates
    mappings = [*(told.mapping or ()), *settings.mappings]
    parts = read(files_of(told.community, settings, told.files), mappings, zone)
    used = usage(parts, settings, told.period, gaps=gaps, duplicates=duplicates, zone=zone)
    if posted is not None:
        like = {"decimals": posted.decimals, "fee_bps": posted.fee_bps}
    lines = lines_of(used.statements, billing.energy, told.period.name, **(like or {}))
    if posted is not None:
        check_posted(posted, lines)
    run = Run(
        state=state,
        community=settings.name,
        period=told.period.name,
        issued=issued,
        terms=terms_of(settings, billing),
        lines=lines,
        is_posted=posted is not None,
        policies={"gaps": gaps.value, "duplicates": duplicates.value},
        missing=used.missing,
        documents=bills(used, billing, lines, issued, is_posted=posted is not None),
    )
    return billing, run


# For people


def _show(run: Run, folder: Path) -> None:
    titles = ("Number", "Document", "Member", "Net", "VAT", "Total", "Settled", "To pay")
    rows = [_row(document) for document in run.documents]
    total = [
        "All",
        "",
        "",
        *(_money(sum(amounts)) for amounts in zip(*map(_amounts, run.documents), strict=True)),
    ]
    table = output.columns(titles, rows, numbers=titles[3:], footer=total if rows else ())
    currency = f", in {run.documents[0].currency}" if run.documents else ""
    output.show("", output.title(f"{run.community}: {run.state} of {run.period}{currency}"), table, "")
    output.show(output.facts(_facts(run)), "")
    output.show(f"Written to {folder}")


def _row(document: Document) -> list[str]:
    return [document.number or "–", document.title, document.member, *map(_money, _amounts(document))]


def _amounts(document: Document) -> list[int]:
    """Net, VAT, total, settled and to pay: below zero if the member gets it."""
    sign = document.sign
    amounts = (document.net, document.vat, document.gross, document.settled, document.payable)
    return [sign * each for each in amounts]


def _money(cents: int) -> str:
    from amalgam.billing.money import money

    return f"{money(cents):,.2f}"


def _facts(run: Run) -> list[tuple[str, str]]:
    lines, sums = run.lines, run.lines.sums
    charges, credits = lines.tokens(sums.charge), lines.tokens(sums.credit)
    kept = "the fee and rounding" if lines.fee_bps else "rounding to base units"
    facts = [
        ("Shared", f"{ENERGY.text(sums.shared_in)} in = {ENERGY.text(sums.shared_out)} out"),
        ("Charges", f"{charges:f} = credits {credits:f} + {charges - credits:f} of {kept}"),
    ]
    if run.is_posted:
        count = counted(len(lines.lines), "posted line")
        facts.append(("Audit", f"the bills add up to the {count}, to the Wh and to the base unit"))
    if run.missing:
        facts.append(("Incomplete", f"the readings are {run.missing}"))
    return facts
