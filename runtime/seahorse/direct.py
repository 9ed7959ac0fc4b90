"""Calling an instruction directly, as a function on account objects.

    battery, member = Battery(capacity=20_000), Member(balance=500)
    with recorded() as record:
        allocate(Signer(key), battery, member, Clock(unix_timestamp=0), 100)

What a chain would do around it is done: literals become the parameters' types, each account parameter is a
copy and the copies are written back in the order of the parameters, and if the instruction stops, nothing
has changed. What a chain alone knows is not: rent, who may write, and Anchor's checks of accounts. They are
the engine's.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import update_wrapper
from typing import Any

from seahorse import context, tokens
from seahorse.accounts import Account, Clock, Empty, Event, Signer, TokenAccount, TokenMint
from seahorse.keys import seed_bytes, signer_of
from seahorse.program import Instruction, Parameter
from seahorse.rust import panic, unsupported
from seahorse.tokens import Token, TokenError

U64_MAX = 2**64 - 1


@dataclass
class Record:
    """What instructions have said.

    Attributes:
        logs: Lines of `print`.
        events: In the order in which they were emitted.
    """

    logs: list[str] = field(default_factory=list[str])
    events: list[Any] = field(default_factory=list[Any])


_records: list[Record] = []


@contextmanager
def recorded() -> Generator[Record]:
    """Record what instructions say that are called inside."""
    record = Record()
    _records.append(record)
    try:
        yield record
    finally:
        _records.remove(record)


def lamports_of(account: Any) -> int:
    """What an account holds."""
    return account._lamports


class _Direct:
    """The context of an instruction that is called directly."""

    __slots__ = ("_arguments", "_instruction", "_record", "program_id")

    def __init__(self, instruction: Instruction, arguments: list[Any]) -> None:
        self.program_id = instruction.program_id
        self._instruction = instruction
        self._arguments = arguments
        self._record = Record()

    def log(self, line: str) -> None:
        self._record.logs.append(line)

    def emit(self, event: Event) -> None:
        if _records:
            copy = event.__class__.__new__(event.__class__)
            copy.__dict__.update(event.__dict__)
            self._record.events.append(copy)

    def landed(self) -> None:
        """Tell those who record."""
        for record in _records:
            record.logs += self._record.logs
            record.events += self._record.events

    def token(self, name: str, accounts: tuple[Any, ...], amount: int, seeds: Any) -> None:
        authority = accounts[2]
        key = authority._key

        def owner_signs(owner: bytes) -> None:
            if owner != key:
                raise TokenError(Token.OWNER_MISMATCH)
            if not isinstance(authority, Signer) and self._signer(seeds) != key:
                raise PermissionError(f"{authority.key()} has not signed")

        if name == "transfer":
            source, to = accounts[0], accounts[1]
            same = source is to
            tokens.transfer(source.current, to.current, int(amount), key, owner_signs, same=same)
        elif name == "mint":
            mint, to = accounts[0], accounts[1]
            tokens.mint_to(mint.current, mint._key, to.current, int(amount), owner_signs)
        else:
            holder, mint = accounts[0], accounts[1]
            tokens.burn(holder.current, mint.current, mint._key, int(amount), key, owner_signs)

    def _signer(self, seeds: Any) -> Any:
        if seeds is None:
            return None
        return signer_of([seed_bytes(seed) for seed in seeds], self.program_id)

    def pay(self, source: Any, destination: Any, lamports: int) -> None:
        if source._lamports < lamports:
            panic(f"Transfer: insufficient lamports {source._lamports}, need {lamports}")
        self.move(source, destination, lamports)

    def move(self, source: Any, destination: Any, lamports: int) -> None:
        if source._lamports < lamports:
            panic("attempt to subtract with overflow")
        source.__dict__["_lamports"] -= int(lamports)
        if destination._lamports + lamports > U64_MAX:
            panic("attempt to add with overflow")
        destination.__dict__["_lamports"] += int(lamports)

    def invoke(self, program: Any, accounts: Any, data: bytes) -> None:  # noqa: ARG002
        unsupported("Program.invoke without a chain: run the instruction on the engine")

    def seeds_of(self, empty: Any) -> Any:
        """The seeds that `init` will be given, of an account that is not made yet."""
        parameters = self._instruction.parameters
        named = {each.name: value for each, value in zip(parameters, self._arguments, strict=True)}
        for parameter, value in zip(parameters, self._arguments, strict=True):
            if value is empty and parameter.making is not None:
                return parameter.making.value("seeds", named)
        return None

    def init(self, empty: Any, payer: Any, **arguments: Any) -> Any:  # noqa: ARG002
        if empty.account is not None:
            panic("account is already in use")
        empty._derive(arguments.get("seeds"))
        empty.account = _made(empty.kind, empty._key, arguments)
        return empty.account


def _made(kind: Any, key: Any, arguments: dict[str, Any]) -> Any:
    if kind is TokenAccount:
        return TokenAccount(key, arguments["mint"], arguments["authority"])
    if kind is TokenMint:
        return TokenMint(key, arguments["authority"], arguments["decimals"])
    return kind(key)


def caller(instruction: Instruction) -> Callable[..., None]:
    """The function that calls an instruction directly."""

    def called(*given: Any, **named: Any) -> None:
        arguments = _accepted(instruction, given, named)
        before = [(each, _state(each)) for each in arguments if isinstance(each, _STATEFUL)]
        copies = _separated(arguments) if len({id(each) for each, _ in before}) < len(before) else ()
        within = _Direct(instruction, arguments)
        context.enter(within)
        try:
            instruction.function(*arguments)
        except BaseException:
            for each, state in before:
                _restore(each, state)
            raise
        finally:
            context.leave()
        for original, copy in copies:
            original.__dict__.update(copy.__dict__)
        for each, _ in before:
            if isinstance(each, TokenAccount | TokenMint):
                each.loaded()
        if _records:
            within.landed()

    update_wrapper(called, instruction.function)
    called.__dict__["__instruction__"] = instruction
    return called


_EMPTY: Any = Empty  # which a type checker takes for the account that it is going to be
_STATEFUL: Any = (Account, TokenAccount, TokenMint, Empty, Signer)


def _accepted(instruction: Instruction, given: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
    """The arguments in their order, each of its parameter's type. Raises TypeError."""
    parameters = instruction.parameters
    if named:
        names = [each.name for each in parameters[len(given) :]]
        if set(names) != named.keys():
            raise TypeError(f"{instruction.name} takes {', '.join(each.name for each in parameters)}")
        given = (*given, *(named[name] for name in names))
    if len(given) != len(parameters):
        raise TypeError(f"{instruction.name} takes {', '.join(each.name for each in parameters)}")
    return [_of(parameter, value) for parameter, value in zip(parameters, given, strict=True)]


