"""One case: its figures by hand, and that account, program and chain agree to the Wh."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amalgam.chain.errors import Refused
from amalgam.readings.model import Reading, Readings
from amalgam.sharing.account import BPS, Battery, account, store
from amalgam.sharing.figures import Prices, of_community, of_members
from amalgam.sharing.keys import PPM, Dynamic, Equal, Hybrid, Key, Static
from amalgam.sizing import chain, ledger
from amalgam.sizing.case import Case, Checks, identity, random_week, run
from amalgam.sizing.movements import LedgerMismatchError, Movements
from amalgam.sizing.tariffs import Rates, Tariff, Time
from amalgam.units import ENERGY
from tests.support.hours import HOUR, MIDNIGHT, readings
from tests.unit.sizing.village import DAY, FLAT, base

CASE = Case("dynamic", Battery(600, 9_000))
QUICK = Checks(whole=False, on_chain=False)
ratios, powers = st.integers(1, BPS), st.none() | st.integers(0, 300)
batteries = st.builds(
    Battery,
    capacity=st.integers(1, 600),
    efficiency_bps=ratios,
    efficiency_out_bps=ratios,
    charge_w=powers,
    discharge_w=powers,
)
keys = st.sampled_from([Dynamic(), Equal(), Hybrid([{"ann": PPM // 2}], 3), Static([{"ben": PPM // 3}])])


@st.composite
def days(draw: st.DrawFn) -> Readings:
    amount = st.integers(0, 300)
    return readings(
        *(
            {name: (draw(amount), draw(amount)) for name in ("ann", "ben", "cem")}
            for _ in range(draw(st.integers(2, 8)))
        )
    )


def movements(day: Readings, key: Key, battery: Battery, first: int = 0) -> Movements:
    found = base(day, key)
    held = store(found.left, found.lacking, battery, found.interval_s)
    return Movements.of(battery, found.starts, held, slice(first, len(found.starts)))


def test_the_figures_by_hand() -> None:
    """As tests/unit/sharing/test_account.py has this day: 500 and 278 Wh are charged, 100 drawn."""
    found = run(base(), CASE, Checks())
    assert found.figures == {
        "produced": 2_000,
        "consumed": 750,
        "own_use": 300,
        "shared_out": 300,
        "shared_in": 300,
        "charged": 778,
        "discharged": 100,
        "sold": 622,
        "bought": 50,
        "balance": 600,
        "lost": 78,
        "self_consumption": 0.689,
        "self_sufficiency": round(1 - 50 / 750, 9),
        "self_consumption_shared": 0.3,
        "self_sufficiency_shared": 0.8,
        "peak_w": 50.0,
        "peak_shared_w": 150.0,
        "cycles": 100 / 600,
        "full_intervals": 1,
        "empty_intervals": 0,
        "intervals": 3,
    }
    # Drawing 100 Wh saves 3 cents, and charging 778 Wh forgoes 7.78.
    saving = 0.03 - 0.0778
    assert found.money == [
        {
            "tariff": "flat",
            "cost_alone": round(0.1 * 0.3 - 1.7 * 0.1 + 0.35 * 0.3, 6),
            "cost_shared": round(0.15 * 0.3 - 1.4 * 0.1, 6),
            "cost": round(0.05 * 0.3 - 0.622 * 0.1, 6),
            "saving": round(saving, 6),
            "saving_year": round(saving * 365 * 8, 6),
        }
    ]
    assert [(each["member"], each["balance"]) for each in found.members] == [("farm", 600), ("hut", 0)]
    assert found.intervals.drop("start").rows() == [
        (450, 500, 0, 0, 0),
        (350, 0, 100, 0, 50),
        (600, 278, 0, 622, 0),
    ]
    told = {name: value for name, value in found.checked.items() if name != "seconds"}
    assert told == {
        "intervals": 3,
        "movements": 3,
        "week": MIDNIGHT.isoformat(),
        "transactions": 3,
    }


def test_fees_are_of_each_member_and_month_of_365_days_a_year() -> None:
    fee = replace(FLAT, fee_month=Decimal(2))
    with_fee, without = run(base(DAY, None, fee), CASE, QUICK), run(base(), CASE, QUICK)
    two_members_three_hours = 2 * 2 * 12 * 3 / 8_760
    saving = without.money[0]["saving"] - two_members_three_hours
    assert with_fee.money[0]["saving"] == pytest.approx(saving, abs=1e-6)
    assert with_fee.money[0]["cost_shared"] == without.money[0]["cost_shared"]


@settings(deadline=None, max_examples=60)
@given(days(), keys, batteries)
def test_figures_are_those_of_share(day: Readings, key: Key, battery: Battery) -> None:
    """The sum of each flow, and what each member saves against the grid alone."""
    said = account(day, key, battery=battery)
    found = run(base(day, key), Case("key", battery), QUICK)
    prices = Prices(*FLAT.rates[:3])
    everybody = of_community(said, prices)
    for mine, its in zip(of_members(said, prices), found.members, strict=True):
        flows = ("produced", "own_use", "shared_out", "shared_in", "charged", "discharged", "sold", "bought")
        assert {name: getattr(mine, name) for name in (*flows, "balance")} == {
            name: its[name] for name in (*flows, "balance")
        }
        [money] = its["money"]
        assert money["cost_alone"] - money["cost"] == pytest.approx(float(mine.savings or 0), abs=2e-6)
    assert found.figures["peak_w"] == everybody.peak_w
    assert found.figures["self_sufficiency"] == (
        None
        if everybody.self_sufficiency is None
        else pytest.approx(float(everybody.self_sufficiency), abs=1e-9)
    )
    assert found.figures["lost"] >= 0


@settings(deadline=None, max_examples=60)
@given(days(), keys, batteries, st.integers(0, 7))
def test_the_program_holds_what_the_account_says(
    day: Readings, key: Key, battery: Battery, first: int
) -> None:
    """From any interval on, with the balances of before."""
    moved = movements(day, key, battery, min(first, len(day.starts) - 1))
    assert ledger.check(moved) == len(moved)
    assert moved.balances == account(day, key, battery=battery).balances.tolist()


@settings(deadline=None, max_examples=8)
@given(days(), keys, batteries, st.integers(0, 3))
def test_a_chain_holds_what_the_account_says(day: Readings, key: Key, battery: Battery, first: int) -> None:
    moved = movements(day, key, battery, min(first, len(day.starts) - 1))
    told = chain.replay(moved)
    assert (told.charged == moved.charged).all()
    assert (told.taken == moved.taken).all()
    assert (told.stored == moved.stored).all()


def test_who_deposits_another_amount_is_found_out() -> None:
    moved = movements(DAY, Dynamic(), CASE.battery)
    more = moved.charged.copy()
    more[0, 0] += 10
    message = "what is stored after interval 0 is 459 Wh in the program, 450 Wh in the account"
    with pytest.raises(LedgerMismatchError, match=f"^{message}$"):
        ledger.check(replace(moved, charged=more))
    with pytest.raises(LedgerMismatchError, match=f"^{message}$"):
        chain.replay(replace(moved, charged=more))


def test_what_breaks_a_rule_is_refused_by_the_program() -> None:
    moved = movements(DAY, Dynamic(), CASE.battery)
    more = moved.charged.copy()
    more[2, 0] += 10
    refusal = "the program refuses 288 Wh of member 0 in interval 2: amount exceeds the free capacity"
    with pytest.raises(LedgerMismatchError, match=f"^{refusal}$"):
        ledger.check(replace(moved, charged=more))
    with pytest.raises(Refused, match="amount exceeds the free capacity"):
        chain.replay(replace(moved, charged=more))


def test_the_week_is_the_same_one_of_the_same_case_and_seven_days_long() -> None:
    long = Readings.of(
        ENERGY,
        HOUR,
        [Reading(MIDNIGHT + n * HOUR, "hut", n % 3 * 100, 50) for n in range(30 * 24)],
    )
    common = base(long)
    week = random_week(common, CASE, QUICK)
    assert week == random_week(common, CASE, QUICK)
    assert week.stop - week.start == 7 * 24
    weeks = {random_week(common, Case("dynamic", Battery(size, BPS)), QUICK).start for size in range(1, 20)}
    assert len(weeks) > 10
    assert all(0 <= start <= 23 * 24 for start in weeks)
    checked = run(common, CASE, Checks(whole=False)).checked
    assert checked["intervals"] == 7 * 24
    assert (
        checked["week"]
        == (MIDNIGHT + timedelta(hours=random_week(common, CASE, Checks(whole=False)).start)).isoformat()
    )


def test_a_case_is_another_if_anything_it_depends_on_is() -> None:
    evening = Time(frozenset(range(1, 13)), frozenset(range(7)), frozenset({18}), {"bought": Decimal("0.5")})
    dear = Tariff("flat", Rates(Decimal("0.31"), *FLAT.rates[1:]))
    other_day = readings({"farm": (1_000, 200), "hut": (0, 301)})
    bases = [
        base(),
        base(DAY, Equal()),
        base(DAY, None, dear),
        base(DAY, None, replace(FLAT, times=(evening,))),
        base(DAY, None, replace(FLAT, fee_month=Decimal(1))),
        base(other_day),
    ]
    batteries = [Battery(600, 9_000), Battery(601, 9_000), Battery(600, 9_000, charge_w=1)]
    names = [
        identity(each, Case("dynamic", battery), checks)
        for each in bases
        for battery in batteries
        for checks in (Checks(), QUICK)
    ]
    assert len(set(names)) == len(names)
    assert identity(base(), CASE, QUICK) == identity(base(), CASE, QUICK)


def test_a_suppliers_virtual_battery() -> None:
    """All that is sold comes back, for a fee a month and a charge for each kWh."""
    fee = Tariff("virtual", Rates(*FLAT.rates[:3], drawn=Decimal("0.12")), fee_month=Decimal("3.65"))
    day = readings({"hut": (1_000, 0)}, {"hut": (0, 600)})
    [money] = run(base(day, None, fee), Case("dynamic", Battery(10**9, BPS)), Checks()).money
    fees = Fraction("3.65") * 12 * 2 / 8_760
    # 600 Wh at 30 cents are not bought and cost 12 each, and 1,000 Wh at 10 cents are not sold.
    assert money["saving"] == pytest.approx(0.6 * (0.30 - 0.12) - 1.0 * 0.10 - float(fees), abs=1e-6)
