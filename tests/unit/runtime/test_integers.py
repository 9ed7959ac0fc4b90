"""Rust's integers in Python: exact, or they stop the program in Rust's words."""

import operator
import random

import pytest

from seahorse import Panic, UnsupportedError
from seahorse.integers import INTEGERS, Integer, f64, i8, i32, i64, i128, u8, u16, u64, u128

OVERFLOW = {"add": "add", "sub": "subtract", "mul": "multiply"}
CAST = "called `Result::unwrap()` on an `Err` value: TryFromIntError(())"
dice = random.Random(7)  # noqa: S311


def boundaries(kind: type[Integer]) -> list[int]:
    some = [dice.randint(kind.MIN, kind.MAX) for _ in range(6)]
    values = {kind.MIN, kind.MIN + 1, kind.MAX, kind.MAX - 1, 0, 1, 2, 10, -1, -2, *some}
    return sorted(value for value in values if kind.MIN <= value <= kind.MAX)


def truncated(a: int, b: int) -> int:
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


@pytest.mark.parametrize("name", OVERFLOW)
@pytest.mark.parametrize("kind", INTEGERS)
def test_arithmetic_is_exact_or_stops(kind: type[Integer], name: str) -> None:
    operate = getattr(operator, name)
    for a in boundaries(kind):
        for b in boundaries(kind):
            exact = operate(a, b)
            for x, y in ((kind(a), kind(b)), (kind(a), b), (a, kind(b))):
                if kind.MIN <= exact <= kind.MAX:
                    result = operate(x, y)
                    assert (result, type(result)) == (exact, kind)
                else:
                    with pytest.raises(Panic, match=f"^attempt to {OVERFLOW[name]} with overflow$"):
                        operate(x, y)


@pytest.mark.parametrize("kind", INTEGERS)
def test_division_rounds_towards_zero(kind: type[Integer]) -> None:
    for a in boundaries(kind):
        for b in boundaries(kind):
            if b == 0:
                with pytest.raises(Panic, match=r"^attempt to divide by zero$"):
                    kind(a) // b
                with pytest.raises(Panic, match=r"with a divisor of zero$"):
                    kind(a) % kind(b)
            elif b == -1 and a == kind.MIN:
                with pytest.raises(Panic, match=r"^attempt to divide with overflow$"):
                    kind(a) // kind(b)
                with pytest.raises(Panic, match=r"^attempt to calculate the remainder with overflow$"):
                    kind(a) % kind(b)
            else:
                assert kind(a) // kind(b) == truncated(a, b)
                assert kind(a) % kind(b) == a - b * truncated(a, b)


@pytest.mark.parametrize("kind", INTEGERS)
def test_a_cast_that_does_not_fit_stops(kind: type[Integer]) -> None:
    for value in (kind.MIN - 1, kind.MAX + 1):
        if i128.MIN <= value <= i128.MAX:
            with pytest.raises(Panic) as stopped:
                kind(i128(value))
            assert str(stopped.value) == CAST
    assert kind(i128(5)) == 5
    assert kind(True) == 1


def test_the_narrower_unsigned_is_widened_and_nothing_else() -> None:
    assert type(u8(1) + u64(2)) is u64
    assert type(u64(1) + u8(2)) is u64
    assert type(u8(1) - i32(2)) is i32
    for a, b in ((u64(1), i64(1)), (u64(1), i32(1)), (i8(1), i64(1)), (i64(1), u64(1))):
        with pytest.raises(UnsupportedError, match=r"cast one of them"):
            a + b


def test_what_is_added_to_must_hold_it() -> None:
    total = u64(1)
    total += u8(2)
    assert type(total) is u64
    narrow = u8(1)
    with pytest.raises(UnsupportedError, match=r"u8 iadd= u64|u8 add= u64"):
        narrow += u64(1)


def test_literals_take_the_type_they_are_used_with() -> None:
    assert type(5 + u16(1)) is u16
    assert type(u128(1) * 3_600) is u128
    with pytest.raises(UnsupportedError, match=r"^the literal 300 as u8: it does not fit$"):
        u8(1) + 300


def test_negation_and_absolute_value() -> None:
    assert (-i8(5), abs(i8(-5))) == (-5, 5)
    for operate in (operator.neg, abs):
        with pytest.raises(Panic, match=r"^attempt to negate with overflow$"):
            operate(i8(-128))
        with pytest.raises(UnsupportedError):
            operate(u8(1))


def test_bits_and_shifts_keep_their_width() -> None:
    assert (~u16(0), ~i8(0)) == (65_535, -1)
    assert (u16(65_535) << u16(4), i8(100) << i8(1), i8(-8) >> i8(1)) == (65_520, -56, -4)
    with pytest.raises(Panic, match=r"^attempt to shift left with overflow$"):
        u8(1) << u8(8)


def test_division_of_integers_is_of_floats() -> None:
    assert (u64(1) / u64(4), type(u64(1) / u64(4))) == (0.25, f64)
    assert str(u64(1) / u64(0)) == "inf"
    assert str(f64(0) / f64(0)) == "NaN"


def test_powers_need_a_u32() -> None:
    assert u64(3) ** 4 == 81
    with pytest.raises(Panic, match=r"^attempt to multiply with overflow$"):
        u8(2) ** 8
    with pytest.raises(UnsupportedError, match="the exponent is a u32"):
        u64(3) ** u64(4)


def test_text_and_none_are_no_numbers() -> None:
    for value in ("1", None, 1.5):
        with pytest.raises(UnsupportedError):
            u64(value)
        with pytest.raises(UnsupportedError):
            f64(u64(1))
