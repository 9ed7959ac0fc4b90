"""What Seahorse and rustc make of each construct, and of every remedy.

What Seahorse writes is compiled only if it has changed: `compiled.txt` says what came of it otherwise, by the
digest of the Rust and of what compiles it. `python -m tests.toolchain.compiled` brings it up to date.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from shutil import copy
from tempfile import TemporaryDirectory

from tests.toolchain.conftest import MANIFEST, ROOT
from tests.toolchain.constructs import Construct, constructs, examples

CARGO, RUSTC = "/usr/bin/cargo", "/usr/bin/rustc"  # the toolchain's, whatever is on PATH
CONSTRUCTS = [
    *constructs(),
    *(Construct("WORKS", f"remedy of {example.rule}", example.left_alone) for example in examples()),
]
_TABLE = Path(__file__).with_suffix(".txt")
_LIBRARIES = {"anchor_lang", "anchor_spl"}


def outcomes(known: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What becomes of each by its name, in the table's titles but for WRONG, which compilers do not know.

    And what is known of the Rust that it was written as, by its digest.
    """
    with TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        written = dict(
            zip(CONSTRUCTS, pool.map(lambda each: _written(Path(folder), each), CONSTRUCTS), strict=True)
        )
        version = _run(RUSTC, "--version").stdout + MANIFEST + (ROOT / "Cargo.lock").read_text("utf-8")
        digests = {
            each: sha256((version + done.stdout).encode()).hexdigest()[:16]
            for each, done in written.items()
            if done.returncode == 0
        }
        new = {digests[each]: each for each in digests if digests[each] not in known}
        libraries = _libraries(Path(folder)) if new else []
        compiled = pool.map(
            lambda each: _compiled(Path(folder, digests[each]), written[each].stdout, libraries), new.values()
        )
        found = {**known, **dict(zip(new, compiled, strict=True))}
    of_all = {
        each.name: found[digests[each]] if each in digests else _stopped(written[each]) for each in written
    }
    return of_all, {digest: found[digest] for digest in sorted(digests.values())}


def table() -> dict[str, str]:
    """What is known."""
    return dict(line.split() for line in _TABLE.read_text("utf-8").splitlines())


def _written(folder: Path, construct: Construct) -> subprocess.CompletedProcess[str]:
    """The Rust that Seahorse makes of it."""
    source = folder / f"{sha256(construct.name.encode()).hexdigest()[:16]}/example.py"
    source.parent.mkdir()
    source.write_text(construct.source, "utf-8")
    return _run("seahorse", "compile", source)


def _stopped(done: subprocess.CompletedProcess[str]) -> str:
    return "STOPS" if "panicked at" in done.stderr else "REFUSED"


def _libraries(folder: Path) -> list[str]:
    """rustc's options for what programs depend on, which is compiled once."""
    (folder / "programs/arithmetic/src").mkdir(parents=True)
    (folder / "programs/arithmetic/Cargo.toml").write_text(MANIFEST)
    (folder / "programs/arithmetic/src/lib.rs").touch()
    for name in ("Cargo.toml", "Cargo.lock"):
        copy(ROOT / name, folder)
    done = subprocess.run(
        [CARGO, "check", "--quiet", "--message-format=json"],
        cwd=folder,
        env=os.environ | {"RUSTC": RUSTC, "CARGO_TARGET_DIR": str(ROOT / "target")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    artifacts = [message for line in done.stdout.splitlines() if "target" in (message := json.loads(line))]
    files = {each["target"]["name"].replace("-", "_"): each["filenames"][-1] for each in artifacts}
    externs = [f"--extern={name}={files[name]}" for name in sorted(_LIBRARIES)]
    return [f"-Ldependency={ROOT / 'target/debug/deps'}", *externs]


def _compiled(folder: Path, rust: str, libraries: list[str]) -> str:
    """What rustc makes of what Seahorse has written."""
    for part in rust.split("// ===== ")[1:]:
        name, _, text = part.partition(" =====\n")
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    options = ["--edition=2021", "--crate-type=lib", "--emit=metadata", "-Awarnings", f"--out-dir={folder}"]
    return "RUST" if _run(RUSTC, folder / "lib.rs", *options, *libraries).returncode else "COMPILES"


def _run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    _, known = outcomes(table())
    _TABLE.write_text("".join(f"{digest} {outcome}\n" for digest, outcome in known.items()), "utf-8")
