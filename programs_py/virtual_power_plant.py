"""virtual_power_plant: many batteries that act as one.

An operator announces a dispatch: so much energy, within a window, at a price that lies in escrow.
Participants commit to parts of it, each with a bond, and deliver energy tokens within the window.
After it each is settled, whenever and by whomever: none waits for another.

Accounts
    Plant           PDA 'plant', creator, energy mint, payment mint. Who operates it, its totals.
    energy vault    PDA 'energy_vault', plant. What was delivered.
    payment vault   PDA 'payment_vault', plant. Rewards and bonds.
    Dispatch        PDA 'dispatch', plant, number. Terms, and what came of them: one after the other.
    Commitment      PDA 'commitment', plant, owner, number. A part in a dispatch: one after the other.

Units
    Energy is base units of a mint with 3 decimals, 1 Wh. Payments are base units of any mint. Prices
    are payment base units for 1,000 Wh. Times are Unix seconds, ratios basis points (10,000 = 1).

Settlement
    The reward for the whole target is in escrow from the announcement, target * price / 1,000, and
    each bond from its commitment, amount * bond price / 1,000, both rounded up.
    What is delivered up to what was committed is credited, and earns the price. The same part of the
    bond comes back. Both are rounded down, each commitment by itself.
    What is delivered beyond that is surplus, within the dispatch's tolerance. As much of it as others
    have fallen short replaces what is missing, and earns what that would have: its price, and the
    bonds forfeited for it. All surplus shares this pool in proportion; sums that run from one
    settlement to the next make the shares add up to it exactly, in whichever order.
    The operator gets the energy, and all of the reward and the bonds that is nobody's by these rules.
    What that is, is known when the window ends: it does not wait until others are settled.

Trust
    Nobody is trusted with what a dispatch holds. The authority chooses the terms, and can cancel a
    dispatch before it starts. A commitment names the announcement that it is for, so that no other
    terms can be put in the place of those. Whoever accepts a plant's authority gets what comes back of
    the dispatches under way. A mint's own authorities are trusted by whoever takes part: one that
    can freeze payments can freeze the vault, and one that can freeze energy can keep it from being
    delivered, and the operator then gets the bonds. Commit where the operator is not that one.

What always holds
    1. The energy vault holds at least energy_held, the payment vault at least payment_held; more only by
       donations sent straight to them.
    2. energy_held is what was delivered to dispatches that are not settled.
    3. payment_held is what dispatches and commitments that are not settled will be paid, and nothing
       else: when all are, both are 0.
    4. Rewards, bonds returned, shares of pools and what the operator gets add up to the rewards
       and bonds that were paid in.
    5. A commitment that is delivered in full gets its whole bond back, and the price of all of it, less
       than a base unit; one to a cancelled dispatch gets its whole bond back.
    6. Each Wh that is paid for was delivered, and at most the target is paid for.
    7. Only the owner's signature commits and delivers; what is settled goes to its owner, and to nobody else.
    8. Nothing that one participant does, or leaves undone, delays another's settlement or the operator's,
       or makes what they have earned by their own commitment less.
    9. An operation in one plant changes no byte of another.

Rent
    A commitment account's lamports beyond the rent of its bytes, left over where a cluster asks for less
    than it did, are its owner's, whoever opened it: as with a token account, who opens one for somebody
    else gives its rent away. The account itself stays, and so does the rent.

How to stop it
    The authority's pause stops announcements and commitments. Nothing stops deliveries to dispatches that
    are under way, cancellation, and settlement.

Known attacks
    Who commits and does not deliver keeps others from committing. It costs them their bond: the bond
    price is what makes a commitment worth something.
    A commitment cannot be withdrawn: until its dispatch is settled or cancelled the bond stays, also if
    the plant is paused. Commit to what can be delivered.
    What is settled goes to any token account of the owner's that is named: who has left a delegate on
    an old one revokes it.
    Who falls short with one key and delivers too much with another gains a rounding at most: a Wh that
    replaces another earns what that one would have.
    Surplus beyond the shortfall earns nothing more and makes the shares smaller: who delivers it may
    give it away, and the operator, to whom it comes back, loses nothing by it. So the tolerance bounds
    it, nobody has to deliver more than they committed, and none should count on a share.
    Seahorse loads each account into a copy of its own: every pair of one type is asserted distinct, and
    every relation between accounts is asserted where it is used.
    No account is closed: a Dispatch and a Commitment are used again. A Dispatch is free once
    all of its commitments are settled, which anyone can do.
"""

