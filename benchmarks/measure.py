"""Measure the program beside its hand-written Anchor twin and the smallest possible, and rewrite figures.md.

Run `python benchmarks/measure.py`. It builds both, for which `toolchain/install` must have been run. With
`--check` it needs neither: it fails where an instruction, or the program, has grown by over 2 % against the
committed tables.
"""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from datetime import datetime
from hashlib import sha256
from importlib.metadata import version
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple, cast

from anchorpy import Context, Idl, Program, Provider, Wallet
from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM_ID
from solders.sysvar import CLOCK
from solders.token.state import Mint, TokenAccount, TokenAccountState
from solders.transaction import Transaction
from solders.transaction_metadata import TransactionMetadata
from spl.token.constants import TOKEN_PROGRAM_ID

from amalgam import built
from amalgam import energy_allocation as ledger
from amalgam.client import EnergyAllocationClient
from amalgam.embedded import EmbeddedChain
from amalgam.readings import load_readings
from amalgam.replay import replay

HERE = Path(__file__).parent
TWIN, BARE = HERE / "anchor_twin", HERE / "bare"
BARE_INSTRUCTIONS = {"deposit_energy", "withdraw_energy", "allocate", "deallocate"}
FIGURES = HERE / "figures.md"
GROWTH_ALLOWED = 0.02
TOOLCHAIN = HERE.parent / "target/deploy/toolchain.json"
LAMPORTS_PER_SOL = 10**9
TOKENS = 10_000
LIFETIME_S = 86_400
LOSSLESS_BPS, LOSSY_BPS = 10_000, 9_000
ROUNDS = 5
RPC = "allocate and deallocate, a bare loop over anchorpy's `program.rpc`"
TRANSACTIONS = 2_000  # of each bare loop in a round


def main() -> None:
    """Measure everything and write the table, or with `--check` compare the compute units with it."""
    program = built("energy_allocation.so").read_bytes()
    if sys.argv[1:] == ["--check"]:
        sys.exit(_growth(program))
    if sys.argv[1:]:
        sys.exit("usage: measure.py [--check]")
    built_here = {
        "twin": _built_here(TWIN),
        "bare": _built_here(BARE),
        "bare, without its events": _built_here(BARE, "--features", "no-event"),
    }
    compute, size = _compute(program, *built_here.values()), _size({"program": program} | built_here)
    text = "\n\n".join([_heading(), compute, size, asyncio.run(_speed())])
    FIGURES.write_text(text + "\n", "utf-8")
    print(text)


def _growth(program: bytes) -> str | None:
    """Which instructions need over 2 % more compute units than the committed table says."""
    rows = re.findall(r"^\| (\w+(?:, loss burned)?) \| ([\d,]+) \|", FIGURES.read_text("utf-8"), re.MULTILINE)
    committed = {name: int(figure.replace(",", "")) for name, figure in rows}
    (units,) = _units(program)
    measured = units | {"program": len(program)}
    grown = [
        f"{name}: {committed.get(name, 0):,} -> {figure:,}"
        for name, figure in measured.items()
        if figure > committed.get(name, 0) * (1 + GROWTH_ALLOWED)
    ]
    if not grown:
        print(f"{len(units)} instructions, and the bytes of all, are within 2 % of {FIGURES.name}.")
        return None
    return "\n".join(
        [
            f"Compute units or bytes grew by over 2 % against benchmarks/{FIGURES.name}:",
            *grown,
            "Bring them down, or announce them: run benchmarks/measure.py and commit the table.",
        ]
    )


def _built_here(folder: Path, *options: str) -> bytes:
    command = shutil.which("cargo-build-sbf")
    if command is None:
        sys.exit("cargo-build-sbf is not on PATH: run toolchain/install")
    subprocess.run([command, *options], cwd=folder, check=True)  # noqa: S603
    return (folder / f"target/deploy/{folder.name}.so").read_bytes()


