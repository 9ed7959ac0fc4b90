"""Changes a battery 100 times a second, and measures how the page in Chromium keeps up.

    python -m benchmarks.dashboard.load [--seconds 60] [--rate 100] [--write]

What the server sees was made by transactions on the embedded chain, beforehand: the browser is to be
measured, and not how fast transactions are signed. All of it is looked at, told and shown. Server and
browser share the machine. With --write the table goes to `figures.md`.
"""

import argparse
import asyncio
import os
import platform
import socket
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, NamedTuple

from playwright.async_api import CDPSession
from solders.pubkey import Pubkey

from amalgam.battery import program as energy_allocation
from amalgam.dashboard.links import Links
from amalgam.dashboard.live import Live, Seen, from_connection
from amalgam.dashboard.server import Site, serve
from tests.support.book_chain import BookChain
from tests.support.browser import Tab, chromium, until
from tests.support.node import NOON

FIGURES = Path(__file__).with_name("figures.md")
MEMBERS = 100
RECORDED = 300  # changes, which are repeated
LIMIT_DELAY_MS = 200  # that half of the changes take to be shown
LIMIT_LONG_MS = 200  # of the longest task
LIMIT_GROWTH = 2.0  # of the memory in use after a minute
# What the page itself notes: tasks over 50 ms, and the time from one frame to the next.
_WATCH = """
window.seen = { long: [], frames: [] };
new PerformanceObserver(list => list.getEntries().forEach(it => seen.long.push(it.duration)))
  .observe({ type: "longtask" });
let last = performance.now();
requestAnimationFrame(function frame(now) {
  seen.frames.push(now - last); last = now; requestAnimationFrame(frame);
});
"""


class Figures(NamedTuple):
    """What was measured. Times are ms, memory is bytes."""

    changes: int
    seconds: float
    delays: list[float]
    long: list[float]
    frames: list[float]
    heap: tuple[int, int]
    nodes: tuple[int, int]


def crowd() -> BookChain:
    """A battery with so many members."""
    story = BookChain(transaction_history=200)
    story.begin()
    for number in range(MEMBERS - 1):
        owner = Pubkey(bytes([1, *number.to_bytes(31, "little")]))
        story.send(energy_allocation.open_member(payer=story.address, battery=story.battery, owner=owner))
    return story


async def recorded(story: BookChain) -> list[Seen]:
    """What the server sees after each of so many deposits."""
    look, found = from_connection(story.connection), list[Seen]()
    for number in range(RECORDED):
        story.deposit(1_000 + number)
        found.append(await look())
    return found


async def memory(session: CDPSession) -> tuple[int, int]:
    """Bytes of the heap after a collection, and nodes of the document."""
    await session.send("HeapProfiler.collectGarbage")
    told = (await session.send("Performance.getMetrics"))["metrics"]
    found = {each["name"]: int(each["value"]) for each in told}
    return found["JSHeapUsedSize"], found["Nodes"]


async def measure(seconds: float, rate: int) -> Figures:
    """Change, look and watch."""
    seen_before = await recorded(crowd())
    live, slot = Live(), 0

    async def source() -> Seen:
        """The next of what was recorded, again and again, in slots of its own."""
        nonlocal slot
        slot += 1
        seen = seen_before[slot % RECORDED]
        now = NOON + slot // rate
        return seen._replace(snapshot=replace(seen.snapshot, slot=slot, unix_timestamp=now))

    await live.look(source)
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(serve(Site(live, Links(bytes(32))), listening))
    async with chromium() as browser:
        tab = Tab(await browser.new_page())
        session = await tab.page.context.new_cdp_session(tab.page)
        await session.send("Performance.enable")
        await tab.go(f"http://127.0.0.1:{listening.getsockname()[1]}/en")
        await tab.reaches(slot)
        await tab.page.evaluate(_WATCH)
        before, delays = await memory(session), list[float]()
        watching = asyncio.create_task(_delays(tab, live, delays))
        began, changes = perf_counter(), 0
        while perf_counter() - began < seconds:
            await live.look(source)
            changes += 1
            await asyncio.sleep(max(0.0, began + changes / rate - perf_counter()))
        took = perf_counter() - began
        await tab.reaches(slot)
        watching.cancel()
        seen: dict[str, Any] = await tab.page.evaluate("seen")
        after = await memory(session)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    return Figures(
        changes, took, delays, seen["long"], seen["frames"], (before[0], after[0]), (before[1], after[1])
    )


async def _delays(tab: Tab, live: Live, delays: list[float]) -> None:
    """Twice a second, how long the present slot takes to be shown."""
    while True:
        began = perf_counter()
        slot = live.seen.snapshot.slot if live.seen else 0
        await until(partial(tab.text, "#as_of"), lambda told, slot=slot: int(told.rpartition(" ")[2]) >= slot)
        delays.append((perf_counter() - began) * 1_000)
        await asyncio.sleep(0.5)


def table(figures: Figures, rate: int) -> str:
    """The figures of a run, as Markdown."""
    tenth = quantiles(figures.delays, n=10)[-1]
    frames = quantiles(figures.frames, n=20)
    long = figures.long
    rows = [
        ("changes asked for, a second", f"{rate}"),
        ("changes made and told, a second", f"{figures.changes / figures.seconds:.1f}"),
        ("a change is shown after, median", f"{median(figures.delays):.0f} ms"),
        ("the same, of nine in ten", f"{tenth:.0f} ms"),
        ("tasks of the page over 50 ms", f"{len(long)}, {sum(long):.0f} ms in all"),
        ("the longest", f"{max(long, default=0):.0f} ms"),
        ("from frame to frame, median", f"{median(figures.frames):.1f} ms"),
        ("the same, of 19 in 20", f"{frames[-1]:.1f} ms"),
        ("memory in use, before and after", " and ".join(f"{each / 2**20:.1f} MiB" for each in figures.heap)),
        ("nodes of the document, before and after", " and ".join(f"{each:,}" for each in figures.nodes)),
    ]
    return "\n".join(
        [
            "# The page under load",
            "",
            f"`python -m benchmarks.dashboard.load` on {os.cpu_count()} cores ({platform.machine()}), shared "
            f"by server and Chromium, Python {platform.python_version()}: {figures.changes:,} changes "
            f"in {figures.seconds:.0f} s in a battery of {MEMBERS} members, made by transactions. "
            "The server looks at each, and tells it.",
            "",
            "| what | figure |",
            "|---|---:|",
            *(f"| {what} | {figure} |" for what, figure in rows),
            "",
            f"The limits are {LIMIT_DELAY_MS} ms for half of the changes, {LIMIT_LONG_MS} ms for a task, and "
            f"{LIMIT_GROWTH:.0f} times the memory.",
            "",
        ]
    )


def main() -> None:
    """Measure, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=int, default=100)
    parser.add_argument("--write", action="store_true", help="the table to figures.md")
    asked = parser.parse_args()
    figures = asyncio.run(measure(asked.seconds, asked.rate))
    text = table(figures, asked.rate)
    print(text)
    if asked.write:
        FIGURES.write_text(text, "utf-8")
    grown, longest = figures.heap[1] / figures.heap[0], max(figures.long, default=0)
    slow = median(figures.delays) > LIMIT_DELAY_MS or longest > LIMIT_LONG_MS
    if slow or grown > LIMIT_GROWTH:
        sys.exit("over the limits")


if __name__ == "__main__":
    main()
