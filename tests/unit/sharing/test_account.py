"""Own use, sharing, the battery, the grid: by hand, beside a slow ledger, and what always holds."""

from dataclasses import fields
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amalgam.readings.model import Reading, Readings
from amalgam.sharing import reference
from amalgam.sharing.account import BPS, Account, Battery, Flows, account
from amalgam.sharing.figures import Prices, of_community, of_members
from amalgam.sharing.keys import PPM, Dynamic, Equal, Hybrid, Key, Static
from amalgam.sharing.lines import lines
from amalgam.units import ENERGY
from tests.support.hours import MIDNIGHT, readings

DAY = readings(
    # The farm uses 200 of its 1,000 and shares 300; 500 are left, of which 450 are credited.
    {"farm": (1_000, 200), "hut": (0, 300)},
    # The farm draws its need of 100 from its balance. The hut, which has none, buys.
    {"farm": (0, 100), "hut": (0, 50)},
    # The room is 250: of the surplus of 900, 278 fill it, the most whose credit of 90 % is not above.
    {"farm": (1_000, 100), "hut": (0, 0)},
)


def flows(found: Account, name: str) -> list[list[int]]:
    return getattr(found.flows, name).tolist()


def test_the_order_is_own_use_sharing_battery_and_grid() -> None:
    found = account(DAY, Dynamic(), battery=Battery(600, 9_000))
    assert flows(found, "own_use") == [[200, 0], [0, 0], [100, 0]]
    assert flows(found, "shared_out") == [[300, 0], [0, 0], [0, 0]]
    assert flows(found, "shared_in") == [[0, 300], [0, 0], [0, 0]]
    assert flows(found, "charged") == [[500, 0], [0, 0], [278, 0]]
    assert flows(found, "discharged") == [[0, 0], [100, 0], [0, 0]]
    assert flows(found, "sold") == [[0, 0], [0, 0], [622, 0]]
    assert flows(found, "bought") == [[0, 0], [0, 50], [0, 0]]
    assert (found.stored.tolist(), found.balances.tolist()) == ([450, 350, 600], [600, 0])


def test_a_full_battery_is_shared_in_proportion_to_surplus() -> None:
    found = account(readings({"a": (300, 0), "b": (100, 0)}), Dynamic(), battery=Battery(100, BPS))
    assert flows(found, "charged") == [[75, 25]]


def test_power_is_split_and_what_leaves_a_balance_is_more_than_what_is_drawn() -> None:
    day = readings({"a": (300, 0), "b": (100, 0)}, {"a": (0, 90), "b": (0, 90)})
    found = account(day, Dynamic(), battery=Battery(1_000, BPS, 9_000, charge_w=200, discharge_w=100))
    assert flows(found, "charged") == [[150, 50], [0, 0]]
    # The balances of 150 and 50 could give 90 and 45, and 100 of it are drawn: 67 and 33, for 75 and 37.
    assert flows(found, "discharged") == [[0, 0], [67, 33]]
    assert (found.stored.tolist(), found.balances.tolist()) == ([200, 88], [75, 13])


def test_who_takes_part_with_a_factor_shares_that_part() -> None:
    day = readings({"farm": (101, 0), "hut": (0, 90)})
    found = account(day, Dynamic(), factors_bps={"farm": 5_000}, battery=Battery(1_000, BPS))
    assert (flows(found, "shared_out"), flows(found, "charged"), flows(found, "sold")) == (
        [[50, 0]],
        [[0, 0]],
        [[51, 0]],
    )
    less = account(day, Dynamic(), factors_bps={"hut": 1_000})
    assert (flows(less, "shared_in"), flows(less, "bought")) == ([[0, 9]], [[0, 81]])


def test_shares_by_hour_are_of_the_local_day() -> None:
    hours = Static([{"hut": PPM if hour == 2 else 0} for hour in range(24)])
    day = readings({"farm": (10, 0), "hut": (0, 10)})
    assert flows(account(day, hours), "shared_in") == [[0, 0]]
    in_vienna = Readings(
        **{each.name: getattr(day, each.name) for each in fields(day)} | {"offsets": np.array([7200])}
    )
    assert flows(account(in_vienna, hours), "shared_in") == [[0, 10]]


@st.composite
def days(draw: st.DrawFn) -> Readings:
    names = ["ann", "ben", "cem"][: draw(st.integers(1, 3))]
    amount = st.integers(0, 300)
    return readings(
        *({name: (draw(amount), draw(amount)) for name in names} for _ in range(draw(st.integers(2, 8))))
    )


