"""The shadow ledger: what the program promises, in plain Python, without a chain.

It is written from the design, not from the program, and says of each operation what the chain must say: the
event and the state after it, or the refusal. Accounts go by names; a slot may hold any account of the right
type, also a wrong one or one that does not exist. Amounts are base units, times Unix seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from anchorpy.error import _LangErrorCode as Anchor

from tests.stage import I64_MAX, System, Token
from tests.world import POLICY_LIMIT, SLOTS

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
        for slot in SLOTS[instruction]:
            if slot in SIGNERS:
                _refuse(not signed, Anchor.AccountNotSigner)
            elif slot in CREATED.get(instruction, ()):
                _refuse(values[slot] in accounts[slot], System.ACCOUNT_ALREADY_IN_USE)
            elif slot in accounts:
                _refuse(values[slot] not in accounts[slot], Anchor.AccountNotInitialized)
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
        _refuse(self.mints[mint].decimals != DECIMALS, "mint must have 3 decimals")
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
        _refuse(pool.paused, "battery is paused")
        self._check_owner(member, battery, owner)
        _refuse(mint != pool.mint, "mint is not of this battery")
        _refuse(vault != pool.vault, "vault is not of this battery")
        _refuse(source == vault, "source is the vault")
        _refuse(held.mint != pool.mint, "source holds another mint")
        _refuse(held.owner != owner, "source belongs to another owner")
        _refuse(amount == 0, "amount must be positive")
        credit = amount * pool.efficiency_bps // BPS
        _refuse(credit == 0, "credit rounds to zero")
        _refuse(credit < minimum_credit, "credit is below the minimum")
        _refuse(credit > pool.capacity - pool.stored, "amount exceeds the free capacity")
        _refuse(held.frozen or self.tokens[vault].frozen, Token.ACCOUNT_FROZEN)
        _refuse(amount > held.amount, Token.INSUFFICIENT_FUNDS)

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
        _refuse(vault != pool.vault, "vault is not of this battery")
        _refuse(destination == vault, "destination is the vault")
        _refuse(receiving.mint != pool.mint, "destination holds another mint")
        _refuse(amount == 0, "amount must be positive")
        _refuse(amount > share.balance, "amount exceeds the balance")
        _refuse(amount > pool.available, "amount exceeds what is available")
        _refuse(amount > share.balance - share.allocated, "amount exceeds the unallocated balance")
        _refuse(receiving.frozen or self.tokens[vault].frozen, Token.ACCOUNT_FROZEN)

        self.tokens[vault].amount -= amount
        receiving.amount += amount
        pool.available -= amount
        share.balance -= amount
        return self._done("EnergyWithdrawn", battery, member=member, amount=amount, balance=share.balance)

    def allocate(self, *, owner: str, battery: str, member: str, amount: int) -> Event:
        pool, share = self.batteries[battery], self.members[member]
        _refuse(pool.paused, "battery is paused")
        self._check_owner(member, battery, owner)
        _refuse(amount == 0, "amount must be positive")
        _refuse(amount > pool.available, "amount exceeds what is available")
        _refuse(amount > share.balance - share.allocated, "amount exceeds the unallocated balance")
        limit = pool.allocation_limit if share.allocation_limit == POLICY_LIMIT else share.allocation_limit
        _refuse(share.allocated + amount > limit, "amount exceeds the allocation limit")
        _refuse(self.now + pool.allocation_lifetime > I64_MAX, "attempt to add with overflow")

        pool.available -= amount
        pool.allocated += amount
        share.allocated += amount
        share.allocation_expiry = self.now + pool.allocation_lifetime
        reserved = {"member_allocated": share.allocated, "expiry": share.allocation_expiry}
        return self._done("EnergyAllocated", battery, member=member, amount=amount, **reserved)

    def deallocate(self, *, owner: str, battery: str, member: str, amount: int) -> Event:
        share = self.members[member]
        self._check_owner(member, battery, owner)
        _refuse(amount == 0, "amount must be positive")
        _refuse(amount > share.allocated, "amount exceeds what is allocated")

        self._release(battery, member, amount)
        left = {"member_allocated": share.allocated}
        return self._done("EnergyDeallocated", battery, member=member, amount=amount, **left)

    def consume(self, *, owner: str, battery: str, member: str, mint: str, vault: str, amount: int) -> Event:
        pool, share = self.batteries[battery], self.members[member]
        self._check_owner(member, battery, owner)
        _refuse(mint != pool.mint, "mint is not of this battery")
        _refuse(vault != pool.vault, "vault is not of this battery")
        _refuse(amount == 0, "amount must be positive")
        _refuse(amount > share.balance, "amount exceeds the balance")
        _refuse(amount > share.allocated, "amount exceeds what is allocated")
        _refuse(self.now >= share.allocation_expiry, "allocation has expired")
        _refuse(self.tokens[vault].frozen, Token.ACCOUNT_FROZEN)

        self.tokens[vault].amount -= amount
        self.mints[mint].supply -= amount
        pool.allocated -= amount
        share.allocated -= amount
        share.balance -= amount
        left = {"balance": share.balance, "member_allocated": share.allocated}
        return self._done("EnergyConsumed", battery, member=member, amount=amount, **left)

    def release_expired(self, *, battery: str, member: str) -> Event:
        share = self.members[member]
        _refuse(share.battery != battery, "member belongs to another battery")
        amount = share.allocated
        _refuse(amount == 0, "nothing is allocated")
        _refuse(self.now < share.allocation_expiry, "allocation has not expired")

        self._release(battery, member, amount)
        return self._done("AllocationReleased", battery, member=member, amount=amount)

    def set_policy(self, *, authority: str, battery: str, **policy: int) -> Event:
        pool = self.batteries[battery]
        self._check_authority(battery, authority)
        _check_policy(**policy)
        _refuse(policy["capacity"] < pool.stored, "capacity is below what is stored")

        for name, value in policy.items():
            setattr(pool, name, value)
        return self._done("PolicySet", battery, **policy)

    def set_member_limit(self, *, authority: str, battery: str, member: str, limit: int) -> Event:
        self._check_authority(battery, authority)
        _refuse(self.members[member].battery != battery, "member belongs to another battery")

        self.members[member].allocation_limit = limit
        return self._done("MemberLimitSet", battery, member=member, limit=limit)

    def pause(self, *, authority: str, battery: str) -> Event:
        self._check_authority(battery, authority)
        _refuse(self.batteries[battery].paused, "battery is paused")

        self.batteries[battery].paused = True
        return self._done("BatteryPaused", battery)

    def resume(self, *, authority: str, battery: str) -> Event:
        self._check_authority(battery, authority)
        _refuse(not self.batteries[battery].paused, "battery is not paused")

        self.batteries[battery].paused = False
        return self._done("BatteryResumed", battery)

    def propose_authority(self, *, authority: str, battery: str, proposed: str) -> Event:
        self._check_authority(battery, authority)

        self.batteries[battery].pending_authority = proposed
        return self._done("AuthorityProposed", battery, proposed=proposed)

    def accept_authority(self, *, authority: str, battery: str) -> Event:
        pool = self.batteries[battery]
        _refuse(pool.pending_authority == pool.authority, "no new authority is proposed")
        _refuse(pool.pending_authority != authority, "signer is not the proposed authority")

        pool.authority = authority
        return self._done("AuthorityAccepted", battery, authority=authority)

    # What the owner of tokens and the mint's authority can do without the program

    def transfer(self, source: str, destination: str, amount: int) -> None:
        held, receiving = self.tokens[source], self.tokens[destination]
        _refuse(held.frozen or receiving.frozen, Token.ACCOUNT_FROZEN)
        _refuse(amount > held.amount, Token.INSUFFICIENT_FUNDS)

        held.amount -= amount
        receiving.amount += amount

    # The rules of the design that one state can show

    def check(self) -> None:
        """Raise AssertionError where one of the rules 1, 2, 3 and 9, or a supply, does not hold."""
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
        _refuse(self.members[member].battery != battery, "member belongs to another battery")
        _refuse(self.members[member].owner != owner, "member belongs to another owner")

    def _check_authority(self, battery: str, authority: str) -> None:
        _refuse(self.batteries[battery].authority != authority, "signer is not the authority")

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
    _refuse(capacity == 0, "capacity must be positive")
    _refuse(allocation_limit == 0, "allocation limit must be positive")
    _refuse(allocation_limit > capacity, "allocation limit exceeds the capacity")
    _refuse(allocation_lifetime <= 0, "allocation lifetime must be positive")
    _refuse(allocation_lifetime > MAX_LIFETIME, "allocation lifetime exceeds a year")
    _refuse(efficiency_bps == 0, "efficiency must be positive")
    _refuse(efficiency_bps > BPS, "efficiency exceeds 10000 basis points")


def _refuse(when: bool, error: Error) -> None:
    if when:
        raise Refusal(error)
