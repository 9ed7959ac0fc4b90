"""SPL Token's rules for the states of mints and token accounts, in the order in which it checks them.

The same rules serve accounts as objects, and the engine, which has them as bytes.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import Any

U64_MAX = 2**64 - 1
MINT_BYTES, ACCOUNT_BYTES, MULTISIG_BYTES = 82, 165, 355
_INCINERATOR = bytes.fromhex("003390728d34116079bdc911bfff00dbd44d2ecdccf79ca6e10038e100000000")
_SYSTEM_OWNERS = (bytes(32), _INCINERATOR)
_ACCOUNT = struct.Struct("<32s32sQI32sBIQQI32s")
_MINT = struct.Struct("<I32sQBBI32s")


class Token(IntEnum):
    """SPL Token's errors."""

    NOT_RENT_EXEMPT = 0
    INSUFFICIENT_FUNDS = 1
    INVALID_MINT = 2
    MINT_MISMATCH = 3
    OWNER_MISMATCH = 4
    FIXED_SUPPLY = 5
    ALREADY_IN_USE = 6
    INVALID_NUMBER_OF_PROVIDED_SIGNERS = 7
    INVALID_NUMBER_OF_REQUIRED_SIGNERS = 8
    UNINITIALIZED_STATE = 9
    NATIVE_NOT_SUPPORTED = 10
    NON_NATIVE_HAS_BALANCE = 11
    INVALID_INSTRUCTION = 12
    INVALID_STATE = 13
    OVERFLOW = 14
    AUTHORITY_TYPE_NOT_SUPPORTED = 15
    MINT_CANNOT_FREEZE = 16
    ACCOUNT_FROZEN = 17
    MINT_DECIMALS_MISMATCH = 18
    NON_NATIVE_NOT_SUPPORTED = 19


MESSAGES = {
    Token.NOT_RENT_EXEMPT: "Lamport balance below rent-exempt threshold",
    Token.INSUFFICIENT_FUNDS: "insufficient funds",
    Token.INVALID_MINT: "Invalid Mint",
    Token.MINT_MISMATCH: "Account not associated with this Mint",
    Token.OWNER_MISMATCH: "owner does not match",
    Token.FIXED_SUPPLY: "the total supply of this token is fixed",
    Token.ALREADY_IN_USE: "account or token already in use",
    Token.INVALID_NUMBER_OF_PROVIDED_SIGNERS: "Invalid number of provided signers",
    Token.INVALID_NUMBER_OF_REQUIRED_SIGNERS: "Invalid number of required signers",
    Token.UNINITIALIZED_STATE: "State is uninitialized",
    Token.NATIVE_NOT_SUPPORTED: "Instruction does not support native tokens",
    Token.NON_NATIVE_HAS_BALANCE: "Non-native account can only be closed if its balance is zero",
    Token.INVALID_INSTRUCTION: "Invalid instruction",
    Token.INVALID_STATE: "Invalid account state for operation",
    Token.OVERFLOW: "Operation overflowed",
    Token.AUTHORITY_TYPE_NOT_SUPPORTED: "Account does not support specified authority type",
    Token.MINT_CANNOT_FREEZE: "This token mint cannot freeze accounts",
    Token.ACCOUNT_FROZEN: "Account is frozen",
    Token.MINT_DECIMALS_MISMATCH: "decimals different from the Mint decimals",
    Token.NON_NATIVE_NOT_SUPPORTED: "Instruction does not support non-native tokens",
}


class TokenError(Exception):
    """The token program refuses."""

    def __init__(self, code: Token) -> None:
        """With one of its errors."""
        super().__init__(MESSAGES[code])
        self.code = code


class InvalidStateError(ValueError):
    """Bytes that are no mint's or token account's: `InvalidAccountData`, or not initialized."""

    def __init__(self, *, uninitialized: bool = False) -> None:
        """Of the wrong layout, or never initialized."""
        super().__init__("not initialized" if uninitialized else "invalid account data")
        self.uninitialized = uninitialized


class AccountState:
    """What a token account holds, of which mint, for whom."""

    __slots__ = (
        *("mint", "owner", "amount", "delegate", "state", "native", "delegated", "close_authority"),
        "_unused",
    )

    def __init__(self, mint: bytes = bytes(32), owner: bytes = bytes(32), amount: int = 0) -> None:
        """An initialized one without a delegate."""
        self.mint, self.owner, self.amount = mint, owner, amount
        self.delegate: bytes | None = None
        self.state = 1  # 0 uninitialized, 2 frozen
        self.native: int | None = None  # lamports of its rent exemption, if it holds wrapped SOL
        self.delegated = 0
        self.close_authority: bytes | None = None
        self._unused = (bytes(32), 0, bytes(32))  # what lies where there is no value: it stays there

    @classmethod
    def unpack(cls, data: Any, *, checked: bool = True) -> AccountState:
        """Read it. Raises InvalidStateError; an uninitialized one passes if not checked."""
        if len(data) != ACCOUNT_BYTES:
            raise InvalidStateError
        made = cls.__new__(cls)
        fields = _ACCOUNT.unpack(data)
        made.mint, made.owner, made.amount, has_delegate, delegate, made.state = fields[:6]
        has_native, native, made.delegated, has_closer, closer = fields[6:]
        if has_delegate > 1 or made.state > 2 or has_native > 1 or has_closer > 1:
            raise InvalidStateError
        if checked and made.state == 0:
            raise InvalidStateError(uninitialized=True)
        made.delegate = delegate if has_delegate else None
        made.native = native if has_native else None
        made.close_authority = closer if has_closer else None
        made._unused = (delegate, native, closer)
        return made

    def pack(self) -> bytes:
        """Its 165 bytes."""
        delegate, native, closer = self._unused
        return _ACCOUNT.pack(
            *(self.mint, self.owner, self.amount),
            *(self.delegate is not None, delegate if self.delegate is None else self.delegate, self.state),
            *(self.native is not None, native if self.native is None else self.native, self.delegated),
            *(self.close_authority is not None, self.close_authority or closer),
        )


