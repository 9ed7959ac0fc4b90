"""The matrix: each account slot of each instruction, filled with each account there is, and tampered with.

Rows come from the IDL, columns from the cast. What has to come of a cell is reasoned from what is true of the
account: first Anchor's own checks, which know one account alone, here; then the program's, which know how
accounts belong together, in the program's own matrix. A slot or an instruction without an expectation fails.
One account in two slots is part of it: every right account of one slot is tried in every other.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from anchorpy.error import _LangErrorCode as Anchor
from solders.account import Account
from solders.instruction import AccountMeta, Instruction
from solders.pubkey import Pubkey
from solders.transaction_status import InstructionErrorFieldless

from tests.adversarial.cast import Facts, with_metas
from tests.support.stage import TOKEN_PROGRAM, Snapshot, Stage, changed

Error = str | Anchor | InstructionErrorFieldless
SUCCESS = None

_SYSVARS = ("clock", "rent")
_PROGRAMS = ("system_program", "token_program")
_TOKEN_STATE = {
    **dict.fromkeys(("mint", "energy_mint", "payment_mint"), (TOKEN_PROGRAM, "mint")),
    **dict.fromkeys(("vault", "energy_vault", "payment_vault"), (TOKEN_PROGRAM, "tokens")),
    **dict.fromkeys(("source", "destination", "proceeds"), (TOKEN_PROGRAM, "tokens")),
    **dict.fromkeys(("energy_destination", "payment_destination"), (TOKEN_PROGRAM, "tokens")),
}
_NEVER_INITIALIZED = dict.fromkeys(
    (("mint", "blank_mint"), ("tokens", "blank_tokens")), InstructionErrorFieldless.UninitializedAccount
)


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """One program's matrix.

    Attributes:
        program: The program.
        slots: The accounts of each instruction, in their order.
        cast: What is true of each account there is, by name.
        fixed: Addresses of those that the world does not know.
        keys: Those whose secret keys are there: they can sign.
        signing: The slots that sign.
        records: The slots of the program's own accounts, each with what it holds.
        created: The slots that an instruction makes; the one that signs pays for them.
        refusal: Why an account that could be in a slot must not be there beside the others, if it must not.
        effect: What an instruction changes that succeeds with a substitute.
        valid: Each instruction as it succeeds, once it is ready.
        ready: Brings about what it needs for that.
    """

    program: Pubkey
    slots: Mapping[str, list[str]]
    cast: Mapping[str, Facts]
    fixed: Mapping[str, Pubkey]
    keys: Collection[str]
    signing: Collection[str]
    records: Mapping[str, str]
    created: Mapping[str, Collection[str]]
    refusal: Callable[[str, str, str], Error | None]
    effect: Callable[[Any, str, str, Snapshot], dict[str, dict[str, Any]]]
    valid: Callable[[Any, str], Instruction]
    ready: Callable[[Any, str], Awaitable[None]]

    @property
    def rows(self) -> list[tuple[str, str]]:
        return [(instruction, slot) for instruction, slots in self.slots.items() for slot in slots]

    @property
    def size(self) -> int:
        """Cells but for those of tampering."""
        return len(self.rows) * (len(self.cast) - 1)

    def address(self, world: Stage, name: str) -> Pubkey:
        return self.fixed.get(name) or world[name]

    def check_cast(self, world: Stage) -> None:
        """Raise AssertionError if an account is not what the cast says."""
        assert set(self.cast) == {*world.accounts, *self.fixed}
        accounts = {name: world.chain.account(self.address(world, name)) for name in self.cast}
        owners = {name: account and account.owner for name, account in accounts.items()}
        assert owners == {name: facts.program for name, facts in self.cast.items()}

    async def check_row(self, world: Stage, instruction: str, slot: str) -> None:
        """Try every cell of a row."""
        names = {world[name]: name for name in self.keys}
        valid = self.valid(world, instruction)
        assert {meta.pubkey for meta in valid.accounts} <= {self.address(world, name) for name in self.cast}

        async with undone(world):
            await self.ready(world, instruction)
            first_block, before = world.chain.slot, await world.raw()
            for name, metas, refusal in self._cells(world, instruction, slot, valid.accounts):
                signers = [names[meta.pubkey] for meta in metas if meta.is_signer]
                sent = world.send(with_metas(valid, metas), signers=signers)
                with named(name):
                    if refusal is SUCCESS:
                        await self._succeeds(world, instruction, name, sent)
                    else:
                        async with world.refused(refusal, before=before):
                            await sent

            with named("valid"):
                left = await self._left(world, valid, valid.accounts)
                assert left != before
            number = self.slots[instruction].index(slot)
            right = valid.accounts[number]
            if not right.is_writable:
                metas = [*valid.accounts]
                metas[number] = AccountMeta(right.pubkey, right.is_signer, True)
                with named("writable"):
                    assert await self._left(world, valid, metas) == left
            visited = world.chain.slot - first_block  # each transaction is a block
            substituted, tampered = len(self.cast) - 1, 2 + right.is_signer
            assert visited == substituted + tampered + 1

    def _cells(
        self, world: Stage, instruction: str, slot: str, valid: list[AccountMeta]
    ) -> Iterator[tuple[str, list[AccountMeta], Error | None]]:
        """What is done to a slot, the accounts that makes, and what must come of it."""
        number = self.slots[instruction].index(slot)
        before, right, after = valid[:number], valid[number], valid[number + 1 :]
        key, signs, writes = right.pubkey, right.is_signer, right.is_writable
        for name in self.cast:
            if self.address(world, name) != key:
                substitute = AccountMeta(self.address(world, name), signs and name in self.keys, writes)
                refusal = self._anchors_refusal(instruction, slot, name) or self.refusal(
                    instruction, slot, name
                )
                yield name, [*before, substitute, *after], refusal
        yield "missing", before, Anchor.AccountNotEnoughKeys
        if signs:
            yield "not signed", [*before, AccountMeta(key, False, writes), *after], Anchor.AccountNotSigner
        if writes:
            # New accounts are created, and paid for, before Anchor looks whether they are writable.
            created = self.created.get(instruction, ())
            early = slot in created or (slot in self.signing and created)
            error = InstructionErrorFieldless.PrivilegeEscalation if early else Anchor.ConstraintMut
            yield "not writable", [*before, AccountMeta(key, signs, False), *after], error

    def _anchors_refusal(self, instruction: str, slot: str, substitute: str) -> Error | None:
        """Why the account cannot be in this slot, whatever the others are."""
        facts = self.cast[substitute]
        if slot in _SYSVARS:
            return Anchor.AccountSysvarMismatch
        if slot in _PROGRAMS:
            return Anchor.InvalidProgramId
        if slot in self.signing:
            return None if substitute in self.keys else Anchor.AccountNotSigner
        if slot in self.created.get(instruction, ()):
            return Anchor.ConstraintSeeds
        state = _TOKEN_STATE | {slot: (self.program, record) for slot, record in self.records.items()}
        program, layout = state[slot]
        if facts.program is None:
            return Anchor.AccountNotInitialized
        if facts.program != program:
            return Anchor.AccountOwnedByWrongProgram
        if facts.layout == layout:
            return None
        return _NEVER_INITIALIZED.get((layout, facts.layout)) or self._wrong_layout[program, facts.layout]

    @property
    def _wrong_layout(self) -> dict[tuple[Pubkey, str], Error]:
        records = {*self.records.values()}
        return {
            (program, layout): error
            for error, program, layouts in (
                (Anchor.AccountDiscriminatorNotFound, self.program, ("empty_state", "short_state")),
                (
                    Anchor.AccountDiscriminatorMismatch,
                    self.program,
                    (*records, "blank_state", "mint", "tokens"),
                ),
                (
                    InstructionErrorFieldless.InvalidAccountData,  # by its size
                    TOKEN_PROGRAM,
                    ("mint", "tokens", "blank_mint", "blank_tokens", "multisig", *records),
                ),
            )
            for layout in layouts
        }

    async def _succeeds(
        self, world: Stage, instruction: str, substitute: str, sent: Awaitable[object]
    ) -> None:
        """The transaction has exactly its effect; all of it is undone again."""
        async with undone(world):
            before = await world.raw()
            await sent
            after = await world.raw()
        touched = [name for name in before if after[name] != before[name]]
        was, became = (
            {name: accounts[name] and world.decoded(accounts[name]) for name in touched}
            for accounts in (before, after)
        )
        assert became == changed(was, **self.effect(world, instruction, substitute, was))

    async def _left(
        self, world: Stage, valid: Instruction, metas: list[AccountMeta]
    ) -> Mapping[str, Account | None]:
        """What the instruction leaves with these accounts; all of it is undone again."""
        names = {world[name]: name for name in self.keys}
        signers = [names[meta.pubkey] for meta in metas if meta.is_signer]
        async with undone(world):
            await world.send(with_metas(valid, metas), signers=signers)
            return await world.raw()


@asynccontextmanager
async def undone(world: Stage) -> AsyncIterator[None]:
    """Whatever happens inside, every account and the clock are then as before."""
    before, moment = await world.raw(), world.chain.unix_timestamp
    try:
        yield
    finally:
        world.restore(before, moment)


@contextmanager
def named(cell: str) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        error.add_note(f"cell: {cell}")
        raise
