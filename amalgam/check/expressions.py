"""Rules of expressions."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from amalgam.check.language import (
    BUILTIN_FUNCTIONS,
    INTEGERS,
    LITERAL,
    MOST_ARGUMENTS,
    NUMBERS,
    UNSIGNED,
    base,
    inner,
    limits,
    widened,
)
from amalgam.check.program import Kind, parameters
from amalgam.check.rule import At, Checked, at, no, rule

no("no-lambda", ast.Lambda, cause="Seahorse has no `lambda`", remedy="write a function at the top level")
no("no-walrus", ast.NamedExpr, cause="Seahorse has no `:=`", remedy="assign on a line of its own")
no(
    "no-dict",
    *(ast.Dict, ast.DictComp),
    cause="Seahorse has no dicts",
    remedy="keep values in a list, or in an account for each key",
)
no("no-set", *(ast.Set, ast.SetComp), cause="Seahorse has no sets", remedy="keep values in a list")
no(
    "no-list-comprehension",
    ast.ListComp,
    cause="Seahorse compiles a list comprehension to Rust that does not compile",
    remedy="begin with an empty list and `append` to it in a `for` loop",
)
no(
    "no-generator",
    *(ast.GeneratorExp, ast.Yield, ast.YieldFrom),
    cause="Seahorse has no generators",
    remedy="write a `for` loop",
)
no("no-star", ast.Starred, cause="Seahorse has no `*`-unpacking", remedy="name the values one by one")
no("no-slice", ast.Slice, cause="Seahorse has no slices", remedy="copy the elements in a `for` loop")


@rule("no-unpacked-keywords", "Seahorse has no `**`-unpacking", "name the arguments one by one")
def _(program: Checked) -> Iterator[At]:
    return (at(node.value) for node in program.every(ast.keyword) if node.arg is None)


@rule("constant-kind", "Seahorse has no {what}", "{remedy}")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Constant):
        match node.value:
            case bytes():
                yield at(node, what="bytes in quotes", remedy="write a text, or a list of u8")
            case complex():
                yield at(node, what="complex numbers", remedy="compute with integers")
            case value if value is ...:
                yield at(node, what="`...`", remedy="write `pass` in a function")
            case _:
                pass


@rule("number-size", "a number beyond 2**127 - 1 does not compile", "compute it, or use a smaller one")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Constant):
        if type(node.value) is int and node.value >= 2**127:
            yield at(node)


@rule(
    "number-range",
    "{number} does not fit in a {type}, which is {low} to {high}",
    "use a wider type, or a number that fits",
)
def _(program: Checked) -> Iterator[At]:
    for node, type_ in _numbers_with_types(program):
        number = _number(node)
        if number is not None and type_ in INTEGERS:
            low, high = limits(type_)
            if not low <= number <= high:
                yield at(node, number=number, type=type_, low=low, high=high)


def _number(node: ast.expr) -> int | None:
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            return -value
        case _:
            return None


def _numbers_with_types(program: Checked) -> Iterator[tuple[ast.expr, str | None]]:
    """Expressions, each with the type that it is to have."""
    types = program.types
    for node in program.every(ast.AnnAssign, ast.Assign, ast.Compare, ast.BinOp, ast.Call, ast.AugAssign):
        match node:
            case ast.AnnAssign(value=ast.expr() as value):
                yield value, ast.unparse(node.annotation)
            case ast.Assign(targets=[ast.Attribute() as target], value=value):
                yield value, types.of(target)
            case ast.AugAssign(target=target, value=value):
                yield value, types.of(target)
            case ast.BinOp(op=ast.Pow() | ast.LShift() | ast.RShift()):
                pass
            case ast.Compare(left=left, comparators=[right]) | ast.BinOp(left=left, right=right):
                yield left, types.of(right)
                yield right, types.of(left)
            case ast.Call(func=ast.Name(id=name), args=[value]) if name in INTEGERS:
                yield value, name
            case _:
                pass


@rule(
    "no-true-division",
    "`/` divides as f64, which rounds{where}",
    "write `//`, or convert both sides with f64(...) if a fraction is wanted",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.BinOp):
        if isinstance(node.op, ast.Div) and "f64" not in map(program.types.of, (node.left, node.right)):
            yield at(node, where=" what is beyond 2**53")
    for node in program.every(ast.AugAssign):
        if isinstance(node.op, ast.Div) and program.types.of(node.target) != "f64":
            yield at(node, where=", and does not fit in an integer")


@rule("no-matrix-product", "Seahorse has no `@` between values", "multiply with `*`")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.BinOp, ast.AugAssign):
        if isinstance(node.op, ast.MatMult):
            yield at(node)


@rule("exponent-u32", "an exponent is a u32, and this is {type}", "convert it: `u32({text})`")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.BinOp):
        type_ = program.types.of(node.right)
        if isinstance(node.op, ast.Pow) and type_ in INTEGERS and type_ not in ("u8", "u16", "u32"):
            yield at(node.right, type=type_, text=ast.unparse(node.right))


@rule("no-membership", "Seahorse stops at `{op}`, without saying where", "compare with each: {example}")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Compare):
        for op in node.ops:
            if isinstance(op, ast.In):
                yield at(node, op="in", example="`a == x or a == y`")
            elif isinstance(op, ast.NotIn):
                yield at(node, op="not in", example="`a != x and a != y`")


@rule("no-identity", "Seahorse compiles `{op}` as `{equal}`", "write `{equal}`")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Compare):
        for op in node.ops:
            if isinstance(op, ast.Is):
                yield at(node, op="is", equal="==")
            elif isinstance(op, ast.IsNot):
                yield at(node, op="is not", equal="!=")


@rule("no-chained-comparison", "Seahorse has no `a < b < c`", "write `a < b and b < c`")
def _(program: Checked) -> Iterator[At]:
    return (at(node) for node in program.every(ast.Compare) if len(node.ops) > 1)


@rule("no-format", "Seahorse has no {what} in an f-string", "write the value alone: `{{{value}}}`")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.FormattedValue):
        value = ast.unparse(node.value)
        if node.format_spec is not None:
            yield at(node.value, what="format", value=value)
        elif node.conversion != -1 and not _is_named(program, node):
            yield at(node.value, what="`!` and no `=`", value=value)
        elif isinstance(node.value, ast.JoinedStr):
            yield at(node.value, what="f-string", value="...")


def _is_named(program: Checked, node: ast.FormattedValue) -> bool:
    """Whether it is the text `{value=}` alone, which Python parses as `value={value!r}`."""
    match program.parents[node]:
        case ast.JoinedStr(values=[ast.Constant(value=before), _]):
            return before == f"{ast.unparse(node.value)}="
        case _:
            return False


@rule("f-string-alone", "Seahorse stops at an f-string that is one value alone", "write `{instead}`")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.JoinedStr):
        match node.values:
            case [ast.FormattedValue(value=value)] if not _is_format(program, node):
                yield at(node, instead=f"str({ast.unparse(value)})")
            case _:
                pass


def _is_format(program: Checked, node: ast.JoinedStr) -> bool:
    """Whether it is what stands behind the colon in another f-string."""
    return isinstance(program.parents[node], ast.FormattedValue)


@rule(
    "f-string-braces",
    "Rust takes `{{` and `}}` in an f-string's text for places to fill",
    "write the text without them",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.JoinedStr):
        if any(isinstance(each, ast.Constant) and {*"{}"} & {*str(each.value)} for each in node.values):
            yield at(node)


@rule("no-unary-plus", "Rust has no `+` before a value", "leave it out")
def _(program: Checked) -> Iterator[At]:
    return (at(node) for node in program.every(ast.UnaryOp) if isinstance(node.op, ast.UAdd))


@rule("tuple-of-one", "Rust takes a tuple of one for the value itself", "write the value alone")
def _(program: Checked) -> Iterator[At]:
    return (at(node) for node in program.every(ast.Tuple) if _is_value(node) and len(node.elts) == 1)


def _is_value(node: ast.Tuple) -> bool:
    return isinstance(node.ctx, ast.Load)


@rule("empty-list", "Rust cannot tell what `{name}` is a list of", "append to it, or begin with an element")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Assign, ast.AnnAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        match target, node.value:
            case ast.Name(id=name), ast.List(elts=[]) as value:
                if not any(_says_type(program, each) for each in _uses(program, node, name)):
                    yield at(value, name=name)
            case _:
                pass


@rule(
    "number-without-size",
    "Rust takes {number} for an i32 here, which it does not fit in",
    "compute with it at once: beside a u64 it is a u64",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Assign, ast.AnnAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if not isinstance(target, ast.Name) or node.value is None or program.is_top(node):
            continue
        uses = _uses(program, node, target.id)
        if _is_large(program, node.value) and not any(_says_type(program, each) for each in uses):
            yield at(node.value, number=ast.unparse(node.value))
    for call in program.every(ast.Call):
        if isinstance(call.func, ast.Name) and call.func.id in (*NUMBERS, "print", "str"):
            yield from (at(each, number=ast.unparse(each)) for each in call.args if _is_large(program, each))


def _is_large(program: Checked, node: ast.expr) -> bool:
    """Whether a number, or a constant that is one, is too large for what Rust takes it for."""
    if isinstance(node, ast.Name) and node.id in program.constants:
        node = program.constants[node.id]
    number = _number(node)
    return number is not None and not -(2**31) <= number < 2**31


def _uses(program: Checked, node: ast.stmt, name: str) -> Iterator[ast.Name]:
    for each in ast.walk(program.enclosing(node)):
        if isinstance(each, ast.Name) and each.id == name and isinstance(each.ctx, ast.Load):
            yield each


def _says_type(program: Checked, node: ast.Name) -> bool:
    """Whether Rust learns a variable's type from how it is used there."""
    match program.parents[node]:
        case ast.Call(func=ast.Name(id=name)):
            return name in program.functions or name in program.classes
        case ast.Attribute(attr=name):
            return name == "append"
        case ast.BinOp() | ast.Compare() | ast.AugAssign() | ast.Assign() | ast.Return():
            return True
        case _:
            return False


