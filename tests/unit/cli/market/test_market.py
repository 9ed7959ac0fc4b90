"""Markets, offers, auctions and orders on the command line: each success beside its refusals."""

import asyncio
from typing import Any

import pytest
from solders.pubkey import Pubkey

from amalgam.chain.embedded import EmbeddedChain
from amalgam.market.program import (
    Auction,
    Market,
    Order,
    auction_address,
    energy_vault_address,
    offer_address,
    order_address,
)
from tests.support.marketplace import CLOSES_AT, STARTS_AT, TOKENS, Marketplace
from tests.support.node import NOON
from tests.unit.cli.conftest import NOBODY, Town, Traders

START = "2026-06-21T14:15+02:00"


class Square(Traders):
    """A town's command beside a market of energy, which is paid with tokens of 6 decimals."""

    def __init__(self, town: Town, trade: Marketplace) -> None:
        super().__init__(town, trade)
        self.market, self.auction = trade.market, trade.auction
        for name in ("owner", "neighbour"):
            trade.give(name, "payment", 10**9)

    def market_now(self) -> Market:
        return Market.from_bytes(self.trade.chain.account(self.market).data)

    def auction_now(self) -> Auction:
        return Auction.from_bytes(self.trade.chain.account(self.auction).data)

    def order(self, name: str, number: int = 0) -> Pubkey:
        return order_address(self.market, self.trade[name], number)

    def offer(self, name: str, number: int = 0) -> Pubkey:
        return offer_address(self.market, self.trade[name], number)

    def place(self, by: str, side: str, amount: str, price: str) -> None:
        self.done("order", "place", self.auction, side, amount, "--price", price, by=by)


@pytest.fixture
def empty_square(town: Town, chain: EmbeddedChain, request: pytest.FixtureRequest) -> Square:
    """No market yet."""
    return Square(town, Marketplace(chain, request.node.nodeid, town.keys))


@pytest.fixture
def square(empty_square: Square) -> Square:
    """The operator's market, with an auction that takes orders."""
    asyncio.run(empty_square.trade.start())
    return empty_square


@pytest.fixture
def book(square: Square) -> Square:
    """Four orders, and the gate closed."""
    square.place("owner", "offer", "4kWh", "0.20/kWh")
    square.place("neighbour", "bid", "3kWh", "0.30/kWh")
    square.place("neighbour", "bid", "2kWh", "0.25/kWh")
    square.place("owner", "offer", "9kWh", "0.9/kWh")
    square.trade.chain.unix_timestamp = CLOSES_AT
    return square


# Markets


def test_create(empty_square: Square) -> None:
    square, mints = empty_square, empty_square.trade.mints
    done = square.done(
        *("market", "create", mints["energy"], mints["payment"]),
        *("--fee", "1.5%", "--minimum-order", "1kWh", "--interval", "1h", "--gate-closure", "30m"),
    )
    rules = (
        "a fee of 1.5 % for sellers, orders of at least 1.000 kWh; "
        "delivery in 1 h, traded until 30 min before"
    )
    market = square.market_now()
    assert done == [
        f"Created market {square.market}: {rules}",
        f"Opened its payment vault {market.payment_vault}",
    ]
    assert (market.fee_bps, market.minimum_order) == (150, 1_000)
    assert (market.interval, market.gate_closure) == (3_600, 1_800)
    assert market.energy_vault == energy_vault_address(square.market)


def test_create_as_usual_for_programs(empty_square: Square) -> None:
    mints = empty_square.trade.mints
    answer = empty_square.town.json("market", "create", mints["energy"], mints["payment"])
    assert answer["market"] == str(empty_square.market)
    assert [event["event"] for event in answer["events"]] == ["Initialized", "PaymentVaultOpened"]
    market = empty_square.market_now()
    assert (market.fee_bps, market.minimum_order) == (0, 100)
    assert (market.interval, market.gate_closure) == (900, 300)


def test_what_cannot_be_created(empty_square: Square) -> None:
    mints = empty_square.trade.mints
    create = ("market", "create", mints["energy"])
    assert empty_square.refusal(*create, NOBODY) == (
        3,
        f"there is no mint at {NOBODY} on {empty_square.town.cluster}; check the address and --url",
    )
    assert empty_square.refusal(*create, mints["payment"], "--fee", "1") == (
        2,
        "Invalid value for --fee: '1' is not a percentage; write it like 95%",
    )
    code, said = empty_square.refusal(*create, mints["payment"], "--fee", "6%")
    assert (code, said.partition(":")[0]) == (1, "fee exceeds 500 basis points")
    code, said = empty_square.refusal(*create, mints["payment"], "--interval", "30s")
    assert (code, said.partition(":")[0]) == (1, "interval is below a minute")
    assert empty_square.trade.chain.account(empty_square.market) is None


