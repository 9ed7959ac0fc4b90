"""Transactions, as a validator runs them: fees, signatures and instructions, on accounts that somebody keeps.

`Engine.execute` runs a transaction of which every program is one that Python can run. Who keeps the accounts
gives them as solders' `Account`s, and is told which have changed. No compute units are counted.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from solders.account import Account
from solders.instruction import CompiledInstruction
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey as Address
from solders.signature import Signature
from solders.transaction import VersionedTransaction
from solders.transaction_status import (
    TransactionErrorDuplicateInstruction,
    TransactionErrorFieldless,
    TransactionErrorInstructionError,
    TransactionErrorInsufficientFundsForRent,
    TransactionErrorType,
    TransactionReturnData,
)

from seahorse.engine.anchor import AnchorProgram
from seahorse.engine.associated import ASSOCIATED_TOKEN_PROGRAM, AssociatedToken
from seahorse.engine.errors import InstructionError, failed
from seahorse.engine.machine import SYSTEM_PROGRAM, Call, Info, Machine, RunnableProgram, State
from seahorse.engine.system import COMPUTE_BUDGET_PROGRAM, ComputeBudget, System
from seahorse.engine.token import TOKEN_PROGRAM, TokenProgram
from seahorse.rust import unsupported

LAMPORTS_PER_SIGNATURE = 5_000
LOADER = Address.from_string("BPFLoader2111111111111111111111111111111111")
_UPGRADEABLE_LOADER = bytes(Address.from_string("BPFLoaderUpgradeab1e11111111111111111111111"))
_LAMPORTS_PER_BYTE, _ACCOUNT_OVERHEAD_BYTES = 6_960, 128  # two years of rent


def rent_exemption(size: int) -> int:
    """Lamports that keep an account of so many bytes alive."""
    return (size + _ACCOUNT_OVERHEAD_BYTES) * _LAMPORTS_PER_BYTE


class InnerInstruction(NamedTuple):
    """A call from program to program, as solders shows it."""

    call: Call

    def instruction(self) -> CompiledInstruction:
        """What was called."""
        return CompiledInstruction(self.call.program, self.call.data, self.call.accounts)

    def stack_height(self) -> int:
        """How deep: 2 for a call of a transaction's instruction."""
        return self.call.depth


class Outcome:
    """What a transaction has done. Its methods are those of solders' TransactionMetadata.

    Attributes:
        err: Why it failed, if it did.
        ran: Whether it came to running, and so pays its fee even if it failed.
        changed: The accounts that are others than before; of a failed one at most the fee payer.
        pre_balances: Lamports of each of its accounts before, if it ran.
        post_balances: And after.
    """

    def __init__(
        self, signature: Signature, err: TransactionErrorType | None, machine: Machine | None
    ) -> None:
        """Of one that ran on a machine, or did not run."""
        self.err = err
        self.ran = machine is not None
        self.changed: list[tuple[Address, Account]] = []
        self.pre_balances: list[int] = []
        self.post_balances: list[int] = []
        self._signature = signature
        # Not the machine itself: outcomes are kept by the thousand, for Python to look through.
        self._logs = machine.logs if machine else []
        self._calls = machine.calls if machine else []

    def signature(self) -> Signature:
        """The first; of one that did not run zeros."""
        return self._signature if self.ran else Signature.default()

    def logs(self) -> list[str]:
        """The log."""
        return self._logs

    def inner_instructions(self) -> list[list[InnerInstruction]]:
        """The calls of each instruction."""
        return [list(map(InnerInstruction, calls)) for calls in self._calls]

    def compute_units_consumed(self) -> int:
        """Always 0: none are counted."""
        return 0

    def return_data(self) -> TransactionReturnData:
        """What the latest program has returned: none does."""
        return TransactionReturnData(Address.default(), b"")


class _Instruction(NamedTuple):
    program: int
    accounts: bytes
    data: bytes


class Read(NamedTuple):
    """A message, as its bytes say it: accounts by their place."""

    signatures: int
    keys: list[bytes]
    writable: list[bool]
    instructions: list[_Instruction]


