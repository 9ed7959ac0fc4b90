"""The program on a cluster: deployed or upgraded by transactions, and checked.

The code is first written into a buffer, whose address follows from the upgrade authority, the program and the
code. So a deployment that was broken off is found again, from wherever, and only what is missing is written.
"""

import asyncio
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple

from based58 import b58encode
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed
from solana.rpc.types import DataSliceOpts, MemcmpOpts
from solders.account import Account
from solders.compute_budget import set_compute_unit_limit, set_compute_unit_price
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import (
    AllocateParams,
    AllocateWithSeedParams,
    AssignParams,
    TransferParams,
    allocate,
    allocate_with_seed,
    assign,
    transfer,
)
from solders.transaction import VersionedTransaction
from solders.transaction_status import InstructionErrorCustom, TransactionErrorInstructionError

from amalgam import AmalgamError, NotFoundError
from amalgam.chain import loader
from amalgam.chain.bulk import send_all
from amalgam.chain.embedded import LAMPORTS_PER_SIGNATURE, EmbeddedChain, Refusal
from amalgam.chain.loader import LOADER_ID, ProgramData
from amalgam.chain.program_metadata import Publication, Seed, publication
from amalgam.chain.rpc import CLUSTERS
from amalgam.chain.transactions import (
    MAX_TRANSACTION_BYTES,
    PRIORITY_FEE_CAP_LAMPORTS,
    UNITS_MARGIN,
    Sender,
)
from amalgam.programs import Program

# Features of the runtime. A cluster where the first is active takes programs of SBF version 3; one where the
# second is, none of earlier versions any more; one where the third is extends a program only if its upgrade
# authority signs.
SBF_V3_TAKEN = Pubkey.from_string("5cC3foj77CWun58pC51ebHFUWavHWKarWyR5UUik7dnC")
SBF_V3_REQUIRED = Pubkey.from_string("B8JJXCy5amZyWG9r7EnUYLwzXSXTxG7GZ1qZ1qggo83g")
EXTEND_CHECKED = Pubkey.from_string("2oMRZEDWT2tqtYMofhmmfQ8SsjqUFzT6sYXppQDavxwz")

_MAX_WRITE_UNITS = 10_000
_BARREN_ROUNDS = 3  # of writing what a buffer lacks
_LOOKS = 5  # at what was deployed: a node may be behind
_PAUSE_S = 0.4  # a slot
_DECLARED_ID_MISMATCH, _UNKNOWN_INSTRUCTION = 4_100, 101  # Anchor's errors
_CLOSED_AT_ONCE = 10  # buffers, in one transaction
_NEW_ID = "an id of your own: amalgam program new-id"


class DeployError(AmalgamError):
    """Why nothing, or nothing more, can be deployed: one line, with what to do about it."""


class Kind(StrEnum):
    """The work that a program's code needs."""

    DEPLOY = "deploy"
    UPGRADE = "upgrade"
    BUFFER = "write a buffer"
    NOTHING = "nothing"


class Cost(NamedTuple):
    """The cost of a deployment, in the payer's lamports."""

    deposit: int  # rent, which stays in the program's accounts until they are closed
    lent: int  # to buffers, and back in the end
    paid: int  # of the two, by an earlier deployment that was broken off
    fees: int  # at most
    reserve: int  # without which the payer's own account would not be let be; it stays there

    @property
    def needed(self) -> int:
        """The lamports that the payer must have."""
        return max(0, self.deposit + self.lent - self.paid) + self.fees + self.reserve


class Loan(NamedTuple):
    """Lamports in a buffer, which come back once it is emptied."""

    buffer: Pubkey
    lamports: int  # at most


class Plan(NamedTuple):
    """The work to do, as of one moment: transactions one after the other, but for the writes."""

    kind: Kind
    cost: Cost
    extending: list[list[Instruction]]  # before anything is paid into a buffer
    before: list[list[Instruction]]
    offsets: list[int]  # of what the buffer lacks of the code: each is a write
    after: list[list[Instruction]]
    metadata: Publication  # after all else
    price: int  # of the writes, in micro-lamports a compute unit
    code_loan: Loan | None

    @property
    def transactions(self) -> int:
        """How many there are to send."""
        steps = (self.extending, self.before, self.offsets, self.after, self.metadata.steps)
        return sum(map(len, steps))


