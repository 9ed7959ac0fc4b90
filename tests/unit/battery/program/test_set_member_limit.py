import pytest
from anchorpy import Event

from tests.support.battery import ALLOCATION_LIMIT, POLICY_LIMIT, World
from tests.support.stage import changed


@pytest.fixture
async def world(world: World) -> World:
    """The owner has stored 9,000, of which 600 are allocated, and the neighbour 900."""
    await world.run("deposit_energy", amount=10_000)
    await world.run("deposit_energy", by="neighbour")
    await world.run("allocate", amount=600)
    return world


async def test_sets_one_members_limit(world: World) -> None:
    before = await world.state()

    events = await world.run("set_member_limit", of="neighbour", limit=250)

    assert await world.state() == changed(
        before, battery={"sequence": 8}, neighbour_member={"allocation_limit": 250}
    )
    assert events == [
        Event(
            "MemberLimitSet",
            {
                "battery": world["battery"],
                "member": world["neighbour_member"],
                "limit": 250,
                "available": 9_300,
                "allocated": 600,
                "sequence": 8,
            },
        )
    ]


@pytest.mark.parametrize("limit", [601, 1_000, ALLOCATION_LIMIT - 1, ALLOCATION_LIMIT + 1, 8_999])
async def test_a_members_own_limit_replaces_the_policys(world: World, limit: int) -> None:
    await world.run("set_member_limit", limit=limit)

    async with world.refused("amount exceeds the allocation limit"):
        await world.run("allocate", amount=limit - 600 + 1)
    await world.run("allocate", amount=limit - 600)

    assert (await world.state())["owner_member"]["allocated"] == limit
    await world.run("allocate", amount=900, by="neighbour")  # whom it does not concern


@pytest.mark.parametrize("limit", [9_000, POLICY_LIMIT - 1])
async def test_a_limit_above_the_balance_is_no_credit(world: World, limit: int) -> None:
    await world.run("set_member_limit", limit=limit)

    async with world.refused("amount exceeds the unallocated balance"):
        await world.run("allocate", amount=8_401)
    await world.run("allocate", amount=8_400)


async def test_a_limit_of_nothing_allows_nothing_until_it_is_as_the_policy_says(world: World) -> None:
    await world.run("set_member_limit", of="neighbour", limit=0)
    async with world.refused("amount exceeds the allocation limit"):
        await world.run("allocate", amount=1, by="neighbour")

    await world.run("set_member_limit", of="neighbour", limit=POLICY_LIMIT)
    await world.run("allocate", amount=1, by="neighbour")


async def test_a_limit_below_what_is_allocated_takes_nothing_away(world: World) -> None:
    await world.run("set_member_limit", limit=100)
    async with world.refused("amount exceeds the allocation limit"):
        await world.run("allocate", amount=1)

    await world.run("consume", amount=300)
    await world.run("deallocate", amount=201)
    async with world.refused("amount exceeds the allocation limit"):
        await world.run("allocate", amount=2)
    await world.run("allocate", amount=1)
    member = (await world.state())["owner_member"]
    assert (member["balance"], member["allocated"]) == (8_700, 100)
