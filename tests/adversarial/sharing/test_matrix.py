"""The matrix of communities: what their instructions make of every account in every slot."""

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
from tests.support.sharing import (
    DIGEST,
    ENDS,
    FEE_BPS,
    OBJECTION_TIME,
    PARTICIPANTS,
    PREFIXES,
    PREPAID,
    PROGRAM,
    RESERVE,
    SLOTS,
    STARTS,
    Sharing,
    pda,
)
from tests.support.stage import NOON, TOKEN_PROGRAM, WALLETS, Snapshot

pytestmark = pytest.mark.embedded

CREATED = {
    "initialize": ("community", "vault"),
    "open_participant": ("participant",),
    "open_period": ("period",),
    "open_line": ("line",),
}

# The cast: the operator's community and the rival's. The rival has an account in the operator's too.

_GENUINE = {
    **{f"{prefix}community": Facts(PROGRAM, "community") for prefix in PREFIXES.values()},
    **{
        f"{prefix}vault": Facts(TOKEN_PROGRAM, "tokens", "payment_mint", f"{prefix}community")
        for prefix in PREFIXES.values()
    },
    **{
        f"{owner}_{prefix}participant": Facts(
            PROGRAM, "participant", owner=owner, ledger=f"{prefix}community"
        )
        for owner in PARTICIPANTS
        for prefix in PREFIXES.values()
    },
    "rival_participant": Facts(PROGRAM, "participant", owner="rival", ledger="community"),
    **{
        name: Facts(PROGRAM, "period", ledger=ledger)
        for name, ledger in (
            ("period", "community"),
            ("second_period", "community"),
            ("rival_period", "rival_community"),
        )
    },
    **{
        f"{owner}_{prefix}line": Facts(PROGRAM, "line", owner=owner, ledger=f"{prefix}period")
        for owner in PARTICIPANTS
        for prefix in PREFIXES.values()
    },
    "owner_second_line": Facts(PROGRAM, "line", owner="owner", ledger="second_period"),
    **{f"{kind}_mint": Facts(TOKEN_PROGRAM, "mint") for kind in ("payment", "other")},
    **{f"{owner}_payment": Facts(TOKEN_PROGRAM, "tokens", "payment_mint", owner) for owner in WALLETS},
    "owner_savings": Facts(TOKEN_PROGRAM, "tokens", "payment_mint", "owner"),
    "other_tokens": Facts(TOKEN_PROGRAM, "tokens", "other_mint", "owner"),
}
_EVERYWHERE = [
    *(f"{owner}_{prefix}participant" for owner in WALLETS for prefix in PREFIXES.values()),
    *(
        f"{owner}_{second}{prefix}line"
        for owner in WALLETS
        for second in ("", "second_")
        for prefix in PREFIXES.values()
    ),
    *("second_rival_period", "new_period", "new_community", "new_vault", "nowhere"),
]
_FALSE = FalseCast(
    "energy_sharing",
    PROGRAM,
    _GENUINE,
    ("community", "owner_participant", "period", "owner_line", "payment_mint", "owner_payment"),
)
CAST = {
    **{name: Facts(SYSTEM_PROGRAM, "wallet") for name in WALLETS},
    **{name: Facts() for name in _EVERYWHERE},
    **_GENUINE,
    **_FALSE.cast,
}


async def assemble(sharing: Sharing) -> None:
    """Bring the whole cast about: a period of each is under way, with all lines open and none posted."""
    await sharing.prepare()
    for operator in PREFIXES:
        await sharing.start(at=operator)
    community = pda(b"community", sharing["newcomer"], sharing["payment_mint"])
    sharing.accounts |= {
        **{"new_community": community, "new_vault": pda(b"vault", community)},
        "new_period": pda(b"period", sharing["community"], bytes([9])),
        "nowhere": sharing.key("nowhere").pubkey(),
    }
    await sharing.run("open_participant", of="rival")
    await sharing.run("open_period", number=1)
    await sharing.run("open_line", second=True)
    await sharing.make_mint("other_mint")
    await sharing.make_tokens("owner_savings", "owner", PREPAID, mint="payment_mint")
    await sharing.make_tokens("other_tokens", "owner", mint="other_mint")
    await _FALSE.assemble(sharing)


# What the program checks of how accounts belong together

