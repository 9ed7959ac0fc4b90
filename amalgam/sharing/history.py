"""A community rebuilt from its events alone: its participants, periods and lines."""

from dataclasses import replace

from solders.pubkey import Pubkey

from amalgam.chain.events import BrokenHistoryError
from amalgam.chain.ledger_history import LedgerHistory
from amalgam.sharing.program import (
    PROGRAM_ID,
    AuthorityAccepted,
    AuthorityProposed,
    Community,
    CommunityInitialized,
    CommunityPaused,
    CommunityResumed,
    CreditLimitSet,
    Deposited,
    Event,
    Line,
    LineOpened,
    LinePosted,
    LineSettled,
    ObjectionRaised,
    Participant,
    ParticipantAdmitted,
    ParticipantLeft,
    ParticipantOpened,
    Period,
    PeriodBegun,
    PeriodClosed,
    PeriodOpened,
    PeriodWithdrawn,
    PolicySet,
    ReserveDeposited,
    ReserveWithdrawn,
    State,
    Withdrawn,
    community_address,
    line_address,
    participant_address,
    period_address,
    vault_address,
)

_NOWHERE = Pubkey.default()
_TERMS = ("starts_at", "ends_at", "digest", "participant_count", "objection_time", "fee_bps")
_COUNTED = (
    *("closed_at", "posted_count", "settled_count", "objection_count"),
    *("shared_in", "shared_out", "charges", "credits", "collected", "paid"),
)
_OF_A_PARTICIPANT = ("joined", "left", "funds", "owed", "credit_limit", "pledged", "run")
_AMOUNTS = ("shared_in", "shared_out", "charge", "credit")


