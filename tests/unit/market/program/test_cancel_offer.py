import pytest
from anchorpy import Event

from tests.support.market import ENERGY, EXPIRES_AT, Trading
from tests.support.stage import changed


@pytest.fixture
async def trading(trading: Trading) -> Trading:
    """The owner offers 2,000 Wh, of which the neighbour has taken 1,000."""
    await trading.run("place_offer")
    await trading.run("fill_offer")
    return trading


async def test_takes_back_what_is_left(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("cancel_offer")

    assert await trading.state() == changed(
        before,
        owner_offer={"amount": 0},
        market={"energy_held": 0, "sequence": 12},
        energy_vault={"amount": 0},
        owner_energy={"amount": ENERGY - 1_000},
    )
    accounts = {"market": trading["market"], "offer": trading["owner_offer"]}
    totals = {"energy_held": 0, "payment_held": 2_500, "sequence": 12}
    assert events == [Event("OfferCancelled", {**accounts, "amount": 1_000, **totals})]


async def test_sends_it_wherever_the_owner_says(trading: Trading) -> None:
    await trading.run("cancel_offer", destination=trading["newcomer_energy"])

    assert (await trading.state())["newcomer_energy"]["amount"] == ENERGY + 1_000


async def test_cancels_what_is_placed(trading: Trading) -> None:
    await trading.run("cancel_offer")
    async with trading.refused("offer is not placed"):
        await trading.run("cancel_offer")

    await trading.run("place_offer")
    await trading.run("cancel_offer")


async def test_takes_back_a_single_watt_hour(trading: Trading) -> None:
    await trading.run("fill_offer", amount=999)
    await trading.run("cancel_offer")

    assert (await trading.state())["market"]["energy_held"] == 0


async def test_cancels_an_expired_offer_too(trading: Trading) -> None:
    trading.travel_to(EXPIRES_AT + 1)

    await trading.run("cancel_offer")

    assert (await trading.state())["market"]["energy_held"] == 0


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("energy_vault", "payment_vault", "energy vault is not of this market"),
        ("destination", "energy_vault", "destination is the vault"),
        ("destination", "owner_payment", "destination holds another mint"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    trading: Trading, slot: str, wrong: str, message: str
) -> None:
    async with trading.refused(message):
        await trading.run("cancel_offer", **{slot: trading[wrong]})

    await trading.run("cancel_offer")
