"""Rows of a CSV file, with the line and column that each field stands in."""

import csv
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from reprlib import repr as shortened
from typing import NoReturn, TypeVar

from amalgam import AmalgamError

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_T = TypeVar("_T")


class ReadingsError(AmalgamError):
    """A file of readings is unusable. The message is `FILE:LINE:COLUMN: what is wrong; what to do`.

    Line and column count from 1, the column in characters, as editors do; they point at the field at fault.
    A file that cannot be read at all has neither.

    Attributes:
        line: See above, or None.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        """Say what is wrong, and keep the line."""
        super().__init__(message)
        self.line = line


def read_file(path: Path, read: Callable[["Rows"], _T], *, multiline: bool = True) -> _T:
    """Open a file, and return what `read` makes of its rows. Raises ReadingsError."""
    try:
        with path.open("rb") as file:
            return read(Rows(str(path), file, multiline=multiline))
    except OSError as error:
        raise ReadingsError(f"{path}: {error.strerror}; give the path of a readable CSV file") from None


class Rows(Iterator[list[str]]):
    """The rows of a CSV file, without blank lines. After the error of a row the next one can be read."""

    def __init__(
        self, name: str, file: Iterable[bytes], *, multiline: bool = True, delimiter: str = ","
    ) -> None:
        """Read a file that is open, or its lines; its name begins messages.

        Unless fields can span lines, a quote that is left open spoils its own line alone.
        """
        self._name = name
        self._lines = map(self._decoded, file)
        self._multiline = multiline
        self._delimiter = delimiter
        self._field = re.compile(rf' *("([^"]|"")*"|[^{re.escape(delimiter)}]*){re.escape(delimiter)}')
        self._read = 0  # lines
        self._bytes_read = 0
        self._line = 1  # where the row starts
        self._text = ""

    @property
    def line(self) -> int:
        """Where the latest row starts, counted from 1."""
        return self._line

    @property
    def bytes_read(self) -> int:
        """Of the file, up to the latest row."""
        return self._bytes_read

    def __next__(self) -> list[str]:
        """The next row. Raises ReadingsError."""
        while True:
            self._line, self._text = self._read + 1, ""
            lines = self._lines if self._multiline else islice(self._lines, 1)
            try:
                rows = csv.reader(lines, strict=True, skipinitialspace=True, delimiter=self._delimiter)
                row = next(rows)
            except csv.Error as error:
                self.refuse(f"malformed CSV ({error})", "check quotes and line ends from this row on")
            if not self._text.isspace():
                return row

    def header(self, known: Collection[str]) -> list[str]:
        """The titles of the first row, as those known are spelled; without a row, none."""
        spelled = {title.lower(): title for title in known} | {title: title for title in known}
        titles = [title.strip() for title in next(self, list[str]())]
        if len(titles) == 1 and ";" in titles[0]:
            remedy = "save the file with commas between fields and points before decimals"
            self.refuse("semicolons between fields", remedy)
        return [spelled.get(title) or spelled.get(title.lower(), title) for title in titles]

    def _decoded(self, line: bytes) -> str:
        self._read += 1
        self._bytes_read += len(line)
        try:
            text = line.decode("utf-8-sig" if self._read == 1 else "utf-8")
        except UnicodeDecodeError as error:
            column = len(error.object[: error.start].decode()) + 1
            problem = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
            raise self._error(self._read, column, problem, "save the file as UTF-8") from None
        self._text += text
        return text

    def refuse(self, problem: str, remedy: str, field: int = 0) -> NoReturn:
        """Raise ReadingsError at a field of the latest row, counted from 0, or past the last row."""
        start = 0
        for match in islice(self._field.finditer(self._text), field):
            start = match.end()
        start += len(self._text[start:]) - len(self._text[start:].lstrip(" "))
        line = self._line + self._text.count("\n", 0, start)
        column = start - self._text.rfind("\n", 0, start)
        raise self._error(line, column, problem, remedy)

    def _error(self, line: int, column: int, problem: str, remedy: str) -> ReadingsError:
        return ReadingsError(f"{self._name}:{line}:{column}: {problem}; {remedy}", line)


def instant(rows: Rows, text: str, field: int) -> datetime:
    """A time in a field of the latest row. Raises ReadingsError, also if it has no zone."""
    try:
        timestamp = datetime.fromisoformat(text)
    except ValueError:
        rows.refuse(f"{shortened(text)} is not a time", "write it like 2026-06-22T00:15:00+02:00", field)
    if timestamp.tzinfo is None:
        rows.refuse(f"{shortened(text)} has no zone", "append the zone's offset, like +02:00 or Z", field)
    if not 1970 <= timestamp.year < 9999:
        problem = f"{shortened(text)} is not within the years 1970 to 9998"
        rows.refuse(problem, "correct the year", field)
    return timestamp
