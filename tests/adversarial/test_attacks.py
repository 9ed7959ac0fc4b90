"""The attacks that the program must withstand, by number.

Each is refused with one exact error of one program and changes nothing; beside it, the same transaction
without the attack succeeds.
"""

from hashlib import sha256
from itertools import permutations

import pytest
from anchorpy.error import _LangErrorCode as Anchor
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.sysvar import CLOCK, RENT
from solders.transaction_status import InstructionErrorFieldless
from spl.token.constants import ACCOUNT_LEN, TOKEN_2022_PROGRAM_ID
from spl.token.instructions import (
    ApproveParams,
    FreezeAccountParams,
    InitializeAccountParams,
    InitializeMintParams,
    MintToParams,
    ThawAccountParams,
    TransferParams,
    approve,
    freeze_account,
    initialize_account,
    initialize_mint,
    mint_to,
    thaw_account,
    transfer,
)

from tests.world import (
    ALLOCATION_LIFETIME,
    CAPACITY,
    EFFICIENCY_BPS,
    I64_MAX,
    NOON,
    PROGRAM,
    SLOTS,
    TOKEN_PROGRAM,
    TOKENS,
    U64_MAX,
    WALLET_LAMPORTS,
    System,
    Token,
    World,
    changed,
    pda,
)

# Each instruction in a form that succeeds in `world` below.
VALID: dict[str, dict[str, str]] = {
    "initialize": {"by": "rival"},
    "open_member": {"owner": "carol"},
    "deposit_energy": {},
    "withdraw_energy": {},
    "allocate": {},
    "deallocate": {},
}
SIGNERS = {instruction: how.get("by", "alice") for instruction, how in VALID.items()} | {
    "open_member": "operator"
}
OWNERS_INSTRUCTIONS = ["deposit_energy", "withdraw_energy", "allocate", "deallocate"]
TOKEN_INSTRUCTIONS = ["initialize", "deposit_energy", "withdraw_energy"]
VAULT_INSTRUCTIONS = ["deposit_energy", "withdraw_energy"]

INVALID_DATA = InstructionErrorFieldless.InvalidAccountData


@pytest.fixture
async def world(world: World) -> World:
    """Alice has stored 1,800 and reserved 500 of them."""
    await world.run("deposit_energy", amount=2_000)
    await world.run("allocate", amount=500)
    return world


def with_metas(instruction: Instruction, metas: list[AccountMeta]) -> Instruction:
    return Instruction(instruction.program_id, instruction.data, metas)


def with_data(instruction: Instruction, data: bytes) -> Instruction:
    return Instruction(instruction.program_id, data, instruction.accounts)


# Who signs


@pytest.mark.parametrize("instruction", VALID)
async def test_attack_01_the_owner_does_not_sign(world: World, instruction: str) -> None:
    signed = world.instruction(instruction, **VALID[instruction])
    metas = [AccountMeta(meta.pubkey, False, meta.is_writable) for meta in signed.accounts]
    async with world.refused(Anchor.AccountNotSigner):
        await world.send(with_metas(signed, metas))

    await world.send(signed, signers=[SIGNERS[instruction]])


@pytest.mark.parametrize("instruction", OWNERS_INSTRUCTIONS)
async def test_attack_02_another_wallet_signs_for_a_victims_member(world: World, instruction: str) -> None:
    async with world.refused("member belongs to another owner"):
        await world.run(instruction, by="thief", member=world["alice_member"])

    await world.run(instruction, by="alice", member=world["alice_member"])


async def test_attack_02_a_withdrawal_to_the_thief(world: World) -> None:
    async with world.refused("member belongs to another owner"):
        await world.run(
            "withdraw_energy", by="thief", member=world["alice_member"], destination=world["thief_tokens"]
        )

    await world.run("withdraw_energy", destination=world["thief_tokens"])  # alice may give it away


async def test_attack_03_a_battery_in_anothers_name(empty_world: World) -> None:
    world = empty_world
    async with world.refused(Anchor.ConstraintSeeds):
        await world.run("initialize", by="thief", at="operator")

    await world.run("initialize", by="operator")
    assert (await world.state())["battery"]["authority"] == world["operator"]


