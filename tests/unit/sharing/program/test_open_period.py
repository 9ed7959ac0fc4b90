from anchorpy import Event

from tests.support.sharing import PROGRAM, TOTALS, Sharing, pda
from tests.support.stage import SYSTEM_PROGRAM, System, changed

PERIOD_BYTES = 208


async def test_opens_a_period_at_the_payers_expense(sharing: Sharing) -> None:
    before = await sharing.state()
    assert before["second_period"] is None

    events = await sharing.run("open_period", by="newcomer", number=1)

    rent = await sharing.rent(PERIOD_BYTES)
    counts = [name for name, value in before["period"].items() if isinstance(value, int)]
    assert await sharing.state() == changed(
        before,
        newcomer={"lamports": before["newcomer"]["lamports"] - rent},
        community={"sequence": 17},
        second_period={
            **dict.fromkeys(counts, 0),
            **{"lamports": rent, "program": PROGRAM, "size": PERIOD_BYTES, "kind": "Period"},
            **{"community": sharing["community"], "digest": SYSTEM_PROGRAM, "number": 1, "state": "UNUSED"},
        },
    )
    assert events == [
        Event(
            "PeriodOpened",
            {
                "community": sharing["community"],
                "period": sharing["second_period"],
                **{"number": 1, **TOTALS},
            },
        )
    ]


async def test_opens_each_number_once(sharing: Sharing) -> None:
    async with sharing.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await sharing.run("open_period", by="newcomer")

    last = pda(b"period", sharing["community"], bytes([255]))
    await sharing.run("open_period", number=255, period=last)


async def test_nobody_can_deal_with_it_before_it_begins(sharing: Sharing) -> None:
    await sharing.run("open_period", number=1)
    await sharing.run("open_line", second=True)
    for instruction, message in (
        ("post_line", "period is not being posted"),
        ("close_period", "period is not being posted"),
        ("raise_objection", "too late to object"),
        ("withdraw_period", "period is not under way"),
        ("settle_line", "period is not closed"),
    ):
        async with sharing.refused(message):
            await sharing.run(instruction, second=True)

    await sharing.run("withdraw_period")
    await sharing.run("begin_period", second=True)
    await sharing.run("post_line", second=True)
