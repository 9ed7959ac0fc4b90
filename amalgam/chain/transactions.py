"""Transactions that are sent until their outcome is known, and never done twice.

A transaction is simulated first, which tells its compute units and refuses at no cost what would fail. Signed
once, it is written into the journal, and the same bytes are sent again and again until it is confirmed, or
can never land any more because its blockhash has expired. Only then is it signed anew. What was signed
elsewhere is not signed anew, and what has a nonce in the place of a blockhash does not expire by time: see
`Courier`.

A chain of the caller's own, in this process, is not asked first: it runs what it is sent at once, and undoes
what fails, so that sending refuses at no cost too.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, count
from random import randrange
from time import monotonic, time
from typing import cast

from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed, Finalized
from solana.rpc.core import RPCException
from solana.rpc.types import TxOpts
from solders.account_decoder import UiAccountEncoding
from solders.commitment_config import CommitmentLevel
from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.rpc.config import RpcSimulateTransactionAccountsConfig, RpcSimulateTransactionConfig
from solders.rpc.requests import SimulateVersionedTransaction
from solders.rpc.responses import RpcSimulateTransactionResult, SimulateTransactionResp
from solders.signature import Signature
from solders.transaction import VersionedTransaction
from solders.transaction_status import TransactionStatus

from amalgam import AmalgamError, NotFoundError
from amalgam.chain import confirmation, errors, nonce
from amalgam.chain.confirmation import confirm
from amalgam.chain.journal import Entry, Journal, Outcome
from amalgam.chain.rpc import NodeError, is_own_chain, other_nodes, recent_priority_fees
from amalgam.chain.signing import instructions_of
from amalgam.chain.telemetry import TELEMETRY

MAX_COMPUTE_UNITS = 1_400_000
MAX_TRANSACTION_BYTES = 1_232  # of a transaction, with its signatures
PRIORITY_FEE_CAP_LAMPORTS = 10_000  # a transaction, at most
UNITS_MARGIN = 1.1  # times what a simulation took, for what may change until it lands

_NEVER = 2**63 - 1  # a block height, of what expires otherwise
_UNIQUE_UNITS = 4_096  # to tell transactions apart that do the same with the same blockhash
_SIGNINGS = 5
# A transaction can land within 150 blocks of its blockhash: of 0.4 s each, up to 0.6 s with skipped slots.
_BLOCKHASH_LIFETIME_S = 90.0
# Refused with these, a transaction may have landed before: its status tells.
_STATUS_TELLS = ("AlreadyProcessed", "BlockhashNotFound")


class NotConfirmedError(AmalgamError):
    """A transaction has not been confirmed. The message says whether it still may be."""

    def __init__(self, signature: Signature, message: str) -> None:
        """Tell of one transaction."""
        super().__init__(message)
        self.signature = signature


class ExpiredError(NotConfirmedError):
    """The transaction's blockhash has expired, and it is in no block: it did not happen, and never will."""


class UnresolvedError(NotConfirmedError):
    """No node has told what became of the transaction: it may have happened, or may still."""