# False accounts


@pytest.mark.embedded
@pytest.mark.parametrize("slot", ["member", "battery"])
@pytest.mark.parametrize("instruction", OWNERS_INSTRUCTIONS)
@pytest.mark.parametrize("owner", [TOKEN_PROGRAM, SYSTEM_PROGRAM, Pubkey(bytes([7] * 32))], ids=str)
async def test_attack_04_a_forged_account_of_another_program(
    world: World, instruction: str, slot: str, owner: Pubkey
) -> None:
    genuine = (await world.raw())["alice_member" if slot == "member" else "battery"]
    forged = world.put("forged", genuine.data, owner)
    async with world.refused(Anchor.AccountOwnedByWrongProgram):
        await world.run(instruction, **{slot: forged})

    await world.run(instruction)


@pytest.mark.parametrize("instruction", OWNERS_INSTRUCTIONS)
async def test_attack_05_a_battery_as_member_and_the_reverse(world: World, instruction: str) -> None:
    await world.start(at="rival")
    for accounts in (
        {"member": world["battery"]},
        {"member": world["rival_battery"]},
        {"battery": world["alice_member"]},
        {"battery": world["alice_member"], "member": world["battery"]},
    ):
        async with world.refused(Anchor.AccountDiscriminatorMismatch):
            await world.run(instruction, **accounts)

    await world.run(instruction)


@pytest.mark.parametrize("instruction", OWNERS_INSTRUCTIONS)
async def test_attack_06_a_member_never_opened(world: World, instruction: str) -> None:
    async with world.refused(Anchor.AccountNotInitialized):
        await world.run(instruction, by="carol")

    await world.run("open_member", owner="carol")
    await world.run("deposit_energy", by="carol")
    await world.run("allocate", by="carol")
    await world.run(instruction, by="carol")


@pytest.mark.parametrize("instruction", OWNERS_INSTRUCTIONS)
async def test_attack_07_another_batterys_member(world: World, instruction: str) -> None:
    await world.start(at="rival")
    await world.run("deposit_energy", amount=2_000, at="rival")
    await world.run("allocate", amount=500, at="rival")
    async with world.refused("member belongs to another battery"):
        await world.run(instruction, member=world["alice_rival_member"])
    async with world.refused("member belongs to another battery"):
        await world.run(instruction, at="rival", member=world["alice_member"])

    await world.run(instruction)
    await world.run(instruction, at="rival")


@pytest.mark.parametrize("instruction", VAULT_INSTRUCTIONS)
async def test_attack_08_an_own_account_as_vault(world: World, instruction: str) -> None:
    await world.make_tokens("alice_second", "alice", TOKENS)
    for vault in ("alice_second", "thief_tokens"):
        async with world.refused("vault is not of this battery"):
            await world.run(instruction, vault=world[vault])

    await world.run(instruction)


async def test_attack_08_a_second_account_of_the_batterys_as_vault(world: World) -> None:
    await world.make_tokens("false_vault", "battery", TOKENS)
    for instruction in VAULT_INSTRUCTIONS:
        async with world.refused("vault is not of this battery"):
            await world.run(instruction, vault=world["false_vault"])

        await world.run(instruction)


@pytest.mark.parametrize("instruction", VAULT_INSTRUCTIONS)
async def test_attack_09_another_batterys_vault(world: World, instruction: str) -> None:
    await world.start(at="rival")
    await world.run("deposit_energy", amount=2_000, at="rival")
    async with world.refused("vault is not of this battery"):
        await world.run(instruction, vault=world["rival_vault"])
    async with world.refused("vault is not of this battery"):
        await world.run(instruction, at="rival", vault=world["vault"])

    await world.run(instruction)
    await world.run(instruction, at="rival")


