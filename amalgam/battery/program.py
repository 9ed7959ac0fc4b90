"""The energy_allocation program as Python sees it: addresses, accounts, events and instructions.

Everything here is pure; `amalgam.battery.client` talks to a chain. Discriminators, layouts, the order of
accounts and who signs come from the IDL that is built with the program. This module only adds names and
types, and cannot be imported if the two disagree (`amalgam.chain.layout`).

Amounts are base units of the mint: Wh of energy, L of water, kg of waste. Times are Unix seconds, ratios are
basis points (10,000 = 1).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from based58 import b58encode
from solana.rpc.types import MemcmpOpts
from solders.instruction import Instruction
from solders.pubkey import Pubkey

from amalgam.chain.layout import EventReader, ProgramLayout
from amalgam.units import Resource

PROGRAM_ID = Pubkey.from_string("2hLdmxESnJqMWB7GM6Z5rERUZNJeNCdTAGdou4ySQJ7v")
BPS = 10_000
POLICY_LIMIT = 2**64 - 1  # a member's allocation limit that means: as the battery's policy says

_LAYOUT = ProgramLayout("energy_allocation", PROGRAM_ID)


# Addresses


def battery_address(creator: Pubkey, mint: Pubkey) -> Pubkey:
    """The battery that `creator` initializes for `mint`; a later change of authority does not move it."""
    return _LAYOUT.address(b"battery", bytes(creator), bytes(mint))


def member_address(battery: Pubkey, owner: Pubkey) -> Pubkey:
    """The owner's share of a battery."""
    return _LAYOUT.address(b"member", bytes(battery), bytes(owner))


def vault_address(battery: Pubkey) -> Pubkey:
    """The token account that holds what a battery stores."""
    return _LAYOUT.address(b"vault", bytes(battery))


# Accounts


@dataclass(frozen=True, slots=True)
class Member:
    """One owner's share of one battery."""

    owner: Pubkey
    battery: Pubkey
    balance: int  # base units, as all amounts
    allocated: int
    allocation_limit: int  # POLICY_LIMIT, or this member's own
    allocation_expiry: int  # Unix s, of the latest allocation

    @classmethod
    def from_bytes(cls, data: bytes) -> "Member":
        """Decode an account's data. Raises ValueError if it is not a Member's."""
        return _MEMBER.decode(data)

    @staticmethod
    def filters(battery: Pubkey) -> list[MemcmpOpts]:
        """The filters with which getProgramAccounts finds a battery's members."""
        return [
            MemcmpOpts(0, b58encode(_MEMBER.discriminator).decode()),
            MemcmpOpts(_MEMBER.offsets["battery"], str(battery)),
        ]


@dataclass(frozen=True, slots=True)
class Battery:
    """A pool: what it can hold, what it holds, its policy."""

    creator: Pubkey
    authority: Pubkey
    pending_authority: Pubkey  # the authority itself if nobody is proposed
    mint: Pubkey
    vault: Pubkey
    capacity: int  # base units, as all amounts
    available: int
    allocated: int
    allocation_limit: int  # each member's, unless they have their own
    allocation_lifetime: int  # s
    member_count: int
    sequence: int  # events so far; each event carries it
    efficiency_bps: int  # what a deposit is credited with
    resource: Resource
    paused: bool
    bump: int

    @classmethod
    def from_bytes(cls, data: bytes) -> "Battery":
        """Decode an account's data. Raises ValueError if it is not a Battery's."""
        return _BATTERY.decode(data)

    @property
    def stored(self) -> int:
        """Energy that the battery holds: available and allocated."""
        return self.available + self.allocated

    @property
    def free_capacity(self) -> int:
        """Room for what is still to be credited."""
        return self.capacity - self.stored

    def credit_for(self, amount: int) -> int:
        """Credit for a deposit of `amount`: less its loss, rounded down."""
        return amount * self.efficiency_bps // BPS

    def allocation_limit_of(self, member: Member) -> int:
        """The most that the member may have allocated at once."""
        if member.allocation_limit == POLICY_LIMIT:
            return self.allocation_limit
        return member.allocation_limit


# Events: the totals are those after the operation


@dataclass(frozen=True, slots=True)
class BatteryInitialized:
    """A battery was created, empty."""

    battery: Pubkey
    authority: Pubkey
    mint: Pubkey
    capacity: int
    allocation_limit: int
    allocation_lifetime: int  # s
    efficiency_bps: int
    resource: Resource
    available: int
    allocated: int
    sequence: int


@dataclass(frozen=True, slots=True)
class MemberOpened:
    """A member account was created, empty."""

    battery: Pubkey
    member: Pubkey
    owner: Pubkey
    member_count: int
    available: int
    allocated: int
    sequence: int


@dataclass(frozen=True, slots=True)
class EnergyDeposited:
    """`amount` left the owner's source: `credit` of it to the vault, the rest burned."""

    battery: Pubkey
    member: Pubkey
    amount: int
    credit: int
    balance: int
    available: int
    allocated: int
    sequence: int


