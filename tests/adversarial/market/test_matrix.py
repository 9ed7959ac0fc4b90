"""The matrix of the market: what its instructions make of every account in every slot."""

from typing import Any

import pytest
import pytest_asyncio
from anchorpy import Program
from anchorpy.error import _LangErrorCode as Anchor
from solders.instruction import Instruction
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.token.state import TokenAccountState

from amalgam.chain.embedded import EmbeddedChain
from tests.adversarial.cast import Facts, FalseCast
from tests.adversarial.matrix import SUCCESS, Error, Matrix
from tests.support.market import (
    BID,
    CLOSES_AT,
    ENERGY,
    EXPIRES_AT,
    FEE_BPS,
    INTERVAL,
    MAKERS,
    PAYMENT,
    PREFIXES,
    PRICE,
    PROGRAM,
    SLOTS,
    STARTS_AT,
    Trading,
    auction_address,
    pda,
)
from tests.support.stage import NOON, TOKEN_PROGRAM, WALLETS, Snapshot

pytestmark = pytest.mark.embedded

CREATED = {
    "initialize": ("market", "energy_vault"),
    "open_payment_vault": ("payment_vault",),
    "open_offer": ("offer",),
    "open_auction": ("auction",),
    "open_order": ("order",),
    "open_clearing": ("clearing",),
}

# The cast: the operator's market and the rival's, of the same mints, and the newcomer's, which is half made

_GENUINE = {
    **{f"{prefix}market": Facts(PROGRAM, "market") for prefix in ("", "rival_", "half_")},
    **{mint: Facts(TOKEN_PROGRAM, "mint") for mint in ("energy", "payment", "other_mint")},
    **{
        f"{prefix}{kind}_vault": Facts(TOKEN_PROGRAM, "tokens", kind, f"{prefix}market")
        for kind in ("energy", "payment")
        for prefix in ("", "rival_", "second_")  # the last is the market's too, and not its vault
    },
    "half_energy_vault": Facts(TOKEN_PROGRAM, "tokens", "energy", "half_market"),
    **{f"{prefix}auction": Facts(PROGRAM, "auction", ledger=f"{prefix}market") for prefix in ("", "rival_")},
    "second_auction": Facts(PROGRAM, "auction", ledger="market"),
    **{
        f"{owner}_{prefix}{kind}": Facts(PROGRAM, kind, owner=owner, ledger=f"{prefix}market")
        for owner in MAKERS
        for prefix in ("", "rival_")
        for kind in ("offer", "order", "clearing")
    },
    **{
        f"{owner}_{kind}": Facts(TOKEN_PROGRAM, "tokens", kind, owner)
        for owner in WALLETS
        for kind in ("energy", "payment")
    },
    "owner_savings": Facts(TOKEN_PROGRAM, "tokens", "energy", "owner"),
    "owner_purse": Facts(TOKEN_PROGRAM, "tokens", "payment", "owner"),
    "owner_other": Facts(TOKEN_PROGRAM, "tokens", "other_mint", "owner"),
}
_NOTHING = (
    *("newcomer_offer", "newcomer_order", "newcomer_clearing", "new_auction"),
    *("new_market", "new_energy_vault", "half_payment_vault", "nowhere"),
)
_FALSE = FalseCast("energy_market", PROGRAM, _GENUINE, ("market", "owner_order", "energy", "owner_energy"))
CAST = {
    **{name: Facts(SYSTEM_PROGRAM, "wallet") for name in WALLETS},
    **_GENUINE,
    **{name: Facts() for name in _NOTHING},
    **_FALSE.cast,
}


async def assemble(trading: Trading) -> None:
    """Bring the whole cast about.

    In both markets the owner and the neighbour offer 2,000 Wh each, and the newcomer has taken 1,000 of the
    owner's; in the auction the owner offers 2,000 and the neighbour bids for them.
    """
    await trading.prepare()
    for operator in PREFIXES:
        await trading.start(at=operator)
    for creator, prefix in (("newcomer", "half"), ("thief", "new")):
        market = pda(b"market", trading[creator], trading["energy"], trading["payment"])
        trading.accounts |= {
            f"{prefix}_market": market,
            **{
                f"{prefix}_{vault}": pda(vault.encode(), market)
                for vault in ("energy_vault", "payment_vault")
            },
        }
    trading.accounts["new_auction"] = auction_address(trading["market"], STARTS_AT + 2 * INTERVAL)
    trading.accounts["nowhere"] = trading.key("nowhere").pubkey()
    half = {"market": trading["half_market"], "energy_vault": trading["half_energy_vault"]}
    await trading.run("initialize", by="newcomer", at="operator", **half)
    await trading.run("open_auction", starts_at=STARTS_AT + INTERVAL)
    await trading.make_mint("other_mint")
    await trading.make_tokens("second_energy_vault", "market", ENERGY, mint="energy")
    await trading.make_tokens("second_payment_vault", "market", PAYMENT, mint="payment")
    for name, mint in (("savings", "energy"), ("purse", "payment"), ("other", "other_mint")):
        await trading.make_tokens(f"owner_{name}", "owner", ENERGY, mint=mint)
    for at in PREFIXES:
        for owner in ("owner", "neighbour"):
            await trading.run("place_offer", by=owner, at=at)
        await trading.run("fill_offer", by="newcomer", at=at)
        await trading.run("place_order", at=at)
        await trading.run("place_order", by="neighbour", side=BID, at=at)
    await _FALSE.assemble(trading)
    trading.accounts = {name: key for name, key in trading.accounts.items() if name in CAST}


