"""`amalgam sharing ...`: a community settles on the chain what its members have shared."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amalgam.cli.authority import Operated, add_commands
from amalgam.cli.failures import Failure
from amalgam.cli.options import (
    EXIT_CODES,
    MEMBERS,
    OPERATORS,
    Destination,
    OwnerAddress,
    OwnOrOwnerAddress,
    PaymentMint,
    Pubkey,
    Source,
    address_argument,
    duration_option,
    parsed,
    tokens_option,
)
from amalgam.cli.output import Columns, columns, facts, progress
from amalgam.cli.session import Session, reading, sending, units_of
from amalgam.cli.sharing.files import load
from amalgam.cli.sharing.find import (
    client,
    find_community,
    find_participant,
    find_under_way,
    paying_client,
)
from amalgam.programs import Program
from amalgam.units import Measure, fee_bps, tokens, utc

if TYPE_CHECKING:
    from solders.instruction import Instruction

    from amalgam.sharing.client import Statement
    from amalgam.sharing.settlement import Line
    from amalgam.units import Traded

app = typer.Typer(
    help="Settle on the chain what a community has shared: prepay, charge and credit.",
    epilog=EXIT_CODES,
)

CommunityAddress = Annotated[Pubkey, address_argument("COMMUNITY", "The community's address.")]
CommunityFile = Annotated[
    Path, typer.Argument(metavar="FILE", help="The community's file, as TOML.", show_default=False)
]
ReadingsFiles = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="READINGS",
        help="Files of readings. Default: as the community's file says.",
        show_default=False,
    ),
]
_Tokens = Annotated[
    Decimal,
    typer.Argument(
        metavar="TOKENS", parser=parsed(tokens, "TOKENS"), help="Whole tokens, like 12.5.", show_default=False
    ),
]
_ObjectionTime = Annotated[
    int, duration_option("--objection-time", "Between the last line and settlement: up to 30d.")
]
_Fee = Annotated[
    int | None,
    typer.Option(
        "--fee",
        metavar="PERCENT",
        parser=parsed(fee_bps, "--fee"),
        help="Of what is charged, the community keeps so much: up to 20%. Default: 0%.",
        show_default=False,
    ),
]
_Limit = Annotated[
    Decimal | None,
    tokens_option("--limit", "What they may owe, lent out of the reserve. Default: nothing."),
]


def _limit_units(limit: Decimal | None, traded: Traded) -> int:
    return 0 if limit is None else units_of(limit, traded, "--limit")


@app.command(epilog=EXIT_CODES, rich_help_panel=OPERATORS)
@sending
async def create(
    session: Session, payment_mint: PaymentMint, objection_time: _ObjectionTime, fee: _Fee = None
) -> None:
    """Create a community; who signs becomes its authority, and settles.

    Example
      amalgam sharing create $PAYMENT_MINT --objection-time 7d --fee 2%
    """
    from amalgam.sharing.program import community_address, initialize
    from amalgam.units import Traded

    traded = Traded.with_decimals(await session.decimals(payment_mint))
    community = community_address(session.address, payment_mint)
    instruction = initialize(
        authority=session.address,
        payment_mint=payment_mint,
        objection_time=objection_time,
        fee_bps=fee or 0,
    )
    receipt = await session.send(f"create community {community}", [instruction], traded)
    session.report(receipt, traded, community=str(community))


@app.command(epilog=EXIT_CODES)
@reading
async def show(session: Session, community: CommunityAddress) -> None:
    """Show what a community holds, and the period under way.

    Example
      amalgam sharing show $COMMUNITY
    """
    from amalgam.programs import plain
    from amalgam.sharing.words import described, described_period

    found, traded = await find_community(session, community)
    periods = await client(session).periods(community)
    lines = described(community, found, traded)
    for each in periods:
        if each.is_under_way:
            lines += described_period(each, traded, await session.now())
    value = {
        "address": str(community),
        **plain(found),
        "periods": [plain(each) for each in periods],
        "unit": traded.base_unit,
    }
    session.answer(value, facts(lines))


@app.command("list", epilog=EXIT_CODES)
@reading
async def list_(session: Session, community: CommunityAddress) -> None:
    """List all participants: what they have, owe, and may owe.

    Example
      amalgam sharing list $COMMUNITY
    """
    from amalgam.programs import plain

    found, traded = await find_community(session, community)
    participants = await client(session).participants(community)
    rows = [
        (
            str(each.owner),
            traded.payment(each.funds),
            traded.payment(each.funds - each.free(found)),
            traded.payment(each.owed),
            traded.payment(each.credit_limit),
            "" if each.is_admitted else "left" if each.left else "not admitted",
        )
        for each in participants
    ]
    titles = ("Owner", "Balance", "Pledged", "Owed", "Limit", "")
    listed = [{"address": str(each.address), **plain(each)} for each in participants]
    value = {"community": str(community), "participants": listed, "unit": traded.base_unit}
    session.answer(value, columns(titles, rows, numbers=titles[1:5]))


async def _measure(session: Session, community: Pubkey) -> Measure:
    return (await find_community(session, community))[1]


add_commands(
    app,
    Operated("a community", "sharing", Program.ENERGY_SHARING, CommunityAddress, _measure),
    pause="Stop admissions, deposits and new periods. Withdrawals and settlement go on.",
    resume="Take deposits and settle periods again.",
)


async def _send(
    session: Session,
    community: Pubkey,
    purpose: str,
    instructions: Callable[[Traded, Pubkey], Awaitable[Sequence[Instruction]]],
) -> None:
    """Send what is made of a community's units and payment mint, and report it."""
    found, traded = await find_community(session, community)
    made = await instructions(traded, found.payment_mint)
    session.report(await session.send(purpose, made, traded), traded)


