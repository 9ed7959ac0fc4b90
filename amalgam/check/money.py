"""Rules of money: programs that compile, and lose it.

Whoever sends a transaction chooses its accounts. Seahorse checks the type and the owning program of each, and
no relation between them; and it loads each parameter into a copy of its own, which it writes back at the end.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from amalgam.check.accounts import arguments_of, inits
from amalgam.check.flow import Flow
from amalgam.check.language import base
from amalgam.check.program import Kind, parameters
from amalgam.check.rule import At, Checked, at, rule

_RELATED = ("TokenAccount", "TokenMint")


class _Instruction:
    """One instruction: its accounts, and what is asserted of them, in it and in what it calls."""

    def __init__(self, program: Checked, node: ast.FunctionDef) -> None:
        self.program = program
        self.node = node
        self.types = parameters(node)
        self.arguments = {each.arg: each for each in node.args.args}
        self.flow = Flow(program.functions, node)

    def named(self, *kinds: str) -> list[str]:
        """The parameters of some types."""
        return [name for name, type_ in self.types.items() if base(type_) in kinds]

    @property
    def stored(self) -> list[str]:
        """The accounts of the program's own."""
        return [name for name, type_ in self.types.items() if self.program.has_kind(type_, Kind.ACCOUNT)]

    @property
    def accounts(self) -> list[str]:
        """All parameters that somebody could swap."""
        return [
            *self.stored,
            *self.named("Signer", "Empty", "TokenAccount", "TokenMint", "UncheckedAccount", "Program"),
        ]

    def related(self, name: str) -> bool:
        """Whether an account must have a part of something else that is given, or is part of an address."""
        others = {*self.types} - {name}
        if any(name in names and names & others for names in self.flow.compared(ast.Eq)):
            return True
        made = (ast.walk(call) for call, new in inits(self.node) if new != name)
        return any(isinstance(each, ast.Name) and each.id == name for nodes in made for each in nodes)

    def changed(self) -> bool:
        """Whether it sets a field of an account."""
        targets = (each for each in self.flow.nodes() if isinstance(each, ast.Attribute))
        return any(isinstance(each.ctx, ast.Store) for each in targets)


@lru_cache(maxsize=1)  # one program after the other is given to all rules
def _instructions(program: Checked) -> list[_Instruction]:
    return [_Instruction(program, node) for node in program.instructions]


@rule(
    "same-account-twice",
    "`{left}` and `{right}` may be one account passed twice, {harm}",
    'write `assert {left}.key() != {right}.key(), "..."`',
)
def _(program: Checked) -> Iterator[At]:
    for each in _instructions(program):
        for left, right, harm in _pairs(each):
            if not each.flow.distinct(left, right):
                yield at(each.arguments[right], left=left, right=right, harm=harm)


def _pairs(instruction: _Instruction) -> Iterator[tuple[str, str, str]]:
    for left, right in combinations(instruction.stored, 2):
        if instruction.types[left] == instruction.types[right]:
            yield left, right, "and then the changes to one of them are lost"
    for left, right in combinations(instruction.named("TokenMint"), 2):
        yield left, right, "and two tokens be one"
    moved = [{source, destination} for source, _, destination in instruction.flow.transfers()]
    read = {name for name, method in instruction.flow.read() if method == "amount"}
    for left, right in combinations(instruction.named("TokenAccount"), 2):
        if {left, right} in moved:
            yield left, right, "and the tokens stay where they are"
        elif {left, right} <= read:
            yield left, right, "and its tokens count twice"


@rule(
    "account-not-related",
    "nothing says which `{name}` this is: any {type} can be passed",
    'assert what it belongs to, like `assert {example}, "..."`',
)
def _(program: Checked) -> Iterator[At]:
    for each in _instructions(program):
        for name in (*each.stored, *each.named(*_RELATED)):
            others = [other for other in each.accounts if other != name]
            if others and not each.related(name):
                example = _relation(each, name, others)
                yield at(each.arguments[name], name=name, type=each.types[name], example=example)


