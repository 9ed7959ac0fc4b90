"""What somebody might try to be paid for what they have not delivered, or to keep others from their pay.

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
    ApproveParams,
    AuthorityType,
    CloseAccountParams,
    FreezeAccountParams,
    SetAuthorityParams,
    ThawAccountParams,
    TransferParams,
    approve,
    close_account,
    freeze_account,
    set_authority,
    thaw_account,
    transfer,
)

from tests.adversarial.cast import ALIEN, SYSVARS, with_metas
from tests.support.stage import NOON, SYSTEM_PROGRAM, TOKEN_PROGRAM, U64_MAX, WALLET_LAMPORTS, Token
from tests.support.vpp import (
    AMOUNT,
    BOND,
    EARNED,
    ENDS,
    PAYMENT,
    PROGRAM,
    REWARD,
    STARTS,
    Dispatching,
)

pytestmark = pytest.mark.embedded


# Other people's tokens


@pytest.mark.parametrize("instruction", ["announce", "commit", "deliver"])
async def test_a_delegate_pays_with_anothers_tokens(dispatching: Dispatching, instruction: str) -> None:
    """What is paid and delivered would count for the delegate."""
    if instruction == "announce":
        await dispatching.run("cancel_dispatch")
    if instruction == "deliver":
        await dispatching.begin(owner=AMOUNT)
    thief = "operator" if instruction == "announce" else "owner"
    neighbours = dispatching["neighbour_energy" if instruction == "deliver" else "neighbour_payment"]
    approval = ApproveParams(TOKEN_PROGRAM, neighbours, dispatching[thief], dispatching["neighbour"], PAYMENT)
    await dispatching.send(approve(approval), signers=["neighbour"])
    async with dispatching.refused("source belongs to another owner"):
        await dispatching.run(instruction, source=neighbours)

    await dispatching.run(instruction)


async def test_nobody_takes_from_the_vaults(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=AMOUNT)
    await dispatching.run("deliver")
    for kind in ("energy", "payment"):
        for signer in ("operator", "thief"):
            to = dispatching[f"{signer}_{kind}"]
            taking = TransferParams(TOKEN_PROGRAM, dispatching[f"{kind}_vault"], to, dispatching[signer], 1)
            async with dispatching.refused(Token.OWNER_MISMATCH, by=TOKEN_PROGRAM):
                await dispatching.send(transfer(taking), signers=[signer])


# Amounts


async def test_donations_change_nothing(dispatching: Dispatching) -> None:
    """They stay in the vaults: nobody is paid more for them, or less."""
    for kind in ("energy", "payment"):
        gift = TransferParams(
            *(TOKEN_PROGRAM, dispatching[f"newcomer_{kind}"], dispatching[f"{kind}_vault"]),
            *(dispatching["newcomer"], 777),
        )
        await dispatching.send(transfer(gift), signers=["newcomer"])
    await dispatching.begin(owner=AMOUNT)
    await dispatching.end(owner=AMOUNT)
    await dispatching.run("settle_dispatch")
    await dispatching.run("settle_commitment")

    state = await dispatching.state()
    assert (state["energy_vault"]["amount"], state["payment_vault"]["amount"]) == (777, 777)
    assert (state["plant"]["energy_held"], state["plant"]["payment_held"]) == (0, 0)
    assert state["owner_payment"]["amount"] == PAYMENT + EARNED


async def test_many_small_deliveries_earn_no_more_than_one(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=100)
    for _ in range(20):
        await dispatching.run("deliver", amount=5)

    dispatch = (await dispatching.state())["dispatch"]
    assert (dispatch["rewards_due"], dispatch["bonds_due"]) == (30, 10)  # 30.1, and all of 10


@pytest.mark.parametrize("first", ["owner", "thief"])
async def test_settling_first_brings_no_more(dispatching: Dispatching, first: str) -> None:
    """The owner and the thief share a pool alike, to the base unit that it does not divide by."""
    await dispatching.begin(owner=1_000, thief=1_000, neighbour=77)
    await dispatching.end(owner=1_100, thief=1_100)
    second = {"owner": "thief", "thief": "owner"}[first]
    shares = {}
    for owner in (first, second):
        (event,) = await dispatching.run("settle_commitment", of=owner)
        shares[owner] = event.data["share"]

    assert shares == {first: 15, second: 16}  # of 23 of price and 8 of bond


async def test_a_sum_stops_instead_of_wrapping_around(dispatching: Dispatching) -> None:
    # No sequence of instructions leads here: this is what holds if one did, and only overflow checks do it.
    await dispatching.begin(owner=AMOUNT)
    for account, field in (("plant", "energy_held"), ("dispatch", "credited"), ("dispatch", "rewards_due")):
        await dispatching.forge(account, **{field: U64_MAX})
        async with dispatching.refused("attempt to add with overflow"):
            await dispatching.run("deliver")
        await dispatching.forge(account, **{field: 0})
    await dispatching.end(owner=AMOUNT)
    await dispatching.forge("plant", payment_held=0)
    for instruction in ("settle_commitment", "settle_dispatch"):
        async with dispatching.refused("attempt to subtract with overflow"):
            await dispatching.run(instruction)
    await dispatching.forge("plant", payment_held=REWARD + BOND)

    await dispatching.run("settle_commitment")
    await dispatching.run("settle_dispatch")


async def test_the_greatest_dispatch_there_can_be(dispatching: Dispatching) -> None:
    """A terawatt-hour with the greatest tolerance, at prices for which all payments just fit in 64 bits."""
    await dispatching.run("cancel_dispatch")
    target, price = 10**12, 6_000_000_000
    await dispatching.make_tokens("treasury", "operator", 6 * 10**18, mint="payment_mint")
    await dispatching.make_tokens("owner_bonds", "owner", 3 * 10**18, mint="payment_mint")
    await dispatching.make_tokens("neighbour_bonds", "neighbour", 3 * 10**18, mint="payment_mint")
    await dispatching.make_tokens("lot", "owner", target, mint="energy_mint")
    terms = {"target": target, "price": price, "bond_price": price, "tolerance_bps": 10_000}
    await dispatching.run("announce", **terms, source=dispatching["treasury"])
    for owner in ("owner", "neighbour"):
        bonds = {"source": dispatching[f"{owner}_bonds"], "announcement": 9}
        await dispatching.run("commit", of=owner, amount=target // 2, **bonds)
    dispatching.travel_to(STARTS)
    await dispatching.run("deliver", amount=target, source=dispatching["lot"])
    dispatching.travel_to(ENDS)

    await dispatching.run("settle_dispatch")
    (event,) = await dispatching.run("settle_commitment")
    await dispatching.run("settle_commitment", of="neighbour")

    paid = [event.data[name] for name in ("reward", "bond", "share")]
    assert paid == [3 * 10**18, 3 * 10**18, 6 * 10**18]  # for the neighbour's half too, with its bond
    assert (await dispatching.state())["payment_vault"]["amount"] == 0


# Getting in others' way


async def test_nobody_waits_for_who_cannot_be_paid(dispatching: Dispatching) -> None:
    """The thief's account is frozen, the neighbour's closed: others are settled, and later they are too."""
    await dispatching.begin(owner=1_000, neighbour=1_000, thief=1_000)
    await dispatching.end(owner=1_100, neighbour=500, thief=100)
    operator = dispatching["operator"]
    thiefs = (TOKEN_PROGRAM, dispatching["thief_payment"], dispatching["payment_mint"], operator)
    await dispatching.send(freeze_account(FreezeAccountParams(*thiefs)), signers=["operator"])
    async with dispatching.refused(Token.ACCOUNT_FROZEN, by=TOKEN_PROGRAM):
        await dispatching.run("settle_commitment", of="thief")
    everything = (await dispatching.state())["neighbour_payment"]["amount"]
    neighbours, newcomers = dispatching["neighbour_payment"], dispatching["newcomer_payment"]
    await dispatching.send(
        transfer(TransferParams(TOKEN_PROGRAM, neighbours, newcomers, dispatching["neighbour"], everything)),
        close_account(
            CloseAccountParams(TOKEN_PROGRAM, neighbours, dispatching["neighbour"], dispatching["neighbour"])
        ),
        signers=["neighbour"],
    )
    async with dispatching.refused(Anchor.AccountNotInitialized):
        await dispatching.run("settle_commitment", of="neighbour")

    await dispatching.run("settle_dispatch")
    await dispatching.run("settle_commitment")
    await dispatching.make_tokens("neighbour_savings", "neighbour", mint="payment_mint")
    await dispatching.run("settle_commitment", of="neighbour", destination=dispatching["neighbour_savings"])
    await dispatching.send(thaw_account(ThawAccountParams(*thiefs)), signers=["operator"])
    await dispatching.run("settle_commitment", of="thief")
    assert (await dispatching.state())["payment_vault"]["amount"] == 0


async def test_a_token_account_given_away(dispatching: Dispatching) -> None:
    await dispatching.begin(owner=AMOUNT)
    await dispatching.end(owner=AMOUNT)
    gift = SetAuthorityParams(
        TOKEN_PROGRAM,
        dispatching["owner_payment"],
        AuthorityType.ACCOUNT_OWNER,
        dispatching["owner"],
        new_authority=dispatching["thief"],
    )
    await dispatching.send(set_authority(gift), signers=["owner"])
    async with dispatching.refused("destination belongs to another owner"):
        await dispatching.run("settle_commitment")

    await dispatching.make_tokens("owner_savings", "owner", mint="payment_mint")
    await dispatching.run("settle_commitment", destination=dispatching["owner_savings"])


async def test_addresses_funded_beforehand(empty_dispatching: Dispatching) -> None:
    made = ("plant", "energy_vault", "payment_vault", "dispatch", "owner_commitment")
    for name, lamports in zip(made, (1, 890_880, WALLET_LAMPORTS, 1, 890_880), strict=True):
        empty_dispatching.put(name, b"", SYSTEM_PROGRAM, lamports)

    await empty_dispatching.start()
    await empty_dispatching.run("commit")


async def test_a_plant_in_anothers_name(empty_dispatching: Dispatching) -> None:
    async with empty_dispatching.refused(Anchor.ConstraintSeeds):
        await empty_dispatching.run("initialize", by="thief", at="operator")

    await empty_dispatching.run("initialize")


# False accounts and bytes


async def test_a_forged_account(dispatching: Dispatching) -> None:
    for slot, name in (("plant", "plant"), ("dispatch", "dispatch"), ("commitment", "owner_commitment")):
        forged = dispatching.put(f"forged_{slot}", (await dispatching.raw())[name].data, ALIEN)
        async with dispatching.refused(Anchor.AccountOwnedByWrongProgram):
            await dispatching.run("commit", **{slot: forged})

    await dispatching.run("commit")


async def test_a_spoofed_clock(dispatching: Dispatching) -> None:
    """Somebody's account that looks like the clock, when the dispatch has ended."""
    await dispatching.begin(owner=AMOUNT)
    data = bytearray(dispatching.chain.account(CLOCK).data)
    data[32:40] = ENDS.to_bytes(8, "little")
    for owner in (ALIEN, SYSVARS):
        dispatching.put("spoofed", bytes(data), owner)
        for instruction in ("settle_commitment", "settle_dispatch"):
            async with dispatching.refused(Anchor.AccountSysvarMismatch):
                await dispatching.run(instruction, clock=dispatching["spoofed"])

    dispatching.travel_to(ENDS)
    await dispatching.run("settle_commitment")
    await dispatching.run("settle_dispatch")


