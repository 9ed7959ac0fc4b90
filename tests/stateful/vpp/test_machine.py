"""Random steps by everyone in several power plants, honest and hostile, by a hypothesis state machine.

After each step the chain and the plants' shadow ledger agree on acceptance, reason, event and every byte, and
all rules hold; every few steps everyone is settled in a copy of the chain, in any order, and nothing but
donations stays in any vault. A seed is a test of its own; `tests/stateful/__init__.py` says how many are run.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import product
from random import Random
from struct import Struct
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM

from amalgam.vpp import program as virtual_power_plant
from amalgam.vpp.program import _COMMITMENT, _DISPATCH, _LAYOUT, _PLANT, Event, events
from amalgam.vpp.refusals import REFUSALS
from tests.shadow.battery import BPS, SIGNERS, Error, Mint, Tokens
from tests.shadow.vpp import OVERFLOW, TERAWATT_HOUR, TOO_LARGE, YEAR, Ledger
from tests.stateful import PROFILE
from tests.stateful.driver import (
    MINTER,
    ProgramChain,
    first_accounts,
    key_of,
    mint_data,
    token_data,
    tokens_of,
)
from tests.stateful.lockstep import ProgramLockstep
from tests.stateful.seeds import Pick, count, picker, take_steps, weighted
from tests.support.stage import NOON, U64_MAX, Token
from tests.support.vpp import PROGRAM, PROGRAM_BYTES, SLOTS

SEEDS, STEPS = {"quick": (1, 5_000), "ci": (5, 10_000), "long": (50, 10_000)}[PROFILE]
STEPS_A_RUN = 200
STEPS_A_SETTLING = 50
MOST_PICKS = 24  # that a step needs
LEAST_HOSTILE_SHARE = 0.15

OWNERS = ("owner", "neighbour", "thief")
WALLETS = ("operator", "rival", *OWNERS)
MINTS = {"kwh": Mint(5 * 10**13, 3), "coins": Mint(5 * 10**8, 6), "shells": Mint(5 * 2**61, 0)}
PLANTS = {  # with their creators and mints
    "sun": ("operator", "kwh", "coins"),
    "wind": ("rival", "kwh", "coins"),
    "shore": ("operator", "kwh", "shells"),
    "late": ("thief", "kwh", "coins"),
}
IMPOSSIBLE = {"backwards": ("operator", "coins", "kwh"), "mirror": ("operator", "kwh", "kwh")}
NUMBERS = (0, 1)
LAZY = "neighbour"  # delivers once, and little


def energy_vault_of(plant: str) -> str:
    return f"energy vault of {plant}"


def payment_vault_of(plant: str) -> str:
    return f"payment vault of {plant}"


def dispatch_of(plant: str, number: int) -> str:
    return f"dispatch {number} of {plant}"


def commitment_of(owner: str, plant: str, number: int) -> str:
    return f"{owner}'s commitment {number} in {plant}"


DISPATCHES = {dispatch_of(*each): each for each in product(PLANTS, NUMBERS)}
COMMITMENTS = {commitment_of(*each): each for each in product(OWNERS, PLANTS, NUMBERS)}
TOKENS = {tokens_of(*each): each for each in product(WALLETS, MINTS)}
VAULTS = {of(plant): plant for plant in PLANTS for of in (energy_vault_of, payment_vault_of)}

KEYS: dict[str, Pubkey] = {name: key_of(name) for name in (*WALLETS, MINTER, *MINTS, *TOKENS)}
for _plant, _from in (PLANTS | IMPOSSIBLE).items():
    KEYS[_plant] = virtual_power_plant.plant_address(*(KEYS[each] for each in _from))
    KEYS[energy_vault_of(_plant)] = virtual_power_plant.energy_vault_address(KEYS[_plant])
    KEYS[payment_vault_of(_plant)] = virtual_power_plant.payment_vault_address(KEYS[_plant])
for _dispatch, (_plant, _number) in DISPATCHES.items():
    KEYS[_dispatch] = virtual_power_plant.dispatch_address(KEYS[_plant], _number)
for _commitment, (_owner, _plant, _number) in COMMITMENTS.items():
    KEYS[_commitment] = virtual_power_plant.commitment_address(KEYS[_plant], KEYS[_owner], _number)
RAW: dict[str | None, bytes] = {name: bytes(key) for name, key in KEYS.items()}
RAW[None] = bytes(SYSTEM_PROGRAM)
BUMPS = {
    plant: Pubkey.find_program_address([b"plant", *(RAW[each] for each in of)], PROGRAM)[1]
    for plant, of in PLANTS.items()
}

# Every byte of the accounts, written from the layouts of the program and of SPL Token

_PLANT_DATA = Struct("<8s 32s32s32s32s32s32s32s QQQ BB 6x")
_DISPATCH_DATA = Struct("<8s 32s Qqq QQQQ QQQ QQQ QQQ HBBB 3x")
_COMMITMENT_DATA = Struct("<8s 32s32s32s QQQ BB 6x")


def data(ledger: Ledger) -> dict[str, bytes]:
    found = dict.fromkeys((*WALLETS, MINTER), b"")
    for name, each in ledger.plants.items():
        keys = (each.creator, each.authority, each.pending_authority, each.energy_mint, each.payment_mint)
        found[name] = _PLANT_DATA.pack(
            *(_PLANT.discriminator, *(RAW[key] for key in (*keys, each.energy_vault, each.payment_vault))),
            *(each.energy_held, each.payment_held, each.sequence, each.paused, BUMPS[name]),
        )
    for name, each in ledger.dispatches.items():
        starts_at, ends_at, target, price, bond_price, tolerance_bps = each.terms
        found[name] = _DISPATCH_DATA.pack(
            *(_DISPATCH.discriminator, RAW[each.plant], each.announcement, starts_at, ends_at),
            *(target, price, bond_price, each.reward),
            *(each.committed, len(each.parts), len(each.settled)),
            *(each.credited, each.surplus, each.surplus_settled),
            *(each.bonds, each.rewards_due, each.bonds_due),
            *(tolerance_bps, each.number, each.active, each.cancelled),
        )
    for name, each in ledger.commitments.items():
        amount, bond, delivered, _ = each.part or (0, 0, 0, None)
        found[name] = _COMMITMENT_DATA.pack(
            *(_COMMITMENT.discriminator, RAW[each.plant], RAW[each.owner], RAW[each.dispatch]),
            *(amount, delivered, bond, each.number, each.active),
        )
    return found | token_data(RAW, ledger.tokens) | mint_data(RAW, ledger.mints)


class Lockstep(ProgramLockstep[Ledger]):
    """The chain and the shadow ledger of the plants."""

    def run(self, instruction: str, **values: Any) -> Error | None:
        before = self.ledger.copy()
        refused = super().run(instruction, **values)
        if refused is None:
            signer = next((values[slot] for slot in SLOTS[instruction] if slot in SIGNERS), None)
            self.ledger.check_step(before, values["plant"], signer)
        assert refused != "plant is paused" or instruction in ("announce", "commit", "pause")
        return refused

    def everyone_is_settled(self, chain: ProgramChain[Event], seed: int) -> None:
        """In a copy on that chain: each by themselves, in any order, whether or not others are or can be.

        Whose account is frozen has to wait for the thaw, and nobody waits with them. Frozen vaults are thawed
        before: they are in the hands of the mint's authority, not of the program.
        """
        copy, random = self.copy(chain), Random(seed)  # noqa: S311
        ledger = copy.ledger
        copy.thaw(VAULTS)
        under_way = [name for name, each in ledger.dispatches.items() if each.active]
        for name in under_way:
            if ledger.now < ledger.dispatches[name].terms.starts_at and random.choice((True, False)):
                copy.run("cancel_dispatch", **right("cancel_dispatch", ledger, name))
        under_way = [name for name in under_way if ledger.dispatches[name].active]
        copy.travel_to(max([ledger.now, *(ledger.dispatches[name].terms.ends_at for name in under_way)]))
        steps = [("settle_dispatch", right("settle_dispatch", ledger, name)) for name in under_way]
        steps += [
            ("settle_commitment", right("settle_commitment", ledger, own.dispatch, name))
            for name, own in ledger.commitments.items()
            if own.active
        ]
        random.shuffle(steps)
        waiting = []
        for instruction, values in steps:
            refused = copy.run(instruction, **values)
            if refused is not None:
                assert refused == Token.ACCOUNT_FROZEN
                waiting.append((instruction, values))
        copy.thaw(TOKENS)
        for instruction, values in waiting:
            assert copy.run(instruction, **values) is None
        for plant in ledger.plants.values():
            assert (plant.energy_held, plant.payment_held) == (0, 0)
            for vault in (plant.energy_vault, plant.payment_vault):
                assert vault is None or ledger.tokens[vault].amount == ledger.donated[vault]

    def thaw(self, names: Iterable[str]) -> list[str]:
        """Those of these that are frozen."""
        frozen = [name for name in names if name in self.ledger.tokens and self.ledger.tokens[name].frozen]
        for name in frozen:
            self.freeze(name, frozen=False)
        return frozen


def right(
    instruction: str, ledger: Ledger, dispatch: str, commitment: str = "", plant: str = ""
) -> dict[str, Any]:
    """The right accounts of an instruction."""
    owner = COMMITMENTS[commitment][0] if commitment else "owner"
    plant = plant or DISPATCHES[dispatch][0]
    creator, energy_mint, payment_mint = (PLANTS | IMPOSSIBLE)[plant]
    known = ledger.plants.get(plant)
    authority = known.authority if known and instruction != "initialize" else creator
    if known and instruction == "accept_authority":
        authority = known.pending_authority
    by = owner if "owner" in SLOTS[instruction] else authority
    accounts = {
        **{"authority": authority, "payer": authority, "owner": owner},
        **{"plant": plant, "dispatch": dispatch, "commitment": commitment},
        **{"energy_mint": energy_mint, "payment_mint": payment_mint},
        **{"energy_vault": energy_vault_of(plant), "payment_vault": payment_vault_of(plant)},
        "source": tokens_of(by, energy_mint if instruction == "deliver" else payment_mint),
        "destination": tokens_of(owner if instruction == "settle_commitment" else authority, payment_mint),
        "energy_destination": tokens_of(authority, energy_mint),
        "payment_destination": tokens_of(authority, payment_mint),
    }
    return {slot: accounts[slot] for slot in SLOTS[instruction] if slot in accounts}


# What a step chooses from, the tamest first. Repetition is weight.

STEP = weighted(
    {
        "nothing": 1,
        **{"settle_commitment": 10, "settle_dispatch": 4, "announce": 3, "cancel_dispatch": 2, "pause": 1},
        **{"resume": 3, "open_commitment": 2, "open_dispatch": 2, "open_payment_vault": 2, "initialize": 2},
        **{"propose_authority": 3, "accept_authority": 3, "donate": 3, "freeze": 2, "thaw": 4, "travel": 3},
        **{"commit": 28, "deliver": 36},
    }
)
INSTEAD = {  # if there is nobody who could
    "announce": ("settle_dispatch",),
    "commit": ("announce", "announce", "announce", "travel"),
    "deliver": ("commit", "commit", "commit", "commit", "travel"),
    **dict.fromkeys(("settle_commitment", "settle_dispatch"), ("deliver",)),
}
MOST_INSTEAD = 4
PAIRS = [
    (dispatch, commitment)
    for (dispatch, (plant, _)), (commitment, (_, of, _)) in product(DISPATCHES.items(), COMMITMENTS.items())
    if plant == of
]
STARTING, RUNNING, OVER = range(3)
WRONGS = (0, 0, 0, 0, 0, 1, 1, 2)
INITIALIZED = ("late", "backwards", "mirror", "late", "sun")
SOMETIMES = (False, False, False, True)
RARELY = (*[False] * 15, True)
WAITING = {  # the plants for whom there is something to do
    "resume": lambda plant: plant.paused,
    "accept_authority": lambda plant: plant.pending_authority != plant.authority,
    "open_payment_vault": lambda plant: plant.payment_vault is None,
}
TARGET = [*[1_000, 10_000, 3, 7_777] * 4, 1, TERAWATT_HOUR, 0, TERAWATT_HOUR + 1]
PRICE = [*[301, 1_000, 12_345, 7] * 5, 1, 2 * 10**15, 0, U64_MAX]
BOND_PRICE = [*[99, 1_000, 333, 5_001] * 5, 1, 2 * 10**17, 0, U64_MAX]
TOLERANCE_BPS = [*[1_000, BPS, 0, 3_333] * 3, BPS, 1, BPS + 1]
STARTS_IN = [*[60, 1, 600] * 5, 0, -1]  # s
LASTS = [*[3_600, 60, 600] * 5, 1, 0, YEAR, YEAR - 60]  # s
JUMP = [1, 60, 3_600]  # s
EXPECTED_REFUSALS = {refusal.message for refusal in REFUSALS} | {
    *("AccountNotInitialized", "AccountNotSigner"),  # Anchor's
    *("ACCOUNT_ALREADY_IN_USE", "ACCOUNT_FROZEN", "INSUFFICIENT_FUNDS"),  # System's, and SPL Token's
    *(OVERFLOW, TOO_LARGE),
}
WRONG: dict[str, Sequence[str]] = {
    **dict.fromkeys(SIGNERS, WALLETS),
    "plant": tuple(PLANTS),
    **{"dispatch": tuple(DISPATCHES), "commitment": tuple(COMMITMENTS)},
    "payment_mint": tuple(MINTS),
    **dict.fromkeys(("energy_vault", "payment_vault"), (*VAULTS, *TOKENS)),
    **dict.fromkeys(
        ("source", "destination", "energy_destination", "payment_destination"),
        (*TOKENS, *VAULTS),
    ),
}
IN_NEW_ADDRESSES = {  # so that no other account fits there
    "initialize": {*WRONG},
    "open_payment_vault": {"plant", "payment_vault"},
    "open_dispatch": {"plant", "dispatch"},
    "open_commitment": {"plant", "commitment"},
}


class Machine(RuleBasedStateMachine):
    """Several plants, and everyone who has to do with them."""

    tally: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.world = beginning().copy(chains()[0])

    @rule(choices=st.binary(min_size=MOST_PICKS, max_size=MOST_PICKS))
    def step(self, choices: bytes) -> None:
        pick = picker(choices)
        step, parties = self._choose(pick)
        if step == "nothing":
            return
        if step in SLOTS:
            self._run(step, *pick(parties), pick)
        else:
            self._happen(step, pick)
        self.tally["steps"] += 1
        if self.tally["steps"] % STEPS_A_SETTLING == 0:
            self.tally["everyone settled"] += 1
            self.world.everyone_is_settled(chains()[1], choices[-1])

    def _run(self, instruction: str, dispatch: str, commitment: str, pick: Pick) -> None:
        """One of the program's instructions, as it should be but for what may be wrong."""
        ledger, plant = self.world.ledger, DISPATCHES[dispatch][0]
        if instruction == "initialize":
            plant = pick(INITIALIZED)
        elif instruction in WAITING and not pick(SOMETIMES):
            plant = pick([of for of, each in ledger.plants.items() if WAITING[instruction](each)] or [plant])
        accounts = right(instruction, ledger, dispatch, commitment, plant)
        values = accounts | self._arguments(instruction, dispatch, commitment, pick)
        right_values = dict(values)
        for _ in range(pick(WRONGS)):
            values |= self._wrong(instruction, values, pick)
        refused = self.world.run(instruction, **values)
        count(self.tally, instruction, values, refused, hostile=values != right_values)
        if instruction == "settle_commitment" and refused is None:
            self.tally["shares of a pool"] += ledger.commitments[values["commitment"]].part.paid.share > 0

    def _choose(self, pick: Pick) -> tuple[str, list[tuple[str, str]]]:
        """A step, mostly one that can be done, and the dispatches and commitments to do it with."""
        step, stubborn = pick(STEP), pick(SOMETIMES)
        ready = self._ready(step)
        for _ in range(0 if stubborn else MOST_INSTEAD):
            if ready or step not in INSTEAD:
                break
            step = pick(INSTEAD[step])
            ready = self._ready(step)
        if pick(RARELY):
            return step, PAIRS
        ledger = self.world.ledger
        there = [pair for pair in PAIRS if pair[0] in ledger.dispatches and pair[1] in ledger.commitments]
        return step, ready or there

    def _ready(self, step: str) -> list[tuple[str, str]]:
        """The dispatches and commitments with which it can be done, mostly."""
        ledger = self.world.ledger
        dispatches, commitments = ledger.dispatches, ledger.commitments
        active = [(own.dispatch, name) for name, own in commitments.items() if own.active]
        match step:
            case "announce":
                idle = [name for name, each in dispatches.items() if not each.active and not each.unsettled]
                return [(name, "") for name in idle if not ledger.plants[DISPATCHES[name][0]].paused]
            case "commit":
                starting = [name for name in dispatches if self._phase(name) == STARTING]
                short = [
                    name for name in starting if dispatches[name].committed < dispatches[name].terms.target
                ]
                idle = [name for name, own in commitments.items() if not own.active]
                return [
                    pair for pair in product(short, idle) if DISPATCHES[pair[0]][0] == COMMITMENTS[pair[1]][1]
                ]
            case "cancel_dispatch":
                return [(name, "") for name in dispatches if self._phase(name) == STARTING]
            case "deliver":
                running = [pair for pair in active if self._phase(pair[0]) == RUNNING]
                able = [pair for pair in running if self._room(*pair) > 0]
                # Some fall short, so that there is something for what others deliver beyond
                begun = {pair for pair in able if commitments[pair[1]].part.delivered}
                return [pair for pair in able if COMMITMENTS[pair[1]][0] != LAZY or pair not in begun]
            case "settle_commitment":
                return [
                    pair for pair in active if not dispatches[pair[0]].active or self._phase(pair[0]) == OVER
                ]
            case "settle_dispatch":
                return [(name, "") for name in dispatches if self._phase(name) == OVER]
            case "open_dispatch":
                return [
                    (name, "")
                    for name, (plant, _) in DISPATCHES.items()
                    if plant in ledger.plants and name not in dispatches
                ]
            case "open_commitment":
                return [pair for pair in PAIRS if pair[1] not in commitments]
        return []

    def _room(self, dispatch: str, commitment: str) -> int:
        """What can still be delivered."""
        part = self.world.ledger.commitments[commitment].part
        tolerance_bps = self.world.ledger.dispatches[dispatch].terms.tolerance_bps
        return part.amount + part.amount * tolerance_bps // BPS - part.delivered

    def _phase(self, dispatch: str) -> int | None:
        """How far a dispatch that is under way has come."""
        ledger = self.world.ledger
        known = ledger.dispatches[dispatch]
        if not known.active:
            return None
        return (ledger.now >= known.terms.starts_at) + (ledger.now >= known.terms.ends_at)

    def _arguments(self, instruction: str, dispatch: str, commitment: str, pick: Pick) -> dict[str, Any]:
        match instruction:
            case "propose_authority":
                return {"proposed": pick(WALLETS)}
            case "open_dispatch":
                return {"number": DISPATCHES[dispatch][1]}
            case "open_commitment":
                return {"owner": COMMITMENTS[commitment][0], "number": COMMITMENTS[commitment][2]}
            case "announce":
                starts_at = self.world.ledger.now + pick(STARTS_IN)
                return {
                    **{"starts_at": starts_at, "ends_at": starts_at + pick(LASTS), "target": pick(TARGET)},
                    **{"price": pick(PRICE), "bond_price": pick(BOND_PRICE)},
                    "tolerance_bps": pick(TOLERANCE_BPS),
                }
            case "commit":
                return self._commit(dispatch, pick)
            case "deliver":
                return {"amount": self._delivery(commitment, pick)}
        return {}

    def _commit(self, dispatch: str, pick: Pick) -> dict[str, int]:
        known = self.world.ledger.dispatches.get(dispatch)
        if known is None:
            return {"amount": 1, "announcement": 0}
        left = known.terms.target - known.committed
        part = -(-left // 4)
        amount = pick([*[part, left // 2 or 1] * 8, left, left, 1, left + 1, 0, U64_MAX])
        return {"amount": amount, "announcement": known.announcement + pick(RARELY)}

    def _delivery(self, commitment: str, pick: Pick) -> int:
        own = self.world.ledger.commitments.get(commitment)
        if own is None or not own.active:
            return 1
        rest = max(own.part.amount - own.part.delivered, 0)
        most = self._room(own.dispatch, commitment)
        some = max(rest // 3, 1)
        if COMMITMENTS[commitment][0] == LAZY and not pick(SOMETIMES):
            return some
        return pick([*[most, some, most, some, rest or most] * 4, most + 1, 0, U64_MAX])

    def _wrong(self, instruction: str, values: dict[str, Any], pick: Pick) -> dict[str, Any]:
        """A wrong account of the right type in one slot, somebody else's signature, or none at all."""
        fixed = IN_NEW_ADDRESSES.get(instruction, set())
        slot = pick([*(slot for slot in SLOTS[instruction] if slot in {*WRONG} - fixed), "signed"])
        if slot == "signed":
            return {"signed": False}
        vaults = [values[each] for each in ("energy_vault", "payment_vault") if each in values]
        mine = [values[each] for each in ("energy_destination", "payment_destination") if each in values]
        likely = vaults + mine if values[slot] in (*TOKENS, *VAULTS) else []
        return {slot: pick(likely if likely and pick((False, True)) else WRONG[slot])}

    def _happen(self, step: str, pick: Pick) -> None:
        """What happens around the program."""
        world, ledger, refused, happened = self.world, self.world.ledger, None, None
        match step:
            case "donate":
                tokens = pick(list(TOKENS))
                owner, mint = TOKENS[tokens]
                vaults = [name for name, held in ledger.tokens.items() if held.owner in ledger.plants]
                to = pick([name for name in vaults if ledger.tokens[name].mint == mint])
                held = ledger.tokens[tokens].amount
                happened = (owner, tokens, to, pick([1, held // 100, min(held + 1, U64_MAX)]))
                refused = world.transfer(*happened)
            case "freeze":
                happened = pick(list(ledger.tokens))
                if not ledger.tokens[happened].frozen:
                    world.freeze(happened, frozen=True)
            case "thaw":
                happened = world.thaw((*TOKENS, *VAULTS))
            case "travel":  # to a start or an end, or just before; never back
                terms = [each.terms for each in ledger.dispatches.values() if each.active]
                marks = [mark for each in terms for mark in (each.starts_at, each.ends_at)]
                ahead = [mark for mark in marks if mark > ledger.now]
                happened = ledger.now + pick(JUMP)
                if ahead and not pick(RARELY):
                    happened = min(ahead) + pick((0, 0, 0, -1))
                world.travel_to(happened)
        count(self.tally, step, happened, refused, hostile=False)


@cache
def chains() -> tuple[ProgramChain[Event], ProgramChain[Event]]:
    """The chain, and the one for copies."""
    one, other = (ProgramChain(KEYS, PROGRAM, PROGRAM_BYTES, _LAYOUT.build, events) for _ in range(2))
    return one, other


@cache
def beginning() -> Lockstep:
    """Three plants with an announced dispatch and commitment accounts each; one plant is yet to come."""
    ledger = Ledger(NOON, mints=dict(MINTS))
    for name, (owner, mint) in TOKENS.items():
        ledger.tokens[name] = Tokens(mint, owner, MINTS[mint].supply // len(WALLETS))
    world = Lockstep(chains()[0], ledger, first_accounts(KEYS, data(ledger)), virtual_power_plant, data)
    for plant in ("sun", "wind", "shore"):
        dispatch = dispatch_of(plant, 0)
        for instruction in ("initialize", "open_payment_vault"):
            assert world.run(instruction, **right(instruction, ledger, dispatch)) is None
        assert world.run("open_dispatch", **right("open_dispatch", ledger, dispatch), number=0) is None
        for owner, number in (*product(OWNERS, [0]), (LAZY, 1)):
            accounts = right("open_commitment", ledger, dispatch, commitment_of(owner, plant, number))
            assert world.run("open_commitment", **accounts | {"owner": owner}, number=number) is None
        terms = {"starts_at": NOON + 60, "ends_at": NOON + 3_660, "target": 10_000, "price": 301}
        terms |= {"bond_price": 99, "tolerance_bps": 1_000}
        assert world.run("announce", **right("announce", ledger, dispatch), **terms) is None
    return world


@pytest.mark.parametrize("number", range(SEEDS))
def test_machine(number: int, record_property: Callable[[str, object], None]) -> None:
    tally = take_steps(Machine, number, STEPS, STEPS_A_RUN)
    record_property("tally", dict(tally))
    assert tally["hostile"] >= LEAST_HOSTILE_SHARE * tally["steps"]
    # return_rent moves lamports alone, of which the shadow ledger knows nothing.
    assert {f"{name} accepted" for name in SLOTS if name != "return_rent"} <= tally.keys()
    assert tally["shares of a pool"] > 0
