"""The shadow ledger of metering: what the program promises, in plain Python, without a chain.

It is written from the design, not from the program, and says of each operation what the chain must say: the
event and the state after it, or the refusal. Accounts go by names; a slot may hold any account of the right
type, also a wrong one or one that does not exist. Registers are base units, times Unix seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from amalgam.units import Resource
from tests.shadow.battery import Event, Tokens, look_at, refuse
from tests.support.metering import SLOTS
from tests.support.stage import U64_MAX

TOLERANCE = Fraction(5, 100)
GIGAWATT = 10**9
SIGNERS = ("authority", "device")  # the slots that sign
CREATED = {
    "initialize": ("issuer", "mint"),
    "register_meter": ("meter",),
    "replace_device": ("replacement",),
}


@dataclass(slots=True)
class Issuer:
    creator: str
    authority: str
    pending_authority: str
    mint: str
    number: int
    resource: str
    minted: int = 0
    meter_count: int = 0
    sequence: int = 1
    paused: bool = False


@dataclass(slots=True)
class Meter:
    issuer: str
    device: str
    owner: str
    rated_power: int
    register: int
    read_at: int
    first_register: int  # these two are not on the chain
    registered_at: int
    minted: int = 0
    retired: bool = False


@dataclass(slots=True)
class Ledger:
    """Every account by its name, and the time."""

    now: int
    issuers: dict[str, Issuer] = field(default_factory=dict)
    meters: dict[str, Meter] = field(default_factory=dict)
    tokens: dict[str, Tokens] = field(default_factory=dict)
    supplies: dict[str, int] = field(default_factory=dict)

    def copy(self) -> Ledger:
        accounts = (self.issuers, self.meters, self.tokens)
        copies = ({name: replace(each) for name, each in found.items()} for found in accounts)
        return Ledger(self.now, *copies, dict(self.supplies))

    def run(self, instruction: str, *, signed: bool = True, **values: Any) -> Event:
        """One of the program's instructions. Raises Refusal. Anchor looks at the accounts first, in order."""
        accounts = {
            "issuer": self.issuers,
            **dict.fromkeys(("meter", "replacement"), self.meters),
            "mint": self.supplies,
            "destination": self.tokens,
        }
        look_at(SLOTS[instruction], accounts, values, CREATED.get(instruction, ()), SIGNERS, signed=signed)
        return getattr(self, instruction)(**values)

    def initialize(self, *, authority: str, issuer: str, mint: str, resource: str, number: int) -> Event:
        self.issuers[issuer] = Issuer(authority, authority, authority, mint, number, resource)
        self.supplies[mint] = 0
        made = {"authority": authority, "mint": mint, "number": number, "resource": Resource[resource]}
        return self._told("IssuerInitialized", issuer, **made)

    def register_meter(
        self,
        *,
        authority: str,
        issuer: str,
        meter: str,
        device: str,
        owner: str,
        rated_power: int,
        register: int,
    ) -> Event:
        self._check_authority(issuer, authority)
        refuse(rated_power == 0, "rated power must be positive")
        refuse(rated_power > GIGAWATT, "rated power exceeds a gigawatt")

        self._open(meter, issuer, device, owner, rated_power, register)
        opened = {"device": device, "owner": owner, "rated_power": rated_power, "register": register}
        return self._done("MeterRegistered", issuer, meter=meter, read_at=self.now, **opened)

    def report(
        self,
        *,
        device: str,
        issuer: str,
        meter: str,
        mint: str,
        destination: str,
        register: int,
        read_at: int,
    ) -> Event:
        known, holder = self.meters[meter], self.tokens[destination]
        refuse(self.issuers[issuer].paused, "issuer is paused")
        self._check_in_service(meter, issuer)
        refuse(known.device != device, "signer is not the device of the meter")
        refuse(mint != self.issuers[issuer].mint, "mint is not of this issuer")
        refuse(holder.mint != mint, "destination holds another mint")
        refuse(holder.owner != known.owner, "destination belongs to another owner")
        refuse(read_at > self.now, "reading is in the future")
        refuse(read_at <= known.read_at, "reading is not newer than the latest")
        refuse(register < known.register, "register has fallen")
        hours = Fraction(read_at - known.read_at, 3_600)
        rise = register - known.register
        too_fast = rise > known.rated_power * hours * (1 + TOLERANCE)
        refuse(too_fast, "register has risen faster than the rated power")
        refuse(known.minted + rise > U64_MAX, "attempt to add with overflow")
        refuse(self.issuers[issuer].minted + rise > U64_MAX, "attempt to add with overflow")

        known.register, known.read_at = register, read_at
        known.minted += rise
        self.issuers[issuer].minted += rise
        self.supplies[mint] += rise
        holder.amount += rise
        told = {"register": register, "read_at": read_at, "amount": rise, "meter_minted": known.minted}
        return self._done("EnergyReported", issuer, meter=meter, **told)

    def replace_device(
        self, *, authority: str, issuer: str, meter: str, replacement: str, device: str, register: int
    ) -> Event:
        self._check_authority(issuer, authority)
        self._check_in_service(meter, issuer)

        old = self.meters[meter]
        old.retired = True
        self._open(replacement, issuer, device, old.owner, old.rated_power, register)
        new = {"replacement": replacement, "device": device, "register": register, "read_at": self.now}
        return self._done("DeviceReplaced", issuer, meter=meter, **new)

    def retire_meter(self, *, authority: str, issuer: str, meter: str) -> Event:
        self._check_authority(issuer, authority)
        self._check_in_service(meter, issuer)

        self.meters[meter].retired = True
        return self._done("MeterRetired", issuer, meter=meter)

    def pause(self, *, authority: str, issuer: str) -> Event:
        self._check_authority(issuer, authority)
        refuse(self.issuers[issuer].paused, "issuer is paused")

        self.issuers[issuer].paused = True
        return self._done("IssuerPaused", issuer)

    def resume(self, *, authority: str, issuer: str) -> Event:
        self._check_authority(issuer, authority)
        refuse(not self.issuers[issuer].paused, "issuer is not paused")

        self.issuers[issuer].paused = False
        return self._done("IssuerResumed", issuer)

    def propose_authority(self, *, authority: str, issuer: str, proposed: str) -> Event:
        self._check_authority(issuer, authority)

        self.issuers[issuer].pending_authority = proposed
        return self._done("AuthorityProposed", issuer, proposed=proposed)

    def accept_authority(self, *, authority: str, issuer: str) -> Event:
        known = self.issuers[issuer]
        refuse(known.pending_authority == known.authority, "no new authority is proposed")
        refuse(known.pending_authority != authority, "signer is not the proposed authority")

        known.authority = authority
        return self._done("AuthorityAccepted", issuer, authority=authority)

    def check(self) -> None:
        """Raise AssertionError if one of the rules 1, 2 and 4 does not hold."""
        for name, issuer in self.issuers.items():
            meters = [meter for meter in self.meters.values() if meter.issuer == name]
            assert sum(meter.minted for meter in meters) == issuer.minted == self.supplies[issuer.mint], name
            held = sum(held.amount for held in self.tokens.values() if held.mint == issuer.mint)
            assert held == self.supplies[issuer.mint], name
            assert len(meters) == issuer.meter_count, name
        for name, meter in self.meters.items():
            assert meter.minted == meter.register - meter.first_register, name
            hours = Fraction(meter.read_at - meter.registered_at, 3_600)
            assert meter.minted <= meter.rated_power * hours * (1 + TOLERANCE), name
            assert meter.registered_at <= meter.read_at <= self.now, name

    def _open(self, name: str, issuer: str, device: str, owner: str, rated_power: int, register: int) -> None:
        self.meters[name] = Meter(issuer, device, owner, rated_power, register, self.now, register, self.now)
        self.issuers[issuer].meter_count += 1

    def _check_authority(self, issuer: str, authority: str) -> None:
        refuse(self.issuers[issuer].authority != authority, "signer is not the authority")

    def _check_in_service(self, meter: str, issuer: str) -> None:
        refuse(self.meters[meter].issuer != issuer, "meter belongs to another issuer")
        refuse(self.meters[meter].retired, "meter is retired")

    def _done(self, event: str, issuer: str, **fields: Any) -> Event:
        self.issuers[issuer].sequence += 1
        return self._told(event, issuer, **fields)

    def _told(self, event: str, issuer: str, **fields: Any) -> Event:
        known = self.issuers[issuer]
        totals = {"minted": known.minted, "meter_count": known.meter_count, "sequence": known.sequence}
        return event, {"issuer": issuer, **fields, **totals}
