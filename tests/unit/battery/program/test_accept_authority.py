import pytest
from anchorpy import Event

from tests.support.battery import World
from tests.support.stage import SYSTEM_PROGRAM, System, changed


@pytest.fixture
async def world(world: World) -> World:
    """The owner has stored 900, of which 300 are allocated; the operator has proposed the newcomer."""
    await world.run("deposit_energy")
    await world.run("allocate", amount=300)
    await world.run("propose_authority", proposed="newcomer")
    return world


async def test_hands_the_authority_over(world: World) -> None:
    before = await world.state()

    events = await world.run("accept_authority", by="newcomer")

    assert await world.state() == changed(before, battery={"authority": world["newcomer"], "sequence": 8})
    assert events == [
        Event(
            "AuthorityAccepted",
            {
                "battery": world["battery"],
                "authority": world["newcomer"],
                "available": 600,
                "allocated": 300,
                "sequence": 8,
            },
        )
    ]


@pytest.mark.parametrize("somebody_else", ["operator", "rival", "owner", "thief"])
async def test_refuses_somebody_else(world: World, somebody_else: str) -> None:
    async with world.refused("signer is not the proposed authority"):
        await world.run("accept_authority", by=somebody_else)
    await world.run("accept_authority", by="newcomer")


async def test_hands_over_once(world: World) -> None:
    await world.run("accept_authority", by="newcomer")

    for signer in ("newcomer", "operator"):
        async with world.refused("no new authority is proposed"):
            await world.run("accept_authority", by=signer)


async def test_from_then_on_only_the_new_authority_rules(world: World) -> None:
    await world.run("accept_authority", by="newcomer")

    for instruction in ("pause", "set_policy", "set_member_limit", "propose_authority"):
        async with world.refused("signer is not the authority"):
            await world.run(instruction)
        await world.run(instruction, by="newcomer")


async def test_the_new_authority_can_hand_it_back(world: World) -> None:
    before = await world.state()
    await world.run("accept_authority", by="newcomer")
    await world.run("propose_authority", by="newcomer", proposed="operator")
    await world.run("accept_authority", by="operator")

    assert await world.state() == changed(
        before, battery={"pending_authority": world["operator"], "sequence": 10}
    )


async def test_a_battery_stays_where_it_is_and_pays_as_before(world: World) -> None:
    """Its address and its signature come from the creator, who is not the authority any more."""
    await world.run("accept_authority", by="newcomer")

    await world.run("withdraw_energy", amount=600)
    await world.run("consume", amount=300)
    assert (await world.state())["vault"]["amount"] == 0
    async with world.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await world.run("initialize", by="operator")
