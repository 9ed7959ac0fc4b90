"""A battery from nothing, on the embedded chain: run it with `python examples/quickstart.py`."""

import asyncio

from solders.keypair import Keypair
from spl.token.async_client import AsyncToken
from spl.token.constants import TOKEN_PROGRAM_ID

from amalgam import built
from amalgam.battery.client import EnergyAllocationClient
from amalgam.battery.program import PROGRAM_ID, battery_address
from amalgam.chain.embedded import EmbeddedChain
from amalgam.units import Resource


async def main() -> None:
    """Deposit 5 kWh and allocate 1.5 kWh of it."""
    chain = EmbeddedChain()
    chain.add_program(PROGRAM_ID, built("energy_allocation.so"))
    connection = chain.client()  # or, on a cluster, amalgam.chain.rpc.connect(["devnet"])

    owner = Keypair()  # is the operator and the payer too, for short
    await connection.request_airdrop(owner.pubkey(), 10**9)  # lamports
    token = await AsyncToken.create_mint(connection, owner, owner.pubkey(), 3, TOKEN_PROGRAM_ID)
    wallet = await token.create_associated_token_account(owner.pubkey())
    await token.mint_to(wallet, owner, 5_000)  # Wh

    client = EnergyAllocationClient(connection, payer=owner)
    await client.initialize(
        owner,
        token.pubkey,
        resource=Resource.ENERGY,
        capacity=20_000,  # Wh
        allocation_limit=4_000,  # Wh
        allocation_lifetime=86_400,  # s
        efficiency_bps=9_500,
    )
    battery = battery_address(owner.pubkey(), token.pubkey)
    await client.open_member(battery, owner.pubkey())
    await client.deposit(owner, battery, source=wallet, amount=5_000, minimum_credit=4_750)
    await client.allocate(owner, battery, amount=1_500)
    member = await client.member(battery, owner.pubkey())
    print(f"balance {member.balance:,} Wh, of which {member.allocated:,} Wh are allocated")


asyncio.run(main())
