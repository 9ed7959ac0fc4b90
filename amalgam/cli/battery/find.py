"""Finds batteries and their members on a command's cluster, or says what there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amalgam.cli.session import Session
from amalgam.units import ANY_POOL, MEASURES

if TYPE_CHECKING:
    from solders.instruction import Instruction
    from solders.pubkey import Pubkey

    from amalgam.battery.client import EnergyAllocationClient
    from amalgam.battery.program import Battery, Member
    from amalgam.cli.history import Subject


def client(session: Session) -> EnergyAllocationClient:
    """Reads energy_allocation's accounts."""
    from amalgam.battery.client import EnergyAllocationClient

    return EnergyAllocationClient(session.connection)


async def find_battery(session: Session, address: Pubkey) -> Battery:
    """The battery at an address, in whose words failures are told from then on."""
    with session.finding(f"no {ANY_POOL} at {address}"):
        found = await client(session).battery(address)
    session.measure = MEASURES[found.resource]
    return found


async def find_share(session: Session, battery: Pubkey, owner: Pubkey) -> tuple[Battery, Member]:
    """A battery, as `find_battery`, and the owner's share of it, read at once."""
    with session.finding(f"no {ANY_POOL} at {battery}"):
        found, member = await client(session).share(battery, owner)
    session.measure = MEASURES[found.resource]
    if member is None:
        raise session.not_found(
            f"no member {owner} of battery {battery}", f"run: amalgam member open {battery} {owner}"
        )
    return found, member


async def history_subject(session: Session, address: Pubkey, record: object) -> Subject | None:
    """The subject of a battery's history."""
    from amalgam.battery.program import Battery
    from amalgam.battery.words import measure_of, owners_of
    from amalgam.cli.history import Subject

    if not isinstance(record, Battery):
        return None
    owners = owners_of(address, await client(session).members(address))
    return Subject(address, record.sequence, measure_of(record), owners)


def return_rent(record: object, address: Pubkey, signer: Pubkey, amount: int) -> Instruction | None:
    """What gives the signer `amount` lamports of their member account; None if the record is none."""
    from amalgam.battery.program import Member, return_rent

    if not isinstance(record, Member):
        return None
    return return_rent(owner=signer, member=address, amount=amount)
