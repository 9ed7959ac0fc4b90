"""What a function may write to of its parameters, as Seahorse and the engine read it off its source."""

import ast

import pytest

from seahorse.written import written_in

MODULE = """
class Side(Enum):
    BID = 0

class Pot(Account):
    count: u64
    side: Side
    numbers: Array[u64, 4]
    points: List[Point]

    def raise_by(self, n: u64):
        self.count += n

    def key_of(self, other: Pot) -> Pubkey:
        return other.key()

class Helper:
    n: u64

    def key(self) -> u64:
        return self.n

    def transfer(self, pot: Pot, to: TokenAccount, n: u64):
        pot.count += n

class Point:
    x: u64

class Made(Account):
    count: u64

    def init(self, payer: Signer, authority: Pot) -> Made:
        authority.count += 1
        return self

def raised(pot: Pot, n: u64):
    pot.count += n

def raised_later(pot: Pot, n: u64):
    raised(pot, n)

def checked(pot: Pot, owner: Pubkey):
    assert pot.key() != owner, "owner is the pot"

def itself(pot: Pot) -> Pot:
    return pot

def raised_as_another(pot: Pot, n: u64):
    other = pot
    other.count += n

def raised_of_two(pot: Pot, other: Pot):
    pot = other
    pot.count += 1

def raised_in_turn(pot: Pot, other: Pot, n: u64):
    if n > 0:
        raised_in_turn(other, pot, n - 1)
    else:
        pot.count += 1

def run(pot: Pot, other: Pot, owner: Signer, vault: TokenAccount, to: TokenAccount, mint: TokenMint,
        new: Empty[TokenAccount], made: Empty[Made], helper: Helper, raw: UncheckedAccount, n: u64):
    {}
"""


@pytest.mark.parametrize(
    ("body", "written"),
    [
        pytest.param("print(pot.count, pot.side == Side.BID, f'{pot.count}')", set(), id="fields read"),
        pytest.param("pot.count = other.count", {"pot"}, id="a field assigned"),
        pytest.param("if n > 1:\n        pot.count = 1", {"pot"}, id="assigned in a branch"),
        pytest.param("pot.count += 1", {"pot"}, id="an augmented assignment"),
        pytest.param("pot.numbers[0] = n", {"pot"}, id="an element assigned"),
        pytest.param("print(pot.numbers[other.count])", set(), id="an element read"),
        pytest.param("numbers = pot.numbers", {"pot", "numbers"}, id="an array under another name"),
        pytest.param("raised(pot, n)", {"pot"}, id="through a function"),
        pytest.param("raised_later(other, n)", {"other"}, id="through a function's function"),
        pytest.param("checked(pot, owner.key())", set(), id="a function that reads"),
        pytest.param("unknown(pot)", {"pot"}, id="a function of another file"),
        pytest.param("a = pot", {"a", "pot"}, id="another name"),
        pytest.param("itself(pot).count = 1", {"pot"}, id="what a function returns"),
        pytest.param("print(owner.key(), raw.key())", set(), id="signer only"),
        pytest.param("print(vault.amount(), vault.mint(), vault.authority())", set(), id="tokens read"),
        pytest.param("print(mint.supply(), mint.decimals(), mint.authority())", set(), id="mint read"),
        pytest.param("vault.transfer(owner, to, n)", {"vault", "to"}, id="transfer authority"),
        pytest.param(
            "vault.transfer(pot, to, n, signer=[mint, n])", {"vault", "to"}, id="transfer by an account"
        ),
        pytest.param("mint.burn(authority=owner, holder=vault, amount=n)", {"mint", "vault"}, id="burn"),
        pytest.param("mint.mint(owner, vault, n)", {"mint", "vault"}, id="mint"),
        pytest.param(
            "new = new.init(payer=owner, mint=mint, authority=pot, seeds=[vault])",
            {"new", "owner"},
            id="init",
        ),
        pytest.param("owner.transfer_lamports(raw, n)", {"owner", "raw"}, id="lamports"),
        pytest.param("pot.transfer_lamports(other, n)", {"pot", "other"}, id="lamports of accounts"),
        pytest.param("pot.raise_by(n)", {"pot"}, id="a method"),
        pytest.param("pot.key_of(other)", {"pot", "other"}, id="a method's argument"),
        pytest.param("Pot.raise_by(pot, n)", {"Pot", "pot"}, id="a method by its class"),
        pytest.param("helper.transfer(pot, vault, n)", {"helper", "pot", "vault"}, id="one's own transfer"),
        pytest.param("pot.points[0].x = n", {"pot"}, id="a field of an element"),
        pytest.param("point = pot.points[0]", {"pot", "point"}, id="an element under another name"),
        pytest.param(
            "for point in pot.points:\n        point.x = n", {"pot", "point"}, id="a loop over a list"
        ),
        pytest.param("for a in [pot, other]:\n        a.count = n", {"a", "pot", "other"}, id="a list"),
        pytest.param("a, b = pot, other\n    a.count = n", {"a", "b", "pot", "other"}, id="a tuple"),
        pytest.param("(pot.count, other.count) = (n, n)", {"pot", "other"}, id="fields in a tuple"),
        pytest.param("a = pot if n > 1 else other", {"a", "pot", "other"}, id="one of two"),
        pytest.param("while n > 1:\n        a = pot\n        a.count = n", {"a", "pot"}, id="in a loop"),
        pytest.param("raised_as_another(pot, n)", {"pot"}, id="a function's other name"),
        pytest.param("raised_of_two(pot, other)", {"pot", "other"}, id="a function's parameter assigned to"),
        pytest.param("raised_in_turn(pot, other, n)", {"pot", "other"}, id="a function that calls itself"),
        pytest.param("raised(pot=pot, n=n)", {"pot"}, id="a keyword"),
        pytest.param(
            "checked = raised\n    checked(pot, n)", {"checked", "raised", "pot"}, id="a function's name anew"
        ),
        pytest.param(
            "for checked in [raised]:\n        checked(pot, n)",
            {"checked", "raised", "pot"},
            id="a function's name in a loop",
        ),
        pytest.param(
            "vault = Helper(n)\n    vault.transfer(pot, to, n)",
            {"vault", "pot", "to"},
            id="a parameter of another type",
        ),
        pytest.param(
            "made = made.init(payer=owner)\n    made.init(payer=owner, authority=pot)",
            {"made", "owner", "pot"},
            id="one's own init",
        ),
        pytest.param(
            "new = new.init(payer=owner, mint=mint, authority=pot)\n    new.transfer(pot, to, n)",
            {"new", "owner", "pot", "to"},
            id="transfer from what is made",
        ),
    ],
)
def test_what_is_written(body: str, written: set[str]) -> None:
    found = written_in(ast.parse(MODULE.format(body)))["run"]
    assert found - {"n", "Side"} == written - {"n"}


@pytest.mark.parametrize("name", ["TokenAccount", "*"])
def test_another_file_may_hide_a_builtin(name: str) -> None:
    module = f"from helpers import {name}\n" + MODULE.format("vault.transfer(pot, to, n)")
    assert {"vault", "pot", "to"} <= written_in(ast.parse(module))["run"]
