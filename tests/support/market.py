"""A small community that trades its energy on one market, for tests that drive the real program.

For tests of the client and the command there is `tests.support.marketplace`, which works through the client.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from anchorpy import Program
from solders.pubkey import Pubkey

from amalgam.chain.embedded import EmbeddedChain
from amalgam.programs import Program as ProgramName
from tests.support import stage
from tests.support.stage import NOON, WALLETS, WELL_KNOWN, Beginnings, Chain, Load, Stage, derived

NAME = ProgramName.ENERGY_MARKET
PROGRAM_BYTES = NAME.code.read_bytes()
PROGRAM = NAME.program_id
pda = partial(derived, PROGRAM)

# The defaults. Energy is in Wh, payments in millionths of a token, prices in these for 1,000 Wh.
HOUR = 3_600  # s
FEE_BPS = 100
MINIMUM_ORDER = 100
INTERVAL = 900  # s
GATE_CLOSURE = HOUR
CLEARING_PERIOD = 86_400  # s
STARTS_AT = NOON + 2 * HOUR
CLOSES_AT = STARTS_AT - GATE_CLOSURE
LAPSES_AT = CLOSES_AT + CLEARING_PERIOD
EXPIRES_AT = NOON + HOUR
PRICE = 250_000
AMOUNT = 2_000
ENERGY = 100_000  # that each has at first
PAYMENT = 1_000_000_000

MAKERS = ("owner", "neighbour", "thief")  # the newcomer has no accounts yet
NUMBERS = ("", "second_", "third_")  # of what each has, in the names of it: 0, 1 and 2
PREFIXES = {"operator": "", "rival": "rival_"}  # of the names of what each one's market has
BID, OFFER = "BID", "OFFER"

_POLICY = {"fee_bps": FEE_BPS, "minimum_order": MINIMUM_ORDER}
DEFAULT_ARGUMENTS: dict[str, dict[str, Any]] = {
    "initialize": {**_POLICY, "interval": INTERVAL, "gate_closure": GATE_CLOSURE},
    "open_payment_vault": {},
    "set_policy": _POLICY,
    "pause": {},
    "resume": {},
    "propose_authority": {"proposed": "newcomer"},
    "accept_authority": {},
    "collect_fees": {},
    "open_offer": {"owner": "owner", "number": 0},
    "place_offer": {"price": PRICE, "amount": AMOUNT, "minimum_fill": 500, "expires_at": EXPIRES_AT},
    "fill_offer": {"amount": 1_000, "maximum_cost": PRICE},
    "cancel_offer": {},
    "release_expired": {},
    "open_auction": {"starts_at": STARTS_AT},
    "open_order": {"owner": "owner", "number": 0},
    "place_order": {"side": OFFER, "price": PRICE, "amount": AMOUNT},
    "cancel_order": {},
    "return_rent": {"amount": 1_000},
    "open_clearing": {},
    "propose_price": {"price": PRICE},
    "count_order": {},
    "clear_auction": {},
    "settle_order": {},
}
_SIGNERS = ("authority", "payer", "owner", "taker")
_DEFAULT_SIGNERS = {"authority": "operator", "payer": "operator", "owner": "owner", "taker": "neighbour"}

SLOTS = stage.slots(NAME)
# What only its instructions take, as they say it, beyond its accounts by their names.
PARAMETERS = {
    *("taker: Signer", "proceeds: TokenAccount"),
    *("fee_bps: u16", "minimum_order: u64", "interval: i64", "gate_closure: i64", "side: Side"),
    *("minimum_fill: u64", "maximum_cost: u64", "expires_at: i64"),
}
# What changes nothing but lamports, or the proposer's own count, which nobody else has to follow.
WITHOUT_EVENT = {"return_rent", "open_clearing", "propose_price", "count_order"}
DEFAULT_SIGNERS = {
    name: next((_DEFAULT_SIGNERS[slot] for slot in slots if slot in _SIGNERS), None)
    for name, slots in SLOTS.items()
} | {"accept_authority": "newcomer"}


class Trading(Stage):
    """Wallets, two mints, and markets with their accounts: `start` brings all of it about.

    Accounts go by name: `trading['market']`, its `'energy_vault'`, `'payment_vault'`, `'auction'` and
    `'second_auction'` of the next interval; the mints `'energy'` and `'payment'`; `trading['owner']`, and its
    `'owner_energy'`, `'owner_payment'`, `'owner_offer'`, `'owner_second_offer'`, `'owner_order'`,
    `'owner_second_order'`, `'owner_clearing'`. The rival's market is of the same mints: `'rival_market'`,
    `'rival_energy_vault'`, `'rival_auction'`, `'owner_rival_offer'`, and so on.
    """

    def __init__(self, program: Program, seed: str, chain: Chain) -> None:
        super().__init__(program, seed, chain)
        self._sides: dict[str, str] = {}  # of the orders, as they were placed last
        self.accounts |= {mint: self.key(mint).pubkey() for mint in ("energy", "payment")}
        for operator, prefix in PREFIXES.items():
            market = pda(b"market", self[operator], self["energy"], self["payment"])
            self.accounts |= {
                f"{prefix}market": market,
                f"{prefix}energy_vault": pda(b"energy_vault", market),
                f"{prefix}payment_vault": pda(b"payment_vault", market),
            }
            for number, nth in enumerate(NUMBERS):
                auction = auction_address(market, STARTS_AT + number * INTERVAL)
                self.accounts[f"{prefix}{nth}auction"] = auction
            for owner in WALLETS:
                self.accounts[f"{owner}_{prefix}clearing"] = pda(b"clearing", market, self[owner])
                for number, nth in enumerate(NUMBERS):
                    for kind in ("offer", "order"):
                        address = pda(kind.encode(), market, self[owner], bytes([number]))
                        self.accounts[f"{owner}_{prefix}{nth}{kind}"] = address

    # Bringing it about

    async def prepare(self) -> None:
        """Fund the wallets, and make both mints and everyone's tokens: no market yet."""
        await self.fund()
        await self.make_mint("energy")
        await self.make_mint("payment", decimals=6)
        for owner in WALLETS:
            await self.make_tokens(f"{owner}_energy", owner, ENERGY, mint="energy")
            await self.make_tokens(f"{owner}_payment", owner, PAYMENT, mint="payment")

    async def start(self, *, at: str = "operator", **policy: int) -> None:
        """Initialize a market and its makers' accounts, and open the auction."""
        await self.run("initialize", by=at, **policy)
        await self.run("open_payment_vault", at=at)
        for owner in MAKERS:
            await self.run("open_offer", owner=owner, at=at)
            await self.run("open_order", owner=owner, at=at)
            await self.run("open_clearing", by=owner, at=at)
        await self.run("open_auction", at=at)

    async def clear(self, price: int, orders: list[str], *, by: str = "owner", at: str = "operator") -> None:
        """Close the gate, count the orders of these owners from a price, and clear the auction at it."""
        if await self.now() < CLOSES_AT:
            self.travel_to(CLOSES_AT)
        await self.run("propose_price", by=by, at=at, price=price)
        for order in orders:
            await self.run("count_order", of=order, at=at, clearing=self[f"{by}_{PREFIXES[at]}clearing"])
        await self.run("clear_auction", of=by, at=at)

    # Instructions

    def _resolved(
        self, instruction: str, changes: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Pubkey], str | None]:
        """`by`, who signs; `at`, whose market; `of`, whose offer, order or clearing, and `nth`, which."""
        slots = SLOTS[instruction]
        arguments = dict(DEFAULT_ARGUMENTS[instruction])
        by = changes.pop("by", DEFAULT_SIGNERS[instruction])
        at = changes.pop("at", by if instruction == "initialize" else "operator")
        of = changes.pop("of", by if "owner" in slots else "owner")
        nth = changes.pop("nth", "")
        if "owner" in arguments:
            of = changes.pop("owner", of)
            arguments |= {"owner": of, "number": NUMBERS.index(nth)}
        arguments |= {name: changes.pop(name) for name in arguments if name in changes}
        assert changes.keys() <= set(slots), f"{instruction} has not all of {list(changes)}"

        prefix = PREFIXES[at]
        order = f"{of}_{prefix}{nth}order"
        if instruction == "place_order":
            self._sides[order] = arguments["side"]
        bids = "order" in slots and self._sides.get(order) == BID
        held = "payment" if bids or instruction in ("collect_fees", "fill_offer") else "energy"
        right = {
            **dict.fromkeys(_SIGNERS, by),
            **{name: f"{prefix}{name}" for name in ("market", "auction", "energy_vault", "payment_vault")},
            **{"energy_mint": "energy", "payment_mint": "payment"},
            "offer": f"{of}_{prefix}{nth}offer",
            "order": order,
            "clearing": f"{of}_{prefix}clearing",
            "vault": f"{prefix}{held}_vault",
            "source": f"{by}_{held}",
            "destination": f"{by or of}_{'energy' if instruction == 'fill_offer' else held}",
            "energy_destination": f"{of}_energy",
            "payment_destination": f"{of}_payment",
            "proceeds": f"{of}_payment",
        }
        if instruction == "open_auction":
            changes.setdefault("auction", auction_address(self[right["market"]], arguments["starts_at"]))
        accounts = {name: WELL_KNOWN.get(name) or self[right[name]] for name in slots if name not in changes}
        if instruction == "place_order":
            arguments["side"] = getattr(self.program.type["Side"], arguments["side"])()
        for name in ("owner", "proposed"):
            if name in arguments:
                arguments[name] = self[arguments[name]]
        return list(arguments.values()), accounts | changes, by


def auction_address(market: Pubkey, starts_at: int) -> Pubkey:
    return pda(b"auction", market, starts_at.to_bytes(8, "little", signed=True))


@pytest.fixture(scope="session")
def market_program(load: Load) -> Program:
    return load(NAME)


@pytest.fixture
async def empty_trading(chain: EmbeddedChain, load: Load, beginnings: Beginnings) -> Trading:
    """Funded wallets, both mints and everyone's tokens: no market yet."""
    return await beginnings.prepared(Trading, load(NAME), chain)


@pytest.fixture
async def trading(empty_trading: Trading, beginnings: Beginnings) -> Trading:
    """The operator's market and an open auction, with accounts of the owner, the neighbour and the thief."""
    return await beginnings.started(empty_trading)
