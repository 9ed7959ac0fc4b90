"""`amalgam battery export`: members, events and statements as files that add up."""

from __future__ import annotations

import csv
import json
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from amalgam.cli.battery.find import client, find_battery
from amalgam.cli.failures import Failure
from amalgam.cli.options import BatteryAddress, BooksPlace, Since, Until, UnusableInput
from amalgam.cli.output import columns, progress
from amalgam.cli.session import Session, reading

if TYPE_CHECKING:
    from solders.pubkey import Pubkey

    from amalgam.battery.client import BatteryAudit
    from amalgam.battery.statements import Books
    from amalgam.chain.events import Landed
    from amalgam.units import Measure

_Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="A folder that is not there yet.", show_default=False)
]
_FLOWS = ("opening", "deposited", "lost", "consumed", "withdrawn", "closing")
_AMOUNTS = (
    *("amount", "credit", "balance", "member_allocated", "available", "allocated"),
    *("capacity", "allocation_limit", "limit"),
    *_FLOWS,
)
_WHERE = ("sequence", "event", "unix_timestamp", "slot", "signature", "owner")
_Table = tuple[list[str], list[dict[str, Any]]]  # the columns' names, and the rows


@reading
async def export(
    session: Session,
    battery: BatteryAddress,
    folder: _Folder,
    since: Since = None,
    until: Until = None,
    books: BooksPlace = None,
) -> None:
    """Write members, events and statements as CSV and JSON.

    A statement says, for each member: what they had when the period began,
    what they deposited, what of it was lost on the way in, what they
    consumed and withdrew, and what they had in the end. Before anything is
    written, all events from the first on are added up and compared with the
    chain. With --books only those not in the books yet are asked of a node.

    Examples
      amalgam battery export $BATTERY june --since 2026-06-01T00:00+02:00 --until 2026-07-01T00:00+02:00
      amalgam battery export $BATTERY everything
    """
    from amalgam.battery.statements import books as books_of
    from amalgam.battery.words import measure_of

    if since and until and since >= until:
        raise UnusableInput("--since is not before --until; correct one")
    with _writing(folder):
        _check(folder)
    story = await _checked_story(session, battery, books)
    found = books_of(story, since, until)
    measure = measure_of(found.battery)
    tables = {
        "members": _members(found, measure),
        "events": _events(found, measure, battery),
        "statements": _statements(found, measure),
    }
    head = {
        "battery": str(battery),
        "resource": found.battery.resource.name,
        "unit": measure.base_unit,
        "since": since and since.isoformat(),
        "until": until and until.isoformat(),
    }
    with _writing(folder):
        _write(folder, head, tables)
    names, rows = tables["statements"]
    total = {name: sum(row[name] for row in rows) for name in names[1:]}
    titles = ("Member", *(_said(flow, measure).capitalize() for flow in _FLOWS))
    table = columns(
        titles,
        [(row["owner"], *(measure.number(row[name]) for name in total)) for row in rows],
        numbers=titles[1:],
        footer=(f"All {len(rows):,}, in {measure.unit}", *map(measure.number, total.values())),
    )
    answer = {**head, "folder": str(folder), "events": len(found.story), "members": len(rows), "total": total}
    session.answer(answer, table, f"Written to {folder}: members, events and statements, as CSV and JSON")


@contextmanager
def _writing(folder: Path) -> Generator[None]:
    """Say in one line why the folder cannot be written."""
    try:
        yield
    except OSError as error:
        raise UnusableInput(f"{folder}: {error.strerror}; choose another folder") from None


def _check(folder: Path) -> None:
    """Refuse now what could not be written at the end."""
    if folder.exists():
        raise UnusableInput(f"{folder}: is there already; name another folder, or move it away")
    if not folder.parent.is_dir():
        raise UnusableInput(f"{folder}: there is no folder {folder.parent}; create it or choose another")


