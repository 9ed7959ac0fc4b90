"""A community's file: what it may say, and the exact refusal of everything else."""

from decimal import Decimal
from pathlib import Path

import pytest

from amalgam.readings.community import Meter
from amalgam.readings.model import Direction
from amalgam.readings.policies import Duplicates, Gaps
from amalgam.sharing.account import Battery
from amalgam.sharing.figures import Prices
from amalgam.sharing.keys import Dynamic, Equal, Full, Hybrid, Priority, Static
from amalgam.sharing.settings import Settings, SettingsError, load_settings

WHOLE = """\
name = "Sonnental"
address = "7NSbV8kqQmKJ7fpB7bgN5EyYQfQ8nVwS4zKQ3wR3pZ1C"
readings = ["meters/*.csv"]
mappings = ["other.toml"]
zone = "Europe/Vienna"
gaps = "previous-day"
duplicates = "last"
co2_g_kwh = 120

[key]
kind = "hybrid"
rounds = 3

[prices]
bought = "0.30"
sold = 0.08
shared = "0.16"

[battery]
capacity = "300kWh"
efficiency = "95%"
efficiency_out = "97.5%"
charge = "60kW"
discharge = "3500W"

[[member]]
name = "house-01"
owner = "4Nd1mYbvUsKqvXQ7RkVTpqMs2hNPF7M9xvEUbE9fsYbZ"
meters = ["AT-1", "AT-2"]
generation_meters = ["AT-9"]
factor = "80%"
share = "12.5%"
group = 1
shares_of = { farm = "20%" }

[[member]]
name = "farm"
share = "50%"
group = 2
shares_of = { farm = "0.0001%" }
"""
SHORT = '[key]\nkind = "dynamic"\n'
CONSUMED, PRODUCED = Direction


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "village.toml"


def load(path: Path, text: str) -> Settings:
    path.write_text(text)
    return load_settings(path)


def test_a_whole_file(path: Path) -> None:
    found = load(path, WHOLE)
    assert found == Settings(
        name="Sonnental",
        address="7NSbV8kqQmKJ7fpB7bgN5EyYQfQ8nVwS4zKQ3wR3pZ1C",
        readings=["meters/*.csv"],
        mappings=[path.parent / "other.toml"],
        zone="Europe/Vienna",
        gaps=Gaps.PREVIOUS_DAY,
        duplicates=Duplicates.LAST,
        key=Hybrid([{"house-01": 125_000, "farm": 500_000}], 3),
        prices=Prices(Decimal("0.30"), Decimal("0.08"), Decimal("0.16")),
        co2_g_kwh=Decimal(120),
        battery=Battery(300_000, 9_500, 9_750, charge_w=60_000, discharge_w=3_500),
        members={"AT-1": "house-01", "AT-2": "house-01", "AT-9": "house-01", "farm": "farm"},
        owners={"house-01": "4Nd1mYbvUsKqvXQ7RkVTpqMs2hNPF7M9xvEUbE9fsYbZ"},
        generation=frozenset({"AT-9"}),
        factors_bps={"house-01": 8_000},
    )


def test_meters_are_their_members(path: Path) -> None:
    found = load(path, WHOLE)
    assert found.assign(Meter("AT-2", Direction.CONSUMED)) == Meter("house-01", Direction.CONSUMED)
    assert found.assign(Meter("AT-9", Direction.CONSUMED)) == Meter("house-01", Direction.PRODUCED)
    assert found.assign(Meter("farm", Direction.PRODUCED)) == Meter("farm", Direction.PRODUCED)
    assert found.assign(Meter("shop", Direction.CONSUMED)) is None


def test_a_short_file_has_every_meter_as_a_member(path: Path) -> None:
    found = load(path, SHORT)
    assert (found.name, found.key, found.gaps, found.battery) == ("village", Dynamic(), Gaps.REFUSE, None)
    assert (found.address, found.owners) == (None, {})
    assert found.assign(Meter("shop", Direction.CONSUMED)) == Meter("shop", Direction.CONSUMED)


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ('kind = "static"', Static([{"house-01": 125_000, "farm": 500_000}])),
        ('kind = "hybrid"', Hybrid([{"house-01": 125_000, "farm": 500_000}], 5)),
        ('kind = "equal"', Equal()),
        ('kind = "priority"', Priority([(["house-01"], Dynamic()), (["farm"], Dynamic())])),
        (
            'kind = "priority"\nwithin = "equal"',
            Priority([(["house-01"], Equal()), (["farm"], Equal())]),
        ),
        ('kind = "full"', Full({"farm": {"house-01": 200_000, "farm": 1}})),
    ],
)
def test_each_key(path: Path, key: str, found: object) -> None:
    assert load(path, WHOLE.replace('kind = "hybrid"\nrounds = 3', key)).key == found