from seahorse.prelude import *

declare_id("EdMJrMqCN2onj6y8r5fq1NtCPy3S4X2oNYcrbo79mci1")

BPS = 10_000
DECIMALS = 3
UNITS_PER_PRICE = 1_000  # Wh that a price is for
MAX_TARGET = 1_000_000_000_000  # Wh, 1 TWh: what a tolerance allows fits in 64 bits
MAX_AHEAD = 31_536_000  # s, a year


class Plant(Account):
    creator: Pubkey  # the authority at creation: part of the address, and so never changed
    authority: Pubkey  # the operator
    pending_authority: Pubkey  # proposed by the authority; itself if nobody is
    energy_mint: Pubkey
    payment_mint: Pubkey
    energy_vault: Pubkey
    payment_vault: Pubkey
    energy_held: u64  # base units, delivered to dispatches that are not settled
    payment_held: u64  # base units, that dispatches and commitments will be paid
    sequence: u64  # events so far; each event carries it
    paused: bool
    bump: u8


class Dispatch(Account):
    plant: Pubkey
    announcement: u64  # sequence of the event that announced it: tells its terms from earlier ones
    starts_at: i64
    ends_at: i64
    target: u64
    price: u64
    bond_price: u64
    reward: u64  # in escrow, for the whole target
    committed: u64
    commitment_count: u64
    settled_count: u64
    credited: u64  # delivered, of what was committed
    surplus: u64  # delivered beyond
    surplus_settled: u64  # of that, so far
    bonds: u64  # paid in
    rewards_due: u64  # for what is credited, each commitment rounded down
    bonds_due: u64  # that come back for it, each commitment rounded down
    tolerance_bps: u16  # that may be delivered beyond a commitment
    number: u8  # tells the plant's dispatches apart: part of the address
    active: bool  # until the operator's part is settled, or it is cancelled
    cancelled: bool


class Commitment(Account):
    plant: Pubkey
    owner: Pubkey
    dispatch: Pubkey
    amount: u64
    delivered: u64
    bond: u64
    number: u8  # tells the owner's commitments apart: part of the address
    active: bool  # until it is settled


@dataclass
class PlantInitialized(Event):
    plant: Pubkey
    authority: Pubkey
    energy_mint: Pubkey
    payment_mint: Pubkey
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class PaymentVaultOpened(Event):
    plant: Pubkey
    payment_vault: Pubkey
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class PlantPaused(Event):
    plant: Pubkey
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class PlantResumed(Event):
    plant: Pubkey
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class AuthorityProposed(Event):
    plant: Pubkey
    proposed: Pubkey  # the authority itself if a proposal was cancelled
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class AuthorityAccepted(Event):
    plant: Pubkey
    authority: Pubkey
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class DispatchOpened(Event):
    plant: Pubkey
    dispatch: Pubkey
    number: u8
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class DispatchAnnounced(Event):
    plant: Pubkey
    dispatch: Pubkey
    starts_at: i64
    ends_at: i64
    target: u64
    price: u64
    bond_price: u64
    tolerance_bps: u16
    reward: u64  # in escrow
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class DispatchCancelled(Event):
    plant: Pubkey
    dispatch: Pubkey
    reward: u64  # returned
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class CommitmentOpened(Event):
    plant: Pubkey
    commitment: Pubkey
    owner: Pubkey
    number: u8
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class EnergyCommitted(Event):
    plant: Pubkey
    dispatch: Pubkey
    commitment: Pubkey
    amount: u64
    bond: u64
    committed: u64  # to the dispatch, by all
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class EnergyDelivered(Event):
    plant: Pubkey
    dispatch: Pubkey
    commitment: Pubkey
    amount: u64
    delivered: u64  # for the commitment, so far
    credited: u64  # to the dispatch, by all
    surplus: u64
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class CommitmentSettled(Event):
    plant: Pubkey
    dispatch: Pubkey
    commitment: Pubkey
    reward: u64
    bond: u64  # returned
    share: u64  # of the pool, for surplus
    energy_held: u64
    payment_held: u64
    sequence: u64


