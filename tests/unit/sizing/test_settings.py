"""The [size] of a community's file: what it may say, and the exact refusal of everything else."""

from decimal import Decimal
from pathlib import Path

import pytest

from amalgam.sharing.account import Battery
from amalgam.sharing.keys import Dynamic, Equal
from amalgam.sharing.settings import SettingsError
from amalgam.sizing.settings import Investment, load_sizing
from amalgam.sizing.tariffs import Rates, Tariff, Time

WHOLE = """\
[key]
kind = "dynamic"

[battery]
capacity = "100kWh"
efficiency = "95%"
efficiency_out = "97%"
charge = "30kW"

[size]
capacities = ["200kWh", "50kWh"]
discharge = ["20kW", "40kW"]
keys = ["dynamic", "equal"]
cost = "2000"
cost_kwh = 450
years = 12
fee_month = "4.90"

[[size.tariff]]
name = "evening"
bought = "0.32"
sold = "0.08"
shared = "0.16"
drawn = "0.10"

[[size.tariff.time]]
months = "11-2"
days = "Sat-Mon"
hours = "22-6"
bought = "0.41"

[[size.tariff]]
name = "flat"
bought = "0.30"
sold = "0.07"
shared = "0.15"
"""
SHORT = """\
[key]
kind = "equal"
[prices]
bought = "0.30"
sold = "0.08"
shared = "0.16"
[size]
capacities = ["50kWh"]
"""
ALWAYS = frozenset(range(24))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "village.toml"


def test_a_whole_file(path: Path) -> None:
    path.write_text(WHOLE)
    found = load_sizing(path)
    assert found.keys == {"dynamic": Dynamic(), "equal": Equal()}
    assert found.batteries == tuple(
        Battery(capacity, 9_500, 9_700, charge_w=30_000, discharge_w=discharge)
        for discharge in (20_000, 40_000)
        for capacity in (50_000, 200_000)
    )
    time = Time(
        frozenset({11, 12, 1, 2}),
        frozenset({5, 6, 0}),
        frozenset({22, 23, 0, 1, 2, 3, 4, 5}),
        {"bought": Decimal("0.41")},
    )
    rates = (Decimal(each) for each in ("0.32", "0.08", "0.16", "0.10"))
    flat = (Decimal(each) for each in ("0.30", "0.07", "0.15", "0"))
    assert found.tariffs == (
        Tariff("evening", Rates(*rates), (time,), Decimal("4.90")),
        Tariff("flat", Rates(*flat), (), Decimal("4.90")),
    )
    assert found.investment == Investment(Decimal(2000), Decimal(450), 12)
    assert found.investment.of(50_000) == 24_500


def test_a_short_file_has_the_communitys_key_and_prices(path: Path) -> None:
    path.write_text(SHORT)
    found = load_sizing(path)
    assert (found.keys, found.batteries) == ({"equal": Equal()}, (Battery(50_000, 10_000),))
    rates = Rates(Decimal("0.30"), Decimal("0.08"), Decimal("0.16"), Decimal(0))
    assert (found.tariffs, found.investment) == ((Tariff("prices", rates),), None)


@pytest.mark.parametrize(
    ("hours", "found"),
    [
        ("0-24", ALWAYS),
        ("23-24", {23}),
        ("0-1", {0}),
        ("17-21", {17, 18, 19, 20}),
        ("23-1", {23, 0}),
        ("24-1", None),
    ],
)
def test_hours(path: Path, hours: str, found: set[int] | None) -> None:
    path.write_text(WHOLE.replace("22-6", hours))
    if found is None:
        with pytest.raises(SettingsError, match="is not from one hour to another"):
            load_sizing(path)
        return
    assert load_sizing(path).tariffs[0].times[0].hours == found


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'capacities = ["200kWh", "50kWh"]',
            "capacities = []",
            'capacities is empty; write it like ["50kWh", "100kWh"]',
        ),
        ('capacities = ["200kWh", "50kWh"]', "", "capacities is missing; add it"),
        ('"200kWh"', '"200kW"', "capacities: '200kW' is a power; write an energy, like 300kWh or 3500Wh"),
        ('"20kW"', '"20kWh"', "discharge: '20kWh' is not a power; write it like 11kW or 3500W"),
        (
            "keys = ",
            "kyes = ",
            "kyes is not one of capacities, charge, cost, cost_kwh, discharge, fee_month, "
            "keys, tariff, years; remove or correct it",
        ),
        (
            '"equal"]',
            '"fair"]',
            "kind = 'fair' is none of 'dynamic', 'static', 'hybrid', 'equal', 'priority', 'full'; correct it",
        ),
        ('"equal"]', '"static"]', 'no [[member]] has a share; add share = "12.5%", or take another key'),
        ("years = 12", "years = 0", "years = 0 is not a whole number from 1 up; write it like 15"),
        ('cost = "2000"\ncost_kwh = 450\n', "", "years is of what is bought; add cost_kwh, or remove it"),
        ('cost = "2000"', 'cost = "much"', "cost = 'much' is not a number from 0 up; write it like 0.16"),
        ('shared = "0.15"\n', "", "shared is missing; add it"),
        ('name = "flat"', 'name = "evening"', "tariff evening is there twice; keep one"),
        ('bought = "0.41"\n', "", "a time of a tariff has no rate; add one of bought, sold, shared, drawn"),
        ('"11-2"', '"11-13"', "months = '11-13' is not within 1 to 12; write it like \"10-3\""),
        ('"Sat-Mon"', '"weekend"', "days = 'weekend' is not within mon to sun; write it like \"mon-fri\""),
        ('"22-6"', '"22"', "hours = '22' is not from one hour to another; write it like \"17-21\""),
        ('"22-6"', '"6-6"', "hours = '6-6' is not from one hour to another; write it like \"17-21\""),
    ],
)
def test_what_a_file_may_not_say_is_refused(path: Path, old: str, new: str, message: str) -> None:
    assert old in WHOLE
    path.write_text(WHOLE.replace(old, new, 1))
    with pytest.raises(SettingsError) as refused:
        load_sizing(path)
    assert str(refused.value) == f"{path}: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SHORT.partition("[size]")[0], '[size] is missing; add it, with capacities = ["50kWh", "100kWh"]'),
        (
            SHORT.replace(SHORT[SHORT.index("[prices]") : SHORT.index("[size]")], ""),
            "there are no prices; add [prices], or [[size.tariff]]",
        ),
    ],
)
def test_what_a_file_must_say(path: Path, text: str, message: str) -> None:
    path.write_text(text)
    with pytest.raises(SettingsError) as refused:
        load_sizing(path)
    assert str(refused.value) == f"{path}: {message}"
