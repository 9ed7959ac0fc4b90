"""The command line of the mutation testing."""

import signal
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from queue import SimpleQueue
from statistics import mean
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.sources import Module
from tests.mutation.table import ROOT, Name, Table
from tests.mutation.workspace import PROGRAMS, Outcome, Program, Unfit, Workspace

WORKSPACES = ROOT / "target/mutation"

console = Console(highlight=False, soft_wrap=True)
app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Functions and constants to mutate, instead of all."),
    ] = None,
    program: Annotated[str, typer.Option(help=f"One of {', '.join(PROGRAMS)}.")] = "energy_allocation",
    again: Annotated[bool, typer.Option("--again", help="Try also what the table knows.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Mutants at once: each takes one core.")] = 2,
) -> None:
    """Shows that the tests notice each small error in the program.

    Plants one error at a time in a copy of the program in programs_py/, builds it, and runs the tests
    that drive the program until one fails: the mutant is killed. One that survives is a rule that nothing
    tests. tests/mutation/mutants.py says which errors.

    The table in tests/mutation/ is written after each mutant: Ctrl-C loses nothing. A mutant is tried
    again when an instruction that its error may show in has changed, or the test that killed it; what tests
    share, as tests/world.py, does not count. Commit the table with what changed it.

    Needs what toolchain/install installs. Ends with 1 where a mutant is not killed, and with 2
    where none can be tried.
    """
    if program not in PROGRAMS:
        raise typer.BadParameter(f"{program} is not one of {', '.join(PROGRAMS)}", param_hint="--program")
    mutated = PROGRAMS[program]
    source = (ROOT / mutated.source).read_text()
    everything = mutants(source)
    chosen = {*(names or ())} or {mutant.scope for mutant in everything}
    if unknown := chosen - {mutant.scope for mutant in everything}:
        raise typer.BadParameter(f"nothing to mutate in {', '.join(sorted(unknown))}", param_hint="NAME")
    table = Table(Path(__file__).with_name(mutated.table), source, everything)
    found = [mutant for mutant in everything if mutant.scope in chosen]
    waiting = [mutant for mutant in found if again or not table.is_current(mutant.name)]
    console.print(f"{len(found)} mutants, {len(found) - len(waiting)} current, {len(waiting)} to try")
    if waiting:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            try_all(mutated, waiting, table, Module(source), min(workers, len(waiting)))
        except Unfit as error:
            console.print(f"Cannot try mutants: {error}", markup=False)
            raise typer.Exit(2) from None
    left = [(name, outcome) for name, outcome in table.unsettled() if name[0] in chosen]
    for name, outcome in left:
        console.print(told(name, outcome))
    console.print(f"{len(left)} not killed" if left else "All are killed")
    raise typer.Exit(1 if left else 0)


def try_all(program: Program, waiting: list[Mutant], table: Table, module: Module, workers: int) -> None:
    """Try the mutants, so many at once, and write down what becomes of each."""
    start = time.monotonic()
    spaces = [Workspace(WORKSPACES / str(number), program) for number in range(workers)]
    idle: SimpleQueue[Workspace] = SimpleQueue()
    for space in spaces:
        idle.put(space)

    def attempt(mutant: Mutant) -> Outcome:
        space = idle.get()
        try:
            return space.outcome(mutant.source, module.users(mutant.scope))
        finally:
            idle.put(space)

    bar = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), "left", TimeRemainingColumn())
    outcomes: list[Outcome] = []
    with Progress(*bar, console=console) as progress, ThreadPoolExecutor(workers) as pool:
        try:
            console.print("Building the program as it is: minutes the first time, then seconds")
            list(pool.map(Workspace.prepare, spaces))
            spaces[0].require_passing()
            console.print(f"The tests pass with the program as it is ({time.monotonic() - start:.0f} s)")
            tried = {pool.submit(attempt, mutant): mutant for mutant in waiting}
            for done in progress.track(as_completed(tried), total=len(tried)):
                outcome, name = done.result(), tried[done].name
                outcomes.append(outcome)
                table.record(name, outcome.what)
                console.print(told(name, f"{outcome.what} ({outcome.build_s:.0f} + {outcome.test_s:.0f} s)"))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for space in spaces:
                space.interrupt()
            raise
    build_s, test_s = mean(o.build_s for o in outcomes), mean(o.test_s for o in outcomes)
    cost = f"{build_s:.1f} s to build and {test_s:.1f} s to test each on average"
    console.print(f"{len(outcomes)} tried in {(time.monotonic() - start) / 60:.1f} min: {cost}")


def told(name: Name, outcome: str) -> Text:
    scope, line, becomes = name
    return Text.assemble(
        (f"{scope}: ", "bold"), line, (" -> ", "dim"), becomes or "nothing", f"\n    {outcome}"
    )


if __name__ == "__main__":
    app()
