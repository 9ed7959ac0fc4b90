"""The table of constructs.txt, the examples of rules, and the program that each is tried in."""

import re
from dataclasses import dataclass
from pathlib import Path

PROGRAM = """from seahorse.prelude import *

declare_id("EdKeEr53fdY7uJ3bzzUXAu7oGsYSQRJhQhQmVU5Bkn48")


class Pot(Account):
    owner: Pubkey
    count: u64
    open: bool


{above}


@instruction
def run(owner: Signer, pot: Pot, {parameters}n: u64):
    assert pot.owner == owner.key(), "pot belongs to another owner"
    {body}
"""
EXAMPLES = Path(__file__).parents[1] / "unit/check_examples.txt"


@dataclass(frozen=True)
class Construct:
    """Something that Python has, and what Seahorse makes of it."""

    outcome: str  # a title of the table
    name: str
    text: str

    @property
    def source(self) -> str:
        """A program with it; or the text itself if it is a whole one."""
        return program(self.text)

    @property
    def is_found(self) -> bool:
        """Whether `amalgam check` has to find something."""
        return self.outcome != "WORKS"


def constructs() -> list[Construct]:
    """All of the table."""
    table = Path(__file__).with_suffix(".txt").read_text("utf-8")
    _, *groups = re.split(r"^== (\w+): .*$", table, flags=re.MULTILINE)
    return [
        Construct(outcome, *each.split("\n", 1))
        for outcome, group in zip(groups[::2], groups[1::2], strict=True)
        for each in group.split("\n-- ")[1:]
    ]


@dataclass(frozen=True)
class Example:
    """What a rule of `amalgam check` finds, and what it leaves alone."""

    rule: str
    found: str
    messages: list[str]
    left_alone: str


def examples() -> list[Example]:
    """One for each rule."""
    return [_example(*each.split("\n", 1)) for each in EXAMPLES.read_text("utf-8").split("\n-- ")[1:]]


def _example(rule: str, text: str) -> Example:
    before, *messages, after = re.split(r"^=> (.*)$", text, flags=re.MULTILINE)
    return Example(rule, program(before), [each for each in messages if each.strip()], program(after))


def program(text: str) -> str:
    """What a construct is tried in."""
    if text.startswith("from "):
        return text
    lines = text.strip("\n").splitlines()
    above = [line[2:] for line in lines if line.startswith(">")]
    body = [line for line in lines if not line.startswith(("+ ", ">"))]
    return PROGRAM.format(
        parameters="".join(f"{line[2:]}, " for line in lines if line.startswith("+ ")),
        above="\n".join(above) or "# nothing more",
        body="\n    ".join(body) or "pass",
    )