async def test_attack_10_tokens_of_another_mint(world: World) -> None:
    await world.make_mint("fake_mint")
    await world.make_tokens("fake_tokens", "alice", TOKENS, mint="fake_mint")
    async with world.refused("source holds another mint"):
        await world.run("deposit_energy", source=world["fake_tokens"])
    async with world.refused("destination holds another mint"):
        await world.run("withdraw_energy", destination=world["fake_tokens"])

    await world.run("deposit_energy")
    await world.run("withdraw_energy")


async def test_attack_11_fake_mint_source_and_vault_together(world: World) -> None:
    await world.make_mint("fake_mint")
    await world.make_tokens("fake_tokens", "alice", TOKENS, mint="fake_mint")
    await world.make_tokens("fake_vault", "battery", mint="fake_mint")
    fakes = {"mint": world["fake_mint"], "vault": world["fake_vault"], "source": world["fake_tokens"]}
    async with world.refused("mint is not of this battery"):
        await world.run("deposit_energy", **fakes)
    async with world.refused("vault is not of this battery"):
        await world.run("deposit_energy", **{**fakes, "mint": world["mint"]})
    async with world.refused("source holds another mint"):
        await world.run("deposit_energy", source=world["fake_tokens"])
    async with world.refused("vault is not of this battery"):
        await world.run("withdraw_energy", vault=world["fake_vault"], destination=world["fake_tokens"])

    await world.run("deposit_energy")
    await world.run("withdraw_energy")


async def test_attack_12_a_mint_as_token_account_and_the_reverse(world: World) -> None:
    for instruction, slot, account in (
        ("initialize", "mint", "alice_tokens"),
        ("deposit_energy", "mint", "alice_tokens"),
        ("deposit_energy", "mint", "vault"),
        ("deposit_energy", "vault", "mint"),
        ("deposit_energy", "source", "mint"),
        ("withdraw_energy", "vault", "mint"),
        ("withdraw_energy", "destination", "mint"),
    ):
        async with world.refused(INVALID_DATA):
            await world.run(instruction, **VALID[instruction], **{slot: world[account]})

    for instruction in TOKEN_INSTRUCTIONS:
        await world.run(instruction, **VALID[instruction])


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
    async with world.refused(Anchor.AccountOwnedByWrongProgram):
        await world.run("deposit_energy", source=world["fee_tokens"])
    async with world.refused(Anchor.AccountOwnedByWrongProgram):
        await world.run("deposit_energy", source=world["fee_tokens"], mint=world["fee_mint"])
    async with world.refused(Anchor.AccountOwnedByWrongProgram):
        await world.run("withdraw_energy", destination=world["fee_tokens"])

    await world.run("deposit_energy")
    await world.run("withdraw_energy")


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


@pytest.mark.parametrize("instruction", TOKEN_INSTRUCTIONS)
async def test_attack_15_a_fake_token_program(world: World, instruction: str) -> None:
    for fake in (TOKEN_2022_PROGRAM_ID, PROGRAM, SYSTEM_PROGRAM, world["thief"]):
        async with world.refused(Anchor.InvalidProgramId):
            await world.run(instruction, **VALID[instruction], token_program=fake)

    await world.run(instruction, **VALID[instruction])


@pytest.mark.parametrize("instruction", ["initialize", "open_member"])
async def test_attack_16_a_fake_system_program(world: World, instruction: str) -> None:
    for fake in (TOKEN_PROGRAM, PROGRAM, world["thief"]):
        async with world.refused(Anchor.InvalidProgramId):
            await world.run(instruction, **VALID[instruction], system_program=fake)

    await world.run(instruction, **VALID[instruction])


