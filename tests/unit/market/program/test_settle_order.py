import pytest
from anchorpy import Event

from tests.support.market import BID, CLOSES_AT, ENERGY, PAYMENT, Trading
from tests.support.stage import changed

BOOK = ["owner", "neighbour", "thief"]


@pytest.fixture
async def placed(empty_trading: Trading) -> Trading:
    """The owner offers 2,000 Wh at 200,001; neighbour and thief bid for 901 at 300,000 and 800 at 250,000."""
    trading = empty_trading
    await trading.start()
    await trading.run("place_order", price=200_001)
    await trading.run("place_order", by="neighbour", side=BID, price=300_000, amount=901)
    await trading.run("place_order", by="thief", side=BID, price=250_000, amount=800)
    return trading


@pytest.fixture
async def trading(placed: Trading) -> Trading:
    """All that is bid for is traded, at 200,001."""
    await placed.clear(200_001, BOOK)
    return placed


async def test_a_buyer_gets_energy_and_what_the_price_has_left_over(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("settle_order", of="neighbour")

    cost, rest = 180_201, 90_099  # 180,200.901 rounded up, of 270,300
    assert await trading.state() == changed(
        before,
        neighbour_order={"amount": 0, "active": False},
        auction={"settled_count": 1, "received": cost},
        market={"energy_held": 1_099, "payment_held": 470_300 - rest, "sequence": 14},
        energy_vault={"amount": 1_099},
        payment_vault={"amount": 470_300 - rest},
        neighbour_energy={"amount": ENERGY + 901},
        neighbour_payment={"amount": PAYMENT - cost},
    )
    accounts = {
        "market": trading["market"],
        "auction": trading["auction"],
        "order": trading["neighbour_order"],
    }
    outcome = {"filled": 901, "energy": 901, "payment": rest, "fee": 0}
    totals = {"energy_held": 1_099, "payment_held": 380_201, "sequence": 14}
    assert events == [Event("OrderSettled", {**accounts, **outcome, **totals})]


async def test_a_seller_gets_the_price_less_the_fee_and_what_is_not_sold(trading: Trading) -> None:
    before = await trading.state()

    events = await trading.run("settle_order")

    proceeds, fee = 340_201, 3_402  # 340,201.701, and 3,402.01 of it, rounded down
    assert await trading.state() == changed(
        before,
        owner_order={"amount": 0, "active": False},
        auction={"settled_count": 1, "offers_at_price_settled": 2_000, "paid": proceeds},
        market={
            "energy_held": 1_701,
            "payment_held": 470_300 - proceeds + fee,
            "fees": fee,
            "sequence": 14,
        },
        energy_vault={"amount": 1_701},
        payment_vault={"amount": 470_300 - proceeds + fee},
        owner_energy={"amount": ENERGY - 1_701},
        owner_payment={"amount": PAYMENT + proceeds - fee},
    )
    accounts = {"market": trading["market"], "auction": trading["auction"], "order": trading["owner_order"]}
    outcome = {"filled": 1_701, "energy": 299, "payment": proceeds - fee, "fee": fee}
    totals = {"energy_held": 1_701, "payment_held": 133_501, "sequence": 14}
    assert events == [Event("OrderSettled", {**accounts, **outcome, **totals})]


@pytest.mark.parametrize("order", [BOOK, BOOK[::-1], ["neighbour", "owner", "thief"]])
async def test_the_last_leaves_the_roundings_to_the_market(trading: Trading, order: list[str]) -> None:
    for owner in order:
        await trading.run("settle_order", of=owner)

    state = await trading.state()
    left_over = 180_201 + 160_001 - 340_201
    auction, market = state["auction"], state["market"]
    assert (auction["received"], auction["paid"]) == (340_202, 340_201)
    assert market["fees"] == market["payment_held"] == state["payment_vault"]["amount"] == 3_402 + left_over
    assert market["energy_held"] == state["energy_vault"]["amount"] == 0


async def test_a_single_watt_hour_comes_back(empty_trading: Trading) -> None:
    await empty_trading.start()
    await empty_trading.run("place_order", price=250_000, amount=1_001)
    await empty_trading.run("place_order", by="neighbour", side=BID, price=250_000, amount=1_000)
    await empty_trading.clear(250_000, ["owner", "neighbour"])

    (event,) = await empty_trading.run("settle_order")

    assert (event.data["filled"], event.data["energy"]) == (1_000, 1)
    assert (await empty_trading.state())["owner_energy"]["amount"] == ENERGY - 1_000


async def test_settles_once(trading: Trading) -> None:
    for owner in BOOK:
        await trading.run("settle_order", of=owner)
        async with trading.refused("order is not active"):
            await trading.run("settle_order", of=owner)


@pytest.mark.embedded
async def test_settles_what_is_cleared(placed: Trading) -> None:
    for moment in (CLOSES_AT - 1, CLOSES_AT, CLOSES_AT + 86_400):
        placed.travel_to(moment)
        async with placed.refused("auction is not cleared"):
            await placed.run("settle_order")

    placed.travel_to(CLOSES_AT)
    await placed.clear(200_001, BOOK)
    await placed.run("settle_order")


@pytest.mark.embedded
async def test_a_cancelled_order_is_settled_with_nothing(placed: Trading) -> None:
    await placed.run("cancel_order", by="thief")
    await placed.clear(200_001, BOOK)
    before = await placed.state()

    (event,) = await placed.run("settle_order", of="thief")

    assert [event.data[name] for name in ("filled", "energy", "payment", "fee")] == [0, 0, 0, 0]
    assert await placed.state() == changed(
        before, thief_order={"active": False}, auction={"settled_count": 1}, market={"sequence": 15}
    )
    assert placed.calls("Transfer") == 0


@pytest.mark.embedded
async def test_what_is_worse_than_the_price_comes_back_in_full(trading: Trading) -> None:
    trading.travel_to(CLOSES_AT - 1)
    await trading.start(at="rival")
    await trading.run("place_order", at="rival", price=300)
    await trading.run("place_order", by="neighbour", at="rival", side=BID, price=299, amount=1_001)
    await trading.clear(299, ["owner", "neighbour"], at="rival")
    before = await trading.state()

    for owner in ("owner", "neighbour"):
        (event,) = await trading.run("settle_order", of=owner, at="rival")
        assert event.data["filled"] == 0

    after = await trading.state()
    assert after["owner_energy"]["amount"] == before["owner_energy"]["amount"] + 2_000
    assert after["neighbour_payment"]["amount"] == before["neighbour_payment"]["amount"] + 300


@pytest.mark.parametrize(
    ("order", "filled"),
    [
        (["neighbour", "thief", "newcomer"], [42, 43, 15]),  # 42.86, 85.71 and 100, rounded down
        (["newcomer", "thief", "neighbour"], [14, 43, 43]),  # 14.29, 57.14 and 100
        (["thief", "newcomer", "neighbour"], [42, 15, 43]),
    ],
)
async def test_shares_at_the_price_in_proportion_and_to_the_watt_hour(
    empty_trading: Trading, order: list[str], filled: list[int]
) -> None:
    """100 Wh are offered, and 300, 300 and 100 are bid for at the price."""
    trading = empty_trading
    await trading.start()
    await trading.run("open_order", owner="newcomer")
    await trading.run("place_order", price=1, amount=100)
    for owner, amount in (("neighbour", 300), ("thief", 300), ("newcomer", 100)):
        await trading.run("place_order", by=owner, side=BID, price=1_000, amount=amount)
    await trading.clear(1_000, ["owner", "neighbour", "thief", "newcomer"])

    shares = [(await trading.run("settle_order", of=owner))[0].data["filled"] for owner in order]

    assert shares == filled


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("energy_vault", "payment_vault", "energy vault is not of this market"),
        ("payment_vault", "energy_vault", "payment vault is not of this market"),
        ("energy_destination", "energy_vault", "destination is the vault"),
        ("payment_destination", "payment_vault", "destination is the vault"),
        ("energy_destination", "owner_payment", "destination holds another mint"),
        ("payment_destination", "owner_energy", "destination holds another mint"),
        ("energy_destination", "thief_energy", "destination belongs to another owner"),
        ("payment_destination", "thief_payment", "destination belongs to another owner"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    trading: Trading, slot: str, wrong: str, message: str
) -> None:
    async with trading.refused(message):
        await trading.run("settle_order", **{slot: trading[wrong]})

    await trading.run("settle_order")
