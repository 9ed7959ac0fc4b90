"""Refusals by their type, program, message, code, cause and remedy, as real transactions bring them about."""

import ast
import re
from collections.abc import Awaitable, Callable

import pytest
from solana.rpc.core import RPCException
from solana.rpc.types import TxOpts
from solders import system_program
from solders.compute_budget import set_compute_unit_limit
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.rpc.errors import InternalErrorMessage
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.transaction import Transaction
from solders.transaction_status import (
    InstructionErrorCustom,
    InstructionErrorFieldless,
    TransactionErrorDuplicateInstruction,
    TransactionErrorFieldless,
    TransactionErrorInstructionError,
    TransactionErrorType,
)
from spl.token.constants import TOKEN_PROGRAM_ID as TOKEN_PROGRAM
from spl.token.instructions import (
    AuthorityType,
    FreezeAccountParams,
    InitializeMintParams,
    MintToCheckedParams,
    SetAuthorityParams,
    TransferParams,
    freeze_account,
    initialize_mint,
    mint_to_checked,
    set_authority,
    transfer,
)

from amalgam.chain import errors
from amalgam.chain.errors import (
    AnchorRefused,
    ArithmeticRefused,
    AssertionRefused,
    Refused,
    SystemRefused,
    TokenRefused,
)
from amalgam.chain.refusal import Refusal
from amalgam.programs import Program
from tests.support.battery import PROGRAM, World
from tests.support.stage import ROOT, U64_MAX

# The registry


OWN_REFUSALS = [(program.program_id, refusal) for program in Program for refusal in program.refusals]


def test_every_program_has_its_registry() -> None:
    assert {source.stem for source in (ROOT / "programs_py").glob("*.py")} == set(Program)


@pytest.mark.parametrize("program", Program)
def test_the_registry_has_each_assert_of_its_program_once_and_nothing_else(program: Program) -> None:
    source = ast.parse((ROOT / f"programs_py/{program}.py").read_text("utf-8"))
    messages = {ast.literal_eval(node.msg) for node in ast.walk(source) if isinstance(node, ast.Assert)}
    assert sorted(refusal.message for refusal in program.refusals) == sorted(messages)


def test_each_refusal_has_a_cause_and_a_remedy_in_whole_sentences() -> None:
    programs = (refusal for _, refusal in OWN_REFUSALS)
    for refusal in (*programs, *errors._TOKEN_REFUSALS, *errors._SYSTEM_REFUSALS):
        assert re.fullmatch(r"[A-Z].*\.", refusal.cause), refusal
        assert re.fullmatch(r"[A-Z].*\.", refusal.remedy), refusal


# Transactions that the chain really refuses


async def sent(
    world: World, instructions: list[Instruction], signers: list[str], *, skip_preflight: bool
) -> Refused:
    """The refusal of a transaction that a node refuses in preflight, or that lands and fails."""
    blockhash = (await world.client.get_latest_blockhash()).value.blockhash
    message = Message.new_with_blockhash(instructions, world.fee_payer.pubkey(), blockhash)
    keys = [world.fee_payer, *(world.key(name) for name in signers)]
    transaction = Transaction(keys, message, blockhash)
    if not skip_preflight:
        with pytest.raises(RPCException) as answer:
            await world.client.send_transaction(transaction)
        refused = errors.from_preflight(answer.value)
        assert refused is not None
        return refused
    options = TxOpts(skip_preflight=True)
    signature = (await world.client.send_transaction(transaction, options)).value
    status = (await world.client.confirm_transaction(signature)).value[0]
    landed = (await world.client.get_transaction(signature)).value
    return errors.from_status(status.err, landed.transaction.meta.log_messages, signature)


def parts(refused: Refused) -> tuple[type[Refused], Pubkey | None, str, int | None, str, str]:
    return (
        *(type(refused), refused.program, refused.message, refused.code),
        *(refused.cause, refused.remedy),
    )


async def too_large_a_withdrawal(world: World) -> list[Instruction]:
    return [world.instruction("withdraw_energy", amount=1)]


async def the_last_sequence_number(world: World) -> list[Instruction]:
    await world.run("deposit_energy")
    await world.forge("battery", sequence=U64_MAX)
    return [world.instruction("allocate")]


async def a_member_never_opened(world: World) -> list[Instruction]:
    return [world.instruction("allocate", member=world["newcomer_member"])]


async def an_unknown_instruction(world: World) -> list[Instruction]:
    return [Instruction(PROGRAM, bytes(8), [])]


