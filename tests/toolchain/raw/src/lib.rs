//! Answers, as return data, what Seahorse's language has no words for: the first byte of the instruction
//! chooses the question, the others are its operands.

use std::{cell::RefCell, rc::Rc};

use solana_program::{
    account_info::AccountInfo, entrypoint, entrypoint::ProgramResult, program::set_return_data,
    pubkey::Pubkey,
};

entrypoint!(answer);

fn answer(_: &Pubkey, _: &[AccountInfo], input: &[u8]) -> ProgramResult {
    let (question, operands) = input.split_first().unwrap();
    let mut operands = Operands(operands);
    let result = match question {
        0 => copy_and_compare(&mut operands),
        1 => copy_within(&mut operands),
        2 => shift(&mut operands),
        3 => call(&mut operands),
        4 => float_arithmetic(&mut operands),
        5 => float_to_integer(&mut operands),
        6 => integer_to_float(&mut operands),
        7 => rent(&mut operands),
        8 => narrow(&mut operands),
        9 => boxes(&mut operands),
        _ => panic!("no such question"),
    };
    set_return_data(&result);
    Ok(())
}

struct Operands<'a>(&'a [u8]);

impl<'a> Operands<'a> {
    fn bytes(&mut self, length: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(length);
        self.0 = rest;
        bytes
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        self.bytes(N).try_into().unwrap()
    }

    fn u8(&mut self) -> u8 {
        u8::from_le_bytes(self.array())
    }

    fn u16(&mut self) -> usize {
        u16::from_le_bytes(self.array()).into()
    }

    fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    fn u128(&mut self) -> u128 {
        u128::from_le_bytes(self.array())
    }

    fn f64(&mut self) -> f64 {
        f64::from_le_bytes(self.array())
    }
}

// Memory: each length both as a constant, which the compiler may unroll, and as a number it cannot know.

#[inline(never)]
fn copy<const N: usize>(from: &[u8; N], to: &mut [u8; N]) {
    *to = *from;
}

#[inline(never)]
fn equal<const N: usize>(a: &[u8; N], b: &[u8; N]) -> bool {
    a == b
}

#[inline(never)]
fn order<const N: usize>(a: &[u8; N], b: &[u8; N]) -> i8 {
    a.cmp(b) as i8
}

#[inline(never)]
fn fill<const N: usize>(to: &mut [u8; N], byte: u8) {
    *to = [byte; N];
}

fn of_length<const N: usize>(a: &[u8], b: &[u8]) -> Vec<u8> {
    let (a, b): (&[u8; N], &[u8; N]) = (a.try_into().unwrap(), b.try_into().unwrap());
    let mut copied = [0; N];
    let mut filled = [0; N];
    copy(a, &mut copied);
    fill(&mut filled, 0xa5);
    let mut out = vec![
        equal(a, b) as u8,
        order(a, b) as u8,
        equal(&filled, &[0xa5; N]) as u8,
    ];
    out.extend_from_slice(&copied);
    out
}

fn copy_and_compare(operands: &mut Operands) -> Vec<u8> {
    let length = operands.u16();
    let (a, b) = (operands.bytes(length), operands.bytes(length));
    let mut out = match length {
        0 => of_length::<0>(a, b),
        1 => of_length::<1>(a, b),
        31 => of_length::<31>(a, b),
        32 => of_length::<32>(a, b),
        33 => of_length::<33>(a, b),
        95 => of_length::<95>(a, b),
        96 => of_length::<96>(a, b),
        97 => of_length::<97>(a, b),
        300 => of_length::<300>(a, b),
        _ => panic!("no such length"),
    };
    let mut copied = vec![0; length];
    copied.copy_from_slice(a);
    let mut filled = vec![0; length];
    filled.fill(0xa5);
    out.extend([
        (a == b) as u8,
        a.cmp(b) as i8 as u8,
        filled.iter().all(|byte| *byte == 0xa5) as u8,
    ]);
    out.extend_from_slice(&copied);
    out
}

