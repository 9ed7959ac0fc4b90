"""What Python alone would do otherwise than Seahorse: a program's functions are rewritten, line by line.

A literal has no type of its own in Seahorse: where the text says what it is to be, as a parameter's or a
function's return type, it becomes that. f-strings write values as Rust does, and lists are Seahorse's. Every
line stays where it is, so that a debugger and coverage.py see the program's own source. What Seahorse does
not compile is refused, with its line.
"""

from __future__ import annotations

import ast
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from seahorse.integers import Integer, coerced, f64
from seahorse.layout import codec_of
from seahorse.rust import UnsupportedError, debug, display
from seahorse.values import List

_LINKED = "__seahorse_linked__"
_SHOWN, _WRITTEN, _TYPED, _LIST, _FLOAT = "__shown__", "__written__", "__typed__", "__list__", "__f64__"
_UNKNOWN = (ast.UnaryOp, ast.IfExp)  # whose type Seahorse does not know in print, and so writes with `{:?}`
_STATEMENTS = (
    *(ast.FunctionDef, ast.Return, ast.Assert, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.If),
    *(ast.While, ast.For, ast.Break, ast.Continue, ast.Pass),
)
_EXPRESSIONS = (
    *(ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp, ast.Call, ast.Attribute, ast.Subscript),
    *(ast.Name, ast.Constant, ast.List, ast.Tuple, ast.JoinedStr, ast.FormattedValue),
)
_SEED_ARGUMENTS = ("seeds", "signer")


def link(scope: dict[str, Any]) -> None:
    """Rewrite the functions of a program's module, once. Raises UnsupportedError."""
    if scope.get(_LINKED):
        return
    scope[_LINKED] = True
    path = scope.get("__file__")
    if path is None or not Path(path).exists():
        return
    tree = ast.parse(Path(path).read_text(), path)
    rewriter = _Rewriter(tree, str(path))
    rewritten = rewriter.visit(tree)
    for name, value in list(scope.items()):
        if value.__class__ is float:
            scope[name] = f64(value)
    if not rewriter.changed:
        return
    ast.fix_missing_locations(rewritten)
    scope |= {_SHOWN: display, _WRITTEN: debug, _TYPED: _typed, _LIST: List, _FLOAT: f64}
    codes = _codes(compile(rewritten, path, "exec", dont_inherit=True))
    for function in _functions(scope):
        code = codes.get((function.__code__.co_name, function.__code__.co_firstlineno))
        if code is not None:
            function.__code__ = code


def _codes(code: CodeType) -> dict[tuple[str, int], CodeType]:
    found: dict[tuple[str, int], CodeType] = {}
    for each in code.co_consts:
        if isinstance(each, CodeType):
            found[each.co_name, each.co_firstlineno] = each
            found |= _codes(each)
    return found


def _functions(scope: dict[str, Any]) -> list[FunctionType]:
    """The functions and methods that the module defines."""
    found: list[FunctionType] = []
    for value in list(scope.values()):
        instruction = getattr(value, "__instruction__", None)
        candidates = [value if instruction is None else instruction.function]
        if isinstance(value, type) and value.__module__ == scope.get("__name__"):
            candidates = list(vars(value).values())
        for each in candidates:
            function = getattr(each, "__func__", each)
            if isinstance(function, FunctionType) and function.__globals__ is scope:
                found.append(function)
    return found


def _typed(kind: Any, value: Any) -> Any:
    """The value as an annotation says; one that is no value's type says nothing."""
    if isinstance(kind, type) and issubclass(kind, Integer):
        return coerced(kind, value)
    try:
        codec = codec_of(kind)
    except UnsupportedError:
        return value
    return codec.coerce(value)


