import pytest
from anchorpy import Event

from tests.support.battery import POLICY_LIMIT, PROGRAM, World
from tests.support.stage import U64_MAX, changed

MEMBER_BYTES = 104


async def test_makes_an_empty_member_at_the_payers_expense(world: World) -> None:
    before = await world.state()
    assert before["newcomer_member"] is None

    events = await world.run("open_member", owner="newcomer", by="neighbour")

    rent = await world.rent(MEMBER_BYTES)
    assert await world.state() == changed(
        before,
        neighbour={"lamports": before["neighbour"]["lamports"] - rent},
        battery={"member_count": 4, "sequence": 5},
        newcomer_member={
            "lamports": rent,
            "program": PROGRAM,
            "size": MEMBER_BYTES,
            "kind": "Member",
            "owner": world["newcomer"],
            "battery": world["battery"],
            "balance": 0,
            "allocated": 0,
            "allocation_limit": POLICY_LIMIT,
            "allocation_expiry": 0,
        },
    )
    assert events == [
        Event(
            "MemberOpened",
            {
                "battery": world["battery"],
                "member": world["newcomer_member"],
                "owner": world["newcomer"],
                "member_count": 4,
                "available": 0,
                "allocated": 0,
                "sequence": 5,
            },
        )
    ]


async def test_an_owner_opens_a_membership_in_each_battery(world: World) -> None:
    await world.run("initialize", by="rival")
    before = await world.state()

    await world.run("open_member", owner="owner", by="owner", at="rival")

    after = await world.state()
    rent = await world.rent(MEMBER_BYTES)
    assert after == changed(
        before,
        owner={"lamports": before["owner"]["lamports"] - rent},
        rival_battery={"member_count": 1, "sequence": 2},
        owner_rival_member={**before["owner_member"], "battery": world["rival_battery"]},
    )


@pytest.mark.travels
async def test_refuses_one_member_more_than_it_can_count(world: World) -> None:
    await world.forge("battery", member_count=U64_MAX - 1)
    await world.run("open_member", owner="newcomer")
    assert (await world.state())["battery"]["member_count"] == U64_MAX

    async with world.refused("attempt to add with overflow"):
        await world.run("open_member", owner="rival")
