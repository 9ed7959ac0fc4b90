"""Finds markets and what is traded on them on a command's cluster, or says what there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amalgam.cli.session import Session

if TYPE_CHECKING:
    from solders.instruction import Instruction
    from solders.pubkey import Pubkey

    from amalgam.cli.history import Subject
    from amalgam.market.client import EnergyMarketClient
    from amalgam.market.program import Auction, Market, Offer, Order
    from amalgam.units import Traded


def client(session: Session) -> EnergyMarketClient:
    """Reads energy_market's accounts."""
    from amalgam.market.client import EnergyMarketClient

    return EnergyMarketClient(session.connection)


async def paying_client(session: Session) -> EnergyMarketClient:
    """Clears and settles auctions, in many transactions, at the payer's expense."""
    from amalgam.market.client import EnergyMarketClient

    return await session.paying(EnergyMarketClient)


async def find_market(session: Session, address: Pubkey) -> tuple[Market, Traded]:
    """The market at an address, and the words and units of what it trades."""
    with session.finding(f"no market at {address}"):
        found = await client(session).market(address)
    return found, await session.traded(found.payment_mint)


async def find_auction(session: Session, address: Pubkey) -> Auction:
    """The auction at an address."""
    with session.finding(
        f"no auction at {address}", "check the address and --url, or run: amalgam auction open"
    ):
        return await client(session).auction(address)


async def find_order(session: Session, address: Pubkey) -> Order:
    """The order account at an address."""
    with session.finding(f"no order at {address}"):
        return await client(session).order(address)


async def find_offer(session: Session, address: Pubkey) -> Offer:
    """The offer account at an address."""
    with session.finding(f"no offer at {address}"):
        return await client(session).offer(address)


async def history_subject(session: Session, address: Pubkey, record: object) -> Subject | None:
    """The subject of the history of a market, or of one of its auctions."""
    from amalgam.cli.history import Subject
    from amalgam.market.program import Auction, Market

    if not isinstance(record, Market | Auction):
        return None
    ledger = address if isinstance(record, Market) else record.market
    market, traded = await find_market(session, ledger)
    accounts = {**await client(session).offers(ledger), **await client(session).orders(ledger)}
    owners = {account: each.owner for account, each in accounts.items()}
    return Subject(ledger, market.sequence, traded, owners)


def return_rent(record: object, address: Pubkey, signer: Pubkey, amount: int) -> Instruction | None:
    """What gives the signer `amount` lamports of their order account; None if the record is none."""
    from amalgam.market.program import Order, return_rent

    if not isinstance(record, Order):
        return None
    return return_rent(owner=signer, order=address, amount=amount)
