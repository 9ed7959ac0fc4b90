"""A world so small that everything that can happen in it is tried: breadth first, through the real program.

Two batteries hold 3 base units at most, three members have 2 or 3 tokens. In each state every instruction is
sent with every amount from 0 to 3 by everyone, by nobody, and with one wrong account at a time; the chain and
the shadow ledger are held together as in the random test, and in each new state everyone can leave. The world
of money alone has an end: some minutes reach every state of it, and so all sequences of any length.

States are told apart without two things, and no step can tell the states that are taken for one:
sequence numbers, which the program adds to and emits but never looks at; and the time, which it only
compares with the expiry of a member who has something allocated. So what remains until that expiry is kept,
and nothing of it once it has passed; the clock only moves forward here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest

from tests.shadow.battery import Ledger
from tests.stateful import PROFILE
from tests.stateful.driver import Chain, Scene, member_of, tokens_of, vault_of
from tests.stateful.lockstep import Lockstep
from tests.support.battery import POLICY_LIMIT
from tests.support.stage import NOON

BUDGET_S = {"quick": 5, "ci": 120, "long": 600}[PROFILE]  # for each of the two worlds
AMOUNTS = range(4)
OWNERS = {"owner": "sun", "neighbour": "sun", "newcomer": "wind"}
SCENE = Scene(
    mints={"kwh": 3, "litres": 3},
    batteries={"sun": ("operator", "kwh"), "wind": ("rival", "kwh")},
    owners=tuple(OWNERS),
    wallets=("operator", "rival", *OWNERS),
)
POLICY = {"capacity": 3, "allocation_limit": 2, "allocation_lifetime": 2, "efficiency_bps": 10_000}
OTHER_POLICY = {"capacity": 2, "allocation_limit": 1, "allocation_lifetime": 1, "efficiency_bps": 5_000}

Step = tuple[str, dict[str, Any]]


def right(instruction: str, at: str, owner: str) -> dict[str, Any]:
    argument = {"owner": owner} if instruction == "open_member" else {}
    return SCENE.slots(instruction, at, owner) | argument


def signed(instruction: str, slot: str, values: dict[str, Any]) -> Iterator[Step]:
    """By everyone, and by nobody."""
    for wallet in SCENE.wallets:
        yield instruction, values | {slot: wallet}
    yield instruction, values | {"signed": False}


def money() -> Iterator[Step]:
    """What moves tokens and reservations."""
    wrong = {
        "battery": SCENE.batteries,
        "member": [member_of(at, owner) for owner, at in OWNERS.items()],
        "mint": SCENE.mints,
        "vault": [vault_of(at) for at in SCENE.batteries],
        "source": [
            *map(vault_of, SCENE.batteries),
            *(tokens_of(*each) for each in product(OWNERS, SCENE.mints)),
        ],
    }
    for instruction in ("deposit_energy", "withdraw_energy", "allocate", "deallocate", "consume"):
        minimum = {"minimum_credit": 0} if instruction == "deposit_energy" else {}
        for owner, at in OWNERS.items():
            values = right(instruction, at, owner) | minimum
            for amount in AMOUNTS:
                yield from signed(instruction, "owner", values | {"amount": amount})
            for slot in wrong.keys() & values.keys():
                for name in wrong[slot]:
                    if name != values[slot]:
                        yield instruction, values | {"amount": 1, slot: name}
            if "destination" in values:
                for name in (vault_of(at), tokens_of(owner, "litres")):
                    yield instruction, values | {"amount": 1, "destination": name}
    for at, (owner, home) in product(SCENE.batteries, OWNERS.items()):
        yield "release_expired", {"battery": at, "member": member_of(home, owner)}
    yield "wait", {}


def everything() -> Iterator[Step]:
    """All of the instructions, and what the mint's authority and anyone else's tokens can do."""
    yield from money()
    for at, (creator, _) in SCENE.batteries.items():
        values = right("initialize", at, creator) | {"resource": "WATER"}
        for policy, signing in product((POLICY, POLICY | {"capacity": 0}), (True, False)):
            yield "initialize", values | policy | {"signed": signing}
        for instruction in ("pause", "resume", "accept_authority"):
            yield from signed(instruction, "authority", right(instruction, at, creator))
        for policy in (POLICY, OTHER_POLICY, POLICY | {"allocation_limit": 4}):
            yield from signed("set_policy", "authority", right("set_policy", at, creator) | policy)
        for proposed in ("operator", "rival"):
            values = right("propose_authority", at, creator) | {"proposed": proposed}
            yield from signed("propose_authority", "authority", values)
        for (owner, home), limit in product(OWNERS.items(), (1, POLICY_LIMIT)):
            values = right("set_member_limit", at, owner) | {"member": member_of(home, owner), "limit": limit}
            yield from signed("set_member_limit", "authority", values)
        yield "donate", {"destination": vault_of(at), "amount": 1}
        yield "freeze", {"tokens": vault_of(at), "frozen": True}
        yield "freeze", {"tokens": vault_of(at), "frozen": False}
    for owner, at in OWNERS.items():
        for signing in (True, False):
            yield "open_member", right("open_member", at, owner) | {"signed": signing}


WORLDS = {"money": money, "everything": everything}


def begin(chain: Chain, *, started: bool) -> Lockstep:
    """The sun is there, with the owner and the neighbour; if started, the wind too, with the newcomer."""
    ledger = SCENE.start(NOON, {"kwh": 3, "litres": 1})
    ledger.tokens[tokens_of("neighbour", "kwh")].amount -= 1
    ledger.mints["kwh"].supply -= 1
    world = Lockstep(chain, ledger, SCENE.accounts(ledger), {})
    for at, policy in (("sun", POLICY), ("wind", POLICY | {"efficiency_bps": 5_000})):
        if at == "sun" or started:
            creator, _ = SCENE.batteries[at]
            values = right("initialize", at, creator) | {"resource": "ENERGY"} | policy
            assert world.run("initialize", **values) is None
            for owner in (owner for owner, home in OWNERS.items() if home == at):
                assert world.run("open_member", **right("open_member", at, owner)) is None
    return world


def told_apart(ledger: Ledger) -> tuple[Any, ...]:
    """What makes two states different ones."""
    return (
        *(
            (
                *(pool.authority, pool.pending_authority, pool.capacity, pool.allocation_limit),
                *(pool.allocation_lifetime, pool.efficiency_bps, pool.available, pool.allocated, pool.paused),
            )
            for _, pool in sorted(ledger.batteries.items())
        ),
        *(
            (
                *(name, share.balance, share.allocated, share.allocation_limit),
                max(share.allocation_expiry - ledger.now, 0) if share.allocated else None,
            )
            for name, share in sorted(ledger.members.items())
        ),
        *((held.amount, held.frozen) for _, held in sorted(ledger.tokens.items())),
    )


def take(world: Lockstep, step: str, values: dict[str, Any]) -> bool:
    """Whether the state has changed."""
    match step:
        case "wait":
            world.travel_to(world.ledger.now + 1)
            return True
        case "donate":
            if values["destination"] not in world.ledger.tokens:
                return False
            return world.transfer("owner", tokens_of("owner", "kwh"), **values) is None
        case "freeze":
            held = world.ledger.tokens.get(values["tokens"])
            if held is None or held.frozen == values["frozen"]:
                return False
            world.freeze(**values)
            return True
    return world.run(step, **values) is None


@pytest.mark.parametrize("kind", WORLDS)
def test_small_world(kind: str, record_property: Callable[[str, object], None]) -> None:
    deadline = time.monotonic() + BUDGET_S
    chain, scratch = Chain(SCENE), Chain(SCENE)
    steps = list(WORLDS[kind]())
    first = begin(chain, started=kind == "money").ledger
    seen, depth, reached = {told_apart(first)}, 0, [first]
    while reached and time.monotonic() < deadline:
        states, reached = reached, []
        for state in states:
            if time.monotonic() >= deadline:
                break
            accounts = SCENE.accounts(state)
            world = Lockstep(chain, state.copy(), accounts, {})
            world.everyone_leaves(scratch)
            for step, values in steps:
                if not take(world, step, values):
                    continue
                state_reached = told_apart(world.ledger)
                if state_reached not in seen:
                    seen.add(state_reached)
                    reached.append(world.ledger)
                world = Lockstep(chain, state.copy(), accounts, {})
        else:
            depth += 1
    sent = chain.transactions + scratch.transactions
    length = f"{depth} steps" if reached else f"any length, after {depth} steps nothing is new"
    told = f"{kind}: all sequences of {length}; {len(seen):,} distinct states, {sent:,} transactions"
    record_property("small world", told)
    assert depth > 0
    assert len(seen) > len(first.members)
