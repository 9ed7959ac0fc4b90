"""What is changed of an account is kept, however it is changed; what is only read need not be writable."""

from pathlib import Path

import pytest
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM
from solders.sysvar import RENT
from solders.token import ID as TOKEN
from solders.token.state import Mint, TokenAccount, TokenAccountState

from tests.differential.conftest import SOURCES
from tests.differential.programs import Answer, Pair, integer, read, written

pytestmark = pytest.mark.toolchain

PROGRAM = Pubkey.from_string("Ff9HX3kYbMRnEUvAy5yf1tUFdYCF2r8JGf4qgRmY6gVE")
CONSTRAINT_MUT = "Custom(2000)"
COUNTS = [
    *("field", "field_in_branch", "method", "another_name", "in_list", "function", "function_of_function"),
    *("function_by_keyword", "function_with_another_name", "function_in_turn"),
    "function_under_name_of_one_that_reads",
]
ELEMENTS = [
    *("element", "element_in_function", "element_of_argument", "field_of_element", "field_of_each"),
    "field_of_field",
]
LAMPORTS = ["sends", "lamports_by_keyword", "lamports_in_function", "lamports_to_another_name"]


@pytest.fixture
def pair(built: Path) -> Pair:
    return Pair(PROGRAM, built / "writing.so", SOURCES / "writing.py")


def make(pair: Pair, seed: int) -> Pubkey:
    address = Pubkey.find_program_address([b"pot", integer("u64", seed)], PROGRAM)[0]
    made = pair.ask("make", integer("u64", seed), accounts=[written(address), read(RENT), read(SYSTEM)])
    assert made.err is None
    return address


def data_of(pair: Pair, key: Pubkey) -> bytes:
    account = pair.svm.get_account(key)
    assert account is not None
    return account.data


def lamports(pair: Pair, key: Pubkey) -> int:
    account = pair.svm.get_account(key)
    assert account is not None
    return account.lamports


def count(pair: Pair, key: Pubkey) -> int:
    return int.from_bytes(data_of(pair, key)[8:16], "little")


def elements(pair: Pair, key: Pubkey) -> list[int]:
    """The number, the point's and the other point's, of a pot without a name."""
    data = data_of(pair, key)
    return [int.from_bytes(data[at : at + 8], "little") for at in (56, 68, 76)]


def refused_as_not_writable(answer: Answer) -> bool:
    return CONSTRAINT_MUT in str(answer.err)


@pytest.mark.parametrize("instruction", COUNTS)
def test_a_count_is_kept(pair: Pair, instruction: str) -> None:
    pot, other = make(pair, 1), make(pair, 2)
    beside = written(other) if instruction == "function_in_turn" else read(other)
    assert refused_as_not_writable(pair.ask(instruction, accounts=[read(pot), beside]))
    assert pair.ask(instruction, accounts=[written(pot), beside]).err is None
    assert (count(pair, pot), count(pair, other)) == (2, 2)


@pytest.mark.parametrize("instruction", ELEMENTS)
def test_an_element_is_kept(pair: Pair, instruction: str) -> None:
    pot, other = make(pair, 1), make(pair, 2)
    before = elements(pair, pot)
    assert before == [1, 1, 0]
    assert refused_as_not_writable(pair.ask(instruction, accounts=[read(pot), read(other)]))
    assert pair.ask(instruction, accounts=[written(pot), read(other)]).err is None
    assert sum(elements(pair, pot)) == sum(before) + 1


def test_what_is_only_read_need_not_be_writable(pair: Pair) -> None:
    pot, other = make(pair, 1), make(pair, 2)
    before = data_of(pair, pot), data_of(pair, other)
    for metas in ([read(pot), read(other)], [written(pot), written(other)], [read(pot), read(pot)]):
        assert pair.ask("looks", accounts=metas).err is None
    assert (data_of(pair, pot), data_of(pair, other)) == before


def test_fields_are_kept_beside_those_that_are_not_assigned_to(pair: Pair) -> None:
    pot, other = make(pair, 1), make(pair, 2)
    assert pair.ask("copied", accounts=[written(pot), read(other)]).err is None
    assert pair.ask("element", accounts=[written(pot), read(other)]).err is None
    assert data_of(pair, pot)[8:22] == integer("u64", 1) + integer("u32", 1) + b"!" + bytes(pair.payer)[:1]


