"""The battery's program itself, run as Python, as the ledger of an account.

Each deposit and withdrawal is a call of the program's own instruction, which refuses what breaks a rule of
it. After each interval what the battery holds, and in the end each balance, is what the account says.
"""

from functools import cache
from typing import Any

from amalgam.programs import Program
from amalgam.sizing.movements import LedgerMismatchError, Movements, compare
from seahorse import Empty
from seahorse.accounts import Signer, TokenAccount, TokenMint
from seahorse.engine import load_module

_DECIMALS = 3  # of the mint: a token is 1 kWh
_DAY_S = 86_400
_TOKENS = 10**15  # Wh that each member has to deposit


@cache
def _program() -> Any:
    return load_module(Program.ENERGY_ALLOCATION.source)


def check(movements: Movements) -> int:
    """Have the program do what an account says, and return how many instructions it took.

    Raises LedgerMismatchError if it refuses one, or holds something else.
    """
    program, policy, operator = _program(), movements.battery, Signer()
    count = len(movements.opening)
    mint = TokenMint(authority=operator, decimals=_DECIMALS, supply=count * _TOKENS)
    new_battery, new_vault = Empty(), Empty()
    terms = policy.capacity, policy.capacity, _DAY_S, policy.efficiency_bps
    program.initialize(operator, mint, new_battery, new_vault, program.Resource.ENERGY, *terms)
    battery, vault = new_battery.account, new_vault.account
    owners = [Signer() for _ in range(count)]
    wallets = [TokenAccount(mint=mint, authority=owner, amount=_TOKENS) for owner in owners]
    members = list[Any]()
    for owner in owners:
        new_member = Empty()
        program.open_member(operator, battery, new_member, owner.key())
        members.append(new_member.account)

    def move(member: int, amount: int) -> None:
        owner, wallet = owners[member], wallets[member]
        if amount > 0:
            program.deposit_energy(owner, battery, members[member], mint, vault, wallet, amount, 0)
        else:
            program.withdraw_energy(owner, battery, members[member], vault, wallet, -amount)

    openings = [(member, movements.opening_deposit(member)) for member in range(count)]
    for member, amount in openings:
        if amount:
            move(member, amount)
    stored = movements.stored.tolist()
    for row, said in enumerate(stored):
        for member, amount in movements.row(row):
            try:
                move(member, amount)
            except AssertionError as refusal:
                raise LedgerMismatchError(
                    f"the program refuses {amount} Wh of member {member} in interval {row}: {refusal}"
                ) from None
        compare(f"what is stored after interval {row}", int(battery.available), said)
    for member, said in enumerate(movements.balances):
        compare(f"the balance of member {member}", int(members[member].balance), said)
    compare("what the vault holds", vault.current.amount, stored[-1] if stored else sum(movements.balances))
    return len(movements)
