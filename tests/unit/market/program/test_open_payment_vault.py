from anchorpy import Event
from anchorpy.error import _LangErrorCode as Anchor

from tests.support.market import BID, OFFER, Trading
from tests.support.stage import SYSTEM_PROGRAM, System, changed


async def test_completes_a_market_at_anyones_expense(empty_trading: Trading) -> None:
    trading = empty_trading
    await trading.run("initialize")
    before = await trading.state()

    events = await trading.run("open_payment_vault", by="newcomer")

    rent = await trading.rent(165)
    assert await trading.state() == changed(
        before,
        newcomer={"lamports": before["newcomer"]["lamports"] - rent},
        market={"payment_vault": trading["payment_vault"], "sequence": 2},
        payment_vault={**(before["owner_payment"] or {}), "owner": trading["market"], "amount": 0},
    )
    assert events == [
        Event(
            "PaymentVaultOpened",
            {
                "market": trading["market"],
                "payment_vault": trading["payment_vault"],
                "energy_held": 0,
                "payment_held": 0,
                "sequence": 2,
            },
        )
    ]


async def test_opens_it_once(trading: Trading) -> None:
    async with trading.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await trading.run("open_payment_vault")

    await trading.run("initialize", by="rival")
    await trading.run("open_payment_vault", at="rival")


async def test_refuses_another_mint_and_another_address(empty_trading: Trading) -> None:
    trading = empty_trading
    await trading.run("initialize")
    async with trading.refused("payment mint is not of this market"):
        await trading.run("open_payment_vault", payment_mint=trading["energy"])
    async with trading.refused(Anchor.ConstraintSeeds):
        await trading.run("open_payment_vault", payment_vault=trading["rival_payment_vault"])

    await trading.run("open_payment_vault")


async def test_nothing_is_paid_before(empty_trading: Trading) -> None:
    """Energy can be offered, and comes back; whoever pays has to wait."""
    trading = empty_trading
    await trading.run("initialize")
    for owner in ("owner", "neighbour"):
        await trading.run("open_offer", owner=owner)
        await trading.run("open_order", owner=owner)
    await trading.run("open_auction")
    await trading.run("place_offer")
    await trading.run("place_order", side=OFFER)
    await trading.make_tokens("some_vault", "market", mint="payment")
    async with trading.refused("payment vault is not of this market"):
        await trading.run("fill_offer", payment_vault=trading["some_vault"])
    async with trading.refused("payment vault is not of this market"):
        await trading.run("place_order", by="neighbour", side=BID, vault=trading["some_vault"])

    await trading.run("cancel_offer")
    await trading.run("cancel_order")
    await trading.run("open_payment_vault")
    await trading.run("place_order", by="neighbour", side=BID)
