"""The matrix: each account slot of each instruction, filled with each account there is, and tampered with.

Rows come from the IDL, columns from the cast. What has to come of a cell is reasoned here, from what is true
of the account: first Anchor's own checks, which know one account alone, then the program's, which know how
accounts belong together. A slot or an instruction without an expectation fails. One account in two slots is
part of it: every right account of one slot is tried in every other.
"""

from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
import pytest_asyncio
from anchorpy import Program
from anchorpy.error import _LangErrorCode as Anchor
from solders.account import Account
from solders.instruction import AccountMeta
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.transaction_status import InstructionErrorFieldless

from amalgam.embedded import EmbeddedChain
from tests.adversarial.scene import CAST, FIXED, VALID, address, assemble, ready, with_metas
from tests.shadow import CREATED, SIGNERS
from tests.stage import NOON, TOKEN_PROGRAM, WALLETS, Snapshot, changed
from tests.world import DEFAULT_ARGUMENTS, POLICY_LIMIT, PROGRAM, SLOTS, World

pytestmark = pytest.mark.embedded

ROWS = [(instruction, slot) for instruction, slots in SLOTS.items() for slot in slots]

Error = str | Anchor | InstructionErrorFieldless
SUCCESS = None

# What Anchor checks of one account

SYSVARS = ("clock", "rent")
PROGRAMS = ("system_program", "token_program")
STATE = {
    "battery": (PROGRAM, "battery"),
    "member": (PROGRAM, "member"),
    "mint": (TOKEN_PROGRAM, "mint"),
    "vault": (TOKEN_PROGRAM, "tokens"),
    "source": (TOKEN_PROGRAM, "tokens"),
    "destination": (TOKEN_PROGRAM, "tokens"),
}
WRONG_LAYOUT: dict[tuple[Pubkey, str], Error] = {
    (program, layout): error
    for error, program, layouts in (
        (Anchor.AccountDiscriminatorNotFound, PROGRAM, ("empty_state", "short_state")),
        (
            Anchor.AccountDiscriminatorMismatch,
            PROGRAM,
            ("battery", "member", "blank_state", "mint", "tokens"),
        ),
        (
            InstructionErrorFieldless.InvalidAccountData,  # by its size
            TOKEN_PROGRAM,
            ("mint", "tokens", "blank_mint", "blank_tokens", "multisig", "battery", "member"),
        ),
    )
    for layout in layouts
}
NEVER_INITIALIZED = dict.fromkeys(
    (("mint", "blank_mint"), ("tokens", "blank_tokens")), InstructionErrorFieldless.UninitializedAccount
)


def anchors_refusal(instruction: str, slot: str, substitute: str) -> Error | None:
    """Why the account cannot be in this slot, whatever the others are."""
    facts = CAST[substitute]
    if slot in SYSVARS:
        return Anchor.AccountSysvarMismatch
    if slot in PROGRAMS:
        return Anchor.InvalidProgramId
    if slot in SIGNERS:
        return None if substitute in WALLETS else Anchor.AccountNotSigner
    if slot in CREATED.get(instruction, ()):
        return Anchor.ConstraintSeeds
    program, layout = STATE[slot]
    if facts.program is None:
        return Anchor.AccountNotInitialized
    if facts.program != program:
        return Anchor.AccountOwnedByWrongProgram
    if facts.layout == layout:
        return None
    return NEVER_INITIALIZED.get((layout, facts.layout)) or WRONG_LAYOUT[program, facts.layout]


# What the program checks of how accounts belong together

OWNERS = ("deposit_energy", "withdraw_energy", "allocate", "deallocate", "consume")
MEMBERS_INSTRUCTIONS = (*OWNERS, "release_expired", "set_member_limit")
AUTHORITYS = ("set_policy", "set_member_limit", "pause", "resume", "propose_authority")


