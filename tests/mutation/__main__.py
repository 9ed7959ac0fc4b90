"""The command line of the mutation testing."""

import random
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from amalgam.programs import Program
from tests.mutation.mutants import Mutant
from tests.mutation.programs import Mutants, Unfit, source, test_files
from tests.mutation.python_engine import Task, verdicts
from tests.mutation.runner import PRELOADED, first_failure
from tests.mutation.sources import Module
from tests.mutation.table import SURVIVED, Table

SAMPLE = 100  # of what tests on the Python engine kill, to be tried on the chain too

console = Console(highlight=False, soft_wrap=True)
app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)


@app.command()
def main(
    programs: Annotated[
        list[Program] | None,
        typer.Argument(metavar="[NAME]...", help="Programs to mutate, instead of all."),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Try also what the tables know.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="Mutants at once: each takes one core.")] = 2,
) -> None:
    """Shows that the tests notice each small error in the programs.

    Plants every error in a copy of a program in programs_py/, and switches on one error at a time. The
    tests that drive the program run until one fails: the mutant is killed. One that survives is a rule
    that nothing tests. tests/mutation/mutants.py says which errors.

    Each mutant runs as Python first. Those that survive there, and a hundred others at random, run on the
    chain too, in a program that is built once: what happens on the chain counts.

    The tables in tests/mutation/ are written after each mutant: Ctrl-C loses nothing. A mutant is tried
    again when an instruction that its error may show in has changed, or the test that killed it; what tests
    share, as tests/support/battery.py, does not count. Commit the tables with what changed them.

    Needs what toolchain/install installs. Ends with 1 if a mutant is not killed or both engines disagree,
    and with 2 if none can be tried.
    """
    try:
        left = sum(_settle(program, again, workers) for program in programs or Program)
    except Unfit as error:
        console.print(f"Cannot try mutants: {error}", markup=False)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        console.print("Interrupted; what was found is in the tables")
        raise typer.Exit(2) from None
    console.print(f"{left} not killed" if left else "All are killed")
    raise typer.Exit(1 if left else 0)


def _settle(program: Program, again: bool, workers: int) -> int:
    """Try a program's mutants that its table does not know; how many are not killed."""
    mutants = Mutants(program)
    found = mutants.all
    table = Table(Path(__file__).with_name("tables") / f"{program.package}.md", source(program), found)
    waiting = [mutant for mutant in found if again or not table.is_current(mutant)]
    counts = f"{len(found)} mutants, {len(found) - len(waiting)} current, {len(waiting)} to try"
    console.print(f"{program}: {counts}")
    differing = 0
    if waiting:
        start = time.monotonic()
        differing = _try_all(program, mutants, waiting, table, workers)
        took = time.monotonic() - start
        console.print(f"{len(waiting)} tried in {took / 60:.1f} min")
    left = table.unsettled()
    for name, outcome in left:
        console.print(_told(name, outcome))
    return len(left) + differing


def _try_all(program: Program, mutants: Mutants, waiting: list[Mutant], table: Table, workers: int) -> int:
    """Try mutants and write down what becomes of each; of how many the engines disagree."""
    outcomes = dict[Mutant, str]()
    for mutant, outcome in _shown(_as_python(program, mutants, waiting, workers), "as Python", len(waiting)):
        outcomes[mutant] = outcome
        if outcome != SURVIVED:
            table.record(mutant, outcome)
    killed = [mutant for mutant, outcome in outcomes.items() if outcome != SURVIVED]
    chosen = {*random.sample(killed, min(SAMPLE, len(killed)))}
    again = [mutant for mutant in waiting if mutant in chosen or outcomes[mutant] == SURVIVED]
    differing = 0
    for mutant, outcome in _shown(_on_chain(program, mutants, again, workers), "on the chain", len(again)):
        table.record(mutant, outcome)
        if (outcome == SURVIVED) != (outcomes[mutant] == SURVIVED):
            differing += 1
            console.print(_told(mutant, f"{outcome} on the chain, {outcomes[mutant]} as Python"))
    console.print(
        f"As Python {len(killed)} of {len(waiting)} were killed; the chain agrees on "
        f"{len(again) - differing} of {len(again)}"
    )
    return differing


def _as_python(
    program: Program, mutants: Mutants, waiting: Sequence[Mutant], workers: int
) -> Iterator[tuple[Mutant, str]]:
    module = Module(source(program))
    own, rest = test_files(program, [])
    tasks = [Task(mutants.number(each), test_files(program, module.users(each.scope))[0]) for each in waiting]
    for verdict in verdicts(_stage(program), mutants.python(), tasks, [*own, *rest], workers):
        yield mutants.all[verdict.number - 1], verdict.failed or SURVIVED


def _on_chain(
    program: Program, mutants: Mutants, waiting: Sequence[Mutant], workers: int
) -> Iterator[tuple[Mutant, str]]:
    mutants.build()
    module = Module(source(program))
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    with ProcessPoolExecutor(workers, context, max_tasks_per_child=1) as pool:

        def submit(mutant: Mutant | None) -> Future[str | None]:
            users = module.users(mutant.scope) if mutant else []
            return pool.submit(
                first_failure, _stage(program), mutants.code(mutant), *test_files(program, users)
            )

        try:
            if failed := submit(None).result():
                raise Unfit(f"{failed} fails with the program as it is")
            tried = {submit(mutant): mutant for mutant in waiting}
            for done in as_completed(tried):
                yield tried[done], done.result() or SURVIVED
        except BrokenProcessPool as error:
            raise Unfit(str(error)) from None
        finally:
            pool.shutdown(cancel_futures=True)


def _stage(program: Program) -> str:
    """The module whose PROGRAM_BYTES the tests load."""
    return f"tests.support.{program.package}"


def _shown(outcomes: Iterator[tuple[Mutant, str]], where: str, total: int) -> Iterator[tuple[Mutant, str]]:
    bar = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*bar, "left", TimeRemainingColumn(), console=console) as progress:
        yield from progress.track(outcomes, total=total, description=where)


def _told(name: Mutant, outcome: str) -> Text:
    scope, line, becomes = name
    return Text.assemble(
        (f"{scope}: ", "bold"), line, (" -> ", "dim"), becomes or "nothing", f"\n    {outcome}"
    )


if __name__ == "__main__":
    app()