@rule(
    "size-of-literal",
    "Rust does not know the size of `{text}`, which {what} needs",
    "take it as an argument, or from a field",
)
def _(program: Checked) -> Iterator[At]:
    powers = (node.left for node in program.every(ast.BinOp) if isinstance(node.op, ast.Pow))
    for node in powers:
        if _is_literal(program, node):
            yield at(node, text=ast.unparse(node), what="`**`")
    for call in _calls(program, "abs"):
        if _is_literal(program, call.args[0]):
            yield at(call.args[0], text=ast.unparse(call.args[0]), what="abs()")


def _is_literal(program: Checked, node: ast.expr) -> bool:
    """Whether a value is a number as it is written, or a variable of such, whose type Seahorse drops."""
    if isinstance(node, ast.Name):
        stores = [each for each in ast.walk(program.enclosing(node)) if _stores(each, node.id)]
        parent = program.parents[stores[0]] if len(stores) == 1 else None
        assigned = isinstance(parent, ast.Assign | ast.AnnAssign) and parent.value
        return (bool(assigned) and _number(assigned) is not None) or program.types.of(node) == LITERAL
    return _number(node) is not None


def _stores(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store)


@rule("sum-of-range", "sum() of a range does not compile", "add in a `for` loop")
def _(program: Checked) -> Iterator[At]:
    for node in _calls(program, "sum"):
        if isinstance(node.args[0], ast.Call) and ast.unparse(node.args[0].func) == "range":
            yield at(node)


