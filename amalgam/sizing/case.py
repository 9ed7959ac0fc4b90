"""One case of a sizing: a year through one battery, checked by the program, with what it is worth."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from fractions import Fraction
from hashlib import sha256
from random import Random
from time import process_time
from typing import Any, NamedTuple, cast

import numpy as np
import polars as pl

from amalgam.programs import Program
from amalgam.readings.model import Integers, Readings
from amalgam.sharing.account import BPS, Battery, Held, Unstored, store
from amalgam.sharing.keys import Key
from amalgam.sizing import chain, ledger
from amalgam.sizing.movements import LedgerMismatchError, Movements
from amalgam.sizing.tariffs import Flow, Tariff, cost

YEAR_S = 365 * 86_400
_WEEK_S = 7 * 86_400


class Checks(NamedTuple):
    """How a case is checked.

    Attributes:
        whole: Whether the program keeps the ledger of all intervals, or else of a random week.
        on_chain: Whether a random week is replayed on a chain.
    """

    whole: bool = True
    on_chain: bool = True


class Case(NamedTuple):
    """What is tried: a battery, in a community that shares by a key."""

    key: str  # its kind
    battery: Battery


@dataclass(frozen=True, slots=True, eq=False)
class Base:
    """A community that has shared by a key, before any battery. Amounts are Wh.

    Attributes:
        digest: Of the readings, the key and the tariffs: what a case depends on, beside itself.
        members: Their names.
        starts: Unix s of each interval's start.
        local: The same in local time.
        interval_s: Length of an interval.
        sums: Of each member, over all intervals: produced, consumed, own_use, shared_out, shared_in.
        surplus: Of all members, in each interval: neither used nor shared.
        need: Likewise.
        sold: Of each member, over all intervals, without a battery.
        bought: Likewise.
        tariffs: What cases are judged by.
        costs_alone: What each member pays with the grid alone, by tariff.
        costs_shared: What each member pays without a battery, by tariff.
        left: What each member may charge in each interval.
        lacking: What each member may draw in each interval.
    """

    digest: str
    members: tuple[str, ...]
    starts: Integers
    local: Integers
    interval_s: int
    sums: Mapping[str, list[int]]
    surplus: Integers
    need: Integers
    sold: list[int]
    bought: list[int]
    tariffs: Sequence[Tariff]
    costs_alone: Sequence[list[Fraction]]
    costs_shared: Sequence[list[Fraction]]
    left: Integers
    lacking: Integers

    @property
    def years(self) -> Fraction:
        """How many years of 365 days the readings are of."""
        return Fraction(len(self.starts) * self.interval_s, YEAR_S)


def base_of(unstored: Unstored, key: Key, tariffs: Sequence[Tariff]) -> Base:
    """What cases of one key have in common."""
    readings, given, got = unstored.readings, unstored.shared.given, unstored.shared.got
    local = readings.starts + readings.offsets
    without = [Flow(unstored.need, "bought"), Flow(unstored.surplus, "sold", -1)]
    alone = [Flow(unstored.need + got, "bought"), Flow(unstored.surplus + given, "sold", -1)]
    sharing = [Flow(got, "shared"), Flow(given, "shared", -1)]
    flows = {
        "produced": readings.produced,
        "consumed": readings.consumed,
        "own_use": unstored.own_use,
        "shared_out": given,
        "shared_in": got,
    }
    return Base(
        digest=_digest(readings, unstored, key, tariffs),
        members=readings.members,
        starts=readings.starts,
        local=local,
        interval_s=int(readings.interval.total_seconds()),
        sums={name: each.sum(axis=0).tolist() for name, each in flows.items()},
        surplus=unstored.surplus.sum(axis=1),
        need=unstored.need.sum(axis=1),
        sold=unstored.surplus.sum(axis=0).tolist(),
        bought=unstored.need.sum(axis=0).tolist(),
        tariffs=tariffs,
        costs_alone=[cost(tariff, local, alone) for tariff in tariffs],
        costs_shared=[cost(tariff, local, [*without, *sharing]) for tariff in tariffs],
        left=unstored.left,
        lacking=unstored.lacking,
    )


def _digest(readings: Readings, unstored: Unstored, key: Key, tariffs: Sequence[Tariff]) -> str:
    """Of all that a case depends on, the program's source among it."""
    found = sha256(Program.ENERGY_ALLOCATION.source.read_bytes())
    for array in (readings.starts, readings.offsets, readings.produced, readings.consumed):
        found.update(np.ascontiguousarray(array).data)
    for array in (unstored.left, unstored.lacking):  # which factors have a part in
        found.update(np.ascontiguousarray(array).data)
    plain = [asdict(each) for each in tariffs]
    told = [readings.members, int(readings.interval.total_seconds()), repr(key), plain]
    found.update(json.dumps(told, default=_plain).encode())
    return found.hexdigest()


