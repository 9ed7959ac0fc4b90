"""A chain with one program, seen through anchorpy and an RPC client: what tests of every program share.

The same test runs on the embedded chain and on a validator. Only `travel_to`, `forge` and `put` reach past
the rules of a chain: they are in `Chain`.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import IntEnum
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

import pytest
from anchorpy import Context, Event, EventParser, Idl, Program, Provider, Wallet
from anchorpy.error import ProgramError
from anchorpy.program.common import NamedInstruction
from pyheck import snake
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed
from solana.rpc.core import RPCException
from solana.rpc.types import TxOpts
from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.rpc.errors import SendTransactionPreflightFailureMessage
from solders.signature import Signature
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.system_program import CreateAccountParams, TransferParams, create_account, transfer
from solders.sysvar import CLOCK, RENT
from solders.token.state import Mint, TokenAccount
from solders.transaction import VersionedTransaction
from solders.transaction_status import (
    InstructionErrorCustom,
    InstructionErrorFieldless,
    TransactionErrorInstructionError,
)
from spl.token.constants import ACCOUNT_LEN, MINT_LEN
from spl.token.constants import TOKEN_PROGRAM_ID as TOKEN_PROGRAM
from spl.token.instructions import (
    InitializeAccountParams,
    InitializeMintParams,
    MintToParams,
    initialize_account,
    initialize_mint,
    mint_to,
)

from amalgam.programs import Program as ProgramName

ROOT = Path(__file__).parents[2]
NOON = int(datetime(2054, 6, 21, 12, tzinfo=UTC).timestamp())  # to come, since a validator only goes forward
U64_MAX = 2**64 - 1
I64_MAX = 2**63 - 1
WALLET_LAMPORTS = 1_000_000_000
MOST_ACCOUNTS = 100  # that a node gives at once
WALLETS = ("operator", "rival", "owner", "neighbour", "newcomer", "thief")

WELL_KNOWN = {
    "clock": CLOCK,
    "rent": RENT,
    "system_program": SYSTEM_PROGRAM,
    "token_program": TOKEN_PROGRAM,
}

_TOKEN_FIELDS = {
    Mint: ("mint_authority", "supply", "decimals", "is_initialized", "freeze_authority"),
    TokenAccount: (
        *("mint", "owner", "amount", "delegate", "state", "is_native", "delegated_amount", "close_authority"),
    ),
}

Snapshot = dict[str, dict[str, Any] | None]
S = TypeVar("S", bound="Stage")
Load = Callable[[ProgramName], Program]  # through anchorpy, on the chain of a test
NOTHING = Account(0, b"", SYSTEM_PROGRAM)  # removes an account


class Token(IntEnum):
    """SPL Token's errors."""

    INSUFFICIENT_FUNDS = 1
    MINT_MISMATCH = 3
    OWNER_MISMATCH = 4
    MINT_CANNOT_FREEZE = 16
    ACCOUNT_FROZEN = 17


class System(IntEnum):
    """The System program's errors."""

    ACCOUNT_ALREADY_IN_USE = 0


class Refused(Exception):  # noqa: N818 (what happened, not a fault of the test)
    """A transaction that failed: the program that refused it, and its error.

    The error is a panic's message, a custom error's code, or the runtime's own error.
    """

    def __init__(self, error: str | int | object, program: Pubkey | None, logs: Sequence[str]) -> None:
        super().__init__(f"{error!r} by {program}\n" + "\n".join(logs))
        self.error = error
        self.program = program


class Chain(Protocol):
    """What a test does to a chain, whatever its rules say."""

    unix_timestamp: int

    def set_account(self, address: Pubkey, account: Account) -> None: ...


