"""`amalgam new`: a project that is green at once, with an id of its own, or nothing at all."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from amalgam.chain.keys import read_keypair
from amalgam.cli import app
from amalgam.cli.new import _ID, _NAME

NAME = "water_meter"


def new(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["new", *map(str, arguments)])


def run(project: Path, *command: str) -> str:
    """What a command prints that has to succeed there."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=project, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    made = new(NAME, tmp_path / "project")
    assert made.exit_code == 0, made.output
    return tmp_path / "project"


@pytest.mark.slow
def test_its_tests_pass_without_a_build(project: Path) -> None:
    told = run(project, "pytest")
    assert "5 passed, 3 skipped" in told
    assert f"{NAME}.so is not built: amalgam toolchain install, then seahorse build" in told


@pytest.mark.slow
def test_it_is_linted_and_typed(project: Path) -> None:
    run(project, "ruff", "check", ".")
    run(project, "ruff", "format", "--check", ".")
    run(project, "pyright", "--pythonpath", sys.executable)


def test_it_has_an_id_of_its_own(project: Path) -> None:
    keypair = project / f"target/deploy/{NAME}-keypair.json"
    program_id = str(read_keypair(keypair).pubkey())  # which refuses one that others may read
    assert f'declare_id("{program_id}")' in (project / f"programs_py/{NAME}.py").read_text()
    anchor = tomllib.loads((project / "Anchor.toml").read_text())
    assert anchor["programs"] == {"localnet": {NAME: program_id}, "devnet": {NAME: program_id}}
    subprocess.run(["git", "init", "--quiet", "."], cwd=project, check=True)
    subprocess.run(["git", "check-ignore", "--quiet", keypair], cwd=project, check=True)


def test_nothing_of_the_template_is_left(project: Path, tmp_path: Path) -> None:
    paths = [path for path in project.rglob("*") if path.is_file()]
    assert not [path for path in paths if _NAME in path.name or path.suffix == ".pyc"]
    texts = "".join(path.read_text() for path in paths)
    assert _NAME not in texts
    assert _ID not in texts
    assert list(tmp_path.iterdir()) == [project]


def test_its_rust_packages_are_those_of_the_programs_here(project: Path) -> None:
    lock = tomllib.loads((project / "Cargo.lock").read_text())
    assert {"anchor-lang", "anchor-spl"} <= {each["name"] for each in lock["package"]}
    assert all("source" in each for each in lock["package"])


def test_what_to_do_next_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    *_, last = new(NAME).stdout.splitlines()
    assert last.startswith(f"  amalgam deploy target/deploy/{NAME}.so --url localnet")
    assert (tmp_path / NAME / "README.md").exists()


def test_an_empty_folder_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert new(NAME, ".").exit_code == 0
    assert Path(f"programs_py/{NAME}.py").exists()


@pytest.mark.parametrize("name", ["", "Meter", "2nd", "_meter", "meter_", "water-meter", "a" * 33, "größe"])
def test_names_that_are_none(name: str, tmp_path: Path) -> None:
    refused = new(name, tmp_path / "project")
    assert (refused.exit_code, refused.stderr) == (
        2,
        f"amalgam: {name!r} is no name for a program; one is like water_meter, of small letters, digits and "
        "underscores, 32 at most\n",
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["lambda", "match", "impl", "std", "anchor_lang"])
def test_names_that_mean_something(name: str, tmp_path: Path) -> None:
    refused = new(name, tmp_path / "project")
    told = f"amalgam: {name!r} has a meaning in Python or Rust; choose another name\n"
    assert (refused.exit_code, refused.stderr) == (2, told)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_in_use(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    refused = new(NAME, tmp_path)
    told = f"amalgam: {tmp_path}: there is something in it; name a folder that is new or empty\n"
    assert (refused.exit_code, refused.stderr) == (2, told)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for folder, why in ((file, "Not a directory"), (tmp_path / "no/such", "No such file or directory")):
        refused = new(NAME, folder)
        told = f"amalgam: {folder}: {why}; name another folder\n"
        assert (refused.exit_code, refused.stderr) == (2, told)
    assert list(tmp_path.iterdir()) == [file]
