"""The embedded chain: Solana's runtime in this process, behind solana-py's own client.

`EmbeddedChain` holds a LiteSVM and what a node keeps around one: blocks, recent blockhashes, a clock and the
latest transactions. `EmbeddedChain.client()` is an `AsyncClient` answered from it, so that anchorpy,
`spl.token` and everything above them run unchanged here and on a cluster.

Where it differs from a cluster: each transaction that lands is a block of its own, final at once; the clock
stands still until it is set; only signatures cost a fee; a wallet may be left below rent exemption; there
are no address lookup tables, `jsonParsed` encoding or token balances of past transactions, and with a program
that runs from its source no durable nonces; to close a program panics.
"""

from __future__ import annotations

import ctypes
import json
import logging
import mmap
import os
import platform
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar, cast

from based58 import b58decode, b58encode
from solana.rpc.async_api import AsyncClient
from solana.rpc.core import RPCException
from solana.rpc.providers.async_base import AsyncBaseProvider
from solders import system_program
from solders.account import Account
from solders.account_decoder import UiAccountEncoding, UiTokenAmount
from solders.epoch_info import EpochInfo
from solders.hash import Hash
from solders.instruction import CompiledInstruction
from solders.keypair import Keypair
from solders.litesvm import FeatureSet, LiteSVM
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.rpc import errors, requests, responses
from solders.rpc.config import (
    RpcAccountInfoConfig,
    RpcTokenAccountsFilterMint,
    RpcTokenAccountsFilterProgramId,
)
from solders.rpc.filter import Memcmp
from solders.signature import Signature
from solders.token.state import Mint, TokenAccount
from solders.transaction import Legacy, VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata, TransactionMetadata
from solders.transaction_status import (
    EncodedConfirmedTransactionWithStatusMeta,
    EncodedTransactionWithStatusMeta,
    InstructionErrorCustom,
    InstructionErrorFieldless,
    TransactionConfirmationStatus,
    TransactionErrorFieldless,
    TransactionErrorInstructionError,
    TransactionErrorType,
    TransactionReturnData,
    TransactionStatus,
    UiCompiledInstruction,
    UiInnerInstructions,
    UiLoadedAddresses,
    UiRawMessage,
    UiTransaction,
    UiTransactionEncoding,
    UiTransactionStatusMeta,
)
from spl.token.constants import TOKEN_2022_PROGRAM_ID, TOKEN_PROGRAM_ID

from amalgam.chain import nonce
from amalgam.chain.rpc import client_of
from amalgam.chain.signing import instructions_of
from amalgam.chain.transactions import MAX_TRANSACTION_BYTES

if TYPE_CHECKING:
    from seahorse.engine import Engine, Outcome, Read

    Meta = TransactionMetadata | Outcome  # what a transaction has done

BLOCKHASH_LIFETIME_BLOCKS = 150
LAMPORTS_PER_SIGNATURE = 5_000
RUNTIME_VERSION = "2.2.0"  # of the Agave runtime inside solders' LiteSVM
# Ends deployments through the upgradeable loader, which no cluster has done: LiteSVM activates every feature.
_LOADER_V3_ENDS = Pubkey.from_string("EmhbpdVtZ2hWRGFWBDjn2i3SJD8Z36z4mpMcZJEnebnP")

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # mallopt(3)
_KEPT_BYTES = 32 * 2**20  # the most that glibc takes as M_MMAP_THRESHOLD
_FAUCET_LAMPORTS = 2**63
_ADDRESS_BATCH_TRANSACTIONS = 1_000
_TOKEN_PROGRAMS = (TOKEN_PROGRAM_ID, TOKEN_2022_PROGRAM_ID)
_TOKEN_ACCOUNT_BYTES = 165
_MINT_BYTES = 82
_FINALIZED = TransactionConfirmationStatus.Finalized
_T = TypeVar("_T")
_State = TypeVar("_State", Mint, TokenAccount)


class LandedTransaction(NamedTuple):
    """A transaction in a block, failed or not."""

    transaction: VersionedTransaction
    account_keys: list[Pubkey]
    slot: int
    block_time: int
    err: TransactionErrorType | None
    meta: Meta
    pre_balances: list[int]
    post_balances: list[int]


class Refusal(NamedTuple):
    """A transaction that changed nothing."""

    err: TransactionErrorType
    logs: list[str]
    units_consumed: int


