"""A program as its IDL lays it out: accounts and events from bytes, instructions to bytes, addresses.

The IDL is the one that is built with the program. A module of the package gives it names and types, and
cannot be imported if the two disagree.
"""

import json
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from hashlib import sha256
from struct import Struct
from typing import Any, Generic, TypeVar, cast, get_type_hints

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM_ID
from solders.sysvar import CLOCK, RENT
from spl.token.constants import TOKEN_PROGRAM_ID

from amalgam import AmalgamError, built

WELL_KNOWN = {
    "clock": CLOCK,
    "rent": RENT,
    "system_program": SYSTEM_PROGRAM_ID,
    "token_program": TOKEN_PROGRAM_ID,
}

_DISCRIMINATOR_BYTES = 8
_Part = TypeVar("_Part")
_Record = TypeVar("_Record")


class ProgramLayout:
    """A program's addresses, layouts and instructions.

    Attributes:
        program_id: Where it is deployed.
        instructions: By their names, as the IDL has them.
    """

    def __init__(self, name: str, program_id: Pubkey) -> None:
        """Read the IDL that was built with the program of that name."""
        idl: Mapping[str, Any] = json.loads(built(f"{name}.json").read_text("utf-8"))
        self._name = name
        self.program_id = program_id
        enums = {
            each["name"]: [variant["name"] for variant in each["type"]["variants"]]
            for each in idl.get("types", ())
        }
        self.instructions = {
            snake(each["name"]): InstructionLayout(program_id, each, enums) for each in idl["instructions"]
        }
        self._accounts = {each["name"]: each["type"]["fields"] for each in idl["accounts"]}
        self._events = {each["name"]: each["fields"] for each in idl["events"]}

    def address(self, *seeds: bytes) -> Pubkey:
        """The program's address of these seeds."""
        return _derived(self.program_id, *seeds)

    def account(self, record: type[_Record]) -> "RecordLayout[_Record]":
        """The layout of the account of that name. Raises TypeError if the IDL has others or none."""
        return RecordLayout(record, "account", self._in_idl(self._accounts, record.__name__))

    def build(self, instruction: str, **values: Pubkey | int) -> Instruction:
        """An instruction with its accounts and arguments, but for what is well known.

        Raises ValueError, by the argument's name, if one does not fit its type, and TypeError if one is
        missing or unknown, or the IDL has no such instruction.
        """
        return self._in_idl(self.instructions, instruction).build(**values)

    def events(self, records: Iterable[type[_Record]]) -> "EventReader[_Record]":
        """A reader of these events. Raises TypeError if the IDL has other fields, or lacks one."""
        layouts = (
            RecordLayout(record, "event", self._in_idl(self._events, record.__name__)) for record in records
        )
        program = str(self.program_id)
        return EventReader({(program, layout.discriminator): layout for layout in layouts})

    def _in_idl(self, parts: Mapping[str, _Part], name: str) -> _Part:
        if name not in parts:
            raise TypeError(f"{name} is not in the IDL of {self._name}; run seahorse build")
        return parts[name]


@lru_cache(maxsize=10_000)
def _derived(program_id: Pubkey, *seeds: bytes) -> Pubkey:
    return Pubkey.find_program_address(seeds, program_id)[0]


# Records. All fields of these programs are of fixed size, so Borsh is Struct's little-endian packing.

_STRUCT_CODES = {"bool": "?", "u8": "B", "u16": "H", "u64": "Q", "i64": "q", "publicKey": "32s"}
_RANGES = {"u8": (0, 2**8 - 1), "u16": (0, 2**16 - 1), "u64": (0, 2**64 - 1), "i64": (-(2**63), 2**63 - 1)}


class RecordLayout(Generic[_Record]):
    """How an account's or an event's bytes become a dataclass.

    Attributes:
        discriminator: The first bytes, which tell what it is.
        offsets: Bytes before each field.
    """

    def __init__(self, record: type[_Record], namespace: str, fields: Sequence[Mapping[str, Any]]) -> None:
        """Compare a dataclass with the IDL's fields. Raises TypeError if they disagree."""
        types = get_type_hints(record)
        names = [snake(field["name"]) for field in fields]
        if list(types) != names:
            raise TypeError(f"{record.__name__} has not the fields of the program's IDL: {', '.join(names)}")
        self._record = record
        self._types = tuple(types.values())
        self._struct = _struct(fields)
        self.discriminator = discriminator(namespace, record.__name__)
        self.offsets = {
            name: _DISCRIMINATOR_BYTES + _struct(fields[:index]).size for index, name in enumerate(names)
        }

    def decode(self, data: bytes) -> _Record:
        """The dataclass. Raises ValueError if the data is something else's."""
        if not data.startswith(self.discriminator) or len(data) < _DISCRIMINATOR_BYTES + self._struct.size:
            raise ValueError(f"not the data of a {self._record.__name__}")
        values = self._struct.unpack_from(data, _DISCRIMINATOR_BYTES)
        return self._record(*(to_type(value) for to_type, value in zip(self._types, values, strict=True)))