@rule(
    "enum-cast",
    "an enum's variant is no number",
    "compare it, and return the number: `if x == {type}.{variant}: return 0`",
)
def _(program: Checked) -> Iterator[At]:
    for name in INTEGERS:
        for node in _calls(program, name):
            type_ = program.types.of(node.args[0])
            if type_ and program.has_kind(type_, Kind.ENUM):
                variant = (program.classes[type_].variants or ["A"])[0]
                yield at(node, type=type_, variant=variant)


@rule("object-operator", "Seahorse has no operators of a {type}", "write a function for it, and call that")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.BinOp, ast.Compare):
        type_ = program.types.of(node.left)
        listed = isinstance(node, ast.Compare) and base(type_) == "List"
        if type_ and (listed or program.has_kind(type_, Kind.PLAIN, Kind.EVENT)):
            yield at(node, type=type_)


@rule("index-unsigned", "an index is an unsigned number, and this is {type}", "convert it: `u64({text})`")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Subscript):
        type_ = program.types.of(node.slice)
        if type_ in ("i8", "i16", "i32", "i64", "u128"):
            yield at(node.slice, type=type_, text=ast.unparse(node.slice))


@rule("same-types", "{name}() takes numbers of one type, and these are {types}", "convert one of them")
def _(program: Checked) -> Iterator[At]:
    for name in ("min", "max", "range"):
        for node in _calls(program, name):
            types = dict.fromkeys(program.types.of(each) for each in node.args)
            known = [each for each in types if each in NUMBERS]
            if len(known) > 1:
                yield at(node, name=name, types=" and ".join(known))


