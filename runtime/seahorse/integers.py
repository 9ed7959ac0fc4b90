"""Rust's numbers: integers of a width that stop the program where a result does not fit, and `f64`.

An integer literal has no type of its own: beside a typed number it becomes one of that type. Of two typed
numbers the narrower unsigned one is widened to the other, as Seahorse's compiler does it; any other mixture
does not compile, and is refused.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Final

from seahorse.rust import CAST, display, panic, positional, unsupported

if TYPE_CHECKING:
    from collections.abc import Callable


class Integer(int):
    """A number of one of Rust's integer types. Its class says which."""

    __slots__ = ()

    MIN: ClassVar[int]
    MAX: ClassVar[int]
    BITS: ClassVar[int]
    BYTES: ClassVar[int]
    SIGNED: ClassVar[bool]

    def __new__(cls, value: Any = 0) -> Integer:
        """Cast, as Rust's `u64::try_from(value).unwrap()` does. What does not fit stops the program."""
        if not isinstance(value, int):
            unsupported(f"{cls.__name__}({type(value).__name__}): Rust converts only integers and bool to it")
        if not cls.MIN <= value <= cls.MAX:
            if value.__class__ is int:
                unsupported(f"the literal {value} as {cls.__name__}: it does not fit")
            panic(CAST)
        return int.__new__(cls, value)

    def __str__(self) -> str:
        return int.__repr__(self)

    def __truediv__(self, other: Any) -> f64:
        return f64(int(self)) / _as_float(other)

    def __rtruediv__(self, other: Any) -> f64:
        return _as_float(other) / f64(int(self))

    def __pos__(self) -> Any:
        return unsupported("unary +: Rust has none")

    def __abs__(self) -> Any:
        if not self.SIGNED:
            unsupported(f"abs({type(self).__name__}): only of signed integers and f64")
        return -self if self < 0 else self

    def __pow__(self, other: Any, modulus: Any = None) -> Any:
        exponent_kind = other.__class__
        if modulus is not None or (exponent_kind is not int and not _widens(exponent_kind, u32)):
            unsupported(f"{type(self).__name__} ** {exponent_kind.__name__}: the exponent is a u32")
        result = int(self) ** int(other)
        if not self.MIN <= result <= self.MAX:
            panic("attempt to multiply with overflow")
        return int.__new__(type(self), result)

    def __rpow__(self, other: Any, modulus: Any = None) -> Any:
        return unsupported(f"{other} ** {type(self).__name__}: give the base a type")

    def __divmod__(self, other: Any) -> Any:
        return unsupported("divmod")

    def __round__(self, ndigits: Any = None) -> Any:
        return unsupported("round() of an integer: only of f64")


def _as_float(value: Any) -> f64:
    if isinstance(value, f64):
        return value
    if isinstance(value, int | float):
        return f64(float(value))
    return unsupported(f"{type(value).__name__} in a division")


def _widens(narrow: type, wide: type) -> bool:
    """Whether Seahorse's compiler casts one type to the other by itself."""
    if narrow is wide:
        return True
    if not (issubclass(narrow, Integer) and issubclass(wide, Integer)):
        return False
    return not narrow.SIGNED and narrow.BITS < wide.BITS


def common(a: type, b: type, operation: str) -> type[Integer]:
    """The type in which an operation of these two is done. Raises UnsupportedError for a mixture."""
    for narrow, wide in ((b, a), (a, b)):
        if issubclass(wide, Integer) and (narrow is int or _widens(narrow, wide)):
            return wide
    return unsupported(f"{a.__name__} {operation} {b.__name__}: cast one of them to the other's type")


def _mixed(name: str, symbol: str) -> Callable[[Any, Any], Any]:
    """An operation of two different types, done in the wider."""

    def operate(a: Any, b: Any) -> Any:
        if isinstance(b, float):
            return getattr(f64(int(a)), name)(b)
        if isinstance(b, bool) or not isinstance(b, int):
            unsupported(f"{type(a).__name__} {symbol} {type(b).__name__}")
        kind = common(a.__class__, b.__class__, symbol)
        return getattr(kind(a), name)(kind(b))

    return operate


_ARITHMETIC = {
    "add": ("+", "add with overflow"),
    "sub": ("-", "subtract with overflow"),
    "mul": ("*", "multiply with overflow"),
}
_BITS = {"and": "&", "or": "|", "xor": "^"}

_TEMPLATE = """
def __{op}__(self, other):
    kind = other.__class__
    if kind is not cls:
        if kind is not int or not {low} <= other <= {high}:
            return mixed_{op}(self, other)
    result = {op}(self, other)
    if {check}:
        panic("attempt to {words}")
    return new(cls, result)

def __r{op}__(self, other):
    if other.__class__ is not int:
        return NotImplemented
    return cls(other).__{op}__(self)

def __i{op}__(self, other):
    kind = other.__class__
    if kind is not cls:
        if kind is not int or not {low} <= other <= {high}:
            return assigned(self, "__{op}__", other)
    result = {op}(self, other)
    if {check}:
        panic("attempt to {words}")
    return new(cls, result)
"""

