"""A program as its module has it: its id, and its instructions with what each needs.

What Seahorse's compiler reads off an instruction's source is read off it here: which accounts `init` makes,
and from what, and which programs it calls and therefore takes as further accounts.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from functools import cached_property
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec

from seahorse.accounts import (
    Account,
    AccountWithKey,
    Clock,
    Empty,
    Signer,
    TokenAccount,
    TokenMint,
    fields_of,
)
from seahorse.keys import Pubkey
from seahorse.layout import Codec, codec_of
from seahorse.rust import unsupported
from seahorse.source import link
from seahorse.written import written_by

if TYPE_CHECKING:
    from seahorse.layout import Fields

P = ParamSpec("P")

_ID = "__program_id__"
_TOKEN_CALLS = ("transfer", "mint", "burn")


class Making(NamedTuple):
    """How `init` makes an account: what it is given, to be evaluated with the instruction's parameters."""

    arguments: dict[str, CodeType]
    scope: dict[str, Any]

    def value(self, name: str, parameters: dict[str, Any]) -> Any:
        """An argument's value; None if it is not given."""
        code = self.arguments.get(name)
        return None if code is None else eval(code, self.scope, parameters)  # noqa: S307 (the program's own)


class Parameter(NamedTuple):
    """A parameter of an instruction: an account, if it has no codec; a new one, if it is empty."""

    name: str
    kind: Any
    codec: Codec | None
    empty: bool
    making: Making | None

    @property
    def is_record(self) -> bool:
        """Whether it is an account of the program's own."""
        return self.codec is None and issubclass(self.kind, Account)


class Instruction:
    """An instruction: its function and what it takes."""

    def __init__(self, function: FunctionType) -> None:
        """Read its parameters; its source only when that is needed."""
        self.function = function
        self.name = function.__name__

    @cached_property
    def program_id(self) -> Pubkey:
        """The program's, as its module declares it."""
        return program_id_of(self.function.__globals__)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """In their order. The module's functions are rewritten first."""
        link(self.function.__globals__)
        code = self.function.__code__
        names = code.co_varnames[: code.co_argcount]
        annotations = self.function.__annotations__
        return tuple(self._parameter(name, annotations.get(name)) for name in names)

    def _parameter(self, name: str, annotation: Any) -> Parameter:
        if annotation is None:
            unsupported(f"{self.name}: parameter {name} without a type")
        if hasattr(annotation, "kind") and type(annotation).__name__ == "_Wanted":
            if name not in self._makings:
                unsupported(f"{self.name}: {name} is Empty, and nothing calls {name}.init")
            return Parameter(name, annotation.kind, None, True, self._makings[name])
        if isinstance(annotation, type) and issubclass(annotation, AccountWithKey):
            return Parameter(name, annotation, None, False, None)
        codec = codec_of(annotation)
        if codec.shared:
            unsupported(f"{self.name}: {name}, an argument of type {annotation}, does not compile")
        return Parameter(name, annotation, codec, False, None)

    @cached_property
    def arguments(self) -> Fields:
        """The parameters that are no accounts, as an instruction's data has them."""
        found = {each.name: each.kind for each in self.parameters if each.codec is not None}
        return fields_of(type(self.name, (), {"__annotations__": found}))

    @cached_property
    def written(self) -> frozenset[str]:
        """The accounts that have to be writable: those that it makes or may write to."""
        accounts = [each for each in self.parameters if each.codec is None and each.kind is not Clock]
        names = written_by(self.function.__globals__)[self.name]
        return frozenset(each.name for each in accounts if each.empty or each.name in names)

    @cached_property
    def inferred(self) -> tuple[str, ...]:
        """The further accounts it takes, after its own: the programs it calls, and rent."""
        made = [self._kind_of(name) for name in self._makings]
        found: set[str] = {"rent", "system_program"} if made else set()
        if any(kind in (TokenAccount, TokenMint) for kind in made):
            found.add("token_program")
        for call in self._calls:
            found |= self._called(call)
        if any("associated" in making.arguments for making in self._makings.values()):
            found.add("associated_token_program")
        return tuple(sorted(found))

    def _kind_of(self, name: str) -> Any:
        annotation = self.function.__annotations__.get(name)
        return getattr(annotation, "kind", annotation)

    def _called(self, call: ast.Call) -> set[str]:
        if not isinstance(call.func, ast.Attribute):
            return set()
        given = len(call.args) + len(call.keywords)
        if call.func.attr in _TOKEN_CALLS and given >= 3:
            return {"token_program"}
        if call.func.attr == "transfer_lamports" and isinstance(call.func.value, ast.Name):
            kind = self._kind_of(call.func.value.id)
            return {"system_program"} if kind is Signer else set()
        return set()

    @cached_property
    def _calls(self) -> list[ast.Call]:
        source = textwrap.dedent(inspect.getsource(self.function))
        return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]

    @cached_property
    def _makings(self) -> dict[str, Making]:
        return {
            call.func.value.id: self._making(call)
            for call in self._calls
            if isinstance(call.func, ast.Attribute)
            and call.func.attr == "init"
            and isinstance(call.func.value, ast.Name)
        }

    def _making(self, call: ast.Call) -> Making:
        names = ("payer", "seeds", "mint", "authority", "decimals", "associated", "space", "padding")
        given = dict(zip(names, call.args, strict=False)) | {each.arg: each.value for each in call.keywords}
        unknown = sorted(str(name) for name in given.keys() - set(names))
        if unknown or "payer" not in given:
            unsupported(f"{self.name}: init with {unknown or 'no payer'}")
        if "associated" in given:
            unsupported(f"{self.name}: init with associated: it does not compile with Anchor 0.29")
        if "seeds" not in given:
            unsupported(f"{self.name}: init without seeds: it does not compile with Anchor 0.29")
        path = self.function.__code__.co_filename
        compiled = {
            str(name): compile(ast.Expression(expression), path, "eval") for name, expression in given.items()
        }
        return Making(compiled, self.function.__globals__)


def program_id_of(scope: dict[str, Any]) -> Pubkey:
    """The id that a module has declared. Raises UnsupportedError if it has none."""
    return scope.get(_ID) or unsupported(f"{scope.get('__name__')}: no declare_id")


def declare_id(id: str) -> None:
    """Say what the program's id is."""
    frame = inspect.currentframe()
    if frame is None or frame.f_back is None:
        raise RuntimeError("declare_id is for the top of a program's module")
    frame.f_back.f_globals[_ID] = Pubkey(id)


def instruction(function: Callable[P, None]) -> Callable[P, None]:
    """Make the function an instruction. It can be called directly, too: see `seahorse.direct`."""
    from seahorse.direct import caller

    if not isinstance(function, FunctionType):
        raise TypeError("@instruction is for functions")
    return caller(Instruction(function))


def instructions_of(module: ModuleType) -> dict[str, Instruction]:
    """The instructions of a program's module, by name."""
    found = (getattr(each, "__instruction__", None) for each in vars(module).values())
    return {
        each.name: each for each in found if each is not None and each.function.__globals__ is vars(module)
    }


__all__ = [
    "Clock",
    "Empty",
    "Instruction",
    "Making",
    "Parameter",
    "declare_id",
    "instruction",
    "instructions_of",
]
