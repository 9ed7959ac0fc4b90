import pytest
from anchorpy import Event

from tests.world import TOKENS, World, changed


@pytest.fixture
async def world(world: World) -> World:
    """Alice has a balance of 900, bob one of 1,800; 600 of the 2,700 are allocated to bob."""
    await world.run("deposit_energy", amount=1_000)
    await world.run("deposit_energy", amount=2_000, by="bob")
    await world.run("allocate", amount=600, by="bob")
    return world


async def test_pays_out_of_the_vault(world: World) -> None:
    before = await world.state()

    events = await world.run("withdraw_energy", amount=250)

    assert await world.state() == changed(
        before,
        alice_tokens={"amount": TOKENS - 1_000 + 250},
        vault={"amount": 2_450},
        battery={"available": 1_850, "sequence": 8},
        alice_member={"balance": 650},
    )
    assert events == [
        Event(
            "EnergyWithdrawn",
            {
                "battery": world["battery"],
                "member": world["alice_member"],
                "amount": 250,
                "balance": 650,
                "available": 1_850,
                "allocated": 600,
                "sequence": 8,
            },
        )
    ]


async def test_pays_the_whole_balance_and_not_one_more(world: World) -> None:
    async with world.refused("amount exceeds the balance"):
        await world.run("withdraw_energy", amount=901)
    await world.run("withdraw_energy", amount=900)

    assert (await world.state())["alice_member"]["balance"] == 0
    async with world.refused("amount exceeds the balance"):
        await world.run("withdraw_energy", amount=1)


async def test_pays_what_is_available_and_not_one_more(world: World) -> None:
    await world.run("allocate", amount=1_500, by="thief")
    before = await world.state()

    async with world.refused("amount exceeds what is available"):
        await world.run("withdraw_energy", amount=601, by="bob")
    await world.run("withdraw_energy", amount=600, by="bob")

    assert await world.state() == changed(
        before,
        bob_tokens={"amount": TOKENS - 2_000 + 600},
        vault={"amount": 2_100},
        battery={"available": 0, "sequence": 9},
        bob_member={"balance": 1_200},
    )


async def test_pays_to_any_account_of_the_mint(world: World) -> None:
    before = await world.state()

    await world.run("withdraw_energy", amount=100, destination=world["carol_tokens"])

    assert await world.state() == changed(
        before,
        carol_tokens={"amount": TOKENS + 100},
        vault={"amount": 2_600},
        battery={"available": 2_000, "sequence": 8},
        alice_member={"balance": 800},
    )


@pytest.mark.embedded
async def test_pays_while_paused(world: World) -> None:
    await world.forge("battery", paused=True)

    await world.run("withdraw_energy", amount=900)

    assert (await world.state())["alice_tokens"]["amount"] == TOKENS - 100


async def test_refuses_zero(world: World) -> None:
    async with world.refused("amount must be positive"):
        await world.run("withdraw_energy", amount=0)


async def test_refuses_what_does_not_belong_together(world: World) -> None:
    await world.start(at="rival")
    await world.make_mint("other_mint")
    await world.make_tokens("other_tokens", "alice", mint="other_mint")
    refusals = {
        "member belongs to another battery": {"member": world["alice_rival_member"]},
        "member belongs to another owner": {"member": world["bob_member"]},
        "vault is not of this battery": {"vault": world["rival_vault"]},
        "destination is the vault": {"destination": world["vault"]},
        "destination holds another mint": {"destination": world["other_tokens"]},
    }
    for message, accounts in refusals.items():
        async with world.refused(message):
            await world.run("withdraw_energy", **accounts)

    await world.run("withdraw_energy")