class EmbeddedChain:
    """A chain of its own in this process, empty but for Solana's own programs and SPL's.

    Programs run under a cluster's limits: 200,000 compute units an instruction, 1,400,000 a transaction,
    10,000 bytes of log.
    """

    def __init__(self, *, transaction_history: int = 10_000) -> None:
        """Start a chain at the present time that remembers so many transactions, at least 151.

        Raises ValueError for fewer: a transaction is known as a duplicate while its blockhash is valid.
        """
        if transaction_history <= BLOCKHASH_LIFETIME_BLOCKS:
            raise ValueError(f"transaction_history must be over {BLOCKHASH_LIFETIME_BLOCKS}")
        _keep_freed_memory()
        self.svm = LiteSVM()
        # LiteSVM takes only its latest blockhash, and its history has no slots: both are kept here instead.
        _configure(self.svm, builtins=_features(), blockhash_check=False, transaction_history=0)
        self._capacity = transaction_history
        self._landed: OrderedDict[Signature, LandedTransaction] = OrderedDict()
        self._block_times: dict[int, int] = {}
        # LiteSVM cannot list its accounts. Addresses are added in batches: hashing them one by one is slow.
        self._addresses: dict[Pubkey, None] = {}
        self._unlisted: list[list[Pubkey]] = []
        self._last_valid_slot: OrderedDict[Hash, int] = OrderedDict()
        self.genesis_hash = Hash.from_bytes(os.urandom(32))  # no two chains are the same
        self.slot = 0
        self._begin_block()
        self.unix_timestamp = int(time.time())
        self._engine: Engine | None = None  # runs the programs that are given as Python source
        self._faucet = Keypair()
        self.svm.set_account(self._faucet.pubkey(), Account(_FAUCET_LAMPORTS, b"", system_program.ID))

    def client(self) -> AsyncClient:
        """A client of this chain; any number may be used at once."""
        return client_of(_Provider(self))

    @property
    def unix_timestamp(self) -> int:
        """The chain's time in Unix seconds: the present when it was created, and then as it is set."""
        return self._unix_timestamp

    @unix_timestamp.setter
    def unix_timestamp(self, seconds: int) -> None:
        clock = self.svm.get_clock()
        clock.unix_timestamp = seconds
        self.svm.set_clock(clock)
        self._unix_timestamp = seconds

    def advance(self, seconds: int) -> None:
        """Move the clock forward. Blocks do not pass with it: see `end_block`."""
        if seconds < 0:
            raise ValueError("time only advances; set unix_timestamp to move it back")
        self.unix_timestamp += seconds

    def end_block(self) -> None:
        """End the current block: the next has a new blockhash, valid for 150 blocks."""
        self._block_times[self.slot] = self._unix_timestamp
        self._block_times.pop(self.slot - self._capacity, None)
        self._begin_block()

    def _begin_block(self) -> None:
        self.slot += 1
        self.svm.warp_to_slot(self.slot)
        self.svm.expire_blockhash()
        self._last_valid_slot[self.svm.latest_blockhash()] = self.slot + BLOCKHASH_LIFETIME_BLOCKS
        if len(self._last_valid_slot) > BLOCKHASH_LIFETIME_BLOCKS + 1:
            self._last_valid_slot.popitem(last=False)

    def last_valid_slot(self, blockhash: Hash) -> int | None:
        """The last slot in which a transaction with this blockhash can land, None once it has passed."""
        return self._last_valid_slot.get(blockhash)

    @property
    def first_slot(self) -> int:
        """Of the blocks that are remembered."""
        return next(iter(self._block_times), self.slot)

    def block_time(self, slot: int) -> int | None:
        """When the block was produced, in Unix seconds; None for one that is not known (any more)."""
        return self.unix_timestamp if slot == self.slot else self._block_times.get(slot)

    def add_program(self, program_id: Pubkey, program: bytes | Path) -> None:
        """Deploy a program, given its `.so` or the path of it, or the path of its `.py`.

        A Python program is run from its source: the same answers, but for compute units, of which it takes
        none. Whatever else is in its transactions then runs in Python too, or is refused by name with
        NotImplementedError: the System program, SPL Token and other Python programs are there.

        Raises ValueError for another kind of file.
        """
        self._addresses[program_id] = None
        if isinstance(program, Path) and program.suffix == ".py":
            if self._engine is None:
                from seahorse.engine import Engine

                self._engine = Engine()
            self._engine.add_program(program_id, program)
            return
        if self._engine is not None:
            self._engine.remove_program(program_id)
        elf = program if isinstance(program, bytes) else program.read_bytes()
        if not elf.startswith(b"\x7fELF"):  # LiteSVM would panic
            raise ValueError(f"program {program_id}: not an ELF file")
        self.svm.add_program(program_id, elf)

    def set_account(self, address: Pubkey, account: Account) -> None:
        """Put an account there whatever the chain's rules say, as only a test may."""
        self.svm.set_account(address, account)
        self._addresses[address] = None

    def account(self, address: Pubkey) -> Account | None:
        """The account at an address; one without lamports does not exist."""
        account = (self._engine and self._engine.account(address)) or self.svm.get_account(address)
        return account if account is not None and account.lamports else None

    def accounts_of(self, program: Pubkey) -> Iterator[tuple[Pubkey, Account]]:
        """The accounts a program owns, among those that a transaction has named or `set_account` has put."""
        self._list_addresses()
        for address in self._addresses:
            account = self.account(address)
            if account is not None and account.owner == program:
                yield address, account

    def balance(self, address: Pubkey) -> int:
        """Lamports."""
        program = self._engine and self._engine.account(address)
        return program.lamports if program else self.svm.get_balance(address) or 0

    def airdrop(self, address: Pubkey, lamports: int) -> Signature:
        """Give lamports, in a transaction of its own. Raises ValueError when the faucet has too few."""
        source = self._faucet.pubkey()
        give = system_program.transfer(
            system_program.TransferParams(from_pubkey=source, to_pubkey=address, lamports=lamports)
        )
        message = Message.new_with_blockhash([give], source, self.svm.latest_blockhash())
        transaction = VersionedTransaction(message, [self._faucet])
        refusal = self.send(transaction, preflight=True)
        if refusal is not None:
            raise ValueError(
                f"airdrop of {lamports} lamports refused: {_described(refusal.err, refusal.logs)}"
            )
        return transaction.signatures[0]

    def landed(self, signature: Signature) -> LandedTransaction | None:
        """The transaction of that signature, unless it never landed or is forgotten."""
        return self._landed.get(signature)

    def landed_newest_first(self) -> Iterator[LandedTransaction]:
        """The transactions remembered."""
        return reversed(self._landed.values())

    def send(self, transaction: VersionedTransaction, *, preflight: bool) -> Refusal | None:
        """Run a transaction in a block of its own.

        With `preflight` one that fails is refused and changes nothing. Without, it lands as failed and pays
        its fee, as on a cluster, unless it cannot even do that.
        """
        message, signature = transaction.message, transaction.signatures[0]
        stale = self._stale(message, signature)
        if stale is not None:
            return Refusal(stale, [], 0)
        account_keys = message.account_keys
        read = self._engine and self._engine.read(message)
        if self._engine is not None and read is not None:
            return self._send_to(self._engine, transaction, read, preflight=preflight)
        pre_balances = self._balances(account_keys)
        result = self.svm.send_transaction(transaction)
        _empty_mmx()
        if isinstance(result, TransactionMetadata):
            self._land(transaction, account_keys, None, result, pre_balances, self._balances(account_keys))
            return None
        err, meta = result.err(), result.meta()
        # What never ran has a signature of zeros, as an unsigned transaction has.
        charged = meta.signature() == signature and err != TransactionErrorFieldless.SignatureFailure
        if charged and not preflight:
            self._use_nonce(message)
            self._land(transaction, account_keys, err, meta, pre_balances, self._balances(account_keys))
            return None
        if charged:  # preflight is this same run, which has changed nothing but the fee payer's lamports
            self._set_lamports(account_keys[0], pre_balances[0])
        return Refusal(err, meta.logs(), meta.compute_units_consumed())

    def _send_to(
        self,
        engine: Engine,
        transaction: VersionedTransaction,
        read: Read,
        *,
        preflight: bool,
    ) -> Refusal | None:
        """Run a transaction of Python programs on LiteSVM's accounts, which stay the only ones."""
        outcome = engine.execute(transaction, read, self.svm.get_account)
        if outcome.err is not None and (preflight or not outcome.ran):
            return Refusal(outcome.err, outcome.logs(), 0)
        for address, account in outcome.changed:
            self.svm.set_account(address, account)
        balances = outcome.pre_balances, outcome.post_balances
        self._land(transaction, transaction.message.account_keys, outcome.err, outcome, *balances)
        return None

    def simulate(
        self, transaction: VersionedTransaction, *, any_blockhash: bool
    ) -> tuple[TransactionErrorType | None, Meta | None, dict[Pubkey, Account | None]]:
        """Run a transaction, signed or not, and forget it: its error, what it did, the accounts after."""
        stale = None if any_blockhash else self._stale(transaction.message, transaction.signatures[0])
        if stale is not None:
            return stale, None, {}
        read = self._engine and self._engine.read(transaction.message)
        if self._engine is not None and read is not None:
            outcome = self._engine.execute(transaction, read, self.svm.get_account, verify=False)
            changed = {} if outcome.err else dict(outcome.changed)
            return outcome.err, outcome, {a: each if each.lamports else None for a, each in changed.items()}
        _configure(self.svm, sigverify=False)
        try:
            result = self.svm.simulate_transaction(transaction)
        finally:
            _configure(self.svm, sigverify=True)
        _empty_mmx()
        if isinstance(result, FailedTransactionMetadata):
            return result.err(), result.meta(), {}
        after = {
            address: account if account.lamports else None for address, account in result.post_accounts()
        }
        return None, result.meta(), after

    def _stale(self, message: Message | MessageV0, signature: Signature) -> TransactionErrorType | None:
        if message.recent_blockhash not in self._last_valid_slot and not self._is_durable(message):
            return TransactionErrorFieldless.BlockhashNotFound
        if signature in self._landed:
            return TransactionErrorFieldless.AlreadyProcessed
        return None

    def _is_durable(self, message: Message | MessageV0) -> bool:
        """Whether a nonce stands in for the blockhash, which LiteSVM leaves to its user to check."""
        address = nonce.advanced_by(message)
        found = nonce.nonce_of(self.account(address)) if address else None
        if found is None or address is None:
            return False
        account, *others = instructions_of(message)[0].accounts
        return (
            found.value == message.recent_blockhash != nonce.after(self.svm.latest_blockhash())
            and account.is_writable
            and any(each.is_signer and each.pubkey == found.authority for each in others)
        )

    def _use_nonce(self, message: Message | MessageV0) -> None:
        """What has failed has used its nonce all the same; LiteSVM has undone that with all else."""
        address = nonce.advanced_by(message)
        if address is None or message.recent_blockhash in self._last_valid_slot:
            return
        account = cast(Account, self.svm.get_account(address))
        value = bytes(nonce.after(self.svm.latest_blockhash()))
        data = account.data[:40] + value + account.data[72:]
        self.svm.set_account(address, Account(account.lamports, data, account.owner))

    def _land(
        self,
        transaction: VersionedTransaction,
        account_keys: list[Pubkey],
        err: TransactionErrorType | None,
        meta: Meta,
        pre_balances: list[int],
        post_balances: list[int],
    ) -> None:
        self._landed[transaction.signatures[0]] = LandedTransaction(
            transaction, account_keys, self.slot, self._unix_timestamp, err, meta, pre_balances, post_balances
        )
        if 0 in post_balances:
            self._forget_emptied(account_keys, pre_balances, post_balances)
        if len(self._landed) > self._capacity:
            self._landed.popitem(last=False)
        self._unlisted.append(account_keys)
        if len(self._unlisted) == _ADDRESS_BATCH_TRANSACTIONS:
            self._list_addresses()
        self.end_block()

    def _forget_emptied(self, addresses: list[Pubkey], before: list[int], after: list[int]) -> None:
        """An account without lamports is gone; LiteSVM keeps its data and its owner."""
        for address, was, is_ in zip(addresses, before, after, strict=True):
            if was and not is_:
                self.svm.set_account(address, Account(0, b"", system_program.ID))

    def _list_addresses(self) -> None:
        for account_keys in self._unlisted:
            self._addresses.update(dict.fromkeys(account_keys))
        self._unlisted.clear()

    def _balances(self, addresses: Iterable[Pubkey]) -> list[int]:
        lamports = self.svm.get_balance if self._engine is None else self.balance
        return [lamports(address) or 0 for address in addresses]

    def _set_lamports(self, address: Pubkey, lamports: int) -> None:
        account = self.svm.get_account(address) or Account.default()
        self.svm.set_account(
            address, Account(lamports, account.data, account.owner, account.executable, account.rent_epoch)
        )


