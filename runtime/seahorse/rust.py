"""What stops a program, in Rust's words, and how Rust writes values."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportUnknownMemberType=false
from __future__ import annotations

from decimal import Decimal
from typing import Any, NoReturn


class Panic(AssertionError):  # noqa: N818 (Rust's word)
    """The program has stopped, as an `assert` that fails stops it: nothing of its transaction happens."""


class UnsupportedError(NotImplementedError):
    """The program does what this runtime has not, or what Seahorse does not compile. The message names it."""


CAST = "called `Result::unwrap()` on an `Err` value: TryFromIntError(())"
NONE = "called `Option::unwrap()` on a `None` value"


def panic(message: str) -> NoReturn:
    """Stop the program."""
    raise Panic(message)


def unsupported(what: str) -> NoReturn:
    """Refuse by name."""
    raise UnsupportedError(what)


def display(value: Any) -> str:
    """The value as `print` and f-strings write it: `{}` for numbers, text and truth, `{:?}` for the rest."""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return positional(value)
    if value is None:
        return unsupported("None in print: Rust's () cannot be displayed")
    return debug(value)


def debug(value: Any) -> str:
    """The value as Rust's `{:?}` writes it."""
    if isinstance(value, str):
        return '"' + "".join(map(_escaped, value)) + '"'
    if isinstance(value, bool) or (isinstance(value, int) and not hasattr(value, "__rust_debug__")):
        return display(value)
    if isinstance(value, float):
        return _float_debug(value)
    if isinstance(value, tuple):
        inner = ", ".join(map(debug, value))
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    written = getattr(value, "__rust_debug__", None)
    if written is not None:
        return written()
    if isinstance(value, list):
        return f"RefCell {{ value: [{', '.join(map(debug, value))}] }}"
    return unsupported(f"{type(value).__name__} in print or in an f-string")


_ESCAPES = {"\t": "\\t", "\r": "\\r", "\n": "\\n", "'": "'", '"': '\\"', "\\": "\\\\", "\0": "\\0"}


def _escaped(letter: str) -> str:
    if letter in _ESCAPES:
        return _ESCAPES[letter]
    return letter if letter.isprintable() else f"\\u{{{ord(letter):x}}}"


def positional(value: float) -> str:
    """A float as Rust's `{}` writes it: the shortest digits that tell it, never an exponent."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    text = format(Decimal(float.__repr__(value)), "f")
    return text.rstrip("0").removesuffix(".") if "." in text else text


def _float_debug(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return positional(value)
    if value and not 1e-5 <= abs(value) < 1e16:
        mantissa, _, exponent = f"{Decimal(float.__repr__(value)):e}".partition("e")
        mantissa = mantissa.rstrip("0").removesuffix(".") if "." in mantissa else mantissa
        return f"{mantissa}e{int(exponent)}"
    text = positional(value)
    return text if "." in text else text + ".0"
