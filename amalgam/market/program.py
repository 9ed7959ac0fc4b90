"""The energy_market program as Python sees it: addresses, accounts, events and instructions.

Everything here is pure, and follows the IDL that is built with the program.

Energy is base units of a mint with 3 decimals, 1 Wh; payments are base units of their own mint. Prices are
payment base units for 1,000 Wh. Times are Unix seconds, fees basis points.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple, get_args

from based58 import b58encode
from solana.rpc.types import MemcmpOpts
from solders.instruction import Instruction
from solders.pubkey import Pubkey

from amalgam.chain.layout import EventReader, ProgramLayout, RecordLayout, checked

PROGRAM_ID = Pubkey.from_string("8LVo6yC23HZyNPFf57DuZnKCGHZVLBsUmmRpoCUirhTi")
BPS = 10_000
MAX_FEE_BPS = 500
UNITS_PER_PRICE = 1_000  # Wh that a price is for
MAX_AMOUNT = 1_000_000_000_000  # Wh of an offer or order
MIN_INTERVAL = 60  # s
MAX_INTERVAL = 86_400  # s
MAX_GATE_CLOSURE = 604_800  # s
CLEARING_PERIOD = 86_400  # s from the closing of the gate; then the auction has lapsed

_LAYOUT = ProgramLayout("energy_market", PROGRAM_ID)


class Side(IntEnum):
    """Whether an order buys energy or sells it."""

    BID = 0
    OFFER = 1


class Limit(NamedTuple):
    """The side of an order."""

    side: Side
    price: int  # a bid's most, an offer's least
    amount: int  # 0 if it was cancelled


# Addresses


def market_address(creator: Pubkey, energy_mint: Pubkey, payment_mint: Pubkey) -> Pubkey:
    """The market that `creator` initializes for two mints; a change of authority does not move it."""
    return _LAYOUT.address(b"market", bytes(creator), bytes(energy_mint), bytes(payment_mint))


def energy_vault_address(market: Pubkey) -> Pubkey:
    """Where a market keeps the energy of offers and orders."""
    return _LAYOUT.address(b"energy_vault", bytes(market))


def payment_vault_address(market: Pubkey) -> Pubkey:
    """Where a market keeps the payments of bids, and its fees."""
    return _LAYOUT.address(b"payment_vault", bytes(market))


def offer_address(market: Pubkey, owner: Pubkey, number: int) -> Pubkey:
    """One of an owner's offers in a market. Raises ValueError if the number is none of 0 to 255."""
    return _numbered(b"offer", market, owner, number)


def auction_address(market: Pubkey, starts_at: int) -> Pubkey:
    """The auction of the delivery interval that starts then, in Unix seconds."""
    start = checked("starts_at", "i64", starts_at)
    return _LAYOUT.address(b"auction", bytes(market), start.to_bytes(8, "little", signed=True))


def order_address(market: Pubkey, owner: Pubkey, number: int) -> Pubkey:
    """One of an owner's orders in a market. Raises ValueError if the number is none of 0 to 255."""
    return _numbered(b"order", market, owner, number)


def clearing_address(market: Pubkey, owner: Pubkey) -> Pubkey:
    """A count of the book of one of a market's auctions."""
    return _LAYOUT.address(b"clearing", bytes(market), bytes(owner))


def _numbered(kind: bytes, market: Pubkey, owner: Pubkey, number: int) -> Pubkey:
    return _LAYOUT.address(kind, bytes(market), bytes(owner), bytes([checked("number", "u8", number)]))


# Arithmetic, as the program's