@dataclass
class DispatchSettled(Event):
    plant: Pubkey
    dispatch: Pubkey
    energy: u64  # sent to the authority
    payment: u64  # sent to the authority
    pool: u64  # for surplus, paid with the commitments
    energy_held: u64
    payment_held: u64
    sequence: u64


# Guards


def assert_authority(plant: Plant, authority: Signer):
    assert plant.authority == authority.key(), "signer is not the authority"


def assert_not_paused(plant: Plant):
    assert not plant.paused, "plant is paused"


def assert_terms(target: u64, price: u64, bond_price: u64, tolerance_bps: u16):
    assert target > 0, "target must be positive"
    assert target <= MAX_TARGET, "target exceeds a terawatt hour"
    assert price > 0, "price must be positive"
    assert bond_price > 0, "bond price must be positive"
    assert tolerance_bps <= BPS, "tolerance exceeds 10000 basis points"


def assert_window(now: i64, starts_at: i64, ends_at: i64):
    assert starts_at > now, "dispatch starts in the past"
    assert ends_at > starts_at, "dispatch ends before it starts"
    assert ends_at - now <= MAX_AHEAD, "dispatch ends more than a year ahead"


def assert_amount(amount: u64):
    assert amount > 0, "amount must be positive"


def assert_dispatch_of(dispatch: Dispatch, plant: Plant):
    assert dispatch.plant == plant.key(), "dispatch belongs to another plant"


def assert_under_way(dispatch: Dispatch):
    assert dispatch.active, "dispatch is not active"


def assert_over(dispatch: Dispatch, now: i64):
    assert dispatch.cancelled or now >= dispatch.ends_at, "dispatch has not ended"


def assert_owned_commitment_of(commitment: Commitment, plant: Plant, owner: Signer):
    assert commitment.plant == plant.key(), "commitment belongs to another plant"
    assert commitment.owner == owner.key(), "commitment belongs to another owner"


def assert_commitment_to(commitment: Commitment, dispatch: Dispatch):
    assert commitment.active, "commitment is not active"
    assert commitment.dispatch == dispatch.key(), "commitment belongs to another dispatch"


def assert_energy_vault_of(energy_vault: TokenAccount, plant: Plant):
    assert energy_vault.key() == plant.energy_vault, "energy vault is not of this plant"


def assert_payment_vault_of(payment_vault: TokenAccount, plant: Plant):
    assert payment_vault.key() == plant.payment_vault, "payment vault is not of this plant"


def assert_destination(destination: TokenAccount, mint: Pubkey):
    assert destination.mint() == mint, "destination holds another mint"


def assert_destination_of(destination: TokenAccount, mint: Pubkey, owner: Pubkey):
    assert_destination(destination, mint)
    assert destination.authority() == owner, "destination belongs to another owner"


def assert_source(source: TokenAccount, mint: Pubkey, owner: Signer):
    assert source.mint() == mint, "source holds another mint"
    # A delegate could otherwise pay with somebody else's tokens for what becomes their own.
    assert source.authority() == owner.key(), "source belongs to another owner"


# Arithmetic


