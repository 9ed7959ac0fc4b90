"""The energy_metering program on a chain, whichever: the connection alone decides which one it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from solders.account import Account
from solders.pubkey import Pubkey
from solders.token.state import Mint

from amalgam.chain.program_client import ProgramClient
from amalgam.metering.program import PROGRAM_ID, Issuer, Meter, meter_address, mint_address
from amalgam.units import counted


@dataclass(frozen=True, slots=True)
class IssuerAudit:
    """An issuer beside its mint and all of its meters, as of one moment. Amounts are base units."""

    issuer: Issuer
    meters: list[Meter]
    supply: int

    @property
    def burned(self) -> int:
        """Energy that was minted and is gone: consumed, or lost in charging."""
        return self.issuer.minted - self.supply

    @property
    def violations(self) -> list[str]:
        """Which of what always holds does not; empty if meters, issuer and mint agree."""
        issuer = self.issuer
        minted = sum(meter.minted for meter in self.meters)
        checks = {
            f"the meters have brought {minted}, the issuer minted {issuer.minted}": minted == issuer.minted,
            f"the mint's supply is {self.supply}, the issuer minted {issuer.minted}": self.burned >= 0,
            f"the issuer counts {counted(issuer.meter_count, 'meter')}, the chain has {len(self.meters)}": (
                len(self.meters) == issuer.meter_count
            ),
        }
        return [violation for violation, holds in checks.items() if not holds]


class EnergyMeteringClient(ProgramClient):
    """Sends instructions, as `program` builds them, and reads accounts as they are now."""

    _program_id = PROGRAM_ID

    async def issuer(self, address: Pubkey) -> Issuer:
        """The issuer at an address. Raises LookupError if there is none."""
        return await self._record(Issuer, address)

    async def meter(self, issuer: Pubkey, device: Pubkey) -> Meter:
        """The meter that an issuer has of a device. Raises LookupError if it was never registered."""
        return await self._record(Meter, meter_address(issuer, device))

    async def meters(self, issuer: Pubkey) -> list[Meter]:
        """All meters of an issuer, also those retired, in the order of their devices' keys."""
        meters = await self._records(Meter, Meter.filters(issuer))
        return sorted(meters, key=lambda meter: bytes(meter.device))

    async def audit(self, issuer: Pubkey) -> IssuerAudit:
        """An issuer beside its mint and its meters. Raises LookupError if there is no issuer.

        Reads again while operations land in between, which the issuer counts; raises TimeoutError if that
        never stops.
        """

        async def look(found: Issuer, beside: Sequence[Account | None]) -> IssuerAudit:
            (mint,) = beside
            supply = Mint.from_bytes(mint.data).supply if mint else 0
            return IssuerAudit(found, await self.meters(issuer), supply)

        return await self._audited(Issuer, issuer, [mint_address(issuer)], look)
