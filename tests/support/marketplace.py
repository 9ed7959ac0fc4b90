"""A market through its client, for tests of the client and the command: two mints, wallets, tokens.

For tests of the program itself, which set every account and argument, there is `tests.support.market`.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from solana.rpc.async_api import AsyncClient
from solders.account import Account
from solders.keypair import Keypair
from solders.pubkey import Pubkey
from solders.token.state import Mint, TokenAccount, TokenAccountState
from spl.token.constants import TOKEN_PROGRAM_ID
from spl.token.instructions import get_associated_token_address

from amalgam.chain.embedded import EmbeddedChain
from amalgam.market import program as energy_market
from amalgam.market.client import EnergyMarketClient
from amalgam.market.program import Market, auction_address, market_address
from tests.support.node import NOON

NAMES = ("operator", "owner", "neighbour", "newcomer")
TOKENS = 100_000  # of each mint, the owner's and the neighbour's
INTERVAL = 900
RULES = {"fee_bps": 100, "minimum_order": 100, "interval": INTERVAL, "gate_closure": 300}
STARTS_AT = NOON + INTERVAL  # of the delivery that is traded
CLOSES_AT = STARTS_AT - 300


class Marketplace:
    """Keys by name, the market of the operator's two mints, and everyone's associated token accounts."""

    def __init__(self, chain: EmbeddedChain, seed: str, keys: Mapping[str, Keypair] | None = None) -> None:
        self.chain = chain
        self.connection: AsyncClient = chain.client()
        self.keys = keys or {
            name: Keypair.from_seed(sha256(f"{seed} {name}".encode()).digest()) for name in NAMES
        }
        self.mints = {
            name: Keypair.from_seed(sha256(f"{seed} mint of {name}".encode()).digest()).pubkey()
            for name in ("energy", "payment")
        }
        chain.unix_timestamp = NOON
        for name, decimals in (("energy", 3), ("payment", 6)):
            self.put(self.mints[name], bytes(Mint(self["operator"], 4 * TOKENS, decimals, True, None)))
        for name in NAMES:
            chain.airdrop(self[name], 10**11)
        for name in ("owner", "neighbour"):
            for mint in self.mints:
                self.give(name, mint, TOKENS)
        self.client = EnergyMarketClient(self.connection, self.keys["operator"])
        self.market = market_address(self["operator"], self.mints["energy"], self.mints["payment"])
        self.auction = auction_address(self.market, STARTS_AT)

    def __getitem__(self, name: str) -> Pubkey:
        return self.keys[name].pubkey()

    def tokens(self, name: str, mint: str) -> Pubkey:
        return get_associated_token_address(self[name], self.mints[mint])

    def put(self, address: Pubkey, data: bytes) -> None:
        self.chain.set_account(address, Account(10**7, data, TOKEN_PROGRAM_ID))

    def give(self, name: str, mint: str, amount: int, *, frozen: bool = False) -> None:
        """Make a wallet's token account hold that, as no instruction would."""
        state = TokenAccountState.Frozen if frozen else TokenAccountState.Initialized
        content = TokenAccount(self.mints[mint], self[name], amount, None, state, None, 0)
        self.put(self.tokens(name, mint), bytes(content))

    def amount(self, address: Pubkey) -> int | None:
        """The tokens of an account; None if there is none."""
        account = self.chain.account(address)
        return account and TokenAccount.from_bytes(account.data).amount

    def balances(self) -> dict[str, tuple[int | None, int | None]]:
        """Energy and payment of everyone, and of the vaults."""
        found = {
            name: (self.amount(self.tokens(name, "energy")), self.amount(self.tokens(name, "payment")))
            for name in NAMES
        }
        account = self.chain.account(self.market)
        if account is not None:
            market = Market.from_bytes(account.data)
            found["vaults"] = (self.amount(market.energy_vault), self.amount(market.payment_vault))
        return found

    async def start(self) -> None:
        """Create the market, with an auction that takes orders."""
        await self.client.sender.send(
            energy_market.create(
                payer=self.client.payer_address,
                authority=self["operator"],
                energy_mint=self.mints["energy"],
                payment_mint=self.mints["payment"],
                **RULES,
            ),
            self.keys["operator"],
        )
        await self.client.send(
            energy_market.open_auction(
                payer=self.client.payer_address, market=self.market, starts_at=STARTS_AT
            )
        )
