"""The shadow ledger of the virtual power plant: what the program promises, in plain Python, without a chain.

It is written from the rules, not from the program's code, and says of each operation what the chain must say:
the event and the state after it, or the refusal. Accounts go by names; a slot may hold any account of the
right type, also a wrong one or one that does not exist.

The program keeps running sums, since it cannot look at all commitments at once. Here each dispatch knows its
parts, and every sum is taken anew. Energy is Wh, payments base units, prices those for 1,000 Wh, times Unix
seconds.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, NamedTuple

from tests.shadow.battery import BPS, DECIMALS, SIGNERS, Event, Mint, Tokens, check_transfer, look_at, refuse
from tests.support.stage import U64_MAX
from tests.support.vpp import SLOTS

TERAWATT_HOUR = 10**12  # Wh
YEAR = 365 * 86_400  # s
OVERFLOW = "attempt to add with overflow"
TOO_LARGE = "called `Result::unwrap()` on an `Err` value: TryFromIntError(())"
CREATED = {
    "initialize": ("plant", "energy_vault"),
    "open_payment_vault": ("payment_vault",),
    "open_dispatch": ("dispatch",),
    "open_commitment": ("commitment",),
}


class Terms(NamedTuple):
    starts_at: int
    ends_at: int
    target: int
    price: int
    bond_price: int
    tolerance_bps: int


NO_TERMS = Terms(0, 0, 0, 0, 0, 0)  # before the first announcement


class Paid(NamedTuple):
    reward: int
    bond: int
    share: int


class Part(NamedTuple):
    """What a commitment is to one dispatch."""

    amount: int
    bond: int
    delivered: int = 0
    paid: Paid | None = None  # when it is settled; the chain keeps only whether

    @property
    def credited(self) -> int:
        return min(self.delivered, self.amount)

    @property
    def surplus(self) -> int:
        return self.delivered - self.credited

    @property
    def bond_due(self) -> int:
        return self.bond * self.credited // self.amount


@dataclass(slots=True)
class Plant:
    creator: str
    authority: str
    pending_authority: str
    energy_mint: str
    payment_mint: str
    energy_vault: str
    payment_vault: str | None = None
    energy_held: int = 0
    payment_held: int = 0
    sequence: int = 1
    paused: bool = False


@dataclass(slots=True)
class Dispatch:
    plant: str
    number: int
    announcement: int = 0
    terms: Terms = NO_TERMS
    parts: dict[str, Part] = field(default_factory=dict)  # by the commitment
    active: bool = False
    cancelled: bool = False
    taken: int = 0  # by the operator, from what was paid in; not on the chain

    @property
    def reward(self) -> int:
        return _rounded_up(self.terms.target * self.terms.price)

    @property
    def committed(self) -> int:
        return sum(part.amount for part in self.parts.values())

    @property
    def bonds(self) -> int:
        return sum(part.bond for part in self.parts.values())

    @property
    def credited(self) -> int:
        return sum(part.credited for part in self.parts.values())

    @property
    def surplus(self) -> int:
        return sum(part.surplus for part in self.parts.values())

    @property
    def rewards_due(self) -> int:
        return sum(self.reward_of(part) for part in self.parts.values())

    @property
    def bonds_due(self) -> int:
        return sum(part.bond_due for part in self.parts.values())

    @property
    def settled(self) -> list[Part]:
        return [part for part in self.parts.values() if part.paid]

    @property
    def unsettled(self) -> list[Part]:
        return [part for part in self.parts.values() if not part.paid]

    @property
    def surplus_settled(self) -> int:
        return sum(part.surplus for part in self.settled)

    @property
    def shortfall(self) -> int:
        return self.committed - self.credited

    @property
    def replaced(self) -> int:
        return min(self.shortfall, self.surplus)

    @property
    def pool(self) -> int:
        """What surplus earns: the price, and the bonds forfeited, of what it replaces."""
        replaced = self.replaced
        if not replaced:
            return 0
        forfeited = self.bonds - self.bonds_due
        return replaced * self.terms.price // 1_000 + forfeited * replaced // self.shortfall

    @property
    def remainder(self) -> int:
        """What is nobody's, and so the operator's."""
        return self.reward + self.bonds - self.rewards_due - self.bonds_due - self.pool

    @property
    def owed(self) -> int:
        """To everyone who is not settled."""
        due = sum(self.due(part) for part in self.unsettled)
        if self.cancelled:
            return due
        due += self.pool - sum(part.paid.share for part in self.settled)
        return due + self.remainder if self.active else due

    def reward_of(self, part: Part) -> int:
        return part.credited * self.terms.price // 1_000

    def due(self, part: Part) -> int:
        """What a part has earned by itself, without a share of the pool."""
        return part.bond if self.cancelled else self.reward_of(part) + part.bond_due

    def settlement(self, part: Part) -> Paid:
        """Shares of the pool begin where the one before ended, so that they add up to it."""
        if self.cancelled:
            return Paid(0, part.bond, 0)
        share = 0
        if part.surplus:
            pool, surplus, before = self.pool, self.surplus, self.surplus_settled
            share = pool * (before + part.surplus) // surplus - pool * before // surplus
        return Paid(self.reward_of(part), part.bond_due, share)

    def check(self) -> None:
        """Raise AssertionError if one of the rules 4, 5 and 6 does not hold."""
        taken = self.taken + sum(sum(part.paid) for part in self.settled)
        paid_in = self.reward + self.bonds
        assert taken + self.owed == paid_in, (taken, self.owed, paid_in)
        assert self.committed <= self.terms.target
        assert self.remainder >= 0
        paid_for = self.credited + self.replaced
        assert paid_for <= min(self.terms.target, self.credited + self.surplus)
        for part in self.parts.values():
            assert part.delivered <= part.amount * (1 + Fraction(self.terms.tolerance_bps, BPS))
        if self.cancelled:
            assert all(part.paid == (0, part.bond, 0) for part in self.settled)
            return
        for part in self.settled:
            reward, bond, share = part.paid
            assert _is_floor(reward, Fraction(part.credited * self.terms.price, 1_000))
            assert _is_floor(bond, Fraction(part.bond * part.credited, part.amount))
            fair = Fraction(self.pool * part.surplus, self.surplus) if self.surplus else 0
            assert abs(share - fair) < 1
        if not self.unsettled:
            assert sum(part.paid.share for part in self.settled) == self.pool


@dataclass(slots=True)
class Commitment:
    plant: str
    owner: str
    number: int
    dispatch: str | None = None
    part: Part | None = None  # the latest one

    @property
    def active(self) -> bool:
        return self.part is not None and self.part.paid is None


@dataclass(slots=True)
class Ledger:
    """Every account by its name, and the time."""

    now: int
    plants: dict[str, Plant] = field(default_factory=dict)
    dispatches: dict[str, Dispatch] = field(default_factory=dict)
    commitments: dict[str, Commitment] = field(default_factory=dict)
    tokens: dict[str, Tokens] = field(default_factory=dict)
    mints: dict[str, Mint] = field(default_factory=dict)
    donated: Counter[str] = field(default_factory=Counter)  # to vaults; not on the chain

    def copy(self) -> Ledger:
        accounts = (self.plants, self.dispatches, self.commitments, self.tokens, self.mints)
        copies = ({name: replace(each) for name, each in found.items()} for found in accounts)
        other = Ledger(self.now, *copies, self.donated.copy())
        for dispatch in other.dispatches.values():
            dispatch.parts = dict(dispatch.parts)
        return other

    def run(self, instruction: str, *, signed: bool = True, **values: Any) -> Event:
        """One of the program's instructions. Raises Refusal. Anchor looks at the accounts first, in order."""
        accounts = {
            "plant": self.plants,
            "dispatch": self.dispatches,
            "commitment": self.commitments,
            **dict.fromkeys(("energy_mint", "payment_mint"), self.mints),
            **dict.fromkeys(("energy_vault", "payment_vault", "source", "destination"), self.tokens),
            **dict.fromkeys(("energy_destination", "payment_destination"), self.tokens),
        }
        look_at(SLOTS[instruction], accounts, values, CREATED.get(instruction, ()), SIGNERS, signed=signed)
        return getattr(self, instruction)(**values)

    # The program's instructions on accounts that exist, signed by those that must

    def initialize(
        self, *, authority: str, energy_mint: str, payment_mint: str, plant: str, energy_vault: str
    ) -> Event:
        refuse(energy_mint == payment_mint, "payment mint is the energy mint")
        refuse(self.mints[energy_mint].decimals != DECIMALS, "energy mint must have 3 decimals")

        roles = (authority, authority, authority)
        self.plants[plant] = Plant(*roles, energy_mint, payment_mint, energy_vault)
        self.tokens[energy_vault] = Tokens(energy_mint, plant)
        made = {"authority": authority, "energy_mint": energy_mint, "payment_mint": payment_mint}
        return self._told("PlantInitialized", plant, **made)

    def open_payment_vault(self, *, payer: str, plant: str, payment_mint: str, payment_vault: str) -> Event:  # noqa: ARG002
        refuse(payment_mint != self.plants[plant].payment_mint, "payment mint is not of this plant")

        self.plants[plant].payment_vault = payment_vault
        self.tokens[payment_vault] = Tokens(payment_mint, plant)
        return self._done("PaymentVaultOpened", plant, payment_vault=payment_vault)

    def pause(self, *, authority: str, plant: str) -> Event:
        self._check_authority(plant, authority)
        refuse(self.plants[plant].paused, "plant is paused")

        self.plants[plant].paused = True
        return self._done("PlantPaused", plant)

    def resume(self, *, authority: str, plant: str) -> Event:
        self._check_authority(plant, authority)
        refuse(not self.plants[plant].paused, "plant is not paused")

        self.plants[plant].paused = False
        return self._done("PlantResumed", plant)

    def propose_authority(self, *, authority: str, plant: str, proposed: str) -> Event:
        self._check_authority(plant, authority)

        self.plants[plant].pending_authority = proposed
        return self._done("AuthorityProposed", plant, proposed=proposed)

    def accept_authority(self, *, authority: str, plant: str) -> Event:
        known = self.plants[plant]
        refuse(known.pending_authority == known.authority, "no new authority is proposed")
        refuse(known.pending_authority != authority, "signer is not the proposed authority")

        known.authority = authority
        return self._done("AuthorityAccepted", plant, authority=authority)

    def open_dispatch(self, *, payer: str, plant: str, dispatch: str, number: int) -> Event:  # noqa: ARG002
        self.dispatches[dispatch] = Dispatch(plant, number)
        return self._done("DispatchOpened", plant, dispatch=dispatch, number=number)

    def announce(
        self,
        *,
        authority: str,
        plant: str,
        dispatch: str,
        payment_vault: str,
        source: str,
        **terms: int,
    ) -> Event:
        known, offered = self.dispatches[dispatch], Terms(**terms)
        refuse(source == payment_vault, "source is the payment vault")
        self._check_authority(plant, authority)
        refuse(self.plants[plant].paused, "plant is paused")
        self._check_dispatch(dispatch, plant)
        self._check_payment_vault(payment_vault, plant)
        self._check_source(source, self.plants[plant].payment_mint, authority)
        refuse(known.active, "dispatch is active already")
        refuse(bool(known.unsettled), "commitments are not all settled")
        _check_terms(offered, self.now)
        announced = replace(known, terms=offered, parts={}, active=True, cancelled=False, taken=0)
        refuse(announced.reward > U64_MAX, TOO_LARGE)
        self._check_held(plant, announced.reward)
        check_transfer(self.tokens, source, payment_vault, announced.reward)

        self.plants[plant].payment_held += announced.reward
        self._move(source, payment_vault, announced.reward)
        self.dispatches[dispatch] = announced
        event = self._done(
            "DispatchAnnounced", plant, dispatch=dispatch, **offered._asdict(), reward=announced.reward
        )
        announced.announcement = self.plants[plant].sequence
        return event

    def cancel_dispatch(
        self, *, authority: str, plant: str, dispatch: str, payment_vault: str, destination: str
    ) -> Event:
        known = self.dispatches[dispatch]
        refuse(destination == payment_vault, "destination is the payment vault")
        self._check_authority(plant, authority)
        self._check_dispatch(dispatch, plant)
        self._check_payment_vault(payment_vault, plant)
        self._check_destination(destination, self.plants[plant].payment_mint)
        refuse(not known.active, "dispatch is not active")
        refuse(self.now >= known.terms.starts_at, "dispatch has started")
        check_transfer(self.tokens, payment_vault, destination, known.reward)

        known.active, known.cancelled, known.taken = False, True, known.reward
        self.plants[plant].payment_held -= known.reward
        self._give(payment_vault, destination, known.reward)
        return self._done("DispatchCancelled", plant, dispatch=dispatch, reward=known.reward)

    def open_commitment(self, *, payer: str, plant: str, commitment: str, owner: str, number: int) -> Event:  # noqa: ARG002
        self.commitments[commitment] = Commitment(plant, owner, number)
        opened = {"commitment": commitment, "owner": owner, "number": number}
        return self._done("CommitmentOpened", plant, **opened)

    def commit(
        self,
        *,
        owner: str,
        plant: str,
        dispatch: str,
        commitment: str,
        payment_vault: str,
        source: str,
        amount: int,
        announcement: int,
    ) -> Event:
        known, own = self.dispatches[dispatch], self.commitments[commitment]
        refuse(source == payment_vault, "source is the payment vault")
        refuse(self.plants[plant].paused, "plant is paused")
        self._check_dispatch(dispatch, plant)
        self._check_owned_commitment(commitment, plant, owner)
        self._check_payment_vault(payment_vault, plant)
        self._check_source(source, self.plants[plant].payment_mint, owner)
        refuse(own.active, "commitment is active already")
        refuse(not known.active, "dispatch is not active")
        refuse(known.announcement != announcement, "dispatch was announced anew")
        refuse(self.now >= known.terms.starts_at, "dispatch has started")
        refuse(amount == 0, "amount must be positive")
        refuse(amount > known.terms.target - known.committed, "amount exceeds what is left of the target")
        bond = _rounded_up(amount * known.terms.bond_price)
        refuse(bond > U64_MAX, TOO_LARGE)
        self._check_held(plant, bond)  # and so what the dispatch holds of it
        check_transfer(self.tokens, source, payment_vault, bond)

        own.dispatch = dispatch
        self._set(commitment, Part(amount, bond))
        self.plants[plant].payment_held += bond
        self._move(source, payment_vault, bond)
        told = {"amount": amount, "bond": bond, "committed": known.committed}
        return self._done("EnergyCommitted", plant, dispatch=dispatch, commitment=commitment, **told)

    def deliver(
        self,
        *,
        owner: str,
        plant: str,
        dispatch: str,
        commitment: str,
        energy_vault: str,
        source: str,
        amount: int,
    ) -> Event:
        known = self.dispatches[dispatch]
        refuse(source == energy_vault, "source is the energy vault")
        self._check_dispatch(dispatch, plant)
        self._check_owned_commitment(commitment, plant, owner)
        part = self._check_commitment_to(commitment, dispatch)
        self._check_energy_vault(energy_vault, plant)
        self._check_source(source, self.plants[plant].energy_mint, owner)
        refuse(not known.active, "dispatch is not active")
        refuse(self.now < known.terms.starts_at, "dispatch has not started")
        refuse(self.now >= known.terms.ends_at, "dispatch has ended")
        refuse(amount == 0, "amount must be positive")
        most = part.amount * (1 + Fraction(known.terms.tolerance_bps, BPS))
        refuse(part.delivered + amount > most, "amount exceeds the commitment and its tolerance")
        check_transfer(self.tokens, source, energy_vault, amount)

        self._set(commitment, part._replace(delivered=part.delivered + amount))
        self.plants[plant].energy_held += amount
        self._move(source, energy_vault, amount)
        told = {"delivered": part.delivered + amount, "credited": known.credited, "surplus": known.surplus}
        told = {"dispatch": dispatch, "commitment": commitment, "amount": amount, **told}
        return self._done("EnergyDelivered", plant, **told)

    def settle_commitment(
        self, *, plant: str, dispatch: str, commitment: str, payment_vault: str, destination: str
    ) -> Event:
        known, own = self.dispatches[dispatch], self.commitments[commitment]
        refuse(destination == payment_vault, "destination is the payment vault")
        self._check_dispatch(dispatch, plant)
        part = self._check_commitment_to(commitment, dispatch)
        self._check_payment_vault(payment_vault, plant)
        self._check_destination(destination, self.plants[plant].payment_mint, own.owner)
        self._check_over(dispatch)
        paid = known.settlement(part)
        if sum(paid):
            check_transfer(self.tokens, payment_vault, destination, sum(paid))

        self._set(commitment, part._replace(paid=paid))
        self.plants[plant].payment_held -= sum(paid)
        self._give(payment_vault, destination, sum(paid))
        told = {"dispatch": dispatch, "commitment": commitment, **paid._asdict()}
        return self._done("CommitmentSettled", plant, **told)

    def settle_dispatch(
        self,
        *,
        plant: str,
        dispatch: str,
        energy_vault: str,
        payment_vault: str,
        energy_destination: str,
        payment_destination: str,
    ) -> Event:
        known, operated = self.dispatches[dispatch], self.plants[plant]
        refuse(energy_vault == payment_vault, "energy vault is the payment vault")
        refuse(energy_vault == energy_destination, "energy destination is the energy vault")
        refuse(energy_vault == payment_destination, "payment destination is the energy vault")
        refuse(payment_vault == energy_destination, "energy destination is the payment vault")
        refuse(payment_vault == payment_destination, "payment destination is the payment vault")
        refuse(energy_destination == payment_destination, "destinations are the same")
        self._check_dispatch(dispatch, plant)
        self._check_energy_vault(energy_vault, plant)
        self._check_payment_vault(payment_vault, plant)
        self._check_destination(energy_destination, operated.energy_mint, operated.authority)
        self._check_destination(payment_destination, operated.payment_mint, operated.authority)
        refuse(not known.active, "dispatch is not active")
        self._check_over(dispatch)
        energy, payment = known.credited + known.surplus, known.remainder
        for amount, *accounts in (
            (energy, energy_vault, energy_destination),
            (payment, payment_vault, payment_destination),
        ):
            if amount:
                check_transfer(self.tokens, *accounts, amount)

        known.active, known.taken = False, payment
        operated.energy_held -= energy
        operated.payment_held -= payment
        self._give(energy_vault, energy_destination, energy)
        self._give(payment_vault, payment_destination, payment)
        told = {"energy": energy, "payment": payment, "pool": known.pool}
        return self._done("DispatchSettled", plant, dispatch=dispatch, **told)

    # What happens without the program

    def transfer(self, source: str, destination: str, amount: int) -> None:
        check_transfer(self.tokens, source, destination, amount)
        self._give(source, destination, amount)

    # The rules

    def check(self) -> None:
        """Raise AssertionError if a supply, or one of the rules 1 to 6, does not hold."""
        for name, mint in self.mints.items():
            assert sum(held.amount for held in self.tokens.values() if held.mint == name) == mint.supply, name
        for name, plant in self.plants.items():
            dispatches = [each for each in self.dispatches.values() if each.plant == name]
            delivered = sum(each.credited + each.surplus for each in dispatches if each.active)
            assert plant.energy_held == delivered, name
            assert plant.payment_held == sum(each.owed for each in dispatches), name
            for vault, held in (
                (plant.energy_vault, plant.energy_held),
                (plant.payment_vault, plant.payment_held),
            ):
                assert vault is None or self.tokens[vault].amount == held + self.donated[vault], vault
        for each in self.dispatches.values():
            each.check()

    def check_step(self, before: Ledger, at: str, signer: str | None) -> None:
        """Raise AssertionError if a step at that plant breaks one of the rules 7, 8 and 9."""
        for name, held in before.tokens.items():
            if held.owner not in (signer, at):
                assert self.tokens[name].amount >= held.amount, name
        for name, was in before.commitments.items():
            own = self.commitments[name]
            assert own.plant == at or own == was, name
            if was.owner != signer:
                assert was.active or not own.active, name
                assert was.part is None or own.part.delivered == was.part.delivered, name
            if was.active and own.active:
                due_before = before.dispatches[was.dispatch].due(was.part)
                assert self.dispatches[own.dispatch].due(own.part) >= due_before, name
        for name, was in before.dispatches.items():
            dispatch = self.dispatches[name]
            assert dispatch.plant == at or dispatch == was, name
            if (dispatch.announcement, dispatch.cancelled) != (was.announcement, was.cancelled):
                assert before.plants[at].authority == signer, name
        for name, was in before.plants.items():
            plant = self.plants[name]
            assert name == at or plant == was, name
            if _chosen(plant) != _chosen(was):
                accepted = plant.authority == was.pending_authority == signer
                assert was.authority == signer or (_chosen(plant)[1:] == _chosen(was)[1:] and accepted), name

    # Guards

    def _check_authority(self, plant: str, authority: str) -> None:
        refuse(self.plants[plant].authority != authority, "signer is not the authority")

    def _check_dispatch(self, dispatch: str, plant: str) -> None:
        refuse(self.dispatches[dispatch].plant != plant, "dispatch belongs to another plant")

    def _check_over(self, dispatch: str) -> None:
        known = self.dispatches[dispatch]
        refuse(not known.cancelled and self.now < known.terms.ends_at, "dispatch has not ended")

    def _check_owned_commitment(self, commitment: str, plant: str, owner: str) -> None:
        own = self.commitments[commitment]
        refuse(own.plant != plant, "commitment belongs to another plant")
        refuse(own.owner != owner, "commitment belongs to another owner")

    def _check_commitment_to(self, commitment: str, dispatch: str) -> Part:
        own = self.commitments[commitment]
        refuse(not own.active, "commitment is not active")
        refuse(own.dispatch != dispatch, "commitment belongs to another dispatch")
        return own.part

    def _check_energy_vault(self, vault: str, plant: str) -> None:
        refuse(self.plants[plant].energy_vault != vault, "energy vault is not of this plant")

    def _check_payment_vault(self, vault: str, plant: str) -> None:
        refuse(self.plants[plant].payment_vault != vault, "payment vault is not of this plant")

    def _check_source(self, source: str, mint: str, owner: str) -> None:
        refuse(self.tokens[source].mint != mint, "source holds another mint")
        refuse(self.tokens[source].owner != owner, "source belongs to another owner")

    def _check_destination(self, destination: str, mint: str, owner: str | None = None) -> None:
        held = self.tokens[destination]
        refuse(held.mint != mint, "destination holds another mint")
        refuse(owner not in (None, held.owner), "destination belongs to another owner")

    def _check_held(self, plant: str, payment: int) -> None:
        refuse(self.plants[plant].payment_held + payment > U64_MAX, OVERFLOW)

    # Changes

    def _set(self, commitment: str, part: Part) -> None:
        own = self.commitments[commitment]
        own.part = self.dispatches[own.dispatch].parts[commitment] = part

    def _move(self, source: str, destination: str, amount: int) -> None:
        self.tokens[source].amount -= amount
        self.tokens[destination].amount += amount

    def _give(self, source: str, destination: str, amount: int) -> None:
        """Move tokens; what no plant has asked for is a donation to it."""
        self._move(source, destination, amount)
        if self.tokens[destination].owner in self.plants:
            self.donated[destination] += amount

    def _done(self, event: str, plant: str, **fields: Any) -> Event:
        self.plants[plant].sequence += 1
        return self._told(event, plant, **fields)

    def _told(self, event: str, plant: str, **fields: Any) -> Event:
        known = self.plants[plant]
        held = {"energy_held": known.energy_held, "payment_held": known.payment_held}
        return event, {"plant": plant, **fields, **held, "sequence": known.sequence}


def _check_terms(terms: Terms, now: int) -> None:
    refuse(terms.target == 0, "target must be positive")
    refuse(terms.target > TERAWATT_HOUR, "target exceeds a terawatt hour")
    refuse(terms.price == 0, "price must be positive")
    refuse(terms.bond_price == 0, "bond price must be positive")
    refuse(terms.tolerance_bps > BPS, "tolerance exceeds 10000 basis points")
    refuse(terms.starts_at <= now, "dispatch starts in the past")
    refuse(terms.ends_at <= terms.starts_at, "dispatch ends before it starts")
    refuse(terms.ends_at - now > YEAR, "dispatch ends more than a year ahead")


def _chosen(plant: Plant) -> tuple[Any, ...]:
    """What only the authority changes, but for the first."""
    return plant.authority, plant.pending_authority, plant.paused


def _rounded_up(product: int) -> int:
    return -(-product // 1_000)


def _is_floor(rounded: int, exact: Fraction) -> bool:
    return 0 <= exact - rounded < 1
