"""Addresses, accounts, events and instructions of trading, beside what anchorpy makes of the same IDL."""

import ast
import json
from dataclasses import fields
from typing import Any, get_args

import pytest
from anchorpy import Context, EventParser, Program
from anchorpy.program.common import NamedInstruction
from solders.instruction import Instruction
from solders.pubkey import Pubkey

from amalgam import built
from amalgam.chain import confirmation
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.layout import WELL_KNOWN
from amalgam.market import program as trade
from amalgam.market.program import PROGRAM_ID, Auction, Clearing, Event, Market, Offer, Order, Side, events
from tests.support.marketplace import CLOSES_AT, RULES, STARTS_AT, Marketplace
from tests.support.node import NOON
from tests.support.stage import ROOT, U64_MAX

IDL = json.loads(built("energy_market.json").read_text("utf-8"))
SOURCE = ast.parse((ROOT / "programs_py/energy_market.py").read_text("utf-8"))
RECORDS = (Market, Offer, Auction, Order, Clearing)

OWNER, ENERGY, PAYMENT, MARKET, OFFER, AUCTION, ORDER, CLEARING, TOKENS, OTHER, MORE = (
    Pubkey([number] * 32) for number in range(1, 12)
)
ENERGY_VAULT, PAYMENT_VAULT = trade.energy_vault_address(MARKET), trade.payment_vault_address(MARKET)
MINE = trade.clearing_address(MARKET, OWNER)
NEW = trade.market_address(OWNER, ENERGY, PAYMENT)
AT = {"authority": OWNER, "market": MARKET}
OWNERS = {"owner": OWNER, "market": MARKET}
PAYERS = {"payer": OTHER, "market": MARKET}


