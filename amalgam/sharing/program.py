"""The energy_sharing program as Python sees it: addresses, accounts, events and instructions.

Everything here is pure, and follows the IDL that is built with the program.

Energy is Wh. Payments are base units of any mint. Times are Unix seconds, ratios basis points. A digest is 32
bytes, which the program has as an address.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import get_args

from based58 import b58encode
from solana.rpc.types import MemcmpOpts
from solders.instruction import Instruction
from solders.pubkey import Pubkey

from amalgam.chain.layout import EventReader, ProgramLayout, RecordLayout, checked

PROGRAM_ID = Pubkey.from_string("6KFWpPXXubewkuDbGxcyidwCg1VCsbGVjwSq3naDFRsU")
BPS = 10_000
MAX_FEE_BPS = 2_000
MAX_OBJECTION_TIME = 2_592_000  # s
POSTING_TIME = 604_800  # s; a period that is not closed then can be withdrawn by anyone
MAX_PERIOD = 31_622_400  # s

_LAYOUT = ProgramLayout("energy_sharing", PROGRAM_ID)


# Addresses


def community_address(creator: Pubkey, payment_mint: Pubkey) -> Pubkey:
    """The community that `creator` initializes of a mint; a later change of authority does not move it."""
    return _LAYOUT.address(b"community", bytes(creator), bytes(payment_mint))


def vault_address(community: Pubkey) -> Pubkey:
    """Where balances and the reserve lie."""
    return _LAYOUT.address(b"vault", bytes(community))


def participant_address(community: Pubkey, owner: Pubkey) -> Pubkey:
    """An owner's account in a community."""
    return _LAYOUT.address(b"participant", bytes(community), bytes(owner))


def period_address(community: Pubkey, number: int) -> Pubkey:
    """One of a community's periods. Raises ValueError if the number is none of 0 to 255."""
    return _LAYOUT.address(b"period", bytes(community), bytes([checked("number", "u8", number)]))


def line_address(period: Pubkey, participant: Pubkey) -> Pubkey:
    """A participant's line of a period account."""
    return _LAYOUT.address(b"line", bytes(period), bytes(participant))


# Accounts


class State(IntEnum):
    """What can be done with a period. The numbers are the program's own."""

    UNUSED = 0
    POSTING = 1
    CLOSED = 2
    SETTLED = 3
    WITHDRAWN = 4


@dataclass(frozen=True, slots=True)
class Community:
    """A community: who settles, by which policy, and what its vault holds for whom."""

    creator: Pubkey
    authority: Pubkey
    pending_authority: Pubkey  # the authority itself if nobody is proposed
    payment_mint: Pubkey
    vault: Pubkey
    prepaid: int  # the sum of all balances
    reserve: int  # the authority's
    reserve_pledged: int  # of that, for lines that are posted
    participant_count: int  # in the next period
    run: int  # of the period under way; 0 if none is
    settled_until: int  # Unix s
    objection_time: int  # s, of periods that begin from now on
    sequence: int  # events so far; each event carries it
    fee_bps: int  # of the charges, at most, likewise
    paused: bool
    bump: int

    @classmethod
    def from_bytes(cls, data: bytes) -> "Community":
        """Decode an account's data. Raises ValueError if it is not a Community's."""
        return _COMMUNITY.decode(data)

    @property
    def free_reserve(self) -> int:
        """Of the reserve what is not pledged."""
        return self.reserve - self.reserve_pledged


@dataclass(frozen=True, slots=True)
class Participant:
    """A member of a community: what they prepaid, or owe."""

    community: Pubkey
    owner: Pubkey
    joined: int  # sequence of the event that admitted them; 0 if none has
    left: int  # sequence of the event by which they left; 0 while they are in
    funds: int  # the balance
    owed: int  # to the reserve
    credit_limit: int  # that may be owed
    pledged: int  # of the balance, while the period with this run is under way
    run: int

    @classmethod
    def from_bytes(cls, data: bytes) -> "Participant":
        """Decode an account's data. Raises ValueError if it is not a Participant's."""
        return _PARTICIPANT.decode(data)

    @staticmethod
    def filters(community: Pubkey) -> list[MemcmpOpts]:
        """The filters with which getProgramAccounts finds a community's participants."""
        return _filters(_PARTICIPANT, community=community)

    @property
    def address(self) -> Pubkey:
        """Where it is."""
        return participant_address(self.community, self.owner)

    @property
    def is_admitted(self) -> bool:
        """Whether they are in the next period."""
        return self.joined > 0 and self.left == 0

    def is_in(self, run: int) -> bool:
        """Whether they are in the period with that run."""
        return 0 < self.joined < run and (self.left == 0 or self.left > run)

    def free(self, community: Community) -> int:
        """Of the balance what can be taken out."""
        return self.funds - (self.pledged if self.run == community.run else 0)


