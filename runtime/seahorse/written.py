"""Which parameters a module's functions may write to, as the project's Seahorse reads it off their source.

A parameter is only read if each place that names it is one that is known to read. All else counts as
writing, so that what is not understood leaves an account writable. `toolchain/seahorse.patch` has the same
rules for the compiler; the IDL of a built program shows whether the two agree.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

from seahorse.integers import INTEGERS

_PLAIN = {*(each.__name__ for each in INTEGERS), "f64", "bool", "str", "Pubkey"}
_READING = {
    "Signer": {"key"},
    "UncheckedAccount": {"key"},
    "TokenAccount": {"key", "authority", "amount", "mint"},
    "TokenMint": {"key", "authority", "freeze_authority", "decimals", "supply"},
}
# The first argument of each only signs.
_TOKEN_CALLS = {"TokenAccount": {"transfer"}, "TokenMint": {"mint", "burn"}}
_SCOPE = "__seahorse_written__"


def written_by(scope: dict[str, Any]) -> dict[str, frozenset[str]]:
    """What each function of a program's module may write to, by the function's name."""
    found = scope.get(_SCOPE)
    if found is None:
        found = scope[_SCOPE] = written_in(ast.parse(Path(scope["__file__"]).read_text("utf-8")))
    return found


def written_in(tree: ast.Module) -> dict[str, frozenset[str]]:
    """The parameters and variables that each function of a module may write to, by its name."""
    module = _Module(tree)
    written = {name: frozenset[str]() for name in module.functions}
    while True:  # what a function passes on may be known to be written to only in a later round
        before = dict(written)
        for name, function in module.functions.items():
            walk = _Walk(module, function, before)
            for statement in function.body:
                walk.visit(statement)
            written[name] = frozenset(walk.found)
        if written == before:
            return written


class _Module:
    """What a module defines, as far as it is needed here."""

    def __init__(self, tree: ast.Module) -> None:
        self._imported = {
            alias.asname or alias.name
            for each in tree.body
            if isinstance(each, ast.ImportFrom) and not (each.module or "").startswith("seahorse.")
            for alias in each.names
        }
        self.functions = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
        self.classes = {each.name: each for each in tree.body if isinstance(each, ast.ClassDef)}
        self._enums = {
            name
            for name, each in self.classes.items()
            if any(isinstance(base, ast.Name) and base.id == "Enum" for base in each.bases)
        }

    def copies(self, kind: str | None, field: str) -> bool:
        """Whether a class has a field whose value is copied when it is read."""
        return self._is_plain(self._field(kind, field))

    def copies_elements(self, kind: str | None, field: str) -> bool:
        """Whether a class has an array or a list whose elements are copied when they are read."""
        found = self._field(kind, field)
        if not isinstance(found, ast.Subscript) or _name(found.value) not in ("Array", "List"):
            return False
        element = found.slice.elts[0] if isinstance(found.slice, ast.Tuple) else found.slice
        return self._is_plain(element)

    def has_method(self, kind: str, method: str) -> bool:
        body = self.classes[kind].body if kind in self.classes else []
        return any(isinstance(each, ast.FunctionDef) and each.name == method for each in body)

    def known(self, annotation: ast.expr | None) -> str | None:
        """The name of a class of this module or of a builtin; another module's may hide a builtin."""
        name = _name(annotation)
        hidden = name in self._imported or ("*" in self._imported and name not in self.classes)
        return None if hidden else name

    def _field(self, kind: str | None, field: str) -> ast.expr | None:
        body = self.classes[kind].body if kind in self.classes else []
        fields = (each for each in body if isinstance(each, ast.AnnAssign))
        return next((each.annotation for each in fields if _name(each.target) == field), None)

    def _is_plain(self, annotation: ast.expr | None) -> bool:
        name = self.known(annotation)
        return name in self._enums or (name in _PLAIN and name not in self.classes)


def _name(node: ast.expr | None) -> str | None:
    return node.id if isinstance(node, ast.Name) else None


