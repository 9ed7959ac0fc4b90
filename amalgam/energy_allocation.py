"""The energy_allocation program as Python sees it: addresses, accounts, events and instructions.

Everything here is pure; `amalgam.client` talks to a chain. Discriminators, layouts, the order of accounts and
who signs come from the IDL that is built with the program. This module only adds names and types, and cannot
be imported where the two disagree.

Amounts are base units of the mint: Wh of energy, L of water, kg of waste. Times are Unix seconds, ratios are
basis points (10,000 = 1).
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import Any, Generic, TypeVar, cast, get_args, get_type_hints

from based58 import b58encode
from solana.rpc.types import MemcmpOpts
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM_ID
from solders.sysvar import CLOCK, RENT
from spl.token.constants import TOKEN_PROGRAM_ID

from amalgam import built

PROGRAM_ID = Pubkey.from_string("2hLdmxESnJqMWB7GM6Z5rERUZNJeNCdTAGdou4ySQJ7v")
BPS = 10_000
POLICY_LIMIT = 2**64 - 1  # a member's allocation limit that means: as the battery's policy says

_IDL: Mapping[str, Any] = json.loads(built("energy_allocation.json").read_text("utf-8"))
_DISCRIMINATOR_BYTES = 8
_Record = TypeVar("_Record")


class Resource(IntEnum):
    """What a battery stores, and with it the base unit."""

    ENERGY = 0  # Wh
    WATER = 1  # L
    WASTE = 2  # kg


# Addresses


def battery_address(creator: Pubkey, mint: Pubkey) -> Pubkey:
    """The battery that `creator` initializes for `mint`; a later change of authority does not move it."""
    return _derived(b"battery", bytes(creator), bytes(mint))


def member_address(battery: Pubkey, owner: Pubkey) -> Pubkey:
    """The owner's share of a battery."""
    return _derived(b"member", bytes(battery), bytes(owner))


def vault_address(battery: Pubkey) -> Pubkey:
    """The token account that holds what a battery stores."""
    return _derived(b"vault", bytes(battery))


@lru_cache(maxsize=10_000)
def _derived(*seeds: bytes) -> Pubkey:
    return Pubkey.find_program_address(seeds, PROGRAM_ID)[0]


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
        """Decode an account's data. Raises ValueError where it is not a Member's."""
        return _MEMBER.decode(data)

    @staticmethod
    def filters(battery: Pubkey) -> list[MemcmpOpts]:
        """What getProgramAccounts is to compare for it to find a battery's members."""
        return [
            MemcmpOpts(0, b58encode(_MEMBER.discriminator).decode()),
            MemcmpOpts(_MEMBER.offsets["battery"], str(battery)),
        ]


@dataclass(frozen=True, slots=True)
class Battery:
    """A pool: what it can hold, what it holds, its policy."""

    creator: Pubkey
    authority: Pubkey
    pending_authority: Pubkey  # the authority itself where nobody is proposed
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
        """Decode an account's data. Raises ValueError where it is not a Battery's."""
        return _BATTERY.decode(data)

    @property
    def stored(self) -> int:
        """What the battery holds: available and allocated."""
        return self.available + self.allocated

    @property
    def free_capacity(self) -> int:
        """What can still be credited."""
        return self.capacity - self.stored

    def credit_for(self, amount: int) -> int:
        """What a deposit of `amount` is credited with: its loss taken off, rounded down."""
        return amount * self.efficiency_bps // BPS

    def allocation_limit_of(self, member: Member) -> int:
        """What the member may have allocated at once."""
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
    """`proposed` may accept the authority; where it is the authority itself, nobody may any more."""

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

_INVOKED = re.compile(r"Program (\w+) invoke \[\d+\]")
_SUCCEEDED = re.compile(r"Program \w+ success\b")
_FAILED = re.compile(r"Program \w+ failed\b")
_DATA = "Program data: "
_TRUNCATED = "Log truncated"


class TruncatedLogError(ValueError):
    """A transaction logged more than nodes keep: events of it are lost."""


