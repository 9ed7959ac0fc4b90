import pytest
from anchorpy import Event

from tests.support.battery import (
    ALLOCATION_LIFETIME,
    ALLOCATION_LIMIT,
    CAPACITY,
    EFFICIENCY_BPS,
    PROGRAM,
    World,
    pda,
)
from tests.support.stage import TOKEN_PROGRAM, changed

BATTERY_BYTES = 232
VAULT_BYTES = 165


async def test_makes_an_empty_battery_and_its_vault(empty_world: World) -> None:
    world = empty_world
    before = await world.state()
    assert before["battery"] is None
    assert before["vault"] is None

    events = await world.run("initialize")

    after = await world.state()
    bump = after["battery"]["bump"]
    seeds = [b"battery", bytes(world["operator"]), bytes(world["mint"]), bytes([bump])]
    assert world["battery"] == type(PROGRAM).create_program_address(seeds, PROGRAM)
    battery_rent, vault_rent = await world.rent(BATTERY_BYTES), await world.rent(VAULT_BYTES)
    assert after == changed(
        before,
        operator={"lamports": before["operator"]["lamports"] - battery_rent - vault_rent},
        battery={
            "lamports": battery_rent,
            "program": PROGRAM,
            "size": BATTERY_BYTES,
            "kind": "Battery",
            "creator": world["operator"],
            "authority": world["operator"],
            "pending_authority": world["operator"],
            "mint": world["mint"],
            "vault": world["vault"],
            "capacity": CAPACITY,
            "available": 0,
            "allocated": 0,
            "allocation_limit": ALLOCATION_LIMIT,
            "allocation_lifetime": ALLOCATION_LIFETIME,
            "member_count": 0,
            "sequence": 1,
            "efficiency_bps": EFFICIENCY_BPS,
            "resource": "ENERGY",
            "paused": False,
            "bump": bump,
        },
        vault={
            **before["operator_tokens"],
            "lamports": vault_rent,
            "program": TOKEN_PROGRAM,
            "mint": world["mint"],
            "owner": world["battery"],
            "amount": 0,
        },
    )
    assert events == [
        Event(
            "BatteryInitialized",
            {
                "battery": world["battery"],
                "authority": world["operator"],
                "mint": world["mint"],
                "capacity": CAPACITY,
                "allocation_limit": ALLOCATION_LIMIT,
                "allocation_lifetime": ALLOCATION_LIFETIME,
                "efficiency_bps": EFFICIENCY_BPS,
                "resource": 0,
                "available": 0,
                "allocated": 0,
                "sequence": 1,
            },
        )
    ]


@pytest.mark.parametrize(("resource", "code"), [("ENERGY", 0), ("WATER", 1), ("WASTE", 2)])
async def test_keeps_the_resource_and_tells_its_code(empty_world: World, resource: str, code: int) -> None:
    events = await empty_world.run("initialize", resource=resource)

    assert (await empty_world.state())["battery"]["resource"] == resource
    assert events[0].data["resource"] == code


@pytest.mark.parametrize("decimals", [0, 2, 4, 9])
async def test_refuses_a_mint_without_3_decimals(empty_world: World, decimals: int) -> None:
    world = empty_world
    await world.make_mint("odd_mint", decimals=decimals)
    battery = pda(b"battery", world["operator"], world["odd_mint"])

    async with world.refused("mint must have 3 decimals"):
        await world.run("initialize", mint=world["odd_mint"], battery=battery, vault=pda(b"vault", battery))


async def test_one_authority_runs_a_battery_of_each_mint(world: World) -> None:
    await world.make_mint("water_mint")
    before = await world.state()
    battery = pda(b"battery", world["operator"], world["water_mint"])
    vault = pda(b"vault", battery)

    await world.run("initialize", resource="WATER", mint=world["water_mint"], battery=battery, vault=vault)

    rents = await world.rent(BATTERY_BYTES) + await world.rent(VAULT_BYTES)
    assert await world.state() == changed(
        before, operator={"lamports": before["operator"]["lamports"] - rents}
    )
