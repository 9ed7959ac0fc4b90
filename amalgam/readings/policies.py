"""What may be chosen to be done about values that are missing, and about those that are told twice."""

from enum import StrEnum


class Gaps(StrEnum):
    """What is done about an interval in which a meter has no value."""

    REFUSE = "refuse"
    ZERO = "zero"
    PREVIOUS_DAY = "previous-day"
    LEAVE_OUT = "leave-out"


class Duplicates(StrEnum):
    """What is done about a second value of a meter for an interval."""

    REFUSE = "refuse"
    FIRST = "first"
    LAST = "last"
