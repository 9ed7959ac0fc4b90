"""`amalgam demo --all`: a day of a community through all programs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from amalgam import built
from amalgam.cli.output import progress
from amalgam.cli.session import Failure
from amalgam.units import ENERGY

if TYPE_CHECKING:
    from amalgam.day import Day
    from amalgam.readings import Readings


def demo() -> bytes:
    """Live the day on a chain inside this process, and print its statement: its picture, a PNG."""
    from amalgam import chart
    from amalgam.readings import load_readings

    day = _lived(load_readings(built("community.csv")))
    _print(day)
    if day.violations:
        raise Failure("; ".join(day.violations), 1)
    return chart.day_png(day)


def _lived(readings: Readings) -> Day:
    from amalgam.day import HOURS, live
    from amalgam.embedded import EmbeddedChain
    from amalgam.program_id import Program

    chain = EmbeddedChain()
    for program in Program:
        chain.add_program(program.program_id, program.code)
    with progress("Living a day") as begin:
        show = begin(HOURS)

        async def travel_to(moment: int) -> None:
            chain.unix_timestamp = moment

        return asyncio.run(live(readings, chain.client(), travel_to=travel_to, hour=show))


def _print(day: Day) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from amalgam.day import COIN

    def coins(amount: int) -> str:
        return f"{amount / COIN:+,.2f}" if amount else "0.00"

    table = Table(
        title="The evening's statement, in kWh and in coins",
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        show_edge=False,
    )
    table.add_column("Household", no_wrap=True)
    titles = ("Metered", "Into\nbattery", "From\nbattery", "Sold", "Bought", "Dis-\npatched", "Left", "Coins")
    for title in titles:
        table.add_column(title, justify="right", vertical="bottom", no_wrap=True)
    for each in day.households:
        energies = (each.metered, each.deposited, each.from_battery, each.sold, each.bought, each.delivered)
        cells = [ENERGY.number(amount, 1) for amount in (*energies, each.tokens + each.balance)]
        table.add_row(Text(each.name), *cells, coins(each.paid))
    text = ENERGY.text
    delivered = sum(each.delivered for each in day.households)
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column()
    facts.add_row(
        "Auction", f"{len(day.book)} orders: {text(day.volume)} at {day.price / COIN:.3f} coins a kWh"
    )
    facts.add_row("Dispatch", f"{text(delivered)} delivered, for {-day.operator_paid / COIN:,.2f} coins")
    adds_up = (
        f"tokens: minted {text(day.minted)} = held {text(day.held)} + consumed {text(day.consumed)} "
        f"+ lost in charging {text(day.lost)}; payments sum to zero, {day.fees:,} base units of them fees"
    )
    facts.add_row("Audit", "; ".join(day.violations) or adds_up)
    console = Console(highlight=False)
    console.print(table)
    console.print(facts)