def test_shares_by_hour(path: Path) -> None:
    shares = ", ".join(f'"{hour}%"' for hour in range(24))
    key = load(path, WHOLE.replace('share = "12.5%"', f"share = [{shares}]")).key
    assert key == Hybrid([{"house-01": hour * 10_000, "farm": 500_000} for hour in range(24)], 3)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name = ", "nmae = ", None),
        (
            'kind = "hybrid"',
            'kind = "fair"',
            "kind = 'fair' is none of 'dynamic', 'static', 'hybrid', 'equal', 'priority', 'full'; correct it",
        ),
        ('kind = "hybrid"', 'kind = "equal"', "key.rounds is of hybrid, and this is equal; remove it"),
        ("rounds = 3", 'rounds = "3"', "key.rounds is not a number; write it like 5"),
        (
            '"previous-day"',
            '"guess"',
            "gaps = 'guess' is none of 'refuse', 'zero', 'previous-day', 'leave-out'; correct it",
        ),
        ('"0.30"', '"dear"', "bought = 'dear' is not a number from 0 up; write it like 0.16"),
        ('"0.30"', '"-1"', "bought = '-1' is not a number from 0 up; write it like 0.16"),
        ('shared = "0.16"\n', "", "shared is missing; add it"),
        ('"300kWh"', '"300"', "capacity: '300' is not an energy; write it like 300kWh or 3500Wh"),
        ('"95%"', '"950%"', "efficiency: '950%' is not within 0.01% to 100%; correct it"),
        ('"97.5%"', '"0%"', "efficiency_out: '0%' is not within 0.01% to 100%; correct it"),
        ('"60kW"', '"60kWh"', "charge: '60kWh' is not a power; write it like 11kW or 3500W"),
        ('"80%"', '"80"', "factor: '80' is not a percentage; write it like 95%"),
        (
            '"12.5%"',
            '"12.34567%"',
            "house-01's share '12.34567%' is not a percentage; "
            'write it like "12.5%", with up to 4 decimals',
        ),
        ('"12.5%"', '["1%", "2%"]', "house-01 has 2 shares; give one, or 24 of them"),
        ('name = "farm"', 'name = "house-01"', "member house-01 is there twice; keep one"),
        ('name = "farm"', 'name = "AT-1"', "meter AT-1 is house-01's and AT-1's; keep one"),
        ("[battery]", "[batery]", None),
        (
            'meters = ["AT-1", "AT-2"]',
            'meters = "AT-1"',
            'meters is not a list of texts; write it like ["..."]',
        ),
        (
            'zone = "Europe/Vienna"',
            'zone = "Vienna"',
            "'Vienna' is not a time zone; write it like Europe/Vienna",
        ),
    ],
)
def test_what_a_file_may_not_say_is_refused(path: Path, old: str, new: str, message: str | None) -> None:
    assert old in WHOLE
    text = WHOLE.replace(old, new, 1)
    with pytest.raises(SettingsError) as refused:
        load(path, text)
    if message is None:
        key = new.strip("[]").partition(" ")[0]
        message = (
            f"{key} is not one of address, battery, billing, co2_g_kwh, duplicates, gaps, key, mappings, "
            "member, name, prices, readings, size, zone; remove or correct it"
        )
    assert str(refused.value) == f"{path}: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "key is missing; add it"),
        ('key = "dynamic"', "key is not a table; begin it with [key]"),
        ('[key]\nkind = "static"', 'no [[member]] has a share; add share = "12.5%", or take another key'),
        (
            '[key]\nkind = "priority"\n[[member]]\nname = "hut"',
            "hut has no group; add group = 1 for who is served first",
        ),
        (
            '[key]\nkind = "full"\n[[member]]\nname = "hut"',
            'no [[member]] has shares_of; add shares_of = { farm = "20%" }, or take another key',
        ),
    ],
)
def test_what_a_file_has_to_say(path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(path, text)
    assert str(refused.value) == f"{path}: {message}"
