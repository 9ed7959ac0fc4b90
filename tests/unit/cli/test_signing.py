"""Signing elsewhere: a message goes from hand to hand, signatures come back, and nothing is done twice."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from solders.hash import Hash
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.signature import Signature

from amalgam.chain.journal import Journal, Outcome
from amalgam.chain.keys import write_keypair
from amalgam.chain.nonce import Nonce, nonce_of
from amalgam.chain.signing import passed_on
from tests.unit.cli.conftest import NOBODY, Town

# A machine without a network: whatever would open a connection ends the command.
OFFLINE = """
import sys

def forbid(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        sys.exit(f"{event} {arguments[1:]}")
    if event == "socket.__new__" and arguments[1] in (2, 10):  # AF_INET, AF_INET6
        sys.exit(f"{event} {arguments[1:]}")

sys.addaudithook(forbid)
from amalgam.cli import app
app()
"""
BLOCKS = 200  # after which a blockhash has expired


class Machine:
    """A folder with one key, on a machine without a network."""

    def __init__(self, folder: Path, key: Keypair) -> None:
        self.folder, self.address = folder, key.pubkey()
        self.file = folder / "id.json"
        write_keypair(self.file, key)

    def run(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", OFFLINE, *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "HOME": str(self.folder), "XDG_STATE_HOME": ""},
            cwd=self.folder,
        )

    def signed(self, *arguments: object) -> str:
        """What a command prints, with the key that is here."""
        result = self.run(*arguments, "--keypair", self.file)
        assert result.returncode == 0, result.stderr
        return result.stdout


@pytest.fixture
def machine(town: Town, tmp_path: Path) -> Callable[[str], Machine]:
    return lambda name: Machine(tmp_path / f"machine of {name}", town.keys[name])


def nonce(town: Town, authority: str) -> Pubkey:
    """An account of somebody's, at the operator's expense."""
    return Pubkey.from_string(town.json("nonce", "create", town[authority])["nonce"])


def value(town: Town, address: Pubkey) -> Hash:
    found = nonce_of(town.chain.account(address))
    assert found is not None
    return found.value


def wait(town: Town) -> None:
    """Until no blockhash of now is good any more."""
    for _ in range(BLOCKS):
        town.chain.end_block()


def journal(town: Town) -> dict[str, Outcome]:
    """The outcome of each transaction, by its purpose."""
    entries = Journal(town.home / ".local/state/amalgam/journal.sqlite").entries()
    return {entry.purpose: entry.outcome for entry in entries}


def signers(printed: str) -> list[str]:
    """As options, from what --sign-only prints."""
    found = re.findall(r"^ (\w+=\w+)$", printed, re.MULTILINE)
    return [part for each in found for part in ("--signer", each)]


# From hand to hand


def test_a_proposal_goes_through_three_machines(
    town: Town, machine: Callable[[str], Machine], tmp_path: Path
) -> None:
    """Two sign it, days apart, without a network; a third pays, and sends it."""
    first, second = machine("operator"), machine("neighbour")
    durable = nonce(town, "neighbour")
    proposal, *hands = (tmp_path / name for name in ("proposal", "once", "twice"))
    proposal.write_text(
        town.run(
            *("battery", "pause", town.battery, "--fee-payer", town["newcomer"], "--nonce", durable),
            *("--nonce-authority", town["neighbour"], "--keypair", town["operator"]),
            "--dump-transaction-message",
            by="operator",
        ).stdout
    )
    wait(town)
    hands[0].write_text(first.signed("sign", proposal, "--yes"))
    wait(town)
    hands[1].write_text(second.signed("sign", hands[0], "--yes"))
    wait(town)
    assert not town.state()["battery"].paused

    done = town.done("submit", hands[1], by="newcomer")

    assert done == "Paused: no deposits and no allocations"
    assert town.state()["battery"].paused
    missing = [{town["newcomer"], town["neighbour"], town["operator"]}]
    missing += [missing[0] - {town["operator"]}, {town["newcomer"]}]
    assert [set(passed_on(each.read_text()).absent) for each in (proposal, *hands)] == missing
