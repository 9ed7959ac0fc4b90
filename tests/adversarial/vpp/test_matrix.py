"""The matrix of the power plant: what its instructions make of every account in every slot."""

from typing import Any

import pytest
import pytest_asyncio
from anchorpy import Program
from anchorpy.error import _LangErrorCode as Anchor
from solders.instruction import Instruction
from solders.system_program import ID as SYSTEM_PROGRAM

from amalgam.chain.embedded import EmbeddedChain
from tests.adversarial.cast import Facts, FalseCast
from tests.adversarial.matrix import SUCCESS, Error, Matrix
from tests.support.stage import NOON, TOKEN_PROGRAM, WALLETS, Snapshot
from tests.support.vpp import (
    AMOUNT,
    BOND,
    EARNED,
    PARTICIPANTS,
    PREFIXES,
    PROGRAM,
    REWARD,
    SLOTS,
    STARTS,
    Dispatching,
    pda,
)

pytestmark = pytest.mark.embedded

CREATED = {
    "initialize": ("plant", "energy_vault"),
    "open_payment_vault": ("payment_vault",),
    "open_dispatch": ("dispatch",),
    "open_commitment": ("commitment",),
}

# The cast: the operator's plant and the rival's, and one of the neighbour's that has no payment vault yet

_GENUINE = {
    **{f"{prefix}plant": Facts(PROGRAM, "plant") for prefix in ("", "rival_", "bare_")},
    **{
        f"{prefix}{kind}_vault": Facts(TOKEN_PROGRAM, "tokens", f"{kind}_mint", f"{prefix}plant")
        for prefix in ("", "rival_")
        for kind in ("energy", "payment")
    },
    "bare_energy_vault": Facts(TOKEN_PROGRAM, "tokens", "energy_mint", "bare_plant"),
    **{f"{prefix}dispatch": Facts(PROGRAM, "dispatch", ledger=f"{prefix}plant") for prefix in ("", "rival_")},
    "second_dispatch": Facts(PROGRAM, "dispatch", ledger="plant"),
    **{
        f"{owner}_{prefix}commitment": Facts(PROGRAM, "commitment", owner=owner, ledger=f"{prefix}plant")
        for owner in PARTICIPANTS
        for prefix in ("", "rival_")
    },
    **{f"{kind}_mint": Facts(TOKEN_PROGRAM, "mint") for kind in ("energy", "payment", "other")},
    **{
        f"{owner}_{kind}": Facts(TOKEN_PROGRAM, "tokens", f"{kind}_mint", owner)
        for owner in WALLETS
        for kind in ("energy", "payment")
    },
    "owner_savings": Facts(TOKEN_PROGRAM, "tokens", "payment_mint", "owner"),
}
_NOTHING = [
    *(f"{owner}_{p}commitment" for owner in WALLETS if owner not in PARTICIPANTS for p in PREFIXES.values()),
    *("second_rival_dispatch", "new_dispatch", "new_plant", "new_energy_vault", "bare_payment_vault"),
    "nowhere",
]
_FALSE = FalseCast(
    "virtual_power_plant",
    PROGRAM,
    _GENUINE,
    ("plant", "dispatch", "owner_commitment", "energy_mint", "owner_energy"),
)
CAST = {
    **{name: Facts(SYSTEM_PROGRAM, "wallet") for name in WALLETS},
    **_GENUINE,
    **{name: Facts() for name in _NOTHING},
    **_FALSE.cast,
}


async def assemble(dispatching: Dispatching) -> None:
    """Bring the whole cast about.

    The owner and the neighbour have committed, the owner to the rival's dispatch too.
    """
    await dispatching.prepare()
    for operator in PREFIXES:
        await dispatching.start(at=operator)
    mints = (dispatching["energy_mint"], dispatching["payment_mint"])
    for name, creator in (("bare", "neighbour"), ("new", "newcomer")):
        plant = pda(b"plant", dispatching[creator], *mints)
        dispatching.accounts |= {f"{name}_plant": plant, f"{name}_energy_vault": pda(b"energy_vault", plant)}
    dispatching.accounts |= {
        "bare_payment_vault": pda(b"payment_vault", dispatching["bare_plant"]),
        "new_dispatch": pda(b"dispatch", dispatching["plant"], bytes([9])),
        "nowhere": dispatching.key("nowhere").pubkey(),
    }
    await dispatching.run("initialize", by="neighbour", at="operator", **plant_of(dispatching, "bare"))
    await dispatching.run("open_dispatch", number=1)
    await dispatching.run("commit")
    await dispatching.run("commit", of="neighbour", amount=1_000)
    await dispatching.run("commit", at="rival", amount=1_000)
    await dispatching.make_mint("other_mint")
    await dispatching.make_tokens("owner_savings", "owner", mint="payment_mint")
    await _FALSE.assemble(dispatching)


def plant_of(dispatching: Dispatching, name: str) -> dict[str, Any]:
    return {slot: dispatching[f"{name}_{slot}"] for slot in ("plant", "energy_vault")}


# What the program checks of how accounts belong together

