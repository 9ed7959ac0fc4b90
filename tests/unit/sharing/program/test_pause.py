from anchorpy import Event

from tests.support.sharing import LINES, NOTHING, PREPAID, RESERVE, SETTLES, TOTALS, Sharing
from tests.support.stage import changed


async def test_pauses_the_community(sharing: Sharing) -> None:
    before = await sharing.state()

    events = await sharing.run("pause")

    assert await sharing.state() == changed(before, community={"paused": True, "sequence": 17})
    assert events == [Event("CommunityPaused", {"community": sharing["community"], **TOTALS})]


async def test_pauses_once_until_resumed(sharing: Sharing) -> None:
    await sharing.run("pause")
    async with sharing.refused("community is paused"):
        await sharing.run("pause")

    await sharing.run("resume")
    await sharing.run("pause")


async def test_stops_admissions_deposits_and_posting(sharing: Sharing) -> None:
    await sharing.run("open_participant", of="newcomer")
    await sharing.run("pause")
    for instruction, changes in (
        ("admit", {"of": "newcomer"}),
        ("deposit", {"amount": 1}),
        ("post_line", {}),
    ):
        async with sharing.refused("community is paused"):
            await sharing.run(instruction, **changes)

    await sharing.run("resume")
    await sharing.run("admit", of="newcomer")
    await sharing.run("deposit", amount=1)
    await sharing.run("post_line")


async def test_stops_the_beginning_of_periods(sharing: Sharing) -> None:
    await sharing.run("withdraw_period")
    await sharing.run("pause")
    async with sharing.refused("community is paused"):
        await sharing.run("begin_period")

    await sharing.run("resume")
    await sharing.run("begin_period")


async def test_stops_no_settlement_and_no_withdrawal(sharing: Sharing) -> None:
    await sharing.post()
    await sharing.run("pause")

    await sharing.run("withdraw", of="thief", amount=PREPAID)
    await sharing.run("raise_objection")
    await sharing.run("close_period")
    await sharing.run("leave", of="neighbour")
    await sharing.run("set_credit_limit")
    await sharing.run("withdraw_reserve", amount=RESERVE)
    sharing.travel_to(SETTLES)
    await sharing.settle()
    await sharing.run("withdraw", amount=PREPAID - LINES["owner"]["charge"])


async def test_stops_no_withdrawal_of_a_period(sharing: Sharing) -> None:
    await sharing.post()
    await sharing.run("pause")

    await sharing.run("withdraw_period")
    await sharing.run("withdraw", amount=PREPAID)


async def test_pauses_one_community(sharing: Sharing) -> None:
    await sharing.start(at="rival")
    await sharing.run("pause", at="rival", by="rival")

    async with sharing.refused("community is paused"):
        await sharing.run("post_line", at="rival", by="rival", **NOTHING)
    await sharing.run("post_line")
