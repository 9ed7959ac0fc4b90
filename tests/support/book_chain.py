"""A chain with something for the books: batteries and meters, transactions that failed, and logs cut off."""

from __future__ import annotations

from hashlib import sha256

from solana.rpc.async_api import AsyncClient
from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.token.state import Mint, TokenAccount, TokenAccountState
from solders.transaction import VersionedTransaction
from spl.token.constants import TOKEN_PROGRAM_ID

from amalgam.battery import program as energy_allocation
from amalgam.battery.program import battery_address, vault_address
from amalgam.chain.embedded import EmbeddedChain, LandedTransaction
from amalgam.metering import program as energy_metering
from amalgam.metering.program import issuer_address
from amalgam.programs import Program, events
from amalgam.units import Resource
from tests.support.node import NOON

TOKENS = 10**12
MOST = 24  # allocations in a transaction whose log is whole
TOO_MANY = 30  # whose log is cut off


class BookChain:
    """One owner's battery and issuer, by whom everything is done. Each `tick` is a second later."""

    def __init__(self, seed: str = "books", transaction_history: int = 10_000) -> None:
        self.chain = EmbeddedChain(transaction_history=transaction_history)
        self.chain.unix_timestamp = NOON
        self.owner = Keypair.from_seed(sha256(seed.encode()).digest())
        self.address = self.owner.pubkey()
        for program in Program:
            self.chain.add_program(program.program_id, program.code)
        self.chain.airdrop(self.address, 10**15)
        self.mint = Pubkey(sha256(f"{seed} mint".encode()).digest())
        self.wallet = Pubkey(sha256(f"{seed} wallet".encode()).digest())
        self._put(self.mint, bytes(Mint(self.address, TOKENS, 3, True, None)))
        self._put(self.wallet, self._tokens(self.address, TOKENS))
        self.battery = battery_address(self.address, self.mint)
        self.issuer = issuer_address(self.address, 0)
        self._number = 0

    def _put(self, address: Pubkey, data: bytes) -> None:
        self.chain.set_account(address, Account(10**10, data, TOKEN_PROGRAM_ID))

    def _tokens(self, owner: Pubkey, amount: int) -> bytes:
        return bytes(TokenAccount(self.mint, owner, amount, None, TokenAccountState.Initialized, None, 0))

    def set_vault(self, amount: int) -> None:
        """Have the battery's vault hold other tokens than the program knows of."""
        self._put(vault_address(self.battery), self._tokens(self.battery, amount))

    @property
    def connection(self) -> AsyncClient:
        return self.chain.client()

    def send(self, *instructions: Instruction, fails: bool = False) -> Signature:
        """Land a transaction, which may have failed."""
        self.chain.advance(1)
        blockhash = self.chain.svm.latest_blockhash()
        message = Message.new_with_blockhash(list(instructions), self.address, blockhash)
        transaction = VersionedTransaction(message, [self.owner])
        assert self.chain.send(transaction, preflight=False) is None
        landed = self.chain.landed(transaction.signatures[0])
        assert landed is not None
        assert (landed.err is not None) == fails, landed.meta.logs()
        return transaction.signatures[0]

    def begin(self) -> None:
        """The battery with one member, who has deposited; and an issuer with a meter."""
        self.send(
            energy_allocation.initialize(
                authority=self.address,
                mint=self.mint,
                resource=Resource.ENERGY,
                capacity=TOKENS,
                allocation_limit=TOKENS,
                allocation_lifetime=86_400,
                efficiency_bps=9_000,
            ),
            energy_allocation.open_member(payer=self.address, battery=self.battery, owner=self.address),
        )
        self.deposit(10**9)
        self.send(energy_metering.initialize(authority=self.address, resource=Resource.ENERGY, number=0))
        self.send(
            energy_metering.register_meter(
                authority=self.address,
                issuer=self.issuer,
                device=Pubkey(sha256(b"device").digest()),
                owner=self.address,
                rated_power=5_000,
                register=7,
            )
        )

    def deposit(self, amount: int) -> Signature:
        return self.send(
            energy_allocation.deposit_energy(
                owner=self.address,
                battery=self.battery,
                mint=self.mint,
                source=self.wallet,
                amount=amount,
                minimum_credit=0,
            )
        )

    def allocate(self, times: int = 1) -> Signature:
        """So many allocations in one transaction, of 1 to 7 Wh."""
        of = {"owner": self.address, "battery": self.battery}
        self._number += times
        amounts = (number % 7 + 1 for number in range(self._number - times, self._number))
        return self.send(*(energy_allocation.allocate(**of, amount=amount) for amount in amounts))

    def fail(self) -> Signature:
        """A transaction that the battery refuses."""
        self._number += 1
        of = {"owner": self.address, "battery": self.battery}
        return self.send(energy_allocation.allocate(**of, amount=TOKENS + self._number), fails=True)

    def landed(self) -> list[LandedTransaction]:
        """Those with one of the programs, oldest first."""
        ours = {program.program_id for program in Program}
        found = [each for each in self.chain.landed_newest_first() if ours & set(each.account_keys)]
        return found[::-1]

    def events(self) -> list[object]:
        """All of them, oldest first; of those whose logs were cut off none."""
        logs = (each.meta.logs() for each in self.landed() if each.err is None)
        return [event for log in logs if "Log truncated" not in log for event in events(log)]
