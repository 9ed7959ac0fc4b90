"""Readings replayed through a virtual battery: all energy that moves is transactions, signed and confirmed.

Each interval of the readings in order of time, and in it each member in the file's order:

    surplus   What a member generates beyond their own use, as far as the battery has room for it, becomes
              tokens: the operator mints them to the member, who deposits them. What charging loses is burned.
    deficit   What a member lacks is drawn, as far as their balance goes: first what they have allocated is
              consumed, and then the rest withdrawn and its tokens burned.
    15:00     Before the day's first interval from then on, each member releases what is left of yesterday's
              allocation, and allocates what last evening drew (17:00 to 24:00), as far as their balance and
              the allocation limit go. Times of day are the readings' own.

What the battery has no room for, and what a balance does not cover, is counted. Decisions come from a ledger
kept here, without asking the chain; in the end everything on the chain must equal it.
"""

from asyncio import sleep
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import add, attrgetter
from time import perf_counter

from solana.rpc.async_api import AsyncClient
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from spl.token import instructions
from spl.token.async_client import AsyncToken
from spl.token.constants import TOKEN_PROGRAM_ID
from spl.token.instructions import BurnParams, MintToParams

from amalgam.client import Audit, EnergyAllocationClient
from amalgam.energy_allocation import (
    BPS,
    POLICY_LIMIT,
    Battery,
    Member,
    Resource,
    battery_address,
)
from amalgam.readings import Reading, Readings

ALLOCATION_HOUR = 15
EVENING_HOUR = 17
ALLOCATION_LIFETIME_S = 24 * 60 * 60

_DECIMALS = 3  # of the mint: a token is 1 kWh, a base unit 1 Wh
_LAMPORTS = 100 * 10**9  # for the operator and each member: rent, and the fees of 20 million transactions


class LedgerMismatchError(Exception):
    """The chain holds something else than was replayed. The message says what, and both values."""


@dataclass(frozen=True, slots=True)
class Energy:
    """What became of energy, in Wh: a member's, an interval's or all.

    generated = used directly + deposited + not taken
    consumed = used directly + drawn + not given
    """

    generated_wh: int = 0
    consumed_wh: int = 0
    used_directly_wh: int = 0  # by the member who generated it, in the same interval
    deposited_wh: int = 0
    lost_wh: int = 0  # of what was deposited: the rest is credited
    drawn_wh: int = 0
    not_taken_wh: int = 0  # surplus without room in the battery, or too little to be credited
    not_given_wh: int = 0  # deficit that the member's balance did not cover

    def __add__(self, other: "Energy") -> "Energy":
        """Both together."""
        return Energy(*map(add, _amounts(self), _amounts(other)))


_amounts = attrgetter(*(field.name for field in fields(Energy)))


@dataclass(frozen=True, slots=True)
class MemberReport:
    """A member's energy, and their share of the battery in the end."""

    name: str
    energy: Energy
    balance_wh: int
    allocated_wh: int


@dataclass(frozen=True, slots=True)
class IntervalReport:
    """All members' energy in an interval, and the battery at its end."""

    start: datetime
    energy: Energy
    available_wh: int
    allocated_wh: int


@dataclass(frozen=True, slots=True)
class Report:
    """What a replay has done to a battery that was empty before. The state in the end is the chain's."""

    capacity_wh: int
    efficiency_bps: int
    allocation_limit_wh: int  # each member's
    allocation_lifetime_s: int
    interval_s: float
    members: tuple[MemberReport, ...]
    intervals: tuple[IntervalReport, ...]
    total: Energy
    available_wh: int
    allocated_wh: int
    vault_wh: int
    supply_wh: int  # of the mint: what was minted and neither lost nor consumed
    instructions: dict[str, int]  # how many of each, each in a transaction of its own
    seconds: float  # from the first transaction to the last

    @property
    def stored_wh(self) -> int:
        """What the battery holds in the end."""
        return self.available_wh + self.allocated_wh

    @property
    def transactions(self) -> int:
        """How many transactions were signed, sent and confirmed."""
        return sum(self.instructions.values())

    @property
    def imbalance_wh(self) -> int:
        """What is missing in generated + not given = consumed + not taken + lost + stored."""
        total = self.total
        came = total.generated_wh + total.not_given_wh
        return came - (total.consumed_wh + total.not_taken_wh + total.lost_wh + self.stored_wh)