async def _checked_story(session: Session, battery: Pubkey, books: str | None) -> list[Landed]:
    """All events up to now, once they are known to be what the chain holds."""
    from amalgam.chain.events import gaps, read, signatures
    from amalgam.cli.books import known_story
    from amalgam.cli.words import missing

    await find_battery(session, battery)
    audit = await client(session).audit(battery)
    if books:
        story = await known_story(session, books, battery)
    else:
        found = await signatures(session.connection, battery)
        with progress("Reading") as begin:
            story = await read(session.connection, battery, found, begin(len(found)))
    story = [landed for landed in story if landed.event.sequence <= audit.battery.sequence]
    for gap in gaps(story, 1, audit.battery.sequence):
        raise Failure(f"{missing(gap)}; name one that has all of it with --url", 4)
    if audit.violations or not _makes(story, audit):
        raise Failure("the events do not add up to what the chain holds; run: amalgam battery audit", 1)
    return story


async def told_otherwise(session: Session, books: str, battery: Pubkey, audit: BatteryAudit) -> list[str]:
    """What the events, of the books and after them, tell otherwise than an audit of the chain has found."""
    from amalgam.chain.events import gaps
    from amalgam.cli.books import known_story
    from amalgam.cli.words import missing

    story = await known_story(session, books, battery)
    story = [landed for landed in story if landed.event.sequence <= audit.battery.sequence]
    if lost := gaps(story, 1, audit.battery.sequence):
        return [missing(gap) for gap in lost]
    return [] if _makes(story, audit) else ["the events do not make what the chain holds"]


def _makes(story: list[Landed], audit: BatteryAudit) -> bool:
    """Whether all events make the battery and the members of an audit. Raises BrokenHistoryError."""
    from amalgam.battery.history import History

    history = History.of(landed.event for landed in story)
    members = sorted(history.members.values(), key=lambda member: bytes(member.owner))
    return (history.battery, members) == (audit.battery, audit.members)


# The tables have the same columns whatever happened


def _members(found: Books, measure: Measure) -> _Table:
    from amalgam.battery.program import Member
    from amalgam.programs import plain

    return _table(_names(Member), map(plain, found.members), measure)


def _events(found: Books, measure: Measure, battery: Pubkey) -> _Table:
    from amalgam.battery.program import Event
    from amalgam.battery.words import owners_of
    from amalgam.cli.words import plain_event

    owners = owners_of(battery, found.members)
    told = (plain_event(landed, owners) for landed in found.story)
    names = [name for kind in get_args(Event) for name in _names(kind)]
    return _table([*_WHERE, *names], told, measure)


def _statements(found: Books, measure: Measure) -> _Table:
    from amalgam.battery.statements import Statement
    from amalgam.programs import plain

    return _table(_names(Statement), map(plain, found.statements), measure)


def _names(record: type) -> list[str]:
    return [field.name for field in fields(record)]


def _table(names: Iterable[str], records: Iterable[dict[str, Any]], measure: Measure) -> _Table:
    return list(_row(dict.fromkeys(names), measure)), [_row(each, measure) for each in records]


def _row(record: dict[str, Any], measure: Measure) -> dict[str, Any]:
    """With the unit in the name of each amount, and times as text."""
    row: dict[str, Any] = {}
    for name, value in record.items():
        if name in ("unix_timestamp", "expiry", "allocation_expiry"):
            text = datetime.fromtimestamp(value, UTC).isoformat() if value else None
            row[name.removeprefix("unix_")] = text
        elif name == "allocation_lifetime":
            row["allocation_lifetime_s"] = value
        elif name != "battery":  # the same in all
            amount = f"{_said(name, measure).replace(' ', '_')}_{measure.base_unit}"
            row[amount if name in _AMOUNTS else name] = value
    return row


def _said(flow: str, measure: Measure) -> str:
    """The kind of a flow, in the resource's own word."""
    return {"lost": measure.lost, "consumed": measure.consumed}.get(flow, flow)


def _write(folder: Path, head: dict[str, Any], tables: dict[str, _Table]) -> None:
    """All files, or none."""
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as scratch:
        made = Path(scratch, folder.name)
        made.mkdir()
        for name, (names, rows) in tables.items():
            made.joinpath(f"{name}.json").write_text(json.dumps({**head, name: rows}, indent=1), "utf-8")
            with made.joinpath(f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, names)
                writer.writeheader()
                writer.writerows(rows)
        made.rename(folder)
