"""A market's accounts and events in words and units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from solders.pubkey import Pubkey

from amalgam.market import program as market
from amalgam.market.program import Auction, Market, Side
from amalgam.units import Measure, Traded, counted, duration, percent, utc

PAUSED = "paused: no new offers, fills, auctions and orders"
RESUMED = "takes offers, fills, auctions and orders"

OWNED = ("offer", "order")  # accounts that events are of
OWNER = "owner"  # whose they are


def describe_event(event: market.Event, traded: Traded) -> str:
    """An event as a phrase."""
    text, paid, price = traded.text, traded.payment, traded.price
    match event:
        case market.MarketInitialized():
            return f"created market {event.market}: {rules(event, traded)}"
        case market.PaymentVaultOpened():
            return f"opened its payment vault {event.payment_vault}"
        case market.PolicySet():
            return f"set the policy: {policy(event, traded)}"
        case market.MarketPaused():
            return PAUSED
        case market.MarketResumed():
            return f"resumed: {RESUMED}"
        case market.AuthorityProposed():
            return f"proposed {event.proposed} as the authority"
        case market.AuthorityAccepted():
            return f"handed over to {event.authority}, the authority now"
        case market.FeesCollected():
            return f"collected fees of {paid(event.amount)}"
        case market.OfferOpened():
            return f"opened offer account {event.offer} of {event.owner}"
        case market.OfferPlaced():
            least = f", at least {text(event.minimum_fill)} at once" if event.minimum_fill > 1 else ""
            return (
                f"offered {text(event.amount)} at {price(event.price)}{least} "
                f"until {utc(event.expires_at)}: offer {event.offer}"
            )
        case market.OfferFilled():
            return (
                f"bought {text(event.amount)} for {paid(event.cost)}, {paid(event.fee)} of it the fee; "
                f"{text(event.left)} left"
            )
        case market.OfferCancelled():
            return f"cancelled the offer: {text(event.amount)} came back"
        case market.OfferExpired():
            return f"released the expired offer: {text(event.amount)} went back to its owner"
        case market.AuctionOpened():
            return (
                f"opened auction {event.auction} of the delivery from {utc(event.starts_at)}; "
                f"its gate closes at {utc(event.closes_at)}"
            )
        case market.OrderOpened():
            return f"opened order account {event.order} of {event.owner}"
        case market.OrderPlaced():
            verb = "bid for" if event.side is Side.BID else "offered"
            return (
                f"{verb} {text(event.amount)} at {price(event.price)}, "
                f"{escrow(event.side, event.escrow, traded)} in escrow: order {event.order}"
            )
        case market.OrderCancelled():
            return f"cancelled the order {event.order}"
        case market.AuctionCleared():
            return f"cleared at {price(event.price)}: {text(event.volume)} traded"
        case market.OrderSettled():
            return (
                f"settled order {event.order}: {text(event.filled)} traded; its owner got "
                f"{text(event.energy)} and {paid(event.payment)}, the market a fee of {paid(event.fee)}"
            )


def escrow(side: Side, amount: int, traded: Traded) -> str:
    """The holdings of an order: payment of a bid, energy of an offer."""
    return traded.payment(amount) if side is Side.BID else traded.text(amount)


def policy(stated: Market | market.MarketInitialized | market.PolicySet, traded: Measure) -> str:
    """A market's policy, as a phrase."""
    least = traded.text(stated.minimum_order)
    return f"a fee of {percent(stated.fee_bps)} for sellers, orders of at least {least}"


def rules(stated: Market | market.MarketInitialized, traded: Measure) -> str:
    """The same with its intervals."""
    gate = f"{duration(stated.gate_closure)} before" if stated.gate_closure else "as it begins"
    return f"{policy(stated, traded)}; delivery in {duration(stated.interval)}, traded until {gate}"


def described(address: Pubkey, found: Market, traded: Traded) -> list[tuple[str, str]]:
    """A market, line by line."""
    handover = [("Proposed", f"{found.pending_authority}, who has to accept")]
    return [
        ("Market", str(address)),
        ("Rules", rules(found, traded)),
        ("Held", f"{traded.text(found.energy_held)} and {traded.payment(found.payment_held)} of payments"),
        ("Fees", f"{traded.payment(found.fees)}, not yet collected"),
        ("State", PAUSED if found.paused else RESUMED),
        ("Authority", str(found.authority)),
        *(handover if found.pending_authority != found.authority else []),
        ("Energy mint", str(found.energy_mint)),
        ("Payment mint", str(found.payment_mint)),
        ("Events", f"{found.sequence:,}"),
    ]


def state(auction: Auction, now: int) -> str:
    """The state of an auction: what can be done with it."""
    if auction.cleared:
        left = auction.order_count - auction.settled_count
        return f"cleared; {counted(left, 'order')} to be settled" if left else "cleared and settled"
    if now < auction.closes_at:
        return f"takes orders until {utc(auction.closes_at)}"
    if now < auction.lapses_at:
        return f"closed; it can be cleared until {utc(auction.lapses_at)}"
    return "lapsed: its orders can be withdrawn"


def _text(value: int, traded: Traded) -> str:
    return traded.text(value)


def _payment(value: int, traded: Traded) -> str:
    return traded.payment(value)


def _time(value: int, _: Traded) -> str:
    return utc(value)


# Of an account's fields in a dry run, those that `words.cell` does not know.
CELLS: Mapping[str, Callable[[Any, Traded], str]] = {
    **dict.fromkeys(
        (
            *("energy_held", "minimum_order", "minimum_fill", "volume"),
            *("bids_at_price", "bids_at_price_filled", "bids_at_price_settled"),
            *("offers_at_price", "offers_at_price_filled", "offers_at_price_settled"),
            *("demand_above", "demand_at", "supply_below", "supply_at"),
        ),
        _text,
    ),
    **dict.fromkeys(("payment", "payment_held", "fees", "received", "paid"), _payment),
    **dict.fromkeys(("expires_at", "starts_at", "closes_at"), _time),
    **dict.fromkeys(("interval", "gate_closure"), lambda value, _: duration(value)),
    **dict.fromkeys(("price", "price_below", "price_above"), lambda value, traded: traded.price(value)),
    "fee_bps": lambda value, _: percent(value),
}
