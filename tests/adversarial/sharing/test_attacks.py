"""What somebody might try to be paid for nothing, to pay nothing, or to keep others from being settled.

Each is refused with one exact error of one program and changes nothing; beside it, the same transaction
without the attack succeeds. What is allowed and gains something is in the program's head.
"""

import pytest
from anchorpy.error import _LangErrorCode as Anchor
from solders.instruction import AccountMeta, Instruction
from solders.sysvar import CLOCK
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

from tests.adversarial.cast import ALIEN, SYSVARS, with_metas
from tests.support.sharing import (
    CREDIT_LIMIT,
    ENDS,
    LAPSES,
    LINES,
    NOTHING,
    PARTICIPANTS,
    PREPAID,
    PROGRAM,
    RESERVE,
    SETTLES,
    Sharing,
)
from tests.support.stage import SYSTEM_PROGRAM, TOKEN_PROGRAM, U64_MAX, WALLET_LAMPORTS, Token

pytestmark = pytest.mark.embedded


# Other people's tokens


@pytest.mark.parametrize(("instruction", "thief"), [("deposit", "thief"), ("deposit_reserve", "operator")])
async def test_a_delegate_pays_with_anothers_tokens(sharing: Sharing, instruction: str, thief: str) -> None:
    """What is paid in would count for the delegate."""
    owners = sharing["owner_payment"]
    approval = ApproveParams(TOKEN_PROGRAM, owners, sharing[thief], sharing["owner"], 1_000)
    await sharing.send(approve(approval), signers=["owner"])
    async with sharing.refused("source belongs to another owner"):
        await sharing.run(instruction, of="thief", amount=1, source=owners)

    await sharing.run(instruction, of="thief", amount=1)


async def test_nobody_takes_from_the_vault(sharing: Sharing) -> None:
    for signer in ("operator", "owner", "thief"):
        to = sharing[f"{signer}_payment"]
        taking = TransferParams(TOKEN_PROGRAM, sharing["vault"], to, sharing[signer], 1)
        async with sharing.refused(Token.OWNER_MISMATCH, by=TOKEN_PROGRAM):
            await sharing.send(transfer(taking), signers=[signer])


async def test_donations_change_nothing(sharing: Sharing) -> None:
    gift = (TOKEN_PROGRAM, sharing["newcomer_payment"], sharing["vault"], sharing["newcomer"], 777)
    await sharing.send(transfer(TransferParams(*gift)), signers=["newcomer"])
    await sharing.close()
    await sharing.settle()
    for name, line in LINES.items():
        await sharing.run("withdraw", of=name, amount=PREPAID - line["charge"] + line["credit"])
    await sharing.run("withdraw_reserve", amount=RESERVE + 76)

    state = await sharing.state()
    assert state["vault"]["amount"] == 777
    assert (state["community"]["prepaid"], state["community"]["reserve"]) == (0, 0)


# Lines


async def test_a_line_twice(sharing: Sharing) -> None:
    """In one transaction too, and through the account of another period."""
    await sharing.run("open_period", number=1)
    await sharing.run("open_line", second=True)
    posting = sharing.instruction("post_line", **LINES["owner"])
    async with sharing.refused("line is posted already"):
        await sharing.send(posting, posting, signers=["operator"])
    await sharing.run("post_line", **LINES["owner"])
    async with sharing.refused("line belongs to another period"):
        await sharing.run("post_line", line=sharing["owner_second_line"])

    await sharing.post("neighbour", "thief")
    await sharing.run("close_period")
    sharing.travel_to(SETTLES)
    settling = sharing.instruction("settle_line")
    async with sharing.refused("line is settled already"):
        await sharing.send(settling, settling)
    await sharing.settle()


async def test_a_participant_who_is_replaced_by_another(sharing: Sharing) -> None:
    """One who came later fills the place of one who is missing: as many lines, and not the same people."""
    await sharing.run("open_participant", of="newcomer")
    await sharing.run("admit", of="newcomer")
    await sharing.run("open_line", of="newcomer")
    for owner in ("owner", "neighbour"):
        await sharing.run("post_line", of=owner)
    async with sharing.refused("participant is not in this period"):
        await sharing.run("post_line", of="newcomer")
    async with sharing.refused("lines are not all posted"):
        await sharing.run("close_period")

    await sharing.run("post_line", of="thief")
    await sharing.run("close_period")