OF_AUTHORITY = ("pause", "resume", "propose_authority", "announce", "cancel_dispatch")
ENDPOINTS = {  # the slots of tokens that must differ, and what the refusal calls them
    "announce": {"source": "operator_payment", "payment_vault": "payment_vault"},
    "cancel_dispatch": {"destination": "operator_payment", "payment_vault": "payment_vault"},
    "commit": {"source": "thief_payment", "payment_vault": "payment_vault"},
    "deliver": {"source": "owner_energy", "energy_vault": "energy_vault"},
    "settle_commitment": {"destination": "owner_payment", "payment_vault": "payment_vault"},
}
SETTLED = {
    "energy_vault": "energy_vault",
    "payment_vault": "payment_vault",
    "energy_destination": "operator_energy",
    "payment_destination": "operator_payment",
}
BOTH = {
    frozenset(("energy_vault", "payment_vault")): "energy vault is the payment vault",
    frozenset(("energy_vault", "energy_destination")): "energy destination is the energy vault",
    frozenset(("energy_vault", "payment_destination")): "payment destination is the energy vault",
    frozenset(("payment_vault", "energy_destination")): "energy destination is the payment vault",
    frozenset(("payment_vault", "payment_destination")): "payment destination is the payment vault",
    frozenset(("energy_destination", "payment_destination")): "destinations are the same",
}


def programs_refusal(instruction: str, slot: str, substitute: str) -> Error | None:
    """Why an account that could be in this slot must not be there beside the others; None if it may."""
    facts = CAST[substitute]
    if instruction == "settle_dispatch" and slot in SETTLED:
        for other, right in SETTLED.items():
            if substitute == right:
                return BOTH[frozenset((slot, other))]
    elif slot in ENDPOINTS.get(instruction, ()) and substitute in ENDPOINTS[instruction].values():
        end, vault = ENDPOINTS[instruction]
        return f"{end} is the {vault.replace('_', ' ')}"
    match instruction, slot:
        case "initialize", _:
            return Anchor.ConstraintSeeds  # all of them are in the new plant's address
        case "open_payment_vault" | "open_dispatch" | "open_commitment", "plant":
            return Anchor.ConstraintSeeds  # it is in the new account's address
        case "open_payment_vault" | "open_dispatch" | "open_commitment", "payer":
            return SUCCESS
        case "open_payment_vault", "payment_mint":
            return "payment mint is not of this plant"
        case name, "authority" | "plant" if name in OF_AUTHORITY:
            return "signer is not the authority"
        case "accept_authority", "authority":
            return "signer is not the proposed authority"
        case "accept_authority", "plant":
            return "no new authority is proposed"
        case _, "plant":
            return "dispatch belongs to another plant"
        case _, "dispatch" if facts.ledger != "plant":
            return "dispatch belongs to another plant"
        case "announce", "dispatch":
            return "dispatch is active already"
        case "deliver" | "settle_commitment", "dispatch":
            return "commitment belongs to another dispatch"
        case _, "dispatch":
            return "dispatch is not active"
        case "return_rent", "commitment" if facts.owner == "owner":
            return SUCCESS
        case "commit" | "deliver" | "return_rent", "owner":
            return "commitment belongs to another owner"
        case "return_rent", "commitment":
            return "commitment belongs to another owner"
        case "commit" | "deliver", "commitment":
            here = facts.ledger == "plant"
            return f"commitment belongs to another {'owner' if here else 'plant'}"
        case "settle_commitment", "commitment":
            return {
                "neighbour_commitment": "destination belongs to another owner",
                "owner_rival_commitment": "commitment belongs to another dispatch",
            }.get(substitute, "commitment is not active")
        case _, "energy_vault" | "payment_vault":
            return f"{slot.replace('_', ' ')} is not of this plant"
    kind, owner = {
        "announce": ("payment", "operator"),
        "cancel_dispatch": ("payment", facts.owner),  # anybody's
        "commit": ("payment", "thief"),
        "deliver": ("energy", "owner"),
        "settle_commitment": ("payment", "owner"),
        "settle_dispatch": (slot.removesuffix("_destination"), "operator"),
    }[instruction]
    end = "source" if slot == "source" else "destination"
    if facts.mint != f"{kind}_mint":
        return f"{end} holds another mint"
    return SUCCESS if facts.owner == owner else f"{end} belongs to another owner"