@dataclass(frozen=True, slots=True)
class Period:
    """The latest period that was settled with this account, and the sums of its lines."""

    community: Pubkey
    digest: Pubkey  # SHA-256 of the readings and the rule: 32 bytes, like an address
    run: int  # sequence of the event that began this settlement
    starts_at: int
    ends_at: int
    begun_at: int
    closed_at: int
    objection_time: int  # s
    participant_count: int
    posted_count: int
    settled_count: int
    objection_count: int
    shared_in: int  # Wh
    shared_out: int  # Wh
    charges: int
    credits: int
    collected: int  # by lines that are settled
    paid: int  # likewise
    fee_bps: int
    number: int
    state: State

    @classmethod
    def from_bytes(cls, data: bytes) -> "Period":
        """Decode an account's data. Raises ValueError if it is not a Period's."""
        return _PERIOD.decode(data)

    @staticmethod
    def filters(community: Pubkey) -> list[MemcmpOpts]:
        """The filters with which getProgramAccounts finds a community's periods."""
        return _filters(_PERIOD, community=community)

    @property
    def address(self) -> Pubkey:
        """Where it is."""
        return period_address(self.community, self.number)

    @property
    def is_under_way(self) -> bool:
        """Whether it is posted, or waits to be settled."""
        return self.state in (State.POSTING, State.CLOSED)

    @property
    def settles_at(self) -> int:
        """Unix seconds from which on anyone settles it, once it is closed."""
        return self.closed_at + self.objection_time


@dataclass(frozen=True, slots=True)
class Line:
    """A participant's part of the latest period for which it was posted."""

    period: Pubkey
    participant: Pubkey
    run: int  # of the period that it was posted for; 0 if it never was
    shared_in: int  # Wh
    shared_out: int  # Wh
    charge: int
    credit: int
    lent: int  # of the reserve, pledged for it
    objected: bool
    settled: bool

    @classmethod
    def from_bytes(cls, data: bytes) -> "Line":
        """Decode an account's data. Raises ValueError if it is not a Line's."""
        return _LINE.decode(data)

    @staticmethod
    def filters(period: Pubkey) -> list[MemcmpOpts]:
        """The filters with which getProgramAccounts finds the lines of a period account."""
        return _filters(_LINE, period=period)

    @property
    def address(self) -> Pubkey:
        """Where it is."""
        return line_address(self.period, self.participant)


def _filters(
    layout: RecordLayout[Participant] | RecordLayout[Period] | RecordLayout[Line], **of: Pubkey
) -> list[MemcmpOpts]:
    return [
        MemcmpOpts(0, b58encode(layout.discriminator).decode()),
        *(MemcmpOpts(layout.offsets[name], str(address)) for name, address in of.items()),
    ]


# Events: the totals are those after the operation


