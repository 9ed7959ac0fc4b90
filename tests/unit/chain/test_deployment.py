"""Deployments by transactions, with programs of others that are smaller than ours."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from solana.rpc.async_api import AsyncClient
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM_ID
from solders.system_program import CreateAccountParams, TransferParams, create_account, transfer
from spl.memo.constants import MEMO_PROGRAM_ID
from spl.token.constants import ASSOCIATED_TOKEN_PROGRAM_ID

from amalgam.chain import loader
from amalgam.chain.deployment import (
    EXTEND_CHECKED,
    Cost,
    DeployError,
    Deployment,
    Kind,
    Plan,
    buffers,
    close_buffers,
    set_upgrade_authority,
    sol,
)
from amalgam.chain.embedded import LAMPORTS_PER_SIGNATURE, EmbeddedChain
from amalgam.chain.errors import Refused
from amalgam.chain.transactions import Sender


def _built_in(program_id: Pubkey) -> bytes:
    account = EmbeddedChain().account(program_id)
    assert account is not None
    return account.data


FEATURE_PROGRAM_ID = Pubkey.from_string("Feature111111111111111111111111111111111111")
SMALL, LARGE = _built_in(MEMO_PROGRAM_ID), _built_in(ASSOCIATED_TOKEN_PROGRAM_ID)
CHUNK_BYTES = 1_012  # of code, in a transaction that one key signs
HEAD, BUFFER_HEAD, PROGRAM_ACCOUNT = 45, 37, 36
EXTENSION = len(LARGE) - len(SMALL)


class Broken(Exception):  # noqa: N818 (what happens, not a fault)
    """A deployment broken off."""


@dataclass
class Site:
    """Where a program is deployed, by whom, and with which keypair for its address."""

    connection: AsyncClient
    payer: Keypair
    address: Pubkey
    program: Keypair | None

    def deployment(self, code: bytes, *, authority: Keypair | None = None) -> Deployment:
        return Deployment(
            self.connection,
            self.payer,
            code,
            program_id=self.address,
            authority=authority or self.payer,
            program=self.program,
        )

    async def deploy(self, code: bytes, *, authority: Keypair | None = None) -> Plan:
        deployment = self.deployment(code, authority=authority)
        plan = await deployment.plan()
        await deployment.carry_out(plan)
        return plan

    async def break_off(self, code: bytes, *, after: int) -> Deployment:
        """Begin a deployment that ends after some transactions."""
        deployment = self.deployment(code)
        await broken_off(deployment, after=after)
        return deployment

    async def found(self) -> loader.ProgramData:
        found = await loader.program_data(self.connection, self.address)
        assert found is not None
        return found

    async def lamports(self, address: Pubkey | None = None) -> int:
        return (await self.connection.get_balance(address or self.payer.pubkey())).value

    async def rent(self, size: int) -> int:
        return (await self.connection.get_minimum_balance_for_rent_exemption(size)).value

    async def pay(self, to: Pubkey, lamports: int) -> None:
        params = TransferParams(from_pubkey=self.payer.pubkey(), to_pubkey=to, lamports=lamports)
        await Sender(self.connection, self.payer).send([transfer(params)])


async def broken_off(deployment: Deployment, *, after: int) -> str:
    """The note on what ends a deployment after some transactions."""
    landed = iter(range(1, after))

    def land() -> None:
        if next(landed, None) is None:
            raise Broken

    with pytest.raises(Broken) as broken:
        await deployment.carry_out(await deployment.plan(), land)
    (note,) = broken.value.__notes__
    return note


@pytest.fixture
def site(connection: AsyncClient, payer: Keypair) -> Site:
    program = Keypair()
    return Site(connection, payer, program.pubkey(), program)


def writes(code: bytes) -> list[int]:
    """Where a transaction writes each part of a code; a new buffer has zeros already."""
    offsets = range(0, len(code), CHUNK_BYTES)
    return [offset for offset in offsets if any(code[offset : offset + CHUNK_BYTES])]


def fees(transactions: int, *, more: int = 0) -> int:
    return (transactions + more) * LAMPORTS_PER_SIGNATURE


# What is done


async def test_deploys_for_exactly_what_it_said(site: Site) -> None:
    before = await site.lamports()
    deployment, landed = site.deployment(SMALL), []

    plan = await deployment.plan()
    await deployment.carry_out(plan, lambda: landed.append(1))

    transactions = 1 + len(writes(SMALL)) + 1
    deposit = await site.rent(PROGRAM_ACCOUNT) + await site.rent(HEAD + len(SMALL))
    assert (plan.kind, plan.offsets, plan.transactions) == (Kind.DEPLOY, writes(SMALL), transactions)
    charged = fees(transactions, more=1)  # the program signs too
    assert plan.cost == Cost(deposit, lent=0, paid=0, fees=charged, reserve=await site.rent(0))
    assert len(landed) == transactions
    assert await site.lamports() == before - deposit - charged
    found = await site.found()
    assert (found.code, found.authority) == (SMALL, site.payer.pubkey())
    assert await site.lamports(deployment.buffer) == 0


async def test_what_is_there_already_is_left_alone(site: Site) -> None:
    await site.deploy(SMALL)
    before = await site.lamports()

    plan = await site.deploy(SMALL)

    assert (plan.kind, plan.transactions, plan.cost.needed) == (Kind.NOTHING, 0, 0)
    assert await site.lamports() == before
    other = await site.deployment(SMALL, authority=Keypair()).plan()  # whoever asks
    assert other.kind is Kind.NOTHING


async def test_upgrades_to_a_larger_program_which_is_extended(site: Site) -> None:
    await site.deploy(SMALL)
    before = await site.lamports()

    plan = await site.deploy(LARGE)

    transactions = 1 + len(writes(LARGE)) + 2
    growth = await site.rent(HEAD + len(LARGE)) - await site.rent(HEAD + len(SMALL))
    lent = await site.rent(BUFFER_HEAD + len(LARGE))
    assert plan.kind is Kind.UPGRADE
    assert plan.cost == Cost(growth, lent, paid=0, fees=fees(transactions), reserve=await site.rent(0))
    assert await site.lamports() == before - growth - plan.cost.fees
    assert (await site.found()).code == LARGE


async def test_upgrades_to_a_smaller_program_which_keeps_its_room(site: Site) -> None:
    await site.deploy(LARGE)
    before = await site.lamports()

    plan = await site.deploy(SMALL)

    assert plan.cost.deposit == 0
    assert await site.lamports() == before - plan.cost.fees
    assert (await site.found()).code == SMALL + bytes(EXTENSION)
    assert (await site.deployment(SMALL).plan()).kind is Kind.NOTHING


async def test_a_little_growth_is_extended_by_the_least_that_clusters_take(site: Site) -> None:
    await site.deploy(SMALL)

    await site.deploy(SMALL + bytes(1) + b"\1")

    assert (await site.found()).code == SMALL + bytes(1) + b"\1" + bytes(10_240 - 2)


# Broken off


@pytest.mark.parametrize("after", [1, 2, 40, 1 + len(writes(SMALL))])
async def test_goes_on_where_it_was_broken_off_and_pays_nothing_twice(site: Site, after: int) -> None:
    before = await site.lamports()
    broken = await site.break_off(SMALL, after=after)
    paid = await site.rent(BUFFER_HEAD + len(SMALL))
    assert await site.lamports(broken.buffer) == paid

    plan = await site.deploy(SMALL)

    assert (plan.before, plan.cost.paid) == ([], paid)
    assert len(plan.offsets) <= 1 + len(writes(SMALL)) - after
    assert (await site.found()).code == SMALL
    transactions = 1 + len(writes(SMALL)) + 1
    spent = plan.cost.deposit + fees(transactions, more=1)
    assert await site.lamports() == before - spent


async def test_an_upgrade_that_was_broken_off_returns_what_it_lent(site: Site) -> None:
    await site.deploy(LARGE)
    before = await site.lamports()
    await site.break_off(SMALL, after=30)

    plan = await site.deploy(SMALL)

    assert plan.cost.lent == plan.cost.paid == await site.rent(BUFFER_HEAD + len(SMALL))
    assert plan.cost.needed == plan.cost.fees + await site.rent(0)
    assert await site.lamports() == before - fees(1 + len(writes(SMALL)) + 1)
    assert (await site.found()).holds(SMALL)


async def test_what_differs_in_a_buffer_is_written_again(site: Site) -> None:
    broken = await site.break_off(SMALL, after=1 + len(writes(SMALL)))
    owner = site.payer.pubkey()
    garbage = loader.write(broken.buffer, owner, 3 * CHUNK_BYTES + 7, b"garbage")
    await Sender(site.connection, site.payer).send([garbage])

    plan = await site.deploy(SMALL)

    assert plan.offsets == [3 * CHUNK_BYTES]
    assert (await site.found()).code == SMALL


async def test_buffers_that_are_given_up_return_what_they_hold(site: Site) -> None:
    first = await site.break_off(SMALL, after=5)
    second = await site.break_off(LARGE, after=5)
    before, owner = await site.lamports(), site.payer.pubkey()

    found = await buffers(site.connection, owner)

    rents = [await site.rent(BUFFER_HEAD + len(code)) for code in (SMALL, LARGE)]
    assert found == {first.buffer: rents[0], second.buffer: rents[1]}
    await close_buffers(site.connection, site.payer, site.payer, list(found))
    assert await site.lamports() == before + sum(rents) - fees(1)
    assert await buffers(site.connection, owner) == {}


async def test_lamports_sent_ahead_to_its_addresses_do_not_stop_a_deployment(site: Site) -> None:
    deployment = site.deployment(SMALL)
    await site.pay(site.address, 890_880)
    await site.pay(deployment.buffer, 890_880)

    await deployment.carry_out(await deployment.plan())

    assert (await site.found()).code == SMALL
    assert await site.lamports(site.address) == await site.rent(PROGRAM_ACCOUNT)


@pytest.mark.parametrize("after", [1, 40, 1 + len(writes(SMALL))], ids=["made", "half full", "full"])
async def test_a_deployment_that_ends_early_says_where_the_lamports_are(site: Site, after: int) -> None:
    deployment = site.deployment(SMALL)

    note = await broken_off(deployment, after=after)

    assert note == (
        f"buffer {deployment.buffer} holds up to {sol(await site.rent(BUFFER_HEAD + len(SMALL)))} SOL; "
        "to go on, run the same again; to get them back: amalgam program close-buffers"
    )
    assert await site.lamports(deployment.buffer) == await site.rent(BUFFER_HEAD + len(SMALL))


async def test_only_who_may_upgrade_it_gets_them_back(site: Site) -> None:
    note = await broken_off(site.deployment(SMALL, authority=Keypair()), after=5)
    assert note.endswith("to get them back: amalgam program close-buffers --upgrade-authority FILE")


async def test_a_program_is_extended_before_anything_is_paid_into_a_buffer(site: Site) -> None:
    await site.deploy(SMALL)
    deployment = site.deployment(LARGE)
    plan = await deployment.plan()
    assert plan.extending == [[loader.extend(site.address, site.payer.pubkey(), EXTENSION)]]

    note = await broken_off(deployment, after=1)

    assert note == "nothing has been paid into a buffer; to go on, run the same again"
    assert await site.lamports(deployment.buffer) == 0
    assert (await site.found()).code == SMALL + bytes(EXTENSION)
    again = await site.deploy(LARGE)
    assert (again.extending, again.cost.deposit) == ([], 0)
    assert (await site.found()).code == LARGE


def test_an_extension_that_the_upgrade_authority_signs() -> None:
    """Variant 9 of the loader's instructions: program data, program, authority, system program, payer."""
    program_id, payer, authority = (Keypair().pubkey() for _ in range(3))
    found = loader.extend_checked(program_id, payer, authority, 10_240)
    assert bytes(found.data) == b"\x09\0\0\0\x00\x28\0\0"
    assert [(meta.pubkey, meta.is_signer, meta.is_writable) for meta in found.accounts] == [
        (loader.program_data_address(program_id), False, True),
        (program_id, False, True),
        (authority, True, False),
        (SYSTEM_PROGRAM_ID, False, False),
        (payer, True, True),
    ]