async def test_attack_17_another_sysvar(world: World) -> None:
    for instruction, slot in (("allocate", "clock"), ("initialize", "rent"), ("open_member", "rent")):
        for fake in (RENT if slot == "clock" else CLOCK, world["thief"], world["battery"]):
            async with world.refused(Anchor.AccountSysvarMismatch):
                await world.run(instruction, **VALID[instruction], **{slot: fake})

        await world.run(instruction, **VALID[instruction])


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("instruction", "slot", "sysvar"),
    [("allocate", "clock", CLOCK), ("initialize", "rent", RENT), ("open_member", "rent", RENT)],
)
async def test_attack_17_a_spoofed_clock_or_rent(
    world: World, instruction: str, slot: str, sysvar: Pubkey
) -> None:
    genuine = world.chain.account(sysvar)
    spoofed = world.put("spoofed", bytes(len(genuine.data)), genuine.owner)
    async with world.refused(Anchor.AccountSysvarMismatch):
        await world.run(instruction, **VALID[instruction], **{slot: spoofed})

    await world.run(instruction, **VALID[instruction])


# Creation


async def test_attack_18_initializing_again(world: World) -> None:
    async with world.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
        await world.run("initialize", capacity=CAPACITY + 1)

    await world.run("initialize", by="rival")


async def test_attack_18_opening_a_member_again(world: World) -> None:
    for payer in ("operator", "alice", "thief"):
        async with world.refused(System.ACCOUNT_ALREADY_IN_USE, by=SYSTEM_PROGRAM):
            await world.run("open_member", by=payer)

    await world.run("open_member", owner="carol")


async def test_attack_19_a_wrong_address(world: World) -> None:
    rival_accounts = {"by": "rival", "at": "rival"}
    for accounts in (
        {"battery": world["thief_tokens"]},
        {"battery": world["battery"]},
        {"battery": world.key("anywhere").pubkey()},
        {"vault": world["vault"]},
        {"vault": world["rival_battery"]},
        {"battery": world["rival_vault"], "vault": world["rival_battery"]},
    ):
        async with world.refused(Anchor.ConstraintSeeds):
            await world.run("initialize", **rival_accounts, **accounts)
    await world.run("initialize", **rival_accounts)

    for member in ("carol_rival_member", "alice_member", "rival_member", "carol"):
        async with world.refused(Anchor.ConstraintSeeds):
            await world.run("open_member", owner="carol", member=world[member])
    await world.run("open_member", owner="carol")


async def test_attack_19_a_bump_that_is_not_canonical(world: World) -> None:
    seeds = b"member" + bytes(world["battery"]) + bytes(world["carol"])
    candidates = (
        Pubkey(sha256(seeds + bytes([bump]) + bytes(PROGRAM) + b"ProgramDerivedAddress").digest())
        for bump in reversed(range(256))
    )
    canonical, other, *_ = (address for address in candidates if not address.is_on_curve())
    assert canonical == world["carol_member"]
    async with world.refused(Anchor.ConstraintSeeds):
        await world.run("open_member", owner="carol", member=other)

    await world.run("open_member", owner="carol", member=canonical)


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
    prefunded = {"battery": 232, "vault": 165, "alice_member": 104}  # bytes
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


CREATED = {"initialize": {"battery", "vault"}, "open_member": {"member"}}
OF_TOKEN_PROGRAM = {"mint", "vault", "source", "destination"}
SAME_TYPE = {
    ("vault", "source"): "vault is not of this battery",
    ("source", "vault"): "source is the vault",
    ("vault", "destination"): "vault is not of this battery",
    ("destination", "vault"): "destination is the vault",
}


def refusal(instruction: str, slot: str, filled_with: str) -> object:
    """The error of the slot's own check when it holds the account that belongs in another slot."""
    created = CREATED.get(instruction, set())
    if slot in ("authority", "payer", "owner"):
        return Anchor.AccountNotSigner
    if slot in ("clock", "rent"):
        return Anchor.AccountSysvarMismatch
    if slot in ("system_program", "token_program"):
        return Anchor.InvalidProgramId
    if slot in created:
        return Anchor.ConstraintSeeds
    if filled_with in created:
        return Anchor.AccountNotInitialized
    if {slot, filled_with} == {"battery", "member"}:
        return Anchor.AccountDiscriminatorMismatch
    if slot in OF_TOKEN_PROGRAM and filled_with in OF_TOKEN_PROGRAM:
        return SAME_TYPE.get((slot, filled_with), INVALID_DATA)
    return Anchor.AccountOwnedByWrongProgram


