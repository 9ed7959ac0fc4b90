"""Signed transactions, sent again and again until each is confirmed or can never land any more."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from time import monotonic

from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Commitment
from solders.signature import Signature
from solders.transaction_status import TransactionConfirmationStatus, TransactionStatus

from amalgam.chain.rpc import NodeError

PATIENCE_S = 60.0  # without a word from any node

_POLL_S = 0.4  # a slot
_RESEND_S = 2.0
_STATUSES = {
    "processed": TransactionConfirmationStatus.Processed,
    "confirmed": TransactionConfirmationStatus.Confirmed,
    "finalized": TransactionConfirmationStatus.Finalized,
}  # by commitment, each surer than those before it


async def confirm(
    connection: AsyncClient,
    signatures: Iterable[Signature],
    commitment: Commitment,
    *,
    send: Callable[[Iterable[Signature]], Awaitable[None]],
    confirmed: Callable[[Signature, TransactionStatus], object],
    expired: Callable[[], Awaitable[bool]],
) -> None:
    """Return once all are confirmed to the commitment, failed or not, or the rest has expired.

    Args:
        connection: Stays the caller's to close.
        signatures: Of what is to be confirmed.
        commitment: At least.
        send: Called with those that are pending, at once and then every two seconds.
        confirmed: Called with each that is confirmed.
        expired: Whether none that is pending can land any more. Asked after each sending.

    Raises:
        NodeError: No node has answered for a minute.
    """
    levels = list(_STATUSES.values())
    sure_enough = levels[levels.index(_STATUSES[commitment]) :]
    pending = list(signatures)
    heard, send_at = monotonic(), 0.0
    while True:
        try:
            again = monotonic() >= send_at
            if again:
                send_at = monotonic() + _RESEND_S
                await send(pending)
            statuses = (await connection.get_signature_statuses(pending)).value
            for signature, status in zip(tuple(pending), statuses, strict=True):
                if status is not None and status.confirmation_status in sure_enough:
                    pending.remove(signature)
                    confirmed(signature, status)
            if not pending or (again and await expired()):
                return
            heard = monotonic()
        except NodeError:
            if monotonic() - heard > PATIENCE_S:
                raise
        await asyncio.sleep(_POLL_S)
