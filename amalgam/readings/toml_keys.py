"""TOML files that people write: which keys there may be, and what they may have."""

import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

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
