"""The SPL Token program: its instructions, over the rules of `seahorse.tokens`."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from seahorse.engine.errors import InstructionError, custom, fail
from seahorse.engine.machine import SYSTEM_PROGRAM, Frame, Info
from seahorse.rust import unsupported
from seahorse.tokens import (
    ACCOUNT_BYTES,
    MESSAGES,
    MINT_BYTES,
    MULTISIG_BYTES,
    AccountState,
    InvalidStateError,
    MintState,
    Token,
    TokenError,
    burn,
    mint_to,
    transfer,
)

TOKEN_PROGRAM = bytes.fromhex("06ddf6e1d765a193d9cbe146ceeb79ac1cb485ed5f5b37913a8cf5857eff00a9")
NATIVE_MINT = bytes.fromhex("069b8857feab8184fb687f634618c035dac439dc1aeb3b5598a0f00000000001")
RENT_SYSVAR = bytes.fromhex("06a7d517192c5c51218cc94c3d4af17f58daee089ba1fd44e3dbd98a00000000")

_U64 = struct.Struct("<Q")
TRANSFER, MINT_TO, BURN = (bytes([tag]) for tag in (3, 7, 8))


def amount_data(tag: bytes, amount: int) -> bytes:
    """The data of an instruction that takes an amount."""
    return tag + _U64.pack(amount)


class TokenProgram:
    """SPL Token."""

    counted = True

    def process(self, frame: Frame) -> None:
        """Do an instruction, and say in the log what is wrong."""
        try:
            self._dispatch(frame)
        except TokenError as error:
            frame.log(f"Error: {MESSAGES[error.code]}")
            raise custom(error.code) from error
        except InvalidStateError as error:
            name = "UninitializedAccount" if error.uninitialized else "InvalidAccountData"
            frame.log(f"Error: {name}")
            fail(name)
        except _Wrong as error:
            frame.log(f"Error: {error.name}")
            fail(error.name)

    def _dispatch(self, frame: Frame) -> None:
        data = frame.data
        if not data:
            raise TokenError(Token.INVALID_INSTRUCTION)
        found = _INSTRUCTIONS.get(data[0])
        if found is None:
            if data[0] > 24:
                raise TokenError(Token.INVALID_INSTRUCTION)
            unsupported(f"SPL Token's instruction {data[0]} beside a Python program")
        name, read, run = found
        try:
            arguments = read(data)
        except (struct.error, IndexError):
            raise TokenError(Token.INVALID_INSTRUCTION) from None
        frame.log(f"Instruction: {name}")
        run(frame, *arguments)


class _Wrong(Exception):  # noqa: N818 (one of ProgramError's)
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _info(frame: Frame, index: int) -> Info:
    if index >= len(frame.infos):
        raise _Wrong("NotEnoughAccountKeys")
    return frame.infos[index]


def _owner_signs(frame: Frame, index: int) -> Callable[[bytes], None]:
    """What raises unless the authority at that place is the owner, and signs or is a signed multisig."""
    authority = _info(frame, index)

    def check(owner: bytes) -> None:
        if owner != authority.key:
            raise TokenError(Token.OWNER_MISMATCH)
        state = authority.state
        if state.owner == TOKEN_PROGRAM and len(state.data) == MULTISIG_BYTES:
            _check_multisig(state.data, frame.infos[index + 1 :])
        elif not authority.signs:
            raise _Wrong("MissingRequiredSignature")

    return check


def _check_multisig(data: bytes, signers: list[Info]) -> None:
    needed, count, initialized = data[0], data[1], data[2]
    if initialized > 1:
        raise InvalidStateError
    if not initialized:
        raise InvalidStateError(uninitialized=True)
    keys = [data[3 + 32 * n : 35 + 32 * n] for n in range(count)]
    matched: set[int] = set()
    for signer in signers:
        for place, key in enumerate(keys):
            if key == signer.key and place not in matched:
                if not signer.signs:
                    raise _Wrong("MissingRequiredSignature")
                matched.add(place)
    if len(matched) < needed:
        raise _Wrong("MissingRequiredSignature")


def _check_owner(*infos: Info) -> None:
    if any(info.state.owner != TOKEN_PROGRAM for info in infos):
        raise _Wrong("IncorrectProgramId")


# Instructions


def _initialize_mint(
    frame: Frame, decimals: int, authority: bytes, freezer: bytes | None, rent: bool
) -> None:
    info = _info(frame, 0)
    if rent:
        _check_rent_sysvar(frame, 1)
    state = MintState.unpack(info.state.data, checked=False)
    if state.initialized:
        raise TokenError(Token.ALREADY_IN_USE)
    if info.state.lamports < frame.machine.rent(MINT_BYTES):
        raise TokenError(Token.NOT_RENT_EXEMPT)
    state.authority, state.decimals, state.initialized, state.freeze_authority = (
        authority,
        decimals,
        True,
        freezer,
    )
    frame.set_data(info, state.pack())


def _check_rent_sysvar(frame: Frame, index: int) -> None:
    if _info(frame, index).key != RENT_SYSVAR:
        raise _Wrong("InvalidArgument")


def _initialize_account(frame: Frame, owner: bytes | None, rent: bool) -> None:
    info, mint = _info(frame, 0), _info(frame, 1)
    if owner is None:
        owner = _info(frame, 2).key
    if rent:
        _check_rent_sysvar(frame, 3 if frame.data[0] == 1 else 2)
    state = AccountState.unpack(info.state.data, checked=False)
    if state.state != 0:
        raise TokenError(Token.ALREADY_IN_USE)
    if info.state.lamports < frame.machine.rent(ACCOUNT_BYTES):
        raise TokenError(Token.NOT_RENT_EXEMPT)
    if mint.key != NATIVE_MINT:
        _check_owner(mint)
        try:
            MintState.unpack(mint.state.data)
        except InvalidStateError:
            raise TokenError(Token.INVALID_MINT) from None
    state.mint, state.owner, state.state = mint.key, owner, 1
    state.close_authority = state.delegate = state.native = None
    state.delegated = state.amount = 0
    if mint.key == NATIVE_MINT:
        state.native = frame.machine.rent(ACCOUNT_BYTES)
        state.amount = info.state.lamports - state.native
    frame.set_data(info, state.pack())


def _transfer(frame: Frame, amount: int, decimals: int | None) -> None:
    checked = decimals is not None
    source, destination = _info(frame, 0), _info(frame, 1 + checked)
    authority = _info(frame, 2 + checked)
    check_mint = _mint_check(frame, decimals) if checked else None
    taken, given = AccountState.unpack(source.state.data), AccountState.unpack(destination.state.data)
    same = source.key == destination.key
    owner_signs = _owner_signs(frame, 2 + checked)

    def signs(owner: bytes) -> None:
        owner_signs(owner)
        if same or amount == 0:
            _check_owner(source, destination)

    transfer(taken, given, amount, authority.key, signs, same=same, check_mint=check_mint)
    if not same:
        if taken.native is not None:
            _move_sol(frame, source, destination, amount)
        frame.set_data(source, taken.pack())
        frame.set_data(destination, given.pack())


def _move_sol(frame: Frame, source: Info, destination: Info, amount: int) -> None:
    if source.state.lamports < amount or destination.state.lamports + amount >= 1 << 64:
        raise TokenError(Token.OVERFLOW)
    frame.move_unchecked(source, destination, amount)


def _sync_native(frame: Frame) -> None:
    info = _info(frame, 0)
    _check_owner(info)
    state = AccountState.unpack(info.state.data)
    if state.native is None:
        raise TokenError(Token.NON_NATIVE_NOT_SUPPORTED)
    if info.state.lamports < state.native:
        raise TokenError(Token.OVERFLOW)
    amount = info.state.lamports - state.native
    if amount < state.amount:
        raise TokenError(Token.INVALID_STATE)
    state.amount = amount
    frame.set_data(info, state.pack())


def _mint_check(frame: Frame, decimals: int | None) -> Callable[[AccountState], None]:
    mint = _info(frame, 1)

    def check(source: AccountState) -> None:
        if mint.key != source.mint:
            raise TokenError(Token.MINT_MISMATCH)
        if MintState.unpack(mint.state.data).decimals != decimals:
            raise TokenError(Token.MINT_DECIMALS_MISMATCH)

    return check


def _mint_to(frame: Frame, amount: int, decimals: int | None) -> None:
    mint, destination = _info(frame, 0), _info(frame, 1)
    owner_signs = _owner_signs(frame, 2)
    given = AccountState.unpack(destination.state.data)
    if given.state == 2:
        raise TokenError(Token.ACCOUNT_FROZEN)
    if given.native is not None:
        raise TokenError(Token.NATIVE_NOT_SUPPORTED)
    if mint.key != given.mint:
        raise TokenError(Token.MINT_MISMATCH)
    kind = MintState.unpack(mint.state.data)

    def signs(owner: bytes) -> None:
        owner_signs(owner)
        if amount == 0:
            _check_owner(mint, destination)

    mint_to(kind, mint.key, given, amount, signs, decimals)
    frame.set_data(destination, given.pack())
    frame.set_data(mint, kind.pack())


def _burn(frame: Frame, amount: int, decimals: int | None) -> None:
    source, mint = _info(frame, 0), _info(frame, 1)
    authority = _info(frame, 2)
    taken, kind = AccountState.unpack(source.state.data), MintState.unpack(mint.state.data)
    burn(taken, kind, mint.key, amount, authority.key, _owner_signs(frame, 2), decimals)
    if amount == 0:
        _check_owner(source, mint)
    frame.set_data(source, taken.pack())
    frame.set_data(mint, kind.pack())


def _approve(frame: Frame, amount: int, decimals: int | None) -> None:
    checked = decimals is not None
    source, delegate = _info(frame, 0), _info(frame, 1 + checked)
    signs = _owner_signs(frame, 2 + checked)
    state = AccountState.unpack(source.state.data)
    if state.state == 2:
        raise TokenError(Token.ACCOUNT_FROZEN)
    if checked:
        _mint_check(frame, decimals)(state)
    signs(state.owner)
    state.delegate, state.delegated = delegate.key, amount
    frame.set_data(source, state.pack())


def _revoke(frame: Frame) -> None:
    source = _info(frame, 0)
    state = AccountState.unpack(source.state.data)
    signs = _owner_signs(frame, 1)
    if state.state == 2:
        raise TokenError(Token.ACCOUNT_FROZEN)
    signs(state.owner)
    state.delegate, state.delegated = None, 0
    frame.set_data(source, state.pack())


_MINT_TOKENS, _FREEZE_ACCOUNT, _ACCOUNT_OWNER, _CLOSE_ACCOUNT = range(4)


def _set_authority(frame: Frame, kind: int, new: bytes | None) -> None:
    info, signs = _info(frame, 0), _owner_signs(frame, 1)
    if len(info.state.data) == ACCOUNT_BYTES:
        frame.set_data(info, _with_authority(AccountState.unpack(info.state.data), kind, new, signs))
    elif len(info.state.data) == MINT_BYTES:
        frame.set_data(info, _with_mint_authority(MintState.unpack(info.state.data), kind, new, signs))
    else:
        raise _Wrong("InvalidArgument")


def _with_authority(
    state: AccountState, kind: int, new: bytes | None, signs: Callable[[bytes], None]
) -> bytes:
    if state.state == 2:
        raise TokenError(Token.ACCOUNT_FROZEN)
    if kind == _ACCOUNT_OWNER:
        signs(state.owner)
        if new is None:
            raise TokenError(Token.INVALID_INSTRUCTION)
        state.owner, state.delegate, state.delegated = new, None, 0
        if state.native is not None:
            state.close_authority = None
    elif kind == _CLOSE_ACCOUNT:
        signs(state.close_authority or state.owner)
        state.close_authority = new
    else:
        raise TokenError(Token.AUTHORITY_TYPE_NOT_SUPPORTED)
    return state.pack()


def _with_mint_authority(
    state: MintState, kind: int, new: bytes | None, signs: Callable[[bytes], None]
) -> bytes:
    if kind == _MINT_TOKENS:
        if state.authority is None:
            raise TokenError(Token.FIXED_SUPPLY)
        signs(state.authority)
        state.authority = new
    elif kind == _FREEZE_ACCOUNT:
        if state.freeze_authority is None:
            raise TokenError(Token.MINT_CANNOT_FREEZE)
        signs(state.freeze_authority)
        state.freeze_authority = new
    else:
        raise TokenError(Token.AUTHORITY_TYPE_NOT_SUPPORTED)
    return state.pack()


def _close(frame: Frame) -> None:
    source, destination = _info(frame, 0), _info(frame, 1)
    signs = _owner_signs(frame, 2)
    if source.key == destination.key:
        raise _Wrong("InvalidAccountData")
    state = AccountState.unpack(source.state.data)
    if state.native is None and state.amount != 0:
        raise TokenError(Token.NON_NATIVE_HAS_BALANCE)
    if state.owner == SYSTEM_PROGRAM:
        unsupported("to close a token account of the System program's")
    signs(state.close_authority or state.owner)
    lamports = source.state.lamports
    frame.add_lamports(source, -lamports)
    frame.add_lamports(destination, lamports)
    frame.resize(source, 0)
    frame.set_owner(source, SYSTEM_PROGRAM)


def _freeze(frame: Frame) -> None:
    source, mint = _info(frame, 0), _info(frame, 1)
    signs = _owner_signs(frame, 2)
    freezing = frame.data[0] == 10
    state = AccountState.unpack(source.state.data)
    if freezing == (state.state == 2):
        raise TokenError(Token.INVALID_STATE)
    if state.native is not None:
        raise TokenError(Token.NATIVE_NOT_SUPPORTED)
    if mint.key != state.mint:
        raise TokenError(Token.MINT_MISMATCH)
    kind = MintState.unpack(mint.state.data)
    if kind.freeze_authority is None:
        raise TokenError(Token.MINT_CANNOT_FREEZE)
    signs(kind.freeze_authority)
    state.state = 2 if freezing else 1
    frame.set_data(source, state.pack())


def _account_size(frame: Frame) -> None:
    mint = _info(frame, 0)
    _check_owner(mint)
    try:
        MintState.unpack(mint.state.data)
    except InvalidStateError:
        raise TokenError(Token.INVALID_MINT) from None
    frame.machine.return_data = TOKEN_PROGRAM, _U64.pack(ACCOUNT_BYTES)


def _immutable_owner(frame: Frame) -> None:
    if AccountState.unpack(_info(frame, 0).state.data, checked=False).state != 0:
        raise TokenError(Token.ALREADY_IN_USE)
    frame.log("Please upgrade to SPL Token 2022 for immutable owner support")


# Reading


def _nothing(_data: bytes) -> tuple[Any, ...]:
    return ()


def _amount(data: bytes) -> tuple[Any, ...]:
    return (*_U64.unpack_from(data, 1), None)


def _amount_decimals(data: bytes) -> tuple[Any, ...]:
    return (*_U64.unpack_from(data, 1), data[9])


def _key(data: bytes, at: int) -> bytes:
    if len(data) < at + 32:
        raise IndexError
    return data[at : at + 32]


def _optional_key(data: bytes, at: int) -> bytes | None:
    if data[at] > 1:
        raise IndexError
    return _key(data, at + 1) if data[at] else None


def _mint_arguments(data: bytes) -> tuple[Any, ...]:
    return data[1], _key(data, 2), _optional_key(data, 34), data[0] == 0


def _account_arguments(data: bytes) -> tuple[Any, ...]:
    return (None if data[0] == 1 else _key(data, 1)), data[0] != 18


def _authority_arguments(data: bytes) -> tuple[Any, ...]:
    if data[1] > 3:
        raise IndexError
    return data[1], _optional_key(data, 2)


_INSTRUCTIONS: dict[int, tuple[str, Callable[[bytes], tuple[Any, ...]], Callable[..., None]]] = {
    0: ("InitializeMint", _mint_arguments, _initialize_mint),
    1: ("InitializeAccount", _account_arguments, _initialize_account),
    3: ("Transfer", _amount, _transfer),
    4: ("Approve", _amount, _approve),
    5: ("Revoke", _nothing, _revoke),
    6: ("SetAuthority", _authority_arguments, _set_authority),
    7: ("MintTo", _amount, _mint_to),
    8: ("Burn", _amount, _burn),
    9: ("CloseAccount", _nothing, _close),
    10: ("FreezeAccount", _nothing, _freeze),
    11: ("ThawAccount", _nothing, _freeze),
    12: ("TransferChecked", _amount_decimals, _transfer),
    13: ("ApproveChecked", _amount_decimals, _approve),
    14: ("MintToChecked", _amount_decimals, _mint_to),
    15: ("BurnChecked", _amount_decimals, _burn),
    16: ("InitializeAccount2", _account_arguments, _initialize_account),
    17: ("SyncNative", _nothing, _sync_native),
    18: ("InitializeAccount3", _account_arguments, _initialize_account),
    20: ("InitializeMint2", _mint_arguments, _initialize_mint),
    21: ("GetAccountDataSize", _nothing, _account_size),
    22: ("InitializeImmutableOwner", _nothing, _immutable_owner),
}

__all__ = ["BURN", "MINT_TO", "TOKEN_PROGRAM", "TRANSFER", "InstructionError", "TokenProgram", "amount_data"]
