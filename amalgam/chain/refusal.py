"""One reason for which a program refuses a transaction."""

from typing import NamedTuple


class Refusal(NamedTuple):
    """What a program refuses with, why it does, and what to do about it."""

    message: str
    cause: str
    remedy: str
