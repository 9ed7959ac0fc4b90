"""What the tests of attacks share: instructions that succeed, and one account of every kind there is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.sysvar import CLOCK, RENT, SLOT_HASHES
from spl.token.constants import ACCOUNT_LEN, MINT_LEN, MULTISIG_LEN, TOKEN_2022_PROGRAM_ID
from spl.token.instructions import (
    InitializeAccountParams,
    InitializeMintParams,
    MintToParams,
    initialize_account,
    initialize_mint,
    mint_to,
)

from tests.stage import NOON, TOKEN_PROGRAM, U64_MAX, WALLETS, WELL_KNOWN
from tests.world import ALLOCATION_LIFETIME, DEFAULT_SIGNERS, MEMBERS, PROGRAM, SLOTS, TOKENS, World, pda

# Each instruction in a form that succeeds, once it is `ready`, where alice has stored and reserved.
VALID: dict[str, dict[str, str]] = {name: {} for name in SLOTS} | {
    "initialize": {"by": "rival"},
    "open_member": {"owner": "carol"},
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
        case "release_expired":
            world.travel_to(NOON + ALLOCATION_LIFETIME)


def signers(instruction: str) -> list[str]:
    """Who signs the valid form."""
    signer = VALID[instruction].get("by", DEFAULT_SIGNERS[instruction])
    return [signer] if signer else []


def with_metas(instruction: Instruction, metas: list[AccountMeta]) -> Instruction:
    return Instruction(instruction.program_id, instruction.data, metas)


async def make_token_2022(world: World) -> None:
    """A Token-2022 mint that takes 5 % of each transfer, and 10,000 of its tokens for alice."""
    operator, mint = world["operator"], world.key("fee_mint").pubkey()
    world.accounts |= {"fee_mint": mint, "fee_tokens": world.key("fee_tokens").pubkey()}
    some_operator = b"\1" + bytes(operator)
    fee = b"\x1a\0" + 2 * some_operator + (500).to_bytes(2, "little") + U64_MAX.to_bytes(8, "little")
    await world.send(
        await world.creation("fee_mint", ACCOUNT_LEN + 1 + 4 + 108, TOKEN_2022_PROGRAM_ID),
        Instruction(TOKEN_2022_PROGRAM_ID, fee, [AccountMeta(mint, False, True)]),
        initialize_mint(InitializeMintParams(3, TOKEN_2022_PROGRAM_ID, mint, operator)),
        signers=["fee_mint"],
    )
    await world.send(
        await world.creation("fee_tokens", ACCOUNT_LEN + 1 + 4 + 8, TOKEN_2022_PROGRAM_ID),
        initialize_account(
            InitializeAccountParams(TOKEN_2022_PROGRAM_ID, world["fee_tokens"], mint, world["alice"])
        ),
        mint_to(MintToParams(TOKEN_2022_PROGRAM_ID, mint, world["fee_tokens"], operator, TOKENS)),
        signers=["fee_tokens", "operator"],
    )


# Every kind of account there is


@dataclass(frozen=True)
class Facts:
    """What is true of an account that somebody may pass."""

    program: Pubkey | None = None  # that owns it; None where there is no account
    layout: str = ""  # of its data
    mint: str = ""  # of tokens
    owner: str = ""  # of tokens or a member
    battery: str = ""  # of a member


ALIEN = Pubkey(bytes([7] * 32))  # any program that is none of ours
SYSVARS = Pubkey.from_string("Sysvar1111111111111111111111111111111111111")
NATIVE_LOADER = Pubkey.from_string("NativeLoader1111111111111111111111111111111")
LOADER = Pubkey.from_string("BPFLoader2111111111111111111111111111111111")

# Outside of the world: no transaction changes them but the clock, which each block does
FIXED = WELL_KNOWN | {
    "slot_hashes": SLOT_HASHES,
    "token_2022_program": TOKEN_2022_PROGRAM_ID,
    "energy_allocation": PROGRAM,
}
_FORGERS = {
    "system": SYSTEM_PROGRAM,
    "token": TOKEN_PROGRAM,
    "token_2022": TOKEN_2022_PROGRAM_ID,
    "energy_allocation": PROGRAM,
    "alien": ALIEN,
}
_BLANK = {
    "empty_state": (PROGRAM, 0),
    "short_state": (PROGRAM, 7),
    "blank_state": (PROGRAM, 232),
    "blank_mint": (TOKEN_PROGRAM, MINT_LEN),
    "blank_tokens": (TOKEN_PROGRAM, ACCOUNT_LEN),
    "multisig": (TOKEN_PROGRAM, MULTISIG_LEN),
}
_GENUINE = {
    "mint": Facts(TOKEN_PROGRAM, "mint"),
    "other_mint": Facts(TOKEN_PROGRAM, "mint"),
    **{f"{name}_tokens": Facts(TOKEN_PROGRAM, "tokens", "mint", name) for name in WALLETS},
    "alice_second_tokens": Facts(TOKEN_PROGRAM, "tokens", "mint", "alice"),
    "alice_other_tokens": Facts(TOKEN_PROGRAM, "tokens", "other_mint", "alice"),
    "vault": Facts(TOKEN_PROGRAM, "tokens", "mint", "battery"),
    "second_vault": Facts(TOKEN_PROGRAM, "tokens", "mint", "battery"),
    "rival_vault": Facts(TOKEN_PROGRAM, "tokens", "mint", "rival_battery"),
    "other_vault": Facts(TOKEN_PROGRAM, "tokens", "other_mint", "other_battery"),
    "battery": Facts(PROGRAM, "battery"),
    "rival_battery": Facts(PROGRAM, "battery"),
    "other_battery": Facts(PROGRAM, "battery"),
    **{
        f"{name}_{prefix}member": Facts(PROGRAM, "member", owner=name, battery=f"{prefix}battery")
        for name in MEMBERS
        for prefix in ("", "rival_")
    },
    "alice_other_member": Facts(PROGRAM, "member", owner="alice", battery="other_battery"),
}
_NOT_OPENED = [
    f"{name}_{prefix}member" for name in WALLETS for prefix in ("", "rival_") if name not in MEMBERS
]
CAST = {
    **{name: Facts(SYSTEM_PROGRAM, "wallet") for name in WALLETS},
    **_GENUINE,
    **{name: Facts() for name in (*_NOT_OPENED, "new_battery", "new_vault", "nowhere")},
    **{
        f"{name}_of_{forger}": Facts(program, _GENUINE[name].layout)
        for name in ("battery", "alice_member", "mint", "vault")
        for forger, program in _FORGERS.items()
        if program != _GENUINE[name].program
    },
    **{name: Facts(program, name) for name, (program, _) in _BLANK.items()},
    **{name: Facts(TOKEN_2022_PROGRAM_ID, name) for name in ("fee_mint", "fee_tokens")},
    **{name: Facts(ALIEN, "sysvar") for name in ("clock_of_alien", "rent_of_alien")},
    **{name: Facts(SYSVARS, "sysvar") for name in ("clock", "rent", "slot_hashes", "second_clock")},
    **{
        name: Facts(LOADER, "program")
        for name in ("token_program", "token_2022_program", "energy_allocation")
    },
    "system_program": Facts(NATIVE_LOADER, "program"),
}


def address(world: World, name: str) -> Pubkey:
    return FIXED.get(name) or world[name]


async def assemble(world: World) -> None:
    """Bring the whole cast about.

    Alice and bob have stored 1,800 and reserved 500 of them with the operator, alice also with the rival and
    in the operator's other battery, of another mint.
    """
    await world.prepare()
    for operator in ("operator", "rival"):
        await world.start(at=operator)
    await world.make_mint("other_mint")
    for operator, prefix in (("operator", "other"), ("rival", "new")):
        battery = pda(b"battery", world[operator], world["other_mint"])
        world.accounts |= {f"{prefix}_battery": battery, f"{prefix}_vault": pda(b"vault", battery)}
    world.accounts["alice_other_member"] = pda(b"member", world["other_battery"], world["alice"])
    world.accounts["nowhere"] = world.key("nowhere").pubkey()
    await world.make_tokens("alice_second_tokens", "alice", TOKENS)
    await world.make_tokens("alice_other_tokens", "alice", TOKENS, mint="other_mint")
    await world.make_tokens("second_vault", "battery", TOKENS)
    await make_token_2022(world)

    other = {name: world[f"other_{name}"] for name in ("battery", "vault")} | {"mint": world["other_mint"]}
    await world.run("initialize", **other, capacity=9_000)
    share = {"battery": world["other_battery"], "member": world["alice_other_member"]}
    await world.run("open_member", **share)
    source = world["alice_other_tokens"]
    await world.run("deposit_energy", **{**other, **share, "source": source, "amount": 2_000})
    await world.run("allocate", **share, amount=500)
    for where in ({}, {"by": "bob"}, {"at": "rival"}):
        await world.run("deposit_energy", **where, amount=2_000)
        await world.run("allocate", **where, amount=500)

    genuine = await world.raw()
    for name in ("battery", "alice_member", "mint", "vault"):
        for forger, program in _FORGERS.items():
            if program != genuine[name].owner:
                world.put(f"{name}_of_{forger}", genuine[name].data, program)
    for name, (program, size) in _BLANK.items():
        world.put(name, bytes(size), program)
    for name, sysvar in (("clock", CLOCK), ("rent", RENT)):
        world.put(f"{name}_of_alien", world.chain.account(sysvar).data, ALIEN)
    world.put("second_clock", world.chain.account(CLOCK).data, SYSVARS)
