"""`amalgam vpp ...`: what an operator does with a virtual power plant."""

from __future__ import annotations

import typer

from amalgam.cli.authority import Operated, add_commands
from amalgam.cli.options import EXIT_CODES, MintAddress, PaymentMint, PlantAddress, Pubkey
from amalgam.cli.output import facts
from amalgam.cli.session import Session, reading, sending
from amalgam.cli.vpp.find import client, find_plant
from amalgam.programs import Program
from amalgam.units import Measure

app = typer.Typer(
    help="Create a virtual power plant of many batteries, show, pause and audit it.",
    epilog=EXIT_CODES,
)


@app.command(epilog=EXIT_CODES)
@sending
async def create(session: Session, mint: MintAddress, payment_mint: PaymentMint) -> None:
    """Create a virtual power plant; who signs becomes its authority, and operates it.

    What each dispatch is to deliver, and at what price, is announced with
    `amalgam dispatch announce`.

    Example
      amalgam vpp create $ENERGY_MINT $PAYMENT_MINT
    """
    from amalgam.units import Traded
    from amalgam.vpp.program import create, plant_address

    await session.check_mint(mint)
    traded = Traded.with_decimals(await session.decimals(payment_mint))
    plant = plant_address(session.address, mint, payment_mint)
    instructions = create(
        payer=session.payer.pubkey(), authority=session.address, energy_mint=mint, payment_mint=payment_mint
    )
    receipt = await session.send(f"create virtual power plant {plant}", instructions, traded)
    session.report(receipt, traded, plant=str(plant))


@app.command(epilog=EXIT_CODES)
@reading
async def show(session: Session, plant: PlantAddress) -> None:
    """Show what a virtual power plant holds, and who operates it.

    Examples
      amalgam vpp show $VPP --url devnet
      amalgam dispatch list $VPP
    """
    from amalgam.programs import plain
    from amalgam.vpp.words import described

    found, traded = await find_plant(session, plant)
    value = {"address": str(plant), **plain(found), "unit": traded.base_unit}
    session.answer(value, facts(described(plant, found, traded)))


async def _measure(session: Session, plant: Pubkey) -> Measure:
    return (await find_plant(session, plant))[1]


add_commands(
    app,
    Operated("a plant", "vpp", Program.VIRTUAL_POWER_PLANT, PlantAddress, _measure),
    pause="Stop new dispatches and commitments. Deliveries, cancellation and settlement go on.",
    resume="Take dispatches and commitments again.",
)


@app.command(epilog=EXIT_CODES)
@reading
async def audit(session: Session, plant: PlantAddress) -> None:
    """Check that a virtual power plant, its vaults and all that is due add up, as of one moment.

    Ends with exit code 1 if they do not.

    Example
      amalgam vpp audit $VPP && echo all is well
    """
    _, traded = await find_plant(session, plant)
    found = await client(session).audit(plant)
    held, text, paid = found.plant, traded.text, traded.payment
    rows = [
        ("Energy held", "energy_held", text, held.energy_held),
        ("  due", "energy_due", text, found.energy_due),
        ("Energy in the vault", "energy_vault", text, found.energy_vault),
        ("  given to nobody", "energy_donated", text, found.energy_vault - held.energy_held),
        ("Payments held", "payment_held", paid, held.payment_held),
        ("  due", "payment_due", paid, found.payment_due),
        ("Payments in the vault", "payment_vault", paid, found.payment_vault),
        ("  given to nobody", "payment_donated", paid, found.payment_vault - held.payment_held),
    ]
    audited = {"plant": str(plant), "sequence": held.sequence}
    session.report_audit(audited, rows, traded, found.violations)
