"""Random steps by everyone in several communities, honest and hostile, by a hypothesis state machine.

After each step the chain and the communities' shadow ledger agree on acceptance, reason, event and every
byte, and all rules hold; every few steps everyone is settled in a copy of the chain and takes out what is
theirs, and nothing but donations stays in any vault. A seed is a test of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import product
from random import Random
from struct import Struct
from typing import Any, NamedTuple

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM

from amalgam.sharing import program as energy_sharing
from amalgam.sharing.program import _COMMUNITY, _LAYOUT, _LINE, _PARTICIPANT, _PERIOD, Event, events
from amalgam.sharing.refusals import REFUSALS
from tests.shadow.battery import BPS, Error, Mint, Tokens
from tests.shadow.sharing import (
    MONTH,
    MOST_FEE_BPS,
    OVERFLOW,
    SIGNERS,
    UNDER_WAY,
    WEEK,
    YEAR,
    Ledger,
    State,
)
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
from tests.support.sharing import PROGRAM, PROGRAM_BYTES, SLOTS
from tests.support.stage import NOON, U64_MAX

SEEDS, STEPS = {"quick": (1, 5_000), "ci": (5, 10_000), "long": (50, 10_000)}[PROFILE]
STEPS_A_RUN = 200
STEPS_A_SETTLING = 50
MOST_PICKS = 24  # that a step needs
LEAST_HOSTILE_SHARE = 0.15

OWNERS = ("owner", "neighbour", "thief")
WALLETS = ("operator", "rival", *OWNERS)
MINTS = {"coins": Mint(5 * 10**8, 6), "shells": Mint(5 * 2**61, 0)}
COMMUNITIES = {  # with their creators and mints
    "valley": ("operator", "coins"),
    "hill": ("rival", "coins"),
    "shore": ("operator", "shells"),
    "late": ("thief", "coins"),
}
NUMBERS = (0, 1)
DIGESTS = ("june", "july")
DEBTOR = ("neighbour", "hill")


def vault_of(community: str) -> str:
    return f"vault of {community}"


def participant_of(owner: str, community: str) -> str:
    return f"{owner} in {community}"


def period_of(community: str, number: int) -> str:
    return f"period {number} of {community}"


def line_of(owner: str, community: str, number: int) -> str:
    return f"{owner}'s line in period {number} of {community}"


class Party(NamedTuple):
    """Whose line of which period a step is about, or a part of that."""

    community: str
    owner: str = "owner"
    number: int = 0

    @property
    def participant(self) -> str:
        return participant_of(self.owner, self.community)

    @property
    def period(self) -> str:
        return period_of(self.community, self.number)

    @property
    def line(self) -> str:
        return line_of(self.owner, self.community, self.number)


PARTIES = [Party(*each) for each in product(COMMUNITIES, OWNERS, NUMBERS)]
PARTICIPANTS = {each.participant: each for each in PARTIES if each.number == 0}
PERIODS = {each.period: each for each in PARTIES if each.owner == "owner"}
LINES = {each.line: each for each in PARTIES}
TOKENS = {tokens_of(*each): each for each in product(WALLETS, MINTS)}
VAULTS = {vault_of(community): community for community in COMMUNITIES}

KEYS: dict[str, Pubkey] = {name: key_of(name) for name in (*WALLETS, MINTER, *MINTS, *TOKENS, *DIGESTS)}
for _community, _from in COMMUNITIES.items():
    KEYS[_community] = energy_sharing.community_address(*(KEYS[each] for each in _from))
    KEYS[vault_of(_community)] = energy_sharing.vault_address(KEYS[_community])
for _participant, _of in PARTICIPANTS.items():
    KEYS[_participant] = energy_sharing.participant_address(KEYS[_of.community], KEYS[_of.owner])
for _period, _of in PERIODS.items():
    KEYS[_period] = energy_sharing.period_address(KEYS[_of.community], _of.number)
for _line, _of in LINES.items():
    KEYS[_line] = energy_sharing.line_address(KEYS[_of.period], KEYS[_of.participant])
RAW: dict[str | None, bytes] = {name: bytes(key) for name, key in KEYS.items()}
RAW[None] = bytes(SYSTEM_PROGRAM)
BUMPS = {
    community: Pubkey.find_program_address([b"community", *(RAW[each] for each in of)], PROGRAM)[1]
    for community, of in COMMUNITIES.items()
}

# Every byte of the accounts, written from the layouts of the program and of SPL Token

_COMMUNITY_DATA = Struct("<8s 32s32s32s32s32s QQQQQ qqQ HBB 4x")
_PARTICIPANT_DATA = Struct("<8s 32s32s QQ QQQQQ")
_PERIOD_DATA = Struct("<8s 32s32s Q qqqqq QQQQ QQQQQQ HBB 4x")
_LINE_DATA = Struct("<8s 32s32s Q QQQQQ BB 6x")


def data(ledger: Ledger) -> dict[str, bytes]:
    found = dict.fromkeys((*WALLETS, MINTER), b"")
    for name, each in ledger.communities.items():
        keys = (each.creator, each.authority, each.pending_authority, each.payment_mint, each.vault)
        found[name] = _COMMUNITY_DATA.pack(
            *(_COMMUNITY.discriminator, *(RAW[key] for key in keys)),
            *(ledger.prepaid(name), ledger.reserve(name), ledger.reserve_pledged(name)),
            *(len(ledger.admitted(name)), ledger.run_of(name), each.settled_until, each.objection_time),
            *(each.sequence, each.fee_bps, each.paused, BUMPS[name]),
        )
    for name, each in ledger.participants.items():
        found[name] = _PARTICIPANT_DATA.pack(
            *(_PARTICIPANT.discriminator, RAW[each.community], RAW[each.owner], each.joined, each.left),
            *(each.funds, each.owed, each.credit_limit, each.pledged, each.run),
        )
    for name, each in ledger.periods.items():
        posted, settled = ledger.posted(name), ledger.settled(name)
        found[name] = _PERIOD_DATA.pack(
            *(_PERIOD.discriminator, RAW[each.community], RAW[each.digest], each.run),
            *(each.starts_at, each.ends_at, each.begun_at, each.closed_at, each.objection_time),
            *(len(each.members), len(posted), len(settled), each.objection_count),
            *(sum(line.shared_in for line in posted), sum(line.shared_out for line in posted)),
            *(sum(line.charge for line in posted), sum(line.credit for line in posted)),
            *(sum(line.charge for line in settled), sum(line.credit for line in settled)),
            *(each.fee_bps, each.number, each.state),
        )
    for name, each in ledger.lines.items():
        found[name] = _LINE_DATA.pack(
            *(_LINE.discriminator, RAW[each.period], RAW[each.participant], each.run),
            *(each.shared_in, each.shared_out, each.charge, each.credit, each.lent),
            *(each.objected, each.settled),
        )
    return found | token_data(RAW, ledger.tokens) | mint_data(RAW, ledger.mints)


PAUSED = {"pause", "admit", "deposit", "begin_period", "post_line"}  # what the pause stops, and the pause


class Lockstep(ProgramLockstep[Ledger]):
    """The chain and the shadow ledger of the communities."""

    def run(self, instruction: str, **values: Any) -> Error | None:
        before = self.ledger.copy()
        refused = super().run(instruction, **values)
        if refused is None:
            signer = next((values[slot] for slot in SLOTS[instruction] if slot in SIGNERS), None)
            self.ledger.check_step(before, values["community"], signer)
        assert refused != "community is paused" or instruction in PAUSED
        return refused

    def everyone_is_settled(self, chain: ProgramChain[Event], seed: int) -> None:
        """In a copy on that chain: rules 6 and 7, in any order but that lines that take come first.

        What is closed is settled by anyone, whoever is frozen or has left; what is posted lapses, and is
        withdrawn by anyone. Then each takes out what they have, and the authority the reserve. Whose account
        is frozen waits for the thaw, and so does a vault's: they are in the hands of the mint's authority.
        """
        copy, random = self.copy(chain), Random(seed)  # noqa: S311
        ledger = copy.ledger
        periods = [name for name, each in ledger.periods.items() if each.state in UNDER_WAY]
        lapsing = [name for name in periods if ledger.periods[name].state == State.POSTING]
        lapses = [ledger.periods[name].begun_at + WEEK for name in lapsing]
        settles = [each.closed_at + each.objection_time for each in map(ledger.periods.get, periods) if each]
        copy.travel_to(max([ledger.now, *lapses, *settles]))
        for name in lapsing:
            party = PERIODS[name]
            assert copy.run("withdraw_period", **right("withdraw_period", ledger, party, "thief")) is None
        lines = [
            name
            for name, each in ledger.lines.items()
            if each.period in set(periods) - set(lapsing) and not each.settled
            if each.run == ledger.periods[each.period].run
        ]
        random.shuffle(lines)
        lines.sort(key=lambda name: ledger.lines[name].charge <= ledger.lines[name].credit)
        for name in lines:
            assert copy.run("settle_line", **right("settle_line", ledger, LINES[name])) is None
        copy.thaw((*TOKENS, *VAULTS))
        for name in random.sample(list(ledger.participants), len(ledger.participants)):
            if amount := ledger.participants[name].funds:
                values = right("withdraw", ledger, PARTICIPANTS[name])
                assert copy.run("withdraw", **values, amount=amount) is None
        for name, known in ledger.communities.items():
            if amount := ledger.reserve(name):
                values = right("withdraw_reserve", ledger, Party(name))
                assert copy.run("withdraw_reserve", **values, amount=amount) is None
            assert ledger.tokens[known.vault].amount == ledger.donated[known.vault]

    def thaw(self, names: Iterable[str]) -> list[str]:
        """Those of these that are frozen."""
        frozen = [name for name in names if name in self.ledger.tokens and self.ledger.tokens[name].frozen]
        for name in frozen:
            self.freeze(name, frozen=False)
        return frozen


def right(instruction: str, ledger: Ledger, party: Party, signer: str = "") -> dict[str, Any]:
    """The right accounts of an instruction; who signs as `signer` is the authority, if not another."""
    creator, mint = COMMUNITIES[party.community]
    known = ledger.communities.get(party.community)
    authority = known.authority if known and instruction != "initialize" else creator
    if known and instruction == "accept_authority":
        authority = known.pending_authority
    by = party.owner if "owner" in SLOTS[instruction] else authority
    accounts = {
        **{"authority": authority, "payer": authority, "owner": party.owner, "signer": signer or authority},
        **{"community": party.community, "vault": vault_of(party.community), "payment_mint": mint},
        **{"participant": party.participant, "period": party.period, "line": party.line},
        **dict.fromkeys(("source", "destination"), tokens_of(by, mint)),
    }
    return {slot: accounts[slot] for slot in SLOTS[instruction] if slot in accounts}


# What a step chooses from, the tamest first. Repetition is weight.

STEP = weighted(
    {
        "nothing": 1,
        **{"settle_line": 30, "close_period": 8, "post_line": 30, "begin_period": 6, "open_line": 6},
        **{"open_period": 2, "withdraw_period": 2, "raise_objection": 4, "leave": 2, "admit": 5},
        **{"open_participant": 2, "deposit": 8, "withdraw": 8, "deposit_reserve": 4, "withdraw_reserve": 3},
        **{"set_credit_limit": 3, "set_policy": 2, "pause": 1, "resume": 3, "initialize": 2},
        **{"propose_authority": 2, "accept_authority": 2, "donate": 3, "freeze": 2, "thaw": 4, "travel": 4},
    }
)
INSTEAD = {  # if there is nobody who could
    "begin_period": ("admit",),
    "open_line": ("post_line", "begin_period"),
    "post_line": ("open_line", "begin_period", "close_period"),
    "close_period": ("post_line",),
    "settle_line": ("travel", "close_period", "post_line"),
    "raise_objection": ("post_line",),
}
MOST_INSTEAD = 4
WRONGS = (0, 0, 0, 0, 0, 1, 1, 2)
SOMETIMES = (False, False, False, True)
RARELY = (*[False] * 15, True)
INITIALIZED = ("late", "late", "late", "valley")
WAITING = {  # the communities for whom there is something to do
    "resume": lambda community: community.paused,
    "accept_authority": lambda community: community.pending_authority != community.authority,
}
OBJECTION_TIME = [*[60, 3_600, MONTH] * 4, 1, 0, -1, MONTH + 1]  # s
FEE_BPS = [*[0, 500, MOST_FEE_BPS] * 3, 1, MOST_FEE_BPS + 1, BPS]
CREDIT_LIMIT = [*[0, 1_000, 10**7] * 4, 1, U64_MAX]
LASTS = [*[3_600, 60] * 5, 1, 0, YEAR, YEAR + 1]  # s
JUMP = [1, 60, 3_600]  # s
ENERGY = [*[1_000, 4_001, 0, 77] * 5, 10**12, U64_MAX]  # Wh
EXPECTED_REFUSALS = {refusal.message for refusal in REFUSALS} | {
    *("AccountNotInitialized", "AccountNotSigner"),  # Anchor's
    *("ACCOUNT_ALREADY_IN_USE", "ACCOUNT_FROZEN", "INSUFFICIENT_FUNDS"),  # System's, and SPL Token's
    OVERFLOW,
}
WRONG: dict[str, Sequence[str]] = {
    **dict.fromkeys(SIGNERS, WALLETS),
    "community": tuple(COMMUNITIES),
    **{"participant": tuple(PARTICIPANTS), "period": tuple(PERIODS), "line": tuple(LINES)},
    **dict.fromkeys(("vault", "source", "destination"), (*VAULTS, *TOKENS)),
}
IN_NEW_ADDRESSES = {  # so that no other account fits there
    "initialize": {*WRONG},
    "open_participant": {"community", "participant"},
    "open_period": {"community", "period"},
    "open_line": {"period", "participant", "line"},
}


class Machine(RuleBasedStateMachine):
    """Several communities, and everyone who has to do with them."""

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
            self._run(step, pick(parties), pick)
        else:
            self._happen(step, pick)
        self.tally["steps"] += 1
        if self.tally["steps"] % STEPS_A_SETTLING == 0:
            self.tally["everyone settled"] += 1
            self.world.everyone_is_settled(chains()[1], choices[-1])

    def _run(self, instruction: str, party: Party, pick: Pick) -> None:
        """One of the program's instructions, as it should be but for what may be wrong."""
        ledger = self.world.ledger
        if instruction == "initialize":
            party = party._replace(community=pick(INITIALIZED))
        elif instruction in WAITING and not pick(SOMETIMES):
            waiting = [of for of, each in ledger.communities.items() if WAITING[instruction](each)]
            party = party._replace(community=pick(waiting or [party.community]))
        signer = party.owner if instruction == "leave" and pick(SOMETIMES) else ""
        values = right(instruction, ledger, party, signer) | self._arguments(instruction, party, pick)
        right_values = dict(values)
        for _ in range(pick(WRONGS)):
            values |= self._wrong(instruction, values, pick)
        lent, owed = (sum(each.owed for each in ledger.participants.values()) for _ in range(2))
        refused = self.world.run(instruction, **values)
        count(self.tally, instruction, values, refused, hostile=values != right_values)
        if instruction == "settle_line" and refused is None:
            owed = sum(each.owed for each in ledger.participants.values())
            self.tally["loans"] += owed > lent
            self.tally["loans paid back by a credit"] += owed < lent
            settled = ledger.periods[values["period"]].state == State.SETTLED
            self.tally["periods settled"] += settled

    def _choose(self, pick: Pick) -> tuple[str, list[Party]]:
        """A step, mostly one that can be done, and the parties to do it with."""
        step, stubborn = pick(STEP), pick(SOMETIMES)
        ready = self._ready(step)
        for _ in range(0 if stubborn else MOST_INSTEAD):
            if ready or step not in INSTEAD:
                break
            step = pick(INSTEAD[step])
            ready = self._ready(step)
        if pick(RARELY):
            return step, PARTIES
        there = [party for party in PARTIES if party.line in self.world.ledger.lines]
        return step, ready or there

    def _ready(self, step: str) -> list[Party]:
        """The parties with which it can be done, mostly."""
        ledger = self.world.ledger
        match step:
            case "begin_period":
                return [
                    party
                    for party in PERIODS.values()
                    if party.period in ledger.periods and ledger.under_way(party.community) is None
                    if ledger.admitted(party.community)
                    or party.community == "late"  # where nobody is, at first
                    if not ledger.communities[party.community].paused
                ]
            case "open_line":
                return [party for party in self._in_periods(State.POSTING) if party.line not in ledger.lines]
            case "post_line":
                waiting = [
                    party
                    for party in self._in_periods(State.POSTING)
                    if party.line in ledger.lines and not self._is_posted(party)
                ]
                return [party for party in waiting if not ledger.communities[party.community].paused]
            case "close_period":
                posting = [name for name, each in ledger.periods.items() if each.state == State.POSTING]
                return [
                    PERIODS[name]
                    for name in posting
                    if len(ledger.posted(name)) == len(ledger.periods[name].members)
                ]
            case "withdraw_period":
                return [PERIODS[name] for name, each in ledger.periods.items() if each.state in UNDER_WAY]
            case "settle_line":
                return [
                    party
                    for party in self._in_periods(State.CLOSED)
                    if not ledger.lines[party.line].settled and ledger.now >= self._settles_at(party.period)
                ]
            case "raise_objection":
                return [party for party in self._in_periods(*UNDER_WAY) if self._is_posted(party)]
            case "admit":
                out = self._participants(lambda each: not each.is_admitted)
                return [
                    party
                    for party in out
                    if ledger.participants[party.participant].left <= ledger.run_of(party.community)
                    or not ledger.run_of(party.community)
                ]
            case "leave":
                return self._participants(lambda each: each.is_admitted)
            case "withdraw":
                return self._participants(lambda each: each.funds > 0)
            case "open_participant":
                there = [party for party in PARTIES if party.community in ledger.communities]
                return [party for party in there if party.participant not in ledger.participants]
            case "open_period":
                there = [party for party in PARTIES if party.community in ledger.communities]
                return [party for party in there if party.period not in ledger.periods]
        return []

    def _participants(self, fits: Callable[[Any], bool]) -> list[Party]:
        return [PARTICIPANTS[name] for name, each in self.world.ledger.participants.items() if fits(each)]

    def _in_periods(self, *states: State) -> list[Party]:
        """The lines of periods in these states."""
        periods = self.world.ledger.periods
        return [
            party
            for party in PARTIES
            if party.period in periods and periods[party.period].state in states
            if party.participant in periods[party.period].members
        ]

    def _is_posted(self, party: Party) -> bool:
        line = self.world.ledger.lines.get(party.line)
        return line is not None and line.run == self.world.ledger.periods[party.period].run

    def _settles_at(self, period: str) -> int:
        known = self.world.ledger.periods[period]
        return known.closed_at + known.objection_time

    def _arguments(self, instruction: str, party: Party, pick: Pick) -> dict[str, Any]:
        ledger = self.world.ledger
        match instruction:
            case "initialize" | "set_policy":
                return {"objection_time": pick(OBJECTION_TIME), "fee_bps": pick(FEE_BPS)}
            case "propose_authority":
                return {"proposed": pick(WALLETS)}
            case "open_participant":
                return {"owner": party.owner}
            case "admit" | "set_credit_limit":
                return {"credit_limit": pick(CREDIT_LIMIT)}
            case "open_period":
                return {"number": party.number}
            case "begin_period":
                known = ledger.communities.get(party.community)
                starts_at = max(known.settled_until if known else 0, ledger.now - pick(LASTS))
                starts_at -= pick(RARELY)
                ends_at = min(starts_at + pick(LASTS), ledger.now + pick(RARELY))
                return {"starts_at": starts_at, "ends_at": ends_at, "digest": pick(DIGESTS)}
            case "post_line":
                return self._line(party, pick)
            case "deposit" | "deposit_reserve":
                mint = COMMUNITIES[party.community][1]
                has = ledger.tokens[tokens_of(party.owner, mint)].amount
                return {"amount": pick([*[1_000, has // 10, 1] * 5, has, 0, U64_MAX])}
            case "withdraw":
                free = ledger.free(party.participant) if party.participant in ledger.participants else 1
                return {"amount": pick([*[free // 2, free, 1] * 5, free + 1, 0, U64_MAX])}
            case "withdraw_reserve":
                known = party.community in ledger.communities
                free = ledger.free_reserve(party.community) if known else 1
                return {"amount": pick([*[free // 2, 1] * 5, free, free + 1, 0, U64_MAX])}
        return {}

    def _line(self, party: Party, pick: Pick) -> dict[str, int]:
        """A line; the last one of a period mostly brings it to balance."""
        ledger = self.world.ledger
        own, period = ledger.participants.get(party.participant), ledger.periods.get(party.period)
        if own is None or period is None:
            return {"shared_in": 0, "shared_out": 0, "charge": 0, "credit": 0}
        posted = ledger.posted(party.period)
        least = sum(each.shared_in - each.shared_out for each in posted)
        left = sum(each.charge - each.credit for each in posted)
        charges = sum(each.charge for each in posted)
        able = own.funds + max(min(own.credit_limit - own.owed, ledger.free_reserve(party.community)), 0)
        if len(posted) == len(period.members) - 1 and not pick(RARELY):
            charge = 0 if own.owed else pick([0, able // 2, max(-left, 0)])
            fee = (charges + charge) * period.fee_bps // BPS
            credit = max(
                left
                + charge
                - pick([fee, 0, fee // 2, fee + 2 * len(period.members), fee + 2 * len(period.members) + 1]),
                0,
            )
            some = pick([0, 77])
            shared = {"shared_in": max(-least, 0) + some, "shared_out": max(least, 0) + some}
            return _fitting(**shared, charge=charge, credit=credit)
        charge = pick([*[able // 2, 0, able // 3, able] * 4, able + 1, U64_MAX])
        credit = pick([*[0, max(left, 0) // 2, 0, max(left, 0)] * 4, charge, U64_MAX - own.funds, U64_MAX])
        if own.owed and left > 0 and not pick(SOMETIMES):
            charge, credit = 0, left  # which pays a loan back
        if credit > U64_MAX // 2 and pick((True, False)):
            charge = credit
        return _fitting(shared_in=pick(ENERGY), shared_out=pick(ENERGY), charge=charge, credit=credit)

    def _wrong(self, instruction: str, values: dict[str, Any], pick: Pick) -> dict[str, Any]:
        """A wrong account of the right type in one slot, somebody else's signature, or none at all."""
        fixed = IN_NEW_ADDRESSES.get(instruction, set())
        slots = [slot for slot in SLOTS[instruction] if slot in {*WRONG} - fixed]
        slot = pick([*slots, *(["signed"] if any(each in SIGNERS for each in SLOTS[instruction]) else [])])
        if slot == "signed":
            return {"signed": False}
        likely = [values["vault"]] if slot in ("source", "destination") else []
        return {slot: pick(likely if likely and pick((False, True)) else WRONG[slot])}

    def _happen(self, step: str, pick: Pick) -> None:
        """What happens around the program."""
        world, ledger, refused, happened = self.world, self.world.ledger, None, None
        match step:
            case "donate":
                tokens = pick(list(TOKENS))
                owner, mint = TOKENS[tokens]
                vaults = [name for name, held in ledger.tokens.items() if held.owner in ledger.communities]
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
            case (
                "travel"
            ):  # to the end of a time for objections, or of the posting, or just before; never back
                happened = ledger.now + pick(JUMP)
                marks = [
                    self._settles_at(name) if each.state == State.CLOSED else each.begun_at + WEEK
                    for name, each in ledger.periods.items()
                    if each.state == State.CLOSED or (each.state == State.POSTING and pick(RARELY))
                ]
                ahead = [mark for mark in marks if mark > ledger.now]
                if ahead and not pick(RARELY):
                    happened = max(min(ahead) + pick((0, 0, 0, -1)), ledger.now)
                world.travel_to(happened)
        count(self.tally, step, happened, refused, hostile=False)


def _fitting(**amounts: int) -> dict[str, int]:
    """What fits into the instruction."""
    return {name: min(amount, U64_MAX) for name, amount in amounts.items()}


@cache
def chains() -> tuple[ProgramChain[Event], ProgramChain[Event]]:
    """The chain, and the one for copies."""
    one, other = (ProgramChain(KEYS, PROGRAM, PROGRAM_BYTES, _LAYOUT.build, events) for _ in range(2))
    return one, other


@cache
def beginning() -> Lockstep:
    """Three communities whose participants have prepaid, but for one; one of each is yet to be admitted."""
    ledger = Ledger(NOON, mints=dict(MINTS))
    for name, (owner, mint) in TOKENS.items():
        ledger.tokens[name] = Tokens(mint, owner, MINTS[mint].supply // len(WALLETS))
    world = Lockstep(chains()[0], ledger, first_accounts(KEYS, data(ledger)), energy_sharing, data)

    def done(instruction: str, party: Party, **arguments: Any) -> None:
        assert world.run(instruction, **right(instruction, ledger, party), **arguments) is None

    for community in ("valley", "hill", "shore"):
        done("initialize", Party(community), objection_time=3_600, fee_bps=500)
        done("deposit_reserve", Party(community), amount=10_000)
        done("open_period", Party(community), number=0)
        for owner in OWNERS:
            party = Party(community, owner)
            done("open_participant", party, owner=owner)
            done("open_line", party)
            if (owner, community) != DEBTOR:
                done("deposit", party, amount=5_000)
            if owner != "thief":
                done("admit", party, credit_limit=1_000)
    debtor, lender = Party(*DEBTOR[::-1]), Party(DEBTOR[1])
    done("begin_period", debtor, starts_at=NOON - 3_600, ends_at=NOON, digest="june")
    done("post_line", debtor, shared_in=3_000, shared_out=0, charge=900, credit=0)
    done("post_line", lender, shared_in=0, shared_out=3_000, charge=0, credit=855)
    done("close_period", debtor)
    world.travel_to(NOON + 3_600)
    for party in (debtor, lender):
        done("settle_line", party)
    return world


@pytest.mark.parametrize("number", range(SEEDS))
def test_machine(number: int, record_property: Callable[[str, object], None]) -> None:
    tally = take_steps(Machine, number, STEPS, STEPS_A_RUN)
    record_property("tally", dict(tally))
    assert tally["hostile"] >= LEAST_HOSTILE_SHARE * tally["steps"]
    assert {f"{name} accepted" for name in SLOTS} <= tally.keys()
    for name in ("periods settled", "loans", "loans paid back by a credit"):
        assert tally[name] > 0, name
