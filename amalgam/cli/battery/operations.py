"""`amalgam deposit`, `withdraw`, `allocate`, `deallocate`, `consume`, `release`: what a member does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from amalgam.cli.battery.find import find_share
from amalgam.cli.options import (
    EXIT_CODES,
    MEMBERS,
    AmountArgument,
    BatteryAddress,
    Destination,
    OwnOrOwnerAddress,
    Pubkey,
    address_option,
)
from amalgam.cli.session import Session, amount_of, sending

if TYPE_CHECKING:
    from solders.instruction import Instruction

    from amalgam.battery.program import Battery
    from amalgam.units import Amount, Measure

app = typer.Typer()
_Source = Annotated[
    Pubkey | None,
    address_option("--source", "The owner's token account. Default: their associated one."),
]


@app.command(epilog=EXIT_CODES, rich_help_panel=MEMBERS)
@sending
async def deposit(
    session: Session, battery: BatteryAddress, amount: AmountArgument, source: _Source = None
) -> None:
    """Deposit tokens, for a balance.

    What a battery loses in charging, evaporates from a reservoir or is
    sorted out by a treatment plant is burned. If the efficiency falls in the
    meantime, nothing is deposited.

    Examples
      amalgam deposit $BATTERY 3.5kWh
      amalgam deposit $RESERVOIR 150L --dry-run
      amalgam deposit $TREATMENT_PLANT 40kg
    """
    from spl.token.instructions import get_associated_token_address

    from amalgam.battery.program import deposit_energy

    pool, measure, base_units = await _begun(session, battery, amount)
    owner = session.address
    if source is None:
        source = get_associated_token_address(owner, pool.mint)
        if (await session.connection.get_account_info(source)).value is None:
            raise session.not_found(
                f"no token account {source} of {owner}",
                f"have tokens issued to it: amalgam mint issue {pool.mint} {amount.text} {owner}",
            )
    instruction = deposit_energy(
        owner=owner,
        battery=battery,
        mint=pool.mint,
        source=source,
        amount=base_units,
        minimum_credit=pool.credit_for(base_units),
    )
    purpose = f"deposit {base_units} {measure.base_unit} of {owner} from {source} into {battery}"
    session.report(await session.send(purpose, [instruction], measure), measure)


@app.command(epilog=EXIT_CODES, rich_help_panel=MEMBERS)
@sending
async def withdraw(
    session: Session, battery: BatteryAddress, amount: AmountArgument, destination: Destination = None
) -> None:
    """Withdraw tokens from a balance: at most what is not allocated.

    Examples
      amalgam withdraw $BATTERY 2kWh
      amalgam withdraw $RESERVOIR 0.2m3
      amalgam withdraw $BATTERY 2kWh --destination $TOKEN_ACCOUNT
    """
    from spl.token.instructions import (
        create_idempotent_associated_token_account,
        get_associated_token_address,
    )

    from amalgam.battery.program import withdraw_energy

    pool, measure, base_units = await _begun(session, battery, amount)
    owner, instructions = session.address, []
    if destination is None:
        destination = get_associated_token_address(owner, pool.mint)
        payer = session.payer.pubkey()
        instructions = [create_idempotent_associated_token_account(payer, owner, pool.mint)]
    instruction = withdraw_energy(owner=owner, battery=battery, destination=destination, amount=base_units)
    purpose = f"withdraw {base_units} {measure.base_unit} of {owner} from {battery} to {destination}"
    session.report(await session.send(purpose, [*instructions, instruction], measure), measure)


@app.command(epilog=EXIT_CODES, rich_help_panel=MEMBERS)
@sending
async def allocate(session: Session, battery: BatteryAddress, amount: AmountArgument) -> None:
    """Reserve a part of a balance, up to the limit, until it expires.

    What is allocated already is renewed with it.

    Examples
      amalgam allocate $BATTERY 1.5kWh
      amalgam allocate $RESERVOIR 150L
    """
    from amalgam.battery.program import allocate

    _, measure, base_units = await _begun(session, battery, amount)
    instruction = allocate(owner=session.address, battery=battery, amount=base_units)
    await _reserve(session, f"allocate {base_units} {measure.base_unit}", battery, measure, instruction)


@app.command(epilog=EXIT_CODES, rich_help_panel=MEMBERS)
@sending
async def deallocate(session: Session, battery: BatteryAddress, amount: AmountArgument) -> None:
    """Release a part of what is allocated.

    Examples
      amalgam deallocate $BATTERY 500Wh
      amalgam deallocate $TREATMENT_PLANT 40kg
    """
    from amalgam.battery.program import deallocate

    _, measure, base_units = await _begun(session, battery, amount)
    instruction = deallocate(owner=session.address, battery=battery, amount=base_units)
    await _reserve(session, f"deallocate {base_units} {measure.base_unit}", battery, measure, instruction)


@app.command(epilog=EXIT_CODES, rich_help_panel=MEMBERS)
@sending
async def consume(session: Session, battery: BatteryAddress, amount: AmountArgument) -> None:
    """Use or treat a part of what is allocated, before it expires.

    Its tokens are burned.

    Examples
      amalgam consume $BATTERY 1kWh
      amalgam consume $RESERVOIR 60L
      amalgam consume $TREATMENT_PLANT 1.2t
    """
    from amalgam.battery.program import consume

    pool, measure, base_units = await _begun(session, battery, amount)
    instruction = consume(owner=session.address, battery=battery, mint=pool.mint, amount=base_units)
    await _reserve(session, f"consume {base_units} {measure.base_unit}", battery, measure, instruction)


@app.command(epilog=EXIT_CODES, rich_help_panel=MEMBERS)
@sending
async def release(session: Session, battery: BatteryAddress, owner: OwnOrOwnerAddress = None) -> None:
    """Release a member's expired allocation. Anyone can do it for anyone.

    Examples
      amalgam release $BATTERY $OWNER
    """
    from amalgam.battery.program import release_expired
    from amalgam.battery.words import measure_of
    from amalgam.units import utc

    owner = owner or session.address
    pool, member = await find_share(session, battery, owner)
    measure = measure_of(pool)
    purpose = f"release what {owner} has allocated in {battery} until {utc(member.allocation_expiry)}"
    instruction = release_expired(battery=battery, owner=owner)
    session.report(await session.send(purpose, [instruction], measure), measure)


async def _reserve(
    session: Session, what: str, battery: Pubkey, measure: Measure, instruction: Instruction
) -> None:
    purpose = f"{what} of {session.address} in {battery}"
    session.report(await session.send(purpose, [instruction], measure), measure)


async def _begun(session: Session, battery: Pubkey, amount: Amount) -> tuple[Battery, Measure, int]:
    """The battery, its measure, and the amount in it, once the signer is a member."""
    from amalgam.battery.words import measure_of

    pool, _ = await find_share(session, battery, session.address)
    measure = measure_of(pool)
    return pool, measure, amount_of(amount, measure, "AMOUNT")
