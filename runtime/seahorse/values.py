"""Lists, arrays and the built-in functions, as Seahorse compiles them to Rust."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

import builtins
import itertools
from collections.abc import Callable, Iterable
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from seahorse import context
from seahorse.integers import Integer, common, f64, i32, saturated, u8, u64
from seahorse.rust import CAST, NONE, debug, display, panic, unsupported

T = TypeVar("T")
N = TypeVar("N")


def _position(index: Any, length: int) -> int:
    """An index of a list as Seahorse finds it: from the end if negative."""
    if not isinstance(index, int) or isinstance(index, bool):
        unsupported(f"{type(index).__name__} as an index: an integer is")
    place = index + length if index < 0 else index
    if not 0 <= place < 1 << 64:
        panic(CAST)
    if place >= length:
        panic(f"index out of bounds: the len is {length} but the index is {int(place)}")
    return int(place)


class List(list[T]):
    """A list that grows: Rust's `Vec`, shared by all who have it."""

    def __getitem__(self, index: Any) -> Any:
        return list.__getitem__(self, _position(index, builtins.len(self)))

    def __setitem__(self, index: Any, value: Any) -> None:
        place = _position(index, builtins.len(self))
        list.__setitem__(self, place, like(list.__getitem__(self, place), value))

    def __add__(self, other: Any) -> List[T]:
        return List([*self, *other])

    def append(self, value: T) -> None:
        """Put it at the end."""
        list.append(self, like(list.__getitem__(self, 0), value) if self else value)

    def pop(self) -> T:  # type: ignore[override]
        """Take the last away. Stops the program if there is none."""
        if not self:
            panic(NONE)
        return list.pop(self)

    def __getattribute__(self, name: str) -> Any:
        if name in _LIST_METHODS:
            unsupported(f"List.{name}: Seahorse has append and pop")
        return list.__getattribute__(self, name)

    def __rust_debug__(self) -> str:
        return f"RefCell {{ value: [{', '.join(builtins.map(debug, self))}] }}"


_LIST_METHODS = frozenset(
    ["extend", "insert", "remove", "clear", "index", "count", "sort", "reverse", "copy"]
)


class Array(List[T], Generic[T, N]):
    """A list of a length that never changes."""

    if not TYPE_CHECKING:

        def __class_getitem__(cls, arguments: Any) -> Any:
            return GenericAlias(cls, arguments)

    def __init__(self, iterable: Iterable[T] = (), len: int | None = None) -> None:
        elements = list(iterable)
        if len is not None and builtins.len(elements) != len:
            shown = ", ".join(builtins.map(debug, elements))
            panic(f"called `Result::unwrap()` on an `Err` value: [{shown}]")
        list.__init__(self, elements)

    def append(self, value: T) -> None:  # noqa: ARG002
        unsupported("Array.append: its length never changes")

    def pop(self) -> T:
        return unsupported("Array.pop: its length never changes")


def array(*elements: T) -> Array[T, Any]:
    """An array of these elements."""
    return Array(elements)


def like(sample: Any, value: Any) -> Any:
    """A literal as a number of the sample's type; anything else as it is."""
    if value.__class__ is int and isinstance(sample, Integer):
        return sample.__class__(value)
    if isinstance(sample, f64) and isinstance(value, int | float):
        return f64(value)
    return value


def _same(values: tuple[Any, ...], operation: str) -> list[Any]:
    """The values as numbers of their common type."""
    kind: Any = values[0].__class__
    for value in values[1:]:
        other = value.__class__
        if other is not kind and not (kind is int and other is int):
            kind = common(kind, other, operation)
    return [value if value.__class__ is kind else kind(value) for value in values]


def minimum(*values: Any) -> Any:
    """The least of at least two."""
    if builtins.len(values) < 2:
        unsupported("min() of fewer than two arguments")
    return builtins.min(_same(values, "min"))


def maximum(*values: Any) -> Any:
    """The greatest of at least two."""
    if builtins.len(values) < 2:
        unsupported("max() of fewer than two arguments")
    return builtins.max(_same(values, "max"))


