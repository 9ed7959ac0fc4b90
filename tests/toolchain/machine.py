"""Runs one program in LiteSVM and reads what it answers."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from solders.hash import Hash
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.message import Message
from solders.pubkey import Pubkey
from solders.transaction import Transaction
from solders.transaction_metadata import FailedTransactionMetadata

SEAHORSE_ID = Pubkey.from_string("EdKeEr53fdY7uJ3bzzUXAu7oGsYSQRJhQhQmVU5Bkn48")  # as the program declares it
LOG = "Program log: "


def integer(kind: str, value: int) -> bytes:
    return value.to_bytes(int(kind[1:]) // 8, "little", signed=kind[0] == "i")


def text(value: str) -> bytes:
    encoded = value.encode()
    return integer("u32", len(encoded)) + encoded


@dataclass(frozen=True)
class Answer:
    """What a program printed last and returned, or the words it stopped with."""

    logs: list[str]
    returned: bytes
    stopped: bool

    @property
    def printed(self) -> str | None:
        return None if self.stopped else self.logs[-1]

    @property
    def panic(self) -> str | None:
        return self.logs[-1].splitlines()[-1] if self.stopped else None


class Machine:
    def __init__(self, program: Path):
        self.svm = LiteSVM().with_sigverify(False).with_transaction_history(0).with_blockhash_check(False)
        self.svm.add_program_from_file(SEAHORSE_ID, program)
        self.payer = Keypair.from_seed(bytes(32)).pubkey()
        self.svm.airdrop(self.payer, 10**12)

    def ask(self, instruction: str, *arguments: bytes) -> Answer:
        """Calls an instruction of a Seahorse program, whose one account is its signer."""
        discriminator = hashlib.sha256(f"global:{instruction}".encode()).digest()[:8]
        return self.send(discriminator + b"".join(arguments), AccountMeta(self.payer, True, True))

    def send(self, data: bytes, *accounts: AccountMeta) -> Answer:
        instruction = Instruction(SEAHORSE_ID, data, accounts)
        message = Message.new_with_blockhash([instruction], self.payer, Hash.default())
        result = self.svm.send_transaction(Transaction.new_unsigned(message))
        stopped = isinstance(result, FailedTransactionMetadata)
        meta = result.meta() if stopped else result
        logs = [line.removeprefix(LOG) for line in meta.logs() if line.startswith(LOG)]
        return Answer(logs, bytes(meta.return_data().data), stopped)
