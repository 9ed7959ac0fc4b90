"""The mutation testing's own tests: what it plants, and when a row of its table still holds."""

from pathlib import Path
from typing import Any

import pytest

from amalgam.programs import Program
from tests.mutation.mutants import planted
from tests.mutation.programs import source
from tests.mutation.table import SURVIVED, Table

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
    share += amount % LIMIT
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
    found, _ = planted(SMALL)
    assert found == [
        ("LIMIT", "LIMIT = 1_000", "LIMIT = 999"),
        ("LIMIT", "LIMIT = 1_000", "LIMIT = 1_001"),
        ("TOP", "TOP = 18_446_744_073_709_551_615", "TOP = 18_446_744_073_709_551_614"),
        *[
            ("assert_open", "assert not battery.paused, 'battery is paused'", becomes)
            for becomes in ("", "assert battery.paused, 'battery is paused'")
        ],
        ("take", "assert_open(battery)", ""),
        *[
            ("take", "assert amount <= battery.stored, '‰ exceeded'", becomes)
            for becomes in (
                "",
                "assert amount > battery.stored, '‰ exceeded'",
                "assert amount < battery.stored, '‰ exceeded'",
                "assert amount <= battery.stored + 1, '‰ exceeded'",
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
        ("take", "share += amount % LIMIT", ""),
        ("take", "share += amount % LIMIT", "share -= amount % LIMIT"),
        ("take", "share += amount % LIMIT", "share += amount // LIMIT"),
        ("take", "if battery.paused:", "if not battery.paused:"),
        ("take", "share = amount", ""),
        ("take", "return 0", "return 1"),
        ("take", "battery.stored -= share", ""),
        ("take", "battery.stored -= share", "battery.stored += share"),
        ("take", "battery.paused = True", ""),
        ("take", "battery.paused = True", "battery.paused = False"),
        ("take", "vault.transfer(battery, amount)", ""),
        *[
            ("tell", "assert clock.unix_timestamp() >= 5, 'early'", becomes)
            for becomes in (
                "",
                "assert clock.unix_timestamp() < 5, 'early'",
                "assert clock.unix_timestamp() > 5, 'early'",
                "assert clock.unix_timestamp() + 1 >= 5, 'early'",
            )
        ],
    ]


def test_tells_equal_errors_apart() -> None:
    found, _ = planted("def twice():\n    return 0\n    return 0\n")
    assert found == [("twice", "return 0", "return 1"), ("twice", "return 0 # 2", "return 1")]


def test_the_program_makes_the_error_that_it_is_told_to() -> None:
    """Run as Python, where it may: the same small program for each number."""
    source = """
LIMIT = 3


def share(amount):
    total = amount * LIMIT
    many = amount >= LIMIT
    if many:
        total += 1
    assert total != 5, "five"
    return total
"""
    found, program = planted(source)
    module: dict[str, Any] = {"u64": int}
    exec(compile(program, "program", "exec"), module)  # noqa: S102 (ours)

    def outcome(number: int, amount: int) -> int | str:
        module["mutant"] = lambda: number
        try:
            return module["share"](amount)
        except AssertionError as error:
            return str(error)

    cases = (2, 3, 4, 5)
    honest = [6, 10, 13, 16]
    assert [outcome(0, amount) for amount in cases] == honest
    assert {
        becomes or f"no {line}": [outcome(number, amount) for amount in cases]
        for number, (_, line, becomes) in enumerate(found, 1)
    } == {
        "LIMIT = 2": ["five", 7, 9, 11],
        "LIMIT = 4": [8, 12, 17, 21],
        "total = amount // LIMIT": [0, 2, 2, 2],
        "if not many:": [7, 9, 12, 15],
        "no total += 1": [6, 9, 12, 15],
        "total -= 1": [6, 8, 11, 14],
        "no assert total != 5, 'five'": honest,
        "assert total == 5, 'five'": ["five"] * 4,
    }


@pytest.mark.parametrize("program", Program)
def test_each_mutant_of_a_program_has_a_name_of_its_own(program: Program) -> None:
    found, _ = planted(source(program))
    assert len({*found}) == len(found) > 100


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
    found, _ = planted(source)
    return {mutant.scope for mutant in found if Table(table, source, found).is_current(mutant)}


@pytest.fixture
def table(tmp_path: Path, tests: Path) -> Path:
    """Every mutant killed by the same test."""
    path, (found, _) = tmp_path / "table.md", planted(SMALL)
    written = Table(path, SMALL, found)
    for mutant in found:
        written.record(mutant, f"{tests}::test_take[1 | 2]")
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
    assert current(table) == set()


def test_a_survivor_is_never_current(tmp_path: Path) -> None:
    path, (found, _) = tmp_path / "table.md", planted(SMALL)
    table = Table(path, SMALL, found)
    table.record(found[0], SURVIVED)
    assert table.unsettled() == [(found[0], SURVIVED), *((mutant, "not run") for mutant in found[1:])]
    assert current(path) == set()
