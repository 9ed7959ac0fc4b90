"""Addresses, accounts, events and instructions, each beside what anchorpy makes of the same IDL."""

import ast
import doctest
import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, get_args

import pytest
from anchorpy import Context, EventParser, Program
from anchorpy.program.common import NamedInstruction
from solders.instruction import Instruction
from solders.message import Message
from solders.pubkey import Pubkey
from solders.transaction import Transaction

import amalgam
from amalgam import built
from amalgam.battery import program as energy_allocation
from amalgam.battery.program import Battery, Event, Member, events
from amalgam.chain.layout import WELL_KNOWN, ProgramLayout, RecordLayout, TruncatedLogError
from amalgam.units import Resource
from tests.support.battery import ALLOCATION_LIFETIME, PROGRAM, World
from tests.support.stage import ROOT, Refused

IDL = json.loads(built("energy_allocation.json").read_text("utf-8"))
SOURCE = ast.parse((ROOT / "programs_py/energy_allocation.py").read_text("utf-8"))

OWNER, BATTERY, MINT, TOKENS = (Pubkey([number] * 32) for number in range(1, 5))
MEMBER = energy_allocation.member_address(BATTERY, OWNER)
VAULT = energy_allocation.vault_address(BATTERY)
U64_MAX = 2**64 - 1


def test_the_examples_in_the_docstrings_hold() -> None:
    for module in (amalgam, energy_allocation):
        outcome = doctest.testmod(module)
        assert (outcome.failed, outcome.attempted > 0) == (0, True)


# What the program's source and its IDL say


def test_the_program_id_is_the_one_the_source_declares() -> None:
    calls = (node for node in ast.walk(SOURCE) if isinstance(node, ast.Call))
    declared = [ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "declare_id"]
    assert declared == [str(energy_allocation.PROGRAM_ID)]


@pytest.mark.parametrize("name", ["BPS", "POLICY_LIMIT"])
def test_constants_are_the_sources(name: str) -> None:
    assignments = (node for node in SOURCE.body if isinstance(node, ast.Assign))
    values = [ast.literal_eval(each.value) for each in assignments if ast.unparse(each.targets[0]) == name]
    assert values == [getattr(energy_allocation, name)]


def test_resources_are_the_idls_in_their_order() -> None:
    variants = [variant["name"] for variant in IDL["types"][0]["type"]["variants"]]
    assert [(resource.name, resource.value) for resource in Resource] == [
        (name, index) for index, name in enumerate(variants)
    ]


@pytest.mark.parametrize(
    ("instruction", "account", "known", "address"),
    [
        (
            *("initialize", "battery", {"authority": OWNER, "mint": MINT}),
            energy_allocation.battery_address(OWNER, MINT),
        ),
        ("initialize", "vault", {"battery": BATTERY}, VAULT),
        ("openMember", "member", {"battery": BATTERY, "owner": OWNER}, MEMBER),
    ],
)
def test_addresses_come_from_the_idls_seeds(
    instruction: str, account: str, known: dict[str, Pubkey], address: Pubkey
) -> None:
    slots = next(each["accounts"] for each in IDL["instructions"] if each["name"] == instruction)
    seeds = next(slot["pda"]["seeds"] for slot in slots if slot["name"] == account)
    raw = [
        seed["value"].encode() if seed["kind"] == "const" else bytes(known[seed["path"]]) for seed in seeds
    ]
    assert Pubkey.find_program_address(raw, PROGRAM)[0] == address


def test_every_account_and_event_of_the_idl_has_a_dataclass() -> None:
    assert {account["name"] for account in IDL["accounts"]} == {"Battery", "Member"}
    assert {event["name"] for event in IDL["events"]} == {event.__name__ for event in get_args(Event)}