def _heading() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("solders", "anchorpy", "solana"))
    tools = json.loads(TOOLCHAIN.read_text("utf-8")) if TOOLCHAIN.exists() else {}
    toolchain = ", ".join(f"{name} {tool}" for name, tool in tools.items())
    return (
        "# Figures\n\n"
        "Written by `python benchmarks/measure.py`. The twin is the same program written by hand in Anchor\n"
        "(`benchmarks/anchor_twin`): the same accounts, checks, effects and events, built with the same\n"
        "toolchain and driven by the same instructions. The bare program (`benchmarks/bare`) does the same\n"
        "in the four instructions of every day, without Anchor or any library: about the least that it can\n"
        "take. All left the same bytes in accounts and events.\n\n"
        f"{packages}; Python {sys.version.split()[0]}" + (f"; {toolchain}" if toolchain else "")
    )


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---", *["---:"] * (len(head) - 1)), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


# Compute units


class Run(NamedTuple):
    """What a program did: the compute units of each instruction, its events, the accounts it left."""

    units: dict[str, int]
    events: list[str]
    accounts: list[bytes]


def _compute(program: bytes, twin: bytes, bare: bytes, bare_without_event: bytes) -> str:
    ours, twins = _units(program, twin)
    _, least = _units(program, program, bare=bare)
    _, least_without_event = _units(program, program, bare=bare_without_event, compare_events=False)
    rows: list[tuple[str, ...]] = []
    for name, units in ours.items():
        row = name, f"{units:,}", f"{twins[name]:,}", f"{units / twins[name]:.3f}"
        is_bare = name.split(",")[0] in BARE_INSTRUCTIONS
        rows.append((*row, *(f"{each[name]:,}" if is_bare else "" for each in (least, least_without_event))))
    return (
        "## Compute units\n"
        "Calls to other programs included. The keys are chosen so that no address takes a search (all bumps\n"
        "are 255): each step of one costs 1,500 more, in `initialize` and `open_member` only.\n\n"
    ) + _table(("instruction", "program", "twin", "ratio", "bare", "without its event"), rows)


def _units(*programs: bytes, bare: bytes | None = None, compare_events: bool = True) -> list[dict[str, int]]:
    """Each program's compute units by instruction, given that all have done the same.

    With `bare` that one does the last program's daily instructions.
    """
    bares = [None] * (len(programs) - 1) + [bare]
    both = [
        [run(program, efficiency, bare) for program, bare in zip(programs, bares, strict=True)]
        for efficiency in (LOSSLESS_BPS, LOSSY_BPS)
    ]
    for first, *others in both:
        for each in others:
            if each.accounts != first.accounts or (compare_events and each.events != first.events):
                sys.exit("the programs did different things: nothing to compare")
    return [
        without.units | {"deposit_energy, loss burned": having.units["deposit_energy"]}
        for without, having in zip(*both, strict=True)
    ]


def run(program: bytes, efficiency_bps: int, bare: bytes | None = None) -> Run:
    """Run every instruction of a built program once, on a chain of its own."""
    world, svm = _world(), LiteSVM()
    world.endow(svm)
    steps = world.steps(efficiency_bps)
    outcomes: dict[str, TransactionMetadata] = {}
    loaded = None
    for name, step in steps.items():
        wanted = bare if bare and name in BARE_INSTRUCTIONS else program
        if wanted is not loaded:
            svm.add_program(ledger.PROGRAM_ID, wanted)
            loaded = wanted
        if name == "release_expired":
            clock = svm.get_clock()
            clock.unix_timestamp += LIFETIME_S
            svm.set_clock(clock)
        outcomes[name] = _send(svm, world, step)
    logs = [line for outcome in outcomes.values() for line in outcome.logs()]
    written = sorted({meta.pubkey for step in steps.values() for meta in step.accounts if meta.is_writable})
    return Run(
        {name: outcome.compute_units_consumed() for name, outcome in outcomes.items()},
        [line for line in logs if line.startswith("Program data: ")],
        [bytes(svm.get_account(address).data) for address in written],
    )


def _send(svm: LiteSVM, world: "World", instruction: Instruction) -> TransactionMetadata:
    message = Message([instruction], world.owner.pubkey())
    signers = [world.owner, world.successor][: message.header.num_required_signatures]
    outcome = svm.send_transaction(Transaction(signers, message, svm.latest_blockhash()))
    if not isinstance(outcome, TransactionMetadata):
        sys.exit("\n".join([str(outcome.err()), *outcome.meta().logs()]))
    return outcome


