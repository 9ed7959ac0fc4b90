"""Readings replayed through a pool, all that moves being transactions, signed and confirmed.

A pool is a battery of energy, a reservoir of water or a treatment plant of waste: the same program, and the
same rules. Each interval of the readings in order of time, and in it each member in their order:

    surplus   What a member brings beyond what they use at once, as far as the pool has room for it, becomes
              tokens: the operator mints them to the member, who deposits them. What is lost on the way in
              (in charging, by evaporation, in sorting) is burned.
    deficit   What a member lacks is drawn, as far as their balance goes: first what they have allocated is
              consumed, and then the rest withdrawn and its tokens burned.
    renewal   Before the day's first interval from a certain hour on, each member releases what is left of
              their last allocation, and allocates what was drawn since then (counted from another hour of
              the day on), as far as their balance and the allocation limit go: of energy at 15:00 what last
              evening drew (17:00 to 24:00), of water and waste at 00:00 what the last day drew (of water from
              06:00 on). Times of day are the readings' own.

What the pool has no room for, and what a balance does not cover, is counted. Decisions come from a ledger
kept here, without asking the chain; in the end everything on the chain must equal it.
"""

from asyncio import sleep
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from operator import add, attrgetter
from time import perf_counter
from typing import NamedTuple

from solana.rpc.async_api import AsyncClient
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from spl.token import instructions
from spl.token.constants import TOKEN_PROGRAM_ID
from spl.token.instructions import BurnParams, MintToParams, get_associated_token_address

from amalgam import AmalgamError
from amalgam.battery import program as energy_allocation
from amalgam.battery.client import BatteryAudit, EnergyAllocationClient
from amalgam.battery.program import BPS, POLICY_LIMIT, Battery, Member, battery_address
from amalgam.chain.tokens import new_mint, open_token_account
from amalgam.readings.model import Reading, Readings
from amalgam.units import MEASURES, Measure, Resource

ALLOCATION_LIFETIME_S = 24 * 60 * 60

_DECIMALS = 3  # of the mint: a token is 1 kWh, 1 m³ or 1 t
_LAMPORTS = 100 * 10**9  # for the operator and each member: rent, and the fees of 20 million transactions


class _Renewal(NamedTuple):
    """Hours of the day: at which allocations are renewed, and from which on what is drawn counts for it."""

    at: int
    counted_from: int


_RENEWALS = (_Renewal(15, 17), _Renewal(0, 6), _Renewal(0, 0))  # by the program's Resource


class LedgerMismatchError(AmalgamError):
    """The chain holds something else than was replayed. The message says what, and both values."""


@dataclass(frozen=True, slots=True)
class Flows:
    """Flows of a resource, in base units: a member's, an interval's or all.

    produced = used directly + deposited + not taken
    consumed = used directly + drawn + not given
    """

    produced: int = 0  # generated, flown in, delivered
    consumed: int = 0  # as far as it was to be had: of waste, the treatment there was
    used_directly: int = 0  # by the member who produced it, in the same interval
    deposited: int = 0
    lost: int = 0  # of what was deposited: the rest is credited
    drawn: int = 0
    not_taken: int = 0  # surplus without room in the pool, or too little to be credited
    not_given: int = 0  # deficit that the member's balance did not cover

    def __add__(self, other: "Flows") -> "Flows":
        """Both together."""
        return Flows(*map(add, _amounts(self), _amounts(other)))


_amounts = attrgetter(*(field.name for field in fields(Flows)))


@dataclass(frozen=True, slots=True)
class MemberReport:
    """A member's flows, and their share of the pool in the end."""

    name: str
    flows: Flows
    balance: int
    allocated: int


