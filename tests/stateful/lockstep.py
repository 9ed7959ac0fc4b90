"""The chain and the shadow ledger in lockstep: each step in both, and all of the rules after each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from copy import copy
from types import ModuleType
from typing import Any, Generic, Self, TypeVar

from solders.pubkey import Pubkey

from amalgam import programs
from amalgam.battery import program as energy_allocation
from amalgam.battery.history import History
from amalgam.battery.program import Battery, EnergyConsumed, EnergyDeposited, Event, Member
from amalgam.chain.events import BrokenHistoryError, ledger_of
from amalgam.market.program import Clearing
from tests.shadow.battery import CREATED, SIGNERS, Error, Ledger, Refusal
from tests.stateful.driver import MINTER, Accounts, Chain, ProgramChain, tokens_of, vault_of
from tests.support.battery import SLOTS

_T = TypeVar("_T")
_Ledger = TypeVar("_Ledger", bound=Any)

_UNTOLD = (Clearing,)  # accounts of which no event tells
LEAVING = ("withdraw_energy", "deallocate", "consume", "release_expired")


class Lockstep:
    """Runs a step in both, and raises AssertionError where they disagree or a rule is broken.

    The rules are those in the program's head, by their numbers. Some are looked for in the shadow ledger:
    after each step the chain's accounts are the ledger's, byte for byte.
    """

    def __init__(
        self, chain: Chain, ledger: Ledger, accounts: Accounts, histories: dict[str, History]
    ) -> None:
        """Put the accounts on the chain, those that the ledger speaks of. Not every battery has a history."""
        self.chain, self.ledger, self.scene = chain, ledger, chain.scene
        chain.restore(accounts, ledger.now)
        self.accounts = accounts
        self.histories = {name: _copied(history) for name, history in histories.items()}
        self._gapped: dict[str, History] = {}  # that have missed the latest event
        self._standing = _Standing(ledger)

    def copy(self, chain: Chain) -> Lockstep:
        """The same on another chain."""
        return Lockstep(chain, self.ledger.copy(), self.accounts, self.histories)

    # Steps

    def run(self, instruction: str, *, signed: bool = True, **values: Any) -> Error | None:
        """One of the program's instructions: what it is refused with, if it is."""
        answer = self.chain.run(instruction, signed=signed, **values)
        said = _said(self.ledger.run, instruction, signed=signed, **values)
        if not isinstance(said, tuple):
            assert (type(answer), answer) == (type(said), said), (answer, said)
            assert self.chain.accounts() == self.accounts  # rule 8; the fee payer is not one of them
            assert said != "battery is paused" or instruction not in LEAVING  # rule 5
            return said
        keys, (event, fields) = self.scene.keys, said
        expected = getattr(energy_allocation, event)(
            **{name: keys.get(of, of) for name, of in fields.items()}
        )
        assert answer == expected, (answer, expected)
        signer = next((values[slot] for slot in SLOTS[instruction] if slot in SIGNERS), None)
        self._check(signer, values, created=CREATED.get(instruction, ()), event=expected)
        return None

    def transfer(self, owner: str, source: str, destination: str, amount: int) -> Error | None:
        """Tokens sent without the program: to a vault, a donation."""
        answer = self.chain.transfer(owner, source, destination, amount)
        said = _said(self.ledger.transfer, source, destination, amount)
        assert (type(answer), answer) == (type(said), said), (answer, said)
        if said is not None:
            assert self.chain.accounts() == self.accounts
            return said
        self._check(owner, {"source": source, "destination": destination})
        return None

    def freeze(self, tokens: str, *, frozen: bool) -> None:
        """Freeze or thaw a token account, as its mint's authority can."""
        held = self.ledger.tokens[tokens]
        self.chain.freeze(tokens, held.mint, frozen=frozen)
        held.frozen = frozen
        self._check(MINTER, {"source": tokens})

    def travel_to(self, moment: int) -> None:
        self.chain.now = self.ledger.now = moment

    def everyone_leaves(self, chain: Chain, *, first: int = 0) -> None:
        """Rule 6, in a copy on that chain: each member in turn, from the `first`, takes all that is theirs.

        Frozen accounts are thawed before: they are in the hands of the mint's authority, not of the program.
        """
        ledger = self.ledger.copy()
        chain.restore(self.accounts, ledger.now)
        for name, held in ledger.tokens.items():
            if held.frozen:
                chain.freeze(name, held.mint, frozen=False)
                held.frozen = False
        members = [name for name, share in ledger.members.items() if share.balance]
        for name in members[first:] + members[:first]:
            share = ledger.members[name]
            mint = ledger.batteries[share.battery].mint
            mine = {"owner": share.owner, "battery": share.battery, "member": name}
            to = {"vault": vault_of(share.battery), "destination": tokens_of(share.owner, mint)}
            steps = [("deallocate", mine | {"amount": share.allocated})] if share.allocated else []
            for instruction, values in [*steps, ("withdraw_energy", mine | to | {"amount": share.balance})]:
                event, _ = ledger.run(instruction, **values)
                answer = chain.run(instruction, **values)
                assert type(answer).__name__ == event, (instruction, values, answer)
        assert _present(chain.accounts()) == self.scene.data(ledger)
        for name, pool in ledger.batteries.items():
            assert (pool.available, pool.allocated) == (0, 0)
            assert ledger.tokens[pool.vault].amount == self._standing.donated[name]

    # After each step that was accepted

    def _check(
        self,
        signer: str | None,
        values: dict[str, Any],
        *,
        created: tuple[str, ...] = (),
        event: Event | None = None,
    ) -> None:
        before, self.accounts = self.accounts, self.chain.accounts()
        assert _present(self.accounts) == self.scene.data(self.ledger)
        changed = [name for name, account in self.accounts.items() if account != before[name]]

        # Rule 8; what is sent to another battery's vault is a donation.
        others = [
            name for name in changed if self.scene.battery_of.get(name) not in (None, values.get("battery"))
        ]
        assert event is None or set(others) <= {values.get("destination")}
        if created:
            paid = sum(self.accounts[name].lamports - before[name].lamports for name in changed)
            assert paid == 0
        else:
            for name in changed:
                now, was = self.accounts[name], before[name]
                assert (now.lamports, now.owner) == (was.lamports, was.owner)

        self.ledger.check()  # rules 1, 2, 3 and 9
        was, self._standing = self._standing, _Standing(self.ledger)
        self._standing.check(was, signer, values.get("destination"), event)
        if event is not None:
            self._check_history(values["battery"], event, changed)

    def _check_history(self, name: str, event: Event, changed: list[str]) -> None:
        """The events alone make the chain's accounts, and one event less is seen."""
        if isinstance(event, energy_allocation.BatteryInitialized):
            self.histories[name] = History(event)
        elif name in self.histories:
            history = self.histories[name]
            if name in self._gapped:
                _assert_gap(self._gapped[name], event)
            self._gapped[name] = before = _copied(history)
            history.apply(event)
            data = {self.scene.keys[account]: self.accounts[account].data for account in changed}
            assert history.battery == Battery.from_bytes(data[history.address])
            members = [self.scene.keys[account] for account in changed if account in self.ledger.members]
            assert history.members == before.members | {key: Member.from_bytes(data[key]) for key in members}


