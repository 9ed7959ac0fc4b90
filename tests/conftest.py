"""Fixtures of the tests that drive the program: one chain for all, a world of its own for each."""

import os
import signal
from collections.abc import Generator

import pytest
from anchorpy import Program
from solders.keypair import Keypair

from amalgam.chain.embedded import EmbeddedChain
from tests.differential.lockstep import LockstepChain
from tests.support import dispatching as plant
from tests.support import metered as metering
from tests.support import trading as market
from tests.support import world as battery
from tests.support.dispatching import Dispatching
from tests.support.metered import Metered
from tests.support.stage import Beginnings
from tests.support.trading import Trading
from tests.support.world import World

FEE_PAYER_LAMPORTS = 10**15
# Seconds for a test in one of these folders, beyond what pyproject.toml gives all others.
LIMITS_S = {"faults": 900, "localnet": 1_800, "toolchain": 1_800, "stateful": 3_600}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine", choices=("litesvm", "python", "both"), default="litesvm", help="what runs the programs"
    )


def pytest_configure() -> None:
    """A shell's background command has SIGINT ignored, and so has what it starts: tests send it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--engine") == "python":
        items[:] = [item for item in items if item.get_closest_marker("units") is None]
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
def chain(request: pytest.FixtureRequest) -> EmbeddedChain:
    engine = request.config.getoption("--engine")
    chain = LockstepChain() if engine == "both" else EmbeddedChain()
    for program in (battery, metering, market, plant):
        if isinstance(chain, LockstepChain):
            chain.add_both(program.PROGRAM, program.PROGRAM_BYTES, program.PROGRAM_SOURCE)
        else:
            chain.add_program(
                program.PROGRAM, program.PROGRAM_SOURCE if engine == "python" else program.PROGRAM_BYTES
            )
    return chain


@pytest.fixture(scope="session")
def beginnings() -> Beginnings:
    return Beginnings("all tests")


def funded(chain: EmbeddedChain) -> Keypair:
    fee_payer = Keypair()
    chain.airdrop(fee_payer.pubkey(), FEE_PAYER_LAMPORTS)
    return fee_payer


@pytest.fixture(scope="session")
def program(chain: EmbeddedChain) -> Program:
    return battery.load_program(chain.client(), funded(chain))


@pytest.fixture
async def empty_world(chain: EmbeddedChain, program: Program, beginnings: Beginnings) -> World:
    """Funded wallets, the mint and everyone's tokens: no battery yet."""
    return await beginnings.prepared(World, program, chain)


@pytest.fixture
async def world(empty_world: World, beginnings: Beginnings) -> World:
    """The operator's battery, with the owner, the neighbour and the thief as its members."""
    return await beginnings.started(empty_world)


@pytest.fixture(scope="session")
def metering_program(chain: EmbeddedChain) -> Program:
    return metering.load_program(chain.client(), funded(chain))


@pytest.fixture
async def empty_metered(chain: EmbeddedChain, metering_program: Program, beginnings: Beginnings) -> Metered:
    """Funded wallets at noon: no issuer yet."""
    return await beginnings.prepared(Metered, metering_program, chain)


@pytest.fixture
async def metered(empty_metered: Metered, beginnings: Beginnings) -> Metered:
    """The operator's issuer, an hour after the owner, the neighbour and the thief got meters, at noon."""
    return await beginnings.started(empty_metered)


@pytest.fixture(scope="session")
def market_program(chain: EmbeddedChain) -> Program:
    return market.load_program(chain.client(), funded(chain))


@pytest.fixture
async def empty_trading(chain: EmbeddedChain, market_program: Program, beginnings: Beginnings) -> Trading:
    """Funded wallets, both mints and everyone's tokens: no market yet."""
    return await beginnings.prepared(Trading, market_program, chain)


@pytest.fixture
async def trading(empty_trading: Trading, beginnings: Beginnings) -> Trading:
    """The operator's market and an open auction, with accounts of the owner, the neighbour and the thief."""
    return await beginnings.started(empty_trading)


@pytest.fixture(scope="session")
def plant_program(chain: EmbeddedChain) -> Program:
    return plant.load_program(chain.client(), funded(chain))


@pytest.fixture
async def empty_dispatching(
    chain: EmbeddedChain, plant_program: Program, beginnings: Beginnings
) -> Dispatching:
    """Funded wallets at noon, both mints and everyone's tokens: no plant yet."""
    return await beginnings.prepared(Dispatching, plant_program, chain)


@pytest.fixture
async def dispatching(empty_dispatching: Dispatching, beginnings: Beginnings) -> Dispatching:
    """The operator's plant, with a dispatch to which the owner, the neighbour and the thief can commit."""
    return await beginnings.started(empty_dispatching)
