"""The attacks that the program must withstand, by number.

Each is refused with one exact error of one program and changes nothing; beside it, the same transaction
without the attack succeeds. One wrong account in one slot is the matrix's (`test_matrix.py`), which tries
each in every slot of every instruction: here such an attack has the one case that would pay.
"""

import re
from hashlib import sha256

import pytest
from anchorpy.error import _LangErrorCode as Anchor
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.sysvar import CLOCK
from solders.transaction_status import InstructionErrorFieldless
from spl.token.constants import TOKEN_2022_PROGRAM_ID
from spl.token.instructions import (
    ApproveParams,
    FreezeAccountParams,
    ThawAccountParams,
    TransferParams,
    approve,
    freeze_account,
    thaw_account,
    transfer,
)

from tests.adversarial.battery.scene import VALID, marked, ready, signers
from tests.adversarial.cast import ALIEN, SYSVARS, make_token_2022, with_metas
from tests.shadow.battery import MAX_LIFETIME
from tests.support.battery import (
    ALLOCATION_LIFETIME,
    CAPACITY,
    DEFAULT_ARGUMENTS,
    EFFICIENCY_BPS,
    PROGRAM,
    SLOTS,
    TOKENS,
    World,
    pda,
)
from tests.support.stage import I64_MAX, NOON, TOKEN_PROGRAM, U64_MAX, WALLET_LAMPORTS, System, Token, changed

OWNERS_INSTRUCTIONS = [name for name, slots in SLOTS.items() if "owner" in slots]
VAULT_INSTRUCTIONS = [name for name in OWNERS_INSTRUCTIONS if "vault" in SLOTS[name]]
MEMBERS_INSTRUCTIONS = marked(
    name for name, slots in SLOTS.items() if {"battery", "member"} <= {*slots} and name != "open_member"
)
AUTHORITYS_INSTRUCTIONS = [
    name
    for name, slots in SLOTS.items()
    if "authority" in slots and name not in ("initialize", "accept_authority")
]


@pytest.fixture
async def world(world: World) -> World:
    """The owner has stored 1,800 and reserved 500 of them."""
    await world.run("deposit_energy", amount=2_000)
    await world.run("allocate", amount=500)
    return world


def with_data(instruction: Instruction, data: bytes) -> Instruction:
    return Instruction(instruction.program_id, data, instruction.accounts)


def test_every_attack_has_a_test() -> None:
    numbers = {int(match[1]) for name in globals() if (match := re.match(r"test_attack_(\d\d)_", name))}
    assert numbers == set(range(1, 41))


# Who signs


async def test_attack_01_the_owner_does_not_sign(world: World) -> None:
    theft = world.instruction("withdraw_energy", destination=world["thief_tokens"])
    unsigned = [AccountMeta(meta.pubkey, False, meta.is_writable) for meta in theft.accounts]
    async with world.refused(Anchor.AccountNotSigner):
        await world.send(with_metas(theft, unsigned))

    await world.send(theft, signers=["owner"])  # who may give it away


@pytest.mark.parametrize("instruction", OWNERS_INSTRUCTIONS)
async def test_attack_02_another_wallet_signs_for_a_victims_member(world: World, instruction: str) -> None:
    await ready(world, instruction)
    async with world.refused("member belongs to another owner"):
        await world.run(instruction, by="thief", of="owner")

    await world.run(instruction, by="owner", of="owner")


@pytest.mark.parametrize("instruction", AUTHORITYS_INSTRUCTIONS)
async def test_attack_03_somebody_else_than_the_authority(world: World, instruction: str) -> None:
    await ready(world, instruction)
    await world.run("propose_authority", proposed="newcomer")
    for other in ("owner", "rival", "newcomer"):  # a member, another battery's authority, one only proposed
        async with world.refused("signer is not the authority"):
            await world.run(instruction, by=other)

    await world.run("accept_authority", by="newcomer")
    async with world.refused("signer is not the authority"):
        await world.run(instruction, by="operator")  # the creator, and no longer the authority
    await world.run(instruction, by="newcomer")


async def test_attack_03_a_battery_in_anothers_name(empty_world: World) -> None:
    world = empty_world
    async with world.refused(Anchor.ConstraintSeeds):
        await world.run("initialize", by="thief", at="operator")

    await world.run("initialize", by="operator")
    assert (await world.state())["battery"]["authority"] == world["operator"]


# False accounts


@pytest.mark.embedded
async def test_attack_04_a_forged_member_account(world: World) -> None:
    world.put("forged", (await world.raw())["owner_member"].data, ALIEN)
    await world.forge("forged", owner=world["thief"], balance=1_000, allocated=100)
    for instruction in ("withdraw_energy", "deallocate", "consume"):
        async with world.refused(Anchor.AccountOwnedByWrongProgram):
            await world.run(instruction, by="thief", member=world["forged"])

        await world.run(instruction)


