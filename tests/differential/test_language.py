"""Seahorse's language on both engines: each answer is the same, to the letter."""

import itertools
import random
from pathlib import Path

import pytest
from solders.pubkey import Pubkey

from tests.differential.conftest import SOURCES
from tests.differential.programs import Pair, integer, real, text

pytestmark = pytest.mark.toolchain

PROGRAM = Pubkey.from_string("EdKeEr53fdY7uJ3bzzUXAu7oGsYSQRJhQhQmVU5Bkn48")
REALS = [0.0, -0.0, 1.0, -1.5, 0.1, 2.5, -2.5, 0.5, 1e16, 1.25e21, 5e-7, -1e300, 1e-300, 3.7, float("inf")]
CASTS = ["u8", "u16", "u32", "u64", "u128", "i8", "i16", "i32", "i64"]


@pytest.fixture(scope="module")
def pair(built: Path) -> Pair:
    return Pair(PROGRAM, built / "language.so", SOURCES / "language.py")


def edges(kind: str) -> list[int]:
    bits, signed = int(kind[1:]), kind[0] == "i"
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    values = {low, low + 1, -1, 0, 1, 2, 7, high - 1, high}
    return sorted(value for value in values if low <= value <= high)


def test_floats(pair: Pair) -> None:
    for a, b in itertools.product(REALS, REALS):
        pair.ask("floats", real(a), real(b))
        pair.ask("floor_division_of_floats", real(a), real(b))
    pair.ask("floats", real(float("nan")), real(1.0))  # which Borsh takes for no number


def test_powers(pair: Pair) -> None:
    for a, b in itertools.product(edges("i32"), (0, 1, 2, 3, 31, 40)):
        pair.ask("power", integer("i32", a), integer("u32", b))


def test_quotients(pair: Pair) -> None:
    for a, b in itertools.product(edges("u64"), edges("i32")):
        pair.ask("quotient", integer("u64", a), integer("i32", b))


def test_casts(pair: Pair) -> None:
    values = {edge + off for kind in CASTS for edge in edges(kind) for off in (-1, 0, 1)}
    low, high = edges("i128")[0], edges("i128")[-1]
    for value in sorted(value for value in values if low <= value <= high):
        for kind in range(len(CASTS)):
            pair.ask("cast", integer("u8", kind), integer("i128", value))


@pytest.mark.parametrize("kind", ["u16", "i16"])
def test_bits(pair: Pair, kind: str) -> None:
    prefix = "" if kind == "u16" else "signed_"
    dice = random.Random(kind)  # noqa: S311
    values = [*edges(kind), *(dice.choice((3, 15, 16, 17, 300, 12_345)) for _ in range(4))]
    for a, b in itertools.product(values, values):
        pair.ask(f"{prefix}bits", integer(kind, a), integer(kind, b))
        pair.ask(f"{prefix}shift_left", integer(kind, a), integer(kind, b))
        pair.ask(f"{prefix}shift_right", integer(kind, a), integer(kind, b))


def test_widening(pair: Pair) -> None:
    for a, b, c in itertools.product((0, 3, 255), (0, 1, 100, 2**64 - 1), (-(2**31), -1, 0, 5, 2**31 - 1)):
        pair.ask("widened", integer("u8", a), integer("u64", b), integer("i32", c))


def test_literals(pair: Pair) -> None:
    for a in range(256):
        pair.ask("literals", integer("u8", a))
        pair.ask("literal_to_helper", integer("u8", a))
    for color in range(4):
        pair.ask("literal_from_helper", integer("u8", color))
        pair.ask("colors", integer("u8", color))
    for count in range(8):
        pair.ask("annotated", integer("u8", count), integer("u8", 0))


def test_magnitudes(pair: Pair) -> None:
    for a in edges("i64"):
        pair.ask("magnitude", integer("i64", a))
    for a in edges("i8"):
        pair.ask("negated", integer("i8", a))
    for a, b in itertools.product(edges("u64"), edges("u64")):
        pair.ask("extremes", integer("u64", a), integer("u64", b))


def test_lists(pair: Pair) -> None:
    for index, count in itertools.product((-(2**127), -5, -4, -1, 0, 1, 3, 4, 2**64, 2**127 - 1), (0, 3)):
        pair.ask("item", integer("i128", index), integer("u64", count))
    for index in (-4, -3, -1, 0, 2, 3):
        pair.ask("arrays", integer("i128", index), integer("u64", 9))
    for count in range(5):
        pair.ask("popped", integer("u64", count))
        pair.ask("lists", integer("u64", count))


def test_flow(pair: Pair) -> None:
    for number in (0, 1, 2, 3, 10, 50):
        pair.ask("loops", integer("u64", number))
        pair.ask("tuples", integer("u64", number), integer("u64", 7))
        for flag in range(3):
            pair.ask("choice", integer("u64", number), integer("u8", flag))
    pair.ask("tuples", integer("u64", 7), integer("u64", 2**64 - 1))
    for a, b in ((1, 2), (2**63 - 1, 0), (-5, -(2**63))):
        pair.ask("points", integer("i64", a), integer("i64", b))


def test_text(pair: Pair) -> None:
    for words in ("", "plain", "ä ö", 'quoted "so"', "{braces}", "line\nbreak", "\U0001f50b" * 3):
        pair.ask("text", text(words), integer("u64", 5), integer("u8", 1))
        pair.ask("note", text(words), integer("i64", -5), integer("u8", 0))
    pair.ask("text", integer("u32", 2) + b"\xff\xfe", integer("u64", 5), integer("u8", 1))
    pair.ask("text", integer("u32", 9) + b"short")
    pair.ask("text", text("a"), integer("u64", 2**64 - 1), integer("u8", 1))


def test_bytes(pair: Pair) -> None:
    for number in (0, 1, 258, 2**32 - 1):
        pair.ask("bytes_of", integer("u32", number))


def test_what_is_no_instruction(pair: Pair) -> None:
    pair.ask("unheard_of")
    pair.ask("negated")
