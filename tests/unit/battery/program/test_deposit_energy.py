import pytest
from anchorpy import Event

from tests.support.battery import TOKENS, World
from tests.support.stage import TOKEN_PROGRAM, U64_MAX, Token, changed


async def test_credits_what_charging_leaves_and_burns_the_loss(world: World) -> None:
    before = await world.state()

    events = await world.run("deposit_energy", amount=1_000)

    assert await world.state() == changed(
        before,
        mint={"supply": before["mint"]["supply"] - 100},
        owner_tokens={"amount": TOKENS - 1_000},
        vault={"amount": 900},
        battery={"available": 900, "sequence": 5},
        owner_member={"balance": 900},
    )
    assert events == [
        Event(
            "EnergyDeposited",
            {
                "battery": world["battery"],
                "member": world["owner_member"],
                "amount": 1_000,
                "credit": 900,
                "balance": 900,
                "available": 900,
                "allocated": 0,
                "sequence": 5,
            },
        )
    ]


async def test_adds_to_what_is_there(world: World) -> None:
    await world.run("deposit_energy", amount=1_000)
    await world.run("deposit_energy", amount=2_000, by="neighbour")
    await world.run("allocate", amount=700, by="neighbour")
    before = await world.state()

    events = await world.run("deposit_energy", amount=500)

    assert await world.state() == changed(
        before,
        mint={"supply": before["mint"]["supply"] - 50},
        owner_tokens={"amount": TOKENS - 1_500},
        vault={"amount": 900 + 1_800 + 450},
        battery={"available": 900 + 1_800 - 700 + 450, "sequence": 8},
        owner_member={"balance": 1_350},
    )
    assert events == [
        Event(
            "EnergyDeposited",
            {
                "battery": world["battery"],
                "member": world["owner_member"],
                "amount": 500,
                "credit": 450,
                "balance": 1_350,
                "available": 2_450,
                "allocated": 700,
                "sequence": 8,
            },
        )
    ]


@pytest.mark.parametrize(
    ("amount", "efficiency_bps", "credit"),
    [
        (1, 10_000, 1),
        (TOKENS, 10_000, TOKENS),
        (2, 9_999, 1),
        (TOKENS, 9_999, 9_999),
        (9_999, 9_999, 9_998),
        (2, 5_000, 1),
        (3, 5_000, 1),
        (7, 5_000, 3),
        (1_111, 9_000, 999),
        (1_112, 9_000, 1_000),
        (TOKENS, 1, 1),
        (3, 3_334, 1),
    ],
)
async def test_rounds_the_credit_down(
    empty_world: World, amount: int, efficiency_bps: int, credit: int
) -> None:
    world = empty_world
    await world.start(efficiency_bps=efficiency_bps)
    before = await world.state()

    await world.run("deposit_energy", amount=amount, minimum_credit=credit)

    assert credit == amount * efficiency_bps // 10_000
    assert await world.state() == changed(
        before,
        mint={"supply": before["mint"]["supply"] - (amount - credit)},
        owner_tokens={"amount": TOKENS - amount},
        vault={"amount": credit},
        battery={"available": credit, "sequence": 5},
        owner_member={"balance": credit},
    )


@pytest.mark.parametrize(("amount", "efficiency_bps"), [(1, 9_999), (9_999, 1), (2, 4_999), (1, 5_000)])
async def test_refuses_a_credit_that_rounds_to_zero(
    empty_world: World, amount: int, efficiency_bps: int
) -> None:
    await empty_world.start(efficiency_bps=efficiency_bps)

    async with empty_world.refused("credit rounds to zero"):
        await empty_world.run("deposit_energy", amount=amount)


async def test_takes_the_minimum_credit_and_not_one_less(world: World) -> None:
    async with world.refused("credit is below the minimum"):
        await world.run("deposit_energy", amount=1_000, minimum_credit=901)
    async with world.refused("credit is below the minimum"):
        await world.run("deposit_energy", amount=1_000, minimum_credit=U64_MAX)

    await world.run("deposit_energy", amount=1_000, minimum_credit=900)
    assert (await world.state())["owner_member"]["balance"] == 900


async def test_fills_the_battery_and_not_one_more(empty_world: World) -> None:
    world = empty_world
    await world.start(capacity=2_000, allocation_limit=2_000, efficiency_bps=10_000)
    await world.run("deposit_energy", amount=500)
    await world.run("allocate", amount=300)

    async with world.refused("amount exceeds the free capacity"):
        await world.run("deposit_energy", amount=1_501, by="neighbour")
    await world.run("deposit_energy", amount=1_500, by="neighbour")

    battery = (await world.state())["battery"]
    assert (battery["available"], battery["allocated"]) == (1_700, 300)
    async with world.refused("amount exceeds the free capacity"):
        await world.run("deposit_energy", amount=1, by="neighbour")


async def test_the_capacity_is_for_what_is_credited(empty_world: World) -> None:
    await empty_world.start(capacity=900, allocation_limit=900)

    async with empty_world.refused("amount exceeds the free capacity"):
        await empty_world.run("deposit_energy", amount=1_002)  # 901 of credit
    await empty_world.run("deposit_energy", amount=1_001)  # 900 of credit

    assert (await empty_world.state())["battery"]["available"] == 900


async def test_takes_all_the_tokens_there_are_and_not_one_more(world: World) -> None:
    async with world.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await world.run("deposit_energy", amount=TOKENS + 1)
    await world.run("deposit_energy", amount=TOKENS)

    assert (await world.state())["owner_tokens"]["amount"] == 0


async def test_too_few_tokens_for_the_loss_undo_the_transfer(world: World) -> None:
    # The credit of 11,000 is 9,900, which the owner has; the 1,100 to burn are missing.
    async with world.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await world.run("deposit_energy", amount=11_000)


async def test_any_token_account_of_the_owner_is_a_source(world: World) -> None:
    await world.make_tokens("owner_savings", "owner", 1_000)
    before = await world.state()

    await world.run("deposit_energy", amount=1_000, source=world["owner_savings"])

    assert await world.state() == changed(
        before,
        mint={"supply": before["mint"]["supply"] - 100},
        owner_savings={"amount": 0},
        vault={"amount": 900},
        battery={"available": 900, "sequence": 5},
        owner_member={"balance": 900},
    )


@pytest.mark.embedded
@pytest.mark.parametrize(("efficiency_bps", "burns"), [(9_999, 1), (10_000, 0)])
async def test_calls_for_a_burn_only_where_something_is_lost(
    empty_world: World, efficiency_bps: int, burns: int
) -> None:
    await empty_world.start(efficiency_bps=efficiency_bps)

    await empty_world.run("deposit_energy")

    assert empty_world.calls("Burn") == burns
