"""Measures the program beside its hand-written Anchor twin, and rewrites figures.md.

Run `python benchmarks/measure.py` where the toolchain's `cargo-build-sbf` is on PATH.
"""

import subprocess
import sys
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import NamedTuple

from solders.account import Account
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.message import Message
from solders.pubkey import Pubkey
from solders.token.state import Mint, TokenAccount, TokenAccountState
from solders.transaction import Transaction
from solders.transaction_metadata import TransactionMetadata
from spl.token.constants import TOKEN_PROGRAM_ID

from amalgam import built
from amalgam import energy_allocation as ledger

HERE = Path(__file__).parent
TWIN = HERE / "anchor_twin"
LAMPORTS_PER_SOL = 10**9
TOKENS = 10_000


class Run(NamedTuple):
    """What a program did: the compute units of each instruction, its events, the accounts it left."""

    units: dict[str, int]
    events: list[str]
    accounts: list[bytes]


def run(program: bytes, efficiency_bps: int) -> Run:
    """Run every instruction of a built program once, on a chain of its own."""
    owner, mint, source = _actors()
    svm = LiteSVM()
    svm.add_program(ledger.PROGRAM_ID, program)
    svm.set_account(owner.pubkey(), Account(LAMPORTS_PER_SOL, b"", Pubkey.default()))
    for address, content in {
        mint: Mint(owner.pubkey(), TOKENS, 3, True),
        source: TokenAccount(mint, owner.pubkey(), TOKENS, None, TokenAccountState.Initialized, None, 0),
    }.items():
        svm.set_account(address, Account(LAMPORTS_PER_SOL, bytes(content), TOKEN_PROGRAM_ID))

    steps = _steps(owner.pubkey(), mint, source, efficiency_bps)
    outcomes = {}
    for name, step in steps.items():
        message = Message([step], owner.pubkey())
        outcomes[name] = svm.send_transaction(Transaction([owner], message, svm.latest_blockhash()))
        if not isinstance(outcomes[name], TransactionMetadata):
            sys.exit(f"{name}: {outcomes[name].err()}\n" + "\n".join(outcomes[name].meta().logs()))
    logs = [line for outcome in outcomes.values() for line in outcome.logs()]
    addresses = sorted({meta.pubkey for step in steps.values() for meta in step.accounts if meta.is_writable})
    return Run(
        {name: outcome.compute_units_consumed() for name, outcome in outcomes.items()},
        [line for line in logs if line.startswith("Program data: ")],
        [bytes(svm.get_account(address).data) for address in addresses],
    )


def _steps(owner: Pubkey, mint: Pubkey, source: Pubkey, efficiency_bps: int):
    battery = ledger.battery_address(owner, mint)
    return {
        "initialize": ledger.initialize(
            authority=owner,
            mint=mint,
            resource=ledger.Resource.ENERGY,
            capacity=TOKENS,
            allocation_limit=TOKENS,
            allocation_lifetime=86_400,
            efficiency_bps=efficiency_bps,
        ),
        "open_member": ledger.open_member(payer=owner, battery=battery, owner=owner),
        "deposit_energy": ledger.deposit_energy(
            owner=owner, battery=battery, mint=mint, source=source, amount=1_000, minimum_credit=0
        ),
        "withdraw_energy": ledger.withdraw_energy(
            owner=owner, battery=battery, destination=source, amount=100
        ),
        "allocate": ledger.allocate(owner=owner, battery=battery, amount=100),
        "deallocate": ledger.deallocate(owner=owner, battery=battery, amount=50),
    }


def _actors() -> tuple[Keypair, Pubkey, Pubkey]:
    """An owner, a mint and a token account, such that no program address takes a search: all bumps are 255."""
    for attempt in count():
        owner, mint, source = (
            Keypair.from_seed(sha256(f"benchmark {attempt}: {name}".encode()).digest())
            for name in ("owner", "mint", "source")
        )
        seeds = [[b"battery", bytes(owner.pubkey()), bytes(mint.pubkey())]]
        battery = ledger.battery_address(owner.pubkey(), mint.pubkey())
        seeds += [[b"vault", bytes(battery)], [b"member", bytes(battery), bytes(owner.pubkey())]]
        if all(Pubkey.find_program_address(s, ledger.PROGRAM_ID)[1] == 255 for s in seeds):
            return owner, mint.pubkey(), source.pubkey()
    raise AssertionError("unreachable")