class Stage(ABC):
    """Accounts by name, and what tests do with them.

    Keys depend on the seed alone, so that a failing test fails the same way again.
    """

    def __init__(self, program: Program, seed: str, chain: Chain) -> None:
        self.program = program
        self.client: AsyncClient = program.provider.connection
        self.fee_payer: Keypair = program.provider.wallet.payer
        self._seed = seed
        self.chain = chain
        self.accounts = {name: self.key(name).pubkey() for name in WALLETS}

    def __getitem__(self, name: str) -> Pubkey:
        return self.accounts[name]

    def key(self, name: str) -> Keypair:
        return Keypair.from_seed(hashlib.sha256(f"{self._seed} {name}".encode()).digest())

    async def prepare(self) -> None:
        """Make what the program does not make: here the lamports of the wallets."""
        await self.fund()

    @abstractmethod
    async def start(self) -> None:
        """Make what most tests of the program need, by its instructions."""

    async def fund(self) -> None:
        """Give each wallet lamports."""
        await self.send(*(self.payment(self[name], WALLET_LAMPORTS) for name in WALLETS))

    async def make_mint(self, name: str, *, decimals: int = 3) -> None:
        """A mint whose authorities are the operator."""
        self.accounts[name] = self.key(name).pubkey()
        operator = self["operator"]
        params = InitializeMintParams(decimals, TOKEN_PROGRAM, self[name], operator, operator)
        await self.send(
            await self.creation(name, MINT_LEN, TOKEN_PROGRAM),
            initialize_mint(params),
            signers=[name],
        )

    async def make_tokens(self, name: str, owner: str, amount: int = 0, *, mint: str = "mint") -> None:
        """A token account, with tokens that the operator mints where there are to be any."""
        self.accounts[name] = self.key(name).pubkey()
        params = InitializeAccountParams(TOKEN_PROGRAM, self[name], self[mint], self[owner])
        minting = mint_to(MintToParams(TOKEN_PROGRAM, self[mint], self[name], self["operator"], amount))
        await self.send(
            await self.creation(name, ACCOUNT_LEN, TOKEN_PROGRAM),
            initialize_account(params),
            *([minting] if amount else []),
            signers=[name, *(["operator"] if amount else [])],
        )

    async def creation(self, name: str, size: int, program: Pubkey) -> Instruction:
        """The instruction that makes an empty account of that size."""
        payer, lamports = self.fee_payer.pubkey(), await self.rent(size)
        return create_account(
            CreateAccountParams(
                from_pubkey=payer, to_pubkey=self[name], lamports=lamports, space=size, owner=program
            )
        )

    def payment(self, to: Pubkey, lamports: int) -> Instruction:
        """The instruction that gives lamports."""
        return transfer(TransferParams(from_pubkey=self.fee_payer.pubkey(), to_pubkey=to, lamports=lamports))

    # Instructions

    async def run(self, instruction: str, **changes: Any) -> list[Event]:
        """Send one of the program's instructions, signed by `by`: its events. Raises Refused.

        Everything has a default, and whatever is named is changed: `by`, a wallet's name; `at`, the name of
        the battery's operator; `of`, the member's owner's name; an argument; an account, by its name in the
        IDL.
        """
        arguments, accounts, signer = self._resolved(instruction, changes)
        context = Context(accounts, signers=[self.key(signer)] if signer else [])
        try:
            signature = await self.program.rpc[instruction](*arguments, ctx=context)
        except (RPCException, ProgramError) as error:
            raise _preflight_refusal(error) from error
        return await self._events(signature)

    def instruction(self, instruction: str, **changes: Any) -> Instruction:
        """The instruction that `run` would send, to be tampered with."""
        arguments, accounts, _ = self._resolved(instruction, changes)
        return self.program.instruction[instruction](*arguments, ctx=Context(accounts))

    @abstractmethod
    def _resolved(
        self, instruction: str, changes: dict[str, Any]
    ) -> tuple[list[Any], dict[str, Pubkey], str | None]:
        """Arguments, accounts and the signer's name: all defaults but for the changes."""

    # Plain transactions

    async def send(self, *instructions: Instruction, signers: Iterable[str] = ()) -> list[Event]:
        """Any instructions, paid for by the fee payer: their events. Raises Refused."""
        blockhash = (await self.client.get_latest_blockhash(Confirmed)).value.blockhash
        message = Message.new_with_blockhash(instructions, self.fee_payer.pubkey(), blockhash)
        keys = [self.fee_payer, *(self.key(name) for name in signers)]
        try:
            signature = await self.program.provider.send(VersionedTransaction(message, keys))
        except RPCException as error:
            raise _preflight_refusal(error) from error
        return await self._events(signature)

    async def _events(self, signature: Signature) -> list[Event]:
        answer = await self.client.get_transaction(
            signature, commitment=Confirmed, max_supported_transaction_version=0
        )
        meta = answer.value.transaction.meta
        if meta.err is not None:
            raise _refusal(meta.err, meta.log_messages)
        self._latest_logs = meta.log_messages
        events: list[Event] = []
        EventParser(self.program.program_id, self.program.coder).parse_logs(
            meta.log_messages, lambda event: events.append(Event(event.name, _plain(event.data)))
        )
        return events

    # Looking

    async def raw(self) -> dict[str, Account | None]:
        """Every account the world knows of, byte for byte. The fee payer is not one of them."""
        names = list(self.accounts)
        accounts: list[Account | None] = []
        for start in range(0, len(names), MOST_ACCOUNTS):
            keys = [self[name] for name in names[start : start + MOST_ACCOUNTS]]
            accounts += (await self.client.get_multiple_accounts(keys, commitment=Confirmed)).value
        return dict(zip(names, accounts, strict=True))

    async def state(self) -> Snapshot:
        """The same as plain data; None is an account that does not exist."""
        return {name: account and self.decoded(account) for name, account in (await self.raw()).items()}

    def decoded(self, account: Account) -> dict[str, Any]:
        common = {"lamports": account.lamports, "program": account.owner, "size": len(account.data)}
        if account.owner == self.program.program_id:
            fields = self.program.coder.accounts.parse(account.data)
            return {**common, "kind": fields.name, **_plain(fields.data)}
        if account.owner == TOKEN_PROGRAM:
            layout = {ACCOUNT_LEN: TokenAccount, MINT_LEN: Mint}[len(account.data)]
            content = layout.from_bytes(account.data)
            return {**common, **{field: getattr(content, field) for field in _TOKEN_FIELDS[layout]}}
        assert account.owner == SYSTEM_PROGRAM, "the world knows no other accounts"
        return common

    def calls(self, instruction: str) -> int:
        """How often the latest transaction has called the token program with an instruction."""
        return self._latest_logs.count(f"Program log: Instruction: {instruction}")

    async def now(self) -> int:
        """The clock that programs see, in Unix seconds."""
        clock = (await self.client.get_account_info(CLOCK, commitment=Confirmed)).value
        return int.from_bytes(clock.data[32:40], "little", signed=True)

    async def rent(self, size: int) -> int:
        """Lamports."""
        return (await self.client.get_minimum_balance_for_rent_exemption(size)).value

    @asynccontextmanager
    async def refused(
        self,
        error: str | int | InstructionErrorFieldless,
        *,
        by: Pubkey | None = None,
        before: dict[str, Account | None] | None = None,
    ) -> AsyncIterator[None]:
        """The transaction inside fails with exactly this error, of this program, and changes no account.

        Many refusals in a row may share what `raw` gave before the first.
        """
        before = before or await self.raw()
        with pytest.raises(Refused) as refusal:
            yield
        program = by or self.program.program_id
        assert (refusal.value.error, refusal.value.program) == (error, program), str(refusal.value)
        assert await self.raw() == before

    # Whatever the chain's rules say

    def travel_to(self, moment: int) -> None:
        """Set the chain's clock, in Unix seconds."""
        self.chain.unix_timestamp = moment

    async def forge(self, name: str, **fields: Any) -> None:
        """Rewrite fields of one of the program's accounts, as no instruction would."""
        account = (await self.raw())[name]
        content = self.program.coder.accounts.parse(account.data)
        changed_data = {**content.data.__dict__, **fields}
        data = self.program.coder.accounts.build(NamedInstruction(changed_data, content.name))
        self.put(name, data.ljust(len(account.data), b"\0"), account.owner, account.lamports)

    def put(self, name: str, data: bytes, owner: Pubkey, lamports: int = WALLET_LAMPORTS) -> Pubkey:
        """Any account with any data of any owner: its address."""
        address = self.accounts.setdefault(name, self.key(name).pubkey())
        self.chain.set_account(address, Account(lamports, data, owner))
        return address

    def restore(self, accounts: Mapping[str, Account | None], moment: int) -> None:
        """Make the clock and every account what they were; an account without an entry did not exist."""
        self.travel_to(moment)
        for name, address in self.accounts.items():
            self.chain.set_account(address, accounts.get(name) or NOTHING)


