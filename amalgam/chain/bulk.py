"""Many transactions at once that are safe to retry. For all others there is `transactions.Sender`."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed
from solana.rpc.core import RPCException
from solana.rpc.types import TxOpts
from solders.hash import Hash
from solders.signature import Signature
from solders.transaction import VersionedTransaction
from solders.transaction_status import TransactionStatus

from amalgam.chain import errors
from amalgam.chain.confirmation import confirm
from amalgam.chain.rpc import NodeError

_WAVE = 128  # transactions that share a blockhash; a node tells the statuses of 256 at once
_IN_FLIGHT = 16  # requests
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
    wires = {transaction.signatures[0]: bytes(transaction) for transaction in signed}
    gate = asyncio.Semaphore(_IN_FLIGHT)
    count = 0

    async def send_one(wire: bytes) -> None:
        async with gate:
            try:
                await connection.send_raw_transaction(wire, TxOpts(skip_preflight=True, max_retries=0))
            except (NodeError, RPCException):
                return  # it is sent again, and the status tells

    async def send(pending: Iterable[Signature]) -> None:
        await asyncio.gather(*(send_one(wires[signature]) for signature in pending))

    def confirmed(signature: Signature, status: TransactionStatus) -> None:
        nonlocal count
        if status.err is not None:
            raise errors.from_status(status.err, (), signature)
        count += 1
        landed()

    async def expired() -> bool:
        return (await connection.get_block_height(Confirmed)).value > latest.last_valid_block_height

    await confirm(connection, wires, Confirmed, send=send, confirmed=confirmed, expired=expired)
    return count > 0
