import pytest
from anchorpy import Event

from tests.support.sharing import LINES, PAYMENT, PREPAID, RESERVE, TOTALS, Sharing
from tests.support.stage import U64_MAX, changed


async def test_takes_out_of_the_reserve(sharing: Sharing) -> None:
    before = await sharing.state()

    events = await sharing.run("withdraw_reserve", amount=700)

    assert await sharing.state() == changed(
        before,
        operator_payment={"amount": PAYMENT - RESERVE + 700},
        vault={"amount": before["vault"]["amount"] - 700},
        community={"reserve": 300, "sequence": 17},
    )
    assert events == [
        Event(
            "ReserveWithdrawn",
            {"community": sharing["community"], "amount": 700, **{**TOTALS, "reserve": 300}},
        )
    ]


async def test_refuses_nothing_and_more_than_there_is(sharing: Sharing) -> None:
    async with sharing.refused("amount must be positive"):
        await sharing.run("withdraw_reserve", amount=0)
    for amount in (RESERVE + 1, U64_MAX):
        async with sharing.refused("amount exceeds the free reserve"):
            await sharing.run("withdraw_reserve", amount=amount)

    await sharing.run("withdraw_reserve", amount=RESERVE)


async def test_a_loan_stays_until_its_period_is_withdrawn(sharing: Sharing) -> None:
    """The owner's line takes 100 more than they have, which are lent."""
    await sharing.run("post_line", **{**LINES["owner"], "charge": PREPAID + 100})
    assert (await sharing.state())["community"]["reserve_pledged"] == 100
    async with sharing.refused("amount exceeds the free reserve"):
        await sharing.run("withdraw_reserve", amount=RESERVE - 99)
    await sharing.run("withdraw_reserve", amount=RESERVE - 100)

    await sharing.run("withdraw_period")
    await sharing.run("withdraw_reserve", amount=100)


async def test_any_account_of_the_mint_is_a_destination(sharing: Sharing) -> None:
    await sharing.run("withdraw_reserve", destination=sharing["thief_payment"])

    assert (await sharing.state())["thief_payment"]["amount"] == PAYMENT - PREPAID + RESERVE


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("community", "rival_community", "signer is not the authority"),
        ("vault", "rival_vault", "vault is not of this community"),
        ("destination", "vault", "destination is the vault"),
        ("destination", "other_tokens", "destination holds another mint"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    sharing: Sharing, slot: str, wrong: str, message: str
) -> None:
    await sharing.start(at="rival", prepaid=0)
    await sharing.make_mint("other_mint")
    await sharing.make_tokens("other_tokens", "operator", 9, mint="other_mint")
    async with sharing.refused(message):
        await sharing.run("withdraw_reserve", **{slot: sharing[wrong]})

    await sharing.run("withdraw_reserve")
