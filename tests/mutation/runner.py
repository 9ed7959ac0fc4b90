"""Runs tests on a mutant, in a process that has imported none of them."""

import importlib
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

# What the tests import and what takes long, for the process that all the others are forked from.
PRELOADED = ["anchorpy", "solana.rpc.async_api", "spl.token.instructions", "amalgam.chain.embedded", "pytest"]

# Anchorpy has imported pytest's plugin before pytest could.
OPTIONS = ["-x", "-q", "--tb=no", "-pno:cacheprovider", "-Wignore::pytest.PytestAssertRewriteWarning"]


class First:
    """The first test that fails."""

    failed: str | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.failed:
            self.failed = report.nodeid


def first_failure(stage: str, code: bytes, *runs: list[str]) -> str | None:
    """The first test that fails with this program, if any: of the first run of tests, then of the next."""
    importlib.import_module(stage).PROGRAM_BYTES = code
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        for files in filter(None, runs):
            first = First()
            ended = pytest.main([*OPTIONS, *files], [first])
            if first.failed:
                return first.failed
            if ended:
                raise RuntimeError(f"pytest ended with {ended!r} without a failure in {' '.join(files)}")
    return None