@dataclass(frozen=True, slots=True)
class CommunityInitialized:
    """A community was created, and its vault."""

    community: Pubkey
    authority: Pubkey
    payment_mint: Pubkey
    vault: Pubkey
    objection_time: int
    fee_bps: int
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class CommunityPaused:
    """No admissions, deposits, and periods begun or posted from here on."""

    community: Pubkey
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class CommunityResumed:
    """All of these again."""

    community: Pubkey
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class AuthorityProposed:
    """`proposed` may accept the authority; if it is the authority itself, nobody may any more."""

    community: Pubkey
    proposed: Pubkey  # the authority itself if a proposal was cancelled
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class AuthorityAccepted:
    """The community has this authority from here on, who has the reserve."""

    community: Pubkey
    authority: Pubkey
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class PolicySet:
    """Periods that begin from here on have this."""

    community: Pubkey
    objection_time: int
    fee_bps: int
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class ReserveDeposited:
    """The authority has added to what it lends from."""

    community: Pubkey
    amount: int
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class ReserveWithdrawn:
    """The authority has taken out a part of what is not pledged."""

    community: Pubkey
    amount: int
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class ParticipantOpened:
    """An account for an owner, who is not admitted yet."""

    community: Pubkey
    participant: Pubkey
    owner: Pubkey
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class ParticipantAdmitted:
    """Somebody is in, from the next period on."""

    community: Pubkey
    participant: Pubkey
    credit_limit: int
    participant_count: int
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class CreditLimitSet:
    """A participant may owe this much."""

    community: Pubkey
    participant: Pubkey
    credit_limit: int
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    """Somebody is out, from the next period on."""

    community: Pubkey
    participant: Pubkey
    participant_count: int
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Deposited:
    """A participant has prepaid, and first paid back what they owed."""

    community: Pubkey
    participant: Pubkey
    amount: int
    repaid: int  # of that, to the reserve
    funds: int  # the balance
    owed: int
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A participant has taken out a part of what is not pledged."""

    community: Pubkey
    participant: Pubkey
    amount: int
    funds: int  # the balance
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class PeriodOpened:
    """An account for periods, one after the other."""

    community: Pubkey
    period: Pubkey
    number: int
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class PeriodBegun:
    """A period is posted from here on; its sequence is the period's run."""

    community: Pubkey
    period: Pubkey
    starts_at: int
    ends_at: int
    digest: Pubkey  # SHA-256: 32 bytes, like an address
    participant_count: int
    objection_time: int
    fee_bps: int
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class LineOpened:
    """An account for a participant's lines of a period account, one after the other."""

    community: Pubkey
    period: Pubkey
    participant: Pubkey
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class LinePosted:
    """A participant's part of a period, and what is pledged for it."""

    community: Pubkey
    period: Pubkey
    participant: Pubkey
    shared_in: int
    shared_out: int
    charge: int
    credit: int
    pledged: int  # of the balance
    lent: int  # pledged of the reserve
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class PeriodClosed:
    """All lines are posted; the time for objections has begun."""

    community: Pubkey
    period: Pubkey
    shared: int  # Wh
    charges: int
    credits: int
    settles_at: int  # from then on anyone settles it
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class ObjectionRaised:
    """A participant objects to their line."""

    community: Pubkey
    period: Pubkey
    participant: Pubkey
    objection_count: int
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class PeriodWithdrawn:
    """A period was called off: nothing is pledged for it any more."""

    community: Pubkey
    period: Pubkey
    posted_count: int
    objection_count: int
    prepaid: int
    reserve: int
    sequence: int


@dataclass(frozen=True, slots=True)
class LineSettled:
    """A participant has paid the charge and got the credit."""

    community: Pubkey
    period: Pubkey
    participant: Pubkey
    charge: int
    credit: int
    funds: int  # the balance
    owed: int
    unsettled: int  # lines that wait on; 0 if the period is settled with this one
    prepaid: int
    reserve: int
    sequence: int


Event = (
    CommunityInitialized
    | CommunityPaused
    | CommunityResumed
    | AuthorityProposed
    | AuthorityAccepted
    | PolicySet
    | ReserveDeposited
    | ReserveWithdrawn
    | ParticipantOpened
    | ParticipantAdmitted
    | CreditLimitSet
    | ParticipantLeft
    | Deposited
    | Withdrawn
    | PeriodOpened
    | PeriodBegun
    | LineOpened
    | LinePosted
    | PeriodClosed
    | ObjectionRaised
    | PeriodWithdrawn
    | LineSettled
)


ACCOUNTS = (Community, Participant, Period, Line)


def events(logs: Iterable[str]) -> list[Event]:
    """The program's events in a transaction's logs, as `EventReader.read` finds them."""
    return EVENTS.read(logs)


# Instructions


