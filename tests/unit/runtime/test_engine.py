"""The embedded chain with programs in Python: one chain, whatever runs on it."""

from pathlib import Path
from typing import Any

import pytest
from solders.account import Account
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.transaction import VersionedTransaction
from solders.transaction_status import (
    InstructionErrorFieldless,
    TransactionErrorFieldless,
    TransactionErrorInstructionError,
)
from spl.memo.constants import MEMO_PROGRAM_ID

from amalgam.chain.embedded import EmbeddedChain
from seahorse import UnsupportedError
from seahorse.engine.anchor import discriminator
from tests.unit.runtime.test_direct import DOUBLED

PROGRAM = Pubkey.from_string("EdKeEr53fdY7uJ3bzzUXAu7oGsYSQRJhQhQmVU5Bkn48")
LAMPORTS = 10**9


class Bench:
    """A chain with the program of two purses."""

    def __init__(self, folder: Path) -> None:
        source = folder / "purses.py"
        source.write_text(DOUBLED)
        self.chain = EmbeddedChain()
        self.chain.add_program(PROGRAM, source)
        self.payer = Keypair()
        self.chain.airdrop(self.payer.pubkey(), LAMPORTS)

    def purse(self, money: int, *, owner: Pubkey = PROGRAM) -> Pubkey:
        address = Keypair().pubkey()
        data = discriminator("account", "Purse") + money.to_bytes(8, "little")
        self.chain.set_account(address, Account(LAMPORTS, data, owner))
        return address

    def money(self, purse: Pubkey) -> int:
        account = self.chain.account(purse)
        assert account is not None
        return int.from_bytes(account.data[8:16], "little")

    def give(self, giver: Pubkey, taker: Pubkey, amount: int) -> Instruction:
        metas = [AccountMeta(self.payer.pubkey(), True, True)]
        metas += [AccountMeta(purse, False, True) for purse in (giver, taker)]
        data = discriminator("global", "give") + amount.to_bytes(8, "little")
        return Instruction(PROGRAM, data, metas)

    def signed(self, *instructions: Instruction, blockhash: Hash | None = None) -> VersionedTransaction:
        latest = blockhash or self.chain.svm.latest_blockhash()
        message = Message.new_with_blockhash(list(instructions), self.payer.pubkey(), latest)
        return VersionedTransaction(message, [self.payer])

    def send(self, *instructions: Instruction, preflight: bool = True) -> Any:
        return self.chain.send(self.signed(*instructions), preflight=preflight)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_a_python_program_is_a_program(bench: Bench) -> None:
    account = bench.chain.account(PROGRAM)
    assert account is not None
    assert account.executable
    assert account.data == DOUBLED.encode()


def test_it_changes_its_accounts_and_the_payer_pays(bench: Bench) -> None:
    giver, taker = bench.purse(100), bench.purse(0)
    assert bench.send(bench.give(giver, taker, 30)) is None
    assert (bench.money(giver), bench.money(taker)) == (70, 30)
    assert bench.chain.balance(bench.payer.pubkey()) == LAMPORTS - 5_000
    landed = next(bench.chain.landed_newest_first())
    assert landed.meta.compute_units_consumed() == 0
    assert landed.meta.logs() == [
        f"Program {PROGRAM} invoke [1]",
        "Program log: 30 given 70",
        f"Program {PROGRAM} success",
    ]


def test_the_same_account_twice_makes_money(bench: Bench) -> None:
    purse = bench.purse(100)
    assert bench.send(bench.give(purse, purse, 30)) is None
    assert bench.money(purse) == 130


@pytest.mark.parametrize("preflight", [True, False])
def test_a_panic_changes_nothing_but_the_fee_of_what_landed(bench: Bench, preflight: bool) -> None:
    giver, taker = bench.purse(100), bench.purse(0)
    refusal = bench.send(bench.give(giver, taker, 101), preflight=preflight)
    assert (bench.money(giver), bench.money(taker)) == (100, 0)
    failed = TransactionErrorInstructionError(0, InstructionErrorFieldless.ProgramFailedToComplete)
    panic = "Program log: panicked at <redacted>:0:0:\nattempt to subtract with overflow"
    if preflight:
        assert (refusal.err, refusal.logs[1], refusal.units_consumed) == (failed, panic, 0)
        assert bench.chain.balance(bench.payer.pubkey()) == LAMPORTS
    else:
        landed = next(bench.chain.landed_newest_first())
        assert (landed.err, landed.meta.logs()[1]) == (failed, panic)
        assert bench.chain.balance(bench.payer.pubkey()) == LAMPORTS - 5_000


def test_an_instruction_that_fails_undoes_those_before_it(bench: Bench) -> None:
    giver, taker = bench.purse(100), bench.purse(0)
    refusal = bench.send(bench.give(giver, taker, 30), bench.give(giver, taker, 71))
    assert refusal.err.index == 1
    assert bench.money(giver) == 100


def test_an_account_of_another_program_is_refused(bench: Bench) -> None:
    refusal = bench.send(bench.give(bench.purse(100, owner=SYSTEM_PROGRAM), bench.purse(0), 30))
    assert refusal.err.err.code == 3007


def test_a_forged_signature_is_refused(bench: Bench) -> None:
    transaction = bench.signed(bench.give(bench.purse(1), bench.purse(1), 1))
    forged = VersionedTransaction.populate(transaction.message, [Keypair().sign_message(b"")])
    refusal = bench.chain.send(forged, preflight=False)
    assert refusal is not None
    assert refusal.err == TransactionErrorFieldless.SignatureFailure


def test_a_payer_without_lamports_cannot_pay(bench: Bench) -> None:
    bench.payer = Keypair()
    refusal = bench.send(bench.give(bench.purse(1), bench.purse(1), 1), preflight=False)
    assert refusal.err == TransactionErrorFieldless.AccountNotFound


def test_a_simulation_changes_nothing(bench: Bench) -> None:
    giver, taker = bench.purse(100), bench.purse(0)
    transaction = bench.signed(bench.give(giver, taker, 30))
    err, meta, after = bench.chain.simulate(transaction, any_blockhash=False)
    assert err is None
    assert meta is not None
    changed = after[giver]
    assert changed is not None
    assert int.from_bytes(changed.data[8:16], "little") == 70
    assert bench.money(giver) == 100


def test_what_the_engine_has_not_is_refused_by_name(bench: Bench) -> None:
    memo = Instruction(MEMO_PROGRAM_ID, b"hello", [])
    with pytest.raises(UnsupportedError, match=f"program {MEMO_PROGRAM_ID}"):
        bench.send(bench.give(bench.purse(1), bench.purse(1), 1), memo)


def test_the_built_program_takes_its_place_again(bench: Bench) -> None:
    with pytest.raises(ValueError, match="not an ELF file"):
        bench.chain.add_program(PROGRAM, b"")
    assert bench.chain.account(PROGRAM) is None
