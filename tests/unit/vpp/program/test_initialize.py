from anchorpy import Event
from solders.pubkey import Pubkey

from tests.support.stage import SYSTEM_PROGRAM, TOKEN_PROGRAM, System, changed
from tests.support.vpp import PROGRAM, Dispatching, pda

PLANT_BYTES = 264
TOKENS_BYTES = 165


async def test_makes_a_plant_and_its_energy_vault(empty_dispatching: Dispatching) -> None:
    dispatching = empty_dispatching
    before = await dispatching.state()
    assert (before["plant"], before["energy_vault"]) == (None, None)

    events = await dispatching.run("initialize")

    after = await dispatching.state()
    bump = after["plant"]["bump"]
    mints = (dispatching["energy_mint"], dispatching["payment_mint"])
    seeds = [b"plant", bytes(dispatching["operator"]), *map(bytes, mints), bytes([bump])]
    assert dispatching["plant"] == type(PROGRAM).create_program_address(seeds, PROGRAM)
    plant_rent, vault_rent = await dispatching.rent(PLANT_BYTES), await dispatching.rent(TOKENS_BYTES)
    assert after == changed(
        before,
        operator={"lamports": before["operator"]["lamports"] - plant_rent - vault_rent},
        plant={
            **{"lamports": plant_rent, "program": PROGRAM, "size": PLANT_BYTES, "kind": "Plant"},
            **dict.fromkeys(("creator", "authority", "pending_authority"), dispatching["operator"]),
            **{"energy_mint": mints[0], "payment_mint": mints[1]},
            **{"energy_vault": dispatching["energy_vault"], "payment_vault": SYSTEM_PROGRAM},
            **{"energy_held": 0, "payment_held": 0, "sequence": 1, "paused": False, "bump": bump},
        },
        energy_vault={
            **before["owner_energy"],
            **{"lamports": vault_rent, "program": TOKEN_PROGRAM},
            **{"owner": dispatching["plant"], "amount": 0},
        },
    )
    assert events == [
        Event(
            "PlantInitialized",
            {
                "plant": dispatching["plant"],
                "authority": dispatching["operator"],
                "energy_mint": mints[0],
                "payment_mint": mints[1],
                "energy_held": 0,
                "payment_held": 0,
                "sequence": 1,
            },
        )
    ]


async def test_a_plant_of_one_creator_and_pair_is_made_once(dispatching: Dispatching) -> None:
    async with dispatching.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await dispatching.run("initialize")

    await dispatching.run("initialize", by="rival")


def pair(dispatching: Dispatching, energy_mint: str, payment_mint: str) -> dict[str, Pubkey]:
    """Both mints, and the accounts of the operator's plant of them."""
    mints = (dispatching[energy_mint], dispatching[payment_mint])
    plant = pda(b"plant", dispatching["operator"], *mints)
    return {
        **{"energy_mint": mints[0], "payment_mint": mints[1]},
        **{"plant": plant, "energy_vault": pda(b"energy_vault", plant)},
    }


async def test_refuses_one_mint_as_both(empty_dispatching: Dispatching) -> None:
    for mint in ("energy_mint", "payment_mint"):
        async with empty_dispatching.refused("payment mint is the energy mint"):
            await empty_dispatching.run("initialize", **pair(empty_dispatching, mint, mint))

    await empty_dispatching.run("initialize")


async def test_refuses_an_energy_mint_of_other_decimals(empty_dispatching: Dispatching) -> None:
    wrong = pair(empty_dispatching, "payment_mint", "energy_mint")
    async with empty_dispatching.refused("energy mint must have 3 decimals"):
        await empty_dispatching.run("initialize", **wrong)

    await empty_dispatching.run("initialize")
