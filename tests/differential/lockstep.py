"""A chain that answers from the built programs, and asks the Python engine the same thing beside it.

`pytest --engine both` runs any test so. Each transaction of a program is run by both on the same accounts:
the error, the log but for its compute units, the calls from program to program and every byte of every
account must be the same.
"""

from pathlib import Path

from solders.account import Account
from solders.pubkey import Pubkey
from solders.sysvar import CLOCK
from solders.transaction import VersionedTransaction

from amalgam.chain import nonce
from amalgam.chain.embedded import EmbeddedChain, Refusal
from seahorse.engine import Engine, Outcome

CUT = "Log truncated"
OUT_OF_UNITS = "exceeded CUs meter at BPF instruction"


class DisagreementError(AssertionError):
    """The engines have answered differently."""


class LockstepChain(EmbeddedChain):
    """An embedded chain that compares.

    Attributes:
        compared: Transactions so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.beside = Engine()
        self.compared = 0

    def add_both(self, program_id: Pubkey, built: bytes, source: Path) -> None:
        """Deploy a program, and its source beside it."""
        self.add_program(program_id, built)
        self.beside.add_program(program_id, source)

    def send(self, transaction: VersionedTransaction, *, preflight: bool) -> Refusal | None:
        message, signature = transaction.message, transaction.signatures[0]
        read = self.beside.read(message)
        if read is None or self._stale(message, signature) or nonce.advanced_by(message):  # it has no nonces
            return super().send(transaction, preflight=preflight)
        keys = message.account_keys
        before = {key: self.svm.get_account(key) for key in keys}
        outcome = self.beside.execute(transaction, read, self.svm.get_account)
        refusal = super().send(transaction, preflight=preflight)
        landed = self.landed(signature)
        if refusal is not None:
            self._check(outcome, refusal.err, refusal.logs)
            if preflight or not outcome.ran:
                outcome.changed.clear()
        else:
            assert landed is not None
            self._check(outcome, landed.err, landed.meta.logs())
            calls = [
                [(each.instruction(), each.stack_height()) for each in group]  # pyright: ignore
                for group in landed.meta.inner_instructions()
            ]
            mine = [
                [(each.instruction(), each.stack_height()) for each in group]
                for group in outcome.inner_instructions()
            ]
            if [group for group in calls if group] != [group for group in mine if group]:
                raise DisagreementError(f"calls: {calls} built, {mine} in Python")
        after = before | dict(outcome.changed)
        for key in set(keys) - {CLOCK}:  # which has gone on to the next block
            self._check_account(key, self.svm.get_account(key), after[key])
        self.compared += 1
        return refusal

    def _check(self, outcome: Outcome, err: object, logs: list[str]) -> None:
        said = [line for line in logs if " consumed " not in line]
        if any(line.endswith(OUT_OF_UNITS) for line in said):
            return  # the engine counts none
        mine = outcome.logs()
        if CUT in said and CUT in mine:  # where exactly depends on the digits of compute units
            kept = min(said.index(CUT), mine.index(CUT))
            said, mine = said[:kept], mine[:kept]
        if outcome.err != err or mine != said:
            told = "built: {}\n{}\nin Python: {}\n{}"
            raise DisagreementError(told.format(err, "\n".join(said), outcome.err, "\n".join(mine)))

    def _check_account(self, key: Pubkey, built: Account | None, python: Account | None) -> None:
        gone = [each is None or (each.lamports == 0 and not each.data) for each in (built, python)]
        if all(gone):
            return
        if built != python:
            raise DisagreementError(f"account {key}: {built} built, {python} in Python")