class MintState:
    """A kind of token: how many there are, and who may make more."""

    __slots__ = ("_unused", "authority", "decimals", "freeze_authority", "initialized", "supply")

    def __init__(self, authority: bytes | None, decimals: int, freeze_authority: bytes | None = None) -> None:
        """A new one, of which there are none."""
        self.authority, self.decimals, self.freeze_authority = authority, decimals, freeze_authority
        self.supply, self.initialized = 0, True
        self._unused = (bytes(32), bytes(32))

    @classmethod
    def unpack(cls, data: Any, *, checked: bool = True) -> MintState:
        """Read it. Raises InvalidStateError; an uninitialized one passes if not checked."""
        if len(data) != MINT_BYTES:
            raise InvalidStateError
        made = cls.__new__(cls)
        has_authority, authority, made.supply, made.decimals, initialized, has_freezer, freezer = (
            _MINT.unpack(data)
        )
        if has_authority > 1 or initialized > 1 or has_freezer > 1:
            raise InvalidStateError
        if checked and not initialized:
            raise InvalidStateError(uninitialized=True)
        made.initialized = bool(initialized)
        made.authority = authority if has_authority else None
        made.freeze_authority = freezer if has_freezer else None
        made._unused = (authority, freezer)
        return made

    def pack(self) -> bytes:
        """Its 82 bytes."""
        authority, freezer = self._unused
        return _MINT.pack(
            *(self.authority is not None, self.authority or authority, self.supply, self.decimals),
            *(self.initialized, self.freeze_authority is not None, self.freeze_authority or freezer),
        )


def _refuse_if(wrong: bool, code: Token) -> None:
    if wrong:
        raise TokenError(code)


def _spend(
    source: AccountState, amount: int, authority: bytes, owner_signs: Any, *, keep: bool = False
) -> None:
    """Check who takes from it, and count it against what a delegate may take."""
    if source.delegate != authority or source.delegate is None:
        owner_signs(source.owner)
        return
    owner_signs(source.delegate)
    _refuse_if(source.delegated < amount, Token.INSUFFICIENT_FUNDS)
    if not keep:
        source.delegated -= amount
        if source.delegated == 0:
            source.delegate = None


def transfer(
    source: AccountState,
    destination: AccountState,
    amount: int,
    authority: bytes,
    owner_signs: Any,
    *,
    same: bool = False,
    check_mint: Any = None,
) -> None:
    """Move tokens. `owner_signs(key)` raises unless the authority is that key and signs."""
    _refuse_if(source.state == 2 or destination.state == 2, Token.ACCOUNT_FROZEN)
    _refuse_if(source.amount < amount, Token.INSUFFICIENT_FUNDS)
    _refuse_if(source.mint != destination.mint, Token.MINT_MISMATCH)
    if check_mint is not None:
        check_mint(source)
    _spend(source, amount, authority, owner_signs, keep=same)
    if same:
        return
    source.amount -= amount
    _refuse_if(destination.amount + amount > U64_MAX, Token.OVERFLOW)
    destination.amount += amount


def mint_to(
    mint: MintState,
    mint_key: bytes,
    destination: AccountState,
    amount: int,
    owner_signs: Any,
    decimals: Any = None,
) -> None:
    """Make tokens."""
    _refuse_if(destination.state == 2, Token.ACCOUNT_FROZEN)
    _refuse_if(destination.native is not None, Token.NATIVE_NOT_SUPPORTED)
    _refuse_if(mint_key != destination.mint, Token.MINT_MISMATCH)
    _refuse_if(decimals not in (None, mint.decimals), Token.MINT_DECIMALS_MISMATCH)
    if mint.authority is None:
        raise TokenError(Token.FIXED_SUPPLY)
    owner_signs(mint.authority)
    _refuse_if(destination.amount + amount > U64_MAX, Token.OVERFLOW)
    _refuse_if(mint.supply + amount > U64_MAX, Token.OVERFLOW)
    destination.amount += amount
    mint.supply += amount


def burn(
    source: AccountState,
    mint: MintState,
    mint_key: bytes,
    amount: int,
    authority: bytes,
    owner_signs: Any,
    decimals: Any = None,
) -> None:
    """Destroy tokens."""
    _refuse_if(source.state == 2, Token.ACCOUNT_FROZEN)
    _refuse_if(source.native is not None, Token.NATIVE_NOT_SUPPORTED)
    _refuse_if(source.amount < amount, Token.INSUFFICIENT_FUNDS)
    _refuse_if(mint_key != source.mint, Token.MINT_MISMATCH)
    _refuse_if(decimals not in (None, mint.decimals), Token.MINT_DECIMALS_MISMATCH)
    if source.owner not in _SYSTEM_OWNERS:
        _spend(source, amount, authority, owner_signs)
    source.amount -= amount
    _refuse_if(mint.supply < amount, Token.OVERFLOW)
    mint.supply -= amount
