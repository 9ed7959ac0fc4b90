"""What is on the chain is in the books: once, whole, and whatever was missing is named."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from solders.signature import Signature
from sqlalchemy.exc import DBAPIError

from amalgam.battery.program import EnergyAllocated, member_address
from amalgam.books import sync as sync_module
from amalgam.books.audit import audit
from amalgam.books.database import (
    Books,
    BooksError,
    ContradictionError,
    NoBooksError,
    Read,
    WrongBooksError,
    books_url,
)
from amalgam.books.sync import Sync, Synced
from amalgam.books.tables import BOOKS, events, metadata
from amalgam.chain.events import Landed, fetch
from amalgam.chain.ledger_history import rebuilt
from tests.support.book_chain import TOO_MANY, BookChain
from tests.support.node import NOON


async def synced(place: str, story: BookChain) -> tuple[Books, Synced]:
    books = Books.filled(place, str(story.chain.genesis_hash))
    return books, await Sync(books, story.connection, lambda _: lambda: None).round()


def rows(place: str) -> dict[str, list[Any]]:
    """Everything in the books."""
    engine = sa.create_engine(books_url(place))
    with engine.connect() as connection:
        found = {str(table): [*map(tuple, connection.execute(sa.select(table)))] for table in BOOKS}
    engine.dispose()
    return {name: sorted(each, key=repr) for name, each in found.items()}


def stories(books: Books, story: BookChain) -> list[Landed]:
    return [*books.story(story.battery), *books.story(story.issuer)]


async def told(story: BookChain) -> list[Landed]:
    """The same as nodes tell it without books."""
    return [*await fetch(story.connection, story.battery), *await fetch(story.connection, story.issuer)]


async def test_all_events_are_there_as_the_chain_tells_them(place: str, story: BookChain) -> None:
    story.allocate(24)
    failed = story.fail()
    books, done = await synced(place, story)
    assert done == Synced(added=6, events=29, failed=1, complete=True)
    assert stories(books, story) == await told(story)
    (only,) = books.failed(10)
    assert (only.signature, only.error) == (failed, "amount exceeds what is available")
    assert only.unix_timestamp == story.chain.unix_timestamp
    assert books.counts() == {
        "transactions": 6,
        "failed": 1,
        "cut_off": 0,
        "energy_allocation": 27,
        "energy_metering": 2,
    }
    assert books.heads() == {story.battery: 27, story.issuer: 2}
    books.close()


async def test_what_is_there_is_not_read_again(place: str, story: BookChain) -> None:
    books, _ = await synced(place, story)
    books.close()
    before = rows(place)
    books, done = await synced(place, story)
    assert (done, rows(place)) == (Synced(complete=True), before)
    story.deposit(5)
    done = await Sync(books, story.connection, lambda _: lambda: None).round()
    assert done == Synced(added=1, events=1, complete=True)
    assert stories(books, story) == await told(story)
    books.close()


async def test_a_long_history_is_listed_page_by_page(
    place: str, story: BookChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync_module, "_PAGE", 3)
    for _ in range(10):
        story.allocate()
    books, done = await synced(place, story)
    assert done == Synced(added=14, events=15, complete=True)
    for _ in range(10):
        story.allocate()
    books.close()
    books, done = await synced(place, story)
    assert done == Synced(added=10, events=10, complete=True)
    assert stories(books, story) == await told(story)
    books.close()


async def test_a_log_that_was_cut_off_leaves_a_gap_that_is_named(place: str, story: BookChain) -> None:
    cut = story.allocate(TOO_MANY)
    story.allocate()
    books, done = await synced(place, story)
    (gap,) = done.gaps
    assert (gap.ledger, gap.missing) == (story.battery, range(4, 4 + TOO_MANY))
    assert done.complete
    assert books.counts()["cut_off"] == 1
    assert books.cut_off([cut, gap.before]) == {cut}
    assert (await audit(books, story.connection)).differences == {
        story.battery: f"events 4 to {3 + TOO_MANY} are missing"
    }
    books.close()


async def test_the_chain_is_rebuilt_from_the_books(place: str, story: BookChain) -> None:
    story.allocate(3)
    books, _ = await synced(place, story)
    history = rebuilt(books.story(story.battery))
    assert history.accounts.keys() == {story.battery, member_address(story.battery, story.address)}
    found = await audit(books, story.connection)
    assert (found.accounts, found.differences) == (4, {})
    story.allocate()
    assert (await audit(books, story.connection)).differences == {
        story.battery: "the chain is at event 7, and the books at event 6: run amalgam books sync"
    }
    books.close()


async def test_pages_are_newest_first(place: str, story: BookChain) -> None:
    for _ in range(5):
        story.allocate()
    books, _ = await synced(place, story)
    everything = stories(books, story)
    of_battery = [landed for landed in everything if hasattr(landed.event, "battery")]
    assert books.page(ledger=story.battery, limit=3) == of_battery[:-4:-1]
    member = member_address(story.battery, story.address)
    with_member = [landed for landed in of_battery if getattr(landed.event, "member", None) == member]
    assert books.page(account=member, limit=4) == with_member[:-5:-1]
    assert books.page(limit=2) == of_battery[:-3:-1]
    books.close()


# What the database refuses


async def test_nothing_is_changed_or_deleted(place: str, story: BookChain) -> None:
    books, _ = await synced(place, story)
    books.close()
    before = rows(place)
    engine = sa.create_engine(books_url(place))
    for table in BOOKS:
        column = next(iter(table.c))
        for change in (sa.delete(table), sa.update(table).values({column: column})):
            with engine.connect() as connection, pytest.raises(DBAPIError, match="the books are append-only"):
                connection.execute(change)
    engine.dispose()
    assert rows(place) == before


async def test_an_event_of_two_transactions_is_a_lie(place: str, story: BookChain) -> None:
    books, _ = await synced(place, story)
    (*_, last) = books.story(story.battery)
    assert isinstance(last.event, object)
    before = rows(place)
    lie = Read(Signature.new_unique(), 99, None, None, True, [last.event], b"")
    with pytest.raises(ContradictionError) as refused:
        books.add([lie])
    assert str(refused.value).startswith(
        f"event 3 of {story.battery} is told of transaction {last.signature}, and of {lie.signature} too: "
    )
    assert rows(place) == before
    books.close()


async def test_books_are_of_one_cluster(place: str, story: BookChain) -> None:
    books, _ = await synced(place, story)
    books.close()
    with pytest.raises(WrongBooksError, match="has the books of another cluster"):
        Books.filled(place, str(BookChain("other").chain.genesis_hash))


async def test_one_process_at_a_time_fills_them(place: str, story: BookChain) -> None:
    books, _ = await synced(place, story)
    with pytest.raises(BooksError, match=r": another process fills these books; wait for it, or stop it$"):
        Books.filled(place, str(story.chain.genesis_hash))
    reader = Books(place)
    assert reader.heads() == books.heads()
    reader.close()
    books.close()
    Books.filled(place, str(story.chain.genesis_hash)).close()


def test_there_are_no_books(place: str, tmp_path: Path) -> None:
    with pytest.raises(NoBooksError, match=r"no books of this version; run: amalgam books sync$"):
        Books(place)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match=r"^mysql is no database for books; name a file, or postgresql:"):
        Books("mysql://host/name")


async def test_the_migrations_make_the_tables(place: str, story: BookChain) -> None:
    books, _ = await synced(place, story)
    books.close()
    engine = sa.create_engine(books_url(place))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


async def test_data_are_read_by_sql(place: str, story: BookChain) -> None:
    story.allocate(2)
    books, _ = await synced(place, story)
    books.close()
    engine = sa.create_engine(books_url(place))
    amount = sa.func.sum(events.c.data["amount"].as_integer())
    with engine.connect() as connection:
        assert connection.scalar(sa.select(amount).where(events.c.name == EnergyAllocated.__name__)) == 3
    engine.dispose()


async def test_sums_and_levels_by_the_hour(story: BookChain, place: str) -> None:
    """In both databases, of a ledger, of an account of it, and of nobody's."""
    story.chain.unix_timestamp = NOON + 3_600
    story.deposit(3 * 10**10)  # beyond 32 bits
    story.chain.unix_timestamp = NOON + 2 * 3_600
    story.allocate()
    books = Books.filled(place, str(story.chain.genesis_hash))
    await Sync(books, story.connection, lambda _: lambda: None).round()
    hour, day = NOON // 3_600, (NOON, NOON + 86_400, 3_600)
    fields = {"EnergyDeposited": ["amount", "credit"], "EnergyAllocated": ["amount"]}
    expected = {
        (hour, "EnergyDeposited", "amount"): 10**9,
        (hour, "EnergyDeposited", "credit"): 9 * 10**8,
        (hour + 1, "EnergyDeposited", "amount"): 3 * 10**10,
        (hour + 1, "EnergyDeposited", "credit"): 27 * 10**9,
        (hour + 2, "EnergyAllocated", "amount"): 1,
    }
    member = member_address(story.battery, story.address)
    assert books.sums(story.battery, *day, fields) == expected
    assert books.sums(story.battery, *day, fields, [member]) == expected
    assert books.sums(story.battery, *day, fields, [story.issuer]) == {}
    assert books.sums(story.issuer, *day, fields) == {}
    stored = ("available", "allocated")
    assert books.levels(story.battery, *day, stored) == {
        hour: 9 * 10**8,
        hour + 1: 279 * 10**8,
        hour + 2: 279 * 10**8,
    }
    later = NOON + 3_700
    assert books.levels(story.battery, later, later + 1, 1, stored) == {None: 279 * 10**8}
    assert books.levels(story.battery, 0, 1, 1, stored) == {}
    books.close()
