"""What the scenes of all programs have in common: one account of every kind that is nobody's right one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.system_program import ID as SYSTEM_PROGRAM
from solders.sysvar import CLOCK, RENT, SLOT_HASHES
from spl.token.constants import ACCOUNT_LEN, MINT_LEN, MULTISIG_LEN, TOKEN_2022_PROGRAM_ID
from spl.token.instructions import (
    InitializeAccountParams,
    InitializeMintParams,
    MintToParams,
    initialize_account,
    initialize_mint,
    mint_to,
)

from tests.support.stage import TOKEN_PROGRAM, U64_MAX, WELL_KNOWN, Stage


@dataclass(frozen=True)
class Facts:
    """What is true of an account that somebody may pass."""

    program: Pubkey | None = None  # that owns it; None if there is no account
    layout: str = ""  # of its data
    mint: str = ""  # of tokens
    owner: str = ""  # of tokens, a member or a meter
    ledger: str = ""  # that it belongs to: the battery of a member, the issuer of a meter


ALIEN = Pubkey(bytes([7] * 32))  # any program that is none of ours
SYSVARS = Pubkey.from_string("Sysvar1111111111111111111111111111111111111")
NATIVE_LOADER = Pubkey.from_string("NativeLoader1111111111111111111111111111111")
LOADER = Pubkey.from_string("BPFLoader2111111111111111111111111111111111")


def with_metas(instruction: Instruction, metas: list[AccountMeta]) -> Instruction:
    return Instruction(instruction.program_id, instruction.data, metas)


async def make_token_2022(world: Stage) -> None:
    """A Token-2022 mint that takes 5 % of each transfer, and 10,000 of its tokens for the owner."""
    operator, mint = world["operator"], world.key("fee_mint").pubkey()
    world.accounts |= {"fee_mint": mint, "fee_tokens": world.key("fee_tokens").pubkey()}
    some_operator = b"\1" + bytes(operator)
    fee = b"\x1a\0" + 2 * some_operator + (500).to_bytes(2, "little") + U64_MAX.to_bytes(8, "little")
    await world.send(
        await world.creation("fee_mint", ACCOUNT_LEN + 1 + 4 + 108, TOKEN_2022_PROGRAM_ID),
        Instruction(TOKEN_2022_PROGRAM_ID, fee, [AccountMeta(mint, False, True)]),
        initialize_mint(InitializeMintParams(3, TOKEN_2022_PROGRAM_ID, mint, operator)),
        signers=["fee_mint"],
    )
    await world.send(
        await world.creation("fee_tokens", ACCOUNT_LEN + 1 + 4 + 8, TOKEN_2022_PROGRAM_ID),
        initialize_account(
            InitializeAccountParams(TOKEN_2022_PROGRAM_ID, world["fee_tokens"], mint, world["owner"])
        ),
        mint_to(MintToParams(TOKEN_2022_PROGRAM_ID, mint, world["fee_tokens"], operator, 10_000)),
        signers=["fee_tokens", "operator"],
    )


class FalseCast:
    """Accounts of a program's scene that are forged, blank, another program's or the runtime's.

    Attributes:
        fixed: Addresses outside of the scene. Of them each block changes the clock, and nothing the others.
        cast: What is true of each, by its name.
    """

    def __init__(
        self, name: str, program: Pubkey, genuine: Mapping[str, Facts], forged: Iterable[str]
    ) -> None:
        """Forgeries of some genuine accounts of the program of that name, and all the rest."""
        self.fixed = WELL_KNOWN | {
            "slot_hashes": SLOT_HASHES,
            "token_2022_program": TOKEN_2022_PROGRAM_ID,
            name: program,
        }
        forgers = {
            "system": SYSTEM_PROGRAM,
            "token": TOKEN_PROGRAM,
            "token_2022": TOKEN_2022_PROGRAM_ID,
            name: program,
            "alien": ALIEN,
        }
        self._forged = {
            f"{each}_of_{forger}": (each, owner)
            for each in forged
            for forger, owner in forgers.items()
            if owner != genuine[each].program
        }
        self._blank = {
            "empty_state": (program, 0),
            "short_state": (program, 7),
            "blank_state": (program, 232),
            "blank_mint": (TOKEN_PROGRAM, MINT_LEN),
            "blank_tokens": (TOKEN_PROGRAM, ACCOUNT_LEN),
            "multisig": (TOKEN_PROGRAM, MULTISIG_LEN),
        }
        self.cast = {
            **{each: Facts(owner, genuine[of].layout) for each, (of, owner) in self._forged.items()},
            **{each: Facts(owner, each) for each, (owner, _) in self._blank.items()},
            **{each: Facts(TOKEN_2022_PROGRAM_ID, each) for each in ("fee_mint", "fee_tokens")},
            **{each: Facts(ALIEN, "sysvar") for each in ("clock_of_alien", "rent_of_alien")},
            **{each: Facts(SYSVARS, "sysvar") for each in ("clock", "rent", "slot_hashes", "second_clock")},
            **{each: Facts(LOADER, "program") for each in ("token_program", "token_2022_program", name)},
            "system_program": Facts(NATIVE_LOADER, "program"),
        }

    async def assemble(self, world: Stage) -> None:
        """Bring them about, beside the genuine ones."""
        await make_token_2022(world)
        genuine = await world.raw()
        for name, (of, owner) in self._forged.items():
            world.put(name, genuine[of].data, owner)
        for name, (owner, size) in self._blank.items():
            world.put(name, bytes(size), owner)
        for name, sysvar in (("clock", CLOCK), ("rent", RENT)):
            world.put(f"{name}_of_alien", world.chain.account(sysvar).data, ALIEN)
        world.put("second_clock", world.chain.account(CLOCK).data, SYSVARS)
