"""Addresses, accounts, events and instructions of the power plant, beside what anchorpy makes of the IDL."""

import ast
import json
from dataclasses import fields
from typing import Any, get_args

import pytest
from anchorpy import Context, EventParser, Program
from anchorpy.program.common import NamedInstruction
from solders.instruction import Instruction
from solders.message import Message
from solders.pubkey import Pubkey
from solders.transaction import Transaction

from amalgam import built
from amalgam.chain.layout import WELL_KNOWN
from amalgam.vpp import program as virtual_power_plant
from amalgam.vpp.program import Commitment, Dispatch, Event, Plant, events
from tests.support.stage import NOON, ROOT, U64_MAX
from tests.support.vpp import AMOUNT, ENDS, PROGRAM, STARTS, TERMS, Dispatching

IDL = json.loads(built("virtual_power_plant.json").read_text("utf-8"))
SOURCE = ast.parse((ROOT / "programs_py/virtual_power_plant.py").read_text("utf-8"))

AUTHORITY, OWNER, ENERGY, PAYMENT, TOKENS, MORE_TOKENS = (Pubkey([number] * 32) for number in range(1, 7))
PLANT = virtual_power_plant.plant_address(AUTHORITY, ENERGY, PAYMENT)
DISPATCH = virtual_power_plant.dispatch_address(PLANT, 3)
COMMITMENT = virtual_power_plant.commitment_address(PLANT, OWNER, 5)
ENERGY_VAULT = virtual_power_plant.energy_vault_address(PLANT)
PAYMENT_VAULT = virtual_power_plant.payment_vault_address(PLANT)