@dataclass(frozen=True, slots=True)
class EnergyWithdrawn:
    """`amount` left the vault."""

    battery: Pubkey
    member: Pubkey
    amount: int
    balance: int
    available: int
    allocated: int
    sequence: int


@dataclass(frozen=True, slots=True)
class EnergyAllocated:
    """`amount` of what was available is reserved; all that the member has allocated lasts until `expiry`."""

    battery: Pubkey
    member: Pubkey
    amount: int
    member_allocated: int
    expiry: int  # Unix s
    available: int
    allocated: int
    sequence: int


@dataclass(frozen=True, slots=True)
class EnergyDeallocated:
    """`amount` of the member's reservation is available again."""

    battery: Pubkey
    member: Pubkey
    amount: int
    member_allocated: int
    available: int
    allocated: int
    sequence: int


@dataclass(frozen=True, slots=True)
class EnergyConsumed:
    """`amount` of the member's reservation was used, and its tokens burned."""

    battery: Pubkey
    member: Pubkey
    amount: int
    balance: int
    member_allocated: int
    available: int
    allocated: int
    sequence: int


@dataclass(frozen=True, slots=True)
class AllocationReleased:
    """`amount`, all of the member's reservation, had expired and is available again."""

    battery: Pubkey
    member: Pubkey
    amount: int
    available: int
    allocated: int
    sequence: int


@dataclass(frozen=True, slots=True)
class PolicySet:
    """The battery has this policy from here on."""

    battery: Pubkey
    capacity: int
    allocation_limit: int
    allocation_lifetime: int  # s
    efficiency_bps: int
    available: int
    allocated: int
    sequence: int


@dataclass(frozen=True, slots=True)
class MemberLimitSet:
    """The member may have so much allocated at once; POLICY_LIMIT means as the policy says."""

    battery: Pubkey
    member: Pubkey
    limit: int
    available: int
    allocated: int
    sequence: int


@dataclass(frozen=True, slots=True)
class BatteryPaused:
    """No deposits and no allocations from here on."""

    battery: Pubkey
    available: int
    allocated: int
    sequence: int


@dataclass(frozen=True, slots=True)
class BatteryResumed:
    """Deposits and allocations again."""

    battery: Pubkey
    available: int
    allocated: int
    sequence: int


@dataclass(frozen=True, slots=True)
class AuthorityProposed:
    """`proposed` may accept the authority; if it is the authority itself, nobody may any more."""

    battery: Pubkey
    proposed: Pubkey
    available: int
    allocated: int
    sequence: int


@dataclass(frozen=True, slots=True)
class AuthorityAccepted:
    """The battery has this authority from here on."""

    battery: Pubkey
    authority: Pubkey
    available: int
    allocated: int
    sequence: int


Event = (
    BatteryInitialized
    | MemberOpened
    | EnergyDeposited
    | EnergyWithdrawn
    | EnergyAllocated
    | EnergyDeallocated
    | EnergyConsumed
    | AllocationReleased
    | PolicySet
    | MemberLimitSet
    | BatteryPaused
    | BatteryResumed
    | AuthorityProposed
    | AuthorityAccepted
)


ACCOUNTS = (Battery, Member)


def events(logs: Iterable[str]) -> list[Event]:
    """The program's events in a transaction's logs, as `EventReader.read` finds them."""
    return EVENTS.read(logs)


# Instructions


def initialize(
    *,
    authority: Pubkey,
    mint: Pubkey,
    resource: Resource,
    capacity: int,
    allocation_limit: int,
    allocation_lifetime: int,
    efficiency_bps: int,
) -> Instruction:
    """Create an empty battery, and its vault, at the authority's expense.

    Args:
        authority: Signs, pays and may later change the policy.
        mint: Has 3 decimals.
        resource: What the mint's tokens stand for.
        capacity: Base units.
        allocation_limit: Base units a member may have allocated at once.
        allocation_lifetime: Seconds an allocation lasts, at most a year.
        efficiency_bps: What a deposit is credited with, 1 to 10,000.
    """
    battery = battery_address(authority, mint)
    return _LAYOUT.build(
        "initialize",
        authority=authority,
        mint=mint,
        battery=battery,
        vault=vault_address(battery),
        resource=resource,
        capacity=capacity,
        allocation_limit=allocation_limit,
        allocation_lifetime=allocation_lifetime,
        efficiency_bps=efficiency_bps,
    )


def open_member(*, payer: Pubkey, battery: Pubkey, owner: Pubkey) -> Instruction:
    """Create an empty member account for `owner`, who need not sign, at the payer's expense."""
    member = member_address(battery, owner)
    return _LAYOUT.build("open_member", payer=payer, battery=battery, member=member, owner=owner)


