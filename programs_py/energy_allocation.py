"""energy_allocation: a virtual battery shared by a community.

Members deposit energy tokens into a vault and are credited for them, reserve a part of their
balance, use the reservation or release it, and withdraw what is theirs.

Accounts
    Battery  PDA 'battery', creator, mint. The pool: what it can hold, what it holds, its policy.
    Member   PDA 'member', battery, owner. One owner's share of one battery.
    vault    PDA 'vault', battery. An SPL token account that only the Battery can sign for.

Units
    Amounts are base units of a mint with 3 decimals: 1 Wh of energy, 1 L of water, 1 kg of waste.
    Times are Unix seconds, ratios are basis points (10,000 = 1). An allocation can be consumed
    before its expiry, and released by anyone from that second on.

Trust
    An owner trusts nobody with their balance: only their own signature lowers it, and nobody
    else's allocation stands in the way of a withdrawal. The authority sets the policy for what
    comes after, and can stop deposits and allocations. A mint's own authorities are trusted by
    whoever accepts the mint: one that can freeze can freeze the vault.

What always holds
    1. Tokens in the vault >= available + allocated; more only by donations sent straight to it.
    2. The members' balances add up to available + allocated; their allocations to allocated.
    3. available + allocated <= capacity.
    4. Only the owner's signature lowers a balance; only the authority's changes the policy.
    5. A pause stops deposits and allocations, never what lets a member leave.
    6. Everyone can leave, whatever the others do: deallocate, withdraw, and only donations remain.
    7. No sequence of operations pays out more tokens than went in: rounding favours the vault.
    8. An operation on one battery changes no byte of another.
    9. A member has at most their balance allocated, and so what is available covers what every
       member has not allocated.

Rent
    A member account's lamports beyond the rent of its bytes, left over where a cluster asks for less than
    it did, are its owner's, whoever opened it: as with a token account, who opens one for somebody else
    gives its rent away. The account itself stays, and so does the rent.

How to stop it
    The authority's pause stops what comes in. Nothing stops what goes out. A new version of the
    program can be deployed by its upgrade authority alone.

Known attacks
    Seahorse loads each account into a copy of its own and writes the copies back in the order of
    the parameters: one account passed twice would count twice. Every pair of parameters of the
    same type is therefore asserted distinct. Seahorse checks a PDA at creation only: every
    relation between accounts is asserted where it is used.
    Anybody can open members. If allocations could exceed balances, members without any could
    reserve all of the pool for ever, renewing before each expiry: hence rule 9.
"""

from seahorse.prelude import *

declare_id("2hLdmxESnJqMWB7GM6Z5rERUZNJeNCdTAGdou4ySQJ7v")

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
    pending_authority: Pubkey  # proposed by the authority; itself if nobody is
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
    available: u64
    allocated: u64
    sequence: u64


@dataclass
class MemberOpened(Event):
    battery: Pubkey
    member: Pubkey
    owner: Pubkey
    member_count: u64
    available: u64
    allocated: u64
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


@dataclass
class EnergyConsumed(Event):
    battery: Pubkey
    member: Pubkey
    amount: u64
    balance: u64
    member_allocated: u64
    available: u64
    allocated: u64
    sequence: u64


@dataclass
class AllocationReleased(Event):
    battery: Pubkey
    member: Pubkey
    amount: u64
    available: u64
    allocated: u64
    sequence: u64


@dataclass
class PolicySet(Event):
    battery: Pubkey
    capacity: u64
    allocation_limit: u64
    allocation_lifetime: i64
    efficiency_bps: u16
    available: u64
    allocated: u64
    sequence: u64


@dataclass
class MemberLimitSet(Event):
    battery: Pubkey
    member: Pubkey
    limit: u64  # POLICY_LIMIT where it is as the policy says
    available: u64
    allocated: u64
    sequence: u64


@dataclass
class BatteryPaused(Event):
    battery: Pubkey
    available: u64
    allocated: u64
    sequence: u64


@dataclass
class BatteryResumed(Event):
    battery: Pubkey
    available: u64
    allocated: u64
    sequence: u64


