"""Refused transactions as exceptions that say what was refused, why, and what to do about it.

Anchor's code, SPL Token and the System program number their errors each in their own way: a code is of the
program that the log names first as failed. A Seahorse program refuses with a message, not a number: an
`assert` is a panic, and the message is in the log.
"""

import re
from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from typing import NamedTuple, cast

from anchorpy.error import LangErrorMessage
from solana.rpc.core import RPCException
from solders.pubkey import Pubkey
from solders.rpc.errors import SendTransactionPreflightFailureMessage
from solders.signature import Signature
from solders.system_program import ID as SYSTEM_PROGRAM_ID
from solders.transaction_status import (
    InstructionErrorCustom,
    InstructionErrorFieldless,
    TransactionErrorInstructionError,
    TransactionErrorType,
)
from spl.token.constants import TOKEN_PROGRAM_ID

from amalgam import AmalgamError, programs
from amalgam.chain.refusal import Refusal

# ruff: noqa: N818 (a refusal is an answer of the chain's, not an error of this program's)


class Refused(AmalgamError):
    """A transaction that the chain has refused: nothing changed, but for the fee of one that had landed.

    Attributes:
        program: The program that refused, or None if the transaction was refused before any ran.
        message: The program's own message, or the name of its code.
        code: The program's error code; None if it refused without one.
        cause: What it means.
        remedy: What to do about it.
        signature: The transaction's, if it landed all the same.
        logs: What the programs had logged.
    """

    def __init__(
        self,
        refusal: Refusal,
        *,
        program: Pubkey | None = None,
        code: int | None = None,
        signature: Signature | None = None,
        logs: Sequence[str] = (),
    ) -> None:
        """Say why, for people, and keep the parts for programs."""
        self.message, self.cause, self.remedy = refusal
        self.program, self.code, self.signature, self.logs = program, code, signature, tuple(logs)
        super().__init__(f"{self.message}: {self.cause} {self.remedy}")


class AssertionRefused(Refused):
    """A program refused what it was asked, in words of its own."""


class ArithmeticRefused(Refused):
    """A program stopped at a number that does not fit."""


class AnchorRefused(Refused):
    """Anchor refused an account or the instruction before the program's own code ran."""


class TokenRefused(Refused):
    """The SPL Token program refused."""


class SystemRefused(Refused):
    """The System program refused."""


# In the order of their codes

_TOKEN_REFUSALS = (
    Refusal("NotRentExempt", "The account holds too few lamports to be exempt from rent.", "Fund it first."),
    Refusal(
        "InsufficientFunds", "The token account holds fewer tokens than that.", "Move fewer, or fund it."
    ),
    Refusal("InvalidMint", "That is not a mint.", "Pass the mint's address."),
    Refusal("MintMismatch", "The token account is of another mint.", "Pass an account of this mint."),
    Refusal("OwnerMismatch", "The signer does not own the account.", "Sign with the account's owner."),
    Refusal("FixedSupply", "The mint has no authority any more.", "Nobody can mint more of these tokens."),
    Refusal("AlreadyInUse", "The account is initialized already.", "Use it, or another address."),
    Refusal("InvalidNumberOfProvidedSigners", "There are too few or too many signers.", "Pass 1 to 11."),
    Refusal("InvalidNumberOfRequiredSigners", "That many signers cannot be required.", "Require 1 to 11."),
    Refusal("UninitializedState", "The account is not initialized.", "Initialize it first."),
    Refusal("NativeNotSupported", "Wrapped lamports cannot do that.", "Use another mint's tokens."),
    Refusal("NonNativeHasBalance", "The account still holds tokens.", "Move or burn them first."),
    Refusal("InvalidInstruction", "The token program has no such instruction.", "Build it with spl.token."),
    Refusal("InvalidState", "The account is in no state for that.", "Look at its state first."),
    Refusal("Overflow", "The number does not fit in 64 bits.", "Use smaller amounts."),
    Refusal("AuthorityTypeNotSupported", "The account has no such authority.", "Name another authority."),
    Refusal("MintCannotFreeze", "The mint has no freeze authority.", "Its accounts can never be frozen."),
    Refusal("AccountFrozen", "The mint's freeze authority has frozen the account.", "Have it thawed."),
    Refusal("MintDecimalsMismatch", "The mint has other decimals.", "Pass the mint's own decimals."),
    Refusal("NonNativeNotSupported", "Only wrapped lamports can do that.", "Use the native mint."),
)