class _Walk(ast.NodeVisitor):
    """What one function may write to, as far as is known of the others.

    Attributes:
        found: The names.
    """

    def __init__(self, module: _Module, function: ast.FunctionDef, others: dict[str, frozenset[str]]) -> None:
        self.found: set[str] = set()
        self._module = module
        self._others = others
        self._annotations = {each.arg: each.annotation for each in function.args.args}
        # These stand for something else from some place on: neither a type nor a function is known by them.
        self._assigned = self._assigned_in(function)
        for name in self._assigned:
            self._annotations.pop(name, None)

    def _assigned_in(self, function: ast.FunctionDef) -> set[str]:
        nodes = list(ast.walk(function))
        made = {id(each.targets[0]) for each in nodes if isinstance(each, ast.Assign) and self._makes(each)}
        names = (each for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store))
        return {each.id for each in names if id(each) not in made}

    def visit_Name(self, node: ast.Name) -> None:
        self.found.add(node.id)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        read = isinstance(node.ctx, ast.Load)
        if not (read and self._module.copies(self._kind(node.value), node.attr)):
            self.visit(node.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if not (isinstance(node.ctx, ast.Load) and self._copies_elements(node.value)):
            self.visit(node.value)
        self.visit(node.slice)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.visit(node.target)  # the annotation is a type's name, and no variable's
        if node.value is not None:
            self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        if isinstance(function, ast.Name):
            for place, argument in enumerate(node.args):
                if not self._only_reads(function.id, place, argument):
                    self.visit(argument)
            self._visit_all(each.value for each in node.keywords)
        elif isinstance(function, ast.Attribute):
            self._call_of_method(node, function)
        else:
            self.generic_visit(node)

    def _call_of_method(self, node: ast.Call, function: ast.Attribute) -> None:
        receiver, method = function.value, function.attr
        if not node.args and not node.keywords and self._reads(receiver, method):
            return
        token_call = self._is_token_call(receiver, method)
        reading: tuple[str, ...] = ()
        if token_call:
            reading = ("authority",)
        elif self._is_init(receiver, method):
            reading = ("authority", "mint")
        self.visit(receiver)
        for place, argument in enumerate(node.args):
            if not (token_call and place == 0 and isinstance(argument, ast.Name)):
                self.visit(argument)
        for each in node.keywords:
            if each.arg in reading and isinstance(each.value, ast.Name):
                continue
            if reading and each.arg in ("seeds", "signer") and isinstance(each.value, ast.List):
                # A name among the seeds stands for its key.
                self._visit_all(seed for seed in each.value.elts if not isinstance(seed, ast.Name))
            else:
                self.visit(each.value)

    def _visit_all(self, nodes: Any) -> None:
        for node in nodes:
            self.visit(node)

    def _kind(self, node: ast.expr) -> str | None:
        """The type of a parameter, if that is nothing but a name."""
        return self._module.known(self._annotations.get(_name(node) or ""))

    def _copies_elements(self, of: ast.expr) -> bool:
        return isinstance(of, ast.Attribute) and self._module.copies_elements(self._kind(of.value), of.attr)

    def _reads(self, receiver: ast.expr, method: str) -> bool:
        """Whether a method without arguments only reads."""
        kind = self._kind(receiver)
        if kind in self._module.classes:
            return method == "key" and not self._module.has_method(kind, method)
        return method in _READING.get(kind or "", ())

    def _is_token_call(self, receiver: ast.expr, method: str) -> bool:
        kind = self._kind(receiver)
        return kind not in self._module.classes and method in _TOKEN_CALLS.get(kind or "", ())

    def _is_init(self, receiver: ast.expr, method: str) -> bool:
        empty = self._annotations.get(_name(receiver) or "")
        if not isinstance(empty, ast.Subscript) or _name(empty.value) != "Empty":
            return False
        made = self._module.known(empty.slice)
        return method == "init" and made is not None and not self._module.has_method(made, method)

    def _makes(self, node: ast.Assign) -> bool:
        """Whether it is `x = x.init(...)`, after which `x` stands for the same account."""
        function = node.value.func if isinstance(node.value, ast.Call) else None
        if not isinstance(function, ast.Attribute) or _name(function.value) is None:
            return False
        same = [_name(each) for each in node.targets] == [_name(function.value)]
        return same and self._is_init(function.value, function.attr)

    def _only_reads(self, function: str, place: int, argument: ast.expr) -> bool:
        """Whether a function of this module is given a variable that it only reads."""
        called = None if function in self._assigned else self._module.functions.get(function)
        if called is None or not isinstance(argument, ast.Name) or place >= len(called.args.args):
            return False
        return called.args.args[place].arg not in self._others[function]