def test_a_dataclass_that_disagrees_with_the_idl_is_refused() -> None:
    @dataclass
    class Member:
        battery: Pubkey
        owner: Pubkey

    idl_fields = [{"name": "owner", "type": "publicKey"}, {"name": "battery", "type": "publicKey"}]
    with pytest.raises(TypeError, match=r"^Member has not the fields of the program's IDL: owner, battery$"):
        RecordLayout(Member, "account", idl_fields)


LAYOUT = ProgramLayout("energy_allocation", PROGRAM)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"owner": OWNER, "battery": OWNER, "member": OWNER}, "allocate lacks amount"),
        ({"amount": 1, "battery": OWNER}, "allocate lacks member, owner"),
        (
            {"owner": OWNER, "battery": OWNER, "member": OWNER, "amount": 1, "limit": 2, "by": 3},
            "allocate takes no by, limit",
        ),
    ],
    ids=["argument missing", "accounts missing", "unknown"],
)
def test_an_instruction_takes_exactly_its_accounts_and_arguments(
    values: dict[str, Pubkey | int], message: str
) -> None:
    with pytest.raises(TypeError, match=f"^{message}$"):
        LAYOUT.build("allocate", **values)


class Tariff:
    """An account or an event that the program does not have."""


@pytest.mark.parametrize(
    ("missing", "use"),
    [
        ("open_tariff", lambda: LAYOUT.build("open_tariff")),
        ("Tariff", lambda: LAYOUT.account(Tariff)),
        ("Tariff", lambda: LAYOUT.events([Tariff])),
    ],
    ids=["instruction", "account", "event"],
)
def test_a_client_that_is_ahead_of_its_program_says_what_to_build(
    missing: str, use: Callable[[], object]
) -> None:
    with pytest.raises(
        TypeError, match=f"^{missing} is not in the IDL of energy_allocation; run seahorse build$"
    ):
        use()


# Instructions

