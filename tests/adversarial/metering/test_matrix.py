"""The matrix of metering: what its instructions make of every account in every slot."""

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
from tests.support.metering import HOUR, METERS, PREFIXES, PROGRAM, RATED_POWER, RISE, SLOTS, Metered, pda
from tests.support.stage import NOON, TOKEN_PROGRAM, WALLET_LAMPORTS, WALLETS, Snapshot

pytestmark = pytest.mark.embedded

CREATED = {
    "initialize": ("issuer", "mint"),
    "register_meter": ("meter",),
    "replace_device": ("replacement",),
}

# The cast: the operator's issuer and the rival's, and the operator's second one, with a meter of the owner's

KEYS = [
    *WALLETS,
    *(f"{owner}_{device}" for owner in WALLETS for device in ("device", "new_device")),
    "retired_device",
]
_GENUINE = {
    **{f"{prefix}issuer": Facts(PROGRAM, "issuer") for prefix in ("", "rival_", "second_")},
    **{f"{prefix}mint": Facts(TOKEN_PROGRAM, "mint") for prefix in ("", "rival_", "second_", "other_")},
    **{
        f"{owner}_{prefix}meter": Facts(PROGRAM, "meter", owner=owner, ledger=f"{prefix}issuer")
        for owner in METERS
        for prefix in ("", "rival_")
    },
    "owner_second_meter": Facts(PROGRAM, "meter", owner="owner", ledger="second_issuer"),
    "retired_meter": Facts(PROGRAM, "meter", owner="owner", ledger="issuer"),
    **{
        f"{owner}_{prefix}tokens": Facts(TOKEN_PROGRAM, "tokens", f"{prefix}mint", owner)
        for owner in WALLETS
        for prefix in ("", "rival_")
    },
    "owner_savings": Facts(TOKEN_PROGRAM, "tokens", "mint", "owner"),
    "owner_second_tokens": Facts(TOKEN_PROGRAM, "tokens", "second_mint", "owner"),
}
_METERS = (f"{owner}_{new}{p}meter" for owner in WALLETS for new in ("", "new_") for p in ("", "rival_"))
_NOTHING = [name for name in _METERS if name not in _GENUINE] + ["new_issuer", "new_mint", "nowhere"]
_FALSE = FalseCast("energy_metering", PROGRAM, _GENUINE, ("issuer", "owner_meter", "mint", "owner_tokens"))
CAST = {
    **{name: Facts(SYSTEM_PROGRAM, "wallet") for name in KEYS},
    **_GENUINE,
    **{name: Facts() for name in _NOTHING},
    **_FALSE.cast,
}


async def assemble(metered: Metered) -> None:
    """Bring the whole cast about. The owner has reported the first hour."""
    await metered.fund()
    for operator in PREFIXES:
        await metered.start(at=operator)
    for operator, prefix in (("operator", "second"), ("rival", "new")):
        issuer = pda(b"issuer", metered[operator], bytes([1]))
        metered.accounts |= {f"{prefix}_issuer": issuer, f"{prefix}_mint": pda(b"mint", issuer)}
    metered.accounts |= {name: metered.key(name).pubkey() for name in ("retired_device", "nowhere")}
    metered.accounts["owner_second_meter"] = pda(b"meter", metered["second_issuer"], metered["owner_device"])
    metered.accounts["retired_meter"] = pda(b"meter", metered["issuer"], metered["retired_device"])
    for name in KEYS:
        if name not in WALLETS:
            await metered.send(metered.payment(metered[name], WALLET_LAMPORTS))

    await metered.run("initialize", number=1, issuer=metered["second_issuer"], mint=metered["second_mint"])
    await metered.run("register_meter", issuer=metered["second_issuer"], meter=metered["owner_second_meter"])
    await metered.run("register_meter", device="retired_device", meter=metered["retired_meter"])
    await metered.run("retire_meter", meter=metered["retired_meter"])
    await metered.make_mint("other_mint")
    await metered.make_tokens("owner_savings", "owner")
    await metered.make_tokens("owner_second_tokens", "owner", mint="second_mint")
    await metered.run("report")
    await _FALSE.assemble(metered)


# What the program checks of how accounts belong together

OF_AUTHORITY = (
    *("register_meter", "replace_device", "retire_meter", "return_rent"),
    *("pause", "resume", "propose_authority"),
)


