"""Where each member's energy comes from and goes: own use, then sharing, then the battery, then the grid.

    produced = own use + shared out + charged + sold
    consumed = own use + shared in + discharged + bought

to the Wh, for each member in each interval. Of a member who takes part with a factor, that part of surplus
and need is shared and goes through the battery, and the rest is sold and bought.

Each member has a balance in the community's battery. In each interval members first draw what they need, as
far as their own balance goes. Then what surplus is left is charged; if there is no room for all of it, the
room is split in proportion to it. Of what is charged, the efficiency is credited, rounded down, and the rest
is lost.
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
    """What a community stores in."""

    capacity: int  # Wh
    efficiency_bps: int  # of what is charged


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
    members = list(readings.members)
    own_use = np.minimum(readings.produced, readings.consumed)
    surplus, need = readings.produced - own_use, readings.consumed - own_use
    factors = np.array([(factors_bps or {}).get(name, BPS) for name in members], np.int64)
    taking_part = bool((factors != BPS).any())
    offered = _part(surplus, factors) if taking_part else surplus
    wanted = _part(need, factors) if taking_part else need
    hours = (readings.starts + readings.offsets) // 3600 % 24
    shared = shares.share(key, members, members, offered, wanted, hours)
    shape = readings.produced.shape
    charged, discharged = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    stored, balances = np.zeros(shape[0], np.int64), np.zeros(shape[1], np.int64)
    if battery is not None:
        in_all = 0
        for row in range(shape[0]):
            left, lacking = offered[row] - shared.given[row], wanted[row] - shared.got[row]
            charged[row], discharged[row] = _stored(battery, left, lacking, balances, in_all)
            in_all = stored[row] = int(balances.sum())
    # In place: of a year of a thousand members each of these is a quarter of a gigabyte.
    surplus -= shared.given
    surplus -= charged
    need -= shared.got
    need -= discharged
    flows = Flows(
        produced=readings.produced,
        consumed=readings.consumed,
        own_use=own_use,
        shared_out=shared.given,
        shared_in=shared.got,
        charged=charged,
        discharged=discharged,
        sold=surplus,
        bought=need,
    )
    return Account(readings, flows, stored, balances)


def _part(amounts: Integers, factors: Integers) -> Integers:
    """The part that takes part: what is less than a Wh of it stays out."""
    whole, rest = np.divmod(amounts, BPS)
    return whole * factors + rest * factors // BPS


def _stored(
    battery: Battery, left: Integers, lacking: Integers, balances: Integers, in_all: int
) -> tuple[Integers, Integers]:
    """What each charges and discharges in an interval; changes the balances, which are `in_all` before."""
    discharged = np.minimum(lacking, balances)
    if in_all:
        balances -= discharged
        in_all -= int(discharged.sum())
    efficiency = battery.efficiency_bps
    credits = left * efficiency // BPS
    wanted, room = int(credits.sum()), battery.capacity - in_all
    if not (wanted and room):
        return np.zeros_like(left), discharged
    charged = left
    if wanted > room:
        allowed = shares.split(np.array([room]), credits[None, :])[0]
        # The most whose credit is not above what there is room for.
        charged = np.minimum(left, ((allowed + 1) * BPS - 1) // efficiency)
        credits = charged * efficiency // BPS
    balances += credits
    return np.where(credits > 0, charged, 0), discharged
