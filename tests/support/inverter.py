"""A solar inverter of the tests' own: pymodbus' server with SunSpec models, over a socket, in a thread."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

_SCALES = {24: 26, 38: 54}  # where the scale factor is, by where the accumulator is


def sunspec(*models: tuple[int, int, int, int, int], end: bool = True) -> list[int]:
    """The map from "SunS" on: each model's number and length, accumulator, scale, and where they are or 0."""
    words = [0x5375, 0x6E53]
    for number, length, energy, scale, at in models:
        body = [number, length, *[0] * length]
        if at:
            body[at : at + 2] = energy >> 16, energy & 0xFFFF
            body[_SCALES[at]] = scale % 2**16
        words += body
    return words + [0xFFFF, 0] * end


def inverter(energy: int, scale: int = 0) -> list[int]:
    """The common block and a three-phase inverter."""
    return sunspec((1, 66, 0, 0, 0), (103, 50, energy, scale, 24))


@contextmanager
def served(words: list[int], *, base: int = 40_000, port: int = 0) -> Iterator[int]:
    """Answer for unit 1 with these registers: the port."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def begin() -> tuple[ModbusTcpServer, int]:
        data = SimData(base, values=words, datatype=DataType.REGISTERS)
        server = ModbusTcpServer(SimDevice(1, simdata=[data]), address=("127.0.0.1", port))
        await server.listen()
        return server, server.transport.sockets[0].getsockname()[1]

    server, found = asyncio.run_coroutine_threadsafe(begin(), loop).result()
    try:
        yield found
    finally:
        asyncio.run_coroutine_threadsafe(server.shutdown(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
