import pytest
from anchorpy import Event

from tests.world import World, changed


@pytest.fixture
async def world(world: World) -> World:
    """Alice has stored 900 and reserved 600 of them, bob 200."""
    await world.run("deposit_energy", amount=1_000)
    await world.run("allocate", amount=600)
    await world.run("allocate", amount=200, by="bob")
    return world


async def test_gives_a_part_of_the_reservation_back(world: World) -> None:
    before = await world.state()

    events = await world.run("deallocate", amount=150)

    assert await world.state() == changed(
        before,
        battery={"available": 250, "allocated": 650, "sequence": 8},
        alice_member={"allocated": 450},
    )
    assert events == [
        Event(
            "EnergyDeallocated",
            {
                "battery": world["battery"],
                "member": world["alice_member"],
                "amount": 150,
                "member_allocated": 450,
                "available": 250,
                "allocated": 650,
                "sequence": 8,
            },
        )
    ]


async def test_gives_all_back_and_not_one_more(world: World) -> None:
    async with world.refused("amount exceeds what is allocated"):
        await world.run("deallocate", amount=601)
    await world.run("deallocate", amount=600)

    assert (await world.state())["alice_member"]["allocated"] == 0
    async with world.refused("amount exceeds what is allocated"):
        await world.run("deallocate", amount=1)


async def test_undoes_an_allocation_but_for_its_expiry(world: World) -> None:
    before = await world.state()
    events = await world.run("allocate", amount=50)
    await world.run("deallocate", amount=50)

    expiry = events[0].data["expiry"]
    assert await world.state() == changed(
        before, battery={"sequence": 9}, alice_member={"allocation_expiry": expiry}
    )


@pytest.mark.embedded
async def test_gives_back_while_paused(world: World) -> None:
    await world.forge("battery", paused=True)

    await world.run("deallocate", amount=600)

    assert (await world.state())["battery"]["available"] == 700


async def test_refuses_zero(world: World) -> None:
    async with world.refused("amount must be positive"):
        await world.run("deallocate", amount=0)


async def test_refuses_what_does_not_belong_together(world: World) -> None:
    await world.start(at="rival")
    refusals = {
        "member belongs to another battery": {"member": world["alice_rival_member"]},
        "member belongs to another owner": {"member": world["bob_member"]},
    }
    for message, accounts in refusals.items():
        async with world.refused(message):
            await world.run("deallocate", **accounts)

    await world.run("deallocate")
