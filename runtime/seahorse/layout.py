"""How values are laid out: Borsh's bytes of each type, its default, and the bytes Rust keeps it in.

`codec_of` has the codec of a type annotation as a program writes it: an integer, `f64`, `bool`, `str`,
`Pubkey`, an `Enum`, a class with fields, `List[T]`, `Array[T, n]` or `Tuple[...]`.
"""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

import builtins
import enum
import struct
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, get_args, get_origin

from seahorse.integers import INTEGERS, Integer, coerced, f64
from seahorse.keys import KEY_BYTES, Pubkey
from seahorse.rust import unsupported
from seahorse.values import Array, List, Text

_POINTER_BYTES = 8
_STRING_BYTES = _VEC_BYTES = 3 * _POINTER_BYTES
_U128_ALIGNMENT = 16  # as Rust has it since 1.77; before it was 8
HEAP_BYTES = 32 * 1024
_NUMBERS = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i8": "b", "i16": "h", "i32": "i", "i64": "q"}


class DecodeError(ValueError):
    """Bytes that are no value of the type."""


class OutOfMemoryError(Exception):
    """Bytes that say that there are more of them than a program has memory: it panics without a word."""


class Codec:
    """One type's bytes.

    Attributes:
        kind: The class of its values, where a value of just that class needs no more looking at.
        size: Bytes that Rust's `size_of` says.
        alignment: What its place is a multiple of.
        packed: struct's format of its bytes, if they are always as many; None otherwise.
        shared: Whether its values are shared by all who have them, as lists are.
    """

    kind: Any = None
    size = 0
    alignment = 1
    packed: str | None = None
    shared = False

    def default(self) -> Any:
        """What a new account has."""
        raise NotImplementedError

    def coerce(self, value: Any) -> Any:
        """The value as one of this type. Raises UnsupportedError for another's."""
        raise NotImplementedError

    def write(self, value: Any, out: bytearray) -> None:
        """Append its bytes."""
        raise NotImplementedError

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        """The value there, and where the next is. Raises DecodeError."""
        raise NotImplementedError


class _Packed(Codec):
    """A type of always as many bytes."""

    def __init__(self, packed: str) -> None:
        self.packed = packed
        self._struct = struct.Struct("<" + packed)

    def raw(self, value: Any) -> Any:
        """What struct is to pack."""
        return value

    def cooked(self, raw: Any) -> Any:
        """The value of what struct has unpacked. Raises DecodeError."""
        return raw

    def write(self, value: Any, out: bytearray) -> None:
        out += self._struct.pack(self.raw(value))

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        try:
            (raw,) = self._struct.unpack_from(data, at)
        except struct.error:
            raise DecodeError("too few bytes") from None
        return self.cooked(raw), at + self._struct.size


class _Number(_Packed):
    def __init__(self, kind: type[Integer]) -> None:
        super().__init__(_NUMBERS.get(kind.__name__, "16s"))
        self.kind = kind
        self.size = kind.BYTES
        self.alignment = min(kind.BYTES, _U128_ALIGNMENT)

    def default(self) -> Any:
        return self.kind(0)

    def coerce(self, value: Any) -> Any:
        return coerced(self.kind, value)

    def raw(self, value: Any) -> Any:
        if self.packed == "16s":
            return int(value).to_bytes(16, "little", signed=self.kind.SIGNED)
        return value

    def cooked(self, raw: Any) -> Any:
        if self.packed == "16s":
            raw = int.from_bytes(raw, "little", signed=self.kind.SIGNED)
        return int.__new__(self.kind, raw)


class _Float(_Packed):
    kind = f64
    size = alignment = 8

    def __init__(self) -> None:
        super().__init__("d")

    def default(self) -> Any:
        return f64(0.0)

    def coerce(self, value: Any) -> Any:
        return value if isinstance(value, f64) else f64(value)

    def raw(self, value: Any) -> Any:
        return float(value)

    def cooked(self, raw: Any) -> Any:
        if raw != raw:  # Borsh refuses it, since it equals nothing
            raise DecodeError("NaN")
        return f64(raw)


