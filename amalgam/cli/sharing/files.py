"""A community's file as what is settled: its readings, its rule, and whose wallet each member has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from amalgam.cli.options import UnusableInput
from amalgam.cli.readings import community_of, read
from amalgam.cli.share import files_of
from amalgam.units import ENERGY

if TYPE_CHECKING:
    from solders.pubkey import Pubkey

    from amalgam.readings.model import Readings
    from amalgam.sharing.client import Statement
    from amalgam.sharing.settings import Settings
    from amalgam.sharing.settlement import Rule
    from amalgam.units import Traded


@dataclass(frozen=True)
class CommunityFile:
    """A community's file that can be settled.

    Attributes:
        path: Where it is.
        settings: What it says.
        address: The community's, on the chain.
        owners: The address of each member's wallet.
    """

    path: Path
    settings: Settings
    address: Pubkey
    owners: dict[str, Pubkey]

    def readings(self, files: list[Path] | None) -> Readings:
        """The period's readings, of the files given, or of those that it names."""
        settings = self.settings
        parts = read(files_of(self.path, settings, files), settings.mappings, settings.zone)
        readings = community_of(parts, settings.gaps, settings.duplicates, settings.zone, settings.assign)
        if readings.measure is not ENERGY:
            raise UnusableInput(f"{parts[0].name}: it is of {readings.measure.noun}; only energy is shared")
        if without := [name for name in readings.members if name not in self.owners]:
            raise UnusableInput(f'{self.path}: {without[0]} has no owner; add owner = "ADDRESS" to them')
        return readings

    def midnight(self, day: date) -> int:
        """Unix seconds at which a day begins there."""
        if self.settings.zone is None:
            raise UnusableInput(f'{self.path}: it has no zone; add zone = "Europe/Vienna", or where it is')
        return int(datetime.combine(day, time(), ZoneInfo(self.settings.zone)).timestamp())

    def rule(self, traded: Traded, fee_bps: int) -> Rule:
        """The rule by which it is shared and paid, with the community's own fee."""
        from amalgam.sharing.settlement import Rule

        settings = self.settings
        if settings.prices is None:
            raise UnusableInput(f"{self.path}: it has no prices; add [prices] with what a shared kWh costs")
        try:
            price = traded.payment_units(settings.prices.shared)
        except ValueError as error:
            raise UnusableInput(f"{self.path}: prices: shared: {error}") from None
        return Rule(settings.key, settings.factors_bps, settings.battery, price, fee_bps)

    def statement(self, readings: Readings, rule: Rule) -> Statement:
        """What is settled: the line of each member, by the address of their wallet."""
        from amalgam.sharing.client import Statement
        from amalgam.sharing.settlement import computed, digest

        try:
            lines = {self.owners[each.member]: each for each in computed(readings, rule)}
        except ValueError as error:
            raise UnusableInput(f"{self.path}: {error}") from None
        starts_at, interval_s = int(readings.starts[0]), int(readings.interval.total_seconds())
        ends_at = int(readings.starts[-1]) + interval_s
        return Statement(starts_at, ends_at, digest(readings, rule), lines)


def load(path: Path) -> CommunityFile:
    """Read a community's file. Raises UnusableInput."""
    from amalgam.sharing.settings import SettingsError, load_settings

    try:
        settings = load_settings(path)
    except SettingsError as error:
        raise UnusableInput(str(error)) from None
    if settings.address is None:
        raise UnusableInput(
            f'{path}: it has no address; add address = "..." of the community, as amalgam sharing create '
            "prints it"
        )
    owners: dict[str, Pubkey] = {}
    for name, text in settings.owners.items():
        owner = _address(path, name, text)
        if owner in owners.values():
            raise UnusableInput(f"{path}: {name} has the owner of another member; give each their own")
        owners[name] = owner
    return CommunityFile(path, settings, _address(path, "address", settings.address), owners)


def _address(path: Path, what: str, text: str) -> Pubkey:
    from solders.pubkey import Pubkey

    try:
        return Pubkey.from_string(text)
    except ValueError:
        raise UnusableInput(f"{path}: {what}: {text!r} is not an address; correct it") from None
