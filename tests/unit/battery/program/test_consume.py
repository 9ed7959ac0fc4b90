import pytest
from anchorpy import Event

from tests.support.battery import World
from tests.support.stage import I64_MAX, changed


@pytest.fixture
async def world(world: World) -> World:
    """Of the owner's balance of 900, 600 are allocated; of the neighbour's 1,800, 500."""
    await world.run("deposit_energy", amount=1_000)
    await world.run("deposit_energy", amount=2_000, by="neighbour")
    await world.run("allocate", amount=600)
    await world.run("allocate", amount=500, by="neighbour")
    return world


async def test_burns_what_is_used(world: World) -> None:
    before = await world.state()

    events = await world.run("consume", amount=250)

    assert await world.state() == changed(
        before,
        mint={"supply": before["mint"]["supply"] - 250},
        vault={"amount": 2_450},
        battery={"allocated": 850, "sequence": 9},
        owner_member={"balance": 650, "allocated": 350},
    )
    assert events == [
        Event(
            "EnergyConsumed",
            {
                "battery": world["battery"],
                "member": world["owner_member"],
                "amount": 250,
                "balance": 650,
                "member_allocated": 350,
                "available": 1_600,
                "allocated": 850,
                "sequence": 9,
            },
        )
    ]


async def test_uses_the_whole_reservation_and_not_one_more(world: World) -> None:
    for amount in (601, 900):  # of a balance of 900
        async with world.refused("amount exceeds what is allocated"):
            await world.run("consume", amount=amount)
    async with world.refused("amount exceeds the balance"):
        await world.run("consume", amount=901)
    await world.run("consume", amount=600)

    member = (await world.state())["owner_member"]
    assert (member["balance"], member["allocated"]) == (300, 0)
    async with world.refused("amount exceeds what is allocated"):
        await world.run("consume", amount=1)


async def test_uses_the_whole_balance_and_not_one_more(world: World) -> None:
    await world.run("allocate", amount=300)
    async with world.refused("amount exceeds the balance"):
        await world.run("consume", amount=901)
    await world.run("consume", amount=900)

    member = (await world.state())["owner_member"]
    assert (member["balance"], member["allocated"]) == (0, 0)
    async with world.refused("amount exceeds the balance"):
        await world.run("consume", amount=1)


@pytest.mark.embedded
async def test_uses_until_the_second_before_the_expiry(world: World) -> None:
    expiry = (await world.state())["owner_member"]["allocation_expiry"]
    for late in (expiry, expiry + 1, I64_MAX):
        world.travel_to(late)
        async with world.refused("allocation has expired"):
            await world.run("consume")
    world.travel_to(expiry - 1)
    before = await world.state()

    await world.run("consume", amount=600)

    assert await world.state() == changed(
        before,
        mint={"supply": before["mint"]["supply"] - 600},
        vault={"amount": 2_100},
        battery={"allocated": 500, "sequence": 9},
        owner_member={"balance": 300, "allocated": 0},
    )


@pytest.mark.travels
async def test_uses_an_expired_reservation_once_it_is_renewed(world: World) -> None:
    world.travel_to((await world.state())["owner_member"]["allocation_expiry"])
    async with world.refused("allocation has expired"):
        await world.run("consume", amount=600)
    await world.run("allocate", amount=1)
    await world.run("consume", amount=601)

    member = (await world.state())["owner_member"]
    assert (member["balance"], member["allocated"]) == (299, 0)
