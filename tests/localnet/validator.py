"""A validator in a process of its own: Surfpool's, which npm carries built.

Its clock stands still, at the present when it starts, unless it is set; and it can only be set ahead.
"""

import fcntl
import json
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

from solana.rpc.async_api import AsyncClient
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.sysvar import CLOCK

from amalgam.chain import rpc

HERE = Path(__file__).parent
_INSTALL_S = 300


class UnavailableError(Exception):
    """Why there is no validator on this machine."""


class Validator(NamedTuple):
    """What it does whatever a chain's rules say, it does by the names of EmbeddedChain."""

    url: str
    websocket_url: str
    payer: Keypair  # who has 100,000 SOL

    def client(self) -> AsyncClient:
        return rpc.connect([self.url])

    @property
    def unix_timestamp(self) -> int:
        clock = self._asked("getAccountInfo", str(CLOCK), {"encoding": "base64"})["value"]
        return int.from_bytes(b64decode(clock["data"][0])[32:40], "little", signed=True)

    @unix_timestamp.setter
    def unix_timestamp(self, seconds: int) -> None:
        if seconds != self.unix_timestamp:  # some milliseconds of which may have passed
            self._asked("surfnet_timeTravel", {"absoluteTimestamp": seconds * 1_000})

    def set_account(self, address: Pubkey, account: Account) -> None:
        content = {"lamports": account.lamports, "owner": str(account.owner), "data": account.data.hex()}
        self._asked("surfnet_setAccount", str(address), content)

    def add_program(self, program_id: Pubkey, code: Path) -> None:
        self._asked("surfnet_writeProgram", str(program_id), code.read_bytes().hex(), 0)

    def _asked(self, method: str, *params: object) -> Any:
        body = json.dumps({"jsonrpc": "2.0", "id": 0, "method": method, "params": params})
        request = Request(self.url, body.encode(), {"Content-Type": "application/json"})  # noqa: S310
        with urlopen(request) as response:  # noqa: S310 (a validator of ours)
            answer = json.load(response)
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]


@contextmanager
def running() -> Iterator[Validator]:
    """A new validator, empty but for Solana's own programs. Raises UnavailableError."""
    command = [installed(HERE), HERE / "validator.js"]
    # Its errors go where the test's own go, and so into the report of a test that fails.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            if not line:
                raise UnavailableError(f"the validator does not start: {' '.join(map(str, command))}")
            found = json.loads(line)
            payer = Keypair.from_bytes(bytes(found["payer"]))
            validator = Validator(found["url"], found["websocketUrl"], payer)
            validator._asked("surfnet_pauseClock")  # no blocks without transactions
            yield validator
        finally:
            process.kill()


def installed(folder: Path) -> str:
    """Node, once the packages that a folder names are there. Raises UnavailableError."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise UnavailableError("node and npm are not on PATH: apt-get install nodejs npm")
    found, wanted = folder / "node_modules/.package-lock.json", folder / "package-lock.json"
    with wanted.open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several that run tests at once, one installs
        if found.exists() and found.stat().st_mtime >= wanted.stat().st_mtime:
            return node
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_INSTALL_S)
    if done.returncode:
        raise UnavailableError(f"npm cannot install what {wanted} names: {done.stderr.strip()[-300:]}")
    return node
