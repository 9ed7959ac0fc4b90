"""`amalgam books`, and the commands that read them, in a town with a battery; the guide, word for word."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from solders.rpc.responses import SubscriptionResult
from websockets.asyncio.server import ServerConnection, serve

from amalgam.books.news import News
from amalgam.programs import Program
from tests.faults.faulty import Fault
from tests.unit.cli.conftest import Town, TownNode

AMALGAM = Path(sys.executable).with_name("amalgam")
EVENTS = 3  # of the town's battery from the first on


@pytest.fixture
def town_node(lone_town_node: TownNode) -> TownNode:
    return lone_town_node


@pytest.fixture
def books(town: Town) -> Path:
    return town.home / "books.sqlite"


def test_sync_and_show(town: Town, books: Path) -> None:
    town.deposit("owner", 1_000)
    transactions = EVENTS + 1
    assert town.lines("books", "sync", "--books", books) == [
        f"Added {transactions} transactions, with {transactions} events"
    ]
    assert town.lines("books", "sync", "--books", books) == ["Added 0 transactions, with 0 events"]
    assert town.lines("books", "show", "--books", books) == [
        f"Books                        sqlite:///{books}",
        f"Transactions                 {transactions}",
        "  failed                     0",
        "  with a log cut off         0",
        f"Events of energy_allocation  {transactions}",
    ]
    assert town.lines("books", "audit", "--books", books) == ["Agreed  3 accounts of 1 ledger"]


def test_follow_adds_what_lands_until_ctrl_c(town: Town, books: Path) -> None:
    command = [AMALGAM, "books", "follow", "--books", books, "--interval", "1s"]
    environment = os.environ | {"HOME": str(town.home)}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as following:
        try:
            assert following.stdout is not None
            assert following.stdout.readline() == f"Added {EVENTS} transactions, with {EVENTS} events\n"
            for amount in (1_000, 2_000):
                town.deposit("owner", amount)
                assert following.stdout.readline() == "Added 1 transaction, with 1 event\n"
            following.send_signal(signal.SIGINT)
            assert following.communicate(timeout=60) == ("", "")
        finally:
            following.kill()  # if it has not ended
    assert following.returncode == 0
    assert town.lines("books", "audit", "--books", books) == ["Agreed  3 accounts of 1 ledger"]


def test_history_asks_for_what_came_after(town: Town, books: Path) -> None:
    town.deposit("owner", 1_000)
    town.lines("books", "sync", "--books", books)
    town.deposit("neighbour", 2_000)
    without = town.lines("history", town.battery)
    town.node.asked.clear()
    assert town.lines("history", town.battery, "--books", books) == without
    assert town.node.methods().count("getTransaction") == 1
    assert town.json("history", town.battery, "--books", books) == town.json("history", town.battery)
    latest = town.json("history", town.battery, "--books", books, "--limit", 1)
    assert [event["sequence"] for event in latest["events"]] == [
        4,
        5,
    ]  # the latest of the books, and after it


def test_books_know_what_nodes_have_forgotten(town: Town, books: Path) -> None:
    town.deposit("owner", 1_000)
    town.lines("books", "sync", "--books", books)
    town.forget(1, 2)
    assert town.lines("battery", "export", town.battery, town.home / "all", "--books", books)
    assert town.lines("battery", "audit", town.battery, "--books", books)[-1] == (
        "Audit                  all adds up, as of event 4"
    )
    exit_code, said = town.refusal("battery", "export", town.battery, town.home / "some")
    assert (exit_code, said.partition(":")[0]) == (4, "events 1 to 2 are missing")


def test_what_the_chain_holds_and_no_event_tells(town: Town, books: Path) -> None:
    town.deposit("owner", 1_000)
    town.lines("books", "sync", "--books", books)
    town.forge_available(7)
    result = town.run("books", "audit", "--books", books, "--output", "json")
    told = f"Battery {town.battery} has available 7, and the events make it 900"
    found = {"ledgers": 1, "accounts": 0, "differences": {str(town.battery): told}}
    assert (result.exit_code, json.loads(result.stdout)) == (1, found)
    assert result.stderr == "amalgam: the books do not make what the chain holds; the lines above say where\n"


def test_a_node_that_does_not_tell(town: Town, books: Path) -> None:
    town.deposit("owner", 1_000)
    latest = town.latest()
    town.node.choose = lambda method: Fault.CUT if method == "getTransaction" else None
    result = town.run("books", "sync", "--books", books)
    assert result.exit_code == 4
    assert f"amalgam: transaction {latest}: {town.node.url}: no usable answer" in result.stderr
    assert result.stderr.splitlines()[-1] == (
        "amalgam: not everything could be read; run the same again, it goes on from there"
    )
    town.node.reset()
    assert town.lines("books", "sync", "--books", books)[0].startswith(f"Added {EVENTS + 1} transactions")


def test_refusals(town: Town, books: Path) -> None:
    assert town.refusal("books", "sync") == (
        2,
        "which books? name a file or a database with --books, or in AMALGAM_BOOKS",
    )
    assert town.refusal("books", "show", "--books", books) == (
        3,
        f"sqlite:///{books} has no books of this version; run: amalgam books sync",
    )
    assert town.refusal("books", "sync", "--books", "mysql://host/name") == (
        2,
        "--books: mysql is no database for books; name a file, or postgresql://HOST/NAME",
    )


async def test_a_websocket_tells_of_news() -> None:
    """Each program is subscribed to, of finalized blocks; what is told then is news at once."""
    asked: list[str] = []
    told = asyncio.Event()

    async def node(socket: ServerConnection) -> None:
        async for message in socket:
            request = json.loads(message)
            (mentions, config) = request["params"]
            assert (request["method"], config["commitment"]) == ("logsSubscribe", "finalized")
            asked.append(mentions["mentions"][0])
            await socket.send(SubscriptionResult(request["id"], len(asked)).to_json())
            if len(asked) == len(Program):
                await told.wait()
                value = {"signature": "1" * 64, "err": None, "logs": []}
                result = {"context": {"slot": 1}, "value": value}
                notification = {"jsonrpc": "2.0", "method": "logsNotification"}
                await socket.send(
                    json.dumps(notification | {"params": {"result": result, "subscription": 1}})
                )

    news = News()
    async with serve(node, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        listening = asyncio.create_task(news.listen([f"ws://127.0.0.1:{port}"]))
        await news.wait(3_600)  # what has landed before it was subscribed to
        assert asked == [str(program.program_id) for program in Program]
        told.set()
        await news.wait(3_600)
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


@pytest.mark.slow
def test_the_guide_works_as_written(town: Town) -> None:
    town.deposit("owner", 1_000)
    town.allocate("owner", 300)
    assert town.followed("books", BATTERY=str(town.battery)).splitlines()[-4:] == [
        "BatteryInitialized 1 None",
        "EnergyAllocated 1 300",
        "EnergyDeposited 1 1000",
        "MemberOpened 2 None",
    ]
