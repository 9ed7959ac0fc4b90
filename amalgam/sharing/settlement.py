"""What a community posts on the chain of each member for a period."""

from typing import NamedTuple


class Line(NamedTuple):
    """A member's line of a period."""

    member: str
    shared_in: int  # Wh
    shared_out: int  # Wh
    charge: int  # base units of the payment token
    credit: int  # base units of the payment token
