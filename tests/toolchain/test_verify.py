"""`amalgam program verify --rebuild`: a commit built anew is what the cluster has, byte for byte."""

import json
import subprocess

from solders.account import Account
from solders.pubkey import Pubkey
from typer.testing import CliRunner

from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.loader import LOADER_ID, buffer_head
from amalgam.cli import app
from amalgam.programs import Program
from tests.support.node import Node
from tests.support.stage import ROOT
from tests.unit.cli.test_upgrade import digest

PROGRAM = Program.ENERGY_METERING  # the smallest
BUFFER = Pubkey([7] * 32)


def test_a_commit_is_built_anew_and_compared() -> None:
    code, chain = PROGRAM.code.read_bytes(), EmbeddedChain()
    chain.set_account(BUFFER, Account(10**9, buffer_head(BUFFER) + code, LOADER_ID))
    verify = ("program", "verify", "--rebuild", "--program", PROGRAM, "--buffer", str(BUFFER))
    with Node(chain) as node:
        verified = CliRunner().invoke(app, [*verify, "--output", "json", "--url", node.url])
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    assert verified.exit_code == 0, verified.output
    assert verified.stderr == f"amalgam: building {PROGRAM} from commit {commit}; that takes minutes\n"
    assert json.loads(verified.stdout) == {
        "buffer": str(BUFFER),
        "on_chain_hash": digest(code),
        "hash": digest(code),
        "commit": commit,
        "is_committed": True,
        "same": True,
    }