def _of(parameter: Parameter, value: Any) -> Any:
    name, kind, codec, empty, _ = parameter
    if codec is not None:
        return value if value.__class__ is codec.kind else codec.coerce(value)
    if empty:
        if not isinstance(value, _EMPTY):
            raise TypeError(f"{name}: {value!r} is not Empty")
        value.kind = kind
        return value
    if not isinstance(value, kind):
        raise TypeError(f"{name}: {type(value).__name__} is no {kind.__name__}")
    if kind is TokenAccount or kind is TokenMint:
        value.loaded()
    return value


def _state(account: Any) -> Any:
    if isinstance(account, TokenAccount):
        now = account.current
        return now.amount, now.delegate, now.delegated
    if isinstance(account, TokenMint):
        return account.current.supply
    return account.__dict__.copy()


def _restore(account: Any, state: Any) -> None:
    if isinstance(account, TokenAccount):
        now = account.current
        now.amount, now.delegate, now.delegated = state
    elif isinstance(account, TokenMint):
        account.current.supply = state
    else:
        account.__dict__.clear()
        account.__dict__.update(state)


def _separated(arguments: list[Any]) -> list[tuple[Any, Any]]:
    """Give each parameter its own copy of an account that is passed twice: pairs of both."""
    copies: list[tuple[Any, Any]] = []
    for number, each in enumerate(arguments):
        if isinstance(each, Account) and sum(each is other for other in arguments) > 1:
            copy = each.__class__.__new__(each.__class__)
            copy.__dict__.update(each.__dict__)
            copies.append((each, copy))
            arguments[number] = copy
    return copies


__all__ = ["Clock", "Record", "caller", "lamports_of", "recorded"]