# What the program checks of how accounts belong together

OF_AUTHORITY = ("set_policy", "pause", "resume", "propose_authority", "collect_fees")
OF_OFFER = ("place_offer", "fill_offer", "cancel_offer", "release_expired")
OF_ORDER = ("place_order", "cancel_order", "settle_order")
OWNERS = ("place_offer", "cancel_offer", "place_order", "cancel_order")
TO_OWNER = ("release_expired", "settle_order")


def owner_of(instruction: str) -> str:
    return "thief" if instruction in ("place_offer", "place_order") else "owner"


def programs_refusal(instruction: str, slot: str, substitute: str) -> Error | None:
    """Why an account that could be in this slot must not be there beside the others; None if it may."""
    facts = CAST[substitute]
    kind = slot.partition("_")[0]
    match instruction, slot:
        case "initialize", _:
            return Anchor.ConstraintSeeds  # all else is in the new market's address
        case "open_clearing", "owner":
            return Anchor.ConstraintSeeds
        case name, "payer" if name in CREATED:
            return SUCCESS
        case name, "market" if name in CREATED:
            return Anchor.ConstraintSeeds
        case "open_payment_vault", "payment_mint":
            return "payment mint is not of this market"
        case name, "authority" | "market" if name in OF_AUTHORITY:
            return "signer is not the authority"
        case "accept_authority", "authority":
            return "signer is not the proposed authority"
        case "accept_authority", "market":
            return "no new authority is proposed"
        case _, "energy_vault" | "payment_vault":
            return f"{kind} vault is not of this market"
        case _, "vault":
            return "energy vault is not of this market"
        case "return_rent", "order" if facts.owner == "owner":
            return SUCCESS
        case "return_rent", _:
            return "order belongs to another owner"
        case name, "owner" if name in OWNERS:
            return f"{name.partition('_')[2]} belongs to another owner"
        case "fill_offer", "taker":
            return "source belongs to another owner"
        case name, "market" if name in OF_OFFER:
            return "offer belongs to another market"
        case name, "offer":
            if facts.ledger != "market":
                return "offer belongs to another market"
            if name in OWNERS:
                return "offer belongs to another owner"
            payee = {"fill_offer": "proceeds belong", "release_expired": "destination belongs"}[name]
            return f"{payee} to another owner"
        case name, "market" if name in (*OF_ORDER, "clear_auction"):
            return "auction belongs to another market"
        case name, "auction" if name in (*OF_ORDER, "clear_auction") and facts.ledger != "market":
            return "auction belongs to another market"
        case "place_order", "auction":
            return SUCCESS  # that of the next interval
        case "cancel_order" | "settle_order", "auction":
            return "order belongs to another auction"
        case "place_order" | "cancel_order", "order":
            return f"order belongs to another {'owner' if facts.ledger == 'market' else 'market'}"
        case "settle_order", "order":
            if facts.owner == "thief":
                return "order is not active"
            if facts.ledger != "market":
                return "order belongs to another auction"
            return "destination belongs to another owner"
        case "propose_price", "owner":
            return "clearing belongs to another owner"
        case "propose_price", "auction":
            return "gate is open" if facts.ledger == "market" else "clearing belongs to another market"
        case "propose_price", "clearing":
            return f"clearing belongs to another {'market' if facts.owner == 'owner' else 'owner'}"
        case "count_order" | "clear_auction", "auction" | "clearing":
            return "clearing belongs to another auction"
        case "count_order", "order":
            return (
                "order is not the next one"
                if substitute == "neighbour_order"
                else "order belongs to another auction"
            )
        case name, "source":
            held = "payment" if name == "fill_offer" else "energy"
            if substitute == f"{held}_vault":
                return "source is the vault"
            return "source holds another mint" if facts.mint != held else "source belongs to another owner"
        case "fill_offer", "proceeds":
            if facts.mint != "payment":
                return "proceeds hold another mint"
            return SUCCESS if facts.owner == "owner" else "proceeds belong to another owner"
        case name, "destination" | "energy_destination" | "payment_destination":
            held = "payment" if name == "collect_fees" or kind == "payment" else "energy"
            if substitute == f"{held}_vault":
                return "destination is the vault"
            if facts.mint != held:
                return "destination holds another mint"
            if name in TO_OWNER and facts.owner != "owner":
                return "destination belongs to another owner"
            return SUCCESS
    raise AssertionError(f"{instruction} has no expectation for {substitute} as {slot}")


