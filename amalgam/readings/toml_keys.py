"""TOML files that people write: which keys there may be, and what they may have."""

import tomllib
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar, cast

from amalgam import AmalgamError

_T = TypeVar("_T")


def load(path: Path, read: Callable[[dict[str, Any]], _T], error: type[AmalgamError]) -> _T:
    """What `read` makes of a file. What it raises ValueError with becomes an error that names the file."""
    try:
        return read(tomllib.loads(path.read_text("utf-8")))
    except OSError as problem:
        raise error(f"{path}: {problem.strerror}; give the path of a readable TOML file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise error(f"{path}: not TOML: {problem}; correct it") from None
    except ValueError as problem:
        raise error(f"{path}: {problem}") from None


def check_keys(content: dict[str, Any], known: set[str], needed: set[str]) -> None:
    """Refuse keys that are not known, and those that are missing. Raises ValueError."""
    for key in content:
        if key not in known:
            raise ValueError(f"{key} is not one of {', '.join(sorted(known))}; remove or correct it")
    for key in sorted(needed - content.keys()):
        raise ValueError(f"{key} is missing; add it")


def text(content: Any, key: str) -> str:
    """What a key has, which is a text. Raises ValueError."""
    value: Any = content[key]
    if not isinstance(value, str):
        raise ValueError(f"{key} is not a text; put it in quotes")
    return value


def chosen(content: Any, key: str, choices: Sequence[str]) -> str:
    """What a key has, which is one of the choices; the first one without it. Raises ValueError."""
    value: Any = content.get(key, choices[0])
    if value not in choices:
        raise ValueError(
            f"{key} = {value!r} is none of {', '.join(map(repr, map(str, choices)))}; correct it"
        )
    return str(value)


def parsed(content: dict[str, Any], key: str, parse: Callable[[str], _T]) -> _T:
    """What `parse` makes of a key's text. Raises ValueError, which names the key."""
    value = text(content, key)
    try:
        return parse(value)
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


def number(content: dict[str, Any], key: str) -> Decimal:
    """What a key has, which is a number from 0 up, in quotes or not. Raises ValueError."""
    value: Any = content[key]
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = None
    if found is None or isinstance(value, bool) or not found.is_finite() or found < 0:
        raise ValueError(f"{key} = {value!r} is not a number from 0 up; write it like 0.16")
    return found


def table(content: dict[str, Any], key: str) -> dict[str, Any]:
    """What a key has, which is a table. Raises ValueError."""
    value: Any = content[key]
    if not isinstance(value, dict):
        raise ValueError(f"{key} is not a table; begin it with [{key}]")
    return cast(dict[str, Any], value)


def tables(content: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """What a key has, which is a list of tables; none without it. Raises ValueError."""
    value: Any = content.get(key, [])
    found = cast(list[Any], value) if isinstance(value, list) else [value]
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in found):
        raise ValueError(f"{key} is not a list of tables; begin each with [[{key}]]")
    return found


def texts(content: dict[str, Any], key: str) -> list[str]:
    """The texts that a key has; none without it. Raises ValueError."""
    value: Any = content.get(key, [])
    found = cast(list[Any], value) if isinstance(value, list) else [value]
    if not isinstance(value, list) or not all(isinstance(each, str) for each in found):
        raise ValueError(f'{key} is not a list of texts; write it like ["..."]')
    return found
