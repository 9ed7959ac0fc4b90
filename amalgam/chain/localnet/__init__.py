"""A cluster of one's own: Surfpool's validator, which npm carries built, in a process beside this one.

Its clock stands still, at the present when it starts, unless it is set; and it can only be set ahead.
"""

import asyncio
import fcntl
import json
import os
import platform
import shutil
import subprocess
import time
from asyncio import StreamReader, StreamWriter
from base64 import b64decode
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from solana.rpc.async_api import AsyncClient
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.sysvar import CLOCK

from amalgam import AmalgamError
from amalgam.chain import rpc

HERE = Path(__file__).parent
OLDEST_NODE = 18
_INSTALL_S = 600
_ANSWER_S = 30
_SETTINGS = 4  # of the clock, before a validator that is too busy is given up
_FOLLOWED_S = 0.1  # so late is its clock, if it answers at once


class UnavailableError(AmalgamError):
    """Why there is no validator on this machine: one line, with what to do about it."""


class EndedError(UnavailableError):
    """A validator has ended by itself."""


class BusyError(AmalgamError):
    """A validator has not done what it was asked to, or not in time; it may have yet."""


class Validator(NamedTuple):
    """A running validator. Its methods beyond a chain's rules have the names of EmbeddedChain's."""

    url: str
    websocket_url: str
    payer: Keypair  # who has 100,000 SOL
    process: "subprocess.Popen[str]"

    def client(self) -> AsyncClient:
        """A connection, which is the caller's to close."""
        return rpc.connect([self.url])

    @property
    def unix_timestamp(self) -> int:
        """Its clock, in seconds."""
        clock = self.asked("getAccountInfo", str(CLOCK), {"encoding": "base64"})["value"]
        return int.from_bytes(b64decode(clock["data"][0])[32:40], "little", signed=True)

    @unix_timestamp.setter
    def unix_timestamp(self, seconds: int) -> None:
        for last in (False,) * (_SETTINGS - 1) + (True,):
            try:
                if seconds != self.unix_timestamp:  # some milliseconds of which may have passed
                    self.asked("surfnet_timeTravel", {"absoluteTimestamp": seconds * 1_000})
            except BusyError:  # it sets the clock late, or not at all
                if last:
                    raise
            else:
                return

    def set_account(self, address: Pubkey, account: Account) -> None:
        """Put an account in the place of the one at an address."""
        content = {"lamports": account.lamports, "owner": str(account.owner), "data": account.data.hex()}
        self.asked("surfnet_setAccount", str(address), content)

    def add_program(self, program_id: Pubkey, code: Path) -> None:
        """Put a program at an address."""
        self.asked("surfnet_writeProgram", str(program_id), code.read_bytes().hex(), 0)

    def asked(self, method: str, *params: object) -> Any:
        """The answer to a request. Raises BusyError."""
        body = json.dumps({"jsonrpc": "2.0", "id": 0, "method": method, "params": params})
        request = Request(self.url, body.encode(), {"Content-Type": "application/json"})  # noqa: S310
        try:
            with urlopen(request, timeout=_ANSWER_S) as response:  # noqa: S310 (a validator of ours)
                answer = json.load(response)
        except (OSError, HTTPException, ValueError) as error:
            raise BusyError(f"{method}: {error}") from error
        if "error" in answer:
            raise BusyError(f"{method}: {answer['error']}")
        return answer["result"]


