"""Addresses, accounts, events and instructions of a community, beside what anchorpy makes of the IDL."""

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
from amalgam.sharing import program as energy_sharing
from amalgam.sharing.program import Community, Event, Line, Participant, Period, State, events
from tests.support.sharing import PROGRAM, SETTLES, Sharing
from tests.support.stage import NOON, ROOT, U64_MAX

IDL = json.loads(built("energy_sharing.json").read_text("utf-8"))
SOURCE = ast.parse((ROOT / "programs_py/energy_sharing.py").read_text("utf-8"))

AUTHORITY, OWNER, PAYMENT, TOKENS = (Pubkey([number] * 32) for number in range(1, 5))
COMMUNITY = energy_sharing.community_address(AUTHORITY, PAYMENT)
VAULT = energy_sharing.vault_address(COMMUNITY)
PARTICIPANT = energy_sharing.participant_address(COMMUNITY, OWNER)
PERIOD = energy_sharing.period_address(COMMUNITY, 3)
LINE = energy_sharing.line_address(PERIOD, PARTICIPANT)
DIGEST = bytes(range(32))


def plain(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


# What the program's source and its IDL say


@pytest.mark.parametrize("name", ["BPS", "MAX_FEE_BPS", "MAX_OBJECTION_TIME", "POSTING_TIME", "MAX_PERIOD"])
def test_constants_are_the_sources(name: str) -> None:
    assignments = (node for node in SOURCE.body if isinstance(node, ast.Assign))
    values = [ast.literal_eval(each.value) for each in assignments if ast.unparse(each.targets[0]) == name]
    assert values == [getattr(energy_sharing, name)]


def test_states_are_the_idls() -> None:
    (found,) = (each["type"]["variants"] for each in IDL["types"] if each["name"] == "State")
    assert [each["name"] for each in found] == [each.name for each in State]


@pytest.mark.parametrize(
    ("instruction", "account", "known", "address"),
    [
        ("initialize", "community", {"authority": AUTHORITY, "payment_mint": PAYMENT}, COMMUNITY),
        ("initialize", "vault", {"community": COMMUNITY}, VAULT),
        ("openParticipant", "participant", {"community": COMMUNITY, "owner": OWNER}, PARTICIPANT),
        ("openPeriod", "period", {"community": COMMUNITY, "number": b"\3"}, PERIOD),
        ("openLine", "line", {"period": PERIOD, "participant": PARTICIPANT}, LINE),
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
    assert {each["name"] for each in IDL["accounts"]} == {each.__name__ for each in energy_sharing.ACCOUNTS}
    assert {event["name"] for event in IDL["events"]} == {event.__name__ for event in get_args(Event)}


@pytest.mark.parametrize("number", [-1, 256, 1.0, True])
def test_a_number_that_does_not_fit_is_refused_by_name(number: Any) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 (compared whole)
        energy_sharing.open_period(payer=OWNER, community=COMMUNITY, number=number)
    assert str(refusal.value) == f"number must be an integer from 0 to 255, not {number!r}"


@pytest.mark.parametrize("digest", [b"", bytes(31), bytes(33)])
def test_a_digest_has_32_bytes(digest: bytes) -> None:
    with pytest.raises(ValueError, match=f"^digest must have 32 bytes, not {len(digest)}$"):
        energy_sharing.begin_period(
            authority=AUTHORITY, community=COMMUNITY, number=0, starts_at=0, ends_at=1, digest=digest
        )


# Instructions

_AUTHORITYS = {"authority": AUTHORITY, "community": COMMUNITY}
_PERIODS = {**_AUTHORITYS, "period": PERIOD}
_OWNERS = {"owner": OWNER, "community": COMMUNITY, "participant": PARTICIPANT}
_LINES = {"community": COMMUNITY, "period": PERIOD, "participant": PARTICIPANT, "line": LINE}
_TIMES = {"starts_at": -(2**63), "ends_at": 2**63 - 1}
_AMOUNTS = {"shared_in": U64_MAX, "shared_out": 2, "charge": 2**40 + 3, "credit": 4}
_AT = {"community": COMMUNITY, "number": 3}
BUILT: dict[str, tuple[Instruction, list[Any], dict[str, Pubkey]]] = {
    "initialize": (
        energy_sharing.initialize(
            authority=AUTHORITY, payment_mint=PAYMENT, objection_time=-9, fee_bps=65_535
        ),
        [-9, 65_535],
        {**_AUTHORITYS, "payment_mint": PAYMENT, "vault": VAULT},
    ),
    **{
        name: (getattr(energy_sharing, name)(**_AUTHORITYS), [], _AUTHORITYS)
        for name in ("pause", "resume", "accept_authority")
    },
    "propose_authority": (
        energy_sharing.propose_authority(**_AUTHORITYS, proposed=OWNER),
        [OWNER],
        _AUTHORITYS,
    ),
    "set_policy": (
        energy_sharing.set_policy(**_AUTHORITYS, objection_time=7, fee_bps=8),
        [7, 8],
        _AUTHORITYS,
    ),
    "deposit_reserve": (
        energy_sharing.deposit_reserve(**_AUTHORITYS, source=TOKENS, amount=U64_MAX),
        [U64_MAX],
        {**_AUTHORITYS, "vault": VAULT, "source": TOKENS},
    ),
    "withdraw_reserve": (
        energy_sharing.withdraw_reserve(**_AUTHORITYS, destination=TOKENS, amount=5),
        [5],
        {**_AUTHORITYS, "vault": VAULT, "destination": TOKENS},
    ),
    "open_participant": (
        energy_sharing.open_participant(payer=AUTHORITY, community=COMMUNITY, owner=OWNER),
        [OWNER],
        {"payer": AUTHORITY, "community": COMMUNITY, "participant": PARTICIPANT},
    ),
    "admit": (
        energy_sharing.admit(**_AUTHORITYS, owner=OWNER, credit_limit=U64_MAX),
        [U64_MAX],
        {**_AUTHORITYS, "participant": PARTICIPANT},
    ),
    "set_credit_limit": (
        energy_sharing.set_credit_limit(**_AUTHORITYS, owner=OWNER, credit_limit=6),
        [6],
        {**_AUTHORITYS, "participant": PARTICIPANT},
    ),
    "leave": (
        energy_sharing.leave(signer=AUTHORITY, community=COMMUNITY, owner=OWNER),
        [],
        {"signer": AUTHORITY, "community": COMMUNITY, "participant": PARTICIPANT},
    ),
    "deposit": (
        energy_sharing.deposit(owner=OWNER, community=COMMUNITY, source=TOKENS, amount=7),
        [7],
        {**_OWNERS, "vault": VAULT, "source": TOKENS},
    ),
    "withdraw": (
        energy_sharing.withdraw(owner=OWNER, community=COMMUNITY, destination=TOKENS, amount=8),
        [8],
        {**_OWNERS, "vault": VAULT, "destination": TOKENS},
    ),
    "open_period": (
        energy_sharing.open_period(payer=OWNER, **_AT),
        [3],
        {"payer": OWNER, "community": COMMUNITY, "period": PERIOD},
    ),
    "begin_period": (
        energy_sharing.begin_period(authority=AUTHORITY, **_AT, **_TIMES, digest=DIGEST),
        [*_TIMES.values(), Pubkey(DIGEST)],
        _PERIODS,
    ),
    "open_line": (
        energy_sharing.open_line(payer=AUTHORITY, **_AT, owner=OWNER),
        [],
        {"payer": AUTHORITY, **_LINES},
    ),
    "post_line": (
        energy_sharing.post_line(authority=AUTHORITY, **_AT, owner=OWNER, **_AMOUNTS),
        list(_AMOUNTS.values()),
        {"authority": AUTHORITY, **_LINES},
    ),
    "close_period": (energy_sharing.close_period(authority=AUTHORITY, **_AT), [], _PERIODS),
    "raise_objection": (
        energy_sharing.raise_objection(**_AT, owner=OWNER),
        [],
        {"owner": OWNER, **_LINES},
    ),
    "withdraw_period": (
        energy_sharing.withdraw_period(signer=OWNER, **_AT),
        [],
        {"signer": OWNER, "community": COMMUNITY, "period": PERIOD},
    ),
    "settle_line": (energy_sharing.settle_line(**_AT, owner=OWNER), [], _LINES),
}


def test_every_instruction_of_the_idl_is_compared(sharing_program: Program) -> None:
    assert set(BUILT) == set(sharing_program.instruction)


@pytest.mark.parametrize("name", BUILT)
def test_an_instruction_is_what_anchorpy_builds(sharing_program: Program, name: str) -> None:
    instruction, arguments, accounts = BUILT[name]
    expected = sharing_program.instruction[name](*arguments, ctx=Context({**WELL_KNOWN, **accounts}))
    assert (instruction.program_id, instruction.accounts, instruction.data) == (
        expected.program_id,
        expected.accounts,
        expected.data,
    )


# Accounts


@pytest.mark.parametrize("record", [Community, Participant, Period, Line])
def test_an_account_decodes_as_anchorpy_encoded_it(sharing_program: Program, record: type[Any]) -> None:
    states = sharing_program.type["State"]
    values: dict[str, Any] = {
        field.name: {int: number, Pubkey: Pubkey([number] * 32), bool: True, State: states.SETTLED()}[
            field.type
        ]
        for number, field in enumerate(fields(record), start=1)
    }
    data = sharing_program.coder.accounts.build(NamedInstruction(values, record.__name__))
    expected = values | ({"state": State.SETTLED} if record is Period else {})
    assert plain(record.from_bytes(data + bytes(7))) == expected  # accounts are longer than their fields
    for wrong in (b"", data[:7], data[:-1], b"\0" + data[1:]):
        with pytest.raises(ValueError, match=f"^not the data of a {record.__name__}$"):
            record.from_bytes(wrong)


async def test_accounts_compute_what_the_program_does(sharing: Sharing) -> None:
    async def read() -> tuple[Community, Participant]:
        accounts = await sharing.raw()
        return (
            Community.from_bytes(accounts["community"].data),
            Participant.from_bytes(accounts["owner_participant"].data),
        )

    community, participant = await read()
    assert participant.free(community) == participant.funds
    await sharing.post("owner", charge=2_100)
    community, participant = await read()
    assert (participant.free(community), community.free_reserve) == (0, 900)
    assert participant.is_admitted
    assert participant.is_in(community.run)
    async with sharing.refused("amount exceeds the free reserve"):
        await sharing.run("withdraw_reserve", amount=901)
    await sharing.run("withdraw_reserve", amount=900)

    await sharing.run("withdraw_period")
    community, participant = await read()
    assert (participant.pledged, participant.free(community)) == (2_000, 2_000)
    await sharing.run("leave")
    _, participant = await read()
    assert not participant.is_admitted
    assert not participant.is_in(participant.left + 1)
    assert not participant.is_in(participant.joined)


# Events


async def logs_of(sharing: Sharing, *instructions: Instruction, signers: list[str]) -> list[str]:
    """The logs of one transaction with all of these instructions."""
    blockhash = (await sharing.client.get_latest_blockhash()).value.blockhash
    message = Message.new_with_blockhash(instructions, sharing.fee_payer.pubkey(), blockhash)
    keys = [sharing.fee_payer, *(sharing.key(name) for name in signers)]
    signature = (await sharing.client.send_transaction(Transaction(keys, message, blockhash))).value
    return (await sharing.client.get_transaction(signature)).value.transaction.meta.log_messages


@pytest.mark.embedded
async def test_each_event_is_what_anchorpy_reads(empty_sharing: Sharing) -> None:
    logs: list[str] = []
    for moment, signers, names in (
        (NOON, ["operator"], ("initialize", "pause", "resume", "set_policy", "deposit_reserve")),
        (NOON, ["operator"], ("withdraw_reserve", "open_participant", "admit", "set_credit_limit")),
        (NOON, ["owner"], ("deposit", "withdraw")),
        (NOON, ["operator"], ("open_period", "begin_period", "withdraw_period", "begin_period")),
        (NOON, ["operator"], ("open_line", "post_line", "close_period")),
        (NOON, ["owner"], ("raise_objection", "leave")),
        (SETTLES, [], ("settle_line",)),
        (SETTLES, ["operator", "newcomer"], ("propose_authority", "accept_authority")),
    ):
        empty_sharing.travel_to(moment)
        instructions = [empty_sharing.instruction(name) for name in names]
        logs += await logs_of(empty_sharing, *instructions, signers=signers)

    theirs: list[Any] = []
    EventParser(PROGRAM, empty_sharing.program.coder).parse_logs(list(logs), theirs.append)
    ours = events(logs)
    assert [(type(event).__name__, plain(event)) for event in ours] == [
        (event.name, vars(event.data)) for event in theirs
    ]
    assert [event.sequence for event in ours] == list(range(1, 24))
    assert {type(event) for event in ours} == set(get_args(Event))