async def test_the_upgrade_authority_signs_for_an_extension_if_the_cluster_wants_that(
    site: Site, validator: Any
) -> None:
    """These chains' loaders know no such instruction: their refusal costs nothing."""
    authority = Keypair()
    await site.deploy(SMALL, authority=authority)
    validator.set_account(EXTEND_CHECKED, Account(10**6, b"\1" + bytes(8), FEATURE_PROGRAM_ID))
    deployment, before = site.deployment(LARGE, authority=authority), await site.lamports()

    plan = await deployment.plan()
    with pytest.raises(Refused, match="invalid instruction data") as refused:
        await deployment.carry_out(plan)

    owner, payer = authority.pubkey(), site.payer.pubkey()
    assert plan.extending == [[loader.extend_checked(site.address, payer, owner, EXTENSION)]]
    assert refused.value.__notes__ == ["nothing has been paid into a buffer; to go on, run the same again"]
    assert await site.lamports(deployment.buffer) == 0
    assert await site.lamports() == before


async def test_a_feature_that_is_not_active_yet_changes_nothing(site: Site, validator: Any) -> None:
    await site.deploy(SMALL)
    validator.set_account(EXTEND_CHECKED, Account(10**6, bytes(9), FEATURE_PROGRAM_ID))
    await site.deploy(LARGE)
    assert (await site.found()).code == LARGE


