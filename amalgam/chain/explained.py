"""What a message does, instruction by instruction, in the names that the programs' IDLs have for it.

Who signs reads this first, where there is no cluster to ask: so amounts are in base units, and whatever is
not known is shown as such, to the byte.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from struct import Struct
from typing import Any, NamedTuple

from solders.compute_budget import ID as COMPUTE_BUDGET_ID
from solders.instruction import Instruction
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM_ID
from solders.sysvar import RECENT_BLOCKHASHES
from spl.token.constants import ASSOCIATED_TOKEN_PROGRAM_ID, TOKEN_PROGRAM_ID

from amalgam import programs
from amalgam.chain.layout import WELL_KNOWN, ProgramLayout
from amalgam.chain.loader import LOADER_ID
from amalgam.chain.signing import instructions_of

UNKNOWN = "unknown: sign it only if you know what it does"


class Step(NamedTuple):
    """An instruction of a message.

    Attributes:
        program: Its name, or its address if it is none that is known.
        name: The instruction's, or UNKNOWN.
        accounts: By their names; without sysvars and Solana's own programs, where they are as they must be.
        arguments: By their names; of what is not known the data, in hexadecimal digits.
    """

    program: str
    name: str
    accounts: list[tuple[str, Pubkey]]
    arguments: list[tuple[str, Any]]

    def phrase(self) -> str:
        """It in one line, the same for the same instruction."""
        parts = [f"{name} {value}" for name, value in (*self.arguments, *self.accounts)]
        return f"{self.program} {self.name} ({', '.join(parts)})"


def steps(message: Message) -> list[Step]:
    """What it does, in order."""
    return [_step(each) for each in instructions_of(message)]


def acts(message: Message) -> list[Instruction]:
    """The instructions but those that only say how it is to be run: with which nonce, at which price."""
    return [each for each in instructions_of(message) if not _is_about_running(each)]


def purpose(message: Message) -> str:
    """What it does in one line, whatever nonce, blockhash and price it has."""
    return "; ".join(_step(each).phrase() for each in acts(message))


def _is_about_running(instruction: Instruction) -> bool:
    is_advance = instruction.program_id == SYSTEM_PROGRAM_ID and _step(instruction).name == _ADVANCE
    return is_advance or instruction.program_id == COMPUTE_BUDGET_ID


def _step(instruction: Instruction) -> Step:
    known = programs.by_id(instruction.program_id)
    found = _ours(known, instruction) if known else _solanas(instruction)
    if found is not None:
        return found
    solanas = _SOLANAS.get(instruction.program_id)
    name = known or (solanas and solanas.name) or instruction.program_id
    data = instruction.data.hex() or "none"
    return Step(str(name), UNKNOWN, _named(instruction, [], {}), [("data", data)])


def _ours(program: programs.Program, instruction: Instruction) -> Step | None:
    for name, layout in _layout(program).instructions.items():
        found = layout.read(instruction)
        if found is not None:
            arguments, names = found
            named = _named(instruction, names, {slot: {address} for slot, address in WELL_KNOWN.items()})
            return Step(str(program), name, named, list(arguments.items()))
    return None


@cache
def _layout(program: programs.Program) -> ProgramLayout:
    return ProgramLayout(program, program.program_id)


def _named(
    instruction: Instruction, names: Sequence[str], usual: Mapping[str, set[Pubkey]]
) -> list[tuple[str, Pubkey]]:
    """The accounts by name, and those beyond; not those that are what they usually are."""
    beyond = [f"account {number}" for number in range(len(names) + 1, len(instruction.accounts) + 1)]
    pairs = zip([*names, *beyond], (meta.pubkey for meta in instruction.accounts), strict=True)
    return [(name, address) for name, address in pairs if address not in usual.get(name, ())]


# Solana's own programs, as far as this package and Solana's tools make instructions of them

_ADVANCE = "advance_nonce_account"
_USUAL = "-"  # an account that is always one of these
_USUALLY = {*WELL_KNOWN.values(), RECENT_BLOCKHASHES}
_TYPES = {"u8": "B", "u32": "I", "u64": "Q", "key": "32s"}


class _Known(NamedTuple):
    name: str
    tag_bytes: int
    instructions: dict[int, tuple[str, str, str]]  # by tag: name, accounts, arguments and their types


_SOLANAS = {
    SYSTEM_PROGRAM_ID: _Known(
        "System program",
        4,
        {
            0: ("create_account", "payer account", "lamports:u64 space:u64 owner:key"),
            1: ("assign", "account", "owner:key"),
            2: ("transfer", "from to", "lamports:u64"),
            4: (_ADVANCE, "nonce - authority", ""),
            5: ("withdraw_nonce_account", "nonce to - - authority", "lamports:u64"),
            6: ("initialize_nonce_account", "nonce - -", "authority:key"),
            7: ("authorize_nonce_account", "nonce authority", "new_authority:key"),
            8: ("allocate", "account", "space:u64"),
        },
    ),
    COMPUTE_BUDGET_ID: _Known(
        "Compute budget",
        1,
        {2: ("set_limit", "", "compute_units:u32"), 3: ("set_price", "", "micro_lamports:u64")},
    ),
    TOKEN_PROGRAM_ID: _Known(
        "SPL Token",
        1,
        {
            0: (
                "initialize_mint",
                "mint -",
                "decimals:u8 authority:key freezes:u8 freeze_authority:key",
            ),
            3: ("transfer", "from to owner", "amount:u64"),
            7: ("mint_to", "mint to mint_authority", "amount:u64"),
            12: ("transfer_checked", "from mint to owner", "amount:u64 decimals:u8"),
            14: ("mint_to_checked", "mint to mint_authority", "amount:u64 decimals:u8"),
        },
    ),
    ASSOCIATED_TOKEN_PROGRAM_ID: _Known(
        "Associated token account", 1, {1: ("create_unless_there", "payer account owner mint - -", "")}
    ),
    LOADER_ID: _Known(
        "Upgradeable loader",
        4,
        {
            3: ("upgrade", "program_data program buffer recipient - - authority", ""),
            5: ("close", "closed recipient authority", ""),
            6: ("extend_program", "program_data program - payer", "bytes:u32"),
            7: ("set_authority_checked", "program_data authority new_authority", ""),
            9: ("extend_program_checked", "program_data program authority - payer", "bytes:u32"),
        },
    ),
}
_SET_AUTHORITY = (4).to_bytes(4, "little")  # whose new one is left out if there is to be none


def _solanas(instruction: Instruction) -> Step | None:
    known, data = _SOLANAS.get(instruction.program_id), bytes(instruction.data)
    if known is None:
        return None
    if instruction.program_id == LOADER_ID and data == _SET_AUTHORITY:
        names = ["program_data or buffer", "authority", "new_authority"][: len(instruction.accounts)]
        final = [] if len(names) == 3 else [("new_authority", "nobody, for ever")]
        return Step(known.name, "set_authority", _named(instruction, names, {}), final)
    found = known.instructions.get(int.from_bytes(data[: known.tag_bytes], "little"))
    if found is None:
        return None
    name, accounts, arguments = found
    names, fields = accounts.split(), [each.split(":") for each in arguments.split()]
    struct = Struct("<" + "".join(_TYPES[type_name] for _, type_name in fields))
    if len(data) != known.tag_bytes + struct.size or len(instruction.accounts) < len(names):
        return None
    values = struct.unpack_from(data, known.tag_bytes)
    read = [
        (field, Pubkey.from_bytes(value) if isinstance(value, bytes) else value)
        for (field, _), value in zip(fields, values, strict=True)
    ]
    return Step(known.name, name, _named(instruction, names, {_USUAL: _USUALLY}), read)
