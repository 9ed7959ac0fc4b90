"""A meter's agent, killed again and again: what is minted is what the register rose by."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.token.state import Mint, TokenAccount
from spl.token.instructions import get_associated_token_address

from amalgam import built
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.journal import Journal, Outcome
from amalgam.chain.keys import write_keypair
from amalgam.chain.tokens import open_token_account
from amalgam.metering import program as energy_metering
from amalgam.metering.client import EnergyMeteringClient
from amalgam.metering.program import (
    PROGRAM_ID,
    EnergyReported,
    Meter,
    events,
    issuer_address,
    meter_address,
    mint_address,
)
from amalgam.units import Resource
from tests.faults.faulty import Fault, FaultyNode
from tests.support.node import NOON

READINGS = 100 if "CI" in os.environ else 15
SEED = 20_261_124
FAULT_SHARE = 0.1  # of all requests
KILL_SHARE = 0.01
KILLS = {"getLatestBlockhash": 3, "simulateTransaction": 5, "sendTransaction": 7, "getSignatureStatuses": 9}
FIRST, STEP_S = 123_456, 60


class Site(NamedTuple):
    chain: EmbeddedChain
    device: Keypair
    owner: Pubkey
    issuer: Pubkey

    def meter(self) -> Meter:
        account = self.chain.account(meter_address(self.issuer, self.device.pubkey()))
        assert account is not None
        return Meter.from_bytes(account.data)

    def reports(self) -> list[EnergyReported]:
        """All that have landed, oldest first."""
        return [
            event
            for landed in reversed(list(self.chain.landed_newest_first()))
            for event in events(landed.meta.logs())
            if isinstance(event, EnergyReported)
        ]

    def tokens(self) -> tuple[int, int]:
        """What the owner has, and what there are."""
        mint = mint_address(self.issuer)
        tokens = self.chain.account(get_associated_token_address(self.owner, mint))
        supply = self.chain.account(mint)
        assert tokens is not None
        assert supply is not None
        return TokenAccount.from_bytes(tokens.data).amount, Mint.from_bytes(supply.data).supply


@pytest.fixture
async def site() -> Site:
    chain, operator, device = EmbeddedChain(), Keypair(), Keypair()
    chain.add_program(PROGRAM_ID, built("energy_metering.so"))
    chain.unix_timestamp = NOON
    for key in (operator, device):
        chain.airdrop(key.pubkey(), 10**10)
    client = EnergyMeteringClient(chain.client(), operator)
    await client.send(
        energy_metering.initialize(authority=operator.pubkey(), resource=Resource.ENERGY, number=0), operator
    )
    issuer, owner = issuer_address(operator.pubkey(), 0), Pubkey.new_unique()
    await client.send(
        energy_metering.register_meter(
            authority=operator.pubkey(),
            issuer=issuer,
            device=device.pubkey(),
            owner=owner,
            rated_power=1_000_000,
            register=FIRST,
        ),
        operator,
    )
    _, opening = open_token_account(operator.pubkey(), owner, mint_address(issuer))
    await client.send(opening)
    chain.unix_timestamp = NOON + READINGS * STEP_S
    return Site(chain, device, owner, issuer)


def test_killed_at_any_point_not_a_wh_is_wrong(site: Site, tmp_path: Path) -> None:
    random = Random(SEED)  # noqa: S311
    readings = [(NOON, FIRST)]
    for _ in range(READINGS):
        read_at, register = readings[-1]
        readings.append((read_at + STEP_S, register + random.randrange(10_000)))
    file, keypair = tmp_path / "registers.csv", tmp_path / "device.json"
    file.write_text("read_at,register_Wh\n" + "".join(f"{at},{wh}\n" for at, wh in readings))
    write_keypair(keypair, site.device)
    worker: subprocess.Popen[bytes] | None = None
    kills, asked = Counter[str](), Counter[str]()

    def choose(method: str) -> Fault | None:
        asked[method] += 1
        if worker is not None and (KILLS.get(method) == asked[method] or random.random() < KILL_SHARE):
            worker.kill()
            kills[method] += 1
        return random.choice([*Fault]) if random.random() < FAULT_SHARE else None

    with FaultyNode(site.chain, choose) as one, FaultyNode(site.chain, choose) as other:
        command = [sys.executable, "-m", "tests.faults.meter_worker", "meter", "run", str(site.issuer)]
        command += [
            "--csv",
            str(file),
            "--keypair",
            str(keypair),
            "--url",
            f"{one.url},{other.url}",
            "--once",
        ]
        environment = os.environ | {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
        for _ in range(500):
            worker = subprocess.Popen(
                command,
                cwd=Path(__file__).parents[2],
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            if worker.wait() == 0:
                break
            assert worker.returncode in (-9, 4, 5)  # killed, or no node answered

    read_at, register = readings[-1]
    meter = site.meter()
    assert (meter.register, meter.read_at, meter.minted) == (register, read_at, register - FIRST)
    assert site.tokens() == (register - FIRST, register - FIRST)
    reports = site.reports()
    before = [FIRST, *(report.register for report in reports)]
    assert [report.amount for report in reports] == [
        report.register - last for last, report in zip(before, reports, strict=False)
    ]
    assert [(report.read_at, report.register) for report in reports] == readings[1:]
    assert kills.keys() >= KILLS.keys()
    journal = Journal(tmp_path / f"amalgam/meter-{site.device.pubkey()}.sqlite")
    assert journal.entries(outcome=Outcome.PENDING) == []
    print(f"{sum((one.faults + other.faults).values())} faults, {dict(kills)} kills")