# Authorities


async def test_another_may_be_the_upgrade_authority_than_who_pays(site: Site) -> None:
    authority = Keypair()
    before = await site.lamports()

    plan = await site.deploy(SMALL, authority=authority)

    assert (await site.found()).authority == authority.pubkey()
    assert await site.lamports() == before - plan.cost.deposit - plan.cost.fees
    assert await site.lamports(authority.pubkey()) == 0
    with pytest.raises(DeployError) as refusal:
        await site.deployment(LARGE).plan()
    assert str(refusal.value) == (
        f"program {site.address} belongs to upgrade authority {authority.pubkey()}, not to "
        f"{site.payer.pubkey()}; give its keypair with --upgrade-authority, "
        "or make an id of your own: amalgam program new-id"
    )
    await site.deploy(LARGE, authority=authority)
    assert (await site.found()).code == LARGE


@pytest.mark.parametrize("signs", [True, False], ids=["signing", "unchecked"])
async def test_hands_a_program_over(site: Site, signs: bool) -> None:
    await site.deploy(SMALL)
    heir = Keypair()

    new = heir if signs else heir.pubkey()
    await set_upgrade_authority(site.connection, site.payer, site.address, site.payer, new)

    assert (await site.found()).authority == heir.pubkey()
    with pytest.raises(DeployError) as refusal:
        await set_upgrade_authority(site.connection, site.payer, site.address, site.payer, heir)
    assert str(refusal.value) == (
        f"program {site.address} belongs to {heir.pubkey()}, not to {site.payer.pubkey()}; "
        "give its upgrade authority's keypair with --upgrade-authority"
    )