async def replay(
    readings: Readings,
    connection: AsyncClient,
    *,
    capacity_wh: int,
    efficiency_bps: int,
    begin_interval: Callable[[datetime], None],
) -> Report:
    """Create a battery on a chain with a faucet, and replay readings through it.

    Args:
        readings: What the members generated and consumed. All become members of the battery.
        connection: To a chain that has the program and a faucet.
        capacity_wh: Of the battery. Each member may allocate an equal share of it.
        efficiency_bps: What a deposit is credited with.
        begin_interval: Is given the start of each interval, and must set the chain's clock to it.

    Raises:
        LedgerMismatchError: The chain does not hold what was replayed.
        amalgam.errors.Refused: The program has refused an instruction.
        solana.rpc.core.RPCException: The faucet has refused, or the set-up of the mint.
    """
    started = perf_counter()
    names = dict.fromkeys(reading.member for reading in readings.readings)
    battery = await _LedgeredBattery.create(connection, names, capacity_wh, efficiency_bps)
    intervals: list[IntervalReport] = []
    allocation_day: date | None = None
    for start, interval in groupby(readings.readings, key=attrgetter("timestamp")):
        begin_interval(start)
        await sleep(0)  # lets Ctrl-C in, where a connection answers without ever waiting
        if start.hour >= ALLOCATION_HOUR and start.date() != allocation_day:
            allocation_day = start.date()
            await battery.allocate_for_evening(start)
        energy = sum([await battery.settle(reading) for reading in interval], Energy())
        intervals.append(IntervalReport(start, energy, battery.available_wh, battery.allocated_wh))
    seconds = perf_counter() - started
    supply_wh = int((await connection.get_token_supply(battery.created.mint)).value.amount)
    audit = await battery.client.audit(battery.address)
    battery.compare(audit, supply_wh)
    report = battery.report(audit, supply_wh, tuple(intervals), readings.interval, seconds)
    if report.imbalance_wh:
        raise LedgerMismatchError(f"{report.imbalance_wh} Wh are missing between the readings and the chain")
    return report


@dataclass(slots=True)
class _Share:
    """A member's wallet, and the ledger's side of their share."""

    owner: Keypair
    address: Pubkey  # the owner's: a Keypair derives it each time it is asked for
    client: EnergyAllocationClient
    token_account: Pubkey
    energy: Energy = Energy()
    balance_wh: int = 0
    allocated_wh: int = 0  # never above the balance: allocated within it, and drawn before the rest of it
    allocation_expiry: int = 0  # Unix s
    evening_drawn_wh: int = 0  # since the latest allocation

    @classmethod
    async def create(cls, connection: AsyncClient, mint: Pubkey, owner: Keypair) -> "_Share":
        token = AsyncToken(connection, mint, TOKEN_PROGRAM_ID, owner)
        token_account = await token.create_associated_token_account(owner.pubkey())
        return cls(owner, owner.pubkey(), EnergyAllocationClient(connection, owner), token_account)

    def as_member(self, battery: Pubkey) -> Member:
        return Member(
            owner=self.address,
            battery=battery,
            balance=self.balance_wh,
            allocated=self.allocated_wh,
            allocation_limit=POLICY_LIMIT,
            allocation_expiry=self.allocation_expiry,
        )


