"""Amalgam Energy: a community's virtual battery on Solana, driven from Python."""

from pathlib import Path


class AmalgamError(Exception):
    """Base of every error that this package raises for what may happen: its message is for people.

    What a program of ours cannot foresee, like a wrong type of argument, is a TypeError or ValueError.
    """


class NotFoundError(AmalgamError, LookupError):
    """There is nothing at an address, or something else. The message says what was looked for."""


_PACKAGE = Path(__file__).parent
_IN_CHECKOUT = {
    ".py": "programs_py",
    ".json": "target/idl",
    ".so": "target/deploy",
    ".csv": "examples",
    ".toml": "examples",
    ".lock": ".",
}


def built(name: str) -> Path:
    """A file that comes with the package: a program's IDL (.json), code (.so) or source (.py), an example
    (.csv, .toml), or the versions of the Rust packages that programs are built with (.lock).

    >>> built("energy_allocation.json").is_file()
    True
    """
    in_wheel = _PACKAGE / "built" / name
    if in_wheel.exists():
        return in_wheel
    return _PACKAGE.parent / _IN_CHECKOUT[in_wheel.suffix] / name