def _features() -> FeatureSet:
    active = FeatureSet.all_enabled().active
    return FeatureSet(
        {feature: slot for feature, slot in active.items() if feature != _LOADER_V3_ENDS},
        {_LOADER_V3_ENDS},
    )


def _configure(svm: LiteSVM, **settings: object) -> None:
    """Set LiteSVM's options, which solders' type stubs have under other names than the library."""
    for name, value in settings.items():
        getattr(svm, f"with_{name}")(value)


def _keep_freed_memory() -> None:
    """Have glibc keep what LiteSVM frees after each program that it runs, and takes again for the next.

    Asking the kernel for it anew takes a third of a transaction's time.
    """
    if platform.libc_ver()[0] == "glibc":
        glibc = ctypes.CDLL(None)
        glibc.mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
        glibc.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)


def _mmx_emptier() -> Callable[[], object]:
    """A function that empties the MMX registers: LiteSVM sometimes leaves them full after a program. They are
    x87's too, and the next `long double` would be NaN. Only the instruction EMMS empties them.
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return lambda: None
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(b"\x0f\x77\xc3")  # emms; ret
    code = ctypes.c_char.from_buffer(page)  # keeps the page
    run = ctypes.CFUNCTYPE(None)(ctypes.addressof(code))
    return lambda _=code: run()


_empty_mmx = _mmx_emptier()


class _Provider(AsyncBaseProvider):
    """Answers JSON-RPC requests from an embedded chain, as objects, in a node's words."""

    logger = logging.getLogger(__name__)
    endpoint_uri = "embedded"
    is_own_chain = True  # see rpc.is_own_chain

    def __init__(self, chain: EmbeddedChain) -> None:
        self._chain = chain
        self._answers: dict[type, Callable[[Any], responses.RPCResult]] = {
            requests.GetAccountInfo: self._get_account_info,
            requests.GetBalance: self._get_balance,
            requests.GetBlockHeight: self._get_block_height,
            requests.GetBlockTime: self._get_block_time,
            requests.GetEpochInfo: self._get_epoch_info,
            requests.GetFirstAvailableBlock: self._get_first_available_block,
            requests.GetFeeForMessage: self._get_fee_for_message,
            requests.GetGenesisHash: self._get_genesis_hash,
            requests.GetHealth: self._get_health,
            requests.GetLatestBlockhash: self._get_latest_blockhash,
            requests.GetMinimumBalanceForRentExemption: self._get_minimum_balance_for_rent_exemption,
            requests.GetMultipleAccounts: self._get_multiple_accounts,
            requests.GetProgramAccounts: self._get_program_accounts,
            requests.GetSignaturesForAddress: self._get_signatures_for_address,
            requests.GetSignatureStatuses: self._get_signature_statuses,
            requests.GetSlot: self._get_slot,
            requests.GetTokenAccountBalance: self._get_token_account_balance,
            requests.GetTokenAccountsByOwner: self._get_token_accounts_by_owner,
            requests.GetTokenSupply: self._get_token_supply,
            requests.GetTransaction: self._get_transaction,
            requests.GetVersion: self._get_version,
            requests.IsBlockhashValid: self._is_blockhash_valid,
            requests.RequestAirdrop: self._request_airdrop,
            requests.SendRawTransaction: self._send_transaction,
            requests.SimulateLegacyTransaction: self._simulate_transaction,
            requests.SimulateVersionedTransaction: self._simulate_transaction,
        }

    async def make_request(self, body: requests.Body, parser: type[_T]) -> _T:  # noqa: ARG002 (the seam)
        """Answer a request, or raise RPCException with the error a node would send."""
        answer = self._answers.get(type(body))
        if answer is None:
            method = json.loads(body.to_json())["method"]
            raise RPCException(errors.MethodNotFoundMessage(f"Method not found: {method} (embedded chain)"))
        return cast(_T, answer(body))

    async def __aenter__(self) -> _Provider:
        return self

    async def close(self) -> None:
        """There is no connection to close."""

    def _context(self) -> responses.RpcResponseContext:
        return responses.RpcResponseContext(self._chain.slot)

    # Accounts

    def _get_account_info(self, body: requests.GetAccountInfo) -> responses.GetAccountInfoResp:
        account = self._chain.account(body.pubkey)
        return responses.GetAccountInfoResp(_shown(account, body.config), self._context())

    def _get_multiple_accounts(self, body: requests.GetMultipleAccounts) -> responses.GetMultipleAccountsResp:
        addresses = body.accounts
        if len(addresses) > 100:
            _invalid("Too many inputs provided; max 100")
        accounts = [_shown(self._chain.account(address), body.config) for address in addresses]
        return responses.GetMultipleAccountsResp(accounts, self._context())

    def _get_program_accounts(self, body: requests.GetProgramAccounts) -> responses.GetProgramAccountsResp:
        config = body.config
        filters = [] if config is None else [_matcher(f) for f in config.filters or []]
        if len(filters) > 4:
            _invalid("Too many filters provided; max 4")
        found = (
            (address, account)
            for address, account in self._chain.accounts_of(body.program)
            if all(matches(account.data) for matches in filters)
        )
        return responses.GetProgramAccountsResp(_keyed(found, config.account_config if config else None))

    def _get_balance(self, body: requests.GetBalance) -> responses.GetBalanceResp:
        return responses.GetBalanceResp(self._chain.balance(body.pubkey), self._context())

    def _get_minimum_balance_for_rent_exemption(
        self, body: requests.GetMinimumBalanceForRentExemption
    ) -> responses.GetMinimumBalanceForRentExemptionResp:
        lamports = self._chain.svm.minimum_balance_for_rent_exemption(body.length)
        return responses.GetMinimumBalanceForRentExemptionResp(lamports)

    # Tokens

    def _get_token_account_balance(
        self, body: requests.GetTokenAccountBalance
    ) -> responses.GetTokenAccountBalanceResp:
        token_account = _token_account(self._existing(body.account))
        if token_account is None:
            _invalid("Invalid param: not a Token account")
        decimals = self._mint(token_account.mint).decimals
        return responses.GetTokenAccountBalanceResp(
            _token_amount(token_account.amount, decimals), self._context()
        )

    def _get_token_supply(self, body: requests.GetTokenSupply) -> responses.GetTokenSupplyResp:
        mint = self._mint(body.mint)
        return responses.GetTokenSupplyResp(_token_amount(mint.supply, mint.decimals), self._context())

    def _get_token_accounts_by_owner(
        self, body: requests.GetTokenAccountsByOwner
    ) -> responses.GetTokenAccountsByOwnerResp:
        found = self._token_accounts(body.account, body.filter_)
        return responses.GetTokenAccountsByOwnerResp(_keyed(found, body.config), self._context())

    def _token_accounts(
        self, owner: Pubkey, of: RpcTokenAccountsFilterMint | RpcTokenAccountsFilterProgramId
    ) -> Iterator[tuple[Pubkey, Account]]:
        mint = of.mint if isinstance(of, RpcTokenAccountsFilterMint) else None
        if isinstance(of, RpcTokenAccountsFilterMint):
            self._mint(of.mint)
            program = self._existing(of.mint).owner
        else:
            program = of.program_id
        if program not in _TOKEN_PROGRAMS:
            _invalid("Invalid param: unrecognized Token program id")
        for address, account in self._chain.accounts_of(program):
            token = _token_account(account)
            if token is not None and token.owner == owner and mint in (None, token.mint):
                yield address, account

    def _mint(self, address: Pubkey) -> Mint:
        mint = _token_state(self._existing(address), Mint, _MINT_BYTES, 1)
        if mint is None:
            _invalid("Invalid param: not a Token mint")
        return mint

    def _existing(self, address: Pubkey) -> Account:
        account = self._chain.account(address)
        if account is None:
            _invalid("Invalid param: could not find account")
        return account

    # Blocks

    def _get_slot(self, _body: requests.GetSlot) -> responses.GetSlotResp:
        return responses.GetSlotResp(self._chain.slot)

    def _get_block_height(self, _body: requests.GetBlockHeight) -> responses.GetBlockHeightResp:
        return responses.GetBlockHeightResp(self._chain.slot)

    def _get_epoch_info(self, _body: requests.GetEpochInfo) -> responses.GetEpochInfoResp:
        slot = self._chain.slot
        schedule = self._chain.svm.get_epoch_schedule()
        epoch, index = schedule.get_epoch_and_slot_index(slot)
        info = EpochInfo(epoch, index, schedule.get_slots_in_epoch(epoch), slot, slot, None)
        return responses.GetEpochInfoResp(info)

    def _get_first_available_block(
        self, _body: requests.GetFirstAvailableBlock
    ) -> responses.GetFirstAvailableBlockResp:
        return responses.GetFirstAvailableBlockResp(self._chain.first_slot)

    def _get_block_time(self, body: requests.GetBlockTime) -> responses.GetBlockTimeResp:
        block_time = self._chain.block_time(body.slot)
        if block_time is None or block_time < 0:  # solders' answer is unsigned
            raise RPCException(errors.BlockNotAvailableMessage(f"Block not available for slot {body.slot}"))
        return responses.GetBlockTimeResp(block_time)

    def _get_latest_blockhash(self, _body: requests.GetLatestBlockhash) -> responses.GetLatestBlockhashResp:
        value = responses.RpcBlockhash(
            self._chain.svm.latest_blockhash(), self._chain.slot + BLOCKHASH_LIFETIME_BLOCKS
        )
        return responses.GetLatestBlockhashResp(value, self._context())

    def _is_blockhash_valid(self, body: requests.IsBlockhashValid) -> responses.IsBlockhashValidResp:
        valid = self._chain.last_valid_slot(body.blockhash) is not None
        return cast(Any, responses.IsBlockhashValidResp)(valid, self._context())

    def _get_genesis_hash(self, _body: requests.GetGenesisHash) -> responses.GetGenesisHashResp:
        return responses.GetGenesisHashResp(self._chain.genesis_hash)

    def _get_health(self, _body: requests.GetHealth) -> responses.GetHealthResp:
        return responses.GetHealthResp("ok")

    def _get_version(self, _body: requests.GetVersion) -> responses.GetVersionResp:
        return responses.GetVersionResp(responses.RpcVersionInfo(RUNTIME_VERSION))

    # Sending

    def _send_transaction(self, body: requests.SendRawTransaction) -> responses.SendTransactionResp:
        transaction = _decoded(body.tx)
        preflight = body.config is None or not body.config.skip_preflight
        refused = self._chain.send(transaction, preflight=preflight)
        if refused is not None and preflight:
            _verify_signatures(transaction)
            result = responses.RpcSimulateTransactionResult(
                refused.err, refused.logs, units_consumed=refused.units_consumed
            )
            message = f"Transaction simulation failed: {_described(refused.err, refused.logs)}"
            raise RPCException(errors.SendTransactionPreflightFailureMessage(message, result))
        return responses.SendTransactionResp(transaction.signatures[0])

    def _simulate_transaction(
        self, body: requests.SimulateLegacyTransaction | requests.SimulateVersionedTransaction
    ) -> responses.SimulateTransactionResp:
        transaction, config = _decoded(bytes(body.tx)), body.config
        verify = config is not None and config.sig_verify
        replace = config is not None and config.replace_recent_blockhash
        if verify and replace:
            _invalid("sigVerify may not be used with replaceRecentBlockhash")
        if verify:
            _verify_signatures(transaction)
        err, meta, after = self._chain.simulate(transaction, any_blockhash=replace)
        wanted = config.accounts if config is not None else None
        accounts = wanted and [
            None if err is not None else after.get(address, self._chain.account(address))
            for address in wanted.addresses
        ]
        value = responses.RpcSimulateTransactionResult(
            err,
            meta.logs() if meta else [],
            accounts,
            meta.compute_units_consumed() if meta else 0,
            meta and _return_data(meta),
            _inner_instructions(meta) if meta and config and config.inner_instructions else None,
        )
        return cast(Any, responses.SimulateTransactionResp)(value, self._context())

    def _request_airdrop(self, body: requests.RequestAirdrop) -> responses.RequestAirdropResp:
        try:
            return responses.RequestAirdropResp(self._chain.airdrop(body.pubkey, body.lamports))
        except ValueError as error:
            raise RPCException(errors.InternalErrorMessage(str(error))) from error

    def _get_fee_for_message(self, body: requests.GetFeeForMessage) -> responses.GetFeeForMessageResp:
        message: Message | MessageV0 = cast(Any, body).message
        known = self._chain.last_valid_slot(message.recent_blockhash) is not None
        fee = LAMPORTS_PER_SIGNATURE * message.header.num_required_signatures
        return responses.GetFeeForMessageResp(fee if known else None, self._context())

    # Transactions that landed

    def _get_signature_statuses(
        self, body: requests.GetSignatureStatuses
    ) -> responses.GetSignatureStatusesResp:
        signatures = body.signatures
        if len(signatures) > 256:
            _invalid("Too many inputs provided; max 256")
        return responses.GetSignatureStatusesResp([self._status(s) for s in signatures], self._context())

    def _status(self, signature: Signature) -> TransactionStatus | None:
        landed = self._chain.landed(signature)
        if landed is None:
            return None
        return TransactionStatus(landed.slot, None, landed.err, landed.err, _FINALIZED)

    def _get_signatures_for_address(
        self, body: requests.GetSignaturesForAddress
    ) -> responses.GetSignaturesForAddressResp:
        config = body.config
        before, until = (config.before, config.until) if config else (None, None)
        limit = 1_000 if config is None or config.limit is None else config.limit
        if not 1 <= limit <= 1_000:
            _invalid("Invalid limit; max 1000")
        found = (t for t in self._between(before, until) if body.address in t.account_keys)
        value = [
            responses.RpcConfirmedTransactionStatusWithSignature(
                t.transaction.signatures[0], t.slot, t.err, None, t.block_time, _FINALIZED
            )
            for t in islice(found, limit)
        ]
        return responses.GetSignaturesForAddressResp(value)

    def _between(self, before: Signature | None, until: Signature | None) -> Iterator[LandedTransaction]:
        newest_first = self._chain.landed_newest_first()
        if before is not None:
            for landed in newest_first:
                if landed.transaction.signatures[0] == before:
                    break
        for landed in newest_first:
            if until is not None and landed.transaction.signatures[0] == until:
                return
            yield landed

    def _get_transaction(self, body: requests.GetTransaction) -> responses.GetTransactionResp:
        landed = self._chain.landed(body.signature)
        if landed is None:
            return responses.GetTransactionResp(None)
        encoding = body.config.encoding if body.config else None
        if encoding == UiTransactionEncoding.JsonParsed:
            _invalid("jsonParsed encoding is not supported by the embedded chain")
        versions = body.config.max_supported_transaction_version if body.config else None
        version = landed.transaction.version()
        if versions is None and version != Legacy.Legacy:
            raise RPCException(
                errors.UnsupportedTransactionVersionMessage(
                    f"Transaction version ({version}) is not supported by the requesting client. "
                    "Please try the request again with the following configuration parameter: "
                    f'"maxSupportedTransactionVersion": {version}'
                )
            )
        binary = encoding in (UiTransactionEncoding.Base58, UiTransactionEncoding.Base64)
        encoded = EncodedTransactionWithStatusMeta(
            landed.transaction if binary else _readable(landed.transaction),
            _status_meta(landed),
            None if versions is None else version,
        )
        return responses.GetTransactionResp(
            EncodedConfirmedTransactionWithStatusMeta(landed.slot, encoded, landed.block_time)
        )