class _Part(NamedTuple):
    steps: list[list[Instruction]]
    deposit: int = 0
    lent: int = 0


def sol(lamports: int) -> str:
    """Lamports in SOL, for people."""
    return f"{Decimal(lamports).scaleb(-9):,.9f}".rstrip("0").rstrip(".")


def sbf_version(code: bytes) -> int:
    """The version of SBF that a program is built for: the flags of the ELF."""
    return int.from_bytes(code[48:52], "little")


class Choice(NamedTuple):
    """The version of SBF to deploy, and why that one, as a phrase."""

    version: int
    because: str


async def choose_sbf(connection: AsyncClient) -> Choice:
    """What a cluster takes, of what the toolchain builds: versions 0 and 3. Raises NodeError."""
    if await is_active(connection, SBF_V3_REQUIRED):
        return Choice(3, "this cluster takes no other any more")
    if await is_active(connection, SBF_V3_TAKEN):
        return Choice(3, "this cluster takes it, and it has fewer bytes")
    return Choice(0, "this cluster does not take version 3 yet")


async def is_active(connection: AsyncClient, feature: Pubkey) -> bool:
    """Whether a feature of the runtime is."""
    account = (await connection.get_account_info(feature, Confirmed)).value
    return account is not None and account.data[:1] == b"\1"


def check_code(code: bytes, program_id: Pubkey) -> None:
    """Deploy a program of SBF version 0 on a chain in this process, and call it.

    Raises DeployError if it is not this program. That chain runs no version 3.
    """
    if not code.startswith(b"\x7fELF"):
        raise DeployError("not a program: it does not begin as an ELF file does; run: seahorse build")
    chain, payer, buffer = EmbeddedChain(), Keypair(), Keypair().pubkey()
    key = payer.pubkey()
    chain.airdrop(key, 10**12)
    chain.set_account(buffer, Account(10**12, loader.buffer_head(key) + code, LOADER_ID))
    chain.set_account(program_id, Account(10**12, bytes(loader.PROGRAM_BYTES), LOADER_ID))

    def run(instruction: Instruction) -> Refusal | None:
        message = Message.new_with_blockhash([instruction], key, chain.svm.latest_blockhash())
        return chain.send(VersionedTransaction(message, [payer]), preflight=True)

    refusal = run(loader.deploy(key, program_id, buffer, key, len(code)))
    if refusal is not None:
        said = next((line for line in reversed(refusal.logs) if not line.startswith("Program ")), "")
        raise DeployError(f"the runtime does not take the program ({said}); run: seahorse build")
    refusal = run(Instruction(program_id, bytes(8), []))
    error = refusal.err.err if refusal and isinstance(refusal.err, TransactionErrorInstructionError) else None
    number = error.code if isinstance(error, InstructionErrorCustom) else None
    if number == _DECLARED_ID_MISMATCH:
        raise DeployError(f"the program was built for another id than {program_id}; run: seahorse build")
    if number != _UNKNOWN_INSTRUCTION:
        raise DeployError("it is another program; run: seahorse build")


