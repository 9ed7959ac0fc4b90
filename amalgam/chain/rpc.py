"""Connections to clusters: solana-py's client over one node or several, which stand in for each other."""

import asyncio
import json
import logging
import re
import unicodedata
from collections.abc import Sequence
from copy import copy
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import Any, NamedTuple, TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

from httpx import HTTPStatusError
from solana.exceptions import SolanaRpcException
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Commitment, Confirmed
from solana.rpc.core import RPCException
from solana.rpc.providers.async_base import AsyncBaseProvider
from solana.rpc.providers.async_http import AsyncHTTPProvider
from solders.pubkey import Pubkey
from solders.rpc import errors, requests, responses
from solders.sysvar import CLOCK

from amalgam import AmalgamError, NotFoundError
from amalgam.chain.telemetry import TELEMETRY
from amalgam.units import U64_MAX

_TIMEOUT_S = 15
_ROUNDS = 4  # through all nodes, before a request is given up
_PAUSE_S = 0.25  # after the first round, doubled with each
_LONGEST_PAUSE_S = 60.0  # that a node may ask for
_SHORTEST_SECRET = 6  # characters; shorter parts of a URL are words like "rpc"
_LONGEST_REASON = 300  # characters of what a node says
_REFUSING = (400, 401, 403, 404, 405, 410)  # HTTP: the same request would be refused again
_ELSEWHERE = (errors.NodeUnhealthyMessage, errors.InternalErrorMessage, errors.BlockNotAvailableMessage)
# Errors that solders panics over if they come without data, as what else they are then to be read.
_BARE = {
    -32002: errors.InvalidRequestMessage,  # a failed preflight
    -32005: errors.InternalErrorMessage,  # an unhealthy node, or too many requests
    -32016: errors.InternalErrorMessage,  # a node that is behind
}
_LARGEST_BARE_CHARACTERS = 10_000
_T = TypeVar("_T")


class Cluster(NamedTuple):
    """A cluster that has a name."""

    url: str
    genesis_hash: str | None  # None if each start has its own


CLUSTERS = {
    "localnet": Cluster("http://127.0.0.1:8899", None),
    "devnet": Cluster("https://api.devnet.solana.com", "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"),
    "testnet": Cluster("https://api.testnet.solana.com", "4uhcVJyU9pJkvQyS88uRDiswHXSCkY3zQawwpjk2NsNY"),
    "mainnet-beta": Cluster(
        "https://api.mainnet-beta.solana.com", "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"
    ),
}
_ALIASES = {"l": "localnet", "localhost": "localnet", "d": "devnet", "t": "testnet", "m": "mainnet-beta"}


class NodeError(AmalgamError, SolanaRpcException):
    """No node has given a usable answer: what was asked may have happened or not."""

    def __init__(self, message: str) -> None:
        """Unlike its parent, with nothing but a message for people."""
        Exception.__init__(self, message)
        self.error_msg = message


class OfflineError(AmalgamError):
    """Something would have to be asked of a cluster where no connection is to be opened."""


class WrongClusterError(AmalgamError, ValueError):
    """A node is of another cluster than the one that was named, or than the other nodes."""


def connect(urls: Sequence[str], commitment: Commitment = Confirmed) -> AsyncClient:
    """A client of a cluster, through nodes of it: names of CLUSTERS, their first letters, or URLs.

    A request that fails goes to the next node, several times around; NodeError is raised if all fail. Each
    node is asked first for its genesis hash: WrongClusterError is raised if it is not the named cluster's,
    or not the other nodes'.
    """
    names = [cluster_name(url) for url in urls]
    named = [CLUSTERS[name] if name else Cluster(url, None) for name, url in zip(names, urls, strict=True)]
    expected = {cluster.genesis_hash for cluster in named if cluster.genesis_hash}
    if len(expected) > 1:
        raise WrongClusterError(f"{', '.join(map(shown, urls))} are different clusters; name one")
    provider = _Nodes([cluster.url for cluster in named], next(iter(expected), None))
    return client_of(provider, commitment)