def effect(
    trading: Trading, instruction: str, substitute: str, before: Snapshot
) -> dict[str, dict[str, Any]]:
    """What an instruction changes that succeeds with a substitute."""

    def added(name: str, **amounts: int) -> dict[str, dict[str, int]]:
        return {name: {field: before[name][field] + amount for field, amount in amounts.items()}}

    def paid_by(payer: str, name: str, kind: str, size: int, **fields: Any) -> dict[str, dict[str, Any]]:
        """What a payer makes, of so many bytes."""
        rent = (128 + size) * 6_960  # lamports
        record = {"lamports": rent, "program": PROGRAM, "size": size, "kind": kind}
        return {name: {**record, **fields}, **added(payer, lamports=-rent)}

    match instruction:
        case "open_payment_vault":
            rent = 2_039_280  # lamports, of 165 bytes
            vault = trading["half_payment_vault"]
            assert before["half_payment_vault"] is None
            made = {"lamports": rent, "program": TOKEN_PROGRAM, "size": 165, "mint": trading["payment"]}
            return {
                "half_payment_vault": {
                    **made,
                    **{"owner": trading["half_market"], "amount": 0, "delegate": None, "is_native": None},
                    **{
                        "state": TokenAccountState.Initialized,
                        "delegated_amount": 0,
                        "close_authority": None,
                    },
                },
                "half_market": {"payment_vault": vault, **added("half_market", sequence=1)["half_market"]},
                **added(substitute, lamports=-rent),
            }
        case "open_offer":
            fields = {"market": trading["market"], "owner": trading["newcomer"]}
            nothing = dict.fromkeys(("price", "amount", "minimum_fill", "expires_at", "fee_bps"), 0)
            made = paid_by(substitute, "newcomer_offer", "Offer", 112, **fields, **nothing)
            return {**made, **added("market", sequence=1)}
        case "open_order":
            fields = {"market": trading["market"], "owner": trading["newcomer"], "auction": SYSTEM_PROGRAM}
            nothing = dict.fromkeys(("index", "price", "amount"), 0)
            made = paid_by(
                substitute, "newcomer_order", "Order", 136, **fields, **nothing, side=BID, active=False
            )
            return {**made, **added("market", sequence=1)}
        case "open_auction":
            times = {"starts_at": STARTS_AT + 2 * INTERVAL, "closes_at": CLOSES_AT + 2 * INTERVAL}
            at_price = [f"{side}_at_price{part}" for side in ("bids", "offers") for part in PARTS]
            sums = ("order_count", "settled_count", "price", "volume", "received", "paid", *at_price)
            fields = {"market": trading["market"], **times, **dict.fromkeys(sums, 0), "fee_bps": FEE_BPS}
            made = paid_by(substitute, "new_auction", "Auction", 160, **fields, cleared=False)
            return {**made, **added("market", sequence=1)}
        case "collect_fees":
            fees = before["market"]["fees"]
            return {
                **added(substitute, amount=fees),
                **added("payment_vault", amount=-fees),
                **added("market", fees=-fees, payment_held=-fees, sequence=1),
            }
        case "fill_offer":
            of = CAST[substitute]
            energy, proceeds = (
                (substitute, "owner_payment") if of.mint == "energy" else ("neighbour_energy", substitute)
            )
            return {
                **added(energy, amount=1_000),
                **added(proceeds, amount=PRICE - FEE),
                **added("neighbour_payment", amount=-PRICE),
                **added("owner_offer", amount=-1_000),
                **added("energy_vault", amount=-1_000),
                **added("payment_vault", amount=FEE),
                **added("market", energy_held=-1_000, payment_held=FEE, fees=FEE, sequence=1),
            }
        case "cancel_offer" | "release_expired":
            return {
                **added(substitute, amount=1_000),
                "owner_offer": {"amount": 0},
                **added("energy_vault", amount=-1_000),
                **added("market", energy_held=-1_000, sequence=1),
            }
        case "place_order":
            order = {"auction": trading["second_auction"], "index": 0, "price": PRICE, "amount": 2_000}
            return {
                "thief_order": {**order, "side": "OFFER", "active": True},
                **added("second_auction", order_count=1),
                **added("thief_energy", amount=-2_000),
                **added("energy_vault", amount=2_000),
                **added("market", energy_held=2_000, sequence=1),
            }
        case "cancel_order":
            return {
                **added(substitute, amount=2_000),
                "owner_order": {"amount": 0},
                **added("energy_vault", amount=-2_000),
                **added("market", energy_held=-2_000, sequence=1),
            }
        case "return_rent":
            return {**added(substitute, lamports=-1_000), **added("owner", lamports=1_000)}
        case "settle_order":  # all 2,000 Wh are sold
            payee = substitute if CAST[substitute].mint == "payment" else "owner_payment"
            value = 2 * PRICE
            return {
                **added(payee, amount=value - 2 * FEE),
                "owner_order": {"amount": 0, "active": False},
                **added("auction", settled_count=1, offers_at_price_settled=2_000, paid=value),
                **added("payment_vault", amount=2 * FEE - value),
                **added("market", payment_held=2 * FEE - value, fees=2 * FEE, sequence=1),
            }
    raise AssertionError(f"{instruction} has no effect with {substitute}")