@pytest.mark.parametrize("instruction", VALID)
async def test_attack_22_one_account_in_two_slots(world: World, instruction: str) -> None:
    valid = world.instruction(instruction, **VALID[instruction])
    metas = dict(zip(SLOTS[instruction], valid.accounts, strict=True))
    for slot, filled_with in permutations(metas, 2):
        twice = AccountMeta(metas[filled_with].pubkey, metas[filled_with].is_signer, metas[slot].is_writable)
        tampered = {**metas, slot: twice}
        signers = [SIGNERS[instruction]] if any(meta.is_signer for meta in tampered.values()) else []
        async with world.refused(refusal(instruction, slot, filled_with)):
            await world.send(with_metas(valid, list(tampered.values())), signers=signers)

    await world.send(valid, signers=[SIGNERS[instruction]])


async def test_attack_22_source_and_vault_exchanged(world: World) -> None:
    async with world.refused("vault is not of this battery"):
        await world.run("deposit_energy", vault=world["alice_tokens"], source=world["vault"])
    async with world.refused("vault is not of this battery"):
        await world.run("withdraw_energy", vault=world["alice_tokens"], destination=world["vault"])

    await world.run("deposit_energy")
    await world.run("withdraw_energy")


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
    approval = ApproveParams(TOKEN_PROGRAM, world["alice_tokens"], world["thief"], world["alice"], TOKENS)
    await world.send(approve(approval), signers=["alice"])
    async with world.refused("source belongs to another owner"):
        await world.run("deposit_energy", by="thief", source=world["alice_tokens"])

    # The approval is real: the delegate may take the tokens, and then deposit them as their own.
    taking = TransferParams(
        TOKEN_PROGRAM, world["alice_tokens"], world["thief_tokens"], world["thief"], 1_000
    )
    await world.send(transfer(taking), signers=["thief"])
    await world.run("deposit_energy", by="thief")


@pytest.mark.parametrize("frozen", ["vault", "alice_tokens"])
async def test_attack_26_a_frozen_account(world: World, frozen: str) -> None:
    operator, mint = world["operator"], world["mint"]
    freeze = FreezeAccountParams(TOKEN_PROGRAM, world[frozen], mint, operator)
    await world.send(freeze_account(freeze), signers=["operator"])
    for instruction in VAULT_INSTRUCTIONS:
        async with world.refused(Token.ACCOUNT_FROZEN, by=TOKEN_PROGRAM):
            await world.run(instruction)
    await world.run("allocate")  # moves no tokens
    await world.run("deallocate")

    thaw = ThawAccountParams(TOKEN_PROGRAM, world[frozen], mint, operator)
    await world.send(thaw_account(thaw), signers=["operator"])
    for instruction in VAULT_INSTRUCTIONS:
        await world.run(instruction)


async def test_attack_27_too_few_tokens(world: World) -> None:
    left = TOKENS - 2_000
    async with world.refused(Token.INSUFFICIENT_FUNDS, by=TOKEN_PROGRAM):
        await world.run("deposit_energy", amount=left + 1)

    await world.run("deposit_energy", amount=left)


# Amounts


async def test_attack_28_one_more_than_there_is(world: World) -> None:
    await world.run("deposit_energy", by="bob", amount=10_000)
    for message, instruction, most, by in (
        ("amount exceeds the balance", "withdraw_energy", 1_800, "alice"),
        ("amount exceeds what is allocated", "deallocate", 500, "alice"),
        ("amount exceeds the allocation limit", "allocate", 4_000, "bob"),
    ):
        async with world.refused(message):
            await world.run(instruction, amount=most + 1, by=by)
        await world.run(instruction, amount=most, by=by)

    available = (await world.state())["battery"]["available"]
    assert available == 10_800 - 1_800 - 4_000
    async with world.refused("amount exceeds what is available"):
        await world.run("withdraw_energy", amount=available + 1, by="bob")
    await world.run("withdraw_energy", amount=available, by="bob")


