"""A battery on a chain of its own, whose owner can allocate much."""

from pathlib import Path
from typing import NamedTuple

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from spl.token.constants import TOKEN_PROGRAM_ID
from spl.token.instructions import MintToParams, mint_to

from amalgam import built
from amalgam.battery import program as energy_allocation
from amalgam.battery.client import EnergyAllocationClient
from amalgam.battery.program import PROGRAM_ID, Battery, battery_address
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.tokens import new_mint, open_token_account
from amalgam.units import Resource
from tests.faults.worker import WAITS

BALANCE = 10**9


class Pool(NamedTuple):
    chain: EmbeddedChain
    owner: Keypair
    battery: Pubkey

    def allocated(self) -> int:
        """As the battery's account on the chain has it."""
        account = self.chain.account(self.battery)
        assert account is not None
        return Battery.from_bytes(account.data).allocated


@pytest.fixture
async def pool() -> Pool:
    chain, owner = EmbeddedChain(), Keypair()
    chain.add_program(PROGRAM_ID, built("energy_allocation.so"))
    chain.airdrop(owner.pubkey(), 10**12)
    connection = chain.client()
    client, mint_keypair = EnergyAllocationClient(connection, owner), Keypair()
    payer, mint = owner.pubkey(), mint_keypair.pubkey()
    creation = await new_mint(connection, payer, mint, authority=payer, decimals=3)
    wallet, opening = open_token_account(payer, payer, mint)
    issue = mint_to(MintToParams(TOKEN_PROGRAM_ID, mint, wallet, payer, BALANCE))
    await client.sender.send([*creation, opening, issue], mint_keypair)
    await client.send(
        energy_allocation.initialize(
            authority=owner.pubkey(),
            mint=mint,
            resource=Resource.ENERGY,
            capacity=BALANCE,
            allocation_limit=BALANCE,
            allocation_lifetime=86_400,
            efficiency_bps=10_000,
        ),
        owner,
    )
    battery = battery_address(owner.pubkey(), mint)
    await client.send(
        energy_allocation.open_member(payer=client.payer_address, battery=battery, owner=owner.pubkey())
    )
    await client.send(
        energy_allocation.deposit_energy(
            owner=owner.pubkey(),
            battery=battery,
            mint=mint,
            source=wallet,
            amount=BALANCE,
            minimum_credit=BALANCE,
        ),
        owner,
    )
    return Pool(chain, owner, battery)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same waits as with a cluster, in less time."""
    for (module, name), seconds in WAITS.items():
        monkeypatch.setattr(module, name, seconds)


@pytest.fixture
def journal_path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite"
