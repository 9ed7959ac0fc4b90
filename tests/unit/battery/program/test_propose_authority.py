from anchorpy import Event

from tests.support.battery import World
from tests.support.stage import changed


async def test_proposes_a_key_and_changes_no_authority(world: World) -> None:
    before = await world.state()

    events = await world.run("propose_authority", proposed="newcomer")

    assert await world.state() == changed(
        before, battery={"pending_authority": world["newcomer"], "sequence": 5}
    )
    assert events == [
        Event(
            "AuthorityProposed",
            {
                "battery": world["battery"],
                "proposed": world["newcomer"],
                "available": 0,
                "allocated": 0,
                "sequence": 5,
            },
        )
    ]


async def test_the_proposed_key_has_no_power_before_it_accepts(world: World) -> None:
    await world.run("propose_authority", proposed="newcomer")

    async with world.refused("signer is not the authority"):
        await world.run("pause", by="newcomer")
    await world.run("pause")


async def test_a_later_proposal_replaces_an_earlier_one(world: World) -> None:
    await world.run("propose_authority", proposed="newcomer")
    await world.run("propose_authority", proposed="neighbour")

    async with world.refused("signer is not the proposed authority"):
        await world.run("accept_authority", by="newcomer")
    await world.run("accept_authority", by="neighbour")
    assert (await world.state())["battery"]["authority"] == world["neighbour"]


async def test_proposing_oneself_cancels(world: World) -> None:
    before = await world.state()
    await world.run("propose_authority", proposed="newcomer")

    events = await world.run("propose_authority", proposed="operator")

    assert events[0].data["proposed"] == world["operator"]
    assert await world.state() == changed(before, battery={"sequence": 6})
    for signer in ("newcomer", "operator"):
        async with world.refused("no new authority is proposed"):
            await world.run("accept_authority", by=signer)