# Refused, before anything is paid


async def refusal_of(deployment: Deployment) -> str:
    with pytest.raises(DeployError) as refusal:
        await deployment.plan()
    return str(refusal.value)


async def test_who_has_a_lamport_too_little(site: Site) -> None:
    needed = (await site.deployment(SMALL).plan()).cost.needed
    poor = replace(site, payer=Keypair())
    address = poor.payer.pubkey()
    await site.pay(address, needed - 1)

    assert await refusal_of(poor.deployment(SMALL)) == (
        f"{address} has {sol(needed - 1)} SOL, and {sol(needed)} are needed; add 0.000000001, or get back "
        "what broken-off deployments hold: amalgam program close-buffers"
    )

    await site.pay(address, 1)
    await poor.deploy(SMALL)
    assert await site.lamports(address) == await site.rent(0)


async def test_a_first_deployment_needs_the_keypair_of_its_id(site: Site) -> None:
    other = Keypair()
    without, with_other = replace(site, program=None), replace(site, program=other)
    message = (
        f"program {site.address} is not on this cluster yet, and its first deployment needs its keypair{{}}; "
        "give it with --program-keypair, or make an id of your own: amalgam program new-id"
    )

    assert await refusal_of(without.deployment(SMALL)) == message.format("")
    assert await refusal_of(with_other.deployment(SMALL)) == message.format(f", not that of {other.pubkey()}")

    await site.deploy(SMALL)
    await without.deploy(LARGE)
    assert (await site.found()).code == LARGE


async def test_a_final_program(site: Site) -> None:
    await site.deploy(SMALL)

    await set_upgrade_authority(site.connection, site.payer, site.address, site.payer, None)

    assert (await site.found()).authority is None
    assert await refusal_of(site.deployment(LARGE)) == (
        f"program {site.address} is final: nobody can upgrade it; "
        "make an id of your own: amalgam program new-id"
    )


async def test_an_address_where_something_else_is(site: Site) -> None:
    params = CreateAccountParams(
        from_pubkey=site.payer.pubkey(),
        to_pubkey=site.address,
        lamports=await site.rent(100),
        space=100,
        owner=MEMO_PROGRAM_ID,
    )
    assert site.program is not None
    await Sender(site.connection, site.payer).send([create_account(params)], site.program)

    assert await refusal_of(site.deployment(SMALL)) == (
        f"there is no upgradeable program at {site.address}, but something else; "
        "make an id of your own: amalgam program new-id"
    )
