"""The programs' accounts and events in the words and units of what it holds, and as plain data for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from decimal import Decimal
from typing import Any, cast

from solders.pubkey import Pubkey

from amalgam.battery import program as energy_allocation
from amalgam.battery.history import Landed, ledger_of
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
    Member,
    MemberLimitSet,
    MemberOpened,
    PolicySet,
    Resource,
    member_address,
)
from amalgam.market import program as energy_market
from amalgam.market import words as market_words
from amalgam.metering import program as metering
from amalgam.units import ENERGY, MEASURES, Measure, Traded, duration, percent, utc
from amalgam.vpp import program as virtual_power_plant
from amalgam.vpp import words as vpp_words

Event = energy_allocation.Event | metering.Event | energy_market.Event | virtual_power_plant.Event
_CELLS = {**market_words.CELLS, **vpp_words.CELLS}  # of what trades
_OWNED = ("member", "meter", "offer", "order", "commitment")  # accounts that events are of


def measure_of(ledger: Battery | metering.Issuer) -> Measure:
    """The words and units of what a battery holds, or an issuer's meters measure."""
    return MEASURES[ledger.resource]


# For people


def told(event: Event, measure: Measure) -> str:
    """What happened, as a phrase."""
    if isinstance(event, energy_allocation.Event):
        return _told(event, measure)
    if isinstance(event, metering.Event):
        return _told_by_meters(event, measure)
    if isinstance(event, energy_market.Event):
        return market_words.told(event, cast(Traded, measure))
    return vpp_words.told(event, cast(Traded, measure))


def _told(event: energy_allocation.Event, measure: Measure) -> str:
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


def _told_by_meters(event: metering.Event, measure: Measure) -> str:
    text = measure.text
    match event:
        case metering.IssuerInitialized():
            return f"created issuer {event.issuer} of {measure.noun}, with mint {event.mint}"
        case metering.MeterRegistered():
            return (
                f"registered device {event.device} of {event.owner}, "
                f"rated {rating(event.rated_power, measure)}, from {text(event.register)} on"
            )
        case metering.EnergyReported():
            return (
                f"reported {text(event.register)} at {utc(event.read_at)}: {text(event.amount)} minted, "
                f"{text(event.meter_minted)} in all"
            )
        case metering.DeviceReplaced():
            return f"replaced by device {event.device}, from {text(event.register)} on"
        case metering.MeterRetired():
            return "retired: its device is believed no more"
        case metering.IssuerPaused():
            return "paused: no reports"
        case metering.IssuerResumed():
            return "resumed: reports again"
        case metering.AuthorityProposed():
            return f"proposed {event.proposed} as the authority"
        case metering.AuthorityAccepted():
            return f"handed over to {event.authority}, the authority now"


def rating(rated_power: int, measure: Measure) -> str:
    """The most in an hour: for energy a power."""
    return f"{measure.number(rated_power)} kW" if measure is ENERGY else f"{measure.text(rated_power)}/h"


def owners_of(battery: Pubkey, members: Iterable[Member]) -> dict[Pubkey, Pubkey]:
    """The owners of a battery's members, by the address of their accounts."""
    return {member_address(battery, member.owner): member.owner for member in members}


def devices_of(meters: Iterable[metering.Meter]) -> dict[Pubkey, Pubkey]:
    """The devices of an issuer's meters, by the address of their accounts."""
    return {metering.meter_address(meter.issuer, meter.device): meter.device for meter in meters}


def account_of(event: Any) -> Pubkey:
    """The account of a member, meter, offer, order or commitment that an event is of; else its ledger."""
    return next((getattr(event, name) for name in _OWNED if hasattr(event, name)), ledger_of(event))


def parties_to(event: Any, owners: Mapping[Pubkey, Pubkey]) -> list[Pubkey]:
    """Whose account an event is of, or device it is; before them whoever has taken their offer."""
    return [each for each in (getattr(event, "taker", None), owners.get(account_of(event))) if each]


def event_row(landed: Landed, owners: Mapping[Pubkey, Pubkey], measure: Measure) -> tuple[str, str, str, str]:
    """An event's number, its time, who did it or whose it is, and what happened."""
    party, *_ = *parties_to(landed.event, owners), ""
    return (
        f"{landed.event.sequence:,}",
        "" if landed.unix_timestamp is None else utc(landed.unix_timestamp),
        str(party),
        told(landed.event, measure),
    )


def missing(gap: range) -> str:
    """That a node does not tell some events."""
    which = f"event {gap[0]:,} is" if len(gap) == 1 else f"events {gap[0]:,} to {gap[-1]:,} are"
    return f"{which} missing: the node lacks that part of the history, or its log was cut off"


def described_issuer(address: Pubkey, issuer: metering.Issuer, measure: Measure) -> list[tuple[str, str]]:
    """An issuer, line by line."""
    handover = [("Proposed", f"{issuer.pending_authority}, who has to accept")]
    return [
        ("Issuer", str(address)),
        ("Resource", measure.noun),
        ("Minted", measure.text(issuer.minted)),
        ("State", "paused: no reports" if issuer.paused else "takes reports"),
        ("Meters", f"{issuer.meter_count:,}"),
        ("Authority", str(issuer.authority)),
        *(handover if issuer.pending_authority != issuer.authority else []),
        ("Mint", str(issuer.mint)),
        ("Events", f"{issuer.sequence:,}"),
    ]


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


def cell(name: str, value: Any, measure: Measure) -> str:
    """A field of an account, by its name."""
    if isinstance(measure, Traded) and name in _CELLS:
        return _CELLS[name](value, measure)
    match name:
        case "capacity" | "available" | "allocated" | "balance" | "amount" | "supply" | "register" | "minted":
            return measure.text(value)
        case "allocation_limit":
            return "as the policy says" if value is None else measure.text(value)
        case "allocation_lifetime":
            return duration(value)
        case "allocation_expiry":
            return utc(value) if value else "-"
        case "efficiency_bps":
            return percent(value)
        case "rated_power":
            return rating(value, measure)
        case "read_at":
            return utc(value)
        case "lamports":
            return f"{Decimal(value).scaleb(-9):,.9f}"
        case _:
            return str(value)


# For programs


def event_name(event: Event) -> str:
    """What happened, in a word: to the program all is energy, and whatever holds it a battery."""
    name = type(event).__name__
    for prefix in ("Energy", "Battery", "Market", "Plant"):
        name = name.removeprefix(prefix)
    return name


def plain(record: Any) -> dict[str, Any]:
    """An account or event as JSON has it: addresses as text, and null for a limit that is the policy's."""
    found = {field.name: _plain(getattr(record, field.name)) for field in fields(record)}
    if isinstance(record, Member | MemberLimitSet):
        name = "limit" if "limit" in found else "allocation_limit"
        found[name] = None if found[name] == POLICY_LIMIT else found[name]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Resource | energy_market.Side):
        return value.name
    return str(value) if isinstance(value, Pubkey) else value


def plain_event(landed: Landed, owners: Mapping[Pubkey, Pubkey]) -> dict[str, Any]:
    """An event with where it is on the chain, and whose account it is of, or device."""
    owner = owners.get(account_of(landed.event))
    whose = "device" if isinstance(landed.event, metering.Event) else "owner"
    return {
        "sequence": landed.event.sequence,
        "event": event_name(landed.event),
        "unix_timestamp": landed.unix_timestamp,
        "slot": landed.slot,
        "signature": str(landed.signature),
        **({whose: str(owner)} if owner else {}),
        **plain(landed.event),
    }
