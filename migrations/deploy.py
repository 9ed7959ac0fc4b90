"""Deploys the program and creates a battery, on any cluster."""

from typing import Annotated

import typer

from amalgam.cli import battery, program
from amalgam.cli.options import Efficiency, MintAddress, amount_option
from amalgam.cli.session import Failure, Session, sending
from amalgam.energy_allocation import battery_address
from amalgam.units import Amount

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command()
@sending
async def migrate(
    session: Session,
    mint: MintAddress,
    capacity: Annotated[Amount, amount_option("--capacity", "What the battery can hold, like 300kWh.")],
    efficiency: Efficiency = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Go on without asking.")] = False,
) -> None:
    """Deploy the program, or upgrade it, and create a battery, on any cluster.

    What is there already stays as it is. After a break run the same again.

    Example
      amalgam mint create --url devnet
      python migrations/deploy.py $MINT --capacity 300kWh --url devnet
    """
    await program.deploy(session, yes=yes)
    if session.dry_run:
        return
    address = battery_address(session.address, mint)
    try:
        await session.battery(address)
    except Failure:
        await battery.create(session, mint, capacity, efficiency=efficiency)
    else:
        session.say(f"battery {address} is there already")


if __name__ == "__main__":
    app()
