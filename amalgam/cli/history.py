"""`amalgam history`: what has happened to a battery, reservoir or treatment plant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from amalgam.cli.options import (
    EXIT_CODES,
    OPERATORS,
    Pubkey,
    Since,
    Until,
    address_argument,
    address_option,
)
from amalgam.cli.output import EVENT_TITLES, columns, progress
from amalgam.cli.session import Session, reading
from amalgam.units import ANY_POOL

if TYPE_CHECKING:
    from amalgam.history import Landed

app = typer.Typer()
_Member = Annotated[
    Pubkey | None, address_option("--member", "Only of this owner's share, or of this device's meter.")
]
_Ledger = Annotated[Pubkey, address_argument("ADDRESS", f"Of the {ANY_POOL}, or of an issuer.")]
_Limit = Annotated[int, typer.Option(min=1, help="Of the latest transactions, at most.")]


@app.command(epilog=EXIT_CODES, rich_help_panel=OPERATORS)
@reading
async def history(
    session: Session,
    ledger: _Ledger,
    member: _Member = None,
    since: Since = None,
    until: Until = None,
    limit: _Limit = 1_000,
) -> None:
    """List the events of a battery, reservoir or treatment plant, or of an issuer.

    Oldest first. Each has a number of its own: where a node has forgotten a part
    of the history, it is said which.

    Examples
      amalgam history $BATTERY --since 24h
      amalgam history $ISSUER --member $DEVICE
      amalgam history $BATTERY --member $OWNER --output json | jq '.events[].amount'
    """
    from amalgam.cli.words import account_of, devices_of, event_row, measure_of, owners_of, plain_event
    from amalgam.energy_allocation import Battery
    from amalgam.history import read, signatures

    found_ledger = await session.ledger(ledger)
    if isinstance(found_ledger, Battery):
        owners = owners_of(ledger, await session.client.members(ledger))
    else:
        owners = devices_of(await session.metering.meters(ledger))
    since_s = since.timestamp() if since else None
    found = await signatures(session.connection, ledger, since=since_s, limit=limit)
    with progress("Reading") as begin:
        story = await read(session.connection, ledger, found, begin(len(found)))
    is_cut = since is not None or len(found) == limit
    missing = _gaps(session, story, None if is_cut else 1, found_ledger.sequence)
    chosen = [
        landed
        for landed in story
        if (member is None or owners.get(account_of(landed.event)) == member)
        and (until is None or (landed.unix_timestamp or 0) < until.timestamp())
    ]
    measure = measure_of(found_ledger)
    rows = [event_row(landed, owners, measure) for landed in chosen]
    value = {
        "battery" if isinstance(found_ledger, Battery) else "issuer": str(ledger),
        "unit": measure.base_unit,
        "missing": [[gap[0], gap[-1]] for gap in missing],
        "events": [plain_event(landed, owners) for landed in chosen],
    }
    session.answer(value, columns(EVENT_TITLES, rows, numbers=EVENT_TITLES[:1]))


def _gaps(session: Session, story: list[Landed], first: int | None, last: int) -> list[range]:
    """Say which events are missing; from the first there is, where it is not told from which."""
    from amalgam.cli.words import missing
    from amalgam.history import gaps

    if first is None and not story:
        return []
    found = gaps(story, story[0].event.sequence if first is None else first, last)
    for gap in found:
        session.say(missing(gap))
    return found
