"""News of a cluster: a node's WebSocket tells when one of the programs has run in a finalized block."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle

from solders.commitment_config import CommitmentLevel
from solders.rpc.config import RpcTransactionLogsConfig, RpcTransactionLogsFilterMentions
from solders.rpc.requests import LogsSubscribe
from solders.rpc.responses import LogsNotification, SubscriptionResult, parse_websocket_message
from websockets.asyncio.client import connect

from amalgam.programs import Program

_PATIENCE_S = 5  # for a WebSocket to be there
_PAUSE_S = 2  # before the next one


class News:
    """Knows whether there may be something new, while `listen` runs."""

    def __init__(self) -> None:
        """Nobody tells anything yet."""
        self._is_told = False  # whether a WebSocket would tell
        self._news = asyncio.Event()

    async def wait(self, interval_s: float) -> None:
        """Return once there is news, or there may be: after that time, if nobody tells."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), None if self._is_told else interval_s)
        self._news.clear()

    async def listen(self, websocket_urls: Sequence[str]) -> None:
        """Go on as long as there is a WebSocket to go to, from one to the next if one fails."""
        for url in cycle(websocket_urls):
            with suppress(Exception):  # whatever a node does: it is asked until another one tells
                await self._listen(url)
            self._is_told = False
            self._news.set()
            await asyncio.sleep(_PAUSE_S)

    async def _listen(self, url: str) -> None:
        config = RpcTransactionLogsConfig(CommitmentLevel.Finalized)
        waiting = len(Program)
        async with connect(url, open_timeout=_PATIENCE_S) as socket:
            for number, program in enumerate(Program):
                of = RpcTransactionLogsFilterMentions(program.program_id)
                await socket.send(LogsSubscribe(of, config, number).to_json())
            async for message in socket:
                for told in parse_websocket_message(str(message)):
                    match told:
                        case SubscriptionResult():
                            waiting -= 1
                            self._is_told = waiting == 0
                            if self._is_told:  # what has landed before is not told
                                self._news.set()
                        case LogsNotification():
                            self._news.set()
                        case _:
                            return
