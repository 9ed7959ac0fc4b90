"""`amalgam books sync`, again and again, each time in a process of its own that is forked from this one.

    python -m tests.faults.books_worker

Reads a line of JSON for each run, and answers with how it ended: an exit code, or less than 0 for a signal.
What takes its time, to load the package, is done once.
"""

import json
import os
import resource
import signal
import sys
from typing import Any

import psycopg
import sqlalchemy as sa

from amalgam.books import audit, database, sync
from amalgam.chain import embedded, rpc
from amalgam.cli import app, books
from tests.faults.faulty import SLOW_S

PAGE, BATCH = 5, 8  # so that there are many of both
MODULES = (audit, embedded, books)  # which the command would load by itself


class Steps:
    """Counts what a run does, and brings its trouble at the step that it is for."""

    def __init__(self, at: int, trouble: str, place: str) -> None:
        self._left, self._trouble, self._place = at, trouble, place

    def count(self, *_: Any) -> None:
        self._left -= 1
        if self._left != 0:
            return
        if self._trouble == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self._trouble == "database away":
            with psycopg.connect(self._place, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )


def run(place: str, urls: str, trouble: str, at: int) -> None:
    """Never returns."""
    if trouble == "disk full":  # no file gets larger than that
        resource.setrlimit(resource.RLIMIT_FSIZE, (at, at))
    steps, asked = Steps(at, trouble, place), rpc._asked

    async def counted(*arguments: Any) -> Any:
        steps.count()
        return await asked(*arguments)

    rpc._asked = counted
    for moment in ("before_cursor_execute", "after_cursor_execute", "begin", "commit"):
        sa.event.listen(sa.Engine, moment, steps.count)
    app(["books", "sync", "--books", place, "--url", urls])


if __name__ == "__main__":
    rpc._TIMEOUT_S, rpc._PAUSE_S = SLOW_S / 2, 0.01
    sync._PAGE, sync._BATCH = PAGE, BATCH
    database._newest()
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            run(**json.loads(line))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
