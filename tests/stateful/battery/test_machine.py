"""Random steps by everyone on several batteries, honest and hostile, by a hypothesis state machine.

After each step the chain and the shadow ledger agree on acceptance, reason, event and every byte, all rules
hold, and the events alone rebuild the accounts; every few steps everyone can leave, in a copy of the chain.

A seed is a test of its own; `tests/stateful/__init__.py` says how to choose how many are run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from itertools import cycle, islice, product
from typing import Any, NamedTuple, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from amalgam.battery.refusals import REFUSALS
from tests.shadow.battery import BPS, CREATED, MAX_LIFETIME, RESOURCES, SIGNERS
from tests.stateful import PROFILE
from tests.stateful.driver import Chain, Scene, member_of, tokens_of, vault_of
from tests.stateful.lockstep import Lockstep
from tests.stateful.seeds import Pick, count, picker, take_steps, weighted
from tests.support.battery import POLICY_LIMIT, SLOTS
from tests.support.stage import I64_MAX, NOON, U64_MAX

_T = TypeVar("_T")

SEEDS, STEPS = {"quick": (1, 5_000), "ci": (20, 10_000), "long": (200, 10_000)}[PROFILE]
STEPS_A_RUN = 200
STEPS_A_LEAVING = 25
MOST_PICKS = 11  # that a step needs
LEAST_HOSTILE_SHARE = 0.3

OWNERS = ("owner", "neighbour", "newcomer", "thief")
SCENE = Scene(
    mints={"kwh": 3, "litres": 3, "coarse": 2},
    batteries={
        "solar": ("operator", "kwh"),
        "wind": ("rival", "kwh"),
        "water": ("operator", "litres"),
        "trap": ("thief", "kwh"),
        "late": ("rival", "litres"),
        "coarse battery": ("operator", "coarse"),  # cannot come to be: its mint has 2 decimals
    },
    owners=OWNERS,
    wallets=("operator", "rival", *OWNERS),
)
TOKENS = {"kwh": 10_000, "litres": 2**61, "coarse": 10}
BATTERIES = ("solar", "wind", "water", "trap", "late")
ITS_VAULT = "the battery's own vault"
VAULTS = tuple(map(vault_of, BATTERIES))

EXPECTED_REFUSALS = {refusal.message for refusal in REFUSALS} | {
    *("AccountNotInitialized", "AccountNotSigner"),  # Anchor's
    *("ACCOUNT_ALREADY_IN_USE", "ACCOUNT_FROZEN", "INSUFFICIENT_FUNDS"),  # System's, and SPL Token's
    "attempt to add with overflow",  # of a time
}


class Amount(NamedTuple):
    """An amount, told by a boundary of the state that it meets."""

    of: str
    plus: int = 0
    part: int = 1


# What a step chooses from, the tamest first. Repetition is weight.


def amounts(*boundaries: str) -> list[Amount]:
    parts = [Amount(of, part=part) for part, of in product((2, 3, 10), boundaries)]
    exact = [Amount(of, plus) for plus, of in product((0, 0, 1), boundaries)]
    return [Amount("one"), *parts, *parts, *exact, Amount("nothing"), Amount("most")]


def wrong_values(instruction: str) -> list[dict[str, Any]]:
    """Each a wrong account of the right type in one slot, somebody else's signature, or none at all."""
    tokens = [tokens_of(*each) for each in product(("owner", "thief"), ("kwh", "litres"))]
    wrong: dict[str, Iterable[str]] = {
        **dict.fromkeys(SIGNERS, ("thief", "operator", "owner")),
        "battery": BATTERIES,
        "member": [member_of(*each) for each in product(("solar", "wind", "trap"), ("owner", "thief"))],
        "mint": ("kwh", "litres"),
        "vault": (*VAULTS, tokens_of("thief", "kwh")),
        **dict.fromkeys(("source", "destination"), (ITS_VAULT, *VAULTS, ITS_VAULT, *tokens)),
    }
    unsigned: list[dict[str, Any]] = [{"signed": False}] * 6
    if instruction in CREATED:  # whose other accounts are all derived from each other
        return unsigned
    slots = [slot for slot in SLOTS[instruction] if slot in wrong]
    changes = [{slot: name} for slot in slots for name in islice(cycle(wrong[slot]), 12)]
    return changes + unsigned if set(SIGNERS) & set(slots) else changes


