import pytest
from anchorpy import Event

from tests.support.sharing import PROGRAM, TOTALS, Sharing
from tests.support.stage import SYSTEM_PROGRAM, System, changed

LINE_BYTES = 128


async def test_opens_a_line_at_the_payers_expense(sharing: Sharing) -> None:
    await sharing.run("open_participant", of="newcomer")
    before = await sharing.state()
    assert before["newcomer_line"] is None

    events = await sharing.run("open_line", of="newcomer", by="thief")

    rent = await sharing.rent(LINE_BYTES)
    assert await sharing.state() == changed(
        before,
        thief={"lamports": before["thief"]["lamports"] - rent},
        community={"sequence": 18},
        newcomer_line={
            **{"lamports": rent, "program": PROGRAM, "size": LINE_BYTES, "kind": "Line"},
            **{"period": sharing["period"], "participant": sharing["newcomer_participant"]},
            **dict.fromkeys(("run", "shared_in", "shared_out", "charge", "credit", "lent"), 0),
            **{"objected": False, "settled": False},
        },
    )
    assert events == [
        Event(
            "LineOpened",
            {
                "community": sharing["community"],
                "period": sharing["period"],
                "participant": sharing["newcomer_participant"],
                **{**TOTALS, "sequence": 18},
            },
        )
    ]


async def test_opens_each_once(sharing: Sharing) -> None:
    async with sharing.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await sharing.run("open_line")

    await sharing.run("open_period", number=1)
    await sharing.run("open_line", second=True)


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("period", "rival_period", "period belongs to another community"),
        ("participant", "newcomer_rival_participant", "participant belongs to another community"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    sharing: Sharing, slot: str, wrong: str, message: str
) -> None:
    """With the address that such a line would have."""
    await sharing.start(at="rival", prepaid=0)
    await sharing.run("open_participant", of="newcomer", at="rival")
    await sharing.run("open_participant", of="newcomer")
    period = sharing[wrong if slot == "period" else "period"]
    participant = sharing[wrong if slot == "participant" else "newcomer_participant"]
    seeds = [b"line", bytes(period), bytes(participant)]
    line = type(PROGRAM).find_program_address(seeds, PROGRAM)[0]
    async with sharing.refused(message):
        await sharing.run("open_line", of="newcomer", line=line, **{slot: sharing[wrong]})

    await sharing.run("open_line", of="newcomer")
