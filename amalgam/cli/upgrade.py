"""`amalgam program write-buffer`, `set-buffer-authority`, `extend`, `upgrade`: an upgrade by several people.

Who has SOL writes the code into a buffer and hands it over, and the upgrade itself is one transaction, which
can be signed elsewhere.
"""

from __future__ import annotations

from typing import Annotated

import typer

from amalgam.cli.options import EXIT_CODES, Pubkey, address_argument, address_option
from amalgam.cli.output import progress
from amalgam.cli.program import (
    ProgramFile,
    ProgramOption,
    UpgradeAuthority,
    Yes,
    authority_of,
    carried_out,
    checked_code,
    confirm,
    show_plan,
)
from amalgam.cli.session import Session, sending
from amalgam.programs import Program
from amalgam.units import ENERGY

_Buffer = Annotated[Pubkey, address_argument("BUFFER", "The buffer's address.")]
_Heir = Annotated[Pubkey, address_argument("AUTHORITY", "Who is to have it, like a multisig.")]
_BufferAuthority = Annotated[
    Pubkey | None, address_option("--buffer-authority", "Who is to have it then. Default: who signs.")
]


def add_to(app: typer.Typer) -> None:
    """Give a group these commands."""
    for command in (write_buffer, set_buffer_authority, extend, upgrade):
        app.command(epilog=EXIT_CODES)(sending(command))


async def write_buffer(
    session: Session,
    file: ProgramFile = None,
    buffer_authority: _BufferAuthority = None,
    program: ProgramOption = Program.ENERGY_ALLOCATION,
    yes: Yes = False,
) -> None:
    """Write a program into a buffer, for who upgrades it elsewhere.

    Says what it costs, and asks first. If it is broken off, the same command goes
    on where it was. The upgrade gives the SOL in the buffer back.

    Examples
      amalgam program write-buffer --buffer-authority $MULTISIG --url devnet
      amalgam program verify --buffer $BUFFER --url devnet
    """
    from amalgam.chain.deployment import Deployment

    path, code, program_id, sbf, _ = await checked_code(session, file, program)
    owner = session.here(session.signer)
    heir = buffer_authority or owner.pubkey()
    deployment = Deployment(
        session.connection, session.here(session.payer), code, program_id=program_id, authority=owner
    )
    plan = await deployment.plan_buffer(heir)
    show_plan(session, plan, path, code, program_id, sbf)
    if session.dry_run:
        return
    if plan.transactions:
        confirm(yes, "Go on?")
        with progress("Writing") as begin:
            await carried_out(session, deployment, plan, begin(plan.transactions))
    session.say(f"buffer {deployment.buffer} has all of {path}, and belongs to {heir}")


async def set_buffer_authority(
    session: Session, buffer: _Buffer, authority: _Heir, upgrade_authority: UpgradeAuthority = None
) -> None:
    """Hand a buffer to who upgrades a program with it, or gives it up.

    Example
      amalgam program set-buffer-authority $BUFFER $MULTISIG
    """
    from amalgam.chain.loader import set_buffer_authority

    owner = authority_of(session, upgrade_authority)
    instruction = set_buffer_authority(buffer, owner.pubkey(), authority)
    receipt = await session.send(f"hand buffer {buffer} to {authority}", [instruction], ENERGY, owner)
    session.report(receipt, ENERGY, f"buffer {buffer} belongs to {authority}")


async def extend(
    session: Session,
    code_bytes: Annotated[int, typer.Argument(metavar="BYTES", min=1, help="How many more.")],
    upgrade_authority: UpgradeAuthority = None,
    program: ProgramOption = Program.ENERGY_ALLOCATION,
) -> None:
    """Give a program room for more code, at the fee payer's expense.

    `amalgam program upgrade` says how much it lacks. The least is 10,240 bytes.

    Example
      amalgam program extend 20000 --upgrade-authority $MULTISIG --dump-transaction-message
    """
    from amalgam.chain.deployment import extending

    owner, program_id = authority_of(session, upgrade_authority), program.program_id
    instruction = await extending(
        session.connection, program_id, code_bytes, payer=session.payer.pubkey(), owner=owner.pubkey()
    )
    receipt = await session.send(
        f"extend program {program_id} by {code_bytes} bytes", [instruction], ENERGY, owner
    )
    session.report(receipt, ENERGY, f"program {program_id} has room for {code_bytes:,} bytes more")


async def upgrade(
    session: Session,
    buffer: _Buffer,
    file: ProgramFile = None,
    upgrade_authority: UpgradeAuthority = None,
    program: ProgramOption = Program.ENERGY_ALLOCATION,
) -> None:
    """Upgrade a program with a buffer, in one transaction, which may be signed elsewhere.

    The buffer has to hold exactly the file's code, and to be the upgrade
    authority's. The fee payer gets the SOL in it.

    Examples
      amalgam program upgrade $BUFFER
      amalgam program upgrade $BUFFER --upgrade-authority $MULTISIG --nonce $NONCE --dump-transaction-message
    """
    from amalgam.chain.deployment import upgrading

    path, code, program_id, _, _ = await checked_code(session, file, program)
    owner = authority_of(session, upgrade_authority)
    instruction = await upgrading(
        session.connection,
        program_id,
        buffer,
        code,
        owner=owner.pubkey(),
        recipient=session.payer.pubkey(),
    )
    purpose = f"upgrade program {program_id} with buffer {buffer}"
    receipt = await session.send(purpose, [instruction], ENERGY, owner)
    session.report(receipt, ENERGY, f"program {program_id} is upgraded to {path}")