@dataclass(slots=True)
class _LedgeredBattery:
    """A battery on the chain, and the ledger of what is done to it."""

    operator: Keypair
    operator_address: Pubkey
    client: EnergyAllocationClient
    address: Pubkey
    created: Battery
    shares: dict[str, _Share]
    instructions: Counter[str]
    available_wh: int = 0
    allocated_wh: int = 0

    @classmethod
    async def create(
        cls, connection: AsyncClient, names: Iterable[str], capacity_wh: int, efficiency_bps: int
    ) -> "_LedgeredBattery":
        operator = await _funded_wallet(connection)
        client = EnergyAllocationClient(connection, operator)
        token = await AsyncToken.create_mint(
            connection, operator, operator.pubkey(), _DECIMALS, TOKEN_PROGRAM_ID
        )
        address = battery_address(operator.pubkey(), token.pubkey)
        owners = {name: await _funded_wallet(connection) for name in names}
        await client.initialize(
            operator,
            token.pubkey,
            resource=Resource.ENERGY,
            capacity=capacity_wh,
            allocation_limit=max(capacity_wh // len(owners), 1),
            allocation_lifetime=ALLOCATION_LIFETIME_S,
            efficiency_bps=efficiency_bps,
        )
        shares: dict[str, _Share] = {}
        for name, owner in owners.items():
            await client.open_member(address, owner.pubkey())
            shares[name] = await _Share.create(connection, token.pubkey, owner)
        created = await client.battery(address)
        set_up = Counter(
            initialize_mint=1, initialize=1, open_member=len(shares), create_token_account=len(shares)
        )
        return cls(operator, operator.pubkey(), client, address, created, shares, set_up)

    async def allocate_for_evening(self, now: datetime) -> None:
        """Renew each member's allocation: what last evening drew, within their balance and the limit."""
        for share in self.shares.values():
            await self._deallocate(share, share.allocated_wh)
            amount = min(share.evening_drawn_wh, share.balance_wh, self.created.allocation_limit)
            share.evening_drawn_wh = 0
            if amount:
                await self._done("allocate", share.client.allocate(share.owner, self.address, amount=amount))
                self.available_wh -= amount
                self.allocated_wh += amount
                share.allocated_wh = amount
                share.allocation_expiry = int(now.timestamp()) + self.created.allocation_lifetime

    async def settle(self, reading: Reading) -> Energy:
        """Deposit a member's surplus, or draw their deficit."""
        share = self.shares[reading.member]
        surplus = max(reading.generated_wh - reading.consumed_wh, 0)
        deficit = max(reading.consumed_wh - reading.generated_wh, 0)
        deposited, lost = await self._deposit(share, surplus)
        drawn = await self._draw(share, deficit, reading.timestamp)
        if reading.timestamp.hour >= EVENING_HOUR:
            share.evening_drawn_wh += drawn
        energy = Energy(
            generated_wh=reading.generated_wh,
            consumed_wh=reading.consumed_wh,
            used_directly_wh=reading.generated_wh - surplus,
            deposited_wh=deposited,
            lost_wh=lost,
            drawn_wh=drawn,
            not_taken_wh=surplus - deposited,
            not_given_wh=deficit - drawn,
        )
        share.energy += energy
        return energy

    async def _deposit(self, share: _Share, surplus: int) -> tuple[int, int]:
        """Deposit as much as there is room for, and return the amount and the loss in it."""
        room = self.created.capacity - self.available_wh - self.allocated_wh
        fitting = ((room + 1) * BPS - 1) // self.created.efficiency_bps  # the most whose credit is <= room
        amount = min(surplus, fitting)
        credit = self.created.credit_for(amount)
        if credit == 0:
            return 0, 0
        mint_to = MintToParams(
            program_id=TOKEN_PROGRAM_ID,
            mint=self.created.mint,
            dest=share.token_account,
            mint_authority=self.operator_address,
            amount=amount,
        )
        await self._done("mint_to", self.client.send(instructions.mint_to(mint_to), self.operator))
        deposit = share.client.deposit(
            share.owner, self.address, source=share.token_account, amount=amount, minimum_credit=credit
        )
        await self._done("deposit_energy", deposit)
        self.available_wh += credit
        share.balance_wh += credit
        return amount, amount - credit

    async def _draw(self, share: _Share, deficit: int, now: datetime) -> int:
        """Draw as much as the balance covers, and return it."""
        amount = min(deficit, share.balance_wh)
        if amount and now.timestamp() >= share.allocation_expiry:
            await self._deallocate(share, share.allocated_wh)
        reserved = min(amount, share.allocated_wh)
        if reserved:
            await self._done("consume", share.client.consume(share.owner, self.address, amount=reserved))
            self.allocated_wh -= reserved
            share.allocated_wh -= reserved
            share.balance_wh -= reserved
        if amount > reserved:
            await self._withdraw_and_burn(share, amount - reserved)
        return amount

    async def _withdraw_and_burn(self, share: _Share, amount: int) -> None:
        withdrawal = share.client.withdraw(
            share.owner, self.address, destination=share.token_account, amount=amount
        )
        await self._done("withdraw_energy", withdrawal)
        burn = BurnParams(
            program_id=TOKEN_PROGRAM_ID,
            account=share.token_account,
            mint=self.created.mint,
            owner=share.address,
            amount=amount,
        )
        await self._done("burn", share.client.send(instructions.burn(burn), share.owner))
        self.available_wh -= amount
        share.balance_wh -= amount

    async def _deallocate(self, share: _Share, amount: int) -> None:
        if amount == 0:
            return
        await self._done("deallocate", share.client.deallocate(share.owner, self.address, amount=amount))
        self.available_wh += amount
        self.allocated_wh -= amount
        share.allocated_wh -= amount

    async def _done(self, instruction: str, transaction: Awaitable[object]) -> None:
        await transaction
        self.instructions[instruction] += 1

    def compare(self, audit: Audit, supply: int) -> None:
        """Raise LedgerMismatchError unless the chain holds what the ledger says, to the last field."""
        if audit.violations:
            raise LedgerMismatchError("; ".join(audit.violations))
        members = {member.owner: member for member in audit.members}
        stored = self.available_wh + self.allocated_wh
        expected = {"the vault": stored, "the mint's supply": stored} | _fields(
            "the battery", self._battery()
        )
        actual = {"the vault": audit.vault_amount, "the mint's supply": supply} | _fields(
            "the battery", audit.battery
        )
        for name, share in self.shares.items():
            expected |= _fields(f"member {name}", share.as_member(self.address))
            actual |= _fields(f"member {name}", members[share.address])
        for what, value in expected.items():
            if actual[what] != value:
                raise LedgerMismatchError(f"{what} is {actual[what]} on the chain, {value} in the ledger")

    def report(
        self,
        audit: Audit,
        supply: int,
        intervals: tuple[IntervalReport, ...],
        interval: timedelta,
        seconds: float,
    ) -> Report:
        return Report(
            capacity_wh=audit.battery.capacity,
            efficiency_bps=audit.battery.efficiency_bps,
            allocation_limit_wh=audit.battery.allocation_limit,
            allocation_lifetime_s=audit.battery.allocation_lifetime,
            interval_s=interval.total_seconds(),
            members=tuple(
                MemberReport(name, share.energy, share.balance_wh, share.allocated_wh)
                for name, share in self.shares.items()
            ),
            intervals=intervals,
            total=sum((each.energy for each in intervals), Energy()),
            available_wh=audit.battery.available,
            allocated_wh=audit.battery.allocated,
            vault_wh=audit.vault_amount,
            supply_wh=supply,
            instructions=dict(self.instructions),
            seconds=seconds,
        )

    def _battery(self) -> Battery:
        operations = ("deposit_energy", "withdraw_energy", "allocate", "deallocate", "consume")
        return replace(
            self.created,
            available=self.available_wh,
            allocated=self.allocated_wh,
            sequence=self.created.sequence + sum(self.instructions[name] for name in operations),
        )


def _fields(name: str, record: Battery | Member) -> dict[str, object]:
    return {f"{name}'s {field.name}": getattr(record, field.name) for field in fields(record)}


async def _funded_wallet(connection: AsyncClient) -> Keypair:
    wallet = Keypair()
    await connection.confirm_transaction((await connection.request_airdrop(wallet.pubkey(), _LAMPORTS)).value)
    return wallet