BUILT: dict[str, tuple[Instruction, list[Any], dict[str, Pubkey]]] = {
    "initialize": (
        energy_allocation.initialize(
            authority=OWNER,
            mint=MINT,
            resource=Resource.WASTE,
            capacity=U64_MAX,
            allocation_limit=2**40 + 3,
            allocation_lifetime=-(2**63),
            efficiency_bps=2**16 - 1,
        ),
        ["WASTE", U64_MAX, 2**40 + 3, -(2**63), 2**16 - 1],
        {
            "authority": OWNER,
            "mint": MINT,
            "battery": energy_allocation.battery_address(OWNER, MINT),
            "vault": energy_allocation.vault_address(energy_allocation.battery_address(OWNER, MINT)),
        },
    ),
    "open_member": (
        energy_allocation.open_member(payer=TOKENS, battery=BATTERY, owner=OWNER),
        [OWNER],
        {"payer": TOKENS, "battery": BATTERY, "member": MEMBER},
    ),
    "deposit_energy": (
        energy_allocation.deposit_energy(
            owner=OWNER, battery=BATTERY, mint=MINT, source=TOKENS, amount=U64_MAX, minimum_credit=7
        ),
        [U64_MAX, 7],
        {
            **{"owner": OWNER, "battery": BATTERY, "member": MEMBER, "mint": MINT},
            **{"vault": VAULT, "source": TOKENS},
        },
    ),
    "withdraw_energy": (
        energy_allocation.withdraw_energy(owner=OWNER, battery=BATTERY, destination=TOKENS, amount=0),
        [0],
        {"owner": OWNER, "battery": BATTERY, "member": MEMBER, "vault": VAULT, "destination": TOKENS},
    ),
    "allocate": (
        energy_allocation.allocate(owner=OWNER, battery=BATTERY, amount=1),
        [1],
        {"owner": OWNER, "battery": BATTERY, "member": MEMBER},
    ),
    "deallocate": (
        energy_allocation.deallocate(owner=OWNER, battery=BATTERY, amount=2**32),
        [2**32],
        {"owner": OWNER, "battery": BATTERY, "member": MEMBER},
    ),
    "consume": (
        energy_allocation.consume(owner=OWNER, battery=BATTERY, mint=MINT, amount=2**32 - 1),
        [2**32 - 1],
        {"owner": OWNER, "battery": BATTERY, "member": MEMBER, "mint": MINT, "vault": VAULT},
    ),
    "return_rent": (
        energy_allocation.return_rent(owner=OWNER, member=MEMBER, amount=U64_MAX),
        [U64_MAX],
        {"owner": OWNER, "member": MEMBER},
    ),
    "release_expired": (
        energy_allocation.release_expired(battery=BATTERY, owner=OWNER),
        [],
        {"battery": BATTERY, "member": MEMBER},
    ),
    "set_policy": (
        energy_allocation.set_policy(
            authority=TOKENS,
            battery=BATTERY,
            capacity=U64_MAX,
            allocation_limit=2**40 + 3,
            allocation_lifetime=-(2**63),
            efficiency_bps=2**16 - 1,
        ),
        [U64_MAX, 2**40 + 3, -(2**63), 2**16 - 1],
        {"authority": TOKENS, "battery": BATTERY},
    ),
    "set_member_limit": (
        energy_allocation.set_member_limit(authority=TOKENS, battery=BATTERY, owner=OWNER, limit=U64_MAX),
        [U64_MAX],
        {"authority": TOKENS, "battery": BATTERY, "member": MEMBER},
    ),
    "pause": (
        energy_allocation.pause(authority=TOKENS, battery=BATTERY),
        [],
        {"authority": TOKENS, "battery": BATTERY},
    ),
    "resume": (
        energy_allocation.resume(authority=TOKENS, battery=BATTERY),
        [],
        {"authority": TOKENS, "battery": BATTERY},
    ),
    "propose_authority": (
        energy_allocation.propose_authority(authority=TOKENS, battery=BATTERY, proposed=OWNER),
        [OWNER],
        {"authority": TOKENS, "battery": BATTERY},
    ),
    "accept_authority": (
        energy_allocation.accept_authority(authority=OWNER, battery=BATTERY),
        [],
        {"authority": OWNER, "battery": BATTERY},
    ),
}


def test_every_instruction_of_the_idl_is_compared(program: Program) -> None:
    assert set(BUILT) == set(program.instruction)


@pytest.mark.parametrize("name", BUILT)
def test_an_instruction_is_what_anchorpy_builds(program: Program, name: str) -> None:
    instruction, arguments, accounts = BUILT[name]
    if name == "initialize":
        arguments = [getattr(program.type["Resource"], arguments[0])(), *arguments[1:]]
    context = Context({**WELL_KNOWN, **accounts})
    expected = program.instruction[name](*arguments, ctx=context)
    assert (instruction.program_id, instruction.accounts, instruction.data) == (
        expected.program_id,
        expected.accounts,
        expected.data,
    )


INITIALIZE = {
    **{"authority": OWNER, "mint": MINT, "resource": Resource.ENERGY, "capacity": 1, "allocation_limit": 1},
    **{"allocation_lifetime": 1, "efficiency_bps": 1},
}
ALLOCATE = {"owner": OWNER, "battery": BATTERY}


@pytest.mark.parametrize(
    ("build", "right", "name", "wrong", "limits"),
    [
        (energy_allocation.allocate, ALLOCATE, "amount", -1, "0 to 18446744073709551615"),
        (energy_allocation.allocate, ALLOCATE, "amount", 2**64, "0 to 18446744073709551615"),
        (energy_allocation.allocate, ALLOCATE, "amount", 1.0, "0 to 18446744073709551615"),
        (energy_allocation.allocate, ALLOCATE, "amount", True, "0 to 18446744073709551615"),
        (energy_allocation.allocate, ALLOCATE, "amount", "1", "0 to 18446744073709551615"),
        (energy_allocation.initialize, INITIALIZE, "efficiency_bps", 2**16, "0 to 65535"),
        (
            *(energy_allocation.initialize, INITIALIZE, "allocation_lifetime", 2**63),
            "-9223372036854775808 to 9223372036854775807",
        ),
    ],
)
def test_a_number_that_does_not_fit_is_refused_by_name(
    build: Callable[..., Instruction], right: dict[str, Any], name: str, wrong: object, limits: str
) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (compared whole)
        build(**{**right, name: wrong})
    assert str(refusal.value) == f"{name} must be an integer from {limits}, not {wrong!r}"