def steps(start: Any, stop: Any = None, step: Any = None) -> Iterable[Any]:
    """`range`: numbers of the type of its ends. A step must be positive, as Rust's `step_by` wants it."""
    if stop is None:
        start, stop = like(start, 0), start
    start, stop = like(stop, start), like(start, stop)
    if step is not None and step <= 0:
        panic("assertion failed: step != 0" if step == 0 else CAST)
    kind = start.__class__
    numbers = builtins.range(start, stop, 1 if step is None else step)
    return numbers if kind is int else builtins.map(kind, numbers)


def length(of: Any) -> Any:
    """`len`: elements, or letters of a text; a u64."""
    if hasattr(of, "__len__"):
        return u64(builtins.len(of))
    return u64(builtins.sum(1 for _ in of))


def total(iterable: Iterable[Any]) -> Any:
    """`sum`. It stops the program where it does not fit."""
    result: Any = 0
    for element in iterable:
        result = result + element
    return result


def in_order(iterable: Iterable[T]) -> List[T]:
    """`sorted`: a new list, ascending."""
    elements = builtins.list(iterable)
    if any(isinstance(element, float) for element in elements):
        unsupported("sorted() of f64: Rust does not order them")
    return List(builtins.sorted(elements))  # type: ignore[type-var]


def numbered(iterable: Iterable[T]) -> Iterable[tuple[Any, T]]:
    """`enumerate`: each element with its number, a u64."""
    return zip(builtins.map(u64, itertools.count()), iterable, strict=False)


def pairs(first: Iterable[Any], second: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    """`zip` of two, as long as the shorter."""
    return zip(first, second, strict=False)


def listed(iterable: Iterable[T] = ()) -> List[T]:
    """`list`: a new list of the elements."""
    return List(iterable)


def absolute(value: Any) -> Any:
    """`abs` of a signed number. The lowest stops the program."""
    if value.__class__ is int:
        return builtins.abs(i32(value))
    return value.__abs__()


def rounded(value: Any) -> Any:
    """`round`: half away from zero, as i128."""
    number = float(_real(value, "round"))
    if number != number or number in (float("inf"), float("-inf")) or number.is_integer():
        return saturated(number)
    below = number.__floor__()
    distance = builtins.abs(number - below)
    up = distance > 0.5 or (distance == 0.5 and number > 0)
    return saturated(below + 1 if up else below)


def floor(value: Any) -> Any:
    """Rounded down, as i128."""
    return saturated(_whole(_real(value, "floor"), float.__floor__))


def ceil(value: Any) -> Any:
    """Rounded up, as i128."""
    return saturated(_whole(_real(value, "ceil"), float.__ceil__))


def _whole(value: float, rounding: Callable[[float], int]) -> Any:
    finite = value == value and value not in (float("inf"), float("-inf"))
    return rounding(value) if finite else value


def _real(value: Any, function: str) -> float:
    if not isinstance(value, float):
        unsupported(f"{function}({type(value).__name__}): only of f64")
    return value


def print_log(*values: Any) -> None:
    """`print`: a line of the program's log."""
    context.current().log(" ".join(builtins.map(display, values)))


def int_bytes(n: Any, be: bool | None = None) -> List[Any]:
    """A number's bytes, little-endian. With `be` Seahorse has it the wrong way round, and so has this."""
    number: Any = n if isinstance(n, Integer) else i32(n)
    order = "little" if be is None or be else "big"
    return List(builtins.map(u8, int(number).to_bytes(number.BYTES, order, signed=number.SIGNED)))


def size(ob: str) -> Any:
    """A text's length in bytes."""
    return u64(builtins.len(ob.encode()))


if TYPE_CHECKING:
    Text = str
else:

    class _Text(type):
        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, builtins.str)

        def __call__(cls, value: Any) -> str:
            return display(value)

    class Text(builtins.str, metaclass=_Text):
        """`str`: a text; called, how Rust writes a value."""
