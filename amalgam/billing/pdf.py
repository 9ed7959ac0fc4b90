"""A document as PDF, which typst sets: the same bytes from the same document.

`bill.typ` lays out; all words and numbers come ready from here, as data and never as markup. The fonts are
those in typst, and the PDF's own date is the document's.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from typst import Compiler, Fonts

from amalgam.billing.document import PARTS, Document, Item, Kind, MeterUse, Statement
from amalgam.billing.money import money
from amalgam.billing.settings import Party
from amalgam.billing.words import Language, amount, day, number, percent, rate, word
from amalgam.readings.model import Direction

_LAYOUT = Path(__file__).with_name("bill.typ")
_STANDARD = "a-2b"  # for archives


class Setter:
    """Sets documents; making one takes longer than setting a page."""

    def __init__(self) -> None:
        """Load the layout and the fonts."""
        self._typst = Compiler(_LAYOUT, font_paths=Fonts(include_system_fonts=False))

    def pdf(self, document: Document) -> bytes:
        """The document as PDF/A."""
        midnight = datetime.combine(document.issued, time(), UTC)
        inputs = {"bill": json.dumps(content(document))}
        found = self._typst.compile(sys_inputs=inputs, pdf_standards=_STANDARD, timestamp=midnight)
        assert isinstance(found, bytes)  # noqa: S101 (of a PDF there is one)
        return found


def content(document: Document) -> dict[str, Any]:
    """All that stands on a document, as `bill.typ` takes it."""
    language, currency = document.language, document.currency
    mine, community = document.customer, document.community
    is_paid_out = document.sign * (document.payable or 1) < 0
    title = word(language, "correction" if document.is_correction else document.kind)
    totals = [
        (
            word(
                language, "vat_of", rate=rate(language, each.rate.rate_bps), net=_amount(document, each.net)
            ),
            _amount(document, each.vat),
        )
        for each in document.vat_sums
        if each.rate.rate_bps
    ]
    if document.settled:
        totals += [
            (word(language, "gross"), _amount(document, document.gross)),
            (word(language, "settled"), _amount(document, -document.settled)),
        ]
    return {
        "language": language,
        "title": title if document.number else f"{title} – {word(language, 'preview')}",
        "preview": "" if document.number else word(language, "preview"),
        "letterhead": {"name": community.name, "lines": _issuer(community, language)},
        "sender": f"{community.name} · {community.street} · {community.postcode} {community.city}",
        "address": [
            mine.name,
            mine.street,
            f"{mine.postcode} {mine.city}",
            *([mine.country] if mine.country != community.country else []),
        ],
        "facts": _facts(document, mine, is_paid_out),
        "references": _references(document),
        "heads": [word(language, each) for each in ("description", "quantity", "price", "vat", "amount")],
        "items": [_item(language, item, currency) for item in document.items],
        "net": [word(language, "net"), _amount(document, document.net)],
        "totals": totals,
        "payable": [
            word(language, "paid_out" if is_paid_out else "payable"),
            _amount(document, abs(document.payable)),
        ],
        "notes": _notes(document, mine if is_paid_out else community, is_paid_out),
        "statement": document.statement and _statement(document, document.statement),
        "page": word(language, "page", page="{page}", pages="{pages}"),
    }


def _amount(document: Document, cents: int) -> str:
    return amount(document.language, cents, document.currency)


def _issuer(party: Party, language: Language) -> list[str]:
    lines = [party.street, f"{party.postcode} {party.city}", party.email]
    lines += [f"{word(language, 'vat_id')} {party.vat_id}"] * bool(party.vat_id)
    lines += [f"{word(language, 'tax_number')} {party.tax_number}"] * bool(party.tax_number)
    return [*filter(None, [*lines, _blocks(party.iban)])]


def _blocks(iban: str) -> str:
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))


def _facts(document: Document, mine: Party, is_paid_out: bool) -> list[tuple[str, str]]:
    language = document.language
    facts = [
        ("number", document.number or "–"),
        ("date", day(language, document.issued)),
        ("period", f"{day(language, document.first)} – {day(language, document.last)}"),
        ("member", document.member),
        ("paid_by" if is_paid_out else "due", day(language, document.due)),
    ]
    facts += [("vat_id", mine.vat_id)] * bool(mine.vat_id)
    return [(word(language, key), value) for key, value in facts]


def _references(document: Document) -> list[str]:
    if document.refers_to is None:
        return []
    key = "refers_correction" if document.is_correction else "refers_new"
    told = {"number": document.refers_to.number, "date": day(document.language, document.refers_to.issued)}
    return [word(document.language, key, **told)]


def _item(language: Language, item: Item, currency: str) -> list[str]:
    places = max(2, -int(item.price.as_tuple().exponent))
    is_counted = item.unit != "piece"
    return [
        word(language, item.what),
        item.meter,
        f"{number(language, item.quantity)}\u00a0{word(language, item.unit)}" if is_counted else "",
        f"{number(language, item.price, places)}\u00a0{currency}" if is_counted else "",
        rate(language, item.rate.rate_bps) if item.rate.rate_bps else "–",
        amount(language, item.net, currency),
    ]


def _notes(document: Document, payee: Party, is_paid_out: bool) -> list[str]:
    """What is to be done, and what the law wants said."""
    language = document.language
    key = ("get" if is_paid_out else "pay") + ("" if payee.iban else "_without")
    told = {
        "amount": _amount(document, abs(document.payable)),
        "date": day(language, document.due),
        "iban": _blocks(payee.iban),
        "number": document.number,
    }
    if not document.number:
        key = "not_yet"
    elif not document.payable:
        key = "nothing"
    notes = [word(language, key, **told)]
    if document.kind is not Kind.INVOICE:
        notes.append(word(language, "self_billing"))
    categories = {item.rate.category for item in document.items}
    notes += [word(language, each) for each in ("AE", "O") if each in categories]
    return [*notes, *([document.exemption] if "E" in categories else [])]


# The statement


def _statement(document: Document, statement: Statement) -> dict[str, Any]:
    language, flows = document.language, statement.flows
    bars = [
        ("from", Direction.CONSUMED),
        ("to", Direction.PRODUCED),
    ]
    return {
        "title": word(language, "statement"),
        "period": f"{day(language, document.first)} – {day(language, document.last)}",
        "tiles": _tiles(document, statement),
        "bars": [
            {
                "title": word(language, title),
                "total": f"{_kwh(language, flows[direction], 1)} kWh",
                "parts": [flows[each] for each in PARTS[direction]],
                "labels": [_kwh(language, flows[each], 1) for each in PARTS[direction]],
            }
            for title, direction in bars
            if flows[direction]
        ],
        "sources": [word(language, each) for each in ("own_use", "shared", "battery", "grid")],
        "heads": [
            word(language, "meter"),
            "",
            *(f"{word(language, each)}" for each in ("total", "own_use", "shared", "battery", "grid")),
        ],
        "meters": [_meter(language, each) for each in _shown(statement.meters)],
        "notes": [
            word(
                language,
                "peak",
                peak=_kwh(language, statement.peak_w, 2),
                baseline=_kwh(language, statement.baseline_peak_w, 2),
            ),
            *(
                [word(language, "balance", balance=_kwh(language, statement.balance, 3))]
                * bool(statement.balance)
            ),
            word(
                language,
                "values",
                **{
                    name: number(language, Decimal(getattr(statement, name)))
                    for name in ("measured", "substituted", "left_out")
                },
            ),
            word(language, "prices_note"),
        ],
    }


def _shown(meters: Sequence[MeterUse]) -> list[MeterUse]:
    """Without the direction in which a meter that has two counts nothing."""
    return [each for each in meters if each.total or each.direction == Direction.CONSUMED]


def _meter(language: Language, use: MeterUse) -> list[str]:
    amounts = (use.total, use.own_use, use.shared, use.battery, use.grid)
    return [use.meter, word(language, use.direction), *(_kwh(language, each, 3) for each in amounts)]


def _kwh(language: Language, wh: int, places: int) -> str:
    return number(language, Decimal(wh).scaleb(-3), places)


def _tiles(document: Document, statement: Statement) -> list[tuple[str, str, str]]:
    """Figures with what they are of, and their notes; those without a value are left out."""
    language = document.language
    parts = {name: getattr(statement, name) for name in ("self_sufficiency", "self_consumption")}
    tiles = [
        (percent(language, part, 1), word(language, name), word(language, f"{name}_note"))
        for name, part in parts.items()
        if part is not None
    ]
    if statement.savings is not None:
        saved = f"{number(language, money(statement.savings), 2)}\u00a0{document.currency}"
        tiles.append((saved, word(language, "savings"), word(language, "savings_note")))
    if statement.co2_g is not None:
        tiles.append((f"{_kwh(language, statement.co2_g, 1)}\u00a0kg", "CO₂", word(language, "co2_note")))
    return tiles
