"""A small community whose meters one issuer believes, for tests that drive the real program."""

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

NAME = ProgramName.ENERGY_METERING
PROGRAM_BYTES = NAME.code.read_bytes()
PROGRAM = NAME.program_id
pda = partial(derived, PROGRAM)

# The defaults. W, Wh and seconds.
RATED_POWER = 5_000
REGISTER = 1_000_000
HOUR = 3_600
RISE = 4_000  # what is reported of the first hour
MOST = 5_250  # that could be: the rated power, and 5 % more

METERS = ("owner", "neighbour", "thief")  # the newcomer has no meter yet
PREFIXES = {"operator": "", "rival": "rival_"}  # of the names of what each one's issuer has

DEFAULT_ARGUMENTS: dict[str, dict[str, Any]] = {
    "initialize": {"resource": "ENERGY", "number": 0},
    "register_meter": {
        **{"device": "owner_device", "owner": "owner"},
        **{"rated_power": RATED_POWER, "register": REGISTER},
    },
    "report": {"register": REGISTER + RISE, "read_at": NOON + HOUR},
    "replace_device": {"device": "owner_new_device", "register": 70},
    "retire_meter": {},
    "return_rent": {"amount": 1_000},
    "pause": {},
    "resume": {},
    "propose_authority": {"proposed": "newcomer"},
    "accept_authority": {},
}

SLOTS = stage.slots(NAME)
# What only its instructions take, as they say it, beyond its accounts by their names.
PARAMETERS = {
    *("device: Signer", "replacement: Meter"),
    *("device: Pubkey", "rated_power: u64", "register: u64", "read_at: i64"),
}


WITHOUT_EVENT = {"return_rent"}  # it changes nothing but lamports


class Metered(Stage):
    """Wallets, and issuers with their meters: `start` brings all of it about.

    Accounts go by name: `metered['issuer']`, `metered['mint']`, `metered['owner']`, and its
    `'owner_device'`, `'owner_meter'`, `'owner_tokens'`; with `'owner_new_device'` the meter is
    `'owner_new_meter'`. The rival's issuer is `'rival_issuer'`, with `'owner_rival_meter'` and
    `'owner_rival_tokens'`.
    """

    def __init__(self, program: Program, seed: str, chain: Chain) -> None:
        super().__init__(program, seed, chain)
        for owner in WALLETS:
            for device in (f"{owner}_device", f"{owner}_new_device"):
                self.accounts[device] = self.key(device).pubkey()
        for operator, prefix in PREFIXES.items():
            issuer = pda(b"issuer", self[operator], bytes([0]))
            self.accounts |= {f"{prefix}issuer": issuer, f"{prefix}mint": pda(b"mint", issuer)}
            for name in (each for owner in WALLETS for each in (f"{owner}_", f"{owner}_new_")):
                self.accounts[f"{name}{prefix}meter"] = pda(b"meter", issuer, self[f"{name}device"])

    async def start(self, *, at: str = "operator", now: int = NOON + HOUR, **meter: int) -> None:
        """Initialize an issuer at noon and register its meters; an hour later it is now."""
        self.travel_to(NOON)
        await self.run("initialize", by=at)
        for owner in METERS:
            await self.run("register_meter", of=owner, at=at, by=at, **meter)
        for owner in WALLETS:
            await self.make_tokens(f"{owner}_{PREFIXES[at]}tokens", owner, mint=f"{PREFIXES[at]}mint")
        self.travel_to(now)

    def _resolved(
        self, instruction: str, changes: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Pubkey], str | None]:
        """`by`, who signs; `at`, the name of the issuer's operator; `of`, whose meter it is."""
        of = changes.pop("of", "owner")
        slots = SLOTS[instruction]
        default = f"{of}_device" if "device" in slots else "operator"
        by = changes.pop("by", "newcomer" if instruction == "accept_authority" else default)
        at = changes.pop("at", by if instruction == "initialize" else "operator")
        arguments = dict(DEFAULT_ARGUMENTS[instruction])
        if instruction == "register_meter":
            arguments |= {"device": f"{of}_device", "owner": of}
        if instruction == "replace_device":
            arguments["device"] = f"{of}_new_device"
        arguments |= {name: changes.pop(name) for name in arguments if name in changes}
        assert changes.keys() <= set(slots), f"{instruction} has not all of {list(changes)}"

        prefix = PREFIXES[at]
        right = {
            **dict.fromkeys(("authority", "device"), by),
            "issuer": f"{prefix}issuer",
            "meter": f"{of}_{prefix}meter",
            "replacement": f"{of}_new_{prefix}meter",
            "mint": f"{prefix}mint",
            "destination": f"{of}_{prefix}tokens",
        }
        accounts = {name: WELL_KNOWN.get(name) or self[right[name]] for name in slots if name not in changes}
        if instruction == "initialize":
            arguments["resource"] = getattr(self.program.type["Resource"], arguments["resource"])()
        for name in ("device", "owner", "proposed"):
            if name in arguments:
                arguments[name] = self[arguments[name]]
        return list(arguments.values()), accounts | changes, by


@pytest.fixture(scope="session")
def metering_program(load: Load) -> Program:
    return load(NAME)


@pytest.fixture
async def empty_metered(chain: EmbeddedChain, load: Load, beginnings: Beginnings) -> Metered:
    """Funded wallets at noon: no issuer yet."""
    return await beginnings.prepared(Metered, load(NAME), chain)


@pytest.fixture
async def metered(empty_metered: Metered, beginnings: Beginnings) -> Metered:
    """The operator's issuer, an hour after the owner, the neighbour and the thief got meters, at noon."""
    return await beginnings.started(empty_metered)
