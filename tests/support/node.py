"""A node of the tests' own: an embedded chain behind HTTP, as JSON-RPC, for what runs in another process."""

import asyncio
import json
import threading
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from based58 import b58decode
from solana.rpc.core import RPCException
from solders.account_decoder import UiAccountEncoding, UiDataSliceConfig
from solders.commitment_config import CommitmentLevel
from solders.hash import Hash
from solders.pubkey import Pubkey
from solders.rpc import errors, requests
from solders.rpc.config import (
    RpcAccountInfoConfig,
    RpcContextConfig,
    RpcProgramAccountsConfig,
    RpcSendTransactionConfig,
    RpcSignaturesForAddressConfig,
    RpcSignatureStatusConfig,
    RpcSimulateTransactionAccountsConfig,
    RpcSimulateTransactionConfig,
    RpcTokenAccountsFilterMint,
    RpcTokenAccountsFilterProgramId,
    RpcTransactionConfig,
)
from solders.rpc.filter import Memcmp
from solders.signature import Signature
from solders.transaction import VersionedTransaction
from solders.transaction_status import UiTransactionEncoding

from amalgam.chain.embedded import EmbeddedChain

NOON = int(datetime(2026, 6, 21, 12, tzinfo=UTC).timestamp())  # past, to a process with a clock of its own
TURN = threading.Lock()  # a chain is not made for two requests at once, and two nodes may share one
_CODES: dict[type, int] = {
    errors.MethodNotFoundMessage: -32601,
    errors.InvalidParamsMessage: -32602,
    errors.SendTransactionPreflightFailureMessage: -32002,
}
_ENCODINGS = {
    "base58": UiAccountEncoding.Base58,
    "base64": UiAccountEncoding.Base64,
    "base64+zstd": UiAccountEncoding.Base64Zstd,
    "jsonParsed": UiAccountEncoding.JsonParsed,
}
_TRANSACTION_ENCODINGS = {
    "json": UiTransactionEncoding.Json,
    "base58": UiTransactionEncoding.Base58,
    "base64": UiTransactionEncoding.Base64,
}


