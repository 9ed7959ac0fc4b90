"""Tables of cells as text, from CSV files and spreadsheets, with the place of each cell."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from itertools import islice
from typing import NoReturn, Protocol

import polars as pl
from python_calamine import CalamineError, CalamineWorkbook

from amalgam.csv_rows import ReadingsError, Rows
from amalgam.readings.source import Source
from amalgam.units import counted

_SAMPLE = 40  # rows in which a header is looked for
_SAMPLE_ROWS = 1_000  # by which the mark before decimals is known
_DELIMITERS = ",;\t|"
_BLANK = re.compile(rb"^[ \t\r]*(?:\n|\Z)", re.MULTILINE)
_QUOTED = re.compile(rb'"[^"]*"')


class Table(Protocol):
    """Rows of cells under titles. Rows and columns count from 0, without the titles."""

    @property
    def name(self) -> str:
        """The file's."""
        ...

    @property
    def titles(self) -> Sequence[str]:
        """The cells of the header, without outer spaces."""
        ...

    @property
    def above(self) -> Sequence[Sequence[str]]:
        """The rows above the header."""
        ...

    def chunks(self) -> Iterator[pl.DataFrame]:
        """Rows: strings in columns `0`, `1` and so on, and in `row` their numbers. Raises ReadingsError."""
        ...

    def sample(self) -> Sequence[Sequence[str]]:
        """Some of the first rows."""
        ...

    def refuse(self, row: int, column: int, problem: str, remedy: str) -> NoReturn:
        """Raise ReadingsError at a cell; row -1 is the header, and one behind the last is allowed."""
        ...


def column(index: int) -> str:
    """The name of a column in a chunk."""
    return str(index)


def _cells(line: str, delimiter: str) -> list[str]:
    return [
        cell.strip()
        for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), list[str]())
    ]


class CsvTable:
    """A CSV file below a header."""

    def __init__(self, source: Source, delimiter: str, header: int) -> None:
        """Name a file, and its header's row, counted from 0 without blank lines."""
        lines = source.beginning.splitlines()
        numbers = [number for number, line in enumerate(lines) if line.strip()]
        *self.above, self.titles = (_cells(lines[number], delimiter) for number in numbers[: header + 1])
        self.name = source.name
        self.delimiter = delimiter
        self._source = source
        self._header = header
        self._lines_above = numbers[header] + 1  # all that are not of rows

    def chunks(self) -> Iterator[pl.DataFrame]:
        """Rows with a cell, as `Table` says. Raises ReadingsError."""
        above, row = self._lines_above, 0
        for block in self._source.blocks():
            while above and block:
                block = block.partition(b"\n")[2]
                above -= 1
            frame = self._parsed(block)
            may_be_blank = (frame["0"].str.strip_chars() == "").any()
            if may_be_blank:  # a blank line, which the slower reader does not count either
                block = _BLANK.sub(b"", block)
                frame = self._parsed(block)
            self._check_width(block, frame.height)
            frame = frame.with_columns(_numbers(row, frame.height))
            row += frame.height
            if may_be_blank:  # a row of nothing but delimiters
                frame = frame.filter(~pl.all_horizontal(pl.exclude("row").str.strip_chars() == ""))
            yield frame

    def sample(self) -> Sequence[Sequence[str]]:
        """Some of the first rows, those that are whole in the file's beginning."""
        lines = self._source.beginning.splitlines(keepends=True)[self._lines_above :][:_SAMPLE_ROWS]
        rows = [_cells(line, self.delimiter) for line in lines if line.strip()]
        return [row for row in rows if len(row) == len(self.titles)]

    def _parsed(self, block: bytes) -> pl.DataFrame:
        schema = {column(index): pl.String for index in range(len(self.titles))}
        try:
            return pl.read_csv(
                block,
                has_header=False,
                schema=schema,
                separator=self.delimiter,
                empty_string_is_null=False,
                infer_schema=False,
                missing_columns="insert",
            )
        except pl.exceptions.NoDataError:
            return pl.DataFrame(schema=schema)
        except pl.exceptions.ComputeError:
            self._refuse_malformed()

    def _check_width(self, block: bytes, rows: int) -> None:
        """Refuse a row with too few fields: where it is, the slower reader tells."""
        if _QUOTED.sub(b"", block).count(self.delimiter.encode()) != rows * (len(self.titles) - 1):
            self._refuse_malformed()

    def _refuse_width(self, row: int, found: int) -> NoReturn:
        problem = f"{counted(found, 'field')} in place of {len(self.titles)}"
        self.refuse(row, 0, problem, "give each row one field for each column")

    def _refuse_malformed(self) -> NoReturn:
        """Find by the slower reader what the faster one does not tell."""
        rows = Rows(self.name, self._source.lines(), delimiter=self.delimiter)
        for row, cells in enumerate(rows, -self._header - 1):
            if row >= 0 and len(cells) != len(self.titles):
                self._refuse_width(row, len(cells))
        rows.refuse("malformed CSV", "save it anew from a spreadsheet, as CSV")

    def refuse(self, row: int, column: int, problem: str, remedy: str) -> NoReturn:
        """Raise ReadingsError at a cell."""
        rows = Rows(self.name, self._source.lines(), delimiter=self.delimiter)
        for _ in islice(rows, self._header + 2 + row):
            pass
        rows.refuse(problem, remedy, column)