def programs_refusal(instruction: str, slot: str, substitute: str) -> Error | None:
    """Why an account that could be in this slot must not be there beside the others; None where it may."""
    facts = CAST[substitute]
    match instruction, slot:
        case "initialize", "authority" | "mint":
            return Anchor.ConstraintSeeds  # they are in the new battery's address
        case "open_member", "payer":
            return SUCCESS
        case "open_member", "battery":
            return Anchor.ConstraintSeeds  # it is in the new member's address
        case name, "owner" if name in OWNERS:
            return "member belongs to another owner"
        case name, "battery" if name in (*OWNERS, "release_expired"):
            return "member belongs to another battery"
        case name, "member" if name in MEMBERS_INSTRUCTIONS and facts.battery != "battery":
            return "member belongs to another battery"
        case name, "member" if name in OWNERS:
            return "member belongs to another owner"
        case "release_expired", "member":
            return SUCCESS if substitute == "bob_member" else "nothing is allocated"
        case "deposit_energy" | "consume", "mint":
            return "mint is not of this battery"
        case "deposit_energy" | "withdraw_energy" | "consume", "vault":
            return "vault is not of this battery"
        case "deposit_energy", "source":
            if substitute == "vault":
                return "source is the vault"
            if facts.mint != "mint":
                return "source holds another mint"
            return SUCCESS if facts.owner == "alice" else "source belongs to another owner"
        case "withdraw_energy", "destination":
            if substitute == "vault":
                return "destination is the vault"
            return SUCCESS if facts.mint == "mint" else "destination holds another mint"
        case name, "authority" if name in AUTHORITYS:
            return "signer is not the authority"
        case name, "battery" if name in AUTHORITYS and substitute == "rival_battery":
            return "signer is not the authority"
        case "set_member_limit", "battery":
            return "member belongs to another battery"
        case "resume", "battery":
            return "battery is not paused"
        case "set_policy" | "pause" | "propose_authority", "battery":
            return SUCCESS  # the operator's other one
        case "set_member_limit", "member":
            return SUCCESS
        case "accept_authority", "authority":
            return "signer is not the proposed authority"
        case "accept_authority", "battery":
            return "no new authority is proposed"
    raise AssertionError(f"{instruction} has no expectation for {substitute} as {slot}")


def effect(world: World, instruction: str, substitute: str, before: Snapshot) -> dict[str, dict[str, Any]]:
    """What an instruction changes that succeeds with a substitute."""

    def added(name: str, **amounts: int) -> dict[str, dict[str, int]]:
        return {name: {field: before[name][field] + amount for field, amount in amounts.items()}}

    match instruction:
        case "open_member":
            rent = 1_614_720  # lamports, of 104 bytes
            carols = {
                **{"kind": "Member", "program": PROGRAM, "size": 104, "lamports": rent},
                **{"owner": world["carol"], "battery": world["battery"], "balance": 0, "allocated": 0},
                **{"allocation_limit": POLICY_LIMIT, "allocation_expiry": 0},
            }
            return {
                "carol_member": carols,
                **added(substitute, lamports=-rent),
                **added("battery", member_count=1, sequence=1),
            }
        case "deposit_energy":
            return {
                **added(substitute, amount=-1_000),
                **added("vault", amount=900),
                **added("mint", supply=-100),
                **added("battery", available=900, sequence=1),
                **added("alice_member", balance=900),
            }
        case "withdraw_energy":
            return {
                **added(substitute, amount=100),
                **added("vault", amount=-100),
                **added("battery", available=-100, sequence=1),
                **added("alice_member", balance=-100),
            }
        case "release_expired":
            return {
                **added(substitute, allocated=-500),
                **added("battery", available=500, allocated=-500, sequence=1),
            }
        case "set_member_limit":
            return {substitute: {"allocation_limit": 1_000}, **added("battery", sequence=1)}
        case "set_policy":
            fields = DEFAULT_ARGUMENTS["set_policy"]
        case "pause":
            fields = {"paused": True}
        case "propose_authority":
            fields = {"pending_authority": world["carol"]}
        case _:
            raise AssertionError(f"{instruction} has no effect with {substitute}")
    return {substitute: fields | added(substitute, sequence=1)[substitute]}


# The matrix

CREATION = {"initialize": ("authority", "battery", "vault"), "open_member": ("payer", "member")}