OF_AUTHORITY = {
    *("pause", "resume", "propose_authority", "set_policy", "deposit_reserve", "withdraw_reserve"),
    *("admit", "set_credit_limit", "begin_period", "post_line", "close_period"),
}
OF_OWNER = {"deposit", "withdraw", "raise_objection"}
OPENING = {"open_participant", "open_period", "open_line"}


def programs_refusal(instruction: str, slot: str, substitute: str) -> Error | None:
    """Why an account that could be in this slot must not be there beside the others; None if it may."""
    facts = CAST[substitute]
    here = facts.ledger == "community"
    match slot:
        case _ if instruction == "initialize":
            return Anchor.ConstraintSeeds  # all of them are in the new community's address
        case "payer":
            return SUCCESS
        case "authority":
            if instruction == "accept_authority":
                return "signer is not the proposed authority"
            return "signer is not the authority"
        case "owner":
            return "participant belongs to another owner"
        case "signer" if instruction == "leave":
            return SUCCESS if substitute == "operator" else "signer is neither the owner nor the authority"
        case "signer":
            return "period has not lapsed and signer is not the authority"
        case "vault":
            return "vault is not of this community"
        case "source" | "destination":
            return tokens_refusal(instruction, slot, substitute)
        case "community":
            return community_refusal(instruction)
        case "participant" | "period" if instruction in OPENING:
            return Anchor.ConstraintSeeds  # it is in the new account's address
        case "period" if not here:
            return "period belongs to another community"
        case "period":  # the second, which has not begun
            return {
                "begin_period": SUCCESS,
                "close_period": "period is not being posted",
                "withdraw_period": "period is not under way",
            }.get(instruction, "line belongs to another period")
        case "participant" if not here:
            return "participant belongs to another community"
        case "participant":
            return participant_refusal(instruction)
        case "line":
            elsewhere = facts.ledger != "period"
            return f"line belongs to another {'period' if elsewhere else 'participant'}"
    raise AssertionError(f"nothing is expected of {substitute} as {slot} of {instruction}")


def community_refusal(instruction: str) -> Error:
    if instruction in OF_AUTHORITY:
        return "signer is not the authority"
    if instruction == "accept_authority":
        return "no new authority is proposed"
    if instruction in ("open_participant", "open_period"):
        return Anchor.ConstraintSeeds
    if instruction in OF_OWNER or instruction == "leave":
        return "participant belongs to another community"
    return "period belongs to another community"


def participant_refusal(instruction: str) -> Error | None:
    if instruction in OF_OWNER:
        return "participant belongs to another owner"
    return {
        "admit": "participant is admitted already",
        "set_credit_limit": SUCCESS,
        "leave": "signer is neither the owner nor the authority",
    }.get(instruction, "line belongs to another participant")


def tokens_refusal(instruction: str, slot: str, substitute: str) -> Error | None:
    facts = CAST[substitute]
    if substitute == "vault":
        return f"{slot} is the vault"
    if facts.mint != "payment_mint":
        return f"{slot} holds another mint"
    payer = {"deposit": "owner", "deposit_reserve": "operator"}.get(instruction, facts.owner)
    return SUCCESS if facts.owner == payer else "source belongs to another owner"


