import pytest
from solders.transaction_status import TransactionErrorInsufficientFundsForRent

from tests.support.battery import World
from tests.support.stage import U64_MAX, WALLET_LAMPORTS, Refused, changed

EXCESS = 700_000
MEMBER_BYTES = 104
UNDERFLOW = "attempt to subtract with overflow"


@pytest.fixture
async def world(world: World) -> World:
    """The owner has stored 900, in an account that holds more lamports than its rent."""
    await world.run("deposit_energy")
    await world.send(world.payment(world["owner_member"], EXCESS))
    return world


@pytest.mark.parametrize("amount", [0, 1, EXCESS])
async def test_gives_the_owner_what_is_beyond_the_rent(world: World, amount: int) -> None:
    rent, before = await world.rent(MEMBER_BYTES), await world.state()

    assert await world.run("return_rent", amount=amount) == []

    assert await world.state() == changed(
        before,
        owner={"lamports": WALLET_LAMPORTS + amount},
        owner_member={"lamports": rent + EXCESS - amount},
    )


async def test_leaves_the_rent(world: World) -> None:
    """A lamport too many is refused by the runtime; nothing left at all, which it allows, by the program."""
    rent, before = await world.rent(MEMBER_BYTES), await world.raw()
    for amount in (EXCESS + 1, EXCESS + rent - 1):
        with pytest.raises(Refused) as refusal:
            await world.run("return_rent", amount=amount)
        assert isinstance(refusal.value.error, TransactionErrorInsufficientFundsForRent)
        assert await world.raw() == before
    for amount in (EXCESS + rent, EXCESS + rent + 1, U64_MAX):
        async with world.refused(UNDERFLOW):
            await world.run("return_rent", amount=amount)

    await world.run("return_rent", amount=EXCESS)
    with pytest.raises(Refused):
        await world.run("return_rent", amount=1)


async def test_not_even_within_a_transaction_is_the_account_without_lamports(world: World) -> None:
    """It could be given back later in it, and until then hold nothing: so much only, that a lamport stays."""
    all_of_it = (await world.state())["owner_member"]["lamports"]
    back = world.payment(world["owner_member"], all_of_it)
    async with world.refused(UNDERFLOW):
        await world.send(world.instruction("return_rent", amount=all_of_it), back, signers=["owner"])

    before = await world.state()
    await world.send(world.instruction("return_rent", amount=all_of_it - 1), back, signers=["owner"])
    assert await world.state() == changed(
        before,
        owner={"lamports": WALLET_LAMPORTS + all_of_it - 1},
        owner_member={"lamports": all_of_it + 1},
    )


async def test_of_ones_own_account(world: World) -> None:
    for other in ("neighbour", "operator", "newcomer"):
        async with world.refused("member belongs to another owner"):
            await world.run("return_rent", by=other, of="owner")

    await world.run("return_rent", amount=EXCESS)


async def test_a_member_can_use_the_account_as_before(world: World) -> None:
    await world.run("return_rent", amount=EXCESS)
    for instruction in ("deposit_energy", "allocate", "consume", "withdraw_energy"):
        await world.run(instruction)
