"""What Seahorse cannot compile, compiles wrongly, or compiles and loses money with, in lines of Python.

>>> from amalgam.check import check
>>> for finding in check("LIMITS = [1, 2]\\n", "pot.py"):
...     print(finding)
pot.py:1:10: a constant is one number, text or bool, or computed from such; write the value where it is used

It needs nothing but Python, and knows nothing of this project: any Seahorse program can be checked.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from amalgam.check import accounts, classes, expressions, money, names, statements, types_written
from amalgam.check.rule import RULES, At, Checked, Rule

__all__ = ["RULES", "Finding", "check"]
_ = accounts, classes, expressions, money, names, statements, types_written  # their rules are in RULES


@dataclass(frozen=True, order=True)
class Finding:
    """A place in a program, what is wrong there, and what to do."""

    path: str
    line: int
    column: int  # from 1
    rule: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        """As editors and compilers name places."""
        return f"{self.path}:{self.line}:{self.column}: {self.cause}; {self.remedy}"

    def as_dict(self) -> dict[str, str | int]:
        """For JSON."""
        return asdict(self)


def check(source: str, path: str) -> list[Finding]:
    """Find all that is wrong in a program. Raises SyntaxError if it is not Python."""
    program = Checked(source)
    found = {
        _finding(rule, place, program.lines, path) for rule in RULES.values() for place in rule.find(program)
    }
    return sorted(found)


def _finding(rule: Rule, place: At, lines: list[str], path: str) -> Finding:
    node = place.node
    # Python counts the bytes before a place, people its letters.
    column = len(lines[node.lineno - 1].encode()[: node.col_offset].decode()) + 1
    words = place.words
    return Finding(
        path, node.lineno, column, rule.id, rule.cause.format(**words), rule.remedy.format(**words)
    )
