"""The energy_sharing program on a chain, whichever: the connection alone decides which one it is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

from amalgam import AmalgamError
from amalgam.chain.program_client import ProgramClient, token_amount
from amalgam.chain.rpc import clock
from amalgam.chain.transactions import packed
from amalgam.sharing import program as sharing
from amalgam.sharing.program import (
    BPS,
    PROGRAM_ID,
    Community,
    Line,
    Participant,
    Period,
    State,
    line_address,
    participant_address,
    period_address,
    vault_address,
)
from amalgam.sharing.settlement import Line as Amounts

PERIODS = 12  # period accounts that are used in turn: so many periods stay to be read


class UnsettleableError(AmalgamError):
    """A period cannot be settled as it is. The message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class CommunityAudit:
    """A community beside its vault, participants and the period under way, as of one moment. Base units."""

    community: Community
    participants: list[Participant]
    period: Period | None  # under way
    vault: int

    @property
    def funds(self) -> int:
        """What participants have."""
        return sum(each.funds for each in self.participants)

    @property
    def pot(self) -> int:
        """What the period under way has collected and not yet paid."""
        return self.period.collected - self.period.paid if self.period else 0

    @property
    def held(self) -> int:
        """What the vault has to have."""
        return self.community.prepaid + self.community.reserve + self.pot

    @property
    def violations(self) -> list[str]:
        """Which of what always holds does not; empty if everything agrees."""
        community, admitted = self.community, sum(each.is_admitted for each in self.participants)
        both = [each for each in self.participants if each.funds and each.owed]
        checks = {
            f"participants have {self.funds}, the community counts {community.prepaid}": (
                self.funds == community.prepaid
            ),
            f"the vault has {self.vault}, and {self.held} are due": self.vault >= self.held,
            f"{admitted} are admitted, the community counts {community.participant_count}": (
                admitted == community.participant_count
            ),
            f"{len(both)} participants have a balance and a debt": not both,
            f"{community.reserve_pledged} of {community.reserve} in the reserve are pledged": (
                community.reserve_pledged <= community.reserve
            ),
        }
        return [violation for violation, holds in checks.items() if not holds]


class Statement(NamedTuple):
    """A period to settle: the line of each owner, and what they follow from."""

    starts_at: int  # Unix s
    ends_at: int  # Unix s
    digest: bytes
    lines: Mapping[Pubkey, Amounts]


class Settlement(NamedTuple):
    """A period after as much of it was settled as could be."""

    period: Period
    signatures: list[Signature]  # of the transactions sent, in their order


