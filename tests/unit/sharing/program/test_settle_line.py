import pytest
from anchorpy import Event

from tests.support.sharing import (
    CHARGES,
    CREDITS,
    ENDS,
    FEE,
    OBJECTION_TIME,
    PREPAID,
    RESERVE,
    SETTLES,
    Sharing,
)
from tests.support.stage import NOON, changed


async def test_settles_a_line(sharing: Sharing) -> None:
    await sharing.close()
    before = await sharing.state()

    events = await sharing.run("settle_line")

    assert await sharing.state() == changed(
        before,
        community={"prepaid": 4_800, "sequence": 21},
        period={"settled_count": 1, "collected": 1_200},
        owner_participant={"funds": 800, "pledged": 0},
        owner_line={"settled": True},
    )
    assert events == [
        Event(
            "LineSettled",
            {
                "community": sharing["community"],
                "period": sharing["period"],
                "participant": sharing["owner_participant"],
                **{"charge": 1_200, "credit": 0, "funds": 800, "owed": 0, "unsettled": 2},
                **{"prepaid": 4_800, "reserve": RESERVE, "sequence": 21},
            },
        )
    ]


async def test_the_last_one_settles_the_period(sharing: Sharing) -> None:
    await sharing.close()
    await sharing.settle("owner", "neighbour")
    before = await sharing.state()

    (event,) = await sharing.run("settle_line", of="thief")

    assert await sharing.state() == changed(
        before,
        community={
            **{"prepaid": 3 * PREPAID - CHARGES + CREDITS, "reserve": RESERVE + FEE},
            **{"run": 0, "settled_until": ENDS, "sequence": 23},
        },
        period={"settled_count": 3, "collected": CHARGES, "paid": CREDITS, "state": "SETTLED"},
        thief_participant={"funds": PREPAID + 997},
        thief_line={"settled": True},
    )
    assert event.data["unsettled"] == 0


async def test_lends_out_of_the_reserve_and_gets_it_back(sharing: Sharing) -> None:
    """The owner lacks 250 of 1,200, the neighbour brings 127, of which 90 are for a debt."""
    await sharing.run("withdraw", amount=PREPAID - 950)
    await sharing.close()
    before = await sharing.state()
    assert (before["community"]["reserve_pledged"], before["owner_line"]["lent"]) == (250, 250)

    await sharing.settle("owner")

    after = await sharing.state()
    assert after == changed(
        before,
        community={
            **{"prepaid": before["community"]["prepaid"] - 950, "reserve": RESERVE - 250},
            **{"reserve_pledged": 0, "sequence": before["community"]["sequence"] + 1},
        },
        period={"settled_count": 1, "collected": 1_200},
        owner_participant={"funds": 0, "owed": 250, "pledged": 0},
        owner_line={"settled": True},
    )
    await sharing.settle("neighbour", "thief")
    await sharing.run("begin_period", starts_at=ENDS, ends_at=SETTLES)
    await sharing.run("post_line", credit=290)
    await sharing.run("post_line", of="neighbour", charge=300, shared_in=1, shared_out=1)
    await sharing.run("post_line", of="thief")
    await sharing.run("close_period")
    sharing.travel_to(SETTLES + OBJECTION_TIME)
    await sharing.settle("neighbour", "owner", "thief")

    state = await sharing.state()
    assert (state["owner_participant"]["funds"], state["owner_participant"]["owed"]) == (40, 0)
    assert state["community"]["reserve"] == RESERVE + FEE + 10


async def test_a_deposit_makes_a_loan_smaller(sharing: Sharing) -> None:
    await sharing.run("withdraw", amount=PREPAID - 950)
    await sharing.close()
    await sharing.run("deposit", amount=100)
    await sharing.settle("owner")

    state = await sharing.state()
    assert (state["owner_participant"]["owed"], state["community"]["reserve"]) == (150, RESERVE - 150)


async def test_what_is_taken_out_beside_a_pledge_is_not_lent(sharing: Sharing) -> None:
    await sharing.close()
    await sharing.run("withdraw", amount=PREPAID - 1_200)
    await sharing.settle("owner")

    state = await sharing.state()
    assert (state["owner_participant"]["funds"], state["owner_participant"]["owed"]) == (0, 0)


async def test_charges_come_first(sharing: Sharing) -> None:
    await sharing.close()
    for owner in ("thief", "neighbour"):  # their lines bring 997 and 127
        async with sharing.refused("charges are not yet collected"):
            await sharing.run("settle_line", of=owner)

    await sharing.settle("owner", "thief", "neighbour")


@pytest.mark.embedded
async def test_settles_after_the_objection_time_by_the_second(sharing: Sharing) -> None:
    await sharing.close()
    for moment in (NOON, SETTLES - 1):
        sharing.travel_to(moment)
        async with sharing.refused("time for objections is not over"):
            await sharing.run("settle_line")

    sharing.travel_to(SETTLES)
    await sharing.settle()


async def test_settles_a_closed_period(sharing: Sharing) -> None:
    await sharing.post()
    sharing.travel_to(SETTLES)
    async with sharing.refused("period is not closed"):
        await sharing.run("settle_line")
    await sharing.run("withdraw_period")
    async with sharing.refused("period is not closed"):
        await sharing.run("settle_line")


async def test_settles_once(sharing: Sharing) -> None:
    await sharing.close()
    await sharing.settle("owner")
    async with sharing.refused("line is settled already"):
        await sharing.run("settle_line")

    await sharing.settle("neighbour", "thief")
    async with sharing.refused("period is not closed"):
        await sharing.run("settle_line")


async def test_settles_what_was_posted(sharing: Sharing) -> None:
    """The newcomer has a line account, and no part in the period."""
    await sharing.run("open_participant", of="newcomer")
    await sharing.run("open_line", of="newcomer")
    await sharing.close()
    async with sharing.refused("line is not posted"):
        await sharing.run("settle_line", of="newcomer")

    await sharing.settle()


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("community", "rival_community", "period belongs to another community"),
        ("period", "rival_period", "period belongs to another community"),
        ("period", "second_period", "line belongs to another period"),
        ("participant", "owner_rival_participant", "participant belongs to another community"),
        ("participant", "neighbour_participant", "line belongs to another participant"),
        ("line", "owner_rival_line", "line belongs to another period"),
        ("line", "neighbour_line", "line belongs to another participant"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    sharing: Sharing, slot: str, wrong: str, message: str
) -> None:
    await sharing.start(at="rival", prepaid=0)
    await sharing.run("open_period", number=1)
    await sharing.close()
    async with sharing.refused(message):
        await sharing.run("settle_line", **{slot: sharing[wrong]})

    await sharing.settle()