async def test_a_charge_beyond_prepaid_and_limit_with_a_credit_that_is_not_there(sharing: Sharing) -> None:
    """A credit of the same line covers its charge, and still has to be paid by others."""
    await sharing.run("post_line", charge=10**15 + PREPAID + CREDIT_LIMIT, credit=10**15)
    await sharing.run("post_line", of="neighbour", credit=PREPAID + CREDIT_LIMIT + 1)
    await sharing.run("post_line", of="thief")
    async with sharing.refused("credits exceed the charges"):
        await sharing.run("close_period")

    await sharing.run("withdraw_period")
    await sharing.run("withdraw", amount=PREPAID)


async def test_a_credit_that_nobody_pays(sharing: Sharing) -> None:
    """The operator credits the thief, who is their second key, with more than is charged."""
    await sharing.post("owner", "neighbour")
    await sharing.run("post_line", of="thief", shared_out=3_500, credit=1_074)
    async with sharing.refused("credits exceed the charges"):
        await sharing.run("close_period")

    await sharing.run("withdraw_period")
    await sharing.run("begin_period")
    await sharing.close()


# Getting in others' way


async def test_who_takes_out_what_they_prepaid_blocks_nobody(sharing: Sharing) -> None:
    """Just before their line: limit, reserve and line fit into one transaction, and nothing gets between."""
    await sharing.run("withdraw", amount=PREPAID)
    async with sharing.refused("charge exceeds balance and credit limit"):
        await sharing.run("post_line", **LINES["owner"])

    await sharing.send(
        sharing.instruction("set_credit_limit", credit_limit=1_200),
        sharing.instruction("deposit_reserve", amount=200),
        sharing.instruction("post_line", **LINES["owner"]),
        signers=["operator"],
    )
    await sharing.post("neighbour", "thief")
    await sharing.run("close_period")
    sharing.travel_to(SETTLES)
    await sharing.settle()
    state = await sharing.state()
    assert (state["owner_participant"]["owed"], state["community"]["reserve"]) == (1_200, 76)


async def test_or_is_left_out_of_the_sharing(sharing: Sharing) -> None:
    await sharing.run("withdraw", amount=PREPAID)
    for owner in PARTICIPANTS:
        await sharing.run("post_line", of=owner, **NOTHING)
    await sharing.run("close_period")


async def test_a_member_who_wants_to_block(sharing: Sharing) -> None:
    """The thief leaves, objects, takes out all they can, and sends nothing: all is settled without them."""
    await sharing.run("leave", of="thief")
    await sharing.post()
    await sharing.run("withdraw", of="thief", amount=PREPAID)
    await sharing.run("raise_objection", of="thief")
    await sharing.run("close_period")
    sharing.travel_to(SETTLES)

    await sharing.settle()
    assert (await sharing.state())["period"]["state"] == "SETTLED"


async def test_a_sum_that_a_deposit_makes_overflow(sharing: Sharing) -> None:
    """Charge and credit as high as can be, of a second key of the operator's: its line would stay unsettled,
    and the others' be pledged for good."""
    high = U64_MAX - PREPAID
    await sharing.run("post_line", of="thief", charge=high, credit=high)
    await sharing.run("post_line", charge=PREPAID)
    await sharing.run("post_line", of="neighbour", credit=PREPAID)
    await sharing.run("close_period")
    await sharing.run("deposit", of="thief", amount=1)
    sharing.travel_to(SETTLES)

    await sharing.settle()
    state = await sharing.state()
    assert state["period"]["state"] == "SETTLED"
    assert state["thief_participant"]["funds"] == PREPAID + 1
    await sharing.run("withdraw", of="neighbour", amount=2 * PREPAID)


