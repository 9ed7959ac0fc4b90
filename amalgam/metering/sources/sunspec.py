"""Registers from solar inverters and their meters that speak SunSpec over Modbus/TCP.

A SunSpec map is a list of models: each has a number, a length in registers of 16 bits, and so many registers.
A model is named here by its number and the address of the register that holds the number: `203@40070`.
"""

import json
import logging
import math
import re
import struct
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException, ModbusIOException
from pymodbus.pdu import ExceptionResponse

from amalgam.metering.program import Meter
from amalgam.metering.sources.protocol import Found, RegisterReading, UnreadableError
from amalgam.units import U64_MAX

logging.getLogger("pymodbus").addHandler(logging.NullHandler())  # its errors are exceptions, too

_TIMEOUT_S = 3
_BASES = (40_000, 50_000, 0)  # where the map may begin
_MARK = [0x5375, 0x6E53]  # "SunS"
_ADDRESSES = 2**16
_MOST_MODELS = 200  # more are none
_NOT_A_MODEL = (0, 0x8000, 0xFFFF)  # in place of a model's number: nothing, an absent device, the end
_BEHIND_THE_MAP = (1, 2, 3, 4)  # exception codes for what is not there; others pass
_COMMON = 1  # the model that tells whose the models are that follow it
_COMMON_LENGTH = 64  # up to the serial number
_ACCUMULATOR = ">I"
_UNTOLD = {_ACCUMULATOR: (0,), ">Q": (2**64 - 1,), ">f": ()}  # in place of an energy
_CYCLE = 2**32  # of an accumulator of 32 bits, which goes on from 0
_NO_SCALE = -(2**15)
_CHOICE = re.compile(r"([0-9]{1,5})(?:@([0-9]{1,5}))?")


class _Energy(NamedTuple):
    """Where in a model, from its number on, the energy is that it has delivered, in Wh."""

    what: str
    at: int
    format: str  # as in struct
    scale_at: int | None = None  # of the power of ten that it is multiplied by


_ENERGIES = {
    **dict.fromkeys((101, 102, 103), _Energy("inverter", 24, _ACCUMULATOR, 26)),
    **dict.fromkeys((111, 112, 113), _Energy("inverter", 32, ">f")),
    **dict.fromkeys((201, 202, 203, 204), _Energy("meter, exported", 38, _ACCUMULATOR, 54)),
    701: _Energy("generator, injected", 19, ">Q", 120),
}


class ModelChoice(NamedTuple):
    """One of a device's models: its number, and its address if there are several of that number."""

    number: int
    address: int | None = None

    def is_of(self, model: "_Model") -> bool:
        """Whether it names that model."""
        return self.number == model.number and self.address in (None, model.address)

    def __str__(self) -> str:
        """Return it as it is written: `203` or `203@40070`."""
        return str(self.number) if self.address is None else f"{self.number}@{self.address}"


def model_choice(text: str) -> ModelChoice:
    """The model that `203` or `203@40070` names. Raises ValueError."""
    match = _CHOICE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a model; write it like 203, or 203@40070 with its address")
    if int(match[1]) not in _ENERGIES:
        raise ValueError(f"model {match[1]} is not one of {_listed(_ENERGIES)}, which tell an energy")
    return ModelChoice(int(match[1]), int(match[2]) if match[2] else None)


class _Model(NamedTuple):
    """A model in a device's map."""

    number: int
    address: int
    length: int  # without number and length

    def __str__(self) -> str:
        return f"{self.number}@{self.address}"


class _Known(NamedTuple):
    """The chosen model, and its device."""

    chosen: _Model
    identity: str  # manufacturer, model and serial number of the device that the chosen model is of
    models: list[_Model]

    def changes(self, now: "_Known") -> list[str]:
        """The differences from the device of today."""
        gone = [
            f"{each} of {each.length} registers is gone" for each in self.models if each not in now.models
        ]
        new = [f"{each} of {each.length} registers is new" for each in now.models if each not in self.models]
        other = [f"it is {now.identity or 'unnamed'}, and was {self.identity or 'unnamed'}"]
        return [*gone, *new, *other * (self.identity != now.identity)]


