import pytest
from anchorpy import Event

from tests.support.sharing import (
    DAY,
    DIGEST,
    ENDS,
    FEE_BPS,
    OBJECTION_TIME,
    SETTLES,
    STARTS,
    TOTALS,
    Sharing,
)
from tests.support.stage import I64_MAX, NOON, changed

YEAR = 366 * DAY


@pytest.fixture
async def sharing(sharing: Sharing) -> Sharing:
    """No period is under way: the first one was withdrawn, with a line and an objection."""
    await sharing.run("post_line", charge=3, shared_in=4, shared_out=5, credit=1)
    await sharing.run("raise_objection")
    await sharing.run("withdraw_period")
    return sharing


async def test_begins_with_everybody_who_is_admitted(sharing: Sharing) -> None:
    before = await sharing.state()

    events = await sharing.run("begin_period")

    assert await sharing.state() == changed(
        before,
        community={"run": 20, "sequence": 20},
        period={
            **{"digest": DIGEST, "run": 20, "starts_at": STARTS, "ends_at": ENDS, "begun_at": NOON},
            **{"objection_time": OBJECTION_TIME, "fee_bps": FEE_BPS, "participant_count": 3},
            **dict.fromkeys(("closed_at", "posted_count", "settled_count", "objection_count"), 0),
            **dict.fromkeys(("shared_in", "shared_out", "charges", "credits", "collected", "paid"), 0),
            "state": "POSTING",
        },
    )
    assert events == [
        Event(
            "PeriodBegun",
            {
                **{"community": sharing["community"], "period": sharing["period"]},
                **{"starts_at": STARTS, "ends_at": ENDS, "digest": DIGEST, "participant_count": 3},
                **{"objection_time": OBJECTION_TIME, "fee_bps": FEE_BPS, **TOTALS, "sequence": 20},
            },
        )
    ]


async def test_begins_anew_after_a_settled_one(sharing: Sharing) -> None:
    await sharing.run("begin_period")
    await sharing.close()
    await sharing.settle()
    later = {"starts_at": ENDS, "ends_at": SETTLES}
    for starts_at in (ENDS - 1, STARTS, 0):
        async with sharing.refused("period starts before the end of the last one"):
            await sharing.run("begin_period", **{**later, "starts_at": starts_at})
    before = await sharing.state()

    await sharing.run("begin_period", **later)

    period = (await sharing.state())["period"]
    nothing = ("settled_count", "charges", "credits", "collected", "paid", "closed_at", "shared_in")
    assert [period[name] for name in nothing] == [0] * 7
    assert period["run"] > before["period"]["run"]


async def test_one_is_under_way_at_a_time(sharing: Sharing) -> None:
    await sharing.run("open_period", number=1)
    await sharing.run("begin_period")
    for second in (False, True):
        async with sharing.refused("a period is under way already"):
            await sharing.run("begin_period", second=second)

    await sharing.run("withdraw_period")
    await sharing.run("begin_period", second=True)


@pytest.mark.parametrize(
    ("times", "message"),
    [
        ({"starts_at": -1}, "period starts before the end of the last one"),
        ({"starts_at": -I64_MAX - 1}, "period starts before the end of the last one"),
        ({"starts_at": ENDS}, "period ends before it starts"),
        ({"starts_at": ENDS + 1}, "period ends before it starts"),
        ({"ends_at": I64_MAX}, "period is not over"),
        ({"ends_at": NOON + YEAR}, "period is not over"),
        ({"starts_at": ENDS - YEAR - 1}, "period exceeds a year"),
        ({"starts_at": 0}, "period exceeds a year"),
    ],
)
async def test_refuses_times(sharing: Sharing, times: dict[str, int], message: str) -> None:
    async with sharing.refused(message):
        await sharing.run("begin_period", **times)

    await sharing.run("begin_period", starts_at=ENDS - YEAR)


@pytest.mark.embedded
async def test_begins_after_the_end_by_the_second(sharing: Sharing) -> None:
    sharing.travel_to(ENDS - 1)
    async with sharing.refused("period is not over"):
        await sharing.run("begin_period")

    sharing.travel_to(ENDS)
    await sharing.run("begin_period")


async def test_somebody_has_to_be_there(sharing: Sharing) -> None:
    for owner in ("owner", "neighbour", "thief"):
        await sharing.run("leave", of=owner)
    async with sharing.refused("nobody is admitted"):
        await sharing.run("begin_period")

    await sharing.run("admit")
    await sharing.run("begin_period")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"by": "owner"}, "signer is not the authority"),
        ({"period": "rival_period"}, "period belongs to another community"),
    ],
)
async def test_refuses_others(sharing: Sharing, changes: dict[str, str], message: str) -> None:
    await sharing.start(at="rival", prepaid=0)
    accounts = {name: sharing[value] if name != "by" else value for name, value in changes.items()}
    async with sharing.refused(message):
        await sharing.run("begin_period", **accounts)

    await sharing.run("begin_period")
