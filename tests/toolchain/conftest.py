"""Builds the test programs with the installed toolchain, once for each state of both."""

import fcntl
import hashlib
import shutil
import subprocess
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
    """A folder with the built test programs."""
    require("seahorse", "anchor")
    sources = [ROOT / "Cargo.toml", ROOT / "Cargo.lock"]
    sources += sorted(p for p in (*HERE.glob("programs_py/*.py"), *HERE.glob("raw/**/*")) if p.is_file())
    content = b"".join(p.read_bytes() for p in sources) + kit.name.encode() + MANIFEST.encode()
    workspace = ROOT / "target/toolchain-tests" / hashlib.sha256(content).hexdigest()[:12]
    deploy = workspace / "target/deploy"
    workspace.parent.mkdir(parents=True, exist_ok=True)
    with (ROOT / "target/toolchain-tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several that run tests at once, one builds
        if not all((deploy / f"{name}.so").exists() for name in (SEAHORSE_PROGRAM, RUST_PROGRAM)):
            shutil.rmtree(workspace.parent)
            build(workspace)
    return deploy


def build(workspace: Path) -> None:
    seahorse_program = workspace / "programs" / SEAHORSE_PROGRAM
    (seahorse_program / "src").mkdir(parents=True)
    (seahorse_program / "Cargo.toml").write_text(MANIFEST)
    (workspace / "Anchor.toml").write_text('[provider]\ncluster = "Localnet"\nwallet = "none.json"\n')
    for name in ("Cargo.toml", "Cargo.lock"):
        shutil.copy(ROOT / name, workspace)
    shutil.copytree(HERE / "programs_py", workspace / "programs_py")
    shutil.copytree(HERE / "raw", workspace / "programs" / RUST_PROGRAM)
    # The main program's dependencies are these programs' too: they share what is compiled.
    environment = {"CARGO_TARGET_DIR": str(ROOT / "target")} | unchecked()
    for command, folder in (
        (["seahorse", "build"], workspace),
        (["cargo-build-sbf"], workspace / "programs/raw"),
    ):
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
