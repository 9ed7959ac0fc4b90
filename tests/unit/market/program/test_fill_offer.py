import pytest
from anchorpy import Event

from tests.support.market import ENERGY, EXPIRES_AT, PAYMENT, Trading
from tests.support.stage import TOKEN_PROGRAM, U64_MAX, Token, changed

MOST = {"maximum_cost": U64_MAX}


@pytest.fixture
async def trading(trading: Trading) -> Trading:
    """The owner offers 2,000 Wh at 250,000 for 1,000, in parts of at least 500."""
    await trading.run("place_offer")
    return trading


async def test_takes_energy_for_its_price(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("fill_offer")

    assert await trading.state() == changed(
        before,
        owner_offer={"amount": 1_000},
        market={"energy_held": 1_000, "payment_held": 2_500, "fees": 2_500, "sequence": 11},
        energy_vault={"amount": 1_000},
        payment_vault={"amount": 2_500},
        neighbour_energy={"amount": ENERGY + 1_000},
        neighbour_payment={"amount": PAYMENT - 250_000},
        owner_payment={"amount": PAYMENT + 247_500},
    )
    assert events == [
        Event(
            "OfferFilled",
            {
                "market": trading["market"],
                "offer": trading["owner_offer"],
                "taker": trading["neighbour"],
                "amount": 1_000,
                "cost": 250_000,
                "fee": 2_500,
                "left": 1_000,
                "energy_held": 1_000,
                "payment_held": 2_500,
                "sequence": 11,
            },
        )
    ]


async def test_sends_the_energy_wherever_the_taker_says(trading: Trading) -> None:
    await trading.run("fill_offer", destination=trading["newcomer_energy"])

    assert (await trading.state())["newcomer_energy"]["amount"] == ENERGY + 1_000


async def test_pays_the_maker_wherever_they_are_paid(trading: Trading) -> None:
    await trading.make_tokens("owner_savings", "owner", mint="payment")

    await trading.run("fill_offer", proceeds=trading["owner_savings"])

    assert (await trading.state())["owner_savings"]["amount"] == 247_500


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("price", "amount", "fee_bps", "cost", "fee"),
    [
        (1, 1, 500, 1, 0),
        (1, 1_000, 500, 1, 0),
        (1, 1_001, 500, 2, 0),
        (999, 1_001, 500, 1_000, 50),
        (1_000, 19, 500, 19, 0),  # 0.95
        (1_000, 20, 500, 20, 1),
        (1_000, 39, 500, 39, 1),  # 1.95
        (1_001, 1_000, 1, 1_001, 0),
        (10_000, 1_000, 1, 10_000, 1),
        (9_999, 1_000, 1, 9_999, 0),
        (250_001, 3, 100, 751, 7),  # 750.003, and 7.51
        (250_000, 2_000, 0, 500_000, 0),
    ],
)
async def test_rounds_the_cost_up_and_the_fee_down(
    trading: Trading, price: int, amount: int, fee_bps: int, cost: int, fee: int
) -> None:
    await trading.run("set_policy", fee_bps=fee_bps)
    await trading.run("place_offer", by="thief", price=price, minimum_fill=1)
    async with trading.refused("cost exceeds the maximum"):
        await trading.run("fill_offer", of="thief", amount=amount, maximum_cost=cost - 1)

    (event,) = await trading.run("fill_offer", of="thief", amount=amount, maximum_cost=cost)

    assert trading.calls("Transfer") == 2 + (fee > 0)
    state = await trading.state()
    assert (event.data["cost"], event.data["fee"]) == (cost, fee)
    assert state["neighbour_payment"]["amount"] == PAYMENT - cost
    assert state["thief_payment"]["amount"] == PAYMENT + cost - fee
    assert state["payment_vault"]["amount"] == state["market"]["fees"] == fee


async def test_fills_no_less_than_the_minimum_but_for_the_rest(trading: Trading) -> None:
    async with trading.refused("amount is below the minimum fill"):
        await trading.run("fill_offer", amount=499, **MOST)
    await trading.run("fill_offer", amount=500, **MOST)
    await trading.run("fill_offer", amount=1_100, **MOST)  # 400 left
    for amount in (1, 399):
        async with trading.refused("amount is below the minimum fill"):
            await trading.run("fill_offer", amount=amount, **MOST)

    await trading.run("fill_offer", amount=400, **MOST)
    assert (await trading.state())["owner_offer"]["amount"] == 0