STEP = weighted(
    {
        "nothing": 1,
        **{"deposit_energy": 12, "withdraw_energy": 12, "allocate": 14, "deallocate": 8, "consume": 10},
        **{"release_expired": 10, "set_policy": 7, "set_member_limit": 3, "pause": 2, "resume": 4},
        **{"propose_authority": 3, "accept_authority": 4, "initialize": 4, "open_member": 3},
        **{"donate": 3, "freeze": 2, "thaw": 3, "travel": 8},
    }
)
BATTERY = weighted({"solar": 6, "wind": 5, "water": 4, "trap": 3, "late": 1})
OWNER = weighted({"owner": 3, "neighbour": 3, "thief": 3, "newcomer": 2})
WRONG = {name: wrong_values(name) for name in SLOTS}
SOMETIMES = (False, False, False, True)
AMOUNT = {
    "deposit_energy": amounts("tokens", "filling", "least"),
    "withdraw_energy": amounts("unallocated", "balance", "available"),
    "allocate": amounts("unallocated", "limit", "available"),
    "deallocate": amounts("allocated", "balance"),
    "consume": amounts("allocated", "balance"),
    "set_member_limit": weighted(
        {Amount("most"): 6, Amount("balance"): 2, Amount("allocated"): 1, Amount("nothing"): 1}
    ),
    "donate": [Amount("one"), Amount("tokens", part=10), Amount("tokens", 1)],
}
# The members, or the batteries, for whom there is something to do
MEMBERS = dict.fromkeys(("withdraw_energy", "allocate"), lambda share: share.balance > share.allocated)
MEMBERS |= dict.fromkeys(
    ("deallocate", "consume", "release_expired", "travel"), lambda share: share.allocated
)
POOLS = {
    "resume": lambda pool: pool.paused,
    "accept_authority": lambda pool: pool.pending_authority != pool.authority,
}
MINIMUM = (None, None, 0, 1)  # credit to accept at least, above what is to be expected
INITIALIZED = weighted({"late": 5, "coarse battery": 2, "solar": 1, "trap": 1})
CAPACITY = weighted(
    {
        **{Amount("plenty"): 7, Amount("capacity"): 4, Amount("capacity", part=2): 1, Amount("most"): 1},
        **{Amount("stored", plus): 1 - plus for plus in (0, -1)},
        Amount("nothing"): 1,
    }
)
LIMIT = weighted(
    {
        **{Amount("new capacity", part=part): 4 for part in (1, 10, 40)},
        **{Amount("one"): 1, Amount("nothing"): 1, Amount("new capacity", 1): 1, Amount("most"): 1},
    }
)
LIFETIME = [*[3_600, 1, 60, MAX_LIFETIME] * 4, 0, -1, MAX_LIFETIME + 1, I64_MAX, -I64_MAX - 1]
EFFICIENCY = [*[BPS, 9_000, 3_333] * 4, 1, 0, BPS + 1, 2**16 - 1]
JUMP = [NOON, NOON, NOON, I64_MAX, I64_MAX, -I64_MAX - 1]


