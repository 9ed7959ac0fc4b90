import pytest
from anchorpy import Event

from tests.support.sharing import LAPSES, LINES, OBJECTION_TIME, PREPAID, SETTLES, TOTALS, Sharing
from tests.support.stage import changed


@pytest.mark.parametrize("closed", [False, True])
async def test_calls_a_period_off(sharing: Sharing, closed: bool) -> None:
    """The owner's line has pledged 100 of the reserve too."""
    await sharing.run("withdraw", amount=PREPAID - 1_100)
    await sharing.post()
    if closed:
        await sharing.run("close_period")
    await sharing.run("raise_objection")
    before = await sharing.state()
    assert before["community"]["reserve_pledged"] == 100

    events = await sharing.run("withdraw_period")

    sequence = 23 if closed else 22
    assert await sharing.state() == changed(
        before,
        community={"run": 0, "reserve_pledged": 0, "sequence": sequence},
        period={"state": "WITHDRAWN"},
    )
    assert events == [
        Event(
            "PeriodWithdrawn",
            {
                **{"community": sharing["community"], "period": sharing["period"]},
                **{"posted_count": 3, "objection_count": 1},
                **{**TOTALS, "prepaid": 6_000 - PREPAID + 1_100, "sequence": sequence},
            },
        )
    ]


async def test_it_is_posted_anew_and_old_lines_do_not_count(sharing: Sharing) -> None:
    await sharing.close()
    await sharing.run("withdraw_period")
    await sharing.run("begin_period")
    async with sharing.refused("lines are not all posted"):
        await sharing.run("close_period")
    for instruction, message in (
        ("raise_objection", "line is not posted"),
        ("settle_line", "period is not closed"),
    ):
        async with sharing.refused(message):
            await sharing.run(instruction)
    await sharing.post()
    await sharing.run("close_period")
    sharing.travel_to(SETTLES + OBJECTION_TIME)
    await sharing.settle()

    state = await sharing.state()
    assert state["owner_participant"]["funds"] == PREPAID - LINES["owner"]["charge"]


async def test_until_its_first_line_is_settled(sharing: Sharing) -> None:
    await sharing.close()
    await sharing.settle("owner")
    async with sharing.refused("lines are settled already"):
        await sharing.run("withdraw_period")

    await sharing.settle("neighbour", "thief")
    async with sharing.refused("period is not under way"):
        await sharing.run("withdraw_period")


async def test_once(sharing: Sharing) -> None:
    await sharing.run("withdraw_period")
    async with sharing.refused("period is not under way"):
        await sharing.run("withdraw_period")


@pytest.mark.embedded
async def test_anyone_if_it_was_not_closed_in_a_week_by_the_second(sharing: Sharing) -> None:
    await sharing.post("owner")
    sharing.travel_to(LAPSES - 1)
    async with sharing.refused("period has not lapsed and signer is not the authority"):
        await sharing.run("withdraw_period", by="thief")

    sharing.travel_to(LAPSES)
    await sharing.run("withdraw_period", by="thief")
    await sharing.run("withdraw", amount=PREPAID)


async def test_nobody_else_if_it_is_closed(sharing: Sharing) -> None:
    await sharing.post()
    await sharing.run("close_period")
    sharing.travel_to(2 * LAPSES)
    async with sharing.refused("period has not lapsed and signer is not the authority"):
        await sharing.run("withdraw_period", by="owner")

    await sharing.settle()


async def test_closes_after_a_week_if_nobody_has_withdrawn_it(sharing: Sharing) -> None:
    sharing.travel_to(LAPSES)
    await sharing.post()
    await sharing.run("close_period")


async def test_refuses_the_period_of_another_community(sharing: Sharing) -> None:
    await sharing.start(at="rival", prepaid=0)
    async with sharing.refused("period belongs to another community"):
        await sharing.run("withdraw_period", period=sharing["rival_period"])

    await sharing.run("withdraw_period")
