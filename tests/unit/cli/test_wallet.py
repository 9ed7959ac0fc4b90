"""Keypairs and SOL for whoever has none yet."""

import stat

from solders.pubkey import Pubkey
from solders.token.state import TokenAccount
from spl.token.instructions import get_associated_token_address

from amalgam.chain.keys import read_keypair
from tests.unit.cli.conftest import Town


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


def test_a_cluster_that_gives_none(town: Town) -> None:
    town.node.refused = {"requestAirdrop"}
    code, said = town.refusal("wallet", "airdrop", "1")
    assert (code, said.partition(": ")[0]) == (4, "the node refused a request")
