"""The table of constructs is right: this is what Seahorse and rustc make of each, and of every remedy."""

import pytest

from tests.toolchain.compiled import CARGO, CONSTRUCTS, RUSTC, outcomes, table
from tests.toolchain.conftest import require

pytestmark = [pytest.mark.toolchain, pytest.mark.timeout(1_800)]


def test_the_table_says_what_becomes_of_each_construct() -> None:
    require("seahorse", CARGO, RUSTC)
    told = {
        each.name: each.outcome.replace("WRONG", "COMPILES").replace("WORKS", "COMPILES")
        for each in CONSTRUCTS
    }
    found, _ = outcomes(table())
    different = {name: (told[name], outcome) for name, outcome in found.items() if told[name] != outcome}
    assert different == {}, different