class History(LedgerHistory[Event]):
    """A community as its events tell it so far."""

    first = CommunityInitialized

    @property
    def community(self) -> Community:
        """What the account at `address` holds after the latest event."""
        return self.accounts[self.address]

    def _take(self, event: Event, unix_timestamp: int | None) -> None:
        match event:
            case CommunityInitialized():
                self._initialize(event)
            case CommunityPaused() | CommunityResumed():
                self._set(self.address, event, paused=isinstance(event, CommunityPaused))
            case AuthorityProposed():
                self._set(self.address, event, pending_authority=event.proposed)
            case AuthorityAccepted():
                self._compare(event, authority=self.community.pending_authority)
                self._set(self.address, event, authority=event.authority)
            case PolicySet():
                policy = {"objection_time": event.objection_time, "fee_bps": event.fee_bps}
                self._set(self.address, event, **policy)
            case ReserveDeposited():
                self._hold(event, reserve=event.amount)
            case ReserveWithdrawn():
                self._hold(event, reserve=-event.amount)
            case ParticipantOpened():
                self._compare(event, participant=participant_address(self.address, event.owner))
                opened = Participant(self.address, event.owner, **dict.fromkeys(_OF_A_PARTICIPANT, 0))
                self._add(event.participant, event, opened)
            case ParticipantAdmitted() | ParticipantLeft() | CreditLimitSet() | Deposited() | Withdrawn():
                self._participate(event, self._get(event.participant, event, Participant))
            case PeriodOpened():
                self._open_period(event)
            case LineOpened():
                self._open_line(event)
            case LinePosted() | LineSettled() | ObjectionRaised():
                self._line(event, self._get(event.period, event, Period))
            case PeriodBegun():
                self._begin(event, self._get(event.period, event, Period), unix_timestamp)
            case PeriodClosed() | PeriodWithdrawn():
                self._end(event, self._get(event.period, event, Period))
        self._compare(event, prepaid=self.community.prepaid, reserve=self.community.reserve)

    def _hold(self, event: Event, *, prepaid: int = 0, reserve: int = 0, pledged: int = 0) -> None:
        """Add to what the vault holds for others, and to what of it is pledged."""
        now = self.community
        held = {"prepaid": now.prepaid + prepaid, "reserve": now.reserve + reserve}
        self._set(self.address, event, **held, reserve_pledged=now.reserve_pledged + pledged)

    def _initialize(self, event: CommunityInitialized) -> None:
        made_of = (event.authority, event.payment_mint)
        address = community_address(*made_of)
        self._compare(event, community=address, vault=vault_address(address))
        _, bump = Pubkey.find_program_address([b"community", *map(bytes, made_of)], PROGRAM_ID)
        self.accounts[self.address] = Community(
            creator=event.authority,
            authority=event.authority,
            pending_authority=event.authority,
            payment_mint=event.payment_mint,
            vault=event.vault,
            prepaid=0,
            reserve=0,
            reserve_pledged=0,
            participant_count=0,
            run=0,
            settled_until=0,
            objection_time=event.objection_time,
            sequence=1,
            fee_bps=event.fee_bps,
            paused=False,
            bump=bump,
        )

    # Participants

    def _participate(
        self,
        event: ParticipantAdmitted | ParticipantLeft | CreditLimitSet | Deposited | Withdrawn,
        participant: Participant,
    ) -> None:
        match event:
            case ParticipantAdmitted():
                self._count(event, self.community.participant_count + 1)
                admitted = {"joined": event.sequence, "left": 0, "credit_limit": event.credit_limit}
                self._set(event.participant, event, **admitted)
            case ParticipantLeft():
                self._count(event, self.community.participant_count - 1)
                self._set(event.participant, event, left=event.sequence)
            case CreditLimitSet():
                self._set(event.participant, event, credit_limit=event.credit_limit)
            case Deposited():
                repaid = min(event.amount, participant.owed)
                after = {
                    "funds": participant.funds + event.amount - repaid,
                    "owed": participant.owed - repaid,
                }
                self._compare(event, repaid=repaid, **after)
                self._set(event.participant, event, **after)
                self._hold(event, prepaid=event.amount - repaid, reserve=repaid)
            case Withdrawn():
                self._compare(event, funds=participant.funds - event.amount)
                self._set(event.participant, event, funds=event.funds)
                self._hold(event, prepaid=-event.amount)

    def _count(self, event: ParticipantAdmitted | ParticipantLeft, count: int) -> None:
        self._compare(event, participant_count=count)
        self._set(self.address, event, participant_count=count)

    # Periods

    def _open_period(self, event: PeriodOpened) -> None:
        self._compare(event, period=period_address(self.address, event.number))
        opened = Period(
            self.address,
            digest=_NOWHERE,
            run=0,
            starts_at=0,
            ends_at=0,
            begun_at=0,
            **dict.fromkeys(_COUNTED, 0),
            objection_time=0,
            participant_count=0,
            fee_bps=0,
            number=event.number,
            state=State.UNUSED,
        )
        self._add(event.period, event, opened)

    def _begin(self, event: PeriodBegun, period: Period, unix_timestamp: int | None) -> None:
        """The event does not say when it was begun, from which on its posting may lapse: the block does."""
        if unix_timestamp is None:
            raise BrokenHistoryError(
                f"the time of event {event.sequence} is not known, and it depends on that"
            )
        now = self.community
        policy = {"objection_time": now.objection_time, "fee_bps": now.fee_bps}
        self._compare(event, participant_count=now.participant_count, **policy)
        self.accounts[event.period] = replace(
            period,
            run=event.sequence,
            begun_at=unix_timestamp,
            **{name: getattr(event, name) for name in _TERMS},
            **dict.fromkeys(_COUNTED, 0),
            state=State.POSTING,
        )
        self._set(self.address, event, run=event.sequence)

    def _end(self, event: PeriodClosed | PeriodWithdrawn, period: Period) -> None:
        match event:
            case PeriodClosed():
                sums = {"shared": period.shared_out, "charges": period.charges, "credits": period.credits}
                self._compare(event, **sums)
                closed_at = event.settles_at - period.objection_time
                self._set(event.period, event, closed_at=closed_at, state=State.CLOSED)
            case PeriodWithdrawn():
                counts = {"posted_count": period.posted_count, "objection_count": period.objection_count}
                self._compare(event, **counts)
                self._set(event.period, event, state=State.WITHDRAWN)
                self._set(self.address, event, run=0, reserve_pledged=0)

    # Lines

    def _open_line(self, event: LineOpened) -> None:
        self._get(event.period, event, Period)
        self._get(event.participant, event, Participant)
        opened = Line(
            event.period,
            event.participant,
            run=0,
            **dict.fromkeys(_AMOUNTS, 0),
            lent=0,
            objected=False,
            settled=False,
        )
        self._add(line_address(event.period, event.participant), event, opened)

    def _line(self, event: LinePosted | LineSettled | ObjectionRaised, period: Period) -> None:
        address = line_address(event.period, event.participant)
        line = self._get(address, event, Line)
        match event:
            case LinePosted():
                self._post(event, period, address)
            case ObjectionRaised():
                self._compare(event, objection_count=period.objection_count + 1)
                self._set(event.period, event, objection_count=event.objection_count)
                self._set(address, event, objected=True)
            case LineSettled():
                self._compare(event, charge=line.charge, credit=line.credit)
                self._settle(event, period, line)
                self._set(address, event, settled=True)

    def _post(self, event: LinePosted, period: Period, address: Pubkey) -> None:
        participant = self._get(event.participant, event, Participant)
        _, owed = _after(participant, event)
        pledged = min(participant.funds, max(event.charge - event.credit, 0))
        self._compare(event, pledged=pledged, lent=max(owed - participant.owed, 0))
        self._set(event.participant, event, pledged=pledged, run=period.run)
        self._set(
            address,
            event,
            run=period.run,
            **{name: getattr(event, name) for name in _AMOUNTS},
            lent=event.lent,
            objected=False,
            settled=False,
        )
        self._set(
            event.period,
            event,
            posted_count=period.posted_count + 1,
            shared_in=period.shared_in + event.shared_in,
            shared_out=period.shared_out + event.shared_out,
            charges=period.charges + event.charge,
            credits=period.credits + event.credit,
        )
        self._hold(event, pledged=event.lent)

    def _settle(self, event: LineSettled, period: Period, line: Line) -> None:
        participant = self._get(event.participant, event, Participant)
        funds, owed = _after(participant, event)
        settled = replace(
            period,
            collected=period.collected + event.charge,
            paid=period.paid + event.credit,
            settled_count=period.settled_count + 1,
        )
        unsettled = settled.participant_count - settled.settled_count
        self._compare(event, funds=funds, owed=owed, unsettled=unsettled)
        self._set(event.participant, event, funds=funds, owed=owed, pledged=0)
        lent = owed - participant.owed
        self._hold(event, prepaid=funds - participant.funds, reserve=-lent, pledged=-line.lent)
        if unsettled == 0:
            settled = replace(settled, state=State.SETTLED)
            self._hold(event, reserve=settled.collected - settled.paid)
            self._set(self.address, event, run=0, settled_until=settled.ends_at)
        self.accounts[event.period] = settled


def _after(participant: Participant, part: LinePosted | LineSettled) -> tuple[int, int]:
    """What a participant has, and owes, once a line is settled."""
    net = participant.funds - participant.owed + part.credit - part.charge
    return max(net, 0), max(-net, 0)
