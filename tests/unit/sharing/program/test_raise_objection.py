import pytest
from anchorpy import Event

from tests.support.sharing import LINES, TOTALS, Sharing
from tests.support.stage import changed


async def test_objects_in_public(sharing: Sharing) -> None:
    await sharing.post()
    before = await sharing.state()

    events = await sharing.run("raise_objection")

    assert await sharing.state() == changed(
        before,
        community={"sequence": 20},
        period={"objection_count": 1},
        owner_line={"objected": True},
    )
    assert events == [
        Event(
            "ObjectionRaised",
            {
                "community": sharing["community"],
                "period": sharing["period"],
                "participant": sharing["owner_participant"],
                **{"objection_count": 1, **TOTALS, "sequence": 20},
            },
        )
    ]


async def test_blocks_nothing(sharing: Sharing) -> None:
    await sharing.post()
    for owner in LINES:
        await sharing.run("raise_objection", of=owner)
    await sharing.run("withdraw_period")
    await sharing.run("begin_period")
    await sharing.close()
    for owner in LINES:
        await sharing.run("raise_objection", of=owner)

    await sharing.settle()
    state = await sharing.state()
    assert (state["period"]["state"], state["period"]["objection_count"]) == ("SETTLED", 3)


async def test_objects_once(sharing: Sharing) -> None:
    await sharing.post()
    await sharing.run("raise_objection")
    async with sharing.refused("line is objected to already"):
        await sharing.run("raise_objection")

    await sharing.run("raise_objection", of="neighbour")


async def test_objects_to_a_line_that_is_there(sharing: Sharing) -> None:
    async with sharing.refused("line is not posted"):
        await sharing.run("raise_objection")

    await sharing.post()
    await sharing.run("raise_objection")


async def test_objects_until_it_is_settled(sharing: Sharing) -> None:
    await sharing.close()
    await sharing.settle("owner")
    async with sharing.refused("too late to object"):
        await sharing.run("raise_objection")
    await sharing.run("raise_objection", of="thief")
    await sharing.settle("neighbour", "thief")
    async with sharing.refused("too late to object"):
        await sharing.run("raise_objection", of="neighbour")


async def test_objects_to_no_period_that_was_withdrawn(sharing: Sharing) -> None:
    await sharing.post()
    await sharing.run("withdraw_period")
    async with sharing.refused("too late to object"):
        await sharing.run("raise_objection")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"by": "thief"}, "participant belongs to another owner"),
        ({"by": "operator"}, "participant belongs to another owner"),
        ({"community": "rival_community"}, "participant belongs to another community"),
        ({"participant": "owner_rival_participant"}, "participant belongs to another community"),
        ({"period": "rival_period"}, "period belongs to another community"),
        ({"line": "neighbour_line"}, "line belongs to another participant"),
        ({"line": "owner_rival_line"}, "line belongs to another period"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    sharing: Sharing, changes: dict[str, str], message: str
) -> None:
    await sharing.start(at="rival", prepaid=0)
    await sharing.post()
    accounts = {name: sharing[value] if name != "by" else value for name, value in changes.items()}
    async with sharing.refused(message):
        await sharing.run("raise_objection", **accounts)

    await sharing.run("raise_objection")
