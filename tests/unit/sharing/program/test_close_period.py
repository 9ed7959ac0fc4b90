import pytest
from anchorpy import Event

from tests.support.sharing import CHARGES, CREDITS, LINES, SETTLES, SHARED, TOTALS, Sharing
from tests.support.stage import NOON, changed


async def test_closes_a_period_of_which_all_is_posted(sharing: Sharing) -> None:
    await sharing.post()
    before = await sharing.state()

    events = await sharing.run("close_period")

    assert await sharing.state() == changed(
        before, community={"sequence": 20}, period={"closed_at": NOON, "state": "CLOSED"}
    )
    assert events == [
        Event(
            "PeriodClosed",
            {
                **{"community": sharing["community"], "period": sharing["period"]},
                **{"shared": SHARED, "charges": CHARGES, "credits": CREDITS, "settles_at": SETTLES},
                **{**TOTALS, "sequence": 20},
            },
        )
    ]


@pytest.mark.parametrize("missing", LINES)
async def test_nobody_may_be_missing(sharing: Sharing, missing: str) -> None:
    others = [owner for owner in LINES if owner != missing]
    await sharing.post(*others, shared_in=0, shared_out=0, charge=0, credit=0)
    async with sharing.refused("lines are not all posted"):
        await sharing.run("close_period")

    await sharing.run("post_line", of=missing)
    await sharing.run("close_period")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({"shared_in": 3_999}, "what goes in is not what goes out"),
        ({"shared_in": 4_001}, "what goes in is not what goes out"),
        ({"charge": 1_123}, "credits exceed the charges"),
        ({"charge": 1_124}, None),
        ({"charge": 1_205}, None),  # 81 of fee: 75 of 1,505, and 2 for each line
        ({"charge": 1_206}, "fee exceeds the policy"),
        ({"charge": 2_000}, "fee exceeds the policy"),
    ],
)
async def test_everything_has_to_add_up(sharing: Sharing, line: dict[str, int], message: str | None) -> None:
    await sharing.post("owner", **line)
    await sharing.post("neighbour", "thief")
    if message is None:
        await sharing.run("close_period")
        return
    async with sharing.refused(message):
        await sharing.run("close_period")

    await sharing.run("withdraw_period")
    await sharing.run("begin_period")
    await sharing.close()


async def test_without_a_fee_roundings_are_two_units_a_line(sharing: Sharing) -> None:
    await sharing.run("withdraw_period")
    await sharing.run("set_policy", fee_bps=0)
    for charge, message in ((7, "fee exceeds the policy"), (6, None)):
        await sharing.run("begin_period")
        await sharing.run("post_line", charge=charge)
        await sharing.run("post_line", of="neighbour")
        await sharing.run("post_line", of="thief")
        if message:
            async with sharing.refused("fee exceeds the policy"):
                await sharing.run("close_period")
            await sharing.run("withdraw_period")
        else:
            await sharing.run("close_period")


async def test_closes_once(sharing: Sharing) -> None:
    await sharing.close()
    async with sharing.refused("period is not being posted"):
        await sharing.run("close_period")

    await sharing.settle()
    async with sharing.refused("period is not being posted"):
        await sharing.run("close_period")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"by": "owner"}, "signer is not the authority"),
        ({"period": "rival_period"}, "period belongs to another community"),
    ],
)
async def test_refuses_others(sharing: Sharing, changes: dict[str, str], message: str) -> None:
    await sharing.start(at="rival", prepaid=0)
    await sharing.post()
    accounts = {name: sharing[value] if name != "by" else value for name, value in changes.items()}
    async with sharing.refused(message):
        await sharing.run("close_period", **accounts)

    await sharing.run("close_period")
