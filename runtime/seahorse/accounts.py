"""What an instruction is given: its own accounts, signers, mints, token accounts, the clock, and events.

Made by hand they are for calling an instruction directly; the engine makes them from a chain's bytes.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, TypeVar

from seahorse import context
from seahorse.integers import i64, u8, u64
from seahorse.keys import Pubkey, find, seed_bytes
from seahorse.layout import Fields, constructor
from seahorse.rust import NONE, debug, panic, unsupported
from seahorse.tokens import AccountState, MintState

if TYPE_CHECKING:
    from typing import Self, dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        """What a type checker reads."""
        return lambda cls: cls


T = TypeVar("T")


@cache
def fields_of(kind: type) -> Fields:
    """The fields of an account's, event's or other class, as bytes."""
    return Fields(kind, inspect.get_annotations(kind))


def _new_key() -> Pubkey:
    return Pubkey(os.urandom(32))


class AccountWithKey:
    """An account of any kind."""

    _key: Pubkey
    _info: Any = None  # where the engine keeps it

    def key(self) -> Pubkey:
        """Its address."""
        return self._key

    def __rust_debug__(self) -> str:
        return unsupported(f"{type(self).__name__} in print: print its key")

    if TYPE_CHECKING:
        # `Empty[T]` reads as T, since the program assigns what init returns to the same name.
        def init(
            self,
            payer: Signer,
            seeds: Sequence[Any] | None = None,
            mint: TokenMint | None = None,
            decimals: int | None = None,
            authority: AccountWithKey | None = None,
            associated: bool = False,
            space: int | None = None,
            padding: int | None = None,
        ) -> Self:
            """Create the account, with rent paid by the payer."""
            ...

        def bump(self) -> int:
            """The bump of the account's address, once it is derived from seeds."""
            ...


class _Checked:
    """Fields that hold only what their type does."""

    _kinds: ClassVar[dict[str, Any]] = {}

    def __init_subclass__(cls, **_: Any) -> None:
        fields = fields_of(cls)
        cls._fields = fields
        cls._kinds = fields.kinds

    _fields: ClassVar[Fields]

    def __setattr__(self, name: str, value: Any) -> None:
        kind = self._kinds.get(name)
        if kind is None or value.__class__ is not kind:
            value = self._coerced(name, value)
        self.__dict__[name] = value

    def _coerced(self, name: str, value: Any) -> Any:
        codec = self._fields.codecs.get(name)
        if codec is None:
            unsupported(f"{type(self).__name__}.{name}: there is no such field")
        return codec.coerce(value)


class Account(_Checked, AccountWithKey):
    """An account of the program's own: a class of fields."""

    def __init__(self, key: Any = None, lamports: int = 0, **fields: Any) -> None:
        """One for calling an instruction directly: a field that is not given is as in a new account."""
        self.__dict__.update(self._fields.defaults())
        self.__dict__.update(_key=_new_key() if key is None else Pubkey(key), _lamports=lamports)
        for name, value in fields.items():
            setattr(self, name, value)

    def transfer_lamports(self, to: AccountWithKey, amount: int) -> None:
        """Give lamports away: the program may, since the account is its own."""
        context.current().move(self, to, u64(amount) if amount.__class__ is int else amount)


@dataclass_transform(kw_only_default=False)
class Event(_Checked):
    """What a program tells the world."""

    if not TYPE_CHECKING:

        def __init_subclass__(cls, **named: Any) -> None:
            super().__init_subclass__(**named)
            cls.__init__ = constructor(cls._fields)

    def emit(self) -> None:
        """Write it into the log, for those who listen."""
        context.current().emit(self)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in self.__dict__.items())})"

    def __rust_debug__(self) -> str:
        inner = ", ".join(f"{name}: {debug(value)}" for name, value in self.__dict__.items())
        return f"RefCell {{ value: Loaded{type(self).__name__} {{ {inner} }} }}"


