"""The energy_metering program on a chain, whichever: the connection alone decides which one it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.token.state import Mint

from amalgam.chain.program_client import ProgramClient
from amalgam.metering import program as energy_metering
from amalgam.metering.program import PROGRAM_ID, Issuer, Meter, meter_address, mint_address
from amalgam.units import Resource


@dataclass(frozen=True, slots=True)
class IssuerAudit:
    """An issuer beside its mint and all of its meters, as of one moment. Amounts are base units."""

    issuer: Issuer
    meters: list[Meter]
    supply: int

    @property
    def burned(self) -> int:
        """What was minted and is no more: consumed, or lost in charging."""
        return self.issuer.minted - self.supply

    @property
    def violations(self) -> list[str]:
        """Which of what always holds does not; empty where meters, issuer and mint agree."""
        issuer = self.issuer
        minted = sum(meter.minted for meter in self.meters)
        checks = {
            f"the meters have brought {minted}, the issuer minted {issuer.minted}": minted == issuer.minted,
            f"there are {self.supply} tokens, the issuer minted {issuer.minted}": self.burned >= 0,
            f"there are {len(self.meters)} meters, the issuer counts {issuer.meter_count}": (
                len(self.meters) == issuer.meter_count
            ),
        }
        return [violation for violation, holds in checks.items() if not holds]


class EnergyMeteringClient(ProgramClient):
    """The program's instructions as transactions, and its accounts as they are now."""

    _program_id = PROGRAM_ID

    async def initialize(self, authority: Keypair, *, resource: Resource, number: int) -> Signature:
        """Create an issuer, at `issuer_address(authority, number)`, and its mint; the authority pays rent."""
        instruction = energy_metering.initialize(
            authority=self._address(authority), resource=resource, number=number
        )
        return await self.send(instruction, authority)

    async def register_meter(
        self,
        authority: Keypair,
        issuer: Pubkey,
        *,
        device: Pubkey,
        owner: Pubkey,
        rated_power: int,
        register: int,
    ) -> Signature:
        """Believe a device from now on; rated power is in base units an hour, and the authority pays rent."""
        instruction = energy_metering.register_meter(
            authority=self._address(authority),
            issuer=issuer,
            device=device,
            owner=owner,
            rated_power=rated_power,
            register=register,
        )
        return await self.send(instruction, authority)

    async def report(
        self, device: Keypair, issuer: Pubkey, *, destination: Pubkey, register: int, read_at: int
    ) -> Signature:
        """Report what a device's register stood at, in Unix seconds; its rise is minted to the owner."""
        instruction = energy_metering.report(
            device=self._address(device),
            issuer=issuer,
            destination=destination,
            register=register,
            read_at=read_at,
        )
        return await self.send(instruction, device)

    async def replace_device(
        self, authority: Keypair, issuer: Pubkey, *, retired: Pubkey, device: Pubkey, register: int
    ) -> Signature:
        """Believe another device instead of the one `retired`, from where its register stands."""
        instruction = energy_metering.replace_device(
            authority=self._address(authority),
            issuer=issuer,
            retired=retired,
            device=device,
            register=register,
        )
        return await self.send(instruction, authority)

    async def retire_meter(self, authority: Keypair, issuer: Pubkey, device: Pubkey) -> Signature:
        """Believe a device no more, for ever."""
        instruction = energy_metering.retire_meter(
            authority=self._address(authority), issuer=issuer, device=device
        )
        return await self.send(instruction, authority)

    async def pause(self, authority: Keypair, issuer: Pubkey) -> Signature:
        """Stop reports."""
        instruction = energy_metering.pause(authority=self._address(authority), issuer=issuer)
        return await self.send(instruction, authority)

    async def resume(self, authority: Keypair, issuer: Pubkey) -> Signature:
        """Take reports again."""
        instruction = energy_metering.resume(authority=self._address(authority), issuer=issuer)
        return await self.send(instruction, authority)

    async def propose_authority(self, authority: Keypair, issuer: Pubkey, proposed: Pubkey) -> Signature:
        """Offer the authority to another key; proposing oneself cancels."""
        instruction = energy_metering.propose_authority(
            authority=self._address(authority), issuer=issuer, proposed=proposed
        )
        return await self.send(instruction, authority)

    async def accept_authority(self, authority: Keypair, issuer: Pubkey) -> Signature:
        """Become the issuer's authority, as the key that was proposed."""
        instruction = energy_metering.accept_authority(authority=self._address(authority), issuer=issuer)
        return await self.send(instruction, authority)

    async def issuer(self, address: Pubkey) -> Issuer:
        """The issuer at an address. Raises LookupError if there is none."""
        return await self._record(Issuer, address)

    async def meter(self, issuer: Pubkey, device: Pubkey) -> Meter:
        """What an issuer knows of a device. Raises LookupError if it was never registered."""
        return await self._record(Meter, meter_address(issuer, device))

    async def meters(self, issuer: Pubkey) -> list[Meter]:
        """All meters of an issuer, also those retired, in the order of their devices' keys."""
        meters = await self._records(Meter, Meter.filters(issuer))
        return sorted(meters, key=lambda meter: bytes(meter.device))

    async def audit(self, issuer: Pubkey) -> IssuerAudit:
        """An issuer beside its mint and its meters. Raises LookupError if there is no issuer.

        Reads again while operations land in between, which the issuer counts; raises TimeoutError where that
        never stops.
        """

        async def look(found: Issuer, beside: Sequence[Account | None]) -> IssuerAudit:
            (mint,) = beside
            supply = Mint.from_bytes(mint.data).supply if mint else 0
            return IssuerAudit(found, await self.meters(issuer), supply)

        return await self._audited(Issuer, issuer, [mint_address(issuer)], look)
