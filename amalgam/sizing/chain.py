"""The same on a chain in this process: every deposit and withdrawal a transaction to the built program.

What is compared comes from the chain: each transaction's event, and in the end all accounts.
"""

import asyncio
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from spl.token import instructions
from spl.token.constants import TOKEN_PROGRAM_ID

from amalgam.battery import program
from amalgam.battery.client import EnergyAllocationClient
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.tokens import new_mint, open_token_account
from amalgam.programs import Engine, Program
from amalgam.readings.model import Integers
from amalgam.sizing.movements import Movements, compare
from amalgam.units import Resource

_DECIMALS = 3  # of the mint: a token is 1 kWh
_DAY_S = 86_400
_LAMPORTS = 100 * 10**9  # of the operator and each member: rent, and the fees of 20 million transactions


@dataclass(frozen=True, slots=True, eq=False)
class OnChain:
    """What the chain tells of a part of an account, in Wh: as `Movements`.

    Attributes:
        charged: Of each member in each interval, by its events.
        taken: Likewise.
        stored: In the battery at each interval's end, by its events.
        transactions: How many there were.
    """

    charged: Integers
    taken: Integers
    stored: Integers
    transactions: int


def replay(movements: Movements, step: Callable[[], object] = lambda: None) -> OnChain:
    """Replay a part of an account on a chain of its own; `step` is called as each interval begins.

    Raises:
        LedgerMismatchError: The chain does not hold what the account says.
        amalgam.chain.errors.Refused: The program has refused a movement.
    """
    with asyncio.Runner() as runner:
        with uninterrupted():
            runner.get_loop()  # half made, it would complain
        return runner.run(_replayed(movements, step))


@contextmanager
def uninterrupted() -> Generator[None]:
    """Have Ctrl-C wait."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


async def _replayed(movements: Movements, step: Callable[[], object]) -> OnChain:
    chain = EmbeddedChain()
    battery = Program.ENERGY_ALLOCATION
    chain.add_program(battery.program_id, battery.runs_from(Engine.LITESVM))
    pool = await _Pool.create(chain, movements)
    for member in range(len(pool.members)):
        await pool.open(member, movements)
    charged, taken = np.zeros_like(movements.charged), np.zeros_like(movements.taken)
    stored, in_all = np.zeros_like(movements.stored), int(movements.opening.sum())
    for row, said in enumerate(movements.stored.tolist()):
        step()
        chain.unix_timestamp = int(movements.starts[row])
        for member, amount in movements.row(row):
            event = await pool.move(member, amount)
            into = charged if amount > 0 else taken
            into[row, member] += event.amount
            in_all = event.available + event.allocated
        stored[row] = in_all
        compare(f"what is stored after interval {row}", in_all, said)
    await pool.compare(movements)
    return OnChain(charged, taken, stored, pool.transactions)


@dataclass(slots=True)
class _Pool:
    """A battery on the chain, and its members."""

    chain: EmbeddedChain
    operator: EnergyAllocationClient
    payer: Keypair
    mint: Pubkey
    address: Pubkey
    members: list[Keypair]
    owners: list[Pubkey]
    clients: list[EnergyAllocationClient]
    wallets: list[Pubkey]  # the members' token accounts
    transactions: int = 0

    @classmethod
    async def create(cls, chain: EmbeddedChain, movements: Movements) -> "_Pool":
        connection, payer, mint = chain.client(), Keypair(), Keypair()
        members = [Keypair() for _ in movements.opening]
        for wallet in (payer, *members):
            chain.airdrop(wallet.pubkey(), _LAMPORTS)
        operator, policy = EnergyAllocationClient(connection, payer), movements.battery
        creation = await new_mint(
            connection, payer.pubkey(), mint.pubkey(), authority=payer.pubkey(), decimals=_DECIMALS
        )
        await operator.sender.send(creation, mint)
        initialize = program.initialize(
            authority=payer.pubkey(),
            mint=mint.pubkey(),
            resource=Resource.ENERGY,
            capacity=policy.capacity,
            allocation_limit=policy.capacity,
            allocation_lifetime=_DAY_S,
            efficiency_bps=policy.efficiency_bps,
        )
        await operator.send(initialize)
        owners = [member.pubkey() for member in members]
        return cls(
            chain,
            operator,
            payer,
            mint.pubkey(),
            program.battery_address(payer.pubkey(), mint.pubkey()),
            members,
            owners,
            [EnergyAllocationClient(connection, member) for member in members],
            [open_token_account(owner, owner, mint.pubkey())[0] for owner in owners],
        )

    async def open(self, member: int, movements: Movements) -> None:
        """Open a member's accounts, with all the tokens that they will deposit, and their opening balance."""
        owner, opening = self.owners[member], movements.opening_deposit(member)
        payer = self.payer.pubkey()
        steps = [
            open_token_account(payer, owner, self.mint)[1],
            program.open_member(payer=payer, battery=self.address, owner=owner),
        ]
        tokens = opening + int(movements.charged[:, member].sum())
        if tokens:
            steps.append(
                instructions.mint_to(
                    instructions.MintToParams(
                        TOKEN_PROGRAM_ID, self.mint, self.wallets[member], payer, tokens
                    )
                )
            )
        await self.operator.sender.send(steps)
        if opening:
            await self.move(member, opening)

    async def move(self, member: int, amount: int) -> program.EnergyDeposited | program.EnergyWithdrawn:
        """Deposit, or withdraw if it is negative: the event that the program has told."""
        owner, wallet = self.owners[member], self.wallets[member]
        if amount > 0:
            instruction = program.deposit_energy(
                owner=owner,
                battery=self.address,
                mint=self.mint,
                source=wallet,
                amount=amount,
                minimum_credit=1,
            )
        else:
            instruction = program.withdraw_energy(
                owner=owner, battery=self.address, destination=wallet, amount=-amount
            )
        signature = await self.clients[member].send(instruction)
        self.transactions += 1
        landed = self.chain.landed(signature)
        [event] = program.events(landed.meta.logs()) if landed else []
        assert isinstance(event, program.EnergyDeposited | program.EnergyWithdrawn)  # noqa: S101 (ours)
        return event

    async def compare(self, movements: Movements) -> None:
        """Raise LedgerMismatchError unless all accounts are what the account says in the end."""
        audit = await self.operator.audit(self.address)
        balances = {member.owner: member.balance for member in audit.members}
        for member, said in enumerate(movements.balances):
            compare(f"the balance of member {member}", balances[self.owners[member]], said)
        compare("what the vault holds", audit.vault_amount, sum(movements.balances))
