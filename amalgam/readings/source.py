"""A file of readings: its bytes, and its text whatever the encoding that spreadsheets save in."""

import codecs
import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from amalgam.csv_rows import ReadingsError

_HEAD = 64 * 1024  # bytes, by which a format is recognised
_BLOCK = 32 * 1024 * 1024  # bytes of a big file that are parsed at a time
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


class Source:
    """A file that is to be read. Its text is UTF-8, or UTF-16 with a byte order mark."""

    def __init__(self, path: Path) -> None:
        """Name a file, and read its beginning. Raises ReadingsError."""
        self.path = path
        self.name = str(path)
        self.sheets: Mapping[str, list[list[str]]] | None = None  # of a spreadsheet, once they are read
        self._is_regular = path.is_file()
        try:
            # A pipe can be read only once.
            self.head = self._begin() if self._is_regular else path.read_bytes()
        except OSError as error:
            raise self._unreadable(error) from None

    @property
    def member(self) -> str:
        """What a member is called by the name of a file that names none."""
        return self.path.stem

    @property
    def is_zip(self) -> bool:
        """Whether it is a ZIP archive, as spreadsheets are."""
        return self.head.startswith(b"PK\x03\x04")

    @cached_property
    def beginning(self) -> str:
        """The text of its first 64 KiB, as far as it can be decoded."""
        return self._plain(self.head).decode("utf-8", "ignore").removeprefix("\ufeff")

    @property
    def data(self) -> bytes:
        """All of it. Raises ReadingsError."""
        if not self._is_regular:
            return self.head
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise self._unreadable(error) from None

    def text(self) -> str:
        """All of its text. Raises ReadingsError at a byte that is none."""
        data = self._plain(self.data)
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise self._not_utf8(data, error) from None

    def json(self) -> Any:
        """What it has as JSON. Raises ReadingsError."""
        try:
            return json.loads(self.text())
        except json.JSONDecodeError as error:
            place = f"{self.name}:{error.lineno}:{error.colno}"
            raise ReadingsError(f"{place}: not JSON ({error.msg}); download it anew", error.lineno) from None

    def lines(self) -> Iterator[bytes]:
        """Its lines, in UTF-8."""
        data = self._plain(self.data)
        yield from data.removeprefix(codecs.BOM_UTF8).splitlines(keepends=True)

    def blocks(self) -> Iterator[bytes]:
        """Its text in UTF-8, in blocks that end with a line, outside of quotes. Raises ReadingsError."""
        is_utf16 = self.head[:2] in _UTF16
        if is_utf16 or not self._is_regular:
            yield self._plain(self.data).removeprefix(codecs.BOM_UTF8)
            return
        try:
            with self.path.open("rb") as file:
                file.seek(len(codecs.BOM_UTF8) if self.head.startswith(codecs.BOM_UTF8) else 0)
                while block := file.read(_BLOCK):
                    block += file.readline()
                    while block.count(b'"') % 2 and (line := file.readline()):
                        block += line
                    yield block
        except OSError as error:
            raise self._unreadable(error) from None

    def _begin(self) -> bytes:
        with self.path.open("rb") as file:
            return file.read(_HEAD)

    def _plain(self, data: bytes) -> bytes:
        """In UTF-8."""
        encoding = _UTF16.get(self.head[:2])
        return data.decode(encoding, "replace").encode() if encoding else data

    def _not_utf8(self, data: bytes, error: UnicodeDecodeError) -> ReadingsError:
        start = data.rfind(b"\n", 0, error.start) + 1
        line, column = (
            data.count(b"\n", 0, start) + 1,
            len(data[start : error.start].decode("utf-8", "replace")) + 1,
        )
        problem = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        return ReadingsError(f"{self.name}:{line}:{column}: {problem}", line)

    def _unreadable(self, error: OSError) -> ReadingsError:
        return ReadingsError(f"{self.name}: {error.strerror}; give the path of a readable file")
