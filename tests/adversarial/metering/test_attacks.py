"""What somebody might try to have tokens minted that no metered energy stands behind.

Each is refused with one exact error of one program and changes nothing; beside it, the same transaction
without the attack succeeds. One wrong account in one slot is the matrix's (`test_matrix.py`).
"""

from hashlib import sha256

import pytest
from anchorpy.error import _LangErrorCode as Anchor
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.sysvar import CLOCK
from spl.token.instructions import (
    AuthorityType,
    CloseAccountParams,
    FreezeAccountParams,
    MintToParams,
    SetAuthorityParams,
    close_account,
    freeze_account,
    mint_to,
    set_authority,
)

from tests.support.metering import HOUR, MOST, PROGRAM, REGISTER, RISE, SLOTS, Metered
from tests.support.stage import NOON, SYSTEM_PROGRAM, TOKEN_PROGRAM, U64_MAX, WALLET_LAMPORTS, Token

pytestmark = pytest.mark.embedded

ALIEN = Pubkey(bytes([7] * 32))  # any program that is none of ours
SYSVARS = Pubkey.from_string("Sysvar1111111111111111111111111111111111111")


def with_accounts(instruction: Instruction, accounts: list[AccountMeta]) -> Instruction:
    return Instruction(instruction.program_id, instruction.data, accounts)


# Tokens without a reading


async def test_the_authority_itself_cannot_mint(metered: Metered) -> None:
    minting = MintToParams(
        TOKEN_PROGRAM, metered["mint"], metered["owner_tokens"], metered["operator"], 1_000
    )
    async with metered.refused(Token.OWNER_MISMATCH, by=TOKEN_PROGRAM):
        await metered.send(mint_to(minting), signers=["operator"])

    await metered.run("report")


async def test_nobody_gets_the_mint_from_its_issuer(metered: Metered) -> None:
    for kind in (AuthorityType.MINT_TOKENS, AuthorityType.FREEZE_ACCOUNT):
        params = SetAuthorityParams(
            TOKEN_PROGRAM, metered["mint"], kind, metered["operator"], new_authority=metered["operator"]
        )
        error = {0: Token.OWNER_MISMATCH, 1: Token.MINT_CANNOT_FREEZE}[kind]
        async with metered.refused(error, by=TOKEN_PROGRAM):
            await metered.send(set_authority(params), signers=["operator"])

    await metered.run("report")


async def test_nobody_can_freeze_an_account(metered: Metered) -> None:
    freezing = FreezeAccountParams(
        TOKEN_PROGRAM, metered["owner_tokens"], metered["mint"], metered["operator"]
    )
    async with metered.refused(Token.MINT_CANNOT_FREEZE, by=TOKEN_PROGRAM):
        await metered.send(freeze_account(freezing), signers=["operator"])

    await metered.run("report")


# Who signs


async def test_a_device_does_not_sign(metered: Metered) -> None:
    report = metered.instruction("report", by="owner_device")
    device, *others = report.accounts
    async with metered.refused(Anchor.AccountNotSigner):
        await metered.send(with_accounts(report, [AccountMeta(device.pubkey, False, True), *others]))

    await metered.send(report, signers=["owner_device"])


async def test_a_member_of_the_community_reports_for_another(metered: Metered) -> None:
    """The thief has a meter of their own, and so a device that is believed."""
    for changes, message in (
        ({"by": "thief_device", "of": "owner"}, "signer is not the device of the meter"),
        ({"of": "owner", "destination": metered["thief_tokens"]}, "destination belongs to another owner"),
        ({"of": "thief", "destination": metered["owner_tokens"]}, "destination belongs to another owner"),
    ):
        async with metered.refused(message):
            await metered.run("report", **changes)

    await metered.run("report", of="thief")
    await metered.run("report", of="owner")


async def test_an_issuer_of_ones_own_mints_no_tokens_of_another(metered: Metered) -> None:
    """The rival registers a device of the thief's, and the thief reports there for the operator's mint."""
    await metered.start(at="rival")
    rivals = {"of": "thief", "at": "rival"}
    for accounts, message in (
        ({"mint": metered["mint"]}, "mint is not of this issuer"),
        ({"issuer": metered["issuer"]}, "meter belongs to another issuer"),
        ({"mint": metered["mint"], "issuer": metered["issuer"]}, "meter belongs to another issuer"),
        ({"destination": metered["thief_tokens"]}, "destination holds another mint"),
    ):
        async with metered.refused(message):
            await metered.run("report", **rivals, **accounts)

    await metered.run("report", **rivals)


