"""An invoice or a credit note: its lines, its sums, and itself as JSON and back.

Amounts are cents and never negative in a correction: it is a credit note, that takes back the document it
refers to, line by line. What is already settled on the chain is no longer due.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from amalgam.billing import money
from amalgam.billing.settings import Party
from amalgam.billing.words import Language
from amalgam.readings.model import Direction


class Kind(StrEnum):
    """What a document is, unless it is the correction of one."""

    INVOICE = "invoice"  # the member pays
    CREDIT = "credit"  # the member is paid: issued by the community, in the member's name
    REVERSE_CHARGE = "reverse-charge"  # the same, and the community owes the VAT


@dataclass(frozen=True, slots=True)
class Vat:
    """A rate, with its category in EN 16931: S standard, E exempt, AE reverse charge, O out of scope."""

    category: str
    rate_bps: int


@dataclass(frozen=True, slots=True)
class VatSum:
    """The lines of one rate: cents."""

    rate: Vat
    net: int
    vat: int


@dataclass(frozen=True, slots=True)
class Item:
    """A line.

    Attributes:
        what: As `amalgam.billing.words` names it.
        meter: Empty if it is of no single one.
        quantity: Below zero if it takes away from others.
        unit: kWh, month or piece.
        price: Of one, in the currency.
        net: Cents.
    """

    what: str
    meter: str
    quantity: Decimal
    unit: str
    price: Decimal
    net: int
    rate: Vat


@dataclass(frozen=True, slots=True)
class Reference:
    """An earlier document."""

    number: str
    issued: date


PARTS = {  # of what is consumed or produced, by their names in `amalgam.sharing.account.Flows`
    Direction.CONSUMED: ("own_use", "shared_in", "discharged", "bought"),
    Direction.PRODUCED: ("own_use", "shared_out", "charged", "sold"),
}


@dataclass(frozen=True, slots=True)
class MeterUse:
    """What a meter has counted, and where it came from or went to: Wh."""

    meter: str
    direction: str
    total: int
    own_use: int
    shared: int
    battery: int
    grid: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What a member has used and produced in a period. Amounts are Wh unless their names say otherwise.

    Attributes:
        flows: By name, as `amalgam.sharing.account.Flows`.
        meters: The same by meter.
        balance: In the battery in the end.
        self_consumption: A part of 1, with four decimals; None if nothing is produced. And so on.
        savings: Cents, against the grid alone.
        values: How many are measured, and how many substituted: by who measures, or by the policy for gaps.
        left_out: Intervals in which somebody's value is missing.
    """

    flows: Mapping[str, int]
    meters: tuple[MeterUse, ...]
    balance: int
    self_consumption: Decimal | None
    self_sufficiency: Decimal | None
    peak_w: int
    baseline_peak_w: int
    savings: int | None
    co2_g: int | None
    measured: int
    substituted: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Document:
    """An invoice, a credit note, or the correction of one.

    Attributes:
        number: Empty of a preview.
        member: As the community's file calls them.
        is_correction: Whether it takes back the document that `refers_to`. One that refers to another without
            being a correction takes its place.
        issued: Its date.
        due: By when it is to be paid.
        first: The period's first day.
        last: And its last one.
        exemption: Why there is no VAT, if a rate is 0.
        settled: Cents that were paid on the chain.
        statement: On one of a member's documents, and on no correction.
    """

    number: str
    kind: Kind
    member: str
    is_correction: bool
    refers_to: Reference | None
    issued: date
    due: date
    first: date
    last: date
    language: Language
    currency: str
    exemption: str
    seller: Party
    buyer: Party
    items: tuple[Item, ...]
    settled: int
    statement: Statement | None

    @property
    def net(self) -> int:
        """Cents without VAT: the sum of the lines."""
        return sum(item.net for item in self.items)

    @property
    def vat_sums(self) -> list[VatSum]:
        """By rate, the highest first."""
        rates = sorted({item.rate for item in self.items}, key=lambda rate: (-rate.rate_bps, rate.category))
        nets = [sum(item.net for item in self.items if item.rate == rate) for rate in rates]
        return [
            VatSum(rate, net, money.vat(net, rate.rate_bps)) for rate, net in zip(rates, nets, strict=True)
        ]

    @property
    def vat(self) -> int:
        """Cents."""
        return sum(each.vat for each in self.vat_sums)

    @property
    def gross(self) -> int:
        """Cents with VAT."""
        return self.net + self.vat

    @property
    def payable(self) -> int:
        """Cents that are still to be paid."""
        return self.gross - self.settled

    @property
    def title(self) -> str:
        """What it is, in a table."""
        return f"{self.kind} correction" if self.is_correction else self.kind.value

    @property
    def customer(self) -> Party:
        """The member, who pays or is paid by it."""
        return self.buyer if self.kind is Kind.INVOICE else self.seller

    @property
    def community(self) -> Party:
        """The other one."""
        return self.seller if self.kind is Kind.INVOICE else self.buyer

    @property
    def sign(self) -> int:
        """1 if the member pays by it, -1 if the member is paid."""
        return 1 if (self.kind is Kind.INVOICE) != self.is_correction else -1


def plain(document: Document) -> dict[str, Any]:
    """A document with its sums, for `as_json`."""
    sums = {name: getattr(document, name) for name in ("net", "vat", "gross", "payable")}
    return asdict(document) | sums


def as_json(content: Any) -> str:
    """JSON of it. Money is cents; prices and quantities are decimals in quotes."""
    return json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n"


def document(content: Mapping[str, Any]) -> Document:
    """A document from JSON, without its statement."""
    refers_to = content["refers_to"]
    return Document(
        number=content["number"],
        kind=Kind(content["kind"]),
        member=content["member"],
        is_correction=content["is_correction"],
        refers_to=refers_to and Reference(refers_to["number"], date.fromisoformat(refers_to["issued"])),
        **{name: date.fromisoformat(content[name]) for name in ("issued", "due", "first", "last")},
        language=Language(content["language"]),
        currency=content["currency"],
        exemption=content["exemption"],
        seller=Party(**content["seller"]),
        buyer=Party(**content["buyer"]),
        items=tuple(map(_item, content["items"])),
        settled=content["settled"],
        statement=None,
    )


def _item(content: Mapping[str, Any]) -> Item:
    return Item(
        what=content["what"],
        meter=content["meter"],
        quantity=Decimal(content["quantity"]),
        unit=content["unit"],
        price=Decimal(content["price"]),
        net=content["net"],
        rate=Vat(**content["rate"]),
    )