_BIT_TEMPLATE = """
def __{op}__(self, other):
    kind = other.__class__
    if kind is not cls:
        if kind is not int or not {low} <= other <= {high}:
            return mixed_{op}(self, other)
    return new(cls, {op}(self, other))

def __r{op}__(self, other):
    return cls(other).__{op}__(self)

def __i{op}__(self, other):
    return assigned(self, "__{op}__", other)
"""

_DIVISION_TEMPLATE = """
def __{op}__(self, other):
    kind = other.__class__
    if kind is not cls:
        if kind is not int or not {low} <= other <= {high}:
            return mixed_{op}(self, other)
    if other == 0:
        panic("attempt to {by_zero}")
    return new(cls, divide(self, other))

def __r{op}__(self, other):
    if other.__class__ is not int:
        return NotImplemented
    return cls(other).__{op}__(self)

def __i{op}__(self, other):
    return assigned(self, "__{op}__", other)
"""

_DIVISIONS = {
    "floordiv": ("//", "divide with overflow", "divide by zero"),
    "mod": (
        "%",
        "calculate the remainder with overflow",
        "calculate the remainder with a divisor of zero",
    ),
}


def _assigned(target: Any, name: str, value: Any) -> Any:
    """`target += value`: the value must be castable to the target's type."""
    kind = value.__class__
    if kind is not int and not _widens(kind, target.__class__):
        unsupported(f"{target.__class__.__name__} {name.strip('_')}= {kind.__name__}: cast the right side")
    return getattr(target, name)(target.__class__(value))


def _truncated_quotient(low: int) -> Callable[[int, int], int]:
    def divide(a: int, b: int) -> int:
        a, b = int(a), int(b)
        if b == -1 and a == low:
            panic("attempt to divide with overflow")
        return a // b if (a < 0) == (b < 0) or not a else -(-a // b)

    return divide


def _truncated_remainder(low: int) -> Callable[[int, int], int]:
    def divide(a: int, b: int) -> int:
        a, b = int(a), int(b)
        if b == -1 and a == low:
            panic("attempt to calculate the remainder with overflow")
        return abs(a) % abs(b) * (1 if a >= 0 else -1)

    return divide


def _division(name: str, signed: bool, low: int) -> Callable[[int, int], int]:
    if not signed:
        return int.__floordiv__ if name == "floordiv" else int.__mod__
    return _truncated_quotient(low) if name == "floordiv" else _truncated_remainder(low)


def _shift(cls: type[Integer], left: bool) -> Callable[[Any, Any], Any]:
    words = "attempt to shift left with overflow" if left else "attempt to shift right with overflow"

    def shift(self: Any, other: Any) -> Any:
        common(cls, other.__class__, "<<" if left else ">>")
        if not 0 <= other < cls.BITS:
            panic(words)
        result = int(self) << int(other) if left else int(self) >> int(other)
        if left:
            result &= (1 << cls.BITS) - 1
            if cls.SIGNED and result > cls.MAX:
                result -= 1 << cls.BITS
        return int.__new__(cls, result)

    return shift


def _negation(cls: type[Integer]) -> Callable[[Any], Any]:
    def negate(self: Any) -> Any:
        if not cls.SIGNED:
            unsupported(f"-{cls.__name__}: Rust negates no unsigned integer")
        if self == cls.MIN:
            panic("attempt to negate with overflow")
        return int.__new__(cls, -int(self))

    return negate


def _inversion(cls: type[Integer]) -> Callable[[Any], Any]:
    def invert(self: Any) -> Any:
        return int.__new__(cls, ~int(self) if cls.SIGNED else cls.MAX - int(self))

    return invert


def _overflows(op: str, low: int, high: int) -> str:
    if low:
        return f"not {low} <= result <= {high}"
    return "result < 0" if op == "sub" else f"result > {high}"


def _operations(cls: type[Integer]) -> dict[str, Any]:
    low, high = cls.MIN, cls.MAX
    found: dict[str, Any] = {}
    scope: dict[str, Any] = {"cls": cls, "new": int.__new__, "panic": panic, "assigned": _assigned}
    for op, (symbol, words) in _ARITHMETIC.items():
        scope |= {op: getattr(int, f"__{op}__"), f"mixed_{op}": _mixed(f"__{op}__", symbol)}
        text = _TEMPLATE.format(op=op, low=low, high=high, check=_overflows(op, low, high), words=words)
        exec(text, scope, found)  # noqa: S102
    for op, symbol in _BITS.items():
        scope |= {op + "_": getattr(int, f"__{op}__"), f"mixed_{op}": _mixed(f"__{op}__", symbol)}
        text = _BIT_TEMPLATE.format(op=op, low=low, high=high).replace(f" {op}(self", f" {op}_(self")
        exec(text, scope, found)  # noqa: S102
    for op, (symbol, _, by_zero) in _DIVISIONS.items():
        own = scope | {f"mixed_{op}": _mixed(f"__{op}__", symbol), "divide": _division(op, cls.SIGNED, low)}
        exec(_DIVISION_TEMPLATE.format(op=op, low=low, high=high, by_zero=by_zero), own, found)  # noqa: S102
    shifts = {"__lshift__": _shift(cls, True), "__rshift__": _shift(cls, False)}
    return found | shifts | {"__neg__": _negation(cls), "__invert__": _inversion(cls)}


