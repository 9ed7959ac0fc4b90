"""Tokens for a community that has none yet."""

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.token.state import Mint, TokenAccount
from spl.token.constants import TOKEN_PROGRAM_ID
from spl.token.instructions import get_associated_token_address

from amalgam.battery.program import battery_address
from amalgam.chain.keys import write_keypair
from tests.unit.cli.conftest import NOBODY, Town


def mint_at(town: Town, address: str) -> Mint:
    account = town.chain.account(Pubkey.from_string(address))
    assert account.owner == TOKEN_PROGRAM_ID
    return Mint.from_bytes(account.data)


def test_create(town: Town) -> None:
    done = town.done("mint", "create", by="owner")
    assert done.startswith("Created mint ")
    mint = mint_at(town, done.removeprefix("Created mint "))
    assert (mint.mint_authority, mint.freeze_authority) == (town["owner"], None)
    assert (mint.supply, mint.decimals, mint.is_initialized) == (0, 3, True)


def test_create_for_programs_and_at_another_s_expense(town: Town) -> None:
    before = town.chain.balance(town["newcomer"])
    answer = town.json("mint", "create", "--fee-payer", town.keypair("operator"), by="newcomer")
    assert answer == {
        "mint": answer["mint"],
        "signature": str(town.latest()),
        "resumed": False,
        "events": [],
        "unit": "thousandths of a token",
    }
    assert mint_at(town, answer["mint"]).mint_authority == town["newcomer"]
    assert town.chain.balance(town["newcomer"]) == before


def test_create_tokens_to_pay_with(town: Town) -> None:
    mint = town.json("mint", "create", "--decimals", "6", by="owner")["mint"]
    assert mint_at(town, mint).decimals == 6
    done = town.done("mint", "issue", mint, "100", town["newcomer"], by="owner")
    assert done.startswith(f"Issued 100.000000 tokens to {town['newcomer']}, in ")


def test_a_dry_run_creates_nothing(town: Town) -> None:
    landed = town.latest()
    _, _, _, *changes = (line.split() for line in town.lines("mint", "create", "--dry-run"))
    assert [change[:2] for change in changes] == [["wallet", "SOL"], ["mint", "supply"]]
    assert changes[1][2:5] == ["-", "0.000", "tokens"]
    assert town.latest() == landed


def test_who_has_no_lamports_is_told(town: Town) -> None:
    poor = Keypair()
    write_keypair(town.keypair("poor"), poor)
    assert town.refusal("mint", "create", by="poor") == (
        1,
        f"AccountNotFound: The fee payer {poor.pubkey()} has no lamports. Send it SOL; where SOL is free: "
        "amalgam wallet airdrop 1, with --keypair for another's.",
    )


@pytest.mark.parametrize(("amount", "said"), [("10kWh", "10.000 kWh"), ("0.5m3", "0.500 m³")])
def test_issue(town: Town, amount: str, said: str) -> None:
    newcomer, tokens = town["newcomer"], town.tokens("newcomer")
    before = town.state()
    done = town.done("mint", "issue", town.mint, amount, newcomer)
    assert done == f"Issued {said} to {newcomer}, in {tokens}"
    issued = {"10kWh": 10_000, "0.5m3": 500}[amount]
    assert town.state() == {**before, "newcomer's tokens": issued, "supply": 20_000 + issued}


@pytest.mark.parametrize(("decimals", "said"), [(3, "12.500"), (6, "12.500000")])
def test_whole_tokens_of_any_mint(town: Town, decimals: int, said: str) -> None:
    mint = town.new_mint(decimals=decimals)
    tokens = get_associated_token_address(town["operator"], mint)
    assert (
        town.done("mint", "issue", mint, "12.5") == f"Issued {said} tokens to {town['operator']}, in {tokens}"
    )
    assert TokenAccount.from_bytes(town.chain.account(tokens).data).amount == 12.5 * 10**decimals


def test_issue_to_oneself(town: Town) -> None:
    answer = town.json("mint", "issue", town.mint, "1kWh")
    tokens = get_associated_token_address(town["operator"], town.mint)
    assert (answer["token_account"], answer["unit"]) == (str(tokens), "Wh")
    assert TokenAccount.from_bytes(town.chain.account(tokens).data).amount == 1_000


def test_what_cannot_be_issued(town: Town) -> None:
    assert town.refusal("mint", "issue", town.mint, "1kWh", by="owner") == (
        1,
        "OwnerMismatch: The signer does not own the account. Sign with the account's owner.",
    )
    assert town.refusal("mint", "issue", town.mint, "a lot") == (
        2,
        "Invalid value for AMOUNT: 'a lot' is not an amount; write it like 3.5kWh, 0.2m3 or 40kg",
    )
    assert town.refusal("mint", "issue", town.mint, "0.0001") == (
        2,
        "Invalid value for AMOUNT: 0.0001 is finer than the tokens paid with; round it to 3 decimals",
    )
    for address in (NOBODY, town.battery, town["owner"]):
        assert town.refusal("mint", "issue", address, "1kWh") == (
            3,
            f"there is no mint at {address} on {town.cluster}; check the address and --url",
        )
    assert town.refusal("mint", "issue", town.new_mint(decimals=6), "1kWh") == (
        1,
        "MintDecimalsMismatch: The mint has other decimals. Pass the mint's own decimals.",
    )


def test_a_community_begins_with_nothing_but_a_funded_keypair(town: Town) -> None:
    """As `amalgam --help` tells it."""
    mint = town.json("mint", "create", by="newcomer")["mint"]
    battery = town.json(
        "battery", "create", mint, "--capacity", "300kWh", "--efficiency", "95%", by="newcomer"
    )["battery"]
    assert battery == str(battery_address(town["newcomer"], Pubkey.from_string(mint)))
    town.lines("member", "open", battery, by="newcomer")
    town.lines("mint", "issue", mint, "10kWh", by="newcomer")
    done = town.done("deposit", battery, "3.5kWh", by="newcomer")
    assert done == "Deposited 3.500 kWh: 3.325 kWh credited, 0.175 kWh lost; balance 3.325 kWh"