def _compact(raw: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = raw[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7


def _read(message: Message | MessageV0) -> Read:
    raw = bytes(message)
    at = 1 if raw[0] & 0x80 else 0
    signatures, readonly_signed, readonly_unsigned = raw[at : at + 3]
    count, at = _compact(raw, at + 3)
    keys = [raw[at + 32 * n : at + 32 * n + 32] for n in range(count)]
    count_instructions, at = _compact(raw, at + 32 * count + 32)
    instructions: list[_Instruction] = []
    for _ in range(count_instructions):
        program = raw[at]
        length, at = _compact(raw, at + 1)
        accounts = raw[at : at + length]
        size, at = _compact(raw, at + length)
        instructions.append(_Instruction(program, accounts, raw[at : at + size]))
        at += size
    return Read(
        signatures,
        keys,
        _writable(keys, instructions, signatures, readonly_signed, readonly_unsigned),
        instructions,
    )


def _writable(
    keys: list[bytes], instructions: list[_Instruction], signed: int, readonly_signed: int, readonly: int
) -> list[bool]:
    written = [True] * (signed - readonly_signed) + [False] * readonly_signed
    written += [True] * (len(keys) - signed - readonly) + [False] * readonly
    upgradeable = _UPGRADEABLE_LOADER in keys
    for instruction in instructions:
        if not upgradeable:
            written[instruction.program] = False
    return written  # a cluster has a list of accounts besides that are never writable; LiteSVM has none


class Engine:
    """Programs in Python source, and the native ones that they need."""

    def __init__(self) -> None:
        """Know the System program, SPL Token, Associated Token and the compute budget's."""
        self._programs: dict[bytes, RunnableProgram] = {
            SYSTEM_PROGRAM: System(),
            TOKEN_PROGRAM: TokenProgram(),
            ASSOCIATED_TOKEN_PROGRAM: AssociatedToken(),
            COMPUTE_BUDGET_PROGRAM: ComputeBudget(),
        }
        self._own: dict[bytes, Account] = {}
        self._constant: dict[bytes, Any] = {}

    def add_program(self, program_id: Address, source: Path | ModuleType, *, log_names: bool = False) -> None:
        """Run a program from its source, a `.py` file or its module.

        Raises what importing it raises, and UnsupportedError for what this runtime has not.
        """
        module = source if isinstance(source, ModuleType) else load_module(source)
        key = bytes(program_id)
        self._programs[key] = AnchorProgram(module, key, log_names=log_names)
        text = Path(str(module.__file__)).read_bytes()
        self._constant.pop(key, None)
        self._own[key] = Account(rent_exemption(len(text)), text, LOADER, executable=True)

    def remove_program(self, program_id: Address) -> None:
        """Run it no more."""
        if self._own.pop(bytes(program_id), None) is not None:
            del self._programs[bytes(program_id)]
            self._constant.pop(bytes(program_id), None)

    def account(self, address: Address) -> Account | None:
        """The account of a program that runs from its source."""
        return self._own.get(bytes(address)) if self._own else None

    def read(self, message: Message | MessageV0) -> Read | None:
        """A message that has an instruction of a program in Python, to be executed; None of another."""
        if not self._own:
            return None
        read = _read(message)
        own = self._own
        return read if any(read.keys[each.program] in own for each in read.instructions) else None

    def execute(
        self,
        transaction: VersionedTransaction,
        read: Read,
        load: Callable[[Address], Account | None],
        *,
        verify: bool = True,
    ) -> Outcome:
        """Run a transaction on these accounts, without storing anything.

        Args:
            transaction: It.
            read: Its message, as `read` gives it.
            load: An account, None if there is none.
            verify: Whether it must be signed.

        Raises UnsupportedError for what this engine has not, by name.
        """
        signature = transaction.signatures[0]
        if verify and not all(transaction.verify_with_results()):
            return Outcome(signature, TransactionErrorFieldless.SignatureFailure, None)
        error = _budget_error(read)
        if error is not None:
            return Outcome(signature, error, None)
        addresses = transaction.message.account_keys
        states = [
            self._state(key, address, load, writable)
            for key, address, writable in zip(read.keys, addresses, read.writable, strict=True)
        ]
        error = self._error_before(read, states)
        if error is not None:
            return Outcome(signature, error, None)
        before = [(state.lamports, state.data, state.owner) for state in states]
        states[0].lamports -= LAMPORTS_PER_SIGNATURE * read.signatures
        charged = states[0].lamports
        machine = Machine(states, self._programs.get, rent_exemption)
        error = self._run(machine, read) or _rent_error(read, states, before)
        outcome = Outcome(signature, error, machine)
        if outcome.err is not None:
            for state, (lamports, data, owner) in zip(states, before, strict=True):
                state.lamports, state.data, state.owner = lamports, data, owner
            states[0].lamports = charged
        _note_changes(outcome, addresses, states, before)
        return outcome

    def _state(
        self, key: bytes, address: Address, load: Callable[[Address], Account | None], writable: bool
    ) -> State:
        """An account; a program's, which is large and does not change, is loaded once."""
        known = self._constant.get(key)
        if known is not None and not writable:
            return State(key, *known)
        account = self._own.get(key) or load(address)
        if account is None:
            return State(key, 0, b"", SYSTEM_PROGRAM, False, 0)
        fields = account.lamports, account.data, bytes(account.owner), account.executable, account.rent_epoch
        if key in self._programs and not writable:
            self._constant[key] = fields
        return State(key, *fields)

    def _error_before(self, read: Read, states: Sequence[State]) -> TransactionErrorType | None:
        """Why it does not come to running."""
        payer = states[0]
        if payer.lamports == 0:
            return TransactionErrorFieldless.AccountNotFound
        if payer.owner != SYSTEM_PROGRAM or payer.data:
            return TransactionErrorFieldless.InvalidAccountForFee
        if payer.lamports < LAMPORTS_PER_SIGNATURE * read.signatures:
            return TransactionErrorFieldless.InsufficientFundsForFee
        for instruction in read.instructions:
            program = states[instruction.program]
            if program.lamports == 0:
                return TransactionErrorFieldless.ProgramAccountNotFound
            if not program.executable:
                return TransactionErrorFieldless.InvalidProgramForExecution
            if program.key not in self._programs:
                unsupported(f"program {Address(program.key)} in a transaction beside a Python program")
        return None

    def _run(self, machine: Machine, read: Read) -> TransactionErrorType | None:
        signed, writable = read.signatures, read.writable
        infos = [Info(state, place < signed, writable[place]) for place, state in enumerate(machine.states)]
        for number, instruction in enumerate(read.instructions):
            try:
                accounts = [infos[place] for place in instruction.accounts]
                machine.run(read.keys[instruction.program], accounts, instruction.data)
            except InstructionError as error:
                return TransactionErrorInstructionError(number, error.error)
        return None


def _rent_error(
    read: Read, states: Sequence[State], before: Sequence[tuple[int, bytes, bytes]]
) -> TransactionErrorType | None:
    """The account with data that is left with too few lamports, as LiteSVM finds it; wallets may be."""
    for place, (state, (lamports, data, _)) in enumerate(zip(states, before, strict=True)):
        if state.lamports == lamports or not (state.lamports and state.data and read.writable[place]):
            continue
        size = len(state.data)
        if state.lamports >= rent_exemption(size):
            continue
        was_paying = 0 < lamports < rent_exemption(len(data)) and len(data) == size
        if not was_paying or state.lamports > lamports:
            return TransactionErrorInsufficientFundsForRent(place)
    return None


def _note_changes(
    outcome: Outcome,
    addresses: Sequence[Address],
    states: Sequence[State],
    before: Sequence[tuple[int, bytes, bytes]],
) -> None:
    outcome.pre_balances = [old[0] for old in before]
    outcome.post_balances = [state.lamports for state in states]
    for address, state, old in zip(addresses, states, before, strict=True):
        lamports, data, owner = old
        if state.lamports != lamports or state.data is not data or state.owner != owner:
            address_of_owner = Address.from_bytes(state.owner)
            account = Account(
                state.lamports, state.data, address_of_owner, state.executable, state.rent_epoch
            )
            outcome.changed.append((address, account))


_BUDGET_SIZES = {1: 5, 2: 5, 3: 9, 4: 5}


def _budget_error(read: Read) -> TransactionErrorType | None:
    """What is wrong with the instructions that set the compute budget."""
    seen: set[int] = set()
    for number, instruction in enumerate(read.instructions):
        if read.keys[instruction.program] != COMPUTE_BUDGET_PROGRAM:
            continue
        tag = instruction.data[0] if instruction.data else 0
        if len(instruction.data) < _BUDGET_SIZES.get(tag, 1 << 16):
            return TransactionErrorInstructionError(number, failed("InvalidInstructionData").error)
        if tag in seen:
            return TransactionErrorDuplicateInstruction(number)
        seen.add(tag)
    return None


def load_module(path: Path) -> ModuleType:
    """Import a program's file, once for each state of it: the same file again is the same module."""
    path = path.resolve()
    name = f"seahorse.programs.{path.stem}"
    known = sys.modules.get(name)
    stamp = path.stat().st_mtime_ns, str(path)
    if known is not None and getattr(known, "__stamp__", None) == stamp:
        return known
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == str(path) and module.__name__ == path.stem:
            return module
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    module.__dict__["__stamp__"] = stamp
    return module
