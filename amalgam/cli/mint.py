"""`amalgam mint ...`: tokens for a community that has none yet."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import typer

from amalgam.cli.options import EXIT_CODES, MintAddress, OwnOrOwnerAddress, parsed
from amalgam.cli.session import Session, sending
from amalgam.units import Amount, Measure, Tokens, amount_or_tokens

app = typer.Typer(help="Create tokens for a community that has none yet, and issue them.", epilog=EXIT_CODES)
_DECIMALS = 3
_AmountOrTokens = Annotated[
    Any,  # an Amount or a Decimal, which Typer cannot tell apart
    typer.Argument(
        metavar="AMOUNT",
        parser=parsed(amount_or_tokens, "AMOUNT"),
        help="Like 3.5kWh, 0.2m3 or 40kg; or 100, whole tokens.",
        show_default=False,
    ),
]
_TOKENS = Tokens.with_decimals(_DECIMALS)  # of any resource


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
    session: Session, mint: MintAddress, amount: _AmountOrTokens, owner: OwnOrOwnerAddress = None
) -> None:
    """Issue tokens to someone's associated token account.

    If there is no such account, it is created at the fee payer's expense. A number
    without a unit counts whole tokens, as of a mint to pay with.

    Examples
      amalgam mint issue $MINT 10kWh
      amalgam mint issue $MINT 10kWh $OWNER
      amalgam mint issue $PAYMENT_MINT 100
    """
    from spl.token.constants import TOKEN_PROGRAM_ID
    from spl.token.instructions import MintToCheckedParams, mint_to_checked

    from amalgam.chain.tokens import open_token_account

    owner = owner or session.address
    decimals = await session.decimals(mint)
    measure, base_units = _measured(amount, decimals)
    tokens, creation = open_token_account(session.payer.pubkey(), owner, mint)
    params = MintToCheckedParams(
        program_id=TOKEN_PROGRAM_ID,
        mint=mint,
        dest=tokens,
        mint_authority=session.address,
        amount=base_units,
        decimals=_DECIMALS if isinstance(amount, Amount) else decimals,
    )
    issued = f"{measure.text(base_units)} to {owner}"
    instructions = [creation, mint_to_checked(params)]
    receipt = await session.send(f"issue {issued} from {mint}", instructions, measure)
    session.report(receipt, measure, f"issued {issued}, in {tokens}", token_account=str(tokens))


def _measured(amount: Amount | Decimal, decimals: int) -> tuple[Measure, int]:
    """What an amount counts, and its base units."""
    if isinstance(amount, Amount):
        return amount.measure, amount.base_units
    measure = Tokens.with_decimals(decimals)
    try:
        return measure, measure.base_units_of(amount)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="AMOUNT") from None
