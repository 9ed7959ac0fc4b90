"""The virtual_power_plant program on a chain, whichever: the connection alone decides which one it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from solders.account import Account
from solders.pubkey import Pubkey
from solders.signature import Signature
from spl.token.instructions import get_associated_token_address

from amalgam.chain.program_client import (
    FreeAccount,
    PendingSettlement,
    ProgramClient,
    Unsettled,
    free_account,
    token_amount,
)
from amalgam.vpp import program as virtual_power_plant
from amalgam.vpp.program import (
    PROGRAM_ID,
    Commitment,
    Dispatch,
    Plant,
    energy_vault_address,
    payment_vault_address,
)


@dataclass(frozen=True, slots=True)
class PlantAudit:
    """A plant beside its vaults, dispatches and commitments, as of one moment. Amounts are base units."""

    plant: Plant
    dispatches: list[Dispatch]
    commitments: list[Commitment]
    energy_vault: int
    payment_vault: int

    @property
    def energy_due(self) -> int:
        """Energy delivered to dispatches that are not settled."""
        return sum(each.credited + each.surplus for each in self.dispatches if each.active)

    @property
    def payment_due(self) -> int:
        """Payment due to dispatches and commitments that are not settled, as things stand."""
        dispatches = {each.address: each for each in self.dispatches}
        operators = sum(each.remainder for each in self.dispatches if each.active)
        pools = sum(each.unpaid_pool for each in self.dispatches)
        owners = sum(each.due(dispatches[each.dispatch]) for each in self.commitments if each.active)
        return operators + pools + owners

    @property
    def violations(self) -> list[str]:
        """Which of what always holds does not; empty if everything agrees."""
        plant = self.plant
        checks = {
            f"{self.energy_due} of energy are due, the plant holds {plant.energy_held}": (
                self.energy_due == plant.energy_held
            ),
            f"{self.payment_due} of payment are due, the plant holds {plant.payment_held}": (
                self.payment_due == plant.payment_held
            ),
            f"the energy vault has {self.energy_vault}, the plant holds {plant.energy_held}": (
                self.energy_vault >= plant.energy_held
            ),
            f"the payment vault has {self.payment_vault}, the plant holds {plant.payment_held}": (
                self.payment_vault >= plant.payment_held
            ),
        }
        return [violation for violation, holds in checks.items() if not holds]


class Settlement(NamedTuple):
    """A dispatch after it was settled."""

    dispatch: Dispatch  # as it is in the end
    signatures: list[Signature]  # of the transactions sent, in their order
    unsettled: dict[Pubkey, Unsettled]  # the dispatch, and commitments, that wait on, by their addresses


class PowerPlantClient(ProgramClient):
    """Sends instructions, as `program` builds them, and reads accounts as they are now."""

    _program_id = PROGRAM_ID

    async def settle(self, address: Pubkey, step: Callable[[], object] = lambda: None) -> Settlement:
        """Settle a dispatch that is over: what is the operator's, and every commitment that waits.

        At the payer's expense, with as many instructions in a transaction as it holds. Tokens go to the
        owners' associated accounts. Nobody's but the payer's own is created: whoever lacks one is skipped,
        and settled once they have opened it. What cannot be settled holds up nothing else; if the dispatch
        is not over yet, that is all of it.

        Args:
            address: The dispatch's.
            step: Called for each that is settled.

        Raises LookupError if there is no such dispatch.
        """

        async def waits(account: Pubkey) -> bool:
            read = self.dispatch if account == address else self.commitment
            return (await read(account)).active

        signatures: list[Signature] = []
        send = self._sending(f"settle dispatch {address}", signatures, step)
        dispatch = await self.dispatch(address)
        plant = await self.plant(dispatch.plant)
        commitments = await self.commitments(dispatch.plant, dispatch=address)
        waiting = {each.address: each for each in commitments if each.active}
        reasons = await self._settled(self._pending(plant, dispatch, waiting), send, waits)
        ended = await self.dispatch(address)
        unsettled: dict[Pubkey, Unsettled] = {}
        for account, reason in reasons.items():
            if account == address:
                energy = ended.credited + ended.surplus
                unsettled[account] = Unsettled(plant.authority, energy, ended.remainder, reason)
            else:
                each = waiting[account]
                share = ended.share(max(each.delivered - each.amount, 0))
                unsettled[account] = Unsettled(each.owner, 0, each.due(ended) + share, reason)
        return Settlement(ended, signatures, unsettled)

    def _pending(
        self, plant: Plant, dispatch: Dispatch, waiting: dict[Pubkey, Commitment]
    ) -> list[PendingSettlement]:
        """How the operator's part of a dispatch and each commitment are settled, as far as they wait."""
        address = dispatch.address
        pending: list[PendingSettlement] = []
        if dispatch.active:
            operators = [(plant.authority, mint) for mint in (plant.energy_mint, plant.payment_mint)]
            energy, payment = (get_associated_token_address(*each) for each in operators)
            settle = virtual_power_plant.settle_dispatch(
                plant=dispatch.plant,
                dispatch=address,
                energy_destination=energy,
                payment_destination=payment,
            )
            pending.append(PendingSettlement(address, operators, settle))
        for each in waiting.values():
            owner = each.owner, plant.payment_mint
            settle = virtual_power_plant.settle_commitment(
                plant=each.plant,
                dispatch=address,
                commitment=each.address,
                destination=get_associated_token_address(*owner),
            )
            pending.append(PendingSettlement(each.address, [owner], settle))
        return pending

    async def plant(self, address: Pubkey) -> Plant:
        """The plant at an address. Raises LookupError if there is none."""
        return await self._record(Plant, address)

    async def dispatch(self, address: Pubkey) -> Dispatch:
        """The dispatch account at an address. Raises LookupError if it was never opened."""
        return await self._record(Dispatch, address)

    async def dispatches(self, plant: Pubkey) -> list[Dispatch]:
        """All dispatches of a plant that were ever opened, in the order of their numbers."""
        dispatches = await self._records(Dispatch, Dispatch.filters(plant))
        return sorted(dispatches, key=lambda dispatch: dispatch.number)

    async def free_dispatch(self, plant: Pubkey) -> FreeAccount:
        """The plant's first dispatch account that is not in use. Raises NoFreeNumberError."""
        used = {each.address: not each.is_free for each in await self.dispatches(plant)}
        return free_account(lambda number: virtual_power_plant.dispatch_address(plant, number), used)

    async def commitment(self, address: Pubkey) -> Commitment:
        """The commitment account at an address. Raises LookupError if it was never opened."""
        return await self._record(Commitment, address)

    async def commitments(self, plant: Pubkey, **of: Pubkey) -> list[Commitment]:
        """A plant's commitments that were ever opened, in the order of owners and numbers.

        Those of one `owner`, or with which they committed last to one `dispatch`, if it is given.
        """
        commitments = await self._records(Commitment, Commitment.filters(plant, **of))
        return sorted(commitments, key=lambda each: (bytes(each.owner), each.number))

    async def free_commitment(self, plant: Pubkey, owner: Pubkey) -> FreeAccount:
        """The owner's first commitment account that is not in use. Raises NoFreeNumberError."""
        used = {each.address: each.active for each in await self.commitments(plant, owner=owner)}
        return free_account(lambda number: virtual_power_plant.commitment_address(plant, owner, number), used)

    async def audit(self, plant: Pubkey) -> PlantAudit:
        """A plant beside all that belongs to it. Raises LookupError if there is no plant.

        Reads again while operations land in between, which the plant counts; raises TimeoutError if that
        never stops.
        """

        async def look(found: Plant, beside: Sequence[Account | None]) -> PlantAudit:
            dispatches, commitments = await self.dispatches(plant), await self.commitments(plant)
            return PlantAudit(found, dispatches, commitments, *map(token_amount, beside))

        vaults = [energy_vault_address(plant), payment_vault_address(plant)]
        return await self._audited(Plant, plant, vaults, look)