def cost_of(amount: int, price: int) -> int:
    """The price of energy to a buyer, rounded up."""
    return -(-amount * price // UNITS_PER_PRICE)


def proceeds_of(amount: int, price: int) -> int:
    """The payment due to a seller of energy, rounded down, with the fee."""
    return amount * price // UNITS_PER_PRICE


def fee_of(proceeds: int, fee_bps: int) -> int:
    """The market's part of what a seller is due, rounded down."""
    return proceeds * fee_bps // BPS


# Accounts


@dataclass(frozen=True, slots=True)
class Market:
    """A pair of mints, its rules, and what its vaults hold for others."""

    creator: Pubkey
    authority: Pubkey
    pending_authority: Pubkey  # the authority itself if nobody is proposed
    energy_mint: Pubkey
    payment_mint: Pubkey
    energy_vault: Pubkey
    payment_vault: Pubkey
    energy_held: int  # for offers, orders and what auctions owe
    payment_held: int  # for bids and what auctions owe, and the fees
    fees: int  # not yet collected
    minimum_order: int
    interval: int  # s of delivery; intervals start at its multiples
    gate_closure: int  # s before delivery
    sequence: int  # events so far; each event carries it
    fee_bps: int  # of offers placed and auctions opened from now on
    paused: bool
    bump: int

    @classmethod
    def from_bytes(cls, data: bytes) -> "Market":
        """Decode an account's data. Raises ValueError if it is not a Market's."""
        return _MARKET.decode(data)


@dataclass(frozen=True, slots=True)
class Offer:
    """Energy at a price, for whoever takes it."""

    market: Pubkey
    owner: Pubkey
    price: int
    amount: int  # left; 0 if there is no offer, and one can be placed
    minimum_fill: int
    expires_at: int
    fee_bps: int

    @classmethod
    def from_bytes(cls, data: bytes) -> "Offer":
        """Decode an account's data. Raises ValueError if it is not an Offer's."""
        return _OFFER.decode(data)

    @staticmethod
    def filters(market: Pubkey, owner: Pubkey | None = None) -> list[MemcmpOpts]:
        """The filters with which getProgramAccounts finds a market's offers, or one owner's."""
        whose = {"owner": owner} if owner else {}
        return _filters(_OFFER, market=market, **whose)


@dataclass(frozen=True, slots=True)
class Auction:
    """The book of one delivery interval, and its outcome."""

    market: Pubkey
    starts_at: int  # of delivery
    closes_at: int  # the gate
    order_count: int
    settled_count: int
    price: int
    volume: int  # traded
    bids_at_price: int
    bids_at_price_filled: int  # of these, in the end
    bids_at_price_settled: int  # of these, so far
    offers_at_price: int
    offers_at_price_filled: int
    offers_at_price_settled: int
    received: int  # from buyers, so far
    paid: int  # for sellers, with the fee, so far
    fee_bps: int
    cleared: bool

    @classmethod
    def from_bytes(cls, data: bytes) -> "Auction":
        """Decode an account's data. Raises ValueError if it is not an Auction's."""
        return _AUCTION.decode(data)

    @staticmethod
    def filters(market: Pubkey) -> list[MemcmpOpts]:
        """The filters with which getProgramAccounts finds a market's auctions."""
        return _filters(_AUCTION, market=market)

    @property
    def lapses_at(self) -> int:
        """When it can no longer be cleared, and its orders can be withdrawn."""
        return self.closes_at + CLEARING_PERIOD

    def at_price(self, side: Side) -> tuple[int, int, int]:
        """The amounts of a side's orders at the price: asked for, filled of this, and settled so far."""
        if side is Side.BID:
            return self.bids_at_price, self.bids_at_price_filled, self.bids_at_price_settled
        return self.offers_at_price, self.offers_at_price_filled, self.offers_at_price_settled

    def due(self, order: "Order") -> tuple[int, int]:
        """Energy and payment that an order's owner gets if it is settled next; of a cleared auction."""
        filled = self._filled(order)
        if order.side is Side.BID:
            return filled, order.escrow - cost_of(filled, self.price)
        proceeds = proceeds_of(filled, self.price)
        return order.amount - filled, proceeds - fee_of(proceeds, self.fee_bps)

    def _filled(self, order: "Order") -> int:
        if order.price != self.price:
            return order.amount if (order.side is Side.BID) == (order.price > self.price) else 0
        total, filled, settled = self.at_price(order.side)
        return (settled + order.amount) * filled // total - settled * filled // total if total else 0


@dataclass(frozen=True, slots=True)
class Order:
    """A bid or an offer in one auction."""

    market: Pubkey
    owner: Pubkey
    auction: Pubkey
    index: int  # in the auction: 0, 1, ...
    price: int
    amount: int  # 0 if it was cancelled
    side: Side
    active: bool  # until it is settled

    @classmethod
    def from_bytes(cls, data: bytes) -> "Order":
        """Decode an account's data. Raises ValueError if it is not an Order's."""
        return _ORDER.decode(data)

    @staticmethod
    def filters(market: Pubkey, owner: Pubkey | None = None) -> list[MemcmpOpts]:
        """The filters with which getProgramAccounts finds a market's orders, or one owner's."""
        whose = {"owner": owner} if owner else {}
        return _filters(_ORDER, market=market, **whose)

    @staticmethod
    def book_filters(auction: Pubkey) -> list[MemcmpOpts]:
        """The filters with which getProgramAccounts finds an auction's book."""
        return _filters(_ORDER, auction=auction)

    @property
    def limit(self) -> Limit:
        """The side."""
        return Limit(self.side, self.price, self.amount)

    @property
    def escrow(self) -> int:
        """The vault's holding for it: payment of a bid, energy of an offer."""
        return cost_of(self.amount, self.price) if self.side is Side.BID else self.amount


@dataclass(frozen=True, slots=True)
class Clearing:
    """A price that somebody proposes for an auction, and the book seen from it, as far as it is counted."""

    market: Pubkey
    owner: Pubkey
    auction: Pubkey
    price: int
    counted: int  # orders, and so the index of the next one
    demand_above: int
    demand_at: int
    supply_below: int
    supply_at: int
    price_below: int  # of the nearest order below the price; 0 if there is none
    price_above: int  # of the nearest order above the price; 0 if there is none

    @classmethod
    def from_bytes(cls, data: bytes) -> "Clearing":
        """Decode an account's data. Raises ValueError if it is not a Clearing's."""
        return _CLEARING.decode(data)


# Events: what is held is what the vaults hold for others after the operation


@dataclass(frozen=True, slots=True)
class MarketInitialized:
    """A market was created."""

    market: Pubkey
    authority: Pubkey
    energy_mint: Pubkey
    payment_mint: Pubkey
    fee_bps: int
    minimum_order: int
    interval: int
    gate_closure: int
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class PaymentVaultOpened:
    """A new market can be paid in."""

    market: Pubkey
    payment_vault: Pubkey
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Orders, offers and auctions from here on have this fee, and this minimum."""

    market: Pubkey
    fee_bps: int
    minimum_order: int
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class MarketPaused:
    """No new offers, fills, auctions and orders from here on."""

    market: Pubkey
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class MarketResumed:
    """Offers, fills, auctions and orders again."""

    market: Pubkey
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class AuthorityProposed:
    """`proposed` may accept the authority; if it is the authority itself, nobody may any more."""

    market: Pubkey
    proposed: Pubkey
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class AuthorityAccepted:
    """The market has this authority from here on."""

    market: Pubkey
    authority: Pubkey
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class FeesCollected:
    """The fees went to the authority."""

    market: Pubkey
    amount: int
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class OfferOpened:
    """An owner can place an offer there."""

    market: Pubkey
    offer: Pubkey
    owner: Pubkey
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class OfferPlaced:
    """Energy is offered at a price."""

    market: Pubkey
    offer: Pubkey
    price: int
    amount: int
    minimum_fill: int
    expires_at: int
    fee_bps: int
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class OfferFilled:
    """`amount` was bought of an offer, and `left` is left of it."""

    market: Pubkey
    offer: Pubkey
    taker: Pubkey
    amount: int
    cost: int  # paid by the taker
    fee: int  # of that
    left: int
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class OfferCancelled:
    """The rest of an offer went back, as its owner said."""

    market: Pubkey
    offer: Pubkey
    amount: int
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class OfferExpired:
    """The rest of an expired offer went back to its owner."""

    market: Pubkey
    offer: Pubkey
    amount: int
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class AuctionOpened:
    """Orders are taken for the delivery interval that begins at `starts_at`, until `closes_at`."""

    market: Pubkey
    auction: Pubkey
    starts_at: int
    closes_at: int
    fee_bps: int
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class OrderOpened:
    """An owner can place an order there."""

    market: Pubkey
    order: Pubkey
    owner: Pubkey
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """An order is in an auction's book."""

    market: Pubkey
    auction: Pubkey
    order: Pubkey
    index: int
    side: Side
    price: int
    amount: int
    escrow: int  # of a bid payment, of an offer energy
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The holdings of an order went back, as its owner said."""

    market: Pubkey
    auction: Pubkey
    order: Pubkey
    escrow: int  # returned
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class AuctionCleared:
    """All trade at this price."""

    market: Pubkey
    auction: Pubkey
    price: int
    volume: int
    bids_at_price: int
    bids_at_price_filled: int
    offers_at_price: int
    offers_at_price_filled: int
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class OrderSettled:
    """The owner of an order got what it has brought, and what of it has not traded."""

    market: Pubkey
    auction: Pubkey
    order: Pubkey
    filled: int
    energy: int  # sent to the owner
    payment: int  # sent to the owner
    fee: int
    energy_held: int
    payment_held: int
    sequence: int


Event = (
    MarketInitialized
    | PaymentVaultOpened
    | PolicySet
    | MarketPaused
    | MarketResumed
    | AuthorityProposed
    | AuthorityAccepted
    | FeesCollected
    | OfferOpened
    | OfferPlaced
    | OfferFilled
    | OfferCancelled
    | OfferExpired
    | AuctionOpened
    | OrderOpened
    | OrderPlaced
    | OrderCancelled
    | AuctionCleared
    | OrderSettled
)


ACCOUNTS = (Market, Offer, Auction, Order, Clearing)


def events(logs: Iterable[str]) -> list[Event]:
    """The program's events in a transaction's logs, as `EventReader.read` finds them."""
    return EVENTS.read(logs)


# Instructions: the market


def initialize(
    *,
    authority: Pubkey,
    energy_mint: Pubkey,
    payment_mint: Pubkey,
    fee_bps: int,
    minimum_order: int,
    interval: int,
    gate_closure: int,
) -> Instruction:
    """Create a market, at the authority's expense. It is complete after `open_payment_vault`.

    Args:
        authority: Signs, pays and may later set the policy.
        energy_mint: What is traded; it has 3 decimals.
        payment_mint: What it is paid with.
        fee_bps: Of what sellers are due, at most 500.
        minimum_order: Wh of an auction's order, at least 1.
        interval: Seconds of delivery, 60 to 86,400.
        gate_closure: Seconds before delivery, 0 to 604,800.
    """
    market = market_address(authority, energy_mint, payment_mint)
    return _LAYOUT.build(
        "initialize",
        authority=authority,
        energy_mint=energy_mint,
        payment_mint=payment_mint,
        market=market,
        energy_vault=energy_vault_address(market),
        fee_bps=fee_bps,
        minimum_order=minimum_order,
        interval=interval,
        gate_closure=gate_closure,
    )


def open_payment_vault(*, payer: Pubkey, market: Pubkey, payment_mint: Pubkey) -> Instruction:
    """Complete a new market, at the payer's expense."""
    return _LAYOUT.build(
        "open_payment_vault",
        payer=payer,
        market=market,
        payment_mint=payment_mint,
        payment_vault=payment_vault_address(market),
    )


def create(
    *, payer: Pubkey, authority: Pubkey, energy_mint: Pubkey, payment_mint: Pubkey, **rules: int
) -> list[Instruction]:
    """Create a whole market, in one transaction: `initialize`, with its rules, and `open_payment_vault`."""
    market = market_address(authority, energy_mint, payment_mint)
    return [
        initialize(authority=authority, energy_mint=energy_mint, payment_mint=payment_mint, **rules),
        open_payment_vault(payer=payer, market=market, payment_mint=payment_mint),
    ]


def set_policy(*, authority: Pubkey, market: Pubkey, fee_bps: int, minimum_order: int) -> Instruction:
    """Set the fee and the minimum of what is placed and opened from now on. Units: `initialize`."""
    return _LAYOUT.build(
        "set_policy", authority=authority, market=market, fee_bps=fee_bps, minimum_order=minimum_order
    )


def pause(*, authority: Pubkey, market: Pubkey) -> Instruction:
    """Stop new offers, fills, auctions and orders; what gives back goes on."""
    return _LAYOUT.build("pause", authority=authority, market=market)


def resume(*, authority: Pubkey, market: Pubkey) -> Instruction:
    """Take offers, fills, auctions and orders again."""
    return _LAYOUT.build("resume", authority=authority, market=market)


def propose_authority(*, authority: Pubkey, market: Pubkey, proposed: Pubkey) -> Instruction:
    """Offer the authority to `proposed`, who has to accept it. Proposing oneself cancels."""
    return _LAYOUT.build("propose_authority", authority=authority, market=market, proposed=proposed)


def accept_authority(*, authority: Pubkey, market: Pubkey) -> Instruction:
    """Become the authority, as the key that was proposed."""
    return _LAYOUT.build("accept_authority", authority=authority, market=market)


def collect_fees(*, authority: Pubkey, market: Pubkey, destination: Pubkey) -> Instruction:
    """Move the fees to any token account of the payment mint."""
    return _LAYOUT.build(
        "collect_fees",
        authority=authority,
        market=market,
        payment_vault=payment_vault_address(market),
        destination=destination,
    )


# Instructions: offers


def open_offer(*, payer: Pubkey, market: Pubkey, owner: Pubkey, number: int) -> Instruction:
    """Open an offer account for any owner, at the payer's expense: one offer after the other."""
    return _LAYOUT.build(
        "open_offer",
        payer=payer,
        market=market,
        offer=offer_address(market, owner, number),
        owner=owner,
        number=number,
    )


def place_offer(
    *,
    owner: Pubkey,
    market: Pubkey,
    offer: Pubkey,
    source: Pubkey,
    price: int,
    amount: int,
    minimum_fill: int,
    expires_at: int,
) -> Instruction:
    """Offer energy, which moves to the vault.

    Args:
        owner: The offer account's; signs.
        market: Where it is offered.
        offer: The account, which holds no offer now.
        source: The owner's token account of the energy.
        price: Payment base units for 1,000 Wh.
        amount: Wh, at most 10^12.
        minimum_fill: Wh that a taker has to take, unless less is left.
        expires_at: Unix seconds; until then it can be filled.
    """
    return _LAYOUT.build(
        "place_offer",
        owner=owner,
        market=market,
        offer=offer,
        energy_vault=energy_vault_address(market),
        source=source,
        price=price,
        amount=amount,
        minimum_fill=minimum_fill,
        expires_at=expires_at,
    )


def fill_offer(
    *,
    taker: Pubkey,
    market: Pubkey,
    offer: Pubkey,
    source: Pubkey,
    destination: Pubkey,
    proceeds: Pubkey,
    amount: int,
    maximum_cost: int,
) -> Instruction:
    """Buy energy of an offer.

    Args:
        taker: Signs and pays.
        market: The offer's.
        offer: The account.
        source: The taker's token account of the payment.
        destination: Any token account, for the energy.
        proceeds: The maker's token account of the payment.
        amount: Wh.
        maximum_cost: Payment base units; if it costs more, nothing happens.
    """
    return _LAYOUT.build(
        "fill_offer",
        taker=taker,
        market=market,
        offer=offer,
        energy_vault=energy_vault_address(market),
        payment_vault=payment_vault_address(market),
        source=source,
        destination=destination,
        proceeds=proceeds,
        amount=amount,
        maximum_cost=maximum_cost,
    )


def cancel_offer(*, owner: Pubkey, market: Pubkey, offer: Pubkey, destination: Pubkey) -> Instruction:
    """Take back what is left of an offer, to any token account of the energy."""
    return _LAYOUT.build(
        "cancel_offer",
        owner=owner,
        market=market,
        offer=offer,
        energy_vault=energy_vault_address(market),
        destination=destination,
    )


def release_expired(*, market: Pubkey, offer: Pubkey, destination: Pubkey) -> Instruction:
    """Return what is left of an expired offer to a token account of its owner's."""
    return _LAYOUT.build(
        "release_expired",
        market=market,
        offer=offer,
        energy_vault=energy_vault_address(market),
        destination=destination,
    )


# Instructions: auctions


def open_auction(*, payer: Pubkey, market: Pubkey, starts_at: int) -> Instruction:
    """Open the auction of the delivery interval that starts then, at the payer's expense."""
    return _LAYOUT.build(
        "open_auction",
        payer=payer,
        market=market,
        auction=auction_address(market, starts_at),
        starts_at=starts_at,
    )


def open_order(*, payer: Pubkey, market: Pubkey, owner: Pubkey, number: int) -> Instruction:
    """Open an order account for any owner, at the payer's expense: one order after the other."""
    return _LAYOUT.build(
        "open_order",
        payer=payer,
        market=market,
        order=order_address(market, owner, number),
        owner=owner,
        number=number,
    )


def place_order(
    *,
    owner: Pubkey,
    market: Pubkey,
    auction: Pubkey,
    order: Pubkey,
    source: Pubkey,
    side: Side,
    price: int,
    amount: int,
) -> Instruction:
    """Bid for energy, or offer it; the most it can cost, or the energy, moves to the vault.

    Args:
        owner: The order account's; signs.
        market: The auction's.
        auction: Whose gate is open.
        order: The account, which holds no order now.
        source: The owner's token account: of a bid of the payment, of an offer of the energy.
        side: Whether it buys or sells.
        price: Payment base units for 1,000 Wh: at most, or at least.
        amount: Wh, from the market's minimum to 10^12.
    """
    return _LAYOUT.build(
        "place_order",
        owner=owner,
        market=market,
        auction=auction,
        order=order,
        vault=_vault_of(side, market),
        source=source,
        side=side,
        price=price,
        amount=amount,
    )


def return_rent(*, owner: Pubkey, order: Pubkey, amount: int) -> Instruction:
    """Give the owner `amount` lamports of an order account of theirs, which has to keep the rent of today."""
    return _LAYOUT.build("return_rent", owner=owner, order=order, amount=amount)


def cancel_order(
    *, owner: Pubkey, market: Pubkey, auction: Pubkey, order: Pubkey, side: Side, destination: Pubkey
) -> Instruction:
    """Take an order back while the gate is open, or after the auction has lapsed, to any token account.

    Of a bid it is one of the payment, of an offer one of the energy.
    """
    return _LAYOUT.build(
        "cancel_order",
        owner=owner,
        market=market,
        auction=auction,
        order=order,
        vault=_vault_of(side, market),
        destination=destination,
    )


def _vault_of(side: Side, market: Pubkey) -> Pubkey:
    return payment_vault_address(market) if side is Side.BID else energy_vault_address(market)


def open_clearing(*, owner: Pubkey, market: Pubkey) -> Instruction:
    """Open what an owner counts books with, in all of a market's auctions, at their expense."""
    return _LAYOUT.build(
        "open_clearing", owner=owner, market=market, clearing=clearing_address(market, owner)
    )


def propose_price(*, owner: Pubkey, market: Pubkey, auction: Pubkey, price: int) -> Instruction:
    """Begin to count an auction's book from a price, in payment base units for 1,000 Wh."""
    return _LAYOUT.build(
        "propose_price",
        owner=owner,
        auction=auction,
        clearing=clearing_address(market, owner),
        price=price,
    )


def count_order(*, auction: Pubkey, clearing: Pubkey, order: Pubkey) -> Instruction:
    """Count the next order of an auction's book."""
    return _LAYOUT.build("count_order", auction=auction, clearing=clearing, order=order)


def clear_auction(*, market: Pubkey, auction: Pubkey, clearing: Pubkey) -> Instruction:
    """Clear an auction at a price from which the whole book was counted."""
    return _LAYOUT.build("clear_auction", market=market, auction=auction, clearing=clearing)


def settle_order(
    *,
    market: Pubkey,
    auction: Pubkey,
    order: Pubkey,
    energy_destination: Pubkey,
    payment_destination: Pubkey,
) -> Instruction:
    """Send the owner of an order what it has brought, to token accounts of theirs."""
    return _LAYOUT.build(
        "settle_order",
        market=market,
        auction=auction,
        order=order,
        energy_vault=energy_vault_address(market),
        payment_vault=payment_vault_address(market),
        energy_destination=energy_destination,
        payment_destination=payment_destination,
    )


def _filters(layout: RecordLayout[Any], **fields: Pubkey) -> list[MemcmpOpts]:
    kind = MemcmpOpts(0, b58encode(layout.discriminator).decode())
    return [kind, *(MemcmpOpts(layout.offsets[name], str(value)) for name, value in fields.items())]


_MARKET = _LAYOUT.account(Market)
_OFFER = _LAYOUT.account(Offer)
_AUCTION = _LAYOUT.account(Auction)
_ORDER = _LAYOUT.account(Order)
_CLEARING = _LAYOUT.account(Clearing)
EVENTS: EventReader[Event] = _LAYOUT.events(get_args(Event))
