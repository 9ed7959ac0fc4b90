"""The program's mutants: one small error each, as a hurried edit might make it.

    assert, guard, token call, event, update of a field   dropped
    += and -=, + and -, * and //                          one for the other; a quotient rounded up
    comparison                                            negated; its boundary moved by one, either way
    any other condition                                   negated
    number or bool that is assigned or returned           off by one, the other one
    constant                                              one less, one more

The source around the error stays as it is.
"""

import ast
import re
from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

U64_MAX = 2**64 - 1

DROPPED = "pass"
SIGNS: dict[type[ast.AST], str] = {
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.FloorDiv: "//"},
    **{ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="},
}
OTHER = {"+": "-", "-": "+", "*": "//", "//": "*"}
NEGATED = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
MOVED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


class Mutant(NamedTuple):
    """A program with one error: the function or constant that has it, and the line before and after."""

    scope: str
    line: str
    becomes: str  # empty where it is dropped
    source: str

    @property
    def name(self) -> tuple[str, str, str]:
        return self.scope, self.line, self.becomes


class Edit(NamedTuple):
    """What replaces the bytes from start to end."""

    start: int
    end: int
    text: str


def mutants(source: str) -> list[Mutant]:
    """Every mutant of a program, in the order of its source."""
    text = Text(source)
    found: list[Mutant] = []
    for definition in ast.parse(source).body:
        match definition:
            case ast.FunctionDef(name=scope):
                found += [text.mutant(scope, edit) for edit in text.edits(definition)]
            case ast.Assign(targets=[ast.Name(id=scope)], value=ast.Constant(value=int(number)) as constant):
                changed = [n for n in (number - 1, number + 1) if n <= U64_MAX]
                found += [text.mutant(scope, text.replacing(constant, f"{n:_}")) for n in changed]
    return found


class Text:
    """Source in bytes, as the syntax tree counts its columns."""

    def __init__(self, source: str) -> None:
        self._bytes = source.encode()
        self._lines = [0, *accumulate(map(len, self._bytes.splitlines(keepends=True)))]

    def mutant(self, scope: str, edit: Edit) -> Mutant:
        start, end, text = edit
        source = self._bytes[:start] + text.encode() + self._bytes[end:]
        first = self._bytes.rfind(b"\n", 0, start) + 1
        last = self._bytes.find(b"\n", end)
        line = _one_line(self._bytes[first:last])
        becomes = "" if text == DROPPED else _one_line(source[first : last - len(self._bytes) or None])
        return Mutant(scope, line, becomes, source.decode())

    def edits(self, function: ast.FunctionDef) -> Iterator[Edit]:
        known = {argument.arg for argument in function.args.args}
        nodes = [node for statement in function.body for node in ast.walk(statement)]
        for node in sorted((node for node in nodes if hasattr(node, "lineno")), key=self._start):
            match node:
                case ast.Assert() | ast.AugAssign() | ast.Expr(value=ast.Call()):
                    yield self.replacing(node, DROPPED)
                case ast.Assign(targets=[ast.Attribute()]):
                    yield self.replacing(node, DROPPED)
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    # What Seahorse calls an account after its init is no assignment.
                    if name in known and ".init(" not in ast.unparse(value):
                        yield self.replacing(node, DROPPED)
                    known.add(name)
            match node:
                case ast.Assert(test=test) | ast.If(test=test):
                    yield from self._of_condition(test)
                case ast.AugAssign(target=left, op=op, value=right):
                    yield self._sign(left, op, right, OTHER)
                case ast.BinOp(left=left, op=op, right=right):
                    yield self._sign(left, op, right, OTHER)
                    if isinstance(op, ast.FloorDiv):
                        whole, part = self._of(left), self._of(right)
                        yield self.replacing(node, f"({whole} + {part} - 1) // {part}")
                case ast.Assign(value=ast.Constant() as value) | ast.Return(value=ast.Constant() as value):
                    flag = isinstance(value.value, bool)
                    yield self.replacing(value, str(not value.value if flag else value.value + 1))

    def _of_condition(self, node: ast.expr) -> Iterator[Edit]:
        match node:
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                yield self._sign(left, op, right, NEGATED)
                sign = SIGNS[type(op)]
                if sign in MOVED:
                    yield self._sign(left, op, right, MOVED)
                    yield self._one_more(left if sign in ("<", ">=") else right)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield self.replacing(node, self._of(operand))
            case _:
                yield self.replacing(node, f"not {self._of(node)}")

    def _sign(self, left: ast.expr, op: ast.AST, right: ast.expr, new: dict[str, str]) -> Edit:
        start, end, sign = self._end(left), self._start(right), SIGNS[type(op)]
        return Edit(start, end, self._bytes[start:end].decode().replace(sign, new[sign]))

    def _one_more(self, node: ast.expr) -> Edit:
        if isinstance(node, ast.Constant):
            return self.replacing(node, str(node.value + 1))
        return Edit(self._end(node), self._end(node), " + 1")

    def replacing(self, node: ast.AST, text: str) -> Edit:
        return Edit(self._start(node), self._end(node), text)

    def _of(self, node: ast.AST) -> str:
        return self._bytes[self._start(node) : self._end(node)].decode()

    def _start(self, node: ast.AST) -> int:
        return self._lines[node.lineno - 1] + node.col_offset

    def _end(self, node: ast.AST) -> int:
        return self._lines[node.end_lineno - 1] + node.end_col_offset


def _one_line(text: bytes) -> str:
    """Without indentation and the comment behind it."""
    return " ".join(re.sub(r"  # .*", "", text.decode()).split())
