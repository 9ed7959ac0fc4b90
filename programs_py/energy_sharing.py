"""energy_sharing: a community settles what its members have shared.

Members prepay. For each period, like a month, the authority names the SHA-256 of the readings and of
the rule by which they are shared, posts a line for each participant, and closes the period. After a
time for objections anyone settles it, line by line: charges go from balance to balance as credits.

Accounts
    Community    PDA 'community', creator, payment mint. Who settles, by which policy, its totals.
    vault        PDA 'vault', community. Payment tokens: balances, and the authority's reserve.
    Participant  PDA 'participant', community, owner. A member: what they prepaid, or owe.
    Period       PDA 'period', community, number. What is settled: one period after the other.
    Line         PDA 'line', period, participant. A member's part of it: likewise.

Units
    Energy is Wh. Payments are base units of any mint. Times are Unix seconds, ratios basis points
    (10,000 = 1).

Settlement
    A line has what its participant was passed on and passed on, a charge for the one and a credit
    for the other. Both are settled at once, so what counts is the difference.
    What a line takes is at most the balance and the credit limit. The part that is in the balance is
    pledged from the posting on: it cannot be taken out. The rest is a loan out of the reserve, for
    which as much of the reserve is pledged. So each line that is posted can be settled, and who
    prepays nothing blocks nobody: the authority lends, or leaves them out of the sharing.
    Lines that take are settled before those that bring, so that credits are paid of what is
    collected, and the vault covers every balance at any time. A loan is paid back by what comes next,
    a credit or a deposit.
    The fee of a period is what its charges exceed its credits by: at most the part of the charges that the
    policy names, and a base unit for each charge and each credit, which are rounded. It goes to the reserve.

Who takes part
    A period needs a line of everybody who is a participant when it begins: who comes later is in the next
    one, who leaves later is still in this one. Who has left during a period is admitted again after it.
    One period is under way at a time, and none begins before the end of the last that was settled.

Trust
    The authority is trusted with what lines say, and with nothing else: a line takes at most what its
    participant prepaid. It shows if a line is false, as anyone with the readings and the rule can compute
    it: a participant objects in public, and has no more there than the next period costs. The
    reserve is the authority's own, as is the risk of loans; whoever accepts the authority gets both.
    The mint's own authorities are trusted by whoever prepays it: one that can freeze can freeze the vault.
    Settling moves no tokens, so no frozen account holds it up.

What always holds
    1. The vault holds at least prepaid, reserve and what the period under way has collected and not yet
       paid; more only by donations sent straight to it.
    2. prepaid is the sum of all balances. Nobody has a balance and a debt at once.
    3. In a period that is closed, what was passed on is what was received, and charges are credits and
       the fee.
    4. A period is closed only with a line of everybody who is in it, and each line is settled once.
    5. A settled line changes what its participant has, or owes, by its credit less its charge, exactly.
       Nobody owes more than a limit that the authority set before the line was posted.
    6. Only the owner's signature takes out what a balance holds; all but what is pledged for a period
       under way can be taken out at any time, also by who has left.
    7. Nothing that a participant does, or leaves undone, holds up a period or another's line. A period
       that is not closed in a week, or withdrawn, pledges nothing any more.
    8. A period that is withdrawn changes no balance; it can be posted anew, and no old line counts in it.
    9. An operation in one community changes no byte of another.

How to stop it
    The authority's pause stops admissions, deposits, and the beginning and posting of periods. Nothing
    stops objections, withdrawals of any kind, and the settlement of what is closed.

Known attacks
    An authority can charge a participant all that they prepaid, for nothing, and pledge it as long as it
    posts one period after the other: prepay what a period costs. What is lent without
    need is the authority's loss: nobody has to pay a debt in.
    The fee is limited by charges that the authority states. One that states a charge and a credit too
    high for a participant keeps more than its policy says, of what they prepaid: their line shows it.
    Who takes out what they prepaid before their line is posted gets energy for nothing, if the authority
    lends: the limit is what it may cost. A limit, a deposit to the reserve and a line fit into one
    transaction, so that nobody gets in between.
    Who leaves just before a period begins is not in it: what they owe for it is settled outside. What
    they are to get is in the authority's hands too, as all lines are.
    An objection is an event and a mark, and costs a fee: it proves nothing, and holds up nothing. The
    authority can withdraw a period until its first line is settled, also without an objection.
    A digest proves which readings and which rule were used to those who have them, not that meters are
    right.
    Seahorse loads each account into a copy of its own: every pair of one type is asserted distinct, and
    every relation between accounts is asserted where it is used.
    Seahorse cannot close accounts: a Period and a Line are used again, and their rents are paid once. As many
    periods stay to be read as there are numbers in use.
"""

