"""The power plant's client, each method's success beside a refusal, with what changed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from solders.account import Account
from solders.system_program import ID as SYSTEM_PROGRAM_ID
from solders.token.state import TokenAccount, TokenAccountState
from spl.token.constants import TOKEN_PROGRAM_ID
from spl.token.instructions import get_associated_token_address

from amalgam.chain.embedded import LAMPORTS_PER_SIGNATURE
from amalgam.chain.errors import AnchorRefused, AssertionRefused
from amalgam.vpp import program as virtual_power_plant
from amalgam.vpp.client import PlantAudit, PowerPlantClient
from amalgam.vpp.program import Commitment, Dispatch, Plant, commitment_address
from tests.support.stage import Beginnings, changed
from tests.support.vpp import (
    AMOUNT,
    ANNOUNCED,
    BOND,
    EARNED,
    ENDS,
    PARTICIPANTS,
    PAYMENT,
    PROGRAM,
    REWARD,
    STARTS,
    TERMS,
    Dispatching,
)

pytestmark = pytest.mark.embedded


@pytest.fixture
def beginnings(request: pytest.FixtureRequest) -> Beginnings:
    """Of this test alone: what was there before would be settled too."""
    return Beginnings(request.node.nodeid)


@pytest.fixture
def client(empty_dispatching: Dispatching) -> PowerPlantClient:
    for owner in ("operator", *PARTICIPANTS):  # who keep no account until a test gives them one
        for mint in ("energy_mint", "payment_mint"):
            address = get_associated_token_address(empty_dispatching[owner], empty_dispatching[mint])
            empty_dispatching.chain.set_account(address, Account(0, b"", SYSTEM_PROGRAM_ID))
    return PowerPlantClient(empty_dispatching.client, empty_dispatching.fee_payer)


@asynccontextmanager
async def refused(dispatching: Dispatching, message: str) -> AsyncIterator[None]:
    """The program refuses what is inside, with exactly this message, and no account changes."""
    before = await dispatching.raw()
    with pytest.raises(AssertionRefused) as refusal:
        yield
    assert (refusal.value.program, refusal.value.message) == (PROGRAM, message)
    assert await dispatching.raw() == before


async def test_initialize(empty_dispatching: Dispatching, client: PowerPlantClient) -> None:
    stage, operator = empty_dispatching, empty_dispatching.key("operator")
    mints = {"energy_mint": stage["energy_mint"], "payment_mint": stage["payment_mint"]}
    with pytest.raises(LookupError, match=f"^there is no Plant at {stage['plant']}$"):
        await client.plant(stage["plant"])
    async with refused(stage, "payment mint is the energy mint"):
        await client.sender.send(
            virtual_power_plant.create(
                payer=operator.pubkey(),
                authority=operator.pubkey(),
                **{**mints, "payment_mint": stage["energy_mint"]},
            ),
            operator,
        )

    await client.sender.send(
        virtual_power_plant.create(payer=operator.pubkey(), authority=operator.pubkey(), **mints), operator
    )

    plant = await client.plant(stage["plant"])
    assert plant == Plant(
        **dict.fromkeys(("creator", "authority", "pending_authority"), stage["operator"]),
        **mints,
        energy_vault=stage["energy_vault"],
        payment_vault=stage["payment_vault"],
        energy_held=0,
        payment_held=0,
        sequence=2,
        paused=False,
        bump=plant.bump,
    )


async def test_announce_and_cancel(dispatching: Dispatching, client: PowerPlantClient) -> None:
    operator, plant = dispatching.key("operator"), dispatching["plant"]
    tokens = dispatching["operator_payment"]
    await client.send(
        virtual_power_plant.cancel_dispatch(
            authority=operator.pubkey(), dispatch=dispatching["dispatch"], plant=plant, destination=tokens
        ),
        operator,
    )
    async with refused(dispatching, "dispatch is not active"):
        await client.send(
            virtual_power_plant.cancel_dispatch(
                authority=operator.pubkey(), dispatch=dispatching["dispatch"], plant=plant, destination=tokens
            ),
            operator,
        )
    await client.send(
        virtual_power_plant.open_dispatch(payer=operator.pubkey(), plant=plant, number=1), operator
    )
    second = dispatching["second_dispatch"]
    async with refused(dispatching, "price must be positive"):
        await client.send(
            virtual_power_plant.announce(
                authority=operator.pubkey(),
                dispatch=second,
                plant=plant,
                source=tokens,
                **{**TERMS, "price": 0},
            ),
            operator,
        )

    await client.send(
        virtual_power_plant.announce(
            authority=operator.pubkey(), dispatch=second, plant=plant, source=tokens, **TERMS
        ),
        operator,
    )

    first, announced = await client.dispatches(plant)
    assert (first, first.cancelled) == (await client.dispatch(dispatching["dispatch"]), True)
    assert announced == Dispatch(
        plant=plant,
        announcement=ANNOUNCED + 3,
        **TERMS,
        reward=REWARD,
        **dict.fromkeys(("committed", "commitment_count", "settled_count", "credited", "surplus"), 0),
        **dict.fromkeys(("surplus_settled", "bonds", "rewards_due", "bonds_due"), 0),
        number=1,
        active=True,
        cancelled=False,
    )


async def test_commit_deliver_and_settle(dispatching: Dispatching, client: PowerPlantClient) -> None:
    owner, plant, dispatch = dispatching.key("owner"), dispatching["plant"], dispatching["dispatch"]
    its = {"plant": plant, "dispatch": dispatch, "commitment": dispatching["owner_commitment"]}
    commit = {**its, "source": dispatching["owner_payment"], "announcement": ANNOUNCED}
    with pytest.raises(AnchorRefused) as refusal:
        await client.send(
            virtual_power_plant.commit(
                owner=dispatching["newcomer"],
                **commit
                | {
                    "commitment": commitment_address(plant, dispatching["newcomer"], 0),
                    "source": dispatching["newcomer_payment"],
                },
                amount=AMOUNT,
            ),
            dispatching.key("newcomer"),
        )
    assert refusal.value.remedy == (
        "Create it first: initialize makes a plant, open_dispatch a dispatch, open_commitment a commitment."
    )
    async with refused(dispatching, "dispatch was announced anew"):
        await client.send(
            virtual_power_plant.commit(owner=owner.pubkey(), **{**commit, "announcement": 1}, amount=AMOUNT),
            owner,
        )
    await client.send(virtual_power_plant.commit(owner=owner.pubkey(), **commit, amount=AMOUNT), owner)
    commitment = await client.commitment(dispatching["owner_commitment"])
    assert commitment == Commitment(
        plant, owner.pubkey(), dispatch, AMOUNT, delivered=0, bond=BOND, number=0, active=True
    )

    dispatching.travel_to(STARTS)
    energy = {**its, "source": dispatching["owner_energy"]}
    async with refused(dispatching, "amount must be positive"):
        await client.send(virtual_power_plant.deliver(owner=owner.pubkey(), **energy, amount=0), owner)
    await client.send(virtual_power_plant.deliver(owner=owner.pubkey(), **energy, amount=AMOUNT), owner)
    to_operator = {f"{kind}_destination": dispatching[f"operator_{kind}"] for kind in ("energy", "payment")}
    for settling in (
        client.send(
            virtual_power_plant.settle_commitment(
                plant=commitment.plant,
                dispatch=commitment.dispatch,
                commitment=commitment.address,
                destination=dispatching["owner_payment"],
            )
        ),
        client.send(virtual_power_plant.settle_dispatch(dispatch=dispatch, plant=plant, **to_operator)),
    ):
        async with refused(dispatching, "dispatch has not ended"):
            await settling

    dispatching.travel_to(ENDS)
    before = await dispatching.state()
    await client.send(
        virtual_power_plant.settle_commitment(
            plant=commitment.plant,
            dispatch=commitment.dispatch,
            commitment=commitment.address,
            destination=dispatching["owner_payment"],
        )
    )
    await client.send(virtual_power_plant.settle_dispatch(dispatch=dispatch, plant=plant, **to_operator))
    assert await dispatching.state() == changed(
        before,
        owner_payment={"amount": PAYMENT + EARNED},
        operator_payment={"amount": PAYMENT - EARNED},
        operator_energy={"amount": before["operator_energy"]["amount"] + AMOUNT},
        energy_vault={"amount": 0},
        payment_vault={"amount": 0},
        plant={"energy_held": 0, "payment_held": 0, "sequence": ANNOUNCED + 4},
        dispatch={"settled_count": 1, "active": False},
        owner_commitment={"active": False},
    )


async def test_open_commitment(dispatching: Dispatching, client: PowerPlantClient) -> None:
    plant, operator = dispatching["plant"], dispatching.key("operator")
    newcomers = commitment_address(plant, dispatching["newcomer"], 7)
    with pytest.raises(LookupError, match=f"^there is no Commitment at {newcomers}$"):
        await client.commitment(newcomers)
    await client.send(
        virtual_power_plant.open_commitment(
            payer=operator.pubkey(), plant=plant, owner=dispatching["newcomer"], number=7
        ),
        operator,
    )

    commitments = await client.commitments(plant)
    assert [(each.owner, each.number) for each in commitments] == sorted(
        [(dispatching["newcomer"], 7), *((dispatching[name], 0) for name in ("owner", "neighbour", "thief"))],
        key=lambda each: bytes(each[0]),
    )
    assert await client.commitments(plant, owner=dispatching["newcomer"]) == [
        await client.commitment(newcomers)
    ]


def keep_account(
    dispatching: Dispatching,
    owner: str,
    mint: str = "payment_mint",
    state: TokenAccountState = TokenAccountState.Initialized,
) -> None:
    """Give an owner their associated token account."""
    keys = dispatching[mint], dispatching[owner]
    content = TokenAccount(*keys, 0, None, state, None, 0)
    address = get_associated_token_address(dispatching[owner], dispatching[mint])
    dispatching.chain.set_account(address, Account(10**7, bytes(content), TOKEN_PROGRAM_ID))


def keep_accounts(dispatching: Dispatching) -> None:
    """Give everyone who is paid their account."""
    for owner in ("operator", *PARTICIPANTS):
        keep_account(dispatching, owner)
    keep_account(dispatching, "operator", "energy_mint")


async def test_settle(dispatching: Dispatching, client: PowerPlantClient) -> None:
    plant, dispatch = dispatching["plant"], dispatching["dispatch"]
    keep_accounts(dispatching)
    await dispatching.begin(owner=AMOUNT, neighbour=1_000, thief=2_000)
    await dispatching.end(owner=AMOUNT)
    with pytest.raises(LookupError, match=f"^there is no Dispatch at {plant}$"):
        await client.settle(plant)
    dispatching.travel_to(ENDS - 1)
    early = await client.settle(dispatch)
    waiting = {dispatch, *(dispatching[f"{name}_commitment"] for name in PARTICIPANTS)}
    assert (early.signatures, early.unsettled.keys()) == ([], waiting)
    assert {each.reason.partition(":")[0] for each in early.unsettled.values()} == {"dispatch has not ended"}

    dispatching.travel_to(ENDS)
    steps: list[None] = []
    settlement = await client.settle(dispatch, lambda: steps.append(None))

    assert settlement.unsettled == {}
    assert len(steps) == len(waiting)
    ended = await client.dispatch(dispatch)
    assert (settlement.dispatch, ended.active, ended.settled_count) == (ended, False, 3)
    assert (await client.settle(dispatch)).signatures == []
    audit = await client.audit(plant)
    assert (audit.energy_vault, audit.payment_vault, audit.violations) == (0, 0, [])
    account = dispatching.chain.account(
        get_associated_token_address(dispatching["owner"], dispatching["payment_mint"])
    )
    assert TokenAccount.from_bytes(account.data).amount == EARNED + BOND


async def test_a_frozen_account_holds_up_nobody_else(
    dispatching: Dispatching, client: PowerPlantClient
) -> None:
    dispatch = dispatching["dispatch"]
    await dispatching.begin(owner=AMOUNT, neighbour=1_000, thief=2_000)
    await dispatching.end(owner=AMOUNT, neighbour=1_000)
    keep_accounts(dispatching)
    keep_account(dispatching, "neighbour", state=TokenAccountState.Frozen)
    settlement = await client.settle(dispatch)
    assert [*settlement.unsettled] == [dispatching["neighbour_commitment"]]
    waits = settlement.unsettled[dispatching["neighbour_commitment"]]
    assert (waits.owner, waits.reason.partition(":")[0]) == (dispatching["neighbour"], "AccountFrozen")
    assert (settlement.dispatch.active, settlement.dispatch.settled_count) == (False, 2)

    keep_account(dispatching, "neighbour")
    settlement = await client.settle(dispatch)
    assert (settlement.unsettled, settlement.dispatch.settled_count) == ({}, 3)


async def test_who_settles_pays_for_nobody_elses_account(
    dispatching: Dispatching, client: PowerPlantClient
) -> None:
    """Owners without an account are named and wait, as the operator does; the others are paid."""
    dispatch, mint = dispatching["dispatch"], dispatching["payment_mint"]
    await dispatching.begin(owner=AMOUNT, neighbour=1_000, thief=2_000)
    await dispatching.end(owner=AMOUNT, neighbour=1_000)
    keep_account(dispatching, "owner")
    before = dispatching.chain.balance(client.payer_address)
    settlement = await client.settle(dispatch)
    paid = before - dispatching.chain.balance(client.payer_address)
    assert paid == len(settlement.signatures) * LAMPORTS_PER_SIGNATURE
    why = "{} has no token account for mint {}; its owner runs: amalgam wallet open {}"
    energy = dispatching["energy_mint"]
    assert {account: each.reason for account, each in settlement.unsettled.items()} == {
        dispatch: why.format(dispatching["operator"], energy, energy),
        dispatching["neighbour_commitment"]: why.format(dispatching["neighbour"], mint, mint),
        dispatching["thief_commitment"]: why.format(dispatching["thief"], mint, mint),
    }
    waiting = settlement.unsettled.values()
    keep_accounts(dispatching)
    settlement = await client.settle(dispatch)
    assert (settlement.unsettled, settlement.dispatch.settled_count) == ({}, 3)
    for each in waiting:
        account = dispatching.chain.account(get_associated_token_address(each.owner, mint))
        assert TokenAccount.from_bytes(account.data).amount == each.payment
    account = dispatching.chain.account(get_associated_token_address(dispatching["operator"], energy))
    assert TokenAccount.from_bytes(account.data).amount == AMOUNT + 1_000


async def test_pause_and_resume(dispatching: Dispatching, client: PowerPlantClient) -> None:
    operator, plant = dispatching.key("operator"), dispatching["plant"]
    async with refused(dispatching, "plant is not paused"):
        await client.send(virtual_power_plant.resume(authority=operator.pubkey(), plant=plant), operator)
    await client.send(virtual_power_plant.pause(authority=operator.pubkey(), plant=plant), operator)
    async with refused(dispatching, "plant is paused"):
        await client.send(virtual_power_plant.pause(authority=operator.pubkey(), plant=plant), operator)
    await client.send(virtual_power_plant.resume(authority=operator.pubkey(), plant=plant), operator)
    assert (await client.plant(plant)).paused is False


async def test_hand_the_authority_over(dispatching: Dispatching, client: PowerPlantClient) -> None:
    newcomer, plant = dispatching.key("newcomer"), dispatching["plant"]
    async with refused(dispatching, "no new authority is proposed"):
        await client.send(
            virtual_power_plant.accept_authority(authority=newcomer.pubkey(), plant=plant), newcomer
        )
    await client.send(
        virtual_power_plant.propose_authority(
            authority=dispatching["operator"], plant=plant, proposed=newcomer.pubkey()
        ),
        dispatching.key("operator"),
    )
    await client.send(
        virtual_power_plant.accept_authority(authority=newcomer.pubkey(), plant=plant), newcomer
    )
    assert (await client.plant(plant)).authority == newcomer.pubkey()


async def test_an_audit_says_what_does_not_hold(dispatching: Dispatching, client: PowerPlantClient) -> None:
    await dispatching.begin(owner=AMOUNT)
    await dispatching.run("deliver")
    audit = await client.audit(dispatching["plant"])
    held = REWARD + BOND
    assert (audit.energy_due, audit.payment_due, audit.violations) == (AMOUNT, held, [])
    assert (audit.energy_vault, audit.payment_vault) == (AMOUNT, held)
    with pytest.raises(LookupError, match=r"^there is no Plant at "):
        await client.audit(dispatching["rival_plant"])

    plant = replace(audit.plant, energy_held=AMOUNT + 1, payment_held=held + 1)
    wrong = PlantAudit(plant, audit.dispatches, audit.commitments, AMOUNT, held)
    assert wrong.violations == [
        "4001 of energy are due, the plant holds 4002",
        "3407 of payment are due, the plant holds 3408",
        "the energy vault has 4001, the plant holds 4002",
        "the payment vault has 3407, the plant holds 3408",
    ]
