"""What the page shows of each program: a module a program, with its words."""

from importlib import import_module
from types import ModuleType

from amalgam.programs import Program


def area(program: Program) -> ModuleType:
    """The module that shows a program's accounts."""
    return import_module(f"{__name__}.{program.package}")
