"""A program as Anchor compiles it: dispatch, its checks of accounts in their order, and the writing back.

Each account parameter is loaded into an object of its own. At the end those that the instruction may have
written to are written back in the order of the parameters: of one account passed twice, the last one wins, as
it does on a chain.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple, NoReturn

from seahorse import context
from seahorse.accounts import (
    Account,
    Clock,
    CpiAccount,
    Empty,
    Event,
    Program,
    Signer,
    TokenAccount,
    TokenMint,
    UncheckedAccount,
    fields_of,
)
from seahorse.engine.associated import ASSOCIATED_TOKEN_PROGRAM
from seahorse.engine.machine import SYSTEM_PROGRAM, Frame, Info, Meta, panicked
from seahorse.engine.refusals import AnchorError, ProgramError, refuse
from seahorse.engine.system import allocation, assignment, creation, payment
from seahorse.engine.token import BURN, MINT_TO, RENT_SYSVAR, TOKEN_PROGRAM, TRANSFER, amount_data
from seahorse.integers import i64, u8, u64
from seahorse.keys import Pubkey, find, seed_bytes
from seahorse.layout import DecodeError, OutOfMemoryError
from seahorse.program import Instruction, Parameter, instructions_of, program_id_of
from seahorse.rust import Panic, unsupported
from seahorse.tokens import ACCOUNT_BYTES, MINT_BYTES, AccountState, InvalidStateError, MintState

DISCRIMINATOR_BYTES = 8
CLOCK_SYSVAR = bytes.fromhex("06a7d51718c774c928566398691d5eb68b5eb8a39b4b6d5c73555b2100000000")
_IDL_TAG = hashlib.sha256(b"anchor:idl").digest()[:8][::-1]
_EVENT_TAG = (0x1D9ACB512EA545E4).to_bytes(8, "little")
# A program is taken for one built with Anchor's no-idl, and without event-cpi.
_STUBS = {_IDL_TAG: "IdlInstructionStub", _EVENT_TAG: "EventInstructionStub"}
_CLOCK = struct.Struct("<QqQQq")

_INFERRED = {
    "system_program": SYSTEM_PROGRAM,
    "token_program": TOKEN_PROGRAM,
    "associated_token_program": ASSOCIATED_TOKEN_PROGRAM,
    "rent": RENT_SYSVAR,
}


def discriminator(kind: str, name: str) -> bytes:
    """What the data of an account, an event or an instruction begins with."""
    return hashlib.sha256(f"{kind}:{name}".encode()).digest()[:DISCRIMINATOR_BYTES]


class _Slot(NamedTuple):
    """An account of an instruction, as Anchor checks it."""

    name: str
    load: Callable[[Info, bytes], Any] | None  # None: it is made
    mutable: bool
    parameter: Parameter | None


class _Handler(NamedTuple):
    """An instruction, ready to run."""

    instruction: Instruction
    slots: tuple[_Slot, ...]
    made: tuple[int, ...]
    mutable: tuple[int, ...]
    written: tuple[int, ...]
    order: tuple[tuple[bool, Any], ...]  # of the parameters: whether an account, and its place or name


class AnchorProgram:
    """A program whose source is a Python module.

    Args:
        module: It.
        program_id: The address where it is: the module declares the one where it has to be.
        log_names: Whether it says the name of each instruction, as Anchor does unless it is told not to.
    """

    counted = True

    def __init__(self, module: ModuleType, program_id: bytes, *, log_names: bool = False) -> None:
        self.program_id = Pubkey(program_id)
        self.module = module
        self._declared = program_id_of(vars(module))
        self._log_names = log_names
        self._handlers = {
            discriminator("global", name): self._handler(instruction)
            for name, instruction in instructions_of(module).items()
        }

    def process(self, frame: Frame) -> None:
        """Run an instruction. Raises InstructionError."""
        try:
            self._run(frame)
        except AnchorError as error:
            error.log(frame)
            raise error.raised() from error
        except OutOfMemoryError as error:
            raise panicked() from error
        except AssertionError as error:
            message = str(error.args[0]) if error.args else ""
            frame.log(f"panicked at <redacted>:0:0:\n{message}")
            raise panicked() from error

    def _run(self, frame: Frame) -> None:
        if frame.program != self._declared:
            refuse("DeclaredProgramIdMismatch")
        data = frame.data
        if len(data) < DISCRIMINATOR_BYTES:
            refuse("InstructionMissing")
        handler = self._handlers.get(data[:DISCRIMINATOR_BYTES])
        if handler is None:
            refuse(_STUBS.get(data[:DISCRIMINATOR_BYTES], "InstructionFallbackNotFound"))
        if self._log_names:
            frame.log("Instruction: " + "".join(map(str.capitalize, handler.instruction.name.split("_"))))
        try:
            arguments, _ = handler.instruction.arguments.read_fields(data, DISCRIMINATOR_BYTES)
        except DecodeError:
            raise AnchorError("InstructionDidNotDeserialize") from None
        accounts = self._accounts(frame, handler, arguments)
        self._call(frame, handler, accounts, arguments)
        for place in handler.written:
            _exit(frame, handler.slots[place].name, accounts[place])

    def _call(self, frame: Frame, handler: _Handler, accounts: list[Any], arguments: dict[str, Any]) -> None:
        given = [accounts[which] if is_account else arguments[which] for is_account, which in handler.order]
        context.enter(_Running(frame, self.program_id, handler, accounts))
        try:
            handler.instruction.function(*given)
        finally:
            context.leave()

    def _accounts(self, frame: Frame, handler: _Handler, arguments: dict[str, Any]) -> list[Any]:
        """The instruction's accounts, checked and loaded in Anchor's order."""
        infos, program = frame.infos, self._declared
        count = len(infos)
        accounts: list[Any] = []
        for place, slot in enumerate(handler.slots):
            if slot.load is None:
                if place >= count:
                    refuse("AccountNotEnoughKeys")
                accounts.append(_wanted(infos[place], slot.parameter))
                continue
            try:
                if place >= count:
                    refuse("AccountNotEnoughKeys")
                accounts.append(slot.load(infos[place], program))
            except AnchorError as error:
                error.account = slot.name
                raise
        if handler.made:
            self._make_all(frame, handler, accounts, arguments)
        for place in handler.mutable:
            if not infos[place].writable:
                refuse("ConstraintMut", account=handler.slots[place].name)
        return accounts

    def _make_all(
        self, frame: Frame, handler: _Handler, accounts: list[Any], arguments: dict[str, Any]
    ) -> None:
        known = dict(zip((slot.name for slot in handler.slots), accounts, strict=True)) | arguments
        context.enter(_Running(frame, self.program_id, handler, accounts))
        try:
            for place in handler.made:
                slot = handler.slots[place]
                _make(frame, slot, accounts[place], known, self._declared)
                known[slot.name] = accounts[place].account
        finally:
            context.leave()

    # Preparing

    def _handler(self, instruction: Instruction) -> _Handler:
        written = instruction.written
        slots = [_slot(each, each.name in written) for each in instruction.parameters if each.codec is None]
        slots += [_inferred(name) for name in instruction.inferred]
        places = {slot.name: place for place, slot in enumerate(slots) if slot.parameter is not None}
        return _Handler(
            instruction,
            tuple(slots),
            tuple(place for place, slot in enumerate(slots) if slot.load is None),
            tuple(place for place, slot in enumerate(slots) if slot.mutable),
            tuple(
                place
                for place, slot in enumerate(slots)
                if slot.parameter is not None and slot.parameter.is_record and slot.name in written
            ),
            tuple(
                (True, places[each.name]) if each.codec is None else (False, each.name)
                for each in instruction.parameters
            ),
        )


# Accounts as they are given


def _slot(parameter: Parameter, written: bool) -> _Slot:
    kind = parameter.kind
    if parameter.empty:
        return _Slot(parameter.name, None, False, parameter)
    if parameter.is_record:
        return _Slot(parameter.name, _record_loader(kind), written, parameter)
    loader = _LOADERS.get(kind)
    if loader is None:
        unsupported(f"{parameter.name}: an account of type {kind.__name__}")
    return _Slot(parameter.name, loader, written, parameter)


def _inferred(name: str) -> _Slot:
    address = _INFERRED[name]
    if name == "rent":

        def load(info: Info, _program: bytes) -> None:
            if info.key != address:
                refuse("AccountSysvarMismatch")
    else:

        def load(info: Info, _program: bytes) -> None:
            if info.key != address:
                refuse("InvalidProgramId", (info.key, address))
            if not info.state.executable:
                refuse("InvalidProgramExecutable")

    return _Slot(name, load, False, None)


def _check_owner(info: Info, owner: bytes) -> None:
    state = info.state
    if state.owner != owner:
        if state.owner == SYSTEM_PROGRAM and state.lamports == 0:
            refuse("AccountNotInitialized")
        refuse("AccountOwnedByWrongProgram", (state.owner, owner))


def _record_loader(kind: Any) -> Callable[[Info, bytes], Any]:
    tag = discriminator("account", kind.__name__)
    read = fields_of(kind).read_fields
    new = kind.__new__

    def load(info: Info, program: bytes) -> Any:
        _check_owner(info, program)
        data = info.state.data
        if len(data) < DISCRIMINATOR_BYTES:
            refuse("AccountDiscriminatorNotFound")
        if data[:DISCRIMINATOR_BYTES] != tag:
            refuse("AccountDiscriminatorMismatch")
        try:
            fields, _ = read(data, DISCRIMINATOR_BYTES)
        except DecodeError:
            raise AnchorError("AccountDidNotDeserialize") from None
        return _record(new(kind), fields, info)

    return load


def _record(record: Any, fields: dict[str, Any], info: Info) -> Any:
    fields["_key"] = bytes.__new__(Pubkey, info.key)
    fields["_info"] = info
    record.__dict__.update(fields)
    return record


def _load_signer(info: Info, _program: bytes) -> Signer:
    if not info.signs:
        refuse("AccountNotSigner")
    return _bare(Signer, info)


def _bare(kind: Any, info: Info) -> Any:
    made = kind.__new__(kind)
    made._key = bytes.__new__(Pubkey, info.key)
    made._info = info
    return made


def _load_tokens(info: Info, _program: bytes) -> TokenAccount:
    _check_owner(info, TOKEN_PROGRAM)
    made = _bare(TokenAccount, info)
    made._state = state = _unpacked(AccountState, info.state.data)
    made._amount = int.__new__(u64, state.amount)
    return made


def _load_mint(info: Info, _program: bytes) -> TokenMint:
    _check_owner(info, TOKEN_PROGRAM)
    made = _bare(TokenMint, info)
    made._state = state = _unpacked(MintState, info.state.data)
    made._supply = int.__new__(u64, state.supply)
    return made


def _unpacked(kind: Any, data: bytes) -> Any:
    try:
        return kind.unpack(data)
    except InvalidStateError as error:
        raise ProgramError("UninitializedAccount" if error.uninitialized else "InvalidAccountData") from None


def _load_clock(info: Info, _program: bytes) -> Clock:
    if info.key != CLOCK_SYSVAR or len(info.state.data) < _CLOCK.size:
        refuse("AccountSysvarMismatch")
    slot, start, epoch, leaders, now = _CLOCK.unpack_from(info.state.data)
    clock = _bare(Clock, info)
    new = int.__new__
    clock._slot, clock._epoch, clock._leaders = new(u64, slot), new(u64, epoch), new(u64, leaders)
    clock._start, clock._time = new(i64, start), new(i64, now)
    return clock


_LOADERS: dict[Any, Callable[[Info, bytes], Any]] = {
    Signer: _load_signer,
    TokenAccount: _load_tokens,
    TokenMint: _load_mint,
    Clock: _load_clock,
    UncheckedAccount: lambda info, _program: _bare(UncheckedAccount, info),
    Program: lambda info, _program: _bare(Program, info),
}


# Accounts that are made


def _wanted(info: Info, parameter: Any) -> Empty[Any]:
    empty: Any = _bare(Empty, info)
    empty.kind, empty.account, empty._bump = parameter.kind, None, None
    return empty


def _make(frame: Frame, slot: _Slot, empty: Any, known: dict[str, Any], program: bytes) -> None:
    """Make an account, as Anchor's `init` does."""
    making: Any = slot.parameter.making if slot.parameter is not None else None
    info: Info = empty._info
    seeds = making.value("seeds", known)
    signers: tuple[Any, ...] = ()
    if seeds is not None:
        raw = tuple(seed_bytes(seed) for seed in seeds)
        address, bump = find(raw, program)
        if info.key != address:
            _about(slot, AnchorError("ConstraintSeeds", (info.key, address)))
        empty._bump = u8(bump)
        signers = ((*raw, bytes([bump])),)
    payer = making.value("payer", known)
    kind = empty.kind
    _create(frame, info, payer._info, signers, *_room(kind, making, known, program))
    try:
        empty.account = _initialized(frame, kind, info, making, known, program)
    except AnchorError as error:
        _about(slot, error)
    if not info.writable:
        _about(slot, AnchorError("ConstraintMut"))
    if seeds is None and not info.signs:
        _about(slot, AnchorError("ConstraintSigner"))
    if info.state.lamports < frame.machine.rent(len(info.state.data)):
        _about(slot, AnchorError("ConstraintRentExempt"))


