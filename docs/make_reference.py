"""Writes the references, docs/reference/: run `python docs/make_reference.py` after a change of a program.

Names, order and types come from the IDL, the words from the comments of `programs_py/`, causes and remedies
from the registry of refusals.
"""

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any, get_args

from amalgam.programs import Program

ROOT = Path(__file__).parents[1]
_TYPES = {"publicKey": "Pubkey"}


def main() -> None:
    """Write the references."""
    for program in Program:
        (ROOT / f"docs/reference/{program.package}.md").write_text(reference(program), "utf-8")


def reference(program: Program) -> str:
    """The whole page."""
    source, idl = _source(program), json.loads(program.idl.read_text("utf-8"))
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    order = list(functions)
    instructions = sorted(idl["instructions"], key=lambda each: order.index(_snake(each["name"])))
    parts = [
        f"# Reference of `{program}`",
        "Written by `docs/make_reference.py`. Accounts are in the order in which an instruction takes them.",
        _units(source),
        "## Instructions",
        *(_instruction(each, functions, program) for each in instructions),
        "## Accounts",
        *(_structure(each["name"], each["type"]["fields"], source) for each in idl["accounts"]),
        *(["## Enums", *map(_enum, idl["types"])] if "types" in idl else []),
        "## Events",
        f"Each carries the {_ledger(program)}'s totals after it, and its sequence number, which rises by\n"
        "one.",
        *(
            _structure(each["name"], each["fields"], source, _meaning(each["name"], program))
            for each in idl["events"]
        ),
        "## Refusals",
        "A refusal is an `assert` of the program: the transaction changes nothing, its log has the message,\n"
        "and the client raises it with its cause and remedy.",
        _table(
            ("message", "cause", "remedy"),
            [(each.message, each.cause, each.remedy) for each in program.refusals],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _source(program: Program) -> str:
    return (ROOT / f"programs_py/{program}.py").read_text("utf-8")


def _units(source: str) -> str:
    """What the program's head says of its units."""
    head = ast.get_docstring(ast.parse(source)) or ""
    (text,) = re.findall(r"^Units\n((?: +.*\n)+)", head, re.MULTILINE)
    return dedent(text).strip()


def _ledger(program: Program) -> str:
    return program.module.ACCOUNTS[0].__name__.lower()


def _instruction(instruction: dict[str, Any], functions: dict[str, ast.FunctionDef], program: Program) -> str:
    function = functions[_snake(instruction["name"])]
    accounts = [
        (
            f"`{_snake(each['name'])}`",
            ", ".join(word for flag, word in (("isSigner", "signs"), ("isMut", "writable")) if each[flag]),
        )
        for each in instruction["accounts"]
    ]
    arguments = [(f"`{_snake(each['name'])}`", f"`{_type(each['type'])}`") for each in instruction["args"]]
    refusals = dict.fromkeys(_refusals(function, functions))
    return "\n\n".join(
        [
            f"### `{function.name}`",
            _first_comment(function, _source(program)),
            _table(("account", ""), accounts),
            *([_table(("argument", "type"), arguments)] if arguments else []),
            f"Emits {_emitted(function, program)}. Refuses with: "
            + ("; ".join(refusals) if refusals else "nothing of its own")
            + ".",
        ]
    )


def _refusals(function: ast.FunctionDef, functions: dict[str, ast.FunctionDef]) -> Iterator[str]:
    """Messages of the asserts in a function and in the guards it calls, in order."""
    for node in (node for statement in function.body for node in ast.walk(statement)):
        if isinstance(node, ast.Assert) and isinstance(node.msg, ast.Constant):
            yield str(node.msg.value)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in functions:
            yield from _refusals(functions[node.func.id], functions)


def _emitted(function: ast.FunctionDef, program: Program) -> str:
    events = {each.__name__ for each in get_args(program.module.Event)}
    names = [node.id for node in ast.walk(function) if isinstance(node, ast.Name) and node.id in events]
    return ", ".join(f"`{name}`" for name in names) or "nothing"


def _first_comment(function: ast.FunctionDef, source: str) -> str:
    """An instruction's description is the comment that begins it: Seahorse has no docstrings there."""
    begin, end = function.args.args[-1].end_lineno or 0, function.body[0].lineno
    lines = "\n".join(source.splitlines()[begin : end - 1])
    return " ".join(re.findall(r"^\s+# (.*)$", lines, re.MULTILINE))


def _structure(name: str, fields: list[dict[str, Any]], source: str, description: str = "") -> str:
    comments = _comments(name, source)
    rows = [
        (f"`{_snake(each['name'])}`", f"`{_type(each['type'])}`", comments.get(_snake(each["name"]), ""))
        for each in fields
    ]
    return "\n\n".join(filter(None, [f"### `{name}`", description, _table(("field", "type", ""), rows)]))


def _comments(name: str, source: str) -> dict[str, str]:
    """What the program says beside each field of a class."""
    node = next(
        each for each in ast.parse(source).body if isinstance(each, ast.ClassDef) and each.name == name
    )
    beside = {
        token.start[0]: token.string.removeprefix("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    return {
        each.target.id: beside.get(each.lineno, "")
        for each in node.body
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }


def _meaning(event: str, program: Program) -> str:
    """What the client's class of the same name says."""
    (found,) = [each for each in get_args(program.module.Event) if each.__name__ == event]
    return found.__doc__ or ""


def _enum(enum: dict[str, Any]) -> str:
    variants = [each["name"] for each in enum["type"]["variants"]]
    return f"### `{enum['name']}`\n\n" + ", ".join(f"`{name}` {i}" for i, name in enumerate(variants))


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _type(found: str | dict[str, str]) -> str:
    return found["defined"] if isinstance(found, dict) else _TYPES.get(found, found)


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


if __name__ == "__main__":
    main()
