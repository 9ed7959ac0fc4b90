"""The mutation testing's own tests: what it plants, and when a row of its table still holds."""

import ast
from pathlib import Path

import pytest

from tests.mutation.mutants import mutants
from tests.mutation.table import ROOT, SAME, SURVIVED, Table
from tests.mutation.workspace import PROGRAMS, Program

SMALL = '''"""A program. 1 + 1"""

LIMIT = 1_000  # W·h
TOP = 18_446_744_073_709_551_615
NAME = "battery"


def assert_open(battery: Battery):
    # assert nothing
    assert not battery.paused, "battery is paused"


@instruction
def take(battery: Battery, vault: Empty[Vault], clock: Clock, amount: u64):
    assert_open(battery)
    assert amount <= battery.stored, "‰ exceeded"  # ‰
    vault = vault.init(payer=owner)
    share = (amount + 1) * LIMIT // 3
    if battery.paused:
        share = amount
        return 0
    battery.stored -= share
    battery.paused = True
    vault.transfer(
        battery,
        amount,
    )


@instruction
def tell(clock: Clock):
    assert clock.unix_timestamp() >= 5, "early"
'''


def test_plants_one_error_of_each_kind_at_each_place() -> None:
    assert [mutant.name for mutant in mutants(SMALL)] == [
        ("LIMIT", "LIMIT = 1_000", "LIMIT = 999"),
        ("LIMIT", "LIMIT = 1_000", "LIMIT = 1_001"),
        ("TOP", "TOP = 18_446_744_073_709_551_615", "TOP = 18_446_744_073_709_551_614"),
        *[
            ("assert_open", 'assert not battery.paused, "battery is paused"', becomes)
            for becomes in ("", 'assert battery.paused, "battery is paused"')
        ],
        ("take", "assert_open(battery)", ""),
        *[
            ("take", 'assert amount <= battery.stored, "‰ exceeded"', becomes)
            for becomes in (
                "",
                'assert amount > battery.stored, "‰ exceeded"',
                'assert amount < battery.stored, "‰ exceeded"',
                'assert amount <= battery.stored + 1, "‰ exceeded"',
            )
        ],
        *[
            ("take", "share = (amount + 1) * LIMIT // 3", becomes)
            for becomes in (
                "share = (amount + 1) * LIMIT * 3",
                "share = ((amount + 1) * LIMIT + 3 - 1) // 3",
                "share = (amount + 1) // LIMIT // 3",
                "share = (amount - 1) * LIMIT // 3",
            )
        ],
        ("take", "if battery.paused:", "if not battery.paused:"),
        ("take", "share = amount", ""),
        ("take", "return 0", "return 1"),
        ("take", "battery.stored -= share", ""),
        ("take", "battery.stored -= share", "battery.stored += share"),
        ("take", "battery.paused = True", ""),
        ("take", "battery.paused = True", "battery.paused = False"),
        ("take", "vault.transfer( battery, amount, )", ""),
        *[
            ("tell", 'assert clock.unix_timestamp() >= 5, "early"', becomes)
            for becomes in (
                "",
                'assert clock.unix_timestamp() < 5, "early"',
                'assert clock.unix_timestamp() > 5, "early"',
                'assert clock.unix_timestamp() + 1 >= 5, "early"',
            )
        ],
    ]


def test_the_source_around_an_error_stays_as_it_is() -> None:
    sources = {mutant.becomes or mutant.line: mutant.source for mutant in mutants(SMALL)}
    opened = SMALL.replace("assert not battery", "assert battery")
    assert sources['assert battery.paused, "battery is paused"'] == opened
    call = "vault.transfer(\n        battery,\n        amount,\n    )"
    assert sources["vault.transfer( battery, amount, )"] == SMALL.replace(call, "pass")


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=lambda program: program.name)
def test_each_mutant_of_a_program_is_python_and_has_a_name_of_its_own(program: Program) -> None:
    found = mutants((ROOT / program.source).read_text())
    assert len({mutant.name for mutant in found}) == len(found) > 0
    for mutant in found:
        ast.parse(mutant.source)


TESTS = '''
AMOUNT = 3


def helper(amount):
    return amount


@fixture
def world():
    return helper(AMOUNT)


def test_take(world):
    """It takes."""
    assert world


def test_tell():
    pass
'''


@pytest.fixture
def tests(tmp_path: Path) -> Path:
    path = tmp_path / "test_small.py"
    path.write_text(TESTS)
    return path


def current(table: Path, source: str = SMALL) -> set[str]:
    """The functions and constants with a mutant that the table knows."""
    found = mutants(source)
    return {mutant.scope for mutant in found if Table(table, source, found).is_current(mutant.name)}


@pytest.fixture
def table(tmp_path: Path, tests: Path) -> Path:
    """Every mutant killed by the same test, but for one that no test can kill."""
    path, found = tmp_path / "table.md", mutants(SMALL)
    written = Table(path, SMALL, found)
    for mutant in found:
        written.record(mutant.name, SAME if mutant.scope == "TOP" else f"{tests}::test_take[1 | 2]")
    assert written.unsettled() == []
    return path


def test_what_is_written_is_current_until_something_changes(table: Path) -> None:
    everything = {"LIMIT", "TOP", "assert_open", "take", "tell"}
    assert current(table) == everything
    assert current(table, SMALL.replace("# assert nothing", "# something")) == everything
    assert current(table, SMALL.replace('"early"', '"too early"')) == everything - {"tell"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("share = amount", "share = amount * 1"),
        ('"battery is paused"', '"battery is closed"'),
        ("LIMIT = 1_000", "LIMIT = 1_002"),
    ],
    ids=["an instruction", "its guard", "its constant"],
)
def test_a_change_in_an_instruction_or_what_it_needs_concerns_all_of_that(
    table: Path, before: str, after: str
) -> None:
    assert current(table, SMALL.replace(before, after)) == {"TOP", "tell"}


@pytest.mark.parametrize(
    ("before", "after"),
    [("assert world", "assert not world"), ("AMOUNT = 3", "AMOUNT = 4"), ("test_take", "test_takes")],
    ids=["the test", "what its fixture needs", "its name"],
)
def test_a_change_of_the_killing_test_concerns_what_it_killed(
    table: Path, tests: Path, before: str, after: str
) -> None:
    tests.write_text(TESTS.replace("pass", "assert True"))
    assert current(table) == {"LIMIT", "TOP", "assert_open", "take", "tell"}
    tests.write_text(TESTS.replace(before, after))
    assert current(table) == {"TOP"}


def test_a_survivor_is_never_current(tmp_path: Path) -> None:
    path, found = tmp_path / "table.md", mutants(SMALL)
    table = Table(path, SMALL, found)
    table.record(found[0].name, SURVIVED)
    assert table.unsettled() == [
        (found[0].name, SURVIVED),
        *((mutant.name, "not run") for mutant in found[1:]),
    ]
    assert current(path) == set()
    table.record(found[0].name, SAME)
    assert current(path) == {"LIMIT"}
