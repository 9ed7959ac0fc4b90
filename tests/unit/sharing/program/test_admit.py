import pytest
from anchorpy import Event

from tests.support.sharing import CREDIT_LIMIT, TOTALS, Sharing
from tests.support.stage import changed


@pytest.fixture
async def sharing(sharing: Sharing) -> Sharing:
    """The newcomer has an account."""
    await sharing.run("open_participant", of="newcomer")
    return sharing


async def test_takes_somebody_in(sharing: Sharing) -> None:
    before = await sharing.state()

    events = await sharing.run("admit", of="newcomer", credit_limit=7)

    assert await sharing.state() == changed(
        before,
        community={"participant_count": 4, "sequence": 18},
        newcomer_participant={"joined": 18, "credit_limit": 7},
    )
    assert events == [
        Event(
            "ParticipantAdmitted",
            {
                "community": sharing["community"],
                "participant": sharing["newcomer_participant"],
                **{"credit_limit": 7, "participant_count": 4, **TOTALS, "sequence": 18},
            },
        )
    ]


async def test_once_until_they_leave(sharing: Sharing) -> None:
    await sharing.run("withdraw_period")
    await sharing.run("admit", of="newcomer")
    async with sharing.refused("participant is admitted already"):
        await sharing.run("admit", of="newcomer", credit_limit=0)

    await sharing.run("leave", of="newcomer")
    await sharing.run("admit", of="newcomer", credit_limit=8)
    again = (await sharing.state())["newcomer_participant"]
    assert (again["joined"], again["left"], again["credit_limit"]) == (21, 0, 8)


async def test_who_comes_during_a_period_is_in_the_next(sharing: Sharing) -> None:
    await sharing.run("admit", of="newcomer")
    await sharing.run("open_line", of="newcomer")
    async with sharing.refused("participant is not in this period"):
        await sharing.run("post_line", of="newcomer")

    await sharing.run("withdraw_period")
    await sharing.run("begin_period")
    assert (await sharing.state())["period"]["participant_count"] == 4
    await sharing.run("post_line", of="newcomer")


async def test_who_left_during_a_period_comes_back_after_it(sharing: Sharing) -> None:
    """They are counted in the period: admitted anew, they would be in it no more, and it would stay open."""
    await sharing.run("leave")
    async with sharing.refused("participant left during this period"):
        await sharing.run("admit")

    await sharing.close()
    await sharing.settle()
    await sharing.run("admit")


@pytest.mark.embedded
async def test_who_left_before_a_period_comes_back_during_it(sharing: Sharing) -> None:
    await sharing.run("withdraw_period")
    await sharing.run("leave")
    await sharing.run("begin_period")
    await sharing.run("admit")

    state = await sharing.state()
    assert (state["community"]["participant_count"], state["period"]["participant_count"]) == (3, 2)
    async with sharing.refused("participant is not in this period"):
        await sharing.run("post_line")
    for owner in ("neighbour", "thief"):
        await sharing.run("post_line", of=owner)
    await sharing.run("close_period")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"by": "newcomer"}, "signer is not the authority"),
        ({"participant": "owner_rival_participant"}, "participant belongs to another community"),
    ],
)
async def test_refuses_others(sharing: Sharing, changes: dict[str, str], message: str) -> None:
    await sharing.start(at="rival", prepaid=0)
    accounts = {name: sharing[value] if name != "by" else value for name, value in changes.items()}
    async with sharing.refused(message):
        await sharing.run("admit", of="newcomer", **accounts)

    await sharing.run("admit", of="newcomer", credit_limit=CREDIT_LIMIT)
