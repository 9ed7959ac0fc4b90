"""Clients that are not written here work too, by the IDL alone: Anchor's, of 0.29 and of today; Codama's."""

import asyncio
import fcntl
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from solana.rpc.async_api import AsyncClient
from solders.pubkey import Pubkey

from amalgam.battery.client import EnergyAllocationClient
from amalgam.battery.program import PROGRAM_ID
from amalgam.chain.keys import write_keypair
from amalgam.chain.localnet import Validator
from amalgam.units import Resource
from tests.support.stage import ROOT

LEGACY_IDL = ROOT / "target/idl/energy_allocation.json"
IDL = ROOT / "target/idl/0.1.0/energy_allocation.json"
TYPES = ROOT / "target/types/energy_allocation.ts"
SCRIPTS = Path(__file__).parent / "typescript"
Script = Callable[..., str]


@pytest.fixture(scope="session")
def codama(script: Script) -> None:
    """The client that Codama makes of the IDL, unless another worker has it made."""
    made, sources = (
        SCRIPTS / "generated/index.ts",
        (IDL, SCRIPTS / "generate.ts", SCRIPTS / "package-lock.json"),
    )
    with (SCRIPTS / "generate.ts").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists() or made.stat().st_mtime < max(each.stat().st_mtime for each in sources):
            script("generate.ts", IDL)


def test_the_scripts_are_typed(script: Script, codama: None) -> None:
    script("node_modules/typescript/bin/tsc")


@pytest.mark.parametrize("client", ["anchor_0", "anchor_1", "kit"])
async def test_a_deposit_and_an_allocation(
    client: str, script: Script, codama: None, localnet: Validator, cluster: AsyncClient, tmp_path: Path
) -> None:
    owner, keypair = localnet.payer, tmp_path / "owner.json"
    write_keypair(keypair, owner)
    idl = {"anchor_0": (PROGRAM_ID, LEGACY_IDL), "anchor_1": (IDL,), "kit": ()}[client]
    command = (f"{client}.ts", localnet.url, localnet.websocket_url, *idl, keypair)
    told = json.loads(await asyncio.to_thread(script, *command))

    battery, member = told["battery"], told["member"]
    deposited, allocated = (event["data"] for event in told["events"])
    names = [event["name"] for event in told["events"]]
    if client == "anchor_1":
        assert names == ["energyDeposited", "energyAllocated"]
    else:
        assert names == ["EnergyDeposited", "EnergyAllocated"]
    expiry = allocated.pop("expiry")
    of = {"battery": battery, "member": member}
    credit = {"amount": 5_000, "credit": 4_750, "balance": 4_750}
    assert deposited == {**of, **credit, "available": 4_750, "allocated": 0, "sequence": 3}
    reserved = {"amount": 1_500, "memberAllocated": 1_500}
    assert allocated == {**of, **reserved, "available": 3_250, "allocated": 1_500, "sequence": 4}
    assert told["balance"] == 4_750

    by_us = EnergyAllocationClient(cluster, owner)
    pool = await by_us.battery(Pubkey.from_string(battery))
    assert (pool.resource, pool.available, pool.allocated) == (Resource.WATER, 3_250, 1_500)
    mine = await by_us.member(Pubkey.from_string(battery), owner.pubkey())
    assert (mine.balance, mine.allocated, mine.allocation_expiry) == (4_750, 1_500, expiry)


def test_the_types_are_the_idl_as_anchor_reads_it(script: Script) -> None:
    """Its client writes all names in camelCase, and so do the types."""
    read: Any = json.loads(script("camel_case.ts", IDL))
    *_, declared = TYPES.read_text("utf-8").partition(" = ")
    assert read == json.loads(declared.rstrip().removesuffix(";"))
