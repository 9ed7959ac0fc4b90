"""A battery rebuilt from its events alone.

What moved is summed up here, and every total that an event states is compared with the sum: the chain's
accounts are never asked, and a missing or repeated event is seen, or one whose totals were altered.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from solders.pubkey import Pubkey

from amalgam.battery.program import (
    POLICY_LIMIT,
    PROGRAM_ID,
    AllocationReleased,
    AuthorityAccepted,
    AuthorityProposed,
    Battery,
    BatteryInitialized,
    BatteryPaused,
    BatteryResumed,
    EnergyAllocated,
    EnergyConsumed,
    EnergyDeallocated,
    EnergyDeposited,
    EnergyWithdrawn,
    Event,
    Member,
    MemberLimitSet,
    MemberOpened,
    PolicySet,
    battery_address,
    member_address,
    vault_address,
)
from amalgam.chain.events import BrokenHistoryError


class History:
    """A battery as its events tell it so far.

    Attributes:
        address: The battery's.
        battery: What the account at `address` holds after the latest event.
        members: The same of each member, by the address of their account.
    """

    def __init__(self, first: BatteryInitialized) -> None:
        """Begin with a battery's first event."""
        creator, mint = first.authority, first.mint
        _, bump = Pubkey.find_program_address([b"battery", bytes(creator), bytes(mint)], PROGRAM_ID)
        self.address = first.battery
        self.battery = Battery(
            creator=creator,
            authority=creator,
            pending_authority=creator,
            mint=mint,
            vault=vault_address(first.battery),
            capacity=first.capacity,
            available=0,
            allocated=0,
            allocation_limit=first.allocation_limit,
            allocation_lifetime=first.allocation_lifetime,
            member_count=0,
            sequence=1,
            efficiency_bps=first.efficiency_bps,
            resource=first.resource,
            paused=False,
            bump=bump,
        )
        self.members: dict[Pubkey, Member] = {}
        self._compare(first)

    @property
    def accounts(self) -> dict[Pubkey, Battery | Member]:
        """The battery and its members, by the addresses of their accounts."""
        return {self.address: self.battery, **self.members}

    def apply(self, event: Event, _unix_timestamp: int | None = None, /) -> None:
        """Take the battery's next event. Raises BrokenHistoryError; the history is of no use after that.

        The time of its block, which other programs' histories need, makes no difference.
        """
        if event.battery != self.address:
            raise BrokenHistoryError(f"event {event.sequence} is of battery {event.battery}")
        if event.sequence != self.battery.sequence + 1:
            raise BrokenHistoryError(f"event {event.sequence} comes after event {self.battery.sequence}")
        self._set(sequence=event.sequence)
        match event:
            case MemberOpened():
                self._set(member_count=self.battery.member_count + 1)
                self.members[event.member] = Member(event.owner, event.battery, 0, 0, POLICY_LIMIT, 0)
            case EnergyDeposited():
                self._move(event.member, balance=event.credit)
            case EnergyWithdrawn():
                self._move(event.member, balance=-event.amount)
            case EnergyAllocated():
                self._move(event.member, allocated=event.amount)
                self._set_member(event.member, allocation_expiry=event.expiry)
            case EnergyDeallocated() | AllocationReleased():
                self._move(event.member, allocated=-event.amount)
            case EnergyConsumed():
                self._move(event.member, balance=-event.amount, allocated=-event.amount)
            case PolicySet():
                self._set(
                    capacity=event.capacity,
                    allocation_limit=event.allocation_limit,
                    allocation_lifetime=event.allocation_lifetime,
                    efficiency_bps=event.efficiency_bps,
                )
            case MemberLimitSet():
                self._set_member(event.member, allocation_limit=event.limit)
            case BatteryPaused() | BatteryResumed():
                self._set(paused=isinstance(event, BatteryPaused))
            case AuthorityProposed():
                self._set(pending_authority=event.proposed)
            case AuthorityAccepted():
                self._set(authority=event.authority)
            case BatteryInitialized():
                raise BrokenHistoryError(f"event {event.sequence} initializes the battery again")
        self._compare(event)

    @classmethod
    def of(cls, story: Iterable[Event]) -> "History":
        """A battery as all of its events so far tell it. Raises BrokenHistoryError."""
        first, *rest = story
        if not isinstance(first, BatteryInitialized):
            raise BrokenHistoryError(
                f"event {first.sequence} is the first there is, and not the battery's first"
            )
        history = cls(first)
        for event in rest:
            history.apply(event)
        return history

    def _set(self, **fields: Any) -> None:
        self.battery = replace(self.battery, **fields)

    def _member(self, address: Pubkey) -> Member:
        if address not in self.members:
            raise BrokenHistoryError(f"event {self.battery.sequence} is of member {address}, never opened")
        return self.members[address]

    def _set_member(self, address: Pubkey, **fields: Any) -> None:
        self.members[address] = replace(self._member(address), **fields)

    def _move(self, address: Pubkey, *, balance: int = 0, allocated: int = 0) -> None:
        """Add to what a member has, and with it to the pool: what nobody has allocated is available."""
        member = self._member(address)
        self._set_member(address, balance=member.balance + balance, allocated=member.allocated + allocated)
        self._set(
            available=self.battery.available + balance - allocated,
            allocated=self.battery.allocated + allocated,
        )

    def _compare(self, event: Event) -> None:
        """Raise BrokenHistoryError unless the event states what follows from those before it."""
        expected: dict[str, Any] = {
            "available": self.battery.available,
            "allocated": self.battery.allocated,
            "member_count": self.battery.member_count,
        }
        member = self.members.get(getattr(event, "member", self.address))
        if member is not None:
            expected |= {"balance": member.balance, "member_allocated": member.allocated}
        match event:
            case BatteryInitialized():
                expected |= {"battery": battery_address(event.authority, event.mint), "sequence": 1}
            case MemberOpened():
                expected["member"] = member_address(event.battery, event.owner)
            case EnergyDeposited():
                expected["credit"] = self.battery.credit_for(event.amount)
            case AuthorityAccepted():
                expected["authority"] = self.battery.pending_authority
            case _:
                pass
        for name, value in expected.items():
            if getattr(event, name, value) != value:
                stated = getattr(event, name)
                raise BrokenHistoryError(f"event {event.sequence} states {name} {stated} instead of {value}")
