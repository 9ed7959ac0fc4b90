"""The programs of this package and their ids: in source, client, Anchor's configuration and keypair files."""

from __future__ import annotations

import re
from enum import StrEnum
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from amalgam import built

if TYPE_CHECKING:  # the command line's help loads no solders
    from solders.keypair import Keypair
    from solders.pubkey import Pubkey

_PACKAGES = {  # of `amalgam`, by program
    "energy_allocation": "battery",
    "energy_metering": "metering",
    "energy_market": "market",
    "virtual_power_plant": "vpp",
}
_DECLARED = re.compile(r'^declare_id\("(\w+)"\)$', re.MULTILINE)


class NoCheckoutError(LookupError):
    """There is no source of the program to change."""


class Program(StrEnum):
    """A program, by the name of its source."""

    ENERGY_ALLOCATION = "energy_allocation"
    ENERGY_METERING = "energy_metering"
    ENERGY_MARKET = "energy_market"
    VIRTUAL_POWER_PLANT = "virtual_power_plant"

    @property
    def package(self) -> str:
        """The package of `amalgam` that is about it, and the folder of its twin."""
        return _PACKAGES[self.value]

    @property
    def module(self) -> ModuleType:
        """Its addresses, accounts, events and instructions."""
        return import_module(f"amalgam.{self.package}.program")

    @property
    def program_id(self) -> Pubkey:
        """As the package has it."""
        return self.module.PROGRAM_ID

    @property
    def code(self) -> Path:
        """Where the built program is."""
        return built(f"{self}.so")

    @property
    def idl(self) -> Path:
        """Where its IDL is."""
        return built(f"{self}.json")

    @property
    def keypair_file(self) -> Path:
        """In a checkout, where Anchor and Solana's tools have the keypair of its id."""
        return Path(f"target/deploy/{self}-keypair.json")

    @property
    def development_keypair(self) -> Keypair:
        """What anybody can make: whoever deploys where others do needs an id of their own."""
        from solders.keypair import Keypair

        return Keypair.from_seed(sha256(f"amalgam {self} development".encode()).digest())

    @property
    def places(self) -> tuple[Path, ...]:
        """In a checkout, the files that have its id, its source first."""
        return (
            Path(f"programs_py/{self}.py"),
            Path(f"amalgam/{self.package}/program.py"),
            Path("Anchor.toml"),
            Path(f"benchmarks/{self.package}/twin/src/lib.rs"),
        )

    def keypair(self, path: Path | None = None) -> Keypair | None:
        """The keypair of its id, in a file or where it usually is; None where that is not known.

        Raises KeyFileError.
        """
        from amalgam.chain.keys import read_keypair

        usual = self.code.with_name(self.keypair_file.name)
        if path is not None or usual.exists():
            return read_keypair(path or usual)
        development = self.development_keypair
        return development if development.pubkey() == self.program_id else None


def renew(checkout: Path) -> dict[Program, Pubkey]:
    """Put the ids of the checkout's keypair files, which are made where there are none, in all places.

    The Rust programs and what is built have them after the next `seahorse build`.

    Raises NoCheckoutError, KeyFileError where a file cannot be used, and OSError.
    """
    from solders.keypair import Keypair

    from amalgam.chain.keys import read_keypair, write_keypair

    contents = {place: _content(checkout / place) for program in Program for place in program.places}
    renewed: dict[Program, Pubkey] = {}
    for program in Program:
        declared = _DECLARED.search(contents[program.places[0]])
        if declared is None:
            raise NoCheckoutError(f"{checkout / program.places[0]} declares no program id")
        path = checkout / program.keypair_file
        if not path.exists():
            write_keypair(path, Keypair())
        renewed[program] = read_keypair(path).pubkey()
        for place in program.places:
            contents[place] = contents[place].replace(declared[1], str(renewed[program]))
    for place, content in contents.items():
        (checkout / place).write_text(content)
    return renewed


def _content(path: Path) -> str:
    try:
        return path.read_text()
    except FileNotFoundError:
        raise NoCheckoutError(
            f"{path}: no such file; a program id is made in a checkout of the repository"
        ) from None