class Beginnings:
    """Stages for many tests on one chain: each step is made of transactions once, and then restored.

    Stages of one kind have the same keys, which depend on the seed: a new one first removes what the one
    before it leaves. Transactions stay: what reads a history needs a seed of its own.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._reached: dict[tuple[type[Stage], str], _Reached] = {}
        self._latest: dict[type[Stage], tuple[Stage, int]] = {}  # with the slot in which it begins

    async def prepared(self, kind: type[S], program: Program, chain: Chain) -> S:
        """A stage, prepared at noon."""
        if kind in self._latest:
            _remove(*self._latest[kind])
        stage = kind(program, f"{self._seed} {kind.__name__}", chain)
        self._latest[kind] = stage, (await stage.client.get_slot(Confirmed)).value
        stage.travel_to(NOON)
        return await self._after(stage.prepare, stage)

    async def started(self, stage: S) -> S:
        """A prepared stage, started."""
        return await self._after(stage.start, stage)

    async def _after(self, step: Callable[[], Awaitable[None]], stage: S) -> S:
        key = type(stage), step.__name__
        if reached := self._reached.get(key):
            stage.accounts |= reached.addresses
            stage.restore(reached.accounts, reached.moment)
        else:
            await step()
            self._reached[key] = _Reached(dict(stage.accounts), await stage.raw(), await stage.now())
        return stage


def _remove(stage: Stage, first_slot: int) -> None:
    """Remove what a stage knows of, and what transactions on the embedded chain have made since it began."""
    stage.restore({}, NOON)
    for landed in takewhile(lambda each: each.slot >= first_slot, stage.chain.landed_newest_first()):
        for address in landed.account_keys:
            account = stage.chain.account(address)
            if account and account.owner in (stage.program.program_id, TOKEN_PROGRAM):
                stage.chain.set_account(address, NOTHING)


class _Reached(NamedTuple):
    """What a stage is after a step."""

    addresses: dict[str, Pubkey]
    accounts: dict[str, Account | None]
    moment: int  # Unix seconds


def changed(before: Snapshot, **accounts: dict[str, Any]) -> Snapshot:
    """The snapshot with these fields of these accounts changed; an account that was not there is made."""
    return {**before, **{name: {**(before[name] or {}), **fields} for name, fields in accounts.items()}}


def idl(name: ProgramName) -> Idl:
    """The built program's."""
    return Idl.from_json(name.idl.read_text())


