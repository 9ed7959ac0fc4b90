import pytest
from anchorpy import Event

from tests.support.battery import TOKENS, World
from tests.support.stage import changed


@pytest.fixture
async def world(world: World) -> World:
    """The owner has a balance of 900, the neighbour one of 1,800, of which 600 are allocated."""
    await world.run("deposit_energy", amount=1_000)
    await world.run("deposit_energy", amount=2_000, by="neighbour")
    await world.run("allocate", amount=600, by="neighbour")
    return world


async def test_pays_out_of_the_vault(world: World) -> None:
    before = await world.state()

    events = await world.run("withdraw_energy", amount=250)

    assert await world.state() == changed(
        before,
        owner_tokens={"amount": TOKENS - 1_000 + 250},
        vault={"amount": 2_450},
        battery={"available": 1_850, "sequence": 8},
        owner_member={"balance": 650},
    )
    assert events == [
        Event(
            "EnergyWithdrawn",
            {
                "battery": world["battery"],
                "member": world["owner_member"],
                "amount": 250,
                "balance": 650,
                "available": 1_850,
                "allocated": 600,
                "sequence": 8,
            },
        )
    ]


async def test_pays_the_whole_balance_and_not_one_more(world: World) -> None:
    async with world.refused("amount exceeds the balance"):
        await world.run("withdraw_energy", amount=901)
    await world.run("withdraw_energy", amount=900)

    assert (await world.state())["owner_member"]["balance"] == 0
    async with world.refused("amount exceeds the balance"):
        await world.run("withdraw_energy", amount=1)


async def test_pays_the_unallocated_balance_and_not_one_more(world: World) -> None:
    async with world.refused("amount exceeds the unallocated balance"):
        await world.run("withdraw_energy", amount=1_201, by="neighbour")
    before = await world.state()
    await world.run("withdraw_energy", amount=1_200, by="neighbour")

    assert await world.state() == changed(
        before,
        neighbour_tokens={"amount": TOKENS - 2_000 + 1_200},
        vault={"amount": 1_500},
        battery={"available": 900, "sequence": 8},
        neighbour_member={"balance": 600},
    )
    async with world.refused("amount exceeds the unallocated balance"):
        await world.run("withdraw_energy", amount=1, by="neighbour")


async def test_pays_what_is_available_and_not_one_more(world: World) -> None:
    await world.run("withdraw_energy", amount=900)

    async with world.refused("amount exceeds what is available"):
        await world.run("withdraw_energy", amount=1_201, by="neighbour")
    await world.run("withdraw_energy", amount=1_200, by="neighbour")

    battery = (await world.state())["battery"]
    assert (battery["available"], battery["allocated"]) == (0, 600)


async def test_nobody_elses_allocation_stands_in_the_way(world: World) -> None:
    await world.run("allocate", amount=1_200, by="neighbour")  # all that the neighbour has
    async with world.refused("amount exceeds what is available"):
        await world.run("withdraw_energy", amount=901, by="neighbour")

    await world.run("withdraw_energy", amount=900)
    assert (await world.state())["battery"]["available"] == 0


async def test_pays_to_any_account_of_the_mint(world: World) -> None:
    before = await world.state()

    await world.run("withdraw_energy", amount=100, destination=world["newcomer_tokens"])

    assert await world.state() == changed(
        before,
        newcomer_tokens={"amount": TOKENS + 100},
        vault={"amount": 2_600},
        battery={"available": 2_000, "sequence": 8},
        owner_member={"balance": 800},
    )
