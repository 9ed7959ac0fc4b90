"""Token accounts: the associated one that each owner has for a mint, or lacks."""

from collections.abc import Iterable

from solana.rpc.async_api import AsyncClient
from solders.instruction import Instruction
from solders.pubkey import Pubkey
from solders.system_program import CreateAccountParams, create_account
from solders.token.state import Mint
from spl.token.constants import MINT_LEN, TOKEN_PROGRAM_ID
from spl.token.instructions import (
    InitializeMintParams,
    create_idempotent_associated_token_account,
    get_associated_token_address,
    initialize_mint,
)

from amalgam import AmalgamError, NotFoundError

_ACCOUNTS_AT_ONCE = 100  # that a node tells in one answer


class MissingTokenAccountError(AmalgamError):
    """An owner has no token account to be paid to, and only they can say that they want one."""


async def new_mint(
    connection: AsyncClient, payer: Pubkey, mint: Pubkey, *, authority: Pubkey, decimals: int
) -> list[Instruction]:
    """Instructions that create a mint, which nobody can freeze; payer and mint sign."""
    rent = (await connection.get_minimum_balance_for_rent_exemption(MINT_LEN)).value
    account = CreateAccountParams(
        from_pubkey=payer, to_pubkey=mint, lamports=rent, space=MINT_LEN, owner=TOKEN_PROGRAM_ID
    )
    return [
        create_account(account),
        initialize_mint(InitializeMintParams(decimals, TOKEN_PROGRAM_ID, mint, authority)),
    ]


def open_token_account(payer: Pubkey, owner: Pubkey, mint: Pubkey) -> tuple[Pubkey, Instruction]:
    """The owner's associated token account, and what creates it unless it is there, at the payer's expense.

    Its rent goes to whoever closes it, which its owner can do: create only what its payer owns, or was
    asked to.
    """
    create = create_idempotent_associated_token_account(payer, owner, mint)
    return get_associated_token_address(owner, mint), create


async def missing_token_accounts(
    connection: AsyncClient, wanted: Iterable[tuple[Pubkey, Pubkey]]
) -> set[tuple[Pubkey, Pubkey]]:
    """The owners and mints, of those wanted, of associated token accounts that there are not.

    Lamports that anybody sent to the address make no token account.
    """
    pairs = list(dict.fromkeys(wanted))
    missing: set[tuple[Pubkey, Pubkey]] = set()
    for start in range(0, len(pairs), _ACCOUNTS_AT_ONCE):
        asked = pairs[start : start + _ACCOUNTS_AT_ONCE]
        addresses = [get_associated_token_address(*pair) for pair in asked]
        found = (await connection.get_multiple_accounts(addresses)).value
        missing |= {
            pair
            for pair, account in zip(asked, found, strict=True)
            if account is None or account.owner != TOKEN_PROGRAM_ID
        }
    return missing


async def openings(
    connection: AsyncClient, payer: Pubkey, owner: Pubkey, mints: Iterable[Pubkey]
) -> list[Instruction]:
    """Instructions that create the owner's missing associated token accounts, at the payer's expense."""
    wanted = [(owner, mint) for mint in mints]
    missing = await missing_token_accounts(connection, wanted)
    return [open_token_account(payer, *pair)[1] for pair in wanted if pair in missing]


async def payee(connection: AsyncClient, owner: Pubkey, mint: Pubkey) -> Pubkey:
    """The associated token account of somebody else. Raises MissingTokenAccountError: only they create it."""
    if await missing_token_accounts(connection, [(owner, mint)]):
        raise MissingTokenAccountError(without_token_account(owner, mint))
    return get_associated_token_address(owner, mint)


async def decimals(connection: AsyncClient, mint: Pubkey) -> int:
    """Of a mint's tokens. Raises NotFoundError if there is no mint at an address."""
    found = (await connection.get_account_info(mint)).value
    if found is None or (found.owner, len(found.data)) != (TOKEN_PROGRAM_ID, MINT_LEN):
        raise NotFoundError(f"there is no mint at {mint}")
    return Mint.from_bytes(found.data).decimals


def without_token_account(owner: Pubkey, mint: Pubkey) -> str:
    """Why an owner cannot be paid, and what they can do about it."""
    return f"{owner} has no token account for mint {mint}; its owner runs: amalgam wallet open {mint}"
