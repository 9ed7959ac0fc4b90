"""Random steps by everyone with several issuers, honest and hostile, by a hypothesis state machine.

After each step the chain and the shadow ledger of metering agree on acceptance, reason, event and every byte,
and all rules hold. A seed is a test of its own; `tests/stateful/__init__.py` says how many are run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from struct import Struct
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from solders.pubkey import Pubkey

from amalgam.metering import program as energy_metering
from amalgam.metering.program import _ISSUER, _LAYOUT, _METER, Event, events
from amalgam.metering.refusals import REFUSALS
from tests.shadow.battery import RESOURCES, Tokens
from tests.shadow.metering import GIGAWATT, Ledger
from tests.stateful import PROFILE
from tests.stateful.driver import ProgramChain, first_accounts, key_of, token_data
from tests.stateful.lockstep import ProgramLockstep
from tests.stateful.seeds import Pick, count, picker, take_steps, weighted
from tests.support.metering import PROGRAM, PROGRAM_BYTES, SLOTS
from tests.support.stage import I64_MAX, NOON, U64_MAX

_T = TypeVar("_T")

SEEDS, STEPS = {"quick": (1, 5_000), "ci": (5, 10_000), "long": (50, 10_000)}[PROFILE]
STEPS_A_RUN = 300
MOST_PICKS = 10  # that a step needs
LEAST_REFUSED_SHARE = 0.3

OWNERS = ("owner", "neighbour", "thief")
WALLETS = ("operator", "rival", *OWNERS)
ISSUERS = {"energy": ("operator", 0), "water": ("operator", 1), "rival": ("rival", 0), "late": ("thief", 9)}
DEVICES = tuple(f"device {number}" for number in range(12))


def issuer_of(name: str) -> str:
    return f"issuer of {name}"


def mint_of(issuer: str) -> str:
    return f"mint, {issuer}"


def meter_of(issuer: str, device: str) -> str:
    return f"{device} at {issuer}"


def tokens_of(owner: str, issuer: str) -> str:
    return f"{owner}'s, {issuer}"


NAMES = tuple(map(issuer_of, ISSUERS))
KEYS: dict[str, Pubkey] = {name: key_of(name) for name in (*WALLETS, *DEVICES)}
for _name, (_creator, _number) in ISSUERS.items():
    _issuer = issuer_of(_name)
    KEYS[_issuer] = energy_metering.issuer_address(KEYS[_creator], _number)
    KEYS[mint_of(_issuer)] = energy_metering.mint_address(KEYS[_issuer])
    KEYS |= {tokens_of(owner, _issuer): key_of(tokens_of(owner, _issuer)) for owner in OWNERS}
    for _device in DEVICES:
        KEYS[meter_of(_issuer, _device)] = energy_metering.meter_address(KEYS[_issuer], KEYS[_device])
_BUMPS = {
    issuer_of(name): Pubkey.find_program_address([b"issuer", bytes(KEYS[creator]), bytes([number])], PROGRAM)[
        1
    ]
    for name, (creator, number) in ISSUERS.items()
}

# Every byte of the accounts, written from the layouts of the program and of SPL Token

_ISSUER_DATA = Struct("<8s 32s32s32s32s QQQ BBBB 4x")
_METER_DATA = Struct("<8s 32s32s32s QQqQ B 7x")
_MINT_DATA = Struct("<I32s QBB I32s")


def data(ledger: Ledger) -> dict[str, bytes]:
    raw = {name: bytes(key) for name, key in KEYS.items()}
    found = dict.fromkeys((*WALLETS, *DEVICES), b"")
    for name, each in ledger.issuers.items():
        keys = (each.creator, each.authority, each.pending_authority, each.mint)
        found[name] = _ISSUER_DATA.pack(
            *(_ISSUER.discriminator, *(raw[key] for key in keys)),
            *(each.minted, each.meter_count, each.sequence),
            *(each.number, RESOURCES.index(each.resource), each.paused, _BUMPS[name]),
        )
        supply = ledger.supplies[each.mint]
        found[each.mint] = _MINT_DATA.pack(1, raw[name], supply, 3, True, 0, bytes(32))
    for name, each in ledger.meters.items():
        found[name] = _METER_DATA.pack(
            *(_METER.discriminator, raw[each.issuer], raw[each.device], raw[each.owner]),
            *(each.rated_power, each.register, each.read_at, each.minted, each.retired),
        )
    return found | token_data(raw, ledger.tokens)


# What a step chooses from, the tamest first. Repetition is weight.

STEP = weighted(
    {
        "nothing": 1,
        **{"report": 30, "register_meter": 5, "replace_device": 3, "retire_meter": 2, "pause": 1},
        **{"resume": 4, "propose_authority": 2, "accept_authority": 3, "initialize": 1, "travel": 12},
    }
)
ISSUER = weighted(
    {issuer_of("energy"): 5, issuer_of("rival"): 3, issuer_of("water"): 3, issuer_of("late"): 1}
)
WAITING = {  # the issuers for whom there is something to do
    "resume": lambda issuer: issuer.paused,
    "accept_authority": lambda issuer: issuer.pending_authority != issuer.authority,
}
SOMETIMES = (False, False, False, True)
RATED_POWER = [*[5_000, 60, 1, GIGAWATT] * 3, 0, GIGAWATT + 1, U64_MAX]
REGISTER = [0, 1_000, 10**9, U64_MAX - 50, U64_MAX]
JUMP = [*[1, 60, 900, 3_600] * 4, 86_400, 400 * 86_400]
EXPECTED_REFUSALS = {refusal.message for refusal in REFUSALS} | {
    *("AccountNotInitialized", "AccountNotSigner", "ACCOUNT_ALREADY_IN_USE")
}


class Machine(RuleBasedStateMachine):
    """Several issuers, and everyone who has to do with them."""

    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.world = beginning().copy(chain())

    @rule(choices=st.binary(min_size=MOST_PICKS, max_size=MOST_PICKS))
    def step(self, choices: bytes) -> None:
        pick = picker(choices)
        step, issuer, device, ledger = pick(STEP), pick(ISSUER), pick(DEVICES), self.world.ledger
        if step == "nothing":
            return
        self.tally["steps"] += 1
        if step == "travel":
            self.world.travel_to(ledger.now + pick(JUMP))
            return
        in_service = [meter for meter in ledger.meters.values() if not meter.retired]
        if step in ("report", "replace_device", "retire_meter") and in_service and not pick(SOMETIMES):
            meter = pick(in_service)
            issuer, device = meter.issuer, meter.device
        elif step in WAITING and not pick(SOMETIMES):
            issuer = pick([name for name, each in ledger.issuers.items() if WAITING[step](each)] or [issuer])
        right = self._right(step, issuer, device, pick)
        wrong = self._wrong(step, pick) if pick(SOMETIMES) else {}
        refused = self.world.run(step, **right | wrong)
        count(self.tally, step, right | wrong, refused, hostile=bool(wrong))

    def _right(self, step: str, issuer: str, device: str, pick: Pick) -> dict[str, Any]:
        """Right accounts, and arguments at the boundaries of the state."""
        ledger = self.world.ledger
        known, meter = ledger.issuers.get(issuer), ledger.meters.get(meter_of(issuer, device))
        authority = known.authority if known else "operator"
        match step:
            case "initialize":
                issuer = issuer_of(pick(list(ISSUERS)))
                creator, number = ISSUERS[issuer.removeprefix("issuer of ")]
                made = {"resource": pick(RESOURCES), "number": number}
                return {"authority": creator, "issuer": issuer, "mint": mint_of(issuer), **made}
            case "register_meter":
                made = {"owner": pick(OWNERS), "rated_power": pick(RATED_POWER), "register": pick(REGISTER)}
                return {
                    **{"authority": authority, "issuer": issuer, "device": device},
                    **{"meter": meter_of(issuer, device), **made},
                }
            case "report":
                owner = meter.owner if meter else "thief"
                return {
                    **{"device": device, "issuer": issuer, "meter": meter_of(issuer, device)},
                    **{"mint": mint_of(issuer), "destination": tokens_of(owner, issuer)},
                    **self._reading(meter, pick),
                }
            case "replace_device":
                new = pick(DEVICES)
                return {
                    **{"authority": authority, "issuer": issuer, "meter": meter_of(issuer, device)},
                    **{"replacement": meter_of(issuer, new), "device": new, "register": pick(REGISTER)},
                }
            case "retire_meter":
                return {"authority": authority, "issuer": issuer, "meter": meter_of(issuer, device)}
            case "propose_authority":
                return {"authority": authority, "issuer": issuer, "proposed": pick(WALLETS)}
            case "accept_authority":
                return {"authority": known.pending_authority if known else "thief", "issuer": issuer}
        return {"authority": authority, "issuer": issuer}

    def _reading(self, meter: Any, pick: Pick) -> dict[str, int]:
        now = self.world.ledger.now
        if meter is None:
            return {"register": 0, "read_at": now}
        read_at = pick([*[now] * 8, *[now - 1] * 2, now + 1, meter.read_at, meter.read_at + 1, I64_MAX, -1])
        seconds = max(0, min(read_at, now) - meter.read_at)
        most = meter.register + meter.rated_power * seconds * 105 // (100 * 3_600)
        between = meter.register + (most - meter.register) // 3
        register = pick([most, between, most, between, meter.register, most + 1, meter.register - 1, U64_MAX])
        return {"register": min(max(register, 0), U64_MAX), "read_at": read_at}

    def _wrong(self, step: str, pick: Pick) -> dict[str, Any]:
        """A wrong account of the right type in one slot, somebody else's signature, or none at all."""
        wrong: dict[str, Sequence[str]] = {
            **{"authority": WALLETS, "device": DEVICES, "issuer": NAMES},
            "meter": [meter_of(*each) for each in product(NAMES, DEVICES)],
            "mint": [mint_of(issuer) for issuer in NAMES],
            "destination": [tokens_of(*each) for each in product(OWNERS, NAMES)],
        }
        if step in ("initialize", "register_meter", "replace_device"):
            wrong = {"authority": WALLETS} if step != "initialize" else {}  # the rest is in new addresses
        slot = pick([*(slot for slot in SLOTS[step] if slot in wrong), "signed"])
        return {"signed": False} if slot == "signed" else {slot: pick(wrong[slot])}


