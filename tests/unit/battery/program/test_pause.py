from anchorpy import Event

from tests.support.battery import World
from tests.support.stage import changed


async def test_pauses_the_battery(world: World) -> None:
    await world.run("deposit_energy")
    await world.run("allocate", amount=300)
    before = await world.state()

    events = await world.run("pause")

    assert await world.state() == changed(before, battery={"paused": True, "sequence": 7})
    assert events == [
        Event(
            "BatteryPaused",
            {"battery": world["battery"], "available": 600, "allocated": 300, "sequence": 7},
        )
    ]


async def test_pauses_once_until_resumed(world: World) -> None:
    await world.run("pause")
    async with world.refused("battery is paused"):
        await world.run("pause")

    await world.run("resume")
    await world.run("pause")
    assert (await world.state())["battery"]["paused"] is True


async def test_pauses_one_battery(world: World) -> None:
    await world.start(at="rival")
    await world.run("pause", at="rival", by="rival")

    async with world.refused("battery is paused"):
        await world.run("deposit_energy", at="rival")
    await world.run("deposit_energy")
