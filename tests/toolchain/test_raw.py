"""What Seahorse has no words for: memory, 128-bit shifts, calling conventions and floats."""

import math
import random
import struct
from pathlib import Path

import pytest

from .machine import Machine, integer

pytestmark = pytest.mark.toolchain

LENGTHS = [0, 1, 31, 32, 33, 95, 96, 97, 300]
COPY_AND_COMPARE, COPY_WITHIN, SHIFT, CALL, FLOAT_ARITHMETIC = range(5)
FLOAT_TO_INTEGER, INTEGER_TO_FLOAT, RENT, NARROW, BOXES = range(5, 10)
U64, U128 = 2**64, 2**128


@pytest.fixture(scope="module")
def machine(programs: Path) -> Machine:
    return Machine(programs / "raw.so")


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(request.node.name)  # noqa: S311


def ask(machine: Machine, question: int, *operands: bytes) -> bytes:
    answer = machine.send(bytes([question]) + b"".join(operands))
    assert not answer.stopped, answer
    return answer.returned


def integers(data: bytes, kind: str) -> list[int]:
    size = int(kind[1:]) // 8
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    return [int.from_bytes(chunk, "little", signed=kind[0] == "i") for chunk in chunks]


def order(a: bytes, b: bytes) -> int:
    return (a > b) - (a < b)


# Memory


@pytest.mark.parametrize("length", LENGTHS)
def test_copies_and_comparisons_touch_exactly_their_bytes(machine: Machine, dice: random.Random, length: int):
    for place in range(-1, length):
        a = dice.randbytes(length)
        b = bytearray(a)
        if place >= 0:
            b[place] ^= 1 << dice.randrange(8)
        b = bytes(b)
        compared = bytes([a == b, order(a, b) % 256, True])
        returned = ask(machine, COPY_AND_COMPARE, integer("u16", length), a, b)
        # The return data of a transaction ends with its last byte that is not zero.
        assert returned.ljust(2 * length + 6, b"\0") == compared + a + compared + a


def test_copies_may_overlap(machine: Machine, dice: random.Random):
    data = dice.randbytes(400)
    for length in LENGTHS:
        for distance in {0, 1, 7, 8, length // 2, length} - {400}:
            for start, to in ((0, distance), (distance, 0)):
                if max(start, to) + length > len(data):
                    continue
                wanted = bytearray(data)
                wanted[to : to + length] = data[start : start + length]
                moved = ask(machine, COPY_WITHIN, *(integer("u16", n) for n in (start, length, to)), data)
                assert moved.ljust(400, b"\0") == bytes(wanted), (start, length, to)


# Integers


def test_128_bit_shifts_by_every_amount(machine: Machine, dice: random.Random):
    values = [0, 1, U128 - 1, 2**127, 2**64 - 1, 2**64, 2**63, *(dice.getrandbits(128) for _ in range(5))]
    for value in values:
        signed = value - U128 if value >= 2**127 else value
        for by in range(128):
            bits = f"{value:0128b}"
            wanted = [
                (value << by) % U128,
                value >> by,
                (signed >> by) % U128,
                int(bits[by:] + bits[:by], 2),
                128 - value.bit_length(),
                (value & -value).bit_length() - 1 if value else 128,
                value.bit_count(),
                int.from_bytes(value.to_bytes(16, "big"), "little"),
            ]
            returned = ask(machine, SHIFT, integer("u128", value), integer("u8", by))
            assert integers(returned.ljust(128, b"\0"), "u128") == wanted, (value, by)


def test_division_in_32_bits_rounds_towards_zero(machine: Machine, dice: random.Random):
    low, high = -(2**31), 2**31 - 1
    values = [low, low + 1, -65536, -7, -1, 1, 2, 7, 65535, 65536, high]
    values += [dice.randint(low, high) for _ in range(20)]
    wrap = lambda v: (v - low) % 2**32 + low  # noqa: E731
    for a in [0, *values]:
        for b in values:
            quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
            wanted = [wrap(quotient), a - b * quotient, wrap(a * b), max(low, min(high, a * b))]
            returned = ask(machine, NARROW, integer("i64", a), integer("i64", b))
            assert integers(returned.ljust(16, b"\0"), "i32") == wanted, (a, b)


# Calls


def recurse(depth: int, a: int, b: int, c: int, d: int, e: int, f: int) -> tuple[int, int, int]:
    if depth == 0:
        return (a + f) % U64, b, c ^ d ^ e
    x, y, z = recurse(depth - 1, b, c, d, e, f, (a + depth) % U64)
    return (x + a) % U64, (y + f) % U64, (z + c * depth) % U64


def rotate(value: int, by: int) -> int:
    by %= 64
    return (value << by | value >> 64 - by) % U64


def test_calls_pass_every_argument_and_return_every_part(machine: Machine, dice: random.Random):
    for _ in range(500):
        a, c, d, f = (dice.getrandbits(64) for _ in "acdf")
        b, e = dice.getrandbits(128), dice.getrandbits(128)
        signed = f - U64 if f >= 2**63 else f
        weighted = [b, c % 256, d, signed, e, a % 65536]
        sum_of_nine = (b + e) % U128
        product = a ^ rotate(c, d % 256) ^ d ^ c ^ f
        words = recurse(5, a, c, d, f, b % U64, e % U64)
        wanted = b"".join(
            [
                integer("u128", (a + sum(x * n for n, x in enumerate(weighted, 1))) % U128),
                integer("u64", c ^ d),
                integer("u128", (b - e + a) % U128),
                integer("u64", d ^ f ^ c % 256 ^ a % 65536),
                integer("u128", sum_of_nine),
                integer("u64", product),
                bytes([a % 2]),
                *(integer("u64", word) for word in words),
            ]
        )
        operands = [("u64", a), ("u128", b), ("u64", c), ("u64", d), ("u128", e), ("u64", f)]
        returned = ask(machine, CALL, *(integer(kind, value) for kind, value in operands))
        assert returned.ljust(len(wanted), b"\0") == wanted


# Floats: Python's are the same 64 bits


def floats(dice: random.Random) -> list[float]:
    special = [0.0, -0.0, 0.5, 1.0, -1.0, 1.5, 2.0, -2.5, math.inf, -math.inf, math.nan]
    special += [5e-324, 2.2e-308, 1.7e308]
    edges = [float(2**n) for n in (7, 8, 15, 16, 31, 32, 53, 63, 64, 65)]
    edges += [math.nextafter(edge, 0.0) for edge in edges] + [-edge for edge in edges] + [-(2.0**63) - 2048]
    return special + edges + [struct.unpack("<d", dice.randbytes(8))[0] for _ in range(40)]


def divided(a: float, b: float) -> float:
    if b:
        return a / b
    return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1, b)


