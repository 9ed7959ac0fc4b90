"""`amalgam demo`: a week of a village in which everybody has a part."""

from __future__ import annotations

import asyncio
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from amalgam import AmalgamError, built
from amalgam.cli import output
from amalgam.cli.failures import Failure
from amalgam.units import ENERGY, counted

if TYPE_CHECKING:
    from amalgam.programs import Engine
    from amalgam.readings.model import Readings
    from amalgam.scenarios.bill import Bill
    from amalgam.scenarios.village import Week
    from amalgam.sharing.figures import Figures

_FILE = "sonnental-bills.toml"  # the village's


class Lived(NamedTuple):
    """A week, and the bill of one of its houses."""

    week: Week
    bill: Bill


def lived(readings: Readings, engine: Engine) -> Lived:
    """Live a week on a chain inside this process, and bill one of the houses."""
    from amalgam.billing.settings import load_billing
    from amalgam.chain.embedded import EmbeddedChain
    from amalgam.scenarios.bill import bill
    from amalgam.scenarios.village import PROGRAMS, live
    from amalgam.sharing.settings import load_settings

    settings, billing = load_settings(built(_FILE)), load_billing(built(_FILE))
    chain = EmbeddedChain()
    for program in PROGRAMS:
        chain.add_program(program.program_id, program.runs_from(engine))
    with output.progress("Living a week") as begin:
        show = begin(len(readings.starts))

        async def travel_to(moment: int) -> None:
            chain.unix_timestamp = moment

        def step(start: datetime) -> None:
            show(f"{start:%a %d %b}")

        try:
            week = asyncio.run(live(readings, settings, chain.client(), travel_to=travel_to, step=step))
            return Lived(week, bill(week, billing))
        except AmalgamError as error:
            raise Failure(str(error), 1) from None


# For programs: each amount's name ends in its unit


def plain(lived: Lived) -> dict[str, Any]:
    """The whole week; a microcoin is a millionth of the currency."""
    week, bill = lived
    account, readings = week.account, week.readings
    names = [each.name for each in fields(account.flows)]
    houses, village = week.figures()
    market = week.from_market.sum(axis=0).tolist()

    def flows(figures: Figures, from_market: int) -> dict[str, int]:
        told = {f"{name}_wh": getattr(figures, name) for name in (*names, "balance")}
        return {**told, "from_market_wh": from_market}

    def interval(row: int) -> dict[str, Any]:
        amounts = {f"{name}_wh": int(getattr(account.flows, name)[row].sum()) for name in names}
        stored, traded = int(account.stored[row]), int(week.from_market[row].sum())
        start = readings.start(row).isoformat()
        return {"start": start, **amounts, "from_market_wh": traded, "stored_wh": stored}

    return {
        "name": week.settings.name,
        "currency": bill.document.currency,
        "capacity_wh": week.capacity,
        "interval_s": int(readings.interval.total_seconds()),
        "houses": [
            {
                "name": figures.name,
                **flows(figures, traded),
                "sold_in_auctions_wh": sold,
                "auctions_microcoins": earned,
                "charge_microcoins": line.charge,
                "credit_microcoins": line.credit,
                "saved_microcoins": _microcoins(figures),
            }
            for figures, traded, sold, earned, line in zip(
                houses, market, week.sold, week.earned, week.lines, strict=True
            )
        ],
        "all": {**flows(village, sum(market)), "saved_microcoins": _microcoins(village)},
        "intervals": [interval(row) for row in range(len(readings.starts))],
        "auctions": [
            {
                "delivery": datetime.fromtimestamp(each.starts_at, readings.start(0).tzinfo).isoformat(),
                "orders": each.order_count,
                "price_microcoins_per_kwh": each.price,
                "volume_wh": each.volume,
            }
            for each in week.auctions
        ],
        "lost_wh": week.lost,
        "digest": week.digest.hex(),
        "bill": {
            "house": bill.line.member,
            "number": bill.document.number,
            "line": bill.line._asdict(),
            "settled_cents": bill.document.settled,
            "gross_cents": bill.document.gross,
        },
        "transactions": week.transactions,
        "seconds": week.seconds,
    }


def _microcoins(figures: Figures) -> int:
    return round((figures.savings or 0) * 10**6)


# For people


