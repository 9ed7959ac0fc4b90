"""Mutants on the Python engine: tests are collected once, and each mutant gets a fork of that process."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from importlib import import_module
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

import pytest

from seahorse.engine.chain import load_module
from seahorse.prelude import u64
from tests.mutation.programs import Unfit
from tests.mutation.runner import OPTIONS, First

_LIMIT_S = 60  # for a test: a mutant may go round for ever


class Task(NamedTuple):
    """A mutant: its number in the program, and the test files to be run first."""

    number: int
    own: Sequence[str]


class Verdict(NamedTuple):
    number: int
    failed: str | None  # the first test that does, with it


class Forks:
    """In place of pytest's loop: all tests run without a mutant, and then with each, its own first."""

    def __init__(
        self, source: Path, tasks: Sequence[Task], workers: int, told: Callable[[Verdict], None]
    ) -> None:
        self.unfit: str | None = None
        self._source, self._tasks, self._workers, self._told = source, tasks, workers, told

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        first = First()
        session.config.pluginmanager.register(first)
        _run(session.items, session.items[0])
        self.unfit = first.failed
        session.config.pluginmanager.unregister(first)
        if self.unfit:
            return True
        waiting, running = list(reversed(self._tasks)), dict[int, tuple[int, int]]()
        while waiting or running:
            while waiting and len(running) < self._workers:
                task = waiting.pop()
                process, pipe = self._forked(session, task)
                running[process] = (task.number, pipe)
            process, status = os.wait()
            number, pipe = running.pop(process)
            with os.fdopen(pipe) as told:
                failed = told.read()
            if status:
                raise RuntimeError(f"the tests of mutant {number} ended with status {status}")
            self._told(Verdict(number, failed or None))
        return True

    def _forked(self, session: pytest.Session, task: Task) -> tuple[int, int]:
        reading, writing = os.pipe()
        process = os.fork()
        if process:
            os.close(writing)
            return process, reading
        status = 1
        try:
            os.write(writing, (self._tried(session, task) or "").encode())
            status = 0
        finally:
            os._exit(status)

    def _tried(self, session: pytest.Session, task: Task) -> str | None:
        vars(load_module(self._source))["mutant"] = lambda: u64(task.number)
        first = First()
        session.config.pluginmanager.register(first)
        items = sorted(session.items, key=lambda item: item.nodeid.split("::")[0] not in task.own)
        session._setupstate.teardown_exact(items[0])
        for item, following in zip(items, [*items[1:], None], strict=True):
            _run([item], following)
            if first.failed:
                return first.failed
        return None


def verdicts(
    stage: str, source: Path, tasks: Sequence[Task], files: Sequence[str], workers: int
) -> Iterator[Verdict]:
    """The verdict on each mutant of a planted program, as they come. Raises Unfit.

    Args:
        stage: The module whose PROGRAM_BYTES the tests load.
        source: Of the program with all of its mutants.
        tasks: The mutants to try.
        files: All tests that drive the program.
        workers: Mutants at once.
    """
    context = get_context("spawn")
    mine, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_try_all, args=(stage, source, tasks, files, workers, theirs))
    process.start()
    theirs.close()
    with suppress(EOFError):
        for _ in tasks:
            found: Verdict | str = mine.recv()
            if isinstance(found, str):
                raise Unfit(f"{found} fails with the program as it is")
            yield found
    process.join()
    if process.exitcode:
        raise Unfit("the tests ended before all mutants were tried")


def _try_all(
    stage: str, source: Path, tasks: Sequence[Task], files: Sequence[str], workers: int, told: Connection
) -> None:
    import_module(stage).PROGRAM_BYTES = source
    forks = Forks(source, tasks, workers, told.send)
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        pytest.main([*OPTIONS, f"--timeout={_LIMIT_S}", *files], [forks])
    if forks.unfit:
        told.send(forks.unfit)


def _run(items: Sequence[pytest.Item], following: pytest.Item | None) -> None:
    """Run tests in turn, and leave what the following one needs too."""
    for item, after in zip(items, [*items[1:], following], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