class _Bool(_Packed):
    kind = bool
    size = 1

    def __init__(self) -> None:
        super().__init__("B")

    def default(self) -> Any:
        return False

    def coerce(self, value: Any) -> Any:
        return value if value.__class__ is bool else unsupported(f"{value!r} where bool is wanted")

    def cooked(self, raw: Any) -> Any:
        if raw > 1:
            raise DecodeError("no bool")
        return raw == 1


class _Key(_Packed):
    kind = Pubkey
    size = KEY_BYTES

    def __init__(self) -> None:
        super().__init__(f"{KEY_BYTES}s")

    def default(self) -> Any:
        return Pubkey()

    def coerce(self, value: Any) -> Any:
        if isinstance(value, str | int):
            unsupported(f"{value!r} where Pubkey is wanted")
        return Pubkey(value)

    def cooked(self, raw: Any) -> Any:
        return bytes.__new__(Pubkey, raw)


class _Enum(_Packed):
    def __init__(self, kind: Any) -> None:
        super().__init__("B")
        self.kind = kind
        self._variants = list(kind)
        self._numbers = {variant: number for number, variant in enumerate(self._variants)}
        self.size = 1 if len(self._variants) > 1 else 0

    def default(self) -> Any:
        return self._variants[0]

    def coerce(self, value: Any) -> Any:
        if value.__class__ is not self.kind:
            unsupported(f"{value!r} where {self.kind.__name__} is wanted")
        return value

    def raw(self, value: Any) -> Any:
        return self._numbers[value]

    def cooked(self, raw: Any) -> Any:
        if raw >= len(self._variants):
            raise DecodeError(f"no {self.kind.__name__}")
        return self._variants[raw]


class _Text(Codec):
    kind = builtins.str
    size, alignment = _STRING_BYTES, _POINTER_BYTES

    def default(self) -> Any:
        return ""

    def coerce(self, value: Any) -> Any:
        return value if isinstance(value, builtins.str) else unsupported(f"{value!r} where str is wanted")

    def write(self, value: Any, out: bytearray) -> None:
        encoded = value.encode()
        out += struct.pack("<I", len(encoded)) + encoded

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        length, at = _length(data, at)
        if length > HEAP_BYTES:
            raise OutOfMemoryError("a program has 32 KiB of memory")
        if at + length > len(data):
            raise DecodeError("too few bytes")
        try:
            return bytes(data[at : at + length]).decode(), at + length
        except UnicodeDecodeError as error:
            raise DecodeError("no UTF-8") from error


def _length(data: bytes, at: int) -> tuple[int, int]:
    if at + 4 > len(data):
        raise DecodeError("too few bytes")
    return int.from_bytes(data[at : at + 4], "little"), at + 4


class _Sequence(Codec):
    """A List, or with a length an Array."""

    alignment = _POINTER_BYTES
    size = _VEC_BYTES
    shared = True

    def __init__(self, element: Codec, length: int | None) -> None:
        self._element, self._length = element, length
        if length is not None:
            self.size, self.alignment = element.size * length, element.alignment

    def default(self) -> Any:
        if self._length is None:
            return List()
        return Array([self._element.default() for _ in range(self._length)])

    def coerce(self, value: Any) -> Any:
        if not isinstance(value, list):
            unsupported(f"{type(value).__name__} where a list is wanted")
        if self._length not in (None, len(value)):
            unsupported(f"{len(value)} elements where {self._length} are wanted")
        shared = isinstance(value, Array if self._length is not None else List)
        elements: Iterable[Any] = map(self._element.coerce, value)
        if shared:  # the same list, as Python and Seahorse have it
            list.__init__(value, list(elements))
            return value
        return List(elements) if self._length is None else Array(elements)

    def write(self, value: Any, out: bytearray) -> None:
        if self._length is None:
            out += struct.pack("<I", len(value))
        for element in value:
            self._element.write(element, out)

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        length, at = (self._length, at) if self._length is not None else _length(data, at)
        elements: list[Any] = []
        for _ in range(length):
            element, at = self._element.read(data, at)
            elements.append(element)
        return (List if self._length is None else Array)(elements), at


