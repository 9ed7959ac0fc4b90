"""Some markets, by names: every byte of their accounts, and the chain and the shadow ledger in lockstep."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice, product
from struct import Struct
from typing import Any

from solders.pubkey import Pubkey

from amalgam.market import program as trade
from amalgam.market.program import _AUCTION, _CLEARING, _MARKET, _OFFER, _ORDER, Event
from tests.shadow.battery import Error
from tests.shadow.market import BID, DAY, NONE, OFFER, SIGNERS, Ledger, clearing_price
from tests.stateful.driver import MINTER, ProgramChain, key_of, mint_data, token_data, tokens_of
from tests.stateful.lockstep import ProgramLockstep
from tests.support.market import HOUR, PROGRAM, SLOTS
from tests.support.stage import I64_MAX, NOON

OWNERS = ("owner", "neighbour", "thief")
WALLETS = ("operator", "rival", *OWNERS)
TOKENS = {"kwh": 1_000_000, "euro": 2**60}  # that each has of a mint
DECIMALS = {"kwh": 3, "euro": 3, "coarse": 2}
MARKETS = {  # with their creators and mints
    "solar": ("operator", "kwh", "euro"),
    "wind": ("rival", "kwh", "euro"),
    "trap": ("thief", "euro", "kwh"),
    "late": ("rival", "euro", "kwh"),
}
IMPOSSIBLE = {"coarse market": ("operator", "coarse", "euro"), "circular market": ("operator", "kwh", "kwh")}
OFFERS, ORDERS = range(2), range(3)  # numbers of what each owner can have
CLERKS = ("operator", *OWNERS)  # who count
END_OF_TIME = I64_MAX // HOUR * HOUR
STARTS = (
    *(NOON + day * DAY + hour * HOUR for day, hour in product(range(3), (2, 3))),
    *(NOON, NOON + 2 * HOUR + 1, END_OF_TIME, -END_OF_TIME),
)

GIVING_BACK = (
    *("collect_fees", "cancel_offer", "release_expired", "cancel_order"),
    *("open_clearing", "propose_price", "count_order", "clear_auction", "settle_order"),
)
DESTINATIONS = ("destination", "proceeds", "energy_destination", "payment_destination")


def energy_vault_of(market: str) -> str:
    return f"{market}'s energy vault"


def payment_vault_of(market: str) -> str:
    return f"{market}'s payment vault"


def offer_of(market: str, owner: str, number: int) -> str:
    return f"{owner}'s offer {number} in {market}"


def order_of(market: str, owner: str, number: int) -> str:
    return f"{owner}'s order {number} in {market}"


def clearing_of(market: str, owner: str) -> str:
    return f"{owner}'s clearing in {market}"


def auction_of(market: str, starts_at: int) -> str:
    return f"auction of {market} at {starts_at}"


KEYS = {name: key_of(name) for name in (*WALLETS, MINTER, *DECIMALS)}
KEYS |= {name: key_of(name) for name in (tokens_of(*each) for each in product(WALLETS, TOKENS))}


def _keys_in(name: str, creator: str, energy_mint: str, payment_mint: str) -> Iterator[tuple[str, Pubkey]]:
    market = trade.market_address(KEYS[creator], KEYS[energy_mint], KEYS[payment_mint])
    yield name, market
    yield energy_vault_of(name), trade.energy_vault_address(market)
    yield payment_vault_of(name), trade.payment_vault_address(market)
    yield offer_of(name, name, 0), trade.offer_address(market, market, 0)
    for starts_at in STARTS:
        yield auction_of(name, starts_at), trade.auction_address(market, starts_at)
    for clerk in CLERKS:
        yield clearing_of(name, clerk), trade.clearing_address(market, KEYS[clerk])
    for owner, number in product(OWNERS, OFFERS):
        yield offer_of(name, owner, number), trade.offer_address(market, KEYS[owner], number)
    for owner, number in product(OWNERS, ORDERS):
        yield order_of(name, owner, number), trade.order_address(market, KEYS[owner], number)


IN_MARKETS = {name: dict(_keys_in(name, *made_of)) for name, made_of in MARKETS.items()}
MARKET_OF = {name: market for market, keys in IN_MARKETS.items() for name in keys}
KEYS |= {name: key for keys in IN_MARKETS.values() for name, key in keys.items()}
for _name, _made_of in IMPOSSIBLE.items():
    KEYS |= dict(islice(_keys_in(_name, *_made_of), 2))  # itself, and its first vault
RAW = {name: bytes(key) for name, key in KEYS.items()} | {NONE: bytes(32)}
BUMPS = {
    name: Pubkey.find_program_address([b"market", *(RAW[each] for each in made_of)], PROGRAM)[1]
    for name, made_of in MARKETS.items()
}

# Every byte of the accounts, written from the layouts of the program

_MARKET_DATA = Struct("<8s 32s32s32s32s32s32s32s QQQQqqQ HBB 4x")
_OFFER_DATA = Struct("<8s 32s32s QQQqH 6x")
_AUCTION_DATA = Struct("<8s 32s qqQQQQQQQQQQQQHB 5x")
_ORDER_DATA = Struct("<8s 32s32s32s QQQBB 6x")
_CLEARING_DATA = Struct("<8s 32s32s32s QQQQQQQQ")


def data(ledger: Ledger) -> dict[str, bytes]:
    found = dict.fromkeys((*WALLETS, MINTER), b"")
    for name, each in ledger.markets.items():
        keys = (each.creator, each.authority, each.pending_authority, each.energy_mint, each.payment_mint)
        found[name] = _MARKET_DATA.pack(
            *(_MARKET.discriminator, *(RAW[key] for key in (*keys, each.energy_vault, each.payment_vault))),
            *(each.energy_held, each.payment_held, each.fees, each.minimum_order),
            *(each.interval, each.gate_closure, each.sequence),
            *(each.fee_bps, each.paused, BUMPS[name]),
        )
    for name, each in ledger.offers.items():
        found[name] = _OFFER_DATA.pack(
            *(_OFFER.discriminator, RAW[each.market], RAW[each.owner]),
            *(each.price, each.amount, each.minimum_fill, each.expires_at, each.fee_bps),
        )
    for name, each in ledger.auctions.items():
        found[name] = _AUCTION_DATA.pack(
            *(_AUCTION.discriminator, RAW[each.market], each.starts_at, each.closes_at),
            *(each.order_count, len(each.settlements), each.price, each.volume),
            *(each.at_price[BID], each.at_price_filled[BID], each.at_price_settled(BID)),
            *(each.at_price[OFFER], each.at_price_filled[OFFER], each.at_price_settled(OFFER)),
            *(each.value(BID), each.value(OFFER), each.fee_bps, each.cleared),
        )
    for name, each in ledger.orders.items():
        found[name] = _ORDER_DATA.pack(
            *(_ORDER.discriminator, RAW[each.market], RAW[each.owner], RAW[each.auction]),
            *(each.index, each.price, each.amount, each.side, each.active),
        )
    for name, each in ledger.clearings.items():
        found[name] = _CLEARING_DATA.pack(
            *(_CLEARING.discriminator, RAW[each.market], RAW[each.owner], RAW[each.auction]),
            *(each.price, each.counted),
            *(each.demand_above, each.demand_at, each.supply_below, each.supply_at),
            *(each.price_below, each.price_above),
        )
    return found | token_data(RAW, ledger.tokens) | mint_data(RAW, ledger.mints)


def slots(
    ledger: Ledger, instruction: str, of: dict[str, str], signer: str, side: trade.Side = OFFER
) -> dict[str, str]:
    """The right accounts of an instruction; `of` says which market, offer, order and so on it is about."""
    market = of["market"]
    _, energy_mint, payment_mint = (MARKETS | IMPOSSIBLE)[market]
    offer, order = ledger.offers.get(of.get("offer", NONE)), ledger.orders.get(of.get("order", NONE))
    maker, settled = offer.owner if offer else signer, order.owner if order else signer
    pays = instruction in ("collect_fees", "fill_offer") or ("vault" in SLOTS[instruction] and side is BID)
    receiver = maker if instruction == "release_expired" else signer
    receives = payment_mint if pays and instruction != "fill_offer" else energy_mint
    right = {
        **dict.fromkeys(SIGNERS, signer),
        **of,
        **{"energy_mint": energy_mint, "payment_mint": payment_mint},
        **{"energy_vault": energy_vault_of(market), "payment_vault": payment_vault_of(market)},
        "vault": payment_vault_of(market) if pays else energy_vault_of(market),
        "source": tokens_of(signer, payment_mint if pays else energy_mint),
        "destination": energy_vault_of(market) if receiver == market else tokens_of(receiver, receives),
        "proceeds": payment_vault_of(market) if maker == market else tokens_of(maker, payment_mint),
        "energy_destination": tokens_of(settled, energy_mint),
        "payment_destination": tokens_of(settled, payment_mint),
    }
    return {slot: right[slot] for slot in SLOTS[instruction] if slot in right}


class Standing:
    """What one state says of everyone, to be compared with the next."""

    def __init__(self, ledger: Ledger) -> None:
        self.surplus = dict[str, int]()  # of the vaults: donations
        for market in ledger.markets.values():
            self.surplus[market.energy_vault] = -market.energy_held
            if market.payment_vault:
                self.surplus[market.payment_vault] = -market.payment_held
        self.purse = Counter[tuple[str, str]]()  # of each owner in each mint
        for name, held in ledger.tokens.items():
            if name in self.surplus:
                self.surplus[name] += held.amount
            else:
                self.purse[held.owner, held.mint] += held.amount
        self.wealth = self.purse.copy()  # and what offers and orders hold
        for offer in ledger.offers.values():
            self.wealth[offer.owner, MARKETS[offer.market][1]] += offer.amount
        for order in ledger.orders.values():
            if order.active:
                _, energy_mint, payment_mint = MARKETS[order.market]
                self.wealth[order.owner, payment_mint if order.side is BID else energy_mint] += order.escrow

    def check(self, was: Standing, signer: str | None, trader: str | None, sent_to: set[str]) -> None:
        """Raise AssertionError if one of the rules 1 and 5 does not hold between two states.

        `trader` is whose offer or order was traded, `sent_to` are accounts that tokens may have been sent to.
        """
        for vault, surplus in self.surplus.items():
            before = was.surplus.get(vault, 0)
            assert surplus == before or (surplus > before and vault in sent_to), vault
        assert {owner for owner, _ in was.purse - self.purse} <= {signer}
        assert {owner for owner, _ in was.wealth - self.wealth} <= {signer, trader}


class Lockstep(ProgramLockstep[Ledger]):
    """The chain and the shadow ledger, and what holds between two states."""

    def __init__(self, *of: Any) -> None:
        super().__init__(*of)
        self._standings = (Standing(self.ledger),) * 2  # before the latest accepted step, and after

    def run(self, instruction: str, **values: Any) -> Error | None:
        ledger, before = self.ledger, self.accounts
        refused = super().run(instruction, **values)
        if refused is not None:
            assert refused != "market is paused" or instruction not in GIVING_BACK  # rule 6
            return refused
        signer = next((values[slot] for slot in SIGNERS if slot in SLOTS[instruction]), None)
        sent_to = {values[slot] for slot in DESTINATIONS if slot in values}
        trader = None
        if instruction == "fill_offer":
            trader = ledger.offers[values["offer"]].owner
            self._check_fill(trader, **values)
        elif instruction == "settle_order":
            trader = ledger.orders[values["order"]].owner
        self._standings[1].check(self._standings[0], signer, trader, sent_to)
        market = values.get("market") or MARKET_OF[values["auction"]]
        changed = {name for name, account in self.accounts.items() if account != before[name]}
        assert {name for name in changed if MARKET_OF.get(name, market) != market} <= sent_to  # rule 8
        return None

    def _check_fill(
        self, maker: str, *, offer: str, taker: str, amount: int, maximum_cost: int, market: str, **_: object
    ) -> None:
        """Rule 4."""
        if maker == taker:
            return
        (was, now), placed, mint = self._standings, self.ledger.offers[offer], MARKETS[market][2]
        assert was.purse[taker, mint] - now.purse[taker, mint] <= maximum_cost
        assert was.wealth[maker, MARKETS[market][1]] - now.wealth[maker, MARKETS[market][1]] <= amount
        got = now.purse[maker, mint] - was.purse[maker, mint]
        assert got * 1_000 * 10_000 >= amount * placed.price * (10_000 - placed.fee_bps)

    def _agree(self) -> None:
        super()._agree()
        self._standings = (self._standings[1], Standing(self.ledger))

    def everyone_leaves(self, chain: ProgramChain[Event], *, waiting: bool) -> None:
        """Rule 6, in a copy on that chain: all that is offered or bid comes back, or for its price.

        What is being auctioned is cleared, or they wait until it has lapsed. Frozen accounts are thawed
        first: they are in the hands of the mint's authority, not of the program.
        """
        there = self.copy(chain)
        ledger = there.ledger
        for name in [name for name, held in ledger.tokens.items() if held.frozen]:
            there.freeze(name, frozen=False)
        was = Standing(ledger)
        trading = any(
            order.active and ledger.auctions[order.auction].cleared for order in ledger.orders.values()
        )
        there._end_auctions(waiting=waiting)
        for name, offer in ledger.offers.items():
            if offer.amount:
                back = "release_expired" if ledger.now >= offer.expires_at else "cancel_offer"
                there.must(back, {"market": offer.market, "offer": name}, offer.owner)
        for name, market in ledger.markets.items():
            if market.fees:
                there.must("collect_fees", {"market": name}, market.authority)
            assert (market.energy_held, market.payment_held) == (0, 0), name
        left = Standing(ledger)
        assert left.surplus == was.surplus
        assert left.wealth == left.purse  # nothing is held for anybody
        if waiting and not trading:
            assert not was.wealth - left.wealth  # nobody has less; more are only fees

    def _end_auctions(self, *, waiting: bool) -> None:
        ledger = self.ledger
        active = {order.auction for order in ledger.orders.values() if order.active}
        running = sorted(name for name in active if not ledger.auctions[name].cleared)
        if waiting:
            ends = [ledger.auctions[name].lapses_at for name in running]
            self.travel_to(max([ledger.now, *(end for end in ends if end < END_OF_TIME)]))
        for name in running:
            auction = ledger.auctions[name]
            if auction.closes_at <= ledger.now < auction.lapses_at:
                self._clear(name)
        for name, order in ledger.orders.items():
            if not order.active:
                continue
            auction = ledger.auctions[order.auction]
            of = {"market": order.market, "auction": order.auction, "order": name}
            if auction.cleared:
                self.must("settle_order", of, order.owner)
            elif order.amount:
                self.must("cancel_order", of, order.owner, order.side)

    def _clear(self, auction: str) -> None:
        """As anybody can."""
        market, book = self.ledger.auctions[auction].market, self.ledger.book(auction)
        of = {"market": market, "auction": auction, "clearing": clearing_of(market, "operator")}
        if of["clearing"] not in self.ledger.clearings:
            self.must("open_clearing", of, "operator")
        if not self.ledger.markets[market].payment_vault:
            self.must("open_payment_vault", of, "operator")
        self.must("propose_price", of, "operator", price=clearing_price(book))
        names = {id(order): name for name, order in self.ledger.orders.items()}
        for order in book:
            self.must("count_order", of | {"order": names[id(order)]}, "operator")
        self.must("clear_auction", of, "operator")

    def must(
        self, instruction: str, of: dict[str, str], signer: str, side: trade.Side = OFFER, **arguments: Any
    ) -> None:
        right = slots(self.ledger, instruction, of, signer, side)
        refused = self.run(instruction, **right, **arguments)
        assert refused is None, (instruction, right, refused)
