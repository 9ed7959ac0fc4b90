"""`amalgam member ...`: the members of a battery, reservoir or treatment plant."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from amalgam.cli.battery.find import client, find_battery, find_share
from amalgam.cli.options import (
    EXIT_CODES,
    BatteryAddress,
    OwnerAddress,
    OwnOrOwnerAddress,
    parsed,
)
from amalgam.cli.output import columns, facts
from amalgam.cli.session import Session, amount_of, reading, sending
from amalgam.units import amount, utc

app = typer.Typer(help="Open and show members, and limit what they may allocate.", epilog=EXIT_CODES)
_AS_POLICY = "policy"
_Limit = Annotated[
    str,
    typer.Argument(
        metavar="LIMIT",
        help=f"An amount like 2kWh, 0.2m3 or 40kg, which may be 0, or `{_AS_POLICY}` for as the policy says.",
        show_default=False,
    ),
]


@app.command("open", epilog=EXIT_CODES)
@sending
async def open_(session: Session, battery: BatteryAddress, owner: OwnOrOwnerAddress = None) -> None:
    """Open a member account, for anyone, at the payer's expense.

    It is in a battery, reservoir or treatment plant.

    The owner need not sign. Theirs alone is the key that can use it.

    Examples
      amalgam member open $BATTERY
      amalgam member open $BATTERY $OWNER --keypair operator.json
    """
    from amalgam.battery.program import open_member
    from amalgam.battery.words import measure_of

    measure = measure_of(await find_battery(session, battery))
    owner = owner or session.address
    instruction = open_member(payer=session.payer.pubkey(), battery=battery, owner=owner)
    receipt = await session.send(f"open member {owner} of {battery}", [instruction], measure)
    session.report(receipt, measure)


@app.command(epilog=EXIT_CODES)
@reading
async def show(session: Session, battery: BatteryAddress, owner: OwnOrOwnerAddress = None) -> None:
    """Show a member's balance and allocation.

    Example
      amalgam member show $BATTERY
    """
    from amalgam.battery.program import POLICY_LIMIT, member_address
    from amalgam.battery.words import measure_of
    from amalgam.programs import plain

    owner = owner or session.address
    pool, member = await find_share(session, battery, owner)
    measure, limit = measure_of(pool), pool.allocation_limit_of(member)
    value = {
        "address": str(member_address(battery, owner)),
        **plain(member),
        "allocation_limit_in_force": limit,
        "unit": measure.base_unit,
    }
    until = f" until {utc(member.allocation_expiry)}" if member.allocated else ""
    own = "" if member.allocation_limit == POLICY_LIMIT else ", their own"
    lines = [
        ("Member", str(owner)),
        (measure.pool.capitalize(), str(battery)),
        ("Balance", measure.text(member.balance)),
        ("Allocated", measure.text(member.allocated) + until),
        ("Withdrawable", measure.text(member.balance - member.allocated)),
        ("Limit", f"{measure.text(limit)} allocated at once{own}"),
    ]
    session.answer(value, facts(lines))


@app.command("list", epilog=EXIT_CODES)
@reading
async def list_(session: Session, battery: BatteryAddress) -> None:
    """List all members, in one request.

    Examples
      amalgam member list $BATTERY
      amalgam member list $BATTERY --output json | jq '.members[] | select(.allocated > 0)'
    """
    from amalgam.battery.words import measure_of
    from amalgam.programs import plain

    pool = await find_battery(session, battery)
    members = await client(session).members(battery)
    measure = measure_of(pool)
    rows = [
        (
            str(each.owner),
            measure.number(each.balance),
            measure.number(each.allocated),
            utc(each.allocation_expiry) if each.allocated else "",
            measure.number(pool.allocation_limit_of(each)),
        )
        for each in members
    ]
    balances = measure.number(sum(each.balance for each in members))
    allocated = measure.number(sum(each.allocated for each in members))
    footer = (f"All {len(members):,}, in {measure.unit}", balances, allocated, "", "")
    titles = ("Member", "Balance", "Allocated", "Until", "Limit")
    table = columns(titles, rows, numbers=("Balance", "Allocated", "Limit"), footer=footer)
    value = {
        "battery": str(battery),
        "unit": measure.base_unit,
        "members": [plain(each) for each in members],
    }
    session.answer(value, table)


@app.command(epilog=EXIT_CODES)
@sending
async def limit(session: Session, battery: BatteryAddress, owner: OwnerAddress, limit: _Limit) -> None:
    """Set what one member may have allocated at once, as the authority.

    What they have allocated already stays so.

    Examples
      amalgam member limit $BATTERY $OWNER 2kWh
      amalgam member limit $BATTERY $OWNER policy
    """
    from amalgam.battery.program import POLICY_LIMIT, set_member_limit
    from amalgam.battery.words import measure_of

    given = None if limit == _AS_POLICY else parsed(partial(amount, least=0), "LIMIT")(limit)
    pool, _ = await find_share(session, battery, owner)
    measure = measure_of(pool)
    base_units = amount_of(given, measure, "LIMIT") if given else POLICY_LIMIT
    instruction = set_member_limit(authority=session.address, battery=battery, owner=owner, limit=base_units)
    receipt = await session.send(f"limit member {owner} of {battery} to {base_units}", [instruction], measure)
    session.report(receipt, measure)
