"""A table as a file: CSV, or a spreadsheet."""

import csv
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

from amalgam.dashboard.page import Cell, Moment, Number, Table, Who
from amalgam.dashboard.words import Words

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")  # with which a cell begins that a spreadsheet would reckon
_EXACT = 10**15  # what a spreadsheet's numbers, with 15 digits, have exactly
_SHEET_NAME = 31  # characters


def as_csv(table: Table, words: Words) -> bytes:
    """UTF-8 with a mark, as spreadsheets want it; points before decimals, times with their offsets."""
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow([_safe(each) for each in _heads(table)])
    for _, cells in sorted(table.rows.items()):
        writer.writerow([_csv_cell(each, words) for each in cells])
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(table: Table, words: Words) -> bytes:
    """A workbook with one sheet. Nothing in it is a formula."""
    file = BytesIO()
    book: Any = xlsxwriter.Workbook(file, {"in_memory": True})
    with book:
        title = "".join(each for each in table.caption if each not in "[]:*?/\\'")
        sheet = book.add_worksheet(title[:_SHEET_NAME])
        bold = book.add_format({"bold": True})
        time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for column, head in enumerate(_heads(table)):
            sheet.write_string(0, column, head, bold)
        for row, (_, cells) in enumerate(sorted(table.rows.items()), 1):
            for column, cell in enumerate(cells):
                _write(sheet, row, column, cell, words, time)
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    return file.getvalue()


def _heads(table: Table) -> Sequence[str]:
    """The columns' names, each with the unit of its numbers."""
    units: list[set[str]] = [set() for _ in table.columns]
    for cells in table.rows.values():
        for column, cell in enumerate(cells):
            if isinstance(cell, Number):
                units[column].add(cell.unit)
    return [
        f"{name} ({unit})" if len(told) == 1 and (unit := next(iter(told))) else name
        for name, told in zip(table.columns, units, strict=True)
    ]


def _csv_cell(cell: Cell, words: Words) -> str:
    match cell:
        case Number():
            return f"{cell.exact:f}"
        case Moment(at):
            return datetime.fromtimestamp(at, words.zone).isoformat() if at else ""
        case Who():
            return _safe(cell.name or cell.address)
        case str():
            return _safe(cell)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULAS) else text


def _write(sheet: Any, row: int, column: int, cell: Cell, words: Words, time: Any) -> None:
    match cell:
        case Number() if abs(cell.value) < _EXACT:
            sheet.write_number(row, column, float(cell.exact))
        case Moment(at) if at:
            sheet.write_datetime(
                row, column, datetime.fromtimestamp(at, words.zone).replace(tzinfo=None), time
            )
        case Who():
            sheet.write_string(row, column, cell.name or cell.address)
        case str():
            sheet.write_string(row, column, cell)
        case _:
            sheet.write_string(row, column, _csv_cell(cell, words))