def test_a_dry_run_creates_nothing(empty_square: Square) -> None:
    mints, landed = empty_square.trade.mints, empty_square.town.latest()
    lines = empty_square.town.lines("market", "create", mints["energy"], mints["payment"], "--dry-run")
    assert lines[0] == "Dry run: nothing was sent. It would be so:"
    assert lines[1].startswith(f"Created market {empty_square.market}: ")
    cells = [line.split() for line in lines]
    assert ["market", "interval", "-", "15", "min"] in [each[:5] for each in cells]
    assert (empty_square.trade.chain.account(empty_square.market), empty_square.town.latest()) == (
        None,
        landed,
    )


def test_show(square: Square) -> None:
    trade = square.trade
    shown = square.town.lines("market", "show", square.market)
    assert shown == [
        f"Market        {square.market}",
        "Rules         a fee of 1 % for sellers, orders of at least 0.100 kWh; delivery in 15 min, "
        "traded until 5 min before",
        "Held          0.000 kWh and 0 of payments",
        "Fees          0, not yet collected",
        "State         takes offers, fills, auctions and orders",
        f"Authority     {trade['operator']}",
        f"Energy mint   {trade.mints['energy']}",
        f"Payment mint  {trade.mints['payment']}",
        "Events        3",
    ]
    value = square.town.json("market", "show", square.market)
    assert (value["address"], value["fee_bps"], value["unit"]) == (str(square.market), 100, "Wh")
    assert square.refusal("market", "show", NOBODY) == square.not_found("market")


def test_policy_pause_and_resume(square: Square) -> None:
    at = ("market", "policy", square.market)
    assert square.refusal(*at) == (2, "nothing to set; give --fee or --minimum-order")
    assert square.done(*at, "--fee", "0%") == [
        "Set the policy: a fee of 0 % for sellers, orders of at least 0.100 kWh"
    ]
    assert square.done("market", "pause", square.market) == [
        "Paused: no new offers, fills, auctions and orders"
    ]
    place = ("order", "place", square.auction, "offer", "1kWh", "--price", "1/kWh")
    code, said = square.refusal(*place, by="owner")
    assert (code, said.partition(":")[0]) == (1, "market is paused")
    assert square.done("market", "resume", square.market) == [
        "Resumed: takes offers, fills, auctions and orders"
    ]
    code, said = square.refusal("market", "pause", square.market, by="neighbour")
    assert (code, said.partition(":")[0]) == (1, "signer is not the authority")


def test_handover(square: Square) -> None:
    newcomer = square.trade["newcomer"]
    assert square.done("market", "handover", square.market, newcomer) == [
        f"Proposed {newcomer} as the authority"
    ]
    assert f"Proposed      {newcomer}, who has to accept" in square.town.lines(
        "market", "show", square.market
    )
    code, said = square.refusal("market", "accept", square.market, by="neighbour")
    assert (code, said.partition(":")[0]) == (1, "signer is not the proposed authority")
    assert square.done("market", "accept", square.market, by="newcomer") == [
        f"Handed over to {newcomer}, the authority now"
    ]
    assert square.market_now().authority == newcomer


# Offers


