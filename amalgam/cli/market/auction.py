"""`amalgam auction ...`: one price for all that is traded for an interval of delivery."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amalgam import units
from amalgam.cli.failures import Failure
from amalgam.cli.market.find import client, find_auction, find_market, paying_client
from amalgam.cli.options import (
    EXIT_CODES,
    AuctionAddress,
    MarketAddress,
    Pubkey,
    parsed,
)
from amalgam.cli.output import facts, progress
from amalgam.cli.session import Session, reading, sending, unsettled_text, unsettled_value
from amalgam.units import Start, counted, utc

if TYPE_CHECKING:
    from amalgam.market.client import EnergyMarketClient, Settlement
    from amalgam.market.program import Auction
    from amalgam.units import Traded

app = typer.Typer(help="Open, show, clear and settle auctions of energy.", epilog=EXIT_CODES)

_Start = Annotated[
    Start,
    typer.Argument(
        metavar="START",
        parser=parsed(units.start, "START"),
        help="Of the delivery: like 2026-06-22T12:00+02:00, or 20m for the first interval from then on.",
        show_default=False,
    ),
]


@app.command("open", epilog=EXIT_CODES)
@sending
async def open_(session: Session, market: MarketAddress, start: _Start) -> None:
    """Open the auction of the interval of delivery that begins then. Anyone can.

    Whoever opens it pays the rent of its account, 0.002 SOL, for good: accounts
    of auctions are not closed.

    Examples
      amalgam auction open $MARKET 2026-06-22T12:00Z
      amalgam auction open $MARKET 20m
    """
    from amalgam.market.program import auction_address, open_auction

    found, traded = await find_market(session, market)
    starts_at = start.unix_s(await session.now())
    if start.is_from_now:
        starts_at += -starts_at % found.interval
    instruction = open_auction(payer=session.payer.pubkey(), market=market, starts_at=starts_at)
    receipt = await session.send(f"open the auction of {utc(starts_at)} in {market}", [instruction], traded)
    session.report(receipt, traded, auction=str(auction_address(market, starts_at)))


@app.command(epilog=EXIT_CODES)
@reading
async def show(session: Session, auction: AuctionAddress) -> None:
    """Show an auction, and what it has come to, or would as its book is now.

    Example
      amalgam auction show $AUCTION
    """
    from amalgam.market.solver import solve
    from amalgam.market.words import state
    from amalgam.programs import plain

    found = await find_auction(session, auction)
    _, traded = await find_market(session, found.market)
    now = await session.now()
    value: dict[str, Any] = {"address": str(auction), **plain(found), "state": state(found, now)}
    result, price, volume = "Outcome", found.price, found.volume
    if not found.cleared:
        outcome = solve([order.limit for order in (await client(session).book(auction)).values()])
        result, price, volume = "As it stands", outcome.price, outcome.volume
        value |= {"price_as_it_stands": price, "volume_as_it_stands": volume}
    lines = [
        ("Auction", str(auction)),
        ("Market", str(found.market)),
        ("Delivery", f"from {utc(found.starts_at)}"),
        ("State", state(found, now)),
        ("Orders", f"{found.order_count:,}"),
        (result, f"{traded.text(volume)} at {traded.price(price)}"),
    ]
    session.answer({**value, "unit": traded.base_unit}, facts(lines))


@app.command(epilog=EXIT_CODES)
@sending
async def clear(session: Session, auction: AuctionAddress) -> None:
    """Clear an auction whose gate has closed, and settle its orders. Anyone can.

    The program takes only the price that lets the most energy trade; it is
    found here, and proven to the program order by order, in as many transactions
    as that takes. What was interrupted goes on where it was.

    Examples
      amalgam auction clear $AUCTION --dry-run
      amalgam auction clear $AUCTION
    """
    await _ended(session, auction, lambda payer, step: payer.clear(auction, step))


@app.command(epilog=EXIT_CODES)
@sending
async def settle(session: Session, auction: AuctionAddress) -> None:
    """Settle the orders of a cleared auction that wait. Anyone can.

    Example
      amalgam auction settle $AUCTION
    """
    found = await find_auction(session, auction)
    if not found.cleared:
        raise Failure(f"auction {auction} is not cleared; run: amalgam auction clear {auction}", 1)
    await _ended(session, auction, lambda payer, step: payer.settle(auction, step))


async def _ended(
    session: Session,
    auction: Pubkey,
    end: Callable[[EnergyMarketClient, Callable[[], object]], Awaitable[Settlement]],
) -> None:
    found = await find_auction(session, auction)
    _, traded = await find_market(session, found.market)
    if session.dry_run:
        await _foretell(session, auction, found, traded)
        return
    left = found.order_count - found.settled_count
    payer = await paying_client(session)
    with progress("Clearing") as begin:
        settlement = await end(payer, begin(left if found.cleared else 2 * left))
    done = settlement.auction
    value = {
        "auction": str(auction),
        "price": done.price,
        "volume": done.volume,
        "orders": done.order_count,
        "settled": done.settled_count,
        "signatures": [str(each) for each in settlement.signatures],
        "unsettled": unsettled_value(settlement.unsettled),
        "unit": traded.base_unit,
    }
    lines = [
        f"Cleared at {traded.price(done.price)}: {traded.text(done.volume)} traded",
        f"Settled {done.settled_count:,} of {counted(done.order_count, 'order')}",
        f"Transactions sent: {len(settlement.signatures):,}",
    ]
    session.answer(value, *lines)
    for order, each in settlement.unsettled.items():
        session.say(f"order {order} {unsettled_text(each, traded)}")
    if settlement.unsettled:
        raise Failure(
            f"some orders could not be settled; once that is mended, run: amalgam auction settle {auction}", 1
        )


async def _foretell(session: Session, auction: Pubkey, found: Auction, traded: Traded) -> None:
    from amalgam.market.solver import solve

    price, volume = found.price, found.volume
    if not found.cleared:
        outcome = solve([order.limit for order in (await client(session).book(auction)).values()])
        price, volume = outcome.price, outcome.volume
    left = found.order_count - found.settled_count
    value = {
        "dry_run": True,
        "auction": str(auction),
        "price": price,
        "volume": volume,
        "orders_to_settle": left,
        "unit": traded.base_unit,
    }
    session.answer(
        value,
        "Dry run: nothing was sent. It would be so:",
        f"Cleared at {traded.price(price)}: {traded.text(volume)} traded",
        f"Settled {counted(left, 'order')}",
    )