@dataclass(frozen=True, slots=True)
class IntervalReport:
    """All members' flows in an interval, and the pool at its end."""

    start: datetime
    flows: Flows
    available: int
    allocated: int


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a replay with a pool that was empty before, in base units.

    The state in the end is the chain's.
    """

    measure: Measure
    capacity: int
    efficiency_bps: int
    allocation_limit: int  # each member's
    allocation_lifetime_s: int
    interval_s: float
    members: tuple[MemberReport, ...]
    intervals: tuple[IntervalReport, ...]
    total: Flows
    available: int
    allocated: int
    vault: int
    supply: int  # of the mint: what was minted and neither lost nor consumed
    instructions: dict[str, int]  # how many of each
    transactions: int  # what belongs together is one
    readings: int
    seconds: float  # from the first transaction to the last, without what counts them ahead

    @property
    def stored(self) -> int:
        """The amount that the pool holds in the end."""
        return self.available + self.allocated

    @property
    def imbalance(self) -> int:
        """The amount missing in produced + not given = consumed + not taken + lost + stored."""
        total = self.total
        came = total.produced + total.not_given
        return came - (total.consumed + total.not_taken + total.lost + self.stored)


async def replay(
    readings: Readings,
    connection: AsyncClient,
    *,
    capacity: int,
    efficiency_bps: int,
    begin_interval: Callable[[datetime], None],
    plan_interval: Callable[[], object] = lambda: None,
    begin: Callable[[int], object] | None = None,
) -> Report:
    """Create a pool on a chain with a faucet, and replay readings through it.

    Args:
        readings: What the members produced and consumed, and of what. All become members of the pool.
        connection: To a chain that has the program and a faucet.
        capacity: Of the pool, in base units. Each member may allocate an equal share of it.
        efficiency_bps: What a deposit is credited with.
        begin_interval: Is given the start of each interval, and must set the chain's clock to it.
        plan_interval: Is called for each interval before anything of it is sent, to count transactions.
        begin: Is given the number of transactions to come, once the pool and its members are there. They are
            counted ahead only for it.

    Raises:
        LedgerMismatchError: The chain does not hold what was replayed.
        amalgam.chain.errors.Refused: The program has refused an instruction.
        solana.rpc.core.RPCException: The faucet has refused, or the set-up of the mint.
    """
    started = perf_counter()
    pool = await _LedgeredPool.create(
        connection, readings.measure, readings.members, capacity, efficiency_bps
    )
    if begin is not None:
        paused, rehearsal = perf_counter(), pool.rehearsal()
        async for _ in _played(rehearsal, readings, lambda _: plan_interval()):
            pass
        begin(rehearsal.transactions - pool.transactions)
        started += perf_counter() - paused
    intervals = tuple([each async for each in _played(pool, readings, begin_interval)])
    seconds = perf_counter() - started
    supply = int((await connection.get_token_supply(pool.created.mint)).value.amount)
    audit = await pool.client.audit(pool.address)
    pool.compare(audit, supply)
    report = pool.report(audit, supply, intervals, readings, seconds)
    if report.imbalance:
        raise LedgerMismatchError(
            f"{report.imbalance} {pool.measure.base_unit} are missing between the readings and the chain"
        )
    return report


async def _played(
    pool: "_LedgeredPool", readings: Readings, begin_interval: Callable[[datetime], object]
) -> AsyncIterator[IntervalReport]:
    """Do what an interval brings, one after the other."""
    renewal_day: date | None = None
    for start, interval in readings.intervals():
        begin_interval(start)
        await sleep(0)  # lets Ctrl-C in, if a connection answers without ever waiting
        if start.hour >= pool.renewal.at and start.date() != renewal_day:
            renewal_day = start.date()
            await pool.renew_allocations(start)
        flows = sum([await pool.settle(reading) for reading in interval], Flows())
        yield IntervalReport(start, flows, pool.available, pool.allocated)


@dataclass(slots=True)
class _Share:
    """A member's wallet, and the ledger's side of their share."""

    owner: Keypair
    address: Pubkey  # the owner's: a Keypair derives it each time it is asked for
    client: EnergyAllocationClient
    token_account: Pubkey
    flows: Flows = Flows()
    balance: int = 0
    allocated: int = 0  # never above the balance: allocated within it, and drawn before the rest of it
    allocation_expiry: int = 0  # Unix s
    drawn: int = 0  # since the latest renewal, in the hours that count for the next

    @classmethod
    def of(cls, connection: AsyncClient, mint: Pubkey, owner: Keypair) -> "_Share":
        address = owner.pubkey()
        account = get_associated_token_address(address, mint)
        return cls(owner, address, EnergyAllocationClient(connection, owner), account)

    def as_member(self, battery: Pubkey) -> Member:
        return Member(
            owner=self.address,
            battery=battery,
            balance=self.balance,
            allocated=self.allocated,
            allocation_limit=POLICY_LIMIT,
            allocation_expiry=self.allocation_expiry,
        )


@dataclass(slots=True)
class _LedgeredPool:
    """A pool on the chain, and the ledger of what is done to it."""

    operator: Keypair
    operator_address: Pubkey
    client: EnergyAllocationClient
    address: Pubkey
    created: Battery
    shares: dict[str, _Share]
    instructions: Counter[str]
    transactions: int
    available: int = 0
    allocated: int = 0
    sends: bool = True  # or else it is the ledger alone

    @classmethod
    async def create(
        cls,
        connection: AsyncClient,
        measure: Measure,
        names: Iterable[str],
        capacity: int,
        efficiency_bps: int,
    ) -> "_LedgeredPool":
        operator, mint_keypair = await funded_wallet(connection), Keypair()
        payer, mint = operator.pubkey(), mint_keypair.pubkey()
        client = EnergyAllocationClient(connection, operator)
        creation = await new_mint(connection, payer, mint, authority=payer, decimals=_DECIMALS)
        await client.sender.send(creation, mint_keypair)
        address = battery_address(payer, mint)
        owners = {name: await funded_wallet(connection) for name in names}
        initialize = energy_allocation.initialize(
            authority=payer,
            mint=mint,
            resource=Resource(MEASURES.index(measure)),
            capacity=capacity,
            allocation_limit=max(capacity // len(owners), 1),
            allocation_lifetime=ALLOCATION_LIFETIME_S,
            efficiency_bps=efficiency_bps,
        )
        await client.send(initialize)
        shares: dict[str, _Share] = {}
        for name, owner in owners.items():
            share = shares[name] = _Share.of(connection, mint, owner)
            opening = energy_allocation.open_member(payer=payer, battery=address, owner=share.address)
            await client.send(opening)
            await share.client.send(open_token_account(share.address, share.address, mint)[1])
        created = await client.battery(address)
        set_up = Counter(
            initialize_mint=1, initialize=1, open_member=len(shares), create_token_account=len(shares)
        )
        return cls(operator, payer, client, address, created, shares, set_up, set_up.total())

    @property
    def measure(self) -> Measure:
        """The words and units of what it holds."""
        return MEASURES[self.created.resource]

    @property
    def renewal(self) -> _Renewal:
        """When its allocations are renewed."""
        return _RENEWALS[self.created.resource]

    def rehearsal(self) -> "_LedgeredPool":
        """The ledger of its own, to see what is to come."""
        shares = {name: replace(share) for name, share in self.shares.items()}
        return replace(self, shares=shares, instructions=Counter(self.instructions), sends=False)

    async def renew_allocations(self, now: datetime) -> None:
        """Allocate for each member what they drew since the last time, within their balance and the limit."""
        for share in self.shares.values():
            steps = self._deallocation(share)
            amount = min(share.drawn, share.balance, self.created.allocation_limit)
            share.drawn = 0
            if amount:
                steps["allocate"] = amount
                self.available -= amount
                self.allocated += amount
                share.allocated = amount
                share.allocation_expiry = int(now.timestamp()) + self.created.allocation_lifetime
            await self._send(share, steps)

    async def settle(self, reading: Reading) -> Flows:
        """Deposit a member's surplus, or draw their deficit."""
        share = self.shares[reading.member]
        surplus = max(reading.produced - reading.consumed, 0)
        deficit = max(reading.consumed - reading.produced, 0)
        deposited, lost = await self._deposit(share, surplus)
        drawn = await self._draw(share, deficit, reading.timestamp)
        if reading.timestamp.hour >= self.renewal.counted_from:
            share.drawn += drawn
        flows = Flows(
            produced=reading.produced,
            consumed=reading.consumed,
            used_directly=reading.produced - surplus,
            deposited=deposited,
            lost=lost,
            drawn=drawn,
            not_taken=surplus - deposited,
            not_given=deficit - drawn,
        )
        share.flows += flows
        return flows

    async def _deposit(self, share: _Share, surplus: int) -> tuple[int, int]:
        """Deposit as much as there is room for, and return the amount and the loss in it."""
        room = self.created.capacity - self.available - self.allocated
        fitting = ((room + 1) * BPS - 1) // self.created.efficiency_bps  # the most whose credit is <= room
        amount = min(surplus, fitting)
        credit = self.created.credit_for(amount)
        if credit == 0:
            return 0, 0
        steps = {"mint_to": amount, "deposit_energy": amount}
        await self._send(share, steps, self.operator)
        self.available += credit
        share.balance += credit
        return amount, amount - credit

    async def _draw(self, share: _Share, deficit: int, now: datetime) -> int:
        """Draw as much as the balance covers, and return it."""
        amount = min(deficit, share.balance)
        steps: dict[str, int] = {}
        if amount and now.timestamp() >= share.allocation_expiry:
            steps = self._deallocation(share)
        reserved = min(amount, share.allocated)
        if reserved:
            steps["consume"] = reserved
            self.allocated -= reserved
            share.allocated -= reserved
            share.balance -= reserved
        if amount > reserved:
            steps |= dict.fromkeys(("withdraw_energy", "burn"), amount - reserved)
            self.available -= amount - reserved
            share.balance -= amount - reserved
        await self._send(share, steps)
        return amount

    def _deallocation(self, share: _Share) -> dict[str, int]:
        amount = share.allocated
        if amount == 0:
            return {}
        self.available += amount
        self.allocated -= amount
        share.allocated = 0
        return {"deallocate": amount}

    async def _send(self, share: _Share, steps: Mapping[str, int], *others: Keypair) -> None:
        """Send amounts, by instruction, that belong together: one transaction, which the member pays for."""
        if not steps:
            return
        if self.sends:
            built = [self._instruction(share, name, amount) for name, amount in steps.items()]
            await share.client.sender.send(built, share.owner, *others)
        self.transactions += 1
        self.instructions.update(steps.keys())

    def _instruction(self, share: _Share, name: str, amount: int) -> Instruction:
        owner, tokens, battery, mint = share.address, share.token_account, self.address, self.created.mint
        match name:
            case "mint_to":
                return instructions.mint_to(
                    MintToParams(TOKEN_PROGRAM_ID, mint, tokens, self.operator_address, amount)
                )
            case "burn":
                return instructions.burn(BurnParams(TOKEN_PROGRAM_ID, tokens, mint, owner, amount))
            case "deposit_energy":
                return energy_allocation.deposit_energy(
                    owner=owner,
                    battery=battery,
                    mint=mint,
                    source=tokens,
                    amount=amount,
                    minimum_credit=self.created.credit_for(amount),
                )
            case "withdraw_energy":
                return energy_allocation.withdraw_energy(
                    owner=owner, battery=battery, destination=tokens, amount=amount
                )
            case "consume":
                return energy_allocation.consume(owner=owner, battery=battery, mint=mint, amount=amount)
            case "allocate":
                return energy_allocation.allocate(owner=owner, battery=battery, amount=amount)
            case _:
                return energy_allocation.deallocate(owner=owner, battery=battery, amount=amount)

    def compare(self, audit: BatteryAudit, supply: int) -> None:
        """Raise LedgerMismatchError unless the chain holds what the ledger says, to the last field."""
        if audit.violations:
            raise LedgerMismatchError("; ".join(audit.violations))
        members = {member.owner: member for member in audit.members}
        stored = self.available + self.allocated
        expected = {"the vault": stored, "the mint's supply": stored} | _fields(
            f"the {self.measure.pool}", self._battery()
        )
        actual = {"the vault": audit.vault_amount, "the mint's supply": supply} | _fields(
            f"the {self.measure.pool}", audit.battery
        )
        for name, share in self.shares.items():
            expected |= _fields(f"member {name}", share.as_member(self.address))
            actual |= _fields(f"member {name}", members[share.address])
        for what, value in expected.items():
            if actual[what] != value:
                raise LedgerMismatchError(f"{what} is {actual[what]} on the chain, {value} in the ledger")

    def report(
        self,
        audit: BatteryAudit,
        supply: int,
        intervals: tuple[IntervalReport, ...],
        readings: Readings,
        seconds: float,
    ) -> Report:
        return Report(
            measure=self.measure,
            capacity=audit.battery.capacity,
            efficiency_bps=audit.battery.efficiency_bps,
            allocation_limit=audit.battery.allocation_limit,
            allocation_lifetime_s=audit.battery.allocation_lifetime,
            interval_s=readings.interval.total_seconds(),
            members=tuple(
                MemberReport(name, share.flows, share.balance, share.allocated)
                for name, share in self.shares.items()
            ),
            intervals=intervals,
            total=sum((each.flows for each in intervals), Flows()),
            available=audit.battery.available,
            allocated=audit.battery.allocated,
            vault=audit.vault_amount,
            supply=supply,
            instructions=dict(self.instructions),
            transactions=self.transactions,
            readings=len(readings),
            seconds=seconds,
        )

    def _battery(self) -> Battery:
        operations = ("deposit_energy", "withdraw_energy", "allocate", "deallocate", "consume")
        return replace(
            self.created,
            available=self.available,
            allocated=self.allocated,
            sequence=self.created.sequence + sum(self.instructions[name] for name in operations),
        )


def _fields(name: str, record: Battery | Member) -> dict[str, object]:
    return {f"{name}'s {field.name}": getattr(record, field.name) for field in fields(record)}


async def funded_wallet(connection: AsyncClient) -> Keypair:
    """A new keypair with SOL of the chain's faucet, for rent and fees. Raises RPCException."""
    wallet = Keypair()
    await connection.confirm_transaction((await connection.request_airdrop(wallet.pubkey(), _LAMPORTS)).value)
    return wallet
