"""Classes of a program's own: those with fields, and what `@dataclass` makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from seahorse.accounts import Event, fields_of
from seahorse.layout import constructor
from seahorse.rust import debug

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    T = TypeVar("T")

    def dataclass(cls: type[T]) -> type[T]:
        """Give the class a constructor of its fields, each held to its type."""
        if not issubclass(cls, Event):
            cls.__init__ = constructor(fields_of(cls))
            cls.__setattr__ = _assign
            cls.__rust_debug__ = _written
        return cls

    def _assign(self: Any, name: str, value: Any) -> None:
        self.__dict__[name] = fields_of(type(self)).codecs[name].coerce(value)

    def _written(self: Any) -> str:
        inner = ", ".join(f"{name}: {debug(value)}" for name, value in self.__dict__.items())
        return f"RefCell {{ value: Loaded{type(self).__name__} {{ {inner} }} }}"
