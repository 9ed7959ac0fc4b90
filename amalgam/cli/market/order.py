"""`amalgam order ...`: bids and offers in the auction of a delivery interval."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from amalgam.cli.market.find import client, find_auction, find_market, find_order
from amalgam.cli.options import (
    EXIT_CODES,
    AuctionAddress,
    Destination,
    EnergyArgument,
    OrderAddress,
    Price,
    Source,
)
from amalgam.cli.output import columns
from amalgam.cli.session import Session, reading, sending, units_of

app = typer.Typer(help="Place, cancel and list orders in an auction.", epilog=EXIT_CODES)


class _Side(StrEnum):
    BID = "bid"
    OFFER = "offer"


_SideArgument = Annotated[
    _Side, typer.Argument(metavar="SIDE", help="`bid` to buy, or `offer` to sell.", show_default=False)
]


@app.command(epilog=EXIT_CODES)
@sending
async def place(
    session: Session,
    auction: AuctionAddress,
    side: _SideArgument,
    amount: EnergyArgument,
    price: Price,
    source: Source = None,
) -> None:
    """Bid for energy, or offer it, until the gate closes.

    All trade at one price in the end, which is never worse than yours. The most
    that a bid can cost, or the energy offered, moves to the market's vault; what
    does not trade comes back. The rent of the order's account, which your next
    orders use again, is paid once.

    Examples
      amalgam order place $AUCTION bid 5kWh --price 0.30/kWh
      amalgam order place $AUCTION offer 8kWh --price 0.18/kWh --dry-run
    """
    from amalgam.market.program import Side, open_order, order_address, place_order

    market = (await find_auction(session, auction)).market
    found, traded = await find_market(session, market)
    price_units = units_of(price, traded, "--price")
    mint = found.payment_mint if side is _Side.BID else found.energy_mint
    tokens = await session.source(mint, source)
    number, is_new = await client(session).free_order(market, session.address)
    opening = open_order(payer=session.payer.pubkey(), market=market, owner=session.address, number=number)
    placing = place_order(
        owner=session.address,
        market=market,
        auction=auction,
        order=order_address(market, session.address, number),
        source=tokens,
        side=Side[side.name],
        price=price_units,
        amount=amount,
    )
    purpose = f"{side} {amount} Wh of {session.address} at {price_units} in auction {auction}"
    accounts = await session.openings(found.energy_mint, found.payment_mint)
    receipt = await session.send(purpose, [*accounts, *([opening] if is_new else []), placing], traded)
    session.report(receipt, traded)


@app.command(epilog=EXIT_CODES)
@sending
async def cancel(session: Session, order: OrderAddress, destination: Destination = None) -> None:
    """Take an order back while the gate is open, or after the auction has lapsed.

    Example
      amalgam order cancel $ORDER
    """
    from amalgam.market.program import Side, cancel_order

    placed = await find_order(session, order)
    found, traded = await find_market(session, placed.market)
    mint = found.payment_mint if placed.side is Side.BID else found.energy_mint
    tokens, creation = session.destination(mint, destination)
    instruction = cancel_order(
        owner=session.address,
        market=placed.market,
        auction=placed.auction,
        order=order,
        side=placed.side,
        destination=tokens,
    )
    receipt = await session.send(f"cancel order {order}", [*creation, instruction], traded)
    session.report(receipt, traded)


@app.command("list", epilog=EXIT_CODES)
@reading
async def list_(session: Session, auction: AuctionAddress) -> None:
    """List an auction's orders, in one request: once it is settled, those not used again.

    Examples
      amalgam order list $AUCTION
      amalgam order list $AUCTION --output json | jq '.orders[] | select(.side == "BID")'
    """
    from amalgam.programs import plain

    _, traded = await find_market(session, (await find_auction(session, auction)).market)
    book = await client(session).book(auction)
    rows = [
        (
            f"{order.index:,}",
            order.side.name.lower(),
            traded.price(order.price),
            traded.number(order.amount),
            ("waits" if order.amount else "cancelled") if order.active else "settled",
            str(address),
            str(order.owner),
        )
        for address, order in book.items()
    ]
    titles = ("Index", "Side", "Price", "Amount, kWh", "State", "Order", "Owner")
    orders = [{"address": str(address), **plain(order)} for address, order in book.items()]
    value = {"auction": str(auction), "unit": traded.base_unit, "orders": orders}
    session.answer(value, columns(titles, rows, numbers=("Index", "Price", "Amount, kWh")))
