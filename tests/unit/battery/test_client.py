"""The client's methods, each success beside a refusal, with everything that changed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from solders.pubkey import Pubkey
from spl.token.constants import TOKEN_PROGRAM_ID as TOKEN_PROGRAM
from spl.token.instructions import TransferParams, transfer

from amalgam.battery import program as energy_allocation
from amalgam.battery.client import BatteryAudit, EnergyAllocationClient
from amalgam.battery.program import POLICY_LIMIT, Battery, Member
from amalgam.chain.errors import AssertionRefused, Refused
from amalgam.units import Resource
from tests.support.battery import PROGRAM, World
from tests.support.stage import NOON, changed

POLICY = {
    "capacity": 20_000,
    "allocation_limit": 4_000,
    "allocation_lifetime": 86_400,
    "efficiency_bps": 9_000,
}


@pytest.fixture
def client(empty_world: World) -> EnergyAllocationClient:
    return EnergyAllocationClient(empty_world.client, empty_world.fee_payer)


@asynccontextmanager
async def refused(world: World, message: str) -> AsyncIterator[None]:
    """The program refuses what is inside, with exactly this message, and no account changes."""
    before = await world.raw()
    with pytest.raises(AssertionRefused) as refusal:
        yield
    assert (refusal.value.program, refusal.value.message) == (PROGRAM, message)
    assert await world.raw() == before


async def test_a_refusal_leaves_the_process_its_arithmetic(
    world: World, client: EnergyAllocationClient
) -> None:
    """LiteSVM alone would not: each long double was NaN after a program had failed."""
    async with refused(world, "amount must be positive"):
        await client.send(
            energy_allocation.allocate(owner=world["owner"], battery=world["battery"], amount=0),
            world.key("owner"),
        )
    assert np.longdouble(1) / np.longdouble(4) == np.longdouble("0.25")


# Instructions


async def test_initialize(empty_world: World, client: EnergyAllocationClient) -> None:
    world = empty_world
    operator, mint = world.key("operator"), world["mint"]
    async with refused(world, "capacity must be positive"):
        await client.send(
            energy_allocation.initialize(
                authority=operator.pubkey(), mint=mint, resource=Resource.WATER, **{**POLICY, "capacity": 0}
            ),
            operator,
        )

    before = await world.state()
    await client.send(
        energy_allocation.initialize(
            authority=operator.pubkey(), mint=mint, resource=Resource.WATER, **POLICY
        ),
        operator,
    )
    battery = await client.battery(world["battery"])
    assert battery == Battery(
        creator=operator.pubkey(),
        authority=operator.pubkey(),
        pending_authority=operator.pubkey(),
        mint=mint,
        vault=world["vault"],
        available=0,
        allocated=0,
        member_count=0,
        sequence=1,
        resource=Resource.WATER,
        paused=False,
        bump=battery.bump,
        **POLICY,
    )
    after = await world.state()
    rent = after["battery"]["lamports"] + after["vault"]["lamports"]
    lamports = before["operator"]["lamports"] - rent
    made = {"battery": after["battery"], "vault": after["vault"], "operator": {"lamports": lamports}}
    assert after == changed(before, **made)
    assert (after["vault"]["owner"], after["vault"]["amount"]) == (world["battery"], 0)


async def test_open_member(world: World, client: EnergyAllocationClient) -> None:
    before = await world.state()
    await client.send(
        energy_allocation.open_member(
            payer=client.payer_address, battery=world["battery"], owner=world["newcomer"]
        )
    )
    assert await client.member(world["battery"], world["newcomer"]) == Member(
        owner=world["newcomer"],
        battery=world["battery"],
        balance=0,
        allocated=0,
        allocation_limit=POLICY_LIMIT,
        allocation_expiry=0,
    )
    after = await world.state()
    assert after == changed(
        before, battery={"member_count": 4, "sequence": 5}, newcomer_member=after["newcomer_member"]
    )

    with pytest.raises(Refused) as refusal:
        await client.send(
            energy_allocation.open_member(
                payer=client.payer_address, battery=world["battery"], owner=world["newcomer"]
            )
        )
    assert (refusal.value.message, refusal.value.code) == ("AccountAlreadyInUse", 0)
    assert await world.state() == after


async def test_a_battery_and_a_share_of_it_are_read_at_once(
    world: World, client: EnergyAllocationClient
) -> None:
    battery = world["battery"]
    pool = await client.battery(battery)
    assert await client.share(battery, world["owner"]) == (pool, await client.member(battery, world["owner"]))
    assert await client.share(battery, world["newcomer"]) == (pool, None)
    with pytest.raises(LookupError, match=f"^there is no Battery at {world['newcomer']}$"):
        await client.share(world["newcomer"], world["owner"])


async def test_deposit(world: World, client: EnergyAllocationClient) -> None:
    owner, battery, source = world.key("owner"), world["battery"], world["owner_tokens"]
    async with refused(world, "credit is below the minimum"):
        await client.send(
            energy_allocation.deposit_energy(
                owner=owner.pubkey(),
                battery=battery,
                mint=world["mint"],
                source=source,
                amount=1_001,
                minimum_credit=901,
            ),
            owner,
        )

    before = await world.state()
    await client.send(
        energy_allocation.deposit_energy(
            owner=owner.pubkey(),
            battery=battery,
            mint=world["mint"],
            source=source,
            amount=1_001,
            minimum_credit=900,
        ),
        owner,
    )
    assert await world.state() == changed(
        before,
        battery={"available": 900, "sequence": 5},
        owner_member={"balance": 900},
        owner_tokens={"amount": before["owner_tokens"]["amount"] - 1_001},
        vault={"amount": 900},
        mint={"supply": before["mint"]["supply"] - 101},
    )
    assert (await client.battery(battery)).credit_for(1_001) == 900


async def test_withdraw(world: World, client: EnergyAllocationClient) -> None:
    await world.run("deposit_energy")
    owner, battery, destination = world.key("owner"), world["battery"], world["newcomer_tokens"]
    async with refused(world, "amount exceeds the balance"):
        await client.send(
            energy_allocation.withdraw_energy(
                owner=owner.pubkey(), battery=battery, destination=destination, amount=901
            ),
            owner,
        )

    before = await world.state()
    await client.send(
        energy_allocation.withdraw_energy(
            owner=owner.pubkey(), battery=battery, destination=destination, amount=900
        ),
        owner,
    )
    assert await world.state() == changed(
        before,
        battery={"available": 0, "sequence": 6},
        owner_member={"balance": 0},
        vault={"amount": 0},
        newcomer_tokens={"amount": before["newcomer_tokens"]["amount"] + 900},
    )


async def test_allocate(world: World, client: EnergyAllocationClient) -> None:
    await world.run("deposit_energy")
    await world.run("deposit_energy", by="neighbour")
    neighbour, battery = world.key("neighbour"), world["battery"]
    async with refused(world, "amount exceeds the unallocated balance"):
        await client.send(
            energy_allocation.allocate(owner=neighbour.pubkey(), battery=battery, amount=901), neighbour
        )

    before = await world.state()
    await client.send(
        energy_allocation.allocate(owner=neighbour.pubkey(), battery=battery, amount=900), neighbour
    )
    assert await world.state() == changed(
        before,
        battery={"available": 900, "allocated": 900, "sequence": 7},
        neighbour_member={"allocated": 900, "allocation_expiry": NOON + 86_400},
    )


async def test_deallocate(world: World, client: EnergyAllocationClient) -> None:
    await world.run("deposit_energy")
    await world.run("allocate")
    owner, battery = world.key("owner"), world["battery"]
    async with refused(world, "amount exceeds what is allocated"):
        await client.send(
            energy_allocation.deallocate(owner=owner.pubkey(), battery=battery, amount=101), owner
        )

    before = await world.state()
    await client.send(energy_allocation.deallocate(owner=owner.pubkey(), battery=battery, amount=100), owner)
    assert await world.state() == changed(
        before, battery={"available": 900, "allocated": 0, "sequence": 7}, owner_member={"allocated": 0}
    )


async def test_consume(world: World, client: EnergyAllocationClient) -> None:
    await world.run("deposit_energy")
    await world.run("allocate")
    owner, battery = world.key("owner"), world["battery"]
    async with refused(world, "amount exceeds what is allocated"):
        await client.send(
            energy_allocation.consume(owner=owner.pubkey(), battery=battery, mint=world["mint"], amount=101),
            owner,
        )

    before = await world.state()
    await client.send(
        energy_allocation.consume(owner=owner.pubkey(), battery=battery, mint=world["mint"], amount=100),
        owner,
    )
    assert await world.state() == changed(
        before,
        battery={"allocated": 0, "sequence": 7},
        owner_member={"balance": 800, "allocated": 0},
        vault={"amount": 800},
        mint={"supply": before["mint"]["supply"] - 100},
    )


@pytest.mark.embedded
async def test_release_expired(world: World, client: EnergyAllocationClient) -> None:
    await world.run("deposit_energy")
    await world.run("allocate")
    battery, owner = world["battery"], world["owner"]
    async with refused(world, "allocation has not expired"):
        await client.send(energy_allocation.release_expired(battery=battery, owner=owner))

    world.travel_to((await client.member(battery, owner)).allocation_expiry)
    before = await world.state()
    await client.send(energy_allocation.release_expired(battery=battery, owner=owner))
    assert await world.state() == changed(
        before, battery={"available": 900, "allocated": 0, "sequence": 7}, owner_member={"allocated": 0}
    )


async def test_set_policy(world: World, client: EnergyAllocationClient) -> None:
    battery = world["battery"]
    policy = {"capacity": 5, "allocation_limit": 4, "allocation_lifetime": 3, "efficiency_bps": 2}
    async with refused(world, "signer is not the authority"):
        await client.send(
            energy_allocation.set_policy(authority=world["rival"], battery=battery, **policy),
            world.key("rival"),
        )

    before = await world.state()
    await client.send(
        energy_allocation.set_policy(authority=world["operator"], battery=battery, **policy),
        world.key("operator"),
    )
    assert await world.state() == changed(before, battery={**policy, "sequence": 5})


async def test_set_member_limit(world: World, client: EnergyAllocationClient) -> None:
    battery, owner = world["battery"], world["neighbour"]
    async with refused(world, "signer is not the authority"):
        await client.send(
            energy_allocation.set_member_limit(
                authority=world["neighbour"], battery=battery, owner=owner, limit=5_000
            ),
            world.key("neighbour"),
        )

    before = await world.state()
    await client.send(
        energy_allocation.set_member_limit(
            authority=world["operator"], battery=battery, owner=owner, limit=5_000
        ),
        world.key("operator"),
    )
    assert await world.state() == changed(
        before, battery={"sequence": 5}, neighbour_member={"allocation_limit": 5_000}
    )
    pool, member = await client.battery(battery), await client.member(battery, owner)
    assert pool.allocation_limit_of(member) == 5_000


async def test_pause_and_resume(world: World, client: EnergyAllocationClient) -> None:
    operator, battery = world.key("operator"), world["battery"]
    async with refused(world, "battery is not paused"):
        await client.send(energy_allocation.resume(authority=operator.pubkey(), battery=battery), operator)

    before = await world.state()
    await client.send(energy_allocation.pause(authority=operator.pubkey(), battery=battery), operator)
    assert await world.state() == changed(before, battery={"paused": True, "sequence": 5})
    async with refused(world, "battery is paused"):
        await client.send(energy_allocation.pause(authority=operator.pubkey(), battery=battery), operator)
    await client.send(energy_allocation.resume(authority=operator.pubkey(), battery=battery), operator)
    assert await world.state() == changed(before, battery={"sequence": 6})


async def test_propose_and_accept_authority(world: World, client: EnergyAllocationClient) -> None:
    operator, newcomer, battery = world.key("operator"), world.key("newcomer"), world["battery"]
    async with refused(world, "no new authority is proposed"):
        await client.send(
            energy_allocation.accept_authority(authority=newcomer.pubkey(), battery=battery), newcomer
        )

    before = await world.state()
    await client.send(
        energy_allocation.propose_authority(
            authority=operator.pubkey(), battery=battery, proposed=newcomer.pubkey()
        ),
        operator,
    )
    proposed = {"pending_authority": newcomer.pubkey(), "sequence": 5}
    assert await world.state() == changed(before, battery=proposed)
    async with refused(world, "signer is not the proposed authority"):
        await client.send(
            energy_allocation.accept_authority(authority=operator.pubkey(), battery=battery), operator
        )
    await client.send(
        energy_allocation.accept_authority(authority=newcomer.pubkey(), battery=battery), newcomer
    )
    accepted = {**proposed, "authority": newcomer.pubkey(), "sequence": 6}
    assert await world.state() == changed(before, battery=accepted)
    async with refused(world, "signer is not the authority"):
        await client.send(
            energy_allocation.propose_authority(
                authority=operator.pubkey(), battery=battery, proposed=operator.pubkey()
            ),
            operator,
        )


@pytest.mark.parametrize("amount", [-1, 2**64, 1.5, None])
async def test_an_amount_that_is_no_u64_is_never_sent(
    world: World, client: EnergyAllocationClient, amount: Any
) -> None:
    owner, battery, tokens = world.key("owner"), world["battery"], world["owner_tokens"]
    lamports = (await world.client.get_balance(world.fee_payer.pubkey())).value
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: client.send(
            energy_allocation.deposit_energy(
                owner=owner.pubkey(),
                battery=battery,
                mint=world["mint"],
                source=tokens,
                amount=amount,
                minimum_credit=0,
            ),
            owner,
        ),
        lambda: client.send(
            energy_allocation.withdraw_energy(
                owner=owner.pubkey(), battery=battery, destination=tokens, amount=amount
            ),
            owner,
        ),
        lambda: client.send(
            energy_allocation.allocate(owner=owner.pubkey(), battery=battery, amount=amount), owner
        ),
        lambda: client.send(
            energy_allocation.deallocate(owner=owner.pubkey(), battery=battery, amount=amount), owner
        ),
        lambda: client.send(
            energy_allocation.consume(
                owner=owner.pubkey(), battery=battery, mint=world["mint"], amount=amount
            ),
            owner,
        ),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"^amount must be an integer from 0 to \d+, not "):
            await call()
    assert (await world.client.get_balance(world.fee_payer.pubkey())).value == lamports


# Sending


async def test_the_payer_pays_and_signs_once_where_it_is_the_owner_too(world: World) -> None:
    battery, owner = world["battery"], world.key("owner")
    await world.run("deposit_energy")
    for payer, signatures in ((world.fee_payer, 2), (owner, 1)):
        client = EnergyAllocationClient(world.client, payer)
        before = (await world.client.get_balance(payer.pubkey())).value
        signature = await client.send(
            energy_allocation.allocate(owner=owner.pubkey(), battery=battery, amount=1), owner
        )
        landed = (await world.client.get_transaction(signature)).value.transaction
        assert len(landed.transaction.signatures) == signatures
        assert landed.meta.fee == 5_000 * signatures
        assert (await world.client.get_balance(payer.pubkey())).value == before - landed.meta.fee


# Reading


async def test_members_are_those_of_one_battery(world: World, client: EnergyAllocationClient) -> None:
    await world.start(at="rival")
    await world.run("deposit_energy", by="neighbour")
    members = await client.members(world["battery"])
    assert members == [
        await client.member(world["battery"], owner)
        for owner in sorted((world["owner"], world["neighbour"], world["thief"]), key=bytes)
    ]
    assert {member.owner: member.balance for member in members} == {
        world["owner"]: 0,
        world["neighbour"]: 900,
        world["thief"]: 0,
    }
    assert await client.members(world["mint"]) == []


@pytest.mark.embedded
async def test_another_kind_of_account_is_no_member(world: World, client: EnergyAllocationClient) -> None:
    await world.start(at="rival")
    members = await client.members(world["battery"])
    await world.forge("rival_battery", authority=world["battery"])  # where a Member has its battery
    assert await client.members(world["battery"]) == members


@pytest.mark.embedded
async def test_another_programs_account_is_no_battery(world: World, client: EnergyAllocationClient) -> None:
    genuine = (await world.raw())["battery"]
    address = world.put("forged_battery", genuine.data, TOKEN_PROGRAM)
    with pytest.raises(LookupError, match=f"^there is no Battery at {address}$"):
        await client.battery(address)


@pytest.mark.parametrize("name", ["newcomer_member", "mint", "owner_member"])
async def test_what_is_no_battery_is_not_found(
    world: World, client: EnergyAllocationClient, name: str
) -> None:
    for read in (client.battery, client.audit):
        with pytest.raises(LookupError, match=f"^there is no Battery at {world[name]}$"):
            await read(world[name])


async def test_a_member_who_has_not_joined_is_not_found(world: World, client: EnergyAllocationClient) -> None:
    with pytest.raises(LookupError, match=f"^there is no Member at {world['newcomer_member']}$"):
        await client.member(world["battery"], world["newcomer"])


# Audit


async def test_an_audit_finds_ledger_and_vault_agreed(world: World, client: EnergyAllocationClient) -> None:
    await world.run("deposit_energy")
    await world.run("deposit_energy", by="neighbour")
    await world.run("allocate", by="neighbour", amount=600)
    audit = await client.audit(world["battery"])
    battery, members = await client.battery(world["battery"]), await client.members(world["battery"])
    assert audit == BatteryAudit(battery, members, vault_amount=1_800)
    assert (audit.violations, audit.donations) == ([], 0)


async def test_a_donation_is_nobodys(world: World, client: EnergyAllocationClient) -> None:
    before = await client.audit(world["battery"])
    accounts = (world["newcomer_tokens"], world["vault"], world["newcomer"])
    await world.send(transfer(TransferParams(TOKEN_PROGRAM, *accounts, amount=70)), signers=["newcomer"])
    after = await client.audit(world["battery"])
    assert after == replace(before, vault_amount=70)
    assert (after.violations, after.donations) == ([], 70)


def audit_of(
    *, vault_amount: int = 1_800, allocations: tuple[int, int] = (400, 400), **fields: int
) -> BatteryAudit:
    """Two members' battery in which all agrees, but for what is changed."""
    key = Pubkey([1] * 32)
    members = [
        Member(key, key, balance=900, allocated=each, allocation_limit=POLICY_LIMIT, allocation_expiry=0)
        for each in allocations
    ]
    keys = dict.fromkeys(("creator", "authority", "pending_authority", "mint", "vault"), key)
    amounts = {**POLICY, "available": 1_000, "allocated": 800, "member_count": 2, "sequence": 9, **fields}
    battery = Battery(**keys, **amounts, resource=Resource.ENERGY, paused=False, bump=255)
    return BatteryAudit(battery, members, vault_amount)