def _invalid(message: str) -> NoReturn:
    raise RPCException(errors.InvalidParamsMessage(message))


# Accounts as a request wants them


def _shown(account: Account | None, config: RpcAccountInfoConfig | None) -> Account | None:
    """The account with its data sliced as asked; solana-py has decoded it again whatever the encoding."""
    encoding, data_slice = (config.encoding, config.data_slice) if config else (None, None)
    if encoding == UiAccountEncoding.JsonParsed:
        _invalid("jsonParsed encoding is not supported by the embedded chain")
    if account is None:
        return None
    if data_slice is not None:
        data = account.data[data_slice.offset : data_slice.offset + data_slice.length]
        account = Account(account.lamports, data, account.owner, account.executable, account.rent_epoch)
    if encoding in (UiAccountEncoding.Base58, UiAccountEncoding.Binary) and len(account.data) > 128:
        message = "Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding."
        raise RPCException(errors.InvalidRequestMessage(message))
    return account


def _keyed(
    found: Iterable[tuple[Pubkey, Account]], config: RpcAccountInfoConfig | None
) -> list[responses.RpcKeyedAccount]:
    return [
        responses.RpcKeyedAccount(address, cast(Account, _shown(account, config)))
        for address, account in found
    ]


def _matcher(wanted: int | Memcmp) -> Callable[[bytes], bool]:
    """The test a filter puts to an account's data."""
    if isinstance(wanted, int):
        return lambda data: len(data) == wanted
    content = json.loads(wanted.to_json())["bytes"]  # solders shows it in no other way
    try:
        expected = b58decode(content.encode()) if isinstance(content, str) else bytes(content)
    except ValueError as error:
        raise RPCException(errors.InvalidParamsMessage(f"Invalid param: {error}")) from error
    start, end = wanted.offset, wanted.offset + len(expected)
    return lambda data: data[start:end] == expected


