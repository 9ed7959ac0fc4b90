"""A community whose batteries act as one, for tests that drive the real program."""

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

NAME = ProgramName.VIRTUAL_POWER_PLANT
PROGRAM_BYTES = NAME.code.read_bytes()
PROGRAM = NAME.program_id
pda = partial(derived, PROGRAM)

# The defaults. Wh, s, and base units of payment, prices of them for 1,000 Wh.
HOUR = 3_600
STARTS, ENDS = NOON + HOUR, NOON + 2 * HOUR
TARGET = 10_000
PRICE = 301
BOND_PRICE = 99
REWARD = 3_010  # for the whole target
TOLERANCE_BPS = 1_000
AMOUNT = 4_001  # what is committed and delivered
BOND = 397  # 396.099, rounded up
EARNED = 1_204  # 1,204.301, rounded down
ENERGY, PAYMENT = 20_000, 5_000  # what everybody has
OPENED = 6  # events until the first announcement
ANNOUNCED = OPENED + 1

PARTICIPANTS = ("owner", "neighbour", "thief")  # the newcomer has no commitment account yet
PREFIXES = {"operator": "", "rival": "rival_"}  # of the names of what each one's plant has

TERMS = {
    **{"starts_at": STARTS, "ends_at": ENDS, "target": TARGET},
    **{"price": PRICE, "bond_price": BOND_PRICE, "tolerance_bps": TOLERANCE_BPS},
}
DEFAULT_ARGUMENTS: dict[str, dict[str, Any]] = {
    "initialize": {},
    "open_payment_vault": {},
    "pause": {},
    "resume": {},
    "propose_authority": {"proposed": "newcomer"},
    "accept_authority": {},
    "open_dispatch": {"number": 0},
    "announce": TERMS,
    "cancel_dispatch": {},
    "open_commitment": {"owner": "owner", "number": 0},
    "return_rent": {"amount": 1_000},
    "commit": {"amount": AMOUNT, "announcement": ANNOUNCED},
    "deliver": {"amount": AMOUNT},
    "settle_commitment": {},
    "settle_dispatch": {},
}

SLOTS = stage.slots(NAME)
# What only its instructions take, as they say it, beyond its accounts by their names.
PARAMETERS = {"ends_at: i64", "target: u64", "bond_price: u64", "tolerance_bps: u16", "announcement: u64"}
WITHOUT_EVENT = {"return_rent"}  # it changes nothing but lamports
_SIGNERS = ("authority", "payer", "owner")