class Node:
    """Serves a chain from threads of its own, at `url`, while it is entered."""

    def __init__(self, chain: EmbeddedChain) -> None:
        self.chain = chain
        self.requests: list[str] = []  # their methods, in order
        self._provider = chain.client()._provider  # the seam itself
        node = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                node.respond(self, json.loads(body))

            def log_message(self, *_: object) -> None:
                """Nobody reads it."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that has gone away."""

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Node":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def respond(self, handler: BaseHTTPRequestHandler, request: dict[str, Any]) -> None:
        """Answer one HTTP request."""
        reply(handler, json.dumps(self.answer(request)))

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The JSON-RPC response to a request."""
        self.requests.append(request["method"])
        try:
            body = _body(request["method"], request.get("params", []))
            with TURN:
                found = asyncio.run(self._provider.make_request(body, object))
            return {**json.loads(found.to_json()), "id": request["id"]}
        except RPCException as refusal:
            message = refusal.args[0]
            error = {"code": _CODES.get(type(message), -32603), **json.loads(message.to_json())}
            return {"jsonrpc": "2.0", "error": error, "id": request["id"]}


def reply(handler: BaseHTTPRequestHandler, text: str, status: int = 200, **headers: str) -> None:
    content = text.encode()
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def _body(method: str, params: list[Any]) -> Any:
    """The request as an object, as solana-py makes it: solders cannot read one from JSON."""
    if method not in _BODIES:
        raise RPCException(errors.MethodNotFoundMessage(f"Method not found: {method}"))
    options = params[-1] if params and isinstance(params[-1], dict) else {}
    return _BODIES[method](params, options)


def _context(options: dict[str, Any]) -> RpcContextConfig:
    return RpcContextConfig(_commitment(options))


def _commitment(options: dict[str, Any]) -> CommitmentLevel:
    return CommitmentLevel.from_string(options.get("commitment", "finalized"))


def _account_config(options: dict[str, Any]) -> RpcAccountInfoConfig:
    part = options.get("dataSlice")
    return RpcAccountInfoConfig(
        encoding=_ENCODINGS[options.get("encoding") or "base58"],
        data_slice=part and UiDataSliceConfig(part["offset"], part["length"]),
    )


def _filter(one: dict[str, Any]) -> int | Memcmp:
    if "dataSize" in one:
        return one["dataSize"]
    wanted = one["memcmp"]["bytes"]  # base 58 as text, or the bytes themselves
    return Memcmp(one["memcmp"]["offset"], wanted if isinstance(wanted, str) else bytes(wanted))


def _token_filter(wanted: dict[str, str]) -> RpcTokenAccountsFilterMint | RpcTokenAccountsFilterProgramId:
    if "mint" in wanted:
        return RpcTokenAccountsFilterMint(Pubkey.from_string(wanted["mint"]))
    return RpcTokenAccountsFilterProgramId(Pubkey.from_string(wanted["programId"]))


def _raw(params: list[Any], options: dict[str, Any]) -> bytes:
    return b64decode(params[0]) if options.get("encoding") == "base64" else b58decode(params[0].encode())


def _signature(text: str | None) -> Signature | None:
    return Signature.from_string(text) if text else None


def _simulation(params: list[Any], options: dict[str, Any]) -> requests.SimulateVersionedTransaction:
    accounts = options.get("accounts")
    config = RpcSimulateTransactionConfig(
        sig_verify=options.get("sigVerify", False),
        replace_recent_blockhash=options.get("replaceRecentBlockhash", False),
        accounts=accounts
        and RpcSimulateTransactionAccountsConfig(
            [Pubkey.from_string(address) for address in accounts["addresses"]],
            _ENCODINGS[accounts.get("encoding", "base64")],
        ),
        inner_instructions=options.get("innerInstructions", False),
    )
    transaction = VersionedTransaction.from_bytes(_raw(params, options))
    return requests.SimulateVersionedTransaction(transaction, config)


_BODIES: dict[str, Callable[[list[Any], dict[str, Any]], Any]] = {
    "getAccountInfo": lambda p, o: requests.GetAccountInfo(Pubkey.from_string(p[0]), _account_config(o)),
    "getBalance": lambda p, o: requests.GetBalance(Pubkey.from_string(p[0]), _context(o)),
    "getBlockHeight": lambda p, o: requests.GetBlockHeight(_context(o)),
    "getBlockTime": lambda p, o: requests.GetBlockTime(p[0]),
    "getEpochInfo": lambda p, o: requests.GetEpochInfo(_context(o)),
    "getFirstAvailableBlock": lambda p, o: requests.GetFirstAvailableBlock(),
    "getGenesisHash": lambda p, o: requests.GetGenesisHash(),
    "getHealth": lambda p, o: requests.GetHealth(),
    "getLatestBlockhash": lambda p, o: requests.GetLatestBlockhash(_context(o)),
    "getMinimumBalanceForRentExemption": lambda p, o: requests.GetMinimumBalanceForRentExemption(p[0]),
    "getMultipleAccounts": lambda p, o: requests.GetMultipleAccounts(
        [Pubkey.from_string(address) for address in p[0]], _account_config(o)
    ),
    "getProgramAccounts": lambda p, o: requests.GetProgramAccounts(
        Pubkey.from_string(p[0]),
        RpcProgramAccountsConfig(_account_config(o), [_filter(one) for one in o.get("filters") or []]),
    ),
    "getSignatureStatuses": lambda p, o: requests.GetSignatureStatuses(
        [Signature.from_string(text) for text in p[0]],
        RpcSignatureStatusConfig(o.get("searchTransactionHistory", False)),
    ),
    "getSignaturesForAddress": lambda p, o: requests.GetSignaturesForAddress(
        Pubkey.from_string(p[0]),
        RpcSignaturesForAddressConfig(
            before=_signature(o.get("before")), until=_signature(o.get("until")), limit=o.get("limit")
        ),
    ),
    "getSlot": lambda p, o: requests.GetSlot(_context(o)),
    "getTokenAccountBalance": lambda p, o: requests.GetTokenAccountBalance(
        Pubkey.from_string(p[0]), _commitment(o)
    ),
    "getTokenAccountsByOwner": lambda p, o: requests.GetTokenAccountsByOwner(
        Pubkey.from_string(p[0]), _token_filter(p[1]), _account_config(o)
    ),
    "getTokenSupply": lambda p, o: requests.GetTokenSupply(Pubkey.from_string(p[0]), _commitment(o)),
    "getTransaction": lambda p, o: requests.GetTransaction(
        Signature.from_string(p[0]),
        RpcTransactionConfig(
            _TRANSACTION_ENCODINGS[o.get("encoding", "json")],
            max_supported_transaction_version=o.get("maxSupportedTransactionVersion"),
        ),
    ),
    "getVersion": lambda p, o: requests.GetVersion(),
    "isBlockhashValid": lambda p, o: requests.IsBlockhashValid(Hash.from_string(p[0]), _context(o)),
    "requestAirdrop": lambda p, o: requests.RequestAirdrop(Pubkey.from_string(p[0]), p[1]),
    "sendTransaction": lambda p, o: requests.SendRawTransaction(
        _raw(p, o), RpcSendTransactionConfig(skip_preflight=o.get("skipPreflight", False))
    ),
    "simulateTransaction": _simulation,
}
