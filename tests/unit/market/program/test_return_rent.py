import pytest
from solders.transaction_status import TransactionErrorInsufficientFundsForRent

from tests.support.market import Trading
from tests.support.stage import U64_MAX, Refused, changed

EXCESS = 700_000
ORDER_BYTES = 136


@pytest.fixture
async def trading(trading: Trading) -> Trading:
    """The owner's order account holds more lamports than its rent."""
    await trading.send(trading.payment(trading["owner_order"], EXCESS))
    return trading


@pytest.mark.parametrize("amount", [0, 1, EXCESS])
async def test_gives_the_owner_what_is_beyond_the_rent(trading: Trading, amount: int) -> None:
    rent, before = await trading.rent(ORDER_BYTES), await trading.state()

    assert await trading.run("return_rent", amount=amount) == []

    assert await trading.state() == changed(
        before,
        owner={"lamports": before["owner"]["lamports"] + amount},
        owner_order={"lamports": rent + EXCESS - amount},
    )


async def test_leaves_the_rent(trading: Trading) -> None:
    """A lamport too many is refused by the runtime; nothing left at all, which it allows, by the program."""
    rent, before = await trading.rent(ORDER_BYTES), await trading.raw()
    for amount in (EXCESS + 1, EXCESS + rent - 1):
        with pytest.raises(Refused) as refusal:
            await trading.run("return_rent", amount=amount)
        assert isinstance(refusal.value.error, TransactionErrorInsufficientFundsForRent)
        assert await trading.raw() == before
    for amount in (EXCESS + rent, EXCESS + rent + 1, U64_MAX):
        async with trading.refused("attempt to subtract with overflow"):
            await trading.run("return_rent", amount=amount)

    await trading.run("return_rent", amount=EXCESS)


async def test_refuses_whoever_does_not_own_it(trading: Trading) -> None:
    for other in ("neighbour", "operator", "newcomer"):
        async with trading.refused("order belongs to another owner"):
            await trading.run("return_rent", by=other, of="owner")

    await trading.run("return_rent", amount=EXCESS)