def plain(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


# What the program's source and its IDL say


@pytest.mark.parametrize(
    "name",
    [
        *("BPS", "MAX_FEE_BPS", "UNITS_PER_PRICE", "MAX_AMOUNT", "MIN_INTERVAL", "MAX_INTERVAL"),
        *("MAX_GATE_CLOSURE", "CLEARING_PERIOD"),
    ],
)
def test_constants_are_the_sources(name: str) -> None:
    assignments = (node for node in SOURCE.body if isinstance(node, ast.Assign))
    values = [ast.literal_eval(each.value) for each in assignments if ast.unparse(each.targets[0]) == name]
    assert values == [getattr(trade, name)]


def test_sides_are_the_idls_in_their_order() -> None:
    variants = [variant["name"] for variant in IDL["types"][0]["type"]["variants"]]
    assert [(side.name, side.value) for side in Side] == [(name, i) for i, name in enumerate(variants)]


KNOWN = {
    **{"authority": bytes(OWNER), "owner": bytes(OWNER), "market": bytes(MARKET), "number": b"\7"},
    **{"energy_mint": bytes(ENERGY), "payment_mint": bytes(PAYMENT)},
    "starts_at": (-900).to_bytes(8, "little", signed=True),
}


@pytest.mark.parametrize(
    ("instruction", "account", "address"),
    [
        ("initialize", "market", NEW),
        ("initialize", "energyVault", ENERGY_VAULT),
        ("openPaymentVault", "paymentVault", PAYMENT_VAULT),
        ("openOffer", "offer", trade.offer_address(MARKET, OWNER, 7)),
        ("openAuction", "auction", trade.auction_address(MARKET, -900)),
        ("openOrder", "order", trade.order_address(MARKET, OWNER, 7)),
        ("openClearing", "clearing", MINE),
    ],
)
def test_addresses_come_from_the_idls_seeds(instruction: str, account: str, address: Pubkey) -> None:
    slots = next(each["accounts"] for each in IDL["instructions"] if each["name"] == instruction)
    seeds = next(slot["pda"]["seeds"] for slot in slots if slot["name"] == account)
    raw = [seed["value"].encode() if seed["kind"] == "const" else KNOWN[seed["path"]] for seed in seeds]
    assert Pubkey.find_program_address(raw, PROGRAM_ID)[0] == address


def test_every_account_and_event_of_the_idl_has_a_dataclass() -> None:
    assert {account["name"] for account in IDL["accounts"]} == {record.__name__ for record in RECORDS}
    assert {event["name"] for event in IDL["events"]} == {event.__name__ for event in get_args(Event)}


@pytest.mark.parametrize("address", [trade.offer_address, trade.order_address])
@pytest.mark.parametrize("number", [-1, 256, 1.0, True])
def test_a_number_that_does_not_fit_is_refused_by_name(address: Any, number: Any) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (compared whole)
        address(MARKET, OWNER, number)
    assert str(refusal.value) == f"number must be an integer from 0 to 255, not {number!r}"


# Instructions

_RULES = {"fee_bps": 500, "minimum_order": U64_MAX, "interval": 900, "gate_closure": -1}
_PLACED = {"price": U64_MAX, "amount": 5, "minimum_fill": 3, "expires_at": -(2**63)}
_OFFERS = {"market": MARKET, "offer": OFFER, "energy_vault": ENERGY_VAULT}
_ORDERS = {"market": MARKET, "auction": AUCTION, "order": ORDER}
_DESTINATIONS = {"energy_destination": TOKENS, "payment_destination": OTHER}
BUILT: dict[str, list[tuple[Instruction, list[Any], dict[str, Pubkey]]]] = {
    "initialize": [
        (
            trade.initialize(authority=OWNER, energy_mint=ENERGY, payment_mint=PAYMENT, **_RULES),
            list(_RULES.values()),
            {
                **{"authority": OWNER, "energy_mint": ENERGY, "payment_mint": PAYMENT, "market": NEW},
                "energy_vault": trade.energy_vault_address(NEW),
            },
        )
    ],
    "open_payment_vault": [
        (
            trade.open_payment_vault(**PAYERS, payment_mint=PAYMENT),
            [],
            {**PAYERS, "payment_mint": PAYMENT, "payment_vault": PAYMENT_VAULT},
        )
    ],
    "set_policy": [(trade.set_policy(**AT, fee_bps=2, minimum_order=3), [2, 3], AT)],
    "pause": [(trade.pause(**AT), [], AT)],
    "resume": [(trade.resume(**AT), [], AT)],
    "propose_authority": [(trade.propose_authority(**AT, proposed=OTHER), [OTHER], AT)],
    "accept_authority": [(trade.accept_authority(**AT), [], AT)],
    "collect_fees": [
        (
            trade.collect_fees(**AT, destination=TOKENS),
            [],
            {**AT, "payment_vault": PAYMENT_VAULT, "destination": TOKENS},
        )
    ],
    "open_offer": [
        (
            trade.open_offer(**PAYERS, owner=OWNER, number=7),
            [OWNER, 7],
            {**PAYERS, "offer": trade.offer_address(MARKET, OWNER, 7)},
        )
    ],
    "place_offer": [
        (
            trade.place_offer(**OWNERS, offer=OFFER, source=TOKENS, **_PLACED),
            list(_PLACED.values()),
            {"owner": OWNER, **_OFFERS, "source": TOKENS},
        )
    ],
    "fill_offer": [
        (
            trade.fill_offer(
                taker=OWNER,
                market=MARKET,
                offer=OFFER,
                source=TOKENS,
                destination=OTHER,
                proceeds=MORE,
                amount=8,
                maximum_cost=9,
            ),
            [8, 9],
            {
                **{"taker": OWNER, **_OFFERS, "payment_vault": PAYMENT_VAULT},
                **{"source": TOKENS, "destination": OTHER, "proceeds": MORE},
            },
        )
    ],
    "cancel_offer": [
        (
            trade.cancel_offer(**OWNERS, offer=OFFER, destination=TOKENS),
            [],
            {"owner": OWNER, **_OFFERS, "destination": TOKENS},
        )
    ],
    "release_expired": [
        (
            trade.release_expired(market=MARKET, offer=OFFER, destination=TOKENS),
            [],
            {**_OFFERS, "destination": TOKENS},
        )
    ],
    "open_auction": [
        (
            trade.open_auction(**PAYERS, starts_at=1_800),
            [1_800],
            {**PAYERS, "auction": trade.auction_address(MARKET, 1_800)},
        )
    ],
    "open_order": [
        (
            trade.open_order(**PAYERS, owner=OWNER, number=7),
            [OWNER, 7],
            {**PAYERS, "order": trade.order_address(MARKET, OWNER, 7)},
        )
    ],
    "place_order": [
        (
            trade.place_order(
                **OWNERS, auction=AUCTION, order=ORDER, source=TOKENS, side=side, price=5, amount=6
            ),
            [side, 5, 6],
            {"owner": OWNER, **_ORDERS, "vault": vault, "source": TOKENS},
        )
        for side, vault in ((Side.BID, PAYMENT_VAULT), (Side.OFFER, ENERGY_VAULT))
    ],
    "cancel_order": [
        (
            trade.cancel_order(**OWNERS, auction=AUCTION, order=ORDER, side=side, destination=TOKENS),
            [],
            {"owner": OWNER, **_ORDERS, "vault": vault, "destination": TOKENS},
        )
        for side, vault in ((Side.BID, PAYMENT_VAULT), (Side.OFFER, ENERGY_VAULT))
    ],
    "return_rent": [
        (
            trade.return_rent(owner=OWNER, order=ORDER, amount=U64_MAX),
            [U64_MAX],
            {"owner": OWNER, "order": ORDER},
        )
    ],
    "open_clearing": [(trade.open_clearing(**OWNERS), [], {**OWNERS, "clearing": MINE})],
    "propose_price": [
        (
            trade.propose_price(**OWNERS, auction=AUCTION, price=4),
            [4],
            {"owner": OWNER, "auction": AUCTION, "clearing": MINE},
        )
    ],
    "count_order": [
        (
            trade.count_order(auction=AUCTION, clearing=CLEARING, order=ORDER),
            [],
            {"auction": AUCTION, "clearing": CLEARING, "order": ORDER},
        )
    ],
    "clear_auction": [
        (
            trade.clear_auction(market=MARKET, auction=AUCTION, clearing=CLEARING),
            [],
            {"market": MARKET, "auction": AUCTION, "clearing": CLEARING},
        )
    ],
    "settle_order": [
        (
            trade.settle_order(**_ORDERS, **_DESTINATIONS),
            [],
            {**_ORDERS, "energy_vault": ENERGY_VAULT, "payment_vault": PAYMENT_VAULT, **_DESTINATIONS},
        )
    ],
}


def test_every_instruction_of_the_idl_is_compared(market_program: Program) -> None:
    assert set(BUILT) == set(market_program.instruction)


@pytest.mark.parametrize("name", BUILT)
def test_an_instruction_is_what_anchorpy_builds(market_program: Program, name: str) -> None:
    for instruction, arguments, accounts in BUILT[name]:
        side = market_program.type["Side"]
        encoded = [getattr(side, each.name)() if isinstance(each, Side) else each for each in arguments]
        context = Context({**WELL_KNOWN, **accounts})
        expected = market_program.instruction[name](*encoded, ctx=context)
        assert (instruction.program_id, instruction.accounts, instruction.data) == (
            expected.program_id,
            expected.accounts,
            expected.data,
        )


# Accounts


@pytest.mark.parametrize("record", RECORDS)
def test_an_account_decodes_as_anchorpy_encoded_it(market_program: Program, record: Any) -> None:
    values: dict[str, Any] = {
        field.name: {int: number, Pubkey: Pubkey([number] * 32), bool: True, Side: Side.OFFER}[field.type]
        for number, field in enumerate(fields(record), start=1)
    }
    encoded = dict(values)
    if "side" in values:
        encoded["side"] = market_program.type["Side"].OFFER()
    data = market_program.coder.accounts.build(NamedInstruction(encoded, record.__name__))
    assert plain(record.from_bytes(data + bytes(7))) == values  # accounts are longer than their fields
    for wrong in (b"", data[:7], data[:-1], b"\0" + data[1:]):
        with pytest.raises(ValueError, match=f"^not the data of an? {record.__name__}$"):
            record.from_bytes(wrong)


@pytest.mark.parametrize(
    ("amount", "price", "cost", "proceeds"),
    [
        (0, 5, 0, 0),
        (1, 1, 1, 0),
        (1_000, 7, 7, 7),
        (1_001, 999, 1_000, 999),
        (10**12, U64_MAX, *[U64_MAX * 10**9] * 2),
    ],
)
def test_costs_are_rounded_up_and_proceeds_down(amount: int, price: int, cost: int, proceeds: int) -> None:
    assert (trade.cost_of(amount, price), trade.proceeds_of(amount, price)) == (cost, proceeds)
    bid = Order(MARKET, OWNER, AUCTION, 0, price, amount, Side.BID, active=True)
    offer = Order(MARKET, OWNER, AUCTION, 0, price, amount, Side.OFFER, active=True)
    assert (bid.escrow, offer.escrow) == (cost, amount)


# Events


@pytest.mark.embedded
async def test_each_event_is_what_anchorpy_reads(
    chain: EmbeddedChain, market_program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confirmation, "_POLL_S", 0.0)
    town = Marketplace(chain, "every event")
    client, market, operator, owner = town.client, town.market, town.keys["operator"], town.keys["owner"]
    town.give("operator", "payment", 0)
    energy, payment = town.tokens("owner", "energy"), town.tokens("owner", "payment")
    offer = trade.offer_address(market, owner.pubkey(), 0)
    placing = {"offer": offer, "source": energy, "price": 2_000, "amount": 900, "minimum_fill": 1}
    order = {"source": energy, "side": Side.OFFER, "price": 2_000, "amount": 900}
    neighbour = {
        "source": town.tokens("neighbour", "payment"),
        "destination": town.tokens("neighbour", "energy"),
    }
    await town.start()
    signatures = [
        await client.send(
            trade.set_policy(
                authority=operator.pubkey(), market=market, fee_bps=RULES["fee_bps"], minimum_order=1
            ),
            operator,
        ),
        await client.send(trade.pause(authority=operator.pubkey(), market=market), operator),
        await client.send(trade.resume(authority=operator.pubkey(), market=market), operator),
        await client.send(
            trade.open_offer(payer=client.payer_address, market=market, owner=owner.pubkey(), number=0)
        ),
        await client.send(
            trade.place_offer(owner=owner.pubkey(), market=market, **placing, expires_at=NOON + 1), owner
        ),
        await client.send(
            trade.fill_offer(
                taker=town["neighbour"],
                market=market,
                offer=offer,
                **neighbour,
                proceeds=payment,
                amount=500,
                maximum_cost=1_000,
            ),
            town.keys["neighbour"],
        ),
        await client.send(
            trade.cancel_offer(
                owner=owner.pubkey(),
                market=market,
                offer=offer,
                destination=energy,
            ),
            owner,
        ),
        await client.send(
            trade.place_offer(owner=owner.pubkey(), market=market, **placing, expires_at=NOON + 2), owner
        ),
        *[
            await client.send(
                trade.open_order(
                    payer=client.payer_address, market=market, owner=owner.pubkey(), number=number
                )
            )
            for number in (0, 1)
        ],
        *[
            await client.send(
                trade.place_order(
                    owner=owner.pubkey(),
                    market=market,
                    auction=town.auction,
                    order=trade.order_address(market, owner.pubkey(), n),
                    **order,
                ),
                owner,
            )
            for n in (0, 1)
        ],
        await client.send(
            trade.cancel_order(
                owner=owner.pubkey(),
                market=market,
                order=trade.order_address(market, owner.pubkey(), 1),
                destination=energy,
                auction=town.auction,
                side=Side.OFFER,
            ),
            owner,
        ),
    ]
    town.chain.unix_timestamp = CLOSES_AT
    signatures += [
        await client.send(trade.release_expired(market=market, offer=offer, destination=energy)),
        *(await client.clear(town.auction)).signatures,
        await client.send(
            trade.collect_fees(
                authority=operator.pubkey(), market=market, destination=town.tokens("operator", "payment")
            ),
            operator,
        ),
        await client.send(
            trade.propose_authority(authority=operator.pubkey(), market=market, proposed=owner.pubkey()),
            operator,
        ),
        await client.send(trade.accept_authority(authority=owner.pubkey(), market=market), owner),
    ]
    first = [each.transaction.signatures[0] for each in town.chain.landed_newest_first()]
    first = first[first.index(signatures[0]) + 1 :][:2]
    logs = [
        line
        for signature in [*reversed(first), *signatures]
        for line in town.chain.landed(signature).meta.logs()
    ]

    theirs: list[Any] = []
    EventParser(PROGRAM_ID, market_program.coder).parse_logs(list(logs), theirs.append)
    ours = events(logs)
    assert [(type(event).__name__, plain(event)) for event in ours] == [
        (event.name, vars(event.data)) for event in theirs
    ]
    assert [event.sequence for event in ours] == list(range(1, len(ours) + 1))
    assert {type(event) for event in ours} == set(get_args(Event))
    placed = next(event for event in ours if isinstance(event, trade.OrderPlaced))
    assert placed.side is Side.OFFER
    opened = next(event for event in ours if isinstance(event, trade.AuctionOpened))
    assert (opened.starts_at, opened.closes_at) == (STARTS_AT, CLOSES_AT)
