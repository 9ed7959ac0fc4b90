"""What the tests of attacks share: instructions that succeed, and one account of every kind there is."""

from collections.abc import Iterable
from typing import Any

import pytest
from solders.system_program import ID as SYSTEM_PROGRAM

from tests.adversarial.cast import Facts, FalseCast
from tests.support.battery import (
    ALLOCATION_LIFETIME,
    DEFAULT_SIGNERS,
    MEMBERS,
    PROGRAM,
    SLOTS,
    TOKENS,
    World,
    pda,
)
from tests.support.stage import NOON, TOKEN_PROGRAM, WALLETS

# Each instruction in a form that succeeds, once it is `ready`, where the owner has stored and reserved.
VALID: dict[str, dict[str, str]] = {name: {} for name in SLOTS} | {
    "initialize": {"by": "rival"},
    "open_member": {"owner": "newcomer"},
}


def marked(instructions: Iterable[str]) -> list[Any]:
    """Instructions as parameters: one succeeds only where a test can travel in time."""
    return [
        pytest.param(name, marks=pytest.mark.embedded) if name == "release_expired" else name
        for name in instructions
    ]


async def ready(world: World, instruction: str) -> None:
    """Bring about what an instruction's valid form finds."""
    match instruction:
        case "resume":
            await world.run("pause")
        case "accept_authority":
            await world.run("propose_authority")
        case "return_rent":
            there = [name for name, account in (await world.raw()).items() if account]
            for member in (name for name in there if name.endswith("member")):
                await world.send(world.payment(world[member], 1_000))
        case "release_expired":
            world.travel_to(NOON + ALLOCATION_LIFETIME)


def signers(instruction: str) -> list[str]:
    """Who signs the valid form."""
    signer = VALID[instruction].get("by", DEFAULT_SIGNERS[instruction])
    return [signer] if signer else []


# Every kind of account there is

_GENUINE = {
    "mint": Facts(TOKEN_PROGRAM, "mint"),
    "other_mint": Facts(TOKEN_PROGRAM, "mint"),
    **{f"{name}_tokens": Facts(TOKEN_PROGRAM, "tokens", "mint", name) for name in WALLETS},
    "owner_second_tokens": Facts(TOKEN_PROGRAM, "tokens", "mint", "owner"),
    "owner_other_tokens": Facts(TOKEN_PROGRAM, "tokens", "other_mint", "owner"),
    "vault": Facts(TOKEN_PROGRAM, "tokens", "mint", "battery"),
    "second_vault": Facts(TOKEN_PROGRAM, "tokens", "mint", "battery"),
    "rival_vault": Facts(TOKEN_PROGRAM, "tokens", "mint", "rival_battery"),
    "other_vault": Facts(TOKEN_PROGRAM, "tokens", "other_mint", "other_battery"),
    "battery": Facts(PROGRAM, "battery"),
    "rival_battery": Facts(PROGRAM, "battery"),
    "other_battery": Facts(PROGRAM, "battery"),
    **{
        f"{name}_{prefix}member": Facts(PROGRAM, "member", owner=name, ledger=f"{prefix}battery")
        for name in MEMBERS
        for prefix in ("", "rival_")
    },
    "owner_other_member": Facts(PROGRAM, "member", owner="owner", ledger="other_battery"),
}
_NOT_OPENED = [
    f"{name}_{prefix}member" for name in WALLETS for prefix in ("", "rival_") if name not in MEMBERS
]
_FALSE = FalseCast("energy_allocation", PROGRAM, _GENUINE, ("battery", "owner_member", "mint", "vault"))
FIXED = _FALSE.fixed
CAST = {
    **{name: Facts(SYSTEM_PROGRAM, "wallet") for name in WALLETS},
    **_GENUINE,
    **{name: Facts() for name in (*_NOT_OPENED, "new_battery", "new_vault", "nowhere")},
    **_FALSE.cast,
}


async def assemble(world: World) -> None:
    """Bring the whole cast about.

    The owner and the neighbour have stored 1,800 and reserved 500 of them with the operator, the owner also
    with the rival and in the operator's other battery, of another mint.
    """
    await world.prepare()
    for operator in ("operator", "rival"):
        await world.start(at=operator)
    await world.make_mint("other_mint")
    for operator, prefix in (("operator", "other"), ("rival", "new")):
        battery = pda(b"battery", world[operator], world["other_mint"])
        world.accounts |= {f"{prefix}_battery": battery, f"{prefix}_vault": pda(b"vault", battery)}
    world.accounts["owner_other_member"] = pda(b"member", world["other_battery"], world["owner"])
    world.accounts["nowhere"] = world.key("nowhere").pubkey()
    await world.make_tokens("owner_second_tokens", "owner", TOKENS)
    await world.make_tokens("owner_other_tokens", "owner", TOKENS, mint="other_mint")
    await world.make_tokens("second_vault", "battery", TOKENS)

    other = {name: world[f"other_{name}"] for name in ("battery", "vault")} | {"mint": world["other_mint"]}
    await world.run("initialize", **other, capacity=9_000)
    share = {"battery": world["other_battery"], "member": world["owner_other_member"]}
    await world.run("open_member", **share)
    source = world["owner_other_tokens"]
    await world.run("deposit_energy", **{**other, **share, "source": source, "amount": 2_000})
    await world.run("allocate", **share, amount=500)
    for where in ({}, {"by": "neighbour"}, {"at": "rival"}):
        await world.run("deposit_energy", **where, amount=2_000)
        await world.run("allocate", **where, amount=500)

    await _FALSE.assemble(world)