class Deployment:
    """A program's code on its way to a cluster.

    `plan` says what there is to do and what it costs, `carry_out` does it. Both raise DeployError, NodeError
    and what `Sender.send` raises; what was done until then is not done again the next time. Whatever ends
    `carry_out` early has a note (`__notes__`) of where the payer's lamports are.

    Attributes:
        buffer: Where the code is written first.
    """

    def __init__(
        self,
        connection: AsyncClient,
        payer: Keypair,
        code: bytes,
        *,
        program_id: Pubkey,
        authority: Keypair,
        program: Keypair | None = None,
        metadata: Mapping[Seed, str] | None = None,
    ) -> None:
        """Say what to deploy.

        Args:
            connection: Stays the caller's to close.
            payer: Pays the fees and the rent.
            code: The program's, which `check_code` should have found sound.
            program_id: Where it is deployed.
            authority: May upgrade it, already or from then on.
            program: The keypair of the program id, which only a first deployment needs.
            metadata: What is published beside it, through Program Metadata.
        """
        self._connection, self._authority = connection, authority
        self._code, self._program_id, self._program = code, program_id, program
        self._metadata = metadata or {}
        self._sender = Sender(connection, payer)
        self._payer, self._owner = payer.pubkey(), authority.pubkey()
        self._signers = list({self._payer: payer, self._owner: authority}.values())
        self._seed = sha256(bytes(program_id) + code).hexdigest()[:32]
        self.buffer = Pubkey.create_with_seed(self._owner, self._seed, LOADER_ID)

    # Planning

    async def plan(self) -> Plan:
        """The work to do. Raises DeployError if it cannot be done, or the payer has too little."""
        found = await self._deployed()
        price = await self._price(_MAX_WRITE_UNITS)
        before, offsets, paid, code_loan = list[list[Instruction]](), list[int](), 0, None
        extending = after = _Part([])
        kind = Kind.DEPLOY if found is None else Kind.UPGRADE
        if found is not None and found.holds(self._code):
            kind = Kind.NOTHING
        else:
            await self._check_cluster()
            before, offsets, paid = await self._buffering(price)
            extending = _Part([]) if found is None else await self._extending(found)
            after = await (self._first() if found is None else self._next())
            lamports = paid or await self._rent(loader.BUFFER_HEAD_BYTES + len(self._code))
            code_loan = Loan(self.buffer, lamports)
        metadata = await self._publication(found)
        parts = (extending.steps, before, offsets, after.steps, metadata.steps)
        transactions = sum(map(len, parts))
        signatures = transactions * len(self._signers) + (kind is Kind.DEPLOY)
        priority = PRIORITY_FEE_CAP_LAMPORTS if price else 0
        cost = Cost(
            extending.deposit + after.deposit + metadata.deposit,
            after.lent + metadata.lent,
            paid,
            fees=signatures * LAMPORTS_PER_SIGNATURE + transactions * priority,
            reserve=await self._rent(0) if transactions else 0,
        )
        await self._check_balance(cost.needed)
        return Plan(
            kind=kind,
            cost=cost,
            extending=extending.steps,
            before=before,
            offsets=offsets,
            after=after.steps,
            metadata=metadata,
            price=price,
            code_loan=code_loan,
        )

    async def plan_buffer(self, heir: Pubkey) -> Plan:
        """The work that leaves the code in a buffer of the heir's, who is to upgrade the program with it.

        Until it is whole the buffer is the authority's. Raises DeployError as `plan`.
        """
        price = await self._price(_MAX_WRITE_UNITS)
        await self._check_cluster()
        account = (await self._connection.get_account_info(self.buffer, Confirmed)).value
        found = loader.buffer_of(account)
        before, offsets, paid, after = list[list[Instruction]](), list[int](), 0, list[list[Instruction]]()
        if found is None or found.authority != heir or found.code != self._code:
            before, offsets, paid = await self._buffering(price)
            if heir != self._owner:
                after = [[loader.set_buffer_authority(self.buffer, self._owner, heir)]]
        lamports = paid or await self._rent(loader.BUFFER_HEAD_BYTES + len(self._code))
        transactions = len(before) + len(offsets) + len(after)
        priority = PRIORITY_FEE_CAP_LAMPORTS if price else 0
        cost = Cost(
            deposit=0,
            lent=lamports if transactions else 0,
            paid=paid,
            fees=transactions * (len(self._signers) * LAMPORTS_PER_SIGNATURE + priority),
            reserve=await self._rent(0) if transactions else 0,
        )
        await self._check_balance(cost.needed)
        return Plan(
            kind=Kind.BUFFER if transactions else Kind.NOTHING,
            cost=cost,
            extending=[],
            before=before,
            offsets=offsets,
            after=after,
            metadata=Publication([]),
            price=price,
            code_loan=Loan(self.buffer, lamports),
        )

    async def _deployed(self) -> ProgramData | None:
        """The program on the cluster, which this authority may upgrade if that is to be done."""
        program_id = self._program_id
        try:
            found = await loader.program_data(self._connection, program_id)
        except loader.ClosedError as error:
            raise DeployError(f"{error}, and its id is lost with it; make {_NEW_ID}") from None
        except NotFoundError as error:
            raise DeployError(f"{error}; make {_NEW_ID}") from None
        if found is None or found.authority == self._owner or found.holds(self._code):
            return found
        if found.authority is None:
            raise DeployError(f"program {program_id} is final: nobody can upgrade it; make {_NEW_ID}")
        raise DeployError(
            f"program {program_id} belongs to upgrade authority {found.authority}, not to {self._owner}; "
            f"give its keypair with --upgrade-authority, or make {_NEW_ID}"
        )

    async def _check_cluster(self) -> None:
        genesis_hash = str((await self._connection.get_genesis_hash()).value)
        public = next((name for name, each in CLUSTERS.items() if each.genesis_hash == genesis_hash), None)
        development = {program.development_keypair.pubkey() for program in Program}
        if public is not None and self._program_id in development:
            raise DeployError(
                f"program id {self._program_id} is for development, and anybody can deploy there; "
                f"for {public} make {_NEW_ID}"
            )
        version = sbf_version(self._code)
        if version < 3 and await is_active(self._connection, SBF_V3_REQUIRED):
            raise DeployError(
                f"this cluster takes no programs of SBF version {version} any more; "
                "build it for version 3: seahorse build"
            )

    async def _buffering(self, price: int) -> tuple[list[list[Instruction]], list[int], int]:
        """Instructions that make the buffer if there is none, the bytes that it lacks, and its lamports."""
        account = (await self._connection.get_account_info(self.buffer, Confirmed)).value
        buffer = loader.buffer_of(account)
        if buffer is not None and buffer.authority != self._owner:
            raise DeployError(
                f"buffer {self.buffer} has been handed over to {buffer.authority or 'nobody'}: upgrade with "
                "it, or have it handed back or given up: amalgam program set-buffer-authority, close-buffers"
            )
        if buffer is not None:
            return [], self._differing(buffer.code, price), buffer.lamports
        size = loader.BUFFER_HEAD_BYTES + len(self._code)
        step = [
            *await self._allocation(self.buffer, self._seed, size, LOADER_ID, account),
            loader.initialize_buffer(self.buffer, self._owner),
        ]
        return [step], self._differing(bytes(len(self._code)), price), 0

    def _differing(self, written: bytes, price: int) -> list[int]:
        """Where the code differs from what is written."""
        size = self._chunk_bytes(price)
        return [
            offset
            for offset in range(0, len(self._code), size)
            if self._code[offset : offset + size] != written[offset : offset + size]
        ]

    async def _first(self) -> _Part:
        """The deployment of a program that is not on the cluster yet."""
        program_id, code_bytes = self._program_id, len(self._code)
        if self._program is None or self._program.pubkey() != program_id:
            other = f", not that of {self._program.pubkey()}" if self._program else ""
            raise DeployError(
                f"program {program_id} is not on this cluster yet, and its first deployment needs its "
                f"keypair{other}; give it with --program-keypair, or make {_NEW_ID}"
            )
        account = (await self._connection.get_account_info(program_id, Confirmed)).value
        rent = await self._rent(loader.PROGRAM_BYTES)
        step = [
            *self._funding(program_id, rent, account),
            allocate(AllocateParams(pubkey=program_id, space=loader.PROGRAM_BYTES)),
            assign(AssignParams(pubkey=program_id, owner=LOADER_ID)),
            loader.deploy(self._payer, program_id, self.buffer, self._owner, code_bytes),
        ]
        return _Part([step], deposit=rent + await self._rent(loader.PROGRAM_DATA_HEAD_BYTES + code_bytes))

    async def _extending(self, found: ProgramData) -> _Part:
        """Instructions that give a program the room that it lacks."""
        missing = len(self._code) - len(found.code)
        if missing <= 0:
            return _Part([])
        extension = max(missing, loader.MINIMUM_EXTENSION_BYTES)
        rent = await self._rent(loader.PROGRAM_DATA_HEAD_BYTES + len(found.code) + extension)
        step = await _extension(self._connection, self._program_id, extension, self._payer, self._owner)
        return _Part([[step]], deposit=max(0, rent - found.lamports))

    async def _next(self) -> _Part:
        """The upgrade of a program that has room for it."""
        upgrade = [loader.upgrade(self._program_id, self.buffer, self._payer, self._owner)]
        return _Part([upgrade], lent=await self._rent(loader.BUFFER_HEAD_BYTES + len(self._code)))

    async def _publication(self, found: ProgramData | None) -> Publication:
        """The work that publishes through Program Metadata, if the program is this authority's."""
        if found is not None and found.authority != self._owner:
            return Publication([])
        return await publication(self._connection, self._payer, self._program_id, self._owner, self._metadata)

    async def _allocation(
        self, address: Pubkey, seed: str, size: int, owner: Pubkey, account: Account | None
    ) -> list[Instruction]:
        """Instructions that make an account of the upgrade authority's and a seed."""
        params = AllocateWithSeedParams(address=address, base=self._owner, seed=seed, space=size, owner=owner)
        return [*self._funding(address, await self._rent(size), account), allocate_with_seed(params)]

    def _funding(self, address: Pubkey, rent: int, account: Account | None) -> list[Instruction]:
        """Instructions that pay what an account lacks of its rent: it may have lamports already."""
        missing = rent - (account.lamports if account else 0)
        params = TransferParams(from_pubkey=self._payer, to_pubkey=address, lamports=missing)
        return [transfer(params)] if missing > 0 else []

    async def _rent(self, size: int) -> int:
        return (await self._connection.get_minimum_balance_for_rent_exemption(size)).value

    async def _price(self, units: int) -> int:
        """Of a write of so many compute units: micro-lamports for each."""
        return await self._sender.price([loader.write(self.buffer, self._owner, 0, b"")], units)

    async def _check_balance(self, needed: int) -> None:
        balance = (await self._connection.get_balance(self._payer, Confirmed)).value
        if balance < needed:
            raise DeployError(
                f"{self._payer} has {sol(balance)} SOL, and {sol(needed)} are needed; add "
                f"{sol(needed - balance)}, or get back what broken-off deployments hold: "
                "amalgam program close-buffers"
            )

    # Doing

    async def carry_out(self, plan: Plan, landed: Callable[[], object] = lambda: None) -> None:
        """Do what was planned, and check that the cluster then has exactly this code.

        Calls `landed` with each transaction.
        """
        with _noted(self._whereabouts(plan, extended=False)):
            await self._send(plan.extending, landed)
        with _noted(self._whereabouts(plan)):
            await self._send(plan.before, landed)
            await self._fill(plan, landed)
            await self._send(plan.after, landed)
        if plan.kind in (Kind.DEPLOY, Kind.UPGRADE):
            await self._verify()
        await self._send(plan.metadata.steps, landed)

    def _whereabouts(self, plan: Plan, *, extended: bool = True) -> str:
        """Where the payer's lamports are if this ends before the program is deployed, and what to do."""
        if plan.code_loan is None or not (extended or plan.cost.paid):
            return "nothing has been paid into a buffer; to go on, run the same again"
        other = "" if self._owner == self._payer else " --upgrade-authority FILE"
        address, lamports = plan.code_loan
        return (
            f"buffer {address} holds up to {sol(lamports)} SOL; to go on, run the same again; "
            f"to get them back: amalgam program close-buffers{other}"
        )

    async def _send(self, steps: Sequence[Sequence[Instruction]], landed: Callable[[], object]) -> None:
        signers = [self._authority, *([self._program] if self._program else [])]
        for step in steps:
            await self._sender.send(step, *signers)
            landed()

    async def _fill(self, plan: Plan, landed: Callable[[], object]) -> None:
        """Write into the buffer until it has all of the code."""
        offsets, price = plan.offsets, plan.price
        size, units = self._chunk_bytes(price), 0
        if price and offsets:
            probe = self._write(0, b"", _MAX_WRITE_UNITS, price, Hash.default())
            units = int(await self._sender.simulated(probe) * UNITS_MARGIN)

        def sign(offset: int, blockhash: Hash) -> VersionedTransaction:
            message = self._write(offset, self._code[offset : offset + size], units, price, blockhash)
            return VersionedTransaction(message, self._signers)

        barren = 0
        while offsets:
            await send_all(self._connection, offsets, sign, landed)
            account = (await self._connection.get_account_info(self.buffer, Confirmed)).value
            buffer = loader.buffer_of(account)
            left = self._differing(buffer.code if buffer else b"", price)
            barren = barren + 1 if len(left) >= len(offsets) else 0
            if barren == _BARREN_ROUNDS:
                raise DeployError(
                    f"nothing lands of what is written to buffer {self.buffer}; "
                    "run the same again later, or try another --url"
                )
            offsets = left

    def _write(self, offset: int, chunk: bytes, units: int, price: int, blockhash: Hash) -> Message:
        budget = [set_compute_unit_limit(units), set_compute_unit_price(price)] if price else []
        write = loader.write(self.buffer, self._owner, offset, chunk)
        return Message.new_with_blockhash([*budget, write], self._payer, blockhash)

    def _chunk_bytes(self, price: int) -> int:
        """Of code, as many as a transaction has room for."""
        message = self._write(0, bytes(MAX_TRANSACTION_BYTES), 0, price, Hash.default())
        return 2 * MAX_TRANSACTION_BYTES - len(bytes(VersionedTransaction(message, self._signers)))

    async def _verify(self) -> None:
        for _ in range(_LOOKS):
            found = await loader.program_data(self._connection, self._program_id)
            if found is not None and found.holds(self._code) and found.authority == self._owner:
                return
            await asyncio.sleep(_PAUSE_S)
        raise DeployError(
            f"all has landed, but program {self._program_id} is not what was deployed; "
            "run the same again, and try another --url"
        )