class _Rewriter(ast.NodeTransformer):
    """Rewrites a module's functions.

    Attributes:
        changed: Whether anything has been.
    """

    def __init__(self, tree: ast.Module, path: str) -> None:
        self.changed = False
        self._path = path
        self._function: ast.FunctionDef | None = None
        self._constants = _literal_names([each for each in tree.body if isinstance(each, ast.Assign)], set())
        self._literal: set[str] = set()  # names that hold literals in the function that is being rewritten
        self._given_literals = self._functions_given_literals(tree)

    def _refuse(self, node: ast.AST, what: str) -> None:
        raise UnsupportedError(f"{self._path}:{getattr(node, 'lineno', 0)}: {what}")

    def _functions_given_literals(self, tree: ast.Module) -> set[str]:
        """The functions that some call gives a literal."""
        found: set[str] = set()
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                local = _literal_names(function.body, self._constants)
                for call in ast.walk(function):
                    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                        given = [*call.args, *(each.value for each in call.keywords)]
                        if any(_is_literal(each, self._constants | local) for each in given):
                            found.add(call.func.id)
        return found

    def visit(self, node: ast.AST) -> Any:
        if self._function is not None:
            if isinstance(node, ast.stmt) and not isinstance(node, _STATEMENTS):
                self._refuse(node, f"{type(node).__name__} is not in Seahorse")
            if isinstance(node, ast.expr) and not isinstance(node, _EXPRESSIONS):
                self._refuse(node, f"{type(node).__name__} is not in Seahorse, or does not compile")
        return super().visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if self._function is not None:
            self._refuse(node, "a function in a function is not in Seahorse")
        self._function, self._literal = node, self._constants | _literal_names(node.body, self._constants)
        self._check_counters(node)
        typed = self._typed_parameters(node)
        node.body = [self.visit(each) for each in node.body]
        node.body = typed + node.body
        self._function = None
        return node

    def _typed_parameters(self, node: ast.FunctionDef) -> list[ast.stmt]:
        """What gives a parameter's type to a literal."""
        if node.name not in self._given_literals or node.decorator_list:
            return []
        first = node.body[0]
        made: list[ast.stmt] = []
        for parameter in node.args.args:
            if parameter.annotation is not None:
                value = self._as(parameter.annotation, ast.Name(parameter.arg, ast.Load()))
                made.append(
                    ast.copy_location(ast.Assign([ast.Name(parameter.arg, ast.Store())], value), first)
                )
        self.changed = bool(made) or self.changed
        return made

    def _check_counters(self, node: ast.FunctionDef) -> None:
        """Refuse a number of which nothing says what type it has: Rust infers it from its use."""
        for each in ast.walk(node):
            if isinstance(each, ast.AugAssign) and isinstance(each.target, ast.Name):
                name = each.target.id
                if name in self._literal and name not in self._constants:
                    self._refuse(
                        each, f"{name} is made of literals alone: begin with a type, as in `{name} = u64(0)`"
                    )

    def _as(self, annotation: ast.expr, value: ast.expr) -> ast.expr:
        return ast.copy_location(ast.Call(ast.Name(_TYPED, ast.Load()), [annotation, value], []), value)

    def visit_Return(self, node: ast.Return) -> Any:
        if node.value is None or self._function is None:
            return node
        literal = _is_literal(node.value, self._literal)
        value: ast.expr = self.visit(node.value)
        if literal and self._function.returns is not None:
            self.changed = True
            value = self._as(self._function.returns, value)
        node.value = value
        return node

    def visit_Assert(self, node: ast.Assert) -> Any:
        if self._function is not None and not isinstance(node.msg, ast.Constant):
            self._refuse(node, "assert without a literal message does not compile")
        return self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> Any:
        if self._function is None:
            return node
        if len(node.values) == 1 and isinstance(node.values[0], ast.FormattedValue):
            self._refuse(node, "an f-string of a value alone does not compile: use str()")
        for part in node.values:
            if isinstance(part, ast.Constant) and {"{", "}"} & set(str(part.value)):
                self._refuse(node, "braces in the text of an f-string do not compile")
            if isinstance(part, ast.FormattedValue):
                if part.format_spec is not None or part.conversion != -1:
                    self._refuse(node, "a format in an f-string is not in Seahorse")
                self.changed = True
                name = _WRITTEN if isinstance(part.value, _UNKNOWN) else _SHOWN
                shown = ast.Call(ast.Name(name, ast.Load()), [self.visit(part.value)], [])
                part.value = ast.copy_location(shown, part.value)
        return node

    def visit_Constant(self, node: ast.Constant) -> Any:
        if self._function is None or not isinstance(node.value, float):
            return node
        self.changed = True
        return ast.copy_location(ast.Call(ast.Name(_FLOAT, ast.Load()), [ast.Constant(node.value)], []), node)

    def visit_Compare(self, node: ast.Compare) -> Any:
        if self._function is not None:
            if len(node.ops) > 1:
                self._refuse(node, "a chain of comparisons is not in Seahorse: compare twice, with `and`")
            if isinstance(node.ops[0], ast.In | ast.NotIn | ast.Is | ast.IsNot):
                self._refuse(node, "`in` and `is` are not in Seahorse")
        return self.generic_visit(node)

    def visit_List(self, node: ast.List) -> Any:
        visited = self.generic_visit(node)
        if self._function is None or not isinstance(node.ctx, ast.Load):
            return visited
        self.changed = True
        return ast.copy_location(ast.Call(ast.Name(_LIST, ast.Load()), [node], []), node)

    def visit_Call(self, node: ast.Call) -> Any:
        printed = isinstance(node.func, ast.Name) and node.func.id == "print" and self._function is not None
        unknown = [printed and isinstance(each, _UNKNOWN) for each in node.args]
        node.func = self.visit(node.func)
        node.args = [self.visit(each) for each in node.args]
        for place, each in enumerate(node.args):
            if unknown[place]:
                self.changed = True
                written = ast.Call(ast.Name(_WRITTEN, ast.Load()), [each], [])
                node.args[place] = ast.copy_location(written, each)
        for keyword in node.keywords:
            if keyword.arg in _SEED_ARGUMENTS and isinstance(keyword.value, ast.List):
                keyword.value.elts = [self.visit(each) for each in keyword.value.elts]
            else:
                keyword.value = self.visit(keyword.value)
        return node


def _is_literal(node: ast.expr, names: set[str]) -> bool:
    """Whether a number's value comes of literals alone, so that it has no type."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.BinOp):
        return _is_literal(node.left, names) and _is_literal(node.right, names)
    if isinstance(node, ast.UnaryOp) and not isinstance(node.op, ast.Not):
        return _is_literal(node.operand, names)
    if isinstance(node, ast.IfExp):
        return _is_literal(node.body, names) or _is_literal(node.orelse, names)
    return False


def _literal_names(body: list[ast.stmt], known: set[str]) -> set[str]:
    """The names that are assigned literals, and nothing that has a type."""
    values: dict[str, list[ast.expr | None]] = {}
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                value = None if isinstance(node, ast.For) else node.value
                for target in targets:
                    if isinstance(target, ast.Name):
                        values.setdefault(target.id, []).append(value)
    found: set[str] = set()
    for name, assigned in values.items():
        own = known | found | {name}
        if all(value is not None and _is_literal(value, own) for value in assigned):
            found.add(name)
    return found
