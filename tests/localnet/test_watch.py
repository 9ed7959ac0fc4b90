"""A battery followed by WebSocket: here a node that tells nothing is asked again after an hour."""

import asyncio
from pathlib import Path
from typing import NamedTuple

import pytest
from solders.pubkey import Pubkey
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from amalgam.chain import follow as live
from amalgam.chain.events import fetch
from amalgam.chain.localnet import Validator
from tests.support.battery import World
from tests.unit.cli.battery.test_watch import Watcher

_PATIENCE_S = 30


class Place(NamedTuple):
    """What the command finds in Solana's configuration, and the battery."""

    home: Path
    battery: Pubkey


async def test_the_command_shows_a_deposit_as_it_lands(
    battery_validator: Validator, world: World, tmp_path: Path
) -> None:
    config = tmp_path / ".config/solana/cli/config.yml"
    config.parent.mkdir(parents=True)
    config.write_text(
        f"json_rpc_url: {battery_validator.url}\nwebsocket_url: {battery_validator.websocket_url}\n"
    )
    with Watcher(Place(tmp_path, world["battery"]), "--interval", "1h", terminal=True) as watcher:
        await asyncio.to_thread(watcher.read, "Events     4")
        for amount, shown in ((1_000, "deposited 1.000 kWh"), (2_000, "deposited 2.000 kWh")):
            await world.run("deposit_energy", amount=amount)
            await asyncio.to_thread(watcher.read, shown)
        assert await asyncio.to_thread(watcher.interrupt) == (0, b"")
    assert "Stored     2.700 kWh" in watcher.output


async def test_a_websocket_that_is_not_there_and_one_that_breaks_off(
    battery_validator: Validator, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "_PAUSE_S", 0.1)
    subscribed = asyncio.Event()

    async def break_off(socket: ServerConnection) -> None:
        """Pass on a subscription and what is told first, as the validator does, and no more."""
        async with connect(battery_validator.websocket_url) as validator:
            await validator.send(await socket.recv())
            await socket.send(await validator.recv())
            subscribed.set()
            told = asyncio.create_task(validator.recv())
            gone = asyncio.create_task(socket.wait_closed())  # nothing more is told once the story has ended
            await asyncio.wait((told, gone), return_when=asyncio.FIRST_COMPLETED)
            if told.done():
                await socket.send(told.result())
            told.cancel()
            gone.cancel()

    async with serve(break_off, "127.0.0.1", 0) as server:
        _, port = server.sockets[0].getsockname()
        story = live.follow(
            world.client,
            (await fetch(world.client, world["battery"]))[-1],
            websocket_urls=["ws://127.0.0.1:1", f"ws://127.0.0.1:{port}"],
            interval_s=3_600,
            on_silence=pytest.fail,
        )
        for number in range(5, 9):
            waiting = asyncio.create_task(anext(story))
            if number % 2:  # the subscription is there before the deposit, or comes after it
                await asyncio.wait_for(subscribed.wait(), _PATIENCE_S)
                subscribed.clear()
            await world.run("deposit_energy", amount=100)
            assert (await asyncio.wait_for(waiting, _PATIENCE_S)).event.sequence == number
        await story.aclose()
