import pytest
from anchorpy import Event

from tests.support.sharing import (
    CREDIT_LIMIT,
    LINES,
    NOTHING,
    PREPAID,
    RESERVE,
    RUN,
    SETTLES,
    TOTALS,
    Sharing,
)
from tests.support.stage import U64_MAX, changed


async def test_posts_a_line_and_pledges_what_it_takes(sharing: Sharing) -> None:
    before = await sharing.state()

    events = await sharing.run("post_line", **LINES["owner"])

    posted = {"shared_in": 4_000, "shared_out": 0}
    assert await sharing.state() == changed(
        before,
        community={"sequence": 17},
        period={"posted_count": 1, **posted, "charges": 1_200, "credits": 0},
        owner_participant={"pledged": 1_200, "run": RUN},
        owner_line={"run": RUN, **LINES["owner"]},
    )
    assert events == [
        Event(
            "LinePosted",
            {
                "community": sharing["community"],
                "period": sharing["period"],
                "participant": sharing["owner_participant"],
                **{**LINES["owner"], "pledged": 1_200, "lent": 0, **TOTALS},
            },
        )
    ]


async def test_sums_up(sharing: Sharing) -> None:
    await sharing.post()

    period = (await sharing.state())["period"]
    sums = ("posted_count", "shared_in", "shared_out", "charges", "credits")
    assert [period[name] for name in sums] == [3, 5_000, 5_000, 1_500, 1_424]


@pytest.mark.parametrize(
    ("charge", "credit", "pledged", "lent"),
    [
        (0, 0, 0, 0),
        (PREPAID, 0, PREPAID, 0),
        (PREPAID + 1, 0, PREPAID, 1),
        (PREPAID + CREDIT_LIMIT, 0, PREPAID, CREDIT_LIMIT),
        (10, 9, 1, 0),
        (10, 10, 0, 0),
        (10, 11, 0, 0),
        (2 * PREPAID + CREDIT_LIMIT, PREPAID, PREPAID, CREDIT_LIMIT),
        (2**60, 2**60, 0, 0),
    ],
)
async def test_pledges_the_difference_and_lends_the_rest(
    sharing: Sharing, charge: int, credit: int, pledged: int, lent: int
) -> None:
    (event,) = await sharing.run("post_line", charge=charge, credit=credit)

    state = await sharing.state()
    assert (event.data["pledged"], event.data["lent"]) == (pledged, lent)
    assert (state["owner_participant"]["pledged"], state["owner_line"]["lent"]) == (pledged, lent)
    assert state["community"]["reserve_pledged"] == lent
    assert state["owner_participant"]["funds"] == PREPAID


@pytest.mark.parametrize("credit", [0, 1, 700])
async def test_takes_at_most_the_balance_and_the_limit(sharing: Sharing, credit: int) -> None:
    most = PREPAID + CREDIT_LIMIT + credit
    async with sharing.refused("charge exceeds balance and credit limit"):
        await sharing.run("post_line", charge=most + 1, credit=credit)

    await sharing.run("post_line", charge=most, credit=credit)


async def test_lends_what_the_reserve_has(sharing: Sharing) -> None:
    """Of 1,000 in the reserve, the owner's line gets 600, and then the neighbour's 401 are too many."""
    for owner in ("owner", "neighbour"):
        await sharing.run("set_credit_limit", of=owner, credit_limit=U64_MAX)
    await sharing.run("post_line", charge=PREPAID + 600)
    async with sharing.refused("loan exceeds the free reserve"):
        await sharing.run("post_line", of="neighbour", charge=PREPAID + 401)

    await sharing.run("post_line", of="neighbour", charge=PREPAID + 400)
    assert (await sharing.state())["community"]["reserve_pledged"] == RESERVE


async def test_who_owes_more_than_the_limit_can_still_get(sharing: Sharing) -> None:
    """The owner owes 300, may owe nothing any more, and gets 5 for 5, or 6 for 5."""
    await sharing.run("withdraw", amount=PREPAID - 900)
    await sharing.close()
    await sharing.settle()
    await sharing.run("set_credit_limit", credit_limit=0)
    await sharing.run("open_period", number=1)
    await sharing.run("begin_period", second=True, starts_at=SETTLES - 1, ends_at=SETTLES)
    await sharing.run("open_line", second=True)
    async with sharing.refused("charge exceeds balance and credit limit"):
        await sharing.run("post_line", second=True, charge=6, credit=5)

    (event,) = await sharing.run("post_line", second=True, charge=5, credit=5)
    assert (event.data["pledged"], event.data["lent"]) == (0, 0)


async def test_debts_add_up_to_the_limit(sharing: Sharing) -> None:
    await sharing.run("withdraw", amount=PREPAID - 1_000)
    await sharing.close()
    await sharing.settle()
    assert (await sharing.state())["owner_participant"]["owed"] == 200
    await sharing.run("begin_period", starts_at=SETTLES - 1, ends_at=SETTLES)
    async with sharing.refused("charge exceeds balance and credit limit"):
        await sharing.run("post_line", charge=101)

    (event,) = await sharing.run("post_line", charge=100)
    assert (event.data["pledged"], event.data["lent"]) == (0, 100)


async def test_a_line_is_posted_once(sharing: Sharing) -> None:
    await sharing.run("post_line", **LINES["owner"])
    for line in (LINES["owner"], NOTHING):
        async with sharing.refused("line is posted already"):
            await sharing.run("post_line", **line)

    await sharing.run("withdraw_period")
    await sharing.run("begin_period")
    await sharing.run("post_line", **NOTHING)
    assert (await sharing.state())["period"]["charges"] == 0


async def test_of_a_period_that_is_being_posted(sharing: Sharing) -> None:
    await sharing.run("open_participant", of="newcomer")
    await sharing.run("open_line", of="newcomer")
    await sharing.close()
    async with sharing.refused("period is not being posted"):
        await sharing.run("post_line", of="newcomer")
    await sharing.run("withdraw_period")
    async with sharing.refused("period is not being posted"):
        await sharing.run("post_line")

    await sharing.run("begin_period")
    await sharing.run("post_line")


async def test_sums_that_do_not_fit_are_refused(sharing: Sharing) -> None:
    await sharing.run("post_line", shared_in=U64_MAX, charge=1, credit=U64_MAX - PREPAID)
    for line in ({"shared_in": 1}, {"credit": PREPAID + 1}, {"charge": U64_MAX, "credit": U64_MAX - PREPAID}):
        async with sharing.refused("attempt to add with overflow"):
            await sharing.run("post_line", of="neighbour", **line)

    await sharing.run("post_line", of="neighbour", credit=PREPAID)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"by": "owner"}, "signer is not the authority"),
        ({"community": "rival_community"}, "signer is not the authority"),
        ({"period": "rival_period"}, "period belongs to another community"),
        ({"participant": "owner_rival_participant"}, "participant belongs to another community"),
        ({"participant": "neighbour_participant"}, "line belongs to another participant"),
        ({"line": "neighbour_line"}, "line belongs to another participant"),
        ({"line": "owner_second_line"}, "line belongs to another period"),
        ({"line": "owner_rival_line"}, "line belongs to another period"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    sharing: Sharing, changes: dict[str, str], message: str
) -> None:
    await sharing.start(at="rival", prepaid=0)
    await sharing.run("open_period", number=1)
    await sharing.run("open_line", second=True)
    accounts = {name: sharing[value] if name != "by" else value for name, value in changes.items()}
    async with sharing.refused(message):
        await sharing.run("post_line", **accounts)

    await sharing.run("post_line")