def double(value: float) -> bytes:
    return struct.pack("<d", value)


def same(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or double(a) == double(b)


def test_float_arithmetic_and_comparisons(machine: Machine, dice: random.Random):
    values = floats(dice)
    for a in values:
        for b in values:
            returned = ask(machine, FLOAT_ARITHMETIC, double(a), double(b)).ljust(60, b"\0")
            results = struct.unpack("<6d", returned[:48])
            wanted = (a + b, a - b, a * b, divided(a, b), -a, abs(a))
            assert all(map(same, results, wanted)), (a, b, results, wanted)
            compared = [a < b, a <= b, a == b, a != b, a > b, a >= b]
            negated = [not a < b, not a <= b, not a > b, not a >= b, math.isnan(a), a < b or a > b]
            assert list(map(bool, returned[48:])) == compared + negated, (a, b)


def saturated(value: float, kind: str) -> int:
    width = int(kind[1:])
    low, high = (0, 2**width - 1) if kind[0] == "u" else (-(2 ** (width - 1)), 2 ** (width - 1) - 1)
    if math.isnan(value):
        return 0
    return low if value < low else high if value > high else int(value)


def test_floats_become_integers_towards_zero_within_the_type(machine: Machine, dice: random.Random):
    kinds = ["u64", "i64", "u32", "i32", "u16", "i16", "u8", "i8"]
    ranges = (300, 2**17, 2**33, 2**65)
    for value in floats(dice) + [dice.uniform(-r, r) for r in ranges for _ in range(100)]:
        wanted = b"".join(integer(kind, saturated(value, kind)) for kind in kinds)
        assert ask(machine, FLOAT_TO_INTEGER, double(value)).ljust(30, b"\0") == wanted, value


def test_integers_become_the_nearest_float(machine: Machine, dice: random.Random):
    values = [0, 1, 2**53 - 1, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1]
    for value in values + [dice.getrandbits(n % 65) for n in range(400)]:
        raw = integer("u64", value)
        reads = [(n, signed) for n in (8, 4, 1) for signed in (False, True)]
        wanted = [float(int.from_bytes(raw[:n], "little", signed=signed)) for n, signed in reads]
        returned = ask(machine, INTEGER_TO_FLOAT, raw).ljust(48, b"\0")
        assert list(struct.unpack("<6d", returned)) == wanted, value


def test_rent_as_anchor_computes_it(machine: Machine, dice: random.Random):
    for _ in range(500):
        size, lamports = dice.randint(0, 10**7), dice.randint(0, 10_000)
        years = dice.choice((2.0, 1.0, 0.5, 2.7))
        returned = ask(machine, RENT, integer("u64", size), integer("u64", lamports), double(years))
        assert int.from_bytes(returned, "little") == int(size * lamports * years)


# Boxes


class Pot:
    def __init__(self, level: int):
        self.level = level
        self.marks = bytearray([level] * 40)


def boxes(first_level: int, second_level: int, choice: int, steps: bytes) -> bytes:
    """What the program does, in Python, where every object is shared."""
    first, second = Pot(first_level), Pot(second_level)
    chosen = second if choice % 2 else first
    escaped = []
    for byte in steps:
        temporary = Pot(byte)
        if byte % 4 == 0:
            escaped.append(temporary)
        elif byte % 4 == 1:
            first.level, temporary.level = first.level + temporary.level, 0
        elif byte % 4 == 2:
            chosen.marks[byte % 40] ^= byte
        else:
            second.level += 2 * temporary.level
        first.level += temporary.level
    owners = [2 + (chosen is first), 1 + (chosen is second), *(1 for _ in escaped)]
    pots = [first, second, *escaped]
    return b"".join(
        bytes([count]) + integer("u64", each.level) + each.marks
        for count, each in zip(owners, pots, strict=True)
    )


def test_boxes_are_shared_as_python_shares(machine: Machine, dice: random.Random):
    for _ in range(500):
        # At most ten escape: the return data of a transaction is at most 1,024 bytes.
        steps = bytes(dice.choices(range(256), k=dice.randrange(11)))
        start = dice.randbytes(3)
        returned = ask(machine, BOXES, start, steps)
        wanted = boxes(*start, steps)
        assert returned.ljust(len(wanted), b"\0") == wanted, (start, steps)
