"""`amalgam wallet ...`: a keypair, and SOL to try things out, for whoever has none yet."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from amalgam.cli.failures import Failure
from amalgam.cli.options import EXIT_CODES, MintAddress, Pubkey, address_argument
from amalgam.cli.output import facts
from amalgam.cli.session import Session, reading, sending
from amalgam.units import ENERGY

app = typer.Typer(help="Make a keypair, show its SOL, and get some to try things out.", epilog=EXIT_CODES)
_LAMPORTS_PER_SOL = 10**9
_RENTED = "member, order, commitment or meter"
_Account = Annotated[Pubkey, address_argument("ACCOUNT", f"Of a {_RENTED}.")]
_Sol = Annotated[float, typer.Argument(metavar="SOL", min=1e-9, max=1e9, help="How many.")]


@app.command(epilog=EXIT_CODES)
@reading
async def new(session: Session) -> None:
    """Make a keypair, in the file of --keypair. What is there is never overwritten.

    Whoever has the file has all that is its address's: keep a copy of it,
    and show it to nobody.

    Examples
      amalgam wallet new
      amalgam wallet new --keypair owner.json
    """
    from solders.keypair import Keypair

    from amalgam.chain.keys import write_keypair

    keypair, path = Keypair(), session.keypair_file.expanduser()
    write_keypair(path, keypair)
    address = str(keypair.pubkey())
    session.answer(
        {"address": address, "file": str(path)}, facts([("Address", address), ("File", str(path))])
    )


@app.command(epilog=EXIT_CODES)
@reading
async def show(session: Session) -> None:
    """Show the keypair's address, which is for everybody to know, and its SOL.

    Example
      amalgam wallet show --url devnet
    """
    await _show(session)


@app.command(epilog=EXIT_CODES)
@reading
async def airdrop(session: Session, amount: _Sol) -> None:
    """Get SOL for nothing, on a cluster that gives any: a localnet, and now and then devnet.

    Example
      amalgam wallet airdrop 10 --url localnet
    """
    from solana.rpc.core import UnconfirmedTxError

    asked = await session.connection.request_airdrop(session.address, round(amount * _LAMPORTS_PER_SOL))
    try:
        await session.connection.confirm_transaction(asked.value)
    except UnconfirmedTxError:
        raise Failure(f"airdrop {asked.value} is not confirmed yet; look: amalgam wallet show", 5) from None
    await _show(session)


@app.command("open", epilog=EXIT_CODES)
@sending
async def open_(session: Session, mint: MintAddress) -> None:
    """Open the keypair's token account of a mint, to be paid to.

    Who is paid in an auction, for an offer, by a dispatch or by a meter keeps one:
    nobody else pays its rent. Trading and committing open it by themselves; if it
    is there already, nothing changes.

    Examples
      amalgam wallet open $MINT
      amalgam wallet open $MINT --keypair neighbour.json
    """
    await session.check_mint(mint)
    account, creation = session.destination(mint)
    receipt = await session.send(f"open {account} for {session.address}", creation, ENERGY)
    session.report(receipt, ENERGY, f"{account} is open", token_account=str(account))


@app.command(epilog=EXIT_CODES)
@sending
async def return_rent(session: Session, account: _Account) -> None:
    """Get back what an account holds beyond the rent that the cluster asks for today.

    Of a member, order or commitment its owner gets it, of a meter the issuer's
    authority. The account stays, and so does what it counts.

    Examples
      amalgam wallet return-rent $COMMITMENT --dry-run
      amalgam wallet return-rent $COMMITMENT
    """
    from amalgam import programs
    from amalgam.chain.deployment import sol

    found = (await session.connection.get_account_info(account)).value
    record = programs.decoded(found) if found else None
    nothing = f"no {_RENTED} at {account}"
    if found is None or record is None:
        raise session.not_found(nothing, "check the address and --url")
    least = (await session.connection.get_minimum_balance_for_rent_exemption(len(found.data))).value
    excess = max(0, found.lamports - least)
    domain = import_module(f"amalgam.cli.{programs.of_record(record).package}.find")
    instruction = domain.return_rent(record, account, session.address, excess)
    if instruction is None:
        raise session.not_found(nothing, f"it is a {programs.kind_of(record)}")
    if not excess:
        value = {"lamports": 0, "rent": least}
        session.answer(value, f"It holds the rent that {session.cluster} asks for, and no more")
        return
    receipt = await session.send(f"return {excess} lamports of {account}", [instruction], ENERGY)
    session.report(receipt, ENERGY, f"{sol(excess)} SOL of {account} are yours again", lamports=excess)


async def _show(session: Session) -> None:
    from amalgam.chain.deployment import sol

    lamports = (await session.connection.get_balance(session.address)).value
    value = {"address": str(session.address), "lamports": lamports}
    session.answer(value, facts([("Address", str(session.address)), ("SOL", sol(lamports))]))
