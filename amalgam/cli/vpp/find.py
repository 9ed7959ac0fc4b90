"""Finds virtual power plants and their dispatches on a command's cluster, or says what there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amalgam.cli.session import Session

if TYPE_CHECKING:
    from solders.instruction import Instruction
    from solders.pubkey import Pubkey

    from amalgam.cli.history import Subject
    from amalgam.units import Traded
    from amalgam.vpp.client import PowerPlantClient
    from amalgam.vpp.program import Commitment, Dispatch, Plant


def client(session: Session) -> PowerPlantClient:
    """Reads virtual_power_plant's accounts."""
    from amalgam.vpp.client import PowerPlantClient

    return PowerPlantClient(session.connection)


async def paying_client(session: Session) -> PowerPlantClient:
    """Settles dispatches, in many transactions, at the payer's expense."""
    from amalgam.vpp.client import PowerPlantClient

    return await session.paying(PowerPlantClient)


async def find_plant(session: Session, address: Pubkey) -> tuple[Plant, Traded]:
    """The virtual power plant at an address, and the words and units of what it delivers."""
    with session.finding(f"no virtual power plant at {address}"):
        found = await client(session).plant(address)
    return found, await session.traded(found.payment_mint)


async def find_dispatch(session: Session, address: Pubkey) -> Dispatch:
    """The dispatch at an address."""
    with session.finding(f"no dispatch at {address}"):
        return await client(session).dispatch(address)


async def find_commitment(session: Session, address: Pubkey) -> Commitment:
    """The commitment account at an address."""
    with session.finding(f"no commitment at {address}"):
        return await client(session).commitment(address)


async def history_subject(session: Session, address: Pubkey, record: object) -> Subject | None:
    """The subject of the history of a virtual power plant, or of one of its dispatches."""
    from amalgam.cli.history import Subject
    from amalgam.vpp.program import Dispatch, Plant

    if not isinstance(record, Plant | Dispatch):
        return None
    ledger = address if isinstance(record, Plant) else record.plant
    plant, traded = await find_plant(session, ledger)
    owners = {each.address: each.owner for each in await client(session).commitments(ledger)}
    return Subject(ledger, plant.sequence, traded, owners)


def return_rent(record: object, address: Pubkey, signer: Pubkey, amount: int) -> Instruction | None:
    """What gives the signer `amount` lamports of their commitment account; None if the record is none."""
    from amalgam.vpp.program import Commitment, return_rent

    if not isinstance(record, Commitment):
        return None
    return return_rent(owner=signer, commitment=address, amount=amount)