_SYSTEM_REFUSALS = (
    Refusal(
        "AccountAlreadyInUse", "There is an account at that address already.", "Use it, or another address."
    ),
    Refusal("ResultWithNegativeLamports", "The payer has too few lamports.", "Fund the payer, or send less."),
    Refusal("InvalidProgramId", "An account cannot be given to that program.", "Name another program."),
    Refusal("InvalidAccountDataLength", "An account cannot be that large.", "Ask for at most 10 MiB."),
    Refusal("MaxSeedLengthExceeded", "The seed is too long.", "Use at most 32 bytes."),
    Refusal(
        "AddressWithSeedMismatch", "The address is not that of the seed.", "Derive it from base and seed."
    ),
    Refusal("NonceNoRecentBlockhashes", "There are no recent blockhashes.", "Try again in the next block."),
    Refusal(
        "NonceBlockhashNotExpired", "The nonce has been used in this block.", "Try again in the next one."
    ),
    Refusal("NonceUnexpectedBlockhashValue", "The nonce account holds another value.", "Read it again."),
)

# What a cluster refuses before any program runs

_FUND = "Send it SOL; where SOL is free: amalgam wallet airdrop 1, with --keypair for another's."
_TRANSACTION_REFUSALS = (
    Refusal("AccountNotFound", "The fee payer has no lamports.", _FUND),
    Refusal("InsufficientFundsForFee", "The fee payer has too few lamports.", _FUND),
    Refusal("AlreadyProcessed", "This very transaction has landed before.", "Look its signature up."),
    Refusal(
        "InsufficientFundsForRent", "An account would be left with less than its rent.", "Leave more in it."
    ),
    Refusal("BlockhashNotFound", "The blockhash is too old, or another cluster's.", "Sign with a new one."),
)

_BEFORE_PROGRAMS = {refusal.message: refusal for refusal in _TRANSACTION_REFUSALS}
_READ_LOGS = "Read the transaction's logs."


@cache
def _refusals_of(program_id: Pubkey) -> tuple[type[Refused], dict[int, Refusal], dict[str, Refusal]]:
    """A program's kind of refusal, and its refusals by code and by message."""
    if program_id == TOKEN_PROGRAM_ID:
        return TokenRefused, dict(enumerate(_TOKEN_REFUSALS)), {}
    if program_id == SYSTEM_PROGRAM_ID:
        return SystemRefused, dict(enumerate(_SYSTEM_REFUSALS)), {}
    program = programs.by_id(program_id)
    if program is None:
        return Refused, {}, {}
    return AnchorRefused, _anchor_refusals(program), {each.message: each for each in program.refusals}


def _anchor_refusals(program: programs.Program) -> dict[int, Refusal]:
    """Anchor's errors in one of our programs."""
    remedies = {
        3007: "Pass an account that the right program owns.",
        3010: "Sign with it.",
        3012: f"Create it first: {program.creation}.",
    }
    follow_idl = f"Build the instruction with {program.module.__name__}, which follows the program's IDL."
    return {
        int(code): Refusal(code.name, f"{meaning}.", remedies.get(code, follow_idl))
        for code, meaning in cast(dict[IntEnum, str], LangErrorMessage).items()
    }


# Reading what a node says


def from_preflight(error: RPCException, fee_payer: Pubkey | None = None) -> Refused | None:
    """The refusal in a node's answer to a transaction sent; None if the answer is about something else."""
    answer = error.args[0]
    if not isinstance(answer, SendTransactionPreflightFailureMessage) or answer.data.err is None:
        return None
    return from_status(answer.data.err, answer.data.logs or (), fee_payer=fee_payer)