async def test_an_issuer_in_anothers_name(empty_metered: Metered) -> None:
    metered = empty_metered
    for number in (0, 1):
        async with metered.refused(Anchor.ConstraintSeeds):
            await metered.run("initialize", by="thief", at="operator", number=number)
    await metered.run("initialize", by="rival")

    await metered.run("initialize", by="operator")
    assert (await metered.state())["issuer"]["authority"] == metered["operator"]


# False accounts


async def test_a_forged_account(metered: Metered) -> None:
    for name in ("issuer", "owner_meter"):
        metered.put(f"{name}_forged", (await metered.raw())[name].data, ALIEN)
    for slot, forged in (("issuer", "issuer_forged"), ("meter", "owner_meter_forged")):
        async with metered.refused(Anchor.AccountOwnedByWrongProgram):
            await metered.run("report", **{slot: metered[forged]})

    await metered.run("report")


@pytest.mark.parametrize("instruction", ["report", "replace_device", "retire_meter"])
async def test_an_issuer_as_meter_and_the_reverse(metered: Metered, instruction: str) -> None:
    async with metered.refused(Anchor.AccountDiscriminatorMismatch):
        await metered.run(instruction, issuer=metered["owner_meter"], meter=metered["issuer"])

    await metered.run(instruction)


@pytest.mark.parametrize("instruction", ["report", "replace_device", "retire_meter"])
async def test_a_device_never_registered(metered: Metered, instruction: str) -> None:
    async with metered.refused(Anchor.AccountNotInitialized):
        await metered.run(instruction, of="newcomer")

    await metered.run("register_meter", of="newcomer")
    metered.travel_to(NOON + 2 * HOUR)
    changes = {"read_at": NOON + 2 * HOUR} if instruction == "report" else {}
    await metered.run(instruction, of="newcomer", **changes)


async def test_a_spoofed_clock(metered: Metered) -> None:
    """Somebody's account that looks like the clock, two hours later."""
    data = bytearray(metered.chain.account(CLOCK).data)
    data[32:40] = (NOON + 2 * HOUR).to_bytes(8, "little")
    future = {"register": REGISTER + 2 * MOST, "read_at": NOON + 2 * HOUR}
    for owner in (ALIEN, SYSVARS):
        metered.put("spoofed", bytes(data), owner)
        async with metered.refused(Anchor.AccountSysvarMismatch):
            await metered.run("report", **future, clock=metered["spoofed"])

    metered.travel_to(NOON + 2 * HOUR)
    await metered.run("report", **future)


async def test_a_bump_that_is_not_canonical(metered: Metered) -> None:
    """A device could otherwise be registered again, at another address."""
    seeds = b"meter" + bytes(metered["issuer"]) + bytes(metered["owner_device"])
    candidates = (
        Pubkey(sha256(seeds + bytes([bump]) + bytes(PROGRAM) + b"ProgramDerivedAddress").digest())
        for bump in reversed(range(256))
    )
    canonical, other, *_ = (address for address in candidates if not address.is_on_curve())
    assert canonical == metered["owner_meter"]
    async with metered.refused(Anchor.ConstraintSeeds):
        await metered.run("register_meter", meter=other)
    async with metered.refused(Anchor.ConstraintSeeds):
        await metered.run("replace_device", of="neighbour", device="owner_device", replacement=other)

    await metered.run("register_meter", of="newcomer")


@pytest.mark.parametrize("lamports", [1, 890_880, WALLET_LAMPORTS])
async def test_addresses_funded_beforehand(empty_metered: Metered, lamports: int) -> None:
    for name in ("issuer", "mint", "owner_meter", "owner_new_meter"):
        empty_metered.put(name, b"", SYSTEM_PROGRAM, lamports)

    await empty_metered.start()
    await empty_metered.run("report")
    await empty_metered.run("replace_device")

    state = await empty_metered.state()
    assert (state["mint"]["supply"], state["owner_new_meter"]["owner"]) == (RISE, empty_metered["owner"])


