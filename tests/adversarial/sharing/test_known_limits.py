"""What an authority, and who leaves in time, gain in a community, as the program's head says."""

import pytest

from tests.support.sharing import (
    CREDIT_LIMIT,
    LINES,
    NOTHING,
    PARTICIPANTS,
    PAYMENT,
    PREPAID,
    RESERVE,
    SETTLES,
    Sharing,
)

pytestmark = pytest.mark.embedded


async def test_the_authority_charges_all_that_somebody_prepaid_for_nothing(sharing: Sharing) -> None:
    """The thief is its second key. Nobody loses more than what they prepaid."""
    await sharing.run("post_line", charge=PREPAID)
    await sharing.run("post_line", of="thief", credit=PREPAID)
    await sharing.run("post_line", of="neighbour")
    await sharing.run("raise_objection")
    await sharing.run("close_period")
    sharing.travel_to(SETTLES)
    await sharing.settle()
    await sharing.run("withdraw", of="thief", amount=2 * PREPAID)

    assert (await sharing.state())["thief_payment"]["amount"] == PAYMENT + PREPAID


async def test_the_authority_keeps_more_than_its_fee(sharing: Sharing) -> None:
    """It states a charge and a credit too high for one participant, whose line shows it."""
    high = 20 * (PREPAID + CREDIT_LIMIT)
    await sharing.run("post_line", charge=high + PREPAID + CREDIT_LIMIT, credit=high)
    for owner in ("neighbour", "thief"):
        await sharing.run("post_line", of=owner, **NOTHING)
    await sharing.run("close_period")
    sharing.travel_to(SETTLES)
    await sharing.settle()

    assert (await sharing.state())["community"]["reserve"] == RESERVE + PREPAID


async def test_who_leaves_before_a_period_begins_pays_nothing(sharing: Sharing) -> None:
    await sharing.run("withdraw_period")
    await sharing.run("leave")
    await sharing.run("withdraw", amount=PREPAID)
    await sharing.run("begin_period")

    async with sharing.refused("participant is not in this period"):
        await sharing.run("post_line", **LINES["owner"])
    assert (await sharing.state())["period"]["participant_count"] == len(PARTICIPANTS) - 1
