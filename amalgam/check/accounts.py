"""Rules of instructions and of their accounts, as Seahorse and Anchor want them."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from amalgam.check.language import base, inner
from amalgam.check.program import Kind, is_instruction, parameters
from amalgam.check.rule import At, Checked, at, rule


@rule("instruction-account", "an instruction without an account does not compile", "take a `Signer` first")
def _(program: Checked) -> Iterator[At]:
    for function in program.instructions:
        if not any(program.is_account(type_) for type_ in parameters(function).values()):
            yield at(function)


@rule("instruction-argument", "an instruction takes no argument of type {type}", "take its parts one by one")
def _(program: Checked) -> Iterator[At]:
    for function in program.instructions:
        for argument, type_ in zip(function.args.args, parameters(function).values(), strict=False):
            if base(type_) in ("List", "Array") or program.has_kind(type_, Kind.PLAIN, Kind.EVENT):
                yield at(argument, type=type_)


@rule("instruction-result", "what an instruction returns reaches nobody", "emit it in an event")
def _(program: Checked) -> Iterator[At]:
    return (at(each.returns) for each in program.instructions if each.returns is not None)


@rule(
    "instruction-called",
    "an instruction cannot call another",
    "move what both do to a function without `@instruction`",
)
def _(program: Checked) -> Iterator[At]:
    names = {function.name for function in program.instructions}
    for node in program.every(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in names:
            yield at(node)


@rule(
    "instruction-like-class",
    "Rust has one name, `{type}`, for this instruction and for that class",
    "rename one of them",
)
def _(program: Checked) -> Iterator[At]:
    for function in program.instructions:
        type_ = "".join(word.capitalize() for word in function.name.split("_"))
        if type_ in program.classes:
            yield at(function, type=type_)


@rule(
    "account-result",
    "a function cannot return an account",
    "give the account to the function, and change it there",
)
def _(program: Checked) -> Iterator[At]:
    for function in program.every(ast.FunctionDef):
        if function.returns is not None and program.is_account(ast.unparse(function.returns)):
            yield at(function.returns)


@rule(
    "account-compared",
    "accounts cannot be compared",
    "compare their addresses: `{left}.key() {op} {right}.key()`",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.Compare):
        sides = (node.left, node.comparators[0])
        if all(program.is_account(program.types.of(side)) for side in sides):
            left, right = map(ast.unparse, sides)
            yield at(node, left=left, right=right, op="!=" if isinstance(node.ops[0], ast.NotEq) else "==")


# Making accounts


def inits(function: ast.FunctionDef) -> Iterator[tuple[ast.Call, str]]:
    """The calls that make an instruction's accounts, each with the name of its parameter."""
    empty = {name for name, type_ in parameters(function).items() if base(type_) == "Empty"}
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="init")) if name in empty:
                yield node, name
            case _:
                pass


_ORDER = ("payer", "seeds", "mint", "authority", "decimals", "associated", "space", "padding")


def arguments_of(call: ast.Call) -> dict[str, ast.expr]:
    """The arguments of an init, by name."""
    given = dict(zip(_ORDER, call.args, strict=False))
    return given | {each.arg: each.value for each in call.keywords if each.arg}


@rule(
    "init-needed",
    "`{name}` is never made, so the program does not compile",
    "call `{name} = {name}.init(...)`",
)
def _(program: Checked) -> Iterator[At]:
    for function in program.instructions:
        made = {name for _, name in inits(function)}
        for each in function.args.args:
            if base(parameters(function).get(each.arg)) == "Empty" and each.arg not in made:
                yield at(each, name=each.arg)


@rule(
    "init-at-top",
    "an account cannot be made inside of an `if` or a loop",
    "call init at the top of the instruction",
)
def _(program: Checked) -> Iterator[At]:
    for function in program.instructions:
        for call, _ in inits(function):
            statement = program.parents[call]
            if program.parents[statement] is not function:
                yield at(call)


@rule(
    "init-same-name",
    "`{new}` is not known to another init",
    "assign `{name} = {name}.init(...)`, and use that name",
)
def _(program: Checked) -> Iterator[At]:
    for function in program.instructions:
        calls = list(inits(function))
        used = {each.id for call, _ in calls for each in ast.walk(call) if isinstance(each, ast.Name)}
        for call, name in calls:
            match program.parents[call]:
                case ast.Assign(targets=[ast.Name(id=new) as target]) if new != name and new in used:
                    yield at(target, new=new, name=name)
                case _:
                    pass


_WANTED = {
    "TokenAccount": ({"payer", "seeds", "mint", "authority"}, set[str]()),
    "TokenMint": ({"payer", "seeds", "authority", "decimals"}, set[str]()),
    "Account": ({"payer", "seeds"}, {"space", "padding"}),
}