# Tokens


def _has_layout(data: bytes, size: int, kind: int) -> bool:
    """Whether data is of a token type's size, or Token-2022's of that kind with extensions."""
    return len(data) == size or data[_TOKEN_ACCOUNT_BYTES : _TOKEN_ACCOUNT_BYTES + 1] == bytes([kind])


def _token_state(account: Account, state: type[_State], size: int, kind: int) -> _State | None:
    if account.owner not in _TOKEN_PROGRAMS or not _has_layout(account.data, size, kind):
        return None
    try:
        return cast(Any, state).from_bytes(account.data[:size])
    except ValueError:  # not initialized
        return None


def _token_account(account: Account) -> TokenAccount | None:
    return _token_state(account, TokenAccount, _TOKEN_ACCOUNT_BYTES, 2)


def _token_amount(amount: int, decimals: int) -> UiTokenAmount:
    whole, fraction = divmod(amount, 10**decimals)
    text = f"{whole}.{fraction:0{decimals}d}".rstrip("0").removesuffix(".")
    return UiTokenAmount(amount / 10**decimals, decimals, str(amount), text)


# Transactions


def _decoded(raw: bytes) -> VersionedTransaction:
    name = "solana_transaction::versioned::VersionedTransaction"
    if len(raw) > MAX_TRANSACTION_BYTES:
        _invalid(f"decoded {name} too large: {len(raw)} bytes (max: {MAX_TRANSACTION_BYTES} bytes)")
    try:
        transaction = VersionedTransaction.from_bytes(raw)
        transaction.sanitize()
    except ValueError as error:
        raise RPCException(errors.InvalidParamsMessage(f"failed to deserialize {name}: {error}")) from error
    message = transaction.message
    if isinstance(message, MessageV0) and message.address_table_lookups:
        _invalid("address lookup tables are not supported by the embedded chain")
    return transaction


