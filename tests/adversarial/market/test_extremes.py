"""Unusual tokens, the greatest numbers, and counts of an earlier book: the rules hold there too."""

from types import SimpleNamespace
from typing import Any

import pytest
from anchorpy import Program
from solders.instruction import Instruction
from solders.pubkey import Pubkey
from solders.system_program import CreateAccountParams, create_account
from solders.token.state import Mint
from spl.token.constants import ACCOUNT_LEN
from spl.token.instructions import (
    ApproveParams,
    AuthorityType,
    CloseAccountParams,
    InitializeAccountParams,
    MintToParams,
    SetAuthorityParams,
    SyncNativeParams,
    TransferParams,
    approve,
    close_account,
    initialize_account,
    mint_to,
    set_authority,
    sync_native,
    transfer,
)

from amalgam.chain.embedded import EmbeddedChain
from tests.support.market import (
    BID,
    CLOSES_AT,
    INTERVAL,
    LAPSES_AT,
    PAYMENT,
    STARTS_AT,
    Trading,
    auction_address,
)
from tests.support.stage import NOON, TOKEN_PROGRAM, U64_MAX, Token

pytestmark = pytest.mark.embedded
NATIVE = Pubkey.from_string("So11111111111111111111111111111111111111112")
NON_NATIVE_HAS_BALANCE = 11  # SPL Token's error


async def test_a_trap_account_given_to_the_owner_takes_nothing(trading: Trading) -> None:
    """The thief's account, approved to the thief, closable by the thief, then made the neighbour's."""
    await trading.make_tokens("trap", "thief", mint="energy")
    t = trading["thief"]
    await trading.send(
        approve(ApproveParams(TOKEN_PROGRAM, trading["trap"], t, t, 10**9)),
        set_authority(
            SetAuthorityParams(
                TOKEN_PROGRAM, trading["trap"], AuthorityType.CLOSE_ACCOUNT, t, new_authority=t
            )
        ),
        set_authority(
            SetAuthorityParams(
                TOKEN_PROGRAM,
                trading["trap"],
                AuthorityType.ACCOUNT_OWNER,
                t,
                new_authority=trading["neighbour"],
            )
        ),
        signers=["thief"],
    )
    await trading.run("place_order")
    await trading.run("place_order", by="neighbour", side=BID)
    await trading.clear(250_000, ["owner", "neighbour"])
    await trading.run("settle_order", of="neighbour", energy_destination=trading["trap"])
    async with trading.refused(Token.OWNER_MISMATCH, by=TOKEN_PROGRAM):
        await trading.send(
            transfer(TransferParams(TOKEN_PROGRAM, trading["trap"], trading["thief_energy"], t, 1)),
            signers=["thief"],
        )
    async with trading.refused(NON_NATIVE_HAS_BALANCE, by=TOKEN_PROGRAM):
        await trading.send(
            close_account(CloseAccountParams(TOKEN_PROGRAM, trading["trap"], t, t)), signers=["thief"]
        )
    await trading.send(
        transfer(
            TransferParams(
                TOKEN_PROGRAM, trading["trap"], trading["neighbour_energy"], trading["neighbour"], 2_000
            )
        ),
        signers=["neighbour"],
    )


class Native(Trading):
    def key(self, name: str) -> Any:
        return SimpleNamespace(pubkey=lambda: NATIVE) if name == "payment" else super().key(name)


