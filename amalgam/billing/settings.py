"""What a community's file says of bills: its tariff, who issues them, and who each member is on them.

[billing]
language = "de"                    # or en, fr; a member may have another one
currency = "EUR"
energy_vat = "20%"                 # of shared energy
fees_vat = "10%"
exemption = "..."                  # why there is no VAT, if a rate is 0%
basic_fee = "2.50"                 # net, a month
meter_fee = "0.90"                 # net, a month and meter
free = "5kWh"                      # of shared energy, a month
discount = "3%"                    # on shared energy beyond that
due_days = 14
numbers = { invoice = "R", credit = "G", correction = "K" }  # what numbers begin with

[billing.issuer]
name = "Energiegemeinschaft Sonnental eG"
street = "Dorfplatz 1"
postcode = "5020"
city = "Salzburg"
country = "AT"
email = "office@sonnental.example" # these four if there are any
tax_number = "12 345/6789"
vat_id = "ATU12345678"
iban = "AT611904300234573201"

[[member]]
name = "house-01"

[member.bill]                      # as the issuer has, and
credit = "private"                 # VAT on what they deliver: private (none), standard or reverse-charge
language = "fr"
free = "10kWh"                     # instead of the community's
discount = "5%"

A kWh of shared energy costs prices.shared, net: who gets it pays that, and who gives it is credited with it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from amalgam.billing.words import Language
from amalgam.readings.toml_keys import check_keys, chosen, load, number, parsed, table, tables, text
from amalgam.sharing.settings import SettingsError
from amalgam.units import ENERGY, fee_bps, ratio_bps

_T = TypeVar("_T")
_ADDRESS = ("name", "street", "postcode", "city", "country")
_PARTY = {*_ADDRESS, "email", "tax_number", "vat_id", "iban"}
_KEYS = {
    "language",
    "currency",
    "energy_vat",
    "fees_vat",
    "exemption",
    "basic_fee",
    "meter_fee",
    "free",
    "discount",
    "due_days",
    "numbers",
    "issuer",
}
_NUMBERS = {"invoice": "R", "credit": "G", "correction": "K"}
_COUNTRY, _CURRENCY = re.compile(r"[A-Z]{2}"), re.compile(r"[A-Z]{3}")
_PREFIX = re.compile(r"[A-Za-z0-9-]{1,20}")
_VAT_ID = re.compile(r"[A-Z]{2}[A-Z0-9]{2,13}")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_MOST_DAYS = 365


class CreditVat(StrEnum):
    """Who owes VAT on what a member delivers to the community."""

    PRIVATE = "private"  # nobody: the member is no business
    STANDARD = "standard"  # the member, to whom it is paid
    REVERSE_CHARGE = "reverse-charge"  # the community


@dataclass(frozen=True, slots=True)
class Party:
    """Who issues a bill or gets it. What somebody does not have is empty.

    Attributes:
        id: What the community's file calls them.
        country: By two letters, as ISO 3166-1.
        vat_id: With the country in front.
    """

    id: str
    name: str
    street: str
    postcode: str
    city: str
    country: str
    email: str = ""
    tax_number: str = ""
    vat_id: str = ""
    iban: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a member pays and gets. Prices and fees are net, in the currency."""

    energy: Decimal  # a kWh of shared energy
    basic_fee: Decimal  # a month
    meter_fee: Decimal  # a month and meter
    energy_vat_bps: int
    fees_vat_bps: int
    free_wh: int  # of shared energy, a month
    discount_bps: int  # on shared energy beyond that
    credit: CreditVat

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            name: str(value) if isinstance(value, Decimal) else value for name, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True)
class Customer:
    """A member on bills."""

    party: Party
    language: Language
    terms: Terms


@dataclass(frozen=True, slots=True)
class Billing:
    """What a community's file says of bills.

    Attributes:
        issuer: The community.
        energy: What a kWh of shared energy costs, net.
        currency: By three letters, as ISO 4217; it has hundredths.
        exemption: Why there is no VAT, if a rate is 0.
        due_days: From a bill's date until it is to be paid.
        numbers: What numbers of invoices, credits and corrections begin with.
        customers: The members, by name, in the file's order.
    """

    issuer: Party
    energy: Decimal
    currency: str
    exemption: str
    due_days: int
    numbers: Mapping[str, str]
    customers: Mapping[str, Customer]


def load_billing(path: Path) -> Billing:
    """Read what a community's file says of bills. Raises SettingsError."""
    return load(path, _billing, SettingsError)


def _billing(content: dict[str, Any]) -> Billing:
    if "billing" not in content:
        raise ValueError("billing is missing; add [billing], as docs/billing.md has it")
    if "prices" not in content:
        raise ValueError("prices is missing; add [prices] with what a kWh costs, bought, sold and shared")
    energy = number(table(content, "prices"), "shared")
    billing, terms, language = _in(
        "billing", table(content, "billing"), lambda told: _community(told, energy)
    )
    members = tables(content, "member")
    if not members:
        raise ValueError("no [[member]]; add one with its [member.bill] for each who gets bills")
    customers = {text(member, "name"): _member(member, terms, language, billing.issuer) for member in members}
    return replace(billing, customers=customers)


def _in(place: str, content: dict[str, Any], read: Callable[[dict[str, Any]], _T]) -> _T:
    """What `read` makes of a table. What it raises names the table."""
    try:
        return read(content)
    except ValueError as error:
        raise ValueError(f"{place}: {error}") from None


