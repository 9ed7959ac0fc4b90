"""A solar inverter of the tests' own: SunSpec models over Modbus/TCP, over a socket, in threads."""

import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_NO_SUCH_ADDRESS = 2  # an exception's code
_SCALES = {24: 26, 38: 54, 19: 120}  # where the scale factor is, by where the accumulator is
_FORMATS = {19: ">Q", 32: ">f"}  # of what is not 32 bits


def sunspec(*models: tuple[int, int, float, int, int], end: bool = True) -> list[int]:
    """The map from "SunS" on: each model's number and length, accumulator, scale, and where they are or 0."""
    words = [0x5375, 0x6E53]
    for number, length, energy, scale, at in models:
        body = [number, length, *[0] * length]
        if at:
            put(body, at, struct.pack(_FORMATS.get(at, ">I"), energy))
        if at in _SCALES:
            body[_SCALES[at]] = scale % 2**16
        words += body
    return words + [0xFFFF, 0] * end


def named(words: list[int], *texts: str) -> list[int]:
    """The map with manufacturer, model and serial number in the common block that it begins with."""
    words = words.copy()
    for at, text in zip((4, 20, 52), texts, strict=True):
        put(words, at, text.encode().ljust(32, b"\0"))
    return words


def put(words: list[int], at: int, data: bytes) -> None:
    """Write bytes into registers."""
    words[at : at + len(data) // 2] = struct.unpack(f">{len(data) // 2}H", data)


def inverter(energy: int, scale: int = 0) -> list[int]:
    """The common block and a three-phase inverter."""
    return sunspec((1, 66, 0, 0, 0), (103, 50, energy, scale, 24))


@contextmanager
def served(words: list[int], *, base: int = 40_000, port: int = 0) -> Iterator[int]:
    """Answer with these registers, and for others that there are none: the port."""
    with answering(mapped(words, base, _NO_SUCH_ADDRESS), port=port) as found:
        yield found


@contextmanager
def answering(answer: Callable[[int, int], list[int] | int | None], *, port: int = 0) -> Iterator[int]:
    """Answer each request as a function says: the port.

    The function is given the first register and how many, and returns the registers, the code of an
    exception, or None to leave the request unanswered.
    """

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while head := self.rfile.read(12):
                transaction, _, _, unit, function, address, count = struct.unpack(">HHHBBHH", head)
                found = answer(address, count)
                if found is None:
                    continue
                if isinstance(found, int):
                    body = bytes([function | 0x80, found])
                else:
                    body = bytes([function, 2 * len(found)]) + struct.pack(f">{len(found)}H", *found)
                self.wfile.write(struct.pack(">HHHB", transaction, 0, len(body) + 1, unit) + body)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", port), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server.server_address[1]
        finally:  # else its thread would look at a closed socket as fast as it can
            server.shutdown()


def mapped(words: list[int], base: int, missing: int | None) -> Callable[[int, int], list[int] | int | None]:
    """Answers of a device that has these registers alone, and else answers with an exception or nothing."""

    def answer(address: int, count: int) -> list[int] | int | None:
        if address < base or address + count > base + len(words):
            return missing
        return words[address - base : address - base + count]

    return answer
