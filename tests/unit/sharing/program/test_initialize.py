import pytest
from anchorpy import Event

from tests.support.sharing import DAY, FEE_BPS, OBJECTION_TIME, PROGRAM, Sharing
from tests.support.stage import I64_MAX, SYSTEM_PROGRAM, TOKEN_PROGRAM, System, changed

COMMUNITY_BYTES = 240
TOKENS_BYTES = 165


async def test_makes_a_community_and_its_vault(empty_sharing: Sharing) -> None:
    sharing = empty_sharing
    before = await sharing.state()
    assert (before["community"], before["vault"]) == (None, None)

    events = await sharing.run("initialize")

    after = await sharing.state()
    bump = after["community"]["bump"]
    seeds = [b"community", bytes(sharing["operator"]), bytes(sharing["payment_mint"]), bytes([bump])]
    assert sharing["community"] == type(PROGRAM).create_program_address(seeds, PROGRAM)
    rent, vault_rent = await sharing.rent(COMMUNITY_BYTES), await sharing.rent(TOKENS_BYTES)
    assert after == changed(
        before,
        operator={"lamports": before["operator"]["lamports"] - rent - vault_rent},
        community={
            **{"lamports": rent, "program": PROGRAM, "size": COMMUNITY_BYTES, "kind": "Community"},
            **dict.fromkeys(("creator", "authority", "pending_authority"), sharing["operator"]),
            **{"payment_mint": sharing["payment_mint"], "vault": sharing["vault"]},
            **dict.fromkeys(("prepaid", "reserve", "reserve_pledged", "participant_count"), 0),
            **{"run": 0, "settled_until": 0, "objection_time": OBJECTION_TIME, "sequence": 1},
            **{"fee_bps": FEE_BPS, "paused": False, "bump": bump},
        },
        vault={
            **before["owner_payment"],
            **{"lamports": vault_rent, "program": TOKEN_PROGRAM},
            **{"owner": sharing["community"], "amount": 0},
        },
    )
    assert events == [
        Event(
            "CommunityInitialized",
            {
                "community": sharing["community"],
                "authority": sharing["operator"],
                "payment_mint": sharing["payment_mint"],
                "vault": sharing["vault"],
                **{"objection_time": OBJECTION_TIME, "fee_bps": FEE_BPS},
                **{"prepaid": 0, "reserve": 0, "sequence": 1},
            },
        )
    ]


async def test_a_community_of_one_creator_and_mint_is_made_once(sharing: Sharing) -> None:
    async with sharing.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await sharing.run("initialize")

    await sharing.run("initialize", by="rival")


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"objection_time": 0}, "objection time must be positive"),
        ({"objection_time": -I64_MAX - 1}, "objection time must be positive"),
        ({"objection_time": 30 * DAY + 1}, "objection time exceeds 30 days"),
        ({"objection_time": I64_MAX}, "objection time exceeds 30 days"),
        ({"fee_bps": 2_001}, "fee exceeds 2000 basis points"),
        ({"fee_bps": 65_535}, "fee exceeds 2000 basis points"),
    ],
)
async def test_refuses_a_policy(empty_sharing: Sharing, policy: dict[str, int], message: str) -> None:
    async with empty_sharing.refused(message):
        await empty_sharing.run("initialize", **policy)

    await empty_sharing.run("initialize", objection_time=30 * DAY, fee_bps=2_000)
    await empty_sharing.run("initialize", by="rival", objection_time=1, fee_bps=0)
