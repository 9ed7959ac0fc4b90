"""Deploys the program and creates a battery, reservoir or treatment plant, on any cluster."""

from typing import Annotated

import typer

from amalgam.battery.program import battery_address
from amalgam.cli import program
from amalgam.cli.battery import battery
from amalgam.cli.battery.find import find_battery
from amalgam.cli.options import Efficiency, MintAddress, amount_option
from amalgam.cli.session import Failure, Session, sending
from amalgam.units import MEASURES, Amount

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


@app.command()
@sending
async def migrate(
    session: Session,
    mint: MintAddress,
    capacity: Annotated[Amount, amount_option("--capacity", "What it can hold, like 300kWh, 50m3 or 20t.")],
    efficiency: Efficiency = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Go on without asking.")] = False,
) -> None:
    """Deploy the program, or upgrade it, and create a battery, on any cluster.

    Or a reservoir, or a treatment plant, as the unit of its capacity says.
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
        found = await find_battery(session, address)
    except Failure:
        await battery.create(session, mint, capacity, efficiency=efficiency)
    else:
        session.say(f"{MEASURES[found.resource].pool} {address} is there already")


if __name__ == "__main__":
    app()
