"""A battery's accounts and events in the words and units of what it holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from solders.pubkey import Pubkey

from amalgam.battery.program import (
    POLICY_LIMIT,
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
    member_address,
)
from amalgam.units import MEASURES, Measure, duration, percent, utc

OWNED = ("member",)  # accounts that events are of
OWNER = "owner"  # whose they are


def measure_of(pool: Battery) -> Measure:
    """The words and units of what a battery holds."""
    return MEASURES[pool.resource]


def owners_of(battery: Pubkey, members: Iterable[Member]) -> dict[Pubkey, Pubkey]:
    """The owners of a battery's members, by the address of their accounts."""
    return {member_address(battery, member.owner): member.owner for member in members}


def describe_event(event: Event, measure: Measure) -> str:
    """An event as a phrase."""
    text = measure.text
    match event:
        case BatteryInitialized():
            return f"created {measure.pool} {event.battery}: {policy(event, measure)}"
        case MemberOpened():
            return f"opened member {event.member_count:,}, {event.owner}"
        case EnergyDeposited():
            lost = f"{text(event.amount - event.credit)} {measure.lost}"
            return (
                f"deposited {text(event.amount)}: {text(event.credit)} credited, {lost}; "
                f"balance {text(event.balance)}"
            )
        case EnergyWithdrawn():
            return f"withdrew {text(event.amount)}; balance {text(event.balance)}"
        case EnergyAllocated():
            return (
                f"allocated {text(event.amount)}; {text(event.member_allocated)} allocated "
                f"until {utc(event.expiry)}"
            )
        case EnergyDeallocated():
            return f"deallocated {text(event.amount)}; {text(event.member_allocated)} allocated"
        case EnergyConsumed():
            return (
                f"{measure.consumed} {text(event.amount)}; balance {text(event.balance)}, "
                f"{text(event.member_allocated)} allocated"
            )
        case AllocationReleased():
            return f"released the expired allocation of {text(event.amount)}"
        case PolicySet():
            return f"set the policy: {policy(event, measure)}"
        case MemberLimitSet():
            limit = "as the policy says" if event.limit == POLICY_LIMIT else text(event.limit)
            return f"set the member's allocation limit: {limit}"
        case BatteryPaused():
            return "paused: no deposits and no allocations"
        case BatteryResumed():
            return "resumed: deposits and allocations again"
        case AuthorityProposed():
            return f"proposed {event.proposed} as the authority"
        case AuthorityAccepted():
            return f"handed over to {event.authority}, the authority now"


def described(address: Pubkey, pool: Battery, measure: Measure) -> list[tuple[str, str]]:
    """A battery, line by line."""
    share = f"{Decimal(pool.stored * 100) / pool.capacity:.0f} %"
    handover = [("Proposed", f"{pool.pending_authority}, who has to accept")]
    return [
        (measure.pool.capitalize(), str(address)),
        (
            "Stored",
            f"{measure.text(pool.stored)} ({share}): {measure.text(pool.available)} available, "
            f"{measure.text(pool.allocated)} allocated",
        ),
        ("Policy", policy(pool, measure)),
        (
            "State",
            "paused: no deposits and no allocations" if pool.paused else "takes deposits and allocations",
        ),
        ("Members", f"{pool.member_count:,}"),
        ("Authority", str(pool.authority)),
        *(handover if pool.pending_authority != pool.authority else []),
        ("Mint", str(pool.mint)),
        ("Vault", str(pool.vault)),
        ("Events", f"{pool.sequence:,}"),
    ]


def policy(stated: Battery | BatteryInitialized | PolicySet, measure: Measure) -> str:
    """A policy, as a phrase."""
    return (
        f"capacity {measure.text(stated.capacity)}, crediting {percent(stated.efficiency_bps)} of deposits; "
        f"each member may allocate {measure.text(stated.allocation_limit)} "
        f"for {duration(stated.allocation_lifetime)}"
    )


def plain(record: Any, value: dict[str, Any]) -> dict[str, Any]:
    """A record's fields for JSON: null for a limit that is as the policy says."""
    name = "limit" if isinstance(record, MemberLimitSet) else "allocation_limit"
    return {**value, name: None} if value.get(name) == POLICY_LIMIT else value


# Of an account's fields in a dry run, those that not every program has
CELLS: Mapping[str, Callable[[Any, Measure], str]] = {
    **dict.fromkeys(
        ("capacity", "available", "allocated", "balance"), lambda value, measure: measure.text(value)
    ),
    "allocation_limit": lambda value, measure: "as the policy says" if value is None else measure.text(value),
    "allocation_lifetime": lambda value, _: duration(value),
    "allocation_expiry": lambda value, _: utc(value) if value else "-",
    "efficiency_bps": lambda value, _: percent(value),
}