def _integer(name: str) -> type[Integer]:
    bits, signed = int(name[1:]), name[0] == "i"
    limits = {
        "MIN": -(1 << bits - 1) if signed else 0,
        "MAX": (1 << bits - signed) - 1,
        "BITS": bits,
        "BYTES": bits // 8,
        "SIGNED": signed,
    }
    cls = type(name, (Integer,), {"__slots__": (), "__module__": "seahorse.prelude", **limits})
    for operation, function in _operations(cls).items():
        function.__name__ = operation
        setattr(cls, operation, function)
    return cls


class f64(float):  # noqa: N801 (Rust's name)
    """A floating-point number. It never stops a program: what is too large is infinite."""

    __slots__ = ()

    def __new__(cls, value: Any = 0.0) -> f64:
        """Cast. Rust converts an integer of at most 32 bits, no wider one."""
        if isinstance(value, Integer) and value.BITS > 32:
            unsupported(f"f64({type(value).__name__}): Rust converts no integer over 32 bits; divide instead")
        if not isinstance(value, int | float):
            unsupported(f"f64({type(value).__name__})")
        return float.__new__(cls, value)

    def __add__(self, other: Any) -> f64:
        return _real(float(self) + _as_float(other).real)

    def __radd__(self, other: Any) -> f64:
        return _as_float(other) + self

    def __sub__(self, other: Any) -> f64:
        return _real(float(self) - _as_float(other).real)

    def __rsub__(self, other: Any) -> f64:
        return _as_float(other) - self

    def __mul__(self, other: Any) -> f64:
        return _real(float(self) * _as_float(other).real)

    def __rmul__(self, other: Any) -> f64:
        return _as_float(other) * self

    def __truediv__(self, other: Any) -> f64:
        divisor = float(_as_float(other))
        if divisor:
            return _real(float(self) / divisor)
        if not self or self != self:
            return _real(math.nan)
        return _real(math.copysign(math.inf, self) * math.copysign(1.0, divisor))

    def __rtruediv__(self, other: Any) -> f64:
        return _as_float(other) / self

    def __floordiv__(self, other: Any) -> f64:
        return self / other  # Seahorse writes `/` for `//`, and of two floats Rust's is not rounded

    def __rfloordiv__(self, other: Any) -> f64:
        return _as_float(other) / self

    def __mod__(self, other: Any) -> f64:
        divisor = float(_as_float(other))
        return _real(math.fmod(self, divisor) if divisor and math.isfinite(self) else math.nan)

    def __rmod__(self, other: Any) -> f64:
        return _as_float(other) % self

    def __pow__(self, other: Any, modulus: Any = None) -> f64:
        exponent = float(_as_float(other))
        try:
            return _real(math.pow(self, exponent))
        except OverflowError:
            negative = self < 0 and exponent % 2 == 1
            return _real(-math.inf if negative else math.inf)
        except ValueError:
            return _real(math.inf if not self else math.nan)

    def __neg__(self) -> f64:
        return _real(-float(self))

    def __abs__(self) -> f64:
        return _real(abs(float(self)))

    def __str__(self) -> str:
        return positional(self)

    __repr__ = __str__


def _real(value: float) -> f64:
    return float.__new__(f64, value)


if TYPE_CHECKING:
    # A type checker reads them as int: literals may then be assigned to them, as in Seahorse.
    u8 = u16 = u32 = u64 = u128 = i8 = i16 = i32 = i64 = i128 = int
else:
    u8, u16, u32, u64, u128 = map(_integer, ("u8", "u16", "u32", "u64", "u128"))
    i8, i16, i32, i64, i128 = map(_integer, ("i8", "i16", "i32", "i64", "i128"))

_all: Any = (u8, u16, u32, u64, u128, i8, i16, i32, i64, i128)
INTEGERS: Final[tuple[type[Integer], ...]] = _all


def saturated(value: float) -> Any:
    """`value as i128`, as Seahorse's floor, ceil and round cast: NaN is 0, what is too large the limit."""
    if value != value:
        return int.__new__(i128, 0)
    low, high = -(1 << 127), (1 << 127) - 1
    if math.isinf(value):
        return int.__new__(i128, high if value > 0 else low)
    return int.__new__(i128, max(low, min(high, int(value))))


def coerced(kind: type[Integer], value: Any) -> Any:
    """The value where a number of that type is wanted: one, or a literal. Raises UnsupportedError."""
    found = value.__class__
    if found is kind:
        return value
    if found is int:
        return kind(value)
    return unsupported(f"{display(value)}, {found.__name__} where {kind.__name__} is wanted: cast it")
