"""The committed table: what became of each mutant, and by which sources."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tests.mutation.mutants import Mutant
from tests.mutation.sources import Module

ROOT = Path(__file__).parents[2]

SURVIVED = "survived"


class Row(NamedTuple):
    outcome: str  # a test's id where that killed the mutant
    key: str

    @property
    def killed(self) -> bool:
        return "::" in self.outcome


class Table:
    """Each mutant's row, in a Markdown file that is written anew with every outcome."""

    def __init__(self, path: Path, source: str, mutants: Iterable[Mutant]) -> None:
        self._path = path
        self._module = Module(source)
        self._names = [*mutants]
        self._rows = dict(_parsed(path.read_text())) if path.exists() else {}
        self._tests = cache(lambda file: Module(file.read_text() if file.exists() else ""))

    def is_current(self, name: Mutant) -> bool:
        """Whether the mutant's outcome is settled, and what it depends on still the same."""
        row = self._rows.get(name)
        return row is not None and row.killed and row.key == self._key(name, row.outcome)

    def record(self, name: Mutant, outcome: str) -> None:
        self._rows[name] = Row(outcome, self._key(name, outcome))
        new = self._path.with_suffix(".new")
        new.write_text(self._rendered())
        new.replace(self._path)

    def unsettled(self) -> list[tuple[Mutant, str]]:
        rows = [(name, self._rows.get(name, Row("not run", ""))) for name in self._names]
        return [(name, row.outcome) for name, row in rows if not row.killed]

    def _key(self, name: Mutant, outcome: str) -> str:
        """A hash of the error, of the instructions it may show in, and of the test that saw it."""
        scope, *lines = name
        concerned = self._module.text([scope, *self._module.users(scope)])
        text = "\n".join([concerned, *lines, self._test_text(outcome)])
        return sha256(text.encode()).hexdigest()[:12]

    def _test_text(self, outcome: str) -> str:
        """The source of the test that an outcome names; without one, nothing."""
        test = re.match(r"(.+?\.py)::(\w+)", outcome)
        module = self._tests(ROOT / test[1]) if test else None
        return module.text([test[2]]) if module and test[2] in module else ""

    def _rendered(self) -> str:
        rows = [(name, self._rows[name]) for name in self._names if name in self._rows]
        counts = Counter("killed" if row.killed else row.outcome for _, row in rows)
        counts["not run"] = len(self._names) - len(rows)
        summary = ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common() if count)
        lines = ["# Mutants of the program", ""]
        lines += ["Written by `python -m tests.mutation`, whose `--help` says what it means.", ""]
        lines += [f"{len(self._names)} mutants: {summary}."]
        scope = ""
        for name, row in rows:
            if name[0] != scope:
                scope = name[0]
                lines += ["", f"## {scope}", "", "| line | becomes | killed by | key |", "|---|---|---|---|"]
            cells = [*(f"`{code}`" if code else "" for code in name[1:]), row.outcome, row.key]
            lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
        return "\n".join(lines) + "\n"


def _parsed(text: str) -> Iterator[tuple[Mutant, Row]]:
    scope = ""
    for line in text.splitlines():
        if line.startswith("## "):
            scope = line.removeprefix("## ")
        elif row := re.fullmatch(r"\| `(.+)` \| (?:`(.+)`)? ?\| (.+) \| (\w{12}) \|", line):
            code, becomes, outcome, key = ((cell or "").replace(r"\|", "|") for cell in row.groups())
            yield Mutant(scope, code, becomes), Row(outcome, key)
