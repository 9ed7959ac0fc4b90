"""A chain of a test's own, for those that change more than a world's accounts."""

import pytest
from solana.rpc.async_api import AsyncClient
from solders.keypair import Keypair

from amalgam.chain.embedded import EmbeddedChain
from amalgam.programs import Program

PAYER_LAMPORTS = 20 * 10**9


@pytest.fixture
def validator() -> EmbeddedChain:
    """In the place of one that answers `connection`."""
    return EmbeddedChain()


@pytest.fixture
def connection(validator: EmbeddedChain) -> AsyncClient:
    return validator.client()


@pytest.fixture
async def payer(connection: AsyncClient) -> Keypair:
    """Who has SOL."""
    payer = Keypair()
    await connection.request_airdrop(payer.pubkey(), PAYER_LAMPORTS)
    return payer


@pytest.fixture
def full_chain() -> EmbeddedChain:
    """With all programs."""
    chain = EmbeddedChain()
    for program in Program:
        chain.add_program(program.program_id, program.code)
    return chain
