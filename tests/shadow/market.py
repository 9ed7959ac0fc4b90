"""The shadow ledger of trading: what the program promises, in plain Python, without a chain.

It is written from the rules at the head of the program, and says of each instruction what the chain must
say: the event and the state after it, or the refusal. Accounts go by names; a slot may hold any account of
the right type, also a wrong one or one that does not exist. Energy is Wh, payments are base units, prices
these for 1,000 Wh, times Unix seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import floor
from typing import Any

from amalgam.market.program import Side
from tests.shadow.battery import Event, Mint, Refusal, Tokens, look_at, refuse
from tests.support.market import SLOTS
from tests.support.stage import I64_MAX, U64_MAX, Token

TERAWATT_HOUR = 10**12
DAY = 86_400
WEEK = 7 * DAY
YEAR = 365 * DAY
MAX_FEE_BPS = 500
BID, OFFER = Side.BID, Side.OFFER
NONE = ""  # the account of nobody, if none is named yet
SIGNERS = ("authority", "payer", "owner", "taker")  # the slots that sign
CREATED = {
    "initialize": ("market", "energy_vault"),
    "open_payment_vault": ("payment_vault",),
    "open_offer": ("offer",),
    "open_auction": ("auction",),
    "open_order": ("order",),
    "open_clearing": ("clearing",),
}
UNTOLD = ("payer", "number")  # of an account that comes to be: rent, and what its address is made of
TOO_MUCH = "called `Result::unwrap()` on an `Err` value: TryFromIntError(())"  # to be said in 64 bits
OVERFLOW = "attempt to add with overflow"
UNDERFLOW = "attempt to subtract with overflow"


@dataclass(slots=True)
class Market:
    creator: str
    authority: str
    pending_authority: str
    energy_mint: str
    payment_mint: str
    energy_vault: str
    minimum_order: int
    interval: int
    gate_closure: int
    fee_bps: int
    payment_vault: str = NONE
    energy_held: int = 0
    payment_held: int = 0
    fees: int = 0
    sequence: int = 1
    paused: bool = False


@dataclass(slots=True)
class Offer:
    market: str
    owner: str
    price: int = 0
    amount: int = 0
    minimum_fill: int = 0
    expires_at: int = 0
    fee_bps: int = 0


@dataclass(slots=True)
class Order:
    market: str
    owner: str
    auction: str = NONE
    index: int = 0
    price: int = 0
    amount: int = 0
    side: Side = BID
    active: bool = False

    @property
    def escrow(self) -> int:
        """What its vault holds for it."""
        return cost_of(self.amount, self.price) if self.side is BID else self.amount


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of an order; it is not on the chain."""

    order: Order  # as it was
    filled: int
    value: int  # what the buyer paid, or the seller was due
    fee: int  # of that


@dataclass(slots=True)
class Auction:
    market: str
    starts_at: int
    closes_at: int
    fee_bps: int
    order_count: int = 0
    price: int = 0
    at_price: dict[Side, int] = field(default_factory=lambda: {BID: 0, OFFER: 0})
    at_price_filled: dict[Side, int] = field(default_factory=lambda: {BID: 0, OFFER: 0})
    volume: int = 0
    cleared: bool = False
    book: list[Order] = field(default_factory=list)  # as it was cleared
    settlements: list[Settlement] = field(default_factory=list)

    @property
    def lapses_at(self) -> int:
        return self.closes_at + DAY

    def value(self, side: Side) -> int:
        """What buyers have paid, or sellers were due, so far."""
        return sum(each.value for each in self.settlements if each.order.side is side)

    def filled(self, side: Side) -> int:
        return sum(each.filled for each in self.settlements if each.order.side is side)

    def at_price_settled(self, side: Side) -> int:
        orders = [each.order for each in self.settlements]
        return sum(each.amount for each in orders if each.side is side and each.price == self.price)

    @property
    def settled(self) -> bool:
        return len(self.settlements) == self.order_count