@pytest.mark.parametrize("instruction", MEMBERS_INSTRUCTIONS)
async def test_attack_05_a_battery_as_member_and_the_reverse(world: World, instruction: str) -> None:
    await ready(world, instruction)
    async with world.refused(Anchor.AccountDiscriminatorMismatch):
        await world.run(instruction, battery=world["owner_member"], member=world["battery"])

    await world.run(instruction)


@pytest.mark.parametrize("instruction", MEMBERS_INSTRUCTIONS)
async def test_attack_06_a_member_never_opened(world: World, instruction: str) -> None:
    newcomers = {"by": "newcomer"} if instruction in OWNERS_INSTRUCTIONS else {"of": "newcomer"}
    async with world.refused(Anchor.AccountNotInitialized):
        await world.run(instruction, **newcomers)

    await world.run("open_member", owner="newcomer")
    await world.run("deposit_energy", by="newcomer")
    await world.run("allocate", by="newcomer")
    await ready(world, instruction)
    await world.run(instruction, **newcomers)


@pytest.mark.parametrize("instruction", MEMBERS_INSTRUCTIONS)
async def test_attack_07_another_batterys_member(world: World, instruction: str) -> None:
    await start_rival(world)
    await ready(world, instruction)
    at_rival = {"at": "rival"} | ({"by": "rival"} if instruction == "set_member_limit" else {})
    async with world.refused("member belongs to another battery"):
        await world.run(instruction, member=world["owner_rival_member"])
    async with world.refused("member belongs to another battery"):
        await world.run(instruction, **at_rival, member=world["owner_member"])

    await world.run(instruction)
    await world.run(instruction, **at_rival)


async def start_rival(world: World) -> None:
    """The rival's battery, where the owner has stored and reserved the same."""
    await world.start(at="rival")
    await world.run("deposit_energy", amount=2_000, at="rival")
    await world.run("allocate", amount=500, at="rival")


@pytest.mark.parametrize("instruction", VAULT_INSTRUCTIONS)
async def test_attack_08_an_own_account_as_vault(world: World, instruction: str) -> None:
    await world.make_tokens("owner_second", "owner", TOKENS)
    async with world.refused("vault is not of this battery"):
        await world.run(instruction, vault=world["owner_second"])

    await world.run(instruction)


@pytest.mark.parametrize("instruction", VAULT_INSTRUCTIONS)
async def test_attack_09_another_batterys_vault(world: World, instruction: str) -> None:
    await start_rival(world)
    async with world.refused("vault is not of this battery"):
        await world.run(instruction, vault=world["rival_vault"])
    async with world.refused("vault is not of this battery"):
        await world.run(instruction, at="rival", vault=world["vault"])

    await world.run(instruction)
    await world.run(instruction, at="rival")


async def test_attack_10_tokens_of_another_mint(world: World) -> None:
    await world.make_mint("fake_mint")
    await world.make_tokens("fake_tokens", "owner", TOKENS, mint="fake_mint")
    async with world.refused("source holds another mint"):
        await world.run("deposit_energy", source=world["fake_tokens"])
    async with world.refused("destination holds another mint"):
        await world.run("withdraw_energy", destination=world["fake_tokens"])

    await world.run("deposit_energy")
    await world.run("withdraw_energy")


async def test_attack_11_fake_mint_source_and_vault_together(world: World) -> None:
    await world.make_mint("fake_mint")
    await world.make_tokens("fake_tokens", "owner", TOKENS, mint="fake_mint")
    await world.make_tokens("fake_vault", "battery", TOKENS, mint="fake_mint")
    fake = {"mint": "fake_mint", "vault": "fake_vault", "source": "fake_tokens", "destination": "fake_tokens"}
    for instruction, message, slots in (
        ("deposit_energy", "mint is not of this battery", ("mint", "vault", "source")),
        ("deposit_energy", "vault is not of this battery", ("vault", "source")),
        ("withdraw_energy", "vault is not of this battery", ("vault", "destination")),
        ("consume", "mint is not of this battery", ("mint", "vault")),
    ):
        async with world.refused(message):
            await world.run(instruction, **{slot: world[fake[slot]] for slot in slots})

        await world.run(instruction)


@pytest.mark.parametrize(("instruction", "slot"), [("deposit_energy", "source"), ("consume", "vault")])
async def test_attack_12_a_mint_as_token_account_and_the_reverse(
    world: World, instruction: str, slot: str
) -> None:
    tokens = world["owner_tokens" if slot == "source" else slot]
    async with world.refused(InstructionErrorFieldless.InvalidAccountData):
        await world.run(instruction, **{"mint": tokens, slot: world["mint"]})

    await world.run(instruction)


# False programs and sysvars


async def test_attack_13_a_token_2022_mint_with_a_fee(empty_world: World) -> None:
    world = empty_world
    await make_token_2022(world)
    battery = pda(b"battery", world["operator"], world["fee_mint"])
    accounts = {"mint": world["fee_mint"], "battery": battery, "vault": pda(b"vault", battery)}
    async with world.refused(Anchor.AccountOwnedByWrongProgram):
        await world.run("initialize", **accounts)
    async with world.refused(Anchor.AccountOwnedByWrongProgram):
        await world.run("initialize", **accounts, token_program=TOKEN_2022_PROGRAM_ID)

    await world.run("initialize")