def initialize(
    *, authority: Pubkey, payment_mint: Pubkey, objection_time: int, fee_bps: int = 0
) -> Instruction:
    """Create a community and its vault, at the authority's expense.

    Args:
        authority: Signs, pays and may later admit and settle.
        payment_mint: Of the tokens that are prepaid.
        objection_time: Seconds between the end of posting and settlement, at most 2,592,000.
        fee_bps: Of the charges, what the community may keep at most; up to 2,000 basis points.
    """
    community = community_address(authority, payment_mint)
    return _LAYOUT.build(
        "initialize",
        authority=authority,
        payment_mint=payment_mint,
        community=community,
        vault=vault_address(community),
        objection_time=objection_time,
        fee_bps=fee_bps,
    )


def pause(*, authority: Pubkey, community: Pubkey) -> Instruction:
    """Stop admissions, deposits, and the beginning and posting of periods."""
    return _LAYOUT.build("pause", authority=authority, community=community)


def resume(*, authority: Pubkey, community: Pubkey) -> Instruction:
    """Go on with them."""
    return _LAYOUT.build("resume", authority=authority, community=community)


def propose_authority(*, authority: Pubkey, community: Pubkey, proposed: Pubkey) -> Instruction:
    """Offer the authority to `proposed`, who has to accept it. Proposing oneself cancels."""
    return _LAYOUT.build("propose_authority", authority=authority, community=community, proposed=proposed)


def accept_authority(*, authority: Pubkey, community: Pubkey) -> Instruction:
    """Become the authority, as the key that was proposed, and get the reserve."""
    return _LAYOUT.build("accept_authority", authority=authority, community=community)


def set_policy(*, authority: Pubkey, community: Pubkey, objection_time: int, fee_bps: int) -> Instruction:
    """Set what periods that begin from now on have. Units: `initialize`."""
    return _LAYOUT.build(
        "set_policy",
        authority=authority,
        community=community,
        objection_time=objection_time,
        fee_bps=fee_bps,
    )


def deposit_reserve(*, authority: Pubkey, community: Pubkey, source: Pubkey, amount: int) -> Instruction:
    """Add to what the authority lends from, out of a token account of theirs."""
    return _LAYOUT.build(
        "deposit_reserve",
        authority=authority,
        community=community,
        vault=vault_address(community),
        source=source,
        amount=amount,
    )


def withdraw_reserve(
    *, authority: Pubkey, community: Pubkey, destination: Pubkey, amount: int
) -> Instruction:
    """Take out what of the reserve is not pledged, to any token account of the mint."""
    return _LAYOUT.build(
        "withdraw_reserve",
        authority=authority,
        community=community,
        vault=vault_address(community),
        destination=destination,
        amount=amount,
    )


def open_participant(*, payer: Pubkey, community: Pubkey, owner: Pubkey) -> Instruction:
    """Open an account for any owner, at the payer's expense. The authority has to admit them."""
    return _LAYOUT.build(
        "open_participant",
        payer=payer,
        community=community,
        participant=participant_address(community, owner),
        owner=owner,
    )


def admit(*, authority: Pubkey, community: Pubkey, owner: Pubkey, credit_limit: int = 0) -> Instruction:
    """Take somebody in, from the next period on, who may owe up to a limit."""
    return _LAYOUT.build(
        "admit",
        authority=authority,
        community=community,
        participant=participant_address(community, owner),
        credit_limit=credit_limit,
    )


def set_credit_limit(
    *, authority: Pubkey, community: Pubkey, owner: Pubkey, credit_limit: int
) -> Instruction:
    """Set what a participant may owe, for lines that are posted from now on."""
    return _LAYOUT.build(
        "set_credit_limit",
        authority=authority,
        community=community,
        participant=participant_address(community, owner),
        credit_limit=credit_limit,
    )


def leave(*, signer: Pubkey, community: Pubkey, owner: Pubkey) -> Instruction:
    """Leave, as the owner, or dismiss them, as the authority. The balance stays the owner's."""
    return _LAYOUT.build(
        "leave", signer=signer, community=community, participant=participant_address(community, owner)
    )


def deposit(*, owner: Pubkey, community: Pubkey, source: Pubkey, amount: int) -> Instruction:
    """Prepay out of a token account of the owner's. What is owed is paid back first."""
    return _LAYOUT.build(
        "deposit",
        owner=owner,
        community=community,
        participant=participant_address(community, owner),
        vault=vault_address(community),
        source=source,
        amount=amount,
    )