class Signer(AccountWithKey):
    """Who has signed."""

    def __init__(self, key: Any = None, lamports: int = 0) -> None:
        """One for calling an instruction directly."""
        self._key = _new_key() if key is None else Pubkey(key)
        self._lamports = lamports

    def __seed__(self) -> bytes:
        return self._key

    def transfer_lamports(self, to: AccountWithKey, amount: int) -> None:
        """Pay lamports, through the System program."""
        context.current().pay(self, to, u64(amount) if amount.__class__ is int else amount)


class UncheckedAccount(AccountWithKey):
    """An account of which nothing is checked."""

    def __init__(self, key: Any = None, lamports: int = 0) -> None:
        """One for calling an instruction directly."""
        self._key = _new_key() if key is None else Pubkey(key)
        self._lamports = lamports


class CpiAccount:
    """An account as another program is to get it."""

    def __init__(
        self,
        account: AccountWithKey,
        mut: bool = False,
        signer: bool | None = None,
        seeds: Sequence[Any] | None = None,
    ) -> None:
        """Writable with `mut`; signing with `signer`, or as a program address with its `seeds`."""
        if signer is not None and seeds is not None:
            unsupported("CpiAccount with signer and seeds: only one of them")
        self.account, self.mut, self.signer = account, mut, bool(signer)
        self.seeds = None if seeds is None else [seed_bytes(seed) for seed in seeds]


class Program(AccountWithKey):
    """Another program."""

    def __init__(self, key: Any = None) -> None:
        """One for calling an instruction directly."""
        self._key = _new_key() if key is None else Pubkey(key)

    def __seed__(self) -> bytes:
        return self._key

    def invoke(self, accounts: Sequence[CpiAccount], data: Sequence[int]) -> None:
        """Call it."""
        context.current().invoke(self, list(accounts), bytes(data))


class Clock(AccountWithKey):
    """The chain's clock."""

    def __init__(
        self,
        unix_timestamp: int = 0,
        slot: int = 0,
        epoch: int = 0,
        epoch_start_timestamp: int = 0,
        leader_schedule_epoch: int = 0,
    ) -> None:
        """One for calling an instruction directly."""
        self._time, self._slot, self._epoch = i64(unix_timestamp), u64(slot), u64(epoch)
        self._start, self._leaders = i64(epoch_start_timestamp), u64(leader_schedule_epoch)

    def unix_timestamp(self) -> i64:
        """Unix seconds."""
        return self._time

    def slot(self) -> u64:
        """The slot."""
        return self._slot

    def epoch(self) -> u64:
        """The epoch."""
        return self._epoch

    def epoch_start_timestamp(self) -> i64:
        """When the epoch began, in Unix seconds."""
        return self._start

    def leader_schedule_epoch(self) -> u64:
        """The latest epoch whose leaders are known."""
        return self._leaders


class TokenMint(AccountWithKey):
    """A kind of token."""

    def __init__(
        self,
        key: Any = None,
        authority: Any = None,
        decimals: int = 0,
        supply: int = 0,
        freeze_authority: Any = None,
    ) -> None:
        """One for calling an instruction directly. `current` is what it is now; see `loaded`."""
        self._key = _new_key() if key is None else Pubkey(key)
        owner = None if authority is None else bytes(_key_of(authority))
        freezer = None if freeze_authority is None else bytes(_key_of(freeze_authority))
        self.current = MintState(owner, int(decimals), freezer)
        self.current.supply = int(supply)
        self.loaded()

    def loaded(self) -> None:
        """Show what it is now: an instruction sees what was there when it began, whatever it does since."""
        self._state = self.current
        self._supply = u64(self.current.supply)

    def __seed__(self) -> bytes:
        return self._key

    def authority(self) -> Pubkey:
        """Who can make more. Stops the program if nobody can."""
        return _some(self._state.authority)

    def freeze_authority(self) -> Pubkey:
        """Who can freeze. Stops the program if nobody can."""
        return _some(self._state.freeze_authority)

    def decimals(self) -> u8:
        """How many digits of an amount are after the point."""
        return u8(self._state.decimals)

    def supply(self) -> u64:
        """How many there are."""
        return self._supply

    def mint(
        self, authority: AccountWithKey, to: TokenAccount, amount: int, signer: Sequence[Any] | None = None
    ) -> None:
        """Make more. With `signer`, the seeds of a program address that signs."""
        context.current().token("mint", (self, to, authority), _amount(amount), signer)

    def burn(
        self,
        authority: AccountWithKey,
        holder: TokenAccount,
        amount: int,
        signer: Sequence[Any] | None = None,
    ) -> None:
        """Destroy some."""
        context.current().token("burn", (holder, self, authority), _amount(amount), signer)