async def a_mint_as_source(world: World) -> list[Instruction]:
    return [world.instruction("deposit_energy", source=world["mint"])]


async def too_few_tokens(world: World) -> list[Instruction]:
    return [world.instruction("deposit_energy", amount=15_000)]


async def another_mints_account(world: World) -> list[Instruction]:
    await world.make_mint("other_mint")
    await world.make_tokens("other_tokens", "owner", mint="other_mint")
    return [spl_transfer(world, "owner_tokens", "other_tokens")]


async def another_owners_tokens(world: World) -> list[Instruction]:
    return [spl_transfer(world, "neighbour_tokens", "owner_tokens")]


async def a_mint_made_again(world: World) -> list[Instruction]:
    return [initialize_mint(InitializeMintParams(3, TOKEN_PROGRAM, world["mint"], world["owner"]))]


async def an_unknown_token_instruction(world: World) -> list[Instruction]:
    return [Instruction(TOKEN_PROGRAM, bytes([255]), [])]


async def a_frozen_account(world: World) -> list[Instruction]:
    await world.send(freeze(world), signers=["operator"])
    return [spl_transfer(world, "owner_tokens", "neighbour_tokens")]


async def a_freeze_nobody_can_do(world: World) -> list[Instruction]:
    kind = AuthorityType.FREEZE_ACCOUNT
    give_up = SetAuthorityParams(TOKEN_PROGRAM, world["mint"], kind, world["operator"], new_authority=None)
    await world.send(set_authority(give_up), signers=["operator"])
    return [freeze(world)]


async def other_decimals(world: World) -> list[Instruction]:
    accounts = (world["mint"], world["owner_tokens"], world["operator"])
    return [mint_to_checked(MintToCheckedParams(TOKEN_PROGRAM, *accounts, amount=1, decimals=2))]


async def a_token_transfer_from_a_mint(world: World) -> list[Instruction]:
    return [spl_transfer(world, "mint", "owner_tokens")]


async def a_battery_made_again(world: World) -> list[Instruction]:
    return [world.instruction("initialize")]


async def too_few_lamports(world: World) -> list[Instruction]:
    parameters = system_program.TransferParams(
        from_pubkey=world["owner"], to_pubkey=world["neighbour"], lamports=2**60
    )
    return [system_program.transfer(parameters)]


async def too_few_compute_units(world: World) -> list[Instruction]:
    return [set_compute_unit_limit(2_000), world.instruction("withdraw_energy")]


def spl_transfer(world: World, source: str, destination: str) -> Instruction:
    return transfer(TransferParams(TOKEN_PROGRAM, world[source], world[destination], world["owner"], 1))


def freeze(world: World) -> Instruction:
    return freeze_account(
        FreezeAccountParams(TOKEN_PROGRAM, world["owner_tokens"], world["mint"], world["operator"])
    )


FOLLOW_IDL = "Build the instruction with amalgam.battery.program, which follows the program's IDL."
READ_LOGS = "Read the transaction's logs."

