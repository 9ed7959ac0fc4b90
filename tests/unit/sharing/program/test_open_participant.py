from anchorpy import Event

from tests.support.sharing import PROGRAM, TOTALS, Sharing
from tests.support.stage import SYSTEM_PROGRAM, System, changed

PARTICIPANT_BYTES = 128


async def test_opens_an_account_for_any_owner_at_the_payers_expense(sharing: Sharing) -> None:
    before = await sharing.state()
    assert before["newcomer_participant"] is None

    events = await sharing.run("open_participant", of="newcomer", by="thief")

    rent = await sharing.rent(PARTICIPANT_BYTES)
    assert await sharing.state() == changed(
        before,
        thief={"lamports": before["thief"]["lamports"] - rent},
        community={"sequence": 17},
        newcomer_participant={
            **{"lamports": rent, "program": PROGRAM, "size": PARTICIPANT_BYTES, "kind": "Participant"},
            **{"community": sharing["community"], "owner": sharing["newcomer"]},
            **dict.fromkeys(("joined", "left", "funds", "owed", "credit_limit", "pledged", "run"), 0),
        },
    )
    assert events == [
        Event(
            "ParticipantOpened",
            {
                "community": sharing["community"],
                "participant": sharing["newcomer_participant"],
                "owner": sharing["newcomer"],
                **TOTALS,
            },
        )
    ]


async def test_opens_each_once(sharing: Sharing) -> None:
    async with sharing.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await sharing.run("open_participant")

    await sharing.run("open_participant", of="newcomer")


async def test_who_is_not_admitted_is_in_no_period(sharing: Sharing) -> None:
    await sharing.run("open_participant", of="newcomer")
    await sharing.run("withdraw_period")
    await sharing.run("begin_period")
    await sharing.run("open_line", of="newcomer")
    assert (await sharing.state())["period"]["participant_count"] == 3

    async with sharing.refused("participant is not in this period"):
        await sharing.run("post_line", of="newcomer")
    await sharing.run("deposit", of="newcomer", amount=1)
    await sharing.run("withdraw", of="newcomer", amount=1)
