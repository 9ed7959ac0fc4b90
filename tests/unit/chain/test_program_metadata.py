"""What is published through Program Metadata: what it takes to publish, and what is read, and what is not.

The program itself is in no package. What needs it has a mark, and runs where it is given:
`pytest --metadata-program FILE`, with the file that `solana program dump ProgM6J...` writes.
`tests/localnet/test_program_metadata.py` compares each instruction and account with the npm client's.
"""

import gzip
import json
import random
import struct
import zlib
from dataclasses import dataclass, field
from itertools import count

import pytest
from solders.account import Account
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.rent import Rent
from solders.system_program import ID as SYSTEM_PROGRAM_ID

from amalgam import built
from amalgam.battery.program import PROGRAM_ID
from amalgam.chain import errors
from amalgam.chain import program_metadata as metadata
from amalgam.chain.anchor_idl import anchor_idl
from amalgam.chain.deployment import Deployment, Kind, Plan, set_upgrade_authority
from amalgam.chain.embedded import LAMPORTS_PER_SIGNATURE, EmbeddedChain
from amalgam.chain.loader import LOADER_ID
from amalgam.chain.program_metadata import (
    METADATA_ID,
    Publication,
    Seed,
    UnreadableMetadataError,
    UntrustedMetadataError,
    buffer_address,
    canonical_address,
    fetch,
)
from amalgam.chain.transactions import Sender
from amalgam.programs import Program

CODE = built("energy_allocation.so").read_bytes()
IDL = json.dumps(anchor_idl(json.loads(built("energy_allocation.json").read_text()), PROGRAM_ID))
ADDRESS = canonical_address(PROGRAM_ID, Seed.IDL)
HEAD = 96


def noise(size: int) -> str:
    """So many bytes that cannot be compressed much."""
    return json.dumps(random.Random(size).randbytes(size).hex())  # noqa: S311


class Broken(Exception):  # noqa: N818 (what happens, not a fault)
    """A deployment broken off."""


@dataclass
class Site:
    """A chain where the program is, or is to be, by whom."""

    chain: EmbeddedChain = field(default_factory=EmbeddedChain)
    payer: Keypair = field(default_factory=Keypair)
    authority: Keypair = field(default_factory=Keypair)

    def __post_init__(self) -> None:
        self.connection = self.chain.client()
        self.chain.airdrop(self.payer.pubkey(), 20 * 10**9)

    def deployment(self, **contents: str) -> Deployment:
        deployment = Deployment(
            self.connection,
            self.payer,
            CODE,
            program_id=PROGRAM_ID,
            authority=self.authority,
            program=Program.ENERGY_ALLOCATION.keypair(),
            metadata={Seed(seed): text for seed, text in contents.items()},
        )
        if self.chain.account(PROGRAM_ID) is None:  # the writes are not what is tested here
            head = struct.pack("<IB", 1, 1) + bytes(self.authority.pubkey())
            lamports = self.rent(len(head + CODE))
            self.chain.set_account(deployment.buffer, Account(lamports, head + CODE, LOADER_ID))
        return deployment

    async def publish(self, *, break_off_after: int | None = None, **contents: str) -> Plan:
        deployment, landed = self.deployment(**contents), count(1)
        plan = await deployment.plan()

        def land() -> None:
            if next(landed) == break_off_after:
                raise Broken

        await deployment.carry_out(plan, land)
        return plan

    async def fetched(self, seed: Seed = Seed.IDL) -> str:
        return await fetch(self.connection, PROGRAM_ID, seed)

    def put(self, content: bytes, **head: int | bytes) -> None:
        """Have an account with that content, as the program writes it."""
        data = account_data(content, **head)
        self.chain.set_account(ADDRESS, Account(self.rent(len(data)), data, METADATA_ID))

    def lamports(self) -> int:
        return self.chain.balance(self.payer.pubkey())

    def rent(self, size: int) -> int:
        return self.chain.svm.minimum_balance_for_rent_exemption(size)


def account_data(
    content: bytes,
    *,
    kind: int = 2,
    program: bytes = bytes(PROGRAM_ID),
    authority: bytes = bytes(32),
    mutable: int = 1,
    canonical: int = 1,
    encoding: int = 1,
    compression: int = 2,
    source: int = 0,
    seed: str = "idl",
) -> bytes:
    head = bytes([kind]) + program + authority + bytes([mutable, canonical])
    head += seed.encode().ljust(16, b"\0")
    form = bytes([encoding, compression, 1, source])
    return head + form + len(content).to_bytes(4, "little") + bytes(5) + content


