"""A cluster to try things on: the tests' validator, where `--url localnet` looks for one, until Ctrl-C."""

import asyncio
import sys
import time
from asyncio import StreamReader, StreamWriter
from contextlib import closing, suppress
from urllib.parse import urlsplit

from amalgam.chain.rpc import CLUSTERS
from tests.localnet.validator import UnavailableError, Validator, running

_PORT = urlsplit(CLUSTERS["localnet"].url).port  # of its WebSocket, as everywhere: the next one
_FOLLOWED_S = 0.1  # so late is its clock, at most


async def relay(port: int, url: str) -> asyncio.Server:
    """Pass on what comes to a port of this machine: the validator chooses its own."""

    async def pass_on(reader: StreamReader, writer: StreamWriter) -> None:
        with closing(writer), suppress(ConnectionError):
            while some := await reader.read(2**16):
                writer.write(some)
                await writer.drain()

    async def connected(reader: StreamReader, writer: StreamWriter) -> None:
        there = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
        await asyncio.gather(pass_on(reader, there[1]), pass_on(there[0], writer))

    return await asyncio.start_server(connected, "127.0.0.1", port)


def follow(validator: Validator) -> None:
    """Set its clock, which otherwise stands still, to this machine's."""
    validator.unix_timestamp = max(int(time.time()), validator.unix_timestamp)


async def _run() -> None:
    with running() as validator:
        await relay(_PORT, validator.url)
        await relay(_PORT + 1, validator.websocket_url)
        print(f"{CLUSTERS['localnet'].url} is a new cluster, without any program, until Ctrl-C")
        while True:
            await asyncio.sleep(_FOLLOWED_S)
            await asyncio.to_thread(follow, validator)


if __name__ == "__main__":
    try:
        asyncio.run(_run())
    except KeyboardInterrupt:
        print()
    except UnavailableError as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"{error.strerror}: is there a localnet already?")
