"""Addresses, accounts, events and instructions of metering, beside what anchorpy makes of the same IDL."""

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
from amalgam.metering import program as energy_metering
from amalgam.metering.program import Event, Issuer, Meter, events
from amalgam.units import Resource
from tests.support.metering import HOUR, MOST, PROGRAM, REGISTER, Metered
from tests.support.stage import NOON, ROOT, U64_MAX

IDL = json.loads(built("energy_metering.json").read_text("utf-8"))
SOURCE = ast.parse((ROOT / "programs_py/energy_metering.py").read_text("utf-8"))

AUTHORITY, ISSUER, DEVICE, OLD, OWNER, TOKENS = (Pubkey([number] * 32) for number in range(1, 7))
METER = energy_metering.meter_address(ISSUER, DEVICE)
MINT = energy_metering.mint_address(ISSUER)


def plain(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


# What the program's source and its IDL say


@pytest.mark.parametrize("name", ["BPS", "TOLERANCE_BPS", "SECONDS_PER_HOUR", "MAX_RATED_POWER"])
def test_constants_are_the_sources(name: str) -> None:
    assignments = (node for node in SOURCE.body if isinstance(node, ast.Assign))
    values = [ast.literal_eval(each.value) for each in assignments if ast.unparse(each.targets[0]) == name]
    assert values == [getattr(energy_metering, name)]


def test_resources_are_the_idls_in_their_order() -> None:
    variants = [variant["name"] for variant in IDL["types"][0]["type"]["variants"]]
    assert [(resource.name, resource.value) for resource in Resource] == [
        (name, index) for index, name in enumerate(variants)
    ]


@pytest.mark.parametrize(
    ("instruction", "account", "known", "address"),
    [
        (
            *("initialize", "issuer", {"authority": bytes(AUTHORITY), "number": b"\7"}),
            energy_metering.issuer_address(AUTHORITY, 7),
        ),
        ("initialize", "mint", {"issuer": bytes(ISSUER)}, MINT),
        ("registerMeter", "meter", {"issuer": bytes(ISSUER), "device": bytes(DEVICE)}, METER),
        ("replaceDevice", "replacement", {"issuer": bytes(ISSUER), "device": bytes(DEVICE)}, METER),
    ],
)
def test_addresses_come_from_the_idls_seeds(
    instruction: str, account: str, known: dict[str, bytes], address: Pubkey
) -> None:
    slots = next(each["accounts"] for each in IDL["instructions"] if each["name"] == instruction)
    seeds = next(slot["pda"]["seeds"] for slot in slots if slot["name"] == account)
    raw = [seed["value"].encode() if seed["kind"] == "const" else known[seed["path"]] for seed in seeds]
    assert Pubkey.find_program_address(raw, PROGRAM)[0] == address


def test_every_account_and_event_of_the_idl_has_a_dataclass() -> None:
    assert {account["name"] for account in IDL["accounts"]} == {"Issuer", "Meter"}
    assert {event["name"] for event in IDL["events"]} == {event.__name__ for event in get_args(Event)}


@pytest.mark.parametrize("number", [-1, 256, 1.0, True])
def test_a_number_that_does_not_fit_is_refused_by_name(number: Any) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (compared whole)
        energy_metering.initialize(authority=AUTHORITY, resource=Resource.ENERGY, number=number)
    assert str(refusal.value) == f"number must be an integer from 0 to 255, not {number!r}"


# Instructions

_ISSUER_7 = energy_metering.issuer_address(AUTHORITY, 7)
_AUTHORITYS = {"authority": AUTHORITY, "issuer": ISSUER}
BUILT: dict[str, tuple[Instruction, list[Any], dict[str, Pubkey]]] = {
    "initialize": (
        energy_metering.initialize(authority=AUTHORITY, resource=Resource.WASTE, number=7),
        ["WASTE", 7],
        {"authority": AUTHORITY, "issuer": _ISSUER_7, "mint": energy_metering.mint_address(_ISSUER_7)},
    ),
    "register_meter": (
        energy_metering.register_meter(
            **_AUTHORITYS, device=DEVICE, owner=OWNER, rated_power=2**40 + 3, register=U64_MAX
        ),
        [DEVICE, OWNER, 2**40 + 3, U64_MAX],
        {**_AUTHORITYS, "meter": METER},
    ),
    "report": (
        energy_metering.report(
            device=DEVICE, issuer=ISSUER, destination=TOKENS, register=U64_MAX, read_at=-(2**63)
        ),
        [U64_MAX, -(2**63)],
        {"device": DEVICE, "issuer": ISSUER, "meter": METER, "mint": MINT, "destination": TOKENS},
    ),
    "replace_device": (
        energy_metering.replace_device(**_AUTHORITYS, retired=OLD, device=DEVICE, register=5),
        [DEVICE, 5],
        {**_AUTHORITYS, "meter": energy_metering.meter_address(ISSUER, OLD), "replacement": METER},
    ),
    "retire_meter": (
        energy_metering.retire_meter(**_AUTHORITYS, device=DEVICE),
        [],
        {**_AUTHORITYS, "meter": METER},
    ),
    "return_rent": (
        energy_metering.return_rent(**_AUTHORITYS, device=DEVICE, amount=U64_MAX),
        [U64_MAX],
        {**_AUTHORITYS, "meter": METER},
    ),
    "pause": (energy_metering.pause(**_AUTHORITYS), [], _AUTHORITYS),
    "resume": (energy_metering.resume(**_AUTHORITYS), [], _AUTHORITYS),
    "propose_authority": (
        energy_metering.propose_authority(**_AUTHORITYS, proposed=OWNER),
        [OWNER],
        _AUTHORITYS,
    ),
    "accept_authority": (energy_metering.accept_authority(**_AUTHORITYS), [], _AUTHORITYS),
}


def test_every_instruction_of_the_idl_is_compared(metering_program: Program) -> None:
    assert set(BUILT) == set(metering_program.instruction)


@pytest.mark.parametrize("name", BUILT)
def test_an_instruction_is_what_anchorpy_builds(metering_program: Program, name: str) -> None:
    instruction, arguments, accounts = BUILT[name]
    if name == "initialize":
        arguments = [getattr(metering_program.type["Resource"], arguments[0])(), *arguments[1:]]
    context = Context({**WELL_KNOWN, **accounts})
    expected = metering_program.instruction[name](*arguments, ctx=context)
    assert (instruction.program_id, instruction.accounts, instruction.data) == (
        expected.program_id,
        expected.accounts,
        expected.data,
    )


# Accounts


@pytest.mark.parametrize("record", [Issuer, Meter])
def test_an_account_decodes_as_anchorpy_encoded_it(
    metering_program: Program, record: type[Issuer | Meter]
) -> None:
    values: dict[str, Any] = {
        field.name: {int: number, Pubkey: Pubkey([number] * 32), bool: True, Resource: Resource.WATER}[
            field.type
        ]
        for number, field in enumerate(fields(record), start=1)
    }
    encoded = dict(values)
    if "resource" in values:
        encoded["resource"] = metering_program.type["Resource"].WATER()
    data = metering_program.coder.accounts.build(NamedInstruction(encoded, record.__name__))
    assert plain(record.from_bytes(data + bytes(7))) == values  # accounts are longer than their fields
    for wrong in (b"", data[:7], data[:-1], b"\0" + data[1:]):
        with pytest.raises(ValueError, match=f"^not the data of a {record.__name__}$"):
            record.from_bytes(wrong)


@pytest.mark.embedded
async def test_a_meter_computes_what_the_program_allows(metered: Metered) -> None:
    meter = Meter.from_bytes((await metered.raw())["owner_meter"].data)
    assert meter.highest_register(NOON + HOUR) == REGISTER + MOST
    for seconds in (1, 7, HOUR - 1):
        most = meter.highest_register(NOON + seconds)
        async with metered.refused("register has risen faster than the rated power"):
            await metered.run("report", register=most + 1, read_at=NOON + seconds)
        await metered.run("report", register=most, read_at=NOON + seconds)
        meter = Meter.from_bytes((await metered.raw())["owner_meter"].data)
        assert (meter.register, meter.read_at) == (most, NOON + seconds)


# Events


async def logs_of(metered: Metered, *instructions: Instruction, signers: list[str]) -> list[str]:
    """The logs of one transaction with all of these instructions."""
    blockhash = (await metered.client.get_latest_blockhash()).value.blockhash
    message = Message.new_with_blockhash(instructions, metered.fee_payer.pubkey(), blockhash)
    keys = [metered.fee_payer, *(metered.key(name) for name in signers)]
    signature = (await metered.client.send_transaction(Transaction(keys, message, blockhash))).value
    return (await metered.client.get_transaction(signature)).value.transaction.meta.log_messages


@pytest.mark.embedded
async def test_each_event_is_what_anchorpy_reads(empty_metered: Metered) -> None:
    metered = empty_metered
    first = ("initialize", "register_meter", "pause", "resume")
    logs = await logs_of(metered, *map(metered.instruction, first), signers=["operator"])
    await metered.make_tokens("owner_tokens", "owner")
    metered.travel_to(NOON + HOUR)
    logs += await logs_of(
        metered,
        *map(metered.instruction, ("report", "replace_device")),
        metered.instruction("retire_meter", meter=metered["owner_new_meter"]),
        *map(metered.instruction, ("propose_authority", "accept_authority")),
        signers=["owner_device", "operator", "newcomer"],
    )

    theirs: list[Any] = []
    EventParser(PROGRAM, metered.program.coder).parse_logs(list(logs), theirs.append)
    ours = events(logs)
    assert [(type(event).__name__, plain(event)) for event in ours] == [
        (event.name, vars(event.data)) for event in theirs
    ]
    assert [event.sequence for event in ours] == list(range(1, 10))
    assert {type(event) for event in ours} == set(get_args(Event))
    assert type(ours[0].resource) is Resource
