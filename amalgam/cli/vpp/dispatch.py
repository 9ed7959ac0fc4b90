"""`amalgam dispatch ...`: energy that many deliver together, in a window and at a price announced before."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import typer

from amalgam.cli.failures import Failure
from amalgam.cli.options import (
    EXIT_CODES,
    MEMBERS,
    OPERATORS,
    Destination,
    DispatchAddress,
    EnergyArgument,
    PlantAddress,
    Price,
    Pubkey,
    Source,
    Tolerance,
    address_argument,
    address_option,
    duration_option,
    price_option,
    start_option,
)
from amalgam.cli.output import columns, facts, progress
from amalgam.cli.session import Session, reading, sending, units_of, unsettled_text, unsettled_value
from amalgam.cli.vpp.find import client, find_commitment, find_dispatch, find_plant, paying_client
from amalgam.units import Start, counted, utc

if TYPE_CHECKING:
    from amalgam.units import Traded
    from amalgam.vpp.program import Commitment, Dispatch

app = typer.Typer(
    help="Announce dispatches of a virtual power plant; commit to them, deliver and settle.",
    epilog=EXIT_CODES,
)

_Start = Annotated[
    Start, start_option("--start", "Of the delivery: like 2026-06-22T12:00+02:00, or 90m from now.")
]
_Duration = Annotated[int, duration_option("--duration", "Of the delivery, like 90m or 2h.")]
_Bond = Annotated[
    Decimal, price_option("--bond", "What each who commits deposits, like 0.1/kWh; lost if not delivered.")
]
_Announcement = Annotated[
    int | None,
    typer.Option(
        min=1,
        metavar="EVENT",
        help="Whose terms you know, as `amalgam dispatch show` tells it: if it is announced anew, "
        "nothing happens. Default: the latest.",
        show_default=False,
    ),
]
_CommitmentAddress = Annotated[Pubkey, address_argument("COMMITMENT", "The address of the commitment.")]
_Only = Annotated[Pubkey | None, address_option("--only", "This commitment alone.")]


@app.command(epilog=EXIT_CODES, rich_help_panel=OPERATORS)
@sending
async def announce(
    session: Session,
    plant: PlantAddress,
    target: EnergyArgument,
    start: _Start,
    duration: _Duration,
    price: Price,
    bond: _Bond,
    tolerance: Tolerance = None,
    source: Source = None,
) -> None:
    """Announce how much energy is wanted, when, and what it earns, as the operator.

    The reward for all of it moves to the plant's vault at once; what is not
    earned comes back when the dispatch is settled. The rent of its account, which
    later dispatches use again, is paid once.

    Examples
      amalgam dispatch announce $VPP 10kWh --start 90m --duration 2h --price 0.4/kWh --bond 0.1/kWh
      amalgam dispatch announce $VPP 10kWh --start 2026-06-22T18:00+02:00 --duration 2h
        --price 0.4/kWh --bond 0.1/kWh --tolerance 10% --output json | jq -r '.events[-1].dispatch'
    """
    from amalgam.vpp.program import announce, dispatch_address, open_dispatch

    found, traded = await find_plant(session, plant)
    price_units, bond_units = units_of(price, traded, "--price"), units_of(bond, traded, "--bond")
    tokens = await session.source(found.payment_mint, source)
    number, is_new = await client(session).free_dispatch(plant)
    opening = open_dispatch(payer=session.payer.pubkey(), plant=plant, number=number)
    starts_at = start.unix_s(await session.now())
    announcing = announce(
        authority=session.address,
        plant=plant,
        dispatch=dispatch_address(plant, number),
        source=tokens,
        starts_at=starts_at,
        ends_at=starts_at + duration,
        target=target,
        price=price_units,
        bond_price=bond_units,
        tolerance_bps=tolerance or 0,
    )
    purpose = f"announce {target} Wh of {plant} at {price_units} from {start.text} on for {duration} s"
    accounts = await session.openings(found.energy_mint, found.payment_mint)
    receipt = await session.send(purpose, [*accounts, *([opening] if is_new else []), announcing], traded)
    session.report(receipt, traded)


@app.command("list", epilog=EXIT_CODES)
@reading
async def list_(session: Session, plant: PlantAddress) -> None:
    """List a plant's dispatches, by the time of delivery, in one request.

    Those of which everything is settled are listed until their accounts are
    used again.

    Examples
      amalgam dispatch list $VPP
      amalgam dispatch list $VPP --output json | jq '.dispatches[].address'
    """
    from amalgam.programs import plain
    from amalgam.vpp.words import state

    _, traded = await find_plant(session, plant)
    now = await session.now()
    announced = [each for each in await client(session).dispatches(plant) if each.announcement]
    announced.sort(key=lambda dispatch: dispatch.starts_at)
    rows = [
        (
            utc(each.starts_at),
            utc(each.ends_at),
            traded.number(each.target),
            traded.number(each.committed),
            traded.number(each.credited),
            traded.price(each.price),
            state(each, now),
            str(each.address),
        )
        for each in announced
    ]
    titles = ("From", "To", "Target, kWh", "Committed", "Delivered", "Price", "State", "Dispatch")
    dispatches = [
        {"address": str(each.address), **plain(each), "state": state(each, now)} for each in announced
    ]
    value = {"plant": str(plant), "unit": traded.base_unit, "dispatches": dispatches}
    session.answer(value, columns(titles, rows, numbers=titles[2:6]))


@app.command(epilog=EXIT_CODES)
@reading
async def show(session: Session, dispatch: DispatchAddress) -> None:
    """Show a dispatch: its terms, and what has come of it.

    Example
      amalgam dispatch show $DISPATCH
    """
    from amalgam.programs import plain
    from amalgam.vpp.words import described_dispatch, state

    found, traded = await _found(session, dispatch)
    now = await session.now()
    value = {"address": str(dispatch), **plain(found), "state": state(found, now)}
    lines = described_dispatch(dispatch, found, traded, now)
    session.answer({**value, "unit": traded.base_unit}, facts(lines))


@app.command(epilog=EXIT_CODES)
@reading
async def commitments(session: Session, dispatch: DispatchAddress) -> None:
    """List the commitments to a dispatch that are not settled, in one request.

    Examples
      amalgam dispatch commitments $DISPATCH
      amalgam dispatch commitments $DISPATCH --output json | jq '.commitments[].owner'
    """
    from amalgam.programs import plain

    found, traded = await _found(session, dispatch)
    waiting = await _waiting(session, dispatch, found)
    rows = [
        (
            traded.number(each.amount),
            traded.number(each.delivered),
            traded.payment(each.bond),
            str(address),
            str(each.owner),
        )
        for address, each in waiting.items()
    ]
    titles = ("Committed, kWh", "Delivered", "Bond", "Commitment", "Owner")
    listed = [{"address": str(address), **plain(each)} for address, each in waiting.items()]
    value = {"dispatch": str(dispatch), "unit": traded.base_unit, "commitments": listed}
    session.answer(value, columns(titles, rows, numbers=titles[:3]))


@app.command(epilog=EXIT_CODES, rich_help_panel=MEMBERS)
@sending
async def commit(
    session: Session,
    dispatch: DispatchAddress,
    amount: EnergyArgument,
    announcement: _Announcement = None,
    source: Source = None,
) -> None:
    """Commit to deliver a part of a dispatch, before it starts, and pay the bond.

    As much of the bond comes back as is delivered of what was committed.

    Examples
      amalgam dispatch commit $DISPATCH 4kWh --dry-run
      amalgam dispatch commit $DISPATCH 4kWh
      amalgam dispatch commit $DISPATCH 4kWh --output json | jq -r '.events[-1].commitment'
    """
    from amalgam.vpp.program import commit, commitment_address, open_commitment

    found = await find_dispatch(session, dispatch)
    plant, traded = await find_plant(session, found.plant)
    tokens = await session.source(plant.payment_mint, source)
    number, is_new = await client(session).free_commitment(found.plant, session.address)
    opening = open_commitment(
        payer=session.payer.pubkey(), plant=found.plant, owner=session.address, number=number
    )
    known = announcement or found.announcement
    committing = commit(
        owner=session.address,
        plant=found.plant,
        dispatch=dispatch,
        commitment=commitment_address(found.plant, session.address, number),
        source=tokens,
        amount=amount,
        announcement=known,
    )
    purpose = f"commit {session.address} to {amount} Wh of dispatch {dispatch}, announced as {known}"
    accounts = await session.openings(plant.payment_mint)
    receipt = await session.send(purpose, [*accounts, *([opening] if is_new else []), committing], traded)
    session.report(receipt, traded)


@app.command(epilog=EXIT_CODES, rich_help_panel=MEMBERS)
@sending
async def deliver(
    session: Session, address: _CommitmentAddress, amount: EnergyArgument, source: Source = None
) -> None:
    """Deliver energy for a commitment, between the start and the end of its dispatch.

    In as many parts as you like, and as much more as the dispatch tolerates: it
    is paid if others fall short.

    Example
      amalgam dispatch deliver $COMMITMENT 1.5kWh
    """
    from amalgam.vpp.program import deliver

    found = await find_commitment(session, address)
    plant, traded = await find_plant(session, found.plant)
    tokens = await session.source(plant.energy_mint, source)
    instruction = deliver(
        owner=session.address,
        plant=found.plant,
        dispatch=found.dispatch,
        commitment=address,
        source=tokens,
        amount=amount,
    )
    purpose = f"deliver {amount} Wh of {session.address} for {address} to dispatch {found.dispatch}"
    session.report(await session.send(purpose, [instruction], traded), traded)


@app.command(epilog=EXIT_CODES, rich_help_panel=OPERATORS)
@sending
async def cancel(session: Session, dispatch: DispatchAddress, destination: Destination = None) -> None:
    """Call off a dispatch before it starts, as the operator. The reward comes back.

    Every bond goes back to its owner when the dispatch is settled, which anyone
    can do at once.

    Example
      amalgam dispatch cancel $DISPATCH
    """
    from amalgam.vpp.program import cancel_dispatch

    found = await find_dispatch(session, dispatch)
    plant, traded = await find_plant(session, found.plant)
    tokens, creation = session.destination(plant.payment_mint, destination)
    instruction = cancel_dispatch(
        authority=session.address, plant=found.plant, dispatch=dispatch, destination=tokens
    )
    purpose = f"cancel dispatch {dispatch}, announced as {found.announcement}"
    session.report(await session.send(purpose, [*creation, instruction], traded), traded)


@app.command(epilog=EXIT_CODES)
@sending
async def settle(session: Session, dispatch: DispatchAddress, only: _Only = None) -> None:
    """Settle a dispatch that has ended or was cancelled. Anyone can.

    Who delivered gets their reward and bond, and the operator the energy and
    what is left of the reward, in as many transactions as that takes. What was
    interrupted goes on where it was.

    Examples
      amalgam dispatch settle $DISPATCH --dry-run
      amalgam dispatch settle $DISPATCH
      amalgam dispatch settle $DISPATCH --only $COMMITMENT
    """
    found, traded = await _found(session, dispatch)
    if only:
        await _settle_one(session, dispatch, only, traded)
        return
    if not found.cancelled and await session.now() < found.ends_at:
        raise Failure(f"dispatch {dispatch} has not ended; settle it from {utc(found.ends_at)} on", 1)
    waiting = await _waiting(session, dispatch, found)
    if session.dry_run:
        _foretell(session, dispatch, found, waiting, traded)
        return
    payer = await paying_client(session)
    with progress("Settling") as begin:
        settlement = await payer.settle(dispatch, begin(found.active + len(waiting)))
    done = settlement.dispatch
    value = {
        "dispatch": str(dispatch),
        "operator_settled": not done.active,
        "commitments": done.commitment_count,
        "settled": done.settled_count,
        "signatures": [str(each) for each in settlement.signatures],
        "unsettled": unsettled_value(settlement.unsettled),
        "unit": traded.base_unit,
    }
    session.answer(
        value,
        f"Delivered {traded.text(done.credited)} as committed, and {traded.text(done.surplus)} beyond",
        f"Settled {done.settled_count:,} of {counted(done.commitment_count, 'commitment')}",
        f"Transactions sent: {len(settlement.signatures):,}",
    )
    for account, each in settlement.unsettled.items():
        whose = "the operator's part" if account == dispatch else f"commitment {account}"
        session.say(f"{whose} {unsettled_text(each, traded)}")
    if settlement.unsettled:
        raise Failure(
            f"some could not be settled; once that is mended, run: amalgam dispatch settle {dispatch}", 1
        )


async def _settle_one(session: Session, dispatch: Pubkey, commitment: Pubkey, traded: Traded) -> None:
    from amalgam.chain.tokens import payee
    from amalgam.vpp.program import settle_commitment

    found = await find_commitment(session, commitment)
    plant, _ = await find_plant(session, found.plant)
    tokens = await payee(session.connection, found.owner, plant.payment_mint)
    instruction = settle_commitment(
        plant=found.plant, dispatch=dispatch, commitment=commitment, destination=tokens
    )
    purpose = f"settle commitment {commitment} to dispatch {dispatch}"
    session.report(await session.send(purpose, [instruction], traded), traded)


def _foretell(
    session: Session,
    address: Pubkey,
    dispatch: Dispatch,
    waiting: dict[Pubkey, Commitment],
    traded: Traded,
) -> None:
    energy, payment = 0, 0
    if dispatch.active:
        energy, payment = dispatch.credited + dispatch.surplus, dispatch.remainder
    due = sum(each.due(dispatch) for each in waiting.values()) + dispatch.unpaid_pool
    value = {
        "dry_run": True,
        "dispatch": str(address),
        "operator_energy": energy,
        "operator_payment": payment,
        "commitments_to_settle": len(waiting),
        "owners_payment": due,
        "unit": traded.base_unit,
    }
    session.answer(
        value,
        "Dry run: nothing was sent. It would be so:",
        f"The operator gets {traded.text(energy)} and {traded.payment(payment)}",
        f"Commitments settled: {len(waiting):,}; their owners get {traded.payment(due)}",
    )


async def _found(session: Session, dispatch: Pubkey) -> tuple[Dispatch, Traded]:
    found = await find_dispatch(session, dispatch)
    return found, (await find_plant(session, found.plant))[1]


async def _waiting(session: Session, address: Pubkey, dispatch: Dispatch) -> dict[Pubkey, Commitment]:
    """The commitments to a dispatch that are not settled, by their addresses."""
    found = await client(session).commitments(dispatch.plant, dispatch=address)
    return {each.address: each for each in found if each.active}