@rule("wrong-type", "{what} is a {wanted}, and this is {found}", "{remedy}")
def _(program: Checked) -> Iterator[At]:
    for value, wanted, what in _values_with_types(program):
        found = program.types.of(value)
        if found is not None and wanted is not None and not _is_taken(program, found, wanted):
            remedy = (
                f"convert it: `{wanted}({ast.unparse(value)})`" if wanted in INTEGERS else f"give a {wanted}"
            )
            if wanted == "Pubkey" and "key" in program.types.attributes_of(found):
                remedy = f"write `{ast.unparse(value)}.key()`"
            yield at(value, what=what, wanted=wanted, found=_told(found), remedy=remedy)


def _is_taken(program: Checked, found: str, wanted: str) -> bool:
    """Whether Seahorse takes a value of one type for one of another; True where it is not plain."""
    plain = {*NUMBERS, LITERAL, "bool", "str", "Pubkey"}
    if LITERAL in (found, wanted):
        return (wanted if found == LITERAL else found) in {*NUMBERS, LITERAL}
    known = all(each in plain or each in program.classes or each == "Signer" for each in (found, wanted))
    return found == wanted or not known


def _values_with_types(program: Checked) -> Iterator[tuple[ast.expr, str | None, str]]:
    """Values, each with the type that it must have, and what it is for."""
    types = program.types
    for node in program.every(ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Return, ast.Call):
        match node:
            case ast.Assign(targets=[ast.Attribute() as target], value=value):
                yield value, types.of(target), f"`{ast.unparse(target)}`"
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                yield value, ast.unparse(node.annotation), f"`{ast.unparse(target)}`"
            case ast.AugAssign(target=target, value=value):
                left, right = types.of(target), types.of(value)
                if left in NUMBERS and right in NUMBERS and widened(left, right) != left:
                    yield value, left, f"`{ast.unparse(target)}`"
            case ast.Return(value=ast.expr() as value):
                function = program.enclosing(node)
                if isinstance(function, ast.FunctionDef) and function.returns is not None:
                    yield value, ast.unparse(function.returns), f"what `{function.name}` returns"
            case ast.Call(func=ast.Name(id=name)):
                for argument, (parameter, type_) in zip(
                    node.args, _taken_by(program, name).items(), strict=False
                ):
                    yield argument, type_, f"`{parameter}` of {name}()"
            case _:
                pass