async def test_attack_14_a_token_2022_source(world: World) -> None:
    await make_token_2022(world)
    token_2022 = {"mint": world["fee_mint"], "token_program": TOKEN_2022_PROGRAM_ID}
    for accounts in ({}, token_2022):
        async with world.refused(Anchor.AccountOwnedByWrongProgram):
            await world.run("deposit_energy", source=world["fee_tokens"], **accounts)

    await world.run("deposit_energy")


@pytest.mark.parametrize("instruction", ["initialize", *VAULT_INSTRUCTIONS])
async def test_attack_15_a_fake_token_program(world: World, instruction: str) -> None:
    async with world.refused(Anchor.InvalidProgramId):
        await world.run(instruction, **VALID[instruction], token_program=TOKEN_2022_PROGRAM_ID)

    await world.run(instruction, **VALID[instruction])


@pytest.mark.parametrize("instruction", ["initialize", "open_member"])
async def test_attack_16_a_fake_system_program(world: World, instruction: str) -> None:
    async with world.refused(Anchor.InvalidProgramId):
        await world.run(instruction, **VALID[instruction], system_program=TOKEN_PROGRAM)

    await world.run(instruction, **VALID[instruction])


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("instruction", "spoofed", "moment"),
    [
        ("allocate", NOON + 2 * ALLOCATION_LIFETIME, NOON),
        ("release_expired", NOON + ALLOCATION_LIFETIME, NOON + ALLOCATION_LIFETIME - 1),
        ("consume", NOON + ALLOCATION_LIFETIME - 1, NOON + ALLOCATION_LIFETIME),
    ],
)
async def test_attack_17_a_spoofed_clock(world: World, instruction: str, spoofed: int, moment: int) -> None:
    genuine = world.chain.account(CLOCK).data
    data = genuine[:32] + spoofed.to_bytes(8, "little")
    world.put("spoofed_clock", data, SYSVARS)
    world.travel_to(moment)
    async with world.refused(Anchor.AccountSysvarMismatch):
        await world.run(instruction, clock=world["spoofed_clock"])

    world.travel_to(spoofed)
    await world.run(instruction)


# Creation


async def test_attack_18_initializing_again(world: World) -> None:
    async with world.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await world.run("initialize", capacity=CAPACITY + 1)

    await world.run("initialize", by="rival")


async def test_attack_18_opening_a_member_again(world: World) -> None:
    for payer in ("operator", "owner", "thief"):
        async with world.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
            await world.run("open_member", by=payer)

    await world.run("open_member", owner="newcomer")


async def test_attack_19_a_wrong_address(world: World) -> None:
    rivals = {"by": "rival", "at": "rival"}
    for accounts in (
        {"battery": world["battery"], "vault": world["vault"]},
        {"battery": world["rival_vault"], "vault": world["rival_battery"]},
    ):
        async with world.refused(Anchor.ConstraintSeeds):
            await world.run("initialize", **rivals, **accounts)
    await world.run("initialize", **rivals)

    async with world.refused(Anchor.ConstraintSeeds):
        await world.run("open_member", owner="newcomer", member=world["newcomer_rival_member"])
    await world.run("open_member", owner="newcomer")


async def test_attack_19_a_bump_that_is_not_canonical(world: World) -> None:
    seeds = b"member" + bytes(world["battery"]) + bytes(world["newcomer"])
    candidates = (
        Pubkey(sha256(seeds + bytes([bump]) + bytes(PROGRAM) + b"ProgramDerivedAddress").digest())
        for bump in reversed(range(256))
    )
    canonical, other, *_ = (address for address in candidates if not address.is_on_curve())
    assert canonical == world["newcomer_member"]
    async with world.refused(Anchor.ConstraintSeeds):
        await world.run("open_member", owner="newcomer", member=other)

    await world.run("open_member", owner="newcomer", member=canonical)


@pytest.mark.parametrize(
    "lamports",
    [
        pytest.param(1, id="below rent exemption", marks=pytest.mark.embedded),
        pytest.param(890_880, id="rent of an empty account"),
        pytest.param(WALLET_LAMPORTS, id="more than the rent"),
    ],
)
async def test_attack_20_addresses_funded_beforehand(empty_world: World, lamports: int) -> None:
    world = empty_world
    prefunded = {"battery": 232, "vault": 165, "owner_member": 104}  # bytes
    if lamports == 1:
        for name in prefunded:
            world.put(name, b"", SYSTEM_PROGRAM, lamports)
    else:
        await world.send(*(world.payment(world[name], lamports) for name in prefunded))
    before = await world.state()

    await world.run("initialize")
    await world.run("open_member")

    after = await world.state()
    paid = 0
    for name, size in prefunded.items():
        assert after[name]["lamports"] == max(lamports, await world.rent(size))
        paid += max(0, await world.rent(size) - lamports)
    assert after["operator"]["lamports"] == before["operator"]["lamports"] - paid
    assert after["battery"]["vault"] == world["vault"]
    await world.run("deposit_energy")
    await world.run("withdraw_energy")


