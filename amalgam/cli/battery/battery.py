"""`amalgam battery ...`, `amalgam reservoir ...`, `amalgam treatment-plant ...`: operating one."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amalgam.cli.authority import Operated, add_commands
from amalgam.cli.battery.export import export, told_otherwise
from amalgam.cli.battery.find import client, find_battery
from amalgam.cli.battery.watch import watch
from amalgam.cli.options import (
    EXIT_CODES,
    BatteryAddress,
    BooksPlace,
    Efficiency,
    Lifetime,
    MintAddress,
    Pubkey,
    UnusableInput,
    amount_option,
)
from amalgam.cli.output import facts
from amalgam.cli.session import Session, amount_of, reading, sending
from amalgam.programs import Program
from amalgam.units import ENERGY, MEASURES, Amount, Measure, counted

if TYPE_CHECKING:
    from amalgam.battery.client import BatteryAudit

_HELP = "Create a battery, set its policy, watch and audit it."

app = typer.Typer(help=_HELP, epilog=EXIT_CODES)

_Capacity = Annotated[
    Amount | None, amount_option("--capacity", "What it can hold, like 300kWh, 50m3 or 20t.")
]
_Limit = Annotated[
    Amount | None, amount_option("--allocation-limit", "What each member may have allocated at once.")
]


async def create(
    session: Session,
    mint: MintAddress,
    capacity: Annotated[Amount, amount_option("--capacity", "What it can hold, like 300kWh, 50m3 or 20t.")],
    allocation_limit: _Limit = None,
    allocation_lifetime: Lifetime = None,
    efficiency: Efficiency = None,
) -> None:
    """Create a battery for a mint's tokens; who signs becomes its authority.

    If not told otherwise, each member may allocate all of the capacity for
    24 h, and deposits are credited in full.

    Examples
      amalgam battery create $MINT --capacity 300kWh --efficiency 95%
      amalgam battery create $MINT --capacity 50kWh --allocation-limit 0.5kWh
      amalgam battery create $MINT --capacity 20kWh --allocation-lifetime 7d
    """
    from amalgam.battery.program import battery_address, initialize
    from amalgam.units import Resource

    measure = capacity.measure
    limit = amount_of(allocation_limit, measure, "--allocation-limit") if allocation_limit else None
    await session.check_mint(mint)
    instruction = initialize(
        authority=session.address,
        mint=mint,
        resource=Resource(MEASURES.index(measure)),
        capacity=capacity.base_units,
        allocation_limit=limit or capacity.base_units,
        allocation_lifetime=allocation_lifetime or 86_400,
        efficiency_bps=efficiency or 10_000,
    )
    address = battery_address(session.address, mint)
    receipt = await session.send(f"create {measure.pool} {address}", [instruction], measure)
    session.report(receipt, measure, battery=str(address))


def _creating(measure: Measure) -> Callable[..., None]:
    """The command `create` that holds the capacity to one resource."""
    run = sending(create)

    @wraps(run)
    def checked(**arguments: Any) -> None:
        amount_of(arguments["capacity"], measure, "--capacity")
        run(**arguments)

    return checked


app.command("create", epilog=EXIT_CODES)(_creating(ENERGY))


@app.command(epilog=EXIT_CODES)
@reading
async def show(session: Session, battery: BatteryAddress) -> None:
    """Show what a battery holds, and its policy.

    Example
      amalgam battery show $BATTERY --url devnet
    """
    from amalgam.battery.words import described, measure_of
    from amalgam.programs import plain

    pool = await find_battery(session, battery)
    measure = measure_of(pool)
    value = {"address": str(battery), **plain(pool), "unit": measure.base_unit}
    session.answer(value, facts(described(battery, pool, measure)))


@app.command(epilog=EXIT_CODES)
@sending
async def policy(
    session: Session,
    battery: BatteryAddress,
    capacity: _Capacity = None,
    allocation_limit: _Limit = None,
    allocation_lifetime: Lifetime = None,
    efficiency: Efficiency = None,
) -> None:
    """Set a battery's policy for what comes after; what is not named stays as it is.

    Examples
      amalgam battery policy $BATTERY --efficiency 92.5%
      amalgam battery policy $BATTERY --capacity 400kWh --dry-run
    """
    from amalgam.battery import words
    from amalgam.battery.program import set_policy

    if not (capacity or allocation_limit or allocation_lifetime or efficiency):
        raise UnusableInput(
            "nothing to set; give --capacity, --allocation-limit, --allocation-lifetime or --efficiency"
        )
    pool = await find_battery(session, battery)
    measure = words.measure_of(pool)
    values = {
        "capacity": amount_of(capacity, measure, "--capacity") if capacity else pool.capacity,
        "allocation_limit": amount_of(allocation_limit, measure, "--allocation-limit")
        if allocation_limit
        else pool.allocation_limit,
        "allocation_lifetime": allocation_lifetime or pool.allocation_lifetime,
        "efficiency_bps": efficiency or pool.efficiency_bps,
    }
    instruction = set_policy(authority=session.address, battery=battery, **values)
    purpose = f"set the policy of {battery}: {words.policy(replace(pool, **values), measure)}"
    session.report(await session.send(purpose, [instruction], measure), measure)


async def _measure(session: Session, battery: Pubkey) -> Measure:
    from amalgam.battery.words import measure_of

    return measure_of(await find_battery(session, battery))


add_commands(
    app,
    Operated("a battery", "battery", Program.ENERGY_ALLOCATION, BatteryAddress, _measure),
    pause="Stop deposits and allocations. What lets a member leave goes on.",
    resume="Take deposits and allocations again.",
)


@app.command(epilog=EXIT_CODES)
@reading
async def audit(session: Session, battery: BatteryAddress, books: BooksPlace = None) -> None:
    """Check that a battery, its members and its vault add up, as of one moment.

    With --books, that its events make them too. Ends with exit code 1 if
    they do not.

    Example
      amalgam battery audit $BATTERY && echo all is well
    """
    from amalgam.battery.words import measure_of

    await find_battery(session, battery)
    found = await client(session).audit(battery)
    measure = measure_of(found.battery)
    rows = [(title, name, measure.text, amount) for title, name, amount in _audited(found)]
    audited = {
        "battery": str(battery),
        "sequence": found.battery.sequence,
        "members": len(found.members),
    }
    violations = [*found.violations, *(await told_otherwise(session, books, battery, found) if books else [])]
    session.report_audit(audited, rows, measure, violations)


def _audited(found: BatteryAudit) -> list[tuple[str, str, int]]:
    battery, members = found.battery, found.members
    return [
        ("Capacity", "capacity", battery.capacity),
        ("Stored", "stored", battery.stored),
        ("  available", "available", battery.available),
        ("  allocated", "allocated", battery.allocated),
        (
            f"Balances of {counted(len(members), 'member')}",
            "balances",
            sum(each.balance for each in members),
        ),
        ("  allocated", "allocated_by_members", sum(each.allocated for each in members)),
        ("Tokens in the vault", "vault", found.vault_amount),
        ("  given to nobody", "donations", found.donations),
    ]


app.command(epilog=EXIT_CODES)(export)
app.command(epilog=EXIT_CODES)(watch)


def in_resource_words(measure: Measure) -> typer.Typer:
    """The same commands for what holds another resource, in its words."""
    group = typer.Typer(help=measure.in_resource_words(_HELP), epilog=EXIT_CODES)
    for each in app.registered_commands:
        command = _creating(measure) if each.name == "create" else each.callback
        if command:
            text = measure.in_resource_words(inspect.getdoc(command) or "")
            group.command(each.name, help=text, epilog=EXIT_CODES)(command)
    return group
