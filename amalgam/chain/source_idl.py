"""The IDL of a program that is not built yet, from its Python source: what Anchor will write, but for seeds.

    python -m amalgam.chain.source_idl programs_py/energy_allocation.py > target/idl/energy_allocation.json

No client needs the seeds, which Anchor writes for its own TypeScript. The next `seahorse build` has them.
"""

import builtins
import json
import sys
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

from seahorse.accounts import Account, Event, Signer, fields_of
from seahorse.engine import load_module
from seahorse.integers import INTEGERS, f64
from seahorse.keys import Pubkey
from seahorse.program import Instruction, instructions_of
from seahorse.rust import unsupported
from seahorse.values import Array, List, Text

_NAMES: dict[Any, str] = {
    **{each: each.__name__ for each in INTEGERS},
    **{float: "f64", f64: "f64", bool: "bool", Text: "string", builtins.str: "string", Pubkey: "publicKey"},
}


def idl_of(source: Path) -> dict[str, Any]:
    """The IDL of a program's `.py`. Raises what importing it raises, and UnsupportedError."""
    module = load_module(source)
    own = [each for each in vars(module).values() if getattr(each, "__module__", None) == module.__name__]
    classes = sorted((each for each in own if isinstance(each, type)), key=lambda each: each.__name__)
    idl: dict[str, Any] = {
        "version": "0.1.0",
        "name": source.stem,
        "instructions": [_instruction(each) for _, each in sorted(instructions_of(module).items())],
        "accounts": [
            {"name": each.__name__, "type": _struct(each)} for each in classes if issubclass(each, Account)
        ],
        "types": [
            {"name": each.__name__, "type": _defined(each)}
            for each in classes
            if not issubclass(each, Account | Event)
        ],
        "events": [
            {"name": each.__name__, "fields": [field | {"index": False} for field in _struct(each)["fields"]]}
            for each in classes
            if issubclass(each, Event)
        ],
    }
    return {part: content for part, content in idl.items() if content or part in ("instructions", "name")}


def _instruction(instruction: Instruction) -> dict[str, Any]:
    parameters = instruction.parameters
    accounts = [
        {
            "name": _camel(each.name),
            "isMut": each.name in instruction.written,
            "isSigner": each.kind is Signer,
        }
        for each in parameters
        if each.codec is None
    ]
    accounts += [{"name": _camel(name), "isMut": False, "isSigner": False} for name in instruction.inferred]
    annotations = instruction.function.__annotations__
    arguments = ((each.name, annotations[each.name]) for each in parameters if each.codec is not None)
    return {"name": _camel(instruction.name), "accounts": accounts, "args": _fields(arguments)}


def _defined(kind: Any) -> dict[str, Any]:
    if issubclass(kind, Enum):
        return {"kind": "enum", "variants": [{"name": each.name} for each in kind]}
    return _struct(kind)


def _struct(kind: Any) -> dict[str, Any]:
    names = fields_of(kind).codecs
    return {"kind": "struct", "fields": _fields((name, kind.__annotations__[name]) for name in names)}


def _fields(annotations: Iterable[tuple[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": _camel(name), "type": _type(annotation)} for name, annotation in annotations]


def _type(annotation: Any) -> Any:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Array:
        return {"array": [_type(arguments[0]), int(arguments[1])]}
    if origin in (List, list):
        return {"vec": _type(arguments[0])}
    if origin is not None:
        return unsupported(f"{annotation!r} in an IDL")
    return _NAMES.get(annotation) or {"defined": annotation.__name__}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


if __name__ == "__main__":
    print(json.dumps(idl_of(Path(sys.argv[1])), indent=2))
