import pytest
from anchorpy import Event

from tests.support.stage import changed
from tests.support.vpp import AMOUNT, BOND, EARNED, ENDS, PAYMENT, REWARD, STARTS, Dispatching


@pytest.mark.embedded
async def test_pays_the_reward_and_returns_the_bond(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=AMOUNT)
    await dispatching.end(owner=AMOUNT)
    before = await dispatching.state()

    events = await dispatching.run("settle_commitment")

    left = REWARD - EARNED
    assert await dispatching.state() == changed(
        before,
        owner_payment={"amount": PAYMENT + EARNED},
        payment_vault={"amount": left},
        plant={"payment_held": left, "sequence": 10},
        dispatch={"settled_count": 1},
        owner_commitment={"active": False},
    )
    assert dispatching.calls("Transfer") == 1
    assert events == [
        Event(
            "CommitmentSettled",
            {
                "plant": dispatching["plant"],
                "dispatch": dispatching["dispatch"],
                "commitment": dispatching["owner_commitment"],
                **{"reward": EARNED, "bond": BOND, "share": 0},
                **{"energy_held": AMOUNT, "payment_held": left, "sequence": 10},
            },
        )
    ]


@pytest.mark.embedded
async def test_settles_who_delivered_nothing_with_nothing(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=AMOUNT)
    await dispatching.end()
    before = await dispatching.state()

    await dispatching.run("settle_commitment")

    assert await dispatching.state() == changed(
        before,
        plant={"sequence": 9},
        dispatch={"settled_count": 1},
        owner_commitment={"active": False},
    )
    assert dispatching.calls("Transfer") == 0


@pytest.mark.parametrize(
    ("delivered", "share"),
    [
        (1_500, 50 * 400 // 500 + 120),  # 500 are missing, for which 198 - 148 are forfeited
        (1_000, 99 * 400 // 1_000 + 120),
        (2_000, 0),
    ],
)
async def test_surplus_earns_what_the_missing_would_have(
    dispatching: Dispatching, delivered: int, share: int
) -> None:
    """The owner delivers 400 too much, which is worth 120.4; the neighbour has committed to 2,000."""
    await dispatching.begin(owner=4_000, neighbour=2_000)
    await dispatching.end(owner=4_400, neighbour=delivered)

    (event,) = await dispatching.run("settle_commitment")

    assert (event.data["reward"], event.data["bond"], event.data["share"]) == (1_204, 396, share)


async def test_one_more_where_one_is_missing_earns_what_is_forfeited_for_it(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=4_000, neighbour=2_000)
    await dispatching.end(owner=4_001, neighbour=1_999)

    (event,) = await dispatching.run("settle_commitment")

    assert event.data["share"] == 198 - 198 * 1_999 // 2_000 == 1
    assert (await dispatching.state())["dispatch"]["surplus_settled"] == 1


async def test_surplus_beyond_the_shortfall_earns_nothing(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=4_000, neighbour=2_000, thief=1_000)
    await dispatching.end(owner=4_400, neighbour=2_200, thief=900)

    shares = []
    for owner in ("neighbour", "owner", "thief"):
        (event,) = await dispatching.run("settle_commitment", of=owner)
        shares.append(event.data["share"])

    # 100 are missing, at 30 of price and 10 of bond; 600 are surplus
    assert shares == [40 * 200 // 600, 40 - 40 * 200 // 600, 0]


@pytest.mark.embedded
async def test_settles_after_the_end_by_the_second(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=AMOUNT)
    for moment in (STARTS - 1, STARTS, ENDS - 1):
        dispatching.travel_to(moment)
        async with dispatching.refused("dispatch has not ended"):
            await dispatching.run("settle_commitment")

    dispatching.travel_to(ENDS)
    await dispatching.run("settle_commitment")


async def test_settles_once(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=AMOUNT, neighbour=1)
    await dispatching.end(owner=AMOUNT)
    await dispatching.run("settle_commitment")
    async with dispatching.refused("commitment is not active"):
        await dispatching.run("settle_commitment")

    await dispatching.run("settle_commitment", of="neighbour")


async def test_any_account_of_the_owner_is_a_destination(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=AMOUNT)
    await dispatching.end(owner=AMOUNT)
    await dispatching.make_tokens("owner_savings", "owner", mint="payment_mint")
    await dispatching.run("settle_commitment", destination=dispatching["owner_savings"])

    assert (await dispatching.state())["owner_savings"]["amount"] == EARNED + BOND


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("plant", "rival_plant", "dispatch belongs to another plant"),
        ("dispatch", "rival_dispatch", "dispatch belongs to another plant"),
        ("dispatch", "second_dispatch", "commitment belongs to another dispatch"),
        ("commitment", "thief_commitment", "commitment is not active"),
        ("commitment", "neighbour_commitment", "destination belongs to another owner"),
        ("payment_vault", "rival_payment_vault", "payment vault is not of this plant"),
        ("destination", "payment_vault", "destination is the payment vault"),
        ("destination", "owner_energy", "destination holds another mint"),
        ("destination", "thief_payment", "destination belongs to another owner"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    dispatching: Dispatching, slot: str, wrong: str, message: str
) -> None:
    await dispatching.start(at="rival")
    await dispatching.run("open_dispatch", number=1)
    await dispatching.begin(owner=AMOUNT, neighbour=1)
    await dispatching.end(owner=AMOUNT)
    async with dispatching.refused(message):
        await dispatching.run("settle_commitment", **{slot: dispatching[wrong]})

    await dispatching.run("settle_commitment")
