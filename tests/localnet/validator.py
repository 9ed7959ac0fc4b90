"""A validator in a process of its own: Surfpool's, which npm carries built."""

import json
import shutil
import subprocess
import tempfile
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
    errors: Path  # what it has said


@contextmanager
def running() -> Iterator[Validator]:
    """A new validator, empty but for Solana's own programs. Raises UnavailableError."""
    node = installed(HERE)
    with (
        tempfile.NamedTemporaryFile(prefix="validator-", suffix=".log") as log,
        subprocess.Popen(
            [node, HERE / "validator.js"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        line = process.stdout.readline()
        errors = Path(log.name)
        if not line:
            raise UnavailableError(f"the validator does not start: {errors.read_text().strip()}")
        found = json.loads(line)
        payer = Keypair.from_bytes(bytes(found["payer"]))
        yield Validator(found["url"], found["websocketUrl"], payer, errors)
        process.stdin.close()


def installed(folder: Path) -> str:
    """Node, once the packages that a folder names are there. Raises UnavailableError."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise UnavailableError("node and npm are not on PATH: apt-get install nodejs npm")
    found = folder / "node_modules/.package-lock.json"
    wanted = folder / "package-lock.json"
    if not found.exists() or found.stat().st_mtime < wanted.stat().st_mtime:
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_INSTALL_S)
        if done.returncode:
            raise UnavailableError(f"npm cannot install what {wanted} names: {done.stderr.strip()[-300:]}")
    return node
