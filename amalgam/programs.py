"""The one list of programs: the id, accounts, events, refusals and words of each, and where its files are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields
from enum import IntEnum, StrEnum
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from amalgam import AmalgamError, built

if TYPE_CHECKING:  # the command line's help loads no solders
    from solders.account import Account
    from solders.keypair import Keypair
    from solders.pubkey import Pubkey

    from amalgam.chain.layout import EventReader
    from amalgam.chain.program_client import ProgramClient
    from amalgam.chain.refusal import Refusal

DECLARED_ID = re.compile(r'^declare_id\("(\w+)"\)$', re.MULTILINE)
V3 = "v3"  # the folder of what is built for SBF version 3


class Engine(StrEnum):
    """The engine that runs programs on a chain inside this process."""

    LITESVM = "litesvm"  # the built programs, as validators run them
    PYTHON = "python"  # their Python source


def outdated(code: Path, source: Path) -> str | None:
    """A line that says that a program was built from another state of its source; None unless that is known.

    `seahorse build` writes down beside a program which source it has built.
    """
    record = code.with_name(f"{source.name}.sha256")
    if not record.exists() or not source.exists():
        return None
    if record.read_text().split()[:1] == [sha256(source.read_bytes()).hexdigest()]:
        return None
    return f"{code} was built from another {source.name} than {source} is now; run: seahorse build"


def for_v3(code: Path) -> Path:
    """Where a program that is built for SBF version 0 is for version 3."""
    return code.parent / V3 / code.name


class NoCheckoutError(AmalgamError):
    """There is no source of the program to change."""


class Program(StrEnum):
    """A program, by the name of its source."""

    ENERGY_ALLOCATION = "energy_allocation"
    ENERGY_METERING = "energy_metering"
    ENERGY_MARKET = "energy_market"
    VIRTUAL_POWER_PLANT = "virtual_power_plant"
    ENERGY_SHARING = "energy_sharing"

    @property
    def package(self) -> str:
        """The package of `amalgam` that is about it, and the folder of its twin and of its tests."""
        return _PACKAGES[self]

    @property
    def module(self) -> ModuleType:
        """Its id, addresses, accounts, events and instructions."""
        return self._part("program")

    @property
    def words(self) -> ModuleType:
        """Its accounts and events in the words and units of what it holds."""
        return self._part("words")

    @property
    def history(self) -> ModuleType:
        """Its accounts rebuilt from its events."""
        return self._part("history")

    @property
    def program_id(self) -> Pubkey:
        """As the package has it."""
        return self.module.PROGRAM_ID

    @property
    def client(self) -> type[ProgramClient]:
        """The class that sends its instructions, reads its accounts, and audits its ledgers."""
        from amalgam.chain.program_client import ProgramClient

        kinds = (each for each in vars(self._part("client")).values() if isinstance(each, type))
        return next(each for each in kinds if issubclass(each, ProgramClient) and each is not ProgramClient)

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Its refusals."""
        return self._part("refusals").REFUSALS

    @property
    def creation(self) -> str:
        """How an account of it that is missing is created."""
        return self._part("refusals").CREATION

    def _part(self, name: str) -> ModuleType:
        return import_module(f"amalgam.{self.package}.{name}")

    @property
    def code(self) -> Path:
        """Where the built program is, of SBF version 0."""
        return built(f"{self}.so")

    @property
    def code_of_v3(self) -> Path:
        """Where the same is of SBF version 3."""
        return for_v3(self.code)

    @property
    def source(self) -> Path:
        """Where its Python source is."""
        return built(f"{self}.py")

    def runs_from(self, engine: Engine) -> Path:
        """What an engine runs: the built program, or its source."""
        return self.source if engine is Engine.PYTHON else self.code

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
        """A keypair that anybody can make: who deploys on a shared cluster needs an id of their own."""
        from solders.keypair import Keypair

        return Keypair.from_seed(sha256(f"amalgam {self} development".encode()).digest())

    @property
    def places(self) -> tuple[Path, ...]:
        """In a checkout, the files that have its id, its source first."""
        return (
            Path(f"programs_py/{self}.py"),
            Path(f"amalgam/{self.package}/program.py"),
            Path("Anchor.toml"),
        )

    @property
    def twin(self) -> Path:
        """In a checkout, the program written by hand beside it, if there is one: it has its id too."""
        return Path(f"benchmarks/{self.package}/twin/src/lib.rs")

    def keypair(self, path: Path | None = None) -> Keypair | None:
        """The keypair of its id, in a file or where it usually is; None if that is not known.

        Raises KeyFileError.
        """
        from amalgam.chain.keys import read_keypair

        usual = self.code.with_name(self.keypair_file.name)
        if path is not None or usual.exists():
            return read_keypair(path or usual)
        development = self.development_keypair
        return development if development.pubkey() == self.program_id else None


