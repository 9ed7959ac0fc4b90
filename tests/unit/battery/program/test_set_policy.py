import pytest
from anchorpy import Event

from tests.support.battery import ALLOCATION_LIFETIME, TOKENS, World
from tests.support.stage import NOON, changed

OTHER_POLICY = {
    "capacity": 2_000,
    "allocation_limit": 100,
    "allocation_lifetime": 60,
    "efficiency_bps": 5_000,
}


@pytest.fixture
async def world(world: World) -> World:
    """The owner has stored 900, of which 600 are allocated."""
    await world.run("deposit_energy", amount=1_000)
    await world.run("allocate", amount=600)
    return world


async def test_sets_the_policy_and_nothing_else(world: World) -> None:
    before = await world.state()

    events = await world.run("set_policy", **OTHER_POLICY)

    assert await world.state() == changed(before, battery={**OTHER_POLICY, "sequence": 7})
    assert events == [
        Event(
            "PolicySet",
            {
                "battery": world["battery"],
                **OTHER_POLICY,
                "available": 300,
                "allocated": 600,
                "sequence": 7,
            },
        )
    ]


async def test_lowers_the_capacity_to_what_is_stored_and_not_one_less(world: World) -> None:
    policy = {**OTHER_POLICY, "efficiency_bps": 10_000}
    async with world.refused("capacity is below what is stored"):
        await world.run("set_policy", **{**policy, "capacity": 899})
    await world.run("set_policy", **{**policy, "capacity": 900})

    assert (await world.state())["battery"]["capacity"] == 900
    async with world.refused("amount exceeds the free capacity"):
        await world.run("deposit_energy", amount=1)
    await world.run("set_policy", **{**policy, "capacity": 901})
    await world.run("deposit_energy", amount=1)


@pytest.mark.travels
async def test_what_is_allocated_stays_and_what_comes_after_follows_the_policy(world: World) -> None:
    world.travel_to(NOON)
    await world.run("allocate", amount=10)
    await world.run("set_policy", **OTHER_POLICY)

    world.travel_to(NOON + ALLOCATION_LIFETIME - 1)  # long after the new lifetime
    async with world.refused("allocation has not expired"):
        await world.run("release_expired")
    await world.run("consume", amount=500)

    async with world.refused("amount exceeds the allocation limit"):
        await world.run("allocate", amount=1)
    await world.run("deallocate", amount=11)
    before = await world.state()
    await world.run("allocate", amount=1)
    assert await world.state() == changed(
        before,
        battery={"available": 300, "allocated": 100, "sequence": 11},
        owner_member={"allocated": 100, "allocation_expiry": NOON + ALLOCATION_LIFETIME - 1 + 60},
    )


async def test_what_is_credited_stays_and_what_comes_after_follows_the_efficiency(world: World) -> None:
    await world.run("set_policy", **OTHER_POLICY)
    before = await world.state()

    await world.run("deposit_energy", amount=1_001)

    assert await world.state() == changed(
        before,
        mint={"supply": before["mint"]["supply"] - 501},
        owner_tokens={"amount": TOKENS - 2_001},
        vault={"amount": 1_400},
        battery={"available": 800, "sequence": 8},
        owner_member={"balance": 1_400},
    )


@pytest.mark.parametrize(("efficiency_bps", "credit"), [(8_999, 899), (9_000, 900), (9_001, 900)])
async def test_a_minimum_credit_guards_a_deposit_from_another_efficiency(
    world: World, efficiency_bps: int, credit: int
) -> None:
    expected = 1_000 * (await world.state())["battery"]["efficiency_bps"] // 10_000
    await world.run("set_policy", efficiency_bps=efficiency_bps)  # between the reading and the deposit

    if credit < expected:
        async with world.refused("credit is below the minimum"):
            await world.run("deposit_energy", amount=1_000, minimum_credit=expected)
    await world.run("deposit_energy", amount=1_000, minimum_credit=min(credit, expected))
    assert (await world.state())["owner_member"]["balance"] == 900 + credit