class SunSpecRegister:
    """The energy that an inverter has made, or a meter exported, as SunSpec's models 101 and others tell it.

    An accumulator of 32 bits begins again after 4,294,967,295. How often it did is told from the meter's
    latest report; if the meter's rating leaves room for another time round, it is not guessed.
    """

    def __init__(
        self,
        host: str,
        port: int = 502,
        *,
        unit: int = 1,
        model: ModelChoice | None = None,
        known: Path | None = None,
    ) -> None:
        """Name a Modbus/TCP server.

        Args:
            host: Its name or address.
            port: Its TCP port.
            unit: The Modbus unit in it.
            model: The model to read; needed if several have an energy.
            known: The file that keeps what was chosen, and of what device, from the first reading on. Another
                device or map is refused then. None keeps nothing.
        """
        self._name = f"{host}:{port}, unit {unit}"
        self._unit = unit
        self._model = model
        self._known = known
        self._host, self._port = host, port

    async def read(self, meter: Meter) -> Found:
        """Read what it shows now, if a second has passed since the latest report. Raises UnreadableError."""
        read_at = int(time.time())
        if read_at <= meter.read_at:
            return Found([])
        client = AsyncModbusTcpClient(
            self._host, port=self._port, timeout=_TIMEOUT_S, retries=1, reconnect_delay=0
        )
        try:
            if not await client.connect():
                raise self._unreadable("no answer; check the address and the network")
            register = await self._register(_Device(client, self._unit, self._name), meter, read_at)
        except (ModbusException, OSError) as error:
            raise self._unreadable(f"{error}; check the address and the network") from None
        finally:
            client.close()
        return Found([RegisterReading(register, read_at)])

    async def _register(self, device: "_Device", meter: Meter, read_at: int) -> int:
        kept, choice = self._kept(), self._model
        models = await device.models()
        if kept is not None:
            self._compare(kept, kept._replace(models=_decisive(models, kept.chosen)))
            choice = choice or ModelChoice(kept.chosen.number, kept.chosen.address)
        model = await self._chosen(device, models, choice)
        now = _Known(model, await device.identity(models, model), _decisive(models, model))
        if kept is not None:
            self._compare(kept, now)
        energy, scale = await device.energy(model)
        if _ENERGIES[model.number].format == _ACCUMULATOR:
            energy = _unrolled(energy, scale, meter, read_at)
        register = _wh(energy, scale)
        if register > U64_MAX:
            raise self._unreadable(f"model {model} tells more than the chain can count; check the device")
        if kept is None:
            self._keep(now)
        return register

    async def _chosen(
        self, device: "_Device", models: Sequence[_Model], choice: ModelChoice | None
    ) -> _Model:
        with_energy = [model for model in models if model.number in _ENERGIES]
        chosen = [model for model in with_energy if choice is None or choice.is_of(model)]
        if not chosen:
            missing = f"no model {choice}" if choice else f"none of the models {_listed(_ENERGIES)}"
            remedy = "name another unit with --unit" + ", or model with --model" * bool(with_energy)
            raise self._unreadable(f"it has {missing}, but {_listed(models) or 'none at all'}; {remedy}")
        if len(chosen) > 1:
            told = [await self._described(device, models, model) for model in chosen]
            raise self._unreadable(f"several models, {', '.join(told)}; choose one, like --model {chosen[0]}")
        return chosen[0]

    async def _described(self, device: "_Device", models: Sequence[_Model], model: _Model) -> str:
        identity = await device.identity(models, model)
        return f"{model} ({_ENERGIES[model.number].what}{identity and f' of {identity}'})"

    def _kept(self) -> _Known | None:
        """The earlier choice. Raises UnreadableError."""
        path = self._known
        if path is None or not path.exists():
            return None
        try:
            kept: Any = json.loads(path.read_text())
            chosen, *models = [_Model(*map(int, each)) for each in (kept["chosen"], *kept["models"])]
            return _Known(chosen, str(kept["identity"]), models)
        except (OSError, ValueError, TypeError, KeyError):
            raise self._unreadable(
                f"{path} does not tell the model that was chosen; remove it to choose anew"
            ) from None

    def _keep(self, now: _Known) -> None:
        """Write the file whole, or not at all."""
        path = self._known
        if path is None:
            return
        part = path.with_name(f"{path.name}.part")
        try:
            part.write_text(json.dumps(now._asdict()) + "\n")
            part.replace(path)
        except OSError as error:
            raise self._unreadable(f"{path} keeps the chosen model: {error}; make it writable") from None

    def _compare(self, kept: _Known, now: _Known) -> None:
        if now == kept:
            return
        changes = kept.changes(now) or [f"--model names {now.chosen}"]
        raise self._unreadable(
            f"not as it was when model {kept.chosen} was chosen: {', '.join(changes)}; "
            f"check the device; to choose again, remove {self._known} and name the model with --model"
        )

    def _unreadable(self, problem: str) -> UnreadableError:
        return UnreadableError(f"{self._name}: {problem}")


