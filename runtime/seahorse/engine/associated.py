"""The Associated Token program: an owner's token account at the address that their key and the mint give."""

from __future__ import annotations

from seahorse.engine.errors import custom, fail
from seahorse.engine.machine import SYSTEM_PROGRAM, Frame, Info, Meta
from seahorse.engine.system import allocation, assignment, creation, payment
from seahorse.engine.token import TOKEN_PROGRAM
from seahorse.keys import find
from seahorse.rust import unsupported
from seahorse.tokens import AccountState, InvalidStateError

ASSOCIATED_TOKEN_PROGRAM = bytes.fromhex("8c97258f4e2489f1bb3d1029148e0d830b5a1399daff1084048e7bd8dbe9f859")

_INVALID_OWNER = 0
_NAMES = {b"": "Create", b"\0": "Create", b"\1": "CreateIdempotent", b"\2": "RecoverNested"}
_DATA_SIZE, _IMMUTABLE_OWNER, _INITIALIZE = b"\x15\x07\x00", b"\x16", b"\x12"


class AssociatedToken:
    """The Associated Token program."""

    counted = True

    def process(self, frame: Frame) -> None:
        """Create an account, or with CreateIdempotent be content that it is there."""
        name = _NAMES.get(frame.data)
        if name is None:
            fail("InvalidInstructionData")
        frame.log(name)
        if name == "RecoverNested":
            unsupported("the Associated Token program's instruction RecoverNested beside a Python program")
        funder, account, wallet, mint, _, program = (frame.info(place) for place in range(6))
        if program.key != TOKEN_PROGRAM:
            unsupported("an associated account of another program than SPL Token beside a Python program")
        seeds = wallet.key, program.key, mint.key
        address, bump = find(seeds, frame.program)
        if account.key != address:
            frame.log("Error: Associated address does not match seed derivation")
            fail("InvalidSeeds")
        if name == "CreateIdempotent" and _is_there(frame, account, wallet, mint):
            return
        if account.state.owner != SYSTEM_PROGRAM:
            fail("IllegalOwner")
        _create(frame, funder, account, wallet, mint, (*seeds, bytes([bump])))


def _is_there(frame: Frame, account: Info, wallet: Info, mint: Info) -> bool:
    if account.state.owner != TOKEN_PROGRAM:
        return False
    try:
        state = AccountState.unpack(account.state.data)
    except InvalidStateError:
        return False
    if state.owner != wallet.key:
        frame.log("Associated token account owner does not match address derivation")
        raise custom(_INVALID_OWNER)
    if state.mint != mint.key:
        fail("InvalidAccountData")
    return True


def _create(
    frame: Frame, funder: Info, account: Info, wallet: Info, mint: Info, seeds: tuple[bytes, ...]
) -> None:
    frame.call(TOKEN_PROGRAM, (Meta(mint.key, False, False),), _DATA_SIZE)
    _, returned = frame.machine.return_data or (b"", b"")
    size = int.from_bytes(returned, "little")
    own = (Meta(account.key, True, True),)
    needed = max(frame.machine.rent(size), 1)
    present = account.state.lamports
    if present == 0:
        metas = (Meta(funder.key, True, True), *own)
        frame.call(SYSTEM_PROGRAM, metas, creation(needed, size, TOKEN_PROGRAM), (seeds,))
    else:
        if needed > present:
            metas = (Meta(funder.key, True, True), Meta(account.key, False, True))
            frame.call(SYSTEM_PROGRAM, metas, payment(needed - present))
        frame.call(SYSTEM_PROGRAM, own, allocation(size), (seeds,))
        frame.call(SYSTEM_PROGRAM, own, assignment(TOKEN_PROGRAM), (seeds,))
    frame.log("Initialize the associated token account")
    written = Meta(account.key, False, True)
    frame.call(TOKEN_PROGRAM, (written,), _IMMUTABLE_OWNER)
    frame.call(TOKEN_PROGRAM, (written, Meta(mint.key, False, False)), _INITIALIZE + wallet.key)