def _about(slot: _Slot, error: AnchorError) -> NoReturn:
    error.account = slot.name
    raise error


def _room(kind: Any, making: Any, known: dict[str, Any], program: bytes) -> tuple[int, bytes]:
    """The bytes of the new account, and whose it is."""
    if kind is TokenAccount:
        return ACCOUNT_BYTES, TOKEN_PROGRAM
    if kind is TokenMint:
        return MINT_BYTES, TOKEN_PROGRAM
    space = making.value("space", known)
    if space is not None:
        return int(space), program
    return fields_of(kind).size + DISCRIMINATOR_BYTES + int(making.value("padding", known) or 0), program


def _create(
    frame: Frame, info: Info, payer: Info, signers: tuple[Any, ...], space: int, owner: bytes
) -> None:
    needed, present = frame.machine.rent(space), info.state.lamports
    if present == 0:
        metas = (Meta(payer.key, True, True), Meta(info.key, True, True))
        frame.call(SYSTEM_PROGRAM, metas, creation(needed, space, owner), signers)
        return
    if payer.key == info.key:
        refuse("TryingToInitPayerAsProgramAccount", (payer.key, info.key))
    missing = max(needed, 1) - present
    if missing > 0:
        metas = (Meta(payer.key, True, True), Meta(info.key, False, True))
        frame.call(SYSTEM_PROGRAM, metas, payment(missing))
    own = (Meta(info.key, True, True),)
    frame.call(SYSTEM_PROGRAM, own, allocation(space), signers)
    frame.call(SYSTEM_PROGRAM, own, assignment(owner), signers)