async def test_attack_21_front_running_initialize(empty_world: World) -> None:
    world = empty_world
    for accounts in ({}, {"vault": world["rival_vault"]}):  # at the operator's address
        async with world.refused(Anchor.ConstraintSeeds):
            await world.run("initialize", by="rival", at="operator", **accounts)
    await world.run("initialize", by="rival", capacity=1, allocation_limit=1)
    squatted = await world.state()
    assert squatted["battery"] is None
    assert squatted["rival_battery"]["authority"] == world["rival"]

    await world.run("initialize", by="operator")
    after = await world.state()
    assert after["battery"]["authority"] == world["operator"]
    assert after["rival_battery"] == squatted["rival_battery"]


# One account in two slots


@pytest.mark.parametrize(
    ("instruction", "other"), [("deposit_energy", "source"), ("withdraw_energy", "destination")]
)
async def test_attack_22_one_account_in_two_slots(world: World, instruction: str, other: str) -> None:
    for vault, tokens, message in (
        ("owner_tokens", "owner_tokens", "vault is not of this battery"),
        ("owner_tokens", "vault", "vault is not of this battery"),  # exchanged
        ("vault", "vault", f"{other} is the vault"),
    ):
        async with world.refused(message):
            await world.run(instruction, vault=world[vault], **{other: world[tokens]})

    await world.run(instruction)


# Ownership of tokens


async def test_attack_23_a_deposit_from_the_vault(world: World) -> None:
    async with world.refused("source is the vault"):
        await world.run("deposit_energy", source=world["vault"])

    await world.run("deposit_energy")


async def test_attack_24_a_withdrawal_to_the_vault(world: World) -> None:
    async with world.refused("destination is the vault"):
        await world.run("withdraw_energy", destination=world["vault"])

    await world.run("withdraw_energy")


async def test_attack_25_a_delegate_deposits_the_victims_tokens(world: World) -> None:
    approval = ApproveParams(TOKEN_PROGRAM, world["owner_tokens"], world["thief"], world["owner"], TOKENS)
    await world.send(approve(approval), signers=["owner"])
    async with world.refused("source belongs to another owner"):
        await world.run("deposit_energy", by="thief", source=world["owner_tokens"])

    # The approval is real: the delegate may take the tokens, and then deposit them as their own.
    taking = TransferParams(
        TOKEN_PROGRAM, world["owner_tokens"], world["thief_tokens"], world["thief"], 1_000
    )
    await world.send(transfer(taking), signers=["thief"])
    await world.run("deposit_energy", by="thief")


@pytest.mark.parametrize(
    ("frozen", "stopped"),
    [("vault", VAULT_INSTRUCTIONS), ("owner_tokens", ["deposit_energy", "withdraw_energy"])],
)
async def test_attack_26_a_frozen_account(world: World, frozen: str, stopped: list[str]) -> None:
    operator, mint = world["operator"], world["mint"]
    freeze = FreezeAccountParams(TOKEN_PROGRAM, world[frozen], mint, operator)
    await world.send(freeze_account(freeze), signers=["operator"])
    for instruction in OWNERS_INSTRUCTIONS:
        await ready(world, instruction)
        if instruction in stopped:
            async with world.refused(Token.ACCOUNT_FROZEN, by=TOKEN_PROGRAM):
                await world.run(instruction)
        else:
            await world.run(instruction)

    thaw = ThawAccountParams(TOKEN_PROGRAM, world[frozen], mint, operator)
    await world.send(thaw_account(thaw), signers=["operator"])
    for instruction in OWNERS_INSTRUCTIONS:
        await ready(world, instruction)
        await world.run(instruction)


async def test_attack_27_too_few_tokens(world: World) -> None:
    left = TOKENS - 2_000
    async with world.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await world.run("deposit_energy", amount=left + 1)

    await world.run("deposit_energy", amount=left)


# Amounts


@pytest.mark.parametrize(
    ("instruction", "most", "by", "message"),
    [
        ("deposit_energy", 1_001, "owner", "amount exceeds the free capacity"),  # 900.9 are credited as 900
        ("withdraw_energy", 9_000, "neighbour", "amount exceeds the balance"),
        ("withdraw_energy", 1_300, "owner", "amount exceeds the unallocated balance"),
        ("allocate", 1_300, "owner", "amount exceeds the unallocated balance"),
        ("allocate", 4_000, "neighbour", "amount exceeds the allocation limit"),
        ("allocate", 600, "thief", "amount exceeds the allocation limit"),
        ("deallocate", 500, "owner", "amount exceeds what is allocated"),
        ("consume", 500, "owner", "amount exceeds what is allocated"),
    ],
)
async def test_attack_28_one_more_than_there_is(
    world: World, instruction: str, most: int, by: str, message: str
) -> None:
    await world.run("deposit_energy", by="neighbour", amount=10_000)
    await world.run("deposit_energy", by="thief", amount=1_000)
    await world.run("set_member_limit", of="thief", limit=600)
    await world.run("set_policy", capacity=1_800 + 9_000 + 900 + 900)
    async with world.refused(message):
        await world.run(instruction, amount=most + 1, by=by)

    await world.run(instruction, amount=most, by=by)


