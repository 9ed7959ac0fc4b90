"""A virtual power plant's accounts and events in words and units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from solders.pubkey import Pubkey

from amalgam.units import Traded, counted, percent, utc
from amalgam.vpp import program as vpp
from amalgam.vpp.program import Dispatch, Plant

PAUSED = "paused: no new dispatches and commitments"
RESUMED = "takes dispatches and commitments"

OWNED = ("commitment",)  # accounts that events are of
OWNER = "owner"  # whose they are


def describe_event(event: vpp.Event, traded: Traded) -> str:
    """An event as a phrase."""
    text, paid = traded.text, traded.payment
    match event:
        case vpp.PlantInitialized():
            return f"created virtual power plant {event.plant}"
        case vpp.PaymentVaultOpened():
            return f"opened its payment vault {event.payment_vault}"
        case vpp.PlantPaused():
            return PAUSED
        case vpp.PlantResumed():
            return f"resumed: {RESUMED}"
        case vpp.AuthorityProposed():
            return f"proposed {event.proposed} as the authority"
        case vpp.AuthorityAccepted():
            return f"handed over to {event.authority}, the authority now"
        case vpp.DispatchOpened():
            return f"opened dispatch account {event.dispatch}"
        case vpp.DispatchAnnounced():
            return (
                f"announced {text(event.target)} {window(event)} at {traded.price(event.price)}, "
                f"{paid(event.reward)} in escrow; {terms(event, traded)}: dispatch {event.dispatch}"
            )
        case vpp.DispatchCancelled():
            return f"cancelled dispatch {event.dispatch}: the reward of {paid(event.reward)} came back"
        case vpp.CommitmentOpened():
            return f"opened commitment account {event.commitment} of {event.owner}"
        case vpp.EnergyCommitted():
            return (
                f"committed to {text(event.amount)} with a bond of {paid(event.bond)}, "
                f"{text(event.committed)} by all: commitment {event.commitment}"
            )
        case vpp.EnergyDelivered():
            return (
                f"delivered {text(event.amount)}, {text(event.delivered)} so far; by all "
                f"{text(event.credited)} as committed, and {text(event.surplus)} beyond"
            )
        case vpp.CommitmentSettled():
            return (
                f"settled commitment {event.commitment}: its owner got a reward of {paid(event.reward)}, "
                f"{paid(event.bond)} of the bond and {paid(event.share)} for surplus"
            )
        case vpp.DispatchSettled():
            return (
                f"settled dispatch {event.dispatch}: the operator got {text(event.energy)} "
                f"and {paid(event.payment)}; {paid(event.pool)} for surplus"
            )


def window(stated: Dispatch | vpp.DispatchAnnounced) -> str:
    """When a dispatch is delivered, as a phrase."""
    return f"from {utc(stated.starts_at)} to {utc(stated.ends_at)}"


def terms(stated: Dispatch | vpp.DispatchAnnounced, traded: Traded) -> str:
    """The terms of a dispatch, as a phrase."""
    bonds, tolerance = traded.price(stated.bond_price), percent(stated.tolerance_bps)
    return f"bonds of {bonds}, and {tolerance} more than committed may be delivered"


def described(address: Pubkey, plant: Plant, traded: Traded) -> list[tuple[str, str]]:
    """A plant, line by line."""
    handover = [("Proposed", f"{plant.pending_authority}, who has to accept")]
    return [
        ("Plant", str(address)),
        ("Held", f"{traded.text(plant.energy_held)} and {traded.payment(plant.payment_held)} of payments"),
        ("State", PAUSED if plant.paused else RESUMED),
        ("Authority", str(plant.authority)),
        *(handover if plant.pending_authority != plant.authority else []),
        ("Energy mint", str(plant.energy_mint)),
        ("Payment mint", str(plant.payment_mint)),
        ("Events", f"{plant.sequence:,}"),
    ]


def described_dispatch(
    address: Pubkey, dispatch: Dispatch, traded: Traded, now: int
) -> list[tuple[str, str]]:
    """A dispatch, line by line."""
    text, paid = traded.text, traded.payment
    return [
        ("Dispatch", str(address)),
        ("Plant", str(dispatch.plant)),
        ("State", state(dispatch, now)),
        ("Delivery", window(dispatch)),
        ("Target", f"{text(dispatch.target)} at {traded.price(dispatch.price)}"),
        ("Terms", terms(dispatch, traded)),
        ("Committed", text(dispatch.committed)),
        ("Delivered", f"{text(dispatch.credited)} as committed, and {text(dispatch.surplus)} beyond"),
        ("Paid in", f"a reward of {paid(dispatch.reward)}, and bonds of {paid(dispatch.bonds)}"),
        ("Commitments", f"{dispatch.commitment_count:,}, {dispatch.settled_count:,} of them settled"),
        ("Announcement", f"event {dispatch.announcement:,}"),
    ]


def state(dispatch: Dispatch, now: int) -> str:
    """The state of a dispatch: what can be done with it."""
    settled, all_ = dispatch.settled_count, dispatch.commitment_count
    progress = f"; {settled:,} of {counted(all_, 'commitment')} settled" if all_ else ""
    if not dispatch.announcement:
        return "not yet announced"
    if not dispatch.active:
        return ("cancelled" if dispatch.cancelled else "settled by the operator") + progress
    if now < dispatch.starts_at:
        return f"takes commitments until {utc(dispatch.starts_at)}"
    if now < dispatch.ends_at:
        return f"takes deliveries until {utc(dispatch.ends_at)}"
    return f"ended; the operator's part waits{progress}"


def _text(value: int, traded: Traded) -> str:
    return traded.text(value)


def _payment(value: int, traded: Traded) -> str:
    return traded.payment(value)


# Of an account's fields in a dry run, those that neither `words.cell` nor a market's know.
CELLS: Mapping[str, Callable[[Any, Traded], str]] = {
    **dict.fromkeys(
        ("target", "committed", "credited", "surplus", "surplus_settled", "delivered"),
        _text,
    ),
    **dict.fromkeys(("reward", "bond", "bonds", "rewards_due", "bonds_due"), _payment),
    "ends_at": lambda value, _: utc(value),
    "bond_price": lambda value, traded: traded.price(value),
    "tolerance_bps": lambda value, _: percent(value),
}
