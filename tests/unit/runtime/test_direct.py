"""Instructions called as functions: what they change and say, and that one that stops changes nothing."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from amalgam.battery.program import PROGRAM_ID
from seahorse import Empty, Token, TokenError, UnsupportedError, recorded
from seahorse.engine import load_module
from seahorse.prelude import Clock, Pubkey, Signer, TokenAccount, TokenMint
from tests.support.stage import ROOT

NOON = 1_000_000


def program(name: str) -> Any:
    return load_module(ROOT / f"programs_py/{name}.py")


class Village:
    """A battery with one member, who has tokens."""

    def __init__(self) -> None:
        self.module = program("energy_allocation")
        self.owner = Signer()
        self.mint = TokenMint(authority=self.owner, decimals=3, supply=10_000)
        battery, vault = Empty(), Empty()
        resource = self.module.Resource.ENERGY
        self.module.initialize(self.owner, self.mint, battery, vault, resource, 20_000, 4_000, 86_400, 9_000)
        self.battery, self.vault = battery.account, vault.account
        member = Empty()
        self.module.open_member(self.owner, self.battery, member, self.owner.key())
        self.member = member.account
        self.source = TokenAccount(mint=self.mint, authority=self.owner, amount=10_000)
        self.clock = Clock(unix_timestamp=NOON)

    def deposit(self, amount: int, **others: Any) -> None:
        given = {
            "owner": self.owner,
            "battery": self.battery,
            "member": self.member,
            "mint": self.mint,
            "vault": self.vault,
            "source": self.source,
            "amount": amount,
            "minimum_credit": 0,
        }
        self.module.deposit_energy(**given | others)


@pytest.fixture
def village() -> Village:
    return Village()


def test_initialize_makes_the_accounts_at_their_addresses(village: Village) -> None:
    seeds = ["battery", village.owner, village.mint]
    address, bump = Pubkey.find_program_address(seeds, str(PROGRAM_ID))
    assert (village.battery.key(), village.battery.bump) == (address, bump)
    assert village.battery.vault == village.vault.key()
    assert village.vault.authority() == address
    assert (village.battery.capacity, village.battery.member_count) == (20_000, 1)


def test_a_deposit_moves_burns_and_tells(village: Village) -> None:
    with recorded() as record:
        village.deposit(1_000)
    assert (village.vault.amount(), village.source.amount(), village.mint.supply()) == (900, 9_000, 9_900)
    assert (village.member.balance, village.battery.available) == (900, 900)
    (event,) = record.events
    assert (type(event).__name__, event.amount, event.credit) == ("EnergyDeposited", 1_000, 900)


def test_allocate_and_consume(village: Village) -> None:
    village.deposit(1_000)
    village.module.allocate(village.owner, village.battery, village.member, village.clock, 100)
    assert village.member.allocation_expiry == NOON + 86_400
    rest = (village.mint, village.vault, village.clock)
    village.module.consume(village.owner, village.battery, village.member, *rest, 40)
    assert (village.member.allocated, village.member.balance, village.vault.amount()) == (60, 860, 860)


@pytest.mark.parametrize(
    ("amount", "message"),
    [
        (0, "amount must be positive"),
        (1, "credit rounds to zero"),
        (2**63, "amount exceeds the free capacity"),
    ],
)
def test_an_assertion_that_fails_changes_nothing(village: Village, amount: int, message: str) -> None:
    before = dict(vars(village.battery)), dict(vars(village.member))
    with recorded() as record, pytest.raises(AssertionError, match=f"^{message}$"):
        village.deposit(amount)
    assert (vars(village.battery), vars(village.member)) == before
    assert record.events == []


def test_a_token_programs_refusal_changes_nothing(village: Village) -> None:
    village.source.current.amount = 950
    with pytest.raises(TokenError) as refused:
        village.deposit(1_000)
    assert refused.value.code == Token.INSUFFICIENT_FUNDS
    assert (village.source.amount(), village.vault.amount(), village.member.balance) == (950, 0, 0)


def test_a_signer_is_needed_where_a_signer_is_declared(village: Village) -> None:
    with pytest.raises(TypeError, match=r"^owner: TokenMint is no Signer$"):
        village.deposit(1_000, owner=village.mint)
    with pytest.raises(TypeError):
        village.module.deposit_energy(village.owner)


def test_a_field_holds_only_its_type(village: Village) -> None:
    with pytest.raises(UnsupportedError, match=r"^the literal -1 as u64: it does not fit$"):
        village.battery.available = -1
    with pytest.raises(UnsupportedError, match=r"^Battery\.availabel: there is no such field$"):
        village.battery.availabel = 1
    with pytest.raises(UnsupportedError, match="where bool is wanted"):
        village.battery.paused = 1


DOUBLED = """
from seahorse.prelude import *
declare_id("EdKeEr53fdY7uJ3bzzUXAu7oGsYSQRJhQhQmVU5Bkn48")

class Purse(Account):
    money: u64

@instruction
def give(signer: Signer, giver: Purse, taker: Purse, amount: u64):
    giver.money -= amount
    taker.money += amount
    print(f"{amount} given", giver.money)

@instruction
def look(signer: Signer, tokens: TokenAccount, to: TokenAccount):
    tokens.transfer(signer, to, 5)
    print(tokens.amount())
"""


def written(tmp_path: Path, source: str) -> ModuleType:
    path = tmp_path / "written.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location("written", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_same_account_twice_makes_money_as_it_does_on_a_chain(tmp_path: Path) -> None:
    module: Any = written(tmp_path, DOUBLED)
    purse, other = module.Purse(money=100), module.Purse(money=0)
    with recorded() as record:
        module.give(Signer(), purse, other, 30)
    assert (purse.money, other.money, record.logs) == (70, 30, ["30 given 70"])
    module.give(Signer(), purse, purse, 30)
    assert purse.money == 100


def test_an_amount_is_what_it_was_when_the_instruction_began(tmp_path: Path) -> None:
    module: Any = written(tmp_path, DOUBLED)
    owner, mint = Signer(), Pubkey()
    tokens, to = TokenAccount(mint=mint, authority=owner, amount=9), TokenAccount(mint=mint)
    with recorded() as record:
        module.look(owner, tokens, to)
    assert (record.logs, tokens.amount(), to.amount()) == (["9"], 4, 5)


def test_the_other_programs_are_modules_too() -> None:
    for name in ("energy_metering", "energy_market", "virtual_power_plant"):
        assert callable(program(name).initialize)


REFUSED = {
    "a list comprehension": "    numbers = [i for i in range(3)]",
    "membership": '    assert 1 in [1], "x"',
    "a try": "    try:\n        pass\n    finally:\n        pass",
    "a lambda": "    f = lambda x: x",
    "an assertion without words": "    assert amount > 0",
    "an assertion with an f-string": '    assert amount > 0, f"{amount}"',
    "a chain of comparisons": '    assert 0 < amount < 5, "x"',
    "a counter without a type": "    count: u64 = 0\n    count += 1",
    "an f-string of a value alone": '    print(f"{amount}")',
    "braces in an f-string": '    print(f"{{ {amount}")',
    "a format": '    print(f"{amount:3}")',
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_what_seahorse_does_not_compile_is_refused_with_its_line(tmp_path: Path, body: str) -> None:
    head = DOUBLED.split("class Purse")[0]
    source = f"{head}\n@instruction\ndef run(signer: Signer, amount: u64):\n{body}\n"
    module: Any = written(tmp_path, source)
    with pytest.raises(UnsupportedError, match=r"written\.py:[789]: "):
        module.run(Signer(), 1)