class _Tuple(Codec):
    kind = None

    def __init__(self, parts: list[Codec]) -> None:
        self._parts = parts
        self.size, self.alignment = _size_of(parts)

    def default(self) -> Any:
        return tuple(part.default() for part in self._parts)

    def coerce(self, value: Any) -> Any:
        if not isinstance(value, tuple) or len(value) != len(self._parts):
            unsupported(f"{value!r} where a tuple of {len(self._parts)} is wanted")
        return tuple(part.coerce(each) for part, each in zip(self._parts, value, strict=True))

    def write(self, value: Any, out: bytearray) -> None:
        for part, each in zip(self._parts, value, strict=True):
            part.write(each, out)

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        values: list[Any] = []
        for part in self._parts:
            value, at = part.read(data, at)
            values.append(value)
        return tuple(values), at


class Fields(Codec):
    """A class with fields: an account, an event, or a class of the program's own."""

    shared = True

    def __init__(self, kind: Any, annotations: dict[str, Any]) -> None:
        """The fields, in their order."""
        self.kind = kind
        self.codecs = {name: codec_of(annotation) for name, annotation in annotations.items()}
        self.kinds = {name: codec.kind for name, codec in self.codecs.items()}
        self.size, self.alignment = _size_of(list(self.codecs.values()))
        fixed = [codec for codec in self.codecs.values() if isinstance(codec, _Packed)]
        self._struct = None
        if len(fixed) == len(self.codecs):
            self._struct = struct.Struct("<" + "".join(codec.packed or "" for codec in fixed))
            self._unpack = _unpacker(self._struct, dict(zip(self.codecs, fixed, strict=True)))
            self._pack = _packer(self._struct, dict(zip(self.codecs, fixed, strict=True)))

    def defaults(self) -> dict[str, Any]:
        """Each field of a new one."""
        return {name: codec.default() for name, codec in self.codecs.items()}

    def default(self) -> Any:
        made = self.kind.__new__(self.kind)
        made.__dict__.update(self.defaults())
        return made

    def coerce(self, value: Any) -> Any:
        if not isinstance(value, self.kind):
            unsupported(f"{type(value).__name__} where {self.kind.__name__} is wanted")
        return value

    def write(self, value: Any, out: bytearray) -> None:
        out += self.packed_fields(value.__dict__)

    def read(self, data: bytes, at: int) -> tuple[Any, int]:
        fields, at = self.read_fields(data, at)
        made = self.kind.__new__(self.kind)
        made.__dict__.update(fields)
        return made, at

    def packed_fields(self, fields: dict[str, Any]) -> bytes:
        """Their bytes. Each must be of its type already."""
        if self._struct is not None:
            return self._pack(fields)
        out = bytearray()
        for name, codec in self.codecs.items():
            codec.write(fields[name], out)
        return bytes(out)

    def read_fields(self, data: bytes, at: int = 0) -> tuple[dict[str, Any], int]:
        """The fields there, and where they end. Raises DecodeError."""
        if self._struct is not None:
            if at + self._struct.size > len(data):
                raise DecodeError("too few bytes")
            return self._unpack(data, at), at + self._struct.size
        fields: dict[str, Any] = {}
        for name, codec in self.codecs.items():
            fields[name], at = codec.read(data, at)
        return fields, at