class _Device:
    """A SunSpec device, while it is connected."""

    def __init__(self, client: AsyncModbusTcpClient, unit: int, name: str) -> None:
        self._client = client
        self._unit = unit
        self._name = name

    async def models(self) -> list[_Model]:
        """Read its map, up to what is not a model. Raises UnreadableError."""
        found: list[_Model] = []
        address = 2 + await self._base()
        while len(found) < _MOST_MODELS and address + 2 <= _ADDRESSES:
            header = await self._registers(address, 2)
            if isinstance(header, ExceptionResponse):
                if header.exception_code in _BEHIND_THE_MAP:
                    break
                raise self._refused(address, header)
            model = _Model(header[0], address, header[1])
            address += 2 + model.length
            if model.number in _NOT_A_MODEL or address > _ADDRESSES:
                break
            found.append(model)
        return found

    async def energy(self, model: _Model) -> tuple[int, int]:
        """Read a model's energy as it is, and its power of ten. Raises UnreadableError."""
        place = _ENERGIES[model.number]
        size = struct.calcsize(place.format)
        last = place.at + size // 2 - 1 if place.scale_at is None else place.scale_at
        if last > model.length + 1:
            raise self._unreadable(f"model {model} has {model.length} registers, too few; check the device")
        registers = await self._block(model.address + place.at, last - place.at + 1)
        data = struct.pack(f">{len(registers)}H", *registers)
        (energy,) = struct.unpack_from(place.format, data)
        scale = 0 if place.scale_at is None else struct.unpack_from(">h", data, len(data) - 2)[0]
        if not math.isfinite(energy) or energy < 0 or energy in _UNTOLD[place.format] or scale == _NO_SCALE:
            raise self._unreadable(
                f"model {model} does not tell its energy now; "
                "wait until it does, or name another with --model"
            )
        if not -10 <= scale <= 10:
            raise self._unreadable(f"model {model} has a scale factor of {scale}; check the device")
        return int(energy), scale

    async def identity(self, models: Sequence[_Model], model: _Model) -> str:
        """Read manufacturer, model and serial number of the device that a model is of, as told."""
        before = [each for each in models if each.number == _COMMON and each.address < model.address]
        if not before or before[-1].length < _COMMON_LENGTH:
            return ""
        registers = await self._block(before[-1].address + 2, _COMMON_LENGTH)
        texts = [_text(registers[at : at + 16]) for at in (0, 16, 48)]
        return " ".join(filter(None, texts))

    async def _base(self) -> int:
        answers: list[str] = []
        for base in _BASES:
            try:
                found = await self._registers(base, 2)
            except ModbusIOException:
                answers.append(f"no answer at {base}")
                continue
            if found == _MARK:
                return base
            refused = isinstance(found, ExceptionResponse)
            answers.append(f"exception {found.exception_code} at {base}" if refused else f"{found} at {base}")
        told = ", ".join(answers)
        raise self._unreadable(f"does not speak SunSpec: {told}; check the address, or --unit")

    async def _block(self, address: int, count: int) -> list[int]:
        found = await self._registers(address, count)
        if isinstance(found, ExceptionResponse):
            raise self._refused(address, found)
        return found

    async def _registers(self, address: int, count: int) -> list[int] | ExceptionResponse:
        answer = await self._client.read_holding_registers(address, count=count, device_id=self._unit)
        if isinstance(answer, ExceptionResponse):
            return answer
        if len(answer.registers) != count:
            problem = f"{len(answer.registers)} registers in place of {count} from {address} on"
            raise self._unreadable(f"{problem}; check the device")
        return list(answer.registers)

    def _refused(self, address: int, answer: ExceptionResponse) -> UnreadableError:
        problem = f"refuses register {address} with exception {answer.exception_code}"
        return self._unreadable(f"{problem}; check the device")

    def _unreadable(self, problem: str) -> UnreadableError:
        return UnreadableError(f"{self._name}: {problem}")


def _decisive(models: Sequence[_Model], chosen: _Model) -> list[_Model]:
    """The models up to the chosen one, and those behind that could be taken for it.

    What else is behind may be no models at all, if the map has no end mark.
    """
    return [each for each in models if each.address <= chosen.address or each.number in (_COMMON, *_ENERGIES)]


def _text(registers: Sequence[int]) -> str:
    """ASCII in registers, as far as it can be printed."""
    data = struct.pack(f">{len(registers)}H", *registers).partition(b"\0")[0]
    return "".join(
        character for character in data.decode("ascii", "ignore") if character.isprintable()
    ).strip()


def _listed(things: Iterable[object]) -> str:
    return ", ".join(map(str, things))


def _unrolled(energy: int, scale: int, meter: Meter, read_at: int) -> int:
    """The accumulator with the rounds that it has made before."""
    rounds = max(0, (_accumulated(meter.register, scale) - energy + _CYCLE - 1) // _CYCLE)
    unrolled = energy + rounds * _CYCLE
    highest = meter.highest_register(read_at)
    is_told = _wh(unrolled, scale) <= highest and highest - meter.register < _wh(_CYCLE // 2, scale)
    if not rounds or is_told:
        return unrolled
    return unrolled - _CYCLE  # it has fallen, as the chain will say


def _wh(accumulated: int, scale: int) -> int:
    return accumulated * 10**scale if scale >= 0 else accumulated // 10**-scale


def _accumulated(wh: int, scale: int) -> int:
    """The least that makes so many Wh."""
    return -(-wh // 10**scale) if scale >= 0 else wh * 10**-scale
