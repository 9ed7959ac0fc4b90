"""The real program and its IDL, as the upgrade authority publishes it and anyone fetches it."""

import json
import random
import struct
import zlib
from dataclasses import dataclass, field
from itertools import count

import pytest
from anchorpy import Idl, Program, Provider, Wallet
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from spl.memo.constants import MEMO_PROGRAM_ID

from amalgam import built
from amalgam.battery.program import PROGRAM_ID
from amalgam.chain import errors, rpc
from amalgam.chain import published_idl as idl
from amalgam.chain.deployment import (
    SBF_V3_REQUIRED,
    Cost,
    DeployError,
    Deployment,
    Kind,
    Plan,
    check_code,
    set_upgrade_authority,
)
from amalgam.chain.embedded import LAMPORTS_PER_SIGNATURE, EmbeddedChain
from amalgam.chain.loader import LOADER_ID
from amalgam.chain.published_idl import MAX_IDL_BYTES, IdlAccount, UntrustedIdlError, fetch_idl, idl_address
from amalgam.chain.rpc import CLUSTERS, Cluster
from amalgam.chain.transactions import Sender
from amalgam.programs import Program as ProgramName

CODE = built("energy_allocation.so").read_bytes()
IDL = built("energy_allocation.json").read_text()
CONTENT = idl.compressed(IDL)
HEAD = 44


def idl_of(version: str, *, padding: int = 0) -> str:
    """The IDL with another version, and with so many bytes that cannot be compressed."""
    noise = random.Random(version).randbytes(padding).hex()  # noqa: S311
    return json.dumps(json.loads(IDL) | {"version": version, "docs": [noise]})


class Broken(Exception):  # noqa: N818 (what happens, not a fault)
    """A deployment broken off."""


@dataclass
class Site:
    """A chain where the program is, or is to be, by whom."""

    chain: EmbeddedChain = field(default_factory=EmbeddedChain)
    payer: Keypair = field(default_factory=Keypair)
    authority: Keypair | None = None

    def __post_init__(self) -> None:
        self.connection = self.chain.client()
        self.authority = self.authority or self.payer
        self.chain.airdrop(self.payer.pubkey(), 20 * 10**9)

    def deployment(self, idl_json: str | None, *, program_id: Pubkey = PROGRAM_ID) -> Deployment:
        deployment = Deployment(
            self.connection,
            self.payer,
            CODE,
            program_id=program_id,
            authority=self.authority,
            program=ProgramName.ENERGY_ALLOCATION.keypair(),
            idl_json=idl_json,
        )
        if self.chain.account(program_id) is None:  # the writes are not what is tested here
            head = struct.pack("<IB", 1, 1) + bytes(self.authority.pubkey())
            lamports = self.chain.svm.minimum_balance_for_rent_exemption(len(head + CODE))
            self.chain.set_account(deployment.buffer, Account(lamports, head + CODE, LOADER_ID))
        return deployment

    async def publish(self, idl_json: str | None, *, break_off_after: int | None = None) -> Plan:
        deployment, landed = self.deployment(idl_json), count(1)
        plan = await deployment.plan()

        def land() -> None:
            if next(landed) == break_off_after:
                raise Broken

        await deployment.carry_out(plan, land)
        return plan

    def published(self) -> IdlAccount | None:
        return IdlAccount.of(self.chain.account(idl_address(PROGRAM_ID)), PROGRAM_ID)

    def lamports(self) -> int:
        return self.chain.balance(self.payer.pubkey())

    def rent(self, size: int) -> int:
        return self.chain.svm.minimum_balance_for_rent_exemption(size)


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
async def deployed(site: Site) -> Site:
    """The program is there, without an IDL."""
    await site.publish(None)
    return site


# Publishing and fetching