def events(logs: Iterable[str]) -> list[Event]:
    """The events in a transaction's logs, in order: only what this program itself has logged.

    A transaction that failed has none: what it did was undone. Unknown events, as of a later version of the
    program, are passed over. Raises TruncatedLogError where the log is not whole.
    """
    found: list[Event] = []
    running: list[str] = []
    for line in logs:
        if line == _TRUNCATED:
            raise TruncatedLogError("a transaction's log was cut off, and events of it are lost")
        if _FAILED.match(line):
            return []
        if invoked := _INVOKED.match(line):
            running.append(invoked[1])
        elif _SUCCEEDED.match(line):
            running.pop()
        elif line.startswith(_DATA) and running[-1] == str(PROGRAM_ID):
            data = b64decode(line.removeprefix(_DATA))
            layout = _EVENTS.get(data[:_DISCRIMINATOR_BYTES])
            if layout is not None:
                found.append(layout.decode(data))
    return found


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
    return _INSTRUCTIONS["initialize"].build(
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
    return _INSTRUCTIONS["open_member"].build(payer=payer, battery=battery, member=member, owner=owner)


def deposit_energy(
    *, owner: Pubkey, battery: Pubkey, mint: Pubkey, source: Pubkey, amount: int, minimum_credit: int
) -> Instruction:
    """Move `amount` tokens from the owner's `source`: what is credited to the vault, the loss burned.

    Refused where less than `minimum_credit` would be credited: the efficiency may have changed meanwhile.
    """
    return _INSTRUCTIONS["deposit_energy"].build(
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
    return _INSTRUCTIONS["withdraw_energy"].build(
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
    return _INSTRUCTIONS["allocate"].build(owner=owner, battery=battery, member=member, amount=amount)


def deallocate(*, owner: Pubkey, battery: Pubkey, amount: int) -> Instruction:
    """Release `amount` of the owner's reservation to the pool."""
    member = member_address(battery, owner)
    return _INSTRUCTIONS["deallocate"].build(owner=owner, battery=battery, member=member, amount=amount)


def consume(*, owner: Pubkey, battery: Pubkey, mint: Pubkey, amount: int) -> Instruction:
    """Use `amount` of the owner's reservation before it expires: its tokens are burned."""
    return _INSTRUCTIONS["consume"].build(
        owner=owner,
        battery=battery,
        member=member_address(battery, owner),
        mint=mint,
        vault=vault_address(battery),
        amount=amount,
    )


def release_expired(*, battery: Pubkey, owner: Pubkey) -> Instruction:
    """Return the owner's expired allocation to the pool. Anyone may send it: it needs no signature."""
    return _INSTRUCTIONS["release_expired"].build(battery=battery, member=member_address(battery, owner))


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
    return _INSTRUCTIONS["set_policy"].build(
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
    return _INSTRUCTIONS["set_member_limit"].build(
        authority=authority, battery=battery, member=member, limit=limit
    )


def pause(*, authority: Pubkey, battery: Pubkey) -> Instruction:
    """Stop deposits and allocations; everything that lets a member leave goes on."""
    return _INSTRUCTIONS["pause"].build(authority=authority, battery=battery)


def resume(*, authority: Pubkey, battery: Pubkey) -> Instruction:
    """Take deposits and allocations again."""
    return _INSTRUCTIONS["resume"].build(authority=authority, battery=battery)


def propose_authority(*, authority: Pubkey, battery: Pubkey, proposed: Pubkey) -> Instruction:
    """Offer the authority to `proposed`, who has to accept it. Proposing oneself cancels."""
    return _INSTRUCTIONS["propose_authority"].build(authority=authority, battery=battery, proposed=proposed)


def accept_authority(*, authority: Pubkey, battery: Pubkey) -> Instruction:
    """Become the authority, as the key that was proposed."""
    return _INSTRUCTIONS["accept_authority"].build(authority=authority, battery=battery)


# Layouts. All fields of this program are of fixed size, so Borsh is Struct's little-endian packing.

_STRUCT_CODES = {"bool": "?", "u8": "B", "u16": "H", "u64": "Q", "i64": "q", "publicKey": "32s"}
_RANGES = {"u8": (0, 2**8 - 1), "u16": (0, 2**16 - 1), "u64": (0, 2**64 - 1), "i64": (-(2**63), 2**63 - 1)}
_WELL_KNOWN = {
    "clock": CLOCK,
    "rent": RENT,
    "system_program": SYSTEM_PROGRAM_ID,
    "token_program": TOKEN_PROGRAM_ID,
}


def _snake(camel: str) -> str:
    return re.sub("(?=[A-Z])", "_", camel).lower()


def _discriminator(namespace: str, name: str) -> bytes:
    return sha256(f"{namespace}:{name}".encode()).digest()[:_DISCRIMINATOR_BYTES]


def _type_name(field: Mapping[str, Any]) -> str:
    # A dict is a type that the IDL defines. The only one is an enum: its index, in a byte.
    return "u8" if isinstance(field["type"], dict) else field["type"]


def _struct(fields: Sequence[Mapping[str, Any]]) -> Struct:
    return Struct("<" + "".join(_STRUCT_CODES[_type_name(field)] for field in fields))


class _RecordLayout(Generic[_Record]):
    """How an account's or an event's bytes become a dataclass."""

    def __init__(self, record: type[_Record], namespace: str, fields: Sequence[Mapping[str, Any]]) -> None:
        types = get_type_hints(record)
        names = [_snake(field["name"]) for field in fields]
        if list(types) != names:
            raise TypeError(f"{record.__name__} has not the fields of the program's IDL: {', '.join(names)}")
        self._record = record
        self._types = tuple(types.values())
        self._struct = _struct(fields)
        self.discriminator = _discriminator(namespace, record.__name__)
        self.offsets = {
            name: _DISCRIMINATOR_BYTES + _struct(fields[:index]).size for index, name in enumerate(names)
        }

    def decode(self, data: bytes) -> _Record:
        if not data.startswith(self.discriminator) or len(data) < _DISCRIMINATOR_BYTES + self._struct.size:
            raise ValueError(f"not the data of a {self._record.__name__}")
        values = self._struct.unpack_from(data, _DISCRIMINATOR_BYTES)
        return self._record(*(to_type(value) for to_type, value in zip(self._types, values, strict=True)))


class _InstructionLayout:
    """An instruction of the IDL, to be filled in."""

    def __init__(self, idl: Mapping[str, Any]) -> None:
        self._discriminator = _discriminator("global", _snake(idl["name"]))
        self._accounts = [(_snake(a["name"]), a["isSigner"], a["isMut"]) for a in idl["accounts"]]
        self._arguments = [(_snake(a["name"]), _type_name(a)) for a in idl["args"]]
        self._struct = _struct(idl["args"])

    def build(self, **values: Pubkey | int) -> Instruction:
        addresses = cast(dict[str, Pubkey], _WELL_KNOWN | values)
        accounts = [AccountMeta(addresses[name], signs, writes) for name, signs, writes in self._accounts]
        arguments = (_argument(name, type_name, values[name]) for name, type_name in self._arguments)
        return Instruction(PROGRAM_ID, self._discriminator + self._struct.pack(*arguments), accounts)


def _argument(name: str, type_name: str, value: Pubkey | int) -> int | bytes:
    if isinstance(value, Pubkey):
        return bytes(value)
    low, high = _RANGES[type_name]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError(f"{name} must be an integer from {low} to {high}, not {value!r}")
    return value


_ACCOUNT_FIELDS = {account["name"]: account["type"]["fields"] for account in _IDL["accounts"]}
_EVENT_FIELDS = {event["name"]: event["fields"] for event in _IDL["events"]}
_BATTERY = _RecordLayout(Battery, "account", _ACCOUNT_FIELDS["Battery"])
_MEMBER = _RecordLayout(Member, "account", _ACCOUNT_FIELDS["Member"])
_EVENTS = {
    layout.discriminator: layout
    for layout in (_RecordLayout(event, "event", _EVENT_FIELDS[event.__name__]) for event in get_args(Event))
}
_INSTRUCTIONS = {_snake(idl["name"]): _InstructionLayout(idl) for idl in _IDL["instructions"]}