def cluster_name(url: str) -> str | None:
    """The one of CLUSTERS that a name, its first letter or its URL means; None for other URLs."""
    name = _ALIASES.get(url, url)
    return next((each for each, cluster in CLUSTERS.items() if name in (each, cluster.url)), None)


def websocket_url(url: str) -> str:
    """Where a node, named as for `connect`, tells what happens: by Solana's convention, at its next port."""
    name = cluster_name(url)
    parts = urlsplit(CLUSTERS[name].url if name else url)
    host = parts.netloc if parts.port is None else f"{parts.netloc.rpartition(':')[0]}:{parts.port + 1}"
    return parts._replace(scheme="wss" if parts.scheme == "https" else "ws", netloc=host).geturl()


def offline() -> AsyncClient:
    """A client that asks nobody: each request raises OfflineError."""
    return client_of(_Offline())


def client_of(provider: AsyncBaseProvider, commitment: Commitment | None = None) -> AsyncClient:
    """A client answered by a provider: this is the seam between one kind of chain and another."""
    return _Client(provider, commitment)


async def clock(connection: AsyncClient) -> int:
    """A chain's own time, in Unix seconds."""
    account = (await connection.get_account_info(CLOCK)).value
    if account is None:
        raise NotFoundError("there is no clock on this cluster; check --url")
    return int.from_bytes(account.data[32:40], "little", signed=True)


class _Client(AsyncClient):
    def __init__(self, provider: AsyncBaseProvider, commitment: Commitment | None) -> None:
        # AsyncClient takes no provider, and its __init__ opens an HTTP session: its parent's will do.
        super(AsyncClient, self).__init__(commitment)
        self._provider = cast(Any, provider)


class _Offline(AsyncBaseProvider):
    logger = logging.getLogger(__name__)
    endpoint_uri = "offline"

    async def make_request(self, body: Any, parser: type[_T]) -> _T:  # noqa: ARG002 (the seam)
        raise OfflineError(
            "this has to be looked up on the cluster, and --sign-only opens no connection; make the message "
            "where there is one, with --dump-transaction-message in its place, and sign it here: "
            "amalgam sign MESSAGE"
        )

    async def __aenter__(self) -> "_Offline":
        return self

    async def close(self) -> None:
        """There is no connection to close."""


