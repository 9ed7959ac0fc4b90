import pytest
from anchorpy import Event

from tests.support.battery import ALLOCATION_LIFETIME, World
from tests.support.stage import I64_MAX, NOON, changed

pytestmark = pytest.mark.travels
EXPIRY = NOON + ALLOCATION_LIFETIME


@pytest.fixture
async def world(world: World) -> World:
    """Of the owner's 900, 600 are allocated until EXPIRY; of the neighbour's 1,800, 500 for an hour more."""
    await world.run("deposit_energy", amount=1_000)
    await world.run("deposit_energy", amount=2_000, by="neighbour")
    world.travel_to(NOON)
    await world.run("allocate", amount=600)
    world.travel_to(NOON + 3_600)
    await world.run("allocate", amount=500, by="neighbour")
    return world


async def test_returns_all_of_an_expired_allocation(world: World) -> None:
    await world.run("deallocate", amount=50)
    world.travel_to(EXPIRY)
    before = await world.state()

    events = await world.run("release_expired")  # nobody signs but the fee payer, a stranger

    assert await world.state() == changed(
        before,
        battery={"available": 2_200, "allocated": 500, "sequence": 10},
        owner_member={"allocated": 0},
    )
    assert events == [
        Event(
            "AllocationReleased",
            {
                "battery": world["battery"],
                "member": world["owner_member"],
                "amount": 550,
                "available": 2_200,
                "allocated": 500,
                "sequence": 10,
            },
        )
    ]


@pytest.mark.embedded
@pytest.mark.parametrize("late", [0, 1, I64_MAX - EXPIRY])
async def test_releases_from_the_second_of_the_expiry_on(world: World, late: int) -> None:
    for early in (-I64_MAX - 1, 0, EXPIRY - 1):
        world.travel_to(early)
        async with world.refused("allocation has not expired"):
            await world.run("release_expired")
    world.travel_to(EXPIRY + late)
    before = await world.state()

    await world.run("release_expired")

    assert await world.state() == changed(
        before,
        battery={"available": 2_200, "allocated": 500, "sequence": 9},
        owner_member={"allocated": 0},
    )


async def test_releases_each_members_at_its_own_expiry(world: World) -> None:
    world.travel_to(EXPIRY + 3_599)
    async with world.refused("allocation has not expired"):
        await world.run("release_expired", of="neighbour")
    await world.run("release_expired")

    world.travel_to(EXPIRY + 3_600)
    await world.run("release_expired", of="neighbour")
    battery = (await world.state())["battery"]
    assert (battery["available"], battery["allocated"]) == (2_700, 0)


@pytest.mark.parametrize("renewed_at", [EXPIRY - 1, EXPIRY, EXPIRY + 1])
async def test_releases_a_renewed_allocation_at_its_new_expiry(world: World, renewed_at: int) -> None:
    world.travel_to(renewed_at)
    await world.run("allocate", amount=1)
    for early in (max(renewed_at, EXPIRY), renewed_at + ALLOCATION_LIFETIME - 1):
        world.travel_to(early)
        async with world.refused("allocation has not expired"):
            await world.run("release_expired")

    world.travel_to(renewed_at + ALLOCATION_LIFETIME)
    events = await world.run("release_expired")
    assert events[0].data["amount"] == 601


async def test_refuses_where_nothing_is_allocated(world: World) -> None:
    world.travel_to(EXPIRY)
    async with world.refused("nothing is allocated"):
        await world.run("release_expired", of="thief")
    await world.run("release_expired")

    async with world.refused("nothing is allocated"):
        await world.run("release_expired")


async def test_releases_the_smallest_allocation(world: World) -> None:
    await world.run("deallocate", amount=599)
    world.travel_to(EXPIRY)

    await world.run("release_expired")

    assert (await world.state())["owner_member"]["allocated"] == 0
