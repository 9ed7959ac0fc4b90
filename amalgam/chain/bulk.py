"""Many transactions at once that are safe to retry. For all others there is `transactions.Sender`."""

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TypeVar

from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed
from solana.rpc.core import RPCException
from solana.rpc.types import TxOpts
from solders.hash import Hash
from solders.signature import Signature
from solders.transaction import VersionedTransaction
from solders.transaction_status import TransactionConfirmationStatus

from amalgam.chain import errors
from amalgam.chain.rpc import NodeError

_WAVE = 128  # transactions that share a blockhash; a node tells the statuses of 256 at once
_IN_FLIGHT = 16  # requests
_POLL_S = 0.4  # a slot
_RESEND_S = 2.0
_PATIENCE_S = 60.0  # without a word from any node
_CONFIRMED = (TransactionConfirmationStatus.Confirmed, TransactionConfirmationStatus.Finalized)
_T = TypeVar("_T")


async def send_all(
    connection: AsyncClient,
    items: Sequence[_T],
    sign: Callable[[_T, Hash], VersionedTransaction],
    landed: Callable[[], object],
) -> None:
    """Send a transaction for each item, until it is confirmed or has expired; those may be sent anew.

    Ends early if nothing lands.

    Args:
        connection: Stays the caller's to close.
        items: What the transactions are made of.
        sign: Makes one, which may land until its blockhash expires.
        landed: Called with each that is confirmed.

    Raises:
        errors.Refused: One has landed and failed.
        NodeError: No node has answered for a minute.
    """
    for start in range(0, len(items), _WAVE):
        if not await _wave(connection, items[start : start + _WAVE], sign, landed):
            return


async def _wave(
    connection: AsyncClient,
    items: Sequence[_T],
    sign: Callable[[_T, Hash], VersionedTransaction],
    landed: Callable[[], object],
) -> bool:
    """Send transactions with one blockhash, again and again: whether any has landed."""
    latest = (await connection.get_latest_blockhash(Confirmed)).value
    signed = [sign(item, latest.blockhash) for item in items]
    pending = {transaction.signatures[0]: bytes(transaction) for transaction in signed}
    gate = asyncio.Semaphore(_IN_FLIGHT)

    async def send(wire: bytes) -> None:
        async with gate:
            try:
                await connection.send_raw_transaction(wire, TxOpts(skip_preflight=True, max_retries=0))
            except (NodeError, RPCException):
                return  # it is sent again, and the status tells

    heard, send_at = monotonic(), 0.0
    while True:
        if monotonic() >= send_at:
            send_at = monotonic() + _RESEND_S
            await asyncio.gather(*map(send, pending.values()))
        try:
            height = (await connection.get_block_height(Confirmed)).value
            for signature in await _confirmed(connection, list(pending)):
                del pending[signature]
                landed()
            if not pending or height > latest.last_valid_block_height:
                return len(pending) < len(items)
            heard = monotonic()
        except NodeError:
            if monotonic() - heard > _PATIENCE_S:
                raise
        await asyncio.sleep(_POLL_S)


async def _confirmed(connection: AsyncClient, signatures: list[Signature]) -> list[Signature]:
    statuses = (await connection.get_signature_statuses(signatures)).value
    found = [
        (signature, status)
        for signature, status in zip(signatures, statuses, strict=True)
        if status is not None and status.confirmation_status in _CONFIRMED
    ]
    for signature, status in found:
        if status.err is not None:
            raise errors.from_status(status.err, (), signature)
    return [signature for signature, _ in found]