@pytest.mark.parametrize("instruction", ["withdraw_energy", "allocate"])
async def test_attack_28_one_more_than_is_available(world: World, instruction: str) -> None:
    async with world.refused("amount exceeds what is available"):
        await world.run(instruction, amount=1_301)

    await world.run(instruction, amount=1_300)


async def test_attack_28_a_capacity_of_one_less_than_is_stored(world: World) -> None:
    async with world.refused("capacity is below what is stored"):
        await world.run("set_policy", capacity=1_799, allocation_limit=1)

    await world.run("set_policy", capacity=1_800, allocation_limit=1)


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
async def test_attack_29_the_greatest_amount(world: World, instruction: str, message: str) -> None:
    for amount in (U64_MAX, U64_MAX - 1, 2**63, 2**63 - 1):
        async with world.refused(message):
            await world.run(instruction, amount=amount)

    await world.run(instruction)


async def test_attack_29_the_greatest_of_everything_else(world: World) -> None:
    async with world.refused("credit is below the minimum"):
        await world.run("deposit_energy", minimum_credit=U64_MAX)
    for message, policy in (
        ("allocation limit exceeds the capacity", {"allocation_limit": U64_MAX}),
        ("allocation lifetime exceeds a year", {"allocation_lifetime": I64_MAX}),
        ("efficiency exceeds 10000 basis points", {"efficiency_bps": 2**16 - 1}),
    ):
        async with world.refused(message):
            await world.run("set_policy", **policy)

    await world.run("set_policy", capacity=U64_MAX, allocation_limit=U64_MAX)
    await world.run("set_member_limit", limit=U64_MAX)
    await world.run("allocate", amount=1_300)
    async with world.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await world.run("deposit_energy", amount=U64_MAX)
    await world.run("deposit_energy")


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("instruction", "account", "fields"),
    [
        *(
            (name, "battery", {"sequence": U64_MAX})
            for name, slots in SLOTS.items()
            if "battery" in slots and name != "initialize"
        ),
        ("open_member", "battery", {"member_count": U64_MAX}),
        ("deposit_energy", "owner_member", {"balance": U64_MAX}),
        ("allocate", "battery", {"allocated": U64_MAX}),
        ("deallocate", "battery", {"available": U64_MAX}),
        ("release_expired", "battery", {"available": U64_MAX}),
        ("set_policy", "battery", {"available": U64_MAX}),
    ],
)
async def test_attack_29_a_sum_stops_instead_of_wrapping_around(
    world: World, instruction: str, account: str, fields: dict[str, int]
) -> None:
    # No sequence of instructions leads here: this is what holds if one did, and only overflow checks do it.
    await forged_and_restored(world, instruction, account, fields, "attempt to add with overflow")


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("instruction", "account", "fields"),
    [
        ("deposit_energy", "battery", {"capacity": 0}),
        ("deposit_energy", "battery", {"capacity": 1_500}),
        ("withdraw_energy", "owner_member", {"allocated": 1_801}),
        ("allocate", "owner_member", {"allocated": 1_801}),
        ("deallocate", "battery", {"allocated": 99}),
        ("consume", "battery", {"allocated": 99}),
        ("release_expired", "battery", {"allocated": 499}),
    ],
    ids=str,
)
async def test_attack_30_a_difference_stops_instead_of_wrapping_around(
    world: World, instruction: str, account: str, fields: dict[str, int]
) -> None:
    await forged_and_restored(world, instruction, account, fields, "attempt to subtract with overflow")


async def forged_and_restored(
    world: World, instruction: str, account: str, fields: dict[str, int], message: str
) -> None:
    """Refused with the message where an account is forged, and accepted if it is not."""
    await ready(world, instruction)
    genuine = (await world.state())[account]
    await world.forge(account, **fields)
    async with world.refused(message):
        await world.run(instruction, **VALID[instruction])

    await world.forge(account, **{name: genuine[name] for name in fields})
    await world.run(instruction, **VALID[instruction])


async def test_attack_30_a_credit_needs_more_than_64_bits(empty_world: World) -> None:
    world = empty_world
    supply = (await world.state())["mint"]["supply"]
    everything = U64_MAX - supply
    await world.make_tokens("hoard", "owner", everything)
    await world.start(capacity=U64_MAX, efficiency_bps=9_999)
    before = await world.state()

    await world.run("deposit_energy", amount=everything, source=world["hoard"])

    credit = everything * 9_999 // 10_000
    assert await world.state() == changed(
        before,
        mint={"supply": U64_MAX - (everything - credit)},
        hoard={"amount": 0},
        vault={"amount": credit},
        battery={"available": credit, "sequence": 5},
        owner_member={"balance": credit},
    )