@pytest.mark.parametrize(
    ("instruction", "message"),
    [
        ("deposit_energy", "amount exceeds the free capacity"),
        ("withdraw_energy", "amount exceeds the balance"),
        ("allocate", "amount exceeds what is available"),
        ("deallocate", "amount exceeds what is allocated"),
    ],
)
async def test_attack_29_the_greatest_amount(world: World, instruction: str, message: str) -> None:
    for amount in (U64_MAX, U64_MAX - 1, 2**63, 2**63 - 1):
        async with world.refused(message):
            await world.run(instruction, amount=amount)

    await world.run(instruction)


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("instruction", "account", "fields"),
    [
        *(
            (instruction, "battery", {"sequence": U64_MAX})
            for instruction in (*OWNERS_INSTRUCTIONS, "open_member")
        ),
        ("open_member", "battery", {"member_count": U64_MAX}),
        ("deposit_energy", "alice_member", {"balance": U64_MAX}),
        ("allocate", "alice_member", {"allocated": U64_MAX}),
        ("allocate", "battery", {"allocated": U64_MAX}),
        ("deallocate", "battery", {"available": U64_MAX}),
    ],
)
async def test_attack_29_a_sum_stops_instead_of_wrapping_around(
    world: World, instruction: str, account: str, fields: dict[str, int]
) -> None:
    # No sequence of instructions leads here: this is what holds if one did, and only overflow checks do it.
    genuine = (await world.state())[account]
    await world.forge(account, **fields)
    async with world.refused("attempt to add with overflow"):
        await world.run(instruction, **VALID[instruction])

    await world.forge(account, **{name: genuine[name] for name in fields})
    await world.run(instruction, **VALID[instruction])


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("instruction", "account", "fields"),
    [
        ("deposit_energy", "battery", {"capacity": 0}),
        ("deposit_energy", "battery", {"capacity": 1_500}),
        ("deallocate", "battery", {"allocated": 99}),
    ],
    ids=str,
)
async def test_attack_30_a_difference_stops_instead_of_wrapping_around(
    world: World, instruction: str, account: str, fields: dict[str, int]
) -> None:
    genuine = (await world.state())[account]
    await world.forge(account, **fields)
    async with world.refused("attempt to subtract with overflow"):
        await world.run(instruction)

    await world.forge(account, **{name: genuine[name] for name in fields})
    await world.run(instruction)


async def test_attack_30_a_credit_needs_more_than_64_bits(empty_world: World) -> None:
    world = empty_world
    supply = (await world.state())["mint"]["supply"]
    everything = U64_MAX - supply
    await world.make_tokens("hoard", "alice", everything)
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
        alice_member={"balance": credit},
    )


@pytest.mark.embedded
async def test_attack_30_a_credit_beyond_64_bits(world: World) -> None:
    await world.forge("battery", efficiency_bps=10_001)  # which assert_policy never lets in
    async with world.refused("called `Result::unwrap()` on an `Err` value: TryFromIntError(())"):
        await world.run("deposit_energy", amount=U64_MAX)

    await world.forge("battery", efficiency_bps=EFFICIENCY_BPS)
    await world.run("deposit_energy")


@pytest.mark.parametrize("instruction", OWNERS_INSTRUCTIONS)
async def test_attack_31_zero(world: World, instruction: str) -> None:
    async with world.refused("amount must be positive"):
        await world.run(instruction, amount=0)

    await world.run(instruction, amount=2)


