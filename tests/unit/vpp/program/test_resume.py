from anchorpy import Event

from tests.support.stage import changed
from tests.support.vpp import REWARD, Dispatching


async def test_resumes_the_plant(dispatching: Dispatching) -> None:
    await dispatching.run("pause")
    before = await dispatching.state()

    events = await dispatching.run("resume")

    assert await dispatching.state() == changed(before, plant={"paused": False, "sequence": 9})
    totals = {"energy_held": 0, "payment_held": REWARD, "sequence": 9}
    assert events == [Event("PlantResumed", {"plant": dispatching["plant"], **totals})]


async def test_refuses_what_is_not_paused(dispatching: Dispatching) -> None:
    async with dispatching.refused("plant is not paused"):
        await dispatching.run("resume")

    await dispatching.run("pause")
    await dispatching.run("resume")
    async with dispatching.refused("plant is not paused"):
        await dispatching.run("resume")
