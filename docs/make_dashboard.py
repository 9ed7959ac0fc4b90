"""Makes the pictures of the dashboard: python docs/make_dashboard.py, with Debian's chromium.

A day of a village of twelve houses is lived on the embedded chain, and then two hours of its evening, in
which those who have something in the battery reserve and consume it.
"""

import asyncio
import shutil
import socket
from pathlib import Path

from playwright.async_api import async_playwright
from solders.pubkey import Pubkey

from amalgam import built
from amalgam.battery import program as energy_allocation
from amalgam.battery.client import EnergyAllocationClient
from amalgam.battery.program import Battery
from amalgam.chain.embedded import EmbeddedChain
from amalgam.dashboard.links import Links
from amalgam.dashboard.live import Live, from_connection
from amalgam.dashboard.server import Site, serve
from amalgam.programs import Program
from amalgam.readings.community import community
from amalgam.readings.read import read_files
from amalgam.scenarios.day import live
from amalgam.watching.alarms import Limits

HERE = Path(__file__).parent
EVENING_S, STEP_S = 7_200, 180
RESERVED, CONSUMED = 300, 120  # Wh
PICTURES = {
    "dashboard.png": ("en", {"viewport": {"width": 1_280, "height": 1_000}, "color_scheme": "light"}),
    "dashboard-phone.png": ("de", {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"}),
}


async def main() -> None:
    """Live the day and the evening, and take the pictures."""
    chain = EmbeddedChain()
    for program in Program:
        chain.add_program(program.program_id, program.code)
    connection = chain.client()

    async def travel_to(moment: int) -> None:
        chain.unix_timestamp = moment

    day = await live(community(read_files([built("community.csv")])), connection, travel_to=travel_to)
    names = {house.address: house.name for house in day.households}
    names |= {house.device.pubkey(): house.name for house in day.households}
    look = from_connection(connection)
    (battery,) = (await look()).snapshot.of(Battery)
    page = Live(limits=Limits(names={**names, battery: "Sonnental"}, silent_s=2 * EVENING_S))
    await page.look(look)
    houses = [house.owner for house in day.households if house.balance > 6 * RESERVED]
    for step in range(EVENING_S // STEP_S):
        owner = houses[step % len(houses)]
        await use(
            EnergyAllocationClient(connection, owner), owner.pubkey(), battery, CONSUMED + 40 * (step % 5)
        )
        chain.advance(STEP_S)
        await page.look(look)
    await take(page)


async def use(client: EnergyAllocationClient, owner: Pubkey, battery: Pubkey, amount: int) -> None:
    """Reserve something, and consume a part of it."""
    pool = await client.battery(battery)
    of = {"owner": owner, "battery": battery}
    await client.send(energy_allocation.allocate(**of, amount=RESERVED))
    await client.send(energy_allocation.consume(**of, mint=pool.mint, amount=amount))


async def take(page: Live) -> None:
    """The pictures of what was seen."""
    listening = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(serve(Site(page, Links(bytes(32))), listening))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, (language, options) in PICTURES.items():
            tab = await browser.new_page(**options)
            await tab.goto(f"http://127.0.0.1:{listening.getsockname()[1]}/{language}")
            await tab.wait_for_selector(".uplot canvas")
            await tab.wait_for_timeout(500)  # until the chart is drawn
            await tab.screenshot(path=HERE / name)
        await browser.close()
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main())
