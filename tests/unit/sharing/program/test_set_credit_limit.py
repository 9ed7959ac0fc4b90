import pytest
from anchorpy import Event

from tests.support.sharing import CREDIT_LIMIT, LINES, PREPAID, TOTALS, Sharing
from tests.support.stage import U64_MAX, changed


async def test_sets_what_may_be_owed(sharing: Sharing) -> None:
    before = await sharing.state()

    events = await sharing.run("set_credit_limit", credit_limit=U64_MAX)

    assert await sharing.state() == changed(
        before, community={"sequence": 17}, owner_participant={"credit_limit": U64_MAX}
    )
    assert events == [
        Event(
            "CreditLimitSet",
            {
                "community": sharing["community"],
                "participant": sharing["owner_participant"],
                **{"credit_limit": U64_MAX, **TOTALS},
            },
        )
    ]


async def test_counts_for_lines_that_are_posted_from_then_on(sharing: Sharing) -> None:
    line = {**LINES["owner"], "charge": PREPAID + CREDIT_LIMIT}
    await sharing.run("set_credit_limit", credit_limit=CREDIT_LIMIT - 1)
    async with sharing.refused("charge exceeds balance and credit limit"):
        await sharing.run("post_line", **line)

    await sharing.run("set_credit_limit", credit_limit=CREDIT_LIMIT)
    await sharing.run("post_line", **line)
    await sharing.run("set_credit_limit", credit_limit=0)
    assert (await sharing.state())["owner_line"]["lent"] == CREDIT_LIMIT


async def test_also_of_who_has_left(sharing: Sharing) -> None:
    await sharing.run("leave")
    await sharing.run("set_credit_limit", credit_limit=9)

    assert (await sharing.state())["owner_participant"]["credit_limit"] == 9


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"by": "owner"}, "signer is not the authority"),
        ({"participant": "owner_rival_participant"}, "participant belongs to another community"),
    ],
)
async def test_refuses_others(sharing: Sharing, changes: dict[str, str], message: str) -> None:
    await sharing.start(at="rival", prepaid=0)
    accounts = {name: sharing[value] if name != "by" else value for name, value in changes.items()}
    async with sharing.refused(message):
        await sharing.run("set_credit_limit", **accounts)

    await sharing.run("set_credit_limit")