@pytest.mark.parametrize(
    ("policy", "message", "nearest"),
    [
        ({"capacity": 0}, "capacity must be positive", {"capacity": 1, "allocation_limit": 1}),
        ({"efficiency_bps": 0}, "efficiency must be positive", {"efficiency_bps": 1}),
        ({"efficiency_bps": 10_001}, "efficiency exceeds 10000 basis points", {"efficiency_bps": 10_000}),
    ],
)
async def test_attack_32_a_battery_that_makes_no_sense(
    empty_world: World, policy: dict[str, int], message: str, nearest: dict[str, int]
) -> None:
    async with empty_world.refused(message):
        await empty_world.run("initialize", **policy)

    await empty_world.run("initialize", **nearest)


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
    assert (state["thief_member"]["balance"], state["alice_member"]["balance"]) == (500, 999)

    for _ in range(50):
        await world.send(*dust["withdraw_energy"], signers=["thief"])
    await world.run("withdraw_energy", amount=999)
    after = await world.state()
    assert (after["thief_tokens"]["amount"], after["alice_tokens"]["amount"]) == (TOKENS - 500, TOKENS - 1)
    assert (after["vault"]["amount"], after["battery"]["available"]) == (0, 0)


async def test_attack_34_tokens_sent_straight_to_the_vault(world: World) -> None:
    before = await world.state()
    gift = TransferParams(TOKEN_PROGRAM, world["thief_tokens"], world["vault"], world["thief"], 5_000)
    await world.send(transfer(gift), signers=["thief"])
    assert await world.state() == changed(
        before, thief_tokens={"amount": TOKENS - 5_000}, vault={"amount": 1_800 + 5_000}
    )

    async with world.refused("amount exceeds the balance"):
        await world.run("withdraw_energy", amount=1, by="thief")
    await world.run("deallocate", amount=500)
    async with world.refused("amount exceeds the balance"):
        await world.run("withdraw_energy", amount=1_801)
    await world.run("withdraw_energy", amount=1_800)
    assert (await world.state())["vault"]["amount"] == 5_000
    await world.run("deposit_energy", amount=1_000)


# Malformed instructions


@pytest.mark.parametrize("instruction", VALID)
async def test_attack_35_read_only_where_writable(world: World, instruction: str) -> None:
    valid = world.instruction(instruction, **VALID[instruction])
    signers = [SIGNERS[instruction]]
    for number, meta in enumerate(valid.accounts):
        if not meta.is_writable:
            continue
        metas = [*valid.accounts]
        metas[number] = AccountMeta(meta.pubkey, meta.is_signer, False)
        # New accounts are created, and paid for, before Anchor looks whether they are writable.
        creation = {"authority", "payer"} | CREATED.get(instruction, set())
        early = instruction in CREATED and SLOTS[instruction][number] in creation
        error = InstructionErrorFieldless.PrivilegeEscalation if early else Anchor.ConstraintMut
        async with world.refused(error):
            await world.send(with_metas(valid, metas), signers=signers)

    await world.send(valid, signers=signers)


@pytest.mark.parametrize("instruction", VALID)
async def test_attack_35_a_missing_account(world: World, instruction: str) -> None:
    valid = world.instruction(instruction, **VALID[instruction])
    signers = [SIGNERS[instruction]]
    for count in range(1, len(valid.accounts)):
        async with world.refused(Anchor.AccountNotEnoughKeys):
            await world.send(with_metas(valid, valid.accounts[:count]), signers=signers)
    async with world.refused(Anchor.AccountNotEnoughKeys):
        await world.send(with_metas(valid, []))

    await world.send(valid, signers=signers)


@pytest.mark.parametrize("instruction", VALID)
async def test_attack_36_truncated_arguments(world: World, instruction: str) -> None:
    valid = world.instruction(instruction, **VALID[instruction])
    signers = [SIGNERS[instruction]]
    for length in range(8, len(valid.data)):
        async with world.refused(Anchor.InstructionDidNotDeserialize):
            await world.send(with_data(valid, valid.data[:length]), signers=signers)

    await world.send(valid, signers=signers)


@pytest.mark.parametrize("instruction", VALID)
async def test_attack_36_bytes_after_the_arguments_are_ignored(world: World, instruction: str) -> None:
    valid = world.instruction(instruction, **VALID[instruction])
    await world.send(with_data(valid, valid.data + b"\xff" * 9), signers=[SIGNERS[instruction]])


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
        await world.send(with_data(valid, data), signers=["alice"])

    await world.send(valid, signers=["alice"])


