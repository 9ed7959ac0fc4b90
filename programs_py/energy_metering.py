"""energy_metering: tokens that metered energy stands behind.

An issuer registers meters. A meter's device signs what its register shows, and the meter's owner is
minted what the register has risen by: one token for each kWh, and no token for anything else.

Accounts
    Issuer   PDA 'issuer', creator, number. Whose meters are believed, and what they have brought.
    mint     PDA 'mint', issuer. Made with the issuer, which alone can mint; nobody can freeze it.
    Meter    PDA 'meter', issuer, device. One device: its owner, its rating, its latest reading.

Units
    Registers and amounts are base units of the mint, which has 3 decimals: 1 Wh of energy, 1 L of
    water, 1 kg of waste. Rated power is base units an hour, for energy W. Times are Unix seconds.
    A register is cumulative, as a meter shows it: it counts since the device was made.

Trust
    Whoever accepts the tokens trusts the authority to register meters that exist, once each, with
    their true rating; and the device to read truly, within that rating. An owner trusts the
    authority to keep the meter registered: what is minted nobody can take back. Whoever sends a
    report need not be trusted: without the device's signature nothing is minted, and with it to
    nobody else than the owner.

What always holds
    1. Every token ever minted is a Wh that a registered device has signed for: the meters' minted
       add up to the issuer's minted, and the mint's supply is never more.
    2. A meter's minted is its register, less the register it was registered with.
    3. A lost, late or repeated report neither loses nor doubles anything: the next one makes up for it.
    4. A meter's minted is at most its rated power, with the tolerance, times the time between its
       registration and its latest reading, which is never in the future.
    5. Readings of one meter are in the order of their time, and its register never falls.
    6. A device is registered with an issuer once, for ever. From its retirement on nothing is
       minted for it.
    7. Only the authority's signature registers, replaces and retires, pauses, resumes and proposes.
    8. An operation with one issuer changes no byte of another.

Rent
    The authority pays for meters. Their accounts' lamports beyond the rent of their bytes, left over where
    a cluster asks for less than it did, are the authority's of today. The account itself stays.

How to stop it
    The authority retires one device, or pauses all. After a pause the next report mints what the
    register rose meanwhile: who must not get that is retired before it ends. A new version of
    the program can be deployed by its upgrade authority alone.

Known attacks
    A device that lies, or whose key is stolen, can claim its rated power day and night, and for
    the time since its latest reading at once: that is the bound, and why the rating counts.
    A register rounds. An allowance for it in each report would add up to a Wh a second, so there
    is none: of a report that is refused for the rounding alone, the same register passes later.
    What is minted goes to any token account of the owner's that the report names: an owner who has left
    a delegate on an old one revokes it.
    A device registered twice would mint twice. Its key is its address, and no account is closed:
    a retired meter stays, at its rent, and keeps its key from coming back. So a new owner of an old
    device needs a new key on it. An account that is left without lamports is deleted by the runtime:
    return_rent panics then.
    Seahorse checks a PDA at creation only: every relation between accounts is asserted where it is
    used. No instruction takes two accounts of one type that exist: a replacement is a new account.
"""

from seahorse.prelude import *

declare_id("J769pfHhxBK6pLK5ZDrfhBiH4pfXVMPEiXRZRmiitFyP")

BPS = 10_000
TOLERANCE_BPS = 500  # above its rating, for the device's clock and for short loads over it
SECONDS_PER_HOUR = 3_600
MAX_RATED_POWER = 1_000_000_000  # W, 1 GW: what a report may be checked with fits in 128 bits


class Resource(Enum):
    ENERGY = 0
    WATER = 1
    WASTE = 2


class Issuer(Account):
    creator: Pubkey  # the authority at creation: part of the address, and so never changed
    authority: Pubkey
    pending_authority: Pubkey  # proposed by the authority; itself if nobody is
    mint: Pubkey
    minted: u64  # base units, by all meters since the beginning
    meter_count: u64  # registered, also those retired since
    sequence: u64  # events so far; each event carries it
    number: u8  # tells the creator's issuers apart: part of the address
    resource: Resource
    paused: bool
    bump: u8


class Meter(Account):
    issuer: Pubkey
    device: Pubkey  # signs the readings
    owner: Pubkey  # of the tokens minted for them
    rated_power: u64  # base units an hour, for energy W
    register: u64  # base units, of the latest reading
    read_at: i64  # Unix s, of the latest reading; at first of the registration
    minted: u64  # base units, since the registration
    retired: bool


@dataclass
class IssuerInitialized(Event):
    issuer: Pubkey
    authority: Pubkey
    mint: Pubkey
    number: u8
    resource: u8  # as Resource
    minted: u64
    meter_count: u64
    sequence: u64


@dataclass
class MeterRegistered(Event):
    issuer: Pubkey
    meter: Pubkey
    device: Pubkey
    owner: Pubkey
    rated_power: u64
    register: u64
    read_at: i64
    minted: u64
    meter_count: u64
    sequence: u64