def from_status(
    err: TransactionErrorType,
    logs: Sequence[str],
    signature: Signature | None = None,
    fee_payer: Pubkey | None = None,
) -> Refused:
    """The refusal in the status and logs of a transaction that failed; it names the fee payer if known."""
    inner = err.err if isinstance(err, TransactionErrorInstructionError) else err
    failure = _first_failure(logs)
    if failure is None:  # before any program ran, or in a log too long for the node to keep
        code = inner.code if isinstance(inner, InstructionErrorCustom) else None
        name = _name(inner) if code is None else f"error {code}"
        unknown = Refusal(name, "The cluster gave no other reason.", _READ_LOGS)
        refusal = _BEFORE_PROGRAMS.get(name, unknown)
        if fee_payer:
            cause = refusal.cause.replace("The fee payer", f"The fee payer {fee_payer}")
            refusal = refusal._replace(cause=cause)
        return Refused(refusal, code=code, signature=signature, logs=logs)
    kind, refusal = _refusal(failure, stopped=inner in _STOPPED)
    return kind(refusal, program=failure.program, code=failure.code, signature=signature, logs=logs)


def _name(error: object) -> str:
    """An error's name in Solana's own words, like BlockhashNotFound."""
    kind = type(error).__name__
    if kind.endswith("Fieldless"):
        return repr(error).rpartition(".")[2]
    return kind.removeprefix("TransactionError").removeprefix("InstructionError")


class _Failure(NamedTuple):
    program: Pubkey
    reason: str
    code: int | None
    log: str  # of the program, from its invocation on


_STOPPED = (
    InstructionErrorFieldless.ProgramFailedToComplete,
    InstructionErrorFieldless.ComputationalBudgetExceeded,
)
_FAILED = re.compile(r"Program ([1-9A-HJ-NP-Za-km-z]{32,44}) failed: (?:custom program error: 0x(\w+)|(.*))$")
# Rust since 1.73 prints the place, and the message in a line of its own; before, the message, then the place.
_PANIC = re.compile(r"^Program log: panicked at (?:'(.*)', .*|.*:\n(?:Program log: )?(.*))$", re.MULTILINE)
_ARITHMETIC = re.compile(r"attempt to \w+ .*(overflow|zero)$|.*TryFromIntError")
_ANCHOR_ACCOUNT = re.compile(r"^Program log: AnchorError caused by account: (\w+)\.", re.MULTILINE)


def _first_failure(logs: Sequence[str]) -> _Failure | None:
    """A failure ends its callers too, each with a line of its own: the first is where it came from."""
    for index, line in enumerate(logs):
        if failed := _FAILED.match(line):
            program, code, reason = failed.groups()
            begins = f"Program {program} invoke"
            invoked = max((i for i in range(index) if logs[i].startswith(begins)), default=0)
            log = "\n".join(logs[invoked:index])
            return _Failure(Pubkey.from_string(program), reason, int(code, 16) if code else None, log)
    return None


def _refusal(failure: _Failure, *, stopped: bool) -> tuple[type[Refused], Refusal]:
    kind, by_code, by_message = _refusals_of(failure.program)
    if failure.code is not None:
        unknown = Refusal(f"error {failure.code}", "The program has given no other reason.", _READ_LOGS)
        refusal = by_code.get(failure.code, unknown)
        if account := _ANCHOR_ACCOUNT.search(failure.log):
            refusal = refusal._replace(cause=f"{account[1]}: {refusal.cause}")
        return kind, refusal
    panic = _PANIC.search(failure.log)
    if panic is None and stopped:
        return Refused, Refusal(failure.reason, "The runtime stopped the program.", _READ_LOGS)
    if panic is None:  # what the runtime's own programs say stands in the log without a prefix
        words = [line for line in failure.log.splitlines() if not line.startswith("Program ")]
        cause = f"{words[-1]}." if words else "The program has given no other reason."
        return kind, Refusal(failure.reason, cause, _READ_LOGS)
    message = panic[1] or panic[2]
    if _ARITHMETIC.match(message):
        return ArithmeticRefused, Refusal(message, "A number would not fit its type.", "Use smaller amounts.")
    unknown = Refusal(message, "This version does not know the program's reason.", _READ_LOGS)
    return AssertionRefused, by_message.get(message, unknown)
