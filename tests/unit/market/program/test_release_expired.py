import pytest
from anchorpy import Event

from tests.support.market import ENERGY, EXPIRES_AT, Trading
from tests.support.stage import changed


@pytest.fixture
async def trading(trading: Trading) -> Trading:
    """The owner's offer has just expired."""
    await trading.run("place_offer")
    trading.travel_to(EXPIRES_AT)
    return trading


async def test_returns_what_is_left_to_its_owner(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("release_expired")

    assert await trading.state() == changed(
        before,
        owner_offer={"amount": 0},
        market={"energy_held": 0, "sequence": 11},
        energy_vault={"amount": 0},
        owner_energy={"amount": ENERGY},
    )
    accounts = {"market": trading["market"], "offer": trading["owner_offer"]}
    totals = {"energy_held": 0, "payment_held": 0, "sequence": 11}
    assert events == [Event("OfferExpired", {**accounts, "amount": 2_000, **totals})]


@pytest.mark.embedded
async def test_waits_for_the_second_in_which_it_expires(trading: Trading) -> None:
    trading.travel_to(EXPIRES_AT - 1)
    async with trading.refused("offer has not expired"):
        await trading.run("release_expired")

    trading.travel_to(EXPIRES_AT)
    await trading.run("release_expired")


async def test_releases_once(trading: Trading) -> None:
    await trading.run("release_expired")
    async with trading.refused("offer is not placed"):
        await trading.run("release_expired")

    await trading.run("place_offer", expires_at=EXPIRES_AT + 1)
    trading.travel_to(EXPIRES_AT + 1)
    await trading.run("release_expired")


async def test_returns_it_to_any_account_of_the_owners(trading: Trading) -> None:
    async with trading.refused("destination belongs to another owner"):
        await trading.run("release_expired", destination=trading["thief_energy"])

    await trading.make_tokens("owner_savings", "owner", mint="energy")
    await trading.run("release_expired", destination=trading["owner_savings"])
    assert (await trading.state())["owner_savings"]["amount"] == 2_000


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
        await trading.run("release_expired", **{slot: trading[wrong]})

    await trading.run("release_expired")


async def test_returns_a_last_watt_hour(trading: Trading) -> None:
    await trading.run("release_expired")
    await trading.run("place_offer", expires_at=EXPIRES_AT + 1, minimum_fill=1)
    await trading.run("fill_offer", amount=1_999, maximum_cost=500_000)
    trading.travel_to(EXPIRES_AT + 1)

    (event,) = await trading.run("release_expired")

    assert event.data["amount"] == 1
