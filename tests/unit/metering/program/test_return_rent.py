import pytest
from solders.transaction_status import TransactionErrorInsufficientFundsForRent

from tests.support.metering import Metered
from tests.support.stage import SYSTEM_PROGRAM, U64_MAX, Refused, System, changed

EXCESS = 700_000
METER_BYTES = 144


@pytest.fixture
async def metered(metered: Metered) -> Metered:
    """The owner's meter account holds more lamports than its rent."""
    await metered.send(metered.payment(metered["owner_meter"], EXCESS))
    return metered


@pytest.mark.parametrize("amount", [0, 1, EXCESS])
async def test_gives_the_authority_what_is_beyond_the_rent(metered: Metered, amount: int) -> None:
    rent, before = await metered.rent(METER_BYTES), await metered.state()

    assert await metered.run("return_rent", amount=amount) == []

    assert await metered.state() == changed(
        before,
        operator={"lamports": before["operator"]["lamports"] + amount},
        owner_meter={"lamports": rent + EXCESS - amount},
    )


async def test_leaves_the_rent(metered: Metered) -> None:
    """A lamport too many is refused by the runtime; nothing left at all, which it allows, by the program."""
    rent, before = await metered.rent(METER_BYTES), await metered.raw()
    for amount in (EXCESS + 1, EXCESS + rent - 1):
        with pytest.raises(Refused) as refusal:
            await metered.run("return_rent", amount=amount)
        assert isinstance(refusal.value.error, TransactionErrorInsufficientFundsForRent)
        assert await metered.raw() == before
    for amount in (EXCESS + rent, EXCESS + rent + 1, U64_MAX):
        async with metered.refused("attempt to subtract with overflow"):
            await metered.run("return_rent", amount=amount)

    await metered.run("return_rent", amount=EXCESS)


async def test_refuses_whoever_is_not_the_authority(metered: Metered) -> None:
    for other in ("owner", "rival", "newcomer"):
        async with metered.refused("signer is not the authority"):
            await metered.run("return_rent", by=other)

    await metered.run("return_rent", amount=EXCESS)


async def test_a_meter_cannot_be_deleted_and_registered_anew(metered: Metered) -> None:
    """It would mint once more what it has minted already."""
    await metered.run("report")
    await metered.run("retire_meter")
    all_of_it = (await metered.state())["owner_meter"]["lamports"]
    anew = metered.instruction("register_meter")
    async with metered.refused("attempt to subtract with overflow"):
        emptied = metered.instruction("return_rent", amount=all_of_it)
        await metered.send(emptied, anew, signers=["operator"])

    async with metered.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        emptied = metered.instruction("return_rent", amount=all_of_it - 1)
        await metered.send(emptied, anew, signers=["operator"])