async def test_a_reserve_that_a_debt_makes_overflow(sharing: Sharing) -> None:
    """The same with loans: the reserve goes to the thief as a credit, and the operator puts it in again."""
    much = 2**63
    await sharing.make_tokens("hoard", "operator", much, mint="payment_mint")
    await sharing.run("deposit_reserve", amount=much, source=sharing["hoard"])
    await sharing.run("set_credit_limit", credit_limit=U64_MAX)
    await sharing.run("post_line", charge=much)
    await sharing.run("post_line", of="neighbour")
    await sharing.run("post_line", of="thief", credit=much)
    await sharing.run("close_period")
    sharing.travel_to(SETTLES)
    await sharing.settle()
    await sharing.run("withdraw", of="thief", amount=much, destination=sharing["hoard"])
    await sharing.run("deposit_reserve", amount=much, source=sharing["hoard"])
    await sharing.run("begin_period", starts_at=ENDS, ends_at=SETTLES)
    await sharing.post(shared_in=0, shared_out=0, charge=0, credit=0)
    await sharing.run("close_period")
    sharing.travel_to(2 * SETTLES)

    await sharing.settle()
    state = await sharing.state()
    assert state["owner_participant"]["owed"] == much - PREPAID
    assert state["community"]["reserve"] == much + RESERVE + PREPAID


async def test_frozen_accounts_hold_up_nothing(sharing: Sharing) -> None:
    """Vault and everybody's accounts are frozen: the period is settled, and paid out after the thaw."""
    await sharing.post()
    frozen = [("vault", sharing["vault"]), *((name, sharing[f"{name}_payment"]) for name in PARTICIPANTS)]
    freezer = sharing["payment_mint"], sharing["operator"]
    for _, account in frozen:
        freezing = freeze_account(FreezeAccountParams(TOKEN_PROGRAM, account, *freezer))
        await sharing.send(freezing, signers=["operator"])
    await sharing.run("close_period")
    sharing.travel_to(SETTLES)
    await sharing.settle()
    async with sharing.refused(Token.ACCOUNT_FROZEN, by=TOKEN_PROGRAM):
        await sharing.run("withdraw", of="thief", amount=1)

    for _, account in frozen:
        thawing = thaw_account(ThawAccountParams(TOKEN_PROGRAM, account, *freezer))
        await sharing.send(thawing, signers=["operator"])
    await sharing.run("withdraw", of="thief", amount=PREPAID + 997)


async def test_an_authority_that_vanishes(sharing: Sharing) -> None:
    """Half a period is posted: after a week anyone frees what is pledged for it."""
    await sharing.post("owner")
    async with sharing.refused("amount exceeds the free balance"):
        await sharing.run("withdraw", amount=PREPAID)
    sharing.travel_to(LAPSES)
    await sharing.run("withdraw_period", by="thief")

    await sharing.run("withdraw", amount=PREPAID)


async def test_a_month_withdrawn_and_posted_anew(sharing: Sharing) -> None:
    """With another account too: no old line, pledge or objection counts, and nothing is charged twice."""
    await sharing.run("open_period", number=1)
    await sharing.post()
    await sharing.run("raise_objection")
    await sharing.run("close_period")
    await sharing.run("withdraw_period")
    sharing.travel_to(SETTLES)
    async with sharing.refused("period is not closed"):
        await sharing.run("settle_line")
    await sharing.run("begin_period", second=True)
    for owner in PARTICIPANTS:
        await sharing.run("open_line", of=owner, second=True)
        await sharing.run("post_line", of=owner, second=True, **LINES[owner])
    await sharing.run("close_period", second=True)
    sharing.travel_to(2 * SETTLES)
    for owner in PARTICIPANTS:
        async with sharing.refused("period is not closed"):
            await sharing.run("settle_line", of=owner)
    for owner in PARTICIPANTS:
        await sharing.run("settle_line", of=owner, second=True)
    async with sharing.refused("period starts before the end of the last one"):
        await sharing.run("begin_period", starts_at=ENDS - 1, ends_at=ENDS)

    state = await sharing.state()
    assert state["second_period"]["objection_count"] == 0
    for owner, line in LINES.items():
        assert state[f"{owner}_participant"]["funds"] == PREPAID - line["charge"] + line["credit"]