class _Nodes(AsyncBaseProvider):
    logger = logging.getLogger(__name__)

    def __init__(self, urls: Sequence[str], genesis_hash: str | None) -> None:
        self._nodes = [_Node(url, timeout=_TIMEOUT_S) for url in urls]
        self._checked: set[str] = set()
        self._genesis_hash = genesis_hash
        self._turn = 0

    @property
    def endpoint_uri(self) -> str:
        return self._node.endpoint_uri

    @property
    def _node(self) -> "_Node":
        return self._nodes[self._turn % len(self._nodes)]

    async def make_request(self, body: Any, parser: type[_T]) -> _T:
        """Ask the node whose turn it is, and those after it if it fails. All requests are safe to retry."""
        failures: dict[str, str] = {}
        refusing: set[_Node] = set()
        for attempt in range(_ROUNDS * len(self._nodes)):
            round_, first = divmod(attempt, len(self._nodes))
            if round_ and not first:
                await asyncio.sleep(_PAUSE_S * 2 ** (round_ - 1))
            node = await self._next(refusing)
            if node is None:
                break
            try:
                await self._check(node)
                return await _asked(node, body, parser)
            except (SolanaRpcException, _UnusableError) as error:
                failures[shown(node.endpoint_uri)] = _reason(error, node)
                self._turn += 1
                if isinstance(body, requests.RequestAirdrop):  # the one that is not safe to retry
                    break
                response = getattr(error.__cause__, "response", None)
                if response is not None and response.status_code in _REFUSING:
                    refusing.add(node)
                elif response is not None:
                    node.not_before = monotonic() + _retry_after_s(response.headers.get("retry-after", ""))
        told = "; ".join(f"{url}: {reason}" for url, reason in failures.items())
        raise NodeError(f"no usable answer from {told}; check the URL and the network, or add another --url")

    async def _next(self, refusing: "set[_Node]") -> "_Node | None":
        """The node whose turn it is, or one after it that may be asked sooner; None if all refuse."""
        order = [self._nodes[(self._turn + n) % len(self._nodes)] for n in range(len(self._nodes))]
        asked = [node for node in order if node not in refusing]
        if not asked:
            return None
        node = min(asked, key=lambda each: max(each.not_before - monotonic(), 0.0))
        self._turn = self._nodes.index(node)
        await asyncio.sleep(max(node.not_before - monotonic(), 0.0))
        return node

    def others(self) -> "list[_Node]":
        """All nodes but the one whose turn it is."""
        return [node for node in self._nodes if node is not self._node]

    def apart(self) -> "Sequence[_Nodes]":
        """The nodes, each by itself; of the same cluster."""
        alone = [copy(self) for _ in self._nodes]
        for each, node in zip(alone, self._nodes, strict=True):
            each._nodes, each._turn = [node], 0
        return alone

    async def _check(self, node: "_Node") -> None:
        if node.endpoint_uri in self._checked:
            return
        answer = await _asked(node, requests.GetGenesisHash(), responses.GetGenesisHashResp)
        found = str(answer.value)
        if found != (self._genesis_hash or found):
            raise WrongClusterError(
                f"{shown(node.endpoint_uri)} is of another cluster: its genesis hash is {found}, "
                f"not {self._genesis_hash}; leave it out, or name its own cluster"
            )
        self._genesis_hash = found
        self._checked.add(node.endpoint_uri)

    async def __aenter__(self) -> "_Nodes":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the sessions."""
        for node in self._nodes:
            await node.close()


class _Alone(AsyncBaseProvider):
    """One node of several, which nobody stands in for."""

    logger = logging.getLogger(__name__)

    def __init__(self, node: "_Node") -> None:
        self._node = node

    @property
    def endpoint_uri(self) -> str:
        return self._node.endpoint_uri

    async def make_request(self, body: Any, parser: type[_T]) -> _T:
        """Ask it once."""
        try:
            return await _asked(self._node, body, parser)
        except (SolanaRpcException, _UnusableError) as error:
            raise NodeError(
                f"no usable answer from {shown(self.endpoint_uri)}: {_reason(error, self._node)}"
            ) from error


class _UnusableError(Exception):
    """An answer that another node may give better."""


class _Node(AsyncHTTPProvider):
    not_before = 0.0  # monotonic: when it may be asked again

    async def make_request_unparsed(self, body: Any) -> str:
        """The text of an answer. Raises RPCException for errors that solders cannot read."""
        text = await super().make_request_unparsed(body)
        if '"error"' in text and len(text) <= _LARGEST_BARE_CHARACTERS:
            error: Any = json.loads(text).get("error") or {}
            kind = _BARE.get(error.get("code"))
            if kind and not isinstance(error.get("data"), dict):
                raise RPCException(kind(error["message"]))
        return text


async def _asked(node: _Node, body: Any, parser: type[_T]) -> _T:
    begun = monotonic()
    try:
        answer = await node.make_request(body, cast(Any, parser))
    except RPCException as error:
        if isinstance(error.args[0], _ELSEWHERE):
            raise _UnusableError(error.args[0].message) from error
        raise
    except SolanaRpcException:
        raise
    except BaseException as error:  # solders has no public class for text that is no answer, and may panic
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise _UnusableError(f"not an answer of a Solana node ({error})") from error
    finally:
        TELEMETRY.asked(type(body).__name__, monotonic() - begun)
    if not isinstance(answer, parser):  # solders reads an error of a code it does not know as a number
        raise _UnusableError(f"error {answer}")
    return answer


def _reason(error: Exception, node: _Node) -> str:
    """The reason of a failure, in a node's own words if it has any, without the secrets of its URL."""
    cause = error.__cause__
    if not isinstance(error, SolanaRpcException):
        said = str(error)
    elif isinstance(cause, HTTPStatusError):
        response = cause.response
        said = f"HTTP {response.status_code} {response.reason_phrase} {response.text}"
    else:
        said = f"{type(cause).__name__} {cause}"
    for secret in _secrets(node.endpoint_uri):
        said = said.replace(secret, "***")
    return cleaned(said)


