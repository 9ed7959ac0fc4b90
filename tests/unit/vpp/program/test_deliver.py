import pytest
from anchorpy import Event

from tests.support.stage import TOKEN_PROGRAM, U64_MAX, Token, changed
from tests.support.vpp import AMOUNT, BOND, EARNED, ENDS, ENERGY, REWARD, STARTS, Dispatching

MOST = AMOUNT + 400  # 10 % of it is 400.1


@pytest.fixture
async def dispatching(dispatching: Dispatching) -> Dispatching:
    """The owner and the neighbour have committed, and the dispatch begins."""
    await dispatching.begin(owner=AMOUNT, neighbour=1_000)
    return dispatching


async def test_delivers(dispatching: Dispatching) -> None:
    before = await dispatching.state()

    events = await dispatching.run("deliver")

    held = REWARD + BOND + 99
    assert await dispatching.state() == changed(
        before,
        owner_energy={"amount": ENERGY - AMOUNT},
        energy_vault={"amount": AMOUNT},
        plant={"energy_held": AMOUNT, "sequence": 10},
        dispatch={"credited": AMOUNT, "rewards_due": EARNED, "bonds_due": BOND},
        owner_commitment={"delivered": AMOUNT},
    )
    assert events == [
        Event(
            "EnergyDelivered",
            {
                "plant": dispatching["plant"],
                "dispatch": dispatching["dispatch"],
                "commitment": dispatching["owner_commitment"],
                **{"amount": AMOUNT, "delivered": AMOUNT, "credited": AMOUNT, "surplus": 0},
                **{"energy_held": AMOUNT, "payment_held": held, "sequence": 10},
            },
        )
    ]


@pytest.mark.parametrize(
    "parts",
    [(MOST,), (1, MOST - 1), (AMOUNT - 1, 2, MOST - AMOUNT - 1), (AMOUNT, MOST - AMOUNT), (1_467,) * 3],
)
async def test_parts_come_to_the_same_as_all_at_once(
    dispatching: Dispatching, parts: tuple[int, ...]
) -> None:
    assert sum(parts) == MOST
    for part in parts:
        await dispatching.run("deliver", amount=part)

    dispatch = (await dispatching.state())["dispatch"]
    fields = ("credited", "surplus", "rewards_due", "bonds_due")
    assert [dispatch[field] for field in fields] == [AMOUNT, MOST - AMOUNT, EARNED, BOND]


async def test_what_is_due_rounds_down_for_each_commitment(dispatching: Dispatching) -> None:
    await dispatching.run("deliver", amount=1_234)
    await dispatching.run("deliver", of="neighbour", amount=555)

    dispatch = (await dispatching.state())["dispatch"]
    # 371.434 and 167.055; 397 * 1,234 / 4,001 = 122.44 and 99 * 555 / 1,000 = 54.945
    assert (dispatch["rewards_due"], dispatch["bonds_due"]) == (371 + 167, 122 + 54)


async def test_takes_the_commitment_and_its_tolerance_and_not_one_more(dispatching: Dispatching) -> None:
    for amount in (MOST + 1, U64_MAX):
        async with dispatching.refused("amount exceeds the commitment and its tolerance"):
            await dispatching.run("deliver", amount=amount)
    await dispatching.run("deliver", amount=MOST - 1)
    async with dispatching.refused("amount exceeds the commitment and its tolerance"):
        await dispatching.run("deliver", amount=2)
    await dispatching.run("deliver", amount=1)
    async with dispatching.refused("amount exceeds the commitment and its tolerance"):
        await dispatching.run("deliver", amount=1)


async def test_the_tolerance_of_a_terawatt_hour_is_exact(empty_dispatching: Dispatching) -> None:
    dispatching, amount = empty_dispatching, 10**12
    await dispatching.start()
    await dispatching.run("cancel_dispatch")
    for name, owner in (("treasury", "operator"), ("bonds", "owner")):
        await dispatching.make_tokens(name, owner, 10**9, mint="payment_mint")
    await dispatching.make_tokens("lot", "owner", 2 * amount + 1, mint="energy_mint")
    terms = {"target": amount, "price": 1, "bond_price": 1, "tolerance_bps": 10_000}
    await dispatching.run("announce", **terms, source=dispatching["treasury"])
    await dispatching.run("commit", amount=amount, source=dispatching["bonds"], announcement=9)
    dispatching.travel_to(STARTS)

    async with dispatching.refused("amount exceeds the commitment and its tolerance"):
        await dispatching.run("deliver", amount=2 * amount + 1, source=dispatching["lot"])
    await dispatching.run("deliver", amount=2 * amount, source=dispatching["lot"])


async def test_refuses_nothing(dispatching: Dispatching) -> None:
    async with dispatching.refused("amount must be positive"):
        await dispatching.run("deliver", amount=0)

    await dispatching.run("deliver", amount=1)


@pytest.mark.embedded
async def test_delivers_within_the_window_by_the_second(dispatching: Dispatching) -> None:
    dispatching.travel_to(STARTS - 1)
    async with dispatching.refused("dispatch has not started"):
        await dispatching.run("deliver")
    for moment in (ENDS, ENDS + 1):
        dispatching.travel_to(moment)
        async with dispatching.refused("dispatch has ended"):
            await dispatching.run("deliver")

    for moment in (STARTS, ENDS - 1):
        dispatching.travel_to(moment)
        await dispatching.run("deliver", amount=1)


async def test_refuses_whoever_has_not_committed(dispatching: Dispatching) -> None:
    async with dispatching.refused("commitment is not active"):
        await dispatching.run("deliver", of="thief", amount=1)

    await dispatching.run("deliver", amount=1)


async def test_refuses_a_dispatch_that_was_not_committed_to(dispatching: Dispatching) -> None:
    await dispatching.run("open_dispatch", number=1)
    second = {"dispatch": dispatching["second_dispatch"]}
    async with dispatching.refused("commitment belongs to another dispatch"):
        await dispatching.run("deliver", **second)

    await dispatching.run("deliver")


async def test_refuses_more_than_there_is(dispatching: Dispatching) -> None:
    await dispatching.make_tokens("little", "owner", AMOUNT - 1, mint="energy_mint")
    async with dispatching.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await dispatching.run("deliver", source=dispatching["little"])

    await dispatching.run("deliver", source=dispatching["little"], amount=AMOUNT - 1)


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("plant", "rival_plant", "dispatch belongs to another plant"),
        ("dispatch", "rival_dispatch", "dispatch belongs to another plant"),
        ("commitment", "owner_rival_commitment", "commitment belongs to another plant"),
        ("commitment", "neighbour_commitment", "commitment belongs to another owner"),
        ("energy_vault", "rival_energy_vault", "energy vault is not of this plant"),
        ("energy_vault", "payment_vault", "energy vault is not of this plant"),
        ("source", "energy_vault", "source is the energy vault"),
        ("source", "owner_payment", "source holds another mint"),
        ("source", "neighbour_energy", "source belongs to another owner"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    dispatching: Dispatching, slot: str, wrong: str, message: str
) -> None:
    await dispatching.start(at="rival")
    dispatching.travel_to(STARTS)
    async with dispatching.refused(message):
        await dispatching.run("deliver", **{slot: dispatching[wrong]})

    await dispatching.run("deliver")