_PACKAGES = {
    Program.ENERGY_ALLOCATION: "battery",
    Program.ENERGY_METERING: "metering",
    Program.ENERGY_MARKET: "market",
    Program.VIRTUAL_POWER_PLANT: "vpp",
    Program.ENERGY_SHARING: "sharing",
}
_BY_PACKAGE = {package: program for program, package in _PACKAGES.items()}


# What a chain knows by a program's id


@cache
def _by_id() -> dict[Pubkey, Program]:
    return {program.program_id: program for program in Program}


def by_id(program_id: Pubkey) -> Program | None:
    """The program with that id; None if it is none of these."""
    return _by_id().get(program_id)


def decoded(account: Account) -> Any | None:
    """The record in an account of one of the programs; None if it is none of theirs."""
    program = by_id(account.owner)
    for kind in program.module.ACCOUNTS if program else ():
        with suppress(ValueError):
            return kind.from_bytes(account.data)
    return None


def of_record(record: object) -> Program:
    """The program whose account, event or statement that is, by the package of its class."""
    _, package, *_ = type(record).__module__.split(".")
    return _BY_PACKAGE[package]


def events(logs: Sequence[str]) -> list[Any]:
    """The programs' events in a transaction's log, in order. Raises TruncatedLogError."""
    return _events().read(logs)


@cache
def _events() -> EventReader[Any]:
    from amalgam.chain.layout import EventReader

    reader = EventReader[Any]({})
    for program in Program:
        reader |= program.module.EVENTS
    return reader


def kind_of(record: Any) -> str:
    """The kind of an account in a word, like battery or auction."""
    return type(record).__name__.lower()


def plain(record: Any) -> dict[str, Any]:
    """An account or event as JSON has it: addresses as text, and null for a limit that is the policy's."""
    found = {field.name: _plain(getattr(record, field.name)) for field in fields(record)}
    adapt = getattr(of_record(record).words, "plain", None)
    return adapt(record, found) if adapt else found


def _plain(value: Any) -> Any:
    if isinstance(value, IntEnum):
        return value.name
    return value if isinstance(value, int | str | None) else str(value)


# Their ids in a checkout


def renew(checkout: Path) -> dict[Program, Pubkey]:
    """Put the ids of the checkout's keypair files, which are made if there are none, in all places.

    The Rust programs and what is built have them after the next `seahorse build`.

    Raises NoCheckoutError, KeyFileError if a file cannot be used, and OSError.
    """
    from solders.keypair import Keypair

    from amalgam.chain.keys import read_keypair, write_keypair

    places = {program: list(program.places) for program in Program}
    for program in Program:
        if (checkout / program.twin).exists():
            places[program].append(program.twin)
    contents = {place: _content(checkout / place) for found in places.values() for place in found}
    renewed: dict[Program, Pubkey] = {}
    for program in Program:
        declared = DECLARED_ID.search(contents[program.places[0]])
        if declared is None:
            raise NoCheckoutError(f"{checkout / program.places[0]} declares no program id")
        path = checkout / program.keypair_file
        if not path.exists():
            write_keypair(path, Keypair())
        renewed[program] = read_keypair(path).pubkey()
        for place in places[program]:
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
