"""Seahorse's integers, as the toolchain compiles them, against Python's.

Two things differ from Python by design of Seahorse, which speaks of Rust's integers: `//` and `%` round
towards zero, and a result that the type cannot hold stops the program.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from .machine import Answer, Machine, integer, text

pytestmark = pytest.mark.toolchain

TYPES = [f"{sign}{width}" for sign in "ui" for width in (8, 16, 32, 64, 128)]


@pytest.fixture(scope="module")
def machine(programs: Path) -> Machine:
    return Machine(programs / "arithmetic.so")


def truncated(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


# What each operation yields, and with which words it stops the program where it cannot.
OPERATIONS = {
    "+": (lambda a, b: a + b, "attempt to add with overflow", None),
    "-": (lambda a, b: a - b, "attempt to subtract with overflow", None),
    "*": (lambda a, b: a * b, "attempt to multiply with overflow", None),
    "//": (truncated, "attempt to divide with overflow", "attempt to divide by zero"),
    "%": (
        lambda a, b: a - b * truncated(a, b),
        "attempt to calculate the remainder with overflow",
        "attempt to calculate the remainder with a divisor of zero",
    ),
}


def limits(kind: str) -> tuple[int, int]:
    width = int(kind[1:])
    return (0, 2**width - 1) if kind[0] == "u" else (-(2 ** (width - 1)), 2 ** (width - 1) - 1)


def boundaries(kind: str) -> list[int]:
    low, high = limits(kind)
    width = int(kind[1:])
    powers = {2**n for n in (width // 4, width // 2 - 1, width // 2, width - 1)}
    values = {low, low + 1, high, high - 1, 0, 1, 2, 10, -1, -2, 1 - 2 ** (width // 2)}
    values |= powers | {p - 1 for p in powers} | {-p for p in powers}
    return sorted(v for v in values if low <= v <= high)


def pairs(kind: str) -> Iterator[tuple[int, int]]:
    """Every pair of boundary values, random ones of every size, and products that just fit or just do not."""
    low, high = limits(kind)
    values = boundaries(kind)
    yield from ((a, b) for a in values for b in values)
    dice = random.Random(kind)  # noqa: S311
    clamp = lambda v: max(low, min(high, v))  # noqa: E731
    for _ in range(300):
        a, b = (clamp(dice.choice((1, -1)) * dice.getrandbits(dice.randint(1, int(kind[1:])))) for _ in "ab")
        yield a, b
        if a:
            edge = truncated(high if dice.random() < 0.5 else low, a)
            yield a, clamp(edge + dice.randint(-1, 1))


def expected(kind: str, operation: str, a: int, b: int) -> int | str:
    compute, overflow, by_zero = OPERATIONS[operation]
    if by_zero and b == 0:
        return by_zero
    low, high = limits(kind)
    # A machine cannot divide its lowest number by -1, even where only the remainder is asked for.
    if by_zero and a == low < 0 and b == -1:
        return overflow
    result = compute(a, b)
    return result if low <= result <= high else overflow


def calculate(machine: Machine, kind: str, operation: int, a: int, b: int) -> Answer:
    return machine.ask(f"calculate_{kind}", integer("u8", operation), integer(kind, a), integer(kind, b))


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("kind", TYPES)
def test_arithmetic_is_exact_or_stops_the_program(machine: Machine, kind: str, operation: str):
    index = list(OPERATIONS).index(operation)
    for a, b in pairs(kind):
        answer = calculate(machine, kind, index, a, b)
        wanted = expected(kind, operation, a, b)
        got = answer.panic if isinstance(wanted, str) else answer.printed
        assert got == str(wanted), f"{a} {operation} {b}: {answer}"


@pytest.mark.parametrize("kind", TYPES)
def test_comparisons_are_exact(machine: Machine, kind: str):
    for a, b in pairs(kind):
        compared = [a < b, a <= b, a == b, a != b, a > b, a >= b]
        assert calculate(machine, kind, 5, a, b).printed == " ".join(map(str, compared)).lower(), (a, b)
        assert calculate(machine, kind, 6, a, b).printed == f"{min(a, b)} {max(a, b)}", (a, b)


def test_negation_is_exact_but_for_the_lowest_number(machine: Machine):
    for a in boundaries("i64"):
        answer = machine.ask("negate", integer("i64", a))
        if a == limits("i64")[0]:
            assert answer.panic == "attempt to negate with overflow"
        else:
            assert answer.printed == str(-a)


def test_a_call_passes_more_arguments_than_registers(machine: Machine):
    dice = random.Random(5)  # noqa: S311
    for _ in range(200):
        a, f = (dice.getrandbits(64) | 1 for _ in "af")
        b, e = dice.getrandbits(60) + 1, dice.getrandbits(100)
        c, d, g = dice.getrandbits(8), dice.getrandbits(62), dice.random() < 0.5
        message = "m" * dice.randint(0, 40)
        arguments = [integer("u64", a), integer("u128", b), integer("u8", c), integer("i64", d)]
        arguments += [integer("u128", e), integer("u64", f), integer("u8", g), text(message)]
        result = a * b + c * e + f + d if g else e // b + f % a + c
        answer = machine.ask("call_combine", *arguments)
        assert answer.printed == str(result)
        assert g or message in answer.logs


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 95, 96, 97, 300, 900])
def test_strings_keep_every_byte(machine: Machine, length: int):
    # Two bytes a letter for the second half: a string's length is not its number of letters.
    message = ("abcdefghij" * 90)[: length - length // 4 * 2] + "ä" * (length // 4)
    assert machine.ask("echo", text(message)).printed == f"<{message}>"


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 31, 100])
def test_lists_grow_and_shrink(machine: Machine, count: int):
    numbers = [7]
    for i in range(count):
        numbers.append(numbers[-1] * 1 + i)
    answer = machine.ask("add_up", integer("u64", 7), integer("u64", count), integer("u64", 1))
    assert answer.printed == f"{sum(numbers)} {numbers[-1]} {len(numbers) - 1}"
