"""The program's mutants: one small error each, as a hurried edit might make it.

    assert, guard, token call, event, update of a field   dropped
    +=, -=, +, -, *, //, %                                another of them; a quotient rounded up
    comparison                                            negated; its boundary moved by one, either way
    any other condition                                   negated
    number or bool that is assigned or returned           off by one, the other one
    constant                                              one less, one more

All of them are planted in one program, which is built once. It asks `mutant()` which error it is to make.
"""

import ast
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

U64_MAX = 2**64 - 1

OTHER: dict[type[ast.AST], type[ast.operator]] = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add},
    **{ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv},
}
NEGATED: dict[type[ast.AST], type[ast.cmpop]] = {
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
    **{ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt},
}
MOVED: dict[type[ast.AST], type[ast.cmpop]] = {
    **{ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt},
}


class Mutant(NamedTuple):
    """The function or constant that has the error, and the statement before and after."""

    scope: str
    line: str
    becomes: str  # empty if it is dropped


class Error(NamedTuple):
    """A place in a statement, and what stands there instead: nothing where the statement is dropped."""

    statement: ast.stmt
    place: ast.AST
    instead: ast.AST | None


def planted(source: str) -> tuple[list[Mutant], str]:
    """Every mutant, and a program that is the one whose place in the list, from 1 on, `mutant()` returns."""
    module = ast.parse(source)
    found: list[Mutant] = []
    places: dict[ast.AST | str | None, list[tuple[int, ast.AST | None]]] = defaultdict(list)
    for definition in module.body:
        match definition:
            case ast.FunctionDef(name=scope):
                for error in _errors(definition):
                    found.append(Mutant(scope, _told(error.statement), _after(error)))
                    places[error.place].append((len(found), error.instead))
            case ast.Assign(targets=[ast.Name(id=scope)], value=ast.Constant(value=int(number))):
                for other in (number - 1, number + 1):
                    if other <= U64_MAX:
                        found.append(Mutant(scope, f"{scope} = {number:_}", f"{scope} = {other:_}"))
                        places[scope].append((len(found), ast.Constant(other)))

    def ask(node: ast.AST, copy: ast.AST) -> ast.AST:
        constant = node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) else None
        for number, instead in (*places.get(constant, ()), *places.get(node, ())):
            copy = _asked(number, instead, copy)
        return copy

    functions = [_copied(each, ask) if isinstance(each, ast.FunctionDef) else each for each in module.body]
    first = next(i for i, each in enumerate(functions) if isinstance(each, ast.FunctionDef))
    functions[first:first] = ast.parse("def mutant() -> u64:\n    return 0").body
    return _numbered(found), ast.unparse(ast.Module(functions, []))


def _errors(function: ast.FunctionDef) -> Iterator[Error]:
    known = {argument.arg for argument in function.args.args}
    for statement in _statements(function.body):
        match statement:
            case ast.Assert() | ast.AugAssign() | ast.Expr(value=ast.Call()):
                yield Error(statement, statement, None)
            case ast.Assign(targets=[ast.Attribute()]):
                yield Error(statement, statement, None)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                # What Seahorse calls an account after its init is no assignment.
                if name in known and ".init(" not in ast.unparse(value):
                    yield Error(statement, statement, None)
                known.add(name)
        match statement:
            case ast.Assert(test=test) | ast.If(test=test):
                yield from (Error(statement, test, instead) for instead in _conditions(test))
            case ast.AugAssign(target=target, op=op, value=value):
                yield Error(statement, statement, ast.AugAssign(target, OTHER[type(op)](), value))
            case ast.Assign(value=ast.Constant() as value) | ast.Return(value=ast.Constant() as value):
                flag = isinstance(value.value, bool)
                yield Error(statement, value, ast.Constant(not value.value if flag else value.value + 1))
        for node in _expressions(statement):
            match node:
                case ast.BinOp(left=left, op=op, right=right):
                    yield Error(statement, node, ast.BinOp(left, OTHER[type(op)](), right))
                    if isinstance(op, ast.FloorDiv):
                        more = ast.BinOp(ast.BinOp(left, ast.Add(), right), ast.Sub(), ast.Constant(1))
                        yield Error(statement, node, ast.BinOp(more, op, right))


def _conditions(test: ast.expr) -> Iterator[ast.expr]:
    match test:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            yield ast.Compare(left, [NEGATED[type(op)]()], [right])
            if type(op) in MOVED:
                yield ast.Compare(left, [MOVED[type(op)]()], [right])
                less = isinstance(op, ast.Lt | ast.GtE)
                sides = (_one_more(left), right) if less else (left, _one_more(right))
                yield ast.Compare(sides[0], [op], [sides[1]])
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case _:
            yield ast.UnaryOp(ast.Not(), test)


def _one_more(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Constant):
        return ast.Constant(node.value + 1)
    return ast.BinOp(node, ast.Add(), ast.Constant(1))


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        for block in ("body", "orelse"):
            yield from _statements(getattr(statement, block, []))


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Of the statement itself, not of those within it."""
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.expr):
            yield from ast.walk(child)


def _asked(number: int, instead: ast.AST | None, otherwise: Any) -> ast.AST:
    sign = ast.NotEq() if instead is None else ast.Eq()
    chosen = ast.Compare(ast.Call(ast.Name("mutant"), [], []), [sign], [ast.Constant(number)])
    match instead:
        case None:
            return ast.If(chosen, [otherwise], [])
        case ast.stmt():
            return ast.If(chosen, [instead], [otherwise])
        case ast.expr():
            return ast.IfExp(chosen, instead, otherwise)
        case _:
            raise TypeError(instead)


def _copied(node: ast.AST, changed: Callable[[ast.AST, ast.AST], ast.AST]) -> Any:
    """A copy, each of whose nodes is what `changed` makes of the node and its copy."""

    def of(value: Any) -> Any:
        if isinstance(value, list):
            return [of(each) for each in value]
        return _copied(value, changed) if isinstance(value, ast.AST) else value

    copy = type(node)(**{name: of(value) for name, value in ast.iter_fields(node)})
    return changed(node, ast.copy_location(copy, node))


def _after(error: Error) -> str:
    if error.instead is None:
        return ""
    return _told(_copied(error.statement, lambda node, copy: error.instead if node is error.place else copy))


def _told(statement: ast.stmt) -> str:
    """In one line; of a compound statement its head."""
    return ast.unparse(statement).partition("\n")[0]


def _numbered(found: list[Mutant]) -> list[Mutant]:
    """Equal ones told apart."""
    seen = Counter[Mutant]()
    numbered: list[Mutant] = []
    for mutant in found:
        seen[mutant] += 1
        numbered.append(
            mutant._replace(line=f"{mutant.line} # {seen[mutant]}") if seen[mutant] > 1 else mutant
        )
    return numbered