async def test_attack_36_nobody_publishes_an_idl_in_the_programs_name(world: World) -> None:
    # Anchor's own instruction would make the first caller the authority of the program's IDL account.
    base, _ = Pubkey.find_program_address([], PROGRAM)
    account = Pubkey.create_with_seed(base, "anchor:idl", PROGRAM)
    world.accounts["idl"] = account
    create = bytes.fromhex("40f4bc78a7e9690a") + b"\0" + (100).to_bytes(8, "little")
    metas = [
        AccountMeta(world["thief"], True, True),
        AccountMeta(account, False, True),
        *(AccountMeta(key, False, False) for key in (base, SYSTEM_PROGRAM, PROGRAM)),
    ]
    async with world.refused(Anchor.IdlInstructionStub):
        await world.send(Instruction(PROGRAM, create, metas), signers=["thief"])


# Time, the pause and the battery's signature


@pytest.mark.embedded
@pytest.mark.parametrize("moment", [0, -1, -(10**12), -I64_MAX - 1, 2**32, I64_MAX - ALLOCATION_LIFETIME])
async def test_attack_37_any_time_gives_the_exact_expiry(world: World, moment: int) -> None:
    world.travel_to(moment)
    await world.run("allocate")
    assert (await world.state())["alice_member"]["allocation_expiry"] == moment + ALLOCATION_LIFETIME


@pytest.mark.embedded
@pytest.mark.parametrize("moment", [I64_MAX - ALLOCATION_LIFETIME + 1, I64_MAX])
async def test_attack_37_no_expiry_beyond_time(world: World, moment: int) -> None:
    world.travel_to(moment)
    async with world.refused("attempt to add with overflow"):
        await world.run("allocate")

    world.travel_to(NOON)
    await world.run("allocate")


@pytest.mark.embedded
async def test_attack_38_a_pause_keeps_nobody_in(world: World) -> None:
    await world.forge("battery", paused=True)
    for instruction in ("deposit_energy", "allocate"):
        async with world.refused("battery is paused"):
            await world.run(instruction)
    await world.run("deallocate", amount=500)
    await world.run("withdraw_energy", amount=1_800)

    after = await world.state()
    assert after["alice_tokens"]["amount"] == TOKENS - 200
    assert after["vault"]["amount"] == 0
    await world.forge("battery", paused=False)
    for instruction in ("deposit_energy", "allocate"):
        await world.run(instruction)


@pytest.mark.embedded
async def test_attack_39_another_batterys_signature(world: World) -> None:
    # The seeds are the account's own: with the rival's in it, the rival's battery would sign.
    await world.run("initialize", by="rival")
    state = await world.state()
    genuine, rivals = (
        {name: state[battery][name] for name in ("creator", "bump")}
        for battery in ("battery", "rival_battery")
    )
    await world.forge("battery", **rivals)
    async with world.refused(InstructionErrorFieldless.PrivilegeEscalation):
        await world.run("withdraw_energy")

    await world.forge("battery", **genuine)
    await world.run("withdraw_energy")


# One battery, one transaction


async def test_an_operation_on_one_battery_changes_no_byte_of_another(world: World) -> None:
    await world.start(at="rival")
    await world.run("deposit_energy", amount=2_000, at="rival")
    await world.run("allocate", amount=500, at="rival")
    rivals = {name: account for name, account in (await world.raw()).items() if "rival_" in name}

    for instruction in ("open_member", *OWNERS_INSTRUCTIONS):
        await world.run(instruction, **VALID[instruction])

    after = await world.raw()
    assert {name: after[name] for name in rivals} == rivals


async def test_a_refused_instruction_undoes_the_whole_transaction(world: World) -> None:
    steps = [world.instruction(instruction) for instruction in OWNERS_INSTRUCTIONS]
    async with world.refused("amount exceeds the balance"):
        await world.send(*steps, world.instruction("withdraw_energy", amount=U64_MAX), signers=["alice"])

    events = await world.send(*steps, signers=["alice"])
    assert [event.data["sequence"] for event in events] == [7, 8, 9, 10]
