"""The market client's methods, each success beside a refusal, with everything that changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM_ID

from amalgam.chain import confirmation
from amalgam.chain.embedded import LAMPORTS_PER_SIGNATURE, EmbeddedChain
from amalgam.chain.errors import AssertionRefused
from amalgam.chain.program_client import Unsettled
from amalgam.market import program as energy_market
from amalgam.market.client import EnergyMarketClient, MarketAudit
from amalgam.market.program import (
    PROGRAM_ID,
    Limit,
    Market,
    Offer,
    Order,
    Side,
    clearing_address,
    energy_vault_address,
    offer_address,
    order_address,
    payment_vault_address,
)
from amalgam.market.solver import solve
from tests.support.marketplace import CLOSES_AT, INTERVAL, RULES, STARTS_AT, TOKENS, Marketplace
from tests.support.node import NOON

pytestmark = pytest.mark.embedded


@pytest.fixture
def empty_trade(
    request: pytest.FixtureRequest, chain: EmbeddedChain, monkeypatch: pytest.MonkeyPatch
) -> Marketplace:
    monkeypatch.setattr(confirmation, "_POLL_S", 0.0)
    return Marketplace(chain, request.node.nodeid)


@pytest.fixture
async def trade(empty_trade: Marketplace) -> Marketplace:
    await empty_trade.start()
    return empty_trade


@asynccontextmanager
async def refused(trade: Marketplace, message: str) -> AsyncIterator[None]:
    """The program refuses what is inside, with exactly this message, and no tokens move."""
    before = trade.balances()
    with pytest.raises(AssertionRefused) as refusal:
        yield
    assert (refusal.value.program, refusal.value.message) == (PROGRAM_ID, message)
    assert trade.balances() == before


async def place(
    trade: Marketplace, name: str, side: Side, price: int, amount: int, number: int = 0
) -> Pubkey:
    """An order of an account opened for it."""
    address = order_address(trade.market, trade[name], number)
    if trade.chain.account(address) is None:
        await trade.client.send(
            energy_market.open_order(
                payer=trade.client.payer_address, market=trade.market, owner=trade[name], number=number
            )
        )
    source = trade.tokens(name, "payment" if side is Side.BID else "energy")
    await trade.client.send(
        energy_market.place_order(
            owner=trade[name],
            market=trade.market,
            auction=trade.auction,
            order=energy_market.order_address(trade.market, trade[name], number),
            source=source,
            side=side,
            price=price,
            amount=amount,
        ),
        trade.keys[name],
    )
    return address


# The market


async def test_create(empty_trade: Marketplace) -> None:
    trade = empty_trade
    with pytest.raises(LookupError, match=f"^there is no Market at {trade.market}$"):
        await trade.client.market(trade.market)
    async with refused(trade, "fee exceeds 500 basis points"):
        await trade.client.sender.send(
            energy_market.create(
                payer=trade.client.payer_address,
                authority=trade["operator"],
                energy_mint=trade.mints["energy"],
                payment_mint=trade.mints["payment"],
                **{**RULES, "fee_bps": 501},
            ),
            trade.keys["operator"],
        )
    await trade.client.sender.send(
        energy_market.create(
            payer=trade.client.payer_address,
            authority=trade["operator"],
            energy_mint=trade.mints["energy"],
            payment_mint=trade.mints["payment"],
            **RULES,
        ),
        trade.keys["operator"],
    )
    market = await trade.client.market(trade.market)
    assert market == Market(
        creator=trade["operator"],
        authority=trade["operator"],
        pending_authority=trade["operator"],
        energy_mint=trade.mints["energy"],
        payment_mint=trade.mints["payment"],
        energy_vault=energy_vault_address(trade.market),
        payment_vault=payment_vault_address(trade.market),
        energy_held=0,
        payment_held=0,
        fees=0,
        **RULES,
        sequence=2,
        paused=False,
        bump=market.bump,
    )


async def test_what_the_authority_sets(trade: Marketplace) -> None:
    client, operator, newcomer = trade.client, trade.keys["operator"], trade.keys["newcomer"]
    async with refused(trade, "signer is not the authority"):
        await client.send(
            energy_market.set_policy(
                authority=newcomer.pubkey(), market=trade.market, fee_bps=0, minimum_order=1
            ),
            newcomer,
        )
    await client.send(
        energy_market.set_policy(
            authority=operator.pubkey(), market=trade.market, fee_bps=0, minimum_order=1
        ),
        operator,
    )
    market = await client.market(trade.market)
    assert (market.fee_bps, market.minimum_order) == (0, 1)

    await client.send(energy_market.pause(authority=operator.pubkey(), market=trade.market), operator)
    async with refused(trade, "market is paused"):
        await client.send(
            energy_market.open_auction(
                payer=client.payer_address, market=trade.market, starts_at=STARTS_AT + INTERVAL
            )
        )
    await client.send(energy_market.resume(authority=operator.pubkey(), market=trade.market), operator)

    await client.send(
        energy_market.propose_authority(
            authority=operator.pubkey(), market=trade.market, proposed=newcomer.pubkey()
        ),
        operator,
    )
    async with refused(trade, "signer is not the proposed authority"):
        await client.send(
            energy_market.accept_authority(authority=trade["neighbour"], market=trade.market),
            trade.keys["neighbour"],
        )
    await client.send(
        energy_market.accept_authority(authority=newcomer.pubkey(), market=trade.market), newcomer
    )
    assert (await client.market(trade.market)).authority == newcomer.pubkey()


# Offers


async def test_an_offer_is_placed_filled_and_cancelled(trade: Marketplace) -> None:
    client, owner, neighbour = trade.client, trade.keys["owner"], trade.keys["neighbour"]
    offer = offer_address(trade.market, trade["owner"], 3)
    terms = {"price": 250_333, "amount": 5_000, "minimum_fill": 1_000, "expires_at": NOON + 60}
    source = trade.tokens("owner", "energy")
    await client.send(
        energy_market.open_offer(
            payer=client.payer_address, market=trade.market, owner=trade["owner"], number=3
        )
    )
    await client.send(
        energy_market.place_offer(
            owner=owner.pubkey(),
            market=trade.market,
            offer=energy_market.offer_address(trade.market, owner.pubkey(), 3),
            source=source,
            **terms,
        ),
        owner,
    )
    placed = Offer(trade.market, trade["owner"], *terms.values(), RULES["fee_bps"])
    placed = replace(placed, price=terms["price"], amount=terms["amount"])
    assert await client.offers(trade.market) == {offer: placed}
    assert trade.balances()["vaults"] == (5_000, 0)

    trade.give("neighbour", "payment", 10**9)
    filling = {
        "source": trade.tokens("neighbour", "payment"),
        "destination": trade.tokens("neighbour", "energy"),
        "proceeds": trade.tokens("owner", "payment"),
        "amount": 1_001,
    }
    cost = 250_584  # 250,583.333, rounded up
    async with refused(trade, "cost exceeds the maximum"):
        await client.send(
            energy_market.fill_offer(
                taker=neighbour.pubkey(), market=trade.market, offer=offer, **filling, maximum_cost=cost - 1
            ),
            neighbour,
        )
    await client.send(
        energy_market.fill_offer(
            taker=neighbour.pubkey(), market=trade.market, offer=offer, **filling, maximum_cost=cost
        ),
        neighbour,
    )
    fee = cost // 100
    assert trade.balances() == {
        "operator": (None, None),
        "owner": (TOKENS - 5_000, TOKENS + cost - fee),
        "neighbour": (TOKENS + 1_001, 10**9 - cost),
        "newcomer": (None, None),
        "vaults": (3_999, fee),
    }
    assert await client.offer(offer) == replace(placed, amount=3_999)
    assert (await client.audit(trade.market)).violations == []

    async with refused(trade, "offer is not placed"):
        await client.send(
            energy_market.open_offer(
                payer=client.payer_address, market=trade.market, owner=trade["neighbour"], number=0
            )
        )
        await client.send(
            energy_market.cancel_offer(
                owner=neighbour.pubkey(),
                market=trade.market,
                offer=energy_market.offer_address(trade.market, neighbour.pubkey(), 0),
                destination=filling["destination"],
            ),
            neighbour,
        )
    await client.send(
        energy_market.cancel_offer(
            owner=owner.pubkey(),
            market=trade.market,
            offer=energy_market.offer_address(trade.market, owner.pubkey(), 3),
            destination=source,
        ),
        owner,
    )
    assert trade.balances()["vaults"] == (0, fee)
    trade.give("operator", "payment", 0)
    await client.send(
        energy_market.collect_fees(
            authority=trade["operator"], market=trade.market, destination=trade.tokens("operator", "payment")
        ),
        trade.keys["operator"],
    )
    assert trade.balances()["operator"] == (None, fee)


async def test_an_expired_offer_goes_back(trade: Marketplace) -> None:
    offer = offer_address(trade.market, trade["owner"], 0)
    source = trade.tokens("owner", "energy")
    await trade.client.send(
        energy_market.open_offer(
            payer=trade.client.payer_address, market=trade.market, owner=trade["owner"], number=0
        )
    )
    await trade.client.send(
        energy_market.place_offer(
            owner=trade["owner"],
            market=trade.market,
            offer=energy_market.offer_address(trade.market, trade["owner"], 0),
            source=source,
            price=1,
            amount=10,
            minimum_fill=1,
            expires_at=NOON + 60,
        ),
        trade.keys["owner"],
    )
    async with refused(trade, "offer has not expired"):
        await trade.client.send(
            energy_market.release_expired(market=trade.market, offer=offer, destination=source)
        )
    trade.chain.unix_timestamp = NOON + 60
    await trade.client.send(
        energy_market.release_expired(market=trade.market, offer=offer, destination=source)
    )
    assert trade.amount(source) == TOKENS


# Auctions


async def test_orders_are_placed_and_cancelled(trade: Marketplace) -> None:
    client = trade.client
    address = await place(trade, "owner", Side.OFFER, 300, 5_000)
    assert await client.order(address) == Order(
        trade.market, trade["owner"], trade.auction, 0, 300, 5_000, Side.OFFER, True
    )
    await place(trade, "neighbour", Side.BID, 333, 1_001)
    assert trade.balances()["vaults"] == (5_000, 334)
    audit = await client.audit(trade.market)
    assert (audit.energy_of_auctions, audit.payment_of_auctions, audit.violations) == (5_000, 334, [])
    source = trade.tokens("owner", "energy")
    await client.send(
        energy_market.cancel_order(
            owner=trade["owner"],
            market=trade.market,
            order=energy_market.order_address(trade.market, trade["owner"], 0),
            destination=source,
            auction=trade.auction,
            side=Side.OFFER,
        ),
        trade.keys["owner"],
    )
    async with refused(trade, "order is cancelled already"):
        await client.send(
            energy_market.cancel_order(
                owner=trade["owner"],
                market=trade.market,
                order=energy_market.order_address(trade.market, trade["owner"], 0),
                destination=source,
                auction=trade.auction,
                side=Side.OFFER,
            ),
            trade.keys["owner"],
        )
    assert trade.balances()["vaults"] == (0, 334)
    with pytest.raises(LookupError, match=r"^there is no Order at "):
        await client.order(energy_market.order_address(trade.market, trade["owner"], 9))


BOOK = [
    ("owner", Side.OFFER, 250, 4_001),
    ("neighbour", Side.BID, 301, 3_000),
    ("owner", Side.OFFER, 280, 2_999),
    ("neighbour", Side.BID, 280, 1_007),
    ("owner", Side.OFFER, 280, 2_003),
    ("neighbour", Side.BID, 280, 1_999),
    ("neighbour", Side.BID, 200, 700),
    ("owner", Side.OFFER, 500, 900),
]


async def book(trade: Marketplace) -> list[Pubkey]:
    return [await place(trade, *order, number=number) for number, order in enumerate(BOOK)]


async def test_an_auction_is_cleared_as_it_was_solved(trade: Marketplace) -> None:
    addresses = await book(trade)
    async with refused(trade, "gate is open"):
        await trade.client.clear(trade.auction)
    trade.chain.unix_timestamp = CLOSES_AT
    outcome = solve([Limit(side, price, amount) for _, side, price, amount in BOOK])
    steps: list[None] = []
    settlement = await trade.client.clear(trade.auction, lambda: steps.append(None))

    auction = settlement.auction
    assert auction == await trade.client.auction(trade.auction)
    assert settlement.unsettled == {}
    assert (auction.cleared, auction.price, auction.volume) == (True, outcome.price, outcome.volume)
    assert (auction.bids_at_price, auction.bids_at_price_filled) == (
        outcome.bids_at_price,
        outcome.bids_at_price_filled,
    )
    assert (auction.offers_at_price, auction.offers_at_price_filled) == (
        outcome.offers_at_price,
        outcome.offers_at_price_filled,
    )
    assert (auction.order_count, auction.settled_count) == (8, 8)
    assert len(settlement.signatures) == 2  # one clears, one settles
    assert len(steps) == 8 + 8 + 3
    assert list(await trade.client.book(trade.auction)) == addresses

    paid = sum(
        -(-fill * 280 // 1_000)
        for (_, side, *_), fill in zip(BOOK, outcome.fills, strict=True)
        if side is Side.BID
    )
    proceeds = [
        fill * 280 // 1_000
        for (_, side, *_), fill in zip(BOOK, outcome.fills, strict=True)
        if side is Side.OFFER
    ]
    earned = sum(each - each // 100 for each in proceeds)
    assert trade.balances() == {
        "operator": (None, None),
        "owner": (TOKENS - outcome.volume, TOKENS + earned),
        "neighbour": (TOKENS + outcome.volume, TOKENS - paid),
        "newcomer": (None, None),
        "vaults": (0, paid - earned),
    }
    market = await trade.client.market(trade.market)
    assert (market.fees, market.payment_held, market.energy_held) == (paid - earned, paid - earned, 0)
    assert (await trade.client.clear(trade.auction)).signatures == []


async def test_the_program_takes_no_other_price(trade: Marketplace) -> None:
    addresses = await book(trade)
    trade.chain.unix_timestamp = CLOSES_AT
    operator = trade["operator"]
    mine = clearing_address(trade.market, operator)
    await trade.client.send(energy_market.open_clearing(owner=operator, market=trade.market))
    clear = energy_market.clear_auction(market=trade.market, auction=trade.auction, clearing=mine)
    for price in {0, 1, 10**6, *(order[2] + change for order in BOOK for change in (-1, 0, 1))} - {280}:
        steps = [
            energy_market.propose_price(
                owner=operator, market=trade.market, auction=trade.auction, price=price
            ),
            *(
                energy_market.count_order(auction=trade.auction, clearing=mine, order=address)
                for address in addresses
            ),
            clear,
        ]
        with pytest.raises(AssertionRefused, match=r"^price is (too low|too high|not the lowest)"):
            await trade.client.sender.send(steps)
    assert not (await trade.client.auction(trade.auction)).cleared


async def test_what_others_have_begun_is_gone_on_with(trade: Marketplace) -> None:
    """Also where a proposal of the payer's own is of another price."""
    addresses = await book(trade)
    trade.chain.unix_timestamp = CLOSES_AT
    operator, mine = trade["operator"], clearing_address(trade.market, trade["operator"])
    count = energy_market.count_order(auction=trade.auction, clearing=mine, order=addresses[0])
    propose = {"owner": operator, "market": trade.market, "auction": trade.auction}
    await trade.client.sender.send(
        [
            energy_market.open_clearing(owner=operator, market=trade.market),
            energy_market.propose_price(**propose, price=7),
            count,
        ]
    )
    others = EnergyMarketClient(trade.connection, trade.keys["newcomer"])
    send, meddled = trade.client.sender.send, []

    async def meddling(instructions: list, *signers: object, purpose: str = "") -> object:
        if len(meddled) == 0:  # somebody counts the first order with the payer's own proposal
            meddled.append(await send(instructions[:1]))
            meddled.append(await others.send(count))
            instructions = instructions[1:]
        return await send(instructions, *signers, purpose=purpose)

    trade.client.sender.send = meddling
    settlement = await trade.client.clear(trade.auction)
    assert (settlement.auction.price, settlement.auction.settled_count) == (280, 8)


