"""`amalgam demo --all`: a day of a community through all programs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from amalgam import built
from amalgam.cli import output
from amalgam.units import ENERGY, counted

if TYPE_CHECKING:
    from amalgam.programs import Engine
    from amalgam.scenarios.day import Day, Household

_Flow = Callable[["Household"], int]


def lived(engine: Engine) -> Day:
    """Live the day of the readings that come with this package, on a chain inside this process."""
    from amalgam.chain.embedded import EmbeddedChain
    from amalgam.programs import Program
    from amalgam.readings.community import community
    from amalgam.readings.read import read_files
    from amalgam.scenarios.day import HOURS, live

    readings = community(read_files([built("community.csv")]))
    chain = EmbeddedChain()
    for program in Program:
        chain.add_program(program.program_id, program.runs_from(engine))
    with output.progress("Living a day") as begin:
        show = begin(HOURS)

        async def travel_to(moment: int) -> None:
            chain.unix_timestamp = moment

        return asyncio.run(live(readings, chain.client(), travel_to=travel_to, hour=show))


def plain(day: Day) -> dict[str, Any]:
    """For programs: each amount's name ends in its unit; a microcoin is a coin's base unit."""

    def energies(record: Any, *names: str) -> dict[str, int]:
        return {f"{name}_wh": getattr(record, name) for name in names}

    flows = ("metered", "deposited", "from_battery", "sold", "bought", "used", "delivered")
    places = ("minted", "stored", "in_wallets", "in_market", "delivered", "consumed", "lost")
    return {
        "households": [
            {
                "name": each.name,
                **energies(each, *flows, "tokens", "balance"),
                "paid_microcoins": each.paid,
            }
            for each in day.households
        ],
        "hours": [{"end": each.end.isoformat(), **energies(each, *places)} for each in day.hours],
        "orders": [
            {"side": side.name, "price_microcoins_per_kwh": price, "amount_wh": amount}
            for side, price, amount in day.book
        ],
        "price_microcoins_per_kwh": day.price,
        **energies(day, "volume", "minted", "held", "consumed", "lost"),
        "fees_microcoins": day.fees,
        "operator_paid_microcoins": day.operator_paid,
        "violations": day.violations,
    }


def show(day: Day) -> None:
    """For people: the statement of each household, and whether everything is found."""
    from amalgam.scenarios.day import COIN

    def coins(amount: int) -> str:
        return f"{amount / COIN:+,.2f}" if amount else "0.00"

    flows: dict[str, _Flow] = {
        "Metered": lambda each: each.metered,
        "Into\nbattery": lambda each: each.deposited,
        "From\nbattery": lambda each: each.from_battery,
        "Sold": lambda each: each.sold,
        "Bought": lambda each: each.bought,
        "Dispatched": lambda each: each.delivered,
        "Left": lambda each: each.tokens + each.balance,
    }
    rows = [
        (each.name, *(ENERGY.number(of(each), 1) for of in flows.values()), coins(each.paid))
        for each in day.households
    ]
    table = output.columns(("Household", *flows, "Coins"), rows, numbers=(*flows, "Coins"))
    text = ENERGY.text
    delivered = sum(each.delivered for each in day.households)
    adds_up = (
        f"tokens: minted {text(day.minted)} = held {text(day.held)} + consumed {text(day.consumed)} "
        f"+ lost in charging {text(day.lost)}; payments sum to zero, {day.fees:,} base units of them fees"
    )
    auction = f"{counted(len(day.book), 'order')}: {text(day.volume)} at {day.price / COIN:.3f} coins a kWh"
    lines = [
        ("Auction", auction),
        ("Dispatch", f"{text(delivered)} delivered, for {-day.operator_paid / COIN:,.2f} coins"),
        ("Audit", "; ".join(day.violations) or adds_up),
    ]
    output.show(output.title("The evening's statement, in kWh and in coins"), table, "", output.facts(lines))
