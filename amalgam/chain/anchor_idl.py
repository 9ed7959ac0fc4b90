"""A program's IDL as Anchor has had it since 0.30 (specification 0.1.0), made of what Seahorse builds.

Seahorse's Anchor, 0.29, writes an older form, which the clients of today do not read. What the newer one says
beyond it follows from names: discriminators, and the addresses of Solana's own accounts.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from solders.pubkey import Pubkey

from amalgam import AmalgamError
from amalgam.chain.layout import WELL_KNOWN, discriminator, snake
from amalgam.programs import DECLARED_ID

SPECIFICATION = "0.1.0"

_TYPES_HEAD = """\
/**
 * Program IDL in camelCase format in order to be used in JS/TS.
 *
 * Note that this is only a type helper and is not the actual IDL. The original
 * IDL can be found at `target/idl/{specification}/{name}.json`.
 */
export type {type_name} = """


class IdlError(AmalgamError):
    """An IDL that has no such form, and what to do about it."""


# The form


def anchor_idl(legacy: Mapping[str, Any], program_id: Pubkey) -> dict[str, Any]:
    """The IDL in Anchor's form of today.

    Args:
        legacy: As Anchor 0.29 wrote it.
        program_id: Where the program is deployed.

    Raises IdlError if two of its types have one name, or a seed is of a type that Seahorse does not write.
    """
    accounts = [{"name": each["name"], **each["type"]} for each in legacy.get("accounts", ())]
    events = [{"name": each["name"], "kind": "struct", **each} for each in legacy.get("events", ())]
    types = [{"name": each["name"], **each["type"]} for each in legacy.get("types", ())]
    idl: dict[str, Any] = {
        "address": str(program_id),
        "metadata": {"name": legacy["name"], "version": legacy["version"], "spec": SPECIFICATION},
        "instructions": [_instruction(each) for each in legacy["instructions"]],
        "accounts": [_discriminated("account", each["name"]) for each in accounts],
        "events": [_discriminated("event", each["name"]) for each in events],
        "types": sorted(map(_defined, chain(accounts, events, types)), key=lambda each: each["name"]),
    }
    names = [each["name"] for each in idl["types"]]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise IdlError(f"{legacy['name']} has two types {twice[0]}; give one of them another name")
    return {part: content for part, content in idl.items() if content or part == "instructions"}


def _instruction(legacy: Mapping[str, Any]) -> dict[str, Any]:
    name = snake(legacy["name"])
    return {
        "name": name,
        "discriminator": list(discriminator("global", name)),
        "accounts": [_account(each) for each in legacy["accounts"]],
        "args": _fields(legacy["args"]),
    }


def _account(legacy: Mapping[str, Any]) -> dict[str, Any]:
    name, writable, signer = snake(legacy["name"]), legacy["isMut"], legacy["isSigner"]
    account: dict[str, Any] = {"name": name}
    if writable:
        account["writable"] = True
    if signer:
        account["signer"] = True
    if "pda" in legacy:
        account["pda"] = {"seeds": [_seed(each) for each in legacy["pda"]["seeds"]]}
    if name in WELL_KNOWN and not writable and not signer:
        account["address"] = str(WELL_KNOWN[name])
    return account


def _seed(legacy: Mapping[str, Any]) -> dict[str, Any]:
    kind = legacy["kind"]
    if kind == "const":
        if legacy["type"] != "string":
            raise IdlError(f"a seed is a constant of type {legacy['type']}; only text has a place in an IDL")
        return {"kind": kind, "value": list(legacy["value"].encode())}
    path = ".".join(map(snake, legacy["path"].split(".")))
    # The account's type is for a path into its data alone.
    return {"kind": kind, "path": path} | ({"account": legacy["account"]} if "." in path else {})


def _discriminated(namespace: str, name: str) -> dict[str, Any]:
    return {"name": name, "discriminator": list(discriminator(namespace, name))}


def _defined(legacy: Mapping[str, Any]) -> dict[str, Any]:
    if legacy["kind"] == "enum":
        variants = [{"name": each["name"]} for each in legacy["variants"]]
        return {"name": legacy["name"], "type": {"kind": "enum", "variants": variants}}
    return {"name": legacy["name"], "type": {"kind": "struct", "fields": _fields(legacy["fields"])}}


def _fields(legacy: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"name": snake(each["name"]), "type": _type(each["type"])} for each in legacy]


def _type(legacy: Any) -> Any:
    if isinstance(legacy, str):
        return "pubkey" if legacy == "publicKey" else legacy
    ((kind, of),) = legacy.items()
    if kind == "defined":
        return {"defined": {"name": of}}
    if kind == "array":
        return {"array": [_type(of[0]), of[1]]}
    return {kind: _type(of)}


# TypeScript


def typescript(idl: Mapping[str, Any]) -> str:
    """The IDL as a TypeScript type, as Anchor writes it to target/types: names are in camelCase."""
    name = idl["metadata"]["name"]
    head = _TYPES_HEAD.format(specification=SPECIFICATION, name=name, type_name=_pascal(name))
    return f"{head}{json.dumps(_camelled(idl), indent=2)};\n"


def _camelled(part: Any) -> Any:
    if isinstance(part, list):
        return [_camelled(each) for each in part]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(part, Mapping):
        return part
    return {
        key: _camel_path(value) if key in _NAMES and isinstance(value, str) else _camelled(value)
        for key, value in part.items()  # pyright: ignore[reportUnknownVariableType]
    }


_NAMES = {"name", "path", "account"}


def _camel_path(path: str) -> str:
    return ".".join(map(_camel, path.split(".")))


def _camel(name: str) -> str:
    if name.isupper():  # a variant
        name = name.lower()
    pascal = _pascal(name)
    return pascal[:1].lower() + pascal[1:]


def _pascal(name: str) -> str:
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


# Files


class Written(NamedTuple):
    """A file and what belongs in it."""

    path: Path
    content: str


def files(project: Path) -> Iterator[Written]:
    """What belongs beside each IDL that `seahorse build` has written in a project.

    Raises IdlError if an IDL or a program's source cannot be used.
    """
    for legacy_file in sorted((project / "target/idl").glob("*.json")):
        name = legacy_file.stem
        source_file = project / f"programs_py/{name}.py"
        try:
            legacy, source = json.loads(legacy_file.read_text("utf-8")), source_file.read_text("utf-8")
        except OSError as error:
            raise IdlError(f"{error.filename}: {error.strerror}; build the program: seahorse build") from None
        declared = DECLARED_ID.search(source)
        if declared is None:
            raise IdlError(f"{source_file}: it declares no program id; add declare_id")
        idl = anchor_idl(legacy, Pubkey.from_string(declared[1]))
        for each in idl["instructions"]:
            # A discriminator is made of the name, and camelCase hides some underscores.
            if f"def {each['name']}(" not in source:
                raise IdlError(
                    f"{source_file}: it has no instruction {each['name']}, as the IDL says; "
                    "put no underscore before a digit in its name, and build it again"
                )
        yield Written(project / f"target/idl/{SPECIFICATION}/{name}.json", json.dumps(idl, indent=2) + "\n")
        yield Written(project / f"target/types/{name}.ts", typescript(idl))


def write(project: Path) -> list[Path]:
    """Write all of them. Raises as `files`, before it writes, and OSError."""
    all_files = list(files(project))
    for path, content in all_files:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return [each.path for each in all_files]
