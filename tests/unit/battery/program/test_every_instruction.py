"""What several instructions have in common, each refusal beside the same instruction's success."""

from typing import Any

import pytest

from tests.support.battery import CAPACITY, DEFAULT_ARGUMENTS, TOKENS, WITHOUT_EVENT, World
from tests.support.stage import I64_MAX, U64_MAX, WALLETS, changed

OF_OWNER = ("deposit_energy", "withdraw_energy", "allocate", "deallocate", "consume")
OF_AUTHORITY = ("set_policy", "set_member_limit", "pause", "resume", "propose_authority")
STOPPED = ("deposit_energy", "allocate")  # by a pause
SUPPLY = len(WALLETS) * TOKENS
YEAR = 365 * 86_400


@pytest.fixture
async def world(world: World) -> World:
    """The owner has stored 900, of which 300 are allocated; the newcomer is proposed as authority."""
    await world.run("deposit_energy")
    await world.run("allocate", amount=300)
    await world.run("propose_authority", proposed="newcomer")
    return world


async def prepare(world: World, instruction: str) -> dict[str, Any]:
    """Bring about what an instruction needs: how it is to differ from its defaults to succeed."""
    if instruction == "resume":
        await world.run("pause")
    if instruction == "return_rent":
        await world.send(world.payment(world["owner_member"], 1_000))
    if instruction == "release_expired":
        world.travel_to((await world.state())["owner_member"]["allocation_expiry"])
    return {"owner": "newcomer"} if instruction == "open_member" else {}


# Who and what belongs together

BELONGING = [
    (
        *("member", "owner_rival_member", "member belongs to another battery"),
        (*OF_OWNER, "release_expired", "set_member_limit"),
    ),
    ("member", "neighbour_member", "member belongs to another owner", OF_OWNER),
    ("mint", "other_mint", "mint is not of this battery", ("deposit_energy", "consume")),
    (
        *("vault", "rival_vault", "vault is not of this battery"),
        ("deposit_energy", "withdraw_energy", "consume"),
    ),
    ("source", "vault", "source is the vault", ("deposit_energy",)),
    ("source", "other_tokens", "source holds another mint", ("deposit_energy",)),
    ("source", "neighbour_tokens", "source belongs to another owner", ("deposit_energy",)),
    ("destination", "vault", "destination is the vault", ("withdraw_energy",)),
    ("destination", "other_tokens", "destination holds another mint", ("withdraw_energy",)),
]


@pytest.mark.travels
@pytest.mark.parametrize(
    ("instruction", "slot", "wrong", "message"),
    [(instruction, *row) for *row, instructions in BELONGING for instruction in instructions],
)
async def test_refuses_what_does_not_belong_together(
    world: World, instruction: str, slot: str, wrong: str, message: str
) -> None:
    await world.start(at="rival")
    await world.make_mint("other_mint")
    await world.make_tokens("other_tokens", "owner", 1_000, mint="other_mint")
    await prepare(world, instruction)

    async with world.refused(message):
        await world.run(instruction, **{slot: world[wrong]})
    await world.run(instruction)


@pytest.mark.parametrize("instruction", OF_AUTHORITY)
async def test_refuses_whoever_is_not_the_authority(world: World, instruction: str) -> None:
    await world.start(at="rival")
    await prepare(world, instruction)

    for signer in ("rival", "owner", "newcomer"):  # another's authority, a member, whoever is proposed
        async with world.refused("signer is not the authority"):
            await world.run(instruction, by=signer)
    await world.run(instruction)


# Amounts


@pytest.mark.parametrize(
    ("instruction", "message"),
    [
        ("deposit_energy", "amount exceeds the free capacity"),
        ("withdraw_energy", "amount exceeds the balance"),
        ("allocate", "amount exceeds what is available"),
        ("deallocate", "amount exceeds what is allocated"),
        ("consume", "amount exceeds the balance"),
    ],
)
async def test_refuses_zero_and_more_than_there_can_be(world: World, instruction: str, message: str) -> None:
    async with world.refused("amount must be positive"):
        await world.run(instruction, amount=0)
    async with world.refused(message):
        await world.run(instruction, amount=U64_MAX)

    await world.run(instruction)


