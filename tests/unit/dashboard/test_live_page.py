"""What Chromium shows equals what the chain holds, after each transaction."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from solders.pubkey import Pubkey

from amalgam.battery import program as energy_allocation
from amalgam.battery.client import EnergyAllocationClient
from amalgam.battery.program import Battery
from amalgam.dashboard.links import Links
from amalgam.dashboard.live import Live, from_connection
from amalgam.dashboard.server import Site
from amalgam.market.client import EnergyMarketClient
from amalgam.market.program import Market
from amalgam.metering.client import EnergyMeteringClient
from amalgam.metering.program import Issuer
from amalgam.scenarios.day import live as live_day
from amalgam.vpp.client import PowerPlantClient
from amalgam.vpp.program import Plant
from amalgam.watching.alarms import Limits
from tests.support.book_chain import BookChain
from tests.support.browser import served, until
from tests.unit.scenarios.test_day import readings

pytestmark = pytest.mark.asyncio(loop_scope="session")
LINKS = Links(bytes(range(32)))
OWN_NAME = "Grace’s <b>house</b>"


def site_of(**live: Any) -> Site:
    return Site(Live(**live), LINKS)


def english(base_units: int, unit: str = "kWh") -> str:
    return f"{Decimal(base_units).scaleb(-3):,.3f}\u00a0{unit}"


def german(base_units: int) -> str:
    return english(base_units).translate({ord(","): ".", ord("."): ","})


def french(base_units: int) -> str:
    return english(base_units).translate({ord(","): "\u202f", ord("."): ","})


MARKS: dict[str, Callable[[int], str]] = {"en": english, "de": german, "fr": french}


def of_battery(address: Pubkey, battery: Battery, marks: Callable[[int], str]) -> dict[str, str]:
    """The figures of a battery in its units."""
    amounts = {
        "stored": battery.available + battery.allocated,
        "available": battery.available,
        "reserved": battery.allocated,
        "capacity": battery.capacity,
        "free": battery.capacity - battery.available - battery.allocated,
        "limit": battery.allocation_limit,
    }
    return {f"battery-{address}.{name}": marks(amount) for name, amount in amounts.items()}


async def test_each_transaction_is_shown_in_three_languages(story: BookChain, open_tab: Any) -> None:
    of = {"owner": story.address, "battery": story.battery}
    policy = {"allocation_lifetime": 3_600, "efficiency_bps": 8_000}
    steps = [
        lambda: story.deposit(1_234_567),
        lambda: story.send(energy_allocation.allocate(**of, amount=1_000_001)),
        lambda: story.send(energy_allocation.consume(**of, mint=story.mint, amount=999)),
        lambda: story.send(energy_allocation.deallocate(**of, amount=2)),
        lambda: story.send(
            energy_allocation.withdraw_energy(**of, destination=story.wallet, amount=5_000_000)
        ),
        lambda: story.send(
            energy_allocation.set_policy(
                authority=story.address,
                battery=story.battery,
                capacity=2 * 10**9,
                allocation_limit=7,
                **policy,
            )
        ),
        lambda: story.send(energy_allocation.pause(authority=story.address, battery=story.battery)),
        lambda: story.fail(),
        lambda: story.send(energy_allocation.resume(authority=story.address, battery=story.battery)),
    ]
    client = EnergyAllocationClient(story.connection)
    states = {
        "en": ("in operation", "paused"),
        "de": ("in Betrieb", "angehalten"),
        "fr": ("en service", "en pause"),
    }
    names = {story.address: OWN_NAME}
    async with served(site_of(limits=Limits(names=names)), from_connection(story.connection)) as page:
        tabs = {language: await open_tab() for language in MARKS}
        for language, tab in tabs.items():
            await tab.go(f"{page}/{language}")
        for step in steps:
            step()
            battery = await client.battery(story.battery)
            (member,) = await client.members(story.battery)
            for language, tab in tabs.items():
                await tab.page.bring_to_front()
                await tab.reaches(story.chain.slot)
                marks = MARKS[language]
                shown, expected = await tab.values(), of_battery(story.battery, battery, marks)
                expected[f"battery-{story.battery}.state"] = states[language][battery.paused]
                assert {key: shown[key] for key in expected} == expected
                ((who, *amounts, _),) = (await tab.rows(f"battery-{story.battery}.members")).values()
                free = member.balance - member.allocated
                assert (who, amounts) == (OWN_NAME, [*map(marks, (member.balance, free, member.allocated))])
                assert (
                    await tab.text("#status.fresh")
                    == {"en": "Up to date", "de": "Aktuell", "fr": "À jour"}[language]
                )


async def test_a_day_of_four_programs_is_shown_as_it_goes(full_chain: Any, open_tab: Any) -> None:
    connection = full_chain.client()
    tab = await open_tab()
    compared = 0

    async def compare() -> None:
        nonlocal compared
        source = from_connection(connection)
        snapshot = (await source()).snapshot
        await tab.reaches(full_chain.slot)
        expected: dict[str, str] = {}
        for at in snapshot.of(Battery):
            battery = await EnergyAllocationClient(connection).battery(at)
            expected |= of_battery(at, battery, english)
        for at in snapshot.of(Issuer):
            issuer = await EnergyMeteringClient(connection).issuer(at)
            expected[f"metering-{at}.minted"] = english(issuer.minted)
        for at in snapshot.of(Market):
            market = await EnergyMarketClient(connection).market(at)
            expected[f"market-{at}.held"] = english(market.energy_held)
        for at in snapshot.of(Plant):
            plant = await PowerPlantClient(connection).plant(at)
            expected[f"vpp-{at}.held"] = english(plant.energy_held)
        shown = await until(tab.values, lambda shown: shown.keys() >= expected.keys())
        assert {key: shown[key] for key in expected} == expected
        compared += len(expected)

    async def travel_to(moment: int) -> None:
        await compare()
        full_chain.unix_timestamp = moment

    async with served(site_of(), from_connection(connection)) as page:
        await tab.go(f"{page}/en")
        day = await live_day(readings(), connection, travel_to=travel_to)
        await compare()
        assert compared > 100
        (auctions,) = await tab.page.query_selector_all("[data-rows$='.auctions']")
        (auction,) = (await tab.rows(str(await auctions.get_attribute("data-rows")))).values()
        price = Decimal(day.price).scaleb(-6).normalize()
        assert auction[1:2] + auction[4:] == ["settled", f"{price}\u00a0tokens/kWh", english(day.volume)]
        (dispatches,) = await tab.page.query_selector_all("[data-rows$='.dispatches']")
        (dispatch,) = (await tab.rows(str(await dispatches.get_attribute("data-rows")))).values()
        assert dispatch[1] == "settled"
        assert dispatch[-1] == english(16_000)
        assert await tab.page.evaluate("document.querySelectorAll('.uplot canvas').length") == 1


async def test_a_hundred_changes_a_second_are_shown_in_frames(story: BookChain, open_tab: Any) -> None:
    """The benchmark measures a minute of it; here the last one counts, and that each frame shows many."""
    tab, live = await open_tab(), Live()
    source = from_connection(story.connection)
    async with served(Site(live, LINKS), source) as page:
        await tab.go(f"{page}/en")
        await tab.reaches(story.chain.slot)
        await tab.page.evaluate(
            "key => { window.shown = 0; new MutationObserver(() => shown++).observe("
            "document.querySelector(`[data-value='${key}']`),"
            "{ subtree: true, childList: true, characterData: true }) }",
            f"battery-{story.battery}.stored",
        )
        nodes = await tab.page.evaluate("document.querySelectorAll('*').length")
        for number in range(300):
            story.deposit(1_000 + number)
            await live.look(source)
        await tab.reaches(story.chain.slot)
        battery = await EnergyAllocationClient(story.connection).battery(story.battery)
        shown, expected = await tab.values(), of_battery(story.battery, battery, english)
        assert {key: shown[key] for key in expected} == expected
        assert 0 < await tab.page.evaluate("shown") <= 300
        assert await tab.page.evaluate("document.querySelectorAll('*').length") == nodes
