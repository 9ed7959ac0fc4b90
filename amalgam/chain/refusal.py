"""One reason for which a program refuses a transaction."""

from typing import NamedTuple


class Refusal(NamedTuple):
    """A program's message, its cause, and the remedy."""

    message: str
    cause: str
    remedy: str
