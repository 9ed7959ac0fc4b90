import pytest
from anchorpy import Event

from tests.support.metering import RISE, Metered
from tests.support.stage import SYSTEM_PROGRAM, System, changed


@pytest.fixture
async def metered(metered: Metered) -> Metered:
    """The operator has proposed the newcomer."""
    await metered.run("propose_authority", proposed="newcomer")
    return metered


async def test_hands_the_authority_over(metered: Metered) -> None:
    before = await metered.state()

    events = await metered.run("accept_authority", by="newcomer")

    assert await metered.state() == changed(before, issuer={"authority": metered["newcomer"], "sequence": 6})
    assert events == [
        Event(
            "AuthorityAccepted",
            {
                "issuer": metered["issuer"],
                "authority": metered["newcomer"],
                "minted": 0,
                "meter_count": 3,
                "sequence": 6,
            },
        )
    ]


@pytest.mark.parametrize("somebody_else", ["operator", "rival", "owner", "thief"])
async def test_refuses_somebody_else(metered: Metered, somebody_else: str) -> None:
    async with metered.refused("signer is not the proposed authority"):
        await metered.run("accept_authority", by=somebody_else)
    await metered.run("accept_authority", by="newcomer")


async def test_hands_over_once(metered: Metered) -> None:
    await metered.run("accept_authority", by="newcomer")

    for signer in ("newcomer", "operator"):
        async with metered.refused("no new authority is proposed"):
            await metered.run("accept_authority", by=signer)


async def test_the_new_authority_can_hand_it_back(metered: Metered) -> None:
    before = await metered.state()
    await metered.run("accept_authority", by="newcomer")
    await metered.run("propose_authority", by="newcomer", proposed="operator")
    await metered.run("accept_authority", by="operator")

    assert await metered.state() == changed(
        before, issuer={"pending_authority": metered["operator"], "sequence": 8}
    )


async def test_an_issuer_stays_where_it_is_and_mints_as_before(metered: Metered) -> None:
    """Its address and its signature come from the creator, who is not the authority any more."""
    await metered.run("accept_authority", by="newcomer")

    await metered.run("report")
    assert (await metered.state())["mint"]["supply"] == RISE
    async with metered.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await metered.run("initialize", by="operator")