@dataclass(slots=True)
class Clearing:
    market: str
    owner: str
    auction: str = NONE
    price: int = 0
    counted: int = 0
    demand_above: int = 0
    demand_at: int = 0
    supply_below: int = 0
    supply_at: int = 0
    price_below: int = 0
    price_above: int = 0


@dataclass(slots=True)
class Ledger:
    """Every account by its name, and the time."""

    now: int
    markets: dict[str, Market] = field(default_factory=dict)
    offers: dict[str, Offer] = field(default_factory=dict)
    auctions: dict[str, Auction] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    clearings: dict[str, Clearing] = field(default_factory=dict)
    tokens: dict[str, Tokens] = field(default_factory=dict)
    mints: dict[str, Mint] = field(default_factory=dict)

    def copy(self) -> Ledger:
        kinds = (self.markets, self.offers, self.auctions, self.orders, self.clearings, self.tokens)
        copies = [{name: replace(each) for name, each in found.items()} for found in kinds]
        for auction in copies[2].values():  # a book and a settlement stay as they are
            auction.at_price, auction.at_price_filled = {**auction.at_price}, {**auction.at_price_filled}
            auction.settlements = [*auction.settlements]
        return Ledger(self.now, *copies, self.mints)

    def run(self, instruction: str, *, signed: bool = True, **values: Any) -> Event | None:
        """One of the program's instructions. Raises Refusal. Anchor looks at the accounts first, in order."""
        accounts = {
            **{"market": self.markets, "offer": self.offers, "auction": self.auctions},
            **{"order": self.orders, "clearing": self.clearings},
            **dict.fromkeys(("energy_mint", "payment_mint"), self.mints),
            **dict.fromkeys(("vault", "energy_vault", "payment_vault", "source", "proceeds"), self.tokens),
            **dict.fromkeys(("destination", "energy_destination", "payment_destination"), self.tokens),
        }
        look_at(SLOTS[instruction], accounts, values, CREATED.get(instruction, ()), SIGNERS, signed=signed)
        told = {name: value for name, value in values.items() if name not in UNTOLD}
        return getattr(self, instruction)(**told)

    # The market

    def initialize(
        self,
        *,
        authority: str,
        energy_mint: str,
        payment_mint: str,
        market: str,
        energy_vault: str,
        fee_bps: int,
        minimum_order: int,
        interval: int,
        gate_closure: int,
    ) -> Event:
        refuse(energy_mint == payment_mint, "payment mint is the energy mint")
        refuse(self.mints[energy_mint].decimals != 3, "energy mint must have 3 decimals")
        self._check_policy(fee_bps, minimum_order)
        refuse(interval < 60, "interval is below a minute")
        refuse(interval > DAY, "interval exceeds a day")
        refuse(gate_closure < 0, "gate closure is negative")
        refuse(gate_closure > WEEK, "gate closure exceeds a week")

        self.tokens[energy_vault] = Tokens(energy_mint, market)
        rules = {"fee_bps": fee_bps, "minimum_order": minimum_order}
        rules |= {"interval": interval, "gate_closure": gate_closure}
        mints = {"energy_mint": energy_mint, "payment_mint": payment_mint}
        whose = {"creator": authority, "authority": authority, "pending_authority": authority}
        self.markets[market] = Market(**whose, **mints, energy_vault=energy_vault, **rules)
        return self._told("MarketInitialized", market, authority=authority, **mints, **rules)

    def open_payment_vault(self, *, market: str, payment_mint: str, payment_vault: str) -> Event:
        known = self.markets[market]
        refuse(payment_mint != known.payment_mint, "payment mint is not of this market")

        self.tokens[payment_vault] = Tokens(payment_mint, market)
        known.payment_vault = payment_vault
        return self._done("PaymentVaultOpened", market, payment_vault=payment_vault)

    def set_policy(self, *, authority: str, market: str, fee_bps: int, minimum_order: int) -> Event:
        self._check_authority(market, authority)
        self._check_policy(fee_bps, minimum_order)

        self.markets[market].fee_bps, self.markets[market].minimum_order = fee_bps, minimum_order
        return self._done("PolicySet", market, fee_bps=fee_bps, minimum_order=minimum_order)

    def pause(self, *, authority: str, market: str) -> Event:
        self._check_authority(market, authority)
        self._check_not_paused(market)

        self.markets[market].paused = True
        return self._done("MarketPaused", market)

    def resume(self, *, authority: str, market: str) -> Event:
        self._check_authority(market, authority)
        refuse(not self.markets[market].paused, "market is not paused")

        self.markets[market].paused = False
        return self._done("MarketResumed", market)

    def propose_authority(self, *, authority: str, market: str, proposed: str) -> Event:
        self._check_authority(market, authority)

        self.markets[market].pending_authority = proposed
        return self._done("AuthorityProposed", market, proposed=proposed)

    def accept_authority(self, *, authority: str, market: str) -> Event:
        known = self.markets[market]
        refuse(known.pending_authority == known.authority, "no new authority is proposed")
        refuse(known.pending_authority != authority, "signer is not the proposed authority")

        known.authority = authority
        return self._done("AuthorityAccepted", market, authority=authority)

    def collect_fees(self, *, authority: str, market: str, payment_vault: str, destination: str) -> Event:
        known = self.markets[market]
        self._check_authority(market, authority)
        self._check_payment_vault(payment_vault, market)
        self._check_destination(destination, payment_vault)
        refuse(known.fees == 0, "there are no fees")
        self.transfer(payment_vault, destination, known.fees)

        amount, known.fees = known.fees, 0
        known.payment_held -= amount
        return self._done("FeesCollected", market, amount=amount)

    # Offers

    def open_offer(self, *, market: str, offer: str, owner: str) -> Event:
        self.offers[offer] = Offer(market, owner)
        return self._done("OfferOpened", market, offer=offer, owner=owner)

    def place_offer(
        self,
        *,
        owner: str,
        market: str,
        offer: str,
        energy_vault: str,
        source: str,
        price: int,
        amount: int,
        minimum_fill: int,
        expires_at: int,
    ) -> Event:
        self._check_not_paused(market)
        self._check_offer(offer, market, owner)
        self._check_energy_vault(energy_vault, market)
        self._check_source(source, energy_vault, owner)
        refuse(self.offers[offer].amount > 0, "offer is placed already")
        refuse(price == 0, "price must be positive")
        self._check_amount(amount)
        refuse(minimum_fill == 0, "minimum fill must be positive")
        refuse(minimum_fill > amount, "minimum fill exceeds the amount")
        refuse(expires_at <= self.now, "expiry is not in the future")
        self.transfer(source, energy_vault, amount)

        known = self.markets[market]
        known.energy_held += amount
        placed = {"price": price, "amount": amount, "minimum_fill": minimum_fill}
        placed |= {"expires_at": expires_at, "fee_bps": known.fee_bps}
        self.offers[offer] = Offer(market, owner, **placed)
        return self._done("OfferPlaced", market, offer=offer, **placed)

    def fill_offer(
        self,
        *,
        taker: str,
        market: str,
        offer: str,
        energy_vault: str,
        payment_vault: str,
        source: str,
        destination: str,
        proceeds: str,
        amount: int,
        maximum_cost: int,
    ) -> Event:
        known, placed, getting = self.markets[market], self.offers[offer], self.tokens[proceeds]
        self._check_not_paused(market)
        self._check_offer(offer, market)
        self._check_energy_vault(energy_vault, market)
        self._check_payment_vault(payment_vault, market)
        self._check_source(source, payment_vault, taker)
        self._check_destination(destination, energy_vault)
        refuse(getting.mint != known.payment_mint, "proceeds hold another mint")
        refuse(getting.owner != placed.owner, "proceeds belong to another owner")
        refuse(proceeds == payment_vault, "proceeds are the vault")
        refuse(proceeds == source, "proceeds are the source")
        refuse(placed.amount == 0, "offer is not placed")
        refuse(self.now >= placed.expires_at, "offer has expired")
        self._check_amount(amount)
        refuse(amount > placed.amount, "amount exceeds the offer")
        refuse(amount < min(placed.minimum_fill, placed.amount), "amount is below the minimum fill")
        cost = cost_of(amount, placed.price)
        refuse(cost > U64_MAX, TOO_MUCH)
        refuse(cost > maximum_cost, "cost exceeds the maximum")
        fee = fee_of(cost, placed.fee_bps)
        refuse(known.payment_held + fee > U64_MAX, OVERFLOW)
        self._transfer_all(
            (source, proceeds, cost - fee), (source, payment_vault, fee), (energy_vault, destination, amount)
        )

        placed.amount -= amount
        known.energy_held -= amount
        known.payment_held += fee
        known.fees += fee
        traded = {"amount": amount, "cost": cost, "fee": fee, "left": placed.amount}
        return self._done("OfferFilled", market, offer=offer, taker=taker, **traded)

    def cancel_offer(
        self, *, owner: str, market: str, offer: str, energy_vault: str, destination: str
    ) -> Event:
        self._check_offer(offer, market, owner)
        self._check_energy_vault(energy_vault, market)
        self._check_destination(destination, energy_vault)
        refuse(self.offers[offer].amount == 0, "offer is not placed")

        return self._give_back_offer("OfferCancelled", market, offer, destination)

    def release_expired(self, *, market: str, offer: str, energy_vault: str, destination: str) -> Event:
        placed = self.offers[offer]
        self._check_offer(offer, market)
        self._check_energy_vault(energy_vault, market)
        self._check_destination(destination, energy_vault, placed.owner)
        refuse(placed.amount == 0, "offer is not placed")
        refuse(self.now < placed.expires_at, "offer has not expired")

        return self._give_back_offer("OfferExpired", market, offer, destination)

    # Auctions

    def open_auction(self, *, market: str, auction: str, starts_at: int) -> Event:
        known = self.markets[market]
        self._check_not_paused(market)
        refuse(starts_at % known.interval != 0, "no interval starts then")
        closes_at = starts_at - known.gate_closure
        refuse(closes_at < -I64_MAX - 1, UNDERFLOW)
        refuse(self.now >= closes_at, "gate has closed")
        refuse(closes_at - self.now > YEAR, "gate closes more than a year ahead")

        opened = {"starts_at": starts_at, "closes_at": closes_at, "fee_bps": known.fee_bps}
        self.auctions[auction] = Auction(market, **opened)
        return self._done("AuctionOpened", market, auction=auction, **opened)

    def open_order(self, *, market: str, order: str, owner: str) -> Event:
        self.orders[order] = Order(market, owner)
        return self._done("OrderOpened", market, order=order, owner=owner)

    def place_order(
        self,
        *,
        owner: str,
        market: str,
        auction: str,
        order: str,
        vault: str,
        source: str,
        side: Side,
        price: int,
        amount: int,
    ) -> Event:
        known, book = self.markets[market], self.auctions[auction]
        self._check_not_paused(market)
        self._check_auction(auction, market)
        self._check_order(order, market, owner)
        self._check_vault(vault, market, side)
        self._check_source(source, vault, owner)
        refuse(self.orders[order].active, "order is active already")
        refuse(self.now >= book.closes_at, "gate has closed")
        refuse(price == 0, "price must be positive")
        self._check_amount(amount)
        refuse(amount < known.minimum_order, "amount is below the minimum order")
        placed = Order(market, owner, auction, book.order_count, price, amount, side, active=True)
        refuse(placed.escrow > U64_MAX, TOO_MUCH)
        held = known.payment_held if side is BID else known.energy_held
        refuse(held + placed.escrow > U64_MAX, OVERFLOW)
        self.transfer(source, vault, placed.escrow)

        self.orders[order] = placed
        book.order_count += 1
        self._hold(market, side, placed.escrow)
        told = {"index": placed.index, "side": side, "price": price, "amount": amount}
        return self._done("OrderPlaced", market, auction=auction, order=order, **told, escrow=placed.escrow)

    def cancel_order(
        self, *, owner: str, market: str, auction: str, order: str, vault: str, destination: str
    ) -> Event:
        placed, book = self.orders[order], self.auctions[auction]
        self._check_auction(auction, market)
        self._check_order(order, market, owner)
        self._check_order_in(order, auction)
        self._check_vault(vault, market, placed.side)
        self._check_destination(destination, vault)
        lapsed = not book.cleared and self.now >= book.lapses_at
        refuse(not lapsed and self.now >= book.closes_at, "gate has closed")
        refuse(not lapsed and placed.amount == 0, "order is cancelled already")
        self.transfer(vault, destination, placed.escrow)

        escrow = placed.escrow
        self._hold(market, placed.side, -escrow)
        placed.amount, placed.active = 0, not lapsed
        return self._done("OrderCancelled", market, auction=auction, order=order, escrow=escrow)

    def open_clearing(self, *, owner: str, market: str, clearing: str) -> None:
        self.clearings[clearing] = Clearing(market, owner)

    def propose_price(self, *, owner: str, auction: str, clearing: str, price: int) -> None:
        proposal, book = self.clearings[clearing], self.auctions[auction]
        refuse(proposal.owner != owner, "clearing belongs to another owner")
        refuse(proposal.market != book.market, "clearing belongs to another market")
        refuse(book.cleared, "auction is cleared already")
        refuse(self.now < book.closes_at, "gate is open")

        self.clearings[clearing] = Clearing(book.market, owner, auction, price)

    def count_order(self, *, auction: str, clearing: str, order: str) -> None:
        proposal, counted = self.clearings[clearing], self.orders[order]
        refuse(proposal.auction != auction, "clearing belongs to another auction")
        refuse(counted.auction != auction, "order belongs to another auction")
        refuse(counted.index != proposal.counted, "order is not the next one")

        proposal.counted += 1
        bid = counted.side is BID
        if counted.price == proposal.price:
            proposal.demand_at += counted.amount if bid else 0
            proposal.supply_at += 0 if bid else counted.amount
        elif bid and counted.price > proposal.price:
            proposal.demand_above += counted.amount
        elif not bid and counted.price < proposal.price:
            proposal.supply_below += counted.amount
        if counted.amount:
            nearest = {counted.price, proposal.price_below, proposal.price_above} - {0}
            proposal.price_below = max((each for each in nearest if each < proposal.price), default=0)
            proposal.price_above = min((each for each in nearest if each > proposal.price), default=0)

    def clear_auction(self, *, market: str, auction: str, clearing: str) -> Event:
        proposal, book = self.clearings[clearing], self.auctions[auction]
        self._check_auction(auction, market)
        refuse(proposal.auction != auction, "clearing belongs to another auction")
        refuse(book.cleared, "auction is cleared already")
        refuse(self.now >= book.lapses_at, "auction has lapsed")
        refuse(proposal.counted != book.order_count, "orders are not all counted")
        orders = self.book(auction)
        price = proposal.price
        above, at_or_above = demand(orders, price + 1), demand(orders, price)
        below, at_or_below = supply(orders, price - 1), supply(orders, price)
        refuse(above > at_or_below, "price is too low to maximise the volume")
        refuse(below > at_or_above, "price is too high to maximise the volume")
        refuse(price != clearing_price(orders), "price is not the middle of those that maximise the volume")

        book.cleared, book.price, book.book = True, price, [replace(order) for order in orders]
        book.volume = min(at_or_above, at_or_below)
        book.at_price = {BID: at_or_above - above, OFFER: at_or_below - below}
        book.at_price_filled = {BID: book.volume - above, OFFER: book.volume - below}
        shares = {
            **{"bids_at_price": book.at_price[BID], "bids_at_price_filled": book.at_price_filled[BID]},
            **{
                "offers_at_price": book.at_price[OFFER],
                "offers_at_price_filled": book.at_price_filled[OFFER],
            },
        }
        return self._done(
            "AuctionCleared", market, auction=auction, price=price, volume=book.volume, **shares
        )

    def settle_order(
        self,
        *,
        market: str,
        auction: str,
        order: str,
        energy_vault: str,
        payment_vault: str,
        energy_destination: str,
        payment_destination: str,
    ) -> Event:
        known, placed, book = self.markets[market], self.orders[order], self.auctions[auction]
        self._check_auction(auction, market)
        self._check_order_in(order, auction)
        self._check_energy_vault(energy_vault, market)
        self._check_payment_vault(payment_vault, market)
        self._check_destination(energy_destination, energy_vault, placed.owner)
        self._check_destination(payment_destination, payment_vault, placed.owner)
        refuse(not book.cleared, "auction is not cleared")
        settlement = self._settlement(placed, book)
        filled, value, fee = settlement.filled, settlement.value, settlement.fee
        bid = placed.side is BID
        energy = filled if bid else placed.amount - filled
        payment = placed.escrow - value if bid else value - fee
        self._transfer_all(
            (energy_vault, energy_destination, energy), (payment_vault, payment_destination, payment)
        )

        book.settlements.append(settlement)
        placed.amount, placed.active = 0, False
        known.energy_held -= energy
        known.payment_held -= payment
        known.fees += fee
        if book.settled:
            known.fees += book.value(BID) - book.value(OFFER)
        told = {"filled": filled, "energy": energy, "payment": payment, "fee": fee}
        return self._done("OrderSettled", market, auction=auction, order=order, **told)

    # What happens without the program

    def transfer(self, source: str, destination: str, amount: int) -> None:
        """Of nothing nothing happens; so it is in the program."""
        if amount == 0:
            return
        held, receiving = self.tokens[source], self.tokens[destination]
        refuse(held.frozen or receiving.frozen, Token.ACCOUNT_FROZEN)
        refuse(amount > held.amount, Token.INSUFFICIENT_FUNDS)

        held.amount -= amount
        receiving.amount += amount

    # The rules that one state can show

    def check(self) -> None:
        """Raise AssertionError if one of the rules 1, 2, 3, 4 and 7 does not hold, or a count is wrong."""
        for name, market in self.markets.items():
            self._check_held(name, market)
        for auction in self.auctions.values():
            self._check_outcome(auction)
        for clearing in self.clearings.values():
            self._check_count(clearing)
        for name, mint in self.mints.items():
            assert mint.supply == sum(held.amount for held in self.tokens.values() if held.mint == name), name

    def book(self, auction: str) -> list[Order]:
        """Of an auction that is not cleared, all orders, also those that were cancelled, by their indices."""
        orders = [order for order in self.orders.values() if order.auction == auction]
        return sorted(orders, key=lambda order: order.index)

    def _check_held(self, name: str, market: Market) -> None:
        energy = sum(offer.amount for offer in self.offers.values() if offer.market == name)
        payment = market.fees
        for order in self.orders.values():
            if order.market == name and order.active:
                energy += order.escrow if order.side is OFFER else 0
                payment += order.escrow if order.side is BID else 0
        for auction in self.auctions.values():
            if auction.market == name and not auction.settled:
                energy += auction.filled(OFFER) - auction.filled(BID)
                payment += auction.value(BID) - auction.value(OFFER)
        assert (market.energy_held, market.payment_held) == (energy, payment), name
        assert self.tokens[market.energy_vault].amount >= energy, name
        assert (self.tokens[market.payment_vault].amount if market.payment_vault else 0) >= payment, name

    def _check_outcome(self, auction: Auction) -> None:
        if not auction.cleared:
            return
        price, book = auction.price, auction.book
        prices = {0, price, *(order.price for order in book)}
        assert auction.volume == max(traded(book, each) for each in prices) == traded(book, price)
        for each in auction.settlements:
            order, filled = each.order, each.filled
            better = order.price > price if order.side is BID else order.price < price
            if order.price == price and order.amount:
                share = Fraction(auction.at_price_filled[order.side], auction.at_price[order.side])
                assert abs(filled - order.amount * share) < 1
            else:
                assert filled == (order.amount if better else 0)
            if order.side is BID:
                assert Fraction(filled * price, 1_000) <= each.value <= cost_of(filled, order.price)
            else:
                assert (
                    Fraction(filled * order.price, 1_000) - 1 < each.value <= Fraction(filled * price, 1_000)
                )
                assert 0 <= each.fee <= Fraction(each.value * auction.fee_bps, 10_000)
        if auction.settled:
            assert auction.filled(BID) == auction.filled(OFFER) == auction.volume
            assert 0 <= auction.value(BID) - auction.value(OFFER) <= auction.order_count

    def _check_count(self, clearing: Clearing) -> None:
        auction = self.auctions.get(clearing.auction)
        if auction is None or auction.cleared or self.now >= auction.lapses_at:
            return
        counted, price = self.book(clearing.auction)[: clearing.counted], clearing.price
        assert clearing.demand_above == demand(counted, price + 1)
        assert clearing.demand_above + clearing.demand_at == demand(counted, price)
        assert clearing.supply_below == supply(counted, price - 1)
        assert clearing.supply_below + clearing.supply_at == supply(counted, price)
        prices = {0, *(order.price for order in counted if order.amount)}
        assert clearing.price_below == max((each for each in prices if each < price), default=0)
        assert clearing.price_above == min((each for each in prices if each > price), default=0)

    # Shared

    def _check_authority(self, market: str, authority: str) -> None:
        refuse(self.markets[market].authority != authority, "signer is not the authority")

    def _check_not_paused(self, market: str) -> None:
        refuse(self.markets[market].paused, "market is paused")

    def _check_policy(self, fee_bps: int, minimum_order: int) -> None:
        refuse(fee_bps > MAX_FEE_BPS, "fee exceeds 500 basis points")
        refuse(minimum_order == 0, "minimum order must be positive")
        refuse(minimum_order > TERAWATT_HOUR, "minimum order exceeds a terawatt-hour")

    def _check_amount(self, amount: int) -> None:
        refuse(amount == 0, "amount must be positive")
        refuse(amount > TERAWATT_HOUR, "amount exceeds a terawatt-hour")

    def _check_offer(self, offer: str, market: str, owner: str | None = None) -> None:
        refuse(self.offers[offer].market != market, "offer belongs to another market")
        refuse(owner not in (None, self.offers[offer].owner), "offer belongs to another owner")

    def _check_auction(self, auction: str, market: str) -> None:
        refuse(self.auctions[auction].market != market, "auction belongs to another market")

    def _check_order(self, order: str, market: str, owner: str) -> None:
        refuse(self.orders[order].market != market, "order belongs to another market")
        refuse(self.orders[order].owner != owner, "order belongs to another owner")

    def _check_order_in(self, order: str, auction: str) -> None:
        refuse(not self.orders[order].active, "order is not active")
        refuse(self.orders[order].auction != auction, "order belongs to another auction")

    def _check_vault(self, vault: str, market: str, side: Side) -> None:
        check = self._check_payment_vault if side is BID else self._check_energy_vault
        check(vault, market)

    def _check_energy_vault(self, vault: str, market: str) -> None:
        refuse(vault != self.markets[market].energy_vault, "energy vault is not of this market")

    def _check_payment_vault(self, vault: str, market: str) -> None:
        refuse(vault != self.markets[market].payment_vault, "payment vault is not of this market")

    def _check_source(self, source: str, vault: str, owner: str) -> None:
        refuse(source == vault, "source is the vault")
        refuse(self.tokens[source].mint != self.tokens[vault].mint, "source holds another mint")
        refuse(self.tokens[source].owner != owner, "source belongs to another owner")

    def _check_destination(self, destination: str, vault: str, owner: str | None = None) -> None:
        holder = self.tokens[destination]
        refuse(destination == vault, "destination is the vault")
        refuse(holder.mint != self.tokens[vault].mint, "destination holds another mint")
        refuse(owner not in (None, holder.owner), "destination belongs to another owner")

    def _give_back_offer(self, event: str, market: str, offer: str, destination: str) -> Event:
        known, placed = self.markets[market], self.offers[offer]
        self.transfer(known.energy_vault, destination, placed.amount)

        amount, placed.amount = placed.amount, 0
        known.energy_held -= amount
        return self._done(event, market, offer=offer, amount=amount)

    def _settlement(self, order: Order, auction: Auction) -> Settlement:
        """Those at the price share what is filled at it: all that are settled, to the Wh, rounded down."""
        price, side = auction.price, order.side
        filled = 0
        if order.price == price and order.amount:
            share = Fraction(auction.at_price_filled[side], auction.at_price[side])
            before = auction.at_price_settled(side)
            filled = floor((before + order.amount) * share) - floor(before * share)
        elif (order.price > price) == (side is BID):
            filled = order.amount
        if side is BID:
            return Settlement(replace(order), filled, cost_of(filled, price), 0)
        proceeds = filled * price // 1_000
        return Settlement(replace(order), filled, proceeds, fee_of(proceeds, auction.fee_bps))

    def _hold(self, market: str, side: Side, amount: int) -> None:
        known = self.markets[market]
        if side is BID:
            known.payment_held += amount
        else:
            known.energy_held += amount

    def _transfer_all(self, *transfers: tuple[str, str, int]) -> None:
        """All of them, or none."""
        before = {name: replace(self.tokens[name]) for each in transfers for name in each[:2]}
        try:
            for each in transfers:
                self.transfer(*each)
        except Refusal:
            self.tokens |= before
            raise

    def _done(self, event: str, market: str, **fields: Any) -> Event:
        self.markets[market].sequence += 1
        return self._told(event, market, **fields)

    def _told(self, event: str, market: str, **fields: Any) -> Event:
        known = self.markets[market]
        held = {"energy_held": known.energy_held, "payment_held": known.payment_held}
        return event, {"market": market, **fields, **held, "sequence": known.sequence}


def cost_of(amount: int, price: int) -> int:
    """What a buyer pays."""
    return -(-amount * price // 1_000)


def fee_of(proceeds: int, fee_bps: int) -> int:
    return proceeds * fee_bps // 10_000


def demand(book: list[Order], price: int) -> int:
    """What would be bought at a price."""
    return sum(order.amount for order in book if order.side is BID and order.price >= price)


def supply(book: list[Order], price: int) -> int:
    """What would be sold at a price."""
    return sum(order.amount for order in book if order.side is OFFER and order.price <= price)


def traded(book: list[Order], price: int) -> int:
    return min(demand(book, price), supply(book, price))


def clearing_price(book: list[Order]) -> int:
    """The middle of those that leave nobody better unfilled. Only at orders' prices anything changes."""
    prices = sorted({0, *(order.price for order in book if order.amount)})
    clears = [
        price
        for price in prices
        if demand(book, price + 1) <= supply(book, price) and supply(book, price - 1) <= demand(book, price)
    ]
    return (clears[0] + clears[-1]) // 2
