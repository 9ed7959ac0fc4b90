"""The matrix of the battery: what its instructions make of every account in every slot."""

from typing import Any

import pytest
import pytest_asyncio
from anchorpy import Program
from anchorpy.error import _LangErrorCode as Anchor
from solders.instruction import Instruction

from amalgam.chain.embedded import EmbeddedChain
from tests.adversarial.battery.scene import CAST, FIXED, VALID, assemble, ready
from tests.adversarial.matrix import SUCCESS, Error, Matrix
from tests.shadow.battery import CREATED, SIGNERS
from tests.support.battery import DEFAULT_ARGUMENTS, POLICY_LIMIT, PROGRAM, SLOTS, World
from tests.support.stage import NOON, WALLETS, Snapshot

pytestmark = pytest.mark.embedded

# What the program checks of how accounts belong together

OWNERS = ("deposit_energy", "withdraw_energy", "allocate", "deallocate", "consume")
MEMBERS_INSTRUCTIONS = (*OWNERS, "release_expired", "set_member_limit")
AUTHORITYS = ("set_policy", "set_member_limit", "pause", "resume", "propose_authority")


def programs_refusal(instruction: str, slot: str, substitute: str) -> Error | None:
    """Why an account that could be in this slot must not be there beside the others; None if it may."""
    facts = CAST[substitute]
    match instruction, slot:
        case "initialize", "authority" | "mint":
            return Anchor.ConstraintSeeds  # they are in the new battery's address
        case "open_member", "payer":
            return SUCCESS
        case "open_member", "battery":
            return Anchor.ConstraintSeeds  # it is in the new member's address
        case "return_rent", "member" if facts.owner == "owner":
            return SUCCESS
        case "return_rent", _:
            return "member belongs to another owner"
        case name, "owner" if name in OWNERS:
            return "member belongs to another owner"
        case name, "battery" if name in (*OWNERS, "release_expired"):
            return "member belongs to another battery"
        case name, "member" if name in MEMBERS_INSTRUCTIONS and facts.ledger != "battery":
            return "member belongs to another battery"
        case name, "member" if name in OWNERS:
            return "member belongs to another owner"
        case "release_expired", "member":
            return SUCCESS if substitute == "neighbour_member" else "nothing is allocated"
        case "deposit_energy" | "consume", "mint":
            return "mint is not of this battery"
        case "deposit_energy" | "withdraw_energy" | "consume", "vault":
            return "vault is not of this battery"
        case "deposit_energy", "source":
            if substitute == "vault":
                return "source is the vault"
            if facts.mint != "mint":
                return "source holds another mint"
            return SUCCESS if facts.owner == "owner" else "source belongs to another owner"
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
            newcomers = {
                **{"kind": "Member", "program": PROGRAM, "size": 104, "lamports": rent},
                **{"owner": world["newcomer"], "battery": world["battery"], "balance": 0, "allocated": 0},
                **{"allocation_limit": POLICY_LIMIT, "allocation_expiry": 0},
            }
            return {
                "newcomer_member": newcomers,
                **added(substitute, lamports=-rent),
                **added("battery", member_count=1, sequence=1),
            }
        case "deposit_energy":
            return {
                **added(substitute, amount=-1_000),
                **added("vault", amount=900),
                **added("mint", supply=-100),
                **added("battery", available=900, sequence=1),
                **added("owner_member", balance=900),
            }
        case "withdraw_energy":
            return {
                **added(substitute, amount=100),
                **added("vault", amount=-100),
                **added("battery", available=-100, sequence=1),
                **added("owner_member", balance=-100),
            }
        case "release_expired":
            return {
                **added(substitute, allocated=-500),
                **added("battery", available=500, allocated=-500, sequence=1),
            }
        case "return_rent":
            return {**added(substitute, lamports=-1_000), **added("owner", lamports=1_000)}
        case "set_member_limit":
            return {substitute: {"allocation_limit": 1_000}, **added("battery", sequence=1)}
        case "set_policy":
            fields = DEFAULT_ARGUMENTS["set_policy"]
        case "pause":
            fields = {"paused": True}
        case "propose_authority":
            fields = {"pending_authority": world["newcomer"]}
        case _:
            raise AssertionError(f"{instruction} has no effect with {substitute}")
    return {substitute: fields | added(substitute, sequence=1)[substitute]}


def valid(world: World, instruction: str) -> Instruction:
    new = {"battery": world["new_battery"], "vault": world["new_vault"], "mint": world["other_mint"]}
    accounts = new if instruction == "initialize" else {}
    return world.instruction(instruction, **VALID[instruction], **accounts)


MATRIX = Matrix(
    program=PROGRAM,
    slots=SLOTS,
    cast=CAST,
    fixed=FIXED,
    keys=WALLETS,
    signing=SIGNERS,
    records={"battery": "battery", "member": "member"},
    created=CREATED,
    refusal=programs_refusal,
    effect=effect,
    valid=valid,
    ready=ready,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(chain: EmbeddedChain, program: Program) -> World:
    """One world for all rows: each leaves it as it was."""
    chain.unix_timestamp = NOON
    world = World(program, "matrix of the battery", chain)
    await assemble(world)
    return world


@pytest.mark.asyncio(loop_scope="module")
async def test_the_cast_is_what_it_says(scene: World) -> None:
    MATRIX.check_cast(scene)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("instruction", "slot"), MATRIX.rows)
async def test_every_cell_of_a_row(scene: World, instruction: str, slot: str) -> None:
    scene.travel_to(NOON)
    await MATRIX.check_row(scene, instruction, slot)


def test_the_matrix_has_so_many_cells(program: Program) -> None:
    slots = [slot for instruction in program.idl.instructions for slot in instruction.accounts]
    tampered = sum(2 + slot.is_signer for slot in slots)
    assert (len(slots), len(CAST)) == (57, 73)
    assert MATRIX.size + tampered == 4_232
