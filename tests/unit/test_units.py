"""Units: what people write, exactly."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amalgam.units import energy_wh, kwh, ratio_bps

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
    assert energy_wh(text) == wh


NOT_AN_ENERGY = "is not an energy; write it like 300kWh or 3500Wh"
NOT_WITHIN = f"is not within 1 to {U64_MAX} Wh; correct the amount or its unit"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("300", NOT_AN_ENERGY),
        ("kWh", NOT_AN_ENERGY),
        ("300 kwh", NOT_AN_ENERGY),
        ("300kW", NOT_AN_ENERGY),
        ("-1kWh", NOT_AN_ENERGY),
        ("1e3Wh", NOT_AN_ENERGY),
        ("nankWh", NOT_AN_ENERGY),
        ("1,5kWh", NOT_AN_ENERGY),
        ("٣kWh", NOT_AN_ENERGY),
        ("", NOT_AN_ENERGY),
        ("0.0005kWh", "is finer than 1 Wh; round it to whole Wh"),
        ("0.5Wh", "is finer than 1 Wh; round it to whole Wh"),
        ("0kWh", NOT_WITHIN),
        ("18446744073709551616Wh", NOT_WITHIN),
    ],
)
def test_not_an_energy(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(f'{text!r} {complaint}')}$"):
        energy_wh(text)


@pytest.mark.parametrize(
    ("text", "bps"), [("95%", 9_500), ("92.5 %", 9_250), ("0.01%", 1), ("100%", 10_000), ("100.00%", 10_000)]
)
def test_a_ratio(text: str, bps: int) -> None:
    assert ratio_bps(text) == bps


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
    assert kwh(wh, places) == text


@given(st.integers(1, U64_MAX))
def test_what_is_written_is_read_back(wh: int) -> None:
    assert energy_wh(kwh(wh, 3).replace(",", "") + "kWh") == wh