@dataclass
class AuthorityProposed(Event):
    battery: Pubkey
    proposed: Pubkey  # the authority itself if a proposal was cancelled
    available: u64
    allocated: u64
    sequence: u64


@dataclass
class AuthorityAccepted(Event):
    battery: Pubkey
    authority: Pubkey
    available: u64
    allocated: u64
    sequence: u64


# Guards


def assert_authority(battery: Battery, authority: Signer):
    assert battery.authority == authority.key(), "signer is not the authority"


def assert_member_of(member: Member, battery: Battery):
    assert member.battery == battery.key(), "member belongs to another battery"


def assert_owned_member_of(member: Member, battery: Battery, owner: Signer):
    assert_member_of(member, battery)
    assert member.owner == owner.key(), "member belongs to another owner"


def assert_mint_of(mint: TokenMint, battery: Battery):
    assert mint.key() == battery.mint, "mint is not of this battery"


def assert_vault_of(vault: TokenAccount, battery: Battery):
    assert vault.key() == battery.vault, "vault is not of this battery"


def assert_not_paused(battery: Battery):
    assert not battery.paused, "battery is paused"


def assert_positive(amount: u64):
    assert amount > 0, "amount must be positive"


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
        battery.available,
        battery.allocated,
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
    event = MemberOpened(
        battery.key(),
        member.key(),
        owner,
        battery.member_count,
        battery.available,
        battery.allocated,
        battery.sequence,
    )
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
    assert_not_paused(battery)
    assert_owned_member_of(member, battery, owner)
    assert_mint_of(mint, battery)
    assert_vault_of(vault, battery)
    assert source.key() != vault.key(), "source is the vault"
    assert source.mint() == battery.mint, "source holds another mint"
    # A delegate could otherwise be credited for somebody else's tokens.
    assert source.authority() == owner.key(), "source belongs to another owner"

    assert_positive(amount)
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
    assert_owned_member_of(member, battery, owner)
    assert_vault_of(vault, battery)
    assert destination.key() != vault.key(), "destination is the vault"
    assert destination.mint() == battery.mint, "destination holds another mint"

    assert_positive(amount)
    assert amount <= member.balance, "amount exceeds the balance"
    assert amount <= battery.available, "amount exceeds what is available"
    # No underflow, here and in allocate: a member has at most their balance allocated.
    assert amount <= member.balance - member.allocated, "amount exceeds the unallocated balance"

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
    # Reserves amount of the pool, out of the member's balance, and renews the allocation's expiry.
    assert_not_paused(battery)
    assert_owned_member_of(member, battery, owner)

    assert_positive(amount)
    assert amount <= battery.available, "amount exceeds what is available"
    assert amount <= member.balance - member.allocated, "amount exceeds the unallocated balance"
    limit = member.allocation_limit
    if limit == POLICY_LIMIT:
        limit = battery.allocation_limit
    # No overflow: together they are at most the balance.
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
    assert_owned_member_of(member, battery, owner)

    assert_positive(amount)
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


@instruction
def consume(
    owner: Signer,
    battery: Battery,
    member: Member,
    mint: TokenMint,
    vault: TokenAccount,
    clock: Clock,
    amount: u64,
):
    # Uses amount of the member's reservation: it leaves their balance, and its tokens are burned.
    assert_owned_member_of(member, battery, owner)
    assert_mint_of(mint, battery)
    assert_vault_of(vault, battery)

    assert_positive(amount)
    assert amount <= member.balance, "amount exceeds the balance"
    assert amount <= member.allocated, "amount exceeds what is allocated"
    assert clock.unix_timestamp() < member.allocation_expiry, "allocation has expired"

    battery.allocated -= amount
    battery.sequence += 1
    member.allocated -= amount
    member.balance -= amount

    creator = battery.creator
    battery_mint = battery.mint
    bump = battery.bump
    mint.burn(battery, vault, amount, signer=["battery", creator, battery_mint, bump])

    event = EnergyConsumed(
        battery.key(),
        member.key(),
        amount,
        member.balance,
        member.allocated,
        battery.available,
        battery.allocated,
        battery.sequence,
    )
    event.emit()


