import pytest
from anchorpy import Event

from tests.support.stage import SYSTEM_PROGRAM, System, changed
from tests.support.vpp import Dispatching


@pytest.fixture
async def dispatching(empty_dispatching: Dispatching) -> Dispatching:
    """A plant without a payment vault, and a dispatch account of it."""
    await empty_dispatching.run("initialize")
    await empty_dispatching.run("open_dispatch")
    return empty_dispatching


async def test_completes_a_plant_at_the_payers_expense(dispatching: Dispatching) -> None:
    before = await dispatching.state()

    events = await dispatching.run("open_payment_vault", by="newcomer")

    rent = await dispatching.rent(165)
    assert await dispatching.state() == changed(
        before,
        newcomer={"lamports": before["newcomer"]["lamports"] - rent},
        plant={"payment_vault": dispatching["payment_vault"], "sequence": 3},
        payment_vault={**before["owner_payment"], "owner": dispatching["plant"], "amount": 0},
    )
    assert events == [
        Event(
            "PaymentVaultOpened",
            {
                "plant": dispatching["plant"],
                "payment_vault": dispatching["payment_vault"],
                **{"energy_held": 0, "payment_held": 0, "sequence": 3},
            },
        )
    ]


async def test_refuses_another_mint(dispatching: Dispatching) -> None:
    async with dispatching.refused("payment mint is not of this plant"):
        await dispatching.run("open_payment_vault", payment_mint=dispatching["energy_mint"])

    await dispatching.run("open_payment_vault")


async def test_opens_it_once(dispatching: Dispatching) -> None:
    await dispatching.run("open_payment_vault")
    async with dispatching.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await dispatching.run("open_payment_vault", by="newcomer")


async def test_nothing_is_announced_before(dispatching: Dispatching) -> None:
    async with dispatching.refused("payment vault is not of this plant"):
        await dispatching.run("announce", payment_vault=dispatching["owner_payment"])

    await dispatching.run("open_payment_vault")
    await dispatching.run("announce")
