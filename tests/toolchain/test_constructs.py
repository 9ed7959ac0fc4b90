"""The table of constructs is right: this is what Seahorse and rustc make of each, and of every remedy."""

import json
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.toolchain.conftest import MANIFEST, ROOT, require
from tests.toolchain.constructs import Construct, constructs, examples

pytestmark = [pytest.mark.toolchain, pytest.mark.timeout(1_800)]

CARGO, RUSTC = "/usr/bin/cargo", "/usr/bin/rustc"  # the toolchain's, whatever is on PATH
CONSTRUCTS = [
    *constructs(),
    *(Construct("WORKS", f"remedy of {example.rule}", example.left_alone) for example in examples()),
]


class Compiler:
    """Seahorse, and rustc with what programs depend on, which is compiled once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        require("seahorse", CARGO, RUSTC)
        (folder / "programs/arithmetic/src").mkdir(parents=True)
        (folder / "programs/arithmetic/Cargo.toml").write_text(MANIFEST)
        (folder / "programs/arithmetic/src/lib.rs").touch()
        for name in ("Cargo.toml", "Cargo.lock"):
            shutil.copy(ROOT / name, folder)
        done = subprocess.run(
            [CARGO, "check", "--quiet", "--message-format=json"],
            cwd=folder,
            env=os.environ | {"RUSTC": RUSTC, "CARGO_TARGET_DIR": str(ROOT / "target")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        self.arguments = [f"-Ldependency={ROOT / 'target/debug/deps'}"]
        for line in done.stdout.splitlines():
            message = json.loads(line)
            if message.get("target", {}).get("name") in (
                "anchor_lang",
                "anchor-lang",
                "anchor_spl",
                "anchor-spl",
            ):
                name = message["target"]["name"].replace("-", "_")
                self.arguments.append(f"--extern={name}={message['filenames'][-1]}")

    def outcome(self, construct: Construct) -> str:
        """What becomes of it: a title of the table, but for WRONG, which the compilers do not know."""
        folder = self.folder / re.sub(r"\W+", "_", construct.name)
        folder.mkdir()
        source = folder / "example.py"
        source.write_text(construct.source, "utf-8")
        written = self._run("seahorse", "compile", source)
        if written.returncode:
            return "STOPS" if "panicked at" in written.stderr else "REFUSED"
        for part in written.stdout.split("// ===== ")[1:]:
            name, _, text = part.partition(" =====\n")
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
        options = [
            "--edition=2021",
            "--crate-type=lib",
            "--emit=metadata",
            "-Awarnings",
            f"--out-dir={folder}",
        ]
        compiled = self._run(RUSTC, folder / "lib.rs", *options, *self.arguments)
        return "RUST" if compiled.returncode else "COMPILES"

    def _run(self, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    compiler = Compiler(tmp_path_factory.mktemp("constructs"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(
            zip((each.name for each in CONSTRUCTS), pool.map(compiler.outcome, CONSTRUCTS), strict=True)
        )


def test_the_table_says_what_becomes_of_each_construct(outcomes: dict[str, str]) -> None:
    told = {
        each.name: each.outcome.replace("WRONG", "COMPILES").replace("WORKS", "COMPILES")
        for each in CONSTRUCTS
    }
    different = {name: (told[name], outcome) for name, outcome in outcomes.items() if told[name] != outcome}
    assert different == {}, different
