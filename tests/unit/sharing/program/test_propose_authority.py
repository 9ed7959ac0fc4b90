from anchorpy import Event

from tests.support.sharing import TOTALS, Sharing
from tests.support.stage import changed


async def test_offers_the_authority_and_keeps_it(sharing: Sharing) -> None:
    before = await sharing.state()

    events = await sharing.run("propose_authority", proposed="newcomer")

    proposed = {"pending_authority": sharing["newcomer"], "sequence": 17}
    assert await sharing.state() == changed(before, community=proposed)
    assert events == [
        Event(
            "AuthorityProposed",
            {"community": sharing["community"], "proposed": sharing["newcomer"], **TOTALS},
        )
    ]


async def test_the_latest_proposal_counts(sharing: Sharing) -> None:
    await sharing.run("propose_authority", proposed="newcomer")
    await sharing.run("propose_authority", proposed="neighbour")

    async with sharing.refused("signer is not the proposed authority"):
        await sharing.run("accept_authority", by="newcomer")
    await sharing.run("accept_authority", by="neighbour")


async def test_proposing_oneself_cancels(sharing: Sharing) -> None:
    await sharing.run("propose_authority", proposed="newcomer")
    await sharing.run("propose_authority", proposed="operator")

    for signer in ("newcomer", "operator"):
        async with sharing.refused("no new authority is proposed"):
            await sharing.run("accept_authority", by=signer)
