"""energy_allocation: a virtual battery shared by a community.

Members deposit energy tokens into a vault and are credited for them, reserve part of the shared
pool, release it again, and withdraw what is theirs.

Accounts
    Battery  PDA 'battery', creator, mint. The pool: what it can hold, what it holds, its policy.
    Member   PDA 'member', battery, owner. One owner's share of one battery.
    vault    PDA 'vault', battery. An SPL token account that only the Battery can sign for.

Units
    Amounts are base units of a mint with 3 decimals: 1 Wh of energy, 1 L of water, 1 kg of waste.
    Times are Unix seconds, ratios are basis points (10,000 = 1).

Trust
    An owner trusts nobody with their balance: only their own signature lowers it. The authority
    sets the policy and can stop deposits and allocations, never withdrawals (its instructions are
    still to come). Who holds allocations can delay the others' withdrawals. A mint's own
    authorities are trusted by whoever accepts the mint: one that can freeze can freeze the vault.

What always holds
    1. Tokens in the vault >= available + allocated; more only by donations sent straight to it.
    2. The members' balances add up to available + allocated; their allocations to allocated.
    3. available + allocated <= capacity.
    4. Only the owner's signature lowers a balance; only the authority's changes the policy.
    5. A pause stops deposits and allocations, never what lets a member leave.
    6. Everyone can leave: once allocations are released, every balance can be withdrawn.
    7. No sequence of operations pays out more tokens than went in: rounding favours the vault.
    8. An operation on one battery changes no byte of another.

Known attack
    Seahorse loads each account into a copy of its own and writes the copies back in the order of
    the parameters: one account passed twice would count twice. Every pair of parameters of the
    same type is therefore asserted distinct. Seahorse checks a PDA at creation only: every
    relation between accounts is asserted where it is used.
"""

from seahorse.prelude import *

declare_id("95WEA8MD7SQFJm39at61ZG8PPCLP3cqZB4qZrjNCCbyb")

BPS = 10_000
DECIMALS = 3
MAX_LIFETIME = 31_536_000  # s, 365 days: an allocation always ends
POLICY_LIMIT = 18_446_744_073_709_551_615  # a member's limit that means: as the policy says


class Resource(Enum):
    ENERGY = 0
    WATER = 1
    WASTE = 2


class Battery(Account):
    creator: Pubkey  # the authority at creation: part of the address, and so never changed
    authority: Pubkey
    pending_authority: Pubkey  # proposed by the authority; itself where nobody is
    mint: Pubkey
    vault: Pubkey
    capacity: u64  # base units, as all amounts
    available: u64
    allocated: u64
    allocation_limit: u64  # each member's, unless they have their own
    allocation_lifetime: i64  # s
    member_count: u64
    sequence: u64  # events so far; each event carries it
    efficiency_bps: u16  # what a deposit is credited with
    resource: Resource
    paused: bool
    bump: u8


class Member(Account):
    owner: Pubkey
    battery: Pubkey
    balance: u64  # base units, as all amounts
    allocated: u64
    allocation_limit: u64  # POLICY_LIMIT, or this member's own
    allocation_expiry: i64  # Unix s, of the latest allocation


@dataclass
class BatteryInitialized(Event):
    battery: Pubkey
    authority: Pubkey
    mint: Pubkey
    capacity: u64
    allocation_limit: u64
    allocation_lifetime: i64
    efficiency_bps: u16
    resource: u8  # as Resource
    sequence: u64


@dataclass
class MemberOpened(Event):
    battery: Pubkey
    member: Pubkey
    owner: Pubkey
    member_count: u64
    sequence: u64


@dataclass
class EnergyDeposited(Event):
    battery: Pubkey
    member: Pubkey
    amount: u64
    credit: u64
    balance: u64
    available: u64
    allocated: u64
    sequence: u64


@dataclass
class EnergyWithdrawn(Event):
    battery: Pubkey
    member: Pubkey
    amount: u64
    balance: u64
    available: u64
    allocated: u64
    sequence: u64


