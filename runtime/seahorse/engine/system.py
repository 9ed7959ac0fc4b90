"""Solana's System program, and the one that only sets a transaction's compute budget."""

from __future__ import annotations

import struct

from seahorse.engine.errors import custom, fail
from seahorse.engine.machine import MAX_DATA_BYTES, SYSTEM_PROGRAM, Frame, Info, named
from seahorse.rust import unsupported

COMPUTE_BUDGET_PROGRAM = bytes.fromhex("0306466fe5211732ffecadba72c39be7bc8ce5bbc5f7126b2c439b3a40000000")

ALREADY_IN_USE, NEGATIVE_LAMPORTS = 0, 1
_CREATE, _ASSIGN, _TRANSFER, _ALLOCATE = 0, 1, 2, 8
_NAMES = {3: "CreateAccountWithSeed", 4: "AdvanceNonceAccount", 5: "WithdrawNonceAccount"}


def creation(lamports: int, space: int, owner: bytes) -> bytes:
    """The data of CreateAccount."""
    return struct.pack("<IQQ32s", _CREATE, lamports, space, owner)


def payment(lamports: int) -> bytes:
    """The data of Transfer."""
    return struct.pack("<IQ", _TRANSFER, lamports)


def allocation(space: int) -> bytes:
    """The data of Allocate."""
    return struct.pack("<IQ", _ALLOCATE, space)


def assignment(owner: bytes) -> bytes:
    """The data of Assign."""
    return struct.pack("<I32s", _ASSIGN, owner)


def _address(key: bytes) -> str:
    return f"Address {{ address: {named(key)}, base: None }}"


class System:
    """The System program."""

    def process(self, frame: Frame) -> None:
        """Create accounts, and move lamports."""
        data = frame.data
        if len(data) < 4:
            fail("InvalidInstructionData")
        (tag,) = struct.unpack_from("<I", data)
        try:
            if tag == _TRANSFER:
                self._transfer(frame, *struct.unpack_from("<Q", data, 4))
            elif tag == _CREATE:
                self._create(frame, *struct.unpack_from("<QQ32s", data, 4))
            elif tag == _ALLOCATE:
                self._allocate(frame, frame.info(0), *struct.unpack_from("<Q", data, 4))
            elif tag == _ASSIGN:
                self._assign(frame, frame.info(0), *struct.unpack_from("<32s", data, 4))
            elif tag > 12:
                fail("InvalidInstructionData")
            else:
                unsupported(f"the System program's instruction {_NAMES.get(tag, tag)} beside a Python program")
        except struct.error:
            fail("InvalidInstructionData")

    def _create(self, frame: Frame, lamports: int, space: int, owner: bytes) -> None:
        source, new = frame.info(0), frame.info(1)
        if new.state.lamports > 0:
            frame.machine.log(f"Create Account: account {_address(new.key)} already in use")
            raise custom(ALREADY_IN_USE)
        self._allocate(frame, new, space)
        self._assign(frame, new, owner)
        self._move(frame, source, new, lamports)

    def _allocate(self, frame: Frame, info: Info, space: int) -> None:
        state = info.state
        if not info.signs:
            frame.machine.log(f"Allocate: 'to' account {_address(info.key)} must sign")
            fail("MissingRequiredSignature")
        if state.data or state.owner != SYSTEM_PROGRAM:
            frame.machine.log(f"Allocate: account {_address(info.key)} already in use")
            raise custom(ALREADY_IN_USE)
        if space > MAX_DATA_BYTES:
            frame.machine.log(f"Allocate: requested {space}, max allowed {MAX_DATA_BYTES}")
            raise custom(3)
        frame.resize(info, space)

    def _assign(self, frame: Frame, info: Info, owner: bytes) -> None:
        if info.state.owner == owner:
            return
        if not info.signs:
            frame.machine.log(f"Assign: account {_address(info.key)} must sign")
            fail("MissingRequiredSignature")
        frame.set_owner(info, owner)

    def _transfer(self, frame: Frame, lamports: int) -> None:
        self._move(frame, frame.info(0), frame.info(1), lamports)

    def _move(self, frame: Frame, source: Info, destination: Info, lamports: int) -> None:
        if not source.signs:
            frame.machine.log(f"Transfer: `from` account {named(source.key)} must sign")
            fail("MissingRequiredSignature")
        if source.state.data:
            frame.machine.log("Transfer: `from` must not carry data")
            fail("InvalidArgument")
        if lamports > source.state.lamports:
            frame.machine.log(f"Transfer: insufficient lamports {source.state.lamports}, need {lamports}")
            raise custom(NEGATIVE_LAMPORTS)
        frame.add_lamports(source, -lamports)
        frame.add_lamports(destination, lamports)


class ComputeBudget:
    """The program that does nothing: its instructions are read before the transaction runs."""

    def process(self, frame: Frame) -> None:
        """Succeed."""