@pytest.mark.parametrize(
    ("audit", "violations"),
    [
        (audit_of(), []),
        (audit_of(capacity=1_800), []),
        (audit_of(vault_amount=1_799), ["the vault holds 1799, the battery stores 1800"]),
        (
            audit_of(available=999),
            ["the members' balances are 1800, the battery stores 1799"],
        ),
        (
            audit_of(available=1_001, allocated=799),
            ["the members have 800 allocated, the battery 799"],
        ),
        (audit_of(allocations=(900, 0), available=900, allocated=900), []),
        (
            audit_of(allocations=(901, 0), available=899, allocated=901),
            ["a member has more allocated than their balance"],
        ),
        (audit_of(capacity=1_799), ["the battery stores 1800, its capacity is 1799"]),
        (audit_of(member_count=3), ["the battery counts 3 members, the chain has 2"]),
    ],
)
def test_an_audit_names_what_does_not_hold(audit: BatteryAudit, violations: list[str]) -> None:
    assert audit.violations == violations


@pytest.mark.parametrize("interruptions", [1, 4])
async def test_an_audit_reads_again_what_changes_meanwhile(
    world: World, client: EnergyAllocationClient, monkeypatch: pytest.MonkeyPatch, interruptions: int
) -> None:
    await world.run("deposit_energy")
    interrupt(world, monkeypatch, interruptions)
    audit = await client.audit(world["battery"])
    assert (audit.violations, audit.battery.allocated) == ([], interruptions)


async def test_an_audit_gives_up_on_a_battery_that_never_rests(
    world: World, client: EnergyAllocationClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.run("deposit_energy")
    interrupt(world, monkeypatch, 5)
    message = f"^battery {world['battery']} changed in each of 5 attempts to audit it$"
    with pytest.raises(TimeoutError, match=message):
        await client.audit(world["battery"])


def interrupt(world: World, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """Allocate between an audit's readings, so often."""
    read = world.client.get_program_accounts
    amounts = iter([1] * times)

    async def interrupted(*args: Any, **options: Any) -> Any:
        for amount in amounts:
            await world.run("allocate", amount=amount)
            break
        return await read(*args, **options)

    monkeypatch.setattr(world.client, "get_program_accounts", interrupted)