@contextmanager
def running() -> Generator[Validator]:
    """A new validator, empty but for Solana's own programs. Raises UnavailableError."""
    folder = cache()
    command = [installed(HERE, folder), str(HERE / "validator.js")]
    environment = os.environ | {"NODE_PATH": str(folder / "node_modules")}
    # Its errors go where this process's own go. Ctrl-C is for this process, which then ends that one.
    with subprocess.Popen(  # noqa: S603 (ours)
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line:
                raise UnavailableError(f"the validator does not start: {' '.join(command)}")
            found = json.loads(line)
            payer = Keypair.from_bytes(bytes(found["payer"]))
            validator = Validator(found["url"], found["websocketUrl"], payer, process)
            validator.asked("surfnet_pauseClock")  # no blocks without transactions
            yield validator
        finally:
            process.kill()


async def serve(port: int, begun: Callable[[], object]) -> None:
    """Run a validator at a port of this machine, with its WebSocket at the next, until this is cancelled.

    Its clock is this machine's. `begun` is called once it answers. Raises UnavailableError.
    """
    ready: asyncio.Future[Validator] = asyncio.get_running_loop().create_future()
    try:
        servers = [await relay(port, ready, "url"), await relay(port + 1, ready, "websocket_url")]
    except OSError as error:
        raise UnavailableError(
            f"ports {port} and {port + 1}: {os.strerror(error.errno or 0)}; "
            "is there a localnet already? End it, or choose another --port"
        ) from None
    with running() as validator:
        ready.set_result(validator)
        begun()
        while validator.process.poll() is None:
            await asyncio.to_thread(follow, validator)
            await asyncio.sleep(_FOLLOWED_S)
    for server in servers:
        server.close()
    raise EndedError(f"the validator has ended, with exit code {validator.process.returncode}")


async def relay(port: int, ready: "asyncio.Future[Validator]", name: str) -> asyncio.Server:
    """Pass on what comes to a port of this machine: a validator chooses its own."""

    async def pass_on(reader: StreamReader, writer: StreamWriter) -> None:
        with closing(writer), suppress(ConnectionError):
            while some := await reader.read(2**16):
                writer.write(some)
                await writer.drain()

    async def connected(reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(asyncio.CancelledError, OSError):  # in the end
            url: str = getattr(await ready, name)
            there = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
            await asyncio.gather(pass_on(reader, there[1]), pass_on(there[0], writer))

    return await asyncio.start_server(connected, "127.0.0.1", port)


def follow(validator: Validator) -> None:
    """Set its clock to this machine's, unless it is ahead. One that is busy is left as it is."""
    with suppress(BusyError):
        validator.unix_timestamp = max(int(time.time()), validator.unix_timestamp)


# What npm has to bring


def cache() -> Path:
    """The folder in which the validator is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "amalgam/localnet"


def installed(packages: Path, folder: Path, say: Callable[[str], object] = lambda _: None) -> str:
    """Node, once what it needs is there. Raises UnavailableError.

    Args:
        packages: The folder of a package.json and its lock.
        folder: Where what they name is installed.
        say: Called before something is fetched.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise UnavailableError("node and npm are not on PATH; on Debian: apt-get install nodejs npm")
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    version = asked.stdout.strip()
    major = version.removeprefix("v").partition(".")[0]
    if not major.isdecimal() or int(major) < OLDEST_NODE:
        raise UnavailableError(f"{node} is of version {version}; install version {OLDEST_NODE} or later")
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise UnavailableError("the validator is built for Linux on amd64 alone; use devnet")
    try:
        _install(npm, packages, folder, say)
    except OSError as error:
        raise UnavailableError(
            f"{folder}: {error.strerror}; make it writable, or name another folder in XDG_CACHE_HOME"
        ) from None
    return node


def _install(npm: str, packages: Path, folder: Path, say: Callable[[str], object]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    found, lock = folder / "node_modules/.package-lock.json", folder / "package-lock.json"
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # of several that want the same, one installs
        for name in ("package.json", "package-lock.json"):
            content = (packages / name).read_bytes()
            if not (folder / name).exists() or (folder / name).read_bytes() != content:
                (folder / name).write_bytes(content)
        if found.exists() and found.stat().st_mtime >= lock.stat().st_mtime:
            return
        say(f"fetching the validator, once, into {folder}")
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(  # noqa: S603 (npm)
            command, cwd=folder, capture_output=True, text=True, timeout=_INSTALL_S, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"npm has fetched nothing in {_INSTALL_S} s; try again") from None
    finally:
        os.close(descriptor)
    if done.returncode:
        said = " ".join(done.stderr.split())[-300:]
        raise UnavailableError(f"npm cannot fetch the validator into {folder}: {said}")