from seahorse.prelude import *

declare_id("6KFWpPXXubewkuDbGxcyidwCg1VCsbGVjwSq3naDFRsU")

BPS = 10_000
MAX_FEE_BPS = 2_000  # 20 %
MAX_OBJECTION_TIME = 2_592_000  # s, 30 days
POSTING_TIME = 604_800  # s from the beginning of a period; what is not closed then can be withdrawn by anyone
MAX_PERIOD = 31_622_400  # s, a leap year


class State(Enum):
    UNUSED = 0
    POSTING = 1
    CLOSED = 2
    SETTLED = 3
    WITHDRAWN = 4


class Community(Account):
    creator: Pubkey  # the authority at creation: part of the address, and so never changed
    authority: Pubkey
    pending_authority: Pubkey  # proposed by the authority; itself if nobody is
    payment_mint: Pubkey
    vault: Pubkey
    prepaid: u64  # base units, the sum of all balances
    reserve: u64  # base units, the authority's: what it lends from
    reserve_pledged: u64  # of that, for lines that are posted
    participant_count: u64  # those who are in the next period
    run: u64  # of the period under way; 0 if none is
    settled_until: i64  # the end of the last period that was settled
    objection_time: i64  # s, of periods that begin from now on
    sequence: u64  # events so far; each event carries it
    fee_bps: u16  # of the charges, at most, in periods that begin from now on
    paused: bool
    bump: u8


class Participant(Account):
    community: Pubkey
    owner: Pubkey
    joined: u64  # sequence of the event that admitted them; 0 if none has
    left: u64  # sequence of the event by which they left; 0 while they are in
    funds: u64  # the balance
    owed: u64  # to the reserve
    credit_limit: u64  # that may be owed
    pledged: u64  # of the balance, while the period with this run is under way
    run: u64


class Period(Account):
    community: Pubkey
    digest: Pubkey  # 32 bytes, SHA-256 of the readings and the rule: Seahorse takes no array as argument
    run: u64  # sequence of the event that began this settlement: tells its lines from earlier ones
    starts_at: i64
    ends_at: i64
    begun_at: i64
    closed_at: i64
    objection_time: i64
    participant_count: u64
    posted_count: u64
    settled_count: u64
    objection_count: u64
    shared_in: u64  # Wh, of all lines, as are the following
    shared_out: u64
    charges: u64
    credits: u64
    collected: u64  # by lines that are settled
    paid: u64  # likewise
    fee_bps: u16
    number: u8  # tells the community's periods apart: part of the address
    state: State


class Line(Account):
    period: Pubkey
    participant: Pubkey
    run: u64  # of the period that it was posted for; 0 if it never was
    shared_in: u64  # Wh
    shared_out: u64  # Wh
    charge: u64
    credit: u64
    lent: u64  # of the reserve, pledged for it
    objected: bool
    settled: bool


