"""A community of three in February 2026: a hut with two meters, a house with solar modules, and a mill."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from amalgam.billing.bills import bills
from amalgam.billing.document import Document
from amalgam.billing.period import period
from amalgam.billing.posted import Posted, lines_of
from amalgam.billing.settings import Billing, load_billing
from amalgam.billing.usage import Usage, usage
from amalgam.readings.policies import Gaps
from amalgam.readings.read import read_files
from amalgam.sharing.settings import load_settings

FEBRUARY = period("2026-02")
ISSUED = date(2026, 3, 1)
COMMUNITY = """\
name = "Three"
readings = ["february.csv"]
zone = "Europe/Vienna"
co2_g_kwh = 100

[key]
kind = "dynamic"

[prices]
bought = "0.30"
sold = "0.08"
shared = "0.163"

[battery]
capacity = "2kWh"

[billing]
language = "en"
energy_vat = "20%"
fees_vat = "10%"
basic_fee = "2.505"
meter_fee = "0.90"
free = "10kWh"
discount = "3%"

[billing.issuer]
name = "Community of Three"
street = "Square 1"
postcode = "5020"
city = "Salzburg"
country = "AT"
email = "office@three.example"
tax_number = "12 345/6789"
vat_id = "ATU12345678"
iban = "AT61 1904 3002 3457 3201"

[[member]]
name = "hut"
meters = ["AT-1", "AT-2"]

[member.bill]
name = "Anna Gruber"
street = "Lane 1"
postcode = "5020"
city = "Salzburg"
country = "AT"
language = "de"

[[member]]
name = "house"
meters = ["AT-3"]

[member.bill]
name = "Claire Petit"
street = "Lane 2"
postcode = "5020"
city = "Salzburg"
country = "AT"
language = "fr"
iban = "AT611904300234573201"
discount = "0.01%"

[[member]]
name = "mill"
meters = ["AT-4"]

[member.bill]
name = "Mill Ltd"
street = "Lane 3"
postcode = "5020"
city = "Salzburg"
country = "AT"
vat_id = "ATU87654321"
credit = "reverse-charge"
free = "1Wh"
"""
USES = {  # Wh produced and consumed in an hour of day and of night
    "AT-1": ((0, 300), (0, 101)),
    "AT-2": ((0, 77), (0, 33)),
    "AT-3": ((1403, 203), (0, 109)),
    "AT-4": ((701, 650), (0, 407)),
}
Compute = Callable[..., tuple[Billing, Usage, Posted, list[Document]]]


def rows(first: date, end: date, uses: dict[str, Sequence[Sequence[int]]] | None = None) -> str:
    """Hourly readings as CSV, at Vienna's winter time."""
    lines = ["timestamp,member,generated_Wh,consumed_Wh"]
    start = datetime.combine(first, datetime.min.time())
    while start.date() < end:
        for meter, (day, night) in (uses or USES).items():
            produced, consumed = day if 9 <= start.hour < 16 else night
            lines.append(f"{start.isoformat()}+01:00,{meter},{produced},{consumed + start.day}")
        start += timedelta(hours=1)
    return "\n".join(lines) + "\n"


def written(folder: Path) -> Path:
    """A folder with the community's file and its readings."""
    (folder / "three.toml").write_text(COMMUNITY)
    (folder / "february.csv").write_text(rows(FEBRUARY.first, FEBRUARY.end))
    return folder


def computing(folder: Path) -> Compute:
    """What computes the bills of a community's file and of readings, or else of those of February."""

    def compute(
        text: str = COMMUNITY,
        readings: str | None = None,
        *,
        is_posted: bool = False,
        gaps: Gaps = Gaps.REFUSE,
        of: str = "2026-02",
        fee_bps: int = 0,
    ) -> tuple[Billing, Usage, Posted, list[Document]]:
        path, file = folder / "other.toml", folder / "february.csv"
        path.write_text(text)
        if readings is not None:
            file = folder / "other.csv"
            file.write_text(readings)
        settings, billing = load_settings(path), load_billing(path)
        found = usage(read_files([file]), settings, period(of), gaps=gaps, zone=settings.zone)
        lines = lines_of(found.statements, billing.energy, of, fee_bps=fee_bps)
        return billing, found, lines, bills(found, billing, lines, ISSUED, is_posted=is_posted)

    return compute


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return written(tmp_path)


@pytest.fixture
def compute(folder: Path) -> Compute:
    return computing(folder)


def vat_of(net: Decimal, percent: int) -> Decimal:
    """VAT by Python's own decimals, beside the code's fractions."""
    return (net * percent / 100).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
