"""What somebody might try to get energy or payments that are not theirs, or to keep others from theirs.

Each is refused with one exact error of one program and changes nothing; beside it, the same transaction
without the attack succeeds. One wrong account in one slot is the matrix's (`test_matrix.py`).
"""

import pytest
from anchorpy.error import _LangErrorCode as Anchor
from solders.instruction import Instruction
from solders.sysvar import CLOCK
from spl.token.instructions import (
    ApproveParams,
    CloseAccountParams,
    FreezeAccountParams,
    ThawAccountParams,
    TransferParams,
    approve,
    close_account,
    freeze_account,
    thaw_account,
    transfer,
)

from tests.adversarial.cast import ALIEN, SYSVARS
from tests.support.market import (
    BID,
    CLOSES_AT,
    ENERGY,
    EXPIRES_AT,
    INTERVAL,
    LAPSES_AT,
    PAYMENT,
    PROGRAM,
    STARTS_AT,
    Trading,
    pda,
)
from tests.support.stage import SYSTEM_PROGRAM, TOKEN_PROGRAM, U64_MAX, WALLET_LAMPORTS, Token

pytestmark = pytest.mark.embedded

BOOK = ["owner", "neighbour", "thief"]


@pytest.fixture
async def trading(trading: Trading) -> Trading:
    """The owner offers 2,000 Wh for whoever takes them."""
    await trading.run("place_offer")
    return trading


async def fill_book(trading: Trading, at: str = "operator") -> None:
    """The owner and the thief offer 2,000 Wh each at 250,000 for 1,000, and the neighbour bids for 2,500."""
    await trading.run("place_order", at=at)
    await trading.run("place_order", at=at, by="neighbour", side=BID, amount=2_500)
    await trading.run("place_order", at=at, by="thief")


async def held(trading: Trading) -> tuple[int, int]:
    """What the vaults have more than the market's books say."""
    state = await trading.state()
    market = state["market"]
    return (
        state["energy_vault"]["amount"] - market["energy_held"],
        state["payment_vault"]["amount"] - market["payment_held"],
    )


# Who signs, and whose tokens


@pytest.mark.parametrize(
    ("instruction", "changes"),
    [
        ("fill_offer", {"source": "owner_payment"}),
        ("fill_offer", {"source": "thief_payment"}),
        ("place_offer", {"source": "owner_energy"}),
        ("place_order", {"source": "owner_energy"}),
    ],
)
async def test_a_delegate_pays_with_what_is_not_theirs(
    trading: Trading, instruction: str, changes: dict[str, str]
) -> None:
    for kind, owner in (("payment", "owner"), ("payment", "thief"), ("energy", "owner")):
        delegation = ApproveParams(
            TOKEN_PROGRAM, trading[f"{owner}_{kind}"], trading["neighbour"], trading[owner], U64_MAX
        )
        await trading.send(approve(delegation), signers=[owner])
    async with trading.refused("source belongs to another owner"):
        await trading.run(
            instruction, by="neighbour", **{slot: trading[name] for slot, name in changes.items()}
        )

    await trading.run(instruction, by="neighbour")


async def test_the_authority_takes_nothing_but_the_fees(trading: Trading) -> None:
    await fill_book(trading)
    async with trading.refused("there are no fees"):
        await trading.run("collect_fees")
    for vault in ("energy_vault", "payment_vault"):
        tokens = "operator_energy" if vault == "energy_vault" else "operator_payment"
        theft = TransferParams(TOKEN_PROGRAM, trading[vault], trading[tokens], trading["operator"], 1)
        async with trading.refused(Token.OWNER_MISMATCH, by=TOKEN_PROGRAM):
            await trading.send(transfer(theft), signers=["operator"])

    await trading.run("fill_offer")
    await trading.run("collect_fees")
    async with trading.refused("there are no fees"):
        await trading.run("collect_fees")


async def test_a_signature_is_missing(trading: Trading) -> None:
    await fill_book(trading)
    for instruction in ("cancel_offer", "cancel_order"):
        right = trading.instruction(instruction)
        metas = [type(right.accounts[0])(meta.pubkey, False, meta.is_writable) for meta in right.accounts]
        async with trading.refused(Anchor.AccountNotSigner):
            await trading.send(Instruction(PROGRAM, right.data, metas))

        await trading.send(right, signers=["owner"])


# Vaults


