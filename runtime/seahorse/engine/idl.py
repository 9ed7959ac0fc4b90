"""The instructions that Anchor puts into every program, to keep its IDL on the chain."""

from __future__ import annotations

import hashlib
import struct

from solders.pubkey import Pubkey as Address

from seahorse.engine.machine import SYSTEM_PROGRAM, Frame, Info, Meta
from seahorse.engine.refusals import refuse
from seahorse.engine.system import creation_with_seed
from seahorse.keys import KEY_BYTES, find
from seahorse.rust import panic, unsupported

IDL_TAG = hashlib.sha256(b"anchor:idl").digest()[:8][::-1]
_ACCOUNT_TAG = hashlib.sha256(b"internal:IdlAccount").digest()[:8]
_SEED = "anchor:idl"
_HEAD_BYTES, _MOST_BYTES = 44, 10_000
_CREATE, _WRITE, _SET_AUTHORITY = 0, 2, 4
_OTHERS = {1: "IdlCreateBuffer", 3: "IdlSetBuffer", 5: "IdlCloseAccount", 6: "IdlResizeAccount"}
_NOBODY = bytes(KEY_BYTES)


def idl_instruction(frame: Frame, *, log_names: bool) -> None:
    """Create the IDL's account, write into it or hand it on; the other instructions are refused by name."""
    arguments = frame.data[8:]
    kind = arguments[0] if arguments else -1
    if kind == _CREATE and len(arguments) >= 9:
        _create(frame, *struct.unpack_from("<Q", arguments, 1), log_names)
    elif kind == _WRITE and len(arguments) >= 5 + int.from_bytes(arguments[1:5], "little"):
        _write(frame, arguments[5 : 5 + int.from_bytes(arguments[1:5], "little")], log_names)
    elif kind == _SET_AUTHORITY and len(arguments) >= 1 + KEY_BYTES:
        _set_authority(frame, arguments[1 : 1 + KEY_BYTES], log_names)
    elif kind in _OTHERS:
        unsupported(f"Anchor's instruction {_OTHERS[kind]} of a program in Python")
    else:
        refuse("InstructionDidNotDeserialize")


def _say(frame: Frame, name: str, log_names: bool) -> None:
    if log_names:
        frame.log(f"Instruction: {name}")


def _given(frame: Frame, *names: str) -> list[Info]:
    for place, name in enumerate(names):
        if place >= len(frame.infos):
            refuse("AccountNotEnoughKeys", account=name)
        info = frame.infos[place]
        if name == "system_program":
            if info.key != SYSTEM_PROGRAM:
                refuse("InvalidProgramId", (info.key, SYSTEM_PROGRAM), name)
        elif name == "idl":
            _check_idl(frame, info)
        elif name == "authority" and not info.signs:
            refuse("AccountNotSigner", account=name)
    return frame.infos[: len(names)]


def _check_idl(frame: Frame, info: Info) -> None:
    state = info.state
    if state.owner == SYSTEM_PROGRAM and state.lamports == 0:
        refuse("AccountNotInitialized", account="idl")
    if state.owner != frame.program:
        refuse("AccountOwnedByWrongProgram", (state.owner, frame.program), "idl")
    if len(state.data) < 8:
        refuse("AccountDiscriminatorNotFound", account="idl")
    if state.data[:8] != _ACCOUNT_TAG:
        refuse("AccountDiscriminatorMismatch", account="idl")
    if len(state.data) < _HEAD_BYTES:
        refuse("AccountDidNotDeserialize", account="idl")


def _create(frame: Frame, length: int, log_names: bool) -> None:
    payer, new, base, _, program = _given(frame, "from", "to", "base", "system_program", "program")
    signer, bump = find((), frame.program)
    if not payer.signs:
        refuse("ConstraintSigner", account="from")
    if not new.writable:
        refuse("ConstraintMut", account="to")
    if base.key != signer:
        refuse("ConstraintSeeds", (base.key, signer), "base")
    if not program.state.executable:
        refuse("ConstraintExecutable", account="program")
    _say(frame, "IdlCreateAccount", log_names)
    if program.key != frame.program:
        refuse("IdlInstructionInvalidProgram")
    address = bytes(Address.create_with_seed(Address(bytes(signer)), _SEED, Address(frame.program)))
    space = min(_HEAD_BYTES + length, _MOST_BYTES)
    metas = (Meta(payer.key, True, True), Meta(address, False, True), Meta(signer, True, False))
    data = creation_with_seed(signer, _SEED, frame.machine.rent(space), space, frame.program)
    frame.call(SYSTEM_PROGRAM, metas, data, ((bytes([bump]),),))
    content = new.state.data
    frame.set_data(new, _ACCOUNT_TAG + payer.key + content[8 + KEY_BYTES :])


def _own(frame: Frame) -> Info:
    """The IDL's account, if its authority signs."""
    idl, authority = _given(frame, "idl", "authority")
    if not idl.writable:
        refuse("ConstraintMut", account="idl")
    owner = idl.state.data[8 : 8 + KEY_BYTES]
    if owner != authority.key:
        refuse("ConstraintHasOne", (owner, authority.key), "idl")
    if authority.key == _NOBODY:
        refuse("ConstraintRaw", account="authority")
    return idl


def _write(frame: Frame, content: bytes, log_names: bool) -> None:
    idl = _own(frame)
    _say(frame, "IdlWrite", log_names)
    data = idl.state.data
    begin = int.from_bytes(data[40:44], "little")
    end = begin + len(content)
    if end > len(data) - _HEAD_BYTES:
        panic(f"range end index {end} out of range for slice of length {len(data) - _HEAD_BYTES}")
    head = data[:40] + end.to_bytes(4, "little")
    frame.set_data(idl, head + data[44 : 44 + begin] + content + data[44 + end :])


def _set_authority(frame: Frame, new: bytes, log_names: bool) -> None:
    idl = _own(frame)
    _say(frame, "IdlSetAuthority", log_names)
    data = idl.state.data
    frame.set_data(idl, data[:8] + new + data[8 + KEY_BYTES :])
