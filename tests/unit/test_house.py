"""The house keeps its order: the chain layer knows no domain, no domain another, and few places know all."""

import ast
import inspect
import re
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import PurePath
from pkgutil import walk_packages

import pytest

import amalgam
from amalgam import AmalgamError
from amalgam.programs import Program
from tests.support.stage import ROOT

PACKAGE = ROOT / "amalgam"
DOMAINS = {program.package for program in Program}
ABOVE = {"cli", "dashboard", "scenarios"}  # what uses domains together
OF_A_CHAIN = ("program", "client", "refusals", "history", "words")  # modules of a domain
CHAINED = re.compile(rf"amalgam\.sharing\.({'|'.join(OF_A_CHAIN)})\b|from (solders|solana)")
ASIDE = {"docs", "programs", "target", "Cargo.toml", "Cargo.lock"}  # prose, and what is generated


def imported(package: str) -> Iterator[tuple[str, str]]:
    """The parts of `amalgam` that a package, or a module, imports, each with the module that does."""
    for path in sorted((PACKAGE / package).rglob("*.py")) or [PACKAGE / package]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            for name in _names(node):
                if name.startswith("amalgam."):
                    yield name.split(".")[1], str(path.relative_to(PACKAGE))


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def test_the_chain_layer_imports_no_domain() -> None:
    assert [each for each in imported("chain") if each[0] in DOMAINS | ABOVE] == []


def test_readings_sharing_and_billing_need_no_chain() -> None:
    """Who has nothing but files can check, share, verify and bill; and readings are of anything."""
    assert {each[0] for each in imported("readings")} == {"AmalgamError", "csv_rows", "readings", "units"}
    paths = [path.relative_to(PACKAGE) for path in sorted((PACKAGE / "sharing").glob("*.py"))]
    pure = [str(path) for path in paths if path.stem not in OF_A_CHAIN]
    found = {name for path in pure for name in imported(path)}
    assert {each[0] for each in found} == {"AmalgamError", "readings", "sharing", "units"}
    assert [each for each in pure if CHAINED.search((PACKAGE / each).read_text("utf-8"))] == []
    known = {"AmalgamError", "billing", "readings", "sharing", "units"}
    assert {each[0] for each in imported("billing")} == known


def test_sizing_knows_sharing_and_the_battery_alone() -> None:
    """And the command line and scenarios stay above it."""
    assert {each[0] for each in imported("sizing")} & (DOMAINS | ABOVE) == {"battery", "sharing"}


def test_every_error_has_the_base() -> None:
    """But for those of the command line, which are typer's, and those that never leave their module."""
    modules = [import_module(each.name) for each in walk_packages(amalgam.__path__, "amalgam.")]
    others = [
        f"{module.__name__}.{name}"
        for module in modules
        for name, kind in inspect.getmembers(module, inspect.isclass)
        if kind.__module__ == module.__name__ and issubclass(kind, Exception)
        if not name.startswith("_") and not issubclass(kind, AmalgamError)
    ]
    assert others == ["amalgam.cli.failures.Failure", "amalgam.cli.options.UnusableInput"]


@pytest.mark.parametrize("domain", sorted(DOMAINS))
def test_a_domain_imports_no_other(domain: str) -> None:
    assert [each for each in imported(domain) if each[0] in (DOMAINS | ABOVE) - {domain}] == []


def shared(path: PurePath) -> bool:
    """Whether a new program may have to be added to it: no program's own file, and no scenario of some."""
    stems = {part.partition(".")[0] for part in path.parts}
    own = {*Program, *DOMAINS, "scenarios"}
    return path.parts[0] not in ASIDE and path.suffix != ".md" and stems.isdisjoint(own)


def lines_naming(program: Program, text: str) -> int:
    name = re.compile(rf"\b({program}|{program.name}|{program.package})\b")
    return sum(bool(name.search(line)) for line in text.splitlines())


def test_a_new_program_touches_few_shared_places() -> None:
    """Those are the files that name every program, each at the fewest lines that one of them takes."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = [ROOT / name for name in tracked.splitlines() if shared(PurePath(name))]
    texts = {path: path.read_text("utf-8") for path in paths if path.is_file()}
    counts = {path: min(lines_naming(each, text) for each in Program) for path, text in texts.items()}
    places = {str(path.relative_to(ROOT)): count for path, count in counts.items() if count}
    assert len(places) <= 5, places
    assert sum(places.values()) <= 15, places