@dataclass
class CommunityInitialized(Event):
    community: Pubkey
    authority: Pubkey
    payment_mint: Pubkey
    vault: Pubkey
    objection_time: i64
    fee_bps: u16
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class CommunityPaused(Event):
    community: Pubkey
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class CommunityResumed(Event):
    community: Pubkey
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class AuthorityProposed(Event):
    community: Pubkey
    proposed: Pubkey  # the authority itself if a proposal was cancelled
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class AuthorityAccepted(Event):
    community: Pubkey
    authority: Pubkey
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class PolicySet(Event):
    community: Pubkey
    objection_time: i64
    fee_bps: u16
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class ReserveDeposited(Event):
    community: Pubkey
    amount: u64
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class ReserveWithdrawn(Event):
    community: Pubkey
    amount: u64
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class ParticipantOpened(Event):
    community: Pubkey
    participant: Pubkey
    owner: Pubkey
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class ParticipantAdmitted(Event):
    community: Pubkey
    participant: Pubkey
    credit_limit: u64
    participant_count: u64
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class CreditLimitSet(Event):
    community: Pubkey
    participant: Pubkey
    credit_limit: u64
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class ParticipantLeft(Event):
    community: Pubkey
    participant: Pubkey
    participant_count: u64
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class Deposited(Event):
    community: Pubkey
    participant: Pubkey
    amount: u64
    repaid: u64  # of that, to the reserve
    funds: u64  # the balance
    owed: u64
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class Withdrawn(Event):
    community: Pubkey
    participant: Pubkey
    amount: u64
    funds: u64  # the balance
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class PeriodOpened(Event):
    community: Pubkey
    period: Pubkey
    number: u8
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class PeriodBegun(Event):
    community: Pubkey
    period: Pubkey
    starts_at: i64
    ends_at: i64
    digest: Pubkey  # 32 bytes, SHA-256
    participant_count: u64
    objection_time: i64
    fee_bps: u16
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class LineOpened(Event):
    community: Pubkey
    period: Pubkey
    participant: Pubkey
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class LinePosted(Event):
    community: Pubkey
    period: Pubkey
    participant: Pubkey
    shared_in: u64
    shared_out: u64
    charge: u64
    credit: u64
    pledged: u64  # of the balance
    lent: u64  # pledged of the reserve
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class PeriodClosed(Event):
    community: Pubkey
    period: Pubkey
    shared: u64  # Wh
    charges: u64
    credits: u64
    settles_at: i64  # from then on anyone settles it
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class ObjectionRaised(Event):
    community: Pubkey
    period: Pubkey
    participant: Pubkey
    objection_count: u64
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class PeriodWithdrawn(Event):
    community: Pubkey
    period: Pubkey
    posted_count: u64
    objection_count: u64
    prepaid: u64
    reserve: u64
    sequence: u64


@dataclass
class LineSettled(Event):
    community: Pubkey
    period: Pubkey
    participant: Pubkey
    charge: u64
    credit: u64
    funds: u64  # the balance
    owed: u64
    unsettled: u64  # lines that wait on; 0 if the period is settled with this one
    prepaid: u64
    reserve: u64
    sequence: u64


# Guards


def assert_authority(community: Community, authority: Signer):
    assert community.authority == authority.key(), "signer is not the authority"


def assert_not_paused(community: Community):
    assert not community.paused, "community is paused"


def assert_policy(objection_time: i64, fee_bps: u16):
    assert objection_time > 0, "objection time must be positive"
    assert objection_time <= MAX_OBJECTION_TIME, "objection time exceeds 30 days"
    assert fee_bps <= MAX_FEE_BPS, "fee exceeds 2000 basis points"


def assert_amount(amount: u64):
    assert amount > 0, "amount must be positive"


def assert_vault_of(vault: TokenAccount, community: Community):
    assert vault.key() == community.vault, "vault is not of this community"


def assert_source(source: TokenAccount, vault: TokenAccount, owner: Signer):
    assert source.key() != vault.key(), "source is the vault"
    assert source.mint() == vault.mint(), "source holds another mint"
    # A delegate could otherwise pay with somebody else's tokens for what becomes their own.
    assert source.authority() == owner.key(), "source belongs to another owner"


def assert_destination(destination: TokenAccount, vault: TokenAccount):
    assert destination.key() != vault.key(), "destination is the vault"
    assert destination.mint() == vault.mint(), "destination holds another mint"


def assert_participant_of(participant: Participant, community: Community):
    assert participant.community == community.key(), "participant belongs to another community"


def assert_owned_participant_of(participant: Participant, community: Community, owner: Signer):
    assert_participant_of(participant, community)
    assert participant.owner == owner.key(), "participant belongs to another owner"


def assert_admitted(participant: Participant):
    assert is_admitted(participant), "participant is not admitted"


def assert_period_of(period: Period, community: Community):
    assert period.community == community.key(), "period belongs to another community"


def assert_posting(period: Period):
    assert period.state == State.POSTING, "period is not being posted"


def assert_line_of(line: Line, period: Period, participant: Participant):
    assert line.period == period.key(), "line belongs to another period"
    assert line.participant == participant.key(), "line belongs to another participant"


def assert_posted(line: Line, period: Period):
    assert line.run == period.run, "line is not posted"


