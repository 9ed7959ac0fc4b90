"""Where each member's energy comes from and goes: own use, then sharing, then the battery, then the grid.

    produced = own use + shared out + charged + sold
    consumed = own use + shared in + discharged + bought

to the Wh, for each member in each interval. Of a member who takes part with a factor, that part of surplus
and need is shared and goes through the battery, and the rest is sold and bought.

Each member has a balance in the community's battery. In each interval members first draw what they need, as
far as their own balance goes. Then what surplus is left is charged; if there is no room for all of it, the
room is split in proportion to it. Of what is charged, the efficiency is credited, rounded down, and the rest
is lost. Of what leaves a balance the efficiency of discharging is drawn, rounded down too.

The battery's power bounds what all draw together in an interval, and what all charge together: each is split
in proportion to what they would draw or charge without it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from amalgam.readings.model import Integers, Readings
from amalgam.sharing import shares
from amalgam.sharing.keys import Key

BPS = 10_000


class Battery(NamedTuple):
    """What a community stores in. Power is measured outside, without losses; None is without a limit."""

    capacity: int  # Wh
    efficiency_bps: int  # of what is charged
    efficiency_out_bps: int = BPS  # of what leaves a balance
    charge_w: int | None = None
    discharge_w: int | None = None

    def credit_for(self, charged: Integers) -> Integers:
        """Wh that are credited for Wh charged: as the program of the battery has it."""
        return charged * self.efficiency_bps // BPS

    def taken_for(self, discharged: Integers) -> Integers:
        """Wh that leave a balance for Wh drawn: the fewest that give as much."""
        return -(-discharged * BPS // self.efficiency_out_bps)

    def most(self, interval_s: int) -> tuple[int | None, int | None]:
        """Wh that all together may charge, and draw, in an interval of so many seconds."""
        powers = self.charge_w, self.discharge_w
        most_in, most_out = (None if power is None else power * interval_s // 3600 for power in powers)
        return most_in, most_out


@dataclass(frozen=True, slots=True, eq=False)
class Flows:
    """Wh, a row for each interval and a column for each member; or a row of sums."""

    produced: Integers
    consumed: Integers
    own_use: Integers
    shared_out: Integers
    shared_in: Integers
    charged: Integers
    discharged: Integers
    sold: Integers
    bought: Integers

    def sums(self) -> "Flows":
        """Of each member, over all intervals."""
        return Flows(*(getattr(self, each.name).sum(axis=0) for each in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """The result of sharing a community's readings.

    Attributes:
        readings: What was shared.
        flows: See above.
        stored: Wh in the battery at each interval's end.
        balances: Wh that each member has in the battery in the end.
    """

    readings: Readings
    flows: Flows
    stored: Integers
    balances: Integers


def account(
    readings: Readings,
    key: Key,
    *,
    factors_bps: Mapping[str, int] | None = None,
    battery: Battery | None = None,
) -> Account:
    """Share a community's readings of energy.

    Args:
        readings: Of all members, who all may produce and consume.
        key: The sharing key, among them.
        factors_bps: With what part of it each member takes part; all of it unless told.
        battery: The community's, which is empty at first.

    Raises:
        ValueError: The key is not one of these members.
    """
    before = shared(readings, key, factors_bps=factors_bps)
    held = store(before.left, before.lacking, battery, int(readings.interval.total_seconds()))
    # In place: of a year of a thousand members each of these is a quarter of a gigabyte.
    sold = np.subtract(before.surplus, held.charged, out=before.surplus)
    bought = np.subtract(before.need, held.discharged, out=before.need)
    flows = Flows(
        produced=readings.produced,
        consumed=readings.consumed,
        own_use=before.own_use,
        shared_out=before.shared.given,
        shared_in=before.shared.got,
        charged=held.charged,
        discharged=held.discharged,
        sold=sold,
        bought=bought,
    )
    return Account(readings, flows, held.stored, held.balances)


@dataclass(frozen=True, slots=True, eq=False)
class Unstored:
    """What is left once all have shared, in Wh: a row for each interval and a column for each member.

    Attributes:
        readings: What was shared.
        own_use: Of each member.
        shared: Among them.
        surplus: That is neither used nor shared.
        need: Likewise.
        left: Of the surplus, what may be charged; the surplus itself if all take part with all of it.
        lacking: Of the need, what may be drawn, likewise.
    """

    readings: Readings
    own_use: Integers
    shared: shares.Shared
    surplus: Integers
    need: Integers
    left: Integers
    lacking: Integers


def shared(readings: Readings, key: Key, *, factors_bps: Mapping[str, int] | None = None) -> Unstored:
    """An account up to the battery. Arguments and errors are those of `account`."""
    members = list(readings.members)
    own_use = np.minimum(readings.produced, readings.consumed)
    surplus, need = readings.produced - own_use, readings.consumed - own_use
    factors = np.array([(factors_bps or {}).get(name, BPS) for name in members], np.int64)
    taking_part = bool((factors != BPS).any())
    offered = _part(surplus, factors) if taking_part else surplus
    wanted = _part(need, factors) if taking_part else need
    hours = (readings.starts + readings.offsets) // 3600 % 24
    found = shares.share(key, members, members, offered, wanted, hours)
    surplus -= found.given
    need -= found.got
    if taking_part:
        offered -= found.given
        wanted -= found.got
    return Unstored(readings, own_use, found, surplus, need, offered, wanted)


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What a battery does, in Wh: as in `Flows` and `Account`."""

    charged: Integers
    discharged: Integers
    stored: Integers
    balances: Integers


