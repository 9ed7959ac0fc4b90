"""The house keeps its order: the chain layer knows no domain, and no domain knows another."""

import ast
from collections.abc import Iterator

import pytest

from amalgam.programs import Program
from tests.support.stage import ROOT

PACKAGE = ROOT / "amalgam"
DOMAINS = {program.package for program in Program}
ABOVE = {"cli", "scenarios"}  # what uses domains together


def imported(package: str) -> Iterator[tuple[str, str]]:
    """The parts of `amalgam` that a package imports, each with the module that does."""
    for path in sorted((PACKAGE / package).rglob("*.py")):
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


@pytest.mark.parametrize("domain", sorted(DOMAINS))
def test_a_domain_imports_no_other(domain: str) -> None:
    assert [each for each in imported(domain) if each[0] in (DOMAINS | ABOVE) - {domain}] == []