def _verify_signatures(transaction: VersionedTransaction) -> None:
    if not all(transaction.verify_with_results()):
        raise RPCException(errors.RpcCustomErrorFieldless.TransactionSignatureVerificationFailure)


_DESCRIPTIONS = {
    "AccountNotFound": "Attempt to debit an account but found no record of a prior credit.",
    "AlreadyProcessed": "This transaction has already been processed",
    "BlockhashNotFound": "Blockhash not found",
    "InsufficientFundsForFee": "Insufficient funds for fee",
    "InvalidAccountForFee": "This account may not be used to pay transaction fees",
    "InvalidProgramForExecution": "This program may not be used for executing instructions",
    "ProgramAccountNotFound": "Attempt to load a program that does not exist",
}


def _described(err: TransactionErrorType, logs: Sequence[str]) -> str:
    """An error in a node's words."""
    if not isinstance(err, TransactionErrorInstructionError):
        name = repr(err).rpartition(".")[2]
        return _DESCRIPTIONS.get(name, name)
    inner = err.err
    if isinstance(inner, InstructionErrorCustom):
        reason = f"custom program error: {inner.code:#x}"
    elif inner == InstructionErrorFieldless.ProgramFailedToComplete:
        reason = "Program failed to complete"  # the log has what the program died of
    else:
        failures = (line.partition(" failed: ")[2] for line in reversed(logs))
        reason = next(filter(None, failures), repr(inner))
    return f"Error processing Instruction {err.index}: {reason}"


