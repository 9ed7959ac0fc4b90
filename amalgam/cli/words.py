"""The programs' accounts and events for people, and as plain data for JSON: each program's own words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from solders.pubkey import Pubkey

from amalgam import programs
from amalgam.chain.events import Landed, ledger_of
from amalgam.programs import Program
from amalgam.units import Measure, utc

# For people


def describe_event(event: Any, measure: Measure) -> str:
    """An event as a phrase."""
    return programs.of_record(event).words.describe_event(event, measure)


def account_of(event: Any) -> Pubkey:
    """The account of a member, meter, offer, order or commitment that an event is of; else its ledger."""
    owned = programs.of_record(event).words.OWNED
    return next((getattr(event, name) for name in owned if hasattr(event, name)), ledger_of(event))


def parties_to(event: Any, owners: Mapping[Pubkey, Pubkey]) -> list[Pubkey]:
    """The owner or device of an event; before them the taker of their offer."""
    return [each for each in (getattr(event, "taker", None), owners.get(account_of(event))) if each]


def event_row(landed: Landed, owners: Mapping[Pubkey, Pubkey], measure: Measure) -> tuple[str, str, str, str]:
    """An event's number, its time, who did it or whose it is, and what happened."""
    party, *_ = *parties_to(landed.event, owners), ""
    return (
        f"{landed.event.sequence:,}",
        "" if landed.unix_timestamp is None else utc(landed.unix_timestamp),
        str(party),
        describe_event(landed.event, measure),
    )


def missing(gap: range) -> str:
    """That a node does not tell some events."""
    which = f"event {gap[0]:,} is" if len(gap) == 1 else f"events {gap[0]:,} to {gap[-1]:,} are"
    return f"{which} missing: the node lacks that part of the history, or its log was cut off"


@cache
def _cells() -> dict[str, Callable[[Any, Any], str]]:
    return {name: cell for program in Program for name, cell in program.words.CELLS.items()}


def cell(name: str, value: Any, measure: Measure) -> str:
    """A field of an account, by its name, which means the same in all programs."""
    if own := _cells().get(name):
        return own(value, measure)
    match name:
        case "amount" | "supply":
            return measure.text(value)
        case "lamports":
            return f"{Decimal(value).scaleb(-9):,.9f}"
        case _:
            return str(value)


# For programs


def event_name(event: Any) -> str:
    """The name of an event: to the program all is energy, and every pool a battery."""
    name = type(event).__name__
    for prefix in ("Energy", "Battery", "Market", "Plant", "Community"):
        name = name.removeprefix(prefix)
    return name


def plain_event(landed: Landed, owners: Mapping[Pubkey, Pubkey]) -> dict[str, Any]:
    """An event with where it is on the chain, and whose account it is of, or device."""
    owner = owners.get(account_of(landed.event))
    whose = programs.of_record(landed.event).words.OWNER
    return {
        "sequence": landed.event.sequence,
        "event": event_name(landed.event),
        "unix_timestamp": landed.unix_timestamp,
        "slot": landed.slot,
        "signature": str(landed.signature),
        **({whose: str(owner)} if owner else {}),
        **programs.plain(landed.event),
    }