@instruction
def release_expired(battery: Battery, member: Member, clock: Clock):
    # Returns a member's expired allocation to the pool. Anyone may send it: nobody signs.
    assert_member_of(member, battery)

    amount = member.allocated
    assert amount > 0, "nothing is allocated"
    assert clock.unix_timestamp() >= member.allocation_expiry, "allocation has not expired"

    battery.available += amount
    battery.allocated -= amount
    battery.sequence += 1
    member.allocated = 0

    event = AllocationReleased(
        battery.key(),
        member.key(),
        amount,
        battery.available,
        battery.allocated,
        battery.sequence,
    )
    event.emit()


@instruction
def return_rent(owner: Signer, member: Member, amount: u64):
    # Gives the owner lamports of their member account, down to the rent that the cluster asks for today.
    assert member.owner == owner.key(), "member belongs to another owner"

    member.transfer_lamports(owner, amount)
    # The runtime refuses to leave less than the rent, but takes an account that is left with nothing for
    # deleted. This panics where nothing is left.
    member.transfer_lamports(member, 1)


@instruction
def set_policy(
    authority: Signer,
    battery: Battery,
    capacity: u64,
    allocation_limit: u64,
    allocation_lifetime: i64,
    efficiency_bps: u16,
):
    # Sets the policy for what comes after: deposits credited and allocations made stay as they are.
    assert_authority(battery, authority)
    assert_policy(capacity, allocation_limit, allocation_lifetime, efficiency_bps)
    assert capacity >= battery.available + battery.allocated, "capacity is below what is stored"

    battery.capacity = capacity
    battery.allocation_limit = allocation_limit
    battery.allocation_lifetime = allocation_lifetime
    battery.efficiency_bps = efficiency_bps
    battery.sequence += 1

    event = PolicySet(
        battery.key(),
        capacity,
        allocation_limit,
        allocation_lifetime,
        efficiency_bps,
        battery.available,
        battery.allocated,
        battery.sequence,
    )
    event.emit()


@instruction
def set_member_limit(authority: Signer, battery: Battery, member: Member, limit: u64):
    # Sets what one member may have allocated at once: 0 for nothing, POLICY_LIMIT for as the policy says.
    assert_authority(battery, authority)
    assert_member_of(member, battery)

    battery.sequence += 1
    member.allocation_limit = limit

    event = MemberLimitSet(
        battery.key(), member.key(), limit, battery.available, battery.allocated, battery.sequence
    )
    event.emit()


@instruction
def pause(authority: Signer, battery: Battery):
    # Stops deposits and allocations until resumed.
    assert_authority(battery, authority)
    assert_not_paused(battery)

    battery.paused = True
    battery.sequence += 1

    event = BatteryPaused(battery.key(), battery.available, battery.allocated, battery.sequence)
    event.emit()


@instruction
def resume(authority: Signer, battery: Battery):
    # Takes deposits and allocations again.
    assert_authority(battery, authority)
    assert battery.paused, "battery is not paused"

    battery.paused = False
    battery.sequence += 1

    event = BatteryResumed(battery.key(), battery.available, battery.allocated, battery.sequence)
    event.emit()


@instruction
def propose_authority(authority: Signer, battery: Battery, proposed: Pubkey):
    # Offers the authority to another key, which has to accept it. Proposing oneself cancels.
    assert_authority(battery, authority)

    battery.pending_authority = proposed
    battery.sequence += 1

    event = AuthorityProposed(battery.key(), proposed, battery.available, battery.allocated, battery.sequence)
    event.emit()


@instruction
def accept_authority(authority: Signer, battery: Battery):
    # The proposed key becomes the authority.
    assert battery.pending_authority != battery.authority, "no new authority is proposed"
    assert battery.pending_authority == authority.key(), "signer is not the proposed authority"

    battery.authority = authority.key()
    battery.sequence += 1

    event = AuthorityAccepted(
        battery.key(), authority.key(), battery.available, battery.allocated, battery.sequence
    )
    event.emit()
