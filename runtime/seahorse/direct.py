"""Calling an instruction directly, as a function on account objects.

    battery, member = Battery(capacity=20_000), Member(balance=500)
    with recorded() as record:
        allocate(Signer(key), battery, member, Clock(unix_timestamp=0), 100)

What a chain would do around it is done: literals become the parameters' types, each account parameter is a
copy, the copies that it may have written to are written back in the order of the parameters, and if the
instruction stops, nothing has changed. What a chain alone knows is not: rent, who may write, and Anchor's
checks of accounts. They are the engine's.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial, update_wrapper
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

    def __init__(self, instruction: Instruction, arguments: list[Any] | None = None) -> None:
        self.program_id = instruction.program_id
        self._instruction = instruction
        self._arguments = arguments
        self._record = Record() if _records else None

    def log(self, line: str) -> None:
        if self._record is not None:
            self._record.logs.append(line)

    def emit(self, event: Event) -> None:
        if self._record is not None:
            copy = event.__class__.__new__(event.__class__)
            copy.__dict__.update(event.__dict__)
            self._record.events.append(copy)

    def landed(self) -> None:
        """Tell those who record."""
        if self._record is None:
            return
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
        if self._arguments is None:
            return None
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


# A function is written for each instruction: to look at its parameters one by one takes as long as it does.
_CALLER = """
def called({names}):
{checks}
    within = new_context()
{before}
    enter(within)
    try:
        function({names})
    except BaseException:
{restore}
        raise
    finally:
        leave()
{after}
    if records:
        within.landed()
"""


def caller(instruction: Instruction) -> Callable[..., None]:
    """The function that calls an instruction directly; it is written when it is first called."""
    written: list[Callable[..., None]] = []

    def called(*given: Any, **named: Any) -> None:
        if not written:
            written.append(_written(instruction))
        written[0](*given, **named)

    update_wrapper(called, instruction.function)
    called.__dict__["__instruction__"] = instruction
    return called


def _written(instruction: Instruction) -> Callable[..., None]:
    parameters = instruction.parameters
    names = ", ".join(each.name for each in parameters)
    scope: dict[str, Any] = {
        "function": instruction.function,
        "enter": context.enter,
        "leave": context.leave,
        "records": _records,
        "restore": _restore,
    }
    checks: list[str] = []
    before: list[str] = []
    restore: list[str] = []
    after: list[str] = []
    for number, each in enumerate(parameters):
        name = each.name
        scope |= {f"kind{number}": each.kind, f"of{number}": partial(_of, each)}
        exact = each.codec.kind if each.codec is not None else each.kind
        scope[f"exact{number}"] = None if each.empty else exact
        checks.append(f"    if {name}.__class__ is not exact{number}: {name} = of{number}({name})")
        if each.codec is not None:
            continue
        if each.kind is TokenAccount and not each.empty:
            before += [
                f"    now{number} = {name}.current",
                f"    state{number} = now{number}.amount, now{number}.delegate, now{number}.delegated",
                f"    if {name}._amount != now{number}.amount: {name}.loaded()",
            ]
            after.append(f"    if {name}._amount != now{number}.amount: {name}.loaded()")
        elif each.kind is TokenMint and not each.empty:
            before += [
                f"    state{number} = {name}.current.supply",
                f"    if {name}._supply != state{number}: {name}.loaded()",
            ]
            after.append(f"    if {name}._supply != {name}.current.supply: {name}.loaded()")
        elif each.empty or each.is_record or each.kind is Signer:
            before.append(f"    state{number} = {name}.__dict__.copy()")
        else:
            continue
        restore.append(f"        restore({name}, state{number})")
    scope["new_context"] = partial(_Direct, instruction)
    records = [each.name for each in parameters if each.is_record and not each.empty]
    if len({each.kind for each in parameters if each.name in records}) < len(records):
        return _separating(instruction, records)
    text = _CALLER.format(
        names=names,
        checks="\n".join(checks),
        before="\n".join(before),
        restore="\n".join(restore) or "        pass",
        after="\n".join(after),
    )
    if any(each.empty for each in parameters):
        text = text.replace("new_context()", f"new_context([{names}])")
    exec(text, scope)  # noqa: S102
    return scope["called"]


def _separating(instruction: Instruction, records: list[str]) -> Callable[..., None]:
    """For instructions that take several accounts of one type: the same one may be passed twice."""
    names = [each.name for each in instruction.parameters]

    def called(*given: Any, **named: Any) -> None:
        arguments = _accepted(instruction, given, named)
        before = [(each, _state(each)) for each in arguments if isinstance(each, _STATEFUL)]
        several = [id(each) for each, name in zip(arguments, names, strict=True) if name in records]
        copies = _separated(instruction, arguments) if len(set(several)) < len(several) else []
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

    return called


_EMPTY: Any = Empty  # which a type checker takes for the account that it is going to be
_STATEFUL: Any = (Account, TokenAccount, TokenMint, Empty, Signer)


def _accepted(instruction: Instruction, given: tuple[Any, ...], named: dict[str, Any]) -> list[Any]:
    """The arguments in their order, each of its parameter's type. Raises TypeError."""
    bound = inspect.signature(instruction.function).bind(*given, **named)
    return [_of(each, bound.arguments[each.name]) for each in instruction.parameters]


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


def _separated(instruction: Instruction, arguments: list[Any]) -> list[tuple[Any, Any]]:
    """Give each parameter its own copy of an account that is passed twice: pairs of those to write back."""
    written = instruction.written
    copies: list[tuple[Any, Any]] = []
    several = [id(each) for each in arguments]
    for number, each in enumerate(tuple(arguments)):
        if isinstance(each, Account) and several.count(id(each)) > 1:
            copy = each.__class__.__new__(each.__class__)
            copy.__dict__.update(each.__dict__)
            if instruction.parameters[number].name in written:
                copies.append((each, copy))
            arguments[number] = copy
    return copies


__all__ = ["Clock", "Record", "caller", "lamports_of", "recorded"]
