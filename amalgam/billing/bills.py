"""A period's documents: an invoice of each member, a credit note of who delivers, and their corrections.

The net of shared energy is what is charged for it on the chain, in cents. Of a member with several meters it
is split among their lines by what each got. Free energy and discount are lines of their own, below zero.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from amalgam.billing.document import Document, Item, Kind, MeterUse, Reference, Statement, Vat
from amalgam.billing.money import cents, money, split
from amalgam.billing.period import Period
from amalgam.billing.posted import Posted, by_member
from amalgam.billing.settings import Billing, CreditVat, Customer, Terms
from amalgam.billing.usage import Usage
from amalgam.readings.model import Direction
from amalgam.sharing.account import BPS
from amalgam.sharing.settlement import Line

_KINDS = {
    CreditVat.PRIVATE: Kind.CREDIT,
    CreditVat.STANDARD: Kind.CREDIT,
    CreditVat.REVERSE_CHARGE: Kind.REVERSE_CHARGE,
}


def bills(usage: Usage, billing: Billing, lines: Posted, issued: date, *, is_posted: bool) -> list[Document]:
    """A period's documents, without numbers: by member, what they pay before what they get.

    Args:
        usage: What members have used.
        billing: The tariff and who they are.
        lines: What is charged and credited for shared energy.
        issued: The date on the documents.
        is_posted: Whether that was settled on the chain, and is not to be paid again.
    """
    by_name = by_member(lines.lines)
    return [
        document
        for name, statement in usage.statements.items()
        for document in _of_member(
            billing,
            usage.period,
            issued,
            billing.customers[name],
            statement,
            _in_cents(by_name[name], lines),
            lines.credited(billing.customers[name].terms.energy),
            is_posted,
        )
    ]


def _in_cents(line: Line, lines: Posted) -> Line:
    return line._replace(
        charge=cents(Fraction(lines.tokens(line.charge))), credit=cents(Fraction(lines.tokens(line.credit)))
    )


def _of_member(
    billing: Billing,
    period: Period,
    issued: date,
    customer: Customer,
    statement: Statement,
    line: Line,
    credited: Decimal,
    is_posted: bool,
) -> Iterator[Document]:
    invoice = Document(
        number="",
        kind=Kind.INVOICE,
        member=line.member,
        is_correction=False,
        refers_to=None,
        issued=issued,
        due=issued + timedelta(days=billing.due_days),
        first=period.first,
        last=period.last,
        language=customer.language,
        currency=billing.currency,
        exemption=billing.exemption,
        seller=billing.issuer,
        buyer=customer.party,
        items=tuple(_charged(customer.terms, period.months, statement, line.charge)),
        settled=line.charge if is_posted else 0,
        statement=statement,
    )
    if invoice.items:
        yield invoice
    if line.shared_out:
        yield replace(
            invoice,
            kind=_KINDS[customer.terms.credit],
            seller=customer.party,
            buyer=billing.issuer,
            exemption="",
            items=tuple(_credited(customer.terms, credited, statement, line.credit)),
            settled=line.credit if is_posted else 0,
            statement=None if invoice.items else statement,
        )


def _charged(terms: Terms, months: int, statement: Statement, charge: int) -> Iterator[Item]:
    energy_rate, fees_rate = _rate(terms.energy_vat_bps), _rate(terms.fees_vat_bps)
    yield from _energy("energy", statement, Direction.CONSUMED, terms.energy, charge, energy_rate)
    free_wh = min(terms.free_wh * months, statement.flows["shared_in"])
    free = cents(Fraction(terms.energy) * free_wh / 1000)
    if free_wh:
        yield Item("free", "", _kwh(-free_wh), "kWh", terms.energy, -free, energy_rate)
    discount = cents(Fraction((charge - free) * terms.discount_bps, 100 * BPS))
    if discount > 0:
        yield Item("discount", "", Decimal(-1), "piece", money(discount), -discount, energy_rate)
    if terms.basic_fee and months:
        fee = cents(Fraction(terms.basic_fee) * months)
        yield Item("basic_fee", "", Decimal(months), "month", terms.basic_fee, fee, fees_rate)
    if terms.meter_fee and months:
        fee = cents(Fraction(terms.meter_fee) * months)
        for meter in dict.fromkeys(each.meter for each in statement.meters):
            yield Item("meter_fee", meter, Decimal(months), "month", terms.meter_fee, fee, fees_rate)


def _credited(terms: Terms, price: Decimal, statement: Statement, credit: int) -> Iterator[Item]:
    rates = {
        CreditVat.PRIVATE: Vat("O", 0),
        CreditVat.STANDARD: Vat("S", terms.energy_vat_bps),
        CreditVat.REVERSE_CHARGE: Vat("AE", 0),
    }
    rate = rates[terms.credit]
    yield from _energy("delivered", statement, Direction.PRODUCED, price, credit, rate)


def _rate(rate_bps: int) -> Vat:
    return Vat("S" if rate_bps else "E", rate_bps)


def _kwh(wh: int) -> Decimal:
    return Decimal(wh).scaleb(-3)


def _energy(
    what: str, statement: Statement, direction: Direction, price: Decimal, net: int, rate: Vat
) -> Iterator[Item]:
    """Shared energy, a line for each meter that has some."""
    meters: list[MeterUse] = [
        each for each in statement.meters if each.direction == direction and each.shared
    ]
    for each, part in zip(meters, split(net, [each.shared for each in meters]), strict=True):
        yield Item(what, each.meter, _kwh(each.shared), "kWh", price, part, rate)


# Corrections


def corrections(
    in_force: Sequence[Document], now: Sequence[Document], issued: date, due: date, *, is_posted: bool
) -> list[Document]:
    """What makes documents that are in force into what they are now: of each that differs two.

    A credit note takes the old one back, line by line, and refers to it; a new one takes its place. What was
    settled on the chain stays so, unless lines are posted anew.

    Args:
        in_force: With numbers.
        now: Without numbers, of the same period.
        issued: The date on what is made.
        due: By when that is to be paid.
        is_posted: Whether the new ones know what is settled.
    """
    old, new = (
        {(each.member, each.kind is Kind.INVOICE): each for each in group} for group in (in_force, now)
    )
    made = list[Document]()
    for slot in dict.fromkeys([*old, *new]):
        before, after = old.get(slot), new.get(slot)
        if before and after and (before.kind, before.items) == (after.kind, after.items):
            continue
        refers_to = before and Reference(before.number, before.issued)
        if before:
            taken_back = replace(before, number="", is_correction=True, refers_to=refers_to, statement=None)
            made.append(replace(taken_back, issued=issued, due=due))
        if after:
            settled = before.settled if before and not is_posted else after.settled
            made.append(replace(after, refers_to=refers_to, settled=settled, issued=issued, due=due))
    return made


def in_force(documents: Sequence[Document]) -> list[Document]:
    """Of a period's documents in the order of their making, those that none has taken back."""
    taken_back = {each.refers_to.number for each in documents if each.is_correction and each.refers_to}
    return [each for each in documents if not each.is_correction and each.number not in taken_back]


# Numbers


def series(document: Document, billing: Billing) -> str:
    """What a document's number begins with: of its kind, and the year of its date."""
    kind = "correction" if document.is_correction else "credit"
    if document.kind is Kind.INVOICE and not document.is_correction:
        kind = "invoice"
    return f"{billing.numbers[kind]}{document.issued.year}-"


def numbered(documents: Sequence[Document], billing: Billing, taken: Mapping[str, int]) -> list[Document]:
    """Documents with the numbers that follow those that are taken, of which each series has the last."""
    last = Counter(taken)
    found = list[Document]()
    for document in documents:
        prefix = series(document, billing)
        last[prefix] += 1
        found.append(replace(document, number=f"{prefix}{last[prefix]:05}"))
    return found
