"""Fixtures of the tests that drive the program: one chain for all, a world of its own for each."""

import os
import signal
from collections.abc import Generator

import pytest
from anchorpy import Program
from solders.keypair import Keypair

from amalgam.chain.embedded import EmbeddedChain
from tests.support import dispatching as plant
from tests.support import metered as metering
from tests.support import trading as market
from tests.support import world as battery
from tests.support.dispatching import Dispatching
from tests.support.metered import Metered
from tests.support.stage import NOON
from tests.support.trading import Trading
from tests.support.world import World

FEE_PAYER_LAMPORTS = 10**15
# Seconds for a test in one of these folders, beyond what pyproject.toml gives all others.
LIMITS_S = {"faults": 900, "localnet": 1_800, "toolchain": 1_800, "stateful": 3_600}


def pytest_configure() -> None:
    """A shell's background command has SIGINT ignored, and so has what it starts: tests send it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folder = "toolchain" if item.get_closest_marker("toolchain") else item.nodeid.split("/")[1]
        if folder in LIMITS_S:
            item.add_marker(pytest.mark.timeout(LIMITS_S[folder]))


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
    for program in (battery, metering, market, plant):
        chain.add_program(program.PROGRAM, program.PROGRAM_BYTES)
    return chain


def funded(chain: EmbeddedChain) -> Keypair:
    fee_payer = Keypair()
    chain.airdrop(fee_payer.pubkey(), FEE_PAYER_LAMPORTS)
    return fee_payer


@pytest.fixture(scope="session")
def program(chain: EmbeddedChain) -> Program:
    return battery.load_program(chain.client(), funded(chain))


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


@pytest.fixture(scope="session")
def metering_program(chain: EmbeddedChain) -> Program:
    return metering.load_program(chain.client(), funded(chain))


@pytest.fixture
async def empty_metered(
    request: pytest.FixtureRequest, chain: EmbeddedChain, metering_program: Program
) -> Metered:
    """Funded wallets at noon: no issuer yet."""
    chain.unix_timestamp = NOON
    metered = Metered(metering_program, request.node.nodeid, chain)
    await metered.fund()
    return metered


@pytest.fixture
async def metered(empty_metered: Metered) -> Metered:
    """The operator's issuer, the meters of alice, bob and the thief registered at noon: an hour later."""
    await empty_metered.start()
    return empty_metered


@pytest.fixture(scope="session")
def market_program(chain: EmbeddedChain) -> Program:
    return market.load_program(chain.client(), funded(chain))


@pytest.fixture
async def empty_trading(
    request: pytest.FixtureRequest, chain: EmbeddedChain, market_program: Program
) -> Trading:
    """Funded wallets, both mints and everyone's tokens: no market yet."""
    chain.unix_timestamp = NOON
    trading = Trading(market_program, request.node.nodeid, chain)
    await trading.prepare()
    return trading


@pytest.fixture
async def trading(empty_trading: Trading) -> Trading:
    """The operator's market and an open auction, with accounts of alice, bob and the thief."""
    await empty_trading.start()
    return empty_trading


@pytest.fixture(scope="session")
def plant_program(chain: EmbeddedChain) -> Program:
    return plant.load_program(chain.client(), funded(chain))


@pytest.fixture
async def empty_dispatching(
    request: pytest.FixtureRequest, chain: EmbeddedChain, plant_program: Program
) -> Dispatching:
    """Funded wallets at noon, both mints and everyone's tokens: no plant yet."""
    chain.unix_timestamp = NOON
    dispatching = Dispatching(plant_program, request.node.nodeid, chain)
    await dispatching.prepare()
    return dispatching


@pytest.fixture
async def dispatching(empty_dispatching: Dispatching) -> Dispatching:
    """The operator's plant, with a dispatch announced, to which alice, bob and the thief can commit."""
    await empty_dispatching.start()
    return empty_dispatching
