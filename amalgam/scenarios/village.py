"""A week of a village in which everybody has a part, through three programs: battery, market and sharing.

Each interval of the readings, in order of time:

    own use   What a house produces and uses at once.
    sharing   What is left goes to who is in need, by the community's key.
    battery   What a house still needs comes from its own balance, as far as that goes; what it has over is
              minted as tokens and deposited, as far as there is room, which is split in proportion.
    market    What a house has bought in an auction covers what its balance does not.
    grid      The rest is bought and sold.

An auction an evening sells what is stored: delivery begins at 18:00 UTC, and orders are placed an hour
before. A house expects to need what it has needed in the 24 hours before. It offers what it has stored
beyond that, or bids for what it lacks. Who offers more is cheaper: asks are spread between what the grid
pays and the price of a shared kWh. Who bids for more pays more: bids are spread between that price and
what the grid takes.

A token is a kWh in the battery, also while it is in a wallet or in the market: all of them together never
exceed the capacity. Who uses one burns it.

After the week the sharing program's period is begun with the digest of readings and rule, lines are
posted, the period is closed, and settled once the time for objections is over. Decisions come from a
ledger kept here; in the end everything on the chain must equal it, and the lines are computed anew.
"""

from asyncio import sleep
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from time import perf_counter
from typing import NamedTuple

import numpy as np
from solana.rpc.async_api import AsyncClient
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from spl.token.constants import TOKEN_PROGRAM_ID
from spl.token.instructions import BurnParams, MintToParams, burn, mint_to

from amalgam.battery import program as energy_allocation
from amalgam.battery.client import EnergyAllocationClient
from amalgam.battery.program import battery_address
from amalgam.chain.program_client import token_amount
from amalgam.chain.tokens import new_mint, open_token_account
from amalgam.chain.transactions import Sender
from amalgam.market import program as energy_market
from amalgam.market.client import EnergyMarketClient
from amalgam.market.program import Auction, Side, auction_address, market_address, order_address
from amalgam.programs import Program
from amalgam.readings.model import Integers, Readings
from amalgam.scenarios.replay import LedgerMismatchError, funded_wallet
from amalgam.sharing import program as energy_sharing
from amalgam.sharing.account import Account, Battery, Flows, Unstored, charge, discharge, shared
from amalgam.sharing.client import EnergySharingClient, Statement
from amalgam.sharing.figures import Figures, of_community, of_members
from amalgam.sharing.program import community_address, participant_address
from amalgam.sharing.settings import Settings
from amalgam.sharing.settlement import Line, Rule, charge_of, computed, differences, digest
from amalgam.units import Resource, Traded

PROGRAMS = (Program.ENERGY_ALLOCATION, Program.ENERGY_MARKET, Program.ENERGY_SHARING)
COINS = Traded.with_decimals(6)  # what the village pays with: a token is one of the currency of its prices
COIN = 10**COINS.payment_decimals
_ENERGY_DECIMALS = 3  # of the mint: a token is 1 kWh
_HOUR_S, _DAY_S = 3_600, 86_400
_DELIVERY_S = 6 * _HOUR_S  # of an auction
_DELIVERY_STARTS_S = 18 * _HOUR_S  # of the day, in UTC
_LEAST_ORDER = 100  # Wh
_OBJECTION_TIME_S = 7 * _DAY_S


@dataclass(frozen=True, slots=True, eq=False)
class Week:
    """What became of a week's readings.

    Attributes:
        settings: The village's.
        capacity: Wh of its battery.
        account: Its flows; `discharged` has what was bought in auctions and used too.
        from_market: Wh of that, a row for each interval and a column for each house.
        auctions: As the chain has them in the end.
        sold: Wh that each house has sold in auctions.
        earned: Base units that auctions have brought each house; below zero if they have cost it.
        lines: Of each house, as the chain has them.
        digest: That the period was begun with, and that readings and rule have.
        lost: Wh, in charging and on the way out.
        transactions: How many were sent.
        seconds: From the first of them to the last.
    """

    settings: Settings
    capacity: int
    account: Account
    from_market: Integers
    auctions: Sequence[Auction]
    sold: Sequence[int]
    earned: Sequence[int]
    lines: Sequence[Line]
    digest: bytes
    lost: int
    transactions: int
    seconds: float

    @property
    def readings(self) -> Readings:
        """What it was lived with."""
        return self.account.readings

    def figures(self) -> tuple[list[Figures], Figures]:
        """Of each house and of all together; what auctions have brought is saved too."""
        told = self.settings.prices, self.settings.co2_g_kwh
        houses = [
            replace(each, savings=(each.savings or 0) + Fraction(earned, COIN))
            for each, earned in zip(of_members(self.account, *told), self.earned, strict=True)
        ]
        return houses, of_community(self.account, *told)


