"""The virtual_power_plant program as Python sees it: addresses, accounts, events and instructions.

Everything here is pure, and follows the IDL that is built with the program.

Energy is base units of a mint with 3 decimals, Wh. Payments are base units of any mint. Prices are payment
base units for 1,000 Wh. Times are Unix seconds, ratios basis points.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from based58 import b58encode
from solana.rpc.types import MemcmpOpts
from solders.instruction import Instruction
from solders.pubkey import Pubkey

from amalgam.chain.layout import EventReader, ProgramLayout, RecordLayout, checked

PROGRAM_ID = Pubkey.from_string("EdMJrMqCN2onj6y8r5fq1NtCPy3S4X2oNYcrbo79mci1")
BPS = 10_000
UNITS_PER_PRICE = 1_000  # Wh that a price is for
MAX_TARGET = 1_000_000_000_000  # Wh
MAX_AHEAD = 31_536_000  # s from the announcement to the end

_LAYOUT = ProgramLayout("virtual_power_plant", PROGRAM_ID)


# Addresses


def plant_address(creator: Pubkey, energy_mint: Pubkey, payment_mint: Pubkey) -> Pubkey:
    """The plant that `creator` initializes of both mints; a later change of authority does not move it."""
    return _LAYOUT.address(b"plant", bytes(creator), bytes(energy_mint), bytes(payment_mint))


def energy_vault_address(plant: Pubkey) -> Pubkey:
    """Where what is delivered lies until its dispatch is settled."""
    return _LAYOUT.address(b"energy_vault", bytes(plant))


def payment_vault_address(plant: Pubkey) -> Pubkey:
    """Where rewards and bonds lie."""
    return _LAYOUT.address(b"payment_vault", bytes(plant))


def dispatch_address(plant: Pubkey, number: int) -> Pubkey:
    """One of a plant's dispatches. Raises ValueError if the number is none of 0 to 255."""
    return _LAYOUT.address(b"dispatch", bytes(plant), bytes([checked("number", "u8", number)]))


def commitment_address(plant: Pubkey, owner: Pubkey, number: int) -> Pubkey:
    """One of an owner's commitments. Raises ValueError if the number is none of 0 to 255."""
    return _LAYOUT.address(
        b"commitment", bytes(plant), bytes(owner), bytes([checked("number", "u8", number)])
    )


# Accounts


