"""A meter's agent: reports what its register shows, signed with its device's key.

Reports are cumulative, and so it keeps nothing of its own but the journal of what it has signed: what is
lost, late, or was interrupted, the next report makes up for.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import NamedTuple

from solana.rpc.async_api import AsyncClient
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from spl.token.instructions import create_idempotent_associated_token_account, get_associated_token_address

from amalgam.chain.errors import Refused
from amalgam.chain.journal import Entry, Journal
from amalgam.metering import program as energy_metering
from amalgam.metering.client import EnergyMeteringClient
from amalgam.metering.program import Meter, mint_address
from amalgam.metering.sources.sunspec import RegisterReading, RegisterSource
from amalgam.units import utc

_OF_ONE_READING = {
    "reading is not newer than the latest",
    "register has fallen",
    "register has risen faster than the rated power",
}


class Reported(NamedTuple):
    """A reading that was sent, what was minted for it, and its transaction, or why it was refused."""

    reading: RegisterReading
    amount: int  # base units
    outcome: Signature | Refused


class MeterAgent:
    """Reports the registers of one device to one issuer, to the associated token account of its owner."""

    def __init__(
        self,
        connection: AsyncClient,
        issuer: Pubkey,
        device: Keypair,
        source: RegisterSource,
        *,
        payer: Keypair,
        journal: Journal,
    ) -> None:
        """Use a journal of the device's own: what others have signed is theirs to bring to an end."""
        self._connection = connection
        self._client = EnergyMeteringClient(connection, payer, journal=journal)
        self._issuer = issuer
        self._device = device
        self._address = device.pubkey()
        self._payer = payer.pubkey()
        self._source = source

    async def settle(self) -> list[Entry]:
        """Bring to an end what was signed before, which is returned. Raises as `Sender.resolve`."""
        return await self._client.sender.resolve()

    async def due(self) -> tuple[Meter, list[RegisterReading]]:
        """The meter as it is, and what it has not reported. Raises LookupError, and as its source does."""
        meter = await self._client.meter(self._issuer, self._address)
        return meter, await self._source.readings(meter)

    async def report(self) -> AsyncIterator[Reported]:
        """Report what is due, oldest first, until one is refused for what the next would be refused for too.

        Raises what `due` and `Sender.send` raise, but for Refused.
        """
        meter, readings = await self.due()
        for reading in readings:
            try:
                outcome = await self._client.sender.send(
                    await self.instructions(meter.owner, reading),
                    self._device,
                    purpose=f"report {reading.register} of {self._address}, read at {utc(reading.read_at)}",
                )
            except Refused as refusal:
                yield Reported(reading, 0, refusal)
                if refusal.message in _OF_ONE_READING:
                    continue
                return
            yield Reported(reading, reading.register - meter.register, outcome)
            meter = replace(meter, register=reading.register, read_at=reading.read_at)

    async def instructions(self, owner: Pubkey, reading: RegisterReading) -> list[Instruction]:
        """A report, and before it the making of the owner's token account where there is none."""
        mint = mint_address(self._issuer)
        destination = get_associated_token_address(owner, mint)
        making: list[Instruction] = []
        if (await self._connection.get_account_info(destination)).value is None:
            making = [create_idempotent_associated_token_account(self._payer, owner, mint)]
        reporting = energy_metering.report(
            device=self._address, issuer=self._issuer, destination=destination, **reading._asdict()
        )
        return [*making, reporting]