REFUSALS = [
    (
        *(too_large_a_withdrawal, "owner", AssertionRefused, PROGRAM, "amount exceeds the balance", None),
        "The member's balance is less than is to be withdrawn or consumed.",
        "Give at most the member's balance.",
    ),
    (
        *(
            the_last_sequence_number,
            "owner",
            ArithmeticRefused,
            PROGRAM,
            "attempt to add with overflow",
            None,
        ),
        *("A number would not fit its type.", "Use smaller amounts."),
    ),
    (
        *(a_member_never_opened, "owner", AnchorRefused, PROGRAM, "AccountNotInitialized", 3012),
        "member: The program expected this account to be already initialized.",
        "Create it first: initialize, or open_member for a member.",
    ),
    (
        *(an_unknown_instruction, None, AnchorRefused, PROGRAM, "InstructionFallbackNotFound", 101),
        *("Fallback functions are not supported.", FOLLOW_IDL),
    ),
    (
        *(a_mint_as_source, "owner", AnchorRefused, PROGRAM, "invalid account data for instruction", None),
        *("The program has given no other reason.", READ_LOGS),
    ),
    (
        *(too_few_tokens, "owner", TokenRefused, TOKEN_PROGRAM, "InsufficientFunds", 1),
        *("The token account holds fewer tokens than that.", "Move fewer, or fund it."),
    ),
    (
        *(another_mints_account, "owner", TokenRefused, TOKEN_PROGRAM, "MintMismatch", 3),
        *("The token account is of another mint.", "Pass an account of this mint."),
    ),
    (
        *(another_owners_tokens, "owner", TokenRefused, TOKEN_PROGRAM, "OwnerMismatch", 4),
        *("The signer does not own the account.", "Sign with the account's owner."),
    ),
    (
        *(a_mint_made_again, None, TokenRefused, TOKEN_PROGRAM, "AlreadyInUse", 6),
        *("The account is initialized already.", "Use it, or another address."),
    ),
    (
        *(an_unknown_token_instruction, None, TokenRefused, TOKEN_PROGRAM, "InvalidInstruction", 12),
        *("The token program has no such instruction.", "Build it with spl.token."),
    ),
    (
        *(a_freeze_nobody_can_do, "operator", TokenRefused, TOKEN_PROGRAM, "MintCannotFreeze", 16),
        *("The mint has no freeze authority.", "Its accounts can never be frozen."),
    ),
    (
        *(a_frozen_account, "owner", TokenRefused, TOKEN_PROGRAM, "AccountFrozen", 17),
        *("The mint's freeze authority has frozen the account.", "Have it thawed."),
    ),
    (
        *(other_decimals, "operator", TokenRefused, TOKEN_PROGRAM, "MintDecimalsMismatch", 18),
        *("The mint has other decimals.", "Pass the mint's own decimals."),
    ),
    (
        *(a_token_transfer_from_a_mint, "owner", TokenRefused, TOKEN_PROGRAM),
        *("invalid account data for instruction", None, "The program has given no other reason.", READ_LOGS),
    ),
    (
        *(a_battery_made_again, "operator", SystemRefused, SYSTEM_PROGRAM, "AccountAlreadyInUse", 0),
        *("There is an account at that address already.", "Use it, or another address."),
    ),
    (
        *(too_few_lamports, "owner", SystemRefused, SYSTEM_PROGRAM, "ResultWithNegativeLamports", 1),
        *("The payer has too few lamports.", "Fund the payer, or send less."),
    ),
    (
        *(too_few_compute_units, "owner", Refused, PROGRAM, "exceeded CUs meter at BPF instruction"),
        *(None, "The runtime stopped the program.", READ_LOGS),
    ),
]


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("situation", "signer", *("kind", "refuser", "message", "code", "cause", "remedy")),
    [
        pytest.param(
            *case, id=case[0].__name__, marks=[pytest.mark.units] * (case[0] is too_few_compute_units)
        )
        for case in REFUSALS
    ],
)
async def test_a_refusal_has_its_type_and_says_why(
    world: World,
    situation: Callable[[World], Awaitable[list[Instruction]]],
    signer: str | None,
    kind: type[Refused],
    refuser: Pubkey,
    message: str,
    code: int | None,
    cause: str,
    remedy: str,
) -> None:
    instructions = await situation(world)
    signers = [signer] if signer else []
    before = await world.raw()
    in_preflight = await sent(world, instructions, signers, skip_preflight=False)
    landed = await sent(world, instructions, signers, skip_preflight=True)
    assert parts(in_preflight) == (kind, refuser, message, code, cause, remedy)
    assert parts(landed) == parts(in_preflight)
    assert str(landed) == f"{message}: {cause} {remedy}"
    assert (in_preflight.signature, in_preflight.logs) == (None, landed.logs)
    assert landed.signature is not None
    assert await world.raw() == before


async def test_a_payer_without_lamports_is_refused_before_any_program_runs(world: World) -> None:
    poor = Keypair()
    blockhash = (await world.client.get_latest_blockhash()).value.blockhash
    message = Message.new_with_blockhash([], poor.pubkey(), blockhash)
    with pytest.raises(RPCException) as answer:
        await world.client.send_transaction(Transaction([poor], message, blockhash))
    refused = errors.from_preflight(answer.value)
    assert refused is not None
    assert parts(refused) == (
        *(Refused, None, "AccountNotFound", None),
        *("The fee payer has no lamports.", errors._FUND),
    )


def test_an_answer_that_is_no_refusal_is_left_alone() -> None:
    assert errors.from_preflight(RPCException(InternalErrorMessage("out of order"))) is None


# Logs as other builds and nodes write them

FAILED = TransactionErrorInstructionError(0, InstructionErrorFieldless.ProgramFailedToComplete)
INVOKE = f"Program {PROGRAM} invoke [1]"
DIED = [
    f"Program {PROGRAM} consumed 3064 of 200000 compute units",
    f"Program {PROGRAM} failed: SBF program panicked",
]


