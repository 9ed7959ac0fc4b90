"""Measure energy_allocation beside its Anchor twin and the smallest possible, and rewrite figures.md.

With `--check`, compare with it.
"""

import asyncio
import json
import sys
from datetime import datetime
from importlib.metadata import version
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple, cast

from anchorpy import Context, Idl, Program, Provider, Wallet
from solders.keypair import Keypair
from solders.litesvm import LiteSVM
from solders.pubkey import Pubkey
from solders.sysvar import CLOCK

from amalgam import built
from amalgam.battery import program as ledger
from amalgam.battery.client import EnergyAllocationClient
from amalgam.chain.embedded import EmbeddedChain
from amalgam.readings.community import community
from amalgam.readings.read import read_files
from amalgam.scenarios.replay import replay
from amalgam.units import Resource
from benchmarks import bench
from benchmarks.bench import LAMPORTS_PER_SOL, NOON, Act, Scene

HERE = Path(__file__).parent
TWIN, BARE = HERE / "twin", HERE / "bare"
BARE_INSTRUCTIONS = {"deposit_energy", "withdraw_energy", "allocate", "deallocate"}
FIGURES = HERE / "figures.md"
TOOLCHAIN = HERE.parents[1] / "target/deploy/toolchain.json"
TOKENS = 10_000
LIFETIME_S = 86_400
LOSSLESS_BPS, LOSSY_BPS = 10_000, 9_000
ROUNDS = 5
RPC = "allocate and deallocate, a bare loop over anchorpy's `program.rpc`"
READINGS = "readings that it replays"
TRANSACTIONS = 2_000  # of each bare loop in a round


def main() -> None:
    """Measure everything and write the tables, or compare with them."""
    program = built("energy_allocation.so").read_bytes()
    if bench.is_check():
        (units,) = _units((program,))
        bench.check(FIGURES, units | {"program": len(program)})
        return
    built_here = {
        "twin": bench.built_here(TWIN),
        "bare": bench.built_here(BARE),
        "bare, without its events": bench.built_here(BARE, "--features", "no-event"),
    }
    compute, size = _compute(program, *built_here.values()), _size({"program": program} | built_here)
    bench.write(FIGURES, _heading(), compute, size, asyncio.run(_speed()))


def _heading() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("solders", "anchorpy", "solana"))
    tools = json.loads(TOOLCHAIN.read_text("utf-8")) if TOOLCHAIN.exists() else {}
    toolchain = ", ".join(f"{name} {tool}" for name, tool in tools.items())
    return (
        "# Figures\n\n"
        "Written by `python -m benchmarks.battery.measure`. The twin is the same program written by\n"
        "hand in Anchor (`benchmarks/battery/twin`): the same accounts, checks, effects and events, built\n"
        "with the same toolchain and driven by the same instructions. The bare program\n"
        "(`benchmarks/battery/bare`) does the same in the four instructions of every day, without Anchor\n"
        "or any library: about the least that it can take. All left the same\n"
        "bytes in accounts and events.\n\n"
        f"{packages}; Python {sys.version.split()[0]}" + (f"; {toolchain}" if toolchain else "")
    )


# Compute units


def _compute(program: bytes, twin: bytes, bare: bytes, bare_without_event: bytes) -> str:
    ours, twins, least = _units((program,), (twin,), (program, bare, BARE_INSTRUCTIONS))
    _, least_without_event = _units(
        (program,), (program, bare_without_event, BARE_INSTRUCTIONS), events=False
    )
    rows: list[tuple[str, ...]] = []
    for name, units in ours.items():
        row = name, f"{units:,}", f"{twins[name]:,}", f"{units / twins[name]:.3f}"
        is_bare = name.split(",")[0] in BARE_INSTRUCTIONS
        rows.append((*row, *(f"{each[name]:,}" if is_bare else "" for each in (least, least_without_event))))
    return (
        "## Compute units\n"
        "Calls to other programs included. The keys are chosen so that no address takes a search (all bumps\n"
        "are 255): each step of one costs 1,500 more, in `initialize` and `open_member` only.\n\n"
    ) + bench.table(("instruction", "program", "twin", "ratio", "bare", "without its event"), rows)


def units(program: bytes, idl: bench.Idl) -> dict[str, int]:
    """The compute units by instruction of a version of the program that has this IDL."""
    return _units((program, b"", (), idl))[0]


def _units(*programs: tuple[Any, ...], events: bool = True) -> list[dict[str, int]]:
    """Each program's compute units by instruction, given that all have done the same.

    A program is what `bench.run` takes.
    """
    both = [
        [bench.run(scene, *each) for each in programs]
        for scene in (first_world().scene(efficiency) for efficiency in (LOSSLESS_BPS, LOSSY_BPS))
    ]
    for ours, *others in both:
        bench.compare(ours, others, events=events)
    return [
        without.units | {"deposit_energy, loss burned": having.units["deposit_energy"]}
        for without, having in zip(*both, strict=True)
    ]


