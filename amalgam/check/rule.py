"""What a rule is: an id, a cause and a remedy in plain words, and a function that finds the places."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from amalgam.check.inference import Types
from amalgam.check.program import Program


class Checked(Program):
    """A program with the types of its expressions, as rules see it."""

    @cached_property
    def types(self) -> Types:
        """Of its expressions, as far as they are plain."""
        return Types(self)


Place = ast.stmt | ast.expr | ast.arg | ast.keyword | ast.alias  # what has a line


@dataclass(frozen=True)
class At:
    """A place that breaks a rule, and the words that the rule's sentences leave open."""

    node: Place
    words: dict[str, str]


def at(node: Place, **words: object) -> At:
    """A place that breaks a rule."""
    return At(node, {name: str(word) for name, word in words.items()})


Find = Callable[[Checked], Iterable[At]]


@dataclass(frozen=True)
class Rule:
    """One thing that a program must not do."""

    id: str
    cause: str
    remedy: str
    find: Find


RULES: dict[str, Rule] = {}


def rule(id_: str, cause: str, remedy: str) -> Callable[[Find], Find]:
    """Make a rule of the function that finds the places which break it."""

    def register(find: Find) -> Find:
        RULES[id_] = Rule(id_, cause, remedy, find)
        return find

    return register


def no(id_: str, *kinds: type[ast.stmt | ast.expr], cause: str, remedy: str) -> None:
    """Make a rule that some kinds of node break wherever they are."""
    rule(id_, cause, remedy)(lambda program: [at(node) for node in program.every(*kinds)])
