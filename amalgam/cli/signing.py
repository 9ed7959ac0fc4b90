"""`amalgam sign` and `amalgam submit`: a transaction that goes from hand to hand, and then to a cluster."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amalgam import programs
from amalgam.cli import output
from amalgam.cli.history import subject_of
from amalgam.cli.options import EXIT_CODES, Signatures, UnusableInput
from amalgam.cli.program import Yes, confirm
from amalgam.cli.session import Session, offline, paying
from amalgam.units import ENERGY, Measure

if TYPE_CHECKING:
    from solders.message import Message
    from solders.pubkey import Pubkey

    from amalgam.chain.signing import Signed

PANEL = "Signing elsewhere"
app = typer.Typer()
_Message = Annotated[
    str,
    typer.Argument(
        metavar="MESSAGE",
        help="What --dump-transaction-message, or amalgam sign elsewhere, has printed: its file, - for "
        "stdin, or the base64 itself.",
        show_default=False,
    ),
]


@app.command(epilog=EXIT_CODES, rich_help_panel=PANEL)
@offline
async def sign(session: Session, message: _Message, yes: Yes = False) -> None:
    """Say what a transaction does, ask, and sign it. No connection is opened.

    What it prints, the next to sign takes, and the last sends it with
    `amalgam submit`.

    Examples
      amalgam battery pause $BATTERY -k $AUTHORITY --fee-payer $PAYER --dump-transaction-message > message
      amalgam sign message --keypair authority.json > signed
      amalgam submit signed --keypair payer.json
    """
    from solders.keypair import Keypair

    from amalgam.chain.signing import signed, signers_of

    found = _passed_on(message)
    output.show(output.facts(_described(found.message)), err=True)
    key = session.signer
    if not isinstance(key, Keypair):
        raise UnusableInput(f"{key.pubkey()} is an address; give the file of its keypair with --keypair")
    if key.pubkey() not in signers_of(found.message):
        raise UnusableInput(
            f"{key.pubkey()} does not sign this; {_and(signers_of(found.message))} must: give --keypair"
        )
    confirm(yes, f"Sign as {key.pubkey()}?")
    session.pass_on(signed(found.message, [key], found.signatures), whole=True)


@app.command(epilog=EXIT_CODES, rich_help_panel=PANEL)
@paying
async def submit(session: Session, message: _Message, signatures: Signatures = None) -> None:
    """Send a transaction that was signed elsewhere, and wait for what comes of it.

    Whoever must sign and has not yet, signs now, if --keypair or --fee-payer is
    theirs. The very same may be sent again, from anywhere: it is done once.

    Examples
      amalgam submit signed --keypair payer.json
      amalgam submit message --signer $AUTHORITY=$SIGNATURE --keypair payer.json
    """
    from amalgam.chain.events import ledger_of
    from amalgam.chain.explained import acts, purpose
    from amalgam.chain.signing import signed

    found = _passed_on(message)
    given = {**found.signatures, **dict(signatures or ())}
    whole = signed(found.message, [], given)
    if session.dry_run:
        measure = await _measure(session, found.message.account_keys)
        await session.show_preview(acts(found.message), measure, found.message.account_keys[0])
        return
    if whole.absent:
        whole = signed(found.message, [session.payer, session.signer], given)
    receipt = await session.submit(whole, purpose(found.message))
    measure = await _measure(session, [ledger_of(each.event) for each in receipt.landed])
    session.report(receipt, measure)


def _passed_on(text: str) -> Signed:
    """What is in a file, or on stdin, or the text itself."""
    from amalgam.chain.signing import passed_on

    if text == "-":
        return passed_on(sys.stdin.read())
    with suppress(OSError, UnicodeDecodeError):  # too long a name for a file, or none
        return passed_on(Path(text).expanduser().read_text("utf-8"))
    return passed_on(text)


def _described(message: Message) -> list[tuple[str, str]]:
    """What a message does, and how long it is good, for people."""
    from amalgam.chain.explained import steps
    from amalgam.chain.nonce import advanced_by
    from amalgam.chain.signing import signers_of

    durable = advanced_by(message)
    good = f"nonce account {durable} is used" if durable else "its blockhash expires, in about a minute"
    lines = [
        ("Fee payer", str(message.account_keys[0])),
        ("Must sign", _and(signers_of(message))),
        ("Good until", good),
    ]
    for number, step in enumerate(steps(message), 1):
        lines += [("", ""), (f"{number}.", f"{step.program}: {step.name}")]
        lines += [(f"   {name}", _written(value)) for name, value in (*step.arguments, *step.accounts)]
    return lines


def _written(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _and(addresses: Iterable[Pubkey]) -> str:
    return " and ".join(map(str, addresses))


async def _measure(session: Session, addresses: Iterable[Pubkey]) -> Measure:
    """The words and units of the first account that has any."""
    for address in addresses:
        account = (await session.connection.get_account_info(address)).value
        record = programs.decoded(account) if account else None
        subject = await subject_of(session, address, record)
        if subject is not None:
            return subject.measure
    return ENERGY
