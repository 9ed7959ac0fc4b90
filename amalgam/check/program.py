"""A Seahorse program as Python's `ast` has it: its constants, classes and functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TypeVar, cast

from amalgam.check.language import ACCOUNTS

_Node = TypeVar("_Node", bound=ast.AST)
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Kind(StrEnum):
    """What a class is to Seahorse."""

    ACCOUNT = "Account"
    EVENT = "Event"
    ENUM = "Enum"
    PLAIN = "class"


@dataclass(frozen=True)
class Class:
    """A class of the program."""

    node: ast.ClassDef
    kind: Kind

    @property
    def fields(self) -> dict[str, str]:
        """Each field's type, as it is written; an enum's variants have none."""
        return {
            each.target.id: ast.unparse(each.annotation)
            for each in self.node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
        }

    @property
    def variants(self) -> list[str]:
        """The names of an enum."""
        assigned = [each for each in self.node.body if isinstance(each, ast.Assign)]
        return [target.id for each in assigned for target in each.targets if isinstance(target, ast.Name)]

    @property
    def methods(self) -> dict[str, ast.FunctionDef]:
        """The functions in it."""
        return {each.name: each for each in self.node.body if isinstance(each, ast.FunctionDef)}

    @property
    def is_dataclass(self) -> bool:
        """Whether Seahorse writes its constructor."""
        return "dataclass" in map(ast.unparse, self.node.decorator_list)


class Program:
    """One file's program, and where each part of its tree belongs."""

    def __init__(self, source: str) -> None:
        """Parse the source. Raises SyntaxError if it is not Python."""
        self.lines = source.split("\n")
        self.tree = ast.parse(source)
        self.parents = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}
        self.classes = {node.name: Class(node, _kind(node)) for node in self._top(ast.ClassDef)}
        self.functions = {node.name: node for node in self._top(ast.FunctionDef)}
        self.constants = {
            target.id: node.value
            for node in self._top(ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }

    def _top(self, kind: type[_Node]) -> list[_Node]:
        return [node for node in self.tree.body if isinstance(node, kind)]

    @property
    def instructions(self) -> list[ast.FunctionDef]:
        """The functions that a transaction can call."""
        return [node for node in self.functions.values() if is_instruction(node)]

    @cached_property
    def _by_kind(self) -> dict[type[ast.AST], list[tuple[int, int, int, ast.AST]]]:
        """All nodes with their places, the kinds apart."""
        found: dict[type[ast.AST], list[tuple[int, int, int, ast.AST]]] = {}
        for number, node in enumerate(ast.walk(self.tree)):
            place = getattr(node, "lineno", 0), getattr(node, "col_offset", 0), number
            found.setdefault(type(node), []).append((*place, node))
        return found

    def every(self, *kinds: type[_Node]) -> Iterator[_Node]:
        """All nodes of some kinds, in the order of the source."""
        found = [each for kind in kinds for each in self._by_kind.get(kind, [])]
        return (cast(_Node, node) for *_, node in sorted(found))

    def enclosing(self, node: ast.AST) -> ast.AST:
        """The function that a node is in; else the module."""
        while not isinstance(node, ast.FunctionDef) and node in self.parents:
            node = self.parents[node]
        return node

    def is_top(self, node: ast.AST) -> bool:
        """Whether it is a statement of the module itself."""
        return self.parents.get(node) is self.tree

    def of_kind(self, *kinds: Kind) -> list[Class]:
        """The classes of some kinds."""
        return [each for each in self.classes.values() if each.kind in kinds]

    def has_kind(self, type_: str | None, *kinds: Kind) -> bool:
        """Whether a type is a class of one of the kinds."""
        return type_ in self.classes and self.classes[type_].kind in kinds

    def is_account(self, type_: str | None) -> bool:
        """Whether a parameter of a type is an account."""
        return (type_ or "").partition("[")[0] in ACCOUNTS or self.has_kind(type_, Kind.ACCOUNT)


def is_instruction(node: ast.FunctionDef) -> bool:
    """Whether a function has the decorator `@instruction`."""
    return any(isinstance(each, ast.Name) and each.id == "instruction" for each in node.decorator_list)


def parameters(node: Function) -> dict[str, str]:
    """Each parameter's type, as it is written."""
    return {each.arg: ast.unparse(each.annotation) for each in node.args.args if each.annotation}


def _kind(node: ast.ClassDef) -> Kind:
    bases = [ast.unparse(base) for base in node.bases]
    return next((kind for kind in Kind if kind in bases), Kind.PLAIN)
