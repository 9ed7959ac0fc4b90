"""Finds communities and what is theirs on a command's cluster, or says what there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amalgam.cli.session import Session

if TYPE_CHECKING:
    from solders.pubkey import Pubkey

    from amalgam.cli.history import Subject
    from amalgam.sharing.client import EnergySharingClient
    from amalgam.sharing.program import Community, Participant, Period
    from amalgam.units import Traded


def client(session: Session) -> EnergySharingClient:
    """Reads energy_sharing's accounts."""
    from amalgam.sharing.client import EnergySharingClient

    return EnergySharingClient(session.connection)


async def paying_client(session: Session) -> EnergySharingClient:
    """Settles periods, in many transactions, at the payer's expense."""
    from amalgam.sharing.client import EnergySharingClient

    return await session.paying(EnergySharingClient)


async def find_community(session: Session, address: Pubkey) -> tuple[Community, Traded]:
    """The community at an address, and the words and units of what it settles."""
    with session.finding(f"no community at {address}"):
        found = await client(session).community(address)
    return found, await session.traded(found.payment_mint)


async def find_participant(session: Session, community: Pubkey, owner: Pubkey) -> Participant:
    """An owner's account in a community."""
    with session.finding(f"no participant {owner} in {community}", "open an account: amalgam sharing join"):
        return await client(session).participant(community, owner)


async def find_under_way(session: Session, community: Pubkey) -> Period:
    """The period of a community that is under way."""
    periods = await client(session).periods(community)
    under_way = next((each for each in periods if each.is_under_way), None)
    if under_way is None:
        raise session.not_found(f"no period under way in {community}", "see amalgam sharing show")
    return under_way


async def history_subject(session: Session, address: Pubkey, record: object) -> Subject | None:
    """The subject of the history of a community."""
    from amalgam.cli.history import Subject
    from amalgam.sharing.program import Community

    if not isinstance(record, Community):
        return None
    found, traded = await find_community(session, address)
    owners = {each.address: each.owner for each in await client(session).participants(address)}
    return Subject(address, found.sequence, traded, owners)