@contextmanager
def _noted(note: str) -> Generator[None]:
    """Note something on what ends this early, be it an interruption."""
    try:
        yield
    except BaseException as error:
        error.add_note(note)
        raise


# What else a program's owner does


async def set_upgrade_authority(
    connection: AsyncClient,
    payer: Keypair,
    program_id: Pubkey,
    authority: Keypair,
    new: Keypair | Pubkey | None,
) -> Signature:
    """Hand a program over.

    Args:
        connection: Stays the caller's to close.
        payer: Pays the fee.
        program_id: The program.
        authority: Who may upgrade it now.
        new: Who may from then on: a keypair, which signs too, or a key, which does not; None is nobody ever.

    Raises as `check_owner` and `Sender.send`.
    """
    signers = [authority, *([new] if isinstance(new, Keypair) else [])]
    key = new.pubkey() if isinstance(new, Keypair) else new
    instructions = await handing_over(
        connection, program_id, authority.pubkey(), key, signs=isinstance(new, Keypair)
    )
    return await Sender(connection, payer).send(instructions, *signers)


async def handing_over(
    connection: AsyncClient, program_id: Pubkey, owner: Pubkey, new: Pubkey | None, *, signs: bool
) -> list[Instruction]:
    """Instructions that hand a program over. Raises as `check_owner`.

    The owner signs, and the new one, if it is said that it does. None is nobody ever.
    """
    await check_owner(connection, program_id, owner)
    if new is not None and signs:
        return [loader.set_authority_checked(program_id, owner, new)]
    return [loader.set_authority(program_id, owner, new)]


