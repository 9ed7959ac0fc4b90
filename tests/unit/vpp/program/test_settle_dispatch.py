import pytest
from anchorpy import Event

from tests.support.stage import changed
from tests.support.vpp import AMOUNT, BOND, EARNED, ENDS, ENERGY, PAYMENT, REWARD, STARTS, Dispatching


async def test_sends_the_energy_and_what_remains(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=AMOUNT, neighbour=1_000)
    await dispatching.end(owner=AMOUNT, neighbour=500)
    before = await dispatching.state()

    events = await dispatching.run("settle_dispatch")

    neighbours = 150 + 49  # 150.5 of price, 49.5 of the bond of 99
    due = EARNED + BOND + neighbours
    payment = REWARD + BOND + 99 - due
    assert await dispatching.state() == changed(
        before,
        operator_energy={"amount": ENERGY + AMOUNT + 500},
        operator_payment={"amount": PAYMENT - REWARD + payment},
        energy_vault={"amount": 0},
        payment_vault={"amount": due},
        plant={"energy_held": 0, "payment_held": due, "sequence": 12},
        dispatch={"active": False},
    )
    assert events == [
        Event(
            "DispatchSettled",
            {
                **{"plant": dispatching["plant"], "dispatch": dispatching["dispatch"]},
                **{"energy": AMOUNT + 500, "payment": payment, "pool": 0},
                **{"energy_held": 0, "payment_held": due, "sequence": 12},
            },
        )
    ]


@pytest.mark.embedded
async def test_returns_everything_where_nobody_has_committed(dispatching: Dispatching) -> None:
    dispatching.travel_to(ENDS)
    before = await dispatching.state()

    await dispatching.run("settle_dispatch")

    assert await dispatching.state() == changed(
        before,
        operator_payment={"amount": PAYMENT},
        payment_vault={"amount": 0},
        plant={"payment_held": 0, "sequence": 8},
        dispatch={"active": False},
    )
    assert dispatching.calls("Transfer") == 1  # there is no energy


@pytest.mark.embedded
async def test_sends_nothing_where_all_is_earned(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=10_000)
    await dispatching.end(owner=10_000)
    before = await dispatching.state()

    await dispatching.run("settle_dispatch")

    assert dispatching.calls("Transfer") == 1  # the energy
    after = await dispatching.state()
    assert after["operator_payment"] == before["operator_payment"]
    assert after["payment_vault"]["amount"] == REWARD + 990


@pytest.mark.embedded
async def test_settles_after_the_end_by_the_second(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=AMOUNT)
    for moment in (STARTS - 1, STARTS, ENDS - 1):
        dispatching.travel_to(moment)
        async with dispatching.refused("dispatch has not ended"):
            await dispatching.run("settle_dispatch")

    dispatching.travel_to(ENDS)
    await dispatching.run("settle_dispatch")


async def test_settles_once(dispatching: Dispatching) -> None:
    dispatching.travel_to(ENDS)
    await dispatching.run("settle_dispatch")
    async with dispatching.refused("dispatch is not active"):
        await dispatching.run("settle_dispatch")


async def test_leaves_another_dispatchs_energy_and_payments(dispatching: Dispatching) -> None:
    await dispatching.run("open_dispatch", number=1)
    second = {"dispatch": dispatching["second_dispatch"]}
    await dispatching.run("announce", target=1_000, ends_at=ENDS + 1, **second)
    await dispatching.run("commit", of="neighbour", amount=1_000, announcement=9, **second)
    await dispatching.begin(owner=AMOUNT)
    await dispatching.run("deliver", of="neighbour", amount=600, **second)
    await dispatching.end(owner=AMOUNT)

    await dispatching.run("settle_dispatch")
    await dispatching.run("settle_commitment")

    state = await dispatching.state()
    held = (state["plant"]["energy_held"], state["plant"]["payment_held"])
    assert held == (600, 301 + 99)
    assert (state["energy_vault"]["amount"], state["payment_vault"]["amount"]) == held


@pytest.mark.parametrize(
    ("accounts", "message"),
    [
        ({"plant": "rival_plant"}, "dispatch belongs to another plant"),
        ({"dispatch": "rival_dispatch"}, "dispatch belongs to another plant"),
        ({"energy_vault": "rival_energy_vault"}, "energy vault is not of this plant"),
        ({"payment_vault": "rival_payment_vault"}, "payment vault is not of this plant"),
        ({"energy_vault": "payment_vault"}, "energy vault is the payment vault"),
        ({"energy_destination": "energy_vault"}, "energy destination is the energy vault"),
        ({"payment_destination": "energy_vault"}, "payment destination is the energy vault"),
        ({"energy_destination": "payment_vault"}, "energy destination is the payment vault"),
        ({"payment_destination": "payment_vault"}, "payment destination is the payment vault"),
        ({"energy_destination": "operator_payment"}, "destinations are the same"),
        ({"payment_destination": "operator_energy"}, "destinations are the same"),
        ({"energy_destination": "owner_payment"}, "destination holds another mint"),
        ({"payment_destination": "owner_energy"}, "destination holds another mint"),
        ({"energy_destination": "owner_energy"}, "destination belongs to another owner"),
        ({"payment_destination": "owner_payment"}, "destination belongs to another owner"),
        (
            {"energy_vault": "payment_vault", "payment_vault": "energy_vault"},
            "energy vault is not of this plant",
        ),
        (
            {"energy_destination": "operator_payment", "payment_destination": "operator_energy"},
            "destination holds another mint",
        ),
    ],
)
async def test_refuses_what_does_not_belong_together(
    dispatching: Dispatching, accounts: dict[str, str], message: str
) -> None:
    await dispatching.start(at="rival")
    await dispatching.begin(owner=AMOUNT)
    await dispatching.end(owner=AMOUNT)
    async with dispatching.refused(message):
        await dispatching.run(
            "settle_dispatch", **{slot: dispatching[wrong] for slot, wrong in accounts.items()}
        )

    await dispatching.run("settle_dispatch")
