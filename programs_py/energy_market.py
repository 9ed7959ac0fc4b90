"""energy_market: energy tokens for payment tokens, at a price asked or at one that an auction finds.

A maker offers energy at a price, and takers fill the offer as it stands. For each delivery interval
there is a call auction besides: bids and offers are collected until its gate closes, and then all
trade at one price, which lets the most energy change hands.

Accounts
    Market          PDA 'market', creator, energy mint, payment mint. The pair, its rules, its totals.
    energy vault    PDA 'energy_vault', market. Energy tokens of offers and orders.
    payment vault   PDA 'payment_vault', market. Payment tokens of bids, and the fees.
    Offer           PDA 'offer', market, owner, number. Energy at a price, for whoever takes it.
    Auction         PDA 'auction', market, start of delivery. One interval's book, and its outcome.
    Order           PDA 'order', market, owner, number. A bid or an offer in one auction.
    Clearing        PDA 'clearing', market, owner. A price that somebody proposes, and the book seen from it.

Units
    Energy is base units of a mint with 3 decimals, 1 Wh. Payments are base units of any mint. Prices
    are payment base units for 1,000 Wh. Times are Unix seconds, ratios basis points (10,000 = 1).

Offers
    A taker pays amount * price / 1,000, rounded up, and never more than the maximum that they state.
    The maker gets it, less the fee that the market had when the offer was placed, rounded down.

Auctions
    Anyone opens the auction of an interval. Orders come in, and are withdrawn, until the gate closes.
    Then anyone proposes a price, and counts the book from it, an order at a time, in the order of
    their indices: so each is counted once, nothing is written to it, and no proposal stands in the
    way of another. The count comes to four sums, the demand above the price and at it, the supply
    below the price and at it, and to the prices of the nearest orders below and above. The price lets
    the most energy trade, and leaves out no order that is better than itself, exactly if
        demand above <= supply below + supply at    and    supply below <= demand above + demand at.
    Of several such prices, between two orders' with none in between, the middle one clears, rounded
    down, so that who proposes has no choice. The lowest of them is the price itself if
        demand above + demand at > supply below,
    and else the nearest order's below, or 0; the highest is the price itself if
        supply below + supply at > demand above,
    and else the nearest order's above, if there is one.
    Orders better than the price are filled, those at it in proportion, all others not. Every buyer
    pays the price, rounded up, and every seller gets it, rounded down, less the fee.
    An auction that nobody clears within a day of its gate lapses: its orders can be withdrawn again.

Trust
    Nobody is trusted with what an offer or an order holds: it goes to its owner, or for its price.
    The authority sets the fee, within MAX_FEE_BPS, for offers placed and auctions opened from then
    on, and can stop new ones. A mint's own authorities are trusted by whoever trades it: one that
    can freeze can freeze the vaults.

What always holds
    1. The energy vault holds at least energy_held, the payment vault at least payment_held; more only by
       donations sent straight to them.
    2. energy_held is the sum of what offers and unsettled orders hold, and what cleared auctions owe.
    3. payment_held is the sum of what unsettled bids hold, of what cleared auctions owe, and the fees.
    4. A trade takes both sides at once, or nothing happens. Nobody pays more than they agreed to, and no
       maker or seller gets less, but for the fee and less than a base unit.
    5. Only the owner's signature places, cancels, or sends anything elsewhere than to the owner.
    6. What was offered or bid and not traded comes back in full, whatever the others do.
    7. In an auction what is bought is what is sold, and what buyers pay is what sellers get, the fee,
       and less than a base unit for each order, which is the market's.
    8. An operation in one market changes no byte of another.

Rent
    An order account's lamports beyond the rent of its bytes, left over where a cluster asks for less than
    it did, are its owner's, whoever opened it: as with a token account, who opens one for somebody else
    gives its rent away. The account itself stays, and so does the rent.

How to stop it
    The authority's pause stops new offers, fills, auctions and orders. Nothing stops what gives back,
    and an auction whose gate has closed is cleared and settled all the same.

Known attacks
    Seahorse loads each account into a copy of its own: every pair of one type is asserted distinct, and
    every relation between accounts is asserted where it is used.
    Orders cost their counting, a quarter of what placing one costs. The same tokens can be placed and
    cancelled over and over; an auction too long to be counted lapses, and everything comes back.
    Who proposes a wrong price wastes their own count alone: anyone else counts another.
    In settling, the orders at the price share to the Wh: which of them gets an odd one depends on who is
    settled first. A minimum order of some hundred Wh makes that small.
    Where several prices clear, an order of the minimum moves the price within them at no cost. If 10,000
    Wh are wanted at 400,000 and 10,000 Wh offered at 100,000, then 250,000 clears. One more bid of 1 Wh
    at 399,999 leaves demand above every lower price: 399,999 clears, and that bid is not filled and pays
    nothing. An offer at 100,001 does the same downwards; both together trade with each other, and leave
    the price where it was. No rule is free of this that trades the most at one price and keeps to
    everyone's limit: if the bid at 399,999 leaves the price below itself, then an offer of 1 Wh just under
    it trades too, moves the price up to itself, and earns by it. And whichever of the prices that clear
    is taken, the ways up and down are all of their range together: from the middle neither is more than
    half. benchmarks/market/manipulation.md has other rules beside it. Where a single price clears, only
    an order that trades moves it, and pays for its own energy what it makes others pay or lose. That is
    little for a small order; a minimum order makes it more. No buyer pays more than their own limit, and
    no seller gets less: bid and ask what the energy is worth.
    The authority may trade like anybody, and can pause right after an order of its own: nobody answers
    that order any more. Orders can still be cancelled until the gate closes.
    Each fill and each settled order rounds its fee down, so that many small ones of a coarse payment
    token pay none: a minimum fill is the maker's, not the market's.
    An offer has the fee of the moment in which it lands, not of that in which it was signed: MAX_FEE_BPS
    is what a maker agrees to. An auction keeps the fee it was opened with, for a year at most, and an
    order account that was used in it is not free before it is over.
    What is settled goes to any token account of the owner's that is named: who has left a delegate on
    an old one revokes it.
    No account is closed: an Offer, an Order and a Clearing are used again, the rent of an Auction's 160
    bytes stays.
"""