# The policy, whether initialized or set


@pytest.mark.parametrize("instruction", ["initialize", "set_policy"])
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
async def test_accepts_the_ends_of_each_range(
    empty_world: World, instruction: str, policy: dict[str, int]
) -> None:
    world = empty_world
    if instruction == "set_policy":
        await world.start()

    await world.run(instruction, **policy)

    battery = (await world.state())["battery"]
    assert {name: battery[name] for name in policy} == policy


@pytest.mark.parametrize("instruction", ["initialize", "set_policy"])
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
    empty_world: World, instruction: str, policy: dict[str, int], message: str
) -> None:
    world = empty_world
    if instruction == "set_policy":
        await world.start()

    async with world.refused(message):
        await world.run(instruction, **policy)
    await world.run(instruction)


# The pause


@pytest.mark.parametrize("instruction", STOPPED)
async def test_a_pause_stops_deposits_and_allocations(world: World, instruction: str) -> None:
    await world.run("pause")
    async with world.refused("battery is paused"):
        await world.run(instruction)

    await world.run("resume")
    await world.run(instruction)


LEAVING = {
    "withdraw_energy": {
        "battery": {"available": 500},
        "owner_member": {"balance": 800},
        "vault": {"amount": 800},
        "owner_tokens": {"amount": TOKENS - 1_000 + 100},
    },
    "deallocate": {
        "battery": {"available": 700, "allocated": 200},
        "owner_member": {"allocated": 200},
    },
    "consume": {
        "battery": {"allocated": 200},
        "owner_member": {"balance": 800, "allocated": 200},
        "vault": {"amount": 800},
        "mint": {"supply": SUPPLY - 100 - 100},
    },
    "release_expired": {
        "battery": {"available": 900, "allocated": 0},
        "owner_member": {"allocated": 0},
    },
}


@pytest.mark.travels
@pytest.mark.parametrize("instruction", LEAVING)
async def test_a_pause_keeps_nobody_in(world: World, instruction: str) -> None:
    await prepare(world, instruction)
    await world.run("pause")
    before = await world.state()

    await world.run(instruction)

    effects = LEAVING[instruction]
    battery = {**effects["battery"], "sequence": 9}
    assert await world.state() == changed(before, **{**effects, "battery": battery})


@pytest.mark.parametrize(
    "instruction", sorted({*DEFAULT_ARGUMENTS} - {"initialize", "pause", "resume", *STOPPED, *LEAVING})
)
async def test_a_pause_stops_nothing_else(world: World, instruction: str) -> None:
    changes = await prepare(world, instruction)
    await world.run("pause")

    events = await world.run(instruction, **changes)

    battery, told = (await world.state())["battery"], [] if instruction in WITHOUT_EVENT else [9]
    assert (battery["paused"], battery["sequence"]) == (True, *(told or [8]))
    assert [event.data["sequence"] for event in events] == told


# What is stored


@pytest.mark.parametrize("resource", ["ENERGY", "WATER", "WASTE"])
async def test_the_resource_makes_no_difference_to_the_rules(empty_world: World, resource: str) -> None:
    """1,112 are credited with 1,000: 400 are consumed, 250 given back, and all that is left withdrawn."""
    world = empty_world
    await world.start(resource=resource)
    before = await world.state()

    await world.run("deposit_energy", amount=1_112)
    await world.run("allocate", amount=650)
    await world.run("consume", amount=400)
    await world.run("deallocate", amount=250)
    async with world.refused("amount exceeds the balance"):
        await world.run("withdraw_energy", amount=601)
    await world.run("withdraw_energy", amount=600)

    after = await world.state()
    assert after == changed(
        before,
        mint={"supply": SUPPLY - 112 - 400},
        owner_tokens={"amount": TOKENS - 112 - 400},
        battery={"sequence": 9},
        owner_member={"allocation_expiry": after["owner_member"]["allocation_expiry"]},
    )
    assert after["battery"]["resource"] == resource
