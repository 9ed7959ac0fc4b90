"""What a community's file may say of bills, and the exact refusal of everything else."""

from decimal import Decimal
from pathlib import Path

import pytest

from amalgam.billing.settings import Billing, CreditVat, Customer, Party, Terms, load_billing
from amalgam.billing.words import Language
from amalgam.sharing.settings import SettingsError
from tests.unit.billing.conftest import COMMUNITY

IBAN = "AT611904300234573201"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "three.toml"


def load(path: Path, text: str) -> Billing:
    path.write_text(text)
    return load_billing(path)


def test_a_whole_file(path: Path) -> None:
    found = load(path, COMMUNITY)
    terms = {
        "energy": Decimal("0.163"),
        "basic_fee": Decimal("2.505"),
        "meter_fee": Decimal("0.90"),
        "energy_vat_bps": 2000,
        "fees_vat_bps": 1000,
    }
    where = {"postcode": "5020", "city": "Salzburg", "country": "AT"}
    assert found == Billing(
        issuer=Party(
            "issuer",
            "Community of Three",
            "Square 1",
            **where,
            email="office@three.example",
            tax_number="12 345/6789",
            vat_id="ATU12345678",
            iban=IBAN,
        ),
        energy=Decimal("0.163"),
        currency="EUR",
        exemption="",
        due_days=14,
        numbers={"invoice": "R", "credit": "G", "correction": "K"},
        customers={
            "hut": Customer(
                Party("hut", "Anna Gruber", "Lane 1", **where),
                Language.DE,
                Terms(**terms, free_wh=10_000, discount_bps=300, credit=CreditVat.PRIVATE),
            ),
            "house": Customer(
                Party("house", "Claire Petit", "Lane 2", **where, iban=IBAN),
                Language.FR,
                Terms(**terms, free_wh=10_000, discount_bps=1, credit=CreditVat.PRIVATE),
            ),
            "mill": Customer(
                Party("mill", "Mill Ltd", "Lane 3", **where, vat_id="ATU87654321"),
                Language.EN,
                Terms(**terms, free_wh=1, discount_bps=300, credit=CreditVat.REVERSE_CHARGE),
            ),
        },
    )


def test_fees_free_energy_and_discount_may_be_left_out(path: Path) -> None:
    text = COMMUNITY
    for line in ('basic_fee = "2.505"\n', 'meter_fee = "0.90"\n', 'free = "10kWh"\n', 'discount = "3%"\n'):
        text = text.replace(line, "")
    assert load(path, text).customers["hut"].terms == Terms(
        Decimal("0.163"), Decimal(0), Decimal(0), 2000, 1000, 0, 0, CreditVat.PRIVATE
    )


HUT = "member hut: bill: "


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '[prices]\nbought = "0.30"\nsold = "0.08"\nshared = "0.163"\n',
            "",
            "prices is missing; add [prices] with what a kWh costs, bought, sold and shared",
        ),
        ('energy_vat = "20%"\n', "", "billing: energy_vat is missing; add it"),
        (
            'energy_vat = "20%"',
            'energy_vat = "20"',
            "billing: energy_vat: '20' is not a percentage; write it like 95%",
        ),
        (
            'fees_vat = "10%"',
            'fees_vat = "0%"',
            "billing: exemption is missing; say in it why a rate of VAT is 0%",
        ),
        ('"2.505"', '"-1"', "billing: basic_fee = '-1' is not a number from 0 up; write it like 0.16"),
        (
            'free = "10kWh"',
            'free = "10"',
            "billing: free: '10' is not an energy; write it like 300kWh or 3500Wh",
        ),
        (
            'language = "en"',
            'language = "it"',
            "billing: language = 'it' is none of 'de', 'fr', 'en'; correct it",
        ),
        (
            'language = "en"',
            'due_days = "14"',
            "billing: due_days = '14' is not within 0 to 365; write it like 14",
        ),
        ('language = "en"', 'currency = "Euro"', "billing: currency = 'Euro' is not one; write it like EUR"),
        ('language = "en"', 'numbers = { invoice = "R" }', "billing: correction is missing; add it"),
        (
            'language = "en"',
            'numbers = { invoice = "R/", credit = "G", correction = "K" }',
            "billing: invoice = 'R/' is not one; write it like R, of letters, digits and hyphens",
        ),
        (
            'street = "Square 1"',
            'strete = "Square 1"',
            "billing: issuer: strete is not one of city, country, email, iban, name, postcode, street, "
            "tax_number, vat_id; remove or correct it",
        ),
        ('street = "Square 1"', 'street = " "', "billing: issuer: street is empty; fill it in or remove it"),
        (
            'tax_number = "12 345/6789"\nvat_id = "ATU12345678"\n',
            "",
            "billing: issuer: neither vat_id nor tax_number is there; add one",
        ),
        (
            '"AT61 1904 3002 3457 3201"',
            '"AT62 1904 3002 3457 3201"',
            "billing: issuer: iban = 'AT62 1904 3002 3457 3201' is not an IBAN; copy it anew",
        ),
        ('"AT61 1904 3002 3457 3201"', '"?"', "billing: issuer: iban = '?' is not an IBAN; copy it anew"),
        (
            'city = "Salzburg"\ncountry = "AT"\nlanguage = "de"',
            'city = "Salzburg"\ncountry = "Austria"\nlanguage = "de"',
            HUT + "country = 'Austria' is not one; write it like AT",
        ),
        ('name = "Anna Gruber"', "name = 7", HUT + "name is not a text; put it in quotes"),
        (
            'language = "de"',
            'language = "it"',
            HUT + "language = 'it' is none of 'de', 'fr', 'en'; correct it",
        ),
        (
            'language = "de"',
            'credit = "standard"',
            HUT + "credit = 'standard' needs a vat_id or a tax_number; add one",
        ),
        (
            'language = "de"',
            'credit = "reverse-charge"',
            HUT + "credit = 'reverse-charge' needs a vat_id of the member and of billing.issuer; add them",
        ),
        (
            "[member.bill]\n",
            "[member.bil]\n",
            "member hut: bill is missing; add [member.bill] with name, street, postcode, city, country",
        ),
    ],
)
def test_what_a_file_may_not_say_is_refused(path: Path, old: str, new: str, message: str) -> None:
    assert old in COMMUNITY
    with pytest.raises(SettingsError) as refused:
        load(path, COMMUNITY.replace(old, new, 1))
    assert str(refused.value) == f"{path}: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[key]\nkind = "dynamic"\n', "billing is missing; add [billing], as docs/billing.md has it"),
        (
            COMMUNITY.partition("[[member]]")[0],
            "no [[member]]; add one with its [member.bill] for each who gets bills",
        ),
    ],
)
def test_what_a_file_has_to_say(path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(path, text)
    assert str(refused.value) == f"{path}: {message}"
