"""Adds up what the seeds of each machine count, prints it, and fails a long run that missed reasons."""

from collections import Counter, defaultdict
from importlib import import_module
from pathlib import PurePath

import pytest

LONG = 50_000  # steps, in which every refusal is to be expected


def tallies(terminalreporter: pytest.TerminalReporter) -> dict[str, Counter[str]]:
    """By the domain whose machine counted."""
    totals = defaultdict[str, Counter[str]](Counter)
    for report in terminalreporter.getreports("passed"):
        if tally := dict(report.user_properties).get("tally"):
            totals[PurePath(report.nodeid.partition("::")[0]).parent.name].update(tally)
    return totals


def missing(module: str, total: Counter[str]) -> set[str]:
    reasons = import_module(f"tests.stateful.{module}.test_machine").EXPECTED_REFUSALS
    expected = {f"refused: {reason}" for reason in reasons}
    return expected - total.keys() if total["steps"] >= LONG else set()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and any(missing(*each) for each in tallies(reporter).items()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        if told := dict(report.user_properties).get("small world"):
            terminalreporter.line(f"small world, {told}")
    for module, total in sorted(tallies(terminalreporter).items()):
        share = total["hostile"] / total["steps"]
        seeds = f"seeds 0 to {total['seeds'] - 1}"
        terminalreporter.section(f"{module}: {seeds}, {share:.1%} of the steps hostile")
        for name, count in sorted(total.items()):
            terminalreporter.line(f"{count:>12,} {name}")
        for name in sorted(missing(module, total)):
            terminalreporter.line(f"FAILED: never {name}")