def _community(told: dict[str, Any], energy: Decimal) -> tuple[Billing, Terms, Language]:
    check_keys(told, _KEYS, {"energy_vat", "fees_vat", "issuer"})
    terms = Terms(
        energy=energy,
        basic_fee=number(told, "basic_fee") if "basic_fee" in told else Decimal(0),
        meter_fee=number(told, "meter_fee") if "meter_fee" in told else Decimal(0),
        energy_vat_bps=parsed(told, "energy_vat", fee_bps),
        fees_vat_bps=parsed(told, "fees_vat", fee_bps),
        free_wh=parsed(told, "free", ENERGY.parse) if "free" in told else 0,
        discount_bps=parsed(told, "discount", ratio_bps) if "discount" in told else 0,
        credit=CreditVat.PRIVATE,
    )
    if not (terms.energy_vat_bps and terms.fees_vat_bps) and not told.get("exemption"):
        raise ValueError("exemption is missing; say in it why a rate of VAT is 0%")
    issuer = _in("issuer", table(told, "issuer"), lambda told: _party(told, "issuer", _PARTY))
    if not (issuer.vat_id or issuer.tax_number):
        raise ValueError("issuer: neither vat_id nor tax_number is there; add one")
    billing = Billing(
        issuer=issuer,
        energy=energy,
        currency=_matching(told, "currency", _CURRENCY, "EUR") if "currency" in told else "EUR",
        exemption=text(told, "exemption") if "exemption" in told else "",
        due_days=_days(told),
        numbers=_numbers(told),
        customers={},
    )
    return billing, terms, Language(chosen(told, "language", tuple(Language)))


def _member(member: dict[str, Any], terms: Terms, language: Language, issuer: Party) -> Customer:
    name = text(member, "name")
    if "bill" not in member:
        raise ValueError(
            f"member {name}: bill is missing; add [member.bill] with name, street, postcode, city, country"
        )
    return _in(
        f"member {name}: bill",
        table(member, "bill"),
        lambda told: _customer(name, told, terms, language, issuer),
    )


def _customer(name: str, told: dict[str, Any], terms: Terms, language: Language, issuer: Party) -> Customer:
    party = _party(told, name, _PARTY | {"credit", "language", "free", "discount"})
    credit = CreditVat(chosen(told, "credit", tuple(CreditVat)))
    if credit is CreditVat.REVERSE_CHARGE and not (party.vat_id and issuer.vat_id):
        raise ValueError(
            "credit = 'reverse-charge' needs a vat_id of the member and of billing.issuer; add them"
        )
    if credit is CreditVat.STANDARD and not (party.vat_id or party.tax_number):
        raise ValueError("credit = 'standard' needs a vat_id or a tax_number; add one")
    if credit is CreditVat.STANDARD and not terms.energy_vat_bps:
        raise ValueError("credit = 'standard' needs an energy_vat above 0%; choose another")
    return Customer(
        party=party,
        language=Language(chosen(told, "language", tuple(Language))) if "language" in told else language,
        terms=replace(
            terms,
            free_wh=parsed(told, "free", ENERGY.parse) if "free" in told else terms.free_wh,
            discount_bps=parsed(told, "discount", ratio_bps) if "discount" in told else terms.discount_bps,
            credit=credit,
        ),
    )


def _party(told: dict[str, Any], id: str, known: set[str]) -> Party:
    check_keys(told, known, {*_ADDRESS})
    found = {key: text(told, key).strip() for key in told if key in _PARTY}
    empty = next((key for key, value in found.items() if not value), None)
    if empty is not None:
        raise ValueError(f"{empty} is empty; fill it in or remove it")
    _matching(found, "country", _COUNTRY, "AT")
    if "vat_id" in found:
        _matching(found, "vat_id", _VAT_ID, "ATU12345678")
    if "iban" in found:
        found["iban"] = _iban(found["iban"])
    return Party(id=id, **found)


def _matching(told: dict[str, Any], key: str, pattern: re.Pattern[str], example: str) -> str:
    value = text(told, key)
    if not pattern.fullmatch(value):
        raise ValueError(f"{key} = {value!r} is not one; write it like {example}")
    return value


def _iban(written: str) -> str:
    """An IBAN without blanks, whose check digits are right (ISO 13616)."""
    iban = written.replace(" ", "").upper()
    digits = "".join(str(int(character, 36)) for character in iban[4:] + iban[:4] if character.isalnum())
    if not _IBAN.fullmatch(iban) or int(digits) % 97 != 1:
        raise ValueError(f"iban = {written!r} is not an IBAN; copy it anew")
    return iban


def _days(told: dict[str, Any]) -> int:
    days: Any = told.get("due_days", 14)
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= _MOST_DAYS:
        raise ValueError(f"due_days = {days!r} is not within 0 to {_MOST_DAYS}; write it like 14")
    return days


def _numbers(told: dict[str, Any]) -> dict[str, str]:
    found = table(told, "numbers") if "numbers" in told else _NUMBERS
    check_keys(found, {*_NUMBERS}, {*_NUMBERS})
    for key in _NUMBERS:
        _matching(found, key, _PREFIX, "R, of letters, digits and hyphens")
    return {key: text(found, key) for key in _NUMBERS}