from seahorse.prelude import *

declare_id("8LVo6yC23HZyNPFf57DuZnKCGHZVLBsUmmRpoCUirhTi")

BPS = 10_000
MAX_FEE_BPS = 500  # 5 %
DECIMALS = 3
UNITS_PER_PRICE = 1_000  # Wh that a price is for
MAX_AMOUNT = 1_000_000_000_000  # Wh of an offer or order, 1 TWh: the sums of 16 million orders fit in 64 bits
MIN_INTERVAL = 60  # s
MAX_INTERVAL = 86_400  # s
MAX_GATE_CLOSURE = 604_800  # s, a week before delivery
MAX_AHEAD = 31_536_000  # s from the opening of an auction to its gate, a year
CLEARING_PERIOD = 86_400  # s from the closing of the gate; then the auction has lapsed


class Side(Enum):
    BID = 0
    OFFER = 1


class Market(Account):
    creator: Pubkey  # the authority at creation: part of the address, and so never changed
    authority: Pubkey
    pending_authority: Pubkey  # proposed by the authority; itself if nobody is
    energy_mint: Pubkey
    payment_mint: Pubkey
    energy_vault: Pubkey
    payment_vault: Pubkey
    energy_held: u64  # base units, for offers, orders and what auctions owe
    payment_held: u64  # base units, for bids and what auctions owe, and the fees
    fees: u64  # base units of payment, not yet collected
    minimum_order: u64  # base units of energy
    interval: i64  # s of delivery; intervals start at its multiples
    gate_closure: i64  # s before delivery
    sequence: u64  # events so far; each event carries it
    fee_bps: u16  # of offers placed and auctions opened from now on
    paused: bool
    bump: u8


class Offer(Account):
    market: Pubkey
    owner: Pubkey
    price: u64
    amount: u64  # left; 0 if there is no offer, and one can be placed
    minimum_fill: u64
    expires_at: i64
    fee_bps: u16


class Auction(Account):
    market: Pubkey
    starts_at: i64  # of delivery
    closes_at: i64  # the gate
    order_count: u64
    settled_count: u64
    price: u64
    volume: u64  # base units of energy, traded
    bids_at_price: u64
    bids_at_price_filled: u64  # of these, in the end
    bids_at_price_settled: u64  # of these, so far
    offers_at_price: u64
    offers_at_price_filled: u64
    offers_at_price_settled: u64
    received: u64  # from buyers, so far
    paid: u64  # for sellers, with the fee, so far
    fee_bps: u16
    cleared: bool


class Order(Account):
    market: Pubkey
    owner: Pubkey
    auction: Pubkey
    index: u64  # in the auction: 0, 1, ...
    price: u64
    amount: u64  # 0 if it was cancelled
    side: Side
    active: bool  # until it is settled


class Clearing(Account):
    market: Pubkey
    owner: Pubkey
    auction: Pubkey
    price: u64
    counted: u64  # orders, and so the index of the next one
    demand_above: u64
    demand_at: u64
    supply_below: u64
    supply_at: u64
    price_below: u64  # of the nearest order below the price; 0 if there is none
    price_above: u64  # of the nearest order above the price; 0 if there is none


