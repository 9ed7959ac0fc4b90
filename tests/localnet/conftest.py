"""The tests of the programs on a real validator, through RPC as on a cluster.

`program`, `metering`, `market` and `plant` are links to `tests/unit`, and so are `test_deploy.py` and
`test_day.py`: the same tests, with the fixtures of this file. Each test of a program's rules has a validator
of its own, at noon, into which the program is put; that of a whole day and those of commands have the one to
which all programs are deployed by transactions.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest
from anchorpy import Idl, Program, Provider, Wallet
from solana.rpc.async_api import AsyncClient
from solana.rpc.types import TxOpts
from solders.keypair import Keypair
from solders.signature import Signature
from solders.transaction import VersionedTransaction
from solders.transaction_status import TransactionConfirmationStatus

from amalgam.deploy import Deployment
from amalgam.program_id import Program as ProgramName
from tests.localnet.validator import UnavailableError, Validator, running

HERE = Path(__file__).parent
IDL = ProgramName.ENERGY_ALLOCATION.idl.read_text()
_PATIENCE_S = 15
_PAUSE_S = 0.002
_SENDINGS = 4


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What goes back in time, or reads its token program, is for the embedded chain."""
    here = [item for item in items if item.path.is_relative_to(HERE)]
    impossible = [item for item in here if item.get_closest_marker("embedded")]
    config.hook.pytest_deselected(items=impossible)
    items[:] = [item for item in items if item not in impossible]


@contextmanager
def _started() -> Iterator[Validator]:
    try:
        with running() as validator:
            yield validator
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def localnet() -> Iterator[Validator]:
    """A validator with the battery's program, deployed by transactions as on any cluster."""
    with _started() as validator:
        asyncio.run(_deploy(validator, ProgramName.ENERGY_ALLOCATION))
        yield validator


@pytest.fixture(scope="session")
def metering_localnet(localnet: Validator) -> Validator:
    """The same with the program of meters too, once a test needs it."""
    asyncio.run(_deploy(localnet, ProgramName.ENERGY_METERING))
    return localnet


@pytest.fixture(scope="session")
def full_chain(metering_localnet: Validator) -> Validator:
    """The same with all programs: that takes minutes, and so only one test should need it."""
    for name in (ProgramName.ENERGY_MARKET, ProgramName.VIRTUAL_POWER_PLANT):
        asyncio.run(_deploy(metering_localnet, name))
    return metering_localnet


async def _deploy(validator: Validator, name: ProgramName) -> None:
    async with validator.client() as connection:
        deployment = Deployment(
            connection,
            validator.payer,
            name.code.read_bytes(),
            program_id=name.program_id,
            authority=validator.payer,
            program=name.keypair(),
            idl_json=name.idl.read_text(),
        )
        await deployment.carry_out(await deployment.plan())


@pytest.fixture
async def cluster(localnet: Validator) -> AsyncIterator[AsyncClient]:
    """A connection to it."""
    async with localnet.client() as connection:
        yield connection


@pytest.fixture
def validator() -> Iterator[Validator]:
    """One of a test's own: it takes a moment to start, and the longer the more it holds."""
    with _started() as validator:
        yield validator


@pytest.fixture
async def connection(validator: Validator) -> AsyncIterator[AsyncClient]:
    async with validator.client() as connection:
        yield connection


@pytest.fixture
def payer(validator: Validator) -> Keypair:
    return validator.payer


class _Provider(Provider):
    """Asks often whether a transaction is confirmed: a validator's subscriptions tell it 50 ms later."""

    async def send(self, tx: VersionedTransaction, opts: TxOpts | None = None) -> Signature:  # noqa: ARG002
        signature = tx.signatures[0]
        for _ in range(_SENDINGS):  # the same bytes again, where a busy validator has dropped them
            await self.connection.send_raw_transaction(bytes(tx), TxOpts(skip_preflight=True))
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_S):
                    await self._confirmed(signature)
                    return signature
        raise AssertionError(f"{signature} is not confirmed after {_SENDINGS * _PATIENCE_S} s")

    async def _confirmed(self, signature: Signature) -> None:
        while True:
            (status,) = (await self.connection.get_signature_statuses([signature])).value
            if status and status.confirmation_status != TransactionConfirmationStatus.Processed:
                return
            await asyncio.sleep(_PAUSE_S)


@asynccontextmanager
async def _program(validator: Validator, name: ProgramName) -> AsyncIterator[Program]:
    """A program of a new validator, through anchorpy."""
    validator.add_program(name.program_id, name.code)
    async with validator.client() as connection:
        provider = _Provider(connection, Wallet(validator.payer))
        yield Program(Idl.from_json(name.idl.read_text()), name.program_id, provider)


@pytest.fixture
def chain(validator: Validator) -> Validator:
    return validator


@pytest.fixture
async def program(chain: Validator) -> AsyncIterator[Program]:
    async with _program(chain, ProgramName.ENERGY_ALLOCATION) as program:
        yield program


@pytest.fixture
async def metering_program(chain: Validator) -> AsyncIterator[Program]:
    async with _program(chain, ProgramName.ENERGY_METERING) as program:
        yield program


@pytest.fixture
async def market_program(chain: Validator) -> AsyncIterator[Program]:
    async with _program(chain, ProgramName.ENERGY_MARKET) as program:
        yield program


@pytest.fixture
async def plant_program(chain: Validator) -> AsyncIterator[Program]:
    async with _program(chain, ProgramName.VIRTUAL_POWER_PLANT) as program:
        yield program
