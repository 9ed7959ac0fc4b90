"""Energy and ratios as people write them, and back. Everything is exact: there is no float on the way."""

import re
from decimal import Decimal

U64_MAX = 2**64 - 1  # what the chain can count
_ENERGY = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?(k?Wh)")
DECIMAL_PLACES = {"Wh": 0, "kWh": 3}  # that make 1 Wh
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")


def energy_wh(text: str) -> int:
    """Wh of an amount like `300kWh` or `3500 Wh`. Raises ValueError, also for 0 and for parts of 1 Wh."""
    match = _ENERGY.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an energy; write it like 300kWh or 3500Wh")
    wh = Decimal(f"{match[1]}e{DECIMAL_PLACES[match[2]]}")
    if wh != int(wh):
        raise ValueError(f"{text!r} is finer than 1 Wh; round it to whole Wh")
    if not 0 < wh <= U64_MAX:
        raise ValueError(f"{text!r} is not within 1 to {U64_MAX} Wh; correct the amount or its unit")
    return int(wh)


def ratio_bps(text: str) -> int:
    """Basis points of a ratio like `95%` or `92.5%`. Raises ValueError outside 0.01 % to 100 %."""
    match = _PERCENT.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a percentage; write it like 95%")
    bps = Decimal(f"{match[1]}e2")
    if bps != int(bps):
        raise ValueError(f"{text!r} is finer than 0.01%; round it to two decimals")
    if not 0 < bps <= 10_000:
        raise ValueError(f"{text!r} is not within 0.01% to 100%; correct it")
    return int(bps)


def kwh(wh: int, places: int = 1) -> str:
    """An energy in kWh for people, like `1,234.5`; three places show every Wh."""
    return f"{Decimal(wh).scaleb(-3):,.{places}f}"