def panicked(*lines: str, program: Pubkey = PROGRAM) -> Refused:
    logs = [line.replace(str(PROGRAM), str(program)) for line in (INVOKE, *lines, *DIED)]
    return errors.from_status(FAILED, logs)


@pytest.mark.parametrize("place", ["programs/a/src/dot/program.rs:902:9", "<redacted>:0:0", "<redacted>"])
@pytest.mark.parametrize(("program", "refusal"), OWN_REFUSALS, ids=str)
def test_each_message_is_known_in_every_format_of_a_panic(
    program: Pubkey, refusal: Refusal, place: str
) -> None:
    message = refusal.message
    for lines in (
        [f"Program log: panicked at {place}:\n{message}"],
        [f"Program log: panicked at {place}:", f"Program log: {message}"],
        [f"Program log: panicked at '{message}', {place}"],
    ):
        refused = panicked(*lines, program=program)
        assert parts(refused) == (AssertionRefused, program, message, None, *refusal[1:])


@pytest.mark.parametrize(
    "message",
    [
        "attempt to add with overflow",
        "attempt to subtract with overflow",
        "attempt to multiply with overflow",
        "attempt to negate with overflow",
        "attempt to divide by zero",
        "attempt to calculate the remainder with a divisor of zero",
        "called `Result::unwrap()` on an `Err` value: TryFromIntError(())",
    ],
)
def test_arithmetic_that_stops_the_program_is_told_apart(message: str) -> None:
    for line in (f"panicked at src/a.rs:1:2:\n{message}", f"panicked at '{message}', src/a.rs:1:2"):
        refused = panicked(f"Program log: {line}")
        assert (type(refused), refused.message) == (ArithmeticRefused, message)


def test_a_message_of_a_later_program_is_passed_on() -> None:
    for line in ("panicked at a.rs:1:2:\nit's late", "panicked at 'it's late', a.rs:1:2"):
        assert parts(panicked(f"Program log: {line}")) == (
            *(AssertionRefused, PROGRAM, "it's late", None),
            *("This version does not know the program's reason.", READ_LOGS),
        )


def test_what_an_earlier_program_logged_is_not_taken_for_the_reason() -> None:
    other = Pubkey([7] * 32)
    logs = [
        f"Program {other} invoke [1]",
        "Program log: panicked at 'battery is paused', a.rs:1:2",
        f"Program log: Program {TOKEN_PROGRAM} failed: custom program error: 0x1",
        f"Program {other} success",
    ]
    refused = errors.from_status(FAILED, [*logs, INVOKE, *DIED])
    assert parts(refused) == (
        *(Refused, PROGRAM, "SBF program panicked", None),
        *("The runtime stopped the program.", READ_LOGS),
    )


@pytest.mark.parametrize(
    ("program", "kind", "message"),
    [
        (SYSTEM_PROGRAM, SystemRefused, "InvalidAccountDataLength"),
        (TOKEN_PROGRAM, TokenRefused, "MintMismatch"),
        (PROGRAM, AnchorRefused, "error 3"),
        (Pubkey([7] * 32), Refused, "error 3"),
    ],
)
def test_a_code_is_of_the_program_that_failed_first(
    program: Pubkey, kind: type[Refused], message: str
) -> None:
    inner = [f"Program {program} invoke [2]", f"Program {program} failed: custom program error: 0x3"]
    outer = f"Program {PROGRAM} failed: custom program error: 0x3"
    err = TransactionErrorInstructionError(0, InstructionErrorCustom(3))
    refused = errors.from_status(err, [INVOKE, *inner, outer])
    assert (type(refused), refused.program, refused.message, refused.code) == (kind, program, message, 3)


@pytest.mark.parametrize(
    ("err", "message", "code"),
    [
        (TransactionErrorFieldless.AccountInUse, "AccountInUse", None),
        (FAILED, "ProgramFailedToComplete", None),
        (TransactionErrorDuplicateInstruction(3), "DuplicateInstruction", None),
        (TransactionErrorInstructionError(2, InstructionErrorCustom(3)), "error 3", 3),
    ],
    ids=["no instruction", "no code", "a place", "a code"],
)
def test_without_a_log_the_status_is_all_there_is(
    err: TransactionErrorType, message: str, code: int | None
) -> None:
    assert parts(errors.from_status(err, [INVOKE, "Log truncated"])) == (
        *(Refused, None, message, code),
        *("The cluster gave no other reason.", READ_LOGS),
    )