def derived(program: Pubkey, *seeds: bytes | Pubkey) -> Pubkey:
    """The address that a program derives from seeds."""
    return Pubkey.find_program_address([bytes(seed) for seed in seeds], program)[0]


def slots(name: ProgramName) -> dict[str, list[str]]:
    """The accounts of each instruction, in their order."""
    return {snake(ix.name): [snake(account.name) for account in ix.accounts] for ix in idl(name).instructions}


def loaded(name: ProgramName, client: AsyncClient, fee_payer: Keypair) -> Program:
    """A program through anchorpy. Transactions land even where they fail: what they changed is seen."""
    opts = TxOpts(skip_preflight=True, skip_confirmation=False, preflight_commitment=Confirmed)
    return Program(idl(name), name.program_id, Provider(client, Wallet(fee_payer), opts))


def _plain(fields: Any) -> dict[str, Any]:
    """A decoded account or event as a dictionary, enums by their variant's name."""
    return {
        name: value if isinstance(value, Pubkey | int) else type(value).__name__
        for name, value in vars(fields).items()
    }


_PANIC = re.compile(r"Program log: panicked at (?:'(?P<old>.*)', .*|.*:\d+:\d+:\n(?P<message>.*))", re.DOTALL)


def _refusal(err: Any, logs: Sequence[str] | None) -> Refused:
    logs = logs or []
    failed = next((line.split() for line in logs if re.match(r"Program \w+ failed: ", line)), None)
    program = Pubkey.from_string(failed[1]) if failed else None
    error = err.err if isinstance(err, TransactionErrorInstructionError) else err
    if isinstance(error, InstructionErrorCustom):
        return Refused(error.code, program, logs)
    if error == InstructionErrorFieldless.ProgramFailedToComplete:
        panic = next(filter(None, map(_PANIC.fullmatch, logs)), None)
        return Refused(panic["old"] or panic["message"] if panic else error, program, logs)
    return Refused(error, program, logs)


def _preflight_refusal(error: Exception) -> Exception:
    """Where a node refuses before the transaction lands: as Refused, or the exception itself."""
    answer = (error.__cause__ or error).args[0]
    if isinstance(answer, SendTransactionPreflightFailureMessage) and answer.data.err is not None:
        return _refusal(answer.data.err, answer.data.logs)
    return error