@pytest.fixture
async def site() -> Site:
    """The program is deployed, and nothing published."""
    site = Site()
    await site.publish()
    return site


# Reading


async def test_what_is_published_is_read(site: Site) -> None:
    site.put(zlib.compress(IDL.encode()))
    assert await site.fetched() == IDL


@pytest.mark.parametrize(
    ("content", "compression"), [(IDL.encode(), 0), (gzip.compress(IDL.encode()), 1)], ids=["plain", "gzip"]
)
async def test_other_tools_compress_otherwise(site: Site, content: bytes, compression: int) -> None:
    site.put(content, compression=compression)
    assert await site.fetched() == IDL


@pytest.mark.parametrize(
    "head",
    [{"kind": 1}, {"canonical": 0}, {"program": bytes(Keypair().pubkey())}],
    ids=["a buffer", "anybody's", "another program's"],
)
async def test_what_is_not_published(site: Site, head: dict[str, int | bytes]) -> None:
    site.put(zlib.compress(b"{}"), **head)
    with pytest.raises(LookupError) as refusal:
        await site.fetched()
    assert str(refusal.value) == f"no idl of program {PROGRAM_ID} has been published"


async def test_there_is_no_program() -> None:
    with pytest.raises(LookupError) as refusal:
        await Site().fetched()
    assert str(refusal.value) == (
        f"there is no program {PROGRAM_ID} on this cluster; deploy it, or check --url"
    )


async def test_what_a_former_authority_can_still_change_is_not_relied_on(site: Site) -> None:
    former = Keypair().pubkey()
    site.put(zlib.compress(b"{}"), authority=bytes(former))
    with pytest.raises(UntrustedMetadataError) as refusal:
        await site.fetched()
    assert str(refusal.value) == (
        f"{former}, who is not the upgrade authority of program {PROGRAM_ID}, can change its idl; "
        "do not rely on it"
    )
    site.put(zlib.compress(b"{}"), authority=bytes(site.authority.pubkey()))
    assert await site.fetched() == "{}"


@pytest.mark.parametrize(
    ("content", "head", "complaint"),
    [
        (b"https://example.org", {"source": 1}, "it is not in its account as text; read it with: npx"),
        (zlib.compress(b"{}"), {"encoding": 3}, "it is not in its account as text; read it with: npx"),
        (b"not compressed", {}, "it is damaged; publish it again: amalgam deploy"),
        (zlib.compress(b"\xff"), {}, "it is damaged; publish it again: amalgam deploy"),
        (zlib.compress(bytes(10_000_001)), {}, "it has more than 10,000,000 bytes; do not rely on it"),
    ],
    ids=["a URL", "base64", "not compressed", "no text", "a bomb"],
)
async def test_what_cannot_be_read(
    site: Site, content: bytes, head: dict[str, int | bytes], complaint: str
) -> None:
    site.put(content, **head)
    with pytest.raises(UnreadableMetadataError) as refusal:
        await site.fetched()
    assert str(refusal.value).startswith(f"the idl of program {PROGRAM_ID} cannot be read: {complaint}")


# Planning


async def test_a_cluster_without_the_program_is_said_and_passed_over() -> None:
    site = Site()
    plan = await site.publish(idl=IDL)
    missing = f"this cluster has no Program Metadata ({METADATA_ID}), so nothing is published there"
    assert plan.metadata == Publication([], obstacles=(missing,))
    assert plan.kind is Kind.DEPLOY
    assert (await site.publish()).metadata == Publication([])  # nothing is wanted


def numbers(steps: list[list[Instruction]]) -> list[list[str]]:
    last = ["set_immutable", "trim", "close", "allocate", "extend"]
    names = ["write", "initialize", "set_authority", "set_data", *last]
    return [
        ["transfer" if each.program_id == SYSTEM_PROGRAM_ID else names[each.data[0]] for each in step]
        for step in steps
    ]


@pytest.fixture
def planning(site: Site) -> Site:
    """A program is at the address. It is another one, since none of this is sent."""
    site.chain.add_program(METADATA_ID, built("energy_allocation.so"))
    return site


FIRST = ["transfer", "allocate", "write", "initialize", "close"]