async def test_fills_what_is_offered(trading: Trading) -> None:
    for amount, message in (
        (0, "amount must be positive"),
        (2_001, "amount exceeds the offer"),
        (10**12, "amount exceeds the offer"),
        (10**12 + 1, "amount exceeds a terawatt-hour"),
        (U64_MAX, "amount exceeds a terawatt-hour"),
    ):
        async with trading.refused(message):
            await trading.run("fill_offer", amount=amount, **MOST)

    await trading.run("fill_offer", amount=2_000, **MOST)
    async with trading.refused("offer is not placed"):
        await trading.run("fill_offer", amount=1, **MOST)


async def test_fills_until_the_second_before_it_expires(trading: Trading) -> None:
    trading.travel_to(EXPIRES_AT - 1)
    await trading.run("fill_offer")

    trading.travel_to(EXPIRES_AT)
    async with trading.refused("offer has expired"):
        await trading.run("fill_offer")


async def test_refuses_what_was_never_placed_or_was_cancelled(trading: Trading) -> None:
    async with trading.refused("offer is not placed"):
        await trading.run("fill_offer", of="thief")
    await trading.run("cancel_offer")
    async with trading.refused("offer is not placed"):
        await trading.run("fill_offer")

    await trading.run("place_offer")
    await trading.run("fill_offer")


async def test_takes_both_sides_at_once_or_nothing(trading: Trading) -> None:
    await trading.make_tokens("purse", "neighbour", 249_999, mint="payment")
    async with trading.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await trading.run("fill_offer", source=trading["purse"])

    await trading.run("fill_offer")


async def test_a_price_too_high_to_count_is_refused(trading: Trading) -> None:
    await trading.run("place_offer", by="thief", price=U64_MAX, minimum_fill=1)
    overflow = "called `Result::unwrap()` on an `Err` value: TryFromIntError(())"
    async with trading.refused(overflow):
        await trading.run("fill_offer", of="thief", amount=1_001, **MOST)
    async with trading.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await trading.run("fill_offer", of="thief", amount=1_000, **MOST)

    await trading.run("cancel_offer", by="thief")


async def test_a_maker_can_take_their_own_offer_from_another_account(trading: Trading) -> None:
    async with trading.refused("proceeds are the source"):
        await trading.run("fill_offer", by="owner", of="owner")

    await trading.make_tokens("owner_savings", "owner", mint="payment")
    await trading.run("fill_offer", by="owner", of="owner", proceeds=trading["owner_savings"])
    assert (await trading.state())["owner_energy"]["amount"] == ENERGY - 1_000


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("energy_vault", "payment_vault", "energy vault is not of this market"),
        ("energy_vault", "neighbour_energy", "energy vault is not of this market"),
        ("payment_vault", "energy_vault", "payment vault is not of this market"),
        ("payment_vault", "neighbour_payment", "payment vault is not of this market"),
        ("source", "payment_vault", "source is the vault"),
        ("source", "neighbour_energy", "source holds another mint"),
        ("source", "owner_payment", "source belongs to another owner"),
        ("destination", "energy_vault", "destination is the vault"),
        ("destination", "neighbour_payment", "destination holds another mint"),
        ("proceeds", "owner_energy", "proceeds hold another mint"),
        ("proceeds", "neighbour_payment", "proceeds belong to another owner"),
        ("proceeds", "payment_vault", "proceeds belong to another owner"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    trading: Trading, slot: str, wrong: str, message: str
) -> None:
    async with trading.refused(message):
        await trading.run("fill_offer", **{slot: trading[wrong]})

    await trading.run("fill_offer")


async def test_a_vault_as_proceeds_of_its_own_market(trading: Trading) -> None:
    # No offer is a market's, since a market signs nothing: this is what holds if one were.
    await trading.forge("owner_offer", owner=trading["market"])
    async with trading.refused("proceeds are the vault"):
        await trading.run("fill_offer", proceeds=trading["payment_vault"])

    await trading.forge("owner_offer", owner=trading["owner"])
    await trading.run("fill_offer")
