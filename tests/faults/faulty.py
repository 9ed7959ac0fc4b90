"""A node between client and chain that fails in all the ways nodes fail."""

import json
import socket
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Callable
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler
from typing import Any

from solders.transaction import VersionedTransaction

from amalgam.chain.embedded import EmbeddedChain
from tests.support.node import TURN, Node, reply

SLOW_S = 0.4  # longer than the tests' clients wait
BEHIND_BLOCKS = 40


class Fault(Enum):
    """What goes wrong with one request."""

    CUT = auto()  # the connection, before the node has read it
    LOST_ANSWER = auto()  # the node has done it, and the connection is cut
    BUSY = auto()  # 429
    BROKEN = auto()  # 502
    SLOW = auto()  # done, and answered after the client has given up
    GARBAGE = auto()  # a page for people
    TRUNCATED = auto()  # half an answer
    UNHEALTHY = auto()  # a node that says it is behind
    BEHIND = auto()  # a node that is behind and does not know
    DROPPED = auto()  # a transaction taken, and never passed on
    EXPIRING = auto()  # so many blocks pass that every blockhash given out before has expired


class FaultyNode(Node):
    """Asks `choose` for each request what is to go wrong with it; None for nothing."""

    def __init__(self, chain: EmbeddedChain, choose: Callable[[str], Fault | None]) -> None:
        super().__init__(chain)
        self.choose = choose
        self.faults: Counter[Fault] = Counter()
        self._given_out: list[dict[str, Any]] = []  # blockhashes, as a node behind goes on giving them out
        self.fees: list[int] = []  # what getRecentPrioritizationFees tells

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["method"] == "getRecentPrioritizationFees":
            fees = [{"slot": self.chain.slot, "prioritizationFee": fee} for fee in self.fees]
            return {"jsonrpc": "2.0", "result": fees, "id": request["id"]}
        return super().answer(request)

    def respond(self, handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        fault = self.choose(request["method"])
        if fault is not None:
            self.faults[fault] += 1
        match fault:
            case Fault.CUT:
                _cut(handler)
            case Fault.LOST_ANSWER:
                self.answer(request)
                _cut(handler)
            case Fault.BUSY:
                reply(handler, "Too many requests", 429)
            case Fault.BROKEN:
                reply(handler, "Bad gateway", 502)
            case Fault.SLOW:
                self.answer(request)
                time.sleep(SLOW_S)
                _cut(handler)
            case Fault.GARBAGE:
                reply(handler, "<html>It works!</html>")
            case Fault.TRUNCATED:
                text = json.dumps(self.answer(request))
                reply(handler, text[: len(text) // 2])
            case Fault.UNHEALTHY:
                error = {"code": -32005, "message": "Node is behind", "data": {"numSlotsBehind": 99}}
                reply(handler, json.dumps({"jsonrpc": "2.0", "error": error, "id": request["id"]}))
            case Fault.BEHIND:
                reply(handler, json.dumps(self._as_before(request)))
            case Fault.DROPPED if request["method"] == "sendTransaction":
                wire = VersionedTransaction.from_bytes(b64decode(request["params"][0]))
                answer = {"jsonrpc": "2.0", "result": str(wire.signatures[0]), "id": request["id"]}
                reply(handler, json.dumps(answer))
            case Fault.EXPIRING:
                with TURN:
                    for _ in range(151):
                        self.chain.end_block()
                reply(handler, json.dumps(self.answer(request)))
            case _:
                super().respond(handler, request)

    def _as_before(self, request: dict[str, Any]) -> dict[str, Any]:
        """What a node some blocks behind would say."""
        answer = self.answer(request)
        result = answer.get("result")
        match request["method"]:
            case "getSignatureStatuses":
                result["context"]["slot"] -= BEHIND_BLOCKS
                result["value"] = [None] * len(result["value"])
            case "getEpochInfo":
                result["absoluteSlot"] = max(0, result["absoluteSlot"] - BEHIND_BLOCKS)
                result["blockHeight"] = max(0, result["blockHeight"] - BEHIND_BLOCKS)
            case "getLatestBlockhash":
                self._given_out.append(result["value"])
                result["value"] = self._given_out[-BEHIND_BLOCKS:][0]
            case _:
                pass
        return answer


def _cut(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)