async def test_an_order_that_cannot_be_settled_holds_up_no_other(trade: Marketplace) -> None:
    addresses = await book(trade)
    trade.give("newcomer", "payment", 1_000)
    trade.give("newcomer", "energy", 0)
    newcomers = await place(trade, "newcomer", Side.BID, 300, 100)
    trade.give("newcomer", "payment", 0, frozen=True)
    trade.chain.unix_timestamp = CLOSES_AT
    settlement = await trade.client.clear(trade.auction)
    ((order, waits),) = settlement.unsettled.items()
    assert (order, *waits[:3]) == (newcomers, trade["newcomer"], 100, 2)
    assert waits.reason.startswith("AccountFrozen: ")
    assert settlement.auction.settled_count == len(addresses)
    assert (await trade.client.audit(trade.market)).violations == []

    trade.give("newcomer", "payment", 0)
    settlement = await trade.client.clear(trade.auction)
    assert (len(settlement.signatures), settlement.unsettled) == (1, {})
    assert trade.balances()["newcomer"] == (100, 2)  # 30 held, 28 paid
    assert (await trade.client.audit(trade.market)).violations == []


async def test_who_clears_pays_for_nobody_elses_account(trade: Marketplace) -> None:
    """Ten bids whose owners have closed their accounts cost the fees of transactions, and nothing else."""
    addresses = await book(trade)
    washers = [f"washer {n}" for n in range(10)]
    bids: dict[Pubkey, str] = {}
    for number, name in enumerate(washers):
        trade.keys[name] = Keypair()
        trade.give(name, "payment", 1)
        bids[await place(trade, name, Side.BID, 1, 100)] = name
        lamports = number % 2 * 10**6  # which anybody can send to an address
        for mint in ("energy", "payment"):
            trade.chain.set_account(trade.tokens(name, mint), Account(lamports, b"", SYSTEM_PROGRAM_ID))
    trade.chain.unix_timestamp = CLOSES_AT
    operator, energy = trade["operator"], trade.mints["energy"]
    await trade.client.send(energy_market.open_clearing(owner=operator, market=trade.market))
    before = trade.chain.balance(operator)
    settlement = await trade.client.clear(trade.auction)
    assert before - trade.chain.balance(operator) == len(settlement.signatures) * LAMPORTS_PER_SIGNATURE
    assert settlement.unsettled == {
        bid: Unsettled(
            trade[name],
            0,
            1,
            f"{trade[name]} has no token account for mint {energy}; "
            f"its owner runs: amalgam wallet open {energy}",
        )
        for bid, name in bids.items()
    }
    assert settlement.auction.settled_count == len(addresses)

    for name in washers:
        trade.give(name, "energy", 0)
        trade.give(name, "payment", 0)
    settlement = await trade.client.settle(trade.auction)
    assert (settlement.unsettled, settlement.auction.settled_count) == ({}, len(addresses) + len(washers))