class _Standing:
    """What one state says of everyone, to be compared with the next."""

    def __init__(self, ledger: Ledger) -> None:
        pools, shares = ledger.batteries, ledger.members
        self.supply = {name: mint.supply for name, mint in ledger.mints.items()}
        self.donated = {name: ledger.tokens[pool.vault].amount - pool.stored for name, pool in pools.items()}
        self.authorities = {name: pool.authority for name, pool in pools.items()}
        self.pending = {name: pool.pending_authority for name, pool in pools.items()}
        self.policies: dict[str, Any] = {
            name: (
                *(pool.capacity, pool.allocation_limit, pool.allocation_lifetime, pool.efficiency_bps),
                *(pool.paused, pool.pending_authority),
            )
            for name, pool in pools.items()
        }
        self.limits = {name: (share.battery, share.allocation_limit) for name, share in shares.items()}
        self.balances = {name: (share.owner, share.balance) for name, share in shares.items()}
        # Of each owner in each mint: their tokens, and their balances. A vault's tokens are its members'.
        self.wealth = Counter[tuple[str, str]]()
        for held in ledger.tokens.values():
            if held.owner not in pools:
                self.wealth[held.owner, held.mint] += held.amount
        for share in shares.values():
            self.wealth[share.owner, pools[share.battery].mint] += share.balance

    def check(self, was: _Standing, signer: str | None, destination: str | None, event: Event | None) -> None:
        """Raise AssertionError if one of the rules 1, 4 and 7 does not hold between two states."""
        # Rule 1: more than is stored by donations only.
        for name, donated in self.donated.items():
            before = was.donated.get(name, 0)
            assert donated == before or (donated > before and destination == vault_of(name)), name
        # Rule 4
        for name, (owner, balance) in was.balances.items():
            assert self.balances[name][1] >= balance or owner == signer, name
        for name, policy in was.policies.items():
            assert self.policies[name] == policy or was.authorities[name] == signer, name
        for name, limit in was.limits.items():
            assert self.limits[name] == limit or was.authorities[limit[0]] == signer, name
        for name, authority in was.authorities.items():
            taken = was.pending[name] == self.authorities[name] == signer
            assert self.authorities[name] == authority or taken, name
        # Rule 7: who signs gains nothing, nobody else loses, and what goes to others or is burned, they give.
        gains = Counter[str]()
        for (owner, mint), wealth in was.wealth.items():
            gain = self.wealth[owner, mint] - wealth
            assert gain <= 0 if owner == signer else gain >= 0, (owner, mint)
            gains[mint] += gain
        burned = {mint: supply - self.supply[mint] for mint, supply in was.supply.items()}
        assert sum(burned.values()) == _burned(event)
        assert all(gains[mint] <= -burned[mint] <= 0 for mint in burned)


