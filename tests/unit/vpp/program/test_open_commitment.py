from anchorpy import Event

from tests.support.stage import SYSTEM_PROGRAM, System, changed
from tests.support.vpp import PROGRAM, REWARD, Dispatching, pda

COMMITMENT_BYTES = 136


async def test_opens_a_commitment_for_any_owner_at_the_payers_expense(dispatching: Dispatching) -> None:
    before = await dispatching.state()
    assert before["newcomer_commitment"] is None

    events = await dispatching.run("open_commitment", of="newcomer")

    rent = await dispatching.rent(COMMITMENT_BYTES)
    assert await dispatching.state() == changed(
        before,
        operator={"lamports": before["operator"]["lamports"] - rent},
        plant={"sequence": 8},
        newcomer_commitment={
            **{"lamports": rent, "program": PROGRAM, "size": COMMITMENT_BYTES, "kind": "Commitment"},
            **{"plant": dispatching["plant"], "owner": dispatching["newcomer"], "dispatch": SYSTEM_PROGRAM},
            **dict.fromkeys(("amount", "delivered", "bond", "number"), 0),
            "active": False,
        },
    )
    assert events == [
        Event(
            "CommitmentOpened",
            {
                "plant": dispatching["plant"],
                "commitment": dispatching["newcomer_commitment"],
                "owner": dispatching["newcomer"],
                "number": 0,
                **{"energy_held": 0, "payment_held": REWARD, "sequence": 8},
            },
        )
    ]


async def test_opens_each_number_once(dispatching: Dispatching) -> None:
    async with dispatching.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await dispatching.run("open_commitment")

    last = pda(b"commitment", dispatching["plant"], dispatching["owner"], bytes([255]))
    dispatching.accounts["last_commitment"] = last
    await dispatching.run("open_commitment", number=255, commitment=last)
    assert (await dispatching.state())["last_commitment"]["number"] == 255


async def test_one_owner_commits_twice_with_two(dispatching: Dispatching) -> None:
    second = pda(b"commitment", dispatching["plant"], dispatching["owner"], bytes([1]))
    await dispatching.run("open_commitment", number=1, commitment=second)

    await dispatching.run("commit", amount=1)
    await dispatching.run("commit", amount=2, commitment=second)

    state = await dispatching.state()
    assert (state["dispatch"]["committed"], state["dispatch"]["commitment_count"]) == (3, 2)
