"""One program on both engines, asked the same."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path
from typing import Any, NamedTuple

from solders.account import Account
from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.message import Message
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata

from seahorse.engine import Engine


class Answer(NamedTuple):
    """What a transaction has come to."""

    err: Any
    logs: list[str]
    accounts: dict[Pubkey, Account | None]


def written(key: Pubkey) -> AccountMeta:
    return AccountMeta(key, False, True)


def read(key: Pubkey) -> AccountMeta:
    return AccountMeta(key, False, False)


def integer(kind: str, value: int) -> bytes:
    return value.to_bytes(int(kind[1:]) // 8, "little", signed=kind[0] == "i")


def text(value: str) -> bytes:
    encoded = value.encode()
    return integer("u32", len(encoded)) + encoded


def real(value: float) -> bytes:
    return struct.pack("<d", value)


class Pair:
    """A program built, in LiteSVM, and its source in the Python engine, over the same accounts."""

    def __init__(self, program_id: Pubkey, built: Path, source: Path) -> None:
        self.program_id = program_id
        self.svm = LiteSVM().with_sigverify(False).with_transaction_history(0).with_blockhash_check(False)
        self.svm.add_program(program_id, built.read_bytes())
        self.engine = Engine()
        self.engine.add_program(program_id, source, log_names=True)
        self.payer = Keypair.from_seed(bytes(32)).pubkey()
        self.svm.airdrop(self.payer, 10**12)

    def ask(self, instruction: str, *arguments: bytes, accounts: list[AccountMeta] | None = None) -> Answer:
        """Ask both, and return what both have answered. Raises AssertionError where they differ."""
        tag = hashlib.sha256(f"global:{instruction}".encode()).digest()[:8]
        metas = [AccountMeta(self.payer, True, True), *(accounts or [])]
        asked = Instruction(self.program_id, tag + b"".join(arguments), metas)
        message = Message.new_with_blockhash([asked], self.payer, Hash.default())
        signatures = [bytes(64)] * message.header.num_required_signatures
        transaction = VersionedTransaction.populate(message, [_signature(each) for each in signatures])
        in_python = self._in_python(transaction)
        built = self._built(transaction)
        said = "\n".join([f"built: {built.err}", *built.logs, f"in Python: {in_python.err}", *in_python.logs])
        assert (in_python.err, in_python.logs) == (built.err, built.logs), said
        mine = in_python.accounts
        different = [(mine[key], account) for key, account in built.accounts.items() if mine[key] != account]
        assert different == [], said
        return built

    def _in_python(self, transaction: VersionedTransaction) -> Answer:
        read = self.engine.read(transaction.message)
        assert read is not None
        outcome = self.engine.execute(transaction, read, self.svm.get_account, verify=False)
        keys = set(transaction.message.account_keys) - {self.program_id}
        before = {key: self._account(key) for key in keys}
        return Answer(outcome.err, outcome.logs(), before | dict(outcome.changed))

    def _account(self, key: Pubkey) -> Account | None:
        account = self.svm.get_account(key)
        return account if account is not None and account.lamports else None

    def _built(self, transaction: VersionedTransaction) -> Answer:
        result = self.svm.send_transaction(transaction)
        failed = isinstance(result, FailedTransactionMetadata)
        meta = result.meta() if failed else result
        logs = [line for line in meta.logs() if " consumed " not in line]
        keys = set(transaction.message.account_keys) - {self.program_id}
        return Answer(result.err() if failed else None, logs, {key: self._account(key) for key in keys})


def _signature(raw: bytes) -> Any:
    from solders.signature import Signature

    return Signature.from_bytes(raw)
