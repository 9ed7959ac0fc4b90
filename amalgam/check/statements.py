"""Rules of statements and of where they stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import StringIO
from tokenize import STRING, generate_tokens

from amalgam.check.language import base
from amalgam.check.program import Kind, is_instruction
from amalgam.check.rule import At, Checked, at, no, rule

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

no(
    "no-try",
    *(ast.Try, ast.TryStar),
    cause="Seahorse has no `try`",
    remedy="let the instruction fail: a failed transaction changes nothing",
)
no("no-with", ast.With, cause="Seahorse has no `with`", remedy="write its body alone")
no("no-raise", ast.Raise, cause="Seahorse has no `raise`", remedy='write `assert CONDITION, "message"`')
no("no-del", ast.Delete, cause="Seahorse has no `del`", remedy="leave it out: a name ends with its block")
no(
    "no-global",
    *(ast.Global, ast.Nonlocal),
    cause="Seahorse has no `global` and no `nonlocal`",
    remedy="pass the value as an argument, or keep it in an account",
)
no("no-match", ast.Match, cause="Seahorse has no `match`", remedy="write `if` and `elif`")
no(
    "no-async",
    *(ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await),
    cause="Seahorse has no `async` and no `await`",
    remedy="write the function without it",
)


@rule("no-loop-else", "Seahorse has no `else` of a loop", "write what follows the loop after it")
def _(program: Checked) -> Iterator[At]:
    return (at(node.orelse[0]) for node in program.every(ast.For, ast.While) if node.orelse)


@rule(
    "no-nested-definition",
    "Seahorse has no function, class or import inside of a function",
    "move it to the top level",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.FunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom):
        parent = program.parents[node]
        method = isinstance(parent, ast.ClassDef) and isinstance(node, ast.FunctionDef)
        if not method and not program.is_top(node):
            yield at(node)


@rule(
    "only-definitions-at-top",
    "only constants, classes, functions, imports and declare_id stand at the top level",
    "move it into an instruction",
)
def _(program: Checked) -> Iterator[At]:
    definitions = (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.ClassDef, *_FUNCTIONS)
    for node in program.tree.body:
        if not (isinstance(node, definitions) or _is_directive(node) or _is_text(node)):
            yield at(node)


def _is_directive(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="declare_id"))):
            return True
        case _:
            return False


@rule(
    "declared-id",
    "a program without declare_id does not compile",
    'write `declare_id("...")` below the imports',
)
def _(program: Checked) -> Iterator[At]:
    if program.instructions and not any(map(_is_directive, program.tree.body)):
        yield at(program.tree.body[0])


@rule(
    "constant-value",
    "a constant is one number, text or bool, or computed from such",
    "write the value where it is used",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.tree.body:
        if isinstance(node, ast.Assign) and not _is_constant(node.value):
            yield at(node.value)


def _is_constant(node: ast.expr) -> bool:
    match node:
        case ast.Constant() | ast.Name():
            return True
        case ast.JoinedStr():
            return True
        case ast.BinOp(left=left, right=right):
            return _is_constant(left) and _is_constant(right)
        case ast.UnaryOp(operand=operand):
            return _is_constant(operand)
        case ast.Tuple(elts=parts):
            return all(map(_is_constant, parts))
        case ast.Attribute(value=value):
            return _is_constant(value)
        case ast.Compare(left=left, comparators=others):
            return all(map(_is_constant, (left, *others)))
        case _:
            return False


@rule("constant-form", "a constant is one name without a type", "write `NAME = value`, one a line")
def _(program: Checked) -> Iterator[At]:
    for node in program.tree.body:
        if isinstance(node, ast.AnnAssign) or (isinstance(node, ast.Assign) and not _is_one_name(node)):
            yield at(node)


def _is_one_name(node: ast.Assign) -> bool:
    return len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)


@rule("no-chained-assignment", "Seahorse has no `a = b = value`", "write two assignments")
def _(program: Checked) -> Iterator[At]:
    return (
        at(node) for node in program.every(ast.Assign) if len(node.targets) > 1 and not program.is_top(node)
    )


@rule("declared-without-value", "Seahorse has no variable without a value", "write `{name}: {type} = value`")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.AnnAssign):
        if node.value is None and not isinstance(program.parents[node], ast.ClassDef):
            yield at(node, name=ast.unparse(node.target), type=ast.unparse(node.annotation))


_PYTHONS = """__future__ abc collections dataclasses datetime decimal enum functools itertools json math
operator os random re string struct sys time typing"""


@rule(
    "import-prelude-only",
    "Seahorse finds no module `{name}`",
    "leave it out: seahorse.prelude has what of it there is",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.tree.body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module or ""]
        yield from (at(node, name=name) for name in names if name in _PYTHONS.split())


@rule(
    "import-all",
    "Seahorse takes `{name}` of its prelude only with all the rest",
    "write `from seahorse.prelude import *`",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "seahorse.prelude":
            yield from (at(alias, name=alias.name) for alias in node.names if alias.name != "*")


@rule("no-alias", "Seahorse has no `import ... as`", "import it by its own name")
def _(program: Checked) -> Iterator[At]:
    return (at(alias) for alias in program.every(ast.alias) if alias.asname)


@rule("no-docstring", "a text alone on a line is {fault}", "write a `#` comment")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Expr):
        if _is_text(node) and not program.is_top(node):
            in_class = isinstance(program.parents[node], ast.ClassDef)
            yield at(node, fault="no part of a class" if in_class else "code to Seahorse, which runs")


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@rule("assert-message", "an assert without a message does not compile", 'write `assert ..., "what is wrong"`')
def _(program: Checked) -> Iterator[At]:
    return (at(node) for node in program.every(ast.Assert) if node.msg is None)


@rule(
    "assert-message-literal",
    "an assert's message is a text in quotes, and this is {what}",
    "write the words there, without values",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Assert):
        if isinstance(node.msg, ast.JoinedStr):
            yield at(node.msg, what="an f-string")
        elif node.msg is not None and not isinstance(node.msg, ast.Constant):
            yield at(node.msg, what=f"`{ast.unparse(node.msg)}`")


@rule(
    "assert-message-joined",
    "an assert's message is one text, and these are several side by side",
    "write one",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Assert):
        if isinstance(node.msg, ast.Constant) and _texts_in(program, node.msg) > 1:
            yield at(node.msg)


def _texts_in(program: Checked, node: ast.expr) -> int:
    """How many texts in quotes stand side by side for one."""
    first, last = node.lineno - 1, node.end_lineno or node.lineno
    lines = [line.encode() for line in program.lines[first:last]]
    lines[-1] = lines[-1][: node.end_col_offset]
    lines[0] = lines[0][node.col_offset :]
    written = b"\n".join(lines).decode()
    tokens = generate_tokens(StringIO(f"({written})").readline)
    return sum(each.type == STRING for each in tokens)


@rule(
    "assert-message-braces",
    "Rust takes `{{` and `}}` in an assert's message for places to fill",
    "write the message without them",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Assert):
        if isinstance(node.msg, ast.Constant) and {*"{}"} & {*str(node.msg.value)}:
            yield at(node.msg)


@rule(
    "known-decorator",
    "`@{name}` is not a decorator of Seahorse's",
    "only `@instruction` above a function and `@dataclass` above a class are, without brackets",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.FunctionDef, ast.ClassDef):
        known = "dataclass" if isinstance(node, ast.ClassDef) else "instruction"
        for decorator in node.decorator_list:
            if ast.unparse(decorator) != known:
                yield at(decorator, name=ast.unparse(decorator))


@rule(
    "misplaced-cpi",
    "tokens are moved and accounts made in an instruction only, not in `{name}`",
    "move the call to the instruction that uses it",
)
def _(program: Checked) -> Iterator[At]:
    for function in program.every(ast.FunctionDef):
        if is_instruction(function):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and _is_cpi(program, node.func):
                yield at(node, name=function.name)


def _is_cpi(program: Checked, function: ast.expr) -> bool:
    if not isinstance(function, ast.Attribute):
        return False
    owner = program.types.of(function.value) or ""
    calls = {"TokenAccount": ("transfer",), "TokenMint": ("mint", "burn"), "Empty": ("init",)}
    return function.attr in calls.get(owner.partition("[")[0], ())


@rule(
    "no-swap",
    "Seahorse gives variables that are there already no new values as a pair",
    "assign them one by one, over a third",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Assign):
        if isinstance(node.targets[0], ast.Tuple):
            names = [each.id for each in node.targets[0].elts if isinstance(each, ast.Name)]
            if names and _stored_before(program, node) >= {*names}:
                yield at(node)


def _stored_before(program: Checked, node: ast.stmt) -> set[str]:
    """The variables of a function that are assigned above a statement."""
    function = program.enclosing(node)
    return {
        each.id
        for each in ast.walk(function)
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store) and each.lineno < node.lineno
    }


@rule(
    "value-moved",
    "Rust moves what `{name}` holds to the other name, and `{name}` is used after that",
    "use one of the names alone",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Assign):
        match node.value:
            case ast.Name(id=name) as value if _is_moved(program, value) and _used_after(program, node, name):
                yield at(value, name=name)
            case _:
                pass


def _is_moved(program: Checked, value: ast.expr) -> bool:
    """Whether Rust has no copies of a value, but moves it."""
    type_ = program.types.of(value)
    kinds = (Kind.ACCOUNT, Kind.EVENT, Kind.PLAIN)
    return base(type_) in ("str", "List", "Array") or program.has_kind(type_, *kinds)


def _used_after(program: Checked, node: ast.stmt, name: str) -> bool:
    """Whether a name is used below a statement, or by it again in a loop that it is assigned outside of."""
    function = program.enclosing(node)
    names = [each for each in ast.walk(function) if isinstance(each, ast.Name) and each.id == name]
    if any(each.lineno > node.lineno for each in names):
        return True
    loops = (
        each
        for each in ast.walk(function)
        if isinstance(each, ast.For | ast.While) and node in ast.walk(each)
    )
    stores = [each.lineno for each in names if isinstance(each.ctx, ast.Store)]
    return any(not stores or min(stores) < loop.lineno for loop in loops)


@rule("field-moved", "a field's text or list cannot be moved to a variable", "use `{text}` itself")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Assign):
        moved = isinstance(node.value, ast.Attribute) and isinstance(node.targets[0], ast.Name)
        if moved and base(program.types.of(node.value)) in ("str", "List", "Array"):
            yield at(node.value, text=ast.unparse(node.value))
