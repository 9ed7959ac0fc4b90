"""`amalgam books`: an append-only database of what the programs have done, and what is read from it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amalgam.cli.failures import Failure
from amalgam.cli.options import (
    EXIT_CODES,
    BooksPlace,
    Output,
    Pubkey,
    UnusableInput,
    address_argument,
    parsed,
)
from amalgam.cli.output import columns, facts, progress
from amalgam.cli.session import Session, reading
from amalgam.units import counted, duration_s, utc

if TYPE_CHECKING:
    from datetime import datetime

    from amalgam.books.database import Books, Gap
    from amalgam.books.sync import Synced
    from amalgam.chain.events import Landed

app = typer.Typer(
    help="Keep a database of all that the programs have done, from finalized blocks.", epilog=EXIT_CODES
)
_FAILED = 10  # of the latest, that are shown
_Interval = Annotated[
    int,
    typer.Option(
        metavar="DURATION",
        parser=parsed(duration_s, "--interval"),
        help="How often nodes are asked that tell nothing by WebSocket.",
        show_default="5s",
    ),
]
_Ledgers = Annotated[
    list[Pubkey] | None,
    address_argument("[LEDGER]...", "Batteries, issuers, markets, plants, communities. Default: all."),
]


@app.command(epilog=EXIT_CODES)
@reading
async def sync(session: Session, books: BooksPlace = None) -> None:
    """Read all that is finalized and not yet in the books, and end.

    Every node lists, and what any of them lists is read. What was interrupted
    goes on where it was. What no node tells is named, and the exit code is 4.

    Examples
      amalgam books sync --books books.sqlite
      amalgam books sync --books postgresql://amalgam@localhost/books --url $ONE --url $OTHER
    """
    from amalgam.books.sync import Sync

    filled = await _filled(session, books)
    try:
        with progress("Reading") as begin:
            done = await Sync(filled, session.connection, begin).round()
    finally:
        filled.close()
    session.answer({"books": filled.name, **_value(done)}, _sentence(done))
    _tell_troubles(session, done)
    if not done.complete:
        raise Failure("not everything could be read; run the same again, it goes on from there", 4)


@app.command(epilog=EXIT_CODES)
@reading
async def follow(session: Session, books: BooksPlace = None, interval: _Interval = 5) -> None:
    """Keep the books up to date, until Ctrl-C.

    Nodes tell by WebSocket, or are asked if they have none. A database that
    goes away is waited for.

    Example
      amalgam books follow --books books.sqlite
    """
    from amalgam.books.news import News

    news = News()
    listening = asyncio.create_task(news.listen(session.websocket_urls))
    try:
        while True:
            await _follow(session, books, news, interval)
            await asyncio.sleep(interval)
    except asyncio.CancelledError:  # Ctrl-C, which is how it ends
        return
    finally:
        listening.cancel()


async def _follow(session: Session, place: str | None, news: Any, interval: int) -> None:
    """One round after another, until something does not answer, which is told."""
    from amalgam.books.database import BooksError
    from amalgam.books.sync import Sync
    from amalgam.chain.rpc import NodeError

    filled: Books | None = None
    said: dict[str, str] = {}
    try:
        filled = await _filled(session, place)
        sync = Sync(filled, session.connection, lambda _: lambda: None)
        while True:
            done = await sync.round()
            if done.added and session.output is Output.JSON:
                typer.echo(json.dumps(_value(done)))
            elif done.added:
                typer.echo(_sentence(done))
            if (done.nodes | {str(of): why for of, why in done.unread.items()}) != said or done.gaps:
                said = done.nodes | {str(of): why for of, why in done.unread.items()}
                _tell_troubles(session, done)
            await news.wait(interval)
    except (BooksError, NodeError) as error:
        session.say(f"{error}; trying again")
    finally:
        if filled is not None:
            filled.close()


@app.command(epilog=EXIT_CODES)
@reading
async def show(session: Session, books: BooksPlace = None) -> None:
    """Show what is in the books, what is missing in them, and what has failed.

    Example
      amalgam books show --books books.sqlite
    """
    found = opened(books)
    counts, missing, failed = found.counts(), found.gaps(), found.failed(_FAILED)
    found.close()
    value = {
        "books": found.name,
        **counts,
        "missing": [_gap(gap) for gap in missing],
        "latest_failed": [{**each._asdict(), "signature": str(each.signature)} for each in failed],
    }
    titles = {"transactions": "Transactions", "failed": "  failed", "cut_off": "  with a log cut off"}
    lines = [(titles.get(name, f"Events of {name}"), f"{count:,}") for name, count in counts.items()]
    lines += [("Missing", f"{_missing(gap)} of {gap.ledger}") for gap in missing]
    table = columns(
        ("Failed at", "Reason", "Transaction"),
        [("" if at is None else utc(at), error, str(signature)) for signature, _, at, error in failed],
    )
    session.answer(value, facts([("Books", found.name), *lines]), *([table] if failed else []))


@app.command(epilog=EXIT_CODES)
@reading
async def audit(session: Session, ledgers: _Ledgers = None, books: BooksPlace = None) -> None:
    """Check that the events in the books make the accounts that the chain holds.

    Ends with exit code 1 if they do not.

    Examples
      amalgam books audit --books books.sqlite
      amalgam books audit $BATTERY --books books.sqlite
    """
    from amalgam.books.audit import audit as audited

    read = opened(books)
    read.check_cluster(await genesis_hash(session))
    found = await audited(read, session.connection, ledgers or None)
    read.close()
    differences = {str(ledger): told for ledger, told in found.differences.items()}
    verdict = f"{counted(found.accounts, 'account')} of {counted(found.ledgers, 'ledger')}"
    session.answer(
        {"ledgers": found.ledgers, "accounts": found.accounts, "differences": differences},
        facts([("Agreed", verdict), *((ledger, told) for ledger, told in differences.items())]),
    )
    if differences:
        raise Failure("the books do not make what the chain holds; the lines above say where", 1)


# What other commands read from the books


async def known_story(
    session: Session,
    place: str,
    ledger: Pubkey,
    *,
    address: Pubkey | None = None,
    since: datetime | None = None,
    limit: int | None = None,
) -> list[Landed]:
    """A ledger's events in their order, as the books have them, and the chain's after those.

    Those with one `address` alone, from `since` on, and of those in the books the latest so many.
    """
    from amalgam.chain.events import read, signatures

    books = opened(place)
    try:
        books.check_cluster(await genesis_hash(session))
        latest = books.page(ledger=ledger, limit=1)
        if limit is None:
            known = list(books.story(ledger))
        else:
            known = list(books.page(ledger=ledger, account=address, since=since, limit=limit))[::-1]
    finally:
        books.close()
    after = latest[0].signature if latest else None
    found = await signatures(session.connection, address or ledger, after=after)
    with progress("Reading") as begin:
        news = await read(session.connection, ledger, found, begin(len(found)))
    last = latest[0].event.sequence if latest else 0
    return [*known, *(landed for landed in news if landed.event.sequence > last)]


def opened(place: str | None) -> Books:
    """Open books to be read. Fails if there are none."""
    from amalgam.books.database import Books

    try:
        return Books(_named(place))
    except ValueError as error:
        raise UnusableInput(f"--books: {error}") from None


async def _filled(session: Session, place: str | None) -> Books:
    from amalgam.books.database import Books, WrongBooksError

    try:
        return Books.filled(_named(place), await genesis_hash(session))
    except WrongBooksError:
        raise
    except ValueError as error:
        raise UnusableInput(f"--books: {error}") from None


def _named(place: str | None) -> str:
    if not place:
        raise UnusableInput("which books? name a file or a database with --books, or in AMALGAM_BOOKS")
    return place


async def genesis_hash(session: Session) -> str:
    """Of the cluster, which books are of."""
    return str((await session.connection.get_genesis_hash()).value)


# For people and programs


def _sentence(done: Synced) -> str:
    failed = f", {done.failed:,} of them failed" if done.failed else ""
    return f"Added {counted(done.added, 'transaction')}{failed}, with {counted(done.events, 'event')}"


def _value(done: Synced) -> dict[str, Any]:
    return {
        "transactions": done.added,
        "events": done.events,
        "failed": done.failed,
        "complete": done.complete,
        "nodes": done.nodes,
        "unread": {str(signature): why for signature, why in done.unread.items()},
        "missing": [_gap(gap) for gap in done.gaps],
    }


def _tell_troubles(session: Session, done: Synced) -> None:
    for node, why in done.nodes.items():
        session.say(f"{node}: {why}" if node not in why else why)
    for signature, why in done.unread.items():
        session.say(f"transaction {signature}: {why}")
    for gap in done.gaps:
        session.say(f"{_missing(gap)} of {gap.ledger}, before transaction {gap.before}")


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "ledger": str(gap.ledger),
        "first": gap.missing[0],
        "last": gap.missing[-1],
        "before": str(gap.before),
    }


def _missing(gap: Gap) -> str:
    from amalgam.cli.words import missing

    return missing(gap.missing)