def test_an_offer_placed_filled_and_cancelled(square: Square) -> None:
    town, trade = square.town, square.trade
    offer = square.offer("owner")
    placing = ("offer", "place", square.market, "5kWh", "--price", "0.250333/kWh")
    assert square.done(*placing, "--minimum-fill", "1kWh", "--lifetime", "2h", by="owner") == [
        f"Opened offer account {offer} of {trade['owner']}",
        "Offered 5.000 kWh at 0.250333/kWh, at least 1.000 kWh at once until 2026-06-21 14:00:00 UTC: "
        f"offer {offer}",
    ]
    second = square.offer("owner", 1)
    assert square.done(*placing, by="owner")[1].endswith(
        f"at 0.250333/kWh until 2026-06-22 12:00:00 UTC: offer {second}"
    )
    listed = town.json("offer", "list", square.market)["offers"]
    assert {each["address"]: each["amount"] for each in listed} == {str(offer): 5_000, str(second): 5_000}
    titles, _, *rows = (line.split() for line in town.lines("offer", "list", square.market))
    assert titles == ["Price", "Left,", "kWh", "Minimum", "Until", "Offer", "Owner"]
    assert sorted(rows)[0][:2] == ["0.250333/kWh", "5.000"]

    filling = ("offer", "fill", offer, "1001Wh")
    code, said = square.refusal(*filling, "--maximum-cost", "0.250583", by="neighbour")
    assert (code, said.partition(":")[0]) == (1, "cost exceeds the maximum")
    assert square.done(*filling, by="neighbour") == [
        "Bought 1.001 kWh for 0.250584, 0.002505 of it the fee; 3.999 kWh left"
    ]
    assert trade.balances()["neighbour"] == (TOKENS + 1_001, 10**9 - 250_584)
    assert trade.balances()["owner"] == (TOKENS - 10_000, 10**9 + 250_584 - 2_505)

    code, said = square.refusal("offer", "cancel", offer, by="neighbour")
    assert (code, said.partition(":")[0]) == (1, "offer has not expired")
    assert square.done("offer", "cancel", offer, by="owner") == ["Cancelled the offer: 3.999 kWh came back"]
    assert square.done(*placing, by="owner")[0].endswith(f"offer {offer}")  # its account is used again
    trade.chain.unix_timestamp = NOON + 86_400
    assert square.done("offer", "cancel", second, by="neighbour") == [
        "Released the expired offer: 5.000 kWh went back to its owner"
    ]
    assert square.done("market", "fees", square.market) == ["Collected fees of 0.002505"]
    assert trade.balances()["operator"] == (None, 2_505)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (
            ("5kWh", "--price", "0.25"),
            "--price: '0.25' is not a price; write it like 0.25/kWh, in tokens of the payment mint",
        ),
        (
            ("5kWh", "--price", "0.2500001/kWh"),
            "--price: 0.2500001 is finer than the tokens paid with; round it to 6 decimals",
        ),
        (
            ("5kWh", "--price", "0/kWh"),
            "--price: 0 is not within 0.000001 to 18,446,744,073,709.551615; correct it",
        ),
        (("5", "--price", "1/kWh"), "AMOUNT: '5' is not an energy; write it like 300kWh or 3500Wh"),
        (
            ("5kWh", "--price", "1/kWh", "--lifetime", "2"),
            "--lifetime: '2' is not a duration; write it like 90m, 24h or 7d",
        ),
    ],
)
def test_what_is_not_an_offer(square: Square, options: tuple[str, ...], complaint: str) -> None:
    refused = square.refusal("offer", "place", square.market, *options, by="owner")
    assert refused == (2, f"Invalid value for {complaint}")


def test_what_is_not_there(square: Square) -> None:
    assert square.refusal("offer", "fill", NOBODY, "1kWh") == square.not_found("offer")
    assert square.refusal("order", "cancel", NOBODY) == square.not_found("order")
    assert square.refusal("auction", "show", NOBODY) == square.not_found(
        "auction", ", or run: amalgam auction open"
    )
    tokens, mint = square.trade.tokens("newcomer", "energy"), square.trade.mints["energy"]
    placing = ("offer", "place", square.market, "1kWh", "--price", "1/kWh")
    assert square.refusal(*placing, by="newcomer") == (
        3,
        f"there is no token account {tokens} on {square.town.cluster}; "
        f"have tokens of mint {mint} sent to {square.trade['newcomer']} first",
    )
    square.done(*placing, by="owner")
    square.trade.give("neighbour", "payment", 999_999)
    assert square.refusal("offer", "fill", square.offer("owner"), "1kWh", by="neighbour") == (
        1,
        "InsufficientFunds: The token account holds fewer tokens than that. Move fewer, or fund it.",
    )
    assert square.refusal(
        "offer", "fill", square.offer("owner"), "1kWh", "--maximum-cost", "one", by="neighbour"
    ) == (
        2,
        "Invalid value for --maximum-cost: 'one' is not a payment; write it like 12.5, in whole tokens",
    )


def test_nobody_pays_for_a_makers_account(square: Square) -> None:
    """Placing an offer opens it at the maker's own expense; if it was closed since, the taker is told."""
    square.done("offer", "place", square.market, "5kWh", "--price", "0.25/kWh", by="owner")
    offer = square.offer("owner")
    account = square.trade.tokens("owner", "payment")
    assert square.trade.amount(account) is not None
    square.town.close(account)
    mint = square.trade.mints["payment"]
    assert square.refusal("offer", "fill", offer, "1kWh", by="neighbour") == (
        3,
        f"{square.trade['owner']} has no token account for mint {mint}; "
        f"its owner runs: amalgam wallet open {mint}",
    )
    square.town.lines("wallet", "open", mint, by="owner")
    square.done("offer", "fill", offer, "1kWh", by="neighbour")


