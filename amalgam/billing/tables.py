"""Documents as tables, for spreadsheets and other programs: the same bytes from the same documents.

Amounts of money are in the currency, below zero if the member gets them; energy is kWh.
"""

import csv as csv_files
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any, NamedTuple

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

from amalgam.billing.document import Document, MeterUse
from amalgam.billing.money import money

_WIDEST = 40  # characters, of a column
_FORMATS = {Decimal: "#,##0.00#####", date: "yyyy-mm-dd"}


class Table(NamedTuple):
    """Rows under titles."""

    titles: Sequence[str]
    rows: Sequence[Sequence[str | Decimal | date]]


def documents(documents: Sequence[Document]) -> Table:
    """A row a document."""
    amounts = ("net", "vat", "gross", "settled", "payable")
    titles = ("number", "kind", "member", "name", "issued", "due", "first", "last", "refers_to", "currency")
    rows = [
        (
            document.number,
            document.title,
            document.member,
            document.customer.name,
            *(document.issued, document.due, document.first, document.last),
            document.refers_to.number if document.refers_to else "",
            document.currency,
            *(money(document.sign * getattr(document, name)) for name in amounts),
        )
        for document in documents
    ]
    return Table((*titles, *amounts), rows)


def items(documents: Sequence[Document]) -> Table:
    """A row a line of a document."""
    titles = ("number", "kind", "member", "item", "meter", "quantity", "unit", "price", "vat_percent", "net")
    rows = [
        (
            document.number,
            document.title,
            document.member,
            item.what,
            item.meter,
            item.quantity,
            item.unit,
            item.price,
            Decimal(item.rate.rate_bps).scaleb(-2),
            money(document.sign * item.net),
        )
        for document in documents
        for item in document.items
    ]
    return Table(titles, rows)


def energy(documents: Sequence[Document]) -> Table:
    """A row a meter and direction, of each member who has a document."""
    amounts = [each.name for each in fields(MeterUse) if each.name not in ("meter", "direction")]
    statements = {each.member: each.statement for each in documents if each.statement}
    rows = [
        (member, use.meter, use.direction, *(Decimal(getattr(use, each)).scaleb(-3) for each in amounts))
        for member, statement in statements.items()
        for use in statement.meters
    ]
    return Table(("member", "meter", "direction", *(f"{each}_kwh" for each in amounts)), rows)


def csv(table: Table) -> bytes:
    """The table as UTF-8, with commas and decimal points."""
    text = StringIO()
    writer = csv_files.writer(text, lineterminator="\n")
    writer.writerow(table.titles)
    writer.writerows(
        [f"{cell:f}" if isinstance(cell, Decimal) else cell for cell in row] for row in table.rows
    )
    return text.getvalue().encode()


def workbook(all_documents: Sequence[Document], issued: date) -> bytes:
    """All tables as XLSX, which says that it was made on the documents' date."""
    made = BytesIO()
    book: Any = xlsxwriter.Workbook(made, {"in_memory": True})
    book.set_properties({"created": datetime.combine(issued, time())})
    bold = book.add_format({"bold": True, "bottom": 1})
    formats = {kind: book.add_format({"num_format": text}) for kind, text in _FORMATS.items()}
    for name, table in _sheets(all_documents):
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, table.titles, bold)
        for row, cells in enumerate(table.rows, 1):
            for column, cell in enumerate(cells):
                _write(sheet, row, column, cell, formats)
        for column, title in enumerate(table.titles):
            widest = max([len(title), *(len(str(row[column])) for row in table.rows)])
            sheet.set_column(column, column, min(widest + 2, _WIDEST))
        sheet.autofilter(0, 0, len(table.rows), len(table.titles) - 1)
    book.close()
    return made.getvalue()


def _sheets(all_documents: Sequence[Document]) -> Iterator[tuple[str, Table]]:
    yield "Documents", documents(all_documents)
    yield "Items", items(all_documents)
    yield "Energy", energy(all_documents)


def _write(sheet: Any, row: int, column: int, cell: str | Decimal | date, formats: dict[type, Any]) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, cell)  # never as a formula
    elif isinstance(cell, Decimal):
        sheet.write_number(row, column, cell, formats[Decimal])
    else:
        sheet.write_datetime(row, column, cell, formats[date])
