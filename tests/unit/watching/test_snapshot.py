"""A snapshot has what all programs hold, from a cluster as from the books."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from solders.pubkey import Pubkey

from amalgam import NotFoundError
from amalgam.battery.client import EnergyAllocationClient
from amalgam.battery.program import Battery, Member, member_address
from amalgam.books.database import Books, books_url
from amalgam.books.sync import Sync
from amalgam.books.tables import events
from amalgam.market.program import Auction, Clearing, Market, Offer, Order
from amalgam.metering.program import Issuer, Meter
from amalgam.programs import Program
from amalgam.scenarios.day import live
from amalgam.vpp.program import Commitment, Dispatch, Plant
from amalgam.watching.snapshot import BooksWatch, Snapshot, audited, from_cluster
from tests.support.book_chain import TOO_MANY, BookChain
from tests.unit.scenarios.test_day import readings


async def lived(chain: Any) -> Snapshot:
    """A day of four programs."""

    async def travel_to(moment: int) -> None:
        chain.unix_timestamp = moment

    async with chain.client() as connection:
        await live(readings(), connection, travel_to=travel_to)
        return await from_cluster(connection)


def opened(place: Path, story: BookChain) -> Books:
    return Books.filled(str(place), str(story.chain.genesis_hash))


async def sync(books: Books, story: BookChain) -> None:
    await Sync(books, story.connection, lambda _: lambda: None).round()


async def test_a_snapshot_of_a_cluster_has_every_account(full_chain: Any) -> None:
    found = await lived(full_chain)
    assert (found.slot, found.unix_timestamp) == (full_chain.slot, full_chain.unix_timestamp)
    kinds = Counter(type(each) for each in found.accounts.values())
    assert kinds == {
        **{Battery: 1, Member: 12, Issuer: 1, Meter: 9, Market: 1, Auction: 1, Clearing: 1},
        **{Order: kinds[Order], Plant: 1, Dispatch: 1, Commitment: kinds[Commitment]},
    }
    assert kinds[Order] > 0
    assert kinds[Commitment] > 0
    assert [type(each) for each in found.ledgers.values()] == [Battery, Issuer, Market, Plant]
    (battery,) = found.of(Battery)
    async with full_chain.client() as connection:
        client = EnergyAllocationClient(connection)
        assert found.of(Battery) == {battery: await client.battery(battery)}
        members = {member_address(battery, each.owner): each for each in await client.members(battery)}
        assert found.of(Member) == members
        assert (await audited(found, connection)).violations == {}
    assert found.of(Offer) == {}


async def test_the_books_say_the_same_as_the_cluster(full_chain: Any, tmp_path: Path) -> None:
    of_cluster = await lived(full_chain)
    books = Books.filled(str(tmp_path / "books.sqlite"), str(full_chain.genesis_hash))
    watch = BooksWatch(books)
    assert watch.snapshot() == Snapshot(0, 0, {})
    await Sync(books, full_chain.client(), lambda _: lambda: None).round()
    of_books = watch.snapshot()
    told = {at: each for at, each in of_cluster.accounts.items() if not isinstance(each, Clearing)}
    latest = full_chain.slot - 1  # each transaction ends a block
    assert of_books == Snapshot(latest, of_cluster.unix_timestamp, told)
    books.close()


async def test_a_snapshot_of_some_ledgers_has_what_belongs_to_them(full_chain: Any) -> None:
    found = await lived(full_chain)
    parts = [found.only([ledger]).accounts for ledger in found.ledgers]
    assert [len(set(map(type, part.values()))) for part in parts] == [2, 2, 4, 3]
    assert {at: each for part in parts for at, each in part.items()} == found.accounts
    assert found.only(found.ledgers) == found
    with pytest.raises(NotFoundError) as refusal:
        found.only([Pubkey.default()])
    assert str(refusal.value) == (
        "there is no battery, issuer, market, plant or community at 11111111111111111111111111111111; "
        "check the address, and the cluster that --url names"
    )


def test_a_parent_is_named_by_its_kind_in_every_account() -> None:
    """Else a stranger's account could name somebody's battery, and belong to it."""
    from amalgam.watching.snapshot import _parent  # pyright: ignore[reportPrivateUsage]

    kinds = [kind for program in Program for kind in program.module.ACCOUNTS]
    assert {kind.__name__: _parent(kind) for kind in kinds if _parent(kind) is None} == dict.fromkeys(
        ("Battery", "Issuer", "Market", "Plant", "Community")
    )
    for kind in kinds:
        assert ("sequence" in kind.__slots__) == (_parent(kind) is None)


async def test_books_are_read_on_from_where_they_were(tmp_path: Path, story_of_one: BookChain) -> None:
    story, books = story_of_one, opened(tmp_path / "books.sqlite", story_of_one)
    watch = BooksWatch(books)
    for _ in range(3):
        story.allocate(3)
        await sync(books, story)
        of_cluster = await from_cluster(story.connection)
        assert watch.snapshot() == replace(of_cluster, slot=story.chain.slot - 1)
    books.close()


async def test_a_gap_in_the_books_is_told_and_what_is_before_it_is_shown(
    tmp_path: Path, story_of_one: BookChain
) -> None:
    story, books = story_of_one, opened(tmp_path / "books.sqlite", story_of_one)
    before = await from_cluster(story.connection)
    story.allocate(TOO_MANY)  # whose log is cut off
    story.allocate()
    await sync(books, story)
    watch = BooksWatch(books)
    for _ in range(2):
        found = watch.snapshot()
        assert found.accounts == before.accounts
        last = 3 + TOO_MANY
        assert found.violations == {story.battery: [f"events 4 to {last} are missing in the books"]}
    books.close()


async def test_books_that_tell_what_cannot_be_are_a_violation(
    tmp_path: Path, story_of_one: BookChain
) -> None:
    story, place = story_of_one, tmp_path / "books.sqlite"
    books = opened(place, story)
    await sync(books, story)
    watch = BooksWatch(books)
    whole = watch.snapshot()
    story.allocate()
    await sync(books, story)
    engine = sa.create_engine(books_url(str(place)))
    with engine.begin() as connection:
        for trigger in connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")):
            connection.execute(sa.text(f"DROP TRIGGER {trigger}"))
        chosen = (events.c.ledger == str(story.battery)) & (events.c.sequence == 4)
        data = connection.scalar(sa.select(events.c.data).where(chosen))
        connection.execute(sa.update(events).where(chosen).values(data={**data, "allocated": 5}))
    engine.dispose()
    for _ in range(2):
        found = watch.snapshot()
        assert found.violations == {story.battery: ["event 4 states allocated 5 instead of 1"]}
        assert found.accounts == whole.only([story.issuer]).accounts
    books.close()


async def test_an_audit_of_a_snapshot_says_what_the_clients_audit_says(story_of_one: BookChain) -> None:
    story = story_of_one
    story.set_vault(5)
    found = await audited(await from_cluster(story.connection), story.connection)
    violations = ["the vault holds 5, the battery stores 900000000"]
    assert found.violations == {story.battery: violations}
    assert (await EnergyAllocationClient(story.connection).audit(story.battery)).violations == violations
    assert found.only([story.issuer]).violations == {}
    assert replace(found, violations={}) == await from_cluster(story.connection)