def _relation(instruction: _Instruction, name: str, others: list[str]) -> str:
    """How an account could be related to another one."""
    kept = next((other for other in others if other in instruction.stored), others[0])
    match instruction.types[name]:
        case "TokenMint":
            return f"{name}.key() == {kept}.mint"
        case "TokenAccount":
            return f"{name}.key() == {kept}.vault"
        case type_:
            fields = instruction.program.classes[type_].fields
            field = next((field for field, each in fields.items() if each == "Pubkey"), "owner")
            signer = next(iter(instruction.named("Signer")), others[0])
            return f"{name}.{field} == {field if field in others else signer}.key()"


@rule(
    "vault-not-known",
    "nothing says which token account `{name}` is, and {what}",
    'write `assert {name}.key() == {other}.vault, "..."`, or compare its authority()',
)
def _(program: Checked) -> Iterator[At]:
    for each in _instructions(program):
        new = {name for _, name in inits(each.node)}
        for name, what in _vaults(each):
            known = each.flow.equal(f"{name}.key()") or each.flow.equal(f"{name}.authority()")
            if name in each.arguments and name not in new and each.related(name) and not known:
                yield at(each.arguments[name], name=name, what=what, other=each.stored[0])


def _vaults(instruction: _Instruction) -> Iterator[tuple[str, str]]:
    """Token accounts that a program must know: what it is credited for, and what it signs for."""
    for source, authority, destination in instruction.flow.transfers():
        if authority in instruction.stored:
            yield source, f"`{authority}` signs for any of its own"
        elif authority in instruction.named("Signer") and instruction.stored and instruction.changed():
            yield destination, "an amount that moves there is counted"


@rule(
    "unchecked-account",
    "nothing says which account `{name}` is, and it is used as one",
    'write `assert {name}.key() == ..., "..."`',
)
def _(program: Checked) -> Iterator[At]:
    for each in _instructions(program):
        for name in each.named("UncheckedAccount"):
            if name in each.flow.used_whole() and not any(name in names for names in each.flow.compared()):
                yield at(each.arguments[name], name=name)


@rule(
    "unchecked-program",
    "whoever sends a transaction chooses what program `{name}` is, and Seahorse cannot compare it",
    "do without a call of another program",
)
def _(program: Checked) -> Iterator[At]:
    for each in _instructions(program):
        yield from (at(each.arguments[name], name=name) for name in each.named("Program"))


@rule(
    "signer-not-compared",
    "`{name}` signs, and may be anybody",
    'compare it with an account that knows its owner: `assert {other}.owner == {name}.key(), "..."`',
)
def _(program: Checked) -> Iterator[At]:
    for each in _instructions(program):
        for name in each.named("Signer"):
            if each.stored and not _is_needed(each, name):
                yield at(each.arguments[name], name=name, other=each.stored[0])


def _is_needed(instruction: _Instruction, name: str) -> bool:
    """Whether a signer is compared, pays, or has authority over tokens or lamports."""
    if any(name in names for names in instruction.flow.compared()) or name in instruction.flow.authorities():
        return True
    new = (arguments_of(call).values() for call, _ in inits(instruction.node))
    return any(
        isinstance(node, ast.Name) and node.id == name
        for values in new
        for each in values
        for node in ast.walk(each)
    )


@rule(
    "delegated-source",
    "`{authority}` may be a delegate, who is credited here for another owner's tokens",
    'write `assert {source}.authority() == {authority}.key(), "..."`',
)
def _(program: Checked) -> Iterator[At]:
    for each in _instructions(program):
        signers = each.named("Signer")
        for source, authority, _ in each.flow.transfers():
            if authority in signers and each.changed() and not each.flow.equal(f"{source}.authority()"):
                yield at(each.arguments[source], source=source, authority=authority)


@rule(
    "stale-amount",
    "`{text}` is what it was before line {line} moved tokens",
    "read it before, and compute what it is now",
)
def _(program: Checked) -> Iterator[At]:
    for each in _instructions(program):
        for node, line in each.flow.stale():
            yield at(node, text=ast.unparse(node), line=line)
