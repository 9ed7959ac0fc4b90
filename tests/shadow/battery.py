"""The shadow ledger: what the program promises, in plain Python, without a chain.

It is written from the design, not from the program, and says of each operation what the chain must say: the
event and the state after it, or the refusal. Accounts go by names; a slot may hold any account of the right
type, also a wrong one or one that does not exist. Amounts are base units, times Unix seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from anchorpy.error import _LangErrorCode as Anchor

from tests.support.battery import POLICY_LIMIT, SLOTS
from tests.support.stage import I64_MAX, System, Token

MAX_LIFETIME = 365 * 86_400
BPS = 10_000
DECIMALS = 3
RESOURCES = ("ENERGY", "WATER", "WASTE")
SIGNERS = ("authority", "payer", "owner")  # the slots that sign
CREATED = {"initialize": ("battery", "vault"), "open_member": ("member",)}  # the slots that come to be

Event = tuple[str, dict[str, Any]]
Error = str | Anchor | System | Token


class Refusal(Exception):  # noqa: N818 (an answer, not a fault)
    """The program's message, or the error of Anchor's code or another program; nothing has changed."""

    def __init__(self, error: Error) -> None:
        super().__init__(error)
        self.error = error


@dataclass(slots=True)
class Battery:
    creator: str
    authority: str
    pending_authority: str
    mint: str
    vault: str
    capacity: int
    allocation_limit: int
    allocation_lifetime: int
    efficiency_bps: int
    resource: str
    available: int = 0
    allocated: int = 0
    member_count: int = 0
    sequence: int = 1
    paused: bool = False

    @property
    def stored(self) -> int:
        return self.available + self.allocated


@dataclass(slots=True)
class Member:
    owner: str
    battery: str
    balance: int = 0
    allocated: int = 0
    allocation_limit: int = POLICY_LIMIT
    allocation_expiry: int = 0


@dataclass(slots=True)
class Mint:
    supply: int
    decimals: int = DECIMALS


@dataclass(slots=True)
class Tokens:
    mint: str
    owner: str
    amount: int = 0
    frozen: bool = False


@dataclass(slots=True)
class Ledger:
    """Every account by its name, and the time."""

    now: int
    batteries: dict[str, Battery] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    tokens: dict[str, Tokens] = field(default_factory=dict)
    mints: dict[str, Mint] = field(default_factory=dict)

    def copy(self) -> Ledger:
        return Ledger(
            self.now,
            *(
                {name: replace(each) for name, each in accounts.items()}
                for accounts in (self.batteries, self.members, self.tokens, self.mints)
            ),
        )

    def run(self, instruction: str, *, signed: bool = True, **values: Any) -> Event:
        """One of the program's instructions. Raises Refusal.

        Anchor looks at the accounts first, in their order; `values` are accounts and arguments by their names
        in the IDL.
        """
        accounts = {
            "battery": self.batteries,
            "member": self.members,
            "mint": self.mints,
            **dict.fromkeys(("vault", "source", "destination"), self.tokens),
        }
        look_at(SLOTS[instruction], accounts, values, CREATED.get(instruction, ()), SIGNERS, signed=signed)
        return getattr(self, instruction)(**values)

    # The program's instructions on accounts that exist, signed by those that must

    def initialize(
        self,
        *,
        authority: str,
        mint: str,
        battery: str,
        vault: str,
        resource: str,
        capacity: int,
        allocation_limit: int,
        allocation_lifetime: int,
        efficiency_bps: int,
    ) -> Event:
        refuse(self.mints[mint].decimals != DECIMALS, "mint must have 3 decimals")
        _check_policy(capacity, allocation_limit, allocation_lifetime, efficiency_bps)
        policy = {
            "capacity": capacity,
            "allocation_limit": allocation_limit,
            "allocation_lifetime": allocation_lifetime,
            "efficiency_bps": efficiency_bps,
        }
        created = Battery(authority, authority, authority, mint, vault, resource=resource, **policy)
        self.batteries[battery] = created
        self.tokens[vault] = Tokens(mint, battery)
        return "BatteryInitialized", {
            "battery": battery,
            "authority": authority,
            "mint": mint,
            **policy,
            "resource": RESOURCES.index(resource),
            **_totals(created),
        }

    def open_member(self, *, payer: str, battery: str, member: str, owner: str) -> Event:  # noqa: ARG002
        pool = self.batteries[battery]
        self.members[member] = Member(owner, battery)
        pool.member_count += 1
        opened = {"owner": owner, "member_count": pool.member_count}
        return self._done("MemberOpened", battery, member=member, **opened)

    def deposit_energy(
        self,
        *,
        owner: str,
        battery: str,
        member: str,
        mint: str,
        vault: str,
        source: str,
        amount: int,
        minimum_credit: int,
    ) -> Event:
        pool, share, held = self.batteries[battery], self.members[member], self.tokens[source]
        refuse(pool.paused, "battery is paused")
        self._check_owner(member, battery, owner)
        refuse(mint != pool.mint, "mint is not of this battery")
        refuse(vault != pool.vault, "vault is not of this battery")
        refuse(source == vault, "source is the vault")
        refuse(held.mint != pool.mint, "source holds another mint")
        refuse(held.owner != owner, "source belongs to another owner")
        refuse(amount == 0, "amount must be positive")
        credit = amount * pool.efficiency_bps // BPS
        refuse(credit == 0, "credit rounds to zero")
        refuse(credit < minimum_credit, "credit is below the minimum")
        refuse(credit > pool.capacity - pool.stored, "amount exceeds the free capacity")
        refuse(held.frozen or self.tokens[vault].frozen, Token.ACCOUNT_FROZEN)
        refuse(amount > held.amount, Token.INSUFFICIENT_FUNDS)

        held.amount -= amount
        self.tokens[vault].amount += credit
        self.mints[mint].supply -= amount - credit
        pool.available += credit
        share.balance += credit
        credited = {"amount": amount, "credit": credit, "balance": share.balance}
        return self._done("EnergyDeposited", battery, member=member, **credited)

    def withdraw_energy(
        self, *, owner: str, battery: str, member: str, vault: str, destination: str, amount: int
    ) -> Event:
        pool, share, receiving = self.batteries[battery], self.members[member], self.tokens[destination]
        self._check_owner(member, battery, owner)
        refuse(vault != pool.vault, "vault is not of this battery")
        refuse(destination == vault, "destination is the vault")
        refuse(receiving.mint != pool.mint, "destination holds another mint")
        refuse(amount == 0, "amount must be positive")
        refuse(amount > share.balance, "amount exceeds the balance")
        refuse(amount > pool.available, "amount exceeds what is available")
        refuse(amount > share.balance - share.allocated, "amount exceeds the unallocated balance")
        refuse(receiving.frozen or self.tokens[vault].frozen, Token.ACCOUNT_FROZEN)

        self.tokens[vault].amount -= amount
        receiving.amount += amount
        pool.available -= amount
        share.balance -= amount
        return self._done("EnergyWithdrawn", battery, member=member, amount=amount, balance=share.balance)

    def allocate(self, *, owner: str, battery: str, member: str, amount: int) -> Event:
        pool, share = self.batteries[battery], self.members[member]
        refuse(pool.paused, "battery is paused")
        self._check_owner(member, battery, owner)
        refuse(amount == 0, "amount must be positive")
        refuse(amount > pool.available, "amount exceeds what is available")
        refuse(amount > share.balance - share.allocated, "amount exceeds the unallocated balance")
        limit = pool.allocation_limit if share.allocation_limit == POLICY_LIMIT else share.allocation_limit
        refuse(share.allocated + amount > limit, "amount exceeds the allocation limit")
        refuse(self.now + pool.allocation_lifetime > I64_MAX, "attempt to add with overflow")

        pool.available -= amount
        pool.allocated += amount
        share.allocated += amount
        share.allocation_expiry = self.now + pool.allocation_lifetime
        reserved = {"member_allocated": share.allocated, "expiry": share.allocation_expiry}
        return self._done("EnergyAllocated", battery, member=member, amount=amount, **reserved)

    def deallocate(self, *, owner: str, battery: str, member: str, amount: int) -> Event:
        share = self.members[member]
        self._check_owner(member, battery, owner)
        refuse(amount == 0, "amount must be positive")
        refuse(amount > share.allocated, "amount exceeds what is allocated")

        self._release(battery, member, amount)
        left = {"member_allocated": share.allocated}
        return self._done("EnergyDeallocated", battery, member=member, amount=amount, **left)

    def consume(self, *, owner: str, battery: str, member: str, mint: str, vault: str, amount: int) -> Event:
        pool, share = self.batteries[battery], self.members[member]
        self._check_owner(member, battery, owner)
        refuse(mint != pool.mint, "mint is not of this battery")
        refuse(vault != pool.vault, "vault is not of this battery")
        refuse(amount == 0, "amount must be positive")
        refuse(amount > share.balance, "amount exceeds the balance")
        refuse(amount > share.allocated, "amount exceeds what is allocated")
        refuse(self.now >= share.allocation_expiry, "allocation has expired")
        refuse(self.tokens[vault].frozen, Token.ACCOUNT_FROZEN)

        self.tokens[vault].amount -= amount
        self.mints[mint].supply -= amount
        pool.allocated -= amount
        share.allocated -= amount
        share.balance -= amount
        left = {"balance": share.balance, "member_allocated": share.allocated}
        return self._done("EnergyConsumed", battery, member=member, amount=amount, **left)

    def release_expired(self, *, battery: str, member: str) -> Event:
        share = self.members[member]
        refuse(share.battery != battery, "member belongs to another battery")
        amount = share.allocated
        refuse(amount == 0, "nothing is allocated")
        refuse(self.now < share.allocation_expiry, "allocation has not expired")

        self._release(battery, member, amount)
        return self._done("AllocationReleased", battery, member=member, amount=amount)

    def set_policy(self, *, authority: str, battery: str, **policy: int) -> Event:
        pool = self.batteries[battery]
        self._check_authority(battery, authority)
        _check_policy(**policy)
        refuse(policy["capacity"] < pool.stored, "capacity is below what is stored")

        for name, value in policy.items():
            setattr(pool, name, value)
        return self._done("PolicySet", battery, **policy)

    def set_member_limit(self, *, authority: str, battery: str, member: str, limit: int) -> Event:
        self._check_authority(battery, authority)
        refuse(self.members[member].battery != battery, "member belongs to another battery")

        self.members[member].allocation_limit = limit
        return self._done("MemberLimitSet", battery, member=member, limit=limit)

    def pause(self, *, authority: str, battery: str) -> Event:
        self._check_authority(battery, authority)
        refuse(self.batteries[battery].paused, "battery is paused")

        self.batteries[battery].paused = True
        return self._done("BatteryPaused", battery)

    def resume(self, *, authority: str, battery: str) -> Event:
        self._check_authority(battery, authority)
        refuse(not self.batteries[battery].paused, "battery is not paused")

        self.batteries[battery].paused = False
        return self._done("BatteryResumed", battery)

    def propose_authority(self, *, authority: str, battery: str, proposed: str) -> Event:
        self._check_authority(battery, authority)

        self.batteries[battery].pending_authority = proposed
        return self._done("AuthorityProposed", battery, proposed=proposed)

    def accept_authority(self, *, authority: str, battery: str) -> Event:
        pool = self.batteries[battery]
        refuse(pool.pending_authority == pool.authority, "no new authority is proposed")
        refuse(pool.pending_authority != authority, "signer is not the proposed authority")

        pool.authority = authority
        return self._done("AuthorityAccepted", battery, authority=authority)

    # What the owner of tokens and the mint's authority can do without the program

    def transfer(self, source: str, destination: str, amount: int) -> None:
        check_transfer(self.tokens, source, destination, amount)

        self.tokens[source].amount -= amount
        self.tokens[destination].amount += amount

    # The rules of the design that one state can show

    def check(self) -> None:
        """Raise AssertionError if one of the rules 1, 2, 3 and 9, or a supply, does not hold."""
        for name, pool in self.batteries.items():
            shares = [share for share in self.members.values() if share.battery == name]
            assert self.tokens[pool.vault].amount >= pool.stored, name
            assert sum(share.balance for share in shares) == pool.stored, name
            assert sum(share.allocated for share in shares) == pool.allocated, name
            assert pool.stored <= pool.capacity, name
            assert all(0 <= share.allocated <= share.balance for share in shares), name
            assert len(shares) == pool.member_count, name
        for name, mint in self.mints.items():
            assert mint.supply == sum(held.amount for held in self.tokens.values() if held.mint == name), name

    # Shared

    def _check_owner(self, member: str, battery: str, owner: str) -> None:
        refuse(self.members[member].battery != battery, "member belongs to another battery")
        refuse(self.members[member].owner != owner, "member belongs to another owner")

    def _check_authority(self, battery: str, authority: str) -> None:
        refuse(self.batteries[battery].authority != authority, "signer is not the authority")

    def _release(self, battery: str, member: str, amount: int) -> None:
        self.batteries[battery].available += amount
        self.batteries[battery].allocated -= amount
        self.members[member].allocated -= amount

    def _done(self, event: str, battery: str, **fields: Any) -> Event:
        pool = self.batteries[battery]
        pool.sequence += 1
        return event, {"battery": battery, **fields, **_totals(pool)}


def _totals(pool: Battery) -> dict[str, int]:
    return {"available": pool.available, "allocated": pool.allocated, "sequence": pool.sequence}


def _check_policy(
    capacity: int, allocation_limit: int, allocation_lifetime: int, efficiency_bps: int
) -> None:
    refuse(capacity == 0, "capacity must be positive")
    refuse(allocation_limit == 0, "allocation limit must be positive")
    refuse(allocation_limit > capacity, "allocation limit exceeds the capacity")
    refuse(allocation_lifetime <= 0, "allocation lifetime must be positive")
    refuse(allocation_lifetime > MAX_LIFETIME, "allocation lifetime exceeds a year")
    refuse(efficiency_bps == 0, "efficiency must be positive")
    refuse(efficiency_bps > BPS, "efficiency exceeds 10000 basis points")


def check_transfer(tokens: Mapping[str, Tokens], source: str, destination: str, amount: int) -> None:
    """Raise Refusal if SPL Token does not move tokens of one mint."""
    refuse(tokens[source].frozen or tokens[destination].frozen, Token.ACCOUNT_FROZEN)
    refuse(amount > tokens[source].amount, Token.INSUFFICIENT_FUNDS)


def look_at(
    slots: Sequence[str],
    accounts: Mapping[str, Mapping[str, Any]],
    values: Mapping[str, Any],
    created: Collection[str],
    signers: Collection[str],
    *,
    signed: bool,
) -> None:
    """Raise Refusal if Anchor does, which looks at an instruction's accounts one after the other.

    `accounts` are those there are, by the slots that they fit; of `slots` some are `created`, and some sign.
    """
    for slot in slots:
        if slot in signers:
            refuse(not signed, Anchor.AccountNotSigner)
        elif slot in created:
            refuse(values[slot] in accounts[slot], System.ACCOUNT_ALREADY_IN_USE)
        elif slot in accounts:
            refuse(values[slot] not in accounts[slot], Anchor.AccountNotInitialized)


def refuse(when: bool, error: Error) -> None:
    if when:
        raise Refusal(error)
