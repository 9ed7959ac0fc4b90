"""A battery on a chain of its own, whose owner can allocate much."""

from pathlib import Path
from typing import NamedTuple

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from spl.token.async_client import AsyncToken
from spl.token.constants import TOKEN_PROGRAM_ID

from amalgam import built
from amalgam.battery import program as energy_allocation
from amalgam.battery.client import EnergyAllocationClient
from amalgam.battery.program import PROGRAM_ID, Battery, battery_address
from amalgam.chain.embedded import EmbeddedChain
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
    token = await AsyncToken.create_mint(connection, owner, owner.pubkey(), 3, TOKEN_PROGRAM_ID)
    wallet = await token.create_associated_token_account(owner.pubkey())
    await token.mint_to(wallet, owner, BALANCE)
    client = EnergyAllocationClient(connection, owner)
    await client.send(
        energy_allocation.initialize(
            authority=owner.pubkey(),
            mint=token.pubkey,
            resource=Resource.ENERGY,
            capacity=BALANCE,
            allocation_limit=BALANCE,
            allocation_lifetime=86_400,
            efficiency_bps=10_000,
        ),
        owner,
    )
    battery = battery_address(owner.pubkey(), token.pubkey)
    await client.send(
        energy_allocation.open_member(payer=client.payer_address, battery=battery, owner=owner.pubkey())
    )
    await client.send(
        energy_allocation.deposit_energy(
            owner=owner.pubkey(),
            battery=battery,
            mint=token.pubkey,
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
