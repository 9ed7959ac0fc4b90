"""What nodes answer that solders does not expect, and where they are."""

from collections.abc import Generator
from http.server import BaseHTTPRequestHandler
from time import monotonic
from typing import Any

import pytest
from solana.rpc.core import RPCException
from solana.rpc.types import TxOpts

from amalgam.chain import rpc
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.rpc import NodeError, connect
from tests.support.node import Node, reply


class ErrorNode(Node):
    """Answers every request but that for the genesis hash with one error."""

    error: Any

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        if request["method"] == "getGenesisHash":
            return super().answer(request)
        return {"jsonrpc": "2.0", "error": self.error, "id": request["id"]}


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Generator[ErrorNode]:
    monkeypatch.setattr(rpc, "_PAUSE_S", 0.01)
    with ErrorNode(EmbeddedChain()) as node:
        yield node


BARE: list[dict[str, Any]] = [{}, {"data": None}, {"data": "more"}]


@pytest.mark.parametrize("data", BARE)
async def test_a_failed_preflight_without_its_data(node: ErrorNode, data: dict[str, Any]) -> None:
    """As some answer to bytes that they have already."""
    node.error = {"code": -32002, "message": "This transaction has already been processed", **data}
    async with connect([node.url]) as connection:
        with pytest.raises(RPCException) as refusal:
            await connection.send_raw_transaction(b"\0", TxOpts(skip_preflight=True))
    assert refusal.value.args[0].message == "This transaction has already been processed"


@pytest.mark.parametrize("data", BARE)
@pytest.mark.parametrize("code", [-32005, -32016])
async def test_another_node_is_asked_where_one_does_not_say_what_is_wrong_with_it(
    node: ErrorNode, code: int, data: dict[str, Any]
) -> None:
    node.error = {"code": code, "message": "Too many requests", **data}
    async with connect([node.url]) as connection:
        with pytest.raises(NodeError, match=f"^no usable answer from {node.url}: Too many requests; "):
            await connection.get_slot()
    with Node(node.chain) as other:
        async with connect([node.url, other.url]) as connection:
            assert (await connection.get_slot()).value == node.chain.slot


@pytest.mark.parametrize(
    ("node", "url"),
    [
        ("devnet", "wss://api.devnet.solana.com"),
        ("l", "ws://127.0.0.1:8900"),
        ("https://key@node.example:8443/rpc?token=1", "wss://key@node.example:8444/rpc?token=1"),
        ("http://[::1]:80/", "ws://[::1]:81/"),
    ],
)
def test_where_a_node_s_websocket_is(node: str, url: str) -> None:
    assert rpc.websocket_url(node) == url


class RefusingNode(Node):
    """Answers every request with an HTTP status, so often, and then as it should."""

    def __init__(self, chain: EmbeddedChain, status: int, times: int = 10**9, **headers: str) -> None:
        super().__init__(chain)
        self.status, self.times, self.headers = status, times, headers
        self.asked_at: list[float] = []

    def respond(self, handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        self.asked_at.append(monotonic())
        if len(self.asked_at) > self.times:
            super().respond(handler, request)
        else:
            reply(handler, "\x1b[31mno\n such\tkey \x00" + "x" * 999, self.status, **self.headers)


@pytest.mark.parametrize("status", [401, 403, 410])
async def test_a_node_that_refuses_for_good_is_asked_once(status: int) -> None:
    chain = EmbeddedChain()
    with RefusingNode(chain, status) as node:
        async with connect([node.url]) as connection:
            with pytest.raises(NodeError) as error:
                await connection.get_slot()
        assert len(node.asked_at) == 1
        said = str(error.value)
        assert said.startswith(f"no usable answer from {node.url}: HTTP {status} ")
        assert " [31mno such key xxx" in said
        assert said.isprintable()
        assert len(said) < 500
        with Node(chain) as other:
            async with connect([node.url, other.url]) as connection:
                assert (await connection.get_slot()).value == chain.slot


async def test_a_node_is_left_alone_as_long_as_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "_PAUSE_S", 0.0)
    with RefusingNode(EmbeddedChain(), 429, times=1, Retry_After="1") as node:
        async with connect([node.url]) as connection:
            await connection.get_slot()
        assert node.asked_at[1] - node.asked_at[0] >= 1


async def test_meanwhile_another_node_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "_PAUSE_S", 0.0)
    chain = EmbeddedChain()
    with RefusingNode(chain, 503, Retry_After="3600") as node, Node(chain) as other:
        async with connect([node.url, other.url]) as connection:
            for _ in range(3):
                await connection.get_slot()
        assert len(node.asked_at) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("3600", 60), ("", 0), ("soon", 0), ("-1", 0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0)],
)
def test_how_long_a_node_asks_for(header: str, seconds: float) -> None:
    assert rpc._retry_after_s(header) == seconds


@pytest.mark.parametrize("fee", [-1, "x", None, 2**64, 1.5, True, [], {}])
async def test_a_fee_that_is_no_number(fee: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "_PAUSE_S", 0.0)

    class FeeNode(Node):
        def answer(self, request: dict[str, Any]) -> dict[str, Any]:
            if request["method"] != "getRecentPrioritizationFees":
                return super().answer(request)
            return {"jsonrpc": "2.0", "result": [{"slot": 1, "prioritizationFee": fee}], "id": request["id"]}

    with FeeNode(EmbeddedChain()) as node:
        async with connect([node.url]) as connection:
            with pytest.raises(NodeError, match=f"^no usable answer from {node.url}: not an answer"):
                await rpc.recent_priority_fees(connection, [])


@pytest.mark.parametrize("height", [-1, "x", None, 2**64, 1.5, [], {}])
async def test_a_height_that_is_no_number(height: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "_PAUSE_S", 0.0)

    class HeightNode(Node):
        def answer(self, request: dict[str, Any]) -> dict[str, Any]:
            if request["method"] != "getBlockHeight":
                return super().answer(request)
            return {"jsonrpc": "2.0", "result": height, "id": request["id"]}

    with HeightNode(EmbeddedChain()) as node:
        async with connect([node.url]) as connection:
            with pytest.raises(NodeError, match=f"^no usable answer from {node.url}: not an answer"):
                await connection.get_block_height()


async def test_no_secret_of_a_url_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "_PAUSE_S", 0.0)
    with RefusingNode(EmbeddedChain(), 502) as node:
        secret = node.url.replace("//", "//user:sesame@") + "/sesame?api-key=sesame"
        async with connect([secret]) as connection:
            with pytest.raises(NodeError) as error:
                await connection.get_slot()
    assert node.url in str(error.value)
    assert "sesame" not in str(error.value)


class RepeatingNode(Node):
    """Refuses, and repeats the secrets in the URL that it was reached by."""

    def respond(self, handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:  # noqa: ARG002
        reply(handler, "no access: path-secret query-secret pass-secret", 403)


async def test_a_secret_that_a_node_repeats_is_not_shown() -> None:
    with RepeatingNode(EmbeddedChain()) as node:
        url = node.url.replace("//", "//user:pass-secret@") + "/v1/path-secret?api-key=query-secret"
        async with connect([url]) as connection:
            with pytest.raises(NodeError, match=r"no access: \*\*\* \*\*\* \*\*\*; check") as error:
                await connection.get_slot()
    assert "secret" not in str(error.value)