@pytest.mark.embedded
async def test_attack_30_a_credit_beyond_64_bits(world: World) -> None:
    await world.forge("battery", efficiency_bps=10_001)  # which assert_policy never lets in
    async with world.refused("called `Result::unwrap()` on an `Err` value: TryFromIntError(())"):
        await world.run("deposit_energy", amount=U64_MAX)

    await world.forge("battery", efficiency_bps=EFFICIENCY_BPS)
    await world.run("deposit_energy")


@pytest.mark.parametrize("instruction", [name for name in OWNERS_INSTRUCTIONS if name != "return_rent"])
async def test_attack_31_zero(world: World, instruction: str) -> None:
    async with world.refused("amount must be positive"):
        await world.run(instruction, amount=0)

    await world.run(instruction, amount=2)


@pytest.mark.embedded
async def test_attack_31_a_release_of_nothing(world: World) -> None:
    await ready(world, "release_expired")
    async with world.refused("nothing is allocated"):
        await world.run("release_expired", of="neighbour")

    await world.run("release_expired")
    async with world.refused("nothing is allocated"):
        await world.run("release_expired")


@pytest.mark.parametrize("instruction", ["initialize", "set_policy"])
@pytest.mark.parametrize(
    ("policy", "message", "nearest"),
    [
        ({"capacity": 0}, "capacity must be positive", {"capacity": 1, "allocation_limit": 1}),
        ({"efficiency_bps": 0}, "efficiency must be positive", {"efficiency_bps": 1}),
        ({"efficiency_bps": 10_001}, "efficiency exceeds 10000 basis points", {"efficiency_bps": 10_000}),
    ],
)
async def test_attack_32_a_policy_that_makes_no_sense(
    empty_world: World, instruction: str, policy: dict[str, int], message: str, nearest: dict[str, int]
) -> None:
    if instruction == "set_policy":
        await empty_world.run("initialize")
    async with empty_world.refused(message):
        await empty_world.run(instruction, **policy)

    await empty_world.run(instruction, **nearest)


async def test_attack_33_a_thousand_dust_operations(empty_world: World) -> None:
    world = empty_world
    await world.start(efficiency_bps=9_999)
    async with world.refused("credit rounds to zero"):
        await world.run("deposit_energy", amount=1)
    dust = {
        name: [world.instruction(name, amount=amount, by="thief")] * 10
        for name, amount in (("deposit_energy", 2), ("withdraw_energy", 1))
    }
    for _ in range(50):
        await world.send(*dust["deposit_energy"], signers=["thief"])
    await world.run("deposit_energy", amount=1_000)
    state = await world.state()
    assert (state["thief_member"]["balance"], state["owner_member"]["balance"]) == (500, 999)

    for _ in range(50):
        await world.send(*dust["withdraw_energy"], signers=["thief"])
    await world.run("withdraw_energy", amount=999)
    after = await world.state()
    assert (after["thief_tokens"]["amount"], after["owner_tokens"]["amount"]) == (TOKENS - 500, TOKENS - 1)
    assert (after["vault"]["amount"], after["battery"]["available"]) == (0, 0)


async def test_attack_34_tokens_sent_straight_to_the_vault(world: World) -> None:
    before = await world.state()
    gift = TransferParams(TOKEN_PROGRAM, world["thief_tokens"], world["vault"], world["thief"], 5_000)
    await world.send(transfer(gift), signers=["thief"])
    assert await world.state() == changed(
        before, thief_tokens={"amount": TOKENS - 5_000}, vault={"amount": 1_800 + 5_000}
    )

    for instruction in ("withdraw_energy", "consume"):
        async with world.refused("amount exceeds the balance"):
            await world.run(instruction, amount=1, by="thief")
        async with world.refused("amount exceeds the balance"):
            await world.run(instruction, amount=1_801)
    await world.run("consume", amount=500)
    await world.run("withdraw_energy", amount=1_300)
    assert (await world.state())["vault"]["amount"] == 5_000
    await world.run("deposit_energy", amount=1_000)


# Malformed instructions


async def test_attack_35_read_only_where_writable_and_a_missing_account(world: World) -> None:
    valid = world.instruction("withdraw_energy")
    member = SLOTS["withdraw_energy"].index("member")
    read_only = [*valid.accounts]
    read_only[member] = AccountMeta(world["owner_member"], False, False)
    async with world.refused(Anchor.ConstraintMut):
        await world.send(with_metas(valid, read_only), signers=["owner"])
    async with world.refused(Anchor.AccountNotEnoughKeys):
        await world.send(with_metas(valid, []))

    await world.send(valid, signers=["owner"])


