# Each instruction prints what Seahorse's language makes of its arguments.

from seahorse.prelude import *

declare_id("EdKeEr53fdY7uJ3bzzUXAu7oGsYSQRJhQhQmVU5Bkn48")

LIMIT = 100
OFFSET = 7


class Color(Enum):
    RED = 0
    GREEN = 1
    BLUE = 2


@dataclass
class Point:
    x: i64
    y: i64


@dataclass
class Noted(Event):
    text: str
    key: Pubkey
    number: i64
    flag: bool
    wide: u128


def twice(x: u64) -> u64:
    return x * 2


def is_even(x: u64) -> bool:
    return x % 2 == 0


def small_code(color: Color) -> u8:
    if color == Color.GREEN:
        return 200
    return 100


def times_literal(x: u8) -> u8:
    return x * 100


def both(a: u64, b: u64) -> Tuple[u64, u64]:
    return b, a


@instruction
def floats(signer: Signer, a: f64, b: f64):
    print(a + b, a - b, a * b, a / b)
    print(-a, a < b, a == b)


@instruction
def floor_division_of_floats(signer: Signer, a: f64, b: f64):
    print(a // b)


@instruction
def quotient(signer: Signer, a: u64, b: i32):
    print(a / b)


@instruction
def cast(signer: Signer, kind: u8, a: i128):
    if kind == 0:
        print(u8(a))
    elif kind == 1:
        print(u16(a))
    elif kind == 2:
        print(u32(a))
    elif kind == 3:
        print(u64(a))
    elif kind == 4:
        print(u128(a))
    elif kind == 5:
        print(i8(a))
    elif kind == 6:
        print(i16(a))
    elif kind == 7:
        print(i32(a))
    else:
        print(i64(a))


@instruction
def bits(signer: Signer, a: u16, b: u16):
    print(a & b, a | b, a ^ b, ~a)


@instruction
def signed_bits(signer: Signer, a: i16, b: i16):
    print(a & b, a | b, a ^ b, ~a)


@instruction
def shift_left(signer: Signer, a: u16, b: u16):
    print(a << b)


@instruction
def shift_right(signer: Signer, a: u16, b: u16):
    print(a >> b)


@instruction
def signed_shift_left(signer: Signer, a: i16, b: i16):
    print(a << b)


@instruction
def signed_shift_right(signer: Signer, a: i16, b: i16):
    print(a >> b)


@instruction
def power(signer: Signer, a: i32, b: u32):
    print(a**b)


@instruction
def widened(signer: Signer, a: u8, b: u64, c: i32):
    print(a + b, b * a, a - c, c - a, a < b)


@instruction
def literals(signer: Signer, a: u8):
    print(a + LIMIT, LIMIT - a, a * OFFSET, a // 3, a % OFFSET)


@instruction
def literal_to_helper(signer: Signer, a: u8):
    print(times_literal(a), times_literal(2))


@instruction
def literal_from_helper(signer: Signer, color: Color):
    print(small_code(color) + 100)


@instruction
def annotated(signer: Signer, count: u8, first: u8):
    total: u8 = first
    for i in range(count):
        total += 50
    print(total)


@instruction
def magnitude(signer: Signer, a: i64):
    print(abs(a))


@instruction
def extremes(signer: Signer, a: u64, b: u64):
    print(min(a, 10), max(a, b, 5))


@instruction
def item(signer: Signer, index: i128, count: u64):
    numbers = [count]
    for i in range(count):
        numbers.append(i * 10)
    print(numbers[index], numbers[-1], len(numbers))


@instruction
def popped(signer: Signer, count: u64):
    numbers = [count]
    for i in range(count):
        numbers.pop()
    print(len(numbers))


@instruction
def lists(signer: Signer, count: u64):
    numbers = list(range(count))
    more = numbers + [count]
    print(sum(more), len(more))
    for i, number in enumerate(more):
        print(i, number)
    for a, b in zip(more, numbers):
        print(a + b)
    for number in map(twice, more):
        print(number)
    for number in filter(is_even, more):
        print(number)
    more[0] = 9
    more[-1] = 8
    print(more)


@instruction
def arrays(signer: Signer, index: i128, a: u64):
    numbers = array(a, 2, 3)
    numbers[1] = 5
    print(numbers[index], len(numbers))


@instruction
def loops(signer: Signer, limit: u64):
    i = u64(0)
    total: u64 = 0
    while True:
        i += 1
        if i % 3 == 0:
            continue
        if i > limit:
            break
        total += i
    print(total, i)


@instruction
def tuples(signer: Signer, a: u64, b: u64):
    x, y = both(a, b)
    x = x + 1
    print(x, y, (a, b))


@instruction
def choice(signer: Signer, a: u64, flag: bool):
    print(a + 1 if flag else a, not flag, flag and a > 3, flag or a > 3)


@instruction
def text(signer: Signer, text: str, a: u64, flag: bool):
    print(len(text), size(text), text + "!", f"<{text}> {a} {flag} {a + 1}")
    print(f"key {signer.key()}")


@instruction
def colors(signer: Signer, color: Color):
    print(color == Color.RED, color != Color.BLUE)


@instruction
def bytes_of(signer: Signer, a: u32):
    print(int_bytes(a), int_bytes(a, True), int_bytes(a, False))


@instruction
def points(signer: Signer, a: i64, b: i64):
    point = Point(a, b)
    point.x = point.x + 1
    print(point.x, point.y)


@instruction
def negated(signer: Signer, a: i8):
    print(-a)


@instruction
def note(signer: Signer, text: str, number: i64, flag: bool):
    event = Noted(text, signer.key(), number, flag, 5)
    event.emit()