@app.command(epilog=EXIT_CODES, rich_help_panel=MEMBERS)
@sending
async def join(session: Session, community: CommunityAddress, owner: OwnOrOwnerAddress = None) -> None:
    """Open an account in a community, for anyone, at the payer's expense.

    The authority has to admit them: amalgam sharing admit.

    Example
      amalgam sharing join $COMMUNITY
    """
    from amalgam.sharing.program import open_participant

    whose = owner or session.address

    async def made(_: Traded, __: Pubkey) -> list[Instruction]:
        return [open_participant(payer=session.payer.pubkey(), community=community, owner=whose)]

    await _send(session, community, f"open participant {whose} of {community}", made)


@app.command(epilog=EXIT_CODES, rich_help_panel=OPERATORS)
@sending
async def admit(
    session: Session, community: CommunityAddress, owner: OwnerAddress, limit: _Limit = None
) -> None:
    """Take somebody in, from the next period on, as the authority.

    Who has no account yet gets one, at the payer's expense.

    Examples
      amalgam sharing admit $COMMUNITY $OWNER
      amalgam sharing admit $COMMUNITY $OWNER --limit 20
    """
    from amalgam.sharing.program import admit, open_participant, participant_address

    async def made(traded: Traded, _: Pubkey) -> list[Instruction]:
        address = participant_address(community, owner)
        opening = open_participant(payer=session.payer.pubkey(), community=community, owner=owner)
        is_new = (await session.connection.get_account_info(address)).value is None
        units = _limit_units(limit, traded)
        admission = admit(authority=session.address, community=community, owner=owner, credit_limit=units)
        return [*([opening] if is_new else []), admission]

    await _send(session, community, f"admit {owner} to {community}", made)


@app.command(epilog=EXIT_CODES, rich_help_panel=OPERATORS)
@sending
async def limit(
    session: Session, community: CommunityAddress, owner: OwnerAddress, limit: _Limit = None
) -> None:
    """Set what a participant may owe, as the authority.

    Example
      amalgam sharing limit $COMMUNITY $OWNER --limit 20
    """
    from amalgam.sharing.program import set_credit_limit

    async def made(traded: Traded, _: Pubkey) -> list[Instruction]:
        units = _limit_units(limit, traded)
        at = {"authority": session.address, "community": community, "owner": owner}
        return [set_credit_limit(**at, credit_limit=units)]

    await _send(session, community, f"limit {owner} of {community} to {limit}", made)


