# Each instruction prints what one of Seahorse's integer types makes of two numbers.

from seahorse.prelude import *

declare_id("EdKeEr53fdY7uJ3bzzUXAu7oGsYSQRJhQhQmVU5Bkn48")


@instruction
def calculate_u8(signer: Signer, operation: u8, a: u8, b: u8):
    if operation == 0:
        print(a + b)
    elif operation == 1:
        print(a - b)
    elif operation == 2:
        print(a * b)
    elif operation == 3:
        print(a // b)
    elif operation == 4:
        print(a % b)
    elif operation == 5:
        print(a < b, a <= b, a == b, a != b, a > b, a >= b)
    else:
        print(min(a, b), max(a, b))


@instruction
def calculate_u16(signer: Signer, operation: u8, a: u16, b: u16):
    if operation == 0:
        print(a + b)
    elif operation == 1:
        print(a - b)
    elif operation == 2:
        print(a * b)
    elif operation == 3:
        print(a // b)
    elif operation == 4:
        print(a % b)
    elif operation == 5:
        print(a < b, a <= b, a == b, a != b, a > b, a >= b)
    else:
        print(min(a, b), max(a, b))


@instruction
def calculate_u32(signer: Signer, operation: u8, a: u32, b: u32):
    if operation == 0:
        print(a + b)
    elif operation == 1:
        print(a - b)
    elif operation == 2:
        print(a * b)
    elif operation == 3:
        print(a // b)
    elif operation == 4:
        print(a % b)
    elif operation == 5:
        print(a < b, a <= b, a == b, a != b, a > b, a >= b)
    else:
        print(min(a, b), max(a, b))


@instruction
def calculate_u64(signer: Signer, operation: u8, a: u64, b: u64):
    if operation == 0:
        print(a + b)
    elif operation == 1:
        print(a - b)
    elif operation == 2:
        print(a * b)
    elif operation == 3:
        print(a // b)
    elif operation == 4:
        print(a % b)
    elif operation == 5:
        print(a < b, a <= b, a == b, a != b, a > b, a >= b)
    else:
        print(min(a, b), max(a, b))


@instruction
def calculate_u128(signer: Signer, operation: u8, a: u128, b: u128):
    if operation == 0:
        print(a + b)
    elif operation == 1:
        print(a - b)
    elif operation == 2:
        print(a * b)
    elif operation == 3:
        print(a // b)
    elif operation == 4:
        print(a % b)
    elif operation == 5:
        print(a < b, a <= b, a == b, a != b, a > b, a >= b)
    else:
        print(min(a, b), max(a, b))


@instruction
def calculate_i8(signer: Signer, operation: u8, a: i8, b: i8):
    if operation == 0:
        print(a + b)
    elif operation == 1:
        print(a - b)
    elif operation == 2:
        print(a * b)
    elif operation == 3:
        print(a // b)
    elif operation == 4:
        print(a % b)
    elif operation == 5:
        print(a < b, a <= b, a == b, a != b, a > b, a >= b)
    else:
        print(min(a, b), max(a, b))


@instruction
def calculate_i16(signer: Signer, operation: u8, a: i16, b: i16):
    if operation == 0:
        print(a + b)
    elif operation == 1:
        print(a - b)
    elif operation == 2:
        print(a * b)
    elif operation == 3:
        print(a // b)
    elif operation == 4:
        print(a % b)
    elif operation == 5:
        print(a < b, a <= b, a == b, a != b, a > b, a >= b)
    else:
        print(min(a, b), max(a, b))


@instruction
def calculate_i32(signer: Signer, operation: u8, a: i32, b: i32):
    if operation == 0:
        print(a + b)
    elif operation == 1:
        print(a - b)
    elif operation == 2:
        print(a * b)
    elif operation == 3:
        print(a // b)
    elif operation == 4:
        print(a % b)
    elif operation == 5:
        print(a < b, a <= b, a == b, a != b, a > b, a >= b)
    else:
        print(min(a, b), max(a, b))


@instruction
def calculate_i64(signer: Signer, operation: u8, a: i64, b: i64):
    if operation == 0:
        print(a + b)
    elif operation == 1:
        print(a - b)
    elif operation == 2:
        print(a * b)
    elif operation == 3:
        print(a // b)
    elif operation == 4:
        print(a % b)
    elif operation == 5:
        print(a < b, a <= b, a == b, a != b, a > b, a >= b)
    else:
        print(min(a, b), max(a, b))


@instruction
def calculate_i128(signer: Signer, operation: u8, a: i128, b: i128):
    if operation == 0:
        print(a + b)
    elif operation == 1:
        print(a - b)
    elif operation == 2:
        print(a * b)
    elif operation == 3:
        print(a // b)
    elif operation == 4:
        print(a % b)
    elif operation == 5:
        print(a < b, a <= b, a == b, a != b, a > b, a >= b)
    else:
        print(min(a, b), max(a, b))


@instruction
def negate(signer: Signer, a: i64):
    print(-a)


# More arguments than registers, two of them twice as wide, the third by reference.
def combine(a: u64, b: u128, c: u8, d: i64, e: u128, f: u64, g: bool, text: str) -> u128:
    if g:
        return u128(a) * b + u128(c) * e + u128(f) + u128(d)
    print(text)
    return e // b + u128(f) % u128(a) + u128(c)


@instruction
def call_combine(signer: Signer, a: u64, b: u128, c: u8, d: i64, e: u128, f: u64, g: bool, text: str):
    print(combine(a, b, c, d, e, f, g, text))


@instruction
def echo(signer: Signer, text: str):
    print(f"<{text}>")


@instruction
def add_up(signer: Signer, first: u64, count: u64, factor: u64):
    numbers = [first]
    number: u64 = first
    for i in range(count):
        number = number * factor + i
        numbers.append(number)
    total: u64 = 0
    for each in numbers:
        total += each
    last: u64 = numbers.pop()
    print(total, last, len(numbers))
