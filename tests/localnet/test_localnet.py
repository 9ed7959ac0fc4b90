"""`amalgam localnet`, and what it is made of: a validator that may be busy, late, missing or dead."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from amalgam.chain import localnet as cluster
from amalgam.chain import rpc
from amalgam.chain.localnet import BusyError, Validator, follow
from tests.support.stage import NOON, ROOT

COMMAND = (sys.executable, "-c", "from amalgam.cli import app; app()", "localnet")
IGNORING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
os.execv(sys.argv[1], sys.argv[1:])
"""
_PATIENCE_S = 120


def free_port() -> int:
    """One that is free, and the next one too."""
    while True:
        with socket.socket() as one, socket.socket() as next_one:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
            try:
                next_one.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


@contextmanager
def started(*command: str, port: int) -> Generator[subprocess.Popen[str]]:
    """The command, once it says where its cluster is."""
    with subprocess.Popen(
        [*command, "--port", str(port)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        try:
            assert process.stdout
            url = f"http://127.0.0.1:{port}"
            assert process.stdout.readline() == (
                f"A new cluster, without any program, is at {url} until Ctrl-C: --url {url}\n"
            )
            yield process
        finally:
            process.kill()


def validator_of(process: subprocess.Popen[str]) -> int:
    """Its id."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    (found,) = [pid for pid in children if "validator.js" in Path(f"/proc/{pid}/cmdline").read_text()]
    return int(found)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def clock(url: str) -> int:
    async with rpc.connect([url]) as connection:
        return await rpc.clock(connection)


async def hears_of_slots(url: str) -> bool:
    async with connect(rpc.websocket_url(url)) as socket:
        await socket.send('{"jsonrpc": "2.0", "id": 0, "method": "slotSubscribe"}')
        return '"result"' in str(await socket.recv())


@pytest.mark.parametrize(
    ("command", "number"),
    [
        pytest.param(COMMAND, signal.SIGINT, id="by Ctrl-C"),
        pytest.param(COMMAND, signal.SIGTERM, id="by a supervisor"),
        pytest.param(
            (sys.executable, "-c", IGNORING, *COMMAND), signal.SIGINT, id="with SIGINT ignored by its parent"
        ),
    ],
)
def test_a_cluster_of_this_machine_until_it_is_ended(command: tuple[str, ...], number: int) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with started(*command, port=port) as process:
        validator = validator_of(process)
        begun = asyncio.run(clock(url))
        assert asyncio.run(hears_of_slots(url))
        deadline = time.monotonic() + _PATIENCE_S
        while asyncio.run(clock(url)) < begun + 2:
            assert time.monotonic() < deadline
        assert asyncio.run(clock(url)) <= time.time()

        process.send_signal(number)
        assert process.communicate(timeout=_PATIENCE_S) == ("\n", "")

    assert process.returncode == 0
    assert not is_alive(validator)


def test_a_port_that_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run([*COMMAND, "--port", str(port)], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"amalgam: ports {port} and {port + 1}: Address already in use; "
        "is there a localnet already? End it, or choose another --port\n"
    )


def test_a_validator_that_ends_by_itself() -> None:
    with started(*COMMAND, port=free_port()) as process:
        os.kill(validator_of(process), signal.SIGKILL)
        output = process.communicate(timeout=_PATIENCE_S)
    assert (process.returncode, *output) == (4, "", "amalgam: the validator has ended, with exit code -9\n")


def refusal(path: str, **more: str) -> tuple[int, str]:
    environment = os.environ | {"PATH": path} | more
    done = subprocess.run(COMMAND, capture_output=True, text=True, cwd=ROOT, env=environment)
    return done.returncode, done.stderr


def test_a_machine_without_what_it_needs(tmp_path: Path) -> None:
    assert refusal(str(tmp_path)) == (
        2,
        "amalgam: node and npm are not on PATH; on Debian: apt-get install nodejs npm\n",
    )
    for name in ("node", "npm"):
        script = tmp_path / name
        script.write_text("#!/bin/sh\necho v12.22.12\n")
        script.chmod(0o755)
    assert refusal(f"{tmp_path}:/usr/bin:/bin") == (
        2,
        f"amalgam: {tmp_path}/node is of version v12.22.12; install version 18 or later\n",
    )
    (tmp_path / "node").write_text("#!/bin/sh\necho v20.0.0\n")
    (tmp_path / "npm").write_text("#!/bin/sh\necho 'npm error network' >&2\nexit 1\n")
    folder = tmp_path / "amalgam/localnet"
    assert refusal(f"{tmp_path}:/usr/bin:/bin", XDG_CACHE_HOME=str(tmp_path)) == (
        2,
        f"amalgam: fetching the validator, once, into {folder}\n"
        f"amalgam: npm cannot fetch the validator into {folder}: npm error network\n",
    )
    (tmp_path / "file").touch()
    assert refusal(f"{tmp_path}:/usr/bin:/bin", XDG_CACHE_HOME=str(tmp_path / "file")) == (
        2,
        f"amalgam: {tmp_path}/file/amalgam/localnet: Not a directory; "
        "make it writable, or name another folder in XDG_CACHE_HOME\n",
    )


# The clock


def test_its_clock_follows_that_of_this_machine(validator: Validator) -> None:
    begun = validator.unix_timestamp
    while int(time.time()) == begun:
        time.sleep(0.1)
    follow(validator)
    assert begun < validator.unix_timestamp <= time.time()

    validator.unix_timestamp = NOON
    follow(validator)
    assert validator.unix_timestamp == NOON


@contextmanager
def stopped(validator: Validator) -> Generator[None]:
    """As if the machine had no time for it."""
    validator.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        validator.process.send_signal(signal.SIGCONT)


def test_a_busy_validator_answers_late_and_is_followed_again(
    validator: Validator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_ANSWER_S", 0.2)
    begun = validator.unix_timestamp
    with stopped(validator):
        time.sleep(1.1)
        follow(validator)
        with pytest.raises(BusyError):
            validator.unix_timestamp = NOON
    monkeypatch.setattr(cluster, "_ANSWER_S", 30)
    follow(validator)
    assert begun < validator.unix_timestamp


def test_a_clock_that_is_set_late_is_set(validator: Validator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_ANSWER_S", 2)
    with stopped(validator):
        threading.Timer(3, validator.process.send_signal, [signal.SIGCONT]).start()
        validator.unix_timestamp = NOON
    assert validator.unix_timestamp == NOON