class Dispatching(Stage):
    """Wallets, both mints, and plants with a dispatch each: `start` brings all of it about.

    Accounts go by name: `dispatching['plant']`, `dispatching['dispatch']`, `dispatching['owner']`, and its
    `'owner_commitment'`, `'owner_energy'`, `'owner_payment'`. The plant's second dispatch is
    `'second_dispatch'`; the rival's plant, of the same mints, is `'rival_plant'`, with `'rival_dispatch'` and
    `'owner_rival_commitment'`.
    """

    def __init__(self, program: Program, seed: str, chain: Chain) -> None:
        super().__init__(program, seed, chain)
        self.accounts |= {mint: self.key(mint).pubkey() for mint in ("energy_mint", "payment_mint")}
        for operator, prefix in PREFIXES.items():
            plant = pda(b"plant", self[operator], self["energy_mint"], self["payment_mint"])
            self.accounts |= {
                f"{prefix}plant": plant,
                f"{prefix}energy_vault": pda(b"energy_vault", plant),
                f"{prefix}payment_vault": pda(b"payment_vault", plant),
                f"{prefix}dispatch": pda(b"dispatch", plant, bytes([0])),
                f"second_{prefix}dispatch": pda(b"dispatch", plant, bytes([1])),
                **{
                    f"{owner}_{prefix}commitment": pda(b"commitment", plant, self[owner], bytes([0]))
                    for owner in WALLETS
                },
            }

    async def prepare(self) -> None:
        """Funded wallets, both mints, and tokens of both for everybody."""
        await self.fund()
        await self.make_mint("energy_mint")
        await self.make_mint("payment_mint", decimals=6)
        for owner in WALLETS:
            await self.make_tokens(f"{owner}_energy", owner, ENERGY, mint="energy_mint")
            await self.make_tokens(f"{owner}_payment", owner, PAYMENT, mint="payment_mint")

    async def start(self, *, at: str = "operator", **terms: int) -> None:
        """Initialize a plant, open its accounts, and announce a dispatch at noon."""
        self.travel_to(NOON)
        for instruction in ("initialize", "open_payment_vault", "open_dispatch"):
            await self.run(instruction, by=at, at=at)
        for owner in PARTICIPANTS:
            await self.run("open_commitment", of=owner, at=at)
        await self.run("announce", by=at, at=at, **terms)

    async def begin(self, **amounts: int) -> None:
        """Commit these amounts, by their owners, and travel to the start."""
        for owner, amount in amounts.items():
            await self.run("commit", of=owner, amount=amount)
        self.travel_to(STARTS)

    async def end(self, **amounts: int) -> None:
        """Deliver these amounts, by their owners, and travel to the end."""
        for owner, amount in amounts.items():
            await self.run("deliver", of=owner, amount=amount)
        self.travel_to(ENDS)

    def _resolved(
        self, instruction: str, changes: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Pubkey], str | None]:
        """`by`, who signs; `at`, the name of the plant's operator; `of`, whose commitment it is."""
        of = changes.pop("of", "owner")
        slots = SLOTS[instruction]
        signing = [slot for slot in slots if slot in _SIGNERS]
        default = "newcomer" if instruction == "accept_authority" else "operator"
        by = changes.pop("by", of if "owner" in slots else default) if signing else None
        at = changes.pop("at", by if instruction == "initialize" else "operator")
        arguments = dict(DEFAULT_ARGUMENTS[instruction])
        if instruction == "open_commitment":
            arguments["owner"] = of
        arguments |= {name: changes.pop(name) for name in arguments if name in changes}
        assert changes.keys() <= set(slots), f"{instruction} has not all of {list(changes)}"

        prefix = PREFIXES[at]
        second = "second_" if arguments.get("number") == 1 else ""
        operators = instruction in ("announce", "cancel_dispatch")
        right = {
            **dict.fromkeys(_SIGNERS, by),
            **{name: name for name in ("energy_mint", "payment_mint")},
            **{name: f"{prefix}{name}" for name in ("plant", "energy_vault", "payment_vault")},
            "dispatch": f"{second}{prefix}dispatch",
            "commitment": f"{of}_{prefix}commitment",
            "source": f"{by}_energy" if instruction == "deliver" else f"{by}_payment",
            "destination": f"{by}_payment" if operators else f"{of}_payment",
            "energy_destination": f"{at}_energy",
            "payment_destination": f"{at}_payment",
        }
        accounts = {name: WELL_KNOWN.get(name) or self[right[name]] for name in slots if name not in changes}
        for name in ("owner", "proposed"):
            if name in arguments:
                arguments[name] = self[arguments[name]]
        return list(arguments.values()), accounts | changes, by


@pytest.fixture(scope="session")
def plant_program(load: Load) -> Program:
    return load(NAME)


@pytest.fixture
async def empty_dispatching(chain: EmbeddedChain, load: Load, beginnings: Beginnings) -> Dispatching:
    """Funded wallets at noon, both mints and everyone's tokens: no plant yet."""
    return await beginnings.prepared(Dispatching, load(NAME), chain)


@pytest.fixture
async def dispatching(empty_dispatching: Dispatching, beginnings: Beginnings) -> Dispatching:
    """The operator's plant, with a dispatch to which the owner, the neighbour and the thief can commit."""
    return await beginnings.started(empty_dispatching)
