"""my_program: a tally that its authority alone adds to.

Accounts
    Tally           PDA 'tally', authority. What was counted.

Trust
    Nobody is trusted: a tally tells what the key in its address has counted.

What always holds
    1. Only the authority's signature changes a tally.
    2. total is the sum of the amounts of all Counted events of the tally, count their number.
    3. An operation on one tally changes no byte of another.

Known attacks
    Seahorse loads each account into a copy of its own, and writes it back: no instruction takes two
    accounts of one type. One that did would have to assert that they are distinct.
    A PDA is checked when it is created, and never again: count asserts whose tally it is.
"""

from seahorse.prelude import *

declare_id("Fg6PaFpoGXkYsidMpWTK6W2BeZ7FEfcYkg476zPFsLnS")


class Tally(Account):
    authority: Pubkey
    total: u64
    count: u64


@dataclass
class Counted(Event):
    tally: Pubkey
    amount: u64
    total: u64
    count: u64


@instruction
def open_tally(authority: Signer, tally: Empty[Tally]):
    # Opens the authority's tally, at their expense.
    tally = tally.init(payer=authority, seeds=["tally", authority])
    tally.authority = authority.key()


@instruction
def count(authority: Signer, tally: Tally, amount: u64):
    # Adds an amount.
    assert tally.authority == authority.key(), "signer is not the authority"
    assert amount > 0, "amount must be positive"

    tally.total += amount
    tally.count += 1
    event = Counted(tally.key(), amount, tally.total, tally.count)
    event.emit()