fn copy_within(operands: &mut Operands) -> Vec<u8> {
    let (from, length, to) = (operands.u16(), operands.u16(), operands.u16());
    let mut bytes = operands.0.to_vec();
    bytes.copy_within(from..from + length, to);
    bytes
}

// Integers

fn shift(operands: &mut Operands) -> Vec<u8> {
    let (value, by) = (operands.u128(), operands.u8() as u32);
    let results = [
        value << by,
        value >> by,
        ((value as i128) >> by) as u128,
        value.rotate_left(by),
        value.leading_zeros() as u128,
        value.trailing_zeros() as u128,
        value.count_ones() as u128,
        value.swap_bytes(),
    ];
    results.iter().flat_map(|result| result.to_le_bytes()).collect()
}

// Signed division of the types narrower than a register, which the compiler computes in 32 bits.
fn narrow(operands: &mut Operands) -> Vec<u8> {
    let (a, b) = (operands.u64() as i32, operands.u64() as i32);
    [
        a.wrapping_div(b),
        a.wrapping_rem(b),
        a.wrapping_mul(b),
        a.saturating_mul(b),
    ]
    .map(i32::to_le_bytes)
    .concat()
}

// Calls

struct Parts {
    sum: u128,
    product: u64,
    flag: bool,
}

trait Sum {
    fn sum(&self, a: u64, b: u128, c: u8, d: u64, e: i64, f: u128, g: u16) -> (u128, u64);
}

struct Weighted(u64);
struct Alternating;

impl Sum for Weighted {
    #[inline(never)]
    fn sum(&self, a: u64, b: u128, c: u8, d: u64, e: i64, f: u128, g: u16) -> (u128, u64) {
        let weighted = [b, c as u128, d as u128, e as u128, f, g as u128];
        (
            weighted
                .iter()
                .zip(1..)
                .fold(a as u128, |sum, (x, n)| sum.wrapping_add(x.wrapping_mul(n))),
            self.0 ^ d,
        )
    }
}

impl Sum for Alternating {
    #[inline(never)]
    fn sum(&self, a: u64, b: u128, c: u8, d: u64, e: i64, f: u128, g: u16) -> (u128, u64) {
        (
            b.wrapping_sub(f).wrapping_add(a as u128),
            d ^ e as u64 ^ c as u64 ^ g as u64,
        )
    }
}

#[inline(never)]
fn nine(a: u64, b: u64, c: u8, d: u128, e: i64, f: u64, g: bool, h: u128, i: u64) -> Parts {
    Parts {
        sum: d.wrapping_add(h),
        product: a ^ b.rotate_left(c as u32) ^ f ^ i ^ e as u64,
        flag: !g,
    }
}

// Each level passes its own arguments on the stack while the level above still holds on to its own.
#[inline(never)]
fn recurse(depth: u64, a: u64, b: u64, c: u64, d: u64, e: u64, f: u64) -> (u64, u64, u64) {
    if depth == 0 {
        return (a.wrapping_add(f), b, c ^ d ^ e);
    }
    let (x, y, z) = recurse(depth - 1, b, c, d, e, f, a.wrapping_add(depth));
    (
        x.wrapping_add(a),
        y.wrapping_add(f),
        z.wrapping_add(c.wrapping_mul(depth)),
    )
}

fn call(operands: &mut Operands) -> Vec<u8> {
    let (a, b, c) = (operands.u64(), operands.u128(), operands.u64());
    let (d, e, f) = (operands.u64(), operands.u128(), operands.u64());
    let mut out = Vec::new();
    let sums: [&dyn Sum; 2] = [&Weighted(c), &Alternating];
    for sum in sums {
        let (x, y) = sum.sum(a, b, c as u8, d, f as i64, e, a as u16);
        out.extend(x.to_le_bytes());
        out.extend(y.to_le_bytes());
    }
    let parts = nine(a, c, d as u8, b, f as i64, d, a % 2 == 0, e, c);
    out.extend(parts.sum.to_le_bytes());
    out.extend(parts.product.to_le_bytes());
    out.push(parts.flag as u8);
    let (x, y, z) = recurse(5, a, c, d, f, b as u64, e as u64);
    [x, y, z].iter().for_each(|word| out.extend(word.to_le_bytes()));
    out
}

