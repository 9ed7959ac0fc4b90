import pytest
from anchorpy import Event

from tests.support.sharing import LINES, PAYMENT, PREPAID, SETTLES, TOTALS, Sharing
from tests.support.stage import U64_MAX, changed


async def test_takes_out_of_the_balance(sharing: Sharing) -> None:
    before = await sharing.state()

    events = await sharing.run("withdraw", amount=700)

    assert await sharing.state() == changed(
        before,
        owner_payment={"amount": PAYMENT - PREPAID + 700},
        vault={"amount": before["vault"]["amount"] - 700},
        community={"prepaid": 5_300, "sequence": 17},
        owner_participant={"funds": 1_300},
    )
    assert events == [
        Event(
            "Withdrawn",
            {
                "community": sharing["community"],
                "participant": sharing["owner_participant"],
                **{"amount": 700, "funds": 1_300, **TOTALS, "prepaid": 5_300},
            },
        )
    ]


async def test_refuses_nothing_and_more_than_there_is(sharing: Sharing) -> None:
    async with sharing.refused("amount must be positive"):
        await sharing.run("withdraw", amount=0)
    for amount in (PREPAID + 1, U64_MAX):
        async with sharing.refused("amount exceeds the free balance"):
            await sharing.run("withdraw", amount=amount)

    await sharing.run("withdraw", amount=PREPAID)
    async with sharing.refused("amount exceeds the free balance"):
        await sharing.run("withdraw", amount=1)


async def test_what_is_pledged_stays_until_it_is_settled(sharing: Sharing) -> None:
    await sharing.post()
    free = PREPAID - LINES["owner"]["charge"]
    async with sharing.refused("amount exceeds the free balance"):
        await sharing.run("withdraw", amount=free + 1)
    await sharing.run("withdraw", amount=free - 10)
    for owner in ("neighbour", "thief"):  # their lines bring something
        await sharing.run("withdraw", of=owner, amount=PREPAID)

    await sharing.run("close_period")
    sharing.travel_to(SETTLES)
    await sharing.settle()
    await sharing.run("withdraw", amount=10)
    await sharing.run("withdraw", of="thief", amount=LINES["thief"]["credit"])


async def test_what_was_pledged_for_a_withdrawn_period_is_free(sharing: Sharing) -> None:
    await sharing.post()
    await sharing.run("withdraw_period")
    await sharing.run("begin_period")
    assert (await sharing.state())["owner_participant"]["pledged"] == LINES["owner"]["charge"]

    await sharing.run("withdraw", amount=PREPAID)


async def test_any_account_of_the_mint_is_a_destination(sharing: Sharing) -> None:
    await sharing.run("withdraw", destination=sharing["thief_payment"], amount=1)

    assert (await sharing.state())["thief_payment"]["amount"] == PAYMENT - PREPAID + 1


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("community", "rival_community", "participant belongs to another community"),
        ("participant", "owner_rival_participant", "participant belongs to another community"),
        ("participant", "neighbour_participant", "participant belongs to another owner"),
        ("vault", "rival_vault", "vault is not of this community"),
        ("destination", "vault", "destination is the vault"),
        ("destination", "other_tokens", "destination holds another mint"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    sharing: Sharing, slot: str, wrong: str, message: str
) -> None:
    await sharing.start(at="rival")
    await sharing.make_mint("other_mint")
    await sharing.make_tokens("other_tokens", "owner", 9, mint="other_mint")
    async with sharing.refused(message):
        await sharing.run("withdraw", **{slot: sharing[wrong]})

    await sharing.run("withdraw")
