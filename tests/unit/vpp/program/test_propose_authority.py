from anchorpy import Event

from tests.support.stage import changed
from tests.support.vpp import REWARD, Dispatching


async def test_offers_the_authority_and_keeps_it(dispatching: Dispatching) -> None:
    before = await dispatching.state()

    events = await dispatching.run("propose_authority", proposed="newcomer")

    proposed = {"pending_authority": dispatching["newcomer"], "sequence": 8}
    assert await dispatching.state() == changed(before, plant=proposed)
    totals = {"energy_held": 0, "payment_held": REWARD, "sequence": 8}
    assert events == [
        Event(
            "AuthorityProposed",
            {"plant": dispatching["plant"], "proposed": dispatching["newcomer"], **totals},
        )
    ]


async def test_the_latest_proposal_counts(dispatching: Dispatching) -> None:
    await dispatching.run("propose_authority", proposed="newcomer")
    await dispatching.run("propose_authority", proposed="neighbour")

    async with dispatching.refused("signer is not the proposed authority"):
        await dispatching.run("accept_authority", by="newcomer")
    await dispatching.run("accept_authority", by="neighbour")


async def test_proposing_oneself_cancels(dispatching: Dispatching) -> None:
    await dispatching.run("propose_authority", proposed="newcomer")
    await dispatching.run("propose_authority", proposed="operator")

    for signer in ("newcomer", "operator"):
        async with dispatching.refused("no new authority is proposed"):
            await dispatching.run("accept_authority", by=signer)