@app.command(epilog=EXIT_CODES, rich_help_panel=MEMBERS)
@sending
async def leave(session: Session, community: CommunityAddress, owner: OwnOrOwnerAddress = None) -> None:
    """Leave a community, or dismiss somebody as its authority. The balance stays the owner's.

    Who leaves during a period is still in it.

    Example
      amalgam sharing leave $COMMUNITY
    """
    from amalgam.sharing.program import leave

    whose = owner or session.address
    await find_participant(session, community, whose)

    async def made(_: Traded, __: Pubkey) -> list[Instruction]:
        return [leave(signer=session.address, community=community, owner=whose)]

    await _send(session, community, f"{whose} leaves {community}", made)


@app.command(epilog=EXIT_CODES, rich_help_panel=MEMBERS)
@sending
async def fund(session: Session, community: CommunityAddress, amount: _Tokens, source: Source = None) -> None:
    """Prepay. What is owed is paid back first.

    Example
      amalgam sharing fund $COMMUNITY 40
    """
    from amalgam.sharing.program import deposit

    await find_participant(session, community, session.address)

    async def made(traded: Traded, mint: Pubkey) -> list[Instruction]:
        tokens = await session.source(mint, source)
        units = units_of(amount, traded, "TOKENS")
        return [deposit(owner=session.address, community=community, source=tokens, amount=units)]

    await _send(session, community, f"prepay {amount} of {session.address} to {community}", made)


@app.command(epilog=EXIT_CODES, rich_help_panel=MEMBERS)
@sending
async def withdraw(
    session: Session, community: CommunityAddress, amount: _Tokens, destination: Destination = None
) -> None:
    """Take out what of the balance is not pledged for the period under way.

    Example
      amalgam sharing withdraw $COMMUNITY 12.5
    """
    from amalgam.sharing.program import withdraw

    await find_participant(session, community, session.address)

    async def made(traded: Traded, mint: Pubkey) -> list[Instruction]:
        tokens, creation = session.destination(mint, destination)
        units = units_of(amount, traded, "TOKENS")
        taking = withdraw(owner=session.address, community=community, destination=tokens, amount=units)
        return [*creation, taking]

    await _send(session, community, f"withdraw {amount} of {session.address} from {community}", made)


@app.command("fund-reserve", epilog=EXIT_CODES, rich_help_panel=OPERATORS)
@sending
async def fund_reserve(
    session: Session, community: CommunityAddress, amount: _Tokens, source: Source = None
) -> None:
    """Add to what participants are lent from, as the authority.

    Example
      amalgam sharing fund-reserve $COMMUNITY 500
    """
    from amalgam.sharing.program import deposit_reserve

    async def made(traded: Traded, mint: Pubkey) -> list[Instruction]:
        tokens = await session.source(mint, source)
        units = units_of(amount, traded, "TOKENS")
        return [deposit_reserve(authority=session.address, community=community, source=tokens, amount=units)]

    await _send(session, community, f"add {amount} to the reserve of {community}", made)


@app.command("withdraw-reserve", epilog=EXIT_CODES, rich_help_panel=OPERATORS)
@sending
async def withdraw_reserve(
    session: Session, community: CommunityAddress, amount: _Tokens, destination: Destination = None
) -> None:
    """Take out what of the reserve is not pledged, as the authority: the fees are in it.

    Example
      amalgam sharing withdraw-reserve $COMMUNITY 12.5
    """
    from amalgam.sharing.program import withdraw_reserve

    async def made(traded: Traded, mint: Pubkey) -> list[Instruction]:
        tokens, creation = session.destination(mint, destination)
        units = units_of(amount, traded, "TOKENS")
        at = {"authority": session.address, "community": community}
        return [*creation, withdraw_reserve(**at, destination=tokens, amount=units)]

    await _send(session, community, f"take {amount} from the reserve of {community}", made)


@app.command(epilog=EXIT_CODES, rich_help_panel=OPERATORS)
@sending
async def settle(session: Session, file: CommunityFile, files: ReadingsFiles = None) -> None:
    """Settle what a community's file and readings say, as the authority.

    Posts a line for each member, in as many transactions as that takes, and
    closes the period. Run it again after the time for objections, and every
    line is settled. What was interrupted goes on where it was.

    The file needs the community's address, and each member's owner.

    Examples
      amalgam sharing settle sonnental.toml --dry-run
      amalgam sharing settle sonnental.toml june/*.csv
    """
    from amalgam.programs import plain
    from amalgam.sharing.client import UnsettleableError
    from amalgam.sharing.words import described_period

    community = load(file)
    found, traded = await find_community(session, community.address)
    readings = community.readings(files)
    statement = community.statement(readings, community.rule(traded, found.fee_bps))
    if session.dry_run:
        _foretell(session, statement, traded)
        return
    authority = session.here(session.signer)
    payer = await paying_client(session)
    try:
        with progress("Settling") as begin:
            done = await payer.settle(
                community.address, statement, authority, begin(2 * len(statement.lines))
            )
    except UnsettleableError as error:
        raise Failure(str(error), 1) from None
    value = {
        "community": str(community.address),
        **plain(done.period),
        "signatures": [str(each) for each in done.signatures],
        "unit": traded.base_unit,
    }
    session.answer(
        value,
        facts(described_period(done.period, traded, await session.now())),
        f"Transactions sent: {len(done.signatures):,}",
    )