async def upgrading(
    connection: AsyncClient,
    program_id: Pubkey,
    buffer: Pubkey,
    code: bytes,
    *,
    owner: Pubkey,
    recipient: Pubkey,
) -> Instruction:
    """What puts a buffer's code in the place of a program's, signed by the owner of both.

    The recipient gets the buffer's lamports. Raises DeployError if it cannot be done, or would put anything
    else there than this code.
    """
    program = await check_owner(connection, program_id, owner)
    found = loader.buffer_of((await connection.get_account_info(buffer, Confirmed)).value)
    if found is None:
        raise DeployError(f"there is no buffer at {buffer}; make it: amalgam program write-buffer")
    if loader.code_hash(found.code) != loader.code_hash(code):
        raise DeployError(
            f"buffer {buffer} has other code than that, of SHA-256 {loader.code_hash(found.code)}; "
            "name the file that it was written from"
        )
    if found.authority != owner:
        raise DeployError(
            f"buffer {buffer} belongs to {found.authority or 'nobody'}, not to {owner}; "
            "hand it over first: amalgam program set-buffer-authority"
        )
    missing = len(found.code) - len(program.code)
    if missing > 0:
        raise DeployError(
            f"program {program_id} has too little room; first: amalgam program extend {missing}"
        )
    return loader.upgrade(program_id, buffer, recipient, owner)


