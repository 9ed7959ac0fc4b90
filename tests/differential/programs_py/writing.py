# Every way in which an account is changed, by one; and in which it is only read.

from seahorse.prelude import *

declare_id("Ff9HX3kYbMRnEUvAy5yf1tUFdYCF2r8JGf4qgRmY6gVE")


@dataclass
class Point:
    x: u64


class Pot(Account):
    count: u64
    name: str
    owner: Pubkey
    numbers: List[u64]
    points: List[Point]
    point: Point

    def add(self, n: u64):
        self.count += n


def add(pot: Pot, n: u64):
    pot.count += n


def add_later(pot: Pot, n: u64):
    add(pot, n)


def add_by_another_name(pot: Pot):
    other = pot
    other.count += 1


def add_in_turn(pot: Pot, other: Pot, left: u64):
    if left > 0:
        add_in_turn(other, pot, left - 1)
    else:
        pot.count += 1


def add_to_element(pot: Pot):
    pot.numbers[0] += 1


def add_to(numbers: List[u64]):
    numbers[0] += 1


def send(pot: Pot, to: Pot, n: u64):
    pot.transfer_lamports(to, n)


def reads(pot: Pot) -> u64:
    return pot.count


@instruction
def make(payer: Signer, pot: Empty[Pot], seed: u64):
    pot = pot.init(payer=payer, seeds=["pot", seed], space=400)
    pot.count = seed
    pot.owner = payer.key()
    pot.numbers.append(seed)
    pot.points.append(Point(seed))


@instruction
def make_of_another(payer: Signer, pot: Empty[Pot], other: Pot, seed: u64):
    pot = pot.init(payer=payer, seeds=["pot", other.owner, seed], space=400)
    pot.count = other.count


# Each of these adds one to a count of the first account.


@instruction
def field(payer: Signer, pot: Pot, other: Pot):
    pot.count = pot.count + 1


@instruction
def field_in_branch(payer: Signer, pot: Pot, other: Pot):
    if other.count > 1000000:
        print(other.count)
    else:
        while pot.count >= 0:
            pot.count += 1
            break


@instruction
def method(payer: Signer, pot: Pot, other: Pot):
    pot.add(1)


@instruction
def another_name(payer: Signer, pot: Pot, other: Pot):
    a = pot
    a.count += 1


@instruction
def in_list(payer: Signer, pot: Pot, other: Pot):
    for a in [pot]:
        a.count += 1


@instruction
def function(payer: Signer, pot: Pot, other: Pot):
    add(pot, 1)


@instruction
def function_of_function(payer: Signer, pot: Pot, other: Pot):
    add_later(pot, 1)


@instruction
def function_by_keyword(payer: Signer, pot: Pot, other: Pot):
    add(pot=pot, n=1)


@instruction
def function_with_another_name(payer: Signer, pot: Pot, other: Pot):
    add_by_another_name(pot)


@instruction
def function_in_turn(payer: Signer, pot: Pot, other: Pot):
    add_in_turn(other, pot, 3)


@instruction
def function_under_name_of_one_that_reads(payer: Signer, pot: Pot, other: Pot):
    reads = add
    reads(pot, 1)


# And these, one to a number of it.


@instruction
def element(payer: Signer, pot: Pot, other: Pot):
    pot.numbers[0] += 1


@instruction
def element_in_function(payer: Signer, pot: Pot, other: Pot):
    add_to_element(pot)


@instruction
def element_of_argument(payer: Signer, pot: Pot, other: Pot):
    add_to(pot.numbers)


@instruction
def field_of_element(payer: Signer, pot: Pot, other: Pot):
    pot.points[0].x += 1


@instruction
def field_of_each(payer: Signer, pot: Pot, other: Pot):
    for point in pot.points:
        point.x += 1


@instruction
def field_of_field(payer: Signer, pot: Pot, other: Pot):
    pot.point.x += 1


# These only read.


@instruction
def looks(payer: Signer, pot: Pot, other: Pot):
    print(pot.count, pot.name, pot.owner == other.owner, pot.key() == other.key(), pot.numbers[0])
    print(f"{other.count} of {other.name}")
    assert reads(other) > 0, "other has none"


@instruction
def copied(payer: Signer, pot: Pot, other: Pot):
    pot.owner = other.owner
    pot.name = f"{other.name}!"


@instruction
def give(payer: Signer, pot: Pot, other: Pot):
    # Of one account passed twice, what is read has not been changed, and the change is kept.
    pot.count += other.count
    pot.count += other.count


@instruction
def give_back(payer: Signer, pot: Pot, other: Pot):
    other.count += pot.count


@instruction
def both(payer: Signer, pot: Pot, other: Pot):
    pot.count += 1
    other.name = "both"


@instruction
def signs(payer: Signer, pot: Pot, mint: TokenMint, to: TokenAccount, amount: u64, bump: u8):
    count = pot.count
    mint.mint(pot, to, amount, signer=["pot", count, bump])
    print(mint.supply(), to.amount(), mint.authority() == pot.key())


# Of each of these, lamports change.


@instruction
def sends(payer: Signer, pot: Pot, other: Pot):
    pot.transfer_lamports(other, pot.count)


@instruction
def lamports_by_keyword(payer: Signer, pot: Pot, other: Pot):
    pot.transfer_lamports(to=other, amount=pot.count)


@instruction
def lamports_in_function(payer: Signer, pot: Pot, other: Pot):
    send(pot, other, 1)


@instruction
def lamports_to_another_name(payer: Signer, pot: Pot, other: Pot):
    to = other
    pot.transfer_lamports(to, 1)


@instruction
def lamports_and_count(payer: Signer, pot: Pot, other: Pot):
    pot.transfer_lamports(other, 1)
    pot.count += 1
    other.name = "sent"
