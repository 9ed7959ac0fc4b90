from anchorpy import Event

from tests.support.market import Trading
from tests.support.stage import changed


async def test_resumes_the_market(trading: Trading) -> None:
    await trading.run("pause")
    before = await trading.state()

    events = await trading.run("resume")

    assert await trading.state() == changed(before, market={"paused": False, "sequence": 11})
    totals = {"energy_held": 0, "payment_held": 0, "sequence": 11}
    assert events == [Event("MarketResumed", {"market": trading["market"], **totals})]


async def test_resumes_what_is_paused(trading: Trading) -> None:
    async with trading.refused("market is not paused"):
        await trading.run("resume")

    await trading.run("pause")
    await trading.run("resume")