def _numbers(first: int, count: int) -> pl.Series:
    return pl.int_range(first, first + count, dtype=pl.UInt32, eager=True).alias("row")


class SheetTable:
    """A sheet of a spreadsheet below a header."""

    def __init__(self, name: str, sheet: str, rows: Sequence[Sequence[str]], header: int) -> None:
        """Take a sheet's rows, and its header's row, counted from 0."""
        self.name = name
        self._sheet = sheet
        self._header = header
        self.above = rows[:header]
        self.titles = [cell.strip() for cell in rows[header]]
        self._rows = [row for row in enumerate(rows) if row[0] > header and any(row[1])]

    def chunks(self) -> Iterator[pl.DataFrame]:
        """All rows at once, as `Table` says."""
        cells = [row for _, row in self._rows]
        schema = {column(index): pl.String for index in range(len(self.titles))}
        yield pl.DataFrame(cells, schema=schema, orient="row").with_columns(_numbers(0, len(cells)))

    def sample(self) -> Sequence[Sequence[str]]:
        """Some of the first rows."""
        return [row for _, row in self._rows[:_SAMPLE_ROWS]]

    def refuse(self, row: int, column: int, problem: str, remedy: str) -> NoReturn:
        """Raise ReadingsError at a cell, like `FILE:Sheet!B17`."""
        places = [-1, *(number for number, _ in self._rows)]
        number = self._header if row < 0 else places[min(row + 1, len(places) - 1)]
        raise ReadingsError(f"{self.name}:{self._sheet}!{_letters(column)}{number + 1}: {problem}; {remedy}")


class ListedTable:
    """Rows that a reader has taken out of a file of another kind, each with its place."""

    above: Sequence[Sequence[str]] = ()

    def __init__(
        self, name: str, titles: Sequence[str], rows: Sequence[Sequence[str]], places: Sequence[str]
    ) -> None:
        """Take rows, and for each what it is in its file, like `segment 12`."""
        self.name = name
        self.titles = titles
        self._rows = rows
        self._places = places

    def chunks(self) -> Iterator[pl.DataFrame]:
        """All rows at once, as `Table` says."""
        schema = {column(index): pl.String for index in range(len(self.titles))}
        rows = pl.DataFrame(self._rows, schema=schema, orient="row")
        yield rows.with_columns(_numbers(0, rows.height))

    def sample(self) -> Sequence[Sequence[str]]:
        """Some of the first rows."""
        return self._rows[:_SAMPLE_ROWS]

    def refuse(self, row: int, column: int, problem: str, remedy: str) -> NoReturn:
        """Raise ReadingsError at a row's place, and name the cell."""
        if not self._rows:
            raise ReadingsError(f"{self.name}: {problem}; {remedy}")
        place = self._places[min(max(row, 0), len(self._places) - 1)]
        raise ReadingsError(f"{self.name}: {place}: {self.titles[column]} {problem}; {remedy}")


def _letters(column: int) -> str:
    letters = ""
    while column >= 0:
        column, letter = column // 26 - 1, column % 26
        letters = chr(ord("A") + letter) + letters
    return letters


def sheets(source: Source) -> Mapping[str, list[list[str]]]:
    """The rows of each sheet of a spreadsheet, in its order, read once. Raises ReadingsError."""
    if source.sheets is None:
        source.sheets = _sheets(source)
    return source.sheets


def _sheets(source: Source) -> Mapping[str, list[list[str]]]:
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(source.data))
        return {name: _rows(book, name) for name in book.sheet_names}
    except CalamineError as error:
        problem = f"not a spreadsheet that can be read ({error}); save it as XLSX"
        raise ReadingsError(f"{source.name}: {problem}") from None


def _rows(book: CalamineWorkbook, name: str) -> list[list[str]]:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    return [[_text(cell) for cell in row] for row in rows]


def _text(cell: object) -> str:
    if isinstance(cell, (datetime, date)):
        return cell.isoformat()
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() else repr(cell)
    return str(cell).strip()


def with_header(source: Source, is_header: Callable[[list[str]], bool]) -> Table | None:
    """The table of a CSV file or a spreadsheet whose header is one, among its first rows; or else None."""
    if source.is_zip:
        for sheet, rows in sheets(source).items():
            for number, row in enumerate(rows[:_SAMPLE]):
                if is_header([cell.strip() for cell in row]):
                    return SheetTable(source.name, sheet, rows, number)
        return None
    lines = [line for line in source.beginning.splitlines() if line.strip()][:_SAMPLE]
    for delimiter in _DELIMITERS:
        cells = [_cells(line, delimiter) for line in lines]
        for number, row in enumerate(cells):
            if is_header(row):
                return CsvTable(source, delimiter, number)
    return None