class InstructionLayout:
    """An instruction of the IDL, to be filled in, or read."""

    def __init__(
        self, program_id: Pubkey, idl: Mapping[str, Any], enums: Mapping[str, Sequence[str]]
    ) -> None:
        """Take an instruction from the IDL's list, which has enums with these variants."""
        self._program_id = program_id
        self._name = snake(idl["name"])
        self._discriminator = discriminator("global", self._name)
        self._accounts = [(snake(a["name"]), a["isSigner"], a["isMut"]) for a in idl["accounts"]]
        self._arguments = [(snake(a["name"]), _type_name(a)) for a in idl["args"]]
        self._required = {name for name, *_ in [*self._accounts, *self._arguments]} - WELL_KNOWN.keys()
        self._struct = _struct(idl["args"])
        self._enums = [
            enums[each["type"]["defined"]] if isinstance(each["type"], dict) else None for each in idl["args"]
        ]

    def read(self, instruction: Instruction) -> tuple[dict[str, Any], list[str]] | None:
        """The arguments of an instruction, and the names of its accounts; None if it is not exactly this."""
        data = instruction.data
        if len(data) != _DISCRIMINATOR_BYTES + self._struct.size or not data.startswith(self._discriminator):
            return None
        if len(instruction.accounts) < len(self._accounts):
            return None
        values = self._struct.unpack_from(data, _DISCRIMINATOR_BYTES)
        arguments = {
            name: _readable(value, enum)
            for (name, _), value, enum in zip(self._arguments, values, self._enums, strict=True)
        }
        return arguments, [name for name, *_ in self._accounts]

    def build(self, **values: Pubkey | int) -> Instruction:
        """As `ProgramLayout.build`."""
        if values.keys() != self._required:
            self._check_names(values.keys())
        addresses = cast(dict[str, Pubkey], WELL_KNOWN | values)
        accounts = [AccountMeta(addresses[name], signs, writes) for name, signs, writes in self._accounts]
        arguments = (_argument(name, type_name, values[name]) for name, type_name in self._arguments)
        return Instruction(self._program_id, self._discriminator + self._struct.pack(*arguments), accounts)

    def _check_names(self, given: AbstractSet[str]) -> None:
        if missing := self._required - given:
            raise TypeError(f"{self._name} lacks {', '.join(sorted(missing))}")
        if unknown := given - self._required - WELL_KNOWN.keys():
            raise TypeError(f"{self._name} takes no {', '.join(sorted(unknown))}")


def _argument(name: str, type_name: str, value: Pubkey | int) -> int | bytes:
    return bytes(value) if isinstance(value, Pubkey) else checked(name, type_name, value)


def _readable(value: Any, enum: Sequence[str] | None) -> Any:
    if isinstance(value, bytes):
        return Pubkey.from_bytes(value)
    return enum[value] if enum and value < len(enum) else value


def checked(name: str, type_name: str, value: int) -> int:
    """An argument's value. Raises ValueError, by its name, if it does not fit its type in the IDL."""
    low, high = _RANGES[type_name]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError(f"{name} must be an integer from {low} to {high}, not {value!r}")
    return value


def snake(camel: str) -> str:
    """A name of the IDL as Python has it."""
    return re.sub("(?=[A-Z])", "_", camel).lower()


def discriminator(namespace: str, name: str) -> bytes:
    """What the data of an instruction, an account or an event of that name begin with."""
    return sha256(f"{namespace}:{name}".encode()).digest()[:_DISCRIMINATOR_BYTES]


def _type_name(field: Mapping[str, Any]) -> str:
    # A dict is a type that the IDL defines. The only one is an enum: its index, in a byte.
    return "u8" if isinstance(field["type"], dict) else field["type"]


def _struct(fields: Sequence[Mapping[str, Any]]) -> Struct:
    return Struct("<" + "".join(_STRUCT_CODES[_type_name(field)] for field in fields))


# Events, as a transaction's log has them

_INVOKED = re.compile(r"Program (\w+) invoke \[\d+\]")
_SUCCEEDED = re.compile(r"Program \w+ success\b")
_FAILED = re.compile(r"Program \w+ failed\b")
_DATA = "Program data: "
_TRUNCATED = "Log truncated"


class TruncatedLogError(AmalgamError, ValueError):
    """A transaction logged more than nodes keep: events of it are lost."""


class EventReader(Generic[_Record]):
    """Finds events in logs: of a program's own, or of several programs'."""

    def __init__(self, layouts: Mapping[tuple[str, bytes], RecordLayout[_Record]]) -> None:
        """Read what programs themselves have logged, by their ids and the events' discriminators."""
        self._layouts = layouts
        self._programs = {program for program, _ in layouts}

    def __or__(self, other: "EventReader[Any]") -> "EventReader[Any]":
        """A reader of both programs' events, which goes through a log once."""
        return EventReader[Any]({**self._layouts, **other._layouts})

    def read(self, logs: Iterable[str]) -> list[_Record]:
        """The events in a transaction's logs, in order.

        A transaction that failed has none: what it did was undone. Unknown events, as of a later version of
        the program, are passed over. Raises TruncatedLogError if the log is not whole.
        """
        found: list[_Record] = []
        running: list[str] = []
        for line in logs:
            if line == _TRUNCATED:
                raise TruncatedLogError("a transaction's log was cut off, and events of it are lost")
            if _FAILED.match(line):
                return []
            if invoked := _INVOKED.match(line):
                running.append(invoked[1])
            elif _SUCCEEDED.match(line):
                running.pop()
            elif line.startswith(_DATA) and running[-1] in self._programs:
                data = b64decode(line.removeprefix(_DATA))
                layout = self._layouts.get((running[-1], data[:_DISCRIMINATOR_BYTES]))
                if layout is not None:
                    found.append(layout.decode(data))
        return found