@pytest.mark.parametrize("instruction", marked(name for name in SLOTS if DEFAULT_ARGUMENTS[name]))
async def test_attack_36_truncated_arguments(world: World, instruction: str) -> None:
    await ready(world, instruction)
    valid = world.instruction(instruction, **VALID[instruction])
    for length in range(8, len(valid.data)):
        async with world.refused(Anchor.InstructionDidNotDeserialize):
            await world.send(with_data(valid, valid.data[:length]), signers=signers(instruction))

    await world.send(valid, signers=signers(instruction))


@pytest.mark.parametrize("instruction", marked(SLOTS))
async def test_attack_36_bytes_after_the_arguments_are_ignored(world: World, instruction: str) -> None:
    await ready(world, instruction)
    valid = world.instruction(instruction, **VALID[instruction])
    await world.send(with_data(valid, valid.data + b"\xff" * 9), signers=signers(instruction))


async def test_attack_36_an_unknown_resource(world: World) -> None:
    valid = world.instruction("initialize", by="rival")
    for code in (3, 255):
        data = valid.data[:8] + bytes([code]) + valid.data[9:]
        async with world.refused(Anchor.InstructionDidNotDeserialize):
            await world.send(with_data(valid, data), signers=["rival"])

    await world.send(valid, signers=["rival"])


@pytest.mark.parametrize("data", [b"", b"\1", bytes(7), bytes(8), b"\xff" * 8, bytes(64)], ids=bytes.hex)
async def test_attack_36_an_unknown_instruction(world: World, data: bytes) -> None:
    valid = world.instruction("allocate")
    error = Anchor.InstructionMissing if len(data) < 8 else Anchor.InstructionFallbackNotFound
    async with world.refused(error):
        await world.send(with_data(valid, data), signers=["owner"])

    await world.send(valid, signers=["owner"])


@pytest.mark.parametrize("instruction", range(7))
async def test_attack_36_no_account_for_an_idl(world: World, instruction: int) -> None:
    """The program has none of the instructions by which whoever is first gets the account of its IDL."""
    base, _ = Pubkey.find_program_address([], PROGRAM)
    account = Pubkey.create_with_seed(base, "anchor:idl", PROGRAM)
    metas = [
        AccountMeta(world["thief"], True, True),
        AccountMeta(account, False, True),
        *(AccountMeta(key, False, False) for key in (base, SYSTEM_PROGRAM, PROGRAM)),
    ]
    data = bytes.fromhex("40f4bc78a7e9690a") + bytes([instruction]) + (100).to_bytes(8, "little")
    async with world.refused(Anchor.IdlInstructionStub):
        await world.send(Instruction(PROGRAM, data, metas), signers=["thief"])


# Time, the pause and the battery's signature


@pytest.mark.embedded
@pytest.mark.parametrize(
    "moment", [0, -1, -(10**12), -I64_MAX - 1, NOON, 2**32, I64_MAX - ALLOCATION_LIFETIME]
)
async def test_attack_37_the_expiry_is_exact_at_any_time(world: World, moment: int) -> None:
    world.travel_to(moment)
    await world.run("allocate")
    expiry = moment + ALLOCATION_LIFETIME
    assert (await world.state())["owner_member"]["allocation_expiry"] == expiry

    for early in (-I64_MAX - 1, expiry - 1):
        world.travel_to(early)
        async with world.refused("allocation has not expired"):
            await world.run("release_expired")
        await world.run("consume", amount=1)
    for late in (I64_MAX, expiry):
        world.travel_to(late)
        async with world.refused("allocation has expired"):
            await world.run("consume", amount=1)
    await world.run("release_expired")


@pytest.mark.embedded
@pytest.mark.parametrize("moment", [I64_MAX - ALLOCATION_LIFETIME + 1, I64_MAX])
async def test_attack_37_no_expiry_beyond_time(world: World, moment: int) -> None:
    world.travel_to(moment)
    async with world.refused("attempt to add with overflow"):
        await world.run("allocate")

    world.travel_to(NOON)
    await world.run("allocate")


@pytest.mark.parametrize(
    ("lifetime", "message", "nearest"),
    [
        (0, "allocation lifetime must be positive", 1),
        (-1, "allocation lifetime must be positive", 1),
        (-I64_MAX - 1, "allocation lifetime must be positive", 1),
        (MAX_LIFETIME + 1, "allocation lifetime exceeds a year", MAX_LIFETIME),
        (I64_MAX, "allocation lifetime exceeds a year", MAX_LIFETIME),
    ],
)
async def test_attack_37_a_lifetime_of_no_sense(
    world: World, lifetime: int, message: str, nearest: int
) -> None:
    async with world.refused(message):
        await world.run("set_policy", allocation_lifetime=lifetime)

    await world.run("set_policy", allocation_lifetime=nearest)
    allocated = await world.run("allocate")
    assert allocated[0].data["expiry"] == await world.now() + nearest


