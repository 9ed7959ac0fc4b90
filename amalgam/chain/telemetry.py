"""What this process asks nodes, and sends: told to whoever counts it, who has to ask for it first."""

from collections.abc import Callable
from dataclasses import dataclass


def _ignore(*_: object) -> None:
    pass


@dataclass(slots=True)
class Telemetry:
    """Functions that are called as it happens; at first they do nothing.

    Attributes:
        asked: With a request's method, and the seconds until its answer or its failure.
        sent: For each transaction that is sent.
        retried: For each time that one is sent again.
        failed: For each that was refused, has expired, or of which nobody tells.
    """

    asked: Callable[[str, float], object] = _ignore
    sent: Callable[[], object] = _ignore
    retried: Callable[[], object] = _ignore
    failed: Callable[[], object] = _ignore


TELEMETRY = Telemetry()  # of this process