class EnergySharingClient(ProgramClient):
    """Sends instructions, as `program` builds them, and reads accounts as they are now."""

    _program_id = PROGRAM_ID

    # Settling

    async def settle(
        self,
        address: Pubkey,
        statement: Statement,
        authority: Keypair,
        step: Callable[[], object] = lambda: None,
    ) -> Settlement:
        """Begin a period, post its lines, close it, and settle it if the time for objections is over.

        What was begun is gone on with, and what is done is not done again. Nothing begins that could not be
        brought to its end: balances, limits and the reserve are looked at before.

        Args:
            address: The community's.
            statement: What is settled.
            authority: The community's; signs, beside the payer.
            step: Called for each line as it is posted, and again as it is settled.

        Raises:
            LookupError: There is no such community.
            UnsettleableError: Another period is under way, or somebody is missing, or cannot pay.
            errors.Refused: The chain refuses something, as an authority that is another.
        """
        signatures: list[Signature] = []

        async def send(instructions: Sequence[Instruction]) -> None:
            purpose = f"settle {address} from {statement.starts_at}"
            signatures.append(await self.sender.send(instructions, authority, purpose=purpose))

        async def send_all(groups: Sequence[Sequence[Instruction]]) -> None:
            for part in packed(groups, self.payer_address):
                await send([each for group in groups[part] for each in group])
                for _ in groups[part]:
                    step()

        community = await self.community(address)
        period = await self._known(address, community, statement)
        if period is None:
            self._check(community, await self.participants(address), statement)
            number, beginning = await self._beginning(address, statement, authority.pubkey())
            await send(beginning)
            period = await self.period(period_address(address, number))
        if period.state is State.POSTING:
            await send_all(await self._postings(period, statement, authority.pubkey()))
            closing = sharing.close_period(
                authority=authority.pubkey(), community=address, number=period.number
            )
            await send([closing])
            period = await self.period(period.address)
        if period.state is State.CLOSED and await clock(self._connection) >= period.settles_at:
            await send_all(await self._settlements(period))
            period = await self.period(period.address)
        return Settlement(period, signatures)

    async def _known(self, address: Pubkey, community: Community, statement: Statement) -> Period | None:
        """The period of a statement, if it is under way or settled. Raises UnsettleableError."""
        periods = await self.periods(address)
        for period in periods:
            if is_of(period, statement) and period.state is not State.WITHDRAWN:
                return period
        for period in periods:
            if period.is_under_way:
                raise UnsettleableError(
                    f"another period is under way in {address}, number {period.number} from "
                    f"{period.starts_at} to {period.ends_at}; settle it first, or withdraw it"
                )
        if statement.starts_at < community.settled_until:
            raise UnsettleableError(
                f"{address} is settled until {community.settled_until}, with other readings or another rule; "
                "correct what is wrong in the next period"
            )
        return None

    @staticmethod
    def _check(community: Community, participants: Sequence[Participant], statement: Statement) -> None:
        """Raise UnsettleableError if what begins could not be brought to its end."""
        admitted = {each.owner: each for each in participants if each.is_admitted}
        if missing := admitted.keys() - statement.lines.keys():
            raise UnsettleableError(
                f"{_names(missing)} are admitted and have no line; name them in the community's file, or "
                "have them leave"
            )
        if strangers := statement.lines.keys() - admitted.keys():
            raise UnsettleableError(f"{_names(strangers)} are not admitted; admit them first")
        lines = statement.lines.values()
        charges, credits = sum(each.charge for each in lines), sum(each.credit for each in lines)
        if not 0 <= charges - credits <= charges * community.fee_bps // BPS + 2 * len(lines):
            raise UnsettleableError(
                f"charges of {charges} exceed credits of {credits} by another fee than {community.fee_bps} "
                "basis points; compute the lines with the community's fee"
            )
        loans = 0
        for owner, line in statement.lines.items():
            each = admitted[owner]
            owed = max(each.owed + line.charge - each.funds - line.credit, 0)
            if owed > each.credit_limit and line.charge > line.credit:
                raise UnsettleableError(
                    f"{line.member} ({owner}) lacks {owed - each.credit_limit} base units; have them "
                    "deposit, or raise their credit limit"
                )
            loans += max(owed - each.owed, 0)
        if loans > community.free_reserve:
            raise UnsettleableError(
                f"loans of {loans} base units exceed the free reserve of {community.free_reserve}; deposit "
                "to the reserve"
            )

    async def _beginning(
        self, address: Pubkey, statement: Statement, authority: Pubkey
    ) -> tuple[int, list[Instruction]]:
        """What begins a period, and its number: one that was not used yet, or else that of the oldest."""
        used = {each.number: each for each in await self.periods(address)}
        new = next((number for number in range(PERIODS) if number not in used), None)
        number = min(used, key=lambda each: used[each].ends_at) if new is None else new
        opening = sharing.open_period(payer=self.payer_address, community=address, number=number)
        beginning = sharing.begin_period(
            authority=authority,
            community=address,
            number=number,
            starts_at=statement.starts_at,
            ends_at=statement.ends_at,
            digest=statement.digest,
        )
        return number, [beginning] if new is None else [opening, beginning]

    async def _postings(
        self, period: Period, statement: Statement, authority: Pubkey
    ) -> list[list[Instruction]]:
        """What posts the lines that are missing."""
        community, lines = period.community, await self.lines(period.address)
        groups: list[list[Instruction]] = []
        for owner, each in statement.lines.items():
            found = lines.get(line_address(period.address, participant_address(community, owner)))
            if found and found.run == period.run:
                continue
            opening = sharing.open_line(
                payer=self.payer_address, community=community, number=period.number, owner=owner
            )
            posting = sharing.post_line(
                authority=authority,
                community=community,
                number=period.number,
                owner=owner,
                shared_in=each.shared_in,
                shared_out=each.shared_out,
                charge=each.charge,
                credit=each.credit,
            )
            groups.append([posting] if found else [opening, posting])
        return groups

    async def _settlements(self, period: Period) -> list[list[Instruction]]:
        """What settles the lines that wait: those that take come first."""
        owners = {each.address: each.owner for each in await self.participants(period.community)}
        lines = (await self.lines(period.address)).values()
        waiting = [each for each in lines if each.run == period.run and not each.settled]
        waiting.sort(key=lambda each: each.credit - each.charge)
        return [
            [
                sharing.settle_line(
                    community=period.community, number=period.number, owner=owners[each.participant]
                )
            ]
            for each in waiting
        ]

    # Reading

    async def community(self, address: Pubkey) -> Community:
        """The community at an address. Raises LookupError if there is none."""
        return await self._record(Community, address)

    async def participant(self, community: Pubkey, owner: Pubkey) -> Participant:
        """An owner's account in a community. Raises LookupError if it was never opened."""
        return await self._record(Participant, participant_address(community, owner))

    async def participants(self, community: Pubkey) -> list[Participant]:
        """All participants of a community that were ever opened, in the order of their owners' keys."""
        participants = await self._records(Participant, Participant.filters(community))
        return sorted(participants, key=lambda each: bytes(each.owner))

    async def period(self, address: Pubkey) -> Period:
        """The period account at an address. Raises LookupError if it was never opened."""
        return await self._record(Period, address)

    async def periods(self, community: Pubkey) -> list[Period]:
        """All period accounts of a community, in the order of their numbers."""
        periods = await self._records(Period, Period.filters(community))
        return sorted(periods, key=lambda each: each.number)

    async def line(self, period: Pubkey, participant: Pubkey) -> Line:
        """A participant's line of a period account. Raises LookupError if it was never opened."""
        return await self._record(Line, line_address(period, participant))

    async def lines(self, period: Pubkey) -> dict[Pubkey, Line]:
        """All lines of a period account, by their addresses."""
        return await self._records_at(Line, Line.filters(period))

    async def audit(self, community: Pubkey) -> CommunityAudit:
        """A community beside all that belongs to it. Raises LookupError if there is no community.

        Reads again while operations land in between, which the community counts; raises TimeoutError if that
        never stops.
        """

        async def look(found: Community, beside: Sequence[Account | None]) -> CommunityAudit:
            participants, periods = await self.participants(community), await self.periods(community)
            under_way = next((each for each in periods if each.is_under_way), None)
            return CommunityAudit(found, participants, under_way, *map(token_amount, beside))

        return await self._audited(Community, community, [vault_address(community)], look)


def is_of(period: Period, statement: Statement) -> bool:
    """Whether a period on the chain was begun for a statement."""
    begun = period.starts_at, period.ends_at, bytes(period.digest)
    return begun == (statement.starts_at, statement.ends_at, statement.digest)


def _names(owners: set[Pubkey]) -> str:
    first, *others = sorted(map(str, owners))
    return f"{first} and {len(others)} more" if others else first
