"""Drives the built program at the speed of LiteSVM: accounts by name, no RPC, no signing.

Beside it the same program runs from its Python source, step by step: both must do the same to the byte.

Signatures are not verified. Who signs is what a transaction's message says, and that is all that the programs
can see of it; that a cluster refuses a signature which is not the account's is not tested here.
"""

from __future__ import annotations

import ctypes
import platform
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from itertools import product
from pathlib import Path
from struct import Struct
from typing import Generic, TypeVar, cast

from anchorpy.error import _LangErrorCode as Anchor
from solders.account import Account
from solders.instruction import AccountMeta, Instruction
from solders.litesvm import LiteSVM
from solders.message import Message
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.transaction import VersionedTransaction
from solders.transaction_metadata import FailedTransactionMetadata
from solders.transaction_status import TransactionErrorType
from spl.token.instructions import (
    FreezeAccountParams,
    ThawAccountParams,
    TransferParams,
    freeze_account,
    thaw_account,
    transfer,
)

from amalgam.battery.program import _LAYOUT, Event, events
from amalgam.chain.embedded import _configure, _empty_mmx
from amalgam.chain.errors import from_status
from amalgam.programs import Program, by_id
from amalgam.units import Resource
from seahorse.engine import Engine
from tests.shadow import battery as shadow
from tests.support.battery import PROGRAM, PROGRAM_BYTES, SLOTS
from tests.support.stage import TOKEN_PROGRAM, WALLET_LAMPORTS, System, Token

_Event = TypeVar("_Event")
Accounts = dict[str, Account]  # by name; one without lamports does not exist

NOBODY = Account(0, b"", SYSTEM_PROGRAM)
MINTER = "minter"  # every mint's authority, which can also freeze

_CODES = {TOKEN_PROGRAM: Token, SYSTEM_PROGRAM: System}
_FEE_PAYER = Pubkey(sha256(b"fee payer").digest())
_FEE_PAYER_LAMPORTS = 2**62


def vault_of(battery: str) -> str:
    return f"{battery} vault"


def member_of(battery: str, owner: str) -> str:
    return f"{owner} in {battery}"


def tokens_of(owner: str, mint: str) -> str:
    return f"{owner}'s {mint}"


@dataclass(frozen=True)
class Scene:
    """Everyone and everything that may exist, by name. Every owner has a token account of every mint."""

    mints: Mapping[str, int]  # with their decimals
    batteries: Mapping[str, tuple[str, str]]  # with their creators and mints
    owners: tuple[str, ...]
    wallets: tuple[str, ...]  # the owners too

    @cached_property
    def keys(self) -> dict[str, Pubkey]:
        keys = {name: key_of(name) for name in (*self.wallets, MINTER, *self.mints)}
        keys |= {
            name: key_of(name) for name in (tokens_of(*each) for each in product(self.owners, self.mints))
        }
        for battery, (creator, mint) in self.batteries.items():
            keys[battery] = _pda(b"battery", keys[creator], keys[mint])[0]
            keys[vault_of(battery)] = _pda(b"vault", keys[battery])[0]
            for owner in self.owners:
                keys[member_of(battery, owner)] = _pda(b"member", keys[battery], keys[owner])[0]
        return keys

    @cached_property
    def battery_of(self) -> dict[str, str]:
        """The battery that an account is, or is a part of."""
        return {
            name: battery
            for battery in self.batteries
            for name in (battery, vault_of(battery), *(member_of(battery, owner) for owner in self.owners))
        }

    def slots(self, instruction: str, at: str, owner: str) -> dict[str, str]:
        """The right accounts of an instruction for an owner at a battery; its creator is the authority."""
        creator, mint = self.batteries[at]
        right = {
            "authority": creator,
            **dict.fromkeys(("payer", "owner"), owner),
            "battery": at,
            "member": member_of(at, owner),
            "mint": mint,
            "vault": vault_of(at),
            **dict.fromkeys(("source", "destination"), tokens_of(owner, mint)),
        }
        return {slot: right[slot] for slot in SLOTS[instruction] if slot in right}

    @cached_property
    def _raw(self) -> dict[str, bytes]:
        return {name: bytes(key) for name, key in self.keys.items()}

    @cached_property
    def _bumps(self) -> dict[str, int]:
        return {
            battery: _pda(b"battery", self.keys[creator], self.keys[mint])[1]
            for battery, (creator, mint) in self.batteries.items()
        }

    def start(self, now: int, tokens: Mapping[str, int]) -> shadow.Ledger:
        """No batteries yet; every owner has so many tokens of each mint."""
        return shadow.Ledger(
            now,
            tokens={
                tokens_of(owner, mint): shadow.Tokens(mint, owner, tokens[mint])
                for owner, mint in product(self.owners, self.mints)
            },
            mints={
                mint: shadow.Mint(tokens[mint] * len(self.owners), decimals)
                for mint, decimals in self.mints.items()
            },
        )

    # Every byte of the accounts that the shadow ledger speaks of. Written from the layouts of the program and
    # of SPL Token, not with the package's decoders.

    def data(self, ledger: shadow.Ledger) -> dict[str, bytes]:
        raw = self._raw
        data = dict.fromkeys((*self.wallets, MINTER), b"")
        for name, pool in ledger.batteries.items():
            data[name] = _BATTERY.pack(
                _BATTERY_MARK,
                raw[pool.creator],
                raw[pool.authority],
                raw[pool.pending_authority],
                raw[pool.mint],
                raw[pool.vault],
                pool.capacity,
                pool.available,
                pool.allocated,
                pool.allocation_limit,
                pool.allocation_lifetime,
                pool.member_count,
                pool.sequence,
                pool.efficiency_bps,
                shadow.RESOURCES.index(pool.resource),
                pool.paused,
                self._bumps[name],
            )
        for name, share in ledger.members.items():
            data[name] = _MEMBER.pack(
                _MEMBER_MARK,
                raw[share.owner],
                raw[share.battery],
                share.balance,
                share.allocated,
                share.allocation_limit,
                share.allocation_expiry,
            )
        return data | token_data(raw, ledger.tokens) | mint_data(raw, ledger.mints)

    def accounts(self, ledger: shadow.Ledger) -> Accounts:
        """The same as accounts; what the ledger does not know does not exist."""
        owners = dict.fromkeys((*ledger.batteries, *ledger.members), PROGRAM)
        owners |= dict.fromkeys((*ledger.tokens, *ledger.mints), TOKEN_PROGRAM)
        return dict.fromkeys(self.keys, NOBODY) | {
            name: Account(WALLET_LAMPORTS, data, owners.get(name, SYSTEM_PROGRAM))
            for name, data in self.data(ledger).items()
        }


