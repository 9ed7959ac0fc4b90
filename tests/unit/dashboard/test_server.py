"""What the server answers, over HTTP: pages, refusals, headers, files."""

import asyncio
import csv
import re
from collections.abc import AsyncGenerator
from html.parser import HTMLParser
from io import BytesIO, StringIO
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families
from python_calamine import CalamineWorkbook
from solders.pubkey import Pubkey

from amalgam.battery import program as energy_allocation
from amalgam.books.database import Books
from amalgam.books.sync import Sync
from amalgam.chain.rpc import connect
from amalgam.dashboard import server
from amalgam.dashboard.live import Live, from_books, from_connection
from amalgam.dashboard.server import HEADERS, Site
from amalgam.watching.alarms import Kind, Limits
from amalgam.watching.snapshot import BooksWatch
from tests.support.book_chain import BookChain
from tests.support.browser import LINKS, served, until
from tests.support.node import NOON
from tests.unit.cli.conftest import TownNode

pytestmark = pytest.mark.asyncio(loop_scope="session")
BAD_NAME = "=cmd|' /C calc'!A0\"><script>alert(1)</script>"
STRANGER = Pubkey([7] * 32)


class Elements(HTMLParser):
    """The names of a page's elements, and their attributes that are code or style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        given = dict(attributes)
        self.inline += [name for name in given if name.startswith("on") or name == "style"]
        if tag == "script" and "src" not in given:
            self.inline.append("script")


@pytest_asyncio.fixture(loop_scope="session")
async def client(story: BookChain) -> AsyncGenerator[httpx.AsyncClient]:
    live = Live(limits=Limits(names={story.address: BAD_NAME, story.battery: BAD_NAME}))
    async with served(Site(live, LINKS), from_connection(story.connection)) as page:
        async with httpx.AsyncClient(base_url=page) as client:
            await until(lambda: client.get("/en"), lambda told: "battery-" in told.text)
            yield client


async def test_every_answer_has_the_headers(client: httpx.AsyncClient, story: BookChain) -> None:
    member = LINKS.path(story.address)
    for path in (
        "/",
        "/en",
        "/de/wall",
        "/fr/history",
        f"/en/{member}",
        "/nothing",
        "/static/page.js",
        "/static/no",
    ):
        answer = await client.get(path)
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS, path
    policy = HEADERS["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy


async def test_pages_have_no_inline_code_or_style(client: httpx.AsyncClient) -> None:
    for path in ("/en", "/en/wall", "/en/history", "/en/nothing"):
        assert Elements((await client.get(path)).text).inline == []


async def test_it_only_reads(client: httpx.AsyncClient) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert (await client.request(method, "/en")).status_code == 405


@pytest.mark.parametrize(
    ("told", "language"),
    [("de-AT,de;q=0.9,en;q=0.5", "de"), ("it, fr;q=0.8", "fr"), ("ja", "en"), ("", "en")],
)
async def test_the_start_is_in_the_language_of_the_browser(
    client: httpx.AsyncClient, told: str, language: str
) -> None:
    answer = await client.get("/", headers={"accept-language": told})
    assert (answer.status_code, answer.headers["location"]) == (302, f"/{language}")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::1"])
async def test_a_host_that_is_not_known_is_refused(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/en", headers={"host": host})
    assert answer.status_code in (400, 421)
    assert "battery-" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/xx",
        "/en/nothing",
        "/en/tables/alarms/nothing/csv",
        "/en/tables/alarms/alarms/exe",
        "/en/history?of=11111111111111111111111111111111",
        "/en/history?of=<script>",
        "/en/history/exe",
        f"/en/member/{STRANGER}/{'A' * 32}",
        "/en/member/nobody/nothing",
        "/static/../server.py",
        "/static/..%2fserver.py",
        "/%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    ],
)
async def test_what_is_not_there_is_said_plainly(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "There is no such page." in answer.text
    assert "<script>" not in answer.text


@pytest.mark.parametrize("query", ["by=<script>alert(1)</script>", "day=<img src=x>", "day=0001-01-01"])
async def test_a_query_that_cannot_be_used_comes_back_escaped(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/en/history?{query}")
    assert answer.status_code == 400
    assert "This address cannot be used" in answer.text
    assert not re.search(r"<script>|<img", answer.text)


async def test_names_are_text_alone(client: httpx.AsyncClient, story: BookChain) -> None:
    for path in ("/en", "/en/history", f"/en/{LINKS.path(story.address)}"):
        text = (await client.get(path)).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "<script>alert" not in text


# Members' pages


async def test_a_member_sees_their_own(client: httpx.AsyncClient, story: BookChain) -> None:
    path = f"/en/{LINKS.path(story.address)}"
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert f"battery-{story.battery}.balance" in answer.text
    start = await client.get(f"/{LINKS.path(story.address)}", headers={"accept-language": "de"})
    assert start.headers["location"] == path.replace("/en/", "/de/")
    rows = (await client.get(f"{path}/tables/metering-{story.issuer}/meters/csv")).text.splitlines()
    assert len(rows) == 2


async def test_a_link_with_another_token_leads_nowhere(client: httpx.AsyncClient, story: BookChain) -> None:
    token = LINKS.token(story.address)
    assert len(token) == 32  # 192 bits
    others = [token[:-1], token[:-1] + ("A" if token[-1] != "A" else "B"), LINKS.token(STRANGER), "ü" * 32]
    for other in others:
        for rest in ("", "/events", "/history", "/tables/alarms/alarms/csv"):
            assert (await client.get(f"/en/member/{story.address}/{other}{rest}")).status_code == 404


async def test_a_stranger_with_a_link_sees_nothing_of_others(
    client: httpx.AsyncClient, story: BookChain
) -> None:
    text = (await client.get(f"/en/{LINKS.path(STRANGER)}")).text
    assert str(story.address) not in text
    assert "battery-" not in text


async def test_nobodys_link_is_on_the_common_page(client: httpx.AsyncClient, story: BookChain) -> None:
    text = (await client.get("/en")).text
    assert "/member/" not in text


# Files


async def test_a_table_as_csv_is_no_formula(client: httpx.AsyncClient, story: BookChain) -> None:
    story.deposit(5)
    answer = await client.get(f"/de/tables/battery-{story.battery}/members/csv")
    assert (
        answer.headers["content-disposition"] == f'attachment; filename="members-battery-{story.battery}.csv"'
    )
    assert answer.content.startswith("\ufeff".encode())
    head, row = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
    assert head == ["Mitglied", "Guthaben (kWh)", "Verfügbar (kWh)", "Reserviert (kWh)", "Bis"]
    assert row == [f"'{BAD_NAME}", "900000.000", "900000.000", "0.000", ""]


async def test_a_table_as_a_spreadsheet_has_numbers_and_no_formula(
    client: httpx.AsyncClient, story: BookChain
) -> None:
    answer = await client.get(f"/en/tables/battery-{story.battery}/members/xlsx")
    (head, row) = CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert head == ["Member", "Balance (kWh)", "Available (kWh)", "Reserved (kWh)", "Until"]
    assert row == [BAD_NAME, 900_000.0, 900_000.0, 0.0, ""]
    assert b"<f>" not in answer.content


# History


async def synced(story: BookChain, place: str) -> Books:
    books = Books.filled(place, str(story.chain.genesis_hash))
    await Sync(books, story.connection, lambda _: lambda: None).round()
    return books


async def history(client: httpx.AsyncClient, path: str) -> list[list[str]]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return list(csv.reader(StringIO(answer.content.decode("utf-8-sig"))))


async def test_the_history_sums_up_what_the_books_have(story: BookChain, tmp_path: Path) -> None:
    """On the books alone, with a cluster that nobody asks."""
    story.chain.unix_timestamp = NOON + 3_600
    story.deposit(1_000)  # of which 900 are credited
    story.chain.unix_timestamp = NOON + 86_400
    story.deposit(20_000)
    books = await synced(story, str(tmp_path / "books.sqlite"))
    site = Site(Live(books=books), LINKS)
    async with (
        served(site, from_books(BooksWatch(books))) as page,
        httpx.AsyncClient(base_url=page) as client,
    ):
        await until(lambda: client.get("/en"), lambda told: "battery-" in told.text)
        of = f"of={story.battery}"
        head, *rows, total = await history(client, f"/en/history/csv?{of}&by=day&day=2026-06-21")
        assert head == [
            "From",
            "Credited (kWh)",
            "Lost (kWh)",
            "Consumed (kWh)",
            "Withdrawn (kWh)",
            "Stored at the end (kWh)",
        ]
        assert [row for row in rows if row[1] != "0.000"] == [
            ["2026-06-21T12:00:00+00:00", "900000.000", "100000.000", "0.000", "0.000", "900000.000"],
            ["2026-06-21T13:00:00+00:00", "0.900", "0.100", "0.000", "0.000", "900000.900"],
        ]
        assert (len(rows), rows[11][-1], rows[-1][-1]) == (24, "–", "900000.900")
        assert total == ["Total", "900000.900", "100000.100", "0.000", "0.000", ""]
        for by, parts in (("week", 7), ("month", 30), ("year", 12)):
            _, *rows, total = await history(client, f"/en/history/csv?{of}&by={by}&day=2026-06-24")
            assert (by, len(rows), total[1]) == (by, parts, "900018.900" if by != "week" else "18.000")
        member = LINKS.path(story.address)
        _, *_, total = await history(client, f"/en/{member}/history/csv?{of}&by=month&day=2026-06-24")
        assert total == ["Total", "900018.900", "100002.100", "0.000", "0.000"]
        text = (await client.get(f"/de/history?{of}&by=month&day=2026-06-24")).text
        assert "Aus den Büchern." in text
        assert "Verlust" in text
        assert (await client.get(f"/en/history?of={STRANGER}")).status_code == 404
    books.close()


async def test_without_books_the_history_says_since_when_it_knows(
    client: httpx.AsyncClient, story: BookChain
) -> None:
    story.deposit(1_000)
    await until(lambda: client.get("/en"), lambda told: f"slot {story.chain.slot}" in told.text)
    path = f"/en/history/csv?of={story.battery}&by=day"
    _, *_, total = await history(client, path)
    assert total == ["Total", "0.900", "0.000", ""]
    text = (await client.get(f"/en/history?of={story.battery}")).text
    assert "Without books this page knows only what it has seen since 2026-06-21 12:00:0" in text
    assert "nothing here yet" in (await client.get(f"/en/{LINKS.path(story.address)}/history")).text


async def test_charts_begin_with_what_the_books_know(
    story: BookChain, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The last two hours, a point a minute, though the page is new; flows are of what it has seen itself."""
    story.chain.unix_timestamp = NOON + 5_400
    of = {"owner": story.address, "battery": story.battery}
    story.send(energy_allocation.allocate(**of, amount=400))
    story.chain.unix_timestamp = NOON + 9_000
    story.deposit(1_000)  # of which 900 are credited
    books = await synced(story, str(tmp_path / "books.sqlite"))
    source = from_connection(story.connection)
    known, new = Live(books=books), Live()
    for live in (known, new):
        await live.look(source)
    (now,) = new.recent.points[story.battery]
    *before, last = known.recent.points[story.battery]
    assert last == now
    minutes = range(NOON + 9_000 - 7_200 + 60, NOON + 9_000 + 1, 60)
    assert [each.unix_timestamp for each in before] == list(minutes)
    assert [each.stored for each in before] == [900_000_000] * 120
    assert [each.reserved for each in before] == [0 if at <= NOON + 5_400 else 400 for at in minutes]
    assert known.recent.flow(story.battery) == new.recent.flow(story.battery) == (0, 0, 0)
    books.close()
    (tmp_path / "books.sqlite").write_text("no books")
    again = Live(books=books)
    await again.look(source)
    assert again.recent.points == new.recent.points
    (said,) = caplog.messages
    assert said.startswith("charts begin empty: ")
    books.close()