# Destinations


async def test_a_token_account_given_away(metered: Metered) -> None:
    gift = SetAuthorityParams(
        TOKEN_PROGRAM,
        metered["owner_tokens"],
        AuthorityType.ACCOUNT_OWNER,
        metered["owner"],
        new_authority=metered["thief"],
    )
    await metered.send(set_authority(gift), signers=["owner"])
    async with metered.refused("destination belongs to another owner"):
        await metered.run("report")

    await metered.make_tokens("owner_savings", "owner")
    await metered.run("report", destination=metered["owner_savings"])


async def test_a_token_account_closed(metered: Metered) -> None:
    closing = CloseAccountParams(TOKEN_PROGRAM, metered["owner_tokens"], metered["owner"], metered["owner"])
    await metered.send(close_account(closing), signers=["owner"])
    async with metered.refused(Anchor.AccountNotInitialized):
        await metered.run("report")

    await metered.make_tokens("owner_savings", "owner")
    await metered.run("report", destination=metered["owner_savings"])


# Time and amounts


@pytest.mark.parametrize("every", [1, 7, 36, 41])
async def test_many_small_reports_bring_no_more_than_one(metered: Metered, every: int) -> None:
    """A device that claims all it can, every few seconds."""
    register, read_at = REGISTER, NOON
    for _ in range(40):
        read_at += every
        register += 5_000 * every * 105 // (100 * HOUR)
        async with metered.refused("register has risen faster than the rated power"):
            await metered.run("report", register=register + 1, read_at=read_at)
        await metered.run("report", register=register, read_at=read_at)

    minted = (await metered.state())["owner_tokens"]["amount"]
    assert minted == register - REGISTER <= 5_000 * (read_at - NOON) * 105 // (100 * HOUR)


async def test_a_sum_stops_instead_of_wrapping_around(metered: Metered) -> None:
    # No sequence of instructions leads here: this is what holds if one did, and only overflow checks do it.
    for account in ("owner_meter", "issuer"):
        await metered.forge(account, minted=U64_MAX - RISE + 1)
        async with metered.refused("attempt to add with overflow"):
            await metered.run("report")
        await metered.forge(account, minted=0)

    await metered.run("report")


async def test_the_bound_itself_cannot_overflow(metered: Metered) -> None:
    """The greatest rating over the longest time there is; where a rating were greater, it would stop."""
    now = 2**63 - 1
    await metered.forge("owner_meter", rated_power=1_000_000_000, register=0, read_at=0)
    metered.travel_to(now)
    await metered.run("report", register=U64_MAX, read_at=now)
    assert (await metered.state())["owner_tokens"]["amount"] == U64_MAX

    await metered.forge("neighbour_meter", read_at=-1)
    async with metered.refused("attempt to subtract with overflow"):
        await metered.run("report", of="neighbour", read_at=now)


# Bytes


@pytest.mark.parametrize("instruction", SLOTS)
async def test_truncated_arguments_and_an_unknown_instruction(metered: Metered, instruction: str) -> None:
    changes = {"register_meter": {"of": "newcomer"}, "initialize": {"by": "rival"}}.get(instruction, {})
    prepared = {"resume": "pause", "accept_authority": "propose_authority"}
    if instruction in prepared:
        await metered.run(prepared[instruction])
    if instruction == "return_rent":
        await metered.send(metered.payment(metered["owner_meter"], 1_000))
    right = metered.instruction(instruction, **changes)
    signer = {"report": "owner_device", "accept_authority": "newcomer", "initialize": "rival"}
    signers = [signer.get(instruction, "operator")]
    cut = Anchor.InstructionDidNotDeserialize if len(right.data) > 8 else Anchor.InstructionMissing
    for data, error in (
        (right.data[:-1], cut),
        (bytes(8), Anchor.InstructionFallbackNotFound),
        (b"", Anchor.InstructionMissing),
    ):
        async with metered.refused(error):
            await metered.send(Instruction(PROGRAM, data, right.accounts), signers=signers)

    await metered.send(right, signers=signers)