async def test_wrapped_sol_is_a_payment(market_program: Program, chain: EmbeddedChain) -> None:
    chain.unix_timestamp = NOON
    trading = Native(market_program, "native", chain)
    await trading.fund()
    await trading.make_mint("energy")
    trading.put("payment", bytes(Mint(None, 0, 9, True, None)), TOKEN_PROGRAM)
    rent = await trading.rent(ACCOUNT_LEN)
    for owner in ("operator", "owner", "neighbour", "thief"):
        await trading.make_tokens(f"{owner}_energy", owner, 100_000, mint="energy")
        name = f"{owner}_payment"
        trading.accounts[name] = trading.key(name).pubkey()
        payer = trading.fee_payer.pubkey()
        new = CreateAccountParams(
            from_pubkey=payer,
            to_pubkey=trading[name],
            lamports=rent + 10_000_000,
            space=ACCOUNT_LEN,
            owner=TOKEN_PROGRAM,
        )
        params = InitializeAccountParams(TOKEN_PROGRAM, trading[name], NATIVE, trading[owner])
        await trading.send(create_account(new), initialize_account(params), signers=[name])
    await trading.start()
    await trading.run("place_offer")
    await trading.run("fill_offer")
    await trading.run("place_order")
    await trading.run("place_order", by="neighbour", side=BID, price=300_000, amount=1_000)
    await trading.send(
        trading.payment(trading["payment_vault"], 777),
        sync_native(SyncNativeParams(TOKEN_PROGRAM, trading["payment_vault"])),
    )
    await trading.clear(250_000, ["owner", "neighbour"])
    await trading.run("settle_order", of="owner")
    await trading.run("settle_order", of="neighbour")
    await trading.run("collect_fees")
    state = await trading.state()
    assert state["payment_vault"]["amount"] == 777
    assert state["market"]["payment_held"] == 0
    assert state["payment_vault"]["lamports"] == rent + 777


async def test_the_greatest_auction_there_can_be(trading: Trading) -> None:
    """All payment tokens that fit in 64 bits are bid for a terawatt-hour."""

    def mint(kind: str, owner: str, amount: int) -> Instruction:
        return mint_to(
            MintToParams(
                TOKEN_PROGRAM, trading[kind], trading[f"{owner}_{kind}"], trading["operator"], amount
            )
        )

    state = await trading.state()
    rest = U64_MAX - state["payment"]["supply"]
    await trading.send(
        mint("payment", "neighbour", rest),
        mint("energy", "owner", 10**12),
        mint("energy", "thief", 10**12),
        signers=["operator"],
    )
    price = (rest + PAYMENT) * 1_000 // 10**12
    await trading.run("place_order", by="neighbour", side=BID, price=price, amount=10**12)
    await trading.run("place_order", price=price, amount=10**12)
    await trading.run("place_order", by="thief", price=price, amount=10**12 - 1)
    await trading.clear(price, ["neighbour", "owner", "thief"])
    for of in ("owner", "thief", "neighbour"):
        await trading.run("settle_order", of=of)
    await trading.run("collect_fees")
    state = await trading.state()
    assert [state[v]["amount"] for v in ("energy_vault", "payment_vault")] == [0, 0]
    assert state["market"]["payment_held"] == state["market"]["energy_held"] == 0


async def test_stale_counts_do_not_clear(trading: Trading) -> None:
    """A count begun for one auction, of orders that have since moved to another, and the reverse."""
    later = STARTS_AT + 2 * 86_400 // INTERVAL * INTERVAL
    trading.accounts["later"] = auction_address(trading["market"], later)
    await trading.run("open_auction", starts_at=later)
    await trading.run("place_order")
    await trading.run("place_order", by="neighbour", side=BID)
    trading.travel_to(CLOSES_AT)
    await trading.run("propose_price")
    await trading.run("count_order")
    trading.travel_to(LAPSES_AT)
    await trading.run("cancel_order")
    await trading.run("place_order", auction=trading["later"])  # index 0 there
    async with trading.refused("order belongs to another auction"):
        await trading.run("count_order")
    async with trading.refused("clearing belongs to another auction"):
        await trading.run("count_order", auction=trading["later"])
    await trading.run("count_order", of="neighbour", clearing=trading["owner_clearing"])
    async with trading.refused("auction has lapsed"):
        await trading.run("clear_auction")
    trading.travel_to(later - 3_600)
    async with trading.refused("clearing belongs to another auction"):
        await trading.run("clear_auction", auction=trading["later"])