def _plain(value: object) -> object:
    return sorted(cast(frozenset[int], value)) if isinstance(value, frozenset) else str(value)


def identity(base: Base, case: Case, checks: Checks) -> str:
    """A name for what a case results in: another one if anything that it depends on is another."""
    told = [base.digest, case.key, *case.battery, *checks]
    return sha256(json.dumps(told).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """What a case results in.

    Attributes:
        case: What was tried.
        figures: Of all members together, by name; what is money is by tariff, in `money`.
        money: Of each tariff, by name: `saving` is the battery's, after its fees and before its price.
        members: The same of each member.
        intervals: `start`, and in Wh of all members `stored`, `charged`, `discharged`, `sold`, `bought`.
        checked: How it was checked, and the seconds of a processor that each part took.
    """

    case: Case
    figures: Mapping[str, Any]
    money: Sequence[Mapping[str, Any]]
    members: Sequence[Mapping[str, Any]]
    intervals: pl.DataFrame
    checked: Mapping[str, Any]


def run(base: Base, case: Case, checks: Checks) -> Result:
    """Try a case, and check it by the program.

    Raises:
        LedgerMismatchError: The program does not hold what the account says.
        amalgam.chain.errors.Refused: The program has refused a movement on the chain.
    """
    began = process_time()
    battery = case.battery
    held = store(base.left, base.lacking, battery, base.interval_s)
    computed = process_time()
    checked = _checked(base, case, held, checks)
    checked["seconds"] = {"account": round(computed - began, 3), **checked["seconds"]}
    charged, discharged = held.charged.sum(axis=0).tolist(), held.discharged.sum(axis=0).tolist()
    flows = {
        **base.sums,
        "charged": charged,
        "discharged": discharged,
        "sold": [sold - into for sold, into in zip(base.sold, charged, strict=True)],
        "bought": [bought - out for bought, out in zip(base.bought, discharged, strict=True)],
        "balance": held.balances.tolist(),
    }
    per_interval = {
        "stored": held.stored,
        "charged": held.charged.sum(axis=1),
        "discharged": held.discharged.sum(axis=1),
    }
    sold, bought = base.surplus - per_interval["charged"], base.need - per_interval["discharged"]
    intervals = pl.DataFrame(
        {
            "start": pl.Series(base.starts * 1000).cast(pl.Datetime("ms", "UTC")),
            **per_interval,
            "sold": sold,
            "bought": bought,
        }
    )
    savings = [_savings(tariff, base, held) for tariff in base.tariffs]
    members = [
        {
            "member": name,
            **{flow: amounts[index] for flow, amounts in flows.items()},
            "money": [_money(base, number, saving, [index]) for number, saving in enumerate(savings)],
        }
        for index, name in enumerate(base.members)
    ]
    everybody = list(range(len(base.members)))
    money = [_money(base, number, saving, everybody) for number, saving in enumerate(savings)]
    figures = _figures(base, battery, {flow: sum(amounts) for flow, amounts in flows.items()}, held, bought)
    return Result(case, figures, money, members, intervals, checked)


def _savings(tariff: Tariff, base: Base, held: Held) -> list[Fraction]:
    """What the battery saves each member: what is drawn is not bought, and what is charged not sold."""
    flows = [
        Flow(held.discharged, "bought", -1),
        Flow(held.discharged, "drawn"),
        Flow(held.charged, "sold"),
    ]
    fees = Fraction(tariff.fee_month) * 12 * base.years
    return [-each - fees for each in cost(tariff, base.local, flows)]


def _money(base: Base, tariff: int, savings: Sequence[Fraction], members: Sequence[int]) -> dict[str, Any]:
    alone = sum((base.costs_alone[tariff][each] for each in members), Fraction(0))
    shared = sum((base.costs_shared[tariff][each] for each in members), Fraction(0))
    saving = sum((savings[each] for each in members), Fraction(0))
    amounts = {
        "cost_alone": alone,
        "cost_shared": shared,
        "cost": shared - saving,
        "saving": saving,
        "saving_year": saving / base.years,
    }
    return {
        "tariff": base.tariffs[tariff].name,
        **{name: round(float(amount), 6) for name, amount in amounts.items()},
    }


def _figures(
    base: Base, battery: Battery, flows: Mapping[str, int], held: Held, bought: Integers
) -> dict[str, Any]:
    taken = int(battery.taken_for(held.discharged).sum())

    def of_hour(amounts: Integers) -> float:
        return int(amounts.max(initial=0)) * 3600 / base.interval_s

    return {
        **flows,
        "lost": flows["charged"] - flows["discharged"] - flows["balance"],
        "self_consumption": _without(flows["sold"], flows["produced"]),
        "self_sufficiency": _without(flows["bought"], flows["consumed"]),
        "self_consumption_shared": _without(sum(base.sold), flows["produced"]),
        "self_sufficiency_shared": _without(sum(base.bought), flows["consumed"]),
        "peak_w": of_hour(bought),
        "peak_shared_w": of_hour(base.need),
        "cycles": taken / battery.capacity,
        "full_intervals": int(np.count_nonzero(held.stored == battery.capacity)),
        "empty_intervals": int(np.count_nonzero(held.stored == 0)),
        "intervals": len(base.starts),
    }


def _without(part: int, whole: int) -> float | None:
    return round(1 - part / whole, 9) if whole else None


# Checks


def random_week(base: Base, case: Case, checks: Checks) -> slice:
    """Intervals of seven days, or all if there are fewer: by chance, and the same ones of the same case."""
    count, length = len(base.starts), max(_WEEK_S // base.interval_s, 1)
    first = Random(identity(base, case, checks)).randint(0, max(count - length, 0))  # noqa: S311 (no secret)
    return slice(first, min(first + length, count))


def _checked(base: Base, case: Case, held: Held, checks: Checks) -> dict[str, Any]:
    week = random_week(base, case, checks)
    rows = slice(0, len(base.starts)) if checks.whole else week
    began = process_time()
    movements = ledger.check(Movements.of(case.battery, base.starts, held, rows))
    seconds = {"program": round(process_time() - began, 3)}
    found: dict[str, Any] = {"intervals": rows.stop - rows.start, "movements": movements, "seconds": seconds}
    if checks.on_chain:
        began = process_time()
        found["week"] = datetime.fromtimestamp(int(base.starts[week.start]), UTC).isoformat()
        found["transactions"] = _compared_on_chain(base, case, held, week)
        seconds["chain"] = round(process_time() - began, 3)
    return found


def _compared_on_chain(base: Base, case: Case, held: Held, week: slice) -> int:
    """Replay a week on a chain, and compare all that figures are made of with what it tells.

    Raises LedgerMismatchError, and returns how many transactions it took.
    """
    battery = case.battery
    told = chain.replay(Movements.of(battery, base.starts, held, week))
    # Of what leaves a balance the efficiency is drawn: the program knows nothing of it.
    drawn = told.taken * battery.efficiency_out_bps // BPS
    for what, said, found in (
        ("charged", held.charged[week], told.charged),
        ("discharged", held.discharged[week], drawn),
        ("stored", held.stored[week], told.stored),
    ):
        if not np.array_equal(said, found):
            row = week.start + int(np.argwhere(said != found)[0][0])
            raise LedgerMismatchError(f"what is {what} in interval {row} is another on the chain")
    return told.transactions
