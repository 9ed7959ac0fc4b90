"""Measure the Python engine beside LiteSVM, instruction by instruction, and rewrite figures.md.

Every instruction of a program's scene runs on two chains in turn, each time on the accounts that it began
with: one has the program's source, the other its `.so`.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from statistics import geometric_mean
from time import perf_counter
from typing import Any, NamedTuple, cast

from anchorpy import Context, Idl, Provider, Wallet
from anchorpy import Program as AnchorpyProgram
from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.layout import snake
from amalgam.chain.transactions import Sender
from amalgam.programs import Engine, Program
from benchmarks import bench
from benchmarks.bench import Scene
from seahorse import Empty
from seahorse.accounts import Clock, Signer, TokenAccount, TokenMint, fields_of
from seahorse.engine import Engine as PythonEngine
from seahorse.engine import load_module
from seahorse.program import instructions_of
from seahorse.tokens import AccountState, MintState

FIGURES = Path(__file__).parent / "figures.md"
ROUNDS, IN_A_ROW = 8, 6  # runs of an instruction
WAYS = ("chain", "rpc", "client")
_DISCRIMINATOR_BYTES = 8
_MICRO = 10**6


def main() -> None:
    """Measure and write."""
    scenes = {program: _scene(program) for program in Program}
    tables = {program: asyncio.run(_measured(program, scene)) for program, scene in scenes.items()}
    everything = [each for table in tables.values() for each in table.values()]
    parts = [f"## {program}\n\n{_table(table)}" for program, table in tables.items()]
    bench.write(FIGURES, _heading(), _summary(everything), *parts)


def _scene(program: Program) -> Scene:
    return import_module(f"benchmarks.{program.package}.measure").first_world().scene()


class Times(NamedTuple):
    """What an instruction takes, in seconds: by way and engine, in the Python engine itself, and directly."""

    litesvm: dict[str, float]
    python: dict[str, float]
    execution: float
    direct: float

    @property
    def at_most(self) -> float:
        """How many times LiteSVM's rate through the client that of an engine which took no time would be."""
        return self.litesvm["client"] / (self.python["client"] - self.execution)

    def ratio(self, way: str) -> float:
        """How many times LiteSVM's rate the engine's is."""
        return self.litesvm[way] / self.python[way]

    @property
    def direct_ratio(self) -> float:
        """How many times LiteSVM's rate through the client that of direct calls is."""
        return self.litesvm["client"] / self.direct


async def _measured(program: Program, scene: Scene) -> dict[str, Times]:
    litesvm, python = _Side(program, scene, Engine.LITESVM), _Side(program, scene, Engine.PYTHON)
    found: dict[str, Times] = {}
    for act in scene.acts:
        for side in (litesvm, python):
            side.chain.unix_timestamp = act.unix_timestamp
        for step, instruction in act.steps.items():
            times = await _timed(litesvm, python, step.partition(",")[0], instruction)
            if not step.endswith(bench.PREPARATIONS):
                found[step] = times
    return found


async def _timed(litesvm: "_Side", python: "_Side", name: str, instruction: Instruction) -> Times:
    """The times of an instruction, which then is done for good."""
    found: tuple[dict[str, list[float]], ...] = tuple({way: [] for way in WAYS} for _ in range(2))
    executions: list[float] = []
    directs: list[float] = []
    for _ in range(ROUNDS):  # in turn, so that a busy machine slows both
        for side, times in zip((litesvm, python), found, strict=True):
            for way in WAYS:
                times[way] += [await side.seconds(way, name, instruction) for _ in range(IN_A_ROW)]
        executions += [python.execution_s(instruction) for _ in range(IN_A_ROW)]
        directs += [python.direct_s(name, instruction) for _ in range(IN_A_ROW)]
    for side in (litesvm, python):
        await side.sender.send([instruction], *side.signers(instruction))
    seconds = [{way: _quiet(each) for way, each in times.items()} for times in found]
    return Times(*seconds, _quiet(executions), _quiet(directs))


