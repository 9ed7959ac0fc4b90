import pytest
from anchorpy import Event

from tests.support.battery import World
from tests.support.stage import changed


@pytest.fixture
async def world(world: World) -> World:
    """The owner has stored 900 and reserved 600 of them, the neighbour 200 of 450."""
    await world.run("deposit_energy", amount=1_000)
    await world.run("deposit_energy", amount=500, by="neighbour")
    await world.run("allocate", amount=600)
    await world.run("allocate", amount=200, by="neighbour")
    return world


async def test_gives_a_part_of_the_reservation_back(world: World) -> None:
    before = await world.state()

    events = await world.run("deallocate", amount=150)

    assert await world.state() == changed(
        before,
        battery={"available": 700, "allocated": 650, "sequence": 9},
        owner_member={"allocated": 450},
    )
    assert events == [
        Event(
            "EnergyDeallocated",
            {
                "battery": world["battery"],
                "member": world["owner_member"],
                "amount": 150,
                "member_allocated": 450,
                "available": 700,
                "allocated": 650,
                "sequence": 9,
            },
        )
    ]


async def test_gives_all_back_and_not_one_more(world: World) -> None:
    async with world.refused("amount exceeds what is allocated"):
        await world.run("deallocate", amount=601)
    await world.run("deallocate", amount=600)

    assert (await world.state())["owner_member"]["allocated"] == 0
    async with world.refused("amount exceeds what is allocated"):
        await world.run("deallocate", amount=1)


async def test_undoes_an_allocation_but_for_its_expiry(world: World) -> None:
    before = await world.state()
    events = await world.run("allocate", amount=50)
    await world.run("deallocate", amount=50)

    expiry = events[0].data["expiry"]
    assert await world.state() == changed(
        before, battery={"sequence": 10}, owner_member={"allocation_expiry": expiry}
    )


@pytest.mark.travels
async def test_gives_an_expired_reservation_back(world: World) -> None:
    world.travel_to((await world.state())["owner_member"]["allocation_expiry"] + 1)
    before = await world.state()

    await world.run("deallocate", amount=600)

    assert await world.state() == changed(
        before,
        battery={"available": 1_150, "allocated": 200, "sequence": 9},
        owner_member={"allocated": 0},
    )
    async with world.refused("nothing is allocated"):
        await world.run("release_expired")