def _unpacker(form: struct.Struct, codecs: dict[str, _Packed]) -> Callable[[bytes, int], dict[str, Any]]:
    """A function written for these fields: to look each one up takes three times as long."""
    scope: dict[str, Any] = {"unpack": form.unpack_from, "new_int": int.__new__, "new_key": bytes.__new__}
    cooked: list[str] = []
    for number, (name, codec) in enumerate(codecs.items()):
        scope |= {f"k{number}": codec.kind, f"c{number}": codec.cooked}
        if isinstance(codec, _Number) and codec.packed != "16s":
            made = f"new_int(k{number}, v{number})"
        elif isinstance(codec, _Key):
            made = f"new_key(k{number}, v{number})"
        else:
            made = f"c{number}(v{number})"
        cooked.append(f"{name!r}: {made}")
    raw = "".join(f"v{number}, " for number in range(len(codecs)))
    body = f"    {raw}= unpack(data, at)\n" if codecs else ""
    exec(f"def read(data, at):\n{body}    return {{{', '.join(cooked)}}}", scope)  # noqa: S102
    return scope["read"]


def _packer(form: struct.Struct, codecs: dict[str, _Packed]) -> Callable[[dict[str, Any]], bytes]:
    scope: dict[str, Any] = {"pack": form.pack}
    raw: list[str] = []
    for number, (name, codec) in enumerate(codecs.items()):
        scope[f"r{number}"] = codec.raw
        simple = isinstance(codec, _Key | _Bool) or (isinstance(codec, _Number) and codec.packed != "16s")
        raw.append(f"f[{name!r}]" if simple else f"r{number}(f[{name!r}])")
    exec(f"def write(f):\n    return pack({', '.join(raw)})", scope)  # noqa: S102
    return scope["write"]


def constructor(fields: Fields) -> Callable[..., None]:
    """A constructor of these fields, in their order or by name, each held to its type."""
    scope: dict[str, Any] = {}
    lines: list[str] = []
    for number, (name, codec) in enumerate(fields.codecs.items()):
        scope |= {f"kind{number}": codec.kind, f"coerce{number}": codec.coerce}
        lines.append(f"    if {name}.__class__ is not kind{number}: {name} = coerce{number}({name})")
    lines.append(f"    self.__dict__.update({', '.join(f'{name}={name}' for name in fields.codecs)})")
    exec(f"def __init__(self, {', '.join(fields.codecs)}):\n" + "\n".join(lines), scope)  # noqa: S102
    return scope["__init__"]


def _size_of(parts: list[Codec]) -> tuple[int, int]:
    """Rust's size_of and align_of of these together: it orders them so that no more padding is needed."""
    alignment = max((part.alignment for part in parts), default=1)
    size = sum(part.size for part in parts)
    return -(-size // alignment) * alignment, alignment


@cache
def _plain_codec(annotation: Any) -> Codec | None:
    if annotation in INTEGERS:
        return _Number(annotation)
    if annotation in (float, f64):
        return _Float()
    if annotation is bool:
        return _Bool()
    if annotation in (Text, builtins.str):
        return _Text()
    if isinstance(annotation, type):
        if issubclass(annotation, Pubkey):
            return _Key()
        if issubclass(annotation, enum.Enum):
            return _Enum(annotation)
        if "__annotations__" in annotation.__dict__:
            return Fields(annotation, annotation.__annotations__)
    return None


def codec_of(annotation: Any) -> Codec:
    """The codec of a type as a program writes it. Raises UnsupportedError for one that Seahorse has not."""
    origin = get_origin(annotation)
    if origin is None:
        found = _plain_codec(annotation)
        return found or unsupported(f"{annotation!r} as a type of a field or argument")
    arguments = get_args(annotation)
    if origin is Array:
        return _Sequence(codec_of(arguments[0]), int(arguments[1]))
    if origin in (List, list):
        return _Sequence(codec_of(arguments[0]), None)
    if origin is tuple:
        return _Tuple([codec_of(argument) for argument in arguments])
    return unsupported(f"{annotation!r} as a type of a field or argument")
