"""A battery from nothing, on the embedded chain: run it with `python examples/quickstart.py`."""

import asyncio

from solders.keypair import Keypair
from spl.token.constants import TOKEN_PROGRAM_ID
from spl.token.instructions import MintToParams, mint_to

from amalgam import built
from amalgam.battery.client import EnergyAllocationClient
from amalgam.battery.program import (
    PROGRAM_ID,
    allocate,
    battery_address,
    deposit_energy,
    initialize,
    open_member,
)
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.tokens import new_mint, open_token_account
from amalgam.units import Resource


async def main() -> None:
    """Deposit 5 kWh and allocate 1.5 kWh of it."""
    chain = EmbeddedChain()
    chain.add_program(PROGRAM_ID, built("energy_allocation.so"))
    connection = chain.client()  # or, on a cluster, amalgam.chain.rpc.connect(["devnet"])

    keypair, mint_keypair = Keypair(), Keypair()  # the owner is the operator and the payer too, for short
    owner, mint = keypair.pubkey(), mint_keypair.pubkey()
    await connection.request_airdrop(owner, 10**9)  # lamports
    client = EnergyAllocationClient(connection, payer=keypair)
    creation = await new_mint(connection, owner, mint, authority=owner, decimals=3)
    wallet, opening = open_token_account(owner, owner, mint)
    issue = mint_to(MintToParams(TOKEN_PROGRAM_ID, mint, wallet, owner, 5_000))  # Wh
    await client.sender.send([*creation, opening, issue], mint_keypair)

    battery = battery_address(owner, mint)
    create = initialize(
        authority=owner,
        mint=mint,
        resource=Resource.ENERGY,
        capacity=20_000,
        allocation_limit=4_000,
        allocation_lifetime=86_400,
        efficiency_bps=9_500,
    )
    await client.send(create)
    await client.send(open_member(payer=owner, battery=battery, owner=owner))
    deposit = deposit_energy(
        owner=owner, battery=battery, mint=mint, source=wallet, amount=5_000, minimum_credit=4_750
    )
    await client.send(deposit)
    await client.send(allocate(owner=owner, battery=battery, amount=1_500))
    member = await client.member(battery, owner)
    print(f"balance {member.balance:,} Wh, of which {member.allocated:,} Wh are allocated")


asyncio.run(main())
