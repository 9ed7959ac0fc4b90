"""A day of a community, through all programs: from its meters to the evening's statement.

Metered surplus becomes tokens as the meters report it, each hour. Their owners put a part into the battery,
where others' consumption does not reach it, and keep the rest to trade. In the afternoon what is left is
offered in a call auction for the evening, where those without modules bid; and the operator calls on the
battery's members to deliver for an hour, as one power plant: one of them falls short, another makes up for
it. What a member lacks, they consume from the battery.

Everything is decided here by what the chain says, and in the end every token is looked for:
tokens minted = held + consumed + lost, and what was paid is what was received.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from solana.rpc.async_api import AsyncClient
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from spl.token.constants import TOKEN_PROGRAM_ID
from spl.token.instructions import BurnParams, MintToParams, burn, get_associated_token_address, mint_to

from amalgam.battery import program as energy_allocation
from amalgam.battery.client import EnergyAllocationClient
from amalgam.battery.program import battery_address
from amalgam.chain.program_client import token_amount
from amalgam.chain.tokens import new_mint, open_token_account
from amalgam.market import program as energy_market
from amalgam.market.client import EnergyMarketClient
from amalgam.market.program import Side, auction_address, market_address
from amalgam.metering import program as energy_metering
from amalgam.metering.client import EnergyMeteringClient
from amalgam.metering.program import issuer_address, mint_address
from amalgam.readings.model import Readings
from amalgam.scenarios.replay import funded_wallet
from amalgam.units import Resource
from amalgam.vpp import program as virtual_power_plant
from amalgam.vpp.client import PowerPlantClient
from amalgam.vpp.program import dispatch_address, plant_address

_COIN_DECIMALS = 6
COIN = 10**_COIN_DECIMALS  # a payment token, in base units
_PURSE = 100 * COIN  # what each begins the day with
RATED_POWER = 12_000  # W, of each meter
CAPACITY = 90_000  # Wh, of the battery
EFFICIENCY_BPS = 9_500
_FEE_BPS = 100  # of the market
_HOUR_S = 3_600
HOURS = 24
_AUCTION_OPENS, _ORDERS, _GATE_CLOSES, _DELIVERY = 14, 17, 19, 20  # o'clock
_COMMITMENTS, _DISPATCH_STARTS, _DISPATCH_ENDS = 15, 16, 18
_REWARD, _BOND = 400_000, 100_000  # coins' base units for 1 kWh of the dispatch
_COMMITTED = 2_000  # Wh, by each who has as much to give
_TOLERANCE_BPS = 5_000
_LOWEST_ASK, _LOWEST_BID, _STEP = 120_000, 200_000, 15_000  # coins' base units for 1 kWh


@dataclass(slots=True)
class Household:
    """A member of the community, and what the day has brought them. Energy is Wh, payments are base units."""

    name: str
    owner: Keypair
    device: Keypair
    energy: Pubkey  # token accounts
    coins: Pubkey
    metered: int = 0  # surplus, by the meter's register
    deposited: int = 0
    from_battery: int = 0
    sold: int = 0
    bought: int = 0
    used: int = 0  # of what was bought
    delivered: int = 0  # to the dispatch
    tokens: int = 0  # in the end, as what follows
    balance: int = 0  # in the battery
    coins_held: int = 0

    @property
    def paid(self) -> int:
        """Their gain since the beginning of the day, negative if it is a loss."""
        return self.coins_held - _PURSE

    @property
    def address(self) -> Pubkey:
        """Their wallet's."""
        return self.owner.pubkey()


@dataclass(frozen=True, slots=True)
class Hour:
    """The chain's holdings at the end of an hour. Wh."""

    end: datetime
    minted: int  # since the morning, as what follows
    stored: int  # in the battery
    in_wallets: int
    in_market: int
    delivered: int  # to the dispatch, and then the operator's
    consumed: int
    lost: int  # in charging


