"""A market rebuilt from its events alone: its offers, auctions and orders.

Clearings are not rebuilt: what opens one, proposes a price and counts an order has no event.
"""

from dataclasses import replace

from solders.pubkey import Pubkey

from amalgam.chain.events import BrokenHistoryError
from amalgam.chain.ledger_history import LedgerHistory
from amalgam.market.program import (
    CLEARING_PERIOD,
    PROGRAM_ID,
    Auction,
    AuctionCleared,
    AuctionOpened,
    AuthorityAccepted,
    AuthorityProposed,
    Event,
    FeesCollected,
    Market,
    MarketInitialized,
    MarketPaused,
    MarketResumed,
    Offer,
    OfferCancelled,
    OfferExpired,
    OfferFilled,
    OfferOpened,
    OfferPlaced,
    Order,
    OrderCancelled,
    OrderOpened,
    OrderPlaced,
    OrderSettled,
    PaymentVaultOpened,
    PolicySet,
    Side,
    auction_address,
    cost_of,
    energy_vault_address,
    fee_of,
    market_address,
    payment_vault_address,
    proceeds_of,
)

_NOWHERE = Pubkey.default()


class History(LedgerHistory[Event]):
    """A market as its events tell it so far."""

    first = MarketInitialized

    @property
    def market(self) -> Market:
        """What the account at `address` holds after the latest event."""
        return self.accounts[self.address]

    def _take(self, event: Event, unix_timestamp: int | None) -> None:
        match event:
            case MarketInitialized():
                self._initialize(event)
            case PaymentVaultOpened():
                self._compare(event, payment_vault=payment_vault_address(self.address))
                self._set(self.address, event, payment_vault=event.payment_vault)
            case PolicySet():
                self._set(self.address, event, fee_bps=event.fee_bps, minimum_order=event.minimum_order)
            case MarketPaused() | MarketResumed():
                self._set(self.address, event, paused=isinstance(event, MarketPaused))
            case AuthorityProposed():
                self._set(self.address, event, pending_authority=event.proposed)
            case AuthorityAccepted():
                self._compare(event, authority=self.market.pending_authority)
                self._set(self.address, event, authority=event.authority)
            case FeesCollected():
                self._compare(event, amount=self.market.fees)
                self._hold(event, payment=-event.amount, fees=-event.amount)
            case OfferOpened():
                self._add(event.offer, event, Offer(event.market, event.owner, 0, 0, 0, 0, 0))
            case OfferPlaced() | OfferFilled() | OfferCancelled() | OfferExpired():
                self._trade(event, self._get(event.offer, event, Offer))
            case AuctionOpened():
                self._open(event)
            case OrderOpened():
                opened = Order(event.market, event.owner, _NOWHERE, 0, 0, 0, Side.BID, active=False)
                self._add(event.order, event, opened)
            case OrderPlaced() | OrderCancelled() | AuctionCleared() | OrderSettled():
                self._auction(event, self._get(event.auction, event, Auction), unix_timestamp)
        self._compare(event, energy_held=self.market.energy_held, payment_held=self.market.payment_held)

    def _initialize(self, event: MarketInitialized) -> None:
        made_of = (event.authority, event.energy_mint, event.payment_mint)
        self._compare(event, market=market_address(*made_of))
        _, bump = Pubkey.find_program_address([b"market", *map(bytes, made_of)], PROGRAM_ID)
        self.accounts[self.address] = Market(
            creator=event.authority,
            authority=event.authority,
            pending_authority=event.authority,
            energy_mint=event.energy_mint,
            payment_mint=event.payment_mint,
            energy_vault=energy_vault_address(self.address),
            payment_vault=_NOWHERE,
            energy_held=0,
            payment_held=0,
            fees=0,
            minimum_order=event.minimum_order,
            interval=event.interval,
            gate_closure=event.gate_closure,
            sequence=1,
            fee_bps=event.fee_bps,
            paused=False,
            bump=bump,
        )

    def _hold(self, event: Event, *, energy: int = 0, payment: int = 0, fees: int = 0) -> None:
        """Add to what the vaults hold for others."""
        market = self.market
        self._set(
            self.address,
            event,
            energy_held=market.energy_held + energy,
            payment_held=market.payment_held + payment,
            fees=market.fees + fees,
        )

    def _trade(self, event: OfferPlaced | OfferFilled | OfferCancelled | OfferExpired, offer: Offer) -> None:
        match event:
            case OfferPlaced():
                self._compare(event, fee_bps=self.market.fee_bps)
                self._hold(event, energy=event.amount)
                terms = {"price": event.price, "minimum_fill": event.minimum_fill}
                terms |= {"expires_at": event.expires_at, "fee_bps": event.fee_bps}
                self._set(event.offer, event, amount=event.amount, **terms)
            case OfferFilled():
                cost = cost_of(event.amount, offer.price)
                fee = fee_of(cost, offer.fee_bps)
                self._compare(event, cost=cost, fee=fee, left=offer.amount - event.amount)
                self._hold(event, energy=-event.amount, payment=fee, fees=fee)
                self._set(event.offer, event, amount=event.left)
            case _:
                self._compare(event, amount=offer.amount)
                self._hold(event, energy=-event.amount)
                self._set(event.offer, event, amount=0)

    def _open(self, event: AuctionOpened) -> None:
        self._compare(
            event,
            auction=auction_address(self.address, event.starts_at),
            closes_at=event.starts_at - self.market.gate_closure,
            fee_bps=self.market.fee_bps,
        )
        opened = Auction(
            event.market,
            event.starts_at,
            event.closes_at,
            **dict.fromkeys(_COUNTED, 0),
            fee_bps=event.fee_bps,
            cleared=False,
        )
        self._add(event.auction, event, opened)

    def _auction(
        self,
        event: OrderPlaced | OrderCancelled | AuctionCleared | OrderSettled,
        auction: Auction,
        unix_timestamp: int | None,
    ) -> None:
        if isinstance(event, AuctionCleared):
            outcome = {name: getattr(event, name) for name in _OUTCOME}
            self._set(event.auction, event, cleared=True, **outcome)
            return
        order = self._get(event.order, event, Order)
        match event:
            case OrderPlaced():
                self._place(event, auction, order)
            case OrderCancelled():
                self._compare(event, auction=order.auction, escrow=order.escrow)
                self._release(event, order)
                lapsed = _has_lapsed(event, auction, unix_timestamp)
                self._set(event.order, event, amount=0, active=not lapsed)
            case OrderSettled():
                self._compare(event, auction=order.auction)
                self._settle(event, auction, order)

    def _place(self, event: OrderPlaced, auction: Auction, order: Order) -> None:
        placed = replace(
            order,
            auction=event.auction,
            index=auction.order_count,
            price=event.price,
            amount=event.amount,
            side=Side(event.side),
            active=True,
        )
        self._compare(event, index=placed.index, escrow=placed.escrow)
        self.accounts[event.order] = placed
        self._set(event.auction, event, order_count=auction.order_count + 1)
        self._hold(event, **{_HELD[placed.side]: placed.escrow})

    def _release(self, event: OrderCancelled, order: Order) -> None:
        self._hold(event, **{_HELD[order.side]: -order.escrow})

    def _settle(self, event: OrderSettled, auction: Auction, order: Order) -> None:
        is_bid = order.side is Side.BID
        energy, payment = auction.due(order)
        filled = energy if is_bid else order.amount - energy
        cost = cost_of(filled, auction.price) if is_bid else 0
        proceeds = 0 if is_bid else proceeds_of(filled, auction.price)
        fee = fee_of(proceeds, auction.fee_bps)
        self._compare(event, filled=filled, energy=energy, payment=payment, fee=fee)
        changes: dict[str, int] = {
            "settled_count": auction.settled_count + 1,
            "received": auction.received + cost,
            "paid": auction.paid + proceeds,
        }
        if order.price == auction.price:
            at_price = "bids_at_price_settled" if is_bid else "offers_at_price_settled"
            changes[at_price] = getattr(auction, at_price) + order.amount
        self._set(event.auction, event, **changes)
        is_last = changes["settled_count"] == auction.order_count
        rest = changes["received"] - changes["paid"] if is_last else 0  # what rounding has left over
        self._hold(event, energy=-energy, payment=-payment, fees=fee + rest)
        self._set(event.order, event, amount=0, active=False)


_HELD = {Side.BID: "payment", Side.OFFER: "energy"}
_OUTCOME = (
    *("price", "volume", "bids_at_price", "bids_at_price_filled"),
    *("offers_at_price", "offers_at_price_filled"),
)
_COUNTED = (
    *("order_count", "settled_count", "bids_at_price_settled", "offers_at_price_settled"),
    *("received", "paid", *_OUTCOME),
)


def _has_lapsed(event: OrderCancelled, auction: Auction, unix_timestamp: int | None) -> bool:
    """Whether an order was taken back from an auction that nobody cleared, which alone frees it at once.

    The event does not say. The block's time does: between the gate and the lapse nothing is cancelled.
    """
    if unix_timestamp is None:
        raise BrokenHistoryError(f"the time of event {event.sequence} is not known, and it depends on that")
    return not auction.cleared and unix_timestamp - CLEARING_PERIOD >= auction.closes_at