def effect(
    dispatching: Dispatching, instruction: str, substitute: str, before: Snapshot
) -> dict[str, dict[str, Any]]:
    """What an instruction changes that succeeds with a substitute."""

    def added(name: str, **amounts: int) -> dict[str, dict[str, int]]:
        return {name: {field: before[name][field] + amount for field, amount in amounts.items()}}

    def opened(name: str, ledger: str, size: int, **fields: Any) -> dict[str, dict[str, Any]]:
        rent = (size + 128) * 6_960  # lamports
        made = {"program": PROGRAM, "size": size, "lamports": rent, **fields}
        return {name: made, **added(substitute, lamports=-rent), **added(ledger, sequence=1)}

    its = {"plant": dispatching["plant"], "active": False}
    match instruction:
        case "open_payment_vault":
            vault = {
                **{"program": TOKEN_PROGRAM, "mint": dispatching["payment_mint"], "amount": 0},
                **{"owner": dispatching["bare_plant"], "delegate": None, "delegated_amount": 0},
                **{"state": 1, "is_native": None, "close_authority": None},
            }
            changes = opened("bare_payment_vault", "bare_plant", 165, **vault)
            changes["bare_plant"]["payment_vault"] = dispatching["bare_payment_vault"]
            return changes
        case "open_dispatch":
            terms = ("starts_at", "ends_at", "target", "price", "bond_price", "tolerance_bps")
            counts = (
                *("announcement", "reward", "committed", "commitment_count", "settled_count", "credited"),
                *("surplus", "surplus_settled", "bonds", "rewards_due", "bonds_due"),
            )
            nothing = {**dict.fromkeys((*terms, *counts), 0), "cancelled": False}
            return opened("new_dispatch", "plant", 176, kind="Dispatch", **its, **nothing, number=9)
        case "open_commitment":
            newcomers = {"owner": dispatching["newcomer"], "dispatch": SYSTEM_PROGRAM}
            nothing = dict.fromkeys(("amount", "delivered", "bond", "number"), 0)
            return opened(
                "newcomer_commitment", "plant", 136, kind="Commitment", **its, **newcomers, **nothing
            )
        case "cancel_dispatch":
            return {
                **added(substitute, amount=REWARD),
                **added("payment_vault", amount=-REWARD),
                **added("plant", payment_held=-REWARD, sequence=1),
                "dispatch": {"active": False, "cancelled": True},
            }
        case "return_rent":
            return {**added(substitute, lamports=-1_000), **added("owner", lamports=1_000)}
        case "settle_commitment":
            payment = EARNED + BOND
            return {
                **added(substitute, amount=payment),
                **added("payment_vault", amount=-payment),
                **added("plant", payment_held=-payment, sequence=1),
                **added("dispatch", settled_count=1),
                "owner_commitment": {"active": False},
            }
    raise AssertionError(f"{instruction} has no effect with {substitute}")


# The matrix


def valid(dispatching: Dispatching, instruction: str) -> Instruction:
    changes: dict[str, Any] = {}
    match instruction:
        case "initialize":
            changes = {"by": "newcomer", "at": "operator", **plant_of(dispatching, "new")}
        case "open_payment_vault":
            bare = {slot: dispatching[f"bare_{slot}"] for slot in ("plant", "payment_vault")}
            changes = {"by": "newcomer", **bare}
        case "open_dispatch":
            changes = {"number": 9, "dispatch": dispatching["new_dispatch"]}
        case "announce":
            changes = {"target": 1_000, "dispatch": dispatching["second_dispatch"]}
        case "open_commitment":
            changes = {"of": "newcomer"}
        case "commit":
            changes = {"of": "thief", "amount": 100}
    return dispatching.instruction(instruction, **changes)


async def ready(dispatching: Dispatching, instruction: str) -> None:
    match instruction:
        case "resume":
            await dispatching.run("pause")
        case "accept_authority":
            await dispatching.run("propose_authority")
        case "return_rent":
            for prefix in PREFIXES.values():
                await dispatching.send(dispatching.payment(dispatching[f"owner_{prefix}commitment"], 1_000))
        case "deliver":
            dispatching.travel_to(STARTS)
        case "settle_commitment" | "settle_dispatch":
            dispatching.travel_to(STARTS)
            await dispatching.end(owner=AMOUNT)


MATRIX = Matrix(
    program=PROGRAM,
    slots=SLOTS,
    cast=CAST,
    fixed=_FALSE.fixed,
    keys=WALLETS,
    signing=("authority", "payer", "owner"),
    records={"plant": "plant", "dispatch": "dispatch", "commitment": "commitment"},
    created=CREATED,
    refusal=programs_refusal,
    effect=effect,
    valid=valid,
    ready=ready,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(chain: EmbeddedChain, plant_program: Program) -> Dispatching:
    """One world for all rows: each leaves it as it was."""
    chain.unix_timestamp = NOON
    dispatching = Dispatching(plant_program, "matrix of the plant", chain)
    await assemble(dispatching)
    return dispatching


@pytest.mark.asyncio(loop_scope="module")
async def test_the_cast_is_what_it_says(scene: Dispatching) -> None:
    MATRIX.check_cast(scene)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("instruction", "slot"), MATRIX.rows)
async def test_every_cell_of_a_row(scene: Dispatching, instruction: str, slot: str) -> None:
    scene.travel_to(NOON)
    await MATRIX.check_row(scene, instruction, slot)


def test_the_matrix_has_so_many_cells(plant_program: Program) -> None:
    slots = [slot for instruction in plant_program.idl.instructions for slot in instruction.accounts]
    tampered = sum(2 + slot.is_signer for slot in slots)
    assert (len(slots), len(CAST)) == (80, 89)
    assert MATRIX.size + tampered == 7_213
