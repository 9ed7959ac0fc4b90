"""What a meter's cumulative register shows: read from a CSV file, or from a solar inverter.

Registers are base units, for energy Wh, and what is not a whole one is left until it is: cumulative as they
are, nothing is lost by that. Times are Unix seconds.
"""

import re
import time
from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from reprlib import repr as shortened
from typing import NamedTuple, Protocol

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from amalgam.metering.program import Meter
from amalgam.scenarios.readings import NUMBER, Rows, instant, read_file
from amalgam.units import U64_MAX, Measure

_UNIX = re.compile(r"[0-9]{1,12}")


class RegisterReading(NamedTuple):
    """What a register showed, and when."""

    register: int
    read_at: int


class UnreadableError(Exception):
    """A meter does not tell its register. The message says which, why, and what to do."""


class RegisterSource(Protocol):
    """Where registers are read."""

    async def readings(self, meter: Meter) -> list[RegisterReading]:
        """What the chain does not know of the meter yet, oldest first.

        Raises UnreadableError, or ReadingsError of a file.
        """
        ...


# CSV


class RegisterFile:
    """A CSV file, which may grow while it is read: each time all of it is read anew.

    The header names the columns, in any order: `read_at` (ISO 8601 with the zone's offset, or Unix seconds),
    the register with its unit, like `register_kWh`, and, where the file is of several meters, `device`, the
    address that each row is of.
    """

    def __init__(self, path: Path, measure: Measure) -> None:
        """Name a file of registers of that resource."""
        self._path = path
        self._measure = measure

    async def readings(self, meter: Meter) -> list[RegisterReading]:
        """The meter's rows that are newer than its latest report. Raises ReadingsError."""
        device = str(meter.device)
        rows = read_file(self._path, lambda rows: list(self._read(rows)))
        newer = {row for of, row in rows if of in (None, device) and row.read_at > meter.read_at}
        return sorted(newer, key=lambda reading: (reading.read_at, reading.register))

    def _read(self, rows: Rows) -> Iterator[tuple[str | None, RegisterReading]]:
        stream = iter(rows)
        places = self._columns(rows, next(stream, list[str]()))
        device, read_at = places.get("device"), places["read_at"]
        ((title, register),) = ((title, at) for title, at in places.items() if title.startswith("register_"))
        decimal_places = self._measure.decimal_places[title.removeprefix("register_")]
        for row in stream:
            if len(row) != len(places):
                rows.refuse(
                    f"{len(row)} fields in place of {len(places)}", "give each row one field for each column"
                )
            reading = RegisterReading(
                _base_units(rows, row[register], register, decimal_places), _time(rows, row[read_at], read_at)
            )
            yield None if device is None else row[device], reading

    def _columns(self, rows: Rows, header: list[str]) -> dict[str, int]:
        registers = [f"register_{unit}" for unit in self._measure.decimal_places]
        wanted = f"read_at, {' or '.join(registers)}, and, of several meters, device"
        for field, title in enumerate(header):
            if title not in ("device", "read_at", *registers):
                rows.refuse(f"unknown column {shortened(title)}", f"use the columns {wanted}", field)
            kinds = [each.partition("_")[0] for each in header[:field]]
            if title.partition("_")[0] in kinds:
                rows.refuse(f"second column for {title.partition('_')[0]}", "keep one of them", field)
        for name in ("read_at", "register"):
            if not any(title.startswith(name) for title in header):
                rows.refuse(f"missing column for {name}", f"use the columns {wanted}")
        return {title: field for field, title in enumerate(header)}


def _base_units(rows: Rows, text: str, field: int, places: int) -> int:
    if not NUMBER.fullmatch(text) or text.startswith("-"):
        problem = f"{shortened(text)} is not what a register shows"
        rows.refuse(problem, "write digits, with a point before decimals", field)
    found = int(Decimal(f"{text}e{places}").to_integral_value(ROUND_FLOOR))
    if found > U64_MAX:
        rows.refuse(f"{shortened(text)} is more than the chain can count", "correct it or its unit", field)
    return found


def _time(rows: Rows, text: str, field: int) -> int:
    return int(text) if _UNIX.fullmatch(text) else int(instant(rows, text, field).timestamp())


# SunSpec, which solar inverters and their meters speak over Modbus

_BASES = (40_000, 50_000, 0)  # where the map may begin
_MARK = [0x5375, 0x6E53]  # "SunS"
_END = 0xFFFF  # in place of a model's number
_MOST_MODELS = 100
_CYCLE = 2**32  # of an accumulator, which goes on from 0
_NO_SCALE = -(2**15)


class _Accumulator(NamedTuple):
    """Where in a model, from its number on, the energy is that it has delivered, and its power of ten."""

    energy: int
    scale: int
    what: str


_MODELS = {
    **dict.fromkeys((101, 102, 103), _Accumulator(24, 26, "inverter")),
    **dict.fromkeys((201, 202, 203, 204), _Accumulator(38, 54, "meter, exported")),
}


