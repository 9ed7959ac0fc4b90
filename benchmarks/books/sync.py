"""Fills books from the embedded chain, and asks for pages of them.

    python -m benchmarks.books.sync [--events 1000000] [--place FILE_OR_URL] [--write]

The chain has a battery whose owner allocates, as often in a transaction as the log allows. A run with
1,000,000 events takes minutes and a gigabyte; with --write the table goes to `figures.md`.
"""

import argparse
import asyncio
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from amalgam.battery.program import member_address
from amalgam.books.database import Books
from amalgam.books.sync import Sync
from tests.support.book_chain import MOST, BookChain

EVENTS = 1_000_000
FIGURES = Path(__file__).with_name("figures.md")
LIMIT_EVENTS_S, LIMIT_PAGE_MS = 5_000, 50
PAGE = 100  # events
TIMES = 20  # that each page is asked for


def chain_of(events: int) -> BookChain:
    """A chain with so many allocations, about."""
    story = BookChain(transaction_history=events // MOST + 1_000)
    story.begin()
    for _ in range(events // MOST):
        story.allocate(MOST)
    return story


async def measure(story: BookChain, place: str) -> dict[str, float]:
    """Seconds, and milliseconds of pages."""
    books = Books.filled(place, str(story.chain.genesis_hash))
    began, worked = perf_counter(), process_time()
    done = await Sync(books, story.connection, lambda _: lambda: None).round()
    seconds, of_processor = perf_counter() - began, process_time() - worked
    if not done.complete or done.gaps:
        raise AssertionError(f"not everything was read: {done}")
    again = perf_counter()
    await Sync(books, story.connection, lambda _: lambda: None).round()
    found = {
        "events": done.events,
        "transactions": done.added,
        "seconds": seconds,
        "seconds of a processor": of_processor,
        "seconds to find nothing new": perf_counter() - again,
    }
    member = member_address(story.battery, story.address)
    pages: dict[str, Callable[[], object]] = {
        "latest of all": lambda: books.page(limit=PAGE),
        "latest of a ledger": lambda: books.page(ledger=story.battery, limit=PAGE),
        "latest of a member": lambda: books.page(account=member, limit=PAGE),
    }
    for name, page in pages.items():
        found[name] = median(_ms(page) for _ in range(TIMES))
    books.close()
    return found


def _ms(do: Callable[[], object]) -> float:
    began = perf_counter()
    do()
    return (perf_counter() - began) * 1_000


def table(figures: dict[str, float], kind: str, size: int | None) -> str:
    """The figures of a run, as Markdown."""
    seconds, events = figures["seconds"], figures["events"]
    pages = [name for name in figures if name.startswith("latest")]
    return "\n".join(
        [
            "# Books",
            "",
            f"`python -m benchmarks.books.sync` on {os.cpu_count()} cores ({platform.machine()}), Python "
            f"{platform.python_version()}, {kind}: {events:,.0f} events in {figures['transactions']:,.0f} "
            "transactions, from the embedded chain in the same process.",
            "",
            "| what | figure |",
            "|---|---:|",
            f"| events a second | {events / seconds:,.0f} |",
            f"| events a second of a processor's time | {events / figures['seconds of a processor']:,.0f} |",
            f"| finding that nothing is new | {figures['seconds to find nothing new'] * 1_000:,.0f} ms |",
            *(f"| a page of {PAGE}, {name} | {figures[name]:,.1f} ms |" for name in pages),
            *([f"| the file | {size / events:,.0f} bytes an event |"] if size else []),
            "",
            f"The limits are {LIMIT_EVENTS_S:,} events a second and {LIMIT_PAGE_MS} ms a page.",
            "",
        ]
    )


def main() -> None:
    """Make the chain, measure, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--place", help="empty books; a file of its own by default")
    parser.add_argument("--write", action="store_true", help="the table to figures.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "books.sqlite")
        figures = asyncio.run(measure(chain_of(asked.events), asked.place or str(path)))
        kind = "PostgreSQL" if asked.place else f"SQLite {sqlite3.sqlite_version}"
        text = table(figures, kind, None if asked.place else path.stat().st_size)
    print(text)
    if asked.write:
        FIGURES.write_text(text, "utf-8")
    pages = [each for name, each in figures.items() if name.startswith("latest")]
    if figures["events"] / figures["seconds"] < LIMIT_EVENTS_S or max(pages) > LIMIT_PAGE_MS:
        sys.exit("over the limits")


if __name__ == "__main__":
    main()