@cache
def chain() -> ProgramChain[Event]:
    return ProgramChain(KEYS, PROGRAM, PROGRAM_BYTES, _LAYOUT.build, events)


@cache
def beginning() -> ProgramLockstep[Ledger]:
    """Three issuers, some meters and everyone's empty token accounts; one issuer is yet to come."""
    ledger = Ledger(NOON)
    for owner, issuer in product(OWNERS, NAMES):
        ledger.tokens[tokens_of(owner, issuer)] = Tokens(mint_of(issuer), owner)
    accounts = first_accounts(KEYS, data(ledger))
    world = ProgramLockstep(chain(), ledger, accounts, energy_metering, data)
    for name in ("energy", "water", "rival"):
        creator, number = ISSUERS[name]
        at = {"authority": creator, "issuer": issuer_of(name)}
        mint = mint_of(issuer_of(name))
        assert world.run("initialize", **at, mint=mint, resource="ENERGY", number=number) is None
        for device, owner in zip(DEVICES, OWNERS, strict=False):
            meter = {"meter": meter_of(issuer_of(name), device), "device": device, "owner": owner}
            assert world.run("register_meter", **at, **meter, rated_power=5_000, register=0) is None
    return world


@pytest.mark.parametrize("number", range(SEEDS))
def test_machine(number: int, record_property: Callable[[str, object], None]) -> None:
    tally = take_steps(Machine, number, STEPS, STEPS_A_RUN)
    record_property("tally", dict(tally))
    assert tally["refused"] >= LEAST_REFUSED_SHARE * tally["steps"]
    # return_rent moves lamports alone, of which the shadow ledger knows nothing.
    assert {f"{name} accepted" for name in SLOTS if name != "return_rent"} <= tally.keys()
    assert {f"refused: {reason}" for reason in EXPECTED_REFUSALS} <= tally.keys()