# Auctions


def test_open(square: Square) -> None:
    starts_at = STARTS_AT + 900
    auction = auction_address(square.market, starts_at)
    assert square.done("auction", "open", square.market, "2026-06-21T12:30Z", by="neighbour") == [
        f"Opened auction {auction} of the delivery from 2026-06-21 12:30:00 UTC; "
        "its gate closes at 2026-06-21 12:25:00 UTC"
    ]
    for start, complaint in (
        (
            "noon",
            "'noon' is not a time; write it like 2026-06-22T12:00+02:00, or 90m for so long from now",
        ),
        (
            "2026-06-21T12:30",
            "'2026-06-21T12:30' has no zone; add its offset, like 2026-06-21T12:30:00+02:00, or Z for UTC",
        ),
    ):
        assert square.refusal("auction", "open", square.market, start) == (
            2,
            f"Invalid value for START: {complaint}",
        )
    (opened,) = square.done("auction", "open", square.market, "31m")
    assert "of the delivery from 2026-06-21 12:45:00 UTC" in opened  # the clock is at noon
    code, said = square.refusal("auction", "open", square.market, "2026-06-21T12:31Z")
    assert (code, said.partition(":")[0]) == (1, "no interval starts then")


def test_orders_placed_and_cancelled(square: Square) -> None:
    town, trade, bid = square.town, square.trade, square.order("neighbour")
    placing = ("order", "place", square.auction, "bid", "3kWh", "--price", "0.3/kWh")
    assert square.done(*placing, by="neighbour") == [
        f"Opened order account {bid} of {trade['neighbour']}",
        f"Bid for 3.000 kWh at 0.3/kWh, 0.9 in escrow: order {bid}",
    ]
    offer = square.order("owner")
    assert square.done("order", "place", square.auction, "offer", "4kWh", "--price", "0.2/kWh", by="owner")[
        1
    ] == (f"Offered 4.000 kWh at 0.2/kWh, 4.000 kWh in escrow: order {offer}")
    assert trade.balances()["vaults"] == (4_000, 900_000)
    assert "As it stands  3.000 kWh at 0.2/kWh" in town.lines("auction", "show", square.auction)

    code, said = square.refusal("order", "cancel", bid, by="owner")
    assert (code, said.partition(":")[0]) == (1, "order belongs to another owner")
    town.return_rent(bid, by="neighbour")
    assert square.done("order", "cancel", bid, by="neighbour") == [f"Cancelled the order {bid}"]
    assert trade.balances()["vaults"] == (4_000, 0)
    titles, _, *rows = (line.split() for line in town.lines("order", "list", square.auction))
    assert titles == ["Index", "Side", "Price", "Amount,", "kWh", "State", "Order", "Owner"]
    assert [row[:5] for row in rows] == [
        ["0", "bid", "0.3/kWh", "0.000", "cancelled"],
        ["1", "offer", "0.2/kWh", "4.000", "waits"],
    ]
    orders = town.json("order", "list", square.auction)["orders"]
    assert [(each["side"], each["amount"]) for each in orders] == [("BID", 0), ("OFFER", 4_000)]
    # A cancelled order keeps its account until it is settled: the next takes another.
    assert square.done(*placing, by="neighbour")[0] == (
        f"Opened order account {square.order('neighbour', 1)} of {trade['neighbour']}"
    )
    assert square.refusal(
        "order", "place", square.auction, "buy", "3kWh", "--price", "1/kWh", by="neighbour"
    ) == (
        2,
        "Invalid value for 'SIDE': 'buy' is not one of 'bid', 'offer'.",
    )


def test_a_dry_run_places_nothing(square: Square) -> None:
    before, landed = square.trade.balances(), square.town.latest()
    placing = ("order", "place", square.auction, "bid", "3kWh", "--price", "0.3/kWh", "--dry-run")
    answer = square.town.json(*placing, by="neighbour")
    assert answer["dry_run"] is True
    assert [event["event"] for event in answer["events"]] == ["OrderOpened", "OrderPlaced"]
    cells = [line.split()[:4] for line in square.town.lines(*placing, by="neighbour")]
    assert ["vault", "payment", "0", "0.9"] in cells
    assert ["tokens", "payment", "1,000", "999.1"] in cells
    assert (square.trade.balances(), square.town.latest()) == (before, landed)