@dataclass
class MarketInitialized(Event):
    market: Pubkey
    authority: Pubkey
    energy_mint: Pubkey
    payment_mint: Pubkey
    fee_bps: u16
    minimum_order: u64
    interval: i64
    gate_closure: i64
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class PaymentVaultOpened(Event):
    market: Pubkey
    payment_vault: Pubkey
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class PolicySet(Event):
    market: Pubkey
    fee_bps: u16
    minimum_order: u64
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class MarketPaused(Event):
    market: Pubkey
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class MarketResumed(Event):
    market: Pubkey
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class AuthorityProposed(Event):
    market: Pubkey
    proposed: Pubkey  # the authority itself if a proposal was cancelled
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class AuthorityAccepted(Event):
    market: Pubkey
    authority: Pubkey
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class FeesCollected(Event):
    market: Pubkey
    amount: u64
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class OfferOpened(Event):
    market: Pubkey
    offer: Pubkey
    owner: Pubkey
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class OfferPlaced(Event):
    market: Pubkey
    offer: Pubkey
    price: u64
    amount: u64
    minimum_fill: u64
    expires_at: i64
    fee_bps: u16
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class OfferFilled(Event):
    market: Pubkey
    offer: Pubkey
    taker: Pubkey
    amount: u64
    cost: u64  # paid by the taker
    fee: u64  # of that
    left: u64
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class OfferCancelled(Event):
    market: Pubkey
    offer: Pubkey
    amount: u64
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class OfferExpired(Event):
    market: Pubkey
    offer: Pubkey
    amount: u64
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class AuctionOpened(Event):
    market: Pubkey
    auction: Pubkey
    starts_at: i64
    closes_at: i64
    fee_bps: u16
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class OrderOpened(Event):
    market: Pubkey
    order: Pubkey
    owner: Pubkey
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class OrderPlaced(Event):
    market: Pubkey
    auction: Pubkey
    order: Pubkey
    index: u64
    side: u8  # as Side
    price: u64
    amount: u64
    escrow: u64  # of a bid payment, of an offer energy
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class OrderCancelled(Event):
    market: Pubkey
    auction: Pubkey
    order: Pubkey
    escrow: u64  # returned
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class AuctionCleared(Event):
    market: Pubkey
    auction: Pubkey
    price: u64
    volume: u64
    bids_at_price: u64
    bids_at_price_filled: u64
    offers_at_price: u64
    offers_at_price_filled: u64
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class OrderSettled(Event):
    market: Pubkey
    auction: Pubkey
    order: Pubkey
    filled: u64
    energy: u64  # sent to the owner
    payment: u64  # sent to the owner
    fee: u64
    energy_held: u64
    payment_held: u64
    sequence: u64


# Guards


def assert_authority(market: Market, authority: Signer):
    assert market.authority == authority.key(), "signer is not the authority"


def assert_not_paused(market: Market):
    assert not market.paused, "market is paused"


def assert_policy(fee_bps: u16, minimum_order: u64):
    assert fee_bps <= MAX_FEE_BPS, "fee exceeds 500 basis points"
    assert minimum_order > 0, "minimum order must be positive"
    assert minimum_order <= MAX_AMOUNT, "minimum order exceeds a terawatt-hour"


def assert_intervals(interval: i64, gate_closure: i64):
    assert interval >= MIN_INTERVAL, "interval is below a minute"
    assert interval <= MAX_INTERVAL, "interval exceeds a day"
    assert gate_closure >= 0, "gate closure is negative"
    assert gate_closure <= MAX_GATE_CLOSURE, "gate closure exceeds a week"


def assert_gate_open(closes_at: i64, now: i64):
    assert now < closes_at, "gate has closed"


def assert_amount(amount: u64):
    assert amount > 0, "amount must be positive"
    assert amount <= MAX_AMOUNT, "amount exceeds a terawatt-hour"


def assert_price(price: u64):
    assert price > 0, "price must be positive"


def assert_offer_of(offer: Offer, market: Market):
    assert offer.market == market.key(), "offer belongs to another market"


def assert_owned_offer_of(offer: Offer, market: Market, owner: Signer):
    assert_offer_of(offer, market)
    assert offer.owner == owner.key(), "offer belongs to another owner"


def assert_auction_of(auction: Auction, market: Market):
    assert auction.market == market.key(), "auction belongs to another market"


def assert_owned_order_of(order: Order, market: Market, owner: Signer):
    assert order.market == market.key(), "order belongs to another market"
    assert order.owner == owner.key(), "order belongs to another owner"


def assert_order_in(order: Order, auction: Auction):
    assert order.active, "order is not active"
    assert order.auction == auction.key(), "order belongs to another auction"


def assert_clearing_of(clearing: Clearing, auction: Auction):
    assert clearing.auction == auction.key(), "clearing belongs to another auction"


def assert_energy_vault_of(energy_vault: TokenAccount, market: Market):
    assert energy_vault.key() == market.energy_vault, "energy vault is not of this market"


def assert_payment_vault_of(payment_vault: TokenAccount, market: Market):
    assert payment_vault.key() == market.payment_vault, "payment vault is not of this market"


def assert_destination(destination: TokenAccount, vault: TokenAccount):
    assert destination.key() != vault.key(), "destination is the vault"
    assert destination.mint() == vault.mint(), "destination holds another mint"


