"""The chain and the shadow ledger in lockstep: each step in both, and all of the rules after each."""

from __future__ import annotations

from collections import Counter
from copy import copy
from dataclasses import dataclass
from typing import Any

from solders.pubkey import Pubkey

from amalgam import energy_allocation
from amalgam.energy_allocation import Battery, BatteryInitialized, EnergyConsumed, EnergyDeposited, Event, Member
from amalgam.history import BrokenHistoryError, History
from tests.shadow import CREATED, SIGNERS, Error, Ledger, Refusal
from tests.stateful.driver import MINTER, Accounts, Chain, member_of, tokens_of, vault_of

LEAVING = ("withdraw_energy", "deallocate", "consume", "release_expired")


class Lockstep:
    """Runs a step in both and raises AssertionError where they disagree or a rule is broken.

    The rules are those in the program's head, by their numbers. Some are checked on the shadow ledger alone:
    after each step the chain's accounts are those of the ledger, byte for byte.
    """

    def __init__(
        self,
        chain: Chain,
        ledger: Ledger,
        accounts: Accounts | None = None,
        histories: dict[str, History] | None = None,
    ) -> None:
        """Put the accounts on the chain, or those that the ledger speaks of.

        A battery without a history begins one with its first event, or has none.
        """
        self.chain, self.ledger, self.scene = chain, ledger, chain.scene
        chain.restore(accounts or self.scene.accounts(ledger), ledger.now)
        self.accounts = chain.accounts()
        self.histories = {name: _copied(history) for name, history in (histories or {}).items()}
        self._gapped: dict[str, History] = {}  # histories that miss the latest event
        self._standing = Standing(ledger)

    def copy(self, chain: Chain) -> Lockstep:
        """The same on another chain."""
        return Lockstep(chain, self.ledger.copy(), self.accounts, self.histories)

    # Steps

    def run(self, instruction: str, *, signed: bool = True, **values: Any) -> Error | None:
        """One of the program's instructions: what it is refused with, if it is."""
        answer = self.chain.run(instruction, signed=signed, **values)
        try:
            event, fields = self.ledger.run(instruction, signed=signed, **values)
        except Refusal as refusal:
            assert (type(answer), answer) == (type(refusal.error), refusal.error)
            # Rule 8: not a byte, not a lamport but the fee payer's.
            assert self.chain.accounts() == self.accounts
            # Rule 5
            assert not (answer == "battery is paused" and instruction in LEAVING)
            return refusal.error
        named = {name: self.scene.keys.get(value, value) for name, value in fields.items()}
        assert answer == getattr(energy_allocation, event)(**named)

        before = self.accounts
        signer = next((values[slot] for slot in SIGNERS if slot in values), None) if signed else None
        if instruction == "open_member":  # whose `owner` is no signer
            signer = values["payer"]
        self._check_step(signer, answer, values.get("destination"))
        self._check_accounts(before, instruction, values)
        self._check_history(values["battery"], answer)
        return None

    def transfer(self, owner: str, source: str, destination: str, amount: int) -> Error | None:
        """A transfer of tokens without the program: to a vault, a donation."""
        answer = self.chain.transfer(owner, source, destination, amount)
        try:
            self.ledger.transfer(source, destination, amount)
        except Refusal as refusal:
            assert answer == refusal.error
            return refusal.error
        assert answer is None
        self._check_step(owner, None, destination)
        return None

    def freeze(self, tokens: str, *, frozen: bool) -> None:
        """Freeze or thaw a token account."""
        held = self.ledger.tokens[tokens]
        self.chain.freeze(tokens, held.mint, frozen=frozen)
        held.frozen = frozen
        self._check_step(MINTER, None, None)

    def travel_to(self, moment: int) -> None:
        self.chain.now = self.ledger.now = moment

    def everyone_leaves(self, chain: Chain, *, first: int = 0) -> None:
        """Rule 6, in a copy on that chain: beginning with the member of that number, each takes all they have."""
        world = self.copy(chain)
        ledger = world.ledger
        for name, held in ledger.tokens.items():
            if held.frozen:
                world.freeze(name, frozen=False)
        members = list(ledger.members)
        for name in members[first % len(members) :] + members[: first % len(members)] if members else ():
            share = ledger.members[name]
            mine = {"owner": share.owner, "battery": share.battery, "member": name}
            pool = ledger.batteries[share.battery]
            if share.allocated:
                assert world.run("deallocate", **mine, amount=share.allocated) is None
            if share.balance:
                destination = tokens_of(share.owner, pool.mint)
                vault = vault_of(share.battery)
                leaving = {"vault": vault, "destination": destination, "amount": share.balance}
                assert world.run("withdraw_energy", **mine, **leaving) is None
        for name, pool in ledger.batteries.items():
            assert (pool.available, pool.allocated) == (0, 0)
            assert ledger.tokens[pool.vault].amount == self._standing.donated[name]

    # What is looked at after each accepted step

    def _check_step(self, signer: str | None, event: Event | None, destination: str | None) -> None:
        self.ledger.check()  # rules 1, 2, 3 and 9
        before, after = self._standing, Standing(self.ledger)
        self._standing = after

        # Rule 1: a vault holds more only by what was sent straight to it.
        for name, donated in after.donated.items():
            was = before.donated.get(name, 0)
            assert donated == was or (donated > was and destination == vault_of(name))
        # Rule 4
        for name, balance in before.balances.items():
            assert after.balances[name] >= balance or before.owners[name] == signer
        for name, policy in before.policies.items():
            assert after.policies[name] == policy or before.authorities[name] == signer
        for name, authority in before.authorities.items():
            assert after.authorities[name] in (authority, signer)
            assert after.authorities[name] == authority or before.pending[name] == signer
        # Rule 7: what one gains another has signed away, and what is gone was burned.
        gains = {of: after.wealth[of] - wealth for of, wealth in before.wealth.items()}
        for (owner, mint), gain in gains.items():
            assert gain <= 0 if owner == signer else gain >= 0, (owner, mint)
        burned = Counter({mint: supply - after.supply[mint] for mint, supply in before.supply.items()})
        assert burned.total() == _burned(event)
        for mint, amount in burned.items():
            donated = after.donated_of(mint) - before.donated_of(mint)
            assert sum(gain for (_, of), gain in gains.items() if of == mint) == -amount - donated

    def _check_accounts(self, before: Accounts, instruction: str, values: dict[str, Any]) -> None:
        ...
