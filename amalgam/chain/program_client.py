"""What the clients of all programs have in common."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
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
from spl.token.instructions import (
    create_idempotent_associated_token_account,
    get_associated_token_address,
)

from amalgam.chain.errors import Refused
from amalgam.chain.journal import Journal
from amalgam.chain.transactions import Sender, packed


class _Decodable(Protocol):
    @classmethod
    def from_bytes(cls, data: bytes) -> Self: ...


class _Counted(_Decodable, Protocol):
    @property
    def sequence(self) -> int: ...


Send = Callable[[Sequence[Sequence[Instruction]]], Awaitable[None]]
_ACCOUNTS_AT_ONCE = 100  # that a node tells in one answer
_AUDIT_ATTEMPTS = 5
_Record = TypeVar("_Record", bound=_Decodable)
_Ledger = TypeVar("_Ledger", bound=_Counted)
_Audit = TypeVar("_Audit")


class Settling(NamedTuple):
    """What settles an account, and what has to come before it."""

    account: Pubkey
    instructions: list[Instruction]


class ProgramClient:
    """A program's instructions as transactions, and its accounts as they are now.

    A method that sends returns the signature of a transaction confirmed to the connection's own commitment.
    The payer pays the fees; whoever else must sign signs beside it, and may be the payer. Amounts are in base
    units.

    Raises, where it sends: ValueError where an argument does not fit its type and nothing was sent, and what
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

    def _address(self, signer: Keypair) -> Pubkey:
        # pubkey() derives it from the secret each time: the payer's is kept.
        return self.payer_address if signer is self._payer else signer.pubkey()

    @property
    def payer(self) -> Keypair:
        """Who pays the fees. Raises TypeError for a client that only reads."""
        if self._payer is None:
            raise TypeError("this client has no payer, and so can only read: give it one")
        return self._payer

    @cached_property
    def payer_address(self) -> Pubkey:
        """The payer's."""
        return self.payer.pubkey()

    @cached_property
    def sender(self) -> Sender:
        """What signs, sends and confirms, for this client's payer."""
        return Sender(self._connection, self.payer, journal=self._journal)

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

    async def _missing_tokens(self, wanted: Iterable[tuple[Pubkey, Pubkey]]) -> dict[Pubkey, Instruction]:
        """What makes those associated token accounts of owners and mints that are missing, by address."""
        owners = {get_associated_token_address(*each): each for each in wanted}
        addresses = list(owners)
        missing: dict[Pubkey, Instruction] = {}
        for start in range(0, len(addresses), _ACCOUNTS_AT_ONCE):
            asked = addresses[start : start + _ACCOUNTS_AT_ONCE]
            found = (await self._connection.get_multiple_accounts(asked)).value
            missing |= {
                address: create_idempotent_associated_token_account(self.payer_address, *owners[address])
                for address, account in zip(asked, found, strict=True)
                if account is None
            }
        return missing

    def _sending(self, purpose: str, signatures: list[Signature], step: Callable[[], object]) -> Send:
        """What sends groups of instructions in one transaction, notes its signature, and steps for each."""

        async def send(groups: Sequence[Sequence[Instruction]]) -> None:
            instructions = list(chain.from_iterable(groups))
            signatures.append(await self.sender.send(instructions, purpose=purpose))
            for _ in groups:
                step()

        return send

    async def _settled(
        self, settlings: Sequence[Settling], send: Send, waits: Callable[[Pubkey], Awaitable[bool]]
    ) -> dict[Pubkey, str]:
        """Settle accounts, with as many in a transaction as it holds: those that cannot be, and why.

        `waits` tells whether an account is still to be settled: others may have done it meanwhile.
        """
        unsettled: dict[Pubkey, str] = {}
        for part in packed([each.instructions for each in settlings], self.payer_address):
            unsettled |= await self._settled_or_divided(settlings[part], send, waits)
        return unsettled

    async def _settled_or_divided(
        self, settlings: Sequence[Settling], send: Send, waits: Callable[[Pubkey], Awaitable[bool]]
    ) -> dict[Pubkey, str]:
        """Settle accounts in one transaction, or divided where it is refused."""
        try:
            await send([each.instructions for each in settlings])
        except Refused as refusal:
            if len(settlings) > 1:
                middle = len(settlings) // 2
                first = await self._settled_or_divided(settlings[:middle], send, waits)
                return first | await self._settled_or_divided(settlings[middle:], send, waits)
            address = settlings[0].account
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
        """What `look` makes of a ledger, the accounts beside it, and what it reads itself, as of one moment.

        Reads again while operations land in between, which the ledger counts; raises TimeoutError where that
        never stops, and LookupError where there is no such ledger.
        """
        for _ in range(_AUDIT_ATTEMPTS):
            account, *others = (await self._connection.get_multiple_accounts([address, *beside])).value
            before = self._found(ledger, account, address)
            audit = await look(before, others)
            if (await self._record(ledger, address)).sequence == before.sequence:
                return audit
        kind = ledger.__name__.lower()
        raise TimeoutError(f"{kind} {address} changed in each of {_AUDIT_ATTEMPTS} attempts to audit it")

    def _found(self, record: type[_Record], account: Account | None, address: Pubkey) -> _Record:
        if account is not None and account.owner == self._program_id:
            with suppress(ValueError):
                return record.from_bytes(account.data)
        raise LookupError(f"there is no {record.__name__} at {address}")


def token_amount(account: Account | None) -> int:
    """Of a token account, in base units; 0 where there is none."""
    return TokenAccount.from_bytes(account.data).amount if account else 0
