"""Fixtures of the tests that drive the program: one chain for all, a world of its own for each."""

import os
from collections.abc import Generator

import pytest
from anchorpy import Program
from solders.keypair import Keypair

from amalgam.embedded import EmbeddedChain
from tests.world import NOON, PROGRAM, PROGRAM_BYTES, World, load_program

FEE_PAYER_LAMPORTS = 10**15


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI everything is there that a test may need: one that skips has failed."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and "CI" in os.environ:
        report.outcome = "failed"
    return report


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
