"""`amalgam history`: what has happened to a battery, an issuer, a market, a power plant or a community."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from amalgam import programs
from amalgam.cli.options import (
    EXIT_CODES,
    OPERATORS,
    BooksPlace,
    Pubkey,
    Since,
    Until,
    address_argument,
    address_option,
)
from amalgam.cli.output import events, progress
from amalgam.cli.session import Session, reading
from amalgam.units import Measure

if TYPE_CHECKING:
    from datetime import datetime

    from amalgam.chain.events import Landed

app = typer.Typer()
_ANY_LEDGER = (
    "battery, reservoir, treatment plant, issuer, market, auction, virtual power plant, dispatch or community"
)
_Member = Annotated[
    Pubkey | None,
    address_option("--member", "Only of what this owner has or takes part in, or of this device's meter."),
]
_Address = Annotated[Pubkey, address_argument("ADDRESS", f"Of a {_ANY_LEDGER}.")]
_Limit = Annotated[int, typer.Option(min=1, help="Of the latest transactions, at most.")]


class Subject(NamedTuple):
    """The subject of a history.

    Attributes:
        ledger: Numbers the events: itself, or the market of an auction, or the plant of a dispatch.
        sequence: Of the ledger's latest event.
        measure: Of the amounts in them.
        owners: Of members, offers, orders and commitments, or the devices of meters, by their accounts.
    """

    ledger: Pubkey
    sequence: int
    measure: Measure
    owners: Mapping[Pubkey, Pubkey]


@app.command(epilog=EXIT_CODES, rich_help_panel=OPERATORS)
@reading
async def history(
    session: Session,
    address: _Address,
    member: _Member = None,
    since: Since = None,
    until: Until = None,
    limit: _Limit = 1_000,
    books: BooksPlace = None,
) -> None:
    """List the events of a battery, issuer, market, power plant or community.

    Or of one auction of a market, or of one dispatch of a plant. Oldest first.
    Each has a number of its own in its battery, issuer, market, plant or community:
    where a node has forgotten a part of such a history, it is said which. With
    --books only what is not in the books yet is asked of a node.

    Examples
      amalgam history $BATTERY --since 24h
      amalgam history $ISSUER --member $DEVICE
      amalgam history $AUCTION
      amalgam history $BATTERY --member $OWNER --output json | jq '.events[].amount'
    """
    from amalgam.cli.words import event_row, parties_to, plain_event
    from amalgam.programs import kind_of

    account = (await session.connection.get_account_info(address)).value
    record = programs.decoded(account) if account else None
    subject = await subject_of(session, address, record)
    if subject is None:
        raise session.not_found(f"no {_ANY_LEDGER} at {address}", "check the address and --url")
    ledger, sequence, measure, owners = subject
    story, is_cut = await _story(session, address, ledger, since, limit, books)
    missing = None  # of a part of a ledger nobody knows which events are its own
    if address == ledger:
        missing = _gaps(session, story, None if is_cut else 1, sequence)
    chosen = [
        landed
        for landed in story
        if address in (getattr(landed.event, field.name) for field in fields(landed.event))
        and (member is None or member in parties_to(landed.event, owners))
        and (until is None or (landed.unix_timestamp or 0) < until.timestamp())
    ]
    rows = [event_row(landed, owners, measure) for landed in chosen]
    value = {
        kind_of(record): str(address),
        "unit": measure.base_unit,
        "missing": missing if missing is None else [[gap[0], gap[-1]] for gap in missing],
        "events": [plain_event(landed, owners) for landed in chosen],
    }
    session.answer(value, events(rows))


async def _story(
    session: Session,
    address: Pubkey,
    ledger: Pubkey,
    since: datetime | None,
    limit: int,
    books: str | None,
) -> tuple[list[Landed], bool]:
    """The events of a ledger with an address, and whether there may be earlier ones."""
    from amalgam.chain.events import read, signatures
    from amalgam.cli.books import known_story

    if books:
        with_address = None if address == ledger else address
        story = await known_story(session, books, ledger, address=with_address, since=since, limit=limit)
        return story, since is not None or len(story) >= limit
    found = await signatures(
        session.connection, address, since=since.timestamp() if since else None, limit=limit
    )
    with progress("Reading") as begin:
        story = await read(session.connection, ledger, found, begin(len(found)))
    return story, since is not None or len(found) == limit


async def subject_of(session: Session, address: Pubkey, record: object) -> Subject | None:
    """The subject of an account's history; None if it has none."""
    if record is None:
        return None
    package = programs.of_record(record).package
    return await import_module(f"amalgam.cli.{package}.find").history_subject(session, address, record)


def _gaps(session: Session, story: list[Landed], first: int | None, last: int) -> list[range]:
    """Say which events are missing; from the first there is, if it is not told from which."""
    from amalgam.chain.events import gaps
    from amalgam.cli.words import missing

    if first is None and not story:
        return []
    found = gaps(story, story[0].event.sequence if first is None else first, last)
    for gap in found:
        session.say(missing(gap))
    return found
