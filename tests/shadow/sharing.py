"""The shadow ledger of a community: what the program promises, in plain Python, without a chain.

It is written from the program's head, not from its code, and says of each operation what the chain must say:
the event and the state after it, or the refusal. Accounts go by names; a slot may hold any account of the
right type, also a wrong one or one that does not exist.

The program keeps running sums, and marks of who is in a period. Here a period knows who is in it, every sum
is taken anew, and what the authority owns is counted whole: its reserve is that without what is owed to it.
Energy is Wh, payments base units, times Unix seconds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from enum import IntEnum
from fractions import Fraction
from typing import Any

from tests.shadow import battery
from tests.shadow.battery import BPS, Event, Mint, Tokens, check_transfer, look_at, refuse
from tests.support.sharing import SLOTS
from tests.support.stage import U64_MAX

SIGNERS = (*battery.SIGNERS, "signer")
MONTH = 30 * 86_400  # s
WEEK = 7 * 86_400  # s
YEAR = 366 * 86_400  # s
MOST_FEE_BPS = 2_000
OVERFLOW = "attempt to add with overflow"
CREATED = {
    "initialize": ("community", "vault"),
    "open_participant": ("participant",),
    "open_period": ("period",),
    "open_line": ("line",),
}


class State(IntEnum):
    UNUSED, POSTING, CLOSED, SETTLED, WITHDRAWN = range(5)


UNDER_WAY = (State.POSTING, State.CLOSED)


@dataclass(slots=True)
class Community:
    creator: str
    authority: str
    pending_authority: str
    payment_mint: str
    vault: str
    objection_time: int
    fee_bps: int
    owned: int = 0  # by the authority: the reserve, and what it has lent; not on the chain
    settled_until: int = 0
    sequence: int = 1
    paused: bool = False


@dataclass(slots=True)
class Participant:
    community: str
    owner: str
    joined: int = 0
    left: int = 0
    funds: int = 0
    owed: int = 0
    credit_limit: int = 0
    pledged: int = 0
    run: int = 0

    @property
    def is_admitted(self) -> bool:
        return bool(self.joined) and not self.left


@dataclass(slots=True)
class Line:
    period: str
    participant: str
    run: int = 0
    shared_in: int = 0
    shared_out: int = 0
    charge: int = 0
    credit: int = 0
    lent: int = 0
    objected: bool = False
    settled: bool = False
    limit: int = 0  # that may be owed after it; not on the chain


@dataclass(slots=True)
class Period:
    community: str
    number: int
    digest: str | None = None
    run: int = 0
    starts_at: int = 0
    ends_at: int = 0
    begun_at: int = 0
    closed_at: int = 0
    objection_time: int = 0
    fee_bps: int = 0
    objection_count: int = 0
    members: frozenset[str] = frozenset()  # the participants who are in it; not on the chain
    state: State = State.UNUSED


@dataclass(slots=True)
class Ledger:
    """Every account by its name, and the time."""

    now: int
    communities: dict[str, Community] = field(default_factory=dict)
    participants: dict[str, Participant] = field(default_factory=dict)
    periods: dict[str, Period] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    tokens: dict[str, Tokens] = field(default_factory=dict)
    mints: dict[str, Mint] = field(default_factory=dict)
    donated: Counter[str] = field(default_factory=Counter)  # to vaults; not on the chain

    def copy(self) -> Ledger:
        accounts = (self.communities, self.participants, self.periods, self.lines, self.tokens, self.mints)
        copies = ({name: replace(each) for name, each in found.items()} for found in accounts)
        return Ledger(self.now, *copies, self.donated.copy())

    def run(self, instruction: str, *, signed: bool = True, **values: Any) -> Event:
        """One of the program's instructions. Raises Refusal. Anchor looks at the accounts first, in order."""
        accounts = {
            **{"community": self.communities, "participant": self.participants},
            **{"period": self.periods, "line": self.lines, "payment_mint": self.mints},
            **dict.fromkeys(("vault", "source", "destination"), self.tokens),
        }
        look_at(SLOTS[instruction], accounts, values, CREATED.get(instruction, ()), SIGNERS, signed=signed)
        return getattr(self, instruction)(**values)

    # What follows from the accounts

    def members(self, community: str) -> list[Participant]:
        """All who ever had an account in it."""
        return [each for each in self.participants.values() if each.community == community]

    def admitted(self, community: str) -> frozenset[str]:
        return frozenset(
            name
            for name, each in self.participants.items()
            if each.community == community and each.is_admitted
        )

    def under_way(self, community: str) -> str | None:
        periods = self.periods.items()
        found = [name for name, each in periods if each.community == community and each.state in UNDER_WAY]
        assert len(found) <= 1, found
        return found[0] if found else None

    def run_of(self, community: str) -> int:
        period = self.under_way(community)
        return self.periods[period].run if period else 0

    def posted(self, period: str) -> list[Line]:
        """The lines of its latest run."""
        run = self.periods[period].run
        return [each for each in self.lines.values() if each.period == period and run and each.run == run]

    def settled(self, period: str) -> list[Line]:
        return [each for each in self.posted(period) if each.settled]

    def prepaid(self, community: str) -> int:
        return sum(each.funds for each in self.members(community))

    def reserve(self, community: str) -> int:
        lent = sum(each.owed for each in self.members(community))
        return self.communities[community].owned - lent

    def reserve_pledged(self, community: str) -> int:
        period = self.under_way(community)
        return sum(each.lent for each in self.posted(period) if not each.settled) if period else 0

    def free_reserve(self, community: str) -> int:
        return self.reserve(community) - self.reserve_pledged(community)

    def pot(self, community: str) -> int:
        """What is collected, and not yet paid."""
        period = self.under_way(community)
        return sum(each.charge - each.credit for each in self.settled(period)) if period else 0

    def free(self, participant: str) -> int:
        """What can be taken out."""
        own = self.participants[participant]
        period = self.under_way(own.community)
        waiting = [each for each in self.posted(period) if not each.settled] if period else []
        return own.funds - (own.pledged if any(each.participant == participant for each in waiting) else 0)

    def after(self, participant: str, charge: int, credit: int) -> tuple[int, int]:
        """What somebody has, and owes, once a line is settled."""
        own = self.participants[participant]
        net = own.funds - own.owed + credit - charge
        return max(net, 0), max(-net, 0)

    # The program's instructions on accounts that exist, signed by those that must

    def initialize(
        self,
        *,
        authority: str,
        payment_mint: str,
        community: str,
        vault: str,
        objection_time: int,
        fee_bps: int,
    ) -> Event:
        _check_policy(objection_time, fee_bps)

        roles = (authority, authority, authority)
        self.communities[community] = Community(*roles, payment_mint, vault, objection_time, fee_bps)
        self.tokens[vault] = Tokens(payment_mint, community)
        made = {"authority": authority, "payment_mint": payment_mint, "vault": vault}
        policy = {"objection_time": objection_time, "fee_bps": fee_bps}
        return self._told("CommunityInitialized", community, **made, **policy)

    def pause(self, *, authority: str, community: str) -> Event:
        self._check_authority(community, authority)
        self._check_not_paused(community)

        self.communities[community].paused = True
        return self._done("CommunityPaused", community)

    def resume(self, *, authority: str, community: str) -> Event:
        self._check_authority(community, authority)
        refuse(not self.communities[community].paused, "community is not paused")

        self.communities[community].paused = False
        return self._done("CommunityResumed", community)

    def propose_authority(self, *, authority: str, community: str, proposed: str) -> Event:
        self._check_authority(community, authority)

        self.communities[community].pending_authority = proposed
        return self._done("AuthorityProposed", community, proposed=proposed)

    def accept_authority(self, *, authority: str, community: str) -> Event:
        known = self.communities[community]
        refuse(known.pending_authority == known.authority, "no new authority is proposed")
        refuse(known.pending_authority != authority, "signer is not the proposed authority")

        known.authority = authority
        return self._done("AuthorityAccepted", community, authority=authority)

    def set_policy(self, *, authority: str, community: str, objection_time: int, fee_bps: int) -> Event:
        self._check_authority(community, authority)
        _check_policy(objection_time, fee_bps)

        known = self.communities[community]
        known.objection_time, known.fee_bps = objection_time, fee_bps
        return self._done("PolicySet", community, objection_time=objection_time, fee_bps=fee_bps)

    def deposit_reserve(
        self, *, authority: str, community: str, vault: str, source: str, amount: int
    ) -> Event:
        self._check_authority(community, authority)
        self._check_source(source, vault, community, authority)
        refuse(amount == 0, "amount must be positive")
        refuse(self.reserve(community) + amount > U64_MAX, OVERFLOW)
        check_transfer(self.tokens, source, vault, amount)

        self.communities[community].owned += amount
        self._move(source, vault, amount)
        return self._done("ReserveDeposited", community, amount=amount)

    def withdraw_reserve(
        self, *, authority: str, community: str, vault: str, destination: str, amount: int
    ) -> Event:
        self._check_authority(community, authority)
        self._check_destination(destination, vault, community)
        refuse(amount == 0, "amount must be positive")
        refuse(amount > self.free_reserve(community), "amount exceeds the free reserve")
        check_transfer(self.tokens, vault, destination, amount)

        self.communities[community].owned -= amount
        self._give(vault, destination, amount)
        return self._done("ReserveWithdrawn", community, amount=amount)

    def open_participant(self, *, payer: str, community: str, participant: str, owner: str) -> Event:  # noqa: ARG002
        self.participants[participant] = Participant(community, owner)
        return self._done("ParticipantOpened", community, participant=participant, owner=owner)

    def admit(self, *, authority: str, community: str, participant: str, credit_limit: int) -> Event:
        own = self.participants[participant]
        self._check_authority(community, authority)
        self._check_not_paused(community)
        self._check_participant(participant, community)
        refuse(own.is_admitted, "participant is admitted already")
        run = self.run_of(community)
        refuse(bool(run) and own.left > run, "participant left during this period")

        own.joined, own.left = self.communities[community].sequence + 1, 0
        own.credit_limit = credit_limit
        told = {"credit_limit": credit_limit, "participant_count": len(self.admitted(community))}
        return self._done("ParticipantAdmitted", community, participant=participant, **told)

    def set_credit_limit(
        self, *, authority: str, community: str, participant: str, credit_limit: int
    ) -> Event:
        self._check_authority(community, authority)
        self._check_participant(participant, community)

        self.participants[participant].credit_limit = credit_limit
        return self._done("CreditLimitSet", community, participant=participant, credit_limit=credit_limit)

    def leave(self, *, signer: str, community: str, participant: str) -> Event:
        own = self.participants[participant]
        self._check_participant(participant, community)
        may = signer in (own.owner, self.communities[community].authority)
        refuse(not may, "signer is neither the owner nor the authority")
        refuse(not own.is_admitted, "participant is not admitted")

        own.left = self.communities[community].sequence + 1
        count = len(self.admitted(community))
        return self._done("ParticipantLeft", community, participant=participant, participant_count=count)

    def deposit(
        self, *, owner: str, community: str, participant: str, vault: str, source: str, amount: int
    ) -> Event:
        own = self.participants[participant]
        self._check_not_paused(community)
        self._check_owned_participant(participant, community, owner)
        self._check_source(source, vault, community, owner)
        refuse(amount == 0, "amount must be positive")
        repaid = min(amount, own.owed)
        # The balance and the sum of all; what is repaid was in the vault before.
        refuse(self.prepaid(community) + amount - repaid > U64_MAX, OVERFLOW)
        refuse(self.reserve(community) + repaid > U64_MAX, OVERFLOW)
        check_transfer(self.tokens, source, vault, amount)

        own.owed -= repaid
        own.funds += amount - repaid
        self._move(source, vault, amount)
        told = {"amount": amount, "repaid": repaid, "funds": own.funds, "owed": own.owed}
        return self._done("Deposited", community, participant=participant, **told)

    def withdraw(
        self, *, owner: str, community: str, participant: str, vault: str, destination: str, amount: int
    ) -> Event:
        own = self.participants[participant]
        self._check_owned_participant(participant, community, owner)
        self._check_destination(destination, vault, community)
        refuse(amount == 0, "amount must be positive")
        refuse(amount > self.free(participant), "amount exceeds the free balance")
        check_transfer(self.tokens, vault, destination, amount)

        own.funds -= amount
        self._give(vault, destination, amount)
        return self._done("Withdrawn", community, participant=participant, amount=amount, funds=own.funds)

    def open_period(self, *, payer: str, community: str, period: str, number: int) -> Event:  # noqa: ARG002
        self.periods[period] = Period(community, number)
        return self._done("PeriodOpened", community, period=period, number=number)

    def begin_period(
        self, *, authority: str, community: str, period: str, starts_at: int, ends_at: int, digest: str
    ) -> Event:
        known, members = self.communities[community], self.admitted(community)
        self._check_authority(community, authority)
        self._check_not_paused(community)
        self._check_period(period, community)
        refuse(self.under_way(community) is not None, "a period is under way already")
        refuse(not members, "nobody is admitted")
        refuse(starts_at < known.settled_until, "period starts before the end of the last one")
        refuse(ends_at <= starts_at, "period ends before it starts")
        refuse(ends_at > self.now, "period is not over")
        refuse(ends_at - starts_at > YEAR, "period exceeds a year")

        policy = {"objection_time": known.objection_time, "fee_bps": known.fee_bps}
        told = {"starts_at": starts_at, "ends_at": ends_at, "digest": digest, **policy}
        self.periods[period] = Period(
            community,
            self.periods[period].number,
            run=known.sequence + 1,
            begun_at=self.now,
            members=members,
            state=State.POSTING,
            **told,
        )
        return self._done("PeriodBegun", community, period=period, participant_count=len(members), **told)

    def open_line(self, *, payer: str, community: str, period: str, participant: str, line: str) -> Event:  # noqa: ARG002
        self._check_period(period, community)
        self._check_participant(participant, community)

        self.lines[line] = Line(period, participant)
        return self._done("LineOpened", community, period=period, participant=participant)

    def post_line(
        self,
        *,
        authority: str,
        community: str,
        period: str,
        participant: str,
        line: str,
        shared_in: int,
        shared_out: int,
        charge: int,
        credit: int,
    ) -> Event:
        known, own = self.periods[period], self.participants[participant]
        self._check_authority(community, authority)
        self._check_not_paused(community)
        self._check_period(period, community)
        self._check_participant(participant, community)
        self._check_line(line, period, participant)
        refuse(known.state != State.POSTING, "period is not being posted")
        refuse(participant not in known.members, "participant is not in this period")
        refuse(self.lines[line].run == known.run, "line is posted already")
        takes = max(charge - credit, 0)
        refuse(own.owed + takes > U64_MAX, OVERFLOW)
        refuse(own.funds + max(credit - charge, 0) > U64_MAX, OVERFLOW)
        _, owed = self.after(participant, charge, credit)
        refuse(owed > own.credit_limit and takes > 0, "charge exceeds balance and credit limit")
        lent = max(owed - own.owed, 0)
        refuse(lent > self.free_reserve(community), "loan exceeds the free reserve")
        amounts = {"shared_in": shared_in, "shared_out": shared_out, "charge": charge, "credit": credit}
        for name, amount in amounts.items():
            posted = sum(getattr(each, name) for each in self.posted(period))
            refuse(posted + amount > U64_MAX, OVERFLOW)

        own.pledged, own.run = min(own.funds, takes), known.run
        limit = max(own.credit_limit, own.owed)
        self.lines[line] = Line(period, participant, known.run, **amounts, lent=lent, limit=limit)
        told = {"period": period, "participant": participant, **amounts}
        return self._done("LinePosted", community, **told, pledged=own.pledged, lent=lent)

    def close_period(self, *, authority: str, community: str, period: str) -> Event:
        known, lines = self.periods[period], self.posted(period)
        self._check_authority(community, authority)
        self._check_period(period, community)
        refuse(known.state != State.POSTING, "period is not being posted")
        refuse(len(lines) < len(known.members), "lines are not all posted")
        shared = sum(each.shared_in for each in lines)
        refuse(shared != sum(each.shared_out for each in lines), "what goes in is not what goes out")
        charges, credits = sum(each.charge for each in lines), sum(each.credit for each in lines)
        refuse(credits > charges, "credits exceed the charges")
        most = Fraction(charges * known.fee_bps, BPS) + 2 * len(lines)
        refuse(charges - credits > most, "fee exceeds the policy")

        known.closed_at, known.state = self.now, State.CLOSED
        settles_at = self.now + known.objection_time
        told = {"shared": shared, "charges": charges, "credits": credits, "settles_at": settles_at}
        return self._done("PeriodClosed", community, period=period, **told)

    def raise_objection(
        self, *, owner: str, community: str, period: str, participant: str, line: str
    ) -> Event:
        known, own = self.periods[period], self.lines[line]
        self._check_owned_participant(participant, community, owner)
        self._check_period(period, community)
        self._check_line(line, period, participant)
        refuse(own.run != known.run, "line is not posted")
        refuse(known.state not in UNDER_WAY or own.settled, "too late to object")
        refuse(own.objected, "line is objected to already")

        own.objected = True
        known.objection_count += 1
        told = {"participant": participant, "objection_count": known.objection_count}
        return self._done("ObjectionRaised", community, period=period, **told)

    def withdraw_period(self, *, signer: str, community: str, period: str) -> Event:
        known = self.periods[period]
        self._check_period(period, community)
        refuse(known.state not in UNDER_WAY, "period is not under way")
        refuse(bool(self.settled(period)), "lines are settled already")
        lapsed = known.state == State.POSTING and self.now >= known.begun_at + WEEK
        may = lapsed or signer == self.communities[community].authority
        refuse(not may, "period has not lapsed and signer is not the authority")

        known.state = State.WITHDRAWN
        told = {"posted_count": len(self.posted(period)), "objection_count": known.objection_count}
        return self._done("PeriodWithdrawn", community, period=period, **told)

    def settle_line(self, *, community: str, period: str, participant: str, line: str) -> Event:
        known, own, posted = self.periods[period], self.participants[participant], self.lines[line]
        self._check_period(period, community)
        self._check_participant(participant, community)
        self._check_line(line, period, participant)
        refuse(known.state != State.CLOSED, "period is not closed")
        refuse(self.now < known.closed_at + known.objection_time, "time for objections is not over")
        refuse(posted.run != known.run, "line is not posted")
        refuse(posted.settled, "line is settled already")
        refuse(posted.credit > self.pot(community) + posted.charge, "charges are not yet collected")

        own.funds, own.owed = self.after(participant, posted.charge, posted.credit)
        own.pledged = 0
        posted.settled = True
        unsettled = len(known.members) - len(self.settled(period))
        if not unsettled:
            self.communities[community].owned += self.pot(community)
            self.communities[community].settled_until = known.ends_at
            known.state = State.SETTLED
        told = {"charge": posted.charge, "credit": posted.credit, "funds": own.funds, "owed": own.owed}
        told |= {"period": period, "participant": participant, "unsettled": unsettled}
        return self._done("LineSettled", community, **told)

    # What happens without the program

    def transfer(self, source: str, destination: str, amount: int) -> None:
        check_transfer(self.tokens, source, destination, amount)
        self._give(source, destination, amount)

    # The rules

    def check(self) -> None:
        """Raise AssertionError if a supply, or one of the rules 1 to 4, does not hold."""
        for name, mint in self.mints.items():
            assert sum(held.amount for held in self.tokens.values() if held.mint == name) == mint.supply, name
        for name, known in self.communities.items():
            due = self.prepaid(name) + self.reserve(name) + self.pot(name)
            assert self.tokens[known.vault].amount == due + self.donated[known.vault], name
            assert 0 <= self.reserve_pledged(name) <= self.reserve(name), name
            assert self.pot(name) >= 0, name
        for name, own in self.participants.items():
            assert not (own.funds and own.owed), name
            assert 0 <= self.free(name) <= own.funds, name
        for name, period in self.periods.items():
            if period.state in (State.CLOSED, State.SETTLED):
                self._check_closed(name, period)

    def _check_closed(self, name: str, period: Period) -> None:
        lines = self.posted(name)
        assert sorted(each.participant for each in lines) == sorted(period.members), name
        assert sum(each.shared_in - each.shared_out for each in lines) == 0, name
        charges = sum(each.charge for each in lines)
        fee = charges - sum(each.credit for each in lines)
        assert 0 <= fee <= Fraction(charges * period.fee_bps, BPS) + 2 * len(lines), name
        if period.state == State.SETTLED:
            assert all(each.settled for each in lines), name

    def check_step(self, before: Ledger, at: str, signer: str | None) -> None:
        """Raise AssertionError if a step in that community breaks one of the rules 5, 6, 8 and 9."""
        for name, held in before.tokens.items():
            if held.owner not in (signer, at):
                assert self.tokens[name].amount >= held.amount, name
        for name, was in before.participants.items():
            own = self.participants[name]
            assert own.community == at or own == was, name
            self._check_moved(before, name, own, was, signer)
        for mine, theirs in ((self.periods, before.periods), (self.lines, before.lines)):
            for name, was in theirs.items():
                of = was.community if isinstance(was, Period) else self.periods[was.period].community
                assert of == at or mine[name] == was, name
        for name, was in before.communities.items():
            known = self.communities[name]
            assert name == at or known == was, name
            if _chosen(known) != _chosen(was):
                accepted = known.authority == was.pending_authority == signer
                assert was.authority == signer or (_chosen(known)[1:] == _chosen(was)[1:] and accepted), name

    def _check_moved(
        self, before: Ledger, name: str, own: Participant, was: Participant, signer: str | None
    ) -> None:
        """What somebody has or owes changes by their own signature, or as their line says."""
        settled = [
            line
            for key, line in self.lines.items()
            if line.participant == name and line.settled and not before.lines[key].settled
        ]
        if not settled:
            assert (own.funds, own.owed) == (was.funds, was.owed) or was.owner == signer, name
            assert own.owed <= was.owed, name
            return
        (line,) = settled
        assert own.funds - own.owed == was.funds - was.owed + line.credit - line.charge, name
        assert own.owed <= max(line.limit, was.owed), name

    # Guards

    def _check_authority(self, community: str, authority: str) -> None:
        refuse(self.communities[community].authority != authority, "signer is not the authority")

    def _check_not_paused(self, community: str) -> None:
        refuse(self.communities[community].paused, "community is paused")

    def _check_participant(self, participant: str, community: str) -> None:
        own = self.participants[participant]
        refuse(own.community != community, "participant belongs to another community")

    def _check_owned_participant(self, participant: str, community: str, owner: str) -> None:
        self._check_participant(participant, community)
        refuse(self.participants[participant].owner != owner, "participant belongs to another owner")

    def _check_period(self, period: str, community: str) -> None:
        refuse(self.periods[period].community != community, "period belongs to another community")

    def _check_line(self, line: str, period: str, participant: str) -> None:
        refuse(self.lines[line].period != period, "line belongs to another period")
        refuse(self.lines[line].participant != participant, "line belongs to another participant")

    def _check_source(self, source: str, vault: str, community: str, owner: str) -> None:
        refuse(vault != self.communities[community].vault, "vault is not of this community")
        refuse(source == vault, "source is the vault")
        refuse(self.tokens[source].mint != self.tokens[vault].mint, "source holds another mint")
        refuse(self.tokens[source].owner != owner, "source belongs to another owner")

    def _check_destination(self, destination: str, vault: str, community: str) -> None:
        refuse(vault != self.communities[community].vault, "vault is not of this community")
        refuse(destination == vault, "destination is the vault")
        refuse(self.tokens[destination].mint != self.tokens[vault].mint, "destination holds another mint")

    # Changes

    def _move(self, source: str, destination: str, amount: int) -> None:
        self.tokens[source].amount -= amount
        self.tokens[destination].amount += amount

    def _give(self, source: str, destination: str, amount: int) -> None:
        """Move tokens; what no community has asked for is a donation to it."""
        self._move(source, destination, amount)
        if self.tokens[destination].owner in self.communities:
            self.donated[destination] += amount

    def _done(self, event: str, community: str, **fields: Any) -> Event:
        self.communities[community].sequence += 1
        return self._told(event, community, **fields)

    def _told(self, event: str, community: str, **fields: Any) -> Event:
        held = {"prepaid": self.prepaid(community), "reserve": self.reserve(community)}
        sequence = self.communities[community].sequence
        return event, {"community": community, **fields, **held, "sequence": sequence}


def _check_policy(objection_time: int, fee_bps: int) -> None:
    refuse(objection_time <= 0, "objection time must be positive")
    refuse(objection_time > MONTH, "objection time exceeds 30 days")
    refuse(fee_bps > MOST_FEE_BPS, "fee exceeds 2000 basis points")


def _chosen(community: Community) -> tuple[Any, ...]:
    """What only the authority changes, but for the first."""
    policy = (community.objection_time, community.fee_bps)
    return community.authority, community.pending_authority, community.paused, *policy