def escrow_of(amount: u64, price: u64) -> u64:
    # Rounded up. u128 holds the product; what does not fit in u64 panics.
    return u64((u128(amount) * u128(price) + UNITS_PER_PRICE - 1) // UNITS_PER_PRICE)


def earned_by(amount: u64, price: u64) -> u64:
    # Rounded down; so what parts earn is never more than the escrow of the whole.
    return u64(u128(amount) * u128(price) // UNITS_PER_PRICE)


def part_of(whole: u64, numerator: u64, denominator: u64) -> u64:
    # Rounded down; at most the whole, as numerator <= denominator.
    return u64(u128(whole) * u128(numerator) // u128(denominator))


def limit_of(amount: u64, tolerance_bps: u16) -> u64:
    return amount + u64(u128(amount) * u128(tolerance_bps) // BPS)


def pool_of(dispatch: Dispatch) -> u64:
    # What surplus earns. No more than is there: the credited and the replaced are at most what was
    # committed, and so at most the target; and of the forfeited bonds it is a part.
    shortfall = dispatch.committed - dispatch.credited
    replaced = min(shortfall, dispatch.surplus)
    if replaced == 0:
        return 0
    forfeited = dispatch.bonds - dispatch.bonds_due
    return part_of(forfeited, replaced, shortfall) + earned_by(replaced, dispatch.price)


# Instructions


@instruction
def initialize(
    authority: Signer,
    energy_mint: TokenMint,
    payment_mint: TokenMint,
    plant: Empty[Plant],
    energy_vault: Empty[TokenAccount],
):
    # Creates a plant. The signer pays for it and becomes its authority. Its payment vault follows by
    # open_payment_vault: one instruction's stack has no room for both.
    assert energy_mint.key() != payment_mint.key(), "payment mint is the energy mint"
    assert energy_mint.decimals() == DECIMALS, "energy mint must have 3 decimals"

    bump = plant.bump()
    plant = plant.init(payer=authority, seeds=["plant", authority, energy_mint, payment_mint])
    energy_vault = energy_vault.init(
        payer=authority, seeds=["energy_vault", plant.key()], mint=energy_mint, authority=plant
    )

    plant.creator = authority.key()
    plant.authority = authority.key()
    plant.pending_authority = authority.key()
    plant.energy_mint = energy_mint.key()
    plant.payment_mint = payment_mint.key()
    plant.energy_vault = energy_vault.key()
    plant.sequence = 1
    plant.bump = bump

    event = PlantInitialized(
        plant.key(),
        authority.key(),
        energy_mint.key(),
        payment_mint.key(),
        plant.energy_held,
        plant.payment_held,
        plant.sequence,
    )
    event.emit()


@instruction
def open_payment_vault(
    payer: Signer, plant: Plant, payment_mint: TokenMint, payment_vault: Empty[TokenAccount]
):
    # Completes a new plant, at the payer's expense. Until then nothing can be announced there.
    assert payment_mint.key() == plant.payment_mint, "payment mint is not of this plant"
    payment_vault = payment_vault.init(
        payer=payer, seeds=["payment_vault", plant.key()], mint=payment_mint, authority=plant
    )

    plant.payment_vault = payment_vault.key()
    plant.sequence += 1

    event = PaymentVaultOpened(
        plant.key(), payment_vault.key(), plant.energy_held, plant.payment_held, plant.sequence
    )
    event.emit()


@instruction
def pause(authority: Signer, plant: Plant):
    # Stops announcements and commitments.
    assert_authority(plant, authority)
    assert_not_paused(plant)

    plant.paused = True
    plant.sequence += 1

    event = PlantPaused(plant.key(), plant.energy_held, plant.payment_held, plant.sequence)
    event.emit()


@instruction
def resume(authority: Signer, plant: Plant):
    # Takes announcements and commitments again.
    assert_authority(plant, authority)
    assert plant.paused, "plant is not paused"

    plant.paused = False
    plant.sequence += 1

    event = PlantResumed(plant.key(), plant.energy_held, plant.payment_held, plant.sequence)
    event.emit()


@instruction
def propose_authority(authority: Signer, plant: Plant, proposed: Pubkey):
    # Offers the authority to another key, which has to accept it. Proposing oneself cancels.
    assert_authority(plant, authority)

    plant.pending_authority = proposed
    plant.sequence += 1

    event = AuthorityProposed(plant.key(), proposed, plant.energy_held, plant.payment_held, plant.sequence)
    event.emit()


@instruction
def accept_authority(authority: Signer, plant: Plant):
    # The proposed key becomes the authority.
    assert plant.pending_authority != plant.authority, "no new authority is proposed"
    assert plant.pending_authority == authority.key(), "signer is not the proposed authority"

    plant.authority = authority.key()
    plant.sequence += 1

    event = AuthorityAccepted(
        plant.key(), authority.key(), plant.energy_held, plant.payment_held, plant.sequence
    )
    event.emit()


@instruction
def open_dispatch(payer: Signer, plant: Plant, dispatch: Empty[Dispatch], number: u8):
    # Opens a dispatch account of the plant, at the payer's expense: one dispatch after the other.
    dispatch = dispatch.init(payer=payer, seeds=["dispatch", plant.key(), number])
    dispatch.plant = plant.key()
    dispatch.number = number

    plant.sequence += 1
    event = DispatchOpened(
        plant.key(), dispatch.key(), number, plant.energy_held, plant.payment_held, plant.sequence
    )
    event.emit()


@instruction
def announce(
    authority: Signer,
    plant: Plant,
    dispatch: Dispatch,
    payment_vault: TokenAccount,
    source: TokenAccount,
    clock: Clock,
    starts_at: i64,
    ends_at: i64,
    target: u64,
    price: u64,
    bond_price: u64,
    tolerance_bps: u16,
):
    # Announces a dispatch, whose whole reward moves to the vault.
    assert source.key() != payment_vault.key(), "source is the payment vault"
    assert_authority(plant, authority)
    assert_not_paused(plant)
    assert_dispatch_of(dispatch, plant)
    assert_payment_vault_of(payment_vault, plant)
    assert_source(source, plant.payment_mint, authority)
    assert not dispatch.active, "dispatch is active already"
    assert dispatch.settled_count == dispatch.commitment_count, "commitments are not all settled"
    assert_terms(target, price, bond_price, tolerance_bps)
    assert_window(clock.unix_timestamp(), starts_at, ends_at)
    reward = escrow_of(target, price)

    plant.payment_held += reward
    plant.sequence += 1
    dispatch.announcement = plant.sequence
    dispatch.starts_at = starts_at
    dispatch.ends_at = ends_at
    dispatch.target = target
    dispatch.price = price
    dispatch.bond_price = bond_price
    dispatch.reward = reward
    dispatch.committed = 0
    dispatch.commitment_count = 0
    dispatch.settled_count = 0
    dispatch.credited = 0
    dispatch.surplus = 0
    dispatch.surplus_settled = 0
    dispatch.bonds = 0
    dispatch.rewards_due = 0
    dispatch.bonds_due = 0
    dispatch.tolerance_bps = tolerance_bps
    dispatch.active = True
    dispatch.cancelled = False

    source.transfer(authority, payment_vault, reward)

    event = DispatchAnnounced(
        plant.key(),
        dispatch.key(),
        starts_at,
        ends_at,
        target,
        price,
        bond_price,
        tolerance_bps,
        reward,
        plant.energy_held,
        plant.payment_held,
        plant.sequence,
    )
    event.emit()


@instruction
def cancel_dispatch(
    authority: Signer,
    plant: Plant,
    dispatch: Dispatch,
    payment_vault: TokenAccount,
    destination: TokenAccount,
    clock: Clock,
):
    # Calls off a dispatch before it starts. The reward goes to any token account of the mint, each bond
    # back to its owner by settle_commitment.
    assert destination.key() != payment_vault.key(), "destination is the payment vault"
    assert_authority(plant, authority)
    assert_dispatch_of(dispatch, plant)
    assert_payment_vault_of(payment_vault, plant)
    assert_destination(destination, plant.payment_mint)
    assert_under_way(dispatch)
    assert clock.unix_timestamp() < dispatch.starts_at, "dispatch has started"

    dispatch.active = False
    dispatch.cancelled = True
    plant.payment_held -= dispatch.reward
    plant.sequence += 1

    creator = plant.creator
    energy_mint = plant.energy_mint
    payment_mint = plant.payment_mint
    bump = plant.bump
    payment_vault.transfer(
        plant, destination, dispatch.reward, signer=["plant", creator, energy_mint, payment_mint, bump]
    )

    event = DispatchCancelled(
        plant.key(),
        dispatch.key(),
        dispatch.reward,
        plant.energy_held,
        plant.payment_held,
        plant.sequence,
    )
    event.emit()


@instruction
def open_commitment(payer: Signer, plant: Plant, commitment: Empty[Commitment], owner: Pubkey, number: u8):
    # Opens a commitment account for any owner, at the payer's expense: one commitment after the other.
    commitment = commitment.init(payer=payer, seeds=["commitment", plant.key(), owner, number])
    commitment.plant = plant.key()
    commitment.owner = owner
    commitment.number = number

    plant.sequence += 1
    event = CommitmentOpened(
        plant.key(), commitment.key(), owner, number, plant.energy_held, plant.payment_held, plant.sequence
    )
    event.emit()


@instruction
def return_rent(owner: Signer, commitment: Commitment, amount: u64):
    # Gives the owner lamports of their commitment account, down to the rent that the cluster asks for today.
    assert commitment.owner == owner.key(), "commitment belongs to another owner"

    commitment.transfer_lamports(owner, amount)
    # The runtime refuses to leave less than the rent, but takes an account that is left with nothing for
    # deleted. This panics where nothing is left.
    commitment.transfer_lamports(commitment, 1)


@instruction
def commit(
    owner: Signer,
    plant: Plant,
    dispatch: Dispatch,
    commitment: Commitment,
    payment_vault: TokenAccount,
    source: TokenAccount,
    clock: Clock,
    amount: u64,
    announcement: u64,
):
    # Commits to a part of a dispatch, before it starts. The bond moves to the vault.
    assert source.key() != payment_vault.key(), "source is the payment vault"
    assert_not_paused(plant)
    assert_dispatch_of(dispatch, plant)
    assert_owned_commitment_of(commitment, plant, owner)
    assert_payment_vault_of(payment_vault, plant)
    assert_source(source, plant.payment_mint, owner)
    assert not commitment.active, "commitment is active already"
    assert_under_way(dispatch)
    # Terms that were cancelled and announced anew are others than the owner has read.
    assert dispatch.announcement == announcement, "dispatch was announced anew"
    assert clock.unix_timestamp() < dispatch.starts_at, "dispatch has started"
    assert_amount(amount)
    assert amount <= dispatch.target - dispatch.committed, "amount exceeds what is left of the target"
    bond = escrow_of(amount, dispatch.bond_price)

    commitment.dispatch = dispatch.key()
    commitment.amount = amount
    commitment.delivered = 0
    commitment.bond = bond
    commitment.active = True
    dispatch.committed += amount
    dispatch.commitment_count += 1
    dispatch.bonds += bond
    plant.payment_held += bond
    plant.sequence += 1

    source.transfer(owner, payment_vault, bond)

    event = EnergyCommitted(
        plant.key(),
        dispatch.key(),
        commitment.key(),
        amount,
        bond,
        dispatch.committed,
        plant.energy_held,
        plant.payment_held,
        plant.sequence,
    )
    event.emit()


@instruction
def deliver(
    owner: Signer,
    plant: Plant,
    dispatch: Dispatch,
    commitment: Commitment,
    energy_vault: TokenAccount,
    source: TokenAccount,
    clock: Clock,
    amount: u64,
):
    # Delivers energy for a commitment within the window, in as many parts as the owner likes.
    assert source.key() != energy_vault.key(), "source is the energy vault"
    assert_dispatch_of(dispatch, plant)
    assert_owned_commitment_of(commitment, plant, owner)
    assert_commitment_to(commitment, dispatch)
    assert_energy_vault_of(energy_vault, plant)
    assert_source(source, plant.energy_mint, owner)
    assert_under_way(dispatch)
    now = clock.unix_timestamp()
    assert now >= dispatch.starts_at, "dispatch has not started"
    assert now < dispatch.ends_at, "dispatch has ended"
    assert_amount(amount)
    room = limit_of(commitment.amount, dispatch.tolerance_bps) - commitment.delivered
    assert amount <= room, "amount exceeds the commitment and its tolerance"

    before = min(commitment.delivered, commitment.amount)
    after = min(commitment.delivered + amount, commitment.amount)
    commitment.delivered += amount
    dispatch.credited += after - before
    dispatch.surplus += amount - (after - before)
    dispatch.rewards_due += earned_by(after, dispatch.price) - earned_by(before, dispatch.price)
    dispatch.bonds_due += part_of(commitment.bond, after, commitment.amount) - part_of(
        commitment.bond, before, commitment.amount
    )
    plant.energy_held += amount
    plant.sequence += 1

    source.transfer(owner, energy_vault, amount)

    event = EnergyDelivered(
        plant.key(),
        dispatch.key(),
        commitment.key(),
        amount,
        commitment.delivered,
        dispatch.credited,
        dispatch.surplus,
        plant.energy_held,
        plant.payment_held,
        plant.sequence,
    )
    event.emit()


@instruction
def settle_commitment(
    plant: Plant,
    dispatch: Dispatch,
    commitment: Commitment,
    payment_vault: TokenAccount,
    destination: TokenAccount,
    clock: Clock,
):
    # Sends the owner of a commitment what it has earned, and of its bond what comes back. Anyone may do it.
    assert destination.key() != payment_vault.key(), "destination is the payment vault"
    assert_dispatch_of(dispatch, plant)
    assert_commitment_to(commitment, dispatch)
    assert_payment_vault_of(payment_vault, plant)
    assert_destination_of(destination, plant.payment_mint, commitment.owner)
    assert_over(dispatch, clock.unix_timestamp())

    reward = u64(0)
    bond = commitment.bond
    share = u64(0)
    if not dispatch.cancelled:
        credited = min(commitment.delivered, commitment.amount)
        reward = earned_by(credited, dispatch.price)
        bond = part_of(commitment.bond, credited, commitment.amount)
        surplus = commitment.delivered - credited
        if surplus > 0:
            # Each share begins where the one before it ends, so that all of them add up to the pool.
            pool = pool_of(dispatch)
            begin = part_of(pool, dispatch.surplus_settled, dispatch.surplus)
            dispatch.surplus_settled += surplus
            share = part_of(pool, dispatch.surplus_settled, dispatch.surplus) - begin
    payment = reward + bond + share
    commitment.active = False
    dispatch.settled_count += 1
    plant.payment_held -= payment
    plant.sequence += 1

    if payment > 0:
        creator = plant.creator
        energy_mint = plant.energy_mint
        payment_mint = plant.payment_mint
        bump = plant.bump
        payment_vault.transfer(
            plant, destination, payment, signer=["plant", creator, energy_mint, payment_mint, bump]
        )

    event = CommitmentSettled(
        plant.key(),
        dispatch.key(),
        commitment.key(),
        reward,
        bond,
        share,
        plant.energy_held,
        plant.payment_held,
        plant.sequence,
    )
    event.emit()


@instruction
def settle_dispatch(
    plant: Plant,
    dispatch: Dispatch,
    energy_vault: TokenAccount,
    payment_vault: TokenAccount,
    energy_destination: TokenAccount,
    payment_destination: TokenAccount,
    clock: Clock,
):
    # Sends the authority the energy of a dispatch that has ended, and what remains of its reward and bonds,
    # whether or not its commitments are settled. Anyone may do it.
    assert energy_vault.key() != payment_vault.key(), "energy vault is the payment vault"
    assert energy_vault.key() != energy_destination.key(), "energy destination is the energy vault"
    assert energy_vault.key() != payment_destination.key(), "payment destination is the energy vault"
    assert payment_vault.key() != energy_destination.key(), "energy destination is the payment vault"
    assert payment_vault.key() != payment_destination.key(), "payment destination is the payment vault"
    assert energy_destination.key() != payment_destination.key(), "destinations are the same"
    assert_dispatch_of(dispatch, plant)
    assert_energy_vault_of(energy_vault, plant)
    assert_payment_vault_of(payment_vault, plant)
    assert_destination_of(energy_destination, plant.energy_mint, plant.authority)
    assert_destination_of(payment_destination, plant.payment_mint, plant.authority)
    assert_under_way(dispatch)
    assert_over(dispatch, clock.unix_timestamp())

    energy = dispatch.credited + dispatch.surplus
    pool = pool_of(dispatch)
    payment = (dispatch.reward - dispatch.rewards_due) + (dispatch.bonds - dispatch.bonds_due) - pool
    dispatch.active = False
    plant.energy_held -= energy
    plant.payment_held -= payment
    plant.sequence += 1

    creator = plant.creator
    energy_mint = plant.energy_mint
    payment_mint = plant.payment_mint
    bump = plant.bump
    if energy > 0:
        energy_vault.transfer(
            plant, energy_destination, energy, signer=["plant", creator, energy_mint, payment_mint, bump]
        )
    if payment > 0:
        payment_vault.transfer(
            plant, payment_destination, payment, signer=["plant", creator, energy_mint, payment_mint, bump]
        )

    event = DispatchSettled(
        plant.key(),
        dispatch.key(),
        energy,
        payment,
        pool,
        plant.energy_held,
        plant.payment_held,
        plant.sequence,
    )
    event.emit()