def _return_data(meta: Meta) -> TransactionReturnData | None:
    data: TransactionReturnData = cast(Any, meta).return_data()
    return data if data.data else None


def _inner_instructions(meta: Meta) -> list[UiInnerInstructions]:
    return [
        UiInnerInstructions(
            index, [_compiled(inner.instruction(), cast(Any, inner).stack_height()) for inner in group]
        )
        for index, group in enumerate(meta.inner_instructions())
        if group
    ]


def _compiled(instruction: CompiledInstruction, stack_height: int | None) -> UiCompiledInstruction:
    data = b58encode(instruction.data).decode()
    return UiCompiledInstruction(instruction.program_id_index, instruction.accounts, data, stack_height)


def _readable(transaction: VersionedTransaction) -> UiTransaction:
    message = transaction.message
    instructions = [_compiled(instruction, None) for instruction in message.instructions]
    raw = UiRawMessage(
        message.header,
        message.account_keys,
        message.recent_blockhash,
        instructions,
        None if isinstance(message, Message) else [],
    )
    return UiTransaction(transaction.signatures, raw)


def _status_meta(landed: LandedTransaction) -> UiTransactionStatusMeta:
    meta = landed.meta
    fee = sum(landed.pre_balances) - sum(landed.post_balances)  # nothing else leaves a transaction's accounts
    return UiTransactionStatusMeta(
        landed.err,
        fee,
        landed.pre_balances,
        landed.post_balances,
        _inner_instructions(meta),
        meta.logs(),
        rewards=[],
        loaded_addresses=UiLoadedAddresses([], []),
        return_data=_return_data(meta),
        compute_units_consumed=meta.compute_units_consumed(),
    )
