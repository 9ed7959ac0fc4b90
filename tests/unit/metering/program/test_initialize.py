import pytest
from anchorpy import Event

from tests.support.metering import PROGRAM, Metered, pda
from tests.support.stage import SYSTEM_PROGRAM, TOKEN_PROGRAM, U64_MAX, System, changed

ISSUER_BYTES = 168
MINT_BYTES = 82


async def test_makes_an_issuer_and_its_mint(empty_metered: Metered) -> None:
    metered = empty_metered
    before = await metered.state()
    assert (before["issuer"], before["mint"]) == (None, None)

    events = await metered.run("initialize")

    after = await metered.state()
    bump = after["issuer"]["bump"]
    seeds = [b"issuer", bytes(metered["operator"]), bytes([0]), bytes([bump])]
    assert metered["issuer"] == type(PROGRAM).create_program_address(seeds, PROGRAM)
    issuer_rent, mint_rent = await metered.rent(ISSUER_BYTES), await metered.rent(MINT_BYTES)
    assert after == changed(
        before,
        operator={"lamports": before["operator"]["lamports"] - issuer_rent - mint_rent},
        issuer={
            "lamports": issuer_rent,
            "program": PROGRAM,
            "size": ISSUER_BYTES,
            "kind": "Issuer",
            "creator": metered["operator"],
            "authority": metered["operator"],
            "pending_authority": metered["operator"],
            "mint": metered["mint"],
            "minted": 0,
            "meter_count": 0,
            "sequence": 1,
            "number": 0,
            "resource": "ENERGY",
            "paused": False,
            "bump": bump,
        },
        mint={
            "lamports": mint_rent,
            "program": TOKEN_PROGRAM,
            "size": MINT_BYTES,
            "mint_authority": metered["issuer"],
            "supply": 0,
            "decimals": 3,
            "is_initialized": True,
            "freeze_authority": None,
        },
    )
    assert events == [
        Event(
            "IssuerInitialized",
            {
                "issuer": metered["issuer"],
                "authority": metered["operator"],
                "mint": metered["mint"],
                "number": 0,
                "resource": 0,
                "minted": 0,
                "meter_count": 0,
                "sequence": 1,
            },
        )
    ]


@pytest.mark.parametrize(("resource", "code"), [("ENERGY", 0), ("WATER", 1), ("WASTE", 2)])
async def test_keeps_the_resource_and_tells_its_code(
    empty_metered: Metered, resource: str, code: int
) -> None:
    events = await empty_metered.run("initialize", resource=resource)

    assert (await empty_metered.state())["issuer"]["resource"] == resource
    assert events[0].data["resource"] == code


@pytest.mark.parametrize("number", [1, 255])
async def test_one_authority_runs_several_issuers_by_number(metered: Metered, number: int) -> None:
    issuer = pda(b"issuer", metered["operator"], bytes([number]))
    metered.accounts |= {"second_issuer": issuer, "second_mint": pda(b"mint", issuer)}
    before = await metered.state()

    second = {"issuer": issuer, "mint": metered["second_mint"]}
    await metered.run("initialize", number=number, resource="WATER", **second)

    after = await metered.state()
    assert (after["second_issuer"]["number"], after["second_issuer"]["mint"]) == (number, second["mint"])
    assert after["second_mint"]["mint_authority"] == issuer
    made = ("operator", "second_issuer", "second_mint")
    assert {**after, **dict.fromkeys(made)} == {**before, **dict.fromkeys(made)}


async def test_an_issuer_is_made_once(metered: Metered) -> None:
    for resource in ("ENERGY", "WATER"):
        async with metered.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
            await metered.run("initialize", resource=resource)

    await metered.run("initialize", by="rival")


async def test_the_mint_takes_all_that_can_be_counted(metered: Metered) -> None:
    await metered.forge("issuer", minted=U64_MAX - 4_000)
    await metered.run("report")
    assert (await metered.state())["issuer"]["minted"] == U64_MAX

    async with metered.refused("attempt to add with overflow"):
        await metered.run("report", of="neighbour", register=1_000_001)
