"""What needs somebody's attention in a snapshot: a pure function of it, of limits, and of the time."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from solders.pubkey import Pubkey

from amalgam.battery.program import BPS, Battery, Member
from amalgam.market.program import Auction, Market, Offer
from amalgam.metering.program import Issuer, Meter
from amalgam.sharing.program import POSTING_TIME, Community, Period, State
from amalgam.units import ENERGY, MEASURES, Resource
from amalgam.vpp.program import Commitment, Dispatch, Plant
from amalgam.watching.snapshot import Snapshot


class Kind(StrEnum):
    """What an alarm is about."""

    LOW = "low"  # state of charge
    FULL = "full"  # likewise
    PAUSED = "paused"
    SILENT = "silent"  # a meter
    MISMATCH = "mismatch"  # in an audit
    ALLOCATION_EXPIRES = "allocation expires"
    OFFER_EXPIRES = "offer expires"
    GATE_CLOSES = "gate closes"  # of an auction with orders
    AUCTION_LAPSES = "auction lapses"  # since nobody clears it
    COMMITMENTS_CLOSE = "commitments close"  # of a dispatch that lacks some
    DELIVERY_ENDS = "delivery ends"  # of a commitment that is not all delivered
    OBJECTIONS_END = "objections end"  # of a period
    POSTING_LAPSES = "posting lapses"  # then anyone may withdraw the period
    UNREAD = "unread"  # nodes or books do not answer


KINDS: Mapping[type[Any], Sequence[Kind]] = MappingProxyType(
    {
        Battery: (Kind.LOW, Kind.FULL, Kind.PAUSED, Kind.MISMATCH, Kind.ALLOCATION_EXPIRES),
        Issuer: (Kind.SILENT, Kind.PAUSED, Kind.MISMATCH),
        Market: (Kind.PAUSED, Kind.MISMATCH, Kind.OFFER_EXPIRES, Kind.GATE_CLOSES, Kind.AUCTION_LAPSES),
        Plant: (Kind.PAUSED, Kind.MISMATCH, Kind.COMMITMENTS_CLOSE, Kind.DELIVERY_ENDS),
        Community: (Kind.PAUSED, Kind.MISMATCH, Kind.OBJECTIONS_END, Kind.POSTING_LAPSES),
    }
)  # that there can be of a ledger and what belongs to it


class Quantity(NamedTuple):
    """A value and its unit: Wh, L or kg; bps; s; Unix s; none for a text."""

    value: int | str
    unit: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that needs somebody's attention.

    Attributes:
        address: The account that it is about. There is one alarm of a kind about an account.
        thing: What that is in a word: that of its kind, or reservoir or treatment plant for a battery.
        ledger: The one that it belongs to.
        name: Of what it is about: as the limits name it, or the ends of its address or its owner's.
        since: Unix seconds.
        values: What is so, by name.
    """

    kind: Kind
    address: Pubkey
    thing: str
    ledger: Pubkey
    name: str
    since: int
    values: Mapping[str, Quantity]

    @property
    def key(self) -> tuple[Kind, Pubkey]:
        """What tells it from others."""
        return self.kind, self.address


@dataclass(frozen=True, slots=True)
class Limits:
    """From which values on there is an alarm.

    Attributes:
        low_bps: State of charge below which it is low, in basis points of the capacity; 0 for never.
        full_bps: State of charge from which on it is full.
        hysteresis_bps: How far beyond the limit it has to be for the alarm to end.
        silent_s: Seconds without a report after which a meter is silent, and without an answer, a node.
        ahead_s: Seconds before something expires from which on there is an alarm.
        hold_s: Seconds that an alarm has to be over for it to be told so, and told again if it comes back.
        names: What people call accounts, owners and devices, by address.
    """

    low_bps: int = 1_000
    full_bps: int = 9_500
    hysteresis_bps: int = 200
    silent_s: int = 3_600
    ahead_s: int = 3_600
    hold_s: int = 300
    names: Mapping[Pubkey, str] = field(default_factory=dict[Pubkey, str])

    def name_of(self, address: Pubkey, record: Any) -> str:
        """The name of an account, its device or its owner; the ends of an address without one."""
        whose = [getattr(record, each) for each in ("device", "owner") if hasattr(record, each)]
        text = str(whose[0] if whose else address)
        known = (self.names[each] for each in (address, *whose) if each in self.names)
        return next(known, f"{text[:4]}…{text[-4:]}")


def alarms(snapshot: Snapshot, limits: Limits, now: int, before: Collection[Alarm] = ()) -> list[Alarm]:
    """All alarms of a moment, in the order of their kinds.

    Args:
        snapshot: With what an audit has found, if that is to be told.
        limits: From which values on there is an alarm.
        now: Unix seconds.
        before: Those of the moment before: what goes on keeps its beginning, and ends with hysteresis.
    """
    known = {each.key: each for each in before}
    found = [
        *_charge(snapshot, limits, now, known.keys()),
        *_paused(snapshot, limits, now),
        *_silent(snapshot, limits, now),
        *_mismatches(snapshot, limits, now),
        *_expiring(snapshot, limits, now),
    ]
    going_on = [replace(each, since=known[each.key].since) if each.key in known else each for each in found]
    order = list(Kind)
    return sorted(going_on, key=lambda each: (order.index(each.kind), each.since, each.address))


def unread(name: str, last: int, limits: Limits, now: int) -> list[Alarm]:
    """The alarm that nothing has been read of nodes or books of that name, if the last time is long ago.

    `last` is Unix seconds, as is `now`, by one clock.
    """
    since = last + limits.silent_s
    values = {"last_read": Quantity(last, "Unix s")}
    nothing = Pubkey.default()
    return [Alarm(Kind.UNREAD, nothing, "source", nothing, name, since, values)] if now >= since else []