@dataclass
class EnergyAllocated(Event):
    battery: Pubkey
    member: Pubkey
    amount: u64
    member_allocated: u64
    expiry: i64
    available: u64
    allocated: u64
    sequence: u64


@dataclass
class EnergyDeallocated(Event):
    battery: Pubkey
    member: Pubkey
    amount: u64
    member_allocated: u64
    available: u64
    allocated: u64
    sequence: u64


# Guards


def assert_membership(member: Member, battery: Battery, owner: Signer):
    assert member.battery == battery.key(), "member belongs to another battery"
    assert member.owner == owner.key(), "member belongs to another owner"


def assert_policy(capacity: u64, allocation_limit: u64, allocation_lifetime: i64, efficiency_bps: u16):
    assert capacity > 0, "capacity must be positive"
    assert allocation_limit > 0, "allocation limit must be positive"
    assert allocation_limit <= capacity, "allocation limit exceeds the capacity"
    assert allocation_lifetime > 0, "allocation lifetime must be positive"
    assert allocation_lifetime <= MAX_LIFETIME, "allocation lifetime exceeds a year"
    assert efficiency_bps > 0, "efficiency must be positive"
    assert efficiency_bps <= BPS, "efficiency exceeds 10000 basis points"


# Arithmetic


def credit_for(amount: u64, efficiency_bps: u16) -> u64:
    # Rounded down, so in favour of the vault. u128 holds the product; efficiency <= BPS makes
    # the quotient at most the amount, so it fits in u64.
    return u64(u128(amount) * u128(efficiency_bps) // BPS)


def resource_code(resource: Resource) -> u8:
    # An event cannot carry an enum.
    if resource == Resource.WATER:
        return 1
    if resource == Resource.WASTE:
        return 2
    return 0


# Instructions


@instruction
def initialize(
    authority: Signer,
    mint: TokenMint,
    battery: Empty[Battery],
    vault: Empty[TokenAccount],
    resource: Resource,
    capacity: u64,
    allocation_limit: u64,
    allocation_lifetime: i64,
    efficiency_bps: u16,
):
    # Creates an empty battery. The signer pays for it and becomes its authority.
    assert mint.decimals() == DECIMALS, "mint must have 3 decimals"
    assert_policy(capacity, allocation_limit, allocation_lifetime, efficiency_bps)

    bump = battery.bump()
    battery = battery.init(payer=authority, seeds=["battery", authority, mint])
    vault = vault.init(payer=authority, seeds=["vault", battery.key()], mint=mint, authority=battery)

    battery.creator = authority.key()
    battery.authority = authority.key()
    battery.pending_authority = authority.key()
    battery.mint = mint.key()
    battery.vault = vault.key()
    battery.capacity = capacity
    battery.allocation_limit = allocation_limit
    battery.allocation_lifetime = allocation_lifetime
    battery.sequence = 1
    battery.efficiency_bps = efficiency_bps
    battery.resource = resource
    battery.bump = bump

    event = BatteryInitialized(
        battery.key(),
        authority.key(),
        mint.key(),
        capacity,
        allocation_limit,
        allocation_lifetime,
        efficiency_bps,
        resource_code(resource),
        battery.sequence,
    )
    event.emit()


@instruction
def open_member(payer: Signer, battery: Battery, member: Empty[Member], owner: Pubkey):
    # Opens an empty member account for any owner, at the payer's expense.
    member = member.init(payer=payer, seeds=["member", battery.key(), owner])
    member.owner = owner
    member.battery = battery.key()
    member.allocation_limit = POLICY_LIMIT

    battery.member_count += 1
    battery.sequence += 1
    event = MemberOpened(battery.key(), member.key(), owner, battery.member_count, battery.sequence)
    event.emit()


@instruction
def deposit_energy(
    owner: Signer,
    battery: Battery,
    member: Member,
    mint: TokenMint,
    vault: TokenAccount,
    source: TokenAccount,
    amount: u64,
    minimum_credit: u64,
):
    # Moves amount tokens from the owner's source: what is credited to the vault, the loss burned.
    assert not battery.paused, "battery is paused"
    assert_membership(member, battery, owner)
    assert mint.key() == battery.mint, "mint is not of this battery"
    assert vault.key() == battery.vault, "vault is not of this battery"
    assert source.key() != vault.key(), "source is the vault"
    assert source.mint() == battery.mint, "source holds another mint"
    # A delegate could otherwise be credited for somebody else's tokens.
    assert source.authority() == owner.key(), "source belongs to another owner"

    assert amount > 0, "amount must be positive"
    credit = credit_for(amount, battery.efficiency_bps)
    assert credit > 0, "credit rounds to zero"
    assert credit >= minimum_credit, "credit is below the minimum"
    # No underflow: available + allocated <= capacity always holds.
    free_capacity = battery.capacity - battery.available - battery.allocated
    assert credit <= free_capacity, "amount exceeds the free capacity"

    battery.available += credit
    battery.sequence += 1
    member.balance += credit

    source.transfer(owner, vault, credit)
    if amount > credit:
        mint.burn(owner, source, amount - credit)

    event = EnergyDeposited(
        battery.key(),
        member.key(),
        amount,
        credit,
        member.balance,
        battery.available,
        battery.allocated,
        battery.sequence,
    )
    event.emit()


@instruction
def withdraw_energy(
    owner: Signer,
    battery: Battery,
    member: Member,
    vault: TokenAccount,
    destination: TokenAccount,
    amount: u64,
):
    # Moves amount tokens from the vault to any token account of the mint.
    assert_membership(member, battery, owner)
    assert vault.key() == battery.vault, "vault is not of this battery"
    assert destination.key() != vault.key(), "destination is the vault"
    assert destination.mint() == battery.mint, "destination holds another mint"

    assert amount > 0, "amount must be positive"
    assert amount <= member.balance, "amount exceeds the balance"
    assert amount <= battery.available, "amount exceeds what is available"

    battery.available -= amount
    battery.sequence += 1
    member.balance -= amount

    creator = battery.creator
    mint = battery.mint
    bump = battery.bump
    vault.transfer(battery, destination, amount, signer=["battery", creator, mint, bump])

    event = EnergyWithdrawn(
        battery.key(),
        member.key(),
        amount,
        member.balance,
        battery.available,
        battery.allocated,
        battery.sequence,
    )
    event.emit()


@instruction
def allocate(owner: Signer, battery: Battery, member: Member, clock: Clock, amount: u64):
    # Reserves amount of the shared pool for the member and renews the allocation's expiry.
    assert not battery.paused, "battery is paused"
    assert_membership(member, battery, owner)

    assert amount > 0, "amount must be positive"
    assert amount <= battery.available, "amount exceeds what is available"
    limit = member.allocation_limit
    if limit == POLICY_LIMIT:
        limit = battery.allocation_limit
    # No overflow: the member's allocation and the amount are both part of what is stored.
    assert member.allocated + amount <= limit, "amount exceeds the allocation limit"

    battery.available -= amount
    battery.allocated += amount
    battery.sequence += 1
    member.allocated += amount
    member.allocation_expiry = clock.unix_timestamp() + battery.allocation_lifetime

    event = EnergyAllocated(
        battery.key(),
        member.key(),
        amount,
        member.allocated,
        member.allocation_expiry,
        battery.available,
        battery.allocated,
        battery.sequence,
    )
    event.emit()


@instruction
def deallocate(owner: Signer, battery: Battery, member: Member, amount: u64):
    # Releases amount of the member's reservation back to the pool.
    assert_membership(member, battery, owner)

    assert amount > 0, "amount must be positive"
    assert amount <= member.allocated, "amount exceeds what is allocated"

    battery.available += amount
    battery.allocated -= amount
    battery.sequence += 1
    member.allocated -= amount

    event = EnergyDeallocated(
        battery.key(),
        member.key(),
        amount,
        member.allocated,
        battery.available,
        battery.allocated,
        battery.sequence,
    )
    event.emit()
