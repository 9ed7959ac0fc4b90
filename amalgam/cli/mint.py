"""`amalgam mint ...`: tokens for a community that has none yet."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

import typer

from amalgam.cli.options import EXIT_CODES, MintAddress, OwnOrOwnerAddress, parsed
from amalgam.cli.session import Session, sending, units_of
from amalgam.units import Amount, Measure, Tokens, Traded, amount_or_tokens, counted

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
_Decimals = Annotated[
    int, typer.Option(min=0, max=9, help="How finely a token is divided; 3 for energy, water and waste.")
]


@app.command(epilog=EXIT_CODES)
@sending
async def create(session: Session, decimals: _Decimals = _DECIMALS) -> None:
    """Create a mint. With 3 decimals a token is 1 kWh, 1 m3 or 1 t; tokens to pay with can have others.

    Who signs may issue its tokens. Nobody can freeze them.

    Examples
      amalgam mint create --url devnet
      amalgam mint create --decimals 6
    """
    from solders.keypair import Keypair
    from solders.transaction import VersionedTransaction

    from amalgam.chain.tokens import new_mint

    payer, key = session.payer.pubkey(), Keypair()
    mint, tokens = key.pubkey(), Tokens.with_decimals(decimals)
    instructions = await new_mint(
        session.connection, payer, mint, authority=session.address, decimals=decimals
    )
    purpose = f"create a mint of {counted(decimals, 'decimal')} for {session.address}"
    receipt = await session.send(purpose, instructions, tokens, key)
    if receipt and receipt.resumed:
        _payer, mint, *_ = VersionedTransaction.from_bytes(receipt.resumed).message.account_keys
    session.report(receipt, tokens, f"created mint {mint}", mint=str(mint))


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
    """The resource of an amount, and its base units."""
    if isinstance(amount, Amount):
        return amount.measure, amount.base_units
    return Tokens.with_decimals(decimals), units_of(amount, Traded.with_decimals(decimals), "AMOUNT")
