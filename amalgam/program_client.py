"""What the clients of all programs have in common."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol, Self, TypeVar

from solana.rpc.async_api import AsyncClient
from solana.rpc.types import MemcmpOpts
from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.token.state import TokenAccount

from amalgam.journal import Journal
from amalgam.transactions import Sender


class _Decodable(Protocol):
    @classmethod
    def from_bytes(cls, data: bytes) -> Self: ...


class _Counted(_Decodable, Protocol):
    @property
    def sequence(self) -> int: ...


_AUDIT_ATTEMPTS = 5
_Record = TypeVar("_Record", bound=_Decodable)
_Ledger = TypeVar("_Ledger", bound=_Counted)
_Audit = TypeVar("_Audit")


class ProgramClient:
    """A program's instructions as transactions, and its accounts as they are now.

    A method that sends returns the signature of a transaction confirmed to the connection's own commitment.
    The payer pays the fees; whoever else must sign signs beside it, and may be the payer. Amounts are in base
    units.

    Raises, where it sends: ValueError where an argument does not fit its type and nothing was sent, and what
    `Sender.send` raises.

    Attributes:
        sender: What signs, sends and confirms, for this client's payer.
    """

    _program_id: Pubkey

    def __init__(self, connection: AsyncClient, payer: Keypair, *, journal: Journal | None = None) -> None:
        """Use a connection, which stays the caller's to close, and a journal for what is sent."""
        self._connection = connection
        self._payer = payer
        self._payer_address = payer.pubkey()
        self.sender = Sender(connection, payer, journal=journal)

    async def send(self, instruction: Instruction, *signers: Keypair) -> Signature:
        """Send one instruction, this program's or another's, signed by the payer and whoever else must."""
        return await self.sender.send([instruction], *signers)

    def _address(self, signer: Keypair) -> Pubkey:
        # pubkey() derives it from the secret each time: the payer's is kept.
        return self._payer_address if signer is self._payer else signer.pubkey()

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
