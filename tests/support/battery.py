"""A small community around one virtual battery, for tests that drive the real program."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from anchorpy import Program
from solders.pubkey import Pubkey

from amalgam.chain.embedded import EmbeddedChain
from amalgam.programs import Program as ProgramName
from tests.support import stage
from tests.support.stage import U64_MAX, WALLETS, WELL_KNOWN, Beginnings, Chain, Load, Stage, derived

NAME = ProgramName.ENERGY_ALLOCATION
PROGRAM_BYTES = NAME.code.read_bytes()
PROGRAM = NAME.program_id
pda = partial(derived, PROGRAM)

POLICY_LIMIT = U64_MAX

# The defaults. Wh, seconds and basis points.
CAPACITY = 20_000
ALLOCATION_LIMIT = 4_000
ALLOCATION_LIFETIME = 86_400
EFFICIENCY_BPS = 9_000
TOKENS = 10_000

MEMBERS = ("owner", "neighbour", "thief")  # the newcomer has not joined yet
PREFIXES = {"operator": "", "rival": "rival_"}  # of the names of each one's battery, vault and members

_POLICY = {
    "capacity": CAPACITY,
    "allocation_limit": ALLOCATION_LIMIT,
    "allocation_lifetime": ALLOCATION_LIFETIME,
    "efficiency_bps": EFFICIENCY_BPS,
}
DEFAULT_ARGUMENTS: dict[str, dict[str, Any]] = {
    "initialize": {"resource": "ENERGY", **_POLICY},
    "open_member": {"owner": "owner"},
    "deposit_energy": {"amount": 1_000, "minimum_credit": 0},
    "withdraw_energy": {"amount": 100},
    "allocate": {"amount": 100},
    "deallocate": {"amount": 100},
    "consume": {"amount": 100},
    "release_expired": {},
    "return_rent": {"amount": 1_000},
    "set_policy": _POLICY,
    "set_member_limit": {"limit": 1_000},
    "pause": {},
    "resume": {},
    "propose_authority": {"proposed": "newcomer"},
    "accept_authority": {},
}

SLOTS = stage.slots(NAME)
# What only its instructions take, as they say it, beyond its accounts by their names.
PARAMETERS = {
    *("capacity: u64", "allocation_limit: u64", "allocation_lifetime: i64", "efficiency_bps: u16"),
    *("limit: u64", "minimum_credit: u64"),
}
_SIGNERS = {"authority": "operator", "payer": "operator", "owner": "owner"}  # by the slot that signs
DEFAULT_SIGNERS = {
    name: next((_SIGNERS[slot] for slot in slots if slot in _SIGNERS), None) for name, slots in SLOTS.items()
} | {"accept_authority": "newcomer"}


WITHOUT_EVENT = {"return_rent"}  # it changes nothing but lamports


class World(Stage):
    """Wallets, a mint, and batteries with their members: `start` brings all of it about.

    Accounts go by name: `world['owner']`, `world['owner_tokens']`, `world['owner_member']`,
    `world['battery']`, `world['vault']`, `world['mint']`. A test that wants it starts the rival's battery, of
    the same mint: `world['rival_battery']`, `world['rival_vault']`, `world['owner_rival_member']`.
    """

    def __init__(self, program: Program, seed: str, chain: Chain) -> None:
        super().__init__(program, seed, chain)
        self.accounts["mint"] = self.key("mint").pubkey()
        for operator, prefix in PREFIXES.items():
            battery = pda(b"battery", self[operator], self["mint"])
            self.accounts |= {f"{prefix}battery": battery, f"{prefix}vault": pda(b"vault", battery)}
            for owner in WALLETS:
                self.accounts[f"{owner}_{prefix}member"] = pda(b"member", battery, self[owner])

    # Bringing the world about

    async def prepare(self) -> None:
        """Fund the wallets and make the mint and everyone's tokens; no battery yet."""
        await self.fund()
        await self.make_mint("mint")
        for name in WALLETS:
            await self.make_tokens(f"{name}_tokens", name, TOKENS)

    async def start(self, *, at: str = "operator", **policy: int) -> None:
        """Initialize a battery and open its members."""
        await self.run("initialize", by=at, **policy)
        for owner in MEMBERS:
            await self.run("open_member", owner=owner, at=at)

    # Instructions

    def _resolved(
        self, instruction: str, changes: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Pubkey], str | None]:
        arguments = dict(DEFAULT_ARGUMENTS[instruction])
        by = changes.pop("by", DEFAULT_SIGNERS[instruction])
        at = changes.pop("at", by if instruction == "initialize" else "operator")
        arguments |= {name: changes.pop(name) for name in arguments if name in changes}
        of = changes.pop("of", by if "owner" in SLOTS[instruction] else arguments.get("owner", "owner"))
        assert changes.keys() <= set(SLOTS[instruction]), f"{instruction} has not all of {list(changes)}"
        accounts = self._slots(instruction, by, at, of) | changes
        if instruction == "initialize":
            arguments["resource"] = getattr(self.program.type["Resource"], arguments["resource"])()
        for name in ("owner", "proposed"):
            if name in arguments:
                arguments[name] = self[arguments[name]]
        return list(arguments.values()), accounts, by

    def _slots(self, instruction: str, by: str | None, at: str, of: str) -> dict[str, Pubkey]:
        prefix = PREFIXES[at]
        right = {
            **dict.fromkeys(("authority", "payer", "owner"), by),
            "battery": f"{prefix}battery",
            "member": f"{of}_{prefix}member",
            "mint": "mint",
            "vault": f"{prefix}vault",
            **dict.fromkeys(("source", "destination"), f"{by}_tokens"),
        }
        return {name: WELL_KNOWN.get(name) or self[right[name]] for name in SLOTS[instruction]}


@pytest.fixture(scope="session")
def program(load: Load) -> Program:
    return load(NAME)


@pytest.fixture
async def empty_world(chain: EmbeddedChain, load: Load, beginnings: Beginnings) -> World:
    """Funded wallets, the mint and everyone's tokens: no battery yet."""
    return await beginnings.prepared(World, load(NAME), chain)


@pytest.fixture
async def world(empty_world: World, beginnings: Beginnings) -> World:
    """The operator's battery, with the owner, the neighbour and the thief as its members."""
    return await beginnings.started(empty_world)