def thing_of(record: Any) -> str:
    """What an account is in a word, like meter or reservoir."""
    if isinstance(record, Battery):
        return MEASURES[record.resource].pool
    return type(record).__name__.lower()


def _alarm(
    snapshot: Snapshot, limits: Limits, kind: Kind, address: Pubkey, since: int, **values: Quantity
) -> Alarm:
    record = snapshot.accounts[address]
    ledger, name = snapshot.ledger_of(address), limits.name_of(address, record)
    return Alarm(kind, address, thing_of(record), ledger, name, since, values)


def _charge(
    snapshot: Snapshot, limits: Limits, now: int, known: Collection[tuple[Kind, Pubkey]]
) -> Iterator[Alarm]:
    """Low is one that members wait for: none without members, and none that holds waste."""
    for address, pool in snapshot.of(Battery).items():
        low, full = limits.low_bps, limits.full_bps
        low += limits.hysteresis_bps if (Kind.LOW, address) in known else 0
        full -= limits.hysteresis_bps if (Kind.FULL, address) in known else 0
        unit = MEASURES[pool.resource].base_unit
        values = {"stored": Quantity(pool.stored, unit), "capacity": Quantity(pool.capacity, unit)}
        is_waited_for = pool.member_count > 0 and pool.resource is not Resource.WASTE and limits.low_bps > 0
        if is_waited_for and pool.stored * BPS < low * pool.capacity:
            limit = Quantity(limits.low_bps, "bps")
            yield _alarm(snapshot, limits, Kind.LOW, address, now, **values, limit=limit)
        if pool.stored * BPS >= full * pool.capacity:
            limit = Quantity(limits.full_bps, "bps")
            yield _alarm(snapshot, limits, Kind.FULL, address, now, **values, limit=limit)


def _paused(snapshot: Snapshot, limits: Limits, now: int) -> Iterator[Alarm]:
    for address, ledger in snapshot.ledgers.items():
        if ledger.paused:
            yield _alarm(snapshot, limits, Kind.PAUSED, address, now)


def _silent(snapshot: Snapshot, limits: Limits, now: int) -> Iterator[Alarm]:
    """None while the issuer is paused, and takes no reports."""
    for address, meter in snapshot.of(Meter).items():
        since = meter.read_at + limits.silent_s
        if meter.retired or now < since or snapshot.accounts[meter.issuer].paused:
            continue
        last = Quantity(meter.read_at, "Unix s")
        yield _alarm(snapshot, limits, Kind.SILENT, address, since, last_report=last)


def _mismatches(snapshot: Snapshot, limits: Limits, now: int) -> Iterator[Alarm]:
    for address, told in snapshot.violations.items():
        values = {"found": Quantity("; ".join(told), "")}
        if address in snapshot.accounts:
            yield _alarm(snapshot, limits, Kind.MISMATCH, address, now, **values)
        else:  # the books make no account of it
            name = limits.name_of(address, None)
            yield Alarm(Kind.MISMATCH, address, "ledger", address, name, now, values)


def _expiring(snapshot: Snapshot, limits: Limits, now: int) -> Iterator[Alarm]:
    for address, record in snapshot.accounts.items():
        for kind, at, values in _ends(snapshot, record):
            if now < at <= now + limits.ahead_s:
                end = Quantity(at, "Unix s")
                yield _alarm(snapshot, limits, kind, address, at - limits.ahead_s, at=end, **values)


def _ends(snapshot: Snapshot, record: Any) -> Iterator[tuple[Kind, int, dict[str, Quantity]]]:
    """What of an account ends when, in Unix seconds, with what it is about."""

    def amount(base_units: int, unit: str = ENERGY.base_unit) -> Quantity:
        return Quantity(base_units, unit)

    match record:
        case Member() if record.allocated:
            pool: Battery = snapshot.accounts[record.battery]
            allocated = {"allocated": amount(record.allocated, MEASURES[pool.resource].base_unit)}
            yield Kind.ALLOCATION_EXPIRES, record.allocation_expiry, allocated
        case Offer() if record.amount:
            yield Kind.OFFER_EXPIRES, record.expires_at, {"offered": amount(record.amount)}
        case Auction() if record.order_count and not record.cleared:
            orders = {"orders": Quantity(record.order_count, "")}
            yield Kind.GATE_CLOSES, record.closes_at, orders
            yield Kind.AUCTION_LAPSES, record.lapses_at, orders
        case Dispatch() if record.active and record.committed < record.target:
            committed = {"committed": amount(record.committed), "target": amount(record.target)}
            yield Kind.COMMITMENTS_CLOSE, record.starts_at, committed
        case Commitment() if record.active and record.delivered < record.amount:
            dispatch = snapshot.accounts[record.dispatch]
            delivered = {"delivered": amount(record.delivered), "committed": amount(record.amount)}
            if dispatch.active:
                yield Kind.DELIVERY_ENDS, dispatch.ends_at, delivered
        case Period(state=State.CLOSED):
            objections = {"objections": Quantity(record.objection_count, "")}
            yield Kind.OBJECTIONS_END, record.settles_at, objections
        case Period(state=State.POSTING):
            lines = {
                "posted": Quantity(record.posted_count, ""),
                "participants": Quantity(record.participant_count, ""),
            }
            yield Kind.POSTING_LAPSES, record.begun_at + POSTING_TIME, lines
        case _:
            pass
