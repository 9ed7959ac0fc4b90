from anchorpy import Event

from tests.support.metering import Metered
from tests.support.stage import changed


async def test_offers_the_authority_and_keeps_it(metered: Metered) -> None:
    before = await metered.state()

    events = await metered.run("propose_authority", proposed="newcomer")

    proposed = {"pending_authority": metered["newcomer"], "sequence": 5}
    assert await metered.state() == changed(before, issuer=proposed)
    assert events == [
        Event(
            "AuthorityProposed",
            {
                "issuer": metered["issuer"],
                "proposed": metered["newcomer"],
                "minted": 0,
                "meter_count": 3,
                "sequence": 5,
            },
        )
    ]


async def test_the_latest_proposal_counts(metered: Metered) -> None:
    await metered.run("propose_authority", proposed="newcomer")
    await metered.run("propose_authority", proposed="neighbour")

    async with metered.refused("signer is not the proposed authority"):
        await metered.run("accept_authority", by="newcomer")
    await metered.run("accept_authority", by="neighbour")


async def test_proposing_oneself_cancels(metered: Metered) -> None:
    await metered.run("propose_authority", proposed="newcomer")
    await metered.run("propose_authority", proposed="operator")

    for signer in ("newcomer", "operator"):
        async with metered.refused("no new authority is proposed"):
            await metered.run("accept_authority", by=signer)
