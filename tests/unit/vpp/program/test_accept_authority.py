import pytest
from anchorpy import Event

from tests.support.stage import changed
from tests.support.vpp import AMOUNT, BOND, EARNED, REWARD, Dispatching


@pytest.fixture
async def dispatching(dispatching: Dispatching) -> Dispatching:
    """The operator has proposed the newcomer."""
    await dispatching.run("propose_authority", proposed="newcomer")
    return dispatching


async def test_hands_the_authority_over(dispatching: Dispatching) -> None:
    before = await dispatching.state()

    events = await dispatching.run("accept_authority", by="newcomer")

    accepted = {"authority": dispatching["newcomer"], "sequence": 9}
    assert await dispatching.state() == changed(before, plant=accepted)
    totals = {"energy_held": 0, "payment_held": REWARD, "sequence": 9}
    assert events == [
        Event(
            "AuthorityAccepted",
            {"plant": dispatching["plant"], "authority": dispatching["newcomer"], **totals},
        )
    ]


@pytest.mark.parametrize("somebody_else", ["operator", "rival", "owner", "thief"])
async def test_refuses_somebody_else(dispatching: Dispatching, somebody_else: str) -> None:
    async with dispatching.refused("signer is not the proposed authority"):
        await dispatching.run("accept_authority", by=somebody_else)
    await dispatching.run("accept_authority", by="newcomer")


async def test_hands_over_once(dispatching: Dispatching) -> None:
    await dispatching.run("accept_authority", by="newcomer")

    for signer in ("newcomer", "operator"):
        async with dispatching.refused("no new authority is proposed"):
            await dispatching.run("accept_authority", by=signer)


async def test_dispatches_under_way_go_with_it(dispatching: Dispatching) -> None:
    """The plant's signature comes from its creator, who is not the authority any more."""
    await dispatching.begin(owner=AMOUNT)
    await dispatching.run("accept_authority", by="newcomer")
    await dispatching.end(owner=AMOUNT)
    before = await dispatching.state()

    async with dispatching.refused("destination belongs to another owner"):
        await dispatching.run("settle_dispatch")
    newcomers = {f"{kind}_destination": dispatching[f"newcomer_{kind}"] for kind in ("energy", "payment")}
    await dispatching.run("settle_dispatch", **newcomers)
    await dispatching.run("settle_commitment")

    after = await dispatching.state()
    got = {
        name: after[name]["amount"] - before[name]["amount"]
        for name in ("newcomer_energy", "newcomer_payment", "owner_payment")
    }
    assert got == {
        "newcomer_energy": AMOUNT,
        "newcomer_payment": REWARD - EARNED,
        "owner_payment": EARNED + BOND,
    }
