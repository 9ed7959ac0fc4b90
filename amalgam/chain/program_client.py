"""The base of all programs' clients."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import chain
from typing import NamedTuple, Protocol, Self, TypeVar

from solana.rpc.async_api import AsyncClient
from solana.rpc.types import MemcmpOpts
from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.token.state import TokenAccount

from amalgam import AmalgamError, NotFoundError
from amalgam.chain.errors import Refused
from amalgam.chain.journal import Journal
from amalgam.chain.tokens import missing_token_accounts, open_token_account, without_token_account
from amalgam.chain.transactions import Sender, packed


class _Decodable(Protocol):
    @classmethod
    def from_bytes(cls, data: bytes) -> Self: ...


class _Counted(_Decodable, Protocol):
    @property
    def sequence(self) -> int: ...


Send = Callable[[Sequence[Sequence[Instruction]]], Awaitable[None]]
_AUDIT_ATTEMPTS = 5
_Record = TypeVar("_Record", bound=_Decodable)
_Ledger = TypeVar("_Ledger", bound=_Counted)
_Audit = TypeVar("_Audit")


class Audit(Protocol):
    """A ledger beside all that belongs to it, as of one moment."""

    @property
    def violations(self) -> list[str]:
        """Which of what always holds does not."""
        ...


class AuditTimeoutError(AmalgamError, TimeoutError):
    """A ledger changed again and again while it was audited."""


class NoFreeNumberError(AmalgamError):
    """All 256 numbered accounts of somebody are in use."""


class FreeAccount(NamedTuple):
    """A numbered account of somebody that is not in use.

    Attributes:
        number: A part of its address.
        is_new: Whether it is still to be opened.
    """

    number: int
    is_new: bool


def free_account(address_of: Callable[[int], Pubkey], used: Mapping[Pubkey, bool]) -> FreeAccount:
    """The first that is not in use, of the accounts of a kind that somebody has or could have.

    `used` has those that there are, and whether they are in use. Raises NoFreeNumberError.
    """
    for number in range(256):
        address = address_of(number)
        if not used.get(address):
            return FreeAccount(number, address not in used)
    raise NoFreeNumberError("all 256 accounts for it are in use; cancel or settle one first")


class PendingSettlement(NamedTuple):
    """An account that waits to be settled.

    Attributes:
        account: Its address.
        paid_to: The owners and mints of the associated token accounts that it is paid to.
        instruction: What settles it.
        is_due: Whether anybody gets anything.
    """

    account: Pubkey
    paid_to: Sequence[tuple[Pubkey, Pubkey]]
    instruction: Instruction
    is_due: bool = True


class Unsettled(NamedTuple):
    """An account that could not be settled: it waits on, and what is its owner's stays in the vaults.

    Attributes:
        owner: Who is to be paid.
        energy: How much of it waits for them, in base units.
        payment: Likewise, in base units of the payment mint.
        reason: Why it waits, and what its owner can do about it.
    """

    owner: Pubkey
    energy: int
    payment: int
    reason: str


class ProgramClient:
    """Sends instructions, as a `program.py` builds them, and reads a program's accounts as they are now.

    A method that sends returns the signature of a transaction confirmed to the connection's own commitment.
    The payer pays the fees; whoever else must sign signs beside it, and may be the payer. Amounts are in base
    units.

    Raises, when it sends: ValueError if an argument does not fit its type and nothing was sent, and what
    `Sender.send` raises.
    """

    _program_id: Pubkey

    def __init__(
        self, connection: AsyncClient, payer: Keypair | None = None, *, journal: Journal | None = None
    ) -> None:
        """Use a connection, which stays the caller's to close, and a journal for what is sent.

        A client that only reads needs no payer.
        """
        self._connection = connection
        self._payer = payer
        self._journal = journal

    async def send(self, instruction: Instruction, *signers: Keypair) -> Signature:
        """Send one instruction, this program's or another's, signed by the payer and whoever else must."""
        return await self.sender.send([instruction], *signers)

    @property
    def payer(self) -> Keypair:
        """The payer of the fees. Raises TypeError for a client that only reads."""
        if self._payer is None:
            raise TypeError("this client has no payer, and so can only read: give it one")
        return self._payer

    @cached_property
    def payer_address(self) -> Pubkey:
        """The payer's."""
        return self.payer.pubkey()

    @cached_property
    def sender(self) -> Sender:
        """The sender that signs, sends and confirms, for this client's payer."""
        return Sender(self._connection, self.payer, journal=self._journal)

    async def audit(self, ledger: Pubkey, /) -> Audit:
        """A ledger of the program beside what belongs to it. Raises LookupError and TimeoutError."""
        raise NotImplementedError

    async def _record(self, record: type[_Record], address: Pubkey) -> _Record:
        account = (await self._connection.get_account_info(address)).value
        return self._found(record, account, address)

    async def _records(self, record: type[_Record], filters: Sequence[MemcmpOpts]) -> list[_Record]:
        return list((await self._records_at(record, filters)).values())

    async def _records_at(
        self, record: type[_Record], filters: Sequence[MemcmpOpts]
    ) -> dict[Pubkey, _Record]:
        found = await self._connection.get_program_accounts(
            self._program_id, encoding="base64", filters=filters
        )
        return {each.pubkey: record.from_bytes(each.account.data) for each in found.value}

    def _sending(self, purpose: str, signatures: list[Signature], step: Callable[[], object]) -> Send:
        """A function that sends groups in one transaction, notes its signature, and steps for each."""

        async def send(groups: Sequence[Sequence[Instruction]]) -> None:
            instructions = list(chain.from_iterable(groups))
            signatures.append(await self.sender.send(instructions, purpose=purpose))
            for _ in groups:
                step()

        return send

    async def _settled(
        self, pending: Sequence[PendingSettlement], send: Send, waits: Callable[[Pubkey], Awaitable[bool]]
    ) -> dict[Pubkey, str]:
        """Settle accounts, with as many in a transaction as it holds: those that cannot be, and why.

        Only the payer's own token accounts are created: the owner of another could close it, and keep the
        rent that the payer paid. Whoever lacks one is paid later, and holds up nobody.

        `waits` tells whether an account is still to be settled: others may have done it meanwhile.
        """
        wanted = (pair for each in pending for pair in each.paid_to)
        missing = await missing_token_accounts(self._connection, wanted)
        unsettled: dict[Pubkey, str] = {}
        ready: list[tuple[Pubkey, list[Instruction]]] = []
        for each in pending:
            lacking = [pair for pair in each.paid_to if pair in missing]
            others = [pair for pair in lacking if pair[0] != self.payer_address]
            if others and each.is_due:
                unsettled[each.account] = without_token_account(*others[0])
            if not others:
                openings = [open_token_account(self.payer_address, *pair)[1] for pair in lacking]
                ready.append((each.account, [*openings, each.instruction]))
        for part in packed([instructions for _, instructions in ready], self.payer_address):
            unsettled |= await self._settled_or_divided(ready[part], send, waits)
        return unsettled

    async def _settled_or_divided(
        self,
        ready: Sequence[tuple[Pubkey, list[Instruction]]],
        send: Send,
        waits: Callable[[Pubkey], Awaitable[bool]],
    ) -> dict[Pubkey, str]:
        """Settle accounts in one transaction, or divided if it is refused."""
        try:
            await send([instructions for _, instructions in ready])
        except Refused as refusal:
            if len(ready) > 1:
                middle = len(ready) // 2
                first = await self._settled_or_divided(ready[:middle], send, waits)
                return first | await self._settled_or_divided(ready[middle:], send, waits)
            ((address, _),) = ready
            if await waits(address):
                return {address: str(refusal)}
        return {}

    async def _audited(
        self,
        ledger: type[_Ledger],
        address: Pubkey,
        beside: Sequence[Pubkey],
        look: Callable[[_Ledger, Sequence[Account | None]], Awaitable[_Audit]],
    ) -> _Audit:
        """The result of `look` on a ledger and the accounts beside it, as of one moment.

        Reads again while operations land in between, which the ledger counts. Raises AuditTimeoutError if
        that never stops, and NotFoundError if there is no such ledger.
        """
        for _ in range(_AUDIT_ATTEMPTS):
            account, *others = (await self._connection.get_multiple_accounts([address, *beside])).value
            before = self._found(ledger, account, address)
            audit = await look(before, others)
            if (await self._record(ledger, address)).sequence == before.sequence:
                return audit
        kind = ledger.__name__.lower()
        raise AuditTimeoutError(f"{kind} {address} changed in each of {_AUDIT_ATTEMPTS} attempts to audit it")

    def _found(self, record: type[_Record], account: Account | None, address: Pubkey) -> _Record:
        if account is not None and account.owner == self._program_id:
            with suppress(ValueError):
                return record.from_bytes(account.data)
        raise NotFoundError(f"there is no {record.__name__} at {address}")


def token_amount(account: Account | None) -> int:
    """Of a token account, in base units; 0 if there is none."""
    return TokenAccount.from_bytes(account.data).amount if account else 0
