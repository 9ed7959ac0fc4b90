"""Finds issuers and meters on a command's cluster, or says what there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amalgam.cli.session import Session

if TYPE_CHECKING:
    from solders.instruction import Instruction
    from solders.pubkey import Pubkey

    from amalgam.cli.history import Subject
    from amalgam.metering.client import EnergyMeteringClient
    from amalgam.metering.program import Issuer, Meter


def client(session: Session) -> EnergyMeteringClient:
    """Reads energy_metering's accounts."""
    from amalgam.metering.client import EnergyMeteringClient

    return EnergyMeteringClient(session.connection)


async def find_issuer(session: Session, address: Pubkey) -> Issuer:
    """The issuer at an address."""
    with session.finding(f"no issuer at {address}"):
        return await client(session).issuer(address)


async def find_meter(session: Session, issuer: Pubkey, device: Pubkey) -> Meter:
    """The meter that an issuer has of a device."""
    with session.finding(
        f"no meter of device {device} with issuer {issuer}",
        f"have its authority run: amalgam meter register {issuer} {device} OWNER",
    ):
        return await client(session).meter(issuer, device)


async def history_subject(session: Session, address: Pubkey, record: object) -> Subject | None:
    """The subject of an issuer's history."""
    from amalgam.cli.history import Subject
    from amalgam.metering.program import Issuer
    from amalgam.metering.words import devices_of, measure_of

    if not isinstance(record, Issuer):
        return None
    devices = devices_of(await client(session).meters(address))
    return Subject(address, record.sequence, measure_of(record), devices)


def return_rent(record: object, address: Pubkey, signer: Pubkey, amount: int) -> Instruction | None:  # noqa: ARG001
    """What gives the signer `amount` lamports of a meter's account; None if the record is none."""
    from amalgam.metering.program import Meter, return_rent

    if not isinstance(record, Meter):
        return None
    return return_rent(authority=signer, issuer=record.issuer, device=record.device, amount=amount)
