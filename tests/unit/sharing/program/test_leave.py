import pytest
from anchorpy import Event

from tests.support.sharing import ENDS, LINES, PREPAID, SETTLES, TOTALS, Sharing
from tests.support.stage import changed


@pytest.mark.parametrize("by", ["owner", "operator"])
async def test_leaves_or_is_dismissed(sharing: Sharing, by: str) -> None:
    before = await sharing.state()

    events = await sharing.run("leave", by=by)

    assert await sharing.state() == changed(
        before,
        community={"participant_count": 2, "sequence": 17},
        owner_participant={"left": 17},
    )
    assert events == [
        Event(
            "ParticipantLeft",
            {
                "community": sharing["community"],
                "participant": sharing["owner_participant"],
                **{"participant_count": 2, **TOTALS},
            },
        )
    ]


@pytest.mark.parametrize("by", ["neighbour", "thief", "rival", "newcomer"])
async def test_refuses_somebody_else(sharing: Sharing, by: str) -> None:
    async with sharing.refused("signer is neither the owner nor the authority"):
        await sharing.run("leave", by=by)

    await sharing.run("leave")


async def test_leaves_once(sharing: Sharing) -> None:
    await sharing.run("leave")
    async with sharing.refused("participant is not admitted"):
        await sharing.run("leave")

    await sharing.run("open_participant", of="newcomer")
    async with sharing.refused("participant is not admitted"):
        await sharing.run("leave", of="newcomer")


async def test_takes_the_balance_along(sharing: Sharing) -> None:
    await sharing.run("leave")
    await sharing.run("withdraw", amount=PREPAID)


async def test_who_leaves_during_a_period_is_still_in_it(sharing: Sharing) -> None:
    for owner in LINES:
        await sharing.run("leave", of=owner)
    await sharing.close()
    await sharing.settle()

    await sharing.run("withdraw", amount=PREPAID - LINES["owner"]["charge"])
    async with sharing.refused("nobody is admitted"):
        await sharing.run("begin_period", starts_at=ENDS, ends_at=SETTLES)


async def test_refuses_a_participant_of_another_community(sharing: Sharing) -> None:
    await sharing.start(at="rival", prepaid=0)
    async with sharing.refused("participant belongs to another community"):
        await sharing.run("leave", participant=sharing["owner_rival_participant"])

    await sharing.run("leave")
