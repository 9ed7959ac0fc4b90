"""The base of histories that rebuild a ledger, and the accounts beside it, from its events alone.

What moved is summed up, and what an event states is compared with the sums: the chain's accounts are never
asked, and a missing or repeated event is seen, or one with an altered total.
"""

from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Generic, Protocol, Self, TypeVar

from solders.pubkey import Pubkey

from amalgam import programs
from amalgam.chain.events import BrokenHistoryError, Landed, ledger_of

_Event = TypeVar("_Event", bound=Any)


class Rebuilt(Protocol):
    """A ledger as its events tell it so far, of whichever program."""

    @property
    def accounts(self) -> dict[Pubkey, Any]:
        """What each account holds after the latest event, by its address."""
        ...

    def apply(self, event: Any, unix_timestamp: int | None = None, /) -> None:
        """Take the next event. Raises BrokenHistoryError."""
        ...


def rebuilt(story: Sequence[Landed]) -> Rebuilt:
    """A ledger as all of its events tell it, in their order from the first on. Raises BrokenHistoryError."""
    first, *rest = story
    history: Rebuilt = programs.of_record(first.event).history.History.of([first.event])
    for landed in rest:
        history.apply(landed.event, landed.unix_timestamp)
    return history


class LedgerHistory(Generic[_Event]):
    """A ledger as its events tell it so far. A program's own has `first` and `_take`.

    Attributes:
        first: The kind of a ledger's first event.
        address: The ledger's.
        accounts: What each account holds after the latest event, by its address, the ledger's own included.
    """

    first: type[Any]

    def __init__(self, event: _Event) -> None:
        """Begin with a ledger's first event. Raises BrokenHistoryError."""
        if not isinstance(event, self.first) or event.sequence != 1:
            raise BrokenHistoryError(
                f"event {event.sequence} is the first there is, and not the first of {ledger_of(event)}"
            )
        self.address = ledger_of(event)
        self.accounts: dict[Pubkey, Any] = {}
        self._take(event, None)

    @classmethod
    def of(cls, story: Iterable[_Event]) -> Self:
        """A ledger as all of its events so far tell it. Raises BrokenHistoryError."""
        first, *rest = story
        history = cls(first)
        for event in rest:
            history.apply(event)
        return history

    def apply(self, event: _Event, unix_timestamp: int | None = None) -> None:
        """Take the next event, of a block of that time in Unix seconds, None if that is not known.

        Raises BrokenHistoryError; the history is of no use after that.
        """
        if ledger_of(event) != self.address:
            raise BrokenHistoryError(f"event {event.sequence} is of {ledger_of(event)}")
        before = self.accounts[self.address].sequence
        if event.sequence != before + 1:
            raise BrokenHistoryError(f"event {event.sequence} comes after event {before}")
        if isinstance(event, self.first):
            raise BrokenHistoryError(f"event {event.sequence} begins {self.address} again")
        self._set(self.address, event, sequence=event.sequence)
        self._take(event, unix_timestamp)

    def copy(self) -> Self:
        """The same, to go on with apart."""
        other = copy(self)
        other.accounts = dict(self.accounts)
        return other

    def _take(self, event: _Event, unix_timestamp: int | None) -> None:
        raise NotImplementedError

    def _add(self, address: Pubkey, event: _Event, record: Any) -> None:
        if address in self.accounts:
            raise BrokenHistoryError(f"event {event.sequence} opens {address} again")
        self.accounts[address] = record

    def _get(self, address: Pubkey, event: _Event, kind: type[Any]) -> Any:
        found = self.accounts.get(address)
        if not isinstance(found, kind):
            raise BrokenHistoryError(f"event {event.sequence} is of {address}, never opened")
        return found

    def _set(self, address: Pubkey, event: _Event, **fields: Any) -> None:
        """Change fields of an account. Raises BrokenHistoryError if there is none."""
        self.accounts[address] = replace(self._get(address, event, object), **fields)

    def _compare(self, event: _Event, **expected: Any) -> None:
        """Raise BrokenHistoryError unless the event states what follows from those before it."""
        for name, value in expected.items():
            stated = getattr(event, name)
            if stated != value:
                raise BrokenHistoryError(f"event {event.sequence} states {name} {stated} instead of {value}")
