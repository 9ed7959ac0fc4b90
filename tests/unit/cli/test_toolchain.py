"""`amalgam toolchain install`: says what it does, runs the kit's own script, and refuses where that does."""

import platform
import subprocess
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from amalgam.cli import app, toolchain
from tests.support.stage import ROOT


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would have been run, on Debian 12."""
    commands: list[Any] = []

    def run(command: list[Any]) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, returncode=len(commands) - 1)

    monkeypatch.setattr(toolchain.subprocess, "run", run)
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: {"ID": "debian", "VERSION_ID": "12"})
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    return commands


def install(*options: str) -> Result:
    return CliRunner().invoke(app, ["toolchain", "install", *options])


def test_says_what_it_does(ran: list[Any]) -> None:
    told = install("--dry-run")
    assert told.exit_code == 0, told.output
    assert "/data/amalgam-toolchain" in told.stdout
    assert "some 12 minutes" in told.stdout
    assert ran == []


def test_runs_the_script(ran: list[Any]) -> None:
    assert install().exit_code == 0
    assert ran[0][1] == ROOT / "toolchain/install"
    failed = install()
    told = "amalgam: the toolchain is not installed; the lines above say why\n"
    assert (failed.exit_code, failed.stderr) == (1, told)


def test_refuses_elsewhere(ran: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    refused = install()
    assert refused.exit_code == 2
    assert refused.stderr.startswith(
        "amalgam: This toolchain is for Debian 12 on amd64; here is debian 12 aarch64"
    )
    assert len(refused.stderr.splitlines()) == 1

    def missing() -> dict[str, str]:
        raise OSError

    monkeypatch.setattr(platform, "freedesktop_os_release", missing)
    refused = install()
    told = "amalgam: this toolchain is for Debian 12 on amd64, and here is another system\n"
    assert (refused.exit_code, refused.stderr) == (2, told)
    assert ran == []
