import pytest
from anchorpy import Event

from tests.support.market import ENERGY, EXPIRES_AT, Trading
from tests.support.stage import I64_MAX, NOON, TOKEN_PROGRAM, U64_MAX, Token, changed

TERAWATT_HOUR = 10**12


async def test_offers_energy_which_moves_to_the_vault(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("place_offer")

    placed = {
        **{"price": 250_000, "amount": 2_000, "minimum_fill": 500},
        **{"expires_at": EXPIRES_AT, "fee_bps": 100},
    }
    assert await trading.state() == changed(
        before,
        owner_offer=placed,
        market={"energy_held": 2_000, "sequence": 10},
        owner_energy={"amount": ENERGY - 2_000},
        energy_vault={"amount": 2_000},
    )
    accounts = {"market": trading["market"], "offer": trading["owner_offer"]}
    totals = {"energy_held": 2_000, "payment_held": 0, "sequence": 10}
    assert events == [Event("OfferPlaced", {**accounts, **placed, **totals})]


async def test_places_one_offer_after_another(trading: Trading) -> None:
    await trading.run("place_offer")
    async with trading.refused("offer is placed already"):
        await trading.run("place_offer", price=1)
    await trading.run("fill_offer", amount=1_999, maximum_cost=U64_MAX)
    async with trading.refused("offer is placed already"):
        await trading.run("place_offer")
    await trading.run("fill_offer", amount=1, maximum_cost=U64_MAX)

    await trading.run("place_offer", price=7, amount=10, minimum_fill=1)

    offer = (await trading.state())["owner_offer"]
    assert (offer["price"], offer["amount"], offer["minimum_fill"]) == (7, 10, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"price": 1},
        {"price": U64_MAX},
        {"amount": 1, "minimum_fill": 1},
        {"minimum_fill": 1},
        {"minimum_fill": 2_000},
        {"expires_at": NOON + 1},
        {"expires_at": I64_MAX},
    ],
)
async def test_accepts_the_ends_of_each_range(trading: Trading, changes: dict[str, int]) -> None:
    await trading.run("place_offer", **changes)

    offer = (await trading.state())["owner_offer"]
    assert {name: offer[name] for name in changes} == changes


async def test_accepts_a_terawatt_hour(trading: Trading) -> None:
    await trading.make_tokens("plant_energy", "owner", U64_MAX - 10 * ENERGY, mint="energy")
    plant = {"source": trading["plant_energy"]}
    async with trading.refused("amount exceeds a terawatt-hour"):
        await trading.run("place_offer", amount=TERAWATT_HOUR + 1, **plant)

    await trading.run("place_offer", amount=TERAWATT_HOUR, **plant)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"price": 0}, "price must be positive"),
        ({"amount": 0}, "amount must be positive"),
        ({"amount": 0, "minimum_fill": 0}, "amount must be positive"),
        ({"amount": U64_MAX}, "amount exceeds a terawatt-hour"),
        ({"minimum_fill": 0}, "minimum fill must be positive"),
        ({"minimum_fill": 2_001}, "minimum fill exceeds the amount"),
        ({"expires_at": NOON}, "expiry is not in the future"),
        ({"expires_at": -1}, "expiry is not in the future"),
    ],
)
async def test_refuses_an_offer_that_makes_no_sense(
    trading: Trading, changes: dict[str, int], message: str
) -> None:
    async with trading.refused(message):
        await trading.run("place_offer", **changes)

    await trading.run("place_offer")


async def test_offers_what_there_is(trading: Trading) -> None:
    async with trading.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await trading.run("place_offer", amount=ENERGY + 1)

    await trading.run("place_offer", amount=ENERGY)
