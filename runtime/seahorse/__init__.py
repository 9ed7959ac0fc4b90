"""Seahorse programs, run as plain Python.

`from seahorse.prelude import *` is the language. `seahorse.direct` is about calling instructions as
functions, `seahorse.engine` answers transactions from a program's source as a chain does from the built one.
"""

from seahorse.direct import Record, recorded
from seahorse.rust import Panic, UnsupportedError
from seahorse.tokens import Token, TokenError

__all__ = ["Panic", "Record", "Token", "TokenError", "UnsupportedError", "recorded"]
