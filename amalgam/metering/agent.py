"""A meter's agent: reports what its register shows, signed with its device's key.

Reports are cumulative, and so it needs no more state than the journal of what it has signed: what is lost,
late, or was interrupted, the next report makes up for.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from solana.rpc.async_api import AsyncClient
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

from amalgam.chain.errors import Refused
from amalgam.chain.journal import Entry, Journal, Outcome
from amalgam.chain.tokens import payee
from amalgam.csv_rows import ReadingsError
from amalgam.metering import program as energy_metering
from amalgam.metering.client import EnergyMeteringClient
from amalgam.metering.program import Meter, mint_address
from amalgam.metering.sources.protocol import OlderRow, RegisterReading, RegisterSource
from amalgam.units import utc

_OF_ONE_READING = {
    "reading is not newer than the latest",
    "register has fallen",
    "register has risen faster than the rated power",
}


class Due(NamedTuple):
    """Readings of a meter that are not reported yet, and rows of its file that never will be.

    Attributes:
        meter: As the chain has it.
        readings: Newer than the latest report, oldest first.
        late: Rows that are older than the latest report, and were never reported.
        early: Likewise, of what the register showed before the meter was registered.
        unreadable: Rows that cannot be read.
    """

    meter: Meter
    readings: Sequence[RegisterReading]
    late: Sequence[OlderRow]
    early: Sequence[OlderRow]
    unreadable: Sequence[ReadingsError]


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
        self._journal = journal
        self._source = source
        self._reported = set[RegisterReading]()  # or refused, by this process
        self._landed: set[str] | None = None  # purposes of what earlier ones have reported, once it is needed

    async def settle(self) -> list[Entry]:
        """Bring to an end what was signed before, which is returned. Raises as `Sender.resolve`."""
        self._landed = None
        return await self._client.sender.resolve()

    async def due(self) -> Due:
        """Read the meter, and what it has not reported. Raises LookupError, and as its source does."""
        meter = await self._client.meter(self._issuer, self._address)
        found = await self._source.read(meter)
        skipped = [row for row in found.older if not self._is_reported(meter, row.reading)]
        first = meter.register - meter.minted
        late = [row for row in skipped if row.reading.register > first]
        early = [row for row in skipped if row.reading.register <= first]
        return Due(meter, found.readings, late, early, found.unreadable)

    async def report(self, due: Due) -> AsyncIterator[Reported]:
        """Report what is due, oldest first, until one is refused for what the next would be refused for too.

        Raises MissingTokenAccountError, and what `Sender.send` raises, but for Refused.
        """
        meter = due.meter
        for reading in due.readings:
            try:
                outcome = await self._client.sender.send(
                    [await self.instruction(meter.owner, reading)],
                    self._device,
                    purpose=self._purpose(reading),
                )
            except Refused as refusal:
                yield Reported(reading, 0, refusal)
                if refusal.message in _OF_ONE_READING:
                    self._reported.add(reading)
                    continue
                return
            self._reported.add(reading)
            yield Reported(reading, reading.register - meter.register, outcome)
            meter = replace(meter, register=reading.register, read_at=reading.read_at)

    async def instruction(self, owner: Pubkey, reading: RegisterReading) -> Instruction:
        """Build a report. Raises MissingTokenAccountError."""
        return energy_metering.report(
            device=self._address,
            issuer=self._issuer,
            destination=await payee(self._connection, owner, mint_address(self._issuer)),
            **reading._asdict(),
        )

    def _purpose(self, reading: RegisterReading) -> str:
        return f"report {reading.register} of {self._address}, read at {utc(reading.read_at)}"

    def _is_reported(self, meter: Meter, reading: RegisterReading) -> bool:
        if reading == (meter.register, meter.read_at) or reading in self._reported:
            return True
        if self._landed is None:
            self._landed = {entry.purpose for entry in self._journal.entries(outcome=Outcome.LANDED)}
        return self._purpose(reading) in self._landed