_BATTERY = Struct("<8s 32s32s32s32s32s QQQQqQQ HBBB 3x")
_MEMBER = Struct("<8s 32s32s QQQq")
_TOKENS = Struct("<32s32sQ 36x B 12x 8x 36x")  # neither delegate, nor native, nor anyone else to close it
_MINT = Struct("<I32s QBB I32s")
_BATTERY_MARK, _MEMBER_MARK = (
    sha256(f"account:{name}".encode()).digest()[:8] for name in ("Battery", "Member")
)


class ProgramChain(Generic[_Event]):
    """A LiteSVM with one program and the accounts of these names, and its Python source beside it.

    Where the code is Python, as a mutant's may be, that alone runs.
    """

    def __init__(
        self,
        keys: Mapping[str, Pubkey],
        program: Pubkey,
        code: bytes | Path,
        build: Callable[..., Instruction],
        events: Callable[[list[str]], list[_Event]],
    ) -> None:
        _keep_memory()
        self.transactions = 0
        self.keys, self._program, self._build, self._events = keys, program, build, events
        self._svm = LiteSVM()
        _configure(self._svm, sigverify=False, blockhash_check=False, transaction_history=0)
        self._engine = Engine()
        self._is_python = isinstance(code, Path)
        if isinstance(code, Path):
            self._engine.add_program(program, code)
        else:
            self._svm.add_program(program, code)
            self._engine.add_program(program, cast(Program, by_id(program)).source)
        self._svm.set_account(_FEE_PAYER, Account(_FEE_PAYER_LAMPORTS, b"", SYSTEM_PROGRAM))

    def accounts(self) -> Accounts:
        """Every account, whole."""
        read = self._svm.get_account
        return {name: read(key) or NOBODY for name, key in self.keys.items()}

    def restore(self, accounts: Accounts, now: int) -> None:
        """Put these accounts there, and set the clock."""
        for name, account in accounts.items():
            self._svm.set_account(self.keys[name], account)
        self.now = now

    @property
    def now(self) -> int:
        """The clock that programs see, in Unix seconds."""
        return self._svm.get_clock().unix_timestamp

    @now.setter
    def now(self, seconds: int) -> None:
        clock = self._svm.get_clock()
        clock.unix_timestamp = seconds
        self._svm.set_clock(clock)

    def run(
        self, instruction: str, *, signed: bool = True, **values: str | int
    ) -> _Event | shadow.Error | None:
        """One of the program's instructions: its event, if it has one, or what it was refused with.

        `values` are accounts, by their names here, and arguments; by their names in the IDL.
        """
        built = self._build(instruction, **{name: self._meant(value) for name, value in values.items()})
        if not signed:
            accounts = [AccountMeta(each.pubkey, False, each.is_writable) for each in built.accounts]
            built = Instruction(self._program, built.data, accounts)
        answer = self._send(built)
        if not isinstance(answer, list):
            return answer
        found = self._events(answer)
        assert len(found) <= 1, found
        return found[0] if found else None

    def transfer(self, owner: str, source: str, destination: str, amount: int) -> shadow.Error | None:
        keys = self.keys
        params = TransferParams(TOKEN_PROGRAM, keys[source], keys[destination], keys[owner], amount)
        answer = self._send(transfer(params))
        return None if isinstance(answer, list) else answer

    def freeze(self, tokens: str, mint: str, *, frozen: bool) -> None:
        """Freeze or thaw a token account, as the mint's authority can."""
        at = (TOKEN_PROGRAM, self.keys[tokens], self.keys[mint], self.keys[MINTER])
        answer = self._send(
            freeze_account(FreezeAccountParams(*at)) if frozen else thaw_account(ThawAccountParams(*at))
        )
        assert isinstance(answer, list), answer

    def _meant(self, value: str | int) -> Pubkey | int:
        if isinstance(value, int):
            return value
        return Resource[value] if value in shadow.RESOURCES else self.keys[value]

    def _send(self, instruction: Instruction) -> list[str] | shadow.Error:
        """The logs, or what it was refused with."""
        self.transactions += 1
        message = Message([instruction], _FEE_PAYER)
        signatures = [Signature.default()] * message.header.num_required_signatures
        transaction = VersionedTransaction.populate(message, signatures)
        read = self._engine.read(message)
        if read is None:  # of SPL Token alone
            return self._answer(*self._landed(transaction))
        before = {key: self._svm.get_account(key) for key in message.account_keys}
        outcome = self._engine.execute(transaction, read, self._svm.get_account, verify=False)
        if self._is_python:
            for address, account in outcome.changed:
                self._svm.set_account(address, account)
            return self._answer(outcome.err, outcome.logs())
        err, logs = self._landed(transaction)
        assert (outcome.err, outcome.logs()) == (err, [line for line in logs if " consumed " not in line])
        for key, account in (before | dict(outcome.changed)).items():
            assert (self._svm.get_account(key) or NOBODY) == (account or NOBODY), key
        return self._answer(err, logs)

    def _landed(self, transaction: VersionedTransaction) -> tuple[TransactionErrorType | None, list[str]]:
        result = self._svm.send_transaction(transaction)
        if not isinstance(result, FailedTransactionMetadata):
            return None, result.logs()
        _empty_mmx()
        return result.err(), result.meta().logs()

    def _answer(self, err: TransactionErrorType | None, logs: list[str]) -> list[str] | shadow.Error:
        if err is None:
            return logs
        refused = from_status(err, logs)
        assert refused.program in {self._program, *_CODES}, refused
        if refused.code is not None:
            return _CODES.get(refused.program, Anchor)(refused.code)
        assert refused.program == self._program, refused
        return refused.message