def effect(
    sharing: Sharing, instruction: str, substitute: str, before: Snapshot
) -> dict[str, dict[str, Any]]:
    """What an instruction changes that succeeds with a substitute."""

    def added(name: str, **amounts: int) -> dict[str, dict[str, int]]:
        return {name: {field: before[name][field] + amount for field, amount in amounts.items()}}

    def opened(name: str, size: int, **fields: Any) -> dict[str, dict[str, Any]]:
        rent = (size + 128) * 6_960  # lamports
        made = {"program": PROGRAM, "size": size, "lamports": rent, **fields}
        return {name: made, **added(substitute, lamports=-rent), **added("community", sequence=1)}

    community = {"community": sharing["community"]}
    match instruction:
        case "open_participant":
            names = ("joined", "left", "funds", "owed", "credit_limit", "pledged", "run")
            owner = {"owner": sharing["newcomer"]}
            nothing = dict.fromkeys(names, 0)
            return opened("newcomer_participant", 128, kind="Participant", **community, **owner, **nothing)
        case "open_period":
            names = (
                *("run", "starts_at", "ends_at", "begun_at", "closed_at", "objection_time", "fee_bps"),
                *("participant_count", "posted_count", "settled_count", "objection_count"),
                *("shared_in", "shared_out", "charges", "credits", "collected", "paid"),
            )
            made = {**dict.fromkeys(names, 0), "digest": SYSTEM_PROGRAM, "number": 9, "state": "UNUSED"}
            return opened("new_period", 208, kind="Period", **community, **made)
        case "open_line":
            names = ("run", "shared_in", "shared_out", "charge", "credit", "lent")
            of = {"period": sharing["period"], "participant": sharing["rival_participant"]}
            made = {**dict.fromkeys(names, 0), "objected": False, "settled": False}
            return opened("rival_line", 128, kind="Line", **of, **made)
        case "withdraw_reserve":
            return {
                **added(substitute, amount=RESERVE),
                **added("vault", amount=-RESERVE),
                **added("community", reserve=-RESERVE, sequence=1),
            }
        case "withdraw":
            return {
                **added(substitute, amount=PREPAID),
                **added("vault", amount=-PREPAID),
                **added("community", prepaid=-PREPAID, sequence=1),
                **added("owner_participant", funds=-PREPAID),
            }
        case "deposit":
            return {
                **added(substitute, amount=-PREPAID),
                **added("vault", amount=PREPAID),
                **added("community", prepaid=PREPAID, sequence=1),
                **added("owner_participant", funds=PREPAID),
            }
        case "set_credit_limit":
            return {**added("community", sequence=1), substitute: {"credit_limit": 7}}
        case "leave":
            sequence = before["community"]["sequence"] + 1
            return {
                **added("community", participant_count=-1, sequence=1),
                "owner_participant": {"left": sequence},
            }
        case "begin_period":
            run = before["community"]["sequence"] + 1
            begun = {
                **{"run": run, "digest": DIGEST, "starts_at": STARTS, "ends_at": ENDS, "begun_at": NOON},
                **{"objection_time": OBJECTION_TIME, "fee_bps": FEE_BPS, "participant_count": 3},
                "state": "POSTING",
            }
            return {"community": {"run": run, "sequence": run}, substitute: begun}
    raise AssertionError(f"{instruction} has no effect with {substitute}")


# The matrix


def valid(sharing: Sharing, instruction: str) -> Instruction:
    changes: dict[str, Any] = {}
    match instruction:
        case "initialize":
            new = {slot: sharing[f"new_{slot}"] for slot in ("community", "vault")}
            changes = {"by": "newcomer", "at": "operator", **new}
        case "open_participant":
            changes = {"of": "newcomer"}
        case "open_period":
            changes = {"number": 9, "period": sharing["new_period"]}
        case "admit" | "open_line":
            changes = {"of": "rival"}
        case "set_credit_limit":
            changes = {"credit_limit": 7}
    return sharing.instruction(instruction, **changes)


async def ready(sharing: Sharing, instruction: str) -> None:
    match instruction:
        case "resume":
            await sharing.run("pause")
        case "accept_authority":
            await sharing.run("propose_authority")
        case "deposit":
            await sharing.run("withdraw")  # the owner has too little left to pay in twice
        case "begin_period":
            await sharing.run("withdraw_period")
        case "close_period" | "raise_objection":
            await sharing.post()
        case "settle_line":
            await sharing.close()


MATRIX = Matrix(
    program=PROGRAM,
    slots=SLOTS,
    cast=CAST,
    fixed=_FALSE.fixed,
    keys=WALLETS,
    signing=("authority", "payer", "owner", "signer"),
    records={name: name for name in ("community", "participant", "period", "line")},
    created=CREATED,
    refusal=programs_refusal,
    effect=effect,
    valid=valid,
    ready=ready,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(chain: EmbeddedChain, sharing_program: Program) -> Sharing:
    """One world for all rows: each leaves it as it was."""
    chain.unix_timestamp = NOON
    sharing = Sharing(sharing_program, "matrix of the community", chain)
    await assemble(sharing)
    return sharing


@pytest.mark.asyncio(loop_scope="module")
async def test_the_cast_is_what_it_says(scene: Sharing) -> None:
    MATRIX.check_cast(scene)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("instruction", "slot"), MATRIX.rows)
async def test_every_cell_of_a_row(scene: Sharing, instruction: str, slot: str) -> None:
    scene.travel_to(NOON)
    await MATRIX.check_row(scene, instruction, slot)


def test_the_matrix_has_so_many_cells(sharing_program: Program) -> None:
    slots = [slot for instruction in sharing_program.idl.instructions for slot in instruction.accounts]
    tampered = sum(2 + slot.is_signer for slot in slots)
    assert (len(slots), len(CAST)) == (92, 106)
    assert MATRIX.size + tampered == 9_865
