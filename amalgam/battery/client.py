"""The energy_allocation program on a chain, whichever: the connection alone decides which one it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from solana.rpc.async_api import AsyncClient
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

from amalgam.battery import program as energy_allocation
from amalgam.battery.program import PROGRAM_ID, Battery, Member, member_address, vault_address
from amalgam.chain.journal import Journal
from amalgam.chain.program_client import ProgramClient, token_amount
from amalgam.units import MEASURES, Resource


@dataclass(frozen=True, slots=True)
class BatteryAudit:
    """A battery beside its vault and all of its members, as of one moment. Amounts are base units."""

    battery: Battery
    members: list[Member]
    vault_amount: int

    @property
    def donations(self) -> int:
        """What was sent straight to the vault, and so is nobody's; negative if tokens are missing."""
        return self.vault_amount - self.battery.stored

    @property
    def violations(self) -> list[str]:
        """Which of what always holds does not; empty if the ledger and the vault agree."""
        battery, pool = self.battery, MEASURES[self.battery.resource].pool
        balances = sum(member.balance for member in self.members)
        allocated = sum(member.allocated for member in self.members)
        checks = {
            f"the vault holds {self.vault_amount}, the {pool} stores {battery.stored}": self.donations >= 0,
            f"the members' balances are {balances}, the {pool} stores {battery.stored}": (
                balances == battery.stored
            ),
            f"the members have {allocated} allocated, the {pool} {battery.allocated}": (
                allocated == battery.allocated
            ),
            f"the {pool} stores {battery.stored}, its capacity is {battery.capacity}": (
                battery.stored <= battery.capacity
            ),
            "a member has more allocated than their balance": all(
                member.allocated <= member.balance for member in self.members
            ),
            f"there are {len(self.members)} members, the {pool} counts {battery.member_count}": (
                len(self.members) == battery.member_count
            ),
        }
        return [violation for violation, holds in checks.items() if not holds]


