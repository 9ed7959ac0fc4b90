"""Fixtures of the tests that drive the program: one chain for all, a world of its own for each."""

import pytest
from anchorpy import Program
from solders.keypair import Keypair

from amalgam.embedded import EmbeddedChain
from tests.world import NOON, PROGRAM, PROGRAM_BYTES, World, load_program

FEE_PAYER_LAMPORTS = 10**15


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "embedded: travels in time or forges accounts, which no validator allows"
    )


@pytest.fixture(scope="session")
def chain() -> EmbeddedChain:
    chain = EmbeddedChain()
    chain.add_program(PROGRAM, PROGRAM_BYTES)
    return chain


@pytest.fixture(scope="session")
def program(chain: EmbeddedChain) -> Program:
    fee_payer = Keypair()
    chain.airdrop(fee_payer.pubkey(), FEE_PAYER_LAMPORTS)
    return load_program(chain.client(), fee_payer)


@pytest.fixture
async def empty_world(request: pytest.FixtureRequest, chain: EmbeddedChain, program: Program) -> World:
    """Funded wallets, the mint and everyone's tokens: no battery yet."""
    chain.unix_timestamp = NOON
    world = World(program, request.node.nodeid, chain)
    await world.prepare()
    return world


@pytest.fixture
async def world(empty_world: World) -> World:
    """The operator's battery, with alice, bob and the thief as its members."""
    await empty_world.start()
    return empty_world
