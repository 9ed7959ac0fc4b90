import pytest
from anchorpy import Event

from tests.support.sharing import PAYMENT, PREPAID, TOTALS, Sharing
from tests.support.stage import TOKEN_PROGRAM, U64_MAX, Token, changed


async def test_prepays(sharing: Sharing) -> None:
    before = await sharing.state()

    events = await sharing.run("deposit", amount=700)

    assert await sharing.state() == changed(
        before,
        owner_payment={"amount": PAYMENT - PREPAID - 700},
        vault={"amount": before["vault"]["amount"] + 700},
        community={"prepaid": 6_700, "sequence": 17},
        owner_participant={"funds": 2_700},
    )
    assert events == [
        Event(
            "Deposited",
            {
                "community": sharing["community"],
                "participant": sharing["owner_participant"],
                **{"amount": 700, "repaid": 0, "funds": 2_700, "owed": 0, **TOTALS, "prepaid": 6_700},
            },
        )
    ]


@pytest.mark.parametrize(
    ("amount", "repaid", "funds", "owed"), [(1, 1, 0, 99), (99, 99, 0, 1), (100, 100, 0, 0), (101, 100, 1, 0)]
)
async def test_pays_back_first(sharing: Sharing, amount: int, repaid: int, funds: int, owed: int) -> None:
    """The owner's line took all they had, and 100 more."""
    await sharing.run("withdraw", amount=900)
    await sharing.close()
    await sharing.settle()
    before = await sharing.state()
    assert before["owner_participant"]["owed"] == 100

    (event,) = await sharing.run("deposit", amount=amount)

    assert [event.data[name] for name in ("repaid", "funds", "owed")] == [repaid, funds, owed]
    assert await sharing.state() == changed(
        before,
        owner_payment={"amount": before["owner_payment"]["amount"] - amount},
        vault={"amount": before["vault"]["amount"] + amount},
        community={
            "prepaid": before["community"]["prepaid"] + funds,
            "reserve": before["community"]["reserve"] + repaid,
            "sequence": before["community"]["sequence"] + 1,
        },
        owner_participant={"funds": funds, "owed": owed},
    )


async def test_refuses_nothing_and_more_than_there_is(sharing: Sharing) -> None:
    async with sharing.refused("amount must be positive"):
        await sharing.run("deposit", amount=0)
    async with sharing.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await sharing.run("deposit", amount=PAYMENT - PREPAID + 1)
    async with sharing.refused("attempt to add with overflow"):
        await sharing.run("deposit", amount=U64_MAX)

    await sharing.run("deposit", amount=PAYMENT - PREPAID)


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("community", "rival_community", "participant belongs to another community"),
        ("participant", "owner_rival_participant", "participant belongs to another community"),
        ("participant", "neighbour_participant", "participant belongs to another owner"),
        ("vault", "rival_vault", "vault is not of this community"),
        ("source", "vault", "source is the vault"),
        ("source", "other_tokens", "source holds another mint"),
        ("source", "neighbour_payment", "source belongs to another owner"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    sharing: Sharing, slot: str, wrong: str, message: str
) -> None:
    await sharing.start(at="rival", prepaid=0)
    await sharing.make_mint("other_mint")
    await sharing.make_tokens("other_tokens", "owner", 9, mint="other_mint")
    async with sharing.refused(message):
        await sharing.run("deposit", amount=1, **{slot: sharing[wrong]})

    await sharing.run("deposit", amount=1)
