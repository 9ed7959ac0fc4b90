"""`amalgam statement ...`: whether what a community has settled follows from its readings and its rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from amalgam.cli.bill import PeriodArgument
from amalgam.cli.failures import Failure
from amalgam.cli.options import EXIT_CODES
from amalgam.cli.output import columns
from amalgam.cli.session import Session, reading
from amalgam.cli.sharing.files import load
from amalgam.cli.sharing.find import client, find_community
from amalgam.cli.sharing.sharing import CommunityFile, ReadingsFiles, table_of
from amalgam.units import counted, percent, utc

if TYPE_CHECKING:
    from solders.pubkey import Pubkey

    from amalgam.cli.sharing.files import CommunityFile as Community
    from amalgam.sharing.client import EnergySharingClient
    from amalgam.sharing.program import Line as Posted
    from amalgam.sharing.program import Participant, Period
    from amalgam.sharing.settlement import Difference, Line
    from amalgam.units import Traded

app = typer.Typer(help="Check what a community has settled, and read it for bills.", epilog=EXIT_CODES)


@app.callback()
def _group() -> None:
    """Check what a community has settled, and read it for bills."""


@app.command(epilog=EXIT_CODES)
@reading
async def verify(session: Session, file: CommunityFile, files: ReadingsFiles = None) -> None:
    """Compute all lines anew from readings and rule, and compare them with the chain's.

    Needs no key: the community's file, its readings and a node do. Ends with
    exit code 1 if the digest is of other readings or another rule, or if
    any line differs; with 3 if the period is not on the chain.

    Examples
      amalgam statement verify sonnental.toml
      amalgam statement verify sonnental.toml june/*.csv --output json | jq .differences
    """
    from amalgam.sharing.program import State
    from amalgam.sharing.settlement import differences

    community = load(file)
    _, traded = await find_community(session, community.address)
    readings = community.readings(files)
    starts_at = int(readings.starts[0])
    reader = client(session)
    periods = [each for each in await reader.periods(community.address) if each.starts_at == starts_at]
    periods = [each for each in periods if each.run and each.state is not State.WITHDRAWN]
    if not periods:
        raise session.not_found(
            f"no period of {community.address} from {utc(starts_at)} on", "check the readings, or wait for it"
        )
    period = max(periods, key=lambda each: each.run)
    statement = community.statement(readings, community.rule(traded, period.fee_bps))
    posted = await _posted(reader, community, period)
    found = differences(statement.lines.values(), posted)
    same = bytes(period.digest) == statement.digest and period.ends_at == statement.ends_at
    value = {
        "community": str(community.address),
        "period": str(period.address),
        "lines": len(posted),
        "digest": {"computed": statement.digest.hex(), "posted": bytes(period.digest).hex()},
        "differences": [each._asdict() for each in found],
        "unit": traded.base_unit,
    }
    lines = [_digest_text(period, same), f"{counted(len(posted), 'line')} posted, {len(found):,} differences"]
    if found:
        titles = ("Member", "What", "Computed", "Posted")
        rows = [_row(each, traded) for each in found]
        session.answer(value, columns(titles, rows, numbers=titles[2:]), *lines)
    else:
        session.answer(value, *lines)
    if found or not same:
        raise Failure(
            "the chain has not what follows from these readings and this rule; if it is your line, object: "
            f"amalgam sharing object {community.address}",
            1,
        )


@app.command(epilog=EXIT_CODES)
@reading
async def lines(session: Session, file: CommunityFile, period: PeriodArgument) -> None:
    """Read the lines of a settled period from the chain, as bills take them.

    Needs no readings. With --output json it is the file that amalgam bill
    takes as --posted. Ends with exit code 3 if the period is not on the
    chain, or not settled yet.

    Example
      amalgam statement lines sonnental.toml 2026-06 --output json > lines.json
    """
    from amalgam.billing.posted import Posted as PostedLines
    from amalgam.sharing.program import State

    community = load(file)
    starts_at, ends_at = (community.midnight(day) for day in (period.first, period.end))
    _, traded = await find_community(session, community.address)
    reader = client(session)
    found = next(
        (
            each
            for each in await reader.periods(community.address)
            if each.state is State.SETTLED and (each.starts_at, each.ends_at) == (starts_at, ends_at)
        ),
        None,
    )
    if found is None:
        raise session.not_found(
            f"no settled period of {community.address} from {utc(starts_at)} to {utc(ends_at)}",
            "settle it: amalgam sharing settle",
        )
    posted = sorted(await _posted(reader, community, found))
    value = PostedLines(period.name, traded.payment_decimals, found.fee_bps, posted).plain()
    session.answer(value, table_of(posted, traded), f"Fee: {percent(found.fee_bps)}")


async def _posted(reader: EnergySharingClient, community: Community, period: Period) -> list[Line]:
    """The lines of a period, with the names that the community's file has for their owners."""
    names = {owner: name for name, owner in community.owners.items()}
    participants = {each.address: each for each in await reader.participants(community.address)}
    return [
        _line(each, participants[each.participant], names)
        for each in (await reader.lines(period.address)).values()
        if each.run == period.run
    ]


def _line(posted: Posted, participant: Participant, names: dict[Pubkey, str]) -> Line:
    from amalgam.sharing.settlement import Line

    name = names.get(participant.owner, str(participant.owner))
    return Line(name, posted.shared_in, posted.shared_out, posted.charge, posted.credit)


def _digest_text(period: Period, same: bool) -> str:
    told = bytes(period.digest).hex()
    what = "is" if same else "is not"
    return f"The digest {told} {what} of these readings and this rule"


def _row(each: Difference, traded: Traded) -> tuple[str, str, str, str]:
    if each.what == "line":
        return each.member, "line", "yes" if each.computed else "no", "yes" if each.posted else "no"
    text = traded.text if each.what.startswith("shared") else traded.payment
    return each.member, each.what.replace("_", " "), text(each.computed), text(each.posted)
