import pytest
from anchorpy import Event

from tests.support.stage import TOKEN_PROGRAM, U64_MAX, Token, changed
from tests.support.vpp import (
    AMOUNT,
    ANNOUNCED,
    BOND,
    BOND_PRICE,
    PAYMENT,
    REWARD,
    STARTS,
    TARGET,
    Dispatching,
)


async def test_commits_with_a_bond(dispatching: Dispatching) -> None:
    before = await dispatching.state()

    events = await dispatching.run("commit")

    assert await dispatching.state() == changed(
        before,
        owner_payment={"amount": PAYMENT - BOND},
        payment_vault={"amount": REWARD + BOND},
        plant={"payment_held": REWARD + BOND, "sequence": 8},
        dispatch={"committed": AMOUNT, "commitment_count": 1, "bonds": BOND},
        owner_commitment={
            **{"dispatch": dispatching["dispatch"], "amount": AMOUNT, "bond": BOND, "active": True},
        },
    )
    assert events == [
        Event(
            "EnergyCommitted",
            {
                "plant": dispatching["plant"],
                "dispatch": dispatching["dispatch"],
                "commitment": dispatching["owner_commitment"],
                **{"amount": AMOUNT, "bond": BOND, "committed": AMOUNT},
                **{"energy_held": 0, "payment_held": REWARD + BOND, "sequence": 8},
            },
        )
    ]


@pytest.mark.parametrize(("amount", "bond"), [(1, 1), (10, 1), (11, 2), (1_000, 99), (1_001, 100)])
async def test_the_bond_rounds_up(dispatching: Dispatching, amount: int, bond: int) -> None:
    assert bond == -(-amount * BOND_PRICE // 1_000)
    await dispatching.run("commit", amount=amount)
    assert (await dispatching.state())["owner_commitment"]["bond"] == bond


async def test_takes_commitments_up_to_the_target(dispatching: Dispatching) -> None:
    for amount in (TARGET + 1, U64_MAX):
        async with dispatching.refused("amount exceeds what is left of the target"):
            await dispatching.run("commit", amount=amount)
    await dispatching.run("commit", amount=TARGET - 1)
    async with dispatching.refused("amount exceeds what is left of the target"):
        await dispatching.run("commit", of="neighbour", amount=2)
    await dispatching.run("commit", of="neighbour", amount=1)
    async with dispatching.refused("amount exceeds what is left of the target"):
        await dispatching.run("commit", of="thief", amount=1)


async def test_refuses_nothing(dispatching: Dispatching) -> None:
    async with dispatching.refused("amount must be positive"):
        await dispatching.run("commit", amount=0)

    await dispatching.run("commit", amount=1)


async def test_commits_once_until_settled(dispatching: Dispatching) -> None:
    await dispatching.run("commit", amount=1)
    async with dispatching.refused("commitment is active already"):
        await dispatching.run("commit", amount=1)

    await dispatching.run("cancel_dispatch")
    await dispatching.run("settle_commitment")
    await dispatching.run("announce")
    await dispatching.run("commit", amount=2, announcement=ANNOUNCED + 4)


@pytest.mark.embedded
async def test_commits_before_the_start_by_the_second(dispatching: Dispatching) -> None:
    dispatching.travel_to(STARTS)
    async with dispatching.refused("dispatch has started"):
        await dispatching.run("commit")

    dispatching.travel_to(STARTS - 1)
    await dispatching.run("commit")


async def test_refuses_other_terms_than_it_was_meant_for(dispatching: Dispatching) -> None:
    """The operator cancels, and announces a bond ten times as high, before the owner's commitment lands."""
    await dispatching.run("cancel_dispatch")
    await dispatching.run("announce", bond_price=10 * BOND_PRICE)
    async with dispatching.refused("dispatch was announced anew"):
        await dispatching.run("commit")

    await dispatching.run("commit", announcement=ANNOUNCED + 2, amount=1_000)
    assert (await dispatching.state())["owner_commitment"]["bond"] == 10 * BOND_PRICE


async def test_the_bond_has_to_be_there(dispatching: Dispatching) -> None:
    await dispatching.make_tokens("little", "owner", BOND - 1, mint="payment_mint")
    async with dispatching.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await dispatching.run("commit", source=dispatching["little"])

    await dispatching.run("commit")


async def test_a_bond_that_no_account_can_hold_is_refused(dispatching: Dispatching) -> None:
    await dispatching.run("cancel_dispatch")
    await dispatching.run("announce", bond_price=U64_MAX)
    anew = {"announcement": ANNOUNCED + 2}
    too_large = "called `Result::unwrap()` on an `Err` value: TryFromIntError(())"
    async with dispatching.refused(too_large):
        await dispatching.run("commit", amount=1_001, **anew)
    async with dispatching.refused("attempt to add with overflow"):
        await dispatching.run("commit", amount=1_000, **anew)
    await dispatching.run("cancel_dispatch")


@pytest.mark.parametrize(
    ("slot", "wrong", "message"),
    [
        ("dispatch", "rival_dispatch", "dispatch belongs to another plant"),
        ("commitment", "owner_rival_commitment", "commitment belongs to another plant"),
        ("commitment", "neighbour_commitment", "commitment belongs to another owner"),
        ("payment_vault", "rival_payment_vault", "payment vault is not of this plant"),
        ("source", "payment_vault", "source is the payment vault"),
        ("source", "owner_energy", "source holds another mint"),
        ("source", "neighbour_payment", "source belongs to another owner"),
    ],
)
async def test_refuses_what_does_not_belong_together(
    dispatching: Dispatching, slot: str, wrong: str, message: str
) -> None:
    await dispatching.start(at="rival")
    async with dispatching.refused(message):
        await dispatching.run("commit", **{slot: dispatching[wrong]})

    await dispatching.run("commit")