def deposit_energy(
    *, owner: Pubkey, battery: Pubkey, mint: Pubkey, source: Pubkey, amount: int, minimum_credit: int
) -> Instruction:
    """Move `amount` tokens from the owner's `source`: what is credited to the vault, the loss burned.

    Refused if less than `minimum_credit` would be credited: the efficiency may have changed meanwhile.
    """
    return _LAYOUT.build(
        "deposit_energy",
        owner=owner,
        battery=battery,
        member=member_address(battery, owner),
        mint=mint,
        vault=vault_address(battery),
        source=source,
        amount=amount,
        minimum_credit=minimum_credit,
    )


def withdraw_energy(*, owner: Pubkey, battery: Pubkey, destination: Pubkey, amount: int) -> Instruction:
    """Move `amount` tokens of the owner's unallocated balance from the vault to any account of the mint."""
    return _LAYOUT.build(
        "withdraw_energy",
        owner=owner,
        battery=battery,
        member=member_address(battery, owner),
        vault=vault_address(battery),
        destination=destination,
        amount=amount,
    )


def allocate(*, owner: Pubkey, battery: Pubkey, amount: int) -> Instruction:
    """Reserve `amount` of the owner's unallocated balance and renew the expiry of all they have allocated.

    >>> me, battery = Pubkey([1] * 32), Pubkey([2] * 32)
    >>> len(allocate(owner=me, battery=battery, amount=1_500).data)
    16
    >>> allocate(owner=me, battery=battery, amount=-1)
    Traceback (most recent call last):
        ...
    ValueError: amount must be an integer from 0 to 18446744073709551615, not -1
    """
    member = member_address(battery, owner)
    return _LAYOUT.build("allocate", owner=owner, battery=battery, member=member, amount=amount)


def deallocate(*, owner: Pubkey, battery: Pubkey, amount: int) -> Instruction:
    """Release `amount` of the owner's reservation to the pool."""
    member = member_address(battery, owner)
    return _LAYOUT.build("deallocate", owner=owner, battery=battery, member=member, amount=amount)


def consume(*, owner: Pubkey, battery: Pubkey, mint: Pubkey, amount: int) -> Instruction:
    """Use `amount` of the owner's reservation before it expires: its tokens are burned."""
    return _LAYOUT.build(
        "consume",
        owner=owner,
        battery=battery,
        member=member_address(battery, owner),
        mint=mint,
        vault=vault_address(battery),
        amount=amount,
    )


def return_rent(*, owner: Pubkey, member: Pubkey, amount: int) -> Instruction:
    """Give the owner `amount` lamports of their member account, which has to keep the rent of today."""
    return _LAYOUT.build("return_rent", owner=owner, member=member, amount=amount)


def release_expired(*, battery: Pubkey, owner: Pubkey) -> Instruction:
    """Return the owner's expired allocation to the pool. Anyone may send it: it needs no signature."""
    return _LAYOUT.build("release_expired", battery=battery, member=member_address(battery, owner))


def set_policy(
    *,
    authority: Pubkey,
    battery: Pubkey,
    capacity: int,
    allocation_limit: int,
    allocation_lifetime: int,
    efficiency_bps: int,
) -> Instruction:
    """Set the policy for what comes after; the capacity has to hold what is stored. Units: `initialize`."""
    return _LAYOUT.build(
        "set_policy",
        authority=authority,
        battery=battery,
        capacity=capacity,
        allocation_limit=allocation_limit,
        allocation_lifetime=allocation_lifetime,
        efficiency_bps=efficiency_bps,
    )


def set_member_limit(*, authority: Pubkey, battery: Pubkey, owner: Pubkey, limit: int) -> Instruction:
    """Set what one member may have allocated at once; POLICY_LIMIT for as the policy says."""
    member = member_address(battery, owner)
    return _LAYOUT.build("set_member_limit", authority=authority, battery=battery, member=member, limit=limit)


def pause(*, authority: Pubkey, battery: Pubkey) -> Instruction:
    """Stop deposits and allocations; everything that lets a member leave goes on."""
    return _LAYOUT.build("pause", authority=authority, battery=battery)


def resume(*, authority: Pubkey, battery: Pubkey) -> Instruction:
    """Take deposits and allocations again."""
    return _LAYOUT.build("resume", authority=authority, battery=battery)


def propose_authority(*, authority: Pubkey, battery: Pubkey, proposed: Pubkey) -> Instruction:
    """Offer the authority to `proposed`, who has to accept it. Proposing oneself cancels."""
    return _LAYOUT.build("propose_authority", authority=authority, battery=battery, proposed=proposed)


def accept_authority(*, authority: Pubkey, battery: Pubkey) -> Instruction:
    """Become the authority, as the key that was proposed."""
    return _LAYOUT.build("accept_authority", authority=authority, battery=battery)


_BATTERY = _LAYOUT.account(Battery)
_MEMBER = _LAYOUT.account(Member)
EVENTS: EventReader[Event] = _LAYOUT.events(get_args(Event))