class Courier:
    """Sends and confirms what is signed.

    With a journal, `resolve` comes first: it brings to its end what an earlier process has signed, and tells
    what has landed, so that the caller does not do it again.

    A transaction with a nonce can land as long as the nonce's account has that value: it has expired only
    once the account has another, or is closed, and no node knows of the transaction. Until then it stays
    pending, for weeks if need be, and keeps nothing else waiting.
    """

    def __init__(self, connection: AsyncClient, *, journal: Journal | None = None) -> None:
        """Use a connection, which stays the caller's to close."""
        self._connection = connection
        self._is_own_chain = is_own_chain(connection)
        self._journal = journal
        self._genesis_hash = ""  # which the journal tells clusters apart by
        self._is_resolved = journal is None
        self._executable: set[Pubkey] = set()

    async def submit(self, transaction: VersionedTransaction, *, purpose: str = "") -> Signature:
        """Send what was signed elsewhere, and return its signature once it is confirmed.

        It is never signed anew. The very same may be sent again, by whomever: it lands once.

        Args:
            transaction: With all its signatures, and a recent blockhash or a nonce's value.
            purpose: What it is for, as the journal is to tell people.

        Raises:
            errors.Refused: The chain has refused it; nothing changed, but for the fee of one that had landed.
            ExpiredError: It has not landed, and never will.
            UnresolvedError: Its outcome is not known. Calling `resolve`, now or in a later process, tells.
            NodeError: No node answered, before anything was sent.
            RuntimeError: There is a journal, and `resolve` is to be called first.
        """
        self._check_resolved()
        message, signature = cast(Message, transaction.message), transaction.signatures[0]
        durable = nonce.advanced_by(message)
        latest = (await self._connection.get_latest_blockhash(Confirmed)).value
        # Its own blockhash is no later than the latest, and so expires no later.
        height = _NEVER if durable else latest.last_valid_block_height
        entry = self._entry(signature, bytes(transaction), height, purpose)
        if not await self.is_known(signature):
            await self.check_programs(instructions_of(message))
            await self._check(entry, message, durable)
        if self._journal is not None:
            self._journal.sign(entry)  # if it is there, it goes on from there
        try:
            return await self._delivered(entry)
        except ExpiredError:
            raise _outdated(signature, durable) from None

    async def is_known(self, signature: Signature) -> bool:
        """Whether a transaction has landed, failed or not."""
        return (await self._connection.get_signature_statuses([signature], True)).value[0] is not None

    async def _check(self, entry: Entry, message: Message, durable: Pubkey | None) -> None:
        """Raise what would come of it, if it can do no good any more."""
        try:
            await simulate(self._connection, message, as_it_is=True)
        except errors.Refused as refused:
            if refused.message not in _STATUS_TELLS:
                raise
            if await self.is_known(entry.signature):  # somebody else was faster
                return
            raise _outdated(entry.signature, durable) from None

    def _check_resolved(self) -> None:
        if not self._is_resolved:
            raise RuntimeError("call resolve() first: the journal may have what was signed before")

    async def resolve(self) -> list[Entry]:
        """Bring to an end what was signed before for this cluster: the entries, with their outcomes.

        What other processes that still run have signed is theirs, and left alone. What has landed is the
        caller's to know: sending the same does it again. So it does of what has a nonce and is pending still,
        unless that is sent with the same value of the same nonce, which lets only one land.

        Raises UnresolvedError if an outcome cannot be known yet.
        """
        if self._journal is None:
            return []
        self._genesis_hash = str((await self._connection.get_genesis_hash()).value)
        pending = [each for each in self._journal.abandoned() if each.genesis_hash == self._genesis_hash]
        entries = [await self._ended(entry) for entry in pending]
        self._is_resolved = True
        return entries

    async def _ended(self, entry: Entry) -> Entry:
        try:
            await self._delivered(entry, once=True)
        except errors.Refused:
            return entry._replace(outcome=Outcome.FAILED)
        except ExpiredError:
            return entry._replace(outcome=Outcome.EXPIRED)
        except UnresolvedError:
            if durable_by(entry) is None:
                raise
            return entry
        return entry._replace(outcome=Outcome.LANDED)

    async def check_programs(self, instructions: Sequence[Instruction]) -> None:
        """Raise LookupError if one of the programs is not on the cluster."""
        unknown = {each.program_id for each in instructions} - self._executable
        if not unknown:
            return
        addresses = list(unknown)
        accounts = (await self._connection.get_multiple_accounts(addresses, Confirmed)).value
        for address, account in zip(addresses, accounts, strict=True):
            if account is None or not account.executable:
                raise NotFoundError(
                    f"there is no program {address} on this cluster; deploy it, or check --url"
                )
        self._executable |= unknown

    async def _delivered(self, entry: Entry, *, once: bool = False) -> Signature:
        """Send the same bytes until the outcome is known, and write it down: `once`, if a nonce has time."""
        try:
            signature = await self._sent(entry, once=once)
        except errors.Refused:
            TELEMETRY.failed()
            self._close(entry, Outcome.FAILED)
            raise
        except ExpiredError:
            TELEMETRY.failed()
            self._close(entry, Outcome.EXPIRED)
            raise
        except UnresolvedError:
            TELEMETRY.failed()
            self._is_resolved = self._journal is None
            raise
        self._close(entry, Outcome.LANDED)
        return signature

    def _entry(self, signature: Signature, wire: bytes, height: int, purpose: str) -> Entry:
        """What the journal has of a transaction that is signed now."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Entry(signature, self._genesis_hash, wire, height, purpose, now)

    def _close(self, entry: Entry, outcome: Outcome) -> None:
        if self._journal is not None:
            self._journal.close(entry.signature, outcome)

    async def _sent(self, entry: Entry, *, once: bool) -> Signature:
        ends: list[TransactionStatus] = []
        lifetime_s = 0.0 if self._is_own_chain or (once and durable_by(entry)) else _BLOCKHASH_LIFETIME_S
        expiry = _Expiry(self._connection, entry, lifetime_s)
        sendings = count()

        async def send(_: object) -> None:
            (TELEMETRY.retried if next(sendings) else TELEMETRY.sent)()
            await self._send(entry)

        try:
            await confirm(
                self._connection,
                [entry.signature],
                self._connection.commitment,
                send=send,
                confirmed=lambda _, status: ends.append(status),
                expired=expiry.is_certain,
            )
        except NodeError as error:
            raise _unresolved(entry, error) from error
        if not ends:
            raise ExpiredError(
                entry.signature, f"transaction {entry.signature} expired before it landed; try again"
            )
        if ends[0].err is not None:
            raise errors.from_status(ends[0].err, await self._logs(entry.signature), entry.signature)
        return entry.signature

    async def _send(self, entry: Entry) -> None:
        """Send it once. Raises what the caller's own chain refuses it with; nothing has changed then."""
        options = TxOpts(skip_preflight=not self._is_own_chain, max_retries=0)
        try:
            await self._connection.send_raw_transaction(entry.wire, options)
        except RPCException as error:
            if not self._is_own_chain:
                return  # a node that has it already may say so; the status tells
            refused = errors.from_preflight(error, message_in(entry).account_keys[0])
            if refused is None:
                self._close(entry, Outcome.FAILED)
                raise
            if refused.message not in _STATUS_TELLS:
                raise refused from None

    async def _logs(self, signature: Signature) -> list[str]:
        found = (await self._connection.get_transaction(signature, commitment=Confirmed)).value
        meta = found and found.transaction.meta
        return meta.log_messages or [] if meta else []


