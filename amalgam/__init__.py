"""Amalgam Energy: a community's virtual battery on Solana, driven from Python."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_IN_CHECKOUT = {".json": "target/idl", ".so": "target/deploy", ".csv": "examples"}


def built(name: str) -> Path:
    """A file that comes with the package: a program's IDL (.json) or code (.so), or an example (.csv).

    >>> built("energy_allocation.json").is_file()
    True
    """
    in_wheel = _PACKAGE / "built" / name
    if in_wheel.exists():
        return in_wheel
    return _PACKAGE.parent / _IN_CHECKOUT[in_wheel.suffix] / name
