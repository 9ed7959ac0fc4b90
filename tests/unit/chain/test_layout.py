"""The real program, before anything is paid for its deployment."""

import struct

import pytest
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from spl.memo.constants import MEMO_PROGRAM_ID

from amalgam import built
from amalgam.battery.program import PROGRAM_ID
from amalgam.chain import rpc
from amalgam.chain.deployment import (
    SBF_V3_REQUIRED,
    SBF_V3_TAKEN,
    Choice,
    DeployError,
    Deployment,
    Kind,
    check_code,
    choose_sbf,
    sbf_version,
)
from amalgam.chain.embedded import EmbeddedChain
from amalgam.chain.loader import LOADER_ID
from amalgam.chain.rpc import CLUSTERS, Cluster
from amalgam.programs import Program as ProgramName

CODE = built("energy_allocation.so").read_bytes()
CODE_OF_V3 = built("v3/energy_allocation.so").read_bytes()
FEATURE_PROGRAM_ID = Pubkey.from_string("Feature111111111111111111111111111111111111")


class Site:
    """A chain where the program is to be."""

    def __init__(self) -> None:
        self.chain = EmbeddedChain()
        self.payer = Keypair()
        self.connection = self.chain.client()
        self.chain.airdrop(self.payer.pubkey(), 20 * 10**9)

    def deployment(self, code: bytes = CODE, *, program_id: Pubkey = PROGRAM_ID) -> Deployment:
        deployment = Deployment(
            self.connection,
            self.payer,
            code,
            program_id=program_id,
            authority=self.payer,
            program=ProgramName.ENERGY_ALLOCATION.keypair(),
        )
        head = struct.pack("<IB", 1, 1) + bytes(self.payer.pubkey())  # the writes are not what is tested here
        lamports = self.chain.svm.minimum_balance_for_rent_exemption(len(head + code))
        self.chain.set_account(deployment.buffer, Account(lamports, head + code, LOADER_ID))
        return deployment

    def decide(self, feature: Pubkey, *, active: bool) -> None:
        """Have a feature of the runtime decided, and active or not yet."""
        self.chain.set_account(feature, Account(1, bytes([active]) + bytes(8), FEATURE_PROGRAM_ID))


@pytest.fixture
def site() -> Site:
    return Site()


# What is refused, before anything is paid


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (b"", "not a program: it does not begin as an ELF file does"),
        (b"#!/bin/sh", "not a program: it does not begin as an ELF file does"),
        (CODE[:-1], "the runtime does not take the program (Offset or value is out of bounds)"),
        (CODE[:1_000], "the runtime does not take the program (Offset or value is out of bounds)"),
        (EmbeddedChain().account(MEMO_PROGRAM_ID).data, "it is another program"),
    ],
    ids=["empty", "a script", "the last byte is missing", "most is missing", "another program"],
)
def test_what_is_not_the_program(code: bytes, reason: str) -> None:
    with pytest.raises(DeployError) as refusal:
        check_code(code, PROGRAM_ID)
    assert str(refusal.value) == f"{reason}; run: seahorse build"


def test_the_built_program_is_for_its_id_alone() -> None:
    check_code(CODE, PROGRAM_ID)
    other = Keypair().pubkey()
    with pytest.raises(DeployError) as refusal:
        check_code(CODE, other)
    assert str(refusal.value) == f"the program was built for another id than {other}; run: seahorse build"


async def test_the_development_id_is_not_for_public_clusters(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    program_id = ProgramName.ENERGY_ALLOCATION.development_keypair.pubkey()
    public = Cluster(CLUSTERS["devnet"].url, str(site.chain.genesis_hash))
    monkeypatch.setitem(rpc.CLUSTERS, "devnet", public)
    with pytest.raises(DeployError) as refusal:
        await site.deployment(program_id=program_id).plan()
    assert str(refusal.value) == (
        f"program id {program_id} is for development, and anybody can deploy there; "
        "for devnet make an id of your own: amalgam program new-id"
    )


# Which version of SBF


def test_what_is_built_is_of_both_versions() -> None:
    assert (sbf_version(CODE), sbf_version(CODE_OF_V3)) == (0, 3)


async def test_a_cluster_is_given_what_it_takes(site: Site) -> None:
    site.decide(SBF_V3_TAKEN, active=False)
    assert await choose_sbf(site.connection) == Choice(0, "this cluster does not take version 3 yet")

    site.decide(SBF_V3_TAKEN, active=True)
    site.decide(SBF_V3_REQUIRED, active=False)
    assert await choose_sbf(site.connection) == Choice(3, "this cluster takes it, and it has fewer bytes")

    site.decide(SBF_V3_REQUIRED, active=True)
    assert await choose_sbf(site.connection) == Choice(3, "this cluster takes no other any more")


async def test_a_cluster_that_takes_newer_programs_only(site: Site) -> None:
    site.decide(SBF_V3_REQUIRED, active=False)
    assert (await site.deployment().plan()).kind is Kind.DEPLOY

    site.decide(SBF_V3_REQUIRED, active=True)
    assert (await site.deployment(CODE_OF_V3).plan()).kind is Kind.DEPLOY
    with pytest.raises(DeployError) as refusal:
        await site.deployment().plan()
    assert str(refusal.value) == (
        "this cluster takes no programs of SBF version 0 any more; build it for version 3: seahorse build"
    )