class SunSpecRegister:
    """The energy that an inverter has made, or a meter exported: SunSpec models 101 to 103, 201 to 204.

    Their accumulator has 32 bits, and begins again after 4,294,967,295. What it has gone round before is told
    from the meter's latest report; where the meter's rating leaves room for another time round, it is not
    guessed.
    """

    def __init__(self, host: str, port: int = 502, *, unit: int = 1, model: int | None = None) -> None:
        """Name a Modbus/TCP server, the unit in it, and the model if it has several with a register."""
        self._name = f"{host}:{port}, unit {unit}"
        self._unit = unit
        self._model = model
        self._host, self._port = host, port

    async def readings(self, meter: Meter) -> list[RegisterReading]:
        """What it shows now, if a second has passed since the latest report. Raises UnreadableError."""
        read_at = int(time.time())
        if read_at <= meter.read_at:
            return []
        client = AsyncModbusTcpClient(self._host, port=self._port, timeout=3, retries=1, reconnect_delay=0)
        try:
            if not await client.connect():
                raise UnreadableError(f"{self._name}: no answer; check the address and the network")
            energy, scale = await self._read(client)
        except (ModbusException, OSError) as error:
            raise UnreadableError(f"{self._name}: {error}; check the address and the network") from None
        finally:
            client.close()
        return [RegisterReading(self._unrolled(energy, scale, meter, read_at), read_at)]

    async def _read(self, client: AsyncModbusTcpClient) -> tuple[int, int]:
        """The accumulator as it is, and its power of ten."""
        found = await self._models(client)
        chosen = [number for number in found if self._model in (None, number)]
        told = ", ".join(f"{number} ({_MODELS[number].what})" for number in found)
        if not chosen:
            wanted = ", ".join(map(str, _MODELS)) if self._model is None else self._model
            raise UnreadableError(
                f"{self._name}: none of the models {wanted}, but {told or 'none with a register'}; "
                "name another unit with --unit, or model with --model"
            )
        if len(chosen) > 1:
            raise UnreadableError(f"{self._name}: several models, {told}; name one with --model")
        accumulator, address = _MODELS[chosen[0]], found[chosen[0]]
        count = accumulator.scale - accumulator.energy + 1
        high, low, *_, scale = await self._registers(client, address + accumulator.energy, count)
        energy, scale = high << 16 | low, scale - 2**16 if scale >= 2**15 else scale
        if not energy or scale == _NO_SCALE:
            raise UnreadableError(
                f"{self._name}: model {chosen[0]} does not tell its energy now; "
                "wait until it does, or name another with --model"
            )
        if not -10 <= scale <= 10:
            raise UnreadableError(f"{self._name}: model {chosen[0]} has a scale factor of {scale}; check it")
        return energy, scale

    async def _models(self, client: AsyncModbusTcpClient) -> dict[int, int]:
        """Those with an accumulator, and where each begins."""
        found: dict[int, int] = {}
        address = 2 + await self._base(client)
        for _ in range(_MOST_MODELS):
            model, length = await self._registers(client, address, 2)
            if model == _END:
                return found
            if model in _MODELS:
                found[model] = address
            address += 2 + length
        raise UnreadableError(f"{self._name}: its list of models does not end; check the device")

    async def _base(self, client: AsyncModbusTcpClient) -> int:
        for base in _BASES:
            answer = await client.read_holding_registers(base, count=2, device_id=self._unit)
            if not answer.isError() and answer.registers == _MARK:
                return base
        raise UnreadableError(f"{self._name}: does not speak SunSpec; check the address, or --unit")

    async def _registers(self, client: AsyncModbusTcpClient, address: int, count: int) -> list[int]:
        answer = await client.read_holding_registers(address, count=count, device_id=self._unit)
        if answer.isError() or len(answer.registers) != count:
            raise UnreadableError(f"{self._name}: refuses register {address} ({answer}); check the device")
        return list(answer.registers)

    def _unrolled(self, energy: int, scale: int, meter: Meter, read_at: int) -> int:
        """The register in Wh, with the rounds that the accumulator has made before."""
        rounds = max(0, (_accumulated(meter.register, scale) - energy + _CYCLE - 1) // _CYCLE)
        register = _wh(energy + rounds * _CYCLE, scale)
        highest = meter.highest_register(read_at)
        is_told = register <= highest and highest - meter.register < _wh(_CYCLE // 2, scale)
        if not rounds or is_told:
            return register
        return _wh(energy + (rounds - 1) * _CYCLE, scale)  # it has fallen, as the chain will say


def _wh(accumulated: int, scale: int) -> int:
    return accumulated * 10**scale if scale >= 0 else accumulated // 10**-scale


def _accumulated(wh: int, scale: int) -> int:
    """The least that makes so many Wh."""
    return -(-wh // 10**scale) if scale >= 0 else wh * 10**-scale