def store(left: Integers, lacking: Integers, battery: Battery | None, interval_s: int) -> Held:
    """Charge and discharge a battery that is empty at first.

    Args:
        left: Wh that may be charged, a row for each interval and a column for each member.
        lacking: Wh that may be drawn, likewise.
        battery: If there is one.
        interval_s: Length of an interval.
    """
    charged, discharged = np.zeros_like(left), np.zeros_like(left)
    stored, balances = np.zeros(len(left), np.int64), np.zeros(left.shape[1], np.int64)
    if battery is None:
        return Held(charged, discharged, stored, balances)
    most_in, most_out = battery.most(interval_s)
    is_left, is_lacking = (np.count_nonzero(each, axis=1).tolist() for each in (left, lacking))
    in_all = 0
    for row in range(len(left)):
        if in_all and is_lacking[row]:
            discharged[row] = discharge(battery, lacking[row], balances, most_out)
            in_all = int(balances.sum())
        if is_left[row] and in_all < battery.capacity:
            charged[row] = charge(battery, left[row], balances, battery.capacity - in_all, most_in)
            in_all = int(balances.sum())
        stored[row] = in_all
    return Held(charged, discharged, stored, balances)


def _part(amounts: Integers, factors: Integers) -> Integers:
    """The part that takes part: what is less than a Wh of it stays out."""
    whole, rest = np.divmod(amounts, BPS)
    return whole * factors + rest * factors // BPS


def discharge(battery: Battery, lacking: Integers, balances: Integers, most: int | None) -> Integers:
    """What each draws in an interval, in Wh; changes the balances.

    Args:
        battery: Of all.
        lacking: Wh that each needs.
        balances: Wh of each.
        most: Wh that all together may draw, if there is a limit.
    """
    drawn = np.minimum(lacking, balances * battery.efficiency_out_bps // BPS)
    if most is not None and int(drawn.sum()) > most:
        drawn = _split(most, drawn)
    balances -= battery.taken_for(drawn)
    return drawn


def charge(battery: Battery, left: Integers, balances: Integers, room: int, most: int | None) -> Integers:
    """What each charges in an interval, in Wh; changes the balances.

    Args:
        battery: Of all.
        left: Wh that each has to charge.
        balances: Wh of each.
        room: Wh that the battery can still be credited with.
        most: Wh that all together may charge, if there is a limit.
    """
    if most is not None and int(left.sum()) > most:
        left = _split(most, left)
    credits = battery.credit_for(left)
    if int(credits.sum()) > room:
        allowed = _split(room, credits)
        # The most whose credit is not above what there is room for.
        left = np.minimum(left, ((allowed + 1) * BPS - 1) // battery.efficiency_bps)
        credits = battery.credit_for(left)
    balances += credits
    return np.where(credits > 0, left, 0)


def _split(total: int, weights: Integers) -> Integers:
    return shares.split(np.array([total]), weights[None, :])[0]
