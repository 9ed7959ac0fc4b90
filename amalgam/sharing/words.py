"""A community's accounts and events in words and units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from solders.pubkey import Pubkey

from amalgam.sharing import program as sharing
from amalgam.sharing.program import Community, Line, Participant, Period, State
from amalgam.units import Traded, counted, duration, percent, utc

PAUSED = "paused: no admissions, deposits and new periods"
RESUMED = "takes deposits, and settles"

OWNED = ("participant",)  # accounts that events are of
OWNER = "owner"  # whose they are


def describe_event(event: sharing.Event, traded: Traded) -> str:
    """An event as a phrase."""
    text, paid = traded.text, traded.payment
    match event:
        case sharing.CommunityInitialized():
            return f"created community {event.community}: {policy(event)}"
        case sharing.CommunityPaused():
            return PAUSED
        case sharing.CommunityResumed():
            return f"resumed: {RESUMED}"
        case sharing.AuthorityProposed():
            return f"proposed {event.proposed} as the authority"
        case sharing.AuthorityAccepted():
            return f"handed over to {event.authority}, the authority now"
        case sharing.PolicySet():
            return f"set the policy: {policy(event)}"
        case sharing.ReserveDeposited():
            return f"deposited {paid(event.amount)} to the reserve, {paid(event.reserve)} in it"
        case sharing.ReserveWithdrawn():
            return f"withdrew {paid(event.amount)} from the reserve, {paid(event.reserve)} in it"
        case sharing.ParticipantOpened():
            return f"opened participant account {event.participant} of {event.owner}"
        case sharing.ParticipantAdmitted():
            limit = f"may owe {paid(event.credit_limit)}"
            return f"admitted, {limit}; {counted(event.participant_count, 'participant')} now"
        case sharing.CreditLimitSet():
            return f"may owe {paid(event.credit_limit)}"
        case sharing.ParticipantLeft():
            return f"left; {counted(event.participant_count, 'participant')} now"
        case sharing.Deposited():
            repaid = f", {paid(event.repaid)} of it for what was owed" if event.repaid else ""
            return f"prepaid {paid(event.amount)}{repaid}; {account(event, traded)}"
        case sharing.Withdrawn():
            return f"withdrew {paid(event.amount)}; the balance is {paid(event.funds)}"
        case sharing.PeriodOpened():
            return f"opened period account {event.number}: {event.period}"
        case sharing.PeriodBegun():
            return (
                f"began to settle {window(event)} with {counted(event.participant_count, 'participant')}: "
                f"digest {digest(event.digest)}"
            )
        case sharing.LineOpened():
            return f"opened a line of period {event.period}"
        case sharing.LinePosted():
            return f"posted: {amounts(event, traded)}"
        case sharing.PeriodClosed():
            return (
                f"closed the period: {text(event.shared)} shared, {paid(event.charges)} of charges, "
                f"{paid(event.credits)} of credits; settled from {utc(event.settles_at)} on"
            )
        case sharing.ObjectionRaised():
            return f"objected to the line; {counted(event.objection_count, 'objection')} now"
        case sharing.PeriodWithdrawn():
            return f"withdrew the period, with {counted(event.posted_count, 'line')} posted"
        case sharing.LineSettled():
            return (
                f"settled: charged {paid(event.charge)}, credited {paid(event.credit)}; "
                f"{account(event, traded)}; {counted(event.unsettled, 'line')} to go"
            )


def policy(stated: Community | sharing.CommunityInitialized | sharing.PolicySet) -> str:
    """A policy, as a phrase."""
    kept = percent(stated.fee_bps)
    return f"{duration(stated.objection_time)} for objections, at most {kept} of the charges are kept"


def window(stated: Period | sharing.PeriodBegun) -> str:
    """When a period is, as a phrase."""
    return f"{utc(stated.starts_at)} to {utc(stated.ends_at)}"


def digest(stated: Pubkey) -> str:
    """A digest in hexadecimal digits, as tools print it."""
    return bytes(stated).hex()


def account(stated: Participant | sharing.Deposited | sharing.LineSettled, traded: Traded) -> str:
    """The balance or debt of a participant, as a phrase."""
    if stated.owed:
        return f"{traded.payment(stated.owed)} are owed"
    return f"the balance is {traded.payment(stated.funds)}"


def amounts(stated: Line | sharing.LinePosted, traded: Traded) -> str:
    """The amounts of a line, as a phrase."""
    return (
        f"{traded.text(stated.shared_in)} in for {traded.payment(stated.charge)}, "
        f"{traded.text(stated.shared_out)} out for {traded.payment(stated.credit)}"
    )


def described(address: Pubkey, community: Community, traded: Traded) -> list[tuple[str, str]]:
    """A community, line by line."""
    handover = [("Proposed", f"{community.pending_authority}, who has to accept")]
    paid = traded.payment
    return [
        ("Community", str(address)),
        ("Prepaid", paid(community.prepaid)),
        ("Reserve", f"{paid(community.reserve)}, {paid(community.reserve_pledged)} of it pledged"),
        ("Policy", policy(community)),
        ("State", PAUSED if community.paused else RESUMED),
        ("Participants", f"{community.participant_count:,}"),
        ("Settled until", utc(community.settled_until) if community.settled_until else "-"),
        ("Authority", str(community.authority)),
        *(handover if community.pending_authority != community.authority else []),
        ("Payment mint", str(community.payment_mint)),
        ("Events", f"{community.sequence:,}"),
    ]


def described_period(period: Period, traded: Traded, now: int) -> list[tuple[str, str]]:
    """A period, line by line."""
    paid = traded.payment
    return [
        ("Period", f"{period.number}: {period.address}"),
        ("State", state(period, now)),
        ("Time", window(period)),
        ("Digest", digest(period.digest)),
        ("Lines", f"{period.posted_count:,} of {period.participant_count:,} posted"),
        ("Shared", f"{traded.text(period.shared_in)} in, {traded.text(period.shared_out)} out"),
        ("Payments", f"charges {paid(period.charges)}, credits {paid(period.credits)}"),
        ("Objections", f"{period.objection_count:,}"),
    ]


def state(period: Period, now: int) -> str:
    """The state of a period: what can be done with it."""
    left = counted(period.participant_count - period.settled_count, "line")
    match period.state:
        case State.UNUSED:
            return "not yet begun"
        case State.POSTING:
            return "lines are posted"
        case State.CLOSED if now < period.settles_at:
            return f"closed; time for objections until {utc(period.settles_at)}"
        case State.CLOSED:
            return f"closed; {left} to be settled"
        case State.SETTLED:
            return "settled"
        case State.WITHDRAWN:
            return "withdrawn"


def plain(record: Any, value: dict[str, Any]) -> dict[str, Any]:
    """A record's fields for JSON: a digest in hexadecimal digits."""
    return {**value, "digest": digest(record.digest)} if "digest" in value else value


def _text(value: int, traded: Traded) -> str:
    return traded.text(value)


def _payment(value: int, traded: Traded) -> str:
    return traded.payment(value)


def _time(value: int, _: Traded) -> str:
    return utc(value) if value else "-"


# Of an account's fields in a dry run, those that no other program's words know.
CELLS: Mapping[str, Callable[[Any, Traded], str]] = {
    **dict.fromkeys(("shared_in", "shared_out"), _text),
    **dict.fromkeys(("prepaid", "reserve", "reserve_pledged", "funds", "owed", "credit_limit"), _payment),
    **dict.fromkeys(("pledged", "charges", "credits", "collected", "charge", "credit", "lent"), _payment),
    **dict.fromkeys(("settled_until", "begun_at", "closed_at"), _time),
    "objection_time": lambda value, _: duration(value),
    "digest": lambda value, _: str(value),
}