async def extending(
    connection: AsyncClient, program_id: Pubkey, code_bytes: int, *, payer: Pubkey, owner: Pubkey
) -> Instruction:
    """What gives a program room for so many more bytes of code; its owner signs where the cluster wants that.

    Raises DeployError if there is no such program.
    """
    await check_owner(connection, program_id, owner)
    extension = max(code_bytes, loader.MINIMUM_EXTENSION_BYTES)
    return await _extension(connection, program_id, extension, payer, owner)


async def _extension(
    connection: AsyncClient, program_id: Pubkey, code_bytes: int, payer: Pubkey, owner: Pubkey
) -> Instruction:
    if await is_active(connection, EXTEND_CHECKED):
        return loader.extend_checked(program_id, payer, owner, code_bytes)
    return loader.extend(program_id, payer, code_bytes)


async def check_owner(connection: AsyncClient, program_id: Pubkey, owner: Pubkey) -> ProgramData:
    """A program that is the owner's to upgrade. Raises DeployError if it is not, or there is none."""
    try:
        found = await loader.program_data(connection, program_id)
    except NotFoundError as error:
        raise DeployError(f"{error}; check --url") from None
    if found is None:
        raise DeployError(f"there is no program {program_id} on this cluster; check --url")
    if found.authority != owner:
        raise DeployError(
            f"program {program_id} belongs to {found.authority or 'nobody'}, not to {owner}; "
            "give its upgrade authority's keypair with --upgrade-authority"
        )
    return found