# Accounts


def plain(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def account_bytes(program: Program, record: type) -> tuple[bytes, dict[str, Any]]:
    """An account as anchorpy encodes it, no two of its fields the same."""
    values: dict[str, Any] = {}
    for number, field in enumerate(fields(record), start=1):
        values[field.name] = {
            int: number,
            Pubkey: Pubkey([number] * 32),
            bool: True,
            Resource: Resource.WATER,
        }[field.type]
    encoded = dict(values)
    if "resource" in values:
        encoded["resource"] = program.type["Resource"].WATER()
    return program.coder.accounts.build(NamedInstruction(encoded, record.__name__)), values


@pytest.mark.parametrize("record", [Battery, Member])
def test_an_account_decodes_as_anchorpy_encoded_it(program: Program, record: type[Battery | Member]) -> None:
    data, values = account_bytes(program, record)
    assert plain(record.from_bytes(data)) == values
    assert plain(record.from_bytes(data + bytes(7))) == values  # accounts are longer than their fields


async def test_accounts_on_the_chain_decode_as_anchorpy_decodes_them(world: World) -> None:
    await world.run("deposit_energy")
    await world.run("allocate")
    raw, state = await world.raw(), await world.state()
    battery = plain(Battery.from_bytes(raw["battery"].data))
    battery["resource"] = battery["resource"].name
    assert battery == {name: state["battery"][name] for name in battery}
    member = plain(Member.from_bytes(raw["owner_member"].data))
    assert member == {name: state["owner_member"][name] for name in member}


@pytest.mark.parametrize("record", [Battery, Member])
def test_other_data_is_no_account(program: Program, record: type[Battery | Member]) -> None:
    right, _ = account_bytes(program, record)
    other, _ = account_bytes(program, Member if record is Battery else Battery)
    for data in (b"", right[:7], right[:-1], other):
        with pytest.raises(ValueError, match=f"^not the data of a {record.__name__}$"):
            record.from_bytes(data)


def test_a_battery_computes_what_the_program_does(program: Program) -> None:
    data, values = account_bytes(program, Battery)
    battery = Battery.from_bytes(data)
    assert battery.stored == values["available"] + values["allocated"]
    assert battery.free_capacity == values["capacity"] - values["available"] - values["allocated"]
    assert [battery.credit_for(amount) for amount in (0, 769, 770, 10_000)] == [0, 0, 1, 13]  # 13 bps


@pytest.mark.parametrize(("own", "limit"), [(energy_allocation.POLICY_LIMIT, 9), (0, 0), (3, 3), (10, 10)])
def test_a_members_own_limit_replaces_the_policys(program: Program, own: int, limit: int) -> None:
    battery = Battery.from_bytes(account_bytes(program, Battery)[0])
    member = Member(OWNER, BATTERY, balance=0, allocated=0, allocation_limit=own, allocation_expiry=0)
    assert (battery.allocation_limit, battery.allocation_limit_of(member)) == (9, limit)


# Events


async def logs_of(world: World, *instructions: Instruction, signers: list[str]) -> list[str]:
    """The logs of one transaction with all of these instructions."""
    blockhash = (await world.client.get_latest_blockhash()).value.blockhash
    message = Message.new_with_blockhash(instructions, world.fee_payer.pubkey(), blockhash)
    keys = [world.fee_payer, *(world.key(name) for name in signers)]
    signature = (await world.client.send_transaction(Transaction(keys, message, blockhash))).value
    return (await world.client.get_transaction(signature)).value.transaction.meta.log_messages


@pytest.mark.embedded
async def test_each_event_is_what_anchorpy_reads(empty_world: World) -> None:
    world = empty_world
    logs = await logs_of(
        world,
        world.instruction("initialize"),
        *(world.instruction(name) for name in ("open_member", "deposit_energy", "allocate")),
        *(world.instruction(name) for name in ("deallocate", "withdraw_energy", "set_policy")),
        signers=["operator", "owner"],
    )
    logs += await logs_of(
        world,
        *(world.instruction(name) for name in ("allocate", "consume", "allocate")),
        *(world.instruction(name) for name in ("set_member_limit", "pause", "resume")),
        *(world.instruction(name) for name in ("propose_authority", "accept_authority")),
        signers=["operator", "owner", "newcomer"],
    )
    world.travel_to(await world.now() + ALLOCATION_LIFETIME)
    logs += await logs_of(world, world.instruction("release_expired"), signers=[])

    theirs: list[Any] = []
    EventParser(PROGRAM, world.program.coder).parse_logs(list(logs), theirs.append)
    ours = events(logs)
    assert [(type(event).__name__, plain(event)) for event in ours] == [
        (event.name, vars(event.data)) for event in theirs
    ]
    assert [event.sequence for event in ours] == list(range(1, 17))
    assert {type(event) for event in ours} == set(get_args(Event))
    assert type(ours[0].resource) is Resource


async def test_an_event_counts_only_where_the_program_itself_logs_it(world: World) -> None:
    logs = await logs_of(world, world.instruction("open_member", owner="newcomer"), signers=["operator"])
    (event,) = events(logs)
    data = next(line for line in logs if line.startswith("Program data: "))
    start, end = f"Program {PROGRAM} invoke [1]", f"Program {PROGRAM} success"
    other_start, other_end = f"Program {OWNER} invoke [2]", f"Program {OWNER} success"
    unknown = f"Program data: {b64encode(b'a later event').decode()}"
    assert events([start, data, end]) == [event]
    assert events([start, other_start, data, other_end, end]) == []
    assert events([start, other_start, "Program data: AQ", other_end, data, end]) == [event]
    assert events([start, other_start, other_end, unknown, data, end]) == [event]
    assert events([other_start, f"Program log: {start}", data, other_end, start, end]) == []
    assert events([start, end, other_start, data, f"Program {OWNER} failed: custom program error: 0x1"]) == []


async def test_what_failed_has_no_events(world: World) -> None:
    """The first instruction logs its event; the second fails, and with it nothing has happened."""
    deposit, too_much = (
        world.instruction("deposit_energy"),
        world.instruction("withdraw_energy", amount=2**64 - 1),
    )
    with pytest.raises(Refused) as refused:
        await world.send(deposit, too_much, signers=["owner"])
    logs = str(refused.value).splitlines()
    assert any(line.startswith("Program data: ") for line in logs)
    assert events(logs) == []


async def test_a_log_that_was_cut_off_is_told(world: World) -> None:
    """A node keeps 10,000 bytes of log: some of these events are in none."""
    await world.run("deposit_energy")
    one = [world.instruction("allocate", amount=1)]
    message = Message.new_with_blockhash(
        one * 36, world.fee_payer.pubkey(), (await world.client.get_latest_blockhash()).value.blockhash
    )
    transaction = Transaction([world.fee_payer, world.key("owner")], message, message.recent_blockhash)
    signature = (await world.client.send_transaction(transaction)).value
    landed = (await world.client.get_transaction(signature)).value.transaction.meta
    assert landed.err is None
    with pytest.raises(TruncatedLogError, match="events of it are lost"):
        events(landed.log_messages)
