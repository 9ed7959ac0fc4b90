"""The program on a chain inside this process: from its Python source, and built, if it is."""

import asyncio
from pathlib import Path

import pytest
from amalgam.chain.embedded import EmbeddedChain
from anchorpy import EventParser
from solana.rpc.core import RPCException
from solders.keypair import Keypair

from client import PROGRAM_ID, SOURCE, Client

BUILT = SOURCE.parents[1] / f"target/deploy/{SOURCE.stem}.so"
KEY, STRANGER = Keypair.from_seed(bytes(32)), Keypair.from_seed(bytes([1] * 32))
SOL = 10**9


def chain_of(program: Path) -> EmbeddedChain:
    if not program.exists():
        pytest.skip(f"{program.name} is not built: amalgam toolchain install, then seahorse build")
    chain = EmbeddedChain()
    chain.add_program(PROGRAM_ID, program)
    for key in (KEY, STRANGER):
        chain.airdrop(key.pubkey(), SOL)
    return chain


@pytest.fixture(params=[SOURCE, BUILT], ids=["python", "built"])
def chain(request: pytest.FixtureRequest) -> EmbeddedChain:
    return chain_of(request.param)


def told(chain: EmbeddedChain, client: Client) -> list[tuple[int, ...]]:
    """The events of all transactions, in order: amount, total and count of each."""
    events = []
    parser = EventParser(PROGRAM_ID, client.program.coder)
    for landed in reversed([*chain.landed_newest_first()]):
        parser.parse_logs(landed.meta.logs(), events.append)
    return [(each.data.amount, each.data.total, each.data.count) for each in events]


async def count_twice(chain: EmbeddedChain) -> Client:
    client = Client(chain.client(), KEY)
    await client.open()
    await client.count(5)
    await client.count(2)
    return client


def test_a_client_counts(chain: EmbeddedChain) -> None:
    async def run() -> None:
        client = await count_twice(chain)
        tally = await client.read()
        assert (tally.authority, tally.total, tally.count) == (KEY.pubkey(), 7, 2)
        assert told(chain, client) == [(5, 5, 1), (2, 7, 2)]

    asyncio.run(run())


def test_a_stranger_cannot_count_in_it(chain: EmbeddedChain) -> None:
    async def run() -> None:
        client = await count_twice(chain)
        stranger = Client(chain.client(), STRANGER)
        stranger.tally = client.tally
        with pytest.raises(RPCException, match="signer is not the authority"):
            await stranger.count(1)
        assert (await client.read()).total == 7

    asyncio.run(run())


def test_the_built_program_leaves_the_same_bytes_and_events() -> None:
    chains = [chain_of(BUILT), chain_of(SOURCE)]
    clients = [asyncio.run(count_twice(chain)) for chain in chains]
    accounts = [chain.account(client.tally) for chain, client in zip(chains, clients, strict=True)]
    events = [told(chain, client) for chain, client in zip(chains, clients, strict=True)]
    assert accounts[0] is not None
    assert (accounts[0], events[0]) == (accounts[1], events[1])