async def test_what_waits_is_what_is_paid_in_the_end(trade: Marketplace) -> None:
    """To the base unit, also of those who trade a part at the price."""
    addresses = await book(trade)
    accounts = {(name, mint): trade.tokens(name, mint) for name, *_ in BOOK for mint in trade.mints}
    saved = {account: trade.chain.account(account) for account in accounts.values()}
    for account in saved:
        trade.chain.set_account(account, Account(0, b"", SYSTEM_PROGRAM_ID))
    trade.chain.unix_timestamp = CLOSES_AT
    waits = (await trade.client.clear(trade.auction)).unsettled
    assert [*waits] == addresses
    for account, content in saved.items():
        trade.chain.set_account(account, content)
    for order in addresses:
        auction, placed = await trade.client.auction(trade.auction), await trade.client.order(order)
        owner = {"energy_destination": "energy", "payment_destination": "payment"}
        name = next(name for name, *_ in BOOK if trade[name] == placed.owner)
        before = [trade.amount(trade.tokens(name, mint)) or 0 for mint in owner.values()]
        settle = energy_market.settle_order(
            market=trade.market,
            auction=trade.auction,
            order=order,
            **{slot: trade.tokens(name, mint) for slot, mint in owner.items()},
        )
        await trade.client.send(settle)
        after = [trade.amount(trade.tokens(name, mint)) or 0 for mint in owner.values()]
        assert tuple(b - a for a, b in zip(before, after, strict=True)) == auction.due(placed)


