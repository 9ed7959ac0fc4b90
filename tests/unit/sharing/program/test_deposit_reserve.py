import pytest
from anchorpy import Event

from tests.support.sharing import PAYMENT, RESERVE, TOTALS, Sharing
from tests.support.stage import TOKEN_PROGRAM, U64_MAX, Token, changed


async def test_adds_to_the_reserve(sharing: Sharing) -> None:
    before = await sharing.state()

    events = await sharing.run("deposit_reserve", amount=700)

    assert await sharing.state() == changed(
        before,
        operator_payment={"amount": PAYMENT - RESERVE - 700},
        vault={"amount": before["vault"]["amount"] + 700},
        community={"reserve": 1_700, "sequence": 17},
    )
    totals = {**TOTALS, "reserve": 1_700}
    assert events == [Event("ReserveDeposited", {"community": sharing["community"], "amount": 700, **totals})]


async def test_refuses_nothing_and_more_than_there_is(sharing: Sharing) -> None:
    async with sharing.refused("amount must be positive"):
        await sharing.run("deposit_reserve", amount=0)
    async with sharing.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await sharing.run("deposit_reserve", amount=PAYMENT - RESERVE + 1)
    async with sharing.refused("attempt to add with overflow"):
        await sharing.run("deposit_reserve", amount=U64_MAX)

    await sharing.run("deposit_reserve", amount=PAYMENT - RESERVE)


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("community", "rival_community", "signer is not the authority"),
        ("vault", "rival_vault", "vault is not of this community"),
        ("source", "vault", "source is the vault"),
        ("source", "other_tokens", "source holds another mint"),
        ("source", "owner_payment", "source belongs to another owner"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    sharing: Sharing, slot: str, wrong: str, message: str
) -> None:
    await sharing.start(at="rival", prepaid=0)
    await sharing.make_mint("other_mint")
    await sharing.make_tokens("other_tokens", "operator", 9, mint="other_mint")
    async with sharing.refused(message):
        await sharing.run("deposit_reserve", **{slot: sharing[wrong]})

    await sharing.run("deposit_reserve")
