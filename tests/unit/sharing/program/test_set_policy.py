import pytest
from anchorpy import Event

from tests.support.sharing import DAY, FEE_BPS, OBJECTION_TIME, TOTALS, Sharing
from tests.support.stage import changed


async def test_sets_the_policy(sharing: Sharing) -> None:
    before = await sharing.state()

    events = await sharing.run("set_policy")

    assert await sharing.state() == changed(
        before, community={"objection_time": DAY, "fee_bps": 0, "sequence": 17}
    )
    assert events == [
        Event(
            "PolicySet",
            {"community": sharing["community"], "objection_time": DAY, "fee_bps": 0, **TOTALS},
        )
    ]


async def test_a_period_keeps_what_it_began_with(sharing: Sharing) -> None:
    await sharing.run("set_policy", objection_time=1, fee_bps=0)
    period = (await sharing.state())["period"]
    assert (period["objection_time"], period["fee_bps"]) == (OBJECTION_TIME, FEE_BPS)

    await sharing.run("withdraw_period")
    await sharing.run("begin_period")
    period = (await sharing.state())["period"]
    assert (period["objection_time"], period["fee_bps"]) == (1, 0)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"objection_time": 0}, "objection time must be positive"),
        ({"objection_time": 30 * DAY + 1}, "objection time exceeds 30 days"),
        ({"fee_bps": 2_001}, "fee exceeds 2000 basis points"),
        ({"by": "owner"}, "signer is not the authority"),
    ],
)
async def test_refuses_others(sharing: Sharing, policy: dict[str, object], message: str) -> None:
    async with sharing.refused(message):
        await sharing.run("set_policy", **policy)

    await sharing.run("set_policy", objection_time=30 * DAY, fee_bps=2_000)
