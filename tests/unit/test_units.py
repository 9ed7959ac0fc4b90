"""Units: what people write, exactly."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amalgam.units import (
    ENERGY,
    MEASURES,
    WASTE,
    WATER,
    Amount,
    Measure,
    Resource,
    amount,
    duration,
    duration_s,
    moment,
    percent,
    power_w,
    ratio_bps,
    start,
    utc,
)

U64_MAX = 2**64 - 1


@pytest.mark.parametrize(
    ("text", "wh"),
    [
        ("300kWh", 300_000),
        ("13.5 kWh", 13_500),
        ("0.001kWh", 1),
        ("1.2500kWh", 1_250),
        ("3500Wh", 3_500),
        ("3500.0Wh", 3_500),
        ("18446744073709551.615kWh", U64_MAX),
    ],
)
def test_an_energy(text: str, wh: int) -> None:
    assert ENERGY.parse(text) == wh


NOT_AN_ENERGY = "is not an energy; write it like 300kWh or 3500Wh"
UNKNOWN_UNIT = "has a unit that is none of Wh, kWh; write it like 300kWh or 3500Wh"
COMMA = "has a comma; write a point before decimals and no mark between thousands"
NOT_WITHIN = f"is not within 1 to {U64_MAX} Wh; correct the amount or its unit"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("300", NOT_AN_ENERGY),
        ("kWh", NOT_AN_ENERGY),
        ("300 kwh", UNKNOWN_UNIT),
        ("300kW", "is a power; write an energy, like 300kWh or 3500Wh"),
        ("3.5 kW", "is a power; write an energy, like 300kWh or 3500Wh"),
        ("5 MWh", UNKNOWN_UNIT),
        ("-1kWh", NOT_AN_ENERGY),
        ("1e3Wh", UNKNOWN_UNIT),
        ("nankWh", NOT_AN_ENERGY),
        ("1,5kWh", COMMA),
        ("٣kWh", NOT_AN_ENERGY),
        ("", NOT_AN_ENERGY),
        ("0.0005kWh", "is finer than 1 Wh; round it to whole Wh"),
        ("0.5Wh", "is finer than 1 Wh; round it to whole Wh"),
        ("0kWh", "is nothing; give at least 1 Wh"),
        ("18446744073709551616Wh", NOT_WITHIN),
    ],
)
def test_not_an_energy(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'{text!r} {complaint}')}$"):
        ENERGY.parse(text)


@pytest.mark.parametrize(
    ("text", "bps"), [("95%", 9_500), ("92.5 %", 9_250), ("0.01%", 1), ("100%", 10_000), ("100.00%", 10_000)]
)
def test_a_ratio(text: str, bps: int) -> None:
    assert ratio_bps(text) == bps


@pytest.mark.parametrize(
    ("text", "watts"), [("11kW", 11_000), ("3.5 kW", 3_500), ("1W", 1), ("2MW", 2 * 10**6)]
)
def test_a_power(text: str, watts: int) -> None:
    assert power_w(text) == watts


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("11kWh", "is not a power; write it like 11kW or 3500W"),
        ("11", "is not a power; write it like 11kW or 3500W"),
        ("0W", "is not whole W from 1 W up; correct it"),
        ("0.5W", "is not whole W from 1 W up; correct it"),
    ],
)
def test_not_a_power(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'{text!r} {complaint}')}$"):
        power_w(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("95", "is not a percentage; write it like 95%"),
        ("0.95", "is not a percentage; write it like 95%"),
        ("-5%", "is not a percentage; write it like 95%"),
        ("99.999%", "is finer than 0.01%; round it to two decimals"),
        ("0%", "is not within 0.01% to 100%; correct it"),
        ("100.01%", "is not within 0.01% to 100%; correct it"),
    ],
)
def test_not_a_ratio(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'{text!r} {complaint}')}$"):
        ratio_bps(text)


@pytest.mark.parametrize(
    ("wh", "places", "text"),
    [
        (0, 1, "0.0"),
        (49, 1, "0.0"),
        (51, 1, "0.1"),
        (1_234_567, 1, "1,234.6"),
        (1_234_567, 3, "1,234.567"),
        (U64_MAX, 3, "18,446,744,073,709,551.615"),
    ],
)
def test_an_energy_for_people(wh: int, places: int, text: str) -> None:
    assert ENERGY.number(wh, places) == text


def test_each_resource_has_its_measure() -> None:
    assert [MEASURES[resource].noun.upper() for resource in Resource] == [each.name for each in Resource]


@pytest.mark.parametrize("measure", MEASURES)
@settings(deadline=None)  # a loaded machine is slow
@given(base_units=st.integers(1, U64_MAX))
def test_what_is_written_is_read_back(measure: Measure, base_units: int) -> None:
    written = measure.text(base_units).replace(",", "")
    assert measure.parse(written) == base_units
    assert amount(written) == Amount(written, measure, base_units)


@pytest.mark.parametrize(
    ("text", "measure", "base_units"),
    [
        ("3.5kWh", ENERGY, 3_500),
        ("3500 Wh", ENERGY, 3_500),
        ("0.2m3", WATER, 200),
        ("0.2 m³", WATER, 200),
        ("150L", WATER, 150),
        ("150 l", WATER, 150),
        ("40kg", WASTE, 40),
        ("1.2t", WASTE, 1_200),
    ],
)
def test_an_amount(text: str, measure: Measure, base_units: int) -> None:
    assert amount(text) == (text, measure, base_units)
    assert amount(text).of(measure) == base_units


@pytest.mark.parametrize(
    ("text", "measure", "complaint"),
    [
        ("3.5kWh", WATER, "'3.5kWh' is energy, and this reservoir holds water; write it like 0.2m3 or 150L"),
        ("150L", WASTE, "'150L' is water, and this treatment plant holds waste; write it like 1.2t or 40kg"),
        ("40kg", ENERGY, "'40kg' is waste, and this battery holds energy; write it like 300kWh or 3500Wh"),
    ],
)
def test_an_amount_of_something_else(text: str, measure: Measure, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(complaint)}$"):
        amount(text).of(measure)


EXAMPLES = "write it like 3.5kWh, 0.2m3 or 40kg"
NOT_AN_AMOUNT = f"is not an amount; {EXAMPLES}"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("3", NOT_AN_AMOUNT),
        ("3.5", NOT_AN_AMOUNT),
        ("kWh", NOT_AN_AMOUNT),
        ("3lb", f"has a unit that is none of Wh, kWh, L, l, m3, m³, kg, t; {EXAMPLES}"),
        ("-3kWh", NOT_AN_AMOUNT),
        ("3kWh ", NOT_AN_AMOUNT),
        ("0.0001m3", "is finer than 1 L; round it to whole L"),
        ("0t", "is nothing; give at least 1 kg"),
    ],
)
def test_not_an_amount(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'{text!r} {complaint}')}$"):
        amount(text)


def test_nothing_is_an_amount_where_it_may_be() -> None:
    assert amount("0kWh", least=0).base_units == 0


@pytest.mark.parametrize(
    ("bps", "text"), [(10_000, "100 %"), (9_500, "95 %"), (9_250, "92.5 %"), (1_000, "10 %"), (1, "0.01 %")]
)
def test_a_ratio_for_people(bps: int, text: str) -> None:
    assert percent(bps) == text
    assert ratio_bps(text) == bps


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90m", 5_400), ("90 min", 5_400), ("24h", 86_400), ("1.5h", 5_400), ("7d", 604_800), ("45s", 45)],
)
def test_a_duration(text: str, seconds: int) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("90", "is not a duration; write it like 90m, 24h or 7d"),
        ("-1h", "is not a duration; write it like 90m, 24h or 7d"),
        ("1w", "is not a duration; write it like 90m, 24h or 7d"),
        ("0.1s", "is not at least 1 s, in whole seconds; round it"),
        ("0h", "is not at least 1 s, in whole seconds; round it"),
    ],
)
def test_not_a_duration(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'{text!r} {complaint}')}$"):
        duration_s(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (45, "45 s"),
        (60, "1 min"),
        (5_400, "90 min"),
        (3_600, "1 h"),
        (86_400, "24 h"),
        (604_800, "7 d"),
        (3_601, "3,601 s"),
    ],
)
def test_a_duration_for_people(seconds: int, text: str) -> None:
    assert duration(seconds) == text
    assert duration_s(text.replace(",", "")) == seconds


NOW = datetime(2026, 6, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-06-22T14:00+02:00", NOW),
        ("2026-06-22 12:00:00Z", NOW),
        ("90m", NOW - timedelta(minutes=90)),
        ("7d", NOW - timedelta(days=7)),
    ],
)
def test_a_moment(text: str, found: datetime) -> None:
    assert moment(text, NOW) == found


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("noon", "is not a time; write it like 2026-06-22T12:00+02:00, or 24h for so long ago"),
        ("0d", "is not at least 1 s, in whole seconds; round it"),
        ("2026-06-22T12:00", "has no zone; add its offset, like 2026-06-22T12:00:00+02:00, or Z for UTC"),
        ("36526d", "is longer than a century; give a shorter time"),
        ("99999999999999999999d", "is longer than a century; give a shorter time"),
    ],
)
def test_not_a_moment(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'{text!r} {complaint}')}$"):
        moment(text, NOW)


@pytest.mark.parametrize(
    ("text", "unix_s"),
    [
        ("90m", int(NOW.timestamp()) + 5_400),
        ("36525d", int(NOW.timestamp()) + 36_525 * 86_400),
        ("2026-06-22T12:00:01Z", int(NOW.timestamp()) + 1),
        ("2026-06-22T14:00+02:00", int(NOW.timestamp())),
    ],
)
def test_a_start(text: str, unix_s: int) -> None:
    found = start(text)
    assert (found.text, found.unix_s(int(NOW.timestamp()))) == (text, unix_s)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("noon", "is not a time; write it like 2026-06-22T12:00+02:00, or 90m for so long from now"),
        ("2026-06-22T12:00", "has no zone; add its offset, like 2026-06-22T12:00:00+02:00, or Z for UTC"),
        ("36526d", "is longer than a century; give a shorter time"),
    ],
)
def test_not_a_start(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'{text!r} {complaint}')}$"):
        start(text)


def test_a_moment_for_people() -> None:
    assert utc(int(NOW.timestamp())) == "2026-06-22 12:00:00 UTC"


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (ENERGY, "Battery: the battery's 2.5kWh; amalgam battery show $BATTERY"),
        (WATER, "Reservoir: the reservoir's 2.5m3; amalgam reservoir show $RESERVOIR"),
        (WASTE, "Treatment plant: the treatment plant's 2.5t; amalgam treatment-plant show $TREATMENT_PLANT"),
    ],
)
def test_what_is_said_of_a_battery_is_said_of_others_in_their_words(measure: Measure, said: str) -> None:
    assert measure.in_resource_words("Battery: the battery's 2.5kWh; amalgam battery show $BATTERY") == said


def test_each_resource_has_columns_of_its_own() -> None:
    """A header says by them what readings are of; where a name is shared, its units differ."""
    assert len({measure.produced for measure in MEASURES}) == len(MEASURES)
    units = [unit for measure in MEASURES for unit in measure.decimal_places]
    assert len(units) == len(set(units))
    for measure in MEASURES:
        assert measure.decimal_places[measure.base_unit] == 0
        assert measure.decimal_places[measure.typed_unit] == 3