def assert_destination_of(destination: TokenAccount, vault: TokenAccount, owner: Pubkey):
    assert_destination(destination, vault)
    assert destination.authority() == owner, "destination belongs to another owner"


def assert_source(source: TokenAccount, vault: TokenAccount, owner: Signer):
    assert source.key() != vault.key(), "source is the vault"
    assert source.mint() == vault.mint(), "source holds another mint"
    # A delegate could otherwise pay with somebody else's tokens for what becomes their own.
    assert source.authority() == owner.key(), "source belongs to another owner"


# Arithmetic


def cost_of(amount: u64, price: u64) -> u64:
    # What a buyer pays, rounded up. u128 holds the product; what does not fit in u64 panics.
    return u64((u128(amount) * u128(price) + UNITS_PER_PRICE - 1) // UNITS_PER_PRICE)


def proceeds_of(amount: u64, price: u64) -> u64:
    # What a seller is due, rounded down.
    return u64(u128(amount) * u128(price) // UNITS_PER_PRICE)


def fee_of(proceeds: u64, fee_bps: u16) -> u64:
    # Rounded down; at most the proceeds.
    return u64(u128(proceeds) * u128(fee_bps) // BPS)


def escrow_of(side: Side, amount: u64, price: u64) -> u64:
    if side == Side.BID:
        return cost_of(amount, price)
    return amount


def side_code(side: Side) -> u8:
    # An event cannot carry an enum.
    if side == Side.BID:
        return 0
    return 1


def share_of(amount: u64, settled: u64, filled: u64, total: u64) -> u64:
    # Of what is filled at the price, an order's part. All parts add up to it exactly, since each begins
    # where the one before it ends; as filled <= total, none is more than the order's amount.
    begin = u128(settled) * u128(filled) // u128(total)
    end = u128(settled + amount) * u128(filled) // u128(total)
    return u64(end - begin)


# Instructions


@instruction
def initialize(
    authority: Signer,
    energy_mint: TokenMint,
    payment_mint: TokenMint,
    market: Empty[Market],
    energy_vault: Empty[TokenAccount],
    fee_bps: u16,
    minimum_order: u64,
    interval: i64,
    gate_closure: i64,
):
    # Creates a market. The signer pays for it and becomes its authority. Its payment vault follows by
    # open_payment_vault: one instruction's stack has no room for both.
    assert energy_mint.key() != payment_mint.key(), "payment mint is the energy mint"
    assert energy_mint.decimals() == DECIMALS, "energy mint must have 3 decimals"
    assert_policy(fee_bps, minimum_order)
    assert_intervals(interval, gate_closure)

    bump = market.bump()
    market = market.init(payer=authority, seeds=["market", authority, energy_mint, payment_mint])
    energy_vault = energy_vault.init(
        payer=authority, seeds=["energy_vault", market.key()], mint=energy_mint, authority=market
    )

    market.creator = authority.key()
    market.authority = authority.key()
    market.pending_authority = authority.key()
    market.energy_mint = energy_mint.key()
    market.payment_mint = payment_mint.key()
    market.energy_vault = energy_vault.key()
    market.minimum_order = minimum_order
    market.interval = interval
    market.gate_closure = gate_closure
    market.sequence = 1
    market.fee_bps = fee_bps
    market.bump = bump

    event = MarketInitialized(
        market.key(),
        authority.key(),
        energy_mint.key(),
        payment_mint.key(),
        fee_bps,
        minimum_order,
        interval,
        gate_closure,
        market.energy_held,
        market.payment_held,
        market.sequence,
    )
    event.emit()


@instruction
def open_payment_vault(
    payer: Signer, market: Market, payment_mint: TokenMint, payment_vault: Empty[TokenAccount]
):
    # Completes a new market, at the payer's expense. Until then nothing can be paid there.
    assert payment_mint.key() == market.payment_mint, "payment mint is not of this market"
    payment_vault = payment_vault.init(
        payer=payer, seeds=["payment_vault", market.key()], mint=payment_mint, authority=market
    )

    market.payment_vault = payment_vault.key()
    market.sequence += 1

    event = PaymentVaultOpened(
        market.key(), payment_vault.key(), market.energy_held, market.payment_held, market.sequence
    )
    event.emit()


@instruction
def set_policy(authority: Signer, market: Market, fee_bps: u16, minimum_order: u64):
    # Sets the fee and the minimum for what is placed and opened from now on.
    assert_authority(market, authority)
    assert_policy(fee_bps, minimum_order)

    market.fee_bps = fee_bps
    market.minimum_order = minimum_order
    market.sequence += 1

    event = PolicySet(
        market.key(), fee_bps, minimum_order, market.energy_held, market.payment_held, market.sequence
    )
    event.emit()


@instruction
def pause(authority: Signer, market: Market):
    # Stops new offers, fills, auctions and orders.
    assert_authority(market, authority)
    assert_not_paused(market)

    market.paused = True
    market.sequence += 1

    event = MarketPaused(market.key(), market.energy_held, market.payment_held, market.sequence)
    event.emit()


@instruction
def resume(authority: Signer, market: Market):
    # Takes offers, fills, auctions and orders again.
    assert_authority(market, authority)
    assert market.paused, "market is not paused"

    market.paused = False
    market.sequence += 1

    event = MarketResumed(market.key(), market.energy_held, market.payment_held, market.sequence)
    event.emit()


@instruction
def propose_authority(authority: Signer, market: Market, proposed: Pubkey):
    # Offers the authority to another key, which has to accept it. Proposing oneself cancels.
    assert_authority(market, authority)

    market.pending_authority = proposed
    market.sequence += 1

    event = AuthorityProposed(
        market.key(), proposed, market.energy_held, market.payment_held, market.sequence
    )
    event.emit()


@instruction
def accept_authority(authority: Signer, market: Market):
    # The proposed key becomes the authority.
    assert market.pending_authority != market.authority, "no new authority is proposed"
    assert market.pending_authority == authority.key(), "signer is not the proposed authority"

    market.authority = authority.key()
    market.sequence += 1

    event = AuthorityAccepted(
        market.key(), authority.key(), market.energy_held, market.payment_held, market.sequence
    )
    event.emit()


@instruction
def collect_fees(authority: Signer, market: Market, payment_vault: TokenAccount, destination: TokenAccount):
    # Moves the fees to any token account of the payment mint.
    assert_authority(market, authority)
    assert_payment_vault_of(payment_vault, market)
    assert_destination(destination, payment_vault)
    assert market.fees > 0, "there are no fees"

    amount = market.fees
    market.fees = 0
    market.payment_held -= amount
    market.sequence += 1

    creator = market.creator
    energy_mint = market.energy_mint
    payment_mint = market.payment_mint
    bump = market.bump
    payment_vault.transfer(
        market, destination, amount, signer=["market", creator, energy_mint, payment_mint, bump]
    )

    event = FeesCollected(market.key(), amount, market.energy_held, market.payment_held, market.sequence)
    event.emit()


@instruction
def open_offer(payer: Signer, market: Market, offer: Empty[Offer], owner: Pubkey, number: u8):
    # Opens an offer account for any owner, at the payer's expense: one offer after the other.
    offer = offer.init(payer=payer, seeds=["offer", market.key(), owner, number])
    offer.market = market.key()
    offer.owner = owner

    market.sequence += 1
    event = OfferOpened(
        market.key(), offer.key(), owner, market.energy_held, market.payment_held, market.sequence
    )
    event.emit()


@instruction
def place_offer(
    owner: Signer,
    market: Market,
    offer: Offer,
    energy_vault: TokenAccount,
    source: TokenAccount,
    clock: Clock,
    price: u64,
    amount: u64,
    minimum_fill: u64,
    expires_at: i64,
):
    # Offers energy, which moves to the vault.
    assert_not_paused(market)
    assert_owned_offer_of(offer, market, owner)
    assert_energy_vault_of(energy_vault, market)
    assert_source(source, energy_vault, owner)
    assert offer.amount == 0, "offer is placed already"

    assert_price(price)
    assert_amount(amount)
    assert minimum_fill > 0, "minimum fill must be positive"
    assert minimum_fill <= amount, "minimum fill exceeds the amount"
    assert expires_at > clock.unix_timestamp(), "expiry is not in the future"

    offer.price = price
    offer.amount = amount
    offer.minimum_fill = minimum_fill
    offer.expires_at = expires_at
    offer.fee_bps = market.fee_bps
    market.energy_held += amount
    market.sequence += 1

    source.transfer(owner, energy_vault, amount)

    event = OfferPlaced(
        market.key(),
        offer.key(),
        price,
        amount,
        minimum_fill,
        expires_at,
        offer.fee_bps,
        market.energy_held,
        market.payment_held,
        market.sequence,
    )
    event.emit()


@instruction
def fill_offer(
    taker: Signer,
    market: Market,
    offer: Offer,
    energy_vault: TokenAccount,
    payment_vault: TokenAccount,
    source: TokenAccount,
    destination: TokenAccount,
    proceeds: TokenAccount,
    clock: Clock,
    amount: u64,
    maximum_cost: u64,
):
    # Buys energy of an offer: the taker's payment to its owner, the fee to the vault, the energy to any
    # token account of the mint.
    assert_not_paused(market)
    assert_offer_of(offer, market)
    assert_energy_vault_of(energy_vault, market)
    assert_payment_vault_of(payment_vault, market)
    assert_source(source, payment_vault, taker)
    assert_destination(destination, energy_vault)
    assert proceeds.mint() == market.payment_mint, "proceeds hold another mint"
    assert proceeds.authority() == offer.owner, "proceeds belong to another owner"
    assert proceeds.key() != payment_vault.key(), "proceeds are the vault"
    assert proceeds.key() != source.key(), "proceeds are the source"

    assert offer.amount > 0, "offer is not placed"
    assert clock.unix_timestamp() < offer.expires_at, "offer has expired"
    assert_amount(amount)
    assert amount <= offer.amount, "amount exceeds the offer"
    assert amount >= min(offer.minimum_fill, offer.amount), "amount is below the minimum fill"
    cost = cost_of(amount, offer.price)
    assert cost <= maximum_cost, "cost exceeds the maximum"
    fee = fee_of(cost, offer.fee_bps)

    offer.amount -= amount
    market.energy_held -= amount
    market.payment_held += fee
    market.fees += fee
    market.sequence += 1

    source.transfer(taker, proceeds, cost - fee)
    if fee > 0:
        source.transfer(taker, payment_vault, fee)
    creator = market.creator
    energy_mint = market.energy_mint
    payment_mint = market.payment_mint
    bump = market.bump
    energy_vault.transfer(
        market, destination, amount, signer=["market", creator, energy_mint, payment_mint, bump]
    )

    event = OfferFilled(
        market.key(),
        offer.key(),
        taker.key(),
        amount,
        cost,
        fee,
        offer.amount,
        market.energy_held,
        market.payment_held,
        market.sequence,
    )
    event.emit()


@instruction
def cancel_offer(
    owner: Signer, market: Market, offer: Offer, energy_vault: TokenAccount, destination: TokenAccount
):
    # Takes back what is left of an offer, to any token account of the mint.
    assert_owned_offer_of(offer, market, owner)
    assert_energy_vault_of(energy_vault, market)
    assert_destination(destination, energy_vault)
    assert offer.amount > 0, "offer is not placed"

    amount = offer.amount
    offer.amount = 0
    market.energy_held -= amount
    market.sequence += 1

    creator = market.creator
    energy_mint = market.energy_mint
    payment_mint = market.payment_mint
    bump = market.bump
    energy_vault.transfer(
        market, destination, amount, signer=["market", creator, energy_mint, payment_mint, bump]
    )

    event = OfferCancelled(
        market.key(), offer.key(), amount, market.energy_held, market.payment_held, market.sequence
    )
    event.emit()


@instruction
def release_expired(
    market: Market, offer: Offer, energy_vault: TokenAccount, destination: TokenAccount, clock: Clock
):
    # Returns what is left of an expired offer to its owner. Anyone may do it.
    assert_offer_of(offer, market)
    assert_energy_vault_of(energy_vault, market)
    assert_destination_of(destination, energy_vault, offer.owner)
    assert offer.amount > 0, "offer is not placed"
    assert clock.unix_timestamp() >= offer.expires_at, "offer has not expired"

    amount = offer.amount
    offer.amount = 0
    market.energy_held -= amount
    market.sequence += 1

    creator = market.creator
    energy_mint = market.energy_mint
    payment_mint = market.payment_mint
    bump = market.bump
    energy_vault.transfer(
        market, destination, amount, signer=["market", creator, energy_mint, payment_mint, bump]
    )

    event = OfferExpired(
        market.key(), offer.key(), amount, market.energy_held, market.payment_held, market.sequence
    )
    event.emit()


@instruction
def open_auction(payer: Signer, market: Market, auction: Empty[Auction], clock: Clock, starts_at: i64):
    # Opens the auction of a delivery interval, at the payer's expense.
    assert_not_paused(market)
    assert starts_at % market.interval == 0, "no interval starts then"
    closes_at = starts_at - market.gate_closure
    now = clock.unix_timestamp()
    assert_gate_open(closes_at, now)
    assert closes_at - now <= MAX_AHEAD, "gate closes more than a year ahead"

    auction = auction.init(payer=payer, seeds=["auction", market.key(), starts_at])
    auction.market = market.key()
    auction.starts_at = starts_at
    auction.closes_at = closes_at
    auction.fee_bps = market.fee_bps

    market.sequence += 1
    event = AuctionOpened(
        market.key(),
        auction.key(),
        starts_at,
        closes_at,
        auction.fee_bps,
        market.energy_held,
        market.payment_held,
        market.sequence,
    )
    event.emit()


@instruction
def open_order(payer: Signer, market: Market, order: Empty[Order], owner: Pubkey, number: u8):
    # Opens an order account for any owner, at the payer's expense: one order after the other.
    order = order.init(payer=payer, seeds=["order", market.key(), owner, number])
    order.market = market.key()
    order.owner = owner

    market.sequence += 1
    event = OrderOpened(
        market.key(), order.key(), owner, market.energy_held, market.payment_held, market.sequence
    )
    event.emit()


@instruction
def place_order(
    owner: Signer,
    market: Market,
    auction: Auction,
    order: Order,
    vault: TokenAccount,
    source: TokenAccount,
    clock: Clock,
    side: Side,
    price: u64,
    amount: u64,
):
    # Bids for energy, or offers it, in an auction: the most it can cost, or the energy, moves to the vault.
    assert_not_paused(market)
    assert_auction_of(auction, market)
    assert_owned_order_of(order, market, owner)
    if side == Side.BID:
        assert_payment_vault_of(vault, market)
    else:
        assert_energy_vault_of(vault, market)
    assert_source(source, vault, owner)
    assert not order.active, "order is active already"
    assert_gate_open(auction.closes_at, clock.unix_timestamp())

    assert_price(price)
    assert_amount(amount)
    assert amount >= market.minimum_order, "amount is below the minimum order"
    escrow = escrow_of(side, amount, price)

    order.auction = auction.key()
    order.index = auction.order_count
    order.price = price
    order.amount = amount
    order.side = side
    order.active = True
    auction.order_count += 1
    if side == Side.BID:
        market.payment_held += escrow
    else:
        market.energy_held += escrow
    market.sequence += 1

    source.transfer(owner, vault, escrow)

    event = OrderPlaced(
        market.key(),
        auction.key(),
        order.key(),
        order.index,
        side_code(side),
        price,
        amount,
        escrow,
        market.energy_held,
        market.payment_held,
        market.sequence,
    )
    event.emit()


@instruction
def cancel_order(
    owner: Signer,
    market: Market,
    auction: Auction,
    order: Order,
    vault: TokenAccount,
    destination: TokenAccount,
    clock: Clock,
):
    # Takes back an order before the gate closes, or from an auction that has lapsed. Before, it keeps its
    # place in the book with nothing, so that the book can be counted, and is free once that is settled.
    assert_auction_of(auction, market)
    assert_owned_order_of(order, market, owner)
    assert_order_in(order, auction)
    if order.side == Side.BID:
        assert_payment_vault_of(vault, market)
    else:
        assert_energy_vault_of(vault, market)
    assert_destination(destination, vault)
    now = clock.unix_timestamp()
    # Subtracted, as the last interval's gate closes too late for a sum.
    lapsed = not auction.cleared and now - CLEARING_PERIOD >= auction.closes_at
    if not lapsed:
        assert_gate_open(auction.closes_at, now)
        assert order.amount > 0, "order is cancelled already"

    escrow = escrow_of(order.side, order.amount, order.price)
    order.amount = 0
    order.active = not lapsed
    if order.side == Side.BID:
        market.payment_held -= escrow
    else:
        market.energy_held -= escrow
    market.sequence += 1

    if escrow > 0:
        creator = market.creator
        energy_mint = market.energy_mint
        payment_mint = market.payment_mint
        bump = market.bump
        vault.transfer(
            market, destination, escrow, signer=["market", creator, energy_mint, payment_mint, bump]
        )

    event = OrderCancelled(
        market.key(),
        auction.key(),
        order.key(),
        escrow,
        market.energy_held,
        market.payment_held,
        market.sequence,
    )
    event.emit()


@instruction
def return_rent(owner: Signer, order: Order, amount: u64):
    # Gives the owner lamports of their order account, down to the rent that the cluster asks for today.
    assert order.owner == owner.key(), "order belongs to another owner"

    order.transfer_lamports(owner, amount)
    # The runtime refuses to leave less than the rent, but takes an account that is left with nothing for
    # deleted. This panics where nothing is left.
    order.transfer_lamports(order, 1)


@instruction
def open_clearing(owner: Signer, market: Market, clearing: Empty[Clearing]):
    # Opens what a proposer counts with, in this auction and in later ones.
    clearing = clearing.init(payer=owner, seeds=["clearing", market.key(), owner])
    clearing.market = market.key()
    clearing.owner = owner.key()


@instruction
def propose_price(owner: Signer, auction: Auction, clearing: Clearing, clock: Clock, price: u64):
    # Begins to count an auction's book from a price.
    assert clearing.owner == owner.key(), "clearing belongs to another owner"
    assert clearing.market == auction.market, "clearing belongs to another market"
    assert not auction.cleared, "auction is cleared already"
    assert clock.unix_timestamp() >= auction.closes_at, "gate is open"

    clearing.auction = auction.key()
    clearing.price = price
    clearing.counted = 0
    clearing.demand_above = 0
    clearing.demand_at = 0
    clearing.supply_below = 0
    clearing.supply_at = 0
    clearing.price_below = 0
    clearing.price_above = 0


@instruction
def count_order(auction: Auction, clearing: Clearing, order: Order):
    # Counts the next order of an auction's book. Anyone may do it.
    assert_clearing_of(clearing, auction)
    assert order.auction == auction.key(), "order belongs to another auction"
    assert order.index == clearing.counted, "order is not the next one"

    clearing.counted += 1
    bid = order.side == Side.BID
    if order.price > clearing.price:
        if bid:
            clearing.demand_above += order.amount
        if order.amount > 0 and (clearing.price_above == 0 or order.price < clearing.price_above):
            clearing.price_above = order.price
    elif order.price < clearing.price:
        if not bid:
            clearing.supply_below += order.amount
        if order.amount > 0 and order.price > clearing.price_below:
            clearing.price_below = order.price
    elif bid:
        clearing.demand_at += order.amount
    else:
        clearing.supply_at += order.amount


@instruction
def clear_auction(market: Market, auction: Auction, clearing: Clearing, clock: Clock):
    # Clears an auction at a price from which the whole book was counted. Anyone may do it.
    assert_auction_of(auction, market)
    assert_clearing_of(clearing, auction)
    assert not auction.cleared, "auction is cleared already"
    assert clock.unix_timestamp() - CLEARING_PERIOD < auction.closes_at, "auction has lapsed"
    assert clearing.counted == auction.order_count, "orders are not all counted"

    demand = clearing.demand_above + clearing.demand_at
    supply = clearing.supply_below + clearing.supply_at
    assert clearing.demand_above <= supply, "price is too low to maximise the volume"
    assert clearing.supply_below <= demand, "price is too high to maximise the volume"
    lowest = clearing.price
    if demand == clearing.supply_below:
        lowest = clearing.price_below
    highest = clearing.price
    if supply == clearing.demand_above and clearing.price_above > 0:
        highest = clearing.price_above
    middle = lowest + (highest - lowest) // 2
    assert clearing.price == middle, "price is not the middle of those that maximise the volume"

    volume = min(demand, supply)
    auction.cleared = True
    auction.price = clearing.price
    auction.volume = volume
    # No underflow: what is asserted above, and that a part is at most the whole.
    auction.bids_at_price = clearing.demand_at
    auction.bids_at_price_filled = volume - clearing.demand_above
    auction.offers_at_price = clearing.supply_at
    auction.offers_at_price_filled = volume - clearing.supply_below
    market.sequence += 1

    event = AuctionCleared(
        market.key(),
        auction.key(),
        auction.price,
        volume,
        auction.bids_at_price,
        auction.bids_at_price_filled,
        auction.offers_at_price,
        auction.offers_at_price_filled,
        market.energy_held,
        market.payment_held,
        market.sequence,
    )
    event.emit()


@instruction
def settle_order(
    market: Market,
    auction: Auction,
    order: Order,
    energy_vault: TokenAccount,
    payment_vault: TokenAccount,
    energy_destination: TokenAccount,
    payment_destination: TokenAccount,
):
    # Sends the owner of an order what it has brought, and what of it has not traded. Anyone may do it.
    assert_auction_of(auction, market)
    assert_order_in(order, auction)
    assert_energy_vault_of(energy_vault, market)
    assert_payment_vault_of(payment_vault, market)
    assert_destination_of(energy_destination, energy_vault, order.owner)
    assert_destination_of(payment_destination, payment_vault, order.owner)
    assert auction.cleared, "auction is not cleared"

    bid = order.side == Side.BID
    filled = u64(0)
    if order.amount > 0:
        if order.price == auction.price:
            if bid:
                filled = share_of(
                    order.amount,
                    auction.bids_at_price_settled,
                    auction.bids_at_price_filled,
                    auction.bids_at_price,
                )
                auction.bids_at_price_settled += order.amount
            else:
                filled = share_of(
                    order.amount,
                    auction.offers_at_price_settled,
                    auction.offers_at_price_filled,
                    auction.offers_at_price,
                )
                auction.offers_at_price_settled += order.amount
        elif bid == (order.price > auction.price):
            filled = order.amount

    energy = u64(0)
    payment = u64(0)
    fee = u64(0)
    if bid:
        cost = cost_of(filled, auction.price)
        energy = filled
        payment = cost_of(order.amount, order.price) - cost
        auction.received += cost
    else:
        proceeds = proceeds_of(filled, auction.price)
        fee = fee_of(proceeds, auction.fee_bps)
        energy = order.amount - filled
        payment = proceeds - fee
        auction.paid += proceeds
    order.amount = 0
    order.active = False
    auction.settled_count += 1
    market.energy_held -= energy
    market.payment_held -= payment
    market.fees += fee
    if auction.settled_count == auction.order_count:
        # What rounding has left over. No underflow: as much was bought as sold, and bought at the price.
        market.fees += auction.received - auction.paid
    market.sequence += 1

    creator = market.creator
    energy_mint = market.energy_mint
    payment_mint = market.payment_mint
    bump = market.bump
    if energy > 0:
        energy_vault.transfer(
            market,
            energy_destination,
            energy,
            signer=["market", creator, energy_mint, payment_mint, bump],
        )
    if payment > 0:
        payment_vault.transfer(
            market,
            payment_destination,
            payment,
            signer=["market", creator, energy_mint, payment_mint, bump],
        )

    event = OrderSettled(
        market.key(),
        auction.key(),
        order.key(),
        filled,
        energy,
        payment,
        fee,
        market.energy_held,
        market.payment_held,
        market.sequence,
    )
    event.emit()
