from anchorpy import Event

from tests.support.metering import HOUR, RISE, Metered
from tests.support.stage import NOON, changed


async def test_pauses_the_issuer(metered: Metered) -> None:
    await metered.run("report")
    before = await metered.state()

    events = await metered.run("pause")

    assert await metered.state() == changed(before, issuer={"paused": True, "sequence": 6})
    assert events == [
        Event("IssuerPaused", {"issuer": metered["issuer"], "minted": RISE, "meter_count": 3, "sequence": 6})
    ]


async def test_pauses_once_until_resumed(metered: Metered) -> None:
    await metered.run("pause")
    async with metered.refused("issuer is paused"):
        await metered.run("pause")

    await metered.run("resume")
    await metered.run("pause")


async def test_stops_reports_and_the_first_after_it_makes_up_for_them(metered: Metered) -> None:
    await metered.run("pause")
    async with metered.refused("issuer is paused"):
        await metered.run("report", register=1_000_100)

    metered.travel_to(NOON + 2 * HOUR)
    await metered.run("resume")
    await metered.run("report", register=1_000_300, read_at=NOON + 2 * HOUR)
    assert (await metered.state())["owner_tokens"]["amount"] == 300


async def test_pauses_one_issuer(empty_metered: Metered) -> None:
    await empty_metered.start(at="rival", now=NOON)
    await empty_metered.start()
    await empty_metered.run("pause", at="rival", by="rival")

    async with empty_metered.refused("issuer is paused"):
        await empty_metered.run("report", at="rival")
    await empty_metered.run("report")