PARTS = ("", "_filled", "_settled")
FEE = PRICE * FEE_BPS // 10_000

# The matrix


def valid(trading: Trading, instruction: str) -> Instruction:
    match instruction:
        case "initialize":
            new = {name: trading[f"new_{name}"] for name in ("market", "energy_vault")}
            return trading.instruction(instruction, by="thief", at="operator", **new)
        case "open_payment_vault":
            half = {name: trading[f"half_{name}"] for name in ("market", "payment_vault")}
            return trading.instruction(instruction, **half)
        case "open_offer" | "open_order":
            return trading.instruction(instruction, owner="newcomer")
        case "open_clearing":
            return trading.instruction(instruction, by="newcomer")
        case "open_auction":
            return trading.instruction(instruction, starts_at=STARTS_AT + 2 * INTERVAL)
        case "place_offer" | "place_order":
            return trading.instruction(instruction, by="thief")
    return trading.instruction(instruction)


async def ready(trading: Trading, instruction: str) -> None:
    match instruction:
        case "resume":
            await trading.run("pause")
        case "accept_authority":
            await trading.run("propose_authority")
        case "return_rent":
            for name, facts in CAST.items():
                if (facts.layout, facts.owner) == ("order", "owner"):
                    await trading.send(trading.payment(MATRIX.address(trading, name), 1_000))
        case "release_expired":
            trading.travel_to(EXPIRES_AT)
        case "propose_price" | "count_order" | "clear_auction" | "settle_order":
            trading.travel_to(CLOSES_AT)
    if instruction in ("count_order", "clear_auction", "settle_order"):
        await trading.run("propose_price")
    if instruction in ("clear_auction", "settle_order"):
        for owner in ("owner", "neighbour"):
            await trading.run("count_order", of=owner, clearing=trading["owner_clearing"])
    if instruction == "settle_order":
        await trading.run("clear_auction")


MATRIX = Matrix(
    program=PROGRAM,
    slots=SLOTS,
    cast=CAST,
    fixed=_FALSE.fixed,
    keys=WALLETS,
    signing=("authority", "payer", "owner", "taker"),
    records={record: record for record in ("market", "offer", "auction", "order", "clearing")},
    created=CREATED,
    refusal=programs_refusal,
    effect=effect,
    valid=valid,
    ready=ready,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(chain: EmbeddedChain, market_program: Program) -> Trading:
    """One world for all rows: each leaves it as it was."""
    chain.unix_timestamp = NOON
    trading = Trading(market_program, "matrix of the market", chain)
    await assemble(trading)
    return trading


@pytest.mark.asyncio(loop_scope="module")
async def test_the_cast_is_what_it_says(scene: Trading) -> None:
    MATRIX.check_cast(scene)


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("instruction", "slot"), MATRIX.rows)
async def test_every_cell_of_a_row(scene: Trading, instruction: str, slot: str) -> None:
    scene.travel_to(NOON)
    await MATRIX.check_row(scene, instruction, slot)


def test_the_matrix_has_so_many_cells(market_program: Program) -> None:
    slots = [slot for instruction in market_program.idl.instructions for slot in instruction.accounts]
    tampered = sum(2 + slot.is_signer for slot in slots)
    assert (len(slots), len(CAST)) == (117, 97)
    assert MATRIX.size + tampered == 11_485