@pytest.mark.parametrize("instruction", ["commit", "deliver"])
async def test_an_owner_does_not_sign(dispatching: Dispatching, instruction: str) -> None:
    if instruction == "deliver":
        await dispatching.begin(owner=AMOUNT)
    right = dispatching.instruction(instruction)
    owner, *others = right.accounts
    async with dispatching.refused(Anchor.AccountNotSigner):
        await dispatching.send(with_metas(right, [AccountMeta(owner.pubkey, False, True), *others]))

    await dispatching.send(right, signers=["owner"])


async def test_a_bump_that_is_not_canonical(dispatching: Dispatching) -> None:
    """A plant could otherwise have more dispatches of one number, and an owner more commitments."""
    for instruction, slot, seeds in (
        ("open_dispatch", "dispatch", b"dispatch" + bytes(dispatching["plant"]) + b"\1"),
        (
            *("open_commitment", "commitment"),
            b"commitment" + bytes(dispatching["plant"]) + bytes(dispatching["newcomer"]) + b"\1",
        ),
    ):
        candidates = (
            Pubkey(sha256(seeds + bytes([bump]) + bytes(PROGRAM) + b"ProgramDerivedAddress").digest())
            for bump in reversed(range(256))
        )
        canonical, other, *_ = (address for address in candidates if not address.is_on_curve())
        number = {"number": 1, **({"of": "newcomer"} if slot == "commitment" else {})}
        async with dispatching.refused(Anchor.ConstraintSeeds):
            await dispatching.run(instruction, **number, **{slot: other})
        await dispatching.run(instruction, **number, **{slot: canonical})


@pytest.mark.parametrize("instruction", ["announce", "commit", "settle_dispatch"])
async def test_truncated_arguments_and_an_unknown_instruction(
    dispatching: Dispatching, instruction: str
) -> None:
    dispatching.travel_to(ENDS if instruction == "settle_dispatch" else NOON)
    if instruction == "announce":
        await dispatching.run("cancel_dispatch")
    right = dispatching.instruction(instruction)
    signers = {"announce": ["operator"], "commit": ["owner"]}.get(instruction, [])
    cut = Anchor.InstructionDidNotDeserialize if len(right.data) > 8 else Anchor.InstructionMissing
    for data, error in (
        (right.data[:-1], cut),
        (bytes(8), Anchor.InstructionFallbackNotFound),
        (b"", Anchor.InstructionMissing),
    ):
        async with dispatching.refused(error):
            await dispatching.send(Instruction(PROGRAM, data, right.accounts), signers=signers)

    await dispatching.send(right, signers=signers)
