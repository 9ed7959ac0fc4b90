"""What a build promises beside right code: the same bytes everywhere, and a word where they may not be."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

pytestmark = pytest.mark.toolchain


@dataclass
class Elsewhere:
    """A build in another folder, with another home and a copy of the kit, after one by an older rustc."""

    deploy: Path
    printed: str
    versions: dict[str, str]
    build: Callable[..., subprocess.CompletedProcess[str]]


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

    def build(*options: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [home / "kit/cargo-build-sbf", *options],
            cwd=workspace / "programs/raw",
            env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=check,
        )

    return Elsewhere(deploy, build().stdout, versions, build)


@pytest.mark.parametrize(("name", "version"), [("raw.so", 0), ("v3/raw.so", 3)])
def test_a_build_elsewhere_yields_the_same_bytes(
    elsewhere: Elsewhere, programs: Path, name: str, version: int
):
    code = (elsewhere.deploy / name).read_bytes()
    assert code == (programs / name).read_bytes()
    assert int.from_bytes(code[48:52], "little") == version  # the flags of the ELF


def test_a_build_copies_what_was_asked_for_and_nothing_else(elsewhere: Elsewhere):
    files = [file for file in elsewhere.deploy.rglob("*") if file.is_file()]
    assert sorted(str(file.relative_to(elsewhere.deploy)) for file in files) == [
        "SHA256SUMS",
        "raw.so",
        "toolchain.json",
        "v3/raw.so",
    ]


def test_what_was_built_together_has_its_hashes(elsewhere: Elsewhere):
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"],
        cwd=elsewhere.deploy,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "raw.so: OK\nv3/raw.so: OK\n")


@pytest.mark.parametrize(("version", "made"), [("v0", "raw.so"), ("v3", "v3/raw.so")])
def test_one_version_of_sbf_alone(elsewhere: Elsewhere, version: str, made: str):
    """What was there for the other one would not be of this build."""
    before = (elsewhere.deploy / made).read_bytes()
    elsewhere.build("--arch", version)
    try:
        assert [str(file.relative_to(elsewhere.deploy)) for file in elsewhere.deploy.rglob("*.so")] == [made]
        assert (elsewhere.deploy / "SHA256SUMS").read_text() == f"{sha256(before).hexdigest()}  {made}\n"
    finally:
        elsewhere.build()


def test_a_version_of_sbf_that_is_not_built_here(elsewhere: Elsewhere):
    done = elsewhere.build("--arch", "v2", check=False)
    assert (done.returncode, done.stderr) == (1, "cargo-build-sbf: --arch takes one of v0, v3, not 'v2'\n")


def test_other_versions_than_the_recorded_are_named_and_recorded(elsewhere: Elsewhere):
    rustc = elsewhere.versions["rustc"]
    assert elsewhere.printed == (
        f"Note: built with other versions than before, the bytes may differ: rustc {rustc} (was 1.2.3)\n"
    )
    assert json.loads((elsewhere.deploy / "toolchain.json").read_text()) == elsewhere.versions
