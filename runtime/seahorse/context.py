"""Where a program runs: what takes its log, its events and what it asks of other programs."""

from __future__ import annotations

from typing import Any, Protocol

from seahorse.rust import unsupported


class Context(Protocol):
    """What a program's instruction can reach beside its accounts."""

    program_id: Any

    def log(self, line: str) -> None:
        """Take a line of the log."""
        ...

    def emit(self, event: Any) -> None:
        """Take an event."""
        ...

    def token(self, name: str, accounts: tuple[Any, ...], amount: int, seeds: Any) -> None:
        """Have the token program do something: 'transfer', 'mint' or 'burn'."""
        ...

    def pay(self, source: Any, destination: Any, lamports: int) -> None:
        """Have the System program move lamports."""
        ...

    def invoke(self, program: Any, accounts: Any, data: Any) -> None:
        """Call another program."""
        ...


class _Nowhere:
    """Outside any instruction: `print` prints, all else is refused."""

    program_id: Any = None

    def log(self, line: str) -> None:
        print(line)

    def __getattr__(self, name: str) -> Any:
        return unsupported(f"{name} outside of an instruction")


_current: list[Any] = [_Nowhere()]


def current() -> Any:
    """The context of the instruction that runs."""
    return _current[-1]


def enter(context: Any) -> None:
    """Begin to run with this context: `leave` ends it."""
    _current.append(context)


def leave() -> None:
    """Return to the context before."""
    _current.pop()
