"""What an account has members charge and draw, for a ledger that checks it: the program itself."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from amalgam import AmalgamError
from amalgam.readings.model import Integers
from amalgam.sharing.account import BPS, Battery, Held


class LedgerMismatchError(AmalgamError):
    """The program holds something else than the account says. The message says what, and both values."""


class Movement(NamedTuple):
    """A deposit, if it is positive, or a withdrawal of a member, in Wh of tokens."""

    member: int
    amount: int


@dataclass(frozen=True, slots=True, eq=False)
class Movements:
    """A part of an account, in Wh: a row for each interval and a column for each member.

    Attributes:
        battery: With what policy.
        starts: Unix s of each interval's start.
        opening: Each member's balance before.
        charged: What is deposited.
        taken: What is withdrawn, with the losses on the way out.
        stored: In the battery at each interval's end.
    """

    battery: Battery
    starts: Integers
    opening: Integers
    charged: Integers
    taken: Integers
    stored: Integers

    @classmethod
    def of(cls, battery: Battery, starts: Integers, held: Held, rows: slice) -> "Movements":
        """Those of some of an account's intervals."""
        before = slice(0, rows.start)
        came, went = battery.credit_for(held.charged[before]), battery.taken_for(held.discharged[before])
        return cls(
            battery,
            starts[rows],
            came.sum(axis=0) - went.sum(axis=0),
            held.charged[rows],
            battery.taken_for(held.discharged[rows]),
            held.stored[rows],
        )

    def __len__(self) -> int:
        """How many deposits and withdrawals there are."""
        return int(np.count_nonzero(self.charged)) + int(np.count_nonzero(self.taken))

    def row(self, row: int) -> list[Movement]:
        """Those of an interval, in the order of an account: first all who draw, then all who charge."""
        found = list[Movement]()
        for amounts, sign in ((self.taken[row], -1), (self.charged[row], 1)):
            members = np.flatnonzero(amounts)
            found += [
                Movement(member, sign * amount)
                for member, amount in zip(members.tolist(), amounts[members].tolist(), strict=True)
            ]
        return found

    @property
    def balances(self) -> list[int]:
        """Each member's in the end."""
        came, went = self.battery.credit_for(self.charged), self.taken
        return (self.opening + came.sum(axis=0) - went.sum(axis=0)).tolist()

    def opening_deposit(self, member: int) -> int:
        """The fewest Wh whose credit is a member's opening balance."""
        return -(-int(self.opening[member]) * BPS // self.battery.efficiency_bps)


def compare(what: str, found: int, said: int) -> None:
    """Raise LedgerMismatchError unless both are the same."""
    if found != said:
        raise LedgerMismatchError(f"{what} is {found} Wh in the program, {said} Wh in the account")