def _secrets(url: str) -> list[str]:
    """The parts of a URL that a node may repeat and nobody else should read, the longest first."""
    parts = urlsplit(url)
    values = [value for _, value in parse_qsl(parts.query)]
    hidden = {parts.query, parts.username or "", parts.password or "", *values, *parts.path.split("/")}
    return sorted((each for each in hidden if len(each) >= _SHORTEST_SECRET), key=len, reverse=True)


def _retry_after_s(header: str) -> float:
    """The seconds that a node asks to be left alone, of a number or a date."""
    if header.strip().isdecimal():
        return min(float(header), _LONGEST_PAUSE_S)
    try:
        moment = parsedate_to_datetime(header)
    except ValueError:
        return 0.0
    return min(max(moment.timestamp() - time(), 0.0), _LONGEST_PAUSE_S)


def cleaned(text: str) -> str:
    """A node's words, fit to be shown: in one line, without control characters, and not too long."""
    line = " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]} ..."


def shown(url: str) -> str:
    """A node's name or address without what may be secret: user, password, path and query.

    >>> shown("https://me:word@example.org:8899/key?api-key=abc")
    'https://example.org:8899'
    """
    scheme, separator, rest = url.partition("://")
    host = re.split(r"[/?#]", rest)[0].rpartition("@")[2]
    return f"{scheme}://{host}" if separator else url


def other_nodes(connection: AsyncClient) -> list[AsyncClient]:
    """Clients of the nodes of a connection that are not asked now, each alone; none of a single node's."""
    provider: Any = connection._provider  # pyright: ignore[reportPrivateUsage]
    if not isinstance(provider, _Nodes):
        return []
    return [client_of(_Alone(node), connection.commitment) for node in provider.others()]


def each_node(connection: AsyncClient) -> list[AsyncClient]:
    """Clients of all nodes of a connection, each alone, that ask several times around as `connect`'s do."""
    provider: Any = connection._provider  # pyright: ignore[reportPrivateUsage]
    if not isinstance(provider, _Nodes):
        return [connection]
    return [client_of(each, connection.commitment) for each in provider.apart()]


def node_name(connection: AsyncClient) -> str:
    """The node that a connection asks now, as people may see it."""
    provider: Any = connection._provider  # pyright: ignore[reportPrivateUsage]
    return shown(provider.endpoint_uri)


def is_own_chain(connection: AsyncClient) -> bool:
    """Whether the chain is in this process: its word is true, and what it is sent lands at once, or never."""
    provider: Any = connection._provider  # pyright: ignore[reportPrivateUsage]
    return getattr(provider, "is_own_chain", False)


# What solana-py and solders do not know


class _GetRecentPrioritizationFees:
    def __init__(self, addresses: Sequence[Pubkey]) -> None:
        self._addresses = addresses

    def to_json(self) -> str:
        params = [[str(address) for address in self._addresses]]
        return json.dumps(
            {"jsonrpc": "2.0", "id": 0, "method": "getRecentPrioritizationFees", "params": params}
        )


class _RecentPrioritizationFees:
    def __init__(self, fees: list[int]) -> None:
        self.fees = fees

    @classmethod
    def from_json(cls, raw: str) -> "_RecentPrioritizationFees":
        answer = json.loads(raw)
        # A node that does not know the method asks for no fee.
        fees = [each["prioritizationFee"] for each in answer.get("result", ())]
        if not all(type(fee) is int and 0 <= fee <= U64_MAX for fee in fees):
            raise ValueError("its fees are no numbers")
        return cls(fees)


async def recent_priority_fees(connection: AsyncClient, writable: Sequence[Pubkey]) -> list[int]:
    """Prices that transactions with these accounts have paid lately, in micro-lamports a compute unit."""
    try:
        answer = await connection._provider.make_request(  # pyright: ignore[reportPrivateUsage]
            cast(Any, _GetRecentPrioritizationFees(writable)), cast(Any, _RecentPrioritizationFees)
        )
    except RPCException:
        return []
    return cast(_RecentPrioritizationFees, answer).fees
