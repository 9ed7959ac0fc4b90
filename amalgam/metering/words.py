"""An issuer's and its meters' accounts and events in the words and units of what they measure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from solders.pubkey import Pubkey

from amalgam.metering import program as metering
from amalgam.units import ENERGY, MEASURES, Measure, utc

OWNED = ("meter",)  # accounts that events are of
OWNER = "device"  # whose they are


def measure_of(issuer: metering.Issuer) -> Measure:
    """The words and units of what an issuer's meters measure."""
    return MEASURES[issuer.resource]


def devices_of(meters: Iterable[metering.Meter]) -> dict[Pubkey, Pubkey]:
    """The devices of an issuer's meters, by the address of their accounts."""
    return {metering.meter_address(meter.issuer, meter.device): meter.device for meter in meters}


def describe_event(event: metering.Event, measure: Measure) -> str:
    """An event as a phrase."""
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


def described(address: Pubkey, issuer: metering.Issuer, measure: Measure) -> list[tuple[str, str]]:
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


# Of an account's fields in a dry run, those that not every program has
CELLS: Mapping[str, Callable[[Any, Measure], str]] = {
    **dict.fromkeys(("register", "minted"), lambda value, measure: measure.text(value)),
    "rated_power": lambda value, measure: rating(value, measure),
    "read_at": lambda value, _: utc(value),
}
