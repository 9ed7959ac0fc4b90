"""The errors of a transaction and of an instruction, with Solana's names, numbers and words."""

from __future__ import annotations

from typing import Any, NoReturn

from solders.transaction_status import InstructionErrorCustom, InstructionErrorFieldless

# An instruction's errors, in the words of a log.
WORDS = {
    "InvalidArgument": "invalid program argument",
    "InvalidInstructionData": "invalid instruction data",
    "InvalidAccountData": "invalid account data for instruction",
    "InsufficientFunds": "insufficient funds for instruction",
    "IncorrectProgramId": "incorrect program id for instruction",
    "MissingRequiredSignature": "missing required signature for instruction",
    "UninitializedAccount": "instruction requires an initialized account",
    "ModifiedProgramId": "instruction illegally modified the program id of an account",
    "ExternalAccountLamportSpend": "instruction spent from the balance of an account it does not own",
    "ExternalAccountDataModified": "instruction modified data of an account it does not own",
    "ReadonlyLamportChange": "instruction changed the balance of a read-only account",
    "ReadonlyDataModified": "instruction modified data of a read-only account",
    "NotEnoughAccountKeys": "insufficient account keys for instruction",
    "AccountDataSizeChanged": "program other than the account's owner changed the size of the account data",
    "AccountNotExecutable": "instruction expected an executable account",
    "ExecutableDataModified": "instruction changed executable accounts data",
    "ExecutableLamportChange": "instruction changed the balance of an executable account",
    "UnsupportedProgramId": "Unsupported program id",
    "CallDepth": "Cross-program invocation call depth too deep",
    "MissingAccount": "An account required by the instruction is missing",
    "ReentrancyNotAllowed": "Cross-program invocation reentrancy not allowed for this instruction",
    "MaxSeedLengthExceeded": "Length of the seed is too long for address generation",
    "InvalidSeeds": "Provided seeds do not result in a valid address",
    "IllegalOwner": "Provided owner is not allowed",
    "InvalidRealloc": "Failed to reallocate account data",
    "PrivilegeEscalation": "Cross-program invocation with unauthorized signer or writable account",
    "ProgramFailedToComplete": "Program failed to complete",
    "ArithmeticOverflow": "Program arithmetic overflowed",
}

# What a program's own error is told with: its number, and words.
PROGRAM_ERRORS = {
    "InvalidAccountData": (4 << 32, "An account's data contents was invalid"),
    "UninitializedAccount": (10 << 32, "An attempt to operate on an account that hasn't been initialized"),
}

ANCHOR_ERRORS = {
    "InstructionMissing": (100, "8 byte instruction identifier not provided"),
    "InstructionFallbackNotFound": (101, "Fallback functions are not supported"),
    "InstructionDidNotDeserialize": (102, "The program could not deserialize the given instruction"),
    "IdlInstructionStub": (1000, "The program was compiled without idl instructions"),
    "EventInstructionStub": (1500, "The program was compiled without `event-cpi` feature"),
    "ConstraintMut": (2000, "A mut constraint was violated"),
    "ConstraintSigner": (2002, "A signer constraint was violated"),
    "ConstraintRaw": (2003, "A raw constraint was violated"),
    "ConstraintRentExempt": (2005, "A rent exemption constraint was violated"),
    "ConstraintSeeds": (2006, "A seeds constraint was violated"),
    "ConstraintExecutable": (2007, "An executable constraint was violated"),
    "AccountDiscriminatorNotFound": (3001, "No 8 byte discriminator was found on the account"),
    "AccountDiscriminatorMismatch": (3002, "8 byte discriminator did not match what was expected"),
    "AccountDidNotDeserialize": (3003, "Failed to deserialize the account"),
    "AccountDidNotSerialize": (3004, "Failed to serialize the account"),
    "AccountNotEnoughKeys": (3005, "Not enough account keys given to the instruction"),
    "AccountOwnedByWrongProgram": (3007, "The given account is owned by a different program than expected"),
    "InvalidProgramId": (3008, "Program ID was not as expected"),
    "InvalidProgramExecutable": (3009, "Program account is not executable"),
    "AccountNotSigner": (3010, "The given account did not sign"),
    "AccountNotInitialized": (3012, "The program expected this account to be already initialized"),
    "AccountSysvarMismatch": (3015, "The given public key does not match the required sysvar"),
    "DeclaredProgramIdMismatch": (4100, "The declared program id does not match the actual program id"),
    "TryingToInitPayerAsProgramAccount": (
        4101,
        "You cannot/should not initialize the payer account as a program account",
    ),
}


class InstructionError(Exception):
    """An instruction has failed.

    Attributes:
        error: As solders has it.
        words: As the log has it.
    """

    def __init__(self, error: Any, words: str) -> None:
        """Fail with an error, in these words."""
        super().__init__(words)
        self.error = error
        self.words = words


def custom(code: int) -> InstructionError:
    """A program's own error."""
    return InstructionError(InstructionErrorCustom(code), f"custom program error: {code:#x}")


def failed(name: str) -> InstructionError:
    """One of the runtime's errors, by name."""
    return InstructionError(getattr(InstructionErrorFieldless, name), WORDS[name])


def fail(name: str) -> NoReturn:
    """Fail with one of the runtime's errors."""
    raise failed(name)
