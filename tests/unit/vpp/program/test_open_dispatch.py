from anchorpy import Event

from tests.support.stage import SYSTEM_PROGRAM, System, changed
from tests.support.vpp import PROGRAM, REWARD, Dispatching, pda

DISPATCH_BYTES = 176


async def test_opens_a_dispatch_at_the_payers_expense(dispatching: Dispatching) -> None:
    before = await dispatching.state()
    assert before["second_dispatch"] is None

    events = await dispatching.run("open_dispatch", by="newcomer", number=1)

    rent = await dispatching.rent(DISPATCH_BYTES)
    nothing = {
        field: type(value)()
        for field, value in before["dispatch"].items()
        if field not in ("lamports", "program", "size", "kind", "plant")
    }
    assert await dispatching.state() == changed(
        before,
        newcomer={"lamports": before["newcomer"]["lamports"] - rent},
        plant={"sequence": 8},
        second_dispatch={
            **{"lamports": rent, "program": PROGRAM, "size": DISPATCH_BYTES, "kind": "Dispatch"},
            **nothing,
            **{"plant": dispatching["plant"], "number": 1},
        },
    )
    totals = {"energy_held": 0, "payment_held": REWARD, "sequence": 8}
    assert events == [
        Event(
            "DispatchOpened",
            {
                "plant": dispatching["plant"],
                "dispatch": dispatching["second_dispatch"],
                "number": 1,
                **totals,
            },
        )
    ]


async def test_opens_each_number_once(dispatching: Dispatching) -> None:
    async with dispatching.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await dispatching.run("open_dispatch", by="newcomer")

    last = pda(b"dispatch", dispatching["plant"], bytes([255]))
    await dispatching.run("open_dispatch", number=255, dispatch=last)


async def test_nobody_can_deal_with_it_before_it_is_announced(dispatching: Dispatching) -> None:
    await dispatching.run("open_dispatch", number=1)
    second = {"dispatch": dispatching["second_dispatch"]}
    for instruction, changes in (
        ("commit", {"announcement": 0}),
        ("cancel_dispatch", {}),
        ("settle_dispatch", {}),
    ):
        async with dispatching.refused("dispatch is not active"):
            await dispatching.run(instruction, **second, **changes)

    await dispatching.run("announce", target=100, **second)
    await dispatching.run("commit", announcement=9, amount=100, **second)
