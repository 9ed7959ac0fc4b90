"""Statements: members' balances, deposits, use and withdrawals in a period, by the battery's events alone."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from solders.pubkey import Pubkey

from amalgam import NotFoundError
from amalgam.battery.history import History
from amalgam.battery.program import (
    Battery,
    EnergyConsumed,
    EnergyDeposited,
    EnergyWithdrawn,
    Event,
    Member,
)
from amalgam.chain.events import BrokenHistoryError, Landed


@dataclass(frozen=True, slots=True)
class Statement:
    """A member's balance over a period, in base units.

    opening + deposited - lost - consumed - withdrawn = closing
    """

    owner: Pubkey
    opening: int
    deposited: int
    lost: int  # of what was deposited
    consumed: int
    withdrawn: int
    closing: int


@dataclass(frozen=True, slots=True)
class Books:
    """A battery over a period.

    Attributes:
        battery: As it was in the end.
        members: The same, in the order of their owners' keys.
        statements: One a member, in the same order.
        story: The events of the period.
    """

    battery: Battery
    members: list[Member]
    statements: list[Statement]
    story: list[Landed]


def books(story: Sequence[Landed], since: datetime | None = None, until: datetime | None = None) -> Books:
    """The books of a period, which includes `since` and not `until`, out of all events from the first on.

    Raises BrokenHistoryError if the events do not follow from each other, or one has no time; LookupError
    if the battery was created after the period.
    """
    end = _index(story, until) if until else len(story)
    first = _index(story[:end], since) if since else 0
    if not end:
        raise NotFoundError("the battery was created after that period; choose a later end")
    history = History.of(landed.event for landed in story[: first or 1])
    opening = {address: member.balance if first else 0 for address, member in history.members.items()}
    flows: defaultdict[Pubkey, Counter[str]] = defaultdict(Counter)
    for landed in story[first:end]:
        _flow(flows, landed.event)
    for landed in story[first or 1 : end]:
        history.apply(landed.event)
    members = sorted(history.members.items(), key=lambda item: bytes(item[1].owner))
    return Books(
        battery=history.battery,
        members=[member for _, member in members],
        statements=[
            Statement(
                owner=member.owner,
                opening=opening.get(address, 0),
                closing=member.balance,
                **{name: flows[address][name] for name in ("deposited", "lost", "consumed", "withdrawn")},
            )
            for address, member in members
        ],
        story=list(story[first:end]),
    )


def _flow(flows: defaultdict[Pubkey, Counter[str]], event: Event) -> None:
    match event:
        case EnergyDeposited():
            flows[event.member].update(deposited=event.amount, lost=event.amount - event.credit)
        case EnergyConsumed():
            flows[event.member].update(consumed=event.amount)
        case EnergyWithdrawn():
            flows[event.member].update(withdrawn=event.amount)
        case _:
            pass


def _index(story: Sequence[Landed], moment: datetime) -> int:
    """How many events there were before a moment."""
    for index, landed in enumerate(story):
        if landed.unix_timestamp is None:
            raise BrokenHistoryError(f"the node does not know the time of event {landed.event.sequence}")
        if landed.unix_timestamp >= moment.timestamp():
            return index
    return len(story)
