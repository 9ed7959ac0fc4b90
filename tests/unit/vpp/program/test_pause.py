from anchorpy import Event

from tests.support.stage import changed
from tests.support.vpp import AMOUNT, ENDS, REWARD, STARTS, Dispatching


async def test_pauses_the_plant(dispatching: Dispatching) -> None:
    before = await dispatching.state()

    events = await dispatching.run("pause")

    assert await dispatching.state() == changed(before, plant={"paused": True, "sequence": 8})
    totals = {"energy_held": 0, "payment_held": REWARD, "sequence": 8}
    assert events == [Event("PlantPaused", {"plant": dispatching["plant"], **totals})]


async def test_pauses_once_until_resumed(dispatching: Dispatching) -> None:
    await dispatching.run("pause")
    async with dispatching.refused("plant is paused"):
        await dispatching.run("pause")

    await dispatching.run("resume")
    await dispatching.run("pause")


async def test_stops_announcements_and_commitments(dispatching: Dispatching) -> None:
    await dispatching.run("open_dispatch", number=1)
    await dispatching.run("pause")
    second = {"dispatch": dispatching["second_dispatch"]}
    for instruction, changes in (("commit", {}), ("announce", second)):
        async with dispatching.refused("plant is paused"):
            await dispatching.run(instruction, **changes)

    await dispatching.run("resume")
    await dispatching.run("commit")
    await dispatching.run("announce", starts_at=STARTS, **second, target=1)


async def test_stops_no_delivery_and_no_settlement(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=AMOUNT, neighbour=100)
    await dispatching.run("pause")

    await dispatching.run("deliver")
    dispatching.travel_to(ENDS)
    await dispatching.run("settle_commitment")
    await dispatching.run("settle_dispatch")
    await dispatching.run("settle_commitment", of="neighbour")


async def test_stops_no_cancellation(dispatching: Dispatching) -> None:
    await dispatching.run("commit")
    await dispatching.run("pause")

    await dispatching.run("cancel_dispatch")
    await dispatching.run("settle_commitment")


async def test_pauses_one_plant(dispatching: Dispatching) -> None:
    await dispatching.start(at="rival", target=1_000)
    await dispatching.run("pause", at="rival", by="rival")

    async with dispatching.refused("plant is paused"):
        await dispatching.run("commit", at="rival", amount=1)
    await dispatching.run("commit")