def withdraw(*, owner: Pubkey, community: Pubkey, destination: Pubkey, amount: int) -> Instruction:
    """Take out what of the balance is not pledged, to any token account of the mint."""
    return _LAYOUT.build(
        "withdraw",
        owner=owner,
        community=community,
        participant=participant_address(community, owner),
        vault=vault_address(community),
        destination=destination,
        amount=amount,
    )


def open_period(*, payer: Pubkey, community: Pubkey, number: int) -> Instruction:
    """Open an account for periods, one after the other, at the payer's expense."""
    return _LAYOUT.build(
        "open_period",
        payer=payer,
        community=community,
        period=period_address(community, number),
        number=number,
    )


def begin_period(
    *, authority: Pubkey, community: Pubkey, number: int, starts_at: int, ends_at: int, digest: bytes
) -> Instruction:
    """Begin to settle a period that is over, of everybody who is admitted now.

    Args:
        authority: The community's; signs.
        community: Whose period it is.
        number: Of one of its period accounts.
        starts_at: Unix seconds, not before the end of the last period that was settled.
        ends_at: Unix seconds, in the past, and within 366 days of the start.
        digest: SHA-256 of the readings and the rule.

    Raises ValueError if the digest has not 32 bytes.
    """
    if len(digest) != Pubkey.LENGTH:
        raise ValueError(f"digest must have {Pubkey.LENGTH} bytes, not {len(digest)}")
    return _LAYOUT.build(
        "begin_period",
        authority=authority,
        community=community,
        period=period_address(community, number),
        starts_at=starts_at,
        ends_at=ends_at,
        digest=Pubkey.from_bytes(digest),
    )


def open_line(*, payer: Pubkey, community: Pubkey, number: int, owner: Pubkey) -> Instruction:
    """Open a participant's line of a period account, at the payer's expense: one after the other."""
    return _LAYOUT.build("open_line", payer=payer, **_line(community, number, owner))


def post_line(
    *,
    authority: Pubkey,
    community: Pubkey,
    number: int,
    owner: Pubkey,
    shared_in: int,
    shared_out: int,
    charge: int,
    credit: int,
) -> Instruction:
    """Post a participant's part of the period under way, and pledge what it takes.

    Args:
        authority: The community's; signs.
        community: Whose period it is.
        number: The period's.
        owner: The participant's.
        shared_in: Wh that were passed on to them.
        shared_out: Wh that they passed on.
        charge: For the former.
        credit: For the latter. What the charge exceeds it by is at most balance and credit limit.
    """
    return _LAYOUT.build(
        "post_line",
        authority=authority,
        **_line(community, number, owner),
        shared_in=shared_in,
        shared_out=shared_out,
        charge=charge,
        credit=credit,
    )


def close_period(*, authority: Pubkey, community: Pubkey, number: int) -> Instruction:
    """End the posting: the time for objections begins."""
    return _LAYOUT.build(
        "close_period", authority=authority, community=community, period=period_address(community, number)
    )


def raise_objection(*, owner: Pubkey, community: Pubkey, number: int) -> Instruction:
    """Object to one's own line, in public."""
    return _LAYOUT.build("raise_objection", owner=owner, **_line(community, number, owner))


def withdraw_period(*, signer: Pubkey, community: Pubkey, number: int) -> Instruction:
    """Call a period off as the authority, before its first line is settled, or as anyone if it has lapsed."""
    return _LAYOUT.build(
        "withdraw_period", signer=signer, community=community, period=period_address(community, number)
    )


def settle_line(*, community: Pubkey, number: int, owner: Pubkey) -> Instruction:
    """Settle a line after the time for objections. Anyone may do it; those that take come first."""
    return _LAYOUT.build("settle_line", **_line(community, number, owner))


def _line(community: Pubkey, number: int, owner: Pubkey) -> dict[str, Pubkey]:
    period, participant = period_address(community, number), participant_address(community, owner)
    return {
        "community": community,
        "period": period,
        "participant": participant,
        "line": line_address(period, participant),
    }


_COMMUNITY = _LAYOUT.account(Community)
_PARTICIPANT = _LAYOUT.account(Participant)
_PERIOD = _LAYOUT.account(Period)
_LINE = _LAYOUT.account(Line)
EVENTS: EventReader[Event] = _LAYOUT.events(get_args(Event))