@pytest.mark.parametrize("instruction", ["fill_offer", "cancel_offer", "cancel_order", "settle_order"])
async def test_another_vault_of_the_market(trading: Trading, instruction: str) -> None:
    """Accounts that the market owns, of the right mint and full of tokens, and yet not its vaults."""
    await fill_book(trading)
    await trading.make_tokens("second_energy", "market", ENERGY, mint="energy")
    await trading.make_tokens("second_payment", "market", PAYMENT, mint="payment")
    if instruction == "settle_order":
        await trading.clear(250_000, BOOK)
    slots = {
        "fill_offer": {"energy_vault": "second_energy", "payment_vault": "second_payment"},
        "cancel_offer": {"energy_vault": "second_energy"},
        "cancel_order": {"vault": "second_energy"},
        "settle_order": {"energy_vault": "second_energy", "payment_vault": "second_payment"},
    }[instruction]
    for slot, name in slots.items():
        kind = "payment" if name == "second_payment" else "energy"
        async with trading.refused(f"{kind} vault is not of this market"):
            await trading.run(instruction, **{slot: trading[name]})

    await trading.run(instruction)


async def test_the_vaults_of_another_market(trading: Trading) -> None:
    await trading.start(at="rival")
    await trading.run("place_offer", at="rival")
    for vault in ("energy_vault", "payment_vault"):
        async with trading.refused(f"{vault.replace('_', ' ')} is not of this market"):
            await trading.run("fill_offer", **{vault: trading[f"rival_{vault}"]})
    wrong = {vault: trading[f"rival_{vault}"] for vault in ("energy_vault", "payment_vault")}
    async with trading.refused("offer belongs to another market"):
        await trading.run("fill_offer", market=trading["rival_market"], **wrong)

    before = await trading.state()
    await trading.run("fill_offer")
    after = await trading.state()
    for name in ("rival_market", "rival_energy_vault", "rival_payment_vault", "owner_rival_offer"):
        assert after[name] == before[name]


async def test_an_offer_of_another_market(trading: Trading) -> None:
    """The thief offers at a lower price in the rival's, and it is taken for one of this."""
    await trading.start(at="rival")
    await trading.run("place_offer", at="rival", by="thief", price=1)
    for changes in (
        {"offer": trading["thief_rival_offer"]},
        {"offer": trading["thief_rival_offer"], "proceeds": trading["thief_payment"]},
    ):
        async with trading.refused("offer belongs to another market"):
            await trading.run("fill_offer", **changes)

    await trading.run("fill_offer", at="rival", of="thief")


# The same account twice


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": "owner_payment", "by": "owner"}, "proceeds are the source"),
        ({"source": "payment_vault"}, "source is the vault"),
        ({"destination": "energy_vault"}, "destination is the vault"),
        ({"payment_vault": "neighbour_payment"}, "payment vault is not of this market"),
        (
            {"energy_vault": "payment_vault", "payment_vault": "energy_vault"},
            "energy vault is not of this market",
        ),
        ({"proceeds": "neighbour_payment"}, "proceeds belong to another owner"),
    ],
)
async def test_one_account_in_two_slots(trading: Trading, changes: dict[str, str], message: str) -> None:
    by = changes.get("by", "neighbour")
    wrong = {slot: trading[name] for slot, name in changes.items() if slot != "by"}
    async with trading.refused(message):
        await trading.run("fill_offer", by=by, of="owner", **wrong)

    await trading.run("fill_offer")


# Offers that change


async def test_an_offer_placed_again_at_a_higher_price(trading: Trading) -> None:
    """A maker sees a taker's transaction, and is faster."""
    taken = trading.instruction("fill_offer")
    await trading.run("cancel_offer")
    await trading.run("place_offer", price=250_001)
    async with trading.refused("cost exceeds the maximum"):
        await trading.send(taken, signers=["neighbour"])

    await trading.run("fill_offer", maximum_cost=250_001)


async def test_an_offer_made_smaller_or_with_a_greater_minimum(trading: Trading) -> None:
    taken = trading.instruction("fill_offer")
    for changes, message in (
        ({"amount": 999}, "amount exceeds the offer"),
        ({"minimum_fill": 1_001}, "amount is below the minimum fill"),
    ):
        await trading.run("cancel_offer")
        await trading.run("place_offer", **changes)
        async with trading.refused(message):
            await trading.send(taken, signers=["neighbour"])

    await trading.run("cancel_offer")
    await trading.run("place_offer", price=1)  # a better one is taken
    await trading.send(taken, signers=["neighbour"])