def _quiet(times: Sequence[float]) -> float:
    """What it takes while nobody else disturbs it: a tenth of the runs take less."""
    return sorted(times)[len(times) // 10]


class _Side:
    """A chain with one of the engines, and what sends to it."""

    def __init__(self, program: Program, scene: Scene, engine: Engine) -> None:
        self.chain = EmbeddedChain()
        self.chain.add_program(scene.program_id, program.runs_from(engine))
        for address, account in scene.accounts.items():
            self.chain.set_account(address, account)
        self._payer, *self._others = scene.signers
        client = self.chain.client()
        self.sender = Sender(client, self._payer)
        idl = Idl.from_json(program.idl.read_text("utf-8"))
        self._anchorpy = AnchorpyProgram(idl, scene.program_id, Provider(client, Wallet(self._payer)))
        self._source = load_module(program.source)

    def signers(self, instruction: Instruction) -> list[Keypair]:
        """Who must sign beside the payer."""
        signing = {each.pubkey for each in instruction.accounts if each.is_signer}
        return [key for key in self._others if key.pubkey() in signing]

    async def seconds(self, way: str, name: str, instruction: Instruction) -> float:
        """What sending takes in one way."""
        run = {"chain": self._by_chain, "rpc": self._by_rpc, "client": self._by_client}[way](
            name, instruction
        )
        with self._undone(instruction):
            started = perf_counter()
            await run()
            return perf_counter() - started

    @contextmanager
    def _undone(self, instruction: Instruction) -> Iterator[None]:
        """Afterwards its accounts are what they were."""
        written = {each.pubkey for each in instruction.accounts if each.is_writable} | {self._payer.pubkey()}
        before = {address: self.chain.svm.get_account(address) for address in written}
        yield
        for address, account in before.items():
            self.chain.svm.set_account(address, account or Account.default())

    def _signed(self, instruction: Instruction) -> VersionedTransaction:
        blockhash = self.chain.svm.latest_blockhash()
        message = Message.new_with_blockhash([instruction], self._payer.pubkey(), blockhash)
        return VersionedTransaction(message, [self._payer, *self.signers(instruction)])

    def _by_chain(self, name: str, instruction: Instruction) -> Callable[[], Awaitable[object]]:
        transaction = self._signed(instruction)

        async def send() -> None:
            if self.chain.send(transaction, preflight=True) is not None:
                sys.exit(f"{name} was refused: nothing to compare")

        return send

    def _by_rpc(self, name: str, instruction: Instruction) -> Callable[[], Awaitable[object]]:
        parsed = cast(Any, self._anchorpy.coder.instruction.parse(instruction.data)).data
        arguments = [value for key, value in parsed.items() if not key.startswith("_")]
        (idl,) = (each for each in self._anchorpy.idl.instructions if snake(each.name) == name)
        accounts = zip(idl.accounts, instruction.accounts, strict=True)
        given = {snake(cast(Any, account).name): meta.pubkey for account, meta in accounts}
        context = Context(given, signers=self.signers(instruction))
        return lambda: self._anchorpy.rpc[name](*arguments, ctx=context)

    def _by_client(self, _name: str, instruction: Instruction) -> Callable[[], Awaitable[object]]:
        signers = self.signers(instruction)
        return lambda: self.sender.send([instruction], *signers)

    # Python alone

    def execution_s(self, instruction: Instruction) -> float:
        """What the Python engine itself takes, without signatures."""
        engine = cast(PythonEngine, self.chain._engine)  # pyright: ignore[reportPrivateUsage]
        transaction, load = self._signed(instruction), self.chain.svm.get_account
        started = perf_counter()
        read = engine.read(transaction.message)
        if read is None or engine.execute(transaction, read, load, verify=False).err is not None:
            sys.exit("the engine refused what it has done before")
        return perf_counter() - started

    def direct_s(self, name: str, instruction: Instruction) -> float:
        """What the instruction's function takes, on accounts as they are now."""
        source = instructions_of(self._source)[name]
        arguments, _ = source.arguments.read_fields(instruction.data, _DISCRIMINATOR_BYTES)
        metas = iter(instruction.accounts)
        given = [
            arguments[each.name]
            if each.codec is not None
            else self._object(each.kind, each.empty, next(metas).pubkey)
            for each in source.parameters
        ]
        function = getattr(self._source, name)
        started = perf_counter()
        function(*given)
        return perf_counter() - started

    def _object(self, kind: Any, is_new: bool, address: Pubkey) -> Any:
        """An account as an object."""
        key, account = bytes(address), self.chain.svm.get_account(address) or Account.default()
        if is_new:
            return Empty(key)
        if kind is Signer:
            return Signer(key, account.lamports)
        if kind is Clock:
            return Clock(self.chain.unix_timestamp)
        if kind is TokenAccount or kind is TokenMint:
            made = kind(key)
            made.current = (AccountState if kind is TokenAccount else MintState).unpack(account.data)
            made.loaded()
            return made
        fields, _ = fields_of(kind).read_fields(account.data, _DISCRIMINATOR_BYTES)
        return kind(key, account.lamports, **fields)


# Figures


def _heading() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("solders", "anchorpy", "solana"))
    key, message = Keypair(), bytes(400)
    signature = key.sign_message(message)
    address = key.pubkey()
    sign = _quiet_us(lambda: key.sign_message(message))
    verify = _quiet_us(lambda: signature.verify(address, message))
    return f"""# The Python engine beside LiteSVM

Written by `python -m benchmarks.engine`. Each instruction ran on two chains in turn, in a transaction of its
own, {ROUNDS * IN_A_ROW} times in each way on the same accounts. The times are lowest deciles, as others use
the machine too. A ratio is how many times the transactions a second of LiteSVM the engine does.

- chain: `EmbeddedChain.send`, given a signed transaction. With both engines it verifies the signatures
- rpc: anchorpy's `program.rpc`
- client: `Sender.send`, which builds, signs, sends and confirms, as `amalgam` does
- at most: what the client's ratio would be of an engine that took no time at all
- engine: what the Python engine itself takes, without signatures and the chain around it
- direct: the instruction called as a function on account objects. Its ratio is to LiteSVM through the client

For each signature, and with either engine, to sign takes {sign:.0f} µs here and to verify {verify:.0f} µs.

{packages}; Python {sys.version.split()[0]}"""


