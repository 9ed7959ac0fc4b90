"""An issuer and its meters, rebuilt from their events alone, which `amalgam.chain.events` reads.

What was minted is summed up here, and every total that an event states is compared with the sum.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from solders.pubkey import Pubkey

from amalgam.chain.events import BrokenHistoryError
from amalgam.metering.program import (
    PROGRAM_ID,
    AuthorityAccepted,
    AuthorityProposed,
    DeviceReplaced,
    EnergyReported,
    Event,
    Issuer,
    IssuerInitialized,
    IssuerPaused,
    IssuerResumed,
    Meter,
    MeterRegistered,
    MeterRetired,
    issuer_address,
    meter_address,
    mint_address,
)


class History:
    """An issuer as its events tell it so far.

    Attributes:
        address: The issuer's.
        issuer: What the account at `address` holds after the latest event.
        meters: The same of each meter, by the address of its account.
    """

    def __init__(self, first: IssuerInitialized) -> None:
        """Begin with an issuer's first event."""
        creator = first.authority
        seeds = [b"issuer", bytes(creator), bytes([first.number])]
        _, bump = Pubkey.find_program_address(seeds, PROGRAM_ID)
        self.address = first.issuer
        self.issuer = Issuer(
            creator=creator,
            authority=creator,
            pending_authority=creator,
            mint=mint_address(first.issuer),
            minted=0,
            meter_count=0,
            sequence=1,
            number=first.number,
            resource=first.resource,
            paused=False,
            bump=bump,
        )
        self.meters: dict[Pubkey, Meter] = {}
        self._compare(first)

    @classmethod
    def of(cls, story: Iterable[Event]) -> "History":
        """An issuer as all of its events so far tell it. Raises BrokenHistoryError."""
        first, *rest = story
        if not isinstance(first, IssuerInitialized):
            raise BrokenHistoryError(
                f"event {first.sequence} is the first there is, and not the issuer's first"
            )
        history = cls(first)
        for event in rest:
            history.apply(event)
        return history

    @property
    def accounts(self) -> dict[Pubkey, Issuer | Meter]:
        """The issuer and its meters, by the addresses of their accounts."""
        return {self.address: self.issuer, **self.meters}

    def apply(self, event: Event, _unix_timestamp: int | None = None, /) -> None:
        """Take the issuer's next event. Raises BrokenHistoryError; the history is of no use after that.

        The time of its block, which other programs' histories need, makes no difference.
        """
        if event.issuer != self.address:
            raise BrokenHistoryError(f"event {event.sequence} is of issuer {event.issuer}")
        if event.sequence != self.issuer.sequence + 1:
            raise BrokenHistoryError(f"event {event.sequence} comes after event {self.issuer.sequence}")
        self._set(sequence=event.sequence)
        match event:
            case MeterRegistered():
                self._add(event, event.meter, event.owner, event.rated_power)
            case EnergyReported():
                meter = self._meter(event.meter)
                rise = event.register - meter.register
                if rise < 0 or event.read_at <= meter.read_at or meter.retired:
                    raise BrokenHistoryError(f"event {event.sequence} is a report that is refused")
                self._set_meter(
                    event.meter, register=event.register, read_at=event.read_at, minted=meter.minted + rise
                )
                self._set(minted=self.issuer.minted + rise)
                self._compare_one(event, "amount", rise)
            case DeviceReplaced():
                meter = self._meter(event.meter)
                self._set_meter(event.meter, retired=True)
                self._add(event, event.replacement, meter.owner, meter.rated_power)
            case MeterRetired():
                self._set_meter(event.meter, retired=True)
            case IssuerPaused() | IssuerResumed():
                self._set(paused=isinstance(event, IssuerPaused))
            case AuthorityProposed():
                self._set(pending_authority=event.proposed)
            case AuthorityAccepted():
                self._set(authority=event.authority)
            case IssuerInitialized():
                raise BrokenHistoryError(f"event {event.sequence} initializes the issuer again")
        self._compare(event)

    def _add(
        self, event: MeterRegistered | DeviceReplaced, address: Pubkey, owner: Pubkey, rated_power: int
    ) -> None:
        if address != meter_address(self.address, event.device) or address in self.meters:
            raise BrokenHistoryError(f"event {event.sequence} registers device {event.device} at {address}")
        self.meters[address] = Meter(
            issuer=self.address,
            device=event.device,
            owner=owner,
            rated_power=rated_power,
            register=event.register,
            read_at=event.read_at,
            minted=0,
            retired=False,
        )
        self._set(meter_count=self.issuer.meter_count + 1)

    def _set(self, **fields: Any) -> None:
        self.issuer = replace(self.issuer, **fields)

    def _meter(self, address: Pubkey) -> Meter:
        if address not in self.meters:
            raise BrokenHistoryError(f"event {self.issuer.sequence} is of meter {address}, never registered")
        return self.meters[address]

    def _set_meter(self, address: Pubkey, **fields: Any) -> None:
        self.meters[address] = replace(self._meter(address), **fields)

    def _compare(self, event: Event) -> None:
        """Raise BrokenHistoryError unless the event states what follows from those before it."""
        self._compare_one(event, "minted", self.issuer.minted)
        self._compare_one(event, "meter_count", self.issuer.meter_count)
        match event:
            case IssuerInitialized():
                self._compare_one(event, "issuer", issuer_address(event.authority, event.number))
                self._compare_one(event, "mint", self.issuer.mint)
                self._compare_one(event, "sequence", 1)
            case EnergyReported():
                self._compare_one(event, "meter_minted", self._meter(event.meter).minted)
            case AuthorityAccepted():
                self._compare_one(event, "authority", self.issuer.pending_authority)
            case _:
                pass

    def _compare_one(self, event: Event, name: str, value: Any) -> None:
        stated = getattr(event, name)
        if stated != value:
            raise BrokenHistoryError(f"event {event.sequence} states {name} {stated} instead of {value}")
