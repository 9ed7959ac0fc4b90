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

def raised(pot: Pot, n: u64):
    pot.count += n

def raised_later(pot: Pot, n: u64):
    raised(pot, n)

def checked(pot: Pot, owner: Pubkey):
    assert pot.key() != owner, "owner is the pot"

def itself(pot: Pot) -> Pot:
    return pot

def run(pot: Pot, other: Pot, owner: Signer, vault: TokenAccount, to: TokenAccount, mint: TokenMint,
        new: Empty[TokenAccount], raw: UncheckedAccount, n: u64):
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
    ],
)
def test_what_is_written(body: str, written: set[str]) -> None:
    found = written_in(ast.parse(MODULE.format(body)))["run"]
    assert found - {"n", "Side"} == written - {"n"}
