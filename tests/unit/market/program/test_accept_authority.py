import pytest
from anchorpy import Event

from tests.support.market import Trading
from tests.support.stage import SYSTEM_PROGRAM, System, changed


@pytest.fixture
async def trading(trading: Trading) -> Trading:
    """The operator has proposed the newcomer."""
    await trading.run("propose_authority", proposed="newcomer")
    return trading


async def test_hands_the_authority_over(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("accept_authority")

    assert await trading.state() == changed(before, market={"authority": trading["newcomer"], "sequence": 11})
    totals = {"energy_held": 0, "payment_held": 0, "sequence": 11}
    expected = {"market": trading["market"], "authority": trading["newcomer"], **totals}
    assert events == [Event("AuthorityAccepted", expected)]


@pytest.mark.parametrize("somebody_else", ["operator", "rival", "owner", "thief"])
async def test_refuses_somebody_else(trading: Trading, somebody_else: str) -> None:
    async with trading.refused("signer is not the proposed authority"):
        await trading.run("accept_authority", by=somebody_else)
    await trading.run("accept_authority")


async def test_hands_over_once(trading: Trading) -> None:
    await trading.run("accept_authority")

    for signer in ("newcomer", "operator"):
        async with trading.refused("no new authority is proposed"):
            await trading.run("accept_authority", by=signer)


async def test_a_market_stays_where_it_is_and_pays_as_before(trading: Trading) -> None:
    """Its address and its signature come from the creator, who is not the authority any more."""
    await trading.run("accept_authority")

    await trading.run("place_offer")
    await trading.run("fill_offer")
    await trading.run("cancel_offer")
    await trading.run("collect_fees", by="newcomer")
    async with trading.refused("signer is not the authority"):
        await trading.run("collect_fees")
    async with trading.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await trading.run("initialize", by="operator")
