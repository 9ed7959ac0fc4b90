"""Random steps by everyone on several markets, honest and hostile, by a hypothesis state machine.

After each step the chain and the shadow ledger of trading agree on acceptance, reason, event and every byte,
and all rules hold; every few steps everyone leaves, in a copy of the chain.

A seed is a test of its own; `tests/stateful/__init__.py` says how many are run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from amalgam.market import program as trade
from amalgam.market.program import _LAYOUT, Event, events
from amalgam.market.refusals import REFUSALS
from tests.shadow.battery import Mint, Tokens
from tests.shadow.market import (
    BID,
    CREATED,
    DAY,
    OFFER,
    OVERFLOW,
    SIGNERS,
    TERAWATT_HOUR,
    TOO_MUCH,
    UNDERFLOW,
    Ledger,
    clearing_price,
    cost_of,
)
from tests.stateful import PROFILE
from tests.stateful.driver import ProgramChain, first_accounts, tokens_of
from tests.stateful.market.players import (
    DECIMALS,
    DESTINATIONS,
    END_OF_TIME,
    IMPOSSIBLE,
    KEYS,
    MARKETS,
    OFFERS,
    ORDERS,
    OWNERS,
    STARTS,
    TOKENS,
    WALLETS,
    Lockstep,
    auction_of,
    clearing_of,
    data,
    offer_of,
    order_of,
    slots,
)
from tests.stateful.seeds import Pick, count, picker, take_steps, weighted
from tests.support.market import HOUR, PROGRAM, PROGRAM_BYTES, SLOTS
from tests.support.stage import I64_MAX, NOON, U64_MAX

SEEDS, STEPS = {"quick": (1, 5_000), "ci": (5, 10_000), "long": (50, 10_000)}[PROFILE]
STEPS_A_RUN = 200
STEPS_A_LEAVING = 50
MOST_PICKS = 27  # that a step needs
LEAST_HOSTILE_SHARE = 0.15

# What a step chooses from, the tamest first. Repetition is weight.

STEP = weighted(
    {
        "nothing": 1,
        **{"place_order": 44, "settle_order": 30, "count_order": 36, "place_offer": 10, "fill_offer": 18},
        **{"travel": 4, "propose_price": 16, "clear_auction": 24, "cancel_order": 5, "cancel_offer": 4},
        **{"open_auction": 4, "release_expired": 6, "open_clearing": 2, "open_order": 3, "open_offer": 2},
        **{"collect_fees": 3, "set_policy": 2, "resume": 8, "pause": 1, "propose_authority": 2},
        **{"accept_authority": 3, "open_payment_vault": 3, "initialize": 2},
        **{"donate": 2, "freeze": 1, "thaw": 8},
    }
)
AT = weighted({"solar": 5, "wind": 2, "trap": 2, "late": 2})
TRIES = 6  # of steps to find one for which there is something to do
SOMETIMES = (False, False, False, True)
SELDOM = (*[False] * 9, True)
INITIALIZED = weighted({"late": 5, "coarse market": 1, "circular market": 1, "solar": 1})
FEE = [*[100, 0, 500, 33] * 4, 501, 2**16 - 1]
MINIMUM = [*[100, 1] * 10, 0, TERAWATT_HOUR, TERAWATT_HOUR + 1]
INTERVAL = [*[HOUR] * 6, 60, DAY, 59, DAY + 1, -HOUR, I64_MAX]
GATE_CLOSURE = [*[HOUR, 0] * 4, 7 * DAY, 7 * DAY + 1, -1, -I64_MAX, I64_MAX]
PRICE = [*[100, 90, 110, 101, 100] * 6, 1, 333, 999, 10**15, 2**63, U64_MAX, U64_MAX, 0]
AMOUNT = [*[1_000, 100, 333, 2_500, 777] * 6, 1, 99, 0, 10**6, TERAWATT_HOUR, TERAWATT_HOUR + 1, U64_MAX]
LIFETIME = [*[60, HOUR, DAY] * 6, 1, 0, -1]
SIDE = (BID, OFFER)
EXPECTED_REFUSALS = {refusal.message for refusal in REFUSALS} | {
    *("AccountNotInitialized", "AccountNotSigner"),  # Anchor's
    *("ACCOUNT_ALREADY_IN_USE", "ACCOUNT_FROZEN", "INSUFFICIENT_FUNDS"),  # System's, and SPL Token's
    *(TOO_MUCH, OVERFLOW, UNDERFLOW),
}
TOKEN_ACCOUNTS = (
    *(name for name in KEYS if " vault" in name),
    *(tokens_of(*each) for each in product(WALLETS, TOKENS)),
)
WRONG: dict[str, Sequence[str]] = {  # accounts of the right type, there or not
    **dict.fromkeys(("authority", "owner", "taker"), WALLETS),
    **dict.fromkeys(("energy_mint", "payment_mint"), tuple(DECIMALS)),
    **dict.fromkeys(("vault", "energy_vault", "payment_vault", "source", *DESTINATIONS), TOKEN_ACCOUNTS),
    "market": tuple(MARKETS),
    **{
        kind: tuple(name for name in KEYS if kind in name)
        for kind in ("offer", "order", "auction", "clearing")
    },
}


def waiting(ledger: Ledger, step: str) -> list[dict[str, str]] | None:
    """What there is for whom to do, in this state; None of what can always be done."""
    match step:
        case "place_offer" | "fill_offer" | "cancel_offer" | "release_expired":
            return [
                {"market": offer.market, "owner": offer.owner, "offer": name}
                for name, offer in ledger.offers.items()
                if (offer.amount == 0) == (step == "place_offer") and offer.owner in OWNERS
                if step not in ("fill_offer", "release_expired")
                or (ledger.now >= offer.expires_at) == (step == "release_expired")
            ]
        case "place_order" | "cancel_order" | "settle_order":
            return [
                {"market": order.market, "owner": order.owner, "order": name, "auction": auction}
                for name, order in ledger.orders.items()
                for auction in ([order.auction] if order.active else _open_auctions(ledger, order.market))
                if order.active == (step != "place_order")
                if step == "place_order" or ledger.auctions[auction].cleared == (step == "settle_order")
            ]
        case "propose_price" | "count_order" | "clear_auction":
            return list(_clearable(ledger, step))
        case "open_offer" | "open_order" | "open_clearing":
            return list(_absent(ledger, step.removeprefix("open_")))
        case "open_payment_vault":
            return [{"market": name} for name, market in ledger.markets.items() if not market.payment_vault]
        case "resume":
            return [{"market": name} for name, market in ledger.markets.items() if market.paused]
        case "accept_authority":
            return [
                {"market": name}
                for name, market in ledger.markets.items()
                if market.pending_authority != market.authority
            ]
        case "collect_fees":
            return [{"market": name} for name, market in ledger.markets.items() if market.fees]
    return None


def _open_auctions(ledger: Ledger, market: str) -> list[str]:
    return [
        name
        for name, auction in ledger.auctions.items()
        if auction.market == market and ledger.now < auction.closes_at
    ]


def _absent(ledger: Ledger, kind: str) -> Iterator[dict[str, str]]:
    """What can be opened."""
    for market, owner in product(ledger.markets, OWNERS):
        of = {"market": market, "owner": owner}
        names = {
            "offer": [offer_of(market, owner, number) for number in OFFERS],
            "order": [order_of(market, owner, number) for number in ORDERS],
            "clearing": [clearing_of(market, owner)],
        }[kind]
        there = {**ledger.offers, **ledger.orders, **ledger.clearings}
        yield from (of | {kind: name} for name in names if name not in there)


def _clearable(ledger: Ledger, step: str) -> Iterator[dict[str, str]]:
    """Whose gate has closed, with a clearing to propose, count or clear with."""
    for name, clearing in ledger.clearings.items():
        of = {"market": clearing.market, "owner": clearing.owner, "clearing": name}
        if step == "propose_price":
            for auction, book in ledger.auctions.items():
                closed = (
                    book.closes_at <= ledger.now < book.lapses_at and book.order_count and not book.cleared
                )
                if closed and book.market == clearing.market and clearing.auction != auction:
                    yield of | {"auction": auction}
            continue
        book = ledger.auctions.get(clearing.auction)
        if book is None or book.cleared or ledger.now >= book.lapses_at:
            continue
        left = ledger.book(clearing.auction)[clearing.counted :]
        if step == "clear_auction" and len(left) <= 1:  # one short of it at times
            yield of | {"auction": clearing.auction}
        if step == "count_order" and left:
            order = next(each for each, order in ledger.orders.items() if order is left[0])
            yield of | {"auction": clearing.auction, "order": order}


class Machine(RuleBasedStateMachine):
    """Several markets, and everyone who has to do with them."""

    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.world, self.steps = beginning().copy(chains()[0]), 0

    @rule(choices=st.binary(min_size=MOST_PICKS, max_size=MOST_PICKS))
    def step(self, choices: bytes) -> None:
        pick, ledger = picker(choices), self.world.ledger
        tried = [(step, waiting(ledger, step)) for step in (pick(STEP) for _ in range(TRIES))]
        step, to_do = next((each for each in tried if each[1] != []), tried[-1])
        if step == "nothing":
            return
        if step in SLOTS:
            self._run(step, to_do or [], pick)
        else:
            self._happen(step, pick)
        self.tally["steps"] += 1
        self.steps += 1
        if self.steps % STEPS_A_LEAVING == 0:
            self.tally["everyone left"] += 1
            self.world.everyone_leaves(chains()[1], waiting=bool(choices[-1] % 2))

    def _run(self, step: str, to_do: list[dict[str, str]], pick: Pick) -> None:
        ledger = self.world.ledger
        at, owner = pick(INITIALIZED if step == "initialize" else AT), pick(OWNERS)
        if step != "initialize" and at not in ledger.markets and not pick(SELDOM):
            at = "solar"
        of = {"market": at, "owner": owner, "offer": offer_of(at, owner, pick(OFFERS))}
        of |= {"order": order_of(at, owner, pick(ORDERS)), "clearing": clearing_of(at, owner)}
        of["auction"] = pick([*_open_auctions(ledger, at), *ledger.auctions])
        if to_do and not pick(SELDOM):
            of |= pick(to_do)
        if step == "fill_offer" and pick(SELDOM):  # one that nobody can ever place
            of["offer"] = offer_of(of["market"], of["market"], 0)
        order = ledger.orders.get(of["order"])
        side = pick(SIDE) if step == "place_order" or order is None else order.side
        signer = self._signer(step, of, pick)
        arguments = self._arguments(step, of, pick)
        right = slots(ledger, step, of, signer, side) | arguments
        if step == "place_order":
            right["side"] = side
        wrong = self._wrong(step, pick) if pick(SOMETIMES) else {}
        refused = self.world.run(step, **right | wrong)
        count(self.tally, step, right | wrong, refused, hostile=bool(wrong) or signer == "thief")

    def _signer(self, step: str, of: dict[str, str], pick: Pick) -> str:
        market = self.world.ledger.markets.get(of["market"])
        if step == "initialize":
            return (MARKETS | IMPOSSIBLE)[of["market"]][0]
        if "authority" in SLOTS[step] and market is not None:
            return market.pending_authority if step == "accept_authority" else market.authority
        if "taker" in SLOTS[step]:
            return pick([*(owner for owner in OWNERS if owner != of["owner"]), *OWNERS])
        return pick(WALLETS) if "payer" in SLOTS[step] else of["owner"]

    def _arguments(self, step: str, of: dict[str, str], pick: Pick) -> dict[str, Any]:
        """At the boundaries of the state. Which auction is opened is one of them."""
        ledger, market = self.world.ledger, of["market"]
        match step:
            case "initialize":
                intervals = {"interval": pick(INTERVAL), "gate_closure": pick(GATE_CLOSURE)}
                return {"fee_bps": pick(FEE), "minimum_order": pick(MINIMUM), **intervals}
            case "set_policy":
                return {"fee_bps": pick(FEE), "minimum_order": pick(MINIMUM)}
            case "propose_authority":
                return {"proposed": pick(WALLETS)}
            case "open_offer" | "open_order":
                number = of[step.removeprefix("open_")].partition(" in ")[0].rpartition(" ")[2]
                return {"owner": of["owner"], "number": int(number)}
            case "open_auction":
                absent = [each for each in STARTS if auction_of(market, each) not in ledger.auctions]
                starts_at = pick([*absent, *STARTS[:1]])
                of["auction"] = auction_of(market, starts_at)
                return {"starts_at": starts_at}
            case "place_offer":
                amount = pick(AMOUNT)
                least = pick([*[1, amount // 2, amount] * 4, min(amount + 1, U64_MAX), 0])
                until = {"minimum_fill": least, "expires_at": ledger.now + pick(LIFETIME)}
                return {"price": pick(PRICE), "amount": amount, **until}
            case "fill_offer":
                return self._fill(of["offer"], pick)
            case "place_order":
                return {"price": pick(PRICE), "amount": pick(AMOUNT)}
            case "propose_price":
                orders = ledger.book(of["auction"])
                best, some = clearing_price(orders), [order.price for order in orders]
                return {"price": pick([*[best] * 9, best + 1, max(best - 1, 0), 0, U64_MAX, *some])}
        return {}

    def _fill(self, offer: str, pick: Pick) -> dict[str, int]:
        placed = self.world.ledger.offers.get(offer)
        left, least, price = (placed.amount, placed.minimum_fill, placed.price) if placed else (1, 1, 1)
        amounts = [*[left, left // 2, left // 3, least] * 3, least - 1, left + 1, 0]
        amount = pick([*[max(each, 0) for each in amounts], TERAWATT_HOUR + 1])
        cost = cost_of(amount, price)
        return {"amount": amount, "maximum_cost": min(max(pick([cost, cost, U64_MAX, cost - 1]), 0), U64_MAX)}

    def _wrong(self, step: str, pick: Pick) -> dict[str, Any]:
        """A wrong account of the right type in one slot, somebody else's signature, or none at all."""
        if step == "initialize":  # all accounts make the new one's address
            return {"signed": False}
        fixed = {*CREATED[step], "market", "owner"} if step in CREATED else set[str]()
        signed = ["signed"] if any(slot in SIGNERS for slot in SLOTS[step]) else []
        slot = pick([*(slot for slot in SLOTS[step] if slot in WRONG and slot not in fixed), *signed])
        if slot == "signed":
            return {"signed": False}
        there = [name for name in WRONG[slot] if self.world.accounts[name].lamports]
        return {slot: pick(there) if there and not pick(SELDOM) else pick(WRONG[slot])}

    def _happen(self, step: str, pick: Pick) -> None:
        """What happens around the program."""
        world, ledger, refused = self.world, self.world.ledger, None
        happened: Any = None
        match step:
            case "donate":
                owner, market = pick(OWNERS), ledger.markets[pick([*ledger.markets])]
                vault, mint = pick(
                    [(market.energy_vault, market.energy_mint), (market.payment_vault, market.payment_mint)]
                )
                happened = (owner, tokens_of(owner, mint), vault or tokens_of("thief", mint), pick(AMOUNT))
                refused = world.transfer(*happened)
            case "freeze":
                happened = pick([name for name, held in ledger.tokens.items() if not held.frozen])
                world.freeze(happened, frozen=True)
            case "thaw":
                happened = [name for name, held in ledger.tokens.items() if held.frozen]
                for name in happened:
                    world.freeze(name, frozen=False)
            case "travel":
                happened = self._moment(pick)
                world.travel_to(happened)
        count(self.tally, step, happened, refused, hostile=False)

    def _moment(self, pick: Pick) -> int:
        """On, or to about when a gate closes, an auction lapses or an offer expires."""
        ledger = self.world.ledger
        moments = [offer.expires_at for offer in ledger.offers.values() if offer.amount]
        for auction in ledger.auctions.values():
            if auction.order_count > 1 and not auction.cleared:
                moments += [auction.closes_at] * 2 if ledger.now < auction.closes_at else [auction.lapses_at]
        coming = sorted(moment for moment in moments if ledger.now < moment < END_OF_TIME - DAY)
        chosen = pick([*coming[:4], *coming[:1], ledger.now + pick((1, 60, HOUR))])
        return max(ledger.now, chosen + pick((0, 0, 0, -1)))


