"""What an instruction does, in its order, with the functions that it calls written in their place."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cached_property
from typing import cast

_TOKENS = ("transfer", "mint", "burn")  # each takes an authority and another account first
_DEPTH = 8  # of functions in functions; Seahorse programs have two or three


class Flow:
    """The statements of an instruction and of what it calls, in terms of the instruction's parameters."""

    def __init__(self, functions: Mapping[str, ast.FunctionDef], node: ast.FunctionDef) -> None:
        """Write the functions that it calls in their place."""
        self._functions = functions
        self._statements = [*self._inlined(node.body, {}, None, 0)]

    def _inlined(
        self, body: list[ast.stmt], names: dict[str, ast.expr], caller: ast.expr | None, depth: int
    ) -> Iterator[ast.stmt]:
        for statement in body:
            renamed = cast(ast.stmt, _Renamed(names, caller).visit(deepcopy(statement)))
            for call in [each for each in ast.walk(renamed) if isinstance(each, ast.Call)]:
                if isinstance(call.func, ast.Name) and call.func.id in self._functions and depth < _DEPTH:
                    called = self._functions[call.func.id]
                    given = dict(zip((each.arg for each in called.args.args), call.args, strict=False))
                    given |= {each.arg: each.value for each in call.keywords if each.arg}
                    yield from self._inlined(called.body, given, caller or call, depth + 1)
            yield renamed

    def nodes(self) -> Iterator[ast.AST]:
        """All nodes, in the order of their statements."""
        return (node for statement in self._statements for node in ast.walk(statement))

    # What is asserted

    def _tests(self) -> Iterator[ast.expr]:
        for node in self.nodes():
            if isinstance(node, ast.Assert):
                yield from _parts(node.test)

    @cached_property
    def _values(self) -> dict[str, ast.expr]:
        """The variables that are assigned once, with their values."""
        stored: dict[str, list[ast.expr]] = {}
        for node in self.nodes():
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    stored.setdefault(name, []).append(value)
                case _:
                    pass
        return {name: values[0] for name, values in stored.items() if len(values) == 1}

    def _term(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name) and node.id in self._values:
            return ast.unparse(self._values[node.id])
        return ast.unparse(node)

    @cached_property
    def _asserted(self) -> list[tuple[str, type[ast.cmpop], str]]:
        return [
            (self._term(test.left), type(test.ops[0]), self._term(test.comparators[0]))
            for test in self._tests()
            if isinstance(test, ast.Compare) and len(test.ops) == 1
        ]

    def equal(self, term: str) -> bool:
        """Whether a term is asserted to equal something."""
        return len(self.equals(term)) > 1

    def equals(self, term: str) -> set[str]:
        """All terms that are asserted to equal a term, itself included."""
        found, rest = {term}, [term]
        while rest:
            each = rest.pop()
            for left, op, right in self._asserted:
                if op is ast.Eq and each in (left, right):
                    rest += {left, right} - found
                    found |= {left, right}
        return found

    def distinct(self, left: str, right: str) -> bool:
        """Whether what is asserted proves that two parameters are two accounts."""
        lefts, rights = self.equals(f"{left}.key()"), self.equals(f"{right}.key()")
        for one, op, other in self._asserted:
            if op is ast.NotEq and ((one in lefts and other in rights) or (one in rights and other in lefts)):
                return True
            # One account has one value in each field.
            if op in (ast.NotEq, ast.Lt, ast.Gt) and _of_both(one, other, left, right):
                return True
        return any(_two_fields(one, other) for one in lefts for other in rights)

    def compared(self, *ops: type[ast.cmpop]) -> Iterator[set[str]]:
        """For each comparison, or each with some operator, the names in it."""
        for node in self.nodes():
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ops or ast.cmpop):
                names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
                values = [self._values[name] for name in names if name in self._values]
                yield names | {
                    each.id for value in values for each in ast.walk(value) if isinstance(each, ast.Name)
                }

    # What moves

    def _calls(self) -> Iterator[tuple[ast.Call, str, str, list[str]]]:
        """Each call that moves tokens: its account, what it does, its authority and the other account."""
        for node in self.nodes():
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=method)) if method in _TOKENS:
                    given = [*node.args, *(each.value for each in node.keywords)]
                    if not given:
                        continue  # `mint()` of a token account is its mint
                    yield node, owner, method, [ast.unparse(each) for each in given[:2]]
                case _:
                    pass

    def transfers(self) -> list[tuple[str, str, str]]:
        """For each transfer: the account that tokens are taken from, by whom, and where to."""
        found = [(owner, *others) for _, owner, method, others in self._calls() if method == "transfer"]
        return list(dict.fromkeys(each for each in found if len(each) == 3))

    def authorities(self) -> set[str]:
        """Who moves tokens, or lamports of their own."""
        lamports = {
            node.value.id
            for node in self.nodes()
            if isinstance(node, ast.Attribute)
            and node.attr == "transfer_lamports"
            and isinstance(node.value, ast.Name)
        }
        return lamports | {others[0] for *_, others in self._calls() if others}

    def read(self) -> Iterator[tuple[str, str]]:
        """Accounts whose tokens are counted, and how."""
        for node in self.nodes():
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id=name), attr="amount" | "supply" as method)
                ):
                    yield name, method
                case _:
                    pass

    def stale(self) -> Iterator[tuple[ast.Call, int]]:
        """Counts of tokens that are read after these have moved, each with the line that moved them."""
        moved_at: dict[str, int] = {}
        ordered = sorted(
            (node for node in self.nodes() if isinstance(node, ast.Call)),
            key=lambda node: self._place[id(node)],
        )
        moving = {id(node): (owner, others) for node, owner, _, others in self._calls()}
        for node in ordered:
            match node.func:
                case _ if id(node) in moving:
                    owner, others = moving[id(node)]
                    moved_at |= dict.fromkeys([owner, *others[1:]], node.lineno)
                case ast.Attribute(value=ast.Name(id=name), attr="amount" | "supply") if name in moved_at:
                    yield node, moved_at[name]
                case _:
                    pass

    @cached_property
    def _place(self) -> dict[int, tuple[int, int, int]]:
        """Where in the order of the instruction a node is."""
        return {
            id(node): (index, getattr(node, "lineno", 0), getattr(node, "col_offset", 0))
            for index, statement in enumerate(self._statements)
            for node in ast.walk(statement)
        }

    def used_whole(self) -> set[str]:
        """Names that are used for more than their address."""
        addresses = {
            id(node.value) for node in self.nodes() if isinstance(node, ast.Attribute) and node.attr == "key"
        }
        return {node.id for node in self.nodes() if isinstance(node, ast.Name) and id(node) not in addresses}


