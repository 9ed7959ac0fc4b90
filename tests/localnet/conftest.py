"""The tests of the program on a real validator: through RPC and WebSocket, as on a cluster.

`program` and `metering` are links to `tests/unit`, and so is `test_deploy.py`: the same tests, with the
fixtures of this file.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import pytest
from anchorpy import Idl, Program, Provider, Wallet
from solana.rpc.async_api import AsyncClient
from solana.rpc.types import TxOpts
from solders.commitment_config import CommitmentLevel
from solders.keypair import Keypair
from solders.rpc.config import RpcSignatureSubscribeConfig
from solders.rpc.requests import SignatureSubscribe
from solders.rpc.responses import SignatureNotification, SubscriptionResult, parse_websocket_message
from solders.signature import Signature
from solders.transaction import VersionedTransaction
from websockets.asyncio.client import ClientConnection, connect

from amalgam import rpc
from amalgam.deploy import Deployment
from amalgam.program_id import Program as ProgramName
from tests.localnet.validator import UnavailableError, Validator, running
from tests.metered import Metered
from tests.world import World

HERE = Path(__file__).parent
IDL = ProgramName.ENERGY_ALLOCATION.idl.read_text()
_PATIENCE_S = 15
_SENDINGS = 4


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What travels in time or forges accounts is for the embedded chain."""
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


async def _deploy(validator: Validator, name: ProgramName) -> None:
    async with rpc.connect([validator.url]) as connection:
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
    async with rpc.connect([localnet.url]) as connection:
        yield connection


@pytest.fixture
def validator() -> Iterator[Validator]:
    """One of a test's own: it takes a moment to start, and the longer the more it holds."""
    with _started() as validator:
        yield validator


@pytest.fixture
async def connection(validator: Validator) -> AsyncIterator[AsyncClient]:
    async with rpc.connect([validator.url]) as connection:
        yield connection


@pytest.fixture
def payer(validator: Validator) -> Keypair:
    return validator.payer


class _WebSocketProvider(Provider):
    """Learns from a subscription, not by asking, that a transaction is confirmed."""

    def __init__(self, connection: AsyncClient, wallet: Wallet, socket: ClientConnection) -> None:
        super().__init__(connection, wallet)
        self._socket = socket

    async def send(self, tx: VersionedTransaction, opts: TxOpts | None = None) -> Signature:  # noqa: ARG002
        signature = tx.signatures[0]
        config = RpcSignatureSubscribeConfig(CommitmentLevel.Confirmed)
        await self._socket.send(SignatureSubscribe(signature, config).to_json())
        assert isinstance(await self._received(), SubscriptionResult)
        for _ in range(_SENDINGS):  # the same bytes again, where a busy validator has dropped them
            await self.connection.send_raw_transaction(bytes(tx), TxOpts(skip_preflight=True))
            with suppress(TimeoutError):
                assert isinstance(await self._received(), SignatureNotification)
                return signature
        raise AssertionError(f"{signature} is not confirmed after {_SENDINGS * _PATIENCE_S} s")

    async def _received(self) -> object:
        message = await asyncio.wait_for(self._socket.recv(), _PATIENCE_S)
        (parsed,) = parse_websocket_message(message)
        return parsed


@asynccontextmanager
async def _program(localnet: Validator, cluster: AsyncClient, name: ProgramName) -> AsyncIterator[Program]:
    async with connect(localnet.websocket_url) as socket:
        provider = _WebSocketProvider(cluster, Wallet(localnet.payer), socket)
        yield Program(Idl.from_json(name.idl.read_text()), name.program_id, provider)


@pytest.fixture
async def program(localnet: Validator, cluster: AsyncClient) -> AsyncIterator[Program]:
    async with _program(localnet, cluster, ProgramName.ENERGY_ALLOCATION) as program:
        yield program


@pytest.fixture
async def empty_world(request: pytest.FixtureRequest, program: Program) -> World:
    world = World(program, request.node.nodeid, None)
    await world.prepare()
    return world


@pytest.fixture
async def empty_metered(
    request: pytest.FixtureRequest, metering_localnet: Validator, cluster: AsyncClient
) -> AsyncIterator[Metered]:
    async with _program(metering_localnet, cluster, ProgramName.ENERGY_METERING) as program:
        metered = Metered(program, request.node.nodeid, None)
        await metered.fund()
        yield metered