@dataclass(slots=True)
class _House:
    """A house's wallet, and the ledger's side of what it has: Wh and base units."""

    name: str
    owner: Keypair
    address: Pubkey
    sender: Sender
    energy: Pubkey  # token accounts
    coins: Pubkey
    deposited: int = 0  # in the battery
    returned: int = 0  # of its own in the wallet, that no auction has sold
    bought: int = 0  # in the wallet
    offered: int = 0  # in the market
    sold: int = 0
    earned: int = 0

    @property
    def own(self) -> int:
        """What it may draw from the battery, as its own."""
        return self.deposited + self.returned


class _Terms(NamedTuple):
    """Of the village's file what a week needs."""

    battery: Battery
    bought: int  # base units a kWh
    sold: int
    shared: int

    @classmethod
    def of(cls, settings: Settings) -> "_Terms":
        if settings.battery is None or settings.prices is None:
            raise ValueError("a village needs a battery and prices; add both to its file")
        return cls(settings.battery, *map(COINS.payment_units, settings.prices))


class _Village:
    """The village's accounts on a chain, and what is done with them."""

    def __init__(
        self, connection: AsyncClient, operator: Keypair, mints: tuple[Pubkey, Pubkey], terms: _Terms
    ) -> None:
        self.connection, self.operator, self.terms = connection, operator, terms
        self.energy, self.coins = mints
        self.authority = operator.pubkey()
        self.allocation = EnergyAllocationClient(connection, operator)
        self.trading = EnergyMarketClient(connection, operator)
        self.sharing = EnergySharingClient(connection, operator)
        self.battery = battery_address(self.authority, self.energy)
        self.market = market_address(self.authority, self.energy, self.coins)
        self.community = community_address(self.authority, self.coins)
        self.houses: list[_House] = []
        self.purses: list[int] = []
        self.transactions = 0
        self.lost = 0  # Wh

    @classmethod
    async def found(cls, connection: AsyncClient, readings: Readings, terms: _Terms) -> "_Village":
        """Two mints, a battery, a market and a community; and the houses, with a purse each."""
        operator, energy, coins = await funded_wallet(connection), Keypair(), Keypair()
        self = cls(connection, operator, (energy.pubkey(), coins.pubkey()), terms)
        for mint, decimals in ((energy, _ENERGY_DECIMALS), (coins, COINS.payment_decimals)):
            creation = await new_mint(
                connection, self.authority, mint.pubkey(), authority=self.authority, decimals=decimals
            )
            await self._send(creation, mint)
        await self._send(
            [
                energy_allocation.initialize(
                    authority=self.authority,
                    mint=self.energy,
                    resource=Resource.ENERGY,
                    capacity=terms.battery.capacity,
                    allocation_limit=terms.battery.capacity,
                    allocation_lifetime=_DAY_S,
                    efficiency_bps=terms.battery.efficiency_bps,
                )
            ]
        )
        await self._send(
            energy_market.create(
                payer=self.authority,
                authority=self.authority,
                energy_mint=self.energy,
                payment_mint=self.coins,
                fee_bps=0,
                minimum_order=_LEAST_ORDER,
                interval=_DELIVERY_S,
                gate_closure=0,
            )
        )
        await self._send(
            [
                energy_sharing.initialize(
                    authority=self.authority, payment_mint=self.coins, objection_time=_OBJECTION_TIME_S
                )
            ]
        )
        for name, consumed in zip(readings.members, readings.consumed.sum(axis=0).tolist(), strict=True):
            self.purses.append(charge_of(consumed, terms.bought))
            self.houses.append(await self._join(name, self.purses[-1]))
        return self

    async def _join(self, name: str, purse: int) -> _House:
        """A house with twice what its consumption costs from the grid: to trade with, and prepaid."""
        owner = await funded_wallet(self.connection)
        address, payer = owner.pubkey(), self.authority
        energy, open_energy = open_token_account(address, address, self.energy)
        coins, open_coins = open_token_account(address, address, self.coins)
        house = _House(name, owner, address, Sender(self.connection, owner), energy, coins)
        fill = MintToParams(TOKEN_PROGRAM_ID, self.coins, coins, payer, 2 * purse)
        await self._send([open_energy, open_coins, mint_to(fill)], self.operator, house=house)
        await self._send(
            [
                energy_allocation.open_member(payer=payer, battery=self.battery, owner=address),
                energy_market.open_order(payer=payer, market=self.market, owner=address, number=0),
                energy_sharing.open_participant(payer=payer, community=self.community, owner=address),
                energy_sharing.admit(authority=payer, community=self.community, owner=address),
            ]
        )
        prepay = energy_sharing.deposit(owner=address, community=self.community, source=coins, amount=purse)
        await self._send([prepay], house=house)
        return house

    async def _send(
        self, instructions: Sequence[Instruction], *signers: Keypair, house: _House | None = None
    ) -> None:
        """Send one transaction, which the house pays for, or else the operator."""
        sender = house.sender if house else self.allocation.sender
        await sender.send(instructions, *signers)
        self.transactions += 1

    # Through the week

    @property
    def stored(self) -> int:
        """Wh in the battery, whoever has the tokens."""
        return sum(each.own + each.bought + each.offered for each in self.houses)

    async def draw(self, lacking: Integers, most: int | None) -> tuple[Integers, Integers]:
        """What houses draw in an interval of what is their own, and then of what they have bought: Wh."""
        own, bought = (
            np.array([getattr(each, what) for each in self.houses], np.int64) for what in ("own", "bought")
        )
        before = own + 0, bought + 0
        drawn = discharge(self.terms.battery, lacking, own, most)
        left = None if most is None else most - int(drawn.sum())
        traded = discharge(self.terms.battery, lacking - drawn, bought, left)
        from_owns, from_boughts = before[0] - own, before[1] - bought
        self.lost += int((from_owns + from_boughts - drawn - traded).sum())
        taken = zip(self.houses, from_owns.tolist(), from_boughts.tolist(), strict=True)
        for house, from_own, from_bought in taken:
            if from_own or from_bought:
                await self._use(house, from_own, from_bought)
        return drawn, traded

    async def _use(self, house: _House, from_own: int, from_bought: int) -> None:
        """Burn tokens: those in the wallet, and those that have to be withdrawn before."""
        steps = self._withdrawal(house, from_own)
        params = BurnParams(
            TOKEN_PROGRAM_ID, house.energy, self.energy, house.address, from_own + from_bought
        )
        await self._send([*steps, burn(params)], house=house)
        house.returned -= from_own
        house.bought -= from_bought

    def _withdrawal(self, house: _House, amount: int) -> list[Instruction]:
        """What brings so much of a house's own into its wallet, as far as it is not there."""
        lacking = max(amount - house.returned, 0)
        if not lacking:
            return []
        house.deposited -= lacking
        house.returned += lacking
        return [
            energy_allocation.withdraw_energy(
                owner=house.address, battery=self.battery, destination=house.energy, amount=lacking
            )
        ]

    async def store(self, left: Integers, most: int | None) -> Integers:
        """What houses charge in an interval: Wh."""
        balances = np.array([each.own for each in self.houses], np.int64)
        before = balances + 0
        charged = charge(self.terms.battery, left, balances, self.terms.battery.capacity - self.stored, most)
        brought = zip(self.houses, charged.tolist(), (balances - before).tolist(), strict=True)
        for house, amount, credit in brought:
            if credit:
                await self._deposit(house, amount, credit)
        return charged

    async def _deposit(self, house: _House, amount: int, credit: int) -> None:
        issue = MintToParams(TOKEN_PROGRAM_ID, self.energy, house.energy, self.authority, amount)
        deposit = energy_allocation.deposit_energy(
            owner=house.address,
            battery=self.battery,
            mint=self.energy,
            source=house.energy,
            amount=amount,
            minimum_credit=credit,
        )
        await self._send([mint_to(issue), deposit], self.operator, house=house)
        house.deposited += credit
        self.lost += amount - credit

    # The evening's auction

    async def open_auction(self, starts_at: int, expected: Sequence[int]) -> Pubkey | None:
        """Open an auction, and place in it what houses have beyond what they expect to need, or lack of it.

        None if there is nothing to trade.
        """
        offers, bids = dict[int, int](), dict[int, int]()
        for index, (house, need) in enumerate(zip(self.houses, expected, strict=True)):
            beyond = house.own + house.bought - need
            if (amount := min(beyond, house.own)) >= _LEAST_ORDER:
                offers[index] = amount
            elif -beyond >= _LEAST_ORDER:
                bids[index] = -beyond
        if not (offers and bids):
            return None
        auction = auction_address(self.market, starts_at)
        opening = energy_market.open_auction(payer=self.authority, market=self.market, starts_at=starts_at)
        await self._send([opening])
        _, bought, sold, shared_price = self.terms
        for index, price in _spread(offers, sold, shared_price).items():
            house, amount = self.houses[index], offers[index]
            steps = self._withdrawal(house, amount)
            await self._place(house, auction, Side.OFFER, price, amount, steps)
            house.returned -= amount
            house.offered = amount
        for index, price in _spread(bids, bought, shared_price).items():
            await self._place(self.houses[index], auction, Side.BID, price, bids[index], [])
        return auction

    async def _place(
        self,
        house: _House,
        auction: Pubkey,
        side: Side,
        price: int,
        amount: int,
        before: Sequence[Instruction],
    ) -> None:
        order = energy_market.place_order(
            owner=house.address,
            market=self.market,
            auction=auction,
            order=order_address(self.market, house.address, 0),
            source=house.coins if side is Side.BID else house.energy,
            side=side,
            price=price,
            amount=amount,
        )
        await self._send([*before, order], house=house)

    async def clear(self, auction: Pubkey) -> None:
        """Clear an auction, and count what it has brought each house."""
        settlement = await self.trading.clear(auction)
        self.transactions += len(settlement.signatures)
        for house, purse in zip(self.houses, self.purses, strict=True):
            tokens = await self._amount(house.energy)
            gained = tokens - house.returned - house.bought
            house.earned = await self._amount(house.coins) - purse
            if house.offered:
                house.sold += house.offered - gained
                house.returned += gained
                house.offered = 0
            else:
                house.bought += gained

    async def _amount(self, account: Pubkey) -> int:
        return token_amount((await self.connection.get_account_info(account)).value)

    # After the week

    async def settle(
        self, readings: Readings, settings: Settings, travel_to: Callable[[int], Awaitable[None]]
    ) -> tuple[list[Line], bytes]:
        """Settle what was shared: the lines that the chain has, and their digest.

        Raises LedgerMismatchError unless they follow from readings and rule.
        """
        rule = Rule(settings.key, settings.factors_bps, self.terms.battery, self.terms.shared, fee_bps=0)
        lines = {each.member: each for each in computed(readings, rule)}
        starts_at, interval_s = int(readings.starts[0]), int(readings.interval.total_seconds())
        statement = Statement(
            starts_at,
            int(readings.starts[-1]) + interval_s,
            digest(readings, rule),
            {each.address: lines[each.name] for each in self.houses},
        )
        await travel_to(statement.ends_at)
        closed = await self.sharing.settle(self.community, statement, self.operator)
        await travel_to(closed.period.settles_at)
        settled = await self.sharing.settle(self.community, statement, self.operator)
        self.transactions += len(closed.signatures) + len(settled.signatures)
        found = await self.sharing.lines(settled.period.address)
        by_participant = {each.participant: each for each in found.values() if each.settled}
        posted = list[Line]()
        for house in self.houses:
            each = by_participant[participant_address(self.community, house.address)]
            posted.append(Line(house.name, each.shared_in, each.shared_out, each.charge, each.credit))
        for each in differences(lines.values(), posted):
            raise LedgerMismatchError(
                f"{each.member}'s {each.what} is {each.posted} on the chain, {each.computed} by the readings"
            )
        return posted, statement.digest

    async def compare(self, lines: Sequence[Line]) -> None:
        """Raise LedgerMismatchError unless the chain holds what the ledger says, of every house."""
        battery = await self.allocation.audit(self.battery)
        market = await self.trading.audit(self.market)
        community = await self.sharing.audit(self.community)
        violations = [*battery.violations, *market.violations, *community.violations]
        if violations:
            raise LedgerMismatchError("; ".join(violations))
        balances = {each.owner: each.balance for each in battery.members}
        funds = {each.owner: each.funds for each in community.participants}
        supply = int((await self.connection.get_token_supply(self.energy)).value.amount)
        pairs = {
            "the mint's supply": (supply, self.stored),
            "the vault": (battery.vault_amount, sum(each.deposited for each in self.houses)),
            "the market's energy": (market.energy_vault_amount, 0),
            # What rounding has left: buyers pay up to a whole base unit, and sellers get down to one.
            "what the market keeps": (market.market.fees, -sum(each.earned for each in self.houses)),
            "the market's payments": (market.payment_vault_amount, market.market.fees),
        }
        for house, purse, line in zip(self.houses, self.purses, lines, strict=True):
            tokens, coins = await self._amount(house.energy), await self._amount(house.coins)
            pairs |= {
                f"{house.name}'s balance": (balances[house.address], house.deposited),
                f"{house.name}'s tokens": (tokens, house.returned + house.bought),
                f"{house.name}'s purse": (coins, purse + house.earned),
                f"{house.name}'s funds": (funds[house.address], purse + line.credit - line.charge),
            }
        for what, (found, said) in pairs.items():
            if found != said:
                raise LedgerMismatchError(f"{what} is {found} on the chain, {said} in the ledger")