class _Renamed(ast.NodeTransformer):
    """Puts arguments in the place of parameters, and the place of the call in that of each node."""

    def __init__(self, names: dict[str, ast.expr], caller: ast.expr | None) -> None:
        self._names = names
        self._caller = caller

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Name):
            return deepcopy(self._names.get(node.id, node))
        visited = self.generic_visit(node)
        return ast.copy_location(visited, self._caller) if self._caller is not None else visited


def _parts(test: ast.expr) -> Iterator[ast.expr]:
    """What an assertion with `and` asserts."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        for value in test.values:
            yield from _parts(value)
    else:
        yield test


def _of_both(one: str, other: str, left: str, right: str) -> bool:
    """Whether two terms are the same of two accounts, like `left.index` and `right.index`."""
    pairs = ((one, other), (other, one))
    return any(
        first.startswith(f"{left}.") and second == f"{right}.{first.removeprefix(f'{left}.')}"
        for first, second in pairs
    )


def _two_fields(one: str, other: str) -> bool:
    """Whether two terms are different fields of one account, which hold different addresses."""
    (owner, _, field), (other_owner, _, other_field) = one.rpartition("."), other.rpartition(".")
    fields = field.isidentifier() and other_field.isidentifier()
    return fields and owner == other_owner != "" and field != other_field
