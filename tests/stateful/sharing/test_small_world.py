"""A community so small that everything that can happen in it is tried, breadth first, by the real program.

Two participants have two tokens each, of which they have prepaid one; one more is in the reserve, and each
may owe one. In each state everything is tried that either of them, the authority, or anyone can do with
amounts up to two: the chain and the shadow ledger are held together as in the random test, and in each new
state everyone is settled and takes out what is theirs.

States are told apart without what no step can tell: sequence numbers, lines of earlier periods, and of the
time all but whether a period can be settled, or has lapsed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from amalgam.sharing import program as energy_sharing
from tests.shadow.battery import Mint, Tokens
from tests.shadow.sharing import UNDER_WAY, WEEK, Ledger, Line, State
from tests.stateful import PROFILE
from tests.stateful.driver import first_accounts, tokens_of
from tests.stateful.sharing.test_machine import KEYS, MINTS, Lockstep, Party, chains, data, right
from tests.support.stage import NOON

BUDGET_S = {"quick": 5, "ci": 240, "long": 600}[PROFILE]
OWNERS = ("owner", "neighbour")
AMOUNTS = range(3)
OBJECTION_TIME = 1  # s
HERE = {owner: Party("valley", owner) for owner in OWNERS}
ANYONE = "thief"

Step = tuple[str, dict[str, Any], Party, str]  # with its arguments, and who signs it as anyone may


def steps() -> Iterator[Step]:
    """What can be done; of a period that begins only the length."""
    anywhere = HERE["owner"]
    yield "begin_period", {"digest": "june"}, anywhere, ""
    yield "close_period", {}, anywhere, ""
    for signer in ("", ANYONE):
        yield "withdraw_period", {}, anywhere, signer
    for instruction, amount in product(("deposit_reserve", "withdraw_reserve"), (1, 2)):
        yield instruction, {"amount": amount}, anywhere, ""
    for party in HERE.values():
        for charge, credit in product(AMOUNTS, AMOUNTS):
            amounts = {"shared_in": 0, "shared_out": 0, "charge": charge, "credit": credit}
            yield "post_line", amounts, party, ""
        for instruction in ("raise_objection", "settle_line", "leave"):
            yield instruction, {}, party, ""
        for limit in (0, 1):
            yield "admit", {"credit_limit": limit}, party, ""
        for instruction, amount in product(("deposit", "withdraw"), (1, 2)):
            yield instruction, {"amount": amount}, party, ""
    yield "wait", {}, anywhere, ""


def take(world: Lockstep, instruction: str, arguments: dict[str, Any], party: Party, signer: str) -> bool:
    """Whether the state may have changed."""
    if instruction == "wait":
        left_s = time_left(world.ledger)
        world.travel_to(world.ledger.now + left_s)
        return left_s > 0
    if instruction == "begin_period":
        starts_at = world.ledger.communities["valley"].settled_until
        arguments = arguments | {"starts_at": starts_at, "ends_at": starts_at + 1}
    return world.run(instruction, **right(instruction, world.ledger, party, signer), **arguments) is None


def time_left(ledger: Ledger) -> int:
    """Seconds until the period under way can be settled, or has lapsed; 0 if there is nothing to wait for."""
    period = ledger.periods[HERE["owner"].period]
    if period.state not in UNDER_WAY:
        return 0
    mark = period.closed_at + OBJECTION_TIME if period.state == State.CLOSED else period.begun_at + WEEK
    return max(mark - ledger.now, 0)


def begin() -> Lockstep:
    ledger = Ledger(NOON, mints=dict(MINTS) | {"coins": Mint(5, 6)})
    for owner, amount in {"operator": 1, "owner": 2, "neighbour": 2}.items():
        ledger.tokens[tokens_of(owner, "coins")] = Tokens("coins", owner, amount)
    ledger.mints["shells"] = Mint(0, 0)
    world = Lockstep(chains()[0], ledger, first_accounts(KEYS, data(ledger)), energy_sharing, data)

    def done(instruction: str, party: Party, **arguments: Any) -> None:
        assert world.run(instruction, **right(instruction, ledger, party), **arguments) is None

    done("initialize", HERE["owner"], objection_time=OBJECTION_TIME, fee_bps=0)
    done("deposit_reserve", HERE["owner"], amount=1)
    done("open_period", HERE["owner"], number=0)
    for owner, party in HERE.items():
        done("open_participant", party, owner=owner)
        done("open_line", party)
        done("admit", party, credit_limit=1)
        done("deposit", party, amount=1)
    return world


def told_apart(ledger: Ledger) -> tuple[Any, ...]:
    """What makes two states different ones."""
    period = ledger.periods[HERE["owner"].period]
    is_under_way = period.state in UNDER_WAY
    posted = {each.participant: each for each in ledger.posted(HERE["owner"].period)} if is_under_way else {}
    return (
        *(ledger.reserve("valley"), is_under_way and (period.state, time_left(ledger) > 0)),
        *(
            (
                *(own.is_admitted, own.funds, own.owed, own.credit_limit, own.pledged if posted else 0),
                *(is_under_way and name in period.members, is_under_way and own.left > period.run),
                *_of_line(posted.get(name)),
            )
            for name, own in sorted(ledger.participants.items())
        ),
        *(held.amount for _, held in sorted(ledger.tokens.items())),
    )


def _of_line(line: Line | None) -> tuple[Any, ...]:
    return (line.charge, line.credit, line.lent, line.objected, line.settled) if line else ()


def test_small_world(record_property: Callable[[str, object], None]) -> None:
    deadline = time.monotonic() + BUDGET_S
    chain, scratch = chains()
    first, possible = begin(), list(steps())
    before = chain.transactions + scratch.transactions
    seen, depth, reached = {told_apart(first.ledger)}, 0, [first]
    while reached and time.monotonic() < deadline:
        worlds, reached = reached, []
        for was in worlds:
            if time.monotonic() >= deadline:
                break
            was.copy(chain).everyone_is_settled(scratch, seed=depth)
            world = was.copy(chain)
            for step in possible:
                if not take(world, *step):
                    continue
                state = told_apart(world.ledger)
                if state not in seen:
                    seen.add(state)
                    reached.append(world)
                world = was.copy(chain)
        else:
            depth += 1
    sent = chain.transactions + scratch.transactions - before
    length = f"{depth} steps" if reached else f"any length, after {depth} steps nothing is new"
    told = f"sharing: all sequences of {length}; {len(seen):,} distinct states, {sent:,} transactions"
    record_property("small world", told)
    assert depth > 0
    assert len(seen) > len(possible)
