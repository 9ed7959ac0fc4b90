import pytest
from anchorpy import Event

from tests.world import (
    ALLOCATION_LIFETIME,
    ALLOCATION_LIMIT,
    CAPACITY,
    EFFICIENCY_BPS,
    I64_MAX,
    PROGRAM,
    TOKEN_PROGRAM,
    U64_MAX,
    World,
    changed,
    pda,
)

BATTERY_BYTES = 232
VAULT_BYTES = 165
YEAR = 365 * 86_400


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
                "sequence": 1,
            },
        )
    ]


@pytest.mark.parametrize(("resource", "code"), [("ENERGY", 0), ("WATER", 1), ("WASTE", 2)])
async def test_keeps_the_resource_and_tells_its_code(empty_world: World, resource: str, code: int) -> None:
    events = await empty_world.run("initialize", resource=resource)

    assert (await empty_world.state())["battery"]["resource"] == resource
    assert events[0].data["resource"] == code


@pytest.mark.parametrize(
    "policy",
    [
        {"capacity": 1, "allocation_limit": 1},
        {"capacity": U64_MAX},
        {"capacity": U64_MAX, "allocation_limit": U64_MAX},
        {"allocation_limit": 1},
        {"allocation_limit": CAPACITY},
        {"allocation_lifetime": 1},
        {"allocation_lifetime": YEAR},
        {"efficiency_bps": 1},
        {"efficiency_bps": 10_000},
    ],
    ids=str,
)
async def test_accepts_the_ends_of_each_range(empty_world: World, policy: dict[str, int]) -> None:
    await empty_world.run("initialize", **policy)

    battery = (await empty_world.state())["battery"]
    assert {name: battery[name] for name in policy} == policy


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"capacity": 0}, "capacity must be positive"),
        ({"capacity": 0, "allocation_limit": 0}, "capacity must be positive"),
        ({"allocation_limit": 0}, "allocation limit must be positive"),
        ({"allocation_limit": CAPACITY + 1}, "allocation limit exceeds the capacity"),
        ({"allocation_limit": U64_MAX}, "allocation limit exceeds the capacity"),
        ({"allocation_lifetime": 0}, "allocation lifetime must be positive"),
        ({"allocation_lifetime": -1}, "allocation lifetime must be positive"),
        ({"allocation_lifetime": -I64_MAX - 1}, "allocation lifetime must be positive"),
        ({"allocation_lifetime": YEAR + 1}, "allocation lifetime exceeds a year"),
        ({"allocation_lifetime": I64_MAX}, "allocation lifetime exceeds a year"),
        ({"efficiency_bps": 0}, "efficiency must be positive"),
        ({"efficiency_bps": 10_001}, "efficiency exceeds 10000 basis points"),
        ({"efficiency_bps": 2**16 - 1}, "efficiency exceeds 10000 basis points"),
    ],
    ids=str,
)
async def test_refuses_a_policy_that_makes_no_sense(
    empty_world: World, policy: dict[str, int], message: str
) -> None:
    async with empty_world.refused(message):
        await empty_world.run("initialize", **policy)


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