async def test_a_sum_stops_instead_of_wrapping_around(sharing: Sharing) -> None:
    # No sequence of instructions leads here: this is what holds if one did, and only overflow checks do it.
    await sharing.close()
    before = await sharing.raw()
    for account, fields in (
        ("community", {"prepaid": 0}),
        ("community", {"reserve_pledged": 0}),
        ("owner_participant", {"owed": U64_MAX}),
        ("period", {"collected": U64_MAX}),
        ("period", {"settled_count": U64_MAX}),
    ):
        await sharing.forge("owner_line", lent=1)
        await sharing.forge(account, **fields)
        with pytest.raises(Exception, match="with overflow"):
            await sharing.run("settle_line")
        sharing.restore(before, SETTLES)

    await sharing.settle()


# False accounts and bytes


async def test_addresses_funded_beforehand(empty_sharing: Sharing) -> None:
    made = ("community", "vault", "owner_participant", "period", "owner_line")
    for name, lamports in zip(made, (1, 890_880, WALLET_LAMPORTS, 1, 890_880), strict=True):
        empty_sharing.put(name, b"", SYSTEM_PROGRAM, lamports)

    await empty_sharing.start()
    await empty_sharing.run("post_line")


async def test_a_community_in_anothers_name(empty_sharing: Sharing) -> None:
    async with empty_sharing.refused(Anchor.ConstraintSeeds):
        await empty_sharing.run("initialize", by="thief", at="operator")

    await empty_sharing.run("initialize")


async def test_a_forged_account(sharing: Sharing) -> None:
    for slot, name in (
        *(("community", "community"), ("period", "period")),
        *(("participant", "owner_participant"), ("line", "owner_line")),
    ):
        forged = sharing.put(f"forged_{slot}", (await sharing.raw())[name].data, ALIEN)
        async with sharing.refused(Anchor.AccountOwnedByWrongProgram):
            await sharing.run("post_line", **{slot: forged})

    await sharing.run("post_line")


async def test_an_account_of_another_kind(sharing: Sharing) -> None:
    kinds = {
        **{"community": "community", "period": "period"},
        **{"participant": "owner_participant", "line": "owner_line"},
    }
    for slot, right in kinds.items():
        for other in set(kinds.values()) - {right}:
            async with sharing.refused(Anchor.AccountDiscriminatorMismatch):
                await sharing.run("post_line", **{slot: sharing[other]})

    await sharing.run("post_line")


async def test_a_spoofed_clock(sharing: Sharing) -> None:
    """Somebody's account that looks like the clock, when the time for objections is over."""
    await sharing.post()
    await sharing.run("close_period")
    data = bytearray(sharing.chain.account(CLOCK).data)
    data[32:40] = SETTLES.to_bytes(8, "little")
    for owner in (ALIEN, SYSVARS):
        sharing.put("spoofed", bytes(data), owner)
        async with sharing.refused(Anchor.AccountSysvarMismatch):
            await sharing.run("settle_line", clock=sharing["spoofed"])

    sharing.travel_to(SETTLES)
    await sharing.run("settle_line")


@pytest.mark.parametrize(
    "instruction", ["withdraw", "raise_objection", "leave", "post_line", "withdraw_period"]
)
async def test_a_signer_does_not_sign(sharing: Sharing, instruction: str) -> None:
    if instruction == "raise_objection":
        await sharing.post()
    right = sharing.instruction(instruction)
    signer, *others = right.accounts
    async with sharing.refused(Anchor.AccountNotSigner):
        await sharing.send(with_metas(right, [AccountMeta(signer.pubkey, False, True), *others]))

    await sharing.run(instruction)


@pytest.mark.parametrize("instruction", ["begin_period", "post_line", "withdraw", "settle_line"])
async def test_truncated_arguments_and_an_unknown_instruction(sharing: Sharing, instruction: str) -> None:
    if instruction == "begin_period":
        await sharing.run("withdraw_period")
    if instruction == "settle_line":
        await sharing.close()
    right = sharing.instruction(instruction)
    signer = {"withdraw": ["owner"], "settle_line": []}.get(instruction, ["operator"])
    cut = Anchor.InstructionDidNotDeserialize if len(right.data) > 8 else Anchor.InstructionMissing
    for data, error in (
        (right.data[:-1], cut),
        (bytes(8), Anchor.InstructionFallbackNotFound),
        (b"", Anchor.InstructionMissing),
    ):
        async with sharing.refused(error):
            await sharing.send(Instruction(PROGRAM, data, right.accounts), signers=signer)

    await sharing.send(right, signers=signer)
