"""Adds up what the seeds of the stateful tests count, prints it, and fails a long run that missed reasons."""

from collections import Counter

import pytest

LONG = 100_000  # steps, in which every refusal is to be expected


def tally(terminalreporter: pytest.TerminalReporter) -> Counter[str]:
    total = Counter[str]()
    for report in terminalreporter.getreports("passed"):
        total.update(dict(report.user_properties).get("tally", {}))
    return total


def missing(total: Counter[str]) -> set[str]:
    from tests.stateful.test_machine import EXPECTED_REFUSALS

    expected = {f"refused: {reason}" for reason in EXPECTED_REFUSALS}
    return expected - total.keys() if total["steps"] >= LONG else set()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and missing(tally(reporter)):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed"):
        if told := dict(report.user_properties).get("small world"):
            terminalreporter.line(f"small world, {told}")
    total = tally(terminalreporter)
    if not total:
        return
    share = total["hostile"] / total["steps"]
    terminalreporter.section(f"stateful: seeds 0 to {total['seeds'] - 1}, {share:.1%} of the steps hostile")
    for name, count in sorted(total.items()):
        terminalreporter.line(f"{count:>12,} {name}")
    for name in sorted(missing(total)):
        terminalreporter.line(f"FAILED: never {name}")
