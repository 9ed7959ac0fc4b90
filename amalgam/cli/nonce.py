"""`amalgam nonce ...`: accounts whose value stands in for a blockhash, so that signing has time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from amalgam.cli.options import EXIT_CODES, Pubkey, address_argument, address_option
from amalgam.cli.output import facts
from amalgam.cli.session import Session, reading, sending
from amalgam.units import ENERGY

if TYPE_CHECKING:
    from amalgam.chain.nonce import Nonce

app = typer.Typer(
    help="Accounts with which signatures stay good until they are used, for weeks if need be.",
    epilog=EXIT_CODES,
)
_Address = Annotated[Pubkey, address_argument("NONCE", "The nonce account's address.")]
_Authority = Annotated[
    Pubkey | None,
    address_argument("[AUTHORITY]", "Who may use it, and take its SOL. Default: who signs."),
]
_To = Annotated[Pubkey | None, address_option("--to", "Who gets the SOL. Default: who signs.")]


@app.command(epilog=EXIT_CODES)
@sending
async def create(session: Session, authority: _Authority = None) -> None:
    """Create a nonce account. Each transaction that waits for signatures needs one of its own.

    Examples
      amalgam nonce create --url devnet
      amalgam nonce create $PROPOSER
    """
    from solders.keypair import Keypair
    from solders.transaction import VersionedTransaction

    from amalgam.chain.nonce import NONCE_BYTES, create

    authority = authority or session.address
    payer, key = session.payer.pubkey(), Keypair()
    rent = (await session.connection.get_minimum_balance_for_rent_exemption(NONCE_BYTES)).value
    instructions = create(payer, key.pubkey(), authority, rent)
    receipt = await session.send(f"create a nonce account of {authority}", instructions, ENERGY, key)
    address = key.pubkey()
    if receipt and receipt.resumed:
        _payer, address, *_ = VersionedTransaction.from_bytes(receipt.resumed).message.account_keys
    session.report(receipt, ENERGY, f"created nonce account {address}", nonce=str(address))


@app.command(epilog=EXIT_CODES)
@reading
async def show(session: Session, address: _Address) -> None:
    """Show a nonce account: its value is the --blockhash of what is signed with it.

    Examples
      amalgam nonce show $NONCE
      amalgam nonce show $NONCE --output json | jq -r .value
    """
    from amalgam.chain.deployment import sol

    found = await _found(session, address)
    value = {
        "address": str(address),
        "authority": str(found.authority),
        "value": str(found.value),
        "lamports": found.lamports,
    }
    lines = [
        ("Nonce account", str(address)),
        ("Authority", str(found.authority)),
        ("Value", str(found.value)),
        ("SOL", sol(found.lamports)),
    ]
    session.answer(value, facts(lines))


@app.command(epilog=EXIT_CODES)
@sending
async def withdraw(session: Session, address: _Address, to: _To = None) -> None:
    """Close a nonce account, and get its SOL back.

    What was signed with it, and has not landed, never will.

    Example
      amalgam nonce withdraw $NONCE
    """
    from amalgam.chain.deployment import sol
    from amalgam.chain.nonce import withdraw

    recipient = to or session.address
    found = await _found(session, address)
    instruction = withdraw(address, session.address, recipient, found.lamports)
    receipt = await session.send(f"close nonce account {address}", [instruction], ENERGY)
    session.report(receipt, ENERGY, f"closed; {recipient} has its {sol(found.lamports)} SOL")


async def _found(session: Session, address: Pubkey) -> Nonce:
    from amalgam.chain.nonce import find_nonce

    with session.finding(f"no nonce account at {address}"):
        return await find_nonce(session.connection, address)