def _foretell(session: Session, statement: Statement, traded: Traded) -> None:
    lines = list(statement.lines.values())
    value = {
        "dry_run": True,
        "starts_at": statement.starts_at,
        "ends_at": statement.ends_at,
        "digest": statement.digest.hex(),
        "lines": [each._asdict() for each in lines],
        "unit": traded.base_unit,
    }
    session.answer(
        value,
        "Dry run: nothing was sent. These lines would be posted:",
        table_of(lines, traded),
        f"{utc(statement.starts_at)} to {utc(statement.ends_at)}, digest {statement.digest.hex()}",
    )


def table_of(lines: Sequence[Line], traded: Traded) -> Columns:
    """Lines for people."""
    rows = [
        (
            each.member,
            traded.number(each.shared_in),
            traded.number(each.shared_out),
            traded.payment(each.charge),
            traded.payment(each.credit),
        )
        for each in lines
    ]
    titles = ("Member", "In, kWh", "Out, kWh", "Charge", "Credit")
    return columns(titles, rows, numbers=titles[1:])


@app.command("call-off", epilog=EXIT_CODES, rich_help_panel=OPERATORS)
@sending
async def call_off(session: Session, community: CommunityAddress) -> None:
    """Withdraw the period under way, before its first line is settled.

    The authority can; anyone can, if it was not closed in a week. Then it can
    be settled anew, with other readings.

    Example
      amalgam sharing call-off $COMMUNITY
    """
    from amalgam.sharing.program import withdraw_period

    await find_community(session, community)
    period = await find_under_way(session, community)

    async def made(_: Traded, __: Pubkey) -> list[Instruction]:
        return [withdraw_period(signer=session.address, community=community, number=period.number)]

    await _send(session, community, f"withdraw the period of {community} begun as {period.run}", made)


@app.command("object", epilog=EXIT_CODES, rich_help_panel=MEMBERS)
@sending
async def object_(session: Session, community: CommunityAddress) -> None:
    """Object to one's line of the period under way, in public.

    That blocks nothing: the authority may withdraw the period, and others see
    it. What is wrong, amalgam statement verify tells.

    Example
      amalgam sharing object $COMMUNITY
    """
    from amalgam.sharing.program import raise_objection

    await find_participant(session, community, session.address)
    period = await find_under_way(session, community)

    async def made(_: Traded, __: Pubkey) -> list[Instruction]:
        return [raise_objection(owner=session.address, community=community, number=period.number)]

    await _send(session, community, f"{session.address} objects in {community}, run {period.run}", made)


@app.command(epilog=EXIT_CODES)
@reading
async def audit(session: Session, community: CommunityAddress) -> None:
    """Check that a community, its vault and all balances add up, as of one moment.

    Ends with exit code 1 if they do not.

    Example
      amalgam sharing audit $COMMUNITY && echo all is well
    """
    _, traded = await find_community(session, community)
    found = await client(session).audit(community)
    paid = traded.payment
    rows: list[tuple[str, str, Any, int]] = [
        ("Prepaid", "prepaid", paid, found.community.prepaid),
        ("  balances", "funds", paid, found.funds),
        ("Reserve", "reserve", paid, found.community.reserve),
        ("Collected, not yet paid", "pot", paid, found.pot),
        ("In the vault", "vault", paid, found.vault),
        ("  given to nobody", "donated", paid, found.vault - found.held),
    ]
    audited = {"community": str(community), "sequence": found.community.sequence}
    session.report_audit(audited, rows, traded, found.violations)