class World(NamedTuple):
    """An owner with a mint and tokens of it, their battery's address, and who is to take it over."""

    owner: Keypair
    successor: Keypair
    mint: Pubkey
    source: Pubkey
    battery: Pubkey

    def endow(self, svm: LiteSVM) -> None:
        """Put the owner, the mint and the tokens on a chain."""
        owner = self.owner.pubkey()
        tokens = TokenAccount(self.mint, owner, TOKENS, None, TokenAccountState.Initialized, None, 0)
        svm.set_account(owner, Account(LAMPORTS_PER_SOL, b"", SYSTEM_PROGRAM_ID))
        svm.set_account(
            self.mint, Account(LAMPORTS_PER_SOL, bytes(Mint(owner, TOKENS, 3, True)), TOKEN_PROGRAM_ID)
        )
        svm.set_account(self.source, Account(LAMPORTS_PER_SOL, bytes(tokens), TOKEN_PROGRAM_ID))

    def steps(self, efficiency_bps: int) -> dict[str, Instruction]:
        """Every instruction, each ready to run after those before it."""
        owner, battery = self.owner.pubkey(), self.battery
        return {
            "initialize": ledger.initialize(
                authority=owner,
                mint=self.mint,
                resource=ledger.Resource.ENERGY,
                capacity=TOKENS,
                allocation_limit=TOKENS,
                allocation_lifetime=LIFETIME_S,
                efficiency_bps=efficiency_bps,
            ),
            "open_member": ledger.open_member(payer=owner, battery=battery, owner=owner),
            "deposit_energy": ledger.deposit_energy(
                owner=owner,
                battery=battery,
                mint=self.mint,
                source=self.source,
                amount=1_000,
                minimum_credit=0,
            ),
            "withdraw_energy": ledger.withdraw_energy(
                owner=owner, battery=battery, destination=self.source, amount=100
            ),
            "allocate": ledger.allocate(owner=owner, battery=battery, amount=100),
            "deallocate": ledger.deallocate(owner=owner, battery=battery, amount=50),
            "consume": ledger.consume(owner=owner, battery=battery, mint=self.mint, amount=20),
            "set_policy": ledger.set_policy(
                authority=owner,
                battery=battery,
                capacity=2 * TOKENS,
                allocation_limit=TOKENS,
                allocation_lifetime=LIFETIME_S,
                efficiency_bps=efficiency_bps,
            ),
            "set_member_limit": ledger.set_member_limit(
                authority=owner, battery=battery, owner=owner, limit=TOKENS
            ),
            "pause": ledger.pause(authority=owner, battery=battery),
            "resume": ledger.resume(authority=owner, battery=battery),
            "release_expired": ledger.release_expired(battery=battery, owner=owner),
            "propose_authority": ledger.propose_authority(
                authority=owner, battery=battery, proposed=self.successor.pubkey()
            ),
            "accept_authority": ledger.accept_authority(authority=self.successor.pubkey(), battery=battery),
        }


def _world() -> World:
    """The first of a fixed sequence in which all of the program's addresses have bump 255."""
    for attempt in count():
        owner, successor, mint, source = (
            Keypair.from_seed(sha256(f"benchmark {attempt}: {name}".encode()).digest())
            for name in ("owner", "successor", "mint", "source")
        )
        battery_address = ledger.battery_address(owner.pubkey(), mint.pubkey())
        world = World(owner, successor, mint.pubkey(), source.pubkey(), battery_address)
        creator, battery = bytes(owner.pubkey()), bytes(world.battery)
        seeds = [b"battery", creator, bytes(world.mint)], [b"vault", battery], [b"member", battery, creator]
        if all(Pubkey.find_program_address(each, ledger.PROGRAM_ID)[1] == 255 for each in seeds):
            return world
    raise AssertionError("count never ends")


# Size


def _size(programs: dict[str, bytes]) -> str:
    rent = LiteSVM().minimum_balance_for_rent_exemption
    rows = [
        (name, f"{len(binary):,}", f"{rent(len(binary)) / LAMPORTS_PER_SOL:.2f}")
        for name, binary in programs.items()
    ]
    return (
        "## Size\nWhat a deployer leaves as rent for the bytes, until the program is closed.\n\n"
    ) + _table(("", "bytes of the `.so`", "rent, SOL"), rows)


# Speed


