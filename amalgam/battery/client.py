"""The energy_allocation program on a chain, whichever: the connection alone decides which one it is."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from solders.account import Account
from solders.pubkey import Pubkey

from amalgam.battery.program import PROGRAM_ID, Battery, Member, member_address, vault_address
from amalgam.chain.program_client import ProgramClient, token_amount
from amalgam.units import MEASURES, counted


@dataclass(frozen=True, slots=True)
class BatteryAudit:
    """A battery beside its vault and all of its members, as of one moment. Amounts are base units."""

    battery: Battery
    members: list[Member]
    vault_amount: int

    @property
    def donations(self) -> int:
        """Tokens sent straight to the vault, which are nobody's; negative if tokens are missing."""
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
            f"the {pool} counts {counted(battery.member_count, 'member')}, "
            f"the chain has {len(self.members)}": (len(self.members) == battery.member_count),
        }
        return [violation for violation, holds in checks.items() if not holds]


class EnergyAllocationClient(ProgramClient):
    """Sends instructions, as `program` builds them, and reads accounts as they are now."""

    _program_id = PROGRAM_ID

    async def battery(self, address: Pubkey) -> Battery:
        """The battery at an address. Raises LookupError if there is none."""
        return await self._record(Battery, address)

    async def member(self, battery: Pubkey, owner: Pubkey) -> Member:
        """The owner's share of a battery. Raises LookupError if the owner has none."""
        return await self._record(Member, member_address(battery, owner))

    async def share(self, battery: Pubkey, owner: Pubkey) -> tuple[Battery, Member | None]:
        """A battery, and the owner's share if there is one, read at once. Raises LookupError as `battery`."""
        addresses = [battery, member_address(battery, owner)]
        pool, member = (await self._connection.get_multiple_accounts(addresses)).value
        found = self._found(Battery, pool, battery)
        with suppress(LookupError):
            return found, self._found(Member, member, addresses[1])
        return found, None

    async def members(self, battery: Pubkey) -> list[Member]:
        """All members of a battery, in the order of their owners' keys."""
        members = await self._records(Member, Member.filters(battery))
        return sorted(members, key=lambda member: bytes(member.owner))

    async def audit(self, battery: Pubkey) -> BatteryAudit:
        """A battery beside its vault and its members. Raises LookupError if there is no battery.

        Reads again while operations land in between, which the battery counts; raises TimeoutError if that
        never stops.
        """

        async def look(pool: Battery, beside: Sequence[Account | None]) -> BatteryAudit:
            return BatteryAudit(pool, await self.members(battery), *map(token_amount, beside))

        return await self._audited(Battery, battery, [vault_address(battery)], look)