class TokenAccount(AccountWithKey):
    """An amount of one kind of token, of one owner."""

    _amount: Any

    def __init__(self, key: Any = None, mint: Any = None, authority: Any = None, amount: int = 0) -> None:
        """One for calling an instruction directly. `current` is what it is now; see `loaded`."""
        self._key = _new_key() if key is None else Pubkey(key)
        nobody = Pubkey()
        kind, owner = (nobody if each is None else _key_of(each) for each in (mint, authority))
        self.current = AccountState(bytes(kind), bytes(owner), int(amount))
        self.loaded()

    def loaded(self) -> None:
        """Show what it is now: an instruction sees what was there when it began, whatever it does since."""
        self._state = self.current
        self._amount = u64(self.current.amount)

    def __seed__(self) -> bytes:
        return self._key

    def authority(self) -> Pubkey:
        """Whose they are."""
        return bytes.__new__(Pubkey, self._state.owner)

    def amount(self) -> u64:
        """How many there are: when the instruction began."""
        return self._amount

    def mint(self) -> Pubkey:
        """Which kind of token."""
        return bytes.__new__(Pubkey, self._state.mint)

    def transfer(
        self, authority: AccountWithKey, to: TokenAccount, amount: int, signer: Sequence[Any] | None = None
    ) -> None:
        """Move some to another. With `signer`, the seeds of a program address that signs."""
        context.current().token("transfer", (self, to, authority), _amount(amount), signer)


def _amount(amount: Any) -> Any:
    if amount.__class__ is int:
        return u64(amount)
    return amount if amount.__class__ is u64 else unsupported(f"an amount of {type(amount).__name__}: u64 is")


def _some(key: bytes | None) -> Pubkey:
    return panic(NONE) if key is None else Pubkey(key)


def _key_of(account: Any) -> Pubkey:
    return account.key() if isinstance(account, AccountWithKey) else Pubkey(account)


if TYPE_CHECKING:
    Empty = Annotated[T, "to be initialized"]
else:

    class _Wanted:
        """`Empty[T]`."""

        def __init__(self, kind: Any) -> None:
            self.kind = kind

    class Empty(AccountWithKey, Generic[T]):
        """An account that is not there yet: `init` makes it.

        One for calling an instruction directly has its account in `account` afterwards.
        """

        def __init__(self, key: Any = None) -> None:
            self._key = None if key is None else Pubkey(key)
            self.kind: Any = None
            self.account: Any = None
            self._bump: Any = None

        def __class_getitem__(cls, kind: Any) -> Any:
            return _Wanted(kind)

        def key(self) -> Pubkey:
            """Its address. Without a chain it is known once `init` has derived it."""
            if self._key is None:
                unsupported("Empty.key() before init, called directly: give Empty the key")
            return self._key

        def bump(self) -> Any:
            """The bump of its address. Called directly, it is known once `init` has the seeds."""
            if self._bump is None:
                seeds = context.current().seeds_of(self)
                self._derive(seeds)
            return self._bump

        def init(self, payer: Any, **arguments: Any) -> Any:
            """The account, made with its rent paid by the payer."""
            return context.current().init(self, payer, **arguments)

        def _derive(self, seeds: Sequence[Any] | None) -> None:
            if seeds is None:
                return
            raw = tuple(seed_bytes(seed) for seed in seeds)
            address, bump = find(raw, context.current().program_id)
            if self._key not in (None, address):
                panic("A seeds constraint was violated")
            self._key, self._bump = address, u8(bump)
