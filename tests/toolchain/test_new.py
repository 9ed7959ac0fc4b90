"""A new project builds, and its tests find that the built program does what its source does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from amalgam.chain.source_idl import idl_of
from tests.toolchain.conftest import ROOT, require
from tests.unit.chain.test_source_idl import without_seeds
from tests.unit.cli.test_new import new

pytestmark = pytest.mark.toolchain


@pytest.mark.parametrize("name", ["water_meter", "count"])  # count is an instruction of it, too
def test_both_engines_pass_its_tests(kit: Path, tmp_path: Path, name: str) -> None:
    require("seahorse", "anchor")
    project = tmp_path / "project"
    assert new(name, project).exit_code == 0
    run(project, "seahorse", "build")
    assert "8 passed" in run(project, sys.executable, "-m", "pytest")
    built = without_seeds(json.loads((project / f"target/idl/{name}.json").read_text()))
    assert idl_of(project / f"programs_py/{name}.py") == built


def run(folder: Path, *command: str) -> str:
    # The project's own folder of what dependencies compiled to: they are the same.
    environment = {"CARGO_TARGET_DIR": str(ROOT / "target")} | os.environ
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5_000:] + done.stderr[-5_000:]
    return done.stdout
