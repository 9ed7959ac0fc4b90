"""The energy_metering program as Python sees it: addresses, accounts, events and instructions.

Everything here is pure, and follows the IDL that is built with the program.

Registers and amounts are base units of the mint: Wh of energy, L of water, kg of waste. Rated power is
base units an hour, for energy W. Times are Unix seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from based58 import b58encode
from solana.rpc.types import MemcmpOpts
from solders.instruction import Instruction
from solders.pubkey import Pubkey

from amalgam.chain.layout import EventReader, ProgramLayout, checked
from amalgam.units import Resource

PROGRAM_ID = Pubkey.from_string("J769pfHhxBK6pLK5ZDrfhBiH4pfXVMPEiXRZRmiitFyP")
BPS = 10_000
TOLERANCE_BPS = 500  # what a register may rise above the rated power
SECONDS_PER_HOUR = 3_600
MAX_RATED_POWER = 1_000_000_000  # base units an hour

_LAYOUT = ProgramLayout("energy_metering", PROGRAM_ID)


# Addresses


def issuer_address(creator: Pubkey, number: int) -> Pubkey:
    """The issuer that `creator` initializes with that number; a later change of authority does not move it.

    Raises ValueError if the number is none of 0 to 255.
    """
    return _LAYOUT.address(b"issuer", bytes(creator), bytes([checked("number", "u8", number)]))


def mint_address(issuer: Pubkey) -> Pubkey:
    """The mint that an issuer alone can mint."""
    return _LAYOUT.address(b"mint", bytes(issuer))


def meter_address(issuer: Pubkey, device: Pubkey) -> Pubkey:
    """A device that an issuer mints for."""
    return _LAYOUT.address(b"meter", bytes(issuer), bytes(device))


# Accounts


@dataclass(frozen=True, slots=True)
class Meter:
    """A device whose readings an issuer believes, and its latest one."""

    issuer: Pubkey
    device: Pubkey  # signs the readings
    owner: Pubkey  # of the tokens minted for them
    rated_power: int  # base units an hour
    register: int  # base units, as all amounts
    read_at: int  # Unix s, of the latest reading; at first of the registration
    minted: int  # since the registration
    retired: bool

    @classmethod
    def from_bytes(cls, data: bytes) -> "Meter":
        """Decode an account's data. Raises ValueError if it is not a Meter's."""
        return _METER.decode(data)

    @staticmethod
    def filters(issuer: Pubkey) -> list[MemcmpOpts]:
        """The filters with which getProgramAccounts finds an issuer's meters."""
        return [
            MemcmpOpts(0, b58encode(_METER.discriminator).decode()),
            MemcmpOpts(_METER.offsets["issuer"], str(issuer)),
        ]

    def highest_register(self, read_at: int) -> int:
        """The most that its register may show at a time after its latest reading."""
        allowed = self.rated_power * (read_at - self.read_at) * (BPS + TOLERANCE_BPS)
        return self.register + allowed // (BPS * SECONDS_PER_HOUR)


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority whose meters are believed, and the sums that these have brought."""

    creator: Pubkey
    authority: Pubkey
    pending_authority: Pubkey  # the authority itself if nobody is proposed
    mint: Pubkey
    minted: int  # base units, by all meters since the beginning
    meter_count: int  # registered, also those retired since
    sequence: int  # events so far; each event carries it
    number: int  # tells the creator's issuers apart
    resource: Resource
    paused: bool
    bump: int

    @classmethod
    def from_bytes(cls, data: bytes) -> "Issuer":
        """Decode an account's data. Raises ValueError if it is not an Issuer's."""
        return _ISSUER.decode(data)


# Events: the totals are those after the operation


@dataclass(frozen=True, slots=True)
class IssuerInitialized:
    """An issuer was created, and its mint."""

    issuer: Pubkey
    authority: Pubkey
    mint: Pubkey
    number: int
    resource: Resource
    minted: int
    meter_count: int
    sequence: int


@dataclass(frozen=True, slots=True)
class MeterRegistered:
    """A device is believed from `read_at` on, and from where its register stands."""

    issuer: Pubkey
    meter: Pubkey
    device: Pubkey
    owner: Pubkey
    rated_power: int
    register: int
    read_at: int  # Unix s
    minted: int
    meter_count: int
    sequence: int


@dataclass(frozen=True, slots=True)
class EnergyReported:
    """The register stood at that, and its rise of `amount` was minted to the owner."""

    issuer: Pubkey
    meter: Pubkey
    register: int
    read_at: int  # Unix s
    amount: int
    meter_minted: int
    minted: int
    meter_count: int
    sequence: int


@dataclass(frozen=True, slots=True)
class DeviceReplaced:
    """A meter was retired, and another device is believed in its place, from where its register stands."""

    issuer: Pubkey
    meter: Pubkey
    replacement: Pubkey
    device: Pubkey
    register: int
    read_at: int  # Unix s
    minted: int
    meter_count: int
    sequence: int


@dataclass(frozen=True, slots=True)
class MeterRetired:
    """A device is believed no more."""

    issuer: Pubkey
    meter: Pubkey
    minted: int
    meter_count: int
    sequence: int


@dataclass(frozen=True, slots=True)
class IssuerPaused:
    """No reports from here on."""

    issuer: Pubkey
    minted: int
    meter_count: int
    sequence: int


@dataclass(frozen=True, slots=True)
class IssuerResumed:
    """Reports again."""

    issuer: Pubkey
    minted: int
    meter_count: int
    sequence: int


@dataclass(frozen=True, slots=True)
class AuthorityProposed:
    """`proposed` may accept the authority; if it is the authority itself, nobody may any more."""

    issuer: Pubkey
    proposed: Pubkey
    minted: int
    meter_count: int
    sequence: int


@dataclass(frozen=True, slots=True)
class AuthorityAccepted:
    """The issuer has this authority from here on."""

    issuer: Pubkey
    authority: Pubkey
    minted: int
    meter_count: int
    sequence: int


Event = (
    IssuerInitialized
    | MeterRegistered
    | EnergyReported
    | DeviceReplaced
    | MeterRetired
    | IssuerPaused
    | IssuerResumed
    | AuthorityProposed
    | AuthorityAccepted
)


ACCOUNTS = (Issuer, Meter)


def events(logs: Iterable[str]) -> list[Event]:
    """The program's events in a transaction's logs, as `EventReader.read` finds them."""
    return EVENTS.read(logs)


# Instructions


def initialize(*, authority: Pubkey, resource: Resource, number: int) -> Instruction:
    """Create an issuer, and its mint, at the authority's expense.

    Args:
        authority: Signs, pays and may later register meters.
        resource: What the mint's tokens stand for.
        number: 0 to 255, tells the authority's issuers apart.
    """
    issuer = issuer_address(authority, number)
    return _LAYOUT.build(
        "initialize",
        authority=authority,
        issuer=issuer,
        mint=mint_address(issuer),
        resource=resource,
        number=number,
    )


def register_meter(
    *, authority: Pubkey, issuer: Pubkey, device: Pubkey, owner: Pubkey, rated_power: int, register: int
) -> Instruction:
    """Believe a device from now on, at the authority's expense.

    Args:
        authority: The issuer's; signs.
        issuer: Whose meter it is.
        device: The key that will sign the readings; it can be registered with the issuer once, for ever.
        owner: Whose token accounts the tokens go to.
        rated_power: Base units an hour, at most 1,000,000,000.
        register: Where the device's register stands.
    """
    return _LAYOUT.build(
        "register_meter",
        authority=authority,
        issuer=issuer,
        meter=meter_address(issuer, device),
        device=device,
        owner=owner,
        rated_power=rated_power,
        register=register,
    )


def report(
    *, device: Pubkey, issuer: Pubkey, destination: Pubkey, register: int, read_at: int
) -> Instruction:
    """Mint what a meter's register has risen by, as its device, to a token account of the owner's.

    Args:
        device: The meter's; signs.
        issuer: Whose meter it is.
        destination: A token account of the issuer's mint and the meter's owner.
        register: What the register stood at; cumulative.
        read_at: Unix seconds: after the latest reading, and not in the future.
    """
    return _LAYOUT.build(
        "report",
        device=device,
        issuer=issuer,
        meter=meter_address(issuer, device),
        mint=mint_address(issuer),
        destination=destination,
        register=register,
        read_at=read_at,
    )


def replace_device(
    *, authority: Pubkey, issuer: Pubkey, retired: Pubkey, device: Pubkey, register: int
) -> Instruction:
    """Believe another device instead of the one `retired`, for the same owner and with the same rating.

    The new one's register starts where it stands. Units: `register_meter`.
    """
    return _LAYOUT.build(
        "replace_device",
        authority=authority,
        issuer=issuer,
        meter=meter_address(issuer, retired),
        replacement=meter_address(issuer, device),
        device=device,
        register=register,
    )


def retire_meter(*, authority: Pubkey, issuer: Pubkey, device: Pubkey) -> Instruction:
    """Believe a device no more, for ever."""
    return _LAYOUT.build(
        "retire_meter", authority=authority, issuer=issuer, meter=meter_address(issuer, device)
    )


def return_rent(*, authority: Pubkey, issuer: Pubkey, device: Pubkey, amount: int) -> Instruction:
    """Give the authority `amount` lamports of a meter's account, which has to keep the rent of today."""
    return _LAYOUT.build(
        "return_rent",
        authority=authority,
        issuer=issuer,
        meter=meter_address(issuer, device),
        amount=amount,
    )


def pause(*, authority: Pubkey, issuer: Pubkey) -> Instruction:
    """Stop reports; registers go on, and the first report after it makes up for them."""
    return _LAYOUT.build("pause", authority=authority, issuer=issuer)


def resume(*, authority: Pubkey, issuer: Pubkey) -> Instruction:
    """Take reports again."""
    return _LAYOUT.build("resume", authority=authority, issuer=issuer)


def propose_authority(*, authority: Pubkey, issuer: Pubkey, proposed: Pubkey) -> Instruction:
    """Offer the authority to `proposed`, who has to accept it. Proposing oneself cancels."""
    return _LAYOUT.build("propose_authority", authority=authority, issuer=issuer, proposed=proposed)


def accept_authority(*, authority: Pubkey, issuer: Pubkey) -> Instruction:
    """Become the authority, as the key that was proposed."""
    return _LAYOUT.build("accept_authority", authority=authority, issuer=issuer)


_ISSUER = _LAYOUT.account(Issuer)
_METER = _LAYOUT.account(Meter)
EVENTS: EventReader[Event] = _LAYOUT.events(get_args(Event))