def cells(
    world: World, instruction: str, slot: str, valid: list[AccountMeta]
) -> Iterator[tuple[str, list[AccountMeta], Error | None]]:
    """What is done to a slot, the accounts that makes, and what must come of it."""
    number = SLOTS[instruction].index(slot)
    before, right, after = valid[:number], valid[number], valid[number + 1 :]
    key, signs, writes = right.pubkey, right.is_signer, right.is_writable
    for name in CAST:
        if address(world, name) != key:
            substitute = AccountMeta(address(world, name), signs and name in WALLETS, writes)
            refusal = anchors_refusal(instruction, slot, name) or programs_refusal(instruction, slot, name)
            yield name, [*before, substitute, *after], refusal
    yield "missing", before, Anchor.AccountNotEnoughKeys
    if signs:
        yield "not signed", [*before, AccountMeta(key, False, writes), *after], Anchor.AccountNotSigner
    if writes:
        # New accounts are created, and paid for, before Anchor looks whether they are writable.
        early = slot in CREATION.get(instruction, ())
        error = InstructionErrorFieldless.PrivilegeEscalation if early else Anchor.ConstraintMut
        yield "not writable", [*before, AccountMeta(key, signs, False), *after], error


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(chain: EmbeddedChain, program: Program) -> World:
    """One world for all rows: each leaves it as it was."""
    chain.unix_timestamp = NOON
    world = World(program, "matrix", chain)
    await assemble(world)
    return world


@asynccontextmanager
async def undone(world: World) -> AsyncIterator[None]:
    """Whatever happens inside, every account and the clock are then as before."""
    before, moment = await world.raw(), world.chain.unix_timestamp
    try:
        yield
    finally:
        world.travel_to(moment)
        for name, account in (await world.raw()).items():
            if account != before[name]:
                nothing = Account(0, b"", SYSTEM_PROGRAM)
                world.chain.set_account(world[name], before[name] or nothing)


@contextmanager
def named(cell: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        error.add_note(f"cell: {cell}")
        raise


@pytest.mark.asyncio(loop_scope="module")
async def test_the_cast_is_what_it_says(scene: World) -> None:
    assert set(CAST) == {*scene.accounts, *FIXED}
    accounts = {name: scene.chain.account(address(scene, name)) for name in CAST}
    owners = {name: account and account.owner for name, account in accounts.items()}
    assert owners == {name: facts.program for name, facts in CAST.items()}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("instruction", "slot"), ROWS)
async def test_every_cell_of_a_row(scene: World, instruction: str, slot: str) -> None:
    world = scene
    world.travel_to(NOON)
    wallets = {world[name]: name for name in WALLETS}
    new = {"battery": world["new_battery"], "vault": world["new_vault"], "mint": world["other_mint"]}
    accounts = new if instruction == "initialize" else {}
    valid = world.instruction(instruction, **VALID[instruction], **accounts)
    assert {meta.pubkey for meta in valid.accounts} <= {address(world, name) for name in CAST}

    async with undone(world):
        await ready(world, instruction)
        first_block = world.chain.slot
        for name, metas, refusal in cells(world, instruction, slot, valid.accounts):
            signers = [wallets[meta.pubkey] for meta in metas if meta.is_signer]
            sent = world.send(with_metas(valid, metas), signers=signers)
            with named(name):
                if refusal is SUCCESS:
                    await succeeds(world, instruction, name, sent)
                else:
                    async with world.refused(refusal):
                        await sent

        right = valid.accounts[SLOTS[instruction].index(slot)]
        visited = world.chain.slot - first_block  # each transaction is a block
        assert visited == len(CAST) - 1 + 1 + right.is_signer + right.is_writable


async def succeeds(world: World, instruction: str, substitute: str, sent: Awaitable[object]) -> None:
    """The transaction has exactly its effect; all of it is undone again."""
    async with undone(world):
        before = await world.raw()
        await sent
        after = await world.raw()
    touched = [name for name in before if after[name] != before[name]]
    was, became = (
        {name: accounts[name] and world.decoded(accounts[name]) for name in touched}
        for accounts in (before, after)
    )
    assert became == changed(was, **effect(world, instruction, substitute, was))


def test_the_matrix_has_so_many_cells(program: Program) -> None:
    slots = [slot for instruction in program.idl.instructions for slot in instruction.accounts]
    tampered = sum(1 + slot.is_signer + slot.is_mut for slot in slots)
    assert (len(slots), len(CAST)) == (55, 73)
    assert len(slots) * (len(CAST) - 1) + tampered == 4_072
