import pytest
from solders.transaction_status import TransactionErrorInsufficientFundsForRent

from tests.support.stage import U64_MAX, Refused, changed
from tests.support.vpp import Dispatching

EXCESS = 700_000
COMMITMENT_BYTES = 136


@pytest.fixture
async def dispatching(dispatching: Dispatching) -> Dispatching:
    """The owner's commitment account holds more lamports than its rent."""
    await dispatching.send(dispatching.payment(dispatching["owner_commitment"], EXCESS))
    return dispatching


@pytest.mark.parametrize("amount", [0, 1, EXCESS])
async def test_gives_the_owner_what_is_beyond_the_rent(dispatching: Dispatching, amount: int) -> None:
    rent, before = await dispatching.rent(COMMITMENT_BYTES), await dispatching.state()

    assert await dispatching.run("return_rent", amount=amount) == []

    assert await dispatching.state() == changed(
        before,
        owner={"lamports": before["owner"]["lamports"] + amount},
        owner_commitment={"lamports": rent + EXCESS - amount},
    )


async def test_leaves_the_rent(dispatching: Dispatching) -> None:
    """A lamport too many is refused by the runtime; nothing left at all, which it allows, by the program."""
    rent, before = await dispatching.rent(COMMITMENT_BYTES), await dispatching.raw()
    for amount in (EXCESS + 1, EXCESS + rent - 1):
        with pytest.raises(Refused) as refusal:
            await dispatching.run("return_rent", amount=amount)
        assert isinstance(refusal.value.error, TransactionErrorInsufficientFundsForRent)
        assert await dispatching.raw() == before
    for amount in (EXCESS + rent, EXCESS + rent + 1, U64_MAX):
        async with dispatching.refused("attempt to subtract with overflow"):
            await dispatching.run("return_rent", amount=amount)

    await dispatching.run("return_rent", amount=EXCESS)


async def test_refuses_whoever_does_not_own_it(dispatching: Dispatching) -> None:
    for other in ("neighbour", "operator", "newcomer"):
        async with dispatching.refused("commitment belongs to another owner"):
            await dispatching.run("return_rent", by=other, of="owner")

    await dispatching.run("return_rent", amount=EXCESS)
