# Accounts with every kind of field, lamports, and calls of other programs.

from seahorse.prelude import *

declare_id("CYkSuPLG1nx9RwVQK6V61H6bJ6n7rxFkzvHcpGGP9Cfb")


class Color(Enum):
    RED = 0
    GREEN = 1
    BLUE = 2


class Store(Account):
    flag: bool
    small: u8
    wide: u128
    signed: i32
    name: str
    color: Color
    ratio: f64
    numbers: List[u64]
    fixed: Array[u16, 4]
    owner: Pubkey


class Counter(Account):
    value: u64


@instruction
def make(payer: Signer, store: Empty[Store], name: str, color: Color):
    store = store.init(payer=payer, seeds=["store", payer], padding=200)
    store.name = name
    store.color = color
    store.owner = payer.key()
    store.small = 7


@instruction
def change(payer: Signer, store: Store, name: str, wide: u128, signed: i32, ratio: f64, number: u64):
    store.name = name
    store.wide = wide
    store.signed = signed
    store.ratio = ratio
    store.flag = not store.flag
    store.numbers.append(number)
    store.fixed[1] = 300


@instruction
def make_counter(payer: Signer, counter: Empty[Counter], number: u16, by: i32):
    counter = counter.init(payer=payer, seeds=["counter", number, by], space=64)
    counter.value = 3


@instruction
def take_both(payer: Signer, first: Counter, second: Counter, amount: u64):
    first.value -= amount
    second.value += amount


@instruction
def pay(payer: Signer, to: UncheckedAccount, lamports: u64):
    payer.transfer_lamports(to, lamports)


@instruction
def pay_out(payer: Signer, counter: Counter, to: UncheckedAccount, lamports: u64):
    counter.transfer_lamports(to, lamports)
    counter.value += 1


@instruction
def address(payer: Signer, number: u8):
    found = Pubkey.find_program_address(["store", payer, number])
    print(found[0], found[1])


@instruction
def times(payer: Signer, clock: Clock):
    print(clock.unix_timestamp(), clock.slot(), clock.epoch())


@instruction
def call(payer: Signer, system: Program, to: UncheckedAccount, lamports: u64):
    data = int_bytes(u32(2)) + int_bytes(lamports)
    system.invoke([CpiAccount(payer, mut=True, signer=True), CpiAccount(to, mut=True)], data)
