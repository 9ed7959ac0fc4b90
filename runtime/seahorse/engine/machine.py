"""Solana's runtime for one transaction: accounts, calls from program to program, and what each may change.

A program is given `Info`s and changes accounts only through `Frame`, which checks what a validator checks:
that only an account's owner changes its data or takes its lamports, that what is not writable stays, and
that a program asks for no signature or write that it was not given.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from solders.pubkey import Pubkey as Address

from seahorse.engine.errors import InstructionError, fail, failed
from seahorse.keys import Pubkey, signer_of

LOG_BYTES = 10_000
MAX_DEPTH = 5
MAX_DATA_BYTES = 10 * 1024 * 1024
SYSTEM_PROGRAM = bytes(32)

_names: dict[bytes, str] = {}


def named(key: bytes) -> str:
    """A key in base 58, remembered: to write it takes as long as a short instruction."""
    name = _names.get(key)
    if name is None:
        if len(_names) > 100_000:
            _names.clear()
        name = _names[bytes(key)] = str(Address(bytes(key)))
    return name


class State:
    """An account within a transaction."""

    __slots__ = ("data", "executable", "key", "lamports", "owner", "rent_epoch")

    def __init__(
        self, key: bytes, lamports: int, data: bytes, owner: bytes, executable: bool, rent_epoch: int
    ) -> None:
        self.key, self.lamports, self.data, self.owner = key, lamports, data, owner
        self.executable, self.rent_epoch = executable, rent_epoch


class Info:
    """An account as an instruction is given it."""

    __slots__ = ("key", "signs", "state", "writable")

    def __init__(self, state: State, signs: bool, writable: bool) -> None:
        self.state, self.key, self.signs, self.writable = state, state.key, signs, writable


class Meta(NamedTuple):
    """An account as an instruction asks for it."""

    key: bytes
    signs: bool
    writable: bool


class Call(NamedTuple):
    """A call from a program to another: accounts by their place in the transaction."""

    program: int
    accounts: bytes
    data: bytes
    depth: int


class RunnableProgram(Protocol):
    """A program that runs in this process.

    Attributes:
        counted: Whether a chain counts its compute units, and says so in the log.
    """

    counted: bool

    def process(self, frame: Frame) -> None:
        """Do what the instruction says. Raises InstructionError."""
        ...


class PanickedError(InstructionError):
    """A program has panicked: its own log says so in other words than its callers'."""


def panicked() -> PanickedError:
    """The error of a program that has stopped itself."""
    error = failed("ProgramFailedToComplete")
    return PanickedError(error.error, error.words)


class Frame:
    """One program's run of one instruction."""

    __slots__ = ("_lamports", "data", "depth", "infos", "machine", "program")

    def __init__(self, machine: Machine, program: bytes, infos: list[Info], data: bytes, depth: int) -> None:
        self.machine, self.program, self.infos, self.data, self.depth = machine, program, infos, data, depth
        self._lamports: dict[bytes, int] | None = None

    def log(self, message: str) -> None:
        """Write what the program says."""
        self.machine.log("Program log: " + message)

    def info(self, index: int) -> Info:
        """An account by its place. Raises NotEnoughAccountKeys."""
        if index >= len(self.infos):
            fail("NotEnoughAccountKeys")
        return self.infos[index]

    def set_data(self, info: Info, data: bytes) -> None:
        """Write an account's data."""
        state = info.state
        if data == state.data:
            return
        if state.executable:
            fail("ExecutableDataModified")
        if not info.writable:
            fail("ReadonlyDataModified")
        if state.owner != self.program:
            fail("ExternalAccountDataModified")
        state.data = data

    def resize(self, info: Info, size: int) -> None:
        """Give an account as many bytes, new ones zero."""
        state = info.state
        if state.owner != self.program:
            fail("AccountDataSizeChanged")
        if not info.writable:
            fail("ReadonlyDataModified")
        state.data = state.data[:size].ljust(size, b"\0")

    def set_owner(self, info: Info, owner: bytes) -> None:
        """Give an account to another program."""
        state = info.state
        if state.owner != self.program or not info.writable or state.executable or any(state.data):
            fail("ModifiedProgramId")
        state.owner = owner

    def add_lamports(self, info: Info, lamports: int) -> None:
        """Give lamports, or with a negative number take them. Raises ArithmeticOverflow."""
        if lamports == 0:
            return
        state = info.state
        if lamports < 0 and state.owner != self.program:
            fail("ExternalAccountLamportSpend")
        if not info.writable:
            fail("ReadonlyLamportChange")
        if state.executable:
            fail("ExecutableLamportChange")
        total = state.lamports + lamports
        if not 0 <= total < 1 << 64:
            fail("ArithmeticOverflow")
        state.lamports = total

    def move_unchecked(self, source: Info, destination: Info, lamports: int) -> None:
        """Move lamports as a program does in its memory: what it may not is found when it ends, or calls."""
        if self._lamports is None:
            self._lamports = {info.key: info.state.lamports for info in self.infos}
        source.state.lamports -= lamports
        destination.state.lamports += lamports

    def settle(self) -> None:
        """Check what the program has moved itself."""
        if self._lamports is None:
            return
        for info in self.infos:
            state, before = info.state, self._lamports[info.key]
            if state.lamports == before:
                continue
            if state.lamports < before and state.owner != self.program:
                fail("ExternalAccountLamportSpend")
            if not info.writable:
                fail("ReadonlyLamportChange")
            if state.executable:
                fail("ExecutableLamportChange")
        self._lamports = None

    def call(
        self, program: bytes, metas: Sequence[Meta], data: bytes, seeds: Sequence[Sequence[bytes]] = ()
    ) -> None:
        """Call another program; each of `seeds` signs for an address of this one."""
        self.settle()
        self.machine.call(self, program, metas, data, [signer_of(each, self.program) for each in seeds])


