"""Seahorse programs, run as plain Python.

`from seahorse.prelude import *` is the language. `seahorse.direct` is about calling instructions as
functions, `seahorse.engine` answers transactions from a program's source as a chain does from the built one.
"""

from typing import TYPE_CHECKING, Any

from seahorse.direct import Record, recorded
from seahorse.rust import Panic, UnsupportedError
from seahorse.tokens import Token, TokenError

if TYPE_CHECKING:

    def Empty(key: Any = None) -> Any:  # noqa: N802 (the prelude's `Empty[T]` reads as T, which cannot be called)
        """An account that `init` makes, for calling an instruction: it is in its `account` afterwards."""
        ...
else:
    from seahorse.accounts import Empty

__all__ = ["Empty", "Panic", "Record", "Token", "TokenError", "UnsupportedError", "recorded"]
