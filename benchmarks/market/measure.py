"""Measure energy_market, and rewrite figures.md; with `--check`, compare as measure.py does.

An auction of 1,000 orders of as many owners is cleared and settled on the embedded chain besides.
"""

import asyncio
import sys
from itertools import count
from pathlib import Path
from random import Random
from typing import NamedTuple

from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.transaction import Transaction, VersionedTransaction
from spl.token.instructions import get_associated_token_address

from amalgam import built
from amalgam.chain import transactions
from amalgam.chain.embedded import EmbeddedChain, LandedTransaction
from amalgam.chain.transactions import MAX_COMPUTE_UNITS
from amalgam.market import program as trade
from amalgam.market.client import EnergyMarketClient
from amalgam.market.program import Side
from benchmarks import bench
from benchmarks.bench import NOON, Act, Scene

HERE = Path(__file__).parent
FIGURES = HERE / "figures.md"
TWIN = HERE / "twin"
OF_TWIN = {"fill_offer", "place_order", "count_order", "settle_order"}
ORDERS = 1_000
INTERVAL_S = 900
STARTS_AT = (NOON // INTERVAL_S + 2) * INTERVAL_S
PLENTY = 10**15  # tokens of everyone's
MINTS = {name: bench.keys("benchmark mint", [name])[0].pubkey() for name in ("energy", "payment")}
RULES = {"fee_bps": 25, "minimum_order": 100, "interval": INTERVAL_S, "gate_closure": 300}


class World(NamedTuple):
    """An authority who makes and takes offers too, another trader, and who is to take over."""

    owner: Keypair
    trader: Keypair
    successor: Keypair

    @property
    def market(self) -> Pubkey:
        """Where the market is."""
        return trade.market_address(self.owner.pubkey(), MINTS["energy"], MINTS["payment"])

    def tokens(self, owner: Keypair, mint: str) -> Pubkey:
        """Where an owner's tokens are."""
        return get_associated_token_address(owner.pubkey(), MINTS[mint])

    @property
    def seeds(self) -> list[list[bytes]]:
        """Of all addresses."""
        owner, trader, market = bytes(self.owner.pubkey()), bytes(self.trader.pubkey()), bytes(self.market)
        return [
            [b"market", owner, *(bytes(mint) for mint in MINTS.values())],
            [b"energy_vault", market],
            [b"payment_vault", market],
            [b"offer", market, owner, b"\0"],
            [b"auction", market, STARTS_AT.to_bytes(8, "little")],
            *([b"order", market, *each] for each in ((owner, b"\0"), (trader, b"\0"), (trader, b"\1"))),
            [b"clearing", market, owner],
        ]

    def scene(self) -> Scene:
        """Every instruction."""
        owner, trader, market = self.owner.pubkey(), self.trader.pubkey(), self.market
        auction, clearing = trade.auction_address(market, STARTS_AT), trade.clearing_address(market, owner)
        offer, ask = trade.offer_address(market, owner, 0), trade.order_address(market, owner, 0)
        bid, other = trade.order_address(market, trader, 0), trade.order_address(market, trader, 1)
        at, mine = {"authority": owner, "market": market}, {"owner": owner, "market": market}
        energy, payment = self.tokens(self.owner, "energy"), self.tokens(self.owner, "payment")
        placing = {"source": energy, "price": 300, "amount": 5_000, "minimum_fill": 1, "expires_at": NOON + 9}
        bidding = {"source": self.tokens(self.trader, "payment"), "side": Side.BID, "amount": 5_000}
        paying = {
            "energy_destination": self.tokens(self.trader, "energy"),
            "payment_destination": self.tokens(self.trader, "payment"),
        }
        early = {
            "initialize": trade.initialize(
                authority=owner, energy_mint=MINTS["energy"], payment_mint=MINTS["payment"], **RULES
            ),
            "open_payment_vault": trade.open_payment_vault(
                payer=owner, market=market, payment_mint=MINTS["payment"]
            ),
            "set_policy": trade.set_policy(**at, fee_bps=25, minimum_order=100),
            "pause": trade.pause(**at),
            "resume": trade.resume(**at),
            "open_offer": trade.open_offer(payer=owner, market=market, owner=owner, number=0),
            "place_offer": trade.place_offer(**mine, offer=offer, **placing),
            "fill_offer": trade.fill_offer(
                taker=trader,
                market=market,
                offer=offer,
                source=self.tokens(self.trader, "payment"),
                destination=self.tokens(self.trader, "energy"),
                proceeds=payment,
                amount=2_000,
                maximum_cost=600,
            ),
            "cancel_offer": trade.cancel_offer(**mine, offer=offer, destination=energy),
            "place_offer, again": trade.place_offer(**mine, offer=offer, **placing),
        }
        later = {
            "release_expired": trade.release_expired(market=market, offer=offer, destination=energy),
            "open_auction": trade.open_auction(payer=owner, market=market, starts_at=STARTS_AT),
            "open_order": trade.open_order(payer=owner, market=market, owner=owner, number=0),
            "open_order, another": trade.open_order(payer=owner, market=market, owner=trader, number=0),
            "open_order, a third": trade.open_order(payer=owner, market=market, owner=trader, number=1),
            "place_order, an offer": trade.place_order(
                **mine, auction=auction, order=ask, source=energy, side=Side.OFFER, price=200, amount=8_000
            ),
            "place_order, a bid": trade.place_order(
                owner=trader, market=market, auction=auction, order=bid, price=300, **bidding
            ),
            "place_order, another": trade.place_order(
                owner=trader, market=market, auction=auction, order=other, price=250, **bidding
            ),
            "cancel_order": trade.cancel_order(
                owner=trader,
                market=market,
                auction=auction,
                order=other,
                side=Side.BID,
                destination=self.tokens(self.trader, "payment"),
            ),
        }
        after = {
            "open_clearing": trade.open_clearing(owner=owner, market=market),
            "propose_price": trade.propose_price(**mine, auction=auction, price=200),
            "count_order, an offer": trade.count_order(auction=auction, clearing=clearing, order=ask),
            "count_order, a bid": trade.count_order(auction=auction, clearing=clearing, order=bid),
            "count_order, cancelled": trade.count_order(auction=auction, clearing=clearing, order=other),
            "clear_auction": trade.clear_auction(market=market, auction=auction, clearing=clearing),
            "settle_order, an offer": trade.settle_order(
                market=market,
                auction=auction,
                order=ask,
                energy_destination=energy,
                payment_destination=payment,
            ),
            "settle_order, a bid": trade.settle_order(market=market, auction=auction, order=bid, **paying),
            "settle_order, cancelled": trade.settle_order(
                market=market, auction=auction, order=other, **paying
            ),
            "return_rent": trade.return_rent(owner=trader, order=bid, amount=0),
            "collect_fees": trade.collect_fees(**at, destination=payment),
            "propose_authority": trade.propose_authority(**at, proposed=self.successor.pubkey()),
            "accept_authority": trade.accept_authority(authority=self.successor.pubkey(), market=market),
        }
        closed = STARTS_AT - RULES["gate_closure"]
        return Scene(
            trade.PROGRAM_ID,
            signers=self,
            accounts=bench.endowed(self, list(MINTS.values()), PLENTY),
            acts=[Act(NOON, early), Act(NOON + 9, later), Act(closed, after)],
        )


def main() -> None:
    """Measure everything and write the tables, or compare with them."""
    program, scene = built("energy_market.so").read_bytes(), first_world().scene()
    auction = asyncio.run(clearing(program))
    if bench.is_check():
        of_auction = {name: figures[0] for name, figures in auction.items()}
        bench.check(FIGURES, bench.measured(scene, program) | of_auction)
        return
    bench.write(
        FIGURES,
        "# Figures of energy_market",
        "Written by `python -m benchmarks.market.measure`.",
        bench.beside_twin(scene, program, TWIN, OF_TWIN),
        f"## An auction of {ORDERS:,} orders",
        f"{ORDERS:,} owners with an order each, cleared and settled by `EnergyMarketClient.clear` on the\n"
        "embedded chain, which has a cluster's limits: 1,232 bytes, 1,400,000 compute units and 10,000\n"
        "bytes of log a transaction. It pays 5,000 lamports for each.",
        bench.table(
            ("", "transactions", "compute units", "largest: units", "largest: bytes", "longest log, bytes"),
            [(name, *(f"{figure:,}" for figure in figures)) for name, figures in auction.items()],
        ),
    )


def units(program: bytes, idl: bench.Idl) -> dict[str, int]:
    """The compute units by instruction of a version of the program that has this IDL."""
    return bench.run(first_world().scene(), program, idl=idl).units


def first_world() -> World:
    """The first of a fixed sequence in which no address takes a search."""
    worlds = (World(*bench.keys(f"benchmark {attempt}", World._fields)) for attempt in count())
    return next(world for world in worlds if bench.take_no_search(trade.PROGRAM_ID, world.seeds))


# An auction


async def clearing(program: bytes) -> dict[str, tuple[int, ...]]:
    """An auction cleared and settled: of each part the transactions, their units, bytes and logs."""
    transactions._POLL_S = 0.0
    embedded = EmbeddedChain()
    embedded.add_program(trade.PROGRAM_ID, program)
    embedded.unix_timestamp = NOON
    payer, *owners = bench.keys("auction", ("payer", *range(ORDERS)))
    for address, account in bench.endowed((payer, *owners), list(MINTS.values()), PLENTY).items():
        embedded.set_account(address, account)
    client = EnergyMarketClient(embedded.client(), payer)
    client.sender._unique = count()  # it begins at random, and is in the logs
    await client.sender.send(
        trade.create(
            payer=payer.pubkey(),
            authority=payer.pubkey(),
            energy_mint=MINTS["energy"],
            payment_mint=MINTS["payment"],
            **RULES,
        ),
        payer,
    )
    market = trade.market_address(payer.pubkey(), MINTS["energy"], MINTS["payment"])
    starts_at = (embedded.unix_timestamp // INTERVAL_S + 2) * INTERVAL_S
    await client.send(trade.open_auction(payer=client.payer_address, market=market, starts_at=starts_at))
    auction = trade.auction_address(market, starts_at)
    chance = Random(1)  # noqa: S311 (not a secret)
    for owner in owners:
        side = Side(chance.randrange(2))
        placed = trade.place_order(
            owner=owner.pubkey(),
            market=market,
            auction=auction,
            order=trade.order_address(market, owner.pubkey(), 0),
            source=get_associated_token_address(
                owner.pubkey(), MINTS["payment" if side is Side.BID else "energy"]
            ),
            side=side,
            price=chance.randint(200, 300),
            amount=chance.randint(100, 10_000),
        )
        opened = trade.open_order(payer=payer.pubkey(), market=market, owner=owner.pubkey(), number=0)
        message = Message([opened, placed], payer.pubkey())
        blockhash = (await embedded.client().get_latest_blockhash()).value.blockhash
        refused = embedded.send(
            VersionedTransaction.from_legacy(Transaction([payer, owner], message, blockhash)), preflight=True
        )
        if refused:
            sys.exit("\n".join([str(refused.err), *refused.logs]))
    embedded.unix_timestamp = starts_at - RULES["gate_closure"]

    settlement = await client.clear(auction)
    done, audit = settlement.auction, await client.audit(market)
    if not (done.cleared and done.settled_count == ORDERS) or settlement.unsettled or audit.violations:
        sys.exit(f"{settlement}\n{audit.violations}")
    landed = [embedded.landed(signature) for signature in settlement.signatures]
    counting = len(landed) - sum("OrderSettled" in _events(each) for each in landed)
    parts = {
        "proposing, counting and clearing": landed[:counting],
        "settling": landed[counting:],
        "all": landed,
    }
    return {name: _figures(part) for name, part in parts.items()}


def _events(landed: LandedTransaction) -> set[str]:
    return {type(event).__name__ for event in trade.events(landed.meta.logs())}


def _figures(landed: list[LandedTransaction]) -> tuple[int, ...]:
    consumed = [each.meta.compute_units_consumed() for each in landed]
    if max(consumed) > MAX_COMPUTE_UNITS:
        sys.exit("no cluster would do that")
    sizes = [len(bytes(each.transaction)) for each in landed]
    logs = [sum(map(len, each.meta.logs())) for each in landed]
    return len(landed), sum(consumed), max(consumed), max(sizes), max(logs)


if __name__ == "__main__":
    main()