async def test_an_audit_adds_up_however_far_an_auction_is_settled(trade: Marketplace) -> None:
    """And says what does not hold."""
    addresses = await book(trade)
    trade.chain.unix_timestamp = CLOSES_AT
    real = trade.client._pending

    async def none(*_: object) -> list:
        return []

    trade.client._pending = none
    await trade.client.clear(trade.auction)
    trade.client._pending = real
    for address, (name, *_) in reversed(list(zip(addresses, BOOK, strict=True))):
        audit = await trade.client.audit(trade.market)
        assert audit.violations == []
        assert (audit.energy_donated, audit.payment_donated) == (0, 0)
        await trade.client.send(
            energy_market.settle_order(
                market=trade.market,
                auction=trade.auction,
                order=address,
                energy_destination=trade.tokens(name, "energy"),
                payment_destination=trade.tokens(name, "payment"),
            )
        )
    audit = await trade.client.audit(trade.market)
    fees = audit.market.fees
    assert (audit.violations, audit.energy_of_auctions, audit.payment_of_auctions) == ([], 0, 0)
    wrong = MarketAudit(replace(audit.market, energy_held=5, payment_held=7, fees=6), [], {}, [], 4, 3)
    assert fees > 0
    assert wrong.violations == [
        "the energy vault has 4, the market holds 5",
        "the payment vault has 3, the market holds 7",
        "offers and auctions come to 0 of energy, the market holds 5",
        "auctions and fees come to 6 of payment, the market holds 7",
    ]