@pytest.mark.embedded
async def test_attack_38_a_pause_keeps_nobody_in(world: World) -> None:
    await world.run("deposit_energy", by="neighbour")
    await world.run("allocate", by="neighbour")
    await world.run("pause")
    for instruction in ("deposit_energy", "allocate"):
        async with world.refused("battery is paused"):
            await world.run(instruction)
    await world.run("consume")
    await world.run("deallocate", amount=400)
    await world.run("withdraw_energy", amount=1_700)
    await ready(world, "release_expired")
    await world.run("release_expired", of="neighbour")
    await world.run("withdraw_energy", amount=900, by="neighbour")

    after = await world.state()
    assert after["owner_tokens"]["amount"] == TOKENS - 200 - 100  # the loss, and what was consumed
    assert after["neighbour_tokens"]["amount"] == TOKENS - 100
    assert after["vault"]["amount"] == 0
    await world.run("resume")
    for instruction in ("deposit_energy", "allocate"):
        await world.run(instruction)


@pytest.mark.embedded
@pytest.mark.parametrize("instruction", ["withdraw_energy", "consume"])
async def test_attack_39_another_batterys_signature(world: World, instruction: str) -> None:
    # The seeds are the account's own: with the rival's in it, the rival's battery would sign.
    await world.run("initialize", by="rival")
    state = await world.state()
    genuine, rivals = (
        {name: state[battery][name] for name in ("creator", "bump")}
        for battery in ("battery", "rival_battery")
    )
    await world.forge("battery", **rivals)
    async with world.refused(InstructionErrorFieldless.PrivilegeEscalation):
        await world.run(instruction)

    await world.forge("battery", **genuine)
    await world.run(instruction)


async def test_attack_40_a_handover_accepted_by_somebody_else(world: World) -> None:
    await world.run("propose_authority", proposed="newcomer")
    for other in ("thief", "operator", "rival"):
        async with world.refused("signer is not the proposed authority"):
            await world.run("accept_authority", by=other)
    await world.run("propose_authority", proposed="neighbour")  # instead of the newcomer
    async with world.refused("signer is not the proposed authority"):
        await world.run("accept_authority", by="newcomer")

    before = await world.state()
    await world.run("accept_authority", by="neighbour")
    sequence = before["battery"]["sequence"]
    assert await world.state() == changed(
        before, battery={"authority": world["neighbour"], "sequence": sequence + 1}
    )
    await world.run("withdraw_energy")  # the creator's seeds sign as before


async def test_attack_40_a_handover_accepted_twice(world: World) -> None:
    async with world.refused("no new authority is proposed"):
        await world.run("accept_authority", by="newcomer")  # not yet
    await world.run("propose_authority", proposed="newcomer")
    await world.run("propose_authority", proposed="operator")
    async with world.refused("no new authority is proposed"):
        await world.run("accept_authority", by="newcomer")  # cancelled
    await world.run("propose_authority", proposed="newcomer")
    await world.run("accept_authority", by="newcomer")
    for signer in ("newcomer", "operator"):
        async with world.refused("no new authority is proposed"):
            await world.run("accept_authority", by=signer)

    await world.run("propose_authority", by="newcomer", proposed="operator")
    await world.run("accept_authority", by="operator")


# One pool, one battery, one transaction


async def test_a_stranger_cannot_lock_the_pool(world: World) -> None:
    # Members cost rent alone: if allocations could exceed balances, some would reserve everything for ever.
    await world.run("deposit_energy", by="neighbour", amount=5_000)
    strangers = ("thief", "newcomer", "rival")
    for stranger in strangers:
        if stranger != "thief":
            await world.run("open_member", by="thief", owner=stranger)
        async with world.refused("amount exceeds the unallocated balance"):
            await world.run("allocate", by=stranger, amount=1)
        await world.run("deposit_energy", by=stranger, amount=1_000)
        await world.run("allocate", by=stranger, amount=900)  # what is theirs, and nobody else's
        async with world.refused("amount exceeds the unallocated balance"):
            await world.run("allocate", by=stranger, amount=1)

    await world.run("withdraw_energy", by="neighbour", amount=4_500)
    await world.run("withdraw_energy", amount=1_300)
    await world.run("deallocate", amount=500)
    await world.run("withdraw_energy", amount=500)
    assert (await world.state())["vault"]["amount"] == len(strangers) * 900


@pytest.mark.parametrize("instruction", marked(name for name in SLOTS if name != "initialize"))
async def test_an_operation_on_one_battery_changes_no_byte_of_another(world: World, instruction: str) -> None:
    await start_rival(world)
    await ready(world, instruction)
    rivals = {name: account for name, account in (await world.raw()).items() if "rival_" in name}

    await world.run(instruction, **VALID[instruction])

    after = await world.raw()
    assert {name: after[name] for name in rivals} == rivals


async def test_a_refused_instruction_undoes_the_whole_transaction(world: World) -> None:
    await ready(world, "return_rent")
    steps = [world.instruction(instruction) for instruction in OWNERS_INSTRUCTIONS]
    async with world.refused("amount exceeds the balance"):
        await world.send(*steps, world.instruction("withdraw_energy", amount=U64_MAX), signers=["owner"])

    events = await world.send(*steps, signers=["owner"])
    assert [event.data["sequence"] for event in events] == [7, 8, 9, 10, 11]
