"""What people do with a cluster, on a real validator: look at the program, run commands, migrate."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from solana.rpc.async_api import AsyncClient

from amalgam.battery.program import PROGRAM_ID
from amalgam.chain.keys import write_keypair
from amalgam.chain.loader import program_data
from amalgam.chain.localnet import Validator
from amalgam.programs import Program
from tests.support.stage import ROOT

COMMAND = (sys.executable, "-c", "from amalgam.cli import app; app()")


@pytest.fixture
def keypair(localnet: Validator, tmp_path: Path) -> Path:
    path = tmp_path / "id.json"
    write_keypair(path, localnet.payer)
    return path


@pytest.fixture
def run(localnet: Validator, keypair: Path, tmp_path: Path) -> Any:
    """Runs a command as its users do: what it prints."""

    def run(*words: str, command: tuple[str, ...] = COMMAND) -> str:
        done = subprocess.run(
            [*command, *words, "--url", localnet.url, "--keypair", keypair],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


async def test_the_cluster_has_the_built_program(
    localnet: Validator, cluster: AsyncClient, built_program: Callable[[Program], Path]
) -> None:
    found = await program_data(cluster, PROGRAM_ID)
    assert found.code == built_program(Program.ENERGY_ALLOCATION).read_bytes()
    assert found.authority == localnet.payer.pubkey()


def test_what_a_community_does_with_the_command(run: Any, localnet: Validator) -> None:
    def answer(*words: str) -> Any:
        return json.loads(run(*words, "--output", "json"))

    mint = answer("mint", "create")["mint"]
    battery = answer("battery", "create", mint, "--capacity", "300kWh", "--efficiency", "95%")["battery"]
    answer("member", "open", battery)
    answer("mint", "issue", mint, "10kWh")
    assert answer("deposit", battery, "3.5kWh", "--dry-run")["dry_run"]
    answer("deposit", battery, "3.5kWh")
    answer("allocate", battery, "1.5kWh")

    audit = answer("battery", "audit", battery)
    amounts = {name: audit[name] for name in ("stored", "allocated", "vault", "violations")}
    assert amounts == {"stored": 3_325, "allocated": 1_500, "vault": 3_325, "violations": []}
    events = answer("history", battery)["events"]
    assert [event["event"] for event in events] == ["Initialized", "MemberOpened", "Deposited", "Allocated"]
    minute = timedelta(minutes=1)
    for event in events:  # this validator's clock stands at the time when it started
        assert event["unix_timestamp"] == pytest.approx(localnet.unix_timestamp, abs=5)
    assert answer("history", battery, "--since", iso(localnet, -minute))["events"] == events
    assert answer("history", battery, "--until", iso(localnet, minute))["events"] == events
    assert answer("history", battery, "--since", iso(localnet, minute))["events"] == []
    assert answer("history", battery, "--until", iso(localnet, -minute))["events"] == []


def iso(validator: Validator, later: timedelta) -> str:
    return (datetime.fromtimestamp(validator.unix_timestamp, UTC) + later).isoformat()


def test_the_migration_leaves_what_is_there_and_creates_what_is_not(run: Any) -> None:
    migration = (sys.executable, "migrations/deploy.py")
    mint = json.loads(run("mint", "create", "--output", "json"))["mint"]

    first = run(mint, "--capacity", "300kWh", "--efficiency", "95%", "--yes", command=migration)
    second = run(mint, "--capacity", "300kWh", "--yes", command=migration)

    assert "has exactly this program already" in first
    assert "Created battery " in first
    assert second.startswith("Program ")
    assert "Created battery " not in second


def test_what_a_meter_does_with_the_command(run: Any, metering_localnet: Validator, tmp_path: Path) -> None:
    def answer(*words: str) -> Any:
        return json.loads(run(*words, "--output", "json"))

    issuer = answer("issuer", "create")["issuer"]
    me = str(metering_localnet.payer.pubkey())
    registered = answer("meter", "register", issuer, me, me, "--rated", "1000kW", "--register", "7kWh")
    begun = registered["events"][0]["read_at"]
    file = tmp_path / "registers.csv"
    file.write_text(f"read_at,register_Wh\n{begun + 900},7100\n{begun + 1_800},7250\n")

    def report() -> None:
        run("meter", "run", issuer, "--csv", str(file), "--once")

    run("wallet", "open", answer("issuer", "show", issuer)["mint"])
    metering_localnet.unix_timestamp = begun + 900
    with pytest.raises(AssertionError, match="reading is in the future"):
        report()
    assert answer("issuer", "audit", issuer)["minted"] == 100

    metering_localnet.unix_timestamp = begun + 1_800
    report()
    report()
    audit = answer("issuer", "audit", issuer)
    assert (audit["minted"], audit["supply"], audit["violations"]) == (250, 250, [])
    told = answer("history", issuer)["events"]
    assert [event.get("amount") for event in told] == [None, None, 100, 150]
