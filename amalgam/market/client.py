"""The energy_market program on a chain, whichever: the connection alone decides which one it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from solders.account import Account
from solders.pubkey import Pubkey
from solders.signature import Signature
from spl.token.instructions import get_associated_token_address

from amalgam import NotFoundError
from amalgam.chain.errors import Refused
from amalgam.chain.program_client import (
    FreeAccount,
    PendingSettlement,
    ProgramClient,
    Send,
    Unsettled,
    free_account,
    token_amount,
)
from amalgam.chain.transactions import packed
from amalgam.market import program as energy_market
from amalgam.market.program import (
    PROGRAM_ID,
    Auction,
    Clearing,
    Market,
    Offer,
    Order,
    Side,
    clearing_address,
    energy_vault_address,
    payment_vault_address,
)
from amalgam.market.solver import solve
from amalgam.units import counted


@dataclass(frozen=True, slots=True)
class MarketAudit:
    """A market beside its vaults and all that they hold something for, as of one moment: base units."""

    market: Market
    offers: list[Offer]
    auctions: dict[Pubkey, Auction]
    orders: list[Order]
    energy_vault_amount: int
    payment_vault_amount: int

    @property
    def energy_of_offers(self) -> int:
        """Energy left of the offers placed."""
        return sum(offer.amount for offer in self.offers)

    @property
    def energy_of_auctions(self) -> int:
        """Energy of unsettled orders, and energy that buyers of cleared auctions have yet to get."""
        return self._of_auctions(Side.OFFER)

    @property
    def payment_of_auctions(self) -> int:
        """Payment of unsettled bids, and payment that sellers of cleared auctions have yet to get."""
        return self._of_auctions(Side.BID)

    @property
    def energy_donated(self) -> int:
        """Energy in the vault that is nobody's."""
        return self.energy_vault_amount - self.market.energy_held

    @property
    def payment_donated(self) -> int:
        """Payment in the vault that is nobody's."""
        return self.payment_vault_amount - self.market.payment_held

    @property
    def violations(self) -> list[str]:
        """Which of what always holds does not; empty if market, vaults and accounts agree."""
        market = self.market
        energy = self.energy_of_offers + self.energy_of_auctions
        payment = self.payment_of_auctions + market.fees
        checks = {
            f"the energy vault has {self.energy_vault_amount}, the market holds {market.energy_held}": (
                self.energy_donated >= 0
            ),
            f"the payment vault has {self.payment_vault_amount}, the market holds {market.payment_held}": (
                self.payment_donated >= 0
            ),
            f"offers and auctions come to {energy} of energy, the market holds {market.energy_held}": (
                energy == market.energy_held
            ),
            f"auctions and fees come to {payment} of payment, the market holds {market.payment_held}": (
                payment == market.payment_held
            ),
        }
        return [violation for violation, holds in checks.items() if not holds]

    def _of_auctions(self, side: Side) -> int:
        """Deposits of unsettled orders, and the part that settled ones have left for the other side."""
        held = sum(order.escrow for order in self.orders if order.active and order.side is side)
        for address, auction in self.auctions.items():
            if auction.cleared and side is Side.OFFER:
                waiting = [order for order in self.orders if order.active and order.auction == address]
                held += _to_trade(auction, waiting, Side.BID) - _to_trade(auction, waiting, Side.OFFER)
            elif auction.settled_count < auction.order_count:  # what is over in the end is a fee
                held += auction.received - auction.paid
        return held