async def test_a_first_publication(planning: Site) -> None:
    plan = await planning.deployment(idl=IDL).plan()
    begun, *writes, placed = numbers(plan.metadata.steps)
    content = zlib.compress(IDL.encode())
    assert begun == ["transfer", "allocate"]
    assert writes == [["write"]] * len(content[::800])
    assert placed == FIRST
    rent = planning.rent(HEAD + len(content))
    assert (plan.metadata.deposit, plan.metadata.lent) == (rent, rent)
    written = b"".join(step[0].data[5:] for step in plan.metadata.steps[1:-1])
    assert written == content


async def test_what_is_published_already_is_left(planning: Site) -> None:
    planning.put(gzip.compress(IDL.encode()), compression=1)
    assert (await planning.deployment(idl=IDL).plan()).transactions == 0


async def test_a_replacement(planning: Site) -> None:
    planning.put(zlib.compress(noise(2_000).encode()))
    plan = await planning.deployment(idl=IDL).plan()
    assert numbers(plan.metadata.steps)[-1] == ["set_data", "close", "trim"]
    assert plan.metadata.deposit == 0


async def test_a_replacement_takes_it_from_a_former_authority(planning: Site) -> None:
    planning.put(zlib.compress(IDL.encode()), authority=bytes(Keypair().pubkey()))
    plan = await planning.deployment(idl=IDL).plan()
    assert numbers(plan.metadata.steps)[-1] == ["set_authority", "set_data", "close"]


async def test_a_content_larger_than_what_an_instruction_adds(planning: Site) -> None:
    text = noise(25_000)
    first = await planning.deployment(idl=text).plan()
    size = len(zlib.compress(text.encode()))
    assert 2 * 10_240 < size < 3 * 10_240
    assert numbers(first.metadata.steps)[-1] == FIRST[:2] + ["extend"] * 2 + FIRST[2:]
    planning.put(zlib.compress(IDL.encode()))
    plan = await planning.deployment(idl=text).plan()
    placed = ["transfer", "extend", "extend", "set_data", "close"]
    assert numbers(plan.metadata.steps)[-1] == placed


async def test_what_is_final_stays(planning: Site) -> None:
    planning.put(zlib.compress(b"{}"), mutable=0)
    plan = await planning.deployment(idl=IDL).plan()
    final = f"the idl of program {PROGRAM_ID} was made final and stays as it is"
    assert plan.metadata == Publication([], obstacles=(final,))


async def test_only_the_upgrade_authority_publishes(planning: Site) -> None:
    planning.authority = Keypair()
    assert (await planning.deployment(idl=IDL).plan()).transactions == 0


# With the program itself


@pytest.fixture
def real(site: Site, request: pytest.FixtureRequest) -> Site:
    site.chain.svm.set_rent(Rent(6_960, 1.0, 0))  # as clusters have it since SIMD-194, on which it counts
    site.chain.add_program(METADATA_ID, request.config.getoption("--metadata-program"))
    return site


needs_program = pytest.mark.metadata_program
SECURITY = '{"name":"Amalgam Energy"}'


@needs_program
async def test_publishes_both_and_costs_what_it_said(real: Site) -> None:
    before = real.lamports()
    plan = await real.publish(idl=IDL, security=SECURITY)

    assert (await real.fetched(), await real.fetched(Seed.SECURITY)) == (IDL, SECURITY)
    sizes = [HEAD + len(zlib.compress(text.encode())) for text in (IDL, SECURITY)]
    addresses = [canonical_address(PROGRAM_ID, seed) for seed in Seed]
    assert [len(real.chain.account(each).data) for each in addresses] == sizes
    rent = sum(map(real.rent, sizes))
    assert plan.metadata.deposit == rent == sum(map(real.chain.balance, addresses))
    assert real.lamports() == before - rent - 2 * plan.transactions * LAMPORTS_PER_SIGNATURE
    owner = real.authority.pubkey()
    assert all(real.chain.account(buffer_address(PROGRAM_ID, owner, seed)) is None for seed in Seed)
    assert (await real.publish(idl=IDL, security=SECURITY)).transactions == 0


@needs_program
async def test_the_account_is_as_the_program_writes_it(real: Site) -> None:
    await real.publish(idl=IDL)
    assert real.chain.account(ADDRESS).data == account_data(zlib.compress(IDL.encode()))


@needs_program
@pytest.mark.parametrize("size", [10, 1_000, 3_000, 25_000])
async def test_replaces_what_is_published(real: Site, size: int) -> None:
    await real.publish(idl=IDL)
    before, held = real.lamports(), real.chain.balance(ADDRESS)
    plan = await real.publish(idl=noise(size))

    assert await real.fetched() == noise(size)
    content = zlib.compress(noise(size).encode())
    assert real.chain.account(ADDRESS).data == account_data(content)
    growth = real.rent(HEAD + len(content)) - held
    assert real.chain.balance(ADDRESS) == held + growth
    assert real.lamports() == before - growth - 2 * plan.transactions * LAMPORTS_PER_SIGNATURE


