import pytest
from anchorpy import Event

from tests.support.sharing import LINES, PAYMENT, RESERVE, TOTALS, Sharing
from tests.support.stage import changed


@pytest.fixture
async def sharing(sharing: Sharing) -> Sharing:
    """The operator has proposed the newcomer."""
    await sharing.run("propose_authority", proposed="newcomer")
    return sharing


async def test_hands_the_authority_over(sharing: Sharing) -> None:
    before = await sharing.state()

    events = await sharing.run("accept_authority", by="newcomer")

    accepted = {"authority": sharing["newcomer"], "sequence": 18}
    assert await sharing.state() == changed(before, community=accepted)
    assert events == [
        Event(
            "AuthorityAccepted",
            {
                "community": sharing["community"],
                "authority": sharing["newcomer"],
                **{**TOTALS, "sequence": 18},
            },
        )
    ]


@pytest.mark.parametrize("somebody_else", ["operator", "rival", "owner", "thief"])
async def test_refuses_somebody_else(sharing: Sharing, somebody_else: str) -> None:
    async with sharing.refused("signer is not the proposed authority"):
        await sharing.run("accept_authority", by=somebody_else)
    await sharing.run("accept_authority", by="newcomer")


async def test_hands_over_once(sharing: Sharing) -> None:
    await sharing.run("accept_authority", by="newcomer")

    for signer in ("newcomer", "operator"):
        async with sharing.refused("no new authority is proposed"):
            await sharing.run("accept_authority", by=signer)


async def test_the_reserve_and_the_period_under_way_go_with_it(sharing: Sharing) -> None:
    """The community's signature comes from its creator, who is not the authority any more."""
    await sharing.run("accept_authority", by="newcomer")

    for instruction, changes in (
        ("withdraw_reserve", {}),
        ("post_line", LINES["owner"]),
        ("close_period", {}),
    ):
        async with sharing.refused("signer is not the authority"):
            await sharing.run(instruction, **changes)
    await sharing.run("withdraw_reserve", by="newcomer")
    await sharing.run("post_line", by="newcomer", **LINES["owner"])
    assert (await sharing.state())["newcomer_payment"]["amount"] == PAYMENT + RESERVE