class ProgramLockstep(Generic[_Ledger]):
    """The same for a program all of whose rules its shadow ledger's `check` looks at."""

    def __init__(
        self,
        chain: ProgramChain[Any],
        ledger: _Ledger,
        accounts: Accounts,
        records: ModuleType,
        data: Callable[[_Ledger], dict[str, bytes]],
    ) -> None:
        """`records` has the program's events, `data` gives every byte of what the ledger speaks of."""
        self.chain, self.ledger, self.accounts = chain, ledger, accounts
        self._records, self._data = records, data
        self._histories: dict[Pubkey, Any] = {}
        chain.restore(accounts, ledger.now)

    def copy(self, chain: ProgramChain[Any]) -> Self:
        """The same, on that chain."""
        other = type(self)(chain, self.ledger.copy(), self.accounts, self._records, self._data)
        other._histories = {address: _copied(history) for address, history in self._histories.items()}
        return other

    def run(self, instruction: str, **values: Any) -> Error | None:
        """One of the program's instructions: what it is refused with, if it is."""
        answer = self.chain.run(instruction, **values)
        said = _said(self.ledger.run, instruction, **values)
        if said is not None and not isinstance(said, tuple):
            return self._refused(answer, said)
        expected = said and self._event(*said)
        assert answer == expected, (answer, expected)
        before = self.accounts
        self._agree()
        self._check_history(answer, before)
        return None

    def transfer(self, owner: str, source: str, destination: str, amount: int) -> Error | None:
        """Tokens sent without the program: to a vault, a donation."""
        answer = self.chain.transfer(owner, source, destination, amount)
        said = _said(self.ledger.transfer, source, destination, amount)
        if said is not None:
            return self._refused(answer, said)
        assert answer is None, answer
        self._agree()
        return None

    def freeze(self, tokens: str, *, frozen: bool) -> None:
        """Freeze or thaw a token account, as its mint's authority can."""
        held = self.ledger.tokens[tokens]
        self.chain.freeze(tokens, held.mint, frozen=frozen)
        held.frozen = frozen
        self._agree()

    def travel_to(self, moment: int) -> None:
        self.chain.now = self.ledger.now = moment

    def _event(self, name: str, told: dict[str, Any]) -> object:
        keys = self.chain.keys
        return getattr(self._records, name)(
            **{field: keys[of] if isinstance(of, str) else of for field, of in told.items()}
        )

    def _check_history(self, event: Any, before: Accounts) -> None:
        """The events alone make the chain's accounts, but for those of which no event tells."""
        changed = {}
        for name, account in self.accounts.items():
            if account != before[name]:
                record = programs.decoded(account)
                if record is not None and not isinstance(record, _UNTOLD):
                    changed[self.chain.keys[name]] = record
        if event is None:
            assert changed == {}
            return
        ledger = ledger_of(event)
        if ledger in self._histories:
            was = dict(self._histories[ledger].accounts)
            self._histories[ledger].apply(event, self.chain.now)
        else:
            was = {}
            self._histories[ledger] = programs.of_record(event).history.History.of([event])
        assert self._histories[ledger].accounts == was | changed

    def _refused(self, answer: object, said: Error) -> Error:
        assert (type(answer), answer) == (type(said), said), (answer, said)
        assert self.chain.accounts() == self.accounts  # what is refused changes nothing
        return said

    def _agree(self) -> None:
        before, self.accounts = self.accounts, self.chain.accounts()
        assert _present(self.accounts) == self._data(self.ledger)  # nothing else has changed
        assert _lamports(self.accounts) == _lamports(before)
        self.ledger.check()


def _said(step: Callable[..., _T], *args: Any, **values: Any) -> _T | Error:
    """What the ledger says to a step."""
    try:
        return step(*args, **values)
    except Refusal as refusal:
        return refusal.error


def _present(accounts: Accounts) -> dict[str, bytes]:
    return {name: account.data for name, account in accounts.items() if account.lamports}


def _lamports(accounts: Accounts) -> int:
    return sum(account.lamports for account in accounts.values())


def _burned(event: Event | None) -> int:
    if isinstance(event, EnergyDeposited):
        return event.amount - event.credit
    return event.amount if isinstance(event, EnergyConsumed) else 0


def _copied(history: Any) -> Any:
    """A history to go on with apart: its records are never changed, its dictionaries are."""
    other = copy(history)
    vars(other).update({name: dict(each) for name, each in vars(history).items() if isinstance(each, dict)})
    return other


def _assert_gap(history: History, event: Event) -> None:
    try:
        history.apply(event)
    except BrokenHistoryError:
        return
    raise AssertionError(f"the event before {event} is missing, and that was not seen")