def _initialized(
    frame: Frame, kind: Any, info: Info, making: Any, known: dict[str, Any], program: bytes
) -> Any:
    if kind is TokenAccount:
        owner = making.value("authority", known).key()
        mint = making.value("mint", known)._info.key
        metas = (Meta(info.key, False, True), Meta(mint, False, False))
        frame.call(TOKEN_PROGRAM, metas, b"\x12" + bytes(owner))
        return _load_tokens(info, program)
    if kind is TokenMint:
        authority = making.value("authority", known).key()
        decimals = int(making.value("decimals", known))
        data = bytes([20, decimals]) + bytes(authority) + b"\0"
        frame.call(TOKEN_PROGRAM, (Meta(info.key, False, True),), data)
        return _load_mint(info, program)
    _check_owner(info, program)
    try:
        fields, _ = fields_of(kind).read_fields(info.state.data, DISCRIMINATOR_BYTES)
    except DecodeError:
        raise AnchorError("AccountDidNotDeserialize") from None
    return _record(kind.__new__(kind), fields, info)


def _exit(frame: Frame, name: str, account: Any) -> None:
    """Write an account back."""
    if account.__class__ is Empty:
        account = account.account
    info: Info = account._info
    state = info.state
    if state.owner == SYSTEM_PROGRAM and not state.data:
        return
    kind = account.__class__
    content = _tag(kind) + fields_of(kind).packed_fields(account.__dict__)
    if len(content) > len(state.data):
        refuse("AccountDidNotSerialize", account=name)
    frame.set_data(info, content + state.data[len(content) :])


