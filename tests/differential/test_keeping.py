"""Accounts of every kind of field, lamports and calls, on both engines: byte for byte the same."""

from pathlib import Path

import pytest
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM
from solders.sysvar import CLOCK, RENT

from tests.differential.conftest import SOURCES
from tests.differential.programs import Pair, integer, read, real, text, written

pytestmark = pytest.mark.toolchain

PROGRAM = Pubkey.from_string("CYkSuPLG1nx9RwVQK6V61H6bJ6n7rxFkzvHcpGGP9Cfb")


@pytest.fixture
def pair(built: Path) -> Pair:
    return Pair(PROGRAM, built / "keeping.so", SOURCES / "keeping.py")


def store(pair: Pair) -> Pubkey:
    return Pubkey.find_program_address([b"store", bytes(pair.payer)], PROGRAM)[0]


def counter(number: int, by: int) -> Pubkey:
    seeds = [b"counter", integer("u16", number), integer("i32", by)]
    return Pubkey.find_program_address(seeds, PROGRAM)[0]


def make_counter(pair: Pair, number: int, by: int, *, at: Pubkey | None = None) -> Pubkey:
    address = at or counter(number, by)
    accounts = [written(address), read(RENT), read(SYSTEM)]
    pair.ask("make_counter", integer("u16", number), integer("i32", by), accounts=accounts)
    return address


def test_an_account_of_many_fields(pair: Pair) -> None:
    address = store(pair)
    making = [written(address), read(RENT), read(SYSTEM)]
    made = pair.ask("make", text("battery"), integer("u8", 1), accounts=making)
    assert made.err is None
    again = pair.ask("make", text("battery"), integer("u8", 1), accounts=making)
    assert again.err is not None
    for name, wide, signed, ratio, number in (
        ("", 0, 0, 0.0, 0),
        ("a longer name than before", 2**128 - 1, -(2**31), -1.5, 2**64 - 1),
        ("x" * 150, 1, 1, 1e300, 5),
        ("x" * 400, 1, 1, 1.0, 5),  # more than there is room for
    ):
        arguments = [
            text(name),
            integer("u128", wide),
            integer("i32", signed),
            real(ratio),
            integer("u64", number),
        ]
        pair.ask("change", *arguments, accounts=[written(address)])


@pytest.mark.parametrize("cut", [0, 7, 8, 9, 60])
def test_an_account_cut_short(pair: Pair, cut: int) -> None:
    address = store(pair)
    pair.ask("make", text("b"), integer("u8", 2), accounts=[written(address), read(RENT), read(SYSTEM)])
    account = pair.svm.get_account(address)
    assert account is not None
    pair.svm.set_account(address, Account(account.lamports, account.data[:cut], PROGRAM))
    arguments = [text("c"), integer("u128", 1), integer("i32", 1), real(1.0), integer("u64", 1)]
    assert pair.ask("change", *arguments, accounts=[written(address)]).err is not None


def test_an_account_of_a_variant_there_is_not(pair: Pair) -> None:
    address = store(pair)
    pair.ask("make", text(""), integer("u8", 0), accounts=[written(address), read(RENT), read(SYSTEM)])
    account = pair.svm.get_account(address)
    assert account is not None
    arguments = [text("c"), integer("u128", 1), integer("i32", 1), real(1.0), integer("u64", 1)]
    for place in range(8, 60):
        data = bytearray(account.data)
        data[place] = 7
        pair.svm.set_account(address, Account(account.lamports, bytes(data), PROGRAM))
        pair.ask("change", *arguments, accounts=[written(address)])


def test_an_account_that_has_lamports_already(pair: Pair) -> None:
    for number, lamports in enumerate((1, 10**6, 10**9)):
        pair.svm.set_account(counter(number, -1), Account(lamports, b"", SYSTEM))
        make_counter(pair, number, -1)


def test_an_account_at_another_address(pair: Pair) -> None:
    make_counter(pair, 1, 2, at=counter(1, 3))


def test_the_same_account_twice(pair: Pair) -> None:
    first, second = make_counter(pair, 1, 1), make_counter(pair, 1, 2)
    for pairs in ((first, second), (second, first), (first, first)):
        for amount in (0, 1, 3, 10):
            pair.ask("take_both", integer("u64", amount), accounts=[written(each) for each in pairs])


def test_lamports(pair: Pair) -> None:
    address, other = make_counter(pair, 5, 5), Keypair.from_seed(b"\1" * 32).pubkey()
    for lamports in (0, 1, 890_880, 10**13):
        pair.ask("pay", integer("u64", lamports), accounts=[written(other), read(SYSTEM)])
    for lamports in (0, 1, 10**5, 10**12):
        pair.ask("pay_out", integer("u64", lamports), accounts=[written(address), written(other)])
        pair.ask("pay_out", integer("u64", lamports), accounts=[written(address), written(address)])
    pair.ask("pay_out", integer("u64", 1), accounts=[written(address), read(other)])


def test_addresses_and_times(pair: Pair) -> None:
    for number in (0, 1, 255):
        pair.ask("address", integer("u8", number))
    pair.ask("times", accounts=[read(CLOCK)])
    pair.ask("times", accounts=[read(RENT)])


def test_a_call_of_another_program(pair: Pair) -> None:
    other = Keypair.from_seed(b"\2" * 32).pubkey()
    for program in (written(SYSTEM), read(SYSTEM), written(other)):
        for lamports in (0, 10**6, 10**15):
            pair.ask("call", integer("u64", lamports), accounts=[program, written(other)])