@dataclass(frozen=True, slots=True)
class Plant:
    """A virtual power plant: its authority, and its vaults' holdings for those to whom they are due."""

    creator: Pubkey
    authority: Pubkey
    pending_authority: Pubkey  # the authority itself if nobody is proposed
    energy_mint: Pubkey
    payment_mint: Pubkey
    energy_vault: Pubkey
    payment_vault: Pubkey  # the System program's address until it is opened
    energy_held: int  # delivered to dispatches that are not settled
    payment_held: int  # that dispatches and commitments will be paid
    sequence: int  # events so far; each event carries it
    paused: bool
    bump: int

    @classmethod
    def from_bytes(cls, data: bytes) -> "Plant":
        """Decode an account's data. Raises ValueError if it is not a Plant's."""
        return _PLANT.decode(data)


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The terms of the latest one announced with this account, and what came of it so far."""

    plant: Pubkey
    announcement: int  # sequence of the event that announced it; a commitment names it
    starts_at: int
    ends_at: int
    target: int
    price: int
    bond_price: int
    reward: int  # in escrow, for the whole target
    committed: int
    commitment_count: int
    settled_count: int
    credited: int  # delivered, of what was committed
    surplus: int  # delivered beyond
    surplus_settled: int  # of that, so far
    bonds: int  # paid in
    rewards_due: int  # for what is credited
    bonds_due: int  # that come back for it
    tolerance_bps: int  # that may be delivered beyond a commitment
    number: int
    active: bool  # until the operator's part is settled, or it is cancelled
    cancelled: bool

    @classmethod
    def from_bytes(cls, data: bytes) -> "Dispatch":
        """Decode an account's data. Raises ValueError if it is not a Dispatch's."""
        return _DISPATCH.decode(data)

    @staticmethod
    def filters(plant: Pubkey) -> list[MemcmpOpts]:
        """The filters with which getProgramAccounts finds a plant's dispatches."""
        return _filters(_DISPATCH, plant=plant)

    @property
    def address(self) -> Pubkey:
        """Where it is."""
        return dispatch_address(self.plant, self.number)

    @property
    def is_free(self) -> bool:
        """Whether another can be announced with its account: everything is settled."""
        return not self.active and self.settled_count == self.commitment_count

    @property
    def pool(self) -> int:
        """Payment to surplus as things stand: the price, and the forfeited bonds, of what it replaces."""
        shortfall = self.committed - self.credited
        replaced = min(shortfall, self.surplus)
        if not replaced:
            return 0
        forfeited = self.bonds - self.bonds_due
        return forfeited * replaced // shortfall + replaced * self.price // UNITS_PER_PRICE

    @property
    def remainder(self) -> int:
        """Of the reward and the bonds what is the operator's as things stand."""
        return self.reward - self.rewards_due + self.bonds - self.bonds_due - self.pool

    @property
    def unpaid_pool(self) -> int:
        """Of the pool what is not yet paid, with the commitments that have earned it."""
        return self.pool - (self.pool * self.surplus_settled // self.surplus if self.surplus else 0)

    def share(self, surplus: int) -> int:
        """Payment from the pool to a commitment's surplus if it is settled next."""
        if not surplus:
            return 0
        begin = self.pool * self.surplus_settled // self.surplus
        return self.pool * (self.surplus_settled + surplus) // self.surplus - begin

    def bond(self, amount: int) -> int:
        """The bond of a commitment to an amount."""
        return -(-amount * self.bond_price // UNITS_PER_PRICE)


@dataclass(frozen=True, slots=True)
class Commitment:
    """An owner's part in a dispatch."""

    plant: Pubkey
    owner: Pubkey
    dispatch: Pubkey
    amount: int
    delivered: int
    bond: int
    number: int
    active: bool  # until it is settled

    @property
    def address(self) -> Pubkey:
        """Where it is."""
        return commitment_address(self.plant, self.owner, self.number)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Commitment":
        """Decode an account's data. Raises ValueError if it is not a Commitment's."""
        return _COMMITMENT.decode(data)

    @staticmethod
    def filters(plant: Pubkey, **of: Pubkey) -> list[MemcmpOpts]:
        """The filters with which getProgramAccounts finds a plant's commitments.

        Those of one `owner`, or to one `dispatch`, if it is given.
        """
        return _filters(_COMMITMENT, plant=plant, **of)

    def room(self, tolerance_bps: int) -> int:
        """The most that can still be delivered for it, with its dispatch's tolerance."""
        return self.amount + self.amount * tolerance_bps // BPS - self.delivered

    def due(self, dispatch: Dispatch) -> int:
        """Its reward and what comes back of its bond as things stand, without a share of the pool."""
        if dispatch.cancelled:
            return self.bond
        credited = min(self.delivered, self.amount)
        return credited * dispatch.price // UNITS_PER_PRICE + self.bond * credited // self.amount


def _filters(layout: RecordLayout[Dispatch] | RecordLayout[Commitment], **of: Pubkey) -> list[MemcmpOpts]:
    return [
        MemcmpOpts(0, b58encode(layout.discriminator).decode()),
        *(MemcmpOpts(layout.offsets[name], str(address)) for name, address in of.items()),
    ]


# Events: the totals are those after the operation


@dataclass(frozen=True, slots=True)
class PlantInitialized:
    """A plant was created, and its energy vault."""

    plant: Pubkey
    authority: Pubkey
    energy_mint: Pubkey
    payment_mint: Pubkey
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class PaymentVaultOpened:
    """A new plant has its payment vault, and is complete."""

    plant: Pubkey
    payment_vault: Pubkey
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class PlantPaused:
    """No announcements and commitments from here on."""

    plant: Pubkey
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class PlantResumed:
    """Announcements and commitments again."""

    plant: Pubkey
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class AuthorityProposed:
    """`proposed` may accept the authority; if it is the authority itself, nobody may any more."""

    plant: Pubkey
    proposed: Pubkey  # the authority itself if a proposal was cancelled
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class AuthorityAccepted:
    """The plant has this authority from here on."""

    plant: Pubkey
    authority: Pubkey
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class DispatchOpened:
    """An account for dispatches, one after the other."""

    plant: Pubkey
    dispatch: Pubkey
    number: int
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class DispatchAnnounced:
    """A dispatch can be committed to on these terms; its sequence is the dispatch's announcement."""

    plant: Pubkey
    dispatch: Pubkey
    starts_at: int  # Unix s
    ends_at: int  # Unix s
    target: int
    price: int
    bond_price: int
    tolerance_bps: int
    reward: int  # in escrow
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class DispatchCancelled:
    """A dispatch was called off before its start, and its reward returned."""

    plant: Pubkey
    dispatch: Pubkey
    reward: int  # returned
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class CommitmentOpened:
    """An account for an owner's commitments, one after the other."""

    plant: Pubkey
    commitment: Pubkey
    owner: Pubkey
    number: int
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class EnergyCommitted:
    """An owner has committed to an amount, and paid the bond."""

    plant: Pubkey
    dispatch: Pubkey
    commitment: Pubkey
    amount: int
    bond: int
    committed: int  # to the dispatch, by all
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class EnergyDelivered:
    """An owner has delivered an amount."""

    plant: Pubkey
    dispatch: Pubkey
    commitment: Pubkey
    amount: int
    delivered: int  # for the commitment, so far
    credited: int  # to the dispatch, by all
    surplus: int
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class CommitmentSettled:
    """The owner has got all of this."""

    plant: Pubkey
    dispatch: Pubkey
    commitment: Pubkey
    reward: int
    bond: int  # returned
    share: int  # of the pool, for surplus
    energy_held: int
    payment_held: int
    sequence: int


@dataclass(frozen=True, slots=True)
class DispatchSettled:
    """The authority has got the energy, and what remains of reward and bonds."""

    plant: Pubkey
    dispatch: Pubkey
    energy: int  # sent to the authority
    payment: int  # sent to the authority
    pool: int  # for surplus, paid with the commitments
    energy_held: int
    payment_held: int
    sequence: int


Event = (
    PlantInitialized
    | PaymentVaultOpened
    | PlantPaused
    | PlantResumed
    | AuthorityProposed
    | AuthorityAccepted
    | DispatchOpened
    | DispatchAnnounced
    | DispatchCancelled
    | CommitmentOpened
    | EnergyCommitted
    | EnergyDelivered
    | CommitmentSettled
    | DispatchSettled
)


ACCOUNTS = (Plant, Dispatch, Commitment)


def events(logs: Iterable[str]) -> list[Event]:
    """The program's events in a transaction's logs, as `EventReader.read` finds them."""
    return EVENTS.read(logs)


# Instructions


def initialize(*, authority: Pubkey, energy_mint: Pubkey, payment_mint: Pubkey) -> Instruction:
    """Create a plant and its energy vault, at the authority's expense; `open_payment_vault` completes it."""
    plant = plant_address(authority, energy_mint, payment_mint)
    return _LAYOUT.build(
        "initialize",
        authority=authority,
        energy_mint=energy_mint,
        payment_mint=payment_mint,
        plant=plant,
        energy_vault=energy_vault_address(plant),
    )


def open_payment_vault(*, payer: Pubkey, plant: Pubkey, payment_mint: Pubkey) -> Instruction:
    """Complete a new plant, at the payer's expense."""
    return _LAYOUT.build(
        "open_payment_vault",
        payer=payer,
        plant=plant,
        payment_mint=payment_mint,
        payment_vault=payment_vault_address(plant),
    )


def create(
    *, payer: Pubkey, authority: Pubkey, energy_mint: Pubkey, payment_mint: Pubkey
) -> list[Instruction]:
    """Create a whole plant, in one transaction: `initialize` and `open_payment_vault`."""
    plant = plant_address(authority, energy_mint, payment_mint)
    return [
        initialize(authority=authority, energy_mint=energy_mint, payment_mint=payment_mint),
        open_payment_vault(payer=payer, plant=plant, payment_mint=payment_mint),
    ]


def pause(*, authority: Pubkey, plant: Pubkey) -> Instruction:
    """Stop announcements and commitments; deliveries, cancellation and settlement go on."""
    return _LAYOUT.build("pause", authority=authority, plant=plant)


def resume(*, authority: Pubkey, plant: Pubkey) -> Instruction:
    """Take announcements and commitments again."""
    return _LAYOUT.build("resume", authority=authority, plant=plant)


def propose_authority(*, authority: Pubkey, plant: Pubkey, proposed: Pubkey) -> Instruction:
    """Offer the authority to `proposed`, who has to accept it. Proposing oneself cancels."""
    return _LAYOUT.build("propose_authority", authority=authority, plant=plant, proposed=proposed)


def accept_authority(*, authority: Pubkey, plant: Pubkey) -> Instruction:
    """Become the authority, as the key that was proposed, and get what its dispatches return."""
    return _LAYOUT.build("accept_authority", authority=authority, plant=plant)


def open_dispatch(*, payer: Pubkey, plant: Pubkey, number: int) -> Instruction:
    """Open an account for the plant's dispatches, one after the other, at the payer's expense."""
    return _LAYOUT.build(
        "open_dispatch",
        payer=payer,
        plant=plant,
        dispatch=dispatch_address(plant, number),
        number=number,
    )


def announce(
    *,
    authority: Pubkey,
    plant: Pubkey,
    dispatch: Pubkey,
    source: Pubkey,
    starts_at: int,
    ends_at: int,
    target: int,
    price: int,
    bond_price: int,
    tolerance_bps: int,
) -> Instruction:
    """Announce a dispatch, and pay its whole reward in.

    Args:
        authority: The plant's; signs.
        plant: Whose dispatch it is.
        dispatch: An account of the plant's of which everything is settled.
        source: A token account of the authority's, of the payment mint.
        starts_at: Unix seconds, in the future.
        ends_at: Unix seconds, after the start and within a year.
        target: Wh, at most 1,000,000,000,000.
        price: Base units of payment for 1,000 Wh.
        bond_price: Base units of payment for 1,000 Wh committed.
        tolerance_bps: What may be delivered beyond a commitment, at most 10,000 basis points of it.
    """
    return _LAYOUT.build(
        "announce",
        authority=authority,
        plant=plant,
        dispatch=dispatch,
        payment_vault=payment_vault_address(plant),
        source=source,
        starts_at=starts_at,
        ends_at=ends_at,
        target=target,
        price=price,
        bond_price=bond_price,
        tolerance_bps=tolerance_bps,
    )


def cancel_dispatch(
    *, authority: Pubkey, plant: Pubkey, dispatch: Pubkey, destination: Pubkey
) -> Instruction:
    """Call off a dispatch before it starts; the reward goes to any token account of the payment mint."""
    return _LAYOUT.build(
        "cancel_dispatch",
        authority=authority,
        plant=plant,
        dispatch=dispatch,
        payment_vault=payment_vault_address(plant),
        destination=destination,
    )


def open_commitment(*, payer: Pubkey, plant: Pubkey, owner: Pubkey, number: int) -> Instruction:
    """Open an account for an owner's commitments, one after the other, at the payer's expense."""
    return _LAYOUT.build(
        "open_commitment",
        payer=payer,
        plant=plant,
        commitment=commitment_address(plant, owner, number),
        owner=owner,
        number=number,
    )


def return_rent(*, owner: Pubkey, commitment: Pubkey, amount: int) -> Instruction:
    """Give the owner `amount` lamports of a commitment account of theirs, which has to keep today's rent."""
    return _LAYOUT.build("return_rent", owner=owner, commitment=commitment, amount=amount)


def commit(
    *,
    owner: Pubkey,
    plant: Pubkey,
    dispatch: Pubkey,
    commitment: Pubkey,
    source: Pubkey,
    amount: int,
    announcement: int,
) -> Instruction:
    """Commit to a part of a dispatch before it starts, and pay the bond.

    Args:
        owner: Signs.
        plant: Whose dispatch it is.
        dispatch: What to commit to.
        commitment: An account of the owner's that is free.
        source: A token account of the owner's, of the payment mint.
        amount: Wh.
        announcement: The dispatch's, so that no terms count but those that the owner knows.
    """
    return _LAYOUT.build(
        "commit",
        owner=owner,
        plant=plant,
        dispatch=dispatch,
        commitment=commitment,
        payment_vault=payment_vault_address(plant),
        source=source,
        amount=amount,
        announcement=announcement,
    )


def deliver(
    *, owner: Pubkey, plant: Pubkey, dispatch: Pubkey, commitment: Pubkey, source: Pubkey, amount: int
) -> Instruction:
    """Deliver Wh for a commitment within the window, from a token account of the owner's."""
    return _LAYOUT.build(
        "deliver",
        owner=owner,
        plant=plant,
        dispatch=dispatch,
        commitment=commitment,
        energy_vault=energy_vault_address(plant),
        source=source,
        amount=amount,
    )


def settle_commitment(
    *, plant: Pubkey, dispatch: Pubkey, commitment: Pubkey, destination: Pubkey
) -> Instruction:
    """Send what a commitment has earned to a token account of its owner's. Anyone may do it."""
    return _LAYOUT.build(
        "settle_commitment",
        plant=plant,
        dispatch=dispatch,
        commitment=commitment,
        payment_vault=payment_vault_address(plant),
        destination=destination,
    )


def settle_dispatch(
    *, plant: Pubkey, dispatch: Pubkey, energy_destination: Pubkey, payment_destination: Pubkey
) -> Instruction:
    """Send energy and remainder of a dispatch to token accounts of the authority's. Anyone may do it."""
    return _LAYOUT.build(
        "settle_dispatch",
        plant=plant,
        dispatch=dispatch,
        energy_vault=energy_vault_address(plant),
        payment_vault=payment_vault_address(plant),
        energy_destination=energy_destination,
        payment_destination=payment_destination,
    )


_PLANT = _LAYOUT.account(Plant)
_DISPATCH = _LAYOUT.account(Dispatch)
_COMMITMENT = _LAYOUT.account(Commitment)
EVENTS: EventReader[Event] = _LAYOUT.events(get_args(Event))
