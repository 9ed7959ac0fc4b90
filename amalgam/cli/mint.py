"""`amalgam mint ...`: tokens for a community that has none yet."""

from __future__ import annotations

from dataclasses import replace

import typer

from amalgam.cli.options import EXIT_CODES, AmountArgument, MintAddress, OwnOrOwnerAddress
from amalgam.cli.session import Session, sending
from amalgam.units import ENERGY

app = typer.Typer(help="Create tokens for a community that has none yet, and issue them.", epilog=EXIT_CODES)
_DECIMALS = 3
_TOKENS = replace(ENERGY, noun="tokens", base_unit="thousandths of a token", unit="tokens")  # of any resource


@app.command(epilog=EXIT_CODES)
@sending
async def create(session: Session) -> None:
    """Create a mint of 3 decimals: a token is 1 kWh, 1 m3 or 1 t.

    Who signs may issue its tokens. Nobody can freeze them.

    Example
      amalgam mint create --url devnet
    """
    from solders.keypair import Keypair
    from solders.system_program import CreateAccountParams, create_account
    from solders.transaction import VersionedTransaction
    from spl.token.constants import MINT_LEN, TOKEN_PROGRAM_ID
    from spl.token.instructions import InitializeMintParams, initialize_mint

    payer, key = session.payer.pubkey(), Keypair()
    mint = key.pubkey()
    rent = (await session.connection.get_minimum_balance_for_rent_exemption(MINT_LEN)).value
    account = CreateAccountParams(
        from_pubkey=payer, to_pubkey=mint, lamports=rent, space=MINT_LEN, owner=TOKEN_PROGRAM_ID
    )
    instructions = [
        create_account(account),
        initialize_mint(InitializeMintParams(_DECIMALS, TOKEN_PROGRAM_ID, mint, session.address)),
    ]
    receipt = await session.send(f"create a mint for {session.address}", instructions, _TOKENS, key)
    if receipt and receipt.resumed:
        _payer, mint, *_ = VersionedTransaction.from_bytes(receipt.resumed.wire).message.account_keys
    session.report(receipt, _TOKENS, f"created mint {mint}", mint=str(mint))


@app.command(epilog=EXIT_CODES)
@sending
async def issue(
    session: Session, mint: MintAddress, amount: AmountArgument, owner: OwnOrOwnerAddress = None
) -> None:
    """Issue tokens to someone's associated token account, which is made if missing.

    Examples
      amalgam mint issue $MINT 10kWh
      amalgam mint issue $MINT 10kWh $OWNER
    """
    from spl.token.constants import TOKEN_PROGRAM_ID
    from spl.token.instructions import (
        MintToCheckedParams,
        create_idempotent_associated_token_account,
        get_associated_token_address,
        mint_to_checked,
    )

    owner = owner or session.address
    tokens = get_associated_token_address(owner, mint)
    await session.check_mint(mint)
    params = MintToCheckedParams(
        program_id=TOKEN_PROGRAM_ID,
        mint=mint,
        dest=tokens,
        mint_authority=session.address,
        amount=amount.base_units,
        decimals=_DECIMALS,
    )
    instructions = [
        create_idempotent_associated_token_account(session.payer.pubkey(), owner, mint),
        mint_to_checked(params),
    ]
    issued = f"{amount.measure.text(amount.base_units)} to {owner}"
    receipt = await session.send(f"issue {issued} from {mint}", instructions, amount.measure)
    session.report(receipt, amount.measure, f"issued {issued}, in {tokens}", token_account=str(tokens))
