"""The command line of the mutation testing."""

import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from amalgam.programs import Program
from tests.mutation.mutants import Mutant
from tests.mutation.programs import Mutants, Unfit, source, test_files
from tests.mutation.runner import PRELOADED, first_failure
from tests.mutation.sources import Module
from tests.mutation.table import SURVIVED, Table

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

    Plants every error in a copy of a program in programs_py/, which is built once, and switches on one
    error at a time. The tests that drive the program run until one fails: the mutant is killed. One that
    survives is a rule that nothing tests. tests/mutation/mutants.py says which errors.

    The tables in tests/mutation/ are written after each mutant: Ctrl-C loses nothing. A mutant is tried
    again when an instruction that its error may show in has changed, or the test that killed it; what tests
    share, as tests/support/battery.py, does not count. Commit the tables with what changed them.

    Needs what toolchain/install installs. Ends with 1 where a mutant is not killed, and with 2
    where none can be tried.
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
    if waiting:
        _try_all(program, mutants, waiting, table, workers)
    left = table.unsettled()
    for name, outcome in left:
        console.print(_told(name, outcome))
    return len(left)


def _try_all(program: Program, mutants: Mutants, waiting: list[Mutant], table: Table, workers: int) -> None:
    """Try mutants, so many at once, and write down what becomes of each."""
    start = time.monotonic()
    console.print("Building it: minutes the first time, then seconds")
    mutants.build()
    stage = f"tests.support.{program.package}"  # whose PROGRAM_BYTES the tests load
    module = Module(source(program))
    context = get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    bar = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), "left", TimeRemainingColumn())
    with ProcessPoolExecutor(workers, context, max_tasks_per_child=1) as pool:

        def submit(mutant: Mutant | None) -> object:
            users = module.users(mutant.scope) if mutant else []
            return pool.submit(first_failure, stage, mutants.code(mutant), *test_files(program, users))

        try:
            if failed := submit(None).result():
                raise Unfit(f"{failed} fails with the program as it is")
            console.print(f"The tests pass with the program as it is ({time.monotonic() - start:.0f} s)")
            tried = {submit(mutant): mutant for mutant in waiting}
            with Progress(*bar, console=console) as progress:
                for done in progress.track(as_completed(tried), total=len(tried)):
                    outcome = done.result() or SURVIVED
                    table.record(tried[done], outcome)
                    if outcome == SURVIVED:
                        console.print(_told(tried[done], outcome))
        except BrokenProcessPool as error:
            raise Unfit(str(error)) from None
        finally:
            pool.shutdown(cancel_futures=True)
    took = time.monotonic() - start
    console.print(f"{len(waiting)} tried in {took / 60:.1f} min, {took / len(waiting):.1f} s each")


def _told(name: Mutant, outcome: str) -> Text:
    scope, line, becomes = name
    return Text.assemble(
        (f"{scope}: ", "bold"), line, (" -> ", "dim"), becomes or "nothing", f"\n    {outcome}"
    )


if __name__ == "__main__":
    app()