async def test_a_fee_raised_after_an_offer_and_an_order_were_placed(trading: Trading) -> None:
    await fill_book(trading)
    await trading.run("set_policy", fee_bps=500)

    (filled,) = await trading.run("fill_offer")
    await trading.clear(250_000, BOOK)
    (settled,) = await trading.run("settle_order")

    assert filled.data["fee"] == 250_000 // 100
    assert settled.data["fee"] == (settled.data["payment"] + settled.data["fee"]) // 100


async def test_many_small_fills_pay_no_less_than_one(trading: Trading) -> None:
    await trading.run("place_offer", by="thief", price=999, minimum_fill=1)
    for _ in range(20):
        await trading.run("fill_offer", of="thief", amount=7, maximum_cost=7)

    assert (await trading.state())["neighbour_payment"]["amount"] == PAYMENT - 20 * 7  # for 139.86


async def test_filling_after_the_expiry_by_a_false_clock(trading: Trading) -> None:
    data = bytearray(trading.chain.account(CLOCK).data)
    trading.travel_to(EXPIRES_AT)
    for owner in (ALIEN, SYSVARS):
        trading.put("spoofed", bytes(data), owner)
        async with trading.refused(Anchor.AccountSysvarMismatch):
            await trading.run("fill_offer", clock=trading["spoofed"])

    trading.travel_to(EXPIRES_AT - 1)
    await trading.run("fill_offer")


# Auctions


async def test_an_order_after_the_gate_or_its_end_before_it(trading: Trading) -> None:
    await fill_book(trading)
    trading.travel_to(CLOSES_AT)
    await trading.run("open_order", owner="newcomer")
    async with trading.refused("gate has closed"):
        await trading.run("place_order", by="newcomer", side=BID)
    async with trading.refused("gate has closed"):
        await trading.run("cancel_order", by="neighbour")

    trading.travel_to(CLOSES_AT - 1)
    await trading.run("place_order", by="newcomer", side=BID)
    await trading.run("cancel_order", by="neighbour")


async def test_counting_twice_or_leaving_an_order_out(trading: Trading) -> None:
    await fill_book(trading)
    trading.travel_to(CLOSES_AT)
    clearing = {"clearing": trading["owner_clearing"]}
    await trading.run("propose_price")
    await trading.run("count_order", **clearing)
    for of in ("owner", "thief"):
        async with trading.refused("order is not the next one"):
            await trading.run("count_order", of=of, **clearing)
    async with trading.refused("orders are not all counted"):
        await trading.run("clear_auction")

    await trading.run("count_order", of="neighbour", **clearing)
    await trading.run("count_order", of="thief", **clearing)
    await trading.run("clear_auction")


async def test_counting_what_is_in_another_auction(trading: Trading) -> None:
    """The same index in another interval, in another market, and of an account never placed."""
    await trading.start(at="rival")
    await fill_book(trading, at="rival")
    await fill_book(trading)
    await trading.run("open_auction", starts_at=STARTS_AT + INTERVAL)
    for nth in ("second_", "third_"):
        await trading.run("open_order", nth=nth)
    await trading.run("place_order", nth="second_", auction=trading["second_auction"])
    trading.travel_to(CLOSES_AT)
    await trading.run("propose_price")
    for order in ("owner_rival_order", "owner_second_order", "owner_third_order"):
        async with trading.refused("order belongs to another auction"):
            await trading.run("count_order", order=trading[order])

    await trading.run("count_order")


async def test_a_count_of_one_auction_clears_another(trading: Trading) -> None:
    """The thief opens an interval of their own, and counts its book."""
    await fill_book(trading)
    await trading.run("open_auction", starts_at=STARTS_AT + INTERVAL)
    trading.travel_to(CLOSES_AT + INTERVAL)
    await trading.run("propose_price", by="thief", price=0, auction=trading["second_auction"])
    async with trading.refused("clearing belongs to another auction"):
        await trading.run("clear_auction", of="thief")

    await trading.run("clear_auction", of="thief", auction=trading["second_auction"])

    await trading.clear(250_000, BOOK)


async def test_somebody_elses_count_is_begun_again(trading: Trading) -> None:
    await fill_book(trading)
    trading.travel_to(CLOSES_AT)
    await trading.run("propose_price")
    async with trading.refused("clearing belongs to another owner"):
        await trading.run("propose_price", by="thief", of="owner", price=1)
    await trading.run("count_order", clearing=trading["owner_clearing"])
    await trading.run("propose_price", by="thief", price=1)

    for of in (
        "neighbour",
        "thief",
    ):  # the thief's count does not disturb the owner's, and anyone may go on with it
        await trading.run("count_order", of=of, clearing=trading["owner_clearing"])
    await trading.run("clear_auction")


