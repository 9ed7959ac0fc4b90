"""`amalgam dashboard`: a page in a browser of what all programs hold, live and read-only."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from amalgam.cli.books import genesis_hash, opened
from amalgam.cli.failures import Failure
from amalgam.cli.options import (
    EXIT_CODES,
    OPERATORS,
    BooksPlace,
    Pubkey,
    UnusableInput,
    address_option,
    parsed,
)
from amalgam.cli.output import columns
from amalgam.cli.session import Session, reading
from amalgam.units import duration_s

if TYPE_CHECKING:
    from amalgam.books.database import Books
    from amalgam.dashboard.links import Links
    from amalgam.dashboard.live import Live, Source
    from amalgam.dashboard.server import Site

app = typer.Typer()
_LINK_KEY = Path("~/.config/amalgam/dashboard.key")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{text!r} is no address of a page; write it like https://energy.example")
    return text.rstrip("/")


def _zone(text: str) -> str:
    from amalgam.readings.times import zone

    return zone(text).key


_Ledgers = Annotated[
    list[Pubkey] | None,
    address_option(
        "--ledger", "A battery, issuer, market, plant or community to show. Repeated for each. Default: all."
    ),
]
_Host = Annotated[
    str,
    typer.Option(
        metavar="ADDRESS",
        help="Of this machine, where the page is served. 0.0.0.0 serves it to everybody who can reach the "
        "machine, without encryption: put a server with TLS before it.",
    ),
]
_Port = Annotated[int, typer.Option(min=0, max=65_535, help="Likewise; 0 for any that is free.")]
_Public = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="URL",
        parser=parsed(_address, "--address"),
        help="Where people reach the page, like https://energy.example: members' links begin with it, and "
        "requests to that host are answered too.",
        show_default=False,
    ),
]
_Interval = Annotated[
    int,
    typer.Option(
        metavar="DURATION",
        parser=parsed(duration_s, "--interval"),
        help="How often the cluster, or the books, are asked.",
        show_default="5s",
    ),
]
_AlarmsFile = Annotated[
    Path | None,
    typer.Option(
        "--alarms",
        metavar="FILE",
        help="The file of amalgam alarms: its limits, and the names of members and accounts.",
        show_default=False,
    ),
]
_FromBooks = Annotated[
    bool, typer.Option("--from-books", help="Ask no cluster: show what the books say. Needs --books.")
]
_Zone = Annotated[
    str,
    typer.Option(
        "--zone",
        metavar="ZONE",
        parser=parsed(_zone, "--zone"),
        help="Of times and days, like Europe/Vienna.",
    ),
]
_LinkKey = Annotated[
    Path | None,
    typer.Option(
        "--link-key",
        metavar="FILE",
        help=f"The secret key of members' links, made if there is none. Default: {_LINK_KEY}.",
        show_default=False,
    ),
]


@app.command(epilog=EXIT_CODES, rich_help_panel=OPERATORS)
@reading
async def dashboard(
    session: Session,
    ledger: _Ledgers = None,
    books: BooksPlace = None,
    from_books: _FromBooks = False,
    host: _Host = "127.0.0.1",
    port: _Port = 8_000,
    address: _Public = None,
    interval: _Interval = 5,
    alarms: _AlarmsFile = None,
    zone: _Zone = "UTC",
    link_key: _LinkKey = None,
    links: Annotated[
        bool, typer.Option("--links", help="Print the links to members' pages, and end.")
    ] = False,
) -> None:
    """Serve a page that shows everything live in a browser, until Ctrl-C.

    Read-only: it has no key and sends nothing. Books give it a history of
    each day, week, month and year; --links prints a page for each member,
    which nobody else can guess.

    Examples
      amalgam dashboard
      amalgam dashboard --books books.sqlite --alarms alarms.toml --zone Europe/Vienna
      amalgam dashboard --links --address https://energy.example
    """
    from amalgam.dashboard.links import LinkKeyError, links_at
    from amalgam.dashboard.live import Live
    from amalgam.dashboard.server import Site
    from amalgam.readings.times import zone as zone_named
    from amalgam.watching.alarms import Limits
    from amalgam.watching.settings import load_limits

    live = Live(limits=load_limits(alarms) if alarms else Limits())
    try:
        known = links_at((link_key or _LINK_KEY).expanduser())
    except LinkKeyError as error:
        raise UnusableInput(str(error)) from None
    kept = await _books(session, books, from_books)
    live.books = kept
    source = _source(session, kept, from_books, ledger or [])
    try:
        if links:
            await _show_links(session, live, source, known, address or f"http://{host}:{port}")
            return
        server = _listening(host, port)
        base = f"http://{_in_url(host)}:{server.getsockname()[1]}"
        hosts = (
            {*_LOOPBACK, host, urlsplit(address or base).hostname or ""} if host in _LOOPBACK else set[str]()
        )
        session.answer(
            {"address": base, "from": kept.name if kept and from_books else session.cluster},
            f"Serving {base} until Ctrl-C",
        )
        await _serve(live, source, Site(live, known, zone_named(zone)), server, sorted(hosts), interval)
    finally:
        if kept:
            kept.close()


async def _serve(
    live: Live, source: Source, site: Site, server: socket.socket, hosts: list[str], interval: int
) -> None:
    """Look and serve, until Ctrl-C or until looking is of no use."""
    from amalgam.dashboard.server import serve
    from amalgam.watching.together import until_one_ends

    try:
        await until_one_ends(live.run(source, interval), serve(site, server, hosts))
    except asyncio.CancelledError:  # Ctrl-C, which is how it ends
        return


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise Failure(
            f"{host}:{port}: {os.strerror(error.errno or 0)}; choose others with --host and --port", 1
        ) from None


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


async def _books(session: Session, place: str | None, alone: bool) -> Books | None:
    """The books, if there are to be any; of the cluster that is asked, unless none is."""
    if not place:
        if alone:
            raise UnusableInput("--from-books: which books? name a file or a database with --books")
        return None
    books = opened(place)
    if not alone:
        books.check_cluster(await genesis_hash(session))
    return books


def _source(session: Session, books: Books | None, alone: bool, ledgers: list[Pubkey]) -> Source:
    from amalgam.dashboard.live import from_books, from_connection
    from amalgam.watching.snapshot import BooksWatch

    if alone and books:
        return from_books(BooksWatch(books), ledgers)
    return from_connection(session.connection, ledgers)


async def _show_links(session: Session, live: Live, source: Source, links: Links, base: str) -> None:
    snapshot = (await source()).snapshot
    owners = sorted({each.owner for each in snapshot.accounts.values() if hasattr(each, "owner")}, key=str)
    names = live.limits.names
    found = [(names.get(each, ""), str(each), f"{base}/{links.path(each)}") for each in owners]
    value = [{"name": name or None, "owner": owner, "link": link} for name, owner, link in found]
    session.answer(value, columns(("Name", "Owner", "Link"), found))