// Floating point

fn float_arithmetic(operands: &mut Operands) -> Vec<u8> {
    let (a, b) = (operands.f64(), operands.f64());
    let mut out: Vec<u8> = [a + b, a - b, a * b, a / b, -a, a.abs()]
        .map(f64::to_le_bytes)
        .concat();
    out.extend([a < b, a <= b, a == b, a != b, a > b, a >= b].map(u8::from));
    out.extend(
        [
            !(a < b),
            !(a <= b),
            !(a > b),
            !(a >= b),
            a.is_nan(),
            a < b || a > b,
        ]
        .map(u8::from),
    );
    out
}

fn float_to_integer(operands: &mut Operands) -> Vec<u8> {
    let value = operands.f64();
    let mut out = Vec::new();
    out.extend((value as u64).to_le_bytes());
    out.extend((value as i64).to_le_bytes());
    out.extend((value as u32).to_le_bytes());
    out.extend((value as i32).to_le_bytes());
    out.extend((value as u16).to_le_bytes());
    out.extend((value as i16).to_le_bytes());
    out.extend((value as u8).to_le_bytes());
    out.extend((value as i8).to_le_bytes());
    out
}

fn integer_to_float(operands: &mut Operands) -> Vec<u8> {
    let value = operands.u64();
    [
        value as f64,
        value as i64 as f64,
        value as u32 as f64,
        value as i32 as f64,
        value as u8 as f64,
        value as i8 as f64,
    ]
    .map(f64::to_le_bytes)
    .concat()
}

// As Anchor computes what an account must hold to be exempt from rent.
fn rent(operands: &mut Operands) -> Vec<u8> {
    let (bytes, lamports, years) = (operands.u64(), operands.u64(), operands.f64());
    let yearly = bytes.wrapping_mul(lamports);
    ((yearly as f64 * years) as u64).to_le_bytes().to_vec()
}

// Boxes, shared as Seahorse shares objects: some stay in this function, some escape it, some are made in a loop.

struct Pot {
    level: u64,
    marks: [u8; 40],
}

type Shared = Rc<RefCell<Pot>>;

fn pot(level: u8) -> Shared {
    Rc::new(RefCell::new(Pot { level: level.into(), marks: [level; 40] }))
}

#[inline(never)]
fn pour(from: &Shared, to: &Shared) {
    let level = std::mem::take(&mut from.borrow_mut().level);
    to.borrow_mut().level += level;
}

fn boxes(operands: &mut Operands) -> Vec<u8> {
    let (first, second) = (pot(operands.u8()), pot(operands.u8()));
    let alias = first.clone();
    let chosen = if operands.u8() % 2 == 0 { first.clone() } else { second.clone() };
    let mut escaped = Vec::new();
    for byte in operands.0 {
        let temporary = pot(*byte);
        match byte % 4 {
            0 => escaped.push(temporary.clone()),
            1 => pour(&temporary, &alias),
            2 => chosen.borrow_mut().marks[*byte as usize % 40] ^= byte,
            _ => second.borrow_mut().level += temporary.borrow().level * 2,
        }
        alias.borrow_mut().level += temporary.borrow().level;
    }
    let mut out = Vec::new();
    for shared in [&first, &second].into_iter().chain(&escaped) {
        out.push(Rc::strong_count(shared) as u8);
        out.extend_from_slice(&shared.borrow().level.to_le_bytes());
        out.extend_from_slice(&shared.borrow().marks);
    }
    out
}