def _taken_by(program: Checked, name: str) -> dict[str, str]:
    """The parameters of a function or of a constructor, with their types."""
    if name in program.functions:
        return parameters(program.functions[name])
    known = program.classes.get(name)
    if known is None:
        return {}
    return parameters(known.methods["__init__"]) if "__init__" in known.methods else known.fields


@rule("condition-bool", "a condition is a bool, and this is {type}", "compare it, as in `{text} {example}`")
def _(program: Checked) -> Iterator[At]:
    for node in _conditions(program):
        type_ = program.types.of(node)
        if type_ not in (None, "bool"):
            example = "!= 0" if type_ in (*NUMBERS, LITERAL) else "== ..."
            yield at(node, type=_told(type_), text=ast.unparse(node), example=example)


def _conditions(program: Checked) -> Iterator[ast.expr]:
    for node in program.every(ast.If, ast.While, ast.IfExp, ast.Assert, ast.BoolOp, ast.UnaryOp):
        match node:
            case ast.BoolOp(values=values):
                yield from values
            case ast.UnaryOp(op=op, operand=operand):
                if isinstance(op, ast.Not):
                    yield operand
            case _:
                yield node.test


def _told(type_: str) -> str:
    return "number" if type_ == LITERAL else type_


@rule("mixed-types", "{left} and {right} do not go together", "convert one, like `{type}(...)`")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.BinOp, ast.Compare):
        if isinstance(node, ast.Compare):
            if len(node.ops) > 1 or isinstance(node.ops[0], ast.In | ast.NotIn):
                continue
            sides = (node.left, node.comparators[0])
        elif isinstance(node.op, ast.Pow | ast.MatMult):
            continue
        else:
            sides = (node.left, node.right)
        left, right = map(program.types.of, sides)
        if left is not None and right is not None and _do_not_mix(left, right):
            yield at(node, left=_told(left), right=_told(right), type=right if right in NUMBERS else left)


def _do_not_mix(left: str, right: str) -> bool:
    numbers = {*NUMBERS, LITERAL}
    if left in numbers and right in numbers:
        return widened(left, right) is None
    plain = {*numbers, "bool", "str", "Pubkey", "Signer"}
    return (left in numbers) != (right in numbers) or (left != right and {left, right} <= plain)


@rule("no-negative-unsigned", "a {type} has no negative numbers", "convert first: `-i128(...)`")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.UnaryOp):
        type_ = program.types.of(node.operand)
        if isinstance(node.op, ast.USub) and type_ in UNSIGNED:
            yield at(node, type=type_)


@rule("f64-cast", "Rust converts no {type} to f64", "convert `u32({text})` first, if it fits")
def _(program: Checked) -> Iterator[At]:
    for node in _calls(program, "f64"):
        type_ = program.types.of(node.args[0])
        if type_ in ("u64", "i64", "u128", "i128"):
            yield at(node, type=type_, text=ast.unparse(node.args[0]))


@rule("cast-of-f64", "Rust converts no f64 to {type}", "round it first: `{type}(round({text}))`")
def _(program: Checked) -> Iterator[At]:
    for name in INTEGERS:
        for node in _calls(program, name):
            if program.types.of(node.args[0]) == "f64":
                yield at(node, type=name, text=ast.unparse(node.args[0]))


@rule("abs-of-unsigned", "a {type} is never negative, and has no abs()", "leave abs() out")
def _(program: Checked) -> Iterator[At]:
    for node in _calls(program, "abs"):
        type_ = program.types.of(node.args[0])
        if type_ in UNSIGNED:
            yield at(node, type=type_)


@rule("min-of-numbers", "{name}() takes numbers, not a list of them", "name them: `{name}(a, b)`")
def _(program: Checked) -> Iterator[At]:
    for name in ("min", "max"):
        for node in _calls(program, name):
            if len(node.args) == 1:
                yield at(node, name=name)


