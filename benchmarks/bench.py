"""What the measurements share: a scene in which every instruction runs, programs compared in it, tables.

Each `<domain>/measure.py` measures one program and rewrites its `figures.md`, for which it builds the
hand-written programs, and so needs what `toolchain/install` installs. With `--check` it needs nothing: it
fails where an instruction, or the program, has grown by over 2 % against the committed table.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from solders.account import Account
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM_ID
from solders.token.state import Mint, TokenAccount, TokenAccountState
from solders.transaction import Transaction
from solders.transaction_metadata import TransactionMetadata
from spl.token.constants import TOKEN_PROGRAM_ID
from spl.token.instructions import get_associated_token_address

from amalgam.chain.layout import discriminator, snake

GROWTH_ALLOWED = 0.02
LAMPORTS_PER_SOL = 10**9
NOON = 1_782_043_200  # 2026-06-21 12:00 UTC
PREPARATIONS = (", again", ", another", ", a third")  # how the names of steps end that others need


Idl = dict[str, Any]

# A scene


class Act(NamedTuple):
    """What runs at one time, each instruction ready to run after those before it."""

    unix_timestamp: int
    steps: dict[str, Instruction]


class Scene(NamedTuple):
    """Every instruction of a program, and what there is before the first."""

    program_id: Pubkey
    signers: Sequence[Keypair]  # the first pays
    accounts: dict[Pubkey, Account]
    acts: Sequence[Act]


class Run(NamedTuple):
    """What a program did: the compute units of each instruction, its events, the accounts it left."""

    units: dict[str, int]
    events: list[str]
    accounts: list[bytes]


def run(
    scene: Scene, program: bytes, by_hand: bytes = b"", of: Collection[str] = (), idl: Idl | None = None
) -> Run:
    """Run every step on a chain of its own; where its instruction is one `of` these, by `by_hand`.

    With the IDL of another version of the program, what that one has not is left out, and accounts are
    writable as it says.
    """
    svm = LiteSVM()
    for address, account in scene.accounts.items():
        svm.set_account(address, account)
    clock = svm.get_clock()
    outcomes: dict[str, TransactionMetadata] = {}
    written: set[Pubkey] = set()
    loaded = None
    for act in scene.acts:
        clock.unix_timestamp = act.unix_timestamp
        svm.set_clock(clock)
        for name, instruction in act.steps.items():
            if idl is not None and (instruction := asked_by(idl, instruction)) is None:
                continue
            wanted = by_hand if name.split(",")[0] in of else program
            if wanted is not loaded:
                svm.add_program(scene.program_id, wanted)
                loaded = wanted
            outcomes[name] = send(svm, scene.signers, instruction)
            svm.expire_blockhash()  # the same instruction again is another transaction
            written |= {meta.pubkey for meta in instruction.accounts if meta.is_writable}
    logs = [line for outcome in outcomes.values() for line in outcome.logs()]
    left = [svm.get_account(address) for address in sorted(written)]
    return Run(
        {
            name: outcome.compute_units_consumed()
            for name, outcome in outcomes.items()
            if not name.endswith(PREPARATIONS)
        },
        [line for line in logs if line.startswith("Program data: ")],
        [bytes(account.data) for account in left if account],
    )


def asked_by(idl: Idl, instruction: Instruction) -> Instruction | None:
    """An instruction as a version of the program takes it whose IDL, of Anchor 0.29, this is."""
    for each in idl["instructions"]:
        if instruction.data.startswith(discriminator("global", snake(each["name"]))):
            metas = [
                AccountMeta(meta.pubkey, meta.is_signer, account["isMut"])
                for meta, account in zip(instruction.accounts, each["accounts"], strict=True)
            ]
            return Instruction(instruction.program_id, instruction.data, metas)
    return None


def send(svm: LiteSVM, keys: Sequence[Keypair], instruction: Instruction) -> TransactionMetadata:
    """Run an instruction, signed by those of the keys that it needs and the first, who pays."""
    payer = keys[0].pubkey()
    signing = {meta.pubkey for meta in instruction.accounts if meta.is_signer} | {payer}
    signers = [key for key in keys if key.pubkey() in signing]
    message = Message([instruction], payer)
    outcome = svm.send_transaction(Transaction(signers, message, svm.latest_blockhash()))
    if not isinstance(outcome, TransactionMetadata):
        sys.exit("\n".join([str(outcome.err()), *outcome.meta().logs()]))
    return outcome


def keys(seed: str, names: Iterable[object]) -> list[Keypair]:
    """The same keypairs every time."""
    return [Keypair.from_seed(sha256(f"{seed}: {name}".encode()).digest()) for name in names]


def take_no_search(program_id: Pubkey, seeds: Iterable[list[bytes]]) -> bool:
    """Whether all of these addresses have bump 255: each step of a search costs 1,500 units more."""
    return all(Pubkey.find_program_address(each, program_id)[1] == 255 for each in seeds)


def wallet() -> Account:
    """One that can pay."""
    return Account(10 * LAMPORTS_PER_SOL, b"", SYSTEM_PROGRAM_ID)


def mint(supply: int, authority: Pubkey | None = None) -> Account:
    """A mint of 3 decimals."""
    return Account(LAMPORTS_PER_SOL, bytes(Mint(authority, supply, 3, True)), TOKEN_PROGRAM_ID)


def tokens(mint: Pubkey, owner: Pubkey, amount: int) -> Account:
    """An owner's token account."""
    held = TokenAccount(mint, owner, amount, None, TokenAccountState.Initialized, None, 0)
    return Account(LAMPORTS_PER_SOL, bytes(held), TOKEN_PROGRAM_ID)


