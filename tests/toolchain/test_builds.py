"""What a build promises beside right code: the same bytes everywhere, and a word where they may not be."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.toolchain


@dataclass
class Elsewhere:
    """A build in another folder, with another home and a copy of the kit, after one by an older rustc."""

    deploy: Path
    printed: str
    versions: dict[str, str]


@pytest.fixture(scope="module")
def elsewhere(programs: Path, kit: Path, tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    home = tmp_path_factory.mktemp("home")
    workspace = home / "some/other/checkout"
    original = programs.parents[1]
    shutil.copytree(original / "programs/raw", workspace / "programs/raw")
    for name in ("Cargo.toml", "Cargo.lock"):
        shutil.copy(original / name, workspace)
    shutil.copytree(kit, home / "kit")
    registry = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")) / "registry"
    for downloaded in ("cache", "index"):
        shutil.copytree(registry / downloaded, home / ".cargo/registry" / downloaded)

    versions = json.loads((kit / "toolchain.json").read_text())
    deploy = workspace / "target/deploy"
    deploy.mkdir(parents=True)
    (deploy / "toolchain.json").write_text(json.dumps(versions | {"rustc": "1.2.3"}))
    outcome = subprocess.run(
        [home / "kit/cargo-build-sbf"],
        cwd=workspace / "programs/raw",
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    return Elsewhere(deploy, outcome.stdout, versions)


def test_a_build_elsewhere_yields_the_same_bytes(elsewhere: Elsewhere, programs: Path):
    assert (elsewhere.deploy / "raw.so").read_bytes() == (programs / "raw.so").read_bytes()


def test_a_build_copies_what_was_asked_for_and_nothing_else(elsewhere: Elsewhere):
    assert sorted(file.name for file in elsewhere.deploy.iterdir()) == ["raw.so", "toolchain.json"]


def test_other_versions_than_the_recorded_are_named_and_recorded(elsewhere: Elsewhere):
    rustc = elsewhere.versions["rustc"]
    assert elsewhere.printed == (
        f"Note: built with other versions than before, the bytes may differ: rustc {rustc} (was 1.2.3)\n"
    )
    assert json.loads((elsewhere.deploy / "toolchain.json").read_text()) == elsewhere.versions
