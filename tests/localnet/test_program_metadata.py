"""Program Metadata's own client, from npm, and ours write the same and read each other's."""

import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair

from amalgam.battery.program import PROGRAM_ID
from amalgam.chain import program_metadata as ours
from amalgam.chain.localnet import Validator
from amalgam.chain.program_metadata import METADATA_ID, Metadata, Seed, buffer_address, canonical_address
from tests.support.stage import ROOT
from tests.unit.chain.test_program_metadata import account_data

IDL = (ROOT / "target/idl/0.1.0/energy_allocation.json").read_text("utf-8")
AUTHORITY, BUFFER, RECIPIENT = (Keypair().pubkey() for _ in range(3))
CANONICAL, OWN = canonical_address(PROGRAM_ID, Seed.IDL), buffer_address(PROGRAM_ID, AUTHORITY, Seed.IDL)
TEXT = '{"energy": "Wärme"}'
RENT_LAMPORTS = 10**9


@pytest.fixture(scope="module")
def theirs(script: Callable[..., str]) -> Any:
    return json.loads(script("metadata.ts", PROGRAM_ID, AUTHORITY, BUFFER, RECIPIENT, TEXT))


def test_the_addresses(theirs: Any) -> None:
    assert (theirs["canonical"], theirs["own"]) == (str(CANONICAL), str(OWN))


def test_every_instruction(theirs: Any) -> None:
    packed = Metadata.of(account(theirs), PROGRAM_ID, Seed.IDL).content
    wanted = {
        "write": ours.write(BUFFER, AUTHORITY, 1_600, packed),
        "copy": ours.copy(BUFFER, AUTHORITY, OWN),
        "initialize": ours.initialize(CANONICAL, AUTHORITY, PROGRAM_ID, Seed.IDL),
        "remove_authority": ours.remove_authority(CANONICAL, AUTHORITY, PROGRAM_ID),
        "set_data": ours.set_data(CANONICAL, AUTHORITY, BUFFER, PROGRAM_ID),
        "trim": ours.trim(CANONICAL, AUTHORITY, PROGRAM_ID, RECIPIENT),
        "close": ours.close(BUFFER, AUTHORITY, RECIPIENT),
        "close_canonical": ours.close(CANONICAL, AUTHORITY, RECIPIENT, PROGRAM_ID),
        "allocate": ours.allocate(OWN, AUTHORITY, PROGRAM_ID, "idl-buffer", canonical=False),
        "allocate_canonical": ours.allocate(CANONICAL, AUTHORITY, PROGRAM_ID, "idl", canonical=True),
        "extend": ours.extend(CANONICAL, AUTHORITY, PROGRAM_ID, 10_240),
    }
    assert {name: plain(each) for name, each in wanted.items()} == theirs["instructions"]


def test_we_read_what_they_write(theirs: Any) -> None:
    found = Metadata.of(account(theirs), PROGRAM_ID, Seed.IDL)
    assert found.text() == TEXT
    assert (found.authority, found.mutable) == (None, True)
    assert account(theirs).data == account_data(found.content)


def test_they_read_what_we_write(script: Callable[..., str], validator: Validator) -> None:
    data = account_data(zlib.compress(IDL.encode()))
    validator.set_account(CANONICAL, Account(RENT_LAMPORTS, data, METADATA_ID))
    read = json.loads(script("fetch_metadata.ts", validator.url, PROGRAM_ID, Seed.IDL))
    assert read == json.loads(IDL)


def account(theirs: Any) -> Account:
    return Account(RENT_LAMPORTS, bytes.fromhex(theirs["account"]), METADATA_ID)


def plain(instruction: Instruction) -> dict[str, Any]:
    assert instruction.program_id == METADATA_ID
    accounts = [[str(each.pubkey), each.is_signer, each.is_writable] for each in instruction.accounts]
    return {"data": instruction.data.hex(), "accounts": accounts}
