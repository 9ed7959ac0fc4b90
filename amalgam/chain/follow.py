"""A ledger's events as they land: a node's WebSocket tells of them, or it is asked, if there is none."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from itertools import cycle

from solana.rpc.async_api import AsyncClient
from solders.account_decoder import UiAccountEncoding
from solders.commitment_config import CommitmentLevel
from solders.pubkey import Pubkey
from solders.rpc.config import RpcAccountInfoConfig
from solders.rpc.requests import AccountSubscribe
from solders.rpc.responses import AccountNotification, SubscriptionResult, parse_websocket_message
from websockets.asyncio.client import connect  # what solana-py's own is made of has been given up

from amalgam import programs
from amalgam.chain.events import Landed, history_commitment, ledger_of, read, signatures
from amalgam.chain.rpc import NodeError

_PATIENCE_ROUNDS = 10  # for an event that the node tells later than one after it
_PATIENCE_S = 5  # for a WebSocket to be there
_PAUSE_S = 2  # before the next one


async def follow(
    connection: AsyncClient,
    last: Landed,
    *,
    websocket_urls: Sequence[str] = (),
    interval_s: float,
    on_silence: Callable[[NodeError], object],
) -> AsyncIterator[Landed]:
    """Yield the events after `last` of its ledger (a battery, issuer, market or plant), in order, for ever.

    A node is asked every `interval_s` seconds while no WebSocket tells when the ledger changes. If no node
    answers, `on_silence` is called, and the next round tries again. An event that a node never tells is
    passed over in the end, which its sequence number shows.
    """
    ledger = ledger_of(last.event)
    subscription = _Subscription(connection, ledger)
    listening = asyncio.create_task(subscription.listen(websocket_urls))
    rounds_with_gap = 0
    try:
        while True:
            await subscription.wait_for_newer(last.event.sequence, interval_s)
            try:
                later = await signatures(connection, ledger, after=last.signature)
                found = await read(connection, ledger, later)
            except NodeError as error:
                on_silence(error)
                continue
            for landed in found:
                if landed.event.sequence <= last.event.sequence:
                    continue
                if landed.event.sequence > last.event.sequence + 1 and rounds_with_gap < _PATIENCE_ROUNDS:
                    rounds_with_gap += 1
                    break
                rounds_with_gap = 0
                last = landed
                yield landed
    finally:
        listening.cancel()


class _Subscription:
    """Knows how many events a ledger has had, while there is a WebSocket that tells."""

    def __init__(self, connection: AsyncClient, ledger: Pubkey) -> None:
        self._connection, self._ledger = connection, ledger
        self._level = history_commitment(connection)
        self._events: int | None = None  # None while nobody tells
        self._news = asyncio.Event()

    async def wait_for_newer(self, events: int, interval_s: float) -> None:
        """Return once there are more, or may be: after a while, if nobody tells, or a node is behind."""
        told = self._events is not None and self._events <= events
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), None if told else interval_s)
        self._news.clear()

    async def listen(self, websocket_urls: Sequence[str]) -> None:
        """Go on as long as there is a WebSocket to go to, from one to the next if one fails."""
        for url in cycle(websocket_urls):
            with suppress(Exception):  # whatever a node does: events are asked for until another one tells
                await self._listen(url)
            self._notice(None)
            await asyncio.sleep(_PAUSE_S)

    async def _listen(self, url: str) -> None:
        level = CommitmentLevel.from_string(self._level)
        config = RpcAccountInfoConfig(UiAccountEncoding.Base64, commitment=level)
        async with connect(url, open_timeout=_PATIENCE_S) as socket:
            await socket.send(AccountSubscribe(self._ledger, config).to_json())
            async for message in socket:
                for told in parse_websocket_message(str(message)):
                    match told:
                        case SubscriptionResult():  # what has changed before is not told
                            found = (await self._connection.get_account_info(self._ledger, self._level)).value
                        case AccountNotification():
                            found = told.result.value
                        case _:
                            return
                    self._notice(getattr(found and programs.decoded(found), "sequence", None))

    def _notice(self, events: int | None) -> None:
        if events != self._events:
            self._events = events
            self._news.set()