# Audits


async def test_the_first_look_shows_and_the_next_ones_audit(story: BookChain) -> None:
    story.set_vault(5)
    live, source = Live(), from_connection(story.connection)
    await live.look(source)
    assert live.seen is not None
    assert live.seen.snapshot.violations == {}
    await live.look(source)
    told = ["the vault holds 5, the battery stores 900000000"]
    assert live.seen.snapshot.violations == {story.battery: told}
    assert (Kind.MISMATCH, story.battery) in {each.key for each in live.alarms}


# Streams


async def test_streams_are_counted_and_end(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "MOST_STREAMS", 1)
    async with client.stream("GET", "/en/events") as first:
        assert first.headers["content-type"].startswith("text/event-stream")
        lines = first.aiter_lines()
        assert '"full":true' in await anext(lines)
        assert (await client.get("/en/events")).status_code == 503
    await until(lambda: _status(client, "/en/events"), lambda status: status == 200)


async def _status(client: httpx.AsyncClient, path: str) -> int:
    async with client.stream("GET", path) as answer:
        return answer.status_code


async def test_a_stream_tells_what_has_changed_alone(client: httpx.AsyncClient, story: BookChain) -> None:
    async with client.stream("GET", "/en/events") as stream:
        told = (line.removeprefix("data: ") async for line in stream.aiter_lines() if line.startswith("data"))
        assert '"full":true' in await anext(told)
        story.deposit(10)
        change = await asyncio.wait_for(anext(told), 10)
        assert f"battery-{story.battery}.stored" in change
        assert f"metering-{story.issuer}.minted" not in change
        assert '"capacity"' not in change


async def test_prometheus_finds_what_is_held(client: httpx.AsyncClient, story: BookChain) -> None:
    answer = await client.get("/metrics")
    found = {
        (each.name, each.labels.get("address")): each.value
        for family in text_string_to_metric_families(answer.text)
        for each in family.samples
    }
    stored = [value for (name, at), value in found.items() if at == str(story.battery) and "stored" in name]
    assert stored == [900_000_000]


async def test_a_node_that_lists_no_accounts_is_waited_for(story: BookChain) -> None:
    """As public ones do, which refuse what costs them much."""
    live = Live()
    with TownNode(story.chain) as node:
        async with connect([node.url]) as connection:
            source = from_connection(connection)
            node.refused.add("getProgramAccounts")
            await live.look(source)
            assert live.lost is not None
            assert "Method not found" in live.lost.reason
            since = live.lost.since
            await live.look(source)
            assert (live.seen, live.lost.since) == (None, since)
            node.refused.clear()
            await live.look(source)
            assert live.lost is None
            assert live.seen is not None
