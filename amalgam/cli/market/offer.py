"""`amalgam offer ...`: energy at a price, for whoever takes it."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

import typer

from amalgam.cli.market.find import client, find_market, find_offer
from amalgam.cli.options import (
    EXIT_CODES,
    Destination,
    EnergyArgument,
    MarketAddress,
    OfferAddress,
    Price,
    Source,
    duration_option,
    energy_option,
    tokens_option,
)
from amalgam.cli.output import columns
from amalgam.cli.session import Session, reading, sending, units_of
from amalgam.units import utc

app = typer.Typer(help="Place, fill, cancel and list offers of energy.", epilog=EXIT_CODES)

_MinimumFill = Annotated[
    int | None, energy_option("--minimum-fill", "What a taker has to take at once. Default: any amount.")
]
_Lifetime = Annotated[
    int | None, duration_option("--lifetime", "After which the offer expires. Default: 24h.")
]
_MaximumCost = Annotated[
    Decimal | None,
    tokens_option("--maximum-cost", "In whole tokens of the payment mint. Default: what it costs now."),
]


@app.command(epilog=EXIT_CODES)
@sending
async def place(
    session: Session,
    market: MarketAddress,
    amount: EnergyArgument,
    price: Price,
    minimum_fill: _MinimumFill = None,
    lifetime: _Lifetime = None,
    source: Source = None,
) -> None:
    """Offer energy at a price. It moves to the market's vault.

    The rent of the offer's account, which your next offers use again, is paid once.

    Examples
      amalgam offer place $MARKET 5kWh --price 0.25/kWh
      amalgam offer place $MARKET 20kWh --price 0.2/kWh --minimum-fill 1kWh --lifetime 2h
    """
    from amalgam.market.program import offer_address, open_offer, place_offer

    found, traded = await find_market(session, market)
    price_units = units_of(price, traded, "--price")
    tokens = await session.source(found.energy_mint, source)
    number, is_new = await client(session).free_offer(market, session.address)
    opening = open_offer(payer=session.payer.pubkey(), market=market, owner=session.address, number=number)
    placing = place_offer(
        owner=session.address,
        market=market,
        offer=offer_address(market, session.address, number),
        source=tokens,
        price=price_units,
        amount=amount,
        minimum_fill=minimum_fill or 1,
        expires_at=await session.now() + (lifetime or 86_400),
    )
    purpose = f"offer {amount} Wh of {session.address} at {price_units} in {market}"
    accounts = await session.openings(found.energy_mint, found.payment_mint)
    receipt = await session.send(purpose, [*accounts, *([opening] if is_new else []), placing], traded)
    session.report(receipt, traded)


@app.command(epilog=EXIT_CODES)
@sending
async def fill(
    session: Session,
    offer: OfferAddress,
    amount: EnergyArgument,
    maximum_cost: _MaximumCost = None,
    source: Source = None,
    destination: Destination = None,
) -> None:
    """Buy energy of an offer. Where it would cost more than the maximum, nothing happens.

    Examples
      amalgam offer fill $OFFER 2kWh
      amalgam offer fill $OFFER 2kWh --maximum-cost 0.5 --dry-run
    """
    from amalgam.chain.tokens import payee
    from amalgam.market.program import cost_of, fill_offer

    terms = await find_offer(session, offer)
    found, traded = await find_market(session, terms.market)
    cost = cost_of(amount, terms.price)
    most = cost if maximum_cost is None else units_of(maximum_cost, traded, "--maximum-cost")
    paying = await session.source(found.payment_mint, source)
    tokens, creation = session.destination(found.energy_mint, destination)
    proceeds = await payee(session.connection, terms.owner, found.payment_mint)
    instruction = fill_offer(
        taker=session.address,
        market=terms.market,
        offer=offer,
        source=paying,
        destination=tokens,
        proceeds=proceeds,
        amount=amount,
        maximum_cost=most,
    )
    purpose = f"buy {amount} Wh of offer {offer} for {session.address}"
    session.report(await session.send(purpose, [*creation, instruction], traded), traded)


@app.command(epilog=EXIT_CODES)
@sending
async def cancel(session: Session, offer: OfferAddress, destination: Destination = None) -> None:
    """Take back what is left of an offer; an expired one anyone sends back to its owner.

    Example
      amalgam offer cancel $OFFER
    """
    from amalgam.chain.tokens import payee
    from amalgam.market.program import cancel_offer, release_expired

    terms = await find_offer(session, offer)
    found, traded = await find_market(session, terms.market)
    if terms.owner == session.address:
        tokens, creation = session.destination(found.energy_mint, destination)
        instruction = cancel_offer(
            owner=session.address, market=terms.market, offer=offer, destination=tokens
        )
    else:
        tokens, creation = await payee(session.connection, terms.owner, found.energy_mint), []
        instruction = release_expired(market=terms.market, offer=offer, destination=tokens)
    receipt = await session.send(f"cancel offer {offer}", [*creation, instruction], traded)
    session.report(receipt, traded)


@app.command("list", epilog=EXIT_CODES)
@reading
async def list_(session: Session, market: MarketAddress) -> None:
    """List the offers placed in a market, the cheapest first, in one request.

    Examples
      amalgam offer list $MARKET
      amalgam offer list $MARKET --output json | jq '.offers[0].address'
    """
    from amalgam.programs import plain

    _, traded = await find_market(session, market)
    placed = {
        address: offer for address, offer in (await client(session).offers(market)).items() if offer.amount
    }
    rows = [
        (
            traded.price(offer.price),
            traded.number(offer.amount),
            traded.number(offer.minimum_fill),
            utc(offer.expires_at),
            str(address),
            str(offer.owner),
        )
        for address, offer in placed.items()
    ]
    titles = ("Price", "Left, kWh", "Minimum", "Until", "Offer", "Owner")
    offers = [{"address": str(address), **plain(offer)} for address, offer in placed.items()]
    value = {"market": str(market), "unit": traded.base_unit, "offers": offers}
    session.answer(value, columns(titles, rows, numbers=titles[:3]))
