"""The page's server: it answers GET alone, and has no key."""

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import uvicorn
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Litestar, MediaType, Request, Response, get
from litestar.exceptions import (
    ClientException,
    HTTPException,
    NotFoundException,
    ServiceUnavailableException,
    ValidationException,
)
from litestar.response import Redirect, ServerSentEvent
from litestar.static_files import create_static_files_router  # pyright: ignore[reportUnknownVariableType]
from prometheus_client import CollectorRegistry
from solders.pubkey import Pubkey

from amalgam.billing.words import Language
from amalgam.books.database import BooksError
from amalgam.dashboard import exports
from amalgam.dashboard.history import Span, Window
from amalgam.dashboard.links import Links
from amalgam.dashboard.live import Live, State, rows_of, state_of, stream
from amalgam.dashboard.page import Cell, Moment, Number, Section, Table, Who, text
from amalgam.dashboard.view import History, history_of, ledgers, sections_of, title_of
from amalgam.dashboard.words import NAMES, Words
from amalgam.watching.metrics import count_requests, exposition

_LOG = logging.getLogger(__name__)
MOST_STREAMS = 500  # open at once
_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",  # a member's link stays with them
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
_PRIVATE = {"cache-control": "no-store"}
_FORMS = {
    "csv": (exports.as_csv, "text/csv; charset=utf-8"),
    "xlsx": (exports.as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@dataclass(frozen=True, slots=True)
class Site:
    """What is served.

    Attributes:
        live: What is seen.
        links: To members' pages.
        zone: Of times.
    """

    live: Live
    links: Links
    zone: tzinfo = UTC


class _Visit(NamedTuple):
    """Who asks for what: a language, and a member's page or everybody's."""

    words: Words
    owner: Pubkey | None
    base: str  # the beginning of its URLs, without a slash at the end

    def in_language(self, language: Language) -> str:
        return f"/{language}{self.base[3:]}"


_OF_ALL, _OF_MEMBER = "/{language:str}", "/{language:str}/member/{owner:str}/{token:str}"


def _paths(rest: str = "") -> list[str]:
    return [_OF_ALL + rest, _OF_MEMBER + rest]


def app_of(site: Site, hosts: Sequence[str] = ()) -> Litestar:
    """The application; of requests to hosts of other names it answers none, unless there are no names."""
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    of_process = CollectorRegistry()
    count_requests(of_process)
    open_streams = 0

    def visit(request: Request[Any, Any, Any]) -> _Visit:
        given = request.path_params
        try:
            words = Words(Language(given["language"]), site.zone)
        except ValueError:
            raise NotFoundException from None
        if "owner" not in given:
            return _Visit(words, None, f"/{words.language}")
        try:
            owner = Pubkey.from_string(given["owner"])
        except ValueError:
            raise NotFoundException from None
        if not site.links.opens(owner, given["token"]):
            raise NotFoundException
        return _Visit(words, owner, f"/{words.language}/member/{owner}/{given['token']}")

    made: dict[tuple[Words, Pubkey | None], tuple[int, Sequence[Section], State]] = {}

    def view(words: Words, owner: Pubkey | None) -> tuple[Sequence[Section], State]:
        """Made once for all who look at the same."""
        known = made.get((words, owner))
        if known is None or known[0] != site.live.version:
            sections = sections_of(site.live, words, owner)
            known = made[words, owner] = site.live.version, sections, state_of(site.live, words, sections)
        return known[1], known[2]

    def html(template: str, visited: _Visit, status_code: int = 200, **values: Any) -> Response[str]:
        words = visited.words
        content = templates.get_template(template).render(
            words=words,
            base=visited.base,
            owner=visited.owner,
            languages=[(each, NAMES[each], visited.in_language(each)) for each in NAMES],
            text=partial(text, words=words),
            **values,
        )
        headers = _PRIVATE | {"content-language": words.language.value}
        return Response(content, media_type=MediaType.HTML, status_code=status_code, headers=headers)

    @get("/", sync_to_thread=False)
    def start(request: Request[Any, Any, Any]) -> Redirect:
        return Redirect(f"/{_preferred(request)}", status_code=302, headers={"vary": "accept-language"})

    @get("/member/{owner:str}/{token:str}", sync_to_thread=False)
    def start_of_member(request: Request[Any, Any, Any]) -> Redirect:
        return Redirect(f"/{_preferred(request)}{request.url.path}", status_code=302)

    @get(_paths(), sync_to_thread=False)
    def now(request: Request[Any, Any, Any]) -> Response[str]:
        visited = visit(request)
        sections, state = view(visited.words, visited.owner)
        return html("now.html", visited, place="now", sections=sections, state=state)

    @get(_OF_ALL + "/wall", sync_to_thread=False)
    def wall(request: Request[Any, Any, Any]) -> Response[str]:
        visited = visit(request)
        sections, state = view(visited.words, None)
        shown = [
            replace(
                each,
                figures=[figure for figure in each.figures if figure.is_main],
                tables=each.tables if each.key == "alarms" else (),
                note="",
            )
            for each in sections
        ]
        return html("now.html", visited, place="wall", sections=shown, state=state)

    @get(_paths("/events"))
    async def events(request: Request[Any, Any, Any]) -> ServerSentEvent:
        nonlocal open_streams
        visited = visit(request)
        if open_streams >= MOST_STREAMS:
            raise ServiceUnavailableException

        async def told() -> AsyncIterator[str]:
            nonlocal open_streams
            open_streams += 1
            try:
                async for each in stream(site.live, lambda: view(visited.words, visited.owner)):
                    yield each
            finally:
                open_streams -= 1

        return ServerSentEvent(told(), headers=_PRIVATE | {"x-accel-buffering": "no"})

    def histories(visited: _Visit) -> dict[Pubkey, Any]:
        """What there is a history of; of a member only books have one."""
        if site.live.seen is None or (visited.owner is not None and site.live.books is None):
            return {}
        return ledgers(site.live.seen.snapshot, visited.owner)

    async def told_history(visited: _Visit, asked: _Asked) -> History:
        """Apart from the loop, since a database may take its time."""
        return await asyncio.to_thread(
            history_of, site.live, visited.words, asked.window, asked.ledger, visited.owner
        )

    @get(_paths("/history"))
    async def history(request: Request[Any, Any, Any]) -> Response[str]:
        visited = visit(request)
        words, known = visited.words, histories(visited)
        if not known:
            return html("history.html", visited, place="history", known=[])
        asked = _asked(request, site, known)
        found = await told_history(visited, asked)
        kinds, rows = rows_of(found.table, words)
        return html(
            "history.html",
            visited,
            place="history",
            known=[(at, title_of(words, each), text(_who(site, at), words)) for at, each in known.items()],
            asked=asked,
            spans=list(Span),
            earlier=f"{visited.base}/history?{asked.query(asked.window.before)}",
            later=f"{visited.base}/history?{asked.query(asked.window.after)}",
            note=words("from_books")
            if site.live.books
            else words("since_start", time=words.time(site.live.recent.began)),
            figures=found.figures,
            table=found.table,
            kinds=kinds,
            rows=rows,
            chart=_chart(found.table),
            files=f"{visited.base}/history/{{form}}?{asked.query(asked.window.day)}",
        )

    @get(_paths("/history/{form:str}"))
    async def history_file(request: Request[Any, Any, Any]) -> Response[bytes]:
        visited = visit(request)
        known = histories(visited)
        if not known:
            raise NotFoundException
        asked = _asked(request, site, known)
        found = await told_history(visited, asked)
        name = f"history-{asked.window.span}-{asked.window.first}"
        return _file(found.table, visited.words, name, request.path_params["form"])

    @get("/metrics", sync_to_thread=False)
    def metrics() -> Response[bytes]:
        """For Prometheus."""
        if site.live.seen is None:
            raise ServiceUnavailableException
        content, media_type = exposition(site.live.seen.snapshot, site.live.alarms, of_process)
        return Response(content, media_type=media_type, headers=_PRIVATE)

    @get(_paths("/tables/{section:str}/{table:str}/{form:str}"), sync_to_thread=False)
    def table_file(request: Request[Any, Any, Any]) -> Response[bytes]:
        visited, given = visit(request), request.path_params
        sections, _ = view(visited.words, visited.owner)
        for section in sections:
            for table in section.tables:
                if (section.key, table.key) == (given["section"], given["table"]):
                    return _file(table, visited.words, f"{table.key}-{section.key}", given["form"])
        raise NotFoundException

    def failed(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        status = error.status_code if isinstance(error, HTTPException) else 500
        words = Words(_language_of(request), site.zone)
        visited = _Visit(words, None, f"/{words.language}")
        if status == 404:
            said = words("not_found")
        elif isinstance(error, HTTPException) and status < 500:
            said = words("unusable", reason=error.detail)
        elif isinstance(error, BooksError):
            status, said = 503, str(error)
        else:
            _LOG.error("%s could not be made", request.url.path.split("/member/")[0], exc_info=error)
            said = words("failed")
        return html("failed.html", visited, status, place="", said=said)

    async def known_host(request: Request[Any, Any, Any]) -> None:
        """Else a stranger's page whose name leads here could have a browser read this one (DNS rebinding)."""
        try:
            name = urlsplit(f"//{request.headers.get('host', '')}").hostname
        except ValueError:
            name = None
        if name not in hosts:
            raise ClientException("this host is not known here; name it with --address", status_code=421)

    static = create_static_files_router(path="/static", directories=[_HERE / "static"])
    return Litestar(
        [start, start_of_member, now, wall, events, history, history_file, table_file, metrics, static],
        openapi_config=None,
        logging_config=None,  # else httpx would log each URL
        before_request=known_host if hosts else None,
        exception_handlers={Exception: failed},
        before_send=[_add_headers],
    )


async def _add_headers(message: Any, _: Any) -> None:
    """To all that is answered, whoever answers it."""
    if message["type"] == "http.response.start":
        message["headers"] = [
            *message["headers"],
            *((name.encode(), value.encode()) for name, value in HEADERS.items()),
        ]


def _preferred(request: Request[Any, Any, Any]) -> Language:
    """The first that the browser prefers, in its order, of those that there are."""
    for told in request.headers.get("accept-language", "").split(","):
        name = told.split(";")[0].strip()[:2].lower()
        if name in list(Language):
            return Language(name)
    return Language.EN


def _language_of(request: Request[Any, Any, Any]) -> Language:
    name = request.url.path.split("/")[1]
    return Language(name) if name in list(Language) else _preferred(request)


def _who(site: Site, address: Pubkey) -> Who:
    return Who(str(address), site.live.limits.names.get(address))


# History


class _Asked(NamedTuple):
    ledger: Pubkey
    window: Window

    def query(self, day: date) -> str:
        """The rest of a URL of the same at another day."""
        return f"of={self.ledger}&by={self.window.span}&day={day}"


def _asked(request: Request[Any, Any, Any], site: Site, known: Any) -> _Asked:
    given = request.query_params
    try:
        ledger = Pubkey.from_string(given["of"]) if "of" in given else next(iter(known))
    except ValueError:
        raise NotFoundException from None
    if ledger not in known:
        raise NotFoundException
    try:
        span = Span(given.get("by", Span.DAY))
        day = date.fromisoformat(given["day"]) if given.get("day") else _today(site)
    except ValueError as error:
        raise ValidationException(str(error)) from None
    if not 1971 <= day.year <= 9000:
        raise ValidationException(f"{day} is not within the years 1971 to 9000")
    return _Asked(ledger, Window(span, day, site.zone))


def _today(site: Site) -> date:
    """The chain's day, of the latest that was seen."""
    now = site.live.seen.snapshot.unix_timestamp if site.live.seen else 0
    return datetime.fromtimestamp(now, site.zone).date()


def _chart(table: Table) -> str:
    """The table's numbers for the chart, as JSON."""
    parts = [cells for key, cells in table.rows.items() if key != "total"]
    return json.dumps([[_plain(cell) for cell in column] for column in zip(*parts, strict=True)])


def _plain(cell: Cell) -> float | None:
    match cell:
        case Moment(at):
            return at
        case Number():
            return float(cell.exact)
        case _:
            return None


def _file(table: Table, words: Words, name: str, form: str) -> Response[bytes]:
    if form not in _FORMS:
        raise NotFoundException
    make, media_type = _FORMS[form]
    headers = _PRIVATE | {"content-disposition": f'attachment; filename="{name}.{form}"'}
    return Response(make(table, words), media_type=media_type, headers=headers)


async def serve(site: Site, listening: socket.socket, hosts: Sequence[str] = ()) -> None:
    """Serve at a socket, until cancelled. `hosts` are as `app_of` has them."""
    config = uvicorn.Config(
        app_of(site, hosts),
        log_level="critical",  # what fails is logged by `failed`
        access_log=False,  # links are secrets
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await asyncio.shield(serving)
    finally:
        server.should_exit = True
        site.live.end()
        await serving


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave Ctrl-C to the command."""
        yield
