"""Rules of types as they are written."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from amalgam.check.language import BUILTIN_TYPES, LITERAL, base, inner
from amalgam.check.program import Kind, parameters
from amalgam.check.rule import At, Checked, at, rule

_PYTHONS = {
    "int": "name its size, like `u64` or `i64`",
    "float": "write `f64`, or count in integers of a smaller unit",
    "bytes": "write `List[u8]` or `Array[u8, 32]`",
    "list": "write `List[u64]`, with the type of its elements",
    "tuple": "write `Tuple[u64, u64]`, with the types of its parts",
    "dict": "keep values in a list, or in an account for each key",
    "Dict": "keep values in a list, or in an account for each key",
    "set": "keep values in a list",
    "Any": "name the type",
    "Optional": "write the type, and let a value like 0 mean none",
    "Union": "write one type",
    "usize": "write `u64`",
    "isize": "write `i64`",
}


@rule("type-form", "`{text}` is not a type that Seahorse has", "{remedy}")
def _(program: Checked) -> Iterator[At]:
    for node in _written(program):
        text = ast.unparse(node)
        if text == "None":
            yield at(node, text=text, remedy="leave `-> None` out")
        elif isinstance(node, ast.Constant):
            yield at(node, text=text, remedy="write a type without quotes")
        elif not isinstance(node, ast.Name | ast.Subscript | ast.Attribute):
            yield at(node, text=text, remedy="write one type")
        else:
            yield from _unknown(program, node)


def _unknown(program: Checked, node: ast.expr) -> Iterator[At]:
    """The names in a type that Seahorse has not."""
    if program.types.imports is None:
        return
    known = {*BUILTIN_TYPES, *program.classes, *program.constants, *program.types.imports}
    for each in ast.walk(node):
        if isinstance(each, ast.Name) and each.id not in known:
            remedy = _PYTHONS.get(each.id, "define it, or correct its spelling")
            yield at(each, text=each.id, remedy=remedy)


def _written(program: Checked) -> Iterator[ast.expr]:
    """The types of parameters, results, fields and variables."""
    for node in program.every(ast.arg, ast.FunctionDef, ast.AnnAssign):
        annotation = node.returns if isinstance(node, ast.FunctionDef) else node.annotation
        is_constant = isinstance(node, ast.AnnAssign) and program.is_top(node)
        if annotation is not None and not is_constant:
            yield annotation


@rule("constant-type", "`{name}` is a constant, and here stands {what}", "write `{value}` itself")
def _(program: Checked) -> Iterator[At]:
    for annotation in _written(program):
        for node in ast.walk(annotation):
            if isinstance(node, ast.Name) and node.id in program.constants:
                what = "a number" if isinstance(program.parents[node], ast.Tuple) else "a type"
                value = ast.unparse(program.constants[node.id])
                yield at(node, name=node.id, what=what, value=value)


@rule("parameter-type", "the parameter `{name}` has no type", "write `{name}: u64`, or what it is")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.arg):
        function = program.parents[program.parents[node]]
        is_self = node.arg == "self" and isinstance(program.parents.get(function), ast.ClassDef)
        if node.annotation is None and not isinstance(function, ast.Lambda) and not is_self:
            yield at(node, name=node.arg)


@rule("plain-parameters", "Seahorse has no {what}", "name each parameter alone, and give every argument")
def _(program: Checked) -> Iterator[At]:
    for function in program.every(ast.FunctionDef):
        arguments = function.args
        kinds = {
            "default arguments": [*arguments.defaults, *filter(None, arguments.kw_defaults)],
            "`*` before parameters": [each for each in (arguments.vararg, arguments.kwarg) if each],
            "parameters by position or by name alone": [*arguments.posonlyargs, *arguments.kwonlyargs],
        }
        for what, nodes in kinds.items():
            if nodes:
                yield at(nodes[0], what=what)


@rule(
    "return-type",
    "`{name}` returns a value, and does not say of which type",
    "write `-> {type}` after its parameters",
)
def _(program: Checked) -> Iterator[At]:
    for node, function in _returns(program):
        if function.returns is None and node.value is not None:
            type_ = program.types.of(node.value)
            yield at(node, name=function.name, type="u64" if type_ in (None, LITERAL) else type_)


def _returns(program: Checked) -> Iterator[tuple[ast.Return, ast.FunctionDef]]:
    for node in program.every(ast.Return):
        function = program.enclosing(node)
        if isinstance(function, ast.FunctionDef):
            yield node, function


@rule("returns-always", "`{name}` can end without returning its {type}", "end it with a `return`")
def _(program: Checked) -> Iterator[At]:
    for function in program.every(ast.FunctionDef):
        if (
            function.returns is not None
            and ast.unparse(function.returns) != "None"
            and not _ends(function.body)
        ):
            yield at(function, name=function.name, type=ast.unparse(function.returns))


def _ends(body: list[ast.stmt]) -> bool:
    last = body[-1]
    match last:
        case ast.Return() | ast.Raise():
            return True
        case ast.If(body=then, orelse=orelse):
            return bool(orelse) and _ends(then) and _ends(orelse)
        case _:
            return False


@rule("empty-of", "nothing makes an {type}", "name an account's class in the brackets")
def _(program: Checked) -> Iterator[At]:
    for function in program.instructions:
        for each in function.args.args:
            type_ = parameters(function).get(each.arg, "")
            inside = inner(type_)[0]
            makes = inside in ("TokenAccount", "TokenMint") or program.has_kind(inside, Kind.ACCOUNT)
            if base(type_) == "Empty" and not makes:
                yield at(each, type=type_)