def _quiet_us(run: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(1_000):
        started = perf_counter()
        run()
        times.append(perf_counter() - started)
    return _quiet(times) * _MICRO


def _summary(times: Sequence[Times]) -> str:
    ratios = {
        **{way: [each.ratio(way) for each in times] for way in WAYS},
        "at most": [each.at_most for each in times],
        "direct": [each.direct_ratio for each in times],
    }
    rows = [
        (name, f"{geometric_mean(each):.1f}", f"{min(each):.1f}", f"{max(each):.1f}")
        for name, each in ratios.items()
    ]
    return f"## All {len(times)}\n\n" + bench.table(("ratio", "geometric mean", "least", "greatest"), rows)


def _table(times: dict[str, Times]) -> str:
    head = (
        *("", "chain: LiteSVM, µs", "Python, µs", "ratio", "rpc: ratio"),
        *("client: LiteSVM, µs", "Python, µs", "ratio", "at most", "engine, µs", "direct, µs", "ratio"),
    )
    rows: list[tuple[str, ...]] = []
    for name, each in times.items():
        chain, client = (
            (
                f"{each.litesvm[way] * _MICRO:.0f}",
                f"{each.python[way] * _MICRO:.0f}",
                f"{each.ratio(way):.1f}",
            )
            for way in ("chain", "client")
        )
        direct = f"{each.direct * _MICRO:.0f}", f"{each.direct_ratio:.0f}"
        shared = f"{each.at_most:.1f}", f"{each.execution * _MICRO:.0f}"
        rows.append((name, *chain, f"{each.ratio('rpc'):.1f}", *client, *shared, *direct))
    return bench.table(head, rows)


if __name__ == "__main__":
    main()
