"""The rules, with instructions called as plain functions: set a breakpoint in the program."""

import pytest
from seahorse import Empty, Panic, recorded
from seahorse.prelude import Signer

from programs_py.my_program import Counted, Tally, count, open_tally

U64_MAX = 2**64 - 1


@pytest.fixture
def authority() -> Signer:
    return Signer()


@pytest.fixture
def tally(authority: Signer) -> Tally:
    opened = Empty()
    open_tally(authority, opened)
    return opened.account


def test_it_begins_with_nothing_and_belongs_to_who_opened_it(
    tally: Tally, authority: Signer
) -> None:
    assert (tally.authority, tally.total, tally.count) == (authority.key(), 0, 0)


def test_it_counts_and_tells(tally: Tally, authority: Signer) -> None:
    with recorded() as record:
        count(authority, tally, 5)
        count(authority, tally, 2)
    assert (tally.total, tally.count) == (7, 2)
    assert record.events == [Counted(tally.key(), 5, 5, 1), Counted(tally.key(), 2, 7, 2)]


def test_what_it_refuses_changes_nothing(tally: Tally, authority: Signer) -> None:
    count(authority, tally, 5)
    with pytest.raises(AssertionError, match="signer is not the authority"):
        count(Signer(), tally, 1)
    with pytest.raises(AssertionError, match="amount must be positive"):
        count(authority, tally, 0)
    with pytest.raises(Panic, match="overflow"):
        count(authority, tally, U64_MAX)
    assert (tally.total, tally.count) == (5, 1)