async def test_a_price_that_suits_one_side(trading: Trading) -> None:
    """2,500 are bid for and 4,000 offered at 250,000: there is one price."""
    await fill_book(trading)
    trading.travel_to(CLOSES_AT)
    for price, message in (
        (1, "price is too low to maximise the volume"),
        (249_999, "price is too low to maximise the volume"),
        (250_001, "price is too high to maximise the volume"),
        (U64_MAX, "price is too high to maximise the volume"),
    ):
        await trading.run("propose_price", by="thief", price=price)
        for of in BOOK:
            await trading.run("count_order", of=of, clearing=trading["thief_clearing"])
        async with trading.refused(message):
            await trading.run("clear_auction", of="thief")

    await trading.clear(250_000, BOOK, by="thief")


async def test_settling_twice_and_in_anothers_favour(trading: Trading) -> None:
    await fill_book(trading)
    await trading.clear(250_000, BOOK)
    for slot in ("energy_destination", "payment_destination"):
        kind = slot.partition("_")[0]
        async with trading.refused("destination belongs to another owner"):
            await trading.run("settle_order", of="neighbour", **{slot: trading[f"thief_{kind}"]})
    for of in BOOK:
        await trading.run("settle_order", of=of)
        async with trading.refused("order is not active"):
            await trading.run("settle_order", of=of)
        async with trading.refused("order is not active"):
            await trading.run("cancel_order", by=of)

    assert await held(trading) == (0, 0)


async def test_settling_with_the_outcome_of_another_auction(trading: Trading) -> None:
    """Of a cleared one: the order was never part of its book."""
    await fill_book(trading)
    await trading.run("open_auction", starts_at=STARTS_AT + INTERVAL)
    await trading.run("open_order", nth="second_", owner="thief")
    await trading.run("place_order", by="thief", nth="second_", auction=trading["second_auction"], price=1)
    await trading.clear(250_000, BOOK)
    async with trading.refused("order belongs to another auction"):
        await trading.run("settle_order", of="thief", nth="second_")
    async with trading.refused("auction is not cleared"):
        await trading.run("settle_order", of="thief", nth="second_", auction=trading["second_auction"])

    await trading.run("settle_order", of="thief")


async def test_clearing_after_others_have_taken_their_orders_back(trading: Trading) -> None:
    """A count begun in time does not clear what has lapsed, nor can anybody both take back and be filled."""
    await fill_book(trading)
    trading.travel_to(LAPSES_AT - 1)
    await trading.run("propose_price")
    for of in BOOK:
        await trading.run("count_order", of=of, clearing=trading["owner_clearing"])
    trading.travel_to(LAPSES_AT)
    await trading.run("cancel_order", by="neighbour")
    async with trading.refused("auction has lapsed"):
        await trading.run("clear_auction")
    async with trading.refused("auction is not cleared"):
        await trading.run("settle_order")

    for owner in ("owner", "thief"):
        await trading.run("cancel_order", by=owner)
    state = await trading.state()
    assert [state[f"{owner}_energy"]["amount"] for owner in BOOK] == [ENERGY - 2_000, ENERGY, ENERGY]
    assert state["neighbour_payment"]["amount"] == PAYMENT
    assert await held(trading) == (0, 0)


async def test_a_flood_of_cancelled_orders_moves_nothing(trading: Trading) -> None:
    for number in range(10):
        address = pda(b"order", trading["market"], trading["thief"], bytes([100 + number]))
        trading.accounts[f"flood_{number}"] = address
        await trading.run("open_order", owner="thief", number=100 + number, order=address)
        await trading.run("place_order", by="thief", order=address)
        await trading.run("cancel_order", by="thief", order=address)
    await trading.run("place_order")
    await trading.run("place_order", by="neighbour", side=BID)
    trading.travel_to(CLOSES_AT)
    await trading.run("propose_price")
    for order in (*(f"flood_{number}" for number in range(10)), "owner_order", "neighbour_order"):
        await trading.run("count_order", order=trading[order])
    await trading.run("clear_auction")

    (event,) = await trading.run("settle_order")

    assert event.data["filled"] == 2_000


# Keeping others from theirs


async def test_donations_change_no_balance(trading: Trading) -> None:
    await fill_book(trading)
    before = await trading.state()
    for kind in ("energy", "payment"):
        gift = TransferParams(
            TOKEN_PROGRAM, trading[f"thief_{kind}"], trading[f"{kind}_vault"], trading["thief"], 777
        )
        await trading.send(transfer(gift), signers=["thief"])
    after = await trading.state()
    assert after["market"] == before["market"]

    await trading.run("fill_offer")
    await trading.run("cancel_offer")
    await trading.clear(250_000, BOOK)
    for of in BOOK:
        await trading.run("settle_order", of=of)
    await trading.run("collect_fees")

    state = await trading.state()
    assert (state["energy_vault"]["amount"], state["payment_vault"]["amount"]) == (777, 777)