def programs_refusal(instruction: str, slot: str, substitute: str) -> Error | None:
    """Why an account that could be in this slot must not be there beside the others; None if it may."""
    facts = CAST[substitute]
    match instruction, slot:
        case "initialize", "authority":
            return Anchor.ConstraintSeeds  # it is in the new issuer's address
        case "register_meter" | "replace_device", "issuer":
            return Anchor.ConstraintSeeds  # it is in the new meter's address
        case name, "authority" if name in OF_AUTHORITY:
            return "signer is not the authority"
        case name, "issuer" if name in OF_AUTHORITY and substitute == "rival_issuer":
            return "signer is not the authority"
        case name, "meter" if facts.ledger != "issuer":
            return "meter belongs to another issuer"
        case "return_rent", "meter":
            return SUCCESS
        case "report" | "replace_device" | "retire_meter", "meter" if substitute == "retired_meter":
            return "meter is retired"
        case "replace_device" | "retire_meter", "meter":
            return SUCCESS
        case "report" | "retire_meter" | "return_rent", "issuer":
            return "meter belongs to another issuer"
        case "report", "device" | "meter":
            return "signer is not the device of the meter"
        case "report", "mint":
            return "mint is not of this issuer"
        case "report", "destination":
            if facts.mint != "mint":
                return "destination holds another mint"
            return SUCCESS if facts.owner == "owner" else "destination belongs to another owner"
        case "pause" | "propose_authority", "issuer":
            return SUCCESS  # the operator's second one
        case "resume", "issuer":
            return "issuer is not paused"
        case "accept_authority", "authority":
            return "signer is not the proposed authority"
        case "accept_authority", "issuer":
            return "no new authority is proposed"
    raise AssertionError(f"{instruction} has no expectation for {substitute} as {slot}")


def effect(
    metered: Metered, instruction: str, substitute: str, before: Snapshot
) -> dict[str, dict[str, Any]]:
    """What an instruction changes that succeeds with a substitute."""

    def added(name: str, **amounts: int) -> dict[str, dict[str, int]]:
        return {name: {field: before[name][field] + amount for field, amount in amounts.items()}}

    match instruction:
        case "report":
            return {
                **added(substitute, amount=RISE),
                **added("mint", supply=RISE),
                **added("issuer", minted=RISE, sequence=1),
                "owner_meter": {
                    **added("owner_meter", register=RISE, minted=RISE)["owner_meter"],
                    "read_at": NOON + 2 * HOUR,
                },
            }
        case "replace_device":
            rent = 1_893_120  # lamports, of 144 bytes
            replacement = {
                **{"kind": "Meter", "program": PROGRAM, "size": 144, "lamports": rent},
                **{"issuer": metered["issuer"], "device": metered["owner_new_device"]},
                **{"owner": metered[CAST[substitute].owner], "rated_power": RATED_POWER, "register": 70},
                **{"read_at": NOON + 2 * HOUR, "minted": 0, "retired": False},
            }
            return {
                substitute: {"retired": True},
                "owner_new_meter": replacement,
                **added("operator", lamports=-rent),
                **added("issuer", meter_count=1, sequence=1),
            }
        case "return_rent":
            return {**added(substitute, lamports=-1_000), **added("operator", lamports=1_000)}
        case "retire_meter":
            return {substitute: {"retired": True}, **added("issuer", sequence=1)}
        case "pause":
            fields = {"paused": True}
        case "propose_authority":
            fields = {"pending_authority": metered["newcomer"]}
        case _:
            raise AssertionError(f"{instruction} has no effect with {substitute}")
    return {substitute: fields | added(substitute, sequence=1)[substitute]}


# The matrix


def valid(metered: Metered, instruction: str) -> Instruction:
    match instruction:
        case "initialize":
            new = {"issuer": metered["new_issuer"], "mint": metered["new_mint"]}
            return metered.instruction(instruction, by="rival", number=1, **new)
        case "register_meter":
            return metered.instruction(instruction, of="newcomer")
        case "report":
            return metered.instruction(instruction, register=1_000_000 + 2 * RISE, read_at=NOON + 2 * HOUR)
    return metered.instruction(instruction)


async def ready(metered: Metered, instruction: str) -> None:
    match instruction:
        case "resume":
            await metered.run("pause")
        case "accept_authority":
            await metered.run("propose_authority")
        case "return_rent":
            for name, facts in CAST.items():
                if (facts.layout, facts.ledger) == ("meter", "issuer"):
                    await metered.send(metered.payment(MATRIX.address(metered, name), 1_000))


MATRIX = Matrix(
    program=PROGRAM,
    slots=SLOTS,
    cast=CAST,
    fixed=_FALSE.fixed,
    keys=KEYS,
    signing=("authority", "device"),
    records={"issuer": "issuer", "meter": "meter"},
    created=CREATED,
    refusal=programs_refusal,
    effect=effect,
    valid=valid,
    ready=ready,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(chain: EmbeddedChain, metering_program: Program) -> Metered:
    """One world for all rows: each leaves it as it was."""
    metered = Metered(metering_program, "matrix of metering", chain)
    await assemble(metered)
    return metered


@pytest.mark.asyncio(loop_scope="module")
async def test_the_cast_is_what_it_says(scene: Metered) -> None:
    MATRIX.check_cast(scene)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("instruction", "slot"), MATRIX.rows)
async def test_every_cell_of_a_row(scene: Metered, instruction: str, slot: str) -> None:
    scene.travel_to(NOON + 2 * HOUR)
    await MATRIX.check_row(scene, instruction, slot)


def test_the_matrix_has_so_many_cells(metering_program: Program) -> None:
    slots = [slot for instruction in metering_program.idl.instructions for slot in instruction.accounts]
    tampered = sum(2 + slot.is_signer for slot in slots)
    assert (len(slots), len(CAST)) == (40, 103)
    assert MATRIX.size + tampered == 4_170