class World(NamedTuple):
    """An owner, who is to take their battery over, a mint and tokens of it."""

    owner: Keypair
    successor: Keypair
    mint: Keypair
    source: Keypair

    @property
    def battery(self) -> Pubkey:
        """Where the battery is."""
        return ledger.battery_address(self.owner.pubkey(), self.mint.pubkey())

    @property
    def seeds(self) -> list[list[bytes]]:
        """Of all addresses."""
        owner, mint, battery = (bytes(key) for key in (self.owner.pubkey(), self.mint.pubkey(), self.battery))
        return [[b"battery", owner, mint], [b"vault", battery], [b"member", battery, owner]]

    def scene(self, efficiency_bps: int = LOSSY_BPS) -> Scene:
        """Every instruction."""
        owner, successor, mint, source = (key.pubkey() for key in self)
        battery = self.battery
        daily = {
            "initialize": ledger.initialize(
                authority=owner,
                mint=mint,
                resource=Resource.ENERGY,
                capacity=TOKENS,
                allocation_limit=TOKENS,
                allocation_lifetime=LIFETIME_S,
                efficiency_bps=efficiency_bps,
            ),
            "open_member": ledger.open_member(payer=owner, battery=battery, owner=owner),
            "deposit_energy": ledger.deposit_energy(
                owner=owner,
                battery=battery,
                mint=mint,
                source=source,
                amount=1_000,
                minimum_credit=0,
            ),
            "withdraw_energy": ledger.withdraw_energy(
                owner=owner, battery=battery, destination=source, amount=100
            ),
            "allocate": ledger.allocate(owner=owner, battery=battery, amount=100),
            "deallocate": ledger.deallocate(owner=owner, battery=battery, amount=50),
            "consume": ledger.consume(owner=owner, battery=battery, mint=mint, amount=20),
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
        }
        later = {
            "release_expired": ledger.release_expired(battery=battery, owner=owner),
            "return_rent": ledger.return_rent(
                owner=owner, member=ledger.member_address(battery, owner), amount=0
            ),
            "propose_authority": ledger.propose_authority(
                authority=owner, battery=battery, proposed=successor
            ),
            "accept_authority": ledger.accept_authority(authority=successor, battery=battery),
        }
        return Scene(
            ledger.PROGRAM_ID,
            signers=(self.owner, self.successor),
            accounts={
                owner: bench.wallet(),
                mint: bench.mint(TOKENS, authority=owner),
                source: bench.tokens(mint, owner, TOKENS),
            },
            acts=[Act(NOON, daily), Act(NOON + LIFETIME_S, later)],
        )


def first_world() -> World:
    """The first of a fixed sequence in which no address takes a search."""
    worlds = (World(*bench.keys(f"benchmark {attempt}", World._fields)) for attempt in count())
    return next(world for world in worlds if bench.take_no_search(ledger.PROGRAM_ID, world.seeds))


# Size


def _size(programs: dict[str, bytes]) -> str:
    rent = LiteSVM().minimum_balance_for_rent_exemption
    rate = rent(1) - rent(0)
    rows = [
        (name, f"{len(binary):,}", f"{rent(len(binary)) / LAMPORTS_PER_SOL:.2f}")
        for name, binary in programs.items()
    ]
    return (
        "## Size\nWhat a deployer leaves as rent for the bytes, until the program is closed, at the\n"
        f"embedded chain's {rate:,} lamports a byte. A cluster may have another rate:\n"
        "`amalgam deploy --dry-run` asks it.\n\n"
    ) + bench.table(("", "bytes of the `.so`", "rent, SOL"), rows)


# Speed


async def _speed() -> str:
    rates: dict[str, list[float]] = {}
    for _ in range(ROUNDS):  # interleaved, so that a busy machine slows all of them
        for measured in (await _replay_rates(), await _client_rate(), await _rpc_rate(), _svm_rate()):
            for name, rate in measured.items():
                rates.setdefault(name, []).append(rate)
    medians = {name: median(each) for name, each in rates.items()}
    rows = [
        (name, f"{rate:,.0f}", "" if name == READINGS else f"{rate / medians[RPC]:.2f}")
        for name, rate in medians.items()
    ]
    return (
        "## Speed\n"
        "Transactions a second on the embedded chain, each signed and confirmed: medians of "
        f"{ROUNDS} interleaved\nrounds. Most of the replay's transactions run SPL Token, by themselves or "
        "called by the program.\n\n"
    ) + bench.table(("", "a second", "of `program.rpc`"), rows)


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
        community(read_files([built("community.csv")])),
        chain.client(),
        capacity=300_000,
        efficiency_bps=9_500,
        begin_interval=begin_interval,
    )
    return {
        "a replay of `community.csv`, through the client": report.transactions / report.seconds,
        READINGS: report.readings / report.seconds,
        "LiteSVM's own part of it": report.transactions / timed.seconds,
    }


async def _client_rate() -> dict[str, float]:
    world, chain = _started()
    client = EnergyAllocationClient(chain.client(), world.owner)
    started = perf_counter()
    for _ in range(TRANSACTIONS // 2):
        await client.send(
            ledger.allocate(owner=world.owner.pubkey(), battery=world.battery, amount=100), world.owner
        )
        await client.send(
            ledger.deallocate(owner=world.owner.pubkey(), battery=world.battery, amount=100), world.owner
        )
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
            bench.send(chain.svm, [world.owner], instruction)
        chain.svm.expire_blockhash()
    return {"allocate and deallocate, LiteSVM itself": TRANSACTIONS / (perf_counter() - started)}


def _started() -> tuple[World, EmbeddedChain]:
    """A chain with a battery and its member, who has a balance."""
    world, chain = first_world(), _chain()
    scene = world.scene(LOSSLESS_BPS)
    for address, account in scene.accounts.items():
        chain.svm.set_account(address, account)
    for name in ("initialize", "open_member", "deposit_energy"):
        bench.send(chain.svm, scene.signers, scene.acts[0].steps[name])
    return world, chain


def _chain() -> EmbeddedChain:
    chain = EmbeddedChain()
    chain.add_program(ledger.PROGRAM_ID, built("energy_allocation.so"))
    return chain


if __name__ == "__main__":
    main()