async def test_the_published_idl_is_the_built_one(site: Site) -> None:
    plan = await site.publish(IDL)

    assert plan.kind is Kind.DEPLOY
    assert site.published() == IdlAccount(site.payer.pubkey(), CONTENT, room=2 * len(CONTENT))
    by_anchorpy = await Program.fetch_idl(PROGRAM_ID, Provider(site.connection, Wallet(site.payer)))
    assert by_anchorpy == await fetch_idl(site.connection, PROGRAM_ID) == Idl.from_json(IDL)
    assert json.loads(zlib.decompress(CONTENT)) == json.loads(IDL)


async def test_publishing_costs_what_it_said(deployed: Site) -> None:
    before = deployed.lamports()

    plan = await deployed.publish(IDL)

    rent, fees = deployed.rent(HEAD + 2 * len(CONTENT)), LAMPORTS_PER_SIGNATURE * (1 + len(CONTENT[::800]))
    assert plan.kind is Kind.NOTHING
    assert plan.cost == Cost(rent, lent=0, paid=0, fees=fees, reserve=deployed.rent(0))
    assert deployed.lamports() == before - rent - fees
    assert (await deployed.publish(IDL)).transactions == 0


@pytest.mark.parametrize("padding", [0, 600, 2_000], ids=["as long", "longer", "without room"])
async def test_an_idl_is_replaced(site: Site, padding: int) -> None:
    await site.publish(IDL)
    before, held = site.lamports(), site.chain.balance(idl_address(PROGRAM_ID))

    plan = await site.publish(idl_of("2", padding=padding))

    content = idl.compressed(idl_of("2", padding=padding))
    room = max(2 * len(CONTENT), 2 * len(content) if padding == 2_000 else 0)
    assert site.published() == IdlAccount(site.payer.pubkey(), content, room)
    growth = site.chain.balance(idl_address(PROGRAM_ID)) - held
    assert growth == site.rent(HEAD + room) - held
    signatures = plan.transactions
    assert site.lamports() == before - growth - signatures * LAMPORTS_PER_SIGNATURE
    assert (await fetch_idl(site.connection, PROGRAM_ID)).version == "2"


@pytest.mark.parametrize("replaces", [None, "1"], ids=["first", "replacing"])
@pytest.mark.parametrize("padding", [0, 2_000])
async def test_goes_on_where_it_was_broken_off(deployed: Site, replaces: str | None, padding: int) -> None:
    if replaces:
        await deployed.publish(idl_of(replaces))
    before, held = deployed.lamports(), deployed.chain.balance(idl_address(PROGRAM_ID))
    wanted = idl_of("2", padding=padding)
    transactions = (await deployed.deployment(wanted).plan()).transactions

    for _ in range(transactions - 1):
        with pytest.raises(Broken):
            await deployed.publish(wanted, break_off_after=1)
    plan = await deployed.publish(wanted)

    assert plan.transactions == 1
    assert deployed.published().content == idl.compressed(wanted)
    growth = deployed.chain.balance(idl_address(PROGRAM_ID)) - held
    assert deployed.lamports() == before - growth - transactions * LAMPORTS_PER_SIGNATURE


async def test_a_buffer_with_something_else_in_it_is_begun_anew(site: Site) -> None:
    await site.publish(IDL)
    wanted, owner = idl_of("2"), site.payer.pubkey()
    creation, *_ = (await site.deployment(wanted).plan()).idl
    buffer = creation[-1].accounts[0].pubkey
    garbage = idl.write_idl(PROGRAM_ID, buffer, owner, b"garbage")
    await Sender(site.connection, site.payer).send([*creation, garbage])

    await site.publish(wanted)

    assert site.published().content == idl.compressed(wanted)
    assert site.chain.account(buffer) is None


async def test_an_idl_that_is_too_long(deployed: Site) -> None:
    wanted = idl_of("2", padding=MAX_IDL_BYTES)
    with pytest.raises(DeployError) as refusal:
        await deployed.publish(wanted)
    size = len(idl.compressed(wanted))
    assert str(refusal.value) == f"the IDL has {size:,} bytes, over {MAX_IDL_BYTES:,}; shorten it"


# Whose it is