_tags: dict[type, bytes] = {}


def _tag(kind: type) -> bytes:
    found = _tags.get(kind)
    if found is None:
        found = _tags[kind] = discriminator("account", kind.__name__)
    return found


_event_tags: dict[type, bytes] = {}


class _Running:
    """The context of an instruction that the engine runs."""

    __slots__ = ("_accounts", "_frame", "_handler", "program_id")

    def __init__(self, frame: Frame, program_id: Pubkey, handler: _Handler, accounts: list[Any]) -> None:
        self._frame, self.program_id, self._handler, self._accounts = frame, program_id, handler, accounts

    def log(self, line: str) -> None:
        self._frame.log(line)

    def emit(self, event: Event) -> None:
        kind = event.__class__
        tag = _event_tags.get(kind)
        if tag is None:
            tag = _event_tags[kind] = discriminator("event", kind.__name__)
        data = tag + fields_of(kind).packed_fields(event.__dict__)
        self._frame.machine.log("Program data: " + base64.b64encode(data).decode())

    def token(self, name: str, accounts: tuple[Any, ...], amount: int, seeds: Any) -> None:
        first, second, authority = accounts
        metas = (
            Meta(first._info.key, False, True),
            Meta(second._info.key, False, True),
            Meta(_info_of(authority).key, True, False),
        )
        tag = {"transfer": TRANSFER, "mint": MINT_TO, "burn": BURN}[name]
        signers = () if seeds is None else ([seed_bytes(seed) for seed in seeds],)
        self._frame.call(TOKEN_PROGRAM, metas, amount_data(tag, amount), signers)

    def pay(self, source: Any, destination: Any, lamports: int) -> None:
        metas = (Meta(source._info.key, True, True), Meta(_info_of(destination).key, False, True))
        self._frame.call(SYSTEM_PROGRAM, metas, payment(lamports))

    def move(self, source: Any, destination: Any, lamports: int) -> None:
        giver, taker = source._info, _info_of(destination)
        if giver.state.lamports < lamports:
            raise Panic("attempt to subtract with overflow")
        if giver is not taker and taker.state.lamports + lamports >= 1 << 64:
            raise Panic("attempt to add with overflow")
        self._frame.move_unchecked(giver, taker, int(lamports))

    def invoke(self, program: Program, accounts: list[CpiAccount], data: bytes) -> None:
        metas = [Meta(_info_of(each.account).key, each.signer, each.mut) for each in accounts]
        seeds = [each.seeds for each in accounts if each.seeds is not None]
        info: Any = _info_of(program)
        self._frame.call(info.key, metas, data, seeds)

    def init(self, empty: Any, payer: Any, **arguments: Any) -> Any:  # noqa: ARG002
        return empty.account

    def seeds_of(self, empty: Any) -> Any:  # noqa: ARG002
        return None


def _info_of(account: Any) -> Info:
    return account._info


__all__ = ["Account", "AnchorProgram", "discriminator"]