async def buffers(connection: AsyncClient, authority: Pubkey) -> dict[Pubkey, int]:
    """The buffers of an authority's that no program was deployed from, and the lamports each holds."""
    found = await connection.get_program_accounts(
        LOADER_ID,
        Confirmed,
        "base64",
        DataSliceOpts(offset=0, length=0),
        [MemcmpOpts(offset=0, bytes=b58encode(loader.buffer_head(authority)).decode())],
    )
    return {each.pubkey: each.account.lamports for each in found.value}


async def close_buffers(
    connection: AsyncClient, payer: Keypair, authority: Keypair, addresses: Sequence[Pubkey]
) -> None:
    """Give up buffers of an authority's: the payer gets their lamports. Raises as `Sender.send`."""
    sender = Sender(connection, payer)
    for instructions in closing(addresses, authority.pubkey(), payer.pubkey()):
        await sender.send(instructions, authority)


def closing(addresses: Sequence[Pubkey], owner: Pubkey, recipient: Pubkey) -> list[list[Instruction]]:
    """Instructions that give up buffers of an owner's, by transactions: the recipient gets the lamports."""
    starts = range(0, len(addresses), _CLOSED_AT_ONCE)
    return [
        [loader.close_buffer(each, recipient, owner) for each in addresses[start : start + _CLOSED_AT_ONCE]]
        for start in starts
    ]