@dataclass(slots=True)
class Day:
    """The result of a day."""

    households: list[Household]
    hours: list[Hour] = field(default_factory=list[Hour])
    book: list[tuple[Side, int, int]] = field(default_factory=list[tuple[Side, int, int]])  # price, amount
    price: int = 0  # of the auction, base units of a coin for 1 kWh
    volume: int = 0  # Wh
    fees: int = 0  # of the market, in base units of a coin
    operator_paid: int = 0  # what the operator has more than at the beginning, likewise
    held: int = 0  # Wh in wallets, the operator's too, the battery and the market
    violations: list[str] = field(default_factory=list[str])  # of what always holds, in any program

    @property
    def minted(self) -> int:
        """By the evening, as `consumed` and `lost`: Wh."""
        return self.hours[-1].minted

    @property
    def consumed(self) -> int:
        """From the battery, and of what was bought."""
        return self.hours[-1].consumed

    @property
    def lost(self) -> int:
        """In charging."""
        return self.hours[-1].lost


class _Community:
    """The community's accounts on a chain, and what is done with them."""

    def __init__(self, connection: AsyncClient, operator: Keypair, coins: Pubkey) -> None:
        self.connection, self.operator, self.coins = connection, operator, coins
        address = operator.pubkey()
        self.issuer = issuer_address(address, 0)
        self.mint = mint_address(self.issuer)
        self.battery = battery_address(address, self.mint)
        self.market = market_address(address, self.mint, coins)
        self.metering = EnergyMeteringClient(connection, operator)
        self.allocation = EnergyAllocationClient(connection, operator)
        self.trading = EnergyMarketClient(connection, operator)
        self.plant = plant_address(address, self.mint, coins)
        self.dispatch = dispatch_address(self.plant, 0)
        self.dispatching = PowerPlantClient(connection, operator)
        self.own_energy, self.own_coins = (
            get_associated_token_address(address, mint) for mint in (self.mint, coins)
        )
        self.households: list[Household] = []

    @classmethod
    async def found(cls, connection: AsyncClient, names: list[str], metered: set[str]) -> "_Community":
        """An issuer, a battery and a market, and the households with their meters and purses."""
        operator = await funded_wallet(connection)
        address, coins = operator.pubkey(), Keypair()
        self = cls(connection, operator, coins.pubkey())
        creation = await new_mint(
            connection, address, coins.pubkey(), authority=address, decimals=_COIN_DECIMALS
        )
        await self.trading.sender.send(creation, coins)
        await self.metering.send(
            energy_metering.initialize(authority=operator.pubkey(), resource=Resource.ENERGY, number=0),
            operator,
        )
        await self.allocation.send(
            energy_allocation.initialize(
                authority=operator.pubkey(),
                mint=self.mint,
                resource=Resource.ENERGY,
                capacity=CAPACITY,
                allocation_limit=CAPACITY,
                allocation_lifetime=24 * _HOUR_S,
                efficiency_bps=EFFICIENCY_BPS,
            ),
            operator,
        )
        await self.trading.sender.send(
            energy_market.create(
                payer=operator.pubkey(),
                authority=operator.pubkey(),
                energy_mint=self.mint,
                payment_mint=self.coins,
                fee_bps=_FEE_BPS,
                minimum_order=100,
                interval=_HOUR_S,
                gate_closure=(_DELIVERY - _GATE_CLOSES) * _HOUR_S,
            ),
            operator,
        )
        await self.dispatching.sender.send(
            virtual_power_plant.create(
                payer=operator.pubkey(),
                authority=operator.pubkey(),
                energy_mint=self.mint,
                payment_mint=self.coins,
            ),
            operator,
        )
        await self.dispatching.send(
            virtual_power_plant.open_dispatch(payer=operator.pubkey(), plant=self.plant, number=0), operator
        )
        await self._open_purse(operator)
        for name in names:
            self.households.append(await self._join(name, metered=name in metered))
        return self

    async def _join(self, name: str, *, metered: bool) -> Household:
        owner, device = await funded_wallet(self.connection), await funded_wallet(self.connection)
        address = owner.pubkey()
        household = Household(name, owner, device, *await self._open_purse(owner))
        await self.allocation.send(
            energy_allocation.open_member(
                payer=self.allocation.payer_address, battery=self.battery, owner=address
            )
        )
        await self.trading.send(
            energy_market.open_order(
                payer=self.trading.payer_address, market=self.market, owner=address, number=0
            )
        )
        await self.dispatching.send(
            virtual_power_plant.open_commitment(
                payer=self.operator.pubkey(), plant=self.plant, owner=address, number=0
            ),
            self.operator,
        )
        if metered:
            await self.metering.send(
                energy_metering.register_meter(
                    authority=self.operator.pubkey(),
                    issuer=self.issuer,
                    device=device.pubkey(),
                    owner=address,
                    rated_power=RATED_POWER,
                    register=0,
                ),
                self.operator,
            )
        return household

    async def _open_purse(self, owner: Keypair) -> tuple[Pubkey, Pubkey]:
        """Token accounts for energy and coins, at their owner's expense, and coins to begin with."""
        address = owner.pubkey()
        energy, open_energy = open_token_account(address, address, self.mint)
        coins, open_coins = open_token_account(address, address, self.coins)
        fill = MintToParams(TOKEN_PROGRAM_ID, self.coins, coins, self.operator.pubkey(), _PURSE)
        await self.trading.sender.send([open_energy, open_coins, mint_to(fill)], owner)
        return energy, coins

    # Through the day

    async def report(self, household: Household, surplus: int, now: int) -> None:
        """The meter reports its register, and a half of what it brings goes into the battery."""
        household.metered += surplus
        await self.metering.send(
            energy_metering.report(
                device=household.device.pubkey(),
                issuer=self.issuer,
                destination=household.energy,
                register=household.metered,
                read_at=now,
            ),
            household.device,
        )
        battery = await self.allocation.battery(self.battery)
        free = battery.capacity - battery.stored
        amount = min(surplus // 2, free)
        if credit := battery.credit_for(amount):
            await self.allocation.send(
                energy_allocation.deposit_energy(
                    owner=household.address,
                    battery=self.battery,
                    mint=self.mint,
                    source=household.energy,
                    amount=amount,
                    minimum_credit=credit,
                ),
                household.owner,
            )
            household.deposited += amount

    async def consume(self, household: Household, deficit: int) -> None:
        """Use of the battery what is the household's, and then of what was bought."""
        balance = (await self.allocation.member(self.battery, household.address)).balance
        if amount := min(deficit, balance):
            await self.allocation.send(
                energy_allocation.allocate(owner=household.address, battery=self.battery, amount=amount),
                household.owner,
            )
            await self.allocation.send(
                energy_allocation.consume(
                    owner=household.address, battery=self.battery, mint=self.mint, amount=amount
                ),
                household.owner,
            )
            household.from_battery += amount
        if used := min(deficit - amount, household.bought - household.used):
            params = BurnParams(TOKEN_PROGRAM_ID, household.energy, self.mint, household.address, used)
            await self.allocation.send(burn(params), household.owner)
            household.used += used

    async def place_orders(self, auction: Pubkey, evening: dict[str, int]) -> list[tuple[Side, int, int]]:
        """Holders of tokens offer them; the others bid for their evening's use."""
        book: list[tuple[Side, int, int]] = []
        for number, household in enumerate(self.households):
            held = await self._amount(household.energy)
            side, amount = (Side.OFFER, held) if held else (Side.BID, evening[household.name])
            lowest = _LOWEST_ASK if held else _LOWEST_BID
            if amount < 100:
                continue
            price = lowest + number * _STEP
            await self.trading.send(
                energy_market.place_order(
                    owner=household.address,
                    market=self.market,
                    auction=auction,
                    order=energy_market.order_address(self.market, household.address, 0),
                    source=household.energy if held else household.coins,
                    side=side,
                    price=price,
                    amount=amount,
                ),
                household.owner,
            )
            book.append((side, price, amount))
        return book

    async def trade(self, auction: Pubkey) -> tuple[int, int]:
        """Clear and settle the auction: its price and volume. Counts what each has bought or sold."""
        before = {each.name: await self._amount(each.energy) for each in self.households}
        offered = {
            order.owner: order.amount
            for order in (await self.trading.book(auction)).values()
            if order.side is Side.OFFER
        }
        settlement = await self.trading.clear(auction)
        for household in self.households:
            gained = await self._amount(household.energy) - before[household.name]
            if household.address in offered:
                household.sold = offered[household.address] - gained
            else:
                household.bought = gained
        return settlement.auction.price, settlement.auction.volume

    async def commit(self, morning: datetime) -> None:
        """The operator announces a dispatch, and whoever has enough in their wallet commits to a part."""
        able = [each for each in self.households if await self._amount(each.energy) >= 2 * _COMMITTED]
        starts, ends = (morning + timedelta(hours=hour) for hour in (_DISPATCH_STARTS, _DISPATCH_ENDS))
        await self.dispatching.send(
            virtual_power_plant.announce(
                authority=self.operator.pubkey(),
                dispatch=self.dispatch,
                plant=self.plant,
                source=self.own_coins,
                starts_at=int(starts.timestamp()),
                ends_at=int(ends.timestamp()),
                target=_COMMITTED * len(able),
                price=_REWARD,
                bond_price=_BOND,
                tolerance_bps=_TOLERANCE_BPS,
            ),
            self.operator,
        )
        announcement = (await self.dispatching.dispatch(self.dispatch)).announcement
        for household in able:
            await self.dispatching.send(
                virtual_power_plant.commit(
                    owner=household.address,
                    dispatch=self.dispatch,
                    plant=self.plant,
                    commitment=virtual_power_plant.commitment_address(self.plant, household.address, 0),
                    source=household.coins,
                    amount=_COMMITTED,
                    announcement=announcement,
                ),
                household.owner,
            )

    async def deliver(self) -> None:
        """All who committed deliver: the first a half, the last as much more as that lacks."""
        addresses = {household.address: household for household in self.households}
        commitments = [each for each in await self.dispatching.commitments(self.plant) if each.active]
        for number, commitment in enumerate(commitments):
            household = addresses[commitment.owner]
            amount = commitment.amount
            if number == 0:
                amount -= commitment.amount // 2
            if number == len(commitments) - 1:
                amount += commitment.amount // 2
            await self.dispatching.send(
                virtual_power_plant.deliver(
                    owner=household.address,
                    dispatch=self.dispatch,
                    plant=self.plant,
                    commitment=virtual_power_plant.commitment_address(self.plant, household.address, 0),
                    source=household.energy,
                    amount=amount,
                ),
                household.owner,
            )
            household.delivered = amount

    async def settle_dispatch(self) -> None:
        """The operator gets the energy and what is left of reward and bonds, and everyone their due."""
        await self.dispatching.send(
            virtual_power_plant.settle_dispatch(
                dispatch=self.dispatch,
                plant=self.plant,
                energy_destination=self.own_energy,
                payment_destination=self.own_coins,
            )
        )
        coins = {household.address: household.coins for household in self.households}
        for commitment in await self.dispatching.commitments(self.plant):
            if commitment.active:
                await self.dispatching.send(
                    virtual_power_plant.settle_commitment(
                        plant=commitment.plant,
                        dispatch=commitment.dispatch,
                        commitment=commitment.address,
                        destination=coins[commitment.owner],
                    )
                )

    # Looking

    async def look(self, end: datetime) -> Hour:
        """Where the tokens are."""
        issuer = await self.metering.issuer(self.issuer)
        battery = await self.allocation.battery(self.battery)
        market = await self.trading.market(self.market)
        supply = int((await self.connection.get_token_supply(self.mint)).value.amount)
        wallets = sum([await self._amount(each.energy) for each in self.households])
        consumed = sum(each.from_battery + each.used for each in self.households)
        lost = issuer.minted - supply - consumed
        plant = await self.dispatching.plant(self.plant)
        delivered = plant.energy_held + await self._amount(self.own_energy)
        held = (battery.stored, wallets, market.energy_held, delivered)
        return Hour(end, issuer.minted, *held, consumed, lost)

    async def _amount(self, account: Pubkey) -> int:
        return token_amount((await self.connection.get_account_info(account)).value)

    async def close(self, day: Day) -> None:
        """The evening's statement, and all audits."""
        metering = await self.metering.audit(self.issuer)
        battery = await self.allocation.audit(self.battery)
        market = await self.trading.audit(self.market)
        plant = await self.dispatching.audit(self.plant)
        balances = {member.owner: member.balance for member in battery.members}
        for household in self.households:
            household.tokens = await self._amount(household.energy)
            household.coins_held = await self._amount(household.coins)
            household.balance = balances[household.address]
        coins = int((await self.connection.get_token_supply(self.coins)).value.amount)
        last = day.hours[-1]
        day.held = last.in_wallets + last.delivered + battery.vault_amount + market.energy_vault_amount
        day.operator_paid = await self._amount(self.own_coins) - _PURSE
        day.fees = market.market.fees
        charging = sum(each.deposited for each in self.households) - sum(
            each.from_battery + each.balance for each in self.households
        )
        checks = {
            f"{day.minted} Wh were minted, {day.held + day.consumed + day.lost} are held, consumed or lost": (
                day.minted == day.held + day.consumed + day.lost
            ),
            f"{day.lost} Wh are lost, {charging} in charging": day.lost == charging,
            f"{metering.issuer.minted} Wh were minted, the meters show "
            f"{sum(each.metered for each in self.households)}": (
                metering.issuer.minted == sum(each.metered for each in self.households)
            ),
            "what was paid is not what was received": (
                sum(each.paid for each in self.households)
                + day.operator_paid
                + market.payment_vault_amount
                + plant.payment_vault
                == coins - (len(self.households) + 1) * _PURSE
                == 0
            ),
        }
        broken = [violation for violation, holds in checks.items() if not holds]
        day.violations = [
            *metering.violations,
            *battery.violations,
            *market.violations,
            *plant.violations,
            *broken,
        ]


async def live(
    readings: Readings,
    connection: AsyncClient,
    *,
    travel_to: Callable[[int], Awaitable[None]],
    hour: Callable[[], object] = lambda: None,
) -> Day:
    """Live the first day of readings of energy on a chain with a faucet and all programs.

    Args:
        readings: What each household generated and consumed.
        connection: Stays the caller's to close.
        travel_to: Is given Unix seconds, one after the other, and must bring the chain's clock there.
        hour: Called at the end of each.

    Raises errors.Refused if a program refuses something; and as the clients and the faucet.
    """
    morning = readings.start(0)
    surplus, deficit = _hourly(readings, morning)
    names = list(readings.members)
    metered = {name for (name, _), amount in surplus.items() if amount}
    await travel_to(int(morning.timestamp()))
    community = await _Community.found(connection, names, metered)
    day = Day(community.households)
    starts_at = int((morning + timedelta(hours=_DELIVERY)).timestamp())
    auction = auction_address(community.market, starts_at)
    evening = {name: sum(deficit[name, hour] for hour in range(_DELIVERY, HOURS)) for name in names}
    for past in range(HOURS):
        end = morning + timedelta(hours=past + 1)
        await travel_to(int(end.timestamp()))
        for household in community.households:
            if household.name in metered:
                await community.report(household, surplus[household.name, past], int(end.timestamp()))
            await community.consume(household, deficit[household.name, past])
        if end.hour == _AUCTION_OPENS:
            await community.trading.send(
                energy_market.open_auction(
                    payer=community.trading.payer_address, market=community.market, starts_at=starts_at
                )
            )
        if end.hour == _COMMITMENTS:
            await community.commit(morning)
        if end.hour == _DISPATCH_STARTS + 1:
            await community.deliver()
        if end.hour == _DISPATCH_ENDS:
            await community.settle_dispatch()
        if end.hour == _ORDERS:
            day.book = await community.place_orders(auction, evening)
        if end.hour == _GATE_CLOSES:
            day.price, day.volume = await community.trade(auction)
        day.hours.append(await community.look(end))
        hour()
    await community.close(day)
    return day


def _hourly(
    readings: Readings, morning: datetime
) -> tuple[dict[tuple[str, int], int], dict[tuple[str, int], int]]:
    """Each household's surplus and deficit in each hour of the first day, by name and hour."""
    surplus, deficit = defaultdict[tuple[str, int], int](int), defaultdict[tuple[str, int], int](int)
    for start, interval in readings.intervals():
        if start.date() != morning.date():
            break
        for reading in interval:
            key = reading.member, start.hour
            surplus[key] += max(reading.produced - reading.consumed, 0)
            deficit[key] += max(reading.consumed - reading.produced, 0)
    return surplus, deficit