def _spread(amounts: dict[int, int], first: int, last: int) -> dict[int, int]:
    """A price for each, from beyond the first one to before the last one: the largest amount comes first."""
    order = sorted(amounts, key=lambda index: (-amounts[index], index))
    steps = len(order) + 1
    return {index: first + (last - first) * number // steps for number, index in enumerate(order, 1)}


async def live(
    readings: Readings,
    settings: Settings,
    connection: AsyncClient,
    *,
    travel_to: Callable[[int], Awaitable[None]],
    step: Callable[[datetime], object] = lambda _: None,
) -> Week:
    """Live the time of some readings of energy on a chain with a faucet and the three programs.

    Args:
        readings: What each house produced and consumed.
        settings: The village's: key, battery and prices.
        connection: Stays the caller's to close.
        travel_to: Is given Unix seconds, one after the other, and must bring the chain's clock there.
        step: Is given the start of each interval, as it begins.

    Raises:
        ValueError: There is no battery, or no prices, or the key is not one of these members.
        LedgerMismatchError: The chain does not hold what was lived.
        errors.Refused: A program refuses something; and as the clients and the faucet.
    """
    started = perf_counter()
    terms = _Terms.of(settings)
    before = shared(readings, settings.key, factors_bps=settings.factors_bps)
    await travel_to(int(readings.starts[0]))
    village = await _Village.found(connection, readings, terms)
    interval_s = int(readings.interval.total_seconds())
    most_in, most_out = terms.battery.most(interval_s)
    drawn, traded, charged = (np.zeros_like(before.left) for _ in range(3))
    stored = np.zeros(len(readings.starts), np.int64)
    auctions, pending = list[Pubkey](), None
    for row, start in enumerate(readings.starts.tolist()):
        await travel_to(start)
        step(readings.start(row))
        await sleep(0)  # lets Ctrl-C in, if a connection answers without ever waiting
        if (start + _HOUR_S - _DELIVERY_STARTS_S) % _DAY_S == 0:
            pending = await village.open_auction(start + _HOUR_S, _needed(before, start, row))
        if pending and (start - _DELIVERY_STARTS_S) % _DAY_S == 0:
            await village.clear(pending)
            auctions.append(pending)
            pending = None
        drawn[row], traded[row] = await village.draw(before.lacking[row], most_out)
        charged[row] = await village.store(before.left[row], most_in)
        stored[row] = village.stored
    lines, posted_digest = await village.settle(readings, settings, travel_to)
    await village.compare(lines)
    seconds = perf_counter() - started
    discharged = drawn + traded
    flows = Flows(
        produced=readings.produced,
        consumed=readings.consumed,
        own_use=before.own_use,
        shared_out=before.shared.given,
        shared_in=before.shared.got,
        charged=charged,
        discharged=discharged,
        sold=before.surplus - charged,
        bought=before.need - discharged,
    )
    balances = np.array([each.own + each.bought for each in village.houses], np.int64)
    if missing := int((charged - discharged).sum() - balances.sum()) - village.lost:
        raise LedgerMismatchError(f"{missing} Wh are missing between what was stored and what was used")
    return Week(
        settings=settings,
        capacity=terms.battery.capacity,
        account=Account(readings, flows, stored, balances),
        from_market=traded,
        auctions=[await village.trading.auction(each) for each in auctions],
        sold=[each.sold for each in village.houses],
        earned=[each.earned for each in village.houses],
        lines=lines,
        digest=posted_digest,
        lost=village.lost,
        transactions=village.transactions,
        seconds=seconds,
    )


def _needed(before: Unstored, now: int, row: int) -> list[int]:
    """Wh that each house has needed in the 24 hours before, beyond what was shared."""
    starts = before.readings.starts[:row]
    return before.lacking[:row][starts >= now - _DAY_S].sum(axis=0).tolist()
