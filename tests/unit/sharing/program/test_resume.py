from anchorpy import Event

from tests.support.sharing import TOTALS, Sharing
from tests.support.stage import changed


async def test_resumes_the_community(sharing: Sharing) -> None:
    await sharing.run("pause")
    before = await sharing.state()

    events = await sharing.run("resume")

    assert await sharing.state() == changed(before, community={"paused": False, "sequence": 18})
    totals = {**TOTALS, "sequence": 18}
    assert events == [Event("CommunityResumed", {"community": sharing["community"], **totals})]


async def test_refuses_what_is_not_paused(sharing: Sharing) -> None:
    async with sharing.refused("community is not paused"):
        await sharing.run("resume")

    await sharing.run("pause")
    await sharing.run("resume")
    async with sharing.refused("community is not paused"):
        await sharing.run("resume")


async def test_refuses_somebody_else(sharing: Sharing) -> None:
    await sharing.run("pause")
    async with sharing.refused("signer is not the authority"):
        await sharing.run("resume", by="owner")

    await sharing.run("resume")