class Chain(ProgramChain[Event]):
    """The battery's program and a scene's accounts."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene.keys, PROGRAM, PROGRAM_BYTES, _LAYOUT.build, events)
        self.scene = scene


def token_data(raw: Mapping[str, bytes], tokens: Mapping[str, shadow.Tokens]) -> dict[str, bytes]:
    """Every byte of token accounts; `raw` are the addresses by their names."""
    return {
        name: _TOKENS.pack(raw[held.mint], raw[held.owner], held.amount, 2 if held.frozen else 1)
        for name, held in tokens.items()
    }


def mint_data(raw: Mapping[str, bytes], mints: Mapping[str, shadow.Mint]) -> dict[str, bytes]:
    """Every byte of the MINTER's mints."""
    return {
        name: _MINT.pack(1, raw[MINTER], mint.supply, mint.decimals, True, 1, raw[MINTER])
        for name, mint in mints.items()
    }


def first_accounts(keys: Mapping[str, Pubkey], data: Mapping[str, bytes]) -> Accounts:
    """Wallets, and accounts of SPL Token, before there is any account of a program."""
    return dict.fromkeys(keys, NOBODY) | {
        name: Account(WALLET_LAMPORTS, content, TOKEN_PROGRAM if content else SYSTEM_PROGRAM)
        for name, content in data.items()
    }


def key_of(name: str) -> Pubkey:
    return Pubkey(sha256(name.encode()).digest())


def _pda(*seeds: bytes | Pubkey) -> tuple[Pubkey, int]:
    return Pubkey.find_program_address([bytes(seed) for seed in seeds], PROGRAM)


def _keep_memory() -> None:
    """Have glibc keep what LiteSVM frees: an invocation takes and gives back about a megabyte, and a deposit
    takes four times as long where the kernel has to give and take it."""
    if platform.libc_ver()[0] == "glibc":
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, size in ((_M_TRIM_THRESHOLD, 2**30), (_M_MMAP_THRESHOLD, 2**25), (_M_TOP_PAD, 2**26)):
            assert mallopt(parameter, size) == 1


_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3
