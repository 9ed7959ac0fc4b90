"""Markets, their offers and auctions."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from solders.pubkey import Pubkey

from amalgam.dashboard.page import Figure, Flows, Look, Moment, Number, Section, Table, ratio
from amalgam.dashboard.words import Words
from amalgam.market.program import Auction, Market, Offer, Order, Side
from amalgam.units import Resource

WORDS = {
    "last_price": ("Latest auction price", "Letzter Auktionspreis", "Dernier prix d’enchère"),
    "traded": ("Traded in auctions", "In Auktionen gehandelt", "Échangé aux enchères"),
    "best_offer": ("Cheapest offer", "Günstigstes Angebot", "Offre la moins chère"),
    "offers": ("Offers", "Angebote", "Offres"),
    "auctions": ("Auctions", "Auktionen", "Enchères"),
    "delivery": ("Delivery from", "Lieferung ab", "Livraison dès"),
    "gate": ("Gate closes", "Annahmeschluss", "Clôture"),
    "orders": ("Orders", "Gebote", "Ordres"),
    "side": ("Side", "Seite", "Sens"),
    "bid": ("buys", "kauft", "achète"),
    "offer": ("sells", "verkauft", "vend"),
    "auction_open": ("takes orders", "nimmt Gebote an", "reçoit des ordres"),
    "auction_closed": ("waits for its price", "wartet auf den Preis", "attend son prix"),
    "auction_cleared": ("cleared, being settled", "Preis steht, wird abgerechnet", "fixée, à régler"),
    "auction_settled": ("settled", "abgerechnet", "réglée"),
    "auction_lapsed": ("lapsed", "verfallen", "caduque"),
    "volume": ("Volume", "Umsatz", "Volume"),
    "market": ("Market", "Markt", "Marché"),
}

FLOWS: Flows = {"volume": (("AuctionCleared", "volume", 1), ("OfferFilled", "amount", 1))}
LEVEL = ()


def sections(look: Look) -> Iterator[Section]:
    """A section for each market, with its offers and auctions."""
    for address, market in sorted(look.snapshot.of(Market).items(), key=lambda each: str(each[0])):
        words = look.words
        auctions = {at: each for at, each in look.snapshot.of(Auction).items() if each.market == address}
        offers = {
            at: each
            for at, each in look.snapshot.of(Offer).items()
            if each.market == address and each.amount and each.expires_at > look.now
        }
        traded = sum(each.volume for each in auctions.values() if each.cleared)
        cleared = [each for each in auctions.values() if each.cleared and each.volume]
        last = max(cleared, key=lambda each: each.starts_at, default=None)
        cheapest = min((each.price for each in offers.values()), default=None)
        price = partial(look.price, market.payment_mint)
        yield Section(
            key=f"market-{address}",
            title=words("market"),
            about=look.who(address),
            figures=[
                Figure("last_price", words("last_price"), price(last.price) if last else "–", is_main=True),
                Figure("best_offer", words("best_offer"), "–" if cheapest is None else price(cheapest)),
                Figure("traded", words("traded"), look.amount(Resource.ENERGY, traded)),
                Figure("held", words("held"), look.amount(Resource.ENERGY, market.energy_held)),
                Figure("paid", words("payment_held"), look.payment(market.payment_mint, market.payment_held)),
                Figure("fee", words("fee"), ratio(market.fee_bps)),
                Figure("state", words("state"), words("paused" if market.paused else "running")),
            ],
            tables=[_auctions(look, market, auctions), _offers(look, market, offers)],
        )


def of_member(look: Look, owner: Pubkey) -> Iterator[Section]:
    """A section for each market that an owner has offers or orders in."""
    for address, market in look.snapshot.of(Market).items():
        offers = {
            at: each
            for at, each in look.snapshot.of(Offer).items()
            if each.market == address and each.owner == owner and each.amount
        }
        orders = {
            at: each
            for at, each in look.snapshot.of(Order).items()
            if each.market == address and each.owner == owner and each.active
        }
        if offers or orders:
            yield Section(
                key=f"market-{address}",
                title=look.words("market"),
                about=look.who(address),
                tables=[_orders(look, market, orders), _offers(look, market, offers)],
            )


def _auctions(look: Look, market: Market, auctions: Mapping[Pubkey, Auction]) -> Table:
    words = look.words
    columns = ("delivery", "state", "gate", "orders", "price", "volume")
    return Table(
        "auctions",
        words("auctions"),
        [words(each) for each in columns],
        {
            f"{each.starts_at:020}": (
                Moment(each.starts_at),
                words(_state(each, look.now)),
                Moment(each.closes_at),
                Number(each.order_count),
                look.price(market.payment_mint, each.price) if each.cleared else "–",
                look.amount(Resource.ENERGY, each.volume) if each.cleared else "–",
            )
            for each in auctions.values()
        },
    )


def _state(auction: Auction, now: int) -> str:
    if auction.cleared:
        settled = auction.settled_count == auction.order_count
        return "auction_settled" if settled else "auction_cleared"
    if now < auction.closes_at:
        return "auction_open"
    return "auction_closed" if now < auction.lapses_at else "auction_lapsed"


def _offers(look: Look, market: Market, offers: Mapping[Pubkey, Offer]) -> Table:
    words = look.words
    return Table(
        "offers",
        words("offers"),
        [words(each) for each in ("price", "amount", "member", "until")],
        {
            f"{each.price:020}-{at}": (
                look.price(market.payment_mint, each.price),
                look.amount(Resource.ENERGY, each.amount),
                look.who(each.owner),
                Moment(each.expires_at),
            )
            for at, each in offers.items()
        },
    )


def _orders(look: Look, market: Market, orders: Mapping[Pubkey, Order]) -> Table:
    words = look.words
    found = look.snapshot.of(Auction)
    return Table(
        "orders",
        words("orders"),
        [words(each) for each in ("delivery", "side", "price", "amount", "state")],
        {
            str(at): (
                Moment(found[each.auction].starts_at),
                words("bid" if each.side is Side.BID else "offer"),
                look.price(market.payment_mint, each.price),
                look.amount(Resource.ENERGY, each.amount),
                words(_state(found[each.auction], look.now)),
            )
            for at, each in orders.items()
            if each.auction in found
        },
    )


def key_figures(words: Words, _: Market, sums: Mapping[str, int]) -> Sequence[Figure]:  # noqa: ARG001
    """Of a window: none beside the sums."""
    return ()