class Sender(Courier):
    """Signs, sends and confirms transactions for one payer."""

    def __init__(self, connection: AsyncClient, payer: Keypair, *, journal: Journal | None = None) -> None:
        """Use a connection, which stays the caller's to close, and a payer, who pays the fees."""
        super().__init__(connection, journal=journal)
        self._payer = payer
        self._payer_address = payer.pubkey()
        self._unique = count(randrange(_UNIQUE_UNITS))  # noqa: S311 (not a secret)

    async def send(
        self,
        instructions: Sequence[Instruction],
        *signers: Keypair,
        purpose: str = "",
        price: int | None = None,
    ) -> Signature:
        """Send a transaction, and return its signature once it is confirmed to the connection's commitment.

        Args:
            instructions: Done all, in order, or not at all.
            signers: Sign beside the payer, who may be among them.
            purpose: What it is for, as the journal is to tell people.
            price: Micro-lamports a compute unit; by default what others have paid lately, up to a cap.

        Raises:
            errors.Refused: The chain has refused it; nothing changed, but for the fee of one that had landed.
            ExpiredError: It was signed several times, one after the other had expired, and never landed.
            UnresolvedError: Its outcome is not known. Calling `resolve`, now or in a later process, tells.
            NodeError: No node answered, before anything was sent.
            RuntimeError: There is a journal, and `resolve` is to be called first.
        """
        self._check_resolved()
        await self.check_programs(instructions)
        for remaining in reversed(range(_SIGNINGS)):
            entry = await self._signed(instructions, signers, purpose, price)
            try:
                return await self._delivered(entry)
            except ExpiredError:
                if not remaining:
                    raise
        raise AssertionError("unreachable")

    async def _signed(
        self,
        instructions: Sequence[Instruction],
        signers: Sequence[Keypair],
        purpose: str,
        given_price: int | None,
    ) -> Entry:
        """Simulated, given its limits, signed, and in the journal."""
        latest = (await self._connection.get_latest_blockhash(Confirmed)).value
        units, price = await self._limits(instructions, latest.blockhash, given_price)
        while True:
            limit = units + next(self._unique) % _UNIQUE_UNITS
            budget = [set_compute_unit_limit(limit)] + [set_compute_unit_price(price)] * bool(price)
            message = Message.new_with_blockhash(
                [*budget, *instructions], self._payer_address, latest.blockhash
            )
            signature, wire = self._sign(message, signers)
            entry = self._entry(signature, wire, latest.last_valid_block_height, purpose)
            if self._journal is None or self._journal.sign(entry):
                return entry

    async def _limits(
        self, instructions: Sequence[Instruction], blockhash: Hash, price: int | None
    ) -> tuple[int, int]:
        """Compute units, and micro-lamports for each. Raises errors.Refused if it would fail."""
        most = MAX_COMPUTE_UNITS - _UNIQUE_UNITS
        if self._is_own_chain:  # sending tells as much as simulating, and nobody bids for its blocks
            return most, price or 0
        message = Message.new_with_blockhash(
            [set_compute_unit_limit(MAX_COMPUTE_UNITS), *instructions], self._payer_address, blockhash
        )
        units = min(int(await self.simulated(message) * UNITS_MARGIN), most)
        return units, await self.price(instructions, units) if price is None else price

    def _sign(self, message: Message, signers: Sequence[Keypair]) -> tuple[Signature, bytes]:
        keys = {self._payer_address: self._payer}
        required = message.header.num_required_signatures
        if required > 1:  # deriving a public key takes as long as signing
            keys |= {signer.pubkey(): signer for signer in signers}
        serialized = bytes(message)
        signatures = [keys[address].sign_message(serialized) for address in message.account_keys[:required]]
        return signatures[0], bytes(VersionedTransaction.populate(message, signatures))

    async def simulated(self, message: Message) -> int:
        """The compute units it takes. Raises errors.Refused if it would fail."""
        return (await simulate(self._connection, message)).units_consumed or MAX_COMPUTE_UNITS

    async def price(self, instructions: Sequence[Instruction], units: int) -> int:
        """Micro-lamports a compute unit: what others have paid lately, up to the cap."""
        writable = {meta.pubkey for each in instructions for meta in each.accounts if meta.is_writable}
        recent = sorted(await recent_priority_fees(self._connection, list(writable)))
        if not recent:
            return 0
        usual = recent[len(recent) * 3 // 4]
        return min(usual, PRIORITY_FEE_CAP_LAMPORTS * 10**6 // (units + _UNIQUE_UNITS))


class _Expiry:
    """Whether no block can have a transaction any more.

    One node could lie, and what then is signed anew would land twice. So a blockhash must have had its time
    by this machine's clock, and of several nodes a second one must say the same. A nonce has no time: it is
    waited for as long as for a blockhash, and not longer.
    """

    def __init__(self, connection: AsyncClient, entry: Entry, lifetime_s: float) -> None:
        self._connection, self._entry = connection, entry
        age_s = time() - datetime.fromisoformat(entry.signed_at).timestamp()
        self._durable = durable_by(entry)
        self._waits_until = monotonic() + lifetime_s
        self._possible_at = 0.0 if self._durable else self._waits_until - max(0.0, min(age_s, lifetime_s))
        self._disputed_since: float | None = None

    async def is_certain(self) -> bool:
        """Whether enough nodes say so.

        Raises UnresolvedError if they do not agree for a minute, or a nonce is not used for so long.
        """
        if monotonic() < self._possible_at:
            return False
        if not await _is_expired(self._connection, self._entry):
            if self._durable and monotonic() >= self._waits_until:
                raise _waiting(self._entry, self._durable)
            return False
        others = other_nodes(self._connection)
        if not others or any([await self._agrees(each) for each in others]):
            return True
        self._disputed_since = self._disputed_since or monotonic()
        if monotonic() - self._disputed_since > confirmation.PATIENCE_S:
            raise _unresolved(self._entry, "the nodes do not agree whether it can land")
        return False

    async def _agrees(self, node: AsyncClient) -> bool:
        with suppress(NodeError, RPCException):
            return await _is_expired(node, self._entry)
        return False


def _unresolved(entry: Entry, reason: object) -> UnresolvedError:
    return UnresolvedError(
        entry.signature,
        f"it is not known whether transaction {entry.signature} has landed ({reason}); "
        "try again once a node answers: nothing is done twice",
    )


def _waiting(entry: Entry, durable: Pubkey) -> UnresolvedError:
    return UnresolvedError(
        entry.signature,
        f"transaction {entry.signature} has not landed, and may as long as nonce account {durable} is not "
        f"used: run the same again, or end it: amalgam nonce withdraw {durable}",
    )


def _outdated(signature: Signature, durable: Pubkey | None) -> ExpiredError:
    reason = f"nonce account {durable} has another value by now" if durable else "its blockhash is too old"
    return ExpiredError(
        signature,
        f"transaction {signature} has not landed, and cannot any more: {reason}; make and sign it anew",
    )


def durable_by(entry: Entry) -> Pubkey | None:
    """The account of the nonce that a transaction was signed with; None if it was with a blockhash."""
    return nonce.advanced_by(message_in(entry)) if entry.last_valid_block_height == _NEVER else None


def message_in(entry: Entry) -> Message:
    """The message that was signed."""
    return cast(Message, VersionedTransaction.from_bytes(entry.wire).message)


async def _is_expired(connection: AsyncClient, entry: Entry) -> bool:
    """Whether a node that has seen the last block that can have the transaction knows nothing of it."""
    durable = durable_by(entry)
    if durable is None:
        final = (await connection.get_epoch_info(Finalized)).value
        if final.block_height <= entry.last_valid_block_height:
            return False
        slot = final.absolute_slot
    else:
        found = await connection.get_account_info(durable, Finalized)
        present = nonce.nonce_of(found.value)
        if present is not None and present.value == message_in(entry).recent_blockhash:
            return False
        slot = found.context.slot
        if not await _remembers(connection, entry):
            raise _unresolved(entry, "what the node remembers begins later")
    answer = await connection.get_signature_statuses([entry.signature], True)
    return answer.value[0] is None and answer.context.slot >= slot


async def _remembers(connection: AsyncClient, entry: Entry) -> bool:
    """Whether a node still has the blocks since a transaction was signed, which may be weeks ago."""
    first = (await connection.get_first_available_block()).value
    if not first:
        return True
    began = (await connection.get_block_time(first)).value
    return began is not None and began <= datetime.fromisoformat(entry.signed_at).timestamp()


async def simulate(
    connection: AsyncClient, message: Message, accounts: Sequence[Pubkey] = (), *, as_it_is: bool = False
) -> RpcSimulateTransactionResult:
    """The result of a message if it landed now, signed by all who must; with these accounts after it.

    Its blockhash is replaced by the latest, unless it is to be taken as it is. Raises errors.Refused if it
    would fail.
    """
    wanted = RpcSimulateTransactionAccountsConfig(accounts, UiAccountEncoding.Base64) if accounts else None
    config = RpcSimulateTransactionConfig(
        replace_recent_blockhash=not as_it_is, commitment=CommitmentLevel.Confirmed, accounts=wanted
    )
    unsigned = [Signature.default()] * message.header.num_required_signatures
    body = SimulateVersionedTransaction(VersionedTransaction.populate(message, unsigned), config)
    # solana-py's own method asks for no accounts, and cannot have the blockhash replaced, which a node behind
    # may not know yet.
    provider = connection._provider  # pyright: ignore[reportPrivateUsage]
    result = (await provider.make_request(body, SimulateTransactionResp)).value
    if result.err is not None:
        raise errors.from_status(result.err, result.logs or (), fee_payer=message.account_keys[0])
    return result


def packed(groups: Sequence[Sequence[Instruction]], payer: Pubkey) -> Iterator[slice]:
    """Which groups of instructions go into one transaction: as many as it has bytes for.

    Compute units are not looked at: what takes too many is refused, and the caller's to divide.
    """
    start = 0
    for stop in range(1, len(groups) + 1):
        if stop - start > 1 and _bytes(groups[start:stop], payer) > MAX_TRANSACTION_BYTES:
            yield slice(start, stop - 1)
            start = stop - 1
    if groups:
        yield slice(start, len(groups))


def _bytes(groups: Sequence[Sequence[Instruction]], payer: Pubkey) -> int:
    budget = [set_compute_unit_limit(MAX_COMPUTE_UNITS), set_compute_unit_price(0)]
    message = Message([*budget, *chain.from_iterable(groups)], payer)
    signatures = message.header.num_required_signatures
    return 1 + len(bytes(Signature.default())) * signatures + len(bytes(message))
