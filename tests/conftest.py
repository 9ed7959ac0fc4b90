"""Fixtures of the tests that drive the programs: one chain for all, and the modules with those of each."""

import os
import signal
import threading
from collections.abc import Generator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import typer.testing
from anchorpy import Program
from solders.keypair import Keypair

from amalgam.chain.embedded import EmbeddedChain
from amalgam.programs import Program as ProgramName
from tests.differential.lockstep import LockstepChain
from tests.support.stage import Beginnings, Load, loaded

pytest_plugins = [f"tests.support.{name.package}" for name in ProgramName]

FEE_PAYER_LAMPORTS = 10**15
# Seconds for a test in one of these folders, beyond what pyproject.toml gives all others.
LIMITS_S = {
    "browser": 900,
    "faults": 900,
    "guides": 900,
    "localnet": 1_800,
    "toolchain": 1_800,
    "stateful": 3_600,
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine", choices=("litesvm", "python", "both"), default="litesvm", help="what runs the programs"
    )
    parser.addoption(
        "--sbf", choices=("v0", "v3"), default="v3", help="what a validator runs: LiteSVM takes v0 alone"
    )
    parser.addoption(
        "--metadata-program",
        type=Path,
        help="Program Metadata as a cluster has it (solana program dump), for what needs it",
    )


def pytest_configure() -> None:
    """A shell's background command has SIGINT ignored, and so has what it starts: tests send it.

    Small tables take Polars' threads longer to share than to compute, if other tests have the cores.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # It makes all commands anew for each that is invoked, in an eighth of a second.
    typer.testing._get_command = cache(typer.testing._get_command)
    os.environ.setdefault("POLARS_MAX_THREADS", "1")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--metadata-program") is None:
        items[:] = [item for item in items if item.get_closest_marker("metadata_program") is None]
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


@pytest.fixture(scope="session", autouse=True)
def no_server_outlives_its_test() -> Generator[None]:
    """One whose socket is closed takes all of a core, and makes each later test several times longer."""
    yield
    assert [each.name for each in threading.enumerate() if "serve_forever" in each.name] == []


@pytest.fixture(scope="session")
def chain(request: pytest.FixtureRequest) -> EmbeddedChain:
    """With all programs: the code that their modules have, as a mutant's; their sources; or both."""
    engine = request.config.getoption("--engine")
    chain = LockstepChain() if engine == "both" else EmbeddedChain()
    for name in ProgramName:
        code = import_module(f"tests.support.{name.package}").PROGRAM_BYTES
        if isinstance(chain, LockstepChain):
            chain.add_both(name.program_id, code, name.source)
        else:
            chain.add_program(name.program_id, name.source if engine == "python" else code)
    return chain


@pytest.fixture(scope="session")
def load(chain: EmbeddedChain) -> Load:
    """A program of it, once, with a fee payer of its own."""

    @cache
    def load(name: ProgramName) -> Program:
        fee_payer = Keypair()
        chain.airdrop(fee_payer.pubkey(), FEE_PAYER_LAMPORTS)
        return loaded(name, chain.client(), fee_payer)

    return load


@pytest.fixture(scope="session")
def beginnings() -> Beginnings:
    return Beginnings("all tests")
