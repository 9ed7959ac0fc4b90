"""Registers from a CSV file, which may grow while it is read: each time all of it is read anew."""

import re
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from reprlib import repr as shortened
from typing import NamedTuple

from amalgam.csv_rows import NUMBER, ReadingsError, Rows, instant, read_file
from amalgam.metering.program import Meter
from amalgam.metering.sources.protocol import Found, OlderRow, RegisterReading
from amalgam.units import U64_MAX, Measure, counted

_UNIX = re.compile(r"[0-9]{1,12}")


class RegisterFile:
    """A CSV file of the registers of one meter or several.

    The header names the columns, in any order: `read_at` (ISO 8601 with the zone's offset, or Unix seconds),
    the register with its unit, like `register_kWh`, and, if the file is of several meters, `device`, the
    address that each row is of. A row that cannot be read is passed over, and told.
    """

    def __init__(self, path: Path, measure: Measure) -> None:
        """Name a file of registers of that resource."""
        self._path = path
        self._measure = measure

    async def read(self, meter: Meter) -> Found:
        """Read the rows of a meter. Raises ReadingsError if there is no file, or its header is unusable."""
        return read_file(self._path, lambda rows: self._read(rows, meter), multiline=False)

    def _read(self, rows: Rows, meter: Meter) -> Found:
        columns = _columns(rows, self._measure)
        newer, older = list[RegisterReading](), list[OlderRow]()
        unreadable = list[ReadingsError]()
        while True:
            try:
                row = next(rows, None)
                if row is None:
                    break
                reading = _reading(rows, row, columns, str(meter.device))
            except ReadingsError as error:
                unreadable.append(error)
                continue
            if reading is None:
                continue
            if reading.read_at > meter.read_at:
                newer.append(reading)
            else:
                older.append(OlderRow(rows.line, reading))
        newer.sort(key=lambda reading: (reading.read_at, reading.register))
        return Found(newer, older, unreadable)


class _Columns(NamedTuple):
    """How many there are, where each is, from 0, and the register's decimal places down to the base unit."""

    width: int
    read_at: int
    register: int
    device: int | None
    decimal_places: int


def _columns(rows: Rows, measure: Measure) -> _Columns:
    registers = {f"register_{unit}": places for unit, places in measure.decimal_places.items()}
    wanted = f"read_at, {' or '.join(registers)}, and, of several meters, device"
    header = rows.header(["device", "read_at", *registers])
    found: dict[str, int] = {}
    decimal_places = 0
    for field, title in enumerate(header):
        if title not in ("device", "read_at", *registers):
            rows.refuse(f"unknown column {shortened(title)}", f"use the columns {wanted}", field)
        name = "register" if title in registers else title
        if name in found:
            rows.refuse(f"second column for {name}", "keep one of them", field)
        found[name] = field
        decimal_places = registers.get(title, decimal_places)
    for name in ("read_at", "register"):
        if name not in found:
            rows.refuse(f"missing column for {name}", f"use the columns {wanted}")
    return _Columns(len(header), found["read_at"], found["register"], found.get("device"), decimal_places)


def _reading(rows: Rows, row: list[str], columns: _Columns, device: str) -> RegisterReading | None:
    """The reading in a row; None if it is another device's. Raises ReadingsError."""
    if len(row) != columns.width:
        problem = f"{counted(len(row), 'field')} in place of {columns.width}"
        rows.refuse(problem, "give each row one field for each column")
    if columns.device is not None and row[columns.device] != device:
        return None
    register = _register(rows, row[columns.register], columns)
    return RegisterReading(register, _time(rows, row[columns.read_at], columns.read_at))


def _register(rows: Rows, text: str, columns: _Columns) -> int:
    if not NUMBER.fullmatch(text) or text.startswith("-"):
        problem = f"{shortened(text)} is not what a register shows"
        rows.refuse(problem, "write digits, with a point before decimals", columns.register)
    base_units = int(Decimal(f"{text}e{columns.decimal_places}").to_integral_value(ROUND_FLOOR))
    if base_units > U64_MAX:
        problem = f"{shortened(text)} is more than the chain can count"
        rows.refuse(problem, "correct it or its unit", columns.register)
    return base_units


def _time(rows: Rows, text: str, field: int) -> int:
    return int(text) if _UNIX.fullmatch(text) else int(instant(rows, text, field).timestamp())
