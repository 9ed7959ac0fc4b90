import pytest
from anchorpy import Event

from tests.support.stage import changed
from tests.support.vpp import BOND, ENDS, PAYMENT, REWARD, STARTS, Dispatching


async def test_returns_the_reward_at_once(dispatching: Dispatching) -> None:
    await dispatching.run("commit")
    before = await dispatching.state()

    events = await dispatching.run("cancel_dispatch")

    assert await dispatching.state() == changed(
        before,
        operator_payment={"amount": PAYMENT},
        payment_vault={"amount": BOND},
        plant={"payment_held": BOND, "sequence": 9},
        dispatch={"active": False, "cancelled": True},
    )
    assert events == [
        Event(
            "DispatchCancelled",
            {
                **{"plant": dispatching["plant"], "dispatch": dispatching["dispatch"], "reward": REWARD},
                **{"energy_held": 0, "payment_held": BOND, "sequence": 9},
            },
        )
    ]


@pytest.mark.parametrize("moment", [STARTS - 1, STARTS, ENDS + 1])
async def test_bonds_come_back_whole_at_any_time(dispatching: Dispatching, moment: int) -> None:
    for owner in ("owner", "neighbour"):
        await dispatching.run("commit", of=owner)
    await dispatching.run("cancel_dispatch")
    dispatching.travel_to(moment)

    for owner in ("neighbour", "owner"):
        (event,) = await dispatching.run("settle_commitment", of=owner)
        assert (event.data["reward"], event.data["bond"], event.data["share"]) == (0, BOND, 0)

    state = await dispatching.state()
    assert [state[f"{owner}_payment"]["amount"] for owner in ("owner", "neighbour")] == [PAYMENT, PAYMENT]
    assert state["payment_vault"]["amount"] == state["plant"]["payment_held"] == 0


@pytest.mark.embedded
async def test_cancels_before_the_start_by_the_second(dispatching: Dispatching) -> None:
    for moment in (STARTS, STARTS + 1, ENDS):
        dispatching.travel_to(moment)
        async with dispatching.refused("dispatch has started"):
            await dispatching.run("cancel_dispatch")

    dispatching.travel_to(STARTS - 1)
    await dispatching.run("cancel_dispatch")


async def test_nothing_else_happens_to_a_cancelled_dispatch(dispatching: Dispatching) -> None:
    await dispatching.run("commit")
    await dispatching.run("cancel_dispatch")
    for moment, instruction, changes in (
        (STARTS - 1, "cancel_dispatch", {}),
        (STARTS - 1, "commit", {"of": "neighbour"}),
        (STARTS, "deliver", {}),
        (ENDS, "settle_dispatch", {}),
    ):
        dispatching.travel_to(moment)
        async with dispatching.refused("dispatch is not active"):
            await dispatching.run(instruction, **changes)

    await dispatching.run("settle_commitment")


async def test_any_account_of_the_mint_is_a_destination(dispatching: Dispatching) -> None:
    for wrong, message in (
        ("payment_vault", "destination is the payment vault"),
        ("operator_energy", "destination holds another mint"),
    ):
        async with dispatching.refused(message):
            await dispatching.run("cancel_dispatch", destination=dispatching[wrong])

    await dispatching.run("cancel_dispatch", destination=dispatching["neighbour_payment"])
    assert (await dispatching.state())["neighbour_payment"]["amount"] == PAYMENT + REWARD


async def test_refuses_another_plants_dispatch_and_vault(dispatching: Dispatching) -> None:
    await dispatching.start(at="rival")
    for slot, wrong, message in (
        ("dispatch", "rival_dispatch", "dispatch belongs to another plant"),
        ("payment_vault", "rival_payment_vault", "payment vault is not of this plant"),
    ):
        async with dispatching.refused(message):
            await dispatching.run("cancel_dispatch", **{slot: dispatching[wrong]})

    await dispatching.run("cancel_dispatch")
