"""The Seahorse language: `from seahorse.prelude import *` makes a program's source an importable module.

The names are those of Seahorse, some of them Python's own: there they mean what Seahorse compiles them to.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Tuple  # noqa: UP035

from seahorse.accounts import (
    Account,
    AccountWithKey,
    Clock,
    CpiAccount,
    Empty,
    Event,
    Program,
    Signer,
    TokenAccount,
    TokenMint,
    UncheckedAccount,
)
from seahorse.integers import f64, i8, i16, i32, i64, i128, u8, u16, u32, u64, u128
from seahorse.keys import Pubkey
from seahorse.program import declare_id, instruction
from seahorse.structs import dataclass
from seahorse.values import Array, List, array, ceil, floor, int_bytes, size

if TYPE_CHECKING:
    Enum = enum.Enum
else:
    import seahorse.values as _values

    class Enum(enum.Enum):
        """A choice of variants, numbered as they stand: what they are assigned does not matter."""

        def __rust_debug__(self) -> str:
            return self.name

    abs, min, max, sum = _values.absolute, _values.minimum, _values.maximum, _values.total
    len, range, round, sorted = _values.length, _values.steps, _values.rounded, _values.in_order
    enumerate, zip, list, print, str = (
        _values.numbered,
        _values.pairs,
        _values.listed,
        _values.print_log,
        _values.Text,
    )

if not __debug__:
    raise RuntimeError("python -O removes the assertions, which are a program's rules")

__all__ = [
    "Account",
    "AccountWithKey",
    "Array",
    "Clock",
    "CpiAccount",
    "Empty",
    "Enum",
    "Event",
    "List",
    "Program",
    "Pubkey",
    "Signer",
    "TokenAccount",
    "TokenMint",
    "Tuple",
    "UncheckedAccount",
    "array",
    "ceil",
    "dataclass",
    "declare_id",
    "f64",
    "floor",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "instruction",
    "int_bytes",
    "size",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
]
if not TYPE_CHECKING:
    __all__ += ["abs", "enumerate", "len", "list", "max", "min", "print", "range", "round", "sorted", "str"]
    __all__ += ["sum", "zip"]