def _to_trade(auction: Auction, waiting: Sequence[Order], side: Side) -> int:
    """The amount that a side's unsettled orders in a cleared auction trade."""
    better = sum(
        each.amount
        for each in waiting
        if each.side is side
        and (each.price > auction.price if side is Side.BID else each.price < auction.price)
    )
    total, filled, settled = auction.at_price(side)
    return better + (filled - settled * filled // total if total else 0)


class Settlement(NamedTuple):
    """An auction after it was cleared."""

    auction: Auction  # as it is in the end
    signatures: list[Signature]  # of the transactions sent, in their order
    unsettled: dict[Pubkey, Unsettled]  # orders that wait on, by their addresses


class EnergyMarketClient(ProgramClient):
    """Sends instructions, as `program` builds them, and reads accounts as they are now."""

    _program_id = PROGRAM_ID

    # Auctions

    async def clear(self, address: Pubkey, step: Callable[[], object] = lambda: None) -> Settlement:
        """Clear an auction whose gate has closed, and settle its orders, at the payer's expense.

        The book is read at once and solved here. Its price is proposed, the book counted from it, and every
        order settled, with as many instructions in a transaction as it holds. What was begun is gone on with,
        also if others do a part of it meanwhile; if the auction is cleared already, settling is all.

        A destination is the owner's associated token account. Nobody's but the payer's own is created: an
        order whose owner lacks one is skipped, and settled once they have opened it. It holds up no other.

        Args:
            address: The auction's.
            step: Called for each order as it is counted, and again as it is settled, and a few times more.

        Raises:
            LookupError: There is no such auction, or the node has not all of its book.
            errors.Refused: The gate is open, or the auction has lapsed.
        """
        signatures: list[Signature] = []
        send = self._sending(f"clear auction {address}", signatures, step)
        if not (await self.auction(address)).cleared:
            await self._count(address, send)
        return await self._all_settled(address, signatures, send)

    async def settle(self, address: Pubkey, step: Callable[[], object] = lambda: None) -> Settlement:
        """Settle the orders of a cleared auction that wait, as `clear` does."""
        signatures: list[Signature] = []
        send = self._sending(f"settle auction {address}", signatures, step)
        return await self._all_settled(address, signatures, send)

    async def _all_settled(self, address: Pubkey, signatures: list[Signature], send: Send) -> Settlement:
        async def waits(order: Pubkey) -> bool:
            return (await self.order(order)).active

        waiting = {each: order for each, order in (await self.book(address)).items() if order.active}
        pending = await self._pending(await self.auction(address), waiting)
        reasons = await self._settled(pending, send, waits)
        auction = await self.auction(address)
        unsettled = {
            each: Unsettled(waiting[each].owner, *auction.due(waiting[each]), reason)
            for each, reason in reasons.items()
        }
        return Settlement(auction, signatures, unsettled)

    async def _count(self, address: Pubkey, send: Send) -> None:
        """Propose the price of an auction's book, count it, and clear the auction."""
        auction, book = await self.auction(address), await self.book(address)
        orders = list(book)
        if [order.index for order in book.values()] != list(range(auction.order_count)):
            raise NotFoundError(
                f"the node has {len(book)} of {counted(auction.order_count, 'order')} of auction {address}; "
                "ask another"
            )
        price = solve([order.limit for order in book.values()]).price
        owner, market = self.payer_address, auction.market
        mine = clearing_address(market, owner)
        while not auction.cleared:
            clearing = await self._clearing(mine)
            begun = clearing is not None and (clearing.auction, clearing.price) == (address, price)
            done = clearing.counted if clearing and begun else 0
            steps = [] if clearing else [energy_market.open_clearing(owner=owner, market=market)]
            if not begun:
                steps.append(
                    energy_market.propose_price(owner=owner, market=market, auction=address, price=price)
                )
            steps += [
                energy_market.count_order(auction=address, clearing=mine, order=order)
                for order in orders[done:]
            ]
            steps.append(energy_market.clear_auction(market=market, auction=address, clearing=mine))
            groups = [[each] for each in steps]
            try:
                for part in packed(groups, owner):
                    await send(groups[part])
            except Refused:
                # Others may have counted with it, or cleared the auction, meanwhile.
                if await self._clearing(mine) == clearing and not (await self.auction(address)).cleared:
                    raise
            auction = await self.auction(address)

    async def _pending(self, auction: Auction, waiting: dict[Pubkey, Order]) -> list[PendingSettlement]:
        """How each order that waits is settled, in the order of the book."""
        market = await self.market(auction.market)
        mints = market.energy_mint, market.payment_mint
        pending: list[PendingSettlement] = []
        for each, order in waiting.items():
            energy, payment = (get_associated_token_address(order.owner, mint) for mint in mints)
            settle = energy_market.settle_order(
                market=auction.market,
                auction=order.auction,
                order=each,
                energy_destination=energy,
                payment_destination=payment,
            )
            paid_to = [(order.owner, mint) for mint in mints]
            is_due = order.amount > 0  # nobody gets anything of an order that was cancelled
            pending.append(PendingSettlement(each, paid_to, settle, is_due))
        return pending

    # Accounts

    async def market(self, address: Pubkey) -> Market:
        """The market at an address. Raises LookupError if there is none."""
        return await self._record(Market, address)

    async def offer(self, address: Pubkey) -> Offer:
        """The offer account at an address. Raises LookupError if there is none."""
        return await self._record(Offer, address)

    async def offers(self, market: Pubkey, owner: Pubkey | None = None) -> dict[Pubkey, Offer]:
        """A market's or one owner's offer accounts, also those without an offer: the cheapest first."""
        found = await self._records_at(Offer, Offer.filters(market, owner))
        return dict(sorted(found.items(), key=lambda each: (each[1].price, bytes(each[0]))))

    async def free_offer(self, market: Pubkey, owner: Pubkey) -> FreeAccount:
        """The owner's first offer account that is not in use. Raises NoFreeNumberError."""
        used = {address: bool(offer.amount) for address, offer in (await self.offers(market, owner)).items()}
        return free_account(lambda number: energy_market.offer_address(market, owner, number), used)

    async def auction(self, address: Pubkey) -> Auction:
        """The auction at an address. Raises LookupError if there is none."""
        return await self._record(Auction, address)

    async def auctions(self, market: Pubkey) -> dict[Pubkey, Auction]:
        """A market's auctions by their addresses, by the time of delivery."""
        found = await self._records_at(Auction, Auction.filters(market))
        return dict(sorted(found.items(), key=lambda each: each[1].starts_at))

    async def order(self, address: Pubkey) -> Order:
        """The order account at an address. Raises LookupError if there is none."""
        return await self._record(Order, address)

    async def orders(self, market: Pubkey, owner: Pubkey | None = None) -> dict[Pubkey, Order]:
        """A market's or one owner's order accounts by their addresses, also those without an order."""
        found = await self._records_at(Order, Order.filters(market, owner))
        return dict(sorted(found.items(), key=lambda each: (each[1].index, bytes(each[0]))))

    async def free_order(self, market: Pubkey, owner: Pubkey) -> FreeAccount:
        """The owner's first order account that is not in use. Raises NoFreeNumberError."""
        used = {address: order.active for address, order in (await self.orders(market, owner)).items()}
        return free_account(lambda number: energy_market.order_address(market, owner, number), used)

    async def book(self, auction: Pubkey) -> dict[Pubkey, Order]:
        """An auction's orders by their addresses, by index; after settling, less those used again."""
        found = await self._records_at(Order, Order.book_filters(auction))
        return dict(sorted(found.items(), key=lambda each: each[1].index))

    async def _clearing(self, address: Pubkey) -> Clearing | None:
        account = (await self._connection.get_account_info(address)).value
        return self._found(Clearing, account, address) if account else None

    async def audit(self, market: Pubkey) -> MarketAudit:
        """A market beside its vaults, offers, auctions and orders. Raises LookupError if there is none.

        Reads again while operations land in between, which the market counts; raises TimeoutError if that
        never stops.
        """

        async def look(found: Market, beside: Sequence[Account | None]) -> MarketAudit:
            offers = list((await self.offers(market)).values())
            auctions, orders = await self.auctions(market), list((await self.orders(market)).values())
            return MarketAudit(found, offers, auctions, orders, *map(token_amount, beside))

        vaults = [energy_vault_address(market), payment_vault_address(market)]
        return await self._audited(Market, market, vaults, look)