def assert_fee(period: Period):
    assert period.credits <= period.charges, "credits exceed the charges"
    assert period.charges - period.credits <= fee_limit_of(period), "fee exceeds the policy"


# Arithmetic


def pledged_of(participant: Participant, community: Community) -> u64:
    # What was pledged for a period that was withdrawn is free: none has its run again.
    if participant.run == community.run:
        return participant.pledged
    return 0


def excess(amount: u64, over: u64) -> u64:
    return amount - min(amount, over)


def is_admitted(participant: Participant) -> bool:
    return participant.joined > 0 and participant.left == 0


def is_in(participant: Participant, period: Period) -> bool:
    # Admitted before the period began, and still there at that moment.
    joined = participant.joined > 0 and participant.joined < period.run
    return joined and (participant.left == 0 or participant.left > period.run)


def fee_limit_of(period: Period) -> u64:
    # A charge is rounded up and a credit down, so each line adds less than two base units.
    share = u64(u128(period.charges) * u128(period.fee_bps) // BPS)
    return share + 2 * period.posted_count


# Instructions


@instruction
def initialize(
    authority: Signer,
    payment_mint: TokenMint,
    community: Empty[Community],
    vault: Empty[TokenAccount],
    objection_time: i64,
    fee_bps: u16,
):
    # Creates a community. The signer pays for it and becomes its authority.
    assert_policy(objection_time, fee_bps)

    bump = community.bump()
    community = community.init(payer=authority, seeds=["community", authority, payment_mint])
    vault = vault.init(
        payer=authority, seeds=["vault", community.key()], mint=payment_mint, authority=community
    )

    community.creator = authority.key()
    community.authority = authority.key()
    community.pending_authority = authority.key()
    community.payment_mint = payment_mint.key()
    community.vault = vault.key()
    community.objection_time = objection_time
    community.fee_bps = fee_bps
    community.sequence = 1
    community.bump = bump

    event = CommunityInitialized(
        community.key(),
        authority.key(),
        payment_mint.key(),
        vault.key(),
        objection_time,
        fee_bps,
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()


@instruction
def pause(authority: Signer, community: Community):
    # Stops admissions, deposits, and the beginning and posting of periods.
    assert_authority(community, authority)
    assert_not_paused(community)

    community.paused = True
    community.sequence += 1

    event = CommunityPaused(community.key(), community.prepaid, community.reserve, community.sequence)
    event.emit()


@instruction
def resume(authority: Signer, community: Community):
    # Goes on with them.
    assert_authority(community, authority)
    assert community.paused, "community is not paused"

    community.paused = False
    community.sequence += 1

    event = CommunityResumed(community.key(), community.prepaid, community.reserve, community.sequence)
    event.emit()


@instruction
def propose_authority(authority: Signer, community: Community, proposed: Pubkey):
    # Offers the authority to another key, which has to accept it. Proposing oneself cancels.
    assert_authority(community, authority)

    community.pending_authority = proposed
    community.sequence += 1

    event = AuthorityProposed(
        community.key(), proposed, community.prepaid, community.reserve, community.sequence
    )
    event.emit()


@instruction
def accept_authority(authority: Signer, community: Community):
    # The proposed key becomes the authority, and gets the reserve.
    assert community.pending_authority != community.authority, "no new authority is proposed"
    assert community.pending_authority == authority.key(), "signer is not the proposed authority"

    community.authority = authority.key()
    community.sequence += 1

    event = AuthorityAccepted(
        community.key(), authority.key(), community.prepaid, community.reserve, community.sequence
    )
    event.emit()


@instruction
def set_policy(authority: Signer, community: Community, objection_time: i64, fee_bps: u16):
    # Sets what periods that begin from now on have.
    assert_authority(community, authority)
    assert_policy(objection_time, fee_bps)

    community.objection_time = objection_time
    community.fee_bps = fee_bps
    community.sequence += 1

    event = PolicySet(
        community.key(), objection_time, fee_bps, community.prepaid, community.reserve, community.sequence
    )
    event.emit()


@instruction
def deposit_reserve(
    authority: Signer, community: Community, vault: TokenAccount, source: TokenAccount, amount: u64
):
    # Adds to what the authority lends from.
    assert_authority(community, authority)
    assert_vault_of(vault, community)
    assert_source(source, vault, authority)
    assert_amount(amount)

    community.reserve += amount
    community.sequence += 1

    source.transfer(authority, vault, amount)

    event = ReserveDeposited(
        community.key(), amount, community.prepaid, community.reserve, community.sequence
    )
    event.emit()


@instruction
def withdraw_reserve(
    authority: Signer, community: Community, vault: TokenAccount, destination: TokenAccount, amount: u64
):
    # Takes out what of the reserve is not pledged for lines, to any token account of the mint.
    assert_authority(community, authority)
    assert_vault_of(vault, community)
    assert_destination(destination, vault)
    assert_amount(amount)
    assert amount <= community.reserve - community.reserve_pledged, "amount exceeds the free reserve"

    community.reserve -= amount
    community.sequence += 1

    creator = community.creator
    payment_mint = community.payment_mint
    bump = community.bump
    vault.transfer(community, destination, amount, signer=["community", creator, payment_mint, bump])

    event = ReserveWithdrawn(
        community.key(), amount, community.prepaid, community.reserve, community.sequence
    )
    event.emit()


@instruction
def open_participant(payer: Signer, community: Community, participant: Empty[Participant], owner: Pubkey):
    # Opens the account of any owner, at the payer's expense. The authority has to admit them.
    participant = participant.init(payer=payer, seeds=["participant", community.key(), owner])
    participant.community = community.key()
    participant.owner = owner

    community.sequence += 1
    event = ParticipantOpened(
        community.key(),
        participant.key(),
        owner,
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()


@instruction
def admit(authority: Signer, community: Community, participant: Participant, credit_limit: u64):
    # Takes somebody in, from the next period on.
    assert_authority(community, authority)
    assert_not_paused(community)
    assert_participant_of(participant, community)
    assert not is_admitted(participant), "participant is admitted already"
    # They are counted in the period under way, and would be in it no more.
    was_there = participant.left > 0 and community.run > 0
    assert not was_there or participant.left < community.run, "participant left during this period"

    community.participant_count += 1
    community.sequence += 1
    participant.joined = community.sequence
    participant.left = 0
    participant.credit_limit = credit_limit

    event = ParticipantAdmitted(
        community.key(),
        participant.key(),
        credit_limit,
        community.participant_count,
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()


@instruction
def set_credit_limit(authority: Signer, community: Community, participant: Participant, credit_limit: u64):
    # Sets what a participant may owe, also one who has left: for lines that are posted from now on.
    assert_authority(community, authority)
    assert_participant_of(participant, community)

    participant.credit_limit = credit_limit
    community.sequence += 1

    event = CreditLimitSet(
        community.key(),
        participant.key(),
        credit_limit,
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()


@instruction
def leave(signer: Signer, community: Community, participant: Participant):
    # Leaves, or is dismissed by the authority. The balance stays the owner's.
    assert_participant_of(participant, community)
    may = participant.owner == signer.key() or community.authority == signer.key()
    assert may, "signer is neither the owner nor the authority"
    assert_admitted(participant)

    community.participant_count -= 1
    community.sequence += 1
    participant.left = community.sequence

    event = ParticipantLeft(
        community.key(),
        participant.key(),
        community.participant_count,
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()


@instruction
def deposit(
    owner: Signer,
    community: Community,
    participant: Participant,
    vault: TokenAccount,
    source: TokenAccount,
    amount: u64,
):
    # Prepays. What is owed is paid back first.
    assert_not_paused(community)
    assert_owned_participant_of(participant, community, owner)
    assert_vault_of(vault, community)
    assert_source(source, vault, owner)
    assert_amount(amount)
    repaid = min(amount, participant.owed)

    participant.owed -= repaid
    participant.funds += amount - repaid
    community.prepaid += amount - repaid
    community.reserve += repaid
    community.sequence += 1

    source.transfer(owner, vault, amount)

    event = Deposited(
        community.key(),
        participant.key(),
        amount,
        repaid,
        participant.funds,
        participant.owed,
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()


@instruction
def withdraw(
    owner: Signer,
    community: Community,
    participant: Participant,
    vault: TokenAccount,
    destination: TokenAccount,
    amount: u64,
):
    # Takes out what of the balance is not pledged, to any token account of the mint.
    assert_owned_participant_of(participant, community, owner)
    assert_vault_of(vault, community)
    assert_destination(destination, vault)
    assert_amount(amount)
    free = participant.funds - pledged_of(participant, community)
    assert amount <= free, "amount exceeds the free balance"

    participant.funds -= amount
    community.prepaid -= amount
    community.sequence += 1

    creator = community.creator
    payment_mint = community.payment_mint
    bump = community.bump
    vault.transfer(community, destination, amount, signer=["community", creator, payment_mint, bump])

    event = Withdrawn(
        community.key(),
        participant.key(),
        amount,
        participant.funds,
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()


@instruction
def open_period(payer: Signer, community: Community, period: Empty[Period], number: u8):
    # Opens an account for the community's periods, at the payer's expense: one period after the other.
    period = period.init(payer=payer, seeds=["period", community.key(), number])
    period.community = community.key()
    period.number = number

    community.sequence += 1
    event = PeriodOpened(
        community.key(), period.key(), number, community.prepaid, community.reserve, community.sequence
    )
    event.emit()


@instruction
def begin_period(
    authority: Signer,
    community: Community,
    period: Period,
    clock: Clock,
    starts_at: i64,
    ends_at: i64,
    digest: Pubkey,
):
    # Begins to settle a period that is over, of everybody who is admitted now.
    assert_authority(community, authority)
    assert_not_paused(community)
    assert_period_of(period, community)
    assert community.run == 0, "a period is under way already"
    assert community.participant_count > 0, "nobody is admitted"
    now = clock.unix_timestamp()
    assert starts_at >= community.settled_until, "period starts before the end of the last one"
    assert ends_at > starts_at, "period ends before it starts"
    assert ends_at <= now, "period is not over"
    assert ends_at - starts_at <= MAX_PERIOD, "period exceeds a year"

    community.sequence += 1
    community.run = community.sequence
    period.run = community.sequence
    period.digest = digest
    period.starts_at = starts_at
    period.ends_at = ends_at
    period.begun_at = now
    period.closed_at = 0
    period.objection_time = community.objection_time
    period.participant_count = community.participant_count
    period.posted_count = 0
    period.settled_count = 0
    period.objection_count = 0
    period.shared_in = 0
    period.shared_out = 0
    period.charges = 0
    period.credits = 0
    period.collected = 0
    period.paid = 0
    period.fee_bps = community.fee_bps
    period.state = State.POSTING

    event = PeriodBegun(
        community.key(),
        period.key(),
        starts_at,
        ends_at,
        digest,
        period.participant_count,
        period.objection_time,
        period.fee_bps,
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()


@instruction
def open_line(
    payer: Signer, community: Community, period: Period, participant: Participant, line: Empty[Line]
):
    # Opens a participant's line of a period account, at the payer's expense: one after the other.
    assert_period_of(period, community)
    assert_participant_of(participant, community)

    line = line.init(payer=payer, seeds=["line", period.key(), participant.key()])
    line.period = period.key()
    line.participant = participant.key()

    community.sequence += 1
    event = LineOpened(
        community.key(),
        period.key(),
        participant.key(),
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()


@instruction
def post_line(
    authority: Signer,
    community: Community,
    period: Period,
    participant: Participant,
    line: Line,
    shared_in: u64,
    shared_out: u64,
    charge: u64,
    credit: u64,
):
    # Posts a participant's part of the period under way, and pledges what it takes.
    assert_authority(community, authority)
    assert_not_paused(community)
    assert_period_of(period, community)
    assert_participant_of(participant, community)
    assert_line_of(line, period, participant)
    assert_posting(period)
    assert is_in(participant, period), "participant is not in this period"
    assert line.run != period.run, "line is posted already"
    takes = excess(charge, credit)
    owed = excess(participant.owed + takes, participant.funds + excess(credit, charge))
    assert owed <= participant.credit_limit or takes == 0, "charge exceeds balance and credit limit"
    lent = excess(owed, participant.owed)
    assert lent <= community.reserve - community.reserve_pledged, "loan exceeds the free reserve"
    pledged = min(participant.funds, takes)

    participant.pledged = pledged
    participant.run = period.run
    line.run = period.run
    line.shared_in = shared_in
    line.shared_out = shared_out
    line.charge = charge
    line.credit = credit
    line.lent = lent
    line.objected = False
    line.settled = False
    period.posted_count += 1
    period.shared_in += shared_in
    period.shared_out += shared_out
    period.charges += charge
    period.credits += credit
    community.reserve_pledged += lent
    community.sequence += 1

    event = LinePosted(
        community.key(),
        period.key(),
        participant.key(),
        shared_in,
        shared_out,
        charge,
        credit,
        pledged,
        lent,
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()


@instruction
def close_period(authority: Signer, community: Community, period: Period, clock: Clock):
    # Ends the posting: the time for objections begins.
    assert_authority(community, authority)
    assert_period_of(period, community)
    assert_posting(period)
    assert period.posted_count == period.participant_count, "lines are not all posted"
    assert period.shared_in == period.shared_out, "what goes in is not what goes out"
    assert_fee(period)

    period.closed_at = clock.unix_timestamp()
    period.state = State.CLOSED
    community.sequence += 1

    event = PeriodClosed(
        community.key(),
        period.key(),
        period.shared_in,
        period.charges,
        period.credits,
        period.closed_at + period.objection_time,
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()


@instruction
def raise_objection(
    owner: Signer, community: Community, period: Period, participant: Participant, line: Line
):
    # Objects to one's own line, in public: until it is settled.
    assert_owned_participant_of(participant, community, owner)
    assert_period_of(period, community)
    assert_line_of(line, period, participant)
    assert_posted(line, period)
    over = period.state != State.POSTING and period.state != State.CLOSED
    late = over or line.settled
    assert not late, "too late to object"
    assert not line.objected, "line is objected to already"

    line.objected = True
    period.objection_count += 1
    community.sequence += 1

    event = ObjectionRaised(
        community.key(),
        period.key(),
        participant.key(),
        period.objection_count,
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()


@instruction
def withdraw_period(signer: Signer, community: Community, period: Period, clock: Clock):
    # Calls a period off, before its first line is settled. Anyone may do it if it was not closed in time.
    assert_period_of(period, community)
    posting = period.state == State.POSTING
    lapsed = posting and clock.unix_timestamp() - POSTING_TIME >= period.begun_at
    assert posting or period.state == State.CLOSED, "period is not under way"
    assert period.settled_count == 0, "lines are settled already"
    may = lapsed or community.authority == signer.key()
    assert may, "period has not lapsed and signer is not the authority"

    period.state = State.WITHDRAWN
    community.run = 0
    community.reserve_pledged = 0
    community.sequence += 1

    event = PeriodWithdrawn(
        community.key(),
        period.key(),
        period.posted_count,
        period.objection_count,
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()


@instruction
def settle_line(community: Community, period: Period, participant: Participant, line: Line, clock: Clock):
    # Settles a line after the time for objections. Anyone may do it; the last one settles the period.
    assert_period_of(period, community)
    assert_participant_of(participant, community)
    assert_line_of(line, period, participant)
    assert period.state == State.CLOSED, "period is not closed"
    elapsed = clock.unix_timestamp() - period.closed_at
    assert elapsed >= period.objection_time, "time for objections is not over"
    assert_posted(line, period)
    assert not line.settled, "line is settled already"
    collected = period.collected + line.charge
    paid = period.paid + line.credit
    assert paid <= collected, "charges are not yet collected"

    # Nothing overflows, or the line could never be settled: sums are of what is in the vault, and what is
    # lent here is at most what was, since a deposit makes it less.
    due = participant.owed + excess(line.charge, line.credit)
    has = participant.funds + excess(line.credit, line.charge)
    owed = excess(due, has)
    community.reserve += excess(participant.owed, owed)
    community.reserve -= excess(owed, participant.owed)
    community.reserve_pledged -= line.lent
    community.prepaid -= participant.funds
    participant.owed = owed
    participant.funds = excess(has, due)
    participant.pledged = 0
    community.prepaid += participant.funds
    line.settled = True
    period.collected = collected
    period.paid = paid
    period.settled_count += 1
    unsettled = period.participant_count - period.settled_count
    if unsettled == 0:
        period.state = State.SETTLED
        community.run = 0
        community.settled_until = period.ends_at
        community.reserve += collected - paid
    community.sequence += 1

    event = LineSettled(
        community.key(),
        period.key(),
        participant.key(),
        line.charge,
        line.credit,
        participant.funds,
        participant.owed,
        unsettled,
        community.prepaid,
        community.reserve,
        community.sequence,
    )
    event.emit()
