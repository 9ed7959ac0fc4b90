"""What nodes answer that solders does not expect, and where they are."""

from collections.abc import Generator
from typing import Any

import pytest
from solana.rpc.core import RPCException
from solana.rpc.types import TxOpts

from amalgam.chain import rpc
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.rpc import NodeError, connect
from tests.support.node import Node


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