class Machine(RuleBasedStateMachine):
    """Several batteries, and everyone who has to do with them."""

    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.world = beginning().copy(chains()[0])

    @rule(choices=st.binary(min_size=MOST_PICKS, max_size=MOST_PICKS))
    def step(self, choices: bytes) -> None:
        pick = picker(choices)
        step, at, owner = pick(STEP), pick(BATTERY), pick(OWNER)
        if step == "nothing":
            return
        if step == "initialize":
            at = pick(INITIALIZED)
        elif step == "open_member" and not pick(SOMETIMES):
            ledger = self.world.ledger
            absent = [of for of in product(ledger.batteries, OWNERS) if member_of(*of) not in ledger.members]
            at, owner = pick(absent or [(at, owner)])
        elif step in MEMBERS and not pick(SOMETIMES):
            having = [share for share in self.world.ledger.members.values() if MEMBERS[step](share)]
            at, owner = pick([(share.battery, share.owner) for share in having] or [(at, owner)])
        elif step in POOLS and not pick(SOMETIMES):
            having = [name for name, pool in self.world.ledger.batteries.items() if POOLS[step](pool)]
            at = pick(having or [at])
        if step in SLOTS:
            self._run(step, at, owner, pick(WRONG[step]) if pick(SOMETIMES) else {}, pick)
        else:
            self._happen(step, at, owner, pick)
        self.tally["steps"] += 1
        if self.tally["steps"] % STEPS_A_LEAVING == 0:
            self.tally["everyone left"] += 1
            self.world.everyone_leaves(chains()[1], first=choices[-1] % len(OWNERS))

    def _run(self, instruction: str, at: str, owner: str, change: dict[str, Any], pick: Pick) -> None:
        """One of the program's instructions, as it should be but for the change."""
        right: dict[str, Any] = SCENE.slots(instruction, at, owner)
        pool = self.world.ledger.batteries.get(at)
        if pool and "authority" in right and instruction != "initialize":
            accepting = instruction == "accept_authority"
            right["authority"] = pool.pending_authority if accepting else pool.authority
        right |= self._arguments(instruction, at, owner, pick)
        values = right | {slot: vault_of(at) if name == ITS_VAULT else name for slot, name in change.items()}
        refused = self.world.run(instruction, **values)
        signer = next((values[slot] for slot in SLOTS[instruction] if slot in SIGNERS), None)
        wrong_amount = isinstance(refused, str) and refused.startswith(("amount", "credit"))
        hostile = values != right or wrong_amount or signer == "thief"
        count(self.tally, instruction, values, refused, hostile=hostile)

    def _arguments(self, instruction: str, at: str, owner: str, pick: Pick) -> dict[str, Any]:
        match instruction:
            case "initialize":
                return {"resource": pick(RESOURCES), **self._policy(at, pick)}
            case "set_policy":
                return self._policy(at, pick)
            case "set_member_limit":
                return {"limit": self._amount(pick(AMOUNT[instruction]), at, owner)}
            case "propose_authority":
                return {"proposed": pick(SCENE.wallets)}
            case "open_member":
                return {"owner": owner, "payer": pick(SCENE.wallets)}
            case "deposit_energy":
                amount, minimum = self._amount(pick(AMOUNT[instruction]), at, owner), pick(MINIMUM)
                pool = self.world.ledger.batteries.get(at)
                credit = amount * pool.efficiency_bps // BPS if pool else 0
                least = 0 if minimum is None else min(credit + minimum, U64_MAX)
                return {"amount": amount, "minimum_credit": least}
            case "withdraw_energy" | "allocate" | "deallocate" | "consume":
                return {"amount": self._amount(pick(AMOUNT[instruction]), at, owner)}
        return {}

    def _policy(self, at: str, pick: Pick) -> dict[str, int]:
        capacity = self._amount(pick(CAPACITY), at)
        return {
            "capacity": capacity,
            "allocation_limit": self._amount(pick(LIMIT), at, new_capacity=capacity),
            "allocation_lifetime": pick(LIFETIME),
            "efficiency_bps": pick(EFFICIENCY),
        }

    def _happen(self, step: str, at: str, owner: str, pick: Pick) -> None:
        """What happens around the program."""
        world, ledger, refused = self.world, self.world.ledger, None
        tokens, vault = tokens_of(owner, SCENE.batteries[at][1]), vault_of(at)
        happened: Any = (at, owner)
        match step:
            case "donate":  # and if there is no vault yet, to the thief
                to = vault if vault in ledger.tokens else tokens_of("thief", SCENE.batteries[at][1])
                amount = self._amount(pick(AMOUNT[step]), at, owner)
                happened = (owner, tokens, to, amount)
                refused = world.transfer(*happened)
            case "freeze":
                happened = pick((tokens, vault))
                if happened in ledger.tokens and not ledger.tokens[happened].frozen:
                    world.freeze(happened, frozen=True)
            case "thaw":
                happened = [name for name, held in ledger.tokens.items() if held.frozen]
                for name in happened:
                    world.freeze(name, frozen=False)
            case "travel":  # to when an allocation expires, or far off; back in time too
                share, late = ledger.members.get(member_of(at, owner)), pick((-1, 0, 1))
                far = share is None or pick(SOMETIMES)
                happened = pick(JUMP) if far else min(share.allocation_expiry + late, I64_MAX)
                world.travel_to(happened)
        count(self.tally, step, happened, refused, hostile=False)

    def _amount(self, amount: Amount, at: str, owner: str = "thief", *, new_capacity: int = 0) -> int:
        """In base units."""
        ledger, mint = self.world.ledger, SCENE.batteries[at][1]
        boundaries = {
            "nothing": 0,
            "one": 1,
            "most": U64_MAX,
            "plenty": 4 * TOKENS[mint],
            "tokens": ledger.tokens[tokens_of(owner, mint)].amount,
            "new capacity": new_capacity,
        }
        if pool := ledger.batteries.get(at):
            boundaries |= {
                "least": -(-BPS // pool.efficiency_bps),  # that is credited at all
                "filling": -(-(pool.capacity - pool.stored) * BPS // pool.efficiency_bps),
                "available": pool.available,
                "stored": pool.stored,
                "capacity": pool.capacity,
            }
        if share := ledger.members.get(member_of(at, owner)):
            own = share.allocation_limit
            boundaries |= {
                "balance": share.balance,
                "allocated": share.allocated,
                "unallocated": share.balance - share.allocated,
                "limit": (pool.allocation_limit if own == POLICY_LIMIT else own) - share.allocated,
            }
        base_units = boundaries.get(amount.of, TOKENS[mint]) // amount.part + amount.plus
        return min(max(base_units, 0), U64_MAX)


@cache
def chains() -> tuple[Chain, Chain]:
    """The chain, and the one for copies."""
    return Chain(SCENE), Chain(SCENE)


@cache
def beginning() -> Lockstep:
    """Four batteries with members and deposits; one of the rival's is to come, and the newcomer to some."""
    ledger = SCENE.start(NOON, TOKENS)
    world = Lockstep(chains()[0], ledger, SCENE.accounts(ledger), {})
    for at, efficiency in (("solar", 9_000), ("wind", BPS), ("water", 3_333), ("trap", 5_000)):
        creator, mint = SCENE.batteries[at]
        pool = {"battery": at, "mint": mint, "vault": vault_of(at)}
        policy = {"capacity": 2 * TOKENS[mint], "allocation_limit": TOKENS[mint] // 10}
        policy |= {"allocation_lifetime": 3_600, "efficiency_bps": efficiency}
        assert world.run("initialize", authority=creator, **pool, resource="ENERGY", **policy) is None
        for owner in OWNERS if at in ("wind", "water") else ("owner", "neighbour", "thief"):
            member = member_of(at, owner)
            opened = {"payer": creator, "battery": at, "member": member, "owner": owner}
            assert world.run("open_member", **opened) is None
            deposit = {"source": tokens_of(owner, mint), "amount": TOKENS[mint] // 5, "minimum_credit": 0}
            assert world.run("deposit_energy", owner=owner, member=member, **pool, **deposit) is None
    return world


@pytest.mark.parametrize("number", range(SEEDS))
def test_machine(number: int, record_property: Callable[[str, object], None]) -> None:
    tally = take_steps(Machine, number, STEPS, STEPS_A_RUN)
    record_property("tally", dict(tally))
    assert tally["hostile"] >= LEAST_HOSTILE_SHARE * tally["steps"]
    # return_rent moves lamports alone, of which the shadow ledger knows nothing.
    assert {f"{name} accepted" for name in SLOTS if name != "return_rent"} <= tally.keys()