@rule("argument-count", "{name}() takes {count} here", "{remedy}")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Call):
        if not isinstance(node.func, ast.Name) or any(isinstance(each, ast.Starred) for each in node.args):
            continue
        name, given = node.func.id, len(node.args) + len(node.keywords)
        if name in program.functions:
            wanted = len(program.functions[name].args.args)
            if given != wanted:
                yield at(node, name=name, count=_counted(wanted), remedy="give as many as it has parameters")
        elif name == "print" and node.keywords:
            yield at(node, name=name, count="no keywords", remedy="give it values alone")
        elif given > MOST_ARGUMENTS.get(name, given):
            count = _counted(MOST_ARGUMENTS[name])
            yield at(node, name=name, count=count, remedy="do the rest in a `for` loop")


def _counted(count: int) -> str:
    return f"{count} argument{'' if count == 1 else 's'}"


@rule("no-such-builtin", "Seahorse has no {name}()", "{remedy}")
def _(program: Checked) -> Iterator[At]:
    own = {*program.functions, *program.classes, *BUILTIN_FUNCTIONS}
    for node in program.every(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id not in own and hasattr(builtins, node.func.id):
            remedy = _INSTEAD.get(node.func.id, "write what it does yourself, or do it in the client")
            yield at(node, name=node.func.id, remedy=remedy)


_INSTEAD = {
    "int": "name the type: `u64(...)`",
    "float": "write `f64(...)`",
    "bool": "compare: `n != 0`",
    "reversed": "count down with an index",
    "pow": "write `**`",
    "divmod": "write `//` and `%`",
    "tuple": "write `(a, b)`",
    "dict": "keep values in a list, or in an account for each key",
    "set": "keep values in a list",
}


@rule("not-callable", "`{name}` cannot be called", "{remedy}")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Call):
        if not isinstance(node.func, ast.Name):
            continue
        name = node.func.id
        known = program.classes.get(name)
        if known is not None and known.kind == Kind.ENUM:
            yield at(node, name=name, remedy=f"name a variant, like `{name}.{(known.variants or ['A'])[0]}`")
        elif known is not None and known.kind == Kind.ACCOUNT:
            yield at(node, name=name, remedy=f"take an `Empty[{name}]` as a parameter, and call its init")
        elif known is not None and not known.is_dataclass and "__init__" not in known.methods:
            yield at(node, name=name, remedy="write `@dataclass` above the class")
        elif name in ("Clock", "Signer", "TokenAccount", "TokenMint", "Pubkey"):
            yield at(node, name=name, remedy=f"take a `{name}` as a parameter")


@rule("no-such-attribute", "a {type} has no `{name}`", "it has {known}")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Attribute):
        type_ = program.types.of(node.value)
        if type_ is not None and program.types.lacks(type_, node.attr):
            known = program.types.attributes(type_)
            yield at(node, type=base(type_), name=node.attr, known=", ".join(known) or "none")


@rule(
    "tuple-index", "a tuple's index is a number that is written there, from 0", "unpack it: `a, b = {text}`"
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Subscript):
        type_ = program.types.of(node.value)
        if type_ and base(type_) == "Tuple":
            number = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if not isinstance(number, int) or number >= len(inner(type_)):
                yield at(node, text=ast.unparse(node.value))


@rule("text-is-whole", "a text has no letters that can be taken or counted out", "take it whole")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Subscript, ast.For):
        value = node.value if isinstance(node, ast.Subscript) else node.iter
        if program.types.of(value) == "str":
            yield at(value)


@rule(
    "int-bytes-order",
    "int_bytes takes `be` the wrong way round: with True the least byte comes first",
    "leave it out, and have the reader expect the least byte first",
)
def _(program: Checked) -> Iterator[At]:
    return (at(node) for node in _calls(program, "int_bytes") if len(node.args) + len(node.keywords) > 1)


def _calls(program: Checked, name: str) -> Iterator[ast.Call]:
    for node in program.every(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == name and node.args:
            yield node
