"""Rules of classes."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from amalgam.check.language import BASES, RUST_NAMES
from amalgam.check.program import Kind
from amalgam.check.rule import At, Checked, at, rule


@rule(
    "class-base",
    "Seahorse has no class that is a {base}",
    "let it be an Account, an Event or an Enum, or nothing",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.ClassDef):
        for base in node.bases:
            if ast.unparse(base) not in BASES:
                yield at(base, base=ast.unparse(base))


@rule("class-keywords", "Seahorse has no keywords of a class", "leave them out")
def _(program: Checked) -> Iterator[At]:
    return (at(node.keywords[0].value) for node in program.every(ast.ClassDef) if node.keywords)


@rule("class-content", "a class has fields with types and functions, and this is neither", "leave it out")
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.ClassDef):
        for each in node.body:
            fields = (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
            is_text = isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
            if not isinstance(each, fields) and not is_text:
                yield at(each)


@rule(
    "field-default", "a field has a type and no value", "write `{name}: {type}`, and set it in an instruction"
)
def _(program: Checked) -> Iterator[At]:
    for each in program.of_kind(Kind.ACCOUNT, Kind.EVENT, Kind.PLAIN):
        for node in each.node.body:
            if isinstance(node, ast.AnnAssign) and node.value is not None:
                yield at(node, name=ast.unparse(node.target), type=ast.unparse(node.annotation))
            elif isinstance(node, ast.Assign):
                yield at(node, name=ast.unparse(node.targets[0]), type="u64")


@rule("field-once", "the field `{name}` is there already", "leave it out, or choose another name")
def _(program: Checked) -> Iterator[At]:
    for each in program.classes.values():
        seen: Counter[str] = Counter()
        for node in each.node.body:
            if isinstance(node, ast.AnnAssign):
                seen[name := ast.unparse(node.target)] += 1
                if seen[name] > 1:
                    yield at(node, name=name)


@rule("field-account", "an account holds no {type}", "hold its address: `{name}: Pubkey`")
def _(program: Checked) -> Iterator[At]:
    for node, type_ in _fields(program):
        if program.has_kind(type_, Kind.ACCOUNT):
            yield at(node, name=ast.unparse(node.target), type=type_)


@rule("field-tuple", "a field that is a tuple does not compile", "make a field of each part")
def _(program: Checked) -> Iterator[At]:
    return (at(node) for node, type_ in _fields(program) if type_.startswith("Tuple["))


def _fields(program: Checked) -> Iterator[tuple[ast.AnnAssign, str]]:
    for each in program.classes.values():
        for node in each.node.body:
            if isinstance(node, ast.AnnAssign):
                yield node, ast.unparse(node.annotation)


@rule(
    "enum-variant", "an enum has names with numbers alone", "write `{name} = 0`, and functions outside of it"
)
def _(program: Checked) -> Iterator[At]:
    for each in program.of_kind(Kind.ENUM):
        for node in each.node.body:
            if isinstance(node, ast.AnnAssign):
                yield at(node, name=ast.unparse(node.target))
            elif isinstance(node, ast.FunctionDef):
                yield at(node, name="NAME")


@rule("event-enum", "an event cannot carry an enum", "carry a number: `{name}: u8`")
def _(program: Checked) -> Iterator[At]:
    for each in program.of_kind(Kind.EVENT):
        for node in each.node.body:
            if isinstance(node, ast.AnnAssign) and program.has_kind(ast.unparse(node.annotation), Kind.ENUM):
                yield at(node, name=ast.unparse(node.target))


@rule(
    "account-constructor",
    "an account has no `__init__`",
    "make it with `Empty[...].init`, then set its fields",
)
def _(program: Checked) -> Iterator[At]:
    for each in program.of_kind(Kind.ACCOUNT):
        if "__init__" in each.methods:
            yield at(each.methods["__init__"])


@rule("static-method", "a function in a class without `self` does not compile", "move it out of the class")
def _(program: Checked) -> Iterator[At]:
    for each in program.classes.values():
        for method in each.methods.values():
            if [argument.arg for argument in method.args.args][:1] != ["self"]:
                yield at(method)


@rule(
    "class-name",
    "`{name}` is a name that the Rust of every program uses",
    "choose another, like `{name}Info`",
)
def _(program: Checked) -> Iterator[At]:
    return (at(node, name=node.name) for node in program.every(ast.ClassDef) if node.name in RUST_NAMES)


@rule(
    "enum-order",
    "a variant's number is its place, here {place}, whatever is written",
    "write `{name} = {place}`",
)
def _(program: Checked) -> Iterator[At]:
    for each in program.of_kind(Kind.ENUM):
        assigned = [node for node in each.node.body if isinstance(node, ast.Assign)]
        for place, node in enumerate(assigned):
            if not (isinstance(node.value, ast.Constant) and node.value.value == place):
                yield at(node, place=place, name=ast.unparse(node.targets[0]))


@rule("enum-known", "the enum {type} has no `{name}`", "it has {known}")
def _(program: Checked) -> Iterator[At]:
    enums = {each.node.name: each for each in program.of_kind(Kind.ENUM)}
    for node in program.every(ast.Attribute):
        if isinstance(node.value, ast.Name) and node.value.id in enums:
            variants = enums[node.value.id].variants
            if node.attr not in variants:
                yield at(node, type=node.value.id, name=node.attr, known=", ".join(variants))


@rule("enum-once", "the variant `{name}` is there already", "leave it out, or choose another name")
def _(program: Checked) -> Iterator[At]:
    for each in program.of_kind(Kind.ENUM):
        assigned = [node for node in each.node.body if isinstance(node, ast.Assign)]
        for place, node in enumerate(assigned):
            if (name := ast.unparse(node.targets[0])) in each.variants[:place]:
                yield at(node, name=name)