def test_clear(book: Square) -> None:
    town, trade = book.town, book.trade
    landed = town.latest()
    assert town.lines("auction", "clear", book.auction, "--dry-run") == [
        "Dry run: nothing was sent. It would be so:",
        "Cleared at 0.25/kWh: 4.000 kWh traded",
        "Settled 4 orders",
    ]
    assert town.latest() == landed
    shown = town.lines("auction", "show", book.auction)
    assert shown[3] == "State         closed; it can be cleared until 2026-06-22 12:10:00 UTC"
    code, said = book.refusal("auction", "settle", book.auction)
    assert (code, said) == (
        1,
        f"auction {book.auction} is not cleared; run: amalgam auction clear {book.auction}",
    )

    assert town.lines("auction", "clear", book.auction, by="newcomer") == [
        "Cleared at 0.25/kWh: 4.000 kWh traded",
        "Settled 4 of 4 orders",
        "Transactions sent: 2",
    ]
    assert trade.balances() == {
        "operator": (None, None),
        "owner": (TOKENS - 4_000, 10**9 + 990_000),
        "neighbour": (TOKENS + 4_000, 10**9 - 1_000_000),
        "newcomer": (None, None),
        "vaults": (0, 10_000),
    }
    assert town.lines("auction", "show", book.auction)[3:] == [
        "State     cleared and settled",
        "Orders    4",
        "Outcome   4.000 kWh at 0.25/kWh",
    ]
    answer = town.json("auction", "clear", book.auction)
    assert (answer["settled"], answer["signatures"], answer["unsettled"]) == (4, [], {})


def test_an_open_gate_is_told(square: Square) -> None:
    square.place("owner", "offer", "4kWh", "0.20/kWh")
    code, said = square.refusal("auction", "clear", square.auction)
    assert (code, said.partition(":")[0]) == (1, "gate is open")


def test_an_order_that_waits_is_told_and_settled_later(book: Square) -> None:
    trade, order = book.trade, book.order("neighbour")
    frozen = book.trade.amount(trade.tokens("neighbour", "payment"))
    trade.give("neighbour", "payment", frozen, frozen=True)
    result = book.town.run("auction", "clear", book.auction)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[1:] == ["Settled 2 of 4 orders", "Transactions sent: 3"]
    told = result.stderr.splitlines()
    neighbour = trade["neighbour"]
    assert f" for {neighbour}: AccountFrozen: " in told[0]
    assert told[0].startswith(f"amalgam: order {order} waits on with ")
    assert told[-1] == (
        "amalgam: some orders could not be settled; once that is mended, "
        f"run: amalgam auction settle {book.auction}"
    )
    trade.give("neighbour", "payment", frozen)
    assert book.town.lines("auction", "settle", book.auction)[1:] == [
        "Settled 4 of 4 orders",
        "Transactions sent: 1",
    ]
    assert not Order.from_bytes(trade.chain.account(order).data).active


def test_an_auction_that_lapsed_gives_back(book: Square) -> None:
    book.trade.chain.unix_timestamp = CLOSES_AT + 86_400
    assert book.town.lines("auction", "show", book.auction)[3] == (
        "State         lapsed: its orders can be withdrawn"
    )
    code, said = book.refusal("order", "cancel", book.order("neighbour"), by="owner")
    assert (code, said.partition(":")[0]) == (1, "order belongs to another owner")
    for name in ("owner", "neighbour"):
        for number in (0, 1):
            book.done("order", "cancel", book.order(name, number), by=name)
    assert book.trade.balances()["vaults"] == (0, 0)


# Audits


def test_audit(book: Square) -> None:
    lines = book.town.lines("market", "audit", book.market)
    assert lines == [
        "Energy held            13.000 kWh",
        "  of offers            0.000 kWh",
        "  of auctions          13.000 kWh",
        "Energy in the vault    13.000 kWh",
        "  given to nobody      0.000 kWh",
        "Payments held          1.4",
        "  of auctions          1.4",
        "  fees                 0",
        "Payments in the vault  1.4",
        "  given to nobody      0",
        f"Audit                  all adds up, as of event {book.market_now().sequence}",
    ]


def test_an_audit_of_what_does_not_add_up(book: Square) -> None:
    vault = energy_vault_address(book.market)
    account: Any = book.trade.chain.account(vault)
    data = account.data.replace((13_000).to_bytes(8, "little"), (12_999).to_bytes(8, "little"), 1)
    book.trade.put(vault, data)
    result = book.town.run("market", "audit", book.market)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == (
        "Wrong                  the energy vault has 12999, the market holds 13000"
    )
    assert result.stderr == (
        "amalgam: what the chain holds does not add up; pause the market and find out why\n"
    )