async def test_a_frozen_owner_delays_nobody_else(trading: Trading) -> None:
    await fill_book(trading)
    await trading.clear(250_000, BOOK)
    freezing = FreezeAccountParams(
        TOKEN_PROGRAM, trading["owner_energy"], trading["energy"], trading["operator"]
    )
    await trading.send(freeze_account(freezing), signers=["operator"])
    async with trading.refused(Token.ACCOUNT_FROZEN, by=TOKEN_PROGRAM):
        await trading.run("settle_order")
    for of in ("thief", "neighbour"):
        await trading.run("settle_order", of=of)

    thawing = ThawAccountParams(
        TOKEN_PROGRAM, trading["owner_energy"], trading["energy"], trading["operator"]
    )
    await trading.send(thaw_account(thawing), signers=["operator"])
    await trading.run("settle_order")


async def test_an_owner_without_a_token_account_delays_nobody(trading: Trading) -> None:
    await fill_book(trading)
    await trading.run("place_offer", by="neighbour", amount=ENERGY, minimum_fill=1)
    closing = CloseAccountParams(
        TOKEN_PROGRAM, trading["neighbour_energy"], trading["neighbour"], trading["neighbour"]
    )
    await trading.send(close_account(closing), signers=["neighbour"])
    await trading.clear(250_000, BOOK)
    async with trading.refused(Anchor.AccountNotInitialized):
        await trading.run("settle_order", of="neighbour")
    for of in ("owner", "thief"):
        await trading.run("settle_order", of=of)

    await trading.make_tokens("neighbour_savings", "neighbour", mint="energy")  # anybody can make one
    await trading.run("settle_order", of="neighbour", energy_destination=trading["neighbour_savings"])


@pytest.mark.parametrize("lamports", [1, 890_880, WALLET_LAMPORTS])
async def test_addresses_funded_beforehand(empty_trading: Trading, lamports: int) -> None:
    names = ("market", "energy_vault", "payment_vault", "auction")
    for name in (*names, "owner_offer", "owner_order", "owner_clearing"):
        empty_trading.put(name, b"", SYSTEM_PROGRAM, lamports)

    await empty_trading.start()
    await empty_trading.run("place_offer")
    await empty_trading.run("fill_offer")
    await empty_trading.run("place_order")

    assert (await empty_trading.state())["market"]["energy_held"] == 3_000


# Sums


@pytest.mark.parametrize(
    ("account", "field", "instruction", "changes"),
    [
        ("market", "energy_held", "place_order", {}),
        ("market", "payment_held", "place_order", {"side": BID}),
        ("market", "fees", "fill_offer", {}),
        ("auction", "order_count", "place_order", {}),
    ],
)
async def test_a_sum_stops_instead_of_wrapping_around(
    trading: Trading, account: str, field: str, instruction: str, changes: dict[str, str]
) -> None:
    # No sequence of instructions leads here: this is what holds if one did, and only overflow checks do it.
    right = (await trading.state())[account][field]
    await trading.forge(account, **{field: U64_MAX})
    async with trading.refused("attempt to add with overflow"):
        await trading.run(instruction, **changes)

    await trading.forge(account, **{field: right})
    await trading.run(instruction, **changes)


async def test_a_market_gives_no_more_than_it_holds(trading: Trading) -> None:
    await trading.forge("market", energy_held=1_999)
    async with trading.refused("attempt to subtract with overflow"):
        await trading.run("cancel_offer")

    await trading.forge("market", energy_held=2_000)
    await trading.run("cancel_offer")


async def test_an_operation_in_one_market_changes_no_byte_of_another(trading: Trading) -> None:
    await trading.start(at="rival")
    await trading.run("place_offer", at="rival")
    await fill_book(trading, at="rival")
    before = await trading.raw()
    await fill_book(trading)
    await trading.run("fill_offer")
    await trading.run("cancel_offer")
    await trading.clear(250_000, BOOK)
    for of in BOOK:
        await trading.run("settle_order", of=of)
    await trading.run("collect_fees")

    after = await trading.raw()
    rivals = [name for name in before if "rival" in name and name != "rival"]
    assert len(rivals) > 30
    assert {name: after[name] for name in rivals} == {name: before[name] for name in rivals}
