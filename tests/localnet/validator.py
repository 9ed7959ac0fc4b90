"""A validator in a process of its own: Surfpool's, which npm carries built."""

import fcntl
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from solders.keypair import Keypair

HERE = Path(__file__).parent
_INSTALL_S = 300


class UnavailableError(Exception):
    """Why there is no validator on this machine."""


class Validator(NamedTuple):
    url: str
    websocket_url: str
    payer: Keypair  # who has 100,000 SOL


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
            yield Validator(found["url"], found["websocketUrl"], payer)
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