async def test_an_idl_that_somebody_else_has_published(deployed: Site) -> None:
    thief = Site(deployed.chain)
    creation = idl.create_idl(PROGRAM_ID, thief.payer.pubkey(), 100)
    await Sender(thief.connection, thief.payer).send([creation])

    plan = await deployed.publish(IDL)

    assert plan.idl == []
    assert plan.idl_obstacle == f"belongs to {thief.payer.pubkey()}, who published it first"
    with pytest.raises(UntrustedIdlError) as refusal:
        await fetch_idl(deployed.connection, PROGRAM_ID)
    assert str(refusal.value) == (
        f"the IDL of program {PROGRAM_ID} belongs to {thief.payer.pubkey()}, "
        "who is not the program's upgrade authority; do not rely on it"
    )


async def test_lamports_at_the_address_of_an_idl_stop_its_publication_alone(site: Site) -> None:
    address = idl_address(PROGRAM_ID)
    site.chain.airdrop(address, 890_880)

    plan = await site.publish(IDL)

    assert (plan.kind, plan.idl) == (Kind.DEPLOY, [])
    assert plan.idl_obstacle == f"has no place: somebody has sent lamports to its address, {address}"
    with pytest.raises(errors.Refused):  # as Anchor's own tool would find
        await Sender(site.connection, site.payer).send([idl.create_idl(PROGRAM_ID, site.payer.pubkey(), 100)])


async def test_what_is_not_there_cannot_be_fetched(site: Site) -> None:
    with pytest.raises(LookupError) as refusal:
        await fetch_idl(site.connection, PROGRAM_ID)
    assert str(refusal.value) == (
        f"there is no program {PROGRAM_ID} on this cluster; deploy it, or check --url"
    )
    await site.publish(None)
    with pytest.raises(LookupError) as refusal:
        await fetch_idl(site.connection, PROGRAM_ID)
    assert str(refusal.value) == f"no IDL of program {PROGRAM_ID} has been published"


async def test_the_idl_is_the_upgrade_authoritys_whoever_pays() -> None:
    site = Site(authority=Keypair())

    await site.publish(IDL)

    assert site.published().authority == site.authority.pubkey()
    await site.publish(idl_of("2"))
    await site.publish(idl_of("3", padding=2_000))
    assert site.published().authority == site.authority.pubkey()
    assert (await fetch_idl(site.connection, PROGRAM_ID)).version == "3"


async def test_the_idl_goes_with_the_program(site: Site) -> None:
    await site.publish(IDL)
    heir = Keypair()

    await set_upgrade_authority(site.connection, site.payer, PROGRAM_ID, site.payer, heir)

    assert site.published().authority == heir.pubkey()
    assert (await fetch_idl(site.connection, PROGRAM_ID)) == Idl.from_json(IDL)

    await set_upgrade_authority(site.connection, site.payer, PROGRAM_ID, heir, None)

    assert site.published().authority == idl.NOBODY
    assert (await fetch_idl(site.connection, PROGRAM_ID)) == Idl.from_json(IDL)
    assert (await site.publish(idl_of("2"))).transactions == 0  # nothing can be done about it any more


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
        await site.deployment(None, program_id=program_id).plan()
    assert str(refusal.value) == (
        f"program id {program_id} is for development, and anybody can deploy there; "
        "for devnet make an id of your own: amalgam program new-id"
    )


async def test_a_cluster_that_takes_newer_programs_only(site: Site) -> None:
    feature = Pubkey.from_string("Feature111111111111111111111111111111111111")
    site.chain.set_account(SBF_V3_REQUIRED, Account(1, bytes(9), feature))  # decided, not active yet
    assert (await site.deployment(None).plan()).kind is Kind.DEPLOY

    site.chain.set_account(SBF_V3_REQUIRED, Account(1, b"\1" + bytes(8), feature))
    with pytest.raises(DeployError) as refusal:
        await site.deployment(None).plan()
    assert str(refusal.value) == (
        "this cluster takes no programs of SBF version 0 any more; build with a toolchain for version 3"
    )
