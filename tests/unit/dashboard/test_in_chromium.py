"""The page for everybody: on a phone, from three metres, in the dark, by keyboard, read aloud, and lost."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from amalgam.battery import program as energy_allocation
from amalgam.chain.rpc import connect
from amalgam.dashboard.live import Live, from_connection
from amalgam.dashboard.server import Site
from amalgam.units import Resource
from amalgam.watching.alarms import Limits
from tests.faults.faulty import Fault, FaultyNode
from tests.support.browser import Tab, axe, served, until
from tests.support.node import TURN
from tests.support.whole_chain import WholeChain
from tests.unit.dashboard.test_live_page import LINKS, english

pytestmark = pytest.mark.asyncio(loop_scope="session")
PHONE = {"viewport": {"width": 360, "height": 740}}
SCREEN = {"viewport": {"width": 1920, "height": 1080}}
EVIL = "\u202e<script>document.title='had'</script>\"'><img src=x onerror=\"document.title='had'\">\u200f"


class Whole(NamedTuple):
    story: WholeChain
    page: str

    @property
    def paths(self) -> list[str]:
        of_member = LINKS.path(self.story.address)
        history = f"history?of={self.story.battery}&by=week"
        return ["", "/wall", f"/{history}", f"/{of_member}", "/nothing"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def whole() -> AsyncGenerator[Whole]:
    """Everything, with names that would do harm."""
    story = WholeChain()
    story.begin()
    names = dict.fromkeys((story.address, story.battery, story.market), EVIL)
    site = Site(Live(limits=Limits(names=names)), LINKS)
    async with served(site, from_connection(story.connection)) as page:
        yield Whole(story, page)


async def loaded(tab: Tab, url: str) -> None:
    """Go there, also where nothing is found, and wait for the first event."""
    await tab.page.goto(url, wait_until="load")
    await asyncio.sleep(0.3)
    if url.endswith("/nothing"):
        tab.said.clear()  # that nothing is found


async def test_all_areas_are_shown(whole: Whole, open_tab: Any) -> None:
    tab, story = await open_tab(), whole.story
    await tab.go(f"{whole.page}/en")
    shown = await tab.values()
    assert shown[f"battery-{story.pools[Resource.WATER]}.stored"] == "1.000\u00a0m³"
    assert shown[f"battery-{story.pools[Resource.WASTE]}.reserved"] == "0.250\u00a0t"
    assert shown[f"battery-{story.pools[Resource.WASTE]}.flow_in"] == "0.00\u00a0t/d"
    titles = await tab.page.evaluate(
        "[...document.querySelectorAll('h2')].map(it => it.firstChild.textContent.trim())"
    )
    assert sorted(titles) == sorted(
        [
            "Alarms",
            "Battery",
            "Reservoir",
            "Treatment plant",
            "Meters",
            "Market",
            "Virtual power plant",
            "Sharing community",
        ]
    )
    ((price, amount, *_),) = (await tab.rows(f"market-{story.market}.offers")).values()
    assert (price, amount) == ("0.25\u00a0tokens/kWh", english(12_000))
    ((_, state, _, orders, *_),) = (await tab.rows(f"market-{story.market}.auctions")).values()
    assert (state, orders) == ("takes orders", "1")
    (dispatch,) = (await tab.rows(f"vpp-{story.plant}.dispatches")).values()
    assert [dispatch[1], *dispatch[4:]] == [
        "takes commitments",
        english(9_000),
        "0.5\u00a0tokens/kWh",
        english(4_000),
        english(0),
    ]
    (period,) = (await tab.rows(f"sharing-{story.community}.periods")).values()
    assert period[2:] == ["open to objections", english(3_210), "0.5\u00a0tokens", "0.5\u00a0tokens", "0"]
    ((_, balance, owed, limit),) = (await tab.rows(f"sharing-{story.community}.participants")).values()
    assert (balance, owed, limit) == ("30\u00a0tokens", "0\u00a0tokens", "5\u00a0tokens")


async def test_a_member_sees_all_their_parts(whole: Whole, open_tab: Any) -> None:
    tab, story = await open_tab(), whole.story
    await tab.go(f"{whole.page}/fr/{LINKS.path(story.address)}")
    tables = await tab.page.evaluate(
        "[...document.querySelectorAll('[data-rows]')].map(it => it.dataset.rows)"
    )
    assert [each.partition("-")[0] + each.rpartition(".")[2] for each in tables] == [
        *(
            "alarms.alarmsalarms",
            "meteringmeters",
            "marketorders",
            "marketoffers",
            "vppcommitments",
            "sharinglines",
        )
    ]
    (line,) = (await tab.rows(f"sharing-{story.community}.lines")).values()
    assert line[2:] == [
        "ouverte aux objections",
        "3,210\u00a0kWh",
        "3,210\u00a0kWh",
        "0,5\u00a0jetons",
        "0,5\u00a0jetons",
    ]


async def test_reservoirs_and_plants_speak_their_words(whole: Whole, open_tab: Any) -> None:
    tab = await open_tab()
    await tab.go(f"{whole.page}/de")
    assert "Gespeichertes Wasser" in await tab.text(f"#battery-{whole.story.pools[Resource.WATER]}")
    assert "Abfall vor der Behandlung" in await tab.text(f"#battery-{whole.story.pools[Resource.WASTE]}")


async def test_a_paused_battery_is_an_alarm_that_ends(whole: Whole, open_tab: Any) -> None:
    tab, story = await open_tab(), whole.story
    of = {"authority": story.address, "battery": story.pools[Resource.WATER]}
    await tab.go(f"{whole.page}/en")
    before = await tab.rows("alarms.alarms")
    story.send(energy_allocation.pause(**of))
    rows = await until(lambda: tab.rows("alarms.alarms"), lambda rows: len(rows) > len(before))
    (new,) = rows.keys() - before.keys()
    assert rows[new][0].startswith("Reservoir ")
    assert rows[new][0].endswith(": paused")
    assert (await tab.values())["alarms.count"] == str(len(rows))
    story.send(energy_allocation.resume(**of))
    await until(lambda: tab.rows("alarms.alarms"), lambda rows: rows.keys() == before.keys())


# Whatever is in a name or a URL is text


async def test_no_name_becomes_more_than_text(whole: Whole, open_tab: Any) -> None:
    tab, story = await open_tab(), whole.story
    for path in whole.paths[:4]:
        await loaded(tab, f"{whole.page}/en{path}")
        assert await tab.page.title() in ("Energy community", "Energy community – History")
        assert await tab.page.evaluate("document.querySelectorAll('img, main script').length") == 0
        assert EVIL in await tab.page.evaluate("document.body.textContent")
    await tab.go(f"{whole.page}/en")
    key = f"battery-{story.battery}.members"
    story.deposit(1_000)
    await tab.reaches(story.chain.slot)
    ((who, *_),) = (await tab.rows(key)).values()
    assert who == EVIL
    isolated = await tab.page.evaluate(
        "key => [...document.querySelectorAll(`[data-rows='${key}'] td`)]"
        ".every(it => it.firstChild.tagName === 'BDI')",
        key,
    )
    assert isolated


async def test_no_url_becomes_more_than_text(whole: Whole, open_tab: Any) -> None:
    tab = await open_tab()
    evil = "%22%3E%3Cimg%20src=x%20onerror=%22document.title='had'%22%3E"
    for path in (
        f"/en/{evil}",
        f"/{evil}",
        f"/en/history?by={evil}",
        f"/en/history?day={evil}",
        f"/en/member/{evil}/{evil}",
    ):
        await tab.page.goto(f"{whole.page}{path}#{evil}")
        assert await tab.page.title() == "Energy community"
        assert await tab.page.evaluate("document.querySelectorAll('img').length") == 0
    tab.said.clear()  # 404 and 400, which is what it is about


async def test_the_policy_stops_code_that_got_in(whole: Whole, open_tab: Any) -> None:
    tab = await open_tab()
    await tab.go(f"{whole.page}/en")
    await tab.page.evaluate(
        "() => { const it = document.createElement('div'); document.body.append(it);"
        " const script = document.createElement('script');"
        " try { script.textContent = \"document.title = 'had'\";"
        " it.append(script); } catch {} it.setAttribute('style', 'color: red');"
        " try { it.innerHTML = '<b>had</b>'; } catch {} }"
    )
    assert await tab.page.title() == "Energy community"
    assert await tab.page.evaluate("document.querySelectorAll('b').length") == 0
    assert tab.said
    tab.said.clear()


# For everybody


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(whole: Whole, open_tab: Any, scheme: str) -> None:
    source = axe()
    for options in (PHONE, SCREEN):
        tab = await open_tab(**options, color_scheme=scheme)
        for path in whole.paths:
            await loaded(tab, f"{whole.page}/de{path}")
            await tab.page.evaluate(source)
            found = await tab.page.evaluate(
                "axe.run().then(it => it.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"
            )
            assert found == [], path
        tab.said.clear()  # axe's


async def test_a_phone_shows_all_without_scrolling_sideways(whole: Whole, open_tab: Any) -> None:
    tab = await open_tab(**PHONE)
    for language in ("en", "de", "fr"):
        for path in whole.paths:
            await loaded(tab, f"{whole.page}/{language}{path}")
            width = await tab.page.evaluate("document.documentElement.scrollWidth")
            assert (language, path, width) == (language, path, 360)


async def test_it_can_be_read_from_three_metres(whole: Whole, open_tab: Any) -> None:
    """On a screen of 43 inches, whose pixels are 0.5 mm: letters of 14 mm, and 28 mm for what counts."""
    tab = await open_tab(**SCREEN)
    await loaded(tab, f"{whole.page}/de/wall")
    sizes = await tab.page.evaluate(
        "[...document.querySelectorAll('main *')]"
        ".filter(it => [...it.childNodes].some(n => n.nodeType === 3 && n.data.trim()))"
        ".filter(it => it.checkVisibility() && it.tagName !== 'NOSCRIPT')"
        ".map(it => [parseFloat(getComputedStyle(it).fontSize), it.closest('dd') !== null, it.textContent])"
    )
    assert len(sizes) > 20
    assert [each for each in sizes if each[0] < (56 if each[1] else 28)] == []
    assert await tab.page.evaluate("document.documentElement.scrollWidth") == 1920


async def test_the_dark_is_dark(whole: Whole, open_tab: Any) -> None:
    grounds = {}
    for scheme in ("light", "dark"):
        tab = await open_tab(color_scheme=scheme)
        await tab.go(f"{whole.page}/en")
        grounds[scheme] = await tab.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert grounds == {"light": "rgb(246, 247, 244)", "dark": "rgb(16, 20, 15)"}


async def test_all_can_be_reached_by_keyboard(whole: Whole, open_tab: Any) -> None:
    tab = await open_tab()
    await tab.go(f"{whole.page}/en")
    await tab.page.keyboard.press("Tab")
    assert await tab.page.evaluate("document.activeElement.className") == "skip"
    assert await tab.page.evaluate("document.activeElement.getBoundingClientRect().left >= 0")
    wanted = await tab.page.evaluate(
        "document.querySelectorAll('a, select, input, button, [tabindex=\"0\"]').length"
    )
    reached = 1
    for _ in range(wanted - 1):
        await tab.page.keyboard.press("Tab")
        style = await tab.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid"
        reached += 1
    assert reached == wanted
    await tab.page.evaluate("document.querySelector('.skip').focus()")
    await tab.page.keyboard.press("Enter")
    assert await tab.page.evaluate("document.activeElement.id") == "content"


# Lost, and found again


async def test_a_lost_node_is_shown_and_recovered_from(open_tab: Any) -> None:
    story = WholeChain("lost")
    story.begin()
    tab = await open_tab()
    away: list[Fault] = []
    node = FaultyNode(story.chain, lambda _: away[0] if away else None)
    with node:
        connection = connect([node.url])
        async with connection:
            source = from_connection(connection)
            async with served(Site(Live(), LINKS), source) as page:
                await tab.go(f"{page}/en")
                await tab.reaches(story.chain.slot)
                key = f"battery-{story.battery}.stored"
                before = (await tab.values())[key]
                away.append(Fault.BROKEN)
                said = await until(lambda: tab.text("#status.lost"), bool)
                assert said.startswith("No answer since 2")
                assert "the values are older. no usable answer from http://127.0.0.1" in said
                assert (await tab.values())[key] == before
                with TURN:
                    story.deposit(1_000_000)
                away.clear()
                await until(lambda: tab.text("#status.fresh"), bool)
                await tab.reaches(story.chain.slot)
                assert (await tab.values())[key] == english(900_900_000) != before


async def test_a_lost_server_is_shown_and_recovered_from(open_tab: Any) -> None:
    story = WholeChain("server")
    story.begin()
    tab = await open_tab()
    source = from_connection(story.connection)
    async with served(Site(Live(), LINKS), source) as page:
        await tab.go(f"{page}/fr")
        await tab.reaches(story.chain.slot)
    lost = await until(lambda: tab.text("#status.lost"), bool)
    assert lost == "Cette page a perdu son serveur et réessaie. Les valeurs sont plus anciennes."
    story.deposit(1_000_000)
    async with served(Site(Live(), LINKS), source, int(page.rpartition(":")[2])):
        await until(lambda: tab.text("#status.fresh"), bool)
        await tab.reaches(story.chain.slot)
        assert (await tab.values())[f"battery-{story.battery}.stored"] == "900\u202f900,000\u00a0kWh"
    tab.said.clear()  # that the server was away