def plain(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


# What the program's source and its IDL say


@pytest.mark.parametrize("name", ["BPS", "UNITS_PER_PRICE", "MAX_TARGET", "MAX_AHEAD"])
def test_constants_are_the_sources(name: str) -> None:
    assignments = (node for node in SOURCE.body if isinstance(node, ast.Assign))
    values = [ast.literal_eval(each.value) for each in assignments if ast.unparse(each.targets[0]) == name]
    assert values == [getattr(virtual_power_plant, name)]


@pytest.mark.parametrize(
    ("instruction", "account", "known", "address"),
    [
        (
            *("initialize", "plant"),
            {"authority": AUTHORITY, "energy_mint": ENERGY, "payment_mint": PAYMENT},
            PLANT,
        ),
        ("initialize", "energyVault", {"plant": PLANT}, ENERGY_VAULT),
        ("openPaymentVault", "paymentVault", {"plant": PLANT}, PAYMENT_VAULT),
        ("openDispatch", "dispatch", {"plant": PLANT, "number": b"\3"}, DISPATCH),
        ("openCommitment", "commitment", {"plant": PLANT, "owner": OWNER, "number": b"\5"}, COMMITMENT),
    ],
)
def test_addresses_come_from_the_idls_seeds(
    instruction: str, account: str, known: dict[str, Pubkey | bytes], address: Pubkey
) -> None:
    slots = next(each["accounts"] for each in IDL["instructions"] if each["name"] == instruction)
    seeds = next(slot["pda"]["seeds"] for slot in slots if slot["name"] == account)
    raw = [
        seed["value"].encode() if seed["kind"] == "const" else bytes(known[seed["path"]]) for seed in seeds
    ]
    assert Pubkey.find_program_address(raw, PROGRAM)[0] == address


def test_every_account_and_event_of_the_idl_has_a_dataclass() -> None:
    assert {account["name"] for account in IDL["accounts"]} == {"Plant", "Dispatch", "Commitment"}
    assert {event["name"] for event in IDL["events"]} == {event.__name__ for event in get_args(Event)}


@pytest.mark.parametrize("number", [-1, 256, 1.0, True])
def test_a_number_that_does_not_fit_is_refused_by_name(number: Any) -> None:
    for build in (
        lambda: virtual_power_plant.open_dispatch(payer=OWNER, plant=PLANT, number=number),
        lambda: virtual_power_plant.open_commitment(payer=OWNER, plant=PLANT, owner=OWNER, number=number),
    ):
        with pytest.raises(ValueError) as refusal:  # noqa: PT011 (compared whole)
            build()
        assert str(refusal.value) == f"number must be an integer from 0 to 255, not {number!r}"


# Instructions

_AUTHORITYS = {"authority": AUTHORITY, "plant": PLANT}
_OWNERS = {"owner": OWNER, "plant": PLANT, "dispatch": DISPATCH}
_VAULTS = {"energy_vault": ENERGY_VAULT, "payment_vault": PAYMENT_VAULT}
_DESTINATIONS = {"energy_destination": TOKENS, "payment_destination": MORE_TOKENS}
_TERMS = {**TERMS, "starts_at": -(2**63), "target": U64_MAX, "tolerance_bps": 65_535}
BUILT: dict[str, tuple[Instruction, list[Any], dict[str, Pubkey]]] = {
    "initialize": (
        virtual_power_plant.initialize(authority=AUTHORITY, energy_mint=ENERGY, payment_mint=PAYMENT),
        [],
        {**_AUTHORITYS, "energy_mint": ENERGY, "payment_mint": PAYMENT, "energy_vault": ENERGY_VAULT},
    ),
    "open_payment_vault": (
        virtual_power_plant.open_payment_vault(payer=OWNER, plant=PLANT, payment_mint=PAYMENT),
        [],
        {"payer": OWNER, "plant": PLANT, "payment_mint": PAYMENT, "payment_vault": PAYMENT_VAULT},
    ),
    "pause": (virtual_power_plant.pause(**_AUTHORITYS), [], _AUTHORITYS),
    "resume": (virtual_power_plant.resume(**_AUTHORITYS), [], _AUTHORITYS),
    "propose_authority": (
        virtual_power_plant.propose_authority(**_AUTHORITYS, proposed=OWNER),
        [OWNER],
        _AUTHORITYS,
    ),
    "accept_authority": (virtual_power_plant.accept_authority(**_AUTHORITYS), [], _AUTHORITYS),
    "open_dispatch": (
        virtual_power_plant.open_dispatch(payer=OWNER, plant=PLANT, number=3),
        [3],
        {"payer": OWNER, "plant": PLANT, "dispatch": DISPATCH},
    ),
    "announce": (
        virtual_power_plant.announce(**_AUTHORITYS, dispatch=DISPATCH, source=TOKENS, **_TERMS),
        list(_TERMS.values()),
        {**_AUTHORITYS, "dispatch": DISPATCH, "payment_vault": PAYMENT_VAULT, "source": TOKENS},
    ),
    "cancel_dispatch": (
        virtual_power_plant.cancel_dispatch(**_AUTHORITYS, dispatch=DISPATCH, destination=TOKENS),
        [],
        {**_AUTHORITYS, "dispatch": DISPATCH, "payment_vault": PAYMENT_VAULT, "destination": TOKENS},
    ),
    "open_commitment": (
        virtual_power_plant.open_commitment(payer=AUTHORITY, plant=PLANT, owner=OWNER, number=5),
        [OWNER, 5],
        {"payer": AUTHORITY, "plant": PLANT, "commitment": COMMITMENT},
    ),
    "return_rent": (
        virtual_power_plant.return_rent(owner=OWNER, commitment=COMMITMENT, amount=U64_MAX),
        [U64_MAX],
        {"owner": OWNER, "commitment": COMMITMENT},
    ),
    "commit": (
        virtual_power_plant.commit(
            **_OWNERS, commitment=COMMITMENT, source=TOKENS, amount=U64_MAX, announcement=9
        ),
        [U64_MAX, 9],
        {**_OWNERS, "commitment": COMMITMENT, "payment_vault": PAYMENT_VAULT, "source": TOKENS},
    ),
    "deliver": (
        virtual_power_plant.deliver(**_OWNERS, commitment=COMMITMENT, source=TOKENS, amount=2**40 + 3),
        [2**40 + 3],
        {**_OWNERS, "commitment": COMMITMENT, "energy_vault": ENERGY_VAULT, "source": TOKENS},
    ),
    "settle_commitment": (
        virtual_power_plant.settle_commitment(
            plant=PLANT, dispatch=DISPATCH, commitment=COMMITMENT, destination=TOKENS
        ),
        [],
        {**_OWNERS, "commitment": COMMITMENT, "payment_vault": PAYMENT_VAULT, "destination": TOKENS},
    ),
    "settle_dispatch": (
        virtual_power_plant.settle_dispatch(plant=PLANT, dispatch=DISPATCH, **_DESTINATIONS),
        [],
        {"plant": PLANT, "dispatch": DISPATCH, **_VAULTS, **_DESTINATIONS},
    ),
}


def test_every_instruction_of_the_idl_is_compared(plant_program: Program) -> None:
    assert set(BUILT) == set(plant_program.instruction)


@pytest.mark.parametrize("name", BUILT)
def test_an_instruction_is_what_anchorpy_builds(plant_program: Program, name: str) -> None:
    instruction, arguments, accounts = BUILT[name]
    context = Context({**WELL_KNOWN, **accounts})
    expected = plant_program.instruction[name](*arguments, ctx=context)
    assert (instruction.program_id, instruction.accounts, instruction.data) == (
        expected.program_id,
        expected.accounts,
        expected.data,
    )


# Accounts


@pytest.mark.parametrize("record", [Plant, Dispatch, Commitment])
def test_an_account_decodes_as_anchorpy_encoded_it(plant_program: Program, record: type[Any]) -> None:
    values: dict[str, Any] = {
        field.name: {int: number, Pubkey: Pubkey([number] * 32), bool: True}[field.type]
        for number, field in enumerate(fields(record), start=1)
    }
    data = plant_program.coder.accounts.build(NamedInstruction(values, record.__name__))
    assert plain(record.from_bytes(data + bytes(7))) == values  # accounts are longer than their fields
    for wrong in (b"", data[:7], data[:-1], b"\0" + data[1:]):
        with pytest.raises(ValueError, match=f"^not the data of a {record.__name__}$"):
            record.from_bytes(wrong)


@pytest.mark.embedded
async def test_accounts_compute_what_the_program_does(dispatching: Dispatching) -> None:
    async def read() -> tuple[Dispatch, Commitment]:
        accounts = await dispatching.raw()
        return (
            Dispatch.from_bytes(accounts["dispatch"].data),
            Commitment.from_bytes(accounts["owner_commitment"].data),
        )

    dispatch, _ = await read()
    await dispatching.begin(owner=AMOUNT, neighbour=1_001)
    _, commitment = await read()
    assert commitment.bond == dispatch.bond(AMOUNT)
    room = commitment.room(dispatch.tolerance_bps)
    async with dispatching.refused("amount exceeds the commitment and its tolerance"):
        await dispatching.run("deliver", amount=room + 1)
    await dispatching.end(neighbour=700, owner=room)

    dispatch, commitment = await read()
    (settled,) = await dispatching.run("settle_dispatch")
    assert (settled.data["pool"], settled.data["payment"]) == (dispatch.pool, dispatch.remainder)
    assert dispatch.unpaid_pool == dispatch.pool > 0
    (event,) = await dispatching.run("settle_commitment")
    assert event.data["reward"] + event.data["bond"] == commitment.due(dispatch)
    dispatch, _ = await read()
    assert (event.data["share"], dispatch.unpaid_pool) == (dispatch.pool, 0)


# Events


async def logs_of(dispatching: Dispatching, *instructions: Instruction, signers: list[str]) -> list[str]:
    """The logs of one transaction with all of these instructions."""
    blockhash = (await dispatching.client.get_latest_blockhash()).value.blockhash
    message = Message.new_with_blockhash(instructions, dispatching.fee_payer.pubkey(), blockhash)
    keys = [dispatching.fee_payer, *(dispatching.key(name) for name in signers)]
    signature = (await dispatching.client.send_transaction(Transaction(keys, message, blockhash))).value
    return (await dispatching.client.get_transaction(signature)).value.transaction.meta.log_messages


@pytest.mark.embedded
async def test_each_event_is_what_anchorpy_reads(empty_dispatching: Dispatching) -> None:
    logs: list[str] = []
    for moment, signers, names in (
        (NOON, ["operator"], ("initialize", "open_payment_vault", "pause", "resume", "open_dispatch")),
        (NOON, ["operator"], ("announce", "cancel_dispatch", "announce", "open_commitment")),
        (NOON, ["owner"], ("commit",)),
        (STARTS, ["owner"], ("deliver",)),
        (ENDS, [], ("settle_commitment", "settle_dispatch")),
        (ENDS, ["operator", "newcomer"], ("propose_authority", "accept_authority")),
    ):
        empty_dispatching.travel_to(moment)
        instructions = [
            empty_dispatching.instruction(name, **({"announcement": 8} if name == "commit" else {}))
            for name in names
        ]
        logs += await logs_of(empty_dispatching, *instructions, signers=signers)

    theirs: list[Any] = []
    EventParser(PROGRAM, empty_dispatching.program.coder).parse_logs(list(logs), theirs.append)
    ours = events(logs)
    assert [(type(event).__name__, plain(event)) for event in ours] == [
        (event.name, vars(event.data)) for event in theirs
    ]
    assert [event.sequence for event in ours] == list(range(1, 16))
    assert {type(event) for event in ours} == set(get_args(Event))
