"""Rules of names."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator

from amalgam.check.language import KEYWORDS, RUST_ACCOUNTS, RUST_PARAMETERS
from amalgam.check.program import parameters
from amalgam.check.rule import At, Checked, Place, at, rule


@rule(
    "no-rust-keyword", "`{name}` is a word of Rust's, which no name can be", "choose another, like `{name}_`"
)
def _(program: Checked) -> Iterator[At]:
    return (at(node, name=name) for node, name in _names(program) if name in KEYWORDS)


@rule("no-underscore-alone", "`_` is no name to Seahorse", "give it one, like `i`")
def _(program: Checked) -> Iterator[At]:
    return (at(node) for node, name in _names(program) if name == "_")


def _names(program: Checked) -> Iterator[tuple[Place, str]]:
    """All names that the program gives."""
    for node in program.every(ast.FunctionDef, ast.ClassDef):
        yield node, node.name
    for node in program.every(ast.arg):
        if node.arg != "self":
            yield node, node.arg
    for each in program.every(ast.Name):
        if isinstance(each.ctx, ast.Store):
            yield each, each.id
    for instruction in program.instructions:
        if any(each.arg == "self" for each in instruction.args.args):
            yield instruction.args.args[0], "self"


@rule("reserved-name", "the Rust of an instruction has a `{name}` of its own", "choose another name")
def _(program: Checked) -> Iterator[At]:
    handlers = {f"{function.name}_handler" for function in program.instructions}
    yield from (at(node, name=name) for name, node in program.functions.items() if name in handlers)
    for function in program.instructions:
        for each in function.args.args:
            account = each.arg in RUST_ACCOUNTS and program.is_account(parameters(function).get(each.arg))
            if account or each.arg in RUST_PARAMETERS:
                yield at(each, name=each.arg)


@rule("unknown-name", "`{name}` {what}", "{remedy}")
def _(program: Checked) -> Iterator[At]:
    for node in program.types.unknown_names:
        parent = program.parents[node]
        if isinstance(parent, ast.Call) and parent.func is node and hasattr(builtins, node.id):
            continue  # a rule of its own
        if _is_assigned(program, node):
            what = "ends with the block that it is assigned in"
            yield at(node, name=node.id, what=what, remedy="assign it before that block, too")
        else:
            yield at(
                node, name=node.id, what="is not known here", remedy="define it, or correct its spelling"
            )


def _is_assigned(program: Checked, name: ast.Name) -> bool:
    """Whether another block of the same function assigns a name."""
    function = program.enclosing(name)
    stores = (
        each for each in ast.walk(function) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
    )
    return any(each.id == name.id for each in stores)