@rule("init-arguments", "init of {type} {fault}", "give it {wanted}")
def _(program: Checked) -> Iterator[At]:
    for function in program.instructions:
        for call, name in inits(function):
            type_ = inner(parameters(function)[name])[0]
            wanted, allowed = _WANTED.get(type_, _WANTED["Account"])
            given = arguments_of(call).keys()
            if "associated" in given:
                continue  # a rule of its own
            words = {"type": f"a {type_}", "wanted": ", ".join(sorted(wanted))}
            if missing := wanted - given:
                yield at(call, fault=f"lacks {', '.join(sorted(missing))}", **words)
            elif beyond := given - wanted - allowed:
                yield at(call, fault=f"has no {', '.join(sorted(beyond))}", **words)
            elif allowed and allowed <= given:
                yield at(call, fault="takes space or padding, not both", **words)


@rule(
    "no-associated",
    "`associated` does not compile with Anchor 0.29",
    "give seeds instead, or open the account in the client",
)
def _(program: Checked) -> Iterator[At]:
    for function in program.instructions:
        for call, _ in inits(function):
            if "associated" in arguments_of(call):
                yield at(arguments_of(call)["associated"])


@rule("empty-before-init", "`{name}` has no `{attribute}` before init", "move it below")
def _(program: Checked) -> Iterator[At]:
    for function in program.instructions:
        for call, name in inits(function):
            for node in _attributes(function, name):
                if node.lineno < call.lineno and node.attr not in ("bump", "init"):
                    yield at(node, name=name, attribute=node.attr)


def _attributes(function: ast.FunctionDef, name: str) -> Iterator[ast.Attribute]:
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
            yield node


@rule("seed-kind", "{what} is no seed", "{remedy}")
def _(program: Checked) -> Iterator[At]:
    for function in program.instructions:
        for call, _ in inits(function):
            seeds = arguments_of(call).get("seeds")
            if seeds is not None and not isinstance(seeds, ast.List):
                yield at(seeds, what=f"`{ast.unparse(seeds)}`", remedy="write the list of seeds in the call")
            elif seeds is not None:
                for seed in seeds.elts:
                    yield from _seed(program, seed)
                    yield from _variable(function, seed)
    for node in program.every(ast.keyword, ast.Call):
        for seed in _other_seeds(node):
            yield from _seed(program, seed)


def _other_seeds(node: ast.keyword | ast.Call) -> list[ast.expr]:
    """The seeds that somebody signs with, or that an address is found by."""
    match node:
        case ast.keyword(arg="signer", value=ast.List(elts=seeds)):
            return seeds
        case ast.Call(func=ast.Attribute(attr="find_program_address"), args=[ast.List(elts=seeds), *_]):
            return seeds
        case _:
            return []


def _seed(program: Checked, seed: ast.expr) -> Iterator[At]:
    text, type_ = ast.unparse(seed), program.types.of(seed) or ""
    if program.has_kind(type_, Kind.ACCOUNT) or type_ == "UncheckedAccount":
        yield at(seed, what=f"a {type_}", remedy=f"write `{text}.key()`")
    elif type_ == "bool" or program.has_kind(type_, Kind.ENUM):
        yield at(seed, what=f"a {type_}", remedy="take a `u8` as an argument, and use that")
    elif isinstance(seed, ast.Constant) and isinstance(seed.value, int):
        yield at(seed, what=f"{text} without a size", remedy=f"write `u8({text})`")
    elif isinstance(seed, ast.BinOp):
        yield at(seed, what=f"`{text}`", remedy="compute it in the client, and take it as an argument")
    elif isinstance(seed, ast.List) or (isinstance(seed, ast.Call) and text.startswith("int_bytes(")):
        yield at(seed, what=f"`{text}`", remedy="write the number itself")


def _variable(function: ast.FunctionDef, seed: ast.expr) -> Iterator[At]:
    if isinstance(seed, ast.Name) and seed.id not in parameters(function):
        stores = (each for each in ast.walk(function) if isinstance(each, ast.Name) and each.id == seed.id)
        if any(isinstance(each.ctx, ast.Store) for each in stores):
            yield at(
                seed, what=f"the variable `{seed.id}`", remedy="write its value, or take it as an argument"
            )


@rule(
    "signer-field",
    "`{text}` in a signer's list does not compile",
    "put it in a variable before, `{name} = {text}`, and write that",
)
def _(program: Checked) -> Iterator[At]:
    for node in program.every(ast.keyword):
        if node.arg == "signer" and isinstance(node.value, ast.List):
            for seed in node.value.elts:
                if isinstance(seed, ast.Attribute):
                    yield at(seed, text=ast.unparse(seed), name=ast.unparse(seed).replace(".", "_"))


@rule("token-amount", "tokens are counted in u64, and this is a {type}", "convert it: `u64({text})`")
def _(program: Checked) -> Iterator[At]:
    for function in filter(is_instruction, program.functions.values()):
        for node in ast.walk(function):
            match node:
                case ast.Call(func=ast.Attribute(value=owner, attr="transfer" | "mint" | "burn")):
                    amount = node.args[2:3] + [each.value for each in node.keywords if each.arg == "amount"]
                    type_ = program.types.of(amount[0]) if amount else None
                    tokens = base(program.types.of(owner)) in ("TokenAccount", "TokenMint")
                    if tokens and type_ not in (None, "u64", "int"):
                        yield at(amount[0], type=type_, text=ast.unparse(amount[0]))
                case _:
                    pass
