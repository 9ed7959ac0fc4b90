"""`amalgam market ...`: what an operator does with a market of energy."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from amalgam.cli.authority import Operated, add_commands
from amalgam.cli.market.find import client, find_market
from amalgam.cli.options import (
    EXIT_CODES,
    Destination,
    Fee,
    MarketAddress,
    MinimumOrder,
    MintAddress,
    PaymentMint,
    Pubkey,
    UnusableInput,
    duration_option,
)
from amalgam.cli.output import facts
from amalgam.cli.session import Session, reading, sending
from amalgam.programs import Program
from amalgam.units import Measure

app = typer.Typer(help="Create a market of energy, show, pause and audit it.", epilog=EXIT_CODES)

_Interval = Annotated[
    int | None,
    duration_option("--interval", "Of delivery, each with an auction: 1m to 24h. Default: 15m."),
]
_GateClosure = Annotated[
    int | None,
    duration_option("--gate-closure", "Before delivery; then an auction takes no more orders. Default: 5m."),
]


@app.command(epilog=EXIT_CODES)
@sending
async def create(
    session: Session,
    mint: MintAddress,
    payment_mint: PaymentMint,
    fee: Fee = None,
    minimum_order: MinimumOrder = None,
    interval: _Interval = None,
    gate_closure: _GateClosure = None,
) -> None:
    """Create a market; who signs becomes its authority.

    Intervals and gate stay as they are; the fee and the minimum can be set
    anew with `amalgam market policy`.

    Examples
      amalgam market create $ENERGY_MINT $PAYMENT_MINT --fee 1%
      amalgam market create $ENERGY_MINT $PAYMENT_MINT --interval 1h --gate-closure 30m
    """
    from amalgam.market.program import create, market_address
    from amalgam.units import Traded

    await session.check_mint(mint)
    traded = Traded.with_decimals(await session.decimals(payment_mint))
    market = market_address(session.address, mint, payment_mint)
    instructions = create(
        payer=session.payer.pubkey(),
        authority=session.address,
        energy_mint=mint,
        payment_mint=payment_mint,
        fee_bps=fee or 0,
        minimum_order=minimum_order or 100,
        interval=interval or 900,
        gate_closure=300 if gate_closure is None else gate_closure,
    )
    receipt = await session.send(f"create market {market}", instructions, traded)
    session.report(receipt, traded, market=str(market))


@app.command(epilog=EXIT_CODES)
@reading
async def show(session: Session, market: MarketAddress) -> None:
    """Show a market's rules, and what it holds.

    Example
      amalgam market show $MARKET --url devnet
    """
    from amalgam.market.words import described
    from amalgam.programs import plain

    found, traded = await find_market(session, market)
    value = {"address": str(market), **plain(found), "unit": traded.base_unit}
    session.answer(value, facts(described(market, found, traded)))


@app.command(epilog=EXIT_CODES)
@sending
async def policy(
    session: Session, market: MarketAddress, fee: Fee = None, minimum_order: MinimumOrder = None
) -> None:
    """Set the fee and the minimum order of what is placed and opened from now on.

    What is not named stays as it is.

    Example
      amalgam market policy $MARKET --fee 0.5%
    """
    from amalgam.market import words
    from amalgam.market.program import set_policy

    if fee is None and minimum_order is None:
        raise UnusableInput("nothing to set; give --fee or --minimum-order")
    found, traded = await find_market(session, market)
    fee_bps = found.fee_bps if fee is None else fee
    least = minimum_order or found.minimum_order
    instruction = set_policy(authority=session.address, market=market, fee_bps=fee_bps, minimum_order=least)
    stated = words.policy(replace(found, fee_bps=fee_bps, minimum_order=least), traded)
    purpose = f"set the policy of {market}: {stated}"
    session.report(await session.send(purpose, [instruction], traded), traded)


async def _measure(session: Session, market: Pubkey) -> Measure:
    return (await find_market(session, market))[1]


add_commands(
    app,
    Operated("a market", "market", Program.ENERGY_MARKET, MarketAddress, _measure),
    pause="Stop new offers, fills, auctions and orders. What gives back goes on.",
    resume="Take offers, fills, auctions and orders again.",
)


@app.command(epilog=EXIT_CODES)
@sending
async def fees(session: Session, market: MarketAddress, destination: Destination = None) -> None:
    """Collect the fees that have come together, as the authority.

    Example
      amalgam market fees $MARKET
    """
    from amalgam.market.program import collect_fees

    found, traded = await find_market(session, market)
    tokens, creation = session.destination(found.payment_mint, destination)
    instruction = collect_fees(authority=session.address, market=market, destination=tokens)
    receipt = await session.send(f"collect the fees of {market}", [*creation, instruction], traded)
    session.report(receipt, traded)


@app.command(epilog=EXIT_CODES)
@reading
async def audit(session: Session, market: MarketAddress) -> None:
    """Check that a market, its vaults and all that they hold add up, as of one moment.

    Ends with exit code 1 if they do not.

    Example
      amalgam market audit $MARKET && echo all is well
    """
    _, traded = await find_market(session, market)
    found = await client(session).audit(market)
    text, paid = traded.text, traded.payment
    rows = [
        ("Energy held", "energy_held", text, found.market.energy_held),
        ("  of offers", "energy_of_offers", text, found.energy_of_offers),
        ("  of auctions", "energy_of_auctions", text, found.energy_of_auctions),
        ("Energy in the vault", "energy_vault", text, found.energy_vault_amount),
        ("  given to nobody", "energy_donated", text, found.energy_donated),
        ("Payments held", "payment_held", paid, found.market.payment_held),
        ("  of auctions", "payment_of_auctions", paid, found.payment_of_auctions),
        ("  fees", "fees", paid, found.market.fees),
        ("Payments in the vault", "payment_vault", paid, found.payment_vault_amount),
        ("  given to nobody", "payment_donated", paid, found.payment_donated),
    ]
    audited = {"market": str(market), "sequence": found.market.sequence}
    session.report_audit(audited, rows, traded, found.violations)