async def _speed() -> str:
    rates: dict[str, list[float]] = {}
    for _ in range(ROUNDS):  # interleaved, so that a busy machine slows all of them
        for measured in (await _replay_rates(), await _client_rate(), await _rpc_rate(), _svm_rate()):
            for name, rate in measured.items():
                rates.setdefault(name, []).append(rate)
    medians = {name: median(each) for name, each in rates.items()}
    rows = [(name, f"{rate:,.0f}", f"{rate / medians[RPC]:.2f}") for name, rate in medians.items()]
    return (
        "## Speed\n"
        "Transactions a second on the embedded chain, each signed and confirmed: medians of "
        f"{ROUNDS} interleaved\nrounds. Most of the replay's transactions run SPL Token, by themselves or "
        "called by the program.\n\n"
    ) + _table(("", "a second", "of `program.rpc`"), rows)


class _TimedSvm:
    """A LiteSVM that counts the time it takes to run transactions."""

    def __init__(self, svm: LiteSVM) -> None:
        self._svm = svm
        self.seconds = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._svm, name)

    def send_transaction(self, transaction: Any) -> Any:
        started = perf_counter()
        outcome = self._svm.send_transaction(transaction)
        self.seconds += perf_counter() - started
        return outcome


async def _replay_rates() -> dict[str, float]:
    chain = _chain()
    chain.svm = timed = cast(Any, _TimedSvm(chain.svm))

    def begin_interval(start: datetime) -> None:
        chain.unix_timestamp = int(start.timestamp())

    report = await replay(
        load_readings(built("community.csv")),
        chain.client(),
        capacity=300_000,
        efficiency_bps=9_500,
        begin_interval=begin_interval,
    )
    return {
        "the replay of `amalgam demo`, through the client": report.transactions / report.seconds,
        "LiteSVM's own part of it": report.transactions / timed.seconds,
    }


async def _client_rate() -> dict[str, float]:
    world, chain = _started()
    client = EnergyAllocationClient(chain.client(), world.owner)
    started = perf_counter()
    for _ in range(TRANSACTIONS // 2):
        await client.allocate(world.owner, world.battery, amount=100)
        await client.deallocate(world.owner, world.battery, amount=100)
    return {"allocate and deallocate, through the client": TRANSACTIONS / (perf_counter() - started)}


async def _rpc_rate() -> dict[str, float]:
    world, chain = _started()
    idl = Idl.from_json(built("energy_allocation.json").read_text("utf-8"))
    program = Program(idl, ledger.PROGRAM_ID, Provider(chain.client(), Wallet(world.owner)))
    owner = world.owner.pubkey()
    accounts = {
        "owner": owner,
        "battery": world.battery,
        "member": ledger.member_address(world.battery, owner),
    }
    allocating, deallocating = Context({**accounts, "clock": CLOCK}), Context(accounts)
    started = perf_counter()
    for _ in range(TRANSACTIONS // 2):
        await program.rpc["allocate"](100, ctx=allocating)
        await program.rpc["deallocate"](100, ctx=deallocating)
    return {RPC: TRANSACTIONS / (perf_counter() - started)}


def _svm_rate() -> dict[str, float]:
    world, chain = _started()
    accounts = {"owner": world.owner.pubkey(), "battery": world.battery}
    pair = [each(**accounts, amount=100) for each in (ledger.allocate, ledger.deallocate)]
    started = perf_counter()
    for _ in range(TRANSACTIONS // 2):
        for instruction in pair:
            _send(chain.svm, world, instruction)
        chain.svm.expire_blockhash()
    return {"allocate and deallocate, LiteSVM itself": TRANSACTIONS / (perf_counter() - started)}


def _started() -> tuple[World, EmbeddedChain]:
    """A chain with a battery and its member, who has a balance."""
    world, chain = _world(), _chain()
    world.endow(chain.svm)
    steps = world.steps(LOSSLESS_BPS)
    for name in ("initialize", "open_member", "deposit_energy"):
        _send(chain.svm, world, steps[name])
    return world, chain


def _chain() -> EmbeddedChain:
    chain = EmbeddedChain()
    chain.add_program(ledger.PROGRAM_ID, built("energy_allocation.so"))
    return chain


if __name__ == "__main__":
    main()
