import pytest
from anchorpy import Event

from tests.support.battery import ALLOCATION_LIFETIME, ALLOCATION_LIMIT, World
from tests.support.stage import I64_MAX, NOON, changed


@pytest.fixture
async def world(world: World) -> World:
    """The owner has stored 9,000."""
    await world.run("deposit_energy", amount=10_000)
    return world


async def test_reserves_a_part_of_the_pool(world: World) -> None:
    before, earliest = await world.state(), await world.now()

    events = await world.run("allocate", amount=1_500)

    expiry = events[0].data["expiry"]
    assert earliest <= expiry - ALLOCATION_LIFETIME <= await world.now()
    assert await world.state() == changed(
        before,
        battery={"available": 7_500, "allocated": 1_500, "sequence": 6},
        owner_member={"allocated": 1_500, "allocation_expiry": expiry},
    )
    assert events == [
        Event(
            "EnergyAllocated",
            {
                "battery": world["battery"],
                "member": world["owner_member"],
                "amount": 1_500,
                "member_allocated": 1_500,
                "expiry": expiry,
                "available": 7_500,
                "allocated": 1_500,
                "sequence": 6,
            },
        )
    ]


@pytest.mark.travels
@pytest.mark.parametrize(
    "seconds", [3_600, ALLOCATION_LIFETIME - 1, ALLOCATION_LIFETIME, 2 * ALLOCATION_LIFETIME]
)
async def test_each_allocation_renews_the_expiry_of_the_whole(world: World, seconds: int) -> None:
    world.travel_to(NOON)
    await world.run("allocate", amount=1_000)
    assert (await world.state())["owner_member"]["allocation_expiry"] == NOON + ALLOCATION_LIFETIME
    before = await world.state()

    world.travel_to(NOON + seconds)  # even where it has expired
    events = await world.run("allocate", amount=1)

    expiry = NOON + seconds + ALLOCATION_LIFETIME
    assert await world.state() == changed(
        before,
        battery={"available": 7_999, "allocated": 1_001, "sequence": 7},
        owner_member={"allocated": 1_001, "allocation_expiry": expiry},
    )
    assert events[0].data["expiry"] == expiry


async def test_a_member_without_a_balance_reserves_nothing_of_the_others(world: World) -> None:
    async with world.refused("amount exceeds the unallocated balance"):
        await world.run("allocate", amount=1, by="neighbour")

    await world.run("deposit_energy", amount=2, by="neighbour")
    await world.run("allocate", amount=1, by="neighbour")


async def test_reserves_the_unallocated_balance_and_not_one_more(world: World) -> None:
    await world.run("deposit_energy", amount=1_000, by="neighbour")
    await world.run("allocate", amount=400, by="neighbour")

    async with world.refused("amount exceeds the unallocated balance"):
        await world.run("allocate", amount=501, by="neighbour")
    before = await world.state()
    events = await world.run("allocate", amount=500, by="neighbour")

    assert await world.state() == changed(
        before,
        battery={"available": 9_000, "allocated": 900, "sequence": 8},
        neighbour_member={"allocated": 900, "allocation_expiry": events[0].data["expiry"]},
    )
    async with world.refused("amount exceeds the unallocated balance"):
        await world.run("allocate", amount=1, by="neighbour")


async def test_reserves_what_is_available_and_not_one_more(empty_world: World) -> None:
    world = empty_world
    await world.start(allocation_limit=20_000)
    await world.run("deposit_energy", amount=1_000)

    async with world.refused("amount exceeds what is available"):
        await world.run("allocate", amount=901)
    await world.run("allocate", amount=900)

    battery = (await world.state())["battery"]
    assert (battery["available"], battery["allocated"]) == (0, 900)
    async with world.refused("amount exceeds what is available"):
        await world.run("allocate", amount=1)


async def test_reserves_up_to_the_limit_and_not_one_more(world: World) -> None:
    await world.run("deposit_energy", by="neighbour")
    async with world.refused("amount exceeds the allocation limit"):
        await world.run("allocate", amount=ALLOCATION_LIMIT + 1)
    await world.run("allocate", amount=ALLOCATION_LIMIT)
    assert (await world.state())["owner_member"]["allocated"] == ALLOCATION_LIMIT

    async with world.refused("amount exceeds the allocation limit"):
        await world.run("allocate", amount=1)
    await world.run("allocate", amount=1, by="neighbour")  # the limit is each member's


@pytest.mark.embedded
async def test_an_expiry_never_wraps_around(world: World) -> None:
    world.travel_to(I64_MAX - ALLOCATION_LIFETIME + 1)
    async with world.refused("attempt to add with overflow"):
        await world.run("allocate")

    world.travel_to(I64_MAX - ALLOCATION_LIFETIME)
    await world.run("allocate")
    assert (await world.state())["owner_member"]["allocation_expiry"] == I64_MAX