some_keys = st.sampled_from([Dynamic(), Equal(), Hybrid([{"ann": PPM // 2}], 3)])
ratios, powers = st.integers(1, BPS), st.none() | st.integers(0, 300)
batteries = st.none() | st.builds(
    Battery,
    capacity=st.integers(1, 600),
    efficiency_bps=ratios,
    efficiency_out_bps=ratios | st.just(BPS),
    charge_w=powers,
    discharge_w=powers,
)
factors = st.fixed_dictionaries({"ann": st.integers(1, BPS)}) | st.just({})


@settings(deadline=None, max_examples=80)
@given(days(), some_keys, batteries, factors)
def test_everything_adds_up_and_is_what_a_slow_ledger_says(
    day: Readings, key: Key, battery: Battery | None, parts: dict[str, int]
) -> None:
    found = account(day, key, factors_bps=parts, battery=battery)
    each = found.flows
    assert (each.produced == each.own_use + each.shared_out + each.charged + each.sold).all()
    assert (each.consumed == each.own_use + each.shared_in + each.discharged + each.bought).all()
    assert (each.shared_in.sum(axis=1) == each.shared_out.sum(axis=1)).all()
    assert all((getattr(each, name.name) >= 0).all() for name in fields(Flows))
    assert (np.minimum(each.sold, each.bought) == 0).all()
    stored, balances, charged, discharged = ledger(day, key, battery, parts)
    assert (found.stored.tolist(), found.balances.tolist()) == (stored, balances)
    assert (each.charged.tolist(), each.discharged.tolist()) == (charged, discharged)
    if battery is not None:
        assert found.stored.max() <= battery.capacity


def ledger(
    day: Readings, key: Key, battery: Battery | None, parts: dict[str, int]
) -> tuple[list[int], list[int], list[list[int]], list[list[int]]]:
    """The same member by member, in Python's own integers."""
    balances = dict.fromkeys(day.members, 0)
    stored, charged, discharged = list[int](), list[list[int]](), list[list[int]]()
    for start, interval in day.intervals():
        part = {each.member: Fraction(parts.get(each.member, BPS), BPS) for each in interval}
        offered = {r.member: int(max(r.produced - r.consumed, 0) * part[r.member]) for r in interval}
        wanted = {r.member: int(max(r.consumed - r.produced, 0) * part[r.member]) for r in interval}
        given_, got = reference.share(key, offered, wanted, start.hour)
        into, out = dict.fromkeys(day.members, 0), dict.fromkeys(day.members, 0)
        if battery is not None:
            efficiency_out = Fraction(battery.efficiency_out_bps, BPS)
            out = {
                name: min(wanted[name] - got[name], int(balances[name] * efficiency_out))
                for name in day.members
            }
            if battery.discharge_w is not None and sum(out.values()) > battery.discharge_w:  # of an hour
                out = reference.split(battery.discharge_w, out)
            for name in day.members:
                taken = out[name]
                while int(taken * efficiency_out) < out[name]:
                    taken += 1
                balances[name] -= taken
            efficiency = Fraction(battery.efficiency_bps, BPS)
            left = {name: offered[name] - given_[name] for name in day.members}
            if battery.charge_w is not None and sum(left.values()) > battery.charge_w:
                left = reference.split(battery.charge_w, left)
            credits = {name: int(amount * efficiency) for name, amount in left.items()}
            room = battery.capacity - sum(balances.values())
            allowed = credits if sum(credits.values()) <= room else reference.split(room, credits)
            for name in day.members:
                while left[name] and int(left[name] * efficiency) > allowed[name]:
                    left[name] -= 1
                credit = int(left[name] * efficiency)
                into[name] = left[name] if credit else 0
                balances[name] += credit
        stored.append(sum(balances.values()))
        charged.append(list(into.values()))
        discharged.append(list(out.values()))
    return stored, list(balances.values()), charged, discharged


def test_the_figures_by_hand() -> None:
    found = account(DAY, Dynamic(), battery=Battery(600, 9_000))
    prices = Prices(Decimal("0.30"), Decimal("0.10"), Decimal("0.20"))
    farm, hut = of_members(found, prices, Decimal(500))
    together = of_community(found, prices, Decimal(500))
    assert (farm.self_consumption, farm.self_sufficiency) == (1 - Fraction(622, 2_000), 1)
    assert (hut.self_consumption, hut.self_sufficiency) == (None, 1 - Fraction(50, 350))
    assert (together.self_consumption, together.self_sufficiency) == (
        Fraction(1_378, 2_000),
        Fraction(700, 750),
    )
    # The hut bought 300 and 50 Wh for 10.5 cents, and pays 1.5 for 50 and 6 for what the farm shares.
    assert hut.savings == Fraction("0.105") - Fraction("0.015") - Fraction("0.06")
    # The farm sold 800 and 900 Wh and bought 100; now it sells 622 and is paid for 300 by the hut.
    assert farm.savings == -Fraction("0.14") + Fraction("0.0622") + Fraction("0.06")
    assert together.savings == farm.savings + hut.savings
    assert (hut.peak_w, hut.baseline_peak_w) == (50, 300)
    assert (together.peak_w, together.baseline_peak_w) == (50, 300)
    # 450 Wh would have been bought, and 50 are: 400 of 500 g/kWh.
    assert together.co2_g == 200
    assert of_community(found).savings is None


def test_a_mean_power_is_of_the_interval() -> None:
    quarter = Readings.of(
        ENERGY,
        timedelta(minutes=15),
        [Reading(MIDNIGHT + n * timedelta(minutes=15), "hut", 0, 10 * n) for n in (1, 2)],
    )
    assert of_community(account(quarter, Dynamic())).peak_w == 80


def test_lines_have_each_member_in_each_interval() -> None:
    table = lines(account(DAY, Dynamic()))
    assert table.columns == [
        "start",
        "member",
        *(f"{each.name}_wh" for each in fields(Flows)),
        "quality",
    ]
    assert table.select("start", "member", "shared_in_wh", "quality").rows()[:2] == [
        (MIDNIGHT, "farm", 0, "measured"),
        (MIDNIGHT, "hut", 300, "measured"),
    ]
    assert table["produced_wh"].sum() == 2_000
    assert table.schema["start"] == pl.Datetime("ms", "UTC")


def test_a_key_of_others_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^shares name eve, who is no consumer"):
        account(DAY, Static([{"eve": PPM}]))
