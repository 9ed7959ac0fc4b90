import pytest
from anchorpy import Event

from tests.support.market import BID, PAYMENT, Trading
from tests.support.stage import changed


@pytest.fixture
async def trading(trading: Trading) -> Trading:
    """The neighbour has bought 1,000 Wh of the owner's offer, and bids for more."""
    await trading.run("place_offer")
    await trading.run("fill_offer")
    await trading.run("place_order", by="neighbour", side=BID, amount=400)
    return trading


async def test_moves_the_fees_and_nothing_else(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("collect_fees")

    assert await trading.state() == changed(
        before,
        market={"fees": 0, "payment_held": 100_000, "sequence": 13},
        payment_vault={"amount": 100_000},
        operator_payment={"amount": PAYMENT + 2_500},
    )
    totals = {"energy_held": 1_000, "payment_held": 100_000, "sequence": 13}
    assert events == [Event("FeesCollected", {"market": trading["market"], "amount": 2_500, **totals})]


async def test_moves_them_to_anybody(trading: Trading) -> None:
    await trading.run("collect_fees", destination=trading["newcomer_payment"])

    assert (await trading.state())["newcomer_payment"]["amount"] == PAYMENT + 2_500


async def test_collects_what_there_is(trading: Trading) -> None:
    await trading.run("collect_fees")
    async with trading.refused("there are no fees"):
        await trading.run("collect_fees")

    await trading.run("place_offer", by="thief", price=100_000, minimum_fill=1)
    await trading.run("fill_offer", of="thief", amount=1)
    (event,) = await trading.run("collect_fees")
    assert event.data["amount"] == 1


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("payment_vault", "energy_vault", "payment vault is not of this market"),
        ("payment_vault", "operator_payment", "payment vault is not of this market"),
        ("destination", "payment_vault", "destination is the vault"),
        ("destination", "operator_energy", "destination holds another mint"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    trading: Trading, slot: str, wrong: str, message: str
) -> None:
    async with trading.refused(message):
        await trading.run("collect_fees", **{slot: trading[wrong]})

    await trading.run("collect_fees")