@needs_program
@pytest.mark.parametrize("first", [True, False], ids=["first", "replacing"])
async def test_goes_on_where_it_was_broken_off(real: Site, first: bool) -> None:
    if not first:
        await real.publish(idl="{}")
    transactions = (await real.deployment(idl=IDL).plan()).transactions
    for _ in range(transactions - 1):
        with pytest.raises(Broken):
            await real.publish(idl=IDL, break_off_after=1)
    assert (await real.publish(idl=IDL)).transactions == 1
    assert await real.fetched() == IDL


@needs_program
@pytest.mark.parametrize("size", [10, 5_000])
async def test_a_buffer_with_something_else_in_it_is_used(real: Site, size: int) -> None:
    with pytest.raises(Broken):
        await real.publish(idl=noise(size), break_off_after=3 if size > 800 else 2)
    await real.publish(idl=IDL)
    assert real.chain.account(ADDRESS).data == account_data(zlib.compress(IDL.encode()))


@needs_program
async def test_what_another_tool_has_begun_is_begun_anew(real: Site) -> None:
    owner = real.authority.pubkey()
    real.chain.airdrop(ADDRESS, 10**8)
    begun = metadata.allocate(ADDRESS, owner, PROGRAM_ID, Seed.IDL, canonical=True)
    garbage = metadata.write(ADDRESS, owner, 0, bytes(500))
    await Sender(real.connection, real.payer).send([begun, garbage], real.authority)
    await real.publish(idl=IDL)
    assert await real.fetched() == IDL


@needs_program
async def test_lamports_at_the_address_are_no_obstacle(real: Site) -> None:
    real.chain.airdrop(ADDRESS, 890_880)
    await real.publish(idl=IDL)
    assert await real.fetched() == IDL


@needs_program
async def test_nobody_else_can_publish(real: Site) -> None:
    thief = Site(real.chain)
    owner = thief.payer.pubkey()
    thief.chain.airdrop(ADDRESS, 10**8)
    allocation = metadata.allocate(ADDRESS, owner, PROGRAM_ID, Seed.IDL, canonical=True)
    with pytest.raises(errors.Refused, match="Provided seeds do not result in a valid address"):
        await Sender(thief.connection, thief.payer).send([allocation])
    assert real.chain.account(ADDRESS).owner == SYSTEM_PROGRAM_ID


@needs_program
async def test_nobody_else_can_close_what_is_published(real: Site) -> None:
    await real.publish(idl=IDL)
    thief = Site(real.chain)
    owner = thief.payer.pubkey()
    closing = metadata.close(ADDRESS, owner, owner, PROGRAM_ID)
    with pytest.raises(errors.Refused, match="Incorrect authority provided"):
        await Sender(thief.connection, thief.payer).send([closing])
    assert await real.fetched() == IDL


@needs_program
async def test_a_former_authority_loses_what_it_has_kept(real: Site) -> None:
    await real.publish(idl=IDL)
    former, heir, helper = real.authority, Keypair(), Keypair()
    owner = metadata.remove_authority(ADDRESS, former.pubkey(), PROGRAM_ID)
    kept = Instruction(METADATA_ID, bytes([2, 1]) + bytes(helper.pubkey()), owner.accounts)
    await Sender(real.connection, real.payer).send([kept], former)
    await set_upgrade_authority(real.connection, real.payer, PROGRAM_ID, former, heir)
    with pytest.raises(UntrustedMetadataError):
        await real.fetched()

    real.authority = heir
    await real.publish(idl=IDL)

    assert await real.fetched() == IDL
    assert real.chain.account(ADDRESS).data == account_data(zlib.compress(IDL.encode()))


@needs_program
async def test_it_goes_with_the_program(real: Site) -> None:
    await real.publish(idl=IDL)
    heir, former = Keypair(), real.authority
    await set_upgrade_authority(real.connection, real.payer, PROGRAM_ID, former, heir)
    assert await real.fetched() == IDL
    real.authority = heir
    await real.publish(idl="{}")
    assert await real.fetched() == "{}"
    await set_upgrade_authority(real.connection, real.payer, PROGRAM_ID, heir, None)
    assert await real.fetched() == "{}"
