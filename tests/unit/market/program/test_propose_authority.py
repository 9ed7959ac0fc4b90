from anchorpy import Event

from tests.support.market import Trading
from tests.support.stage import changed


async def test_offers_the_authority_and_keeps_it(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("propose_authority", proposed="newcomer")

    proposed = {"pending_authority": trading["newcomer"], "sequence": 10}
    assert await trading.state() == changed(before, market=proposed)
    totals = {"energy_held": 0, "payment_held": 0, "sequence": 10}
    expected = {"market": trading["market"], "proposed": trading["newcomer"], **totals}
    assert events == [Event("AuthorityProposed", expected)]


async def test_the_latest_proposal_counts(trading: Trading) -> None:
    await trading.run("propose_authority", proposed="newcomer")
    await trading.run("propose_authority", proposed="neighbour")

    async with trading.refused("signer is not the proposed authority"):
        await trading.run("accept_authority", by="newcomer")
    await trading.run("accept_authority", by="neighbour")


async def test_proposing_oneself_cancels(trading: Trading) -> None:
    await trading.run("propose_authority", proposed="newcomer")
    await trading.run("propose_authority", proposed="operator")

    for signer in ("newcomer", "operator"):
        async with trading.refused("no new authority is proposed"):
            await trading.run("accept_authority", by=signer)
