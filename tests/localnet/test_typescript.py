"""A client that is not written here works too: Anchor's own for TypeScript, by the IDL alone."""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest
from solana.rpc.async_api import AsyncClient
from solders.pubkey import Pubkey

from amalgam import built
from amalgam.battery.client import EnergyAllocationClient
from amalgam.battery.program import PROGRAM_ID
from amalgam.chain.keys import write_keypair
from amalgam.chain.localnet import UnavailableError, Validator, installed
from amalgam.units import Resource

HERE = Path(__file__).parent / "typescript"


@pytest.fixture(scope="session")
def packages() -> Path:
    try:
        installed(HERE, HERE)
    except UnavailableError as error:
        pytest.skip(str(error))
    return HERE / "node_modules/.bin"


def test_the_script_is_typed(packages: Path) -> None:
    subprocess.run([packages / "tsc"], cwd=HERE, check=True)


async def test_a_deposit_and_an_allocation(
    packages: Path, localnet: Validator, cluster: AsyncClient, tmp_path: Path
) -> None:
    owner, keypair = localnet.payer, tmp_path / "owner.json"
    write_keypair(keypair, owner)
    command = [packages / "tsx", "deposit.ts", localnet.url, localnet.websocket_url, str(PROGRAM_ID)]
    command += [built("energy_allocation.json"), keypair]
    done = await asyncio.to_thread(
        subprocess.run, command, cwd=HERE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    battery, member = told["battery"], told["member"]
    names = [event["name"] for event in told["events"]]
    deposited, allocated = (numbers(event["data"]) for event in told["events"])
    expiry = allocated.pop("expiry")
    assert names == ["EnergyDeposited", "EnergyAllocated"]
    of = {"battery": battery, "member": member}
    credit = {"amount": 5_000, "credit": 4_750, "balance": 4_750}
    assert deposited == {**of, **credit, "available": 4_750, "allocated": 0, "sequence": 3}
    reserved = {"amount": 1_500, "memberAllocated": 1_500}
    assert allocated == {**of, **reserved, "available": 3_250, "allocated": 1_500, "sequence": 4}

    client = EnergyAllocationClient(cluster, owner)
    pool = await client.battery(Pubkey.from_string(battery))
    assert (pool.resource, pool.available, pool.allocated) == (Resource.WATER, 3_250, 1_500)
    mine = await client.member(Pubkey.from_string(battery), owner.pubkey())
    assert (mine.balance, mine.allocated, mine.allocation_expiry) == (4_750, 1_500, expiry)


def numbers(fields: dict[str, str]) -> dict[str, str | int]:
    """Anchor's big numbers come in hexadecimal."""
    return {
        name: value if name in ("battery", "member") else int(value, 16) for name, value in fields.items()
    }