@dataclass
class EnergyReported(Event):
    issuer: Pubkey
    meter: Pubkey
    register: u64
    read_at: i64
    amount: u64  # minted for it
    meter_minted: u64
    minted: u64
    meter_count: u64
    sequence: u64


@dataclass
class DeviceReplaced(Event):
    issuer: Pubkey
    meter: Pubkey  # retired with this
    replacement: Pubkey
    device: Pubkey
    register: u64
    read_at: i64
    minted: u64
    meter_count: u64
    sequence: u64


@dataclass
class MeterRetired(Event):
    issuer: Pubkey
    meter: Pubkey
    minted: u64
    meter_count: u64
    sequence: u64


@dataclass
class IssuerPaused(Event):
    issuer: Pubkey
    minted: u64
    meter_count: u64
    sequence: u64


@dataclass
class IssuerResumed(Event):
    issuer: Pubkey
    minted: u64
    meter_count: u64
    sequence: u64


@dataclass
class AuthorityProposed(Event):
    issuer: Pubkey
    proposed: Pubkey  # the authority itself if a proposal was cancelled
    minted: u64
    meter_count: u64
    sequence: u64


@dataclass
class AuthorityAccepted(Event):
    issuer: Pubkey
    authority: Pubkey
    minted: u64
    meter_count: u64
    sequence: u64


# Guards


def assert_authority(issuer: Issuer, authority: Signer):
    assert issuer.authority == authority.key(), "signer is not the authority"


def assert_in_service(meter: Meter, issuer: Issuer):
    assert meter.issuer == issuer.key(), "meter belongs to another issuer"
    assert not meter.retired, "meter is retired"


def assert_not_paused(issuer: Issuer):
    assert not issuer.paused, "issuer is paused"


def assert_rated_power(rated_power: u64):
    assert rated_power > 0, "rated power must be positive"
    assert rated_power <= MAX_RATED_POWER, "rated power exceeds a gigawatt"


# Arithmetic


def is_within_rating(rise: u64, rated_power: u64, elapsed: i64) -> bool:
    # rise <= rated_power * (1 + tolerance) * elapsed, without a division and so without rounding.
    # No overflow: MAX_RATED_POWER * 2^63 s * 10,500 < 2^107, and 2^64 * 3,600 * 10,000 < 2^90.
    allowed = u128(rated_power) * u128(elapsed) * u128(BPS + TOLERANCE_BPS)
    return u128(rise) * SECONDS_PER_HOUR * BPS <= allowed


def resource_code(resource: Resource) -> u8:
    # An event cannot carry an enum.
    if resource == Resource.WATER:
        return 1
    if resource == Resource.WASTE:
        return 2
    return 0


# Instructions


@instruction
def initialize(
    authority: Signer, issuer: Empty[Issuer], mint: Empty[TokenMint], resource: Resource, number: u8
):
    # Creates an issuer and its mint. The signer pays for them and becomes the authority.
    bump = issuer.bump()
    issuer = issuer.init(payer=authority, seeds=["issuer", authority, number])
    mint = mint.init(payer=authority, seeds=["mint", issuer.key()], decimals=3, authority=issuer)

    issuer.creator = authority.key()
    issuer.authority = authority.key()
    issuer.pending_authority = authority.key()
    issuer.mint = mint.key()
    issuer.sequence = 1
    issuer.number = number
    issuer.resource = resource
    issuer.bump = bump

    event = IssuerInitialized(
        issuer.key(),
        authority.key(),
        mint.key(),
        number,
        resource_code(resource),
        issuer.minted,
        issuer.meter_count,
        issuer.sequence,
    )
    event.emit()


@instruction
def register_meter(
    authority: Signer,
    issuer: Issuer,
    meter: Empty[Meter],
    clock: Clock,
    device: Pubkey,
    owner: Pubkey,
    rated_power: u64,
    register: u64,
):
    # Believes a device from now on, and from where its register stands. The authority pays the rent.
    assert_authority(issuer, authority)
    assert_rated_power(rated_power)

    meter = meter.init(payer=authority, seeds=["meter", issuer.key(), device])
    meter.issuer = issuer.key()
    meter.device = device
    meter.owner = owner
    meter.rated_power = rated_power
    meter.register = register
    meter.read_at = clock.unix_timestamp()

    issuer.meter_count += 1
    issuer.sequence += 1

    event = MeterRegistered(
        issuer.key(),
        meter.key(),
        device,
        owner,
        rated_power,
        register,
        meter.read_at,
        issuer.minted,
        issuer.meter_count,
        issuer.sequence,
    )
    event.emit()