@cache
def chains() -> tuple[ProgramChain[Event], ProgramChain[Event]]:
    """The chain, and the one for copies."""
    first, second = (ProgramChain(KEYS, PROGRAM, PROGRAM_BYTES, _LAYOUT.build, events) for _ in range(2))
    return first, second


@cache
def beginning() -> Lockstep:
    """Three markets with some accounts and an open auction; one of the rival's is yet to come."""
    ledger = Ledger(NOON)
    for owner, mint in product(WALLETS, TOKENS):
        ledger.tokens[tokens_of(owner, mint)] = Tokens(mint, owner, TOKENS[mint])
    for mint, decimals in DECIMALS.items():
        ledger.mints[mint] = Mint(TOKENS.get(mint, 0) * len(WALLETS), decimals)
    world = Lockstep(chains()[0], ledger, first_accounts(KEYS, data(ledger)), trade, data)
    for name in ("solar", "wind", "trap"):
        creator, energy_mint, payment_mint = MARKETS[name]
        at = {"market": name}
        mints = {"energy_mint": energy_mint, "payment_mint": payment_mint}
        rules = {"fee_bps": 100, "minimum_order": 100, "interval": HOUR, "gate_closure": HOUR}
        world.must("initialize", at | mints, creator, **rules)
        world.must("open_payment_vault", at, creator)
        for owner, number in product(OWNERS, OFFERS):
            whose = {"owner": owner, "number": number}
            world.must("open_offer", at | {"offer": offer_of(name, owner, number)}, creator, **whose)
            world.must("open_order", at | {"order": order_of(name, owner, number)}, creator, **whose)
        nobodys = {"owner": name, "number": 0}  # nobody can sign for a market
        world.must("open_offer", at | {"offer": offer_of(name, name, 0)}, creator, **nobodys)
        world.must("open_clearing", at | {"clearing": clearing_of(name, "owner")}, "owner")
        starts_at = STARTS[0]
        auction = at | {"auction": auction_of(name, starts_at)}
        world.must("open_auction", auction, creator, starts_at=starts_at)
    return world


@pytest.mark.parametrize("number", range(SEEDS))
def test_machine(number: int, record_property: Callable[[str, object], None]) -> None:
    tally = take_steps(Machine, number, STEPS, STEPS_A_RUN)
    record_property("tally", dict(tally))
    assert tally["hostile"] >= LEAST_HOSTILE_SHARE * tally["steps"]
    # return_rent moves lamports alone, of which the shadow ledger knows nothing.
    assert {f"{name} accepted" for name in SLOTS if name != "return_rent"} <= tally.keys()
