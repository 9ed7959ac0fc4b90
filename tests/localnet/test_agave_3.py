"""An extension on the one runtime that wants the upgrade authority to sign for it."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.support.stage import ROOT


@pytest.fixture(scope="module")
def upgrade(request: pytest.FixtureRequest) -> Any:
    """What becomes of an upgrade to a larger program there."""
    folder = request.config.cache.mkdir("solders-0.27.1")
    if not (folder / "solders").exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder]
        done = subprocess.run([*pip, "solders==0.27.1"], capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"pip cannot install solders 0.27.1: {done.stderr.strip()[-300:]}")

    def run(told: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "tests.localnet.agave_3", told],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(folder)},
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_an_upgrade_to_a_larger_program(upgrade: Any) -> None:
    assert upgrade("told") == "upgraded"


def test_a_refused_extension_is_explained_and_has_cost_nothing(upgrade: Any) -> None:
    """As on a cluster that wants the signature, and does not say so."""
    assert upgrade("untold") == [
        "invalid instruction data: ExtendProgram was superseded by ExtendProgramChecked. "
        "Read the transaction's logs.",
        "nothing has been paid into a buffer; to go on, run the same again",
        0,  # lamports in the buffer
    ]
