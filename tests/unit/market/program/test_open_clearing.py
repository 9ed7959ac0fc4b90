from anchorpy.error import _LangErrorCode as Anchor

from tests.support.market import PROGRAM, Trading
from tests.support.stage import SYSTEM_PROGRAM, System, changed

CLEARING_BYTES = 168


async def test_opens_what_a_proposer_counts_with(trading: Trading) -> None:
    before = await trading.state()
    assert before["newcomer_clearing"] is None

    assert await trading.run("open_clearing", by="newcomer") == []

    rent = await trading.rent(CLEARING_BYTES)
    sums = ("price", "counted", "demand_above", "demand_at", "supply_below", "supply_at")
    nearest = ("price_below", "price_above")
    assert await trading.state() == changed(
        before,
        newcomer={"lamports": before["newcomer"]["lamports"] - rent},
        newcomer_clearing={
            **{"lamports": rent, "program": PROGRAM, "size": CLEARING_BYTES, "kind": "Clearing"},
            **{"market": trading["market"], "owner": trading["newcomer"]},
            "auction": SYSTEM_PROGRAM,  # none: 32 zeros
            **dict.fromkeys((*sums, *nearest), 0),
        },
    )


async def test_each_proposer_has_one_in_each_market(trading: Trading) -> None:
    async with trading.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await trading.run("open_clearing", by="owner")
    async with trading.refused(Anchor.ConstraintSeeds):
        await trading.run("open_clearing", by="newcomer", clearing=trading["newcomer_rival_clearing"])

    await trading.run("open_clearing", by="newcomer")
    await trading.start(at="rival")
    await trading.run("open_clearing", by="newcomer", at="rival")