def endowed(keys: Sequence[Keypair], mints: Sequence[Pubkey], amount: int) -> dict[Pubkey, Account]:
    """Mints, and wallets with so much of each in their associated token accounts."""
    held = {
        get_associated_token_address(key.pubkey(), each): tokens(each, key.pubkey(), amount)
        for key in keys
        for each in mints
    }
    minted = {each: mint(len(keys) * amount) for each in mints}
    return {key.pubkey(): wallet() for key in keys} | minted | held


# Comparing


def built_here(folder: Path, *options: str) -> bytes:
    """A hand-written program, built with the toolchain of the others."""
    command = shutil.which("cargo-build-sbf")
    if command is None:
        sys.exit("cargo-build-sbf is not on PATH: run toolchain/install")
    subprocess.run([command, *options], cwd=folder, check=True)  # noqa: S603
    return next((folder / "target/deploy").glob("*.so")).read_bytes()


def compare(ours: Run, others: Iterable[Run], *, events: bool = True) -> None:
    """End the measurement where programs did different things."""
    for each in others:
        if each.accounts != ours.accounts or (events and each.events != ours.events):
            sys.exit("the programs did different things: nothing to compare")


def measured(scene: Scene, program: bytes) -> dict[str, int]:
    """A program's compute units by instruction, and its bytes."""
    return run(scene, program).units | {"bytes": len(program)}


def beside_twin(scene: Scene, program: bytes, twin: Path, of: Collection[str]) -> str:
    """The table of a program, with those `of` its instructions that a twin has in its folder."""
    ours, by_hand = run(scene, program), run(scene, program, built_here(twin), of)
    compare(ours, [by_hand])
    rows: list[tuple[str, ...]] = []
    for name, units in ours.units.items():
        twins = by_hand.units[name]
        compared = (f"{twins:,}", f"{units / twins:.3f}") if name.split(",")[0] in of else ("", "")
        rows.append((name, f"{units:,}", *compared))
    rows.append(("bytes", f"{len(program):,}", "", ""))
    return (
        "Calls to other programs are included, and no address takes a search. The twin has the busiest\n"
        f"instructions, written by hand in Anchor (`benchmarks/{twin.parent.name}/twin`): the same\n"
        "accounts, checks, effects and events, built with the same toolchain. Both left the same bytes in\n"
        "accounts and events.\n\n"
    ) + table(("", "compute units", "twin", "ratio"), rows)


# Figures


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """As Markdown, the first column text and the others figures."""
    lines = [head, ("---", *["---:"] * (len(head) - 1)), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def is_check() -> bool:
    """Whether the command line has `--check`."""
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(f"usage: {Path(sys.argv[0]).name} [--check]")
    return sys.argv[1:] == ["--check"]


def check(figures: Path, measured: dict[str, int]) -> None:
    """End with an error where something has grown by over 2 % against a committed table."""
    rows = re.findall(r"^\| (.+?) \| ([\d,]+) \|", figures.read_text("utf-8"), re.MULTILINE)
    committed = {name: int(figure.replace(",", "")) for name, figure in rows}
    grown = [
        f"{name}: {committed.get(name, 0):,} -> {figure:,}"
        for name, figure in measured.items()
        if figure > committed.get(name, 0) * (1 + GROWTH_ALLOWED)
    ]
    if not grown:
        print(f"{len(measured)} figures are within 2 % of {figures.parent.name}/{figures.name}.")
        return
    folder = figures.parent.name
    remedy = f"Bring them down, or run python -m benchmarks.{folder}.measure and commit its table."
    sys.exit("\n".join([f"Grown by over 2 % against benchmarks/{folder}/{figures.name}:", *grown, remedy]))


def write(figures: Path, *parts: str) -> None:
    """Rewrite a file of figures, and print it."""
    text = "\n\n".join(parts)
    figures.write_text(text + "\n", "utf-8")
    print(text)