def show(lived: Lived) -> None:
    """What each house has had, and what it all comes to."""
    week, bill = lived
    houses, village = week.figures()
    without = [each for each in houses if not each.produced]
    modules = f", {len(houses) - len(without)} of them with solar modules" if without else ""
    first, last = (week.readings.start(row) for row in (0, -1))
    output.show(
        "",
        output.title(f"{week.settings.name}, {first:%a %d %b} to {last:%a %d %b %Y}"),
        f"{counted(len(houses), 'house')}{modules}, share what they produce, store it together, sell each "
        "other what is stored, and leave the rest to the grid.",
        "",
        output.title(f"Energy by its source, in kWh, and saved, in {bill.document.currency}"),
        _table(week, houses, village),
        "",
        output.facts(_facts(lived, without, village)),
        "",
    )


def _table(week: Week, houses: list[Figures], village: Figures) -> output.Columns:
    titles = ("House", "Consumed", "Own", "Shared", "Battery", "Market", "Grid", "Saved")
    market = week.from_market.sum(axis=0).tolist()
    rows = [_row(figures, traded) for figures, traded in zip(houses, market, strict=True)]
    return output.columns(titles, rows, numbers=titles[1:], footer=_row(village, sum(market)))


def _row(figures: Figures, from_market: int) -> list[str]:
    amounts = (
        figures.consumed,
        figures.own_use,
        figures.shared_in,
        figures.discharged - from_market,
        from_market,
        figures.bought,
    )
    saved = f"{float(figures.savings or 0):z,.2f}"
    return [figures.name, *(ENERGY.number(each, 1) for each in amounts), saved]


def _facts(lived: Lived, without: list[Figures], village: Figures) -> list[tuple[str, Any]]:
    from rich.text import Text

    from amalgam.scenarios.village import COINS

    week, (document, line) = lived
    text, currency = ENERGY.text, document.currency
    charges, credits = (sum(getattr(each, name) for each in week.lines) for name in ("charge", "credit"))
    own, alone = village.consumed - village.bought, village.own_use
    lines = [
        (
            "Solar",
            f"{text(village.produced, 1)}: {text(village.own_use, 1)} used at once, "
            f"{text(village.shared_out, 1)} shared, {text(village.charged, 1)} stored, "
            f"{text(village.sold, 1)} to the grid",
        ),
        (
            "Battery",
            f"{text(week.capacity, 0)}; {text(week.lost, 1)} of what was stored is lost, "
            f"{text(village.balance, 1)} are left",
        ),
        ("Market", _market(week, currency)),
        (
            "Self-supply",
            f"{_part(own, village.consumed)} of consumption; {_part(alone, village.consumed)} if "
            "each were alone",
        ),
    ]
    if village.savings is not None:
        saved = f"{float(village.savings):z,.2f} {currency}"
        lines.append(("Saved", f"{saved} against the grid alone; what is left in the battery is not counted"))
    if without:
        part = sum(each.consumed - each.bought for each in without)
        whole = sum(each.consumed for each in without)
        names = ", ".join(each.name for each in without)
        lines.append(
            ("No modules", f"{names}: {_part(part, whole)} of their consumption is their neighbours'")
        )
    return [
        *lines,
        (
            "Settled",
            f"{counted(len(week.lines), 'line')} on the chain, computed anew: charges of "
            f"{COINS.payment(charges)} {currency}, credits of {COINS.payment(credits)} {currency}",
        ),
        (
            "Bill",
            f"of {line.member}: {text(line.shared_in)} for {document.settled / 100:,.2f} {currency}, as its "
            f"line has it; with discount and VAT {document.gross / 100:,.2f} {currency}",
        ),
        (
            "Transactions",
            f"{week.transactions:,} in {week.seconds:.1f} s, "
            f"{week.transactions / week.seconds:,.0f} a second",
        ),
        (
            "Audit",
            Text(
                f"ledger and chain agree: stored {text(village.charged)} = used {text(village.discharged)} "
                f"+ lost {text(week.lost)} + left {text(village.balance)}",
                style="green",
            ),
        ),
    ]


def _market(week: Week, currency: str) -> str:
    from amalgam.scenarios.village import COIN

    told = counted(len(week.auctions), "auction")
    if not week.auctions:
        return told
    volume = ENERGY.text(sum(each.volume for each in week.auctions), 1)
    least, most = (f"{of(each.price for each in week.auctions) / COIN:.3f}" for of in (min, max))
    prices = least if least == most else f"{least} to {most}"
    return f"{told} of what is stored: {volume} at {prices} {currency}/kWh"


def _part(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "-"
