"""Builds the programs whose source the Python engine runs beside them, once for each state of both."""

import fcntl
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.unchecked import unchecked
from tests.toolchain.conftest import MANIFEST, require

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCES = sorted(HERE.glob("programs_py/*.py"))


@pytest.fixture(scope="session")
def built() -> Path:
    """A folder with the built programs."""
    (cargo_build_sbf, *_) = require("cargo-build-sbf", "seahorse", "anchor")
    kit = cargo_build_sbf.parent.name
    parts = [*SOURCES, ROOT / "Cargo.toml", ROOT / "Cargo.lock"]
    content = b"".join(part.read_bytes() for part in parts) + kit.encode()
    workspace = ROOT / "target/differential-tests" / hashlib.sha256(content).hexdigest()[:12]
    deploy = workspace / "target/deploy"
    workspace.parent.mkdir(parents=True, exist_ok=True)
    with (ROOT / "target/differential-tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several that run tests at once, one builds
        if not all((deploy / f"{source.stem}.so").exists() for source in SOURCES):
            shutil.rmtree(workspace.parent)
            _build(workspace)
    return deploy


def _build(workspace: Path) -> None:
    for source in SOURCES:
        folder = workspace / "programs" / source.stem
        (folder / "src").mkdir(parents=True)
        (folder / "src/lib.rs").touch()
        (folder / "Cargo.toml").write_text(MANIFEST.replace('"arithmetic"', f'"{source.stem}"'))
    (workspace / "Anchor.toml").write_text('[provider]\ncluster = "Localnet"\nwallet = "none.json"\n')
    for name in ("Cargo.toml", "Cargo.lock"):
        shutil.copy(ROOT / name, workspace)
    shutil.copytree(HERE / "programs_py", workspace / "programs_py")
    # The project's dependencies are these programs' too: they share what is compiled.
    environment = {"CARGO_TARGET_DIR": str(ROOT / "target")} | unchecked()
    done = subprocess.run(
        ["seahorse", "build"], cwd=workspace, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