@instruction
def report(
    device: Signer,
    issuer: Issuer,
    meter: Meter,
    mint: TokenMint,
    destination: TokenAccount,
    clock: Clock,
    register: u64,
    read_at: i64,
):
    # Mints what the register has risen by since the latest reading, to a token account of the owner's.
    assert_not_paused(issuer)
    assert_in_service(meter, issuer)
    assert meter.device == device.key(), "signer is not the device of the meter"
    assert mint.key() == issuer.mint, "mint is not of this issuer"
    assert destination.mint() == issuer.mint, "destination holds another mint"
    assert destination.authority() == meter.owner, "destination belongs to another owner"

    assert read_at <= clock.unix_timestamp(), "reading is in the future"
    assert read_at > meter.read_at, "reading is not newer than the latest"
    assert register >= meter.register, "register has fallen"
    rise = register - meter.register
    within_rating = is_within_rating(rise, meter.rated_power, read_at - meter.read_at)
    assert within_rating, "register has risen faster than the rated power"

    meter.register = register
    meter.read_at = read_at
    meter.minted += rise
    issuer.minted += rise
    issuer.sequence += 1

    if rise > 0:
        creator = issuer.creator
        number = issuer.number
        bump = issuer.bump
        mint.mint(issuer, destination, rise, signer=["issuer", creator, number, bump])

    event = EnergyReported(
        issuer.key(),
        meter.key(),
        register,
        read_at,
        rise,
        meter.minted,
        issuer.minted,
        issuer.meter_count,
        issuer.sequence,
    )
    event.emit()


@instruction
def replace_device(
    authority: Signer,
    issuer: Issuer,
    meter: Meter,
    replacement: Empty[Meter],
    clock: Clock,
    device: Pubkey,
    register: u64,
):
    # Retires a meter, and registers another device for its owner with its rating, as register_meter does.
    assert_authority(issuer, authority)
    assert_in_service(meter, issuer)

    replacement = replacement.init(payer=authority, seeds=["meter", issuer.key(), device])
    replacement.issuer = issuer.key()
    replacement.device = device
    replacement.owner = meter.owner
    replacement.rated_power = meter.rated_power
    replacement.register = register
    replacement.read_at = clock.unix_timestamp()

    meter.retired = True
    issuer.meter_count += 1
    issuer.sequence += 1

    event = DeviceReplaced(
        issuer.key(),
        meter.key(),
        replacement.key(),
        device,
        register,
        replacement.read_at,
        issuer.minted,
        issuer.meter_count,
        issuer.sequence,
    )
    event.emit()


@instruction
def retire_meter(authority: Signer, issuer: Issuer, meter: Meter):
    # Believes a device no more, for ever.
    assert_authority(issuer, authority)
    assert_in_service(meter, issuer)

    meter.retired = True
    issuer.sequence += 1

    event = MeterRetired(issuer.key(), meter.key(), issuer.minted, issuer.meter_count, issuer.sequence)
    event.emit()


@instruction
def return_rent(authority: Signer, issuer: Issuer, meter: Meter, amount: u64):
    # Gives the authority lamports of a meter's account, down to the rent that the cluster asks for today.
    assert_authority(issuer, authority)
    assert meter.issuer == issuer.key(), "meter belongs to another issuer"

    meter.transfer_lamports(authority, amount)
    # The runtime refuses to leave less than the rent, but takes an account that is left with nothing for
    # deleted. This panics where nothing is left.
    meter.transfer_lamports(meter, 1)


@instruction
def pause(authority: Signer, issuer: Issuer):
    # Stops reports until resumed.
    assert_authority(issuer, authority)
    assert_not_paused(issuer)

    issuer.paused = True
    issuer.sequence += 1

    event = IssuerPaused(issuer.key(), issuer.minted, issuer.meter_count, issuer.sequence)
    event.emit()


@instruction
def resume(authority: Signer, issuer: Issuer):
    # Takes reports again.
    assert_authority(issuer, authority)
    assert issuer.paused, "issuer is not paused"

    issuer.paused = False
    issuer.sequence += 1

    event = IssuerResumed(issuer.key(), issuer.minted, issuer.meter_count, issuer.sequence)
    event.emit()


@instruction
def propose_authority(authority: Signer, issuer: Issuer, proposed: Pubkey):
    # Offers the authority to another key, which has to accept it. Proposing oneself cancels.
    assert_authority(issuer, authority)

    issuer.pending_authority = proposed
    issuer.sequence += 1

    event = AuthorityProposed(issuer.key(), proposed, issuer.minted, issuer.meter_count, issuer.sequence)
    event.emit()


@instruction
def accept_authority(authority: Signer, issuer: Issuer):
    # The proposed key becomes the authority.
    assert issuer.pending_authority != issuer.authority, "no new authority is proposed"
    assert issuer.pending_authority == authority.key(), "signer is not the proposed authority"

    issuer.authority = authority.key()
    issuer.sequence += 1

    event = AuthorityAccepted(
        issuer.key(), authority.key(), issuer.minted, issuer.meter_count, issuer.sequence
    )
    event.emit()
