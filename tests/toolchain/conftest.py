"""Builds the test programs with the installed toolchain, once for each state of both."""

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.support.unchecked import unchecked

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SEAHORSE_PROGRAM, RUST_PROGRAM = "arithmetic", "raw"

MANIFEST = """
[package]
name = "arithmetic"
version = "0.1.0"
edition = "2021"

[lib]
crate-type = ["cdylib", "lib"]

[features]
no-entrypoint = []

[dependencies]
anchor-lang = "=0.29.0"
anchor-spl = "=0.29.0"
"""


def require(*commands: str) -> list[Path]:
    """The tools behind the commands; the test is skipped where one is not installed."""
    found = {command: shutil.which(command) for command in commands}
    missing = [command for command, path in found.items() if path is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not on PATH: run toolchain/install")
    return [Path(path).resolve() for path in found.values()]


@pytest.fixture(scope="session")
def kit() -> Path:
    """The folder of this project's cargo-build-sbf: its name changes with all that it is made of."""
    (cargo_build_sbf,) = require("cargo-build-sbf")
    if not (cargo_build_sbf.parent / "legalize.so").exists():
        pytest.skip("cargo-build-sbf on PATH is Solana's own")
    return cargo_build_sbf.parent


@pytest.fixture(scope="session")
def programs(kit: Path) -> Path:
    """A folder with the built test programs, of which Solana's own tools could not build all."""
    sources = sorted(p for p in (*HERE.glob("programs_py/*.py"), *HERE.glob("raw/**/*")) if p.is_file())
    return built_once("toolchain-tests", sources, (SEAHORSE_PROGRAM, RUST_PROGRAM), _build)


def _build(workspace: Path) -> None:
    make_workspace(workspace, HERE / "programs_py")
    shutil.copytree(HERE / "raw", workspace / "programs" / RUST_PROGRAM)
    run(workspace, "seahorse", "build")
    run(workspace / "programs/raw", "cargo-build-sbf")


def built_once(
    folder: str, sources: Iterable[Path], names: Iterable[str], build: Callable[[Path], None]
) -> Path:
    """A folder with these built programs, which `build` makes in a workspace, once for each state of all.

    Args:
        folder: In `target`, of the workspace.
        sources: What the programs are made of.
        names: The programs.
        build: Is given the workspace, which is not there yet.
    """
    (cargo_build_sbf, *_) = require("cargo-build-sbf", "seahorse", "anchor")
    parts = [ROOT / "Cargo.toml", ROOT / "Cargo.lock", *sources]
    kit = cargo_build_sbf.parent.name
    content = b"".join(part.read_bytes() for part in parts) + kit.encode() + MANIFEST.encode()
    workspace = ROOT / "target" / folder / hashlib.sha256(content).hexdigest()[:12]
    deploy = workspace / "target/deploy"
    workspace.parent.mkdir(parents=True, exist_ok=True)
    with (ROOT / f"target/{folder}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several that run tests at once, one builds
        if not all((deploy / f"{name}.so").exists() for name in names):
            shutil.rmtree(workspace.parent)
            build(workspace)
    return deploy


def make_workspace(workspace: Path, programs_py: Path) -> None:
    """A workspace with the programs of a folder, to be built."""
    for source in programs_py.glob("*.py"):
        program = workspace / "programs" / source.stem
        (program / "src").mkdir(parents=True)
        (program / "src/lib.rs").touch()
        (program / "Cargo.toml").write_text(MANIFEST.replace('"arithmetic"', f'"{source.stem}"'))
    (workspace / "Anchor.toml").write_text('[provider]\ncluster = "Localnet"\nwallet = "none.json"\n')
    for name in ("Cargo.toml", "Cargo.lock"):
        shutil.copy(ROOT / name, workspace)
    shutil.copytree(programs_py, workspace / "programs_py")


def run(folder: Path, *command: str) -> None:
    """Run a command that must succeed, without the check of programs."""
    # The project's dependencies are these programs' too: they share what is compiled.
    environment = {"CARGO_TARGET_DIR": str(ROOT / "target")} | unchecked()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