class EnergyAllocationClient(ProgramClient):
    """The program's instructions as transactions, and its accounts as they are now."""

    _program_id = PROGRAM_ID

    def __init__(
        self, connection: AsyncClient, payer: Keypair | None = None, *, journal: Journal | None = None
    ) -> None:
        """As `ProgramClient`."""
        super().__init__(connection, payer, journal=journal)
        self._mints: dict[Pubkey, Pubkey] = {}  # by battery, whose address depends on it

    async def initialize(
        self,
        authority: Keypair,
        mint: Pubkey,
        *,
        resource: Resource,
        capacity: int,
        allocation_limit: int,
        allocation_lifetime: int,
        efficiency_bps: int,
    ) -> Signature:
        """Create a battery, at `battery_address(authority, mint)`, and its vault; the authority pays rent."""
        instruction = energy_allocation.initialize(
            authority=self._address(authority),
            mint=mint,
            resource=resource,
            capacity=capacity,
            allocation_limit=allocation_limit,
            allocation_lifetime=allocation_lifetime,
            efficiency_bps=efficiency_bps,
        )
        return await self.send(instruction, authority)

    async def open_member(self, battery: Pubkey, owner: Pubkey) -> Signature:
        """Create the owner's member account, at `member_address(battery, owner)`, at the payer's expense."""
        instruction = energy_allocation.open_member(payer=self.payer_address, battery=battery, owner=owner)
        return await self.send(instruction, self.payer)

    async def deposit(
        self, owner: Keypair, battery: Pubkey, *, source: Pubkey, amount: int, minimum_credit: int
    ) -> Signature:
        """Deposit from a token account of the owner's; `Battery.credit_for` tells what is credited."""
        instruction = energy_allocation.deposit_energy(
            owner=self._address(owner),
            battery=battery,
            mint=await self._mint(battery),
            source=source,
            amount=amount,
            minimum_credit=minimum_credit,
        )
        return await self.send(instruction, owner)

    async def withdraw(
        self, owner: Keypair, battery: Pubkey, *, destination: Pubkey, amount: int
    ) -> Signature:
        """Withdraw from the owner's unallocated balance to any token account of the battery's mint."""
        instruction = energy_allocation.withdraw_energy(
            owner=self._address(owner), battery=battery, destination=destination, amount=amount
        )
        return await self.send(instruction, owner)

    async def allocate(self, owner: Keypair, battery: Pubkey, *, amount: int) -> Signature:
        """Reserve a part of the owner's balance until the policy's lifetime has passed."""
        instruction = energy_allocation.allocate(owner=self._address(owner), battery=battery, amount=amount)
        return await self.send(instruction, owner)

    async def deallocate(self, owner: Keypair, battery: Pubkey, *, amount: int) -> Signature:
        """Release a part of what is reserved for the owner."""
        instruction = energy_allocation.deallocate(owner=self._address(owner), battery=battery, amount=amount)
        return await self.send(instruction, owner)

    async def consume(self, owner: Keypair, battery: Pubkey, *, amount: int) -> Signature:
        """Use a part of what is reserved for the owner: its tokens are burned."""
        instruction = energy_allocation.consume(
            owner=self._address(owner), battery=battery, mint=await self._mint(battery), amount=amount
        )
        return await self.send(instruction, owner)

    async def release_expired(self, battery: Pubkey, owner: Pubkey) -> Signature:
        """Return any owner's expired allocation to the pool; only the payer signs."""
        return await self.send(energy_allocation.release_expired(battery=battery, owner=owner), self.payer)

    async def set_policy(
        self,
        authority: Keypair,
        battery: Pubkey,
        *,
        capacity: int,
        allocation_limit: int,
        allocation_lifetime: int,
        efficiency_bps: int,
    ) -> Signature:
        """Set the battery's policy for what comes after."""
        instruction = energy_allocation.set_policy(
            authority=self._address(authority),
            battery=battery,
            capacity=capacity,
            allocation_limit=allocation_limit,
            allocation_lifetime=allocation_lifetime,
            efficiency_bps=efficiency_bps,
        )
        return await self.send(instruction, authority)

    async def set_member_limit(
        self, authority: Keypair, battery: Pubkey, owner: Pubkey, *, limit: int
    ) -> Signature:
        """Set what one member may have allocated at once; POLICY_LIMIT for as the policy says."""
        instruction = energy_allocation.set_member_limit(
            authority=self._address(authority), battery=battery, owner=owner, limit=limit
        )
        return await self.send(instruction, authority)

    async def pause(self, authority: Keypair, battery: Pubkey) -> Signature:
        """Stop deposits and allocations."""
        instruction = energy_allocation.pause(authority=self._address(authority), battery=battery)
        return await self.send(instruction, authority)

    async def resume(self, authority: Keypair, battery: Pubkey) -> Signature:
        """Take deposits and allocations again."""
        instruction = energy_allocation.resume(authority=self._address(authority), battery=battery)
        return await self.send(instruction, authority)

    async def propose_authority(self, authority: Keypair, battery: Pubkey, proposed: Pubkey) -> Signature:
        """Offer the authority to another key; proposing oneself cancels."""
        instruction = energy_allocation.propose_authority(
            authority=self._address(authority), battery=battery, proposed=proposed
        )
        return await self.send(instruction, authority)

    async def accept_authority(self, authority: Keypair, battery: Pubkey) -> Signature:
        """Become the battery's authority, as the key that was proposed."""
        instruction = energy_allocation.accept_authority(authority=self._address(authority), battery=battery)
        return await self.send(instruction, authority)

    async def battery(self, address: Pubkey) -> Battery:
        """The battery at an address. Raises LookupError if there is none."""
        return await self._record(Battery, address)

    async def member(self, battery: Pubkey, owner: Pubkey) -> Member:
        """The owner's share of a battery. Raises LookupError if the owner has none."""
        return await self._record(Member, member_address(battery, owner))

    async def members(self, battery: Pubkey) -> list[Member]:
        """All members of a battery, in the order of their owners' keys."""
        members = await self._records(Member, Member.filters(battery))
        return sorted(members, key=lambda member: bytes(member.owner))

    async def audit(self, battery: Pubkey) -> BatteryAudit:
        """A battery beside its vault and its members. Raises LookupError if there is no battery.

        Reads again while operations land in between, which the battery counts; raises TimeoutError where that
        never stops.
        """

        async def look(pool: Battery, beside: Sequence[Account | None]) -> BatteryAudit:
            return BatteryAudit(pool, await self.members(battery), *map(token_amount, beside))

        return await self._audited(Battery, battery, [vault_address(battery)], look)

    async def _mint(self, battery: Pubkey) -> Pubkey:
        if battery not in self._mints:
            self._mints[battery] = (await self.battery(battery)).mint
        return self._mints[battery]
