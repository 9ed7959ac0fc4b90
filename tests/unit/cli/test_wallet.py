"""Keypairs and SOL for whoever has none yet."""

import stat

import pytest
from solders.pubkey import Pubkey
from solders.token.state import TokenAccount
from spl.token.instructions import get_associated_token_address

from amalgam.chain.keys import read_keypair
from tests.unit.cli.conftest import NOBODY, REFUSALS, Town


def test_new(town: Town) -> None:
    path = town.home / "keys/dora.json"
    answer = town.json("wallet", "new", "--keypair", path)
    assert answer == {"address": str(read_keypair(path).pubkey()), "file": str(path)}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert town.lines("wallet", "show", "--keypair", path) == [f"Address  {answer['address']}", "SOL      0"]


def test_new_overwrites_nothing(town: Town) -> None:
    before = town.keypair("operator").read_bytes()
    assert town.refusal("wallet", "new") == (
        2,
        f"{town.keypair('operator')}: there is a file already; move it away, or name another",
    )
    assert town.keypair("operator").read_bytes() == before


def test_airdrop(town: Town) -> None:
    path = town.home / "dora.json"
    address = Pubkey.from_string(town.json("wallet", "new", "--keypair", path)["address"])
    assert town.json("wallet", "airdrop", "2.5", "--keypair", path) == {
        "address": str(address),
        "lamports": 2_500_000_000,
    }
    assert town.chain.balance(address) == 2_500_000_000


def test_open_a_token_account(town: Town) -> None:
    mint = town.new_mint(decimals=6)
    account = get_associated_token_address(town["newcomer"], mint)
    for _ in range(2):  # a second time changes nothing
        assert town.json("wallet", "open", mint, by="newcomer")["token_account"] == str(account)
        found = TokenAccount.from_bytes(town.chain.account(account).data)
        assert (found.owner, found.mint, found.amount) == (town["newcomer"], mint, 0)
    assert town.refusal("wallet", "open", town.battery, by="newcomer") == (
        3,
        f"there is no mint at {town.battery} on {town.cluster}; check the address and --url",
    )


def test_return_the_rent_of_a_member(town: Town) -> None:
    member = town.member("owner")
    command = ("wallet", "return-rent", member)
    assert town.lines(*command, by="owner") == [
        f"It holds the rent that {town.cluster} asks for, and no more",
    ]
    had = town.chain.balance(town["owner"])
    town.return_rent(member, by="owner")
    assert town.chain.balance(town["owner"]) == had + 700_000 - 5_000  # less the fee
    assert town.json(*command, by="owner") == {"lamports": 0, "rent": town.chain.account(member).lamports}


def test_a_dry_run_returns_no_rent(town: Town) -> None:
    town.chain.airdrop(town.member("owner"), 1)
    landed = town.latest()
    assert town.json("wallet", "return-rent", town.member("owner"), "--dry-run", by="owner")["dry_run"]
    assert town.latest() == landed


def test_anothers_rent(town: Town) -> None:
    town.chain.airdrop(town.member("owner"), 1)
    code, said = town.refusal("wallet", "return-rent", town.member("owner"), by="neighbour")
    assert (code, said) == (1, REFUSALS["member belongs to another owner"])


@pytest.mark.parametrize("kind", ["battery", "mint", "nothing"])
def test_what_has_no_rent_to_return(town: Town, kind: str) -> None:
    address = {"battery": town.battery, "mint": town.mint, "nothing": NOBODY}[kind]
    remedy = "it is a battery" if kind == "battery" else "check the address and --url"
    assert town.refusal("wallet", "return-rent", address, by="owner") == (
        3,
        f"there is no member, order, commitment or meter at {address} on {town.cluster}; {remedy}",
    )


def test_a_cluster_that_gives_none(town: Town) -> None:
    town.node.refused = {"requestAirdrop"}
    code, said = town.refusal("wallet", "airdrop", "1")
    assert (code, said.partition(": ")[0]) == (4, "the node refused a request")
