from anchorpy import Event

from tests.support.metering import Metered
from tests.support.stage import changed


async def test_resumes_the_issuer(metered: Metered) -> None:
    await metered.run("pause")
    before = await metered.state()

    events = await metered.run("resume")

    assert await metered.state() == changed(before, issuer={"paused": False, "sequence": 6})
    assert events == [
        Event("IssuerResumed", {"issuer": metered["issuer"], "minted": 0, "meter_count": 3, "sequence": 6})
    ]


async def test_refuses_what_is_not_paused(metered: Metered) -> None:
    async with metered.refused("issuer is not paused"):
        await metered.run("resume")

    await metered.run("pause")
    await metered.run("resume")
    async with metered.refused("issuer is not paused"):
        await metered.run("resume")