class Machine:
    """One transaction's run."""

    def __init__(
        self,
        states: list[State],
        programs: Callable[[bytes], RunnableProgram | None],
        rent: Callable[[int], int],
    ) -> None:
        """Run on these accounts, with these programs, and lamports of rent exemption by bytes."""
        self.states = states
        self.programs = programs
        self.rent = rent
        self.logs: list[str] = []
        self.calls: list[list[Call]] = []
        self.return_data: tuple[bytes, bytes] | None = None
        self._log_bytes = 0
        self._truncated = False
        self._stack: list[bytes] = []
        self._places: dict[bytes, int] | None = None

    def log(self, line: str) -> None:
        """Write a line, while there is room: a validator keeps 10,000 bytes."""
        self._log_bytes += len(line) if line.isascii() else len(line.encode())
        if self._log_bytes >= LOG_BYTES:
            self._log_bytes -= len(line.encode())
            if not self._truncated:
                self._truncated = True
                self.logs.append("Log truncated")
            return
        self.logs.append(line)

    def run(self, program: bytes, infos: list[Info], data: bytes) -> None:
        """Run an instruction of the transaction. Raises InstructionError."""
        self.calls.append([])
        self._process(program, infos, data, 1)

    def _process(self, program: bytes, infos: list[Info], data: bytes, depth: int) -> None:
        name = named(program)
        runnable = self.programs(program) or self.programs(self._owner(program))
        if runnable is None:
            fail("UnsupportedProgramId")
        self.log(f"Program {name} invoke [{depth}]")
        self._stack.append(program)
        self.return_data = None
        frame = Frame(self, program, infos, data, depth)
        try:
            runnable.process(frame)
            frame.settle()
        except PanickedError as error:
            self.log(f"Program {name} failed: SBF program panicked")
            raise InstructionError(error.error, error.words) from error.__cause__
        except InstructionError as error:
            self.log(f"Program {name} failed: {error.words}")
            raise
        finally:
            self._stack.pop()
        self._leave_room(name, counted=runnable.counted)
        if self.return_data is not None and self.return_data[0] == program:
            self.log(f"Program return: {name} {base64.b64encode(self.return_data[1]).decode()}")
        self.log(f"Program {name} success")

    def _leave_room(self, name: str, *, counted: bool) -> None:
        """Count the line that is not there, which tells compute units: where a log is cut depends on it."""
        if counted and not self._truncated:
            self._log_bytes += len(f"Program {name} consumed 10000 of 200000 compute units")

    def _owner(self, program: bytes) -> bytes:
        """What runs for an account that is no program: its owner, if that is a native program."""
        owner = next(state.owner for state in self.states if state.key == program)
        return owner if owner == SYSTEM_PROGRAM else program

    def call(
        self, caller: Frame, program: bytes, metas: Sequence[Meta], data: bytes, signers: list[Pubkey | None]
    ) -> None:
        """Run a program for another. Raises InstructionError."""
        if None in signers:
            fail("InvalidSeeds")
        given = {info.key: info for info in caller.infos}
        infos = self._granted(given, metas, signers)
        callee = given.get(program)
        if callee is None:
            self.log(f"Unknown program {named(program)}")
            fail("MissingAccount")
        if len(self._stack) >= MAX_DEPTH:
            fail("CallDepth")
        if program in self._stack and self._stack[-1] != program:
            fail("ReentrancyNotAllowed")
        places = self._places
        if places is None:
            places = self._places = {state.key: place for place, state in enumerate(self.states)}
        accounts = bytes([places[meta.key] for meta in metas])
        self.calls[-1].append(Call(places[program], accounts, data, caller.depth + 1))
        self._process(program, infos, data, caller.depth + 1)

    def _granted(
        self, given: dict[bytes, Info], metas: Sequence[Meta], signers: list[Pubkey | None]
    ) -> list[Info]:
        """The accounts of a call, if the caller has what it gives."""
        infos: dict[bytes, Info] = {}
        for key, signs, writable in metas:
            owned = given.get(key)
            if owned is None:
                self.log(f"Instruction references an unknown account {named(key)}")
                fail("MissingAccount")
            info = infos.get(key)
            if info is None:
                infos[key] = Info(owned.state, signs, writable)
            else:
                info.signs, info.writable = info.signs or signs, info.writable or writable
        for key, info in infos.items():
            owned = given[key]
            if info.writable and not owned.writable:
                self.log(f"{named(key)}'s writable privilege escalated")
                fail("PrivilegeEscalation")
            if info.signs and not owned.signs and key not in signers:
                self.log(f"{named(key)}'s signer privilege escalated")
                fail("PrivilegeEscalation")
        return [infos[meta.key] for meta in metas]