def test_an_account_passed_twice_keeps_what_is_written_beside_what_is_read(pair: Pair) -> None:
    pot = make(pair, 1)
    assert pair.ask("give", accounts=[written(pot), read(pot)]).err is None
    assert count(pair, pot) == 3
    assert pair.ask("give_back", accounts=[read(pot), written(pot)]).err is None
    assert count(pair, pot) == 6


def test_of_an_account_that_is_written_twice_the_last_wins(pair: Pair) -> None:
    pot = make(pair, 1)
    assert pair.ask("both", accounts=[written(pot), written(pot)]).err is None
    assert count(pair, pot) == 1
    assert data_of(pair, pot)[16:24] == integer("u32", 4) + b"both"


@pytest.mark.parametrize("instruction", LAMPORTS)
def test_lamports_change_and_fields_stay(pair: Pair, instruction: str) -> None:
    pots = make(pair, 1), make(pair, 2)
    for pot in pots:
        pair.svm.airdrop(pot, 10)
    before = [(lamports(pair, pot), data_of(pair, pot)) for pot in pots]
    assert refused_as_not_writable(pair.ask(instruction, accounts=[read(pots[0]), written(pots[1])]))
    assert refused_as_not_writable(pair.ask(instruction, accounts=[written(pots[0]), read(pots[1])]))
    assert pair.ask(instruction, accounts=[*map(written, pots)]).err is None
    (sent, data), (received, other_data) = before
    assert [(lamports(pair, pot), data_of(pair, pot)) for pot in pots] == [
        (sent - 1, data),
        (received + 1, other_data),
    ]


def test_lamports_and_fields_change(pair: Pair) -> None:
    pot, other = make(pair, 1), make(pair, 2)
    pair.svm.airdrop(pot, 10)
    assert pair.ask("lamports_and_count", accounts=[written(pot), written(other)]).err is None
    assert count(pair, pot) == 2
    assert data_of(pair, other)[16:24] == integer("u32", 4) + b"sent"


def test_an_account_that_sends_to_itself_keeps_what_is_written_last(pair: Pair) -> None:
    pot = make(pair, 1)
    pair.svm.airdrop(pot, 10)
    for instruction in (*LAMPORTS, "lamports_and_count"):
        assert pair.ask(instruction, accounts=[written(pot), written(pot)]).err is None
    assert count(pair, pot) == 1


def test_an_account_is_made_of_one_that_is_read(pair: Pair) -> None:
    other = make(pair, 1)
    seeds = [b"pot", bytes(pair.payer), integer("u64", 5)]
    made = Pubkey.find_program_address(seeds, PROGRAM)[0]
    metas = [written(made), read(other), read(RENT), read(SYSTEM)]
    assert pair.ask("make_of_another", integer("u64", 5), accounts=metas).err is None
    assert count(pair, made) == 1


def test_an_account_signs_that_is_only_read(pair: Pair) -> None:
    pot = make(pair, 1)
    mint, to = (Keypair.from_seed(bytes([number]) * 32).pubkey() for number in (1, 2))
    states = {
        mint: bytes(Mint(pot, 0, 3, True, None)),
        to: bytes(TokenAccount(mint, pair.payer, 0, None, TokenAccountState.Initialized, None, 0, None)),
    }
    for key, state in states.items():
        pair.svm.set_account(key, Account(10**9, state, TOKEN))
    metas = [read(pot), written(mint), written(to), read(TOKEN)]
    bump = Pubkey.find_program_address([b"pot", integer("u64", 1)], PROGRAM)[1]
    arguments = integer("u64", 7), integer("u8", bump)
    assert pair.ask("signs", *arguments, accounts=metas).err is None
    assert TokenAccount.from_bytes(data_of(pair, to)).amount == 7
    for number in (1, 2):
        unwritten = [read(each.pubkey) if place == number else each for place, each in enumerate(metas)]
        assert refused_as_not_writable(pair.ask("signs", *arguments, accounts=unwritten))
