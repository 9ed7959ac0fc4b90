"""Solana's System program, and the one that only sets a transaction's compute budget."""

from __future__ import annotations

import struct

from solders.pubkey import Pubkey as Address

from seahorse.engine.errors import custom, fail
from seahorse.engine.machine import MAX_DATA_BYTES, SYSTEM_PROGRAM, Frame, Info, named
from seahorse.rust import unsupported

COMPUTE_BUDGET_PROGRAM = bytes.fromhex("0306466fe5211732ffecadba72c39be7bc8ce5bbc5f7126b2c439b3a40000000")

ALREADY_IN_USE, NEGATIVE_LAMPORTS = 0, 1
_TOO_LARGE, _WRONG_SEED = 3, 5
_CREATE, _ASSIGN, _TRANSFER, _CREATE_WITH_SEED, _ALLOCATE = 0, 1, 2, 3, 8
_NAMES = {4: "AdvanceNonceAccount", 5: "WithdrawNonceAccount", 6: "InitializeNonceAccount"}


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


def _address(key: bytes, base: bytes | None) -> str:
    shown = "None" if base is None else f"Some({named(base)})"
    return f"Address {{ address: {named(key)}, base: {shown} }}"


class System:
    """The System program."""

    counted = False

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
            elif tag == _CREATE_WITH_SEED:
                self._create_with_seed(frame)
            elif tag == _ALLOCATE:
                self._allocate(frame, frame.info(0), *struct.unpack_from("<Q", data, 4))
            elif tag == _ASSIGN:
                self._assign(frame, frame.info(0), *struct.unpack_from("<32s", data, 4))
            elif tag > 12:
                fail("InvalidInstructionData")
            else:
                unsupported(
                    f"the System program's instruction {_NAMES.get(tag, tag)} beside a Python program"
                )
        except struct.error:
            fail("InvalidInstructionData")

    def _create_with_seed(self, frame: Frame) -> None:
        base, length = struct.unpack_from("<32sQ", frame.data, 4)
        seed = frame.data[44 : 44 + length]
        lamports, space, owner = struct.unpack_from("<QQ32s", frame.data, 44 + length)
        new = frame.info(1)
        derived = bytes(Address.create_with_seed(Address(base), seed.decode(), Address(owner)))
        if derived != new.key:
            frame.machine.log(
                f"Create: address {named(new.key)} does not match derived address {named(derived)}"
            )
            raise custom(_WRONG_SEED)
        self._create(frame, lamports, space, owner, base)

    def _create(
        self, frame: Frame, lamports: int, space: int, owner: bytes, base: bytes | None = None
    ) -> None:
        source, new = frame.info(0), frame.info(1)
        if new.state.lamports > 0:
            frame.machine.log(f"Create Account: account {_address(new.key, base)} already in use")
            raise custom(ALREADY_IN_USE)
        self._allocate(frame, new, space, base)
        self._assign(frame, new, owner, base)
        self._move(frame, source, new, lamports)

    def _signs(self, frame: Frame, info: Info, base: bytes | None) -> bool:
        if base is None:
            return info.signs
        return any(each.signs and each.key == base for each in frame.infos)

    def _allocate(self, frame: Frame, info: Info, space: int, base: bytes | None = None) -> None:
        state = info.state
        if not self._signs(frame, info, base):
            frame.machine.log(f"Allocate: 'to' account {_address(info.key, base)} must sign")
            fail("MissingRequiredSignature")
        if state.data or state.owner != SYSTEM_PROGRAM:
            frame.machine.log(f"Allocate: account {_address(info.key, base)} already in use")
            raise custom(ALREADY_IN_USE)
        if space > MAX_DATA_BYTES:
            frame.machine.log(f"Allocate: requested {space}, max allowed {MAX_DATA_BYTES}")
            raise custom(_TOO_LARGE)
        frame.resize(info, space)

    def _assign(self, frame: Frame, info: Info, owner: bytes, base: bytes | None = None) -> None:
        if info.state.owner == owner:
            return
        if not self._signs(frame, info, base):
            frame.machine.log(f"Assign: account {_address(info.key, base)} must sign")
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

    counted = False

    def process(self, frame: Frame) -> None:
        """Succeed."""
