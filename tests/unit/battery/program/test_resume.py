import pytest
from anchorpy import Event

from tests.support.battery import World
from tests.support.stage import changed


@pytest.fixture
async def world(world: World) -> World:
    """The owner has stored 900, of which 300 are allocated, before the pause."""
    await world.run("deposit_energy")
    await world.run("allocate", amount=300)
    await world.run("pause")
    return world


async def test_resumes_the_battery(world: World) -> None:
    before = await world.state()

    events = await world.run("resume")

    assert await world.state() == changed(before, battery={"paused": False, "sequence": 8})
    assert events == [
        Event(
            "BatteryResumed",
            {"battery": world["battery"], "available": 600, "allocated": 300, "sequence": 8},
        )
    ]


async def test_resumes_once_until_paused(world: World) -> None:
    await world.run("resume")
    async with world.refused("battery is not paused"):
        await world.run("resume")

    await world.run("pause")
    await world.run("resume")
    assert (await world.state())["battery"]["paused"] is False
